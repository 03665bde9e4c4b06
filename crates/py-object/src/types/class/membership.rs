//! `isinstance` and `issubclass`: hooks of metaclasses, tuples and unions, and objects that are no types but have a tuple
//! `__bases__`, which pass for classes.

use crate::attribute;
use crate::call;
use crate::cx::{Cx, PyResult};
use crate::kinds::Kind;
use crate::objects::Tuple;
use crate::operations;
use crate::sequence::tuple_items;
use crate::string::downcast;
use crate::types::{self, as_type, class_of, is_subclass};
use vm_heap::{Gc, Value};

/// `isinstance(value, pattern)`.
pub fn is_instance_of(cx: &mut Cx, value: Value, pattern: Value) -> PyResult<bool> {
    check(cx, value, pattern, false)
}

/// `issubclass(class, pattern)`.
pub fn is_subclass_of(cx: &mut Cx, class: Value, pattern: Value) -> PyResult<bool> {
    check(cx, class, pattern, true)
}

/// Either of them, against a class, a tuple or union of them, or what has the hook.
fn check(cx: &mut Cx, value: Value, pattern: Value, subclass: bool) -> PyResult<bool> {
    if !subclass && class_of(cx, value).value() == pattern {
        return Ok(true);
    }
    let plain = if subclass { is_plain_subclass } else { is_plain_instance };
    let metaclass = class_of(cx, pattern);
    if metaclass == cx.builtin_type(Kind::TYPE) {
        return plain(cx, value, pattern);
    }
    let choices = match types::generic::members(pattern) {
        Some(members) => Some(members),
        None => downcast::<Tuple>(pattern),
    };
    if let Some(choices) = choices {
        cx.check_native_stack_while(if subclass { "in __subclasscheck__" } else { "in __instancecheck__" })?;
        for choice in tuple_items(&choices) {
            if check(cx, value, *choice, subclass)? {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    let hook = if subclass { "__subclasscheck__" } else { "__instancecheck__" };
    match types::lookup_special(cx, pattern, hook) {
        Some(hook) => {
            cx.check_native_stack_while(if subclass { "in __subclasscheck__" } else { "in __instancecheck__" })?;
            let verdict = call::call_special(cx, hook, pattern, &[value], None)?;
            operations::truth(cx, verdict)
        }
        None => plain(cx, value, pattern),
    }
}

/// `isinstance` without hooks: by the class, or by what `__class__` claims.
pub(super) fn is_plain_instance(cx: &mut Cx, value: Value, pattern: Value) -> PyResult<bool> {
    let own = class_of(cx, value);
    let class = as_type(pattern);
    match class {
        Some(class) if is_subclass(own, class) => return Ok(true),
        Some(_) if own.flags.get() & (types::HEAP_TYPE | types::HOOKED) == 0 => return Ok(false),
        Some(_) => {}
        None => require_bases(cx, pattern, "isinstance() arg 2 must be a type, a tuple of types, or a union")?,
    }
    let name = cx.intern("__class__");
    let Some(claimed) = attribute::get_optional(cx, value, name)? else { return Ok(false) };
    match class {
        Some(class) => Ok(as_type(claimed).is_some_and(|claimed| is_subclass(claimed, class))),
        None => derives_by_bases(cx, claimed, pattern),
    }
}

/// `issubclass` without hooks.
pub(super) fn is_plain_subclass(cx: &mut Cx, class: Value, pattern: Value) -> PyResult<bool> {
    if let (Some(class), Some(pattern)) = (as_type(class), as_type(pattern)) {
        return Ok(is_subclass(class, pattern));
    }
    require_bases(cx, class, "issubclass() arg 1 must be a class")?;
    require_bases(cx, pattern, "issubclass() arg 2 must be a class, a tuple of classes, or a union")?;
    derives_by_bases(cx, class, pattern)
}

/// `__bases__` of an object where it is a tuple.
fn bases_of(cx: &mut Cx, object: Value) -> PyResult<Option<Gc<Tuple>>> {
    let name = cx.intern("__bases__");
    Ok(attribute::get_optional(cx, object, name)?.and_then(downcast::<Tuple>))
}

/// TypeError unless an object has a tuple `__bases__`.
fn require_bases(cx: &mut Cx, object: Value, message: &str) -> PyResult<()> {
    match bases_of(cx, object)? {
        Some(_) => Ok(()),
        None => Err(cx.type_error(message)),
    }
}

/// Whether `pattern` is reached from `class` along `__bases__`.
fn derives_by_bases(cx: &mut Cx, class: Value, pattern: Value) -> PyResult<bool> {
    let mut class = class;
    let bases = loop {
        if class == pattern {
            return Ok(true);
        }
        let Some(bases) = bases_of(cx, class)? else { return Ok(false) };
        match tuple_items(&bases) {
            [] => return Ok(false),
            // A long chain needs no native stack.
            [base] => class = *base,
            _ => break bases,
        }
    };
    cx.check_native_stack_while("in __issubclass__")?;
    for base in tuple_items(&bases) {
        if derives_by_bases(cx, *base, pattern)? {
            return Ok(true);
        }
    }
    Ok(false)
}
