//! What structural pattern matching asks of its subject (PEP 634).

use py_object::objects::*;
use py_object::sequence::tuple_items;
use py_object::types::{self, as_type, class_name, class_of, collection, name_of};
use py_object::{Cx, NONE, PyResult, attribute, call, downcast, operations};
use vm_heap::{Gc, Value};

/// Whether a value matches sequence patterns.
pub fn is_sequence(cx: &Cx, subject: Value) -> bool {
    collection::flags_of(class_of(cx, subject)) & collection::SEQUENCE != 0
}

/// Whether a value matches mapping patterns.
pub fn is_mapping(cx: &Cx, subject: Value) -> bool {
    collection::flags_of(class_of(cx, subject)) & collection::MAPPING != 0
}

/// The tuple of values of a mapping for a tuple of keys; None where one is missing.
pub fn keys(cx: &mut Cx, subject: Value, keys: Value) -> PyResult {
    let keys = downcast::<Tuple>(keys).expect("the compiler builds the tuple");
    let seen = Dict::new(cx);
    let values = List::new(cx, &[])?;
    let name = cx.intern("get");
    let get = attribute::get(cx, subject, name)?;
    let missing = types::new_instance(cx, cx.builtin_type(py_object::Kind::OBJECT)).value();
    for key in tuple_items(&keys) {
        if Dict::get(cx, seen, *key)?.is_some() {
            let shown = py_object::StrExt::to_text(&operations::repr(cx, *key)?);
            return Err(cx.value_error(format!("mapping pattern checks duplicate key ({shown})")));
        }
        Dict::set(cx, seen, *key, NONE)?;
        let value = call::call(cx, get, &[*key, missing], None)?;
        if value == missing {
            return Ok(NONE);
        }
        List::push(cx, values, value)?;
    }
    Ok(Tuple::from_list(cx, values)?.value())
}

/// The tuple of attributes that a class pattern with `count` positional sub-patterns and these keyword names looks at; None
/// where the subject is no instance or lacks one of them.
pub fn class(cx: &mut Cx, subject: Value, class: Value, count: usize, keywords: Value) -> PyResult {
    let Some(class) = as_type(class) else {
        return Err(cx.type_error("called match pattern must be a class"));
    };
    if !types::class::is_instance_of(cx, subject, class.value())? {
        return Ok(NONE);
    }
    let attributes = List::new(cx, &[])?;
    let mut seen = Vec::new();
    if count > 0 {
        match positional_names(cx, class, count)? {
            None => List::push(cx, attributes, subject)?,
            Some(names) => {
                for name in &tuple_items(&names)[..count] {
                    let Some(name) = downcast::<Str>(*name) else {
                        let message =
                            format!("__match_args__ elements must be strings (got {})", class_name(cx, *name));
                        return Err(cx.type_error(message));
                    };
                    if !take_attribute(cx, subject, class, name, &mut seen, attributes)? {
                        return Ok(NONE);
                    }
                }
            }
        }
    }
    let keywords = downcast::<Tuple>(keywords).expect("the compiler builds the tuple");
    for name in tuple_items(&keywords) {
        let name = downcast::<Str>(*name).expect("attribute names are strings");
        if !take_attribute(cx, subject, class, name, &mut seen, attributes)? {
            return Ok(NONE);
        }
    }
    Ok(Tuple::from_list(cx, attributes)?.value())
}

/// `__match_args__` of a class, at least `count` names; `None` where the one sub-pattern takes the subject itself.
fn positional_names(cx: &mut Cx, class: Gc<Type>, count: usize) -> PyResult<Option<Gc<Tuple>>> {
    let name = cx.intern("__match_args__");
    let names = match attribute::find(cx, class.value(), name)? {
        None if collection::matches_itself(cx, class) => None,
        None => Some(Tuple::new(cx, &[])),
        Some((names, _)) if types::is_exactly(names, py_object::Kind::TUPLE) => downcast::<Tuple>(names),
        Some((names, _)) => {
            let message = format!("{}.__match_args__ must be a tuple (got {})", name_of(class), class_name(cx, names));
            return Err(cx.type_error(message));
        }
    };
    let allowed = names.as_ref().map_or(1, |names| tuple_items(names).len());
    if allowed < count {
        let plural = if allowed == 1 { "" } else { "s" };
        let message = format!("{}() accepts {allowed} positional sub-pattern{plural} ({count} given)", name_of(class));
        return Err(cx.type_error(message));
    }
    Ok(names)
}

/// Adds an attribute of the subject; false where it has none of this name.
fn take_attribute(
    cx: &mut Cx,
    subject: Value,
    class: Gc<Type>,
    name: Gc<Str>,
    seen: &mut Vec<Gc<Str>>,
    attributes: Gc<List>,
) -> PyResult<bool> {
    // The names lie in the class's tuple or in the code, which keep them alive.
    if seen.iter().any(|other| py_object::StrExt::bytes(other) == py_object::StrExt::bytes(&name)) {
        let shown = py_object::StrExt::to_text(&operations::repr(cx, name.value())?);
        let message = format!("{}() got multiple sub-patterns for attribute {shown}", name_of(class));
        return Err(cx.type_error(message));
    }
    seen.push(name);
    match attribute::get_optional(cx, subject, name)? {
        Some(value) => List::push(cx, attributes, value).map(|()| true),
        None => Ok(false),
    }
}
