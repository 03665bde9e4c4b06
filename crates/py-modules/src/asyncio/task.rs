//! Tasks: futures that run a coroutine.

use super::future::{
    AnyFuture, CANCEL_REQUEST, Future, LISTED, LOGS_DESTROYED, LOGS_TRACEBACK, MUST_CANCEL, PENDING, STATE,
};
use super::library::{self, Part, call_method};
use super::{running, step};
use crate::contextvars;
use py_object::arguments::FromReceiver;
use py_object::objects::{Array, List, Str};
use py_object::types::is_exactly;
use py_object::{Cx, Kind, NONE, PyResult, UNBOUND, call, downcast, object, operations};
use std::mem::offset_of;
use std::ops::Deref;
use std::sync::atomic::{AtomicI64, Ordering};
use vm_heap::{Gc, Value};

object! {
    /// A task. Its first fields are those of a future.
    pub struct Task = 773 {
        /// Version word.
        word: u64,
        /// Attributes.
        attributes: Option<Gc<Array>>,
        /// See `Future`.
        event_loop: Value,
        /// See `Future`.
        callback: Value,
        /// See `Future`.
        callback_context: Value,
        /// See `Future`.
        callbacks: Option<Gc<List>>,
        /// See `Future`.
        outcome: Value,
        /// See `Future`.
        traceback: Value,
        /// See `Future`.
        source_traceback: Value,
        /// See `Future`.
        cancel_message: Value,
        /// See `Future`.
        awaited_by: Value,
        /// See `Future`.
        state: u64,
        /// What the coroutine waits for, or None.
        waiter: Value,
        /// The coroutine, or None before `__init__` and after an eager end.
        coroutine: Value,
        /// Its name; an int until somebody asks for a name that was not given.
        name: Value,
        /// The context that it runs in.
        context: Value,
    }
}

const _: () = assert!(
    offset_of!(Task, word) == offset_of!(Future, word)
        && offset_of!(Task, attributes) == offset_of!(Future, attributes)
        && offset_of!(Task, event_loop) == offset_of!(Future, event_loop)
        && offset_of!(Task, callback) == offset_of!(Future, callback)
        && offset_of!(Task, callback_context) == offset_of!(Future, context)
        && offset_of!(Task, callbacks) == offset_of!(Future, callbacks)
        && offset_of!(Task, outcome) == offset_of!(Future, outcome)
        && offset_of!(Task, traceback) == offset_of!(Future, traceback)
        && offset_of!(Task, source_traceback) == offset_of!(Future, source_traceback)
        && offset_of!(Task, cancel_message) == offset_of!(Future, cancel_message)
        && offset_of!(Task, awaited_by) == offset_of!(Future, awaited_by)
        && offset_of!(Task, state) == offset_of!(Future, state)
);

/// A task or an instance of a subclass.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct AnyTask(pub Gc<Task>);

impl Deref for AnyTask {
    type Target = Gc<Task>;
    fn deref(&self) -> &Gc<Task> {
        &self.0
    }
}

impl FromReceiver for AnyTask {
    #[inline]
    fn from_receiver(value: Value) -> Option<AnyTask> {
        downcast::<Task>(value).map(AnyTask)
    }
}

/// What `Task-1` is counted by.
static NAMES: AtomicI64 = AtomicI64::new(0);

/// Whether the finalizer of a dead task has anything to do.
pub fn needs_finalizer(address: usize) -> bool {
    // SAFETY: the collector asks about an object of this layout that has not been swept.
    let task: Gc<Task> = unsafe { Gc::from_address(address) };
    let state = task.state.get();
    !is_exactly(task.value(), Kind::TASK)
        || state & LOGS_TRACEBACK != 0
        || state & (STATE | LOGS_DESTROYED) == PENDING | LOGS_DESTROYED
}

/// What `Task(…)` is given.
pub struct Given {
    /// The coroutine.
    pub coroutine: Value,
    /// The event loop or None.
    pub event_loop: Value,
    /// The name or None.
    pub name: Value,
    /// The context or None.
    pub context: Value,
    /// Whether the first step is to be done at once.
    pub eager: bool,
}

fn is_coroutine(cx: &mut Cx, value: Value) -> PyResult<bool> {
    if is_exactly(value, Kind::COROUTINE) {
        return Ok(true);
    }
    let test = library::part(cx, Part::IsCoroutine)?;
    let answer = call::call(cx, test, &[value], None)?;
    operations::truth(cx, answer)
}

impl AnyTask {
    /// Gives a new object's fields their first values.
    pub fn prepare(self) {
        self.future().prepare();
        for field in [&self.waiter, &self.coroutine, &self.name, &self.context] {
            field.init(NONE);
        }
    }

    /// The task as a future.
    #[inline(always)]
    pub fn future(self) -> AnyFuture {
        // SAFETY: a task begins with the fields of a future, as asserted above.
        AnyFuture(unsafe { Gc::from_address(self.0.address()) })
    }

    /// `__init__`.
    pub fn initialise(self, cx: &mut Cx, given: Given) -> PyResult<()> {
        let future = self.future();
        future.initialise(cx, given.event_loop)?;
        if !is_coroutine(cx, given.coroutine)? {
            future.change(LOGS_DESTROYED, 0);
            let shown = crate::repr_text(cx, given.coroutine)?;
            return Err(cx.type_error(format!("a coroutine was expected, got {shown}")));
        }
        let context = if given.context == NONE { contextvars::copy_current(cx) } else { given.context };
        let name = match given.name {
            NONE => Value::int(NAMES.fetch_add(1, Ordering::Relaxed) + 1),
            name if is_exactly(name, Kind::STR) => name,
            name => operations::to_str(cx, name)?.value(),
        };
        self.waiter.init(NONE);
        self.context.set(cx.mutator(), self.0, context);
        self.name.set(cx.mutator(), self.0, name);
        self.coroutine.set(cx.mutator(), self.0, given.coroutine);
        future.change(0, LOGS_DESTROYED);
        future.register(cx, Kind::TASK);
        if given.eager {
            let event_loop = self.event_loop.get();
            let runs = call_method(cx, "is_running", &[event_loop], None)?;
            if operations::truth(cx, runs)? {
                future.change(0, LISTED);
                return self.start_eagerly(cx);
            }
        }
        step::call_soon(cx, self, None)?;
        future.change(0, LISTED);
        Ok(())
    }

    /// The first step, at once.
    fn start_eagerly(self, cx: &mut Cx) -> PyResult<()> {
        let event_loop = self.event_loop.get();
        let outside = running::swap(cx, event_loop, self.value())?;
        let result = match contextvars::enter(cx, self.context.get()) {
            Ok(outer) => {
                let result = step::resume(cx, self, None);
                contextvars::leave(cx, outer);
                result
            }
            Err(raised) => Err(raised),
        };
        let raised = if result.is_err() { cx.take_raised() } else { NONE };
        running::swap(cx, event_loop, outside)?;
        if !self.future().is_pending() {
            self.coroutine.init(NONE);
        }
        if raised != NONE {
            return Err(cx.raise_value(raised));
        }
        Ok(())
    }

    /// `cancel`: whether the task will be told.
    pub fn cancel(self, cx: &mut Cx, message: Value) -> PyResult<bool> {
        let future = self.future();
        future.change(LOGS_TRACEBACK, 0);
        if !future.is_pending() {
            return Ok(false);
        }
        let state = self.state.get();
        self.state.init(state + CANCEL_REQUEST);
        let waiter = self.waiter.get();
        if waiter != NONE && cancel_waiter(cx, waiter, message)? {
            return Ok(true);
        }
        self.cancel_message.set(cx.mutator(), self.0, message);
        future.change(0, MUST_CANCEL);
        Ok(true)
    }

    /// How often somebody has asked to cancel it.
    pub fn cancel_requests(self) -> usize {
        (self.state.get() / CANCEL_REQUEST) as usize
    }

    /// Takes one request back; returns how many there are.
    pub fn uncancel(self) -> usize {
        let state = self.state.get();
        if state >= CANCEL_REQUEST {
            let state = state - CANCEL_REQUEST;
            self.state.init(if state < CANCEL_REQUEST { state & !MUST_CANCEL } else { state });
        }
        self.cancel_requests()
    }

    /// Its name.
    pub fn shown_name(self, cx: &mut Cx) -> Value {
        let name = self.name.get();
        if !name.is_int() {
            return name;
        }
        let text = Str::new(cx, &format!("Task-{}", name.as_int())).value();
        self.name.set(cx.mutator(), self.0, text);
        text
    }

    /// Gives it a name.
    pub fn set_name(self, cx: &mut Cx, name: Value) -> PyResult<()> {
        let name = if is_exactly(name, Kind::STR) { name } else { operations::to_str(cx, name)?.value() };
        self.name.set(cx.mutator(), self.0, name);
        Ok(())
    }

    /// Reports that nobody can reach it before it is done, or its exception.
    pub fn report_destroyed(self, cx: &mut Cx) {
        let future = self.future();
        if future.is_pending() && future.has(LOGS_DESTROYED) && self.event_loop.get() != UNBOUND {
            future.change(LOGS_DESTROYED, 0);
            let message = Str::new(cx, "Task was destroyed but it is pending!").value();
            let mut details = vec![("task", self.value()), ("message", message)];
            if self.source_traceback.get() != NONE {
                details.push(("source_traceback", self.source_traceback.get()));
            }
            library::call_exception_handler(cx, self.event_loop.get(), &details);
            std::hint::black_box(message);
        }
        future.report_unretrieved(cx);
    }
}

/// Cancels what a task waits for: whether that could be cancelled.
pub fn cancel_waiter(cx: &mut Cx, waiter: Value, message: Value) -> PyResult<bool> {
    if library::is_of_class(cx, waiter, Kind::FUTURE)
        && let Some(future) = super::future::as_future(waiter)
    {
        future.check_alive(cx)?;
        return future.cancel(cx, message);
    }
    if library::is_of_class(cx, waiter, Kind::TASK)
        && let Some(task) = downcast::<Task>(waiter)
    {
        return AnyTask(task).cancel(cx, message);
    }
    let answer = call_method(cx, "cancel", &[waiter, message], None)?;
    operations::truth(cx, answer)
}
