//! Calls of built-in types and functions that a trace does without calling: what they make stays virtual, and what they
//! tell follows from shapes that the trace guards anyway.
//!
//! Except for `type(x)`, only a recorder takes these ways, and only for the arguments that are worth it; each computes what the function itself
//! would. All guards come before the first allocation.

use super::iteration::{inline_iterator, make_iterator};
use py_object::native::NativeDefinition;
use py_object::objects::{Dict, List, Range, Str, Tuple};
use py_object::types::{self, as_type};
use py_object::{bool_value, object_header, shape, shapes};
use std::mem::offset_of;
use vm_heap::Value;
use vm_machine::Machine;

const RANGE: u32 = shapes::RANGE.0;
const TYPE: u32 = shapes::TYPE.0;
const ENUMERATE: u32 = shapes::ENUMERATE.0;

/// What calling a built-in type with `count` arguments from register `first` on gives, if it is made inline.
#[inline(always)]
pub(super) fn built_in_type<M: Machine>(m: &mut M, class: Value, first: usize, count: usize) -> Option<M::Val> {
    let made = as_type(class)?.instance_shape.get() as u32;
    if made == TYPE && count == 1 {
        let object = m.get(first);
        return class_of(m, object);
    }
    if !M::RECORDS {
        return None;
    }
    match made {
        RANGE if count == 1 => {
            let zero = m.constant(Value::int(0));
            let stop = m.get(first);
            range(m, zero, stop)
        }
        RANGE if count == 2 => {
            let (start, stop) = (m.get(first), m.get(first + 1));
            range(m, start, stop)
        }
        ENUMERATE if count == 1 => {
            let source = m.get(first);
            let iterator = inline_iterator(m, source)?;
            let (zero, none) = (m.constant(Value::int(0)), m.constant(py_object::NONE));
            make_iterator(m, shapes::ENUMERATE, iterator, zero, zero, none)
        }
        _ => None,
    }
}

/// `type(object)` for numbers and objects.
#[inline(always)]
fn class_of<M: Machine>(m: &mut M, object: M::Val) -> Option<M::Val> {
    let own = if m.is_object(object) {
        m.shape_of(object)
    } else if m.is_int(object) {
        shapes::INT
    } else if m.is_float(object) {
        shapes::FLOAT
    } else {
        return None;
    };
    Some(m.constant(shape::shape(own).class.value()))
}

/// `range(start, stop)` of small ints.
fn range<M: Machine>(m: &mut M, start: M::Val, stop: M::Val) -> Option<M::Val> {
    if !m.is_int(start) || !m.is_int(stop) {
        return None;
    }
    let count = if m.int_lt(start, stop) { m.int_sub(stop, start)? } else { m.constant(Value::int(0)) };
    let one = m.constant(Value::int(1));
    let range = m.allocate(size_of::<Range>(), object_header::<Range>(shapes::RANGE))?;
    m.initialise(range, offset_of!(Range, start), start);
    m.initialise(range, offset_of!(Range, stop), stop);
    m.initialise(range, offset_of!(Range, step), one);
    m.initialise(range, offset_of!(Range, count), count);
    Some(range)
}

/// What calling a built-in function gives, if it follows from the arguments' shapes.
#[inline(always)]
pub(super) fn built_in_function<M: Machine>(m: &mut M, definition: u64, first: usize, count: usize) -> Option<M::Val> {
    if !M::RECORDS {
        return None;
    }
    // SAFETY: the meaning read the address from a native function object; definitions are static.
    let definition: &'static NativeDefinition = unsafe { &*(definition as *const NativeDefinition) };
    if count == 1 && py_object::builtins::is_function(definition, "len") {
        let object = m.get(first);
        return length(m, object);
    }
    if count == 2 && py_object::builtins::is_function(definition, "isinstance") {
        let (object, class) = (m.get(first), m.get(first + 1));
        return is_instance(m, object, class);
    }
    None
}

fn length<M: Machine>(m: &mut M, object: M::Val) -> Option<M::Val> {
    if !m.is_object(object) {
        return None;
    }
    match m.shape_of(object) {
        shapes::LIST => Some(m.load(object, offset_of!(List, length))),
        shapes::DICT => Some(m.load(object, offset_of!(Dict, live))),
        shapes::TUPLE => Some(m.load_final(object, offset_of!(Tuple, length))),
        shapes::STR => Some(m.load_final(object, offset_of!(Str, characters))),
        _ => None,
    }
}

/// `isinstance(object, class)` for a class whose metaclass is `type`, where the answer is yes, or where it is no for an
/// object of a built-in type (others may claim another class by an attribute `__class__`).
fn is_instance<M: Machine>(m: &mut M, object: M::Val, class: M::Val) -> Option<M::Val> {
    if !m.is_object(class) {
        return None;
    }
    let shape_of_class = m.shape_of(class);
    if shape::shape(shape_of_class).class.flags.get() & types::HEAP_TYPE != 0 {
        return None;
    }
    let known = m.reveal(class);
    let base = as_type(known)?;
    let own = if m.is_int(object) {
        shapes::INT
    } else if m.is_float(object) {
        shapes::FLOAT
    } else if m.is_object(object) {
        m.shape_of(object)
    } else {
        return None;
    };
    let own = shape::shape(own).class;
    let yes = types::is_subclass(own, base);
    let plain = own.flags.get() & types::HEAP_TYPE == 0;
    // Bases may change, which withdraws the trace.
    if !(yes || plain) || !types::rely_on(own) {
        return None;
    }
    Some(m.constant(bool_value(yes)))
}
