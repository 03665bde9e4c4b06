//! The last complete statement before an error, from which on a misspelt keyword is looked for.

use super::Source;
use crate::{Location, ast::token::TokenKind};

/// Where the last statement begins that ends on a line before the given one; line 0 where there is none.
pub fn last_statement(text: &str, line: u32) -> Location {
    let source = Source::new(text);
    let mut last = Location { line: 0, column: 0 };
    // The statements whose blocks we are in, and the one that begins here.
    let mut headers: Vec<Location> = Vec::new();
    let mut begun: Option<Location> = None;
    for token in &source.tokens {
        let place = source.lines.location(token.range.start());
        match token.kind {
            TokenKind::Indent => headers.push(last),
            TokenKind::Dedent if place.line < line => last = headers.pop().unwrap_or(last),
            TokenKind::Newline if place.line < line => last = begun.take().unwrap_or(last),
            TokenKind::Newline | TokenKind::Dedent => break,
            _ => {
                begun.get_or_insert(place);
            }
        }
    }
    last
}
