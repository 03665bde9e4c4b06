//! The time base of versions. All of it is behind these two functions, since a shared counter limits short disjoint
//! transactions and may be replaced.

use crate::word::VERSION_STEP;
use std::sync::atomic::{AtomicU64, Ordering};

/// A cache line of its own: every commit writes it.
#[repr(align(128))]
struct Clock(AtomicU64);

static CLOCK: Clock = Clock(AtomicU64::new(VERSION_STEP));

/// The present time, as a version.
pub(crate) fn now() -> u64 {
    CLOCK.0.load(Ordering::Acquire)
}

/// A new time, later than every time given out before.
pub(crate) fn tick() -> u64 {
    CLOCK.0.fetch_add(VERSION_STEP, Ordering::AcqRel) + VERSION_STEP
}
