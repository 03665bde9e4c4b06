//! System calls: made in the native state, repeated where a signal interrupted them, errors as exceptions.

use py_object::exception::{as_exception, raise};
use py_object::objects::Str;
use py_object::types::int;
use py_object::{Cx, Kind, PyResult, Raised, call};
use vm_heap::Value;

/// The error number that the last failed call of this thread left.
pub fn last_error() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

/// What the system says of an error number.
pub fn text_of(number: i32) -> String {
    let mut buffer = [0; 256];
    // SAFETY: the buffer is as long as stated; the call ends its text with a zero byte.
    let text = unsafe {
        libc::strerror_r(number, buffer.as_mut_ptr(), buffer.len());
        std::ffi::CStr::from_ptr(buffer.as_ptr())
    };
    text.to_string_lossy().into_owned()
}

fn raise_with(cx: &mut Cx, number: i32, more: &[Value]) -> Raised {
    let text = Str::new(cx, &text_of(number));
    let mut arguments = [py_object::NONE; 5];
    arguments[0] = Value::int(i64::from(number));
    arguments[1] = text.value();
    arguments[2..2 + more.len()].copy_from_slice(more);
    let class = cx.builtin_type(Kind::OS_ERROR).value();
    match call::call(cx, class, &arguments[..2 + more.len()], None) {
        Ok(made) => match as_exception(made) {
            Some(exception) => raise(cx, exception),
            None => cx.type_error("OSError() did not make an exception"),
        },
        Err(raised) => raised,
    }
}

/// Raises the OSError of an error number.
pub fn os_error(cx: &mut Cx, number: i32) -> Raised {
    raise_with(cx, number, &[])
}

/// Raises the OSError of an error number that is about a file.
pub fn os_error_at(cx: &mut Cx, number: i32, file: Value) -> Raised {
    raise_with(cx, number, &[file])
}

/// Raises the OSError of an error number that is about two files.
pub fn os_error_between(cx: &mut Cx, number: i32, source: Value, target: Value) -> Raised {
    raise_with(cx, number, &[source, py_object::NONE, target])
}

/// Makes a system call that may block. It runs in the native state, so it must touch no heap object except for the
/// memory of buffers that the caller keeps alive. Where a signal interrupts it, handlers run and it is made again.
/// The result is an error number where the call returned -1.
pub fn blocking(cx: &mut Cx, mut body: impl FnMut() -> i64) -> PyResult<Result<i64, i32>> {
    loop {
        let outcome = cx.mutator().native(|| match body() {
            -1 => Err(last_error()),
            result => Ok(result),
        });
        if outcome == Err(libc::EINTR) {
            cx.run_pending()?;
            continue;
        }
        return Ok(outcome);
    }
}

/// As [`blocking`], with the error raised.
pub fn check(cx: &mut Cx, body: impl FnMut() -> i64) -> PyResult<i64> {
    blocking(cx, body)?.map_err(|number| os_error(cx, number))
}

/// An int of any size that a system structure holds without a sign.
pub fn unsigned(cx: &mut Cx, number: u64) -> Value {
    int::from_i128(cx, i128::from(number))
}

/// Reports an exception that can't be raised to `sys.unraisablehook`, and forgets it.
pub fn write_unraisable(cx: &mut Cx, object: Value) {
    let exception = cx.take_raised();
    if report_unraisable(cx, exception, object).is_err() {
        cx.take_raised();
    }
}

fn report_unraisable(cx: &mut Cx, exception: Value, object: Value) -> PyResult<()> {
    let modules = cx.runtime.modules.get().expect("made at start-up");
    let key = cx.intern("sys");
    let Some(sys) = py_object::objects::Dict::get_str(cx, modules, key) else { return Ok(()) };
    let name = cx.intern("unraisablehook");
    let Some((hook, _)) = py_object::attribute::find(cx, sys, name)? else { return Ok(()) };
    let class = py_object::types::class_of(cx, exception);
    let traceback = as_exception(exception).map_or(py_object::NONE, |exception| exception.traceback.get());
    let names = ["exc_type", "exc_value", "exc_traceback", "err_msg", "object"].map(|name| cx.intern(name).value());
    let names = py_object::objects::Tuple::new(cx, &names);
    let namespace = cx.builtin_type(Kind::SIMPLE_NAMESPACE).value();
    let values = [class.value(), exception, traceback, py_object::NONE, object];
    let arguments = call::call(cx, namespace, &values, Some(names))?;
    call::call(cx, hook, &[arguments], None).map(|_| ())
}

/// A ResourceWarning about an object, by `warnings.warn`, where that can be imported. What goes wrong is forgotten.
pub fn resource_warning(cx: &mut Cx, what: &str, source: Value) {
    if try_resource_warning(cx, what, source).is_err() {
        write_unraisable(cx, source);
    }
}

fn try_resource_warning(cx: &mut Cx, what: &str, source: Value) -> PyResult<()> {
    let text = py_object::operations::repr(cx, source)?;
    let message = Str::new(cx, &format!("{what}{}", py_object::StrExt::to_text(&text)));
    warn(cx, "ResourceWarning", message.value(), 1, Some(source))
}

/// `warnings.warn(message, category)`. Nothing happens where the module or the category is not there.
pub fn warn(cx: &mut Cx, category: &str, message: Value, level: i64, source: Option<Value>) -> PyResult<()> {
    let builtins = cx.runtime.builtins.get().expect("made at start-up");
    let name = cx.intern(category);
    let Some(category) = py_object::objects::Dict::get_str(cx, builtins, name) else { return Ok(()) };
    let modules = cx.runtime.modules.get().expect("made at start-up");
    let mut found = None;
    for name in ["warnings", "_warnings"] {
        let name = cx.intern(name);
        found = found.or(py_object::objects::Dict::get_str(cx, modules, name));
    }
    let Some(warnings) = found else { return Ok(()) };
    let name = cx.intern("warn");
    let Some((function, _)) = py_object::attribute::find(cx, warnings, name)? else { return Ok(()) };
    let source = source.unwrap_or(py_object::NONE);
    call::call(cx, function, &[message, category, Value::int(level), source], None).map(|_| ())
}
