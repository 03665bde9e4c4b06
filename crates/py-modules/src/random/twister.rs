//! The generator itself: MT19937 and its initialisation by an array of words.

/// Words of the state.
pub const LENGTH: usize = 624;
/// Distance of the words that are mixed.
const MIDDLE: usize = 397;
const MATRIX: u32 = 0x9908_b0df;
const UPPER: u32 = 0x8000_0000;

/// A state.
pub struct Twister {
    /// The words.
    pub words: [u32; LENGTH],
    /// Index of the next one to be used.
    pub index: usize,
}

impl Twister {
    fn from_number(seed: u32) -> Twister {
        let mut words = [seed; LENGTH];
        for at in 1..LENGTH {
            let before = words[at - 1];
            words[at] = 1_812_433_253u32.wrapping_mul(before ^ before >> 30).wrapping_add(at as u32);
        }
        Twister { words, index: LENGTH }
    }

    /// The state for a key of at least one word.
    pub fn from_key(key: &[u32]) -> Twister {
        let mut twister = Twister::from_number(19_650_218);
        let words = &mut twister.words;
        let (mut at, mut from) = (1, 0);
        let advance = |words: &mut [u32; LENGTH], at: &mut usize| {
            *at += 1;
            if *at >= LENGTH {
                words[0] = words[LENGTH - 1];
                *at = 1;
            }
        };
        for _ in 0..LENGTH.max(key.len()) {
            let before = words[at - 1];
            let mixed = words[at] ^ (before ^ before >> 30).wrapping_mul(1_664_525);
            words[at] = mixed.wrapping_add(key[from]).wrapping_add(from as u32);
            advance(words, &mut at);
            from = (from + 1) % key.len();
        }
        for _ in 1..LENGTH {
            let before = words[at - 1];
            let mixed = words[at] ^ (before ^ before >> 30).wrapping_mul(1_566_083_941);
            words[at] = mixed.wrapping_sub(at as u32);
            advance(words, &mut at);
        }
        words[0] = UPPER;
        twister
    }

    /// Makes the next words.
    pub fn refill(&mut self) {
        for at in 0..LENGTH {
            let next = (at + 1) % LENGTH;
            let mixed = self.words[at] & UPPER | self.words[next] & !UPPER;
            let twisted = mixed >> 1 ^ if mixed & 1 == 1 { MATRIX } else { 0 };
            self.words[at] = self.words[(at + MIDDLE) % LENGTH] ^ twisted;
        }
        self.index = 0;
    }
}

/// A word as it is given out.
pub fn temper(mut word: u32) -> u32 {
    word ^= word >> 11;
    word ^= word << 7 & 0x9d2c_5680;
    word ^= word << 15 & 0xefc6_0000;
    word ^ word >> 18
}
