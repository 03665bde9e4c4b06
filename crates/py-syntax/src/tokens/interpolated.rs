//! The parts of f-strings and t-strings.

use super::{Outcome, TokenError, Tokenizer, kind};

/// An open f-string or t-string.
pub(super) struct Interpolated {
    quote: u8,
    triple: bool,
    raw: bool,
    template: bool,
    start: usize,
    line: usize,
    /// How many brackets are open around its text, that of its field and those around the string included.
    pub(super) level: usize,
    /// The fields that are open: how many brackets were open before each, and whether its format is being read.
    fields: Vec<(usize, bool)>,
}

impl Interpolated {
    /// Whether literal text is to be read, not an expression.
    pub(super) fn in_text(&self) -> bool {
        self.fields.last().is_none_or(|field| field.1)
    }
}

impl Tokenizer<'_> {
    pub(super) fn interpolated_name(&self) -> &'static str {
        if self.interpolated.last().is_some_and(|string| string.template) { "t-string" } else { "f-string" }
    }

    /// The prefix and quotes; the position is at the quote.
    pub(super) fn interpolated_start(&mut self, start: usize, template: bool, raw: bool) -> Outcome {
        let quote = self.peek(0);
        let triple = self.peek(1) == quote && self.peek(2) == quote;
        self.position += if triple { 3 } else { 1 };
        let (line, level) = (self.line, self.brackets.len());
        self.interpolated.push(Interpolated { quote, triple, raw, template, start, line, level, fields: Vec::new() });
        self.push(if template { kind::TSTRING_START } else { kind::FSTRING_START }, start);
        Ok(())
    }

    /// What the string around is called where this quote, which opens no string that is closed, must be its end.
    pub(super) fn ends_interpolated(&self, quote: u8, opening: usize) -> Option<&'static str> {
        let string = self.interpolated.last()?;
        (string.quote == quote && !string.triple && opening > string.start).then(|| self.interpolated_name())
    }

    pub(super) fn unterminated_interpolated(&self) -> TokenError {
        let name = self.interpolated_name();
        let Some(string) = self.interpolated.last() else { return self.error("unterminated string", self.position) };
        let last =
            self.line.saturating_sub(usize::from(self.at_end() && self.source.ends_with(b"\n"))).max(string.line);
        let message = match string.triple {
            true => format!("unterminated triple-quoted {name} literal (detected at line {last})"),
            false => format!("unterminated {name} literal (detected at line {last})"),
        };
        TokenError { line: Some(string.line), ..self.error(message, string.start + 1) }
    }

    /// Literal text up to a field or the end of the string.
    pub(super) fn interpolated_text(&mut self) -> Outcome {
        let string = self.interpolated.last().expect("the text is of a string");
        let (quote, triple, raw) = (string.quote, string.triple, string.raw);
        let in_format = !string.fields.is_empty();
        let first = kind::FSTRING_START + if string.template { 3 } else { 0 };
        let (middle, last) = (first + 1, first + 2);
        let start = self.position;
        loop {
            let byte = self.peek(0);
            if self.at_end() || (!triple && !in_format && matches!(byte, b'\n' | b'\r')) {
                return Err(self.unterminated_interpolated());
            }
            let ends = byte == quote && (!triple || self.peek(1) == quote && self.peek(2) == quote);
            if ends {
                if self.position > start {
                    self.push(middle, start);
                }
                let start = self.position;
                self.position += if triple { 3 } else { 1 };
                if in_format {
                    return Err(self.error(format!("{}: expecting '}}'", self.interpolated_name()), self.position));
                }
                self.push(last, start);
                self.interpolated.pop();
                return Ok(());
            }
            match byte {
                b'\n' | b'\r' if in_format && !triple => {
                    let name = self.interpolated_name();
                    let message =
                        format!("{name}: newlines are not allowed in format specifiers for single quoted {name}s");
                    return Err(self.error(message, self.position + 1));
                }
                b'{' if self.peek(1) == b'{' && !in_format => {
                    // One brace of the two is part of the text, the other is skipped.
                    self.position += 1;
                    self.push(middle, start);
                    self.position += 1;
                    return Ok(());
                }
                b'{' => {
                    if self.position > start {
                        self.push(middle, start);
                    }
                    let level = self.brackets.len();
                    self.interpolated.last_mut().expect("as above").fields.push((level, false));
                    let brace = self.position;
                    self.brackets.push(super::Bracket { symbol: b'{', line: self.line });
                    self.position += 1;
                    self.push(25, brace);
                    return Ok(());
                }
                b'}' if in_format => {
                    // A format ends in a piece of text, which may be empty.
                    self.push(middle, start);
                    self.interpolated.last_mut().expect("as above").fields.last_mut().expect("a format is open").1 =
                        false;
                    return Ok(());
                }
                b'}' if self.peek(1) == b'}' => {
                    self.position += 1;
                    self.push(middle, start);
                    self.position += 1;
                    return Ok(());
                }
                b'}' => {
                    let message = format!("{}: single '}}' is not allowed", self.interpolated_name());
                    return Err(self.error(message, self.position + 1));
                }
                b'\\' if !raw && self.peek(1) == b'N' && self.peek(2) == b'{' => {
                    // A character by its name; its braces are no field.
                    let rest = &self.source[self.position..];
                    let length = rest.iter().position(|byte| matches!(byte, b'}' | b'\n' | b'"' | b'\''));
                    let length = length.unwrap_or(rest.len());
                    self.position += length + usize::from(rest.get(length) == Some(&b'}'));
                    self.push(middle, start);
                    return Ok(());
                }
                b'\\' => {
                    self.position += 1;
                    if matches!(self.peek(0), b'{' | b'}') {
                        continue;
                    }
                    let length = self.line_end();
                    self.line += usize::from(length > 0);
                    self.position += length.max(1);
                }
                _ => {
                    let length = self.line_end();
                    self.line += usize::from(length > 0);
                    self.position += length.max(1);
                }
            }
        }
    }

    /// A `:` or `!` right inside a field means its format or conversion. True if the operator has been dealt with.
    pub(super) fn interpolated_operator(&mut self, symbol: u8) -> bool {
        let depth = self.brackets.len();
        let next = self.peek(1);
        let Some(field) = self.interpolated.last_mut().and_then(|string| string.fields.last_mut()) else {
            return false;
        };
        if depth != field.0 + 1 {
            return false;
        }
        let start = self.position;
        match symbol {
            b':' => {
                field.1 = true;
                self.position += 1;
                self.push(11, start);
                true
            }
            b'!' if next != b'=' => {
                self.position += 1;
                self.push(54, start);
                true
            }
            _ => false,
        }
    }

    /// A bracket has been closed: perhaps that of a field.
    pub(super) fn interpolated_close(&mut self) {
        let depth = self.brackets.len();
        if let Some(string) = self.interpolated.last_mut()
            && string.fields.last().is_some_and(|field| field.0 == depth)
        {
            string.fields.pop();
        }
    }
}
