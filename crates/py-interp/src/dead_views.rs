//! Trying an instruction again that failed because of dead views.
//!
//! Memory that a memoryview shows must not change its size, and whether an unreachable view still exists is up to the collector, which
//! scans native stacks with all that finished calls have left there. Where resizing fails, the native calls in question return first;
//! then a collection finds what is dead, and the instruction runs once more.
//!
//! INVARIANT: only instructions are run again whose first run had no effect: operations on the object itself with operands that have
//! no state, such as iterators do.

use crate::code::instruction_at;
use crate::slow;
use py_code::Opcode;
use py_object::objects::{ByteArray, Bytes, List, Slice, Str, Tuple};
use py_object::sequence::{tuple_fields, tuple_items};
use py_object::types::memory::{MemoryView, is_view_of, release};
use py_object::types::{is_exactly, shape_id};
use py_object::{Cx, FIRST_FREE_SHAPE, Kind, NONE, downcast, finalize};
use std::cell::Cell;
use std::ops::Range;
use vm_heap::Value;
use vm_machine::{FRAME_HEADER, Frame, Instruction, SlowFlow, caller_frame, frame_size};

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
    // Nothing between the interpreter's loop and this holds values: the operands lie in registers. Most views die young, and a young
    // collection is a hundred times as quick.
    let below = cx.thread.loop_frame.get();
    for full in [false, true] {
        finalize::collect_below(cx, full, below);
        match run_again(cx, frame, instruction) {
            Again::Blocked => {}
            outcome => return outcome == Again::Done,
        }
    }
    // Frames of callers may hide it as well.
    let object = frame.get(resized_register(opcode, instruction).unwrap_or(0));
    release_forgotten(cx, object) && run_again(cx, frame, instruction) == Again::Done
}

/// What came of running an instruction again.
#[derive(PartialEq, Eq)]
enum Again {
    Done,
    Raised,
    Blocked,
}

fn run_again(cx: &mut Cx, frame: &mut Frame, instruction: Instruction) -> Again {
    cx.take_raised();
    RETRYING.set(true);
    let flow = slow::execute(cx, frame, instruction);
    RETRYING.set(false);
    match flow {
        SlowFlow::Raise if cx.blocked_by_views.take() => Again::Blocked,
        SlowFlow::Raise => Again::Raised,
        _ => Again::Done,
    }
}

/// More views of one object than this are not looked through.
const MOST_VIEWS: usize = 64;

/// Where the registers of this thread's frames lie. What is between belongs to runtime functions of compiled code, and to nobody once they
/// have returned.
fn registers(cx: &Cx) -> Vec<Range<usize>> {
    let (mut ranges, mut fp, mut limit) = (Vec::new(), cx.thread.fp.get(), usize::MAX);
    while !fp.is_null() {
        let start = fp as usize;
        ranges.push(start..limit.min(start + 8 * frame_size(fp)));
        limit = start - 8 * FRAME_HEADER;
        fp = caller_frame(fp);
    }
    ranges
}

/// Releases the views that show an object, if nothing refers to any of them but words that calls have left behind. A view that somebody
/// uses nevertheless says that it was released.
fn release_forgotten(cx: &mut Cx, object: Value) -> bool {
    let registers = registers(cx);
    let views = Tuple::new(cx, &[NONE; MOST_VIEWS]);
    let (fields, mut count) = (tuple_fields(&views), 0);
    let mutator = cx.mutator();
    let is_forgotten = mutator.find_forgotten(
        &registers,
        |value| is_view_of(value, object),
        |view| {
            if let Some(field) = fields.get(count) {
                field.set(mutator, views, view);
            }
            count += 1;
        },
    );
    if !is_forgotten || count > MOST_VIEWS {
        return false;
    }
    for view in &tuple_items(&views)[..count] {
        if let Some(view) = downcast::<MemoryView>(*view)
            && release(cx, view).is_err()
        {
            return false;
        }
    }
    true
}

/// The register of what an instruction may resize.
fn resized_register(opcode: Opcode, instruction: Instruction) -> Option<usize> {
    match opcode {
        Opcode::Add | Opcode::Mul => Some(instruction.b()),
        Opcode::DeleteItem | Opcode::StoreItem => Some(instruction.a()),
        Opcode::CallMethod => Some(instruction.b() + FRAME_HEADER),
        _ => None,
    }
}

thread_local! {
    /// Whether an instruction is being tried again.
    static RETRYING: Cell<bool> = const { Cell::new(false) };
}

/// Whether the running instruction will be run again if views keep `object` from being resized, so that nobody need look for dead ones
/// now; also when it already is.
fn retries(cx: &Cx, object: Value) -> bool {
    if RETRYING.get() {
        return true;
    }
    let (pc, fp) = (cx.thread.pc.get(), cx.thread.fp.get());
    if pc.is_null() || fp.is_null() {
        return false;
    }
    // SAFETY: the thread notes the address behind the running instruction's word.
    let pc = unsafe { pc.sub(1) };
    let (frame, instruction) = (Frame { pc, fp }, instruction_at(pc));
    let Some(opcode) = Opcode::from_byte(instruction.opcode()) else { return false };
    let Some(resized) = resized_register(opcode, instruction) else { return false };
    frame.get(resized) == object && may_run_again(&frame, opcode, instruction)
}

/// Tells the object model of it.
pub fn install(cx: &mut Cx) {
    let _ = cx.runtime.retries_resizing.set(retries);
}
