//! What a trace does by the interpreter's slow path: instructions without a meaning that can be recorded, and exceptions.
//!
//! Before such an instruction the trace brings the value stack up to date (`vm_ir::Op::Sync`), so that the slow path finds what it would
//! find in the interpreter, and may enter and leave frames, raise, and look at frames. Where it leads to another place than in the
//! recording, the trace is left there.

use crate::language::{Body, TraceLanguage};
use crate::recorder::{EXTENT, HIGHEST_SLOT};
use vm_heap::Value;
use vm_machine::{Frame, Instruction, Raised, SlowFlow, Thread};

/// What [`perform`] and [`stands_at`] return where the thread stands at the expected place.
pub(crate) const EXPECTED: Value = Value::int(1);
/// What they return elsewhere.
const ELSEWHERE: Value = Value::int(0);

/// How an instruction ended that was executed in full.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// At the frame's place.
    There,
    /// With an exception, which is to be unwound outside the trace from the frame's place.
    Raised,
    /// With an exception that has left the frames of the interpreter.
    Uncaught,
}

/// Executes the instruction at `frame` in full, and unwinds if it raises. The collector goes on seeing all below `top`.
pub(crate) fn execute<L: TraceLanguage>(thread: &mut Thread, frame: &mut Frame, top: usize) -> Ended {
    save(thread, frame, top);
    // SAFETY: the place is one in loaded bytecode.
    let instruction = Instruction(unsafe { *frame.pc });
    match L::slow(thread, frame, instruction) {
        SlowFlow::Next => Ended::There,
        SlowFlow::Raise => unwind::<L>(thread, frame, top),
        SlowFlow::Uncaught => Ended::Uncaught,
    }
}

/// Finds the handler of the exception that the instruction at `frame` raised.
pub(crate) fn unwind<L: TraceLanguage>(thread: &mut Thread, frame: &mut Frame, top: usize) -> Ended {
    if !L::may_unwind(thread) {
        return Ended::Raised;
    }
    save(thread, frame, top);
    if L::unwind(thread, frame) { Ended::There } else { Ended::Uncaught }
}

/// Notes that the thread is at a place.
pub(crate) fn save(thread: &Thread, frame: &Frame, top: usize) {
    thread.save(frame.pc.wrapping_add(1), frame.fp);
    thread.mutator.stack_top.set(thread.mutator.stack_top.get().max(top));
}

/// The place at which a runtime function has left the thread.
pub(crate) fn place(thread: &Thread) -> (Frame, Ended) {
    let pc = thread.pc.get().wrapping_sub(1);
    let ended = match pc as usize {
        0 => Ended::Uncaught,
        address if address & RAISED != 0 => Ended::Raised,
        _ => Ended::There,
    };
    (Frame { pc: pc.map_addr(|address| address & !RAISED), fp: thread.fp.get() }, ended)
}

/// What the address of an instruction has set where that instruction has raised.
const RAISED: usize = 1;

/// An instruction that a trace leaves to its slow path, and where that led in the recording.
#[repr(C)]
pub(crate) struct Site {
    /// What executes it.
    body: Body,
    pc: *const u64,
    /// The instruction behind it.
    next: *const u64,
    expected_pc: *const u64,
    /// Bytes from the frame before to the frame afterwards.
    moved: isize,
}

impl Site {
    /// The instruction at `before`, which was followed by that at `after`.
    pub(crate) fn new<L: TraceLanguage>(before: Frame, after: Frame) -> Site {
        // SAFETY: the place is one in loaded bytecode.
        let opcode = Instruction(unsafe { *before.pc }).opcode();
        Site {
            body: L::body(opcode),
            pc: before.pc,
            next: before.pc.wrapping_add(1 + L::extension_words(opcode)),
            expected_pc: after.pc,
            moved: after.fp as isize - before.fp as isize,
        }
    }
}

/// Runtime function of traces: executes an instruction of the frame `fp`, with all slots in memory. What the collector must see of the
/// value stack lies below where it looks already.
pub(crate) unsafe extern "sysv64" fn perform<L: TraceLanguage>(
    thread: *mut Thread,
    fp: *mut Value,
    site: &'static Site,
) -> Value {
    // SAFETY: traces pass the running thread, which outlives them.
    let thread = unsafe { &mut *thread };
    thread.pc.set(site.pc.wrapping_add(1));
    thread.fp.set(fp);
    // The trace that called this holds values in its frame and in registers, unlike the interpreter's loop.
    let outer = thread.loop_frame.replace(0);
    let top = thread.mutator.stack_top.get();
    let mut frame = Frame { pc: site.next, fp };
    // SAFETY: the place is one in loaded bytecode.
    let instruction = Instruction(unsafe { *site.pc });
    let mut pc = match (site.body)(thread, &mut frame, site.pc, instruction) {
        Ok(()) => frame.pc,
        Err(Raised) => {
            if frame.fp == fp {
                frame.pc = site.pc;
            }
            unwind_in_trace::<L>(thread, &mut frame, top)
        }
    };
    if thread.transaction.is_doomed() {
        pc = pc.map_addr(|address| address | RAISED);
    }
    thread.pc.set(pc.wrapping_add(1));
    thread.fp.set(frame.fp);
    thread.mutator.stack_top.set(top);
    thread.loop_frame.set(outer);
    let is_expected = pc == site.expected_pc && frame.fp as isize == fp as isize + site.moved;
    if is_expected { EXPECTED } else { ELSEWHERE }
}

#[cold]
fn unwind_in_trace<L: TraceLanguage>(thread: &mut Thread, frame: &mut Frame, top: usize) -> *const u64 {
    match unwind::<L>(thread, frame, top) {
        Ended::There => frame.pc,
        Ended::Raised => frame.pc.map_addr(|address| address | RAISED),
        Ended::Uncaught => std::ptr::null(),
    }
}

/// Runtime function of traces: whether the thread stands at a place.
pub(crate) unsafe extern "sysv64" fn stands_at(thread: *mut Thread, pc: *const u64, fp: *mut Value) -> Value {
    // SAFETY: traces pass the running thread.
    let (there, ended) = place(unsafe { &*thread });
    if there == (Frame { pc, fp }) && ended == Ended::There { EXPECTED } else { ELSEWHERE }
}

/// Runtime function of traces: makes the frame of a loop, which stands at its header with all slots in memory, the base of what runs
/// from now on. It is refused where the value stack may not hold all frames that compiled code enters without looking.
pub(crate) unsafe extern "sysv64" fn enter_loop(thread: *mut Thread, header: *const u64, fp: *mut Value) -> Value {
    // SAFETY: traces pass the running thread.
    let thread = unsafe { &*thread };
    if !has_room(thread, fp) {
        return ELSEWHERE;
    }
    begin(thread, header, fp);
    EXPECTED
}

/// Whether the frames that traces may enter above a base frame fit into the value stack.
pub(crate) fn has_room(thread: &Thread, base: *mut Value) -> bool {
    base.wrapping_add(HIGHEST_SLOT as usize) <= thread.stack_limit.get()
}

/// Notes that compiled code runs from a loop's header in a base frame. Its runtime functions find their arguments below what the
/// collector looks at, and use what is above.
pub(crate) fn begin(thread: &Thread, header: *const u64, base: *mut Value) {
    thread.save(header.wrapping_add(1), base);
    let top = base as usize + 8 * EXTENT as usize;
    thread.mutator.stack_top.set(thread.mutator.stack_top.get().max(top));
}

/// Runtime function of traces: a frame that the thread was left in is gone, and its memory about to be used.
pub(crate) unsafe extern "sysv64" fn move_to(thread: *mut Thread, pc: *const u64, fp: *mut Value) -> Value {
    // SAFETY: traces pass the running thread.
    let thread = unsafe { &*thread };
    save(thread, &Frame { pc, fp }, thread.mutator.stack_top.get());
    EXPECTED
}
