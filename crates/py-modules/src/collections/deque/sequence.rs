//! `deque` as a sequence: the special methods.

use super::methods::{find, mutated};
use super::{Deque, End, copy, extend, iterators, length, new, push, remove_at, set_item};
use py_macros::py_methods;
use py_object::operations::{self, Comparison};
use py_object::types::{class_name, class_of, int, list, object, short_name};
use py_object::{Cx, Kind, NOT_IMPLEMENTED, PyResult, bool_value, downcast};
use vm_heap::{Gc, Value};

/// The position that a subscript means, not yet checked against the end.
fn position(cx: &mut Cx, this: Gc<Deque>, key: Value) -> PyResult<usize> {
    let Some(number) = int::try_index(cx, key)? else {
        let message = format!("sequence index must be integer, not '{}'", class_name(cx, key));
        return Err(cx.type_error(message));
    };
    let Some(number) = int::as_i64(number) else {
        return Err(cx.raise(Kind::INDEX_ERROR, "cannot fit 'int' into an index-sized integer"));
    };
    let number = if number < 0 { number + length(this) as i64 } else { number };
    match usize::try_from(number) {
        Ok(at) => Ok(at),
        Err(_) => Err(out_of_range(cx)),
    }
}

#[cold]
fn out_of_range(cx: &mut Cx) -> py_object::Raised {
    cx.raise(Kind::INDEX_ERROR, "deque index out of range")
}

fn compare(cx: &mut Cx, comparison: Comparison, this: Gc<Deque>, other: Value) -> PyResult {
    let Some(other) = downcast::<Deque>(other) else { return Ok(NOT_IMPLEMENTED) };
    if this == other && comparison == Comparison::Eq {
        return Ok(bool_value(true));
    }
    let lengths = (length(this), length(other));
    let equality = matches!(comparison, Comparison::Eq | Comparison::Ne);
    if equality && lengths.0 != lengths.1 {
        return Ok(bool_value(comparison == Comparison::Ne));
    }
    cx.check_native_stack()?;
    let seen = (this.changes.get(), other.changes.get());
    for at in 0..lengths.0.min(lengths.1) {
        if (this.changes.get(), other.changes.get()) != seen {
            return Err(mutated(cx));
        }
        let (Some(lhs), Some(rhs)) = (super::item(this, at), super::item(other, at)) else {
            return Err(mutated(cx));
        };
        if !operations::equal(cx, lhs, rhs)? {
            return match comparison {
                Comparison::Eq => Ok(bool_value(false)),
                Comparison::Ne => Ok(bool_value(true)),
                _ => operations::compare(cx, comparison, lhs, rhs),
            };
        }
    }
    Ok(bool_value(comparison.holds(lengths.0.cmp(&lengths.1))))
}

/// `sequence * count`, in place.
fn repeat(cx: &mut Cx, this: Gc<Deque>, count: Value) -> PyResult<Option<()>> {
    let Some(count) = int::try_index(cx, count)? else { return Ok(None) };
    let Some(count) = int::as_i64(count) else {
        return Err(cx.raise(Kind::OVERFLOW_ERROR, "cannot fit 'int' into an index-sized integer"));
    };
    let items = list::from_iterable(cx, this.value())?;
    let length = list::length(items);
    if length == 0 || count == 1 {
        return Ok(Some(()));
    }
    if count <= 0 {
        super::clear(cx, this)?;
        return Ok(Some(()));
    }
    let limit = this.limit.get();
    if limit == usize::MAX && length as i64 > i64::MAX / 8 / count {
        return Err(cx.raise(Kind::MEMORY_ERROR, ""));
    }
    // What would fall out again need not be added.
    let enough = if limit == usize::MAX { usize::MAX } else { limit / length + 1 };
    let repeats = (count as usize - 1).min(enough);
    for _ in 0..repeats {
        for at in 0..length {
            if let Some(item) = list::item(items, at) {
                push(cx, this, End::Right, item)?;
            }
        }
    }
    Ok(Some(()))
}

/// A deque of the same limit and the class `deque`, with the same items.
fn plain_copy(cx: &mut Cx, this: Gc<Deque>) -> PyResult<Gc<Deque>> {
    let copied = copy(cx, this)?;
    match downcast::<Deque>(copied) {
        Some(copied) => Ok(copied),
        None => {
            let class = cx.builtin_type(Kind::DEQUE);
            let plain = new(cx, class, this.limit.get())?;
            extend(cx, plain, End::Right, this.value())?;
            Ok(plain)
        }
    }
}

/// The special methods.
pub struct SequenceMethods;

#[py_methods(DEQUE_SEQUENCE, name = "deque")]
impl SequenceMethods {
    #[method]
    fn __len__(this: Gc<Deque>) -> usize {
        length(this)
    }
    #[method]
    fn __getitem__(cx: &mut Cx, this: Gc<Deque>, key: Value) -> PyResult {
        let at = position(cx, this, key)?;
        super::item(this, at).ok_or_else(|| out_of_range(cx))
    }
    #[method]
    fn __setitem__(cx: &mut Cx, this: Gc<Deque>, key: Value, value: Value) -> PyResult<()> {
        let at = position(cx, this, key)?;
        if set_item(cx, this, at, value) { Ok(()) } else { Err(out_of_range(cx)) }
    }
    #[method]
    fn __delitem__(cx: &mut Cx, this: Gc<Deque>, key: Value) -> PyResult<()> {
        let at = position(cx, this, key)?;
        if remove_at(cx, this, at) { Ok(()) } else { Err(out_of_range(cx)) }
    }
    #[method]
    fn __contains__(cx: &mut Cx, this: Gc<Deque>, key: Value) -> PyResult<bool> {
        Ok(find(cx, this, key, 0, length(this), mutated)?.is_some())
    }
    #[method]
    fn __iter__(cx: &mut Cx, this: Gc<Deque>) -> Gc<super::DequeIterator> {
        iterators::iterator(cx, Kind::DEQUE_ITERATOR, this, 0)
    }
    /// Return a reverse iterator over the deque.
    #[method]
    fn __reversed__(cx: &mut Cx, this: Gc<Deque>) -> Gc<super::DequeIterator> {
        iterators::iterator(cx, Kind::DEQUE_REVERSE_ITERATOR, this, 0)
    }
    #[method]
    fn __add__(cx: &mut Cx, this: Gc<Deque>, value: Value) -> PyResult {
        if downcast::<Deque>(value).is_none() {
            let message = format!("can only concatenate deque (not \"{}\") to deque", class_name(cx, value));
            return Err(cx.type_error(message));
        }
        let result = plain_copy(cx, this)?;
        extend(cx, result, End::Right, value)?;
        Ok(result.value())
    }
    #[method]
    fn __iadd__(cx: &mut Cx, this: Gc<Deque>, value: Value) -> PyResult<Gc<Deque>> {
        extend(cx, this, End::Right, value)?;
        Ok(this)
    }
    #[method]
    fn __mul__(cx: &mut Cx, this: Gc<Deque>, value: Value) -> PyResult {
        if int::try_index(cx, value)?.is_none() {
            return Ok(NOT_IMPLEMENTED);
        }
        let result = plain_copy(cx, this)?;
        repeat(cx, result, value)?;
        Ok(result.value())
    }
    #[method]
    fn __rmul__(cx: &mut Cx, this: Gc<Deque>, value: Value) -> PyResult {
        Self::__mul__(cx, this, value)
    }
    #[method]
    fn __imul__(cx: &mut Cx, this: Gc<Deque>, value: Value) -> PyResult {
        Ok(if repeat(cx, this, value)?.is_some() { this.value() } else { NOT_IMPLEMENTED })
    }
    #[method]
    fn __eq__(cx: &mut Cx, this: Gc<Deque>, value: Value) -> PyResult {
        compare(cx, Comparison::Eq, this, value)
    }
    #[method]
    fn __ne__(cx: &mut Cx, this: Gc<Deque>, value: Value) -> PyResult {
        compare(cx, Comparison::Ne, this, value)
    }
    #[method]
    fn __lt__(cx: &mut Cx, this: Gc<Deque>, value: Value) -> PyResult {
        compare(cx, Comparison::Lt, this, value)
    }
    #[method]
    fn __le__(cx: &mut Cx, this: Gc<Deque>, value: Value) -> PyResult {
        compare(cx, Comparison::Le, this, value)
    }
    #[method]
    fn __gt__(cx: &mut Cx, this: Gc<Deque>, value: Value) -> PyResult {
        compare(cx, Comparison::Gt, this, value)
    }
    #[method]
    fn __ge__(cx: &mut Cx, this: Gc<Deque>, value: Value) -> PyResult {
        compare(cx, Comparison::Ge, this, value)
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<Deque>) -> PyResult<String> {
        let Some(_guard) = object::enter_repr(cx, this.value()) else { return Ok("[...]".to_string()) };
        let items = list::from_iterable(cx, this.value())?;
        let items = crate::repr_text(cx, items.value())?;
        let class = class_of(cx, this.value());
        let limit = match this.limit.get() {
            usize::MAX => String::new(),
            limit => format!(", maxlen={limit}"),
        };
        Ok(format!("{}({items}{limit})", short_name(class)))
    }
    /// Return state information for pickling.
    #[method]
    fn __reduce__(cx: &mut Cx, this: Gc<Deque>) -> PyResult {
        let class = class_of(cx, this.value());
        let state = crate::state_of(cx, this.value())?;
        let arguments = match this.limit.get() {
            usize::MAX => cx.tuple(&[]),
            limit => {
                let empty = cx.tuple(&[]);
                let limit = int::from_i64(cx, limit as i64);
                cx.tuple(&[empty, limit])
            }
        };
        let items = operations::iterate(cx, this.value())?;
        Ok(cx.tuple(&[class.value(), arguments, state, items]))
    }
    /// Return the size of the deque in memory, in bytes.
    #[method]
    fn __sizeof__(this: Gc<Deque>) -> usize {
        size_of::<Deque>() + 8 * py_object::sequence::elements(&this.items.get()).len()
    }
}
