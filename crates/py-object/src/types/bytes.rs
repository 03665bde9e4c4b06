//! `bytes`.

pub(crate) mod algorithms;
mod methods;
mod shared;

pub use methods::BYTES_METHODS;
pub(crate) use methods::content_from;
pub use shared::for_bytearray::BYTEARRAY_METHODS as SHARED_BYTEARRAY_METHODS;
pub use shared::for_bytes::BYTES_METHODS as SHARED_BYTES_METHODS;

use crate::cx::{Cx, PyResult};
use crate::kinds::Kind;
use crate::objects::{Bytes, Str, Type};
use crate::string::{bytes_of, downcast};
use crate::types::{self, class_name, int, list};
use vm_heap::{Gc, Value};

/// The content of a bytes-like object as `bytes`, copied unless it is `bytes`; `None` for other objects.
pub fn content_of(cx: &mut Cx, value: Value) -> PyResult<Option<Gc<Bytes>>> {
    if let Some(bytes) = downcast::<Bytes>(value) {
        return Ok(Some(bytes));
    }
    match crate::buffer::ByteView::find(cx, value)? {
        Some(view) => Bytes::checked(cx, view.bytes()).map(Some),
        None => Ok(None),
    }
}

/// What the `__bytes__` of an object gives, if its class has one.
fn through_hook(cx: &mut Cx, object: Value) -> PyResult<Option<Value>> {
    let Some(hook) = types::lookup_special(cx, object, "__bytes__") else { return Ok(None) };
    let result = crate::call::call_special(cx, hook, object, &[], None)?;
    match downcast::<Bytes>(result) {
        Some(_) => Ok(Some(result)),
        None => {
            let message = format!("__bytes__ returned non-bytes (type {})", class_name(cx, result));
            Err(cx.type_error(message))
        }
    }
}

/// `bytes(object)` for an object that is no int and no text: bytes, `__bytes__`, or an iterable of ints.
pub fn from_object(cx: &mut Cx, object: Value) -> PyResult<Gc<Bytes>> {
    if let Some(bytes) = downcast::<Bytes>(object) {
        return Ok(bytes);
    }
    if let Some(bytes) = through_hook(cx, object)?.and_then(downcast) {
        return Ok(bytes);
    }
    if let Some(view) = crate::buffer::ByteView::find(cx, object)? {
        return Bytes::checked(cx, view.bytes());
    }
    let content = bytes_from_iterable(cx, object, "bytes")?;
    Bytes::checked(cx, &content)
}

/// The bytes that an iterable gives as ints, or an object with `__buffer__` lends.
pub(crate) fn bytes_from_iterable(cx: &mut Cx, object: Value, class: &str) -> PyResult<Vec<u8>> {
    if let Some(view) = crate::buffer::ByteView::find(cx, object)? {
        return Ok(view.bytes().to_vec());
    }
    let has_iter = types::lookup_special(cx, object, "__iter__").is_some()
        || types::lookup_special(cx, object, "__getitem__").is_some();
    if !has_iter || downcast::<Str>(object).is_some() {
        let message = format!("cannot convert '{}' object to {class}", class_name(cx, object));
        return Err(cx.type_error(message));
    }
    let range = if class == "bytes" { "bytes must be in range(0, 256)" } else { "byte must be in range(0, 256)" };
    let numbers = list::sequence_of(cx, object)?;
    let mut result = Vec::with_capacity(list::length(numbers));
    // The list may be that of the caller, and `__index__` may change it.
    let mut at = 0;
    while let Some(item) = list::item(numbers, at) {
        at += 1;
        let number = int::index(cx, item)?;
        match int::as_i64(number).and_then(|number| u8::try_from(number).ok()) {
            Some(byte) => result.push(byte),
            None => return Err(cx.value_error(range)),
        }
    }
    Ok(result)
}

/// `bytes.decode` of a bytes-like object.
pub(crate) fn decode_bytes(
    cx: &mut Cx,
    object: Value,
    encoding: Option<Gc<Str>>,
    errors: Option<Gc<Str>>,
) -> PyResult<Gc<Str>> {
    let bytes = match downcast::<Bytes>(object) {
        Some(bytes) => bytes,
        None => {
            let view = crate::buffer::ByteView::of(cx, object)?;
            Bytes::checked(cx, view.bytes())?
        }
    };
    crate::codecs::decode(cx, bytes, encoding, errors)
}

/// An instance of `class`, a subclass of `bytes` or `bytes` itself.
fn of_class(cx: &mut Cx, class: Gc<Type>, bytes: Gc<Bytes>) -> Value {
    types::extend(cx, class, bytes.value())
}

/// `repr(bytes)`.
pub fn repr_of(bytes: &[u8]) -> String {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
    let mut text = format!("b{quote}");
    for byte in bytes {
        match byte {
            b'\n' => text.push_str("\\n"),
            b'\r' => text.push_str("\\r"),
            b'\t' => text.push_str("\\t"),
            b'\\' => text.push_str("\\\\"),
            0x20..0x7f if *byte as char == quote => text.extend(['\\', quote]),
            0x20..0x7f => text.push(*byte as char),
            _ => text.push_str(&format!("\\x{byte:02x}")),
        }
    }
    text.push(quote);
    text
}
