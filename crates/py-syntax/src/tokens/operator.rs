//! Operators and brackets.

use super::{Bracket, DEEPEST_BRACKETS, Outcome, Tokenizer, kind};

/// Operators by number, from 7; the longest that fits is taken.
const OPERATORS: &[&str] = &[
    "(", ")", "[", "]", ":", ",", ";", "+", "-", "*", "/", "|", "&", "<", ">", "=", ".", "%", "{", "}", "==", "!=",
    "<=", ">=", "~", "^", "<<", ">>", "**", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=", "**=", "//",
    "//=", "@", "@=", "->", "...", ":=", "!",
];
const FIRST: u8 = 7;

impl Tokenizer<'_> {
    pub(super) fn operator(&mut self) -> Outcome {
        let start = self.position;
        let rest = &self.source[start..];
        let symbol = rest[0];
        if self.interpolated_operator(symbol) {
            return Ok(());
        }
        let fits = |length: usize| {
            let text = rest.get(..length)?;
            OPERATORS.iter().position(|operator| operator.as_bytes() == text).map(|index| index as u8 + FIRST)
        };
        let found = (1..=3).rev().find_map(|length| fits(length).map(|number| (length, number)));
        let (length, number) = found.unwrap_or((1, kind::OP));
        if !(0x20..0x7f).contains(&symbol) {
            return Err(self.error(format!("invalid non-printable character U+{symbol:04X}"), start + 1));
        }
        match symbol {
            b'(' | b'[' | b'{' => {
                if self.brackets.len() >= DEEPEST_BRACKETS {
                    return Err(self.error("too many nested parentheses", start + 1));
                }
                self.brackets.push(Bracket { symbol, line: self.line });
            }
            b')' | b']' | b'}' => self.close(symbol)?,
            _ => {}
        }
        self.position += length;
        self.push(number, start);
        Ok(())
    }

    fn close(&mut self, symbol: u8) -> Outcome {
        let offset = self.position + 1;
        if symbol == b'}' && self.interpolated.last().is_some_and(|string| string.level == self.brackets.len()) {
            return Err(self.error(format!("{}: single '}}' is not allowed", self.interpolated_name()), offset));
        }
        let Some(open) = self.brackets.pop() else {
            if self.lenient {
                return Ok(());
            }
            return Err(self.error(format!("unmatched '{}'", symbol as char), offset));
        };
        if !self.lenient && !matches!((open.symbol, symbol), (b'(', b')') | (b'[', b']') | (b'{', b'}')) {
            let place = if open.line == self.line { String::new() } else { format!(" on line {}", open.line) };
            let message = format!(
                "closing parenthesis '{}' does not match opening parenthesis '{}'{place}",
                symbol as char, open.symbol as char
            );
            return Err(self.error(message, offset));
        }
        self.interpolated_close();
        Ok(())
    }
}
