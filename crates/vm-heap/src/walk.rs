//! Walking over the heap for tools: all objects, all references of one object.

use crate::heap::Heap;
use crate::mark::Finder;
use crate::mutator::Mutator;
use crate::scan::{Visitor, header_word, visit_references};
use crate::value::Value;

impl Mutator {
    /// Calls `visit` with every object in the heap, dead ones included that no collection has found yet (a full
    /// collection before gives the live ones only). The world is stopped meanwhile: `visit` must not allocate.
    pub fn for_each_object(&self, mut visit: impl FnMut(Value)) {
        let heap = self.heap();
        self.stop_the_world(|_| {
            let state = heap.lock();
            state.blocks.for_each_used(&heap.space, |block| {
                // SAFETY: the block is in use and the world stopped.
                unsafe { heap.space.objects_in_block(block, |object| visit(Value::object(object))) }
            });
            state.large.for_each(|object| visit(Value::object(object)));
        })
    }

    /// Calls `visit` with the bits of every value that an object in the heap names by its address, and with other words there and in the ranges that
    /// `frames` gives: parts of value stacks. The world is stopped meanwhile: neither may allocate.
    pub fn for_each_name(&self, frames: impl FnOnce() -> Vec<std::ops::Range<usize>>, visit: impl FnMut(u64)) {
        let heap = self.heap();
        self.stop_the_world(|_| {
            let state = heap.lock();
            let mut names = Names(visit);
            let mut object = |address: usize| {
                // SAFETY: an object in the heap, and the world is stopped.
                unsafe { visit_references(address, header_word(address), &mut names) }
            };
            state.blocks.for_each_used(&heap.space, |block| {
                // SAFETY: the block is in use and the world stopped.
                unsafe { heap.space.objects_in_block(block, &mut object) }
            });
            state.large.for_each(object);
            for range in frames() {
                for address in range.step_by(size_of::<u64>()) {
                    // SAFETY: a word of the value stack of a stopped thread, or of this one.
                    (names.0)(unsafe { *(address as *const u64) });
                }
            }
        })
    }

    /// Calls `visit` with every reference that the collector follows from `object`. The world is stopped meanwhile.
    pub fn for_each_reference(&self, object: Value, visit: impl FnMut(Value)) {
        assert!(object.is_object() && self.heap().contains(object.address()));
        let heap = self.heap();
        self.stop_the_world(|_| {
            let state = heap.lock();
            let finder = Finder { space: heap.space, blocks: &state.blocks, large: &state.large };
            // SAFETY: a value refers to a live object, and the world is stopped.
            unsafe { references_of(object.address(), heap, finder, visit) }
        })
    }
}

/// Words that name objects: references, and words of memory scanned conservatively, which may be anything.
struct Names<F>(F);

impl<F: FnMut(u64)> Visitor for Names<F> {
    fn reference(&mut self, address: usize) {
        (self.0)(Value::object(address).bits());
    }
    fn ambiguous(&mut self, word: usize) {
        (self.0)(word as u64);
    }
}

/// # Safety
/// There must be an object, and the world must be stopped.
pub(crate) unsafe fn references_of(address: usize, heap: &Heap, finder: Finder<'_>, visit: impl FnMut(Value)) {
    struct Each<'a, F>(&'a Heap, Finder<'a>, F);
    impl<F: FnMut(Value)> Visitor for Each<'_, F> {
        fn reference(&mut self, address: usize) {
            if self.0.contains(address) {
                self.2(Value::object(address))
            }
        }
        fn ambiguous(&mut self, word: usize) {
            // SAFETY: the world is stopped.
            if let Some(object) = unsafe { self.1.find(word) } {
                self.2(Value::object(object))
            }
        }
    }
    // SAFETY: by the caller's promise.
    unsafe { visit_references(address, header_word(address), &mut Each(heap, finder, visit)) }
}
