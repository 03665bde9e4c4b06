//! Generators, coroutines and asynchronous generators: a frame that is copied to the value stack when it runs and back when
//! it yields.

mod async_generator;
mod awaitable;
mod coroutine;
mod finalize;
mod methods;
pub mod quick;
mod throw;

pub use async_generator::{as_step, async_iterator, ends_step, fails_step, gives_item, next_awaitable, push_step};
pub use awaitable::awaitable_iterator;
pub use finalize::{is_guarded, settle};
pub use throw::{close, delegate, throw};

use crate::run;
pub use py_object::exception::{stop_with, take_if, take_stop};
use py_object::frames::{self, generator_registers as registers};
pub use py_object::iterators::Outcome;
use py_object::iterators::set_native_step;
use py_object::objects::*;
use py_object::{Cx, Kind, NONE, PyResult, Raised, UNBOUND, downcast, exception, shapes, try_allocate_tail, types};
use vm_heap::{Gc, Value};
use vm_machine::{Frame, frame_function, frame_size};

const SUSPENDED: Value = Value::int(0);
const RUNNING: Value = Value::int(1);
const FINISHED: Value = Value::int(2);

/// Flag: what is being yielded is an item of an asynchronous generator and nothing that it awaits.
const ITEM: i64 = 1;
/// Flag: a step of the asynchronous generator has begun and not ended.
const STEPPING: i64 = 2;
/// Flag: the asynchronous generator has been closed or exhausted.
const CLOSED: i64 = 4;
/// Flag: the hooks for asynchronous generators have been called.
const HOOKED: i64 = 8;
/// Flag: closing the generator may show; looked at when it is suspended.
const GUARDED: i64 = 16;
/// Flag: an atomic block of the generator's own frame is entered.
const IN_BLOCK: i64 = 64;
/// Flag: registered with the collector.
const FINALIZED: i64 = 32;

/// Where the number of registers of the frame lies in the flags.
const SIZE_SHIFT: u32 = 8;

/// Number of registers of a generator's frame.
#[inline(always)]
fn frame_registers(generator: Gc<Generator>) -> usize {
    (generator.flags.get().as_int() >> SIZE_SHIFT) as usize
}

/// Gives generators and what belongs to them their methods.
pub fn install(cx: &mut Cx) {
    methods::install(cx);
    coroutine::install(cx);
    async_generator::install(cx);
    awaitable::install(cx);
    finalize::install(cx);
    set_native_step(Kind::GENERATOR, step);
    let _ = cx.runtime.resume_generator.set(resume_value);
}

/// The next value that a generator yields.
fn step(cx: &mut Cx, generator: Value) -> PyResult<Option<Value>> {
    let generator = downcast::<Generator>(generator).expect("checked by the caller");
    match resume(cx, generator, NONE)? {
        Outcome::Yielded(value) => Ok(Some(value)),
        Outcome::Returned(_) => Ok(None),
    }
}

/// Sends a value to a generator or coroutine.
fn resume_value(cx: &mut Cx, generator: Value, sent: Value) -> PyResult<Outcome> {
    let generator = downcast::<Generator>(generator).expect("checked by the caller");
    resume(cx, generator, sent)
}

/// Makes the generator of a frame that has just been entered; `frame.pc` is the instruction after `MakeGenerator`.
pub fn make(cx: &mut Cx, frame: &Frame) -> PyResult<Gc<Generator>> {
    use py_code::flags;
    // The quick ways copy two registers at a time.
    let size = frame_size(frame.fp).next_multiple_of(2);
    let function = frames::function_of(frame_function(frame.fp)).expect("a running frame has a function");
    let code_flags = function.code.get().flags.get().as_int() as u32;
    let shape = if code_flags & flags::COROUTINE != 0 {
        shapes::COROUTINE
    } else if code_flags & flags::ASYNC_GENERATOR != 0 {
        shapes::ASYNC_GENERATOR
    } else {
        shapes::GENERATOR
    };
    let kept = (function.code.get().kept.get() as usize).min(size);
    let Some(generator) = try_allocate_tail::<Generator>(cx.mutator(), shape, kept) else {
        return Err(cx.raise(Kind::MEMORY_ERROR, ""));
    };
    generator.function.init(function);
    generator.code.init(function.code.get());
    generator.frame.init(NONE);
    generator.resume.init(frame.pc as u64);
    generator.sent_register.init(Value::int(-1));
    generator.state.init(SUSPENDED);
    generator.name.init(function.name.get());
    generator.qualname.init(function.qualname.get());
    for field in [&generator.handled, &generator.outer, &generator.extra] {
        field.init(NONE);
    }
    let guarded = function.code.get().guarded.get();
    generator.flags.init(Value::int(if guarded { GUARDED } else { 0 } | (size as i64) << SIZE_SHIFT));
    save_parameters(cx, generator, frame);
    if shape == shapes::COROUTINE {
        finalize::note_coroutine(cx, generator);
    }
    if shape == shapes::COROUTINE && cx.origin_depth.get() > 0 {
        let origin = coroutine::origin(cx)?;
        generator.extra.set(cx.mutator(), generator, origin);
    }
    Ok(generator)
}

/// Copies what a new generator was called with. Its other registers hold nothing yet: what earlier frames have left in their
/// place may be the generator made before, and would keep it alive, and through it all those before.
fn save_parameters(cx: &Cx, generator: Gc<Generator>, frame: &Frame) {
    let code = generator.code.get();
    let count = match usize::try_from(code.simple_arguments.get().as_int()) {
        Ok(count) => count,
        Err(_) => crate::code::unit_of(cx, code).parameters(),
    };
    for (register, field) in registers(&generator)[..count].iter().enumerate() {
        field.init(frame.get(register));
    }
}

/// Suspends the running generator frame; `frame.pc` is the instruction to go on with, `register` what receives the
/// sent value.
#[inline]
pub fn suspend(cx: &mut Cx, frame: &Frame, register: usize) {
    let generator = running(frame);
    for (register, field) in registers(&generator).iter().enumerate() {
        field.init(frame.get(register));
    }
    frames::suspended(generator);
    generator.resume.init(frame.pc as u64);
    generator.sent_register.init(Value::int(register as i64));
    if has_flag(generator, GUARDED) {
        finalize::register_suspended(cx, generator, frame.pc);
    }
    leave(cx, generator);
    // One barrier for all of them.
    generator.function.set(cx.mutator(), generator, generator.function.get());
    generator.state.init(SUSPENDED);
}

/// What a generator handles goes with it, what its caller handles comes back. The collector's barrier is the caller's.
#[inline]
fn leave(cx: &mut Cx, generator: Gc<Generator>) {
    let handled = cx.handled.replace(generator.handled.get());
    generator.handled.init(handled);
    cx.generator.set(generator.outer.get());
    cx.nesting.set(cx.nesting.get() - 1);
    generator.outer.init(NONE);
}

/// Says whether the running frame at `fp` is inside an atomic block of its own, which a generator must not suspend.
pub fn note_block(fp: *mut Value, inside: bool) {
    if let Some(generator) = downcast::<Generator>(vm_machine::frame_function(fp)) {
        set_flag(generator, IN_BLOCK, inside);
    }
}

/// RuntimeError where the running generator is inside an atomic block of its own.
pub fn check_suspend(cx: &mut Cx, frame: &Frame) -> PyResult<()> {
    if has_flag(running(frame), IN_BLOCK) {
        return Err(cx.raise(Kind::RUNTIME_ERROR, "cannot yield or await inside an atomic block"));
    }
    Ok(())
}

/// The generator of a running frame.
pub fn running(frame: &Frame) -> Gc<Generator> {
    downcast::<Generator>(frame_function(frame.fp)).expect("a generator's frame names it")
}

/// Marks a running generator as finished and lets go of its registers.
#[inline]
pub fn finish(cx: &mut Cx, generator: Gc<Generator>) {
    leave(cx, generator);
    generator.handled.init(NONE);
    discard(generator);
}

/// Marks a generator that does not run as finished.
fn discard(generator: Gc<Generator>) {
    generator.state.init(FINISHED);
    // Its frame lives on in tracebacks alone.
    generator.frame.init(NONE);
    for field in registers(&generator) {
        field.init(UNBOUND);
    }
}

/// A StopIteration that leaves a generator's body is an error of the generator (PEP 479). To be called when an exception has
/// left the frame of a generator.
pub fn convert_stop(cx: &mut Cx, generator: Gc<Generator>) {
    let cause = cx.raised.get();
    let name = if types::is_instance(cx, cause, Kind::STOP_ITERATION) {
        "StopIteration"
    } else if types::is_exactly(generator.value(), Kind::ASYNC_GENERATOR)
        && types::is_instance(cx, cause, Kind::STOP_ASYNC_ITERATION)
    {
        "StopAsyncIteration"
    } else {
        return;
    };
    let message = format!("{} raised {name}", sort_name(generator));
    let _ = cx.raise(Kind::RUNTIME_ERROR, message);
    if let Some(exception) = downcast::<Exception>(cx.raised.get()) {
        exception.cause.set(cx.mutator(), exception, cause);
        exception.context.set(cx.mutator(), exception, cause);
        exception.suppress_context.init(true);
    }
}

/// What messages call a generator.
fn sort_name(generator: Gc<Generator>) -> &'static str {
    if types::is_exactly(generator.value(), Kind::COROUTINE) {
        "coroutine"
    } else if types::is_exactly(generator.value(), Kind::ASYNC_GENERATOR) {
        "async generator"
    } else {
        "generator"
    }
}

/// Whether a generator has ended.
pub fn is_finished(generator: Gc<Generator>) -> bool {
    generator.state.get() == FINISHED
}

/// Whether a generator is running.
pub fn is_running(generator: Gc<Generator>) -> bool {
    generator.state.get() == RUNNING
}

/// Whether a generator has not started.
pub fn is_fresh(generator: Gc<Generator>) -> bool {
    generator.state.get() == SUSPENDED && generator.sent_register.get() == Value::int(-1)
}

/// Whether a generator has started and waits to be resumed.
pub fn is_suspended(generator: Gc<Generator>) -> bool {
    generator.state.get() == SUSPENDED && generator.sent_register.get() != Value::int(-1)
}

/// Marks a suspended generator as running, so that nobody else enters it.
#[inline]
fn hold(cx: &mut Cx, generator: Gc<Generator>) -> PyResult<()> {
    if !vm_stm::is_concurrent() {
        if generator.state.get() == SUSPENDED {
            generator.state.init(RUNNING);
            return Ok(());
        }
    } else if generator.state.compare_exchange(cx.mutator(), generator, SUSPENDED, RUNNING) {
        return Ok(());
    }
    Err(cx.value_error(format!("{} already executing", sort_name(generator))))
}

/// Checks that a generator can go on and marks it as running. `false` where it has ended.
#[inline]
fn begin(cx: &mut Cx, generator: Gc<Generator>, sent: Value) -> PyResult<bool> {
    if generator.state.get() != SUSPENDED || sent != NONE {
        if is_finished(generator) {
            return ended(cx, generator).map(|()| false);
        }
        if is_fresh(generator) && sent != NONE {
            return Err(sent_too_early(cx, generator));
        }
    }
    let outer = cx.generator.get();
    if cx.nesting.get() >= cx.runtime.recursion_limit.load(std::sync::atomic::Ordering::Relaxed) as u64 {
        // Each value goes through all of them, so that the room on the stack alone would be too late a limit.
        return Err(run::stack_full(cx));
    }
    hold(cx, generator)?;
    cx.nesting.set(cx.nesting.get() + 1);
    let handled = cx.handled.replace(generator.handled.get());
    generator.handled.init(handled);
    cx.generator.set(generator.value());
    if handled != NONE || outer != NONE {
        // One barrier for both.
        generator.outer.set(cx.mutator(), generator, outer);
    }
    Ok(true)
}

/// A generator that has ended stays so; a coroutine is not awaited twice.
#[cold]
fn ended(cx: &mut Cx, generator: Gc<Generator>) -> PyResult<()> {
    if types::is_exactly(generator.value(), Kind::COROUTINE) {
        return Err(cx.raise(Kind::RUNTIME_ERROR, "cannot reuse already awaited coroutine"));
    }
    Ok(())
}

#[cold]
fn sent_too_early(cx: &mut Cx, generator: Gc<Generator>) -> Raised {
    let message = format!("can't send non-None value to a just-started {}", sort_name(generator));
    cx.type_error(message)
}

/// Copies a generator's registers to a frame and gives it what is sent.
#[inline]
fn restore_registers(generator: Gc<Generator>, fp: *mut Value, sent: Value) -> Frame {
    let frame = Frame { pc: generator.resume.get() as *const u64, fp };
    for (register, field) in registers(&generator).iter().enumerate() {
        frame.set(register, field.get());
    }
    let register = generator.sent_register.get().as_int();
    if register >= 0 {
        frame.set(register as usize, sent);
    }
    frame
}

/// Resumes a generator from the runtime.
#[inline]
pub fn resume(cx: &mut Cx, generator: Gc<Generator>, sent: Value) -> PyResult<Outcome> {
    cx.check_native_stack()?;
    if !quick::is_ready(cx, generator, sent) {
        return resume_generally(cx, generator, sent);
    }
    let saved = run::Saved::of(cx);
    let fp = match run::push_entry(cx, generator.value(), frame_registers(generator)) {
        Ok(fp) => fp,
        Err(raised) => {
            discard(generator);
            return Err(raised);
        }
    };
    quick::switch_to(cx, generator);
    // SAFETY: the frame was just made for this generator.
    let pc = unsafe { quick::lay_registers(generator, fp, sent) };
    let result = run::enter(cx, Frame { pc, fp }, saved)?;
    Ok(outcome(generator, result))
}

/// The same where something special may be the case.
#[inline(never)]
fn resume_generally(cx: &mut Cx, generator: Gc<Generator>, sent: Value) -> PyResult<Outcome> {
    if !begin(cx, generator, sent)? {
        return Ok(Outcome::Returned(NONE));
    }
    let saved = run::Saved::of(cx);
    let size = frame_registers(generator);
    let fp = match run::push_entry(cx, generator.value(), size) {
        Ok(fp) => fp,
        Err(raised) => {
            finish(cx, generator);
            return Err(raised);
        }
    };
    let frame = restore_registers(generator, fp, sent);
    frames::resumed(cx, generator, fp);
    let result = run::enter(cx, frame, saved)?;
    Ok(outcome(generator, result))
}

fn outcome(generator: Gc<Generator>, result: Value) -> Outcome {
    if is_finished(generator) { Outcome::Returned(result) } else { Outcome::Yielded(result) }
}

/// Raises an exception at the point where a generator is suspended.
fn raise_inside(cx: &mut Cx, generator: Gc<Generator>, raised: Value) -> PyResult<Outcome> {
    cx.check_native_stack()?;
    let fresh = is_fresh(generator);
    if !begin(cx, generator, NONE)? {
        return Err(cx.raise_value(raised));
    }
    if cx.handled.get() != NONE
        && let Some(exception) = downcast::<Exception>(raised)
    {
        exception::set_context(cx, exception);
    }
    if fresh {
        // Nothing handles it: the frame ends where it would have begun.
        if let Some(exception) = downcast::<Exception>(raised) {
            let object = frames::of_generator(cx, generator);
            exception::add_traceback(cx, exception, object, 0);
        }
        finish(cx, generator);
        return Err(cx.raise_value(raised));
    }
    let saved = run::Saved::of(cx);
    let size = frame_registers(generator);
    let fp = match run::push_entry(cx, generator.value(), size) {
        Ok(fp) => fp,
        Err(raised) => {
            finish(cx, generator);
            return Err(raised);
        }
    };
    let mut frame = restore_registers(generator, fp, NONE);
    frames::resumed(cx, generator, fp);
    // The instruction before the one to go on with is the yield.
    frame.pc = frame.pc.wrapping_sub(1);
    cx.thread.save(frame.pc, frame.fp);
    cx.raised.set(raised);
    if !run::unwind(cx, &mut frame) {
        saved.restore(cx);
        return Err(Raised);
    }
    let result = run::enter(cx, frame, saved)?;
    Ok(outcome(generator, result))
}

/// Enters a generator's frame above the running one, for `for` and `yield from`: `frame.pc` is the place to go on at
/// after a yield, `result` the register that receives what is yielded. None where the generator has ended.
#[inline(always)]
pub fn push(
    cx: &mut Cx,
    generator: Gc<Generator>,
    frame: Frame,
    result: usize,
    sent: Value,
) -> PyResult<Option<Frame>> {
    let size = frame_registers(generator);
    let fp = frame.fp.wrapping_add(frame_size(frame.fp) + vm_machine::FRAME_HEADER);
    if !cx.has_room(fp, size) {
        return Err(run::stack_full(cx));
    }
    if !begin(cx, generator, sent)? {
        return Ok(None);
    }
    // SAFETY: the frame lies above the running one, below the limit just checked.
    unsafe {
        *fp.sub(4) = generator.value();
        *fp.sub(3) = Value::from_bits(result as u64 | (size as u64) << 32);
        *fp.sub(2) = Value::from_bits(frame.pc as u64);
        *fp.sub(1) = Value::from_bits(frame.fp as u64);
    }
    let inner = restore_registers(generator, fp, sent);
    frames::resumed(cx, generator, fp);
    Ok(Some(inner))
}

/// Notes that the running asynchronous generator is about to yield an item.
pub fn note_item(frame: &Frame) {
    set_flag(running(frame), ITEM, true);
}

fn has_flag(generator: Gc<Generator>, flag: i64) -> bool {
    generator.flags.get().as_int() & flag != 0
}

fn set_flag(generator: Gc<Generator>, flag: i64, on: bool) {
    let flags = generator.flags.get().as_int();
    generator.flags.init(Value::int(if on { flags | flag } else { flags & !flag }));
}

/// A generator, if a value is exactly one.
pub fn as_generator(value: Value) -> Option<Gc<Generator>> {
    if types::is_exactly(value, Kind::GENERATOR) { downcast::<Generator>(value) } else { None }
}

/// A generator or coroutine, if a value is exactly one: what is entered by frames of its own when something is sent to it.
pub fn as_resumable(value: Value) -> Option<Gc<Generator>> {
    let resumable = types::is_exactly(value, Kind::GENERATOR) || types::is_exactly(value, Kind::COROUTINE);
    if resumable { downcast::<Generator>(value) } else { None }
}

/// Reports a step as `__next__` and `send` do: StopIteration at the end, StopAsyncIteration for asynchronous generators.
fn reported(cx: &mut Cx, generator: Gc<Generator>, outcome: PyResult<Outcome>) -> PyResult {
    match outcome? {
        Outcome::Yielded(value) => Ok(value),
        Outcome::Returned(_) if types::is_exactly(generator.value(), Kind::ASYNC_GENERATOR) => {
            let stop = Exception::new(cx, Kind::STOP_ASYNC_ITERATION, &[]);
            Err(exception::raise(cx, stop))
        }
        Outcome::Returned(value) => Err(stop_with(cx, value)),
    }
}
