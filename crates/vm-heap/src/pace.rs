//! How much the heap may grow until the next full collection.
//!
//! A program that seldom collects fully keeps its heap small: that costs it little. Where full collections take more than a twelfth of
//! the time, the heap may grow more, in two steps up to what is configured; where they take less than a fiftieth, less again.

use crate::configuration::Configuration;
use std::time::{Duration, Instant};

/// Parts of the configured growth and minimum, in eighths, from the smallest heap on.
const STEPS: [(usize, usize); 3] = [(5, 3), (6, 5), (8, 8)];

/// See the module's head.
#[derive(Default)]
pub(crate) struct Pace {
    step: usize,
    /// When the last full collection ended.
    ended: Option<Instant>,
}

impl Pace {
    /// Takes note of a full collection that ends now.
    pub fn note(&mut self, taken: Duration) {
        let now = Instant::now();
        if let Some(before) = self.ended.replace(now) {
            let all = now - before;
            if taken * 12 > all {
                self.step = (self.step + 1).min(STEPS.len() - 1);
            } else if taken * 50 < all {
                self.step = self.step.saturating_sub(1);
            }
        }
    }

    /// The bytes, nursery included, from which a full collection is due where so many live.
    pub fn threshold(&self, live: usize, configuration: &Configuration) -> usize {
        let (growth, minimum) = STEPS[self.step];
        let grown = (live as f64 * (configuration.growth - 1.0)) as usize;
        live + (grown / 8 * growth).max(configuration.full_minimum / 8 * minimum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costly_collections_let_the_heap_grow() {
        let configuration = Configuration::default();
        let mut pace = Pace::default();
        let small = pace.threshold(1 << 20, &configuration);
        pace.note(Duration::from_millis(1));
        assert_eq!(pace.threshold(1 << 20, &configuration), small);
        for _ in 0..3 {
            // As if it had taken far more than there was since the last one.
            pace.note(Duration::from_secs(100));
        }
        assert_eq!(pace.threshold(1 << 20, &configuration), (1 << 20) + configuration.full_minimum);
        assert!(small < pace.threshold(1 << 20, &configuration));
        for _ in 0..2 {
            std::thread::sleep(Duration::from_millis(1));
            pace.note(Duration::ZERO);
        }
        assert_eq!(pace.threshold(1 << 20, &configuration), small);
    }
}
