//! The interpreter: meanings of the opcodes, slow paths, calls, generators, imports.

pub mod bind;
pub mod code;
pub mod errors;
pub mod generator;
pub mod imports;
pub mod inline_cache;
pub mod interpreter;
pub mod jit;
mod meanings;
pub mod poll;
pub mod run;
pub mod runtime_functions;
mod slow;
