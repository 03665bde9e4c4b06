//! `_io.BytesIO`: bytes in memory as a stream.
//!
//! INVARIANT: the content is the first `length` bytes of the memory, and changes only while the object's lock is held.

use super::checks::{closed, offset, size};
use crate::system::arguments::c_int;
use crate::system::lock::hold;
use py_macros::py_methods;
use py_object::arguments::{Keywords, Next};
use py_object::buffer::{ByteView, WritableView};
use py_object::buffer::{Exported, Exporter};
use py_object::objects::{Array, Bytes, Dict, List, Raw, Tuple, Type};
use py_object::sequence::tuple_items;
use py_object::types::{self, class_name, class_of, int};
use py_object::{
    Cx, Kind, NONE, PyResult, allocate, attribute, downcast, object, operations, shapes, try_allocate_tail,
};
use vm_heap::{Gc, Value};

object! {
    /// Bytes in memory.
    pub struct BytesObject = 385 {
        /// Version word.
        word: u64,
        /// Attributes.
        attributes: Option<Gc<Array>>,
        /// The memory.
        memory: Option<Gc<Raw>>,
        /// Bytes of content.
        length: i64,
        /// Where the program is; may lie behind the end.
        position: i64,
        /// How many views of the memory there are.
        exports: i64,
        /// The lock.
        lock: u64,
        /// Whether it is closed.
        closed: bool,
    }
}

object! {
    /// What a memoryview of a stream in memory shows.
    pub struct BytesBuffer = 400 {
        /// The stream.
        source: Value,
    }
}

/// Declares how the memory of a stream is lent.
pub fn install_buffer() {
    py_object::buffer::set_exporter(Kind::BYTES_IO_BUFFER, Exporter { export, hold: Some(count_export) });
}

fn source_of(value: Value) -> Option<Gc<BytesObject>> {
    downcast::<BytesObject>(downcast::<BytesBuffer>(value)?.source.get())
}

fn export(value: Value) -> Option<Exported> {
    let this = source_of(value)?;
    // Without memory there are no bytes to point to, but there is a view.
    let owner = this.memory.get().map_or(this.value(), |raw| raw.value());
    let length = this.length.get() as usize;
    Some(Exported { owner, start: start(this), length, readonly: false, item_size: 1, format: "B" })
}

fn count_export(_cx: &mut Cx, value: Value, held: bool) {
    if let Some(this) = source_of(value) {
        let _locked = vm_stm::lock(&this.word);
        this.exports.init(this.exports.get() + if held { 1 } else { -1 });
    }
}

fn start(this: Gc<BytesObject>) -> *mut u8 {
    match this.memory.get() {
        Some(raw) => (raw.address() + size_of::<Raw>()) as *mut u8,
        None => std::ptr::dangling_mut(),
    }
}

/// The content from one offset to another; the lock is held.
fn content(this: &Gc<BytesObject>, from: usize, to: usize) -> &[u8] {
    // SAFETY: both lie in the content, by the callers, and the object is alive.
    unsafe { std::slice::from_raw_parts(start(*this).add(from), to - from) }
}

fn capacity(this: Gc<BytesObject>) -> usize {
    this.memory.get().map_or(0, |raw| raw.length.get().as_int() as usize)
}

/// Makes room for at least `wanted` bytes.
fn reserve(cx: &mut Cx, this: Gc<BytesObject>, wanted: usize) -> PyResult<()> {
    if wanted <= capacity(this) {
        return Ok(());
    }
    let room = if wanted < 1 << 40 { wanted + (wanted >> 3) + 16 } else { wanted };
    let Some(raw) = try_allocate_tail::<Raw>(cx.mutator(), shapes::RAW, room) else {
        return Err(cx.raise(Kind::MEMORY_ERROR, ""));
    };
    let length = this.length.get() as usize;
    // SAFETY: the new memory is longer than the content, and nobody else knows it.
    unsafe {
        std::ptr::copy_nonoverlapping(start(this), (raw.address() + size_of::<Raw>()) as *mut u8, length);
    }
    this.memory.set(cx.mutator(), this, Some(raw));
    Ok(())
}

fn check_open(cx: &mut Cx, this: Gc<BytesObject>) -> PyResult<()> {
    if this.closed.get() { Err(closed(cx)) } else { Ok(()) }
}

fn check_exports(cx: &mut Cx, this: Gc<BytesObject>) -> PyResult<()> {
    if this.exports.get() > 0
        && !py_object::types::bytearray::is_free_of_views(cx, this.value(), || this.exports.get() == 0)
    {
        return Err(py_object::types::bytearray::resize_blocked(cx));
    }
    Ok(())
}

fn write(cx: &mut Cx, this: Gc<BytesObject>, bytes: &[u8]) -> PyResult<()> {
    if bytes.is_empty() {
        return Ok(());
    }
    let (position, length) = (this.position.get() as usize, this.length.get() as usize);
    let Some(end) = position.checked_add(bytes.len()).filter(|end| *end < 1 << 62) else {
        return Err(cx.raise(Kind::OVERFLOW_ERROR, "new buffer size too large"));
    };
    reserve(cx, this, end)?;
    // SAFETY: the memory is at least `end` bytes long.
    unsafe {
        if position > length {
            std::ptr::write_bytes(start(this).add(length), 0, position - length);
        }
        std::ptr::copy(bytes.as_ptr(), start(this).add(position), bytes.len());
    }
    this.position.init(end as i64);
    this.length.init(this.length.get().max(end as i64));
    Ok(())
}

/// Takes up to `wanted` bytes; all of the rest where that is negative.
fn take(cx: &mut Cx, this: Gc<BytesObject>, wanted: i64) -> PyResult<Gc<Bytes>> {
    let (position, length) = (this.position.get(), this.length.get());
    let rest = (length - position).max(0);
    let count = if wanted < 0 { rest } else { wanted.min(rest) };
    if count == 0 {
        return Bytes::checked(cx, &[]);
    }
    let bytes = Bytes::checked(cx, content(&this, position as usize, (position + count) as usize))?;
    this.position.init(position + count);
    Ok(bytes)
}

/// Length of the line ahead, of at most `limit` bytes unless that is negative.
fn line_length(this: Gc<BytesObject>, limit: i64) -> i64 {
    let (position, length) = (this.position.get(), this.length.get());
    let rest = (length - position).max(0);
    let most = if limit < 0 { rest } else { rest.min(limit) };
    if most == 0 {
        return 0;
    }
    let ahead = content(&this, position as usize, (position + most) as usize);
    memchr::memchr(b'\n', ahead).map_or(most, |at| at as i64 + 1)
}

/// A new stream with content.
fn allocate_bytes(cx: &mut Cx, class: Gc<Type>) -> Gc<BytesObject> {
    allocate::<BytesObject>(cx.mutator(), types::instance_shape(class).id)
}

fn set_content(cx: &mut Cx, this: Gc<BytesObject>, initial: Value) -> PyResult<()> {
    let view = ByteView::of(cx, initial)?;
    this.length.init(0);
    this.position.init(0);
    write(cx, this, view.bytes())?;
    this.position.init(0);
    Ok(())
}

/// The content as bytes.
fn value(cx: &mut Cx, this: Gc<BytesObject>) -> PyResult<Gc<Bytes>> {
    check_open(cx, this)?;
    let _held = hold(cx, this, &this.lock);
    Bytes::checked(cx, content(&this, 0, this.length.get() as usize))
}

/// `_io.BytesIO`.
pub struct Methods;

#[py_methods(BYTES_IO, name = "BytesIO")]
impl Methods {
    #[new(signature = "")]
    fn new(cx: &mut Cx, class: Gc<Type>, #[args] _args: &[Value], #[kwargs] _kwargs: Keywords<'_>) -> Gc<BytesObject> {
        allocate_bytes(cx, class)
    }
    #[method(name = "__init__", signature = "(initial_bytes=b'')")]
    fn init(
        cx: &mut Cx,
        this: Gc<BytesObject>,
        #[keyword]
        #[default(NONE)]
        initial_bytes: Value,
    ) -> PyResult<()> {
        check_exports(cx, this)?;
        let _held = hold(cx, this, &this.lock);
        this.length.init(0);
        this.position.init(0);
        if initial_bytes != NONE {
            set_content(cx, this, initial_bytes)?;
        }
        Ok(())
    }
    /// Returns True if the IO object can be read.
    #[method]
    fn readable(cx: &mut Cx, this: Gc<BytesObject>) -> PyResult<bool> {
        check_open(cx, this)?;
        Ok(true)
    }
    /// Returns True if the IO object can be written.
    #[method]
    fn writable(cx: &mut Cx, this: Gc<BytesObject>) -> PyResult<bool> {
        check_open(cx, this)?;
        Ok(true)
    }
    /// Returns True if the IO object can be seeked.
    #[method]
    fn seekable(cx: &mut Cx, this: Gc<BytesObject>) -> PyResult<bool> {
        check_open(cx, this)?;
        Ok(true)
    }
    /// Does nothing.
    #[method]
    fn flush(cx: &mut Cx, this: Gc<BytesObject>) -> PyResult<()> {
        check_open(cx, this)
    }
    /// Always returns False: it is not connected to a TTY-like device.
    #[method]
    fn isatty(cx: &mut Cx, this: Gc<BytesObject>) -> PyResult<bool> {
        check_open(cx, this)?;
        Ok(false)
    }
    /// Current file position, an integer.
    #[method]
    fn tell(cx: &mut Cx, this: Gc<BytesObject>) -> PyResult<i64> {
        check_open(cx, this)?;
        Ok(this.position.get())
    }
    /// Read at most size bytes, returned as a bytes object.
    #[method(signature = "($self, size=-1, /)")]
    fn read(cx: &mut Cx, this: Gc<BytesObject>, #[default(NONE)] wanted: Value) -> PyResult<Gc<Bytes>> {
        let wanted = size(cx, wanted)?;
        check_open(cx, this)?;
        let _held = hold(cx, this, &this.lock);
        take(cx, this, wanted)
    }
    /// Read at most size bytes, returned as a bytes object.
    #[method(signature = "($self, size=-1, /)")]
    fn read1(cx: &mut Cx, this: Gc<BytesObject>, #[default(NONE)] wanted: Value) -> PyResult<Gc<Bytes>> {
        let wanted = size(cx, wanted)?;
        check_open(cx, this)?;
        let _held = hold(cx, this, &this.lock);
        take(cx, this, wanted)
    }
    /// Next line from the file, as a bytes object.
    #[method(signature = "($self, size=-1, /)")]
    fn readline(cx: &mut Cx, this: Gc<BytesObject>, #[default(NONE)] limit: Value) -> PyResult<Gc<Bytes>> {
        let limit = size(cx, limit)?;
        check_open(cx, this)?;
        let _held = hold(cx, this, &this.lock);
        let length = line_length(this, limit);
        take(cx, this, length)
    }
    /// List of bytes objects, each a line from the file.
    ///
    /// The optional size argument, if given, is an approximate bound on the
    /// total number of bytes in the lines returned.
    #[method(signature = "($self, size=None, /)")]
    fn readlines(cx: &mut Cx, this: Gc<BytesObject>, #[default(NONE)] hint: Value) -> PyResult<Gc<List>> {
        check_open(cx, this)?;
        let hint = if hint == NONE {
            0
        } else if int::is_int(hint) {
            offset(cx, hint)?
        } else {
            let message = format!("integer argument expected, got '{}'", class_name(cx, hint));
            return Err(cx.type_error(message));
        };
        let lines = List::new(cx, &[])?;
        let _held = hold(cx, this, &this.lock);
        let mut total = 0;
        loop {
            let length = line_length(this, -1);
            if length == 0 {
                return Ok(lines);
            }
            let line = take(cx, this, length)?;
            List::push(cx, lines, line.value())?;
            total += length;
            if hint > 0 && total >= hint {
                return Ok(lines);
            }
        }
    }
    /// Read bytes into buffer; returns their number.
    #[method]
    fn readinto(cx: &mut Cx, this: Gc<BytesObject>, buffer: Value) -> PyResult<i64> {
        let view = WritableView::of(cx, buffer)?;
        check_open(cx, this)?;
        let _held = hold(cx, this, &this.lock);
        let (position, length) = (this.position.get(), this.length.get());
        let count = (length - position).clamp(0, view.len() as i64);
        if count > 0 {
            view.write(0, content(&this, position as usize, (position + count) as usize));
            this.position.init(position + count);
        }
        Ok(count)
    }
    /// Change stream position and return the new one.
    ///
    /// whence: 0 from the start of the stream (pos >= 0), 1 from the current
    /// position, 2 from the end.
    #[method(signature = "($self, pos, whence=0, /)")]
    fn seek(cx: &mut Cx, this: Gc<BytesObject>, pos: i64, #[default(NONE)] whence: Value) -> PyResult<i64> {
        let whence = if whence == NONE { 0 } else { c_int(cx, whence)? };
        check_open(cx, this)?;
        let _held = hold(cx, this, &this.lock);
        let base = match whence {
            0 if pos < 0 => return Err(cx.value_error(format!("negative seek value {pos}"))),
            0 => 0,
            1 => this.position.get(),
            2 => this.length.get(),
            _ => return Err(cx.value_error(format!("invalid whence ({whence}, should be 0, 1 or 2)"))),
        };
        let Some(position) = pos.checked_add(base) else {
            return Err(cx.raise(Kind::OVERFLOW_ERROR, "new position too large"));
        };
        this.position.init(position.max(0));
        Ok(position.max(0))
    }
    /// Truncate the file to at most size bytes; the position stays. Returns the new size.
    #[method(signature = "($self, size=None, /)")]
    fn truncate(cx: &mut Cx, this: Gc<BytesObject>, #[default(NONE)] length: Value) -> PyResult<i64> {
        let given = if length == NONE { None } else { Some(offset(cx, length)?) };
        check_open(cx, this)?;
        check_exports(cx, this)?;
        let _held = hold(cx, this, &this.lock);
        let length = given.unwrap_or(this.position.get());
        if length < 0 {
            return Err(cx.value_error(format!("negative size value {length}")));
        }
        if length < this.length.get() {
            this.length.init(length);
        }
        Ok(length)
    }
    /// Write bytes to file; returns their number.
    #[method]
    fn write(cx: &mut Cx, this: Gc<BytesObject>, b: Value) -> PyResult<usize> {
        check_open(cx, this)?;
        check_exports(cx, this)?;
        let view = ByteView::of(cx, b)?;
        let _held = hold(cx, this, &this.lock);
        // The argument may have closed the stream.
        check_open(cx, this)?;
        write(cx, this, view.bytes())?;
        Ok(view.len())
    }
    /// Write lines to the file.
    #[method]
    fn writelines(cx: &mut Cx, this: Gc<BytesObject>, lines: Value) -> PyResult<()> {
        check_open(cx, this)?;
        super::base::write_lines(cx, this.value(), lines)
    }
    /// Retrieve the entire contents of the BytesIO object.
    #[method]
    fn getvalue(cx: &mut Cx, this: Gc<BytesObject>) -> PyResult<Gc<Bytes>> {
        value(cx, this)
    }
    /// Get a read-write view over the contents of the BytesIO object.
    #[method]
    fn getbuffer(cx: &mut Cx, this: Gc<BytesObject>) -> PyResult {
        check_open(cx, this)?;
        let buffer = allocate::<BytesBuffer>(cx.mutator(), shapes::BYTES_IO_BUFFER);
        buffer.source.init(this.value());
        Ok(types::memory::of(cx, buffer.value())?.value())
    }
    /// Disable all I/O operations.
    #[method]
    fn close(cx: &mut Cx, this: Gc<BytesObject>) -> PyResult<()> {
        check_exports(cx, this)?;
        let _held = hold(cx, this, &this.lock);
        this.closed.init(true);
        this.length.init(0);
        this.memory.set(cx.mutator(), this, None);
        Ok(())
    }
    #[method]
    fn __iter__(cx: &mut Cx, this: Gc<BytesObject>) -> PyResult<Gc<BytesObject>> {
        check_open(cx, this)?;
        Ok(this)
    }
    #[method]
    fn __next__(cx: &mut Cx, this: Gc<BytesObject>) -> PyResult<Next> {
        check_open(cx, this)?;
        let _held = hold(cx, this, &this.lock);
        let length = line_length(this, -1);
        if length == 0 {
            return Ok(Next(None));
        }
        take(cx, this, length).map(|line| Next(Some(line.value())))
    }
    #[method]
    fn __getstate__(cx: &mut Cx, this: Gc<BytesObject>) -> PyResult {
        let content = value(cx, this)?;
        let own = if attribute::own_names(this.value()).is_empty() {
            NONE
        } else {
            let dict = attribute::dictionary(cx, this.value())?;
            types::dict::copy(cx, dict)?.value()
        };
        let position = int::from_i64(cx, this.position.get());
        Ok(cx.tuple(&[content.value(), position, own]))
    }
    #[method]
    fn __setstate__(cx: &mut Cx, this: Gc<BytesObject>, state: Value) -> PyResult<()> {
        let parts = downcast::<Tuple>(state);
        let parts = parts.as_ref().map_or(&[][..], tuple_items);
        let [initial, position, own, ..] = parts else {
            let class = types::object::full_name(cx, class_of(cx, this.value()));
            let message = format!("{class}.__setstate__ argument should be 3-tuple, got {}", class_name(cx, state));
            return Err(cx.type_error(message));
        };
        check_exports(cx, this)?;
        let _held = hold(cx, this, &this.lock);
        set_content(cx, this, *initial)?;
        if !int::is_int(*position) {
            let message = format!("second item of state must be an integer, not {}", class_name(cx, *position));
            return Err(cx.type_error(message));
        }
        let position = offset(cx, *position)?;
        if position < 0 {
            return Err(cx.value_error("position value cannot be negative"));
        }
        this.position.init(position);
        if *own != NONE {
            let Some(own) = downcast::<Dict>(*own) else {
                let message = format!("third item of state should be a dict, got a {}", class_name(cx, *own));
                return Err(cx.type_error(message));
            };
            for (name, value) in Dict::entries(own) {
                let dict = attribute::dictionary(cx, this.value())?;
                operations::set_item(cx, dict.value(), name, value)?;
            }
        }
        Ok(())
    }
    #[method]
    fn __sizeof__(this: Gc<BytesObject>) -> i64 {
        size_of::<BytesObject>() as i64 + capacity(this) as i64
    }
    /// True if the file is closed.
    #[getter]
    fn closed(this: Gc<BytesObject>) -> bool {
        this.closed.get()
    }
}
