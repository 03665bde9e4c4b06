//! Functions of `sys` that ask or set what the interpreter does.

use crate::system::CInt;
use py_macros::py_functions;
use py_object::objects::{Exception, Str, Tuple, Type};
use py_object::types::{self, class_name, class_of, int};
use py_object::{Cx, Kind, NONE, PyResult, StrExt, call, downcast};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering};
use vm_heap::{Gc, Value};

/// Seconds, as the bits of a float: nothing switches threads here, so the number is only kept.
static SWITCH_INTERVAL: AtomicU64 = AtomicU64::new(0x3f74_7ae1_47ae_147b);
static FINALIZING: AtomicBool = AtomicBool::new(false);
static OPEN_FLAGS: AtomicI32 = AtomicI32::new(libc::RTLD_NOW);

/// Notes that the interpreter is about to end.
pub fn set_finalizing() {
    FINALIZING.store(true, Ordering::Relaxed);
}

/// Whether the interpreter is about to end.
pub fn is_finalizing() -> bool {
    FINALIZING.load(Ordering::Relaxed)
}

/// The functions.
pub struct Functions;

#[py_functions("sys")]
impl Functions {
    /// Exit the interpreter by raising SystemExit(status).
    #[function]
    fn exit(cx: &mut Cx, #[default(NONE)] status: Value) -> PyResult<()> {
        let class = cx.builtin_type(Kind::SYSTEM_EXIT).value();
        let exception = match downcast::<Tuple>(status) {
            _ if status == NONE => call::call(cx, class, &[], None)?,
            Some(parts) => call::call(cx, class, py_object::sequence::tuple_items(&parts), None)?,
            None => call::call(cx, class, &[status], None)?,
        };
        Err(match downcast::<Exception>(exception) {
            Some(exception) => py_object::exception::raise(cx, exception),
            None => cx.raise_value(exception),
        })
    }
    /// Return the exception being handled, or None.
    #[function]
    fn exception(cx: &mut Cx) -> Value {
        cx.handled_now()
    }
    /// Return type, value and traceback of the exception being handled, or Nones.
    #[function]
    fn exc_info(cx: &mut Cx) -> Gc<Tuple> {
        let handled = cx.handled_now();
        let parts = match downcast::<Exception>(handled) {
            Some(exception) => [class_of(cx, handled).value(), handled, exception.traceback.get()],
            None => [NONE; 3],
        };
        Tuple::new(cx, &parts)
    }
    /// Remove the descriptors of __dict__ and __weakref__ from a class.
    ///
    /// For classes that another one with the same name replaces.
    #[function]
    fn _clear_type_descriptors(cx: &mut Cx, r#type: Gc<Type>) -> PyResult<()> {
        if r#type.flags.get() & types::HEAP_TYPE == 0 {
            return Err(cx.type_error("argument is immutable"));
        }
        for name in ["__dict__", "__weakref__"] {
            let name = cx.intern(name);
            types::set_class_attribute(cx, r#type, name, None)?;
        }
        Ok(())
    }
    /// Return the current value of the recursion limit.
    #[function]
    fn getrecursionlimit(cx: &mut Cx) -> i64 {
        cx.runtime.recursion_limit.load(Ordering::Relaxed) as i64
    }
    /// Set the recursion limit of this thread and of those started later.
    ///
    /// It bounds memory rather than the number of calls: calls of small functions may nest deeper,
    /// unless the limit leaves few.
    #[function]
    fn setrecursionlimit(cx: &mut Cx, limit: CInt) -> PyResult<()> {
        if limit.0 < 1 {
            return Err(cx.value_error("recursion limit must be greater or equal than 1"));
        }
        cx.set_recursion_limit(limit.0 as usize)
    }
    /// Return the interned string equal to the given one.
    #[function]
    fn intern(cx: &mut Cx, string: Value) -> PyResult<Gc<Str>> {
        let Some(text) = downcast::<Str>(string) else {
            let message = format!("intern() argument must be str, not {}", class_name(cx, string));
            return Err(cx.type_error(message));
        };
        if !types::is_exactly(string, Kind::STR) {
            return Err(cx.type_error(format!("can't intern {}", class_name(cx, string))));
        }
        let runtime = cx.runtime;
        Ok(runtime.intern_string(text))
    }
    /// Return whether the string is interned.
    #[function]
    fn _is_interned(string: Gc<Str>) -> bool {
        py_object::types::str::index::is_interned(string)
    }
    /// Return False: there is no global interpreter lock.
    #[function]
    fn _is_gil_enabled() -> bool {
        false
    }
    /// Return the encoding of strings where none is named.
    #[function]
    fn getdefaultencoding(cx: &mut Cx) -> Gc<Str> {
        cx.intern("utf-8")
    }
    /// Return the encoding of file names.
    #[function]
    fn getfilesystemencoding(cx: &mut Cx) -> Gc<Str> {
        cx.intern("utf-8")
    }
    /// Return how file names that are not valid are decoded and encoded.
    #[function]
    fn getfilesystemencodeerrors(cx: &mut Cx) -> Gc<Str> {
        cx.intern("surrogateescape")
    }
    /// Return what setswitchinterval() was told last, in seconds.
    #[function]
    fn getswitchinterval() -> f64 {
        f64::from_bits(SWITCH_INTERVAL.load(Ordering::Relaxed))
    }
    /// Keep the number for getswitchinterval(). Threads run at the same time, so that nothing has to be switched.
    #[function]
    fn setswitchinterval(cx: &mut Cx, interval: f64) -> PyResult<()> {
        if interval <= 0.0 || interval.is_nan() {
            return Err(cx.value_error("switch interval must be strictly positive"));
        }
        SWITCH_INTERVAL.store(interval.to_bits(), Ordering::Relaxed);
        Ok(())
    }
    /// Return False: there is no way into this process for debuggers.
    #[function]
    fn is_remote_debug_enabled() -> bool {
        false
    }
    /// Run a script in another process of this interpreter, if that allows it.
    #[function]
    fn remote_exec(cx: &mut Cx, #[keyword] _pid: i64, #[keyword] _script: Value) -> PyResult<()> {
        Err(cx.raise(Kind::RUNTIME_ERROR, "Remote debugging is not enabled"))
    }
    /// Tell a profiler of the process's stack about Python functions. There is no backend for that.
    #[function]
    fn activate_stack_trampoline(cx: &mut Cx, backend: Gc<Str>) -> PyResult<()> {
        match &*backend.to_text() {
            "perf" | "perf_jit" => Err(cx.value_error("perf trampoline not available")),
            other => Err(cx.value_error(format!("invalid backend: {other}"))),
        }
    }
    /// Stop what activate_stack_trampoline() began.
    #[function]
    fn deactivate_stack_trampoline() {}
    /// Return whether a profiler of the process's stack is told about Python functions.
    #[function]
    fn is_stack_trampoline_active() -> bool {
        false
    }
    /// Return whether the object never goes away.
    #[function]
    fn _is_immortal(op: Value) -> bool {
        !op.is_object() || py_object::types::as_type(op).is_some_and(|class| class.flags.get() & types::HEAP_TYPE == 0)
    }
    /// Return the number of interned strings.
    #[function]
    fn getunicodeinternedsize(
        cx: &mut Cx,
        #[keyword_only]
        #[default(false)]
        _only_immortal: bool,
    ) -> usize {
        if _only_immortal { 0 } else { cx.runtime.interned_count() }
    }
    /// Return whether the interpreter is about to end.
    #[function]
    fn is_finalizing() -> bool {
        FINALIZING.load(Ordering::Relaxed)
    }
    /// Return the most digits that conversions between int and text may have; 0 means any number.
    #[function]
    fn get_int_max_str_digits(cx: &mut Cx) -> usize {
        cx.runtime.int_digits.load(Ordering::Relaxed)
    }
    /// Set the most digits that conversions between int and text may have; 0 means any number.
    #[function]
    fn set_int_max_str_digits(cx: &mut Cx, #[keyword] maxdigits: CInt) -> PyResult<()> {
        if maxdigits.0 != 0 && maxdigits.0 < 640 {
            return Err(cx.value_error("maxdigits must be >= 640 or 0 for unlimited"));
        }
        cx.runtime.int_digits.store(maxdigits.0 as usize, Ordering::Relaxed);
        Ok(())
    }
    /// Return the number of references to an object.
    ///
    /// Objects are not counted here: for each of them this is the number that stands for "lives forever".
    #[function]
    fn getrefcount(_object: Value) -> i64 {
        // What CPython gives for an immortal object on a 64-bit machine.
        3 << 30
    }
    /// Return the size of an object in bytes, or the default if it has none and there is a default.
    #[function]
    fn getsizeof(cx: &mut Cx, #[keyword] object: Value, #[keyword] default: Option<Value>) -> PyResult {
        let Some(method) = types::lookup_special(cx, object, "__sizeof__") else {
            return match default {
                Some(default) => Ok(default),
                None => {
                    let message = format!("Type {} doesn't define __sizeof__", class_name(cx, object));
                    Err(cx.type_error(message))
                }
            };
        };
        let size = match call::call_special(cx, method, object, &[], None).and_then(|size| int::index(cx, size)) {
            Ok(size) => size,
            Err(raised) => {
                let is_type_error = types::is_instance(cx, cx.raised.get(), Kind::TYPE_ERROR);
                return match default {
                    Some(default) if is_type_error => {
                        cx.take_raised();
                        Ok(default)
                    }
                    _ => Err(raised),
                };
            }
        };
        if int::is_negative(size) {
            return Err(cx.value_error("__sizeof__() should return >= 0"));
        }
        Ok(size)
    }
    /// Return what -X cpu_count was given, or -1.
    #[function]
    fn _get_cpu_count_config(cx: &mut Cx) -> i64 {
        cx.runtime.configuration().cpu_count.unwrap_or(-1)
    }
    /// Return the flags for loading shared objects.
    #[function]
    fn getdlopenflags() -> i64 {
        OPEN_FLAGS.load(Ordering::Relaxed).into()
    }
    /// Set the flags for loading shared objects.
    #[function]
    fn setdlopenflags(flags: CInt) {
        OPEN_FLAGS.store(flags.0, Ordering::Relaxed);
    }
    /// Forget what lookups have found.
    #[function]
    fn _clear_internal_caches() {
        types::note_change();
    }
    /// Forget what lookups have found.
    #[function]
    fn _clear_type_cache() {
        types::note_change();
    }
    /// Call a function with the arguments while tracing.
    #[function]
    fn call_tracing(cx: &mut Cx, func: Value, args: Gc<Tuple>) -> PyResult {
        call::call(cx, func, py_object::sequence::tuple_items(&args), None)
    }
}
