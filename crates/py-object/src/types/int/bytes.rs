//! `int.to_bytes` and `int.from_bytes`.

use super::{as_big, from_big};
use crate::cx::{Cx, PyResult};
use crate::kinds::Kind;
use crate::objects::Bytes;
use num_bigint::BigInt as Big;
use num_traits::Signed;
use vm_heap::{Gc, Value};

/// Whether a byte order is little: ValueError for anything but the two.
pub(super) fn is_little(cx: &mut Cx, order: &str) -> PyResult<bool> {
    match order {
        "little" => Ok(true),
        "big" => Ok(false),
        _ => Err(cx.value_error("byteorder must be either 'little' or 'big'")),
    }
}

/// The bytes of an int in two's complement (`signed`) or as a magnitude.
pub(super) fn to_bytes(cx: &mut Cx, value: Value, length: i64, little: bool, signed: bool) -> PyResult<Gc<Bytes>> {
    if length < 0 {
        return Err(cx.value_error("length argument must be non-negative"));
    }
    let number = as_big(value).expect("the caller passes an int");
    if number.is_negative() && !signed {
        return Err(cx.raise(Kind::OVERFLOW_ERROR, "can't convert negative int to unsigned"));
    }
    let mut bytes = if signed { number.to_signed_bytes_le() } else { number.to_bytes_le().1 };
    let fill = if number.is_negative() { 0xff } else { 0 };
    if bytes == [0] {
        bytes.clear();
    }
    if bytes.len() > length as usize {
        return Err(cx.raise(Kind::OVERFLOW_ERROR, "int too big to convert"));
    }
    bytes.resize(length as usize, fill);
    if !little {
        bytes.reverse();
    }
    Bytes::checked(cx, &bytes)
}

/// The int that bytes mean.
pub(super) fn from_bytes(cx: &mut Cx, bytes: &[u8], little: bool, signed: bool) -> PyResult {
    let number = match (little, signed) {
        (true, true) => Big::from_signed_bytes_le(bytes),
        (false, true) => Big::from_signed_bytes_be(bytes),
        (true, false) => Big::from_bytes_le(num_bigint::Sign::Plus, bytes),
        (false, false) => Big::from_bytes_be(num_bigint::Sign::Plus, bytes),
    };
    from_big(cx, &number)
}
