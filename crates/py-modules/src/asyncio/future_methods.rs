//! The methods of `Future`.

use super::future::{AnyFuture, BLOCKING, CANCELLED, FAILED, FINISHED, Future, LOGS_TRACEBACK, STATE};
use super::future_iterator::{self, FutureIterator};
use super::library::{self, Part, invalid_state};
use crate::contextvars;
use py_macros::py_methods;
use py_object::arguments::Keywords;
use py_object::objects::{Set, Str, Type};
use py_object::types::set;
use py_object::{Cx, Kind, NONE, PyResult, Raised, UNBOUND, call, downcast, operations};
use vm_heap::{Gc, Value};

/// AttributeError for an attribute that can't be deleted.
pub fn undeletable(cx: &mut Cx, class: &str, name: &str) -> Raised {
    let message = format!("attribute '{name}' of '_asyncio.{class}' objects cannot be deleted");
    cx.raise(Kind::ATTRIBUTE_ERROR, message)
}

fn or_none(value: Value) -> Value {
    if value == UNBOUND { NONE } else { value }
}

/// InvalidStateError before `__init__`, as `result` and `exception` raise it.
fn check_result(cx: &mut Cx, this: AnyFuture) -> PyResult<()> {
    if this.event_loop.get() == UNBOUND {
        return Err(invalid_state(cx, "Future object is not initialized."));
    }
    Ok(())
}

/// The methods.
pub struct Methods;

#[py_methods(FUTURE, name = "Future")]
impl Methods {
    #[new(signature = "")]
    fn new(cx: &mut Cx, class: Gc<Type>, #[args] _args: &[Value], #[kwargs] _kwargs: Keywords<'_>) -> Gc<Future> {
        let new = crate::new_object::<Future>(cx, class);
        AnyFuture(new).prepare();
        new
    }
    #[method(error_name = "Future")]
    fn __init__(
        cx: &mut Cx,
        this: AnyFuture,
        #[keyword_only]
        #[name("loop")]
        #[default(NONE)]
        event_loop: Value,
    ) -> PyResult<()> {
        this.initialise(cx, event_loop)
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: AnyFuture) -> PyResult {
        this.check_alive(cx)?;
        let show = library::part(cx, Part::FutureRepr)?;
        call::call(cx, show, &[this.value()], None)
    }
    #[method]
    fn __del__(cx: &mut Cx, this: AnyFuture) {
        this.report_unretrieved(cx);
    }
    #[method]
    fn __await__(cx: &mut Cx, this: AnyFuture) -> PyResult<Gc<FutureIterator>> {
        future_iterator::new(cx, this)
    }
    #[method]
    fn __iter__(cx: &mut Cx, this: AnyFuture) -> PyResult<Gc<FutureIterator>> {
        future_iterator::new(cx, this)
    }
    /// Futures are generic over the type of their results
    #[classmethod]
    fn __class_getitem__(cx: &mut Cx, class: Value, object: Value) -> PyResult {
        crate::generic_alias(cx, class, object)
    }
    /// Return the result, once there is one.
    ///
    /// Raises the exception if that is what has been set, CancelledError if the future was cancelled, InvalidStateError if it is not done.
    #[method]
    fn result(cx: &mut Cx, this: AnyFuture) -> PyResult {
        check_result(cx, this)?;
        this.result(cx)
    }
    /// Return the exception that has been set, or None if there is a result.
    ///
    /// Raises CancelledError if the future was cancelled, InvalidStateError if it is not done.
    #[method]
    fn exception(cx: &mut Cx, this: AnyFuture) -> PyResult {
        check_result(cx, this)?;
        this.exception(cx)
    }
    /// Set the result, which must not have been set yet, and mark the future as done.
    #[method]
    fn set_result(cx: &mut Cx, this: AnyFuture, result: Value) -> PyResult<()> {
        this.set_result(cx, result)
    }
    /// Set an exception in the place of a result, and mark the future as done.
    #[method]
    fn set_exception(cx: &mut Cx, this: AnyFuture, exception: Value) -> PyResult<()> {
        this.check_alive(cx)?;
        this.set_exception(cx, exception)
    }
    /// Have the event loop call something with the future as its argument once that is done: soon, if it is.
    #[method(signature = "($self, fn, /, *, context=<unrepresentable>)")]
    fn add_done_callback(
        cx: &mut Cx,
        this: AnyFuture,
        r#fn: Value,
        #[keyword_only]
        #[default(UNBOUND)]
        context: Value,
    ) -> PyResult<()> {
        let context = if context == UNBOUND { contextvars::copy_current(cx) } else { context };
        this.add_callback(cx, r#fn, context)
    }
    /// Remove a callback as often as it was added; returns how often.
    #[method]
    fn remove_done_callback(cx: &mut Cx, this: AnyFuture, r#fn: Value) -> PyResult<usize> {
        this.check_alive(cx)?;
        this.remove_callback(cx, r#fn)
    }
    /// Cancel the future and have its callbacks called. Returns False if it was done already.
    #[method]
    fn cancel(
        cx: &mut Cx,
        this: AnyFuture,
        #[keyword]
        #[default(NONE)]
        msg: Value,
    ) -> PyResult<bool> {
        this.check_alive(cx)?;
        this.cancel(cx, msg)
    }
    /// Return True if the future was cancelled.
    #[method]
    fn cancelled(this: AnyFuture) -> bool {
        this.event_loop.get() != UNBOUND && this.state.get() & STATE == CANCELLED
    }
    /// Return True if the future is done: there is a result or an exception, or it was cancelled.
    #[method]
    fn done(this: AnyFuture) -> bool {
        this.event_loop.get() != UNBOUND && !this.is_pending()
    }
    /// Return the event loop that the future belongs to.
    #[method]
    fn get_loop(cx: &mut Cx, this: AnyFuture) -> PyResult {
        this.check_alive(cx)?;
        Ok(this.event_loop.get())
    }
    /// Make the CancelledError to raise for a cancelled future.
    ///
    /// To be called once: a saved exception is given away.
    #[method]
    fn _make_cancelled_error(cx: &mut Cx, this: AnyFuture) -> PyResult {
        this.make_cancelled_error(cx)
    }
    #[getter]
    fn _state(cx: &mut Cx, this: AnyFuture) -> PyResult<Gc<Str>> {
        this.check_alive(cx)?;
        Ok(cx.name(match this.state.get() & STATE {
            CANCELLED => "CANCELLED",
            FINISHED => "FINISHED",
            _ => "PENDING",
        }))
    }
    #[getter]
    fn _asyncio_future_blocking(this: AnyFuture) -> bool {
        this.event_loop.get() != UNBOUND && this.has(BLOCKING)
    }
    #[setter(name = "_asyncio_future_blocking")]
    fn set_blocking(cx: &mut Cx, this: AnyFuture, value: Value) -> PyResult<()> {
        this.check_alive(cx)?;
        if value == UNBOUND {
            return Err(undeletable(cx, "Future", "_asyncio_future_blocking"));
        }
        let blocking = operations::truth(cx, value)?;
        this.change(BLOCKING, if blocking { BLOCKING } else { 0 });
        Ok(())
    }
    #[getter]
    fn _loop(this: AnyFuture) -> Value {
        or_none(this.event_loop.get())
    }
    #[getter]
    fn _callbacks(cx: &mut Cx, this: AnyFuture) -> PyResult {
        this.check_alive(cx)?;
        this.shown_callbacks(cx)
    }
    #[getter]
    fn _result(cx: &mut Cx, this: AnyFuture) -> PyResult {
        this.check_alive(cx)?;
        let has_result = this.state.get() & (STATE | FAILED) == FINISHED;
        Ok(if has_result { or_none(this.outcome.get()) } else { NONE })
    }
    #[getter]
    fn _exception(cx: &mut Cx, this: AnyFuture) -> PyResult {
        this.check_alive(cx)?;
        Ok(if this.has(FAILED) { or_none(this.outcome.get()) } else { NONE })
    }
    #[getter]
    fn _log_traceback(cx: &mut Cx, this: AnyFuture) -> PyResult<bool> {
        this.check_alive(cx)?;
        Ok(this.has(LOGS_TRACEBACK))
    }
    #[setter(name = "_log_traceback")]
    fn set_log_traceback(cx: &mut Cx, this: AnyFuture, value: Value) -> PyResult<()> {
        if value == UNBOUND {
            return Err(undeletable(cx, "Future", "_log_traceback"));
        }
        if operations::truth(cx, value)? {
            return Err(cx.value_error("_log_traceback can only be set to False"));
        }
        this.change(LOGS_TRACEBACK, 0);
        Ok(())
    }
    #[getter]
    fn _source_traceback(this: AnyFuture) -> Value {
        this.source_traceback.get()
    }
    #[getter]
    fn _cancel_message(this: AnyFuture) -> Value {
        this.cancel_message.get()
    }
    #[setter(name = "_cancel_message")]
    fn set_cancel_message(cx: &mut Cx, this: AnyFuture, value: Value) -> PyResult<()> {
        if value == UNBOUND {
            return Err(undeletable(cx, "Future", "_cancel_message"));
        }
        this.cancel_message.set(cx.mutator(), this.0, value);
        Ok(())
    }
    #[getter]
    fn _asyncio_awaited_by(cx: &mut Cx, this: AnyFuture) -> PyResult {
        let waiters = match this.awaited_by.get() {
            NONE => return Ok(NONE),
            one if downcast::<Set>(one).is_none() => set::of_elements(cx, &[one])?.value(),
            several => several,
        };
        let frozen = cx.builtin_type(Kind::FROZENSET);
        call::call(cx, frozen.value(), &[waiters], None)
    }
}
