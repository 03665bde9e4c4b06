//! The compiler's warnings, given through the library's `warnings`. Where its filters turn one into an exception, the exception is a
//! SyntaxError at the place that the warning is about.

use crate::errors;
use py_compiler::{CompileError, SyntaxWarning};
use py_object::objects::*;
use py_object::{Cx, Kind, PyResult, types, warning};
use vm_heap::Value;

/// Gives warnings about a source.
pub fn give(cx: &mut Cx, warnings: Vec<SyntaxWarning>, filename: &str, source: &str) -> PyResult<()> {
    for warning in warnings {
        let line = Value::int(warning.error.line.into());
        let file = Str::new(cx, filename).value();
        let Err(raised) = warning::warn_explicit(cx, Kind::SYNTAX_WARNING, &warning.message, file, line) else {
            continue;
        };
        if !types::is_instance(cx, cx.raised.get(), Kind::SYNTAX_WARNING) {
            return Err(raised);
        }
        cx.take_raised();
        let (error, of_text) = (warning.error, warning.of_text);
        let error = CompileError { filename: filename.to_string(), error, of_text };
        return Err(errors::raise_compile_error(cx, error, filename, source));
    }
    Ok(())
}
