//! Steps of the built-in iterators that the interpreter knows.

use crate::PyResult;
use crate::cx::{Cx, NONE};
use crate::kinds::{FIRST_FREE_SHAPE, Kind, shapes};
use crate::objects::{Iterator, List, Str, Tuple};
use crate::sequence::{elements, tuple_items};
use crate::string::{StrExt, downcast};
use crate::types::shape_id;
use std::sync::OnceLock;
use vm_heap::{Gc, Value};

/// One step of an iterator that a native module declares; `None` at its end.
pub type NativeStep = fn(&mut Cx, Value) -> PyResult<Option<Value>>;

/// The steps by number of the built-in type.
static STEPS: [OnceLock<NativeStep>; FIRST_FREE_SHAPE as usize] =
    [const { OnceLock::new() }; FIRST_FREE_SHAPE as usize];

/// Declares how the iterators of a built-in type step. Instances of subclasses step by `__next__`.
pub fn set_native_step(kind: Kind, step: NativeStep) {
    let _ = STEPS[kind as usize].set(step);
}

/// The declared step of a built-in type, by its number (which is also the shape of exact instances).
#[inline]
pub fn native_step(kind: usize) -> Option<NativeStep> {
    STEPS.get(kind)?.get().copied()
}

/// One step of a built-in iterator: `None` where the iterator is of another class, `Some(Ok(None))` at its end.
#[inline]
pub fn next_builtin(cx: &mut Cx, iterator: Value) -> Option<PyResult<Option<Value>>> {
    if !iterator.is_object() {
        return None;
    }
    let id = shape_id(iterator);
    let step = match id {
        shapes::RANGE_ITERATOR => next_range,
        shapes::LIST_ITERATOR => next_list,
        shapes::TUPLE_ITERATOR => next_tuple,
        shapes::STR_ITERATOR | shapes::STR_ASCII_ITERATOR => next_str,
        _ => return crate::types::iterators::step(cx, iterator, id),
    };
    Some(Ok(step(cx, downcast::<Iterator>(iterator)?)))
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
