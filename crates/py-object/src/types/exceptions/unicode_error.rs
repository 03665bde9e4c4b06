//! `UnicodeDecodeError`, `UnicodeEncodeError` and `UnicodeTranslateError`.

use super::details::{self, ENCODING};
use crate::arguments::Keywords;
use crate::cx::{Cx, PyResult, UNBOUND};
use crate::kinds::Kind;
use crate::objects::{Bytes, Exception, Str};
use crate::operations;
use crate::string::{StrExt, downcast};
use crate::types::{self, class_name, int};
use py_macros::py_methods;
use vm_heap::{Gc, Value};

const OBJECT: usize = ENCODING + 1;
const START: usize = ENCODING + 2;
const END: usize = ENCODING + 3;
const REASON: usize = ENCODING + 4;

/// Takes the arguments: encoding (unless it is about translating), object, start, end and reason.
fn init(cx: &mut Cx, this: Gc<Exception>, args: &[Value], kwargs: Keywords<'_>, kind: Kind) -> PyResult<()> {
    super::init(cx, this, args, kwargs)?;
    let first = if kind == Kind::UNICODE_TRANSLATE_ERROR { OBJECT } else { ENCODING };
    let wanted = REASON + 1 - first;
    if args.len() != wanted {
        let given = args.len();
        return Err(cx.type_error(format!("function takes exactly {wanted} arguments ({given} given)")));
    }
    for (index, argument) in args.iter().enumerate() {
        let field = first + index;
        let value = match field {
            START | END => {
                let number = int::index(cx, *argument)?;
                if int::as_i64(number).is_none() {
                    return Err(cx.raise(Kind::OVERFLOW_ERROR, "Python int too large to convert to C ssize_t"));
                }
                number
            }
            OBJECT if kind == Kind::UNICODE_DECODE_ERROR => bytes(cx, *argument)?,
            _ if downcast::<Str>(*argument).is_none() => {
                let (number, class) = (index + 1, class_name(cx, *argument));
                return Err(cx.type_error(format!("argument {number} must be str, not {class}")));
            }
            _ => *argument,
        };
        details::set(cx, this, field, value);
    }
    Ok(())
}

/// Bytes, or a copy of another buffer.
fn bytes(cx: &mut Cx, value: Value) -> PyResult {
    if downcast::<Bytes>(value).is_some() {
        return Ok(value);
    }
    let buffer = types::is_exactly(value, Kind::BYTEARRAY)
        || types::is_exactly(value, Kind::MEMORYVIEW)
        || types::lookup_special(cx, value, "__buffer__").is_some();
    if !buffer {
        let class = class_name(cx, value);
        return Err(cx.type_error(format!("a bytes-like object is required, not '{class}'")));
    }
    let class = cx.builtin_type(Kind::BYTES);
    crate::call::call(cx, class.value(), &[value], None)
}

/// The text: what can't be done, to which character or characters, and why.
fn text(cx: &mut Cx, this: Gc<Exception>, kind: Kind) -> PyResult<Gc<Str>> {
    if details::get(this, OBJECT) == UNBOUND {
        return Ok(cx.intern(""));
    }
    let reason = operations::to_str(cx, details::get_or_none(this, REASON))?.to_text();
    let front = if kind == Kind::UNICODE_TRANSLATE_ERROR {
        "can't translate".to_string()
    } else {
        let encoding = operations::to_str(cx, details::get_or_none(this, ENCODING))?.to_text();
        let verb = if kind == Kind::UNICODE_DECODE_ERROR { "decode" } else { "encode" };
        format!("'{encoding}' codec can't {verb}")
    };
    // What has run may have changed the exception.
    let object = details::get(this, OBJECT);
    let (fits, wanted) = match kind {
        Kind::UNICODE_DECODE_ERROR => (downcast::<Bytes>(object).is_some(), "bytes"),
        _ => (downcast::<Str>(object).is_some(), "string"),
    };
    match object {
        UNBOUND => return Err(cx.type_error("UnicodeError 'object' attribute is not set")),
        _ if !fits => return Err(cx.type_error(format!("UnicodeError 'object' attribute must be a {wanted}"))),
        _ => {}
    }
    let (start, end) = (details::int(this, START).unwrap_or(0), details::int(this, END).unwrap_or(0));
    let one = usize::try_from(start).ok().filter(|_| end == start.wrapping_add(1)).and_then(|at| {
        if let Some(bytes) = downcast::<Bytes>(object) {
            return crate::string::bytes_of(&bytes).get(at).map(|byte| format!("byte 0x{byte:02x}"));
        }
        let code = types::str::code_points(downcast::<Str>(object)?.bytes()).nth(at)?;
        Some(match code {
            0..=0xff => format!("character '\\x{code:02x}'"),
            0x100..=0xffff => format!("character '\\u{code:04x}'"),
            _ => format!("character '\\U{code:08x}'"),
        })
    });
    let what = if kind == Kind::UNICODE_DECODE_ERROR { "bytes" } else { "characters" };
    let text = match one {
        Some(one) => format!("{front} {one} in position {start}: {reason}"),
        None => format!("{front} {what} in position {start}-{}: {reason}", end.wrapping_sub(1)),
    };
    Ok(Str::new(cx, &text))
}

fn set_position(cx: &mut Cx, this: Gc<Exception>, field: usize, value: Value) -> PyResult<()> {
    if value == UNBOUND {
        return Err(cx.type_error("can't delete numeric/char attribute"));
    }
    if !int::is_int(value) {
        return Err(cx.type_error("an integer is required"));
    }
    details::set(cx, this, field, value);
    Ok(())
}

fn position(this: Gc<Exception>, field: usize) -> Value {
    match details::get(this, field) {
        UNBOUND => Value::int(0),
        number => number,
    }
}

/// The methods of `UnicodeDecodeError`.
pub struct UnicodeDecodeErrorMethods;

#[py_methods(UNICODE_DECODE_ERROR, name = "UnicodeDecodeError")]
impl UnicodeDecodeErrorMethods {
    #[method(signature = "($self, /, *args, **kwargs)")]
    fn __init__(
        cx: &mut Cx,
        this: Gc<Exception>,
        #[args] args: &[Value],
        #[kwargs] kwargs: Keywords<'_>,
    ) -> PyResult<()> {
        init(cx, this, args, kwargs, Kind::UNICODE_DECODE_ERROR)
    }
    #[method]
    fn __str__(cx: &mut Cx, this: Gc<Exception>) -> PyResult<Gc<Str>> {
        text(cx, this, Kind::UNICODE_DECODE_ERROR)
    }
}

/// The methods of `UnicodeEncodeError`.
pub struct UnicodeEncodeErrorMethods;

#[py_methods(UNICODE_ENCODE_ERROR, name = "UnicodeEncodeError")]
impl UnicodeEncodeErrorMethods {
    #[method(signature = "($self, /, *args, **kwargs)")]
    fn __init__(
        cx: &mut Cx,
        this: Gc<Exception>,
        #[args] args: &[Value],
        #[kwargs] kwargs: Keywords<'_>,
    ) -> PyResult<()> {
        init(cx, this, args, kwargs, Kind::UNICODE_ENCODE_ERROR)
    }
    #[method]
    fn __str__(cx: &mut Cx, this: Gc<Exception>) -> PyResult<Gc<Str>> {
        text(cx, this, Kind::UNICODE_ENCODE_ERROR)
    }
}

/// The methods of `UnicodeTranslateError`.
pub struct UnicodeTranslateErrorMethods;

#[py_methods(UNICODE_TRANSLATE_ERROR, name = "UnicodeTranslateError")]
impl UnicodeTranslateErrorMethods {
    #[method(signature = "($self, /, *args, **kwargs)")]
    fn __init__(
        cx: &mut Cx,
        this: Gc<Exception>,
        #[args] args: &[Value],
        #[kwargs] kwargs: Keywords<'_>,
    ) -> PyResult<()> {
        init(cx, this, args, kwargs, Kind::UNICODE_TRANSLATE_ERROR)
    }
    #[method]
    fn __str__(cx: &mut Cx, this: Gc<Exception>) -> PyResult<Gc<Str>> {
        text(cx, this, Kind::UNICODE_TRANSLATE_ERROR)
    }
}

/// The attributes that all three have.
pub struct PlaceMethods;

#[py_methods(PLACE, name = "UnicodeError")]
impl PlaceMethods {
    /// exception encoding
    #[getter]
    fn encoding(this: Gc<Exception>) -> Value {
        details::get_or_none(this, ENCODING)
    }
    #[setter]
    fn set_encoding(cx: &mut Cx, this: Gc<Exception>, value: Value) {
        details::set(cx, this, ENCODING, value);
    }
    /// exception object
    #[getter]
    fn object(this: Gc<Exception>) -> Value {
        details::get_or_none(this, OBJECT)
    }
    #[setter]
    fn set_object(cx: &mut Cx, this: Gc<Exception>, value: Value) {
        details::set(cx, this, OBJECT, value);
    }
    /// exception start
    #[getter]
    fn start(this: Gc<Exception>) -> Value {
        position(this, START)
    }
    #[setter]
    fn set_start(cx: &mut Cx, this: Gc<Exception>, value: Value) -> PyResult<()> {
        set_position(cx, this, START, value)
    }
    /// exception end
    #[getter]
    fn end(this: Gc<Exception>) -> Value {
        position(this, END)
    }
    #[setter]
    fn set_end(cx: &mut Cx, this: Gc<Exception>, value: Value) -> PyResult<()> {
        set_position(cx, this, END, value)
    }
    /// exception reason
    #[getter]
    fn reason(this: Gc<Exception>) -> Value {
        details::get_or_none(this, REASON)
    }
    #[setter]
    fn set_reason(cx: &mut Cx, this: Gc<Exception>, value: Value) {
        details::set(cx, this, REASON, value);
    }
}
