//! Searching bytes for bytes. One byte goes to `memchr`, since starting a search for a longer pattern takes longer than most such
//! searches.

use memchr::{memchr, memmem, memrchr};

/// Where `wanted` first lies.
#[inline]
pub(crate) fn first(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    match wanted {
        [byte] => memchr(*byte, bytes),
        _ if wanted.len() > bytes.len() => None,
        _ => memmem::find(bytes, wanted),
    }
}

/// Where `wanted` last lies.
#[inline]
pub(crate) fn last(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    match wanted {
        [byte] => memrchr(*byte, bytes),
        _ if wanted.len() > bytes.len() => None,
        _ => memmem::rfind(bytes, wanted),
    }
}

/// Where a pattern that is not empty lies, without overlaps.
pub(crate) struct Matches<'a> {
    byte: memchr::Memchr<'a>,
    /// For patterns of more than one byte.
    bytes: Option<memmem::FindIter<'a, 'a>>,
}

impl<'a> Matches<'a> {
    pub(crate) fn new(bytes: &'a [u8], wanted: &'a [u8]) -> Matches<'a> {
        match wanted {
            [byte] => Matches { byte: memchr::memchr_iter(*byte, bytes), bytes: None },
            _ => Matches { byte: memchr::memchr_iter(0, &[]), bytes: Some(memmem::find_iter(bytes, wanted)) },
        }
    }
}

impl Iterator for Matches<'_> {
    type Item = usize;
    #[inline]
    fn next(&mut self) -> Option<usize> {
        match &mut self.bytes {
            None => self.byte.next(),
            Some(matches) => matches.next(),
        }
    }
}
