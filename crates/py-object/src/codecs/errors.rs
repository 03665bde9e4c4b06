//! What happens to what cannot be encoded or decoded.
//!
//! The standard handlers work without an exception object where a codec meets an error; `standard` has them as
//! functions.

use super::{Input, registry};
use crate::attribute;
use crate::call;
use crate::cx::{Cx, PyResult};
use crate::kinds::Kind;
use crate::objects::{Bytes, Exception, Str, Tuple};
use crate::sequence::tuple_items;
use crate::string::{StrExt, bytes_of, downcast};
use crate::types::int;
use crate::types::str::{code_points, push_code_point};
use vm_heap::{Gc, Value};
use vm_machine::Raised;

/// A handler by name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Handler {
    /// Raises.
    Strict,
    /// Leaves it out.
    Ignore,
    /// `?` or U+FFFD.
    Replace,
    /// `&#…;`.
    XmlCharacterReference,
    /// `\x..`, `\u....`.
    BackslashReplace,
    /// `\N{…}`.
    NameReplace,
    /// Bytes as lone surrogates.
    SurrogateEscape,
    /// Surrogates as they are.
    SurrogatePass,
    /// A registered one.
    Other(String),
}

const STANDARD: [&str; 8] = [
    "strict",
    "ignore",
    "replace",
    "xmlcharrefreplace",
    "backslashreplace",
    "namereplace",
    "surrogateescape",
    "surrogatepass",
];

/// Whether this is the name of a standard handler.
pub fn is_standard(name: &str) -> bool {
    STANDARD.contains(&name)
}

impl Handler {
    /// The handler that an argument names.
    pub fn named(errors: Option<Gc<Str>>) -> Handler {
        let Some(errors) = errors else { return Handler::Strict };
        match errors.bytes() {
            b"strict" => Handler::Strict,
            b"ignore" => Handler::Ignore,
            b"replace" => Handler::Replace,
            b"xmlcharrefreplace" => Handler::XmlCharacterReference,
            b"backslashreplace" => Handler::BackslashReplace,
            b"namereplace" => Handler::NameReplace,
            b"surrogateescape" => Handler::SurrogateEscape,
            b"surrogatepass" => Handler::SurrogatePass,
            _ => Handler::Other(errors.to_text()),
        }
    }
}

/// What a handler puts in the place of what could not be encoded.
pub enum Replacement {
    /// Bytes as they are.
    Bytes(Vec<u8>),
    /// Code points to encode.
    Text(Vec<u32>),
}

/// Where in a text or in bytes something is wrong, and what.
#[derive(Clone, Copy)]
pub struct Problem<'a> {
    /// Name of the codec.
    pub codec: &'a str,
    /// First position that is wrong.
    pub start: usize,
    /// First position behind that is not.
    pub end: usize,
    /// What is wrong.
    pub reason: &'a str,
}

fn new_exception(cx: &mut Cx, kind: Kind, object: Value, problem: Problem<'_>) -> PyResult {
    let codec = Str::new(cx, problem.codec).value();
    let reason = Str::new(cx, problem.reason).value();
    let class = cx.builtin_type(kind);
    let positions = [Value::int(problem.start as i64), Value::int(problem.end as i64)];
    call::call(cx, class.value(), &[codec, object, positions[0], positions[1], reason], None)
}

fn raise(cx: &mut Cx, kind: Kind, object: Value, problem: Problem<'_>) -> Raised {
    match new_exception(cx, kind, object, problem) {
        Ok(exception) => raise_object(cx, exception),
        Err(raised) => raised,
    }
}

pub(super) fn raise_object(cx: &mut Cx, exception: Value) -> Raised {
    match downcast::<Exception>(exception) {
        Some(exception) => crate::exception::raise(cx, exception),
        None => cx.type_error("codec must pass exception instance"),
    }
}

/// Raises UnicodeEncodeError.
pub fn raise_encode(cx: &mut Cx, text: Gc<Str>, problem: Problem<'_>) -> Raised {
    raise(cx, Kind::UNICODE_ENCODE_ERROR, text.value(), problem)
}

/// A code point as an escape.
fn push_backslash(result: &mut Vec<u32>, code: u32) {
    let mut text = String::new();
    crate::types::str::push_escape(&mut text, code);
    result.extend(text.bytes().map(u32::from));
}

fn push_named(result: &mut Vec<u32>, code: u32) {
    match py_unicode::names::name(code) {
        Some(name) => result.extend(format!("\\N{{{name}}}").bytes().map(u32::from)),
        None => push_backslash(result, code),
    }
}

pub(super) fn text_for(handler: &Handler, codes: &[u32]) -> Vec<u32> {
    let mut result = Vec::new();
    for code in codes {
        match handler {
            Handler::Replace => result.push(u32::from(b'?')),
            Handler::XmlCharacterReference => result.extend(format!("&#{code};").bytes().map(u32::from)),
            Handler::BackslashReplace => push_backslash(&mut result, *code),
            Handler::NameReplace => push_named(&mut result, *code),
            _ => {}
        }
    }
    result
}

/// How many bytes a surrogate takes in a codec, and whether the high one comes first.
fn surrogate_form(codec: &str) -> Option<(usize, bool)> {
    let plain = codec.to_ascii_lowercase().replace('_', "-");
    let rest = plain.strip_prefix("utf-").or_else(|| plain.strip_prefix("utf"))?;
    Some(match rest {
        "8" => (3, false),
        "16" | "16-le" | "16le" => (2, false),
        "16-be" | "16be" => (2, true),
        "32" | "32-le" | "32le" => (4, false),
        "32-be" | "32be" => (4, true),
        _ => return None,
    })
}

pub(super) fn passed_surrogates(codec: &str, codes: &[u32]) -> Option<Vec<u8>> {
    let (width, big) = surrogate_form(codec)?;
    let mut result = Vec::new();
    for code in codes {
        if !(0xd800..0xe000).contains(code) {
            return None;
        }
        match (width, big) {
            (3, _) => push_code_point(&mut result, *code),
            (2, true) => result.extend((*code as u16).to_be_bytes()),
            (2, false) => result.extend((*code as u16).to_le_bytes()),
            (_, true) => result.extend(code.to_be_bytes()),
            (_, false) => result.extend(code.to_le_bytes()),
        }
    }
    Some(result)
}

/// Asks a handler about code points that cannot be encoded: what to put there, and where to go on.
pub fn on_encode_error(
    cx: &mut Cx,
    handler: &Handler,
    text: Gc<Str>,
    codes: &[u32],
    problem: Problem<'_>,
) -> PyResult<(Replacement, usize)> {
    let (start, end) = (problem.start, problem.end);
    let bad = &codes[start..end];
    match handler {
        Handler::Strict => {}
        Handler::Ignore
        | Handler::Replace
        | Handler::XmlCharacterReference
        | Handler::BackslashReplace
        | Handler::NameReplace => return Ok((Replacement::Text(text_for(handler, bad)), end)),
        Handler::SurrogateEscape => {
            let escaped = bad.iter().take_while(|code| (0xdc80..0xdd00).contains(*code));
            let bytes: Vec<u8> = escaped.map(|code| (code - 0xdc00) as u8).collect();
            // A table is asked for all of them or none.
            if !bytes.is_empty() && (problem.codec != "charmap" || bytes.len() == bad.len()) {
                let next = start + bytes.len();
                return Ok((Replacement::Bytes(bytes), next));
            }
        }
        Handler::SurrogatePass => {
            if let Some(bytes) = passed_surrogates(problem.codec, bad) {
                return Ok((Replacement::Bytes(bytes), end));
            }
        }
        Handler::Other(name) => return ask_about_text(cx, name, text, codes.len(), problem),
    }
    Err(raise_encode(cx, text, problem))
}

fn ask_about_text(
    cx: &mut Cx,
    name: &str,
    text: Gc<Str>,
    length: usize,
    problem: Problem<'_>,
) -> PyResult<(Replacement, usize)> {
    let what = "encoding error handler must return (str/bytes, int)";
    let function = registry::lookup_handler(cx, name)?;
    let exception = new_exception(cx, Kind::UNICODE_ENCODE_ERROR, text.value(), problem)?;
    let answer = call::call(cx, function, &[exception], None)?;
    let (value, next) = position_in(cx, answer, what, length as i64)?;
    if let Some(text) = downcast::<Str>(value) {
        return Ok((Replacement::Text(code_points(text.bytes()).collect()), next));
    }
    match downcast::<Bytes>(value) {
        Some(bytes) => Ok((Replacement::Bytes(bytes_of(&bytes).to_vec()), next)),
        None => Err(cx.type_error(format!("{what} tuple"))),
    }
}

/// Asks a handler about bytes that cannot be decoded: appends what it puts there and returns where to go on.
pub(crate) fn on_decode_error(
    cx: &mut Cx,
    handler: &Handler,
    input: &mut Input,
    result: &mut Vec<u8>,
    problem: Problem<'_>,
) -> PyResult<usize> {
    let (start, end) = (problem.start, problem.end);
    let bad = &input.content()[start..end];
    match handler {
        Handler::Ignore => return Ok(end),
        Handler::Replace => {
            push_code_point(result, 0xfffd);
            return Ok(end);
        }
        Handler::BackslashReplace => {
            bad.iter().for_each(|byte| result.extend_from_slice(format!("\\x{byte:02x}").as_bytes()));
            return Ok(end);
        }
        Handler::SurrogateEscape => {
            // At most four bytes, none of ASCII.
            let escaped = escapable(bad);
            if escaped > 0 {
                bad[..escaped].iter().for_each(|byte| push_code_point(result, 0xdc00 + u32::from(*byte)));
                return Ok(start + escaped);
            }
        }
        Handler::SurrogatePass => {
            if let Some((code, width)) = passed_in(problem.codec, &input.content()[start..]) {
                push_code_point(result, code);
                return Ok(start + width);
            }
        }
        Handler::XmlCharacterReference | Handler::NameReplace => {
            let message = "don't know how to handle UnicodeDecodeError in error callback";
            return Err(cx.type_error(message));
        }
        Handler::Strict => {}
        Handler::Other(name) => {
            let function = registry::lookup_handler(cx, name)?;
            let object = input.bytes.value();
            let exception = new_exception(cx, Kind::UNICODE_DECODE_ERROR, object, problem)?;
            let what = "decoding error handler must return (str, int)";
            let answer = call::call(cx, function, &[exception], None)?;
            // The handler may have put other bytes there.
            let field = cx.intern("object");
            let object = attribute::get(cx, exception, field)?;
            match downcast::<Bytes>(object) {
                Some(object) => input.bytes = object,
                None => return Err(cx.type_error("UnicodeError 'object' attribute must be a bytes")),
            }
            let (value, next) = position_in(cx, answer, what, input.content().len() as i64)?;
            return match downcast::<Str>(value) {
                Some(text) => {
                    result.extend_from_slice(text.bytes());
                    Ok(next)
                }
                None => Err(cx.type_error(format!("{what} tuple"))),
            };
        }
    }
    let object = input.bytes.value();
    Err(raise(cx, Kind::UNICODE_DECODE_ERROR, object, problem))
}

pub(super) fn escapable(bytes: &[u8]) -> usize {
    bytes.iter().take(4).take_while(|byte| **byte >= 0x80).count()
}

/// A surrogate at the start of bytes, in the form of a codec, and how many bytes it takes.
pub(super) fn passed_in(codec: &str, bytes: &[u8]) -> Option<(u32, usize)> {
    let (width, big) = surrogate_form(codec)?;
    let bytes = bytes.get(..width)?;
    let code = match (bytes, big) {
        ([first, second, third], _) => {
            if first & 0xf0 != 0xe0 || second & 0xc0 != 0x80 || third & 0xc0 != 0x80 {
                return None;
            }
            u32::from(first & 15) << 12 | u32::from(second & 63) << 6 | u32::from(third & 63)
        }
        (_, true) => bytes.iter().fold(0, |code, byte| code << 8 | u32::from(*byte)),
        (_, false) => bytes.iter().rev().fold(0, |code, byte| code << 8 | u32::from(*byte)),
    };
    (0xd800..0xe000).contains(&code).then_some((code, width))
}

/// The parts of a handler's answer, with the position resolved.
fn position_in(cx: &mut Cx, answer: Value, what: &str, length: i64) -> PyResult<(Value, usize)> {
    let Some(pair) = downcast::<Tuple>(answer).filter(|pair| tuple_items(pair).len() == 2) else {
        return Err(cx.type_error(format!("{what} tuple")));
    };
    let [value, position] = [tuple_items(&pair)[0], tuple_items(&pair)[1]];
    let position = int::index(cx, position)?;
    let given = int::as_i64(position).unwrap_or(i64::MAX);
    let place = if given < 0 { given.saturating_add(length) } else { given };
    if place < 0 || place > length {
        let message = format!("position {place} from error handler out of bounds");
        return Err(cx.raise(Kind::INDEX_ERROR, message));
    }
    Ok((value, place as usize))
}
