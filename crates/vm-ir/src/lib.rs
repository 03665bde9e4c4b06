//! Trace IR: the operations table, traces with snapshots, their text form, verifier and reference evaluator.
//!
//! INVARIANT: an operand refers to an earlier instruction (a phi's `b` to a later one) or to a constant.
#![forbid(unsafe_code)]

mod evaluate;
pub mod hash;
mod memory;
mod op;
mod parse;
mod print;
mod snapshot;
mod trace;
mod verify;
pub mod word;

pub use evaluate::{Environment, EvaluationError, Left, Outcome, evaluate, write_snapshot};
pub use memory::SimpleEnvironment;
pub use op::{Kind, Op, Type};
pub use parse::ParseError;
pub use snapshot::{Content, Entry, EntryId, Snapshot, SnapshotId, Virtual, visit_state};
pub use trace::{Call, Constant, Effects, End, Inst, Mark, Ref, Trace};
pub use verify::{VerifyError, verify};
