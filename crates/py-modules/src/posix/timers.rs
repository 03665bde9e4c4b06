//! Timers that are file descriptors.

use crate::system::arguments::{CInt, Descriptor};
use crate::system::errors::check;
use py_macros::py_functions;
use py_object::types::int;
use py_object::{Cx, Kind, PyResult};
use vm_heap::Value;

const SECOND: i64 = 1_000_000_000;

fn specification(initial: i64, interval: i64) -> libc::itimerspec {
    let time = |nanoseconds: i64| libc::timespec {
        tv_sec: nanoseconds.div_euclid(SECOND),
        tv_nsec: nanoseconds.rem_euclid(SECOND),
    };
    libc::itimerspec { it_interval: time(interval), it_value: time(initial) }
}

/// Sets a timer; the next expiration and the interval before, in nanoseconds.
fn set(cx: &mut Cx, descriptor: i32, flags: i32, initial: i64, interval: i64) -> PyResult<[i64; 2]> {
    let new = specification(initial, interval);
    let mut old = specification(0, 0);
    // SAFETY: both structures live during the call.
    check(cx, || i64::from(unsafe { libc::timerfd_settime(descriptor, flags, &raw const new, &raw mut old) }))?;
    Ok(times_of(&old))
}

fn get(cx: &mut Cx, descriptor: i32) -> PyResult<[i64; 2]> {
    let mut current = specification(0, 0);
    // SAFETY: the structure lives during the call.
    check(cx, || i64::from(unsafe { libc::timerfd_gettime(descriptor, &raw mut current) }))?;
    Ok(times_of(&current))
}

fn times_of(specification: &libc::itimerspec) -> [i64; 2] {
    [&specification.it_value, &specification.it_interval]
        .map(|time| time.tv_sec.saturating_mul(SECOND).saturating_add(time.tv_nsec))
}

fn in_seconds(cx: &mut Cx, times: [i64; 2]) -> Value {
    let times = times.map(|time| cx.float(time as f64 / SECOND as f64));
    cx.tuple(&times)
}

fn in_nanoseconds(cx: &mut Cx, times: [i64; 2]) -> Value {
    let [expiration, interval] = times;
    let expiration = int::from_i64(cx, expiration);
    let interval = int::from_i64(cx, interval);
    cx.tuple(&[expiration, interval])
}

/// Seconds as nanoseconds, rounded down.
fn nanoseconds(cx: &mut Cx, seconds: f64) -> PyResult<i64> {
    let nanoseconds = (seconds * SECOND as f64).floor();
    if nanoseconds.is_nan() {
        return Err(cx.value_error("Invalid value NaN (not a number)"));
    }
    if nanoseconds < i64::MIN as f64 || nanoseconds >= i64::MAX as f64 {
        return Err(cx.raise(Kind::OVERFLOW_ERROR, "timestamp out of range for C PyTime_t"));
    }
    Ok(nanoseconds as i64)
}

/// The functions.
pub struct Functions;

#[py_functions("posix")]
impl Functions {
    /// Create and return a timer file descriptor.
    ///
    /// clockid is one of the clocks CLOCK_REALTIME, CLOCK_MONOTONIC and CLOCK_BOOTTIME
    /// of the module time; flags may have TFD_NONBLOCK and TFD_CLOEXEC.
    #[function]
    fn timerfd_create(
        cx: &mut Cx,
        clockid: CInt,
        #[keyword_only]
        #[default(CInt(0))]
        flags: CInt,
    ) -> PyResult<i64> {
        // SAFETY: a system call on plain numbers.
        check(cx, || i64::from(unsafe { libc::timerfd_create(clockid.0, flags.0) }))
    }
    /// Set the timer of a timer file descriptor, in seconds.
    ///
    /// flags may have TFD_TIMER_ABSTIME and TFD_TIMER_CANCEL_ON_SET; initial is the time of the first
    /// expiration, interval that between later ones. Returns what they were before.
    #[function]
    fn timerfd_settime(
        cx: &mut Cx,
        fd: Descriptor,
        #[keyword_only]
        #[default(CInt(0))]
        flags: CInt,
        #[keyword_only]
        #[default(0.0)]
        initial: f64,
        #[keyword_only]
        #[default(0.0)]
        interval: f64,
    ) -> PyResult {
        let initial = nanoseconds(cx, initial)?;
        let interval = nanoseconds(cx, interval)?;
        let before = set(cx, fd.0, flags.0, initial, interval)?;
        Ok(in_seconds(cx, before))
    }
    /// Set the timer of a timer file descriptor, in nanoseconds.
    ///
    /// As timerfd_settime() otherwise.
    #[function]
    fn timerfd_settime_ns(
        cx: &mut Cx,
        fd: Descriptor,
        #[keyword_only]
        #[default(CInt(0))]
        flags: CInt,
        #[keyword_only]
        #[default(0)]
        initial: i64,
        #[keyword_only]
        #[default(0)]
        interval: i64,
    ) -> PyResult {
        let before = set(cx, fd.0, flags.0, initial, interval)?;
        Ok(in_nanoseconds(cx, before))
    }
    /// Return the time to the next expiration and the interval of a timer file descriptor, in seconds.
    #[function]
    fn timerfd_gettime(cx: &mut Cx, fd: Descriptor) -> PyResult {
        let times = get(cx, fd.0)?;
        Ok(in_seconds(cx, times))
    }
    /// Return the time to the next expiration and the interval of a timer file descriptor, in nanoseconds.
    #[function]
    fn timerfd_gettime_ns(cx: &mut Cx, fd: Descriptor) -> PyResult {
        let times = get(cx, fd.0)?;
        Ok(in_nanoseconds(cx, times))
    }
}
