//! Streams of the library, and its checksums.

use super::super::{Codec, Outcome, Step};
use libz_rs_sys as library;
use std::ffi::{CStr, c_int, c_uint};

/// Parameters of a compressor, as `deflateInit2` takes them.
#[derive(Clone, Copy)]
pub struct Parameters {
    /// -1 for the default, or 0 to 9.
    pub level: c_int,
    /// The method: 8.
    pub method: c_int,
    /// Size of the window and kind of header.
    pub window_bits: c_int,
    /// 1 to 9.
    pub memory_level: c_int,
    /// Which kind of data it is tuned for.
    pub strategy: c_int,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Compress,
    Decompress,
}

/// A stream.
pub struct Stream {
    state: Box<library::z_stream>,
    direction: Direction,
    /// The dictionary that a decompressor takes when its stream asks for one.
    dictionary: Option<Vec<u8>>,
}

// SAFETY: the library's state belongs to the stream alone and has no ties to a thread.
unsafe impl Send for Stream {}

fn version() -> *const std::ffi::c_char {
    library::zlibVersion()
}

/// The library's version.
pub fn version_text() -> String {
    // SAFETY: the library returns a constant text that ends with a zero byte.
    unsafe { CStr::from_ptr(version()) }.to_string_lossy().into_owned()
}

impl Stream {
    fn start(
        direction: Direction,
        start: impl FnOnce(*mut library::z_stream, c_int) -> c_int,
    ) -> Result<Stream, (i32, Option<String>)> {
        let mut state = Box::new(library::z_stream::default());
        let size = size_of::<library::z_stream>() as c_int;
        match start(&raw mut *state, size) {
            library::Z_OK => Ok(Stream { state, direction, dictionary: None }),
            number => {
                let message = message_of(&state);
                Err((number, message))
            }
        }
    }

    /// A compressor, or the library's number for why not.
    pub fn compressor(parameters: Parameters) -> Result<Stream, (i32, Option<String>)> {
        let Parameters { level, method, window_bits, memory_level, strategy } = parameters;
        // SAFETY: the stream is valid for writes and stays at its address; the size is its own.
        Stream::start(Direction::Compress, |state, size| unsafe {
            library::deflateInit2_(state, level, method, window_bits, memory_level, strategy, version(), size)
        })
    }

    /// A decompressor, or the library's number for why not.
    pub fn decompressor(window_bits: c_int) -> Result<Stream, (i32, Option<String>)> {
        // SAFETY: as above.
        Stream::start(Direction::Decompress, |state, size| unsafe {
            library::inflateInit2_(state, window_bits, version(), size)
        })
    }

    /// Gives the stream its dictionary now.
    pub fn set_dictionary(&mut self, dictionary: &[u8]) -> i32 {
        let (start, length) = (dictionary.as_ptr(), dictionary.len() as c_uint);
        // SAFETY: the stream was initialised for its direction; the dictionary is as long as stated.
        unsafe {
            match self.direction {
                Direction::Compress => library::deflateSetDictionary(&raw mut *self.state, start, length),
                Direction::Decompress => library::inflateSetDictionary(&raw mut *self.state, start, length),
            }
        }
    }

    /// Lets a decompressor have a dictionary when its stream asks for one.
    pub fn offer_dictionary(&mut self, dictionary: &[u8]) {
        self.dictionary = Some(dictionary.to_vec());
    }

    fn once(&mut self, action: c_int) -> c_int {
        // SAFETY: the stream was initialised for its direction; `step` set input and output.
        unsafe {
            match self.direction {
                Direction::Compress => library::deflate(&raw mut *self.state, action),
                Direction::Decompress => library::inflate(&raw mut *self.state, action),
            }
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // SAFETY: the stream was initialised for its direction.
        unsafe {
            match self.direction {
                Direction::Compress => library::deflateEnd(&raw mut *self.state),
                Direction::Decompress => library::inflateEnd(&raw mut *self.state),
            }
        };
    }
}

fn message_of(state: &library::z_stream) -> Option<String> {
    if state.msg.is_null() {
        return None;
    }
    // SAFETY: the library's messages are constant texts that end with a zero byte.
    Some(unsafe { CStr::from_ptr(state.msg) }.to_string_lossy().into_owned())
}

impl Codec for Stream {
    fn step(&mut self, input: &[u8], output: &mut [u8], action: i32) -> Step {
        let given = input.len().min(c_uint::MAX as usize);
        let room = output.len().min(c_uint::MAX as usize);
        self.state.next_in = input.as_ptr().cast_mut();
        self.state.avail_in = given as c_uint;
        self.state.next_out = output.as_mut_ptr();
        self.state.avail_out = room as c_uint;
        // Input beyond what the library can count is still to come: then it is not yet time to finish.
        let action = if given < input.len() { library::Z_NO_FLUSH } else { action };
        let mut status = self.once(action);
        if status == library::Z_NEED_DICT
            && let Some(dictionary) = self.dictionary.take()
        {
            let answer = self.set_dictionary(&dictionary);
            self.dictionary = Some(dictionary);
            if answer != library::Z_OK {
                return Step { consumed: given, produced: 0, outcome: Outcome::Refused(answer) };
            }
            status = self.once(action);
        }
        let outcome = match status {
            library::Z_STREAM_END => Outcome::End,
            library::Z_OK | library::Z_BUF_ERROR => Outcome::More,
            number => Outcome::Failed(number),
        };
        let consumed = given - self.state.avail_in as usize;
        Step { consumed, produced: room - self.state.avail_out as usize, outcome }
    }

    fn message(&self) -> Option<String> {
        message_of(&self.state)
    }

    fn duplicate(&self) -> Option<Box<dyn Codec>> {
        let mut state = Box::new(library::z_stream::default());
        let source = &raw const *self.state;
        // SAFETY: the source was initialised for its direction, and copying only reads it; the target is valid for writes.
        let status = unsafe {
            match self.direction {
                Direction::Compress => library::deflateCopy(&raw mut *state, source.cast_mut()),
                Direction::Decompress => library::inflateCopy(&raw mut *state, source),
            }
        };
        let copy = Stream { state, direction: self.direction, dictionary: self.dictionary.clone() };
        if status == library::Z_OK {
            return Some(Box::new(copy));
        }
        // There is nothing to end in a copy that was not made.
        std::mem::forget(copy);
        None
    }
}

/// Adler-32 of bytes that follow others with the checksum `start`.
pub fn adler32(bytes: &[u8], start: u32) -> u32 {
    // SAFETY: the bytes are as many as stated.
    unsafe { library::adler32_z(start.into(), bytes.as_ptr(), bytes.len()) as u32 }
}

/// CRC-32 of bytes that follow others with the checksum `start`.
pub fn crc32(bytes: &[u8], start: u32) -> u32 {
    // SAFETY: as above.
    unsafe { library::crc32_z(start.into(), bytes.as_ptr(), bytes.len()) as u32 }
}
