//! The operations of the trace IR, declared once: names, operands, results, effects and meaning of each.

/// What an operation yields.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[repr(u8)]
pub enum Type {
    /// Nothing.
    None,
    /// A value word (see `vm_heap::Value`); small ints stay tagged, so int arithmetic works on value words.
    Value,
    /// An unboxed 64-bit float.
    Float,
    /// An untagged machine word: an address or a raw integer.
    Word,
}

/// What passes may do with an operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Depends on its operands only: may be folded, shared, hoisted and dropped.
    Pure,
    /// Pure, but leaves the trace through its snapshot where it has no result (overflow, zero division).
    PureGuard,
    /// Leaves the trace through its snapshot unless its condition holds.
    Guard,
    /// Reads mutable memory.
    Load,
    /// Reads memory that never changes once the object is published.
    FinalLoad,
    /// Writes memory.
    Store,
    /// Allocates; may collect.
    Allocate,
    /// Calls the runtime; effects are those of the call's descriptor.
    Call,
    /// Structure of the trace.
    Control,
}

impl Type {
    /// The name in the text form.
    pub const fn text(self) -> &'static str {
        match self {
            Type::None => "none",
            Type::Value => "value",
            Type::Float => "float",
            Type::Word => "word",
        }
    }
}

impl Op {
    /// Whether the instruction's immediate operand means something.
    pub const fn has_immediate(self) -> bool {
        matches!(
            self,
            Op::Slot
                | Op::Param
                | Op::SlotAddress
                | Op::GuardShape
                | Op::GuardNotShape
                | Op::GuardValid
                | Op::LoadField
                | Op::LoadFinal
                | Op::LoadWord
                | Op::LoadWordFinal
                | Op::LoadFloatFinal
                | Op::LoadElement
                | Op::LoadElementFinal
                | Op::LoadAbsolute
                | Op::StoreField
                | Op::StoreWord
                | Op::StoreElement
                | Op::StoreSlot
                | Op::LoadSlot
                | Op::New
                | Op::Call
        )
    }

    /// Whether the result type is that of the instruction rather than of the operation.
    pub const fn carries_type(self) -> bool {
        matches!(self, Op::Param | Op::Call | Op::Phi)
    }

    /// The operation with this name in the text form.
    pub fn from_text(text: &str) -> Option<Op> {
        Op::ALL.iter().copied().find(|op| op.text() == text)
    }
}

macro_rules! operations {
    ($( $(#[doc = $doc:literal])+ $name:ident $text:literal ($($operand:ident),*) -> $result:ident, $kind:ident; )*) => {
        /// An operation of the trace IR.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        #[repr(u8)]
        pub enum Op { $( $(#[doc = $doc])+ $name ),* }

        impl Op {
            /// Every operation.
            pub const ALL: &'static [Op] = &[$(Op::$name),*];

            /// The name in the text form.
            pub const fn text(self) -> &'static str {
                match self { $(Op::$name => $text),* }
            }

            /// How many references to other instructions it takes (operands a, b, c in this order).
            #[inline(always)]
            pub const fn operands(self) -> usize {
                match self { $(Op::$name => { const N: &[&str] = &[$(stringify!($operand)),*]; N.len() }),* }
            }

            /// The operand types: V value, F float, W word, A any.
            pub const fn operand_kinds(self) -> &'static [&'static str] {
                match self { $(Op::$name => &[$(stringify!($operand)),*]),* }
            }

            /// The result type; `param`, `call` and `phi` carry theirs in the instruction.
            #[inline(always)]
            pub const fn result(self) -> Type {
                match self { $(Op::$name => Type::$result),* }
            }

            /// What passes may do with it.
            #[inline(always)]
            pub const fn kind(self) -> Kind {
                match self { $(Op::$name => Kind::$kind),* }
            }

            /// One sentence on what it does.
            pub const fn doc(self) -> &'static str {
                match self { $(Op::$name => concat!($($doc),+)),* }
            }
        }
    };
}

operations! {
    /// Value-stack slot `imm` (counted from the base frame pointer) at the entry of a root trace.
    Slot "slot" () -> Value, Load;
    /// Live-in number `imm` of a bridge, in the type of the instruction; the parent's exit says where it lies.
    Param "param" () -> Value, Control;
    /// Address of the thread structure.
    Thread "thread" () -> Word, Pure;
    /// Address of value-stack slot `imm`.
    SlotAddress "slot_address" () -> Word, Pure;

    /// Leaves unless `a` is a small int.
    GuardInt "guard_int" (V) -> None, Guard;
    /// Leaves unless `a` is a self-tagged float.
    GuardFloat "guard_float" (V) -> None, Guard;
    /// Leaves unless `a` is a heap object.
    GuardObject "guard_object" (V) -> None, Guard;
    /// Leaves if `a` is a small int.
    GuardNotInt "guard_not_int" (V) -> None, Guard;
    /// Leaves if `a` is a self-tagged float.
    GuardNotFloat "guard_not_float" (V) -> None, Guard;
    /// Leaves if `a` is a heap object.
    GuardNotObject "guard_not_object" (V) -> None, Guard;
    /// Leaves unless the object `a` has shape id `imm`.
    GuardShape "guard_shape" (V) -> None, Guard;
    /// Leaves if the object `a` has shape id `imm`.
    GuardNotShape "guard_not_shape" (V) -> None, Guard;
    /// Leaves unless `a` and `b` are the same word. Besides two values or two words, a value may be compared with a
    /// `slot_address` (here and by `guard_differ`).
    GuardSame "guard_same" (A, A) -> None, Guard;
    /// Leaves if `a` and `b` are the same word.
    GuardDiffer "guard_differ" (A, A) -> None, Guard;
    /// Leaves unless small int `a` < small int `b`.
    GuardIntLt "guard_int_lt" (V, V) -> None, Guard;
    /// Leaves unless small int `a` <= small int `b`.
    GuardIntLe "guard_int_le" (V, V) -> None, Guard;
    /// Leaves unless word `a` < word `b`, both unsigned (index checks: small ints are scaled alike, negative ones are huge).
    GuardBelow "guard_below" (A, A) -> None, Guard;
    /// Leaves unless float `a` < float `b`.
    GuardFloatLt "guard_float_lt" (F, F) -> None, Guard;
    /// Leaves unless float `a` <= float `b`.
    GuardFloatLe "guard_float_le" (F, F) -> None, Guard;
    /// Leaves unless float `a` == float `b`.
    GuardFloatEq "guard_float_eq" (F, F) -> None, Guard;
    /// Leaves if float `a` < float `b`.
    GuardFloatNotLt "guard_float_not_lt" (F, F) -> None, Guard;
    /// Leaves if float `a` <= float `b`.
    GuardFloatNotLe "guard_float_not_le" (F, F) -> None, Guard;
    /// Leaves if float `a` == float `b`.
    GuardFloatNe "guard_float_ne" (F, F) -> None, Guard;
    /// Leaves if the thread's poll word is not zero.
    GuardPoll "guard_poll" () -> None, Guard;
    /// Leaves if the 64-bit word at absolute address `imm` is not zero (an assumption of the trace was withdrawn).
    GuardValid "guard_valid" () -> None, Guard;

    /// Sum of two small ints; leaves on overflow.
    IntAdd "int_add" (V, V) -> Value, PureGuard;
    /// Difference of two small ints; leaves on overflow.
    IntSub "int_sub" (V, V) -> Value, PureGuard;
    /// Product of two small ints; leaves on overflow.
    IntMul "int_mul" (V, V) -> Value, PureGuard;
    /// Floor of the quotient of two small ints; leaves if `b` is zero or on overflow.
    IntFloorDiv "int_floor_div" (V, V) -> Value, PureGuard;
    /// Remainder with the sign of `b`; leaves if `b` is zero.
    IntMod "int_mod" (V, V) -> Value, PureGuard;
    /// `a` shifted left by `b` bits; leaves if `b` is not in 0..62 or on overflow.
    IntShl "int_shl" (V, V) -> Value, PureGuard;
    /// `a` shifted right by `b` bits; leaves if `b` is negative.
    IntShr "int_shr" (V, V) -> Value, PureGuard;
    /// Bitwise and of two small ints.
    IntAnd "int_and" (V, V) -> Value, Pure;
    /// Bitwise or of two small ints.
    IntOr "int_or" (V, V) -> Value, Pure;
    /// Bitwise exclusive or of two small ints.
    IntXor "int_xor" (V, V) -> Value, Pure;
    /// A small int as a float (exact or rounded to even).
    IntToFloat "int_to_float" (V) -> Float, Pure;

    /// The float in a self-tagged float.
    UnboxFloat "unbox_float" (V) -> Float, Pure;
    /// A float as a value: self-tagged, else boxed by a runtime call out of line.
    BoxFloat "box_float" (F) -> Value, Pure;
    /// Float sum.
    FloatAdd "float_add" (F, F) -> Float, Pure;
    /// Float difference.
    FloatSub "float_sub" (F, F) -> Float, Pure;
    /// Float product.
    FloatMul "float_mul" (F, F) -> Float, Pure;
    /// Float quotient, IEEE 754 (the meaning checks for zero).
    FloatDiv "float_div" (F, F) -> Float, Pure;
    /// Float with the sign turned.
    FloatNeg "float_neg" (F) -> Float, Pure;
    /// Absolute value.
    FloatAbs "float_abs" (F) -> Float, Pure;
    /// Square root, IEEE 754.
    FloatSqrt "float_sqrt" (F) -> Float, Pure;

    /// Value at byte offset `imm` of object `a`.
    LoadField "load" (V) -> Value, Load;
    /// Value at byte offset `imm` of object `a`, which never changes.
    LoadFinal "load_final" (V) -> Value, FinalLoad;
    /// Word at byte offset `imm` of object `a`.
    LoadWord "load_word" (V) -> Word, Load;
    /// Word at byte offset `imm` of object `a`, which never changes.
    LoadWordFinal "load_word_final" (V) -> Word, FinalLoad;
    /// Float at byte offset `imm` of object `a`, which never changes (a boxed float).
    LoadFloatFinal "load_float_final" (V) -> Float, FinalLoad;
    /// An untagged object address as a value.
    WordToValue "word_to_value" (W) -> Value, Pure;
    /// The untagged address of object `a`.
    ValueToWord "value_to_word" (V) -> Word, Pure;
    /// Element `b` (a small int in bounds) of array object `a` whose elements start at byte offset `imm`.
    LoadElement "load_element" (V, V) -> Value, Load;
    /// The same for an array that never changes.
    LoadElementFinal "load_element_final" (V, V) -> Value, FinalLoad;
    /// Value at absolute address `imm` (a global cell of the runtime).
    LoadAbsolute "load_absolute" () -> Value, Load;
    /// Stores value `b` at byte offset `imm` of object `a`; the write barrier is an operation of its own.
    StoreField "store" (V, V) -> None, Store;
    /// Stores word `b` at byte offset `imm` of object `a`. At offset 0 that is the header, of which only the upper half, the
    /// shape, may differ from what is there; nothing else is written then.
    StoreWord "store_word" (V, W) -> None, Store;
    /// Stores value `c` as element `b` of array object `a` whose elements start at byte offset `imm`.
    StoreElement "store_element" (V, V, V) -> None, Store;
    /// The collector's write barrier for object `a`, after stores of references into it.
    Barrier "barrier" (V) -> None, Store;
    /// Stores value or word `a` in value-stack slot `imm` (arguments of a runtime call).
    StoreSlot "store_slot" (A) -> None, Store;
    /// Value-stack slot `imm` as it is now.
    LoadSlot "load_slot" () -> Value, Load;
    /// Writes the slots of its snapshot: from here on, memory holds what every slot holds. A recorded trace's alone; the optimiser
    /// writes it as stores.
    Sync "sync" () -> None, Store;
    /// A new object of `imm` bytes with header word `a`, its other words zero.
    New "new" (W) -> Value, Allocate;
    /// Calls runtime function number `imm` of the trace's calls.
    Call "call" () -> Value, Call;

    /// Start of the loop: what follows runs again after the end of the trace.
    Label "label" () -> None, Control;
    /// A loop-carried value, right after the label: `a` on entry, `b` after each turn.
    Phi "phi" (A, A) -> Value, Control;
}
