//! Compile errors as Python exceptions.

use py_compiler::CompileError;
use py_object::objects::{Exception, Str, Tuple};
use py_object::{Cx, Kind, NONE, Raised};
use vm_heap::Value;

/// Raises a SyntaxError for a compile error.
pub fn raise_compile_error(cx: &mut Cx, error: CompileError, filename: &str, source: &str) -> Raised {
    let error = error.error;
    let message = Str::new(cx, &error.message);
    let file = Str::new(cx, filename);
    let line = source.lines().nth((error.line as usize).saturating_sub(1));
    let line = line.map(|line| {
        Str::new(
            cx,
            &format!(
                "{line}
"
            ),
        )
    });
    let line = line.map_or(NONE, |line| line.value());
    let place = Tuple::new(
        cx,
        &[
            file.value(),
            Value::int(error.line as i64),
            Value::int(error.column as i64),
            line,
            Value::int(error.end_line as i64),
            Value::int(error.end_column as i64),
        ],
    );
    // A construct that is not compiled yet is no error of the program.
    let unsupported = error.message.ends_with("not supported yet");
    let kind = if unsupported { Kind::NOT_IMPLEMENTED_ERROR } else { kind_of(&error.message) };
    let exception = Exception::new(cx, kind, &[message.value(), place.value()]);
    py_object::exception::raise(cx, exception)
}

/// The class of the error with a message.
fn kind_of(message: &str) -> Kind {
    if message == "inconsistent use of tabs and spaces in indentation" {
        Kind::TAB_ERROR
    } else if message.starts_with("expected an indented block")
        || matches!(message, "unexpected indent" | "unexpected unindent" | "too many levels of indentation")
        || message.starts_with("unindent does not match")
    {
        Kind::INDENTATION_ERROR
    } else {
        Kind::SYNTAX_ERROR
    }
}
