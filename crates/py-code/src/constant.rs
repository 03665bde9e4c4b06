//! Constants of a code unit.

use crate::{LazyUnit, Text};
use std::sync::Arc;

/// A constant; the loader turns it into a value of the heap.
///
/// Equality is identity of meaning: `1`, `1.0` and `True` differ, and so do `0.0` and `-0.0`.
#[derive(Clone, Debug)]
pub enum Const {
    /// `None`.
    None,
    /// `True` or `False`.
    Bool(bool),
    /// An int of up to 64 bits.
    Int(i64),
    /// A larger int, as decimal digits with an optional sign.
    BigInt(Box<str>),
    /// A float.
    Float(f64),
    /// A complex number: real and imaginary part.
    Complex(f64, f64),
    /// A string.
    Str(Text),
    /// A bytes object.
    Bytes(Box<[u8]>),
    /// `...`
    Ellipsis,
    /// A tuple of constants.
    Tuple(Vec<Const>),
    /// A frozenset of constants.
    FrozenSet(Vec<Const>),
    /// A slice of constants: start, stop and step.
    Slice(Box<[Const; 3]>),
    /// The code of a nested function or class.
    Code(Arc<LazyUnit>),
}

impl Const {
    /// A string constant.
    pub fn text(text: &str) -> Const {
        Const::Str(Text::from(text))
    }
}

impl PartialEq for Const {
    fn eq(&self, other: &Const) -> bool {
        match (self, other) {
            (Const::None, Const::None) | (Const::Ellipsis, Const::Ellipsis) => true,
            (Const::Bool(x), Const::Bool(y)) => x == y,
            (Const::Int(x), Const::Int(y)) => x == y,
            (Const::BigInt(x), Const::BigInt(y)) => x == y,
            (Const::Float(x), Const::Float(y)) => x.to_bits() == y.to_bits(),
            (Const::Complex(x, y), Const::Complex(u, v)) => x.to_bits() == u.to_bits() && y.to_bits() == v.to_bits(),
            (Const::Str(x), Const::Str(y)) => x == y,
            (Const::Bytes(x), Const::Bytes(y)) => x == y,
            (Const::Tuple(x), Const::Tuple(y)) | (Const::FrozenSet(x), Const::FrozenSet(y)) => x == y,
            (Const::Slice(x), Const::Slice(y)) => x == y,
            // Two functions are never the same constant.
            _ => false,
        }
    }
}

impl Eq for Const {}

impl std::hash::Hash for Const {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
        match self {
            Const::None | Const::Ellipsis | Const::Code(_) => {}
            Const::Bool(value) => value.hash(state),
            Const::Int(value) => value.hash(state),
            Const::BigInt(digits) => digits.hash(state),
            Const::Float(value) => value.to_bits().hash(state),
            Const::Complex(real, imaginary) => (real.to_bits(), imaginary.to_bits()).hash(state),
            Const::Str(text) => text.hash(state),
            Const::Bytes(bytes) => bytes.hash(state),
            Const::Tuple(items) | Const::FrozenSet(items) => items.hash(state),
            Const::Slice(parts) => parts.hash(state),
        }
    }
}
