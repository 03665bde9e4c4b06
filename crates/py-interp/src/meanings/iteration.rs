//! Iteration over the built-in iterators.

use super::rest;
use crate::runtime_functions::{GET_ITER, NEXT};
use py_object::dict::{CAPACITY_OFFSET, ENTRY_WORDS, FIRST_ENTRY};
use py_object::objects::{Array, Dict, Iterator, List, Range, Tuple};
use py_object::{NONE, UNBOUND, object_header, shapes};
use std::mem::offset_of;
use vm_heap::{ShapeId, Value};
use vm_machine::{FieldKind, Flow, Machine};

/// `a := iter(b)`.
#[inline(always)]
pub fn get_iter<M: Machine>(m: &mut M) -> Flow {
    let source = m.get(m.instruction().b());
    if let Some(iterator) = inline_iterator(m, source) {
        m.set(m.instruction().a(), iterator);
        return Flow::Next;
    }
    m.residual_last(&GET_ITER, [source], Some(m.instruction().a()))
}

/// A new iterator of one of the built-in types; `None` where the interpreter must allocate out of line.
#[inline(always)]
pub(super) fn make_iterator<M: Machine>(
    m: &mut M,
    shape: ShapeId,
    source: M::Val,
    position: M::Val,
    extra: M::Val,
    step: M::Val,
) -> Option<M::Val> {
    let iterator = m.allocate(size_of::<Iterator>(), object_header::<Iterator>(shape))?;
    m.initialise(iterator, offset_of!(Iterator, source), source);
    m.initialise(iterator, offset_of!(Iterator, position), position);
    m.initialise(iterator, offset_of!(Iterator, extra), extra);
    m.initialise(iterator, offset_of!(Iterator, step), step);
    Some(iterator)
}

/// The iterator of a list, tuple or range, made inline; `None` for other values.
#[inline(always)]
pub(super) fn inline_iterator<M: Machine>(m: &mut M, source: M::Val) -> Option<M::Val> {
    if !m.is_object(source) {
        return None;
    }
    let zero = m.constant(Value::int(0));
    if m.has_shape(source, shapes::LIST) {
        return make_iterator(m, shapes::LIST_ITERATOR, source, zero, zero, zero);
    }
    if m.has_shape(source, shapes::TUPLE) {
        return make_iterator(m, shapes::TUPLE_ITERATOR, source, zero, zero, zero);
    }
    if m.has_shape(source, shapes::RANGE) {
        let start = m.load_final(source, offset_of!(Range, start));
        let step = m.load_final(source, offset_of!(Range, step));
        let count = m.load_final(source, offset_of!(Range, count));
        let stop = m.load_final(source, offset_of!(Range, stop));
        // With all parts small, no number on the way leaves the small ints.
        if m.is_int(start) && m.is_int(step) && m.is_int(count) && m.is_int(stop) {
            return make_iterator(m, shapes::RANGE_ITERATOR, source, start, count, step);
        }
    }
    None
}

/// None is no reference, so that storing it needs no collector barrier, whose call would cost every step.
const NEVER_A_REFERENCE: FieldKind = FieldKind::Int;

/// One step of an iterator.
enum Step<V> {
    Item(V),
    End,
    /// Not an iterator that steps inline.
    Other,
}

/// The step of range and list iterators.
#[inline(always)]
fn step<M: Machine>(m: &mut M, iterator: M::Val) -> Step<M::Val> {
    if !m.is_object(iterator) {
        return Step::Other;
    }
    if m.has_shape(iterator, shapes::RANGE_ITERATOR) {
        let left = m.load(iterator, offset_of!(Iterator, extra));
        let zero = m.constant(Value::int(0));
        if m.int_le(left, zero) {
            return Step::End;
        }
        let number = m.load(iterator, offset_of!(Iterator, position));
        let by = m.load_final(iterator, offset_of!(Iterator, step));
        let one = m.constant(Value::int(1));
        let (Some(fewer), Some(next)) = (m.int_sub(left, one), m.int_add(number, by)) else { return Step::Other };
        m.store(iterator, offset_of!(Iterator, extra), fewer, FieldKind::Int);
        m.store(iterator, offset_of!(Iterator, position), next, FieldKind::Int);
        return Step::Item(number);
    }
    if m.has_shape(iterator, shapes::LIST_ITERATOR) {
        return list_step(m, iterator, true);
    }
    Step::Other
}

/// The step of tuple iterators.
#[inline(always)]
fn tuple_step<M: Machine>(m: &mut M, iterator: M::Val) -> Step<M::Val> {
    if !m.is_object(iterator) {
        return Step::Other;
    }
    if m.has_shape(iterator, shapes::TUPLE_ITERATOR) {
        // A tuple or an instance of a subclass, until the end is reached.
        let tuple = m.load(iterator, offset_of!(Iterator, source));
        if !m.is_object(tuple) {
            return Step::Other;
        }
        let position = m.load(iterator, offset_of!(Iterator, position));
        let length = m.load_final(tuple, offset_of!(Tuple, length));
        let one = m.constant(Value::int(1));
        if !m.int_below(position, length) {
            let none = m.constant(NONE);
            m.store(iterator, offset_of!(Iterator, source), none, NEVER_A_REFERENCE);
            return Step::End;
        }
        let Some(next) = m.int_add(position, one) else { return Step::Other };
        let item = m.load_element_final(tuple, position, size_of::<Tuple>());
        m.store(iterator, offset_of!(Iterator, position), next, FieldKind::Int);
        return Step::Item(item);
    }
    Step::Other
}

/// The step of the iterators that go through lists from the start or from the end: `position` is that of the next item.
#[inline(always)]
fn list_step<M: Machine>(m: &mut M, iterator: M::Val, forwards: bool) -> Step<M::Val> {
    let list = m.load(iterator, offset_of!(Iterator, source));
    if !m.has_shape(list, shapes::LIST) {
        return Step::Other;
    }
    let position = m.load(iterator, offset_of!(Iterator, position));
    let items = m.load_pointer(list, offset_of!(List, items));
    let length = m.load(list, offset_of!(List, length));
    // A negative position, before the start, is out of bounds, too.
    if !m.int_below(position, length) {
        let none = m.constant(NONE);
        m.store(iterator, offset_of!(Iterator, source), none, NEVER_A_REFERENCE);
        return Step::End;
    }
    let capacity = m.load_final(items, offset_of!(Array, length));
    let one = m.constant(Value::int(1));
    if !m.int_below(position, capacity) {
        return Step::Other;
    }
    let next = if forwards { m.int_add(position, one) } else { m.int_sub(position, one) };
    let Some(next) = next else { return Step::Other };
    let item = m.load_element(items, position, size_of::<Array>());
    m.store(iterator, offset_of!(Iterator, position), next, FieldKind::Int);
    Step::Item(item)
}

/// The step of the iterators of dicts and sets: `position` is the number of the next entry, `extra` the expected length. Removed
/// entries, which `step` counts, are left to the runtime.
#[inline(always)]
fn dict_step<M: Machine>(m: &mut M, iterator: M::Val) -> Step<M::Val> {
    let set = m.has_shape(iterator, shapes::SET_ITERATOR);
    let keys = set || m.has_shape(iterator, shapes::DICT_KEY_ITERATOR);
    let values = !keys && m.has_shape(iterator, shapes::DICT_VALUE_ITERATOR);
    if !keys && !values && !m.has_shape(iterator, shapes::DICT_ITEM_ITERATOR) {
        return Step::Other;
    }
    let dict = m.load(iterator, offset_of!(Iterator, source));
    // A set begins with the fields of a dict.
    let known = match set {
        true => m.has_shape(dict, shapes::SET) || m.has_shape(dict, shapes::FROZENSET),
        false => m.has_shape(dict, shapes::DICT),
    };
    if !known {
        return Step::Other;
    }
    let zero = m.constant(Value::int(0));
    let cells = m.load(dict, offset_of!(Dict, cells));
    let (length, expected) = (m.load(dict, offset_of!(Dict, live)), m.load(iterator, offset_of!(Iterator, extra)));
    if !m.same(cells, zero) || !m.same(length, expected) {
        return Step::Other;
    }
    let position = m.load(iterator, offset_of!(Iterator, position));
    // ORDER: the number of entries before the table, which is there where there are any.
    let filled = m.load(dict, offset_of!(Dict, filled));
    if !m.int_below(position, filled) {
        let none = m.constant(NONE);
        m.store(iterator, offset_of!(Iterator, source), none, NEVER_A_REFERENCE);
        return Step::End;
    }
    // More entries than there were: removed ones among them, or the keys have changed.
    if !m.int_below(position, expected) {
        return Step::Other;
    }
    let table = m.load_pointer(dict, offset_of!(Dict, table));
    let (one, words) = (m.constant(Value::int(1)), m.constant(Value::int(ENTRY_WORDS as i64)));
    let Some(first) = m.int_mul(position, words) else { return Step::Other };
    let Some(next) = m.int_add(position, one) else { return Step::Other };
    let room = m.load_final(table, CAPACITY_OFFSET);
    if !m.int_below(position, room) {
        return Step::Other;
    }
    let entries = size_of::<Array>() + 8 * FIRST_ENTRY;
    let key = m.load_element(table, first, entries);
    let value = m.load_element(table, first, entries + 8);
    let unbound = m.constant(UNBOUND);
    if m.same(key, unbound) || m.same(value, unbound) {
        return Step::Other; // a removed entry
    }
    let item = if keys {
        key
    } else if values {
        value
    } else {
        let header = object_header::<Tuple>(shapes::TUPLE);
        let Some(pair) = m.allocate(size_of::<Tuple>() + 16, header) else { return Step::Other };
        let two = m.constant(Value::int(2));
        m.initialise(pair, offset_of!(Tuple, length), two);
        m.initialise(pair, size_of::<Tuple>(), key);
        m.initialise(pair, size_of::<Tuple>() + 8, value);
        pair
    };
    m.store(iterator, offset_of!(Iterator, position), next, FieldKind::Int);
    Step::Item(item)
}

/// Ends `ForIter` with a step; `None` where there was none.
#[inline(always)]
fn take<M: Machine>(m: &mut M, step: Step<M::Val>) -> Option<Flow> {
    match step {
        Step::Item(item) => m.set(m.instruction().a(), item),
        Step::End => m.jump(m.extension(0) as i64),
        Step::Other => return None,
    }
    Some(Flow::Next)
}

/// `a :=` the next item of `b`, or jumps at the end.
#[inline(always)]
pub fn for_iter<M: Machine>(m: &mut M) -> Flow {
    let iterator = m.get(m.instruction().b());
    let step = step(m, iterator);
    if let Some(flow) = take(m, step) {
        return flow;
    }
    rest!(m, ForIterOther, for_iter_other)
}

/// The same for other iterators than those of lists and ranges.
#[inline(always)]
pub fn for_iter_other<M: Machine>(m: &mut M) -> Flow {
    let iterator = m.get(m.instruction().b());
    if !m.is_object(iterator) {
        return next_by_runtime(m, iterator);
    }
    let step = match m.shape_of(iterator) {
        shapes::GENERATOR => return Flow::Slow,
        shapes::TUPLE_ITERATOR => tuple_step(m, iterator),
        shapes::DICT_KEY_ITERATOR | shapes::DICT_VALUE_ITERATOR | shapes::DICT_ITEM_ITERATOR | shapes::SET_ITERATOR => {
            dict_step(m, iterator)
        }
        shapes::LIST_REVERSE_ITERATOR => list_step(m, iterator, false),
        shapes::ENUMERATE => return enumerate(m, iterator),
        shapes::ZIP => zip_step(m, iterator),
        _ => match super::text::text_step(m, iterator) {
            Some(character) => Step::Item(character),
            None => Step::Other,
        },
    };
    match take(m, step) {
        Some(flow) => flow,
        None => next_by_runtime(m, iterator),
    }
}

/// What the iterator of a list, tuple or range gives next, without a step.
struct Peeked<V> {
    item: V,
    /// What its position becomes.
    position: V,
    /// How many numbers of a range are left then.
    left: Option<V>,
}

#[inline(always)]
fn peek<M: Machine>(m: &mut M, iterator: M::Val) -> Option<Peeked<M::Val>> {
    if !m.is_object(iterator) {
        return None;
    }
    let one = m.constant(Value::int(1));
    if m.has_shape(iterator, shapes::LIST_ITERATOR) {
        let list = m.load(iterator, offset_of!(Iterator, source));
        if !m.has_shape(list, shapes::LIST) {
            return None;
        }
        let position = m.load(iterator, offset_of!(Iterator, position));
        let items = m.load_pointer(list, offset_of!(List, items));
        let length = m.load(list, offset_of!(List, length));
        let capacity = m.load_final(items, offset_of!(Array, length));
        if !m.int_below(position, length) || !m.int_below(position, capacity) {
            return None;
        }
        let item = m.load_element(items, position, size_of::<Array>());
        return Some(Peeked { item, position: m.int_add(position, one)?, left: None });
    }
    if m.has_shape(iterator, shapes::TUPLE_ITERATOR) {
        let tuple = m.load(iterator, offset_of!(Iterator, source));
        if !m.is_object(tuple) {
            return None;
        }
        let position = m.load(iterator, offset_of!(Iterator, position));
        let length = m.load_final(tuple, offset_of!(Tuple, length));
        if !m.int_below(position, length) {
            return None;
        }
        let item = m.load_element_final(tuple, position, size_of::<Tuple>());
        return Some(Peeked { item, position: m.int_add(position, one)?, left: None });
    }
    if m.has_shape(iterator, shapes::RANGE_ITERATOR) {
        let left = m.load(iterator, offset_of!(Iterator, extra));
        let zero = m.constant(Value::int(0));
        if m.int_le(left, zero) {
            return None;
        }
        let item = m.load(iterator, offset_of!(Iterator, position));
        let by = m.load_final(iterator, offset_of!(Iterator, step));
        return Some(Peeked { item, position: m.int_add(item, by)?, left: Some(m.int_sub(left, one)?) });
    }
    None
}

/// Makes the step that `peek` has looked at.
#[inline(always)]
fn advance<M: Machine>(m: &mut M, iterator: M::Val, to: &Peeked<M::Val>) {
    m.store(iterator, offset_of!(Iterator, position), to.position, FieldKind::Int);
    if let Some(left) = to.left {
        m.store(iterator, offset_of!(Iterator, extra), left, FieldKind::Int);
    }
}

/// Zip over two different iterators of lists, tuples or ranges that both have an item: `source` is the tuple of them. All
/// else is left to the runtime.
#[inline(always)]
fn zip_step<M: Machine>(m: &mut M, iterator: M::Val) -> Step<M::Val> {
    let iterators = m.load(iterator, offset_of!(Iterator, source));
    if !m.has_shape(iterators, shapes::TUPLE) {
        return Step::Other;
    }
    let count = m.load_final(iterators, offset_of!(Tuple, length));
    let (zero, one, two) = (m.constant(Value::int(0)), m.constant(Value::int(1)), m.constant(Value::int(2)));
    if !m.same(count, two) {
        return Step::Other;
    }
    let first = m.load_element_final(iterators, zero, size_of::<Tuple>());
    let second = m.load_element_final(iterators, one, size_of::<Tuple>());
    if m.same(first, second) {
        return Step::Other;
    }
    let Some(to_first) = peek(m, first) else { return Step::Other };
    let Some(to_second) = peek(m, second) else { return Step::Other };
    let header = object_header::<Tuple>(shapes::TUPLE);
    let Some(pair) = m.allocate(size_of::<Tuple>() + 16, header) else { return Step::Other };
    m.initialise(pair, offset_of!(Tuple, length), two);
    m.initialise(pair, size_of::<Tuple>(), to_first.item);
    m.initialise(pair, size_of::<Tuple>() + 8, to_second.item);
    advance(m, first, &to_first);
    advance(m, second, &to_second);
    Step::Item(pair)
}

/// The step of any iterator, by a residual call.
#[inline(always)]
fn next_by_runtime<M: Machine>(m: &mut M, iterator: M::Val) -> Flow {
    let (words, register) = (m.extension(0) as i64, m.instruction().a());
    m.residual_jump(&NEXT, [iterator], UNBOUND, words, Some(register))
}

/// Enumerate over an iterator that steps inline: `source` is the iterator, `extra` the counter.
#[inline(always)]
fn enumerate<M: Machine>(m: &mut M, iterator: M::Val) -> Flow {
    let source = m.load(iterator, offset_of!(Iterator, source));
    let counter = m.load(iterator, offset_of!(Iterator, extra));
    let one = m.constant(Value::int(1));
    if m.is_int(counter) {
        let header = object_header::<Tuple>(shapes::TUPLE);
        // Allocated first: a refusal after the step would lose an item.
        let Some(next) = m.int_add(counter, one) else { return Flow::Slow };
        if let Some(pair) = m.allocate(size_of::<Tuple>() + 16, header) {
            let two = m.constant(Value::int(2));
            m.initialise(pair, offset_of!(Tuple, length), two);
            let step = match tuple_step(m, source) {
                Step::Other => step(m, source),
                step => step,
            };
            match step {
                Step::Item(item) => {
                    m.store(iterator, offset_of!(Iterator, extra), next, FieldKind::Int);
                    m.initialise(pair, size_of::<Tuple>(), counter);
                    m.initialise(pair, size_of::<Tuple>() + 8, item);
                    m.set(m.instruction().a(), pair);
                    return Flow::Next;
                }
                Step::End => {
                    m.jump(m.extension(0) as i64);
                    return Flow::Next;
                }
                Step::Other => {}
            }
        }
    }
    next_by_runtime(m, iterator)
}
