//! Going through the entries of a dict, copying them all, and choosing among the keys of two.

use super::table::{Quick, Size};
use super::{Inserted, Mode, Table, cell_value};
use crate::PyResult;
use crate::cx::{Cx, TRUE, UNBOUND};
use crate::objects::Dict;
use vm_heap::{Gc, Value};

/// For how many keys room is made before it is known how many there will be.
const MOST_EXPECTED: usize = 128;

impl Dict {
    #[inline(always)]
    pub(super) fn raw_next(dict: Gc<Dict>, position: &mut usize) -> Option<(Value, Value, Value)> {
        // ORDER: the number of entries before the table, as in inline iteration.
        let filled = dict.filled.get_acquire().as_int() as usize;
        let table = Table::of(dict)?;
        let filled = filled.min(table.capacity());
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

    /// Gives an empty dict the entries of another one. `false` where it is not empty or one of them is a namespace.
    pub fn copy_into(cx: &mut Cx, dict: Gc<Dict>, from: Gc<Dict>) -> PyResult<bool> {
        while !from.cells.get() {
            let Some((capacity, live)) = Table::of(from).map(|table| (table.capacity(), Dict::length(from))) else {
                return Ok(true);
            };
            // A copy grows seldom. But with an index of the same size there is none to make.
            let wanted = (live + live / 8 + 3).min(capacity);
            let new = Table::new(cx, wanted, Size::Copied(if live < capacity / 4 { 0 } else { capacity }))?;
            let filled = {
                let _locked = vm_stm::lock(&from.word);
                let (Some(old), filled) = (Table::of(from), from.filled.get().as_int() as usize) else { continue };
                let live = from.live.get().as_int() as usize;
                if live > new.capacity() {
                    continue;
                }
                new.take_entries(old, filled, live);
                live
            };
            let _locked = vm_stm::lock(&dict.word);
            if dict.cells.get() || dict.live.get() != Value::int(0) {
                return Ok(false);
            }
            dict.filled.init(Value::int(filled as i64));
            dict.live.init(Value::int(filled as i64));
            dict.table.set_release(cx.mutator(), dict, Some(new.array));
            return Ok(true);
        }
        Ok(false)
    }

    /// Gives a dict the entries of another one instead of its own, at once. Neither is a namespace, and nobody else knows
    /// the other one, which must not be used any more.
    pub fn replace_entries(cx: &mut Cx, dict: Gc<Dict>, fresh: Gc<Dict>) -> PyResult<()> {
        if fresh.table.get().is_none() {
            Dict::clear(cx, dict);
            return Ok(());
        }
        let _locked = vm_stm::lock(&dict.word);
        dict.filled.init(fresh.filled.get());
        dict.live.init(fresh.live.get());
        dict.table.set_release(cx.mutator(), dict, fresh.table.get());
        Ok(())
    }

    /// A plain dict with the same entries.
    pub fn duplicate(cx: &mut Cx, dict: Gc<Dict>) -> PyResult<Gc<Dict>> {
        let copy = Dict::new(cx);
        if Dict::copy_into(cx, copy, dict)? {
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

    /// Enters a key, whose value says nothing, unless it is there.
    #[inline]
    pub fn add_key(cx: &mut Cx, dict: Gc<Dict>, key: Value, hash: u64) -> PyResult<()> {
        match Dict::insert(cx, dict, key, hash, TRUE, Mode::Keep)? {
            Inserted::Refused => Dict::set_hashed(cx, dict, key, hash, TRUE),
            _ => Ok(()),
        }
    }

    /// Whether a key is there.
    pub fn has_key(cx: &mut Cx, dict: Gc<Dict>, key: Value, hash: u64) -> PyResult<bool> {
        Dict::has_key_inline(cx, dict, key, hash)
    }

    #[inline(always)]
    fn has_key_inline(cx: &mut Cx, dict: Gc<Dict>, key: Value, hash: u64) -> PyResult<bool> {
        Ok(match Dict::find(cx, dict, key, hash)? {
            Some((table, entry)) => !dict.cells.get() || cell_value(table.value(entry)) != UNBOUND,
            None => false,
        })
    }

    /// Whether all keys of `other` are in `dict`.
    pub fn has_keys(cx: &mut Cx, dict: Gc<Dict>, other: Gc<Dict>) -> PyResult<bool> {
        let mut position = 0;
        let mut missing = false;
        Dict::for_each_simple(other, dict, &mut position, |_, _, found| {
            missing = !found;
            found
        });
        if missing {
            return Ok(false);
        }
        while let Some((key, _, hash)) = Dict::next_hashed(other, &mut position) {
            if !Dict::has_key_inline(cx, dict, key, hash)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Goes through the keys of `from` from a position on, with their hashes and whether they are in `other`, as long as that is known
    /// without running code and `visit` returns true. The position is left at the first key that is still to be visited.
    #[inline(always)]
    fn for_each_simple(
        from: Gc<Dict>,
        other: Gc<Dict>,
        position: &mut usize,
        mut visit: impl FnMut(Value, Value, bool) -> bool,
    ) {
        // ORDER: the number of entries before the table, as in inline iteration.
        let filled = from.filled.get_acquire().as_int() as usize;
        let (Some(table), searched) = (Table::of(from), Table::of(other)) else { return };
        if from.cells.get() || other.cells.get() {
            return;
        }
        for entry in *position..filled.min(table.capacity()) {
            *position = entry;
            let (key, value, hash) = (table.key(entry), table.value(entry), table.hash(entry));
            if key == UNBOUND || value == UNBOUND {
                continue;
            }
            let found = match searched.as_ref().map(|searched| searched.quick_search(key, hash)) {
                Some(Quick::Entry(_)) => true,
                Some(Quick::Missing(_)) | None => false,
                Some(Quick::Unclear) => return,
            };
            if !visit(key, hash, found) {
                return;
            }
        }
        *position = filled;
    }

    /// Adds to the keys of `result`, which nobody else knows, those of `from` that are in `other`, or those that are not.
    pub fn select(cx: &mut Cx, result: Gc<Dict>, from: Gc<Dict>, other: Gc<Dict>, wanted: bool) -> PyResult<()> {
        let mut position = 0;
        if result.table.get().is_none() {
            let (mut made, mut count) = (Ok(None), 0);
            // The keys of `from` differ from each other, so that none needs to be looked for in the result.
            Dict::for_each_simple(from, other, &mut position, |key, hash, found| {
                if found != wanted {
                    return true;
                }
                if let Ok(None) = made {
                    made = Table::new(cx, Dict::length(from).min(MOST_EXPECTED), Size::Exact).map(Some);
                }
                let Ok(Some(table)) = &made else { return false };
                if count == table.capacity() {
                    return false;
                }
                table.fill(cx, count, key, TRUE, hash);
                table.enter(hash, count);
                count += 1;
                true
            });
            if let Some(table) = made? {
                result.filled.init(Value::int(count as i64));
                result.live.init(Value::int(count as i64));
                result.table.set_release(cx.mutator(), result, Some(table.array));
            }
        }
        while let Some((key, _, hash)) = Dict::next_hashed(from, &mut position) {
            if Dict::has_key_inline(cx, other, key, hash)? == wanted {
                if result.table.get().is_none() {
                    Dict::reserve(cx, result, Dict::length(from).min(MOST_EXPECTED))?;
                }
                Dict::add_key(cx, result, key, hash)?;
            }
        }
        Ok(())
    }
}
