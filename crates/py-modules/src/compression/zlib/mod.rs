//! `zlib`: the deflate format.

mod objects;
mod stream;

pub use objects::{COMPRESS_METHODS, DECOMPRESS_METHODS, DECOMPRESSOR_METHODS};

use super::{Outcome, Pumped, pump};
use crate::buffer::{Content, new_bytes};
use crate::system::arguments::CInt;
use crate::{class, module_of, set};
use libz_rs_sys as library;
use py_macros::py_functions;
use py_object::objects::{Bytes, Module, Str};
use py_object::string::bytes_of;
use py_object::types::class_name;
use py_object::{Cx, Kind, NONE, PyResult, Raised};
use stream::{Parameters, Stream};
use vm_heap::{Gc, Value};

const NUMBERS: &[(&str, i64)] = &[
    ("MAX_WBITS", 15),
    ("DEFLATED", 8),
    ("DEF_MEM_LEVEL", 8),
    ("DEF_BUF_SIZE", 16 << 10),
    ("Z_BEST_SPEED", 1),
    ("Z_BEST_COMPRESSION", 9),
    ("Z_DEFAULT_COMPRESSION", -1),
    ("Z_NO_COMPRESSION", 0),
    ("Z_DEFAULT_STRATEGY", 0),
    ("Z_FILTERED", 1),
    ("Z_HUFFMAN_ONLY", 2),
    ("Z_RLE", 3),
    ("Z_FIXED", 4),
    ("Z_NO_FLUSH", 0),
    ("Z_PARTIAL_FLUSH", 1),
    ("Z_SYNC_FLUSH", 2),
    ("Z_FULL_FLUSH", 3),
    ("Z_FINISH", 4),
    ("Z_BLOCK", 5),
    ("Z_TREES", 6),
];

/// `zlib.error` for one of the library's numbers.
fn fail(cx: &mut Cx, number: i32, message: Option<&str>, doing: &str) -> Raised {
    let message = message.or(match number {
        library::Z_BUF_ERROR => Some("incomplete or truncated stream"),
        library::Z_STREAM_ERROR => Some("inconsistent stream state"),
        library::Z_DATA_ERROR => Some("invalid input data"),
        _ => None,
    });
    let text = match message {
        Some(message) => format!("Error {number} {doing}: {message:.200}"),
        None => format!("Error {number} {doing}"),
    };
    cx.raise(Kind::ZLIB_ERROR, text)
}

/// The exception for a decompressor that could not go on.
fn cannot_decompress(cx: &mut Cx, pumped: &Pumped, number: i32) -> Raised {
    let doing = match pumped.outcome {
        Outcome::Refused(_) => "while setting zdict",
        _ => "while decompressing data",
    };
    fail(cx, number, pumped.message.as_deref(), doing)
}

/// Computes a checksum; for much data in the native state.
fn summed(cx: &mut Cx, data: Content, start: Value, sum: fn(&[u8], u32) -> u32) -> PyResult<i64> {
    let start = crate::binascii::low_bits(cx, start)?;
    let bytes = data.bytes();
    let result = if bytes.len() > 5 << 10 { cx.mutator().native(|| sum(bytes, start)) } else { sum(bytes, start) };
    Ok(i64::from(result))
}

/// The content of a `zdict` argument, if there is one.
fn dictionary(cx: &mut Cx, value: Value) -> PyResult<Option<Gc<Bytes>>> {
    if value == NONE {
        return Ok(None);
    }
    match crate::buffer::content(cx, value)? {
        Some(bytes) => Ok(Some(bytes)),
        None => Err(cx.type_error("zdict argument must support the buffer protocol")),
    }
}

/// The functions.
pub struct Functions;

#[py_functions("zlib")]
impl Functions {
    /// Compute an Adler-32 checksum of data, from the checksum of what came before it.
    #[function]
    fn adler32(cx: &mut Cx, data: Content, #[default(Value::int(1))] value: Value) -> PyResult<i64> {
        summed(cx, data, value, stream::adler32)
    }
    /// Compute a CRC-32 checksum of data, from the checksum of what came before it.
    #[function]
    fn crc32(cx: &mut Cx, data: Content, #[default(Value::int(0))] value: Value) -> PyResult<i64> {
        summed(cx, data, value, stream::crc32)
    }
    /// Returns a bytes object containing compressed data.
    #[function]
    fn compress(
        cx: &mut Cx,
        data: Content,
        #[keyword]
        #[default(CInt(-1))]
        level: CInt,
        #[keyword]
        #[default(CInt(15))]
        wbits: CInt,
    ) -> PyResult {
        let parameters = Parameters { level: level.0, method: 8, window_bits: wbits.0, memory_level: 8, strategy: 0 };
        let mut stream = match Stream::compressor(parameters) {
            Ok(stream) => stream,
            Err((library::Z_MEM_ERROR, _)) => {
                return Err(cx.raise(Kind::MEMORY_ERROR, "Out of memory while compressing data"));
            }
            Err((library::Z_STREAM_ERROR, _)) => return Err(cx.raise(Kind::ZLIB_ERROR, "Bad compression level")),
            Err((number, message)) => return Err(fail(cx, number, message.as_deref(), "while compressing data")),
        };
        let pumped = cx.mutator().native(|| pump(&mut stream, data.bytes(), library::Z_FINISH, None));
        drop(stream);
        match pumped {
            Pumped { outcome: Outcome::Failed(number), message, .. } => {
                Err(fail(cx, number, message.as_deref(), "while compressing data"))
            }
            Pumped { output, .. } => new_bytes(cx, &output),
        }
    }
    /// Returns a bytes object containing the uncompressed data.
    #[function]
    fn decompress(
        cx: &mut Cx,
        data: Content,
        #[keyword]
        #[default(CInt(15))]
        wbits: CInt,
        #[keyword]
        #[default(16384)]
        bufsize: i64,
    ) -> PyResult {
        if bufsize < 0 {
            return Err(cx.value_error("bufsize must be non-negative"));
        }
        let mut stream = match Stream::decompressor(wbits.0) {
            Ok(stream) => stream,
            Err((library::Z_MEM_ERROR, _)) => {
                return Err(cx.raise(Kind::MEMORY_ERROR, "Out of memory while decompressing data"));
            }
            Err((number, message)) => {
                return Err(fail(cx, number, message.as_deref(), "while preparing to decompress data"));
            }
        };
        let pumped = cx.mutator().native(|| pump(&mut stream, data.bytes(), library::Z_SYNC_FLUSH, None));
        drop(stream);
        let number = match pumped.outcome {
            Outcome::End => return new_bytes(cx, &pumped.output),
            Outcome::More => library::Z_BUF_ERROR,
            Outcome::Failed(number) | Outcome::Refused(number) => number,
        };
        Err(cannot_decompress(cx, &pumped, number))
    }
    /// Return a compressor object.
    #[function]
    fn compressobj(
        cx: &mut Cx,
        #[keyword]
        #[default(CInt(-1))]
        level: CInt,
        #[keyword]
        #[default(CInt(8))]
        method: CInt,
        #[keyword]
        #[default(CInt(15))]
        wbits: CInt,
        #[keyword]
        #[default(CInt(8))]
        #[name("memLevel")]
        memory_level: CInt,
        #[keyword]
        #[default(CInt(0))]
        strategy: CInt,
        #[keyword]
        #[default(NONE)]
        zdict: Value,
    ) -> PyResult {
        let dictionary = match zdict {
            NONE => None,
            zdict => match crate::buffer::content(cx, zdict)? {
                Some(bytes) => Some(bytes),
                None => {
                    let message = format!("a bytes-like object is required, not '{}'", class_name(cx, zdict));
                    return Err(cx.type_error(message));
                }
            },
        };
        let parameters = Parameters {
            level: level.0,
            method: method.0,
            window_bits: wbits.0,
            memory_level: memory_level.0,
            strategy: strategy.0,
        };
        objects::new_compressor(cx, parameters, dictionary)
    }
    /// Return a decompressor object.
    #[function]
    fn decompressobj(
        cx: &mut Cx,
        #[keyword]
        #[default(CInt(15))]
        wbits: CInt,
        #[keyword]
        #[default(NONE)]
        zdict: Value,
    ) -> PyResult {
        let dictionary = dictionary(cx, zdict)?;
        let class = cx.builtin_type(Kind::ZLIB_DECOMPRESS);
        objects::new_decompressor(cx, class, wbits.0, dictionary)
    }
}

/// Whether a stream without a header gets its dictionary at once.
fn is_raw(window_bits: i32) -> bool {
    window_bits < 0
}

/// Gives a stream its dictionary: at once where it has no header, or when it asks for it.
fn give_dictionary(cx: &mut Cx, stream: &mut Stream, window_bits: i32, dictionary: Option<Gc<Bytes>>) -> PyResult<()> {
    let Some(dictionary) = dictionary else { return Ok(()) };
    if is_raw(window_bits) {
        let number = stream.set_dictionary(bytes_of(&dictionary));
        if number != library::Z_OK {
            return Err(fail(cx, number, None, "while setting zdict"));
        }
    } else {
        stream.offer_dictionary(bytes_of(&dictionary));
    }
    Ok(())
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "zlib", FUNCTIONS);
    class(cx, module, Kind::ZLIB_DECOMPRESSOR)?;
    class(cx, module, Kind::ZLIB_ERROR)?;
    for (name, number) in NUMBERS {
        set(cx, module, name, Value::int(*number))?;
    }
    for (name, text) in [("ZLIB_VERSION", "1.3.1".to_string()), ("ZLIB_RUNTIME_VERSION", stream::version_text())] {
        let text = Str::new(cx, &text);
        set(cx, module, name, text.value())?;
    }
    let version = Str::new(cx, "1.0");
    set(cx, module, "__version__", version.value())?;
    Ok(module)
}
