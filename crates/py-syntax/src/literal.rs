//! Values of literals that the tree does not hold in full.

use crate::ast::{Int, TextRange};

/// The code points of a piece of a string literal: those of `value`, in which the parser has put U+FFFD for every escaped lone
/// surrogate, with the surrogates put back. `range` is where the piece stands in the source, `raw` whether escapes mean nothing there.
pub fn code_points(source: &str, range: TextRange, value: &str, raw: bool) -> Vec<u32> {
    const REPLACEMENT: u32 = 0xFFFD;
    let mut points: Vec<u32> = value.chars().map(u32::from).collect();
    if raw || !points.contains(&REPLACEMENT) {
        return points;
    }
    let text = &source[range.start().to_usize()..range.end().to_usize()];
    let mut originals = replaced(text).into_iter();
    for point in points.iter_mut().filter(|point| **point == REPLACEMENT) {
        *point = originals.next().unwrap_or(REPLACEMENT);
    }
    points
}

/// What each U+FFFD of a literal's value was in its text: a surrogate, or truly U+FFFD.
fn replaced(text: &str) -> Vec<u32> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        rest = &rest[character.len_utf8()..];
        if character == '\u{FFFD}' {
            found.push(0xFFFD);
        }
        if character != '\\' {
            continue;
        }
        let Some(kind) = rest.chars().next() else { break };
        rest = &rest[kind.len_utf8()..];
        let digits = match kind {
            'u' => 4,
            'U' => 8,
            'N' if rest.to_ascii_uppercase().starts_with("{REPLACEMENT CHARACTER}") => {
                found.push(0xFFFD);
                continue;
            }
            '\u{FFFD}' => {
                found.push(0xFFFD);
                continue;
            }
            _ => continue,
        };
        let point = rest.get(..digits).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        if let Some(point @ (0xD800..=0xDFFF | 0xFFFD)) = point {
            found.push(point);
        }
    }
    found
}

/// The value of an int literal: as an `i64`, or as decimal digits if it is larger.
pub fn int(value: &Int) -> Result<i64, String> {
    if let Some(value) = value.as_i64() {
        return Ok(value);
    }
    let token = value.to_string().replace('_', "");
    let radix = match token.get(..2) {
        Some("0x" | "0X") => 16,
        Some("0o" | "0O") => 8,
        Some("0b" | "0B") => 2,
        _ => return Err(token),
    };
    Err(decimal(&token[2..], radix))
}

/// Digits of another radix as decimal digits.
fn decimal(digits: &str, radix: u32) -> String {
    const BASE: u64 = 1_000_000_000;
    let mut parts = vec![0u64]; // Least significant first.
    for digit in digits.chars().filter_map(|digit| digit.to_digit(radix)) {
        let mut carry = u64::from(digit);
        for part in &mut parts {
            carry += *part * u64::from(radix);
            *part = carry % BASE;
            carry /= BASE;
        }
        if carry > 0 {
            parts.push(carry);
        }
    }
    let mut text = parts.last().unwrap_or(&0).to_string();
    for part in parts.iter().rev().skip(1) {
        text.push_str(&format!("{part:09}"));
    }
    text
}
