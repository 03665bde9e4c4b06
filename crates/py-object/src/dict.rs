//! Core of `dict`: a compact, insertion-ordered hash table.
//!
//! A dict points to one table array: key, value and hash of each entry in the order of insertion, then the index (32-bit
//! entry numbers by hash). A table is replaced as a whole when it is full, so that a reader without a lock always sees an
//! index and entries that belong together. A deleted entry keeps its place, unbound.
//!
//! INVARIANT: once there is a table, there is always one, and never fewer entries than are counted: inline iteration relies
//! on it.
//!
//! In a module's namespace the values are global cells (`Dict::cells`), which inline caches and traces refer to
//! directly; an unbound cell counts as missing.
//!
//! Writers lock the dict's word while they change the table; comparisons of keys, which may run Python code, happen
//! outside the lock, and the search starts over if the table changed meanwhile.

mod peek;
mod table;
mod walk;

use crate::PyResult;
use crate::cx::{Cx, UNBOUND};
use crate::kinds::shapes;
use crate::object::{Object, allocate};
use crate::objects::{Array, Dict, GlobalCell, Str};
use crate::operations;
use crate::string::{StrExt, downcast};
use std::sync::atomic::Ordering;
use vm_heap::{Gc, Value};

pub use crate::string::str_hash;
pub use peek::{Peeked, peek, peek_entry};
pub use table::{CAPACITY_OFFSET, ENTRY_WORDS, FIRST_ENTRY};
use table::{MAX_ENTRIES, Probe, Quick, Size, Slot, Table, hash_word};

/// The hash of a key: the TypeError of one that has none says what it was to be.
#[inline]
pub(crate) fn key_hash(cx: &mut Cx, key: Value, role: &str) -> PyResult<u64> {
    match operations::hash(cx, key) {
        Ok(hash) => Ok(hash),
        Err(raised) => Err(explain_unhashable(cx, key, role, raised)),
    }
}

#[cold]
fn explain_unhashable(cx: &mut Cx, key: Value, role: &str, raised: vm_machine::Raised) -> vm_machine::Raised {
    let exception = cx.raised.get();
    if crate::types::class_of(cx, exception) != cx.builtin_type(crate::Kind::TYPE_ERROR) {
        return raised;
    }
    cx.take_raised();
    let reason = match operations::to_str(cx, exception) {
        Ok(reason) => reason.to_text(),
        Err(raised) => return raised,
    };
    let class = crate::types::class_name(cx, key);
    cx.type_error(format!("cannot use '{class}' as {role} ({reason})"))
}

/// Table and number of entries in use, by which a change is noticed.
type State = (Option<Gc<Array>>, Value);

/// What to do where a key is there already, and what entries hold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// The value replaces the old one.
    Replace,
    /// The old value stays.
    Keep,
    /// A cell of a namespace; the old one stays.
    Cell,
}

/// What became of a key.
enum Inserted {
    New,
    Present(Value),
    /// Entries hold cells now, or none.
    Refused,
}

enum Found {
    Entry(Table, usize),
    Missing,
    Changed,
}

impl Dict {
    /// A new empty dict.
    pub fn new(cx: &mut Cx) -> Gc<Dict> {
        let dict = allocate::<Dict>(cx.mutator(), shapes::DICT);
        dict.live.init(Value::int(0));
        dict.filled.init(Value::int(0));
        dict
    }

    /// Makes room for that many entries in an empty dict, so that it need not grow again and again.
    pub fn reserve(cx: &mut Cx, dict: Gc<Dict>, entries: usize) -> PyResult<()> {
        if dict.table.get().is_some() {
            return Ok(());
        }
        let table = Table::new(cx, entries, Size::Exact)?;
        let _locked = vm_stm::lock(&dict.word);
        if dict.table.get().is_none() {
            dict.table.set_release(cx.mutator(), dict, Some(table.array));
        }
        Ok(())
    }

    /// A new dict of keys and values in turn, which lie on a stack.
    pub fn of_pairs(cx: &mut Cx, pairs: &[Value]) -> PyResult<Gc<Dict>> {
        let dict = Dict::new(cx);
        if !pairs.is_empty() {
            Dict::reserve(cx, dict, pairs.len() / 2)?;
        }
        for [key, value] in pairs.as_chunks().0 {
            Dict::set(cx, dict, *key, *value)?;
        }
        Ok(dict)
    }

    /// A new namespace whose values are global cells.
    pub fn new_namespace(cx: &mut Cx) -> Gc<Dict> {
        let dict = Dict::new(cx);
        dict.cells.init(true);
        dict
    }

    /// Number of entries that Python sees. In a namespace an unbound variable keeps its cell, so there they are counted.
    #[inline]
    pub fn length(dict: Gc<Dict>) -> usize {
        if dict.cells.get() { Dict::count_bound(dict) } else { dict.live.get().as_int() as usize }
    }

    fn count_bound(dict: Gc<Dict>) -> usize {
        let mut position = 0;
        std::iter::from_fn(|| Dict::next(dict, &mut position)).count()
    }

    /// Turns a plain dict into a namespace, so that inline caches and traces can refer to its variables. Functions whose
    /// globals it is run as fast as those of a module from then on; what Python sees stays the same.
    pub fn make_namespace(cx: &mut Cx, dict: Gc<Dict>) -> PyResult<()> {
        while !dict.cells.get() {
            let seen = (dict.table.get(), dict.filled.get());
            let (mut made, mut count) = (None, 0);
            if let Some(old) = Table::of(dict) {
                count = (seen.1.as_int() as usize).min(old.capacity());
                let new = Table::new(cx, old.capacity(), Size::Exact)?;
                for entry in 0..count {
                    let cell = allocate::<GlobalCell>(cx.mutator(), shapes::GLOBAL_CELL);
                    cell.value.init(UNBOUND);
                    cell.watch.init(Value::int(0));
                    new.set_value(cx, entry, cell.value());
                }
                made = Some((old, new));
            }
            let _locked = vm_stm::lock(&dict.word);
            if (dict.table.get(), dict.filled.get()) != seen || dict.cells.get() {
                continue;
            }
            let mut filled = 0;
            if let Some((old, new)) = made {
                for entry in 0..count {
                    let (key, value, hash) = (old.key(entry), old.value(entry), old.hash(entry));
                    if key == UNBOUND {
                        continue;
                    }
                    let cell = new.value(filled);
                    let variable = downcast::<GlobalCell>(cell).expect("just put there");
                    variable.value.set(cx.mutator(), variable, value);
                    new.fill(cx, filled, key, cell, hash);
                    new.enter(hash, filled);
                    filled += 1;
                }
                for entry in filled..count {
                    new.set_value(cx, entry, UNBOUND);
                }
            }
            // ORDER: whoever sees the new table sees the flag too; a value of the old table is taken as it is.
            dict.cells.init(true);
            dict.filled.init(Value::int(filled as i64));
            dict.table.set_release(cx.mutator(), dict, made.map(|(_, new)| new.array));
        }
        Ok(())
    }

    /// Looks for a key where comparisons may run code.
    fn search(cx: &mut Cx, dict: Gc<Dict>, key: Value, hash: u64) -> PyResult<Found> {
        let Some(table) = Table::of(dict) else { return Ok(Found::Missing) };
        let word = hash_word(hash);
        let index = table.index();
        let mut probe = Probe::new(word, index.mask());
        loop {
            match index.slot(&probe) {
                Slot::Empty => return Ok(Found::Missing),
                Slot::Deleted => {}
                Slot::Entry(entry) => {
                    let candidate = table.key(entry);
                    if candidate == key {
                        return Ok(Found::Entry(table, entry));
                    }
                    if table.hash(entry) == word && candidate != UNBOUND {
                        let equal = operations::equal(cx, candidate, key)?;
                        if dict.table.get() != Some(table.array) || table.key(entry) != candidate {
                            return Ok(Found::Changed);
                        }
                        if equal {
                            return Ok(Found::Entry(table, entry));
                        }
                    }
                }
            }
            probe.next();
        }
    }

    #[inline(always)]
    fn find(cx: &mut Cx, dict: Gc<Dict>, key: Value, hash: u64) -> PyResult<Option<(Table, usize)>> {
        let Some(table) = Table::of(dict) else { return Ok(None) };
        match table.quick_search(key, hash_word(hash)) {
            Quick::Entry(entry) => Ok(Some((table, entry))),
            Quick::Missing(_) => Ok(None),
            Quick::Unclear => Dict::find_comparing(cx, dict, key, hash),
        }
    }

    #[inline(never)]
    fn find_comparing(cx: &mut Cx, dict: Gc<Dict>, key: Value, hash: u64) -> PyResult<Option<(Table, usize)>> {
        loop {
            match Dict::search(cx, dict, key, hash)? {
                Found::Entry(table, entry) => return Ok(Some((table, entry))),
                Found::Missing => return Ok(None),
                Found::Changed => {}
            }
        }
    }

    /// The value of a key, if it is there.
    #[inline]
    pub fn get(cx: &mut Cx, dict: Gc<Dict>, key: Value) -> PyResult<Option<Value>> {
        let hash = key_hash(cx, key, "a dict key")?;
        Dict::get_hashed(cx, dict, key, hash)
    }

    /// The same with the hash at hand.
    #[inline]
    pub fn get_hashed(cx: &mut Cx, dict: Gc<Dict>, key: Value, hash: u64) -> PyResult<Option<Value>> {
        let Some((table, entry)) = Dict::find(cx, dict, key, hash)? else { return Ok(None) };
        let value = table.value(entry);
        let value = if dict.cells.get() { cell_value(value) } else { value };
        Ok((value != UNBOUND).then_some(value))
    }

    /// The entry of a name (this very string) in a dict that is no namespace.
    pub fn plain_entry(cx: &mut Cx, dict: Gc<Dict>, name: Gc<Str>) -> Option<usize> {
        let (table, hash) = (Table::of(dict)?, hash_word(name.hash_value(cx)));
        match table.quick_search(name.value(), hash) {
            Quick::Entry(entry) if !dict.cells.get() && table.key(entry) == name.value() => Some(entry),
            _ => None,
        }
    }

    /// The value of a name.
    pub fn get_str(cx: &mut Cx, dict: Gc<Dict>, name: Gc<Str>) -> Option<Value> {
        let hash = name.hash_value(cx);
        // Comparing text does not raise; keys with the same hash that are no text are rare and may, which counts as missing.
        Dict::get_hashed(cx, dict, name.value(), hash).unwrap_or_else(|_| {
            cx.take_raised();
            None
        })
    }

    /// Sets the value of a key.
    #[inline]
    pub fn set(cx: &mut Cx, dict: Gc<Dict>, key: Value, value: Value) -> PyResult<()> {
        let hash = key_hash(cx, key, "a dict key")?;
        Dict::set_hashed(cx, dict, key, hash, value)
    }

    /// Sets the value of a name.
    pub fn set_str(cx: &mut Cx, dict: Gc<Dict>, name: Gc<Str>, value: Value) -> PyResult<()> {
        let hash = name.hash_value(cx);
        Dict::set_hashed(cx, dict, name.value(), hash, value)
    }

    /// Sets the value of a key with the hash at hand.
    #[inline]
    pub fn set_hashed(cx: &mut Cx, dict: Gc<Dict>, key: Value, hash: u64, value: Value) -> PyResult<()> {
        if dict.cells.get() {
            return Dict::set_variable(cx, dict, key, hash, value);
        }
        match Dict::insert(cx, dict, key, hash, value, Mode::Replace)? {
            // It has become a namespace meanwhile.
            Inserted::Refused => Dict::set_variable(cx, dict, key, hash, value),
            _ => Ok(()),
        }
    }

    /// Sets the value of a key of a namespace.
    fn set_variable(cx: &mut Cx, dict: Gc<Dict>, key: Value, hash: u64, value: Value) -> PyResult<()> {
        // A new variable, in one go. A transaction that is given up leaves its cell behind, so that it must begin without a value.
        if !vm_stm::are_transactions() && Dict::find(cx, dict, key, hash)?.is_none() {
            let cell = new_cell(cx, value);
            if let Inserted::New = Dict::insert(cx, dict, key, hash, cell.value(), Mode::Cell)? {
                return Ok(());
            }
        }
        let cell = Dict::cell(cx, dict, key, hash)?;
        if cell.value.get() == UNBOUND {
            Dict::move_to_end(cx, dict, key, hash)?;
        }
        set_cell(cx, cell, value);
        Ok(())
    }

    /// The value of a key, which is entered with this value where it is missing.
    pub fn set_default(cx: &mut Cx, dict: Gc<Dict>, key: Value, value: Value) -> PyResult {
        let hash = key_hash(cx, key, "a dict key")?;
        if !dict.cells.get() {
            match Dict::insert(cx, dict, key, hash, value, Mode::Keep)? {
                Inserted::New => return Ok(value),
                Inserted::Present(old) => return Ok(old),
                Inserted::Refused => {}
            }
        }
        if let Some(old) = Dict::get_hashed(cx, dict, key, hash)? {
            return Ok(old);
        }
        Dict::set_hashed(cx, dict, key, hash, value)?;
        Ok(value)
    }

    /// Enters a key and what its entry holds.
    #[inline(always)]
    fn insert(cx: &mut Cx, dict: Gc<Dict>, key: Value, hash: u64, value: Value, mode: Mode) -> PyResult<Inserted> {
        // ORDER: before the search, so that what another thread enters during it is noticed; whoever sees an entry
        // counted finds it.
        let filled = dict.filled.get_acquire();
        if let Some(table) = Table::of(dict) {
            match table.quick_search(key, hash_word(hash)) {
                Quick::Entry(entry) => {
                    if let Some(done) = Dict::meet(cx, dict, table, entry, value, mode) {
                        return Ok(done);
                    }
                }
                Quick::Missing(slot) => {
                    let seen = (Some(table.array), filled);
                    if let Some(done) = Dict::fill_next(cx, dict, seen, Some(slot), (key, value, hash), mode) {
                        return Ok(done);
                    }
                }
                Quick::Unclear => {}
            }
        }
        Dict::insert_comparing(cx, dict, key, hash, value, mode)
    }

    /// What an insertion does with the entry that was found for its key. `None` where it has changed meanwhile.
    #[inline(always)]
    fn meet(cx: &Cx, dict: Gc<Dict>, table: Table, entry: usize, value: Value, mode: Mode) -> Option<Inserted> {
        let _locked = vm_stm::lock(&dict.word);
        if dict.cells.get() != (mode == Mode::Cell) {
            return Some(Inserted::Refused);
        }
        if dict.table.get() != Some(table.array) || table.key(entry) == UNBOUND {
            return None;
        }
        let old = table.value(entry);
        // Two threads may make a cell of the same name at the same time: the first one counts.
        if mode == Mode::Replace {
            table.set_value(cx, entry, value);
        }
        Some(Inserted::Present(old))
    }

    /// Fills the next entry, if nothing has been entered since `seen`, when the key was missing, and there is room. The
    /// slot is where the search ended: nothing else fills it while nothing is entered. With one thread only, there must have
    /// been no code run since.
    #[inline(always)]
    fn fill_next(
        cx: &Cx,
        dict: Gc<Dict>,
        seen: State,
        slot: Option<usize>,
        (key, value, hash): (Value, Value, u64),
        mode: Mode,
    ) -> Option<Inserted> {
        let _locked = vm_stm::lock(&dict.word);
        if dict.cells.get() != (mode == Mode::Cell) {
            return Some(Inserted::Refused);
        }
        if (slot.is_none() || vm_stm::is_concurrent()) && (dict.table.get(), dict.filled.get()) != seen {
            return None;
        }
        let table = Table { array: seen.0? };
        let entry = seen.1.as_int() as usize;
        if entry >= table.capacity() {
            return None;
        }
        let word = hash_word(hash);
        table.fill(cx, entry, key, value, word);
        match slot {
            Some(slot) => table.enter_at(slot, entry),
            None => table.enter(word, entry),
        }
        // ORDER: whoever sees it counted finds it.
        dict.filled.word().store(Value::int(entry as i64 + 1).bits(), Ordering::Release);
        dict.live.init(Value::int(dict.live.get().as_int() + 1));
        Some(Inserted::New)
    }

    #[inline(never)]
    fn insert_comparing(
        cx: &mut Cx,
        dict: Gc<Dict>,
        key: Value,
        hash: u64,
        value: Value,
        mode: Mode,
    ) -> PyResult<Inserted> {
        // The state in which the key is known to be missing.
        let mut missing_in = None;
        loop {
            // ORDER: as in `insert`.
            let filled = dict.filled.get_acquire();
            let seen = (dict.table.get(), filled);
            if missing_in != Some(seen)
                && let Some((table, entry)) = Dict::find(cx, dict, key, hash)?
            {
                if let Some(done) = Dict::meet(cx, dict, table, entry, value, mode) {
                    return Ok(done);
                }
                continue;
            }
            if let Some(done) = Dict::fill_next(cx, dict, seen, None, (key, value, hash), mode) {
                return Ok(done);
            }
            // Another thread may have entered the same key; else there is no room.
            missing_in = if (dict.table.get(), dict.filled.get()) == seen { Dict::grow(cx, dict, seen)? } else { None };
        }
    }

    /// Makes room. Gives the new state where nothing else has changed what was seen before.
    #[cold]
    fn grow(cx: &mut Cx, dict: Gc<Dict>, seen: State) -> PyResult<Option<State>> {
        let live = dict.live.get().as_int() as usize;
        if live >= MAX_ENTRIES {
            return Err(cx.raise(crate::Kind::MEMORY_ERROR, ""));
        }
        // From half as many again on, as far as the index goes that these need: mostly twice as many.
        let grown = Table::new(cx, (live + live / 2 + 1).min(MAX_ENTRIES), Size::Growing)?;
        let _locked = vm_stm::lock(&dict.word);
        let unchanged = (dict.table.get(), dict.filled.get()) == seen;
        let filled = dict.live.get().as_int() as usize;
        if filled > grown.capacity() {
            return Ok(None); // another thread entered many: grow again
        }
        if let Some(old) = Table::of(dict) {
            grown.take_entries(old, dict.filled.get().as_int() as usize, filled);
        }
        dict.filled.init(Value::int(filled as i64));
        dict.table.set_release(cx.mutator(), dict, Some(grown.array));
        Ok(unchanged.then(|| (Some(grown.array), Value::int(filled as i64))))
    }

    /// Removes a key and returns its value, if it was there.
    pub fn remove(cx: &mut Cx, dict: Gc<Dict>, key: Value) -> PyResult<Option<Value>> {
        let hash = key_hash(cx, key, "a dict key")?;
        if dict.cells.get() {
            return Ok(match Dict::find(cx, dict, key, hash)? {
                Some((table, entry)) => {
                    let Some(cell) = downcast::<GlobalCell>(table.value(entry)) else {
                        return Dict::remove(cx, dict, key);
                    };
                    let old = cell.value.get();
                    if old == UNBOUND {
                        None
                    } else {
                        set_cell(cx, cell, UNBOUND);
                        Some(old)
                    }
                }
                None => None,
            });
        }
        Dict::remove_hashed(cx, dict, key, hash)
    }

    /// The same with the hash at hand; not for namespaces.
    pub fn remove_hashed(cx: &mut Cx, dict: Gc<Dict>, key: Value, hash: u64) -> PyResult<Option<Value>> {
        loop {
            let Some((table, entry)) = Dict::find(cx, dict, key, hash)? else { return Ok(None) };
            let _locked = vm_stm::lock(&dict.word);
            if dict.table.get() != Some(table.array) || table.key(entry) == UNBOUND {
                continue;
            }
            let old = table.value(entry);
            table.remove(cx, entry);
            dict.live.init(Value::int(dict.live.get().as_int() - 1));
            return Ok(Some(old));
        }
    }

    fn move_to_end(cx: &mut Cx, dict: Gc<Dict>, key: Value, hash: u64) -> PyResult<()> {
        if let Some((table, entry)) = Dict::find(cx, dict, key, hash)? {
            if entry as i64 + 1 == dict.filled.get().as_int() {
                return Ok(());
            }
            let cell = table.value(entry);
            Dict::remove_hashed(cx, dict, key, hash)?;
            Dict::insert(cx, dict, key, hash, cell, Mode::Cell)?;
        }
        Ok(())
    }

    /// Removes all entries.
    pub fn clear(cx: &mut Cx, dict: Gc<Dict>) {
        if dict.cells.get() {
            let mut position = 0;
            while let Some((_, cell, _)) = Dict::raw_next(dict, &mut position) {
                let cell = downcast::<GlobalCell>(cell).expect("a namespace holds cells");
                set_cell(cx, cell, UNBOUND);
            }
            return;
        }
        if dict.table.get().is_none() {
            return;
        }
        let Ok(empty) = Table::new(cx, 0, Size::Exact) else { panic!("out of memory for an empty dict") };
        let _locked = vm_stm::lock(&dict.word);
        dict.live.init(Value::int(0));
        dict.filled.init(Value::int(0));
        dict.table.set_release(cx.mutator(), dict, Some(empty.array));
    }

    /// The global cell of a name in a namespace, made where it is missing.
    pub fn cell(cx: &mut Cx, dict: Gc<Dict>, key: Value, hash: u64) -> PyResult<Gc<GlobalCell>> {
        debug_assert!(dict.cells.get());
        if let Some((table, entry)) = Dict::find(cx, dict, key, hash)? {
            return Ok(downcast::<GlobalCell>(table.value(entry)).expect("a namespace holds cells"));
        }
        let cell = new_cell(cx, UNBOUND);
        Dict::insert(cx, dict, key, hash, cell.value(), Mode::Cell)?;
        // Two threads may have made one at the same time: the one in the table counts.
        match Dict::find(cx, dict, key, hash)? {
            Some((table, entry)) => Ok(downcast::<GlobalCell>(table.value(entry)).expect("a namespace holds cells")),
            None => Ok(cell),
        }
    }
}

fn new_cell(cx: &mut Cx, value: Value) -> Gc<GlobalCell> {
    let cell = allocate::<GlobalCell>(cx.mutator(), shapes::GLOBAL_CELL);
    cell.value.init(value);
    cell.watch.init(Value::int(0));
    cell
}

/// The value of a namespace's entry, which may stem from the time when it was a plain dict.
fn cell_value(cell: Value) -> Value {
    downcast::<GlobalCell>(cell).map_or(cell, |cell| cell.value.get())
}

/// Changes a global variable; traces that rely on its value are withdrawn first.
pub fn set_cell(cx: &mut Cx, cell: Gc<GlobalCell>, value: Value) {
    if cell.watch.get() == Value::int(1)
        && let Some(invalidate) = cx.runtime.invalidate.get()
    {
        invalidate(cx, crate::runtime::Assumption::GlobalCell(cell));
    }
    let _locked = vm_stm::lock_for_write(&cell.word);
    cell.value.set_release(cx.mutator(), cell, value);
}

const _: () = assert!(Dict::LAYOUT_ID.0 == 7);
