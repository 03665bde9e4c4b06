//! Marking: finds everything that the roots reach, depth first.
//!
//! An object is marked when it is first found, which touches only the side table, and prefetched when it leaves the
//! mark stack; it is read a few objects later, when it has arrived in the cache. Only then does it get its collector
//! byte and its lines.
//!
//! In a minor collection everything that survived an earlier one still has its mark, so the marker stops there.

use crate::block::Blocks;
use crate::header::OLD;
use crate::large::LargeObjects;
use crate::layout::descriptor;
use crate::scan::{Visitor, header_word, visit_references};
use crate::space::{BLOCK_BITS, Space};

/// How many objects are on their way into the cache at once.
const AHEAD: usize = 8;

/// Decides which object a word refers to, if any.
#[derive(Clone, Copy)]
pub(crate) struct Finder<'a> {
    pub space: Space,
    pub blocks: &'a Blocks,
    pub large: &'a LargeObjects,
}

impl Finder<'_> {
    /// The object that contains the address `word`; a tagged reference is an address inside the object.
    ///
    /// # Safety
    /// The world must be stopped.
    #[inline]
    pub unsafe fn find(&self, word: usize) -> Option<usize> {
        let offset = word.wrapping_sub(self.space.base);
        if offset >= self.space.size {
            return None;
        }
        if word >= self.large.floor() {
            return self.large.object_at(word);
        }
        if !self.blocks.is_used(offset >> BLOCK_BITS) {
            return None;
        }
        // SAFETY: the word lies in a block in use.
        unsafe { self.space.object_in_block(word) }
    }
}

/// The state of one marking.
pub(crate) struct Marker<'a> {
    finder: Finder<'a>,
    space: Space,
    /// Objects from here on are large and have no lines.
    floor: usize,
    epoch: u8,
    stack: Vec<usize>,
}

impl<'a> Marker<'a> {
    /// `stack` is an empty vector whose memory is used.
    pub fn new(finder: Finder<'a>, epoch: u8, stack: Vec<usize>) -> Marker<'a> {
        Marker { finder, space: finder.space, floor: finder.large.floor(), epoch, stack }
    }

    /// Gives the mark stack's memory back.
    pub fn into_stack(self) -> Vec<usize> {
        debug_assert!(self.stack.is_empty());
        self.stack
    }

    /// Marks what all words of a range may refer to. Returns how many did.
    ///
    /// # Safety
    /// The range must be readable and the world stopped.
    pub unsafe fn ambiguous_range(&mut self, range: std::ops::Range<usize>) -> usize {
        let mut found = 0;
        for address in (range.start & !7..range.end & !7).step_by(8) {
            // SAFETY: by the caller's promise.
            let word = unsafe { *(address as *const usize) };
            // SAFETY: the world is stopped.
            if let Some(object) = unsafe { self.finder.find(word) } {
                self.reference(object);
                found += 1;
            }
        }
        found
    }

    /// Scans an object that is marked already: an old one that has been written to.
    pub fn rescan(&mut self, object: usize) {
        self.stack.push(object);
    }

    /// Follows all references found so far.
    ///
    /// # Safety
    /// The world must be stopped, and everything found must be an object.
    pub unsafe fn drain(&mut self) {
        let mut queue = [0usize; AHEAD];
        let mut position = 0;
        let mut in_flight = 0usize;
        loop {
            let next = match self.stack.pop() {
                Some(object) => {
                    prefetch(object);
                    in_flight += 1;
                    object
                }
                None if in_flight == 0 => return,
                None => 0,
            };
            let arrived = std::mem::replace(&mut queue[position], next);
            position = (position + 1) % AHEAD;
            if arrived != 0 {
                in_flight -= 1;
                // SAFETY: by the caller's promise.
                unsafe { self.scan(arrived) }
            }
        }
    }

    #[inline(always)]
    unsafe fn scan(&mut self, object: usize) {
        // SAFETY: there is an object; only the collector runs.
        unsafe {
            let header = header_word(object);
            *(object as *mut u8) = OLD;
            if object < self.floor {
                self.space.mark_lines(object, descriptor(header).size_of(object), self.epoch);
            }
            visit_references(object, header, self);
        }
    }
}

impl Visitor for Marker<'_> {
    #[inline(always)]
    fn reference(&mut self, address: usize) {
        // Words that are no heap addresses are tolerated: a language may refer to objects in its binary.
        if self.space.contains(address) {
            debug_assert!(
                // SAFETY: the address lies in the range.
                unsafe { self.space.is_start(address) },
                "a field refers to {address:#x}, where no object starts"
            );
            // SAFETY: the address lies in the range and the world is stopped.
            if unsafe { self.space.mark(address) } {
                self.stack.push(address);
            }
        }
    }

    fn ambiguous(&mut self, word: usize) {
        // SAFETY: the world is stopped while a marker exists.
        if let Some(object) = unsafe { self.finder.find(word) } {
            self.reference(object);
        }
    }
}

#[inline(always)]
fn prefetch(address: usize) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch has no effect on memory.
    unsafe {
        std::arch::x86_64::_mm_prefetch(address as *const i8, std::arch::x86_64::_MM_HINT_T0)
    }
    #[cfg(target_arch = "aarch64")]
    // SAFETY: a prefetch has no effect on memory.
    unsafe {
        std::arch::asm!("prfm pldl1keep, [{0}]", in(reg) address, options(nostack, preserves_flags, readonly))
    }
}
