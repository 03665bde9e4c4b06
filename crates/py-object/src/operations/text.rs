//! `str` and `repr` of values of any class.

use crate::cx::Cx;
use crate::kinds::Kind;
use crate::objects::Str;
use crate::string::downcast;
use crate::types::direct::{self, Special};
use crate::types::{self, class_name, is_exactly};
use crate::{PyResult, call};
use vm_heap::{Gc, Value};

/// `str(value)` as a string object.
pub fn to_str(cx: &mut Cx, value: Value) -> PyResult<Gc<Str>> {
    if is_exactly(value, Kind::STR) {
        return Ok(downcast::<Str>(value).expect("checked"));
    }
    let text = str_value(cx, value)?;
    Ok(downcast(text).expect("text"))
}

/// `str(value)`: text, which may be an instance of a subclass.
pub fn str_value(cx: &mut Cx, value: Value) -> PyResult {
    if is_exactly(value, Kind::STR) {
        return Ok(value);
    }
    if value.is_int() {
        return Ok(types::int::str_of(cx, value)?.value());
    }
    if value.is_float() {
        return Ok(types::float::str_of(cx, value.as_float()).value());
    }
    cx.check_native_stack_while("while getting the str of an object")?;
    text_method(cx, value, Special::Str, "__str__")
}

/// `repr(value)` as a string object.
pub fn repr(cx: &mut Cx, value: Value) -> PyResult<Gc<Str>> {
    let text = repr_value(cx, value)?;
    Ok(downcast(text).expect("text"))
}

/// `repr(value)`: text, which may be an instance of a subclass.
pub fn repr_value(cx: &mut Cx, value: Value) -> PyResult {
    cx.check_native_stack_while("while getting the repr of an object")?;
    text_method(cx, value, Special::Repr, "__repr__")
}

fn text_method(cx: &mut Cx, value: Value, special: Special, method: &'static str) -> PyResult {
    if let Some(hook) = direct::special(cx, value, special) {
        let text = hook(cx, &[value], None)?;
        if downcast::<Str>(text).is_some() {
            return Ok(text);
        }
    }
    let Some(hook) = types::lookup_special(cx, value, method) else {
        let message = format!("'{}' object has no {method}", class_name(cx, value));
        return Err(cx.type_error(message));
    };
    let result = call::call_special(cx, hook, value, &[], None)?;
    match downcast::<Str>(result) {
        Some(_) => Ok(result),
        None => {
            let message = format!("{method} returned non-string (type {})", class_name(cx, result));
            Err(cx.type_error(message))
        }
    }
}
