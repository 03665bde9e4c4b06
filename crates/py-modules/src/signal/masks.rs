//! Sets of signals: what threads block, what waits, waiting for it.

use super::check_number;
use crate::posix::signal_set;
use crate::structseq::{self, Declaration};
use crate::system::arguments::CInt;
use crate::system::errors::{check, last_error, os_error};
use crate::time::duration;
use py_macros::py_functions;
use py_object::{Cx, Kind, NONE, PyResult, call};
use std::mem::MaybeUninit;
use std::time::{Duration, Instant};
use vm_heap::Value;

/// `signal.struct_siginfo`.
pub static STRUCT_SIGINFO: Declaration = Declaration {
    name: "signal.struct_siginfo",
    doc: "struct_siginfo: Result from sigwaitinfo or sigtimedwait.",
    fields: &[
        ("si_signo", "signal number"),
        ("si_code", "signal code"),
        ("si_errno", "errno associated with this signal"),
        ("si_pid", "sending process ID"),
        ("si_uid", "real user ID of sending process"),
        ("si_status", "exit value or signal"),
        ("si_band", "band event for SIGPOLL"),
    ],
    items: 7,
    copies: &[],
};

fn set_value(cx: &mut Cx, set: &libc::sigset_t) -> PyResult {
    let class = cx.builtin_type(Kind::SET).value();
    let result = call::call(cx, class, &[], None)?;
    for number in 1..65 {
        // SAFETY: the set is initialised.
        if unsafe { libc::sigismember(set, number) } == 1 {
            call::call_method(cx, result, "add", &[Value::int(i64::from(number))])?;
        }
    }
    Ok(result)
}

fn information_value(cx: &mut Cx, found: &libc::siginfo_t) -> PyResult {
    // SAFETY: the fields lie in the structure; which of them mean something depends on the signal.
    let (process, user, status) = unsafe { (found.si_pid(), found.si_uid(), found.si_status()) };
    let numbers = [
        i64::from(found.si_signo),
        i64::from(found.si_code),
        i64::from(found.si_errno),
        i64::from(process),
        i64::from(user),
        i64::from(status),
        0,
    ];
    structseq::new(cx, &STRUCT_SIGINFO, &numbers.map(Value::int))
}

/// Waits for one of several signals; `None` after the deadline.
fn wait(cx: &mut Cx, set: &libc::sigset_t, deadline: Option<Instant>) -> PyResult<Option<libc::siginfo_t>> {
    loop {
        let mut found = MaybeUninit::<libc::siginfo_t>::zeroed();
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let time =
            left.map(|left| libc::timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos()) });
        let outcome = cx.mutator().native(|| {
            // SAFETY: the set and the time can be read, the information written.
            let result = unsafe {
                match &time {
                    Some(time) => libc::sigtimedwait(set, found.as_mut_ptr(), time),
                    None => libc::sigwaitinfo(set, found.as_mut_ptr()),
                }
            };
            if result < 0 { Err(last_error()) } else { Ok(()) }
        });
        match outcome {
            // SAFETY: the call succeeded.
            Ok(()) => return Ok(Some(unsafe { found.assume_init() })),
            Err(libc::EAGAIN) => return Ok(None),
            Err(libc::EINTR) => cx.run_pending()?,
            Err(number) => return Err(os_error(cx, number)),
        }
    }
}

fn change_mask(how: i32, set: &libc::sigset_t) -> Result<libc::sigset_t, i32> {
    let mut old = MaybeUninit::<libc::sigset_t>::zeroed();
    // SAFETY: the new set can be read, the old one written.
    unsafe {
        match libc::pthread_sigmask(how, set, old.as_mut_ptr()) {
            0 => Ok(old.assume_init()),
            number => Err(number),
        }
    }
}

/// The functions.
pub struct Functions;

#[py_functions("_signal")]
impl Functions {
    /// Fetch and/or change the signal mask of the calling thread.
    #[function]
    fn pthread_sigmask(cx: &mut Cx, how: CInt, mask: Value) -> PyResult {
        let set = signal_set(cx, mask)?;
        let old = change_mask(how.0, &set).map_err(|number| os_error(cx, number))?;
        // What is no longer blocked may have come.
        cx.run_pending()?;
        set_value(cx, &old)
    }
    /// Examine pending signals.
    ///
    /// Returns a set of signal numbers that are pending for delivery to
    /// the calling thread.
    #[function]
    fn sigpending(cx: &mut Cx) -> PyResult {
        let mut set = MaybeUninit::<libc::sigset_t>::zeroed();
        // SAFETY: the set can be written.
        check(cx, || i64::from(unsafe { libc::sigpending(set.as_mut_ptr()) }))?;
        // SAFETY: the call succeeded.
        set_value(cx, &unsafe { set.assume_init() })
    }
    /// Wait for a signal.
    ///
    /// Suspend execution of the calling thread until the delivery of one of the
    /// signals specified in the signal set sigset.  The function accepts the signal
    /// and returns the signal number.
    #[function]
    fn sigwait(cx: &mut Cx, sigset: Value) -> PyResult<i64> {
        let set = signal_set(cx, sigset)?;
        loop {
            let mut found = 0;
            // SAFETY: the set can be read, the number written.
            match cx.mutator().native(|| unsafe { libc::sigwait(&raw const set, &raw mut found) }) {
                0 => return Ok(i64::from(found)),
                libc::EINTR => cx.run_pending()?,
                number => return Err(os_error(cx, number)),
            }
        }
    }
    /// Wait synchronously until one of the signals in sigset is delivered.
    ///
    /// Returns a struct_siginfo containing information about the signal.
    #[function]
    fn sigwaitinfo(cx: &mut Cx, sigset: Value) -> PyResult {
        let set = signal_set(cx, sigset)?;
        match wait(cx, &set, None)? {
            Some(found) => information_value(cx, &found),
            None => Ok(NONE),
        }
    }
    /// Like sigwaitinfo(), but with a timeout.
    ///
    /// The timeout is specified in seconds, rounded up to nanoseconds.
    #[function]
    fn sigtimedwait(cx: &mut Cx, sigset: Value, timeout: Value) -> PyResult {
        let length = duration(cx, timeout)?;
        let Ok(length) = u64::try_from(length) else {
            return Err(cx.value_error("timeout must be non-negative"));
        };
        let set = signal_set(cx, sigset)?;
        match wait(cx, &set, Some(Instant::now() + Duration::from_nanos(length)))? {
            Some(found) => information_value(cx, &found),
            None => Ok(NONE),
        }
    }
    /// Return a set of valid signal numbers on this platform.
    #[function]
    fn valid_signals(cx: &mut Cx) -> PyResult {
        let mut set = MaybeUninit::<libc::sigset_t>::zeroed();
        // SAFETY: initialises the set.
        let set = unsafe {
            libc::sigfillset(set.as_mut_ptr());
            set.assume_init()
        };
        set_value(cx, &set)
    }
    /// Send a signal to a thread.
    #[function]
    fn pthread_kill(cx: &mut Cx, thread_id: i64, #[name("signalnum")] number: CInt) -> PyResult<()> {
        // SAFETY: a plain query about the calling thread.
        let own = unsafe { libc::pthread_self() };
        // Identifiers of threads may be shortened; which thread one means is known for the calling one.
        let target =
            if thread_id == own as i64 || thread_id == own as i64 >> 4 { own } else { thread_id as libc::pthread_t };
        // SAFETY: Python's rule: the identifier is that of a thread that lives.
        match unsafe { libc::pthread_kill(target, number.0) } {
            0 => cx.run_pending(),
            number => Err(os_error(cx, number)),
        }
    }
    /// Send a signal to a process referred to by a pid file descriptor.
    #[function]
    fn pidfd_send_signal(
        cx: &mut Cx,
        pidfd: CInt,
        #[name("signalnum")] number: CInt,
        #[default(NONE)] siginfo: Value,
        #[default(CInt(0))] flags: CInt,
    ) -> PyResult<()> {
        if siginfo != NONE {
            return Err(cx.type_error("siginfo must be None"));
        }
        check_number(cx, number.0)?;
        // SAFETY: a system call on plain numbers; the information may be null.
        check(cx, || unsafe {
            libc::syscall(
                libc::SYS_pidfd_send_signal,
                pidfd.0,
                number.0,
                std::ptr::null_mut::<libc::siginfo_t>(),
                flags.0,
            )
        })
        .map(|_| ())
    }
}
