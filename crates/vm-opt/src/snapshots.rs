//! Snapshots of the output.
//!
//! A recorded snapshot lists the slots that were written since the start of the recording. In a second turn the slots
//! that the first one wrote are stale in memory as well; they are added with what they hold at the start of the turn
//! (`Rewriter::base`). Lazy boxes are listed as the unboxed float, which the exit boxes, and virtual objects as
//! descriptions, which may refer to each other in cycles.

use crate::hash::Map;
use crate::rewriter::Rewriter;
use vm_ir::{Content, Ref, Snapshot, SnapshotId, Virtual};

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
        let mut entries = Vec::with_capacity(from.entries.len() + self.base.len());
        let (mut own, mut base) = (0, 0);
        loop {
            let mut is_stale = false;
            let next = match (from.entries.get(own), self.base.get(base)) {
                (Some(mine), Some(theirs)) if theirs.0 < mine.0 => None,
                (None, Some(_)) => None,
                (Some(mine), theirs) => {
                    is_stale = theirs.is_some_and(|theirs| theirs.0 == mine.0) || self.stored_slots.contains(&mine.0);
                    base += theirs.is_some_and(|theirs| theirs.0 == mine.0) as usize;
                    Some(*mine)
                }
                (None, None) => break,
            };
            match next {
                // Memory holds it already.
                Some((slot, Content::Ref(at))) if !is_stale && self.is_own_slot(slot, at) => own += 1,
                Some((slot, Content::Ref(at))) => {
                    let at = self.translate(at);
                    entries.push((slot, self.content(at, &mut described)));
                    own += 1;
                }
                Some(other) => {
                    entries.push(other);
                    own += 1;
                }
                None => {
                    let (slot, content) = self.base[base];
                    let content = match content {
                        Content::Ref(at) => self.content(at, &mut described),
                        other => other,
                    };
                    entries.push((slot, content));
                    base += 1;
                }
            }
        }
        let made = self.out.add_snapshot(Snapshot { pc: from.pc, frame: from.frame, entries, raise: from.raise });
        self.last_snapshot = (recorded, made);
        made
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
