//! `MemoryBIO`: a buffer between a connection and whoever carries its bytes.

use super::errors::{Failure, raise};
use super::native::{held, hold};
use py_macros::py_methods;
use py_object::buffer::ByteView;
use py_object::objects::{Array, Bytes, Type};
use py_object::{Cx, PyResult, object};
use std::collections::VecDeque;
use std::io::Read;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use vm_heap::{Gc, Value};

object! {
    /// A buffer.
    pub struct MemoryObject = 821 {
        /// Version word.
        word: u64,
        /// Always empty; the offset of attributes.
        attributes: Option<Gc<Array>>,
        /// The native part.
        native: Value,
    }
}

/// The bytes of a buffer. The lock is held for no longer than it takes to copy.
#[derive(Default)]
pub struct Buffer(Mutex<Content>);

/// What is in a buffer.
#[derive(Default)]
pub struct Content {
    /// The bytes.
    pub bytes: VecDeque<u8>,
    /// Whether no more will come.
    pub is_ended: bool,
}

impl Buffer {
    /// What is in it.
    pub fn content(&self) -> MutexGuard<'_, Content> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The buffer of an object.
pub fn buffer_of(this: Gc<MemoryObject>) -> Arc<Buffer> {
    held(this.native.get()).unwrap_or_default()
}

/// `MemoryBIO`.
pub struct Methods;

#[py_methods(SSL_MEMORY, name = "MemoryBIO")]
impl Methods {
    #[new(signature = "($type, *args, **kwargs)")]
    fn new(cx: &mut Cx, class: Gc<Type>) -> Gc<MemoryObject> {
        let native = hold(cx, Arc::new(Buffer::default()));
        let memory = crate::new_object::<MemoryObject>(cx, class);
        memory.native.init(native);
        memory
    }
    /// Read up to size bytes from the memory BIO.
    ///
    /// If size is not specified, read the entire buffer.
    /// If the return value is an empty bytes instance, this means either
    /// EOF or that no data is available. Use the "eof" property to
    /// distinguish between the two.
    #[method]
    fn read(cx: &mut Cx, this: Gc<MemoryObject>, #[default(-1)] size: i64) -> PyResult<Gc<Bytes>> {
        let buffer = buffer_of(this);
        let taken = {
            let mut content = buffer.content();
            let count = usize::try_from(size).map_or(content.bytes.len(), |size| size.min(content.bytes.len()));
            let mut taken = vec![0; count];
            // Reading from a queue in memory does not fail.
            let _ = content.bytes.read_exact(&mut taken);
            taken
        };
        Bytes::checked(cx, &taken)
    }
    /// Writes the bytes b into the memory BIO.
    ///
    /// Returns the number of bytes written.
    #[method]
    fn write(cx: &mut Cx, this: Gc<MemoryObject>, b: Value) -> PyResult<i64> {
        let view = ByteView::of(cx, b)?;
        let buffer = buffer_of(this);
        let mut content = buffer.content();
        if content.is_ended {
            drop(content);
            return Err(raise(cx, &Failure::text_only("cannot write() after write_eof()")));
        }
        content.bytes.extend(view.bytes());
        Ok(view.len() as i64)
    }
    /// Write an EOF marker to the memory BIO.
    ///
    /// When all data has been read, the "eof" property will be True.
    #[method]
    fn write_eof(this: Gc<MemoryObject>) {
        buffer_of(this).content().is_ended = true;
    }
    /// The number of bytes pending in the memory BIO.
    #[getter]
    fn pending(this: Gc<MemoryObject>) -> i64 {
        buffer_of(this).content().bytes.len() as i64
    }
    /// Whether the memory BIO is at EOF.
    #[getter]
    fn eof(this: Gc<MemoryObject>) -> bool {
        let buffer = buffer_of(this);
        let content = buffer.content();
        content.is_ended && content.bytes.is_empty()
    }
}
