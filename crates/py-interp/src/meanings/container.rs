//! Lists, tuples and subscripts.

use super::{residual, rest};
use crate::runtime_functions::{
    BUILD_DICT, BUILD_LIST, BUILD_SET, BUILD_SLICE, BUILD_TUPLE, DELETE_ITEM, DICT_INSERT, GET_ITEM, LIST_EXTEND,
    LIST_REPLACE, LIST_SLICE, SET_ADD, SET_ITEM,
};
use py_object::dict::{Peeked, peek_entry};
use py_object::objects::{Array, List, Slice, Tuple};
use py_object::{object_header, shapes};
use std::mem::offset_of;
use vm_heap::Value;
use vm_machine::{FieldKind, Flow, Machine};

/// Largest tuple built inline, in items.
const INLINE_TUPLE: usize = 16;

/// Storage and length of a list.
#[inline(always)]
fn list_parts<M: Machine>(m: &mut M, list: M::Val) -> (M::Val, M::Val) {
    let items = m.load_pointer(list, offset_of!(List, items));
    let length = m.load(list, offset_of!(List, length));
    (items, length)
}

/// An index counted from the start. The result may still be out of bounds.
#[inline(always)]
pub(super) fn wrap_index<M: Machine>(m: &mut M, index: M::Val, length: M::Val) -> Option<M::Val> {
    let zero = m.constant(Value::int(0));
    if m.int_lt(index, zero) { m.int_add(index, length) } else { Some(index) }
}

/// `b[c]`.
#[inline(always)]
pub fn load_item<M: Machine>(m: &mut M) -> Flow {
    let (object, key) = (m.get(m.instruction().b()), m.get(m.instruction().c()));
    if m.is_int(key) && m.is_object(object) {
        if m.has_shape(object, shapes::LIST) {
            let (items, length) = list_parts(m, object);
            let capacity = m.load_final(items, offset_of!(Array, length));
            if let Some(index) = wrap_index(m, key, length)
                && m.int_below(index, length)
                && m.int_below(index, capacity)
            {
                let value = m.load_element(items, index, size_of::<Array>());
                m.set(m.instruction().a(), value);
                return Flow::Next;
            }
        } else if m.has_shape(object, shapes::TUPLE) {
            let length = m.load_final(object, offset_of!(Tuple, length));
            if let Some(index) = wrap_index(m, key, length)
                && m.int_below(index, length)
            {
                let value = m.load_element_final(object, index, size_of::<Tuple>());
                m.set(m.instruction().a(), value);
                return Flow::Next;
            }
        } else if let Some(value) = super::text::text_item(m, object, key) {
            m.set(m.instruction().a(), value);
            return Flow::Next;
        }
    }
    rest!(m, LoadItemOther, load_item_other)
}

/// The same for other objects than lists, tuples and texts, and for other keys than small ints.
#[inline(always)]
pub fn load_item_other<M: Machine>(m: &mut M) -> Flow {
    let (object, key) = (m.get(m.instruction().b()), m.get(m.instruction().c()));
    if let Some(Peeked::Found(value)) = m.look(object, key, peek_item) {
        let value = m.constant(value);
        m.set(m.instruction().a(), value);
        return Flow::Next;
    }
    if M::RECORDS
        && m.is_object(key)
        && m.has_shape(key, shapes::SLICE)
        && m.has_shape(object, shapes::LIST)
        && let Some([start, stop, step]) = small_bounds(m, key)
    {
        let items = residual!(m, LIST_SLICE, [object, start, stop, step]);
        let Some(list) = m.allocate(size_of::<List>(), object_header::<List>(shapes::LIST)) else { return Flow::Slow };
        let length = m.load_final(items, offset_of!(Array, length));
        m.initialise_pointer(list, offset_of!(List, items), items);
        m.initialise(list, offset_of!(List, length), length);
        m.set(m.instruction().a(), list);
        return Flow::Next;
    }
    m.residual_last(&GET_ITEM, [object, key], Some(m.instruction().a()))
}

/// An item of an exact dict or defaultdict, or a character of long text.
#[inline(always)]
fn peek_item(object: Value, key: Value) -> Peeked {
    if !object.is_object() {
        return Peeked::Unclear;
    }
    match py_object::types::shape_id(object) {
        // What is there needs no default.
        shapes::DICT | shapes::DEFAULT_DICT => peek_entry(object, key),
        shapes::STR => py_object::types::str::known_item(object, key).map_or(Peeked::Unclear, Peeked::Found),
        _ => Peeked::Unclear,
    }
}

/// Start, stop and step of a slice, if each is a small int or None and the step is not zero.
fn small_bounds<M: Machine>(m: &mut M, slice: M::Val) -> Option<[M::Val; 3]> {
    let none = m.constant(py_object::NONE);
    let mut parts = [none; 3];
    for (part, offset) in
        parts.iter_mut().zip([offset_of!(Slice, start), offset_of!(Slice, stop), offset_of!(Slice, step)])
    {
        *part = m.load_final(slice, offset);
        if !m.is_int(*part) && !m.same(*part, none) {
            return None;
        }
    }
    let zero = m.constant(Value::int(0));
    if m.same(parts[2], zero) { None } else { Some(parts) }
}

/// `a[b] = c`.
#[inline(always)]
pub fn store_item<M: Machine>(m: &mut M) -> Flow {
    let (object, key) = (m.get(m.instruction().a()), m.get(m.instruction().b()));
    let value = m.get(m.instruction().c());
    let none = m.constant(py_object::NONE);
    if m.is_int(key) && m.has_shape(object, shapes::LIST) {
        let (items, length) = list_parts(m, object);
        let capacity = m.load_final(items, offset_of!(Array, length));
        if let Some(index) = wrap_index(m, key, length)
            && m.int_below(index, length)
            && m.int_below(index, capacity)
            && !m.must_remember(items)
        {
            m.store_element_checked(items, index, size_of::<Array>(), value);
            return Flow::Next;
        }
    }
    if M::RECORDS
        && m.is_object(key)
        && m.has_shape(key, shapes::SLICE)
        && m.has_shape(object, shapes::LIST)
        && m.has_shape(value, shapes::LIST)
        && let Some([start, stop, step]) = small_bounds(m, key)
        && m.same(step, none)
    {
        let (items, count) = list_parts(m, value);
        let _ = residual!(m, LIST_REPLACE, [object, start, stop, items, count]);
        return Flow::Next;
    }
    m.residual_last(&SET_ITEM, [object, key, value], None)
}

/// Appends to a list with room; false, with nothing done, otherwise.
#[inline(always)]
pub(super) fn append<M: Machine>(m: &mut M, list: M::Val, item: M::Val) -> bool {
    if m.is_concurrent() || !m.has_shape(list, shapes::LIST) {
        return false;
    }
    let (items, length) = list_parts(m, list);
    let capacity = m.load_final(items, offset_of!(Array, length));
    if !m.int_below(length, capacity) || m.must_remember(items) {
        return false;
    }
    let one = m.constant(Value::int(1));
    let Some(longer) = m.int_add(length, one) else { return false };
    m.store_element_checked(items, length, size_of::<Array>(), item);
    m.store(list, offset_of!(List, length), longer, FieldKind::Int);
    true
}

/// A tuple of registers.
#[inline(always)]
pub fn build_tuple<M: Machine>(m: &mut M) -> Flow {
    let first = m.instruction().b();
    let count = m.instruction().c();
    if count <= INLINE_TUPLE
        && let Some(tuple) = m.allocate(size_of::<Tuple>() + 8 * count, object_header::<Tuple>(shapes::TUPLE))
    {
        let length = m.constant(Value::int(count as i64));
        m.initialise(tuple, offset_of!(Tuple, length), length);
        for item in 0..count {
            let value = m.get(first + item);
            m.initialise(tuple, size_of::<Tuple>() + 8 * item, value);
        }
        m.set(m.instruction().a(), tuple);
        return Flow::Next;
    }
    build_from_registers(m, &BUILD_TUPLE, first, count)
}

/// A list of registers.
#[inline(always)]
pub fn build_list<M: Machine>(m: &mut M) -> Flow {
    let first = m.instruction().b();
    let count = m.instruction().c();
    // In a trace the storage would stay a real object, and the call is one allocation more only.
    if !M::RECORDS
        && count <= INLINE_TUPLE
        && let Some(items) = m.allocate(size_of::<Array>() + 8 * count, object_header::<Array>(shapes::ARRAY))
        && let Some(list) = m.allocate(size_of::<List>(), object_header::<List>(shapes::LIST))
    {
        let length = m.constant(Value::int(count as i64));
        m.initialise(items, offset_of!(Array, length), length);
        for item in 0..count {
            let value = m.get(first + item);
            m.initialise(items, size_of::<Array>() + 8 * item, value);
        }
        m.initialise_pointer(list, offset_of!(List, items), items);
        m.initialise(list, offset_of!(List, length), length);
        m.set(m.instruction().a(), list);
        return Flow::Next;
    }
    build_from_registers(m, &BUILD_LIST, first, count)
}

/// A set of registers.
#[inline(always)]
pub fn build_set<M: Machine>(m: &mut M) -> Flow {
    let first = m.instruction().b();
    let count = m.instruction().c();
    build_from_registers(m, &BUILD_SET, first, count)
}

/// A dict of pairs of registers.
#[inline(always)]
pub fn build_dict<M: Machine>(m: &mut M) -> Flow {
    let first = m.instruction().b();
    let count = m.instruction().c();
    build_from_registers(m, &BUILD_DICT, first, 2 * count)
}

/// Appends the items of `b` to the list `a` that the compiler builds.
#[inline(always)]
pub fn list_extend<M: Machine>(m: &mut M) -> Flow {
    let (list, source) = (m.get(m.instruction().a()), m.get(m.instruction().b()));
    m.residual_last(&LIST_EXTEND, [list, source], None)
}

/// Adds `b` to the set `a` that a comprehension builds.
#[inline(always)]
pub fn set_add<M: Machine>(m: &mut M) -> Flow {
    let (set, element) = (m.get(m.instruction().a()), m.get(m.instruction().b()));
    m.residual_last(&SET_ADD, [set, element], None)
}

/// `a[b] = c` in the dict `a` that a comprehension builds.
#[inline(always)]
pub fn dict_insert<M: Machine>(m: &mut M) -> Flow {
    let (dict, key) = (m.get(m.instruction().a()), m.get(m.instruction().b()));
    let value = m.get(m.instruction().c());
    m.residual_last(&DICT_INSERT, [dict, key, value], None)
}

/// `del a[b]`.
#[inline(always)]
pub fn delete_item<M: Machine>(m: &mut M) -> Flow {
    let (object, key) = (m.get(m.instruction().a()), m.get(m.instruction().b()));
    m.residual_last(&DELETE_ITEM, [object, key], None)
}

/// A slice of two or three registers.
#[inline(always)]
pub fn build_slice<M: Machine>(m: &mut M) -> Flow {
    let first = m.instruction().b();
    let count = m.instruction().c();
    let Some(slice) = m.allocate(size_of::<Slice>(), object_header::<Slice>(shapes::SLICE)) else {
        return build_from_registers(m, &BUILD_SLICE, first, count);
    };
    for (part, offset) in
        [offset_of!(Slice, start), offset_of!(Slice, stop), offset_of!(Slice, step)].into_iter().enumerate()
    {
        let value = if part < count { m.get(first + part) } else { m.constant(py_object::NONE) };
        m.initialise(slice, offset, value);
    }
    m.set(m.instruction().a(), slice);
    Flow::Next
}

/// What a function makes of some registers.
#[inline(always)]
pub(super) fn build_from_registers<M: Machine>(
    m: &mut M,
    function: &vm_machine::RuntimeFunction,
    first: usize,
    count: usize,
) -> Flow {
    let nothing = m.constant(py_object::NONE);
    let result = m.instruction().a();
    m.call_registers_last(function, nothing, first, count, result)
}

/// Unpacks `b` into `c` registers from `a` on.
#[inline(always)]
pub fn unpack_sequence<M: Machine>(m: &mut M) -> Flow {
    let source = m.get(m.instruction().b());
    let first = m.instruction().a();
    let count = m.instruction().c();
    let wanted = m.constant(Value::int(count as i64));
    if !m.is_object(source) {
        return Flow::Slow;
    }
    if m.has_shape(source, shapes::TUPLE) {
        let length = m.load_final(source, offset_of!(Tuple, length));
        if !m.same(length, wanted) {
            return Flow::Slow;
        }
        for item in 0..count {
            let index = m.constant(Value::int(item as i64));
            let value = m.load_element_final(source, index, size_of::<Tuple>());
            m.set(first + item, value);
        }
        return Flow::Next;
    }
    if m.has_shape(source, shapes::LIST) {
        let (items, length) = list_parts(m, source);
        let capacity = m.load_final(items, offset_of!(Array, length));
        if !m.same(length, wanted) || !m.int_le(wanted, capacity) {
            return Flow::Slow;
        }
        for item in 0..count {
            let index = m.constant(Value::int(item as i64));
            let value = m.load_element(items, index, size_of::<Array>());
            m.set(first + item, value);
        }
        return Flow::Next;
    }
    Flow::Slow
}
