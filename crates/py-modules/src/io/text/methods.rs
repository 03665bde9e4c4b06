//! The methods of `TextIOWrapper`.

use super::super::checks::{chain, size};
use super::construction::{Settings, initialise, reconfigure};
use super::position::{seek, tell};
use super::reading::{read, read_line};
use super::*;
use crate::system::arguments::c_int;
use py_macros::py_methods;
use py_object::TRUE;
use py_object::arguments::{Keywords, Next};

fn forward(cx: &mut Cx, this: Gc<TextObject>, method: &str) -> PyResult {
    let buffer = check_ready(cx, this)?;
    call::call_method(cx, buffer, method, &[])
}

fn close(cx: &mut Cx, this: Gc<TextObject>) -> PyResult {
    let buffer = check_ready(cx, this)?;
    if checks::is_closed(cx, this.value())? {
        return Ok(NONE);
    }
    if this.has(FINALIZING) && checks::find(cx, buffer, "_dealloc_warn")?.is_some() {
        let warned = call::call_method(cx, buffer, "_dealloc_warn", &[this.value()]);
        if warned.is_err() {
            cx.take_raised();
        }
    }
    let flushed = flush_self(cx, this);
    let exception = if flushed.is_err() { Some(cx.take_raised()) } else { None };
    let closed = call::call_method(cx, buffer, "close", &[]);
    match (exception, closed) {
        (None, closed) => closed,
        (Some(exception), Ok(_)) => Err(cx.raise_value(exception)),
        (Some(exception), Err(raised)) => {
            chain(cx, exception);
            Err(raised)
        }
    }
}

/// `_io.TextIOWrapper`.
pub struct Methods;

#[py_methods(TEXT_IO_WRAPPER, name = "TextIOWrapper")]
impl Methods {
    #[new(signature = "")]
    fn new(cx: &mut Cx, class: Gc<Type>, #[args] _args: &[Value], #[kwargs] _kwargs: Keywords<'_>) -> Gc<TextObject> {
        allocate_text(cx, class)
    }
    #[method(
        name = "__init__",
        signature = "(buffer, encoding=None, errors=None, newline=None, line_buffering=False, write_through=False)"
    )]
    fn init(
        cx: &mut Cx,
        this: Gc<TextObject>,
        #[keyword] buffer: Value,
        #[keyword]
        #[default(NONE)]
        encoding: Value,
        #[keyword]
        #[default(NONE)]
        errors: Value,
        #[keyword]
        #[default(NONE)]
        newline: Value,
        #[keyword]
        #[default(false)]
        line_buffering: bool,
        #[keyword]
        #[default(false)]
        write_through: bool,
    ) -> PyResult<()> {
        let settings = Settings { encoding, errors, newline, line_buffering, write_through };
        initialise(cx, this, buffer, settings)
    }
    /// Reconfigure the text stream with new parameters.
    ///
    /// This also does an implicit stream flush.
    #[method]
    fn reconfigure(
        cx: &mut Cx,
        this: Gc<TextObject>,
        #[keyword_only]
        #[default(NONE)]
        encoding: Value,
        #[keyword_only]
        #[default(NONE)]
        errors: Value,
        #[keyword_only]
        #[default(UNBOUND)]
        newline: Value,
        #[keyword_only]
        #[default(NONE)]
        line_buffering: Value,
        #[keyword_only]
        #[default(NONE)]
        write_through: Value,
    ) -> PyResult<()> {
        reconfigure(cx, this, [encoding, errors, newline, line_buffering, write_through])
    }
    /// Separate the underlying buffer from the stream and return it.
    #[method]
    fn detach(cx: &mut Cx, this: Gc<TextObject>) -> PyResult {
        check_ready(cx, this)?;
        flush_self(cx, this)?;
        let buffer = this.buffer.get();
        this.buffer.set(cx.mutator(), this, UNBOUND);
        this.set_bit(READY, false);
        this.set_bit(DETACHED, true);
        Ok(buffer)
    }
    /// Write string s to stream.
    ///
    /// Return the number of characters written.
    #[method]
    fn write(cx: &mut Cx, this: Gc<TextObject>, text: Gc<Str>) -> PyResult {
        check_ready(cx, this)?;
        write_text(cx, this, text)
    }
    /// Read at most size characters; all, if size is negative or None.
    #[method(signature = "($self, size=-1, /)")]
    fn read(cx: &mut Cx, this: Gc<TextObject>, #[default(NONE)] wanted: Value) -> PyResult<Gc<Str>> {
        let wanted = size(cx, wanted)?;
        check_ready(cx, this)?;
        read(cx, this, wanted)
    }
    /// Read until newline or EOF, or at most size characters.
    #[method(signature = "($self, size=-1, /)")]
    fn readline(cx: &mut Cx, this: Gc<TextObject>, #[default(Value::int(-1))] limit: Value) -> PyResult<Gc<Str>> {
        let limit = checks::offset(cx, limit)?;
        check_ready(cx, this)?;
        read_line(cx, this, limit)
    }
    /// Write what is pending to the buffer, and flush that.
    #[method]
    fn flush(cx: &mut Cx, this: Gc<TextObject>) -> PyResult {
        check_open(cx, this)?;
        let _held = hold(cx, this, &this.lock);
        this.set_bit(TELLING, this.has(SEEKABLE));
        flush_pending(cx, this)?;
        let buffer = this.buffer.get();
        call::call_method(cx, buffer, "flush", &[])
    }
    /// Flush and close the stream, and the buffer with it.
    #[method]
    fn close(cx: &mut Cx, this: Gc<TextObject>) -> PyResult {
        close(cx, this)
    }
    /// Return the stream position as an opaque number.
    #[method]
    fn tell(cx: &mut Cx, this: Gc<TextObject>) -> PyResult {
        check_ready(cx, this)?;
        tell(cx, this)
    }
    /// Set the stream position to one that tell() returned; 0 and whence 2 to the end.
    #[method(signature = "($self, cookie, whence=os.SEEK_SET, /)")]
    fn seek(cx: &mut Cx, this: Gc<TextObject>, cookie: Value, #[default(NONE)] whence: Value) -> PyResult {
        let whence = if whence == NONE { 0 } else { c_int(cx, whence)? };
        check_ready(cx, this)?;
        seek(cx, this, cookie, whence)
    }
    /// Truncate the file to size bytes, by default at the present position.
    #[method(signature = "($self, pos=None, /)")]
    fn truncate(cx: &mut Cx, this: Gc<TextObject>, #[default(NONE)] size: Value) -> PyResult {
        let buffer = check_ready(cx, this)?;
        flush_self(cx, this)?;
        call::call_method(cx, buffer, "truncate", &[size])
    }
    /// Whether the buffer can be read.
    #[method]
    fn readable(cx: &mut Cx, this: Gc<TextObject>) -> PyResult {
        forward(cx, this, "readable")
    }
    /// Whether the buffer can be written.
    #[method]
    fn writable(cx: &mut Cx, this: Gc<TextObject>) -> PyResult {
        forward(cx, this, "writable")
    }
    /// Whether the buffer can be moved in.
    #[method]
    fn seekable(cx: &mut Cx, this: Gc<TextObject>) -> PyResult {
        forward(cx, this, "seekable")
    }
    /// The buffer's file descriptor.
    #[method]
    fn fileno(cx: &mut Cx, this: Gc<TextObject>) -> PyResult {
        forward(cx, this, "fileno")
    }
    /// Whether the buffer is a terminal.
    #[method]
    fn isatty(cx: &mut Cx, this: Gc<TextObject>) -> PyResult {
        forward(cx, this, "isatty")
    }
    #[method]
    fn __next__(cx: &mut Cx, this: Gc<TextObject>) -> PyResult<Next> {
        check_ready(cx, this)?;
        this.set_bit(TELLING, false);
        let line = if checks::is_exact(cx, this.value(), Kind::TEXT_IO_WRAPPER) {
            read_line(cx, this, -1)?.value()
        } else {
            let line = call::call_method(cx, this.value(), "readline", &[])?;
            if downcast::<Str>(line).is_none() {
                let message = format!("readline() should have returned a str object, not '{}'", class_name(cx, line));
                return Err(cx.raise(Kind::OS_ERROR, message));
            }
            line
        };
        if downcast::<Str>(line).is_some_and(|line| !line.bytes().is_empty()) {
            return Ok(Next(Some(line)));
        }
        this.snapshot.init(NONE);
        this.set_bit(TELLING, this.has(SEEKABLE));
        Ok(Next(None))
    }
    #[method]
    fn __del__(cx: &mut Cx, this: Gc<TextObject>) {
        if this.has(READY) && !this.has(PERMANENT) {
            super::super::base::finalise(cx, this.value());
        }
    }
    #[method]
    fn __getstate__(cx: &mut Cx, this: Value) -> PyResult<()> {
        let class = types::class_of(cx, this);
        Err(cx.type_error(format!("cannot pickle '{}' instances", types::short_name(class))))
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<TextObject>) -> PyResult<String> {
        repr_of(cx, this)
    }
    /// The name of the encoding.
    #[getter]
    fn encoding(this: Gc<TextObject>) -> Value {
        this.encoding.get()
    }
    /// The name of the error handler.
    #[getter]
    fn errors(cx: &mut Cx, this: Gc<TextObject>) -> PyResult {
        check_ready(cx, this)?;
        Ok(this.errors.get())
    }
    /// The buffered stream.
    #[getter]
    fn buffer(cx: &mut Cx, this: Gc<TextObject>) -> PyResult {
        check_ready(cx, this)
    }
    /// Whether each line is written at once.
    #[getter]
    fn line_buffering(this: Gc<TextObject>) -> bool {
        this.has(LINE_BUFFERING)
    }
    /// Whether all text is written at once.
    #[getter]
    fn write_through(this: Gc<TextObject>) -> bool {
        this.has(WRITE_THROUGH)
    }
    /// The buffer's name.
    #[getter]
    fn name(cx: &mut Cx, this: Gc<TextObject>) -> PyResult {
        let buffer = check_ready(cx, this)?;
        get(cx, buffer, "name")
    }
    /// Whether the buffer is closed.
    #[getter]
    fn closed(cx: &mut Cx, this: Gc<TextObject>) -> PyResult {
        let buffer = check_ready(cx, this)?;
        get(cx, buffer, "closed")
    }
    /// The kinds of line ends seen so far.
    #[getter]
    fn newlines(cx: &mut Cx, this: Gc<TextObject>) -> PyResult {
        check_ready(cx, this)?;
        match this.decoder.get() {
            NONE => Ok(NONE),
            decoder => Ok(checks::find(cx, decoder, "newlines")?.unwrap_or(NONE)),
        }
    }
    /// Bytes to read at once.
    #[getter(name = "_CHUNK_SIZE")]
    fn chunk_size(cx: &mut Cx, this: Gc<TextObject>) -> PyResult<i64> {
        check_ready(cx, this)?;
        Ok(this.chunk.get())
    }
    #[setter(name = "_CHUNK_SIZE")]
    fn set_chunk_size(cx: &mut Cx, this: Gc<TextObject>, value: Value) -> PyResult<()> {
        check_ready(cx, this)?;
        if value == UNBOUND {
            let message = "attribute '_CHUNK_SIZE' of '_io.TextIOWrapper' objects cannot be deleted";
            return Err(cx.raise(Kind::ATTRIBUTE_ERROR, message));
        }
        let number = match checks::offset(cx, value) {
            Err(_) if py_object::types::is_instance(cx, cx.raised.get(), Kind::OVERFLOW_ERROR) => {
                cx.take_raised();
                return Err(cx.value_error("cannot fit 'int' into an index-sized integer"));
            }
            outcome => outcome?,
        };
        if number <= 0 {
            return Err(cx.value_error("a strictly positive integer is required"));
        }
        this.chunk.init(number);
        Ok(())
    }
    /// Whether the garbage collector is closing it.
    #[getter]
    fn _finalizing(this: Gc<TextObject>) -> bool {
        this.has(FINALIZING)
    }
    #[setter(name = "_finalizing")]
    fn set_finalizing(this: Gc<TextObject>, value: Value) {
        this.set_bit(FINALIZING, value == TRUE);
    }
}
