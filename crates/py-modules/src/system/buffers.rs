//! The memory of bytes-like objects, for reading and for writing.

use py_object::objects::Bytes;
use py_object::string::bytes_of;
use py_object::types::class_name;
use py_object::{Cx, PyResult, downcast};
use vm_heap::Value;

/// The bytes of a bytes-like object. It stays valid while the view lies on a stack.
#[derive(Clone, Copy, Debug)]
pub struct ByteView {
    /// Keeps the memory alive.
    pub owner: Value,
    start: *const u8,
    length: usize,
}

impl ByteView {
    /// The bytes of a value; TypeError where it is not bytes-like.
    pub fn of(cx: &mut Cx, value: Value) -> PyResult<ByteView> {
        match ByteView::try_of(value) {
            Some(view) => Ok(view),
            None => {
                let message = format!("a bytes-like object is required, not '{}'", class_name(cx, value));
                Err(cx.type_error(message))
            }
        }
    }

    /// The bytes of a value that is bytes-like.
    pub fn try_of(value: Value) -> Option<ByteView> {
        let bytes = downcast::<Bytes>(value)?;
        let content = bytes_of(&bytes);
        Some(ByteView { owner: value, start: content.as_ptr(), length: content.len() })
    }

    /// Where they begin.
    pub fn as_ptr(&self) -> *const u8 {
        self.start
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: the owner is alive, and its memory is as long as stated.
        unsafe { std::slice::from_raw_parts(self.start, self.length) }
    }
}

/// The memory of a writable bytes-like object.
#[derive(Clone, Copy, Debug)]
pub struct WritableView {
    /// Keeps the memory alive.
    pub owner: Value,
    start: *mut u8,
    length: usize,
}

impl WritableView {
    /// The memory of a value; TypeError where it can't be written.
    pub fn of(cx: &mut Cx, value: Value) -> PyResult<WritableView> {
        match WritableView::try_of(value) {
            Some(view) => Ok(view),
            None => {
                let message = format!("read-write bytes-like object expected, not '{}'", class_name(cx, value));
                Err(cx.type_error(message))
            }
        }
    }

    /// The memory of a value that is bytes-like and can be written.
    pub fn try_of(_value: Value) -> Option<WritableView> {
        None
    }

    /// Where it begins.
    pub fn as_mut_ptr(&self) -> *mut u8 {
        self.start
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Copies bytes to an offset; what does not fit is left out. Returns how many were copied.
    pub fn write(&self, offset: usize, bytes: &[u8]) -> usize {
        let count = bytes.len().min(self.length.saturating_sub(offset));
        // SAFETY: the memory is at least that long, and the owner is alive.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.start.add(offset), count) };
        count
    }
}

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
