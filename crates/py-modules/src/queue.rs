//! `_queue`: `SimpleQueue`, an unbounded queue between threads.
//!
//! The items lie in a deque. A thread that finds none waits at a condition variable that queues share by address, so that a
//! queue needs nothing outside the heap.

use crate::collections::deque::{self, Deque, End};
use crate::{class, declare, module_of, set};
use py_macros::py_methods;
use py_object::bootstrap::add_methods;
use py_object::objects::{Array, Module, Type};
use py_object::operations::as_number;
use py_object::types::{class_name, int};
use py_object::{Cx, Kind, NONE, PyResult, Raised, exception, object};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};
use vm_heap::{Gc, Value};

object! {
    /// A queue.
    pub struct SimpleQueue = 459 {
        /// Version word.
        word: u64,
        /// Attributes of subclass instances.
        attributes: Option<Gc<Array>>,
        /// The items.
        items: Gc<Deque>,
    }
}

/// Where threads wait.
struct Place {
    lock: Mutex<()>,
    filled: Condvar,
}

static PLACES: [Place; 16] = [const { Place { lock: Mutex::new(()), filled: Condvar::new() } }; 16];

fn place(queue: Gc<SimpleQueue>) -> &'static Place {
    &PLACES[queue.address() / 64 % PLACES.len()]
}

/// Gives the class its methods.
pub fn install(cx: &mut Cx) {
    declare::<SimpleQueue>();
    add_methods(cx, Kind::SIMPLE_QUEUE, SIMPLE_QUEUE_METHODS);
}

fn put(cx: &mut Cx, queue: Gc<SimpleQueue>, item: Value) -> PyResult<()> {
    deque::push(cx, queue.items.get(), End::Right, item)?;
    let place = place(queue);
    // ORDER: the item is there before the lock is taken, so whoever looks under the lock sees it or is waiting already.
    drop(place.lock.lock().unwrap_or_else(PoisonError::into_inner));
    place.filled.notify_all();
    Ok(())
}

#[cold]
fn empty(cx: &mut Cx) -> Raised {
    let error = py_object::objects::Exception::new(cx, Kind::QUEUE_EMPTY, &[]);
    exception::raise(cx, error)
}

/// The point in time that a timeout means; `None` without one.
fn deadline(cx: &mut Cx, timeout: Value) -> PyResult<Option<Instant>> {
    if timeout == NONE {
        return Ok(None);
    }
    let seconds = match as_number(timeout) {
        Some(seconds) => seconds,
        None if int::is_int(timeout) => f64::MAX.copysign(if int::is_negative(timeout) { -1.0 } else { 1.0 }),
        None => {
            let message = format!("'{}' object cannot be interpreted as an integer or float", class_name(cx, timeout));
            return Err(cx.type_error(message));
        }
    };
    if seconds < 0.0 {
        return Err(cx.value_error("'timeout' must be a non-negative number"));
    }
    match Duration::try_from_secs_f64(seconds).ok().filter(|duration| duration.as_nanos() <= i64::MAX as u128) {
        Some(duration) => Ok(Instant::now().checked_add(duration)),
        None => Err(cx.raise(Kind::OVERFLOW_ERROR, "timeout value is too large")),
    }
}

fn get(cx: &mut Cx, queue: Gc<SimpleQueue>, blocking: bool, timeout: Value) -> PyResult {
    let deadline = if blocking { deadline(cx, timeout)? } else { None };
    let items = queue.items.get();
    loop {
        if let Some(item) = deque::pop(items, End::Left) {
            return Ok(item);
        }
        if !blocking || deadline.is_some_and(|deadline| deadline <= Instant::now()) {
            return Err(empty(cx));
        }
        let place = place(queue);
        cx.mutator().native(|| {
            let guard = place.lock.lock().unwrap_or_else(PoisonError::into_inner);
            if deque::length(items) != 0 {
                return;
            }
            // Wakes up now and then, so that a signal is noticed.
            let longest = Duration::from_millis(200);
            let wait =
                deadline.map_or(longest, |deadline| deadline.saturating_duration_since(Instant::now()).min(longest));
            let _ = place.filled.wait_timeout(guard, wait);
        });
    }
}

/// The methods.
pub struct Methods;

#[py_methods(SIMPLE_QUEUE, name = "SimpleQueue")]
impl Methods {
    #[new(signature = "()")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[args] args: &[Value],
        #[kwargs] kwargs: py_object::arguments::Keywords<'_>,
    ) -> PyResult<Gc<SimpleQueue>> {
        let plain = class == cx.builtin_type(Kind::SIMPLE_QUEUE);
        if plain && !args.is_empty() {
            return Err(cx.type_error("SimpleQueue() takes no positional arguments"));
        }
        if plain && !kwargs.is_empty() {
            return Err(cx.type_error("SimpleQueue() takes no keyword arguments"));
        }
        let deque_class = cx.builtin_type(Kind::DEQUE);
        let items = deque::new(cx, deque_class, usize::MAX)?;
        let queue = crate::new_object::<SimpleQueue>(cx, class);
        queue.items.init(items);
        Ok(queue)
    }
    /// Put the item on the queue. The optional arguments are ignored: this never blocks.
    #[method]
    fn put(
        cx: &mut Cx,
        this: Gc<SimpleQueue>,
        #[keyword] item: Value,
        #[keyword]
        #[default(true)]
        block: bool,
        #[keyword]
        #[default(NONE)]
        timeout: Value,
    ) -> PyResult<()> {
        let _ = (block, timeout);
        put(cx, this, item)
    }
    /// Put an item into the queue without blocking.
    #[method]
    fn put_nowait(cx: &mut Cx, this: Gc<SimpleQueue>, #[keyword] item: Value) -> PyResult<()> {
        put(cx, this, item)
    }
    /// Remove and return an item from the queue.
    ///
    /// Waits for one, for a time if one is given; without blocking, or after that time, raises Empty.
    #[method]
    fn get(
        cx: &mut Cx,
        this: Gc<SimpleQueue>,
        #[keyword]
        #[default(true)]
        block: bool,
        #[keyword]
        #[default(NONE)]
        timeout: Value,
    ) -> PyResult {
        get(cx, this, block, timeout)
    }
    /// Remove and return an item from the queue without blocking.
    #[method]
    fn get_nowait(cx: &mut Cx, this: Gc<SimpleQueue>) -> PyResult {
        get(cx, this, false, NONE)
    }
    /// Return True if the queue is empty, False otherwise (not reliable!).
    #[method]
    fn empty(this: Gc<SimpleQueue>) -> bool {
        deque::length(this.items.get()) == 0
    }
    /// Return the approximate size of the queue (not reliable!).
    #[method]
    fn qsize(this: Gc<SimpleQueue>) -> usize {
        deque::length(this.items.get())
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cx: &mut Cx, class: Value, item: Value) -> PyResult {
        crate::generic_alias(cx, class, item)
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "_queue", &[]);
    class(cx, module, Kind::SIMPLE_QUEUE)?;
    let empty = cx.builtin_type(Kind::QUEUE_EMPTY);
    set(cx, module, "Empty", empty.value())?;
    Ok(module)
}
