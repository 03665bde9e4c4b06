//! Codecs given by a table.

use super::errors::{Problem, Replacement, on_decode_error, on_encode_error, raise_encode};
use super::{Handler, Input, single_byte};
use crate::cx::{Cx, NONE, PyResult};
use crate::kinds::Kind;
use crate::objects::{Bytes, Dict, Str};
use crate::operations;
use crate::string::{StrExt, bytes_of, downcast};
use crate::types::str::{code_points, push_code_point};
use crate::types::{class_name, int, is_instance};
use vm_heap::{Gc, Value};

const REASON: &str = "character maps to <undefined>";
/// In a table: nothing.
const UNDEFINED: u32 = 0xfffe;

/// An item of a mapping; `None` where it has none.
fn item(cx: &mut Cx, mapping: Value, key: u32) -> PyResult<Option<Value>> {
    let key = Value::int(i64::from(key));
    if let Some(dict) = downcast::<Dict>(mapping).filter(|_| crate::types::is_exactly(mapping, Kind::DICT)) {
        return Dict::get(cx, dict, key);
    }
    match operations::get_item(cx, mapping, key) {
        Ok(found) => Ok(Some(found)),
        Err(raised) if is_instance(cx, cx.raised.get(), Kind::LOOKUP_ERROR) => {
            let _ = raised;
            cx.take_raised();
            Ok(None)
        }
        Err(raised) => Err(raised),
    }
}

/// Appends what a byte means; false where it means nothing.
fn decode_one(cx: &mut Cx, mapping: Value, byte: u8, result: &mut Vec<u8>) -> PyResult<bool> {
    let Some(found) = item(cx, mapping, u32::from(byte))?.filter(|found| *found != NONE) else { return Ok(false) };
    if let Some(text) = downcast::<Str>(found) {
        let is_undefined = text.bytes() == "\u{fffe}".as_bytes();
        if !is_undefined {
            result.extend_from_slice(text.bytes());
        }
        return Ok(!is_undefined);
    }
    if !int::is_int(found) {
        return Err(cx.type_error("character mapping must return integer, None or str"));
    }
    match int::as_i64(found).and_then(|code| u32::try_from(code).ok()).filter(|code| *code < 0x11_0000) {
        Some(UNDEFINED) => Ok(false),
        Some(code) => {
            push_code_point(result, code);
            Ok(true)
        }
        None => Err(cx.type_error("character mapping must be in range(0x110000)")),
    }
}

/// Decodes by a table: text with a character per byte, or a mapping; None is ISO 8859-1.
pub fn decode(cx: &mut Cx, bytes: Gc<Bytes>, errors: Option<Gc<Str>>, mapping: Value) -> PyResult<Gc<Str>> {
    if mapping == NONE {
        return single_byte::decode_latin_1(cx, bytes);
    }
    let handler = Handler::named(errors);
    let table: Option<Vec<u32>> = downcast::<Str>(mapping).map(|table| code_points(table.bytes()).collect());
    let mut input = Input::new(bytes);
    let mut result = Vec::with_capacity(input.content().len());
    let mut at = 0;
    while let Some(byte) = input.content().get(at).copied() {
        let known = match &table {
            Some(table) => match table.get(byte as usize) {
                Some(code) if *code != UNDEFINED => {
                    push_code_point(&mut result, *code);
                    true
                }
                _ => false,
            },
            None => decode_one(cx, mapping, byte, &mut result)?,
        };
        if known {
            at += 1;
            continue;
        }
        let problem = Problem { codec: "charmap", start: at, end: at + 1, reason: REASON };
        at = on_decode_error(cx, &handler, &mut input, &mut result, problem)?;
    }
    Str::checked(cx, &result)
}

/// Appends the bytes of a code point; false where it has none.
fn encode_one(cx: &mut Cx, mapping: Value, code: u32, result: &mut Vec<u8>) -> PyResult<bool> {
    let Some(found) = item(cx, mapping, code)?.filter(|found| *found != NONE) else { return Ok(false) };
    if let Some(bytes) = downcast::<Bytes>(found) {
        result.extend_from_slice(bytes_of(&bytes));
        return Ok(true);
    }
    if !int::is_int(found) {
        let message = format!("character mapping must return integer, bytes or None, not {}", class_name(cx, found));
        return Err(cx.type_error(message));
    }
    match int::as_i64(found).and_then(|byte| u8::try_from(byte).ok()) {
        Some(byte) => {
            result.push(byte);
            Ok(true)
        }
        None => Err(cx.type_error("character mapping must be in range(256)")),
    }
}

/// Encodes by a mapping; None is ISO 8859-1.
pub fn encode(cx: &mut Cx, text: Gc<Str>, errors: Option<Gc<Str>>, mapping: Value) -> PyResult<Gc<Bytes>> {
    if mapping == NONE {
        return single_byte::encode(cx, text, errors, single_byte::LATIN_1);
    }
    let handler = Handler::named(errors);
    let codes: Vec<u32> = code_points(text.bytes()).collect();
    let mut result = Vec::with_capacity(codes.len());
    let mut scratch = Vec::new();
    let mut at = 0;
    while at < codes.len() {
        if encode_one(cx, mapping, codes[at], &mut result)? {
            at += 1;
            continue;
        }
        let mut end = at + 1;
        while end < codes.len() && !encode_one(cx, mapping, codes[end], &mut scratch)? {
            end += 1;
        }
        let problem = Problem { codec: "charmap", start: at, end, reason: REASON };
        let (replacement, next) = on_encode_error(cx, &handler, text, &codes, problem)?;
        match replacement {
            Replacement::Bytes(bytes) => result.extend_from_slice(&bytes),
            Replacement::Text(replacement) => {
                for code in replacement {
                    if !encode_one(cx, mapping, code, &mut result)? {
                        return Err(raise_encode(cx, text, problem));
                    }
                }
            }
        }
        at = next;
    }
    Bytes::checked(cx, &result)
}

/// The mapping that encodes what a table of characters decodes.
pub fn build(cx: &mut Cx, table: Gc<Str>) -> PyResult<Gc<Dict>> {
    let mapping = Dict::new(cx);
    let codes: Vec<u32> = code_points(table.bytes()).take(256).collect();
    // Ordinary tables only: CPython builds something else from others, where the mark is a character like any other.
    let is_ordinary = codes.first() == Some(&0) && codes[1..].iter().all(|code| (1..0x1_0000).contains(code));
    for (byte, code) in codes.into_iter().enumerate() {
        if code != UNDEFINED || !is_ordinary {
            Dict::set(cx, mapping, Value::int(i64::from(code)), Value::int(byte as i64))?;
        }
    }
    Ok(mapping)
}
