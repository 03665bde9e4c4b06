//! Attributes, with the inline caches of their sites.

use super::caches::{is_method_native, may_cache};
use super::{extension, name_at, registers};
use crate::context_managers;
use crate::inline_cache::{self, CacheKind, CacheWord, payload_value};
use py_code::Opcode;
use py_object::attribute::{self, Found};
use py_object::objects::*;
use py_object::sequence::tuple_items;
use py_object::shape::{Place, ShapeKind, shape};
use py_object::types::{self, is_exactly, shape_id};
use py_object::{Cx, Kind, PyResult, SiteUse, StrExt, UNBOUND, call, downcast, shapes};

use vm_heap::{Field, Gc, ShapeId, Value};
use vm_machine::{FRAME_HEADER, Frame, Instruction};

/// Loads attribute `c` of `b`.
#[inline(always)]
pub fn load_attr(cx: &mut Cx, frame: &mut Frame, start: *const u64, i: Instruction) -> PyResult<()> {
    let object = frame.get(i.b());
    if let Some((word, payload)) = noted(cx, frame, start, object, i.c(), SiteUse::Load) {
        if word.is(CacheKind::Getter) && refill(cx, start, (word, payload), false) {
            frame.pc = start;
            return Ok(());
        }
        if let Some(value) = cached_value(word, payload, object) {
            frame.set(i.a(), value);
            refill(cx, start, (word, payload), true);
            return Ok(());
        }
        if word.is(CacheKind::Method) {
            let method = attribute::bind_method(cx, payload_value(payload), object);
            frame.set(i.a(), method);
            refill(cx, start, (word, payload), true);
            return Ok(());
        }
        if word.is(CacheKind::Descriptor) {
            let value = attribute::get_by_descriptor(cx, payload_value(payload), object)?;
            frame.set(i.a(), value);
            refill(cx, start, (word, payload), true);
            return Ok(());
        }
        if word.is(CacheKind::Item)
            && let Some(tuple) = downcast::<Tuple>(object)
            && let Some(value) = tuple_items(&tuple).get(word.offset())
        {
            frame.set(i.a(), *value);
            refill(cx, start, (word, payload), true);
            return Ok(());
        }
    }
    let name = name_at(frame, i.c());
    let (value, found) = attribute::get_cacheable(cx, object, name)?;
    if may_cache(cx, object, found)
        && let Some(entry) = inline_cache::entry(shape_id(object), found)
    {
        fill_site(cx, start, shape_id(object), name, SiteUse::Load, entry);
    }
    frame.set(i.a(), value);
    Ok(())
}

/// The shape by which an inline cache knows a number that is no object.
fn immediate_shape(value: Value) -> Option<ShapeId> {
    if value.is_int() {
        return Some(shapes::INT);
    }
    value.is_float().then_some(shapes::FLOAT)
}

/// Loads what a call of method `c` of `b` needs: r[a] the callable, r[a+4] self, or unbound if self is not to be passed.
#[inline(always)]
pub fn load_method(cx: &mut Cx, frame: &mut Frame, start: *const u64, i: Instruction) -> PyResult<()> {
    let object = frame.get(i.b());
    if let Some((word, payload)) = noted(cx, frame, start, object, i.c(), SiteUse::Call) {
        let found = if word.is(CacheKind::Method) {
            Some((payload_value(payload), object))
        } else {
            cached_value(word, payload, object).map(|value| (value, UNBOUND))
        };
        if let Some((function, receiver)) = found {
            frame.set(i.a(), function);
            frame.set(i.a() + FRAME_HEADER, receiver);
            refill(cx, start, (word, payload), true);
            return Ok(());
        }
    }
    let name = name_at(frame, i.c());
    // Immediate receivers need no bound method.
    if !object.is_object() {
        let class = types::class_of(cx, object);
        if let Some(function) = types::lookup(cx, class, name)
            && is_method_native(function)
        {
            // Such a class never changes, and its small and its large instances have the same methods.
            if extension(start, 0) == 0
                && let Some(shape) = immediate_shape(object)
            {
                let entry = (CacheWord::new(shape, CacheKind::Method, 0), function.bits());
                fill_site(cx, start, shape, name, SiteUse::Call, entry);
            }
            frame.set(i.a(), function);
            frame.set(i.a() + FRAME_HEADER, object);
            return Ok(());
        }
    }
    // A method that the cache may remember is called with its receiver; no bound method is made for it.
    if let Some(found @ Found::Method(function)) = attribute::locate(cx, object, name) {
        if may_cache(cx, object, found)
            && let Some(entry) = inline_cache::entry(shape_id(object), found)
        {
            fill_site(cx, start, shape_id(object), name, SiteUse::Call, entry);
        }
        frame.set(i.a(), function);
        frame.set(i.a() + FRAME_HEADER, object);
        return Ok(());
    }
    let (value, found) = attribute::get_cacheable(cx, object, name)?;
    if may_cache(cx, object, found)
        && let Some(entry) = inline_cache::entry(shape_id(object), found)
        && !entry.0.is(CacheKind::Getter)
        && !entry.0.is(CacheKind::Descriptor)
        && !entry.0.is(CacheKind::Item)
    {
        fill_site(cx, start, shape_id(object), name, SiteUse::Call, entry);
    }
    match found {
        Found::Method(function) => {
            frame.set(i.a(), function);
            frame.set(i.a() + FRAME_HEADER, object);
        }
        _ => {
            frame.set(i.a(), value);
            frame.set(i.a() + FRAME_HEADER, UNBOUND);
        }
    }
    Ok(())
}

/// Sets attribute `c` of `a` to `b`.
#[inline(always)]
pub fn store_attr(cx: &mut Cx, frame: &mut Frame, start: *const u64, i: Instruction) -> PyResult<()> {
    let (object, value) = (frame.get(i.a()), frame.get(i.b()));
    if let Some((word, payload)) = noted(cx, frame, start, object, i.c(), SiteUse::Store) {
        // Sites for the other kinds of entry have more to do than to write a slot of an object.
        if word.is(CacheKind::Inline) {
            // SAFETY: objects of the shape have a slot at this offset.
            let owner: Gc<Instance> = unsafe { Gc::from_address(object.address()) };
            attribute::write_slot(cx, owner, Place::Inline(word.offset()), value);
            refill(cx, start, (word, payload), true);
            return Ok(());
        }
        if refill(cx, start, (word, payload), false) {
            frame.pc = start;
            return Ok(());
        }
    }
    let name = name_at(frame, i.c());
    let before = object.is_object().then(|| shape_id(object));
    attribute::set(cx, object, name, Some(value))?;
    let Some(before) = before else { return Ok(()) };
    let entry = if let Some(module) = downcast::<Module>(object) {
        // A subclass may have descriptors, or a `__setattr__` of its own.
        let plain = types::class_of(cx, object) == cx.builtin_type(Kind::MODULE);
        if !plain || name.bytes().starts_with(b"__annot") {
            return Ok(());
        }
        let hash = name.hash_value(cx);
        let cell = Dict::cell(cx, module.dict.get(), name.value(), hash)?;
        inline_cache::entry(before, Found::Cell(cell))
    } else {
        store_entry(cx, object, name, before)
    };
    if let Some(entry) = entry {
        fill_site(cx, start, before, name, SiteUse::Store, entry);
    }
    Ok(())
}

/// Deletes attribute `c` of `a`.
pub fn delete_attr(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let name = name_at(frame, i.c());
    attribute::set(cx, frame.get(i.a()), name, None)
}

/// LoadSuperAttr LoadSuperMethod
#[inline(always)]
fn load_behind(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction, opcode: Opcode) -> PyResult<()> {
    let parts = registers(frame, i.b(), 3);
    let name = name_at(frame, i.c());
    let value = if parts[0] == cx.builtin_type(Kind::SUPER).value() {
        types::records::attribute_behind(cx, parts[1], parts[2], name)?
    } else {
        // Something else by that name: called as it is written.
        let written: &[Value] = if i.x() == 0 { &[] } else { &[parts[1], parts[2]] };
        let object = call::call(cx, parts[0], written, None)?;
        attribute::get(cx, object, name)?
    };
    frame.set(i.a(), value);
    if opcode == Opcode::LoadSuperMethod {
        frame.set(i.a() + FRAME_HEADER, UNBOUND);
    }
    Ok(())
}

/// As `load_method`, from the type: x = 0 `__enter__`, 1 `__exit__`, 2 `__aenter__`, 3 `__aexit__`.
pub fn load_special(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let object = frame.get(i.b());
    if is_exactly(object, Kind::ATOMIC) {
        // Entering and leaving a block is part of the interpreter; see `invoke`.
        frame.set(i.a(), object);
        frame.set(i.a() + FRAME_HEADER, Value::int(i.x() as i64));
        return Ok(());
    }
    let method = i.x() as usize;
    let Some(found) = types::lookup_special(cx, object, context_managers::METHODS[method]) else {
        return Err(context_managers::unsupported(cx, object, method));
    };
    if is_exactly(found, Kind::FUNCTION) || is_method_native(found) {
        frame.set(i.a(), found);
        frame.set(i.a() + FRAME_HEADER, object);
    } else {
        let class = types::class_of(cx, object);
        let bound = attribute::bind(cx, found, Some(object), class)?;
        frame.set(i.a(), bound);
        frame.set(i.a() + FRAME_HEADER, UNBOUND);
    }
    Ok(())
}

family! { load_behind: load_super_attr = LoadSuperAttr, load_super_method = LoadSuperMethod }

/// The cache entry for a store that has just been made to an object that had shape `before`.
fn store_entry(cx: &mut Cx, object: Value, name: Gc<Str>, before: vm_heap::ShapeId) -> Option<(CacheWord, u64)> {
    let name = attribute::plain_store_name(cx, object, name)?;
    let after = shape(shape_id(object));
    if after.kind != ShapeKind::Slots {
        return None;
    }
    let place = after.place(after.slot(name)?);
    if after.id == before {
        return inline_cache::entry(before, Found::Slot(place));
    }
    match place {
        Place::Inline(offset) => Some((CacheWord::new(before, CacheKind::Add, offset), after.id.0 as u64)),
        Place::Overflow(_) => None,
    }
}

/// What another turn found for objects of this shape, as the words of an inline cache: at this place, or elsewhere by the name.
#[inline(always)]
fn noted(
    cx: &Cx,
    frame: &Frame,
    start: *const u64,
    object: Value,
    name: usize,
    usage: SiteUse,
) -> Option<(CacheWord, u64)> {
    // While there are transactions, slots are read and written by the handlers of that mode.
    if !object.is_object() || vm_stm::are_transactions() {
        return None;
    }
    let (shape, epoch) = (shape_id(object), types::class_epoch());
    if let Some((word, payload)) = cx.lookups.place(start as usize, shape, epoch) {
        return Some((CacheWord(word), payload));
    }
    noted_elsewhere(cx, start, shape, name_at(frame, name), usage)
}

#[inline(never)]
fn noted_elsewhere(
    cx: &Cx,
    start: *const u64,
    shape: ShapeId,
    name: Gc<Str>,
    usage: SiteUse,
) -> Option<(CacheWord, u64)> {
    let epoch = types::class_epoch();
    let words = cx.lookups.site(shape, name, usage, epoch)?;
    cx.lookups.put_place(start as usize, shape, epoch, words);
    Some((CacheWord(words.0), words.1))
}

/// What the words of an inline cache say of an object of their shape; none where a handler has more to do, or where there is nothing.
#[inline]
fn cached_value(word: CacheWord, payload: u64, object: Value) -> Option<Value> {
    let value = if word.is(CacheKind::Inline) {
        // SAFETY: objects of the shape have a slot at this offset.
        unsafe { &*((object.address() + word.offset()) as *const Field<Value>) }.get()
    } else if word.is(CacheKind::Constant) {
        payload_value(payload)
    } else if word.is(CacheKind::Cell) {
        downcast::<GlobalCell>(payload_value(payload))?.value.get()
    } else {
        return None;
    };
    (value != UNBOUND).then_some(value)
}

/// Gives the inline cache at `start` these words. False where it holds them already, or where it can't be filled.
///
/// A site that sees objects of several shapes would be filled time and again, for more than it saves: `seldom` says that what the
/// words say has been done already, so that filling the cache can wait.
#[inline]
fn refill(cx: &Cx, start: *const u64, (word, payload): (CacheWord, u64), seldom: bool) -> bool {
    if seldom && !cx.lookups.is_turn() || vm_stm::is_concurrent() || extension(start, 0) == word.0 {
        return false;
    }
    // SAFETY: the sites of attributes have two extension words.
    unsafe { inline_cache::fill_for_class(start, word, Some(payload)) };
    true
}

/// Fills the inline cache at `start` for objects of a shape, and notes its words for other sites.
fn fill_site(cx: &Cx, start: *const u64, shape: ShapeId, name: Gc<Str>, usage: SiteUse, entry: (CacheWord, u64)) {
    let (word, payload) = entry;
    cx.lookups.put_site(shape, name, usage, types::class_epoch(), (word.0, payload));
    // SAFETY: the sites of attributes have two extension words.
    unsafe { inline_cache::fill_for_class(start, word, Some(payload)) };
}
