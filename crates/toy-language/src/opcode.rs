//! The instructions, declared once. The enum, the lengths, the register effects and the handlers come from this table.

/// Passes every opcode to a callback macro as rows `(Name, snake_name, [field = Kind …], extension words, "sentence")`.
#[macro_export]
macro_rules! for_each_toy_opcode {
    ($callback:ident) => {
        $callback! {
            (LoadConst, load_const, [a = Write], 1, "Loads the value in the extension word.")
            (LoadInt, load_int, [a = Write], 0, "Loads the small int `bc`.")
            (Move, move_register, [a = Write b = Read], 0, "Copies a register.")
            (Add, add, [a = Write b = Read c = Read], 0, "`b + c`; beyond small ints the sum is a float.")
            (Sub, sub, [a = Write b = Read c = Read], 0, "`b - c`.")
            (Mul, mul, [a = Write b = Read c = Read], 0, "`b * c`.")
            (Div, div, [a = Write b = Read c = Read], 0, "`b / c`; of two ints the floor.")
            (Mod, modulo, [a = Write b = Read c = Read], 0, "`b - c * floor(b / c)`.")
            (Less, less, [a = Write b = Read c = Read], 0, "`b < c`.")
            (LessEqual, less_equal, [a = Write b = Read c = Read], 0, "`b <= c`.")
            (Equal, equal, [a = Write b = Read c = Read], 0, "Whether `b` and `c` are the same object or number.")
            (Not, not, [a = Write b = Read], 0, "Whether `b` is false or nil.")
            (Jump, jump, [], 0, "Jumps `bc` words.")
            (JumpUnless, jump_unless, [a = Read], 0, "Jumps `bc` words if `a` is false or nil.")
            (JumpUnlessLess, jump_unless_less, [a = Read b = Read], 0, "Jumps `c` words unless `a < b`.")
            (JumpUnlessLessEqual, jump_unless_less_equal, [a = Read b = Read], 0, "Jumps `c` words unless `a <= b`.")
            (JumpUnlessEqual, jump_unless_equal, [a = Read b = Read], 0, "Jumps `c` words unless `a` equals `b`.")
            (LoopHeader, loop_header, [], 1, "Top of a loop: polls, and counts in the extension word.")
            (NewArray, new_array, [a = Write b = Read c = Read], 0, "An array of length `b` filled with `c`.")
            (LoadElement, load_element, [a = Write b = Read c = Read], 0, "Element `c` of array `b`.")
            (StoreElement, store_element, [a = Read b = Read c = Read], 0, "Makes `c` element `b` of array `a`.")
            (Length, length, [a = Write b = Read], 0, "The length of array `b`.")
            (NewPair, new_pair, [a = Write b = Read c = Read], 0, "A pair of `b` and `c`.")
            (First, first, [a = Write b = Read], 0, "The first part of pair `b`.")
            (Second, second, [a = Write b = Read], 0, "The second part of pair `b`.")
            (SetFirst, set_first, [a = Read b = Read], 0, "Makes `b` the first part of pair `a`.")
            (SetSecond, set_second, [a = Read b = Read], 0, "Makes `b` the second part of pair `a`.")
            (Call, call, [a = Write b = Call], 0, "Calls r[b] with `c` arguments from b+4 on.")
            (Return, return_value, [a = Read], 0, "Returns `a` to the caller.")
            (Throw, throw, [a = Read], 0, "Throws `a`.")
            (Print, print, [a = Read], 0, "Appends `a` to the output.")
        }
    };
}

/// What an instruction does with a register operand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Writes it.
    Write,
    /// Reads it.
    Read,
    /// Reads it and `c` registers from four above on.
    Call,
}

/// Where an operand lies in the instruction word.
#[allow(non_camel_case_types, reason = "the table spells the fields as the machine does")]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Field {
    /// Bits 16-31.
    a,
    /// Bits 32-47.
    b,
    /// Bits 48-63.
    c,
}

macro_rules! define_opcodes {
    ($( ($Name:ident, $snake:ident, [$($field:ident = $kind:ident)*], $words:literal, $doc:literal) )*) => {
        /// An instruction of the toy language.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        pub enum Opcode { $( #[doc = $doc] $Name ),* }

        impl Opcode {
            /// Every opcode, in the order of its number.
            pub const ALL: &'static [Opcode] = &[$(Opcode::$Name),*];

            /// How many extension words follow the instruction word.
            pub const fn words(self) -> usize {
                match self { $(Opcode::$Name => $words),* }
            }

            /// Its register operands.
            pub const fn operands(self) -> &'static [(Field, Kind)] {
                match self { $(Opcode::$Name => &[$((Field::$field, Kind::$kind)),*]),* }
            }
        }
    };
}
for_each_toy_opcode! { define_opcodes }

impl Opcode {
    /// The opcode with this number.
    pub fn from_byte(byte: u8) -> Option<Opcode> {
        Self::ALL.get(byte as usize).copied()
    }

    /// Whether the instruction jumps with the wide offset `bc`.
    pub fn has_wide_offset(self) -> bool {
        matches!(self, Opcode::Jump | Opcode::JumpUnless)
    }

    /// Whether the instruction jumps with the narrow offset `c`.
    pub fn has_narrow_offset(self) -> bool {
        matches!(self, Opcode::JumpUnlessLess | Opcode::JumpUnlessLessEqual | Opcode::JumpUnlessEqual)
    }

    /// Whether control never goes on to the next instruction.
    pub fn ends_block(self) -> bool {
        matches!(self, Opcode::Jump | Opcode::Return | Opcode::Throw)
    }
}
