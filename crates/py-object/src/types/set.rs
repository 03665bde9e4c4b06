//! `set` and `frozenset`: their elements are the keys of a dict that lies in the set itself.

mod methods;

pub use methods::{COMMON_METHODS, FROZENSET_METHODS, SET_METHODS};

use crate::cx::{Cx, PyResult};
use crate::dict::key_hash;
use crate::iterators::Items;
use crate::kinds::{Kind, shapes};
use crate::object::allocate;
use crate::objects::{Dict, Iterator, Set, Type};
use crate::operations::{self, BinaryOperator, Comparison};
use crate::string::downcast;
use crate::types::{self, object};
use std::mem::offset_of;
use vm_heap::{Gc, ShapeId, Value};

const _: () = {
    assert!(offset_of!(Set, word) == offset_of!(Dict, word));
    assert!(offset_of!(Set, attributes) == offset_of!(Dict, attributes));
    assert!(offset_of!(Set, table) == offset_of!(Dict, table));
    assert!(offset_of!(Set, live) == offset_of!(Dict, live));
    assert!(offset_of!(Set, filled) == offset_of!(Dict, filled));
    assert!(offset_of!(Set, cells) == offset_of!(Dict, cells));
    assert!(size_of::<Set>() >= size_of::<Dict>());
};

impl Set {
    /// The set as a dict whose keys are its elements, for functions of `Dict`; they leave `factory` alone, which is not
    /// there. Never to be made a value: it has the header of a set.
    #[inline(always)]
    pub fn elements(set: Gc<Set>) -> Gc<Dict> {
        // SAFETY: as asserted above, the fields of a dict except for `factory` lie in a set at the same places.
        unsafe { Gc::from_address(set.address()) }
    }
}

/// A new empty set of a shape.
#[inline]
pub fn with_shape(cx: &mut Cx, shape: ShapeId) -> Gc<Set> {
    let set = allocate::<Set>(cx.mutator(), shape);
    set.live.init(Value::int(0));
    set.filled.init(Value::int(0));
    set
}

/// A new empty `set`.
pub fn new(cx: &mut Cx) -> Gc<Set> {
    with_shape(cx, shapes::SET)
}

/// Number of elements.
#[inline]
pub fn length(set: Gc<Set>) -> usize {
    set.live.get().as_int() as usize
}

/// Adds an element.
#[inline]
pub fn add(cx: &mut Cx, set: Gc<Set>, element: Value) -> PyResult<()> {
    let hash = key_hash(cx, element, "a set element")?;
    Dict::add_key(cx, Set::elements(set), element, hash)
}

#[inline]
fn find(cx: &mut Cx, set: Gc<Set>, element: Value) -> PyResult<bool> {
    let hash = key_hash(cx, element, "a set element")?;
    Dict::has_key(cx, Set::elements(set), element, hash)
}

/// Whether an element is there. A set as an element counts as the frozenset of its elements.
pub fn contains(cx: &mut Cx, set: Gc<Set>, element: Value) -> PyResult<bool> {
    match find(cx, set, element) {
        Ok(found) => Ok(found),
        Err(raised) => match as_frozen(cx, element)? {
            Some(frozen) => {
                cx.take_raised();
                Ok(Dict::get(cx, Set::elements(set), frozen)?.is_some())
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
        return Ok(Dict::remove(cx, Set::elements(set), frozen)?.is_some());
    }
    Ok(Dict::remove(cx, Set::elements(set), element)?.is_some())
}

/// The frozenset with the elements of a mutable set.
fn as_frozen(cx: &mut Cx, value: Value) -> PyResult<Option<Value>> {
    let Some(set) = downcast::<Set>(value) else { return Ok(None) };
    if !types::is_instance(cx, value, Kind::SET) {
        return Ok(None);
    }
    let frozen = with_shape(cx, shapes::FROZENSET);
    fill_from_keys(cx, frozen, Set::elements(set))?;
    Ok(Some(frozen.value()))
}

/// Adds the keys of a dict, whose hashes are known.
fn fill_from_keys(cx: &mut Cx, set: Gc<Set>, keys: Gc<Dict>) -> PyResult<()> {
    let elements = Set::elements(set);
    if length(set) == 0 && elements != keys && Dict::copy_into(cx, elements, keys)? {
        return Ok(());
    }
    let mut position = 0;
    while let Some((element, _, hash)) = Dict::next_hashed(keys, &mut position) {
        Dict::add_key(cx, elements, element, hash)?;
    }
    Ok(())
}

/// The dict whose keys are what iterating a set, dict or view of keys gives, in this order.
fn keys_of(iterable: Value) -> Option<Gc<Dict>> {
    if let Some(set) = downcast::<Set>(iterable) {
        return Some(Set::elements(set));
    }
    if types::is_exactly(iterable, Kind::DICT_KEYS) {
        return downcast::<Dict>(downcast::<Iterator>(iterable)?.source.get());
    }
    if types::is_exactly(iterable, Kind::DICT) { downcast::<Dict>(iterable) } else { None }
}

/// Adds what an iterable gives.
pub fn update(cx: &mut Cx, set: Gc<Set>, iterable: Value) -> PyResult<()> {
    if let Some(keys) = keys_of(iterable) {
        return fill_from_keys(cx, set, keys);
    }
    if length(set) == 0
        && let Some(expected) = crate::sequence::exact_length(iterable).filter(|expected| *expected < 1 << 16)
    {
        Dict::reserve(cx, Set::elements(set), expected)?;
    }
    let mut items = Items::of(cx, iterable)?;
    while let Some(element) = items.next(cx)? {
        add(cx, set, element)?;
    }
    Ok(())
}

/// A new `set` of some elements, which lie on a stack.
pub fn of_elements(cx: &mut Cx, elements: &[Value]) -> PyResult<Gc<Set>> {
    let set = new(cx);
    if !elements.is_empty() {
        Dict::reserve(cx, Set::elements(set), elements.len())?;
    }
    elements.iter().try_for_each(|element| add(cx, set, *element))?;
    Ok(set)
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
    fill_from_both(cx, operator, result, Set::elements(lhs), Set::elements(rhs))?;
    Ok(result.value())
}

/// The set that an operator gives for the keys of two dicts.
pub(crate) fn operate_on_keys(cx: &mut Cx, operator: BinaryOperator, lhs: Value, rhs: Value) -> PyResult {
    let result = new(cx);
    let lhs = as_keys(cx, lhs)?;
    let rhs = as_keys(cx, rhs)?;
    fill_from_both(cx, operator, result, lhs, rhs)?;
    Ok(result.value())
}

fn as_keys(cx: &mut Cx, iterable: Value) -> PyResult<Gc<Dict>> {
    match keys_of(iterable) {
        Some(keys) => Ok(keys),
        None => from_iterable(cx, iterable).map(Set::elements),
    }
}

fn fill_from_both(
    cx: &mut Cx,
    operator: BinaryOperator,
    result: Gc<Set>,
    lhs: Gc<Dict>,
    rhs: Gc<Dict>,
) -> PyResult<()> {
    let elements = Set::elements(result);
    match operator {
        BinaryOperator::Or => {
            fill_from_keys(cx, result, lhs)?;
            fill_from_keys(cx, result, rhs)
        }
        BinaryOperator::And if Dict::length(lhs) > Dict::length(rhs) => Dict::select(cx, elements, rhs, lhs, true),
        BinaryOperator::And => Dict::select(cx, elements, lhs, rhs, true),
        BinaryOperator::Xor => {
            Dict::select(cx, elements, lhs, rhs, false)?;
            Dict::select(cx, elements, rhs, lhs, false)
        }
        _ => Dict::select(cx, elements, lhs, rhs, false),
    }
}

/// Whether every element of `lhs` is in `rhs`.
pub(crate) fn is_subset(cx: &mut Cx, lhs: Gc<Set>, rhs: Gc<Set>) -> PyResult<bool> {
    Ok(length(lhs) <= length(rhs) && Dict::has_keys(cx, Set::elements(rhs), Set::elements(lhs))?)
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
    while let Some((element, _)) = Dict::next(Set::elements(set), &mut position) {
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
    while let Some((element, _)) = Dict::next(Set::elements(set), &mut position) {
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
