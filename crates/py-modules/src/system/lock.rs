//! The lock of one object, held by a thread over a whole method call, also while that runs Python code.
//!
//! Streams change in several steps with calls of other streams in between, which the version word can't protect since
//! nothing may be called under it. Whoever waits here is in the native state, so that collections go on.

use py_object::Cx;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;
use vm_heap::{Field, Gc};

/// Bit of a lock word: somebody waits.
const WAITED_FOR: u64 = 1;

static GATE: Mutex<()> = Mutex::new(());
static OPENED: Condvar = Condvar::new();

/// A held lock. It is given back when this is dropped.
pub struct Held {
    word: &'static AtomicU64,
    /// Address of the object, which keeps it alive while this lies on a stack.
    owner: usize,
    /// Whether this is the outermost hold of its thread.
    is_outermost: bool,
}

/// Number of the calling thread in lock words.
fn thread_number(cx: &Cx) -> u64 {
    cx as *const Cx as u64 & !WAITED_FOR
}

/// Whether the calling thread holds a lock.
pub fn is_mine(cx: &Cx, field: &Field<u64>) -> bool {
    field.word().load(Ordering::Relaxed) & !WAITED_FOR == thread_number(cx)
}

/// Takes the lock of an object; the calling thread may hold it already.
pub fn hold<T>(cx: &mut Cx, object: Gc<T>, field: &Field<u64>) -> Held {
    // SAFETY: the word lies in the object, which the result keeps alive by its address.
    let word: &'static AtomicU64 = unsafe { &*(field.word() as *const AtomicU64) };
    let me = thread_number(cx);
    let owner = object.address();
    if !vm_stm::is_concurrent() {
        let is_outermost = word.load(Ordering::Relaxed) != me;
        word.store(me, Ordering::Relaxed);
        return Held { word, owner, is_outermost };
    }
    match word.compare_exchange(0, me, Ordering::Acquire, Ordering::Relaxed) {
        Ok(_) => Held { word, owner, is_outermost: true },
        Err(other) if other & !WAITED_FOR == me => Held { word, owner, is_outermost: false },
        Err(_) => {
            cx.mutator().native(|| wait(word, me));
            Held { word, owner, is_outermost: true }
        }
    }
}

#[cold]
fn wait(word: &AtomicU64, me: u64) {
    let mut gate = GATE.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        let current = word.load(Ordering::Relaxed);
        // Nobody holds it, though somebody may have noted that they wait just when it was given back.
        let (wanted, is_free) = match current & !WAITED_FOR {
            0 => (me | WAITED_FOR, true),
            holder => (holder | WAITED_FOR, false),
        };
        if word.compare_exchange(current, wanted, Ordering::Acquire, Ordering::Relaxed).is_err() {
            continue;
        }
        if is_free {
            return;
        }
        gate = OPENED.wait_timeout(gate, Duration::from_millis(5)).unwrap_or_else(PoisonError::into_inner).0;
    }
}

impl Held {
    /// Whether the thread did not hold the lock before.
    pub fn is_outermost(&self) -> bool {
        self.is_outermost
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        std::hint::black_box(self.owner);
        if !self.is_outermost {
            return;
        }
        if !vm_stm::is_concurrent() {
            // There is nobody who could wait, and nobody comes while this thread is here.
            self.word.store(0, Ordering::Relaxed);
            return;
        }
        if self.word.swap(0, Ordering::Release) & WAITED_FOR != 0 {
            let _gate = GATE.lock().unwrap_or_else(PoisonError::into_inner);
            OPENED.notify_all();
        }
    }
}
