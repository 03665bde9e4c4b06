//! Compile errors as Python exceptions.

use py_compiler::CompileError;
use py_object::{Cx, Kind, Raised, attribute};
use py_syntax::SyntaxErrorKind;
use vm_heap::Value;

/// Raises a SyntaxError for a compile error.
pub fn raise_compile_error(cx: &mut Cx, error: CompileError, filename: &str, source: &str) -> Raised {
    let (error, of_text) = (error.error, error.of_text);
    let number = (error.line as usize).saturating_sub(1);
    let line = match of_text || filename.starts_with("<stdin-") {
        true => source.lines().nth(number).map(|line| format!("{line}\n")),
        false => crate::traceback::line_of_file(filename, error.line),
    };
    // A construct that is not compiled yet is no error of the program.
    let unsupported = error.message.ends_with("not supported yet");
    let kind = match error.kind {
        _ if unsupported => Kind::NOT_IMPLEMENTED_ERROR,
        SyntaxErrorKind::Syntax => Kind::SYNTAX_ERROR,
        SyntaxErrorKind::Indentation => Kind::INDENTATION_ERROR,
        SyntaxErrorKind::Tab => Kind::TAB_ERROR,
    };
    let place = [error.line.into(), error.column.into(), error.end_line.into(), error.end_column];
    let raised = py_object::exception::raise_syntax_error(cx, kind, &error.message, filename, place, line.as_deref());
    if of_text && (error.message == "invalid syntax" || error.message.contains("Perhaps you forgot a comma")) {
        note_source(cx, source);
    }
    raised
}

/// Tells the exception in which source a misspelt keyword may be found.
fn note_source(cx: &mut Cx, source: &str) {
    let exception = cx.raised.get();
    let source = py_object::objects::Str::new(cx, source).value();
    let metadata = cx.tuple(&[Value::int(0), Value::int(0), source]);
    let name = cx.intern("_metadata");
    if attribute::set(cx, exception, name, Some(metadata)).is_err() {
        cx.take_raised();
    }
    cx.raised.set(exception);
}
