//! `select.epoll`: the system's own set of descriptors to wait for.

use super::{deadline, left};
use crate::system::arguments::{CInt, Descriptor, c_int};
use crate::system::errors::{check, last_error, os_error};
use py_macros::py_methods;
use py_object::objects::{List, Type};
use py_object::types::{self, int};
use py_object::{Cx, Kind, NONE, PyResult, allocate, object};
use vm_heap::{Gc, Value};

object! {
    /// A set of descriptors in the system.
    pub struct EpollObject = 397 {
        /// Version word.
        word: u64,
        /// Its descriptor, or -1.
        descriptor: i64,
    }
}

fn new_object(cx: &mut Cx, class: Gc<Type>, descriptor: i64) -> Gc<EpollObject> {
    let this = allocate::<EpollObject>(cx.mutator(), types::instance_shape(class).id);
    this.descriptor.init(descriptor);
    cx.mutator().register_finalizable(this.value());
    this
}

fn check_open(cx: &mut Cx, this: Gc<EpollObject>) -> PyResult<i32> {
    match this.descriptor.get() {
        descriptor if descriptor >= 0 => Ok(descriptor as i32),
        _ => Err(cx.value_error("I/O operation on closed epoll object")),
    }
}

fn control(cx: &mut Cx, this: Gc<EpollObject>, operation: i32, descriptor: i32, events: u32) -> PyResult<()> {
    let own = check_open(cx, this)?;
    let mut event = libc::epoll_event { events, u64: descriptor as u64 };
    // SAFETY: the event can be read.
    check(cx, || i64::from(unsafe { libc::epoll_ctl(own, operation, descriptor, &raw mut event) })).map(|_| ())
}

fn events_of(cx: &mut Cx, value: Value) -> PyResult<u32> {
    let number = int::index(cx, value)?;
    match int::as_i64(number) {
        Some(number) if number >= 0 && number <= i64::from(u32::MAX) => Ok(number as u32),
        Some(number) if number < 0 => Err(cx.value_error("Cannot convert negative int")),
        _ => Err(cx.raise(Kind::OVERFLOW_ERROR, "Python int too large to convert to C unsigned int")),
    }
}

fn close(cx: &mut Cx, this: Gc<EpollObject>) -> PyResult<()> {
    let descriptor = this.descriptor.get() as i32;
    if descriptor < 0 {
        return Ok(());
    }
    this.descriptor.init(-1);
    // SAFETY: a system call on a plain number.
    let number = cx.mutator().native(|| if unsafe { libc::close(descriptor) } < 0 { last_error() } else { 0 });
    if number == 0 { Ok(()) } else { Err(os_error(cx, number)) }
}

fn poll(cx: &mut Cx, this: Gc<EpollObject>, timeout: Value, most: i32) -> PyResult<Gc<List>> {
    let own = check_open(cx, this)?;
    // Any negative timeout waits for ever.
    let is_negative = !int::is_int(timeout)
        && py_object::operations::as_float(timeout).is_some_and(|number| number < 0.0)
        || int::is_int(timeout) && int::is_negative(timeout);
    let deadline = if is_negative { None } else { deadline(cx, timeout)? };
    let most = match most {
        -1 => libc::FD_SETSIZE as i32 - 1,
        most if most < 1 => {
            return Err(cx.value_error(format!("maxevents must be greater than 0, got {most}")));
        }
        most => most,
    };
    let mut found = vec![libc::epoll_event { events: 0, u64: 0 }; most as usize];
    let count = loop {
        let time = match left(deadline) {
            None => -1,
            Some(left) => i32::try_from(left.as_nanos().div_ceil(1_000_000)).unwrap_or(i32::MAX),
        };
        let outcome = cx.mutator().native(|| {
            // SAFETY: the list is as long as stated.
            let count = unsafe { libc::epoll_wait(own, found.as_mut_ptr(), most, time) };
            if count < 0 { Err(last_error()) } else { Ok(count) }
        });
        match outcome {
            Ok(count) => break count,
            Err(libc::EINTR) => {
                cx.run_pending()?;
                if left(deadline).is_some_and(|left| left.is_zero()) {
                    break 0;
                }
            }
            Err(number) => return Err(os_error(cx, number)),
        }
    };
    let result = List::new(cx, &[])?;
    for event in &found[..count as usize] {
        let (descriptor, events) = (event.u64 as i32, event.events);
        let pair = cx.tuple(&[Value::int(i64::from(descriptor)), Value::int(i64::from(events))]);
        List::push(cx, result, pair)?;
    }
    Ok(result)
}

/// `select.epoll`.
pub struct Methods;

#[py_methods(EPOLL, name = "select.epoll")]
impl Methods {
    #[new(signature = "($type, *args, **kwargs)")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[keyword]
        #[default(CInt(-1))]
        sizehint: CInt,
        #[keyword]
        #[default(CInt(0))]
        flags: CInt,
    ) -> PyResult<Gc<EpollObject>> {
        if sizehint.0 != -1 && sizehint.0 <= 0 {
            return Err(cx.value_error("negative sizehint"));
        }
        if flags.0 & !libc::EPOLL_CLOEXEC != 0 {
            return Err(os_error(cx, libc::EINVAL));
        }
        // SAFETY: a system call on a plain number.
        let descriptor = check(cx, || i64::from(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) }))?;
        Ok(new_object(cx, class, descriptor))
    }
    /// Create an epoll object from a given control fd.
    #[classmethod]
    fn fromfd(cx: &mut Cx, class: Gc<Type>, fd: CInt) -> Gc<EpollObject> {
        new_object(cx, class, i64::from(fd.0))
    }
    /// Close the epoll control file descriptor.
    ///
    /// Further operations on the epoll object will raise an exception.
    #[method]
    fn close(cx: &mut Cx, this: Gc<EpollObject>) -> PyResult<()> {
        close(cx, this)
    }
    #[method]
    fn __del__(cx: &mut Cx, this: Gc<EpollObject>) -> PyResult<()> {
        close(cx, this)
    }
    /// Return the epoll control file descriptor.
    #[method]
    fn fileno(cx: &mut Cx, this: Gc<EpollObject>) -> PyResult<i64> {
        check_open(cx, this).map(i64::from)
    }
    /// Registers a new fd or raises an OSError if the fd is already registered.
    #[method(signature = "($self, /, fd, eventmask=select.EPOLLIN | select.EPOLLPRI | select.EPOLLOUT)")]
    fn register(
        cx: &mut Cx,
        this: Gc<EpollObject>,
        #[keyword] fd: Descriptor,
        #[keyword]
        #[default(Value::int(7))]
        eventmask: Value,
    ) -> PyResult<()> {
        let events = events_of(cx, eventmask)?;
        control(cx, this, libc::EPOLL_CTL_ADD, fd.0, events)
    }
    /// Modify event mask for a registered file descriptor.
    #[method]
    fn modify(
        cx: &mut Cx,
        this: Gc<EpollObject>,
        #[keyword] fd: Descriptor,
        #[keyword] eventmask: Value,
    ) -> PyResult<()> {
        let events = events_of(cx, eventmask)?;
        control(cx, this, libc::EPOLL_CTL_MOD, fd.0, events)
    }
    /// Remove a registered file descriptor from the epoll object.
    #[method]
    fn unregister(cx: &mut Cx, this: Gc<EpollObject>, #[keyword] fd: Descriptor) -> PyResult<()> {
        control(cx, this, libc::EPOLL_CTL_DEL, fd.0, 0)
    }
    /// Wait for events on the epoll file descriptor.
    ///
    ///   timeout
    ///     the maximum time to wait in seconds (as float);
    ///     a timeout of None or -1 makes poll wait indefinitely
    ///   maxevents
    ///     the maximum number of events returned; -1 means no limit
    ///
    /// Returns a list containing any descriptors that have events to report,
    /// as a list of (fd, events) 2-tuples.
    #[method]
    fn poll(
        cx: &mut Cx,
        this: Gc<EpollObject>,
        #[keyword]
        #[default(NONE)]
        timeout: Value,
        #[keyword]
        #[default(Value::int(-1))]
        maxevents: Value,
    ) -> PyResult<Gc<List>> {
        let most = c_int(cx, maxevents)?;
        poll(cx, this, timeout, most)
    }
    #[method]
    fn __enter__(cx: &mut Cx, this: Gc<EpollObject>) -> PyResult<Gc<EpollObject>> {
        check_open(cx, this)?;
        Ok(this)
    }
    #[method]
    fn __exit__(cx: &mut Cx, this: Gc<EpollObject>, #[args] _arguments: &[Value]) -> PyResult<()> {
        close(cx, this)
    }
    /// True if the epoll handler is closed
    #[getter]
    fn closed(this: Gc<EpollObject>) -> bool {
        this.descriptor.get() < 0
    }
}
