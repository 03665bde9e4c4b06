//! Large objects: whole pages from the upper end of the heap's range, growing downwards.
//!
//! A sorted index finds the object around an interior pointer in logarithmic time. Freed pages are kept for a while
//! (*dirty*: they must be zeroed before use) and go back to the system at the next full collection or when there are
//! many of them; after that they are *clean* address space.

use crate::block::POISON;
use crate::space::{PAGE, Space, release_pages, set_bit};
use std::collections::{BTreeMap, BTreeSet};

/// Dirty pages beyond this many bytes go back at once.
const MOST_DIRTY: usize = 16 << 20;

/// Free page runs, joined with their neighbours, found by size (best fit).
#[derive(Default)]
struct Runs {
    by_address: BTreeMap<usize, usize>,
    by_size: BTreeSet<(usize, usize)>,
    bytes: usize,
}

impl Runs {
    fn insert(&mut self, mut start: usize, mut bytes: usize) {
        self.bytes += bytes;
        if let Some((&before, &length)) = self.by_address.range(..start).next_back()
            && before + length == start
        {
            self.forget(before, length);
            start = before;
            bytes += length;
        }
        if let Some(&length) = self.by_address.get(&(start + bytes)) {
            self.forget(start + bytes, length);
            bytes += length;
        }
        self.by_address.insert(start, bytes);
        self.by_size.insert((bytes, start));
    }

    fn forget(&mut self, start: usize, bytes: usize) {
        self.by_address.remove(&start);
        self.by_size.remove(&(bytes, start));
    }

    /// Cuts `bytes` from the smallest run that has them, at its upper end.
    fn take(&mut self, bytes: usize) -> Option<usize> {
        let &(length, start) = self.by_size.range((bytes, 0)..).next()?;
        self.forget(start, length);
        if length > bytes {
            self.by_address.insert(start, length - bytes);
            self.by_size.insert((length - bytes, start));
        }
        self.bytes -= bytes;
        Some(start + length - bytes)
    }

    /// Removes the run that starts at `start`.
    fn take_at(&mut self, start: usize) -> Option<usize> {
        let &length = self.by_address.get(&start)?;
        self.forget(start, length);
        self.bytes -= length;
        Some(length)
    }
}

/// All large objects.
pub(crate) struct LargeObjects {
    /// Bytes of pages by start address.
    objects: BTreeMap<usize, usize>,
    /// Objects allocated since the last collection.
    young: Vec<usize>,
    dirty: Runs,
    clean: Runs,
    /// Lowest address that large objects use; blocks must stay below.
    floor: usize,
    /// Bytes of pages in use.
    pub in_use: usize,
    /// Bytes of pages allocated since the last collection.
    pub handed_out: usize,
}

impl LargeObjects {
    pub fn new(space: &Space) -> LargeObjects {
        LargeObjects {
            objects: BTreeMap::new(),
            young: Vec::new(),
            dirty: Runs::default(),
            clean: Runs::default(),
            floor: space.end() & !(PAGE - 1),
            in_use: 0,
            handed_out: 0,
        }
    }

    /// Lowest address that large objects use.
    pub fn floor(&self) -> usize {
        self.floor
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.objects.len()
    }

    /// Allocates zeroed pages for an object of `size` bytes and writes its header and start bit; `blocks_end` is where
    /// blocks end. `None` when the range has no such run.
    pub fn allocate(&mut self, space: &Space, size: usize, header: u64, blocks_end: usize) -> Option<usize> {
        let bytes = size.checked_next_multiple_of(PAGE)?;
        let start = if let Some(start) = self.dirty.take(bytes) {
            // SAFETY: the run is free.
            unsafe { std::ptr::write_bytes(start as *mut u8, 0, bytes) };
            start
        } else if let Some(start) = self.clean.take(bytes) {
            start
        } else {
            if self.floor - blocks_end < bytes {
                return None;
            }
            self.floor -= bytes;
            self.floor
        };
        self.objects.insert(start, bytes);
        self.young.push(start);
        self.in_use += bytes;
        self.handed_out += bytes;
        // SAFETY: the run was free and is `size` bytes long. Its start bit shares a byte with nothing else, since
        // pages are larger than what a byte covers; whoever sets another bit of this table does so elsewhere.
        unsafe {
            *(start as *mut u64) = header;
            set_bit(space.start_bias, start);
        }
        Some(start)
    }

    /// The object whose pages contain `address`.
    pub fn object_at(&self, address: usize) -> Option<usize> {
        let (&start, &bytes) = self.objects.range(..=address).next_back()?;
        (address < start + bytes).then_some(start)
    }

    /// Forgets all marks, before a full collection.
    ///
    /// # Safety
    /// The world must be stopped.
    pub unsafe fn clear_marks(&self, space: &Space) {
        for &start in self.objects.keys() {
            // SAFETY: by the caller's promise.
            unsafe { space.unmark(start) }
        }
    }

    /// Frees what died: of the young ones only, or of all.
    ///
    /// # Safety
    /// The world must be stopped and marking finished.
    pub unsafe fn sweep(&mut self, space: &Space, full: bool, poison: bool) {
        let mut candidates = std::mem::take(&mut self.young);
        if full {
            candidates.clear();
            candidates.extend(self.objects.keys());
        }
        for &start in &candidates {
            // SAFETY: the object lies in the range.
            if !unsafe { space.is_marked(start) } {
                // SAFETY: the object is dead by the caller's promise.
                unsafe { self.free(space, start, poison) }
            }
        }
        candidates.clear();
        self.young = candidates;
        self.handed_out = 0;
        if full || self.dirty.bytes > MOST_DIRTY {
            self.release();
        }
    }

    unsafe fn free(&mut self, space: &Space, start: usize, poison: bool) {
        let bytes = self.objects.remove(&start).expect("the object is in the index");
        self.in_use -= bytes;
        // SAFETY: the object is dead, so its bit and its memory are nobody's.
        unsafe {
            space.clear_start(start);
            if poison {
                std::slice::from_raw_parts_mut(start as *mut u64, bytes / 8).fill(POISON);
            }
        }
        self.dirty.insert(start, bytes);
    }

    fn release(&mut self) {
        let dirty = std::mem::take(&mut self.dirty);
        for (start, bytes) in dirty.by_address {
            // SAFETY: the run is free.
            unsafe { release_pages(start, bytes) }
            self.clean.insert(start, bytes);
        }
        while let Some(bytes) = self.clean.take_at(self.floor) {
            self.floor += bytes;
        }
    }

    /// Calls `visit` with every large object.
    pub fn for_each(&self, visit: impl FnMut(usize)) {
        self.objects.keys().copied().for_each(visit)
    }
}
