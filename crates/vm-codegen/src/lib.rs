//! Code generation for traces: a forward linear scan that turns trace IR into x86-64 code.
//!
//! A trace is a straight line, optionally with one loop at its end, so one backward pass finds every last use and one
//! forward pass allocates registers and writes code. A guard is a conditional jump to a stub behind the code; where
//! its snapshot's values lie at that point is side data, no code (`Exit`, `Location`). Traces are linked through data
//! slots and never patched: other threads may be running them.
//!
//! INVARIANT: all code of one arena shares one native frame (`frame`), so a bridge starts in its parent's registers and
//! spill slots, and any root can be entered by a jump to its inner entry.

mod arena;
mod assembler;
mod code;
mod compile;
#[cfg(feature = "cranelift")]
pub mod cranelift;
mod emit;
mod frame;
mod liveness;
mod location;
mod moves;
mod registers;
mod stubs;
mod target;

pub use arena::{ArenaCopy, ArenaError, CodeArena};
pub use code::{Code, Entry, Exit};
pub use compile::{CompileError, Compiler};
pub use location::{ExitState, Location};
pub use target::Target;
