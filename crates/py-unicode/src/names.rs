//! Names of code points, and code points by name.
//!
//! A name is a sequence of words; frequent words have numbers of one byte, the others of two. Names that end in the
//! code point's number are kept as ranges, those of Hangul syllables are computed.

use crate::table::{Numbers, data};
use std::cmp::Ordering;

static CODES: Numbers = data!("names/codes");
static STARTS: Numbers = data!("names/starts");
static WORDS: Numbers = data!("names/words");
static ORDER: Numbers = data!("names/order");
static LEXICON_STARTS: Numbers = data!("names/lexicon-starts");
static LEXICON: &str = include_str!("../data/names/lexicon.txt");
static RANGES: &str = include_str!("../data/names/ranges.txt");
static ALIASES: &str = include_str!("../data/names/aliases.txt");

/// Word numbers below this one take one byte.
const ONE_BYTE: usize = 192;

const LEADINGS: [&str; 19] =
    ["G", "GG", "N", "D", "DD", "R", "M", "B", "BB", "S", "SS", "", "J", "JJ", "C", "K", "T", "P", "H"];
const VOWELS: [&str; 21] = [
    "A", "AE", "YA", "YAE", "EO", "E", "YEO", "YE", "O", "WA", "WAE", "OE", "YO", "U", "WEO", "WE", "WI", "YU", "EU",
    "YI", "I",
];
const TRAILINGS: [&str; 28] = [
    "", "G", "GG", "GS", "N", "NJ", "NH", "D", "L", "LG", "LM", "LB", "LS", "LT", "LP", "LH", "M", "B", "BS", "S",
    "SS", "NG", "J", "C", "K", "T", "P", "H",
];
const HANGUL: u32 = 0xac00;
const HANGUL_PREFIX: &str = "HANGUL SYLLABLE ";

/// Prefix, first and last code point of each range of names that end in the number.
fn ranges() -> impl Iterator<Item = (&'static str, u32, u32)> {
    RANGES.lines().filter_map(|line| {
        let mut parts = line.split(';');
        let prefix = parts.next()?;
        let mut number = || u32::from_str_radix(parts.next()?, 16).ok();
        Some((prefix, number()?, number()?))
    })
}

fn words(at: usize) -> impl Iterator<Item = &'static str> {
    let mut bytes = WORDS.0[STARTS.word(at) as usize..STARTS.word(at + 1) as usize].iter();
    std::iter::from_fn(move || {
        let first = *bytes.next()? as usize;
        let number =
            if first < ONE_BYTE { first } else { ONE_BYTE + ((first - ONE_BYTE) << 8 | *bytes.next()? as usize) };
        Some(&LEXICON[LEXICON_STARTS.word(number) as usize..LEXICON_STARTS.word(number + 1) as usize])
    })
}

/// The name of a code point.
pub fn name(code: u32) -> Option<String> {
    let syllable = code.wrapping_sub(HANGUL) as usize;
    if syllable < LEADINGS.len() * VOWELS.len() * TRAILINGS.len() {
        let (leading, vowel) = (syllable / 28 / 21, syllable / 28 % 21);
        return Some([HANGUL_PREFIX, LEADINGS[leading], VOWELS[vowel], TRAILINGS[syllable % 28]].concat());
    }
    if let Some((prefix, _, _)) = ranges().find(|(_, first, last)| (*first..=*last).contains(&code)) {
        return Some(format!("{prefix}{code:X}"));
    }
    let at = CODES.find(code)?;
    let mut text = String::new();
    for word in words(at) {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(word);
    }
    Some(text)
}

/// Compares the name number `at` with another text.
fn compare(at: usize, wanted: &str) -> Ordering {
    let mut rest = wanted.as_bytes();
    for (number, word) in words(at).enumerate() {
        let space = if number > 0 { " " } else { "" };
        for byte in space.bytes().chain(word.bytes()) {
            match rest.split_first() {
                None => return Ordering::Greater,
                Some((first, others)) => match byte.cmp(first) {
                    Ordering::Equal => rest = others,
                    different => return different,
                },
            }
        }
    }
    if rest.is_empty() { Ordering::Equal } else { Ordering::Less }
}

/// The longest of some pieces that starts a text, its number and the rest.
fn longest<'a>(pieces: &[&str], text: &'a str) -> Option<(usize, &'a str)> {
    let fitting = pieces.iter().enumerate().filter(|(_, piece)| text.starts_with(**piece));
    let (number, piece) = fitting.max_by_key(|(_, piece)| piece.len())?;
    Some((number, &text[piece.len()..]))
}

fn hangul(text: &str) -> Option<u32> {
    let (leading, rest) = longest(&LEADINGS, text)?;
    let (vowel, rest) = longest(&VOWELS, rest)?;
    let (trailing, rest) = longest(&TRAILINGS, rest)?;
    rest.is_empty().then_some(HANGUL + ((leading * 21 + vowel) * 28 + trailing) as u32)
}

/// The code point with a name; the case of letters does not matter.
pub fn code(name: &str) -> Option<u32> {
    let wanted = name.to_ascii_uppercase();
    if let Some(rest) = wanted.strip_prefix(HANGUL_PREFIX) {
        return hangul(rest);
    }
    let by_number = ranges().find_map(|(prefix, first, last)| {
        let digits = wanted.strip_prefix(prefix)?;
        let is_number = (4..=5).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let code = u32::from_str_radix(digits, 16).ok().filter(|_| is_number)?;
        // A leading zero would be a second name.
        ((first..=last).contains(&code) && digits.len() == format!("{code:X}").len()).then_some(code)
    });
    if by_number.is_some() {
        return by_number;
    }
    let (mut low, mut high) = (0, CODES.words());
    while low < high {
        let middle = (low + high) / 2;
        let at = ORDER.short(middle) as usize;
        match compare(at, &wanted) {
            Ordering::Equal => return Some(CODES.word(at)),
            Ordering::Less => low = middle + 1,
            Ordering::Greater => high = middle,
        }
    }
    None
}

/// The code points of an alias or a named sequence.
pub fn alias(name: &str) -> Option<Vec<u32>> {
    let wanted = name.to_ascii_uppercase();
    let line = ALIASES.lines().find(|line| line.split(';').next() == Some(&wanted))?;
    let codes = line.split(';').nth(1)?.split(' ');
    codes.map(|code| u32::from_str_radix(code, 16).ok()).collect()
}
