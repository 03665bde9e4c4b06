//! What the JIT has done, in numbers: for reports, and for tests to see that code really ran.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counters that all threads add to.
#[derive(Default)]
pub(crate) struct Counters {
    pub loops: AtomicU64,
    pub bridges: AtomicU64,
    pub given_up: AtomicU64,
    pub entries: AtomicU64,
}

/// What the JIT has done so far.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Statistics {
    /// Loops compiled.
    pub loops: u64,
    /// Bridges compiled.
    pub bridges: u64,
    /// Recordings given up.
    pub given_up: u64,
    /// How often the interpreter entered compiled code.
    pub entries: u64,
}

impl Counters {
    /// Adds one. Threads may lose each other's counts: exact ones would cost each entry a locked instruction.
    pub fn add(counter: &AtomicU64) {
        counter.store(counter.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    pub fn read(&self) -> Statistics {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Statistics {
            loops: get(&self.loops),
            bridges: get(&self.bridges),
            given_up: get(&self.given_up),
            entries: get(&self.entries),
        }
    }
}
