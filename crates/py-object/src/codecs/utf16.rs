//! UTF-16.

use super::errors::{Problem, Replacement, on_decode_error, on_encode_error, raise_encode};
use super::{Handler, Input};
use crate::cx::{Cx, PyResult};
use crate::objects::{Bytes, Str};
use crate::string::StrExt;
use crate::types::str::{code_points, push_code_point};
use vm_heap::Gc;

/// Order of bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// A mark at the start says it; little-endian where there is none.
    Marked,
    /// Lowest byte first.
    Little,
    /// Highest byte first.
    Big,
}

impl Order {
    /// From the number that the interface of codecs uses.
    pub fn from_number(number: i64) -> Order {
        match number {
            0 => Order::Marked,
            ..0 => Order::Little,
            _ => Order::Big,
        }
    }

    /// As that number.
    pub fn number(self) -> i64 {
        match self {
            Order::Marked => 0,
            Order::Little => -1,
            Order::Big => 1,
        }
    }
}

/// What a decoder of marked text gives.
pub struct Unicode {
    /// The text.
    pub text: Gc<Str>,
    /// How many bytes were used.
    pub used: usize,
    /// The order, as far as it is known now.
    pub order: Order,
}

fn push_unit(result: &mut Vec<u8>, unit: u16, order: Order) {
    match order {
        Order::Big => result.extend(unit.to_be_bytes()),
        _ => result.extend(unit.to_le_bytes()),
    }
}

fn push(result: &mut Vec<u8>, code: u32, order: Order) {
    match code.checked_sub(0x1_0000) {
        None => push_unit(result, code as u16, order),
        Some(rest) => {
            push_unit(result, 0xd800 | (rest >> 10) as u16, order);
            push_unit(result, 0xdc00 | (rest & 0x3ff) as u16, order);
        }
    }
}

/// Encodes.
pub fn encode(cx: &mut Cx, text: Gc<Str>, errors: Option<Gc<Str>>, order: Order) -> PyResult<Gc<Bytes>> {
    let handler = Handler::named(errors);
    let codec = match order {
        Order::Marked => "utf-16",
        Order::Little => "utf-16-le",
        Order::Big => "utf-16-be",
    };
    let codes: Vec<u32> = code_points(text.bytes()).collect();
    let mut result = Vec::with_capacity(2 * codes.len() + 2);
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
            Replacement::Bytes(bytes) if bytes.len().is_multiple_of(2) => result.extend_from_slice(&bytes),
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
            [0xff, 0xfe, ..] => (order, at) = (Order::Little, 2),
            [0xfe, 0xff, ..] => (order, at) = (Order::Big, 2),
            _ => {}
        }
    }
    let codec = if order == Order::Big { "utf-16-be" } else { "utf-16-le" };
    let mut result = Vec::with_capacity(input.content().len());
    while at < input.content().len() {
        let content = input.content();
        let unit = |at: usize| {
            let pair = [*content.get(at)?, *content.get(at + 1)?];
            Some(u32::from(if order == Order::Big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }))
        };
        let length = content.len();
        let (start, end, reason) = match (unit(at), unit(at + 2)) {
            (None, _) if !last => break,
            (None, _) => (at, length, "truncated data"),
            (Some(0xdc00..0xe000), _) => (at, at + 2, "illegal encoding"),
            (Some(high @ 0xd800..0xdc00), Some(low @ 0xdc00..0xe000)) => {
                push_code_point(&mut result, 0x1_0000 + ((high & 0x3ff) << 10 | (low & 0x3ff)));
                at += 4;
                continue;
            }
            (Some(0xd800..0xdc00), Some(_)) => (at, at + 2, "illegal UTF-16 surrogate"),
            (Some(0xd800..0xdc00), None) if !last => break,
            (Some(0xd800..0xdc00), None) => (at, length, "unexpected end of data"),
            (Some(code), _) => {
                push_code_point(&mut result, code);
                at += 2;
                continue;
            }
        };
        let problem = Problem { codec, start, end, reason };
        at = on_decode_error(cx, &handler, &mut input, &mut result, problem)?;
    }
    Ok(Unicode { text: Str::checked(cx, &result)?, used: at, order })
}
