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
use vm_heap::{Gc, Heap, Value};

/// Code points between two entries.
const STRIDE: usize = 64;

/// Text with fewer bytes has no index: counting is as fast.
const SHORTEST: usize = 2048;

/// The mark of interned strings; the other bits are the address of the index.
const INTERNED: u64 = 1;

/// Byte offsets of the code points 0, STRIDE, 2 * STRIDE and so on.
#[repr(align(8))]
struct Index(Vec<usize>);

/// Whether a string is in the table of interned strings.
pub fn is_interned(text: Gc<Str>) -> bool {
    text.marks.get() & INTERNED != 0
}

/// Notes that a string is in the table of interned strings.
pub fn note_interned(text: Gc<Str>) {
    loop {
        let before = text.marks.get();
        let word = text.marks.word();
        let ordering = std::sync::atomic::Ordering::AcqRel;
        if word.compare_exchange(before, before | INTERNED, ordering, std::sync::atomic::Ordering::Relaxed).is_ok() {
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
    let index = Box::into_raw(Box::new(Index(offsets)));
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

/// Byte offset of a code point; the length where the text is shorter.
pub fn offset(text: Gc<Str>, position: usize) -> usize {
    let bytes = text.bytes();
    if text.is_ascii() {
        return position.min(bytes.len());
    }
    if position >= length(text) {
        return bytes.len();
    }
    match index_of(&text).and_then(|index| index.0.get(position / STRIDE)) {
        Some(start) => start + byte_offset(&bytes[*start..], false, position % STRIDE),
        None => byte_offset(bytes, false, position),
    }
}

/// The same for a place that is likely to be followed by others in the same text.
pub fn offset_prepared(cx: &mut Cx, text: Gc<Str>, position: usize) -> usize {
    if position > 4 * STRIDE {
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
    let after = index.0.partition_point(|start| *start <= offset);
    match after.checked_sub(1) {
        Some(at) => at * STRIDE + count_characters(&bytes[index.0[at]..offset]),
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_leaves_room_for_the_mark() {
        assert!(align_of::<Index>() > INTERNED as usize);
    }
}
