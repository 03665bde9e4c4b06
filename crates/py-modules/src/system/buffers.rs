//! The memory of bytes-like objects, for reading and for writing.

pub use py_object::buffer::{ByteView, WritableView};
use py_object::{Cx, Kind, Raised};
use vm_heap::Value;

/// The memory of a value that is bytes-like and can be written.
pub fn writable(cx: &mut Cx, value: Value) -> Option<WritableView> {
    let exported = py_object::buffer::export(value)?;
    if exported.readonly { None } else { WritableView::of(cx, value).ok() }
}

/// Raises BufferError.
pub fn buffer_error(cx: &mut Cx, message: &str) -> Raised {
    cx.raise(Kind::BUFFER_ERROR, message)
}
