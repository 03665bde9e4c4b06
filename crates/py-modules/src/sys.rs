//! `sys`: the interpreter as Python programs see it.

mod frames;

use crate::io::new_stream;
use crate::{module_of, set};
use py_macros::py_functions;
use py_object::objects::{Exception, List, Module, Str, Tuple};
use py_object::operations;
use py_object::types::class_of;
use py_object::{Cx, Kind, NONE, PyResult, call, downcast};
use vm_heap::{Gc, Value};

/// The functions.
pub struct Functions;

#[py_functions("sys")]
impl Functions {
    /// Exit the interpreter by raising SystemExit(status).
    #[function]
    fn exit(cx: &mut Cx, #[default(NONE)] status: Value) -> PyResult<()> {
        let arguments: &[Value] = if status == NONE { &[] } else { &[status] };
        let exception = Exception::new(cx, Kind::SYSTEM_EXIT, arguments);
        exception.detail.set(cx.mutator(), exception, status);
        Err(cx.raise_value(exception.value()))
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
    /// Return the current value of the recursion limit.
    #[function]
    fn getrecursionlimit(cx: &mut Cx) -> i64 {
        cx.runtime.recursion_limit.load(std::sync::atomic::Ordering::Relaxed) as i64
    }
    /// Set the recursion limit of this thread and of those started later.
    ///
    /// It bounds memory, not the number of calls: calls of small functions may nest deeper.
    #[function]
    fn setrecursionlimit(cx: &mut Cx, limit: i64) -> PyResult<()> {
        if limit < 1 {
            return Err(cx.value_error("recursion limit must be greater or equal than 1"));
        }
        cx.runtime.recursion_limit.store(limit as usize, std::sync::atomic::Ordering::Relaxed);
        cx.limit_recursion(limit as usize);
        Ok(())
    }
    /// Return the interned string equal to the given one.
    #[function]
    fn intern(cx: &mut Cx, string: Gc<Str>) -> Gc<Str> {
        let runtime = cx.runtime;
        runtime.intern_string(cx, string)
    }
    /// Return False: there is no global interpreter lock.
    #[function]
    fn _is_gil_enabled() -> bool {
        false
    }
    /// Print an object to sys.stdout, unless it is None (interactive mode).
    #[function]
    fn displayhook(cx: &mut Cx, object: Value) -> PyResult<()> {
        if object == NONE {
            return Ok(());
        }
        let text = operations::repr(cx, object)?;
        let name = cx.intern("print");
        let builtins = cx.runtime.builtins.get().expect("made at start-up");
        match py_object::objects::Dict::get_str(cx, builtins, name) {
            Some(print) => call::call(cx, print, &[text.value()], None).map(|_| ()),
            None => Ok(()),
        }
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "sys", FUNCTIONS);
    frames::install(cx, module.dict.get(), module.value());
    let arguments = List::new(cx, &[])?;
    for argument in cx.runtime.arguments.get().cloned().unwrap_or_default() {
        let text = Str::new(cx, &argument);
        List::push(cx, arguments, text.value())?;
    }
    set(cx, module, "argv", arguments.value())?;
    let modules = cx.runtime.modules_value();
    set(cx, module, "modules", modules)?;
    let path = List::new(cx, &[])?;
    set(cx, module, "path", path.value())?;
    for (descriptor, names) in
        [(0, ["stdin", "__stdin__"]), (1, ["stdout", "__stdout__"]), (2, ["stderr", "__stderr__"])]
    {
        let stream = new_stream(cx, descriptor)?;
        for name in names {
            set(cx, module, name, stream)?;
        }
    }
    for (name, text) in [
        ("version", "3.14.0 (Typhon 0.1.0)"),
        ("platform", "linux"),
        ("byteorder", "little"),
        ("prefix", "/usr"),
        ("exec_prefix", "/usr"),
    ] {
        let text = Str::new(cx, text);
        set(cx, module, name, text.value())?;
    }
    let executable = std::env::current_exe().map(|path| path.to_string_lossy().into_owned()).unwrap_or_default();
    let executable = Str::new(cx, &executable);
    set(cx, module, "executable", executable.value())?;
    let version = version_info(cx);
    set(cx, module, "version_info", version)?;
    set(cx, module, "hexversion", Value::int(0x030e_00f0))?;
    set(cx, module, "maxunicode", Value::int(0x10_ffff))?;
    let largest = Str::new(cx, "9223372036854775807");
    let int = cx.builtin_type(Kind::INT);
    let largest = call::call(cx, int.value(), &[largest.value()], None)?;
    set(cx, module, "maxsize", largest)?;
    let implementation = implementation(cx, version)?;
    set(cx, module, "implementation", implementation)?;
    Ok(module)
}

fn version_info(cx: &mut Cx) -> Value {
    let level = cx.intern("final");
    Tuple::new(cx, &[Value::int(3), Value::int(14), Value::int(0), level.value(), Value::int(0)]).value()
}

fn implementation(cx: &mut Cx, version: Value) -> PyResult {
    let names = ["name", "cache_tag", "version", "hexversion"].map(|name| cx.intern(name).value());
    let names = Tuple::new(cx, &names);
    let (name, tag) = (cx.intern("typhon"), cx.intern("typhon-314"));
    let class = cx.builtin_type(Kind::SIMPLE_NAMESPACE);
    let values = [name.value(), tag.value(), version, Value::int(0x030e_00f0)];
    call::call(cx, class.value(), &values, Some(names))
}
