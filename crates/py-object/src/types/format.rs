//! The format mini-language of `format()`, `str.format` and f-strings, for `str`, `int` and `float`.

mod number;
mod specification;

pub use number::{NumberText, float_text};
pub use specification::{Refusal, Specification};

use crate::cx::{Cx, PyResult};
use crate::kinds::Kind;
use crate::objects::Str;
use crate::operations;
use crate::string::StrExt;
use crate::types::direct::{self, Special};
use crate::types::float::decimal::fixed_text;
use crate::types::{class_name, int};
use num_bigint::BigInt as Big;
use num_traits::Signed;
use vm_heap::{Gc, Value};

/// `format(value, specification)`, the specification being empty if it is `None`: through `__format__`, with short ways for exact
/// built-in classes.
pub fn format(cx: &mut Cx, value: Value, specification: Option<Gc<Str>>) -> PyResult<Gc<Str>> {
    let result = format_value(cx, value, specification)?;
    expect_str(cx, result)
}

/// The same, as `__format__` gave it: an instance of `str`.
pub fn format_value(cx: &mut Cx, value: Value, specification: Option<Gc<Str>>) -> PyResult {
    match specification.filter(|specification| !specification.bytes().is_empty()) {
        None if value.is_float() => return Ok(crate::types::float::str_of(cx, value.as_float()).value()),
        None if int::is_exact(value) => return Ok(int::str_of(cx, value)?.value()),
        None if crate::types::is_exactly(value, Kind::STR) => return Ok(value),
        Some(specification) if value.is_float() => return format_float(cx, value.as_float(), specification),
        _ => {}
    }
    let specification = specification.unwrap_or_else(|| cx.intern(""));
    let result = match direct::special(cx, value, Special::Format) {
        Some(hook) => hook(cx, &[value, specification.value()], None)?,
        None => {
            let Some(hook) = crate::types::lookup_special(cx, value, "__format__") else {
                let message = format!("Type {} doesn't define __format__", class_name(cx, value));
                return Err(cx.type_error(message));
            };
            crate::call::call_special(cx, hook, value, &[specification.value()], None)?
        }
    };
    expect_str(cx, result).map(|_| result)
}

/// A replacement field of an f-string: what `format` gives after a conversion (`s`, `r`, `a`, or another byte for none).
pub fn field_value(cx: &mut Cx, value: Value, conversion: u8, specification: Option<Gc<Str>>) -> PyResult {
    let value = match conversion {
        b's' => operations::str_value(cx, value)?,
        b'r' => operations::repr_value(cx, value)?,
        b'a' => crate::types::object::ascii_value(cx, value)?,
        _ => value,
    };
    format_value(cx, value, specification)
}

fn expect_str(cx: &mut Cx, result: Value) -> PyResult<Gc<Str>> {
    match crate::string::downcast::<Str>(result) {
        Some(text) => Ok(text),
        None => {
            let message = format!("__format__ must return a str, not {}", class_name(cx, result));
            Err(cx.type_error(message))
        }
    }
}

fn unknown_code(cx: &mut Cx, code: char, class: &str) -> vm_machine::Raised {
    cx.value_error(format!("Unknown format code '{code}' for object of type '{class}'"))
}

/// The specification that a text means: ValueError where it means none for objects of a class.
pub(crate) fn parsed(
    cx: &mut Cx,
    specification: Gc<Str>,
    class: impl FnOnce(&mut Cx) -> String,
    default_code: char,
) -> PyResult<Specification> {
    let outcome = match specification.as_str() {
        Some(text) => Specification::parse(text, default_code),
        None => Specification::parse(&specification.to_text(), default_code),
    };
    outcome.map_err(|refusal| {
        let message = match refusal {
            Refusal::Invalid => {
                let class = class(cx);
                format!("Invalid format specifier '{}' for object of type '{class}'", specification.to_text())
            }
            Refusal::Message(message) => message,
        };
        cx.value_error(message)
    })
}

/// `str.__format__`.
pub fn format_str(cx: &mut Cx, text: Gc<Str>, specification: Gc<Str>) -> PyResult {
    let spec = parsed(cx, specification, |_| "str".to_string(), 's')?;
    let refused = match &spec {
        Specification { code: Some(code), .. } if *code != 's' => return Err(unknown_code(cx, *code, "str")),
        Specification { sign: Some(' '), .. } => "Space not allowed in string format specifier",
        Specification { sign: Some(_), .. } => "Sign not allowed in string format specifier",
        Specification { positive_zero: true, .. } => {
            "Negative zero coercion (z) not allowed in string format specifier"
        }
        Specification { alternate: true, .. } => "Alternate form (#) not allowed in string format specifier",
        Specification { align: Some('='), .. } => "'=' alignment not allowed in string format specifier",
        _ => "",
    };
    if !refused.is_empty() {
        return Err(cx.value_error(refused));
    }
    let bytes = text.bytes();
    let end = match spec.precision {
        Some(precision) => crate::types::str::byte_offset(bytes, text.is_ascii(), precision),
        None => bytes.len(),
    };
    let cut = &bytes[..end];
    let length = crate::string::count_characters(cut);
    let (left, right) = spec.padding(length, '<');
    let mut result = Vec::with_capacity(cut.len() + left + right);
    let mut fill = [0; 4];
    let fill = spec.fill.encode_utf8(&mut fill).as_bytes();
    (0..left).for_each(|_| result.extend_from_slice(fill));
    result.extend_from_slice(cut);
    (0..right).for_each(|_| result.extend_from_slice(fill));
    Ok(Str::checked(cx, &result)?.value())
}

/// `int.__format__`.
pub fn format_int(cx: &mut Cx, value: Value, specification: Gc<Str>) -> PyResult {
    if specification.bytes().is_empty() {
        return Ok(operations::to_str(cx, value)?.value());
    }
    let class = |cx: &mut Cx| class_name(cx, value);
    let spec = parsed(cx, specification, class, 'd')?;
    match spec.code.unwrap_or('d') {
        'd' | 'b' | 'o' | 'x' | 'X' | 'n' | 'c' => {}
        'e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%' => {
            let number = int::to_float(cx, value)?;
            return format_float_with(cx, number, &spec);
        }
        code => {
            let class = class(cx);
            return Err(unknown_code(cx, code, &class));
        }
    }
    if spec.precision.is_some() {
        return Err(cx.value_error("Precision not allowed in integer format specifier"));
    }
    if spec.positive_zero {
        return Err(cx.value_error("Negative zero coercion (z) not allowed in integer format specifier"));
    }
    if spec.code == Some('c') {
        return format_character(cx, value, &spec);
    }
    let text = NumberText::of_int(cx, value, spec.code.unwrap_or('d'), spec.alternate)?;
    let text = text.laid_out(&spec);
    Ok(Str::checked(cx, text.as_bytes())?.value())
}

fn format_character(cx: &mut Cx, value: Value, spec: &Specification) -> PyResult {
    if spec.sign.is_some() {
        return Err(cx.value_error("Sign not allowed with integer format specifier 'c'"));
    }
    if spec.alternate {
        return Err(cx.value_error("Alternate form (#) not allowed with integer format specifier 'c'"));
    }
    let Some(code) = int::as_i64(value) else {
        return Err(cx.raise(Kind::OVERFLOW_ERROR, "Python int too large to convert to C long"));
    };
    if !(0..0x11_0000).contains(&code) {
        return Err(cx.raise(Kind::OVERFLOW_ERROR, "%c arg not in range(0x110000)"));
    }
    let mut bytes = Vec::new();
    let (left, right) = spec.padding(1, '>');
    (0..left).for_each(|_| crate::types::str::push_code_point(&mut bytes, spec.fill as u32));
    crate::types::str::push_code_point(&mut bytes, code as u32);
    (0..right).for_each(|_| crate::types::str::push_code_point(&mut bytes, spec.fill as u32));
    Ok(Str::checked(cx, &bytes)?.value())
}

/// `float.__format__`.
pub fn format_float(cx: &mut Cx, number: f64, specification: Gc<Str>) -> PyResult {
    if specification.bytes().is_empty() {
        return Ok(crate::types::float::str_of(cx, number).value());
    }
    if let Some(digits) = plain_precision(specification.bytes())
        && number.is_finite()
        && let Some(text) = fixed_text(&mut [0; 72], number, digits)
    {
        return Ok(Str::from_ascii(cx, text.as_bytes()).value());
    }
    let spec = parsed(cx, specification, |_| "float".to_string(), '\0')?;
    format_float_with(cx, number, &spec)
}

/// The digits behind the point that a specification like `.2f` asks for.
fn plain_precision(specification: &[u8]) -> Option<usize> {
    match specification {
        [b'.', digit @ b'0'..=b'9', b'f'] => Some(usize::from(digit - b'0')),
        _ => None,
    }
}

fn format_float_with(cx: &mut Cx, number: f64, spec: &Specification) -> PyResult {
    if let Some(code) = spec.code
        && !"eEfFgGn%".contains(code)
    {
        return Err(unknown_code(cx, code, "float"));
    }
    if spec.precision.is_some_and(|precision| precision > i32::MAX as usize) {
        return Err(cx.value_error("precision too big"));
    }
    let mut text = NumberText::of_float(number, spec.code, spec.precision, spec.alternate);
    if spec.positive_zero && text.is_zero() {
        text.negative = false;
    }
    let text = text.laid_out(spec);
    Ok(Str::checked(cx, text.as_bytes())?.value())
}

/// The digits of an int in a base, without sign.
pub(crate) fn digits_in_base(number: &Big, base: u32) -> String {
    number.abs().to_str_radix(base)
}
