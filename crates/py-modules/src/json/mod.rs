//! `_json`: what makes the library's `json` fast.

mod encoder;
mod scanner;
mod strings;

use crate::{module_of, set};
use encoder::Encoder;
use py_macros::py_functions;
use py_object::bootstrap::add_methods;
use py_object::objects::{Module, Str, Tuple};
use py_object::types::class_name;
use py_object::types::str::length;
use py_object::{Cx, Kind, Object, PyResult, StrExt, downcast};
use scanner::Scanner;
use vm_heap::{Gc, Value, declare_layout};

/// Declares layouts and methods.
pub fn install(cx: &mut Cx) {
    declare_layout(Scanner::LAYOUT_ID, Scanner::LAYOUT);
    declare_layout(Encoder::LAYOUT_ID, Encoder::LAYOUT);
    add_methods(cx, Kind::JSON_SCANNER, scanner::JSON_SCANNER_METHODS);
    add_methods(cx, Kind::JSON_ENCODER, encoder::JSON_ENCODER_METHODS);
}

fn text_argument(cx: &mut Cx, value: Value) -> PyResult<Gc<Str>> {
    match downcast::<Str>(value) {
        Some(text) => Ok(text),
        None => {
            let message = format!("first argument must be a string, not {}", class_name(cx, value));
            Err(cx.type_error(message))
        }
    }
}

/// The functions.
pub struct Functions;

#[py_functions("_json")]
impl Functions {
    /// Return an ASCII-only JSON representation of a Python string.
    #[function]
    fn encode_basestring_ascii(cx: &mut Cx, string: Value) -> PyResult<Gc<Str>> {
        let text = text_argument(cx, string)?;
        let mut result = Vec::with_capacity(text.bytes().len() + 2);
        strings::push_ascii(&mut result, text.bytes());
        Str::checked(cx, &result)
    }
    /// Return a JSON representation of a Python string.
    #[function]
    fn encode_basestring(cx: &mut Cx, string: Value) -> PyResult<Gc<Str>> {
        let text = text_argument(cx, string)?;
        let mut result = Vec::with_capacity(text.bytes().len() + 2);
        strings::push_plain(&mut result, text.bytes());
        Str::checked(cx, &result)
    }
    /// Scan the string s for a JSON string.
    ///
    /// End is the index of the character in s after the quote that started the JSON string. Unescapes all valid JSON
    /// string escape sequences and raises ValueError on attempt to decode an invalid string. If strict is False then
    /// literal control characters are allowed in the string. Returns a tuple of the decoded string and the index of the
    /// character in s after the end quote.
    #[function]
    fn scanstring(cx: &mut Cx, string: Value, end: i64, #[default(true)] strict: bool) -> PyResult<Gc<Tuple>> {
        let text = text_argument(cx, string)?;
        let Some(start) = usize::try_from(end).ok().filter(|end| *end <= length(text)) else {
            return Err(cx.value_error("end is out of bounds"));
        };
        scanner::scan_string(cx, text, start, strict)
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "_json", FUNCTIONS);
    for (name, kind) in [("make_scanner", Kind::JSON_SCANNER), ("make_encoder", Kind::JSON_ENCODER)] {
        let class = cx.builtin_type(kind);
        set(cx, module, name, class.value())?;
    }
    Ok(module)
}
