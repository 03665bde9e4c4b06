//! `lock`.

use super::parking::{self, Deadline};
use super::{deadline, no_arguments};
use py_macros::py_methods;
use py_object::arguments::Keywords;
use py_object::objects::{Array, Type};
use py_object::{Cx, Kind, NONE, PyResult, allocate, object};
use std::sync::atomic::Ordering;
use vm_heap::{Gc, Value};

object! {
    /// A lock.
    pub struct Lock = 476 {
        /// Version word.
        word: u64,
        /// Not used.
        attributes: Option<Gc<Array>>,
        /// See `parking`.
        state: u64,
    }
}

/// A new lock.
pub fn new(cx: &mut Cx) -> Gc<Lock> {
    allocate::<Lock>(cx.mutator(), Kind::LOCK.shape())
}

fn acquire(cx: &mut Cx, this: Gc<Lock>, blocking: bool, timeout: Value) -> PyResult<bool> {
    let deadline = deadline(cx, blocking, timeout)?;
    parking::acquire(cx, parking::word(&this.state), deadline)
}

fn release(cx: &mut Cx, this: Gc<Lock>) -> PyResult<()> {
    if parking::release(parking::word(&this.state)) {
        Ok(())
    } else {
        Err(cx.raise(Kind::RUNTIME_ERROR, "release unlocked lock"))
    }
}

/// The methods.
pub struct Methods;

#[py_methods(LOCK, name = "lock")]
impl Methods {
    #[new(signature = "()")]
    fn new(
        cx: &mut Cx,
        _class: Gc<Type>,
        #[args] args: &[Value],
        #[kwargs] kwargs: Keywords<'_>,
    ) -> PyResult<Gc<Lock>> {
        no_arguments(cx, "lock", args, kwargs)?;
        Ok(new(cx))
    }
    /// Lock the lock.
    ///
    /// Without argument, this blocks if the lock is already locked (even by the same thread), waiting for another
    /// thread to release the lock, and returns True once the lock is acquired. With an argument, this will only block
    /// if the argument is true, and the return value reflects whether the lock is acquired.
    #[method]
    fn acquire(
        cx: &mut Cx,
        this: Gc<Lock>,
        #[keyword]
        #[default(true)]
        blocking: bool,
        #[keyword]
        #[default(Value::int(-1))]
        timeout: Value,
    ) -> PyResult<bool> {
        acquire(cx, this, blocking, timeout)
    }
    /// An obsolete synonym of acquire().
    #[method]
    fn acquire_lock(
        cx: &mut Cx,
        this: Gc<Lock>,
        #[keyword]
        #[default(true)]
        blocking: bool,
        #[keyword]
        #[default(Value::int(-1))]
        timeout: Value,
    ) -> PyResult<bool> {
        acquire(cx, this, blocking, timeout)
    }
    /// Release the lock, allowing another thread that is blocked waiting for the lock to acquire the lock.
    #[method]
    fn release(cx: &mut Cx, this: Gc<Lock>) -> PyResult<()> {
        release(cx, this)
    }
    /// An obsolete synonym of release().
    #[method]
    fn release_lock(cx: &mut Cx, this: Gc<Lock>) -> PyResult<()> {
        release(cx, this)
    }
    /// Return whether the lock is in the locked state.
    #[method]
    fn locked(this: Gc<Lock>) -> bool {
        parking::is_held(parking::word(&this.state))
    }
    /// An obsolete synonym of locked().
    #[method]
    fn locked_lock(this: Gc<Lock>) -> bool {
        parking::is_held(parking::word(&this.state))
    }
    /// Lock the lock.
    #[method]
    fn __enter__(cx: &mut Cx, this: Gc<Lock>) -> PyResult<bool> {
        parking::acquire(cx, parking::word(&this.state), Deadline::Never)
    }
    /// Release the lock.
    #[method]
    fn __exit__(cx: &mut Cx, this: Gc<Lock>, #[args] _arguments: &[Value]) -> PyResult {
        release(cx, this)?;
        Ok(NONE)
    }
    #[method]
    fn _at_fork_reinit(this: Gc<Lock>) {
        parking::word(&this.state).store(0, Ordering::Relaxed);
    }
    #[method]
    fn __repr__(this: Gc<Lock>) -> String {
        let state = if parking::is_held(parking::word(&this.state)) { "locked" } else { "unlocked" };
        format!("<{state} _thread.lock object at {:#x}>", this.address())
    }
}
