//! The value word: every language value in 64 bits.
//!
//! Self-tagged floats (Melançon, Feeley and Serrano, "Float self-tagging", 2024): a float's bits plus `2 << 60`,
//! rotated left by four, put the top bits of the exponent into the low bits of the word, where ordinary magnitudes
//! show up as tags of their own. The low three bits say what a word is:
//!
//! | low bits | what |
//! |---|---|
//! | `000`, `100` | small int: the number times four (62 bits, signed) |
//! | `001` | heap object: its address plus one |
//! | `010`, `101`, `110` | float: zero and magnitudes from about 1.7e-77 to 2.3e77 |
//! | `111` | immediate constant (a language's `None`, `True` …): its number times eight plus seven |
//! | `011` | free |
//!
//! Floats outside those magnitudes, infinities and NaNs are heap objects.
//! INVARIANT: equal small ints, equal immediates and the same object are equal as words.

/// What is added to a float's bits before the rotation.
pub const FLOAT_BIAS: u64 = 2 << 60;
/// How far left a biased float is rotated.
pub const FLOAT_ROTATION: u32 = 4;
/// Bit `n` is set where a word with the low five bits `n` is a self-tagged float.
pub const FLOAT_TAGS: u32 = 0x6464_6464;
/// Added to an object's address.
pub const OBJECT_TAG: u64 = 1;
/// The low three bits of an immediate.
pub const IMMEDIATE_TAG: u64 = 7;
/// How far left a small int is shifted.
pub const INT_SHIFT: u32 = 2;
/// The largest small int.
pub const INT_MAX: i64 = i64::MAX >> INT_SHIFT;
/// The smallest small int.
pub const INT_MIN: i64 = i64::MIN >> INT_SHIFT;

/// One value: a small int, a float, an immediate or a pointer to a heap object.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct Value(u64);

impl Value {
    /// The value with this bit pattern. The pattern must follow the table at the top.
    #[inline(always)]
    pub const fn from_bits(bits: u64) -> Value {
        Value(bits)
    }

    /// The bit pattern.
    #[inline(always)]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// An immediate by number.
    pub const fn immediate(number: u64) -> Value {
        Value(number << 3 | IMMEDIATE_TAG)
    }

    /// Whether this is an immediate.
    #[inline(always)]
    pub const fn is_immediate(self) -> bool {
        self.0 & 7 == IMMEDIATE_TAG
    }

    /// A small int, or `None` where the number takes more than 62 bits.
    #[inline(always)]
    pub const fn small_int(number: i64) -> Option<Value> {
        if number >= INT_MIN && number <= INT_MAX { Some(Value((number << INT_SHIFT) as u64)) } else { None }
    }

    /// A small int that is known to fit, such as a length or an index.
    #[inline(always)]
    pub const fn int(number: i64) -> Value {
        debug_assert!(number >= INT_MIN && number <= INT_MAX);
        Value((number << INT_SHIFT) as u64)
    }

    /// Whether this is a small int.
    #[inline(always)]
    pub const fn is_int(self) -> bool {
        self.0 & 3 == 0
    }

    /// The number of a small int; meaningless for anything else.
    #[inline(always)]
    pub const fn as_int(self) -> i64 {
        self.0 as i64 >> INT_SHIFT
    }

    /// A self-tagged float, or `None` where this number must be boxed.
    #[inline(always)]
    pub const fn small_float(number: f64) -> Option<Value> {
        let word = Value(number.to_bits().wrapping_add(FLOAT_BIAS).rotate_left(FLOAT_ROTATION));
        if word.is_float() { Some(word) } else { None }
    }

    /// Whether this is a self-tagged float (a boxed one is an object).
    #[inline(always)]
    pub const fn is_float(self) -> bool {
        FLOAT_TAGS >> (self.0 as u32 & 31) & 1 != 0
    }

    /// The number of a self-tagged float; meaningless for anything else.
    #[inline(always)]
    pub const fn as_float(self) -> f64 {
        f64::from_bits(self.0.rotate_right(FLOAT_ROTATION).wrapping_sub(FLOAT_BIAS))
    }

    /// The object at an address (8-byte aligned, not null).
    #[inline(always)]
    pub const fn object(address: usize) -> Value {
        debug_assert!(address != 0 && address & 7 == 0);
        Value(address as u64 + OBJECT_TAG)
    }

    /// Whether this is a heap object.
    #[inline(always)]
    pub const fn is_object(self) -> bool {
        self.0 & 7 == OBJECT_TAG
    }

    /// The address of a heap object; meaningless for anything else.
    #[inline(always)]
    pub const fn address(self) -> usize {
        self.0.wrapping_sub(OBJECT_TAG) as usize
    }
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.is_int() {
            write!(f, "int {}", self.as_int())
        } else if self.is_float() {
            write!(f, "float {:?}", self.as_float())
        } else if self.is_object() {
            write!(f, "object {:#x}", self.address())
        } else {
            write!(f, "immediate {}", self.0 >> 3)
        }
    }
}
