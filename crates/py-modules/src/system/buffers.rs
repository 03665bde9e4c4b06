//! The memory of bytes-like objects, for reading and for writing.

pub use py_object::buffer::{ByteView, WritableView};

use py_object::Cx;

/// Raises BufferError, where there is that class.
pub fn buffer_error(cx: &mut Cx, message: &str) -> py_object::Raised {
    let builtins = cx.runtime.builtins.get().expect("made at start-up");
    let name = cx.intern("BufferError");
    let class = py_object::objects::Dict::get_str(cx, builtins, name);
    let text = py_object::objects::Str::new(cx, message);
    let made = class.and_then(|class| py_object::call::call(cx, class, &[text.value()], None).ok());
    match made.and_then(py_object::exception::as_exception) {
        Some(exception) => py_object::exception::raise(cx, exception),
        None => cx.value_error(message),
    }
}
