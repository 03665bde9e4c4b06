//! Typecodes: how items of each kind become bytes and values.

use py_object::objects::Str;
use py_object::types::{class_name, float, int};
use py_object::{Cx, Kind, PyResult, StrExt, downcast};
use vm_heap::Value;

/// Bytes of an item of a typecode, as C has them on this machine.
pub fn size(code: u8) -> usize {
    match code {
        b'b' | b'B' => 1,
        b'h' | b'H' => 2,
        b'u' | b'w' | b'i' | b'I' | b'f' => 4,
        _ => 8,
    }
}

/// The format of an item for a memoryview.
pub fn view_format(code: u8) -> &'static str {
    match code {
        b'b' => "b",
        b'B' => "B",
        b'u' => "u",
        b'w' => "w",
        b'h' => "h",
        b'H' => "H",
        b'i' => "i",
        b'I' => "I",
        b'l' => "l",
        b'L' => "L",
        b'q' => "q",
        b'Q' => "Q",
        b'f' => "f",
        _ => "d",
    }
}

/// Whether the items are characters.
pub fn is_text(code: u8) -> bool {
    matches!(code, b'u' | b'w')
}

/// Whether the items are ints.
pub fn is_integer(code: u8) -> bool {
    !is_text(code) && !matches!(code, b'f' | b'd')
}

/// Whether an int may be negative.
pub fn is_signed(code: u8) -> bool {
    code.is_ascii_lowercase()
}

/// A value of its bytes, which are at the front of `word`.
pub fn decode(cx: &mut Cx, code: u8, word: [u8; 8]) -> PyResult {
    let word = u64::from_le_bytes(word);
    Ok(match code {
        b'f' => cx.float(f64::from(f32::from_bits(word as u32))),
        b'd' => cx.float(f64::from_bits(word)),
        b'u' | b'w' => character(cx, word as u32)?,
        _ => {
            let unused = 64 - 8 * size(code) as u32;
            if is_signed(code) {
                int::from_i64(cx, (word << unused) as i64 >> unused)
            } else {
                int::from_i128(cx, i128::from(word))
            }
        }
    })
}

fn character(cx: &mut Cx, code_point: u32) -> PyResult {
    let mut bytes = Vec::new();
    push_character(cx, &mut bytes, code_point)?;
    Ok(Str::checked(cx, &bytes)?.value())
}

/// Appends a code point to text; surrogates are allowed.
pub fn push_character(cx: &mut Cx, text: &mut Vec<u8>, code_point: u32) -> PyResult<()> {
    match char::from_u32(code_point) {
        Some(character) => text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        None if code_point <= 0xffff => {
            // A lone surrogate, in the three bytes that WTF-8 has for it.
            let bits = [0xe0 | code_point >> 12, 0x80 | code_point >> 6 & 0x3f, 0x80 | code_point & 0x3f];
            text.extend(bits.map(|bits| bits as u8));
        }
        None => {
            let message = format!("character U+{code_point:x} is not in range [U+0000; U+10ffff]");
            return Err(cx.value_error(message));
        }
    }
    Ok(())
}

/// The bytes of a value, at the front of the result: TypeError or OverflowError where it is none of this kind.
pub fn encode(cx: &mut Cx, code: u8, value: Value) -> PyResult<[u8; 8]> {
    match code {
        b'f' => {
            let number = float::real_number(cx, value)?;
            let mut word = [0; 8];
            word[..4].copy_from_slice(&(number as f32).to_le_bytes());
            Ok(word)
        }
        b'd' => Ok(float::real_number(cx, value)?.to_le_bytes()),
        b'u' | b'w' => encode_character(cx, value),
        _ => encode_integer(cx, code, value),
    }
}

fn encode_character(cx: &mut Cx, value: Value) -> PyResult<[u8; 8]> {
    let Some(text) = downcast::<Str>(value) else {
        let message = format!("array item must be a unicode character, not {}", class_name(cx, value));
        return Err(cx.type_error(message));
    };
    let length = text.characters.get().as_int();
    if length != 1 {
        let message = format!("array item must be a unicode character, not a string of length {length}");
        return Err(cx.type_error(message));
    }
    let code_point = py_object::types::str::code_points(text.bytes()).next().unwrap_or(0);
    let mut word = [0; 8];
    word[..4].copy_from_slice(&code_point.to_le_bytes());
    Ok(word)
}

/// What C calls a range of numbers that a conversion first checks.
struct Range {
    name: &'static str,
    low: i64,
    high: i64,
}

impl Range {
    fn check(&self, cx: &mut Cx, number: i64) -> PyResult<()> {
        let side = if number < self.low {
            "less than minimum"
        } else if number > self.high {
            "greater than maximum"
        } else {
            return Ok(());
        };
        Err(cx.raise(Kind::OVERFLOW_ERROR, format!("{} is {side}", self.name)))
    }
}

const SHORT: Range = Range { name: "signed short integer", low: -0x8000, high: 0x7fff };
const INT: Range = Range { name: "signed integer", low: i32::MIN as i64, high: i32::MAX as i64 };

fn encode_integer(cx: &mut Cx, code: u8, value: Value) -> PyResult<[u8; 8]> {
    let value = int::index(cx, value)?;
    let overflow = |cx: &mut Cx, message: &str| cx.raise(Kind::OVERFLOW_ERROR, message);
    if matches!(code, b'I' | b'L' | b'Q') {
        if int::is_negative(value) {
            let message = match code {
                b'Q' => "can't convert negative int to unsigned",
                _ => "can't convert negative value to unsigned int",
            };
            return Err(overflow(cx, message));
        }
        let Some(number) = int::as_big(value).and_then(|number| u64::try_from(number).ok()) else {
            let message = if code == b'Q' {
                "int too big to convert"
            } else {
                "Python int too large to convert to C unsigned long"
            };
            return Err(overflow(cx, message));
        };
        if code == b'I' && number > u64::from(u32::MAX) {
            return Err(overflow(cx, "unsigned int is greater than maximum"));
        }
        return Ok(number.to_le_bytes());
    }
    let Some(number) = int::as_i64(value) else {
        let message = if code == b'q' { "int too big to convert" } else { "Python int too large to convert to C long" };
        return Err(overflow(cx, message));
    };
    match code {
        b'b' => {
            SHORT.check(cx, number)?;
            Range { name: "signed char", low: -128, high: 127 }.check(cx, number)?;
        }
        b'B' => Range { name: "unsigned byte integer", low: 0, high: 255 }.check(cx, number)?,
        b'h' => SHORT.check(cx, number)?,
        b'H' => {
            INT.check(cx, number)?;
            Range { name: "unsigned short", low: 0, high: 0xffff }.check(cx, number)?;
        }
        b'i' => INT.check(cx, number)?,
        _ => {}
    }
    Ok(number.to_le_bytes())
}
