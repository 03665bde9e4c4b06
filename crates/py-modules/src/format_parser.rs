//! `_string`: the parser of format strings, for the library's `string.Formatter`.

use crate::module_of;
use py_macros::py_functions;
use py_object::objects::{List, Module, Str, Tuple};
use py_object::types::class_name;
use py_object::{Cx, NONE, PyResult, StrExt, bool_value, downcast, operations};
use vm_heap::{Gc, Value};

/// One step through a format string: literal text, then what the braces behind it hold.
struct Piece<'a> {
    literal: &'a [u8],
    field: Option<Field<'a>>,
}

struct Field<'a> {
    name: &'a [u8],
    specification: &'a [u8],
    conversion: Option<&'a [u8]>,
}

/// Length of the character at an offset.
fn width(text: &[u8], at: usize) -> usize {
    1 + text[at + 1..].iter().take_while(|byte| **byte & 0xc0 == 0x80).count()
}

/// The next piece and the offset behind it.
fn piece(text: &[u8], start: usize) -> Result<(Piece<'_>, usize), &'static str> {
    let Some(brace) = text[start..].iter().position(|byte| matches!(byte, b'{' | b'}')).map(|at| start + at) else {
        return Ok((Piece { literal: &text[start..], field: None }, text.len()));
    };
    let doubled = text.get(brace + 1) == Some(&text[brace]);
    if doubled {
        return Ok((Piece { literal: &text[start..=brace], field: None }, brace + 2));
    }
    if text[brace] == b'}' {
        return Err("Single '}' encountered in format string");
    }
    if brace + 1 == text.len() {
        return Err("Single '{' encountered in format string");
    }
    let (field, end) = field(text, brace + 1)?;
    Ok((Piece { literal: &text[start..brace], field: Some(field) }, end))
}

fn field(text: &[u8], start: usize) -> Result<(Field<'_>, usize), &'static str> {
    let mut at = start;
    let end = loop {
        match text.get(at) {
            None => return Err("expected '}' before end of string"),
            Some(b'{') => return Err("unexpected '{' in field name"),
            Some(b'[') => {
                at += text[at..].iter().position(|byte| *byte == b']').unwrap_or(text.len() - at);
            }
            Some(b'}' | b':' | b'!') => break at,
            Some(_) => at += 1,
        }
    };
    let name = &text[start..end];
    let mut conversion = None;
    match text[end] {
        b'}' => return Ok((Field { name, specification: b"", conversion }, end + 1)),
        b'!' => {
            if end + 1 >= text.len() {
                return Err("end of string while looking for conversion specifier");
            }
            let behind = end + 1 + width(text, end + 1);
            conversion = Some(&text[end + 1..behind]);
            match text.get(behind) {
                Some(b'}') => return Ok((Field { name, specification: b"", conversion }, behind + 1)),
                Some(b':') => at = behind + 1,
                Some(_) => return Err("expected ':' after conversion specifier"),
                None => return Err("unmatched '{' in format spec"),
            }
        }
        _ => at = end + 1,
    }
    let from = at;
    let mut depth = 1;
    while let Some(byte) = text.get(at) {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Ok((Field { name, specification: &text[from..at], conversion }, at + 1));
        }
        at += 1;
    }
    Err("unmatched '{' in format spec")
}

fn text_argument(cx: &mut Cx, value: Value) -> PyResult<Gc<Str>> {
    match downcast::<Str>(value) {
        Some(text) => Ok(text),
        None => {
            let message = format!("expected str, got {}", class_name(cx, value));
            Err(cx.type_error(message))
        }
    }
}

fn parse(cx: &mut Cx, text: Gc<Str>) -> PyResult {
    let result = List::new(cx, &[])?;
    let bytes = text.bytes();
    let mut at = 0;
    while at < bytes.len() {
        let (piece, end) = match piece(bytes, at) {
            Ok(found) => found,
            Err(message) => return Err(cx.value_error(message)),
        };
        at = end;
        let literal = Str::checked(cx, piece.literal)?.value();
        let parts = match piece.field {
            None => Tuple::new(cx, &[literal, NONE, NONE, NONE]),
            Some(field) => {
                let name = Str::checked(cx, field.name)?.value();
                let specification = Str::checked(cx, field.specification)?.value();
                let conversion = match field.conversion {
                    Some(conversion) => Str::checked(cx, conversion)?.value(),
                    None => NONE,
                };
                Tuple::new(cx, &[literal, name, specification, conversion])
            }
        };
        List::push(cx, result, parts.value())?;
    }
    operations::iterate(cx, result.value())
}

/// A name or, where it is a number, that.
fn key(cx: &mut Cx, text: &[u8]) -> PyResult {
    if !text.is_empty() && text.iter().all(u8::is_ascii_digit) {
        let number = std::str::from_utf8(text).ok().and_then(|text| text.parse::<i64>().ok());
        return match number.and_then(Value::small_int) {
            Some(number) => Ok(number),
            None => Err(cx.value_error("Too many decimal digits in format string")),
        };
    }
    Ok(Str::checked(cx, text)?.value())
}

fn split(cx: &mut Cx, text: Gc<Str>) -> PyResult<Gc<Tuple>> {
    let bytes = text.bytes();
    let first = bytes.iter().position(|byte| matches!(byte, b'.' | b'[')).unwrap_or(bytes.len());
    let rest = List::new(cx, &[])?;
    let mut at = first;
    while at < bytes.len() {
        let (is_attribute, name, end) = match bytes[at] {
            b'.' => {
                let length = bytes[at + 1..].iter().position(|byte| matches!(byte, b'.' | b'['));
                let end = length.map_or(bytes.len(), |length| at + 1 + length);
                (true, &bytes[at + 1..end], end)
            }
            b'[' => match bytes[at + 1..].iter().position(|byte| *byte == b']') {
                Some(length) => (false, &bytes[at + 1..at + 1 + length], at + 2 + length),
                None => return Err(cx.value_error("Missing ']' in format string")),
            },
            _ => return Err(cx.value_error("Only '.' or '[' may follow ']' in format field specifier")),
        };
        if name.is_empty() {
            return Err(cx.value_error("Empty attribute in format string"));
        }
        let key = if is_attribute { Str::checked(cx, name)?.value() } else { key(cx, name)? };
        let step = Tuple::new(cx, &[bool_value(is_attribute), key]);
        List::push(cx, rest, step.value())?;
        at = end;
    }
    let first = key(cx, &bytes[..first])?;
    let rest = operations::iterate(cx, rest.value())?;
    Ok(Tuple::new(cx, &[first, rest]))
}

/// The functions.
pub struct Functions;

#[py_functions("_string")]
impl Functions {
    /// Parse a format string: an iterator of (literal text, field name, format specification, conversion).
    #[function]
    fn formatter_parser(cx: &mut Cx, format_string: Value) -> PyResult {
        let text = text_argument(cx, format_string)?;
        parse(cx, text)
    }
    /// Split a field name: its first part, and an iterator of (is attribute, key) of the others.
    #[function]
    fn formatter_field_name_split(cx: &mut Cx, field_name: Value) -> PyResult<Gc<Tuple>> {
        let text = text_argument(cx, field_name)?;
        split(cx, text)
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    Ok(module_of(cx, "_string", FUNCTIONS))
}
