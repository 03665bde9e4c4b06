//! Where the code points of long text lie.
//!
//! Text is UTF-8, so the place of a code point is found by counting, unless all text is ASCII. Long text gets an index the first
//! time that it is asked for a place deep inside: the byte offset of every [`STRIDE`]th code point. The index lies in native
//! memory; its address shares a word of the string with the mark of interned strings, and it goes with the string.

use super::{byte_offset, length, position_of};
use crate::cx::Cx;
use crate::objects::Str;
use crate::string::{StrExt, count_characters, downcast};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use vm_heap::{Gc, Heap, Value};

/// Code points between two entries.
const STRIDE: usize = 64;

/// Text with fewer bytes has no index: counting is as fast.
const SHORTEST: usize = 2048;

/// The mark of interned strings; the other bits are the address of the index.
const INTERNED: u64 = 1;

/// See the module's head.
#[repr(align(8))]
struct Index {
    /// Byte offsets of the code points 0, STRIDE, 2 * STRIDE and so on.
    offsets: Vec<usize>,
    /// The place that was asked for last, where both of its numbers fit 32 bits: who reads on finds the next one at once.
    last: AtomicU64,
}

impl Index {
    /// Where the block of an entry starts, if nothing but ASCII is in it: then its code points lie side by side.
    #[inline]
    fn ascii_block(&self, entry: usize, characters: usize, bytes: usize) -> Option<usize> {
        let start = *self.offsets.get(entry)?;
        let end = self.offsets.get(entry + 1).copied().unwrap_or(bytes);
        (end - start == STRIDE.min(characters - entry * STRIDE)).then_some(start)
    }

    /// The last entry that is not behind a byte offset.
    fn entry_before(&self, offset: usize) -> Option<usize> {
        // A code point has at least one byte, and most have no more.
        let first = (offset / STRIDE).min(self.offsets.len().checked_sub(1)?);
        let near = (first.saturating_sub(3)..=first).rev().find(|entry| self.offsets[*entry] <= offset);
        near.or_else(|| self.offsets.partition_point(|start| *start <= offset).checked_sub(1))
    }

    fn start_of(&self, position: usize) -> (usize, usize) {
        let entry = position / STRIDE;
        let known = (entry * STRIDE, self.offsets.get(entry).copied().unwrap_or(0));
        let last = self.last.load(Ordering::Relaxed);
        let last = ((last >> 32) as usize, last as u32 as usize);
        if last.0 <= position && last.0 > known.0 { last } else { known }
    }

    fn remember(&self, position: usize, offset: usize) {
        if let (Ok(position), Ok(offset)) = (u32::try_from(position), u32::try_from(offset)) {
            self.last.store(u64::from(position) << 32 | u64::from(offset), Ordering::Relaxed);
        }
    }
}

/// Whether a string is in the table of interned strings.
pub fn is_interned(text: Gc<Str>) -> bool {
    text.marks.get() & INTERNED != 0
}

/// Notes that a string is in the table of interned strings.
pub fn note_interned(text: Gc<Str>) {
    loop {
        let before = text.marks.get();
        let word = text.marks.word();
        if word.compare_exchange(before, before | INTERNED, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
            return;
        }
    }
}

fn index_of(text: &Gc<Str>) -> Option<&Index> {
    let address = text.marks.get_acquire() & !INTERNED;
    // SAFETY: the address of an index that lives as long as the string; `release` keeps it until the next collection, and no
    // reader runs across one.
    (address != 0).then(|| unsafe { &*(address as *const Index) })
}

/// Gives long text its index, if it has none.
pub fn prepare(cx: &mut Cx, text: Gc<Str>) {
    if text.is_ascii() || text.bytes().len() < SHORTEST || index_of(&text).is_some() {
        return;
    }
    let mut offsets = Vec::with_capacity(length(text) / STRIDE + 1);
    let mut count = 0;
    for (offset, byte) in text.bytes().iter().enumerate() {
        if (*byte as i8) >= -0x40 {
            if count % STRIDE == 0 {
                offsets.push(offset);
            }
            count += 1;
        }
    }
    let index = Box::into_raw(Box::new(Index { offsets, last: AtomicU64::new(0) }));
    let before = text.marks.get() & INTERNED;
    if text.marks.compare_exchange(cx.mutator(), text, before, before | index as u64) {
        cx.mutator().register_finalizable(text.value());
    } else {
        // SAFETY: made above, and nobody else has seen it.
        drop(unsafe { Box::from_raw(index) });
    }
}

/// Indexes of strings that died, and after how many collections.
static RETIRED: Mutex<Vec<(u64, Box<Index>)>> = Mutex::new(Vec::new());

/// Takes the index away from a string that nobody reaches any more.
pub fn release(text: Value) {
    let Some(text) = downcast::<Str>(text) else { return };
    let address = text.marks.get() & !INTERNED;
    if address == 0 {
        return;
    }
    text.marks.init(text.marks.get() & INTERNED);
    // SAFETY: made by `prepare`; taken out of the string, so it is freed once.
    let index = unsafe { Box::from_raw(address as *mut Index) };
    let statistics = Heap::global().statistics();
    let now = statistics.minor.count + statistics.full.count;
    let mut retired = RETIRED.lock().expect("nothing panics while it holds this lock");
    // Another thread's finalizer may have reached the string and be reading: not for longer than to the next collection.
    retired.retain(|(then, _)| *then == now);
    retired.push((now, index));
}

/// Byte offset of a code point inside text, where the index tells it at once.
#[inline]
pub fn known_offset(text: Gc<Str>, position: usize) -> Option<usize> {
    let block = index_of(&text)?.ascii_block(position / STRIDE, length(text), text.bytes().len())?;
    Some(block + position % STRIDE)
}

/// Byte offset of a code point; the length where the text is shorter.
pub fn offset(text: Gc<Str>, position: usize) -> usize {
    let bytes = text.bytes();
    if text.is_ascii() {
        return position.min(bytes.len());
    }
    if position >= length(text) {
        return bytes.len();
    }
    let Some(index) = index_of(&text) else { return byte_offset(bytes, false, position) };
    if let Some(start) = index.ascii_block(position / STRIDE, length(text), bytes.len()) {
        return start + position % STRIDE;
    }
    let (before, start) = index.start_of(position);
    let offset = start + byte_offset(&bytes[start..], false, position - before);
    index.remember(position, offset);
    offset
}

/// The same for a place that is likely to be followed by others in the same text.
pub fn offset_prepared(cx: &mut Cx, text: Gc<Str>, position: usize) -> usize {
    if position > 4 * STRIDE && !text.is_ascii() && index_of(&text).is_none() {
        prepare(cx, text);
    }
    offset(text, position)
}

/// Number of code points in front of a byte offset.
pub fn position(text: Gc<Str>, offset: usize) -> usize {
    let bytes = text.bytes();
    if text.is_ascii() {
        return offset;
    }
    if offset == bytes.len() {
        return length(text);
    }
    let Some(index) = index_of(&text) else { return position_of(bytes, false, offset) };
    let Some(entry) = index.entry_before(offset) else { return 0 };
    match index.ascii_block(entry, length(text), bytes.len()) {
        Some(start) => entry * STRIDE + (offset - start),
        None => entry * STRIDE + count_characters(&bytes[index.offsets[entry]..offset]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_leaves_room_for_the_mark() {
        assert!(align_of::<Index>() > INTERNED as usize);
    }

    #[test]
    fn an_entry_is_found_from_an_offset() {
        let offsets: Vec<usize> =
            (0..100).map(|entry| if entry < 50 { 64 * entry } else { 64 * 50 + 200 * (entry - 50) }).collect();
        let index = Index { offsets: offsets.clone(), last: AtomicU64::new(0) };
        for offset in 0..64 * 50 + 200 * 50 {
            let expected = offsets.iter().rposition(|start| *start <= offset);
            assert_eq!(index.entry_before(offset), expected, "{offset}");
        }
    }
}
