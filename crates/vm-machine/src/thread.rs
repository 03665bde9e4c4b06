//! A thread of the machine: its side of the heap and its value stack.

use crate::HandlerTable;
use crate::frame::{FRAME_HEADER, frame_size};
use std::cell::Cell;
use vm_heap::{Mutator, Value};
use vm_stm::Transaction;

/// Marks a register or cell that holds nothing.
pub const UNBOUND: Value = Value::immediate(5);
/// What a runtime function returns after raising; the exception itself waits in the language's thread state.
pub const RAISED: Value = Value::immediate(6);

/// An exception is on its way; it lies in the language's thread state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raised;

/// Slots of a thread's value stack. Untouched pages cost nothing.
const STACK_SLOTS: usize = 4 << 20;
/// The least that the stack can be limited to.
const LEAST_SLOTS: usize = 16 << 10;
/// Slots above the limit that a trace's inlined frames and runtime functions may use without asking.
const STACK_RESERVE: usize = 64 << 10;

/// The language-neutral part of a thread. It starts with the mutator and a language's own thread state starts with it, so
/// one address serves generated code for all three.
#[repr(C)]
pub struct Thread {
    /// The thread's side of the heap.
    pub mutator: Mutator,
    /// A frame must end below this address.
    pub stack_limit: Cell<*mut Value>,
    /// Turns of a loop before it is recorded.
    pub hot: Cell<i32>,
    /// Frame pointer at the last entry into the runtime.
    pub fp: Cell<*mut Value>,
    /// Address behind the instruction word at the last entry into the runtime.
    pub pc: Cell<*const u64>,
    /// Where the result of a halted interpreter lies.
    pub result: Cell<Value>,
    /// The handlers of the thread's mode.
    pub table: Cell<*const HandlerTable>,
    /// The thread's transaction.
    pub transaction: Transaction,
    /// Lowest slot.
    pub stack_base: *mut Value,
    /// Where the frame of the innermost interpreter loop ends on the native stack. The loop itself holds no values there: what lies
    /// below belongs to what it has called.
    pub loop_frame: Cell<usize>,
}

impl Thread {
    /// Bounds the value stack: frames must end within so many slots, or within the whole stack where that is less. At
    /// least as many as a compiled loop needs are left.
    pub fn limit_stack(&self, slots: usize) {
        self.stack_limit.set(self.highest_limit(slots));
    }

    /// Leaves no room at all on the value stack: whoever lays a frame must ask before.
    pub fn close_stack(&self) {
        self.stack_limit.set(self.stack_base);
    }

    /// Whether [`Self::close_stack`] set the bound.
    pub fn is_stack_closed(&self) -> bool {
        self.stack_limit.get() == self.stack_base
    }

    /// The highest bound for so many slots.
    pub fn highest_limit(&self, slots: usize) -> *mut Value {
        self.stack_base.wrapping_add(slots.clamp(LEAST_SLOTS, STACK_SLOTS))
    }

    /// Attaches the calling thread to the heap and gives it a value stack.
    ///
    /// # Safety
    /// `place` must be writable and keep its address until the thread is dropped there.
    pub unsafe fn attach_at(place: *mut Thread) {
        let bytes = (STACK_SLOTS + STACK_RESERVE) * 8;
        // SAFETY: an anonymous mapping has no preconditions.
        let base = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                bytes,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
                -1,
                0,
            )
        };
        assert!(base != libc::MAP_FAILED, "no address space for a value stack");
        let base = base as *mut Value;
        // SAFETY: the caller's promise; the limit and the first frame lie inside the mapping just made. A frame header of
        // zero words ends every walk over the frames.
        unsafe {
            Mutator::attach_at(&raw mut (*place).mutator);
            (&raw mut (*place).stack_limit).write(Cell::new(base.add(STACK_SLOTS)));
            (&raw mut (*place).hot).write(Cell::new(i32::MAX));
            (&raw mut (*place).fp).write(Cell::new(base.add(FRAME_HEADER)));
            (&raw mut (*place).pc).write(Cell::new(std::ptr::null()));
            (&raw mut (*place).result).write(Cell::new(UNBOUND));
            (&raw mut (*place).table).write(Cell::new(std::ptr::null()));
            (&raw mut (*place).transaction).write(Transaction::default());
            (&raw mut (*place).stack_base).write(base);
            (&raw mut (*place).loop_frame).write(Cell::new(0));
            (*place).mutator.stack_base.set(base as usize);
            (*place).mutator.stack_top.set(base as usize + 8 * FRAME_HEADER);
        }
    }

    /// Notes where the program stands before the runtime may collect, raise or look at frames. Registers above
    /// the running frame are dead from here on.
    #[inline(always)]
    pub fn save(&self, pc: *const u64, fp: *mut Value) {
        self.pc.set(pc);
        self.fp.set(fp);
        self.mutator.stack_top.set(fp as usize + 8 * frame_size(fp));
    }

    /// First free slot above the running frame.
    pub fn stack_top(&self) -> *mut Value {
        self.mutator.stack_top.get() as *mut Value
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        // The mutator is attached until it is dropped after this, and other threads' collections scan its value stack.
        self.mutator.stack_base.set(0);
        self.mutator.stack_top.set(0);
        // SAFETY: the mapping was made in `attach` with this size, and nobody uses a finished thread's stack.
        unsafe { libc::munmap(self.stack_base as *mut libc::c_void, (STACK_SLOTS + STACK_RESERVE) * 8) };
    }
}
