//! Who refers to whom, as `gc` tells it.
//!
//! Objects of the heap that no Python program sees (arrays of attributes, storage of dictionaries) are looked through: what
//! they refer to counts as referred to by the object that owns them.

use py_object::objects::{Dict, List, Tuple};
use py_object::sequence::tuple_items;
use py_object::types::{HEAP_TYPE, as_type, is_exactly, shape_id};
use py_object::{Cx, Kind, NONE, PyResult, downcast, value_tail};
use std::collections::HashSet;
use vm_heap::{Gc, Value};

/// What an object is to these functions.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// A part of another object, which programs do not see.
    Part,
    /// It refers to nothing that programs see.
    Leaf,
    /// It may refer to others.
    Container,
}

fn role(object: Value) -> Role {
    if !object.is_object() {
        return Role::Leaf;
    }
    let shape = shape_id(object);
    let is = |kinds: &[Kind]| kinds.iter().any(|kind| kind.shape() == shape);
    if is(&[Kind::ARRAY, Kind::RAW, Kind::GLOBAL_CELL]) {
        Role::Part
    } else if is(LEAVES) {
        Role::Leaf
    } else {
        Role::Container
    }
}

const LEAVES: &[Kind] =
    &[Kind::INT, Kind::FLOAT, Kind::COMPLEX, Kind::STR, Kind::BYTES, Kind::BYTEARRAY, Kind::RANGE, Kind::CODE];

/// Whether an object can refer to others.
pub fn is_tracked(object: Value) -> bool {
    let plain = object.is_object() && shape_id(object) == Kind::OBJECT.shape();
    let empty = downcast::<Tuple>(object).is_some_and(|tuple| tuple_items(&tuple).is_empty());
    // Built-in types are as good as eternal.
    let built_in = || as_type(object).is_some_and(|class| class.flags.get() & HEAP_TYPE == 0);
    role(object) == Role::Container && !plain && !empty && !built_in()
}

/// Calls `visit`, which must not allocate, with what an object refers to.
fn each_referent(cx: &Cx, object: Value, mut visit: impl FnMut(Value)) {
    if role(object) != Role::Container {
        return;
    }
    let mut waiting = vec![object];
    let mut seen = HashSet::new();
    while let Some(next) = waiting.pop() {
        cx.mutator().for_each_reference(next, |referent| match role(referent) {
            Role::Part if seen.insert(referent.bits()) => waiting.push(referent),
            Role::Part => (),
            _ => visit(referent),
        });
    }
}

/// How many objects can refer to others.
pub fn count_tracked(cx: &Cx) -> usize {
    let mut count = 0;
    cx.mutator().for_each_object(|object| count += usize::from(is_tracked(object)));
    count
}

/// How many containers there are.
fn count(cx: &Cx) -> usize {
    let mut count = 0;
    cx.mutator().for_each_object(|object| count += usize::from(role(object) == Role::Container));
    count
}

/// Room for what threads make between counting and gathering.
const SLACK: usize = 1024;

/// The containers that live, in a tuple, whose rest is unused.
fn containers(cx: &mut Cx) -> (Gc<Tuple>, usize) {
    cx.mutator().collect(true);
    let room = count(cx) + SLACK;
    let tuple = Tuple::new(cx, &vec![NONE; room]);
    let (fields, mut found) = (value_tail(&tuple, room), 0);
    let mutator = cx.mutator();
    mutator.for_each_object(|object| {
        if found < room && role(object) == Role::Container && object != tuple.value() {
            fields[found].set(mutator, tuple, object);
            found += 1;
        }
    });
    (tuple, found)
}

/// `gc.get_objects()`.
pub fn objects(cx: &mut Cx) -> PyResult<Gc<List>> {
    let (all, count) = containers(cx);
    let result = List::new(cx, &[])?;
    for object in &tuple_items(&all)[..count] {
        if is_tracked(*object) {
            List::push(cx, result, *object)?;
        }
    }
    Ok(result)
}

/// `gc.get_referrers(*objects)`.
pub fn referrers(cx: &mut Cx, objects: &[Value]) -> PyResult<Gc<List>> {
    let (all, count) = containers(cx);
    let result = List::new(cx, &[])?;
    for object in &tuple_items(&all)[..count] {
        let mut refers = false;
        each_referent(cx, *object, |referent| refers |= objects.contains(&referent));
        if refers {
            List::push(cx, result, *object)?;
        }
    }
    Ok(result)
}

/// Adds what a list, tuple or dict holds, numbers that are no objects of the heap among it. False for anything else.
fn push_content(cx: &mut Cx, result: Gc<List>, object: Value) -> PyResult<bool> {
    if is_exactly(object, Kind::TUPLE)
        && let Some(tuple) = downcast::<Tuple>(object)
    {
        for item in tuple_items(&tuple) {
            List::push(cx, result, *item)?;
        }
        return Ok(true);
    }
    if is_exactly(object, Kind::LIST)
        && let Some(list) = downcast::<List>(object)
    {
        let mut at = 0;
        while let Some(item) = py_object::types::list::item(list, at) {
            List::push(cx, result, item)?;
            at += 1;
        }
        return Ok(true);
    }
    if is_exactly(object, Kind::DICT)
        && let Some(dict) = downcast::<Dict>(object)
    {
        let mut position = 0;
        while let Some((key, value)) = Dict::next(dict, &mut position) {
            List::push(cx, result, key)?;
            List::push(cx, result, value)?;
        }
        return Ok(true);
    }
    Ok(false)
}

/// `gc.get_referents(*objects)`.
pub fn referents(cx: &mut Cx, objects: &[Value]) -> PyResult<Gc<List>> {
    let result = List::new(cx, &[])?;
    for object in objects {
        if push_content(cx, result, *object)? {
            continue;
        }
        // They live while the object does not change: a change by another thread at this moment may leave some out.
        let mut room = 0;
        each_referent(cx, *object, |_| room += 1);
        let found = Tuple::new(cx, &vec![NONE; room]);
        let (fields, mut count) = (value_tail(&found, room), 0);
        let mutator = cx.mutator();
        each_referent(cx, *object, |referent| {
            if count < room {
                fields[count].set(mutator, found, referent);
                count += 1;
            }
        });
        for referent in &tuple_items(&found)[..count] {
            List::push(cx, result, *referent)?;
        }
    }
    Ok(result)
}
