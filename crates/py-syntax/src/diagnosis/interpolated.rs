//! What CPython says of f-strings and t-strings that do not parse, and of strings that can't stand side by side.
//!
//! The tokeniser has its own words for what is wrong with the text of such a string, the grammar for what is wrong in a
//! field; whichever comes first counts. Fields are checked as the grammar's `invalid_replacement_field` rules do it.

use super::{Source, literals};
use crate::{
    SyntaxError,
    ast::{TextRange, TextSize},
    tokens::{Token, kind, tokenize},
};

const COLON: u8 = 11;
const COMMA: u8 = 12;
const EQUAL: u8 = 22;
const OPEN_BRACE: u8 = 25;
const CLOSE_BRACE: u8 = 26;
const EXCLAMATION: u8 = 54;
const MIDDLES: [u8; 2] = [kind::FSTRING_MIDDLE, kind::TSTRING_START + 1];
const ENDS: [u8; 2] = [kind::FSTRING_END, kind::TSTRING_START + 2];

fn is_start(kind: u8) -> bool {
    kind == kind::FSTRING_START || kind == kind::TSTRING_START
}

fn opens(kind: u8) -> bool {
    matches!(kind, 7 | 9 | OPEN_BRACE) || is_start(kind)
}

fn closes(kind: u8) -> bool {
    matches!(kind, 8 | 10 | CLOSE_BRACE) || ENDS.contains(&kind)
}

/// Where the reader of tokens is.
#[derive(Clone, Copy)]
enum Place {
    /// In the text of a string: the index of the token that starts it.
    Text(usize),
    /// In a field: the index of its brace, and how many brackets are open inside.
    Field(usize, usize),
    /// In the format of a field.
    Format,
}

struct Finder<'a> {
    source: &'a Source<'a>,
    text: &'a str,
    tokens: Vec<Token>,
    places: Vec<Place>,
}

/// The first such error, with the offset at which the string begins that it is in.
pub(super) fn first(source: &Source) -> Option<(TextSize, SyntaxError)> {
    let mut text = source.text.to_string();
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let (tokens, failure) = tokenize(&text, false);
    let tokens = tokens.into_iter().filter(|token| token.kind != kind::COMMENT && token.kind != kind::NL).collect();
    let mut finder = Finder { source, text: &text, tokens, places: Vec::new() };
    if let Some(found) = finder.by_grammar() {
        return Some(found);
    }
    let failure = failure?;
    // Where it stopped is known only while something is open.
    let outermost = finder.outermost();
    let name = finder.name();
    let at_end = failure.offset >= finder.text.len() || failure.message.starts_with("unterminated");
    let message = match finder.places.last() {
        Some(Place::Format) if failure.message.ends_with("expecting '}'") => {
            let at = TextRange::at(offset(failure.offset - 1), TextSize::new(1));
            return Some((outermost?, source.error(format!("{name}: expecting '}}', or format specs"), at)));
        }
        Some(Place::Field(brace, _)) if at_end && !failure.message.contains("string literal") => {
            return Some((outermost?, finder.never_closed(*brace)));
        }
        Some(Place::Field(brace, _)) if at_end && failure.message.contains(name) => {
            return Some((outermost?, finder.never_closed(*brace)));
        }
        Some(Place::Field(..)) if failure.message.starts_with("unmatched") => format!("{name}: {}", failure.message),
        Some(Place::Field(_, 0)) if failure.message.starts_with("closing parenthesis") => {
            let closing = failure.message.chars().nth("closing parenthesis '".len()).unwrap_or(')');
            format!("{name}: unmatched '{closing}'")
        }
        _ => failure.message.clone(),
    };
    let incompatible = message.ends_with("prefixes are incompatible");
    if outermost.is_none() && !incompatible && !message.contains("-string") {
        return None;
    }
    let before = finder.text.get(..failure.offset).unwrap_or(finder.text);
    let last = offset(before.char_indices().next_back().map_or(0, |(at, _)| at));
    let error = if incompatible {
        let start = finder.text[..failure.offset].rfind(|c: char| !c.is_ascii_alphabetic()).map_or(0, |at| at + 1);
        source.error(message, TextRange::new(offset(start), offset(failure.offset)))
    } else {
        let (_, column) = source.place(last);
        source.error_ending(message, last, column.into())
    };
    Some((outermost.unwrap_or(last), error))
}

fn offset(at: usize) -> TextSize {
    TextSize::try_from(at).unwrap_or_default()
}

impl Finder<'_> {
    fn range(&self, token: Token) -> TextRange {
        TextRange::new(offset(token.start), offset(token.end))
    }

    fn error_at(&self, message: impl Into<String>, index: usize) -> SyntaxError {
        self.source.error(message, self.range(self.tokens[index]))
    }

    fn never_closed(&self, brace: usize) -> SyntaxError {
        self.source.error_ending("'{' was never closed", offset(self.tokens[brace].start), 0)
    }

    fn kind(&self, index: usize) -> Option<u8> {
        self.tokens.get(index).map(|token| token.kind)
    }

    /// Where the outermost string begins that is open.
    fn outermost(&self) -> Option<TextSize> {
        match self.places.first() {
            Some(Place::Text(start)) => Some(offset(self.tokens[*start].start)),
            _ => None,
        }
    }

    /// What the innermost open string is called.
    fn name(&self) -> &'static str {
        let start = self.places.iter().rev().find_map(|place| match place {
            Place::Text(start) => self.kind(*start),
            _ => None,
        });
        if start == Some(kind::TSTRING_START) { "t-string" } else { "f-string" }
    }

    /// Follows the tokens through strings, fields and formats; each field is checked when it opens.
    fn by_grammar(&mut self) -> Option<(TextSize, SyntaxError)> {
        for index in 0..self.tokens.len() {
            let token = self.tokens[index];
            let kind = token.kind;
            if self.places.is_empty()
                && (kind == kind::STRING || is_start(kind))
                && let Some(error) = self.neighbours(index)
            {
                return Some((offset(token.start), error));
            }
            match self.places.last_mut() {
                Some(Place::Text(_) | Place::Format) if kind == OPEN_BRACE => {
                    self.places.push(Place::Field(index, 0));
                    if let Some(error) = self.field(index) {
                        return Some((self.outermost()?, error));
                    }
                }
                Some(Place::Text(start)) if MIDDLES.contains(&kind) => {
                    let raw = self.text[self.tokens[*start].start..self.tokens[*start].end].contains(['r', 'R']);
                    let range = self.range(token);
                    if !raw && let Some(error) = literals::check_text(self.source, range) {
                        return Some((self.outermost()?, error));
                    }
                }
                Some(Place::Text(_)) if ENDS.contains(&kind) => {
                    self.places.pop();
                }
                Some(Place::Format) if kind == CLOSE_BRACE => {
                    self.places.pop();
                    self.places.pop();
                }
                Some(Place::Field(_, 0)) if kind == CLOSE_BRACE => {
                    self.places.pop();
                }
                Some(Place::Field(_, 0)) if kind == COLON => self.places.push(Place::Format),
                Some(Place::Field(_, depth)) if opens(kind) && !is_start(kind) => *depth += 1,
                Some(Place::Field(_, depth)) if closes(kind) => *depth = depth.saturating_sub(1),
                _ if is_start(kind) => self.places.push(Place::Text(index)),
                _ => {}
            }
        }
        None
    }

    /// The index behind the string that starts at an index, if it is finished.
    fn behind_string(&self, index: usize) -> Option<usize> {
        if self.kind(index)? == kind::STRING {
            return Some(index + 1);
        }
        let mut depth = 0;
        for at in index..self.tokens.len() {
            let kind = self.tokens[at].kind;
            depth += i32::from(is_start(kind)) - i32::from(ENDS.contains(&kind));
            if depth == 0 {
                return Some(at + 1);
            }
        }
        None
    }

    /// Strings side by side that can't be: of the first one in a row, the whole row is looked at.
    fn neighbours(&self, index: usize) -> Option<SyntaxError> {
        let is_bytes = |at: usize| {
            let text = &self.text[self.tokens[at].start..self.tokens[at].end];
            text[..text.find(['\'', '"']).unwrap_or(0)].contains(['b', 'B'])
        };
        let (mut at, mut behind) = (index, index);
        let (mut bytes, mut templates, mut count) = (0, 0, 0);
        while self.kind(at).is_some_and(|kind| kind == kind::STRING || is_start(kind)) {
            bytes += usize::from(is_bytes(at));
            templates += usize::from(self.kind(at) == Some(kind::TSTRING_START));
            count += 1;
            behind = self.behind_string(at)?;
            at = behind;
        }
        if templates > 0 && templates < count {
            let range = TextRange::new(offset(self.tokens[index].start), offset(self.tokens[behind - 1].end));
            return Some(self.source.error("cannot mix t-string literals with string or bytes literals", range));
        }
        if bytes > 0 && bytes < count {
            let end = offset(self.tokens[behind - 1].end);
            let error = self.source.error_ending("cannot mix bytes and nonbytes literals", end, -1);
            return Some(SyntaxError { column: error.column.saturating_sub(1), ..error });
        }
        None
    }

    /// What is wrong with the field whose brace stands at an index.
    fn field(&self, brace: usize) -> Option<SyntaxError> {
        let name = self.name();
        let start = brace + 1;
        let before = match self.kind(start)? {
            EQUAL => Some('='),
            EXCLAMATION => Some('!'),
            COLON => Some(':'),
            CLOSE_BRACE => Some('}'),
            _ => None,
        };
        if let Some(symbol) = before {
            return Some(self.error_at(format!("{name}: valid expression required before '{symbol}'"), start));
        }
        let (mut end, mut depth) = (start, 0);
        while let Some(kind) = self.kind(end) {
            if depth == 0 && matches!(kind, EQUAL | EXCLAMATION | COLON | CLOSE_BRACE) {
                break;
            }
            depth += i32::from(opens(kind)) - i32::from(closes(kind));
            end += 1;
        }
        if self.parses(start, end) {
            return self.behind_expression(end, name);
        }
        if self.kind(end) == Some(COLON)
            && let Some(lambda) = (start..end).find(|at| self.is_bare_lambda(*at, start))
        {
            let message = format!("{name}: lambda expressions are not allowed without parentheses");
            let range = TextRange::new(offset(self.tokens[lambda].start), offset(self.tokens[end].end));
            return Some(self.source.error(message, range));
        }
        let Some(prefix) = (start + 1..end).rev().find(|at| self.parses(start, *at)) else {
            let complete = self.kind(end).is_some() || !self.could_go_on(start, end);
            let message = format!("{name}: expecting a valid expression after '{{'");
            return complete.then(|| self.error_at(message, start));
        };
        let next = self.tokens[prefix];
        let word = &self.text[next.start..next.end];
        let goes_on = matches!(word, "for" | "else" | "as" | "async" | "await" | "in" | "is" | "and" | "or");
        if !goes_on && (matches!(next.kind, kind::NAME | kind::NUMBER | kind::STRING) || opens(next.kind)) {
            return self.second_expression(start, prefix, end);
        }
        let message = format!("{name}: expecting '=', or '!', or ':', or '}}'");
        Some(self.error_at(message, prefix))
    }

    /// An expression that is followed by what could be another one, which starts at an index.
    fn second_expression(&self, start: usize, second: usize, end: usize) -> Option<SyntaxError> {
        let word = self.tokens[second];
        let is_if = &self.text[word.start..word.end] == "if";
        let from = second + usize::from(is_if);
        let behind = (from + 1..=end).rev().find(|at| self.parses(from, *at))?;
        let range = TextRange::new(offset(self.tokens[start].start), offset(self.tokens[behind - 1].end));
        let first = self.tokens[start];
        let message = match &self.text[first.start..first.end] {
            _ if is_if => "expected 'else' after 'if' expression".to_string(),
            word @ ("print" | "exec") if second == start + 1 => {
                format!("Missing parentheses in call to '{word}'. Did you mean {word}(...)?")
            }
            _ => "invalid syntax. Perhaps you forgot a comma?".to_string(),
        };
        Some(self.source.error(message, range))
    }

    /// Whether tokens may be the beginning of an expression that goes on behind the last one known.
    fn could_go_on(&self, start: usize, end: usize) -> bool {
        if start == end {
            return true;
        }
        let mut closing = Vec::new();
        for token in &self.tokens[start..end] {
            match token.kind {
                7 => closing.push(')'),
                9 => closing.push(']'),
                OPEN_BRACE => closing.push('}'),
                // What is wrong inside is found there.
                kind if is_start(kind) => closing.push('"'),
                kind if closes(kind) => {
                    closing.pop();
                }
                _ => {}
            }
        }
        if closing.contains(&'"') {
            return true;
        }
        let text = &self.text[self.tokens[start].start..self.tokens[end - 1].end];
        let closing: String = closing.into_iter().rev().collect();
        ["", " x"].iter().any(|rest| parses(&format!("{text}{rest}{closing}")))
    }

    /// Whether a `lambda` stands where an expression begins.
    fn is_bare_lambda(&self, at: usize, start: usize) -> bool {
        let token = self.tokens[at];
        &self.text[token.start..token.end] == "lambda" && (at == start || self.tokens[at - 1].kind == COMMA)
    }

    fn parses(&self, start: usize, end: usize) -> bool {
        start < end && parses(&self.text[self.tokens[start].start..self.tokens[end - 1].end])
    }

    /// What is wrong with what follows the expression of a field.
    fn behind_expression(&self, index: usize, name: &str) -> Option<SyntaxError> {
        let mut at = index;
        if self.kind(at)? == EQUAL {
            at += 1;
            if !matches!(self.kind(at)?, EXCLAMATION | COLON | CLOSE_BRACE) {
                return Some(self.error_at(format!("{name}: expecting '!', or ':', or '}}'"), at));
            }
        }
        if self.kind(at)? == EXCLAMATION {
            let conversion = self.tokens.get(at + 1)?;
            let text = &self.text[conversion.start..conversion.end];
            match conversion.kind {
                COLON | CLOSE_BRACE => {
                    return Some(self.error_at(format!("{name}: missing conversion character"), at + 1));
                }
                kind::NAME if conversion.start > self.tokens[at].end => {
                    let message = format!("{name}: conversion type must come right after the exclamation mark");
                    let range = TextRange::new(offset(self.tokens[at].start), offset(conversion.end));
                    return Some(self.source.error(message, range));
                }
                kind::NAME if !matches!(text, "s" | "r" | "a") => {
                    let message = format!("{name}: invalid conversion character '{text}': expected 's', 'r', or 'a'");
                    return Some(self.error_at(message, at + 1));
                }
                kind::NAME => {}
                _ => return Some(self.error_at(format!("{name}: invalid conversion character"), at + 1)),
            }
            at += 2;
            if !matches!(self.kind(at)?, COLON | CLOSE_BRACE) {
                return Some(self.error_at(format!("{name}: expecting ':' or '}}'"), at));
            }
        }
        None
    }
}

fn parses(text: &str) -> bool {
    ruff_python_parser::parse_expression(&format!("({text}\n)")).is_ok()
        || ruff_python_parser::parse_expression(&format!("({text}\n,)")).is_ok()
}
