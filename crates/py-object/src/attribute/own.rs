//! Attributes that lie in an object itself: in slots that its shape describes, or in a dict.
//!
//! A slot whose name is hidden (see `shape::is_hidden`) belongs to a member descriptor of a class with `__slots__`; it
//! is found by that descriptor alone and never appears in `__dict__`.
//!
//! An object in dictionary mode has its `__dict__` behind `attributes`. Its hidden slots stay where they are; where some of
//! them lie beyond the inline slots, `attributes` is an array whose first element is the dict.

use crate::PyResult;
use crate::cx::{Cx, UNBOUND};
use crate::kinds::Kind;
use crate::object::has_attributes;
use crate::objects::{Array, Dict, Instance, Str, Type};
use crate::sequence::elements;
use crate::shape::{MAX_INLINE, Place, Shape, ShapeKind, is_hidden, shape};
use crate::string::downcast;
use crate::types::{self, class_of, shape_id};
use vm_heap::{Field, Gc, Header, Value};

use super::Found;

/// The field `attributes` of an object that has a place for attributes of its own.
pub fn attributes_of(object: Value) -> Option<&'static Field<Option<Gc<Array>>>> {
    if !object.is_object() {
        return None;
    }
    // SAFETY: an object value is the address of a live object, which starts with a header.
    let header: &Header = unsafe { &*(object.address() as *const Header) };
    // SAFETY: objects of these layouts have the field at this offset (checked by the macro `object!`).
    has_attributes(header.layout()).then(|| unsafe {
        &*((object.address() + crate::objects::ATTRIBUTES_OFFSET) as *const Field<Option<Gc<Array>>>)
    })
}

/// Whether an object has a `__dict__`, and so any attributes that it is given.
pub fn has_dictionary(cx: &Cx, object: Value) -> bool {
    class_of(cx, object).flags.get() & types::HAS_DICT != 0 && attributes_of(object).is_some()
}

/// The value in a slot.
fn slot_field(object: Value, place: Place, attributes: &Field<Option<Gc<Array>>>) -> Option<Value> {
    let read = |word: &Field<u64>, field: &Field<Value>| {
        // A commit under way must not be seen half done.
        if vm_stm::are_transactions() { vm_stm::read_outside(word.word(), field.word()) } else { field.get() }
    };
    match place {
        Place::Inline(offset) => {
            // SAFETY: the object's shape has an inline slot at this offset.
            let field = unsafe { &*((object.address() + offset) as *const Field<Value>) };
            Some(read(&instance_handle(object)?.word, field))
        }
        Place::Overflow(index) => {
            let array = attributes.get_acquire().and_then(|array| downcast::<Array>(array.value()))?;
            Some(read(&array.word, elements(&array).get(index)?))
        }
    }
}

/// The attribute dict of an object in dictionary mode.
fn dictionary_of(attributes: &Field<Option<Gc<Array>>>) -> Option<Gc<Dict>> {
    let held = attributes.get_acquire()?.value();
    match downcast::<Array>(held) {
        Some(array) => downcast::<Dict>(elements(&array).first()?.get()),
        None => downcast::<Dict>(held),
    }
}

/// An attribute of the object itself, without its class. `name` may be hidden.
pub fn own_attribute(cx: &mut Cx, object: Value, name: Gc<Str>) -> Option<(Value, Found)> {
    let attributes = attributes_of(object)?;
    loop {
        let current = shape(shape_id(object));
        if current.kind == ShapeKind::Dictionary && !is_hidden(name) {
            let dict = dictionary_of(attributes)?;
            return Dict::get_str(cx, dict, name).map(|value| (value, Found::Uncacheable));
        }
        let slot = match current.slot(name) {
            Some(slot) => slot,
            // The names of shapes are interned.
            None if crate::types::str::index::is_interned(name) => return None,
            None => {
                let interned = cx.runtime.intern_string(name);
                current.slot(interned)?
            }
        };
        let place = current.place(slot);
        let value = slot_field(object, place, attributes);
        match value {
            Some(value) if value != UNBOUND => return Some((value, Found::Slot(place))),
            // Another thread may have moved the attributes to a dict.
            _ if shape_id(object) != current.id => {}
            _ => return None,
        }
    }
}

/// Writes a slot that the object's shape has. Where that is an inline one, the caller holds the object's lock for a write.
pub fn write_slot(cx: &Cx, owner: Gc<Instance>, place: Place, value: Value) {
    match place {
        Place::Inline(offset) => {
            // SAFETY: the object's shape has an inline slot at this offset.
            unsafe { &*((owner.address() + offset) as *const Field<Value>) }.set(cx.mutator(), owner, value)
        }
        Place::Overflow(index) => {
            let array = owner.attributes.get_acquire().expect("the shape has overflow slots");
            let _locked = vm_stm::lock_for_write(&array.word);
            elements(&array)[index].set(cx.mutator(), array, value)
        }
    }
}

/// An array for `attributes` that has an element `index`, if the present one is too short.
fn grown_array(cx: &mut Cx, owner: Gc<Instance>, index: usize) -> PyResult<Option<Gc<Array>>> {
    let old = owner.attributes.get_acquire().and_then(|array| downcast::<Array>(array.value()));
    let length = old.map_or(0, |array| elements(&array).len());
    if index < length { Ok(None) } else { Array::checked(cx, (index + 1).next_multiple_of(4)).map(Some) }
}

/// Fills a grown array with what `attributes` holds and puts it there; the object is locked.
fn install_array(cx: &Cx, owner: Gc<Instance>, grown: Gc<Array>) {
    if let Some(old) = owner.attributes.get() {
        match downcast::<Array>(old.value()) {
            Some(old) => {
                for (field, item) in elements(&grown).iter().zip(elements(&old)) {
                    field.set(cx.mutator(), grown, item.get());
                }
            }
            None => elements(&grown)[0].set(cx.mutator(), grown, old.value()),
        }
    }
    owner.attributes.set_release(cx.mutator(), owner, Some(grown));
}

/// Stores an attribute in the object itself. `name` may be hidden; the object must have a place for attributes.
pub fn set_own(cx: &mut Cx, object: Value, name: Gc<Str>, value: Value) -> PyResult<()> {
    let attributes = attributes_of(object).expect("checked by the caller");
    let name = cx.runtime.intern_string(name);
    let Some(owner) = instance_handle(object) else { return Ok(()) };
    let hidden = is_hidden(name);
    loop {
        let current = shape(shape_id(object));
        if current.kind == ShapeKind::Dictionary && !hidden {
            let dict = dictionary_of(attributes).expect("an object in dictionary mode has a dict");
            return Dict::set_str(cx, dict, name, value);
        }
        if let Some(slot) = current.slot(name) {
            let place = current.place(slot);
            {
                let _locked = matches!(place, Place::Inline(_)).then(|| vm_stm::lock_for_write(&owner.word));
                write_slot(cx, owner, place, value);
            }
            if shape_id(object) != current.id {
                continue; // the attributes may have moved to a dict meanwhile
            }
            return Ok(());
        }
        let slot = current.names.len();
        if slot >= MAX_INLINE * 8 && !hidden {
            // An object used as a table: a dict serves it better than ever more shapes.
            dictionary(cx, object)?;
            continue;
        }
        let place = current.place(slot);
        let grown = match place {
            Place::Overflow(index) => grown_array(cx, owner, index)?,
            Place::Inline(_) => None,
        };
        let next = current.with(name);
        let _locked = vm_stm::lock(&owner.word);
        if shape_id(object) != current.id {
            continue; // another thread added an attribute
        }
        if let Some(grown) = grown {
            install_array(cx, owner, grown);
        }
        write_slot(cx, owner, place, value);
        owner.header().set_shape(next.id);
        note_slots(current.class, slot + 1);
        return Ok(());
    }
}

/// Learns how many attributes instances of a class have, for the inline slots of later ones.
fn note_slots(class: Gc<Type>, slots: usize) {
    if slots as u64 > class.slots_seen.get() && class.kind.get() == Kind::OBJECT as u64 && slots <= MAX_INLINE {
        class.slots_seen.init(slots as u64);
        if slots > types::instance_shape(class).inline {
            types::renew_instance_shape(class);
        }
    }
}

/// An object with attributes as an instance: they all start with header, version word and attributes.
pub(crate) fn instance_handle(object: Value) -> Option<Gc<Instance>> {
    // SAFETY: the caller passes an object with attributes, which starts with the fields of `Instance`.
    object.is_object().then(|| unsafe { Gc::from_address(object.address()) })
}

/// Deletes an attribute of the object itself; false where it has none. `name` may be hidden.
pub fn delete_own(cx: &mut Cx, object: Value, name: Gc<Str>) -> PyResult<bool> {
    if own_attribute(cx, object, name).is_none() {
        return Ok(false);
    }
    if is_hidden(name) {
        set_own(cx, object, name, UNBOUND)?;
        return Ok(true);
    }
    // Deletion is rare: the object keeps its attributes in a dict from then on.
    let dict = dictionary(cx, object)?;
    Ok(Dict::remove(cx, dict, name.value())?.is_some())
}

/// `object.__dict__`: from now on the object keeps its attributes in a dict.
pub fn dictionary(cx: &mut Cx, object: Value) -> PyResult<Gc<Dict>> {
    let dict = Dict::new(cx);
    loop {
        let attributes = attributes_of(object).expect("checked by the caller");
        let current = shape(shape_id(object));
        if current.kind == ShapeKind::Dictionary {
            return Ok(dictionary_of(attributes).expect("an object in dictionary mode has a dict"));
        }
        for (slot, name) in current.names.iter().enumerate() {
            if !is_hidden(*name)
                && let Some(value) = slot_field(object, current.place(slot), attributes)
                && value != UNBOUND
            {
                Dict::set_str(cx, dict, *name, value)?;
            }
        }
        if move_to_dictionary(cx, object, current, dict)? {
            return Ok(dict);
        }
    }
}

/// `object.__dict__ = dict`.
pub fn set_dictionary(cx: &mut Cx, object: Value, dict: Gc<Dict>) -> PyResult<()> {
    loop {
        let current = shape(shape_id(object));
        if move_to_dictionary(cx, object, current, dict)? {
            return Ok(());
        }
    }
}

/// Makes `dict` the attribute dict of an object that has the shape `current`; false where it has it no longer.
fn move_to_dictionary(cx: &mut Cx, object: Value, current: &'static Shape, dict: Gc<Dict>) -> PyResult<bool> {
    let Some(owner) = instance_handle(object) else { unreachable!("only objects have attributes") };
    let target = current.dictionary_form(cx);
    let overflow = target.names.len().saturating_sub(target.inline);
    let array = if overflow > 0 { Some(Array::checked(cx, (overflow + 1).next_multiple_of(4))?) } else { None };
    let _locked = vm_stm::lock(&owner.word);
    if shape_id(object) != current.id {
        return Ok(false);
    }
    let held = match array {
        None => {
            // SAFETY: the field holds the dict as a plain object pointer; readers look at its layout.
            unsafe { Gc::<Array>::from_address(dict.address()) }
        }
        Some(array) => {
            elements(&array)[0].set(cx.mutator(), array, dict.value());
            for slot in target.inline..target.names.len() {
                let place = current.place(slot);
                let value = match is_hidden(target.names[slot]) {
                    true => slot_field(object, place, &owner.attributes).unwrap_or(UNBOUND),
                    false => UNBOUND,
                };
                elements(&array)[slot - target.inline + 1].set(cx.mutator(), array, value);
            }
            array
        }
    };
    owner.attributes.set_release(cx.mutator(), owner, Some(held));
    owner.header().set_shape(target.id);
    // What lay in the inline slots is in the dict now; a second reference would keep it alive for too long.
    if current.kind == ShapeKind::Slots {
        for (slot, name) in current.names.iter().enumerate().take(current.inline) {
            if !is_hidden(*name) {
                write_slot(cx, owner, current.place(slot), UNBOUND);
            }
        }
    }
    Ok(true)
}

/// All attributes of the object itself, in order, without changing how it keeps them.
pub fn own_names(object: Value) -> Vec<Gc<Str>> {
    let Some(attributes) = attributes_of(object) else { return Vec::new() };
    let current = shape(shape_id(object));
    if current.kind == ShapeKind::Dictionary {
        return dictionary_of(attributes)
            .map(|dict| Dict::entries(dict).into_iter().filter_map(|(key, _)| downcast::<Str>(key)).collect())
            .unwrap_or_default();
    }
    current.names.iter().copied().filter(|name| !is_hidden(*name)).collect()
}
