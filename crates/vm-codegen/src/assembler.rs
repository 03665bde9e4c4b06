//! A small x86-64 encoder: the instructions that the code generator uses, written into a reusable buffer.
//!
//! Operand order is Intel's, destination first. Displacements to places outside of the buffer (the arena's data and
//! stubs) are written when the code is installed: see `Relocation`.

/// A general register by its hardware number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Gpr(pub u8);
/// A float register by its hardware number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Xmm(pub u8);

pub(crate) const GENERAL_NAMES: [&str; 16] =
    ["rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"];

pub(crate) const RAX: Gpr = Gpr(0);
pub(crate) const RCX: Gpr = Gpr(1);
pub(crate) const RDX: Gpr = Gpr(2);
pub(crate) const RBX: Gpr = Gpr(3);
pub(crate) const RSP: Gpr = Gpr(4);
pub(crate) const RBP: Gpr = Gpr(5);
pub(crate) const RSI: Gpr = Gpr(6);
pub(crate) const RDI: Gpr = Gpr(7);
pub(crate) const R12: Gpr = Gpr(12);
pub(crate) const R13: Gpr = Gpr(13);
/// The base frame pointer of the running trace.
pub(crate) const FRAME: Gpr = Gpr(14);
/// The thread pointer.
pub(crate) const THREAD: Gpr = Gpr(15);

/// Two-operand arithmetic, by the number in its opcode.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Alu {
    Add = 0,
    Or = 1,
    And = 4,
    Sub = 5,
    Xor = 6,
    Cmp = 7,
}

/// Shifts and rotations, by the number in their opcode.
#[derive(Clone, Copy)]
pub(crate) enum Shift {
    Rol = 0,
    Ror = 1,
    Shl = 4,
    Shr = 5,
    Sar = 7,
}

/// Scalar double operations, by opcode (prefix F2).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sse {
    Load = 0x10,
    Sqrt = 0x51,
    Add = 0x58,
    Mul = 0x59,
    Sub = 0x5c,
    Div = 0x5e,
}

/// Conditions, by the number in their opcode.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Cond {
    Overflow = 0,
    Below = 2,
    AboveEqual = 3,
    Equal = 4,
    NotEqual = 5,
    BelowEqual = 6,
    Above = 7,
    Sign = 8,
    NotSign = 9,
    Parity = 10,
    Less = 12,
    GreaterEqual = 13,
    LessEqual = 14,
    Greater = 15,
}

/// A place outside of the buffer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    /// Item of the data that is installed with this code.
    Data(u32),
    /// An address in the arena.
    Address(u64),
}

/// Four bytes to be written at installation.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Relocation {
    /// Displacement from the end of the field to a place.
    Displacement { at: u32, place: Place },
    /// An exit stub (see `Assembler::exit_stub`): the exit's number and the displacement to its data item.
    ExitStub { at: u32, exit: u32, item: u32 },
}

/// The register-or-memory operand.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Operand {
    /// A register of either kind.
    Register(u8),
    /// `[base + displacement]`.
    Memory(Gpr, i32),
    /// `[base + index * 2^scale + displacement]`.
    Indexed(Gpr, Gpr, u8, i32),
    /// `[rip + …]`; only for instructions without an immediate operand.
    Place(Place),
}

impl From<Gpr> for Operand {
    fn from(register: Gpr) -> Operand {
        Operand::Register(register.0)
    }
}

impl From<Xmm> for Operand {
    fn from(register: Xmm) -> Operand {
        Operand::Register(register.0)
    }
}

/// Position of a jump's displacement, to be bound later.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Jump(u32);

/// The mode bits of ModRM: no displacement, one byte or four.
fn displacement_mode(base: Gpr, displacement: i32) -> u8 {
    match displacement {
        0 if base.0 & 7 != 5 => 0,
        -128..=127 => 0x40,
        _ => 0x80,
    }
}

#[derive(Default)]
pub(crate) struct Assembler {
    pub(crate) code: Vec<u8>,
    pub(crate) relocations: Vec<Relocation>,
}

const WIDE: bool = true;
const NARROW: bool = false;

impl Assembler {
    pub(crate) fn clear(&mut self) {
        self.code.clear();
        self.relocations.clear();
    }

    pub(crate) fn position(&self) -> u32 {
        self.code.len() as u32
    }

    #[inline]
    fn byte(&mut self, byte: u8) {
        self.code.push(byte);
    }

    #[inline]
    fn four(&mut self, number: i32) {
        self.code.extend_from_slice(&number.to_le_bytes());
    }

    /// Prefix, REX where needed, one or two opcode bytes (two if above 0xff: 0F xx), ModRM and what follows it.
    ///
    /// The bytes are put together in an array that is appended whole and cut: one check of the buffer's capacity for
    /// each instruction rather than each byte. Inlined, prefix and opcode are constants: a tenth of compile time.
    #[inline(always)]
    fn encode(&mut self, prefix: u8, wide: bool, opcode: u16, reg: u8, operand: Operand) {
        let mut bytes = [0u8; 16];
        let mut length = 0;
        let mut byte = |condition: bool, byte: u8| {
            bytes[length & 15] = byte;
            length += condition as usize;
        };
        let (index, base) = match operand {
            Operand::Register(number) => (0, number),
            Operand::Memory(base, _) => (0, base.0),
            Operand::Indexed(base, index, ..) => (index.0, base.0),
            Operand::Place(_) => (0, 0),
        };
        let rex = (wide as u8) << 3 | (reg >> 3) << 2 | (index >> 3) << 1 | base >> 3;
        byte(prefix != 0, prefix);
        byte(rex != 0, 0x40 | rex);
        byte(opcode > 0xff, 0x0f);
        byte(true, opcode as u8);
        let reg = (reg & 7) << 3;
        let displacement = match operand {
            Operand::Register(number) => {
                byte(true, 0xc0 | reg | number & 7);
                return self.append(bytes, length);
            }
            Operand::Memory(base, displacement) => {
                byte(true, displacement_mode(base, displacement) | reg | base.0 & 7);
                byte(base.0 & 7 == 4, 0x24);
                displacement
            }
            Operand::Indexed(base, index, scale, displacement) => {
                byte(true, displacement_mode(base, displacement) | reg | 4);
                byte(true, scale << 6 | (index.0 & 7) << 3 | base.0 & 7);
                displacement
            }
            Operand::Place(place) => {
                byte(true, reg | 5);
                self.append(bytes, length + 4);
                self.relocations.push(Relocation::Displacement { at: self.position() - 4, place });
                return;
            }
        };
        let mode = displacement_mode(Gpr(base), displacement);
        bytes[length..length + 4].copy_from_slice(&displacement.to_le_bytes());
        self.append(bytes, length + [0, 1, 4][(mode >> 6) as usize]);
    }

    #[inline]
    fn append(&mut self, bytes: [u8; 16], length: usize) {
        let end = self.code.len() + length;
        self.code.extend_from_slice(&bytes);
        self.code.truncate(end);
    }

    pub(crate) fn mov(&mut self, to: Gpr, from: Gpr) {
        if to != from {
            self.encode(0, WIDE, 0x8b, to.0, from.into());
        }
    }

    /// Loads a constant; leaves the flags alone.
    pub(crate) fn constant(&mut self, to: Gpr, bits: u64) {
        if bits <= u32::MAX as u64 {
            if to.0 >= 8 {
                self.byte(0x41);
            }
            self.byte(0xb8 | to.0 & 7);
            self.four(bits as i32);
        } else if let Ok(small) = i32::try_from(bits as i64) {
            self.encode(0, WIDE, 0xc7, 0, to.into());
            self.four(small);
        } else {
            self.byte(0x48 | to.0 >> 3);
            self.byte(0xb8 | to.0 & 7);
            self.code.extend_from_slice(&bits.to_le_bytes());
        }
    }

    /// Loads the number of an exit of this code into eax and jumps to the address in its data item.
    pub(crate) fn exit_stub(&mut self, exit: u32, item: u32) {
        let stub = [0xb8, 0, 0, 0, 0, 0xff, 0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        self.relocations.push(Relocation::ExitStub { at: self.position(), exit, item });
        self.append(stub, 11);
    }

    pub(crate) fn load(&mut self, to: Gpr, from: Operand) {
        self.encode(0, WIDE, 0x8b, to.0, from);
    }

    pub(crate) fn store(&mut self, to: Operand, from: Gpr) {
        self.encode(0, WIDE, 0x89, from.0, to);
    }

    /// Stores a sign-extended constant.
    pub(crate) fn store_constant(&mut self, to: Operand, constant: i32) {
        self.encode(0, WIDE, 0xc7, 0, to);
        self.four(constant);
    }

    /// Stores the lower half of a register.
    pub(crate) fn store_half(&mut self, to: Operand, from: Gpr) {
        self.encode(0, NARROW, 0x89, from.0, to);
    }

    /// Stores a 32-bit constant.
    pub(crate) fn store_half_constant(&mut self, to: Operand, constant: i32) {
        self.encode(0, NARROW, 0xc7, 0, to);
        self.four(constant);
    }

    pub(crate) fn lea(&mut self, to: Gpr, from: Operand) {
        self.encode(0, WIDE, 0x8d, to.0, from);
    }

    pub(crate) fn alu(&mut self, op: Alu, to: Gpr, from: Operand) {
        self.encode(0, WIDE, (op as u16) << 3 | 3, to.0, from);
    }

    pub(crate) fn alu_constant(&mut self, op: Alu, to: impl Into<Operand>, constant: i32) {
        self.alu_immediate(WIDE, op, to.into(), constant);
    }

    /// `cmp dword [memory], constant`
    pub(crate) fn compare_narrow(&mut self, memory: Operand, constant: i32) {
        self.alu_immediate(NARROW, Alu::Cmp, memory, constant);
    }

    fn alu_immediate(&mut self, wide: bool, op: Alu, to: Operand, constant: i32) {
        if let Ok(small) = i8::try_from(constant) {
            self.encode(0, wide, 0x83, op as u8, to);
            self.byte(small as u8);
        } else {
            self.encode(0, wide, 0x81, op as u8, to);
            self.four(constant);
        }
    }

    /// `or dword [memory], register`
    pub(crate) fn or_narrow(&mut self, memory: Operand, register: Gpr) {
        self.encode(0, NARROW, 0x09, register.0, memory);
    }

    pub(crate) fn shift(&mut self, op: Shift, to: Gpr, count: u8) {
        self.encode(0, WIDE, 0xc1, op as u8, to.into());
        self.byte(count);
    }

    /// Shifts by cl.
    pub(crate) fn shift_by_cl(&mut self, op: Shift, to: Gpr) {
        self.encode(0, WIDE, 0xd3, op as u8, to.into());
    }

    pub(crate) fn multiply(&mut self, to: Gpr, by: Operand) {
        self.encode(0, WIDE, 0x1af, to.0, by);
    }

    pub(crate) fn multiply_constant(&mut self, to: Gpr, from: Gpr, constant: i32) {
        if let Ok(small) = i8::try_from(constant) {
            self.encode(0, WIDE, 0x6b, to.0, from.into());
            self.byte(small as u8);
        } else {
            self.encode(0, WIDE, 0x69, to.0, from.into());
            self.four(constant);
        }
    }

    /// Divides the sign-extended rax by a register: quotient to rax, remainder to rdx.
    pub(crate) fn divide(&mut self, by: Gpr) {
        self.byte(0x48);
        self.byte(0x99);
        self.encode(0, WIDE, 0xf7, 7, by.into());
    }

    pub(crate) fn test(&mut self, lhs: Gpr, rhs: Gpr) {
        self.encode(0, WIDE, 0x85, rhs.0, lhs.into());
    }

    /// Tests the lowest byte of a register.
    pub(crate) fn test_bits(&mut self, register: Gpr, mask: u8) {
        // A REX prefix makes sil, dil … reachable.
        self.byte(0x40 | register.0 >> 3);
        self.byte(0xf6);
        self.byte(0xc0 | register.0 & 7);
        self.byte(mask);
    }

    pub(crate) fn test_memory_bits(&mut self, memory: Operand, mask: u8) {
        self.encode(0, NARROW, 0xf6, 0, memory);
        self.byte(mask);
    }

    /// Carry = bit `index % 32` of `bits`.
    pub(crate) fn bit_test(&mut self, bits: Gpr, index: Gpr) {
        self.encode(0, NARROW, 0x1a3, index.0, bits.into());
    }

    /// Sets bit `index % 32` of the lower half of `bits`.
    pub(crate) fn bit_set(&mut self, bits: Gpr, index: Gpr) {
        self.encode(0, NARROW, 0x1ab, index.0, bits.into());
    }

    /// Sets a register to zero; changes the flags.
    pub(crate) fn zero(&mut self, register: Gpr) {
        self.encode(0, NARROW, 0x33, register.0, register.into());
    }

    /// `cmov` if unsigned above.
    pub(crate) fn move_if_above(&mut self, to: Gpr, from: Gpr) {
        self.encode(0, WIDE, 0x147, to.0, from.into());
    }

    pub(crate) fn sse(&mut self, op: Sse, to: Xmm, from: Operand) {
        self.encode(0xf2, NARROW, 0x100 | op as u16, to.0, from);
    }

    pub(crate) fn store_float(&mut self, to: Operand, from: Xmm) {
        self.encode(0xf2, NARROW, 0x111, from.0, to);
    }

    pub(crate) fn move_float(&mut self, to: Xmm, from: Xmm) {
        if to != from {
            self.encode(0, NARROW, 0x128, to.0, from.into());
        }
    }

    /// Moves sixteen bytes from memory, aligned or not.
    pub(crate) fn load_sixteen(&mut self, to: Xmm, from: Operand) {
        self.encode(0, NARROW, 0x110, to.0, from);
    }

    /// Moves sixteen bytes to memory, aligned or not.
    pub(crate) fn store_sixteen(&mut self, to: Operand, from: Xmm) {
        self.encode(0, NARROW, 0x111, from.0, to);
    }

    /// Compares unordered: parity, zero and carry are set where a NaN is involved.
    pub(crate) fn compare_floats(&mut self, lhs: Xmm, rhs: Operand) {
        self.encode(0x66, NARROW, 0x12e, lhs.0, rhs);
    }

    pub(crate) fn xor_float(&mut self, to: Xmm, from: Operand) {
        self.encode(0x66, NARROW, 0x157, to.0, from);
    }

    pub(crate) fn and_float(&mut self, to: Xmm, from: Operand) {
        self.encode(0x66, NARROW, 0x154, to.0, from);
    }

    /// Sets a float register to zero.
    pub(crate) fn zero_float(&mut self, register: Xmm) {
        self.encode(0, NARROW, 0x157, register.0, register.into());
    }

    pub(crate) fn int_to_float(&mut self, to: Xmm, from: Gpr) {
        self.encode(0xf2, WIDE, 0x12a, to.0, from.into());
    }

    pub(crate) fn bits_to_float(&mut self, to: Xmm, from: Gpr) {
        self.encode(0x66, WIDE, 0x16e, to.0, from.into());
    }

    pub(crate) fn float_to_bits(&mut self, to: Gpr, from: Xmm) {
        self.encode(0x66, WIDE, 0x17e, from.0, to.into());
    }

    pub(crate) fn jump_if(&mut self, condition: Cond) -> Jump {
        self.byte(0x0f);
        self.byte(0x80 | condition as u8);
        self.four(0);
        Jump(self.position() - 4)
    }

    pub(crate) fn jump(&mut self) -> Jump {
        self.byte(0xe9);
        self.four(0);
        Jump(self.position() - 4)
    }

    pub(crate) fn jump_to(&mut self, position: u32) {
        let jump = self.jump();
        self.bind_to(jump, position);
    }

    /// Lets a jump go to the current position.
    pub(crate) fn bind(&mut self, jump: Jump) {
        self.bind_to(jump, self.position());
    }

    fn bind_to(&mut self, Jump(at): Jump, position: u32) {
        let displacement = position as i32 - (at as i32 + 4);
        self.code[at as usize..at as usize + 4].copy_from_slice(&displacement.to_le_bytes());
    }

    /// Jumps to the address in memory.
    pub(crate) fn jump_through(&mut self, memory: Operand) {
        self.encode(0, NARROW, 0xff, 4, memory);
    }

    pub(crate) fn call_place(&mut self, place: Place) {
        self.byte(0xe8);
        self.relocations.push(Relocation::Displacement { at: self.position(), place });
        self.four(0);
    }

    pub(crate) fn call(&mut self, register: Gpr) {
        self.encode(0, NARROW, 0xff, 2, register.into());
    }

    pub(crate) fn push(&mut self, register: Gpr) {
        if register.0 >= 8 {
            self.byte(0x41);
        }
        self.byte(0x50 | register.0 & 7);
    }

    pub(crate) fn pop(&mut self, register: Gpr) {
        if register.0 >= 8 {
            self.byte(0x41);
        }
        self.byte(0x58 | register.0 & 7);
    }

    pub(crate) fn return_(&mut self) {
        self.byte(0xc3);
    }

    /// Copies rcx words from [rsi] to [rdi].
    pub(crate) fn copy_words(&mut self) {
        for byte in [0xf3, 0x48, 0xa5] {
            self.byte(byte);
        }
    }
}
