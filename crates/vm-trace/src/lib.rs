//! Traces: recording, trace trees, entering and leaving compiled code, withdrawing it.
//!
//! A hot loop header has its loop recorded (`recorder`, `record`), optimised (`vm-opt`) and compiled (`vm-codegen`). Exits
//! that are taken often grow bridges, which end by jumping to a compiled loop. Assumptions are checked by a word that every
//! trace tests at its start and after calls.

mod abort;
mod index;
mod jit;
mod kept;
mod language;
mod record;
mod recorder;
mod residual;
mod restore;
mod roots;
mod statistics;
mod stays;

pub use abort::Abort;
pub use jit::{Compiled, Jit, jit};
pub use language::{Body, TraceLanguage};
pub use recorder::{Recorder, Traced, TracedFloat};
pub use statistics::Statistics;
