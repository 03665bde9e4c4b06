//! Hash maps for keys that are a few small integers: multiply and rotate, as rustc's own tables do. The keys are
//! numbers that the compiler gives and addresses, so nobody can aim at collisions.

use std::hash::{BuildHasherDefault, Hasher};

/// A map with the quick hasher.
pub type Map<K, V> = std::collections::HashMap<K, V, BuildHasherDefault<QuickHasher>>;
/// A set with the quick hasher.
pub type Set<K> = std::collections::HashSet<K, BuildHasherDefault<QuickHasher>>;

/// The hasher: one multiplication for each word.
#[derive(Default, Clone, Copy)]
pub struct QuickHasher(u64);

impl QuickHasher {
    fn add(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}

impl Hasher for QuickHasher {
    fn finish(&self) -> u64 {
        // Tables take the low bits first, on which only low bits of the key have had an effect: none in an address.
        self.0.rotate_left(26)
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.add(*byte as u64);
        }
    }
    fn write_u8(&mut self, number: u8) {
        self.add(number as u64);
    }
    fn write_u32(&mut self, number: u32) {
        self.add(number as u64);
    }
    fn write_u64(&mut self, number: u64) {
        self.add(number);
    }
    fn write_i64(&mut self, number: i64) {
        self.add(number as u64);
    }
    fn write_usize(&mut self, number: usize) {
        self.add(number as u64);
    }
    fn write_isize(&mut self, number: isize) {
        self.add(number as u64);
    }
}
