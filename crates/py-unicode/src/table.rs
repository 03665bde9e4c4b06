//! Readers of the packed arrays in `data`.

/// A packed array of little-endian numbers.
#[derive(Clone, Copy)]
pub struct Numbers(pub &'static [u8]);

impl Numbers {
    /// The 16-bit number at an index.
    #[inline(always)]
    pub fn short(self, index: usize) -> u16 {
        u16::from_le_bytes([self.0[2 * index], self.0[2 * index + 1]])
    }

    /// The 32-bit number at an index.
    #[inline(always)]
    pub fn word(self, index: usize) -> u32 {
        let at = 4 * index;
        u32::from_le_bytes([self.0[at], self.0[at + 1], self.0[at + 2], self.0[at + 3]])
    }

    /// The float at an index.
    pub fn float(self, index: usize) -> f64 {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&self.0[8 * index..8 * index + 8]);
        f64::from_le_bytes(bytes)
    }

    /// How many 32-bit numbers there are.
    pub fn words(self) -> usize {
        self.0.len() / 4
    }

    /// Where a sorted array of 32-bit numbers holds `wanted`.
    pub fn find(self, wanted: u32) -> Option<usize> {
        let (mut low, mut high) = (0, self.words());
        while low < high {
            let middle = (low + high) / 2;
            match self.word(middle).cmp(&wanted) {
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }
}

/// Two stages from a code point to the number of its record: blocks of 128 code points, equal ones stored once.
#[derive(Clone, Copy)]
pub struct Trie {
    /// Number of the block of each 128 code points.
    pub index: Numbers,
    /// Record numbers, block by block.
    pub blocks: Numbers,
}

impl Trie {
    /// The record number of a code point; that of an unassigned one beyond the last.
    #[inline(always)]
    pub fn record(self, code: u32) -> usize {
        let code = code.min(0x10_ffff) as usize;
        let block = self.index.short(code >> 7) as usize;
        self.blocks.short(block << 7 | code & 127) as usize
    }
}

/// A file below `data`.
macro_rules! data {
    ($($part:literal),+) => {
        $crate::table::Numbers(include_bytes!(concat!("../data/", $($part,)+ ".bin")))
    };
}
pub(crate) use data;
