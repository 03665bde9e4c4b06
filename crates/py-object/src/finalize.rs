//! What is due after a collection: callbacks of weak references whose objects died, then `__del__` of unreachable objects.
//!
//! It runs when a thread polls, in that thread, never inside an atomic block and never nested. An object is finalized
//! once (PEP 442); if `__del__` makes it reachable again, it simply lives on.

use crate::cx::{Cx, NONE, PyResult};
use crate::kinds::{FIRST_FREE_SHAPE, Kind};
use crate::objects::{Dict, Exception, Str};
use crate::operations;
use crate::string::{StrExt, downcast};
use crate::types::{self, weak};
use crate::{attribute, call};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use vm_heap::Value;

/// Runs what is due.
pub fn run_pending(cx: &mut Cx) {
    let pending = cx.mutator().poll.load(std::sync::atomic::Ordering::Relaxed) & vm_heap::POLL_PENDING != 0;
    if pending {
        run_all(cx);
    }
}

fn run_all(cx: &mut Cx) {
    if cx.finalizing.get() {
        // Whoever is at it takes everything. Code that runs meanwhile shall not be asked to poll again and again.
        cx.mutator().poll.fetch_and(!vm_heap::POLL_PENDING, std::sync::atomic::Ordering::Relaxed);
        return;
    }
    if cx.thread.transaction.is_active() {
        return;
    }
    cx.finalizing.set(true);
    FINALIZING.fetch_add(1, Ordering::SeqCst);
    let (raised, handled) = (cx.raised.get(), cx.handled.replace(NONE));
    let generator = cx.generator.replace(NONE);
    loop {
        if let Some(reference) = cx.mutator().take_cleared() {
            weak::notify(cx, reference);
        } else if let Some(object) = cx.mutator().take_finalizable() {
            finalize(cx, object);
        } else {
            break;
        }
    }
    cx.raised.set(raised);
    cx.handled.set(handled);
    cx.generator.set(generator);
    FINALIZING.fetch_sub(1, Ordering::SeqCst);
    cx.finalizing.set(false);
}

/// How many threads run finalizers.
static FINALIZING: AtomicUsize = AtomicUsize::new(0);

/// Waits while other threads run finalizers, for a moment at most: what they are at is dead, but not yet finalized. Whether there was
/// anybody to wait for.
pub fn wait_for_others(cx: &Cx) -> bool {
    let own = usize::from(cx.finalizing.get());
    let others = || FINALIZING.load(Ordering::SeqCst) > own;
    if !others() {
        return false;
    }
    cx.mutator().native(|| {
        for _ in 0..100 {
            std::thread::sleep(Duration::from_micros(200));
            if !others() {
                break;
            }
        }
    });
    true
}

/// Collects as a program asks for it, and runs what is due: nothing that will not be used again is kept alive by a register.
/// Returns how many objects that could refer to others were found dead.
pub fn collect(cx: &mut Cx, full: bool) -> usize {
    collect_below(cx, full, 0)
}

/// The same where the native frames below an address hold no values (zero: nothing is known of them). What they have left of earlier
/// calls would keep dead objects alive now and then.
pub fn collect_below(cx: &mut Cx, full: bool, address: usize) -> usize {
    let before = vm_heap::Heap::global().statistics();
    settle_coroutines(cx);
    if let Some(forget) = cx.runtime.forget_dead.get() {
        forget(cx);
    }
    forget_calls();
    cx.mutator().collect_counting(full, address);
    run_pending(cx);
    let mut after = vm_heap::Heap::global().statistics();
    if full && (after.finalizable != before.finalizable || after.weak_cleared != before.weak_cleared) {
        // What had a finalizer was revived for it, and weak references lived to see their callbacks called. They go now, not with
        // whatever is asked for next.
        cx.mutator().collect_counting(true, address);
        after = vm_heap::Heap::global().statistics();
    }
    after.freed_containers - before.freed_containers
}

/// Clears what calls that have returned left in the native stack below this one: the frames of the collection lie there next, and
/// what they do not write is scanned as well.
#[inline(never)]
fn forget_calls() {
    let mut words = [0usize; 4096];
    std::hint::black_box(&mut words);
}

fn settle_coroutines(cx: &mut Cx) {
    if let Some(settle) = cx.runtime.settle_coroutines.get() {
        settle(cx);
    }
}

/// Runs the finalizers of all objects that still have one to come: the process is about to end. Which of them are garbage
/// makes no difference, so there is no collection, which would be a large part of what a short run takes.
pub fn run_at_exit(cx: &mut Cx) {
    settle_coroutines(cx);
    cx.mutator().finalize_all();
    run_all(cx);
}

static NATIVE_FINALIZERS: [OnceLock<fn(Value)>; FIRST_FREE_SHAPE as usize] =
    [const { OnceLock::new() }; FIRST_FREE_SHAPE as usize];

/// Declares what frees the native memory that exact instances of a built-in type own, once they are registered to be finalized.
pub fn set_native_finalizer(kind: Kind, release: fn(Value)) {
    let _ = NATIVE_FINALIZERS[kind as usize].set(release);
}

fn finalize(cx: &mut Cx, object: Value) {
    if types::memory::finalize(cx, object) {
        return;
    }
    if let Some(release) = NATIVE_FINALIZERS.get(types::shape_id(object).0 as usize).and_then(OnceLock::get) {
        return release(object);
    }
    let Some(hook) = types::lookup_special(cx, object, "__del__") else { return };
    if call::call_special(cx, hook, object, &[], None).is_err() {
        unraisable(cx, "Exception ignored while calling deallocator", hook);
    }
}

/// Reports the exception on its way, which nobody can catch: to `sys.unraisablehook` where there is one. The message goes
/// on with the `repr` of `object`, which is what was called.
pub fn unraisable(cx: &mut Cx, message: &str, object: Value) {
    let exception = cx.take_raised();
    let shown = match operations::repr(cx, object) {
        Ok(shown) => shown.to_text(),
        Err(_) => {
            cx.take_raised();
            "<object repr() failed>".to_string()
        }
    };
    let message = format!("{message} {shown}");
    if call_hook(cx, exception, &message).is_err() {
        let second = cx.take_raised();
        report(cx, second, "Exception ignored in sys.unraisablehook");
    }
    cx.raised.set(NONE);
}

fn call_hook(cx: &mut Cx, exception: Value, message: &str) -> PyResult<()> {
    let modules = cx.runtime.modules.get().expect("made at start-up");
    let (sys, name) = (cx.intern("sys"), cx.intern("unraisablehook"));
    let hook = match Dict::get_str(cx, modules, sys) {
        Some(sys) => attribute::find(cx, sys, name)?.map(|(hook, _)| hook),
        None => None,
    };
    let Some(hook) = hook else {
        report(cx, exception, message);
        return Ok(());
    };
    let class = types::class_of(cx, exception).value();
    let traceback = downcast::<Exception>(exception).map_or(NONE, |exception| exception.traceback.get());
    let message = Str::new(cx, message).value();
    let fields = cx.dict();
    for (name, value) in [
        ("exc_type", class),
        ("exc_value", exception),
        ("exc_traceback", traceback),
        ("err_msg", message),
        ("object", NONE),
    ] {
        let name = cx.intern(name);
        Dict::set_str(cx, fields, name, value)?;
    }
    let arguments = types::singletons::new_namespace(cx, fields).value();
    call::call(cx, hook, &[arguments], None).map(|_| ())
}

fn report(cx: &mut Cx, exception: Value, message: &str) {
    match cx.runtime.report_unraisable.get() {
        Some(report) => report(cx, exception, message),
        None => crate::standard_error::write_line(format_args!("{message}: {}", types::class_name(cx, exception))),
    }
}
