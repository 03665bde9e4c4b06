//! `_thread`: operating-system threads and locks.
//!
//! A thread of Python is a thread of the system with a context of its own; there is no global lock.

use crate::{module_of, set};
use py_macros::{py_functions, py_methods};
use py_object::objects::{Dict, Module, Record, Tuple};
use py_object::sequence::tuple_items;
use py_object::types::is_instance;
use py_object::{Assumption, Cx, FALSE, Kind, NONE, PyResult, TRUE, allocate, call, downcast};
use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use vm_heap::{Gc, Value};

/// Bytes of native stack of a new thread.
const STACK_SIZE: usize = 64 << 20;

/// Something that can be waited for: the end of a thread, or a lock.
#[derive(Default)]
struct Gate {
    closed: Mutex<bool>,
    opened: Condvar,
}

impl Gate {
    fn close(&self) {
        *self.closed.lock().unwrap_or_else(PoisonError::into_inner) = true;
    }

    /// Waits until the gate is open; closes it then if `take`. False after the deadline.
    fn pass(&self, take: bool, deadline: Option<Instant>) -> bool {
        let mut closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        while *closed {
            match deadline {
                None => closed = self.opened.wait(closed).unwrap_or_else(PoisonError::into_inner),
                Some(deadline) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return false;
                    }
                    closed = self.opened.wait_timeout(closed, left).unwrap_or_else(PoisonError::into_inner).0;
                }
            }
        }
        *closed = take;
        true
    }

    /// Opens the gate; false if it was open.
    fn open(&self) -> bool {
        let was = std::mem::replace(&mut *self.closed.lock().unwrap_or_else(PoisonError::into_inner), false);
        self.opened.notify_one();
        was
    }

    fn is_closed(&self) -> bool {
        *self.closed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gates of threads and locks, by the number in their objects. They are few and live as long as the process.
struct Gates {
    all: Vec<&'static Gate>,
    /// Threads that the main program waits for at its end.
    threads: HashMap<usize, Arc<()>>,
}

static GATES: Mutex<Option<Gates>> = Mutex::new(None);
static REPORT: OnceLock<fn(&mut Cx, Value)> = OnceLock::new();

/// Sets what prints an exception that ends a thread.
pub fn set_report(report: fn(&mut Cx, Value)) {
    let _ = REPORT.set(report);
}

fn with_gates<R>(body: impl FnOnce(&mut Gates) -> R) -> R {
    let mut gates = GATES.lock().unwrap_or_else(PoisonError::into_inner);
    body(gates.get_or_insert_with(|| Gates { all: Vec::new(), threads: HashMap::new() }))
}

fn new_gate() -> (usize, &'static Gate) {
    let gate: &'static Gate = Box::leak(Box::default());
    with_gates(|gates| {
        gates.all.push(gate);
        (gates.all.len() - 1, gate)
    })
}

fn gate_of(object: Gc<Record>) -> &'static Gate {
    let number = object.first.get().as_int() as usize;
    with_gates(|gates| gates.all[number])
}

/// An object with a gate.
fn gate_object(cx: &mut Cx, kind: Kind, number: usize) -> Gc<Record> {
    let object = allocate::<Record>(cx.mutator(), kind.shape());
    object.first.init(Value::int(number as i64));
    for field in [&object.second, &object.third, &object.fourth] {
        field.init(NONE);
    }
    object
}

fn deadline(cx: &mut Cx, timeout: Value) -> PyResult<Option<Instant>> {
    let Some(seconds) = py_object::operations::as_number(timeout) else {
        let message =
            format!("'{}' object cannot be interpreted as a number", py_object::types::class_name(cx, timeout));
        return Err(cx.type_error(message));
    };
    if seconds < 0.0 {
        return Ok(None);
    }
    match Duration::try_from_secs_f64(seconds) {
        Ok(duration) => Ok(Instant::now().checked_add(duration)),
        Err(_) => Err(cx.raise(Kind::OVERFLOW_ERROR, "timeout value is too large")),
    }
}

/// Starts a thread that calls `function(*arguments, **keywords)`; returns the number of its gate.
fn start(cx: &mut Cx, function: Value, arguments: Gc<Tuple>, keywords: Value, daemon: bool) -> PyResult<usize> {
    if !vm_stm::is_concurrent() {
        vm_stm::set_concurrent();
        // Compiled traces have been specialised on being alone.
        if let Some(invalidate) = cx.runtime.invalidate.get() {
            invalidate(cx, Assumption::Classes);
        }
    }
    let (number, gate) = new_gate();
    gate.close();
    let runtime = cx.runtime;
    let start = Tuple::new(cx, &[function, arguments.value(), keywords]).value();
    runtime.put_start(start);
    let running = Arc::new(());
    if !daemon {
        with_gates(|gates| gates.threads.insert(number, running.clone()));
    }
    let spawned = std::thread::Builder::new().stack_size(STACK_SIZE).spawn(move || {
        {
            let mut cx = Cx::attach(runtime);
            run(&mut cx, start);
        }
        with_gates(|gates| gates.threads.remove(&number));
        gate.open();
    });
    if spawned.is_err() {
        runtime.take_start(start);
        with_gates(|gates| gates.threads.remove(&number));
        return Err(cx.raise(Kind::RUNTIME_ERROR, "can't start new thread"));
    }
    Ok(number)
}

/// The body of a thread.
fn run(cx: &mut Cx, start: Value) {
    let parts = downcast::<Tuple>(start).expect("made in `start`");
    cx.runtime.take_start(start);
    let [function, arguments, keywords] = tuple_items(&parts) else { unreachable!("made in `start`") };
    let result = call_with(cx, *function, *arguments, *keywords);
    if result.is_err() {
        let raised = cx.take_raised();
        // `SystemExit` ends just the thread.
        if !is_instance(cx, raised, Kind::SYSTEM_EXIT)
            && let Some(report) = REPORT.get()
        {
            report(cx, raised);
        }
    }
}

fn call_with(cx: &mut Cx, function: Value, arguments: Value, keywords: Value) -> PyResult {
    let arguments = downcast::<Tuple>(arguments).expect("checked before the start");
    let Some(dict) = downcast::<Dict>(keywords).filter(|dict| Dict::length(*dict) != 0) else {
        return call::call(cx, function, tuple_items(&arguments), None);
    };
    let all = py_object::objects::List::new(cx, tuple_items(&arguments))?;
    let names = py_object::objects::List::new(cx, &[])?;
    for (name, value) in Dict::entries(dict) {
        py_object::objects::List::push(cx, names, name)?;
        py_object::objects::List::push(cx, all, value)?;
    }
    let names = Tuple::from_list(cx, names)?;
    let all = Tuple::from_list(cx, all)?;
    call::call(cx, function, tuple_items(&all), Some(names))
}

/// In the child of a fork: nobody has to be waited for.
pub fn forget_other_threads() {
    with_gates(|gates| gates.threads.clear());
}

/// Waits for all threads that are no daemons.
pub fn wait_for_threads(cx: &mut Cx) {
    loop {
        let next = with_gates(|gates| gates.threads.keys().next().map(|number| gates.all[*number]));
        let Some(gate) = next else { return };
        cx.mutator().native(|| gate.pass(false, None));
    }
}

/// The functions.
pub struct Functions;

#[py_functions("_thread")]
impl Functions {
    /// Start a new thread and return its identifier.
    #[function]
    fn start_new_thread(
        cx: &mut Cx,
        function: Value,
        args: Gc<Tuple>,
        #[default(NONE)] kwargs: Value,
    ) -> PyResult<i64> {
        start(cx, function, args, kwargs, true).map(|number| number as i64)
    }
    /// Start a new thread and return a handle on which it can be joined.
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
    ) -> PyResult<Gc<Record>> {
        if handle != NONE {
            return Err(
                cx.raise(Kind::NOT_IMPLEMENTED_ERROR, "start_joinable_thread() with a handle is not supported yet")
            );
        }
        let nothing = Tuple::new(cx, &[]);
        let number = start(cx, function, nothing, NONE, daemon)?;
        Ok(gate_object(cx, Kind::THREAD_HANDLE, number))
    }
    /// Create a new lock object.
    #[function]
    fn allocate_lock(cx: &mut Cx) -> Gc<Record> {
        let (number, _) = new_gate();
        gate_object(cx, Kind::LOCK, number)
    }
    /// Return a non-zero integer that uniquely identifies the current thread.
    #[function]
    fn get_ident() -> i64 {
        // SAFETY: a plain query about the calling thread.
        (unsafe { libc::pthread_self() }) as i64 >> 4
    }
}

/// Handles of threads.
pub struct Handles;

#[py_methods(THREAD_HANDLE, name = "_ThreadHandle")]
impl Handles {
    /// Wait until the thread ends, or the timeout in seconds is over.
    #[method]
    fn join(cx: &mut Cx, this: Gc<Record>, #[default(Value::int(-1))] timeout: Value) -> PyResult<()> {
        let timeout = if timeout == NONE { Value::int(-1) } else { timeout };
        let deadline = deadline(cx, timeout)?;
        let gate = gate_of(this);
        cx.mutator().native(|| gate.pass(false, deadline));
        Ok(())
    }
    /// Return whether the thread has ended.
    #[method]
    fn is_done(this: Gc<Record>) -> bool {
        !gate_of(this).is_closed()
    }
}

/// Locks.
pub struct Locks;

fn acquire(cx: &mut Cx, lock: Gc<Record>, blocking: bool, timeout: Value) -> PyResult<bool> {
    let deadline = if blocking { deadline(cx, timeout)? } else { Some(Instant::now()) };
    let gate = gate_of(lock);
    Ok(cx.mutator().native(|| gate.pass(true, deadline)))
}

fn release(cx: &mut Cx, lock: Gc<Record>) -> PyResult<()> {
    if gate_of(lock).open() { Ok(()) } else { Err(cx.raise(Kind::RUNTIME_ERROR, "release unlocked lock")) }
}

#[py_methods(LOCK, name = "lock")]
impl Locks {
    /// Lock the lock; without blocking, or after the timeout in seconds, return False.
    #[method]
    fn acquire(
        cx: &mut Cx,
        this: Gc<Record>,
        #[keyword]
        #[default(true)]
        blocking: bool,
        #[keyword]
        #[default(Value::int(-1))]
        timeout: Value,
    ) -> PyResult<bool> {
        acquire(cx, this, blocking, timeout)
    }
    /// Release the lock.
    #[method]
    fn release(cx: &mut Cx, this: Gc<Record>) -> PyResult<()> {
        release(cx, this)
    }
    /// Return whether the lock is in the locked state.
    #[method]
    fn locked(this: Gc<Record>) -> bool {
        gate_of(this).is_closed()
    }
    #[method]
    fn __enter__(cx: &mut Cx, this: Gc<Record>) -> PyResult {
        acquire(cx, this, true, Value::int(-1))?;
        Ok(TRUE)
    }
    #[method]
    fn __exit__(cx: &mut Cx, this: Gc<Record>, #[args] _arguments: &[Value]) -> PyResult {
        release(cx, this)?;
        Ok(FALSE)
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "_thread", FUNCTIONS);
    let error = cx.builtin_type(Kind::RUNTIME_ERROR);
    set(cx, module, "error", error.value())?;
    let lock = cx.builtin_type(Kind::LOCK);
    set(cx, module, "LockType", lock.value())?;
    let handle = cx.builtin_type(Kind::THREAD_HANDLE);
    set(cx, module, "_ThreadHandle", handle.value())?;
    Ok(module)
}
