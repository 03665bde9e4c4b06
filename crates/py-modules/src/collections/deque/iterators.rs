//! Iterators over deques, forwards and backwards. A change of the deque between two steps is an error.

use super::{Deque, item, length};
use py_macros::py_methods;
use py_object::objects::{Array, Type};
use py_object::types::{class_name, class_of};
use py_object::{Cx, Kind, PyResult, downcast, object};
use vm_heap::{Gc, Value};

object! {
    /// An iterator over a deque.
    pub struct DequeIterator = 422 {
        /// Version word.
        word: u64,
        /// Always empty; the offset of attributes.
        attributes: Option<Gc<Array>>,
        /// The deque.
        deque: Gc<Deque>,
        /// Items given so far.
        index: usize,
        /// Items left.
        left: usize,
        /// The deque's changes at the start.
        changes: usize,
    }
}

/// A new iterator of the built-in type `kind` that has given `index` items.
pub fn iterator(cx: &mut Cx, kind: Kind, deque: Gc<Deque>, index: usize) -> Gc<DequeIterator> {
    let class = cx.builtin_type(kind);
    let iterator = crate::new_object::<DequeIterator>(cx, class);
    let length = length(deque);
    iterator.deque.init(deque);
    iterator.index.init(index.min(length));
    iterator.left.init(length.saturating_sub(index));
    iterator.changes.init(deque.changes.get());
    iterator
}

fn step(cx: &mut Cx, iterator: Value, place: fn(usize, usize) -> usize) -> PyResult<Option<Value>> {
    let Some(iterator) = downcast::<DequeIterator>(iterator) else { return Ok(None) };
    let deque = iterator.deque.get();
    if deque.changes.get() != iterator.changes.get() {
        iterator.left.init(0);
        return Err(super::methods::mutated(cx));
    }
    let (index, left) = (iterator.index.get(), iterator.left.get());
    if left == 0 {
        return Ok(None);
    }
    iterator.left.init(left - 1);
    iterator.index.init(index + 1);
    Ok(item(deque, place(index, index + left)))
}

/// One step of a forward iterator.
pub fn step_forward(cx: &mut Cx, iterator: Value) -> PyResult<Option<Value>> {
    step(cx, iterator, |index, _| index)
}

/// One step of a reverse iterator.
pub fn step_backward(cx: &mut Cx, iterator: Value) -> PyResult<Option<Value>> {
    step(cx, iterator, |index, length| length - 1 - index)
}

fn make(cx: &mut Cx, kind: Kind, deque: Value, index: i64) -> PyResult<Gc<DequeIterator>> {
    let Some(deque) = downcast::<Deque>(deque) else {
        let message = format!("argument 1 must be collections.deque, not {}", class_name(cx, deque));
        return Err(cx.type_error(message));
    };
    Ok(iterator(cx, kind, deque, index.max(0) as usize))
}

fn reduced(cx: &mut Cx, this: Gc<DequeIterator>) -> Value {
    let class = class_of(cx, this.value());
    let arguments = cx.tuple(&[this.deque.get().value(), Value::int(this.index.get() as i64)]);
    cx.tuple(&[class.value(), arguments])
}

/// Forward iterators.
pub struct ForwardMethods;

#[py_methods(DEQUE_ITERATOR, name = "_deque_iterator")]
impl ForwardMethods {
    #[new(signature = "")]
    fn new(cx: &mut Cx, _class: Gc<Type>, deque: Value, #[default(0)] index: i64) -> PyResult<Gc<DequeIterator>> {
        make(cx, Kind::DEQUE_ITERATOR, deque, index)
    }
    /// Private method returning an estimate of len(list(it)).
    #[method]
    fn __length_hint__(this: Gc<DequeIterator>) -> usize {
        this.left.get()
    }
    /// Return state information for pickling.
    #[method]
    fn __reduce__(cx: &mut Cx, this: Gc<DequeIterator>) -> Value {
        reduced(cx, this)
    }
}

/// Reverse iterators.
pub struct ReverseMethods;

#[py_methods(DEQUE_REVERSE_ITERATOR, name = "_deque_reverse_iterator")]
impl ReverseMethods {
    #[new(signature = "")]
    fn new(cx: &mut Cx, _class: Gc<Type>, deque: Value, #[default(0)] index: i64) -> PyResult<Gc<DequeIterator>> {
        make(cx, Kind::DEQUE_REVERSE_ITERATOR, deque, index)
    }
    /// Private method returning an estimate of len(list(it)).
    #[method]
    fn __length_hint__(this: Gc<DequeIterator>) -> usize {
        this.left.get()
    }
    /// Return state information for pickling.
    #[method]
    fn __reduce__(cx: &mut Cx, this: Gc<DequeIterator>) -> Value {
        reduced(cx, this)
    }
}
