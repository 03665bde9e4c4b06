//! Statements typed at a prompt: one compound statement, or simple ones on one line.

use py_syntax::SyntaxError;
use py_syntax::ast::{Ranged, Stmt, TextRange, TextSize};

/// Whether a line ends in a text between two statements.
fn ends_line(between: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = between[from..].find('\n').map(|at| from + at) {
        if !between[..at].ends_with('\\') {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

/// An error where statements follow that are not on the first one's line.
pub(crate) fn check(source: &str, body: &[Stmt]) -> Result<(), SyntaxError> {
    for pair in body.windows(2) {
        let (before, after) = (&pair[0], &pair[1]);
        if py_syntax::is_compound(before) {
            let range = TextRange::new(after.range().start(), after.range().start() + TextSize::new(1));
            return Err(SyntaxError::at(source, "invalid syntax", range));
        }
        let (end, start) = (before.range().end(), after.range().start());
        let Some(between) = source.get(end.to_usize()..start.to_usize()) else { continue };
        if let Some(length) = ends_line(between) {
            let comment = between[..length].find('#').unwrap_or(length);
            let at = end + TextSize::new(between[..comment].trim_end().len() as u32);
            let range = TextRange::new(at, at + TextSize::new(1));
            let mut error =
                SyntaxError::at(source, "multiple statements found while compiling a single statement", range);
            (error.end_line, error.end_column) = (error.line, i64::from(error.column) + 1);
            return Err(error);
        }
    }
    Ok(())
}
