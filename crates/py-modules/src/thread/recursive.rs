//! `RLock`: a lock that its holder may take again.

use super::parking::{self, Deadline};
use super::{deadline, identity};
use py_macros::py_methods;
use py_object::arguments::Keywords;
use py_object::objects::{Array, Tuple, Type};
use py_object::sequence::tuple_items;
use py_object::types::{self, int, name_of};
use py_object::{Cx, Kind, NONE, PyResult, allocate, object};
use std::sync::atomic::Ordering;
use vm_heap::{Gc, Value};

object! {
    /// A recursive lock.
    pub struct RecursiveLock = 477 {
        /// Version word.
        word: u64,
        /// Attributes of subclass instances.
        attributes: Option<Gc<Array>>,
        /// See `parking`.
        state: u64,
        /// The thread that holds it, or 0. Only that thread writes its own number here, so it can trust to see it.
        owner: i64,
        /// How often the holder has taken it; the holder's.
        count: u64,
    }
}

fn is_mine(this: Gc<RecursiveLock>) -> bool {
    this.owner.get() == identity()
}

fn acquire(cx: &mut Cx, this: Gc<RecursiveLock>, deadline: Deadline) -> PyResult<bool> {
    if is_mine(this) {
        this.count.init(this.count.get() + 1);
        return Ok(true);
    }
    let taken = parking::acquire(cx, parking::word(&this.state), deadline)?;
    if taken {
        this.owner.init(identity());
        this.count.init(1);
    }
    Ok(taken)
}

fn release(cx: &mut Cx, this: Gc<RecursiveLock>) -> PyResult<()> {
    if !is_mine(this) {
        return Err(cx.raise(Kind::RUNTIME_ERROR, "cannot release un-acquired lock"));
    }
    let count = this.count.get() - 1;
    this.count.init(count);
    if count == 0 {
        this.owner.init(0);
        parking::release(parking::word(&this.state));
    }
    Ok(())
}

/// The methods.
pub struct Methods;

#[py_methods(RLOCK, name = "RLock")]
impl Methods {
    #[new(signature = "()")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[args] _args: &[Value],
        #[kwargs] _kwargs: Keywords<'_>,
    ) -> Gc<RecursiveLock> {
        let lock = allocate::<RecursiveLock>(cx.mutator(), types::instance_shape(class).id);
        types::note_instance(cx, class, lock.value());
        lock
    }
    /// Lock the lock.
    ///
    /// blocking says whether to wait for the lock to be available; timeout is the longest time to wait in seconds. A
    /// thread that holds the lock takes it at once, and must release it as often as it has taken it.
    #[method]
    fn acquire(
        cx: &mut Cx,
        this: Gc<RecursiveLock>,
        #[keyword]
        #[default(true)]
        blocking: bool,
        #[keyword]
        #[default(Value::int(-1))]
        timeout: Value,
    ) -> PyResult<bool> {
        let deadline = deadline(cx, blocking, timeout)?;
        acquire(cx, this, deadline)
    }
    /// Release the lock, allowing another thread that is blocked waiting for the lock to acquire the lock.
    #[method]
    fn release(cx: &mut Cx, this: Gc<RecursiveLock>) -> PyResult<()> {
        release(cx, this)
    }
    /// Return whether the lock is held by any thread.
    #[method]
    fn locked(this: Gc<RecursiveLock>) -> bool {
        parking::is_held(parking::word(&this.state))
    }
    /// Lock the lock.
    #[method]
    fn __enter__(cx: &mut Cx, this: Gc<RecursiveLock>) -> PyResult<bool> {
        acquire(cx, this, Deadline::Never)
    }
    /// Release the lock.
    #[method]
    fn __exit__(cx: &mut Cx, this: Gc<RecursiveLock>, #[args] _arguments: &[Value]) -> PyResult {
        release(cx, this)?;
        Ok(NONE)
    }
    /// For internal use by `threading.Condition`.
    #[method]
    fn _is_owned(this: Gc<RecursiveLock>) -> bool {
        is_mine(this)
    }
    /// For internal use by reentrancy checks.
    #[method]
    fn _recursion_count(this: Gc<RecursiveLock>) -> i64 {
        if is_mine(this) { this.count.get() as i64 } else { 0 }
    }
    /// For internal use by `threading.Condition`.
    #[method]
    fn _release_save(cx: &mut Cx, this: Gc<RecursiveLock>) -> PyResult<Gc<Tuple>> {
        if !is_mine(this) {
            return Err(cx.raise(Kind::RUNTIME_ERROR, "cannot release un-acquired lock"));
        }
        let saved = [Value::int(this.count.get() as i64), Value::int(this.owner.get())];
        let saved = Tuple::new(cx, &saved);
        this.count.init(1);
        release(cx, this)?;
        Ok(saved)
    }
    /// For internal use by `threading.Condition`.
    #[method]
    fn _acquire_restore(cx: &mut Cx, this: Gc<RecursiveLock>, state: Gc<Tuple>) -> PyResult<()> {
        let count = tuple_items(&state).first().copied().and_then(int::as_i64);
        let Some(count) = count.filter(|count| *count > 0 && tuple_items(&state).len() == 2) else {
            return Err(cx.type_error("_acquire_restore() takes what _release_save() returned"));
        };
        acquire(cx, this, Deadline::Never)?;
        this.count.init(count as u64);
        Ok(())
    }
    #[method]
    fn _at_fork_reinit(this: Gc<RecursiveLock>) {
        parking::word(&this.state).store(0, Ordering::Relaxed);
        this.owner.init(0);
        this.count.init(0);
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<RecursiveLock>) -> String {
        let class = types::class_of(cx, this.value());
        let state = if parking::is_held(parking::word(&this.state)) { "locked" } else { "unlocked" };
        format!(
            "<{state} {} object owner={} count={} at {:#x}>",
            name_of(class),
            this.owner.get(),
            this.count.get(),
            this.address()
        )
    }
}
