//! Objects that a language wants to see once more before they go (PEP 442).
//!
//! A registered object that nothing reaches is revived, with all that it refers to, and queued; `take_finalizable`
//! hands it out exactly once, and the language runs its finalizer. If it is unreachable again afterwards it is
//! simply freed, unless the language registered it again.
//! Like weak references, registrations that survived a collection are looked at by full collections only.

use crate::space::Space;
use std::collections::VecDeque;

/// All registrations.
#[derive(Default)]
pub(crate) struct Finalizers {
    young: Vec<usize>,
    old: Vec<usize>,
    /// Unreachable objects in the order of their registration; the collector keeps them alive.
    pub ready: VecDeque<usize>,
    /// How many objects have been queued since the start.
    pub total: u64,
}

impl Finalizers {
    pub fn register(&mut self, object: usize) {
        self.young.push(object);
    }

    /// Queues all registered objects.
    pub fn queue_all(&mut self) {
        self.total += (self.old.len() + self.young.len()) as u64;
        self.ready.extend(self.old.drain(..));
        self.ready.extend(self.young.drain(..));
    }

    /// After marking: queues the registered objects without a mark and returns them, to be marked by the caller.
    ///
    /// # Safety
    /// The world must be stopped.
    pub unsafe fn find_dead(&mut self, space: &Space, full: bool) -> impl Iterator<Item = usize> {
        let mut examined = Vec::new();
        if full {
            examined.append(&mut self.old);
        }
        examined.append(&mut self.young);
        let before = self.ready.len();
        // All are judged before any is revived: what one of them reaches is as unreachable as the others.
        for object in examined {
            // SAFETY: the object lies in the range and has not been swept.
            if unsafe { space.is_marked(object) } {
                self.old.push(object);
            } else {
                self.ready.push_back(object);
                self.total += 1;
            }
        }
        self.ready.range(before..).copied()
    }
}
