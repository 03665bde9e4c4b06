//! Socket objects, and calls on them that wait no longer than their timeout.

use super::errors::timed_out;
use crate::system::errors::{check, last_error, os_error};
use crate::time::duration;
use py_object::objects::{Array, Type};
use py_object::types::{self, int};
use py_object::{Cx, Kind, NONE, PyResult, allocate, object, operations};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};
use vm_heap::{Gc, Value};

object! {
    /// A socket.
    pub struct SocketObject = 398 {
        /// Version word.
        word: u64,
        /// Attributes.
        attributes: Option<Gc<Array>>,
        /// The descriptor, or -1.
        descriptor: i64,
        /// Address family.
        family: i64,
        /// Kind: stream, datagram, …
        kind: i64,
        /// Protocol.
        protocol: i64,
        /// Nanoseconds to wait, or -1 without limit.
        timeout: i64,
    }
}

/// Timeout of new sockets.
static DEFAULT_TIMEOUT: AtomicI64 = AtomicI64::new(-1);

/// The timeout that new sockets get.
pub fn default_timeout() -> i64 {
    DEFAULT_TIMEOUT.load(Ordering::Relaxed)
}

/// Sets it.
pub fn set_default_timeout(timeout: i64) {
    DEFAULT_TIMEOUT.store(timeout, Ordering::Relaxed);
}

/// A timeout as Python sees it.
pub fn timeout_value(cx: &mut Cx, timeout: i64) -> Value {
    if timeout < 0 { NONE } else { cx.float(timeout as f64 / 1e9) }
}

/// A timeout that was given: None for none, else seconds.
pub fn timeout_argument(cx: &mut Cx, value: Value) -> PyResult<i64> {
    if value == NONE {
        return Ok(-1);
    }
    let timeout = duration(cx, value)?;
    if timeout < 0 {
        return Err(cx.value_error("Timeout value out of range"));
    }
    Ok(timeout)
}

/// A socket object of a class without a socket.
pub fn allocate_socket(cx: &mut Cx, class: Gc<Type>) -> Gc<SocketObject> {
    let this = allocate::<SocketObject>(cx.mutator(), types::instance_shape(class).id);
    this.descriptor.init(-1);
    this.timeout.init(-1);
    cx.mutator().register_finalizable(this.value());
    this
}

/// Makes a descriptor wait or not.
pub fn set_blocking(cx: &mut Cx, descriptor: i32, blocking: bool) -> PyResult<()> {
    let mut flag = libc::c_int::from(!blocking);
    // SAFETY: the flag can be read.
    check(cx, || i64::from(unsafe { libc::ioctl(descriptor, libc::FIONBIO, &raw mut flag) })).map(|_| ())
}

/// Fills a socket object.
pub fn set_up(
    cx: &mut Cx,
    this: Gc<SocketObject>,
    descriptor: i32,
    family: i32,
    kind: i32,
    protocol: i32,
) -> PyResult<()> {
    this.descriptor.init(i64::from(descriptor));
    this.family.init(i64::from(family));
    this.kind.init(i64::from(kind & !(libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC)));
    this.protocol.init(i64::from(protocol));
    if kind & libc::SOCK_NONBLOCK != 0 {
        this.timeout.init(0);
        return Ok(());
    }
    let timeout = default_timeout();
    this.timeout.init(timeout);
    if timeout >= 0 { set_blocking(cx, descriptor, false) } else { Ok(()) }
}

/// Two connected sockets.
pub fn new_pair(cx: &mut Cx, family: i32, kind: i32, protocol: i32) -> PyResult {
    let mut ends = [0; 2];
    check(cx, || {
        // SAFETY: there is room for two descriptors.
        i64::from(unsafe { libc::socketpair(family, kind | libc::SOCK_CLOEXEC, protocol, ends.as_mut_ptr()) })
    })?;
    let class = cx.builtin_type(Kind::SOCKET);
    let first = allocate_socket(cx, class);
    let second = allocate_socket(cx, class);
    for (socket, descriptor) in [(first, ends[0]), (second, ends[1])] {
        set_up(cx, socket, descriptor, family, kind, protocol)?;
    }
    Ok(cx.tuple(&[first.value(), second.value()]))
}

/// Until when a call on a socket may wait.
pub struct Patience {
    deadline: Option<Instant>,
    timeout: i64,
}

impl Patience {
    /// From now on.
    pub fn of(timeout: i64) -> Patience {
        let deadline = u64::try_from(timeout)
            .ok()
            .filter(|timeout| *timeout > 0)
            .and_then(|timeout| Instant::now().checked_add(Duration::from_nanos(timeout)));
        Patience { deadline, timeout }
    }

    /// Whether the system's call itself waits.
    fn is_endless(&self) -> bool {
        self.timeout < 0
    }
}

/// Waits until a descriptor is ready; TimeoutError after the deadline.
pub fn wait_ready(cx: &mut Cx, descriptor: i32, events: i16, patience: &Patience) -> PyResult<()> {
    if is_ready(cx, descriptor, events, patience)? { Ok(()) } else { Err(timed_out(cx)) }
}

/// Waits until a descriptor is ready; whether it was before the deadline.
pub fn is_ready(cx: &mut Cx, descriptor: i32, events: i16, patience: &Patience) -> PyResult<bool> {
    loop {
        let mut waiting = libc::pollfd { fd: descriptor, events, revents: 0 };
        let left = patience.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let time =
            left.map(|left| libc::timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos()) });
        let outcome = cx.mutator().native(|| {
            let time = time.as_ref().map_or(std::ptr::null(), |time| time as *const libc::timespec);
            // SAFETY: one entry, and a time that is null or local.
            let result = unsafe { libc::ppoll(&raw mut waiting, 1, time, std::ptr::null()) };
            if result < 0 { Err(last_error()) } else { Ok(result) }
        });
        match outcome {
            Ok(0) => return Ok(false),
            Ok(_) => return Ok(true),
            Err(libc::EINTR) => cx.run_pending()?,
            Err(number) => return Err(os_error(cx, number)),
        }
    }
}

/// Makes a call on a socket: waits for the socket before, as long as its timeout allows, and again where it was not ready after
/// all. The result is an error number where the call failed.
pub fn attempt(
    cx: &mut Cx,
    this: Gc<SocketObject>,
    writing: bool,
    patience: &Patience,
    mut body: impl FnMut(i32) -> i64,
) -> PyResult<Result<i64, i32>> {
    let events = if writing { libc::POLLOUT } else { libc::POLLIN };
    loop {
        let descriptor = this.descriptor.get() as i32;
        // There is nothing to wait for at a closed socket: the call itself says what is wrong.
        if patience.timeout > 0 && descriptor >= 0 {
            wait_ready(cx, descriptor, events, patience)?;
        }
        let outcome = cx.mutator().native(|| match body(descriptor) {
            -1 => Err(last_error()),
            result => Ok(result),
        });
        match outcome {
            Err(libc::EINTR) => cx.run_pending()?,
            // Somebody else was faster.
            Err(libc::EAGAIN) if patience.timeout > 0 && !patience.is_endless() => {}
            outcome => return Ok(outcome),
        }
    }
}

/// The same with the object's own timeout, and errors raised.
pub fn call(cx: &mut Cx, this: Gc<SocketObject>, writing: bool, body: impl FnMut(i32) -> i64) -> PyResult<i64> {
    let patience = Patience::of(this.timeout.get());
    attempt(cx, this, writing, &patience, body)?.map_err(|number| os_error(cx, number))
}

/// An int argument that must not be a float.
pub fn descriptor_argument(cx: &mut Cx, value: Value) -> PyResult<i32> {
    if !int::is_int(value) && operations::as_float(value).is_some() {
        return Err(cx.type_error("integer argument expected, got float"));
    }
    let number = crate::system::arguments::c_int(cx, value)?;
    if number < 0 {
        return Err(cx.value_error("negative file descriptor"));
    }
    Ok(number)
}
