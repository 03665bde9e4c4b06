//! Modules of the Python library that native modules call.

use py_object::objects::{Dict, Str};
use py_object::{Cx, PyResult, call};
use vm_heap::Value;

/// A top-level module of the library, imported if necessary.
pub fn module(cx: &mut Cx, name: &str) -> PyResult {
    let key = cx.intern(name);
    if let Some(modules) = cx.runtime.modules.get()
        && let Some(module) = Dict::get_str(cx, modules, key)
    {
        return Ok(module);
    }
    let function = cx.intern("__import__");
    let builtins = cx.runtime.builtins.get().expect("made at start-up");
    let name: Value = Str::new(cx, name).value();
    match Dict::get_str(cx, builtins, function) {
        Some(import) => call::call(cx, import, &[name], None),
        None => Err(cx.raise(py_object::Kind::IMPORT_ERROR, "__import__ not found")),
    }
}

/// A module inside a package of the library, imported if necessary.
pub fn submodule(cx: &mut Cx, name: &str) -> PyResult {
    let key = cx.intern(name);
    let modules = cx.runtime.modules.get().expect("made at start-up");
    if let Some(module) = Dict::get_str(cx, modules, key) {
        return Ok(module);
    }
    module(cx, name)?;
    match Dict::get_str(cx, modules, key) {
        Some(module) => Ok(module),
        None => Err(cx.raise(py_object::Kind::IMPORT_ERROR, format!("cannot import {name}"))),
    }
}
