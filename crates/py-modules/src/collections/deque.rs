//! `deque`: a ring of values in one array, open at both ends.
//!
//! INVARIANT: the array's length is a power of two, and `length <= limit` where there is a limit. Operations lock the
//! deque's word and call nothing meanwhile; arrays are made before and thrown away if another thread was faster.
//! Whatever runs Python code between two items checks `changes`, which counts changes of the length and the order.

mod iterators;
mod methods;
mod sequence;

pub use iterators::{
    DEQUE_ITERATOR_METHODS, DEQUE_REVERSE_ITERATOR_METHODS, DequeIterator, step_backward, step_forward,
};
pub use methods::DEQUE_METHODS;
pub use sequence::DEQUE_SEQUENCE_METHODS;

use py_object::objects::{Array, Type};
use py_object::sequence::elements;
use py_object::{Cx, NONE, PyResult, object, operations};
use vm_heap::{Gc, Value};

const FIRST_CAPACITY: usize = 8;

object! {
    /// A deque.
    pub struct Deque = 420 {
        /// Version word.
        word: u64,
        /// Attributes of subclass instances.
        attributes: Option<Gc<Array>>,
        /// The ring.
        items: Gc<Array>,
        /// Index of the first item in the ring.
        head: usize,
        /// Number of items.
        length: usize,
        /// Most items, or `usize::MAX`.
        limit: usize,
        /// How often the length or the order has changed.
        changes: usize,
    }
}

/// A new empty deque of a class.
pub fn new(cx: &mut Cx, class: Gc<Type>, limit: usize) -> PyResult<Gc<Deque>> {
    let items = Array::checked(cx, FIRST_CAPACITY)?;
    let deque = crate::new_object::<Deque>(cx, class);
    deque.items.init(items);
    deque.limit.init(limit);
    Ok(deque)
}

/// An end of a deque.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum End {
    Left,
    Right,
}

/// Where the item at an index lies in a ring.
fn place(deque: Gc<Deque>, items: &Gc<Array>, index: usize) -> usize {
    (deque.head.get() + index) & (elements(items).len() - 1)
}

/// Number of items at this moment.
pub fn length(deque: Gc<Deque>) -> usize {
    deque.length.get()
}

/// The item at an index, if there is one at this moment.
pub fn item(deque: Gc<Deque>, index: usize) -> Option<Value> {
    let _locked = vm_stm::lock(&deque.word);
    let items = deque.items.get();
    (index < deque.length.get()).then(|| elements(&items)[place(deque, &items, index)].get())
}

/// Replaces the item at an index; false where there is none.
fn set_item(cx: &mut Cx, deque: Gc<Deque>, index: usize, item: Value) -> bool {
    let _locked = vm_stm::lock(&deque.word);
    let items = deque.items.get();
    if index >= deque.length.get() {
        return false;
    }
    elements(&items)[place(deque, &items, index)].set(cx.mutator(), items, item);
    true
}

fn note_change(deque: Gc<Deque>) {
    deque.changes.init(deque.changes.get().wrapping_add(1));
}

/// Adds an item at an end; where the deque is full, the one at the other end goes.
pub fn push(cx: &mut Cx, deque: Gc<Deque>, end: End, item: Value) -> PyResult<()> {
    loop {
        {
            let _locked = vm_stm::lock(&deque.word);
            let items = deque.items.get();
            let (storage, length, limit) = (elements(&items), deque.length.get(), deque.limit.get());
            if limit == 0 {
                return Ok(());
            }
            if length < storage.len() || length == limit {
                let full = length == limit;
                let mask = storage.len() - 1;
                let head = deque.head.get();
                match end {
                    End::Right => {
                        if full {
                            storage[head].init(Value::int(0));
                            deque.head.init((head + 1) & mask);
                        }
                        storage[(head + length) & mask].set(cx.mutator(), items, item);
                    }
                    End::Left => {
                        if full {
                            storage[(head + length - 1) & mask].init(Value::int(0));
                        }
                        let head = head.wrapping_sub(1) & mask;
                        storage[head].set(cx.mutator(), items, item);
                        deque.head.init(head);
                    }
                }
                if !full {
                    deque.length.init(length + 1);
                }
                note_change(deque);
                return Ok(());
            }
        }
        grow(cx, deque)?;
    }
}

#[cold]
fn grow(cx: &mut Cx, deque: Gc<Deque>) -> PyResult<()> {
    let grown = Array::checked(cx, elements(&deque.items.get()).len() * 2)?;
    let _locked = vm_stm::lock(&deque.word);
    let items = deque.items.get();
    let length = deque.length.get();
    if length < elements(&items).len() || length >= elements(&grown).len() {
        return Ok(()); // another thread was faster
    }
    for index in 0..length {
        let item = elements(&items)[place(deque, &items, index)].get();
        elements(&grown)[index].set(cx.mutator(), grown, item);
    }
    deque.items.set(cx.mutator(), deque, grown);
    deque.head.init(0);
    Ok(())
}

/// Takes the item at an end.
pub fn pop(deque: Gc<Deque>, end: End) -> Option<Value> {
    let _locked = vm_stm::lock(&deque.word);
    let items = deque.items.get();
    let (storage, length, head) = (elements(&items), deque.length.get(), deque.head.get());
    if length == 0 {
        return None;
    }
    let mask = storage.len() - 1;
    let at = match end {
        End::Left => {
            deque.head.init((head + 1) & mask);
            head
        }
        End::Right => (head + length - 1) & mask,
    };
    let item = storage[at].get();
    // What is outside the ring's used part must not keep objects alive.
    storage[at].init(Value::int(0));
    deque.length.init(length - 1);
    note_change(deque);
    Some(item)
}

/// Adds what an iterable gives at an end, one by one.
pub fn extend(cx: &mut Cx, deque: Gc<Deque>, end: End, iterable: Value) -> PyResult<()> {
    let iterable =
        if iterable == deque.value() { py_object::types::list::from_iterable(cx, iterable)?.value() } else { iterable };
    let iterator = operations::iterate(cx, iterable)?;
    while let Some(item) = operations::next(cx, iterator)? {
        push(cx, deque, end, item)?;
    }
    Ok(())
}

/// Removes all items.
pub fn clear(cx: &mut Cx, deque: Gc<Deque>) -> PyResult<()> {
    let empty = Array::checked(cx, FIRST_CAPACITY)?;
    let _locked = vm_stm::lock(&deque.word);
    deque.items.set(cx.mutator(), deque, empty);
    deque.head.init(0);
    deque.length.init(0);
    note_change(deque);
    Ok(())
}

/// Moves `steps` items from the right end to the left one (negative: the other way).
pub fn rotate(cx: &mut Cx, deque: Gc<Deque>, steps: i64) {
    let _locked = vm_stm::lock(&deque.word);
    let items = deque.items.get();
    let (storage, length) = (elements(&items), deque.length.get());
    if length < 2 {
        return;
    }
    let mask = storage.len() - 1;
    let right = steps.rem_euclid(length as i64) as usize;
    let mut head = deque.head.get();
    // The shorter way round; where the ring is full, moving an item moves it to the place that it is at.
    if right <= length / 2 {
        for _ in 0..right {
            let from = (head + length - 1) & mask;
            let to = head.wrapping_sub(1) & mask;
            let item = storage[from].get();
            storage[from].init(Value::int(0));
            storage[to].set(cx.mutator(), items, item);
            head = to;
        }
    } else {
        for _ in 0..length - right {
            let to = (head + length) & mask;
            let item = storage[head].get();
            storage[head].init(Value::int(0));
            storage[to].set(cx.mutator(), items, item);
            head = (head + 1) & mask;
        }
    }
    deque.head.init(head);
    note_change(deque);
}

/// Turns the order round.
fn reverse(cx: &mut Cx, deque: Gc<Deque>) {
    let _locked = vm_stm::lock(&deque.word);
    let items = deque.items.get();
    let storage = elements(&items);
    let length = deque.length.get();
    for index in 0..length / 2 {
        let (lhs, rhs) = (place(deque, &items, index), place(deque, &items, length - 1 - index));
        let (first, last) = (storage[lhs].get(), storage[rhs].get());
        storage[lhs].init(last);
        storage[rhs].init(first);
    }
    cx.mutator().barrier(items.header());
}

/// Removes the item at an index; false where there is none.
fn remove_at(cx: &mut Cx, deque: Gc<Deque>, index: usize) -> bool {
    let _locked = vm_stm::lock(&deque.word);
    let items = deque.items.get();
    let (storage, length) = (elements(&items), deque.length.get());
    if index >= length {
        return false;
    }
    for from in index + 1..length {
        let item = storage[place(deque, &items, from)].get();
        storage[place(deque, &items, from - 1)].init(item);
    }
    storage[place(deque, &items, length - 1)].init(Value::int(0));
    cx.mutator().barrier(items.header());
    deque.length.init(length - 1);
    note_change(deque);
    true
}

/// A shallow copy of the same class, made by calling it for a subclass.
fn copy(cx: &mut Cx, deque: Gc<Deque>) -> PyResult {
    let class = py_object::types::class_of(cx, deque.value());
    let limit = deque.limit.get();
    if class == cx.builtin_type(py_object::Kind::DEQUE) {
        let copy = new(cx, class, limit)?;
        extend(cx, copy, End::Right, deque.value())?;
        return Ok(copy.value());
    }
    let limit = if limit == usize::MAX { NONE } else { py_object::types::int::from_i64(cx, limit as i64) };
    let arguments = [deque.value(), limit];
    py_object::call::call(cx, class.value(), if limit == NONE { &arguments[..1] } else { &arguments }, None)
}
