//! Arithmetic on ints: 64-bit numbers first, longer ones limb by limb, very long ones through `num-bigint`.

use super::limbs::{self, TwosComplement};
use super::operand::{Operand, Room, from_limbs, to_library};
use super::power::power;
use super::{as_big, as_i64, from_i64, from_i128};
use crate::cx::{Cx, PyResult};
use crate::kinds::Kind;
use crate::operations::{BinaryOperator, Comparison, as_small_int};
use crate::string::payload;
use num_bigint::BigInt as Big;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive, Zero};
use std::cmp::Ordering;
use vm_heap::Value;

/// More bits than this in a result is taken as a want of memory.
pub(super) const MOST_BITS: u64 = 1 << 36;

/// Where both factors have more limbs, the library multiplies faster.
const LIBRARY_FACTOR: usize = 32;

/// Where the divisor and the quotient have more limbs, the library divides faster.
const LIBRARY_DIVISOR: usize = 64;

/// `lhs operator rhs` for two ints, `None` where one is no int or ints lack the operator.
pub fn arithmetic(cx: &mut Cx, operator: BinaryOperator, lhs: Value, rhs: Value) -> Option<PyResult> {
    match (as_small_int(payload(lhs)), as_small_int(payload(rhs))) {
        (Some(x), Some(y)) => small(cx, operator, lhs, rhs, x, y),
        _ => big(cx, operator, lhs, rhs),
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
        BinaryOperator::FloorDiv => from_i128(cx, floor_parts(x, y).0),
        BinaryOperator::Mod => from_i64(cx, floor_parts(x, y).1),
        BinaryOperator::RShift if y >= 0 => from_i64(cx, x >> y.min(63)),
        BinaryOperator::LShift if (0..64).contains(&y) => from_i128(cx, wide_x << y),
        BinaryOperator::TrueDiv => return Some(true_divide(cx, lhs, rhs)),
        BinaryOperator::Pow => match u32::try_from(y).ok().and_then(|y| x.checked_pow(y)) {
            Some(result) => from_i64(cx, result),
            None => return Some(power(cx, lhs, rhs)),
        },
        _ => return big(cx, operator, lhs, rhs),
    }))
}

/// Any two ints. Up to [`LIBRARY_FACTOR`] limbs, what follows works on the limbs themselves; the library's faster algorithms for
/// long numbers need numbers of its own.
fn big(cx: &mut Cx, operator: BinaryOperator, lhs: Value, rhs: Value) -> Option<PyResult> {
    let (x, y) = (Operand::new(lhs)?, Operand::new(rhs)?);
    Some(match operator {
        BinaryOperator::Add => sum(cx, &x, &y, y.negative),
        BinaryOperator::Sub => sum(cx, &x, &y, !y.negative),
        BinaryOperator::Mul => product(cx, &x, &y),
        BinaryOperator::And => bitwise(cx, &x, &y, |x, y| x & y),
        BinaryOperator::Or => bitwise(cx, &x, &y, |x, y| x | y),
        BinaryOperator::Xor => bitwise(cx, &x, &y, |x, y| x ^ y),
        BinaryOperator::FloorDiv => divide(cx, &x, &y, Part::Quotient).map(|parts| parts.0),
        BinaryOperator::Mod => divide(cx, &x, &y, Part::Rest).map(|parts| parts.1),
        BinaryOperator::LShift | BinaryOperator::RShift => shift(cx, operator, &x, &y),
        BinaryOperator::TrueDiv => true_divide(cx, lhs, rhs),
        BinaryOperator::Pow => power(cx, lhs, rhs),
        BinaryOperator::MatMul => return None,
    })
}

fn division_by_zero(cx: &mut Cx) -> vm_machine::Raised {
    cx.raise(Kind::ZERO_DIVISION_ERROR, "division by zero")
}

/// `x + y`, with this sign for `y`.
#[inline]
fn sum(cx: &mut Cx, x: &Operand, y: &Operand, y_negative: bool) -> PyResult {
    let (mut long, mut short, mut negative) = (x.limbs(), y.limbs(), x.negative);
    if let (Some(x_wide), Some(y_wide)) = (limbs::as_u128(long), limbs::as_u128(short)) {
        let (result, third) = if negative == y_negative {
            x_wide.overflowing_add(y_wide)
        } else if x_wide >= y_wide {
            (x_wide - y_wide, false)
        } else {
            negative = y_negative;
            (y_wide - x_wide, false)
        };
        return from_limbs(cx, negative, &[result as u64, (result >> 64) as u64, u64::from(third)]);
    }
    if negative == y_negative {
        if long.len() < short.len() {
            std::mem::swap(&mut long, &mut short);
        }
        let mut room = Room::new(cx, long.len() + 1)?;
        limbs::add(&mut room, long, short);
        return from_limbs(cx, negative, &room);
    }
    if limbs::compare(long, short).is_lt() {
        std::mem::swap(&mut long, &mut short);
        negative = y_negative;
    }
    let mut room = Room::new(cx, long.len())?;
    limbs::subtract(&mut room, long, short);
    from_limbs(cx, negative, &room)
}

#[inline]
fn product(cx: &mut Cx, x: &Operand, y: &Operand) -> PyResult {
    let negative = x.negative != y.negative;
    let (x, y) = (x.limbs(), y.limbs());
    if let ([x], [y]) = (x, y) {
        let result = u128::from(*x) * u128::from(*y);
        return from_limbs(cx, negative, &[result as u64, (result >> 64) as u64]);
    }
    if x.len().min(y.len()) > LIBRARY_FACTOR {
        let product = to_library(x) * to_library(y);
        let limbs: Vec<u64> = product.iter_u64_digits().collect();
        return from_limbs(cx, negative, &limbs);
    }
    let mut room = Room::new(cx, x.len() + y.len())?;
    limbs::multiply(&mut room, x, y);
    from_limbs(cx, negative, &room)
}

#[inline]
fn bitwise(cx: &mut Cx, x: &Operand, y: &Operand, operation: impl Fn(u64, u64) -> u64) -> PyResult {
    let length = x.limbs().len().max(y.limbs().len()) + 1;
    if !x.negative
        && !y.negative
        && let (Some(x), Some(y)) = (limbs::as_u128(x.limbs()), limbs::as_u128(y.limbs()))
    {
        let (low, high) = (operation(x as u64, y as u64), operation((x >> 64) as u64, (y >> 64) as u64));
        return from_limbs(cx, false, &[low, high]);
    }
    let mut room = Room::new(cx, length)?;
    let mut x = TwosComplement::new(x.limbs(), x.negative);
    let mut y = TwosComplement::new(y.limbs(), y.negative);
    room.iter_mut().for_each(|limb| *limb = operation(x.take(), y.take()));
    let negative = room[length - 1] >> 63 != 0;
    if negative {
        limbs::negate(&mut room);
    }
    from_limbs(cx, negative, &room)
}

fn shift(cx: &mut Cx, operator: BinaryOperator, x: &Operand, y: &Operand) -> PyResult {
    if y.negative {
        return Err(cx.value_error("negative shift count"));
    }
    let bits = limbs::bits(x.limbs());
    if operator == BinaryOperator::RShift {
        let Some(count) = y.as_u64().filter(|count| *count < bits) else {
            return Ok(Value::int(if x.negative { -1 } else { 0 }));
        };
        if !x.negative
            && let Some(wide) = limbs::as_u128(x.limbs())
        {
            // The count is less than the bits, which are at most 128.
            let wide = wide >> count;
            return from_limbs(cx, false, &[wide as u64, (wide >> 64) as u64]);
        }
        let (limbs, bits) = ((count / 64) as usize, (count % 64) as u32);
        // Room for the carry of the rounding, which is towards minus infinity.
        let length = x.limbs().len() - limbs;
        let mut room = Room::new(cx, length + 1)?;
        let inexact = limbs::shift_right(&mut room[..length], x.limbs(), limbs, bits);
        if inexact && x.negative {
            limbs::increment(&mut room);
        }
        return from_limbs(cx, x.negative, &room);
    }
    if x.is_zero() {
        return Ok(Value::int(0));
    }
    let Some(count) = y.as_u64().filter(|count| *count < MOST_BITS) else {
        return Err(cx.raise(Kind::MEMORY_ERROR, ""));
    };
    if count < 64
        && let Some(wide) = limbs::as_u128(x.limbs())
    {
        let (low, middle) = ((wide << count) as u64, ((wide << count) >> 64) as u64);
        // In two steps, since a shift by all bits is none.
        let high = ((wide >> 64) as u64 >> 1) >> (63 - count);
        return from_limbs(cx, x.negative, &[low, middle, high]);
    }
    let (limbs, bits) = ((count / 64) as usize, (count % 64) as u32);
    let mut room = Room::new(cx, x.limbs().len() + limbs + 1)?;
    limbs::shift_left(&mut room, x.limbs(), limbs, bits);
    from_limbs(cx, x.negative, &room)
}

/// What of a division is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Quotient,
    Rest,
    Both,
}

/// Floor division: quotient and rest, a part that is not asked for being zero.
fn divide(cx: &mut Cx, x: &Operand, y: &Operand, part: Part) -> PyResult<(Value, Value)> {
    let (number, divisor) = (x.limbs(), y.limbs());
    let mut quotient = Room::new(cx, (number.len() + 2).saturating_sub(divisor.len()).max(2))?;
    let mut rest;
    match divisor {
        [] => return Err(division_by_zero(cx)),
        [divisor] => {
            quotient[..number.len()].copy_from_slice(number);
            rest = Room::new(cx, 1)?;
            rest[0] = limbs::divide_by_limb(&mut quotient, *divisor);
        }
        _ if limbs::compare(number, divisor).is_lt() => rest = Room::holding(cx, number, divisor.len())?,
        _ if divisor.len() > LIBRARY_DIVISOR && number.len() - divisor.len() > LIBRARY_DIVISOR => {
            let (whole, left) = to_library(number).div_rem(&to_library(divisor));
            quotient.iter_mut().zip(whole.iter_u64_digits()).for_each(|(limb, digit)| *limb = digit);
            rest = Room::new(cx, divisor.len())?;
            rest.iter_mut().zip(left.iter_u64_digits()).for_each(|(limb, digit)| *limb = digit);
        }
        [.., top] => {
            // The algorithm wants the divisor's top bit set; the rest is shifted back.
            let bits = top.leading_zeros();
            let mut scaled = Room::new(cx, divisor.len() + 1)?;
            limbs::shift_left(&mut scaled, divisor, 0, bits);
            let mut left = Room::new(cx, number.len() + 1)?;
            limbs::shift_left(&mut left, number, 0, bits);
            limbs::divide(&mut quotient, &mut left, &scaled[..divisor.len()]);
            rest = Room::new(cx, divisor.len())?;
            limbs::shift_right(&mut rest, &left[..divisor.len()], 0, bits);
        }
    }
    let differ = x.negative != y.negative;
    // Towards minus infinity: the rest has the sign of the divisor.
    if differ && rest.iter().any(|limb| *limb != 0) {
        limbs::increment(&mut quotient);
        let mut complement = Room::new(cx, divisor.len())?;
        limbs::subtract(&mut complement, divisor, limbs::trimmed(&rest));
        rest = complement;
    }
    let zero = Value::int(0);
    let quotient = if part == Part::Rest { zero } else { from_limbs(cx, differ, &quotient)? };
    let rest = if part == Part::Quotient { zero } else { from_limbs(cx, y.negative, &rest)? };
    Ok((quotient, rest))
}

/// `divmod(lhs, rhs)` for two ints.
pub fn divide_floor(cx: &mut Cx, lhs: Value, rhs: Value) -> PyResult<(Value, Value)> {
    if let (Some(x), Some(y)) = (as_i64(lhs), as_i64(rhs))
        && y != 0
    {
        let (quotient, rest) = floor_parts(x, y);
        return Ok((from_i128(cx, quotient), from_i64(cx, rest)));
    }
    let x = Operand::new(lhs).expect("the caller passes ints");
    let y = Operand::new(rhs).expect("the caller passes ints");
    divide(cx, &x, &y, Part::Both)
}

/// Floor division of two numbers of 64 bits, the divisor not zero: a quotient of 65 bits and the rest.
#[inline]
fn floor_parts(x: i64, y: i64) -> (i128, i64) {
    let (Some(quotient), Some(rest)) = (x.checked_div(y), x.checked_rem(y)) else {
        return (-i128::from(x), 0);
    };
    match rest != 0 && (rest < 0) != (y < 0) {
        true => (i128::from(quotient) - 1, rest + y),
        false => (i128::from(quotient), rest),
    }
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

/// A comparison of two ints; `None` where one is no int.
pub fn compare(comparison: Comparison, lhs: Value, rhs: Value) -> Option<bool> {
    if let (Some(x), Some(y)) = (as_small_int(lhs), as_small_int(rhs)) {
        return Some(comparison.holds(x.cmp(&y)));
    }
    let (x, y) = (Operand::new(lhs)?, Operand::new(rhs)?);
    let magnitudes = limbs::compare(x.limbs(), y.limbs());
    Some(comparison.holds(match (x.negative, y.negative) {
        (false, false) => magnitudes,
        (true, true) => magnitudes.reverse(),
        (x_negative, _) => {
            if x_negative {
                Ordering::Less
            } else {
                Ordering::Greater
            }
        }
    }))
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
