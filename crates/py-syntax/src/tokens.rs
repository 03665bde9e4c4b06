//! The tokens of a source text as `tokenize` reports them: with comments, blank lines, indentation and the parts of f-strings.
//!
//! The parser has a lexer of its own; this one exists since CPython's tokens differ from it in what counts as a token and where it
//! stands. It never stops early: what was found before an error is kept beside the error.

mod interpolated;
mod number;
mod operator;

use interpolated::Interpolated;

/// Numbers of the tokens, those of the module `token`.
pub mod kind {
    #![allow(missing_docs)]
    pub const ENDMARKER: u8 = 0;
    pub const NAME: u8 = 1;
    pub const NUMBER: u8 = 2;
    pub const STRING: u8 = 3;
    pub const NEWLINE: u8 = 4;
    pub const INDENT: u8 = 5;
    pub const DEDENT: u8 = 6;
    pub const OP: u8 = 55;
    pub const FSTRING_START: u8 = 59;
    pub const FSTRING_MIDDLE: u8 = 60;
    pub const FSTRING_END: u8 = 61;
    pub const TSTRING_START: u8 = 62;
    pub const COMMENT: u8 = 65;
    pub const NL: u8 = 66;
}

/// A token: offsets are in bytes of the source, which is the text given with a newline at the end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Token {
    /// Its number in the module `token`; operators have their exact numbers.
    pub kind: u8,
    /// Where it starts.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// Whether it stands behind the last line: the end marker and the dedents before it.
    pub trailing: bool,
}

/// Which exception class reports an error.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ErrorKind {
    /// `SyntaxError`.
    Syntax,
    /// `IndentationError`.
    Indentation,
    /// `TabError`.
    Tab,
}

/// Why the tokens end before the source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TokenError {
    /// The exception class.
    pub kind: ErrorKind,
    /// CPython's text.
    pub message: String,
    /// The byte offset that it is about: one past the character at fault.
    pub offset: usize,
    /// The line to report, from 1, where it is not the line of `offset`.
    pub line: Option<usize>,
}

/// Most levels of indentation and of brackets.
const DEEPEST: usize = 100;
const DEEPEST_BRACKETS: usize = 200;
const TAB: usize = 8;

/// An open bracket.
#[derive(Clone, Copy)]
struct Bracket {
    symbol: u8,
    line: usize,
}

pub(crate) struct Tokenizer<'source> {
    source: &'source [u8],
    text: &'source str,
    position: usize,
    line: usize,
    tokens: Vec<Token>,
    /// Columns of the open blocks, and the same with tabs as single characters.
    indents: Vec<(usize, usize)>,
    brackets: Vec<Bracket>,
    interpolated: Vec<Interpolated>,
    /// Whether nothing but blanks stands before the position in its line.
    at_line_start: bool,
    /// Whether the logical line has no token yet.
    blank: bool,
    /// Whether brackets need not match: parts of sources are looked at that way.
    lenient: bool,
}

/// The tokens of a source that ends in a newline (or is empty), and the error that they end with. Where it is lenient, brackets may close
/// that have not been opened, or others than have been.
pub fn tokenize(source: &str, lenient: bool) -> (Vec<Token>, Option<TokenError>) {
    let mut tokenizer = Tokenizer {
        source: source.as_bytes(),
        text: source,
        position: 0,
        line: 1,
        tokens: Vec::new(),
        indents: vec![(0, 0)],
        brackets: Vec::new(),
        interpolated: Vec::new(),
        at_line_start: true,
        blank: true,
        lenient,
    };
    let error = tokenizer.run().err();
    (tokenizer.tokens, error)
}

type Outcome = Result<(), TokenError>;

impl Tokenizer<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.source.get(self.position + ahead).copied().unwrap_or(0)
    }

    fn at_end(&self) -> bool {
        self.position >= self.source.len()
    }

    fn push(&mut self, kind: u8, start: usize) {
        self.tokens.push(Token { kind, start, end: self.position, trailing: false });
    }

    /// The error at an offset, which lies behind the character at fault.
    fn error(&self, message: impl Into<String>, offset: usize) -> TokenError {
        TokenError { kind: ErrorKind::Syntax, message: message.into(), offset, line: None }
    }

    /// Length of the line end at the position; 0 if there is none.
    fn line_end(&self) -> usize {
        match (self.peek(0), self.peek(1)) {
            (b'\n', _) => 1,
            (b'\r', b'\n') => 2,
            (b'\r', _) if !self.at_end() => 1,
            _ => 0,
        }
    }

    fn run(&mut self) -> Outcome {
        while !self.at_end() {
            if self.interpolated.last().is_some_and(Interpolated::in_text) {
                self.interpolated_text()?;
                continue;
            }
            if std::mem::take(&mut self.at_line_start) && self.brackets.is_empty() && self.interpolated.is_empty() {
                self.indentation()?;
            }
            self.token()?;
        }
        if !self.interpolated.is_empty() {
            return Err(self.unterminated_interpolated());
        }
        if !self.brackets.is_empty() {
            let error = self.error("unexpected EOF in multi-line statement", self.position);
            return Err(TokenError { line: Some(self.line.saturating_sub(1)), ..error });
        }
        let end = self.source.len();
        for _ in 1..self.indents.len() {
            self.tokens.push(Token { kind: kind::DEDENT, start: end, end, trailing: true });
        }
        self.tokens.push(Token { kind: kind::ENDMARKER, start: end, end, trailing: true });
        Ok(())
    }

    /// The blanks at the start of a logical line: indents and dedents, unless the line is blank.
    fn indentation(&mut self) -> Outcome {
        self.blank = true;
        let start = self.position;
        let (mut column, mut other) = (0, 0);
        loop {
            match self.peek(0) {
                b' ' => (column, other) = (column + 1, other + 1),
                b'\t' => (column, other) = ((column / TAB + 1) * TAB, other + 1),
                0x0c => (column, other) = (0, 0),
                b'\\' if matches!(self.peek(1), b'\n' | b'\r') => {
                    // The indentation goes on in the next line.
                    self.position += 1;
                    self.position += self.line_end();
                    self.line += 1;
                    continue;
                }
                _ => break,
            }
            self.position += 1;
        }
        if self.at_end() || self.peek(0) == b'#' || self.line_end() > 0 {
            return Ok(());
        }
        let inconsistent = |tokenizer: &Self| TokenError {
            kind: ErrorKind::Tab,
            ..tokenizer.error("inconsistent use of tabs and spaces in indentation", tokenizer.end_of_line())
        };
        let &(current, current_other) = self.indents.last().expect("the outermost block stays open");
        if column == current {
            return if other == current_other { Ok(()) } else { Err(inconsistent(self)) };
        }
        if column > current {
            if self.indents.len() >= DEEPEST {
                let error = self.error("too many levels of indentation", self.end_of_line());
                return Err(TokenError { kind: ErrorKind::Indentation, ..error });
            }
            if other <= current_other {
                return Err(inconsistent(self));
            }
            self.indents.push((column, other));
            self.push(kind::INDENT, start);
            return Ok(());
        }
        while self.indents.len() > 1 && column < self.indents.last().map_or(0, |indent| indent.0) {
            self.indents.pop();
            self.push(kind::DEDENT, self.position);
        }
        let &(current, current_other) = self.indents.last().expect("the outermost block stays open");
        if column != current {
            let error = self.error("unindent does not match any outer indentation level", self.end_of_line());
            return Err(TokenError { kind: ErrorKind::Indentation, ..error });
        }
        if other != current_other { Err(inconsistent(self)) } else { Ok(()) }
    }

    /// Where the text of the line ends.
    fn end_of_line(&self) -> usize {
        let rest = &self.source[self.position..];
        self.position + rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len())
    }

    fn token(&mut self) -> Outcome {
        while matches!(self.peek(0), b' ' | b'\t' | 0x0c) {
            self.position += 1;
        }
        let start = self.position;
        if self.at_end() {
            return Ok(());
        }
        let length = self.line_end();
        if length > 0 {
            self.position += length;
            self.line += 1;
            self.at_line_start = true;
            let inside = !self.brackets.is_empty() || !self.interpolated.is_empty();
            let kind = if self.blank || inside { kind::NL } else { kind::NEWLINE };
            self.blank |= kind == kind::NEWLINE;
            self.push(kind, start);
            return Ok(());
        }
        match self.peek(0) {
            b'#' => {
                self.position = self.end_of_line();
                self.push(kind::COMMENT, start);
                return Ok(());
            }
            b'\\' => return self.continuation(),
            _ => self.blank = false,
        }
        match self.peek(0) {
            b'0'..=b'9' => self.number(),
            b'.' if self.peek(1).is_ascii_digit() => self.number(),
            b'"' | b'\'' => self.string(start),
            byte if byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80 => self.name_or_string(),
            _ => self.operator(),
        }
    }

    /// A backslash at the end of a line.
    fn continuation(&mut self) -> Outcome {
        self.position += 1;
        let length = self.line_end();
        if length == 0 {
            return Err(self.error("unexpected character after line continuation character", self.position + 1));
        }
        self.position += length;
        self.line += 1;
        match self.at_end() {
            true => Err(self.error("unexpected EOF while parsing", self.position)),
            false => Ok(()),
        }
    }

    fn name_or_string(&mut self) -> Outcome {
        let start = self.position;
        let (mut raw, mut bytes, mut plain, mut format, mut template) = (0, 0, 0, 0, 0);
        let mut ahead = 0;
        loop {
            match self.peek(ahead) {
                b'r' | b'R' => raw += 1,
                b'b' | b'B' => bytes += 1,
                b'u' | b'U' => plain += 1,
                b'f' | b'F' => format += 1,
                b't' | b'T' => template += 1,
                b'"' | b'\'' if ahead > 0 => {
                    self.position += ahead;
                    let bad = |first, second| {
                        let message = format!("'{first}' and '{second}' prefixes are incompatible");
                        Err(self.error(message, start + ahead))
                    };
                    return match (plain, bytes, raw, format, template) {
                        (1, 1, ..) => bad("u", "b"),
                        (1, _, 1, ..) => bad("u", "r"),
                        (1, _, _, 1, _) => bad("u", "f"),
                        (1, _, _, _, 1) => bad("u", "t"),
                        (_, 1, _, 1, _) => bad("b", "f"),
                        (_, 1, _, _, 1) => bad("b", "t"),
                        (_, _, _, 1, 1) => bad("f", "t"),
                        (.., 1, _) | (.., 1) => self.interpolated_start(start, template == 1, raw == 1),
                        _ => self.string(start),
                    };
                }
                _ => break,
            }
            if [raw, bytes, plain, format, template].iter().any(|&count| count > 1) {
                break;
            }
            ahead += 1;
        }
        self.name(start)
    }

    fn name(&mut self, start: usize) -> Outcome {
        while self.peek(0).is_ascii_alphanumeric() || self.peek(0) == b'_' || self.peek(0) >= 0x80 {
            self.position += 1;
        }
        let name = &self.text[start..self.position];
        if !name.is_ascii() {
            for (offset, character) in name.char_indices() {
                let valid = match offset {
                    0 => character == '_' || unicode_ident::is_xid_start(character),
                    _ => unicode_ident::is_xid_continue(character),
                };
                if !valid {
                    let message = match character.is_control() || character.is_whitespace() {
                        true => format!("invalid non-printable character U+{:04X}", u32::from(character)),
                        false => format!("invalid character '{character}' (U+{:04X})", u32::from(character)),
                    };
                    return Err(self.error(message, start + offset + character.len_utf8()));
                }
            }
        }
        self.push(kind::NAME, start);
        Ok(())
    }

    /// A string without interpolation; the position is at its quote.
    fn string(&mut self, start: usize) -> Outcome {
        let quote = self.peek(0);
        let triple = self.peek(1) == quote && self.peek(2) == quote;
        let (first, opening) = (self.line, self.position);
        self.position += if triple { 3 } else { 1 };
        loop {
            let byte = self.peek(0);
            if self.at_end() || (!triple && matches!(byte, b'\n' | b'\r')) {
                let error = match triple {
                    true => {
                        let last = self.line.saturating_sub(usize::from(self.source.ends_with(b"\n")));
                        let message =
                            format!("unterminated triple-quoted string literal (detected at line {})", last.max(first));
                        self.error(message, start + 1)
                    }
                    false => {
                        // A quote like that of the f-string around is the end of that one.
                        if let Some(name) = self.ends_interpolated(quote, opening) {
                            return Err(self.error(format!("{name}: expecting '}}'"), opening + 1));
                        }
                        let message = format!("unterminated string literal (detected at line {})", self.line);
                        TokenError { line: Some(first), ..self.error(message, opening + 1) }
                    }
                };
                return Err(error);
            }
            if byte == quote && (!triple || self.peek(1) == quote && self.peek(2) == quote) {
                self.position += if triple { 3 } else { 1 };
                self.push(kind::STRING, start);
                return Ok(());
            }
            self.position += usize::from(byte == b'\\');
            let length = self.line_end();
            self.line += usize::from(length > 0);
            self.position += length.max(1);
        }
    }
}
