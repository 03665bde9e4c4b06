//! What the matcher sees of the text: characters, runs of them, places, groups again.

use super::matcher::Matcher;
use super::opcode::{MAXREPEAT, at, category, fold, own};
use super::set;
use super::text::Text;
use memchr::memchr;
use py_unicode::case::simple_lower;

impl<T: Text> Matcher<'_, T> {
    /// Whether the instruction for one character accepts this one.
    #[inline(always)]
    pub(super) fn accepts(&self, place: usize, character: u32) -> bool {
        let words = self.words;
        match words[place] {
            own::SET => set::holds(words, words[place + 1] as usize, character),
            own::LITERAL => same(words[place + 1], character, words[place + 2]),
            own::NOT_LITERAL => !same(words[place + 1], character, words[place + 2]),
            own::ANY => character != 10,
            own::ANY_ALL => true,
            _ => false,
        }
    }

    /// How far the instruction for one character matches from `position` on: the positions after `least` and after at
    /// most `most` characters. `None` where there are fewer than `least`.
    pub(super) fn scan(&self, place: usize, position: usize, least: u32, most: u32) -> Option<(usize, usize)> {
        let mut low = position;
        for _ in 0..least {
            if low >= self.text.end() {
                return None;
            }
            let (character, next) = self.text.at(low);
            if !self.accepts(place, character) {
                return None;
            }
            low = next;
        }
        if !T::IS_WIDE || most == MAXREPEAT {
            let rest = &self.text.bytes()[low..];
            let room = if most == MAXREPEAT { rest.len() } else { rest.len().min((most - least) as usize) };
            if let Some(count) = self.scan_bytes(place, &rest[..room]) {
                return Some((low, low + count));
            }
        }
        let mut high = low;
        let mut left = most - least;
        while high < self.text.end() && left > 0 {
            let (character, next) = self.text.at(high);
            if !self.accepts(place, character) {
                break;
            }
            high = next;
            left -= u32::from(most != MAXREPEAT);
        }
        Some((low, high))
    }

    /// How many bytes the instruction accepts, where that can be seen byte by byte.
    fn scan_bytes(&self, place: usize, bytes: &[u8]) -> Option<usize> {
        let words = self.words;
        match words[place] {
            own::ANY_ALL => Some(bytes.len()),
            own::ANY => Some(memchr(b'\n', bytes).unwrap_or(bytes.len())),
            own::NOT_LITERAL if words[place + 2] == fold::NONE && words[place + 1] < 128 => {
                Some(memchr(words[place + 1] as u8, bytes).unwrap_or(bytes.len()))
            }
            own::SET if !T::IS_WIDE => {
                let set = words[place + 1] as usize;
                let head = &words[set..set + set::HEAD];
                if head[9] == set::beyond::LOCALE {
                    return None;
                }
                let fits = |byte: &u8| head[1 + *byte as usize / 32] >> (byte % 32) & 1 != 0;
                Some(bytes.iter().position(|byte| !fits(byte)).unwrap_or(bytes.len()))
            }
            _ => None,
        }
    }

    fn is_word_at(&self, position: usize, test: fn(u32) -> bool) -> (bool, bool) {
        let before = position > 0 && test(self.text.before(position).0);
        (before, position < self.text.end() && test(self.text.at(position).0))
    }

    pub(super) fn is_at(&self, what: u32, position: usize) -> bool {
        let bytes = self.text.bytes();
        let ascii = |character| set::is_in_category(category::WORD, character);
        let boundary = |test| {
            let (before, here) = self.is_word_at(position, test);
            before != here
        };
        match what {
            at::BEGINNING | at::BEGINNING_STRING => position == 0,
            at::BEGINNING_LINE => position == 0 || bytes[position - 1] == b'\n',
            at::END => position == bytes.len() || (position + 1 == bytes.len() && bytes[position] == b'\n'),
            at::END_LINE => position == bytes.len() || bytes[position] == b'\n',
            at::END_STRING => position == bytes.len(),
            at::BOUNDARY => boundary(ascii),
            at::NON_BOUNDARY => !boundary(ascii),
            at::LOC_BOUNDARY => boundary(set::is_locale_word),
            at::LOC_NON_BOUNDARY => !boundary(set::is_locale_word),
            at::UNI_BOUNDARY => boundary(set::is_word),
            _ => !boundary(set::is_word),
        }
    }

    /// Where the text of a group ends if it stands at `position` again.
    pub(super) fn group_again(&self, group: usize, mode: u32, position: usize) -> Option<usize> {
        let (start, end) = self.group(group)?;
        let bytes = self.text.bytes();
        let wanted = bytes.get(start..end)?;
        if mode == fold::NONE {
            return bytes[position..].starts_with(wanted).then_some(position + wanted.len());
        }
        let (mut here, mut there) = (position, start);
        while there < end {
            if here >= self.text.end() {
                return None;
            }
            let ((left, next_here), (right, next_there)) = (self.text.at(here), self.text.at(there));
            let lower = match mode {
                fold::ASCII => set::ascii_lower,
                fold::UNICODE => simple_lower,
                _ => set::locale_lower,
            };
            if lower(left) != lower(right) {
                return None;
            }
            (here, there) = (next_here, next_there);
        }
        Some(here)
    }

    pub(super) fn back(&self, mut position: usize, characters: u32) -> Option<usize> {
        if !T::IS_WIDE {
            return position.checked_sub(characters as usize);
        }
        for _ in 0..characters {
            if position == 0 {
                return None;
            }
            position = self.text.before(position).1;
        }
        Some(position)
    }
}

/// Whether a character is the one of a literal.
#[inline(always)]
fn same(wanted: u32, character: u32, mode: u32) -> bool {
    match mode {
        fold::NONE => wanted == character,
        fold::ASCII => set::ascii_lower(character) == wanted,
        fold::UNICODE => wanted == character || simple_lower(character) == wanted,
        _ => wanted == character || set::locale_lower(character) == wanted || set::locale_upper(character) == wanted,
    }
}
