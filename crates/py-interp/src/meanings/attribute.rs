//! Attributes through inline caches.

use super::{residual, rest};
use crate::inline_cache::{CacheKind, CacheWord, payload_value};
use crate::runtime_functions::{BIND_METHOD, GET_BY_DESCRIPTOR, LOAD_ATTRIBUTE, STORE_ATTRIBUTE};
use py_code::Opcode;
use py_object::objects::{ATTRIBUTES_OFFSET, Extended, Function, Generator, GlobalCell, Tuple};
use py_object::types::{class_epoch, shape_id};
use py_object::{Cx, UNBOUND, shapes};
use std::mem::offset_of;
use vm_heap::{ShapeId, Value};
use vm_machine::{FieldKind, Flow, FrameEntry, Machine, Thread};

/// Reads what an inline cache of one of the value kinds says; `None` for the other kinds.
#[inline(always)]
fn cached_value<M: Machine>(m: &mut M, cache: CacheWord, object: M::Val) -> Option<M::Val> {
    if cache.is(CacheKind::Inline) {
        return Some(m.load(object, cache.offset()));
    }
    if cache.is(CacheKind::Overflow) {
        let array = m.load_pointer(object, ATTRIBUTES_OFFSET);
        return Some(m.load(array, cache.offset()));
    }
    if cache.is(CacheKind::Constant) {
        let payload = m.extension(1);
        return Some(m.constant(payload_value(payload)));
    }
    if cache.is(CacheKind::Cell) {
        let cell = payload_value(m.extension(1));
        return Some(m.load_watched(cell, offset_of!(GlobalCell, value), offset_of!(GlobalCell, watch)));
    }
    None
}

/// `b.name`.
#[inline(always)]
pub fn load_attr<M: Machine>(m: &mut M) -> Flow {
    if !M::RECORDS {
        let cache = CacheWord(m.extension(0));
        let object = m.get(m.instruction().b());
        if m.has_shape(object, cache.shape()) && cache.is(CacheKind::Inline) {
            let value = m.load(object, cache.offset());
            let unbound = m.constant(UNBOUND);
            if !m.same(value, unbound) {
                m.set(m.instruction().a(), value);
                return Flow::Next;
            }
        }
    }
    rest!(m, LoadAttrOther, load_attr_other)
}

/// The same for other attributes than those in a slot of the object itself.
#[inline(always)]
pub fn load_attr_other<M: Machine>(m: &mut M) -> Flow {
    let cache = CacheWord(m.extension(0));
    let object = m.get(m.instruction().b());
    if m.has_shape(object, cache.shape()) {
        if let Some(value) = cached_value(m, cache, object) {
            let unbound = m.constant(UNBOUND);
            if !m.same(value, unbound) {
                m.set(m.instruction().a(), value);
                return Flow::Next;
            }
            return Flow::Slow;
        }
        if cache.is(CacheKind::Method) {
            let function = m.constant(payload_value(m.extension(1)));
            return m.residual_last(&BIND_METHOD, [function, object], Some(m.instruction().a()));
        }
        if cache.is(CacheKind::Getter) {
            return enter_getter(m, object);
        }
        if cache.is(CacheKind::Descriptor) {
            let descriptor = m.constant(payload_value(m.extension(1)));
            let (result, register) = (m.instruction().a(), m.instruction().b());
            return m.call_registers_last(&GET_BY_DESCRIPTOR, descriptor, register, 1, result);
        }
        if cache.is(CacheKind::Item) || cache.is(CacheKind::PayloadItem) {
            let direct = cache.is(CacheKind::Item);
            let tuple = if direct { object } else { m.load_final(object, offset_of!(Extended, payload)) };
            if let Some(item) = item(m, tuple, cache.offset()) {
                m.set(m.instruction().a(), item);
                return Flow::Next;
            }
        }
    }
    if let Some((cache, payload)) = noted(m, object) {
        let value = if cache.is(CacheKind::Inline) {
            m.load(object, cache.offset())
        } else if cache.is(CacheKind::Constant) {
            m.constant(payload_value(payload))
        } else {
            return Flow::Slow;
        };
        let unbound = m.constant(UNBOUND);
        if !m.same(value, unbound) {
            m.set(m.instruction().a(), value);
            return Flow::Next;
        }
        return Flow::Slow;
    }
    m.miss();
    let name = m.constant(Value::int(m.instruction().c() as i64));
    let function = m.function();
    let value = residual!(m, LOAD_ATTRIBUTE, [object, function, name]);
    m.set(m.instruction().a(), value);
    Flow::Next
}

/// What the site's inline cache held for objects of this shape before, in the interpreter. Now and then this says nothing, so that the slow path fills
/// the cache anew.
#[inline(always)]
fn noted<M: Machine>(m: &mut M, object: M::Val) -> Option<(CacheWord, u64)> {
    let look = |thread: &Thread, place: *const u64, object: Value| {
        // SAFETY: the thread is the first field of its context.
        let cx = unsafe { &*(std::ptr::from_ref(thread) as *const Cx) };
        if !object.is_object() || !cx.lookups.is_no_turn() {
            return None;
        }
        cx.lookups.place(place as usize, shape_id(object), class_epoch())
    };
    let (word, payload) = m.look_from_here(object, look)??;
    Some((CacheWord(word), payload))
}

/// The item of a named tuple, if it has so many.
#[inline(always)]
fn item<M: Machine>(m: &mut M, tuple: M::Val, index: usize) -> Option<M::Val> {
    let length = m.load_final(tuple, offset_of!(Tuple, length));
    let index = m.constant(Value::int(index as i64));
    m.int_below(index, length).then(|| m.load_element_final(tuple, index, size_of::<Tuple>()))
}

/// Calls a property's getter on the value stack.
#[inline(always)]
fn enter_getter<M: Machine>(m: &mut M, object: M::Val) -> Flow {
    let getter = payload_value(m.extension(1));
    let entry = crate::code::simple_entry(getter, 1);
    let Some(entry) = entry else { return Flow::Slow };
    let base = m.frame_size();
    let result = m.instruction().a();
    let function = m.constant(getter);
    m.set(base + vm_machine::FRAME_HEADER, object);
    if m.push_frame(base, function, entry, result) { Flow::Next } else { Flow::Slow }
}

/// What a call of method `c` of `b` needs.
#[inline(always)]
pub fn load_method<M: Machine>(m: &mut M) -> Flow {
    let cache = CacheWord(m.extension(0));
    let object = m.get(m.instruction().b());
    let base = m.instruction().a();
    if m.has_shape(object, cache.shape()) {
        if cache.is(CacheKind::Method) {
            let function = m.constant(payload_value(m.extension(1)));
            m.set(base, function);
            m.set(base + 4, object);
            return Flow::Next;
        }
        if let Some(value) = cached_value(m, cache, object) {
            let unbound = m.constant(UNBOUND);
            if !m.same(value, unbound) {
                m.set(base, value);
                m.set(base + 4, unbound);
                return Flow::Next;
            }
        }
    }
    if !M::RECORDS && cache.is(CacheKind::Method) {
        // Numbers that are no objects have the methods of those that are.
        let shape = cache.shape();
        if m.is_int(object) && shape == shapes::INT || m.is_float(object) && shape == shapes::FLOAT {
            let function = m.constant(payload_value(m.extension(1)));
            m.set(base, function);
            m.set(base + 4, object);
            return Flow::Next;
        }
    }
    if M::RECORDS { Flow::Slow } else { Flow::As(Opcode::LoadMethodOther as u8) }
}

/// The same where the inline cache is for objects of another shape (interpreter only).
#[inline(always)]
pub fn load_method_other<M: Machine>(m: &mut M) -> Flow {
    let object = m.get(m.instruction().b());
    let base = m.instruction().a();
    if let Some((cache, payload)) = noted(m, object)
        && cache.is(CacheKind::Method)
    {
        let function = m.constant(payload_value(payload));
        m.set(base, function);
        m.set(base + 4, object);
        return Flow::Next;
    }
    Flow::Slow
}

/// `a.name = b`.
#[inline(always)]
pub fn store_attr<M: Machine>(m: &mut M) -> Flow {
    if !M::RECORDS {
        let cache = CacheWord(m.extension(0));
        let object = m.get(m.instruction().a());
        if !m.has_shape(object, cache.shape()) {
            return Flow::Slow;
        }
        if cache.is(CacheKind::Inline) && !m.must_remember(object) {
            let value = m.get(m.instruction().b());
            m.store_checked(object, cache.offset(), value);
            return Flow::Next;
        }
        if cache.is(CacheKind::Add) && !m.must_remember(object) {
            let (value, shape) = (m.get(m.instruction().b()), ShapeId(m.extension(1) as u32));
            if m.add_field_checked(object, cache.offset(), value, shape) {
                return Flow::Next;
            }
        }
    }
    rest!(m, StoreAttrOther, store_attr_other)
}

/// The same for other attributes than those in a slot of the object itself.
#[inline(always)]
pub fn store_attr_other<M: Machine>(m: &mut M) -> Flow {
    let cache = CacheWord(m.extension(0));
    let object = m.get(m.instruction().a());
    let value = m.get(m.instruction().b());
    if m.has_shape(object, cache.shape()) {
        if cache.is(CacheKind::Inline) {
            m.store(object, cache.offset(), value, FieldKind::Value);
            return Flow::Next;
        }
        if cache.is(CacheKind::Add) {
            let shape = ShapeId(m.extension(1) as u32);
            if m.add_field(object, cache.offset(), value, shape) {
                return Flow::Next;
            }
        }
        if cache.is(CacheKind::Overflow) {
            let array = m.load_pointer(object, ATTRIBUTES_OFFSET);
            m.store(array, cache.offset(), value, FieldKind::Value);
            return Flow::Next;
        }
        if cache.is(CacheKind::Cell) {
            let cell = payload_value(m.extension(1));
            let watch = offset_of!(GlobalCell, watch);
            return if m.store_watched(cell, offset_of!(GlobalCell, value), watch, value) {
                Flow::Next
            } else {
                Flow::Slow
            };
        }
    }
    m.miss();
    let name = m.constant(Value::int(m.instruction().c() as i64));
    let function = m.function();
    if M::RECORDS {
        let is_generator = super::is_generator(m, function);
        let offset = if is_generator { offset_of!(Generator, code) } else { offset_of!(Function, code) };
        let code = m.load_pointer_final(function, offset);
        if crate::runtime_functions::changes_code(m.reveal(code), m.instruction().c()) {
            // Frames that a trace keeps to itself would go on with the wrong code.
            return Flow::Slow;
        }
    }
    let _ = residual!(m, STORE_ATTRIBUTE, [object, function, name, value]);
    Flow::Next
}

/// Where a Python function leads when it is entered with its arguments in place.
#[inline(always)]
pub(super) fn reveal_entry<M: Machine>(m: &mut M, function: M::Val) -> (FrameEntry, i64) {
    let code = m.load_pointer_final(function, offset_of!(Function, code));
    let code = m.reveal(code);
    crate::code::entry_of(code)
}
