//! Powers of ints.

use super::arithmetic::MOST_BITS;
use super::{as_big, as_i64, exact, from_big, from_i128, is_negative, to_float};
use crate::cx::{Cx, PyResult};
use crate::kinds::Kind;
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};
use vm_heap::Value;

/// `lhs ** rhs` for two ints.
pub(super) fn power(cx: &mut Cx, lhs: Value, rhs: Value) -> PyResult {
    if is_negative(rhs) {
        let base = to_float(cx, lhs)?;
        if base == 0.0 {
            return Err(cx.raise(Kind::ZERO_DIVISION_ERROR, "zero to a negative power"));
        }
        let exponent = to_float(cx, rhs)?;
        return Ok(cx.float(base.powf(exponent)));
    }
    if let (Some(base), Some(exponent)) = (as_i64(lhs), as_i64(rhs))
        && let Ok(exponent) = u32::try_from(exponent)
        && let Some(result) = i128::from(base).checked_pow(exponent)
    {
        return Ok(from_i128(cx, result));
    }
    let base = as_big(lhs).expect("the caller passes ints");
    let exponent = as_big(rhs).expect("the caller passes ints");
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
    if let (Some(base), Some(exponent), Some(modulus)) = (as_i64(base), as_i64(exponent), as_i64(modulus))
        && exponent >= 0
        && modulus > 0
    {
        let modulus = modulus as u64;
        let base = i128::from(base).rem_euclid(i128::from(modulus)) as u64;
        return Ok(from_i128(cx, i128::from(power_of_limbs(base, exponent as u64, modulus))));
    }
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

fn power_of_limbs(mut base: u64, mut exponent: u64, modulus: u64) -> u64 {
    let times = |x: u64, y: u64| (u128::from(x) * u128::from(y) % u128::from(modulus)) as u64;
    let mut result = 1 % modulus;
    while exponent != 0 {
        if exponent & 1 != 0 {
            result = times(result, base);
        }
        base = times(base, base);
        exponent >>= 1;
    }
    result
}
