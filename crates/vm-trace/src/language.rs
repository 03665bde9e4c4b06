//! What a language tells the recorder about itself.

use crate::Recorder;
use vm_heap::{ShapeId, Value};
use vm_machine::{Flow, Language, Raised, SlowFlow, Thread};

/// What executes an instruction in full. It gets the frame with `pc` behind the instruction, and the instruction's own address, and
/// leaves the frame at the place to go on at. An exception is raised as of the instruction, or where the frame has been popped, as of
/// the one that `pc` is left at.
pub type Body = fn(&mut Thread, &mut vm_machine::Frame, *const u64, vm_machine::Instruction) -> Result<(), Raised>;

/// A language that can be traced.
pub trait TraceLanguage: Language {
    /// Opcode of loop headers. Their first extension word holds the hot counter (low half) and the loop's number (high half).
    const LOOP_HEADER: u8;

    /// Runs one instruction on the recorder (`execute` of `vm_machine::define_handlers!`).
    fn execute(m: &mut Recorder<Self>, opcode: u8) -> Flow
    where
        Self: Sized;
    /// Number of extension words of an opcode.
    fn extension_words(opcode: u8) -> usize;
    /// Which registers of the code of a frame's function are live before the instruction at an address, as bits. For what is no
    /// function, all are: `None`.
    fn live_registers(function: Value, pc: *const u64) -> Option<&'static [u64]>;
    /// Address behind the last instruction of the loop whose header is at an address.
    fn loop_end(function: Value, header: *const u64) -> *const u64;
    /// Whether an object of this shape keeps it.
    fn is_fixed_shape(shape: ShapeId) -> bool;
    /// Fills the inline cache of the instruction at a frame's place without executing it; false where that is impossible.
    fn fill_cache(thread: *mut Thread, frame: &vm_machine::Frame, instruction: vm_machine::Instruction) -> bool;
    /// What executes an opcode while no transaction runs: what `Language::slow` does then.
    fn body(opcode: u8) -> Body
    where
        Self: Sized,
    {
        let _ = opcode;
        |thread, frame, start, instruction| {
            frame.pc = start;
            match Self::slow(thread, frame, instruction) {
                SlowFlow::Next => Ok(()),
                SlowFlow::Raise => Err(Raised),
                SlowFlow::Uncaught => unreachable!("a slow path does not unwind"),
            }
        }
    }
    /// Whether a trace may leave the instruction at a frame's place to its slow path.
    fn may_perform(frame: &vm_machine::Frame, instruction: vm_machine::Instruction) -> bool {
        let _ = (frame, instruction);
        true
    }
    /// Whether the handler of the exception that is on its way may be found while a trace runs. Else the trace is left before.
    fn may_unwind(thread: &Thread) -> bool {
        let _ = thread;
        true
    }
    /// What keeps the instructions of a frame's function where they are.
    fn keeper_of_code(function: Value) -> Value {
        function
    }
    /// A trace relies on a field of this object that hardly ever changes.
    fn relies_on(object: Value) {
        let _ = object;
    }
    /// A float that does not fit the value word, as an object.
    fn box_float(thread: *mut Thread, number: f64) -> Value;
    /// Calls `visit` with the name of the source line of an address (for logs).
    fn describe(function: Value, pc: *const u64) -> String;
}
