//! Where a warning is about: the frame that a stack level leads to.

use crate::code::unit_of;
use py_object::frames::{self, Running};
use py_object::objects::*;
use py_object::sequence::tuple_items;
use py_object::{Cx, NONE, PyResult, StrExt, attribute, call, downcast};
use vm_heap::{Gc, Value};

/// A place in a program.
pub struct Place {
    /// Name of the source.
    pub file: Value,
    /// Line.
    pub line: i64,
    /// Name of the module.
    pub module: Value,
    /// `__warningregistry__` of the module, or None.
    pub registry: Value,
}

/// Whether a frame belongs to the import system.
fn is_internal(file: &Gc<Str>) -> bool {
    let file = file.to_text();
    file.contains("importlib") && file.contains("_bootstrap")
}

fn file_of(running: &Running) -> Option<Gc<Str>> {
    downcast::<Str>(running.code.filename.get())
}

fn is_skipped(file: &Gc<Str>, skipped: Gc<Tuple>) -> bool {
    let starts =
        |prefix: &Value| downcast::<Str>(*prefix).is_some_and(|prefix| file.bytes().starts_with(prefix.bytes()));
    is_internal(file) || tuple_items(&skipped).iter().any(starts)
}

/// The place that a stack level leads to: 1 is the function that warns. Frames of the import system, and of files with the prefixes to be
/// skipped, do not count.
pub fn find(cx: &mut Cx, stack_level: i64, skipped: Gc<Tuple>) -> PyResult<Place> {
    let frames: Vec<Running> = frames::running(cx).collect();
    let first_is_internal = frames.first().and_then(file_of).is_some_and(|file| is_internal(&file));
    let mut at = 0;
    for _ in 1..stack_level {
        at += 1;
        if stack_level > 0 && !first_is_internal {
            while frames.get(at).and_then(file_of).is_some_and(|file| is_skipped(&file, skipped)) {
                at += 1;
            }
        }
        if at >= frames.len() {
            break;
        }
    }
    let found = frames.get(at).map(|running| (running.function.globals.get(), running.code, running.offset));
    let Some((globals, code, offset)) = found else {
        let file = cx.intern("<sys>").value();
        let module = cx.intern("sys").value();
        let registry = sys_registry(cx)?;
        return Ok(Place { file, line: 0, module, registry });
    };
    let line = unit_of(cx, code).position(offset).line.into();
    let name = cx.intern("__name__");
    let module = match Dict::get_str(cx, globals, name) {
        Some(module) => module,
        None => cx.intern("<string>").value(),
    };
    let registry = registry_in(cx, globals)?;
    Ok(Place { file: code.filename.get(), line, module, registry })
}

/// The registry of a module, made where it is missing.
fn registry_in(cx: &mut Cx, globals: Gc<Dict>) -> PyResult {
    let name = cx.intern("__warningregistry__");
    if let Some(registry) = Dict::get_str(cx, globals, name) {
        return Ok(registry);
    }
    let registry = cx.dict().value();
    Dict::set_str(cx, globals, name, registry)?;
    Ok(registry)
}

fn sys_registry(cx: &mut Cx) -> PyResult {
    match super::imported(cx, "sys").and_then(downcast::<Module>) {
        Some(sys) => registry_in(cx, sys.dict.get()),
        None => Ok(NONE),
    }
}

/// The name of the module that a file name suggests.
pub fn module_of_file(cx: &mut Cx, file: Gc<Str>) -> Value {
    let text = file.to_text();
    if text.is_empty() {
        return cx.intern("<unknown>").value();
    }
    let is_python =
        text.len() > 3 && text.is_char_boundary(text.len() - 3) && text[text.len() - 3..].eq_ignore_ascii_case(".py");
    if is_python { Str::new(cx, &text[..text.len() - 3]).value() } else { file.value() }
}

/// Asks the loader that a module's namespace names for the module's source, as CPython does to show the line. What is wrong with the
/// loader is an error.
pub fn check_source(cx: &mut Cx, globals: Gc<Dict>) -> PyResult<()> {
    let importlib = crate::imports::import_module(cx, "_frozen_importlib_external")?;
    let loader = call::call_method(cx, importlib, "_bless_my_loader", &[globals.value()])?;
    let name = cx.intern("__name__");
    let Some(module) = Dict::get_str(cx, globals, name).filter(|_| loader != NONE) else { return Ok(()) };
    let name = cx.intern("get_source");
    match attribute::find(cx, loader, name)? {
        Some((get_source, _)) => call::call(cx, get_source, &[module], None).map(drop),
        None => Ok(()),
    }
}
