//! The word behind the header of every mutable object.
//!
//! ```text
//! bits 4-63 version | bit 2 LOCKED
//! ```
//! LOCKED: somebody is changing the payload right now (a committing transaction, or one operation outside a block). Locks are
//! leaves: nobody waits, allocates or calls the language while holding one.
//!
//! What an operation outside a block pays depends on what exists in the process: nothing while there is one thread; a
//! lock for operations on containers with several threads; a lock and a new version for every write once there are
//! transactions.

use crate::clock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use vm_heap::Field;

pub(crate) const LOCKED: u64 = 1 << 2;
/// Distance of two versions.
pub(crate) const VERSION_STEP: u64 = 1 << 4;
/// Byte offset of the word in every mutable object.
pub const WORD_OFFSET: usize = 8;

static CONCURRENT: AtomicBool = AtomicBool::new(false);
static TRANSACTIONS: AtomicBool = AtomicBool::new(false);

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

/// From now on there may be transactions. Every thread must pass a safepoint before the first one begins.
pub fn set_transactions() {
    CONCURRENT.store(true, Ordering::SeqCst);
    TRANSACTIONS.store(true, Ordering::SeqCst);
}

/// Whether there may be transactions.
#[inline(always)]
pub fn are_transactions() -> bool {
    TRANSACTIONS.load(Ordering::Relaxed)
}

/// The right to change one object, given back on drop.
pub struct Locked<'a>(Option<&'a AtomicU64>);

/// Locks an object for one operation, if the process has several threads.
#[inline]
pub fn lock(word: &Field<u64>) -> Locked<'_> {
    if is_concurrent() { lock_word(word.word()) } else { Locked(None) }
}

/// Locks an object for one write outside a block, if there are transactions that could see it half done.
#[inline]
pub fn lock_for_write(word: &Field<u64>) -> Locked<'_> {
    if are_transactions() { lock_word(word.word()) } else { Locked(None) }
}

/// Locks an object by its word.
pub fn lock_word(word: &AtomicU64) -> Locked<'_> {
    let mut spins = Spins::default();
    loop {
        let seen = word.load(Ordering::Relaxed);
        if seen & LOCKED == 0
            && word.compare_exchange_weak(seen, seen | LOCKED, Ordering::Acquire, Ordering::Relaxed).is_ok()
        {
            return Locked(Some(word));
        }
        spins.wait();
    }
}

impl Drop for Locked<'_> {
    #[inline]
    fn drop(&mut self) {
        if let Some(word) = self.0 {
            // Transactions must see that the object has changed.
            let version =
                if are_transactions() { clock::tick() } else { word.load(Ordering::Relaxed) & !(VERSION_STEP - 1) };
            // ORDER: what was written under the lock is visible to whoever sees the word unlocked.
            word.store(version, Ordering::Release);
        }
    }
}

/// Waiting for a lock that is held for a moment.
#[derive(Default)]
pub(crate) struct Spins(u32);

impl Spins {
    pub(crate) fn wait(&mut self) {
        self.0 += 1;
        if self.0.is_multiple_of(64) {
            std::thread::yield_now();
        } else {
            std::hint::spin_loop();
        }
    }
    pub(crate) fn count(&self) -> u32 {
        self.0
    }
}

/// Reads a field outside a block: never half of a commit.
#[inline]
pub fn read_outside(version: &AtomicU64, field: &AtomicU64) -> vm_heap::Value {
    let mut spins = Spins::default();
    loop {
        let before = version.load(Ordering::Acquire);
        let word = field.load(Ordering::Acquire);
        // ORDER: the field must have been read before the version is looked at again.
        std::sync::atomic::fence(Ordering::Acquire);
        if before & LOCKED == 0 && version.load(Ordering::Relaxed) == before {
            return vm_heap::Value::from_bits(word);
        }
        spins.wait();
    }
}
