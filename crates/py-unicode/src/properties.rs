//! Properties of code points, for both versions of the database.

use crate::table::{Numbers, Trie, data};

/// Names of the general categories, by number.
pub const CATEGORIES: [&str; 30] = [
    "Cn", "Lu", "Ll", "Lt", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Lm", "Lo",
    "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So",
];

/// Names of the bidirectional classes, by number.
pub const BIDIRECTIONAL: [&str; 24] = [
    "", "L", "LRE", "LRO", "R", "AL", "RLE", "RLO", "PDF", "EN", "ES", "ET", "AN", "CS", "NSM", "BN", "B", "S", "WS",
    "ON", "LRI", "RLI", "FSI", "PDI",
];

/// Names of the East Asian widths, by number.
pub const WIDTHS: [&str; 6] = ["F", "H", "W", "Na", "A", "N"];

/// A general category by number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Category(pub u8);

impl Category {
    /// Not assigned.
    pub const UNASSIGNED: Category = Category(0);

    /// Its two letters.
    pub fn name(self) -> &'static str {
        CATEGORIES[self.0 as usize]
    }
}

/// A yes-or-no property: the number of its bit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Flag {
    /// Mirrored in bidirectional text.
    Mirrored,
    /// Lowercase.
    Lower,
    /// Uppercase.
    Upper,
    /// Titlecase letter.
    Title,
    /// Has case.
    Cased,
    /// Skipped where the context of a final sigma is looked at.
    CaseIgnorable,
    /// May start an identifier.
    IdentifierStart,
    /// May go on an identifier.
    IdentifierContinue,
    /// Decimal digit.
    Decimal,
    /// Digit.
    Digit,
    /// Numeric.
    Numeric,
    /// Letter.
    Alpha,
    /// `repr` shows it as it is.
    Printable,
    /// White space.
    Space,
    /// Has a decomposition.
    Decomposes,
}

/// The properties of a code point.
#[derive(Clone, Copy, Debug)]
pub struct Properties {
    /// General category.
    pub category: Category,
    /// Index into [`BIDIRECTIONAL`].
    pub bidirectional: u8,
    /// Canonical combining class.
    pub combining: u8,
    /// Index into [`WIDTHS`].
    pub width: u8,
    flags: u16,
    digit: u8,
}

impl Properties {
    /// A yes-or-no property.
    #[inline(always)]
    pub fn is(&self, flag: Flag) -> bool {
        self.flags >> (flag as u8) & 1 != 0
    }

    /// The value of a digit of any kind.
    pub fn digit(&self) -> Option<u32> {
        self.is(Flag::Digit).then_some(u32::from(self.digit))
    }

    /// The value of a decimal digit.
    pub fn decimal(&self) -> Option<u32> {
        self.is(Flag::Decimal).then_some(u32::from(self.digit))
    }
}

/// One version of the Unicode Character Database.
pub struct Database {
    /// Its version.
    pub version: &'static str,
    trie: Trie,
    records: &'static [u8],
    numeric_codes: Numbers,
    numeric_values: Numbers,
    pub(crate) decomposition_codes: Numbers,
    pub(crate) decomposition_starts: Numbers,
    pub(crate) decomposition_parts: Numbers,
    pub(crate) decomposition_tags: &'static str,
    pub(crate) compositions: Numbers,
    /// Code points whose normal forms have been corrected since, with what they gave before.
    pub(crate) corrections: &'static [(u32, u32)],
}

/// The corrigendum of Unicode 4.0.
const CORRECTIONS: &[(u32, u32)] =
    &[(0x2f868, 0x2136a), (0x2f874, 0x5f33), (0x2f91f, 0x43ab), (0x2f95f, 0x7aae), (0x2f9bf, 0x4d57)];

macro_rules! database {
    ($folder:literal, $version:literal, $corrections:expr) => {
        Database {
            version: $version,
            trie: Trie { index: data!($folder, "/properties-index"), blocks: data!($folder, "/properties-blocks") },
            records: data!($folder, "/properties-records").0,
            numeric_codes: data!($folder, "/numeric-codes"),
            numeric_values: data!($folder, "/numeric-values"),
            decomposition_codes: data!($folder, "/decomposition-codes"),
            decomposition_starts: data!($folder, "/decomposition-starts"),
            decomposition_parts: data!($folder, "/decomposition-parts"),
            decomposition_tags: include_str!(concat!("../data/", $folder, "/decomposition-tags.txt")),
            compositions: data!($folder, "/compositions"),
            corrections: $corrections,
        }
    };
}

/// Unicode 16.0.
pub static LATEST: Database = database!("16", "16.0.0", &[]);
/// Unicode 3.2, without the properties that only `str` methods ask for.
pub static UNICODE_3_2: Database = database!("3.2", "3.2.0", CORRECTIONS);

impl Database {
    /// The properties of a code point.
    #[inline]
    pub fn properties(&self, code: u32) -> Properties {
        let record = &self.records[8 * self.trie.record(code)..][..8];
        Properties {
            category: Category(record[0]),
            bidirectional: record[1],
            combining: record[2],
            width: record[3],
            flags: u16::from_le_bytes([record[4], record[5]]),
            digit: record[6],
        }
    }

    /// The numeric value of a code point.
    pub fn numeric(&self, code: u32) -> Option<f64> {
        self.numeric_codes.find(code).map(|at| self.numeric_values.float(at))
    }
}

/// The properties of a code point in Unicode 16.0.
#[inline]
pub fn properties(code: u32) -> Properties {
    LATEST.properties(code)
}
