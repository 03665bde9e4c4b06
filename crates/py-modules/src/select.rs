//! `select`: waiting for descriptors to become ready.

mod epoll;
mod poll;

pub use epoll::{EPOLL_METHODS, EpollObject};
pub use poll::{POLL_METHODS, PollObject};

use crate::system::arguments::descriptor_of;
use crate::system::errors::{last_error, os_error};
use crate::time::duration;
use crate::{module_of, set};
use py_macros::py_functions;
use py_object::objects::{List, Module};
use py_object::types::{int, list};
use py_object::{Cx, Kind, NONE, PyResult, downcast, operations};
use std::time::{Duration, Instant};
use vm_heap::{Gc, Value};

/// Until when to wait; `None`: for ever.
pub type Deadline = Option<Instant>;

/// A deadline from a timeout in seconds, or for ever.
fn deadline(cx: &mut Cx, timeout: Value) -> PyResult<Deadline> {
    if timeout == NONE {
        return Ok(None);
    }
    if !int::is_int(timeout)
        && operations::as_float(timeout).is_none()
        && py_object::types::lookup_special(cx, timeout, "__index__").is_none()
    {
        return Err(cx.type_error("timeout must be a float or None"));
    }
    let length = duration(cx, timeout)?;
    match u64::try_from(length) {
        Ok(length) => Ok(Instant::now().checked_add(Duration::from_nanos(length))),
        Err(_) => Err(cx.value_error("timeout must be non-negative")),
    }
}

/// What is left until a deadline.
fn left(deadline: Deadline) -> Option<Duration> {
    deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
}

/// Descriptors of a sequence, and the objects that they came from.
///
/// A list is walked as it is: asking an object for its descriptor may change it.
fn descriptors(cx: &mut Cx, sequence: Value) -> PyResult<(Gc<List>, Vec<i32>)> {
    let is_sequence = py_object::types::lookup_special(cx, sequence, "__iter__").is_some()
        || py_object::types::lookup_special(cx, sequence, "__getitem__").is_some();
    if !is_sequence {
        return Err(cx.type_error("arguments 1-3 must be sequences"));
    }
    let source = match downcast::<List>(sequence) {
        Some(list) => list,
        None => list::from_iterable(cx, sequence)?,
    };
    let items = List::new(cx, &[])?;
    let mut found = Vec::new();
    while let Some(item) = list::item(source, found.len()) {
        List::push(cx, items, item)?;
        let descriptor = descriptor_of(cx, item)?;
        if descriptor as usize >= libc::FD_SETSIZE {
            return Err(cx.value_error("filedescriptor out of range in select()"));
        }
        found.push(descriptor);
    }
    if found.len() > libc::FD_SETSIZE {
        return Err(cx.value_error("too many file descriptors in select()"));
    }
    Ok((items, found))
}

fn ready(cx: &mut Cx, items: Gc<List>, descriptors: &[i32], set: &libc::fd_set) -> PyResult<Gc<List>> {
    let ready = List::new(cx, &[])?;
    for (at, descriptor) in descriptors.iter().enumerate() {
        // SAFETY: the set is initialised and the descriptor in its range.
        if unsafe { libc::FD_ISSET(*descriptor, set) }
            && let Some(item) = list::item(items, at)
        {
            List::push(cx, ready, item)?;
        }
    }
    Ok(ready)
}

fn select(cx: &mut Cx, sequences: [Value; 3], deadline: Deadline) -> PyResult {
    let (readers, reading) = descriptors(cx, sequences[0])?;
    let (writers, writing) = descriptors(cx, sequences[1])?;
    let (others, exceptional) = descriptors(cx, sequences[2])?;
    let highest = reading.iter().chain(&writing).chain(&exceptional).max().copied().unwrap_or(-1);
    loop {
        let mut sets = [&reading, &writing, &exceptional].map(|descriptors| {
            // SAFETY: the set is local, the descriptors in its range.
            unsafe {
                let mut set: libc::fd_set = std::mem::zeroed();
                libc::FD_ZERO(&raw mut set);
                for descriptor in descriptors {
                    libc::FD_SET(*descriptor, &raw mut set);
                }
                set
            }
        });
        let mut time = left(deadline).map(|left| libc::timeval {
            tv_sec: left.as_secs() as i64,
            // Rounded up: it must not be over early.
            tv_usec: i64::from(left.subsec_nanos().div_ceil(1000)).min(999_999),
        });
        let outcome = cx.mutator().native(|| {
            let time = time.as_mut().map_or(std::ptr::null_mut(), |time| time as *mut libc::timeval);
            let [read, write, other] = &mut sets;
            // SAFETY: the sets are local, the time is null or local.
            match unsafe { libc::select(highest + 1, read, write, other, time) } {
                -1 => Err(last_error()),
                count => Ok(count),
            }
        });
        match outcome {
            Ok(count) => {
                if count == 0 {
                    sets.iter_mut().for_each(|set| {
                        // SAFETY: the set is local.
                        unsafe { libc::FD_ZERO(set) }
                    });
                }
                let readers = ready(cx, readers, &reading, &sets[0])?;
                let writers = ready(cx, writers, &writing, &sets[1])?;
                let others = ready(cx, others, &exceptional, &sets[2])?;
                return Ok(cx.tuple(&[readers.value(), writers.value(), others.value()]));
            }
            Err(libc::EINTR) => {
                cx.run_pending()?;
                if left(deadline).is_some_and(|left| left.is_zero()) {
                    let empty = [List::new(cx, &[])?, List::new(cx, &[])?, List::new(cx, &[])?];
                    return Ok(cx.tuple(&empty.map(|list| list.value())));
                }
            }
            Err(number) => return Err(os_error(cx, number)),
        }
    }
}

/// The functions.
pub struct Functions;

#[py_functions("select")]
impl Functions {
    /// Wait until one or more file descriptors are ready for some kind of I/O.
    ///
    /// The first three arguments are iterables of file descriptors to be waited for:
    /// until ready for reading, for writing, and for an exceptional condition. The
    /// optional timeout is in seconds; without it the call waits without limit.
    ///
    /// The return value is a tuple of three lists corresponding to the first three
    /// arguments; each contains the subset of the objects that are ready.
    #[function]
    fn select(cx: &mut Cx, rlist: Value, wlist: Value, xlist: Value, #[default(NONE)] timeout: Value) -> PyResult {
        let deadline = deadline(cx, timeout)?;
        select(cx, [rlist, wlist, xlist], deadline)
    }
    /// Returns a polling object.
    ///
    /// This object supports registering and unregistering file descriptors, and then
    /// polling them for I/O events.
    #[function]
    fn poll(cx: &mut Cx) -> Gc<PollObject> {
        poll::new(cx)
    }
}

const NUMBERS: &[(&str, i64)] = &[
    ("PIPE_BUF", 4096),
    ("POLLIN", libc::POLLIN as i64),
    ("POLLPRI", libc::POLLPRI as i64),
    ("POLLOUT", libc::POLLOUT as i64),
    ("POLLERR", libc::POLLERR as i64),
    ("POLLHUP", libc::POLLHUP as i64),
    ("POLLNVAL", libc::POLLNVAL as i64),
    ("POLLRDNORM", libc::POLLRDNORM as i64),
    ("POLLRDBAND", libc::POLLRDBAND as i64),
    ("POLLWRNORM", libc::POLLWRNORM as i64),
    ("POLLWRBAND", libc::POLLWRBAND as i64),
    ("POLLMSG", 1024),
    ("POLLRDHUP", libc::POLLRDHUP as i64),
    ("EPOLLIN", libc::EPOLLIN as i64),
    ("EPOLLOUT", libc::EPOLLOUT as i64),
    ("EPOLLPRI", libc::EPOLLPRI as i64),
    ("EPOLLERR", libc::EPOLLERR as i64),
    ("EPOLLHUP", libc::EPOLLHUP as i64),
    ("EPOLLRDHUP", libc::EPOLLRDHUP as i64),
    ("EPOLLET", libc::EPOLLET as u32 as i64),
    ("EPOLLONESHOT", libc::EPOLLONESHOT as i64),
    ("EPOLLEXCLUSIVE", libc::EPOLLEXCLUSIVE as i64),
    ("EPOLLWAKEUP", libc::EPOLLWAKEUP as i64),
    ("EPOLLRDNORM", libc::EPOLLRDNORM as i64),
    ("EPOLLRDBAND", libc::EPOLLRDBAND as i64),
    ("EPOLLWRNORM", libc::EPOLLWRNORM as i64),
    ("EPOLLWRBAND", libc::EPOLLWRBAND as i64),
    ("EPOLLMSG", libc::EPOLLMSG as i64),
    ("EPOLL_CLOEXEC", libc::EPOLL_CLOEXEC as i64),
];

/// Layouts of the module's objects.
pub fn declare_layouts() {
    py_object::bootstrap::declare::<PollObject>();
    py_object::bootstrap::declare::<EpollObject>();
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "select", FUNCTIONS);
    for (name, number) in NUMBERS {
        set(cx, module, name, Value::int(*number))?;
    }
    let epoll = cx.builtin_type(Kind::EPOLL);
    set(cx, module, "epoll", epoll.value())?;
    let error = cx.builtin_type(Kind::OS_ERROR);
    set(cx, module, "error", error.value())?;
    Ok(module)
}
