//! One attached thread: its state, its published stack and the moves between running and native.

use crate::registry::Registry;
use crate::stack;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};

/// Bit of a poll word: the world is being stopped.
pub const POLL_STOP: usize = 1;
/// Bit of a poll word: somebody waits until this thread has passed a safepoint.
pub const POLL_HANDSHAKE: usize = 2;
/// Bits of a poll word from this one on belong to the layers above (signals, finalizers that wait …).
pub const POLL_USER: usize = 1 << 8;

pub(crate) const RUNNING: u32 = 0;
pub(crate) const NATIVE: u32 = 1;

/// An attached thread, seen from any thread.
pub struct Thread {
    registry: &'static Registry,
    pub(crate) state: AtomicU32,
    /// Lowest address with anything of interest; valid while native.
    stack_low: AtomicUsize,
    stack_high: usize,
    /// Where the stack is to be looked at from when the thread itself stops the others, or zero; see [`Thread::skip_stack_below`].
    stack_from: AtomicUsize,
    poll: *const AtomicUsize,
    context: *const (),
    /// The last handshake that the thread has answered.
    pub(crate) acknowledged: AtomicU64,
}

// SAFETY: the two pointers stay valid while the thread is in the registry (promise of `Registry::attach`); the poll
// word is atomic and the context is only looked at while its thread is stopped.
unsafe impl Send for Thread {}
// SAFETY: as above.
unsafe impl Sync for Thread {}

impl Thread {
    pub(crate) fn new(registry: &'static Registry, poll: *const AtomicUsize, context: *const ()) -> Thread {
        Thread {
            registry,
            state: AtomicU32::new(RUNNING),
            stack_low: AtomicUsize::new(0),
            stack_high: stack::stack_bounds().end,
            stack_from: AtomicUsize::new(0),
            poll,
            context,
            acknowledged: AtomicU64::new(0),
        }
    }

    /// What the layer above hung on this thread when it attached.
    pub fn context(&self) -> *const () {
        self.context
    }

    /// The part of the native stack that may hold references. Meaningful while the thread is native.
    pub fn stack(&self) -> std::ops::Range<usize> {
        self.stack_low.load(Ordering::Relaxed)..self.stack_high
    }

    /// Says that frames of the running thread below an address hold nothing of interest, for the stops that it makes from now on.
    /// Zero: nothing is known of them.
    pub fn skip_stack_below(&self, address: usize) {
        self.stack_from.store(address, Ordering::Relaxed);
    }

    /// The lower end of what a stop by this thread, whose registers lie at `lowest`, must look at.
    pub(crate) fn lowest_of_interest(&self, lowest: usize) -> usize {
        self.stack_from.load(Ordering::Relaxed).max(lowest)
    }

    pub(crate) fn poll(&self) -> &AtomicUsize {
        // SAFETY: valid while the thread is attached (promise of `Registry::attach`); only threads in the registry
        // and the thread itself get here.
        unsafe { &*self.poll }
    }

    /// Runs `body` in the native state: it may block as long as it likes and must not touch the heap, except for
    /// memory inside objects that the callers keep alive (buffers). A thread that runs alone lets the others go meanwhile.
    pub fn native<R>(self: &Arc<Self>, body: impl FnOnce() -> R) -> R {
        let alone = self.registry.is_alone(self);
        if alone {
            self.registry.let_others_go(self);
        }
        let result = self.native_among_others(body);
        if alone {
            self.registry.hold_others(self);
        }
        result
    }

    /// The same for a body that waits for no other thread: who is held back stays so.
    pub(crate) fn native_among_others<R>(&self, body: impl FnOnce() -> R) -> R {
        let mut body = Some(body);
        let mut result = None;
        stack::with_spilled_registers(&mut |lowest| {
            self.enter_native(lowest);
            let _native = LeaveNative(self);
            result = body.take().map(|body| body());
        });
        result.expect("the body ran")
    }

    /// Lets stops and handshakes that are under way happen. To be called when the poll word is not zero, and before
    /// anything that may take long.
    pub fn safepoint(&self) {
        stack::with_spilled_registers(&mut |lowest| {
            if self.poll().load(Ordering::Relaxed) & POLL_HANDSHAKE != 0 {
                // ORDER: first the bit, then the number. A handshake that starts in between sets the bit again; then
                // the next safepoint answers it once more, which does no harm.
                self.poll().fetch_and(!POLL_HANDSHAKE, Ordering::SeqCst);
                self.acknowledged.store(self.registry.handshake_number(), Ordering::SeqCst);
            }
            self.enter_native(lowest);
            self.leave_native();
        });
    }

    /// From here on the thread counts as stopped.
    pub(crate) fn enter_native(&self, lowest: usize) {
        self.stack_low.store(lowest, Ordering::Relaxed);
        // ORDER: the state first, then the look for waiters, both sequentially consistent; a waiter announces itself
        // first and then looks at the states. So one of the two sees the other.
        self.state.swap(NATIVE, Ordering::SeqCst);
        self.registry.wake_waiters();
    }

    /// Goes on once no stop is under way and no other thread runs alone.
    pub(crate) fn leave_native(&self) {
        loop {
            // ORDER: the state first, then the look for a stop; whoever stops the world does it the other way round.
            self.state.swap(RUNNING, Ordering::SeqCst);
            if !self.registry.holds_back(self) {
                return;
            }
            self.state.swap(NATIVE, Ordering::SeqCst);
            self.registry.wait_until_released(self);
        }
    }

    /// Takes the thread out of the registry. Its poll word and context may be freed afterwards.
    pub fn detach(self: Arc<Self>) {
        self.registry.let_others_go(&self);
        // What is left on this stack is of no interest to a stop that finds the thread here.
        self.stack_low.store(self.stack_high, Ordering::Relaxed);
        // A stop that waits for this thread must not do so while this thread waits for the registry's lock.
        self.state.swap(NATIVE, Ordering::SeqCst);
        self.registry.remove(&self);
    }
}

/// Leaves the native state on drop.
pub(crate) struct LeaveNative<'a>(pub(crate) &'a Thread);

impl Drop for LeaveNative<'_> {
    fn drop(&mut self) {
        self.0.leave_native()
    }
}
