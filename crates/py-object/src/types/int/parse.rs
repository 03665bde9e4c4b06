//! `int(text, base)` and the decimal text of ints, with the limit on digits that protects from quadratic time.

use super::{as_big, from_big, from_i64};
use crate::cx::{Cx, PyResult};
use crate::operations::as_small_int;
use crate::string::payload;
use num_bigint::{BigUint, Sign};
use std::f64::consts::LOG10_2;
use std::sync::atomic::Ordering;
use vm_heap::Value;

/// Ints of fewer bits than this never exceed the lowest limit that may be set (640 digits).
const ALWAYS_ALLOWED_BITS: u64 = 2100;

/// The decimal text of an int: ValueError beyond the limit.
pub fn text_of(cx: &mut Cx, value: Value) -> PyResult<String> {
    if let Some(small) = as_small_int(payload(value)) {
        return Ok(small.to_string());
    }
    let number = as_big(value).expect("the caller passes an int");
    let limit = cx.runtime.int_digits.load(Ordering::Relaxed);
    let refused = |cx: &mut Cx| {
        Err(cx.value_error(format!(
            "Exceeds the limit ({limit} digits) for integer string conversion; \
             use sys.set_int_max_str_digits() to increase the limit"
        )))
    };
    // The estimate spares the conversion of what is far beyond the limit.
    if limit != 0 && number.bits() > ALWAYS_ALLOWED_BITS && (number.bits() - 1) as f64 * LOG10_2 > limit as f64 + 1.0 {
        return refused(cx);
    }
    let text = number.to_string();
    if limit != 0 && number.bits() > ALWAYS_ALLOWED_BITS && text.trim_start_matches('-').len() > limit {
        return refused(cx);
    }
    Ok(text)
}

/// Digits and sign of a text of an int.
struct Literal {
    negative: bool,
    base: u32,
    digits: Vec<u8>,
}

/// The int that a text means in a base (0: as in source text). `Ok(None)` where it means none.
pub fn parse(cx: &mut Cx, text: &str, base: u32) -> PyResult<Option<Value>> {
    let Some(literal) = scan(text, base) else { return Ok(None) };
    let limit = cx.runtime.int_digits.load(Ordering::Relaxed);
    let count = literal.digits.len();
    if !literal.base.is_power_of_two() && limit != 0 && count > limit {
        return Err(cx.value_error(format!(
            "Exceeds the limit ({limit} digits) for integer string conversion: value has {count} digits; \
             use sys.set_int_max_str_digits() to increase the limit"
        )));
    }
    if count <= 11 {
        let number = literal.digits.iter().fold(0i64, |sum, digit| sum * i64::from(literal.base) + i64::from(*digit));
        return Ok(Some(from_i64(cx, if literal.negative { -number } else { number })));
    }
    let Some(magnitude) = BigUint::from_radix_be(&literal.digits, literal.base) else { return Ok(None) };
    let sign = if literal.negative { Sign::Minus } else { Sign::Plus };
    from_big(cx, &num_bigint::BigInt::from_biguint(sign, magnitude)).map(Some)
}

fn scan(text: &str, base: u32) -> Option<Literal> {
    let text = text.trim_matches(crate::types::str::is_space);
    let (negative, mut text) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let prefix = match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => 16,
        [b'0', b'o' | b'O', ..] => 8,
        [b'0', b'b' | b'B', ..] => 2,
        _ => 0,
    };
    let mut actual = base;
    if prefix != 0 && (base == 0 || base == prefix) {
        actual = prefix;
        text = &text[2..];
        // One underscore may follow the prefix.
        text = text.strip_prefix('_').unwrap_or(text);
    } else if base == 0 {
        actual = 10;
    }
    let mut digits = Vec::with_capacity(text.len());
    let mut previous_is_digit = false;
    for character in text.chars() {
        if character == '_' {
            if !previous_is_digit {
                return None;
            }
            previous_is_digit = false;
            continue;
        }
        let digit = match character.to_digit(36) {
            Some(digit) => digit,
            None => crate::types::str::decimal_digit(character)?,
        };
        if digit >= actual {
            return None;
        }
        digits.push(digit as u8);
        previous_is_digit = true;
    }
    if !previous_is_digit {
        return None;
    }
    // Source text has no leading zeros, except in zero itself.
    if base == 0 && prefix == 0 && digits[0] == 0 && digits.iter().any(|digit| *digit != 0) {
        return None;
    }
    let zeros = digits.iter().take_while(|digit| **digit == 0).count().min(digits.len() - 1);
    digits.drain(..zeros);
    Some(Literal { negative, base: actual, digits })
}
