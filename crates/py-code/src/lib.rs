//! Python code: the opcode table, instruction words, code units, their listing, register effects and a verifier.
//!
//! Everything that reads bytecode (interpreter, recorder, debugger, `dis`) takes it from the one table in `table.rs`.
#![forbid(unsafe_code)]

#[macro_use]
mod table;

pub mod binary;
mod branches;
mod constant;
mod disassembler;
mod effects;
mod instruction;
mod landing;
mod lazy;
mod liveness;
mod opcode;
mod positions;
mod text;
mod unit;
mod verifier;

pub use branches::{Branch, Way, second_half};
pub use constant::Const;
pub use disassembler::{disassemble, disassemble_all};
pub use effects::{Access, for_each_register, for_each_written};
pub use instruction::{FRAME_HEADER, Instruction, NO_REGISTER};
pub use landing::{Landing, NoLanding, landing};
pub use lazy::{Head, LazyUnit};
pub use liveness::{LiveRegisters, Liveness, RegisterSet, assigned, liveness};
pub use opcode::{Field, Kind, Opcode, Operand};
pub use positions::Positions;
pub use text::Text;
pub use unit::{CodeUnit, HandlerRange, Name, Position, PositionEntry, byte_offset, flags};
pub use verifier::{VerifyError, verify};

#[cfg(test)]
mod tests;
