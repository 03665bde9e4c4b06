//! Syntax errors.

use crate::{LineIndex, ast::TextRange};

/// Which exception class reports an error.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Kind {
    /// `SyntaxError`.
    #[default]
    Syntax,
    /// `IndentationError`.
    Indentation,
    /// `TabError`.
    Tab,
}

impl Kind {
    /// The class's name.
    pub fn class(self) -> &'static str {
        match self {
            Kind::Syntax => "SyntaxError",
            Kind::Indentation => "IndentationError",
            Kind::Tab => "TabError",
        }
    }
}

/// What is wrong with a source text, and where: lines and columns from 1, columns in characters, as Python reports them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SyntaxError {
    /// Which exception class reports it.
    pub kind: Kind,
    /// What is wrong, in CPython's words where it has words for it.
    pub message: String,
    /// First line.
    pub line: u32,
    /// First column.
    pub column: u32,
    /// Last line.
    pub end_line: u32,
    /// Column after the last.
    pub end_column: i64,
}

impl SyntaxError {
    /// An error about a range of the source.
    pub fn at(source: &str, message: impl Into<String>, range: TextRange) -> SyntaxError {
        LineIndex::new(source).error(source, message, range)
    }
}

impl std::fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (line {}, column {})", self.message, self.line, self.column)
    }
}

impl std::error::Error for SyntaxError {}
