//! Encoding and decoding for text streams.
//!
//! UTF-8, ASCII and Latin-1 are done here, without Python code; any other encoding goes by the objects that the library's
//! `codecs` makes. A decoder is an object in either case, so that positions in a file are found in one way.

use super::newlines::{self, NewlineDecoder};
use py_macros::py_methods;
use py_object::buffer::ByteView;
use py_object::objects::{Bytes, Str, Tuple};
use py_object::sequence::tuple_items;
use py_object::string::bytes_of;
use py_object::types::str::push_code_point;
use py_object::types::{class_name, int};
use py_object::{
    Cx, Kind, NONE, PyResult, StrExt, allocate, attribute, bool_value, call, downcast, object, operations, shapes,
};
use vm_heap::{Gc, Value};

/// An encoding.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Codec {
    /// UTF-8.
    Utf8,
    /// ASCII.
    Ascii,
    /// Latin-1.
    Latin1,
    /// One that the library knows.
    Other,
}

impl Codec {
    /// The encoding with this name.
    pub fn named(name: &[u8]) -> Codec {
        let plain: Vec<u8> = name
            .iter()
            .map(|byte| if matches!(byte, b'_' | b' ') { b'-' } else { byte.to_ascii_lowercase() })
            .collect();
        match &plain[..] {
            b"utf-8" | b"utf8" | b"u8" | b"utf" | b"cp65001" => Codec::Utf8,
            b"ascii" | b"us-ascii" | b"646" => Codec::Ascii,
            b"latin-1" | b"latin1" | b"iso-8859-1" | b"iso8859-1" | b"l1" | b"8859" | b"latin" => Codec::Latin1,
            _ => Codec::Other,
        }
    }

    /// As a number in an object's field.
    pub fn number(self) -> u64 {
        self as u64
    }

    /// From that number.
    pub fn from_number(number: u64) -> Codec {
        match number {
            0 => Codec::Utf8,
            1 => Codec::Ascii,
            2 => Codec::Latin1,
            _ => Codec::Other,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Codec::Ascii => "ascii",
            Codec::Latin1 => "latin-1",
            _ => "utf-8",
        }
    }
}

object! {
    /// A decoder of one of the encodings done here.
    pub struct PlainDecoder = 395 {
        /// Version word.
        word: u64,
        /// The encoding.
        codec: u64,
        /// The name of the error handler.
        errors: Value,
        /// Bytes of an unfinished sequence, or None.
        pending: Value,
    }
}

/// A decoder for an encoding.
pub fn new_decoder(cx: &mut Cx, codec: Codec, encoding: Gc<Str>, errors: Value) -> PyResult {
    if codec != Codec::Other {
        let decoder = allocate::<PlainDecoder>(cx.mutator(), shapes::PLAIN_DECODER);
        decoder.codec.init(codec.number());
        decoder.errors.init(errors);
        decoder.pending.init(NONE);
        return Ok(decoder.value());
    }
    by_codec(cx, encoding, "incrementaldecoder", errors)
}

/// An encoder for an encoding that is not done here.
pub fn new_encoder(cx: &mut Cx, encoding: Gc<Str>, errors: Value) -> PyResult {
    by_codec(cx, encoding, "incrementalencoder", errors)
}

/// `codecs.lookup(encoding)`, which must be one of text.
pub fn lookup(cx: &mut Cx, encoding: Gc<Str>) -> PyResult {
    let codecs = crate::import(cx, "codecs")?;
    let codec = call::call_method(cx, codecs, "lookup", &[encoding.value()])?;
    if let Some(is_text) = super::checks::find(cx, codec, "_is_text_encoding")?
        && !operations::truth(cx, is_text)?
    {
        let message =
            format!("'{}' is not a text encoding; use codecs.open() to handle arbitrary codecs", encoding.to_text());
        return Err(cx.raise(Kind::LOOKUP_ERROR, message));
    }
    Ok(codec)
}

fn by_codec(cx: &mut Cx, encoding: Gc<Str>, part: &str, errors: Value) -> PyResult {
    let codec = lookup(cx, encoding)?;
    let name = cx.intern(part);
    let make = attribute::get(cx, codec, name)?;
    call::call(cx, make, &[errors], None)
}

/// How many bytes of an unfinished UTF-8 sequence there are at the end.
fn unfinished(bytes: &[u8]) -> usize {
    let mut at = 0;
    loop {
        match std::str::from_utf8(&bytes[at..]) {
            Ok(_) => return 0,
            Err(error) => match error.error_len() {
                None => return bytes.len() - at - error.valid_up_to(),
                Some(length) => at += error.valid_up_to() + length,
            },
        }
    }
}

fn decode_plain(cx: &mut Cx, this: Gc<PlainDecoder>, input: &[u8], is_final: bool) -> PyResult<Gc<Str>> {
    let codec = Codec::from_number(this.codec.get());
    let pending = downcast::<Bytes>(this.pending.get());
    let joined;
    let bytes = match &pending {
        Some(pending) => {
            joined = [bytes_of(pending), input].concat();
            &joined[..]
        }
        None => input,
    };
    match codec {
        Codec::Latin1 if !bytes.is_ascii() => {
            let mut text = Vec::with_capacity(bytes.len() * 2);
            bytes.iter().for_each(|byte| push_code_point(&mut text, u32::from(*byte)));
            return Str::checked(cx, &text);
        }
        Codec::Utf8 if std::str::from_utf8(bytes).is_ok() => {
            this.pending.init(NONE);
            return Str::checked(cx, bytes);
        }
        Codec::Ascii | Codec::Latin1 if bytes.is_ascii() => return Str::checked(cx, bytes),
        _ => {}
    }
    let kept = if codec == Codec::Utf8 && !is_final { unfinished(bytes) } else { 0 };
    let (whole, rest) = bytes.split_at(bytes.len() - kept);
    let text = if kept > 0 && std::str::from_utf8(whole).is_ok() {
        Str::checked(cx, whole)?
    } else {
        let whole = Bytes::checked(cx, whole)?;
        let encoding = Str::new(cx, codec.name());
        py_object::codecs::decode_object(cx, whole.value(), Some(encoding), downcast(this.errors.get()))?
    };
    let rest = if rest.is_empty() { NONE } else { Bytes::checked(cx, rest)?.value() };
    this.pending.set(cx.mutator(), this, rest);
    Ok(text)
}

/// `decoder.decode(input, is_final)`.
pub fn decode_value(cx: &mut Cx, decoder: Value, input: Value, is_final: bool) -> PyResult {
    if let Some(plain) = downcast::<PlainDecoder>(decoder) {
        let view = ByteView::of(cx, input)?;
        return Ok(decode_plain(cx, plain, view.bytes(), is_final)?.value());
    }
    if super::checks::is_exact(cx, decoder, Kind::NEWLINE_DECODER)
        && let Some(decoder) = downcast::<NewlineDecoder>(decoder)
    {
        return Ok(newlines::decode(cx, decoder, input, is_final)?.value());
    }
    call::call_method(cx, decoder, "decode", &[input, bool_value(is_final)])
}

/// `decoder.decode(input, is_final)`, which must be text.
pub fn decode(cx: &mut Cx, decoder: Value, input: Value, is_final: bool) -> PyResult<Gc<Str>> {
    let text = decode_value(cx, decoder, input, is_final)?;
    match downcast::<Str>(text) {
        Some(text) => Ok(text),
        None => {
            let message = format!("decoder should return a string result, not '{}'", class_name(cx, text));
            Err(cx.type_error(message))
        }
    }
}

/// `decoder.getstate()`.
pub fn decoder_state(cx: &mut Cx, decoder: Value) -> PyResult<(Value, Value)> {
    if let Some(plain) = downcast::<PlainDecoder>(decoder) {
        return match plain.pending.get() {
            NONE => Ok((Bytes::checked(cx, &[])?.value(), Value::int(0))),
            pending => Ok((pending, Value::int(0))),
        };
    }
    if super::checks::is_exact(cx, decoder, Kind::NEWLINE_DECODER)
        && let Some(decoder) = downcast::<NewlineDecoder>(decoder)
    {
        return newlines::state(cx, decoder);
    }
    let state = call::call_method(cx, decoder, "getstate", &[])?;
    let Some(parts) = downcast::<Tuple>(state) else {
        return Err(cx.type_error("illegal decoder state"));
    };
    let [buffer, flag] = tuple_items(&parts) else {
        return Err(cx.type_error("illegal decoder state"));
    };
    if downcast::<Bytes>(*buffer).is_none() {
        let message = format!(
            "illegal decoder state: the first item should be a bytes object, not '{}'",
            class_name(cx, *buffer)
        );
        return Err(cx.type_error(message));
    }
    if !int::is_int(*flag) {
        return Err(cx.type_error("illegal decoder state"));
    }
    Ok((*buffer, *flag))
}

/// `decoder.setstate((buffer, flag))`.
pub fn set_decoder_state(cx: &mut Cx, decoder: Value, buffer: Value, flag: Value) -> PyResult<()> {
    if let Some(plain) = downcast::<PlainDecoder>(decoder) {
        let pending = downcast::<Bytes>(buffer).filter(|bytes| !bytes_of(bytes).is_empty());
        plain.pending.set(cx.mutator(), plain, pending.map_or(NONE, |bytes| bytes.value()));
        return Ok(());
    }
    if super::checks::is_exact(cx, decoder, Kind::NEWLINE_DECODER)
        && let Some(decoder) = downcast::<NewlineDecoder>(decoder)
    {
        return newlines::set_state(cx, decoder, buffer, flag);
    }
    let state = cx.tuple(&[buffer, flag]);
    call::call_method(cx, decoder, "setstate", &[state]).map(|_| ())
}

/// `decoder.reset()`.
pub fn reset_decoder(cx: &mut Cx, decoder: Value) -> PyResult<()> {
    if let Some(plain) = downcast::<PlainDecoder>(decoder) {
        plain.pending.init(NONE);
        return Ok(());
    }
    if super::checks::is_exact(cx, decoder, Kind::NEWLINE_DECODER)
        && let Some(decoder) = downcast::<NewlineDecoder>(decoder)
    {
        return newlines::reset(cx, decoder);
    }
    call::call_method(cx, decoder, "reset", &[]).map(|_| ())
}

/// A text in one of the encodings done here. Texts whose bytes are the same in it are given back by their own bytes.
pub enum Encoded {
    /// The bytes of the text itself.
    Same,
    /// Other bytes.
    Other(Gc<Bytes>),
}

/// Encodes a text in one of the encodings done here.
pub fn encode(cx: &mut Cx, codec: Codec, text: Gc<Str>, errors: Value) -> PyResult<Encoded> {
    if text.is_ascii() || (codec == Codec::Utf8 && text.as_str().is_some()) {
        return Ok(Encoded::Same);
    }
    if codec == Codec::Latin1 && text.as_str().is_some_and(|text| text.chars().all(|one| u32::from(one) < 256)) {
        let bytes: Vec<u8> = text.as_str().unwrap_or_default().chars().map(|one| one as u8).collect();
        return Bytes::checked(cx, &bytes).map(Encoded::Other);
    }
    let encoding = Str::new(cx, codec.name());
    let bytes = py_object::codecs::encode(cx, text, Some(encoding), downcast::<Str>(errors))?;
    match downcast::<Bytes>(bytes) {
        Some(bytes) => Ok(Encoded::Other(bytes)),
        None => Err(cx.type_error("encoder should return a bytes object")),
    }
}

/// The methods of the decoders done here, for those who get at one.
pub struct Methods;

#[py_methods(PLAIN_DECODER, name = "PlainDecoder")]
impl Methods {
    #[method]
    fn decode(
        cx: &mut Cx,
        this: Gc<PlainDecoder>,
        #[keyword] input: Value,
        #[keyword]
        #[default(false)]
        #[name("final")]
        is_final: bool,
    ) -> PyResult {
        decode_value(cx, this.value(), input, is_final)
    }
    #[method]
    fn getstate(cx: &mut Cx, this: Gc<PlainDecoder>) -> PyResult {
        let (buffer, flag) = decoder_state(cx, this.value())?;
        Ok(cx.tuple(&[buffer, flag]))
    }
    #[method]
    fn setstate(cx: &mut Cx, this: Gc<PlainDecoder>, state: Gc<Tuple>) -> PyResult<()> {
        match tuple_items(&state) {
            [buffer, flag] => set_decoder_state(cx, this.value(), *buffer, *flag),
            _ => Err(cx.type_error("illegal decoder state")),
        }
    }
    #[method]
    fn reset(cx: &mut Cx, this: Gc<PlainDecoder>) -> PyResult<()> {
        reset_decoder(cx, this.value())
    }
}
