//! `float.hex` and `float.fromhex`.

use crate::types::int::float_ratio;
use crate::types::str::is_space;
use num_bigint::BigInt as Big;

/// As C's `%a` writes it, with all digits.
pub(super) fn to_hex(number: f64) -> String {
    if !number.is_finite() {
        return super::repr_of(number);
    }
    let sign = if number.is_sign_negative() { "-" } else { "" };
    let bits = number.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    match bits >> 52 & 0x7ff {
        0 if fraction == 0 => format!("{sign}0x0.0p+0"),
        0 => format!("{sign}0x0.{fraction:013x}p-1022"),
        biased => {
            let exponent = biased as i64 - 1023;
            let exponent_sign = if exponent < 0 { '-' } else { '+' };
            format!("{sign}0x1.{fraction:013x}p{exponent_sign}{}", exponent.abs())
        }
    }
}

/// What a hexadecimal text means.
pub(super) enum Parsed {
    /// A number.
    Number(f64),
    /// One beyond the range of floats.
    TooLarge,
    /// Nothing.
    Invalid,
}

/// Reads `[sign] ["0x"] integer ["." fraction] ["p" exponent]`.
pub(super) fn from_hex(text: &str) -> Parsed {
    let text = text.trim_matches(is_space);
    let (negative, text) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let signed = |number: f64| Parsed::Number(if negative { -number } else { number });
    let lower = text.to_ascii_lowercase();
    match lower.as_str() {
        "inf" | "infinity" => return signed(f64::INFINITY),
        "nan" => return signed(f64::NAN),
        _ => {}
    }
    let lower = lower.strip_prefix("0x").unwrap_or(&lower);
    let (mantissa, exponent) = lower.split_once('p').map_or((lower, "0"), |(mantissa, exponent)| (mantissa, exponent));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let Ok(exponent) = exponent.parse::<i64>() else { return Parsed::Invalid };
    let Some(number) = (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .then(|| Big::parse_bytes(digits.as_bytes(), 16))
        .flatten()
    else {
        return Parsed::Invalid;
    };
    if number == Big::from(0) {
        return signed(0.0);
    }
    let exponent = exponent.saturating_sub(4 * fraction.len() as i64);
    let magnitude = exponent.saturating_add(number.bits() as i64);
    if magnitude > 1100 {
        return Parsed::TooLarge;
    }
    if magnitude < -1200 {
        return signed(0.0);
    }
    let ratio = if exponent >= 0 {
        float_ratio(&(number << exponent as u64), &Big::from(1))
    } else {
        float_ratio(&number, &(Big::from(1) << -exponent as u64))
    };
    ratio.map_or(Parsed::TooLarge, signed)
}
