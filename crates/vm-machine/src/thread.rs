//! A thread of the machine: its side of the heap and its value stack.

use crate::frame::{FRAME_HEADER, frame_size};
use std::cell::Cell;
use vm_heap::{Mutator, Value};

/// Marks a register or cell that holds nothing.
pub const UNBOUND: Value = Value::immediate(5);
/// What a runtime function returns after raising; the exception itself waits in the language's thread state.
pub const RAISED: Value = Value::immediate(6);

/// An exception is on its way; it lies in the language's thread state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raised;

/// Slots of a thread's value stack. Untouched pages cost nothing.
const STACK_SLOTS: usize = 4 << 20;
/// Slots above the limit that a trace's inlined frames and runtime functions may use without asking.
const STACK_RESERVE: usize = 64 << 10;

/// The language-neutral part of a thread; a language's own thread state starts with it.
#[repr(C)]
pub struct Thread {
    /// The thread's side of the heap.
    pub mutator: Box<Mutator>,
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
    /// Lowest slot.
    pub stack_base: *mut Value,
}

impl Thread {
    /// Attaches the calling thread to the heap and gives it a value stack.
    pub fn attach() -> Thread {
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
        let thread = Thread {
            mutator: Mutator::attach(),
            // SAFETY: inside the mapping just made.
            stack_limit: Cell::new(unsafe { base.add(STACK_SLOTS) }),
            hot: Cell::new(i32::MAX),
            // SAFETY: as above; a header of zero words ends every walk over the frames.
            fp: Cell::new(unsafe { base.add(FRAME_HEADER) }),
            pc: Cell::new(std::ptr::null()),
            result: Cell::new(UNBOUND),
            stack_base: base,
        };
        thread.mutator.stack_base.set(base as usize);
        thread.mutator.stack_top.set(base as usize + 8 * FRAME_HEADER);
        thread
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
        // SAFETY: the mapping was made in `attach` with this size, and nobody uses a finished thread's stack.
        unsafe { libc::munmap(self.stack_base as *mut libc::c_void, (STACK_SLOTS + STACK_RESERVE) * 8) };
    }
}
