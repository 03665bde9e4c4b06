//! Numbers.

use super::{Outcome, TokenError, Tokenizer, kind};

impl Tokenizer<'_> {
    pub(super) fn number(&mut self) -> Outcome {
        let start = self.position;
        let radix = match (self.peek(0), self.peek(1)) {
            (b'0', b'x' | b'X') => Some((16, "hexadecimal")),
            (b'0', b'o' | b'O') => Some((8, "octal")),
            (b'0', b'b' | b'B') => Some((2, "binary")),
            _ => None,
        };
        let name = match radix {
            Some((radix, name)) => {
                self.position += 2;
                loop {
                    self.position += usize::from(self.peek(0) == b'_');
                    if !(self.peek(0) as char).is_digit(radix) {
                        return Err(match self.peek(0) {
                            digit @ b'0'..=b'9' => self.invalid_digit(digit, name),
                            _ => self.error(format!("invalid {name} literal"), self.position),
                        });
                    }
                    self.skip(|byte| (byte as char).is_digit(radix));
                    if self.peek(0) != b'_' {
                        break;
                    }
                }
                if self.peek(0).is_ascii_digit() {
                    return Err(self.invalid_digit(self.peek(0), name));
                }
                name
            }
            None => self.decimal(start)?,
        };
        self.check_end(name)?;
        self.push(kind::NUMBER, start);
        Ok(())
    }

    fn invalid_digit(&self, digit: u8, name: &str) -> TokenError {
        self.error(format!("invalid digit '{}' in {name} literal", digit as char), self.position + 1)
    }

    fn skip(&mut self, take: impl Fn(u8) -> bool) {
        while take(self.peek(0)) {
            self.position += 1;
        }
    }

    /// Digits with single underscores between them.
    fn digits(&mut self) -> Outcome {
        loop {
            self.skip(|byte| byte.is_ascii_digit());
            if self.peek(0) != b'_' {
                return Ok(());
            }
            self.position += 1;
            if !self.peek(0).is_ascii_digit() {
                return Err(self.error("invalid decimal literal", self.position));
            }
        }
    }

    /// A decimal int, float or imaginary number; gives what errors call it.
    fn decimal(&mut self, start: usize) -> Result<&'static str, TokenError> {
        if self.peek(0) != b'.' {
            self.digits()?;
        }
        let whole = self.position;
        if self.peek(0) == b'.' {
            self.position += 1;
            if self.peek(0).is_ascii_digit() {
                self.digits()?;
            }
        }
        if matches!(self.peek(0), b'e' | b'E') {
            let sign = usize::from(matches!(self.peek(1), b'+' | b'-'));
            if self.peek(1 + sign).is_ascii_digit() {
                self.position += 1 + sign;
                self.digits()?;
            } else if sign == 1 {
                return Err(self.error("invalid decimal literal", self.position + 1));
            }
        }
        let plain = self.position == whole;
        if matches!(self.peek(0), b'j' | b'J') {
            self.position += 1;
            return Ok("imaginary");
        }
        let digits = &self.source[start..whole];
        if plain && digits.first() == Some(&b'0') && digits.iter().any(|digit| matches!(digit, b'1'..=b'9')) {
            let message =
                "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers";
            let zeros = digits.iter().take_while(|digit| matches!(digit, b'0' | b'_')).count();
            return Err(self.error(message, start + zeros));
        }
        Ok("decimal")
    }

    /// A number may stand right before a keyword, but before no other name.
    fn check_end(&mut self, name: &str) -> Outcome {
        const KEYWORDS: &[&str] = &["and", "else", "for", "if", "in", "is", "not", "or"];
        let next = self.peek(0);
        if !(next.is_ascii_alphanumeric() || next == b'_' || next >= 0x80) {
            return Ok(());
        }
        if KEYWORDS.iter().any(|keyword| self.source[self.position..].starts_with(keyword.as_bytes())) {
            return Ok(());
        }
        Err(self.error(format!("invalid {name} literal"), self.position))
    }
}
