//! What is kept of a trace once it is compiled: what leaving it and recording bridges from it need.
//!
//! Most of a trace's memory are the snapshots of its guards, and one differs from the next in few slots. They are kept as bytes: every
//! eighth as a whole, the others as what changes.

use vm_ir::{Constant, Content, End, Inst, Op, Ref, Snapshot, SnapshotId, Trace, Type, Virtual};

/// How many snapshots have a whole one in common.
const GROUP: usize = 8;

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
    snapshots: Box<[u8]>,
    /// Where each group of snapshots begins.
    groups: Box<[u32]>,
}

impl Kept {
    /// Keeps what is needed of a trace.
    pub fn new(trace: Trace) -> Kept {
        let (snapshots, groups) = encode(&trace.snapshots);
        let virtuals = trace.virtuals.into_iter().map(|mut object| {
            object.fields.shrink_to_fit();
            object
        });
        Kept {
            insts: trace.insts.iter().map(|Inst { op, ty, .. }| (*op, *ty)).collect(),
            constants: trace.constants.into(),
            virtuals: virtuals.collect(),
            end: trace.end,
            snapshots,
            groups,
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
        let (group, number) = (id.0 as usize / GROUP, id.0 as usize % GROUP);
        let mut reader = Reader(&self.snapshots[self.groups[group] as usize..]);
        let mut snapshot = FIRST;
        (0..=number).for_each(|_| reader.change(&mut snapshot));
        snapshot
    }
}

/// What the first snapshot of a group is told as a change of.
const FIRST: Snapshot = Snapshot { pc: 0, frame: 0, entries: Vec::new(), raise: false };

const GONE: u64 = 0;
const INSTRUCTION: u64 = 1;
const CONSTANT: u64 = 2;
const VIRTUAL: u64 = 3;
const FRAME_ADDRESS: u64 = 4;
/// Bits of a number that say what kind of content it is.
const KIND_BITS: u32 = 3;

/// What a slot holds as one number.
fn number_of(content: Option<Content>) -> u64 {
    let (kind, number) = match content {
        None => (GONE, 0),
        Some(Content::Ref(at)) if at.is_constant() => (CONSTANT, at.index() as u64),
        Some(Content::Ref(at)) => (INSTRUCTION, at.index() as u64),
        Some(Content::Virtual(number)) => (VIRTUAL, number.into()),
        Some(Content::FrameAddress(slot)) => (FRAME_ADDRESS, folded(slot.into())),
    };
    number << KIND_BITS | kind
}

fn content_of(number: u64) -> Option<Content> {
    let rest = number >> KIND_BITS;
    Some(match number & ((1 << KIND_BITS) - 1) {
        GONE => return None,
        INSTRUCTION => Content::Ref(Ref::instruction(rest as usize)),
        CONSTANT => Content::Ref(Ref::constant(rest as usize)),
        VIRTUAL => Content::Virtual(rest as u32),
        _ => Content::FrameAddress(unfolded(rest) as i32),
    })
}

/// A signed number as one that is small where it is near zero.
fn folded(number: i64) -> u64 {
    (number << 1 ^ number >> 63) as u64
}

fn unfolded(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn encode(snapshots: &[Snapshot]) -> (Box<[u8]>, Box<[u32]>) {
    let (mut bytes, mut groups, mut changes) = (Vec::new(), Vec::new(), Vec::new());
    for (number, snapshot) in snapshots.iter().enumerate() {
        let before = if number % GROUP == 0 {
            groups.push(bytes.len() as u32);
            &FIRST
        } else {
            &snapshots[number - 1]
        };
        changes.clear();
        let (mut old, mut new) = (before.entries.iter().peekable(), snapshot.entries.iter().peekable());
        loop {
            match (old.peek(), new.peek()) {
                (None, None) => break,
                (Some((slot, _)), after) if after.is_none_or(|(after, _)| slot < after) => {
                    changes.push((*slot, None));
                    old.next();
                }
                (before, Some((slot, content))) => {
                    let same = before.is_some_and(|(before, _)| before == slot);
                    if !same || before.is_some_and(|(_, before)| before != content) {
                        changes.push((*slot, Some(*content)));
                    }
                    new.next();
                    if same {
                        old.next();
                    }
                }
                (Some(_), None) => unreachable!("the slot is before no other"),
            }
        }
        put(&mut bytes, folded(snapshot.pc.wrapping_sub(before.pc) as i64));
        put(&mut bytes, folded((snapshot.frame - before.frame).into()) << 1 | u64::from(snapshot.raise));
        put(&mut bytes, changes.len() as u64);
        let mut last = 0;
        for (slot, content) in &changes {
            put(&mut bytes, folded((slot - last).into()));
            put(&mut bytes, number_of(*content));
            last = *slot;
        }
    }
    (bytes.into(), groups.into())
}

/// Reads what `encode` has written.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn number(&mut self) -> u64 {
        let (mut number, mut shift) = (0, 0);
        loop {
            let byte = self.0[0];
            self.0 = &self.0[1..];
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return number;
            }
            shift += 7;
        }
    }

    /// Turns a snapshot into the next one.
    fn change(&mut self, snapshot: &mut Snapshot) {
        snapshot.pc = snapshot.pc.wrapping_add(unfolded(self.number()) as u64);
        let frame = self.number();
        snapshot.frame += unfolded(frame >> 1) as i32;
        snapshot.raise = frame & 1 != 0;
        let (mut slot, mut at) = (0, 0);
        for _ in 0..self.number() {
            slot += unfolded(self.number()) as i32;
            let content = content_of(self.number());
            let entries = &mut snapshot.entries;
            at += entries[at..].partition_point(|(other, _)| *other < slot);
            let known = entries.get(at).is_some_and(|(other, _)| *other == slot);
            match content {
                Some(content) if known => entries[at].1 = content,
                Some(content) => entries.insert(at, (slot, content)),
                None => {
                    entries.remove(at);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snapshots_come_back() {
        let mut trace = Trace::new();
        let mut seed = 7u64;
        let mut random = |below: u64| {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (seed >> 33) % below
        };
        for number in 0..100 {
            let mut entries: Vec<(i32, Content)> = match trace.snapshots.last() {
                Some(last) if random(5) != 0 => last.entries.clone(),
                _ => Vec::new(),
            };
            entries.retain(|_| random(9) != 0);
            for _ in 0..random(6) {
                let slot = random(300) as i32 - 5;
                let content = match random(4) {
                    0 => Content::Ref(Ref::instruction(random(4000) as usize)),
                    1 => Content::Ref(Ref::constant(random(200) as usize)),
                    2 => Content::Virtual(random(70) as u32),
                    _ => Content::FrameAddress(random(900) as i32 - 400),
                };
                match entries.binary_search_by_key(&slot, |entry| entry.0) {
                    Ok(at) => entries[at].1 = content,
                    Err(at) => entries.insert(at, (slot, content)),
                }
            }
            let pc = if number % 7 == 3 { 0 } else { 0x7f00_0000_0000 + random(1 << 20) * 8 };
            trace.add_snapshot(Snapshot { pc, frame: random(200) as i32 - 20, entries, raise: random(3) == 0 });
        }
        let kept = Kept::new(trace.clone());
        for (number, snapshot) in trace.snapshots.iter().enumerate() {
            assert_eq!(kept.snapshot(SnapshotId(number as u32)), *snapshot, "{number}");
        }
    }
}
