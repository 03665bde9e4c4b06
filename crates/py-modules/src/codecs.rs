//! `_codecs`: the registry of codecs, and the native ones.

use crate::buffer::{Content, ContentOrText};
use crate::module_of;
use py_macros::py_functions;
use py_object::codecs::registry::{self, Half};
use py_object::codecs::utf16::{Order, Unicode};
use py_object::codecs::{charmap, escape, single_byte, utf7, utf8, utf16, utf32};
use py_object::objects::{Bytes, Dict, Module, Str, Tuple};
use py_object::types::str::length;
use py_object::{Cx, Kind, NONE, PyResult, StrExt, call};
use vm_heap::{Gc, Value};

/// Encoded bytes, and how many characters were used.
fn encoded(cx: &mut Cx, text: Gc<Str>, bytes: Gc<Bytes>) -> PyResult<Gc<Tuple>> {
    Ok(Tuple::new(cx, &[bytes.value(), Value::int(length(text) as i64)]))
}

/// Decoded text, and how many bytes were used.
fn decoded(cx: &mut Cx, text: Gc<Str>, used: usize) -> PyResult<Gc<Tuple>> {
    Ok(Tuple::new(cx, &[text.value(), Value::int(used as i64)]))
}

fn all_of(data: Gc<Bytes>) -> usize {
    data.length.get().as_int() as usize
}

/// Text, bytes used and the order of bytes.
fn decoded_with_order(cx: &mut Cx, result: Unicode) -> PyResult<Gc<Tuple>> {
    let parts = [result.text.value(), Value::int(result.used as i64), Value::int(result.order.number())];
    Ok(Tuple::new(cx, &parts))
}

/// Warns of an escape that is none.
fn warn_of_escape(cx: &mut Cx, invalid: escape::Invalid) -> PyResult<()> {
    let Some(escape) = invalid else { return Ok(()) };
    let kind = if escape.starts_with(|first: char| first.is_ascii_digit()) { "octal escape" } else { "escape" };
    let message = Str::new(cx, &format!("\"\\{escape}\" is an invalid {kind} sequence"));
    let library = crate::library::module(cx, "warnings")?;
    let category = cx.builtin_type(Kind::DEPRECATION_WARNING);
    call::call_method(cx, library, "warn", &[message.value(), category.value()]).map(|_| ())
}

/// The functions.
pub struct Functions;

#[py_functions("_codecs")]
impl Functions {
    /// Register a codec search function.
    ///
    /// It is called with the name of an encoding, in lower case, and returns a tuple of functions (encoder, decoder,
    /// stream_reader, stream_writer), a CodecInfo, or None.
    #[function]
    fn register(cx: &mut Cx, search_function: Value) -> PyResult<()> {
        registry::register(cx, search_function)
    }
    /// Unregister a codec search function and clear the registry's cache.
    #[function]
    fn unregister(cx: &mut Cx, search_function: Value) -> PyResult<()> {
        registry::unregister(cx, search_function)
    }
    /// Looks up a codec tuple in the Python codec registry and returns a CodecInfo object.
    #[function]
    fn lookup(cx: &mut Cx, encoding: Gc<Str>) -> PyResult {
        if encoding.bytes().contains(&0) {
            return Err(cx.value_error("embedded null character"));
        }
        registry::lookup_shown(cx, encoding)
    }
    /// Encodes obj using the codec registered for encoding.
    #[function(signature = "($module, /, obj, encoding='utf-8', errors='strict')")]
    fn encode(
        cx: &mut Cx,
        #[keyword] obj: Value,
        #[keyword] encoding: Option<Gc<Str>>,
        #[keyword] errors: Option<Gc<Str>>,
    ) -> PyResult {
        let encoding = encoding.unwrap_or_else(|| cx.intern("utf-8"));
        registry::convert(cx, Half::Encoder, obj, encoding, errors)
    }
    /// Decodes obj using the codec registered for encoding.
    #[function(signature = "($module, /, obj, encoding='utf-8', errors='strict')")]
    fn decode(
        cx: &mut Cx,
        #[keyword] obj: Value,
        #[keyword] encoding: Option<Gc<Str>>,
        #[keyword] errors: Option<Gc<Str>>,
    ) -> PyResult {
        let encoding = encoding.unwrap_or_else(|| cx.intern("utf-8"));
        registry::convert(cx, Half::Decoder, obj, encoding, errors)
    }
    /// Register the specified error handler under the name errors.
    ///
    /// handler must be a callable object, that will be called with an exception instance containing information about
    /// the location of the encoding/decoding error and must return a (replacement, new position) tuple.
    #[function]
    fn register_error(cx: &mut Cx, errors: Gc<Str>, handler: Value) -> PyResult<()> {
        registry::register_handler(cx, errors, handler)
    }
    /// Un-register the specified error handler; return whether there was one.
    #[function]
    fn _unregister_error(cx: &mut Cx, errors: Gc<Str>) -> PyResult<bool> {
        registry::unregister_handler(cx, errors)
    }
    /// Return the error handler for the specified error handling name, or raise a LookupError.
    #[function]
    fn lookup_error(cx: &mut Cx, name: Gc<Str>) -> PyResult {
        let name = name.to_text();
        registry::lookup_handler(cx, &name)
    }
    #[function]
    fn utf_8_encode(cx: &mut Cx, str: Gc<Str>, errors: Option<Gc<Str>>) -> PyResult<Gc<Tuple>> {
        let bytes = utf8::encode(cx, str, errors)?;
        encoded(cx, str, bytes)
    }
    #[function]
    fn utf_8_decode(
        cx: &mut Cx,
        data: Content,
        errors: Option<Gc<Str>>,
        #[default(false)] r#final: bool,
    ) -> PyResult<Gc<Tuple>> {
        let (text, used) = utf8::decode(cx, data.0, errors, r#final)?;
        decoded(cx, text, used)
    }
    #[function]
    fn utf_7_encode(cx: &mut Cx, str: Gc<Str>, _errors: Option<Gc<Str>>) -> PyResult<Gc<Tuple>> {
        let bytes = utf7::encode(cx, str)?;
        encoded(cx, str, bytes)
    }
    #[function]
    fn utf_7_decode(
        cx: &mut Cx,
        data: Content,
        errors: Option<Gc<Str>>,
        #[default(false)] r#final: bool,
    ) -> PyResult<Gc<Tuple>> {
        let (text, used) = utf7::decode(cx, data.0, errors, r#final)?;
        decoded(cx, text, used)
    }
    #[function]
    fn utf_16_encode(
        cx: &mut Cx,
        str: Gc<Str>,
        errors: Option<Gc<Str>>,
        #[default(0)] byteorder: i64,
    ) -> PyResult<Gc<Tuple>> {
        let bytes = utf16::encode(cx, str, errors, Order::from_number(byteorder))?;
        encoded(cx, str, bytes)
    }
    #[function]
    fn utf_16_le_encode(cx: &mut Cx, str: Gc<Str>, errors: Option<Gc<Str>>) -> PyResult<Gc<Tuple>> {
        let bytes = utf16::encode(cx, str, errors, Order::Little)?;
        encoded(cx, str, bytes)
    }
    #[function]
    fn utf_16_be_encode(cx: &mut Cx, str: Gc<Str>, errors: Option<Gc<Str>>) -> PyResult<Gc<Tuple>> {
        let bytes = utf16::encode(cx, str, errors, Order::Big)?;
        encoded(cx, str, bytes)
    }
    #[function]
    fn utf_16_decode(
        cx: &mut Cx,
        data: Content,
        errors: Option<Gc<Str>>,
        #[default(false)] r#final: bool,
    ) -> PyResult<Gc<Tuple>> {
        let result = utf16::decode(cx, data.0, errors, Order::Marked, r#final)?;
        decoded(cx, result.text, result.used)
    }
    #[function]
    fn utf_16_le_decode(
        cx: &mut Cx,
        data: Content,
        errors: Option<Gc<Str>>,
        #[default(false)] r#final: bool,
    ) -> PyResult<Gc<Tuple>> {
        let result = utf16::decode(cx, data.0, errors, Order::Little, r#final)?;
        decoded(cx, result.text, result.used)
    }
    #[function]
    fn utf_16_be_decode(
        cx: &mut Cx,
        data: Content,
        errors: Option<Gc<Str>>,
        #[default(false)] r#final: bool,
    ) -> PyResult<Gc<Tuple>> {
        let result = utf16::decode(cx, data.0, errors, Order::Big, r#final)?;
        decoded(cx, result.text, result.used)
    }
    #[function]
    fn utf_16_ex_decode(
        cx: &mut Cx,
        data: Content,
        errors: Option<Gc<Str>>,
        #[default(0)] byteorder: i64,
        #[default(false)] r#final: bool,
    ) -> PyResult<Gc<Tuple>> {
        let result = utf16::decode(cx, data.0, errors, Order::from_number(byteorder), r#final)?;
        decoded_with_order(cx, result)
    }
    #[function]
    fn utf_32_encode(
        cx: &mut Cx,
        str: Gc<Str>,
        errors: Option<Gc<Str>>,
        #[default(0)] byteorder: i64,
    ) -> PyResult<Gc<Tuple>> {
        let bytes = utf32::encode(cx, str, errors, Order::from_number(byteorder))?;
        encoded(cx, str, bytes)
    }
    #[function]
    fn utf_32_le_encode(cx: &mut Cx, str: Gc<Str>, errors: Option<Gc<Str>>) -> PyResult<Gc<Tuple>> {
        let bytes = utf32::encode(cx, str, errors, Order::Little)?;
        encoded(cx, str, bytes)
    }
    #[function]
    fn utf_32_be_encode(cx: &mut Cx, str: Gc<Str>, errors: Option<Gc<Str>>) -> PyResult<Gc<Tuple>> {
        let bytes = utf32::encode(cx, str, errors, Order::Big)?;
        encoded(cx, str, bytes)
    }
    #[function]
    fn utf_32_decode(
        cx: &mut Cx,
        data: Content,
        errors: Option<Gc<Str>>,
        #[default(false)] r#final: bool,
    ) -> PyResult<Gc<Tuple>> {
        let result = utf32::decode(cx, data.0, errors, Order::Marked, r#final)?;
        decoded(cx, result.text, result.used)
    }
    #[function]
    fn utf_32_le_decode(
        cx: &mut Cx,
        data: Content,
        errors: Option<Gc<Str>>,
        #[default(false)] r#final: bool,
    ) -> PyResult<Gc<Tuple>> {
        let result = utf32::decode(cx, data.0, errors, Order::Little, r#final)?;
        decoded(cx, result.text, result.used)
    }
    #[function]
    fn utf_32_be_decode(
        cx: &mut Cx,
        data: Content,
        errors: Option<Gc<Str>>,
        #[default(false)] r#final: bool,
    ) -> PyResult<Gc<Tuple>> {
        let result = utf32::decode(cx, data.0, errors, Order::Big, r#final)?;
        decoded(cx, result.text, result.used)
    }
    #[function]
    fn utf_32_ex_decode(
        cx: &mut Cx,
        data: Content,
        errors: Option<Gc<Str>>,
        #[default(0)] byteorder: i64,
        #[default(false)] r#final: bool,
    ) -> PyResult<Gc<Tuple>> {
        let result = utf32::decode(cx, data.0, errors, Order::from_number(byteorder), r#final)?;
        decoded_with_order(cx, result)
    }
    #[function]
    fn latin_1_encode(cx: &mut Cx, str: Gc<Str>, errors: Option<Gc<Str>>) -> PyResult<Gc<Tuple>> {
        let bytes = single_byte::encode(cx, str, errors, single_byte::LATIN_1)?;
        encoded(cx, str, bytes)
    }
    #[function]
    fn latin_1_decode(cx: &mut Cx, data: Content, _errors: Option<Gc<Str>>) -> PyResult<Gc<Tuple>> {
        let text = single_byte::decode_latin_1(cx, data.0)?;
        decoded(cx, text, all_of(data.0))
    }
    #[function]
    fn ascii_encode(cx: &mut Cx, str: Gc<Str>, errors: Option<Gc<Str>>) -> PyResult<Gc<Tuple>> {
        let bytes = single_byte::encode(cx, str, errors, single_byte::ASCII)?;
        encoded(cx, str, bytes)
    }
    #[function]
    fn ascii_decode(cx: &mut Cx, data: Content, errors: Option<Gc<Str>>) -> PyResult<Gc<Tuple>> {
        let text = single_byte::decode_ascii(cx, data.0, errors)?;
        decoded(cx, text, all_of(data.0))
    }
    #[function]
    fn charmap_encode(
        cx: &mut Cx,
        str: Gc<Str>,
        errors: Option<Gc<Str>>,
        #[default(NONE)] mapping: Value,
    ) -> PyResult<Gc<Tuple>> {
        let bytes = charmap::encode(cx, str, errors, mapping)?;
        encoded(cx, str, bytes)
    }
    #[function]
    fn charmap_decode(
        cx: &mut Cx,
        data: Content,
        errors: Option<Gc<Str>>,
        #[default(NONE)] mapping: Value,
    ) -> PyResult<Gc<Tuple>> {
        let text = charmap::decode(cx, data.0, errors, mapping)?;
        decoded(cx, text, all_of(data.0))
    }
    #[function]
    fn charmap_build(cx: &mut Cx, map: Gc<Str>) -> PyResult<Gc<Dict>> {
        charmap::build(cx, map)
    }
    #[function]
    fn unicode_escape_encode(cx: &mut Cx, str: Gc<Str>, _errors: Option<Gc<Str>>) -> PyResult<Gc<Tuple>> {
        let bytes = escape::encode_unicode(cx, str)?;
        encoded(cx, str, bytes)
    }
    #[function]
    fn unicode_escape_decode(
        cx: &mut Cx,
        data: ContentOrText,
        errors: Option<Gc<Str>>,
        #[default(true)] r#final: bool,
    ) -> PyResult<Gc<Tuple>> {
        let (text, used, invalid) = escape::decode_unicode(cx, data.0, errors, r#final)?;
        warn_of_escape(cx, invalid)?;
        decoded(cx, text, used)
    }
    #[function]
    fn raw_unicode_escape_encode(cx: &mut Cx, str: Gc<Str>, _errors: Option<Gc<Str>>) -> PyResult<Gc<Tuple>> {
        let bytes = escape::encode_raw_unicode(cx, str)?;
        encoded(cx, str, bytes)
    }
    #[function]
    fn raw_unicode_escape_decode(
        cx: &mut Cx,
        data: ContentOrText,
        errors: Option<Gc<Str>>,
        #[default(true)] r#final: bool,
    ) -> PyResult<Gc<Tuple>> {
        let (text, used) = escape::decode_raw_unicode(cx, data.0, errors, r#final)?;
        decoded(cx, text, used)
    }
    #[function]
    fn escape_encode(cx: &mut Cx, data: Gc<Bytes>, _errors: Option<Gc<Str>>) -> PyResult<Gc<Tuple>> {
        let bytes = escape::encode_bytes(cx, data)?;
        Ok(Tuple::new(cx, &[bytes.value(), data.length.get()]))
    }
    #[function]
    fn escape_decode(cx: &mut Cx, data: ContentOrText, errors: Option<Gc<Str>>) -> PyResult<Gc<Tuple>> {
        let (bytes, invalid) = escape::decode_bytes(cx, data.0, errors)?;
        warn_of_escape(cx, invalid)?;
        Ok(Tuple::new(cx, &[bytes.value(), data.0.length.get()]))
    }
    #[function]
    fn readbuffer_encode(cx: &mut Cx, data: ContentOrText, _errors: Option<Gc<Str>>) -> PyResult<Gc<Tuple>> {
        Ok(Tuple::new(cx, &[data.0.value(), data.0.length.get()]))
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    Ok(module_of(cx, "_codecs", FUNCTIONS))
}
