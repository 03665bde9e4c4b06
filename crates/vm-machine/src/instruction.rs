//! The instruction word that every language on this machine shares.
//!
//! ```text
//! bits 0-7 opcode | 8-15 x | 16-31 a | 32-47 b | 48-63 c      b and c together are the signed immediate bc
//! ```
//! Extension words (inline caches, constants, far offsets) follow in the stream.

/// A decoded view of one instruction word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub struct Instruction(pub u64);

impl Instruction {
    /// The opcode number.
    #[inline(always)]
    pub const fn opcode(self) -> u8 {
        self.0 as u8
    }
    /// The small flag operand.
    #[inline(always)]
    pub const fn x(self) -> u8 {
        (self.0 >> 8) as u8
    }
    /// First operand.
    #[inline(always)]
    pub const fn a(self) -> usize {
        (self.0 >> 16) as u16 as usize
    }
    /// Second operand.
    #[inline(always)]
    pub const fn b(self) -> usize {
        (self.0 >> 32) as u16 as usize
    }
    /// Third operand.
    #[inline(always)]
    pub const fn c(self) -> usize {
        (self.0 >> 48) as u16 as usize
    }
    /// Second operand, signed.
    #[inline(always)]
    pub const fn signed_b(self) -> i64 {
        (self.0 >> 32) as i16 as i64
    }
    /// Third operand, signed.
    #[inline(always)]
    pub const fn signed_c(self) -> i64 {
        (self.0 as i64) >> 48
    }
    /// Second and third operand as one signed number.
    #[inline(always)]
    pub const fn bc(self) -> i64 {
        (self.0 as i64) >> 32
    }
}
