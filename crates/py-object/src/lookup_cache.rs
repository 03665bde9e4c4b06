//! A thread's cache of lookups in classes, and of the interned names of special methods.
//!
//! An entry is valid for one epoch of classes (`types::class_epoch`): any change of any class ends it. Classes and interned
//! names live as long as the process, and a value found in a class stays reachable from it within the epoch, so the
//! cache needs no roots.

use crate::objects::{Str, Type};
use crate::string::StrExt;
use std::cell::Cell;
use vm_heap::{Gc, Value};

const ENTRIES: usize = 1024;
const NAMES: usize = 256;

#[derive(Clone, Copy, Default)]
struct Entry {
    class: usize,
    name: usize,
    epoch: u64,
    found: Option<Value>,
}

/// See the module's head.
pub struct LookupCache {
    entries: Box<[Cell<Entry>]>,
    names: Box<[Cell<Option<Gc<Str>>>]>,
}

impl Default for LookupCache {
    fn default() -> LookupCache {
        LookupCache {
            entries: (0..ENTRIES).map(|_| Cell::default()).collect(),
            names: (0..NAMES).map(|_| Cell::new(None)).collect(),
        }
    }
}

impl LookupCache {
    fn entry(&self, class: Gc<Type>, name: Gc<Str>) -> &Cell<Entry> {
        let mixed = (class.address() >> 3) ^ (name.address() >> 3).wrapping_mul(0x9e37_79b9);
        &self.entries[(mixed ^ mixed >> 10) % ENTRIES]
    }

    /// What a lookup found in this epoch, if it is known.
    #[inline]
    pub fn get(&self, class: Gc<Type>, name: Gc<Str>, epoch: u64) -> Option<Option<Value>> {
        let entry = self.entry(class, name).get();
        (entry.class == class.address() && entry.name == name.address() && entry.epoch == epoch).then_some(entry.found)
    }

    /// Notes what a lookup found.
    pub fn put(&self, class: Gc<Type>, name: Gc<Str>, epoch: u64, found: Option<Value>) {
        self.entry(class, name).set(Entry { class: class.address(), name: name.address(), epoch, found });
    }

    /// The interned string of a text, if a text at the same address was interned lately: mostly a literal of the program.
    #[inline]
    pub fn name(&self, text: &str) -> Option<Gc<Str>> {
        let name = self.names[Self::name_index(text)].get()?;
        (name.bytes() == text.as_bytes()).then_some(name)
    }

    /// Notes an interned string.
    pub fn put_name(&self, text: &str, name: Gc<Str>) {
        self.names[Self::name_index(text)].set(Some(name));
    }

    fn name_index(text: &str) -> usize {
        let address = text.as_ptr() as usize;
        (address ^ address >> 8 ^ text.len()) % NAMES
    }
}
