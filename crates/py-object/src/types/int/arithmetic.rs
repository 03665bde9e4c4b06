//! Arithmetic on ints: 64-bit numbers first, big ones through `num-bigint`.

use super::{as_big, as_i64, exact, from_big, from_i64, from_i128, is_int, to_float};
use crate::cx::{Cx, PyResult};
use crate::kinds::Kind;
use crate::operations::{BinaryOperator, Comparison};
use num_bigint::BigInt as Big;
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};
use std::cmp::Ordering;
use vm_heap::Value;

/// More bits than this in a result is taken as a want of memory.
const MOST_BITS: u64 = 1 << 36;

/// `lhs operator rhs` for two ints, `None` where one is no int or ints lack the operator.
pub fn arithmetic(cx: &mut Cx, operator: BinaryOperator, lhs: Value, rhs: Value) -> Option<PyResult> {
    match (as_i64(lhs), as_i64(rhs)) {
        (Some(x), Some(y)) => small(cx, operator, lhs, rhs, x, y),
        _ if is_int(lhs) && is_int(rhs) => big(cx, operator, lhs, rhs),
        _ => None,
    }
}

fn small(cx: &mut Cx, operator: BinaryOperator, lhs: Value, rhs: Value, x: i64, y: i64) -> Option<PyResult> {
    let (wide_x, wide_y) = (i128::from(x), i128::from(y));
    Some(Ok(match operator {
        BinaryOperator::Add => from_i128(cx, wide_x + wide_y),
        BinaryOperator::Sub => from_i128(cx, wide_x - wide_y),
        BinaryOperator::Mul => from_i128(cx, wide_x * wide_y),
        BinaryOperator::And => from_i64(cx, x & y),
        BinaryOperator::Or => from_i64(cx, x | y),
        BinaryOperator::Xor => from_i64(cx, x ^ y),
        BinaryOperator::FloorDiv | BinaryOperator::Mod if y == 0 => return Some(Err(division_by_zero(cx))),
        BinaryOperator::FloorDiv => from_i128(cx, Integer::div_floor(&wide_x, &wide_y)),
        BinaryOperator::Mod => from_i128(cx, wide_x.mod_floor(&wide_y)),
        BinaryOperator::RShift if y >= 0 => from_i64(cx, x >> y.min(63)),
        BinaryOperator::LShift if (0..64).contains(&y) => from_i128(cx, wide_x << y),
        BinaryOperator::TrueDiv => return Some(true_divide(cx, lhs, rhs)),
        BinaryOperator::Pow => return Some(power(cx, lhs, rhs)),
        _ => return big(cx, operator, lhs, rhs),
    }))
}

fn big(cx: &mut Cx, operator: BinaryOperator, lhs: Value, rhs: Value) -> Option<PyResult> {
    let (x, y) = (as_big(lhs)?, as_big(rhs)?);
    let result = match operator {
        BinaryOperator::Add => x + y,
        BinaryOperator::Sub => x - y,
        BinaryOperator::Mul => x * y,
        BinaryOperator::And => x & y,
        BinaryOperator::Or => x | y,
        BinaryOperator::Xor => x ^ y,
        BinaryOperator::FloorDiv | BinaryOperator::Mod if y.is_zero() => return Some(Err(division_by_zero(cx))),
        BinaryOperator::FloorDiv => x.div_floor(&y),
        BinaryOperator::Mod => x.mod_floor(&y),
        BinaryOperator::LShift | BinaryOperator::RShift => return Some(shift(cx, operator, x, &y)),
        BinaryOperator::TrueDiv => return Some(true_divide(cx, lhs, rhs)),
        BinaryOperator::Pow => return Some(power(cx, lhs, rhs)),
        BinaryOperator::MatMul => return None,
    };
    Some(from_big(cx, &result))
}

fn division_by_zero(cx: &mut Cx) -> vm_machine::Raised {
    cx.raise(Kind::ZERO_DIVISION_ERROR, "division by zero")
}

fn shift(cx: &mut Cx, operator: BinaryOperator, x: Big, y: &Big) -> PyResult {
    if y.is_negative() {
        return Err(cx.value_error("negative shift count"));
    }
    if operator == BinaryOperator::RShift {
        let result = match y.to_u64() {
            Some(count) if count < x.bits() => x >> count,
            _ if x.is_negative() => -Big::one(),
            _ => Big::zero(),
        };
        return from_big(cx, &result);
    }
    if x.is_zero() {
        return Ok(Value::int(0));
    }
    match y.to_u64() {
        Some(count) if count < MOST_BITS => from_big(cx, &(x << count)),
        _ => Err(cx.raise(Kind::MEMORY_ERROR, "")),
    }
}

/// `divmod(lhs, rhs)` for two ints.
pub fn divide_floor(cx: &mut Cx, lhs: Value, rhs: Value) -> PyResult<(Value, Value)> {
    if let (Some(x), Some(y)) = (as_i64(lhs), as_i64(rhs))
        && y != 0
    {
        let (quotient, rest) = i128::from(x).div_mod_floor(&i128::from(y));
        return Ok((from_i128(cx, quotient), from_i128(cx, rest)));
    }
    let x = as_big(lhs).expect("the caller passes ints");
    let y = as_big(rhs).expect("the caller passes ints");
    if y.is_zero() {
        return Err(division_by_zero(cx));
    }
    let (quotient, rest) = x.div_mod_floor(&y);
    let quotient = from_big(cx, &quotient)?;
    let rest = from_big(cx, &rest)?;
    Ok((quotient, rest))
}

fn true_divide(cx: &mut Cx, lhs: Value, rhs: Value) -> PyResult {
    const EXACT: u64 = 1 << 53;
    if let (Some(x), Some(y)) = (as_i64(lhs), as_i64(rhs))
        && x.unsigned_abs() <= EXACT
        && y.unsigned_abs() <= EXACT
        && y != 0
    {
        return Ok(cx.float(x as f64 / y as f64));
    }
    let x = as_big(lhs).expect("the caller passes ints");
    let y = as_big(rhs).expect("the caller passes ints");
    if y.is_zero() {
        return Err(division_by_zero(cx));
    }
    match float_ratio(&x, &y) {
        Some(number) => Ok(cx.float(number)),
        None => Err(cx.raise(Kind::OVERFLOW_ERROR, "integer division result too large for a float")),
    }
}

/// The float nearest to `x / y` (`y` not zero), or `None` where that is too large.
pub fn float_ratio(x: &Big, y: &Big) -> Option<f64> {
    if x.is_zero() {
        return Some(if y.is_negative() { -0.0 } else { 0.0 });
    }
    let negative = x.is_negative() != y.is_negative();
    let (numerator, denominator) = (x.magnitude(), y.magnitude());
    // Scale so that the quotient has 55 or 56 bits, fewer where the result is subnormal.
    let exponent = numerator.bits() as i64 - denominator.bits() as i64;
    if exponent > 1025 {
        return None;
    }
    let shift = (55 - exponent).min(1076);
    if exponent < -1100 {
        return Some(if negative { -0.0 } else { 0.0 });
    }
    let (quotient, rest) = if shift >= 0 {
        (numerator << shift as u64).div_rem(denominator)
    } else {
        numerator.div_rem(&(denominator << (-shift) as u64))
    };
    let mut bits = quotient.to_u64().expect("at most 57 bits");
    // The sticky bit keeps a tie apart from what lies just above it.
    if !rest.is_zero() {
        bits |= 1;
    }
    // Round to the 53 bits of a float, or to the last place of a subnormal one, and only once.
    let spare = (64 - bits.leading_zeros() as i64 - 53).max(shift - 1074);
    let mut result = bits;
    let mut scale = -shift;
    if spare > 0 {
        let half = 1u64 << (spare - 1);
        let below = bits & ((half << 1) - 1);
        result = bits >> spare;
        if below > half || (below == half && result & 1 == 1) {
            result += 1;
        }
        scale += spare;
    }
    let number = scale_by_power_of_two(result as f64, scale);
    if number.is_infinite() {
        return None;
    }
    Some(if negative { -number } else { number })
}

/// `number * 2 ** exponent` in steps that stay exact where the result is.
fn scale_by_power_of_two(mut number: f64, mut exponent: i64) -> f64 {
    let power = |exponent: i64| f64::from_bits(((exponent + 1023) as u64) << 52);
    while exponent > 1000 {
        number *= power(1000);
        exponent -= 1000;
    }
    while exponent < -1000 {
        number *= power(-1000);
        exponent += 1000;
    }
    number * power(exponent)
}

fn power(cx: &mut Cx, lhs: Value, rhs: Value) -> PyResult {
    let exponent = as_big(rhs).expect("the caller passes ints");
    if exponent.is_negative() {
        let base = to_float(cx, lhs)?;
        if base == 0.0 {
            return Err(cx.raise(Kind::ZERO_DIVISION_ERROR, "zero to a negative power"));
        }
        let exponent = to_float(cx, rhs)?;
        return Ok(cx.float(base.powf(exponent)));
    }
    if let (Some(base), Some(exponent)) = (as_i64(lhs), exponent.to_u32())
        && let Some(result) = i128::from(base).checked_pow(exponent)
    {
        return Ok(from_i128(cx, result));
    }
    let base = as_big(lhs).expect("the caller passes ints");
    if base.magnitude().is_one() {
        let odd = exponent.bit(0);
        return exact(cx, Value::int(if base.is_negative() && odd { -1 } else { 1 }));
    }
    match exponent.to_u32() {
        Some(exponent) if base.bits().saturating_mul(u64::from(exponent)) < MOST_BITS => {
            from_big(cx, &base.pow(exponent))
        }
        _ => Err(cx.raise(Kind::MEMORY_ERROR, "")),
    }
}

/// `pow(base, exponent, modulus)` for ints.
pub fn power_modulo(cx: &mut Cx, base: Value, exponent: Value, modulus: Value) -> PyResult {
    let parts = (as_big(base), as_big(exponent), as_big(modulus));
    let (Some(mut base), Some(mut exponent), Some(modulus)) = parts else {
        return Err(cx.type_error("pow() 3rd argument not allowed unless all arguments are integers"));
    };
    if modulus.is_zero() {
        return Err(cx.value_error("pow() 3rd argument cannot be 0"));
    }
    if exponent.is_negative() {
        let positive = modulus.abs();
        let found = base.mod_floor(&positive).extended_gcd(&positive);
        if !found.gcd.is_one() {
            return Err(cx.value_error("base is not invertible for the given modulus"));
        }
        base = found.x.mod_floor(&positive);
        exponent = -exponent;
    }
    // Takes the sign of the modulus, as `%` does.
    let result = base.modpow(&exponent, &modulus);
    from_big(cx, &result)
}

/// A comparison of two ints; `None` where one is no int.
pub fn compare(comparison: Comparison, lhs: Value, rhs: Value) -> Option<bool> {
    if let (Some(x), Some(y)) = (as_i64(lhs), as_i64(rhs)) {
        return Some(comparison.holds(x.cmp(&y)));
    }
    Some(comparison.holds(as_big(lhs)?.cmp(&as_big(rhs)?)))
}

/// How an int of any size compares to a finite float.
pub(crate) fn compare_with_float(int: Value, number: f64) -> Option<Ordering> {
    if let Some(small) = as_i64(int)
        && small.unsigned_abs() <= 1 << 53
    {
        return (small as f64).partial_cmp(&number);
    }
    let int = as_big(int)?;
    if number.is_nan() {
        return None;
    }
    if number.is_infinite() {
        return Some(if number > 0.0 { Ordering::Less } else { Ordering::Greater });
    }
    let whole = crate::types::float::to_big(number.trunc())?;
    Some(int.cmp(&whole).then_with(|| 0.0.partial_cmp(&number.fract()).unwrap_or(Ordering::Equal)))
}
