//! Second look at a source that does not parse: what CPython would say of it.
//!
//! The parser says where it gave up and roughly why. CPython's tokeniser has errors of its own, which win where they come
//! first or where the parser has nothing better to say than "invalid syntax", and its grammar has rules for typical
//! mistakes. Columns of some errors are peculiar (an end of 0 or -1 means none); they are kept as they are.

mod incomplete;
mod interpolated;
mod lexical;
mod literals;
mod misplaced;
mod mistakes;

pub use incomplete::{is_compound, is_incomplete};

use ruff_python_parser::{Mode, ParseError, ParseErrorType, ParseOptions};

use crate::{
    LineIndex, SyntaxError,
    ast::{TextRange, TextSize, token::TokenKind},
    messages,
};

/// A token and where it is.
#[derive(Clone, Copy, Debug)]
struct Token {
    kind: TokenKind,
    range: TextRange,
}

/// A source with its tokens, comments and line ends inside brackets left out.
struct Source<'a> {
    text: &'a str,
    lines: LineIndex,
    tokens: Vec<Token>,
    /// Whether it is to be an expression, and not a module.
    is_expression: bool,
}

impl<'a> Source<'a> {
    fn new(text: &'a str, is_expression: bool) -> Source<'a> {
        let options = ParseOptions::from(Mode::Module);
        let parsed = ruff_python_parser::parse_unchecked(text, options);
        let tokens = parsed
            .tokens()
            .iter()
            .map(|token| Token { kind: token.kind(), range: token.as_tuple().1 })
            .filter(|token| !matches!(token.kind, TokenKind::Comment | TokenKind::NonLogicalNewline))
            .collect();
        Source { text, lines: LineIndex::new(text), tokens, is_expression }
    }

    fn slice(&self, range: TextRange) -> &'a str {
        self.text.get(range.to_std_range()).unwrap_or("")
    }

    /// Line and column, from 1, in characters.
    fn place(&self, offset: TextSize) -> (u32, u32) {
        let location = self.lines.character_location(self.text, offset);
        (location.line, location.column + 1)
    }

    /// An error about a range.
    fn error(&self, message: impl Into<String>, range: TextRange) -> SyntaxError {
        SyntaxError::at(self.text, message, range)
    }

    /// An error at a place, with an end column of its own.
    fn error_ending(&self, message: impl Into<String>, at: TextSize, end_column: i64) -> SyntaxError {
        let (line, column) = self.place(at);
        SyntaxError { end_line: line, end_column, column, line, ..self.error(message, TextRange::empty(at)) }
    }

    /// The index of the first token that ends behind an offset.
    fn index_at(&self, offset: TextSize) -> usize {
        let mut index =
            self.tokens.partition_point(|token| token.range.end() <= offset && token.range.start() < offset);
        // Changes of indentation take no characters.
        while self.tokens.get(index).is_some_and(|token| {
            matches!(token.kind, TokenKind::Indent | TokenKind::Dedent) && token.range.end() <= offset
        }) {
            index += 1;
        }
        index
    }
}

/// The innermost bracket that is open at a token, with its index.
fn open_bracket(source: &Source, before: usize) -> Option<usize> {
    let mut open = Vec::new();
    for (index, token) in source.tokens[..before.min(source.tokens.len())].iter().enumerate() {
        match token.kind {
            TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => open.push(index),
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => {
                open.pop();
            }
            _ => {}
        }
    }
    open.pop()
}

fn never_closed(source: &Source, bracket: usize) -> SyntaxError {
    let range = source.tokens[bracket].range;
    source.error_ending(format!("'{}' was never closed", source.slice(range)), range.start(), 0)
}

/// Whether an error says no more than that something is wrong.
fn is_generic(message: &str) -> bool {
    message == "invalid syntax"
}

/// The range of the token that a generic error is about: a line end counts as one character.
fn token_range(source: &Source, at: TextSize) -> TextRange {
    let index = source.index_at(at);
    match source.tokens.get(index) {
        Some(token)
            if token.range.start() == at && !matches!(token.kind, TokenKind::Newline | TokenKind::EndOfFile) =>
        {
            token.range
        }
        _ => TextRange::at(at, TextSize::new(1)),
    }
}

/// An error whose end is one character behind its start, where that is the end of a line.
fn one_character(source: &Source, message: &str, at: TextSize) -> SyntaxError {
    let (_, column) = source.place(at);
    source.error_ending(message, at, i64::from(column) + 1)
}

/// The error that CPython reports.
pub(crate) fn diagnose(text: &str, is_expression: bool, error: &ParseError) -> SyntaxError {
    let source = Source::new(text, is_expression);
    let plain = messages::translate(text, error);
    let at = error.location.start();
    let message = plain.message.clone();
    if let Some((place, found)) = interpolated::first(&source)
        && place <= at
    {
        return found;
    }
    if let Some((place, found)) = lexical::first(&source)
        && (place <= at
            || found.kind == crate::SyntaxErrorKind::Tab && source.place(place).0 <= source.place(at).0
            || is_generic(&message)
            || matches!(error.error, ParseErrorType::Lexical(_)))
    {
        return found;
    }
    let order = message.contains("follow keyword") || message.contains("follows keyword");
    if let Some(bracket) = open_bracket(&source, source.tokens.len()).filter(|_| order) {
        return never_closed(&source, bracket);
    }
    let index = source.index_at(at);
    let at_end = source.tokens.get(index).is_none_or(|token| token.kind == TokenKind::EndOfFile);
    if let Some(bracket) = open_bracket(&source, source.tokens.len())
        && (at_end || message == "unexpected EOF while parsing")
    {
        return never_closed(&source, bracket);
    }
    if let Some(better) = mistakes::find(&source, index, &message, error) {
        // A bracket that stays open is the likelier mistake.
        let comma = better.message.ends_with("forgot a comma?");
        return match open_bracket(&source, source.tokens.len()) {
            Some(bracket) if comma || source.place(source.tokens[bracket].range.start()).0 < source.place(at).0 => {
                never_closed(&source, bracket)
            }
            _ => better,
        };
    }
    if is_generic(&message) {
        if let Some(bracket) = open_bracket(&source, source.tokens.len())
            && source.place(source.tokens[bracket].range.start()).0 < plain.line
        {
            return never_closed(&source, bracket);
        }
        let range = token_range(&source, at);
        let (end, length) = (range.end().to_usize(), text.len());
        if end > length || text.get(range.to_std_range()).is_some_and(|token| token.starts_with('\n')) {
            return one_character(&source, &message, at);
        }
        return source.error(message, range);
    }
    let starts_line_end = text.get(at.to_usize()..).is_none_or(|rest| rest.is_empty() || rest.starts_with('\n'));
    if starts_line_end && !message.contains("indent") && !message.starts_with("Expected one or more names") {
        return SyntaxError { kind: plain.kind, ..one_character(&source, &message, at) };
    }
    plain
}
