//! `_io.TextIOWrapper`: text over a buffered stream.
//!
//! Written text is encoded at once and collected in `pending`; read bytes are decoded a chunk at a time into `decoded`.
//! `snapshot` is the decoder's state before that chunk, and the bytes decoded since, from which `tell` finds the place in the
//! file that corresponds to a character.
//!
//! INVARIANT: the fields change only while the object's lock is held. A thread may come again while it holds it, as from a
//! handler of a signal that prints; so every method leaves the fields consistent before it calls anything.

mod construction;
mod methods;
mod position;
mod reading;
mod writing;

pub use construction::{Settings, check_newline, locale_encoding, new_text};
pub use methods::TEXT_IO_WRAPPER_METHODS;
pub use writing::flush_pending;
use writing::write_text;

use super::buffered::{self, BufferedObject};
use super::checks::{self, get, unsupported};
use super::codec::{self, Codec};
use crate::system::lock::hold;
use py_object::objects::{Array, Bytes, Raw, Str, Type};
use py_object::string::bytes_of;
use py_object::types::{self, class_name};
use py_object::{
    Cx, Kind, NONE, PyResult, StrExt, UNBOUND, allocate, call, downcast, object, operations, shapes, try_allocate_tail,
};
use vm_heap::{Gc, Value};

object! {
    /// Text over a buffered stream.
    pub struct TextObject = 390 {
        /// Version word.
        word: u64,
        /// Attributes.
        attributes: Option<Gc<Array>>,
        /// The buffered stream; UNBOUND before the start and after `detach`.
        buffer: Value,
        /// The encoding's name.
        encoding: Value,
        /// The error handler's name.
        errors: Value,
        /// The encoding's number.
        codec: u64,
        /// Encodes, where the encoding is one of the library.
        encoder: Value,
        /// Decodes; None where the stream can't be read.
        decoder: Value,
        /// Bits.
        state: u64,
        /// `newline` as it was given.
        newline: Value,
        /// Bytes to read at once.
        chunk: i64,
        /// Decoded text, or None.
        decoded: Value,
        /// Bytes of it that have been read.
        used: i64,
        /// Decoder flags and bytes, or None.
        snapshot: Value,
        /// Bytes per character of the last chunk.
        ratio: f64,
        /// Encoded bytes that have still to be written.
        pending: Option<Gc<Raw>>,
        /// How many.
        pending_count: i64,
        /// The lock.
        lock: u64,
    }
}

const READY: u64 = 1;
const DETACHED: u64 = 1 << 1;
const LINE_BUFFERING: u64 = 1 << 2;
const WRITE_THROUGH: u64 = 1 << 3;
const WRITES: u64 = 1 << 4;
const SEEKABLE: u64 = 1 << 5;
const TELLING: u64 = 1 << 6;
const HAS_READ1: u64 = 1 << 7;
const FINALIZING: u64 = 1 << 8;
/// The next text is the first of the stream, where a byte order mark goes.
const AT_START: u64 = 1 << 9;

/// What `newline` means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Newline {
    /// None: all line ends are `\n`.
    Translated,
    /// Empty: all line ends are kept.
    Universal,
    /// This one only.
    Only(&'static str),
}

impl TextObject {
    fn has(&self, bit: u64) -> bool {
        self.state.get() & bit != 0
    }

    fn set_bit(&self, bit: u64, on: bool) {
        let state = self.state.get();
        self.state.init(if on { state | bit } else { state & !bit });
    }

    fn codec(&self) -> Codec {
        Codec::from_number(self.codec.get())
    }

    fn newline_mode(&self) -> Newline {
        match downcast::<Str>(self.newline.get()) {
            None => Newline::Translated,
            Some(text) => match text.bytes() {
                b"" => Newline::Universal,
                b"\r" => Newline::Only("\r"),
                b"\r\n" => Newline::Only("\r\n"),
                _ => Newline::Only("\n"),
            },
        }
    }
}

/// ValueError for a stream that was never initialised, or that was detached.
fn check_ready(cx: &mut Cx, this: Gc<TextObject>) -> PyResult<Value> {
    if this.has(READY) {
        return Ok(this.buffer.get());
    }
    let message = if this.has(DETACHED) {
        "underlying buffer has been detached"
    } else {
        "I/O operation on uninitialized object"
    };
    Err(cx.value_error(message))
}

/// The stream beneath as one of ours, exactly.
fn exact_buffer(cx: &Cx, this: Gc<TextObject>) -> Option<Gc<BufferedObject>> {
    let buffer = this.buffer.get();
    let kinds = [Kind::BUFFERED_WRITER, Kind::BUFFERED_READER, Kind::BUFFERED_RANDOM];
    if kinds.iter().any(|kind| checks::is_exact(cx, buffer, *kind)) { downcast(buffer) } else { None }
}

fn check_open(cx: &mut Cx, this: Gc<TextObject>) -> PyResult<()> {
    let buffer = check_ready(cx, this)?;
    if let Some(exact) = exact_buffer(cx, this)
        && let Some(file) = super::file::as_exact_file(cx, exact.raw.get())
    {
        return if file.descriptor.get() < 0 { Err(checks::closed(cx)) } else { Ok(()) };
    }
    // A subclass of this class may have its own idea.
    if checks::is_exact(cx, this.value(), Kind::TEXT_IO_WRAPPER) {
        checks::check_closed(cx, buffer)
    } else {
        checks::check_closed(cx, this.value())
    }
}

fn check_decoder(cx: &mut Cx, this: Gc<TextObject>) -> PyResult<Value> {
    match this.decoder.get() {
        NONE => Err(unsupported(cx, "not readable")),
        decoder => Ok(decoder),
    }
}

/// Forgets decoded text.
fn forget_decoded(this: Gc<TextObject>) {
    this.decoded.init(NONE);
    this.used.init(0);
}

/// The decoded text that has not been read.
fn rest(this: &Gc<TextObject>) -> Option<(Gc<Str>, usize)> {
    let decoded = downcast::<Str>(this.decoded.get())?;
    let used = (this.used.get() as usize).min(decoded.bytes().len());
    (used < decoded.bytes().len()).then_some((decoded, used))
}

/// A new stream of a class, without a buffer.
fn allocate_text(cx: &mut Cx, class: Gc<Type>) -> Gc<TextObject> {
    let stream = allocate::<TextObject>(cx.mutator(), types::instance_shape(class).id);
    stream.buffer.init(UNBOUND);
    for field in [
        &stream.encoding,
        &stream.errors,
        &stream.encoder,
        &stream.decoder,
        &stream.newline,
        &stream.decoded,
        &stream.snapshot,
    ] {
        field.init(NONE);
    }
    stream.chunk.init(CHUNK);
    stream
}

/// Bytes to read at once, unless said otherwise.
const CHUNK: i64 = 8192;

/// Calls `flush` of the stream itself, which may be a subclass's.
fn flush_self(cx: &mut Cx, this: Gc<TextObject>) -> PyResult<()> {
    call::call_method(cx, this.value(), "flush", &[]).map(|_| ())
}

/// `repr` of a stream.
fn repr_of(cx: &mut Cx, this: Gc<TextObject>) -> PyResult<String> {
    check_ready(cx, this)?;
    cx.check_native_stack()?;
    let class = types::class_of(cx, this.value());
    let mut text = format!("<_io.{}", types::name_of(class));
    for part in ["name", "mode"] {
        match checks::find(cx, this.value(), part) {
            Ok(Some(value)) => {
                let value = operations::repr(cx, value)?;
                text.push_str(&format!(" {part}={}", value.to_text()));
            }
            Ok(None) => {}
            // A detached or uninitialised buffer has no name.
            Err(_) if types::is_instance(cx, cx.raised.get(), Kind::VALUE_ERROR) && part == "name" => {
                cx.take_raised();
            }
            Err(raised) => return Err(raised),
        }
    }
    let encoding = operations::repr(cx, this.encoding.get())?;
    text.push_str(&format!(" encoding={}>", encoding.to_text()));
    Ok(text)
}
