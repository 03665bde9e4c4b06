//! What the shape of an object and a word or two in it tell, without a call: the length, the truth and the equality
//! of what programs ask most.
//!
//! Nothing here runs code or writes. Inside transactions nobody may ask: the words are read plainly.

use crate::attribute;
use crate::kinds::shapes;
use crate::objects::{Bytes, Dict, List, Set, Str, Tuple};
use crate::string::StrExt;
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

/// Longest text that is compared in place, in bytes.
const LONGEST: usize = 64;

/// Whether two values that are exact, not too long texts have the same bytes; `None` for others. A call of the C library's
/// comparison would cost the interpreter's handlers their registers.
#[inline(always)]
pub fn same_text(a: Value, b: Value) -> Option<bool> {
    if !a.is_object() || !b.is_object() || shape_id(a) != shapes::STR || shape_id(b) != shapes::STR {
        return None;
    }
    // SAFETY: by the shapes.
    let (a, b) = unsafe { (known::<Str>(a), known::<Str>(b)) };
    let (a, b) = (a.bytes(), b.bytes());
    if a.len() != b.len() {
        return Some(false);
    }
    if a.len() > LONGEST {
        return None;
    }
    let ((words_a, rest_a), (words_b, rest_b)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let same = words_a.iter().zip(words_b).all(|(a, b)| u64::from_ne_bytes(*a) == u64::from_ne_bytes(*b))
        && rest_a.iter().zip(rest_b).all(|(a, b)| a == b);
    Some(same)
}
