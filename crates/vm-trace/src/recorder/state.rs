//! What the slots of the value stack hold in terms of the trace, and the snapshots of it.

use super::{HIGHEST_SLOT, LOWEST_SLOT, Recorder, Traced};
use crate::abort::Abort;
use crate::language::TraceLanguage;
use vm_heap::Value;
use vm_ir::{Content, Op, Ref, Snapshot, SnapshotId};
use vm_machine::FRAME_HEADER;

/// What a slot holds, as far as the trace knows.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Slot {
    /// Nothing known: what memory holds.
    Memory,
    /// What memory holds after the trace has brought it up to date.
    Synced,
    /// Loaded from memory and not changed.
    Loaded(Ref),
    /// Written by the trace.
    Written(Content),
}

/// The part of a state that belongs to frames below the present one.
#[derive(Clone, Copy)]
pub(super) struct Outer {
    /// The present frame.
    fp: *mut Value,
    /// How many entries they have.
    count: usize,
}

/// The slots of one frame, or of what lies below all frames that are looked at.
#[derive(Clone, Copy)]
struct Region {
    start: i32,
    end: i32,
    /// The frame's first register, and which registers are live; all where it is `None`.
    first: i32,
    live: Option<&'static [u64]>,
}

/// Vectors that serve one snapshot after the other.
#[derive(Default)]
pub(super) struct Buffers {
    regions: Vec<Region>,
    slots: Vec<(i32, Content)>,
}

impl<L: TraceLanguage> Recorder<L> {
    pub(super) fn index(&mut self, slot: i32) -> Option<usize> {
        if (LOWEST_SLOT..HIGHEST_SLOT).contains(&slot) {
            let index = (slot - LOWEST_SLOT) as usize;
            if index >= self.slots.len() {
                let untouched = if self.synced { Slot::Synced } else { Slot::Memory };
                self.slots.resize(index + 256, untouched);
            }
            Some(index)
        } else {
            self.abort.get_or_insert(Abort::TooManySlots);
            None
        }
    }

    pub(super) fn get_slot(&mut self, slot: i32, now: Value) -> Traced {
        let Some(index) = self.index(slot) else { return self.traced_constant(now) };
        let ir = match self.slots[index] {
            Slot::Loaded(ir) | Slot::Written(Content::Ref(ir)) => ir,
            unknown @ (Slot::Memory | Slot::Synced) => {
                let op = if unknown == Slot::Memory { Op::Slot } else { Op::LoadSlot };
                let ir = self.emit(op, &[], slot as i64);
                self.slots[index] = Slot::Loaded(ir);
                ir
            }
            Slot::Written(_) => {
                self.abort.get_or_insert(Abort::FrameWord);
                return self.traced_constant(now);
            }
        };
        Traced { now, ir }
    }

    pub(crate) fn set_slot(&mut self, slot: i32, content: Content) {
        let Some(index) = self.index(slot) else { return };
        let old = self.slots[index];
        // SAFETY: recorded slots lie inside the value stack.
        self.log.push((slot, old, unsafe { *self.base.offset(slot as isize) }));
        self.put_slot(slot, Slot::Written(content));
    }

    /// Changes what is known of a slot that has been used before.
    pub(super) fn put_slot(&mut self, slot: i32, now: Slot) {
        let index = (slot - LOWEST_SLOT) as usize;
        let bit = 1 << (index % 64);
        match now {
            Slot::Written(_) => self.written[index / 64] |= bit,
            Slot::Memory | Slot::Synced | Slot::Loaded(_) => self.written[index / 64] &= !bit,
        }
        self.slots[index] = now;
        if let Some(outer) = self.outer
            && slot < self.slot_of(outer.fp) - FRAME_HEADER as i32
        {
            self.outer = None;
        }
    }

    /// Whether the trace has written a slot.
    pub(super) fn is_written(&self, slot: i32) -> bool {
        let index = (slot - LOWEST_SLOT) as usize;
        (LOWEST_SLOT..HIGHEST_SLOT).contains(&slot) && self.written[index / 64] >> (index % 64) & 1 != 0
    }

    /// All slots are in memory as the trace knows them.
    pub(super) fn forget_slots(&mut self) {
        self.slots.fill(Slot::Synced);
        self.written.fill(0);
        self.outer = None;
    }

    /// Undoes what the running instruction has written.
    pub(super) fn undo(&mut self) {
        for (slot, old, _) in std::mem::take(&mut self.log).into_iter().rev() {
            self.put_slot(slot, old);
        }
    }

    /// The state before the running instruction.
    pub(super) fn snapshot(&mut self) -> SnapshotId {
        if let Some(snapshot) = self.snapshot {
            return snapshot;
        }
        let id = self.take_snapshot(false);
        self.snapshot = Some(id);
        id
    }

    /// The state before the running instruction, for going on with it or for unwinding from it.
    pub(crate) fn take_snapshot(&mut self, raise: bool) -> SnapshotId {
        let kept = self.live_slots();
        let slots = std::mem::take(&mut self.buffers.slots);
        let id = self.add_snapshot(kept, &slots, raise);
        self.buffers.slots = slots;
        id
    }

    /// A snapshot of the first `kept` slots of the one taken before, and others above.
    pub(super) fn add_snapshot(&mut self, kept: usize, slots: &[(i32, Content)], raise: bool) -> SnapshotId {
        let (pc, frame) = (self.frame.pc as u64, self.slot_of(self.frame.fp));
        let top = self.trace.extend_state(kept, slots);
        self.trace.add_snapshot(Snapshot { pc, frame, top, raise })
    }

    /// All slots of the state before the running instruction.
    pub(super) fn all_live_slots(&mut self) -> Vec<(i32, Content)> {
        self.outer = None;
        self.live_slots();
        self.outer = None;
        self.buffers.slots.clone()
    }

    /// Puts what the state before the running instruction consists of into `buffers.slots`, lowest slot first. Where the frames
    /// below the present one have not changed since the last snapshot, their slots are left out, and their number is returned.
    fn live_slots(&mut self) -> usize {
        let log = std::mem::take(&mut self.log);
        let now: Vec<Slot> = log.iter().map(|(slot, ..)| self.slots[(*slot - LOWEST_SLOT) as usize]).collect();
        for (slot, old, _) in log.iter().rev() {
            self.put_slot(*slot, *old);
        }
        let kept = self.collect_slots();
        for ((slot, ..), now) in log.iter().zip(now) {
            self.put_slot(*slot, now);
        }
        self.log = log;
        kept
    }

    fn collect_slots(&mut self) -> usize {
        let mut buffers = std::mem::take(&mut self.buffers);
        buffers.slots.clear();
        let present = self.region(self.frame.fp, self.frame.pc, HIGHEST_SLOT);
        let kept = match self.outer.filter(|outer| outer.fp == self.frame.fp) {
            Some(outer) => outer.count,
            None => {
                self.collect_outer(&mut buffers, present.start);
                self.outer = Some(Outer { fp: self.frame.fp, count: buffers.slots.len() });
                0
            }
        };
        self.collect_region(&mut buffers.slots, present);
        self.buffers = buffers;
        kept
    }

    /// Collects the slots below the present frame.
    fn collect_outer(&mut self, buffers: &mut Buffers, mut end: i32) {
        let mut fp = self.frame.fp;
        buffers.regions.clear();
        while self.has_written_below(end) {
            let pc = vm_machine::return_address(fp);
            fp = vm_machine::caller_frame(fp);
            if fp.is_null() || self.slot_of(fp) < LOWEST_SLOT {
                buffers.regions.push(Region { start: LOWEST_SLOT, end, first: end, live: None });
                break;
            }
            let region = self.region(fp, pc, end);
            end = region.start;
            buffers.regions.push(region);
        }
        while let Some(region) = buffers.regions.pop() {
            self.collect_region(&mut buffers.slots, region);
        }
    }

    /// The slots of a frame with its header, below `end`.
    fn region(&self, fp: *mut Value, pc: *const u64, end: i32) -> Region {
        let first = self.slot_of(fp);
        let live = L::live_registers(vm_machine::frame_function(fp), pc);
        Region { start: first - FRAME_HEADER as i32, end, first, live }
    }

    fn has_written_below(&self, end: i32) -> bool {
        let index = (end - LOWEST_SLOT).max(0) as usize;
        let (whole, rest) = (index / 64, index % 64);
        self.written[..whole].iter().any(|word| *word != 0) || rest != 0 && self.written[whole] & ((1 << rest) - 1) != 0
    }

    /// Adds the written slots of a region, but for registers that nobody will read.
    fn collect_region(&self, slots: &mut Vec<(i32, Content)>, region: Region) {
        let (start, end) = ((region.start - LOWEST_SLOT).max(0) as usize, (region.end - LOWEST_SLOT) as usize);
        let end = end.min(self.slots.len());
        let mut at = start;
        while at < end {
            let bits = self.written[at / 64] >> (at % 64);
            if bits == 0 {
                at = (at / 64 + 1) * 64;
                continue;
            }
            at += bits.trailing_zeros() as usize;
            if at >= end {
                break;
            }
            let slot = at as i32 + LOWEST_SLOT;
            let is_live = |live: &[u64]| {
                let register = (slot - region.first) as usize;
                slot < region.first || live.get(register / 64).is_some_and(|word| word >> (register % 64) & 1 != 0)
            };
            if region.live.is_none_or(is_live)
                && let Slot::Written(content) = self.slots[at]
            {
                slots.push((slot, content));
            }
            at += 1;
        }
    }

    /// The state behind the running instruction where it leads to `pc`, with `value` in a register if it is `written` there.
    pub(super) fn snapshot_behind(&mut self, pc: *const u64, written: Option<usize>, value: Traced) -> SnapshotId {
        let log = std::mem::take(&mut self.log);
        if let Some(register) = written {
            let slot = self.slot_of(self.frame.fp) + register as i32;
            self.set_slot(slot, Content::Ref(value.ir));
        }
        let own = std::mem::replace(&mut self.frame.pc, pc);
        // What was written for this snapshot alone is undone; what the instruction wrote before stays in the state.
        let undone = std::mem::take(&mut self.log);
        let snapshot = self.take_snapshot(false);
        self.frame.pc = own;
        self.log = undone;
        self.undo();
        self.log = log;
        snapshot
    }
}
