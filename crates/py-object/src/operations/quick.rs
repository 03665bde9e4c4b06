//! What the shape of an object and a word or two in it tell, without a call: the length and the truth of what programs ask most.
//!
//! Nothing here runs code or writes. Inside transactions nobody may ask: the words are read plainly.

use crate::attribute;
use crate::kinds::shapes;
use crate::objects::{Bytes, Dict, List, Set, Str, Tuple};
use crate::types::shape_id;
use vm_heap::{Gc, Value};

/// An object with the layout of `T`.
///
/// # Safety
/// The object's shape must be that of exact instances of the built-in type with this layout.
#[inline(always)]
unsafe fn known<T>(object: Value) -> Gc<T> {
    // SAFETY: exact instances of a built-in type have its layout.
    unsafe { Gc::from_address(object.address()) }
}

/// The length of an exact instance of a usual built-in type.
#[inline(always)]
pub fn quick_length(value: Value) -> Option<usize> {
    if !value.is_object() {
        return None;
    }
    // SAFETY: by the shapes.
    let length = unsafe {
        match shape_id(value) {
            shapes::STR => known::<Str>(value).characters.get(),
            shapes::BYTES => known::<Bytes>(value).length.get(),
            shapes::LIST => known::<List>(value).length.get(),
            shapes::TUPLE => known::<Tuple>(value).length.get(),
            shapes::DICT if !known::<Dict>(value).cells.get() => known::<Dict>(value).live.get(),
            shapes::SET | shapes::FROZENSET => known::<Set>(value).live.get(),
            _ => return None,
        }
    };
    Some(length.as_int() as usize)
}

/// The truth of an object that is an exact instance of a usual built-in type, or of a class that gives its instances none of their own.
#[inline(always)]
pub fn quick_truth(value: Value) -> Option<bool> {
    match quick_length(value) {
        Some(length) => Some(length != 0),
        None => (value.is_object() && attribute::is_known_plainly_true(value)).then_some(true),
    }
}
