//! UTF-32.

use super::errors::{Problem, Replacement, on_decode_error, on_encode_error, raise_encode};
use super::utf16::{Order, Unicode};
use super::{Handler, Input};
use crate::cx::{Cx, PyResult};
use crate::objects::{Bytes, Str};
use crate::string::StrExt;
use crate::types::str::{code_points, push_code_point};
use vm_heap::Gc;

fn push(result: &mut Vec<u8>, code: u32, order: Order) {
    match order {
        Order::Big => result.extend(code.to_be_bytes()),
        _ => result.extend(code.to_le_bytes()),
    }
}

/// Encodes.
pub fn encode(cx: &mut Cx, text: Gc<Str>, errors: Option<Gc<Str>>, order: Order) -> PyResult<Gc<Bytes>> {
    let handler = Handler::named(errors);
    let codec = match order {
        Order::Marked => "utf-32",
        Order::Little => "utf-32-le",
        Order::Big => "utf-32-be",
    };
    let codes: Vec<u32> = code_points(text.bytes()).collect();
    let mut result = Vec::with_capacity(4 * codes.len() + 4);
    if order == Order::Marked {
        push(&mut result, 0xfeff, order);
    }
    let mut at = 0;
    while at < codes.len() {
        if !(0xd800..0xe000).contains(&codes[at]) {
            push(&mut result, codes[at], order);
            at += 1;
            continue;
        }
        let problem = Problem { codec, start: at, end: at + 1, reason: "surrogates not allowed" };
        let (replacement, next) = on_encode_error(cx, &handler, text, &codes, problem)?;
        match replacement {
            Replacement::Bytes(bytes) if bytes.len().is_multiple_of(4) => result.extend_from_slice(&bytes),
            Replacement::Text(codes) if codes.iter().all(|code| *code < 0x80) => {
                codes.iter().for_each(|code| push(&mut result, *code, order));
            }
            _ => return Err(raise_encode(cx, text, problem)),
        }
        at = next;
    }
    Bytes::checked(cx, &result)
}

/// Decodes; unless `last`, what is incomplete at the end is left.
pub fn decode(cx: &mut Cx, bytes: Gc<Bytes>, errors: Option<Gc<Str>>, order: Order, last: bool) -> PyResult<Unicode> {
    let handler = Handler::named(errors);
    let mut input = Input::new(bytes);
    let mut order = order;
    let mut at = 0;
    if order == Order::Marked {
        match input.content() {
            [0xff, 0xfe, 0, 0, ..] => (order, at) = (Order::Little, 4),
            [0, 0, 0xfe, 0xff, ..] => (order, at) = (Order::Big, 4),
            _ => {}
        }
    }
    let codec = if order == Order::Big { "utf-32-be" } else { "utf-32-le" };
    let mut result = Vec::with_capacity(input.content().len() / 2);
    while at < input.content().len() {
        let content = input.content();
        let (end, reason) = match content.get(at..at + 4).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok()) {
            None if !last => break,
            None => (content.len(), "truncated data"),
            Some(bytes) => {
                let code = if order == Order::Big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) };
                match code {
                    0xd800..0xe000 => (at + 4, "code point in surrogate code point range(0xd800, 0xe000)"),
                    0x11_0000.. => (at + 4, "code point not in range(0x110000)"),
                    _ => {
                        push_code_point(&mut result, code);
                        at += 4;
                        continue;
                    }
                }
            }
        };
        let problem = Problem { codec, start: at, end, reason };
        at = on_decode_error(cx, &handler, &mut input, &mut result, problem)?;
    }
    Ok(Unicode { text: Str::checked(cx, &result)?, used: at, order })
}
