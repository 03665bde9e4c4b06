//! What `BZ2Decompressor`, `LZMADecompressor` and `_ZlibDecompressor` have in common: they keep the input that they were given
//! and could not use yet, because the caller limited the output.

use super::object::{StreamObject, bytes_in, limit, pump_stream};
use super::{Outcome, Pumped};
use crate::buffer::{Content, new_bytes};
use py_object::objects::Bytes;
use py_object::{Cx, Kind, PyResult, Raised};
use vm_heap::Gc;

/// How the library of a decompressor behaves.
#[derive(Clone, Copy)]
pub struct Habits {
    /// The number of the action that decompresses.
    pub action: i32,
    /// Whether output may be left inside although all input is used, so that more input is not needed yet.
    pub keeps_output: bool,
}

/// Decompresses input and what was left before it, at most `max_length` bytes of output. `fail` makes the exception of an error.
pub fn decompress(
    cx: &mut Cx,
    this: Gc<StreamObject>,
    data: Content,
    max_length: i64,
    habits: Habits,
    fail: impl FnOnce(&mut Cx, &Pumped, i32) -> Raised,
) -> PyResult {
    if this.ended.get() != 0 {
        return Err(cx.raise(Kind::EOF_ERROR, "End of stream already reached"));
    }
    let pending = bytes_in(this.pending.get());
    let input = if pending.is_empty() {
        data.0
    } else {
        let joined = [pending, data.bytes()].concat();
        Bytes::checked(cx, &joined)?
    };
    let Some(pumped) = pump_stream(cx, this, input, habits.action, limit(max_length), true) else {
        return Err(cx.raise(Kind::EOF_ERROR, "End of stream already reached"));
    };
    let full = limit(max_length).is_some_and(|limit| pumped.output.len() >= limit);
    let input = py_object::string::bytes_of(&input);
    let rest = &input[pumped.consumed..];
    let rest = Bytes::checked(cx, rest)?;
    let empty = Bytes::checked(cx, &[])?;
    match pumped.outcome {
        Outcome::Failed(number) | Outcome::Refused(number) => {
            this.pending.set(cx.mutator(), this, empty.value());
            this.hungry.init(0);
            return Err(fail(cx, &pumped, number));
        }
        Outcome::End => {
            this.unused.set(cx.mutator(), this, rest.value());
            this.pending.set(cx.mutator(), this, empty.value());
            this.ended.init(1);
            this.hungry.init(0);
        }
        Outcome::More => {
            let used_up = pumped.consumed == input.len();
            this.pending.set(cx.mutator(), this, rest.value());
            this.hungry.init(u64::from(used_up && !(full && habits.keeps_output)));
        }
    }
    new_bytes(cx, &pumped.output)
}
