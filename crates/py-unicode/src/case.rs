//! Case mappings of single code points. What depends on the neighbours (the final sigma) is left to the caller.

use crate::table::{Numbers, Trie, data};

static TRIE: Trie = Trie { index: data!("16/case-index"), blocks: data!("16/case-blocks") };
static RECORDS: Numbers = data!("16/case-records");
static SEQUENCES: Numbers = data!("16/case-sequences");

/// Bit of a mapping that gives several code points; the number of them and where they start lie below it.
const SEVERAL: i32 = 1 << 30;

/// Which mapping.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Mapping {
    /// To lower case.
    Lower,
    /// To upper case.
    Upper,
    /// To title case.
    Title,
    /// Case folding.
    Fold,
}

/// What a code point becomes: one to three code points.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mapped {
    codes: [u32; 3],
    count: usize,
}

impl Mapped {
    /// The code points.
    #[inline]
    pub fn codes(&self) -> &[u32] {
        &self.codes[..self.count]
    }
}

/// Maps a code point.
#[inline]
pub fn map(code: u32, mapping: Mapping) -> Mapped {
    let entry = RECORDS.word(4 * TRIE.record(code) + mapping as usize) as i32;
    // Differences are smaller than the bit; negative ones have it set like all high bits.
    if entry > 0 && entry & SEVERAL != 0 {
        let (start, count) = ((entry & 0xff_ffff) as usize, (entry >> 24 & 3) as usize);
        let mut codes = [0; 3];
        for (at, place) in codes[..count].iter_mut().enumerate() {
            *place = SEQUENCES.word(start + at);
        }
        return Mapped { codes, count };
    }
    Mapped { codes: [code.wrapping_add_signed(entry), 0, 0], count: 1 }
}

/// The lower case as one code point, as regular expressions compare.
#[inline]
pub fn simple_lower(code: u32) -> u32 {
    if code < 0x80 {
        return if (0x41..=0x5a).contains(&code) { code + 0x20 } else { code };
    }
    map(code, Mapping::Lower).codes[0]
}

/// The upper case as one code point, as regular expressions compare.
#[inline]
pub fn simple_upper(code: u32) -> u32 {
    if code < 0x80 {
        return if (0x61..=0x7a).contains(&code) { code - 0x20 } else { code };
    }
    map(code, Mapping::Upper).codes[0]
}
