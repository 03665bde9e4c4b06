//! Printing exceptions that nobody caught.

use py_object::objects::Dict;
use py_object::{Cx, attribute, call, operations};
use vm_heap::Value;

/// Writes an exception with its traceback and the chain that led to it to standard error.
pub fn print(cx: &mut Cx, exception: Value) {
    let coloured = wants_colours(cx);
    let text = py_interp::traceback::format(cx, exception, coloured);
    py_modules::sys::write_error(cx, &text);
}

/// Whether `sys.stderr` is a terminal that is to show colours.
fn wants_colours(cx: &mut Cx) -> bool {
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    if !cx.runtime.configuration().flags.ignore_environment {
        match variable("PYTHON_COLORS").as_str() {
            "0" => return false,
            "1" => return true,
            _ => {}
        }
    }
    if !variable("NO_COLOR").is_empty() {
        return false;
    }
    if !variable("FORCE_COLOR").is_empty() {
        return true;
    }
    if variable("TERM") == "dumb" {
        return false;
    }
    let (sys, stderr) = (cx.intern("sys"), cx.intern("stderr"));
    let table = cx.runtime.modules.get();
    let Some(sys) = table.and_then(|table| Dict::get_str(cx, table, sys)) else { return false };
    let answer = match attribute::find(cx, sys, stderr) {
        Ok(Some((stream, _))) => call::call_method(cx, stream, "isatty", &[]),
        _ => return false,
    };
    match answer.and_then(|answer| operations::truth(cx, answer)) {
        Ok(answer) => answer,
        Err(_) => {
            cx.take_raised();
            false
        }
    }
}
