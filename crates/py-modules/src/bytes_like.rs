//! Bytes-like objects as native modules see them: their length, a copy of some of their bytes, and writing into them.
//!
//! Nothing borrows an object's bytes across code that may change or resize it.

use crate::array::with_bytes;
use py_object::objects::{Bytes, TypedArray};
use py_object::string::bytes_of;
use py_object::types::class_name;
use py_object::{Cx, Kind, PyResult, Raised, downcast};
use vm_heap::Value;

#[cold]
fn not_bytes_like(cx: &mut Cx, value: Value) -> Raised {
    let message = format!("a bytes-like object is required, not '{}'", class_name(cx, value));
    cx.type_error(message)
}

/// The bytes of a `bytes` object.
pub fn plain(value: Value) -> Option<Vec<u8>> {
    downcast::<Bytes>(value).map(|bytes| bytes_of(&bytes).to_vec())
}

/// Runs `body` on the bytes of an object; it must not call anything. `None` where the object is not bytes-like.
fn with<R>(value: Value, body: impl FnOnce(&[u8]) -> R) -> Option<R> {
    if let Some(bytes) = downcast::<Bytes>(value) {
        return Some(body(bytes_of(&bytes)));
    }
    downcast::<TypedArray>(value).map(|array| with_bytes(array, |bytes| body(bytes)))
}

/// The number of bytes.
pub fn length(cx: &mut Cx, value: Value) -> PyResult<usize> {
    with(value, <[u8]>::len).ok_or_else(|| not_bytes_like(cx, value))
}

/// A copy of `count` bytes.
pub fn read(cx: &mut Cx, value: Value, from: usize, count: usize) -> PyResult<Vec<u8>> {
    match with(value, |bytes| bytes.get(from..from + count).map(<[u8]>::to_vec)) {
        Some(Some(bytes)) => Ok(bytes),
        Some(None) => Err(cx.raise(Kind::RUNTIME_ERROR, "the buffer has changed its size")),
        None => Err(not_bytes_like(cx, value)),
    }
}

/// All bytes.
pub fn read_all(cx: &mut Cx, value: Value) -> PyResult<Vec<u8>> {
    with(value, <[u8]>::to_vec).ok_or_else(|| not_bytes_like(cx, value))
}

/// The number of bytes of an object that may be written to.
pub fn writable_length(cx: &mut Cx, value: Value) -> PyResult<usize> {
    if downcast::<TypedArray>(value).is_some() {
        return length(cx, value);
    }
    let message = format!("argument must be read-write bytes-like object, not {}", class_name(cx, value));
    Err(cx.type_error(message))
}

/// Writes bytes at an offset.
pub fn write(cx: &mut Cx, value: Value, at: usize, new: &[u8]) -> PyResult<()> {
    let Some(array) = downcast::<TypedArray>(value) else {
        return writable_length(cx, value).map(|_| ());
    };
    let written = with_bytes(array, |bytes| match bytes.get_mut(at..at + new.len()) {
        Some(place) => {
            place.copy_from_slice(new);
            true
        }
        None => false,
    });
    if written { Ok(()) } else { Err(cx.raise(Kind::RUNTIME_ERROR, "the buffer has changed its size")) }
}
