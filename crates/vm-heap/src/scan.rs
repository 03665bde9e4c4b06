//! The references inside one object, as its layout describes them: one walk for the marker, the verifier and `gc`.

use crate::header::Header;
use crate::layout::{Tail, descriptor};
use crate::value::Value;

/// What is done with the words found.
pub(crate) trait Visitor {
    /// A reference to the object at this address.
    fn reference(&mut self, address: usize);
    /// A word that may or may not refer to an object, tagged or not, to its start or into it.
    fn ambiguous(&mut self, word: usize);
}

/// Visits all references in the object at `address`, whose header is `header`.
///
/// # Safety
/// There must be an object, and no thread may change it meanwhile.
#[inline(always)]
pub(crate) unsafe fn visit_references<V: Visitor>(address: usize, header: u64, visitor: &mut V) {
    let descriptor = descriptor(header);
    let words = address as *const u64;
    // SAFETY: the layout's bits name words of the object, and its tail is as long as the length field says.
    unsafe {
        let mut values = descriptor.values();
        while values != 0 {
            value(*words.add(values.trailing_zeros() as usize), visitor);
            values &= values - 1;
        }
        let mut pointers = descriptor.pointers();
        while pointers != 0 {
            let word = *words.add(pointers.trailing_zeros() as usize);
            if word != 0 {
                visitor.reference(word as usize);
            }
            pointers &= pointers - 1;
        }
        match descriptor.tail() {
            Tail::None | Tail::Bytes => {}
            Tail::Values => {
                let tail = (address + descriptor.fixed_size()) as *const u64;
                for index in 0..descriptor.tail_length(address) {
                    value(*tail.add(index), visitor);
                }
            }
            Tail::Words => {
                let tail = (address + descriptor.fixed_size()) as *const u64;
                for index in 0..descriptor.tail_length(address) {
                    visitor.ambiguous(*tail.add(index) as usize);
                }
            }
        }
    }
}

#[inline(always)]
fn value<V: Visitor>(word: u64, visitor: &mut V) {
    let value = Value::from_bits(word);
    if value.is_object() {
        visitor.reference(value.address());
    }
}

/// Reads the header word of an object.
///
/// # Safety
/// There must be an object at `address`.
#[inline(always)]
pub(crate) unsafe fn header_word(address: usize) -> u64 {
    // SAFETY: every object starts with its header.
    unsafe { *(address as *const u64) }
}

/// The header of the object at `address`.
///
/// # Safety
/// There must be an object at `address`.
#[inline(always)]
pub(crate) unsafe fn header_at(address: usize) -> &'static Header {
    // SAFETY: every object starts with its header.
    unsafe { &*(address as *const Header) }
}
