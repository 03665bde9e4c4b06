//! A quick keyed hash of names, for the table of interned strings: half of what start-up would spend there is hashing.
//!
//! Eight bytes at a time are mixed by a multiplication whose two halves are folded. The key differs between processes.

use std::hash::{BuildHasher, Hasher};

/// Makes hashers with a key.
#[derive(Clone, Copy)]
pub(crate) struct FastHash(pub u64);

/// A hash under way.
pub(crate) struct FastHasher {
    state: u64,
    key: u64,
}

impl BuildHasher for FastHash {
    type Hasher = FastHasher;
    fn build_hasher(&self) -> FastHasher {
        FastHasher { state: self.0, key: self.0 ^ 0x9e37_79b9_7f4a_7c15 }
    }
}

impl FastHasher {
    #[inline]
    fn mix(&mut self, word: u64) {
        let product = u128::from(self.state ^ word) * u128::from(self.key | 1);
        self.state = (product >> 64) as u64 ^ product as u64;
    }
}

impl Hasher for FastHasher {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.mix(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        self.mix(u64::from_le_bytes(last) ^ (bytes.len() as u64) << 56);
    }
    #[inline]
    fn write_usize(&mut self, number: usize) {
        self.mix(number as u64);
    }
    fn finish(&self) -> u64 {
        self.state.rotate_left(23)
    }
}
