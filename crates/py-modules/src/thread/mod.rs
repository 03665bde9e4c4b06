//! `_thread`: operating-system threads, locks, thread-local attributes.
//!
//! A thread of Python is a thread of the system with a context of its own; there is no global lock. Whoever waits does so
//! in the native state, on a word inside the object that is waited for (see `parking`).

mod handle;
mod hooks;
mod local;
mod lock;
mod parking;
mod recursive;
mod start;
mod ticker;

pub use handle::{forget_other_threads, wait_for_threads};

use crate::system::decode_path;
use crate::{module_of, set};
use handle::ThreadHandle;
use local::Local;
use lock::Lock;
use parking::Deadline;
use py_macros::py_functions;
use py_object::arguments::Keywords;
use py_object::bootstrap::add_methods;
use py_object::objects::{Dict, Exception, Module, Str, Tuple};
use py_object::types::class_name;
use py_object::{Cx, Kind, NONE, Object, PyResult, call, downcast, operations};
use recursive::RecursiveLock;
use std::os::unix::ffi::OsStrExt;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use vm_heap::{Gc, Value, declare_layout};

/// Longest timeout in seconds.
const LONGEST_TIMEOUT: f64 = 9_223_372_036.0;
/// Bytes of native stack of a new thread unless the program asks for another size.
const STACK_SIZE: usize = 64 << 20;
/// Smallest size that a program may ask for.
const SMALLEST_STACK: i64 = 52 << 10;

static CHOSEN_STACK: AtomicUsize = AtomicUsize::new(0);
static MAIN_THREAD: AtomicI64 = AtomicI64::new(0);

/// The number that identifies the calling thread.
pub fn identity() -> i64 {
    // SAFETY: a plain query about the calling thread.
    (unsafe { libc::pthread_self() }) as i64
}

/// Declares layouts and methods; to be called by the main thread.
pub fn install(cx: &mut Cx) {
    MAIN_THREAD.store(identity(), Ordering::Relaxed);
    declare_layout(Lock::LAYOUT_ID, Lock::LAYOUT);
    declare_layout(RecursiveLock::LAYOUT_ID, RecursiveLock::LAYOUT);
    declare_layout(ThreadHandle::LAYOUT_ID, ThreadHandle::LAYOUT);
    declare_layout(Local::LAYOUT_ID, Local::LAYOUT);
    add_methods(cx, Kind::LOCK, lock::LOCK_METHODS);
    crate::make_final(cx, Kind::LOCK);
    add_methods(cx, Kind::RLOCK, recursive::RLOCK_METHODS);
    add_methods(cx, Kind::THREAD_HANDLE, handle::THREAD_HANDLE_METHODS);
    add_methods(cx, Kind::THREAD_LOCAL, local::THREAD_LOCAL_METHODS);
    handle::install(cx);
    local::install(cx);
}

/// Threads that run beside the main one.
pub fn count_running() -> i64 {
    start::running()
}

/// When a wait ends. `timeout` is None, -1 or a number of seconds, as `what` takes it.
fn deadline(cx: &mut Cx, blocking: bool, timeout: Value) -> PyResult<Deadline> {
    let seconds = match operations::as_number(timeout) {
        Some(seconds) => seconds,
        None => {
            let message = format!("'{}' object cannot be interpreted as an integer or float", class_name(cx, timeout));
            return Err(cx.type_error(message));
        }
    };
    if seconds.is_nan() {
        return Err(cx.value_error("Invalid value NaN (not a number)"));
    }
    if !blocking && seconds != -1.0 {
        return Err(cx.value_error("can't specify a timeout for a non-blocking call"));
    }
    if seconds < 0.0 && seconds != -1.0 {
        return Err(cx.value_error("timeout value must be a non-negative number"));
    }
    if seconds > LONGEST_TIMEOUT {
        return Err(cx.raise(Kind::OVERFLOW_ERROR, "timestamp out of range for C PyTime_t"));
    }
    Ok(match (blocking, seconds) {
        (false, _) => Deadline::Now,
        (true, -1.0) => Deadline::Never,
        (true, seconds) => Deadline::after(seconds),
    })
}

/// The functions.
pub struct Functions;

#[py_functions("_thread")]
impl Functions {
    /// Start a new thread and return its identifier.
    ///
    /// The thread calls the function with the positional arguments from the tuple args and keyword arguments from the
    /// dictionary kwargs, and ends when the function returns.
    #[function]
    fn start_new_thread(cx: &mut Cx, function: Value, args: Value, #[default(NONE)] kwargs: Value) -> PyResult<i64> {
        if !py_object::types::class::is_callable(cx, function) {
            return Err(cx.type_error("first arg must be callable"));
        }
        let Some(arguments) = downcast::<Tuple>(args) else {
            return Err(cx.type_error("2nd arg must be a tuple"));
        };
        if kwargs != NONE && downcast::<Dict>(kwargs).is_none() {
            return Err(cx.type_error("optional 3rd arg must be a dictionary"));
        }
        let handle = handle::new(cx);
        start::start(cx, function, arguments, kwargs, handle, true)?;
        Ok(handle.identity.get())
    }
    /// An obsolete synonym of start_new_thread().
    #[function]
    fn start_new(cx: &mut Cx, function: Value, args: Value, #[default(NONE)] kwargs: Value) -> PyResult<i64> {
        Functions::start_new_thread(cx, function, args, kwargs)
    }
    /// Start a new thread that can be joined, and return its handle.
    #[function]
    fn start_joinable_thread(
        cx: &mut Cx,
        #[keyword] function: Value,
        #[keyword]
        #[default(NONE)]
        handle: Value,
        #[keyword]
        #[default(true)]
        daemon: bool,
    ) -> PyResult<Gc<ThreadHandle>> {
        if !py_object::types::class::is_callable(cx, function) {
            return Err(cx.type_error("thread function must be callable"));
        }
        let handle = match downcast::<ThreadHandle>(handle) {
            Some(handle) => handle,
            None if handle == NONE => handle::new(cx),
            None => return Err(cx.type_error("'handle' must be a _ThreadHandle")),
        };
        let nothing = Tuple::new(cx, &[]);
        start::start(cx, function, nothing, NONE, handle, daemon)?;
        Ok(handle)
    }
    /// Return True: there are no subinterpreters that forbid daemon threads.
    #[function]
    fn daemon_threads_allowed() -> bool {
        true
    }
    /// Create a new lock object.
    #[function]
    fn allocate_lock(cx: &mut Cx) -> Gc<Lock> {
        lock::new(cx)
    }
    /// An obsolete synonym of allocate_lock().
    #[function]
    fn allocate(cx: &mut Cx) -> Gc<Lock> {
        lock::new(cx)
    }
    /// Return a non-zero integer that uniquely identifies the current thread amongst other threads that exist.
    #[function]
    fn get_ident() -> i64 {
        identity()
    }
    /// Return the identifier of the main thread.
    #[function]
    fn _get_main_thread_ident() -> i64 {
        MAIN_THREAD.load(Ordering::Relaxed)
    }
    /// Return a non-negative integer identifying the thread as reported by the kernel.
    #[function]
    fn get_native_id() -> i64 {
        // SAFETY: a plain query about the calling thread.
        i64::from(unsafe { libc::gettid() })
    }
    /// Return the number of currently running Python threads, excluding the main thread.
    #[function]
    fn _count() -> i64 {
        start::running()
    }
    /// Return the thread stack size used when creating new threads, and set it if a size is given.
    #[function]
    fn stack_size(cx: &mut Cx, #[default(0)] size: i64) -> PyResult<usize> {
        if size != 0 && size < SMALLEST_STACK {
            return Err(cx.value_error(format!("size must be at least {SMALLEST_STACK} bytes")));
        }
        Ok(CHOSEN_STACK.swap(size as usize, Ordering::Relaxed))
    }
    /// Simulate the arrival of the given signal in the main thread, where the corresponding signal handler will run.
    #[function]
    fn interrupt_main(cx: &mut Cx, #[default(i64::from(libc::SIGINT))] signum: i64) -> PyResult<()> {
        let Some(number) = i32::try_from(signum).ok().filter(|number| (1..65).contains(number)) else {
            return Err(cx.value_error("signal number out of range"));
        };
        start::interrupt_main(number);
        cx.run_pending()
    }
    /// Raise SystemExit, which ends the thread silently.
    #[function]
    fn exit(cx: &mut Cx) -> PyResult<()> {
        let exception = Exception::new(cx, Kind::SYSTEM_EXIT, &[]);
        Err(cx.raise_value(exception.value()))
    }
    /// An obsolete synonym of exit().
    #[function]
    fn exit_thread(cx: &mut Cx) -> PyResult<()> {
        Functions::exit(cx)
    }
    /// Set the name of the current thread.
    #[function]
    fn set_name(name: Gc<Str>) {
        start::set_name(name);
    }
    /// Get the name of the current thread.
    #[function]
    fn _get_name(cx: &mut Cx) -> PyResult<Gc<Str>> {
        decode_path(cx, start::current_name().as_bytes())
    }
    /// Return True: there is one interpreter.
    #[function]
    fn _is_main_interpreter() -> bool {
        true
    }
    /// Wait for all non-daemon threads (other than the calling thread) to stop.
    #[function]
    fn _shutdown(cx: &mut Cx) -> PyResult<()> {
        handle::join_all(cx)
    }
    /// Make a thread handle for a thread with an identifier.
    #[function]
    fn _make_thread_handle(cx: &mut Cx, identity: i64) -> Gc<ThreadHandle> {
        handle::of_running(cx, identity)
    }
    /// Handle uncaught Thread.run() exception.
    #[function]
    fn _excepthook(cx: &mut Cx, args: Value) -> PyResult<()> {
        hooks::report(cx, args)
    }
    #[function]
    fn _set_sentinel(cx: &mut Cx) -> Gc<Lock> {
        lock::new(cx)
    }
}

/// Calls a function with a tuple and a dict of keyword values.
fn call_with(cx: &mut Cx, function: Value, arguments: Gc<Tuple>, keywords: Value) -> PyResult {
    let items = py_object::sequence::tuple_items(&arguments);
    let Some(dict) = downcast::<Dict>(keywords).filter(|dict| Dict::length(*dict) != 0) else {
        return call::call(cx, function, items, None);
    };
    let all = py_object::objects::List::new(cx, items)?;
    let names = py_object::objects::List::new(cx, &[])?;
    let mut position = 0;
    while let Some((name, value)) = Dict::next(dict, &mut position) {
        py_object::objects::List::push(cx, names, name)?;
        py_object::objects::List::push(cx, all, value)?;
    }
    let names = Tuple::from_list(cx, names)?;
    let all = Tuple::from_list(cx, all)?;
    call::call(cx, function, py_object::sequence::tuple_items(&all), Some(names))
}

/// TypeError for a constructor that takes no arguments.
fn no_arguments(cx: &mut Cx, name: &str, arguments: &[Value], keywords: Keywords<'_>) -> PyResult<()> {
    if arguments.is_empty() && keywords.is_empty() {
        return Ok(());
    }
    let given = arguments.len() + keywords.iter().count();
    Err(cx.type_error(format!("{name} expected 0 arguments, got {given}")))
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "_thread", FUNCTIONS);
    let classes = [
        ("error", Kind::RUNTIME_ERROR),
        ("lock", Kind::LOCK),
        ("LockType", Kind::LOCK),
        ("RLock", Kind::RLOCK),
        ("_ThreadHandle", Kind::THREAD_HANDLE),
        ("_local", Kind::THREAD_LOCAL),
    ];
    for (name, kind) in classes {
        let class = cx.builtin_type(kind);
        set(cx, module, name, class.value())?;
    }
    set(cx, module, "_NAME_MAXLEN", Value::int(15))?;
    let longest = cx.float(LONGEST_TIMEOUT);
    set(cx, module, "TIMEOUT_MAX", longest)?;
    let arguments = hooks::arguments_class(cx)?;
    set(cx, module, "_ExceptHookArgs", arguments.value())?;
    Ok(module)
}
