//! The table of interned strings.
//!
//! A start interns thousands of names: each text is hashed once for the table, by a quick keyed hash of its own (a quarter of what the
//! strings' hash takes), and the table finds its place for a new string at the same time.

use crate::objects::Str;
use crate::string::StrExt;
use vm_heap::{Gc, Value};

/// Where a text was looked for, and not found.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    hash: u32,
    slot: usize,
    /// How many strings there were.
    count: usize,
}

/// See the module's head.
pub(crate) struct Interned {
    /// In the order in which they came: they are roots.
    strings: Vec<Gc<Str>>,
    /// How many of them a collection has seen, so that they are old.
    seen: usize,
    /// Zero, or one more than the string's index below its hash.
    slots: Box<[u64]>,
    key: u64,
}

impl Interned {
    /// An empty table with a key of the process.
    pub fn new(key: u64) -> Interned {
        Interned { strings: Vec::new(), seen: 0, slots: vec![0; 1 << 13].into(), key: key | 1 }
    }

    /// How many strings there are.
    pub fn count(&self) -> usize {
        self.strings.len()
    }

    /// The string with this text, or where it belongs.
    pub fn find(&self, text: &[u8]) -> Result<Gc<Str>, Place> {
        let hash = hash(self.key, text);
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            let word = self.slots[slot];
            if word == 0 {
                return Err(Place { hash, slot, count: self.strings.len() });
            }
            if (word >> 32) as u32 == hash {
                let string = self.strings[word as u32 as usize - 1];
                if string.bytes() == text {
                    return Ok(string);
                }
            }
            slot = (slot + 1) & mask;
        }
    }

    /// Enters a string whose text was not found. Another one, where somebody has entered the text meanwhile.
    pub fn enter(&mut self, string: Gc<Str>, place: Place) -> Gc<Str> {
        let mut slot = place.slot;
        if place.count != self.strings.len() {
            match self.find(string.bytes()) {
                Ok(other) => return other,
                Err(place) => slot = place.slot,
            }
        }
        self.strings.push(string);
        self.slots[slot] = u64::from(place.hash) << 32 | self.strings.len() as u64;
        if self.strings.len() * 4 > self.slots.len() * 3 {
            self.grow();
        }
        string
    }

    #[cold]
    fn grow(&mut self) {
        let mut slots = vec![0; 2 * self.slots.len()].into_boxed_slice();
        let mask = slots.len() - 1;
        for word in self.slots.iter().filter(|word| **word != 0) {
            let mut slot = (word >> 32) as usize & mask;
            while slots[slot] != 0 {
                slot = (slot + 1) & mask;
            }
            slots[slot] = *word;
        }
        self.slots = slots;
    }

    /// Calls `visit` with the strings, or those that no collection has seen.
    pub fn for_each_root(&mut self, full: bool, visit: &mut dyn FnMut(Value)) {
        let first = if full { 0 } else { self.seen };
        self.strings[first..].iter().for_each(|string| visit(string.value()));
        self.seen = self.strings.len();
    }
}

/// Eight bytes at a time are mixed by a multiplication whose two halves are folded. The last eight may overlap those before.
fn hash(key: u64, text: &[u8]) -> u32 {
    let multiplier = key ^ 0x9e37_79b9_7f4a_7c15 | 1;
    let mix = |state: u64, word: u64| {
        let product = u128::from(state ^ word) * u128::from(multiplier);
        (product >> 64) as u64 ^ product as u64
    };
    let mut state = key;
    let mut rest = text;
    while let Some((word, behind)) = rest.split_first_chunk::<8>().filter(|(_, behind)| !behind.is_empty()) {
        state = mix(state, u64::from_le_bytes(*word));
        rest = behind;
    }
    let last = match (text.last_chunk::<8>(), text.first_chunk::<4>(), text.last_chunk::<4>()) {
        (Some(word), ..) => u64::from_le_bytes(*word),
        (None, Some(low), Some(high)) => {
            u64::from(u32::from_le_bytes(*low)) | u64::from(u32::from_le_bytes(*high)) << 32
        }
        _ => match text {
            [] => 0,
            [first, .., last] => u64::from(*first) | u64::from(text[1]) << 8 | u64::from(*last) << 16,
            [only] => u64::from(*only),
        },
    };
    let state = mix(state, last ^ (text.len() as u64) << 56);
    (state >> 20) as u32
}
