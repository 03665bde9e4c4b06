//! Items of a memoryview: native numbers in memory, and the values that they are.

use crate::cx::{Cx, PyResult, bool_value};
use crate::objects::Bytes;
use crate::operations;
use crate::string::{bytes_of, downcast};
use crate::types::{float, int};
use vm_heap::Value;

/// A native format of one character.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Item(char);

impl Item {
    /// The item that a format describes, unless it is more than one native character.
    pub fn of(format: &str) -> Option<Item> {
        let mut characters = format.strip_prefix('@').unwrap_or(format).chars();
        match (characters.next(), characters.next()) {
            (Some(code), None) if "bBchHiIlLqQnNefd?P".contains(code) => Some(Item(code)),
            _ => None,
        }
    }

    /// Bytes of it.
    pub fn size(self) -> usize {
        match self.0 {
            'b' | 'B' | 'c' | '?' => 1,
            'h' | 'H' | 'e' => 2,
            'i' | 'I' | 'f' => 4,
            _ => 8,
        }
    }

    /// Whether it is a single byte.
    pub fn is_byte(self) -> bool {
        matches!(self.0, 'b' | 'B' | 'c')
    }

    fn is_float(self) -> bool {
        matches!(self.0, 'e' | 'f' | 'd')
    }

    /// The bounds of an integer format.
    fn bounds(self) -> (i128, i128) {
        let bits = 8 * self.size() as u32;
        if self.0.is_ascii_uppercase() { (0, (1 << bits) - 1) } else { (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) }
    }

    /// The value of an item.
    pub fn unpack(self, cx: &mut Cx, bytes: &[u8]) -> PyResult {
        let mut wide = [0u8; 8];
        wide[..bytes.len()].copy_from_slice(bytes);
        let word = u64::from_ne_bytes(wide);
        Ok(match self.0 {
            'c' => Bytes::checked(cx, bytes)?.value(),
            '?' => bool_value(word != 0),
            'e' => cx.float(half_to_float(word as u16)),
            'f' => cx.float(f64::from(f32::from_bits(word as u32))),
            'd' => cx.float(f64::from_bits(word)),
            'b' => Value::int(i64::from(word as i8)),
            'h' => Value::int(i64::from(word as i16)),
            'i' => Value::int(i64::from(word as i32)),
            'l' | 'q' | 'n' => int::from_i64(cx, word as i64),
            _ => int::from_i128(cx, i128::from(word)),
        })
    }

    /// The bytes of a value: TypeError or ValueError where it does not fit.
    pub fn pack(self, cx: &mut Cx, value: Value) -> PyResult<Vec<u8>> {
        let size = self.size();
        if self.0 == 'c' {
            return match downcast::<Bytes>(value) {
                Some(bytes) if bytes_of(&bytes).len() == 1 => Ok(bytes_of(&bytes).to_vec()),
                Some(_) => Err(self.wrong_value(cx)),
                None => Err(self.wrong_type(cx)),
            };
        }
        if self.0 == '?' {
            return Ok(vec![u8::from(operations::truth(cx, value)?)]);
        }
        if self.is_float() {
            let Some(number) = float::try_float(cx, value)? else { return Err(self.wrong_type(cx)) };
            return match self.0 {
                'd' => Ok(number.to_ne_bytes().to_vec()),
                'f' if number.is_finite() && !(number as f32).is_finite() => Err(self.wrong_value(cx)),
                'f' => Ok((number as f32).to_ne_bytes().to_vec()),
                _ => match float_to_half(number) {
                    Some(half) => Ok(half.to_ne_bytes().to_vec()),
                    None => Err(self.wrong_value(cx)),
                },
            };
        }
        let Some(number) = int::try_index(cx, value)? else { return Err(self.wrong_type(cx)) };
        let number = int::as_big(number).and_then(|big| num_traits::ToPrimitive::to_i128(&big));
        let (least, most) = self.bounds();
        match number {
            Some(number) if (least..=most).contains(&number) => Ok(number.to_ne_bytes()[..size].to_vec()),
            _ => Err(self.wrong_value(cx)),
        }
    }

    fn wrong_type(self, cx: &mut Cx) -> vm_machine::Raised {
        cx.type_error(format!("memoryview: invalid type for format '{}'", self.0))
    }

    fn wrong_value(self, cx: &mut Cx) -> vm_machine::Raised {
        cx.value_error(format!("memoryview: invalid value for format '{}'", self.0))
    }
}

/// IEEE 754 binary16 as a float.
fn half_to_float(half: u16) -> f64 {
    let sign = if half & 0x8000 != 0 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from(half >> 10 & 31), f64::from(half & 0x3ff));
    match exponent {
        0 => sign * fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => sign * f64::INFINITY,
        31 => f64::NAN,
        _ => sign * (1.0 + fraction / 1024.0) * 2f64.powi(exponent - 15),
    }
}

/// A float as IEEE 754 binary16, rounded to even; `None` where it is too large.
fn float_to_half(number: f64) -> Option<u16> {
    let sign = if number.is_sign_negative() { 0x8000 } else { 0 };
    let magnitude = number.abs();
    if number.is_nan() {
        return Some(sign | 0x7e00);
    }
    if magnitude.is_infinite() {
        return Some(sign | 0x7c00);
    }
    let round = |value: f64| {
        let floor = value.floor();
        let rest = value - floor;
        let up = rest > 0.5 || (rest == 0.5 && floor % 2.0 == 1.0);
        floor + if up { 1.0 } else { 0.0 }
    };
    if magnitude < 2f64.powi(-14) {
        return Some(sign | round(magnitude * 2f64.powi(24)) as u16);
    }
    let exponent = magnitude.log2().floor() as i32;
    let exponent = if 2f64.powi(exponent) > magnitude { exponent - 1 } else { exponent };
    let fraction = round((magnitude / 2f64.powi(exponent) - 1.0) * 1024.0);
    let (exponent, fraction) = if fraction >= 1024.0 { (exponent + 1, 0.0) } else { (exponent, fraction) };
    (exponent <= 15).then(|| sign | ((exponent + 15) as u16) << 10 | fraction as u16)
}

/// Bytes in memory.
///
/// # Safety
/// The range must lie in memory that a view keeps alive for as long as the slice is used.
pub(crate) unsafe fn memory<'a>(start: usize, length: usize) -> &'a [u8] {
    if length == 0 {
        return &[];
    }
    // SAFETY: the caller's promise.
    unsafe { std::slice::from_raw_parts(start as *const u8, length) }
}

/// Writes bytes to memory.
///
/// # Safety
/// The range must lie in writable memory that a view keeps alive.
pub(crate) unsafe fn write(start: usize, bytes: &[u8]) {
    // SAFETY: the caller's promise.
    unsafe { std::ptr::copy(bytes.as_ptr(), start as *mut u8, bytes.len()) };
}
