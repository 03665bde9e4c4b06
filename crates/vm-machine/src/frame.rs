//! Frames on the value stack.
//!
//! A frame pointer addresses register 0. Below it lie the four words of the frame header:
//!
//! ```text
//! fp[-4]  the function (or what stands for it)
//! fp[-3]  link: register of the caller that receives the result (low half), number of registers (high half), and in the
//!         top bit whether somebody observes the frame, so that leaving it takes the slow path
//! fp[-2]  return address in the caller's bytecode
//! fp[-1]  the caller's frame pointer
//! ```
//! A call site lays the callee's frame over its own temporaries, so arguments need no copying.

use vm_heap::Value;

/// Words of a frame header.
pub const FRAME_HEADER: usize = 4;

/// A place in a running program: the next instruction and the frame it works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Address of an instruction.
    pub pc: *const u64,
    /// Address of register 0.
    pub fp: *mut Value,
}

impl Frame {
    /// Reads a register.
    #[inline(always)]
    pub fn get(&self, register: usize) -> Value {
        // SAFETY: registers of the running code lie inside its frame (checked when bytecode is loaded).
        unsafe { *self.fp.add(register) }
    }
    /// Writes a register.
    #[inline(always)]
    pub fn set(&self, register: usize, value: Value) {
        // SAFETY: as for `get`.
        unsafe { *self.fp.add(register) = value }
    }
    /// Moves the instruction pointer by words.
    #[inline(always)]
    pub fn jump(&mut self, words: i64) {
        self.pc = self.pc.wrapping_offset(words as isize);
    }
}

#[inline(always)]
fn header_word(fp: *mut Value, index: isize) -> u64 {
    // SAFETY: every frame has its header below register 0.
    unsafe { (*fp.offset(index)).bits() }
}

/// What the frame runs.
#[inline(always)]
pub fn frame_function(fp: *mut Value) -> Value {
    Value::from_bits(header_word(fp, -4))
}

/// Changes what the frame runs.
pub fn set_frame_function(fp: *mut Value, function: Value) {
    // SAFETY: every frame has its header below register 0.
    unsafe { *fp.offset(-4) = function }
}

/// Register of the caller that receives the result.
#[inline(always)]
pub fn destination(fp: *mut Value) -> usize {
    header_word(fp, -3) as u32 as usize
}

/// Bit of the link that says that the frame is observed.
pub(crate) const OBSERVED: u64 = 1 << 63;

/// Number of registers of the frame.
#[inline(always)]
pub fn frame_size(fp: *mut Value) -> usize {
    ((header_word(fp, -3) & !OBSERVED) >> 32) as usize
}

/// Whether leaving the frame must take the slow path.
#[inline(always)]
pub fn is_observed(fp: *mut Value) -> bool {
    header_word(fp, -3) & OBSERVED != 0
}

/// Makes leaving the frame take the slow path.
pub fn observe(fp: *mut Value) {
    let link = header_word(fp, -3) | OBSERVED;
    // SAFETY: every frame has its header below register 0.
    unsafe { *fp.offset(-3) = Value::from_bits(link) }
}

/// Where the caller goes on.
#[inline(always)]
pub fn return_address(fp: *mut Value) -> *const u64 {
    header_word(fp, -2) as *const u64
}

/// The caller's frame pointer.
#[inline(always)]
pub fn caller_frame(fp: *mut Value) -> *mut Value {
    header_word(fp, -1) as *mut Value
}
