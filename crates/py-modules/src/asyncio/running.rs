//! The event loop that runs in a thread, the task that it runs, and the tasks that there are.
//!
//! Both belong to the thread (`Cx`). Tasks of this module's class are listed by the collector, which knows them as objects to be
//! finalized, until they are done; tasks of other classes are kept in a WeakSet, and while they start eagerly in a set.

use super::future::{LISTED, as_future, event_loop_of};
use super::library::{self, Part, call_method};
use super::task::Task;
use py_macros::py_functions;
use py_object::objects::{List, Set};
use py_object::types::set;
use py_object::{Cx, Kind, NONE, PyResult, call, downcast, operations};
use std::sync::OnceLock;
use vm_heap::{Gc, RootedVec, Value};

/// The running event loop, or what the policy gives.
pub fn event_loop_or_policy(cx: &mut Cx) -> PyResult {
    match cx.event_loop.get() {
        NONE => {
            let policy = library::part(cx, Part::EventLoopPolicy)?;
            let policy = call::call(cx, policy, &[], None)?;
            call_method(cx, "get_event_loop", &[policy], None)
        }
        running => Ok(running),
    }
}

fn running_loop(cx: &mut Cx) -> PyResult {
    match cx.event_loop.get() {
        NONE => Err(cx.raise(Kind::RUNTIME_ERROR, "no running event loop")),
        running => Ok(running),
    }
}

/// RuntimeError unless an event loop is the running one.
#[inline]
fn check_running(cx: &mut Cx, event_loop: Value) -> PyResult<()> {
    if cx.event_loop.get() != event_loop || event_loop == NONE {
        return Err(not_running(cx, event_loop));
    }
    Ok(())
}

#[cold]
fn not_running(cx: &mut Cx, event_loop: Value) -> py_object::Raised {
    match crate::repr_text(cx, event_loop) {
        Ok(shown) => cx.raise(Kind::RUNTIME_ERROR, format!("loop {shown} is not the running loop")),
        Err(raised) => raised,
    }
}

/// Makes a task the current one.
#[inline]
pub fn enter(cx: &mut Cx, event_loop: Value, task: Value) -> PyResult<()> {
    check_running(cx, event_loop)?;
    if cx.running_task.get() != NONE {
        return Err(in_another(cx, task));
    }
    cx.running_task.set_root(task);
    Ok(())
}

#[cold]
fn in_another(cx: &mut Cx, task: Value) -> py_object::Raised {
    let current = cx.running_task.get();
    let shown = crate::repr_text(cx, task).and_then(|task| Ok((task, crate::repr_text(cx, current)?)));
    match shown {
        Ok((task, current)) => {
            let message = format!("Cannot enter into task {task} while another task {current} is being executed.");
            cx.raise(Kind::RUNTIME_ERROR, message)
        }
        Err(raised) => raised,
    }
}

/// The current task, which must be this one, is no longer running.
#[inline]
pub fn leave(cx: &mut Cx, event_loop: Value, task: Value) -> PyResult<()> {
    check_running(cx, event_loop)?;
    if cx.running_task.get() != task {
        let current = cx.running_task.get();
        let (task, current) = (crate::repr_text(cx, task)?, crate::repr_text(cx, current)?);
        let message = format!("Invalid attempt to leave task {task} while task {current} is entered.");
        return Err(cx.raise(Kind::RUNTIME_ERROR, message));
    }
    cx.running_task.set_root(NONE);
    Ok(())
}

/// Makes a task, or None, the current one; returns the one before.
pub fn swap(cx: &mut Cx, event_loop: Value, task: Value) -> PyResult {
    check_running(cx, event_loop)?;
    let before = cx.running_task.get();
    cx.running_task.set_root(task);
    Ok(before)
}

/// Notes that a future is awaited, where both are of this module's classes.
pub fn note_awaited(cx: &mut Cx, future: Value, waiter: Value) -> PyResult<()> {
    match (as_future(future), as_future(waiter)) {
        (Some(future), Some(_)) => future.add_awaited_by(cx, waiter),
        _ => Ok(()),
    }
}

/// Takes that back.
pub fn forget_awaited(cx: &mut Cx, future: Value, waiter: Value) -> PyResult<()> {
    match (as_future(future), as_future(waiter)) {
        (Some(future), Some(_)) => future.discard_awaited_by(cx, waiter),
        _ => Ok(()),
    }
}

/// The task that an event loop runs, in whatever thread.
fn task_of(cx: &Cx, event_loop: Value) -> Value {
    if cx.event_loop.get() == event_loop {
        return cx.running_task.get();
    }
    let mut found = NONE;
    cx.runtime.for_each_thread(&mut |thread| {
        if thread.event_loop.get() == event_loop {
            found = thread.running_task.get();
        }
    });
    found
}

/// Tasks of other classes.
fn other_tasks(cx: &mut Cx) -> PyResult {
    static TASKS: OnceLock<Value> = OnceLock::new();
    if let Some(tasks) = TASKS.get() {
        return Ok(*tasks);
    }
    let class = library::part(cx, Part::WeakSet)?;
    let tasks = call::call(cx, class, &[], None)?;
    Ok(library::kept_once(cx, &TASKS, tasks))
}

/// Tasks of other classes that start eagerly.
fn eager_tasks(cx: &mut Cx) -> Gc<Set> {
    static TASKS: OnceLock<Value> = OnceLock::new();
    let tasks = match TASKS.get() {
        Some(tasks) => *tasks,
        None => {
            let tasks = set::new(cx).value();
            library::kept_once(cx, &TASKS, tasks)
        }
    };
    downcast(tasks).expect("made as a set")
}

/// The tasks of this module's class that are listed.
fn listed_tasks(cx: &mut Cx) -> PyResult<Gc<List>> {
    let result = List::new(cx, &[])?;
    // The vector grows outside the heap while the registrations are locked.
    let mutator: *const vm_heap::Mutator = cx.mutator();
    // SAFETY: the mutator is a part of the context and lives as long; the vector is gone before this function returns.
    let mut found = RootedVec::<Value>::new(unsafe { &*mutator });
    cx.mutator().for_each_finalizable(false, &mut |object| {
        if let Some(task) = downcast::<Task>(object)
            && task.state.get() & LISTED != 0
        {
            found.push(object);
        }
    });
    while let Some(task) = found.pop() {
        List::push(cx, result, task)?;
    }
    Ok(result)
}

fn is_done(cx: &mut Cx, task: Value) -> PyResult<bool> {
    if let Some(task) = downcast::<Task>(task) {
        return Ok(!super::task::AnyTask(task).future().is_pending());
    }
    let done = call_method(cx, "done", &[task], None)?;
    operations::truth(cx, done)
}

/// The tasks of an event loop that are not done.
fn tasks_of(cx: &mut Cx, event_loop: Value) -> PyResult<Gc<Set>> {
    let tasks = listed_tasks(cx)?;
    let eager = eager_tasks(cx);
    py_object::types::list::extend(cx, tasks, eager.value())?;
    let others = other_tasks(cx)?;
    py_object::types::list::extend(cx, tasks, others)?;
    let result = set::new(cx);
    let mut at = 0;
    while let Some(task) = py_object::types::list::item(tasks, at) {
        at += 1;
        if !is_done(cx, task)? && event_loop_of(cx, task)? == event_loop {
            set::add(cx, result, task)?;
        }
    }
    Ok(result)
}

/// Lists a task, or no longer.
fn list(cx: &mut Cx, task: Value, on: bool) -> PyResult<()> {
    if let Some(task) = downcast::<Task>(task) {
        let future = super::task::AnyTask(task).future();
        future.change(LISTED, if on { LISTED } else { 0 });
        return Ok(());
    }
    let others = other_tasks(cx)?;
    call_method(cx, if on { "add" } else { "discard" }, &[others, task], None).map(|_| ())
}

/// The functions.
pub struct Functions;

#[py_functions("_asyncio")]
impl Functions {
    /// Return the running event loop or None.
    ///
    /// For event loops themselves. Each thread has its own.
    #[function]
    fn _get_running_loop(cx: &mut Cx) -> Value {
        cx.event_loop.get()
    }
    /// Set the running event loop of this thread.
    ///
    /// For event loops themselves.
    #[function]
    fn _set_running_loop(cx: &mut Cx, #[name("loop")] event_loop: Value) {
        cx.event_loop.set_root(event_loop);
    }
    /// Return the running event loop of this thread.  Raise a RuntimeError if there is none.
    #[function]
    fn get_running_loop(cx: &mut Cx) -> PyResult {
        running_loop(cx)
    }
    /// Return an asyncio event loop: the running one, or else what the policy gives.
    #[function]
    fn get_event_loop(cx: &mut Cx) -> PyResult {
        event_loop_or_policy(cx)
    }
    /// Make a task the one that the event loop is running.
    #[function]
    fn _enter_task(
        cx: &mut Cx,
        #[keyword]
        #[name("loop")]
        event_loop: Value,
        #[keyword] task: Value,
    ) -> PyResult<()> {
        enter(cx, event_loop, task)
    }
    /// End what _enter_task began.
    #[function]
    fn _leave_task(
        cx: &mut Cx,
        #[keyword]
        #[name("loop")]
        event_loop: Value,
        #[keyword] task: Value,
    ) -> PyResult<()> {
        leave(cx, event_loop, task)
    }
    /// Make a task, or None, the one that the event loop is running, and return the one before.
    ///
    /// For tasks that start eagerly.
    #[function]
    fn _swap_current_task(
        cx: &mut Cx,
        #[keyword]
        #[name("loop")]
        event_loop: Value,
        #[keyword] task: Value,
    ) -> PyResult {
        swap(cx, event_loop, task)
    }
    /// Let all_tasks() know a new task.
    #[function]
    fn _register_task(cx: &mut Cx, #[keyword] task: Value) -> PyResult<()> {
        list(cx, task, true)
    }
    /// Let all_tasks() forget a task.
    #[function]
    fn _unregister_task(cx: &mut Cx, #[keyword] task: Value) -> PyResult<()> {
        list(cx, task, false)
    }
    /// Let all_tasks() know a task that starts eagerly.
    #[function]
    fn _register_eager_task(cx: &mut Cx, #[keyword] task: Value) -> PyResult<()> {
        let tasks = eager_tasks(cx);
        set::add(cx, tasks, task)
    }
    /// Let all_tasks() forget a task that has started eagerly.
    #[function]
    fn _unregister_eager_task(cx: &mut Cx, #[keyword] task: Value) -> PyResult<()> {
        let tasks = eager_tasks(cx);
        set::remove(cx, tasks, task).map(|_| ())
    }
    /// Return the task that the event loop is running, or None.
    #[function]
    fn current_task(
        cx: &mut Cx,
        #[keyword]
        #[name("loop")]
        #[default(NONE)]
        event_loop: Value,
    ) -> PyResult {
        let event_loop = if event_loop == NONE { running_loop(cx)? } else { event_loop };
        Ok(task_of(cx, event_loop))
    }
    /// Return a set of all tasks for the loop that are not done.
    #[function]
    fn all_tasks(
        cx: &mut Cx,
        #[keyword]
        #[name("loop")]
        #[default(NONE)]
        event_loop: Value,
    ) -> PyResult<Gc<Set>> {
        let event_loop = if event_loop == NONE { running_loop(cx)? } else { event_loop };
        tasks_of(cx, event_loop)
    }
    /// Record that a future is awaited on by a waiter.
    #[function]
    fn future_add_to_awaited_by(cx: &mut Cx, #[name("fut")] future: Value, waiter: Value) -> PyResult<()> {
        note_awaited(cx, future, waiter)
    }
    /// Take back what future_add_to_awaited_by recorded.
    #[function]
    fn future_discard_from_awaited_by(cx: &mut Cx, #[name("fut")] future: Value, waiter: Value) -> PyResult<()> {
        forget_awaited(cx, future, waiter)
    }
}
