//! `select.poll`: descriptors and what to wait for, kept in an object.

use super::left;
use crate::system::arguments::Descriptor;
use crate::system::errors::{last_error, os_error};
use crate::system::lock::{hold, is_mine};
use py_macros::py_methods;
use py_object::objects::{Dict, List};
use py_object::types::int;
use py_object::{Cx, Kind, NONE, PyResult, allocate, object, operations, shapes};
use std::time::{Duration, Instant};
use vm_heap::{Gc, Value};

object! {
    /// A polling object.
    pub struct PollObject = 396 {
        /// Version word.
        word: u64,
        /// Events by descriptor, a dict.
        events: Value,
        /// Held while it polls.
        lock: u64,
    }
}

/// A new one without descriptors.
pub fn new(cx: &mut Cx) -> Gc<PollObject> {
    let events = Dict::new(cx);
    let this = allocate::<PollObject>(cx.mutator(), shapes::POLL);
    this.events.init(events.value());
    this
}

fn events(this: Gc<PollObject>) -> Gc<Dict> {
    py_object::downcast::<Dict>(this.events.get()).expect("made with a dict")
}

/// Events as the system takes them.
fn mask(cx: &mut Cx, value: Value) -> PyResult<i16> {
    let number = int::index(cx, value)?;
    match int::as_i64(number) {
        Some(number) if number < 0 => Err(cx.value_error("Cannot convert negative int")),
        Some(number) if number <= i64::from(u16::MAX) => Ok(number as u16 as i16),
        _ => Err(cx.raise(Kind::OVERFLOW_ERROR, "Python int too large for C unsigned short")),
    }
}

/// A deadline from a timeout in milliseconds, rounded up; negative ones and None wait for ever.
fn deadline(cx: &mut Cx, timeout: Value) -> PyResult<Option<Instant>> {
    if timeout == NONE {
        return Ok(None);
    }
    let milliseconds = if int::is_int(timeout) {
        match int::as_i64(timeout) {
            Some(number) => number as f64,
            None => return Err(cx.raise(Kind::OVERFLOW_ERROR, "timeout is too large")),
        }
    } else if let Some(number) = operations::as_float(timeout) {
        number.ceil()
    } else {
        match int::try_index(cx, timeout)? {
            Some(number) => int::as_i64(number).unwrap_or(i64::MAX) as f64,
            None => return Err(cx.type_error("timeout must be an integer or None")),
        }
    };
    if milliseconds.is_nan() {
        return Err(cx.value_error("Invalid value NaN (not a number)"));
    }
    if milliseconds > f64::from(i32::MAX) || milliseconds < f64::from(i32::MIN) {
        return Err(cx.raise(Kind::OVERFLOW_ERROR, "timeout is too large"));
    }
    if milliseconds < 0.0 {
        return Ok(None);
    }
    Ok(Instant::now().checked_add(Duration::from_millis(milliseconds as u64)))
}

fn poll(cx: &mut Cx, this: Gc<PollObject>, timeout: Value) -> PyResult<Gc<List>> {
    let deadline = deadline(cx, timeout)?;
    if is_mine(cx, &this.lock) {
        return Err(cx.raise(Kind::RUNTIME_ERROR, "concurrent poll() invocation"));
    }
    let _held = hold(cx, this, &this.lock);
    let mut waiting: Vec<libc::pollfd> = Dict::entries(events(this))
        .into_iter()
        .map(|(descriptor, events)| libc::pollfd {
            fd: descriptor.as_int() as i32,
            events: events.as_int() as i16,
            revents: 0,
        })
        .collect();
    loop {
        let time = left(deadline)
            .map(|left| libc::timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos()) });
        let outcome = cx.mutator().native(|| {
            let time = time.as_ref().map_or(std::ptr::null(), |time| time as *const libc::timespec);
            // SAFETY: the list is as long as stated, the time null or local.
            let result =
                unsafe { libc::ppoll(waiting.as_mut_ptr(), waiting.len() as libc::nfds_t, time, std::ptr::null()) };
            if result < 0 { Err(last_error()) } else { Ok(result) }
        });
        match outcome {
            Ok(_) => break,
            Err(libc::EINTR) => {
                cx.run_pending()?;
                if left(deadline).is_some_and(|left| left.is_zero()) {
                    return List::new(cx, &[]);
                }
            }
            Err(number) => return Err(os_error(cx, number)),
        }
    }
    let result = List::new(cx, &[])?;
    for ready in waiting.iter().filter(|ready| ready.revents != 0) {
        let pair = [Value::int(i64::from(ready.fd)), Value::int(i64::from(ready.revents as u16))];
        let pair = cx.tuple(&pair);
        List::push(cx, result, pair)?;
    }
    Ok(result)
}

/// `select.poll`.
pub struct Methods;

#[py_methods(POLL, name = "poll")]
impl Methods {
    /// Register a file descriptor with the polling object.
    ///
    ///   fd
    ///     either an integer, or an object with a fileno() method returning an int
    ///   eventmask
    ///     an optional bitmask describing the type of events to check for
    #[method(signature = "($self, fd, eventmask=select.POLLIN | select.POLLPRI | select.POLLOUT, /)")]
    fn register(
        cx: &mut Cx,
        this: Gc<PollObject>,
        fd: Descriptor,
        #[default(Value::int(7))] eventmask: Value,
    ) -> PyResult<()> {
        let mask = mask(cx, eventmask)?;
        Dict::set(cx, events(this), Value::int(i64::from(fd.0)), Value::int(i64::from(mask)))
    }
    /// Modify an already registered file descriptor.
    #[method]
    fn modify(cx: &mut Cx, this: Gc<PollObject>, fd: Descriptor, eventmask: Value) -> PyResult<()> {
        let mask = mask(cx, eventmask)?;
        let key = Value::int(i64::from(fd.0));
        if Dict::get(cx, events(this), key)?.is_none() {
            return Err(os_error(cx, libc::ENOENT));
        }
        Dict::set(cx, events(this), key, Value::int(i64::from(mask)))
    }
    /// Remove a file descriptor being tracked by the polling object.
    #[method]
    fn unregister(cx: &mut Cx, this: Gc<PollObject>, fd: Descriptor) -> PyResult<()> {
        let key = Value::int(i64::from(fd.0));
        match Dict::remove(cx, events(this), key)? {
            Some(_) => Ok(()),
            None => {
                let exception = py_object::objects::Exception::new(cx, Kind::KEY_ERROR, &[key]);
                Err(py_object::exception::raise(cx, exception))
            }
        }
    }
    /// Polls the set of registered file descriptors.
    ///
    ///   timeout
    ///     The maximum time to wait in milliseconds, or else None (or a negative
    ///     value) to wait indefinitely.
    ///
    /// Returns a list containing any descriptors that have events or errors to
    /// report, as a list of (fd, event) 2-tuples.
    #[method]
    fn poll(cx: &mut Cx, this: Gc<PollObject>, #[default(NONE)] timeout: Value) -> PyResult<Gc<List>> {
        poll(cx, this, timeout)
    }
}
