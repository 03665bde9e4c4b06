//! Sets of characters and classes of characters.
//!
//! A set in a program: one word that says how characters are compared, eight words of bits for the first 256 characters
//! (valid unless the set depends on the locale), one word that says what is known of all others, then the codes that
//! `re._compiler` emitted, which decide the rest.

use super::opcode::{category, fold, source};
use py_unicode::case::{simple_lower, simple_upper};
use py_unicode::{Flag, properties};
use std::sync::OnceLock;

/// What is known of the characters from 256 on.
pub mod beyond {
    /// The codes decide.
    pub const ASK: u32 = 0;
    /// None is in the set.
    pub const NONE: u32 = 1;
    /// The set depends on the locale: the codes decide for every character.
    pub const LOCALE: u32 = 2;
}

/// Words in front of the codes of a set.
pub const HEAD: usize = 10;

/// Whether a character is one of a word, as Unicode has it.
pub fn is_word(character: u32) -> bool {
    if character < 0x80 {
        return is_ascii_word(character);
    }
    let properties = properties(character);
    properties.is(Flag::Alpha) || properties.is(Flag::Numeric) || properties.is(Flag::Digit)
}

fn is_ascii_word(character: u32) -> bool {
    u8::try_from(character).is_ok_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn is_ascii_space(character: u32) -> bool {
    matches!(character, 9..=13 | 32)
}

fn is_line_break(character: u32) -> bool {
    matches!(character, 10..=13 | 0x1c..=0x1e | 0x85 | 0x2028 | 0x2029)
}

/// Whether a character is one of a word in the C library's locale.
pub fn is_locale_word(character: u32) -> bool {
    // SAFETY: a plain query; the argument is that of an unsigned char.
    character < 256 && (character == u32::from(b'_') || unsafe { libc::isalnum(character as i32) } != 0)
}

/// Lower case in the C library's locale.
pub fn locale_lower(character: u32) -> u32 {
    // SAFETY: a plain query; the argument is that of an unsigned char.
    if character < 256 { (unsafe { libc::tolower(character as i32) }) as u32 } else { character }
}

/// Upper case in the C library's locale.
pub fn locale_upper(character: u32) -> u32 {
    // SAFETY: a plain query; the argument is that of an unsigned char.
    if character < 256 { (unsafe { libc::toupper(character as i32) }) as u32 } else { character }
}

/// Lower case of ASCII letters.
pub fn ascii_lower(character: u32) -> u32 {
    if (0x41..=0x5a).contains(&character) { character + 0x20 } else { character }
}

/// Whether a character is of a class.
pub fn is_in_category(class: u32, character: u32) -> bool {
    match class {
        category::DIGIT => (0x30..=0x39).contains(&character),
        category::NOT_DIGIT => !(0x30..=0x39).contains(&character),
        category::SPACE => is_ascii_space(character),
        category::NOT_SPACE => !is_ascii_space(character),
        category::WORD => is_ascii_word(character),
        category::NOT_WORD => !is_ascii_word(character),
        category::LINEBREAK => character == 10,
        category::NOT_LINEBREAK => character != 10,
        category::LOC_WORD => is_locale_word(character),
        category::LOC_NOT_WORD => !is_locale_word(character),
        category::UNI_DIGIT => properties(character).is(Flag::Decimal),
        category::UNI_NOT_DIGIT => !properties(character).is(Flag::Decimal),
        category::UNI_SPACE => properties(character).is(Flag::Space),
        category::UNI_NOT_SPACE => !properties(character).is(Flag::Space),
        category::UNI_WORD => is_word(character),
        category::UNI_NOT_WORD => !is_word(character),
        category::UNI_LINEBREAK => is_line_break(character),
        _ => !is_line_break(character),
    }
}

/// Whether the codes of a set (checked by `Codes::check`) hold a character that has been folded.
fn codes_hold(codes: &[u32], character: u32) -> bool {
    let mut verdict = true;
    let mut at = 0;
    loop {
        let operands = &codes[at + 1..];
        match codes[at] {
            source::FAILURE => return !verdict,
            source::NEGATE => {
                verdict = !verdict;
                at += 1;
            }
            source::LITERAL => {
                if character == operands[0] {
                    return verdict;
                }
                at += 2;
            }
            source::CATEGORY => {
                if is_in_category(operands[0], character) {
                    return verdict;
                }
                at += 2;
            }
            source::RANGE => {
                if (operands[0]..=operands[1]).contains(&character) {
                    return verdict;
                }
                at += 3;
            }
            source::RANGE_UNI_IGNORE => {
                let range = operands[0]..=operands[1];
                if range.contains(&character) || range.contains(&simple_upper(character)) {
                    return verdict;
                }
                at += 3;
            }
            source::CHARSET => {
                if character < 256 && operands[character as usize / 32] >> (character % 32) & 1 != 0 {
                    return verdict;
                }
                at += 9;
            }
            _ => {
                let count = operands[0] as usize;
                if character < 0x1_0000 {
                    let high = character as usize >> 8;
                    let block = (operands[1 + high / 4] >> (8 * (high % 4)) & 0xff) as usize;
                    let bit = block * 256 + (character as usize & 255);
                    if operands[65 + bit / 32] >> (bit % 32) & 1 != 0 {
                        return verdict;
                    }
                }
                at += 2 + 64 + 8 * count;
            }
        }
    }
}

/// Length of well-formed codes of a set, including the `FAILURE` at their end; `None` for others.
pub fn checked_length(codes: &[u32]) -> Option<usize> {
    let mut at = 0;
    loop {
        let operands = codes.get(at + 1..)?;
        at += match *codes.get(at)? {
            source::FAILURE => return Some(at + 1),
            source::NEGATE => 1,
            source::LITERAL => 2,
            source::CATEGORY => {
                if *operands.first()? >= category::COUNT {
                    return None;
                }
                2
            }
            source::RANGE | source::RANGE_UNI_IGNORE => 3,
            source::CHARSET => 9,
            source::BIGCHARSET => {
                let count = *operands.first()? as usize;
                let blocks = operands.get(1..65)?;
                let largest = blocks.iter().flat_map(|word| word.to_le_bytes()).max()?;
                if count > 256 || largest as usize >= count {
                    return None;
                }
                2 + 64 + 8 * count
            }
            _ => return None,
        };
        if at > codes.len() {
            return None;
        }
    }
}

fn holds_slowly(mode: u32, codes: &[u32], character: u32) -> bool {
    match mode {
        fold::NONE => codes_hold(codes, character),
        fold::ASCII => codes_hold(codes, ascii_lower(character)),
        fold::UNICODE => codes_hold(codes, simple_lower(character)),
        _ => {
            let (lower, upper) = (locale_lower(character), locale_upper(character));
            codes_hold(codes, lower) || (upper != lower && codes_hold(codes, upper))
        }
    }
}

fn depends_on_locale(codes: &[u32]) -> bool {
    let mut at = 0;
    while codes[at] != source::FAILURE {
        at += match codes[at] {
            source::CATEGORY if matches!(codes[at + 1], category::LOC_WORD | category::LOC_NOT_WORD) => return true,
            source::NEGATE => 1,
            source::LITERAL | source::CATEGORY => 2,
            source::CHARSET => 9,
            source::BIGCHARSET => 66 + 8 * codes[at + 1] as usize,
            _ => 3,
        };
    }
    false
}

/// Whether checked codes hold no character from 256 on. May say no where that is so.
fn is_latin(mode: u32, codes: &[u32]) -> bool {
    // A character beyond may have its lower case among the first 256.
    if mode != fold::NONE && mode != fold::ASCII {
        return false;
    }
    let mut at = 0;
    loop {
        match codes[at] {
            source::FAILURE => return true,
            source::CHARSET => at += 9,
            source::LITERAL if codes[at + 1] < 256 => at += 2,
            source::RANGE if codes[at + 2] < 256 => at += 3,
            source::CATEGORY if matches!(codes[at + 1], category::DIGIT | category::SPACE | category::WORD) => at += 2,
            _ => return false,
        }
    }
}

/// A bit for each of the first 256 characters.
type Bits = [u32; 8];

/// The bits of the characters for which something is true.
fn bits_where(is: impl Fn(u32) -> bool) -> Bits {
    std::array::from_fn(|part| (0..32).fold(0, |word, bit| word | u32::from(is(part as u32 * 32 + bit)) << bit))
}

/// The bits of a category that does not depend on the locale.
fn bits_of_category(class: u32) -> Bits {
    static KNOWN: [OnceLock<Bits>; category::COUNT as usize] = [const { OnceLock::new() }; category::COUNT as usize];
    *KNOWN[class as usize].get_or_init(|| bits_where(|character| is_in_category(class, character)))
}

fn bits_of_range(first: u32, last: u32) -> Bits {
    std::array::from_fn(|part| {
        let (from, to) = (first.max(part as u32 * 32), last.min(part as u32 * 32 + 31));
        if from > to { 0 } else { (u32::MAX >> (31 - (to - from))) << (from % 32) }
    })
}

/// The first 256 characters that codes hold: one step for each code. `None` where a code says more than which characters it names.
fn low_bits(codes: &[u32]) -> Option<Bits> {
    let (mut held, mut decided, mut verdict) = ([0; 8], [0; 8], true);
    let mut at = 0;
    loop {
        let operands = &codes[at + 1..];
        let (named, length) = match codes[at] {
            source::FAILURE => break,
            source::NEGATE => {
                (verdict, at) = (!verdict, at + 1);
                continue;
            }
            source::LITERAL => (bits_of_range(operands[0], operands[0]), 2),
            source::RANGE => (bits_of_range(operands[0], operands[1]), 3),
            source::CATEGORY => (bits_of_category(operands[0]), 2),
            source::CHARSET => (std::array::from_fn(|part| operands[part]), 9),
            _ => return None,
        };
        for part in 0..8 {
            // The first code that names a character decides.
            held[part] |= if verdict { named[part] & !decided[part] } else { 0 };
            decided[part] |= named[part];
        }
        at += length;
    }
    Some(if verdict { held } else { std::array::from_fn(|part| held[part] | !decided[part]) })
}

/// Appends a set to a program. The codes must have been checked.
pub fn emit(words: &mut Vec<u32>, mode: u32, codes: &[u32]) {
    let locale = mode == fold::LOCALE || depends_on_locale(codes);
    words.push(mode);
    let known = if mode == fold::NONE && !locale { low_bits(codes) } else { None };
    let bits = known.unwrap_or_else(|| bits_where(|character| !locale && holds_slowly(mode, codes, character)));
    words.extend_from_slice(&bits);
    words.push(match (locale, is_latin(mode, codes)) {
        (true, _) => beyond::LOCALE,
        (false, true) => beyond::NONE,
        (false, false) => beyond::ASK,
    });
    words.extend_from_slice(codes);
}

/// Whether the set at `set` holds a character.
#[inline(always)]
pub fn holds(words: &[u32], set: usize, character: u32) -> bool {
    let head = &words[set..set + HEAD];
    if character < 256 && head[9] != beyond::LOCALE {
        return head[1 + character as usize / 32] >> (character % 32) & 1 != 0;
    }
    head[9] != beyond::NONE && holds_slowly(head[0], &words[set + HEAD..], character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_those_of_each_character() {
        let charset: Vec<u32> =
            std::iter::once(source::CHARSET).chain((0..8).map(|part| 0x1234_5678 << part)).collect();
        let (literal, range) = ([source::LITERAL, 0x61], [source::RANGE, 0x41, 0x7f]);
        let (wide, beyond) = ([source::RANGE, 0, 0x1_0000], [source::LITERAL, 0x3b1]);
        let category = [source::CATEGORY, category::UNI_NOT_WORD];
        let parts: [&[u32]; 7] = [&literal, &range, &wide, &beyond, &category, &charset, &[source::NEGATE]];
        for choice in 0..7 * 7 * 7 * 7 {
            let mut codes = Vec::new();
            for digit in 0..4 {
                codes.extend_from_slice(parts[choice / 7_usize.pow(digit) % 7]);
            }
            codes.push(source::FAILURE);
            assert_eq!(low_bits(&codes), Some(bits_where(|character| codes_hold(&codes, character))), "{codes:?}");
        }
    }
}
