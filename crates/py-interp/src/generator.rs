//! Generators: a frame that is copied to the value stack when it runs and back when it yields.

use crate::run;
use py_object::frames::{self, generator_registers as registers};
use py_object::objects::*;
use py_object::{Cx, Kind, NONE, PyResult, UNBOUND, shapes, try_allocate_tail, types};
use vm_heap::{Gc, Value};
use vm_machine::{Frame, frame_function, frame_size};

const SUSPENDED: Value = Value::int(0);
const RUNNING: Value = Value::int(1);
const FINISHED: Value = Value::int(2);

/// What a step of a generator gave.
pub enum Outcome {
    /// It yielded.
    Yielded(Value),
    /// It returned.
    Returned(Value),
}

/// Makes the generator of a frame that has just been entered; `frame.pc` is the instruction after `MakeGenerator`.
pub fn make(cx: &mut Cx, frame: &Frame) -> PyResult<Gc<Generator>> {
    let size = frame_size(frame.fp);
    let function = frames::function_of(frame_function(frame.fp)).expect("a running frame has a function");
    let Some(generator) = try_allocate_tail::<Generator>(cx.mutator(), shapes::GENERATOR, size) else {
        return Err(cx.raise(Kind::MEMORY_ERROR, ""));
    };
    generator.function.init(function);
    generator.code.init(function.code.get());
    generator.frame.init(NONE);
    generator.resume.init(frame.pc as u64);
    generator.sent_register.init(Value::int(-1));
    generator.state.init(SUSPENDED);
    generator.handled.init(NONE);
    save_registers(cx, generator, frame);
    Ok(generator)
}

/// Copies the registers of a running frame into its generator.
fn save_registers(cx: &Cx, generator: Gc<Generator>, frame: &Frame) {
    for (register, field) in registers(&generator).iter().enumerate() {
        field.init(frame.get(register));
    }
    // One barrier for all of them.
    generator.function.set(cx.mutator(), generator, generator.function.get());
}

/// Suspends the running generator frame; `frame.pc` is the instruction to go on with, `register` what receives the
/// sent value.
pub fn suspend(cx: &mut Cx, frame: &Frame, register: usize) {
    let generator = running(frame);
    save_registers(cx, generator, frame);
    frames::suspended(generator);
    generator.resume.init(frame.pc as u64);
    generator.sent_register.init(Value::int(register as i64));
    generator.state.init(SUSPENDED);
    // What the generator was handling stays with it; what its caller was handling comes back.
    let handled = cx.handled.replace(generator.handled.get());
    generator.handled.set(cx.mutator(), generator, handled);
}

/// The generator of a running frame.
pub fn running(frame: &Frame) -> Gc<Generator> {
    py_object::downcast::<Generator>(frame_function(frame.fp)).expect("a generator's frame names it")
}

/// Marks a generator as finished and lets go of its registers.
pub fn finish(cx: &mut Cx, generator: Gc<Generator>) {
    generator.state.init(FINISHED);
    let handled = cx.handled.replace(generator.handled.get());
    let _ = handled;
    generator.handled.init(NONE);
    for field in registers(&generator) {
        field.init(UNBOUND);
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

/// Checks that a generator can go on and marks it as running. `false` where it has ended.
fn begin(cx: &mut Cx, generator: Gc<Generator>, sent: Value) -> PyResult<bool> {
    if is_finished(generator) {
        return Ok(false);
    }
    if is_fresh(generator) && sent != NONE {
        return Err(cx.type_error("can't send non-None value to a just-started generator"));
    }
    if !generator.state.compare_exchange(cx.mutator(), generator, SUSPENDED, RUNNING) {
        return Err(cx.value_error("generator already executing"));
    }
    let handled = cx.handled.replace(match generator.handled.get() {
        NONE => cx.handled.get(),
        own => own,
    });
    generator.handled.set(cx.mutator(), generator, handled);
    Ok(true)
}

/// Copies a generator's registers to a frame and gives it what is sent.
fn restore_registers(generator: Gc<Generator>, fp: *mut Value, sent: Value) -> Frame {
    let mut frame = Frame { pc: generator.resume.get() as *const u64, fp };
    for (register, field) in registers(&generator).iter().enumerate() {
        frame.set(register, field.get());
    }
    let register = generator.sent_register.get().as_int();
    if register >= 0 {
        frame.set(register as usize, sent);
    }
    frame.pc = generator.resume.get() as *const u64;
    frame
}

/// Resumes a generator from the runtime.
pub fn resume(cx: &mut Cx, generator: Gc<Generator>, sent: Value) -> PyResult<Outcome> {
    cx.check_native_stack()?;
    if !begin(cx, generator, sent)? {
        return Ok(Outcome::Returned(NONE));
    }
    let saved = run::Saved::of(cx);
    let size = registers(&generator).len();
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
    Ok(if is_finished(generator) { Outcome::Returned(result) } else { Outcome::Yielded(result) })
}

/// Raises an exception at the point where a generator is suspended.
pub fn throw(cx: &mut Cx, generator: Gc<Generator>, exception: Value) -> PyResult<Outcome> {
    cx.check_native_stack()?;
    if is_finished(generator) || is_fresh(generator) {
        if !is_finished(generator) {
            generator.state.init(FINISHED);
        }
        return Err(cx.raise_value(exception));
    }
    begin(cx, generator, NONE)?;
    let saved = run::Saved::of(cx);
    let size = registers(&generator).len();
    let fp = run::push_entry(cx, generator.value(), size)?;
    let mut frame = restore_registers(generator, fp, NONE);
    frames::resumed(cx, generator, fp);
    // The instruction before the one to go on with is the yield.
    frame.pc = frame.pc.wrapping_sub(1);
    cx.thread.save(frame.pc, frame.fp);
    cx.raised.set(exception);
    if !run::unwind(cx, &mut frame) {
        saved.restore(cx);
        return Err(py_object::Raised);
    }
    let result = run::enter(cx, frame, saved)?;
    Ok(if is_finished(generator) { Outcome::Returned(result) } else { Outcome::Yielded(result) })
}

/// Enters a generator's frame above the running one, for `for` and `yield from`. `frame.pc` is the place to go on at
/// after a yield, `result` the register that receives what is yielded. `false` where the generator has ended.
pub fn push(cx: &mut Cx, generator: Gc<Generator>, frame: &mut Frame, result: usize, sent: Value) -> PyResult<bool> {
    let size = registers(&generator).len();
    let base = frame_size(frame.fp);
    let fp = frame.fp.wrapping_add(base + vm_machine::FRAME_HEADER);
    if fp.wrapping_add(size) > cx.thread.stack_limit.get() {
        return Err(run::stack_full(cx));
    }
    if !begin(cx, generator, sent)? {
        return Ok(false);
    }
    // SAFETY: the frame lies above the running one, below the limit just checked.
    unsafe {
        *fp.sub(4) = generator.value();
        *fp.sub(3) = Value::from_bits(result as u64 | (size as u64) << 32);
        *fp.sub(2) = Value::from_bits(frame.pc as u64);
        *fp.sub(1) = Value::from_bits(frame.fp as u64);
    }
    *frame = restore_registers(generator, fp, sent);
    frames::resumed(cx, generator, fp);
    Ok(true)
}

/// Whether a value is exactly a generator.
pub fn as_generator(value: Value) -> Option<Gc<Generator>> {
    if types::is_exactly(value, Kind::GENERATOR) { py_object::downcast::<Generator>(value) } else { None }
}
