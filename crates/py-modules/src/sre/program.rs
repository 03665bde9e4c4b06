//! From the codes of `re._compiler` to a program that the matcher runs.
//!
//! A program is an array of 32-bit words: a head, then instructions (see `opcode::own`) with the bytes of literal texts
//! and the sets between them, then hints. It is checked here once, so that the matcher need not.
//!
//! A *hint* says with which bytes a match of what follows can start: 0 for any, a bitmap's place, or one byte.

use super::opcode::{MAXGROUPS, at, category, fold, own, source};
use super::set;

/// Bit of a hint that is one byte.
pub const ONE_BYTE: u32 = 1 << 31;

/// Places in the head of a program.
pub mod head {
    /// Hint for the start of a match.
    pub const HINT: usize = 0;
    /// Characters that a match has at least.
    pub const WIDTH: usize = 1;
    /// 1 where a match can only start at the beginning of the text.
    pub const ANCHORED: usize = 2;
    /// Place of the text that every match starts with, or 0.
    pub const PREFIX: usize = 3;
    /// Its length in bytes.
    pub const PREFIX_LENGTH: usize = 4;
    /// Number of slots.
    pub const SLOTS: usize = 5;
    /// Number of groups.
    pub const GROUPS: usize = 6;
    /// Where the instructions start.
    pub const START: usize = 8;
}

/// The codes are not what `re._compiler` emits.
#[derive(Debug)]
pub struct Invalid;

type Checked<T> = Result<T, Invalid>;

/// Translates codes for texts whose characters take one byte (`bytes`) or are UTF-8 (`str`).
pub fn translate(codes: &[u32], groups: u32, is_wide: bool) -> Checked<Vec<u32>> {
    if groups >= MAXGROUPS {
        return Err(Invalid);
    }
    let mut translator =
        Translator { codes, words: vec![0; head::START], hints: Vec::new(), is_wide, groups, slots: 2 * groups + 1 };
    let mut start = 0;
    if codes.first() == Some(&source::INFO) {
        let skip = *codes.get(1).ok_or(Invalid)? as usize;
        translator.words[head::WIDTH] = *codes.get(3).ok_or(Invalid)?;
        start = 1 + skip;
    }
    let end = codes.len().checked_sub(1).filter(|end| *end >= start).ok_or(Invalid)?;
    if codes[end] != source::SUCCESS {
        return Err(Invalid);
    }
    if translator.block(start, end, 0)?.is_some() {
        return Err(Invalid);
    }
    translator.emit(own::ACCEPT, 0, 0, 0);
    translator.words[head::SLOTS] = translator.slots;
    translator.words[head::GROUPS] = groups;
    translator.describe_start();
    translator.hints.push((head::HINT, head::START));
    translator.place_hints();
    Ok(translator.words)
}

/// Deepest nesting of codes; what is deeper would need too much native stack here.
const DEEPEST: usize = 2000;

struct Translator<'a> {
    codes: &'a [u32],
    words: Vec<u32>,
    /// Words that get hints, and the instruction that each is about.
    hints: Vec<(usize, usize)>,
    is_wide: bool,
    groups: u32,
    slots: u32,
}

impl Translator<'_> {
    fn code(&self, place: usize) -> Checked<u32> {
        self.codes.get(place).copied().ok_or(Invalid)
    }

    /// Where the relative distance at a place leads.
    fn target(&self, place: usize) -> Checked<usize> {
        let target = place + self.code(place)? as usize;
        if target > place && target <= self.codes.len() { Ok(target) } else { Err(Invalid) }
    }

    fn emit(&mut self, operation: u32, a: u32, b: u32, c: u32) -> usize {
        self.words.extend_from_slice(&[operation, a, b, c]);
        self.words.len() - 4
    }

    fn here(&self) -> u32 {
        self.words.len() as u32
    }

    /// A new pair of slots for the counter and the last place of a repeat.
    fn new_slots(&mut self) -> u32 {
        self.slots += 2;
        self.slots - 2
    }

    /// Translates the codes in `from..to`. Returns the target of a jump that they end with.
    fn block(&mut self, from: usize, to: usize, depth: usize) -> Checked<Option<usize>> {
        if depth > DEEPEST || to > self.codes.len() {
            return Err(Invalid);
        }
        let mut place = from;
        while place < to {
            if self.code(place)? == source::JUMP {
                let target = self.target(place + 1)?;
                return if place + 2 == to { Ok(Some(target)) } else { Err(Invalid) };
            }
            place = self.one(place, to, depth)?;
        }
        if place == to { Ok(None) } else { Err(Invalid) }
    }

    /// A body that ends with `SUCCESS` in front of `to`.
    fn body(&mut self, from: usize, to: usize, depth: usize) -> Checked<()> {
        let end = to.checked_sub(1).ok_or(Invalid)?;
        if self.code(end)? != source::SUCCESS || self.block(from, end, depth + 1)?.is_some() {
            return Err(Invalid);
        }
        Ok(())
    }

    /// Translates one code (or a run of literals before `to`) with what belongs to it; returns the place behind.
    fn one(&mut self, place: usize, to: usize, depth: usize) -> Checked<usize> {
        let code = self.code(place)?;
        if let Some(behind) = self.character(place, to)? {
            return Ok(behind);
        }
        match code {
            source::AT => {
                let what = self.code(place + 1)?;
                if what >= at::COUNT {
                    return Err(Invalid);
                }
                self.emit(own::AT, what, 0, 0);
                Ok(place + 2)
            }
            source::MARK => {
                let slot = self.code(place + 1)?;
                if slot >= 2 * self.groups {
                    return Err(Invalid);
                }
                self.emit(own::MARK, slot, 0, 0);
                Ok(place + 2)
            }
            source::GROUPREF | source::GROUPREF_IGNORE | source::GROUPREF_LOC_IGNORE | source::GROUPREF_UNI_IGNORE => {
                let group = self.group(place + 1)?;
                let mode = match code {
                    source::GROUPREF => fold::NONE,
                    source::GROUPREF_IGNORE => fold::ASCII,
                    source::GROUPREF_UNI_IGNORE => fold::UNICODE,
                    _ => fold::LOCALE,
                };
                self.emit(own::GROUP, group, mode, 0);
                Ok(place + 2)
            }
            source::BRANCH => self.branch(place, depth),
            source::REPEAT_ONE => self.repeat_one(own::GREEDY_ONE, place),
            source::MIN_REPEAT_ONE => self.repeat_one(own::LAZY_ONE, place),
            source::POSSESSIVE_REPEAT_ONE => self.repeat_one(own::POSSESSIVE_ONE, place),
            source::REPEAT => self.repeat(place, depth),
            source::POSSESSIVE_REPEAT => self.repeat(place, depth),
            source::ATOMIC_GROUP => {
                let behind = self.target(place + 1)?;
                let at = self.emit(own::ATOMIC, 0, 0, 0);
                self.body(place + 2, behind, depth)?;
                self.emit(own::END, 0, 0, 0);
                self.words[at + 1] = self.here();
                Ok(behind)
            }
            source::ASSERT | source::ASSERT_NOT => {
                let behind = self.target(place + 1)?;
                let back = self.code(place + 2)?;
                let operation = if code == source::ASSERT { own::ASSERT } else { own::ASSERT_NOT };
                let at = self.emit(operation, 0, back, 0);
                self.body(place + 3, behind, depth)?;
                self.emit(own::END, 0, 0, 0);
                self.words[at + 1] = self.here();
                Ok(behind)
            }
            source::GROUPREF_EXISTS => self.group_exists(place, depth),
            _ => Err(Invalid),
        }
    }

    fn group(&self, place: usize) -> Checked<u32> {
        let group = self.code(place)?;
        if group < self.groups { Ok(group) } else { Err(Invalid) }
    }

    /// Codes that match one character, and runs of literal ones. `None` for others.
    fn character(&mut self, place: usize, to: usize) -> Checked<Option<usize>> {
        let (operation, mode) = match self.code(place)? {
            // An empty set.
            source::FAILURE => {
                self.emit(own::FAIL, 0, 0, 0);
                return Ok(Some(place + 1));
            }
            source::ANY => {
                self.emit(own::ANY, 0, 0, 0);
                return Ok(Some(place + 1));
            }
            source::ANY_ALL => {
                self.emit(own::ANY_ALL, 0, 0, 0);
                return Ok(Some(place + 1));
            }
            source::LITERAL => (own::LITERAL, fold::NONE),
            source::NOT_LITERAL => (own::NOT_LITERAL, fold::NONE),
            source::LITERAL_IGNORE => (own::LITERAL, fold::ASCII),
            source::NOT_LITERAL_IGNORE => (own::NOT_LITERAL, fold::ASCII),
            source::LITERAL_UNI_IGNORE => (own::LITERAL, fold::UNICODE),
            source::NOT_LITERAL_UNI_IGNORE => (own::NOT_LITERAL, fold::UNICODE),
            source::LITERAL_LOC_IGNORE => (own::LITERAL, fold::LOCALE),
            source::NOT_LITERAL_LOC_IGNORE => (own::NOT_LITERAL, fold::LOCALE),
            source::CATEGORY => {
                let class = self.code(place + 1)?;
                self.set(fold::NONE, &[source::CATEGORY, class, source::FAILURE])?;
                return Ok(Some(place + 2));
            }
            source::IN => return self.class(place, fold::NONE).map(Some),
            source::IN_IGNORE => return self.class(place, fold::ASCII).map(Some),
            source::IN_UNI_IGNORE => return self.class(place, fold::UNICODE).map(Some),
            source::IN_LOC_IGNORE => return self.class(place, fold::LOCALE).map(Some),
            _ => return Ok(None),
        };
        let run = self.literal_run(place, to);
        if operation == own::LITERAL && mode == fold::NONE && run > 1 {
            return self.text(place, run).map(Some);
        }
        let character = self.code(place + 1)?;
        self.emit(operation, character, mode, 0);
        Ok(Some(place + 2))
    }

    /// How many `LITERAL` codes follow each other before `to`.
    fn literal_run(&self, place: usize, to: usize) -> usize {
        let pairs = self.codes.get(place..to).unwrap_or(&[]).chunks_exact(2);
        pairs.take_while(|pair| pair[0] == source::LITERAL && (self.is_wide || pair[1] < 256)).count()
    }

    fn text(&mut self, place: usize, run: usize) -> Checked<usize> {
        let mut bytes = Vec::new();
        for index in 0..run {
            let character = self.code(place + 2 * index + 1)?;
            if self.is_wide {
                py_object::types::str::push_code_point(&mut bytes, character);
            } else {
                bytes.push(character as u8);
            }
        }
        let at = self.emit(own::TEXT, 0, bytes.len() as u32, 0);
        self.words[at + 1] = self.here();
        for chunk in bytes.chunks(4) {
            let mut word = [0; 4];
            word[..chunk.len()].copy_from_slice(chunk);
            self.words.push(u32::from_ne_bytes(word));
        }
        self.words[at + 3] = self.here();
        Ok(place + 2 * run)
    }

    fn class(&mut self, place: usize, mode: u32) -> Checked<usize> {
        let behind = self.target(place + 1)?;
        let codes = self.codes.get(place + 2..behind).ok_or(Invalid)?;
        self.set(mode, codes)?;
        Ok(behind)
    }

    fn set(&mut self, mode: u32, codes: &[u32]) -> Checked<()> {
        let length = set::checked_length(codes).ok_or(Invalid)?;
        let at = self.emit(own::SET, 0, 0, 0);
        self.words[at + 1] = self.here();
        set::emit(&mut self.words, mode, &codes[..length]);
        self.words[at + 3] = self.here();
        Ok(())
    }

    fn branch(&mut self, place: usize, depth: usize) -> Checked<usize> {
        let mut alternative = place + 1;
        let (mut jumps, mut targets) = (Vec::new(), Vec::new());
        let mut previous: Option<usize> = None;
        while self.code(alternative)? != 0 {
            let next = self.target(alternative)?;
            let at = self.emit(own::BRANCH, 0, 0, 0);
            if let Some(previous) = previous {
                self.words[previous + 1] = at as u32;
            }
            previous = Some(at);
            self.hints.push((at + 2, at + 4));
            targets.push(self.block(alternative + 1, next, depth + 1)?.ok_or(Invalid)?);
            jumps.push(self.emit(own::JUMP, 0, 0, 0));
            alternative = next;
        }
        if previous.is_none() {
            self.emit(own::FAIL, 0, 0, 0);
        }
        if targets.iter().any(|target| *target != alternative + 1) {
            return Err(Invalid);
        }
        for jump in jumps {
            self.words[jump + 1] = self.here();
        }
        Ok(alternative + 1)
    }

    fn repeat_one(&mut self, operation: u32, place: usize) -> Checked<usize> {
        let behind = self.target(place + 1)?;
        let (least, most) = (self.code(place + 2)?, self.code(place + 3)?);
        let at = self.emit(operation, least, most, 0);
        self.emit(0, 0, 0, 0);
        let end = self.character(place + 4, behind)?.ok_or(Invalid)?;
        let is_one_character = self.words[at + 8] != own::TEXT;
        if least > most || !is_one_character || self.code(end)? != source::SUCCESS || end + 1 != behind {
            return Err(Invalid);
        }
        self.words[at + 3] = self.here();
        self.hints.push((at + 4, self.words.len()));
        Ok(behind)
    }

    fn repeat(&mut self, place: usize, depth: usize) -> Checked<usize> {
        let until = self.target(place + 1)?;
        let (least, most) = (self.code(place + 2)?, self.code(place + 3)?);
        let operation = match (self.code(place)?, self.code(until)?) {
            (source::REPEAT, source::MAX_UNTIL) => own::GREEDY_UNTIL,
            (source::REPEAT, source::MIN_UNTIL) => own::LAZY_UNTIL,
            (source::POSSESSIVE_REPEAT, source::SUCCESS) => own::POSSESSIVE_UNTIL,
            _ => return Err(Invalid),
        };
        if least > most {
            return Err(Invalid);
        }
        let slot = self.new_slots();
        let start = self.emit(own::LOOP, slot, 0, 0);
        if self.block(place + 4, until, depth + 1)?.is_some() {
            return Err(Invalid);
        }
        if operation == own::POSSESSIVE_UNTIL {
            self.emit(own::END, 0, 0, 0);
        }
        let at = self.emit(operation, slot, least, most);
        self.emit(start as u32 + 4, 0, 0, 0);
        self.words[start + 2] = at as u32;
        Ok(until + 1)
    }

    fn group_exists(&mut self, place: usize, depth: usize) -> Checked<usize> {
        let group = self.group(place + 1)?;
        let otherwise = place + 1 + self.code(place + 2)? as usize;
        if otherwise < place + 3 {
            return Err(Invalid);
        }
        let at = self.emit(own::GROUP_EXISTS, group, 0, 0);
        let Some(behind) = self.block(place + 3, otherwise, depth + 1)? else {
            self.words[at + 2] = self.here();
            return Ok(otherwise);
        };
        let jump = self.emit(own::JUMP, 0, 0, 0);
        self.words[at + 2] = self.here();
        if behind < otherwise || self.block(otherwise, behind, depth + 1)?.is_some() {
            return Err(Invalid);
        }
        self.words[jump + 1] = self.here();
        Ok(behind)
    }

    /// Looks for an anchor and a literal text at the start of the pattern.
    fn describe_start(&mut self) {
        let mut place = head::START;
        while self.words[place] == own::MARK {
            place += 4;
        }
        match self.words[place] {
            own::AT => {
                let anchored = matches!(self.words[place + 1], at::BEGINNING | at::BEGINNING_STRING);
                self.words[head::ANCHORED] = u32::from(anchored);
            }
            own::TEXT => {
                self.words[head::PREFIX] = self.words[place + 1];
                self.words[head::PREFIX_LENGTH] = self.words[place + 2];
            }
            _ => {}
        }
    }

    fn place_hints(&mut self) {
        for (word, place) in std::mem::take(&mut self.hints) {
            let mut first = First { words: &self.words, is_wide: self.is_wide, bytes: [0; 8], budget: 64 };
            if !first.add(place, 0) {
                continue;
            }
            let bytes = first.bytes;
            let count: u32 = bytes.iter().map(|part| part.count_ones()).sum();
            // What almost everything fits is not worth a look.
            if count > 192 {
                continue;
            }
            if count == 1 {
                let part = bytes.iter().position(|part| *part != 0).unwrap_or(0) as u32;
                self.words[word] = ONE_BYTE | (32 * part + bytes[part as usize].trailing_zeros());
                continue;
            }
            self.words[word] = self.here();
            self.words.extend_from_slice(&bytes);
        }
    }
}

/// Collects the bytes that a match from some instruction on can start with.
struct First<'a> {
    words: &'a [u32],
    is_wide: bool,
    bytes: [u32; 8],
    budget: u32,
}

impl First<'_> {
    fn byte(&mut self, byte: u8) {
        self.bytes[byte as usize / 32] |= 1 << (byte % 32);
    }

    /// Every byte that starts a character of several bytes.
    fn leading_bytes(&mut self) {
        (0xc2..=0xf4).for_each(|byte| self.byte(byte));
    }

    fn character(&mut self, character: u32) {
        if !self.is_wide {
            if let Ok(byte) = u8::try_from(character) {
                self.byte(byte);
            }
            return;
        }
        let mut bytes = Vec::new();
        py_object::types::str::push_code_point(&mut bytes, character);
        self.byte(bytes[0]);
    }

    /// Adds what a match from `place` on can start with; false where that may be nothing at all or is not known.
    fn add(&mut self, place: usize, depth: usize) -> bool {
        if self.budget == 0 || depth > 16 {
            return false;
        }
        self.budget -= 1;
        let [operation, a, b, c] = [0, 1, 2, 3].map(|at| self.words[place + at]);
        match operation {
            own::FAIL => true,
            own::ANY => {
                (0..=255).filter(|byte| *byte != b'\n').for_each(|byte| self.byte(byte));
                true
            }
            own::LITERAL => match b {
                fold::NONE => {
                    self.character(a);
                    true
                }
                fold::ASCII | fold::UNICODE => {
                    self.character(a);
                    self.character(py_unicode::case::simple_upper(a));
                    if b == fold::UNICODE {
                        self.leading_bytes();
                    }
                    // A byte pattern compares letters of Latin-1 in one case only.
                    true
                }
                _ => false,
            },
            own::NOT_LITERAL if b == fold::NONE && a < 128 => {
                (0..=255).filter(|byte| u32::from(*byte) != a).for_each(|byte| self.byte(byte));
                true
            }
            own::TEXT => {
                self.byte(self.words[a as usize].to_ne_bytes()[0]);
                true
            }
            own::SET => self.set(a as usize),
            own::AT | own::MARK => self.add(place + 4, depth),
            own::JUMP => self.add(a as usize, depth),
            own::BRANCH => {
                let mut alternative = place;
                while alternative != 0 {
                    if !self.add(alternative + 4, depth + 1) {
                        return false;
                    }
                    alternative = self.words[alternative + 1] as usize;
                }
                true
            }
            own::GREEDY_ONE | own::LAZY_ONE | own::POSSESSIVE_ONE => {
                b != 0 && self.add(place + 8, depth + 1) && (a > 0 || self.add(c as usize, depth))
            }
            own::LOOP => {
                let until = b as usize;
                let (least, behind) = (self.words[until + 2], until + 8);
                // A body that can be empty would come back to the repeat, which is not followed.
                self.add(place + 4, depth + 1) && (least > 0 || self.add(behind, depth))
            }
            own::ASSERT | own::ASSERT_NOT => self.add(a as usize, depth),
            own::ATOMIC => self.add(place + 4, depth + 1),
            _ => false,
        }
    }

    fn set(&mut self, at: usize) -> bool {
        let beyond = self.words[at + 9];
        if beyond == set::beyond::LOCALE {
            return false;
        }
        let narrow = if self.is_wide { 4 } else { 8 };
        for part in 0..narrow {
            self.bytes[part] |= self.words[at + 1 + part];
        }
        let high = (narrow..8).any(|part| self.words[at + 1 + part] != 0);
        if self.is_wide && (high || beyond != set::beyond::NONE) {
            self.leading_bytes();
        }
        true
    }
}

const _: () = assert!(category::COUNT == 18 && source::RANGE_UNI_IGNORE == 42);
