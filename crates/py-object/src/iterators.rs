//! Steps of the built-in iterators, found by the number of their type, and going through an iterable.

use crate::PyResult;
use crate::cx::{Cx, NONE};
use crate::kinds::{FIRST_FREE_SHAPE, Kind, shapes};
use crate::objects::{Iterator, List, Str, Tuple};
use crate::operations;
use crate::sequence::{elements, tuple_items};
use crate::string::{StrExt, downcast};
use crate::types::shape_id;
use std::sync::atomic::{AtomicUsize, Ordering};
use vm_heap::{Gc, Value};

/// One step of an iterator of a built-in type; `None` at its end.
pub type NativeStep = fn(&mut Cx, Value) -> PyResult<Option<Value>>;

/// The steps by number of the built-in type: addresses of `NativeStep`s, or 0.
static STEPS: [AtomicUsize; FIRST_FREE_SHAPE as usize] = [const { AtomicUsize::new(0) }; FIRST_FREE_SHAPE as usize];

/// Declares how the iterators of a built-in type step. Instances of subclasses step by `__next__`.
pub fn set_native_step(kind: Kind, step: NativeStep) {
    STEPS[kind as usize].store(step as usize, Ordering::Release);
}

/// The declared step of a built-in type, by its number (which is also the shape of exact instances).
#[inline(always)]
pub fn native_step(kind: usize) -> Option<NativeStep> {
    match STEPS.get(kind)?.load(Ordering::Acquire) {
        0 => None,
        // SAFETY: the table holds addresses of such functions only.
        step => Some(unsafe { std::mem::transmute::<usize, NativeStep>(step) }),
    }
}

/// What a step of a generator, or of another iterator that something is sent to, gave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It yielded.
    Yielded(Value),
    /// It returned.
    Returned(Value),
}

/// One step of an iterator of a built-in type that tells its result without a StopIteration. What is sent to it makes no
/// difference.
pub type NativeSend = fn(&mut Cx, Value) -> PyResult<Outcome>;

/// Sends a value to a generator or coroutine.
pub type Resume = fn(&mut Cx, Value, Value) -> PyResult<Outcome>;

/// Such steps by number of the built-in type: addresses of `NativeSend`s, or 0.
static SENDS: [AtomicUsize; FIRST_FREE_SHAPE as usize] = [const { AtomicUsize::new(0) }; FIRST_FREE_SHAPE as usize];

/// Declares how exact instances of a built-in type are stepped by `await` and `yield from`.
pub fn set_native_send(kind: Kind, send: NativeSend) {
    SENDS[kind as usize].store(send as usize, Ordering::Release);
}

/// The declared step of an exact instance of a built-in type.
#[inline(always)]
pub fn native_send(iterator: Value) -> Option<NativeSend> {
    if !iterator.is_object() {
        return None;
    }
    match SENDS.get(shape_id(iterator).0 as usize)?.load(Ordering::Acquire) {
        0 => None,
        // SAFETY: the table holds addresses of such functions only.
        send => Some(unsafe { std::mem::transmute::<usize, NativeSend>(send) }),
    }
}

/// Declares the steps of the iterators of built-in sequences.
pub(crate) fn install() {
    set_native_step(Kind::RANGE_ITERATOR, |cx, iterator| Ok(next_range(cx, iterator_at(iterator))));
    set_native_step(Kind::LIST_ITERATOR, |cx, iterator| Ok(next_list(cx, iterator_at(iterator))));
    set_native_step(Kind::TUPLE_ITERATOR, |cx, iterator| Ok(next_tuple(cx, iterator_at(iterator))));
    for kind in [Kind::STR_ITERATOR, Kind::STR_ASCII_ITERATOR] {
        set_native_step(kind, |cx, iterator| Ok(next_str(cx, iterator_at(iterator))));
    }
}

/// A value that is known to have this layout by its shape.
#[inline(always)]
pub(crate) fn iterator_at(iterator: Value) -> Gc<Iterator> {
    debug_assert!(downcast::<Iterator>(iterator).is_some());
    // SAFETY: steps are called for exact instances of the type that they are declared for, which have this layout.
    unsafe { Gc::from_address(iterator.address()) }
}

/// One step of a built-in iterator: `None` where the iterator is of another class, `Some(Ok(None))` at its end.
#[inline(always)]
pub fn next_builtin(cx: &mut Cx, iterator: Value) -> Option<PyResult<Option<Value>>> {
    if !iterator.is_object() {
        return None;
    }
    let step = native_step(shape_id(iterator).0 as usize)?;
    Some(step(cx, iterator))
}

/// What is left of an iterable. Lists and tuples are gone through without an iterator.
///
/// It must lie on the stack, where the collector finds what it holds.
pub enum Items {
    /// A list and the next position in it.
    List(Gc<List>, usize),
    /// A tuple and the next position in it.
    Tuple(Gc<Tuple>, usize),
    /// An iterator.
    Other(Value),
}

impl Items {
    /// The items of an iterable: what `iter(iterable)` gives.
    pub fn of(cx: &mut Cx, iterable: Value) -> PyResult<Items> {
        if iterable.is_object() && !cx.thread.transaction.is_logged() {
            match shape_id(iterable) {
                shapes::LIST => return Ok(Items::List(downcast(iterable).expect("of this shape"), 0)),
                shapes::TUPLE => return Ok(Items::Tuple(downcast(iterable).expect("of this shape"), 0)),
                _ => {}
            }
        }
        operations::iterate(cx, iterable).map(Items::Other)
    }

    /// The next item, or `None` at the end, after which it must not be asked again.
    #[inline(always)]
    pub fn next(&mut self, cx: &mut Cx) -> PyResult<Option<Value>> {
        match self {
            Items::List(list, position) => {
                let (items, length) = List::snapshot(list);
                let at = *position;
                *position += 1;
                Ok((at < length).then(|| elements(&items)[at].get()))
            }
            Items::Tuple(tuple, position) => {
                let item = tuple_items(tuple).get(*position).copied();
                *position += 1;
                Ok(item)
            }
            Items::Other(iterator) => operations::next(cx, *iterator),
        }
    }
}

/// `operations::next` with the step of list iterators in place.
#[inline(always)]
pub(crate) fn next_quickly(cx: &mut Cx, iterator: Value) -> PyResult<Option<Value>> {
    if iterator.is_object() && shape_id(iterator) == shapes::LIST_ITERATOR {
        return Ok(next_list(cx, iterator_at(iterator)));
    }
    operations::next(cx, iterator)
}

fn advance(iterator: Gc<Iterator>, position: i64) {
    iterator.position.init(Value::int(position));
}

fn exhaust(cx: &mut Cx, iterator: Gc<Iterator>) -> Option<Value> {
    iterator.source.set(cx.mutator(), iterator, NONE);
    None
}

/// `position` is the next number, `extra` how many are left, `step` the step; all small ints.
fn next_range(_cx: &mut Cx, iterator: Gc<Iterator>) -> Option<Value> {
    let left = iterator.extra.get().as_int();
    if left <= 0 {
        return None;
    }
    let number = iterator.position.get();
    iterator.extra.init(Value::int(left - 1));
    // The number after the last one may not fit; then it is never looked at.
    let next = number.as_int().wrapping_add(iterator.step.get().as_int());
    iterator.position.init(Value::small_int(next).unwrap_or(Value::int(0)));
    Some(number)
}

#[inline(always)]
fn next_list(cx: &mut Cx, iterator: Gc<Iterator>) -> Option<Value> {
    let list = downcast::<List>(iterator.source.get())?;
    let position = iterator.position.get().as_int();
    let (items, length) = List::snapshot(&list);
    if (position as usize) < length {
        advance(iterator, position + 1);
        return Some(elements(&items)[position as usize].get());
    }
    exhaust(cx, iterator)
}

fn next_tuple(cx: &mut Cx, iterator: Gc<Iterator>) -> Option<Value> {
    let tuple = downcast::<Tuple>(iterator.source.get())?;
    let position = iterator.position.get().as_int();
    match tuple_items(&tuple).get(position as usize) {
        Some(item) => {
            let item = *item;
            advance(iterator, position + 1);
            Some(item)
        }
        None => exhaust(cx, iterator),
    }
}

/// `position` is a byte offset.
fn next_str(cx: &mut Cx, iterator: Gc<Iterator>) -> Option<Value> {
    let text = downcast::<Str>(iterator.source.get())?;
    let position = iterator.position.get().as_int() as usize;
    let bytes = text.bytes();
    let Some(first) = bytes.get(position) else { return exhaust(cx, iterator) };
    let width = crate::types::str::width_of(*first);
    advance(iterator, (position + width) as i64);
    let character: [u8; 4] = std::array::from_fn(|n| bytes.get(position + n).copied().unwrap_or(0));
    Some(Str::from_wtf8(cx, &character[..width]).value())
}
