//! Steps of tasks: resuming the coroutine, and what becomes of what it yields, returns or raises.

use super::future::{AnyFuture, BLOCKING, MUST_CANCEL, Settled, as_exact_future, event_loop_of};
use super::library::{self, call_method, context_keyword, invalid_state};
use super::running;
use super::task::{AnyTask, Task, cancel_waiter};
use py_macros::py_methods;
use py_object::arguments::Keywords;
use py_object::bootstrap::new_native;
use py_object::iterators::Outcome;
use py_object::objects::{Exception, Str};
use py_object::types::{self, is_exactly};
use py_object::{
    Cx, FALSE, Kind, NONE, PyResult, allocate, attribute, downcast, exception, object, operations, shapes,
};
use vm_heap::{Gc, Value};

object! {
    /// What the event loop calls to have a task do a step.
    pub struct TaskStep = 775 {
        /// The task.
        task: Value,
        /// The exception to throw into the coroutine, or None.
        error: Value,
    }
}

/// Has the event loop call the next step.
pub fn call_soon(cx: &mut Cx, task: AnyTask, error: Option<Value>) -> PyResult<()> {
    let step = allocate::<TaskStep>(cx.mutator(), shapes::TASK_STEP);
    step.task.init(task.value());
    step.error.init(error.unwrap_or(NONE));
    library::call_soon(cx, task.event_loop.get(), step.value(), None, task.context.get())
}

/// A step as the event loop's current task.
fn step(cx: &mut Cx, task: AnyTask, error: Option<Value>) -> PyResult<()> {
    let event_loop = task.event_loop.get();
    running::enter(cx, event_loop, task.value())?;
    match resume(cx, task, error) {
        Ok(()) => running::leave(cx, event_loop, task.value()),
        Err(raised) => {
            let error = cx.take_raised();
            match running::leave(cx, event_loop, task.value()) {
                Ok(()) => Err(cx.raise_value(error)),
                Err(_) => {
                    if let Some(second) = exception::as_exception(cx.raised.get()) {
                        second.context.set(cx.mutator(), second, error);
                    }
                    Err(raised)
                }
            }
        }
    }
}

/// Resumes a task's coroutine, or throws an exception into it.
pub fn resume(cx: &mut Cx, task: AnyTask, error: Option<Value>) -> PyResult<()> {
    let future = task.future();
    if !future.is_pending() {
        let shown = crate::repr_text(cx, task.value())?;
        let error = crate::repr_text(cx, error.unwrap_or(NONE))?;
        return Err(invalid_state(cx, format!("__step(): already done: {shown} {error}")));
    }
    let mut error = error;
    if future.has(MUST_CANCEL) {
        let cancels = match error {
            Some(error) => library::is_cancelled_error(cx, error)?,
            None => false,
        };
        if !cancels {
            error = Some(future.make_cancelled_error(cx)?);
        }
        future.change(MUST_CANCEL, 0);
    }
    task.waiter.init(NONE);
    match advance(cx, task.coroutine.get(), error) {
        Ok(Outcome::Yielded(value)) => wait_for(cx, task, value),
        Ok(Outcome::Returned(_)) if future.has(MUST_CANCEL) => {
            // Cancelled right before the coroutine ended.
            future.change(MUST_CANCEL, 0);
            let message = task.cancel_message.get();
            future.cancel(cx, message).map(|_| ())
        }
        Ok(Outcome::Returned(value)) => future.set_result(cx, value),
        Err(_) => fail(cx, future),
    }
}

/// A step of a coroutine, or of what a program has made to behave like one.
fn advance(cx: &mut Cx, coroutine: Value, error: Option<Value>) -> PyResult<Outcome> {
    if error.is_none()
        && (is_exactly(coroutine, Kind::COROUTINE) || is_exactly(coroutine, Kind::GENERATOR))
        && let Some(resume) = cx.runtime.resume_generator.get()
    {
        return resume(cx, coroutine, NONE);
    }
    if coroutine == NONE {
        return Err(cx.raise(Kind::RUNTIME_ERROR, "uninitialized Task object"));
    }
    let step = match error {
        Some(error) => call_method(cx, "throw", &[coroutine, error], None),
        None => match types::lookup_special(cx, coroutine, "__next__") {
            Some(hook) => py_object::call::call_special(cx, hook, coroutine, &[], None),
            None => call_method(cx, "send", &[coroutine, NONE], None),
        },
    };
    match step {
        Ok(value) => Ok(Outcome::Yielded(value)),
        Err(raised) => exception::take_stop(cx).map(Outcome::Returned).ok_or(raised),
    }
}

/// The exception that has left the coroutine ends the task. What is to end the program goes on.
fn fail(cx: &mut Cx, future: AnyFuture) -> PyResult<()> {
    let error = cx.take_raised();
    if library::is_cancelled_error(cx, error)? {
        return future.cancel_with(cx, NONE, error).map(|_| ());
    }
    future.set_exception(cx, error)?;
    if types::is_instance(cx, error, Kind::KEYBOARD_INTERRUPT) || types::is_instance(cx, error, Kind::SYSTEM_EXIT) {
        return Err(cx.raise_value(error));
    }
    Ok(())
}

/// A task waits for what its coroutine has yielded.
fn wait_for(cx: &mut Cx, task: AnyTask, awaited: Value) -> PyResult<()> {
    if awaited == NONE {
        return call_soon(cx, task, None);
    }
    if awaited == task.value() {
        let shown = crate::repr_text(cx, awaited)?;
        return fail_soon(cx, task, format!("Task cannot await on itself: {shown}"));
    }
    let context = task.context.get();
    if let Some(future) = as_exact_future(cx, awaited) {
        if future.event_loop.get() != task.event_loop.get() {
            return other_loop(cx, task, awaited);
        }
        if !future.has(BLOCKING) {
            return yielded(cx, task, awaited);
        }
        future.add_awaited_by(cx, task.value())?;
        future.change(BLOCKING, 0);
        let wakeup = wakeup_of(cx, task);
        future.add_callback(cx, wakeup, context)?;
    } else {
        let name = cx.name("_asyncio_future_blocking");
        let blocking = attribute::get_optional(cx, awaited, name)?.unwrap_or(NONE);
        if blocking == NONE {
            return bad_yield(cx, task, awaited);
        }
        let blocking = operations::truth(cx, blocking)?;
        if event_loop_of(cx, awaited)? != task.event_loop.get() {
            return other_loop(cx, task, awaited);
        }
        if !blocking {
            return yielded(cx, task, awaited);
        }
        running::note_awaited(cx, awaited, task.value())?;
        attribute::set(cx, awaited, name, Some(FALSE))?;
        let wakeup = wakeup_of(cx, task);
        let names = context_keyword(cx);
        call_method(cx, "add_done_callback", &[awaited, wakeup, context], Some(names))?;
    }
    task.waiter.set(cx.mutator(), task.0, awaited);
    if task.future().has(MUST_CANCEL) {
        let message = task.cancel_message.get();
        if cancel_waiter(cx, awaited, message)? {
            task.future().change(MUST_CANCEL, 0);
        }
    }
    Ok(())
}

/// Throws a RuntimeError into the coroutine at the next step.
#[cold]
fn fail_soon(cx: &mut Cx, task: AnyTask, message: String) -> PyResult<()> {
    let message = Str::new(cx, &message).value();
    let error = Exception::new(cx, Kind::RUNTIME_ERROR, &[message]);
    call_soon(cx, task, Some(error.value()))
}

#[cold]
fn other_loop(cx: &mut Cx, task: AnyTask, awaited: Value) -> PyResult<()> {
    let (task_shown, shown) = (crate::repr_text(cx, task.value())?, crate::repr_text(cx, awaited)?);
    fail_soon(cx, task, format!("Task {task_shown} got Future {shown} attached to a different loop"))
}

#[cold]
fn yielded(cx: &mut Cx, task: AnyTask, awaited: Value) -> PyResult<()> {
    let (task_shown, shown) = (crate::repr_text(cx, task.value())?, crate::repr_text(cx, awaited)?);
    fail_soon(cx, task, format!("yield was used instead of yield from in task {task_shown} with {shown}"))
}

#[cold]
fn bad_yield(cx: &mut Cx, task: AnyTask, awaited: Value) -> PyResult<()> {
    let shown = crate::repr_text(cx, awaited)?;
    if types::is_exactly(awaited, Kind::GENERATOR) {
        let task_shown = crate::repr_text(cx, task.value())?;
        let message = format!("yield was used instead of yield from for generator in task {task_shown} with {shown}");
        return fail_soon(cx, task, message);
    }
    fail_soon(cx, task, format!("Task got bad yield: {shown}"))
}

/// What a future calls to wake a task up.
fn wakeup_of(cx: &mut Cx, task: AnyTask) -> Value {
    new_native(cx, &TASK_WAKEUP_METHODS[0], Kind::BUILTIN, task.value()).value()
}

/// The method of tasks that no class has.
pub struct Wakeup;

#[py_methods(TASK_WAKEUP, name = "Task")]
impl Wakeup {
    #[method(signature = "")]
    fn task_wakeup(cx: &mut Cx, this: AnyTask, future: Value) -> PyResult<()> {
        running::forget_awaited(cx, future, this.value())?;
        let outcome = match as_exact_future(cx, future) {
            Some(future) => future.settled(cx),
            None => call_method(cx, "result", &[future], None).map(Settled::Result),
        };
        match outcome {
            Ok(Settled::Result(_)) => step(cx, this, None),
            Ok(Settled::Failed(error)) => step(cx, this, Some(error)),
            Err(_) => {
                let error = cx.take_raised();
                step(cx, this, Some(error))
            }
        }
    }
}

/// The methods of `TaskStepMethWrapper`.
pub struct Methods;

#[py_methods(TASK_STEP, name = "TaskStepMethWrapper")]
impl Methods {
    #[method]
    fn __call__(
        cx: &mut Cx,
        this: Gc<TaskStep>,
        #[args] args: &[Value],
        #[kwargs] kwargs: Keywords<'_>,
    ) -> PyResult<()> {
        if !kwargs.is_empty() {
            return Err(cx.type_error("function takes no keyword arguments"));
        }
        if !args.is_empty() {
            return Err(cx.type_error("function takes no positional arguments"));
        }
        let task = AnyTask(downcast::<Task>(this.task.get()).expect("made with a task"));
        let error = this.error.get();
        step(cx, task, (error != NONE).then_some(error))
    }
    #[getter]
    fn __self__(this: Gc<TaskStep>) -> Value {
        this.task.get()
    }
}
