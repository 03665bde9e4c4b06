//! Bytes to values.

use super::format::{Format, Item, Type};
use super::half;
use crate::bytes_like;
use py_macros::py_methods;
use py_object::arguments::Keywords;
use py_object::objects::{Array, Bytes, List, Str, Tuple};
use py_object::types::int;
use py_object::{Cx, Kind, NONE, PyResult, StrExt, bool_value, downcast, object};
use vm_heap::{Gc, Value};

/// Values that are collected on the stack.
const FEW: usize = 8;

/// The values of bytes, as many as the format is long.
pub fn unpack(cx: &mut Cx, format: &Format, bytes: &[u8]) -> PyResult<Gc<Tuple>> {
    let is_plain = |item: &Item| !matches!(item.kind, Type::Bytes | Type::Pascal) && item.count == 1;
    if format.values <= FEW && format.items.len() == format.values && format.items.iter().all(is_plain) {
        let mut values = [NONE; FEW];
        for (value, item) in values.iter_mut().zip(&format.items) {
            *value = unpack_ordered(cx, format, item, &bytes[item.offset..item.offset + item.size])?;
        }
        return Ok(Tuple::new(cx, &values[..format.values]));
    }
    let values = List::new(cx, &[])?;
    for item in &format.items {
        let place = &bytes[item.offset..];
        match item.kind {
            Type::Bytes => {
                let text = Bytes::checked(cx, &place[..item.count])?;
                List::push(cx, values, text.value())?;
            }
            Type::Pascal => {
                let text = match place[..item.count].split_first() {
                    Some((length, rest)) => &rest[..rest.len().min(usize::from(*length))],
                    None => &[],
                };
                let text = Bytes::checked(cx, text)?;
                List::push(cx, values, text.value())?;
            }
            _ => {
                for place in place.chunks_exact(item.size).take(item.count) {
                    let value = unpack_ordered(cx, format, item, place)?;
                    List::push(cx, values, value)?;
                }
            }
        }
    }
    Tuple::from_list(cx, values)
}

/// One value of bytes in the format's order.
fn unpack_ordered(cx: &mut Cx, format: &Format, item: &Item, place: &[u8]) -> PyResult {
    let word = word_of(place, format.little);
    Ok(match item.kind {
        Type::Character => Bytes::checked(cx, place)?.value(),
        Type::Bool => bool_value(word != 0),
        Type::Signed => {
            let unused = 64 - item.size as u32 * 8;
            int::from_i64(cx, (word << unused) as i64 >> unused)
        }
        Type::Unsigned | Type::Pointer => match i64::try_from(word) {
            Ok(number) => int::from_i64(cx, number),
            Err(_) => int::from_i128(cx, i128::from(word)),
        },
        Type::Float => cx.float(float_of(word, item.size)),
        Type::Complex => {
            // The real part comes first in both orders.
            let (real, imaginary) = place.split_at(item.size / 2);
            let part = |place: &[u8]| float_of(word_of(place, format.little), place.len());
            crate::new_complex(cx, part(real), part(imaginary))?
        }
        Type::Pad | Type::Bytes | Type::Pascal => unreachable!("handled by the caller"),
    })
}

/// The number that up to eight bytes stand for.
#[inline]
fn word_of(place: &[u8], little: bool) -> u64 {
    match *place {
        [byte] => byte.into(),
        [a, b] if little => u16::from_le_bytes([a, b]).into(),
        [a, b] => u16::from_be_bytes([a, b]).into(),
        [a, b, c, d] if little => u32::from_le_bytes([a, b, c, d]).into(),
        [a, b, c, d] => u32::from_be_bytes([a, b, c, d]).into(),
        [a, b, c, d, e, f, g, h] if little => u64::from_le_bytes([a, b, c, d, e, f, g, h]),
        [a, b, c, d, e, f, g, h] => u64::from_be_bytes([a, b, c, d, e, f, g, h]),
        _ => 0,
    }
}

/// The float of so many bytes with these bits.
fn float_of(bits: u64, size: usize) -> f64 {
    match size {
        2 => half::to_f64(bits as u16),
        4 => f64::from(f32::from_bits(bits as u32)),
        _ => f64::from_bits(bits),
    }
}

object! {
    /// What `iter_unpack` returns.
    pub struct UnpackIterator = 456 {
        /// Version word.
        word: u64,
        /// Always empty; the offset of attributes.
        attributes: Option<Gc<Array>>,
        /// The format.
        format: Gc<Str>,
        /// The buffer.
        buffer: Value,
        /// Where the next tuple begins.
        at: usize,
        /// Size of the format.
        size: usize,
        /// Length of the buffer at the start.
        length: usize,
    }
}

/// A new iterator over a buffer.
pub fn iterator(cx: &mut Cx, text: Gc<Str>, format: &Format, buffer: Value) -> PyResult<Gc<UnpackIterator>> {
    if format.size == 0 {
        return Err(cx.raise(Kind::STRUCT_ERROR, "cannot iteratively unpack with a struct of length 0"));
    }
    let length = bytes_like::length(cx, buffer)?;
    if length % format.size != 0 {
        let message = format!("iterative unpacking requires a buffer of a multiple of {} bytes", format.size);
        return Err(cx.raise(Kind::STRUCT_ERROR, message));
    }
    let class = cx.builtin_type(Kind::UNPACK_ITERATOR);
    let iterator = crate::new_object::<UnpackIterator>(cx, class);
    iterator.format.init(text);
    iterator.buffer.init(buffer);
    iterator.size.init(format.size);
    iterator.length.init(length);
    Ok(iterator)
}

/// One step of it.
pub fn step(cx: &mut Cx, iterator: Value) -> PyResult<Option<Value>> {
    let Some(iterator) = downcast::<UnpackIterator>(iterator) else { return Ok(None) };
    let at = iterator.at.get();
    if at >= iterator.length.get() {
        return Ok(None);
    }
    iterator.at.init(at + iterator.size.get());
    let format = iterator.format.get();
    let Ok(format) = super::recent::find(format.bytes()) else { return Ok(None) };
    let bytes = bytes_like::read(cx, iterator.buffer.get(), at, format.size)?;
    unpack(cx, &format, &bytes).map(|tuple| Some(tuple.value()))
}

/// The methods.
pub struct Methods;

#[py_methods(UNPACK_ITERATOR, name = "unpack_iterator")]
impl Methods {
    #[new(signature = "")]
    fn new(cx: &mut Cx, _class: Value, #[args] _args: &[Value], #[kwargs] _kwargs: Keywords<'_>) -> PyResult {
        Err(cx.type_error("cannot create '_struct.unpack_iterator' instances"))
    }
    /// Private method returning an estimate of len(list(it)).
    #[method]
    fn __length_hint__(this: Gc<UnpackIterator>) -> usize {
        (this.length.get() - this.at.get().min(this.length.get())) / this.size.get().max(1)
    }
}
