//! Going through the entries of a dict, and copying them all.

use super::{Table, cell_value};
use crate::PyResult;
use crate::cx::{Cx, UNBOUND};
use crate::objects::Dict;
use std::sync::atomic::Ordering;
use vm_heap::{Gc, Value};

impl Dict {
    #[inline]
    pub(super) fn raw_next(dict: Gc<Dict>, position: &mut usize) -> Option<(Value, Value, Value)> {
        let table = Table::of(dict)?;
        let filled = (dict.filled.get().as_int() as usize).min(table.capacity());
        while *position < filled {
            let entry = *position;
            *position += 1;
            let (key, value) = (table.key(entry), table.value(entry));
            if key != UNBOUND && value != UNBOUND {
                return Some((key, value, table.hash(entry)));
            }
        }
        None
    }

    /// The entry at or after a position in the order of insertion; moves the position behind it.
    #[inline]
    pub fn next(dict: Gc<Dict>, position: &mut usize) -> Option<(Value, Value)> {
        Dict::next_hashed(dict, position).map(|(key, value, _)| (key, value))
    }

    /// The same with the key's hash, as the functions take it that are given one.
    #[inline]
    pub fn next_hashed(dict: Gc<Dict>, position: &mut usize) -> Option<(Value, Value, u64)> {
        loop {
            let (key, value, hash) = Dict::raw_next(dict, position)?;
            // The bits that a hash word has lost are looked at by nobody.
            let hash = hash.bits() >> 2;
            if !dict.cells.get() {
                return Some((key, value, hash));
            }
            let value = cell_value(value);
            if value != UNBOUND {
                return Some((key, value, hash));
            }
        }
    }

    /// Gives an empty dict the entries of another one that nobody else knows. `false` where it is not empty or a namespace.
    pub fn take_over(cx: &mut Cx, dict: Gc<Dict>, fresh: Gc<Dict>) -> bool {
        let _locked = vm_stm::lock(&dict.word);
        if dict.cells.get() || dict.live.get() != Value::int(0) {
            return false;
        }
        if let Some(table) = fresh.table.get() {
            dict.filled.init(fresh.filled.get());
            dict.live.init(fresh.live.get());
            dict.table.set_release(cx.mutator(), dict, Some(table));
        }
        true
    }

    /// A plain dict with the same entries.
    pub fn duplicate(cx: &mut Cx, dict: Gc<Dict>) -> PyResult<Gc<Dict>> {
        let copy = Dict::new(cx);
        while !dict.cells.get() {
            let Some(capacity) = Table::of(dict).map(|table| table.capacity()) else { return Ok(copy) };
            let new = Table::new(cx, capacity)?;
            let _locked = vm_stm::lock(&dict.word);
            let Some(old) = Table::of(dict).filter(|table| table.capacity() <= capacity) else { continue };
            let mut filled = 0;
            for entry in 0..dict.filled.get().as_int() as usize {
                let (key, value, hash) = (old.key(entry), old.value(entry), old.hash(entry));
                if key != UNBOUND {
                    new.fill(cx, filled, key, value, hash);
                    filled += 1;
                }
            }
            if filled == dict.filled.get().as_int() as usize && new.slots().len() == old.slots().len() {
                for (slot, number) in new.slots().iter().zip(old.slots()) {
                    slot.store(number.load(Ordering::Relaxed), Ordering::Relaxed);
                }
            } else {
                (0..filled).for_each(|entry| new.enter(new.hash(entry), entry));
            }
            copy.filled.init(Value::int(filled as i64));
            copy.live.init(Value::int(filled as i64));
            copy.table.set_release(cx.mutator(), copy, Some(new.array));
            return Ok(copy);
        }
        let mut position = 0;
        while let Some((key, value, hash)) = Dict::next_hashed(dict, &mut position) {
            Dict::set_hashed(cx, copy, key, hash, value)?;
        }
        Ok(copy)
    }

    /// The entry before a position in the order of insertion; moves the position to it. Not for namespaces.
    pub fn previous(dict: Gc<Dict>, position: &mut usize) -> Option<(Value, Value)> {
        let table = Table::of(dict)?;
        *position = (*position).min(table.capacity());
        while *position > 0 {
            *position -= 1;
            let (key, value) = (table.key(*position), table.value(*position));
            if key != UNBOUND && value != UNBOUND {
                return Some((key, value));
            }
        }
        None
    }

    /// The entry that was inserted last.
    pub fn last(dict: Gc<Dict>) -> Option<(Value, Value)> {
        let table = Table::of(dict)?;
        let filled = (dict.filled.get().as_int() as usize).min(table.capacity());
        (0..filled).rev().find_map(|entry| {
            let (key, value) = (table.key(entry), table.value(entry));
            if key == UNBOUND || value == UNBOUND {
                return None;
            }
            let value = if dict.cells.get() { cell_value(value) } else { value };
            (value != UNBOUND).then_some((key, value))
        })
    }

    /// All entries in the order of insertion.
    pub fn entries(dict: Gc<Dict>) -> Vec<(Value, Value)> {
        let mut position = 0;
        std::iter::from_fn(|| Dict::next(dict, &mut position)).collect()
    }
}
