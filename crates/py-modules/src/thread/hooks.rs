//! What is reported of an exception that ends a thread.

use super::identity;
use crate::structseq::{self, Declaration};
use py_object::objects::Type;
use py_object::{Cx, Kind, NONE, PyResult, StrExt, attribute, call, operations};
use vm_heap::{Gc, Value};

static ARGUMENTS: Declaration = Declaration {
    name: "_thread._ExceptHookArgs",
    doc: "Type used to pass arguments to threading.excepthook.",
    fields: &[
        ("exc_type", "Exception type"),
        ("exc_value", "Exception value"),
        ("exc_traceback", "Exception traceback"),
        ("thread", "Thread"),
    ],
    items: 4,
    copies: &[],
    from_fields: false,
};

/// The class of the argument of `_excepthook`.
pub fn arguments_class(cx: &mut Cx) -> PyResult<Gc<Type>> {
    structseq::class(cx, &ARGUMENTS)
}

fn field(cx: &mut Cx, arguments: Value, name: &str) -> PyResult {
    let name = cx.intern(name);
    attribute::get(cx, arguments, name)
}

/// `sys.stderr`, or None.
fn standard_error(cx: &mut Cx) -> PyResult {
    let sys = crate::library::module(cx, "sys")?;
    let name = cx.intern("stderr");
    Ok(attribute::find(cx, sys, name)?.map_or(NONE, |(stream, _)| stream))
}

/// Writes the exception of a thread to `sys.stderr`; that of SystemExit is silent.
pub fn report(cx: &mut Cx, arguments: Value) -> PyResult<()> {
    let class = arguments_class(cx)?;
    if py_object::types::class_of(cx, arguments) != class {
        return Err(cx.type_error("_thread._excepthook argument type must be ExceptHookArgs"));
    }
    let exception_type = field(cx, arguments, "exc_type")?;
    if exception_type == cx.builtin_type(Kind::SYSTEM_EXIT).value() {
        return Ok(());
    }
    let thread = field(cx, arguments, "thread")?;
    let mut stream = standard_error(cx)?;
    if stream == NONE && thread != NONE {
        stream = field(cx, thread, "_stderr")?;
    }
    if stream == NONE {
        return Ok(());
    }
    let name = if thread == NONE {
        identity().to_string()
    } else {
        let name = field(cx, thread, "_name")?;
        operations::to_str(cx, name)?.to_text()
    };
    let text = py_object::objects::Str::new(cx, &format!("Exception in thread {name}:\n"));
    call::call_method(cx, stream, "write", &[text.value()])?;
    let value = field(cx, arguments, "exc_value")?;
    let trace = field(cx, arguments, "exc_traceback")?;
    let library = crate::library::module(cx, "traceback")?;
    // print_exception(type, value, traceback, limit, file)
    let parts = [exception_type, value, trace, NONE, stream];
    call::call_method(cx, library, "print_exception", &parts)?;
    call::call_method(cx, stream, "flush", &[]).map(|_| ())
}
