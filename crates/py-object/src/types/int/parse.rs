//! `int(text, base)` and the decimal text of ints, with the limit on digits that protects from quadratic time.

use super::operand::{Operand, Room, from_limbs};
use super::{from_big, from_i64, limbs};
use crate::cx::{Cx, PyResult};
use crate::objects::Str;
use crate::operations::as_small_int;
use crate::string::payload;
use num_bigint::{BigUint, Sign};
use std::f64::consts::LOG10_2;
use std::sync::atomic::Ordering;
use vm_heap::{Gc, Value};

/// Ints of fewer bits than this never exceed the lowest limit that may be set (640 digits).
const ALWAYS_ALLOWED_BITS: u64 = 2100;

/// Most limbs that are turned into digits by dividing time and again; the library does better with more.
const MOST_LIMBS: usize = 30;

/// Most digits that are turned into limbs by multiplying time and again.
const MOST_DIGITS: usize = 400;

/// The largest power of ten that fits a limb, and its exponent.
const LIMB_OF_TENS: u64 = 10_000_000_000_000_000_000;
const DIGITS_PER_LIMB: usize = 19;

/// The digits of all numbers of two digits.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[0; 2]; 100];
    let mut at = 0;
    while at < 100 {
        pairs[at] = [b'0' + (at / 10) as u8, b'0' + (at % 10) as u8];
        at += 1;
    }
    pairs
};

/// Writes digits in front of `end`, no zeros before them, and returns where they begin: `end` for zero.
pub(crate) fn write_digits(text: &mut [u8], mut end: usize, mut number: u64) -> usize {
    while number >= 10 {
        end -= 2;
        text[end..end + 2].copy_from_slice(&PAIRS[(number % 100) as usize]);
        number /= 100;
    }
    if number > 0 {
        end -= 1;
        text[end] = b'0' + number as u8;
    }
    end
}

/// Room for the decimal text of a number of 64 bits.
pub(crate) type ShortText = [u8; 20];

/// The decimal text of a number of 64 bits.
#[inline]
pub(crate) fn text_of_i64(room: &mut ShortText, number: i64) -> &str {
    let magnitude = number.unsigned_abs();
    let mut start = write_digits(room, 20, magnitude);
    if magnitude == 0 {
        start -= 1;
        room[start] = b'0';
    }
    if number < 0 {
        start -= 1;
        room[start] = b'-';
    }
    // SAFETY: digits and a sign.
    unsafe { std::str::from_utf8_unchecked(&room[start..]) }
}

/// The decimal text of an int as a string: ValueError beyond the limit.
pub fn str_of(cx: &mut Cx, value: Value) -> PyResult<Gc<Str>> {
    if let Some(small) = as_small_int(payload(value)) {
        let mut room = [0; 20];
        return Ok(Str::from_ascii(cx, text_of_i64(&mut room, small).as_bytes()));
    }
    let number = Operand::new(value).expect("the caller passes an int");
    if number.limbs().len() <= FEW_LIMBS {
        return decimal_text::<{ room_for(FEW_LIMBS) }, _>(cx, &number, Str::from_ascii);
    }
    let text = text_of(cx, value)?;
    Str::checked(cx, text.as_bytes())
}

/// Limbs of most big ints.
const FEW_LIMBS: usize = 4;

/// Bytes that hold the text of that many limbs: twenty digits each, the sign, and a spare part.
const fn room_for(limbs: usize) -> usize {
    20 * (limbs + 1)
}

/// The decimal text of an int: ValueError beyond the limit.
pub fn text_of(cx: &mut Cx, value: Value) -> PyResult<String> {
    if let Some(small) = as_small_int(payload(value)) {
        let mut room = [0; 20];
        return Ok(text_of_i64(&mut room, small).to_string());
    }
    let number = Operand::new(value).expect("the caller passes an int");
    let bits = limbs::bits(number.limbs());
    if number.limbs().len() <= MOST_LIMBS {
        let to_string = |_: &mut Cx, text: &[u8]| std::str::from_utf8(text).expect("digits").to_string();
        return decimal_text::<{ room_for(MOST_LIMBS) }, _>(cx, &number, to_string);
    }
    let limit = cx.runtime.int_digits.load(Ordering::Relaxed);
    let refused = |cx: &mut Cx| {
        Err(cx.value_error(format!(
            "Exceeds the limit ({limit} digits) for integer string conversion; \
             use sys.set_int_max_str_digits() to increase the limit"
        )))
    };
    // The estimate spares the conversion of what is far beyond the limit.
    if limit != 0 && bits > ALWAYS_ALLOWED_BITS && (bits - 1) as f64 * LOG10_2 > limit as f64 + 1.0 {
        return refused(cx);
    }
    let text = number.to_big().to_string();
    if limit != 0 && bits > ALWAYS_ALLOWED_BITS && text.trim_start_matches('-').len() > limit {
        return refused(cx);
    }
    Ok(text)
}

/// Makes something of the decimal text of a number, for which there is room.
fn decimal_text<const ROOM: usize, T>(
    cx: &mut Cx,
    number: &Operand,
    make: impl FnOnce(&mut Cx, &[u8]) -> T,
) -> PyResult<T> {
    let length = number.limbs().len();
    let mut rest = Room::holding(cx, number.limbs(), length)?;
    let mut text = [b'0'; ROOM];
    let (mut start, mut used) = (text.len(), length);
    while used > 0 {
        let digits = limbs::divide_by_limb(&mut rest[..used], LIMB_OF_TENS);
        let end = start;
        start = write_digits(&mut text, end, digits);
        used = limbs::trimmed(&rest[..used]).len();
        if used > 0 {
            start = end - DIGITS_PER_LIMB;
        }
    }
    if number.negative {
        start -= 1;
        text[start] = b'-';
    }
    Ok(make(cx, &text[start..]))
}

/// Digits and sign of a text of an int.
struct Literal {
    negative: bool,
    base: u32,
    digits: Vec<u8>,
}

/// The same for the bytes of a text, which need not be UTF-8.
pub(super) fn parse_bytes(cx: &mut Cx, text: &[u8], base: u32) -> PyResult<Option<Value>> {
    if base == 10
        && let Some(number) = short_decimal(text)
    {
        return Ok(Some(Value::int(number)));
    }
    match std::str::from_utf8(text) {
        Ok(text) => parse(cx, text, base),
        Err(_) => Ok(None),
    }
}

/// The number of up to 18 digits with at most a sign in front.
#[inline]
fn short_decimal(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || digits.len() > 18 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = digits.iter().fold(0i64, |sum, digit| 10 * sum + i64::from(digit - b'0'));
    Some(if negative { -number } else { number })
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
    if count <= MOST_DIGITS {
        return from_digits(cx, &literal).map(Some);
    }
    let Some(magnitude) = BigUint::from_radix_be(&literal.digits, literal.base) else { return Ok(None) };
    let sign = if literal.negative { Sign::Minus } else { Sign::Plus };
    from_big(cx, &num_bigint::BigInt::from_biguint(sign, magnitude)).map(Some)
}

/// Multiplies and adds as many digits at a time as fit a limb.
fn from_digits(cx: &mut Cx, literal: &Literal) -> PyResult {
    let base = u64::from(literal.base);
    let digits_per_limb = (u64::MAX.ilog(base)) as usize;
    let mut room = Room::new(cx, literal.digits.len() / digits_per_limb + 2)?;
    let mut used = 0;
    for digits in literal.digits.chunks(digits_per_limb) {
        let part = digits.iter().fold(0, |sum, digit| sum * base + u64::from(*digit));
        let carry = limbs::scale(&mut room[..used], base.pow(digits.len() as u32), part);
        if carry != 0 {
            room[used] = carry;
            used += 1;
        }
    }
    from_limbs(cx, literal.negative, &room[..used])
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
