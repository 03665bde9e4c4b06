//! The trait that the meanings of operations are written against.

use crate::{Instruction, Raised};
use vm_heap::{ShapeId, Value};

/// How an opcode ends.
#[derive(Clone, Copy, Debug)]
pub enum Flow {
    /// Go on (with the next instruction, or where `jump`, `push_frame` or `pop_frame` led).
    Next,
    /// The fast path does not apply; nothing has been done yet.
    Slow,
    /// An exception was raised.
    Raise,
    /// Leave the interpreter; the result lies in the thread.
    Halt,
    /// Go on in the handler of another opcode, with the same instruction: what an opcode does seldom would need registers that
    /// cost what it does often.
    As(u8),
}

/// What a field holds, for barriers and for typed loads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FieldKind {
    /// A value that may be a reference.
    Value,
    /// A small int value, never a reference: stores need no collector barrier.
    Int,
}

/// What a runtime function may do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effects {
    /// Depends on its arguments only.
    Pure,
    /// May read mutable objects.
    Reads,
    /// May read mutable objects, allocate new ones and collect.
    Allocates,
    /// May write objects and collect, but runs no code of the language.
    Writes,
    /// Anything.
    Any,
}

/// A function of the runtime that meanings call: `extern "sysv64" fn(*mut Thread, Value, …) -> Value`, which
/// returns [`crate::RAISED`] after raising.
#[derive(Clone, Copy, Debug)]
pub struct RuntimeFunction {
    /// For listings.
    pub name: &'static str,
    /// Its address.
    pub address: *const (),
    /// What it may do.
    pub effects: Effects,
}
// SAFETY: the address is that of a function, valid in every thread.
unsafe impl Sync for RuntimeFunction {}

/// Where a call leads: the first instruction of a function and the number of registers it needs.
#[derive(Clone, Copy, Debug)]
pub struct FrameEntry {
    /// Address of the first instruction.
    pub pc: *const u64,
    /// Registers of the frame.
    pub size: u32,
}

/// A machine that executes meanings. Methods that return `bool` reveal something about a value: a recorder guards it.
pub trait Machine: Sized {
    /// A value.
    type Val: Copy;
    /// An unboxed float.
    type Float: Copy;
    /// Whether it writes down what it does. What only pays in a trace is left out where it does not.
    const RECORDS: bool;

    /// The current instruction.
    fn instruction(&self) -> Instruction;
    /// Extension word `n` of the current instruction; fixed for a recorded trace.
    fn extension(&self, n: usize) -> u64;
    /// Reads a register of the current frame.
    fn get(&mut self, register: usize) -> Self::Val;
    /// Writes a register of the current frame.
    fn set(&mut self, register: usize, value: Self::Val);
    /// A fixed value.
    fn constant(&mut self, value: Value) -> Self::Val;
    /// The function of the current frame.
    fn function(&mut self) -> Self::Val;

    /// Whether it is a small int.
    fn is_int(&mut self, value: Self::Val) -> bool;
    /// Whether it is a self-tagged float.
    fn is_float(&mut self, value: Self::Val) -> bool;
    /// Whether it is a heap object.
    fn is_object(&mut self, value: Self::Val) -> bool;
    /// Whether it is an object of exactly this shape.
    fn has_shape(&mut self, value: Self::Val, shape: ShapeId) -> bool;
    /// Whether both are the same word.
    fn same(&mut self, lhs: Self::Val, rhs: Self::Val) -> bool;
    /// The value itself, which the trace then depends on.
    fn reveal(&mut self, value: Self::Val) -> Value;
    /// The shape of an object, which the trace then depends on.
    fn shape_of(&mut self, object: Self::Val) -> ShapeId;

    /// Sum of two small ints; `None` on overflow.
    fn int_add(&mut self, lhs: Self::Val, rhs: Self::Val) -> Option<Self::Val>;
    /// Difference of two small ints; `None` on overflow.
    fn int_sub(&mut self, lhs: Self::Val, rhs: Self::Val) -> Option<Self::Val>;
    /// Product of two small ints; `None` on overflow.
    fn int_mul(&mut self, lhs: Self::Val, rhs: Self::Val) -> Option<Self::Val>;
    /// Floor of the quotient; `None` for a zero divisor or on overflow.
    fn int_floor_div(&mut self, lhs: Self::Val, rhs: Self::Val) -> Option<Self::Val>;
    /// Remainder with the sign of the divisor; `None` for a zero divisor.
    fn int_mod(&mut self, lhs: Self::Val, rhs: Self::Val) -> Option<Self::Val>;
    /// Left shift; `None` on overflow or for a count outside 0..62.
    fn int_shl(&mut self, lhs: Self::Val, rhs: Self::Val) -> Option<Self::Val>;
    /// Right shift; `None` for a negative count.
    fn int_shr(&mut self, lhs: Self::Val, rhs: Self::Val) -> Option<Self::Val>;
    /// Bitwise and.
    fn int_and(&mut self, lhs: Self::Val, rhs: Self::Val) -> Self::Val;
    /// Bitwise or.
    fn int_or(&mut self, lhs: Self::Val, rhs: Self::Val) -> Self::Val;
    /// Bitwise exclusive or.
    fn int_xor(&mut self, lhs: Self::Val, rhs: Self::Val) -> Self::Val;
    /// Whether one small int is less than another.
    fn int_lt(&mut self, lhs: Self::Val, rhs: Self::Val) -> bool;
    /// Whether one small int is at most another.
    fn int_le(&mut self, lhs: Self::Val, rhs: Self::Val) -> bool;
    /// Whether small int `index` lies in `0..length`.
    fn int_below(&mut self, index: Self::Val, length: Self::Val) -> bool;
    /// A small int as a float.
    fn int_to_float(&mut self, value: Self::Val) -> Self::Float;

    /// A fixed float.
    fn float(&mut self, number: f64) -> Self::Float;
    /// The float in a self-tagged float.
    fn unbox(&mut self, value: Self::Val) -> Self::Float;
    /// A float as a value; `None` where the interpreter must box it out of line.
    fn box_float(&mut self, number: Self::Float) -> Option<Self::Val>;
    /// Sum.
    fn float_add(&mut self, lhs: Self::Float, rhs: Self::Float) -> Self::Float;
    /// Difference.
    fn float_sub(&mut self, lhs: Self::Float, rhs: Self::Float) -> Self::Float;
    /// Product.
    fn float_mul(&mut self, lhs: Self::Float, rhs: Self::Float) -> Self::Float;
    /// Quotient, IEEE 754.
    fn float_div(&mut self, lhs: Self::Float, rhs: Self::Float) -> Self::Float;
    /// The number with its sign turned.
    fn float_neg(&mut self, number: Self::Float) -> Self::Float;
    /// Whether `lhs < rhs`.
    fn float_lt(&mut self, lhs: Self::Float, rhs: Self::Float) -> bool;
    /// Whether `lhs <= rhs`.
    fn float_le(&mut self, lhs: Self::Float, rhs: Self::Float) -> bool;
    /// Whether `lhs == rhs`.
    fn float_eq(&mut self, lhs: Self::Float, rhs: Self::Float) -> bool;
    /// Calls a pure function of two floats.
    fn float_call(
        &mut self,
        function: extern "sysv64" fn(f64, f64) -> f64,
        lhs: Self::Float,
        rhs: Self::Float,
    ) -> Self::Float;

    /// Reads the value at a byte offset of an object.
    fn load(&mut self, object: Self::Val, offset: usize) -> Self::Val;
    /// The same for a field that never changes once the object is published.
    fn load_final(&mut self, object: Self::Val, offset: usize) -> Self::Val;
    /// Reads an untagged object address at a byte offset and tags it.
    fn load_pointer(&mut self, object: Self::Val, offset: usize) -> Self::Val;
    /// The same for a field that never changes.
    fn load_pointer_final(&mut self, object: Self::Val, offset: usize) -> Self::Val;
    /// Writes the value at a byte offset of an object.
    fn store(&mut self, object: Self::Val, offset: usize, value: Self::Val, kind: FieldKind);
    /// Whether a reference can't be stored into an object without a call: the collector must be told. What a meaning then
    /// leaves to the slow path need not save registers on its other ways. A recorder says no.
    fn must_remember(&mut self, object: Self::Val) -> bool {
        let _ = object;
        false
    }
    /// Writes the value at a byte offset of an object that was just found to need no barrier.
    fn store_checked(&mut self, object: Self::Val, offset: usize, value: Self::Val) {
        self.store(object, offset, value, FieldKind::Value)
    }
    /// Writes an element of an array that was just found to need no barrier.
    fn store_element_checked(&mut self, array: Self::Val, index: Self::Val, offset: usize, value: Self::Val) {
        self.store_element(array, index, offset, value)
    }
    /// Writes an untagged object address.
    fn store_pointer(&mut self, object: Self::Val, offset: usize, value: Self::Val);
    /// Element of an array object (index in bounds) whose elements start at `offset`.
    fn load_element(&mut self, array: Self::Val, index: Self::Val, offset: usize) -> Self::Val;
    /// The same for an array that never changes.
    fn load_element_final(&mut self, array: Self::Val, index: Self::Val, offset: usize) -> Self::Val;
    /// A byte of an object that never changes (index in bounds) whose bytes start at `offset`. A recorder has no such thing.
    fn load_byte_final(&mut self, object: Self::Val, index: Self::Val, offset: usize) -> Option<u8> {
        let _ = (object, index, offset);
        None
    }
    /// What a look at two values tells that runs no code, has no effects and needs nothing of the machine. Only the interpreter looks
    /// so, and only while there are no transactions: a trace could not say what it depends on.
    fn look<R>(&mut self, first: Self::Val, second: Self::Val, look: impl FnOnce(Value, Value) -> R) -> Option<R> {
        let _ = (first, second, look);
        None
    }
    /// The same for one value, with the thread and the instruction's address.
    fn look_from_here<R>(
        &mut self,
        value: Self::Val,
        look: impl FnOnce(&crate::Thread, *const u64, Value) -> R,
    ) -> Option<R> {
        let _ = (value, look);
        None
    }
    /// Writes an element.
    fn store_element(&mut self, array: Self::Val, index: Self::Val, offset: usize, value: Self::Val);
    /// A new object of `size` bytes, its words zero; `None` where the interpreter must allocate out of line.
    fn allocate(&mut self, size: usize, header: u64) -> Option<Self::Val>;
    /// First write to a field of an object allocated by this opcode.
    fn initialise(&mut self, object: Self::Val, offset: usize, value: Self::Val);
    /// The same with an untagged address.
    fn initialise_pointer(&mut self, object: Self::Val, offset: usize, value: Self::Val);

    /// Calls a runtime function.
    fn call<const N: usize>(
        &mut self,
        function: &RuntimeFunction,
        arguments: [Self::Val; N],
    ) -> Result<Self::Val, Raised>;
    /// Calls a runtime function that takes `count` values from register `first` on: `fn(thread, callee, first, count)`.
    fn call_registers(
        &mut self,
        function: &RuntimeFunction,
        callee: Self::Val,
        first: usize,
        count: usize,
    ) -> Result<Self::Val, Raised>;

    /// The same as an opcode's last act, for a recorder; the result goes to register `result`. The interpreter takes the slow path.
    fn call_registers_last(
        &mut self,
        function: &RuntimeFunction,
        callee: Self::Val,
        first: usize,
        count: usize,
        result: usize,
    ) -> Flow {
        match self.call_registers(function, callee, first, count) {
            Ok(value) => {
                self.set(result, value);
                Flow::Next
            }
            Err(Raised) => Flow::Raise,
        }
    }

    /// What a slow path computes: the interpreter answers `Ok(None)`, which the meaning must turn into `Flow::Slow`; a
    /// recorder calls the function, so that the trace goes on through the slow path.
    fn residual<const N: usize>(
        &mut self,
        function: &RuntimeFunction,
        arguments: [Self::Val; N],
    ) -> Result<Option<Self::Val>, Raised>;

    /// A residual call as an opcode's last act: the result goes to a register, if one is named.
    fn residual_last<const N: usize>(
        &mut self,
        function: &RuntimeFunction,
        arguments: [Self::Val; N],
        result: Option<usize>,
    ) -> Flow {
        match self.residual(function, arguments) {
            Ok(Some(value)) => {
                if let Some(register) = result {
                    self.set(register, value);
                }
                Flow::Next
            }
            Ok(None) => Flow::Slow,
            Err(Raised) => Flow::Raise,
        }
    }
    /// The same before a jump by `words`, which is made where the result is `expected`; elsewhere the result goes to a register,
    /// if one is named.
    fn residual_jump<const N: usize>(
        &mut self,
        function: &RuntimeFunction,
        arguments: [Self::Val; N],
        expected: Value,
        words: i64,
        otherwise: Option<usize>,
    ) -> Flow {
        match self.residual(function, arguments) {
            Ok(Some(value)) => {
                self.jump_if(value, expected, words, otherwise);
                Flow::Next
            }
            Ok(None) => Flow::Slow,
            Err(Raised) => Flow::Raise,
        }
    }

    /// Reads a word that never changes of an object; the trace depends on it.
    fn reveal_word(&mut self, object: Self::Val, offset: usize) -> u64;
    /// Reads the value of a variable cell that seldom changes (small int at `watch`: 0 nobody relies on the value,
    /// 1 traces do, 2 it changes).
    fn load_watched(&mut self, cell: Value, value: usize, watch: usize) -> Self::Val;
    /// Writes such a cell; false, with nothing done, where traces rely on its value.
    fn store_watched(&mut self, cell: Value, value: usize, watch: usize, new: Self::Val) -> bool;
    /// Stores a new field of an object and gives it the shape that knows the field; false, with nothing done, where
    /// other threads might do the same.
    fn add_field(&mut self, object: Self::Val, offset: usize, value: Self::Val, shape: ShapeId) -> bool;
    /// The same for an object that was just found to need no barrier.
    fn add_field_checked(&mut self, object: Self::Val, offset: usize, value: Self::Val, shape: ShapeId) -> bool {
        self.add_field(object, offset, value, shape)
    }
    /// Notes that an inline cache did not apply: a recorder has it filled and runs the opcode again before it records a
    /// residual call.
    fn miss(&mut self);
    /// Whether a frame whose last register is `registers` above the current frame pointer fits the stack.
    fn has_room(&mut self, registers: usize) -> bool;
    /// Whether the process may have more than one thread; code compiled before the second one starts is withdrawn.
    fn is_concurrent(&mut self) -> bool;
    /// Number of registers of the current frame.
    fn frame_size(&mut self) -> usize;

    /// Goes on `words` behind the end of the instruction.
    fn jump(&mut self, words: i64);
    /// Jumps if `value` is the word `expected`; otherwise writes `value` to the register `otherwise`, if one is given. The last
    /// act of an opcode, and the one test that may follow a call with effects: a trace that finds the other outcome goes on
    /// behind the opcode.
    fn jump_if(&mut self, value: Self::Val, expected: Value, words: i64, otherwise: Option<usize>);
    /// Enters a function whose arguments lie from register `base + 4` on and whose result goes to register `result`.
    /// Returns false, with nothing done, where the stack is full or the thread is asked to poll.
    fn push_frame(&mut self, base: usize, function: Self::Val, entry: FrameEntry, result: usize) -> bool;
    /// Leaves the current frame with a result.
    fn pop_frame(&mut self, value: Self::Val) -> Flow;
    /// At a loop header: whether the thread is asked to poll or the loop became hot. Counts in extension word 0.
    fn loop_header(&mut self) -> bool;
}
