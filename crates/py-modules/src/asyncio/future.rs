//! Futures: results to come, and what is to be called then.

use super::library::{self, Part, call_method, call_soon, invalid_state};
use super::running;
use super::task::{AnyTask, Task};
use py_object::arguments::FromReceiver;
use py_object::objects::{Array, Exception, List, Set};
use py_object::sequence::tuple_items;
use py_object::types::{is_exactly, set};
use py_object::{
    Cx, Kind, NONE, Object, PyResult, Raised, UNBOUND, call, downcast, exception, object, operations, types,
};
use std::ops::Deref;
use vm_heap::{Gc, Value};

object! {
    /// A future.
    pub struct Future = 772 {
        /// Version word.
        word: u64,
        /// Attributes.
        attributes: Option<Gc<Array>>,
        /// The event loop, UNBOUND before `__init__`.
        event_loop: Value,
        /// What is to be called first, or UNBOUND.
        callback: Value,
        /// The context for it.
        context: Value,
        /// What is to be called after it: tuples of a callable and a context.
        callbacks: Option<Gc<List>>,
        /// The result, or the exception (see `FAILED`), or the CancelledError that ended it; else UNBOUND.
        outcome: Value,
        /// The traceback that the exception came with, until the first time it is raised again; else None.
        traceback: Value,
        /// Where it was made, in debug mode; else None.
        source_traceback: Value,
        /// The message for the CancelledError, or None.
        cancel_message: Value,
        /// The task that awaits it, a set of them, or None.
        awaited_by: Value,
        /// State and flags, and for tasks from bit 32 on the number of requests to cancel them.
        state: u64,
    }
}

/// The bits of the state proper.
pub const STATE: u64 = 3;
/// Not done.
pub const PENDING: u64 = 0;
/// Cancelled.
pub const CANCELLED: u64 = 1;
/// Done, with a result or an exception.
pub const FINISHED: u64 = 2;
/// The exception is to be reported if nobody asks for it.
pub const LOGS_TRACEBACK: u64 = 4;
/// It has been yielded by `await` and not noticed by a task yet.
pub const BLOCKING: u64 = 8;
/// The outcome is an exception.
pub const FAILED: u64 = 16;
/// Registered to be finalized.
const REGISTERED: u64 = 32;
/// A task: a CancelledError is to be thrown at the next step.
pub const MUST_CANCEL: u64 = 64;
/// A task: its end before it is done is to be reported.
pub const LOGS_DESTROYED: u64 = 128;
/// A task: `all_tasks` is to list it until it is done.
pub const LISTED: u64 = 256;
/// One request to cancel a task.
pub const CANCEL_REQUEST: u64 = 1 << 32;

/// A future or a task, as a future.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct AnyFuture(pub Gc<Future>);

impl Deref for AnyFuture {
    type Target = Gc<Future>;
    fn deref(&self) -> &Gc<Future> {
        &self.0
    }
}

impl FromReceiver for AnyFuture {
    #[inline]
    fn from_receiver(value: Value) -> Option<AnyFuture> {
        as_future(value)
    }
}

/// A future or task, or an instance of a subclass.
#[inline]
pub fn as_future(value: Value) -> Option<AnyFuture> {
    if let Some(future) = downcast::<Future>(value) {
        return Some(AnyFuture(future));
    }
    downcast::<Task>(value).map(|task| AnyTask(task).future())
}

/// A future or task whose class is no subclass: its methods need not be looked up.
pub fn as_exact_future(cx: &Cx, value: Value) -> Option<AnyFuture> {
    let future = as_future(value)?;
    let exact = library::is_of_class(cx, value, Kind::FUTURE) || library::is_of_class(cx, value, Kind::TASK);
    exact.then_some(future)
}

/// What a settled future has.
pub enum Settled {
    /// A result.
    Result(Value),
    /// An exception, to be raised.
    Failed(Value),
}

/// Whether the finalizer of a dead future has anything to do.
pub fn needs_finalizer(address: usize) -> bool {
    // SAFETY: the collector asks about an object of this layout that has not been swept.
    let future: Gc<Future> = unsafe { Gc::from_address(address) };
    !is_exactly(future.value(), Kind::FUTURE) || future.state.get() & LOGS_TRACEBACK != 0
}

impl AnyFuture {
    /// Gives a new object's fields their first values.
    pub fn prepare(self) {
        for field in [&self.event_loop, &self.callback, &self.outcome] {
            field.init(UNBOUND);
        }
        for field in [&self.context, &self.traceback, &self.source_traceback, &self.cancel_message, &self.awaited_by] {
            field.init(NONE);
        }
    }

    /// `__init__`: may run more than once.
    pub fn initialise(self, cx: &mut Cx, event_loop: Value) -> PyResult<()> {
        if self.event_loop.get() != UNBOUND {
            self.prepare();
            self.callbacks.init(None);
            self.state.init(PENDING);
        }
        let event_loop = if event_loop == NONE { running::event_loop_or_policy(cx)? } else { event_loop };
        self.event_loop.set(cx.mutator(), self.0, event_loop);
        let debug = call_method(cx, "get_debug", &[event_loop], None)?;
        if operations::truth(cx, debug)? {
            let extract = library::part(cx, Part::ExtractStack)?;
            let stack = call::call(cx, extract, &[], None)?;
            self.source_traceback.set(cx.mutator(), self.0, stack);
        }
        Ok(())
    }

    /// RuntimeError before `__init__`.
    #[inline]
    pub fn check_alive(self, cx: &mut Cx) -> PyResult<()> {
        if self.event_loop.get() == UNBOUND {
            return Err(cx.raise(Kind::RUNTIME_ERROR, "Future object is not initialized."));
        }
        Ok(())
    }

    /// Whether there is neither result nor exception yet, and it has not been cancelled.
    #[inline]
    pub fn is_pending(self) -> bool {
        self.state.get() & STATE == PENDING
    }

    /// Whether a flag is set.
    #[inline]
    pub fn has(self, flag: u64) -> bool {
        self.state.get() & flag != 0
    }

    /// Sets some flags and clears others.
    #[inline]
    pub fn change(self, clear: u64, set: u64) {
        let _locked = vm_stm::lock(&self.word);
        self.state.init(self.state.get() & !clear | set);
    }

    /// Registers it to be finalized, once. Instances of subclasses are from the start.
    pub fn register(self, cx: &mut Cx, kind: Kind) {
        if !self.has(REGISTERED) && library::is_of_class(cx, self.value(), kind) {
            self.change(0, REGISTERED);
            cx.mutator().register_finalizable(self.value());
        }
    }

    /// Ends it unless it has ended: `false` then.
    fn settle(self, cx: &Cx, state: u64, outcome: Value) -> bool {
        let _locked = vm_stm::lock(&self.word);
        let before = self.state.get();
        if before & STATE != PENDING {
            return false;
        }
        if outcome != UNBOUND {
            self.outcome.set(cx.mutator(), self.0, outcome);
        }
        self.state.init(before | state);
        true
    }

    /// Asks the event loop to call what waits for the end.
    fn schedule_callbacks(self, cx: &mut Cx) -> PyResult<()> {
        let (callback, context) = (self.callback.get(), self.context.get());
        let further = self.callbacks.get();
        self.callback.init(UNBOUND);
        self.context.init(NONE);
        self.callbacks.init(None);
        let event_loop = self.event_loop.get();
        if callback != UNBOUND {
            call_soon(cx, event_loop, callback, Some(self.value()), context)?;
        }
        let Some(further) = further else { return Ok(()) };
        let mut at = 0;
        while let Some(entry) = types::list::item(further, at) {
            let (callback, context) = parts_of(entry);
            call_soon(cx, event_loop, callback, Some(self.value()), context)?;
            at += 1;
        }
        Ok(())
    }

    /// `set_result`.
    pub fn set_result(self, cx: &mut Cx, result: Value) -> PyResult<()> {
        self.check_alive(cx)?;
        if !self.settle(cx, FINISHED, result) {
            return Err(invalid_state(cx, "invalid state"));
        }
        self.schedule_callbacks(cx)
    }

    /// `set_exception`; the exception may be a class.
    pub fn set_exception(self, cx: &mut Cx, given: Value) -> PyResult<()> {
        if !self.is_pending() {
            return Err(invalid_state(cx, "invalid state"));
        }
        let is_class =
            types::as_type(given).is_some_and(|class| types::is_subclass(class, cx.builtin_type(Kind::BASE_EXCEPTION)));
        let made = if is_class { call::call(cx, given, &[], None)? } else { given };
        let Some(mut error) = exception::as_exception(made) else {
            return Err(cx.type_error("invalid exception object"));
        };
        if types::is_instance(cx, made, Kind::STOP_ITERATION) {
            error = stop_as_error(cx, error);
        }
        self.traceback.set(cx.mutator(), self.0, error.traceback.get());
        if !self.settle(cx, FINISHED | FAILED, error.value()) {
            return Err(invalid_state(cx, "invalid state"));
        }
        self.schedule_callbacks(cx)?;
        self.change(0, LOGS_TRACEBACK);
        self.register(cx, Kind::FUTURE);
        Ok(())
    }

    /// `Future.cancel`: whether it was pending.
    pub fn cancel(self, cx: &mut Cx, message: Value) -> PyResult<bool> {
        self.cancel_with(cx, message, UNBOUND)
    }

    /// The same with the CancelledError that ends it.
    pub fn cancel_with(self, cx: &mut Cx, message: Value, error: Value) -> PyResult<bool> {
        self.change(LOGS_TRACEBACK, 0);
        if !self.settle(cx, CANCELLED, error) {
            return Ok(false);
        }
        self.cancel_message.set(cx.mutator(), self.0, message);
        self.schedule_callbacks(cx)?;
        Ok(true)
    }

    /// The CancelledError to raise. One that has been saved is given away.
    pub fn make_cancelled_error(self, cx: &mut Cx) -> PyResult {
        if self.state.get() & STATE == CANCELLED {
            let saved = self.outcome.get();
            if saved != UNBOUND {
                self.outcome.init(UNBOUND);
                return Ok(saved);
            }
        }
        let class = library::part(cx, Part::CancelledError)?;
        let message = self.cancel_message.get();
        call::call(cx, class, if message == NONE { &[] } else { std::slice::from_ref(&message) }, None)
    }

    fn raise_cancelled(self, cx: &mut Cx) -> Raised {
        match self.make_cancelled_error(cx) {
            Ok(error) => library::raise(cx, error),
            Err(raised) => raised,
        }
    }

    /// What it has; CancelledError if it was cancelled, InvalidStateError if it is pending.
    pub fn settled(self, cx: &mut Cx) -> PyResult<Settled> {
        let state = self.state.get();
        match state & STATE {
            CANCELLED => return Err(self.raise_cancelled(cx)),
            FINISHED => {}
            _ => return Err(invalid_state(cx, "Result is not set.")),
        }
        let outcome = self.outcome.get();
        if state & FAILED == 0 {
            return Ok(Settled::Result(outcome));
        }
        self.change(LOGS_TRACEBACK, 0);
        if let Some(error) = downcast::<Exception>(outcome) {
            error.traceback.set(cx.mutator(), error, self.traceback.get());
            self.traceback.init(NONE);
        }
        Ok(Settled::Failed(outcome))
    }

    /// `result()`.
    pub fn result(self, cx: &mut Cx) -> PyResult {
        match self.settled(cx)? {
            Settled::Result(result) => Ok(result),
            Settled::Failed(error) => Err(library::raise(cx, error)),
        }
    }

    /// `exception()`.
    pub fn exception(self, cx: &mut Cx) -> PyResult {
        let state = self.state.get();
        match state & STATE {
            CANCELLED => Err(self.raise_cancelled(cx)),
            FINISHED if state & FAILED != 0 => {
                self.change(LOGS_TRACEBACK, 0);
                Ok(self.outcome.get())
            }
            FINISHED => Ok(NONE),
            _ => Err(invalid_state(cx, "Exception is not set.")),
        }
    }

    /// `add_done_callback`.
    pub fn add_callback(self, cx: &mut Cx, callback: Value, context: Value) -> PyResult<()> {
        if self.event_loop.get() == UNBOUND {
            return Err(cx.raise(Kind::RUNTIME_ERROR, "uninitialized Future object"));
        }
        if !self.is_pending() {
            return call_soon(cx, self.event_loop.get(), callback, Some(self.value()), context);
        }
        if self.callback.get() == UNBOUND && self.callbacks.get().is_none() {
            self.context.set(cx.mutator(), self.0, context);
            self.callback.set(cx.mutator(), self.0, callback);
            return Ok(());
        }
        let entry = cx.tuple(&[callback, context]);
        match self.callbacks.get() {
            Some(callbacks) => List::push(cx, callbacks, entry),
            None => {
                let callbacks = List::new(cx, &[entry])?;
                self.callbacks.set(cx.mutator(), self.0, Some(callbacks));
                Ok(())
            }
        }
    }

    /// The list of what is to be called, or None.
    pub fn shown_callbacks(self, cx: &mut Cx) -> PyResult {
        let callback = self.callback.get();
        let further = self.callbacks.get();
        if callback == UNBOUND && further.is_none_or(|further| types::list::length(further) == 0) {
            return Ok(NONE);
        }
        let shown = List::new(cx, &[])?;
        if callback != UNBOUND {
            let entry = cx.tuple(&[callback, self.context.get()]);
            List::push(cx, shown, entry)?;
        }
        if let Some(further) = further {
            types::list::extend(cx, shown, further.value())?;
        }
        Ok(shown.value())
    }

    /// `remove_done_callback`: how many there were.
    pub fn remove_callback(self, cx: &mut Cx, callback: Value) -> PyResult<usize> {
        let mut removed = 0;
        let first = self.callback.get();
        if first != UNBOUND && operations::equal(cx, callback, first)? {
            self.callback.init(UNBOUND);
            self.context.init(NONE);
            removed += 1;
        }
        let Some(before) = self.callbacks.get() else { return Ok(removed) };
        let kept = List::new(cx, &[])?;
        let mut at = 0;
        while let Some(entry) = types::list::item(before, at) {
            if operations::equal(cx, parts_of(entry).0, callback)? {
                removed += 1;
            } else {
                List::push(cx, kept, entry)?;
            }
            at += 1;
        }
        // A comparison may have changed the list itself.
        if self.callbacks.get().is_some() {
            let any = types::list::length(kept) != 0;
            self.callbacks.set(cx.mutator(), self.0, any.then_some(kept));
        }
        Ok(removed)
    }

    /// Notes who awaits it.
    pub fn add_awaited_by(self, cx: &mut Cx, waiter: Value) -> PyResult<()> {
        let before = self.awaited_by.get();
        if before == NONE {
            self.awaited_by.set(cx.mutator(), self.0, waiter);
            return Ok(());
        }
        if let Some(waiters) = downcast::<Set>(before) {
            return set::add(cx, waiters, waiter);
        }
        let waiters = set::of_elements(cx, &[before, waiter])?;
        self.awaited_by.set(cx.mutator(), self.0, waiters.value());
        Ok(())
    }

    /// Forgets who awaits it.
    pub fn discard_awaited_by(self, cx: &mut Cx, waiter: Value) -> PyResult<()> {
        let before = self.awaited_by.get();
        if before == waiter {
            self.awaited_by.init(NONE);
        } else if let Some(waiters) = downcast::<Set>(before) {
            set::remove(cx, waiters, waiter)?;
        }
        Ok(())
    }

    /// Reports an exception that nobody has asked for.
    pub fn report_unretrieved(self, cx: &mut Cx) {
        if !self.has(LOGS_TRACEBACK) {
            return;
        }
        self.change(LOGS_TRACEBACK, 0);
        let class = types::class_of(cx, self.value());
        let message = format!("{} exception was never retrieved", types::short_name(class));
        let message = py_object::objects::Str::new(cx, &message).value();
        let outcome = self.outcome.get();
        let mut details = vec![("message", message), ("exception", outcome), ("future", self.value())];
        if self.source_traceback.get() != NONE {
            details.push(("source_traceback", self.source_traceback.get()));
        }
        library::call_exception_handler(cx, self.event_loop.get(), &details);
        std::hint::black_box((message, outcome));
    }
}

/// Callable and context of an entry of the list of callbacks.
fn parts_of(entry: Value) -> (Value, Value) {
    let entry = downcast(entry).expect("entries are tuples");
    match *tuple_items(&entry) {
        [callback, context] => (callback, context),
        _ => unreachable!("entries are pairs"),
    }
}

/// A StopIteration can't be raised out of a coroutine.
#[cold]
fn stop_as_error(cx: &mut Cx, stop: Gc<Exception>) -> Gc<Exception> {
    let message = "StopIteration interacts badly with generators and cannot be raised into a Future";
    let text = py_object::objects::Str::new(cx, message).value();
    let error = Exception::new(cx, Kind::RUNTIME_ERROR, &[text]);
    error.cause.set(cx.mutator(), error, stop.value());
    error.context.set(cx.mutator(), error, stop.value());
    error.suppress_context.init(true);
    error
}

/// The event loop of a future or of whatever behaves like one.
pub fn event_loop_of(cx: &mut Cx, value: Value) -> PyResult {
    if let Some(future) = as_exact_future(cx, value) {
        let event_loop = future.event_loop.get();
        return Ok(if event_loop == UNBOUND { NONE } else { event_loop });
    }
    let name = cx.name("get_loop");
    if let Some(method) = py_object::attribute::get_optional(cx, value, name)? {
        return call::call(cx, method, &[], None);
    }
    let name = cx.name("_loop");
    py_object::attribute::get(cx, value, name)
}

const _: () = assert!(Future::LAYOUT.fixed_size as usize == size_of::<Future>());
