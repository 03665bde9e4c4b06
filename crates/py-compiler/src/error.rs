//! What can go wrong in compilation.

use py_syntax::{SyntaxError, ast::TextRange};

/// A source that cannot be compiled: a syntax error, or something not supported.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CompileError {
    /// Name of the source.
    pub filename: String,
    /// What is wrong and where.
    pub error: SyntaxError,
    /// Whether the text is no Python, rather than that what it says can't be compiled.
    pub of_text: bool,
}

impl std::fmt::Display for CompileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.filename, self.error)
    }
}

impl std::error::Error for CompileError {}

/// An error in the course of compilation: where it is, as a range of the source.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub message: String,
    pub range: TextRange,
}

/// The result of a step of compilation.
pub(crate) type Outcome<T> = Result<T, Failure>;

/// An error about a range of the source.
pub(crate) fn fail<T>(message: impl Into<String>, range: TextRange) -> Outcome<T> {
    Err(Failure { message: message.into(), range })
}
