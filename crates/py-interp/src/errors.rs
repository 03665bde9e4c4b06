//! Compile errors as Python exceptions.

use py_compiler::CompileError;
use py_object::{Cx, Kind, Raised, attribute, operations, types};
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
    let mut place = [error.line.into(), error.column.into(), error.end_line.into(), error.end_column];
    if line.is_none() {
        // Where no line is shown, columns count bytes.
        for column in [1, 3] {
            place[column] = in_bytes(source, place[column - 1], place[column]);
        }
    }
    let raised = py_object::exception::raise_syntax_error(cx, kind, &error.message, filename, place, line.as_deref());
    if of_text && (error.message == "invalid syntax" || error.message.contains("Perhaps you forgot a comma")) {
        note_source(cx, source);
    }
    raised
}

/// A column, from 1, of a line of a source, in bytes.
fn in_bytes(source: &str, line: i64, column: i64) -> i64 {
    let Some(text) = usize::try_from(line - 1).ok().and_then(|at| source.lines().nth(at)) else { return column };
    let before = usize::try_from(column - 1).unwrap_or(0);
    column + text.chars().take(before).map(|character| character.len_utf8() as i64 - 1).sum::<i64>()
}

/// SyntaxError in place of the ValueError of an int literal with too many digits.
pub fn of_constants(cx: &mut Cx, raised: Raised, filename: &str, source: &str) -> Raised {
    let limit = cx.runtime.int_digits.load(std::sync::atomic::Ordering::Relaxed);
    let exception = cx.raised.get();
    if limit == 0 || !types::is_instance(cx, exception, Kind::VALUE_ERROR) {
        return raised;
    }
    let is_part = |byte: &u8| byte.is_ascii_digit() || *byte == b'_';
    let number = source.as_bytes().chunk_by(|before, after| is_part(before) == is_part(after)).scan(0, |end, part| {
        *end += part.len();
        Some((*end, part.iter().filter(|byte| byte.is_ascii_digit()).count()))
    });
    let Some((end, _)) = number.into_iter().find(|(_, digits)| *digits > limit) else { return raised };
    let line = source[..end].lines().count();
    let Ok(message) = operations::to_str(cx, exception) else { return Raised };
    cx.take_raised();
    let message = format!(
        "{} - Consider hexadecimal for huge integer literals to avoid decimal conversion limits.",
        py_object::StrExt::to_text(&message)
    );
    let text = source.lines().nth(line.saturating_sub(1)).map(|line| format!("{line}\n"));
    let place = [line as i64, 0, line as i64, 0];
    py_object::exception::raise_syntax_error(cx, Kind::SYNTAX_ERROR, &message, filename, place, text.as_deref())
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
