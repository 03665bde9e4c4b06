//! The methods of generators.

use crate::generator::{self, Outcome};
use py_macros::py_methods;
use py_object::objects::{Exception, Generator, Str};
use py_object::{Cx, Kind, NONE, PyResult, bootstrap, call, downcast, exception, types};
use vm_heap::{Gc, Value};

/// What a step gave, as `__next__` and `send` report it: StopIteration at the end.
fn reported(cx: &mut Cx, outcome: Outcome) -> PyResult {
    match outcome {
        Outcome::Yielded(value) => Ok(value),
        Outcome::Returned(value) => {
            let arguments: &[Value] = if value == NONE { &[] } else { &[value] };
            let stop = Exception::new(cx, Kind::STOP_ITERATION, arguments);
            Err(cx.raise_value(stop.value()))
        }
    }
}

/// A StopIteration that would leave a generator's body is an error of the generator (PEP 479).
fn step(cx: &mut Cx, outcome: PyResult<Outcome>) -> PyResult {
    match outcome {
        Ok(outcome) => reported(cx, outcome),
        Err(raised) => {
            let cause = cx.raised.get();
            if !types::is_instance(cx, cause, Kind::STOP_ITERATION) {
                return Err(raised);
            }
            cx.take_raised();
            let raised = cx.raise(Kind::RUNTIME_ERROR, "generator raised StopIteration");
            if let Some(exception) = downcast::<Exception>(cx.raised.get()) {
                exception.cause.set(cx.mutator(), exception, cause);
                exception.context.set(cx.mutator(), exception, cause);
                exception.suppress_context.init(true);
            }
            Err(raised)
        }
    }
}

/// The methods.
pub struct Methods;

#[py_methods(GENERATOR, name = "generator")]
impl Methods {
    #[method]
    fn __iter__(this: Gc<Generator>) -> Gc<Generator> {
        this
    }
    #[method]
    fn __next__(cx: &mut Cx, this: Gc<Generator>) -> PyResult {
        let outcome = generator::resume(cx, this, NONE);
        step(cx, outcome)
    }
    /// Send a value into the generator; return the next yielded value or raise StopIteration.
    #[method]
    fn send(cx: &mut Cx, this: Gc<Generator>, value: Value) -> PyResult {
        let outcome = generator::resume(cx, this, value);
        step(cx, outcome)
    }
    /// Raise an exception in the generator; return the next yielded value or raise StopIteration.
    #[method]
    fn throw(
        cx: &mut Cx,
        this: Gc<Generator>,
        r#type: Value,
        #[default(NONE)] value: Value,
        #[default(NONE)] traceback: Value,
    ) -> PyResult {
        let given = if value == NONE || types::as_type(r#type).is_none() {
            r#type
        } else if downcast::<Exception>(value).is_some() {
            value
        } else {
            call::call(cx, r#type, &[value], None)?
        };
        let exception = exception::normalise(cx, given)?;
        if traceback != NONE {
            exception.traceback.set(cx.mutator(), exception, traceback);
        }
        let outcome = generator::throw(cx, this, exception.value());
        if generator::is_finished(this) && outcome.is_err() && cx.raised.get() == exception.value() {
            return Err(py_object::Raised);
        }
        step(cx, outcome)
    }
    /// Raise GeneratorExit inside the generator.
    #[method]
    fn close(cx: &mut Cx, this: Gc<Generator>) -> PyResult {
        if generator::is_finished(this) {
            return Ok(NONE);
        }
        let exit = Exception::new(cx, Kind::GENERATOR_EXIT, &[]);
        match generator::throw(cx, this, exit.value()) {
            Ok(Outcome::Yielded(_)) => Err(cx.raise(Kind::RUNTIME_ERROR, "generator ignored GeneratorExit")),
            Ok(Outcome::Returned(value)) => Ok(value),
            Err(raised) => {
                let ended = types::is_instance(cx, cx.raised.get(), Kind::GENERATOR_EXIT)
                    || types::is_instance(cx, cx.raised.get(), Kind::STOP_ITERATION);
                if ended {
                    cx.take_raised();
                    Ok(NONE)
                } else {
                    Err(raised)
                }
            }
        }
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<Generator>) -> Gc<Str> {
        let name = downcast::<Str>(this.function.get().qualname.get());
        let name = name.map_or_else(String::new, |name| py_object::StrExt::to_text(&name));
        let text = format!("<generator object {name} at {:#x}>", this.address());
        Str::new(cx, &text)
    }
    /// The name of the generator.
    #[getter(name = "__name__")]
    fn name(this: Gc<Generator>) -> Value {
        this.function.get().name.get()
    }
    /// Whether the generator is running.
    #[getter]
    fn gi_running(this: Gc<Generator>) -> bool {
        generator::is_running(this)
    }
}

/// Gives generators their methods.
pub fn install(cx: &mut Cx) {
    bootstrap::add_methods(cx, Kind::GENERATOR, GENERATOR_METHODS);
}
