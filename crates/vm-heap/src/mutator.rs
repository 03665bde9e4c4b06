//! One thread's side of the heap.

use crate::header::{COLLECTOR_BYTE_OFFSET, Header, OLD};
use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A thread's allocation area, remembered objects and poll word. Generated code reads the first three fields at
/// fixed offsets.
#[repr(C)]
pub struct Mutator {
    /// Next free byte of the current run of free lines.
    pub cursor: Cell<usize>,
    /// End of that run.
    pub limit: Cell<usize>,
    /// Not zero when the thread must call [`Mutator::safepoint`] soon.
    pub poll: AtomicUsize,
    /// Lowest address of the interpreter's value stack.
    pub stack_base: Cell<usize>,
    /// First address above its live part.
    pub stack_top: Cell<usize>,
}

impl Mutator {
    /// Registers the calling thread. PROVISIONAL: bump allocation without collection.
    pub fn attach() -> Box<Mutator> {
        Box::new(Mutator { cursor: Cell::new(0), limit: Cell::new(0), poll: AtomicUsize::new(0), stack_base: Cell::new(0), stack_top: Cell::new(0) })
    }

    /// Allocates `size` bytes (a multiple of eight), zeroed but for the header, and returns the address.
    /// May collect.
    #[inline(always)]
    pub fn allocate(&self, size: usize, header: u64) -> usize {
        let start = self.cursor.get();
        let end = start + size;
        let address = if end <= self.limit.get() {
            self.cursor.set(end);
            start
        } else {
            self.allocate_slow(size)
        };
        // SAFETY: `address` points to `size` free bytes, at least one word.
        unsafe { *(address as *mut u64) = header };
        address
    }

    /// Allocates a block whose size the user chose; `None` where memory does not suffice. May collect.
    pub fn try_allocate(&self, size: usize, header: u64) -> Option<usize> {
        if size > 1 << 40 { None } else { Some(self.allocate(size, header)) }
    }

    /// Allocates from the current run of free lines only.
    #[inline(always)]
    pub fn allocate_fast(&self, size: usize, header: u64) -> Option<usize> {
        let start = self.cursor.get();
        let end = start + size;
        if end > self.limit.get() {
            return None;
        }
        self.cursor.set(end);
        // SAFETY: `start` points to `size` free bytes, at least one word.
        unsafe { *(start as *mut u64) = header };
        Some(start)
    }

    #[cold]
    #[inline(never)]
    fn allocate_slow(&self, size: usize) -> usize {
        let chunk = size.max(8 << 20).next_multiple_of(4096);
        // SAFETY: an anonymous mapping has no preconditions.
        let start = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                chunk,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
                -1,
                0,
            )
        } as usize;
        self.cursor.set(start + size);
        self.limit.set(start + chunk);
        start
    }

    /// To be called after a reference was stored into an object.
    #[inline(always)]
    pub fn barrier(&self, owner: &Header) {
        if owner.collector_byte().load(Ordering::Relaxed) & OLD != 0 {
            self.remember(owner)
        }
    }

    #[cold]
    #[inline(never)]
    fn remember(&self, owner: &Header) {
        let _ = (COLLECTOR_BYTE_OFFSET, owner);
    }

    /// Whether the thread is asked to call [`Mutator::safepoint`].
    #[inline(always)]
    pub fn should_poll(&self) -> bool {
        self.poll.load(Ordering::Relaxed) != 0
    }

    /// Lets waiting collections and handshakes happen.
    #[cold]
    pub fn safepoint(&self) {}

    /// Collects now; a full collection visits the whole heap.
    pub fn collect(&self, full: bool) {
        let _ = full;
    }
}
