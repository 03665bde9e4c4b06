//! Values to bytes.

use super::format::{Format, Item, Type};
use super::half;
use num_bigint::BigInt as Big;
use num_traits::ToPrimitive;
use py_object::objects::Bytes;
use py_object::string::bytes_of;
use py_object::types::{float, int, is_instance, lookup_special};
use py_object::{Cx, Kind, PyResult, Raised, downcast, operations};
use vm_heap::Value;

#[cold]
fn error(cx: &mut Cx, message: impl AsRef<str>) -> Raised {
    cx.raise(Kind::STRUCT_ERROR, message)
}

/// `struct.error` unless there are as many values as the format wants.
pub fn check_count(cx: &mut Cx, format: &Format, given: usize, function: &str) -> PyResult<()> {
    if given == format.values {
        return Ok(());
    }
    Err(error(cx, format!("{function} expected {} items for packing (got {given})", format.values)))
}

/// The bytes of values.
pub fn pack(cx: &mut Cx, format: &Format, values: &[Value], function: &str) -> PyResult<Vec<u8>> {
    check_count(cx, format, values.len(), function)?;
    let mut bytes = Vec::new();
    if bytes.try_reserve_exact(format.size).is_err() {
        return Err(cx.raise(Kind::MEMORY_ERROR, ""));
    }
    bytes.resize(format.size, 0);
    pack_into(cx, format, values, &mut bytes)?;
    Ok(bytes)
}

/// Writes as many values as the format has to as many zeros as it is long.
pub fn pack_into(cx: &mut Cx, format: &Format, values: &[Value], bytes: &mut [u8]) -> PyResult<()> {
    let mut values = values.iter().copied();
    for item in &format.items {
        let place = &mut bytes[item.offset..];
        if matches!(item.kind, Type::Bytes | Type::Pascal) {
            if let Some(value) = values.next() {
                pack_text(cx, item, value, &mut place[..item.count])?;
            }
            continue;
        }
        for (place, value) in place.chunks_exact_mut(item.size).take(item.count).zip(values.by_ref()) {
            if let Err(raised) = pack_one(cx, item, value, place) {
                if !int::is_int(value) || !is_instance(cx, cx.raised.get(), Kind::OVERFLOW_ERROR) {
                    return Err(raised);
                }
                cx.take_raised();
                return Err(error(cx, "int too large to convert"));
            }
            match item.kind {
                _ if format.little => {}
                // The real part comes first in both orders.
                Type::Complex => place.chunks_exact_mut(item.size / 2).for_each(<[u8]>::reverse),
                _ => place.reverse(),
            }
        }
    }
    Ok(())
}

fn pack_text(cx: &mut Cx, item: &Item, value: Value, place: &mut [u8]) -> PyResult<()> {
    let Some(text) = crate::bytes_like::plain(value) else {
        return Err(error(cx, format!("argument for '{}' must be a bytes object", item.code as char)));
    };
    let (place, text) = match (item.kind, place) {
        (Type::Pascal, [first, rest @ ..]) => {
            // The first byte counts 255 at most; what does not fit the count is there all the same.
            *first = text.len().min(rest.len()).min(255) as u8;
            (rest, &text[..])
        }
        (_, place) => (place, &text[..]),
    };
    let length = text.len().min(place.len());
    place[..length].copy_from_slice(&text[..length]);
    Ok(())
}

/// Whether a number fits an item of ints.
fn fits(item: &Item, number: i64) -> bool {
    let unused = 64 - 8 * item.size as u32;
    match item.kind {
        Type::Signed => number << unused >> unused == number,
        _ => number >= 0 && (number as u64) << unused >> unused == number as u64,
    }
}

/// One value in little-endian order.
fn pack_one(cx: &mut Cx, item: &Item, value: Value, place: &mut [u8]) -> PyResult<()> {
    match item.kind {
        Type::Character => {
            match downcast::<Bytes>(value).map(|bytes| (bytes_of(&bytes).len(), bytes_of(&bytes).first().copied())) {
                Some((1, Some(byte))) => place[0] = byte,
                _ => return Err(error(cx, "char format requires a bytes object of length 1")),
            }
        }
        Type::Bool => place[0] = u8::from(operations::truth(cx, value)?),
        Type::Signed | Type::Unsigned if value.is_int() && fits(item, value.as_int()) => {
            let number = value.as_int();
            match item.size {
                1 => place.copy_from_slice(&(number as u8).to_le_bytes()),
                2 => place.copy_from_slice(&(number as u16).to_le_bytes()),
                4 => place.copy_from_slice(&(number as u32).to_le_bytes()),
                _ => place.copy_from_slice(&number.to_le_bytes()),
            }
        }
        Type::Signed | Type::Unsigned => {
            let bits = item.size as u32 * 8;
            let (low, high) = if item.kind == Type::Signed {
                (-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1)
            } else {
                (0, (1i128 << bits) - 1)
            };
            let number = integer(cx, value)?;
            match number.to_i128().filter(|number| (low..=high).contains(number)) {
                Some(number) => place.copy_from_slice(&number.to_le_bytes()[..item.size]),
                None => {
                    let message = format!("'{}' format requires {low} <= number <= {high}", item.code as char);
                    return Err(error(cx, message));
                }
            }
        }
        Type::Pointer => {
            let number = integer(cx, value)?;
            let fits = -(1i128 << 63)..1i128 << 64;
            match number.to_i128().filter(|number| fits.contains(number)) {
                Some(number) => place.copy_from_slice(&number.to_le_bytes()[..8]),
                None => return Err(error(cx, "int too large to convert")),
            }
        }
        Type::Float => {
            let number = real(cx, value)?;
            pack_float(cx, item, number, place)?;
        }
        Type::Complex => {
            let (real, imaginary) =
                crate::complex_parts(cx, value)?.ok_or_else(|| error(cx, "required argument is not a complex"))?;
            let half = Item { size: item.size / 2, code: item.code + (b'f' - b'F'), ..*item };
            let (first, second) = place.split_at_mut(half.size);
            pack_float(cx, &half, real, first)?;
            pack_float(cx, &half, imaginary, second)?;
        }
        Type::Pad | Type::Bytes | Type::Pascal => {}
    }
    Ok(())
}

fn pack_float(cx: &mut Cx, item: &Item, number: f64, place: &mut [u8]) -> PyResult<()> {
    let too_large = match item.size {
        8 => {
            place.copy_from_slice(&number.to_le_bytes());
            false
        }
        4 => {
            let short = number as f32;
            place.copy_from_slice(&short.to_le_bytes());
            short.is_infinite() && number.is_finite()
        }
        _ => match half::from_f64(number) {
            Some(half) => {
                place.copy_from_slice(&half.to_le_bytes());
                false
            }
            None => true,
        },
    };
    if too_large {
        let message = format!("float too large to pack with {} format", item.code as char);
        return Err(cx.raise(Kind::OVERFLOW_ERROR, message));
    }
    Ok(())
}

fn integer(cx: &mut Cx, value: Value) -> PyResult<Big> {
    if let Some(small) = int::as_i64(value) {
        return Ok(Big::from(small));
    }
    if !int::is_int(value) && lookup_special(cx, value, "__index__").is_none() {
        return Err(error(cx, "required argument is not an integer"));
    }
    let number = int::index(cx, value)?;
    Ok(int::as_big(number).unwrap_or_default())
}

fn real(cx: &mut Cx, value: Value) -> PyResult<f64> {
    match float::real_number(cx, value) {
        Ok(number) => Ok(number),
        Err(_) => {
            cx.take_raised();
            Err(error(cx, "required argument is not a float"))
        }
    }
}
