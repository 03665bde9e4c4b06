//! What is known of one result: which kinds of value word it can be, and within which bounds if it is a small int.
//!
//! Facts are about the word itself, so they never grow stale: a result is defined once and its word does not change.
//! What is known about the *object* behind a word (its shape, its fields) can change and lives elsewhere (`state.rs`,
//! `heap.rs`).

use vm_ir::{Constant, Type, word};

/// The largest small int.
pub(crate) const INT_MAX: i64 = i64::MAX >> word::INT_SHIFT;
/// The smallest small int.
pub(crate) const INT_MIN: i64 = i64::MIN >> word::INT_SHIFT;

/// A set of kinds of value word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Tags(u8);

impl Tags {
    pub const INT: Tags = Tags(1);
    pub const FLOAT: Tags = Tags(2);
    pub const OBJECT: Tags = Tags(4);
    /// Immediate constants, and the patterns that the encoding leaves free.
    pub const OTHER: Tags = Tags(8);
    pub const ALL: Tags = Tags(15);

    /// The kind of a value word.
    pub fn of(bits: u64) -> Tags {
        match bits {
            _ if word::is_int(bits) => Tags::INT,
            _ if word::is_float(bits) => Tags::FLOAT,
            _ if word::is_object(bits) => Tags::OBJECT,
            _ => Tags::OTHER,
        }
    }

    /// Those in both.
    pub const fn and(self, other: Tags) -> Tags {
        Tags(self.0 & other.0)
    }

    /// Those in one or the other.
    pub const fn or(self, other: Tags) -> Tags {
        Tags(self.0 | other.0)
    }

    /// Those not in `other`.
    pub const fn without(self, other: Tags) -> Tags {
        Tags(self.0 & !other.0)
    }

    /// Whether the set is empty: no word can be like that.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether all are among `other`'s.
    pub const fn within(self, other: Tags) -> bool {
        self.without(other).is_empty()
    }
}

/// Bounds of a small int, both included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Range {
    pub min: i64,
    pub max: i64,
}

impl Range {
    /// Every small int.
    pub const ALL: Range = Range { min: INT_MIN, max: INT_MAX };

    /// One number.
    pub const fn only(number: i64) -> Range {
        Range { min: number, max: number }
    }

    /// Numbers in both; empty (`min > max`) if there are none.
    pub fn and(self, other: Range) -> Range {
        Range { min: self.min.max(other.min), max: self.max.min(other.max) }
    }

    /// Whether no number is in it.
    pub const fn is_empty(self) -> bool {
        self.min > self.max
    }

    /// Whether the number is in it.
    pub const fn contains(self, number: i64) -> bool {
        self.min <= number && number <= self.max
    }

    /// Whether all numbers are in `other`.
    pub const fn within(self, other: Range) -> bool {
        other.min <= self.min && self.max <= other.max
    }
}

/// What is known of one value word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Facts {
    /// What it can be.
    pub tags: Tags,
    /// Bounds if it is a small int.
    pub range: Range,
    /// Whether some guard that compares it has passed.
    pub is_compared: bool,
}

impl Facts {
    /// Nothing is known.
    pub const UNKNOWN: Facts = Facts { tags: Tags::ALL, range: Range::ALL, is_compared: false };

    /// A small int within bounds.
    pub const fn int(range: Range) -> Facts {
        Facts { tags: Tags::INT, range, is_compared: false }
    }

    /// One of some kinds.
    pub const fn tagged(tags: Tags) -> Facts {
        Facts { tags, range: Range::ALL, is_compared: false }
    }

    /// What is known of a constant.
    pub fn of(constant: Constant) -> Facts {
        match constant.ty {
            Type::Value if word::is_int(constant.bits) => Facts::int(Range::only(word::as_int(constant.bits))),
            Type::Value => Facts::tagged(Tags::of(constant.bits)),
            _ => Facts::UNKNOWN,
        }
    }

    /// Whether it can only be a small int.
    pub fn is_int(&self) -> bool {
        self.tags == Tags::INT
    }

    /// The number, where only one small int is left.
    pub fn only_int(&self) -> Option<i64> {
        (self.is_int() && self.range.min == self.range.max).then_some(self.range.min)
    }

    /// Whether no word fits.
    pub fn is_impossible(&self) -> bool {
        self.tags.is_empty() || self.is_int() && self.range.is_empty()
    }

    /// Whether two words of which this is known can be the same.
    pub fn may_equal(&self, other: &Facts) -> bool {
        let tags = self.tags.and(other.tags);
        !(tags.is_empty() || tags == Tags::INT && self.range.and(other.range).is_empty())
    }
}
