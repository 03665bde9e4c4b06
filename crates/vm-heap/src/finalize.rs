//! Objects that a language wants to see once more before they go (PEP 442).
//!
//! A registered object that nothing reaches is revived, with all that it refers to, and queued; `take_finalizable`
//! hands it out exactly once, and the language runs its finalizer. If it is unreachable again afterwards it is
//! simply freed, unless the language registered it again.
//! Like weak references, registrations that survived a collection are looked at by full collections only.

use crate::header::LayoutId;
use crate::layout::MAX_LAYOUTS;
use crate::scan::header_at;
use crate::space::Space;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Whether the finalizer of the object at an address, which has not been swept, still has anything to do.
pub type FinalizerTest = fn(usize) -> bool;

/// The tests by layout: addresses of `FinalizerTest`s, or 0.
static TESTS: [AtomicUsize; MAX_LAYOUTS] = [const { AtomicUsize::new(0) }; MAX_LAYOUTS];

/// Declares how the collector finds out that a registered object of a layout needs no finalizer any more. It is not revived then,
/// and its registration is forgotten. The test runs while the world is stopped and may only read the object.
pub fn set_finalizer_test(layout: LayoutId, test: FinalizerTest) {
    TESTS[layout.0 as usize].store(test as usize, Ordering::Release);
}

/// # Safety
/// There must be an object that has not been swept.
unsafe fn is_needed(object: usize) -> bool {
    // SAFETY: the caller's promise.
    let layout = unsafe { header_at(object) }.layout();
    match TESTS[layout.0 as usize].load(Ordering::Acquire) {
        0 => true,
        address => {
            // SAFETY: the table holds addresses of such functions only.
            let test = unsafe { std::mem::transmute::<usize, FinalizerTest>(address) };
            test(object)
        }
    }
}

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

    /// Calls `visit` with every registered object, and with those in the queue if they are asked for.
    pub fn for_each(&self, queued: bool, visit: &mut dyn FnMut(usize)) {
        let queued = queued.then_some(&self.ready).into_iter().flatten();
        self.old.iter().chain(&self.young).chain(queued).for_each(|object| visit(*object));
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
            // SAFETY: registered objects are swept only after this has judged them.
            if !unsafe { is_needed(object) } {
                continue;
            }
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
