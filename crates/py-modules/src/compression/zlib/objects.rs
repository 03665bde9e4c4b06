//! Compressor and decompressor objects.

use super::super::decompressor::decompress;
use super::super::object::{StreamObject, bytes_in, new_stream, pump_stream, with_codec};
use super::super::{Outcome, Pumped};
use super::stream::{Parameters, Stream};
use super::{cannot_decompress, dictionary, fail, give_dictionary};
use crate::buffer::{Content, new_bytes};
use crate::system::arguments::CInt;
use libz_rs_sys as library;
use py_macros::py_methods;
use py_object::objects::{Bytes, Type};
use py_object::string::bytes_of;
use py_object::{Cx, Kind, NONE, PyResult, types};
use vm_heap::{Gc, Value};

/// `compressobj()`.
pub fn new_compressor(cx: &mut Cx, parameters: Parameters, dictionary: Option<Gc<Bytes>>) -> PyResult {
    let mut stream = match Stream::compressor(parameters) {
        Ok(stream) => stream,
        Err((library::Z_MEM_ERROR, _)) => {
            return Err(cx.raise(Kind::MEMORY_ERROR, "Can't allocate memory for compression object"));
        }
        Err((library::Z_STREAM_ERROR, _)) => return Err(cx.value_error("Invalid initialization option")),
        Err((number, message)) => {
            return Err(fail(cx, number, message.as_deref(), "while creating compression object"));
        }
    };
    if let Some(dictionary) = dictionary {
        match stream.set_dictionary(bytes_of(&dictionary)) {
            library::Z_OK => (),
            library::Z_STREAM_ERROR => return Err(cx.value_error("Invalid dictionary")),
            _ => return Err(cx.value_error("deflateSetDictionary()")),
        }
    }
    let class = cx.builtin_type(Kind::ZLIB_COMPRESS);
    Ok(new_stream(cx, class, Box::new(stream), NONE)?.value())
}

/// `decompressobj()` and `_ZlibDecompressor()`.
pub fn new_decompressor(cx: &mut Cx, class: Gc<Type>, window_bits: i32, dictionary: Option<Gc<Bytes>>) -> PyResult {
    let mut stream = match Stream::decompressor(window_bits) {
        Ok(stream) => stream,
        Err((library::Z_MEM_ERROR, _)) => {
            return Err(cx.raise(Kind::MEMORY_ERROR, "Can't allocate memory for decompression object"));
        }
        Err((library::Z_STREAM_ERROR, _)) => return Err(cx.value_error("Invalid initialization option")),
        Err((number, message)) => {
            return Err(fail(cx, number, message.as_deref(), "while creating decompression object"));
        }
    };
    give_dictionary(cx, &mut stream, window_bits, dictionary)?;
    let kept = dictionary.map_or(NONE, Gc::value);
    Ok(new_stream(cx, class, Box::new(stream), kept)?.value())
}

/// `copy()` of both kinds of objects.
fn copy(cx: &mut Cx, this: Gc<StreamObject>) -> PyResult {
    let codec = with_codec(cx, this, |codec| codec.as_deref().and_then(|codec| codec.duplicate()));
    let Some(codec) = codec.flatten() else {
        return Err(cx.value_error("Inconsistent stream state"));
    };
    let class = types::class_of(cx, this.value());
    let copy = new_stream(cx, class, codec, this.dictionary.get())?;
    copy.unused.set(cx.mutator(), copy, this.unused.get());
    copy.pending.set(cx.mutator(), copy, this.pending.get());
    copy.ended.init(this.ended.get());
    Ok(copy.value())
}

/// Compresses; `occasion` says in errors what was being done.
fn compress(cx: &mut Cx, this: Gc<StreamObject>, data: Gc<Bytes>, flush: i32, occasion: &str) -> PyResult {
    match pump_stream(cx, this, data, flush, None, true) {
        None => Err(fail(cx, library::Z_STREAM_ERROR, None, occasion)),
        Some(Pumped { outcome: Outcome::Failed(number), message, .. }) => {
            Err(fail(cx, number, message.as_deref(), occasion))
        }
        Some(pumped) => new_bytes(cx, &pumped.output),
    }
}

/// A compressor.
pub struct Compressor;

#[py_methods(COMPRESS, name = "Compress")]
impl Compressor {
    /// Returns a bytes object containing compressed data.
    ///
    /// Some input may be kept inside; flush() returns what it becomes.
    #[method]
    fn compress(cx: &mut Cx, this: Gc<StreamObject>, data: Content) -> PyResult {
        compress(cx, this, data.0, library::Z_NO_FLUSH, "while compressing data")
    }
    /// Return a bytes object containing any remaining compressed data.
    ///
    /// After the mode Z_FINISH, which is the default, the object may not be used any more.
    #[method]
    fn flush(cx: &mut Cx, this: Gc<StreamObject>, #[default(CInt(4))] mode: CInt) -> PyResult {
        let nothing = Bytes::checked(cx, &[])?;
        if mode.0 == library::Z_NO_FLUSH {
            return Ok(nothing.value());
        }
        compress(cx, this, nothing, mode.0, "while flushing")
    }
    /// Return a copy of the compression object.
    #[method]
    fn copy(cx: &mut Cx, this: Gc<StreamObject>) -> PyResult {
        copy(cx, this)
    }
    #[method]
    fn __copy__(cx: &mut Cx, this: Gc<StreamObject>) -> PyResult {
        copy(cx, this)
    }
    #[method]
    fn __deepcopy__(cx: &mut Cx, this: Gc<StreamObject>, memo: Value) -> PyResult {
        let _ = memo;
        copy(cx, this)
    }
}

/// Keeps the input that was not used: behind the end of the stream, or because the output was limited.
fn keep_rest(cx: &mut Cx, this: Gc<StreamObject>, rest: &[u8], ended: bool) -> PyResult<()> {
    if ended {
        this.ended.init(1);
        if !rest.is_empty() {
            let unused = [bytes_in(this.unused.get()), rest].concat();
            let unused = Bytes::checked(cx, &unused)?;
            this.unused.set(cx.mutator(), this, unused.value());
        }
    }
    let pending = if ended { &[] } else { rest };
    if !pending.is_empty() || !bytes_in(this.pending.get()).is_empty() {
        let pending = Bytes::checked(cx, pending)?;
        this.pending.set(cx.mutator(), this, pending.value());
    }
    Ok(())
}

/// What a step of decompression gives, once what it left of its input is kept.
fn decompressed(cx: &mut Cx, this: Gc<StreamObject>, pumped: Pumped, input: &[u8]) -> PyResult {
    keep_rest(cx, this, &input[pumped.consumed..], pumped.outcome == Outcome::End)?;
    match pumped.outcome {
        Outcome::Failed(number) | Outcome::Refused(number) => Err(cannot_decompress(cx, &pumped, number)),
        _ => new_bytes(cx, &pumped.output),
    }
}

/// A decompressor that leaves input behind the limit to its caller.
pub struct Decompressor;

#[py_methods(DECOMPRESS, name = "Decompress")]
impl Decompressor {
    /// Return a bytes object containing the decompressed version of the data.
    ///
    /// With a max_length, input that was not used is stored in unconsumed_tail.
    #[method]
    fn decompress(
        cx: &mut Cx,
        this: Gc<StreamObject>,
        data: Content,
        #[keyword]
        #[default(0)]
        max_length: i64,
    ) -> PyResult {
        if max_length < 0 {
            return Err(cx.value_error("max_length must be non-negative"));
        }
        if this.ended.get() != 0 {
            keep_rest(cx, this, data.bytes(), true)?;
            return new_bytes(cx, &[]);
        }
        let limit = (max_length > 0).then_some(max_length as usize);
        let Some(pumped) = pump_stream(cx, this, data.0, library::Z_SYNC_FLUSH, limit, false) else {
            return Err(fail(cx, library::Z_STREAM_ERROR, None, "while decompressing data"));
        };
        decompressed(cx, this, pumped, data.bytes())
    }
    /// Return a bytes object containing any remaining decompressed data.
    #[method]
    fn flush(cx: &mut Cx, this: Gc<StreamObject>, #[default(16384)] length: i64) -> PyResult {
        if length <= 0 {
            return Err(cx.value_error("length must be greater than zero"));
        }
        let input = Bytes::checked(cx, bytes_in(this.pending.get()))?;
        if this.ended.get() != 0 {
            with_codec(cx, this, |codec| *codec = None);
            return new_bytes(cx, &[]);
        }
        let Some(pumped) = pump_stream(cx, this, input, library::Z_FINISH, None, true) else {
            return new_bytes(cx, &[]);
        };
        decompressed(cx, this, pumped, bytes_of(&input))
    }
    /// Return a copy of the decompression object.
    #[method]
    fn copy(cx: &mut Cx, this: Gc<StreamObject>) -> PyResult {
        copy(cx, this)
    }
    #[method]
    fn __copy__(cx: &mut Cx, this: Gc<StreamObject>) -> PyResult {
        copy(cx, this)
    }
    #[method]
    fn __deepcopy__(cx: &mut Cx, this: Gc<StreamObject>, memo: Value) -> PyResult {
        let _ = memo;
        copy(cx, this)
    }
    #[getter]
    fn unused_data(this: Gc<StreamObject>) -> Value {
        this.unused.get()
    }
    #[getter]
    fn unconsumed_tail(this: Gc<StreamObject>) -> Value {
        this.pending.get()
    }
    #[getter]
    fn eof(this: Gc<StreamObject>) -> bool {
        this.ended.get() != 0
    }
}

/// A decompressor that keeps input behind the limit itself.
pub struct KeepingDecompressor;

#[py_methods(DECOMPRESSOR, name = "_ZlibDecompressor")]
impl KeepingDecompressor {
    #[new]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[keyword]
        #[default(CInt(15))]
        wbits: CInt,
        #[keyword]
        #[default(NONE)]
        zdict: Value,
    ) -> PyResult {
        let dictionary = dictionary(cx, zdict)?;
        new_decompressor(cx, class, wbits.0, dictionary)
    }
    /// Decompress *data*, returning uncompressed data as bytes.
    ///
    /// At most *max_length* bytes are returned if it is not negative; more may then be had with further calls.
    #[method]
    fn decompress(
        cx: &mut Cx,
        this: Gc<StreamObject>,
        #[keyword] data: Content,
        #[keyword]
        #[default(-1)]
        max_length: i64,
    ) -> PyResult {
        decompress(cx, this, data, max_length, library::Z_SYNC_FLUSH, cannot_decompress)
    }
    /// True if the end-of-stream marker has been reached.
    #[getter]
    fn eof(this: Gc<StreamObject>) -> bool {
        this.ended.get() != 0
    }
    /// Data found after the end of the compressed stream.
    #[getter]
    fn unused_data(this: Gc<StreamObject>) -> Value {
        this.unused.get()
    }
    /// True if more input is needed before more decompressed data can be produced.
    #[getter]
    fn needs_input(this: Gc<StreamObject>) -> bool {
        this.hungry.get() != 0
    }
}
