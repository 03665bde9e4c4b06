//! Recording what is left to slow paths (see `residual`): memory is brought up to date before, and what the trace knew of slots
//! is forgotten after.

use super::{EXTENT, LOWEST_SLOT, Recorder, Slot, Start};
use crate::abort::Abort;
use crate::language::TraceLanguage;
use crate::residual::{self, Ended, Site};
use vm_heap::Value;
use vm_ir::{Call, Content, Effects, EntryId, Op, Ref, Snapshot, SnapshotId, Type};
use vm_machine::Instruction;

/// Deepest recursion by residual instructions.
const MOST_RECURSIONS: usize = 2;
/// How many frames a residual instruction may leave.
const MOST_CALLERS: usize = 64;

impl<L: TraceLanguage> Recorder<L> {
    /// Takes the running instruction back: the program and the trace stand where they stood before it.
    fn take_back(&mut self) {
        for (slot, old, now) in std::mem::take(&mut self.log).into_iter().rev() {
            self.put_slot(slot, old);
            // SAFETY: recorded slots lie inside the value stack.
            unsafe { *self.base.offset(slot as isize) = now };
        }
        let Start { fp, depth, lowest_depth, mark } = self.start;
        self.frame.fp = fp;
        (self.depth, self.lowest_depth) = (depth, lowest_depth);
        self.trace.go_back(&mark);
        self.outer = None;
        // Guards that taught something may be gone.
        self.facts.clear();
        for slot in &mut self.slots {
            if matches!(slot, Slot::Loaded(at) if !at.is_constant() && at.index() >= mark.insts) {
                *slot = if self.synced { Slot::Synced } else { Slot::Memory };
            }
        }
        self.snapshot = None;
        self.done = false;
    }

    /// Brings memory up to date.
    fn sync(&mut self) {
        let snapshot = self.take_snapshot(false);
        self.trace.emit(Op::Sync, &[], 0, snapshot);
        self.forget_slots();
        self.synced = true;
    }

    /// Executes the running instruction, which has no path that can be recorded, by its slow path; or where it `raised` in the
    /// attempt, goes on at the handler.
    pub(crate) fn perform(&mut self, raised: bool) -> Ended {
        self.take_back();
        // What the slow path calls lies above what the collector sees.
        self.reach(self.slot_of(self.frame.fp) + vm_machine::frame_size(self.frame.fp) as i32);
        if self.abort.is_some() {
            return if raised { Ended::Raised } else { Ended::There };
        }
        if !raised && !L::may_perform(&self.frame, Instruction(self.word)) {
            self.abort.get_or_insert(Abort::SlowPath);
            return Ended::There;
        }
        self.sync();
        let (before, mut after) = (self.frame, self.frame);
        let callers: Vec<*mut Value> = callers(before.fp).take(MOST_CALLERS).collect();
        // SAFETY: the thread outlives its recorder.
        let thread = unsafe { &mut *self.thread };
        let table = thread.table.get();
        let ended = match raised {
            true => residual::unwind::<L>(thread, &mut after, 0),
            false => residual::execute::<L>(thread, &mut after, 0),
        };
        self.frame = after;
        if ended != Ended::There {
            return ended;
        }
        residual::save(thread, &after, 0);
        if thread.table.get() != table {
            self.abort.get_or_insert(Abort::Withdrawn);
            return ended;
        }
        if after == before {
            // An inline cache has been filled, and the fast path applies.
            if std::mem::replace(&mut self.refilled, true) {
                self.abort.get_or_insert(Abort::SlowPath);
            }
            return ended;
        }
        (self.retried, self.refilled) = (false, false);
        let Some((left, entered)) = callers_between(&callers, after.fp) else {
            self.abort.get_or_insert(Abort::LeftBase);
            return ended;
        };
        if after.pc == vm_machine::halt_address() || !self.is_in_reach(after.fp) {
            self.abort.get_or_insert(Abort::LeftBase);
            return ended;
        }
        if entered > 0 && self.recursions(after.fp) >= MOST_RECURSIONS {
            self.abort.get_or_insert(Abort::TooDeep);
            return ended;
        }
        self.lowest_depth = self.lowest_depth.min(self.depth - left);
        self.depth += entered - left;
        let thread = self.emit(Op::Thread, &[], 0);
        let slot = self.slot_of(before.fp);
        let fp = self.emit(Op::SlotAddress, &[], slot as i64);
        let site: &'static Site = Box::leak(Box::new(Site::new::<L>(before, after)));
        let site = self.word_constant(site as *const Site as u64);
        let address = residual::perform::<L> as *const () as u64;
        self.expect_place(Call { name: "perform", address, arguments: vec![thread, fp, site], effects: Effects::ANY });
        self.recheck = true;
        ended
    }

    /// How many of the frames that the trace has entered return to where a frame does.
    fn recursions(&self, fp: *mut Value) -> usize {
        let back = vm_machine::return_address(fp);
        let inner = callers(fp).skip(1).take_while(|caller| *caller > self.base);
        inner.filter(|caller| vm_machine::return_address(*caller) == back).count()
    }

    /// Whether a frame's slots are ones that the trace may refer to.
    fn is_in_reach(&self, fp: *mut Value) -> bool {
        let offset = (fp as isize - self.base as isize) / 8;
        (LOWEST_SLOT as isize + 64..EXTENT as isize - vm_machine::frame_size(fp) as isize).contains(&offset)
    }

    /// Calls a function that says whether the thread stands where the program stands now, with all slots in memory.
    fn expect_place(&mut self, call: Call) {
        let at = self.trace.emit_call(call, Type::Value);
        let expected = self.trace.constant(Type::Value, residual::EXPECTED.bits());
        let snapshot = self.trace.add_snapshot(Snapshot { pc: 0, frame: 0, top: EntryId::NONE, raise: false });
        self.trace.emit(Op::GuardSame, &[at, expected], 0, snapshot);
        self.placed = self.slot_of(self.frame.fp);
    }

    /// Starts a bridge from where a runtime function has left the thread, which must be where it is now.
    pub(crate) fn start_at_place(&mut self) {
        if !self.is_in_reach(self.frame.fp) {
            self.abort.get_or_insert(Abort::TooManySlots);
            return;
        }
        let slot = self.slot_of(self.frame.fp);
        let thread = self.emit(Op::Thread, &[], 0);
        let pc = self.word_constant(self.frame.pc as u64);
        let fp = self.emit(Op::SlotAddress, &[], slot as i64);
        let address = residual::stands_at as *const () as u64;
        self.expect_place(Call {
            name: "stands_at",
            address,
            arguments: vec![thread, pc, fp],
            effects: Effects::READS,
        });
    }

    /// Before memory of frames that were left is used again: where the thread was left in one of them, it must not look for it there.
    pub(crate) fn forget_left_frames(&mut self) {
        let (mut fp, mut pc) = (self.frame.fp, self.frame.pc);
        if self.placed <= self.slot_of(fp) {
            return;
        }
        // Frames whose header is not in memory yet don't count.
        while self.is_written(self.slot_of(fp) - 1) {
            pc = vm_machine::return_address(fp).wrapping_sub(1);
            fp = vm_machine::caller_frame(fp);
        }
        self.placed = self.slot_of(fp);
        let thread = self.emit(Op::Thread, &[], 0);
        let pc = self.word_constant(pc as u64);
        let fp = self.emit(Op::SlotAddress, &[], self.placed as i64);
        let address = residual::move_to as *const () as u64;
        let call = Call { name: "move_to", address, arguments: vec![thread, pc, fp], effects: Effects::READS };
        self.trace.emit_call(call, Type::None);
    }

    /// At the header of a compiled loop in a frame above the base, which becomes the base. Yields the state there.
    pub(crate) fn enter_loop(&mut self) -> SnapshotId {
        self.sync();
        let snapshot = self.take_snapshot(false);
        let thread = self.emit(Op::Thread, &[], 0);
        let pc = self.word_constant(self.frame.pc as u64);
        let slot = self.slot_of(self.frame.fp);
        let fp = self.emit(Op::SlotAddress, &[], slot as i64);
        let address = residual::enter_loop as *const () as u64;
        let call = Call { name: "enter_loop", address, arguments: vec![thread, pc, fp], effects: Effects::READS };
        let entered = self.trace.emit_call(call, Type::Value);
        let expected = self.trace.constant(Type::Value, residual::EXPECTED.bits());
        self.trace.emit(Op::GuardSame, &[entered, expected], 0, snapshot);
        snapshot
    }

    /// The state at the end of a loop, which names every slot that the next turn will read as it was in the beginning.
    pub(crate) fn loop_snapshot(&mut self) -> SnapshotId {
        let mut read: Vec<(i32, Ref)> = Vec::new();
        if self.synced {
            let slots: Vec<i32> =
                self.trace.insts.iter().filter(|inst| inst.op == Op::Slot).map(|inst| inst.imm as i32).collect();
            for slot in slots {
                if !self.is_written(slot) {
                    let traced = self.get_slot(slot, Value::from_bits(0));
                    read.push((slot, traced.ir));
                }
            }
        }
        let mut slots = self.all_live_slots();
        slots.extend(read.into_iter().map(|(slot, ir)| (slot, Content::Ref(ir))));
        slots.sort_unstable_by_key(|(slot, _)| *slot);
        slots.dedup_by_key(|(slot, _)| *slot);
        self.add_snapshot(0, &slots, false)
    }
}

/// A frame and those that wait for it.
fn callers(fp: *mut Value) -> impl Iterator<Item = *mut Value> {
    std::iter::successors(Some(fp), |fp| Some(vm_machine::caller_frame(*fp)).filter(|caller| !caller.is_null()))
}

/// How many of the frames `before` were left, and how many entered, on the way to a frame.
fn callers_between(before: &[*mut Value], after: *mut Value) -> Option<(i32, i32)> {
    callers(after)
        .take(MOST_CALLERS)
        .enumerate()
        .find_map(|(entered, fp)| Some((before.iter().position(|other| *other == fp)? as i32, entered as i32)))
}
