//! The methods of buffered streams: those of all, of readers, of writers, of both at once.

use super::super::base;
use super::super::checks::{chain, size, unsupported};
use super::reading::{flush_and_rewind, peek, read, read_into, read_line, read_once, settle};
use super::writing::{flush, write_bytes};
use super::*;
use crate::system::arguments::c_int;
use py_macros::py_methods;
use py_object::TRUE;
use py_object::arguments::Next;
use py_object::types::{class_of, short_name};

fn forward(cx: &mut Cx, this: Gc<BufferedObject>, method: &str) -> PyResult {
    let raw = check_ready(cx, this)?;
    call::call_method(cx, raw, method, &[])
}

fn seek(cx: &mut Cx, this: Gc<BufferedObject>, target: Value, whence: i64) -> PyResult {
    if !matches!(whence, 0..=4) {
        return Err(cx.value_error(format!("whence value {whence} unsupported")));
    }
    let raw = check_open(cx, this, "seek")?;
    base::check_seekable(cx, raw)?;
    let mut target = checks::offset(cx, target)?;
    let _held = enter(cx, this)?;
    if whence <= 1 && this.has(READS) && this.ahead() > 0 {
        // The place may lie in the buffer.
        let current = if this.absolute.get() != -1 { this.absolute.get() } else { raw_tell(cx, this)? };
        let distance = if whence == 0 { target - (current - this.raw_offset()) } else { target };
        let ahead = this.ahead() as i64;
        if (-this.position.get()..=ahead).contains(&distance) {
            this.position.init(this.position.get() + distance);
            // The position may be that of the raw stream only if nothing has to be written.
            return Ok(int::from_i64(cx, (current - this.raw_offset()).max(0)));
        }
    }
    settle(cx, this)?;
    if whence == 1 {
        target -= this.raw_offset();
    }
    let position = raw_seek(cx, this, target, whence)?;
    this.raw_position.init(-1);
    if this.has(READS) {
        this.forget_read();
    }
    Ok(int::from_i64(cx, position))
}

fn close(cx: &mut Cx, this: Gc<BufferedObject>) -> PyResult {
    let raw = check_ready(cx, this)?;
    if is_closed(cx, this)? {
        return Ok(NONE);
    }
    if this.has(FINALIZING) && checks::find(cx, raw, "_dealloc_warn")?.is_some() {
        let warned = call::call_method(cx, raw, "_dealloc_warn", &[this.value()]);
        if warned.is_err() {
            cx.take_raised();
        }
    }
    // By name, since a subclass may have its own.
    let flushed = call::call_method(cx, this.value(), "flush", &[]);
    let exception = if flushed.is_err() { Some(cx.take_raised()) } else { None };
    let closed = {
        let _held = enter(cx, this)?;
        let closed = call::call_method(cx, raw, "close", &[]);
        this.memory.set(cx.mutator(), this, None);
        this.forget_read();
        this.forget_written();
        this.position.init(0);
        closed
    };
    match (exception, closed) {
        (None, closed) => closed,
        (Some(exception), Ok(_)) => Err(cx.raise_value(exception)),
        (Some(exception), Err(raised)) => {
            chain(cx, exception);
            Err(raised)
        }
    }
}

/// What all three have.
pub struct CommonMethods;

#[py_methods(COMMON, name = "_Buffered")]
impl CommonMethods {
    /// Disconnect this buffer from its underlying raw stream and return it.
    ///
    /// After the raw stream has been detached, the buffer is in an unusable
    /// state.
    #[method]
    fn detach(cx: &mut Cx, this: Gc<BufferedObject>) -> PyResult {
        check_ready(cx, this)?;
        call::call_method(cx, this.value(), "flush", &[])?;
        let raw = this.raw.get();
        this.raw.set(cx.mutator(), this, UNBOUND);
        this.state.init(this.state.get() & !READY | DETACHED);
        Ok(raw)
    }
    /// Flush and close the stream, and the raw stream with it.
    #[method]
    fn close(cx: &mut Cx, this: Gc<BufferedObject>) -> PyResult {
        close(cx, this)
    }
    /// Whether the raw stream can be moved in.
    #[method]
    fn seekable(cx: &mut Cx, this: Gc<BufferedObject>) -> PyResult {
        forward(cx, this, "seekable")
    }
    /// The raw stream's file descriptor.
    #[method]
    fn fileno(cx: &mut Cx, this: Gc<BufferedObject>) -> PyResult {
        forward(cx, this, "fileno")
    }
    /// Whether the raw stream is a terminal.
    #[method]
    fn isatty(cx: &mut Cx, this: Gc<BufferedObject>) -> PyResult {
        forward(cx, this, "isatty")
    }
    /// Return current stream position.
    #[method]
    fn tell(cx: &mut Cx, this: Gc<BufferedObject>) -> PyResult<i64> {
        check_ready(cx, this)?;
        let position = raw_tell(cx, this)?;
        Ok((position - this.raw_offset()).max(0))
    }
    /// Change stream position and return the new one.
    #[method(signature = "($self, target, whence=0, /)")]
    fn seek(cx: &mut Cx, this: Gc<BufferedObject>, target: Value, #[default(NONE)] whence: Value) -> PyResult {
        let whence = if whence == NONE { 0 } else { i64::from(c_int(cx, whence)?) };
        check_ready(cx, this)?;
        seek(cx, this, target, whence)
    }
    /// Truncate the stream to size bytes, by default at the present position.
    #[method(signature = "($self, pos=None, /)")]
    fn truncate(cx: &mut Cx, this: Gc<BufferedObject>, #[default(NONE)] size: Value) -> PyResult {
        check_ready(cx, this)?;
        let raw = check_open(cx, this, "truncate")?;
        if !this.has(WRITES) {
            return Err(unsupported(cx, "truncate"));
        }
        let _held = enter(cx, this)?;
        flush_and_rewind(cx, this)?;
        let size = call::call_method(cx, raw, "truncate", &[size])?;
        if raw_tell(cx, this).is_err() {
            cx.take_raised();
        }
        Ok(size)
    }
    /// Warn that the stream has not been closed.
    #[method]
    fn _dealloc_warn(cx: &mut Cx, this: Gc<BufferedObject>, source: Value) {
        if !this.has(READY) {
            return;
        }
        let raw = this.raw.get();
        if call::call_method(cx, raw, "_dealloc_warn", &[source]).is_err() {
            cx.take_raised();
        }
    }
    #[method]
    fn __del__(cx: &mut Cx, this: Gc<BufferedObject>) {
        // Garbage comes oldest first: what the text stream over this one holds has still to be written.
        if this.has(COVERED) {
            this.state.init(this.state.get() & !COVERED);
            cx.mutator().register_finalizable(this.value());
            return;
        }
        if this.has(READY) {
            base::finalise(cx, this.value());
        }
    }
    #[method]
    fn __getstate__(cx: &mut Cx, this: Value) -> PyResult<()> {
        let class = class_of(cx, this);
        Err(cx.type_error(format!("cannot pickle '{}' instances", short_name(class))))
    }
    #[method]
    fn __sizeof__(this: Gc<BufferedObject>) -> i64 {
        size_of::<BufferedObject>() as i64 + this.memory.get().map_or(0, |_| this.capacity.get())
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<BufferedObject>) -> PyResult<String> {
        repr_of(cx, this)
    }
    /// The raw stream.
    #[getter]
    fn raw(cx: &mut Cx, this: Gc<BufferedObject>) -> PyResult {
        match this.raw.get() {
            UNBOUND => Err(cx.raise(Kind::ATTRIBUTE_ERROR, "raw")),
            raw => Ok(raw),
        }
    }
    /// Whether the raw stream is closed.
    #[getter]
    fn closed(cx: &mut Cx, this: Gc<BufferedObject>) -> PyResult {
        let raw = check_ready(cx, this)?;
        get(cx, raw, "closed")
    }
    /// The raw stream's name.
    #[getter]
    fn name(cx: &mut Cx, this: Gc<BufferedObject>) -> PyResult {
        let raw = check_ready(cx, this)?;
        get(cx, raw, "name")
    }
    /// The raw stream's mode.
    #[getter]
    fn mode(cx: &mut Cx, this: Gc<BufferedObject>) -> PyResult {
        let raw = check_ready(cx, this)?;
        get(cx, raw, "mode")
    }
    /// Whether the garbage collector is closing it.
    #[getter]
    fn _finalizing(this: Gc<BufferedObject>) -> bool {
        this.has(FINALIZING)
    }
    #[setter(name = "_finalizing")]
    fn set_finalizing(this: Gc<BufferedObject>, value: Value) {
        let bit = if value == TRUE { FINALIZING } else { 0 };
        this.state.init(this.state.get() & !FINALIZING | bit);
    }
}

/// What readers have.
pub struct ReadingMethods;

#[py_methods(READING, name = "_Buffered")]
impl ReadingMethods {
    /// Whether the raw stream can be read.
    #[method]
    fn readable(cx: &mut Cx, this: Gc<BufferedObject>) -> PyResult {
        forward(cx, this, "readable")
    }
    /// Read and return up to size bytes; all, if size is negative or None.
    #[method(signature = "($self, size=-1, /)")]
    fn read(cx: &mut Cx, this: Gc<BufferedObject>, #[default(NONE)] wanted: Value) -> PyResult {
        let wanted = size(cx, wanted)?;
        check_ready(cx, this)?;
        read(cx, this, wanted)
    }
    /// Read and return up to size bytes, with at most one read of the raw stream.
    #[method(signature = "($self, size=-1, /)")]
    fn read1(cx: &mut Cx, this: Gc<BufferedObject>, #[default(Value::int(-1))] wanted: Value) -> PyResult<Gc<Bytes>> {
        let wanted = checks::offset(cx, wanted)?;
        read_once(cx, this, wanted)
    }
    /// Read bytes into a buffer and return their number.
    #[method]
    fn readinto(cx: &mut Cx, this: Gc<BufferedObject>, buffer: Value) -> PyResult {
        check_ready(cx, this)?;
        read_into(cx, this, buffer, false)
    }
    /// Read bytes into a buffer with at most one read of the raw stream.
    #[method]
    fn readinto1(cx: &mut Cx, this: Gc<BufferedObject>, buffer: Value) -> PyResult {
        check_ready(cx, this)?;
        read_into(cx, this, buffer, true)
    }
    /// Return bytes that lie ahead, without moving. The size is a hint.
    #[method(signature = "($self, size=0, /)")]
    fn peek(cx: &mut Cx, this: Gc<BufferedObject>, #[default(Value::int(0))] size: Value) -> PyResult<Gc<Bytes>> {
        checks::offset(cx, size)?;
        check_ready(cx, this)?;
        peek(cx, this)
    }
    /// Read a line, or up to size bytes of it.
    #[method(signature = "($self, size=-1, /)")]
    fn readline(cx: &mut Cx, this: Gc<BufferedObject>, #[default(NONE)] limit: Value) -> PyResult<Gc<Bytes>> {
        let limit = size(cx, limit)?;
        check_ready(cx, this)?;
        read_line(cx, this, limit)
    }
    #[method]
    fn __next__(cx: &mut Cx, this: Gc<BufferedObject>) -> PyResult<Next> {
        check_ready(cx, this)?;
        let kind = py_object::types::kind_of(class_of(cx, this.value()));
        if checks::is_exact(cx, this.value(), kind) {
            let line = read_line(cx, this, -1)?;
            return Ok(Next((!py_object::string::bytes_of(&line).is_empty()).then_some(line.value())));
        }
        let line = call::call_method(cx, this.value(), "readline", &[])?;
        if downcast::<Bytes>(line).is_none() {
            let message = format!(
                "readline() should have returned a bytes object, not '{}'",
                py_object::types::class_name(cx, line)
            );
            return Err(cx.raise(Kind::OS_ERROR, message));
        }
        Ok(Next((operations::length(cx, line)? > 0).then_some(line)))
    }
}

/// What writers have.
pub struct WritingMethods;

#[py_methods(WRITING, name = "_Buffered")]
impl WritingMethods {
    /// Whether the raw stream can be written.
    #[method]
    fn writable(cx: &mut Cx, this: Gc<BufferedObject>) -> PyResult {
        forward(cx, this, "writable")
    }
    /// Write the bytes of a buffer and return their number.
    #[method]
    fn write(cx: &mut Cx, this: Gc<BufferedObject>, buffer: Value) -> PyResult<usize> {
        check_ready(cx, this)?;
        let view = ByteView::of(cx, buffer)?;
        write_bytes(cx, this, view.bytes())
    }
    /// Write what has been buffered to the raw stream.
    #[method]
    fn flush(cx: &mut Cx, this: Gc<BufferedObject>) -> PyResult<()> {
        check_ready(cx, this)?;
        flush(cx, this)
    }
}

/// `flush` of readers: there is nothing to write.
pub struct RandomMethods;

#[py_methods(RANDOM, name = "_Buffered")]
impl RandomMethods {
    /// Flush the raw stream.
    #[method]
    fn flush(cx: &mut Cx, this: Gc<BufferedObject>) -> PyResult {
        forward(cx, this, "flush")
    }
}
