//! The address range of the heap and its side tables.
//!
//! One reservation holds everything, so that "is this word a heap address" is one comparison and a table entry is
//! found without a lookup: `bias + (address >> k)`. The kernel chooses the base. Nothing is committed until touched.
//!
//! | table | grain | meaning |
//! |---|---|---|
//! | start bits | 1 bit per 8 bytes | an object starts here |
//! | mark bits | 1 bit per 8 bytes | that object was alive at the last collection that looked at it |
//! | line bytes | 1 byte per 64 bytes | equals the current epoch where the line holds (a part of) a marked object |
//!
//! INVARIANT: a byte of start bits covers 64 bytes, and a block of lines and a cell, which is larger than that, belong to one
//! mutator between two collections, so start bits are set without atomics (atomic setting was measured 2.5 times slower). Mark bits and line bytes are only
//! written while the world is stopped.

use crate::layout::descriptor;
use crate::size_class::MAX_BUMP;

/// Bytes per block, the unit that mutators take from the heap; as a power of two.
pub(crate) const BLOCK_BITS: u32 = 15;
pub(crate) const BLOCK: usize = 1 << BLOCK_BITS;
/// Bytes per line, the unit in which free space inside a block is found; as a power of two.
/// (With 256 bytes, objects that live between others that die kept three times their size.)
pub(crate) const LINE_BITS: u32 = 6;
pub(crate) const LINE: usize = 1 << LINE_BITS;
pub(crate) const LINES: usize = BLOCK / LINE;
/// Lines are looked at in groups, one bit each in a word.
pub(crate) const GROUP: usize = 64;
/// Fewest free lines in a row that are allocated into. Most objects have room there; one that has not takes the next hole.
/// (With twice as many, heaps where strings live between what dies were a third larger.)
const HOLE: usize = MAX_BUMP / 2 / LINE;
/// Bytes per system page.
pub(crate) const PAGE: usize = 4096;

/// Address bits that select one bit of the start and mark tables.
const BYTE_SHIFT: u32 = 6;

/// What is tried first; twice the machine's memory where that is more.
const USUAL_SIZE: usize = 64 << 30;
/// Below this the process has no room to run a program in.
const SMALLEST_SIZE: usize = 16 << 20;

/// The reserved range. Copied freely: it never changes.
#[derive(Clone, Copy)]
pub(crate) struct Space {
    pub base: usize,
    pub size: usize,
    pub start_bias: usize,
    pub mark_bias: usize,
    pub line_bias: usize,
}

fn map(size: usize) -> Option<usize> {
    // SAFETY: an anonymous mapping at an address of the kernel's choice has no preconditions.
    let start = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            size,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
            -1,
            0,
        )
    };
    (start != libc::MAP_FAILED).then_some(start as usize)
}

/// Bytes of memory in the machine.
pub(crate) fn physical_memory() -> usize {
    // SAFETY: `sysconf` has no preconditions.
    let pages = unsafe { libc::sysconf(libc::_SC_PHYS_PAGES) };
    if pages <= 0 { USUAL_SIZE / 2 } else { pages as usize * PAGE }
}

/// How much may be reserved at first: half of the address space limit, since stacks, code and files need room too.
fn first_size() -> usize {
    let wanted = USUAL_SIZE.max(2 * physical_memory());
    // SAFETY: the structure is written by the call before it is read.
    let limit = unsafe {
        let mut limit: libc::rlimit = std::mem::zeroed();
        if libc::getrlimit(libc::RLIMIT_AS, &mut limit) != 0 || limit.rlim_cur == libc::RLIM_INFINITY {
            usize::MAX
        } else {
            limit.rlim_cur as usize
        }
    };
    wanted.min(limit / 2)
}

impl Space {
    /// Reserves as much as the system allows, or `None` where not even a small range is to be had.
    pub fn reserve() -> Option<Space> {
        let mut size = first_size() & !(BLOCK - 1);
        while size >= SMALLEST_SIZE {
            let tables = 2 * (size >> BYTE_SHIFT) + (size >> LINE_BITS);
            if let Some(start) = map(size + tables + BLOCK) {
                let base = (start + BLOCK - 1) & !(BLOCK - 1);
                let starts = base + size;
                let marks = starts + (size >> BYTE_SHIFT);
                let lines = marks + (size >> BYTE_SHIFT);
                return Some(Space {
                    base,
                    size,
                    start_bias: starts.wrapping_sub(base >> BYTE_SHIFT),
                    mark_bias: marks.wrapping_sub(base >> BYTE_SHIFT),
                    line_bias: lines.wrapping_sub(base >> LINE_BITS),
                });
            }
            size = (size / 2) & !(BLOCK - 1);
        }
        None
    }

    #[inline(always)]
    pub fn contains(&self, address: usize) -> bool {
        address.wrapping_sub(self.base) < self.size
    }

    #[inline(always)]
    pub fn end(&self) -> usize {
        self.base + self.size
    }

    /// Whether an object starts at this address.
    ///
    /// # Safety
    /// The address must lie in the range.
    #[inline(always)]
    pub unsafe fn is_start(&self, address: usize) -> bool {
        // SAFETY: the table has a byte for every address of the range.
        unsafe { test_bit(self.start_bias, address) }
    }

    /// # Safety
    /// The address must lie in the range, and nobody may read the table's bytes meanwhile.
    #[inline(always)]
    pub unsafe fn clear_start(&self, address: usize) {
        // SAFETY: the table has a byte for every address of the range.
        unsafe { clear_bit(self.start_bias, address) }
    }

    /// # Safety
    /// The address must lie in the range.
    #[inline(always)]
    pub unsafe fn is_marked(&self, address: usize) -> bool {
        // SAFETY: the table has a byte for every address of the range.
        unsafe { test_bit(self.mark_bias, address) }
    }

    /// Sets a mark bit; returns whether it was clear.
    ///
    /// # Safety
    /// The address must lie in the range; the world must be stopped.
    #[inline(always)]
    pub unsafe fn mark(&self, address: usize) -> bool {
        // SAFETY: the table has a byte for every address of the range, and only the collector touches it.
        unsafe {
            let byte = (self.mark_bias.wrapping_add(address >> BYTE_SHIFT)) as *mut u8;
            let bit = 1u8 << (address >> 3 & 7);
            let old = *byte;
            if old & bit != 0 {
                return false;
            }
            *byte = old | bit;
            true
        }
    }

    /// # Safety
    /// As for [`Space::mark`].
    pub unsafe fn unmark(&self, address: usize) {
        // SAFETY: as for `mark`.
        unsafe { clear_bit(self.mark_bias, address) }
    }

    /// The line bytes of the block at `block`.
    ///
    /// # Safety
    /// `block` must be the address of a block in the range; no collection may write the bytes meanwhile.
    #[inline(always)]
    pub unsafe fn lines(&self, block: usize) -> &[u8; LINES] {
        // SAFETY: the table has a byte for every line of the range.
        unsafe { &*(self.line_bias.wrapping_add(block >> LINE_BITS) as *const [u8; LINES]) }
    }

    /// The lines of a group of a block that hold no marked object, as bits.
    ///
    /// # Safety
    /// As for [`Space::lines`].
    #[inline(always)]
    pub unsafe fn free_lines(&self, block: usize, group: usize, epoch: u8) -> u64 {
        // SAFETY: by the caller's promise.
        let lines = unsafe { self.lines(block) };
        !equal_bytes(lines[group * GROUP..].first_chunk().expect("a group of the block"), epoch)
    }

    /// Gives the lines that an object occupies the byte `epoch`.
    ///
    /// # Safety
    /// The object must lie in blocks of the range; the world must be stopped.
    #[inline(always)]
    pub unsafe fn mark_lines(&self, address: usize, size: usize, epoch: u8) {
        let first = address >> LINE_BITS;
        let last = (address + size - 1) >> LINE_BITS;
        // SAFETY: the table has a byte for every line of the range.
        unsafe {
            let line = self.line_bias.wrapping_add(first) as *mut u8;
            *line = epoch;
            *line.add(last - first) = epoch;
            if last - first > 1 {
                std::ptr::write_bytes(line, epoch, last - first);
            }
        }
    }

    /// Makes the start bits of a block equal to its mark bits: what is not marked is no object any more. Returns how many
    /// objects are gone.
    ///
    /// # Safety
    /// `block` must be the address of a block in the range; the world must be stopped.
    pub unsafe fn keep_only_marked(&self, block: usize) -> usize {
        let marks = self.mark_bias.wrapping_add(block >> BYTE_SHIFT) as *const u64;
        let starts = self.start_bias.wrapping_add(block >> BYTE_SHIFT) as *mut u64;
        let mut gone = 0;
        for word in 0..(BLOCK >> BYTE_SHIFT) / 8 {
            // SAFETY: both tables have these bytes, aligned as blocks are, and they are different tables.
            unsafe {
                let kept = *marks.add(word);
                gone += (*starts.add(word) & !kept).count_ones();
                *starts.add(word) = kept;
            }
        }
        gone as usize
    }

    /// Clears the mark bits of the first `bytes` of the range.
    ///
    /// # Safety
    /// The world must be stopped.
    pub unsafe fn clear_marks(&self, bytes: usize) {
        let table = self.mark_bias.wrapping_add(self.base >> BYTE_SHIFT) as *mut u8;
        // SAFETY: the table has these bytes.
        unsafe { std::ptr::write_bytes(table, 0, bytes >> BYTE_SHIFT) }
    }

    /// Clears the line bytes of the first `bytes` of the range.
    ///
    /// # Safety
    /// The world must be stopped.
    pub unsafe fn clear_lines(&self, bytes: usize) {
        let table = self.line_bias.wrapping_add(self.base >> LINE_BITS) as *mut u8;
        // SAFETY: the table has these bytes.
        unsafe { std::ptr::write_bytes(table, 0, bytes >> LINE_BITS) }
    }

    /// The object of the block around `word` that contains this address.
    ///
    /// # Safety
    /// `word` must lie in a block that is in use, and the world must be stopped.
    pub unsafe fn object_in_block(&self, word: usize) -> Option<usize> {
        let block = word & !(BLOCK - 1);
        // Backwards through the start bits, 64 of them (512 bytes of heap) at a time.
        let mut group = word >> 9;
        let mut mask = u64::MAX >> (63 - (word >> 3 & 63));
        loop {
            // SAFETY: the table has a word for every 512 bytes of the range; it is aligned since tables and blocks are.
            let bits = unsafe { *(self.start_bias.wrapping_add(group * 8) as *const u64) } & mask;
            if bits != 0 {
                let object = (group << 9) + ((63 - bits.leading_zeros() as usize) << 3);
                // SAFETY: a start bit says that an object with a valid header is here.
                let size = unsafe { object_size(object) };
                return (word < object + size).then_some(object);
            }
            if group << 9 <= block {
                return None;
            }
            group -= 1;
            mask = u64::MAX;
        }
    }

    /// Calls `visit` with every object that starts in the block at `block`.
    ///
    /// # Safety
    /// `block` must be the address of a block in the range, and the world must be stopped.
    pub unsafe fn objects_in_block(&self, block: usize, mut visit: impl FnMut(usize)) {
        for group in block >> 9..(block + BLOCK) >> 9 {
            // SAFETY: as in `object_in_block`.
            let mut bits = unsafe { *(self.start_bias.wrapping_add(group * 8) as *const u64) };
            while bits != 0 {
                visit((group << 9) + ((bits.trailing_zeros() as usize) << 3));
                bits &= bits - 1;
            }
        }
    }
}

/// Which of these bytes equal `byte`, as bits.
#[inline(always)]
fn equal_bytes(bytes: &[u8; GROUP], byte: u8) -> u64 {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: SSE2 belongs to the architecture; the loads stay in the array.
    unsafe {
        use std::arch::x86_64::*;
        let wanted = _mm_set1_epi8(byte as i8);
        let quarter = |at: usize| {
            let loaded = _mm_loadu_si128(bytes.as_ptr().add(16 * at).cast());
            u64::from(_mm_movemask_epi8(_mm_cmpeq_epi8(loaded, wanted)) as u16) << (16 * at)
        };
        quarter(0) | quarter(1) | quarter(2) | quarter(3)
    }
    #[cfg(not(target_arch = "x86_64"))]
    bytes.iter().rev().fold(0, |mask, &other| mask << 1 | u64::from(other == byte))
}

/// Of the free lines of a group those that lie in holes large enough to be allocated into.
#[inline(always)]
pub(crate) fn usable_lines(free: u64) -> u64 {
    let starts = (1..HOLE).fold(free, |starts, distance| starts & free >> distance);
    (1..HOLE).fold(starts, |usable, distance| usable | starts << distance)
}

/// Size of the object at `address`.
///
/// # Safety
/// There must be an object with a declared layout.
#[inline(always)]
pub(crate) unsafe fn object_size(address: usize) -> usize {
    // SAFETY: by the caller's promise.
    unsafe { descriptor(*(address as *const u64)).size_of(address) }
}

/// Sets a bit without atomics; see the invariant at the top.
///
/// # Safety
/// `bias` and `address` must belong together, and no other thread may write that byte.
#[inline(always)]
pub(crate) unsafe fn set_bit(bias: usize, address: usize) {
    // SAFETY: by the caller's promise.
    unsafe { *(bias.wrapping_add(address >> BYTE_SHIFT) as *mut u8) |= 1 << (address >> 3 & 7) }
}

#[inline(always)]
unsafe fn clear_bit(bias: usize, address: usize) {
    // SAFETY: by the caller's promise, as for `set_bit`.
    unsafe { *(bias.wrapping_add(address >> BYTE_SHIFT) as *mut u8) &= !(1 << (address >> 3 & 7)) }
}

#[inline(always)]
unsafe fn test_bit(bias: usize, address: usize) -> bool {
    // SAFETY: by the caller's promise, as for `set_bit`.
    unsafe { *(bias.wrapping_add(address >> BYTE_SHIFT) as *const u8) >> (address >> 3 & 7) & 1 != 0 }
}

/// Gives the memory of a page-aligned range back to the system; it reads as zeros afterwards.
///
/// # Safety
/// The range must lie in the heap and hold no objects.
pub(crate) unsafe fn release_pages(start: usize, bytes: usize) {
    // SAFETY: by the caller's promise nothing in the range is needed.
    let status = unsafe { libc::madvise(start as *mut libc::c_void, bytes, libc::MADV_DONTNEED) };
    // The caller relies on zeros.
    assert_eq!(status, 0, "the system refuses to take memory back");
}
