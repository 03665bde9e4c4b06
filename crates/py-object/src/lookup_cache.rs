//! A thread's cache of lookups in classes, and of the interned names of special methods.
//!
//! An entry is valid for one epoch of classes (`types::class_epoch`): any change of any class ends it. Classes and interned
//! names live as long as the process, and a value found in a class stays reachable from it within the epoch, so the
//! cache needs no roots.

use crate::objects::{Str, Type};
use crate::string::StrExt;
use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use vm_heap::{Gc, ShapeId, Value};

/// How often places have been forgotten.
static FORGOTTEN: AtomicU64 = AtomicU64::new(0);

/// Ends all entries for places: instructions that die may be followed by others at the same address.
pub fn forget_places() {
    FORGOTTEN.fetch_add(1, Ordering::Relaxed);
}

/// The epoch of an entry for a place.
#[inline(always)]
fn place_epoch(epoch: u64) -> u64 {
    epoch.wrapping_add(FORGOTTEN.load(Ordering::Relaxed) << 40)
}

const ENTRIES: usize = 1024;
const NAMES: usize = 2048;
const SITES: usize = 1024;
const REFILL_INTERVAL: u8 = 16;
const SPECIALS: usize = 1024;
const LITERALS: usize = 512;
const NATIVES: usize = 512;
const REFERENCES: usize = 64;

/// An object and its weak reference, until the next collection.
#[derive(Clone, Copy, Default)]
struct Referred {
    object: usize,
    reference: u64,
    collections: u64,
}

/// A literal of the runtime and its interned string.
#[derive(Clone, Copy, Default)]
struct Literal {
    text: usize,
    length: usize,
    name: Option<Gc<Str>>,
}

/// What a lookup found, if anything.
#[derive(Clone, Copy, Default)]
struct Found {
    something: bool,
    bits: u64,
}

impl Found {
    fn get(self) -> Option<Value> {
        self.something.then(|| Value::from_bits(self.bits))
    }
}

impl From<Option<Value>> for Found {
    fn from(found: Option<Value>) -> Found {
        Found { something: found.is_some(), bits: found.map_or(0, Value::bits) }
    }
}

#[derive(Clone, Copy, Default)]
struct Entry {
    class: usize,
    name: usize,
    epoch: u64,
    found: Found,
}

/// What a lookup of a special method found; `text` is the address of the literal that names it.
#[derive(Clone, Copy, Default)]
struct SpecialEntry {
    class: usize,
    text: usize,
    length: usize,
    epoch: u64,
    found: Found,
}

/// The native that a class inherits as a special method, by the number of the method.
#[derive(Clone, Copy, Default)]
struct NativeEntry {
    class: usize,
    method: usize,
    epoch: u64,
    found: usize,
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
#[repr(u8)]
pub enum SiteUse {
    /// Loads it.
    #[default]
    Load,
    /// Loads it to call it.
    Call,
    /// Stores it.
    Store,
}

struct Tables {
    entries: [Cell<Entry>; ENTRIES],
    sites: [Cell<Site>; SITES],
    /// As `sites`, with the address of an instruction in the place of the name.
    places: [Cell<Site>; SITES],
    specials: [Cell<SpecialEntry>; SPECIALS],
    names: [Cell<Option<Gc<Str>>>; NAMES],
    literals: [Cell<Literal>; LITERALS],
    natives: [Cell<NativeEntry>; NATIVES],
    references: [Cell<Referred>; REFERENCES],
}

/// See the module's head. A short run uses only the beginning of the larger tables, so that the rest takes no memory.
pub struct LookupCache {
    tables: Box<Tables>,
    /// One less than the number of entries that are used of the tables of lookups, where they have as many.
    mask: Cell<usize>,
    /// How many more entries are made before that doubles.
    left: Cell<u32>,
    turns: Cell<u8>,
}

/// How many entries of each table are used at first.
const FIRST_USED: usize = 128;
/// How many entries are made per entry used before that number doubles.
const PATIENCE: usize = 16;

impl Default for LookupCache {
    fn default() -> LookupCache {
        LookupCache {
            // SAFETY: tables of numbers, truth values, options of addresses, which are not null, and of a `SiteUse` whose first variant
            // is zero: all bits zero is an empty entry.
            tables: unsafe { Box::new_zeroed().assume_init() },
            mask: Cell::new(FIRST_USED - 1),
            left: Cell::new((FIRST_USED * PATIENCE) as u32),
            turns: Cell::new(0),
        }
    }
}

impl LookupCache {
    /// Notes that an entry is made.
    #[inline]
    fn grow(&self) {
        match self.left.get().checked_sub(1) {
            Some(left) => self.left.set(left),
            None => {
                let used = (self.mask.get() + 1) * 2;
                self.mask.set(used.min(ENTRIES) - 1);
                self.left.set(used.saturating_mul(PATIENCE) as u32);
            }
        }
    }

    fn entry(&self, class: Gc<Type>, name: Gc<Str>) -> &Cell<Entry> {
        let mixed = (class.address() >> 3) ^ (name.address() >> 3).wrapping_mul(0x9e37_79b9);
        &self.tables.entries[(mixed ^ mixed >> 10) & (self.mask.get() % ENTRIES)]
    }

    /// What a lookup found in this epoch, if it is known.
    #[inline]
    pub fn get(&self, class: Gc<Type>, name: Gc<Str>, epoch: u64) -> Option<Option<Value>> {
        let entry = self.entry(class, name).get();
        (entry.class == class.address() && entry.name == name.address() && entry.epoch == epoch)
            .then(|| entry.found.get())
    }

    /// Notes what a lookup found.
    pub fn put(&self, class: Gc<Type>, name: Gc<Str>, epoch: u64, found: Option<Value>) {
        self.grow();
        self.entry(class, name).set(Entry { class: class.address(), name: name.address(), epoch, found: found.into() });
    }

    #[inline]
    fn special_at(&self, class: Gc<Type>, text: &'static str) -> &Cell<SpecialEntry> {
        let mixed = (class.address() >> 3) ^ (text.as_ptr() as usize).wrapping_mul(0x9e37_79b9);
        &self.tables.specials[(mixed ^ mixed >> 10) & (self.mask.get() % SPECIALS)]
    }

    /// What a lookup of a special method found in this epoch, if it is known: the same as `get`, by a literal instead of an interned
    /// name.
    #[inline]
    pub fn special(&self, class: Gc<Type>, text: &'static str, epoch: u64) -> Option<Option<Value>> {
        let entry = self.special_at(class, text).get();
        let known = entry.class == class.address()
            && entry.text == text.as_ptr() as usize
            && entry.length == text.len()
            && entry.epoch == epoch;
        known.then(|| entry.found.get())
    }

    /// Notes what a lookup of a special method found.
    pub fn put_special(&self, class: Gc<Type>, text: &'static str, epoch: u64, found: Option<Value>) {
        self.grow();
        let entry = SpecialEntry {
            class: class.address(),
            text: text.as_ptr() as usize,
            length: text.len(),
            epoch,
            found: found.into(),
        };
        self.special_at(class, text).set(entry);
    }

    #[inline(always)]
    fn native_at(&self, class: Gc<Type>, method: usize) -> &Cell<NativeEntry> {
        let mixed = (class.address() >> 4).wrapping_add(method.wrapping_mul(0x9e37));
        &self.tables.natives[(mixed ^ mixed >> 9) & (self.mask.get() % NATIVES)]
    }

    /// What stands for the native special method of a class in this epoch, if it is known; see `types::direct`.
    #[inline(always)]
    pub fn native(&self, class: Gc<Type>, method: usize, epoch: u64) -> Option<usize> {
        let entry = self.native_at(class, method).get();
        (entry.class == class.address() && entry.method == method && entry.epoch == epoch).then_some(entry.found)
    }

    /// Notes it.
    pub fn put_native(&self, class: Gc<Type>, method: usize, epoch: u64, found: usize) {
        self.grow();
        self.native_at(class, method).set(NativeEntry { class: class.address(), method, epoch, found });
    }

    /// The weak reference that was last found for an object, if there was no collection since; see `types::weak`.
    #[inline]
    pub fn reference(&self, object: Value, collections: u64) -> Option<Value> {
        let entry = self.tables.references[(object.address() >> 4) % REFERENCES].get();
        (entry.object == object.address() && entry.collections == collections)
            .then(|| Value::from_bits(entry.reference))
    }

    /// Notes it.
    pub fn put_reference(&self, object: Value, collections: u64, reference: Value) {
        let entry = Referred { object: object.address(), reference: reference.bits(), collections };
        self.tables.references[(object.address() >> 4) % REFERENCES].set(entry);
    }

    fn site_at(&self, shape: ShapeId, name: Gc<Str>, use_: SiteUse) -> &Cell<Site> {
        let mixed = (shape.0 as usize).wrapping_mul(0x9e37_79b9) ^ (name.address() >> 3) ^ use_ as usize;
        &self.tables.sites[(mixed ^ mixed >> 10) & (self.mask.get() % SITES)]
    }

    /// The words of an inline cache for an attribute of objects of a shape, if they were filled in this epoch: sites that see
    /// objects of several shapes fill their caches time and again.
    pub fn site(&self, shape: ShapeId, name: Gc<Str>, use_: SiteUse, epoch: u64) -> Option<(u64, u64)> {
        let site = self.site_at(shape, name, use_).get();
        let found = site.name == name.address() && site.shape == shape.0 && site.use_ == use_ && site.epoch == epoch;
        found.then_some(site.words)
    }

    #[inline(always)]
    fn place_at(&self, place: usize, shape: ShapeId) -> &Cell<Site> {
        let mixed = (place >> 3) ^ (shape.0 as usize).wrapping_mul(0x9e37_79b9);
        &self.tables.places[(mixed ^ mixed >> 10) & (self.mask.get() % SITES)]
    }

    /// The same for the place of an instruction, which stands for the name and the use.
    #[inline(always)]
    pub fn place(&self, place: usize, shape: ShapeId, epoch: u64) -> Option<(u64, u64)> {
        let site = self.place_at(place, shape).get();
        (site.name == place && site.shape == shape.0 && site.epoch == place_epoch(epoch)).then_some(site.words)
    }

    /// Notes the words for a place.
    pub fn put_place(&self, place: usize, shape: ShapeId, epoch: u64, words: (u64, u64)) {
        self.grow();
        let site = Site { name: place, epoch: place_epoch(epoch), shape: shape.0, use_: SiteUse::Load, words };
        self.place_at(place, shape).set(site);
    }

    /// True once in so many times: whether an inline cache that did not apply is to be filled anew.
    #[inline]
    pub fn is_turn(&self) -> bool {
        let turn = self.turns.get().wrapping_add(1);
        self.turns.set(turn);
        turn.is_multiple_of(REFILL_INTERVAL)
    }

    /// Whether [`Self::is_turn`] will say no, as which this counts then.
    #[inline(always)]
    pub fn is_no_turn(&self) -> bool {
        let turn = self.turns.get().wrapping_add(1);
        let waits = !turn.is_multiple_of(REFILL_INTERVAL);
        if waits {
            self.turns.set(turn);
        }
        waits
    }

    /// Notes the words of an inline cache.
    pub fn put_site(&self, shape: ShapeId, name: Gc<Str>, use_: SiteUse, epoch: u64, words: (u64, u64)) {
        self.grow();
        let site = Site { name: name.address(), epoch, shape: shape.0, use_, words };
        self.site_at(shape, name, use_).set(site);
    }

    /// The interned string of a text, if a text at the same address was interned lately: mostly a literal of the program.
    #[inline]
    pub fn name(&self, text: &str) -> Option<Gc<Str>> {
        let name = self.tables.names[Self::name_index(text)].get()?;
        // The address of an empty literal may be none that can be read, and comparing no bytes there can be slow.
        let same = if text.is_empty() { name.bytes().is_empty() } else { name.bytes() == text.as_bytes() };
        same.then_some(name)
    }

    /// Notes an interned string.
    pub fn put_name(&self, text: &str, name: Gc<Str>) {
        self.tables.names[Self::name_index(text)].set(Some(name));
    }

    /// The interned string of a literal, if it is known: by its address alone.
    #[inline]
    pub fn literal(&self, text: &'static str) -> Option<Gc<Str>> {
        let known = self.tables.literals[Self::name_index(text) % LITERALS].get();
        known.name.filter(|_| known.text == text.as_ptr() as usize && known.length == text.len())
    }

    /// Notes the interned string of a literal.
    pub fn put_literal(&self, text: &'static str, name: Gc<Str>) {
        self.tables.literals[Self::name_index(text) % LITERALS].set(Literal {
            text: text.as_ptr() as usize,
            length: text.len(),
            name: Some(name),
        });
    }

    fn name_index(text: &str) -> usize {
        ((text.as_ptr() as usize).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 53) % NAMES
    }
}
