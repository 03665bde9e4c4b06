//! `array` as a sequence: the special methods.

use super::methods::{extend, find, text};
use super::{bytes_of_range, code, code_of, item, iterator, of_bytes, set_item, splice};
use py_macros::py_methods;
use py_object::objects::{Slice, TypedArray};
use py_object::operations::{self, Comparison};
use py_object::types::{class_name, class_of, int, short_name, slice};
use py_object::{Cx, Kind, NOT_IMPLEMENTED, PyResult, bool_value, downcast};
use vm_heap::{Gc, Value};

/// The position that a subscript means, not checked against the end; `None` where it is before the start.
fn position(cx: &mut Cx, this: Gc<TypedArray>, key: Value) -> PyResult<Option<usize>> {
    let Some(number) = int::try_index(cx, key)? else {
        return Err(cx.type_error("array indices must be integers"));
    };
    let Some(number) = int::as_i64(number) else {
        return Err(cx.raise(Kind::INDEX_ERROR, "cannot fit 'int' into an index-sized integer"));
    };
    let number = if number < 0 { number + this.length.get() as i64 } else { number };
    Ok(usize::try_from(number).ok())
}

fn all_bytes(array: Gc<TypedArray>) -> Vec<u8> {
    bytes_of_range(array, 0, usize::MAX / 16)
}

/// The bytes of the items that a slice means.
fn slice_bytes(array: Gc<TypedArray>, range: slice::Resolved) -> Vec<u8> {
    let size = array.item_size.get();
    if range.step == 1 {
        return bytes_of_range(array, range.start as usize, range.start as usize + range.count);
    }
    let all = all_bytes(array);
    let mut bytes = Vec::with_capacity(range.count * size);
    for at in 0..range.count as i64 {
        let from = (range.start + at * range.step) as usize * size;
        bytes.extend_from_slice(all.get(from..from + size).unwrap_or(&[]));
    }
    bytes
}

/// Replaces what a slice means by items, or deletes it.
fn assign_slice(cx: &mut Cx, this: Gc<TypedArray>, slice: Gc<Slice>, value: Option<Value>) -> PyResult<()> {
    let new = match value {
        None => Vec::new(),
        Some(value) => {
            let Some(other) = downcast::<TypedArray>(value) else {
                let message = format!("can only assign array (not \"{}\") to array slice", class_name(cx, value));
                return Err(cx.type_error(message));
            };
            if code_of(other) != code_of(this) {
                return Err(cx.type_error("bad argument type for built-in operation"));
            }
            all_bytes(other)
        }
    };
    let range = slice::resolve(cx, slice, this.length.get())?;
    let size = this.item_size.get();
    if range.step == 1 {
        let from = range.start as usize;
        return splice(cx, this, from, from + range.count, &new);
    }
    let positions: Vec<usize> = (0..range.count as i64).map(|at| (range.start + at * range.step) as usize).collect();
    if value.is_none() {
        let all = all_bytes(this);
        let kept: Vec<u8> = all
            .chunks_exact(size)
            .enumerate()
            .filter(|(at, _)| !positions.contains(at))
            .flat_map(|(_, bytes)| bytes.to_vec())
            .collect();
        return splice(cx, this, 0, usize::MAX, &kept);
    }
    let count = new.len() / size;
    if count != range.count {
        let message = format!("attempt to assign array of size {count} to extended slice of size {}", range.count);
        return Err(cx.value_error(message));
    }
    super::with_bytes(this, |bytes| {
        for (at, item) in positions.iter().zip(new.chunks_exact(size)) {
            if let Some(place) = bytes.get_mut(at * size..(at + 1) * size) {
                place.copy_from_slice(item);
            }
        }
    });
    Ok(())
}

fn compare(cx: &mut Cx, comparison: Comparison, this: Gc<TypedArray>, other: Value) -> PyResult {
    let Some(other) = downcast::<TypedArray>(other) else { return Ok(NOT_IMPLEMENTED) };
    let lengths = (this.length.get(), other.length.get());
    let equality = matches!(comparison, Comparison::Eq | Comparison::Ne);
    if equality && lengths.0 != lengths.1 {
        return Ok(bool_value(comparison == Comparison::Ne));
    }
    // Ints of one kind are equal where their bytes are.
    if equality && code_of(this) == code_of(other) && code::is_integer(code_of(this)) {
        let same = all_bytes(this) == all_bytes(other);
        return Ok(bool_value(same == (comparison == Comparison::Eq)));
    }
    for at in 0..lengths.0.min(lengths.1) {
        let (Some(lhs), Some(rhs)) = (item(cx, this, at)?, item(cx, other, at)?) else { break };
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

/// The bytes of the array `count` times; `None` where `count` is no int.
fn repeated(cx: &mut Cx, this: Gc<TypedArray>, count: Value) -> PyResult<Option<Vec<u8>>> {
    let Some(count) = int::try_index(cx, count)? else { return Ok(None) };
    let Some(count) = int::as_i64(count) else {
        return Err(cx.raise(Kind::OVERFLOW_ERROR, "cannot fit 'int' into an index-sized integer"));
    };
    let bytes = all_bytes(this);
    let count = usize::try_from(count).unwrap_or(0);
    match bytes.len().checked_mul(count).filter(|total| *total < 1 << 40) {
        Some(_) => Ok(Some(bytes.repeat(count))),
        None => Err(cx.raise(Kind::MEMORY_ERROR, "")),
    }
}

fn assignment_out_of_range(cx: &mut Cx) -> py_object::Raised {
    cx.raise(Kind::INDEX_ERROR, "array assignment index out of range")
}

/// The special methods.
pub struct SequenceMethods;

#[py_methods(TYPED_ARRAY_SEQUENCE, name = "array")]
impl SequenceMethods {
    #[method]
    fn __len__(this: Gc<TypedArray>) -> usize {
        this.length.get()
    }
    #[method]
    fn __getitem__(cx: &mut Cx, this: Gc<TypedArray>, key: Value) -> PyResult {
        if let Some(slice) = downcast::<Slice>(key) {
            let range = slice::resolve(cx, slice, this.length.get())?;
            let bytes = slice_bytes(this, range);
            return Ok(of_bytes(cx, code_of(this), &bytes)?.value());
        }
        let found = match position(cx, this, key)? {
            Some(at) => item(cx, this, at)?,
            None => None,
        };
        found.ok_or_else(|| cx.raise(Kind::INDEX_ERROR, "array index out of range"))
    }
    #[method]
    fn __setitem__(cx: &mut Cx, this: Gc<TypedArray>, key: Value, value: Value) -> PyResult<()> {
        if let Some(slice) = downcast::<Slice>(key) {
            return assign_slice(cx, this, slice, Some(value));
        }
        match position(cx, this, key)? {
            Some(at) if at < this.length.get() && set_item(cx, this, at, value)? => Ok(()),
            _ => Err(assignment_out_of_range(cx)),
        }
    }
    #[method]
    fn __delitem__(cx: &mut Cx, this: Gc<TypedArray>, key: Value) -> PyResult<()> {
        if let Some(slice) = downcast::<Slice>(key) {
            return assign_slice(cx, this, slice, None);
        }
        match position(cx, this, key)? {
            Some(at) if at < this.length.get() => splice(cx, this, at, at + 1, &[]),
            _ => Err(assignment_out_of_range(cx)),
        }
    }
    #[method]
    fn __contains__(cx: &mut Cx, this: Gc<TypedArray>, key: Value) -> PyResult<bool> {
        Ok(find(cx, this, key, 0, usize::MAX)?.is_some())
    }
    #[method]
    fn __iter__(cx: &mut Cx, this: Gc<TypedArray>) -> Gc<iterator::ArrayIterator> {
        iterator::iterator(cx, this)
    }
    #[method]
    fn __add__(cx: &mut Cx, this: Gc<TypedArray>, value: Value) -> PyResult<Gc<TypedArray>> {
        let Some(other) = downcast::<TypedArray>(value) else {
            let message = format!("can only append array (not \"{}\") to array", class_name(cx, value));
            return Err(cx.type_error(message));
        };
        if code_of(other) != code_of(this) {
            return Err(cx.type_error("bad argument type for built-in operation"));
        }
        let mut bytes = all_bytes(this);
        bytes.extend(all_bytes(other));
        of_bytes(cx, code_of(this), &bytes)
    }
    #[method]
    fn __iadd__(cx: &mut Cx, this: Gc<TypedArray>, value: Value) -> PyResult<Gc<TypedArray>> {
        if downcast::<TypedArray>(value).is_none() {
            let message = format!("can only extend array with array (not \"{}\")", class_name(cx, value));
            return Err(cx.type_error(message));
        }
        extend(cx, this, value)?;
        Ok(this)
    }
    #[method]
    fn __mul__(cx: &mut Cx, this: Gc<TypedArray>, value: Value) -> PyResult {
        match repeated(cx, this, value)? {
            Some(bytes) => Ok(of_bytes(cx, code_of(this), &bytes)?.value()),
            None => Ok(NOT_IMPLEMENTED),
        }
    }
    #[method]
    fn __rmul__(cx: &mut Cx, this: Gc<TypedArray>, value: Value) -> PyResult {
        Self::__mul__(cx, this, value)
    }
    #[method]
    fn __imul__(cx: &mut Cx, this: Gc<TypedArray>, value: Value) -> PyResult {
        match repeated(cx, this, value)? {
            Some(bytes) => {
                splice(cx, this, 0, usize::MAX, &bytes)?;
                Ok(this.value())
            }
            None => Ok(NOT_IMPLEMENTED),
        }
    }
    #[method]
    fn __eq__(cx: &mut Cx, this: Gc<TypedArray>, value: Value) -> PyResult {
        compare(cx, Comparison::Eq, this, value)
    }
    #[method]
    fn __ne__(cx: &mut Cx, this: Gc<TypedArray>, value: Value) -> PyResult {
        compare(cx, Comparison::Ne, this, value)
    }
    #[method]
    fn __lt__(cx: &mut Cx, this: Gc<TypedArray>, value: Value) -> PyResult {
        compare(cx, Comparison::Lt, this, value)
    }
    #[method]
    fn __le__(cx: &mut Cx, this: Gc<TypedArray>, value: Value) -> PyResult {
        compare(cx, Comparison::Le, this, value)
    }
    #[method]
    fn __gt__(cx: &mut Cx, this: Gc<TypedArray>, value: Value) -> PyResult {
        compare(cx, Comparison::Gt, this, value)
    }
    #[method]
    fn __ge__(cx: &mut Cx, this: Gc<TypedArray>, value: Value) -> PyResult {
        compare(cx, Comparison::Ge, this, value)
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<TypedArray>) -> PyResult<String> {
        let class = class_of(cx, this.value());
        let (name, code) = (short_name(class), code_of(this) as char);
        if this.length.get() == 0 {
            return Ok(format!("{name}('{code}')"));
        }
        let items = if code::is_text(code_of(this)) {
            text(cx, this)?.value()
        } else {
            super::methods::to_list(cx, this)?.value()
        };
        Ok(format!("{name}('{code}', {})", crate::repr_text(cx, items)?))
    }
}
