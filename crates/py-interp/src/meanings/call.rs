//! Calls and returns.
//!
//! A Python function whose parameters are all positional is entered in place: its arguments lie where its registers will be.

use super::attribute::reveal_entry;
use super::inline_calls::{built_in_function, built_in_type};
use super::planned_calls::planned;
use super::rest;
use crate::code::CONSTRUCTOR_FRAME;
use crate::inline_cache::{CacheKind, CacheWord};
use crate::runtime_functions::{CALL_NATIVE, CALL_STRAIGHT, CALL_TYPE};
use py_object::objects::{Function, Method, Native, Tuple};
use py_object::{NONE, UNBOUND, shapes};
use std::mem::offset_of;
use vm_heap::Value;
use vm_machine::{FRAME_HEADER, Flow, FrameEntry, Machine};

/// Most arguments that a fast path moves.
pub(crate) const MOVED_ARGUMENTS: usize = 8;

/// Calls r[b] with `c` arguments from b+4 on.
#[inline(always)]
pub fn call<M: Machine>(m: &mut M) -> Flow {
    let base = m.instruction().b();
    let callee = m.get(base);
    if m.is_object(callee) && m.has_shape(callee, shapes::FUNCTION) {
        let (entry, wanted) = reveal_entry(m, callee);
        if wanted == m.instruction().c() as i64 {
            let result = m.instruction().a();
            return if m.push_frame(base, callee, entry, result) { Flow::Next } else { Flow::Slow };
        }
        return rest!(m, CallFunction, call_function);
    }
    if !M::RECORDS {
        // What is called instead of the performer calls natives, and leaves the rest to `CallOther`.
        return Flow::Slow;
    }
    call_other(m)
}

/// The same for a Python function that is given another number of arguments than it has parameters.
#[inline(always)]
pub fn call_function<M: Machine>(m: &mut M) -> Flow {
    let base = m.instruction().b();
    let count = m.instruction().c();
    let callee = m.get(base);
    match with_defaults(m, callee, base, count) {
        Some(flow) => flow,
        None => rest!(m, CallOther, call_other),
    }
}

/// The same for other callees than functions that need no binding.
#[inline(always)]
pub fn call_other<M: Machine>(m: &mut M) -> Flow {
    if let Some(flow) = planned(m, false) {
        return flow;
    }
    let base = m.instruction().b();
    let count = m.instruction().c();
    let callee = m.get(base);
    invoke(m, callee, base, count)
}

/// Calls r[b] with self at b+4, unless unbound, and `c` more arguments.
#[inline(always)]
pub fn call_method<M: Machine>(m: &mut M) -> Flow {
    let base = m.instruction().b();
    let callee = m.get(base);
    let receiver = m.get(base + FRAME_HEADER);
    let unbound = m.constant(UNBOUND);
    if !m.same(receiver, unbound) && m.is_object(callee) && m.has_shape(callee, shapes::FUNCTION) {
        let (entry, wanted) = reveal_entry(m, callee);
        if wanted == m.instruction().c() as i64 + 1 {
            let result = m.instruction().a();
            return if m.push_frame(base, callee, entry, result) { Flow::Next } else { Flow::Slow };
        }
        return rest!(m, CallMethodFunction, call_method_function);
    }
    if !M::RECORDS {
        return Flow::Slow;
    }
    call_method_other(m)
}

/// The same for a Python function with self that is given another number of arguments than it has parameters.
#[inline(always)]
pub fn call_method_function<M: Machine>(m: &mut M) -> Flow {
    let base = m.instruction().b();
    let count = m.instruction().c() + 1;
    let callee = m.get(base);
    match with_defaults(m, callee, base, count) {
        Some(flow) => flow,
        None => rest!(m, CallMethodOther, call_method_other),
    }
}

/// The same for other callees than functions that need no binding, and without self.
#[inline(always)]
pub fn call_method_other<M: Machine>(m: &mut M) -> Flow {
    if let Some(flow) = planned(m, true) {
        return flow;
    }
    let base = m.instruction().b();
    let count = m.instruction().c();
    let callee = m.get(base);
    let receiver = m.get(base + FRAME_HEADER);
    let unbound = m.constant(UNBOUND);
    if m.same(receiver, unbound) {
        return shifted(m, callee, base, count);
    }
    invoke(m, callee, base, count + 1)
}

/// Calls `callee` with `count` arguments from base+5 on, which move down by one.
#[inline(always)]
fn shifted<M: Machine>(m: &mut M, callee: M::Val, base: usize, count: usize) -> Flow {
    let result = m.instruction().a();
    if !m.is_object(callee) {
        return Flow::Slow;
    }
    if m.has_shape(callee, shapes::METHOD) {
        // The receiver of a bound method takes the place of the unbound word.
        let function = m.load_final(callee, offset_of!(Method, function));
        if !m.has_shape(function, shapes::FUNCTION) {
            return Flow::Slow;
        }
        let (entry, wanted) = reveal_entry(m, function);
        if wanted != count as i64 + 1 || !m.has_room(base + FRAME_HEADER + entry.size as usize) {
            return Flow::Slow;
        }
        let receiver = m.load_final(callee, offset_of!(Method, receiver));
        m.set(base + FRAME_HEADER, receiver);
        return if m.push_frame(base, function, entry, result) { Flow::Next } else { Flow::Slow };
    }
    if count > MOVED_ARGUMENTS {
        return Flow::Slow;
    }
    if m.has_shape(callee, shapes::FUNCTION) {
        let (entry, wanted) = reveal_entry(m, callee);
        if wanted != count as i64 || !m.has_room(base + FRAME_HEADER + entry.size as usize) {
            return Flow::Slow;
        }
        for argument in 0..count {
            let value = m.get(base + FRAME_HEADER + argument + 1);
            m.set(base + FRAME_HEADER + argument, value);
        }
        return if m.push_frame(base, callee, entry, result) { Flow::Next } else { Flow::Slow };
    }
    if M::RECORDS && (m.has_shape(callee, shapes::BUILTIN) || m.has_shape(callee, shapes::METHOD_WRAPPER)) {
        // A native takes its arguments anywhere, and has the unbound word before them for its receiver.
        return native(m, callee, base + 1, count, result);
    }
    Flow::Slow
}

/// Calls `callee` with `count` arguments from base+4 on.
#[inline(always)]
fn invoke<M: Machine>(m: &mut M, callee: M::Val, base: usize, count: usize) -> Flow {
    let result = m.instruction().a();
    if !m.is_object(callee) {
        return Flow::Slow;
    }
    if m.has_shape(callee, shapes::FUNCTION) {
        return Flow::Slow; // binding its arguments needs a plan
    }
    let cache = CacheWord(m.extension(0));
    if cache.plan().is_none() && cache.is(CacheKind::Construct) {
        return construct(m, callee, base, count, result);
    }
    if m.has_shape(callee, shapes::METHOD) {
        return bound(m, callee, base, count, result);
    }
    if !M::RECORDS {
        let known = m.reveal(callee);
        let Some(made) = built_in_type(m, known, base + FRAME_HEADER, count) else { return Flow::Slow };
        m.set(result, made);
        return Flow::Next;
    }
    if m.has_shape(callee, shapes::BUILTIN)
        || m.has_shape(callee, shapes::METHOD_DESCRIPTOR)
        || m.has_shape(callee, shapes::METHOD_WRAPPER)
        || m.has_shape(callee, shapes::WRAPPER_DESCRIPTOR)
    {
        return native(m, callee, base, count, result);
    }
    // What is left are classes and objects with `__call__`; a recording is specific to the very callee.
    let known = m.reveal(callee);
    if !crate::code::is_builtin_type(known) {
        return Flow::Slow;
    }
    if let Some(made) = built_in_type(m, known, base + FRAME_HEADER, count) {
        m.set(result, made);
        return Flow::Next;
    }
    // The type goes into the unused header word before the arguments.
    let first = base + FRAME_HEADER - 1;
    m.set(first, callee);
    let nothing = m.constant(NONE);
    m.call_registers_last(&CALL_TYPE, nothing, first, count + 1, result)
}

/// Calls a Python function of which trailing parameters get their defaults. `None`: something else must be done.
#[inline(always)]
fn with_defaults<M: Machine>(m: &mut M, function: M::Val, base: usize, count: usize) -> Option<Flow> {
    let (entry, wanted) = reveal_entry(m, function);
    if wanted < count as i64 || wanted > (count + MOVED_ARGUMENTS) as i64 {
        return None;
    }
    let wanted = wanted as usize;
    let defaults = m.load_final(function, offset_of!(Function, defaults));
    if !m.has_shape(defaults, shapes::TUPLE) {
        return None;
    }
    let length = m.load_final(defaults, offset_of!(Tuple, length));
    let length = m.reveal(length).as_int() as usize;
    if length < wanted - count {
        return None;
    }
    for parameter in count..wanted {
        let index = m.constant(Value::int((length - (wanted - parameter)) as i64));
        let value = m.load_element_final(defaults, index, size_of::<Tuple>());
        m.set(base + FRAME_HEADER + parameter, value);
    }
    let result = m.instruction().a();
    Some(if m.push_frame(base, function, entry, result) { Flow::Next } else { Flow::Slow })
}

/// Calls a function written in Rust (recorders only). A bound one gets its receiver in the unused header word before its arguments.
#[inline(always)]
fn native<M: Machine>(m: &mut M, callee: M::Val, base: usize, count: usize, result: usize) -> Flow {
    let definition = m.reveal_word(callee, offset_of!(Native, definition));
    if let Some(value) = built_in_function(m, definition, base + FRAME_HEADER, count) {
        m.set(result, value);
        return Flow::Next;
    }
    if crate::code::looks_at_frames(definition) {
        // A trace keeps the frames of the calls in it to itself.
        return Flow::Slow;
    }
    let bound = crate::code::takes_receiver(definition);
    let mut first = base + FRAME_HEADER;
    let mut count = count;
    let mut function = if crate::code::is_plain_function(definition) { &CALL_STRAIGHT } else { &CALL_NATIVE };
    if bound && (m.has_shape(callee, shapes::BUILTIN) || m.has_shape(callee, shapes::METHOD_WRAPPER)) {
        let receiver = m.load_final(callee, offset_of!(Native, receiver));
        let none = m.constant(NONE);
        if !m.same(receiver, none) {
            first -= 1;
            count += 1;
            m.set(first, receiver);
            // Whoever bound it has seen to the receiver.
            function = &CALL_STRAIGHT;
        }
    }
    m.call_registers_last(function, callee, first, count, result)
}

/// Calls a bound method: its receiver goes in front of the arguments.
#[inline(always)]
fn bound<M: Machine>(m: &mut M, callee: M::Val, base: usize, count: usize, result: usize) -> Flow {
    let function = m.load_final(callee, offset_of!(Method, function));
    if count >= MOVED_ARGUMENTS || !m.has_shape(function, shapes::FUNCTION) {
        return Flow::Slow;
    }
    let (entry, wanted) = reveal_entry(m, function);
    if wanted != count as i64 + 1 || !m.has_room(base + FRAME_HEADER + entry.size as usize) {
        return Flow::Slow;
    }
    let receiver = m.load_final(callee, offset_of!(Method, receiver));
    for argument in (0..count).rev() {
        let value = m.get(base + FRAME_HEADER + argument);
        m.set(base + FRAME_HEADER + argument + 1, value);
    }
    m.set(base + FRAME_HEADER, receiver);
    if m.push_frame(base, function, entry, result) { Flow::Next } else { Flow::Slow }
}

/// Makes an instance of a class whose `__new__` is `object`'s and whose `__init__` is a Python function. A small frame of
/// its own, in front of that of `__init__`, keeps the instance until `__init__` has returned.
#[inline(always)]
fn construct<M: Machine>(m: &mut M, callee: M::Val, base: usize, count: usize, result: usize) -> Flow {
    let cache = CacheWord(m.extension(0));
    if count > MOVED_ARGUMENTS || !m.has_shape(callee, cache.shape()) {
        return Flow::Slow;
    }
    let class = m.reveal(callee);
    let Some(plan) = crate::code::construction(class, count) else { return Flow::Slow };
    // The frame of `__init__` starts five registers further up than that of a plain call, and has self in front.
    let arguments = base + FRAME_HEADER;
    let inner = arguments + 1 + FRAME_HEADER;
    if !m.has_room(inner + plan.entry.size as usize) {
        return Flow::Slow;
    }
    let Some(instance) = m.allocate(plan.size, plan.header) else { return Flow::Slow };
    for argument in (0..count).rev() {
        let value = m.get(arguments + argument);
        m.set(inner + 1 + argument, value);
    }
    m.set(inner, instance);
    m.set(arguments, instance);
    let frame = FrameEntry { pc: crate::code::constructor_return(), size: CONSTRUCTOR_FRAME };
    if !m.push_frame(base, callee, frame, result) {
        return Flow::Slow;
    }
    let init = m.constant(plan.init);
    if m.push_frame(1, init, plan.entry, 1) { Flow::Next } else { Flow::Slow }
}

/// Ends a construction: `__init__` must have returned None.
#[inline(always)]
pub fn constructor_return<M: Machine>(m: &mut M) -> Flow {
    let returned = m.get(1);
    let none = m.constant(NONE);
    if !m.same(returned, none) {
        return Flow::Slow;
    }
    let instance = m.get(0);
    m.pop_frame(instance)
}

/// Loads the code of the function that begins.
#[inline(always)]
pub fn load_body<M: Machine>(_: &mut M) -> Flow {
    Flow::Slow
}

/// Returns to the caller.
#[inline(always)]
pub fn return_value<M: Machine>(m: &mut M) -> Flow {
    let value = m.get(m.instruction().a());
    m.pop_frame(value)
}

/// Returns None to the caller.
#[inline(always)]
pub fn return_none<M: Machine>(m: &mut M) -> Flow {
    let none = m.constant(NONE);
    m.pop_frame(none)
}
