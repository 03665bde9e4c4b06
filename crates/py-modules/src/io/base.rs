//! `_io._IOBase` and its three children: what streams inherit that do not do it themselves.
//!
//! Instances of Python subclasses are plain objects: the classes have the layout of `object`.

use super::checks::{check_closed, find, size, unsupported};
use py_macros::py_methods;
use py_object::arguments::Next;
use py_object::buffer::{ByteView, WritableView};
use py_object::objects::{Bytes, List};
use py_object::string::bytes_of;
use py_object::types::class_name;
use py_object::{Cx, Kind, NONE, PyResult, TRUE, attribute, call, downcast, operations};
use vm_heap::{Gc, Value};

/// Name of the attribute that marks an instance of a Python subclass as closed.
const CLOSED: &str = "__IOBase_closed";

fn is_marked_closed(cx: &mut Cx, this: Value) -> PyResult<bool> {
    Ok(find(cx, this, CLOSED)?.is_some())
}

/// OSError unless the stream says that it can be read, written or moved in.
fn check_ability(cx: &mut Cx, this: Value, method: &str, message: &str) -> PyResult {
    let answer = call::call_method(cx, this, method, &[])?;
    if answer != TRUE {
        return Err(unsupported(cx, message));
    }
    Ok(answer)
}

/// What `_checkReadable()` and its relatives do.
pub fn check_readable(cx: &mut Cx, this: Value) -> PyResult {
    check_ability(cx, this, "readable", "File or stream is not readable.")
}

/// The same for writing.
pub fn check_writable(cx: &mut Cx, this: Value) -> PyResult {
    check_ability(cx, this, "writable", "File or stream is not writable.")
}

/// The same for seeking.
pub fn check_seekable(cx: &mut Cx, this: Value) -> PyResult {
    check_ability(cx, this, "seekable", "File or stream is not seekable.")
}

/// Closes a stream that is not closed, as `__del__` does; what goes wrong is reported and forgotten.
pub fn finalise(cx: &mut Cx, this: Value) {
    let closed = match find(cx, this, "closed") {
        Ok(Some(closed)) => operations::truth(cx, closed).unwrap_or_else(|_| {
            cx.take_raised();
            false
        }),
        Ok(None) => return,
        Err(_) => {
            cx.take_raised();
            false
        }
    };
    if closed {
        return;
    }
    let name = cx.intern("_finalizing");
    if attribute::set(cx, this, name, Some(TRUE)).is_err() {
        cx.take_raised();
    }
    if call::call_method(cx, this, "close", &[]).is_err() {
        py_object::finalize::unraisable(cx, "Exception ignored while finalizing file", this);
    }
}

/// A line by `read` and, if there is one, `peek`.
fn readline(cx: &mut Cx, this: Value, limit: i64) -> PyResult<Gc<Bytes>> {
    let peek = find(cx, this, "peek")?;
    let mut line: Vec<u8> = Vec::new();
    while limit < 0 || (line.len() as i64) < limit {
        let mut wanted = 1;
        if let Some(peek) = peek {
            let ahead = call::call(cx, peek, &[Value::int(1)], None)?;
            let Some(ahead) = downcast::<Bytes>(ahead) else {
                let message = format!("peek() should have returned a bytes object, not '{}'", class_name(cx, ahead));
                return Err(cx.raise(Kind::OS_ERROR, message));
            };
            let ahead = bytes_of(&ahead);
            if !ahead.is_empty() {
                let end = ahead.iter().position(|byte| *byte == b'\n').map_or(ahead.len(), |at| at + 1);
                wanted = if limit >= 0 { end.min(limit as usize - line.len()) } else { end };
            }
        }
        let part = call::call_method(cx, this, "read", &[Value::int(wanted as i64)])?;
        let Some(part) = downcast::<Bytes>(part) else {
            let message = format!("read() should have returned a bytes object, not '{}'", class_name(cx, part));
            return Err(cx.raise(Kind::OS_ERROR, message));
        };
        let part = bytes_of(&part);
        if part.is_empty() {
            break;
        }
        line.extend_from_slice(part);
        if line.ends_with(b"\n") {
            break;
        }
    }
    Bytes::checked(cx, &line)
}

/// The next line of a stream by its `readline`; `None` at the end.
pub fn next_line(cx: &mut Cx, this: Value) -> PyResult<Option<Value>> {
    let line = call::call_method(cx, this, "readline", &[])?;
    if operations::length(cx, line)? == 0 {
        return Ok(None);
    }
    Ok(Some(line))
}

/// All lines, or as many as have `hint` bytes or characters.
pub fn lines(cx: &mut Cx, this: Value, hint: i64) -> PyResult<Gc<List>> {
    let result = List::new(cx, &[])?;
    let iterator = operations::iterate(cx, this)?;
    let mut total = 0;
    while let Some(line) = operations::next(cx, iterator)? {
        List::push(cx, result, line)?;
        if hint > 0 {
            let length = operations::length(cx, line)? as i64;
            // Written so that a huge hint can't overflow.
            if length > hint - total {
                break;
            }
            total += length;
        }
    }
    Ok(result)
}

/// Writes each of several lines.
pub fn write_lines(cx: &mut Cx, this: Value, lines: Value) -> PyResult<()> {
    let iterator = operations::iterate(cx, lines)?;
    while let Some(line) = operations::next(cx, iterator)? {
        call::call_method(cx, this, "write", &[line])?;
    }
    Ok(())
}

/// `_io._IOBase`.
pub struct BaseMethods;

#[py_methods(IO_BASE, name = "_IOBase")]
impl BaseMethods {
    /// Change the stream position to the given byte offset.
    ///
    ///   offset
    ///     The stream position, relative to 'whence'.
    ///   whence
    ///     The relative position to seek from: os.SEEK_SET (default), os.SEEK_CUR or
    ///     os.SEEK_END.
    ///
    /// Return the new absolute position.
    #[method(signature = "($self, offset, whence=os.SEEK_SET, /)")]
    fn seek(cx: &mut Cx, _this: Value, _offset: Value, #[default(NONE)] _whence: Value) -> PyResult<()> {
        Err(unsupported(cx, "seek"))
    }
    /// Return current stream position.
    #[method]
    fn tell(cx: &mut Cx, this: Value) -> PyResult {
        call::call_method(cx, this, "seek", &[Value::int(0), Value::int(1)])
    }
    /// Truncate file to size bytes.
    ///
    /// File pointer is left unchanged. Size defaults to the current IO position
    /// as reported by tell(). Return the new size.
    #[method]
    fn truncate(cx: &mut Cx, _this: Value, #[default(NONE)] _size: Value) -> PyResult<()> {
        Err(unsupported(cx, "truncate"))
    }
    /// Flush write buffers, if applicable.
    ///
    /// This is not implemented for read-only and non-blocking streams.
    #[method]
    fn flush(cx: &mut Cx, this: Value) -> PyResult<()> {
        if is_marked_closed(cx, this)? {
            return Err(super::checks::closed(cx));
        }
        Ok(())
    }
    /// Flush and close the IO object.
    ///
    /// This method has no effect if the file is already closed.
    #[method]
    fn close(cx: &mut Cx, this: Value) -> PyResult<()> {
        if is_marked_closed(cx, this)? {
            return Ok(());
        }
        let flushed = call::call_method(cx, this, "flush", &[]);
        let exception = if flushed.is_err() { Some(cx.take_raised()) } else { None };
        let name = cx.intern(CLOSED);
        let marked = attribute::set(cx, this, name, Some(TRUE));
        match (exception, marked) {
            (Some(exception), Ok(())) => Err(cx.raise_value(exception)),
            (Some(exception), Err(raised)) => {
                super::checks::chain(cx, exception);
                Err(raised)
            }
            (None, marked) => marked,
        }
    }
    #[method]
    fn __del__(cx: &mut Cx, this: Value) {
        finalise(cx, this);
    }
    /// Return whether object supports random access.
    ///
    /// If False, seek(), tell() and truncate() will raise OSError.
    #[method]
    fn seekable(_this: Value) -> bool {
        false
    }
    /// Return whether object was opened for reading.
    ///
    /// If False, read() will raise OSError.
    #[method]
    fn readable(_this: Value) -> bool {
        false
    }
    /// Return whether object was opened for writing.
    ///
    /// If False, write() will raise OSError.
    #[method]
    fn writable(_this: Value) -> bool {
        false
    }
    /// Raise ValueError if the stream is closed.
    #[method(name = "_checkClosed")]
    fn claim_closed(cx: &mut Cx, this: Value) -> PyResult<()> {
        check_closed(cx, this)
    }
    /// Raise UnsupportedOperation unless the stream is seekable.
    #[method(name = "_checkSeekable")]
    fn claim_seekable(cx: &mut Cx, this: Value) -> PyResult {
        check_seekable(cx, this)
    }
    /// Raise UnsupportedOperation unless the stream is readable.
    #[method(name = "_checkReadable")]
    fn claim_readable(cx: &mut Cx, this: Value) -> PyResult {
        check_readable(cx, this)
    }
    /// Raise UnsupportedOperation unless the stream is writable.
    #[method(name = "_checkWritable")]
    fn claim_writable(cx: &mut Cx, this: Value) -> PyResult {
        check_writable(cx, this)
    }
    /// Return underlying file descriptor if one exists.
    ///
    /// Raise OSError if the IO object does not use a file descriptor.
    #[method]
    fn fileno(cx: &mut Cx, _this: Value) -> PyResult<()> {
        Err(unsupported(cx, "fileno"))
    }
    /// Return whether this is an 'interactive' stream.
    ///
    /// Return False if it can't be determined.
    #[method]
    fn isatty(cx: &mut Cx, this: Value) -> PyResult<bool> {
        check_closed(cx, this)?;
        Ok(false)
    }
    #[method]
    fn __enter__(cx: &mut Cx, this: Value) -> PyResult {
        check_closed(cx, this)?;
        Ok(this)
    }
    #[method]
    fn __exit__(cx: &mut Cx, this: Value, #[args] _arguments: &[Value]) -> PyResult {
        call::call_method(cx, this, "close", &[])
    }
    #[method]
    fn __iter__(cx: &mut Cx, this: Value) -> PyResult {
        check_closed(cx, this)?;
        Ok(this)
    }
    #[method]
    fn __next__(cx: &mut Cx, this: Value) -> PyResult<Next> {
        next_line(cx, this).map(Next)
    }
    /// Read and return a line from the stream.
    ///
    /// If size is specified, at most size bytes will be read.
    ///
    /// The line terminator is always b'\n' for binary files; for text
    /// files, the newlines argument to open can be used to select the line
    /// terminator(s) recognized.
    #[method(signature = "($self, size=-1, /)")]
    fn readline(cx: &mut Cx, this: Value, #[default(NONE)] limit: Value) -> PyResult<Gc<Bytes>> {
        let limit = size(cx, limit)?;
        readline(cx, this, limit)
    }
    /// Return a list of lines from the stream.
    ///
    /// hint can be specified to control the number of lines read: no more
    /// lines will be read if the total size (in bytes/characters) of all
    /// lines so far exceeds hint.
    #[method(signature = "($self, hint=-1, /)")]
    fn readlines(cx: &mut Cx, this: Value, #[default(NONE)] hint: Value) -> PyResult<Gc<List>> {
        let hint = size(cx, hint)?;
        lines(cx, this, hint)
    }
    /// Write a list of lines to stream.
    ///
    /// Line separators are not added, so it is usual for each of the
    /// lines provided to have a line separator at the end.
    #[method]
    fn writelines(cx: &mut Cx, this: Value, lines: Value) -> PyResult<()> {
        check_closed(cx, this)?;
        write_lines(cx, this, lines)
    }
    /// True if the stream is closed
    #[getter]
    fn closed(cx: &mut Cx, this: Value) -> PyResult<bool> {
        is_marked_closed(cx, this)
    }
}

/// A new bytearray of zeros, for methods of Python classes to fill.
pub fn new_bytearray(cx: &mut Cx, length: usize) -> PyResult {
    let class = cx.builtin_type(Kind::BYTEARRAY).value();
    call::call(cx, class, &[Value::int(length as i64)], None)
}

/// Reads by `readinto` of a Python class. None: there is nothing yet.
fn raw_read(cx: &mut Cx, this: Value, wanted: usize) -> PyResult {
    let buffer = new_bytearray(cx, wanted)?;
    let count = call::call_method(cx, this, "readinto", &[buffer])?;
    if count == NONE {
        return Ok(NONE);
    }
    let count = super::checks::offset(cx, count)?;
    let view = ByteView::of(cx, buffer)?;
    if count < 0 || count as usize > view.len() {
        let message = format!("readinto returned {count} outside buffer size {}", view.len());
        return Err(cx.value_error(message));
    }
    Ok(Bytes::checked(cx, &view.bytes()[..count as usize])?.value())
}

/// Everything that `read` gives. None where there is nothing yet.
pub fn read_all(cx: &mut Cx, this: Value) -> PyResult {
    let mut all: Vec<u8> = Vec::new();
    loop {
        let part = call::call_method(cx, this, "read", &[Value::int(super::DEFAULT_BUFFER_SIZE as i64)])?;
        if part == NONE {
            if all.is_empty() {
                return Ok(NONE);
            }
            break;
        }
        let Some(part) = downcast::<Bytes>(part) else {
            return Err(cx.type_error("read() should return bytes"));
        };
        let part = bytes_of(&part);
        if part.is_empty() {
            break;
        }
        all.extend_from_slice(part);
    }
    Ok(Bytes::checked(cx, &all)?.value())
}

/// `_io._RawIOBase`.
pub struct RawMethods;

#[py_methods(RAW_IO_BASE, name = "_RawIOBase")]
impl RawMethods {
    /// Read up to size bytes by readinto(); all, if size is negative.
    #[method(signature = "($self, size=-1, /)")]
    fn read(cx: &mut Cx, this: Value, #[default(NONE)] wanted: Value) -> PyResult {
        let wanted = size(cx, wanted)?;
        match usize::try_from(wanted) {
            Ok(wanted) => raw_read(cx, this, wanted),
            Err(_) => call::call_method(cx, this, "readall", &[]),
        }
    }
    /// Read until EOF, using multiple read() call.
    #[method]
    fn readall(cx: &mut Cx, this: Value) -> PyResult {
        read_all(cx, this)
    }
    /// Read bytes into a buffer.
    #[method(signature = "")]
    fn readinto(cx: &mut Cx, _this: Value, #[args] _arguments: &[Value]) -> PyResult<()> {
        Err(cx.raise(Kind::NOT_IMPLEMENTED_ERROR, ""))
    }
    /// Write the bytes of a buffer.
    #[method(signature = "")]
    fn write(cx: &mut Cx, _this: Value, #[args] _arguments: &[Value]) -> PyResult<()> {
        Err(cx.raise(Kind::NOT_IMPLEMENTED_ERROR, ""))
    }
}

/// Fills a buffer by a method that returns bytes.
fn read_into(cx: &mut Cx, this: Value, buffer: Value, method: &str) -> PyResult<i64> {
    let view = WritableView::of(cx, buffer)?;
    let part = call::call_method(cx, this, method, &[Value::int(view.len() as i64)])?;
    let Some(bytes) = downcast::<Bytes>(part) else {
        return Err(cx.type_error(format!("{method}() should return bytes")));
    };
    let bytes = bytes_of(&bytes);
    if bytes.len() > view.len() {
        let message =
            format!("{method}() returned too much data: {} bytes requested, {} returned", view.len(), bytes.len());
        return Err(cx.value_error(message));
    }
    view.write(0, bytes);
    Ok(bytes.len() as i64)
}

/// `_io._BufferedIOBase`.
pub struct BufferedMethods;

#[py_methods(BUFFERED_IO_BASE, name = "_BufferedIOBase")]
impl BufferedMethods {
    /// Disconnect this buffer from its underlying raw stream and return it.
    ///
    /// After the raw stream has been detached, the buffer is in an unusable
    /// state.
    #[method]
    fn detach(cx: &mut Cx, _this: Value) -> PyResult<()> {
        Err(unsupported(cx, "detach"))
    }
    /// Read and return up to size bytes.
    ///
    /// If the size argument is omitted, None, or negative, read and
    /// return all data until EOF.
    #[method(signature = "($self, size=-1, /)")]
    fn read(cx: &mut Cx, _this: Value, #[default(NONE)] _size: Value) -> PyResult<()> {
        Err(unsupported(cx, "read"))
    }
    /// Read and return up to size bytes, with at most one read() call to the underlying raw stream.
    ///
    /// Return an empty bytes object on EOF. A short result does not imply
    /// that EOF is imminent.
    #[method(signature = "($self, size=-1, /)")]
    fn read1(cx: &mut Cx, _this: Value, #[default(NONE)] _size: Value) -> PyResult<()> {
        Err(unsupported(cx, "read1"))
    }
    /// Read bytes into a buffer and return their number.
    #[method]
    fn readinto(cx: &mut Cx, this: Value, buffer: Value) -> PyResult<i64> {
        read_into(cx, this, buffer, "read")
    }
    /// Read bytes into a buffer with at most one read of the raw stream.
    #[method]
    fn readinto1(cx: &mut Cx, this: Value, buffer: Value) -> PyResult<i64> {
        read_into(cx, this, buffer, "read1")
    }
    /// Write buffer b to the IO stream.
    ///
    /// Return the number of bytes written, which is always
    /// the length of b in bytes.
    #[method(signature = "($self, b, /)")]
    fn write(cx: &mut Cx, _this: Value, _b: Value) -> PyResult<()> {
        Err(unsupported(cx, "write"))
    }
}

/// `_io._TextIOBase`.
pub struct TextMethods;

#[py_methods(TEXT_IO_BASE, name = "_TextIOBase")]
impl TextMethods {
    /// Separate the underlying buffer from the TextIOBase and return it.
    ///
    /// After the underlying buffer has been detached, the TextIO is in an unusable state.
    #[method]
    fn detach(cx: &mut Cx, _this: Value) -> PyResult<()> {
        Err(unsupported(cx, "detach"))
    }
    /// Read at most size characters from stream.
    ///
    /// Read from underlying buffer until we have size characters or we hit EOF.
    /// If size is negative or omitted, read until EOF.
    #[method(signature = "($self, size=-1, /)")]
    fn read(cx: &mut Cx, _this: Value, #[default(NONE)] _size: Value) -> PyResult<()> {
        Err(unsupported(cx, "read"))
    }
    /// Read until newline or EOF.
    ///
    /// Return an empty string if EOF is hit immediately.
    /// If size is specified, at most size characters will be read.
    #[method(signature = "($self, size=-1, /)")]
    fn readline(cx: &mut Cx, _this: Value, #[default(NONE)] _size: Value) -> PyResult<()> {
        Err(unsupported(cx, "readline"))
    }
    /// Write string s to stream.
    ///
    /// Return the number of characters written
    /// (which is always equal to the length of the string).
    #[method(signature = "($self, s, /)")]
    fn write(cx: &mut Cx, _this: Value, _s: Value) -> PyResult<()> {
        Err(unsupported(cx, "write"))
    }
    /// Encoding of the text stream.
    #[getter]
    fn encoding(_this: Value) -> Value {
        NONE
    }
    /// Line endings translated so far.
    #[getter]
    fn newlines(_this: Value) -> Value {
        NONE
    }
    /// The error setting of the decoder or encoder.
    #[getter]
    fn errors(_this: Value) -> Value {
        NONE
    }
}
