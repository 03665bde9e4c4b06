//! ASCII and ISO 8859-1: code points below a limit are a byte each.

use super::errors::{Problem, Replacement, on_decode_error, on_encode_error, raise_encode};
use super::{Handler, Input};
use crate::cx::{Cx, PyResult};
use crate::objects::{Bytes, Str};
use crate::string::{StrExt, bytes_of};
use crate::types::str::{code_points, push_code_point};
use vm_heap::Gc;

/// Name, limit and error text of a codec.
#[derive(Clone, Copy)]
pub struct Limit {
    codec: &'static str,
    limit: u32,
    reason: &'static str,
}

/// ASCII.
pub const ASCII: Limit = Limit { codec: "ascii", limit: 0x80, reason: "ordinal not in range(128)" };
/// ISO 8859-1.
pub const LATIN_1: Limit = Limit { codec: "latin-1", limit: 0x100, reason: "ordinal not in range(256)" };

/// Encodes.
pub fn encode(cx: &mut Cx, text: Gc<Str>, errors: Option<Gc<Str>>, limit: Limit) -> PyResult<Gc<Bytes>> {
    if text.is_ascii() {
        return Bytes::checked(cx, text.bytes());
    }
    let handler = Handler::named(errors);
    let codes: Vec<u32> = code_points(text.bytes()).collect();
    let mut result = Vec::with_capacity(codes.len());
    let mut at = 0;
    while at < codes.len() {
        if codes[at] < limit.limit {
            result.push(codes[at] as u8);
            at += 1;
            continue;
        }
        let end = at + codes[at..].iter().take_while(|code| **code >= limit.limit).count();
        let problem = Problem { codec: limit.codec, start: at, end, reason: limit.reason };
        let (replacement, next) = on_encode_error(cx, &handler, text, &codes, problem)?;
        match replacement {
            Replacement::Bytes(bytes) => result.extend_from_slice(&bytes),
            Replacement::Text(codes) => {
                for code in codes {
                    if code >= limit.limit {
                        return Err(raise_encode(cx, text, problem));
                    }
                    result.push(code as u8);
                }
            }
        }
        at = next;
    }
    Bytes::checked(cx, &result)
}

/// Decodes ASCII.
pub fn decode_ascii(cx: &mut Cx, bytes: Gc<Bytes>, errors: Option<Gc<Str>>) -> PyResult<Gc<Str>> {
    if bytes_of(&bytes).is_ascii() {
        let content = bytes_of(&bytes);
        return Str::checked(cx, content);
    }
    let handler = Handler::named(errors);
    let mut input = Input::new(bytes);
    let mut result = Vec::with_capacity(input.content().len());
    let mut at = 0;
    while at < input.content().len() {
        let byte = input.content()[at];
        if byte < 0x80 {
            result.push(byte);
            at += 1;
            continue;
        }
        let problem = Problem { codec: ASCII.codec, start: at, end: at + 1, reason: ASCII.reason };
        at = on_decode_error(cx, &handler, &mut input, &mut result, problem)?;
    }
    Str::checked(cx, &result)
}

/// Decodes ISO 8859-1, which cannot fail.
pub fn decode_latin_1(cx: &mut Cx, bytes: Gc<Bytes>) -> PyResult<Gc<Str>> {
    let content = bytes_of(&bytes);
    if content.is_ascii() {
        return Str::checked(cx, content);
    }
    let mut result = Vec::with_capacity(content.len() + content.len() / 2);
    content.iter().for_each(|byte| push_code_point(&mut result, u32::from(*byte)));
    Str::checked(cx, &result)
}
