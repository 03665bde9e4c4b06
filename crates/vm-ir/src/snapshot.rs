//! Snapshots: how to go on in the interpreter where a trace is left.
//!
//! Most of what a snapshot says the one before it has said as well: slots of outer frames change rarely. So a state is the
//! entry of its highest slot, and each entry names the entry of the next lower slot. States that agree in their lower slots share
//! those entries, and whoever visits the states of a trace in order need only visit what is new.

use crate::hash::Set;
use crate::trace::{Ref, Trace};

/// Number of a snapshot.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct SnapshotId(pub u32);

impl SnapshotId {
    /// No snapshot.
    pub const NONE: SnapshotId = SnapshotId(u32::MAX);
}

/// What a value-stack slot holds when the trace is left.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Content {
    /// The result of an instruction or a constant; a `Float` is boxed at the exit, a `Word` is stored as it is.
    Ref(Ref),
    /// An object that the trace did not allocate (index into `Trace::virtuals`): it is allocated at the exit.
    Virtual(u32),
    /// The address of a value-stack slot (saved frame pointers of inlined calls).
    FrameAddress(i32),
}

/// Number of an entry. An entry has a higher number than those below it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct EntryId(pub u32);

impl EntryId {
    /// No entry: all slots are as in memory.
    pub const NONE: EntryId = EntryId(u32::MAX);
}

/// A slot that differs from memory, and the entries of the slots below it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The slot, from the trace's base frame pointer.
    pub slot: i32,
    /// What it holds.
    pub content: Content,
    /// The entry of the next lower slot.
    pub below: EntryId,
}

/// How to go on in the interpreter: which slots of the value stack hold what, and where to continue.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Snapshot {
    /// Bytecode address to resume at; 0 where the runtime function called last has left the thread at the place, with all slots in
    /// memory.
    pub pc: u64,
    /// The frame pointer there, in slots from the trace's base frame pointer.
    pub frame: i32,
    /// The entry of the highest slot that differs from memory.
    pub top: EntryId,
    /// Whether a raised exception is pending, to be unwound from `pc`.
    pub raise: bool,
}

/// An object kept out of memory by the optimiser.
#[derive(Clone, PartialEq, Debug)]
pub struct Virtual {
    /// Size in bytes.
    pub size: u32,
    /// Header word.
    pub header: u64,
    /// Byte offset and content of each field that is not zero; `FrameAddress` does not occur.
    pub fields: Vec<(u32, Content)>,
}

/// Calls `visit` with every reference of a state, those in its virtuals included, in this order: the slots, highest first, then the
/// fields of the virtuals in the order in which they are first met. Each virtual is visited once, a reference as often as it occurs.
/// Exit locations and the live-ins of bridges follow this order. The virtuals met are left in `met`.
pub fn visit_state(
    contents: impl Iterator<Item = Content>,
    virtuals: &[Virtual],
    met: &mut Vec<u32>,
    mut visit: impl FnMut(Ref),
) {
    met.clear();
    let mut content = |at: Content, met: &mut Vec<u32>| match at {
        Content::Ref(at) => visit(at),
        Content::Virtual(number) if !met.contains(&number) => met.push(number),
        _ => {}
    };
    for at in contents {
        content(at, met);
    }
    let mut next = 0;
    while next < met.len() {
        for (_, at) in &virtuals[met[next] as usize].fields {
            content(*at, met);
        }
        next += 1;
    }
}

impl Trace {
    /// Appends a snapshot.
    pub fn add_snapshot(&mut self, snapshot: Snapshot) -> SnapshotId {
        self.snapshots.push(snapshot);
        SnapshotId(self.snapshots.len() as u32 - 1)
    }

    /// Appends an entry.
    pub fn add_entry(&mut self, entry: Entry) -> EntryId {
        self.entries.push(entry);
        EntryId(self.entries.len() as u32 - 1)
    }

    /// Enters a state, given lowest slot first; it shares its lower slots with the state entered last in this way.
    pub fn add_state(&mut self, slots: &[(i32, Content)]) -> EntryId {
        self.extend_state(0, slots)
    }

    /// Enters a state whose first `kept` slots are those of the state entered last in this way.
    pub fn extend_state(&mut self, kept: usize, slots: &[(i32, Content)]) -> EntryId {
        let mut path = std::mem::take(&mut self.path);
        let is_same = |(id, (slot, content)): &(&EntryId, &(i32, Content))| {
            let entry = &self.entries[id.0 as usize];
            entry.slot == *slot && entry.content == *content
        };
        let shared = path[kept..].iter().zip(slots).take_while(is_same).count();
        path.truncate(kept + shared);
        for (slot, content) in &slots[shared..] {
            let below = path.last().copied().unwrap_or(EntryId::NONE);
            path.push(self.add_entry(Entry { slot: *slot, content: *content, below }));
        }
        let top = path.last().copied().unwrap_or(EntryId::NONE);
        self.path = path;
        top
    }

    /// The entries of a state, highest slot first.
    pub fn state(&self, top: EntryId) -> impl Iterator<Item = (EntryId, &Entry)> {
        let entry = |id: EntryId| (id != EntryId::NONE).then(|| (id, &self.entries[id.0 as usize]));
        std::iter::successors(entry(top), move |(_, above)| entry(above.below))
    }

    /// The slots of a snapshot that differ from memory, lowest first.
    pub fn slots(&self, id: SnapshotId) -> Vec<(i32, Content)> {
        let top = self.snapshots[id.0 as usize].top;
        let mut slots: Vec<(i32, Content)> = self.state(top).map(|(_, entry)| (entry.slot, entry.content)).collect();
        slots.reverse();
        slots
    }

    /// Calls `visit` with every reference of a snapshot, those in its virtuals included; see [`visit_state`].
    pub fn visit_snapshot(&self, id: SnapshotId, virtuals: &mut Vec<u32>, visit: impl FnMut(Ref)) {
        let contents = self.state(self.snapshots[id.0 as usize].top).map(|(_, entry)| entry.content);
        visit_state(contents, &self.virtuals, virtuals, visit);
    }

    /// The live-ins of a snapshot: every instruction it refers to, once, in the order of `visit_snapshot`. Constants
    /// are not among them. An exit has one location for each, and a bridge from there one `param` for each.
    pub fn live_ins(&self, id: SnapshotId) -> Vec<Ref> {
        let mut refs = Vec::new();
        let mut seen = Set::default();
        self.visit_snapshot(id, &mut Vec::new(), |at| {
            if !at.is_constant() && seen.insert(at) {
                refs.push(at);
            }
        });
        refs
    }
}
