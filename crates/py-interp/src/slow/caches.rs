//! What an inline cache may remember.

use super::{extension, name_at};
use crate::inline_cache::{self, CacheKind, CacheWord};
use py_code::Opcode;
use py_object::Cx;
use py_object::attribute::{self, Found};
use py_object::objects::*;
use py_object::shape::{Place, ShapeKind, shape};
use py_object::types::{self, as_type, shape_id};
use vm_heap::{Gc, Value};
use vm_machine::{Frame, Instruction};

/// Whether an inline cache may remember what a lookup on this object found.
pub(super) fn may_cache(cx: &Cx, object: Value, found: Found) -> bool {
    match found {
        Found::Uncacheable => false,
        _ if !object.is_object() => false,
        Found::Cell(_) => true,
        _ => {
            if shape(shape_id(object)).kind == ShapeKind::Dictionary {
                return false;
            }
            let class = types::class_of(cx, object);
            let own = as_type(object).is_none_or(types::rely_on);
            own && types::rely_on(class)
        }
    }
}

/// Fills the inline cache of the instruction at a frame's place without executing it. False where there is nothing that
/// a cache may remember.
pub fn fill_cache(cx: &mut Cx, frame: &Frame, i: Instruction) -> bool {
    let start = frame.pc;
    match Opcode::from_byte(i.opcode()) {
        Some(Opcode::LoadAttr | Opcode::LoadMethod) => {
            let object = frame.get(i.b());
            let name = name_at(frame, i.c());
            let Some(found) = attribute::locate(cx, object, name) else { return false };
            if !may_cache(cx, object, found) {
                return false;
            }
            let Some((word, payload)) = inline_cache::entry(shape_id(object), found) else { return false };
            // SAFETY: the instruction has two extension words.
            unsafe { inline_cache::fill_for_class(start, word, Some(payload)) };
            extension(start, 0) == word.0
        }
        Some(Opcode::StoreAttr) => {
            let object = frame.get(i.a());
            let name = name_at(frame, i.c());
            let Some((word, payload)) = store_plan(cx, object, name) else { return false };
            // SAFETY: the instruction has two extension words.
            unsafe { inline_cache::fill_for_class(start, word, Some(payload)) };
            extension(start, 0) == word.0
        }
        Some(Opcode::LoadGlobal) => {
            let name = name_at(frame, i.bc() as usize);
            let Ok((_, Some(cell))) = super::find_global(cx, frame, name) else {
                cx.take_raised();
                return false;
            };
            // SAFETY: the instruction has one extension word.
            unsafe { inline_cache::fill(start, CacheWord(cell.address() as u64), None) };
            true
        }
        Some(opcode @ (Opcode::Call | Opcode::CallMethod | Opcode::CallKw | Opcode::CallMethodKw)) => {
            super::calls::remember_call(cx, frame, i, opcode)
        }
        _ => false,
    }
}

/// The cache entry for a store of an attribute that the object has, or that it would get in an inline slot.
fn store_plan(cx: &mut Cx, object: Value, name: Gc<Str>) -> Option<(CacheWord, u64)> {
    let name = attribute::plain_store_name(cx, object, name)?;
    let before = shape(shape_id(object));
    if before.kind != ShapeKind::Slots {
        return None;
    }
    if let Some(slot) = before.slot(name) {
        return inline_cache::entry(before.id, Found::Slot(before.place(slot)));
    }
    match before.place(before.names.len()) {
        Place::Inline(offset) => {
            let after = before.with(name);
            Some((CacheWord::new(before.id, CacheKind::Add, offset), after.id.0 as u64))
        }
        Place::Overflow(_) => None,
    }
}

/// Whether a value is a native that takes its receiver as first argument.
pub(super) fn is_method_native(value: Value) -> bool {
    value.is_object() && py_object::native::is_unbound_native(shape_id(value))
}
