//! `template % values`.

use super::*;
use crate::kinds::Kind;
use crate::objects::Tuple;
use crate::operations;
use crate::sequence::tuple_items;
use crate::string::downcast;
use crate::types::format::{NumberText, Specification};
use crate::types::{class_name, float, int};

/// The values that a template takes, in order or by key.
struct Source {
    values: Value,
    /// Next item of a tuple of values; a single value counts as item 0.
    next: usize,
    /// Whether values are looked up by key.
    by_key: bool,
    /// Whether the template is bytes.
    is_bytes: bool,
}

impl Source {
    /// Whether values can be looked up by key: text cannot, though it has items.
    fn is_mapping(&self, cx: &mut Cx) -> bool {
        if downcast::<Tuple>(self.values).is_some() || self.values.is_int() || self.values.is_float() {
            return false;
        }
        let is_text = match self.is_bytes {
            true => crate::buffer::ByteView::try_of(self.values).is_some(),
            false => downcast::<Str>(self.values).is_some(),
        };
        !is_text && crate::types::lookup_special(cx, self.values, "__getitem__").is_some()
    }

    fn next(&mut self, cx: &mut Cx) -> PyResult {
        let at = self.next;
        self.next += 1;
        match downcast::<Tuple>(self.values) {
            Some(tuple) if at < tuple_items(&tuple).len() => return Ok(tuple_items(&tuple)[at]),
            None if at == 0 && !self.by_key => return Ok(self.values),
            _ => {}
        }
        Err(cx.type_error("not enough arguments for format string"))
    }

    fn is_used_up(&self) -> bool {
        match downcast::<Tuple>(self.values) {
            Some(tuple) => self.next >= tuple_items(&tuple).len(),
            None => self.next > 0 || self.by_key,
        }
    }
}

/// One conversion: `%[(key)][flags][width][.precision]code`.
struct Conversion {
    left: bool,
    sign: Option<char>,
    alternate: bool,
    zero: bool,
    width: usize,
    precision: Option<usize>,
}

impl Conversion {
    /// Whether there is nothing special about signs, zeros and forms.
    fn is_plain(&self) -> bool {
        self.sign.is_none() && !self.alternate && !self.zero
    }
}

/// `template % values` for text.
pub fn percent_format(cx: &mut Cx, template: Gc<Str>, values: Value) -> PyResult {
    let result = formatted(cx, template.bytes(), values, false)?;
    Ok(Str::checked(cx, &result)?.value())
}

/// `template % values` for bytes.
pub(crate) fn format_bytes(cx: &mut Cx, template: &[u8], values: Value) -> PyResult<Vec<u8>> {
    formatted(cx, template, values, true)
}

fn formatted(cx: &mut Cx, bytes: &[u8], values: Value, is_bytes: bool) -> PyResult<Vec<u8>> {
    let mut source = Source { values, next: 0, by_key: false, is_bytes };
    let mut result: Vec<u8> = Vec::with_capacity(bytes.len() + 16);
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'%', &bytes[at..]) {
        result.extend_from_slice(&bytes[at..at + found]);
        at += found + 1;
        at = convert(cx, bytes, at, &mut source, &mut result)?;
    }
    result.extend_from_slice(&bytes[at..]);
    if !source.is_used_up() && !source.is_mapping(cx) {
        let what = if is_bytes { "bytes" } else { "string" };
        return Err(cx.type_error(format!("not all arguments converted during {what} formatting")));
    }
    Ok(result)
}

fn incomplete(cx: &mut Cx) -> vm_machine::Raised {
    cx.value_error("incomplete format")
}

fn convert(cx: &mut Cx, bytes: &[u8], mut at: usize, source: &mut Source, result: &mut Vec<u8>) -> PyResult<usize> {
    if let Some(code @ (b's' | b'd')) = bytes.get(at)
        && !source.is_bytes
    {
        let value = source.next(cx)?;
        if value.is_int() {
            result.extend_from_slice(int::text_of_i64(&mut [0; 20], value.as_int()).as_bytes());
            return Ok(at + 1);
        }
        if *code == b's' {
            result.extend_from_slice(operations::to_str(cx, value)?.bytes());
            return Ok(at + 1);
        }
        // Not taken yet.
        source.next -= 1;
    }
    let mut conversion =
        Conversion { left: false, sign: None, alternate: false, zero: false, width: 0, precision: None };
    let mut by_key: Option<Value> = None;
    if bytes.get(at) == Some(&b'%') {
        result.push(b'%');
        return Ok(at + 1);
    }
    if bytes.get(at) == Some(&b'(') {
        if !source.is_mapping(cx) {
            return Err(cx.type_error("format requires a mapping"));
        }
        let (key, behind) = read_key(cx, bytes, at + 1)?;
        let key = match source.is_bytes {
            true => crate::objects::Bytes::checked(cx, key)?.value(),
            false => Str::checked(cx, key)?.value(),
        };
        by_key = Some(operations::get_item(cx, source.values, key)?);
        source.by_key = true;
        at = behind;
    }
    while let Some(flag) = bytes.get(at) {
        match flag {
            b'-' => conversion.left = true,
            b'+' => conversion.sign = Some('+'),
            b' ' => conversion.sign = conversion.sign.or(Some(' ')),
            b'#' => conversion.alternate = true,
            b'0' => conversion.zero = true,
            _ => break,
        }
        at += 1;
    }
    let (width, next) = read_number(cx, bytes, at, source, "width too big")?;
    at = next;
    if let Some(width) = width {
        conversion.left |= width < 0;
        conversion.width = width.unsigned_abs() as usize;
        if result.try_reserve(conversion.width).is_err() {
            return Err(cx.raise(Kind::MEMORY_ERROR, ""));
        }
    }
    if bytes.get(at) == Some(&b'.') {
        let (precision, next) = read_number(cx, bytes, at + 1, source, "precision too big")?;
        conversion.precision = Some(precision.unwrap_or(0).max(0) as usize);
        at = next;
    }
    if matches!(bytes.get(at), Some(b'h' | b'l' | b'L')) {
        at += 1;
    }
    if at >= bytes.len() {
        return Err(incomplete(cx));
    }
    let value = match by_key {
        Some(value) => value,
        None => source.next(cx)?,
    };
    if source.is_bytes {
        write_bytes(cx, bytes, at, value, &conversion, result)?;
    } else {
        write(cx, bytes, at, value, &conversion, result)?;
    }
    Ok(at + 1)
}

fn read_key<'a>(cx: &mut Cx, bytes: &'a [u8], start: usize) -> PyResult<(&'a [u8], usize)> {
    let mut depth = 1;
    for (offset, byte) in bytes[start..].iter().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Ok((&bytes[start..start + offset], start + offset + 1));
        }
    }
    Err(cx.value_error("incomplete format key"))
}

fn read_number(
    cx: &mut Cx,
    bytes: &[u8],
    mut at: usize,
    source: &mut Source,
    too_big: &str,
) -> PyResult<(Option<i64>, usize)> {
    if bytes.get(at) == Some(&b'*') {
        let value = source.next(cx)?;
        return match int::as_i64(value) {
            Some(number) if number.unsigned_abs() <= i32::MAX as u64 => Ok((Some(number), at + 1)),
            _ if !int::is_int(value) => Err(cx.type_error("* wants int")),
            Some(i64::MIN) => Err(cx.raise(Kind::OVERFLOW_ERROR, too_big)),
            Some(number) if too_big.starts_with("width") => Ok((Some(number), at + 1)),
            Some(_) => Err(cx.raise(Kind::OVERFLOW_ERROR, "Python int too large to convert to C int")),
            None if too_big.starts_with("width") => {
                Err(cx.raise(Kind::OVERFLOW_ERROR, "Python int too large to convert to C ssize_t"))
            }
            None => Err(cx.raise(Kind::OVERFLOW_ERROR, "Python int too large to convert to C int")),
        };
    }
    let mut number: Option<i64> = None;
    while let Some(digit @ b'0'..=b'9') = bytes.get(at) {
        let sum = number.unwrap_or(0) * 10 + i64::from(digit - b'0');
        if sum > i64::from(i32::MAX) {
            return Err(cx.value_error(too_big));
        }
        number = Some(sum);
        at += 1;
    }
    Ok((number, at))
}

fn write(
    cx: &mut Cx,
    template: &[u8],
    at: usize,
    value: Value,
    conversion: &Conversion,
    result: &mut Vec<u8>,
) -> PyResult<()> {
    match template[at] {
        code @ (b's' | b'r' | b'a') => {
            let text = match code {
                b's' => operations::to_str(cx, value)?,
                b'r' => operations::repr(cx, value)?,
                _ => crate::types::object::ascii_of(cx, value)?,
            };
            let bytes = text.bytes();
            let end = conversion.precision.map_or(bytes.len(), |most| byte_offset(bytes, text.is_ascii(), most));
            pad(conversion, &bytes[..end], result);
        }
        b'c' => {
            let character = character_of(cx, value)?;
            pad(conversion, &character, result);
        }
        b'd' if value.is_int() && conversion.is_plain() && conversion.precision.is_none() => {
            pad(conversion, int::text_of_i64(&mut [0; 20], value.as_int()).as_bytes(), result);
        }
        code @ (b'd' | b'i' | b'u' | b'o' | b'x' | b'X') => {
            let text = integer(cx, value, code as char, conversion)?;
            pad(conversion, text.as_bytes(), result);
        }
        code @ (b'e' | b'E' | b'f' | b'F' | b'g' | b'G') => {
            let number = float::real_number(cx, value)?;
            let precision = Some(conversion.precision.unwrap_or(6));
            if code == b'f'
                && number.is_finite()
                && conversion.is_plain()
                && let Some(text) = float::decimal::fixed_text(&mut [0; 72], number, conversion.precision.unwrap_or(6))
            {
                pad(conversion, text.as_bytes(), result);
                return Ok(());
            }
            let text = NumberText::of_float(number, Some(code as char), precision, conversion.alternate);
            let text = text.laid_out(&specification(conversion));
            pad(conversion, text.as_bytes(), result);
        }
        _ => {
            let code = code_points(&template[at..]).next().unwrap_or(0);
            let shown = if (0x20..0x7f).contains(&code) { char::from_u32(code).unwrap_or('?') } else { '?' };
            let position = crate::string::count_characters(&template[..at]);
            let message = format!("unsupported format character '{shown}' ({code:#x}) at index {position}");
            return Err(cx.value_error(message));
        }
    }
    Ok(())
}

/// The conversions that differ for bytes.
fn write_bytes(
    cx: &mut Cx,
    template: &[u8],
    at: usize,
    value: Value,
    conversion: &Conversion,
    result: &mut Vec<u8>,
) -> PyResult<()> {
    let content = match template[at] {
        b's' | b'b' => bytes_argument(cx, value)?,
        b'r' | b'a' => crate::types::object::ascii_of(cx, value)?.bytes().to_vec(),
        b'c' => return write_byte(cx, value, conversion, result),
        b'd' | b'i' | b'u' | b'o' | b'x' | b'X' | b'e' | b'E' | b'f' | b'F' | b'g' | b'G' => {
            return write(cx, template, at, value, conversion, result);
        }
        code => {
            let shown = if (0x20..0x7f).contains(&code) { code as char } else { '?' };
            let message = format!("unsupported format character '{shown}' ({code:#x}) at index {at}");
            return Err(cx.value_error(message));
        }
    };
    let end = conversion.precision.map_or(content.len(), |most| most.min(content.len()));
    pad_bytes(conversion, &content[..end], result);
    Ok(())
}

fn write_byte(cx: &mut Cx, value: Value, conversion: &Conversion, result: &mut Vec<u8>) -> PyResult<()> {
    if let Some(view) = crate::buffer::ByteView::try_of(value) {
        let [byte] = view.bytes() else {
            let (class, length) = (class_name(cx, value), view.len());
            let message = format!(
                "%c requires an integer in range(256) or a single byte, not a {class} object of length {length}"
            );
            return Err(cx.type_error(message));
        };
        pad_bytes(conversion, &[*byte], result);
        return Ok(());
    }
    let Some(number) = int::try_index(cx, value)? else {
        let class = crate::types::class_of(cx, value);
        let class = crate::types::object::qualified_name(cx, class);
        let message = format!("%c requires an integer in range(256) or a single byte, not {class}");
        return Err(cx.type_error(message));
    };
    match int::as_i64(number).and_then(|number| u8::try_from(number).ok()) {
        Some(byte) => pad_bytes(conversion, &[byte], result),
        None => return Err(cx.raise(Kind::OVERFLOW_ERROR, "%c arg not in range(256)")),
    }
    Ok(())
}

/// What `%b` writes: a bytes-like object, or what `__bytes__` gives.
fn bytes_argument(cx: &mut Cx, value: Value) -> PyResult<Vec<u8>> {
    if let Some(view) = crate::buffer::ByteView::try_of(value) {
        return Ok(view.bytes().to_vec());
    }
    let has_bytes = crate::types::lookup_special(cx, value, "__bytes__").is_some()
        || crate::types::lookup_special(cx, value, "__buffer__").is_some();
    if !has_bytes {
        let class = class_name(cx, value);
        let message = format!("%b requires a bytes-like object, or an object that implements __bytes__, not '{class}'");
        return Err(cx.type_error(message));
    }
    let bytes = crate::types::bytes::from_object(cx, value)?;
    Ok(crate::string::bytes_of(&bytes).to_vec())
}

fn pad_bytes(conversion: &Conversion, content: &[u8], result: &mut Vec<u8>) {
    let spaces = conversion.width.saturating_sub(content.len());
    if !conversion.left {
        result.extend(std::iter::repeat_n(b' ', spaces));
    }
    result.extend_from_slice(content);
    if conversion.left {
        result.extend(std::iter::repeat_n(b' ', spaces));
    }
}

fn specification(conversion: &Conversion) -> Specification {
    let zeros = conversion.zero && !conversion.left;
    Specification {
        fill: if zeros { '0' } else { ' ' },
        align: Some(if conversion.left {
            '<'
        } else if zeros {
            '='
        } else {
            '>'
        }),
        sign: conversion.sign,
        positive_zero: false,
        alternate: conversion.alternate,
        width: conversion.width,
        grouping: None,
        precision: None,
        fraction_grouping: None,
        code: None,
    }
}

fn pad(conversion: &Conversion, text: &[u8], result: &mut Vec<u8>) {
    let spaces = conversion.width.saturating_sub(crate::string::count_characters(text));
    if !conversion.left {
        result.extend(std::iter::repeat_n(b' ', spaces));
    }
    result.extend_from_slice(text);
    if conversion.left {
        result.extend(std::iter::repeat_n(b' ', spaces));
    }
}

fn character_of(cx: &mut Cx, value: Value) -> PyResult<Vec<u8>> {
    if let Some(text) = downcast::<Str>(value) {
        if length(text) == 1 {
            return Ok(text.bytes().to_vec());
        }
        let message = format!("%c requires an int or a unicode character, not a string of length {}", length(text));
        return Err(cx.type_error(message));
    }
    let Some(number) = int::try_index(cx, value)? else {
        let class = crate::types::class_of(cx, value);
        let class = crate::types::object::qualified_name(cx, class);
        let message = format!("%c requires an int or a unicode character, not {class}");
        return Err(cx.type_error(message));
    };
    match int::as_i64(number) {
        Some(code) if (0..0x11_0000).contains(&code) => {
            let mut bytes = Vec::new();
            push_code_point(&mut bytes, code as u32);
            Ok(bytes)
        }
        _ => Err(cx.raise(Kind::OVERFLOW_ERROR, "%c arg not in range(0x110000)")),
    }
}

fn integer(cx: &mut Cx, value: Value, code: char, conversion: &Conversion) -> PyResult<String> {
    let decimal = matches!(code, 'd' | 'i' | 'u');
    let number = if int::is_int(value) {
        value
    } else if decimal && let Some(hook) = crate::types::lookup_special(cx, value, "__int__") {
        // Floats and the like are truncated.
        crate::call::call_special(cx, hook, value, &[], None)?
    } else {
        match int::try_index(cx, value)? {
            Some(number) => number,
            None => {
                let wanted = if decimal { "a real number" } else { "an integer" };
                let message = format!("%{code} format: {wanted} is required, not {}", class_name(cx, value));
                return Err(cx.type_error(message));
            }
        }
    };
    if !int::is_int(number) {
        let message = format!("%{code} format: a real number is required, not {}", class_name(cx, value));
        return Err(cx.type_error(message));
    }
    let code = if decimal { 'd' } else { code };
    let mut text = NumberText::of_int(cx, number, code, conversion.alternate)?;
    if let Some(precision) = conversion.precision {
        let zeros = precision.saturating_sub(text.whole.len());
        text.whole = "0".repeat(zeros) + &text.whole;
    }
    Ok(text.laid_out(&specification(conversion)))
}
