//! `repr` of text.

use super::{code_points, is_printable, push_escape};
use crate::cx::{Cx, PyResult};
use crate::objects::Str;
use crate::string::StrExt;
use vm_heap::Gc;

/// Whether `repr` shows text as it is, between single quotes.
fn is_plain(text: &Gc<Str>) -> bool {
    text.is_ascii() && text.bytes().iter().all(|byte| (0x20..0x7f).contains(byte) && *byte != b'\'' && *byte != b'\\')
}

/// `repr(text)` as a string.
pub(super) fn str_of(cx: &mut Cx, text: Gc<Str>) -> PyResult<Gc<Str>> {
    if !is_plain(&text) {
        return Str::checked(cx, repr_of(text, false).as_bytes());
    }
    let length = text.bytes().len() + 2;
    Str::build(cx, length, length, |place| {
        place[0] = b'\'';
        place[1..length - 1].copy_from_slice(text.bytes());
        place[length - 1] = b'\'';
    })
}

/// Appends `repr(text)`.
pub(crate) fn push_repr(result: &mut String, text: Gc<Str>) {
    match text.as_str() {
        Some(plain) if is_plain(&text) => {
            result.push('\'');
            result.push_str(plain);
            result.push('\'');
        }
        _ => result.push_str(&repr_of(text, false)),
    }
}

/// `repr(text)`; `ascii_only` as `ascii()` writes it.
pub fn repr_of(text: Gc<Str>, ascii_only: bool) -> String {
    let bytes = text.bytes();
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
    let mut result = String::with_capacity(bytes.len() + 2);
    result.push(quote);
    for code in code_points(bytes) {
        match char::from_u32(code) {
            Some('\n') => result.push_str("\\n"),
            Some('\r') => result.push_str("\\r"),
            Some('\t') => result.push_str("\\t"),
            Some('\\') => result.push_str("\\\\"),
            Some(character) if character == quote => result.extend(['\\', quote]),
            Some(character) if is_printable(character) && (character.is_ascii() || !ascii_only) => {
                result.push(character)
            }
            _ => push_escape(&mut result, code),
        }
    }
    result.push(quote);
    result
}
