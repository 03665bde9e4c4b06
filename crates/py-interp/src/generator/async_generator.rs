//! Asynchronous generators (PEP 525): their steps are awaitables.
//!
//! A step is a record: the generator, what is sent or thrown (None for `aclose`), how far it is. While it runs, the generator
//! yields both what it awaits, which goes on to whoever drives the step, and its items, which end the step.

use crate::code;
use crate::generator::awaitable::{call_special, item_iterator};
use crate::generator::methods::{shown, text_of};
use crate::generator::throw::{given, throw};
use crate::generator::{
    self, CLOSED, HOOKED, ITEM, Outcome, STEPPING, delegate, has_flag, is_finished, resume, set_flag, stop_with,
    take_if,
};
use py_macros::py_methods;
use py_object::objects::{Exception, Generator, Record, Tuple};
use py_object::sequence::tuple_items;
use py_object::types::{self, class_name, lookup_special};
use py_object::{Cx, Kind, NONE, PyResult, Raised, UNBOUND, allocate, bootstrap, call, downcast, exception, shapes};
use vm_heap::{Gc, ShapeId, Value};
use vm_machine::{Frame, caller_frame, halt_address, return_address};

/// A step that has not begun.
const FRESH: Value = Value::int(0);
/// A step under way.
const UNDER_WAY: Value = Value::int(1);
/// A step that has ended.
const ENDED: Value = Value::int(2);

/// `aiter(source)` of an `async for`.
pub fn async_iterator(cx: &mut Cx, source: Value) -> PyResult {
    let Some(hook) = lookup_special(cx, source, "__aiter__") else {
        let message = format!("'async for' requires an object with __aiter__ method, got {}", class_name(cx, source));
        return Err(cx.type_error(message));
    };
    let iterator = call_special(cx, source, hook)?;
    if lookup_special(cx, iterator, "__anext__").is_none() {
        let message = format!(
            "'async for' received an object from __aiter__ that does not implement __anext__: {}",
            class_name(cx, iterator)
        );
        return Err(cx.type_error(message));
    }
    Ok(iterator)
}

/// What an `async for` awaits for its next item.
pub fn next_awaitable(cx: &mut Cx, iterator: Value) -> PyResult {
    if types::is_exactly(iterator, Kind::ASYNC_GENERATOR)
        && let Some(generator) = downcast::<Generator>(iterator)
    {
        return new_send(cx, generator, NONE);
    }
    let Some(hook) = lookup_special(cx, iterator, "__anext__") else {
        let message =
            format!("'async for' requires an iterator with __anext__ method, got {}", class_name(cx, iterator));
        return Err(cx.type_error(message));
    };
    let awaitable = call_special(cx, iterator, hook)?;
    item_iterator(cx, awaitable)
}

fn new_step(cx: &mut Cx, shape: ShapeId, generator: Gc<Generator>, argument: Value) -> PyResult {
    call_hooks(cx, generator)?;
    let step = allocate::<Record>(cx.mutator(), shape);
    step.first.init(generator.value());
    step.second.init(argument);
    step.third.init(FRESH);
    step.fourth.init(NONE);
    Ok(step.value())
}

fn new_send(cx: &mut Cx, generator: Gc<Generator>, sent: Value) -> PyResult {
    new_step(cx, shapes::ASYNC_GENERATOR_SEND, generator, sent)
}

/// Tells the event loop of a generator when its first step is made.
fn call_hooks(cx: &mut Cx, generator: Gc<Generator>) -> PyResult<()> {
    if has_flag(generator, HOOKED) {
        return Ok(());
    }
    set_flag(generator, HOOKED, true);
    let [first, finalizer] = [cx.async_hooks[0].get(), cx.async_hooks[1].get()];
    if finalizer != NONE {
        generator.extra.set(cx.mutator(), generator, finalizer);
        super::finalize::register(cx, generator);
    }
    if first != NONE {
        call::call(cx, first, &[generator.value()], None)?;
    }
    Ok(())
}

fn generator_of(step: Gc<Record>) -> Gc<Generator> {
    downcast::<Generator>(step.first.get()).expect("a step holds its generator")
}

fn end(step: Gc<Record>) {
    step.third.init(ENDED);
}

fn runtime_error(cx: &mut Cx, message: &str) -> Raised {
    cx.raise(Kind::RUNTIME_ERROR, message)
}

/// Whether the exception on its way ends an asynchronous generator for good.
fn ends(cx: &Cx) -> bool {
    let raised = cx.raised.get();
    [Kind::STOP_ASYNC_ITERATION, Kind::GENERATOR_EXIT].iter().any(|kind| types::is_instance(cx, raised, *kind))
}

/// StopAsyncIteration.
fn stop(cx: &mut Cx) -> Raised {
    let stop = Exception::new(cx, Kind::STOP_ASYNC_ITERATION, &[]);
    exception::raise(cx, stop)
}

/// What the generator has done, as the awaitable of an item reports it: an item raises StopIteration with it.
fn unwrapped(cx: &mut Cx, generator: Gc<Generator>, outcome: PyResult<Outcome>) -> PyResult {
    let raised = match outcome {
        Ok(Outcome::Yielded(value)) if has_flag(generator, ITEM) => {
            set_flag(generator, ITEM | STEPPING, false);
            return Err(stop_with(cx, value));
        }
        Ok(Outcome::Yielded(value)) => return Ok(value),
        Ok(Outcome::Returned(_)) => stop(cx),
        Err(raised) => raised,
    };
    if ends(cx) {
        set_flag(generator, CLOSED, true);
    }
    set_flag(generator, STEPPING, false);
    Err(raised)
}

/// Ends a step whose generator has nothing more to give to it.
fn ended_if_raised(step: Gc<Record>, result: PyResult) -> PyResult {
    if result.is_err() {
        end(step);
    }
    result
}

/// Begins or goes on with a step; returns its generator and what to send to it.
fn begin_send(cx: &mut Cx, step: Gc<Record>, sent: Value) -> PyResult<(Gc<Generator>, Value)> {
    let generator = generator_of(step);
    let mut sent = sent;
    if step.third.get() == ENDED {
        return Err(runtime_error(cx, "cannot reuse already awaited __anext__()/asend()"));
    }
    if step.third.get() == FRESH {
        if has_flag(generator, STEPPING) {
            end(step);
            return Err(runtime_error(cx, "anext(): asynchronous generator is already running"));
        }
        if sent == NONE {
            sent = step.second.get();
        }
        step.third.init(UNDER_WAY);
    }
    set_flag(generator, STEPPING, true);
    Ok((generator, sent))
}

fn send_step(cx: &mut Cx, step: Gc<Record>, sent: Value) -> PyResult {
    let (generator, sent) = begin_send(cx, step, sent)?;
    let outcome = resume(cx, generator, sent);
    let result = unwrapped(cx, generator, outcome);
    ended_if_raised(step, result)
}

/// The step of an `async for` or of an awaited `asend`, if a value is one.
#[inline]
pub fn as_step(value: Value) -> Option<Gc<Record>> {
    if types::is_exactly(value, Kind::ASYNC_GENERATOR_SEND) { downcast::<Record>(value) } else { None }
}

/// Enters the generator of a step in a frame above the running one, for `Send`: as `generator::push`, with the errors of a step.
pub fn push_step(cx: &mut Cx, step: Gc<Record>, frame: Frame, result: usize, sent: Value) -> PyResult<Frame> {
    let (generator, sent) = begin_send(cx, step, sent)?;
    let outcome = match generator::push(cx, generator, frame, result, sent) {
        Ok(Some(inner)) => return Ok(inner),
        Ok(None) => Ok(Outcome::Returned(NONE)),
        Err(raised) => Err(raised),
    };
    end(step);
    match unwrapped(cx, generator, outcome) {
        Err(raised) => Err(raised),
        Ok(_) => unreachable!("a generator that was not entered yields nothing"),
    }
}

/// The step that entered the running frame of an asynchronous generator, where a `Send` did: what it awaits in its register.
fn entered_by(frame: &Frame) -> Option<Gc<Record>> {
    let back = return_address(frame.fp);
    if back == halt_address() {
        return None;
    }
    // `Send` has one extension word, and only `Send` enters these frames.
    let instruction = code::instruction_at(back.wrapping_sub(2));
    as_step(Frame { pc: back, fp: caller_frame(frame.fp) }.get(instruction.b()))
}

/// Whether the generator that is about to yield gives an item to the step that entered its frame; if so, the step has ended.
#[inline]
pub fn gives_item(frame: &Frame) -> bool {
    let generator = generator::running(frame);
    if !has_flag(generator, ITEM) {
        return false;
    }
    let Some(step) = entered_by(frame) else { return false };
    set_flag(generator, ITEM | STEPPING, false);
    end(step);
    true
}

/// Raises StopAsyncIteration for the step that entered the frame of a generator that is about to return, which ends both. None
/// where no step entered it.
pub fn ends_step(cx: &mut Cx, frame: &Frame) -> Option<Raised> {
    let step = entered_by(frame)?;
    let generator = generator::running(frame);
    generator::finish(cx, generator);
    end(step);
    unwrapped(cx, generator, Ok(Outcome::Returned(NONE))).err()
}

/// Notes that an exception has left the frame of an asynchronous generator: it ends the step that entered it.
pub fn fails_step(cx: &mut Cx, frame: &Frame) {
    if let Some(step) = entered_by(frame) {
        end(step);
        let _ = unwrapped(cx, generator_of(step), Err(Raised));
    }
}

fn send_throw(cx: &mut Cx, step: Gc<Record>, thrown: &[Value]) -> PyResult {
    let generator = generator_of(step);
    if step.third.get() == ENDED {
        return Err(runtime_error(cx, "cannot reuse already awaited __anext__()/asend()"));
    }
    if step.third.get() == FRESH {
        if has_flag(generator, STEPPING) {
            end(step);
            return Err(runtime_error(cx, "anext(): asynchronous generator is already running"));
        }
        step.third.init(UNDER_WAY);
        set_flag(generator, STEPPING, true);
    }
    let outcome = throw(cx, generator, thrown, true);
    let result = unwrapped(cx, generator, outcome);
    ended_if_raised(step, result)
}

/// `close()` of a step: GeneratorExit raised inside, which has to end it.
fn close_step(cx: &mut Cx, step: Gc<Record>, throw: fn(&mut Cx, Gc<Record>, &[Value]) -> PyResult) -> PyResult<()> {
    if step.third.get() == ENDED {
        return Ok(());
    }
    let exit = cx.builtin_type(Kind::GENERATOR_EXIT).value();
    match throw(cx, step, &[exit]) {
        Ok(_) => Err(runtime_error(cx, "coroutine ignored GeneratorExit")),
        Err(raised) => {
            let kinds = [Kind::STOP_ITERATION, Kind::STOP_ASYNC_ITERATION, Kind::GENERATOR_EXIT];
            if take_if(cx, &kinds).is_some() { Ok(()) } else { Err(raised) }
        }
    }
}

/// Whether a step of `aclose` and not of `athrow`.
fn closes(step: Gc<Record>) -> bool {
    step.second.get() == NONE
}

/// RuntimeError where another step of the generator is under way.
fn begin_throw(cx: &mut Cx, step: Gc<Record>, generator: Gc<Generator>) -> PyResult<()> {
    if has_flag(generator, STEPPING) {
        end(step);
        let name = if closes(step) { "aclose" } else { "athrow" };
        return Err(runtime_error(cx, &format!("{name}(): asynchronous generator is already running")));
    }
    Ok(())
}

/// What a step of `aclose` reports: the end of the generator ends the step, an item is an error.
fn closed(cx: &mut Cx, step: Gc<Record>, generator: Gc<Generator>, outcome: PyResult<Outcome>) -> PyResult {
    let raised = match outcome {
        Ok(Outcome::Yielded(_)) if has_flag(generator, ITEM) => {
            set_flag(generator, ITEM | STEPPING, false);
            end(step);
            return Err(runtime_error(cx, "async generator ignored GeneratorExit"));
        }
        Ok(Outcome::Yielded(value)) => return Ok(value),
        Ok(Outcome::Returned(_)) => stop(cx),
        Err(raised) => raised,
    };
    set_flag(generator, STEPPING, false);
    end(step);
    if ends(cx) {
        cx.take_raised();
        return Err(stop_with(cx, NONE));
    }
    Err(raised)
}

fn throw_step(cx: &mut Cx, step: Gc<Record>, sent: Value) -> PyResult {
    let generator = generator_of(step);
    if step.third.get() == ENDED {
        return Err(runtime_error(cx, "cannot reuse already awaited aclose()/athrow()"));
    }
    if is_finished(generator) {
        end(step);
        return Err(stop_with(cx, NONE));
    }
    if step.third.get() != FRESH {
        let outcome = resume(cx, generator, sent);
        if closes(step) {
            return closed(cx, step, generator, outcome);
        }
        let result = unwrapped(cx, generator, outcome);
        return ended_if_raised(step, result);
    }
    begin_throw(cx, step, generator)?;
    if has_flag(generator, CLOSED) {
        end(step);
        return Err(stop(cx));
    }
    if sent != NONE {
        return Err(runtime_error(cx, "can't send non-None value to a just-started coroutine"));
    }
    step.third.init(UNDER_WAY);
    set_flag(generator, STEPPING, true);
    if closes(step) {
        set_flag(generator, CLOSED, true);
        let exit = cx.builtin_type(Kind::GENERATOR_EXIT).value();
        let outcome = throw(cx, generator, &[exit], false);
        return closed(cx, step, generator, outcome);
    }
    let arguments = downcast::<Tuple>(step.second.get()).expect("a step of athrow holds its arguments");
    let outcome = throw(cx, generator, tuple_items(&arguments), false);
    let result = unwrapped(cx, generator, outcome);
    ended_if_raised(step, result)
}

fn throw_throw(cx: &mut Cx, step: Gc<Record>, thrown: &[Value]) -> PyResult {
    let generator = generator_of(step);
    if step.third.get() == ENDED {
        return Err(runtime_error(cx, "cannot reuse already awaited aclose()/athrow()"));
    }
    if step.third.get() == FRESH {
        begin_throw(cx, step, generator)?;
        step.third.init(UNDER_WAY);
        set_flag(generator, STEPPING, true);
    }
    let outcome = throw(cx, generator, thrown, true);
    if closes(step) {
        return closed(cx, step, generator, outcome);
    }
    let result = unwrapped(cx, generator, outcome);
    ended_if_raised(step, result)
}

/// The methods of asynchronous generators.
pub struct Methods;

#[py_methods(ASYNC_GENERATOR, name = "async_generator")]
impl Methods {
    /// Return an awaitable, that resolves in asynchronous iterator.
    #[method]
    fn __aiter__(this: Gc<Generator>) -> Gc<Generator> {
        this
    }
    /// An awaitable for the next item.
    #[method]
    fn __anext__(cx: &mut Cx, this: Gc<Generator>) -> PyResult {
        new_send(cx, this, NONE)
    }
    /// An awaitable for the next item; the generator's yield expression gives this value.
    #[method(signature = "")]
    fn asend(cx: &mut Cx, this: Gc<Generator>, value: Value) -> PyResult {
        new_send(cx, this, value)
    }
    /// athrow(value)
    /// athrow(type[,value[,tb]])
    ///
    /// An awaitable that raises an exception where the generator waits.
    #[method(signature = "")]
    fn athrow(
        cx: &mut Cx,
        this: Gc<Generator>,
        r#type: Value,
        #[default(UNBOUND)] value: Value,
        #[default(UNBOUND)] traceback: Value,
    ) -> PyResult {
        let arguments = [r#type, value, traceback];
        let arguments = given(cx, "athrow", &arguments)?;
        let arguments = cx.tuple(arguments);
        new_step(cx, shapes::ASYNC_GENERATOR_THROW, this, arguments)
    }
    /// An awaitable that raises GeneratorExit where the generator waits.
    #[method]
    fn aclose(cx: &mut Cx, this: Gc<Generator>) -> PyResult {
        new_step(cx, shapes::ASYNC_GENERATOR_THROW, this, NONE)
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cx: &mut Cx, class: Value, object: Value) -> PyResult {
        py_object::types::generic::alias(cx, class, object)
    }
    #[method]
    fn __repr__(this: Gc<Generator>) -> String {
        shown(this, "async_generator")
    }
    /// name of the async generator
    #[getter]
    fn __name__(this: Gc<Generator>) -> Value {
        this.name.get()
    }
    #[setter]
    fn set_name(cx: &mut Cx, this: Gc<Generator>, value: Value) -> PyResult<()> {
        let text = text_of(cx, value, "__name__")?;
        this.name.set(cx.mutator(), this, text);
        Ok(())
    }
    /// qualified name of the async generator
    #[getter]
    fn __qualname__(this: Gc<Generator>) -> Value {
        this.qualname.get()
    }
    #[setter]
    fn set_qualname(cx: &mut Cx, this: Gc<Generator>, value: Value) -> PyResult<()> {
        let text = text_of(cx, value, "__qualname__")?;
        this.qualname.set(cx.mutator(), this, text);
        Ok(())
    }
    #[getter]
    fn ag_running(this: Gc<Generator>) -> bool {
        has_flag(this, STEPPING)
    }
    #[setter]
    fn set_ag_running(cx: &mut Cx, _this: Gc<Generator>, _value: Value) -> PyResult<()> {
        Err(cx.raise(Kind::ATTRIBUTE_ERROR, "readonly attribute"))
    }
    #[getter]
    fn ag_suspended(this: Gc<Generator>) -> bool {
        generator::is_suspended(this)
    }
    /// object being awaited on, or None
    #[getter]
    fn ag_await(this: Gc<Generator>) -> Option<Value> {
        delegate(this)
    }
    #[getter]
    fn ag_code(this: Gc<Generator>) -> Value {
        this.code.get().value()
    }
}

/// The methods of the awaitables of items.
pub struct SendMethods;

#[py_methods(ASYNC_GENERATOR_SEND, name = "async_generator_asend")]
impl SendMethods {
    #[method]
    fn __await__(this: Gc<Record>) -> Gc<Record> {
        this
    }
    #[method]
    fn __iter__(this: Gc<Record>) -> Gc<Record> {
        this
    }
    #[method]
    fn __next__(cx: &mut Cx, this: Gc<Record>) -> PyResult {
        send_step(cx, this, NONE)
    }
    /// Send a value to what the generator awaits.
    #[method(signature = "")]
    fn send(cx: &mut Cx, this: Gc<Record>, value: Value) -> PyResult {
        send_step(cx, this, value)
    }
    /// Raise an exception where the generator waits.
    #[method(signature = "")]
    fn throw(
        cx: &mut Cx,
        this: Gc<Record>,
        r#type: Value,
        #[default(UNBOUND)] value: Value,
        #[default(UNBOUND)] traceback: Value,
    ) -> PyResult {
        let arguments = [r#type, value, traceback];
        let arguments = given(cx, "throw", &arguments)?;
        send_throw(cx, this, arguments)
    }
    /// Raise GeneratorExit inside generator code, where it waits.
    #[method]
    fn close(cx: &mut Cx, this: Gc<Record>) -> PyResult<()> {
        close_step(cx, this, send_throw)
    }
}

/// The methods of the awaitables of `athrow` and `aclose`.
pub struct ThrowMethods;

#[py_methods(ASYNC_GENERATOR_THROW, name = "async_generator_athrow")]
impl ThrowMethods {
    #[method]
    fn __await__(this: Gc<Record>) -> Gc<Record> {
        this
    }
    #[method]
    fn __iter__(this: Gc<Record>) -> Gc<Record> {
        this
    }
    #[method]
    fn __next__(cx: &mut Cx, this: Gc<Record>) -> PyResult {
        throw_step(cx, this, NONE)
    }
    /// Send a value to what the generator awaits.
    #[method(signature = "")]
    fn send(cx: &mut Cx, this: Gc<Record>, value: Value) -> PyResult {
        throw_step(cx, this, value)
    }
    /// Raise an exception where the generator waits.
    #[method(signature = "")]
    fn throw(
        cx: &mut Cx,
        this: Gc<Record>,
        r#type: Value,
        #[default(UNBOUND)] value: Value,
        #[default(UNBOUND)] traceback: Value,
    ) -> PyResult {
        let arguments = [r#type, value, traceback];
        let arguments = given(cx, "throw", &arguments)?;
        throw_throw(cx, this, arguments)
    }
    /// Raise GeneratorExit inside generator code, where it waits.
    #[method]
    fn close(cx: &mut Cx, this: Gc<Record>) -> PyResult<()> {
        close_step(cx, this, throw_throw)
    }
}

/// Gives asynchronous generators their methods.
pub(super) fn install(cx: &mut Cx) {
    bootstrap::add_methods(cx, Kind::ASYNC_GENERATOR, ASYNC_GENERATOR_METHODS);
    bootstrap::add_methods(cx, Kind::ASYNC_GENERATOR_SEND, ASYNC_GENERATOR_SEND_METHODS);
    bootstrap::add_methods(cx, Kind::ASYNC_GENERATOR_THROW, ASYNC_GENERATOR_THROW_METHODS);
}
