//! The import system: `__import__` as the instruction and as a function, over the library's own `importlib`.
//!
//! [`importlib`] runs the library's `_bootstrap` modules at start-up; they find and load modules. [`native`] is how the native modules and
//! those that `importlib` itself consists of come into being before that. What is imported already never leaves Rust.

mod from;
mod frozen;
mod imp;
mod importlib;
mod level;
mod library;
mod lock;
mod native;
mod timing;

use crate::code;
use crate::source_text::Origin;
use py_object::objects::*;
use py_object::{Cx, Kind, PyResult, downcast};
use vm_heap::{Gc, Value};

pub use from::{import_from, import_star};
pub use importlib::{builtin_loader, has_importer, is_bytecode, run_bytecode, set_script_loader, start};
pub use level::{import_level, import_name};

/// Modules of this crate.
pub const MODULES: [(&str, py_object::ModuleInit); 2] = [("_imp", imp::module), ("_library", library::module)];

/// Puts `__import__` among the builtins.
pub fn install(cx: &mut Cx) {
    level::install(cx);
    let _ = cx.runtime.explain_missing.set(from::explain_missing);
}

/// `sys.modules`.
fn modules(cx: &Cx) -> Gc<Dict> {
    cx.runtime.modules.get().expect("made at start-up")
}

/// A module that has been imported.
fn imported(cx: &mut Cx, name: &str) -> Option<Value> {
    let (table, key) = (modules(cx), cx.intern(name));
    Dict::get_str(cx, table, key)
}

/// Imports a module by its full dotted name, and returns that very module.
pub fn import_module(cx: &mut Cx, name: &str) -> PyResult {
    if let Some(module) = imported(cx, name) {
        return Ok(module);
    }
    if !importlib::is_running(cx) {
        return native::import_module(cx, name);
    }
    let key = cx.intern(name);
    importlib::find_and_load(cx, key)
}

fn set(cx: &mut Cx, dict: Gc<Dict>, name: &str, value: Value) -> PyResult<()> {
    let name = cx.intern(name);
    Dict::set_str(cx, dict, name, value)
}

/// Compiles the source text of a module.
pub fn compile_source(cx: &mut Cx, source: &[u8], filename: &str) -> PyResult<Gc<Code>> {
    compile_bytes(cx, source, filename, py_compiler::Mode::Module, py_compiler::Options::default(), Origin::File)
}

/// Compiles source text.
pub fn compile_bytes(
    cx: &mut Cx,
    source: &[u8],
    filename: &str,
    mode: py_compiler::Mode,
    options: py_compiler::Options,
    origin: Origin,
) -> PyResult<Gc<Code>> {
    let text = crate::source_text::decode(cx, source, filename, origin)?;
    let mut warnings = Vec::new();
    let compiled = py_compiler::compile_with(&text, filename, mode, options, &mut warnings);
    crate::syntax_warnings::give(cx, warnings, filename, &text)?;
    match compiled {
        Ok(unit) => code::load(cx, unit).map_err(|raised| crate::errors::of_constants(cx, raised, filename, &text)),
        Err(error) => Err(crate::errors::raise_compile_error(cx, error, filename, &text)),
    }
}

/// Raises an ImportError, or one of its kind, with what it is about.
fn import_error(cx: &mut Cx, kind: Kind, message: &str, parts: &[(&str, Value)]) -> py_object::Raised {
    let raised = cx.raise(kind, message);
    let exception = cx.raised.get();
    for (name, value) in parts {
        let name = cx.intern(name);
        if py_object::attribute::set(cx, exception, name, Some(*value)).is_err() {
            cx.take_raised();
        }
    }
    cx.raised.set(exception);
    raised
}

/// An attribute, if the object has it.
fn optional(cx: &mut Cx, object: Value, name: &str) -> PyResult<Option<Value>> {
    let name = cx.intern(name);
    py_object::attribute::get_optional(cx, object, name)
}

/// The text of an attribute, if the object has it and it is text.
fn optional_text(cx: &mut Cx, object: Value, name: &str) -> PyResult<Option<Gc<Str>>> {
    Ok(optional(cx, object, name)?.and_then(downcast::<Str>))
}
