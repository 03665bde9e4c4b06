//! Text of strings: code points, classes of characters, positions, slices, `repr`.
//!
//! A string is WTF-8: UTF-8 that may hold lone surrogates. Positions in Python count code points; for ASCII they
//! are byte offsets.

mod case;
pub mod index;
mod mapping;
pub(crate) mod matches;
mod methods;
mod percent;
mod search;
mod shown;
mod template;

pub use case::STR_METHODS as STR_CASE_METHODS;
pub(crate) use mapping::is_identifier;
pub use methods::STR_METHODS;
pub(crate) use percent::format_bytes;
pub use percent::percent_format;
pub use search::STR_METHODS as STR_SEARCH_METHODS;
pub(crate) use shown::push_repr;
pub use shown::repr_of;
pub use template::STR_METHODS as STR_FORMAT_METHODS;

use crate::cx::{Cx, PyResult};
use crate::objects::{Str, Type};
use crate::string::{StrExt, downcast, known_character};
use py_unicode::Flag;
use vm_heap::{Gc, Value};

/// Whether Python counts a character as white space.
pub fn is_space(character: char) -> bool {
    py_unicode::properties(character as u32).is(Flag::Space)
}

/// The same for a byte of ASCII.
#[inline(always)]
pub fn is_ascii_space(byte: u8) -> bool {
    matches!(byte, 0x09..=0x0d | 0x1c..=0x20)
}

/// The value of a decimal digit of any script.
pub fn decimal_digit(character: char) -> Option<u32> {
    py_unicode::properties(character as u32).decimal()
}

/// Whether `repr` shows a character as it is.
pub fn is_printable(character: char) -> bool {
    py_unicode::properties(character as u32).is(Flag::Printable)
}

/// The code points of WTF-8, surrogates included.
#[derive(Clone)]
pub struct CodePoints<'a> {
    bytes: &'a [u8],
}

/// The code points of WTF-8.
pub fn code_points(bytes: &[u8]) -> CodePoints<'_> {
    CodePoints { bytes }
}

impl<'a> CodePoints<'a> {
    /// The bytes of the code points that are left.
    pub fn rest(&self) -> &'a [u8] {
        self.bytes
    }
}

impl Iterator for CodePoints<'_> {
    type Item = u32;
    fn next(&mut self) -> Option<u32> {
        let (first, rest) = self.bytes.split_first()?;
        let (count, start) = match first {
            0..0x80 => (0, u32::from(*first)),
            0x80..0xe0 => (1, u32::from(first & 0x1f)),
            0xe0..0xf0 => (2, u32::from(first & 0x0f)),
            _ => (3, u32::from(first & 0x07)),
        };
        let (following, rest) = rest.split_at(count.min(rest.len()));
        self.bytes = rest;
        Some(following.iter().fold(start, |code, byte| code << 6 | u32::from(byte & 0x3f)))
    }
}

/// Appends a code point, which may be a surrogate.
pub fn push_code_point(bytes: &mut Vec<u8>, code: u32) {
    match char::from_u32(code) {
        Some(character) => {
            let mut buffer = [0; 4];
            bytes.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
        }
        None => bytes.extend_from_slice(&[
            0xe0 | (code >> 12) as u8,
            0x80 | (code >> 6 & 0x3f) as u8,
            0x80 | (code & 0x3f) as u8,
        ]),
    }
}

/// Byte offset of a code point; the length where the text is shorter.
pub fn byte_offset(bytes: &[u8], is_ascii: bool, position: usize) -> usize {
    if is_ascii {
        return position.min(bytes.len());
    }
    // Eight bytes at a time as long as the code points that begin in them are not enough.
    let (mut offset, mut left) = (0, position);
    for word in bytes.as_chunks::<8>().0 {
        let word = u64::from_le_bytes(*word);
        // A byte that goes on with a code point has its top bit set and the next one not.
        let going_on = (word >> 7 & !(word >> 6) & 0x0101_0101_0101_0101).count_ones() as usize;
        if left < 8 - going_on {
            break;
        }
        left -= 8 - going_on;
        offset += 8;
    }
    let mut rest = bytes[offset..].iter().enumerate().filter(|(_, byte)| (**byte as i8) >= -0x40);
    rest.nth(left).map_or(bytes.len(), |(further, _)| offset + further)
}

/// How many bytes a code point has that begins with this byte.
#[inline]
pub(crate) fn width_of(first: u8) -> usize {
    match first {
        0..0x80 => 1,
        0x80..0xe0 => 2,
        0xe0..0xf0 => 3,
        _ => 4,
    }
}

/// Number of code points in front of a byte offset.
pub fn position_of(bytes: &[u8], is_ascii: bool, offset: usize) -> usize {
    if is_ascii { offset } else { crate::string::count_characters(&bytes[..offset]) }
}

/// Number of code points.
pub fn length(text: Gc<Str>) -> usize {
    text.characters.get().as_int() as usize
}

/// The string of one code point.
pub fn from_code_point(cx: &mut Cx, code: u32) -> Gc<Str> {
    match char::from_u32(code) {
        Some(character) => Str::from_wtf8(cx, character.encode_utf8(&mut [0; 4]).as_bytes()),
        None => {
            let mut bytes = Vec::with_capacity(4);
            push_code_point(&mut bytes, code);
            Str::from_wtf8(cx, &bytes)
        }
    }
}

/// An instance of `class`, a subclass of `str`, with this text.
pub(crate) fn of_class(cx: &mut Cx, class: Gc<Type>, text: Gc<Str>) -> Value {
    crate::types::extend(cx, class, text.value())
}

/// `text[position]`: IndexError outside.
pub(crate) fn item(cx: &mut Cx, text: Gc<Str>, position: i64) -> PyResult {
    let length = length(text);
    let position = if position < 0 { position + length as i64 } else { position };
    if position < 0 || position as usize >= length {
        return Err(cx.raise(crate::Kind::INDEX_ERROR, "string index out of range"));
    }
    let start = index::offset_prepared(cx, text, position as usize);
    let bytes = text.bytes();
    let end = (start + width_of(bytes[start])).min(bytes.len());
    Ok(Str::from_wtf8(cx, &bytes[start..end]).value())
}

/// `text[index]` where the text's index and the table of characters tell it without a look at other parts of the text.
#[inline(never)]
pub fn known_item(text: Value, index: Value) -> Option<Value> {
    let text = downcast::<Str>(text).filter(|_| index.is_int())?;
    let length = length(text) as i64;
    let position = if index.as_int() < 0 { index.as_int() + length } else { index.as_int() };
    if position < 0 || position >= length {
        return None;
    }
    let offset = index::known_offset(text, position as usize)?;
    known_character(text.bytes()[offset])
}

/// `text[start:stop:step]` for a resolved slice of `count` items.
pub(crate) fn sliced(cx: &mut Cx, text: Gc<Str>, start: i64, step: i64, count: usize) -> PyResult {
    if step == 1 {
        let from = index::offset_prepared(cx, text, start as usize);
        let to = index::offset_prepared(cx, text, start as usize + count);
        return Ok(Str::part(cx, text, from, to)?.value());
    }
    let bytes = text.bytes();
    let positions = (0..count as i64).map(|at| (start + at * step) as usize);
    let mut result = Vec::with_capacity(count);
    if text.is_ascii() {
        result.extend(positions.map(|at| bytes[at]));
    } else {
        let all: Vec<u32> = code_points(bytes).collect();
        positions.for_each(|at| push_code_point(&mut result, all[at]));
    }
    Ok(Str::checked(cx, &result)?.value())
}

/// `text * count`: MemoryError where that is too large.
pub(crate) fn repeated_bytes(cx: &mut Cx, bytes: &[u8], count: i64) -> PyResult<Vec<u8>> {
    let count = usize::try_from(count).unwrap_or(0);
    let mut result = Vec::new();
    let total = bytes.len().checked_mul(count).filter(|total| *total <= 1 << 40);
    if total.is_none_or(|total| result.try_reserve_exact(total).is_err()) {
        return Err(cx.raise(crate::Kind::MEMORY_ERROR, ""));
    }
    (0..count).for_each(|_| result.extend_from_slice(bytes));
    Ok(result)
}

/// `\x..`, `\u....` or `\U........`.
pub(crate) fn push_escape(result: &mut String, code: u32) {
    let escape = match code {
        0..0x100 => format!("\\x{code:02x}"),
        0x100..0x1_0000 => format!("\\u{code:04x}"),
        _ => format!("\\U{code:08x}"),
    };
    result.push_str(&escape);
}
