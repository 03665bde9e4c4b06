//! Case, classes of characters, padding, stripping and translation of text.

use super::*;
use crate::arguments::Index;
use crate::cx::{NONE, UNBOUND};
use crate::kinds::Kind;
use crate::objects::Dict;
use crate::operations;
use crate::string::downcast;
use crate::types::{class_name, int};
use py_macros::py_methods;
use py_unicode::Flag;

fn pad(cx: &mut Cx, text: Gc<Str>, width: Index, fill: Value, left_share: fn(usize, usize) -> usize) -> PyResult {
    let fill = match fill {
        UNBOUND => None,
        value => match downcast::<Str>(value) {
            Some(fill) if length(fill) == 1 => Some(fill),
            Some(_) => return Err(cx.type_error("The fill character must be exactly one character long")),
            None => {
                let message = format!("The fill character must be a unicode character, not {}", class_name(cx, value));
                return Err(cx.type_error(message));
            }
        },
    };
    let width = width.0.max(0) as usize;
    let total = width.saturating_sub(length(text));
    if total == 0 {
        return Ok(text.value());
    }
    let left = left_share(total, width);
    let (bytes, fill) = (text.bytes(), fill.as_ref().map_or(&b" "[..], |fill| fill.bytes()));
    let Some(padding) = total.checked_mul(fill.len()).filter(|padding| *padding <= 1 << 40) else {
        return Err(cx.raise(Kind::MEMORY_ERROR, ""));
    };
    let result = Str::build(cx, bytes.len() + padding, width, |place| {
        let (before, rest) = place.split_at_mut(left * fill.len());
        let (middle, after) = rest.split_at_mut(bytes.len());
        middle.copy_from_slice(bytes);
        for part in [before, after] {
            match fill {
                [byte] => part.fill(*byte),
                _ => part.chunks_exact_mut(fill.len()).for_each(|place| place.copy_from_slice(fill)),
            }
        }
    })?;
    Ok(result.value())
}

fn strip(cx: &mut Cx, text: Gc<Str>, chars: Option<Value>, name: &str, left: bool, right: bool) -> PyResult {
    let chars = match chars {
        None => None,
        Some(value) => match downcast::<Str>(value) {
            Some(chars) => Some(chars),
            None => {
                return Err(cx.type_error(format!("{name} arg must be None or str")));
            }
        },
    };
    let bytes = text.bytes();
    let (from, to) = match &chars {
        None if text.is_ascii() => stripped(bytes, left, right, is_ascii_space),
        None => stripped_characters(bytes, left, right, |code| char::from_u32(code).is_some_and(is_space)),
        // A byte of ASCII is never a part of another character.
        Some(chars) if chars.is_ascii() => match chars.bytes() {
            [only] => stripped(bytes, left, right, |byte| byte == *only),
            set => stripped(bytes, left, right, |byte| memchr::memchr(byte, set).is_some()),
        },
        Some(chars) => {
            let set: Vec<u32> = code_points(chars.bytes()).collect();
            stripped_characters(bytes, left, right, |code| set.contains(&code))
        }
    };
    if (from, to) == (0, bytes.len()) {
        return Ok(text.value());
    }
    Ok(Str::part(cx, text, from, to)?.value())
}

/// What is left of bytes without those of a set at its ends.
#[inline]
fn stripped(bytes: &[u8], left: bool, right: bool, strips: impl Fn(u8) -> bool) -> (usize, usize) {
    let keeps = |byte: &u8| !strips(*byte);
    let from = if left { bytes.iter().position(keeps).unwrap_or(bytes.len()) } else { 0 };
    let to = if right { bytes[from..].iter().rposition(keeps).map_or(from, |at| from + at + 1) } else { bytes.len() };
    (from, to)
}

/// The same for code points.
fn stripped_characters(bytes: &[u8], left: bool, right: bool, strips: impl Fn(u32) -> bool) -> (usize, usize) {
    let (mut from, mut to) = (0, bytes.len());
    if left {
        let mut points = code_points(bytes);
        while let Some(code) = points.next()
            && strips(code)
        {
            from = bytes.len() - points.bytes.len();
        }
    }
    while right && to > from {
        let start = (from..to).rev().find(|at| (bytes[*at] as i8) >= -0x40).unwrap_or(from);
        match code_points(&bytes[start..to]).next() {
            Some(code) if strips(code) => to = start,
            _ => break,
        }
    }
    (from, to)
}

/// What a translation table makes of a code point.
enum Translation {
    Code(u32),
    Text(Gc<Str>),
    Nothing,
}

fn translation(cx: &mut Cx, table: Value, code: u32) -> PyResult<Translation> {
    let key = Value::int(i64::from(code));
    let found = if crate::types::is_exactly(table, Kind::DICT)
        && let Some(dict) = downcast::<Dict>(table)
    {
        Ok(Dict::get(cx, dict, key)?.unwrap_or(key))
    } else {
        operations::get_item(cx, table, key)
    };
    let found = match found {
        Ok(found) => found,
        Err(raised) => {
            if !crate::types::is_instance(cx, cx.raised.get(), Kind::LOOKUP_ERROR) {
                return Err(raised);
            }
            cx.take_raised();
            return Ok(Translation::Code(code));
        }
    };
    if found == NONE {
        return Ok(Translation::Nothing);
    }
    if let Some(text) = downcast::<Str>(found) {
        return Ok(Translation::Text(text));
    }
    match int::as_i64(found) {
        Some(code) if (0..0x11_0000).contains(&code) => Ok(Translation::Code(code as u32)),
        Some(_) => Err(cx.value_error("character mapping must be in range(0x110000)")),
        None => Err(cx.type_error("character mapping must return integer, None or str")),
    }
}

/// As long as ASCII becomes ASCII character by character, or nothing, the table is asked once for each, as in CPython.
fn translate(cx: &mut Cx, text: Gc<Str>, table: Value) -> PyResult {
    const UNKNOWN: u8 = 0xff;
    const REMOVED: u8 = 0xfe;
    let mut known = [UNKNOWN; 128];
    let mut remembers = text.is_ascii();
    let mut result = Vec::with_capacity(text.bytes().len());
    for code in code_points(text.bytes()) {
        let remembered = known.get(code as usize).copied().filter(|_| remembers);
        match remembered.unwrap_or(UNKNOWN) {
            REMOVED => continue,
            UNKNOWN => {}
            byte => {
                result.push(byte);
                continue;
            }
        }
        let mut byte = UNKNOWN;
        match translation(cx, table, code)? {
            Translation::Nothing => byte = REMOVED,
            Translation::Text(text) => {
                if let [only] = text.bytes() {
                    byte = *only;
                }
                result.extend_from_slice(text.bytes());
            }
            Translation::Code(code) => {
                if code < 0x80 {
                    byte = code as u8;
                }
                push_code_point(&mut result, code);
            }
        }
        remembers &= byte != UNKNOWN;
        if remembers {
            known[code as usize] = byte;
        }
    }
    Ok(Str::checked(cx, &result)?.value())
}

fn make_translation(cx: &mut Cx, x: Value, y: Option<Value>, z: Option<Value>) -> PyResult {
    let table = cx.dict();
    let Some(y) = y else {
        let Some(source) = downcast::<Dict>(x) else {
            return Err(cx.type_error("if you give only one argument to maketrans it must be a dict"));
        };
        let mut position = 0;
        while let Some((key, value)) = Dict::next(source, &mut position) {
            let key = match downcast::<Str>(key) {
                Some(text) if length(text) == 1 => Value::int(i64::from(code_points(text.bytes()).next().unwrap_or(0))),
                Some(_) => return Err(cx.value_error("string keys in translate table must be of length 1")),
                None if int::is_int(key) => key,
                None => return Err(cx.type_error("keys in translate table must be strings or integers")),
            };
            Dict::set(cx, table, key, value)?;
        }
        return Ok(table.value());
    };
    let (Some(from), Some(to)) = (downcast::<Str>(x), downcast::<Str>(y)) else {
        let message = "first maketrans argument must be a string if there is a second argument";
        return Err(cx.type_error(message));
    };
    if length(from) != length(to) {
        return Err(cx.value_error("the first two maketrans arguments must have equal length"));
    }
    for (from, to) in code_points(from.bytes()).zip(code_points(to.bytes())) {
        Dict::set(cx, table, Value::int(i64::from(from)), Value::int(i64::from(to)))?;
    }
    if let Some(removed) = z {
        let Some(removed) = downcast::<Str>(removed) else {
            let message = format!("maketrans() argument 3 must be str, not {}", class_name(cx, removed));
            return Err(cx.type_error(message));
        };
        for code in code_points(removed.bytes()) {
            Dict::set(cx, table, Value::int(i64::from(code)), NONE)?;
        }
    }
    Ok(table.value())
}

/// Methods about case, classes, padding and stripping.
pub struct CaseMethods;

#[py_methods(STR)]
impl CaseMethods {
    /// Return a copy of the string converted to uppercase.
    #[method(trace = PureCall)]
    fn upper(cx: &mut Cx, this: Gc<Str>) -> PyResult {
        Ok(mapping::upper(cx, this)?.value())
    }
    /// Return a copy of the string converted to lowercase.
    #[method(trace = PureCall)]
    fn lower(cx: &mut Cx, this: Gc<Str>) -> PyResult {
        Ok(mapping::lower(cx, this)?.value())
    }
    /// Return a version of the string suitable for caseless comparisons.
    #[method(trace = PureCall)]
    fn casefold(cx: &mut Cx, this: Gc<Str>) -> PyResult {
        Ok(mapping::fold(cx, this)?.value())
    }
    /// Return a version of the string where each word is titlecased.
    #[method(trace = PureCall)]
    fn title(cx: &mut Cx, this: Gc<Str>) -> PyResult {
        Ok(mapping::title(cx, this)?.value())
    }
    /// Return a capitalized version of the string.
    #[method(trace = PureCall)]
    fn capitalize(cx: &mut Cx, this: Gc<Str>) -> PyResult {
        Ok(mapping::capitalise(cx, this)?.value())
    }
    /// Convert uppercase characters to lowercase and lowercase characters to uppercase.
    #[method(trace = PureCall)]
    fn swapcase(cx: &mut Cx, this: Gc<Str>) -> PyResult {
        Ok(mapping::swap_case(cx, this)?.value())
    }
    /// Return True if the string is an alphabetic string, False otherwise.
    #[method(trace = PureCall)]
    fn isalpha(this: Gc<Str>) -> bool {
        mapping::all(this, u8::is_ascii_alphabetic, &[Flag::Alpha])
    }
    /// Return True if the string is an alpha-numeric string, False otherwise.
    #[method(trace = PureCall)]
    fn isalnum(this: Gc<Str>) -> bool {
        mapping::all(this, u8::is_ascii_alphanumeric, &[Flag::Alpha, Flag::Decimal, Flag::Digit, Flag::Numeric])
    }
    /// Return True if the string is a digit string, False otherwise.
    #[method(trace = PureCall)]
    fn isdigit(this: Gc<Str>) -> bool {
        mapping::all(this, u8::is_ascii_digit, &[Flag::Digit])
    }
    /// Return True if the string is a decimal string, False otherwise.
    #[method(trace = PureCall)]
    fn isdecimal(this: Gc<Str>) -> bool {
        mapping::all(this, u8::is_ascii_digit, &[Flag::Decimal])
    }
    /// Return True if the string is a numeric string, False otherwise.
    #[method(trace = PureCall)]
    fn isnumeric(this: Gc<Str>) -> bool {
        mapping::all(this, u8::is_ascii_digit, &[Flag::Numeric])
    }
    /// Return True if the string is a whitespace string, False otherwise.
    #[method(trace = PureCall)]
    fn isspace(this: Gc<Str>) -> bool {
        mapping::all(this, |byte| is_ascii_space(*byte), &[Flag::Space])
    }
    /// Return True if the string is a lowercase string, False otherwise.
    #[method(trace = PureCall)]
    fn islower(this: Gc<Str>) -> bool {
        mapping::has_only_case(this, Flag::Lower, Flag::Upper)
    }
    /// Return True if the string is an uppercase string, False otherwise.
    #[method(trace = PureCall)]
    fn isupper(this: Gc<Str>) -> bool {
        mapping::has_only_case(this, Flag::Upper, Flag::Lower)
    }
    /// Return True if the string is a title-cased string, False otherwise.
    #[method(trace = PureCall)]
    fn istitle(this: Gc<Str>) -> bool {
        mapping::is_title(this)
    }
    /// Return True if all characters in the string are ASCII, False otherwise.
    #[method(trace = PureCall)]
    fn isascii(this: Gc<Str>) -> bool {
        this.is_ascii()
    }
    /// Return True if all characters in the string are printable, False otherwise.
    #[method(trace = PureCall)]
    fn isprintable(this: Gc<Str>) -> bool {
        this.bytes().is_empty() || mapping::all(this, |byte| (0x20..0x7f).contains(byte), &[Flag::Printable])
    }
    /// Return True if the string is a valid Python identifier, False otherwise.
    #[method(trace = PureCall)]
    fn isidentifier(this: Gc<Str>) -> bool {
        mapping::is_identifier(this)
    }
    /// Return a left-justified string of length width.
    #[method(trace = PureCall)]
    fn ljust(
        cx: &mut Cx,
        this: Gc<Str>,
        width: Index,
        #[default(UNBOUND)]
        #[shown("' '")]
        fillchar: Value,
    ) -> PyResult {
        pad(cx, this, width, fillchar, |_, _| 0)
    }
    /// Return a right-justified string of length width.
    #[method(trace = PureCall)]
    fn rjust(
        cx: &mut Cx,
        this: Gc<Str>,
        width: Index,
        #[default(UNBOUND)]
        #[shown("' '")]
        fillchar: Value,
    ) -> PyResult {
        pad(cx, this, width, fillchar, |total, _| total)
    }
    /// Return a centered string of length width.
    #[method(trace = PureCall)]
    fn center(
        cx: &mut Cx,
        this: Gc<Str>,
        width: Index,
        #[default(UNBOUND)]
        #[shown("' '")]
        fillchar: Value,
    ) -> PyResult {
        pad(cx, this, width, fillchar, |total, width| total / 2 + (total & width & 1))
    }
    /// Return a copy of the string with leading and trailing whitespace removed.
    ///
    /// If chars is given and not None, remove characters in chars instead.
    #[method(trace = PureCall)]
    fn strip(cx: &mut Cx, this: Gc<Str>, chars: Option<Value>) -> PyResult {
        strip(cx, this, chars, "strip", true, true)
    }
    /// Return a copy of the string with leading whitespace removed.
    #[method(trace = PureCall)]
    fn lstrip(cx: &mut Cx, this: Gc<Str>, chars: Option<Value>) -> PyResult {
        strip(cx, this, chars, "lstrip", true, false)
    }
    /// Return a copy of the string with trailing whitespace removed.
    #[method(trace = PureCall)]
    fn rstrip(cx: &mut Cx, this: Gc<Str>, chars: Option<Value>) -> PyResult {
        strip(cx, this, chars, "rstrip", false, true)
    }
    /// Replace each character in the string using the given translation table.
    #[method]
    fn translate(cx: &mut Cx, this: Gc<Str>, table: Value) -> PyResult {
        translate(cx, this, table)
    }
    /// Return a translation table usable for str.translate().
    #[staticmethod]
    fn maketrans(cx: &mut Cx, x: Value, y: Option<Value>, z: Option<Value>) -> PyResult {
        make_translation(cx, x, y, z)
    }
}
