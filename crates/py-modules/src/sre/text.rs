//! What a pattern is matched against: bytes, one or more per character.

/// A text up to the end of the search. Positions are byte offsets at the start of a character.
pub trait Text: Copy {
    /// Whether a character may take several bytes.
    const IS_WIDE: bool;
    /// All bytes.
    fn bytes(&self) -> &[u8];
    /// The character at a position before the end, and where the next one starts.
    fn at(&self, position: usize) -> (u32, usize);
    /// The character in front of a position after the beginning, and where it starts.
    fn before(&self, position: usize) -> (u32, usize);
    /// The end.
    #[inline(always)]
    fn end(&self) -> usize {
        self.bytes().len()
    }
}

/// Bytes, or text of ASCII only.
#[derive(Clone, Copy)]
pub struct Narrow<'a>(pub &'a [u8]);

impl Text for Narrow<'_> {
    const IS_WIDE: bool = false;
    #[inline(always)]
    fn bytes(&self) -> &[u8] {
        self.0
    }
    #[inline(always)]
    fn at(&self, position: usize) -> (u32, usize) {
        (u32::from(self.0[position]), position + 1)
    }
    #[inline(always)]
    fn before(&self, position: usize) -> (u32, usize) {
        (u32::from(self.0[position - 1]), position - 1)
    }
}

/// Text as UTF-8, possibly with lone surrogates.
#[derive(Clone, Copy)]
pub struct Wide<'a>(pub &'a [u8]);

impl Text for Wide<'_> {
    const IS_WIDE: bool = true;
    #[inline(always)]
    fn bytes(&self) -> &[u8] {
        self.0
    }
    #[inline(always)]
    fn at(&self, position: usize) -> (u32, usize) {
        let first = self.0[position];
        if first < 0x80 {
            return (u32::from(first), position + 1);
        }
        several(self.0, position)
    }
    #[inline(always)]
    fn before(&self, position: usize) -> (u32, usize) {
        let mut start = position - 1;
        while self.0[start] & 0xc0 == 0x80 {
            start -= 1;
        }
        (self.at(start).0, start)
    }
}

/// A character of several bytes.
fn several(bytes: &[u8], position: usize) -> (u32, usize) {
    let low = |at: usize| u32::from(bytes[position + at] & 0x3f);
    let first = u32::from(bytes[position]);
    match first {
        0..0xe0 => ((first & 0x1f) << 6 | low(1), position + 2),
        0xe0..0xf0 => ((first & 0x0f) << 12 | low(1) << 6 | low(2), position + 3),
        _ => ((first & 0x07) << 18 | low(1) << 12 | low(2) << 6 | low(3), position + 4),
    }
}
