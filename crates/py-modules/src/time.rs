//! `time`: clocks and sleeping.

use crate::module_of;
use py_macros::py_functions;
use py_object::objects::Module;
use py_object::{Cx, PyResult};
use vm_heap::Gc;

/// Nanoseconds on a clock of the system.
fn clock(clock: libc::clockid_t) -> i64 {
    // SAFETY: a plain query into a local structure.
    unsafe {
        let mut time: libc::timespec = std::mem::zeroed();
        libc::clock_gettime(clock, &mut time);
        time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}

fn seconds(nanoseconds: i64) -> f64 {
    nanoseconds as f64 * 1e-9
}

/// The functions.
pub struct Functions;

#[py_functions("time")]
impl Functions {
    /// Performance counter for benchmarking, in seconds.
    #[function(transaction = Pure)]
    fn perf_counter() -> f64 {
        seconds(clock(libc::CLOCK_MONOTONIC))
    }
    /// Performance counter for benchmarking, in nanoseconds.
    #[function(transaction = Pure)]
    fn perf_counter_ns() -> i64 {
        clock(libc::CLOCK_MONOTONIC)
    }
    /// Monotonic clock, cannot go backward, in seconds.
    #[function(transaction = Pure)]
    fn monotonic() -> f64 {
        seconds(clock(libc::CLOCK_MONOTONIC))
    }
    /// Monotonic clock, cannot go backward, in nanoseconds.
    #[function(transaction = Pure)]
    fn monotonic_ns() -> i64 {
        clock(libc::CLOCK_MONOTONIC)
    }
    /// Processor time of the process, all its threads, in seconds.
    #[function(transaction = Pure)]
    fn process_time() -> f64 {
        seconds(clock(libc::CLOCK_PROCESS_CPUTIME_ID))
    }
    /// Processor time of the process, all its threads, in nanoseconds.
    #[function(transaction = Pure)]
    fn process_time_ns() -> i64 {
        clock(libc::CLOCK_PROCESS_CPUTIME_ID)
    }
    /// Processor time of the calling thread, in seconds.
    #[function(transaction = Pure)]
    fn thread_time() -> f64 {
        seconds(clock(libc::CLOCK_THREAD_CPUTIME_ID))
    }
    /// Seconds since the Epoch.
    #[function(transaction = Pure)]
    fn time() -> f64 {
        seconds(clock(libc::CLOCK_REALTIME))
    }
    /// Nanoseconds since the Epoch.
    #[function(transaction = Pure)]
    fn time_ns() -> i64 {
        clock(libc::CLOCK_REALTIME)
    }
    /// Delay execution for a given number of seconds.
    #[function]
    fn sleep(cx: &mut Cx, seconds: f64) -> PyResult<()> {
        if seconds < 0.0 {
            return Err(cx.value_error("sleep length must be non-negative"));
        }
        match std::time::Duration::try_from_secs_f64(seconds) {
            Ok(duration) => {
                cx.mutator().native(|| std::thread::sleep(duration));
                Ok(())
            }
            Err(_) => Err(cx.value_error("Invalid value NaN (not a number) or too large for a sleep length")),
        }
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    Ok(module_of(cx, "time", FUNCTIONS))
}
