//! `throw()` and `close()`: raising an exception where a generator is suspended. What it delegates to comes first.

use super::restore_registers;
use super::{
    Outcome, as_resumable, discard, hold, is_finished, is_fresh, is_suspended, raise_inside, registers, reported,
};
use crate::code::instruction_at;
use crate::run;
use py_code::Opcode;
use py_object::objects::*;
use py_object::types::{self, as_type, class_name, is_subclass};
use py_object::{Cx, Kind, NONE, PyResult, UNBOUND, attribute, call, downcast, exception, warning};
use vm_heap::{Gc, Value};

/// What a suspended generator delegates to: the iterator of its `yield from` or `await`.
pub fn delegate(generator: Gc<Generator>) -> Option<Value> {
    if !is_suspended(generator) {
        return None;
    }
    // The instruction before the one to go on with is the yield.
    let instruction = instruction_at((generator.resume.get() as *const u64).wrapping_sub(1));
    let delegates = Opcode::from_byte(instruction.opcode()) == Some(Opcode::Yield) && instruction.x() & 1 != 0;
    delegates.then(|| registers(&generator)[instruction.c()].get())
}

/// The arguments of `throw` that were given. More than one gives a warning.
pub(super) fn given<'a>(cx: &mut Cx, method: &str, arguments: &'a [Value; 3]) -> PyResult<&'a [Value]> {
    let count = arguments.iter().position(|argument| *argument == UNBOUND).unwrap_or(3);
    if count > 1 {
        let message =
            format!("the (type, exc, tb) signature of {method}() is deprecated, use the single-arg signature instead.");
        warning::warn(cx, Kind::DEPRECATION_WARNING, &message)?;
    }
    Ok(&arguments[..count])
}

/// An exception of a class, made of a value unless that is one already.
fn made(cx: &mut Cx, class: Value, value: Option<Value>) -> PyResult<Gc<Exception>> {
    match value {
        None => exception::normalise(cx, class),
        Some(value) if types::class::is_instance_of(cx, value, class)? => exception::normalise(cx, value),
        Some(value) => {
            let arguments = downcast::<Tuple>(value);
            let arguments = arguments.as_ref().map_or(std::slice::from_ref(&value), py_object::sequence::tuple_items);
            let made = call::call(cx, class, arguments, None)?;
            exception::normalise(cx, made)
        }
    }
}

/// The exception that the arguments of `throw` describe: exception or class, value, traceback.
fn described(cx: &mut Cx, arguments: &[Value]) -> PyResult<Gc<Exception>> {
    let given = arguments[0];
    let value = arguments.get(1).copied().filter(|value| *value != NONE);
    let traceback = arguments.get(2).copied().filter(|traceback| *traceback != NONE);
    if traceback.is_some_and(|traceback| downcast::<Traceback>(traceback).is_none()) {
        return Err(cx.type_error("throw() third argument must be a traceback object"));
    }
    let is_class = as_type(given).is_some_and(|class| is_subclass(class, cx.builtin_type(Kind::BASE_EXCEPTION)));
    let exception = if is_class {
        match made(cx, given, value) {
            Ok(exception) => exception,
            // What goes wrong in making the exception is thrown in its place.
            Err(raised) => match exception::as_exception(cx.raised.get()) {
                Some(exception) => {
                    cx.take_raised();
                    exception
                }
                None => return Err(raised),
            },
        }
    } else if let Some(exception) = exception::as_exception(given) {
        if value.is_some() {
            return Err(cx.type_error("instance exception may not have a separate value"));
        }
        exception
    } else {
        let message = format!(
            "exceptions must be classes or instances deriving from BaseException, not {}",
            class_name(cx, given)
        );
        return Err(cx.type_error(message));
    };
    if let Some(traceback) = traceback {
        exception.traceback.set(cx.mutator(), exception, traceback);
    }
    Ok(exception)
}

fn is_generator_exit(cx: &mut Cx, thrown: Value) -> bool {
    let class = as_type(thrown).unwrap_or_else(|| types::class_of(cx, thrown));
    is_subclass(class, cx.builtin_type(Kind::GENERATOR_EXIT))
}

/// `generator.throw(*arguments)`. Asynchronous generators do not close what they await when GeneratorExit comes: that is
/// `close_on_exit`.
pub fn throw(cx: &mut Cx, generator: Gc<Generator>, arguments: &[Value], close_on_exit: bool) -> PyResult<Outcome> {
    cx.check_native_stack()?;
    let Some(inner) = delegate(generator) else {
        let exception = described(cx, arguments)?;
        return raise_inside(cx, generator, exception.value());
    };
    if close_on_exit && is_generator_exit(cx, arguments[0]) {
        hold(cx, generator)?;
        let closed = close_iterator(cx, inner);
        release(generator);
        let raised = match closed {
            Ok(()) => described(cx, arguments)?.value(),
            Err(_) => cx.take_raised(),
        };
        return raise_inside(cx, generator, raised);
    }
    hold(cx, generator)?;
    let step = on_stack(cx, generator, |cx| match as_resumable(inner) {
        Some(inner) => {
            let outcome = throw(cx, inner, arguments, close_on_exit);
            Some(reported(cx, inner, outcome))
        }
        None => throw_to(cx, inner, arguments),
    })?;
    release(generator);
    match step {
        Some(Ok(value)) => Ok(Outcome::Yielded(value)),
        Some(Err(_)) => {
            let raised = cx.take_raised();
            raise_inside(cx, generator, raised)
        }
        None => {
            let exception = described(cx, arguments)?;
            raise_inside(cx, generator, exception.value())
        }
    }
}

/// Does something while the frame of a suspended generator lies on the stack, for whoever looks at the frames.
fn on_stack<T>(cx: &mut Cx, generator: Gc<Generator>, body: impl FnOnce(&mut Cx) -> T) -> PyResult<T> {
    let saved = run::Saved::of(cx);
    let fp = match run::push_entry(cx, generator.value(), registers(&generator).len()) {
        Ok(fp) => fp,
        Err(raised) => {
            release(generator);
            return Err(raised);
        }
    };
    let frame = restore_registers(generator, fp, NONE);
    cx.thread.save(frame.pc, frame.fp);
    let result = body(cx);
    saved.restore(cx);
    Ok(result)
}

/// Gives a generator back that `hold` took.
fn release(generator: Gc<Generator>) {
    generator.state.init(super::SUSPENDED);
}

/// `iterator.throw(*arguments)`; `None` where it has no such method.
fn throw_to(cx: &mut Cx, iterator: Value, arguments: &[Value]) -> Option<PyResult> {
    let name = cx.intern("throw");
    match attribute::get_optional(cx, iterator, name) {
        Ok(None) => None,
        Ok(Some(method)) => Some(call::call(cx, method, arguments, None)),
        Err(raised) => Some(Err(raised)),
    }
}

/// Closes what a generator delegates to.
fn close_iterator(cx: &mut Cx, iterator: Value) -> PyResult<()> {
    if let Some(inner) = as_resumable(iterator) {
        return close(cx, inner).map(|_| ());
    }
    let name = cx.intern("close");
    match attribute::get_optional(cx, iterator, name)? {
        Some(method) => call::call(cx, method, &[], None).map(|_| ()),
        None => Ok(()),
    }
}

/// `generator.close()`: what it returns, or None.
pub fn close(cx: &mut Cx, generator: Gc<Generator>) -> PyResult {
    cx.check_native_stack()?;
    if is_finished(generator) {
        return Ok(NONE);
    }
    if is_fresh(generator) {
        hold(cx, generator)?;
        discard(generator);
        return Ok(NONE);
    }
    let mut raised = UNBOUND;
    if let Some(inner) = delegate(generator) {
        hold(cx, generator)?;
        let closed = close_iterator(cx, inner);
        release(generator);
        if closed.is_err() {
            raised = cx.take_raised();
        }
    }
    if raised == UNBOUND {
        raised = Exception::new(cx, Kind::GENERATOR_EXIT, &[]).value();
    }
    match raise_inside(cx, generator, raised) {
        Ok(Outcome::Yielded(_)) => {
            let message = format!("{} ignored GeneratorExit", super::sort_name(generator));
            Err(cx.raise(Kind::RUNTIME_ERROR, message))
        }
        Ok(Outcome::Returned(value)) => Ok(value),
        Err(raised) => match super::take_if(cx, &[Kind::GENERATOR_EXIT]) {
            Some(_) => Ok(NONE),
            None => Err(raised),
        },
    }
}
