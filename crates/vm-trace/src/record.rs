//! Recording: from a loop's header back to it, or from a hot exit to a compiled loop.

use crate::abort::Abort;
use crate::jit::Jit;
use crate::kept::Kept;
use crate::language::TraceLanguage;
use crate::recorder::{HIGHEST_SLOT, Recorder};
use crate::residual::Ended;
use std::sync::atomic::{AtomicU64, Ordering};
use vm_heap::{ShapeId, Value};
use vm_ir::{Content, End, Op, Ref, SnapshotId, Trace, Type};
use vm_machine::{Flow, Frame, SlowFlow, Thread};

/// Most instructions of a recorded trace.
const MAX_INSTRUCTIONS: usize = 6000;
/// Deepest inlined call.
const MAX_DEPTH: i32 = 24;
/// How often a recording may pass headers of inner loops that have no code.
const MAX_UNROLL: usize = 12;

/// A finished recording.
pub(crate) struct Recording {
    pub(crate) trace: Trace,
    pub(crate) valid: &'static AtomicU64,
    pub(crate) watched: Vec<Value>,
    pub(crate) is_fixed_shape: fn(u32) -> bool,
    /// The loop's version that is to be recorded where a bridge ends.
    pub(crate) version: Option<u32>,
    /// Whether it leaves instructions to their slow paths.
    pub(crate) performs: bool,
}

/// Where a bridge starts.
pub(crate) struct Origin<'a> {
    /// Number of the loop whose tree it belongs to.
    pub(crate) tree: u32,
    /// Whether the guard that failed is one of a value's type.
    pub(crate) typed: bool,
    /// The trace that it leaves.
    pub(crate) trace: &'a Kept,
    /// The state that it leaves with.
    pub(crate) snapshot: SnapshotId,
    /// Its slots.
    pub(crate) slots: &'a [(i32, Content)],
    /// The instructions that it refers to, in the order of [`Trace::live_ins`].
    pub(crate) live_ins: &'a [Ref],
    /// Whether runtime functions may have left the thread in another frame than the base.
    pub(crate) performs: bool,
}

/// What came of a recording, and where the program stands now.
pub(crate) struct Recorded {
    pub(crate) result: Result<Recording, Abort>,
    pub(crate) frame: Frame,
    /// `Raise` where an exception is on its way from the frame's place, `Uncaught` where it has left the interpreter's frames.
    pub(crate) flow: SlowFlow,
}

fn is_fixed_shape<L: TraceLanguage>(shape: u32) -> bool {
    L::is_fixed_shape(ShapeId(shape))
}

/// Records a loop from its header on.
pub(crate) fn root<L: TraceLanguage>(jit: &'static Jit, thread: &mut Thread, frame: Frame) -> Recorded {
    let valid = jit.begin_recording();
    let end = L::loop_end(vm_machine::frame_function(frame.fp), frame.pc);
    let mut recorder = Recorder::<L>::new(thread, frame, frame.fp, valid as *const AtomicU64 as u64);
    run(jit, thread, &mut recorder, valid, Start::Loop { header: frame.pc, end })
}

/// Records from an exit of a trace, whose snapshot has just been written to the value stack.
pub(crate) fn bridge<L: TraceLanguage>(
    jit: &'static Jit,
    thread: &mut Thread,
    frame: Frame,
    base: *mut Value,
    origin: Origin<'_>,
) -> Recorded {
    let valid = jit.begin_recording();
    let mut recorder = Recorder::<L>::new(thread, frame, base, valid as *const AtomicU64 as u64);
    let snapshot = origin.trace.snapshot(origin.snapshot);
    enter_state(&mut recorder, &origin);
    if origin.performs {
        recorder.placed = HIGHEST_SLOT;
    }
    if snapshot.pc == 0 {
        recorder.start_at_place();
    }
    run(jit, thread, &mut recorder, valid, Start::Bridge { tree: origin.tree, typed: origin.typed })
}

/// Makes the live-ins of a bridge from its parent's snapshot.
fn enter_state<L: TraceLanguage>(recorder: &mut Recorder<L>, origin: &Origin) {
    let Origin { trace: parent, slots, live_ins, .. } = *origin;
    let params: Vec<Ref> = live_ins.iter().map(|at| recorder.param(parent.type_of(*at))).collect();
    let boxed: Vec<Ref> = params
        .iter()
        .map(|param| match recorder.trace.type_of(*param) {
            Type::Float => recorder.set_up(Op::BoxFloat, &[*param], 0),
            _ => *param,
        })
        .collect();
    let mut objects: Vec<Option<Ref>> = vec![None; parent.virtuals.len()];
    let mut state = State { parent, live_ins, values: &boxed, objects: &mut objects };
    for (slot, content) in slots {
        let content = match *content {
            Content::FrameAddress(at) => Content::FrameAddress(at),
            other => Content::Ref(state.reference(recorder, other)),
        };
        recorder.set_slot(*slot, content);
    }
    recorder.count_frames();
}

struct State<'a> {
    parent: &'a Kept,
    live_ins: &'a [Ref],
    values: &'a [Ref],
    objects: &'a mut Vec<Option<Ref>>,
}

impl State<'_> {
    fn reference<L: TraceLanguage>(&mut self, recorder: &mut Recorder<L>, content: Content) -> Ref {
        match content {
            Content::Ref(at) => match self.parent.as_constant(at) {
                Some(constant) if constant.ty == Type::Float => {
                    let number = recorder.trace.constant(Type::Float, constant.bits);
                    recorder.set_up(Op::BoxFloat, &[number], 0)
                }
                Some(constant) => recorder.trace.constant(constant.ty, constant.bits),
                None => {
                    let index = self.live_ins.iter().position(|other| *other == at);
                    self.values[index.expect("every reference of a snapshot is a live-in")]
                }
            },
            Content::Virtual(number) => {
                if let Some(object) = self.objects[number as usize] {
                    return object;
                }
                let description = &self.parent.virtuals[number as usize];
                let header = recorder.trace.constant(Type::Word, description.header);
                let object = recorder.set_up(Op::New, &[header], description.size as i64);
                self.objects[number as usize] = Some(object);
                for (offset, field) in &description.fields {
                    let value = self.reference(recorder, *field);
                    let op = if recorder.trace.type_of(value) == Type::Word { Op::StoreWord } else { Op::StoreField };
                    recorder.set_up(op, &[object, value], *offset as i64);
                }
                object
            }
            Content::FrameAddress(_) => unreachable!("objects do not refer to frames"),
        }
    }
}

/// What a recording starts from.
#[derive(Clone, Copy)]
enum Start {
    /// The header of a loop, which reaches up to `end`.
    Loop { header: *const u64, end: *const u64 },
    /// An exit of a trace in the tree of a loop.
    Bridge { tree: u32, typed: bool },
}

/// Runs the program on the recorder until the trace is complete or given up.
fn run<L: TraceLanguage>(
    jit: &'static Jit,
    thread: &mut Thread,
    recorder: &mut Recorder<L>,
    valid: &'static AtomicU64,
    start: Start,
) -> Recorded {
    let start_fp = recorder.frame.fp;
    let mut unrolled = 0;
    let mut steps = 0usize;
    let mut kept_frame = std::ptr::null_mut();
    let finish = |recorder: &mut Recorder<L>, end: End, version: Option<u32>| {
        let mut trace = std::mem::take(&mut recorder.trace);
        trace.end = end;
        Ok(Recording {
            trace,
            valid,
            watched: std::mem::take(&mut recorder.watched),
            is_fixed_shape: is_fixed_shape::<L>,
            version,
            performs: recorder.synced,
        })
    };
    loop {
        let pc = recorder.frame.pc;
        let give_up = |recorder: &Recorder<L>, abort: Abort| Recorded {
            result: Err(abort),
            frame: recorder.frame,
            flow: SlowFlow::Next,
        };
        if let Some(abort) = recorder.abort {
            return give_up(recorder, abort);
        }
        if recorder.trace.insts.len() > MAX_INSTRUCTIONS {
            return give_up(recorder, Abort::TooLong);
        }
        if recorder.depth - recorder.lowest_depth > MAX_DEPTH {
            return give_up(recorder, Abort::TooDeep);
        }
        if valid.load(Ordering::Relaxed) != 0 {
            return give_up(recorder, Abort::Withdrawn);
        }
        if let Start::Loop { header, end } = start
            && recorder.frame.fp == start_fp
            && steps > 0
            && (pc < header || pc >= end)
        {
            return give_up(recorder, Abort::LeftLoop);
        }
        if recorder.frame.fp != kept_frame {
            // Exits of the trace lead to addresses in the code of this frame.
            kept_frame = recorder.frame.fp;
            crate::roots::keep(L::keeper_of_code(vm_machine::frame_function(kept_frame)));
        }
        let instruction = recorder.begin();
        if instruction.opcode() == L::LOOP_HEADER {
            let at_start = matches!(start, Start::Loop { header, .. } if header == pc) && recorder.frame.fp == start_fp;
            if at_start && steps > 0 {
                recorder.forget_left_frames();
                let snapshot = recorder.loop_snapshot();
                let frame = recorder.frame;
                return Recorded { result: finish(recorder, End::Loop(snapshot), None), frame, flow: SlowFlow::Next };
            }
            if !at_start && let Some((_, _, first)) = jit.compiled_loop(pc) {
                recorder.forget_left_frames();
                let frame = recorder.frame;
                let place = recorder.slot_of(frame.fp);
                let snapshot = if place > 0 {
                    recorder.enter_loop()
                } else {
                    recorder.reach(place + vm_machine::frame_size(frame.fp) as i32);
                    recorder.take_snapshot(false)
                };
                if let Some(abort) = recorder.abort {
                    return give_up(recorder, abort);
                }
                let (target, version) = match start {
                    Start::Loop { .. } => (first, None),
                    Start::Bridge { tree, typed } => jit.bridge_target(pc, first, tree, typed && place == 0),
                };
                let end = End::Jump { snapshot, target: target as *const AtomicU64 as u64 };
                return Recorded { result: finish(recorder, end, version), frame, flow: SlowFlow::Next };
            }
            if !at_start {
                unrolled += 1;
                if unrolled > MAX_UNROLL {
                    return give_up(recorder, Abort::InnerLoop);
                }
            }
            if thread.mutator.should_poll() {
                return give_up(recorder, Abort::Polled);
            }
            recorder.poll();
            recorder.advance();
            steps += 1;
            continue;
        }
        match L::execute(recorder, instruction.opcode()) {
            Flow::Next => recorder.advance(),
            Flow::Slow if recorder.retry() => continue,
            flow @ (Flow::Slow | Flow::Raise) => {
                let raised = matches!(flow, Flow::Raise);
                match recorder.abort {
                    None => {}
                    Some(Abort::Raised) => recorder.abort = None,
                    Some(abort) => {
                        let flow = if raised { SlowFlow::Raise } else { SlowFlow::Next };
                        return Recorded { result: Err(abort), frame: recorder.frame, flow };
                    }
                }
                let flow = match recorder.perform(raised) {
                    Ended::There => SlowFlow::Next,
                    Ended::Raised => SlowFlow::Raise,
                    Ended::Uncaught => SlowFlow::Uncaught,
                };
                if flow != SlowFlow::Next {
                    return Recorded { result: Err(Abort::Raised), frame: recorder.frame, flow };
                }
            }
            Flow::Halt | Flow::As(_) => return give_up(recorder, Abort::Halted),
        }
        steps += 1;
    }
}
