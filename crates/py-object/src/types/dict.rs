//! `dict`: its methods, and merging.

mod methods;
mod views;

pub use methods::DICT_METHODS;
pub use views::{DICT_ITEMS_METHODS, DICT_KEYS_METHODS, DICT_VALUES_METHODS};

use crate::cx::{Cx, PyResult};
use crate::kinds::Kind;
use crate::objects::{Dict, Exception, List};
use crate::operations;
use crate::string::downcast;
use crate::types::{self, list};
use vm_heap::{Gc, Value};
use vm_machine::Raised;

/// KeyError with the key itself as its argument.
#[cold]
pub fn key_error(cx: &mut Cx, key: Value) -> Raised {
    let exception = Exception::new(cx, Kind::KEY_ERROR, &[key]);
    crate::exception::raise(cx, exception)
}

/// Number of entries that Python sees.
pub fn length(dict: Gc<Dict>) -> usize {
    Dict::length(dict)
}

/// Adds the entries of a dict, or of an instance of a subclass, which may iterate in an order of its own.
pub fn merge_mapping(cx: &mut Cx, dict: Gc<Dict>, other: Gc<Dict>) -> PyResult<()> {
    update(cx, dict, other.value())
}

/// Whether iterating a dict gives the keys in the order of its table: no subclass has changed that.
fn iterates_plainly(cx: &mut Cx, dict: Value) -> bool {
    types::is_exactly(dict, Kind::DICT) || {
        let (class, name) = (cx.builtin_type(Kind::DICT), cx.intern("__iter__"));
        types::lookup_special(cx, dict, "__iter__") == types::lookup(cx, class, name)
    }
}

/// Adds the entries of another dict.
pub fn merge(cx: &mut Cx, dict: Gc<Dict>, other: Gc<Dict>) -> PyResult<()> {
    if Dict::length(dict) == 0 && dict != other && Dict::copy_into(cx, dict, other)? {
        return Ok(());
    }
    let (mut position, live) = (0, other.live.get());
    while let Some((key, value, hash)) = Dict::next_hashed(other, &mut position) {
        Dict::set_hashed(cx, dict, key, hash, value)?;
        if other.live.get() != live && dict != other {
            return Err(cx.raise(Kind::RUNTIME_ERROR, "dict mutated during update"));
        }
    }
    Ok(())
}

/// `dict.update(source)`: a mapping, or an iterable of pairs.
pub fn update(cx: &mut Cx, dict: Gc<Dict>, source: Value) -> PyResult<()> {
    if let Some(other) = downcast::<Dict>(source)
        && iterates_plainly(cx, source)
    {
        return merge(cx, dict, other);
    }
    let name = cx.intern("keys");
    if let Some((keys, _)) = crate::attribute::find(cx, source, name)? {
        let keys = crate::call::call(cx, keys, &[], None)?;
        let iterator = operations::iterate(cx, keys)?;
        while let Some(key) = operations::next(cx, iterator)? {
            let value = operations::get_item(cx, source, key)?;
            Dict::set(cx, dict, key, value)?;
        }
        return Ok(());
    }
    let iterator = operations::iterate(cx, source)?;
    let mut at = 0;
    while let Some(pair) = operations::next(cx, iterator)? {
        let items = match list::sequence_of(cx, pair) {
            Ok(items) => items,
            Err(raised) => {
                if !types::is_instance(cx, cx.raised.get(), Kind::TYPE_ERROR) {
                    return Err(raised);
                }
                let mut error = cx.take_raised();
                if types::lookup_special(cx, pair, "__iter__").is_none() {
                    let _ = cx.type_error("object is not iterable");
                    error = cx.take_raised();
                }
                let note = format!("Cannot convert dictionary update sequence element #{at} to a sequence");
                let note = crate::objects::Str::new(cx, &note);
                crate::call::call_method(cx, error, "add_note", &[note.value()])?;
                cx.raised.set(error);
                return Err(raised);
            }
        };
        let (Some(key), Some(value), 2) = (list::item(items, 0), list::item(items, 1), list::length(items)) else {
            let length = list::length(items);
            let message = format!("dictionary update sequence element #{at} has length {length}; 2 is required");
            return Err(cx.value_error(message));
        };
        Dict::set(cx, dict, key, value)?;
        at += 1;
    }
    Ok(())
}

/// A new dict with the same entries.
pub fn copy(cx: &mut Cx, dict: Gc<Dict>) -> PyResult<Gc<Dict>> {
    Dict::duplicate(cx, dict)
}

/// The keys in order as a list.
pub fn keys(cx: &mut Cx, dict: Gc<Dict>) -> PyResult<Gc<List>> {
    let list = List::new(cx, &[])?;
    let mut position = 0;
    while let Some((key, _)) = Dict::next(dict, &mut position) {
        List::push(cx, list, key)?;
    }
    Ok(list)
}

/// Whether two dicts have equal keys with equal values.
pub(crate) fn equal(cx: &mut Cx, lhs: Gc<Dict>, rhs: Gc<Dict>) -> PyResult<bool> {
    if length(lhs) != length(rhs) {
        return Ok(false);
    }
    cx.check_native_stack()?;
    let mut position = 0;
    while let Some((key, value, hash)) = Dict::next_hashed(lhs, &mut position) {
        match Dict::get_hashed(cx, rhs, key, hash)? {
            Some(other) if operations::equal(cx, value, other)? => {}
            _ => return Ok(false),
        }
    }
    Ok(true)
}
