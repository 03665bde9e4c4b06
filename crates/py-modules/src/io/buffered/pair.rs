//! `BufferedRWPair`: a reader and a writer over two raw streams, as of a pipe in both directions.

use super::super::DEFAULT_BUFFER_SIZE;
use super::super::base::{check_readable, check_writable};
use super::super::checks::chain;
use super::*;
use py_macros::py_methods;
use py_object::arguments::Keywords;
use py_object::objects::Type;
use py_object::{allocate, types};

object! {
    /// A reader and a writer.
    pub struct PairObject = 389 {
        /// Version word.
        word: u64,
        /// Attributes.
        attributes: Option<Gc<Array>>,
        /// The reader.
        reader: Value,
        /// The writer.
        writer: Value,
    }
}

fn forward(cx: &mut Cx, stream: Value, method: &str, arguments: &[Value]) -> PyResult {
    if stream == UNBOUND {
        return Err(cx.value_error("I/O operation on uninitialized object"));
    }
    call::call_method(cx, stream, method, arguments)
}

/// `_io.BufferedRWPair`.
pub struct Methods;

#[py_methods(BUFFERED_RW_PAIR, name = "BufferedRWPair")]
impl Methods {
    #[new(signature = "")]
    fn new(cx: &mut Cx, class: Gc<Type>, #[args] _args: &[Value], #[kwargs] _kwargs: Keywords<'_>) -> Gc<PairObject> {
        let pair = allocate::<PairObject>(cx.mutator(), types::instance_shape(class).id);
        pair.reader.init(UNBOUND);
        pair.writer.init(UNBOUND);
        pair
    }
    #[method(name = "__init__", signature = "(reader, writer, buffer_size=DEFAULT_BUFFER_SIZE, /)")]
    fn init(
        cx: &mut Cx,
        this: Gc<PairObject>,
        reader: Value,
        writer: Value,
        #[default(DEFAULT_BUFFER_SIZE as i64)] buffer_size: i64,
    ) -> PyResult<()> {
        check_readable(cx, reader)?;
        check_writable(cx, writer)?;
        let reader = new_buffered(cx, Kind::BUFFERED_READER, reader, buffer_size)?;
        let writer = new_buffered(cx, Kind::BUFFERED_WRITER, writer, buffer_size)?;
        this.reader.set(cx.mutator(), this, reader.value());
        this.writer.set(cx.mutator(), this, writer.value());
        Ok(())
    }
    #[method(signature = "($self, size=-1, /)")]
    fn read(cx: &mut Cx, this: Gc<PairObject>, #[args] arguments: &[Value]) -> PyResult {
        forward(cx, this.reader.get(), "read", arguments)
    }
    #[method(signature = "($self, size=0, /)")]
    fn peek(cx: &mut Cx, this: Gc<PairObject>, #[args] arguments: &[Value]) -> PyResult {
        forward(cx, this.reader.get(), "peek", arguments)
    }
    #[method(signature = "($self, size=-1, /)")]
    fn read1(cx: &mut Cx, this: Gc<PairObject>, #[args] arguments: &[Value]) -> PyResult {
        forward(cx, this.reader.get(), "read1", arguments)
    }
    #[method]
    fn readinto(cx: &mut Cx, this: Gc<PairObject>, buffer: Value) -> PyResult {
        forward(cx, this.reader.get(), "readinto", &[buffer])
    }
    #[method]
    fn readinto1(cx: &mut Cx, this: Gc<PairObject>, buffer: Value) -> PyResult {
        forward(cx, this.reader.get(), "readinto1", &[buffer])
    }
    #[method]
    fn write(cx: &mut Cx, this: Gc<PairObject>, buffer: Value) -> PyResult {
        forward(cx, this.writer.get(), "write", &[buffer])
    }
    #[method]
    fn flush(cx: &mut Cx, this: Gc<PairObject>) -> PyResult {
        forward(cx, this.writer.get(), "flush", &[])
    }
    #[method]
    fn readable(cx: &mut Cx, this: Gc<PairObject>) -> PyResult {
        forward(cx, this.reader.get(), "readable", &[])
    }
    #[method]
    fn writable(cx: &mut Cx, this: Gc<PairObject>) -> PyResult {
        forward(cx, this.writer.get(), "writable", &[])
    }
    #[method]
    fn close(cx: &mut Cx, this: Gc<PairObject>) -> PyResult {
        let first = forward(cx, this.writer.get(), "close", &[]);
        let exception = if first.is_err() { Some(cx.take_raised()) } else { None };
        let second = forward(cx, this.reader.get(), "close", &[]);
        match (exception, second) {
            (None, second) => second,
            (Some(exception), Ok(_)) => Err(cx.raise_value(exception)),
            (Some(exception), Err(raised)) => {
                chain(cx, exception);
                Err(raised)
            }
        }
    }
    #[method]
    fn isatty(cx: &mut Cx, this: Gc<PairObject>) -> PyResult {
        let answer = forward(cx, this.writer.get(), "isatty", &[])?;
        if operations::truth(cx, answer)? {
            return Ok(answer);
        }
        forward(cx, this.reader.get(), "isatty", &[])
    }
    /// Whether the writer is closed.
    #[getter]
    fn closed(cx: &mut Cx, this: Gc<PairObject>) -> PyResult {
        match this.writer.get() {
            UNBOUND => Err(cx.raise(Kind::RUNTIME_ERROR, "the BufferedRWPair object is being garbage-collected")),
            writer => get(cx, writer, "closed"),
        }
    }
}
