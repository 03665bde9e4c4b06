//! Importing modules: native ones by name, others from source files along `sys.path`.

use crate::{code, run};
use py_object::bootstrap::new_module;
use py_object::objects::*;
use py_object::sequence::tuple_items;
use py_object::types::exceptions::details;
use py_object::{Cx, Kind, NONE, PyResult, StrExt, attribute, downcast, operations};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use vm_heap::{Gc, Value};

/// Makes a native module.
pub type ModuleInit = fn(&mut Cx) -> PyResult<Gc<Module>>;

static NATIVE_MODULES: OnceLock<Vec<(&'static str, ModuleInit)>> = OnceLock::new();

/// Declares the native modules, once.
pub fn set_native_modules(modules: Vec<(&'static str, ModuleInit)>) {
    let _ = NATIVE_MODULES.set(modules);
}

fn modules(cx: &Cx) -> Gc<Dict> {
    cx.runtime.modules.get().expect("made at start-up")
}

/// `import name` by dotted name; returns the module itself.
pub fn import_module(cx: &mut Cx, name: &str) -> PyResult {
    let key = cx.intern(name);
    let table = modules(cx);
    if let Some(module) = Dict::get_str(cx, table, key) {
        return Ok(module);
    }
    let parent = match name.rsplit_once('.') {
        Some((parent, _)) => Some(import_module(cx, parent)?),
        None => None,
    };
    if let Some(module) = Dict::get_str(cx, table, key) {
        return Ok(module);
    }
    let native = NATIVE_MODULES.get().and_then(|all| all.iter().find(|(known, _)| *known == name)).copied();
    let module = match native {
        Some((_, init)) => {
            let module = init(cx)?.value();
            Dict::set_str(cx, table, key, module)?;
            module
        }
        None => load_source(cx, name, parent)?,
    };
    if let (Some(parent), Some((_, short))) = (parent, name.rsplit_once('.')) {
        let short = cx.intern(short);
        attribute::set(cx, parent, short, Some(module))?;
    }
    Ok(module)
}

fn search_path(cx: &mut Cx, parent: Option<Value>) -> PyResult<Vec<PathBuf>> {
    let list = match parent {
        Some(parent) => {
            let name = cx.intern("__path__");
            match attribute::find(cx, parent, name)? {
                Some((path, _)) => path,
                None => return Ok(Vec::new()),
            }
        }
        None => {
            let sys = import_module(cx, "sys")?;
            let name = cx.intern("path");
            attribute::get(cx, sys, name)?
        }
    };
    let mut directories = Vec::new();
    let iterator = operations::iterate(cx, list)?;
    while let Some(item) = operations::next(cx, iterator)? {
        if let Some(text) = downcast::<Str>(item) {
            let text = text.to_text();
            directories.push(PathBuf::from(if text.is_empty() { ".".to_string() } else { text }));
        }
    }
    Ok(directories)
}

fn load_source(cx: &mut Cx, name: &str, parent: Option<Value>) -> PyResult {
    let short = name.rsplit('.').next().unwrap_or(name);
    for directory in search_path(cx, parent)? {
        if let Some(folder) = directory.to_str().and_then(py_library::relative) {
            let place = if folder.is_empty() { short.to_string() } else { format!("{folder}/{short}") };
            if let Some(file) = py_library::find_module(&place) {
                return run_packed(cx, name, file);
            }
            continue;
        }
        let package = directory.join(short).join("__init__.py");
        if package.is_file() {
            return run_source(cx, name, &package, Some(&directory.join(short)));
        }
        let file = directory.join(format!("{short}.py"));
        if file.is_file() {
            return run_source(cx, name, &file, None);
        }
    }
    let message = match (parent, name.rsplit_once('.')) {
        (Some(_), Some((package, _))) if !has_path(cx, parent) => {
            format!("No module named '{name}'; '{package}' is not a package")
        }
        _ => format!("No module named '{name}'"),
    };
    let raised = cx.raise(Kind::MODULE_NOT_FOUND_ERROR, message);
    let text = cx.intern(name);
    if let Some(exception) = downcast::<Exception>(cx.raised.get()) {
        details::set(cx, exception, details::IMPORT_NAME, text.value());
    }
    Err(raised)
}

fn has_path(cx: &mut Cx, parent: Option<Value>) -> bool {
    let name = cx.intern("__path__");
    parent.is_some_and(|parent| matches!(attribute::find(cx, parent, name), Ok(Some(_))))
}

fn run_source(cx: &mut Cx, name: &str, file: &Path, package: Option<&Path>) -> PyResult {
    let path = file.to_string_lossy().into_owned();
    let source = match std::fs::read(file) {
        Ok(source) => source,
        Err(error) => return Err(cx.raise(Kind::OS_ERROR, format!("{error}: '{path}'"))),
    };
    let code = compile_source(cx, &source, &path)?;
    run_module(cx, name, code, &path, package.map(Path::to_string_lossy).as_deref())
}

/// Runs a module of the packed library.
fn run_packed(cx: &mut Cx, name: &str, file: py_library::File) -> PyResult {
    let path = format!("{}/{}", py_library::folder(), file.path());
    let code = match file.bytecode().and_then(|bytes| py_code::binary::decode(&bytes, Some(&path)).ok()) {
        Some(unit) => code::load(cx, unit)?,
        None => compile_source(cx, &file.source(), &path)?,
    };
    let package = file.is_package().then(|| path.trim_end_matches("/__init__.py"));
    run_module(cx, name, code, &path, package)
}

/// Runs a module's code; `package` is the folder of a package.
fn run_module(cx: &mut Cx, name: &str, code: Gc<Code>, path: &str, package: Option<&str>) -> PyResult {
    let module = new_module(cx, name);
    let dict = module.dict.get();
    let file_text = Str::new(cx, path);
    set(cx, dict, "__file__", file_text.value())?;
    let package_name = match package {
        Some(directory) => {
            let text = Str::new(cx, directory);
            let list = List::new(cx, &[text.value()])?;
            set(cx, dict, "__path__", list.value())?;
            name
        }
        None => name.rsplit_once('.').map_or("", |(package, _)| package),
    };
    let package_text = Str::new(cx, package_name);
    set(cx, dict, "__package__", package_text.value())?;
    let builtins = import_module(cx, "builtins")?;
    set(cx, dict, "__builtins__", builtins)?;
    let key = cx.intern(name);
    let table = modules(cx);
    Dict::set_str(cx, table, key, module.value())?;
    if let Err(raised) = run::run_code(cx, code, dict, NONE, NONE) {
        let exception = cx.raised.get();
        Dict::remove(cx, table, key.value())?;
        cx.raised.set(exception);
        return Err(raised);
    }
    // A module may replace itself.
    Ok(Dict::get_str(cx, table, key).unwrap_or(module.value()))
}

fn set(cx: &mut Cx, dict: Gc<Dict>, name: &str, value: Value) -> PyResult<()> {
    let name = cx.intern(name);
    Dict::set_str(cx, dict, name, value)
}

/// Compiles the source text of a module.
pub fn compile_source(cx: &mut Cx, source: &[u8], filename: &str) -> PyResult<Gc<Code>> {
    compile_bytes(cx, source, filename, py_compiler::Mode::Module, py_compiler::Options::default(), false)
}

/// Compiles source text. `decoded` says that it comes from a string, so that it can't name an encoding.
pub fn compile_bytes(
    cx: &mut Cx,
    source: &[u8],
    filename: &str,
    mode: py_compiler::Mode,
    options: py_compiler::Options,
    decoded: bool,
) -> PyResult<Gc<Code>> {
    let _ = decoded;
    let source = source.strip_prefix(b"\xef\xbb\xbf").unwrap_or(source);
    let text = match std::str::from_utf8(source) {
        Ok(text) => text,
        Err(error) => {
            let message = format!(
                "(unicode error) 'utf-8' codec can't decode byte 0x{:02x} in position {}: invalid start byte",
                source[error.valid_up_to()],
                error.valid_up_to()
            );
            return Err(cx.raise(Kind::SYNTAX_ERROR, message));
        }
    };
    match py_compiler::compile_with(text, filename, mode, options) {
        Ok(unit) => code::load(cx, unit),
        Err(error) => Err(crate::errors::raise_compile_error(cx, error, filename, text)),
    }
}

/// `import name` or `from name import …` as the instruction does it.
pub fn import_name(cx: &mut Cx, name: Gc<Str>, level: Value, names: Value, globals: Gc<Dict>) -> PyResult {
    let name = name.to_text();
    let level = level.as_int();
    let absolute = if level == 0 { name.clone() } else { resolve(cx, &name, level, globals)? };
    let module = import_module(cx, &absolute)?;
    if names == NONE {
        // `import a.b` binds `a`.
        let head = if level == 0 { absolute.split('.').next().unwrap_or(&absolute).to_string() } else { absolute };
        return import_module(cx, &head);
    }
    if has_path(cx, Some(module))
        && let Some(names) = downcast::<Tuple>(names)
    {
        for item in tuple_items(&names) {
            let Some(item) = downcast::<Str>(*item) else { continue };
            if item.bytes() == b"*" || attribute::find(cx, module, item)?.is_some() {
                continue;
            }
            let submodule = format!("{absolute}.{}", item.to_text());
            if import_module(cx, &submodule).is_err() {
                if !py_object::types::is_instance(cx, cx.raised.get(), Kind::MODULE_NOT_FOUND_ERROR) {
                    return Err(py_object::Raised);
                }
                cx.take_raised();
            }
        }
    }
    Ok(module)
}

fn resolve(cx: &mut Cx, name: &str, level: i64, globals: Gc<Dict>) -> PyResult<String> {
    let key = cx.intern("__package__");
    let package = Dict::get_str(cx, globals, key).and_then(downcast::<Str>).map(|text| text.to_text());
    let Some(package) = package.filter(|package| !package.is_empty()) else {
        return Err(cx.raise(Kind::IMPORT_ERROR, "attempted relative import with no known parent package"));
    };
    let mut base = package.as_str();
    for _ in 1..level {
        match base.rsplit_once('.') {
            Some((parent, _)) => base = parent,
            None => {
                return Err(cx.raise(Kind::IMPORT_ERROR, "attempted relative import beyond top-level package"));
            }
        }
    }
    Ok(if name.is_empty() { base.to_string() } else { format!("{base}.{name}") })
}

/// `from module import name`.
pub fn import_from(cx: &mut Cx, module: Value, name: Gc<Str>) -> PyResult {
    if let Some((value, _)) = attribute::find(cx, module, name)? {
        return Ok(value);
    }
    let key = cx.intern("__name__");
    let module_name = match attribute::find(cx, module, key)? {
        Some((value, _)) => downcast::<Str>(value).map_or_else(String::new, |text| text.to_text()),
        None => "<unknown module name>".to_string(),
    };
    let full = cx.intern(&format!("{module_name}.{}", name.to_text()));
    let table = modules(cx);
    if let Some(submodule) = Dict::get_str(cx, table, full) {
        return Ok(submodule);
    }
    let key = cx.intern("__file__");
    let place = match attribute::find(cx, module, key)? {
        Some((value, _)) => downcast::<Str>(value).map_or_else(String::new, |text| text.to_text()),
        None => "unknown location".to_string(),
    };
    let message = format!("cannot import name '{}' from '{module_name}' ({place})", name.to_text());
    Err(cx.raise(Kind::IMPORT_ERROR, message))
}

/// `from module import *`.
pub fn import_star(cx: &mut Cx, module: Value, namespace: Value, function: Gc<Function>) -> PyResult<()> {
    let _ = function;
    let all = cx.intern("__all__");
    let names = match attribute::find(cx, module, all)? {
        Some((names, _)) => names,
        None => {
            let Some(module) = downcast::<Module>(module) else {
                return Err(cx.raise(Kind::IMPORT_ERROR, "from-import-* object has no __dict__ and no __all__"));
            };
            let list = List::new(cx, &[])?;
            let mut position = 0;
            while let Some((name, _)) = Dict::next(module.dict.get(), &mut position) {
                if downcast::<Str>(name).is_some_and(|name| !name.bytes().starts_with(b"_")) {
                    List::push(cx, list, name)?;
                }
            }
            list.value()
        }
    };
    let iterator = operations::iterate(cx, names)?;
    while let Some(name) = operations::next(cx, iterator)? {
        let Some(name) = downcast::<Str>(name) else {
            return Err(cx.type_error("Item in __all__ must be str"));
        };
        let value = attribute::get(cx, module, name)?;
        operations::set_item(cx, namespace, name.value(), value)?;
    }
    Ok(())
}
