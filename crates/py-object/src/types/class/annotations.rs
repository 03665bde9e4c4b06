//! `__annotations__` and `__annotate__` of classes (PEP 649): computed from the annotate function when first asked for.

use super::is_callable;
use crate::attribute;
use crate::call;
use crate::cx::{Cx, NONE, PyResult, UNBOUND};
use crate::objects::{Dict, Type};
use crate::string::downcast;
use crate::types::{self, class_name, name_of};
use vm_heap::{Gc, Value};

/// Where the annotations lie that were computed, and the function that computes them.
const CACHE: &str = "__annotations_cache__";
const FUNCTION: &str = "__annotate_func__";

fn own(cx: &mut Cx, class: Gc<Type>, name: &str) -> Option<Value> {
    let name = cx.intern(name);
    crate::types::namespace::get(cx, class, name)
}

fn store(cx: &mut Cx, class: Gc<Type>, name: &str, value: Option<Value>) -> PyResult<bool> {
    let name = cx.intern(name);
    types::set_class_attribute(cx, class, name, value)
}

fn check_mutable(cx: &mut Cx, class: Gc<Type>, name: &str) -> PyResult<()> {
    if class.flags.get() & types::HEAP_TYPE != 0 {
        return Ok(());
    }
    let message = format!("cannot set '{name}' attribute of immutable type '{}'", name_of(class));
    Err(cx.type_error(message))
}

fn missing(cx: &mut Cx, class: Gc<Type>, name: &str) -> vm_machine::Raised {
    let name = cx.intern(name);
    attribute::missing(cx, class.value(), name)
}

/// `class.__annotations__`.
pub(super) fn get(cx: &mut Cx, class: Gc<Type>) -> PyResult {
    if class.flags.get() & types::HEAP_TYPE == 0 {
        return Err(missing(cx, class, "__annotations__"));
    }
    for name in ["__annotations__", CACHE] {
        if let Some(found) = own(cx, class, name) {
            return attribute::bind(cx, found, None, class);
        }
    }
    let function = function(cx, class)?;
    let annotations = if is_callable(cx, function) {
        let annotations = call::call(cx, function, &[Value::int(1)], None)?;
        if downcast::<Dict>(annotations).is_none() {
            let message = format!("__annotate__ returned non-dict of type '{}'", class_name(cx, annotations));
            return Err(cx.type_error(message));
        }
        annotations
    } else {
        cx.dict().value()
    };
    store(cx, class, CACHE, Some(annotations))?;
    Ok(annotations)
}

/// `class.__annotations__ = value`, or its deletion.
pub(super) fn set(cx: &mut Cx, class: Gc<Type>, value: Value) -> PyResult<()> {
    check_mutable(cx, class, "__annotations__")?;
    if value != UNBOUND {
        let name = if own(cx, class, "__annotations__").is_some() { "__annotations__" } else { CACHE };
        store(cx, class, name, Some(value))?;
    } else if !store(cx, class, "__annotations__", None)? && !store(cx, class, CACHE, None)? {
        return Err(missing(cx, class, "__annotations__"));
    }
    for name in [FUNCTION, "__annotate__"] {
        if own(cx, class, name).is_some() {
            store(cx, class, name, None)?;
        }
    }
    Ok(())
}

/// `class.__annotate__`.
pub(super) fn function(cx: &mut Cx, class: Gc<Type>) -> PyResult {
    if class.flags.get() & types::HEAP_TYPE == 0 {
        return Err(missing(cx, class, "__annotate__"));
    }
    for name in [FUNCTION, "__annotate__"] {
        if let Some(found) = own(cx, class, name) {
            return attribute::bind(cx, found, None, class);
        }
    }
    Ok(NONE)
}

/// `class.__annotate__ = value`.
pub(super) fn set_function(cx: &mut Cx, class: Gc<Type>, value: Value) -> PyResult<()> {
    if value == UNBOUND {
        return Err(cx.type_error("cannot delete __annotate__ attribute"));
    }
    check_mutable(cx, class, "__annotate__")?;
    if value != NONE && !is_callable(cx, value) {
        return Err(cx.type_error("__annotate__ must be callable or None"));
    }
    store(cx, class, FUNCTION, Some(value))?;
    if value != NONE && own(cx, class, CACHE).is_some() {
        store(cx, class, CACHE, None)?;
    }
    Ok(())
}
