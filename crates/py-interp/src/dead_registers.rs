//! Forgetting what dead registers hold, before a collection that a program asked for.
//!
//! The collector scans the value stack conservatively: a register that will be overwritten before it is read keeps what
//! it refers to alive. Usually that does not matter, but `gc.collect()` and whoever must know whether an object is
//! still in use want to be exact.

use crate::code::{code_of, instruction_at, offset_in};
use py_code::Opcode;
use py_object::native::{NativeDefinition, TracePolicy};
use py_object::objects::{Generator, Native};
use py_object::{Cx, UNBOUND, downcast};
use vm_heap::Value;
use vm_machine::{FRAME_HEADER, Frame, Instruction, caller_frame, frame_function, frame_size, return_address};

/// Overwrites the dead registers of all frames of this thread.
pub fn clear(cx: &mut Cx) {
    clear_of(cx)
}

/// The same for all threads, but for those in compiled code, whose frames are not where they are looked for.
pub fn clear_of_all(cx: &mut Cx) {
    let runtime = cx.runtime;
    cx.mutator().stop_the_world(|_| {
        runtime.for_each_thread(&mut |thread| {
            if !py_object::frames::in_compiled_code(thread) {
                clear_of(thread);
            }
        });
    });
}

/// `cx` is the running thread or a stopped one, whose place is known as that of every thread which calls the runtime.
fn clear_of(cx: &Cx) {
    let (mut fp, mut pc) = (cx.thread.fp.get(), cx.thread.pc.get());
    // Whether the instruction in front of `pc` is being executed; else the frame waits for a call to return to `pc`.
    let mut executing = true;
    // Where the frame above begins: a call lays it over registers of its caller.
    let mut limit: *mut Value = std::ptr::null_mut();
    while !fp.is_null() {
        match code_of(frame_function(fp)) {
            Some(code) => {
                let unit = py_object::frames::lazy_unit_of(code);
                let live = unit.liveness();
                let offset = offset_in(code, pc).wrapping_sub(usize::from(executing));
                // A call that a frame waits for may raise, too.
                let handler = unit.handler(offset.wrapping_sub(usize::from(!executing)));
                let live_in_handler = handler.and_then(|range| live.before(range.target as usize));
                if let Some(live) = live.before(offset) {
                    let mut size = frame_size(fp);
                    if !limit.is_null() {
                        size = size.min((limit as usize - fp as usize) / size_of::<Value>());
                    }
                    for register in (0..size).map(|register| register as u16) {
                        if live.contains(register) || live_in_handler.is_some_and(|live| live.contains(register)) {
                            continue;
                        }
                        // SAFETY: a register of the frame, below the frame above it; nobody reads it before it is written.
                        unsafe { *fp.add(register.into()) = UNBOUND };
                    }
                }
                executing = false;
            }
            // A frame by which the runtime was entered: the native call below it goes on.
            None => executing = true,
        }
        limit = fp.wrapping_sub(FRAME_HEADER);
        pc = return_address(fp);
        fp = caller_frame(fp);
    }
}

/// Overwrites the dead registers of all suspended generators. They have been copied from frames, which start with whatever lay on the
/// value stack.
pub fn clear_suspended(cx: &Cx) {
    cx.mutator().for_each_object(|object| {
        if let Some(generator) = downcast::<Generator>(object) {
            crate::generator::clear_dead(generator);
        }
    });
}

/// The native that an instruction at a frame's place calls, if no trace may call it: else there would be compiled code in between.
pub fn called_native(frame: &Frame, instruction: Instruction) -> Option<&'static NativeDefinition> {
    match Opcode::from_byte(instruction.opcode()) {
        Some(Opcode::Call | Opcode::CallMethod | Opcode::CallKw | Opcode::CallMethodKw) => {
            downcast::<Native>(frame.get(instruction.b()))
                .map(py_object::call::definition)
                .filter(|native| native.trace == TracePolicy::Never)
        }
        _ => None,
    }
}

/// The same for the running instruction.
pub fn called_by_running(cx: &Cx) -> Option<&'static NativeDefinition> {
    let (fp, pc) = (cx.thread.fp.get(), cx.thread.pc.get());
    code_of(frame_function(fp))?;
    let frame = Frame { pc: pc.wrapping_sub(1), fp };
    called_native(&frame, Instruction(instruction_at(frame.pc).0))
}
