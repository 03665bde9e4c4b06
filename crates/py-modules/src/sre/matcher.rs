//! The matcher: a backtracking machine with a stack of its own.
//!
//! The stack holds places to come back to and, between them, old contents of *slots* (marks of groups, counters of
//! repeats, the last closed group), so that going back restores exactly what was there. The body of an assertion, an
//! atomic group or a possessive repeat runs above a *barrier*; when it has matched, the choices above the barrier go and
//! the old contents stay.

use super::opcode::{MAXREPEAT, own};
use super::program::{ONE_BYTE, head};
use super::set;
use super::text::Text;
use memchr::{memchr, memmem, memrchr};
use py_object::{Cx, Kind, PyResult};

/// A slot that holds nothing.
pub const NOWHERE: usize = usize::MAX;

/// Entries of the stack: what kind, and the place that belongs to it.
mod kind {
    /// Restore slot `place` to `first`.
    pub const SLOT: u32 = 0;
    /// Go on at `place` with position `first`.
    pub const CHOICE: u32 = 1;
    /// A greedy repeat of one character may give back characters between `first` and `second`.
    pub const GIVE_BACK: u32 = 2;
    /// A lazy repeat of one character has taken `second` characters up to `first`.
    pub const TAKE_MORE: u32 = 3;
    /// A lazy repeat may run its body again at `first`.
    pub const RUN_AGAIN: u32 = 4;
    /// Under the body of the instruction at `place`, entered at `first`; `second` is the barrier below.
    pub const BARRIER: u32 = 5;
}

#[derive(Clone, Copy)]
struct Entry {
    kind: u32,
    place: u32,
    first: usize,
    second: usize,
}

/// One search: a program, a text, and the state.
pub struct Matcher<'a, T> {
    pub(super) words: &'a [u32],
    pub(super) text: T,
    /// Marks of groups (two each), the number of the last closed group, counter and last place of each repeat.
    slots: Vec<usize>,
    stack: Vec<Entry>,
    barrier: usize,
    /// Whether a match must reach the end.
    whole: bool,
    /// A match that ends here does not count, or `NOWHERE`.
    not_at: usize,
    finder: Option<memmem::Finder<'a>>,
    steps: u32,
}

/// Whether matching went well; errors are raised exceptions.
type Found<T> = PyResult<Option<T>>;

impl<'a, T: Text> Matcher<'a, T> {
    /// A matcher for one text.
    pub fn new(words: &'a [u32], text: T, whole: bool) -> Matcher<'a, T> {
        let mut slots = vec![NOWHERE; words[head::SLOTS] as usize];
        slots[2 * words[head::GROUPS] as usize] = 0;
        Matcher {
            words,
            text,
            slots,
            stack: Vec::new(),
            barrier: NOWHERE,
            whole,
            not_at: NOWHERE,
            finder: None,
            steps: 0,
        }
    }

    /// Start and end of a group (from 0) of the last match.
    pub fn group(&self, group: usize) -> Option<(usize, usize)> {
        let (start, end) = (self.slots[2 * group], self.slots[2 * group + 1]);
        (start != NOWHERE && end != NOWHERE).then_some((start, end))
    }

    /// Number of the group closed last, or 0.
    pub fn last_group(&self) -> usize {
        self.slots[2 * self.words[head::GROUPS] as usize]
    }

    /// Marks a position: a match must not end there.
    pub fn forbid_end(&mut self, position: usize) {
        self.not_at = position;
    }

    fn reset(&mut self) {
        self.slots.fill(NOWHERE);
        let last = 2 * self.words[head::GROUPS] as usize;
        self.slots[last] = 0;
        self.stack.clear();
        self.barrier = NOWHERE;
    }

    /// Matches at a position; returns the end of the match.
    pub fn match_at(&mut self, cx: &mut Cx, position: usize) -> Found<usize> {
        if position > self.text.end() {
            return Ok(None);
        }
        self.reset();
        self.run(cx, position)
    }

    /// Looks for the first match from a position on; returns start and end.
    pub fn search(&mut self, cx: &mut Cx, from: usize) -> Found<(usize, usize)> {
        let width = self.words[head::WIDTH] as usize;
        let mut start = from;
        if self.words[head::ANCHORED] != 0 && start > 0 {
            return Ok(None);
        }
        while let Some(candidate) = self.next_candidate(start, width) {
            self.reset();
            if let Some(end) = self.run(cx, candidate)? {
                return Ok(Some((candidate, end)));
            }
            if candidate == self.text.end() || self.words[head::ANCHORED] != 0 {
                break;
            }
            self.step(cx)?;
            start = self.text.at(candidate).1;
        }
        Ok(None)
    }

    /// The next position where a match may start.
    fn next_candidate(&mut self, start: usize, width: usize) -> Option<usize> {
        let bytes = self.text.bytes();
        if start > bytes.len() || bytes.len() - start < width {
            return None;
        }
        if self.words[head::PREFIX_LENGTH] != 0 {
            let words = self.words;
            let finder = self.finder.get_or_insert_with(|| {
                let prefix = literal(words, head::PREFIX);
                memmem::Finder::new(prefix)
            });
            return finder.find(&bytes[start..]).map(|at| start + at);
        }
        match self.words[head::HINT] {
            0 => Some(start),
            hint => self.find_hint(hint, start),
        }
    }

    /// The next position whose byte fits a hint.
    fn find_hint(&self, hint: u32, start: usize) -> Option<usize> {
        let bytes = self.text.bytes();
        if hint & ONE_BYTE != 0 {
            return memchr(hint as u8, &bytes[start..]).map(|at| start + at);
        }
        let bits = &self.words[hint as usize..hint as usize + 8];
        let fits = |byte: &u8| bits[*byte as usize / 32] >> (byte % 32) & 1 != 0;
        bytes[start..].iter().position(fits).map(|at| start + at)
    }

    /// Whether what starts at a position fits a hint.
    #[inline(always)]
    fn fits_hint(&self, hint: u32, position: usize) -> bool {
        if hint == 0 {
            return true;
        }
        let Some(byte) = self.text.bytes().get(position) else { return false };
        if hint & ONE_BYTE != 0 {
            return *byte == hint as u8;
        }
        self.words[hint as usize + *byte as usize / 32] >> (byte % 32) & 1 != 0
    }

    #[inline]
    fn step(&mut self, cx: &mut Cx) -> PyResult<()> {
        self.steps += 1;
        if self.steps.is_multiple_of(1024) { crate::interruption::check(cx) } else { Ok(()) }
    }

    #[inline]
    fn push(&mut self, cx: &mut Cx, kind: u32, place: usize, first: usize, second: usize) -> PyResult<()> {
        if self.stack.len() == self.stack.capacity() && self.stack.try_reserve(64).is_err() {
            return Err(cx.raise(Kind::MEMORY_ERROR, ""));
        }
        self.stack.push(Entry { kind, place: place as u32, first, second });
        Ok(())
    }

    /// Changes a slot, noting what it held.
    #[inline]
    fn set(&mut self, cx: &mut Cx, slot: usize, content: usize) -> PyResult<()> {
        let old = std::mem::replace(&mut self.slots[slot], content);
        // Without a place to come back to, nobody will want the old content.
        if self.stack.is_empty() { Ok(()) } else { self.push(cx, kind::SLOT, slot, old, 0) }
    }

    /// Runs the program from its start; returns the end of the match.
    fn run(&mut self, cx: &mut Cx, start: usize) -> Found<usize> {
        let words = self.words;
        let mut place = head::START;
        let mut position = start;
        loop {
            let instruction: &[u32; 4] = words[place..].first_chunk().expect("programs are checked");
            let [operation, a, b, c] = *instruction;
            let go_on = match operation {
                own::TEXT => {
                    let wanted = literal(words, place + 1);
                    if self.text.bytes()[position..].starts_with(wanted) {
                        position += wanted.len();
                        place = c as usize;
                        true
                    } else {
                        false
                    }
                }
                own::SET => {
                    let fits = position < self.text.end() && {
                        let (character, next) = self.text.at(position);
                        position = next;
                        set::holds(words, a as usize, character)
                    };
                    place = c as usize;
                    fits
                }
                own::LITERAL | own::NOT_LITERAL | own::ANY | own::ANY_ALL => {
                    let fits = position < self.text.end() && {
                        let (character, next) = self.text.at(position);
                        position = next;
                        self.accepts(place, character)
                    };
                    place += 4;
                    fits
                }
                own::AT => {
                    place += 4;
                    self.is_at(a, position)
                }
                own::MARK => {
                    self.set(cx, a as usize, position)?;
                    if a % 2 == 1 {
                        self.set(cx, 2 * words[head::GROUPS] as usize, a as usize / 2 + 1)?;
                    }
                    place += 4;
                    true
                }
                own::JUMP => {
                    place = a as usize;
                    true
                }
                own::BRANCH => {
                    if self.fits_hint(b, position) {
                        if a != 0 {
                            self.push(cx, kind::CHOICE, a as usize, position, 0)?;
                        }
                        place += 4;
                        true
                    } else {
                        place = a as usize;
                        place != 0
                    }
                }
                own::GREEDY_ONE => self.greedy_one(cx, &mut place, &mut position)?,
                own::LAZY_ONE => match self.scan(place + 8, position, a, a) {
                    Some((low, _)) => {
                        position = low;
                        self.lazy_one(cx, &mut place, &mut position, a)?
                    }
                    None => false,
                },
                own::POSSESSIVE_ONE => match self.scan(place + 8, position, a, b) {
                    Some((_, high)) => {
                        position = high;
                        place = c as usize;
                        true
                    }
                    None => false,
                },
                own::LOOP => {
                    let slot = a as usize;
                    place = b as usize;
                    let possessive = words[place] == own::POSSESSIVE_UNTIL;
                    self.set(cx, slot, if possessive { 0 } else { NOWHERE })?;
                    self.set(cx, slot + 1, NOWHERE)?;
                    true
                }
                own::GREEDY_UNTIL | own::LAZY_UNTIL => self.until(cx, &mut place, position)?,
                own::POSSESSIVE_UNTIL => self.possessive_until(cx, &mut place, position)?,
                own::GROUP => match self.group_again(a as usize, b, position) {
                    Some(end) => {
                        position = end;
                        place += 4;
                        true
                    }
                    None => false,
                },
                own::GROUP_EXISTS => {
                    place = if self.group(a as usize).is_some() { place + 4 } else { b as usize };
                    true
                }
                own::ASSERT | own::ASSERT_NOT => match self.back(position, b) {
                    Some(from) => {
                        self.raise_barrier(cx, place, position)?;
                        position = from;
                        place += 4;
                        true
                    }
                    None => {
                        place = a as usize;
                        operation == own::ASSERT_NOT
                    }
                },
                own::ATOMIC => {
                    self.raise_barrier(cx, place, position)?;
                    place += 4;
                    true
                }
                own::END => self.end_body(cx, &mut place, &mut position)?,
                own::ACCEPT => {
                    if (!self.whole || position == self.text.end()) && position != self.not_at {
                        return Ok(Some(position));
                    }
                    false
                }
                _ => false,
            };
            if !go_on && !self.backtrack(cx, &mut place, &mut position)? {
                return Ok(None);
            }
        }
    }

    fn greedy_one(&mut self, cx: &mut Cx, place: &mut usize, position: &mut usize) -> PyResult<bool> {
        let (least, most) = (self.words[*place + 1], self.words[*place + 2]);
        let Some((low, high)) = self.scan(*place + 8, *position, least, most) else { return Ok(false) };
        self.give_back(cx, place, position, low, high)
    }

    /// Goes on behind a greedy repeat that ends at `high`, or earlier where what follows cannot start there.
    fn give_back(
        &mut self,
        cx: &mut Cx,
        place: &mut usize,
        position: &mut usize,
        low: usize,
        high: usize,
    ) -> PyResult<bool> {
        let hint = self.words[*place + 4];
        let mut end = high;
        if !self.fits_hint(hint, end) {
            let part = &self.text.bytes()[low..high];
            let found = if hint & ONE_BYTE != 0 {
                memrchr(hint as u8, part)
            } else {
                let bits = &self.words[hint as usize..hint as usize + 8];
                part.iter().rposition(|byte| bits[*byte as usize / 32] >> (byte % 32) & 1 != 0)
            };
            match found {
                Some(at) => end = low + at,
                None => return Ok(false),
            }
        }
        if end > low {
            self.push(cx, kind::GIVE_BACK, *place, low, end)?;
        }
        *position = end;
        *place = self.words[*place + 3] as usize;
        Ok(true)
    }

    /// Goes on behind a lazy repeat that has taken `taken` characters, or takes more where what follows cannot start.
    fn lazy_one(&mut self, cx: &mut Cx, place: &mut usize, position: &mut usize, mut taken: u32) -> PyResult<bool> {
        let most = self.words[*place + 2];
        let hint = self.words[*place + 4];
        while !self.fits_hint(hint, *position) {
            if !self.take_one(*place, position, taken, most) {
                return Ok(false);
            }
            taken = taken.saturating_add(1);
        }
        if taken < most && *position < self.text.end() {
            self.push(cx, kind::TAKE_MORE, *place, *position, taken as usize)?;
        }
        *place = self.words[*place + 3] as usize;
        Ok(true)
    }

    fn take_one(&self, place: usize, position: &mut usize, taken: u32, most: u32) -> bool {
        if (taken >= most && most != MAXREPEAT) || *position >= self.text.end() {
            return false;
        }
        let (character, next) = self.text.at(*position);
        *position = next;
        self.accepts(place + 8, character)
    }

    /// At the end of a round of a repeat, or at its start.
    fn until(&mut self, cx: &mut Cx, place: &mut usize, position: usize) -> PyResult<bool> {
        let [operation, slot, least, most] = [0, 1, 2, 3].map(|at| self.words[*place + at]);
        let (slot, body, behind) = (slot as usize, self.words[*place + 4] as usize, *place + 8);
        let count = self.slots[slot].wrapping_add(1);
        if count < least as usize {
            self.set(cx, slot, count)?;
            *place = body;
        } else if operation == own::LAZY_UNTIL {
            self.push(cx, kind::RUN_AGAIN, *place, position, 0)?;
            *place = behind;
        } else if (count < most as usize || most == MAXREPEAT) && position != self.slots[slot + 1] {
            self.push(cx, kind::CHOICE, behind, position, 0)?;
            self.set(cx, slot, count)?;
            self.set(cx, slot + 1, position)?;
            *place = body;
        } else {
            *place = behind;
        }
        self.step(cx)?;
        Ok(true)
    }

    fn possessive_until(&mut self, cx: &mut Cx, place: &mut usize, position: usize) -> PyResult<bool> {
        let [slot, least, most, body] = [1, 2, 3, 4].map(|at| self.words[*place + at]);
        let (count, last) = (self.slots[slot as usize], self.slots[slot as usize + 1]);
        let again = (count < most as usize || most == MAXREPEAT) && position != last;
        if count < least as usize || again {
            self.raise_barrier(cx, *place, position)?;
            *place = body as usize;
        } else {
            *place += 8;
        }
        self.step(cx)?;
        Ok(true)
    }

    fn raise_barrier(&mut self, cx: &mut Cx, place: usize, position: usize) -> PyResult<()> {
        let below = self.barrier;
        self.push(cx, kind::BARRIER, place, position, below)?;
        self.barrier = self.stack.len() - 1;
        Ok(())
    }

    /// Removes the barrier and the choices above it.
    fn cut(&mut self) -> Entry {
        let from = self.barrier;
        let entry = self.stack[from];
        let mut kept = from;
        for index in from + 1..self.stack.len() {
            if self.stack[index].kind == kind::SLOT {
                self.stack[kept] = self.stack[index];
                kept += 1;
            }
        }
        self.stack.truncate(kept);
        if from == 0 {
            // What is left are old contents that nobody will want.
            self.stack.clear();
        }
        self.barrier = entry.second;
        entry
    }

    /// The body above the barrier has matched.
    fn end_body(&mut self, cx: &mut Cx, place: &mut usize, position: &mut usize) -> PyResult<bool> {
        let at = self.stack[self.barrier].place as usize;
        match self.words[at] {
            own::ASSERT_NOT => {
                let below = self.barrier;
                while self.stack.len() > below + 1 {
                    let entry = self.stack.pop().expect("counted");
                    if entry.kind == kind::SLOT {
                        self.slots[entry.place as usize] = entry.first;
                    }
                }
                let entry = self.stack.pop().expect("the barrier");
                self.barrier = entry.second;
                Ok(false)
            }
            own::POSSESSIVE_UNTIL => {
                let entry = self.cut();
                let slot = self.words[at + 1] as usize;
                let count = self.slots[slot];
                if count >= self.words[at + 2] as usize {
                    self.set(cx, slot + 1, entry.first)?;
                }
                self.set(cx, slot, count + 1)?;
                *place = at;
                Ok(true)
            }
            operation => {
                let entry = self.cut();
                if operation == own::ASSERT {
                    *position = entry.first;
                }
                *place = self.words[at + 1] as usize;
                Ok(true)
            }
        }
    }

    /// Goes back to the last choice; false where there is none.
    fn backtrack(&mut self, cx: &mut Cx, place: &mut usize, position: &mut usize) -> PyResult<bool> {
        self.step(cx)?;
        while let Some(Entry { kind, place: at, first, second }) = self.stack.pop() {
            let at = at as usize;
            match kind {
                kind::SLOT => self.slots[at] = first,
                kind::CHOICE => {
                    *place = at;
                    *position = first;
                    return Ok(true);
                }
                kind::GIVE_BACK => {
                    *place = at;
                    let shorter = self.text.before(second).1;
                    if self.give_back(cx, place, position, first, shorter)? {
                        return Ok(true);
                    }
                }
                kind::TAKE_MORE => {
                    *place = at;
                    *position = first;
                    let most = self.words[at + 2];
                    if self.take_one(at, position, second as u32, most)
                        && self.lazy_one(cx, place, position, (second as u32).saturating_add(1))?
                    {
                        return Ok(true);
                    }
                }
                kind::RUN_AGAIN => {
                    let [slot, _, most, body] = [1, 2, 3, 4].map(|offset| self.words[at + offset]);
                    let slot = slot as usize;
                    let count = self.slots[slot].wrapping_add(1);
                    if (count >= most as usize && most != MAXREPEAT) || first == self.slots[slot + 1] {
                        continue;
                    }
                    self.set(cx, slot, count)?;
                    self.set(cx, slot + 1, first)?;
                    *place = body as usize;
                    *position = first;
                    return Ok(true);
                }
                _ => {
                    self.barrier = second;
                    match self.words[at] {
                        own::ASSERT_NOT => {
                            *place = self.words[at + 1] as usize;
                            *position = first;
                            return Ok(true);
                        }
                        own::POSSESSIVE_UNTIL => {
                            let slot = self.words[at + 1] as usize;
                            if self.slots[slot] >= self.words[at + 2] as usize {
                                *place = at + 8;
                                *position = first;
                                return Ok(true);
                            }
                        }
                        _ => {}
                    }
                }
            }
        }
        Ok(false)
    }
}

/// The bytes of a literal text whose place and length stand at `at`.
fn literal(words: &[u32], at: usize) -> &[u8] {
    let (start, length) = (words[at] as usize, words[at + 1] as usize);
    let words = &words[start..start + length.div_ceil(4)];
    // SAFETY: the words are memory of at least this many bytes, and any byte is valid.
    unsafe { std::slice::from_raw_parts(words.as_ptr().cast::<u8>(), length) }
}
