//! Whether a source that is wrong may be the beginning of one that is right: whether the error is that it ends.

use super::Source;
use crate::{SyntaxError, ast::Stmt, ast::token::TokenKind};

/// The number of the last line with code.
fn last_line_of_code(text: &str) -> u32 {
    let source = Source::new(text, false);
    let layout =
        |kind| matches!(kind, TokenKind::Newline | TokenKind::Indent | TokenKind::Dedent | TokenKind::EndOfFile);
    let last = source.tokens.iter().rev().find(|token| !layout(token.kind));
    last.map_or(0, |token| source.lines.location(token.range.start()).line)
}

/// Whether more lines may mend an error.
pub fn is_incomplete(text: &str, error: &SyntaxError) -> bool {
    let message = error.message.as_str();
    if text.trim_end_matches('\n').ends_with('\\') {
        return true;
    }
    if message.contains("was never closed") || message.starts_with("unterminated triple-quoted") {
        return true;
    }
    if message.starts_with("expected an indented block") {
        let line = message.rsplit(' ').next().and_then(|number| number.parse().ok());
        return line == Some(last_line_of_code(text));
    }
    message.contains("EOF") || error.line > last_line_of_code(text)
}

/// Whether a statement typed at a prompt goes on until a blank line.
pub fn is_compound(statement: &Stmt) -> bool {
    matches!(
        statement,
        Stmt::FunctionDef(_)
            | Stmt::ClassDef(_)
            | Stmt::If(_)
            | Stmt::For(_)
            | Stmt::While(_)
            | Stmt::With(_)
            | Stmt::Try(_)
            | Stmt::Match(_)
    )
}
