//! Looking for a key by identity, in so few instructions that the interpreter's handlers do it in place.

use super::UNBOUND;
use super::table::{Quick, Table, hash_word};
use crate::attribute::known_identity_hash;
use crate::kinds::shapes;
use crate::objects::{Dict, Set, Str};
use crate::operations::same_text;
use crate::types::shape_id;
use vm_heap::{Gc, Value};

/// What a look at a table told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Peeked {
    /// The key is there, with this value.
    Found(Value),
    /// It is not there.
    Missing,
    /// It can't be told without comparing keys, or computing a hash.
    Unclear,
}

/// Looks for a key in a dict, set or frozenset, if it is exactly one.
#[inline(always)]
pub fn peek(container: Value, key: Value) -> Peeked {
    if !container.is_object() {
        return Peeked::Unclear;
    }
    match shape_id(container) {
        shapes::DICT | shapes::SET | shapes::FROZENSET => {}
        _ => return Peeked::Unclear,
    }
    peek_entry(container, key)
}

/// The same where the container is known to be laid out as a dict, and what its class makes of a key that is not there is the
/// caller's business.
#[inline(always)]
pub fn peek_entry(container: Value, key: Value) -> Peeked {
    const { assert!(std::mem::offset_of!(Dict, table) == std::mem::offset_of!(Set, table)) };
    const { assert!(std::mem::offset_of!(Dict, cells) == std::mem::offset_of!(Set, cells)) };
    // SAFETY: a set's first fields make it a dict.
    let dict: Gc<Dict> = unsafe { Gc::from_address(container.address()) };
    let Some(hash) = simple_hash(key) else { return Peeked::Unclear };
    if dict.cells.get() {
        return Peeked::Unclear;
    }
    let Some(table) = Table::of(dict) else { return Peeked::Missing };
    match table.search_by(key, hash, same_text) {
        Quick::Missing(_) => Peeked::Missing,
        Quick::Unclear => Peeked::Unclear,
        Quick::Entry(entry) => match table.value(entry) {
            UNBOUND => Peeked::Unclear,
            value => Peeked::Found(value),
        },
    }
}

/// The hash of text that has been asked for it before, of most small ints, and of what is equal to itself only.
#[inline(always)]
fn simple_hash(key: Value) -> Option<Value> {
    if key.is_int() {
        // These are their own hashes.
        return (0..1 << 60).contains(&key.as_int()).then_some(hash_word(key.as_int() as u64));
    }
    if !key.is_object() {
        return None;
    }
    if shape_id(key) != shapes::STR {
        return known_identity_hash(key).map(hash_word);
    }
    // SAFETY: the shape says so.
    let text: Gc<Str> = unsafe { Gc::from_address(key.address()) };
    match text.hash.get() {
        0 => None,
        hash => Some(hash_word(hash)),
    }
}
