//! Logarithms of floats and of ints of any size.

use crate::math::repr_of;
use num_bigint::BigInt as Big;
use num_traits::{Signed, ToPrimitive};
use py_macros::py_functions;
use py_object::types::{float, int};
use py_object::{Cx, Kind, PyResult, UNBOUND};
use vm_heap::Value;

/// A logarithm of a positive int that is too large for a float: by its leading bits and its exponent.
fn of_big(number: &Big, logarithm: fn(f64) -> f64) -> f64 {
    let exponent = number.bits();
    // 64 leading bits are more than a float has.
    let shift = exponent.saturating_sub(64);
    let leading = (number >> shift).to_f64().unwrap_or(f64::MAX);
    let mantissa = leading / 2f64.powi((exponent - shift) as i32);
    logarithm(mantissa) + logarithm(2.0) * exponent as f64
}

fn logarithm(cx: &mut Cx, x: Value, function: fn(f64) -> f64) -> PyResult<f64> {
    if int::is_int(x) {
        let Some(big) = int::as_big(x).filter(Signed::is_positive) else {
            return Err(cx.value_error("expected a positive input"));
        };
        return Ok(match big.to_f64() {
            Some(number) if number.is_finite() => function(number),
            _ => of_big(&big, function),
        });
    }
    let number = float::real_number(cx, x)?;
    if number <= 0.0 {
        return Err(cx.value_error(format!("expected a positive input, got {}", repr_of(number))));
    }
    Ok(function(number))
}

/// The functions.
pub struct Functions;

#[py_functions("math")]
impl Functions {
    /// Return the logarithm of x to the given base, the natural one without it.
    #[function(transaction = Pure, signature = "")]
    fn log(cx: &mut Cx, x: Value, #[default(UNBOUND)] base: Value) -> PyResult<f64> {
        let numerator = logarithm(cx, x, f64::ln)?;
        if base == UNBOUND {
            return Ok(numerator);
        }
        let denominator = logarithm(cx, base, f64::ln)?;
        if denominator == 0.0 {
            return Err(cx.raise(Kind::ZERO_DIVISION_ERROR, "division by zero"));
        }
        Ok(numerator / denominator)
    }
    /// Return the base 2 logarithm of x.
    #[function(transaction = Pure)]
    fn log2(cx: &mut Cx, x: Value) -> PyResult<f64> {
        logarithm(cx, x, f64::log2)
    }
    /// Return the base 10 logarithm of x.
    #[function(transaction = Pure)]
    fn log10(cx: &mut Cx, x: Value) -> PyResult<f64> {
        logarithm(cx, x, f64::log10)
    }
}
