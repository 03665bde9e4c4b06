//! Starting threads.

use super::handle::{self, ThreadHandle};
use super::{CHOSEN_STACK, MAIN_THREAD, STACK_SIZE, call_with, local};
use py_object::objects::{Str, Tuple};
use py_object::sequence::tuple_items;
use py_object::types::is_instance;
use py_object::{Assumption, Cx, Kind, PyResult, StrExt, downcast};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::thread::JoinHandleExt;
use std::sync::atomic::{AtomicI64, Ordering};
use vm_heap::{Gc, Value};

static RUNNING: AtomicI64 = AtomicI64::new(0);

/// Threads that run now, without the main one.
pub fn running() -> i64 {
    RUNNING.load(Ordering::SeqCst)
}

/// Sends a signal to the main thread, unless the process ignores it or would end by it.
pub fn interrupt_main(number: i32) {
    // SAFETY: queries into a local structure; the main thread lives as long as the process.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        if libc::sigaction(number, std::ptr::null(), &mut action) == 0
            && action.sa_sigaction != libc::SIG_DFL
            && action.sa_sigaction != libc::SIG_IGN
        {
            libc::pthread_kill(MAIN_THREAD.load(Ordering::Relaxed) as libc::pthread_t, number);
        }
    }
}

/// Names the calling thread for the system, which keeps fifteen bytes before the first zero.
pub fn set_name(name: Gc<Str>) {
    // Surrogates, which UTF-8 has no bytes for, become question marks: they begin with ED and a byte from A0 on.
    let mut bytes = Vec::new();
    let mut rest = name.bytes().split(|byte| *byte == 0).next().unwrap_or_default();
    while let [first, after @ ..] = rest {
        let is_surrogate = *first == 0xED && after.first().is_some_and(|second| *second >= 0xA0);
        bytes.push(if is_surrogate { b'?' } else { *first });
        rest = if is_surrogate { &after[2..] } else { after };
    }
    bytes.truncate(15);
    if let Ok(name) = std::ffi::CString::new(bytes) {
        // SAFETY: the name ends with a zero byte and is short enough; the thread is the calling one.
        unsafe { libc::pthread_setname_np(libc::pthread_self(), name.as_ptr()) };
    }
}

/// The name that the system knows the calling thread by.
pub fn current_name() -> OsString {
    let mut name = [0u8; 16];
    // SAFETY: the buffer is as long as stated; the thread is the calling one.
    unsafe { libc::pthread_getname_np(libc::pthread_self(), name.as_mut_ptr().cast(), name.len()) };
    let end = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
    OsString::from_vec(name[..end].to_vec())
}

/// Starts a thread that calls `function(*arguments, **keywords)`.
pub fn start(
    cx: &mut Cx,
    function: Value,
    arguments: Gc<Tuple>,
    keywords: Value,
    handle: Gc<ThreadHandle>,
    daemon: bool,
) -> PyResult<()> {
    if crate::sys::is_finalizing() {
        let message = "can't create new thread at interpreter shutdown";
        return Err(cx.raise(Kind::PYTHON_FINALIZATION_ERROR, message));
    }
    if !handle::begin(handle) {
        return Err(cx.raise(Kind::RUNTIME_ERROR, "thread already started"));
    }
    if !vm_stm::is_concurrent() {
        vm_stm::set_concurrent();
        // Compiled traces have been specialised on being alone.
        if let Some(invalidate) = cx.runtime.invalidate.get() {
            invalidate(cx, Assumption::Classes);
        }
    }
    handle::prune(cx);
    let runtime = cx.runtime;
    let start = Tuple::new(cx, &[function, arguments.value(), keywords, handle.value()]).value();
    runtime.put_start(start);
    RUNNING.fetch_add(1, Ordering::SeqCst);
    super::ticker::start();
    let size = match CHOSEN_STACK.load(Ordering::Relaxed) {
        0 => STACK_SIZE,
        // Native code needs room of its own beside what the program counts on.
        size => size.max(1 << 20) + (512 << 10),
    };
    let spawned = std::thread::Builder::new().stack_size(size).spawn(move || {
        let mut cx = Cx::attach(runtime);
        run(&mut cx, start);
    });
    match spawned {
        Ok(thread) => handle::note_running(cx, handle, thread.as_pthread_t() as i64, daemon),
        Err(_) => {
            RUNNING.fetch_sub(1, Ordering::Relaxed);
            runtime.take_start(start);
            handle::give_up(handle);
            Err(cx.raise(Kind::RUNTIME_ERROR, "can't start new thread"))
        }
    }
}

/// The body of a thread.
fn run(cx: &mut Cx, start: Value) {
    let parts = downcast::<Tuple>(start).expect("made in `start`");
    cx.runtime.take_start(start);
    let [function, arguments, keywords, handle] = tuple_items(&parts) else { unreachable!("made in `start`") };
    let handle = downcast::<ThreadHandle>(*handle).expect("made in `start`");
    let arguments = downcast::<Tuple>(*arguments).expect("made in `start`");
    if call_with(cx, *function, arguments, *keywords).is_err() {
        let raised = cx.raised.get();
        // `SystemExit` ends just the thread.
        if is_instance(cx, raised, Kind::SYSTEM_EXIT) {
            cx.take_raised();
        } else {
            py_object::finalize::unraisable(cx, "Exception ignored in thread started by", *function);
        }
    }
    local::leave_thread(cx);
    RUNNING.fetch_sub(1, Ordering::Relaxed);
    handle::finish(handle);
}
