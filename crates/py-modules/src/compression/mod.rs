//! `zlib` and `_bz2`: compression by libraries that keep their state in native memory.
//!
//! A [`Codec`] is such a state. [`pump`] drives one with input until the input is used up, the stream ends or enough has come
//! out; the modules differ in their parameters, errors and in what they do with input behind the end of a stream.

pub mod bz2;
mod decompressor;
mod object;
pub mod zlib;

pub use object::install;

/// What a step of a codec came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It goes on with more input or more room.
    More,
    /// The stream has ended.
    End,
    /// It cannot go on; the library's number for why.
    Failed(i32),
    /// It asked for a dictionary and did not take the one it was given; the library's number for why.
    Refused(i32),
}

/// What a step did.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Bytes of input used.
    pub consumed: usize,
    /// Bytes of output written.
    pub produced: usize,
    /// What it came to.
    pub outcome: Outcome,
}

/// The state of a stream that is being compressed or decompressed.
pub trait Codec: Send {
    /// Turns input into output; `action` is the library's number for how (flush, finish).
    fn step(&mut self, input: &[u8], output: &mut [u8], action: i32) -> Step;
    /// What the library says of the last error.
    fn message(&self) -> Option<String> {
        None
    }
    /// A copy that goes on by itself, where the library can make one.
    fn duplicate(&self) -> Option<Box<dyn Codec>> {
        None
    }
}

/// What pumping came to.
pub struct Pumped {
    /// All output.
    pub output: Vec<u8>,
    /// Bytes of input used.
    pub consumed: usize,
    /// How it ended: `More` where the input is used up or the limit reached.
    pub outcome: Outcome,
    /// What the library says of an error.
    pub message: Option<String>,
}

const FIRST_ROOM: usize = 16 << 10;
const LARGEST_ROOM: usize = 1 << 20;

/// Runs a codec until the input is used up, the stream ends, or as many bytes came out as `limit` allows.
pub fn pump(codec: &mut dyn Codec, input: &[u8], action: i32, limit: Option<usize>) -> Pumped {
    let mut result = Pumped { output: Vec::new(), consumed: 0, outcome: Outcome::More, message: None };
    let mut room = FIRST_ROOM;
    loop {
        let done = result.output.len();
        let left = limit.map_or(room, |limit| room.min(limit.saturating_sub(done)));
        if left == 0 {
            return result;
        }
        result.output.resize(done + left, 0);
        let step = codec.step(&input[result.consumed..], &mut result.output[done..], action);
        result.output.truncate(done + step.produced);
        result.consumed += step.consumed;
        if step.outcome != Outcome::More {
            result.outcome = step.outcome;
            result.message = codec.message();
            return result;
        }
        let used_up = result.consumed == input.len() || (step.consumed == 0 && step.produced == 0);
        if used_up && step.produced < left {
            return result;
        }
        room = (room * 2).min(LARGEST_ROOM);
    }
}
