//! What instructions do where their fast path does not apply: one function for each opcode, by the name of its handler.
//!
//! Such a function gets the frame with `pc` behind the instruction, and the instruction's own address as `start`; it leaves `pc`
//! at the place to go on at, which is `start` where the fast path applies now (an inline cache was filled). An exception is
//! raised as of `start`, or where the frame has been popped, as of the instruction that `pc` is left at.

/// Opcodes that one function executes, which is told the opcode.
macro_rules! family {
    ($body:ident: $($name:ident = $Opcode:ident),* $(,)?) => {$(
        #[doc = concat!("See `", stringify!($body), "`.")]
        #[inline(always)]
        pub fn $name(cx: &mut Cx, frame: &mut Frame, start: *const u64, i: Instruction) -> PyResult<()> {
            $body(cx, frame, start, i, Opcode::$Opcode)
        }
    )*};
}

/// Opcodes that are never slow.
macro_rules! never {
    ($($name:ident)*) => {$(
        /// Never slow.
        pub fn $name(_: &mut Cx, _: &mut Frame, _: *const u64, _: Instruction) -> PyResult<()> {
            unreachable!("{} is never slow", stringify!($name))
        }
    )*};
}

mod attributes;
mod caches;
mod calls;
mod collections;
mod definitions;
mod exceptions;
mod iteration;
mod names;
mod operators;
mod patterns;

pub use attributes::*;
pub use caches::fill_cache;
// The rest of an opcode's fast path has no slow path of its own.
pub use attributes::{load_attr as load_attr_other, load_method as load_method_other, store_attr as store_attr_other};
pub use calls::*;
pub use calls::{call as call_other, call as call_function};
pub use calls::{call_method as call_method_function, call_method as call_method_other};
pub use collections::load_item as load_item_other;
pub use collections::*;
pub use definitions::*;
pub use exceptions::*;
pub use iteration::for_iter as for_iter_other;
pub use iteration::*;
pub use names::*;
pub use operators::*;
pub use patterns::*;

use crate::code::{code_of, function_of};
use py_code::Opcode;
use py_object::objects::*;
use py_object::sequence::tuple_items;
use py_object::{Cx, Kind, NONE, PyResult, Raised, StrExt, downcast};
use vm_heap::{Gc, Value};
use vm_machine::{Frame, Instruction, SlowFlow, frame_function};

/// The number that stands for no register where an operand is optional.
pub(crate) const NO_REGISTER: usize = 0xffff;

never! { loop_header load_const load_int move_register unbind jump jump_if_none jump_if_not_none jump_if_is jump_if_is_not is is_not }

/// Executes an instruction in full; `frame.pc` is its address.
pub fn execute(cx: &mut Cx, frame: &mut Frame, instruction: Instruction) -> SlowFlow {
    let opcode = Opcode::from_byte(instruction.opcode()).expect("only opcodes of the table are loaded");
    let (start, fp) = (frame.pc, frame.fp);
    if opcode == Opcode::LoopHeader {
        return execute_loop_header(cx, frame, start);
    }
    if cx.thread.transaction.is_logged()
        && let Some(flow) = crate::atomic::slow_inside(cx, frame, opcode, instruction)
    {
        return flow;
    }
    frame.pc = start.wrapping_add(opcode.size());
    match crate::interpreter::BODIES[opcode as usize](&mut cx.thread, frame, start, instruction) {
        Ok(()) => SlowFlow::Next,
        Err(Raised) => {
            if frame.fp == fp {
                frame.pc = start;
            }
            SlowFlow::Raise
        }
    }
}

/// The name operand of an instruction.
pub(crate) fn name_at(frame: &Frame, index: usize) -> Gc<Str> {
    let code = code_of(frame_function(frame.fp)).expect("a running frame has code");
    let names = downcast::<Tuple>(code.names.get()).expect("names are a tuple");
    downcast::<Str>(tuple_items(&names)[index]).expect("names are strings")
}

fn running_function(frame: &Frame) -> Gc<Function> {
    function_of(frame_function(frame.fp)).expect("a running frame has a function")
}

/// An extension word of the instruction at `start`.
pub(crate) fn extension(start: *const u64, n: usize) -> u64 {
    // SAFETY: the caller names an extension word that the opcode has.
    unsafe { *start.add(1 + n) }
}

/// Registers as a slice. They stay in place while the frame runs.
fn registers<'a>(frame: &Frame, first: usize, count: usize) -> &'a [Value] {
    // SAFETY: operands lie inside the frame, and the instruction does not write them while it reads.
    unsafe { std::slice::from_raw_parts(frame.fp.add(first), count) }
}

fn set_result(frame: &mut Frame, i: Instruction, result: PyResult) -> PyResult<()> {
    frame.set(i.a(), result?);
    Ok(())
}

/// The namespace of a class body or of exec'd code: kept in the frame's function until classes are built from it.
fn namespace(frame: &Frame) -> Value {
    let function = running_function(frame);
    match function.annotate.get() {
        NONE => function.globals.get().value(),
        namespace => namespace,
    }
}

fn name_error(cx: &mut Cx, name: Gc<Str>) -> Raised {
    let message = format!("name '{}' is not defined", name.to_text());
    let raised = cx.raise(Kind::NAME_ERROR, message);
    if let Some(exception) = downcast::<Exception>(cx.raised.get()) {
        exception.detail.set(cx.mutator(), exception, name.value());
    }
    raised
}

/// Polls, and enters or makes the loop's machine code where the loop is hot.
fn execute_loop_header(cx: &mut Cx, frame: &mut Frame, start: *const u64) -> SlowFlow {
    if cx.mutator().should_poll() && crate::poll::poll(cx).is_err() {
        return SlowFlow::Raise;
    }
    frame.pc = start.wrapping_add(Opcode::LoopHeader.size());
    crate::jit::hot_loop(cx, frame, start)
}
