//! Snapshots of the output.
//!
//! A recorded snapshot lists the slots that were written since the start of the recording. In a second turn the slots
//! that the first one wrote are stale in memory as well; they are added with what they hold at the start of the turn
//! (`Rewriter::base`). Lazy boxes are listed as the unboxed float, which the exit boxes, and virtual objects as
//! descriptions, which may refer to each other in cycles.
//!
//! A state of the output is made from the state made before it: recorded states share the entries of their lower slots, and what
//! was made for those stays good until what one of them holds changes its form.

use crate::facts::Facts;
use crate::rewriter::Rewriter;
use vm_ir::hash::Map;
use vm_ir::{Content, Entry, EntryId, Inst, Op, Ref, Snapshot, SnapshotId, Type, Virtual};

/// What was made for one recorded entry.
struct Step {
    recorded: EntryId,
    /// The output's state up to this slot.
    made: EntryId,
    /// What the slot holds.
    holds: Ref,
    is_virtual: bool,
}

/// The state made last.
#[derive(Default)]
pub(crate) struct States {
    /// Lowest slot first.
    path: Vec<Step>,
    /// Recorded entries still to be passed.
    rest: Vec<EntryId>,
    /// The last snapshot, recorded and made: instructions of one opcode share theirs.
    last: Option<(SnapshotId, SnapshotId)>,
    /// Objects described in the path.
    described: Map<Ref, u32>,
    /// Whether a virtual object has been carried from the turn before into the path.
    has_virtual_base: bool,
}

impl States {
    /// Forgets what was made.
    pub fn clear(&mut self) {
        self.path.clear();
        self.last = None;
        self.described.clear();
        self.has_virtual_base = false;
    }

    fn truncate(&mut self, first: impl FnMut(&Step) -> bool) {
        if let Some(length) = self.path.iter().position(first) {
            self.path.truncate(length);
        }
        self.last = None;
    }

    /// Another reference stands for this one now. (Where a description or a slot carried from the turn before names the old
    /// one, it names the same value.)
    pub fn forwarded(&mut self, at: Ref) {
        self.truncate(|step| step.holds == at);
    }

    /// Some virtual object holds something else, or is none any longer.
    pub fn object_changed(&mut self) {
        if self.has_virtual_base {
            return self.clear();
        }
        self.described.clear();
        self.truncate(|step| step.is_virtual);
    }
}

impl Rewriter<'_> {
    /// The output snapshot for a recorded one, as things stand here.
    pub fn snapshot(&mut self, recorded: SnapshotId) -> SnapshotId {
        if recorded == SnapshotId::NONE {
            return SnapshotId::NONE;
        }
        if let Some((last, made)) = self.states.last
            && last == recorded
        {
            return made;
        }
        let from = self.source.snapshots[recorded.0 as usize];
        let top = self.state_for(from.top);
        let made = self.out.add_snapshot(Snapshot { top, ..from });
        self.states.last = Some((recorded, made));
        made
    }

    /// The output's state for a recorded one.
    fn state_for(&mut self, top: EntryId) -> EntryId {
        let source = self.source;
        let mut at = top;
        // What the last state has in common with this one stays.
        loop {
            while self.states.path.last().is_some_and(|step| at == EntryId::NONE || step.recorded.0 > at.0) {
                self.states.path.pop();
            }
            if at == EntryId::NONE || self.states.path.last().is_some_and(|step| step.recorded == at) {
                break;
            }
            self.states.rest.push(at);
            at = source.entries[at.0 as usize].below;
        }
        let mut made = self.states.path.last().map_or(EntryId::NONE, |step| step.made);
        while let Some(recorded) = self.states.rest.pop() {
            let Entry { slot, content, below } = source.entries[recorded.0 as usize];
            made = self.add_base(self.slot_above(below), slot, made);
            let (holds, content) = match content {
                Content::Ref(at) if self.is_in_memory(slot, at) => (Ref::NONE, None),
                Content::Ref(at) => {
                    let at = self.translate(at);
                    (at, Some(self.content(at)))
                }
                other => (Ref::NONE, Some(other)),
            };
            if let Some(content) = content {
                made = self.out.add_entry(Entry { slot, content, below: made });
            }
            let is_virtual = matches!(content, Some(Content::Virtual(_)));
            self.states.path.push(Step { recorded, made, holds, is_virtual });
        }
        self.add_base(self.slot_above(top), i32::MAX, made)
    }

    /// The lowest slot that lies above a recorded state.
    fn slot_above(&self, top: EntryId) -> i32 {
        if top == EntryId::NONE { i32::MIN } else { self.source.entries[top.0 as usize].slot + 1 }
    }

    /// Adds slots from `first` to before `end` that differ from memory since the start of the turn.
    fn add_base(&mut self, first: i32, end: i32, mut made: EntryId) -> EntryId {
        if self.base.is_empty() {
            return made;
        }
        let start = self.base.partition_point(|(slot, _)| *slot < first);
        for index in start..self.base.len() {
            let (slot, content) = self.base[index];
            if slot >= end {
                break;
            }
            let content = if let Content::Ref(at) = content { self.content(at) } else { content };
            self.states.has_virtual_base |= matches!(content, Content::Virtual(_));
            made = self.out.add_entry(Entry { slot, content, below: made });
        }
        made
    }

    /// Whether a slot holds in memory what a recorded state says.
    fn is_in_memory(&self, slot: i32, at: Ref) -> bool {
        self.is_own_slot(slot, at)
            && !self.stored_slots.contains(&slot)
            && self.base.binary_search_by_key(&slot, |(slot, _)| *slot).is_err()
    }

    /// The slots that differ from memory in a recorded snapshot's state, in ascending order, with output references, which may be
    /// placeholders.
    fn slots_of(&self, recorded: SnapshotId) -> Vec<(i32, Content)> {
        let recorded = self.source.slots(recorded);
        let is_stale = |slot: i32| recorded.binary_search_by_key(&slot, |(slot, _)| *slot).is_err();
        let mut slots: Vec<(i32, Content)> = self.base.iter().copied().filter(|(slot, _)| is_stale(*slot)).collect();
        slots.extend(recorded.iter().filter_map(|(slot, content)| match *content {
            Content::Ref(at) if self.is_in_memory(*slot, at) => None,
            Content::Ref(at) => Some((*slot, Content::Ref(self.translate(at)))),
            other => Some((*slot, other)),
        }));
        slots.sort_unstable_by_key(|(slot, _)| *slot);
        slots
    }

    /// Brings memory up to date: stores what the slots of a recorded snapshot hold. Everything is allocated before anything is stored.
    pub fn sync(&mut self, recorded: SnapshotId) -> Ref {
        let entries = self.slots_of(recorded);
        for (_, content) in &entries {
            if let Content::Ref(at) = content {
                self.real(*at);
            }
        }
        for (slot, content) in entries {
            let at = match content {
                Content::Ref(at) => self.real(at),
                Content::FrameAddress(frame) => {
                    let (none, snapshot, imm) = (Ref::NONE, SnapshotId::NONE, frame as i64);
                    let inst = Inst { op: Op::SlotAddress, ty: Type::Word, a: none, b: none, c: none, snapshot, imm };
                    self.shared(inst, Facts::UNKNOWN)
                }
                Content::Virtual(_) => unreachable!("recorded snapshots describe no objects"),
            };
            self.emit(Op::StoreSlot, at, Ref::NONE, slot as i64, Facts::UNKNOWN);
        }
        self.base.clear();
        self.states.clear();
        Ref::NONE
    }

    /// What an output reference is in snapshots.
    fn content(&mut self, at: Ref) -> Content {
        let at = self.state.resolve(at);
        if self.state.is_lazy_box(at) {
            return Content::Ref(self.state.resolve(self.out.insts[at.index()].a));
        }
        let Some(object) = self.state.virtual_object(at) else { return Content::Ref(at) };
        if let Some(number) = self.states.described.get(&at) {
            return Content::Virtual(*number);
        }
        let number = self.out.virtuals.len() as u32;
        self.states.described.insert(at, number);
        let mut fields = object.fields.clone();
        fields.sort_unstable_by_key(|field| field.0);
        let description = Virtual { size: object.size as u32, header: object.header, fields: Vec::new() };
        self.out.virtuals.push(description);
        for (offset, value) in fields {
            let content = self.content(value);
            let is_zero = |at: Ref| self.out.as_constant(at).is_some_and(|constant| constant.bits == 0);
            // An unboxed 0.0 has zero bits too, but not as a value.
            let is_zero_word = |at: Ref| is_zero(at) && self.out.type_of(at) != Type::Float;
            if !matches!(content, Content::Ref(at) if is_zero_word(at)) {
                self.out.virtuals[number as usize].fields.push((offset as u32, content));
            }
        }
        Content::Virtual(number)
    }
}
