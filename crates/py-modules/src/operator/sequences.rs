//! Functions of `operator` on sequences and iterables.

use py_object::buffer::ByteView;
use py_object::objects::Str;
use py_object::operations::{self, BinaryOperator};
use py_object::types::{class_name, is_instance, lookup_special};
use py_object::{Cx, Kind, PyResult, StrExt, downcast};
use vm_heap::Value;

/// `lhs + rhs` for two sequences.
pub fn concatenate(cx: &mut Cx, lhs: Value, rhs: Value, in_place: bool) -> PyResult {
    if lookup_special(cx, lhs, "__getitem__").is_none() {
        let message = format!("'{}' object can't be concatenated", class_name(cx, lhs));
        return Err(cx.type_error(message));
    }
    operations::binary(cx, BinaryOperator::Add, lhs, rhs, in_place)
}

fn iterate(cx: &mut Cx, iterable: Value) -> PyResult {
    match operations::iterate(cx, iterable) {
        Ok(iterator) => Ok(iterator),
        Err(raised) => {
            if !is_instance(cx, cx.raised.get(), Kind::TYPE_ERROR) {
                return Err(raised);
            }
            cx.take_raised();
            let message = format!("argument of type '{}' is not iterable", class_name(cx, iterable));
            Err(cx.type_error(message))
        }
    }
}

/// The position of the first item that equals a value.
pub fn index_of(cx: &mut Cx, iterable: Value, value: Value) -> PyResult<usize> {
    let iterator = iterate(cx, iterable)?;
    let mut at = 0;
    while let Some(item) = operations::next(cx, iterator)? {
        if operations::equal(cx, item, value)? {
            return Ok(at);
        }
        at += 1;
    }
    Err(cx.value_error("sequence.index(x): x not in sequence"))
}

/// How many items equal a value.
pub fn count_of(cx: &mut Cx, iterable: Value, value: Value) -> PyResult<usize> {
    let iterator = iterate(cx, iterable)?;
    let mut count = 0;
    while let Some(item) = operations::next(cx, iterator)? {
        count += usize::from(operations::equal(cx, item, value)?);
    }
    Ok(count)
}

/// Whether two digests are equal, looking at all of their bytes.
pub fn compare_digest(cx: &mut Cx, lhs: Value, rhs: Value) -> PyResult<bool> {
    let same = |x: &[u8], y: &[u8]| {
        let difference = x.iter().zip(y).fold(0u8, |all, (x, y)| all | (x ^ y));
        std::hint::black_box(difference) == 0 && x.len() == y.len()
    };
    if let (Some(lhs), Some(rhs)) = (downcast::<Str>(lhs), downcast::<Str>(rhs)) {
        if !lhs.is_ascii() || !rhs.is_ascii() {
            return Err(cx.type_error("comparing strings with non-ASCII characters is not supported"));
        }
        return Ok(same(lhs.bytes(), rhs.bytes()));
    }
    match (ByteView::find(cx, lhs)?, ByteView::find(cx, rhs)?) {
        (Some(lhs), Some(rhs)) => Ok(same(lhs.bytes(), rhs.bytes())),
        (None, Some(_)) => ByteView::of(cx, lhs).map(|_| false),
        (Some(_), None) => ByteView::of(cx, rhs).map(|_| false),
        (None, None) => {
            let (lhs, rhs) = (class_name(cx, lhs), class_name(cx, rhs));
            let message = format!("unsupported operand types(s) or combination of types: '{lhs}' and '{rhs}'");
            Err(cx.type_error(message))
        }
    }
}
