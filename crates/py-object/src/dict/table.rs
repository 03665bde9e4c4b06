//! The table behind a dict, and probing its index.

use crate::PyResult;
use crate::cx::{Cx, UNBOUND};
use crate::objects::{Array, Dict};
use crate::operations::equal_simple;
use crate::sequence::elements;
use std::sync::atomic::{AtomicU32, Ordering};
use vm_heap::{Field, Gc, Value};

/// An index slot that was never used. New memory is zero, so an index is empty from the start.
const EMPTY: u32 = 0;
/// An index slot whose entry was removed.
const DELETED: u32 = 1 << NUMBER_SHIFT;
/// The number of entry 0 in an index slot, before the shift.
const FIRST_NUMBER: u32 = 2;
/// How far numbers in slots are shifted, so that two slots are the word of a small int for the collector.
const NUMBER_SHIFT: u32 = 2;
/// Most entries of a table.
pub(super) const MAX_ENTRIES: usize = (1 << (32 - NUMBER_SHIFT)) - FIRST_NUMBER as usize;
/// Words of an entry: key, value, hash.
pub const ENTRY_WORDS: usize = 3;
/// Index of the first entry's key in a table.
pub const FIRST_ENTRY: usize = 2;
/// Byte offset in the array of the number of entries for which there is room.
pub const CAPACITY_OFFSET: usize = size_of::<Array>();

/// A table as seen by one operation: element 0 of its array is the number of entries for which there is room, element 1
/// the number of index slots less one; then come the entries, then the index.
#[derive(Clone, Copy)]
pub(super) struct Table {
    pub(super) array: Gc<Array>,
}

/// How much room a new table has beside what is wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Size {
    /// None.
    Exact,
    /// As many more entries as the index allows.
    Growing,
    /// None, but the index is as large as that of a table of this capacity.
    Copied(usize),
}

/// What a search without comparisons that could run code found.
pub(super) enum Quick {
    /// The entry of the key.
    Entry(usize),
    /// No entry; the empty index slot where the search ended.
    Missing(usize),
    /// Keys must be compared.
    Unclear,
}

/// What an index slot says.
pub(super) enum Slot {
    Empty,
    Deleted,
    Entry(usize),
}

impl Table {
    #[inline(always)]
    pub(super) fn of(dict: Gc<Dict>) -> Option<Table> {
        dict.table.get_acquire().map(|array| Table { array })
    }

    /// A new table with room for that many entries.
    pub(super) fn new(cx: &mut Cx, wanted: usize, size: Size) -> PyResult<Table> {
        if wanted > MAX_ENTRIES {
            return Err(cx.raise(crate::Kind::MEMORY_ERROR, ""));
        }
        let indexed = if let Size::Copied(capacity) = size { wanted.max(capacity) } else { wanted };
        let slots = (indexed * 3 / 2 + 1).next_power_of_two().max(8);
        let capacity = if size == Size::Growing || slots == 8 { (slots * 2 / 3).min(MAX_ENTRIES) } else { wanted };
        let array = Array::checked(cx, FIRST_ENTRY + ENTRY_WORDS * capacity + slots / 2)?;
        let fields = elements(&array);
        fields[0].init(Value::int(capacity as i64));
        fields[1].init(Value::int(slots as i64 - 1));
        Ok(Table { array })
    }

    #[inline(always)]
    fn field(&self, at: usize) -> &Field<Value> {
        debug_assert!(at < elements(&self.array).len());
        // SAFETY: callers stay within the two counts, the entries and the index, for which `new` made room.
        unsafe { &*((self.array.address() + size_of::<Array>() + 8 * at) as *const Field<Value>) }
    }

    #[inline(always)]
    pub(super) fn slots(&self) -> &[AtomicU32] {
        let first = self.field(FIRST_ENTRY + ENTRY_WORDS * self.capacity());
        // SAFETY: the index lies behind the entries and has as many slots as element 1 says; it is only accessed as atomics.
        unsafe { std::slice::from_raw_parts(std::ptr::from_ref(first) as *const AtomicU32, self.mask() + 1) }
    }

    #[inline(always)]
    pub(super) fn capacity(&self) -> usize {
        self.field(0).get().as_int() as usize
    }
    /// Number of index slots less one.
    #[inline(always)]
    pub(super) fn mask(&self) -> usize {
        self.field(1).get().as_int() as usize
    }

    /// A word of an entry: 0 the key, 1 the value, 2 the hash.
    #[inline(always)]
    pub(super) fn word(&self, entry: usize, word: usize) -> &Field<Value> {
        debug_assert!(entry < self.capacity());
        // Entry numbers come from the index or from counts of entries, which never exceed the table's capacity.
        self.field(FIRST_ENTRY + ENTRY_WORDS * entry + word)
    }
    #[inline(always)]
    pub(super) fn key(&self, entry: usize) -> Value {
        self.word(entry, 0).get()
    }
    #[inline(always)]
    pub(super) fn value(&self, entry: usize) -> Value {
        self.word(entry, 1).get()
    }
    #[inline(always)]
    pub(super) fn hash(&self, entry: usize) -> Value {
        self.word(entry, 2).get()
    }
    #[inline(always)]
    pub(super) fn set_value(&self, cx: &Cx, entry: usize, value: Value) {
        self.word(entry, 1).set(cx.mutator(), self.array, value)
    }

    /// Writes the words of an entry.
    #[inline(always)]
    pub(super) fn fill(&self, cx: &Cx, entry: usize, key: Value, value: Value, hash: Value) {
        self.word(entry, 1).init(value);
        self.word(entry, 2).init(hash);
        // The one barrier, which comes last, is for all three.
        self.word(entry, 0).set_release(cx.mutator(), self.array, key);
    }

    /// Unbinds the words of an entry and its index slot.
    pub(super) fn remove(&self, cx: &Cx, entry: usize) {
        let slots = self.slots();
        let mut probe = Probe::new(self.hash(entry), slots.len() - 1);
        // The entry is in the index, so its probe sequence leads there.
        while slots[probe.at].load(Ordering::Relaxed) != number(entry) {
            probe.next();
        }
        slots[probe.at].store(DELETED, Ordering::Release);
        self.word(entry, 0).set(cx.mutator(), self.array, UNBOUND);
        self.set_value(cx, entry, UNBOUND);
    }

    /// The index.
    #[inline(always)]
    pub(super) fn index(&self) -> Index<'_> {
        Index(self.slots())
    }

    /// Looks for a key, without running code.
    #[inline(always)]
    pub(super) fn quick_search(&self, key: Value, hash: Value) -> Quick {
        self.search_by(key, hash, equal_simple)
    }

    /// Looks for a key, comparing it with others of the same hash in the way given, which may not know.
    #[inline(always)]
    pub(super) fn search_by(&self, key: Value, hash: Value, equal: impl Fn(Value, Value) -> Option<bool>) -> Quick {
        let index = self.index();
        let mut probe = Probe::new(hash, index.mask());
        loop {
            match index.slot(&probe) {
                Slot::Empty => return Quick::Missing(probe.at),
                Slot::Deleted => {}
                Slot::Entry(entry) => {
                    let candidate = self.key(entry);
                    if candidate == key {
                        return Quick::Entry(entry);
                    }
                    if self.hash(entry) == hash && candidate != UNBOUND {
                        match equal(candidate, key) {
                            Some(true) => return Quick::Entry(entry),
                            Some(false) => {}
                            None => return Quick::Unclear,
                        }
                    }
                }
            }
            probe.next();
        }
    }

    /// Enters an entry number at a slot.
    #[inline(always)]
    pub(super) fn enter_at(&self, slot: usize, entry: usize) {
        self.slots()[slot].store(number(entry), Ordering::Release);
    }

    /// Enters an entry number at the first free slot of its probe sequence.
    #[inline]
    pub(super) fn enter(&self, hash: Value, entry: usize) {
        let slots = self.slots();
        let mut probe = Probe::new(hash, slots.len() - 1);
        loop {
            let slot = &slots[probe.at];
            if matches!(slot.load(Ordering::Relaxed), EMPTY | DELETED) {
                slot.store(number(entry), Ordering::Release);
                return;
            }
            probe.next();
        }
    }
}

impl Table {
    /// Takes over those of the first `filled` entries of another table that are not removed: `live` many, for which
    /// there is room. The other table is locked; this one was allocated just now, and nobody knows it.
    pub(super) fn take_entries(&self, old: Table, filled: usize, live: usize) {
        if live < filled {
            let kept = (0..filled).filter(|entry| old.key(*entry) != UNBOUND).take(live);
            for (next, entry) in kept.enumerate() {
                for word in 0..ENTRY_WORDS {
                    self.word(next, word).init(old.word(entry, word).get());
                }
            }
        } else {
            let entries = FIRST_ENTRY..FIRST_ENTRY + ENTRY_WORDS * filled;
            let (new, old) = (&elements(&self.array)[entries.clone()], &elements(&old.array)[entries]);
            // SAFETY: both have this length. Nobody else knows the new one, and nobody writes to the locked one.
            unsafe { std::ptr::copy_nonoverlapping(old.as_ptr(), new.as_ptr().cast_mut(), new.len()) }
        }
        let (slots, old_slots) = (self.slots(), old.slots());
        if live == filled && slots.len() == old_slots.len() {
            // SAFETY: as above.
            unsafe { std::ptr::copy_nonoverlapping(old_slots.as_ptr(), slots.as_ptr().cast_mut(), slots.len()) }
            return;
        }
        for entry in 0..live {
            let mut probe = Probe::new(self.hash(entry), slots.len() - 1);
            while slots[probe.at].load(Ordering::Relaxed) != EMPTY {
                probe.next();
            }
            slots[probe.at].store(number(entry), Ordering::Relaxed);
        }
    }
}

/// The index of a table.
///
/// INVARIANT: every probe sequence comes to an empty slot, since it passes all slots in the end, an entry fills at most
/// one, and no table is given more entries than it has room for, which are fewer than the slots.
pub(super) struct Index<'a>(&'a [AtomicU32]);

impl Index<'_> {
    /// Number of slots less one.
    #[inline(always)]
    pub(super) fn mask(&self) -> usize {
        self.0.len() - 1
    }

    /// What the slot says to which a probe sequence of this index has come.
    #[inline(always)]
    pub(super) fn slot(&self, probe: &Probe) -> Slot {
        debug_assert!(probe.at < self.0.len());
        // SAFETY: `Probe` masks its position.
        match unsafe { self.0.get_unchecked(probe.at) }.load(Ordering::Acquire) {
            EMPTY => Slot::Empty,
            DELETED => Slot::Deleted,
            number => Slot::Entry(((number >> NUMBER_SHIFT) - FIRST_NUMBER) as usize),
        }
    }
}

/// An entry number as index slots hold it.
#[inline(always)]
fn number(entry: usize) -> u32 {
    (entry as u32 + FIRST_NUMBER) << NUMBER_SHIFT
}

/// A hash as entries keep it: a small int word, so that the collector sees no pointer in it. The top two bits are lost,
/// so probing and comparing use this form only.
#[inline(always)]
pub(super) fn hash_word(hash: u64) -> Value {
    Value::from_bits(hash << 2)
}

pub(super) struct Probe {
    pub(super) at: usize,
    mask: usize,
    perturb: u64,
}

impl Probe {
    /// The probe sequence of a hash in an index whose number of slots less one is `mask`.
    #[inline(always)]
    pub(super) fn new(hash: Value, mask: usize) -> Probe {
        let hash = hash.bits();
        let spread = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Probe { at: (spread >> 32) as usize & mask, mask, perturb: hash }
    }
    #[inline(always)]
    pub(super) fn next(&mut self) {
        self.perturb >>= 5;
        self.at = (self.at.wrapping_mul(5).wrapping_add(self.perturb as usize).wrapping_add(1)) & self.mask;
    }
}
