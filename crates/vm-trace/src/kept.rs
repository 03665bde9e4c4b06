//! What is kept of a trace once it is compiled: what leaving it and recording bridges from it need.
//!
//! Most of a trace's memory are the snapshots of its guards. They and the entries of their states are kept as bytes: each as what
//! differs from the one before, with places to begin at.

use vm_ir::{
    Constant, Content, End, Entry, EntryId, Inst, Op, Ref, Snapshot, SnapshotId, Trace, Type, Virtual, visit_state,
};

/// See the module's head.
pub(crate) struct Kept {
    /// What each instruction does, and the type of its result.
    insts: Box<[(Op, Type)]>,
    /// The constants.
    pub constants: Box<[Constant]>,
    /// The objects that exits allocate.
    pub virtuals: Box<[Virtual]>,
    /// How the trace ends.
    pub end: End,
    snapshots: Records,
    entries: Records,
}

impl Kept {
    /// Keeps what is needed of a trace.
    pub fn new(trace: Trace) -> Kept {
        let virtuals = trace.virtuals.into_iter().map(|mut object| {
            object.fields.shrink_to_fit();
            object
        });
        Kept {
            insts: trace.insts.iter().map(|Inst { op, ty, .. }| (*op, *ty)).collect(),
            constants: trace.constants.into(),
            virtuals: virtuals.collect(),
            end: trace.end,
            snapshots: Records::new(trace.snapshots.iter().map(|Snapshot { pc, frame, top, raise }| {
                [*pc, folded((*frame).into()) << 1 | u64::from(*raise), number_of_entry(*top)]
            })),
            entries: Records::new(trace.entries.iter().map(|Entry { slot, content, below }| {
                [i64::from(*slot) as u64, number_of(*content), number_of_entry(*below)]
            })),
        }
    }

    /// What the instruction with a number does; none at the trace's end.
    pub fn op(&self, instruction: u32) -> Option<Op> {
        self.insts.get(instruction as usize).map(|(op, _)| *op)
    }

    /// The constant behind a reference, if it is one.
    pub fn as_constant(&self, at: Ref) -> Option<Constant> {
        at.is_constant().then(|| self.constants[at.index()])
    }

    /// The type of a reference.
    pub fn type_of(&self, at: Ref) -> Type {
        self.as_constant(at).map_or_else(|| self.insts[at.index()].1, |constant| constant.ty)
    }

    /// A snapshot.
    pub fn snapshot(&self, id: SnapshotId) -> Snapshot {
        let [pc, frame, top] = self.snapshots.get(id.0 as usize);
        Snapshot { pc, frame: unfolded(frame >> 1) as i32, top: entry_of(top), raise: frame & 1 != 0 }
    }

    /// The slots of a state, lowest first.
    pub fn slots(&self, top: EntryId) -> Vec<(i32, Content)> {
        let (mut slots, mut at) = (Vec::new(), top);
        while at != EntryId::NONE {
            let [slot, content, below] = self.entries.get(at.0 as usize);
            slots.push((slot as i32, content_of(content)));
            at = entry_of(below);
        }
        slots.reverse();
        slots
    }

    /// The references of a state and the virtual objects in it, as [`visit_state`] finds them.
    pub fn references(&self, slots: &[(i32, Content)]) -> (Vec<Ref>, Vec<u32>) {
        let (mut refs, mut met) = (Vec::new(), Vec::new());
        visit_state(slots.iter().rev().map(|(_, content)| *content), &self.virtuals, &mut met, |at| refs.push(at));
        (refs, met)
    }
}

/// An entry's number plus one, or 0 for none.
fn number_of_entry(id: EntryId) -> u64 {
    id.0.wrapping_add(1).into()
}

fn entry_of(number: u64) -> EntryId {
    EntryId((number as u32).wrapping_sub(1))
}

const INSTRUCTION: u64 = 0;
const CONSTANT: u64 = 1;
const VIRTUAL: u64 = 2;
const FRAME_ADDRESS: u64 = 3;
/// Bits of a number that say what kind of content it is.
const KIND_BITS: u32 = 2;

/// What a slot holds as one number.
fn number_of(content: Content) -> u64 {
    let (kind, number) = match content {
        Content::Ref(at) if at.is_constant() => (CONSTANT, at.index() as u64),
        Content::Ref(at) => (INSTRUCTION, at.index() as u64),
        Content::Virtual(number) => (VIRTUAL, number.into()),
        Content::FrameAddress(slot) => (FRAME_ADDRESS, folded(slot.into())),
    };
    number << KIND_BITS | kind
}

fn content_of(number: u64) -> Content {
    let rest = number >> KIND_BITS;
    match number & ((1 << KIND_BITS) - 1) {
        INSTRUCTION => Content::Ref(Ref::instruction(rest as usize)),
        CONSTANT => Content::Ref(Ref::constant(rest as usize)),
        VIRTUAL => Content::Virtual(rest as u32),
        _ => Content::FrameAddress(unfolded(rest) as i32),
    }
}

/// A signed number as one that is small where it is near zero.
fn folded(number: i64) -> u64 {
    (number << 1 ^ number >> 63) as u64
}

fn unfolded(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

/// How many records are read from one place on.
const GROUP: usize = 8;

/// Records of three numbers each, as bytes.
struct Records {
    bytes: Box<[u8]>,
    /// Where each group begins.
    groups: Box<[u32]>,
}

impl Records {
    fn new(records: impl Iterator<Item = [u64; 3]>) -> Records {
        let (mut bytes, mut groups, mut before) = (Vec::new(), Vec::new(), [0; 3]);
        for (index, record) in records.enumerate() {
            if index % GROUP == 0 {
                groups.push(bytes.len() as u32);
                before = [0; 3];
            }
            for (number, before) in record.iter().zip(before) {
                let mut rest = folded(number.wrapping_sub(before) as i64);
                while rest >= 0x80 {
                    bytes.push(rest as u8 | 0x80);
                    rest >>= 7;
                }
                bytes.push(rest as u8);
            }
            before = record;
        }
        Records { bytes: bytes.into(), groups: groups.into() }
    }

    fn get(&self, index: usize) -> [u64; 3] {
        let mut bytes = self.bytes[self.groups[index / GROUP] as usize..].iter();
        let mut record = [0u64; 3];
        for _ in 0..=index % GROUP {
            for number in &mut record {
                let (mut difference, mut shift) = (0, 0);
                for byte in bytes.by_ref() {
                    difference |= u64::from(byte & 0x7f) << shift;
                    shift += 7;
                    if *byte < 0x80 {
                        break;
                    }
                }
                *number = number.wrapping_add(unfolded(difference) as u64);
            }
        }
        record
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_read_back() {
        let records: Vec<[u64; 3]> = (0..100u64).map(|n| [(n * n) << 40, u64::MAX - n, (n % 7) << (n % 64)]).collect();
        let kept = Records::new(records.iter().copied());
        for (index, record) in records.iter().enumerate() {
            assert_eq!(kept.get(index), *record);
        }
    }

    #[test]
    fn states_read_back() {
        let mut trace = Trace::new();
        let one = trace.constant(Type::Value, 4);
        let contents =
            [Content::Ref(one), Content::FrameAddress(-30), Content::Virtual(0), Content::Ref(Ref::instruction(0))];
        trace.emit(Op::Slot, &[], 3, SnapshotId::NONE);
        trace.virtuals.push(Virtual { size: 16, header: 1, fields: vec![(8, Content::Ref(Ref::instruction(0)))] });
        for n in 0..40 {
            let slots: Vec<(i32, Content)> =
                (0..n % 9).map(|slot| (slot * 2 - 6, contents[(slot + n / 9) as usize % 4])).collect();
            let top = trace.add_state(&slots);
            trace.add_snapshot(Snapshot { pc: 0x7f00_0000 + 8 * n as u64, frame: 3 - n, top, raise: n % 3 == 0 });
        }
        let kept = Kept::new(trace.clone());
        for n in 0..40 {
            let id = SnapshotId(n);
            assert_eq!(kept.snapshot(id), trace.snapshots[n as usize]);
            assert_eq!(kept.slots(kept.snapshot(id).top), trace.slots(id));
            let (mut refs, mut met) = (Vec::new(), Vec::new());
            trace.visit_snapshot(id, &mut met, |at| refs.push(at));
            assert_eq!(kept.references(&trace.slots(id)), (refs, met));
        }
    }
}
