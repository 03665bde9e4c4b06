//! Importing before `importlib` runs: native modules, packed ones by nothing but their names, and, where `importlib` lacks what it needs,
//! source files.

use super::{compile_source, modules, optional, set};
use crate::{code, run};
use py_object::bootstrap::new_module;
use py_object::objects::*;
use py_object::{Cx, Kind, NONE, PyResult, StrExt, attribute, downcast};
use vm_heap::{Gc, Value};

/// Imports a module by its full name.
pub fn import_module(cx: &mut Cx, name: &str) -> PyResult {
    let (table, key) = (modules(cx), cx.intern(name));
    if let Some(module) = Dict::get_str(cx, table, key) {
        return Ok(module);
    }
    let parent = match name.rsplit_once('.') {
        Some((parent, short)) => Some((import_module(cx, parent)?, short)),
        None => None,
    };
    let module = match make_native(cx, name)? {
        Some(module) => {
            Dict::set_str(cx, table, key, module)?;
            module
        }
        None => match run_file(cx, name, parent.map(|(parent, _)| parent))? {
            Some(module) => module,
            None => match py_library::find_module(name) {
                Some(file) => run_packed(cx, name, file)?,
                None => return Err(missing(cx, name, parent.map(|(parent, _)| parent))),
            },
        },
    };
    if let Some((parent, short)) = parent {
        let short = cx.intern(short);
        attribute::set(cx, parent, short, Some(module))?;
    }
    Ok(module)
}

fn missing(cx: &mut Cx, name: &str, parent: Option<Value>) -> py_object::Raised {
    let message = match (parent, name.rsplit_once('.')) {
        (Some(parent), Some((package, _))) if !matches!(optional(cx, parent, "__path__"), Ok(Some(_))) => {
            format!("No module named '{name}'; '{package}' is not a package")
        }
        _ => format!("No module named '{name}'"),
    };
    let name = cx.intern(name).value();
    super::import_error(cx, Kind::MODULE_NOT_FOUND_ERROR, &message, &[("name", name)])
}

/// Runs the source file of a module, if there is one along `sys.path` or the path of its package.
fn run_file(cx: &mut Cx, name: &str, parent: Option<Value>) -> PyResult<Option<Value>> {
    let path = match parent {
        Some(parent) => optional(cx, parent, "__path__")?,
        None => match super::imported(cx, "sys") {
            Some(sys) => optional(cx, sys, "path")?,
            None => None,
        },
    };
    let Some(path) = path.and_then(downcast::<List>) else { return Ok(None) };
    let short = name.rsplit('.').next().unwrap_or(name);
    let mut index = 0;
    while let Some(folder) = py_object::sequence::list_item(path, index) {
        index += 1;
        let Some(folder) = downcast::<Str>(folder).map(|folder| folder.to_text()) else { continue };
        let folder = if folder.is_empty() { ".".to_string() } else { folder };
        for (file, is_package) in
            [(format!("{folder}/{short}/__init__.py"), true), (format!("{folder}/{short}.py"), false)]
        {
            let Ok(source) = std::fs::read(&file) else { continue };
            let code = compile_source(cx, &source, &file)?;
            return run_module(cx, name, code, &file, is_package).map(Some);
        }
    }
    Ok(None)
}

/// Makes the native module of this name, if there is one.
pub fn make_native(cx: &mut Cx, name: &str) -> PyResult<Option<Value>> {
    let init = cx.runtime.native_modules().iter().find(|(known, _)| *known == name).map(|(_, init)| *init);
    match init {
        Some(init) => init(cx).map(|module| Some(module.value())),
        None => Ok(None),
    }
}

/// The code of a file of the library, as if it had been compiled as `filename`.
pub fn packed_code(cx: &mut Cx, file: py_library::File, filename: &str) -> PyResult<Gc<Code>> {
    match file.bytecode().and_then(|bytes| py_code::binary::decode(&bytes, Some(filename)).ok()) {
        Some(unit) => code::load(cx, unit),
        None => compile_source(cx, &file.source(), filename),
    }
}

fn run_packed(cx: &mut Cx, name: &str, file: py_library::File) -> PyResult {
    let path = format!("{}/{}", py_library::folder(), file.path());
    let code = packed_code(cx, file, &path)?;
    run_module(cx, name, code, &path, file.is_package())
}

fn run_module(cx: &mut Cx, name: &str, code: Gc<Code>, path: &str, is_package: bool) -> PyResult {
    let module = new_module(cx, name);
    let dict = module.dict.get();
    let file_text = Str::new(cx, path);
    set(cx, dict, "__file__", file_text.value())?;
    let package_name = if is_package {
        let folder = Str::new(cx, path.trim_end_matches("/__init__.py"));
        let list = List::new(cx, &[folder.value()])?;
        set(cx, dict, "__path__", list.value())?;
        name
    } else {
        name.rsplit_once('.').map_or("", |(package, _)| package)
    };
    let package_text = Str::new(cx, package_name);
    set(cx, dict, "__package__", package_text.value())?;
    run_in(cx, name, module, code)
}

/// Enters a new module and runs its code.
pub fn run_in(cx: &mut Cx, name: &str, module: Gc<Module>, code: Gc<Code>) -> PyResult {
    let builtins = import_module(cx, "builtins")?;
    set(cx, module.dict.get(), "__builtins__", builtins)?;
    let (table, key) = (modules(cx), cx.intern(name));
    Dict::set_str(cx, table, key, module.value())?;
    if let Err(raised) = run::run_code(cx, code, module.dict.get(), NONE, NONE) {
        let exception = cx.raised.get();
        Dict::remove(cx, table, key.value())?;
        cx.raised.set(exception);
        return Err(raised);
    }
    // A module may replace itself.
    Ok(Dict::get_str(cx, table, key).unwrap_or(module.value()))
}
