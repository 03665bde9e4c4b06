//! Snapshots of the output.
//!
//! A recorded snapshot lists the slots that were written since the start of the recording. In a second turn the slots
//! that the first one wrote are stale in memory as well; they are added with what they hold at the start of the turn
//! (`Rewriter::base`). Lazy boxes are listed as the unboxed float, which the exit boxes, and virtual objects as
//! descriptions, which may refer to each other in cycles.

use crate::facts::Facts;
use crate::hash::Map;
use crate::rewriter::Rewriter;
use vm_ir::{Content, Inst, Op, Ref, Snapshot, SnapshotId, Type, Virtual};

impl Rewriter<'_> {
    /// The output snapshot for a recorded one, as things stand here.
    pub fn snapshot(&mut self, recorded: SnapshotId) -> SnapshotId {
        if recorded == SnapshotId::NONE {
            return SnapshotId::NONE;
        }
        if self.last_snapshot.0 == recorded {
            return self.last_snapshot.1;
        }
        let source = self.source;
        let from = &source.snapshots[recorded.0 as usize];
        let mut described = Map::default();
        let entries = self
            .state_of(recorded)
            .into_iter()
            .map(|(slot, content)| match content {
                Content::Ref(at) => (slot, self.content(at, &mut described)),
                other => (slot, other),
            })
            .collect();
        let made = self.out.add_snapshot(Snapshot { pc: from.pc, frame: from.frame, entries, raise: from.raise });
        self.last_snapshot = (recorded, made);
        made
    }

    /// The slots that differ from memory in a recorded snapshot's state, in ascending order, with output references, which may be
    /// placeholders.
    fn state_of(&self, recorded: SnapshotId) -> Vec<(i32, Content)> {
        let from = &self.source.snapshots[recorded.0 as usize];
        let mut entries = Vec::with_capacity(from.entries.len() + self.base.len());
        let (mut own, mut base) = (0, 0);
        loop {
            let mine = from.entries.get(own).copied();
            let theirs = self.base.get(base).copied();
            let entry = match (mine, theirs) {
                (None, None) => return entries,
                (Some(mine), Some(theirs)) if theirs.0 < mine.0 => theirs,
                (None, Some(theirs)) => theirs,
                (Some((slot, content)), theirs) => {
                    own += 1;
                    let is_stale = theirs.is_some_and(|theirs| theirs.0 == slot) || self.stored_slots.contains(&slot);
                    base += theirs.is_some_and(|theirs| theirs.0 == slot) as usize;
                    match content {
                        // Memory holds it already.
                        Content::Ref(at) if !is_stale && self.is_own_slot(slot, at) => continue,
                        Content::Ref(at) => entries.push((slot, Content::Ref(self.translate(at)))),
                        other => entries.push((slot, other)),
                    }
                    continue;
                }
            };
            entries.push(entry);
            base += 1;
        }
    }

    /// Brings memory up to date: stores what the slots of a recorded snapshot hold. Everything is allocated before anything is stored.
    pub fn sync(&mut self, recorded: SnapshotId) -> Ref {
        let entries = self.state_of(recorded);
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
        self.changed();
        Ref::NONE
    }

    fn content(&mut self, at: Ref, described: &mut Map<Ref, u32>) -> Content {
        let at = self.state.resolve(at);
        if self.state.is_lazy_box(at) {
            return Content::Ref(self.state.resolve(self.out.insts[at.index()].a));
        }
        let Some(object) = self.state.virtual_object(at) else { return Content::Ref(at) };
        if let Some(number) = described.get(&at) {
            return Content::Virtual(*number);
        }
        let number = self.out.virtuals.len() as u32;
        described.insert(at, number);
        let mut fields = object.fields.clone();
        fields.sort_unstable_by_key(|field| field.0);
        let description = Virtual { size: object.size as u32, header: object.header, fields: Vec::new() };
        self.out.virtuals.push(description);
        for (offset, value) in fields {
            let content = self.content(value, described);
            let is_zero = |at: Ref| self.out.as_constant(at).is_some_and(|constant| constant.bits == 0);
            // An unboxed 0.0 has zero bits too, but not as a value.
            let is_zero_word = |at: Ref| is_zero(at) && self.out.type_of(at) != vm_ir::Type::Float;
            if !matches!(content, Content::Ref(at) if is_zero_word(at)) {
                self.out.virtuals[number as usize].fields.push((offset as u32, content));
            }
        }
        Content::Virtual(number)
    }
}
