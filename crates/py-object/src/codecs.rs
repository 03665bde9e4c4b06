//! Codecs: text to bytes and back.
//!
//! The codecs that Python code cannot do without are native; all others come from the registry, whose search functions
//! the library's package `encodings` provides. What cannot be encoded or decoded goes to an error handler.

pub mod charmap;
pub mod errors;
pub mod escape;
pub mod registry;
pub mod single_byte;
mod standard;
pub mod utf16;
pub mod utf32;
pub mod utf7;
pub mod utf8;

pub use errors::Handler;
pub use registry::Registry;

use crate::cx::{Cx, PyResult};
use crate::objects::{Bytes, Str};
use crate::string::{StrExt, bytes_of, downcast};
use crate::types::class_name;
use vm_heap::{Gc, Value};

/// What a decoder gives: the text, and how many bytes it used.
pub type Decoded = PyResult<(Gc<Str>, usize)>;

/// A native codec.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Codec {
    /// UTF-8.
    Utf8,
    /// ASCII.
    Ascii,
    /// ISO 8859-1.
    Latin1,
    /// UTF-16 with or without a mark of the byte order.
    Utf16(utf16::Order),
    /// UTF-32.
    Utf32(utf16::Order),
}

impl Codec {
    /// The native codec with a name, in the spellings that `str.encode` and `bytes.decode` know without the registry.
    fn named(name: &str) -> Option<Codec> {
        use utf16::Order;
        // The usual spellings.
        match name {
            "utf-8" => return Some(Codec::Utf8),
            "ascii" => return Some(Codec::Ascii),
            "latin-1" => return Some(Codec::Latin1),
            _ => {}
        }
        Some(match registry::normalised(name).as_str() {
            "utf_8" | "utf8" | "u8" | "cp65001" => Codec::Utf8,
            "ascii" | "us_ascii" => Codec::Ascii,
            "latin_1" | "latin1" | "iso_8859_1" | "iso8859_1" => Codec::Latin1,
            "utf_16" | "utf16" => Codec::Utf16(Order::Marked),
            "utf_32" | "utf32" => Codec::Utf32(Order::Marked),
            _ => return None,
        })
    }
}

fn codec_named(name: Gc<Str>) -> Option<Codec> {
    name.as_str().and_then(Codec::named)
}

/// `text.encode(encoding, errors)`.
pub fn encode(cx: &mut Cx, text: Gc<Str>, encoding: Option<Gc<Str>>, errors: Option<Gc<Str>>) -> PyResult {
    check_names(cx, encoding, errors)?;
    let codec = match encoding {
        None => Some(Codec::Utf8),
        Some(name) => codec_named(name),
    };
    match (codec, encoding) {
        (Some(codec), _) => encode_with(cx, codec, text, errors),
        (None, Some(name)) => registry::encode_text(cx, text, name, errors),
        (None, None) => unreachable!("the default is a native codec"),
    }
}

/// In development mode the names are looked up even where they are not needed.
fn check_names(cx: &mut Cx, encoding: Option<Gc<Str>>, errors: Option<Gc<Str>>) -> PyResult<()> {
    if !cx.runtime.configuration().flags.dev_mode {
        return Ok(());
    }
    if let Some(encoding) = encoding
        && Codec::named(&encoding.to_text()).is_none()
    {
        registry::lookup(cx, encoding)?;
    }
    if let Some(errors) = errors {
        let errors = errors.to_text();
        if !errors::is_standard(&errors) {
            registry::lookup_handler(cx, &errors)?;
        }
    }
    Ok(())
}

/// Encodes with a native codec.
pub fn encode_with(cx: &mut Cx, codec: Codec, text: Gc<Str>, errors: Option<Gc<Str>>) -> PyResult {
    let bytes = match codec {
        Codec::Utf8 => utf8::encode(cx, text, errors)?,
        Codec::Ascii => single_byte::encode(cx, text, errors, single_byte::ASCII)?,
        Codec::Latin1 => single_byte::encode(cx, text, errors, single_byte::LATIN_1)?,
        Codec::Utf16(order) => utf16::encode(cx, text, errors, order)?,
        Codec::Utf32(order) => utf32::encode(cx, text, errors, order)?,
    };
    Ok(bytes.value())
}

/// `bytes.decode(encoding, errors)`.
pub fn decode(cx: &mut Cx, bytes: Gc<Bytes>, encoding: Option<Gc<Str>>, errors: Option<Gc<Str>>) -> PyResult<Gc<Str>> {
    check_names(cx, encoding, errors)?;
    let Some(name) = encoding else { return Ok(utf8::decode(cx, bytes, errors, true)?.0) };
    Ok(match codec_named(name) {
        Some(Codec::Utf8) => utf8::decode(cx, bytes, errors, true)?.0,
        Some(Codec::Ascii) => single_byte::decode_ascii(cx, bytes, errors)?,
        Some(Codec::Latin1) => single_byte::decode_latin_1(cx, bytes)?,
        Some(Codec::Utf16(order)) => utf16::decode(cx, bytes, errors, order, true)?.text,
        Some(Codec::Utf32(order)) => utf32::decode(cx, bytes, errors, order, true)?.text,
        None => registry::decode_text(cx, bytes.value(), name, errors)?,
    })
}

/// `str(object, encoding, errors)`.
pub fn decode_object(
    cx: &mut Cx,
    object: Value,
    encoding: Option<Gc<Str>>,
    errors: Option<Gc<Str>>,
) -> PyResult<Gc<Str>> {
    if downcast::<Str>(object).is_some() {
        return Err(cx.type_error("decoding str is not supported"));
    }
    let Some(bytes) = crate::types::bytes::content_of(cx, object)? else {
        let message = format!("decoding to str: need a bytes-like object, {} found", class_name(cx, object));
        return Err(cx.type_error(message));
    };
    decode(cx, bytes, encoding, errors)
}

/// The content of the bytes that a decoder works on. An error handler may put others in their place.
pub(crate) struct Input {
    bytes: Gc<Bytes>,
}

impl Input {
    pub(crate) fn new(bytes: Gc<Bytes>) -> Input {
        Input { bytes }
    }

    pub(crate) fn content(&self) -> &[u8] {
        bytes_of(&self.bytes)
    }
}
