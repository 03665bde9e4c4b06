//! Calls and returns.

use super::{extension, registers};
use crate::code::{self, code_of};
use crate::inline_cache::{self, CacheKind, CacheWord};
use crate::{bind, run};
use py_code::Opcode;
use py_object::frames;
use py_object::native::{is_maybe_bound_native, is_unbound_native};
use py_object::objects::*;
use py_object::sequence::tuple_items;
use py_object::types::{as_type, class_name, is_exactly, shape_id};
use py_object::{Cx, Kind, NONE, PyResult, UNBOUND, call, downcast};
use vm_heap::{Gc, Value};
use vm_machine::{FRAME_HEADER, Frame, Instruction, destination, frame_function, frame_size};

/// Calls r[b] with `c` positional arguments from b+4 on.
#[inline(always)]
pub fn call(cx: &mut Cx, frame: &mut Frame, start: *const u64, i: Instruction) -> PyResult<()> {
    call_positional(cx, frame, start, i, false)
}

/// Calls r[b] with self at b+4 (unless unbound) and `c` arguments from b+5 on.
#[inline(always)]
pub fn call_method(cx: &mut Cx, frame: &mut Frame, start: *const u64, i: Instruction) -> PyResult<()> {
    call_positional(cx, frame, start, i, true)
}

/// CallKw CallMethodKw
#[inline(always)]
fn call_with_names(cx: &mut Cx, frame: &mut Frame, start: *const u64, i: Instruction, opcode: Opcode) -> PyResult<()> {
    let names = downcast::<Tuple>(Value::from_bits(extension(start, 1))).expect("keyword names are a tuple");
    call_registers(cx, frame, start, i, opcode == Opcode::CallMethodKw, Some(names))
}

/// Calls r[b] with the positional arguments in iterable r[b+4] and the keyword arguments in dict r[b+5] (or None).
pub fn call_unpacked(cx: &mut Cx, frame: &mut Frame, start: *const u64, i: Instruction) -> PyResult<()> {
    let callee = frame.get(i.b());
    let (positional, keywords) = (frame.get(i.b() + 4), frame.get(i.b() + 5));
    let named = downcast::<Dict>(keywords).filter(|dict| Dict::length(*dict) != 0);
    if let Some(tuple) = downcast::<Tuple>(positional).filter(|_| is_exactly(positional, Kind::TUPLE)) {
        let items = tuple_items(&tuple);
        let Some(named) = named else { return invoke(cx, frame, start, callee, items, None, i.a()) };
        if items.len() + Dict::length(named) <= bind::FEW {
            // On the stack, where the collector sees them.
            let (mut all, mut names, mut count, mut position) = ([NONE; bind::FEW], [NONE; bind::FEW], 0, 0);
            all[..items.len()].copy_from_slice(items);
            while let Some((name, value)) = Dict::next(named, &mut position).filter(|_| items.len() + count < bind::FEW)
            {
                bind::check_keyword(cx, name)?;
                (all[items.len() + count], names[count]) = (value, name);
                count += 1;
            }
            let names = Tuple::new(cx, &names[..count]);
            return invoke(cx, frame, start, callee, &all[..items.len() + count], Some(names), i.a());
        }
    }
    let (array, length, names) = bind::unpack(cx, callee, positional, keywords)?;
    let arguments = bind::array_values(&array, length);
    invoke(cx, frame, start, callee, arguments, names, i.a())
}

/// Stands for the code of a function that was never called: loads it and begins.
pub fn load_body(cx: &mut Cx, frame: &mut Frame, _start: *const u64, _i: Instruction) -> PyResult<()> {
    let code = code_of(frame_function(frame.fp)).expect("a running frame has code");
    code::load_body(cx, code)?;
    frame.pc = code.entry.get() as *const u64;
    Ok(())
}

/// End of a construction: returns r0 after checking that `__init__`, whose result is in r1, returned None.
pub fn constructor_return(cx: &mut Cx, frame: &mut Frame, _start: *const u64, _i: Instruction) -> PyResult<()> {
    let returned = frame.get(1);
    let message = format!("__init__() should return None, not '{}'", class_name(cx, returned));
    Err(cx.type_error(message))
}

/// Return ReturnNone
#[inline(always)]
fn leave_observed(cx: &mut Cx, frame: &mut Frame, start: *const u64, i: Instruction, opcode: Opcode) -> PyResult<()> {
    // Somebody observes the frame.
    let value = if opcode == Opcode::Return { frame.get(i.a()) } else { NONE };
    note_leaving(cx, frame, start);
    *frame = leave(cx, *frame, value);
    Ok(())
}

family! { call_with_names: call_keyword = CallKw, call_method_keyword = CallMethodKw }
family! { leave_observed: return_value = Return, return_none = ReturnNone }

/// Tells the object of a frame, if it has one, that the frame ends with the instruction at `start`.
pub(crate) fn note_leaving(cx: &mut Cx, frame: &Frame, start: *const u64) {
    if let Some(code) = code_of(frame_function(frame.fp)) {
        frames::left(cx, frame.fp, code::offset_in(code, start));
    }
}

/// Pops the frame with a result.
#[inline]
pub(crate) fn leave(cx: &mut Cx, frame: Frame, value: Value) -> Frame {
    let caller = Frame { pc: vm_machine::return_address(frame.fp), fp: vm_machine::caller_frame(frame.fp) };
    caller.set(destination(frame.fp), value);
    cx.thread.save(caller.pc, caller.fp);
    caller
}

/// Calls with positional arguments in registers.
#[inline(always)]
fn call_positional(cx: &mut Cx, frame: &mut Frame, start: *const u64, i: Instruction, method: bool) -> PyResult<()> {
    let base = i.b();
    let callee = frame.get(base);
    if callee.is_object()
        && let shape = shape_id(callee)
        && (is_maybe_bound_native(shape) || is_unbound_native(shape))
        && let Some(native) = downcast::<Native>(callee)
    {
        let first = base + FRAME_HEADER;
        let (first, count) = match method {
            true if frame.get(first) == UNBOUND => (first + 1, i.c()),
            true => (first, i.c() + 1),
            false => (first, i.c()),
        };
        let result = call_native(cx, frame, callee, native, first, count)?;
        frame.set(i.a(), result);
        return Ok(());
    }
    call_registers(cx, frame, start, i, method, None)
}

/// Calls a native with arguments in registers. A bound one gets its receiver in the word before them, which is free.
#[inline(always)]
fn call_native(
    cx: &mut Cx,
    frame: &Frame,
    callee: Value,
    native: Gc<Native>,
    mut first: usize,
    mut count: usize,
) -> PyResult {
    let definition = call::definition(native);
    if call::is_bound(callee, native, definition) {
        first -= 1;
        count += 1;
        frame.set(first, native.receiver.get());
    }
    call::call_unbound(cx, callee, native, registers(frame, first, count), None)
}

/// Calls with arguments in registers.
#[inline(never)]
fn call_registers(
    cx: &mut Cx,
    frame: &mut Frame,
    start: *const u64,
    i: Instruction,
    method: bool,
    keywords: Option<Gc<Tuple>>,
) -> PyResult<()> {
    let base = i.b();
    let callee = frame.get(base);
    let mut first = base + FRAME_HEADER;
    let mut count = i.c();
    if method {
        if frame.get(first) == UNBOUND {
            first += 1;
        } else {
            count += 1;
        }
    }
    if keywords.is_none()
        && let Some(class) = as_type(callee)
        && extension(start, 0) == 0
        && code::plan_construction(cx, class)
    {
        // SAFETY: call instructions have an extension word.
        unsafe { inline_cache::fill_for_class(start, CacheWord::new(shape_id(callee), CacheKind::Construct, 0), None) };
    }
    invoke(cx, frame, start, callee, registers(frame, first, count), keywords, i.a())
}

/// Calls anything: Python functions by a frame of their own, everything else through the runtime.
fn invoke(
    cx: &mut Cx,
    frame: &mut Frame,
    start: *const u64,
    callee: Value,
    arguments: &[Value],
    keywords: Option<Gc<Tuple>>,
    result: usize,
) -> PyResult<()> {
    if cx.mutator().should_poll() {
        crate::poll::poll(cx)?;
    }
    if is_exactly(callee, Kind::ATOMIC) {
        crate::atomic::enter_or_leave(cx, frame, start, arguments, result)?;
        return Ok(());
    }
    if let Some(function) = downcast::<Function>(callee) {
        push_function(cx, frame, function, arguments, keywords, result)?;
        return Ok(());
    }
    if let Some(method) = downcast::<Method>(callee)
        && let Some(function) = downcast::<Function>(method.function.get())
    {
        call::with_receiver(cx, method.receiver.get(), arguments, |cx, arguments| {
            push_function(cx, frame, function, arguments, keywords, result)
        })?;
        return Ok(());
    }
    let value = call::call(cx, callee, arguments, keywords)?;
    frame.set(result, value);
    Ok(())
}

/// Enters a Python function in a frame above the running one.
fn push_function(
    cx: &mut Cx,
    frame: &mut Frame,
    function: Gc<Function>,
    arguments: &[Value],
    keywords: Option<Gc<Tuple>>,
    result: usize,
) -> PyResult<()> {
    let (entry, _) = code::entry_of(function.code.get().value());
    let size = entry.size as usize;
    let fp = frame.fp.wrapping_add(frame_size(frame.fp) + FRAME_HEADER);
    if !cx.has_room(fp, size) {
        return Err(run::stack_full(cx));
    }
    // SAFETY: the frame lies above the running one, below the limit just checked.
    unsafe {
        *fp.sub(4) = function.value();
        *fp.sub(3) = Value::from_bits(result as u64 | (size as u64) << 32);
        *fp.sub(2) = Value::from_bits(frame.pc as u64);
        *fp.sub(1) = Value::from_bits(frame.fp as u64);
    }
    run::clear(fp, size);
    // While binding may collect, the registers it has filled must be seen; an error of binding is the caller's.
    let saved = run::Saved::of(cx);
    cx.mutator().stack_top.set(fp as usize + 8 * size);
    let bound = bind::bind(cx, function, arguments, keywords, fp);
    saved.restore(cx);
    bound?;
    *frame = Frame { pc: entry.pc, fp };
    Ok(())
}
