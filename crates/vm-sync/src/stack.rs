//! Native stacks: their bounds, and how a thread's registers get onto its stack where the collector can see them.

use std::ops::Range;

/// The addresses of the calling thread's stack.
pub fn stack_bounds() -> Range<usize> {
    if let Some(bounds) = bounds_of_main_thread() {
        return bounds;
    }
    // SAFETY: the attribute object is initialised by `pthread_getattr_np` before it is read, and destroyed once.
    unsafe {
        let mut attributes: libc::pthread_attr_t = std::mem::zeroed();
        let status = libc::pthread_getattr_np(libc::pthread_self(), &mut attributes);
        assert_eq!(status, 0, "the system does not tell the bounds of this thread's stack");
        let mut lowest = std::ptr::null_mut();
        let mut size = 0;
        libc::pthread_attr_getstack(&attributes, &mut lowest, &mut size);
        libc::pthread_attr_destroy(&mut attributes);
        lowest as usize..lowest as usize + size
    }
}

/// The same without asking the C library, which reads and parses the process's list of mappings: none where the thread is another, or
/// the stack has no limit.
#[cfg(target_os = "linux")]
fn bounds_of_main_thread() -> Option<Range<usize>> {
    // SAFETY: plain queries; the name that the kernel passes is a C string at the stack's upper end.
    unsafe {
        let name = libc::getauxval(libc::AT_EXECFN) as *const libc::c_char;
        let mut limit: libc::rlimit = std::mem::zeroed();
        if name.is_null()
            || libc::syscall(libc::SYS_gettid) != i64::from(libc::getpid())
            || libc::getrlimit(libc::RLIMIT_STACK, &mut limit) != 0
            || limit.rlim_cur == libc::RLIM_INFINITY
        {
            return None;
        }
        // A null word follows the name, and the limit counts from the page's end.
        let end = (name as usize + libc::strlen(name) + 1 + 8).next_multiple_of(4096);
        let here = &raw const limit as usize;
        let bounds = end.checked_sub(limit.rlim_cur as usize)?..end;
        bounds.contains(&here).then_some(bounds)
    }
}

#[cfg(not(target_os = "linux"))]
fn bounds_of_main_thread() -> Option<Range<usize>> {
    None
}

/// How many registers a called function must preserve, so that they may hold a caller's only pointer to an object.
#[cfg(target_arch = "x86_64")]
const PRESERVED: usize = 6;
#[cfg(target_arch = "aarch64")]
const PRESERVED: usize = 12;

/// Calls `body` with an address such that everything the callers hold lies at or above it, on the stack.
///
/// `body` is a trait object on purpose: what it captured then lies in the caller's frame, above that address, and
/// not in a register of this frame.
#[inline(never)]
pub fn with_spilled_registers(body: &mut dyn FnMut(usize)) {
    let mut registers = PreservedRegisters::default();
    let lowest = registers.spill();
    body(lowest);
    // They must outlive the call, or their stack slots could be reused before it.
    std::hint::black_box(&registers);
}

/// The registers that a called function must preserve, for a frame to keep them where the collector sees them.
#[derive(Default)]
pub struct PreservedRegisters([usize; PRESERVED]);

impl PreservedRegisters {
    /// Stores the registers' present values and returns the address: what the callers of the running function hold lies at or above
    /// it, on the stack, where this lies in its frame and the function is not inlined.
    #[inline(always)]
    pub fn spill(&mut self) -> usize {
        let registers = &mut self.0;
        // SAFETY: stores as many words as the array has.
        #[cfg(target_arch = "x86_64")]
        unsafe {
            std::arch::asm!(
                "mov [{0}], rbx",
                "mov [{0} + 8], rbp",
                "mov [{0} + 16], r12",
                "mov [{0} + 24], r13",
                "mov [{0} + 32], r14",
                "mov [{0} + 40], r15",
                in(reg) registers.as_mut_ptr(),
                options(nostack, preserves_flags),
            );
        }
        // SAFETY: as above.
        #[cfg(target_arch = "aarch64")]
        unsafe {
            std::arch::asm!(
                "stp x19, x20, [{0}]",
                "stp x21, x22, [{0}, #16]",
                "stp x23, x24, [{0}, #32]",
                "stp x25, x26, [{0}, #48]",
                "stp x27, x28, [{0}, #64]",
                "stp x29, x30, [{0}, #80]",
                in(reg) registers.as_mut_ptr(),
                options(nostack, preserves_flags),
            );
        }
        std::hint::black_box(registers.as_ptr()) as usize
    }
}
