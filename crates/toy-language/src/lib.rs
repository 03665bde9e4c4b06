//! A second, tiny language on the machine: it shows that no `vm-*` crate knows Python, and tests the recorder, the
//! optimiser, the code generator and the collector together without Python's size.
//!
//! A program is a list of functions in S-expressions:
//!
//! ```text
//! (fn main ()
//!   (var i 0) (var sum 0)
//!   (while (< i 10) (set sum (+ sum i)) (set i (+ i 1)))
//!   (print sum))
//! ```
//!
//! * [`reader`]: text to nodes; [`compiler`]: nodes to register code; [`opcode`]: the instructions; [`liveness`]
//! * [`objects`]: the heap objects; [`functions`]: what the runtime computes; [`meanings`]: what instructions do
//! * [`language`]: handlers and the recorder's questions; [`slow`]: instructions whose fast path does not apply
//! * [`context`]: loading and running programs

pub mod compiler;
pub mod context;
pub mod functions;
pub mod language;
pub mod liveness;
mod meanings;
pub mod objects;
pub mod opcode;
pub mod reader;
mod slow;

pub use compiler::compile;
pub use context::{Context, Failure, Program};
pub use language::Toy;
pub use reader::SyntaxError;
