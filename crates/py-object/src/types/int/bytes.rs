//! `int.to_bytes` and `int.from_bytes`.

use super::limbs::{self, TwosComplement};
use super::operand::{Operand, Room, from_limbs};
use crate::cx::{Cx, PyResult};
use crate::kinds::Kind;
use crate::objects::Bytes;
use vm_heap::{Gc, Value};

/// Whether a byte order is little: ValueError for anything but the two.
pub(super) fn is_little(cx: &mut Cx, order: &[u8]) -> PyResult<bool> {
    match order {
        b"little" => Ok(true),
        b"big" => Ok(false),
        _ => Err(cx.value_error("byteorder must be either 'little' or 'big'")),
    }
}

/// The bytes of an int in two's complement (`signed`) or as a magnitude.
pub(super) fn to_bytes(cx: &mut Cx, value: Value, length: i64, little: bool, signed: bool) -> PyResult<Gc<Bytes>> {
    if length < 0 {
        return Err(cx.value_error("length argument must be non-negative"));
    }
    let number = Operand::new(value).expect("the caller passes an int");
    if number.negative && !signed {
        return Err(cx.raise(Kind::OVERFLOW_ERROR, "can't convert negative int to unsigned"));
    }
    let length = length as usize;
    if !fits(&number, length, signed) {
        return Err(cx.raise(Kind::OVERFLOW_ERROR, "int too big to convert"));
    }
    // Most ints have few bytes.
    let (mut few, mut many) = ([0; 32], Vec::new());
    let bytes = if length <= few.len() {
        &mut few[..length]
    } else {
        if many.try_reserve_exact(length).is_err() {
            return Err(cx.raise(Kind::MEMORY_ERROR, ""));
        }
        many.resize(length, 0);
        &mut many[..]
    };
    let mut limbs = TwosComplement::new(number.limbs(), number.negative);
    for chunk in bytes.chunks_mut(8) {
        chunk.copy_from_slice(&limbs.take().to_le_bytes()[..chunk.len()]);
    }
    if !little {
        bytes.reverse();
    }
    Bytes::checked(cx, bytes)
}

/// Whether a number fits that many bytes.
fn fits(number: &Operand, length: usize, signed: bool) -> bool {
    let limbs = number.limbs();
    let bits = limbs::bits(limbs);
    let mut needed = bits;
    if signed && bits != 0 {
        // The lowest number of a size needs no bit for the sign beside its magnitude.
        let (top, below) = limbs.split_last().expect("not zero");
        let lowest = number.negative && top.is_power_of_two() && below.iter().all(|limb| *limb == 0);
        needed += u64::from(!lowest);
    }
    needed.div_ceil(8) <= length as u64
}

/// The int that bytes mean.
pub(super) fn from_bytes(cx: &mut Cx, bytes: &[u8], little: bool, signed: bool) -> PyResult {
    let mut room = Room::new(cx, bytes.len().div_ceil(8))?;
    let sign = if little { bytes.last() } else { bytes.first() };
    let negative = signed && sign.is_some_and(|byte| *byte >= 0x80);
    let fill = if negative { 0xff } else { 0 };
    for (at, limb) in room.iter_mut().enumerate() {
        let mut word = [fill; 8];
        let (from, to) = (8 * at, (8 * at + 8).min(bytes.len()));
        if little {
            word[..to - from].copy_from_slice(&bytes[from..to]);
        } else {
            word[8 - (to - from)..].copy_from_slice(&bytes[bytes.len() - to..bytes.len() - from]);
            word.reverse();
        }
        *limb = u64::from_le_bytes(word);
    }
    if negative {
        limbs::negate(&mut room);
    }
    from_limbs(cx, negative, &room)
}
