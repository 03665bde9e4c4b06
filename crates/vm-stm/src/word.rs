//! The word behind the header of every mutable object.
//!
//! ```text
//! bits 4-63 version | bit 2 LOCKED
//! ```
//! LOCKED: somebody is changing the payload right now (one container operation). Locks are leaves: nobody waits,
//! allocates or calls Python while holding one. While the process has a single thread nothing is locked at all.

use std::sync::atomic::{AtomicBool, Ordering};
use vm_heap::Field;

const LOCKED: u64 = 1 << 2;
const VERSION_STEP: u64 = 1 << 4;

static CONCURRENT: AtomicBool = AtomicBool::new(false);

/// From now on there may be more than one thread. Called before the second one starts, so no operation is under way
/// that went without its lock.
pub fn set_concurrent() {
    CONCURRENT.store(true, Ordering::SeqCst);
}

/// Whether there may be more than one thread.
#[inline(always)]
pub fn is_concurrent() -> bool {
    CONCURRENT.load(Ordering::Relaxed)
}

/// The right to change one object, given back on drop.
pub struct Locked<'a>(Option<&'a Field<u64>>);

/// Locks an object for one operation, if the process has several threads.
#[inline]
pub fn lock(word: &Field<u64>) -> Locked<'_> {
    if !is_concurrent() {
        return Locked(None);
    }
    let atomic = word.word();
    let mut spins = 0u32;
    loop {
        let seen = atomic.load(Ordering::Relaxed);
        if seen & LOCKED == 0
            && atomic.compare_exchange_weak(seen, seen | LOCKED, Ordering::Acquire, Ordering::Relaxed).is_ok()
        {
            return Locked(Some(word));
        }
        spins += 1;
        if spins.is_multiple_of(64) {
            std::thread::yield_now();
        } else {
            std::hint::spin_loop();
        }
    }
}

impl Drop for Locked<'_> {
    #[inline]
    fn drop(&mut self) {
        if let Some(word) = self.0 {
            let atomic = word.word();
            let seen = atomic.load(Ordering::Relaxed);
            atomic.store((seen & !LOCKED).wrapping_add(VERSION_STEP), Ordering::Release);
        }
    }
}
