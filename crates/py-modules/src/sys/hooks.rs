//! The hooks of `sys`: what shows results, exceptions that nobody caught, and exceptions that nobody can catch; and `breakpoint()`.

use super::records;
use crate::set;
use py_macros::py_functions;
use py_object::arguments::Keywords;
use py_object::objects::{Dict, Exception, Module, Str, Traceback, Tuple};
use py_object::sequence::tuple_items;
use py_object::types::{self, as_type, class_name};
use py_object::{Cx, Kind, NONE, PyResult, StrExt, attribute, call, downcast, operations};
use std::sync::OnceLock;
use vm_heap::{Gc, Value};

/// Writes an exception with its traceback to standard error.
pub type ExceptionPrinter = fn(&mut Cx, Value);

static PRINTER: OnceLock<ExceptionPrinter> = OnceLock::new();

/// Sets what prints exceptions with their tracebacks.
pub fn set_exception_printer(printer: ExceptionPrinter) {
    let _ = PRINTER.set(printer);
}

/// An attribute of `sys`.
fn attribute_of_sys(cx: &mut Cx, name: &str) -> Option<Value> {
    let key = cx.intern("sys");
    let modules = cx.runtime.modules.get()?;
    let sys = downcast::<Module>(Dict::get_str(cx, modules, key)?)?;
    let name = cx.intern(name);
    Dict::get_str(cx, sys.dict.get(), name)
}

/// Writes to `sys.stderr`, or to the descriptor where there is no such thing or it fails.
pub fn write_error(cx: &mut Cx, text: &str) {
    match attribute_of_sys(cx, "stderr") {
        Some(NONE) => {}
        Some(stream) => {
            let message = Str::new(cx, text);
            let written = call::call_method(cx, stream, "write", &[message.value()])
                .and_then(|_| call::call_method(cx, stream, "flush", &[]));
            if written.is_err() {
                cx.take_raised();
                py_object::standard_error::write(format_args!("{text}"));
            }
        }
        None => py_object::standard_error::write(format_args!("{text}")),
    }
}

fn builtins_module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let key = cx.intern("builtins");
    let modules = cx.runtime.modules.get().expect("made at start-up");
    match Dict::get_str(cx, modules, key).and_then(downcast::<Module>) {
        Some(builtins) => Ok(builtins),
        None => Err(cx.raise(Kind::RUNTIME_ERROR, "lost builtins module")),
    }
}

/// Writes text to a stream; what its encoding lacks is escaped.
fn show(cx: &mut Cx, stream: Value, text: Gc<Str>) -> PyResult<()> {
    if call::call_method(cx, stream, "write", &[text.value()]).is_ok() {
        return Ok(());
    }
    if !types::is_instance(cx, cx.raised.get(), Kind::UNICODE_ENCODE_ERROR) {
        return Err(py_object::Raised);
    }
    cx.take_raised();
    let name = cx.intern("encoding");
    let encoding = attribute::get(cx, stream, name)?;
    let errors = cx.intern("backslashreplace").value();
    let bytes = call::call_method(cx, text.value(), "encode", &[encoding, errors])?;
    let name = cx.intern("buffer");
    if let Some((buffer, _)) = attribute::find(cx, stream, name)? {
        return call::call_method(cx, buffer, "write", &[bytes]).map(|_| ());
    }
    let strict = cx.intern("strict").value();
    let text = call::call_method(cx, bytes, "decode", &[encoding, strict])?;
    call::call_method(cx, stream, "write", &[text]).map(|_| ())
}

fn warn_of_breakpoint(cx: &mut Cx, wanted: &str) -> PyResult {
    let message = Str::new(cx, &format!("Ignoring unimportable $PYTHONBREAKPOINT: \"{wanted}\""));
    let category = cx.builtin_type(Kind::RUNTIME_WARNING).value();
    let warnings = import(cx, "_warnings")?;
    call::call_method(cx, warnings, "warn", &[message.value(), category])
}

fn import(cx: &mut Cx, name: &str) -> PyResult {
    let builtins = builtins_module(cx)?;
    let key = cx.intern("__import__");
    let Some(import) = Dict::get_str(cx, builtins.dict.get(), key) else {
        return Err(cx.raise(Kind::IMPORT_ERROR, "__import__ not found"));
    };
    let text = Str::new(cx, name);
    call::call(cx, import, &[text.value()], None)?;
    let modules = cx.runtime.modules.get().expect("made at start-up");
    let name = cx.intern(name);
    match Dict::get_str(cx, modules, name) {
        Some(module) => Ok(module),
        None => Err(cx.raise(Kind::IMPORT_ERROR, format!("import of {} halted", name.to_text()))),
    }
}

/// The function that `PYTHONBREAKPOINT` names; `None` where there is no such thing.
fn breakpoint_function(cx: &mut Cx, wanted: &str) -> PyResult<Option<Value>> {
    let (module, name) = wanted.rsplit_once('.').unwrap_or(("builtins", wanted));
    let found = import(cx, module).and_then(|module| {
        let name = cx.intern(name);
        attribute::get(cx, module, name)
    });
    match found {
        Ok(function) => Ok(Some(function)),
        Err(raised) => {
            let raised_value = cx.raised.get();
            let expected = [Kind::IMPORT_ERROR, Kind::ATTRIBUTE_ERROR, Kind::VALUE_ERROR];
            if expected.iter().any(|kind| types::is_instance(cx, raised_value, *kind)) {
                cx.take_raised();
                return Ok(None);
            }
            Err(raised)
        }
    }
}

/// What `sys.unraisablehook` writes.
fn describe_unraisable(cx: &mut Cx, parts: &[Value]) -> PyResult<()> {
    let [class, value, traceback, message, object] = parts else {
        return Err(cx.type_error("sys.unraisablehook argument type must be UnraisableHookArgs"));
    };
    let mut text = String::new();
    let told = downcast::<Str>(*message).map(|message| message.to_text());
    if *object != NONE {
        text.push_str(told.as_deref().unwrap_or("Exception ignored in"));
        text.push_str(": ");
        match operations::repr(cx, *object) {
            Ok(object) => text.push_str(&object.to_text()),
            Err(_) => {
                cx.take_raised();
                text.push_str("<object repr() failed>");
            }
        }
        text.push('\n');
    } else if let Some(told) = told {
        text.push_str(&told);
        text.push_str(":\n");
    }
    write_error(cx, &text);
    if let (Some(exception), Some(printer)) = (downcast::<Exception>(*value), PRINTER.get()) {
        if exception.traceback.get() == NONE && *traceback != NONE {
            exception.traceback.set(cx.mutator(), exception, *traceback);
        }
        printer(cx, *value);
    } else if let Some(class) = as_type(*class) {
        let name = types::name_of(class);
        write_error(cx, &format!("{name}\n"));
    }
    Ok(())
}

/// Hands an exception that nobody can catch to `sys.unraisablehook`; the message says what was going on.
pub fn report_unraisable(cx: &mut Cx, exception: Value, message: &str) {
    let class = types::class_of(cx, exception).value();
    let traceback = downcast::<Exception>(exception).map_or(NONE, |exception| exception.traceback.get());
    let message = Str::new(cx, message).value();
    let reported = records::unraisable(cx, &[class, exception, traceback, message, NONE]).and_then(|arguments| {
        match attribute_of_sys(cx, "unraisablehook") {
            Some(NONE) | None => Ok(NONE),
            Some(hook) => call::call(cx, hook, &[arguments], None),
        }
    });
    if reported.is_err() {
        let second = cx.take_raised();
        write_error(cx, "Exception ignored in sys.unraisablehook:\n");
        if let Some(printer) = PRINTER.get() {
            printer(cx, second);
        }
    }
}

/// The functions.
pub struct Functions;

#[py_functions("sys")]
impl Functions {
    /// Print an object to sys.stdout and also save it in builtins._, unless it is None.
    #[function]
    fn displayhook(cx: &mut Cx, object: Value) -> PyResult<()> {
        if object == NONE {
            return Ok(());
        }
        let builtins = builtins_module(cx)?;
        set(cx, builtins, "_", NONE)?;
        let stream = match attribute_of_sys(cx, "stdout") {
            Some(NONE) | None => return Err(cx.raise(Kind::RUNTIME_ERROR, "lost sys.stdout")),
            Some(stream) => stream,
        };
        let text = operations::repr(cx, object)?;
        show(cx, stream, text)?;
        let end = cx.intern("\n");
        show(cx, stream, end)?;
        set(cx, builtins, "_", object)
    }
    /// Handle an exception by writing it with its traceback to sys.stderr.
    #[function]
    fn excepthook(cx: &mut Cx, exctype: Value, value: Value, traceback: Value) {
        let _ = exctype;
        let Some(exception) = downcast::<Exception>(value) else {
            let class = class_name(cx, value);
            write_error(cx, &format!("TypeError: print_exception(): Exception expected for value, {class} found\n"));
            return;
        };
        if downcast::<Traceback>(traceback).is_some() {
            exception.traceback.set(cx.mutator(), exception, traceback);
        }
        if let Some(printer) = PRINTER.get() {
            printer(cx, value);
        }
    }
    /// Handle an exception that cannot be raised by writing it to sys.stderr.
    #[function]
    fn unraisablehook(cx: &mut Cx, unraisable: Value) -> PyResult<()> {
        let parts = match downcast::<Tuple>(unraisable) {
            Some(parts) => parts,
            None => {
                let names = ["exc_type", "exc_value", "exc_traceback", "err_msg", "object"];
                let mut parts = [NONE; 5];
                for (part, name) in parts.iter_mut().zip(names) {
                    let name = cx.intern(name);
                    *part = match attribute::find(cx, unraisable, name)? {
                        Some((part, _)) => part,
                        None => {
                            let message = "sys.unraisablehook argument type must be UnraisableHookArgs";
                            return Err(cx.type_error(message));
                        }
                    };
                }
                Tuple::new(cx, &parts)
            }
        };
        describe_unraisable(cx, tuple_items(&parts))
    }
    /// Call what PYTHONBREAKPOINT names, or pdb.set_trace().
    #[function(signature = "(*args, **kws)")]
    fn breakpointhook(cx: &mut Cx, #[args] args: &[Value], #[kwargs] kws: Keywords<'_>) -> PyResult {
        let wanted = match cx.runtime.configuration().flags.ignore_environment {
            true => None,
            false => std::env::var("PYTHONBREAKPOINT").ok().filter(|wanted| !wanted.is_empty()),
        };
        let wanted = wanted.as_deref().unwrap_or("pdb.set_trace");
        if wanted == "0" {
            return Ok(NONE);
        }
        let Some(function) = breakpoint_function(cx, wanted)? else { return warn_of_breakpoint(cx, wanted) };
        call_with_keywords(cx, function, args, &kws)
    }
}

fn call_with_keywords(cx: &mut Cx, function: Value, args: &[Value], kws: &Keywords<'_>) -> PyResult {
    let all = py_object::objects::List::new(cx, args)?;
    let names = py_object::objects::List::new(cx, &[])?;
    for (name, value) in kws.iter() {
        py_object::objects::List::push(cx, names, name.value())?;
        py_object::objects::List::push(cx, all, value)?;
    }
    let names = Tuple::from_list(cx, names)?;
    let all = Tuple::from_list(cx, all)?;
    let keywords = (!tuple_items(&names).is_empty()).then_some(names);
    call::call(cx, function, tuple_items(&all), keywords)
}
