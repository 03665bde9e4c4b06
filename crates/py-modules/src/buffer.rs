//! The bytes of objects that hold bytes.

use py_object::objects::Bytes;
use py_object::types::is_instance;
use py_object::{Cx, Kind, PyResult, call, downcast};
use vm_heap::{Gc, Value};

/// The content of a bytes-like object as `bytes`, copied unless it is `bytes`; `None` for other objects.
pub fn content(cx: &mut Cx, value: Value) -> PyResult<Option<Gc<Bytes>>> {
    if let Some(bytes) = downcast::<Bytes>(value) {
        return Ok(Some(bytes));
    }
    if is_instance(cx, value, Kind::BYTEARRAY) || is_instance(cx, value, Kind::MEMORYVIEW) {
        let class = cx.builtin_type(Kind::BYTES);
        let copy = call::call(cx, class.value(), &[value], None)?;
        return Ok(downcast::<Bytes>(copy));
    }
    Ok(None)
}

/// A new `bytes` object.
pub fn new_bytes(cx: &mut Cx, bytes: &[u8]) -> PyResult {
    Ok(Bytes::checked(cx, bytes)?.value())
}
