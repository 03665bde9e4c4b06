//! Ints of any size as sign and limbs, and the room that results are computed in.

use super::{from_i64, limbs};
use crate::cx::{Cx, PyResult};
use crate::kinds::{Kind, shapes};
use crate::object::{byte_tail, fill_byte_tail, try_allocate_tail};
use crate::objects::BigInt;
use crate::operations::as_small_int;
use crate::string::{downcast, payload};
use num_bigint::{BigInt as Big, BigUint, Sign};
use vm_heap::{Gc, ShapeId, Value};

/// The limbs of a result that need no memory of their own.
const INLINE: usize = 8;

/// The limbs of a big int; the top one is not zero.
pub(super) fn limbs_of(int: &Gc<BigInt>) -> &[u64] {
    let bytes = byte_tail(int, int.length.get().as_int() as usize);
    // INVARIANT: the magnitude is a whole number of limbs, and tails are aligned to words.
    // SAFETY: any bytes are a limb.
    let (before, limbs, after) = unsafe { bytes.align_to::<u64>() };
    debug_assert!(before.is_empty() && after.is_empty());
    limbs
}

/// An int to compute with.
pub(super) struct Operand {
    pub(super) negative: bool,
    digits: Digits,
}

enum Digits {
    Small([u64; 1]),
    Object(Gc<BigInt>),
}

impl Operand {
    /// An int, bool or instance of a subclass.
    #[inline]
    pub(super) fn new(value: Value) -> Option<Operand> {
        let value = payload(value);
        if let Some(small) = as_small_int(value) {
            return Some(Operand::small(small));
        }
        let int = downcast::<BigInt>(value)?;
        Some(Operand { negative: int.negative.get(), digits: Digits::Object(int) })
    }

    pub(super) fn small(number: i64) -> Operand {
        Operand { negative: number < 0, digits: Digits::Small([number.unsigned_abs()]) }
    }

    /// The magnitude, trimmed.
    #[inline]
    pub(super) fn limbs(&self) -> &[u64] {
        match &self.digits {
            Digits::Small(limb) => &limb[..usize::from(limb[0] != 0)],
            Digits::Object(int) => limbs_of(int),
        }
    }

    pub(super) fn is_zero(&self) -> bool {
        self.limbs().is_empty()
    }

    /// The number where its magnitude has at most 64 bits.
    pub(super) fn as_u64(&self) -> Option<u64> {
        match self.limbs() {
            [] => Some(0),
            [limb] if !self.negative => Some(*limb),
            _ => None,
        }
    }

    /// The library's number.
    pub(super) fn to_big(&self) -> Big {
        let sign = if self.negative { Sign::Minus } else { Sign::Plus };
        Big::from_biguint(sign, to_library(self.limbs()))
    }
}

/// A magnitude as the library's number.
pub(super) fn to_library(limbs: &[u64]) -> BigUint {
    match limbs {
        [] => BigUint::ZERO,
        [limb] => BigUint::from(*limb),
        _ => BigUint::new(limbs.iter().flat_map(|limb| [*limb as u32, (limb >> 32) as u32]).collect()),
    }
}

/// Limbs that a result is computed in, zero at first.
pub(super) struct Room {
    inline: [u64; INLINE],
    large: Vec<u64>,
    length: usize,
}

impl Room {
    /// Room for this many limbs; MemoryError where memory does not suffice.
    #[inline]
    pub(super) fn new(cx: &mut Cx, length: usize) -> PyResult<Room> {
        let mut large = Vec::new();
        if length > INLINE {
            if large.try_reserve_exact(length).is_err() {
                return Err(cx.raise(Kind::MEMORY_ERROR, ""));
            }
            large.resize(length, 0);
        }
        Ok(Room { inline: [0; INLINE], large, length })
    }

    /// Room with these limbs in it.
    pub(super) fn holding(cx: &mut Cx, limbs: &[u64], length: usize) -> PyResult<Room> {
        let mut room = Room::new(cx, length)?;
        room[..limbs.len()].copy_from_slice(limbs);
        Ok(room)
    }
}

impl std::ops::Deref for Room {
    type Target = [u64];
    #[inline]
    fn deref(&self) -> &[u64] {
        if self.length > INLINE { &self.large } else { &self.inline[..self.length] }
    }
}

impl std::ops::DerefMut for Room {
    #[inline]
    fn deref_mut(&mut self) -> &mut [u64] {
        if self.length > INLINE { &mut self.large } else { &mut self.inline[..self.length] }
    }
}

/// The int with this magnitude, trimmed or not: MemoryError where memory does not suffice.
#[inline]
pub(super) fn from_limbs(cx: &mut Cx, negative: bool, limbs: &[u64]) -> PyResult {
    let limbs = limbs::trimmed(limbs);
    match limbs {
        [] => return Ok(Value::int(0)),
        [limb] => {
            let number = if negative { -i128::from(*limb) } else { i128::from(*limb) };
            if let Ok(number) = i64::try_from(number) {
                return Ok(from_i64(cx, number));
            }
        }
        _ => {}
    }
    match object(cx, shapes::INT, negative, limbs) {
        Some(object) => Ok(object.value()),
        None => Err(cx.raise(Kind::MEMORY_ERROR, "")),
    }
}

/// A new big int. INVARIANT: its limbs are trimmed, and it does not fit the value word.
pub(super) fn object(cx: &mut Cx, shape: ShapeId, negative: bool, limbs: &[u64]) -> Option<Gc<BigInt>> {
    let int = try_allocate_tail::<BigInt>(cx.mutator(), shape, 8 * limbs.len())?;
    int.negative.init(negative);
    if let [low, high] = limbs {
        // SAFETY: the new object has room for two limbs, and nobody else has seen it yet. (A call of `memcpy` costs more.)
        unsafe { ((int.address() + size_of::<BigInt>()) as *mut [u64; 2]).write([*low, *high]) };
        return Some(int);
    }
    // SAFETY: any limbs are bytes.
    let (_, bytes, _) = unsafe { limbs.align_to::<u8>() };
    fill_byte_tail(int, bytes);
    Some(int)
}
