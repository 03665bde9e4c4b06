//! `_signal`: signals and their handlers.
//!
//! The system's handler only notes that a signal came and asks the main thread to poll; the Python handler runs when that
//! thread comes to a safe point, or when a system call that the signal interrupted looks for it.

mod masks;
mod names_table;
mod timers;

use crate::structseq;
use crate::system::arguments::{CInt, c_int};
use crate::system::errors::{check, last_error, os_error};
use crate::system::roots::RootedValue;
use crate::{module_of, set};
use py_macros::py_functions;
use py_object::bootstrap::{add_functions, new_native};
use py_object::objects::{Dict, List, Module, Str};
use py_object::sequence::elements;
use py_object::types::class::is_callable;
use py_object::{Cx, Kind, NONE, PyResult, attribute, call, downcast, operations};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use vm_heap::{Gc, Value};

/// One more than the largest signal.
const SIGNALS: usize = 65;

/// Signals that came and whose handlers have not run, a bit each.
static CAME: AtomicU64 = AtomicU64::new(0);
/// The main thread's poll word.
static MAIN_POLL: AtomicPtr<AtomicUsize> = AtomicPtr::new(std::ptr::null_mut());
/// The main thread's context, for comparison only.
static MAIN: AtomicUsize = AtomicUsize::new(0);
/// Descriptor that is written to when a signal comes, or -1.
static WAKEUP: AtomicI32 = AtomicI32::new(-1);
static WARN_WHEN_FULL: AtomicBool = AtomicBool::new(true);
/// Error number of a write to it that failed.
static WAKEUP_ERROR: AtomicI32 = AtomicI32::new(0);
/// Since when the handler of a signal waits for the end of an atomic block.
static FOUND_BLOCK: Mutex<Option<Instant>> = Mutex::new(None);
/// How long it waits.
const PATIENCE_OF_SIGNALS: Duration = Duration::from_millis(100);
/// A list of the handlers.
static HANDLERS: RootedValue = RootedValue::new();

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the system calls. Only what is safe in the middle of anything may be done here.
extern "C" fn note_signal(number: libc::c_int) {
    // SAFETY: the error number is the thread's own; what was interrupted must not see it change.
    let saved = unsafe { *libc::__errno_location() };
    CAME.fetch_or(1 << (number as u64 & 63), Ordering::SeqCst);
    let poll = MAIN_POLL.load(Ordering::SeqCst);
    if !poll.is_null() {
        // SAFETY: the main thread's context lives as long as the process runs Python code; it is withdrawn before.
        unsafe { &*poll }.fetch_or(vm_heap::POLL_USER, Ordering::SeqCst);
    }
    let descriptor = WAKEUP.load(Ordering::SeqCst);
    if descriptor >= 0 {
        let byte = number as u8;
        // SAFETY: one byte is written from a local variable.
        let written = unsafe { libc::write(descriptor, (&raw const byte).cast(), 1) };
        if written < 0 {
            WAKEUP_ERROR.store(last_error(), Ordering::SeqCst);
        }
    }
    // SAFETY: as above.
    unsafe { *libc::__errno_location() = saved };
}

/// Sets what the system does with a signal.
fn set_action(number: i32, handler: usize) -> Result<(), i32> {
    // SAFETY: the structure is plain numbers; the handler is the function above or one of the two constants.
    let result = unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handler;
        action.sa_flags = libc::SA_ONSTACK;
        libc::sigemptyset(&raw mut action.sa_mask);
        libc::sigaction(number, &raw const action, std::ptr::null_mut())
    };
    if result < 0 { Err(last_error()) } else { Ok(()) }
}

/// What the system does with a signal now.
fn action(number: i32) -> usize {
    // SAFETY: the structure can be written.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        libc::sigaction(number, std::ptr::null(), &raw mut action);
        action.sa_sigaction
    }
}

/// Notes the main thread and makes interrupts a KeyboardInterrupt, as at the start of a program.
pub fn install(cx: &mut Cx) -> PyResult<()> {
    MAIN.store(cx as *const Cx as usize, Ordering::SeqCst);
    MAIN_POLL.store((&raw const cx.mutator().poll).cast_mut(), Ordering::SeqCst);
    let _ = cx.runtime.pending.set(run_pending);
    let handlers = List::new(cx, &[NONE; SIGNALS])?;
    HANDLERS.set(handlers.value());
    for number in 1..SIGNALS as i32 {
        let handler = match action(number) {
            libc::SIG_DFL => Value::int(0),
            libc::SIG_IGN => Value::int(1),
            _ => continue,
        };
        set_handler(cx, number, handler);
    }
    // The Rust runtime ignores this one as Python does; this one as well has to be ignored.
    if set_action(libc::SIGXFSZ, libc::SIG_IGN).is_ok() {
        set_handler(cx, libc::SIGXFSZ, Value::int(1));
    }
    if action(libc::SIGINT) == libc::SIG_DFL {
        let definition = FUNCTIONS.iter().find(|definition| definition.name == "default_int_handler");
        let definition = definition.expect("one of the functions below");
        let handler = new_native(cx, definition, Kind::BUILTIN, NONE);
        set_handler(cx, libc::SIGINT, handler.value());
        if let Err(number) = set_action(libc::SIGINT, note_signal as *const () as usize) {
            return Err(os_error(cx, number));
        }
    }
    Ok(())
}

/// No handler may run any more: at the end of the program.
pub fn withdraw() {
    MAIN_POLL.store(std::ptr::null_mut(), Ordering::SeqCst);
    MAIN.store(0, Ordering::SeqCst);
}

/// In the child of a fork the calling thread is the main one, and what came before came to the parent.
pub fn after_fork(cx: &mut Cx) {
    MAIN.store(cx as *const Cx as usize, Ordering::SeqCst);
    MAIN_POLL.store((&raw const cx.mutator().poll).cast_mut(), Ordering::SeqCst);
    CAME.store(0, Ordering::SeqCst);
}

fn is_main(cx: &Cx) -> bool {
    MAIN.load(Ordering::SeqCst) == cx as *const Cx as usize
}

fn handler(number: i32) -> Value {
    let list = HANDLERS.get().and_then(downcast::<List>);
    list.map_or(NONE, |list| {
        let (items, _) = List::snapshot(&list);
        elements(&items).get(number as usize).map_or(NONE, |field| field.get())
    })
}

fn set_handler(cx: &mut Cx, number: i32, value: Value) {
    if let Some(list) = HANDLERS.get().and_then(downcast::<List>) {
        let (items, _) = List::snapshot(&list);
        if let Some(field) = elements(&items).get(number as usize) {
            field.set(cx.mutator(), items, value);
        }
    }
}

/// The frame that a handler sees as interrupted.
fn current_frame(cx: &mut Cx) -> Value {
    let modules = cx.runtime.modules.get().expect("made at start-up");
    let name = cx.intern("sys");
    let Some(sys) = Dict::get_str(cx, modules, name) else { return NONE };
    let name = cx.intern("_getframe");
    let found = match attribute::find(cx, sys, name) {
        Ok(Some((function, _))) => call::call(cx, function, &[], None),
        Ok(None) => return NONE,
        Err(raised) => Err(raised),
    };
    found.unwrap_or_else(|_| {
        cx.take_raised();
        NONE
    })
}

/// Runs the handlers of signals that came.
fn run_pending(cx: &mut Cx) -> PyResult<()> {
    if CAME.load(Ordering::Relaxed) == 0 || !is_main(cx) {
        return Ok(());
    }
    if cx.thread.transaction.is_active() {
        // A block ends undisturbed if it soon does. Else the handler runs in it, which must not be repeated.
        let since = *lock(&FOUND_BLOCK).get_or_insert_with(Instant::now);
        cx.mutator().poll.fetch_or(vm_heap::POLL_USER, Ordering::SeqCst);
        if since.elapsed() < PATIENCE_OF_SIGNALS {
            return Ok(());
        }
        py_object::inevitable::become_inevitable(cx)?;
    }
    *lock(&FOUND_BLOCK) = None;
    report_wakeup_error(cx);
    loop {
        let came = CAME.load(Ordering::SeqCst);
        if came == 0 {
            return Ok(());
        }
        let bit = came.trailing_zeros();
        CAME.fetch_and(!(1 << bit), Ordering::SeqCst);
        let number = if bit == 0 { 64 } else { bit as i32 };
        let function = handler(number);
        if function == NONE || function.is_int() {
            // It was changed after the signal came.
            continue;
        }
        let frame = current_frame(cx);
        if let Err(raised) = call::call(cx, function, &[Value::int(i64::from(number)), frame], None) {
            if CAME.load(Ordering::SeqCst) != 0 {
                cx.mutator().poll.fetch_or(vm_heap::POLL_USER, Ordering::SeqCst);
            }
            return Err(raised);
        }
    }
}

/// Reports that nothing could be written to the wakeup descriptor.
fn report_wakeup_error(cx: &mut Cx) {
    let number = WAKEUP_ERROR.swap(0, Ordering::SeqCst);
    if number == 0 || (number == libc::EAGAIN && !WARN_WHEN_FULL.load(Ordering::SeqCst)) {
        return;
    }
    let _ = os_error(cx, number);
    py_object::finalize::unraisable(cx, "Exception ignored while trying to write to the signal wakeup fd:", NONE);
}

fn check_number(cx: &mut Cx, number: i32) -> PyResult<()> {
    if (1..SIGNALS as i32).contains(&number) { Ok(()) } else { Err(cx.value_error("signal number out of range")) }
}

/// Sets the handler of a signal and returns the old one.
pub fn set_signal(cx: &mut Cx, number: i32, new: Value) -> PyResult {
    if !is_main(cx) {
        return Err(cx.value_error("signal only works in main thread of the main interpreter"));
    }
    check_number(cx, number)?;
    let (code, kept) = if !new.is_int() && is_callable(cx, new) {
        (note_signal as *const () as usize, new)
    } else if operations::equal(cx, new, Value::int(1))? {
        (libc::SIG_IGN, Value::int(1))
    } else if operations::equal(cx, new, Value::int(0))? {
        (libc::SIG_DFL, Value::int(0))
    } else {
        let message = "signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object";
        return Err(cx.type_error(message));
    };
    // Handlers of what came before run first, by the old rules.
    cx.run_pending()?;
    if let Err(number) = set_action(number, code) {
        return Err(os_error(cx, number));
    }
    let old = handler(number);
    set_handler(cx, number, kept);
    Ok(old)
}

fn set_wakeup(cx: &mut Cx, descriptor: Value, warn: bool) -> PyResult<i64> {
    let descriptor = c_int(cx, descriptor)?;
    if !is_main(cx) {
        return Err(cx.value_error("set_wakeup_fd only works in main thread of the main interpreter"));
    }
    if descriptor != -1 {
        // SAFETY: system calls on plain numbers and a local structure.
        let flags = unsafe {
            let mut found: libc::stat = std::mem::zeroed();
            if libc::fstat(descriptor, &raw mut found) < 0 {
                Err(last_error())
            } else {
                Ok(libc::fcntl(descriptor, libc::F_GETFL))
            }
        };
        match flags {
            Err(libc::EBADF) => return Err(os_error(cx, libc::EBADF)),
            Err(number) => return Err(os_error(cx, number)),
            Ok(flags) if flags & libc::O_NONBLOCK == 0 => {
                return Err(cx.value_error(format!("the fd {descriptor} must be in non-blocking mode")));
            }
            Ok(_) => {}
        }
    }
    WARN_WHEN_FULL.store(warn, Ordering::SeqCst);
    Ok(i64::from(WAKEUP.swap(descriptor, Ordering::SeqCst)))
}

/// The functions.
pub struct Functions;

#[py_functions("_signal")]
impl Functions {
    /// The default handler for SIGINT installed by Python.
    ///
    /// It raises KeyboardInterrupt.
    #[function]
    fn default_int_handler(
        cx: &mut Cx,
        #[name("signalnum")] _number: CInt,
        #[name("frame")] _frame: Value,
    ) -> PyResult<()> {
        let exception = py_object::objects::Exception::new(cx, Kind::KEYBOARD_INTERRUPT, &[]);
        Err(py_object::exception::raise(cx, exception))
    }
    /// Set the action for the given signal.
    ///
    /// The action can be SIG_DFL, SIG_IGN, or a callable Python object.
    /// The previous action is returned.  See getsignal() for possible return values.
    ///
    /// *** IMPORTANT NOTICE ***
    /// A signal handler function is called with two arguments:
    /// the first is the signal number, the second is the interrupted stack frame.
    #[function]
    fn signal(cx: &mut Cx, #[name("signalnum")] number: CInt, handler: Value) -> PyResult {
        set_signal(cx, number.0, handler)
    }
    /// Return the current action for the given signal.
    #[function]
    fn getsignal(cx: &mut Cx, #[name("signalnum")] number: CInt) -> PyResult {
        check_number(cx, number.0)?;
        Ok(handler(number.0))
    }
    /// Send a signal to the executing process.
    #[function]
    fn raise_signal(cx: &mut Cx, #[name("signalnum")] number: CInt) -> PyResult<()> {
        // SAFETY: a system call on a plain number.
        check(cx, || i64::from(unsafe { libc::raise(number.0) }))?;
        cx.run_pending()
    }
    /// Arrange for SIGALRM to arrive after the given number of seconds.
    #[function]
    fn alarm(seconds: CInt) -> i64 {
        // SAFETY: a system call on a plain number.
        i64::from(unsafe { libc::alarm(seconds.0 as u32) })
    }
    /// Wait until a signal arrives.
    #[function]
    fn pause(cx: &mut Cx) -> PyResult<()> {
        // SAFETY: a system call without arguments; it always ends by an interruption.
        cx.mutator().native(|| unsafe { libc::pause() });
        cx.run_pending()
    }
    /// Return the system description of the given signal.
    #[function]
    fn strsignal(cx: &mut Cx, #[name("signalnum")] number: CInt) -> PyResult<Option<Gc<Str>>> {
        check_number(cx, number.0)?;
        // SAFETY: the call returns null or a text that ends with a zero byte.
        let text = unsafe {
            let text = libc::strsignal(number.0);
            if text.is_null() { None } else { Some(std::ffi::CStr::from_ptr(text).to_string_lossy().into_owned()) }
        };
        match text {
            Some(text) if !text.starts_with("Unknown signal") => Ok(Some(Str::new(cx, &text))),
            _ => Ok(None),
        }
    }
    /// Sets the fd to be written to (with the signal number) when a signal comes in.
    ///
    /// A library can use this to wakeup select or poll. The previous fd or -1 is
    /// returned. The fd must be non-blocking.
    #[function]
    fn set_wakeup_fd(
        cx: &mut Cx,
        fd: Value,
        #[keyword_only]
        #[default(true)]
        warn_on_full_buffer: bool,
    ) -> PyResult<i64> {
        set_wakeup(cx, fd, warn_on_full_buffer)
    }
    /// Change system call restart behaviour.
    #[function]
    fn siginterrupt(cx: &mut Cx, #[name("signalnum")] number: CInt, flag: CInt) -> PyResult<()> {
        check_number(cx, number.0)?;
        // SAFETY: the structure can be written and read.
        let result = unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            match libc::sigaction(number.0, std::ptr::null(), &raw mut action) {
                0 => {
                    if flag.0 != 0 {
                        action.sa_flags &= !libc::SA_RESTART;
                    } else {
                        action.sa_flags |= libc::SA_RESTART;
                    }
                    libc::sigaction(number.0, &raw const action, std::ptr::null_mut())
                }
                failed => failed,
            }
        };
        if result < 0 { Err(os_error(cx, last_error())) } else { Ok(()) }
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "_signal", FUNCTIONS);
    for functions in [masks::FUNCTIONS, timers::FUNCTIONS] {
        add_functions(cx, module.dict.get(), module.value(), functions);
    }
    for (name, number) in names_table::NUMBERS {
        set(cx, module, name, Value::int(*number))?;
    }
    let default = handler(libc::SIGINT);
    let name = cx.intern("default_int_handler");
    let own = Dict::get_str(cx, module.dict.get(), name);
    // The handler installed at the start is this very function.
    if let Some(own) = own
        && default != NONE
        && !default.is_int()
        && downcast::<py_object::objects::Native>(default).is_some()
    {
        set_handler(cx, libc::SIGINT, own);
    }
    let error = timers::error_class(cx)?;
    set(cx, module, "ItimerError", error.value())?;
    let class = structseq::class(cx, &masks::STRUCT_SIGINFO)?;
    set(cx, module, "struct_siginfo", class.value())?;
    Ok(module)
}
