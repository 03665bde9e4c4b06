//! The bytes of objects that hold bytes.

use py_object::arguments::{Argument, FromArgument};
use py_object::objects::{Bytes, Str};
use py_object::string::bytes_of;
use py_object::types::class_name;
use py_object::{Cx, PyResult, StrExt, downcast};
use vm_heap::{Gc, Value};

pub use py_object::types::bytes::content_of as content;

/// A new `bytes` object.
pub fn new_bytes(cx: &mut Cx, bytes: &[u8]) -> PyResult {
    Ok(Bytes::checked(cx, bytes)?.value())
}

/// An argument that must be bytes-like; its content.
#[derive(Clone, Copy)]
pub struct Content(pub Gc<Bytes>);

impl Content {
    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        bytes_of(&self.0)
    }
}

impl FromArgument for Content {
    fn from_argument(cx: &mut Cx, value: Value, _: Argument) -> PyResult<Content> {
        match content(cx, value)? {
            Some(bytes) => Ok(Content(bytes)),
            None => {
                let message = format!("a bytes-like object is required, not '{}'", class_name(cx, value));
                Err(cx.type_error(message))
            }
        }
    }
}

/// An argument that may be bytes-like or text, which stands for its UTF-8.
#[derive(Clone, Copy)]
pub struct ContentOrText(pub Gc<Bytes>);

impl FromArgument for ContentOrText {
    fn from_argument(cx: &mut Cx, value: Value, argument: Argument) -> PyResult<ContentOrText> {
        match downcast::<Str>(value) {
            Some(text) => {
                if text.as_str().is_none() {
                    return py_object::codecs::utf8::encode(cx, text, None).map(ContentOrText);
                }
                Ok(ContentOrText(Bytes::checked(cx, text.bytes())?))
            }
            None => Content::from_argument(cx, value, argument).map(|content| ContentOrText(content.0)),
        }
    }
}
