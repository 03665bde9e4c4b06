//! `bytes`.

mod methods;

pub use methods::BYTES_METHODS;

use crate::cx::{Cx, PyResult};
use crate::kinds::Kind;
use crate::objects::{Bytes, List, Type};
use crate::sequence::elements;
use crate::string::{bytes_of, downcast};
use crate::types::{self, class_name, int, list};
use vm_heap::{Gc, Value};

/// The content of a bytes-like object as `bytes`, copied unless it is `bytes`; `None` for other objects.
pub fn content_of(cx: &mut Cx, value: Value) -> PyResult<Option<Gc<Bytes>>> {
    if let Some(bytes) = downcast::<Bytes>(value) {
        return Ok(Some(bytes));
    }
    if types::is_instance(cx, value, Kind::BYTEARRAY) || types::is_instance(cx, value, Kind::MEMORYVIEW) {
        let class = cx.builtin_type(Kind::BYTES);
        let copy = crate::call::call(cx, class.value(), &[value], None)?;
        return Ok(downcast::<Bytes>(copy));
    }
    Ok(None)
}

/// `bytes(object)` for an object that is no int and no text: bytes, `__bytes__`, or an iterable of ints.
pub fn from_object(cx: &mut Cx, object: Value) -> PyResult<Gc<Bytes>> {
    if let Some(bytes) = downcast::<Bytes>(object) {
        return Ok(bytes);
    }
    if let Some(hook) = types::lookup_special(cx, object, "__bytes__") {
        let result = crate::call::call(cx, hook, &[object], None)?;
        return match downcast::<Bytes>(result) {
            Some(bytes) => Ok(bytes),
            None => {
                let message = format!("__bytes__ returned non-bytes (type {})", class_name(cx, result));
                Err(cx.type_error(message))
            }
        };
    }
    if types::lookup_special(cx, object, "__iter__").is_none() {
        let message = format!("cannot convert '{}' object to bytes", class_name(cx, object));
        return Err(cx.type_error(message));
    }
    let numbers = list::sequence_of(cx, object)?;
    let (items, count) = List::snapshot(&numbers);
    let mut result = Vec::with_capacity(count);
    for at in 0..count {
        let number = int::index(cx, elements(&items)[at].get())?;
        match int::as_i64(number).and_then(|number| u8::try_from(number).ok()) {
            Some(byte) => result.push(byte),
            None => return Err(cx.value_error("bytes must be in range(0, 256)")),
        }
    }
    Bytes::checked(cx, &result)
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
