//! Core of `list`: items of iterables, insertion, removal and replacement.
//!
//! Writers hold the list's lock and do nothing else meanwhile; whatever allocates happens before, and is thrown away
//! if another thread changed the list in between. Readers take a snapshot: a storage array and a length within it.

mod methods;
mod sort;

pub use methods::{LIST_METHODS, copy_items, get, items_of, set};
pub use sort::sort;

use crate::cx::{Cx, PyResult};
use crate::kinds::Kind;
use crate::objects::{Array, List, Range, Tuple};
use crate::operations;
use crate::sequence::elements;
use crate::string::downcast;
use crate::types;
use vm_heap::{Field, Gc, Value};

/// A list with what an iterable gives; a list is returned as it is.
pub fn sequence_of(cx: &mut Cx, iterable: Value) -> PyResult<Gc<List>> {
    if types::is_exactly(iterable, Kind::LIST)
        && let Some(list) = downcast::<List>(iterable)
    {
        return Ok(list);
    }
    from_iterable(cx, iterable)
}

/// A new list with what an iterable gives.
pub fn from_iterable(cx: &mut Cx, iterable: Value) -> PyResult<Gc<List>> {
    let list = List::new(cx, &[])?;
    extend(cx, list, iterable)?;
    Ok(list)
}

/// Appends what an iterable gives.
pub fn extend(cx: &mut Cx, list: Gc<List>, iterable: Value) -> PyResult<()> {
    if types::is_exactly(iterable, Kind::TUPLE)
        && let Some(tuple) = downcast::<Tuple>(iterable)
    {
        return List::append(cx, list, crate::sequence::tuple_fields(&tuple));
    }
    if types::is_exactly(iterable, Kind::LIST)
        && let Some(other) = downcast::<List>(iterable)
    {
        let (items, count) = List::snapshot(&other);
        return List::append(cx, list, &elements(&items)[..count]);
    }
    if types::is_exactly(iterable, Kind::RANGE)
        && let Some((start, step, count)) = downcast::<Range>(iterable).and_then(small_range)
    {
        let more = Array::checked(cx, count)?;
        for (at, field) in elements(&more).iter().enumerate() {
            field.init(Value::int(start + at as i64 * step));
        }
        {
            let _locked = vm_stm::lock(&list.word);
            if length(list) == 0 {
                publish(cx, list, more, count);
                return Ok(());
            }
        }
        return List::append(cx, list, elements(&more));
    }
    let iterator = operations::iterate(cx, iterable)?;
    // Only classes made by class statements can say something wrong.
    if types::class_of(cx, iterable).flags.get() & types::HEAP_TYPE != 0 {
        operations::length_hint(cx, iterable)?;
    }
    // A range may be endless for all that memory can hold.
    if let Some(expected) = crate::sequence::exact_length(iterable).filter(|expected| *expected < 1 << 16) {
        List::reserve(cx, list, length(list) + expected)?;
    }
    while let Some(item) = operations::next(cx, iterator)? {
        List::push(cx, list, item)?;
    }
    Ok(())
}

/// First number, step and count of a range of small ints that is not too long to be there at once.
fn small_range(range: Gc<Range>) -> Option<(i64, i64, usize)> {
    let parts = [range.start.get(), range.step.get(), range.count.get(), range.stop.get()];
    // With all parts small, no number on the way leaves the small ints.
    if !parts.iter().all(|part| part.is_int()) || parts[2].as_int() >= 1 << 16 {
        return None;
    }
    Some((parts[0].as_int(), parts[1].as_int(), parts[2].as_int().max(0) as usize))
}

/// Number of items at this moment.
#[inline]
pub fn length(list: Gc<List>) -> usize {
    list.length.get().as_int() as usize
}

/// The item at a position, if there is one at this moment.
pub fn item(list: Gc<List>, at: usize) -> Option<Value> {
    let (items, length) = List::snapshot(&list);
    (at < length).then(|| elements(&items)[at].get())
}

/// Inserts in front of a position, which is clamped.
pub fn insert(cx: &mut Cx, list: Gc<List>, position: i64, item: Value) -> PyResult<()> {
    loop {
        List::reserve(cx, list, length(list) + 1)?;
        let _locked = vm_stm::lock(&list.word);
        let items = list.items.get();
        let (storage, length) = (elements(&items), length(list));
        if length == storage.len() {
            continue; // another thread was faster
        }
        let position = if position < 0 { position.saturating_add(length as i64).max(0) } else { position };
        let at = (position as usize).min(length);
        shift(storage, at, at + 1, length - at);
        storage[at].set(cx.mutator(), items, item);
        list.length.init(Value::int(length as i64 + 1));
        return Ok(());
    }
}

/// Moves items within the storage of a list, to where there may be some of them now. The caller holds the lock.
fn shift(storage: &[Field<Value>], from: usize, to: usize, count: usize) {
    if count >= MOVED_AT_ONCE && !vm_stm::is_concurrent() {
        assert!(from + count <= storage.len() && to + count <= storage.len());
        // SAFETY: both ranges lie in the storage; fields are words, and no other thread is there to look at them.
        return unsafe { storage.as_ptr().add(from).copy_to(storage.as_ptr().add(to).cast_mut(), count) };
    }
    if from < to {
        for at in (0..count).rev() {
            storage[to + at].init(storage[from + at].get());
        }
    } else {
        for at in 0..count {
            storage[to + at].init(storage[from + at].get());
        }
    }
}

/// How many items are moved as a block rather than one by one.
const MOVED_AT_ONCE: usize = 24;

/// Removes and returns the item at a position (negative: from the end), if there is one.
pub fn remove_at(cx: &mut Cx, list: Gc<List>, position: i64) -> Option<Value> {
    let _locked = vm_stm::lock(&list.word);
    let items = list.items.get();
    let (storage, length) = (elements(&items), length(list));
    let at = if position < 0 { position + length as i64 } else { position };
    if at < 0 || at as usize >= length {
        return None;
    }
    let at = at as usize;
    let item = storage[at].get();
    shift(storage, at + 1, at, length - at - 1);
    cx.mutator().barrier(items.header());
    list.length.init(Value::int(length as i64 - 1));
    // What is behind the length must not keep objects alive.
    storage[length - 1].init(Value::int(0));
    Some(item)
}

/// Replaces the item at a position; `false` where there is none.
pub fn set_at(cx: &mut Cx, list: Gc<List>, position: i64, item: Value) -> bool {
    let _locked = vm_stm::lock(&list.word);
    let items = list.items.get();
    let at = if position < 0 { position + length(list) as i64 } else { position };
    if at < 0 || at as usize >= length(list) {
        return false;
    }
    elements(&items)[at as usize].set(cx.mutator(), items, item);
    true
}

/// Gives a list other storage. The caller holds the lock.
fn publish(cx: &Cx, list: Gc<List>, storage: Gc<Array>, length: usize) {
    // A reader bounds the length that it sees by the storage that it sees, so any order is safe for it.
    list.items.set_release(cx.mutator(), list, storage);
    list.length.init(Value::int(length as i64));
}

/// Replaces the items `from..to` (clamped) by the first of an array.
#[inline]
pub fn replace_range(
    cx: &mut Cx,
    list: Gc<List>,
    from: usize,
    to: usize,
    new_items: Gc<Array>,
    new_count: usize,
) -> PyResult<()> {
    let new_count = new_count.min(elements(&new_items).len());
    if list.items.get() != new_items && replace_in_place(cx, list, from, to, &elements(&new_items)[..new_count]) {
        return Ok(());
    }
    replace_storage(cx, list, from, to, new_items, new_count)
}

/// The same by other storage.
#[cold]
fn replace_storage(
    cx: &mut Cx,
    list: Gc<List>,
    from: usize,
    to: usize,
    new_items: Gc<Array>,
    new_count: usize,
) -> PyResult<()> {
    loop {
        let (seen, seen_length) = List::snapshot(&list);
        let (from, to) = (from.min(seen_length), to.min(seen_length).max(from.min(seen_length)));
        let total = seen_length - (to - from) + new_count;
        let storage = Array::checked(cx, total + (total >> 3))?;
        let old = elements(&seen);
        let inserted = (0..new_count).map(|at| elements(&new_items)[at].get());
        let kept_before = (0..from).map(|at| old[at].get());
        let kept_after = (to..seen_length).map(|at| old[at].get());
        for (field, item) in elements(&storage).iter().zip(kept_before.chain(inserted).chain(kept_after)) {
            field.set(cx.mutator(), storage, item);
        }
        let _locked = vm_stm::lock(&list.word);
        if list.items.get() != seen || length(list) != seen_length {
            continue; // another thread changed the list
        }
        publish(cx, list, storage, total);
        return Ok(());
    }
}

/// Replaces the items `from..to` (clamped) where the storage has room; false, with nothing done, where it has not.
#[inline(always)]
fn replace_in_place(cx: &Cx, list: Gc<List>, from: usize, to: usize, new: &[Field<Value>]) -> bool {
    let _locked = vm_stm::lock(&list.word);
    let items = list.items.get();
    let (storage, length) = (elements(&items), length(list));
    let from = from.min(length);
    let to = to.clamp(from, length);
    let total = length - (to - from) + new.len();
    if total > storage.len() {
        return false;
    }
    let end = from + new.len();
    if end != to {
        shift(storage, to, end, length - to);
    }
    if end < to {
        // What is behind the length must not keep objects alive.
        for field in &storage[total..length] {
            field.init(Value::int(0));
        }
    }
    for (field, item) in storage[from..end].iter().zip(new) {
        field.init(item.get());
    }
    cx.mutator().barrier(items.header());
    list.length.init(Value::int(total as i64));
    true
}

/// Removes the items at the positions `start + n * step` for `n < count`.
pub fn delete_positions(cx: &mut Cx, list: Gc<List>, start: i64, step: i64, count: usize) -> PyResult<()> {
    if count == 0 {
        return Ok(());
    }
    // From the front, whichever way the slice ran.
    let (first, step) = if step < 0 { (start + (count as i64 - 1) * step, -step) } else { (start, step) };
    if step == 1 {
        let (from, to) = (first as usize, first as usize + count);
        // Where the items have become fewer, what is left of the range goes.
        replace_in_place(cx, list, from, to, &[]);
        return Ok(());
    }
    let _locked = vm_stm::lock(&list.word);
    let items = list.items.get();
    let (storage, length) = (elements(&items), length(list));
    let mut to = 0;
    for from in 0..length {
        let offset = from as i64 - first;
        let removed = offset >= 0 && offset % step == 0 && offset / step < count as i64;
        if !removed {
            if to != from {
                storage[to].set(cx.mutator(), items, storage[from].get());
            }
            to += 1;
        }
    }
    list.length.init(Value::int(to as i64));
    for field in &storage[to..length] {
        field.set(cx.mutator(), items, Value::int(0));
    }
    Ok(())
}

/// Removes all items.
pub fn clear(cx: &mut Cx, list: Gc<List>) -> PyResult<()> {
    let empty = Array::checked(cx, 0)?;
    let _locked = vm_stm::lock(&list.word);
    list.length.init(Value::int(0));
    list.items.set_release(cx.mutator(), list, empty);
    Ok(())
}

/// Position of the first item equal to a value within bounds.
pub fn find(cx: &mut Cx, list: Gc<List>, value: Value, from: usize, to: usize) -> PyResult<Option<usize>> {
    let mut at = from;
    loop {
        let (items, length) = List::snapshot(&list);
        let fields = elements(&items).get(at..length.min(to)).unwrap_or(&[]);
        let undecided = fields.iter().position(|field| operations::equal_simple(field.get(), value) != Some(false));
        let Some(candidate) = undecided.and_then(|offset| item(list, at + offset)) else { return Ok(None) };
        at += undecided.unwrap_or(0);
        // This may run code that changes the list.
        if operations::equal(cx, candidate, value)? {
            return Ok(Some(at));
        }
        at += 1;
    }
}

/// Number of items equal to a value.
pub(crate) fn count(cx: &mut Cx, list: Gc<List>, value: Value) -> PyResult<usize> {
    let (mut count, mut at) = (0, 0);
    loop {
        let (items, length) = List::snapshot(&list);
        let mut undecided = None;
        for field in elements(&items).get(at..length).unwrap_or(&[]) {
            at += 1;
            match operations::equal_simple(field.get(), value) {
                Some(equal) => count += usize::from(equal),
                None => {
                    undecided = Some(field.get());
                    break;
                }
            }
        }
        let Some(candidate) = undecided else { return Ok(count) };
        // This may run code that changes the list.
        count += usize::from(operations::equal(cx, candidate, value)?);
    }
}

/// A new list of `length` items that `fill` gives.
pub(crate) fn build(cx: &mut Cx, length: usize, mut fill: impl FnMut(usize) -> Value) -> PyResult<Gc<List>> {
    let storage = Array::checked(cx, length)?;
    for (at, field) in elements(&storage).iter().enumerate() {
        field.init(fill(at));
    }
    Ok(List::with_storage(cx, storage, length))
}
