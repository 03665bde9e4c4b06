//! The memory of bytes-like objects, for reading and for writing.

pub use py_object::buffer::{ByteView, WritableView};
