//! What generated code must know of the runtime: offsets, addresses, limits. Keeps this crate free of the heap.
//!
//! The encoding of value words is `vm_ir::word`'s; everything else that the runtime may choose is here.

/// Constants of the runtime. Offsets are in bytes from the thread pointer that a trace is entered with.
#[derive(Clone, Debug)]
pub struct Target {
    /// The word that is not zero when the thread must leave traces.
    pub poll_offset: i32,
    /// Next free byte of the thread's allocation area, which is zeroed.
    pub cursor_offset: i32,
    /// End of that area.
    pub limit_offset: i32,
    /// Largest object that is allocated inline; larger ones always go to `allocate`.
    pub inline_size_limit: u32,
    /// What is added to `address >> 6` for the byte with the start bit number `(address >> 3) & 7` of an object; without
    /// it, no start bits are kept. Bits of one aligned 256-byte line of the heap are written by one thread only.
    pub start_bits: Option<u64>,
    /// Offset in an object of the byte that the write barrier tests.
    pub barrier_offset: i32,
    /// Bits of that byte that ask for the slow barrier.
    pub barrier_mask: u8,
    /// `extern "sysv64" fn(thread, f64) -> u64`: the value of a float that can't be self-tagged.
    pub box_float: u64,
    /// `extern "sysv64" fn(thread, size: u64, header: u64) -> u64`: the value of a new object.
    pub allocate: u64,
    /// `extern "sysv64" fn(thread, value: u64)`: remembers an object.
    pub barrier: u64,
}
