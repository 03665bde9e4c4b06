//! The machine: threads with value stacks, frames, and the trait that meanings of operations are written against.
//!
//! A language gives each opcode a meaning, a function generic over [`Machine`]. [`Interpreter`] runs it; the trace
//! recorder (crate `vm-trace`) runs it and writes it down. [`define_handlers!`] turns meanings into an interpreter.
//!
//! Rules of meanings (what makes recording sound):
//! 1. `Machine::Val` is opaque: what a value is can only be learned through a method, which records a guard.
//! 2. Guards come before effects within one opcode.
//! 3. No loops over run-time lengths: those live in runtime functions.
//! 4. Heap access only through `load…`/`store…`, which carry the collector's and the transaction barrier.
//! 5. The fast path is the meaning; anything else is `Flow::Slow`, decided before any effect.

mod frame;
mod handlers;
mod instruction;
mod interpreter;
mod machine;
mod modes;
mod thread;

pub use frame::{
    FRAME_HEADER, Frame, caller_frame, destination, frame_function, frame_size, is_observed, observe, return_address,
    set_frame_function,
};
pub use handlers::{HALT, Handler, HandlerTable, Language, SlowFlow, halt_address, perform, run, traced};
pub use instruction::Instruction;
pub use interpreter::call_address;
pub use interpreter::{Interpreter, Mode, Plain};
pub use machine::{Effects, FieldKind, Flow, FrameEntry, Machine, RuntimeFunction};
pub use modes::{Beside, InTransaction};
pub use thread::{RAISED, Raised, Thread, UNBOUND};

/// What [`define_handlers!`] refers to.
#[doc(hidden)]
pub mod macro_support {
    pub use crate::handlers::{HALT, dispatch, halt, missing, raise, slow};
    pub use crate::{Flow, HandlerTable, Interpreter, Language, Mode, Thread};
    pub use std::marker::PhantomData;
    pub use vm_heap::Value;
}
