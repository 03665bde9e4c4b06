//! The iterator of `await future`: yields the future while it is pending, and then ends with its result.

use super::future::{AnyFuture, BLOCKING, as_future};
use py_macros::py_methods;
use py_object::iterators::{Outcome, set_native_send};
use py_object::objects::Traceback;
use py_object::types::{as_type, is_subclass};
use py_object::{Cx, Kind, NONE, PyResult, UNBOUND, allocate, call, downcast, exception, object, shapes, warning};
use vm_heap::{Gc, Value};

object! {
    /// The iterator.
    pub struct FutureIterator = 774 {
        /// The future; None once the iterator has ended.
        future: Value,
    }
}

/// The iterator of a future.
pub fn new(cx: &mut Cx, future: AnyFuture) -> PyResult<Gc<FutureIterator>> {
    future.check_alive(cx)?;
    let iterator = allocate::<FutureIterator>(cx.mutator(), shapes::FUTURE_ITERATOR);
    iterator.future.init(future.value());
    Ok(iterator)
}

/// Tells `await` how to step such iterators.
pub fn install() {
    set_native_send(Kind::FUTURE_ITERATOR, |cx, iterator| {
        step(cx, downcast(iterator).expect("declared for this class"))
    });
}

fn step(cx: &mut Cx, iterator: Gc<FutureIterator>) -> PyResult<Outcome> {
    let Some(future) = as_future(iterator.future.get()) else { return Ok(Outcome::Returned(NONE)) };
    if future.is_pending() {
        if future.has(BLOCKING) {
            return Err(cx.raise(Kind::RUNTIME_ERROR, "await wasn't used with future"));
        }
        future.change(0, BLOCKING);
        return Ok(Outcome::Yielded(future.value()));
    }
    iterator.future.init(NONE);
    future.result(cx).map(Outcome::Returned)
}

fn next(cx: &mut Cx, iterator: Gc<FutureIterator>) -> PyResult {
    match step(cx, iterator)? {
        Outcome::Yielded(value) => Ok(value),
        Outcome::Returned(value) => Err(exception::stop_with(cx, value)),
    }
}

/// Raises what `throw` was given; the iterator has ended then.
fn throw(cx: &mut Cx, iterator: Gc<FutureIterator>, given: Value, value: Value, traceback: Value) -> PyResult {
    if value != UNBOUND {
        let message = "the (type, exc, tb) signature of throw() is deprecated, use the single-arg signature instead.";
        warning::warn(cx, Kind::DEPRECATION_WARNING, message)?;
    }
    let value = Some(value).filter(|value| *value != UNBOUND && *value != NONE);
    let traceback = Some(traceback).filter(|traceback| *traceback != UNBOUND && *traceback != NONE);
    if traceback.is_some_and(|traceback| downcast::<Traceback>(traceback).is_none()) {
        return Err(cx.type_error("throw() third argument must be a traceback"));
    }
    let is_class = as_type(given).is_some_and(|class| is_subclass(class, cx.builtin_type(Kind::BASE_EXCEPTION)));
    let error = if is_class {
        match value {
            Some(value) if exception::as_exception(value).is_some() && exception::matches(cx, value, given)? => value,
            Some(value) => call::call(cx, given, &[value], None)?,
            None => call::call(cx, given, &[], None)?,
        }
    } else if exception::as_exception(given).is_some() {
        if value.is_some() {
            return Err(cx.type_error("instance exception may not have a separate value"));
        }
        given
    } else {
        let message = "exceptions must be classes deriving BaseException or instances of such a class";
        return Err(cx.type_error(message));
    };
    if let Some(traceback) = traceback
        && let Some(error) = exception::as_exception(error)
    {
        error.traceback.set(cx.mutator(), error, traceback);
    }
    iterator.future.init(NONE);
    Err(cx.raise_value(error))
}

/// The methods.
pub struct Methods;

#[py_methods(FUTURE_ITERATOR, name = "FutureIter")]
impl Methods {
    #[method]
    fn __iter__(this: Gc<FutureIterator>) -> Gc<FutureIterator> {
        this
    }
    #[method]
    fn __next__(cx: &mut Cx, this: Gc<FutureIterator>) -> PyResult {
        next(cx, this)
    }
    /// Go on as next() does: what is sent makes no difference.
    #[method]
    fn send(cx: &mut Cx, this: Gc<FutureIterator>, object: Value) -> PyResult {
        let _ = object;
        next(cx, this)
    }
    /// Raise an exception.
    #[method(signature = "")]
    fn throw(cx: &mut Cx, this: Gc<FutureIterator>, #[args] args: &[Value]) -> PyResult {
        match *args {
            [given] => throw(cx, this, given, UNBOUND, UNBOUND),
            [given, value] => throw(cx, this, given, value, UNBOUND),
            [given, value, traceback] => throw(cx, this, given, value, traceback),
            [] => Err(cx.type_error("throw expected at least 1 argument, got 0")),
            _ => Err(cx.type_error(format!("throw expected at most 3 arguments, got {}", args.len()))),
        }
    }
    /// End the iteration.
    #[method]
    fn close(this: Gc<FutureIterator>) {
        this.future.init(NONE);
    }
}
