//! `_io.IncrementalNewlineDecoder`: universal newlines, in pieces.

use super::codec;
use py_macros::py_methods;
use py_object::arguments::Keywords;
use py_object::objects::{Array, Str, Tuple, Type};
use py_object::sequence::tuple_items;
use py_object::types::{self, class_name, int};
use py_object::{Cx, NONE, PyResult, StrExt, UNBOUND, allocate, downcast, object, operations};
use vm_heap::{Gc, Value};

object! {
    /// A decoder of line ends over another decoder.
    pub struct NewlineDecoder = 392 {
        /// Version word.
        word: u64,
        /// Attributes.
        attributes: Option<Gc<Array>>,
        /// The decoder beneath; None where text comes in, UNBOUND before the start.
        decoder: Value,
        /// The name of the error handler.
        errors: Value,
        /// Whether all line ends become `\n`.
        translate: bool,
        /// Whether the last piece ended with `\r`, which has been kept back.
        pending: bool,
        /// Bits: the kinds of line ends seen.
        seen: u64,
    }
}

/// Bit of `seen`: `\r`.
pub const SEEN_CR: u64 = 1;
/// Bit of `seen`: `\n`.
pub const SEEN_LF: u64 = 2;
/// Bit of `seen`: `\r\n`.
pub const SEEN_CRLF: u64 = 4;

/// A new decoder.
pub fn new_decoder(cx: &mut Cx, decoder: Value, translate: bool) -> Gc<NewlineDecoder> {
    let class = cx.builtin_type(py_object::Kind::NEWLINE_DECODER);
    let this = allocate_decoder(cx, class);
    this.decoder.set(cx.mutator(), this, decoder);
    this.translate.init(translate);
    this
}

fn allocate_decoder(cx: &mut Cx, class: Gc<Type>) -> Gc<NewlineDecoder> {
    let this = allocate::<NewlineDecoder>(cx.mutator(), types::instance_shape(class).id);
    this.decoder.init(UNBOUND);
    this.errors.init(NONE);
    this
}

/// The line ends seen, as `newlines` shows them.
pub fn newlines_value(cx: &mut Cx, seen: u64) -> Value {
    let mut kinds = Vec::new();
    for (bit, text) in [(SEEN_CR, "\r"), (SEEN_LF, "\n"), (SEEN_CRLF, "\r\n")] {
        if seen & bit != 0 {
            // Interned strings are roots.
            kinds.push(cx.intern(text).value());
        }
    }
    match &kinds[..] {
        [] => NONE,
        [only] => *only,
        several => cx.tuple(several),
    }
}

/// The kinds of line ends in a text whose last `\r` is no first half of `\r\n`.
fn kinds_of(text: &[u8]) -> u64 {
    let mut seen = 0;
    let mut at = 0;
    while seen != SEEN_CR | SEEN_LF | SEEN_CRLF
        && let Some(found) = memchr::memchr2(b'\r', b'\n', &text[at..])
    {
        at += found;
        (seen, at) = match (text[at], text.get(at + 1)) {
            (b'\n', _) => (seen | SEEN_LF, at + 1),
            (_, Some(b'\n')) => (seen | SEEN_CRLF, at + 2),
            _ => (seen | SEEN_CR, at + 1),
        };
    }
    seen
}

/// A text with all line ends as `\n`.
pub fn translated(text: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'\r', rest) {
        result.extend_from_slice(&rest[..at]);
        result.push(b'\n');
        rest = &rest[at + if rest.get(at + 1) == Some(&b'\n') { 2 } else { 1 }..];
    }
    result.extend_from_slice(rest);
    result
}

/// Handles the line ends of a decoded text.
pub fn translate(cx: &mut Cx, this: Gc<NewlineDecoder>, text: Gc<Str>, is_final: bool) -> PyResult<Gc<Str>> {
    let mut bytes = text.bytes();
    let mut joined = Vec::new();
    if this.pending.get() && (is_final || !bytes.is_empty()) {
        joined.reserve(bytes.len() + 1);
        joined.push(b'\r');
        joined.extend_from_slice(bytes);
        this.pending.init(false);
        bytes = &joined;
    }
    // A last `\r` may be the first half of a pair.
    if !is_final && bytes.last() == Some(&b'\r') {
        bytes = &bytes[..bytes.len() - 1];
        this.pending.init(true);
    }
    if memchr::memchr(b'\r', bytes).is_none() {
        if memchr::memchr(b'\n', bytes).is_some() {
            this.seen.init(this.seen.get() | SEEN_LF);
        }
    } else {
        this.seen.init(this.seen.get() | kinds_of(bytes));
        if this.translate.get() {
            return Str::checked(cx, &translated(bytes));
        }
    }
    if bytes.len() == text.bytes().len() && joined.is_empty() {
        return Ok(text);
    }
    Str::checked(cx, bytes)
}

/// `decode(input, final)`.
pub fn decode(cx: &mut Cx, this: Gc<NewlineDecoder>, input: Value, is_final: bool) -> PyResult<Gc<Str>> {
    let text = match this.decoder.get() {
        UNBOUND => return Err(cx.value_error("IncrementalNewlineDecoder.__init__() not called")),
        NONE => input,
        decoder => codec::decode_value(cx, decoder, input, is_final)?,
    };
    let Some(text) = downcast::<Str>(text) else {
        let message = format!("decoder should return a string result, not '{}'", class_name(cx, text));
        return Err(cx.type_error(message));
    };
    translate(cx, this, text, is_final)
}

/// `getstate()`: the pending bytes, and the flag of the decoder beneath with one more bit.
pub fn state(cx: &mut Cx, this: Gc<NewlineDecoder>) -> PyResult<(Value, Value)> {
    let (buffer, flag) = match this.decoder.get() {
        UNBOUND => return Err(cx.value_error("IncrementalNewlineDecoder.__init__() not called")),
        NONE => (py_object::objects::Bytes::checked(cx, &[])?.value(), Value::int(0)),
        decoder => codec::decoder_state(cx, decoder)?,
    };
    let flag = operations::binary(cx, operations::BinaryOperator::LShift, flag, Value::int(1), false)?;
    let pending = Value::int(i64::from(this.pending.get()));
    let flag = operations::binary(cx, operations::BinaryOperator::Or, flag, pending, false)?;
    Ok((buffer, flag))
}

/// `setstate((buffer, flag))`.
pub fn set_state(cx: &mut Cx, this: Gc<NewlineDecoder>, buffer: Value, flag: Value) -> PyResult<()> {
    let bit = operations::binary(cx, operations::BinaryOperator::And, flag, Value::int(1), false)?;
    let is_pending = operations::truth(cx, bit)?;
    this.pending.init(is_pending);
    let flag = operations::binary(cx, operations::BinaryOperator::RShift, flag, Value::int(1), false)?;
    match this.decoder.get() {
        UNBOUND => Err(cx.value_error("IncrementalNewlineDecoder.__init__() not called")),
        NONE => Ok(()),
        decoder => codec::set_decoder_state(cx, decoder, buffer, flag),
    }
}

/// `reset()`.
pub fn reset(cx: &mut Cx, this: Gc<NewlineDecoder>) -> PyResult<()> {
    this.seen.init(0);
    this.pending.init(false);
    match this.decoder.get() {
        UNBOUND => Err(cx.value_error("IncrementalNewlineDecoder.__init__() not called")),
        NONE => Ok(()),
        decoder => codec::reset_decoder(cx, decoder),
    }
}

/// `_io.IncrementalNewlineDecoder`.
pub struct Methods;

#[py_methods(NEWLINE_DECODER, name = "IncrementalNewlineDecoder")]
impl Methods {
    #[new(signature = "")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[args] _args: &[Value],
        #[kwargs] _kwargs: Keywords<'_>,
    ) -> Gc<NewlineDecoder> {
        allocate_decoder(cx, class)
    }
    #[method(name = "__init__", signature = "(decoder, translate, errors='strict')")]
    fn init(
        cx: &mut Cx,
        this: Gc<NewlineDecoder>,
        #[keyword] decoder: Value,
        #[keyword] translate: bool,
        #[keyword]
        #[default(NONE)]
        errors: Value,
    ) {
        let errors = if errors == NONE { cx.intern("strict").value() } else { errors };
        this.errors.set(cx.mutator(), this, errors);
        this.decoder.set(cx.mutator(), this, decoder);
        this.translate.init(translate);
        this.seen.init(0);
        this.pending.init(false);
    }
    #[method]
    fn decode(
        cx: &mut Cx,
        this: Gc<NewlineDecoder>,
        #[keyword] input: Value,
        #[keyword]
        #[default(false)]
        #[name("final")]
        is_final: bool,
    ) -> PyResult<Gc<Str>> {
        decode(cx, this, input, is_final)
    }
    #[method]
    fn getstate(cx: &mut Cx, this: Gc<NewlineDecoder>) -> PyResult {
        let (buffer, flag) = state(cx, this)?;
        Ok(cx.tuple(&[buffer, flag]))
    }
    #[method]
    fn setstate(cx: &mut Cx, this: Gc<NewlineDecoder>, state: Value) -> PyResult<()> {
        let parts = downcast::<Tuple>(state);
        match parts.as_ref().map(tuple_items) {
            None => Err(cx.type_error("state argument must be a tuple")),
            Some([buffer, flag]) if int::is_int(*flag) => set_state(cx, this, *buffer, *flag),
            Some(_) => Err(cx.type_error("illegal decoder state")),
        }
    }
    #[method]
    fn reset(cx: &mut Cx, this: Gc<NewlineDecoder>) -> PyResult<()> {
        reset(cx, this)
    }
    /// The kinds of line ends seen so far.
    #[getter]
    fn newlines(cx: &mut Cx, this: Gc<NewlineDecoder>) -> PyResult {
        if this.decoder.get() == UNBOUND {
            return Err(cx.value_error("IncrementalNewlineDecoder.__init__() not called"));
        }
        Ok(newlines_value(cx, this.seen.get()))
    }
}
