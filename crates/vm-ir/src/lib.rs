//! Trace IR: the operations table, traces with snapshots, their text form, verifier and reference evaluator.
//!
//! INVARIANT: an operand refers to an earlier instruction (a phi's `b` to a later one) or to a constant.
#![forbid(unsafe_code)]

mod op;
mod trace;

pub use op::{Kind, Op, Type};
pub use trace::{Call, Constant, Content, Effects, End, Inst, Ref, Snapshot, SnapshotId, Trace, Virtual};
