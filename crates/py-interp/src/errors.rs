//! Compile errors as Python exceptions.

use py_compiler::CompileError;
use py_object::{Cx, Kind, Raised};
use py_syntax::SyntaxErrorKind;

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
    py_object::exception::raise_syntax_error(cx, kind, &error.message, filename, place, line.as_deref())
}
