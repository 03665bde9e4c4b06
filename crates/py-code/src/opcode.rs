//! `Opcode`, operand fields and kinds: what the table says, as types.

/// Where an operand sits: in the instruction word or in one of its extension words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(non_camel_case_types, reason = "the opcode table spells the fields as the design does")]
pub enum Field {
    /// Bits 8-15.
    x,
    /// Bits 16-31.
    a,
    /// Bits 32-47.
    b,
    /// Bits 48-63.
    c,
    /// Bits 32-63, signed.
    bc,
    /// The first extension word.
    e,
    /// The second extension word.
    f,
}

/// What an operand means; the register effects of an instruction follow from it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Register written.
    Write,
    /// Register written, unless the instruction jumps.
    WriteOrJump,
    /// Two registers written.
    WritePair,
    /// Three registers written.
    WriteTriple,
    /// Register and the one four above it written (callable and self).
    WriteMethod,
    /// As many registers written as the count or before-after operand says.
    WriteFirst,
    /// Register read.
    Read,
    /// Register tested for being bound.
    Check,
    /// Register read, or none (`NO_REGISTER`).
    ReadOptional,
    /// Two registers read.
    ReadPair,
    /// Three registers read.
    ReadTriple,
    /// Register read and then written.
    ReadWrite,
    /// Register read (tested) and made unbound.
    Unbind,
    /// First of the registers made unbound.
    UnbindFirst,
    /// First of as many registers read as the count or pairs operand says.
    First,
    /// Base of a call: the callable, then arguments from four above on. Everything from the base on is dead afterwards.
    CallBase,
    /// Base of a method call: the callable, self, then arguments from five above on; dead afterwards.
    MethodBase,
    /// Base of an unpacking call: the callable, and two registers from four above on; dead afterwards.
    ExBase,
    /// Four registers of which those named by the function flags are read.
    FunctionParts,
    /// Number of registers or of arguments.
    Count,
    /// Number of pairs of registers.
    Pairs,
    /// Registers before a starred target (low byte) and after it (high byte).
    BeforeAfter,
    /// Signed immediate, 32 or 8 bits.
    Int,
    /// Signed immediate, 16 bits.
    Short,
    /// Index into `names`.
    Name,
    /// Index into `varnames`.
    Local,
    /// Index into `freevars`.
    Free,
    /// Index into `cellvars` followed by `freevars`.
    Deref,
    /// Jump offset in words from the end of the instruction.
    Offset,
    /// The same in 16 bits.
    ShortOffset,
    /// Extension word that the loader overwrites with a constant (listed in `const_words`).
    Constant,
    /// The same, with a code constant.
    Code,
    /// 1 for the in-place operator.
    Inplace,
    /// Conversion character of a replacement field, or 0.
    Conversion,
    /// Which parts a function has.
    FunctionFlags,
    /// Which special method.
    Special,
    /// 1 if the arguments of `super` were written out.
    Explicit,
    /// 1 if a yield is on behalf of a sub-iterator.
    Delegating,
    /// What is awaited.
    Awaited,
    /// 1 for a jump that the program does not show.
    Hidden,
    /// Which sort of type parameter.
    TypeParam,
}

/// One operand of an opcode.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Operand {
    /// Where it sits.
    pub field: Field,
    /// What it means.
    pub kind: Kind,
}

macro_rules! define_opcodes {
    ($( ($Name:ident, $snake:ident, [$($field:ident = $kind:ident)*], $words:literal, $doc:literal) )*) => {
        /// An operation of the register machine; see `for_each_opcode!`.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[repr(u8)]
        pub enum Opcode { $( #[doc = $doc] $Name ),* }

        impl Opcode {
            /// Every opcode, in the order of its number.
            pub const ALL: &'static [Opcode] = &[$(Opcode::$Name),*];

            /// The name as listings print it.
            pub const fn name(self) -> &'static str {
                match self { $(Opcode::$Name => stringify!($Name)),* }
            }

            /// The name as functions bear it (handlers of the interpreter).
            pub const fn snake_name(self) -> &'static str {
                match self { $(Opcode::$Name => stringify!($snake)),* }
            }

            /// The operands, in the order in which listings print them.
            pub const fn operands(self) -> &'static [Operand] {
                match self { $(Opcode::$Name => &[$(Operand { field: Field::$field, kind: Kind::$kind }),*]),* }
            }

            /// How many extension words follow the instruction word.
            #[inline]
            pub const fn words(self) -> usize {
                match self { $(Opcode::$Name => $words),* }
            }

            /// One sentence on what it does.
            pub const fn doc(self) -> &'static str {
                match self { $(Opcode::$Name => $doc),* }
            }
        }
    };
}

for_each_opcode! { define_opcodes }

impl Opcode {
    /// The opcode with this number, if there is one.
    #[inline]
    pub const fn from_byte(byte: u8) -> Option<Opcode> {
        if (byte as usize) < Self::ALL.len() { Some(Self::ALL[byte as usize]) } else { None }
    }

    /// Words taken by the instruction with its extension words.
    #[inline]
    pub const fn size(self) -> usize {
        1 + self.words()
    }

    /// The operand in a field, if the opcode has one there.
    pub fn operand(self, field: Field) -> Option<Kind> {
        self.operands().iter().find(|operand| operand.field == field).map(|operand| operand.kind)
    }

    /// Whether control never goes on to the next instruction.
    pub const fn ends_block(self) -> bool {
        matches!(self, Opcode::Jump | Opcode::Return | Opcode::ReturnNone | Opcode::Raise | Opcode::Reraise)
    }

    /// Whether it stands before the body of a function, or between its parts, and belongs to no line.
    pub const fn is_prologue(self) -> bool {
        use Opcode::*;
        matches!(self, MakeGenerator | MakeCell | NewCell | LoadFree | Unbind | LoadBody)
    }

    /// Whether it ends the handling of an exception or the like, and belongs to no statement.
    pub const fn ends_handling(self) -> bool {
        use Opcode::*;
        matches!(self, EnterHandler | LeaveHandler | Reraise | CleanupThrow | EndAsyncFor)
    }

    /// The field that holds the jump offset, if it can jump.
    pub fn jump_field(self) -> Option<Field> {
        let jump = |operand: &&Operand| matches!(operand.kind, Kind::Offset | Kind::ShortOffset);
        self.operands().iter().find(jump).map(|operand| operand.field)
    }
}
