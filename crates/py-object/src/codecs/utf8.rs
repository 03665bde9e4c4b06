//! UTF-8.

use super::errors::{Problem, Replacement, on_decode_error, on_encode_error, raise_encode};
use super::{Decoded, Handler, Input};
use crate::cx::{Cx, PyResult};
use crate::objects::{Bytes, Str};
use crate::string::{StrExt, bytes_of};
use crate::types::str::{code_points, push_code_point};
use vm_heap::Gc;

fn is_surrogate(code: u32) -> bool {
    (0xd800..0xe000).contains(&code)
}

/// Encodes.
pub fn encode(cx: &mut Cx, text: Gc<Str>, errors: Option<Gc<Str>>) -> PyResult<Gc<Bytes>> {
    if text.is_ascii() || text.as_str().is_some() {
        return Bytes::checked(cx, text.bytes());
    }
    let handler = Handler::named(errors);
    let codes: Vec<u32> = code_points(text.bytes()).collect();
    let mut result = Vec::with_capacity(text.bytes().len());
    let mut at = 0;
    while at < codes.len() {
        if !is_surrogate(codes[at]) {
            push_code_point(&mut result, codes[at]);
            at += 1;
            continue;
        }
        let end = at + codes[at..].iter().take_while(|code| is_surrogate(**code)).count();
        let problem = Problem { codec: "utf-8", start: at, end, reason: "surrogates not allowed" };
        let (replacement, next) = on_encode_error(cx, &handler, text, &codes, problem)?;
        match replacement {
            Replacement::Bytes(bytes) => result.extend_from_slice(&bytes),
            Replacement::Text(codes) => {
                for code in codes {
                    if code >= 0x80 {
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

/// Whether bytes could be the start of an encoded surrogate, which is an error only once its third byte is there.
fn is_half_surrogate(bytes: &[u8]) -> bool {
    matches!(bytes, [0xed, 0xa0..=0xbf])
}

/// Decodes; unless `last`, an incomplete sequence at the end is left.
pub fn decode(cx: &mut Cx, bytes: Gc<Bytes>, errors: Option<Gc<Str>>, last: bool) -> Decoded {
    let content = bytes_of(&bytes);
    if content.is_ascii() {
        let text = Str::build(cx, content.len(), content.len(), |place| place.copy_from_slice(content))?;
        return Ok((text, content.len()));
    }
    if std::str::from_utf8(content).is_ok() {
        return Ok((Str::checked(cx, content)?, content.len()));
    }
    let handler = Handler::named(errors);
    let mut input = Input::new(bytes);
    let mut result = Vec::with_capacity(input.content().len());
    let mut at = 0;
    while at < input.content().len() {
        let rest = &input.content()[at..];
        let error = match std::str::from_utf8(rest) {
            Ok(_) => {
                result.extend_from_slice(rest);
                at += rest.len();
                break;
            }
            Err(error) => error,
        };
        result.extend_from_slice(&rest[..error.valid_up_to()]);
        at += error.valid_up_to();
        let rest = &rest[error.valid_up_to()..];
        if !last && (error.error_len().is_none() || is_half_surrogate(rest)) {
            break;
        }
        let reason = match (error.error_len(), rest[0]) {
            (None, _) => "unexpected end of data",
            (_, 0x80..0xc2 | 0xf5..) => "invalid start byte",
            _ => "invalid continuation byte",
        };
        let end = at + error.error_len().unwrap_or(rest.len());
        let problem = Problem { codec: "utf-8", start: at, end, reason };
        at = on_decode_error(cx, &handler, &mut input, &mut result, problem)?;
    }
    Ok((Str::checked(cx, &result)?, at))
}
