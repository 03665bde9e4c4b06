//! Iteration, generators and coroutines.

use super::calls::{leave, note_leaving};
use super::{extension, set_result};
use crate::code::{self, code_of};
use crate::generator;
use py_code::Opcode;
use py_object::iterators::{self, Outcome};
use py_object::operations;
use py_object::types::{self, class_name, is_exactly};
use py_object::{Cx, Kind, NONE, PyResult, Raised, call};
use vm_heap::Value;
use vm_machine::{Frame, Instruction, frame_function};

/// `iter(b)`.
#[inline(always)]
pub fn get_iter(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    set_result(frame, i, operations::iterate(cx, frame.get(i.b())))
}

/// Puts the next item of iterator `b` into `a`, or jumps when there is none, leaving `a` as it is.
#[inline(always)]
pub fn for_iter(cx: &mut Cx, frame: &mut Frame, start: *const u64, i: Instruction) -> PyResult<()> {
    let iterator = frame.get(i.b());
    if let Some(generator) = generator::as_generator(iterator) {
        match generator::push(cx, generator, *frame, i.a(), NONE)? {
            Some(inner) => *frame = inner,
            None => frame.jump(extension(start, 0) as i64),
        }
        return Ok(());
    }
    next_item(cx, frame, start, i)
}

/// Steps an iterator without a frame of its own.
#[inline(never)]
fn next_item(cx: &mut Cx, frame: &mut Frame, start: *const u64, i: Instruction) -> PyResult<()> {
    match operations::next(cx, frame.get(i.b()))? {
        Some(item) => frame.set(i.a(), item),
        None => frame.jump(extension(start, 0) as i64),
    }
    Ok(())
}

/// First instruction of a generator, coroutine or asynchronous generator: returns the generator object to the caller.
#[inline(always)]
pub fn make_generator(cx: &mut Cx, frame: &mut Frame, _start: *const u64, _i: Instruction) -> PyResult<()> {
    let generator = generator::make(cx, frame)?;
    *frame = leave(cx, *frame, generator.value());
    Ok(())
}

/// Yields `b`; `a` receives what is sent. x = 1: on behalf of the sub-iterator `c`, to which `throw()` and `close()` go first.
#[inline(always)]
pub fn yield_value(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    generator::check_suspend(cx, frame)?;
    let value = frame.get(i.b());
    let item = generator::gives_item(frame);
    generator::suspend(cx, frame, i.a());
    *frame = if item { end_generator(cx, *frame, value) } else { leave(cx, *frame, value) };
    Ok(())
}

/// `return_value` in generator code, with x = 1 `return_none`; the loader puts it there.
#[inline(always)]
pub fn generator_return(cx: &mut Cx, frame: &mut Frame, start: *const u64, i: Instruction) -> PyResult<()> {
    let value = if i.x() == 1 { NONE } else { frame.get(i.a()) };
    let generator = generator::running(frame);
    if generator.frame.get() != NONE {
        note_leaving(cx, frame, start);
    }
    if is_exactly(generator.value(), Kind::ASYNC_GENERATOR)
        && let Some(raised) = generator::ends_step(cx, frame)
    {
        // Raised by the `Send` that entered the frame, which has one extension word.
        let back = vm_machine::return_address(frame.fp);
        *frame = Frame { pc: back.wrapping_sub(2), fp: vm_machine::caller_frame(frame.fp) };
        return Err(raised);
    }
    generator::finish(cx, generator);
    *frame = end_generator(cx, *frame, value);
    Ok(())
}

/// Sends `c` to iterator `b`; `a` = what it yields, or its result, and then jumps.
#[inline(always)]
pub fn send(cx: &mut Cx, frame: &mut Frame, start: *const u64, i: Instruction) -> PyResult<()> {
    let (iterator, sent) = (frame.get(i.b()), frame.get(i.c()));
    if let Some(generator) = generator::as_resumable(iterator) {
        match generator::push(cx, generator, *frame, i.a(), sent)? {
            Some(inner) => *frame = inner,
            None => {
                frame.set(i.a(), NONE);
                frame.jump(extension(start, 0) as i64);
            }
        }
        return Ok(());
    }
    if let Some(step) = generator::as_step(iterator) {
        *frame = generator::push_step(cx, step, *frame, i.a(), sent)?;
        return Ok(());
    }
    if let Some(send) = iterators::native_send(iterator) {
        match send(cx, iterator)? {
            Outcome::Yielded(value) => frame.set(i.a(), value),
            Outcome::Returned(value) => {
                frame.set(i.a(), value);
                frame.jump(extension(start, 0) as i64);
            }
        }
        return Ok(());
    }
    *frame = send_to_iterator(cx, Frame { pc: start.wrapping_add(1), fp: frame.fp }, i)?;
    Ok(())
}

/// After a sub-iterator raised `b`: `a` = the value of a StopIteration; raises anything else again.
pub fn cleanup_throw(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let exception = frame.get(i.b());
    cx.raised.set(exception);
    match generator::take_stop(cx) {
        Some(value) => frame.set(i.a(), value),
        None => return Err(Raised),
    }
    Ok(())
}

/// The iterator that `yield from b` delegates to.
pub fn get_yield_from_iter(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    set_result(frame, i, yield_from_iterator(cx, frame, frame.get(i.b())))
}

/// The iterator that `await b` delegates to; x = 1 for the result of `__aenter__`, 2 for that of `__aexit__`.
#[inline(always)]
pub fn get_awaitable(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    set_result(frame, i, generator::awaitable_iterator(cx, frame.get(i.b()), i.x()))
}

/// `aiter(b)`.
pub fn get_async_iter(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    set_result(frame, i, generator::async_iterator(cx, frame.get(i.b())))
}

/// The awaitable for the next item of asynchronous iterator `b`.
pub fn get_async_next(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    set_result(frame, i, generator::next_awaitable(cx, frame.get(i.b())))
}

/// Raises exception `a` again unless it is StopAsyncIteration.
pub fn end_async_for(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let exception = frame.get(i.a());
    if !types::is_instance(cx, exception, Kind::STOP_ASYNC_ITERATION) {
        return Err(cx.raise_value(exception));
    }
    Ok(())
}

/// Wraps what an asynchronous generator yields.
pub fn async_wrap(_cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    generator::note_item(frame);
    frame.set(i.a(), frame.get(i.b()));
    Ok(())
}

/// The iterator that `yield from` delegates to.
fn yield_from_iterator(cx: &mut Cx, frame: &Frame, source: Value) -> PyResult {
    if is_exactly(source, Kind::COROUTINE) {
        let flags = code_of(frame_function(frame.fp)).expect("a running frame has code").flags.get().as_int() as u32;
        if flags & (py_code::flags::COROUTINE | py_code::flags::ITERABLE_COROUTINE) == 0 {
            let message = "cannot 'yield from' a coroutine object in a non-coroutine generator";
            return Err(cx.type_error(message));
        }
    } else if generator::as_generator(source).is_none() {
        return operations::iterate(cx, source);
    }
    Ok(source)
}

/// `Send` to an iterator that has no frame of its own; `frame.pc` is the instruction's extension word.
pub(crate) fn send_to_iterator(cx: &mut Cx, mut frame: Frame, i: Instruction) -> PyResult<Frame> {
    let (iterator, sent) = (frame.get(i.b()), frame.get(i.c()));
    let step = if sent == NONE {
        let hook = types::lookup_special(cx, iterator, "__next__");
        match hook {
            Some(hook) => call::call_special(cx, hook, iterator, &[], None),
            None => {
                let message = format!("'{}' object is not an iterator", class_name(cx, iterator));
                Err(cx.type_error(message))
            }
        }
    } else {
        call::call_method(cx, iterator, "send", &[sent])
    };
    let offset = frame.pc;
    frame.pc = offset.wrapping_add(1);
    match step {
        Ok(value) => frame.set(i.a(), value),
        Err(raised) => {
            let Some(value) = generator::take_stop(cx) else { return Err(raised) };
            frame.set(i.a(), value);
            frame.jump(extension(offset.wrapping_sub(1), 0) as i64);
        }
    }
    Ok(frame)
}

/// Pops the frame of a generator that has returned: a `for` loop or `yield from` that entered it goes on at its exit.
pub(crate) fn end_generator(cx: &mut Cx, frame: Frame, value: Value) -> Frame {
    let back = vm_machine::return_address(frame.fp);
    if back == vm_machine::halt_address() {
        return leave(cx, frame, value);
    }
    let caller = behind_generator(frame.fp, value);
    cx.thread.save(caller.pc, caller.fp);
    caller
}

/// Where the `for` loop or `yield from` that entered a generator's frame goes on when the generator has returned.
#[inline(always)]
pub(crate) fn behind_generator(fp: *mut Value, value: Value) -> Frame {
    // Both instructions that enter generators have one extension word, the offset of their exit.
    let back = vm_machine::return_address(fp);
    let start = back.wrapping_sub(2);
    let instruction = code::instruction_at(start);
    let mut caller = Frame { pc: back, fp: vm_machine::caller_frame(fp) };
    if instruction.opcode() == Opcode::Send as u8 {
        caller.set(instruction.a(), value);
    }
    caller.jump(extension(start, 0) as i64);
    caller
}
