//! Bytes-like objects as `struct` and `array` take them: copies of their bytes, and writing into them.
//!
//! What is read is copied, so that nothing borrows an object's memory across code that may change it.

use py_object::buffer::{ByteView, WritableView};
use py_object::objects::{ByteArray, Bytes};
use py_object::types::class_name;
use py_object::{Cx, Kind, PyResult, downcast};
use vm_heap::Value;

/// The bytes of a `bytes` or `bytearray` object.
pub fn plain(value: Value) -> Option<Vec<u8>> {
    if downcast::<Bytes>(value).is_none() && downcast::<ByteArray>(value).is_none() {
        return None;
    }
    ByteView::try_of(value).map(|view| view.bytes().to_vec())
}

/// The number of bytes.
pub fn length(cx: &mut Cx, value: Value) -> PyResult<usize> {
    Ok(ByteView::of(cx, value)?.len())
}

/// A copy of `count` bytes.
pub fn read(cx: &mut Cx, value: Value, from: usize, count: usize) -> PyResult<Vec<u8>> {
    let view = ByteView::of(cx, value)?;
    match view.bytes().get(from..from.saturating_add(count)) {
        Some(bytes) => Ok(bytes.to_vec()),
        None => Err(cx.raise(Kind::RUNTIME_ERROR, "the buffer has changed its size")),
    }
}

/// All bytes.
pub fn read_all(cx: &mut Cx, value: Value) -> PyResult<Vec<u8>> {
    Ok(ByteView::of(cx, value)?.bytes().to_vec())
}

/// The memory of an object that may be written to.
pub fn writable(cx: &mut Cx, value: Value) -> PyResult<WritableView> {
    if let Some(view) = WritableView::try_of(value) {
        return Ok(view);
    }
    let message = format!("argument must be read-write bytes-like object, not {}", class_name(cx, value));
    match WritableView::of(cx, value) {
        Ok(view) => Ok(view),
        Err(raised) if !py_object::types::is_instance(cx, cx.raised.get(), Kind::TYPE_ERROR) => Err(raised),
        Err(_) => {
            cx.take_raised();
            Err(cx.type_error(message))
        }
    }
}
