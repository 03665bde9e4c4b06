//! `time`: clocks, sleeping, and times by the calendar.

mod calendar;
mod zone;

use crate::posix::{query, time_from_seconds};
use crate::system::arguments::CInt;
use crate::system::errors::os_error;
use crate::{module_of, set, structseq};
use py_macros::py_functions;
use py_object::bootstrap::add_functions;
use py_object::objects::{Module, Str, Tuple};
use py_object::types::int;
use py_object::{Cx, FALSE, Kind, PyResult, StrExt, TRUE, call, operations};
use vm_heap::{Gc, Value};

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
    nanoseconds as f64 / 1e9
}

/// Nanoseconds of a duration in seconds, rounded up. ValueError for NaN, OverflowError for what does not fit.
pub fn duration(cx: &mut Cx, value: Value) -> PyResult<i64> {
    let too_large = |cx: &mut Cx| cx.raise(Kind::OVERFLOW_ERROR, "timestamp too large to convert to C PyTime_t");
    if !int::is_int(value)
        && let Some(number) = operations::as_float(value)
    {
        if number.is_nan() {
            return Err(cx.value_error("Invalid value NaN (not a number)"));
        }
        let nanoseconds = (number * 1e9).ceil();
        if !(-9.223_372_036_854_775e18..9.223_372_036_854_775e18).contains(&nanoseconds) {
            return Err(too_large(cx));
        }
        return Ok(nanoseconds as i64);
    }
    let Some(number) = int::try_index(cx, value)? else {
        let class = py_object::types::class_name(cx, value);
        return Err(cx.type_error(format!("'{class}' object cannot be interpreted as an integer or float")));
    };
    match int::as_i64(number).and_then(|seconds| seconds.checked_mul(1_000_000_000)) {
        Some(nanoseconds) => Ok(nanoseconds),
        None => Err(too_large(cx)),
    }
}

fn sleep(cx: &mut Cx, length: i64) -> PyResult<()> {
    let until = clock(libc::CLOCK_MONOTONIC).saturating_add(length);
    let until = libc::timespec { tv_sec: until / 1_000_000_000, tv_nsec: until % 1_000_000_000 };
    loop {
        // To a point in time, so that an interruption does not make it longer.
        let number = cx.mutator().native(|| {
            // SAFETY: the time can be read.
            unsafe {
                libc::clock_nanosleep(
                    libc::CLOCK_MONOTONIC,
                    libc::TIMER_ABSTIME,
                    &raw const until,
                    std::ptr::null_mut(),
                )
            }
        });
        match number {
            0 => return Ok(()),
            libc::EINTR => cx.run_pending()?,
            number => return Err(os_error(cx, number)),
        }
    }
}

fn clock_time(cx: &mut Cx, id: i32) -> PyResult<libc::timespec> {
    // SAFETY: the structure can be written.
    match query::<libc::timespec>(cx, |time| unsafe { libc::clock_gettime(id, time) })? {
        Ok(time) => Ok(time),
        Err(number) => Err(os_error(cx, number)),
    }
}

fn set_clock(cx: &mut Cx, id: i32, time: libc::timespec) -> PyResult<()> {
    // SAFETY: the time can be read.
    let result = unsafe { libc::clock_settime(id, &raw const time) };
    if result < 0 { Err(os_error(cx, crate::system::errors::last_error())) } else { Ok(()) }
}

fn nanoseconds_value(cx: &mut Cx, time: libc::timespec) -> Value {
    int::from_i128(cx, i128::from(time.tv_sec) * 1_000_000_000 + i128::from(time.tv_nsec))
}

fn clock_information(cx: &mut Cx, name: &str) -> PyResult {
    let (id, source, monotonic, adjustable) = match name {
        "time" => (libc::CLOCK_REALTIME, "clock_gettime(CLOCK_REALTIME)", false, true),
        "monotonic" | "perf_counter" => (libc::CLOCK_MONOTONIC, "clock_gettime(CLOCK_MONOTONIC)", true, false),
        "process_time" => (libc::CLOCK_PROCESS_CPUTIME_ID, "clock_gettime(CLOCK_PROCESS_CPUTIME_ID)", true, false),
        "thread_time" => (libc::CLOCK_THREAD_CPUTIME_ID, "clock_gettime(CLOCK_THREAD_CPUTIME_ID)", true, false),
        _ => return Err(cx.value_error("unknown clock")),
    };
    // SAFETY: the structure can be written.
    let resolution = query::<libc::timespec>(cx, |time| unsafe { libc::clock_getres(id, time) })?;
    let resolution = resolution.map_or(1e-9, |time| time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9);
    let names = ["implementation", "monotonic", "adjustable", "resolution"].map(|name| cx.intern(name).value());
    let names = Tuple::new(cx, &names);
    let truth = |on| if on { TRUE } else { FALSE };
    let source = Str::new(cx, source);
    let resolution = cx.float(resolution);
    let class = cx.builtin_type(Kind::SIMPLE_NAMESPACE).value();
    call::call(cx, class, &[source.value(), truth(monotonic), truth(adjustable), resolution], Some(names))
}

/// The functions about clocks.
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
    /// Processor time of the calling thread, in nanoseconds.
    #[function(transaction = Pure)]
    fn thread_time_ns() -> i64 {
        clock(libc::CLOCK_THREAD_CPUTIME_ID)
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
    fn sleep(cx: &mut Cx, seconds: Value) -> PyResult<()> {
        let length = duration(cx, seconds)?;
        if length < 0 {
            return Err(cx.value_error("sleep length must be non-negative"));
        }
        sleep(cx, length)
    }
    /// Return the time of the specified clock clk_id as a float.
    #[function]
    fn clock_gettime(cx: &mut Cx, clk_id: CInt) -> PyResult<f64> {
        let time = clock_time(cx, clk_id.0)?;
        Ok(time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9)
    }
    /// Return the time of the specified clock clk_id as nanoseconds (int).
    #[function]
    fn clock_gettime_ns(cx: &mut Cx, clk_id: CInt) -> PyResult {
        let time = clock_time(cx, clk_id.0)?;
        Ok(nanoseconds_value(cx, time))
    }
    /// Set the time of the specified clock clk_id.
    #[function]
    fn clock_settime(cx: &mut Cx, clk_id: CInt, time: Value) -> PyResult<()> {
        let time = time_from_seconds(cx, time)?;
        set_clock(cx, clk_id.0, time)
    }
    /// Set the time of the specified clock clk_id with nanoseconds.
    #[function]
    fn clock_settime_ns(cx: &mut Cx, clk_id: CInt, time: i64) -> PyResult<()> {
        let time = libc::timespec { tv_sec: time.div_euclid(1_000_000_000), tv_nsec: time.rem_euclid(1_000_000_000) };
        set_clock(cx, clk_id.0, time)
    }
    /// Return the resolution (precision) of the specified clock clk_id.
    #[function]
    fn clock_getres(cx: &mut Cx, clk_id: CInt) -> PyResult<f64> {
        // SAFETY: the structure can be written.
        match query::<libc::timespec>(cx, |time| unsafe { libc::clock_getres(clk_id.0, time) })? {
            Ok(time) => Ok(time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9),
            Err(number) => Err(os_error(cx, number)),
        }
    }
    /// Return the clk_id of a thread's CPU time clock.
    #[function]
    fn pthread_getcpuclockid(cx: &mut Cx, thread_id: i64) -> PyResult<i64> {
        // A thread that does not exist must not be asked about: only the calling one is known to live.
        // SAFETY: plain queries about the calling thread.
        unsafe {
            let own = libc::pthread_self();
            if thread_id as libc::pthread_t != own && thread_id != own as i64 >> 4 {
                return Err(os_error(cx, libc::ESRCH));
            }
            let mut id = 0;
            match libc::pthread_getcpuclockid(own, &raw mut id) {
                0 => Ok(i64::from(id)),
                number => Err(os_error(cx, number)),
            }
        }
    }
    /// Get information of the specified clock.
    #[function]
    fn get_clock_info(cx: &mut Cx, name: Gc<Str>) -> PyResult {
        let name = name.to_text();
        clock_information(cx, &name)
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "time", FUNCTIONS);
    add_functions(cx, module.dict.get(), module.value(), calendar::FUNCTIONS);
    add_functions(cx, module.dict.get(), module.value(), zone::FUNCTIONS);
    for (name, id) in [
        ("CLOCK_REALTIME", libc::CLOCK_REALTIME),
        ("CLOCK_MONOTONIC", libc::CLOCK_MONOTONIC),
        ("CLOCK_MONOTONIC_RAW", libc::CLOCK_MONOTONIC_RAW),
        ("CLOCK_PROCESS_CPUTIME_ID", libc::CLOCK_PROCESS_CPUTIME_ID),
        ("CLOCK_THREAD_CPUTIME_ID", libc::CLOCK_THREAD_CPUTIME_ID),
        ("CLOCK_BOOTTIME", libc::CLOCK_BOOTTIME),
        ("CLOCK_TAI", libc::CLOCK_TAI),
        ("_STRUCT_TM_ITEMS", 11),
    ] {
        set(cx, module, name, Value::int(i64::from(id)))?;
    }
    let class = structseq::class(cx, &calendar::STRUCT_TIME)?;
    set(cx, module, "struct_time", class.value())?;
    zone::set_zone(cx, module.dict.get())?;
    Ok(module)
}
