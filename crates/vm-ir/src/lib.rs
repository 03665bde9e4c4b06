//! Trace IR: the operations table, traces with snapshots, their text form, verifier and reference evaluator.
//!
//! INVARIANT: an operand refers to an earlier instruction (a phi's `b` to a later one) or to a constant.
#![forbid(unsafe_code)]

mod evaluate;
mod memory;
mod op;
mod parse;
mod print;
mod trace;
mod verify;
pub mod word;

pub use evaluate::{Environment, EvaluationError, Left, Outcome, evaluate, write_snapshot};
pub use memory::SimpleEnvironment;
pub use op::{Kind, Op, Type};
pub use parse::ParseError;
pub use trace::{Call, Constant, Content, Effects, End, Inst, Ref, Snapshot, SnapshotId, Trace, Virtual};
pub use verify::{VerifyError, verify};
