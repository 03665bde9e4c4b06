//! Trying an instruction again that failed because of dead views.
//!
//! Memory that a memoryview shows must not change its size, and whether an unreachable view still exists is up to the collector, which
//! scans native stacks with all that finished calls have left there. Where resizing fails, the native calls in question return first; then a
//! collection finds the views that nothing but native stacks may refer to, and the instruction runs once more: after a minor collection, and
//! if that is not enough after a full one.
//!
//! INVARIANT: only instructions are run again whose first run had no effect: operations on the object itself with operands that have
//! no state, such as iterators do.

use crate::code::instruction_at;
use crate::slow;
use py_code::Opcode;
use py_object::objects::{ByteArray, Bytes, List, Slice, Str, Tuple};
use py_object::types::memory::{self, MemoryView};
use py_object::types::{is_exactly, shape_id};
use py_object::{Cx, FIRST_FREE_SHAPE, Kind, downcast, finalize};
use std::cell::Cell;
use vm_heap::Value;
use vm_machine::{FRAME_HEADER, Frame, Instruction, SlowFlow};

/// Whether reading a value as an operand changes nothing.
fn is_plain(value: Value) -> bool {
    !value.is_object()
        || downcast::<ByteArray>(value).is_some()
        || downcast::<Bytes>(value).is_some()
        || downcast::<List>(value).is_some()
        || downcast::<MemoryView>(value).is_some()
        || downcast::<Slice>(value).is_some()
        || downcast::<Str>(value).is_some()
        || downcast::<Tuple>(value).is_some()
}

/// Whether a value is an instance of a built-in type itself, none of whose methods are Python code.
fn is_built_in(value: Value) -> bool {
    value.is_object() && shape_id(value).0 < FIRST_FREE_SHAPE
}

fn may_run_again(frame: &Frame, opcode: Opcode, i: Instruction) -> bool {
    match opcode {
        Opcode::Add | Opcode::Mul => i.x() != 0 && is_built_in(frame.get(i.b())) && is_plain(frame.get(i.c())),
        Opcode::DeleteItem => is_built_in(frame.get(i.a())) && is_plain(frame.get(i.b())),
        Opcode::StoreItem => is_built_in(frame.get(i.a())) && is_plain(frame.get(i.b())) && is_plain(frame.get(i.c())),
        Opcode::CallMethod => {
            let receiver = i.b() + FRAME_HEADER;
            is_exactly(frame.get(i.b()), Kind::METHOD_DESCRIPTOR)
                && is_built_in(frame.get(receiver))
                && (receiver + 1..receiver + 1 + i.c()).all(|argument| is_plain(frame.get(argument)))
        }
        _ => false,
    }
}

/// Runs the instruction that raised again after a collection; tells whether it succeeded, with the frame at the place to go on at.
#[cold]
pub fn succeeds_without(cx: &mut Cx, frame: &mut Frame) -> bool {
    let instruction = instruction_at(frame.pc);
    let Some(opcode) = Opcode::from_byte(instruction.opcode()) else { return false };
    if !may_run_again(frame, opcode, instruction) {
        return false;
    }
    for (at, full) in [false, true, true].into_iter().enumerate() {
        // The last try is for what another thread was about to finalize.
        if at == 2 && !finalize::wait_for_others(cx) {
            break;
        }
        if full {
            crate::dead_registers::clear_of_all(cx);
            crate::dead_registers::clear_suspended(cx);
        } else {
            crate::dead_registers::clear(cx);
        }
        memory::let_go_of_unreached(cx, full);
        if full {
            memory::let_go_of_unnamed(cx);
        }
        finalize::run_pending(cx);
        cx.take_raised();
        RETRYING.set(true);
        let flow = slow::execute(cx, frame, instruction);
        RETRYING.set(false);
        if flow != SlowFlow::Raise {
            return true;
        }
        if !cx.blocked_by_views.take() {
            break; // another error
        }
    }
    false
}

thread_local! {
    /// Whether an instruction is being tried again.
    static RETRYING: Cell<bool> = const { Cell::new(false) };
}

/// Whether the running instruction will be run again if views keep `object` from being resized, so that nobody need look for dead ones
/// now; also when it already is.
fn retries(cx: &Cx, object: Value) -> bool {
    if RETRYING.get() || py_object::frames::in_compiled_code(cx) {
        return true; // a trace is left first (`may_unwind`)
    }
    let (pc, fp) = (cx.thread.pc.get(), cx.thread.fp.get());
    if pc.is_null() || fp.is_null() {
        return false;
    }
    let frame = Frame { pc: pc.wrapping_sub(1), fp };
    let instruction = instruction_at(frame.pc);
    let Some(opcode) = Opcode::from_byte(instruction.opcode()) else { return false };
    let resized = match opcode {
        Opcode::Add | Opcode::Mul => instruction.b(),
        Opcode::DeleteItem | Opcode::StoreItem => instruction.a(),
        Opcode::CallMethod => instruction.b() + FRAME_HEADER,
        _ => return false,
    };
    frame.get(resized) == object && may_run_again(&frame, opcode, instruction)
}

/// Tells the object model of it.
pub fn install(cx: &mut Cx) {
    let _ = cx.runtime.retries_resizing.set(retries);
}
