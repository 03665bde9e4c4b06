//! `set` and `frozenset`: their elements are the keys of a dict.

mod methods;

pub use methods::{COMMON_METHODS, FROZENSET_METHODS, SET_METHODS};

use crate::cx::{Cx, PyResult, TRUE};
use crate::dict::key_hash;
use crate::kinds::{Kind, shapes};
use crate::object::allocate;
use crate::objects::{Dict, Set, Type};
use crate::operations::{self, BinaryOperator, Comparison};
use crate::string::downcast;
use crate::types::{self, object};
use vm_heap::{Gc, ShapeId, Value};

/// A new empty set of a shape.
pub fn with_shape(cx: &mut Cx, shape: ShapeId) -> Gc<Set> {
    let elements = Dict::new(cx);
    let set = allocate::<Set>(cx.mutator(), shape);
    set.elements.init(elements);
    set
}

/// A new empty `set`.
pub fn new(cx: &mut Cx) -> Gc<Set> {
    with_shape(cx, shapes::SET)
}

/// Number of elements.
pub fn length(set: Gc<Set>) -> usize {
    Dict::length(set.elements.get())
}

/// Adds an element.
pub fn add(cx: &mut Cx, set: Gc<Set>, element: Value) -> PyResult<()> {
    let hash = key_hash(cx, element, "a set element")?;
    Dict::set_hashed(cx, set.elements.get(), element, hash, TRUE)
}

fn find(cx: &mut Cx, set: Gc<Set>, element: Value) -> PyResult<bool> {
    let hash = key_hash(cx, element, "a set element")?;
    Ok(Dict::get_hashed(cx, set.elements.get(), element, hash)?.is_some())
}

/// Whether an element is there. A set as an element counts as the frozenset of its elements.
pub fn contains(cx: &mut Cx, set: Gc<Set>, element: Value) -> PyResult<bool> {
    match find(cx, set, element) {
        Ok(found) => Ok(found),
        Err(raised) => match as_frozen(cx, element)? {
            Some(frozen) => {
                cx.take_raised();
                Ok(Dict::get(cx, set.elements.get(), frozen)?.is_some())
            }
            None => Err(raised),
        },
    }
}

/// Removes an element; `false` where it was missing.
pub fn remove(cx: &mut Cx, set: Gc<Set>, element: Value) -> PyResult<bool> {
    if let Err(raised) = key_hash(cx, element, "a set element") {
        let Some(frozen) = as_frozen(cx, element)? else { return Err(raised) };
        cx.take_raised();
        return Ok(Dict::remove(cx, set.elements.get(), frozen)?.is_some());
    }
    Ok(Dict::remove(cx, set.elements.get(), element)?.is_some())
}

/// The frozenset with the elements of a mutable set.
fn as_frozen(cx: &mut Cx, value: Value) -> PyResult<Option<Value>> {
    let Some(set) = downcast::<Set>(value) else { return Ok(None) };
    if !types::is_instance(cx, value, Kind::SET) {
        return Ok(None);
    }
    let frozen = with_shape(cx, shapes::FROZENSET);
    fill_from_set(cx, frozen, set)?;
    Ok(Some(frozen.value()))
}

fn fill_from_set(cx: &mut Cx, set: Gc<Set>, other: Gc<Set>) -> PyResult<()> {
    if length(set) == 0 && set != other {
        let elements = Dict::duplicate(cx, other.elements.get())?;
        if Dict::take_over(cx, set.elements.get(), elements) {
            return Ok(());
        }
    }
    fill_from_keys(cx, set, other.elements.get())
}

/// Adds the keys of a dict, whose hashes are known.
fn fill_from_keys(cx: &mut Cx, set: Gc<Set>, dict: Gc<Dict>) -> PyResult<()> {
    let mut position = 0;
    while let Some((element, _, hash)) = Dict::next_hashed(dict, &mut position) {
        Dict::set_hashed(cx, set.elements.get(), element, hash, TRUE)?;
    }
    Ok(())
}

/// Adds what an iterable gives.
pub fn update(cx: &mut Cx, set: Gc<Set>, iterable: Value) -> PyResult<()> {
    if let Some(other) = downcast::<Set>(iterable) {
        return fill_from_set(cx, set, other);
    }
    if types::is_exactly(iterable, Kind::DICT)
        && let Some(dict) = downcast::<Dict>(iterable)
    {
        return fill_from_keys(cx, set, dict);
    }
    if length(set) == 0
        && let Some(expected) = crate::sequence::exact_length(iterable).filter(|expected| *expected < 1 << 16)
    {
        Dict::reserve(cx, set.elements.get(), expected)?;
    }
    let iterator = operations::iterate(cx, iterable)?;
    while let Some(element) = operations::next(cx, iterator)? {
        add(cx, set, element)?;
    }
    Ok(())
}

/// A new `set` of what an iterable gives.
pub fn from_iterable(cx: &mut Cx, iterable: Value) -> PyResult<Gc<Set>> {
    let set = new(cx);
    update(cx, set, iterable)?;
    Ok(set)
}

/// The result of an operator on two sets; of the class of the left one if that is built in.
pub(crate) fn operate(cx: &mut Cx, operator: BinaryOperator, lhs: Gc<Set>, rhs: Gc<Set>) -> PyResult {
    let frozen = types::is_instance(cx, lhs.value(), Kind::FROZENSET);
    let result = with_shape(cx, if frozen { shapes::FROZENSET } else { shapes::SET });
    let select = |cx: &mut Cx, from: Gc<Set>, other: Gc<Set>, wanted: bool| -> PyResult<()> {
        let mut position = 0;
        while let Some((element, _, hash)) = Dict::next_hashed(from.elements.get(), &mut position) {
            if Dict::get_hashed(cx, other.elements.get(), element, hash)?.is_some() == wanted {
                Dict::set_hashed(cx, result.elements.get(), element, hash, TRUE)?;
            }
        }
        Ok(())
    };
    match operator {
        BinaryOperator::Or => {
            fill_from_set(cx, result, lhs)?;
            fill_from_set(cx, result, rhs)?;
        }
        BinaryOperator::And if length(lhs) > length(rhs) => select(cx, rhs, lhs, true)?,
        BinaryOperator::And => select(cx, lhs, rhs, true)?,
        BinaryOperator::Xor => {
            select(cx, lhs, rhs, false)?;
            select(cx, rhs, lhs, false)?;
        }
        _ => select(cx, lhs, rhs, false)?,
    }
    Ok(result.value())
}

/// Whether every element of `lhs` is in `rhs`.
pub(crate) fn is_subset(cx: &mut Cx, lhs: Gc<Set>, rhs: Gc<Set>) -> PyResult<bool> {
    if length(lhs) > length(rhs) {
        return Ok(false);
    }
    let mut position = 0;
    while let Some((element, _, hash)) = Dict::next_hashed(lhs.elements.get(), &mut position) {
        if Dict::get_hashed(cx, rhs.elements.get(), element, hash)?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Inclusion as comparison.
pub(crate) fn compare(cx: &mut Cx, comparison: Comparison, lhs: Gc<Set>, rhs: Gc<Set>) -> PyResult<bool> {
    let same_length = length(lhs) == length(rhs);
    match comparison {
        Comparison::Eq => Ok(same_length && is_subset(cx, lhs, rhs)?),
        Comparison::Ne => Ok(!(same_length && is_subset(cx, lhs, rhs)?)),
        Comparison::Le => is_subset(cx, lhs, rhs),
        Comparison::Ge => is_subset(cx, rhs, lhs),
        Comparison::Lt => Ok(!same_length && is_subset(cx, lhs, rhs)?),
        Comparison::Gt => Ok(!same_length && is_subset(cx, rhs, lhs)?),
    }
}

fn repr(cx: &mut Cx, set: Gc<Set>) -> PyResult<String> {
    let class = types::class_of(cx, set.value());
    let plain = class == cx.builtin_type(Kind::SET);
    let name = types::name_of(class);
    if length(set) == 0 {
        return Ok(format!("{name}()"));
    }
    let Some(_guard) = object::enter_repr(cx, set.value()) else { return Ok(format!("{name}(...)")) };
    let mut text = String::new();
    let mut position = 0;
    while let Some((element, _)) = Dict::next(set.elements.get(), &mut position) {
        text.push_str(if text.is_empty() { "{" } else { ", " });
        object::push_repr(cx, &mut text, element)?;
    }
    text.push('}');
    Ok(if plain { text } else { format!("{name}({text})") })
}

/// Hash of a frozenset: the same in any order of the elements.
fn hash(cx: &mut Cx, set: Gc<Set>) -> PyResult<i64> {
    if set.hash.get() != 0 {
        return Ok(set.hash.get() as i64);
    }
    let mut sum = 0u64;
    let mut position = 0;
    while let Some((element, _)) = Dict::next(set.elements.get(), &mut position) {
        let hash = operations::hash(cx, element)?;
        sum ^= (hash ^ 89_869_747 ^ hash << 16).wrapping_mul(3_644_798_167);
    }
    sum ^= (length(set) as u64 + 1).wrapping_mul(1_927_868_237);
    sum ^= sum >> 11 ^ sum >> 25;
    let hash = (sum.wrapping_mul(69_069).wrapping_add(907_133_923) >> 4).max(1);
    set.hash.init(hash);
    Ok(hash as i64)
}

/// A set of `class` from an iterable.
fn of_class(cx: &mut Cx, class: Gc<Type>, iterable: Option<Value>) -> PyResult<Gc<Set>> {
    let set = with_shape(cx, types::instance_shape(class).id);
    types::note_instance(cx, class, set.value());
    if let Some(iterable) = iterable {
        update(cx, set, iterable)?;
    }
    Ok(set)
}
