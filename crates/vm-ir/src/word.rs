//! The value word as the evaluator and the code generator know it.
//!
//! The same encoding as `vm_heap::Value`, which explains it; a test compares the two. It is repeated here because
//! neither this crate nor the code generator depends on the heap.

/// What is added to a float's bits before the rotation.
pub const FLOAT_BIAS: u64 = 2 << 60;
/// How far left a biased float is rotated.
pub const FLOAT_ROTATION: u32 = 4;
/// Bit `n` is set where a word with the low five bits `n` is a self-tagged float.
pub const FLOAT_TAGS: u32 = 0x6464_6464;
/// Added to an object's address.
pub const OBJECT_TAG: u64 = 1;
/// How far left a small int is shifted.
pub const INT_SHIFT: u32 = 2;
/// Bytes from an object's address to its 32-bit shape id.
pub const SHAPE_OFFSET: i32 = 4;

/// The word of a small int that fits in 62 bits.
pub const fn int(number: i64) -> u64 {
    (number << INT_SHIFT) as u64
}

/// The number of a small int.
pub const fn as_int(word: u64) -> i64 {
    word as i64 >> INT_SHIFT
}

/// Whether the word is a small int.
pub const fn is_int(word: u64) -> bool {
    word & 3 == 0
}

/// Whether the word is a self-tagged float.
pub const fn is_float(word: u64) -> bool {
    FLOAT_TAGS >> (word as u32 & 31) & 1 != 0
}

/// Whether the word is a heap object.
pub const fn is_object(word: u64) -> bool {
    word & 7 == OBJECT_TAG
}

/// The word of a float, or `None` where it must be boxed.
pub fn small_float(number: f64) -> Option<u64> {
    let word = number.to_bits().wrapping_add(FLOAT_BIAS).rotate_left(FLOAT_ROTATION);
    is_float(word).then_some(word)
}

/// The number of a self-tagged float.
pub fn as_float(word: u64) -> f64 {
    f64::from_bits(word.rotate_right(FLOAT_ROTATION).wrapping_sub(FLOAT_BIAS))
}

/// The word of the object at an address.
pub const fn object(address: u64) -> u64 {
    address.wrapping_add(OBJECT_TAG)
}

/// The address of an object.
pub const fn address(word: u64) -> u64 {
    word.wrapping_sub(OBJECT_TAG)
}
