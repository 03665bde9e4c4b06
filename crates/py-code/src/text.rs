//! Python strings outside the heap: WTF-8, which is UTF-8 that may also hold lone surrogates (`"\ud800"`).

use std::borrow::Cow;

/// A Python string. INVARIANT: the bytes are well-formed WTF-8 (surrogate pairs are stored as the one character they make
/// only if they were one character in the first place).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Text(Cow<'static, [u8]>);

impl Text {
    /// The string of these code points, surrogates allowed; values above 0x10FFFF become U+FFFD.
    pub fn from_code_points(points: impl IntoIterator<Item = u32>) -> Text {
        let mut bytes = Vec::new();
        for point in points {
            push_code_point(&mut bytes, point);
        }
        Text(bytes.into())
    }

    /// The string of these bytes, if they are well-formed WTF-8.
    pub fn from_wtf8(bytes: &[u8]) -> Option<Text> {
        let well_formed = std::str::from_utf8(bytes).is_ok() || is_wtf8(bytes);
        well_formed.then(|| Text(bytes.to_vec().into()))
    }

    /// The string of bytes that were one when the library was packed.
    pub(crate) fn packed(bytes: &'static [u8]) -> Text {
        Text(bytes.into())
    }

    /// The WTF-8 bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The string as `str`, unless it holds a surrogate.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// The code points, surrogates included.
    pub fn code_points(&self) -> impl Iterator<Item = u32> + '_ {
        let mut rest = &self.0[..];
        std::iter::from_fn(move || {
            let (&first, mut tail) = rest.split_first()?;
            let (mut point, more) = match first {
                0..0x80 => (first as u32, 0),
                0x80..0xE0 => (first as u32 & 0x1F, 1),
                0xE0..0xF0 => (first as u32 & 0x0F, 2),
                _ => (first as u32 & 0x07, 3),
            };
            for _ in 0..more {
                let (&next, after) = tail.split_first()?;
                point = point << 6 | (next as u32 & 0x3F);
                tail = after;
            }
            rest = tail;
            Some(point)
        })
    }

    /// How many code points it has: its length in Python.
    pub fn len(&self) -> usize {
        self.0.iter().filter(|&&byte| byte & 0xC0 != 0x80).count()
    }

    /// Whether it is the empty string.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// This string followed by another.
    pub fn concat(&self, other: &Text) -> Text {
        Text([&self.0[..], &other.0[..]].concat().into())
    }
}

/// Whether bytes are UTF-8 but for surrogates, each encoded by itself.
fn is_wtf8(mut bytes: &[u8]) -> bool {
    loop {
        let valid = match std::str::from_utf8(bytes) {
            Ok(_) => return true,
            Err(error) => error.valid_up_to(),
        };
        match &bytes[valid..] {
            [0xED, 0xA0..=0xBF, 0x80..=0xBF, rest @ ..] => bytes = rest,
            _ => return false,
        }
    }
}

/// Appends one code point in WTF-8.
fn push_code_point(bytes: &mut Vec<u8>, point: u32) {
    match char::from_u32(point) {
        Some(character) => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        None if point < 0x11_0000 => {
            bytes.extend_from_slice(&[
                0xE0 | (point >> 12) as u8,
                0x80 | (point >> 6 & 0x3F) as u8,
                0x80 | (point & 0x3F) as u8,
            ]);
        }
        None => bytes.extend_from_slice("\u{FFFD}".as_bytes()),
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Text {
        Text(text.as_bytes().to_vec().into())
    }
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("\"")?;
        for point in self.code_points() {
            match char::from_u32(point) {
                Some(character) => write!(f, "{}", character.escape_debug())?,
                None => write!(f, "\\u{point:04x}")?,
            }
        }
        f.write_str("\"")
    }
}
