//! `faulthandler`: where a program is, when asked, when it takes too long, or when it crashes.
//!
//! A traceback is written of the calling thread only: the frames of a thread that runs can't be walked. In a handler of a
//! crash nothing but system calls is safe, so only what happened is said there.

use crate::module_of;
use crate::system::arguments::{CInt, c_int, descriptor_of};
use crate::time::duration;
use py_macros::py_functions;
use py_object::objects::{Dict, Module, Str};
use py_object::types::int;
use py_object::{Cx, Kind, NONE, PyResult, StrExt, attribute, call, downcast, frames};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};
use vm_heap::{Gc, Value};

/// Signals of crashes.
const CRASHES: [(i32, &str); 5] = [
    (libc::SIGBUS, "Bus error"),
    (libc::SIGILL, "Illegal instruction"),
    (libc::SIGFPE, "Floating-point exception"),
    (libc::SIGABRT, "Aborted"),
    (libc::SIGSEGV, "Segmentation fault"),
];

static ENABLED: AtomicBool = AtomicBool::new(false);
/// Where a crash is reported.
static TARGET: AtomicI32 = AtomicI32::new(2);
/// Number of the watch that counts; others end.
static WATCH: AtomicU64 = AtomicU64::new(0);
static GATE: Mutex<()> = Mutex::new(());
static CHANGED: Condvar = Condvar::new();
/// Descriptors that signals write a traceback to, by signal; -1 for none.
static REGISTERED: [AtomicI32; 65] = [const { AtomicI32::new(-1) }; 65];

fn write(descriptor: i32, text: &str) {
    // SAFETY: the text is as long as stated.
    unsafe { libc::write(descriptor, text.as_ptr().cast(), text.len()) };
}

/// What the system calls at a crash.
extern "C" fn report_crash(number: libc::c_int) {
    let target = TARGET.load(Ordering::Relaxed);
    let name = CRASHES.iter().find(|(signal, _)| *signal == number).map_or("Crash", |(_, name)| name);
    write(target, "Fatal Python error: ");
    write(target, name);
    write(target, "\n\n");
    // SAFETY: plain system calls; with the default action the signal ends the process.
    unsafe {
        libc::signal(number, libc::SIG_DFL);
        libc::raise(number);
    }
}

/// The descriptor of a file argument; standard error where it is left out.
fn target(cx: &mut Cx, file: Value) -> PyResult<i32> {
    let file = if file == NONE {
        let modules = cx.runtime.modules.get().expect("made at start-up");
        let name = cx.intern("sys");
        let sys = Dict::get_str(cx, modules, name);
        let name = cx.intern("stderr");
        let found = match sys {
            Some(sys) => attribute::find(cx, sys, name)?.map(|(stream, _)| stream),
            None => None,
        };
        match found {
            None => return Err(cx.raise(Kind::RUNTIME_ERROR, "unable to get sys.stderr")),
            Some(NONE) => return Err(cx.raise(Kind::RUNTIME_ERROR, "sys.stderr is None")),
            Some(stream) => stream,
        }
    } else if int::is_int(file) {
        let descriptor = c_int(cx, file)?;
        if descriptor < 0 {
            return Err(cx.value_error("file is not a valid file descriptor"));
        }
        return Ok(descriptor);
    } else {
        file
    };
    let descriptor = descriptor_of(cx, file).map_err(|raised| {
        if py_object::types::is_instance(cx, cx.raised.get(), Kind::VALUE_ERROR) {
            cx.take_raised();
            return cx.raise(Kind::RUNTIME_ERROR, "file.fileno() is not a valid file descriptor");
        }
        raised
    })?;
    // What was written before comes first.
    if call::call_method(cx, file, "flush", &[]).is_err() {
        cx.take_raised();
    }
    Ok(descriptor)
}

/// The frames of the calling thread as text.
fn traceback(cx: &Cx) -> String {
    // SAFETY: a plain query about the calling thread.
    let thread = unsafe { libc::pthread_self() };
    let mut text = format!("Current thread {:#018x} (most recent call first):\n", thread as u64);
    let mut count = 0;
    for frame in frames::running(cx).take(100) {
        let unit = frames::unit_of(cx, frame.code);
        let part = |value: Value| downcast::<Str>(value).map_or_else(|| "???".to_string(), |text| text.to_text());
        let (file, name) = (part(frame.code.filename.get()), part(frame.code.name.get()));
        let line = unit.position(frame.offset).line;
        text.push_str(&format!("  File \"{file}\", line {line} in {name}\n"));
        count += 1;
    }
    if count == 0 {
        text.push_str("  <no Python frame>\n");
    }
    text
}

fn watch(number: u64, length: Duration, repeat: bool, descriptor: i32, exit: bool, header: String) {
    let mut deadline = Instant::now() + length;
    let mut gate = GATE.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        if WATCH.load(Ordering::SeqCst) != number {
            return;
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            write(descriptor, &header);
            if exit {
                // SAFETY: ends the process.
                unsafe { libc::_exit(1) };
            }
            if !repeat {
                return;
            }
            deadline = Instant::now() + length;
            continue;
        }
        gate = CHANGED.wait_timeout(gate, left).unwrap_or_else(PoisonError::into_inner).0;
    }
}

fn cancel() {
    let _gate = GATE.lock().unwrap_or_else(PoisonError::into_inner);
    WATCH.fetch_add(1, Ordering::SeqCst);
    CHANGED.notify_all();
}

/// The functions.
pub struct Functions;

#[py_functions("faulthandler")]
impl Functions {
    /// Enable the fault handler.
    #[function(signature = "($module, /, file=sys.stderr, all_threads=True)")]
    fn enable(
        cx: &mut Cx,
        #[keyword]
        #[default(NONE)]
        file: Value,
        #[keyword]
        #[default(NONE)]
        _all_threads: Value,
        #[keyword]
        #[default(NONE)]
        _c_stack: Value,
    ) -> PyResult<()> {
        let descriptor = target(cx, file)?;
        TARGET.store(descriptor, Ordering::Relaxed);
        ENABLED.store(true, Ordering::Relaxed);
        for (signal, _) in CRASHES {
            // SAFETY: the handler makes system calls only, on the stack that the thread has for signals.
            unsafe {
                let mut action: libc::sigaction = std::mem::zeroed();
                action.sa_sigaction = report_crash as *const () as usize;
                action.sa_flags = libc::SA_NODEFER | libc::SA_ONSTACK;
                libc::sigaction(signal, &raw const action, std::ptr::null_mut());
            }
        }
        Ok(())
    }
    /// Disable the fault handler.
    #[function]
    fn disable() -> bool {
        let was = ENABLED.swap(false, Ordering::Relaxed);
        if was {
            for (signal, _) in CRASHES {
                // SAFETY: a system call on plain numbers.
                unsafe { libc::signal(signal, libc::SIG_DFL) };
            }
        }
        was
    }
    /// Check if the handler is enabled.
    #[function]
    fn is_enabled() -> bool {
        ENABLED.load(Ordering::Relaxed)
    }
    /// Dump the traceback of the current thread into file.
    #[function(signature = "($module, /, file=sys.stderr, all_threads=True)")]
    fn dump_traceback(
        cx: &mut Cx,
        #[keyword]
        #[default(NONE)]
        file: Value,
        #[keyword]
        #[default(NONE)]
        _all_threads: Value,
    ) -> PyResult<()> {
        let descriptor = target(cx, file)?;
        let text = traceback(cx);
        write(descriptor, &text);
        Ok(())
    }
    /// Say after a timeout that it is over, and end the process if wanted.
    #[function(signature = "($module, /, timeout, repeat=False, file=sys.stderr, exit=False)")]
    fn dump_traceback_later(
        cx: &mut Cx,
        #[keyword] timeout: Value,
        #[keyword]
        #[default(false)]
        repeat: bool,
        #[keyword]
        #[default(NONE)]
        file: Value,
        #[keyword]
        #[default(false)]
        exit: bool,
    ) -> PyResult<()> {
        let length = duration(cx, timeout)?;
        if length <= 0 {
            return Err(cx.value_error("timeout must be greater than 0"));
        }
        let descriptor = target(cx, file)?;
        let (seconds, rest) = (length / 1_000_000_000, length % 1_000_000_000 / 1000);
        let fraction = if rest != 0 { format!(".{rest:06}") } else { String::new() };
        let header = format!("Timeout ({}:{:02}:{:02}{fraction})!\n", seconds / 3600, seconds / 60 % 60, seconds % 60);
        cancel();
        let number = WATCH.load(Ordering::SeqCst);
        let length = Duration::from_nanos(length as u64);
        let started =
            std::thread::Builder::new().spawn(move || watch(number, length, repeat, descriptor, exit, header));
        match started {
            Ok(_) => Ok(()),
            Err(_) => Err(cx.raise(Kind::RUNTIME_ERROR, "unable to start watchdog thread")),
        }
    }
    /// Cancel the previous call to dump_traceback_later().
    #[function]
    fn cancel_dump_traceback_later() {
        cancel();
    }
    /// Register a handler for the signal signum, which dumps the traceback of the main thread into file.
    #[function(signature = "($module, /, signum, file=sys.stderr, all_threads=True, chain=False)")]
    fn register(
        cx: &mut Cx,
        #[keyword] signum: CInt,
        #[keyword]
        #[default(NONE)]
        file: Value,
        #[keyword]
        #[default(NONE)]
        _all_threads: Value,
        #[keyword]
        #[default(false)]
        chain: bool,
    ) -> PyResult<()> {
        if CRASHES.iter().any(|(signal, _)| *signal == signum.0) {
            let message = format!("signal {} cannot be registered, use enable() instead", signum.0);
            return Err(cx.raise(Kind::RUNTIME_ERROR, message));
        }
        if !(1..65).contains(&signum.0) {
            return Err(cx.value_error("signal number out of range"));
        }
        if chain {
            let message = "faulthandler.register() with chain is not supported";
            return Err(cx.raise(Kind::NOT_IMPLEMENTED_ERROR, message));
        }
        let descriptor = target(cx, file)?;
        let definition = FUNCTIONS.iter().find(|definition| definition.name == "_dump_at_signal");
        let definition = definition.expect("one of these functions");
        let handler = py_object::bootstrap::new_native(cx, definition, Kind::BUILTIN, NONE);
        crate::signal::set_signal(cx, signum.0, handler.value())?;
        REGISTERED[signum.0 as usize].store(descriptor, Ordering::Relaxed);
        Ok(())
    }
    /// Unregister the handler of the signal signum registered by register().
    #[function]
    fn unregister(cx: &mut Cx, signum: CInt) -> PyResult<bool> {
        if !(1..65).contains(&signum.0) {
            return Err(cx.value_error("signal number out of range"));
        }
        if REGISTERED[signum.0 as usize].swap(-1, Ordering::Relaxed) < 0 {
            return Ok(false);
        }
        crate::signal::set_signal(cx, signum.0, Value::int(0))?;
        Ok(true)
    }
    /// What a registered signal does.
    #[function]
    fn _dump_at_signal(cx: &mut Cx, signum: CInt, #[name("frame")] _frame: Value) {
        if let Some(place) = REGISTERED.get(signum.0 as usize) {
            let descriptor = place.load(Ordering::Relaxed);
            if descriptor >= 0 {
                let text = traceback(cx);
                write(descriptor, &text);
            }
        }
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    Ok(module_of(cx, "faulthandler", FUNCTIONS))
}
