//! Core of `int`: small ints in the value word, larger ones as objects, conversions between the two.
//!
//! INVARIANT: an exact int that fits the value word is a small int. An instance of a subclass is always an object, however
//! small its number.

mod arithmetic;
mod bytes;
mod methods;
mod parse;

pub(crate) use arithmetic::compare_with_float;
pub use arithmetic::{arithmetic, compare, divide_floor, float_ratio, power_modulo};
pub use methods::{BOOL_METHODS, INT_METHODS};
pub use parse::{parse, text_of};

use crate::cx::{Cx, FALSE, PyResult, TRUE};
use crate::kinds::{Kind, shapes};
use crate::object::{byte_tail, fill_byte_tail, try_allocate_tail};
use crate::objects::{BigInt, Type};
use crate::operations::{HASH_MODULUS, as_small_int, hash_int};
use crate::string::{downcast, payload};
use crate::types::{class_name, is_instance, lookup_special};
use crate::{call, types};
use num_bigint::{BigInt as Big, BigUint, Sign};
use num_traits::ToPrimitive;
use vm_heap::{Gc, ShapeId, Value};

/// An int of 64 bits as a value.
#[inline]
pub fn from_i64(cx: &mut Cx, number: i64) -> Value {
    match Value::small_int(number) {
        Some(value) => value,
        None => object(cx, shapes::INT, number < 0, &number.unsigned_abs().to_le_bytes())
            .expect("memory for sixteen bytes")
            .value(),
    }
}

/// An int of 128 bits as a value.
#[inline]
pub fn from_i128(cx: &mut Cx, number: i128) -> Value {
    if let Ok(small) = i64::try_from(number) {
        return from_i64(cx, small);
    }
    let magnitude = number.unsigned_abs().to_le_bytes();
    object(cx, shapes::INT, number < 0, trimmed(&magnitude)).expect("memory for sixteen bytes").value()
}

/// An int of any size as a value: MemoryError where memory does not suffice.
pub fn from_big(cx: &mut Cx, number: &Big) -> PyResult {
    if let Some(small) = number.to_i64() {
        return Ok(from_i64(cx, small));
    }
    let (sign, magnitude) = number.to_bytes_le();
    match object(cx, shapes::INT, sign == Sign::Minus, &magnitude) {
        Some(object) => Ok(object.value()),
        None => Err(cx.raise(Kind::MEMORY_ERROR, "")),
    }
}

/// The int with a little-endian magnitude and a sign.
pub fn from_magnitude(cx: &mut Cx, magnitude: &[u8], negative: bool) -> PyResult {
    let sign = if negative { Sign::Minus } else { Sign::Plus };
    from_big(cx, &Big::from_biguint(sign, BigUint::from_bytes_le(magnitude)))
}

/// The little-endian magnitude of an int.
pub fn magnitude_of(int: Value) -> Vec<u8> {
    as_big(int).map(|number| number.to_bytes_le().1).unwrap_or_default()
}

fn trimmed(magnitude: &[u8]) -> &[u8] {
    let length = magnitude.iter().rposition(|byte| *byte != 0).map_or(0, |at| at + 1);
    &magnitude[..length]
}

fn object(cx: &mut Cx, shape: ShapeId, negative: bool, magnitude: &[u8]) -> Option<Gc<BigInt>> {
    let int = try_allocate_tail::<BigInt>(cx.mutator(), shape, magnitude.len())?;
    int.negative.init(negative);
    fill_byte_tail(int, magnitude);
    Some(int)
}

fn magnitude(int: &Gc<BigInt>) -> &[u8] {
    byte_tail(int, int.length.get().as_int() as usize)
}

/// Whether a value is an int, a bool or an instance of a subclass.
#[inline]
pub fn is_int(value: Value) -> bool {
    let value = payload(value);
    value.is_int() || value == TRUE || value == FALSE || downcast::<BigInt>(value).is_some()
}

/// The number of an int, bool or instance of a subclass that fits 64 bits.
#[inline]
pub fn as_i64(value: Value) -> Option<i64> {
    let value = payload(value);
    if let Some(small) = as_small_int(value) {
        return Some(small);
    }
    let int = downcast::<BigInt>(value)?;
    let bytes = trimmed(magnitude(&int));
    if bytes.len() > 8 {
        return None;
    }
    let mut word = [0; 8];
    word[..bytes.len()].copy_from_slice(bytes);
    let number = i128::from(u64::from_le_bytes(word));
    i64::try_from(if int.negative.get() { -number } else { number }).ok()
}

/// The number of any int.
pub fn as_big(value: Value) -> Option<Big> {
    let value = payload(value);
    if let Some(small) = as_small_int(value) {
        return Some(Big::from(small));
    }
    let int = downcast::<BigInt>(value)?;
    let sign = if int.negative.get() { Sign::Minus } else { Sign::Plus };
    Some(Big::from_biguint(sign, BigUint::from_bytes_le(magnitude(&int))))
}

/// Whether an int is negative.
pub fn is_negative(value: Value) -> bool {
    let value = payload(value);
    match as_small_int(value) {
        Some(small) => small < 0,
        None => downcast::<BigInt>(value).is_some_and(|int| int.negative.get()),
    }
}

/// An int with the same number and exactly the class `int`.
pub fn exact(cx: &mut Cx, value: Value) -> PyResult {
    let value = payload(value);
    if value.is_int() {
        return Ok(value);
    }
    if let Some(small) = as_i64(value) {
        return Ok(from_i64(cx, small));
    }
    if types::is_exactly(value, Kind::INT) {
        return Ok(value);
    }
    let number = as_big(value).expect("the caller passes an int");
    from_big(cx, &number)
}

/// An instance of `class`, a subclass of `int`, with the number of `value`.
pub fn of_class(cx: &mut Cx, class: Gc<Type>, value: Value) -> PyResult {
    let value = exact(cx, value)?;
    Ok(types::extend(cx, class, value))
}

/// `operator.index(value)`: an exact int.
pub fn index(cx: &mut Cx, value: Value) -> PyResult {
    if is_int(value) {
        return exact(cx, value);
    }
    match try_index(cx, value)? {
        Some(int) => Ok(int),
        None => {
            let message = format!("'{}' object cannot be interpreted as an integer", class_name(cx, value));
            Err(cx.type_error(message))
        }
    }
}

/// The same, or `None` where the class has no `__index__`.
pub fn try_index(cx: &mut Cx, value: Value) -> PyResult<Option<Value>> {
    if is_int(value) {
        return exact(cx, value).map(Some);
    }
    let Some(hook) = lookup_special(cx, value, "__index__") else { return Ok(None) };
    let result = call::call_special(cx, hook, value, &[], None)?;
    check_result(cx, result, "__index__")?;
    exact(cx, result).map(Some)
}

/// What a special method returned must be an int; an instance of a subclass is deprecated.
pub(crate) fn check_result(cx: &mut Cx, result: Value, method: &str) -> PyResult<()> {
    if result.is_int() || types::is_exactly(result, Kind::INT) {
        return Ok(());
    }
    let class = class_name(cx, result);
    if !is_int(result) {
        return Err(cx.type_error(format!("{method} returned non-int (type {class})")));
    }
    let message = format!(
        "{method} returned non-int (type {class}).  The ability to return an instance of a strict subclass of int \
         is deprecated, and may be removed in a future version of Python."
    );
    crate::warning::warn(cx, Kind::DEPRECATION_WARNING, &message)
}

/// How often a sequence is to be repeated: OverflowError beyond 64 bits.
pub fn repeat_count(cx: &mut Cx, value: Value) -> PyResult<i64> {
    let count = index(cx, value)?;
    match as_i64(count) {
        Some(count) => Ok(count),
        None => Err(cx.raise(Kind::OVERFLOW_ERROR, "cannot fit 'int' into an index-sized integer")),
    }
}

/// A bound of a slice, clamped to 64 bits.
pub fn slice_bound(cx: &mut Cx, value: Value) -> PyResult<i64> {
    match try_index(cx, value)? {
        Some(int) => Ok(clamped(int)),
        None => Err(cx.type_error("slice indices must be integers or None or have an __index__ method")),
    }
}

/// The number of an int, clamped to 64 bits.
pub fn clamped(int: Value) -> i64 {
    as_i64(int).unwrap_or(if is_negative(int) { i64::MIN } else { i64::MAX })
}

/// The subscript of a sequence: IndexError where it does not fit. `sequence` names the class for the TypeError.
pub fn sequence_index(cx: &mut Cx, key: Value, sequence: &str) -> PyResult<i64> {
    if key.is_int() {
        return Ok(key.as_int());
    }
    match try_index(cx, key)? {
        Some(int) => match as_i64(int) {
            Some(number) => Ok(number),
            None => Err(cx.raise(Kind::INDEX_ERROR, "cannot fit 'int' into an index-sized integer")),
        },
        None => {
            let message = format!("{sequence} indices must be integers or slices, not {}", class_name(cx, key));
            Err(cx.type_error(message))
        }
    }
}

/// An int as a float, rounded to nearest: OverflowError where it is too large.
pub fn to_float(cx: &mut Cx, value: Value) -> PyResult<f64> {
    if let Some(small) = as_i64(value) {
        return Ok(small as f64);
    }
    let number = as_big(value).and_then(|number| number.to_f64()).filter(|number| number.is_finite());
    number.ok_or_else(|| cx.raise(Kind::OVERFLOW_ERROR, "int too large to convert to float"))
}

/// Hash of an int of any size.
pub fn hash(value: Value) -> i64 {
    if let Some(small) = as_i64(value) {
        return hash_int(small);
    }
    let number = as_big(value).expect("the caller passes an int");
    let rest = number.magnitude() % (HASH_MODULUS as u64);
    let hash = rest.to_i64().expect("less than the modulus");
    let hash = if number.sign() == Sign::Minus { -hash } else { hash };
    if hash == -1 { -2 } else { hash }
}

/// Whether a value is an instance of `bool`.
pub fn is_bool(value: Value) -> bool {
    value == TRUE || value == FALSE
}

/// A value as an int for places that accept only ints (and subclasses).
pub fn expect_int(cx: &mut Cx, value: Value) -> PyResult {
    if is_instance(cx, value, Kind::INT) {
        return exact(cx, value);
    }
    index(cx, value)
}
