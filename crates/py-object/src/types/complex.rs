//! `complex`: pairs of floats; arithmetic with reals goes by parts (as CPython since 3.14).

mod methods;
mod text;

pub use methods::COMPLEX_METHODS;

use crate::call;
use crate::cx::{Cx, PyResult};
use crate::kinds::{Kind, shapes};
use crate::object;
use crate::object::allocate;
use crate::operations::as_float;
use crate::string::{downcast, payload};
use crate::types::{class_name, int, lookup_special};
use vm_heap::Value;

object! {
    /// A complex number.
    pub struct Complex = 357 {
        /// Real part.
        real: f64,
        /// Imaginary part.
        imaginary: f64,
    }
}

/// Real and imaginary part.
pub type Parts = (f64, f64);

/// A new complex number.
pub fn new(cx: &mut Cx, (real, imaginary): Parts) -> Value {
    let complex = allocate::<Complex>(cx.mutator(), shapes::COMPLEX);
    complex.real.init(real);
    complex.imaginary.init(imaginary);
    complex.value()
}

/// The parts of a complex number or of an instance of a subclass.
pub fn parts(value: Value) -> Option<Parts> {
    downcast::<Complex>(value).map(|complex| (complex.real.get(), complex.imaginary.get()))
}

/// An operand: a complex number, or a real one that has no imaginary part at all.
#[derive(Clone, Copy)]
pub(crate) enum Operand {
    /// A complex number.
    Complex(Parts),
    /// A float or int.
    Real(f64),
}

/// A number as an operand; `None` where it is none.
pub(crate) fn operand(cx: &mut Cx, value: Value) -> PyResult<Option<Operand>> {
    if let Some(parts) = parts(value) {
        return Ok(Some(Operand::Complex(parts)));
    }
    if let Some(number) = as_float(payload(value)) {
        return Ok(Some(Operand::Real(number)));
    }
    if int::is_int(value) {
        return int::to_float(cx, value).map(|number| Some(Operand::Real(number)));
    }
    Ok(None)
}

impl Operand {
    /// As a complex number.
    pub fn parts(self) -> Parts {
        match self {
            Operand::Complex(parts) => parts,
            Operand::Real(real) => (real, 0.0),
        }
    }
}

/// The product, with infinities kept where the plain formula gives NaNs (C11, annex G).
pub fn product((a, b): Parts, (c, d): Parts) -> Parts {
    let (ac, bd, ad, bc) = (a * c, b * d, a * d, b * c);
    let (real, imaginary) = (ac - bd, ad + bc);
    if !real.is_nan() || !imaginary.is_nan() {
        return (real, imaginary);
    }
    let (mut a, mut b, mut c, mut d) = (a, b, c, d);
    let mut again = false;
    let one_or_zero = |part: f64| if part.is_infinite() { 1f64.copysign(part) } else { 0f64.copysign(part) };
    let no_nan = |part: f64| if part.is_nan() { 0f64.copysign(part) } else { part };
    if a.is_infinite() || b.is_infinite() {
        (a, b, c, d) = (one_or_zero(a), one_or_zero(b), no_nan(c), no_nan(d));
        again = true;
    }
    if c.is_infinite() || d.is_infinite() {
        (c, d, a, b) = (one_or_zero(c), one_or_zero(d), no_nan(a), no_nan(b));
        again = true;
    }
    if !again && [ac, bd, ad, bc].iter().any(|part| part.is_infinite()) {
        (a, b, c, d) = (no_nan(a), no_nan(b), no_nan(c), no_nan(d));
        again = true;
    }
    if !again {
        return (real, imaginary);
    }
    (f64::INFINITY * (a * c - b * d), f64::INFINITY * (a * d + b * c))
}

/// The quotient; `None` where the divisor is zero.
pub fn quotient((a, b): Parts, (c, d): Parts) -> Option<Parts> {
    let (real, imaginary) = if c.abs() >= d.abs() {
        if c == 0.0 && d == 0.0 {
            return None;
        }
        let ratio = d / c;
        let denominator = c + d * ratio;
        ((a + b * ratio) / denominator, (b - a * ratio) / denominator)
    } else if d.abs() >= c.abs() {
        let ratio = c / d;
        let denominator = c * ratio + d;
        ((a * ratio + b) / denominator, (b * ratio - a) / denominator)
    } else {
        (f64::NAN, f64::NAN)
    };
    if !real.is_nan() || !imaginary.is_nan() {
        return Some((real, imaginary));
    }
    let one_or_zero = |part: f64| if part.is_infinite() { 1f64.copysign(part) } else { 0f64.copysign(part) };
    if (a.is_infinite() || b.is_infinite()) && c.is_finite() && d.is_finite() {
        let (x, y) = (one_or_zero(a), one_or_zero(b));
        return Some((f64::INFINITY * (x * c + y * d), f64::INFINITY * (y * c - x * d)));
    }
    if (c.is_infinite() || d.is_infinite()) && a.is_finite() && b.is_finite() {
        let (x, y) = (one_or_zero(c), one_or_zero(d));
        return Some((0.0 * (a * x + b * y), 0.0 * (b * x - a * y)));
    }
    Some((real, imaginary))
}

/// A real number divided by a complex one; `None` where that is zero.
pub fn real_quotient(a: f64, (c, d): Parts) -> Option<Parts> {
    let (real, imaginary) = if c.abs() >= d.abs() {
        if c == 0.0 && d == 0.0 {
            return None;
        }
        let ratio = d / c;
        let denominator = c + d * ratio;
        (a / denominator, (-a * ratio) / denominator)
    } else if d.abs() >= c.abs() {
        let ratio = c / d;
        let denominator = c * ratio + d;
        ((a * ratio) / denominator, -a / denominator)
    } else {
        (f64::NAN, f64::NAN)
    };
    if real.is_nan() && imaginary.is_nan() && a.is_finite() && (c.is_infinite() || d.is_infinite()) {
        let one_or_zero = |part: f64| if part.is_infinite() { 1f64.copysign(part) } else { 0f64.copysign(part) };
        let (x, y) = (one_or_zero(c), one_or_zero(d));
        return Some((0.0 * (a * x), 0.0 * (-a * y)));
    }
    Some((real, imaginary))
}

/// Why a power has no value.
pub(crate) enum PowerError {
    /// Zero to a negative or complex power.
    Zero,
    /// Too large.
    Overflow,
}

/// `base ** exponent`.
pub(crate) fn power(base: Parts, exponent: Parts) -> Result<Parts, PowerError> {
    let small = exponent.1 == 0.0 && exponent.0 == exponent.0.floor() && exponent.0.abs() <= 100.0;
    let result = if small { integer_power(base, exponent.0 as i64)? } else { general_power(base, exponent)? };
    if result.0.is_infinite() || result.1.is_infinite() {
        return Err(PowerError::Overflow);
    }
    Ok(result)
}

fn integer_power(base: Parts, exponent: i64) -> Result<Parts, PowerError> {
    let mut result = (1.0, 0.0);
    let mut factor = base;
    let mut left = exponent.unsigned_abs();
    while left > 0 {
        if left & 1 != 0 {
            result = product(result, factor);
        }
        left >>= 1;
        factor = product(factor, factor);
    }
    if exponent >= 0 {
        return Ok(result);
    }
    quotient((1.0, 0.0), result).ok_or(PowerError::Zero)
}

fn general_power((a, b): Parts, (c, d): Parts) -> Result<Parts, PowerError> {
    if c == 0.0 && d == 0.0 {
        return Ok((1.0, 0.0));
    }
    if a == 0.0 && b == 0.0 {
        return if d != 0.0 || c < 0.0 { Err(PowerError::Zero) } else { Ok((0.0, 0.0)) };
    }
    let magnitude = a.hypot(b);
    let mut length = magnitude.powf(c);
    let angle = b.atan2(a);
    let mut phase = angle * c;
    if d != 0.0 {
        length *= (-angle * d).exp();
        phase += d * magnitude.ln();
    }
    if phase.is_infinite() {
        // CPython takes the domain error of the sine for a power of zero.
        return Err(PowerError::Zero);
    }
    Ok((length * phase.cos(), length * phase.sin()))
}

/// `base ** exponent`, or the exception that CPython raises.
pub fn checked_power(cx: &mut Cx, base: Parts, exponent: Parts) -> PyResult {
    match power(base, exponent) {
        Ok(result) => Ok(new(cx, result)),
        Err(PowerError::Zero) => Err(cx.raise(Kind::ZERO_DIVISION_ERROR, "zero to a negative or complex power")),
        Err(PowerError::Overflow) => Err(cx.raise(Kind::OVERFLOW_ERROR, "complex exponentiation")),
    }
}

/// What the `__complex__` of an object gives, if its class has one.
pub fn through_hook(cx: &mut Cx, value: Value) -> PyResult<Option<Parts>> {
    let Some(hook) = lookup_special(cx, value, "__complex__") else { return Ok(None) };
    let result = call::call_special(cx, hook, value, &[], None)?;
    match parts(result) {
        Some(parts) if crate::types::is_exactly(result, Kind::COMPLEX) => Ok(Some(parts)),
        Some(parts) => {
            let message = format!(
                "__complex__ returned non-complex (type {}).  The ability to return an instance of a strict subclass of \
                 complex is deprecated, and may be removed in a future version of Python.",
                class_name(cx, result)
            );
            crate::warning::warn(cx, Kind::DEPRECATION_WARNING, &message)?;
            Ok(Some(parts))
        }
        None => {
            let message = format!("__complex__ returned non-complex (type {})", class_name(cx, result));
            Err(cx.type_error(message))
        }
    }
}

/// The parts of any number: complex ones, those with `__complex__`, real ones.
pub fn from_number(cx: &mut Cx, value: Value) -> PyResult<Option<Parts>> {
    if let Some(parts) = parts(value) {
        return Ok(Some(parts));
    }
    if let Some(parts) = through_hook(cx, value)? {
        return Ok(Some(parts));
    }
    Ok(crate::types::float::try_float(cx, value)?.map(|real| (real, 0.0)))
}
