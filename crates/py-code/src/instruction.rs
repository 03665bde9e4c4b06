//! The instruction word: opcode, flag `x` and the operands `a`, `b`, `c` packed into 64 bits.

use crate::{Field, Opcode};

/// Registers between the callable at a call site's base and its first argument: the callee's frame header.
pub const FRAME_HEADER: u16 = 4;

/// Stands for "no register" in operands that may be left out.
pub const NO_REGISTER: u16 = 0xFFFF;

/// One instruction word (without its extension words).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Instruction(pub u64);

impl Instruction {
    /// An instruction with three 16-bit operands and `x` = 0.
    pub const fn new(opcode: Opcode, a: u16, b: u16, c: u16) -> Instruction {
        Instruction(opcode as u64 | (a as u64) << 16 | (b as u64) << 32 | (c as u64) << 48)
    }

    /// An instruction with a 16-bit and a 32-bit operand and `x` = 0.
    pub const fn wide(opcode: Opcode, a: u16, bc: i32) -> Instruction {
        Instruction(opcode as u64 | (a as u64) << 16 | (bc as u32 as u64) << 32)
    }

    /// The same instruction with another `x`.
    pub const fn with_x(self, x: u8) -> Instruction {
        Instruction(self.0 & !0xFF00 | (x as u64) << 8)
    }

    /// The opcode.
    ///
    /// Panics if the word is no instruction: code units come from the compiler or have been verified.
    pub const fn opcode(self) -> Opcode {
        match Opcode::from_byte(self.0 as u8) {
            Some(opcode) => opcode,
            None => panic!("not an instruction word"),
        }
    }

    /// Bits 8-15.
    pub const fn x(self) -> u8 {
        (self.0 >> 8) as u8
    }

    /// Bits 16-31.
    pub const fn a(self) -> u16 {
        (self.0 >> 16) as u16
    }

    /// Bits 32-47.
    pub const fn b(self) -> u16 {
        (self.0 >> 32) as u16
    }

    /// Bits 48-63.
    pub const fn c(self) -> u16 {
        (self.0 >> 48) as u16
    }

    /// Bits 32-63.
    pub const fn bc(self) -> i32 {
        (self.0 >> 32) as i32
    }

    /// The content of a field in the instruction word; those in extension words read as 0.
    pub fn field(self, field: Field) -> i64 {
        match field {
            Field::x => self.x().into(),
            Field::a => self.a().into(),
            Field::b => self.b().into(),
            Field::c => self.c().into(),
            Field::bc => self.bc().into(),
            Field::e | Field::f => 0,
        }
    }

    /// The same instruction with a field of the instruction word replaced (truncated to the field's width).
    pub fn with_field(self, field: Field, value: i64) -> Instruction {
        let (shift, width) = match field {
            Field::x => (8, 8),
            Field::a => (16, 16),
            Field::b => (32, 16),
            Field::c => (48, 16),
            Field::bc => (32, 32),
            Field::e | Field::f => return self,
        };
        let mask = (1u64 << width) - 1;
        Instruction(self.0 & !(mask << shift) | (value as u64 & mask) << shift)
    }
}

impl std::fmt::Debug for Instruction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match Opcode::from_byte(self.0 as u8) {
            Some(opcode) => {
                write!(f, "{} x={} a={} b={} c={}", opcode.name(), self.x(), self.a(), self.b(), self.c())
            }
            None => write!(f, "word {:#x}", self.0),
        }
    }
}
