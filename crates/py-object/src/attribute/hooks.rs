//! What is known of the instances of a class by its special methods, in one word of the class, until some class changes.

use crate::cx::Cx;
use crate::kinds::{Kind, shapes};
use crate::objects::{Tuple, Type};
use crate::shape::shape;
use crate::string::downcast;
use crate::types::{self, class_of, is_exactly, lookup, shape_id};
use vm_heap::{Gc, Value};

/// In `Type::hooks`: instances have a `__getattribute__` that is not the ordinary one.
pub(super) const GETATTRIBUTE: u64 = 1;
/// In `Type::hooks`: instances have a `__getattr__`.
pub(super) const GETATTR: u64 = 2;
/// In `Type::hooks`: instances have a truth of their own, by `__bool__` or `__len__`.
const TRUTH: u64 = 4;
/// Instances are tuples that hash and compare for equality as those of `tuple` do.
const TUPLE_LIKE: u64 = 8;
/// Instances hash and compare for equality as those of `object` do.
const IDENTITY: u64 = 16;
/// Where the epoch lies in `Type::hooks`.
const EPOCH_SHIFT: u32 = 5;

/// The hooks that instances of a class have.
#[inline]
pub(super) fn hooks(cx: &mut Cx, class: Gc<Type>) -> u64 {
    let (known, epoch) = (class.hooks.get(), types::class_epoch());
    if known >> EPOCH_SHIFT == epoch { known } else { find_hooks(cx, class, epoch) }
}

fn find_hooks(cx: &mut Cx, class: Gc<Type>, epoch: u64) -> u64 {
    let (getattribute, getattr) = (cx.name("__getattribute__"), cx.name("__getattr__"));
    let mut found = epoch << EPOCH_SHIFT;
    if lookup(cx, class, getattribute).is_some_and(|hook| !is_exactly(hook, Kind::WRAPPER_DESCRIPTOR)) {
        found |= GETATTRIBUTE;
    }
    if lookup(cx, class, getattr).is_some() {
        found |= GETATTR;
    }
    if ["__bool__", "__len__"].into_iter().any(|name| {
        let name = cx.name(name);
        lookup(cx, class, name).is_some()
    }) {
        found |= TRUTH;
    }
    if types::is_compact_tuple(class)
        && ["__eq__", "__ne__", "__hash__"].into_iter().all(|name| types::has_same(cx, class, Kind::TUPLE, name))
    {
        found |= TUPLE_LIKE;
    }
    if ["__eq__", "__hash__"].into_iter().all(|name| types::has_same(cx, class, Kind::OBJECT, name)) {
        found |= IDENTITY;
    }
    class.hooks.init(found);
    found
}

/// The hash of an object whose class is known to take over hash and equality from `object`.
#[inline(always)]
pub(crate) fn known_identity_hash(object: Value) -> Option<u64> {
    let known = shape(shape_id(object)).class.hooks.get();
    let plain = known & IDENTITY != 0 && known >> EPOCH_SHIFT == types::class_epoch();
    plain.then(|| types::object::identity_hash(object) as u64)
}

/// The same for any object.
#[inline]
pub(crate) fn plain_identity_hash(cx: &mut Cx, object: Value) -> Option<u64> {
    let class = shape(shape_id(object)).class;
    (hooks(cx, class) & IDENTITY != 0).then(|| types::object::identity_hash(object) as u64)
}

/// The tuple that an instance of `tuple` is, or one of a subclass whose instances hash and compare for equality as those of `tuple` do.
/// For a subclass that must be known already: [`tuple_like`] finds it out.
#[inline(always)]
pub(crate) fn known_tuple_like(value: Value) -> Option<Gc<Tuple>> {
    let tuple = downcast::<Tuple>(value).filter(|tuple| tuple.value() == value)?;
    if shape_id(value) == shapes::TUPLE {
        return Some(tuple);
    }
    let known = shape(shape_id(value)).class.hooks.get();
    (known & TUPLE_LIKE != 0 && known >> EPOCH_SHIFT == types::class_epoch()).then_some(tuple)
}

/// The same for any class.
#[inline]
pub(crate) fn tuple_like(cx: &mut Cx, value: Value) -> Option<Gc<Tuple>> {
    let tuple = downcast::<Tuple>(value).filter(|tuple| tuple.value() == value)?;
    let class = shape(shape_id(value)).class;
    (shape_id(value) == shapes::TUPLE || hooks(cx, class) & TUPLE_LIKE != 0).then_some(tuple)
}

/// Whether a value is an instance of a class that has no truth of its own, and so counts as true.
#[inline]
pub(crate) fn is_plainly_true(cx: &mut Cx, value: Value) -> bool {
    let class = class_of(cx, value);
    hooks(cx, class) & TRUTH == 0
}

/// The same where it is known already, without asking.
#[inline(always)]
pub(crate) fn is_known_plainly_true(object: Value) -> bool {
    let known = shape(shape_id(object)).class.hooks.get();
    known & TRUTH == 0 && known >> EPOCH_SHIFT == types::class_epoch()
}
