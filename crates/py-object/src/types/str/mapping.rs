//! Case mappings of whole texts, and what all characters of a text are.

use super::{code_points, push_code_point};
use crate::cx::{Cx, PyResult};
use crate::objects::Str;
use crate::string::StrExt;
use py_unicode::case::{Mapping, map};
use py_unicode::{Flag, properties};
use vm_heap::Gc;

const CAPITAL_SIGMA: u32 = 0x3a3;
const SIGMA: u32 = 0x3c3;
const FINAL_SIGMA: u32 = 0x3c2;

fn push_mapped(result: &mut Vec<u8>, code: u32, mapping: Mapping) {
    map(code, mapping).codes().iter().for_each(|code| push_code_point(result, *code));
}

/// Whether a sigma at `at` stands at the end of a word: a cased character in front of it and none behind.
fn is_final(codes: &[u32], at: usize) -> bool {
    let context = |code: &&u32| !properties(**code).is(Flag::CaseIgnorable);
    let is_cased = |code: &u32| properties(*code).is(Flag::Cased);
    codes[..at].iter().rev().find(context).is_some_and(is_cased)
        && !codes[at + 1..].iter().find(context).is_some_and(is_cased)
}

fn push_lower(result: &mut Vec<u8>, codes: &[u32], at: usize) {
    match codes[at] {
        CAPITAL_SIGMA => push_code_point(result, if is_final(codes, at) { FINAL_SIGMA } else { SIGMA }),
        code => push_mapped(result, code, Mapping::Lower),
    }
}

/// Maps a text: bytes of ASCII by `ascii`, others code point by code point, given all of them and an index.
fn mapped(
    cx: &mut Cx,
    text: Gc<Str>,
    ascii: impl FnOnce(&mut [u8]),
    mut push: impl FnMut(&mut Vec<u8>, &[u32], usize),
) -> PyResult<Gc<Str>> {
    if text.is_ascii() {
        let bytes = text.bytes();
        return Str::build(cx, bytes.len(), bytes.len(), |place| {
            place.copy_from_slice(bytes);
            ascii(place);
        });
    }
    let codes: Vec<u32> = code_points(text.bytes()).collect();
    let mut result = Vec::with_capacity(text.bytes().len());
    (0..codes.len()).for_each(|at| push(&mut result, &codes, at));
    Str::checked(cx, &result)
}

/// `text.lower()`.
pub fn lower(cx: &mut Cx, text: Gc<Str>) -> PyResult<Gc<Str>> {
    mapped(cx, text, <[u8]>::make_ascii_lowercase, push_lower)
}

/// `text.upper()`.
pub fn upper(cx: &mut Cx, text: Gc<Str>) -> PyResult<Gc<Str>> {
    let push = |result: &mut Vec<u8>, codes: &[u32], at: usize| push_mapped(result, codes[at], Mapping::Upper);
    mapped(cx, text, <[u8]>::make_ascii_uppercase, push)
}

/// `text.casefold()`.
pub fn fold(cx: &mut Cx, text: Gc<Str>) -> PyResult<Gc<Str>> {
    let push = |result: &mut Vec<u8>, codes: &[u32], at: usize| push_mapped(result, codes[at], Mapping::Fold);
    mapped(cx, text, <[u8]>::make_ascii_lowercase, push)
}

/// `text.title()`.
pub fn title(cx: &mut Cx, text: Gc<Str>) -> PyResult<Gc<Str>> {
    let ascii = |bytes: &mut [u8]| {
        let mut inside = false;
        for byte in bytes {
            if inside {
                byte.make_ascii_lowercase()
            } else {
                byte.make_ascii_uppercase()
            }
            inside = byte.is_ascii_alphabetic();
        }
    };
    let mut inside = false;
    mapped(cx, text, ascii, |result, codes, at| {
        if inside {
            push_lower(result, codes, at);
        } else {
            push_mapped(result, codes[at], Mapping::Title);
        }
        inside = properties(codes[at]).is(Flag::Cased);
    })
}

/// `text.capitalize()`.
pub fn capitalise(cx: &mut Cx, text: Gc<Str>) -> PyResult<Gc<Str>> {
    let ascii = |bytes: &mut [u8]| {
        bytes.make_ascii_lowercase();
        if let Some(first) = bytes.first_mut() {
            first.make_ascii_uppercase();
        }
    };
    mapped(cx, text, ascii, |result, codes, at| {
        if at == 0 {
            push_mapped(result, codes[0], Mapping::Title);
        } else {
            push_lower(result, codes, at);
        }
    })
}

/// `text.swapcase()`.
pub fn swap_case(cx: &mut Cx, text: Gc<Str>) -> PyResult<Gc<Str>> {
    let ascii = |bytes: &mut [u8]| {
        for byte in bytes {
            if byte.is_ascii_alphabetic() {
                *byte ^= 0x20;
            }
        }
    };
    mapped(cx, text, ascii, |result, codes, at| {
        let properties = properties(codes[at]);
        if properties.is(Flag::Upper) {
            push_lower(result, codes, at);
        } else if properties.is(Flag::Lower) {
            push_mapped(result, codes[at], Mapping::Upper);
        } else {
            push_code_point(result, codes[at]);
        }
    })
}

/// Whether there are characters and each has one of some properties, which bytes of ASCII have where `ascii` says so.
pub fn all(text: Gc<Str>, ascii: impl Fn(&u8) -> bool, flags: &[Flag]) -> bool {
    if text.is_ascii() {
        return !text.bytes().is_empty() && text.bytes().iter().all(ascii);
    }
    let has = |code: u32| {
        let properties = properties(code);
        flags.iter().any(|flag| properties.is(*flag))
    };
    code_points(text.bytes()).all(has)
}

/// Whether a text has characters of one case and none of the other or in title case.
pub fn has_only_case(text: Gc<Str>, case: Flag, other: Flag) -> bool {
    let mut found = false;
    for code in code_points(text.bytes()) {
        let properties = properties(code);
        if properties.is(other) || properties.is(Flag::Title) {
            return false;
        }
        found |= properties.is(case);
    }
    found
}

/// Whether every word starts in upper or title case and goes on in lower case.
pub fn is_title(text: Gc<Str>) -> bool {
    let (mut found, mut inside) = (false, false);
    for code in code_points(text.bytes()) {
        let properties = properties(code);
        if properties.is(Flag::Upper) || properties.is(Flag::Title) {
            if inside {
                return false;
            }
            (found, inside) = (true, true);
        } else if properties.is(Flag::Lower) {
            if !inside {
                return false;
            }
            found = true;
        } else {
            inside = false;
        }
    }
    found
}

/// Whether a text could be a name.
pub fn is_identifier(text: Gc<Str>) -> bool {
    let mut codes = code_points(text.bytes());
    codes.next().is_some_and(|code| properties(code).is(Flag::IdentifierStart))
        && codes.all(|code| properties(code).is(Flag::IdentifierContinue))
}
