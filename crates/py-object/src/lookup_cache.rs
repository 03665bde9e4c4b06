//! A thread's cache of lookups in classes, and of the interned names of special methods.
//!
//! An entry is valid for one epoch of classes (`types::class_epoch`): any change of any class ends it. Classes and interned
//! names live as long as the process, and a value found in a class stays reachable from it within the epoch, so the
//! cache needs no roots.

use crate::objects::{Str, Type};
use crate::string::StrExt;
use std::cell::Cell;
use vm_heap::{Gc, ShapeId, Value};

const ENTRIES: usize = 1024;
const NAMES: usize = 2048;
const SITES: usize = 1024;
const REFILL_INTERVAL: u8 = 16;

#[derive(Clone, Copy, Default)]
struct Entry {
    class: usize,
    name: usize,
    epoch: u64,
    found: Option<Value>,
}

/// What an inline cache was last filled with for objects of a shape.
#[derive(Clone, Copy, Default)]
struct Site {
    name: usize,
    epoch: u64,
    shape: u32,
    use_: SiteUse,
    words: (u64, u64),
}

/// What a site does with an attribute.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum SiteUse {
    /// Loads it.
    #[default]
    Load,
    /// Loads it to call it.
    Call,
    /// Stores it.
    Store,
}

/// See the module's head.
pub struct LookupCache {
    entries: Box<[Cell<Entry>]>,
    sites: Box<[Cell<Site>]>,
    names: Box<[Cell<Option<Gc<Str>>>]>,
    turns: Cell<u8>,
}

impl Default for LookupCache {
    fn default() -> LookupCache {
        LookupCache {
            entries: (0..ENTRIES).map(|_| Cell::default()).collect(),
            sites: (0..SITES).map(|_| Cell::default()).collect(),
            names: (0..NAMES).map(|_| Cell::new(None)).collect(),
            turns: Cell::new(0),
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

    fn site_at(&self, shape: ShapeId, name: Gc<Str>, use_: SiteUse) -> &Cell<Site> {
        let mixed = (shape.0 as usize).wrapping_mul(0x9e37_79b9) ^ (name.address() >> 3) ^ use_ as usize;
        &self.sites[(mixed ^ mixed >> 10) % SITES]
    }

    /// The words of an inline cache for an attribute of objects of a shape, if they were filled in this epoch: sites that see
    /// objects of several shapes fill their caches time and again.
    pub fn site(&self, shape: ShapeId, name: Gc<Str>, use_: SiteUse, epoch: u64) -> Option<(u64, u64)> {
        let site = self.site_at(shape, name, use_).get();
        let found = site.name == name.address() && site.shape == shape.0 && site.use_ == use_ && site.epoch == epoch;
        found.then_some(site.words)
    }

    /// True once in so many times: whether an inline cache that did not apply is to be filled anew.
    #[inline]
    pub fn is_turn(&self) -> bool {
        let turn = self.turns.get().wrapping_add(1);
        self.turns.set(turn);
        turn.is_multiple_of(REFILL_INTERVAL)
    }

    /// Notes the words of an inline cache.
    pub fn put_site(&self, shape: ShapeId, name: Gc<Str>, use_: SiteUse, epoch: u64, words: (u64, u64)) {
        let site = Site { name: name.address(), epoch, shape: shape.0, use_, words };
        self.site_at(shape, name, use_).set(site);
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
        ((text.as_ptr() as usize).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 53) % NAMES
    }
}
