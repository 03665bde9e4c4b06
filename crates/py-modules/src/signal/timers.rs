//! Timers that send signals.

use crate::system::arguments::CInt;
use crate::system::errors::{last_error, text_of};
use crate::system::roots::RootedValue;
use crate::time::duration;
use py_macros::py_functions;
use py_object::exception::as_exception;
use py_object::objects::{Dict, Str, Tuple, Type};
use py_object::types::{self, as_type};
use py_object::{Cx, Kind, PyResult, Raised, call};
use vm_heap::{Gc, Value};

static ERROR: RootedValue = RootedValue::new();

/// `signal.ItimerError`, a kind of OSError.
pub fn error_class(cx: &mut Cx) -> PyResult<Gc<Type>> {
    if let Some(class) = ERROR.get().and_then(as_type) {
        return Ok(class);
    }
    let namespace = Dict::new(cx);
    let key = cx.intern("__module__");
    let module = Str::new(cx, "signal");
    Dict::set_str(cx, namespace, key, module.value())?;
    let base = cx.builtin_type(Kind::OS_ERROR).value();
    let bases = Tuple::new(cx, &[base]);
    let name = cx.intern("ItimerError");
    let metaclass = cx.builtin_type(Kind::TYPE);
    let class = types::new_class(cx, metaclass, name, bases.value(), namespace)?;
    ERROR.set(class.value());
    Ok(class)
}

fn raise(cx: &mut Cx, number: i32) -> Raised {
    let class = match error_class(cx) {
        Ok(class) => class,
        Err(raised) => return raised,
    };
    let text = Str::new(cx, &text_of(number));
    match call::call(cx, class.value(), &[Value::int(i64::from(number)), text.value()], None) {
        Ok(made) => match as_exception(made) {
            Some(exception) => py_object::exception::raise(cx, exception),
            None => cx.type_error("ItimerError() did not make an exception"),
        },
        Err(raised) => raised,
    }
}

fn value(cx: &mut Cx, timer: &libc::itimerval) -> Value {
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 * 1e-6;
    let left = cx.float(seconds(timer.it_value));
    let interval = cx.float(seconds(timer.it_interval));
    cx.tuple(&[left, interval])
}

fn time_of(cx: &mut Cx, seconds: Value) -> PyResult<libc::timeval> {
    let nanoseconds = duration(cx, seconds)?;
    // Rounded up, so that a short time does not switch the timer off.
    let microseconds = nanoseconds.div_euclid(1000) + i64::from(nanoseconds.rem_euclid(1000) > 0);
    Ok(libc::timeval { tv_sec: microseconds.div_euclid(1_000_000), tv_usec: microseconds.rem_euclid(1_000_000) })
}

/// The functions.
pub struct Functions;

#[py_functions("_signal")]
impl Functions {
    /// Sets given itimer (one of ITIMER_REAL, ITIMER_VIRTUAL or ITIMER_PROF).
    ///
    /// The timer will fire after value seconds and after that every interval seconds.
    /// The itimer can be cleared by setting seconds to zero.
    ///
    /// Returns old values as a tuple: (delay, interval).
    #[function]
    fn setitimer(cx: &mut Cx, which: CInt, seconds: Value, #[default(Value::int(0))] interval: Value) -> PyResult {
        let new = libc::itimerval { it_value: time_of(cx, seconds)?, it_interval: time_of(cx, interval)? };
        // SAFETY: both structures are local.
        let (result, old) = unsafe {
            let mut old: libc::itimerval = std::mem::zeroed();
            (setitimer(which.0, &raw const new, &raw mut old), old)
        };
        if result < 0 {
            return Err(raise(cx, last_error()));
        }
        Ok(value(cx, &old))
    }
    /// Returns current value of given itimer.
    #[function]
    fn getitimer(cx: &mut Cx, which: CInt) -> PyResult {
        // SAFETY: the structure is local.
        let (result, found) = unsafe {
            let mut found: libc::itimerval = std::mem::zeroed();
            (getitimer(which.0, &raw mut found), found)
        };
        if result < 0 {
            return Err(raise(cx, last_error()));
        }
        Ok(value(cx, &found))
    }
}

unsafe extern "C" {
    fn setitimer(which: libc::c_int, new: *const libc::itimerval, old: *mut libc::itimerval) -> libc::c_int;
    fn getitimer(which: libc::c_int, found: *mut libc::itimerval) -> libc::c_int;
}
