//! Text of complex numbers: `repr`, parsing, formatting.

use super::Parts;
use crate::cx::{Cx, PyResult};
use crate::objects::Str;
use crate::string::StrExt;
use crate::types::float;
use crate::types::format::{float_text, parsed};
use vm_heap::Gc;

/// A part without the `.0` that shows a float.
fn part_text(number: f64) -> String {
    let text = float::repr_of(number);
    text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_string)
}

/// `repr(real + imaginary * 1j)`.
pub(super) fn repr_of((real, imaginary): Parts) -> String {
    if real == 0.0 && real.is_sign_positive() {
        return format!("{}j", part_text(imaginary));
    }
    let shown = part_text(imaginary);
    let sign = if shown.starts_with('-') { "" } else { "+" };
    format!("({}{sign}{shown}j)", part_text(real))
}

/// The number that a text means as an argument of `complex()`.
pub(super) fn parse(text: &str) -> Option<Parts> {
    let text = text.trim_matches(crate::types::str::is_space);
    let inner = match text.strip_prefix('(') {
        Some(rest) => rest.strip_suffix(')')?.trim_matches(crate::types::str::is_space),
        None => text,
    };
    if inner.is_empty() || inner.chars().any(crate::types::str::is_space) {
        return None;
    }
    let Some(body) = inner.strip_suffix(['j', 'J']) else { return Some((float::parse(inner)?, 0.0)) };
    // The last sign that belongs to no exponent begins the imaginary part.
    let bytes = body.as_bytes();
    let split = (0..bytes.len())
        .rev()
        .find(|at| matches!(bytes[*at], b'+' | b'-') && !(*at > 0 && matches!(bytes[*at - 1], b'e' | b'E')));
    let imaginary = |text: &str| match text {
        "" | "+" => Some(1.0),
        "-" => Some(-1.0),
        text => float::parse(text),
    };
    match split {
        Some(at) if at > 0 => Some((float::parse(&body[..at])?, imaginary(&body[at..])?)),
        _ => Some((0.0, imaginary(body)?)),
    }
}

/// `complex.__format__`.
pub(super) fn format(cx: &mut Cx, (real, imaginary): Parts, specification: Gc<Str>) -> PyResult {
    if specification.bytes().is_empty() {
        return Ok(Str::new(cx, &repr_of((real, imaginary))).value());
    }
    let spec = parsed(cx, specification, |_| "complex".to_string(), '\0')?;
    if let Some(code) = spec.code
        && !"eEfFgGn".contains(code)
    {
        let message = format!("Unknown format code '{code}' for object of type 'complex'");
        return Err(cx.value_error(message));
    }
    if spec.fill == '0' {
        return Err(cx.value_error("Zero padding is not allowed in complex format specifier"));
    }
    if spec.align == Some('=') {
        return Err(cx.value_error("'=' alignment flag is not allowed in complex format specifier"));
    }
    let part = |number: f64, sign: Option<char>| {
        let text = match (spec.code, spec.precision) {
            (None, None) => part_text(number),
            (None, precision) => float_text(number, Some('g'), precision, spec.alternate),
            (code, precision) => float_text(number, code, precision, spec.alternate),
        };
        let is_zero = !text
            .bytes()
            .take_while(|byte| !matches!(byte, b'e' | b'E'))
            .any(|byte| matches!(byte, b'1'..=b'9' | b'n' | b'i'));
        let text = if spec.positive_zero && is_zero { text.trim_start_matches('-').to_string() } else { text };
        let text = grouped(&text, spec.grouping);
        match sign {
            Some(sign @ ('+' | ' ')) if !text.starts_with('-') => format!("{sign}{text}"),
            _ => text,
        }
    };
    let skip_real = spec.code.is_none() && real == 0.0 && real.is_sign_positive();
    let text = if skip_real {
        format!("{}j", part(imaginary, spec.sign))
    } else {
        let both = format!("{}{}j", part(real, spec.sign), part(imaginary, Some('+')));
        if spec.code.is_none() { format!("({both})") } else { both }
    };
    let (left, right) = spec.padding(text.chars().count(), '>');
    let mut result = String::new();
    (0..left).for_each(|_| result.push(spec.fill));
    result.push_str(&text);
    (0..right).for_each(|_| result.push(spec.fill));
    Ok(Str::checked(cx, result.as_bytes())?.value())
}

/// The digits before the point in groups of three.
fn grouped(text: &str, separator: Option<char>) -> String {
    let Some(separator) = separator else { return text.to_string() };
    let start = text.find(|character: char| character.is_ascii_digit()).unwrap_or(text.len());
    let end =
        text[start..].find(|character: char| !character.is_ascii_digit()).map_or(text.len(), |length| start + length);
    let digits = &text[start..end];
    let mut whole = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            whole.push(separator);
        }
        whole.push(digit);
    }
    format!("{}{whole}{}", &text[..start], &text[end..])
}

/// The value of a text argument: ValueError where it is malformed.
pub(super) fn from_text(cx: &mut Cx, text: Gc<Str>) -> PyResult<Parts> {
    match text.as_str().and_then(parse) {
        Some(parts) => Ok(parts),
        None => Err(cx.value_error("complex() arg is a malformed string")),
    }
}
