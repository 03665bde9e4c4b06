//! `gc`: the collector as Python programs see it.
//!
//! There are two kinds of collections, minor and full, and no reference counts: what is switched off by `disable` is CPython's
//! search for cycles, which has no counterpart here. The switch, the thresholds and the debug flags are kept and shown, and
//! change nothing but what `collect` says of itself.

mod inspect;

use crate::{module_of, set};
use py_macros::py_functions;
use py_object::objects::{Dict, List, Module, Str, Tuple};
use py_object::{Cx, NONE, PyResult, call, downcast, finalize};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering::Relaxed};
use vm_heap::{Gc, Heap, Value};

static ENABLED: AtomicBool = AtomicBool::new(true);
static THRESHOLDS: [AtomicI64; 3] = [AtomicI64::new(2000), AtomicI64::new(10), AtomicI64::new(0)];
static DEBUG_FLAGS: AtomicI64 = AtomicI64::new(0);
/// How many objects there were at the last call of `freeze`.
static FROZEN: AtomicUsize = AtomicUsize::new(0);
/// Full collections before the last time that a program asked for one.
static FULL_BEFORE: AtomicU64 = AtomicU64::new(0);

const DEBUG_STATS: i64 = 1;
const DEBUG_NAMES: [(&str, i64); 5] = [
    ("DEBUG_STATS", DEBUG_STATS),
    ("DEBUG_COLLECTABLE", 2),
    ("DEBUG_UNCOLLECTABLE", 4),
    ("DEBUG_SAVEALL", 32),
    ("DEBUG_LEAK", 2 | 4 | 32),
];

/// The key of a list in the module's namespace that programs add to.
fn list_named(cx: &mut Cx, name: &str) -> PyResult<Option<Gc<List>>> {
    let module = crate::import(cx, "gc")?;
    let Some(module) = downcast::<Module>(module) else { return Ok(None) };
    let name = cx.intern(name);
    Ok(Dict::get_str(cx, module.dict.get(), name).and_then(downcast::<List>))
}

fn dict_of(cx: &mut Cx, entries: &[(&str, i64)]) -> PyResult<Gc<Dict>> {
    let dict = cx.dict();
    for (name, number) in entries {
        let name = cx.intern(name);
        Dict::set_str(cx, dict, name, Value::int(*number))?;
    }
    Ok(dict)
}

/// Calls what stands in `gc.callbacks`. What they raise is reported and forgotten.
fn call_back(cx: &mut Cx, phase: &str, generation: i64, collected: usize) -> PyResult<()> {
    let Some(callbacks) = list_named(cx, "callbacks")? else { return Ok(()) };
    let mut at = 0;
    while let Some(callback) = py_object::types::list::item(callbacks, at) {
        let details =
            dict_of(cx, &[("generation", generation), ("collected", collected as i64), ("uncollectable", 0)])?;
        let phase = Str::new(cx, phase).value();
        if call::call(cx, callback, &[phase, details.value()], None).is_err() {
            finalize::unraisable(cx, "Exception ignored while calling GC callback", callback);
        }
        at += 1;
    }
    Ok(())
}

/// The end of the interpreter loop's frame where it called `collect` itself: all below it are frames of this module, which hold no
/// values. Zero where other natives may be in between.
fn frames_of_this_call(cx: &Cx) -> usize {
    let called = cx.runtime.called_native.get().and_then(|called| called(cx));
    let direct =
        called.is_some_and(|native| FUNCTIONS.iter().any(|own| own.name == "collect" && std::ptr::eq(own, native)));
    if direct { cx.thread.loop_frame.get() } else { 0 }
}

fn numbers(cx: &mut Cx, numbers: [i64; 3]) -> Gc<Tuple> {
    Tuple::new(cx, &numbers.map(Value::int))
}

/// The functions.
pub struct Functions;

#[py_functions("gc")]
impl Functions {
    /// Run the garbage collector.
    ///
    /// Returns how many objects that can refer to others it found unreachable, whether they were parts of cycles or not. Generation 0 means a minor
    /// collection, the others a full one.
    #[function(trace = Never)]
    fn collect(
        cx: &mut Cx,
        #[keyword]
        #[default(2)]
        generation: i64,
    ) -> PyResult<usize> {
        if !(0..=2).contains(&generation) {
            return Err(cx.value_error("invalid generation"));
        }
        call_back(cx, "start", generation, 0)?;
        let (tells, began) = (DEBUG_FLAGS.load(Relaxed) & DEBUG_STATS != 0, std::time::Instant::now());
        if tells {
            let count = inspect::count_tracked(cx);
            py_object::standard_error::write_line(format_args!("gc: collecting generation {generation}..."));
            py_object::standard_error::write_line(format_args!("gc: objects in each generation: 0 0 {count}"));
            py_object::standard_error::write_line(format_args!(
                "gc: objects in permanent generation: {}",
                FROZEN.load(Relaxed)
            ));
        }
        let collected = finalize::collect_below(cx, generation != 0, frames_of_this_call(cx));
        if tells {
            let seconds = began.elapsed().as_secs_f64();
            py_object::standard_error::write_line(format_args!(
                "gc: done, {collected} unreachable, 0 uncollectable, {seconds:.4}s elapsed"
            ));
        }
        FULL_BEFORE.store(Heap::global().statistics().full.count, Relaxed);
        call_back(cx, "stop", generation, collected)?;
        Ok(collected)
    }
    /// Let isenabled() tell True. Memory is reclaimed either way.
    #[function]
    fn enable() {
        ENABLED.store(true, Relaxed);
    }
    /// Let isenabled() tell False. Memory is reclaimed either way.
    #[function]
    fn disable() {
        ENABLED.store(false, Relaxed);
    }
    /// Return what the last call of enable() or disable() said.
    #[function]
    fn isenabled() -> bool {
        ENABLED.load(Relaxed)
    }
    /// Set the thresholds that get_threshold() returns. The collector has its own.
    #[function(signature = "(threshold0, [threshold1, [threshold2]])")]
    fn set_threshold(threshold0: i64, threshold1: Option<i64>, threshold2: Option<i64>) {
        for (place, given) in THRESHOLDS.iter().zip([Some(threshold0), threshold1, threshold2]) {
            if let Some(number) = given {
                place.store(number, Relaxed);
            }
        }
    }
    /// Return the thresholds last set.
    #[function]
    fn get_threshold(cx: &mut Cx) -> Gc<Tuple> {
        let thresholds = [0, 1, 2].map(|at: usize| THRESHOLDS[at].load(Relaxed));
        numbers(cx, thresholds)
    }
    /// Return how much has happened since the last full collection: KiB in use more than then, minor collections, and full
    /// collections since a program last asked for one.
    #[function]
    fn get_count(cx: &mut Cx) -> Gc<Tuple> {
        let statistics = Heap::global().statistics();
        let grown = statistics.used_bytes.saturating_sub(statistics.used_bytes_after_full) >> 10;
        let full = statistics.full.count.saturating_sub(FULL_BEFORE.load(Relaxed));
        numbers(cx, [grown as i64, statistics.minor.count as i64, full as i64])
    }
    /// Return a list of three dictionaries with figures, for minor collections, none, and full ones.
    #[function]
    fn get_stats(cx: &mut Cx) -> PyResult<Gc<List>> {
        let statistics = Heap::global().statistics();
        let result = List::new(cx, &[])?;
        let rows = [(statistics.minor.count, 0), (0, 0), (statistics.full.count, statistics.freed_objects)];
        for (collections, collected) in rows {
            let fields = [("collections", collections as i64), ("collected", collected as i64), ("uncollectable", 0)];
            let row = dict_of(cx, &fields)?;
            List::push(cx, result, row.value())?;
        }
        Ok(result)
    }
    /// Set the flags that get_debug() returns.
    #[function]
    fn set_debug(flags: i64) {
        DEBUG_FLAGS.store(flags, Relaxed);
    }
    /// Return the flags last set.
    #[function]
    fn get_debug() -> i64 {
        DEBUG_FLAGS.load(Relaxed)
    }
    /// Return whether an object can refer to others.
    #[function]
    fn is_tracked(cx: &mut Cx, object: Value) -> bool {
        let is_plain = py_object::types::class_of(cx, object) == cx.builtin_type(py_object::Kind::OBJECT);
        !is_plain && inspect::is_tracked(object)
    }
    /// Return a list of the live objects that can refer to others. They are not kept by generation: each is all.
    #[function]
    fn get_objects(
        cx: &mut Cx,
        #[keyword]
        #[default(NONE)]
        generation: Value,
    ) -> PyResult<Gc<List>> {
        if generation != NONE {
            let number = py_object::types::int::index(cx, generation)?;
            let message = match py_object::types::int::as_i64(number) {
                Some(0..=2) => None,
                Some(..0) => Some("generation parameter cannot be negative"),
                _ => Some("generation parameter must be less than the number of available generations (3)"),
            };
            if let Some(message) = message {
                return Err(cx.value_error(message));
            }
        }
        inspect::objects(cx)
    }
    /// Return a list of the objects that refer directly to any of the given ones.
    #[function(signature = "($module, /, *objs)")]
    fn get_referrers(cx: &mut Cx, #[args] objects: &[Value]) -> PyResult<Gc<List>> {
        inspect::referrers(cx, objects)
    }
    /// Return a list of the objects that the given ones refer to directly.
    #[function(signature = "($module, /, *objs)")]
    fn get_referents(cx: &mut Cx, #[args] objects: &[Value]) -> PyResult<Gc<List>> {
        inspect::referents(cx, objects)
    }
    /// Say that the objects of now are to stay. The collector makes nothing of it: old objects cost minor collections nothing.
    #[function]
    fn freeze(cx: &mut Cx) {
        FROZEN.store(inspect::count_tracked(cx), Relaxed);
    }
    /// Take back freeze().
    #[function]
    fn unfreeze() {
        FROZEN.store(0, Relaxed);
    }
    /// Return how many objects freeze() was said to be about.
    #[function]
    fn get_freeze_count() -> usize {
        FROZEN.load(Relaxed)
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "gc", FUNCTIONS);
    for name in ["garbage", "callbacks"] {
        let list = List::new(cx, &[])?;
        set(cx, module, name, list.value())?;
    }
    for (name, flag) in DEBUG_NAMES {
        set(cx, module, name, Value::int(flag))?;
    }
    Ok(module)
}
