//! Whether entering a loop's code pays.
//!
//! Entering and leaving cost what the interpreter needs for some dozens of instructions. A loop of one or two turns, or one whose turns
//! go other ways than its traces, may be left again before that is made up for. Some stays are measured; where most are too short, the
//! interpreter keeps the loop to itself for a while.

use std::sync::atomic::{AtomicU32, Ordering};

/// One stay in so many is measured.
const INTERVAL: u32 = 64;
/// Measured stays before anything is decided.
const SAMPLES: u32 = 32;
/// Turns that the interpreter keeps a loop to itself.
pub(crate) const PAUSE: i32 = 1 << 20;

/// Processor cycles that make up for entering: a trace is three times as fast as the interpreter, but one that leaves instructions to
/// their slow paths hardly faster.
const SHORT: [u64; 2] = [200, 1200];

/// The stays in one loop's code. Threads may lose each other's counts.
#[derive(Default)]
pub(crate) struct Stays {
    entries: AtomicU32,
    samples: AtomicU32,
    short: AtomicU32,
}

/// The processor's cycle counter; constant where there is none.
fn cycles() -> u64 {
    // SAFETY: the instruction has no preconditions.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        std::arch::x86_64::_rdtsc()
    }
    #[cfg(not(target_arch = "x86_64"))]
    0
}

/// Adds one and returns the sum.
pub(crate) fn count(counter: &AtomicU32) -> u32 {
    let sum = counter.load(Ordering::Relaxed).wrapping_add(1);
    counter.store(sum, Ordering::Relaxed);
    sum
}

impl Stays {
    /// Makes a stay and says how it ended, and whether the loop's code has turned out not to be worth entering.
    #[inline(always)]
    pub fn measure<T>(&self, performs: bool, stay: impl FnOnce() -> T) -> (T, bool) {
        if !count(&self.entries).is_multiple_of(INTERVAL) {
            return (stay(), false);
        }
        let start = cycles();
        let result = stay();
        let is_short = cycles().wrapping_sub(start) < SHORT[usize::from(performs)];
        (result, self.note(is_short))
    }

    #[cold]
    fn note(&self, is_short: bool) -> bool {
        if is_short {
            count(&self.short);
        }
        if count(&self.samples) < SAMPLES {
            return false;
        }
        let short = self.short.swap(0, Ordering::Relaxed);
        self.samples.store(0, Ordering::Relaxed);
        short > SAMPLES / 4 * 3
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loops_that_are_left_at_once_do_not_pay() {
        for (stay, expected) in [(0, true), (SHORT[1] * 100, false)] {
            let stays = Stays::default();
            let mut verdict = false;
            for _ in 0..INTERVAL * SAMPLES {
                let ((), gives_up) = stays.measure(true, || {
                    let start = cycles();
                    while cycles() - start < stay {}
                });
                verdict |= gives_up;
            }
            assert_eq!(verdict, expected && cfg!(target_arch = "x86_64"));
        }
    }
}
