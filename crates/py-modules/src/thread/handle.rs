//! Handles of threads, on which they can be joined.

use super::parking::{self, Deadline};
use super::{identity, no_arguments};
use py_macros::py_methods;
use py_object::arguments::Keywords;
use py_object::objects::{Array, List, Type};
use py_object::types::list;
use py_object::{Cx, Kind, NONE, PyResult, allocate, downcast, object, operations};
use std::sync::atomic::Ordering;
use vm_heap::{Field, Gc, Heap, Value};

object! {
    /// A handle of a thread.
    pub struct ThreadHandle = 478 {
        /// Version word.
        word: u64,
        /// Not used.
        attributes: Option<Gc<Array>>,
        /// One of the states below, waited on.
        state: u64,
        /// Number of the thread, or 0.
        identity: i64,
    }
}

const NOT_STARTED: u32 = 0;
const STARTING: u32 = 1;
const RUNNING: u32 = 2;
const DONE: u32 = 3;

/// Threads that are no daemons, until they are done.
static WAITED_FOR: std::sync::OnceLock<Field<Option<Gc<List>>>> = std::sync::OnceLock::new();

fn waited_for() -> Gc<List> {
    WAITED_FOR.get().and_then(Field::get).expect("made at start-up")
}

/// Makes the list of threads to wait for a root.
pub fn install(cx: &mut Cx) {
    let Ok(list) = List::new(cx, &[]) else { return };
    let field = WAITED_FOR.get_or_init(|| Field::new(None));
    field.set_root(Some(list));
    Heap::global().add_root_scanner(|_, visit| {
        if let Some(list) = WAITED_FOR.get().and_then(Field::get) {
            visit(list.value());
        }
    });
}

/// A new handle of a thread that has not started.
pub fn new(cx: &mut Cx) -> Gc<ThreadHandle> {
    allocate::<ThreadHandle>(cx.mutator(), Kind::THREAD_HANDLE.shape())
}

/// A handle of a thread that somebody else has started.
pub fn of_running(cx: &mut Cx, identity: i64) -> Gc<ThreadHandle> {
    let handle = new(cx);
    handle.identity.init(identity);
    parking::word(&handle.state).store(RUNNING, Ordering::Relaxed);
    handle
}

/// Notes that the thread of a handle is about to start; false where it has started before.
pub fn begin(handle: Gc<ThreadHandle>) -> bool {
    let word = parking::word(&handle.state);
    word.compare_exchange(NOT_STARTED, STARTING, Ordering::AcqRel, Ordering::Relaxed).is_ok()
}

/// The thread of a handle could not be started.
pub fn give_up(handle: Gc<ThreadHandle>) {
    parking::word(&handle.state).store(NOT_STARTED, Ordering::Release);
}

/// The thread of a handle runs. It may be done already.
pub fn note_running(cx: &mut Cx, handle: Gc<ThreadHandle>, identity: i64, daemon: bool) -> PyResult<()> {
    handle.identity.init(identity);
    let word = parking::word(&handle.state);
    if word.compare_exchange(STARTING, RUNNING, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
        parking::wake(word, i32::MAX);
        if !daemon {
            List::push(cx, waited_for(), handle.value())?;
        }
    }
    Ok(())
}

/// Marks the thread of a handle as done and wakes those who wait for it.
pub fn finish(handle: Gc<ThreadHandle>) {
    let word = parking::word(&handle.state);
    word.store(DONE, Ordering::Release);
    parking::wake(word, i32::MAX);
}

/// Waits until the thread of a handle is done; false after the deadline.
fn join(cx: &mut Cx, handle: Gc<ThreadHandle>, deadline: Deadline) -> PyResult<bool> {
    let word = parking::word(&handle.state);
    loop {
        match word.load(Ordering::Acquire) {
            DONE => return Ok(true),
            NOT_STARTED => return Err(cx.raise(Kind::RUNTIME_ERROR, "thread not started")),
            RUNNING if handle.identity.get() == identity() => {
                return Err(cx.raise(Kind::RUNTIME_ERROR, "Cannot join current thread"));
            }
            _ if crate::sys::is_finalizing() => {
                // Nobody waits for daemons then, and they may never be done.
                let message = "cannot join thread at interpreter shutdown";
                return Err(cx.raise(Kind::PYTHON_FINALIZATION_ERROR, message));
            }
            state => {
                if !parking::wait(cx, word, state, deadline)? {
                    return Ok(word.load(Ordering::Acquire) == DONE);
                }
            }
        }
    }
}

/// Waits for all threads that are no daemons, except for the calling one.
pub fn join_all(cx: &mut Cx) -> PyResult<()> {
    let threads = waited_for();
    let mut at = 0;
    while let Some(handle) = list::item(threads, at).and_then(downcast::<ThreadHandle>) {
        if handle.identity.get() == identity() && parking::word(&handle.state).load(Ordering::Relaxed) != DONE {
            at += 1;
            continue;
        }
        join(cx, handle, Deadline::Never)?;
        list::remove_at(cx, threads, at as i64);
    }
    Ok(())
}

/// Forgets threads that are done.
pub fn prune(cx: &mut Cx) {
    let threads = waited_for();
    let mut at = 0;
    while let Some(handle) = list::item(threads, at).and_then(downcast::<ThreadHandle>) {
        if parking::word(&handle.state).load(Ordering::Relaxed) == DONE {
            list::remove_at(cx, threads, at as i64);
        } else {
            at += 1;
        }
    }
}

/// In the child of a fork: nobody has to be waited for.
pub fn forget_other_threads() {
    let threads = waited_for();
    for at in 0..list::length(threads) {
        if let Some(handle) = list::item(threads, at).and_then(downcast::<ThreadHandle>) {
            parking::word(&handle.state).store(DONE, Ordering::Relaxed);
        }
    }
}

/// At the end of the program: waits for all threads that are no daemons, through `threading` where the program uses it.
pub fn wait_for_threads(cx: &mut Cx) {
    let modules = cx.runtime.modules.get().expect("made at start-up");
    let name = cx.intern("threading");
    let through_library = match py_object::objects::Dict::get_str(cx, modules, name) {
        Some(module) => py_object::call::call_method(cx, module, "_shutdown", &[]).map(|_| ()),
        None => Ok(()),
    };
    if through_library.and_then(|()| join_all(cx)).is_err() {
        py_object::finalize::unraisable(cx, "Exception ignored on threading shutdown", NONE);
    }
}

/// The methods.
pub struct Methods;

#[py_methods(THREAD_HANDLE, name = "_ThreadHandle")]
impl Methods {
    #[new(signature = "()")]
    fn new(
        cx: &mut Cx,
        _class: Gc<Type>,
        #[args] args: &[Value],
        #[kwargs] kwargs: Keywords<'_>,
    ) -> PyResult<Gc<ThreadHandle>> {
        no_arguments(cx, "_ThreadHandle", args, kwargs)?;
        Ok(new(cx))
    }
    /// Wait until the thread ends, or the timeout in seconds is over.
    #[method]
    fn join(cx: &mut Cx, this: Gc<ThreadHandle>, #[default(NONE)] timeout: Value) -> PyResult<()> {
        let deadline = if timeout == NONE {
            Deadline::Never
        } else {
            match operations::as_number(timeout) {
                Some(seconds) if seconds < 0.0 => Deadline::Never,
                _ => super::deadline(cx, true, timeout)?,
            }
        };
        join(cx, this, deadline).map(|_| ())
    }
    /// Return whether the thread has ended.
    #[method]
    fn is_done(this: Gc<ThreadHandle>) -> bool {
        parking::word(&this.state).load(Ordering::Acquire) == DONE
    }
    #[method]
    fn _set_done(cx: &mut Cx, this: Gc<ThreadHandle>) -> PyResult<()> {
        if parking::word(&this.state).load(Ordering::Acquire) == NOT_STARTED {
            return Err(cx.raise(Kind::RUNTIME_ERROR, "thread not started"));
        }
        finish(this);
        Ok(())
    }
    #[getter]
    fn ident(this: Gc<ThreadHandle>) -> i64 {
        this.identity.get()
    }
    #[method]
    fn __repr__(this: Gc<ThreadHandle>) -> String {
        format!("<_ThreadHandle object: ident={}>", this.identity.get())
    }
}
