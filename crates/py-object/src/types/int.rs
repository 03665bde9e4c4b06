//! Core of `int`: small ints in the value word, larger ones as objects, conversions between the two.
//!
//! INVARIANT: an exact int that fits the value word is a small int. An instance of a subclass is always an object, however
//! small its number.

mod arithmetic;
mod bytes;
mod limbs;
mod methods;
mod operand;
mod parse;
mod power;

pub(crate) use arithmetic::compare_with_float;
pub use arithmetic::{arithmetic, compare, divide_floor, float_ratio};
pub use methods::{BOOL_METHODS, INT_METHODS};
use parse::parse_bytes;
pub use parse::{parse, str_of, text_of};
pub(crate) use parse::{text_of_i64, write_digits};
pub use power::power_modulo;

use crate::cx::{Cx, FALSE, PyResult, TRUE};
use crate::kinds::{Kind, shapes};
use crate::objects::{BigInt, Type};
use crate::operations::{as_small_int, hash_int};
use crate::string::{downcast, payload};
use crate::types::{class_name, is_instance, lookup_special};
use crate::{call, types};
use num_bigint::{BigInt as Big, Sign};
use num_traits::ToPrimitive;
use operand::{Operand, from_limbs, limbs_of, object};
use vm_heap::{Gc, Value};

/// An int of 64 bits as a value.
#[inline]
pub fn from_i64(cx: &mut Cx, number: i64) -> Value {
    match Value::small_int(number) {
        Some(value) => value,
        None => big_object(cx, number < 0, &[number.unsigned_abs()]),
    }
}

/// An int of 128 bits as a value.
#[inline]
pub fn from_i128(cx: &mut Cx, number: i128) -> Value {
    if let Ok(small) = i64::try_from(number) {
        return from_i64(cx, small);
    }
    let magnitude = number.unsigned_abs();
    let limbs = [magnitude as u64, (magnitude >> 64) as u64];
    big_object(cx, number < 0, limbs::trimmed(&limbs))
}

fn big_object(cx: &mut Cx, negative: bool, limbs: &[u64]) -> Value {
    object(cx, shapes::INT, negative, limbs).expect("memory for sixteen bytes").value()
}

/// An int of any size as a value: MemoryError where memory does not suffice.
pub fn from_big(cx: &mut Cx, number: &Big) -> PyResult {
    if let Some(small) = number.to_i64() {
        return Ok(from_i64(cx, small));
    }
    let limbs: Vec<u64> = number.iter_u64_digits().collect();
    from_limbs(cx, number.sign() == Sign::Minus, &limbs)
}

/// The int with a little-endian magnitude and a sign.
pub fn from_magnitude(cx: &mut Cx, magnitude: &[u8], negative: bool) -> PyResult {
    let (words, rest) = magnitude.as_chunks::<8>();
    let mut room = operand::Room::new(cx, words.len() + 1)?;
    for (limb, word) in room.iter_mut().zip(words) {
        *limb = u64::from_le_bytes(*word);
    }
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    room[words.len()] = u64::from_le_bytes(last);
    from_limbs(cx, negative, &room)
}

/// The little-endian magnitude of an int.
pub fn magnitude_of(int: Value) -> Vec<u8> {
    let Some(number) = Operand::new(int) else { return Vec::new() };
    let mut bytes: Vec<u8> = number.limbs().iter().flat_map(|limb| limb.to_le_bytes()).collect();
    // Zero has one byte.
    let length = bytes.iter().rposition(|byte| *byte != 0).map_or(1, |at| at + 1);
    bytes.resize(length, 0);
    bytes
}

/// Whether a value is an int, a bool or an instance of a subclass.
#[inline]
pub fn is_int(value: Value) -> bool {
    let value = payload(value);
    value.is_int() || value == TRUE || value == FALSE || downcast::<BigInt>(value).is_some()
}

/// Whether a value is an exact int, small or big.
#[inline(always)]
pub fn is_exact(value: Value) -> bool {
    value.is_int() || value.is_object() && types::shape_id(value) == shapes::INT
}

/// The number of an int, bool or instance of a subclass that fits 64 bits.
#[inline]
pub fn as_i64(value: Value) -> Option<i64> {
    let value = payload(value);
    if let Some(small) = as_small_int(value) {
        return Some(small);
    }
    let int = downcast::<BigInt>(value)?;
    match limbs_of(&int) {
        [limb] if int.negative.get() => i64::try_from(-i128::from(*limb)).ok(),
        [limb] => i64::try_from(*limb).ok(),
        _ => None,
    }
}

/// The number of an int that fits 64 bits without a sign.
pub fn as_u64(value: Value) -> Option<u64> {
    Operand::new(value)?.as_u64()
}

/// The number of any int.
pub fn as_big(value: Value) -> Option<Big> {
    Operand::new(value).map(|number| number.to_big())
}

/// How many bits the magnitude of an int has.
pub fn bit_length(value: Value) -> u64 {
    Operand::new(value).map_or(0, |number| limbs::bits(number.limbs()))
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
    let number = Operand::new(value).expect("the caller passes an int");
    from_limbs(cx, number.negative, number.limbs())
}

/// An instance of `class`, a subclass of `int`, with the number of `value`.
pub fn of_class(cx: &mut Cx, class: Gc<Type>, value: Value) -> PyResult {
    let value = exact(cx, value)?;
    Ok(types::extend(cx, class, value))
}

/// `operator.index(value)`: an exact int.
#[inline]
pub fn index(cx: &mut Cx, value: Value) -> PyResult {
    if value.is_int() {
        return Ok(value);
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
    let number = Operand::new(value).expect("the caller passes an int");
    match nearest_float(number.limbs()) {
        Some(magnitude) => Ok(if number.negative { -magnitude } else { magnitude }),
        None => Err(cx.raise(Kind::OVERFLOW_ERROR, "int too large to convert to float")),
    }
}

/// The float nearest to a trimmed magnitude of more than 64 bits, ties to even; `None` where it is too large.
fn nearest_float(limbs: &[u64]) -> Option<f64> {
    let bits = limbs::bits(limbs);
    if bits > 1024 {
        return None;
    }
    // The 64 bits at the top, the lowest of them set as well where anything below is.
    let (limb, bit) = ((bits - 64) as usize / 64, (bits % 64) as u32);
    let mut top = limbs[limb] >> bit;
    let mut lost = limbs[..limb].iter().any(|limb| *limb != 0);
    if bit != 0 {
        top |= limbs[limb + 1] << (64 - bit);
        lost |= limbs[limb] << (64 - bit) != 0;
    }
    let number = (top | u64::from(lost)) as f64 * f64::from_bits((bits - 64 + 1023) << 52);
    number.is_finite().then_some(number)
}

/// Hash of an int of any size.
pub fn hash(value: Value) -> i64 {
    if let Some(small) = as_i64(value) {
        return hash_int(small);
    }
    let number = Operand::new(value).expect("the caller passes an int");
    let rest = limbs::modulo_mersenne(number.limbs()) as i64;
    let hash = if number.negative { -rest } else { rest };
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
