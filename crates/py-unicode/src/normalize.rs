//! Decompositions and the four normal forms (UAX #15).

use crate::properties::{Database, Flag};

const HANGUL: u32 = 0xac00;
const LEADING: u32 = 0x1100;
const VOWEL: u32 = 0x1161;
const TRAILING: u32 = 0x11a7;
const LEADINGS: u32 = 19;
const VOWELS: u32 = 21;
const TRAILINGS: u32 = 28;
const SYLLABLES: u32 = LEADINGS * VOWELS * TRAILINGS;

/// A normal form.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// Canonical decomposition, then composition.
    Nfc,
    /// Compatibility decomposition, then composition.
    Nfkc,
    /// Canonical decomposition.
    Nfd,
    /// Compatibility decomposition.
    Nfkd,
}

impl Form {
    /// The form with this name.
    pub fn named(name: &str) -> Option<Form> {
        Some(match name {
            "NFC" => Form::Nfc,
            "NFKC" => Form::Nfkc,
            "NFD" => Form::Nfd,
            "NFKD" => Form::Nfkd,
            _ => return None,
        })
    }

    fn is_compatible(self) -> bool {
        matches!(self, Form::Nfkc | Form::Nfkd)
    }

    fn composes(self) -> bool {
        matches!(self, Form::Nfc | Form::Nfkc)
    }
}

impl Database {
    /// The decomposition of a code point, one step: its tag (`<compat>` …, or empty for a canonical one) and its parts.
    /// Hangul syllables have none here.
    pub fn decomposition(&self, code: u32) -> Option<(&'static str, impl Iterator<Item = u32>)> {
        let at = self.decomposition_codes.find(code)?;
        let start = self.decomposition_starts.word(at);
        let end = self.decomposition_starts.word(at + 1) & 0xff_ffff;
        let tag = self.decomposition_tags.lines().nth((start >> 24) as usize).unwrap_or("");
        let parts = self.decomposition_parts;
        Some((tag, (start & 0xff_ffff..end).map(move |index| parts.word(index as usize))))
    }

    fn decompose(&self, code: u32, compatible: bool, result: &mut Vec<u32>) {
        let syllable = code.wrapping_sub(HANGUL);
        if syllable < SYLLABLES {
            result.push(LEADING + syllable / (VOWELS * TRAILINGS));
            result.push(VOWEL + syllable % (VOWELS * TRAILINGS) / TRAILINGS);
            if !syllable.is_multiple_of(TRAILINGS) {
                result.push(TRAILING + syllable % TRAILINGS);
            }
            return;
        }
        if let Some((_, before)) = self.corrections.iter().find(|(corrected, _)| *corrected == code) {
            result.push(*before);
            return;
        }
        if self.properties(code).is(Flag::Decomposes)
            && let Some((tag, parts)) = self.decomposition(code)
            && (compatible || tag.is_empty())
        {
            // Chains of decompositions are a few steps long.
            parts.for_each(|part| self.decompose(part, compatible, result));
            return;
        }
        result.push(code);
    }

    fn compose_pair(&self, first: u32, second: u32) -> Option<u32> {
        let (leading, vowel) = (first.wrapping_sub(LEADING), second.wrapping_sub(VOWEL));
        if leading < LEADINGS && vowel < VOWELS {
            return Some(HANGUL + (leading * VOWELS + vowel) * TRAILINGS);
        }
        let (syllable, trailing) = (first.wrapping_sub(HANGUL), second.wrapping_sub(TRAILING));
        if syllable < SYLLABLES && syllable.is_multiple_of(TRAILINGS) && (1..TRAILINGS).contains(&trailing) {
            return Some(first + trailing);
        }
        let (mut low, mut high) = (0, self.compositions.words() / 3);
        while low < high {
            let middle = (low + high) / 2;
            let pair = (self.compositions.word(3 * middle), self.compositions.word(3 * middle + 1));
            match pair.cmp(&(first, second)) {
                std::cmp::Ordering::Equal => return Some(self.compositions.word(3 * middle + 2)),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// The normal form of a text.
    pub fn normalize(&self, form: Form, text: impl Iterator<Item = u32>) -> Vec<u32> {
        let mut codes = Vec::with_capacity(text.size_hint().0);
        text.for_each(|code| self.decompose(code, form.is_compatible(), &mut codes));
        self.sort_marks(&mut codes);
        if form.composes() {
            self.compose(&mut codes);
        }
        codes
    }

    /// Canonical ordering: marks behind a starter in the order of their classes.
    fn sort_marks(&self, codes: &mut [u32]) {
        let mut at = 0;
        while at < codes.len() {
            let marks = codes[at..].iter().take_while(|code| self.properties(**code).combining != 0).count();
            if marks > 1 {
                codes[at..at + marks].sort_by_key(|code| self.properties(*code).combining);
            }
            at += marks + 1;
        }
    }

    fn compose(&self, codes: &mut Vec<u32>) {
        let mut starter: Option<usize> = None;
        // Class of the last mark kept behind the starter; 0 where there is none.
        let mut last_class = 0;
        let mut kept = 0;
        for at in 0..codes.len() {
            let code = codes[at];
            let class = self.properties(code).combining;
            if let Some(starter) = starter {
                let blocked = if kept == starter + 1 { false } else { class == 0 || last_class >= class };
                if !blocked && let Some(both) = self.compose_pair(codes[starter], code) {
                    codes[starter] = both;
                    continue;
                }
            }
            codes[kept] = code;
            if class == 0 {
                starter = Some(kept);
            }
            last_class = class;
            kept += 1;
        }
        codes.truncate(kept);
    }
}
