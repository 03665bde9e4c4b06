//! `_multiprocessing`: semaphores that processes share, and `_posixshmem`: memory that they share.
//!
//! A semaphore is one of POSIX, found by its name; the object counts how often this process holds it. INVARIANT: the semaphore is
//! open while the object lives, and nobody closes it but the object's finalizer.

use crate::system::errors::{blocking, check, last_error, os_error, os_error_at};
use crate::system::paths::encode_path;
use crate::thread::identity;
use crate::{class, module_of, set};
use py_macros::{py_functions, py_methods};
use py_object::bootstrap::{add_methods, declare};
use py_object::finalize::set_native_finalizer;
use py_object::objects::{Array, Module, Str, Type};
use py_object::types::{self, float, int};
use py_object::{Cx, Kind, NONE, PyResult, downcast, object};
use std::ffi::CString;
use vm_heap::{Gc, Value};

object! {
    /// A semaphore or recursive lock.
    pub struct SemaphoreObject = 777 {
        /// Version word.
        word: u64,
        /// Always empty; the offset of attributes.
        attributes: Option<Gc<Array>>,
        /// Address of the system's semaphore.
        handle: u64,
        /// 0: a recursive lock; 1: a semaphore.
        kind: i64,
        /// The most that it may stand at.
        most: i64,
        /// How often this process holds it.
        count: i64,
        /// The thread that has taken it last.
        owner: i64,
        /// Its name, or None.
        name: Value,
    }
}

const RECURSIVE_LOCK: i64 = 0;
const SEMAPHORE: i64 = 1;

/// Gives the class its methods.
pub fn install(cx: &mut Cx) {
    declare::<SemaphoreObject>();
    add_methods(cx, Kind::SEMAPHORE, SEMAPHORE_METHODS);
    set_native_finalizer(Kind::SEMAPHORE, close);
}

fn close(value: Value) {
    if let Some(semaphore) = downcast::<SemaphoreObject>(value) {
        // SAFETY: the object's own semaphore, which nobody uses any more.
        unsafe { libc::sem_close(pointer(semaphore)) };
    }
}

fn pointer(this: Gc<SemaphoreObject>) -> *mut libc::sem_t {
    this.handle.get() as *mut libc::sem_t
}

fn is_mine(this: Gc<SemaphoreObject>) -> bool {
    this.count.get() > 0 && this.owner.get() == identity()
}

fn name_of(cx: &mut Cx, name: Gc<Str>) -> PyResult<CString> {
    let bytes = encode_path(cx, name)?;
    CString::new(bytes).map_err(|_| cx.value_error("embedded null character"))
}

fn new_semaphore(cx: &mut Cx, class: Gc<Type>, handle: u64, kind: i64, most: i64, name: Value) -> Gc<SemaphoreObject> {
    let semaphore = crate::new_object::<SemaphoreObject>(cx, class);
    semaphore.handle.init(handle);
    semaphore.kind.init(kind);
    semaphore.most.init(most);
    semaphore.name.init(name);
    cx.mutator().register_finalizable(semaphore.value());
    semaphore
}

/// What the semaphore stands at.
fn standing(cx: &mut Cx, this: Gc<SemaphoreObject>) -> PyResult<i64> {
    let mut value = 0;
    // SAFETY: the semaphore is open while the object lives, and the number can be written.
    check(cx, || i64::from(unsafe { libc::sem_getvalue(pointer(this), &raw mut value) }))?;
    Ok(i64::from(value))
}

/// Until when a wait of so many seconds lasts.
fn deadline(seconds: f64) -> libc::timespec {
    // SAFETY: zeros are valid, and the clock is read into a structure of ours.
    let mut now: libc::timespec = unsafe { std::mem::zeroed() };
    // SAFETY: as above.
    unsafe { libc::clock_gettime(libc::CLOCK_REALTIME, &raw mut now) };
    let seconds = seconds.clamp(0.0, 1e9);
    let nanoseconds = now.tv_nsec + (seconds.fract() * 1e9) as i64;
    now.tv_sec += seconds as i64 + nanoseconds / 1_000_000_000;
    now.tv_nsec = nanoseconds % 1_000_000_000;
    now
}

fn acquire(cx: &mut Cx, this: Gc<SemaphoreObject>, block: bool, timeout: Value) -> PyResult<bool> {
    if this.kind.get() == RECURSIVE_LOCK && is_mine(this) {
        this.count.init(this.count.get() + 1);
        return Ok(true);
    }
    let until = match timeout {
        NONE => None,
        timeout => Some(deadline(float::real_number(cx, timeout)?)),
    };
    let handle = pointer(this);
    // SAFETY: the semaphore is open while the object lives; the caller's frame holds it.
    let mut outcome = blocking(cx, || i64::from(unsafe { libc::sem_trywait(handle) }))?;
    if outcome == Err(libc::EAGAIN) && block {
        outcome = blocking(cx, || match &until {
            // SAFETY: as above.
            None => i64::from(unsafe { libc::sem_wait(handle) }),
            // SAFETY: as above.
            Some(until) => i64::from(unsafe { libc::sem_timedwait(handle, until) }),
        })?;
    }
    match outcome {
        Ok(_) => {
            this.count.init(this.count.get() + 1);
            this.owner.init(identity());
            Ok(true)
        }
        Err(libc::EAGAIN | libc::ETIMEDOUT) => Ok(false),
        Err(number) => Err(os_error(cx, number)),
    }
}

fn release(cx: &mut Cx, this: Gc<SemaphoreObject>) -> PyResult<()> {
    if this.kind.get() == RECURSIVE_LOCK {
        if !is_mine(this) {
            let message = "attempt to release recursive lock not owned by thread";
            return Err(cx.raise(Kind::ASSERTION_ERROR, message));
        }
        if this.count.get() > 1 {
            this.count.init(this.count.get() - 1);
            return Ok(());
        }
    } else if standing(cx, this)? >= this.most.get() {
        return Err(cx.value_error("semaphore or lock released too many times"));
    }
    let handle = pointer(this);
    // SAFETY: the semaphore is open while the object lives.
    check(cx, || i64::from(unsafe { libc::sem_post(handle) }))?;
    this.count.init(this.count.get() - 1);
    Ok(())
}

/// `SemLock`.
pub struct Methods;

#[py_methods(SEMAPHORE, name = "_multiprocessing.SemLock")]
impl Methods {
    #[new(error_name = "SemLock")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[keyword] kind: i64,
        #[keyword] value: i64,
        #[keyword] maxvalue: i64,
        #[keyword] name: Gc<Str>,
        #[keyword] unlink: bool,
    ) -> PyResult<Gc<SemaphoreObject>> {
        if kind != RECURSIVE_LOCK && kind != SEMAPHORE {
            return Err(cx.value_error("unrecognized kind"));
        }
        let text = name_of(cx, name)?;
        // SAFETY: the name ends with a zero byte.
        let handle = unsafe {
            libc::sem_open(text.as_ptr(), libc::O_CREAT | libc::O_EXCL, 0o600 as libc::c_uint, value as libc::c_uint)
        };
        if handle == libc::SEM_FAILED {
            let number = last_error();
            return Err(os_error(cx, number));
        }
        // SAFETY: as above.
        if unlink && unsafe { libc::sem_unlink(text.as_ptr()) } < 0 {
            let number = last_error();
            return Err(os_error(cx, number));
        }
        let name = if unlink { NONE } else { name.value() };
        Ok(new_semaphore(cx, class, handle as u64, kind, maxvalue, name))
    }
    /// Acquire the semaphore or lock; False where that does not work, at once or within a time in seconds.
    #[method]
    fn acquire(
        cx: &mut Cx,
        this: Gc<SemaphoreObject>,
        #[keyword]
        #[default(true)]
        block: bool,
        #[keyword]
        #[default(NONE)]
        timeout: Value,
    ) -> PyResult<bool> {
        acquire(cx, this, block, timeout)
    }
    /// Release the semaphore or lock.
    #[method]
    fn release(cx: &mut Cx, this: Gc<SemaphoreObject>) -> PyResult<()> {
        release(cx, this)
    }
    /// Enter the semaphore or lock.
    #[method]
    fn __enter__(cx: &mut Cx, this: Gc<SemaphoreObject>) -> PyResult<bool> {
        acquire(cx, this, true, NONE)
    }
    /// Exit the semaphore or lock.
    #[method(signature = "($self, exc_type=None, exc_value=None, exc_tb=None, /)")]
    fn __exit__(cx: &mut Cx, this: Gc<SemaphoreObject>, #[args] _exception: &[Value]) -> PyResult<()> {
        release(cx, this)
    }
    /// Return how often this process has acquired and not released it.
    #[method]
    fn _count(this: Gc<SemaphoreObject>) -> i64 {
        this.count.get()
    }
    /// Return whether this thread has acquired it.
    #[method]
    fn _is_mine(this: Gc<SemaphoreObject>) -> bool {
        is_mine(this)
    }
    /// Return what it stands at.
    #[method]
    fn _get_value(cx: &mut Cx, this: Gc<SemaphoreObject>) -> PyResult<i64> {
        standing(cx, this).map(|value| value.max(0))
    }
    /// Return whether it stands at 0.
    #[method]
    fn _is_zero(cx: &mut Cx, this: Gc<SemaphoreObject>) -> PyResult<bool> {
        standing(cx, this).map(|value| value == 0)
    }
    /// Forget what the parent process held.
    #[method]
    fn _after_fork(this: Gc<SemaphoreObject>) {
        this.count.init(0);
    }
    /// Open a semaphore that another process has made.
    #[classmethod]
    fn _rebuild(
        cx: &mut Cx,
        class: Gc<Type>,
        handle: Value,
        kind: i64,
        maxvalue: i64,
        name: Option<Gc<Str>>,
    ) -> PyResult<Gc<SemaphoreObject>> {
        let Some(name) = name else {
            let handle = int::index(cx, handle)?;
            let handle = int::as_u64(handle).unwrap_or(0);
            return Ok(new_semaphore(cx, class, handle, kind, maxvalue, NONE));
        };
        let text = name_of(cx, name)?;
        // SAFETY: the name ends with a zero byte.
        let handle = unsafe { libc::sem_open(text.as_ptr(), 0) };
        if handle == libc::SEM_FAILED {
            let number = last_error();
            return Err(os_error(cx, number));
        }
        Ok(new_semaphore(cx, class, handle as u64, kind, maxvalue, name.value()))
    }
    #[getter]
    fn handle(cx: &mut Cx, this: Gc<SemaphoreObject>) -> Value {
        int::from_i128(cx, i128::from(this.handle.get()))
    }
    #[getter]
    fn kind(this: Gc<SemaphoreObject>) -> i64 {
        this.kind.get()
    }
    #[getter]
    fn maxvalue(this: Gc<SemaphoreObject>) -> i64 {
        this.most.get()
    }
    #[getter]
    fn name(this: Gc<SemaphoreObject>) -> Value {
        this.name.get()
    }
}

/// The functions.
pub struct Functions;

#[py_functions("_multiprocessing")]
impl Functions {
    /// Take away the name of a semaphore.
    #[function]
    fn sem_unlink(cx: &mut Cx, name: Gc<Str>) -> PyResult<()> {
        let text = name_of(cx, name)?;
        // SAFETY: the name ends with a zero byte.
        check(cx, || i64::from(unsafe { libc::sem_unlink(text.as_ptr()) })).map(drop)
    }
}

/// Makes `_multiprocessing`.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "_multiprocessing", FUNCTIONS);
    class(cx, module, Kind::SEMAPHORE)?;
    let semaphore = cx.builtin_type(Kind::SEMAPHORE);
    let name = cx.intern("SEM_VALUE_MAX");
    types::namespace::set(cx, semaphore, name, Value::int(i64::from(i32::MAX)))?;
    let flags = cx.dict();
    for name in ["HAVE_SEM_OPEN", "HAVE_SEM_TIMEDWAIT"] {
        let name = cx.intern(name);
        py_object::objects::Dict::set_str(cx, flags, name, Value::int(1))?;
    }
    set(cx, module, "flags", flags.value())?;
    Ok(module)
}

/// Functions of shared memory.
pub mod shared_memory {
    use super::*;

    /// The functions.
    pub struct Functions;

    #[py_functions("_posixshmem")]
    impl Functions {
        /// Open a shared memory object; returns a file descriptor.
        #[function]
        fn shm_open(
            cx: &mut Cx,
            #[keyword] path: Gc<Str>,
            #[keyword] flags: i64,
            #[keyword]
            #[default(511)]
            mode: i64,
        ) -> PyResult<i64> {
            let text = name_of(cx, path)?;
            let flags = flags as i32 | libc::O_CLOEXEC;
            // SAFETY: the name ends with a zero byte.
            let opened =
                blocking(cx, || i64::from(unsafe { libc::shm_open(text.as_ptr(), flags, mode as libc::mode_t) }))?;
            opened.map_err(|number| os_error_at(cx, number, path.value()))
        }
        /// Remove a shared memory object, as unlink() does a file; it lives until nobody has it open any more.
        #[function]
        fn shm_unlink(cx: &mut Cx, #[keyword] path: Gc<Str>) -> PyResult<()> {
            let text = name_of(cx, path)?;
            // SAFETY: the name ends with a zero byte.
            let removed = blocking(cx, || i64::from(unsafe { libc::shm_unlink(text.as_ptr()) }))?;
            removed.map(drop).map_err(|number| os_error_at(cx, number, path.value()))
        }
    }

    /// Makes `_posixshmem`.
    pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
        Ok(module_of(cx, "_posixshmem", FUNCTIONS))
    }
}
