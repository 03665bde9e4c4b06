//! What `BZ2Decompressor` and `_ZlibDecompressor` have in common: they keep the input that they were given
//! and could not use yet, because the caller limited the output.

use super::object::{StreamObject, bytes_in, limit, pump_stream};
use super::{Outcome, Pumped};
use crate::buffer::{Content, new_bytes};
use py_object::objects::Bytes;
use py_object::{Cx, Kind, PyResult, Raised};
use vm_heap::Gc;

/// Decompresses input and what was left before it, at most `max_length` bytes of output. `fail` makes the exception of an error.
pub fn decompress(
    cx: &mut Cx,
    this: Gc<StreamObject>,
    data: Content,
    max_length: i64,
    action: i32,
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
    let Some(pumped) = pump_stream(cx, this, input, action, limit(max_length), true) else {
        return Err(cx.value_error("Decompressor is unusable after a previous error"));
    };
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
            this.hungry.init(u64::from(used_up));
        }
    }
    new_bytes(cx, &pumped.output)
}
