//! The memory of bytes-like objects (the buffer protocol), for reading and for writing.
//!
//! Memory that is lent belongs to a heap object that never changes its size: a view that lies on a stack keeps it alive,
//! and a `bytearray` that grows meanwhile gets other memory. Another thread may write while a view is read; it then
//! shows old or new bytes.

use crate::call;
use crate::cx::{Cx, PyResult};
use crate::kinds::{FIRST_FREE_SHAPE, Kind};
use crate::objects::{ByteArray, Bytes};
use crate::shape::shape;
use crate::string::{bytes_of, downcast, payload};
use crate::types::{self, class_name, memory, memory::MemoryView, shape_id};
use std::sync::OnceLock;
use vm_heap::Value;

/// Memory that an object lends, and what its items are.
#[derive(Clone, Copy, Debug)]
pub struct Exported {
    /// Keeps the memory alive.
    pub owner: Value,
    /// Where it begins.
    pub start: *mut u8,
    /// Bytes.
    pub length: usize,
    /// Whether it may not be written.
    pub readonly: bool,
    /// Bytes of an item.
    pub item_size: usize,
    /// Format of an item, as module `struct` writes it.
    pub format: &'static str,
}

/// How instances of a built-in type lend their memory.
#[derive(Clone, Copy)]
pub struct Exporter {
    /// The memory of an instance.
    pub export: fn(Value) -> Option<Exported>,
    /// Told when a memoryview of an instance is made (`true`) or released: meanwhile its size must not change.
    pub hold: Option<fn(&mut Cx, Value, bool)>,
}

static EXPORTERS: [OnceLock<Exporter>; FIRST_FREE_SHAPE as usize] =
    [const { OnceLock::new() }; FIRST_FREE_SHAPE as usize];

/// Declares how instances of a built-in type and of its subclasses lend their memory.
pub fn set_exporter(kind: Kind, exporter: Exporter) {
    let _ = EXPORTERS[kind as usize].set(exporter);
}

/// How the memory of a value is lent, where a native module declared it.
pub(crate) fn exporter_of(value: Value) -> Option<Exporter> {
    if !value.is_object() {
        return None;
    }
    let kind = shape(shape_id(value)).class.kind.get() as usize;
    EXPORTERS.get(kind)?.get().copied()
}

/// The memory that an object lends; `None` where it lends none in one piece.
pub fn export(value: Value) -> Option<Exported> {
    let value = payload(value);
    if let Some(bytes) = downcast::<Bytes>(value) {
        let content = bytes_of(&bytes);
        let (start, length) = (content.as_ptr().cast_mut(), content.len());
        return Some(Exported { owner: value, start, length, readonly: true, item_size: 1, format: "B" });
    }
    if let Some(array) = downcast::<ByteArray>(value) {
        let (storage, start, length) = crate::types::bytearray::memory(array);
        let owner = storage.value();
        return Some(Exported { owner, start, length, readonly: false, item_size: 1, format: "B" });
    }
    if let Some(view) = downcast::<MemoryView>(value) {
        return memory::export(view);
    }
    (exporter_of(value)?.export)(value)
}

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
        match ByteView::find(cx, value)? {
            Some(view) => Ok(view),
            None => {
                let message = format!("a bytes-like object is required, not '{}'", class_name(cx, value));
                Err(cx.type_error(message))
            }
        }
    }

    /// The bytes of a value that is bytes-like. BufferError where they don't lie in one piece.
    pub fn find(cx: &mut Cx, value: Value) -> PyResult<Option<ByteView>> {
        if let Some(view) = ByteView::try_of(value) {
            return Ok(Some(view));
        }
        if let Some(view) = downcast::<MemoryView>(value) {
            memory::check_released(cx, view)?;
            return Err(cx.raise(Kind::BUFFER_ERROR, "memoryview: underlying buffer is not C-contiguous"));
        }
        match python_buffer(cx, value, memory::READ)? {
            None => Ok(None),
            Some(view) => {
                // A copy, so that the object learns at once that its memory is no longer used.
                let copy = memory::to_bytes(cx, view)?;
                memory::release(cx, view)?;
                Ok(ByteView::try_of(copy.value()))
            }
        }
    }

    /// The bytes of a built-in value that is bytes-like.
    pub fn try_of(value: Value) -> Option<ByteView> {
        let exported = export(value)?;
        Some(ByteView { owner: exported.owner, start: exported.start, length: exported.length })
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
        if self.length == 0 {
            return &[];
        }
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
        if let Some(view) = downcast::<MemoryView>(value) {
            memory::check_released(cx, view)?;
        }
        let mut exported = export(value);
        if exported.is_none()
            && let Some(view) = python_buffer(cx, value, memory::WRITE)?
        {
            exported = memory::export(view);
        }
        match exported {
            Some(exported) if !exported.readonly => {
                Ok(WritableView { owner: exported.owner, start: exported.start, length: exported.length })
            }
            _ => {
                let message = format!("read-write bytes-like object expected, not '{}'", class_name(cx, value));
                Err(cx.type_error(message))
            }
        }
    }

    /// The memory of a built-in value that can be written.
    pub fn try_of(value: Value) -> Option<WritableView> {
        let exported = export(value).filter(|exported| !exported.readonly)?;
        Some(WritableView { owner: exported.owner, start: exported.start, length: exported.length })
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
        // SAFETY: the memory is at least that long, and the owner is alive; the bytes may lie in the same memory.
        unsafe { std::ptr::copy(bytes.as_ptr(), self.start.add(offset), count) };
        count
    }
}

/// The memoryview that the `__buffer__` of a Python class gives (PEP 688).
pub(crate) fn python_buffer(cx: &mut Cx, value: Value, flags: i64) -> PyResult<Option<vm_heap::Gc<MemoryView>>> {
    if !value.is_object() || types::class_of(cx, value).flags.get() & types::HEAP_TYPE == 0 {
        return Ok(None);
    }
    let Some(hook) = types::lookup_special(cx, value, "__buffer__") else { return Ok(None) };
    let result = call::call_special(cx, hook, value, &[Value::int(flags)], None)?;
    let Some(view) = downcast::<MemoryView>(result) else {
        return Err(cx.type_error("__buffer__ returned non-memoryview object"));
    };
    memory::check_released(cx, view)?;
    // A view of its own, which tells the object when it is released.
    memory::lent_by(cx, view, value).map(Some)
}
