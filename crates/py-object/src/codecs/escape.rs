//! Escapes: `unicode_escape`, `raw_unicode_escape`, and those of bytes.

use super::errors::{Problem, on_decode_error};
use super::{Decoded, Handler, Input};
use crate::cx::{Cx, PyResult};
use crate::objects::{Bytes, Str};
use crate::string::{StrExt, bytes_of};
use crate::types::str::{code_points, push_code_point};
use vm_heap::Gc;

/// What an escape that is no escape was: the text behind the backslash.
pub type Invalid = Option<String>;

/// How reading an escape ended.
enum Escape {
    /// A code point.
    Code(u32),
    /// Nothing at all.
    Nothing,
    /// No escape: backslash and character stay.
    Unknown,
    /// The input ends inside it.
    Incomplete(&'static str),
    /// It is wrong.
    Wrong(&'static str),
}

/// Reads `count` hexadecimal digits from `at` on, which moves behind what was read.
fn hexadecimal(content: &[u8], at: &mut usize, count: usize, message: &'static str) -> Result<u32, Escape> {
    let mut code: u32 = 0;
    for _ in 0..count {
        let Some(byte) = content.get(*at) else { return Err(Escape::Incomplete(message)) };
        let Some(digit) = (*byte as char).to_digit(16) else { return Err(Escape::Wrong(message)) };
        code = code << 4 | digit;
        *at += 1;
    }
    Ok(code)
}

fn digits_for(kind: u8) -> (usize, &'static str) {
    match kind {
        b'x' => (2, "truncated \\xXX escape"),
        b'u' => (4, "truncated \\uXXXX escape"),
        _ => (8, "truncated \\UXXXXXXXX escape"),
    }
}

/// `\N{name}`, from behind the `N` on.
fn named(content: &[u8], at: &mut usize) -> Escape {
    let malformed = "malformed \\N character escape";
    match content.get(*at) {
        None => return Escape::Incomplete(malformed),
        Some(b'{') => *at += 1,
        Some(_) => return Escape::Wrong(malformed),
    }
    let start = *at;
    while content.get(*at).is_some_and(|byte| *byte != b'}') {
        *at += 1;
    }
    if *at >= content.len() {
        return Escape::Incomplete(malformed);
    }
    if *at == start {
        return Escape::Wrong(malformed);
    }
    let name = String::from_utf8_lossy(&content[start..*at]).into_owned();
    *at += 1;
    let alias = || py_unicode::names::alias(&name).filter(|codes| codes.len() == 1).map(|codes| codes[0]);
    match py_unicode::names::code(&name).or_else(alias) {
        Some(code) => Escape::Code(code),
        None => Escape::Wrong("unknown Unicode character name"),
    }
}

/// The value of a simple escape.
fn simple(kind: u8) -> Option<u8> {
    Some(match kind {
        b'\\' | b'\'' | b'"' => kind,
        b'a' => 7,
        b'b' => 8,
        b't' => 9,
        b'n' => 10,
        b'v' => 11,
        b'f' => 12,
        b'r' => 13,
        _ => return None,
    })
}

/// Up to three octal digits from `at` on.
fn octal(content: &[u8], at: &mut usize) -> u32 {
    let mut code = 0;
    for _ in 0..3 {
        match content.get(*at) {
            Some(byte @ b'0'..=b'7') => code = code << 3 | u32::from(byte - b'0'),
            _ => break,
        }
        *at += 1;
    }
    code
}

/// Reads an escape from behind the backslash on.
fn read(content: &[u8], at: &mut usize) -> Escape {
    let Some(kind) = content.get(*at).copied() else { return Escape::Incomplete("\\ at end of string") };
    if let b'0'..=b'7' = kind {
        return Escape::Code(octal(content, at));
    }
    *at += 1;
    match kind {
        b'\n' => Escape::Nothing,
        b'x' | b'u' | b'U' => {
            let (count, message) = digits_for(kind);
            match hexadecimal(content, at, count, message) {
                Ok(0x11_0000..) => Escape::Wrong("illegal Unicode character"),
                Ok(code) => Escape::Code(code),
                Err(escape) => escape,
            }
        }
        b'N' => named(content, at),
        _ => match simple(kind) {
            Some(byte) => Escape::Code(u32::from(byte)),
            None => Escape::Unknown,
        },
    }
}

/// Decodes `unicode_escape`. The last part of the result is the first escape that is none.
pub fn decode_unicode(
    cx: &mut Cx,
    bytes: Gc<Bytes>,
    errors: Option<Gc<Str>>,
    last: bool,
) -> PyResult<(Gc<Str>, usize, Invalid)> {
    let handler = Handler::named(errors);
    let mut input = Input::new(bytes);
    let mut result = Vec::with_capacity(input.content().len());
    let mut invalid = None;
    let mut at = 0;
    while let Some(byte) = input.content().get(at).copied() {
        let start = at;
        at += 1;
        if byte != b'\\' {
            push_code_point(&mut result, u32::from(byte));
            continue;
        }
        let reason = match read(input.content(), &mut at) {
            Escape::Code(code) => {
                if code > 0o377 && matches!(input.content()[start + 1], b'0'..=b'7') && invalid.is_none() {
                    invalid = Some(format!("{code:o}"));
                }
                push_code_point(&mut result, code);
                continue;
            }
            Escape::Nothing => continue,
            Escape::Unknown => {
                let kind = input.content()[at - 1];
                invalid.get_or_insert_with(|| char::from(kind).to_string());
                result.push(b'\\');
                push_code_point(&mut result, u32::from(kind));
                continue;
            }
            Escape::Incomplete(_) if !last => {
                at = start;
                break;
            }
            Escape::Incomplete(reason) | Escape::Wrong(reason) => reason,
        };
        let problem = Problem { codec: "unicodeescape", start, end: at, reason };
        at = on_decode_error(cx, &handler, &mut input, &mut result, problem)?;
    }
    Ok((Str::checked(cx, &result)?, at, invalid))
}

/// Decodes `raw_unicode_escape`.
pub fn decode_raw_unicode(cx: &mut Cx, bytes: Gc<Bytes>, errors: Option<Gc<Str>>, last: bool) -> Decoded {
    let handler = Handler::named(errors);
    let mut input = Input::new(bytes);
    let mut result = Vec::with_capacity(input.content().len());
    let mut at = 0;
    while let Some(byte) = input.content().get(at).copied() {
        let start = at;
        at += 1;
        let next = input.content().get(at).copied();
        if byte != b'\\' || (next.is_none() && last) {
            push_code_point(&mut result, u32::from(byte));
            continue;
        }
        let reason = match next {
            None => {
                at = start;
                break;
            }
            Some(kind @ (b'u' | b'U')) => {
                at += 1;
                let (count, message) = digits_for(kind);
                match hexadecimal(input.content(), &mut at, count, message) {
                    Ok(0x11_0000..) => "\\Uxxxxxxxx out of range",
                    Ok(code) => {
                        push_code_point(&mut result, code);
                        continue;
                    }
                    Err(Escape::Incomplete(_)) if !last => {
                        at = start;
                        break;
                    }
                    Err(_) => message,
                }
            }
            Some(other) => {
                at += 1;
                result.push(b'\\');
                push_code_point(&mut result, u32::from(other));
                continue;
            }
        };
        let problem = Problem { codec: "rawunicodeescape", start, end: at, reason };
        at = on_decode_error(cx, &handler, &mut input, &mut result, problem)?;
    }
    Ok((Str::checked(cx, &result)?, at))
}

/// Encodes `unicode_escape`.
pub fn encode_unicode(cx: &mut Cx, text: Gc<Str>) -> PyResult<Gc<Bytes>> {
    let mut result = String::with_capacity(text.bytes().len());
    for code in code_points(text.bytes()) {
        match code {
            9 => result.push_str("\\t"),
            10 => result.push_str("\\n"),
            13 => result.push_str("\\r"),
            0x5c => result.push_str("\\\\"),
            0x20..0x7f => result.push(code as u8 as char),
            _ => crate::types::str::push_escape(&mut result, code),
        }
    }
    Bytes::checked(cx, result.as_bytes())
}

/// Encodes `raw_unicode_escape`.
pub fn encode_raw_unicode(cx: &mut Cx, text: Gc<Str>) -> PyResult<Gc<Bytes>> {
    let mut result = Vec::with_capacity(text.bytes().len());
    for code in code_points(text.bytes()) {
        if code < 256 {
            result.push(code as u8);
            continue;
        }
        let mut escape = String::new();
        crate::types::str::push_escape(&mut escape, code);
        result.extend_from_slice(escape.as_bytes());
    }
    Bytes::checked(cx, &result)
}

/// Decodes the escapes of bytes literals. The last part of the result is the first escape that is none.
pub fn decode_bytes(cx: &mut Cx, bytes: Gc<Bytes>, errors: Option<Gc<Str>>) -> PyResult<(Gc<Bytes>, Invalid)> {
    let content = bytes_of(&bytes);
    let mut result = Vec::with_capacity(content.len());
    let mut invalid = None;
    let mut at = 0;
    while let Some(byte) = content.get(at).copied() {
        let start = at;
        at += 1;
        if byte != b'\\' {
            result.push(byte);
            continue;
        }
        let Some(kind) = content.get(at).copied() else {
            return Err(cx.value_error("Trailing \\ in string"));
        };
        if let b'0'..=b'7' = kind {
            let code = octal(content, &mut at);
            if code > 0o377 {
                invalid.get_or_insert_with(|| format!("{code:o}"));
            }
            result.push(code as u8);
            continue;
        }
        at += 1;
        match kind {
            b'\n' => {}
            b'x' => match hexadecimal(content, &mut at, 2, "") {
                Ok(code) => result.push(code as u8),
                Err(_) => {
                    match errors.map_or_else(|| "strict".to_string(), |errors| errors.to_text()).as_str() {
                        "strict" => {
                            return Err(cx.value_error(format!("invalid \\x escape at position {start}")));
                        }
                        "replace" => result.push(b'?'),
                        "ignore" => {}
                        other => {
                            let message = format!("decoding error; unknown error handling code: {other}");
                            return Err(cx.value_error(message));
                        }
                    }
                    // One digit is skipped with the escape.
                    at = start + 2 + usize::from(content.get(start + 2).is_some_and(u8::is_ascii_hexdigit));
                }
            },
            _ => match simple(kind) {
                Some(byte) => result.push(byte),
                None => {
                    invalid.get_or_insert_with(|| char::from(kind).to_string());
                    result.extend([b'\\', kind]);
                }
            },
        }
    }
    Ok((Bytes::checked(cx, &result)?, invalid))
}

/// Escapes bytes as in a literal.
pub fn encode_bytes(cx: &mut Cx, bytes: Gc<Bytes>) -> PyResult<Gc<Bytes>> {
    let mut result = String::new();
    for byte in bytes_of(&bytes) {
        match byte {
            b'\'' | b'\\' => result.extend(['\\', *byte as char]),
            b'\t' => result.push_str("\\t"),
            b'\n' => result.push_str("\\n"),
            b'\r' => result.push_str("\\r"),
            0x20..0x7f => result.push(*byte as char),
            _ => result.push_str(&format!("\\x{byte:02x}")),
        }
    }
    Bytes::checked(cx, result.as_bytes())
}
