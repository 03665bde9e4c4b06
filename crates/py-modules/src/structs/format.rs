//! Format strings: what lies where.

/// What a code stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Type {
    /// Bytes without a value.
    Pad,
    /// A byte.
    Character,
    /// Bytes, as many as the count says.
    Bytes,
    /// The same behind a byte with their number.
    Pascal,
    /// A truth value.
    Bool,
    /// A signed int.
    Signed,
    /// An int that is not negative.
    Unsigned,
    /// An address.
    Pointer,
    /// A float of 2, 4 or 8 bytes.
    Float,
    /// A pair of floats.
    Complex,
}

/// One code with its count.
#[derive(Clone, Copy, Debug)]
pub struct Item {
    /// The code itself, for messages.
    pub code: u8,
    /// What it stands for.
    pub kind: Type,
    /// Bytes of one.
    pub size: usize,
    /// How many, or how many bytes.
    pub count: usize,
    /// Where the first one lies.
    pub offset: usize,
}

/// A parsed format.
pub struct Format {
    /// The codes that stand for values.
    pub items: Vec<Item>,
    /// Size in bytes.
    pub size: usize,
    /// Number of values.
    pub values: usize,
    /// Whether the last byte of a number comes first.
    pub little: bool,
}

/// What a code stands for and its size: as C has them on this machine, or standard ones.
fn describe(code: u8, native: bool) -> Option<(Type, usize)> {
    let word = if native { 8 } else { 4 };
    Some(match code {
        b'x' => (Type::Pad, 1),
        b'c' => (Type::Character, 1),
        b's' => (Type::Bytes, 1),
        b'p' => (Type::Pascal, 1),
        b'?' => (Type::Bool, 1),
        b'b' => (Type::Signed, 1),
        b'B' => (Type::Unsigned, 1),
        b'h' => (Type::Signed, 2),
        b'H' => (Type::Unsigned, 2),
        b'i' => (Type::Signed, 4),
        b'I' => (Type::Unsigned, 4),
        b'l' => (Type::Signed, word),
        b'L' => (Type::Unsigned, word),
        b'q' => (Type::Signed, 8),
        b'Q' => (Type::Unsigned, 8),
        b'n' if native => (Type::Signed, 8),
        b'N' if native => (Type::Unsigned, 8),
        b'P' if native => (Type::Pointer, 8),
        b'e' => (Type::Float, 2),
        b'f' => (Type::Float, 4),
        b'd' => (Type::Float, 8),
        b'F' => (Type::Complex, 8),
        b'D' => (Type::Complex, 16),
        _ => return None,
    })
}

const TOO_LONG: &str = "total struct size too long";

impl Format {
    /// Parses a format; the error is the message of a `struct.error`.
    pub fn parse(text: &[u8]) -> Result<Format, &'static str> {
        let (native, little, text) = match text.first() {
            Some(b'@') => (true, true, &text[1..]),
            Some(b'=' | b'<') => (false, true, &text[1..]),
            Some(b'>' | b'!') => (false, false, &text[1..]),
            _ => (true, true, text),
        };
        if text.contains(&0) {
            return Err("embedded null character");
        }
        let mut format = Format { items: Vec::new(), size: 0, values: 0, little };
        let mut rest = text.iter().copied();
        while let Some(mut code) = rest.next() {
            if code.is_ascii_whitespace() || code == 0x0b {
                continue;
            }
            let mut count = 1usize;
            if code.is_ascii_digit() {
                count = usize::from(code - b'0');
                code = loop {
                    match rest.next() {
                        Some(digit) if digit.is_ascii_digit() => {
                            count = count
                                .checked_mul(10)
                                .and_then(|count| count.checked_add(usize::from(digit - b'0')))
                                .filter(|count| isize::try_from(*count).is_ok())
                                .ok_or(TOO_LONG)?;
                        }
                        Some(code) => break code,
                        None => return Err("repeat count given without format specifier"),
                    }
                };
            }
            format.add(code, native, count)?;
        }
        Ok(format)
    }

    fn add(&mut self, code: u8, native: bool, count: usize) -> Result<(), &'static str> {
        let (kind, size) = describe(code, native).ok_or("bad char in struct format")?;
        let alignment = match kind {
            _ if !native => 1,
            Type::Complex => size / 2,
            _ => size,
        };
        let offset = self.size.checked_next_multiple_of(alignment).ok_or(TOO_LONG)?;
        let end = size.checked_mul(count).and_then(|bytes| bytes.checked_add(offset));
        self.size = end.filter(|end| isize::try_from(*end).is_ok()).ok_or(TOO_LONG)?;
        self.values += match kind {
            Type::Pad => 0,
            Type::Bytes | Type::Pascal => 1,
            _ => count,
        };
        if kind != Type::Pad {
            self.items.push(Item { code, kind, size, count, offset });
        }
        Ok(())
    }
}
