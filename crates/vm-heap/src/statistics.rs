//! What the collector has done so far.

/// Figures for one kind of collection.
#[derive(Clone, Copy, Default, Debug)]
pub struct Pauses {
    /// How many there were.
    pub count: u64,
    /// Sum of their durations in nanoseconds, from the moment at which the world stood still.
    pub total_ns: u64,
    /// The longest one.
    pub longest_ns: u64,
    /// The last one.
    pub last_ns: u64,
}

impl Pauses {
    pub(crate) fn add(&mut self, nanoseconds: u64) {
        self.count += 1;
        self.total_ns += nanoseconds;
        self.longest_ns = self.longest_ns.max(nanoseconds);
        self.last_ns = nanoseconds;
    }
}

/// Figures since the start of the process.
#[derive(Clone, Copy, Default, Debug)]
pub struct Statistics {
    /// Minor collections.
    pub minor: Pauses,
    /// Full collections.
    pub full: Pauses,
    /// Bytes handed out to threads, in whole free lines, cells and pages.
    pub allocated_bytes: u64,
    /// Bytes of blocks and large objects in use now.
    pub used_bytes: usize,
    /// The same after the last full collection.
    pub used_bytes_after_full: usize,
    /// Objects found dead, large ones left out.
    pub freed_objects: usize,
    /// Those of them that could refer to others, as far as collections were asked to count them.
    pub freed_containers: usize,
    /// Live bytes and nursery from which a full collection happens.
    pub full_threshold: usize,
    /// Large objects now, and the bytes of their pages.
    pub large_objects: usize,
    /// Bytes of their pages.
    pub large_bytes: usize,
    /// Bytes given back to the system by full collections.
    pub returned_bytes: u64,
    /// Words on stacks that referred to an object at the last collection.
    pub stack_roots: usize,
    /// Old objects that had been written to before the last minor collection.
    pub remembered: usize,
    /// Weak references whose target died.
    pub weak_cleared: u64,
    /// Objects handed out for finalization.
    pub finalizable: u64,
    /// Bytes of address space reserved.
    pub reserved_bytes: usize,
}
