//! `__annotations__` and `__annotate__` of modules (PEP 649): they lie in the module's namespace, where code sees them too.

use super::is_callable;
use crate::call;
use crate::cx::{Cx, NONE, PyResult, UNBOUND};
use crate::kinds::Kind;
use crate::objects::{Dict, Module, Str};
use crate::string::{StrExt, downcast};
use crate::types::{self, class_name};
use crate::{attribute, operations};
use vm_heap::{Gc, Value};

const ANNOTATIONS: &str = "__annotations__";
const FUNCTION: &str = "__annotate__";

/// Whether a name is one that modules compute, though it may also be in their namespace.
pub(crate) fn is_computed(name: Gc<Str>) -> bool {
    let name = name.bytes();
    name.starts_with(b"__annot") && (name == ANNOTATIONS.as_bytes() || name == FUNCTION.as_bytes())
}

fn own(cx: &mut Cx, module: Gc<Module>, name: &str) -> Option<Value> {
    let name = cx.intern(name);
    Dict::get_str(cx, module.dict.get(), name)
}

fn store(cx: &mut Cx, module: Gc<Module>, name: &str, value: Value) -> PyResult<()> {
    let name = cx.intern(name);
    Dict::set_str(cx, module.dict.get(), name, value)
}

fn remove(cx: &mut Cx, module: Gc<Module>, name: &str) -> PyResult<bool> {
    let name = cx.intern(name);
    Ok(Dict::remove(cx, module.dict.get(), name.value())?.is_some())
}

/// Whether the module's code is still running, so that there may be more annotations later.
fn is_initialising(cx: &mut Cx, module: Gc<Module>) -> PyResult<bool> {
    let Some(spec) = own(cx, module, "__spec__").filter(|spec| *spec != NONE) else { return Ok(false) };
    let name = cx.intern("_initializing");
    match attribute::get_optional(cx, spec, name)? {
        Some(flag) => operations::truth(cx, flag),
        None => Ok(false),
    }
}

/// `module.__annotations__`.
pub(super) fn get(cx: &mut Cx, module: Gc<Module>) -> PyResult {
    if let Some(annotations) = own(cx, module, ANNOTATIONS) {
        return Ok(annotations);
    }
    let initialising = is_initialising(cx, module)?;
    let annotations = match own(cx, module, FUNCTION) {
        Some(function) if is_callable(cx, function) => {
            let annotations = call::call(cx, function, &[Value::int(1)], None)?;
            if !types::is_instance(cx, annotations, Kind::DICT) {
                let message = format!("__annotate__ returned non-dict of type '{}'", class_name(cx, annotations));
                return Err(cx.type_error(message));
            }
            annotations
        }
        _ => cx.dict().value(),
    };
    if !initialising {
        store(cx, module, ANNOTATIONS, annotations)?;
    }
    Ok(annotations)
}

/// `module.__annotations__ = value`, or its deletion.
pub(super) fn set(cx: &mut Cx, module: Gc<Module>, value: Value) -> PyResult<()> {
    if value != UNBOUND {
        store(cx, module, ANNOTATIONS, value)?;
    } else if !remove(cx, module, ANNOTATIONS)? {
        return Err(cx.raise(Kind::ATTRIBUTE_ERROR, ANNOTATIONS));
    }
    remove(cx, module, FUNCTION).map(|_| ())
}

/// `module.__annotate__`.
pub(super) fn function(cx: &mut Cx, module: Gc<Module>) -> PyResult {
    if let Some(function) = own(cx, module, FUNCTION) {
        return Ok(function);
    }
    store(cx, module, FUNCTION, NONE)?;
    Ok(NONE)
}

/// `module.__annotate__ = value`.
pub(super) fn set_function(cx: &mut Cx, module: Gc<Module>, value: Value) -> PyResult<()> {
    if value == UNBOUND {
        return Err(cx.type_error("cannot delete __annotate__ attribute"));
    }
    if value != NONE && !is_callable(cx, value) {
        return Err(cx.type_error("__annotate__ must be callable or None"));
    }
    store(cx, module, FUNCTION, value)?;
    if value != NONE {
        remove(cx, module, ANNOTATIONS)?;
    }
    Ok(())
}

/// Makes sure that a namespace has a dict of annotations, for code under `from __future__ import annotations`.
pub fn set_up(cx: &mut Cx, namespace: Value) -> PyResult<()> {
    let name = cx.intern(ANNOTATIONS);
    if let Some(dict) = downcast::<Dict>(namespace) {
        if Dict::get_str(cx, dict, name).is_none() {
            let annotations = cx.dict();
            Dict::set_str(cx, dict, name, annotations.value())?;
        }
        return Ok(());
    }
    match operations::get_item(cx, namespace, name.value()) {
        Ok(_) => Ok(()),
        Err(raised) => {
            if !types::is_instance(cx, cx.raised.get(), Kind::KEY_ERROR) {
                return Err(raised);
            }
            cx.take_raised();
            let annotations = cx.dict();
            operations::set_item(cx, namespace, name.value(), annotations.value())
        }
    }
}
