//! `faulthandler`: where a program is, when asked, when it takes too long, or when it crashes.
//!
//! The frames of other threads are walked while these are stopped. In a handler of a crash nobody can be stopped: there the frames of the
//! thread that has crashed are written, without allocating anything, and a second crash meanwhile ends the process.

mod dump;

use crate::system::arguments::{CInt, c_int, descriptor_of};
use crate::time::duration;
use crate::{module_of, set};
use dump::Output;
use py_macros::py_functions;
use py_object::objects::{Dict, List, Module};
use py_object::types::{int, list};
use py_object::{Cx, Kind, NONE, PyResult, Runtime, attribute, call, downcast};
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
/// Whether crashes are to be reported with what threads and native code did.
static WITH_THREADS: AtomicBool = AtomicBool::new(true);
static WITH_NATIVE_STACK: AtomicBool = AtomicBool::new(true);
/// Whether a crash is being reported.
static CRASHING: AtomicBool = AtomicBool::new(false);
/// Descriptors that signals write a traceback to, by signal; -1 for none.
static REGISTERED: [AtomicI32; 65] = [const { AtomicI32::new(-1) }; 65];
/// Which registered signals show all threads, and which go on to the handler before.
static SHOW_THREADS: AtomicU64 = AtomicU64::new(0);
static CHAIN: AtomicU64 = AtomicU64::new(0);

/// What the system calls at a crash.
extern "C" fn report_crash(number: libc::c_int) {
    if !CRASHING.swap(true, Ordering::Relaxed) {
        let output = Output(TARGET.load(Ordering::Relaxed));
        let name = CRASHES.iter().find(|(signal, _)| *signal == number).map_or("Crash", |(_, name)| name);
        output.text("Fatal Python error: ");
        output.text(name);
        output.text("\n\n");
        if WITH_THREADS.load(Ordering::Relaxed) {
            output.text("<Cannot show all threads while the GIL is disabled>\n");
        }
        // SAFETY: the context of the calling thread lives as long as it runs Python code.
        match unsafe { py_object::context_of_this_thread().as_ref() } {
            Some(cx) => output.stack(cx),
            None => output.text("Stack (most recent call first):\n  <no Python frame>\n"),
        }
        if WITH_NATIVE_STACK.load(Ordering::Relaxed) {
            output.text("\n");
            output.native_stack();
        }
    }
    // SAFETY: plain system calls; with the default action the signal ends the process.
    unsafe {
        libc::signal(number, libc::SIG_DFL);
        libc::raise(number);
    }
}

/// Lets crashes be reported from now on.
fn install(descriptor: i32) {
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
}

/// Does what `-X faulthandler` or `PYTHONFAULTHANDLER` asks for.
pub fn install_if_asked(cx: &Cx) {
    let configuration = cx.runtime.configuration();
    let by_option = configuration.implementation_options.iter().any(|(name, _)| name == "faulthandler");
    let by_environment = !configuration.flags.ignore_environment
        && std::env::var_os("PYTHONFAULTHANDLER").is_some_and(|value| !value.is_empty());
    if by_option || by_environment || configuration.flags.dev_mode {
        install(2);
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

/// Writes the frames of all threads, or of the calling one.
fn dump(cx: &Cx, descriptor: i32, all_threads: bool) {
    if all_threads { Output(descriptor).threads(cx, true) } else { Output(descriptor).stack(cx) }
}

/// What a watch does when the time is over. Threads that do not stop must not keep it from ending the process.
fn report_timeout(runtime: &'static Runtime, descriptor: i32) {
    let (done, wait) = std::sync::mpsc::channel();
    let started = std::thread::Builder::new().spawn(move || {
        let cx = Cx::attach(runtime);
        Output(descriptor).threads(&cx, false);
        drop(cx);
        let _ = done.send(());
    });
    if started.is_ok() {
        let _ = wait.recv_timeout(Duration::from_secs(5));
    }
}

/// What is to be done after some time.
struct Watch {
    number: u64,
    length: Duration,
    repeat: bool,
    descriptor: i32,
    exit: bool,
    header: String,
    runtime: &'static Runtime,
}

fn watch(watch: Watch) {
    let mut deadline = Instant::now() + watch.length;
    let mut gate = GATE.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        if WATCH.load(Ordering::SeqCst) != watch.number {
            return;
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            drop(gate);
            Output(watch.descriptor).text(&watch.header);
            report_timeout(watch.runtime, watch.descriptor);
            if watch.exit {
                // SAFETY: ends the process.
                unsafe { libc::_exit(1) };
            }
            if !watch.repeat {
                return;
            }
            deadline = Instant::now() + watch.length;
            gate = GATE.lock().unwrap_or_else(PoisonError::into_inner);
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
        #[default(true)]
        all_threads: bool,
        #[keyword]
        #[default(true)]
        c_stack: bool,
    ) -> PyResult<()> {
        let descriptor = target(cx, file)?;
        WITH_THREADS.store(all_threads, Ordering::Relaxed);
        WITH_NATIVE_STACK.store(c_stack, Ordering::Relaxed);
        install(descriptor);
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
    /// Dump the traceback of the current thread, or of all threads if all_threads is True, into file.
    #[function(signature = "($module, /, file=sys.stderr, all_threads=True)")]
    fn dump_traceback(
        cx: &mut Cx,
        #[keyword]
        #[default(NONE)]
        file: Value,
        #[keyword]
        #[default(true)]
        all_threads: bool,
    ) -> PyResult<()> {
        let descriptor = target(cx, file)?;
        dump(cx, descriptor, all_threads);
        Ok(())
    }
    /// Dump the C stack of the current thread.
    #[function(signature = "($module, /, file=sys.stderr)")]
    fn dump_c_stack(
        cx: &mut Cx,
        #[keyword]
        #[default(NONE)]
        file: Value,
    ) -> PyResult<()> {
        let descriptor = target(cx, file)?;
        Output(descriptor).native_stack();
        Ok(())
    }
    /// Dump the traceback of all threads after a timeout, and end the process if wanted.
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
        let order = Watch { number, length, repeat, descriptor, exit, header, runtime: cx.runtime };
        match std::thread::Builder::new().spawn(move || watch(order)) {
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
        #[default(true)]
        all_threads: bool,
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
        let descriptor = target(cx, file)?;
        let definition = FUNCTIONS.iter().find(|definition| definition.name == "_dump_at_signal");
        let definition = definition.expect("one of these functions");
        let handler = py_object::bootstrap::new_native(cx, definition, Kind::BUILTIN, NONE);
        let before = crate::signal::set_signal(cx, signum.0, handler.value())?;
        let number = signum.0 as usize;
        if REGISTERED[number].swap(descriptor, Ordering::Relaxed) < 0 {
            let handlers = handlers_before(cx)?;
            list::set_at(cx, handlers, signum.0.into(), before);
        }
        for (set, wanted) in [(&SHOW_THREADS, all_threads), (&CHAIN, chain)] {
            set.fetch_and(!(1 << (number - 1)), Ordering::Relaxed);
            set.fetch_or(u64::from(wanted) << (number - 1), Ordering::Relaxed);
        }
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
        let handlers = handlers_before(cx)?;
        let before = list::item(handlers, signum.0 as usize).filter(|before| *before != NONE);
        crate::signal::set_signal(cx, signum.0, before.unwrap_or(Value::int(0)))?;
        Ok(true)
    }
    /// What a registered signal does.
    #[function]
    fn _dump_at_signal(cx: &mut Cx, signum: CInt, frame: Value) -> PyResult<()> {
        let Some(place) = REGISTERED.get(signum.0 as usize) else { return Ok(()) };
        let descriptor = place.load(Ordering::Relaxed);
        if descriptor < 0 {
            return Ok(());
        }
        let is_in = |set: &AtomicU64| set.load(Ordering::Relaxed) >> (signum.0 - 1) & 1 != 0;
        dump(cx, descriptor, is_in(&SHOW_THREADS));
        if !is_in(&CHAIN) {
            return Ok(());
        }
        let handlers = handlers_before(cx)?;
        match list::item(handlers, signum.0 as usize) {
            Some(before) if before == Value::int(0) => {
                // SAFETY: plain system calls; the default action is what would have happened without registration.
                unsafe {
                    libc::signal(signum.0, libc::SIG_DFL);
                    libc::raise(signum.0);
                }
                Ok(())
            }
            Some(before) if !before.is_int() && before != NONE => {
                call::call(cx, before, &[Value::int(signum.0.into()), frame], None).map(drop)
            }
            _ => Ok(()),
        }
    }
    /// Raise a SIGSEGV signal.
    #[function]
    fn _sigsegv(#[default(false)] _release_gil: bool) {
        crash(libc::SIGSEGV);
    }
    /// Raise a SIGSEGV signal, as reading what is at address zero does.
    #[function]
    fn _read_null() {
        crash(libc::SIGSEGV);
    }
    /// Raise a SIGABRT signal.
    #[function]
    fn _sigabrt() {
        crash(libc::SIGABRT);
    }
    /// Raise a SIGFPE signal.
    #[function]
    fn _sigfpe() {
        crash(libc::SIGFPE);
    }
}

fn crash(number: i32) {
    // SAFETY: a system call on a plain number.
    unsafe { libc::raise(number) };
}

/// The handlers that registered ones have taken the place of, by signal.
fn handlers_before(cx: &mut Cx) -> PyResult<Gc<List>> {
    let module = crate::import(cx, "faulthandler")?;
    let name = cx.intern("_handlers_before");
    let found = attribute::get(cx, module, name)?;
    match downcast::<List>(found) {
        Some(handlers) => Ok(handlers),
        None => Err(cx.raise(Kind::SYSTEM_ERROR, "faulthandler has been changed")),
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "faulthandler", FUNCTIONS);
    let handlers = List::new(cx, &[NONE; 65])?;
    set(cx, module, "_handlers_before", handlers.value())?;
    Ok(module)
}
