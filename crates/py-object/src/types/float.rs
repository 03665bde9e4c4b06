//! Core of `float`: text, conversions, division with Python's signs, rounding, hashing.

pub(crate) mod decimal;
mod hexadecimal;
mod methods;

pub use methods::FLOAT_METHODS;

use crate::cx::{Cx, PyResult};
use crate::kinds::Kind;
use crate::objects::{Str, Type};
use crate::operations::{HASH_MODULUS, as_float};
use crate::string::{StrExt, downcast, payload};
use crate::types::{self, class_name, int, lookup_special};
use crate::{call, operations};
use num_bigint::BigInt as Big;
use vm_heap::{Gc, Value};

/// The decimal digits of the shortest text that reads back as this finite number, and the position of the point
/// relative to their start.
pub fn shortest_digits(number: f64) -> (String, i32) {
    let mut buffer = zmij::Buffer::new();
    let text = buffer.format_finite(number.abs());
    let (mantissa, exponent) = match text.split_once('e') {
        Some((mantissa, exponent)) => (mantissa, exponent.parse().unwrap_or(0)),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut point = whole.len() as i32 + exponent;
    let digits = format!("{whole}{fraction}");
    let leading = digits.len() - digits.trim_start_matches('0').len();
    point -= leading as i32;
    let digits = digits.trim_matches('0');
    if digits.is_empty() { ("0".to_string(), 1) } else { (digits.to_string(), point) }
}

/// `repr(number)` where that is what `zmij` writes: numbers without an exponent.
#[inline]
fn plain_repr(buffer: &mut zmij::Buffer, number: f64) -> Option<&str> {
    let magnitude = number.abs();
    let plain = (1e-4..1e16).contains(&magnitude) || magnitude == 0.0;
    plain.then(|| buffer.format_finite(number))
}

/// `repr(number)` as a string.
pub fn str_of(cx: &mut Cx, number: f64) -> Gc<Str> {
    let mut buffer = zmij::Buffer::new();
    match plain_repr(&mut buffer, number) {
        Some(text) => Str::from_ascii(cx, text.as_bytes()),
        None => Str::from_ascii(cx, repr_of(number).as_bytes()),
    }
}

/// Appends `repr(number)`.
pub(crate) fn push_repr(text: &mut String, number: f64) {
    let mut buffer = zmij::Buffer::new();
    match plain_repr(&mut buffer, number) {
        Some(plain) => text.push_str(plain),
        None => text.push_str(&repr_of(number)),
    }
}

/// `repr(number)`.
pub fn repr_of(number: f64) -> String {
    let mut buffer = zmij::Buffer::new();
    if let Some(text) = plain_repr(&mut buffer, number) {
        return text.to_string();
    }
    if number.is_nan() {
        return "nan".to_string();
    }
    let sign = if number.is_sign_negative() { "-" } else { "" };
    if number.is_infinite() {
        return format!("{sign}inf");
    }
    let (digits, point) = shortest_digits(number);
    if !(-3..=16).contains(&point) {
        let (first, rest) = digits.split_at(1);
        let dot = if rest.is_empty() { "" } else { "." };
        let exponent = point - 1;
        let exponent_sign = if exponent < 0 { '-' } else { '+' };
        return format!("{sign}{first}{dot}{rest}e{exponent_sign}{:02}", exponent.abs());
    }
    if point <= 0 {
        return format!("{sign}0.{}{digits}", "0".repeat(-point as usize));
    }
    let point = point as usize;
    if digits.len() <= point {
        return format!("{sign}{digits}{}.0", "0".repeat(point - digits.len()));
    }
    format!("{sign}{}.{}", &digits[..point], &digits[point..])
}

/// The number that a text means as an argument of `float()`.
pub fn parse(text: &str) -> Option<f64> {
    let is_plain = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-');
    if text.bytes().all(is_plain) {
        return text.parse().ok();
    }
    let text = text.trim_matches(types::str::is_space);
    let mut plain = String::with_capacity(text.len());
    let mut previous = ' ';
    for character in text.chars() {
        if character == '_' {
            if !previous.is_ascii_digit() {
                return None;
            }
        } else {
            let character = match types::str::decimal_digit(character) {
                Some(digit) => char::from(b'0' + digit as u8),
                None => character,
            };
            if previous == '_' && !character.is_ascii_digit() {
                return None;
            }
            plain.push(character);
            previous = character;
            continue;
        }
        previous = character;
    }
    if previous == '_' {
        return None;
    }
    let unsigned = plain.trim_start_matches(['+', '-']);
    if plain.len() - unsigned.len() > 1 {
        return None;
    }
    let is_word = ["inf", "infinity", "nan"].iter().any(|word| unsigned.eq_ignore_ascii_case(word));
    if !is_word && !unsigned.bytes().all(|byte| byte.is_ascii_digit() || b".eE+-".contains(&byte)) {
        return None;
    }
    plain.parse().ok()
}

/// A value as a float where a real number is expected: TypeError for anything else.
pub fn real_number(cx: &mut Cx, value: Value) -> PyResult<f64> {
    if let Some(number) = number(value) {
        return Ok(number);
    }
    if int::is_int(value) {
        return int::to_float(cx, value);
    }
    match try_float(cx, value)? {
        Some(number) => Ok(number),
        None => {
            let message = format!("must be real number, not {}", class_name(cx, value));
            Err(cx.type_error(message))
        }
    }
}

/// Through `__float__` or `__index__`; `None` where the class has neither.
pub(crate) fn try_float(cx: &mut Cx, value: Value) -> PyResult<Option<f64>> {
    if let Some(hook) = lookup_special(cx, value, "__float__") {
        let result = call::call_special(cx, hook, value, &[], None)?;
        return match number(result) {
            Some(number) if as_float(result).is_some() => Ok(Some(number)),
            Some(number) => {
                let message = format!(
                    "{}.__float__ returned non-float (type {}).  The ability to return an instance of a strict \
                     subclass of float is deprecated, and may be removed in a future version of Python.",
                    class_name(cx, value),
                    class_name(cx, result)
                );
                crate::warning::warn(cx, Kind::DEPRECATION_WARNING, &message)?;
                Ok(Some(number))
            }
            None => {
                let message = format!(
                    "{}.__float__() must return a float, not {}",
                    class_name(cx, value),
                    class_name(cx, result)
                );
                Err(cx.type_error(message))
            }
        };
    }
    match int::try_index(cx, value)? {
        Some(number) => int::to_float(cx, number).map(Some),
        None => Ok(None),
    }
}

/// `float(value)`.
fn from_any(cx: &mut Cx, value: Value) -> PyResult<f64> {
    if value.is_float() {
        return Ok(value.as_float());
    }
    // An instance of a subclass of `str` may be a number as well.
    if !types::is_exactly(value, Kind::STR)
        && let Some(number) = try_float(cx, value)?
    {
        return Ok(number);
    }
    let number = if let Some(text) = downcast::<Str>(value) {
        text.as_str().and_then(parse)
    } else if let Some(view) = crate::buffer::ByteView::try_of(value) {
        std::str::from_utf8(view.bytes()).ok().map(str::to_string).as_deref().and_then(parse)
    } else {
        let message = format!("float() argument must be a string or a real number, not '{}'", class_name(cx, value));
        return Err(cx.type_error(message));
    };
    if let Some(number) = number {
        return Ok(number);
    }
    let shown = operations::repr(cx, value)?.to_text();
    Err(cx.value_error(format!("could not convert string to float: {shown}")))
}

/// An instance of `class`, a subclass of `float` or `float` itself.
pub(crate) fn of_class(cx: &mut Cx, class: Gc<Type>, number: f64) -> Value {
    let exact = cx.float(number);
    types::extend(cx, class, exact)
}

/// The number of a float or of an instance of a subclass.
#[inline]
pub fn number(value: Value) -> Option<f64> {
    as_float(payload(value))
}

/// A whole finite float as a big int.
pub fn to_big(number: f64) -> Option<Big> {
    num_traits::FromPrimitive::from_f64(number)
}

/// The int nearest to a float towards zero: ValueError for NaN, OverflowError for infinities.
pub fn to_int(cx: &mut Cx, number: f64) -> PyResult {
    if number.abs() < 9e18 {
        return Ok(int::from_i64(cx, number as i64));
    }
    if number.is_nan() {
        return Err(cx.value_error("cannot convert float NaN to integer"));
    }
    match to_big(number.trunc()) {
        Some(big) => int::from_big(cx, &big),
        None => Err(cx.raise(Kind::OVERFLOW_ERROR, "cannot convert float infinity to integer")),
    }
}

/// Floor quotient and remainder with the sign of the divisor; the divisor is not zero.
pub fn divide_floor(x: f64, y: f64) -> (f64, f64) {
    let mut rest = x % y;
    let mut quotient = (x - rest) / y;
    if rest != 0.0 {
        if (y < 0.0) != (rest < 0.0) {
            rest += y;
            quotient -= 1.0;
        }
    } else {
        rest = 0f64.copysign(y);
    }
    let quotient = if quotient != 0.0 {
        let floor = quotient.floor();
        if quotient - floor > 0.5 { floor + 1.0 } else { floor }
    } else {
        0f64.copysign(x / y)
    };
    (quotient, rest)
}

/// `x ** y` for floats.
pub fn power(cx: &mut Cx, x: f64, y: f64) -> PyResult {
    if x == 0.0 && y < 0.0 && y.is_finite() {
        return Err(cx.raise(Kind::ZERO_DIVISION_ERROR, "zero to a negative power"));
    }
    if x < 0.0 && x.is_finite() && y.is_finite() && y != y.floor() {
        return types::complex::checked_power(cx, (x, 0.0), (y, 0.0));
    }
    let result = x.powf(y);
    if result.is_infinite() && x.is_finite() && y.is_finite() {
        let text = Str::new(cx, "Numerical result out of range");
        let exception = crate::objects::Exception::new(cx, Kind::OVERFLOW_ERROR, &[Value::int(34), text.value()]);
        return Err(crate::exception::raise(cx, exception));
    }
    Ok(cx.float(result))
}

/// Rounds to a number of decimal places, correctly for the exact value, ties to even.
pub fn round_to(number: f64, places: i64) -> f64 {
    if !number.is_finite() || places > 323 {
        return number;
    }
    if places < -308 {
        return 0f64.copysign(number);
    }
    if places >= 0 {
        if let Some(rounded) = decimal::rounded(number, places as usize) {
            return rounded;
        }
        return format!("{number:.*}", places as usize).parse().unwrap_or(number);
    }
    // Digits before the point are rounded away: as many significant ones remain as the exponent leaves.
    let scientific = format!("{:e}", number);
    let exponent: i64 = scientific.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0);
    let kept = exponent + places;
    if kept >= 0 {
        return format!("{number:.*e}", kept as usize).parse().unwrap_or(number);
    }
    let unit: f64 = format!("1e{}", -places).parse().unwrap_or(f64::INFINITY);
    if kept == -1 && number.abs() > unit / 2.0 { unit.copysign(number) } else { 0f64.copysign(number) }
}

/// Hash of a number as CPython computes it, equal to that of an equal int; `None` for NaN.
pub fn hash_of(number: f64) -> Option<i64> {
    if number.is_nan() {
        return None;
    }
    if number.is_infinite() {
        return Some(if number > 0.0 { 314_159 } else { -314_159 });
    }
    const BITS: u32 = 61;
    const MODULUS: u64 = HASH_MODULUS as u64;
    let bits = number.abs().to_bits();
    let (mantissa, exponent) = match bits >> 52 {
        0 => (bits, -1074),
        biased => (bits & ((1 << 52) - 1) | 1 << 52, biased as i64 - 1075),
    };
    // 2 ** 61 is 1 modulo 2 ** 61 - 1, so that a power of two is a rotation of 61 bits.
    let rotation = exponent.rem_euclid(i64::from(BITS)) as u32;
    let reduced = mantissa % MODULUS;
    let rotated = (reduced << rotation & MODULUS) | reduced >> (BITS - rotation);
    let hash = (rotated % MODULUS) as i64;
    let hash = if number < 0.0 { -hash } else { hash };
    Some(if hash == -1 { -2 } else { hash })
}

/// The pair of ints whose ratio is exactly a finite number.
fn exact_ratio(number: f64) -> (Big, Big) {
    let bits = number.abs().to_bits();
    let (mantissa, exponent) = match bits >> 52 {
        0 => (bits, -1074),
        biased => (bits & ((1 << 52) - 1) | 1 << 52, biased as i64 - 1075),
    };
    let twos = if mantissa == 0 { 0 } else { mantissa.trailing_zeros() };
    let (mantissa, exponent) = if mantissa == 0 { (0, 0) } else { (mantissa >> twos, exponent + i64::from(twos)) };
    let mut numerator = Big::from(mantissa);
    if number < 0.0 {
        numerator = -numerator;
    }
    if exponent >= 0 {
        (numerator << exponent as u64, Big::from(1))
    } else {
        (numerator, Big::from(1) << -exponent as u64)
    }
}
