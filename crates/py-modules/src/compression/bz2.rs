//! `_bz2`: bzip2.

use super::decompressor::decompress;
use super::object::{StreamObject, new_stream, pump_stream, with_codec};
use super::{Codec, Outcome, Pumped, Step};
use crate::buffer::{Content, new_bytes};
use crate::{class, module_of};
use libbz2_rs_sys as library;
use py_macros::py_methods;
use py_object::objects::{Bytes, Module, Type};
use py_object::{Cx, Kind, NONE, PyResult, Raised};
use std::ffi::c_uint;
use vm_heap::{Gc, Value};

const RUN: i32 = library::BZ_RUN;
const FINISH: i32 = library::BZ_FINISH;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Compress,
    Decompress,
}

/// A stream of the library.
struct Stream {
    state: Box<library::bz_stream>,
    direction: Direction,
}

// SAFETY: the library's state belongs to the stream alone and has no ties to a thread.
unsafe impl Send for Stream {}

impl Stream {
    fn new(direction: Direction, level: i32) -> Result<Stream, i32> {
        // SAFETY: all zero is how the library wants a stream before it is initialised.
        let mut state: Box<library::bz_stream> = Box::new(unsafe { std::mem::zeroed() });
        // SAFETY: the stream is valid for writes and stays at its address.
        let status = unsafe {
            match direction {
                Direction::Compress => library::BZ2_bzCompressInit(&raw mut *state, level, 0, 0),
                Direction::Decompress => library::BZ2_bzDecompressInit(&raw mut *state, 0, 0),
            }
        };
        if status == library::BZ_OK { Ok(Stream { state, direction }) } else { Err(status) }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // SAFETY: the stream was initialised for its direction.
        unsafe {
            match self.direction {
                Direction::Compress => library::BZ2_bzCompressEnd(&raw mut *self.state),
                Direction::Decompress => library::BZ2_bzDecompressEnd(&raw mut *self.state),
            }
        };
    }
}

impl Codec for Stream {
    fn step(&mut self, input: &[u8], output: &mut [u8], action: i32) -> Step {
        let given = input.len().min(c_uint::MAX as usize);
        let room = output.len().min(c_uint::MAX as usize);
        if self.direction == Direction::Compress && action == RUN && given == 0 {
            return Step { consumed: 0, produced: 0, outcome: Outcome::More };
        }
        let state = &mut *self.state;
        state.next_in = input.as_ptr().cast();
        state.avail_in = given as c_uint;
        state.next_out = output.as_mut_ptr().cast();
        state.avail_out = room as c_uint;
        // Input beyond what the library can count is still to come: then it is not yet time to finish.
        let action = if given < input.len() { RUN } else { action };
        // SAFETY: the stream was initialised for its direction; input and output are as long as stated.
        let status = unsafe {
            match self.direction {
                Direction::Compress => library::BZ2_bzCompress(&raw mut *state, action),
                Direction::Decompress => library::BZ2_bzDecompress(&raw mut *state),
            }
        };
        let outcome = match status {
            library::BZ_STREAM_END => Outcome::End,
            number if number < 0 => Outcome::Failed(number),
            _ => Outcome::More,
        };
        Step { consumed: given - state.avail_in as usize, produced: room - state.avail_out as usize, outcome }
    }
}

fn fail(cx: &mut Cx, number: i32) -> Raised {
    match number {
        library::BZ_PARAM_ERROR => cx.value_error("Internal error - invalid parameters passed to libbzip2"),
        library::BZ_MEM_ERROR => cx.raise(Kind::MEMORY_ERROR, ""),
        library::BZ_DATA_ERROR | library::BZ_DATA_ERROR_MAGIC => cx.raise(Kind::OS_ERROR, "Invalid data stream"),
        library::BZ_IO_ERROR => cx.raise(Kind::OS_ERROR, "Unknown I/O error"),
        library::BZ_UNEXPECTED_EOF => {
            cx.raise(Kind::EOF_ERROR, "Compressed file ended before the logical end-of-stream was detected")
        }
        library::BZ_SEQUENCE_ERROR => {
            cx.raise(Kind::RUNTIME_ERROR, "Internal error - Invalid sequence of commands sent to libbzip2")
        }
        number => cx.raise(Kind::OS_ERROR, format!("Unrecognized error from libbzip2: {number}")),
    }
}

/// Compresses; None where the compressor has finished.
fn compress(cx: &mut Cx, this: Gc<StreamObject>, data: Gc<Bytes>, action: i32) -> PyResult<Option<Value>> {
    match pump_stream(cx, this, data, action, None, true) {
        None => Ok(None),
        Some(Pumped { outcome: Outcome::Failed(number), .. }) => Err(fail(cx, number)),
        Some(pumped) => new_bytes(cx, &pumped.output).map(Some),
    }
}

/// A compressor.
pub struct Compressor;

#[py_methods(BZ2_COMPRESSOR, name = "BZ2Compressor")]
impl Compressor {
    #[new]
    fn new(cx: &mut Cx, class: Gc<Type>, #[default(9)] compresslevel: i64) -> PyResult<Gc<StreamObject>> {
        if !(1..=9).contains(&compresslevel) {
            return Err(cx.value_error("compresslevel must be between 1 and 9"));
        }
        match Stream::new(Direction::Compress, compresslevel as i32) {
            Ok(stream) => new_stream(cx, class, Box::new(stream), NONE),
            Err(number) => Err(fail(cx, number)),
        }
    }
    /// Provide data to the compressor object.
    ///
    /// Returns a chunk of compressed data if there is one, or b''.
    #[method]
    fn compress(cx: &mut Cx, this: Gc<StreamObject>, data: Content) -> PyResult {
        match compress(cx, this, data.0, RUN)? {
            Some(chunk) => Ok(chunk),
            None => Err(cx.value_error("Compressor has been flushed")),
        }
    }
    /// Finish the compression process.
    ///
    /// Returns the compressed data left in internal buffers. The object may not be used after.
    #[method]
    fn flush(cx: &mut Cx, this: Gc<StreamObject>) -> PyResult {
        let nothing = Bytes::checked(cx, &[])?;
        match compress(cx, this, nothing, FINISH)? {
            Some(chunk) => Ok(chunk),
            None => Err(cx.value_error("Repeated call to flush()")),
        }
    }
}

/// A decompressor.
pub struct Decompressor;

#[py_methods(BZ2_DECOMPRESSOR, name = "BZ2Decompressor")]
impl Decompressor {
    #[new]
    fn new(cx: &mut Cx, class: Gc<Type>) -> PyResult<Gc<StreamObject>> {
        match Stream::new(Direction::Decompress, 0) {
            Ok(stream) => new_stream(cx, class, Box::new(stream), NONE),
            Err(number) => Err(fail(cx, number)),
        }
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
        let result = decompress(cx, this, data, max_length, RUN, |cx, _, number| fail(cx, number));
        if result.is_err() {
            // The library does not promise anything about a state that it has refused to go on with.
            with_codec(cx, this, |codec| *codec = None);
        }
        result
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

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "_bz2", &[]);
    class(cx, module, Kind::BZ2_COMPRESSOR)?;
    class(cx, module, Kind::BZ2_DECOMPRESSOR)?;
    Ok(module)
}
