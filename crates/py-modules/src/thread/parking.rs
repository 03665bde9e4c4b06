//! Waiting on a word inside a heap object, with the system's futexes.
//!
//! Objects do not move, and whoever waits keeps the object on its stack, so its words are good addresses to wait at.

use py_object::{Cx, PyResult};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use vm_heap::Field;

/// When a wait ends.
#[derive(Clone, Copy)]
pub enum Deadline {
    /// Without waiting.
    Now,
    /// When what is waited for comes.
    Never,
    /// At this time at the latest.
    At(Instant),
}

impl Deadline {
    /// In so many seconds; what is too far away never comes.
    pub fn after(seconds: f64) -> Deadline {
        let end = Duration::try_from_secs_f64(seconds).ok().and_then(|wait| Instant::now().checked_add(wait));
        end.map_or(Deadline::Never, Deadline::At)
    }
}

/// The half of a field that is waited on.
pub fn word(field: &Field<u64>) -> &AtomicU32 {
    // SAFETY: the low half of the word lies at its start, is aligned, and is accessed through this function only.
    unsafe { &*(std::ptr::from_ref(field.word()).cast::<AtomicU32>()) }
}

fn futex_wait(word: &AtomicU32, expected: u32, timeout: Option<Duration>) -> bool {
    let time = timeout.map(|timeout| libc::timespec {
        tv_sec: timeout.as_secs() as libc::time_t,
        tv_nsec: i64::from(timeout.subsec_nanos()),
    });
    let time = time.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    // SAFETY: the word is a valid address while the caller holds its object, and the time one of this frame.
    let result = unsafe {
        libc::syscall(libc::SYS_futex, word.as_ptr(), libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG, expected, time)
    };
    result == -1 && std::io::Error::last_os_error().raw_os_error() == Some(libc::EINTR)
}

/// Waits in the native state until the word is no longer `expected`, somebody wakes it, or the time is over; returns
/// false in the last case. A signal ends the wait as well; its handler has run then.
pub fn wait(cx: &mut Cx, word: &AtomicU32, expected: u32, deadline: Deadline) -> PyResult<bool> {
    let left = match deadline {
        Deadline::Now => return Ok(false),
        Deadline::Never => None,
        Deadline::At(end) => {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(false);
            }
            Some(left)
        }
    };
    let interrupted = cx.mutator().native(|| futex_wait(word, expected, left));
    if interrupted || cx.mutator().should_poll() {
        cx.run_pending()?;
    }
    Ok(true)
}

/// Wakes up to `count` threads that wait on the word.
pub fn wake(word: &AtomicU32, count: i32) {
    // SAFETY: the word is a valid address while the caller holds its object.
    unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG, count) };
}

const FREE: u32 = 0;
const HELD: u32 = 1;
/// Held, and somebody may be waiting.
const WANTED: u32 = 2;

/// Turns of looking at a held lock before its word is waited on.
const SPINS: usize = 40;

/// Takes the lock of a word; false after the deadline.
pub fn acquire(cx: &mut Cx, word: &AtomicU32, deadline: Deadline) -> PyResult<bool> {
    if word.compare_exchange(FREE, HELD, Ordering::Acquire, Ordering::Relaxed).is_ok() {
        return Ok(true);
    }
    if matches!(deadline, Deadline::Now) {
        return Ok(false);
    }
    for _ in 0..SPINS {
        if word.load(Ordering::Relaxed) == FREE
            && word.compare_exchange(FREE, HELD, Ordering::Acquire, Ordering::Relaxed).is_ok()
        {
            return Ok(true);
        }
        std::hint::spin_loop();
    }
    // Whoever has waited takes the lock as wanted, since there may be others.
    while word.swap(WANTED, Ordering::Acquire) != FREE {
        if !wait(cx, word, WANTED, deadline)? {
            // Between the end of the wait and now it may have become free.
            return Ok(word.compare_exchange(FREE, WANTED, Ordering::Acquire, Ordering::Relaxed).is_ok());
        }
    }
    Ok(true)
}

/// Gives the lock of a word back; false where it was free.
pub fn release(word: &AtomicU32) -> bool {
    match word.swap(FREE, Ordering::Release) {
        FREE => false,
        WANTED => {
            wake(word, 1);
            true
        }
        _ => true,
    }
}

/// Whether the lock of a word is held.
pub fn is_held(word: &AtomicU32) -> bool {
    word.load(Ordering::Relaxed) != FREE
}
