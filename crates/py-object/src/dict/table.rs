//! The table behind a dict, and probing its index.

use crate::PyResult;
use crate::cx::Cx;
use crate::kinds::shapes;
use crate::object::{byte_tail, try_allocate_tail};
use crate::objects::{Array, Dict, Raw};
use crate::sequence::elements;
use crate::string::downcast;
use std::sync::atomic::{AtomicU32, Ordering};
use vm_heap::{Field, Gc, Value};

pub(super) const EMPTY: u32 = u32::MAX;
pub(super) const DELETED: u32 = u32::MAX - 1;
/// Words of an entry: key, value, hash.
pub const ENTRY_WORDS: usize = 3;
/// Index of the first entry's key in a table.
pub const FIRST_ENTRY: usize = 1;

/// A table as seen by one operation.
#[derive(Clone, Copy)]
pub(super) struct Table {
    pub(super) array: Gc<Array>,
    index: Gc<Raw>,
}

impl Table {
    #[inline(always)]
    pub(super) fn of(dict: Gc<Dict>) -> Option<Table> {
        dict.table.get_acquire().map(Table::with_array)
    }

    #[inline(always)]
    pub(super) fn with_array(array: Gc<Array>) -> Table {
        let index = elements(&array)[0].get();
        debug_assert!(downcast::<Raw>(index).is_some());
        // SAFETY: element 0 of a table is its index, from its making on.
        Table { array, index: unsafe { Gc::from_address(index.address()) } }
    }

    pub(super) fn new(cx: &mut Cx, capacity: usize) -> PyResult<Table> {
        let slots = (capacity * 3 / 2 + 1).next_power_of_two().max(8);
        let index = match try_allocate_tail::<Raw>(cx.mutator(), shapes::RAW, slots * 4) {
            Some(index) => index,
            None => return Err(cx.raise(crate::Kind::MEMORY_ERROR, "")),
        };
        let table = Table { array: Array::checked(cx, FIRST_ENTRY + ENTRY_WORDS * capacity)?, index };
        for slot in table.slots() {
            slot.store(EMPTY, Ordering::Relaxed);
        }
        elements(&table.array)[0].set(cx.mutator(), table.array, index.value());
        Ok(table)
    }

    pub(super) fn slots(&self) -> &[AtomicU32] {
        let bytes = byte_tail(&self.index, self.index.length.get().as_int() as usize);
        // SAFETY: the tail is 8-byte aligned and as long as its length says; it is only accessed as atomics.
        unsafe { std::slice::from_raw_parts(bytes.as_ptr() as *const AtomicU32, bytes.len() / 4) }
    }

    pub(super) fn capacity(&self) -> usize {
        (self.array.length.get().as_int() as usize - FIRST_ENTRY) / ENTRY_WORDS
    }

    /// A word of an entry: 0 the key, 1 the value, 2 the hash.
    #[inline(always)]
    pub(super) fn word(&self, entry: usize, word: usize) -> &Field<Value> {
        let at = FIRST_ENTRY + ENTRY_WORDS * entry + word;
        debug_assert!(entry < self.capacity());
        // SAFETY: entry numbers come from the index or from counts of entries, which never exceed the table's capacity.
        unsafe { elements(&self.array).get_unchecked(at) }
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
    pub(super) fn set_value(&self, cx: &Cx, entry: usize, value: Value) {
        elements(&self.array)[FIRST_ENTRY + ENTRY_WORDS * entry + 1].set(cx.mutator(), self.array, value)
    }
    pub(super) fn fill(&self, cx: &Cx, entry: usize, key: Value, value: Value, hash: Value) {
        let fields = &elements(&self.array)[FIRST_ENTRY + ENTRY_WORDS * entry..][..ENTRY_WORDS];
        fields[1].set(cx.mutator(), self.array, value);
        fields[2].set(cx.mutator(), self.array, hash);
        fields[0].set_release(cx.mutator(), self.array, key);
    }

    /// Enters an entry number at the first free slot of its probe sequence.
    pub(super) fn enter(&self, hash: Value, entry: usize) {
        let slots = self.slots();
        let mut probe = Probe::new(hash, slots.len());
        loop {
            let slot = &slots[probe.at];
            if matches!(slot.load(Ordering::Relaxed), EMPTY | DELETED) {
                slot.store(entry as u32, Ordering::Release);
                return;
            }
            probe.next();
        }
    }
}

/// A hash as entries keep it: a small int word, so that the collector sees no pointer in it. The top two bits are lost,
/// so probing and comparing use this form only.
pub(super) fn hash_word(hash: u64) -> Value {
    Value::from_bits(hash << 2)
}

pub(super) struct Probe {
    pub(super) at: usize,
    mask: usize,
    perturb: u64,
}

impl Probe {
    pub(super) fn new(hash: Value, slots: usize) -> Probe {
        let hash = hash.bits();
        let spread = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Probe { at: (spread >> 32) as usize & (slots - 1), mask: slots - 1, perturb: hash }
    }
    pub(super) fn next(&mut self) {
        self.perturb >>= 5;
        self.at = (self.at.wrapping_mul(5).wrapping_add(self.perturb as usize).wrapping_add(1)) & self.mask;
    }
}
