//! `binascii`: bytes as text in several encodings, and checksums.

mod base64;
mod quoted;
mod uu;

use crate::buffer::{Content, new_bytes};
use crate::{module_of, set};
use py_macros::py_functions;
use py_object::arguments::{Argument, FromArgument};
use py_object::objects::{Bytes, Module, Str, Tuple, Type};
use py_object::string::bytes_of;
use py_object::types::{class_name, int};
use py_object::{Cx, Kind, NONE, PyResult, Raised, StrExt, attribute, call, downcast};
use vm_heap::{Gc, Value};

/// The bytes that base 64 stands for; `None` where it is none.
pub fn decode_base64(text: &[u8]) -> Option<Vec<u8>> {
    base64::decode(text, true).ok()
}

/// Bytes in base 64, in one line.
pub fn encode_base64(bytes: &[u8]) -> Vec<u8> {
    base64::encode(bytes, false)
}

/// Bytes, or text of ASCII only.
pub struct Ascii(Gc<Bytes>);

impl Ascii {
    fn bytes(&self) -> &[u8] {
        bytes_of(&self.0)
    }
}

impl FromArgument for Ascii {
    fn from_argument(cx: &mut Cx, value: Value, _: Argument) -> PyResult<Ascii> {
        if let Some(text) = downcast::<Str>(value) {
            if !text.is_ascii() {
                return Err(cx.value_error("string argument should contain only ASCII characters"));
            }
            return Ok(Ascii(Bytes::checked(cx, text.bytes())?));
        }
        match crate::buffer::content(cx, value)? {
            Some(bytes) => Ok(Ascii(bytes)),
            None => {
                let class = class_name(cx, value);
                let message = format!("argument should be bytes, buffer or ASCII string, not '{class}'");
                Err(cx.type_error(message))
            }
        }
    }
}

/// Raises `binascii.Error`.
fn error(cx: &mut Cx, message: &str) -> Raised {
    let class = crate::library::module(cx, "binascii").and_then(|module| {
        let name = cx.intern("Error");
        attribute::get(cx, module, name)
    });
    let text = Str::new(cx, message);
    match class.and_then(|class| call::call(cx, class, &[text.value()], None)) {
        Ok(exception) => match downcast(exception) {
            Some(exception) => py_object::exception::raise(cx, exception),
            None => cx.value_error(message),
        },
        Err(raised) => raised,
    }
}

fn result(cx: &mut Cx, outcome: Result<Vec<u8>, String>) -> PyResult {
    match outcome {
        Ok(bytes) => new_bytes(cx, &bytes),
        Err(message) => Err(error(cx, &message)),
    }
}

fn hexadecimal(bytes: &[u8]) -> Result<Vec<u8>, String> {
    if !bytes.len().is_multiple_of(2) {
        return Err("Odd-length string".to_string());
    }
    let digit = |byte: u8| (byte as char).to_digit(16);
    let pairs = bytes.chunks_exact(2).map(|pair| Some((digit(pair[0])? << 4 | digit(pair[1])?) as u8));
    pairs.collect::<Option<Vec<u8>>>().ok_or_else(|| "Non-hexadecimal digit found".to_string())
}

fn hexlify(cx: &mut Cx, data: Content, separator: Value, group: i64) -> PyResult {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let bytes = data.bytes();
    let mut result = Vec::with_capacity(2 * bytes.len());
    let separator = if separator == NONE { None } else { Some(separator_byte(cx, separator)?) };
    let size = group.unsigned_abs() as usize;
    for (at, byte) in bytes.iter().enumerate() {
        // Groups are counted from the end, or from the start for a negative size.
        let from = if group < 0 { at } else { bytes.len() - at };
        if let Some(separator) = separator
            && at > 0
            && size > 0
            && from.is_multiple_of(size)
        {
            result.push(separator);
        }
        result.extend([DIGITS[(byte >> 4) as usize], DIGITS[(byte & 15) as usize]]);
    }
    new_bytes(cx, &result)
}

fn separator_byte(cx: &mut Cx, value: Value) -> PyResult<u8> {
    let bytes = match downcast::<Str>(value) {
        Some(text) => text.bytes().to_vec(),
        None => match crate::buffer::content(cx, value)? {
            Some(bytes) => bytes_of(&bytes).to_vec(),
            None => return Err(cx.type_error("sep must be str or bytes.")),
        },
    };
    match bytes.as_slice() {
        [one] if one.is_ascii() => Ok(*one),
        [_] => Err(cx.value_error("sep must be ASCII.")),
        _ => Err(cx.value_error("sep must be length 1.")),
    }
}

/// CRC-32 with the usual polynomial, table by table.
pub fn crc32(bytes: &[u8], start: u32) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut at = 0;
        while at < 256 {
            let mut word = at as u32;
            let mut bit = 0;
            while bit < 8 {
                word = if word & 1 == 1 { 0xedb8_8320 ^ word >> 1 } else { word >> 1 };
                bit += 1;
            }
            table[at] = word;
            at += 1;
        }
        table
    };
    !bytes.iter().fold(!start, |crc, byte| TABLE[((crc ^ u32::from(*byte)) & 255) as usize] ^ crc >> 8)
}

/// CRC-16 as BinHex uses it.
fn crc_hqx(bytes: &[u8], start: u32) -> u32 {
    bytes.iter().fold(start & 0xffff, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte) << 8, |crc, _| if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x1021 })
            & 0xffff
    })
}

/// The low 32 bits of an int.
pub fn low_bits(cx: &mut Cx, value: Value) -> PyResult<u32> {
    let number = int::index(cx, value)?;
    match int::as_i64(number) {
        Some(number) => Ok(number as u32),
        None => {
            let mask = int::from_i64(cx, 0xffff_ffff);
            let low = call::call_method(cx, number, "__and__", &[mask])?;
            Ok(int::as_i64(low).unwrap_or(0) as u32)
        }
    }
}

/// The functions.
pub struct Functions;

#[py_functions("binascii")]
impl Functions {
    /// Decode hexadecimal representation.
    #[function]
    fn a2b_hex(cx: &mut Cx, hexstr: Ascii) -> PyResult {
        result(cx, hexadecimal(hexstr.bytes()))
    }
    /// Decode hexadecimal representation.
    #[function]
    fn unhexlify(cx: &mut Cx, hexstr: Ascii) -> PyResult {
        result(cx, hexadecimal(hexstr.bytes()))
    }
    /// Hexadecimal representation of binary data.
    #[function]
    fn b2a_hex(
        cx: &mut Cx,
        #[keyword] data: Content,
        #[keyword]
        #[default(NONE)]
        sep: Value,
        #[keyword]
        #[default(1)]
        bytes_per_sep: i64,
    ) -> PyResult {
        hexlify(cx, data, sep, bytes_per_sep)
    }
    /// Hexadecimal representation of binary data.
    #[function]
    fn hexlify(
        cx: &mut Cx,
        #[keyword] data: Content,
        #[keyword]
        #[default(NONE)]
        sep: Value,
        #[keyword]
        #[default(1)]
        bytes_per_sep: i64,
    ) -> PyResult {
        hexlify(cx, data, sep, bytes_per_sep)
    }
    /// Decode a line of base64 data.
    #[function]
    fn a2b_base64(
        cx: &mut Cx,
        data: Ascii,
        #[keyword_only]
        #[default(false)]
        strict_mode: bool,
    ) -> PyResult {
        result(cx, base64::decode(data.bytes(), strict_mode))
    }
    /// Base64-code line of data.
    #[function]
    fn b2a_base64(
        cx: &mut Cx,
        data: Content,
        #[keyword_only]
        #[default(true)]
        newline: bool,
    ) -> PyResult {
        let text = base64::encode(data.bytes(), newline);
        new_bytes(cx, &text)
    }
    /// Decode a line of uuencoded data.
    #[function]
    fn a2b_uu(cx: &mut Cx, data: Ascii) -> PyResult {
        result(cx, uu::decode(data.bytes()))
    }
    /// Uuencode line of data.
    #[function]
    fn b2a_uu(
        cx: &mut Cx,
        data: Content,
        #[keyword_only]
        #[default(false)]
        backtick: bool,
    ) -> PyResult {
        result(cx, uu::encode(data.bytes(), backtick))
    }
    /// Decode a string of qp-encoded data.
    #[function]
    fn a2b_qp(
        cx: &mut Cx,
        #[keyword] data: Ascii,
        #[keyword]
        #[default(false)]
        header: bool,
    ) -> PyResult {
        let text = quoted::decode(data.bytes(), header);
        new_bytes(cx, &text)
    }
    /// Encode a string using quoted-printable encoding.
    ///
    /// On encoding, when istext is set, newlines are not encoded, and white space at end of lines is.
    #[function]
    fn b2a_qp(
        cx: &mut Cx,
        #[keyword] data: Content,
        #[keyword]
        #[default(false)]
        quotetabs: bool,
        #[keyword]
        #[default(true)]
        istext: bool,
        #[keyword]
        #[default(false)]
        header: bool,
    ) -> PyResult {
        let text = quoted::encode(data.bytes(), quotetabs, istext, header);
        new_bytes(cx, &text)
    }
    /// Compute CRC-32 incrementally.
    #[function]
    fn crc32(cx: &mut Cx, data: Content, #[default(Value::int(0))] crc: Value) -> PyResult<i64> {
        let start = low_bits(cx, crc)?;
        let bytes = data.bytes();
        let crc = if bytes.len() > 4096 { cx.mutator().native(|| crc32(bytes, start)) } else { crc32(bytes, start) };
        Ok(i64::from(crc))
    }
    /// Compute CRC-CCITT incrementally.
    #[function]
    fn crc_hqx(cx: &mut Cx, data: Content, crc: Value) -> PyResult<i64> {
        let start = low_bits(cx, crc)?;
        Ok(i64::from(crc_hqx(data.bytes(), start)))
    }
}

fn new_exception(cx: &mut Cx, module: Gc<Module>, name: &str, base: Gc<Type>) -> PyResult<()> {
    let namespace = cx.dict();
    let (key, owner) = (cx.intern("__module__"), cx.intern("binascii"));
    py_object::objects::Dict::set_str(cx, namespace, key, owner.value())?;
    let bases = Tuple::new(cx, &[base.value()]);
    let class = cx.builtin_type(Kind::TYPE);
    let text = cx.intern(name);
    let made = call::call(cx, class.value(), &[text.value(), bases.value(), namespace.value()], None)?;
    set(cx, module, name, made)
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "binascii", FUNCTIONS);
    let (value_error, exception) = (cx.builtin_type(Kind::VALUE_ERROR), cx.builtin_type(Kind::EXCEPTION));
    new_exception(cx, module, "Error", value_error)?;
    new_exception(cx, module, "Incomplete", exception)?;
    Ok(module)
}
