//! Native modules, which need no finder, and the code of packed ones: all that there is before `importlib` runs.

use super::{compile_source, modules, set};
use crate::{code, run};
use py_object::objects::*;
use py_object::{Cx, Kind, NONE, PyResult};
use vm_heap::{Gc, Value};

/// Imports a native module.
pub fn import_module(cx: &mut Cx, name: &str) -> PyResult {
    let (table, key) = (modules(cx), cx.intern(name));
    if let Some(module) = Dict::get_str(cx, table, key) {
        return Ok(module);
    }
    let Some(module) = make_native(cx, name)? else {
        let message = format!("No module named '{name}'");
        return Err(super::import_error(cx, Kind::MODULE_NOT_FOUND_ERROR, &message, &[("name", key.value())]));
    };
    Dict::set_str(cx, table, key, module)?;
    Ok(module)
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
    let unit = file.bytecode().and_then(|(bytes, seldom)| py_code::binary::decode_packed(bytes, seldom, filename).ok());
    match unit {
        Some(unit) => code::load(cx, unit),
        None => compile_source(cx, &file.source(), filename),
    }
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
