//! How types are shown inside aliases and unions.

use crate::cx::{Cx, ELLIPSIS, NONE, PyResult};
use crate::kinds::Kind;
use crate::objects::{List, Str};
use crate::sequence::elements;
use crate::string::{StrExt, downcast};
use crate::types::object::push_repr;
use crate::{attribute, operations};
use vm_heap::Value;

/// Appends a type as annotations show it: classes by module and qualified name, anything else by its `repr`.
pub(super) fn push_type(cx: &mut Cx, text: &mut String, value: Value) -> PyResult<()> {
    if value == ELLIPSIS {
        text.push_str("...");
        return Ok(());
    }
    if value == NONE || value == cx.builtin_type(Kind::NONE).value() {
        text.push_str("None");
        return Ok(());
    }
    let get = |cx: &mut Cx, name: &str| {
        let name = cx.intern(name);
        attribute::get_optional(cx, value, name)
    };
    if get(cx, "__origin__")?.is_some() && get(cx, "__args__")?.is_some() {
        return push_repr(cx, text, value);
    }
    let (Some(name), Some(module)) = (get(cx, "__qualname__")?, get(cx, "__module__")?) else {
        return push_repr(cx, text, value);
    };
    if module == NONE {
        return push_repr(cx, text, value);
    }
    if downcast::<Str>(module).is_none_or(|module| module.bytes() != b"builtins") {
        text.push_str(&operations::to_str(cx, module)?.to_text());
        text.push('.');
    }
    text.push_str(&operations::to_str(cx, name)?.to_text());
    Ok(())
}

/// Appends a type argument, which may be a list of types.
pub(super) fn push_argument(cx: &mut Cx, text: &mut String, value: Value) -> PyResult<()> {
    let Some(list) = downcast::<List>(value) else { return push_type(cx, text, value) };
    text.push('[');
    let mut at = 0;
    loop {
        let (items, length) = List::snapshot(&list);
        if at >= length {
            break;
        }
        if at > 0 {
            text.push_str(", ");
        }
        push_type(cx, text, elements(&items)[at].get())?;
        at += 1;
    }
    text.push(']');
    Ok(())
}
