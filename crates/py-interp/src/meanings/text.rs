//! Parts of text, and building it.

use super::container::{build_from_registers, wrap_index};
use crate::runtime_functions::{BUILD_STRING, FORMAT_VALUE};
use crate::slow::NO_REGISTER;
use py_object::objects::{Bytes, Iterator, Str};
use py_object::{NONE, known_character, shapes};
use std::mem::offset_of;
use vm_heap::Value;
use vm_machine::{FieldKind, Flow, Machine};

/// The character of a string of ASCII characters at an index in bounds, where the interpreter runs and the character is known.
#[inline(always)]
fn character<M: Machine>(m: &mut M, text: M::Val, index: M::Val) -> Option<M::Val> {
    let byte = m.load_byte_final(text, index, size_of::<Str>())?;
    let character = known_character(byte)?;
    Some(m.constant(character))
}

/// Length of a string of ASCII characters.
#[inline(always)]
fn ascii_length<M: Machine>(m: &mut M, text: M::Val) -> Option<M::Val> {
    let length = m.load_final(text, offset_of!(Str, length));
    let characters = m.load_final(text, offset_of!(Str, characters));
    m.same(length, characters).then_some(length)
}

/// Whether two strings are equal, where they are the same object or have different lengths.
#[inline(always)]
pub(super) fn compare_lengths<M: Machine>(m: &mut M, lhs: M::Val, rhs: M::Val) -> Option<bool> {
    if !m.is_object(lhs) || !m.is_object(rhs) || !m.has_shape(lhs, shapes::STR) || !m.has_shape(rhs, shapes::STR) {
        return None;
    }
    if m.same(lhs, rhs) {
        return Some(true);
    }
    let (length, other) = (m.load_final(lhs, offset_of!(Str, length)), m.load_final(rhs, offset_of!(Str, length)));
    if m.same(length, other) { None } else { Some(false) }
}

/// `text[index]` or `bytes[index]`, or `None` where the runtime must find it.
#[inline(always)]
pub(super) fn text_item<M: Machine>(m: &mut M, object: M::Val, index: M::Val) -> Option<M::Val> {
    if M::RECORDS {
        return None;
    }
    if m.has_shape(object, shapes::STR) {
        let length = ascii_length(m, object)?;
        let index = wrap_index(m, index, length)?;
        return if m.int_below(index, length) { character(m, object, index) } else { None };
    }
    if m.has_shape(object, shapes::BYTES) {
        let length = m.load_final(object, offset_of!(Bytes, length));
        let index = wrap_index(m, index, length)?;
        if m.int_below(index, length) {
            let byte = m.load_byte_final(object, index, size_of::<Bytes>())?;
            return Some(m.constant(Value::int(i64::from(byte))));
        }
    }
    None
}

/// The step of the iterators of strings of ASCII characters, or `None` where the runtime must do it: `position` is the index.
#[inline(always)]
pub(super) fn text_step<M: Machine>(m: &mut M, iterator: M::Val) -> Option<M::Val> {
    if M::RECORDS || !m.has_shape(iterator, shapes::STR_ASCII_ITERATOR) {
        return None;
    }
    let text = m.load(iterator, offset_of!(Iterator, source));
    if !m.has_shape(text, shapes::STR) {
        return None;
    }
    let position = m.load(iterator, offset_of!(Iterator, position));
    let length = m.load_final(text, offset_of!(Str, length));
    if !m.int_below(position, length) {
        return None;
    }
    let one = m.constant(Value::int(1));
    let next = m.int_add(position, one)?;
    let character = character(m, text, position)?;
    m.store(iterator, offset_of!(Iterator, position), next, FieldKind::Int);
    Some(character)
}

/// `format(b, c)` after a conversion.
#[inline(always)]
pub fn format_value<M: Machine>(m: &mut M) -> Flow {
    let value = m.get(m.instruction().b());
    let specification = match m.instruction().c() {
        NO_REGISTER => m.constant(NONE),
        register => m.get(register),
    };
    let conversion = m.constant(Value::int(m.instruction().x() as i64));
    m.residual_last(&FORMAT_VALUE, [value, specification, conversion], Some(m.instruction().a()))
}

/// Joins registers that hold strings.
#[inline(always)]
pub fn build_string<M: Machine>(m: &mut M) -> Flow {
    build_from_registers(m, &BUILD_STRING, m.instruction().b(), m.instruction().c())
}
