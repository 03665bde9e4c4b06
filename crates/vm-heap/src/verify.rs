//! The verifier: marks again from the same roots, with its own set and through the public layouts instead of the
//! collector's descriptors, and compares.
//!
//! Right after a collection everything reachable must carry a mark, a start bit, a set collector byte and the current
//! epoch on all its lines. After a minor collection a failure usually means a store without a barrier; a reference to
//! something that is no object means a missing root or an object written to after its death.

use crate::collect::stacks;
use crate::header::OLD;
use crate::heap::{Heap, State};
use crate::layout::{Tail, layout};
use crate::mark::Finder;
use crate::mutator::Mutator;
use crate::scan::header_at;
use crate::space::LINE_BITS;
use crate::value::Value;
use std::collections::HashSet;
use std::sync::atomic::Ordering;
use vm_sync::World;

/// Most problems that are described.
const MOST_PROBLEMS: usize = 20;

/// What the verifier found.
#[derive(Debug, Default)]
pub struct Verification {
    /// Reachable objects.
    pub objects: usize,
    /// Their bytes.
    pub bytes: usize,
    /// Descriptions of what is wrong; empty when all is well.
    pub problems: Vec<String>,
}

impl Mutator {
    /// Collects and verifies the heap right afterwards.
    pub fn verify(&self, full: bool) -> Verification {
        self.stop_the_world(|world| {
            crate::collect::collect(self.heap(), world, full, false);
            verify(self.heap(), &self.heap().lock(), world)
        })
    }
}

/// To be called right after a collection, in the same stop.
pub(crate) fn verify(heap: &Heap, state: &State, world: &World<'_>) -> Verification {
    let finder = Finder { space: heap.space, blocks: &state.blocks, large: &state.large };
    let mut verifier = Verifier {
        heap,
        finder,
        epoch: heap.epoch.load(Ordering::Relaxed),
        seen: HashSet::new(),
        open: Vec::new(),
        result: Verification::default(),
    };
    for range in stacks(world) {
        for address in (range.start & !7..range.end & !7).step_by(8) {
            // SAFETY: stacks of stopped threads are readable in their published bounds.
            verifier.ambiguous(unsafe { *(address as *const usize) }, 0);
        }
    }
    state.roots.for_each(true, &mut |object| verifier.reference(object, 0));
    for &object in state.finalizers.ready.iter().chain(&state.weak.cleared) {
        verifier.reference(object, 0);
    }
    while let Some(object) = verifier.open.pop() {
        verifier.object(object);
    }
    verifier.result
}

struct Verifier<'a> {
    heap: &'a Heap,
    finder: Finder<'a>,
    epoch: u8,
    seen: HashSet<usize>,
    open: Vec<usize>,
    result: Verification,
}

impl Verifier<'_> {
    fn problem(&mut self, text: impl FnOnce() -> String) {
        if self.result.problems.len() < MOST_PROBLEMS {
            self.result.problems.push(text())
        }
    }

    fn ambiguous(&mut self, word: usize, from: usize) {
        // SAFETY: the world is stopped while the verifier runs.
        if let Some(object) = unsafe { self.finder.find(word) } {
            self.reference(object, from)
        }
    }

    fn reference(&mut self, object: usize, from: usize) {
        let space = &self.heap.space;
        if !space.contains(object) || !self.seen.insert(object) {
            return;
        }
        // SAFETY: the address lies in the range.
        let (start, marked) = unsafe { (space.is_start(object), space.is_marked(object)) };
        if object & 7 != 0 || !start || !marked {
            let source = if from == 0 { "a root".to_string() } else { describe(from) };
            let state = if start { "an unmarked object" } else { "no object" };
            self.problem(|| format!("{source} refers to {object:#x}, which is {state}"));
            return;
        }
        self.open.push(object);
    }

    fn object(&mut self, address: usize) {
        // SAFETY: a start bit says that there is an object; the world is stopped.
        let header = unsafe { header_at(address) };
        let layout = layout(header.layout());
        // SAFETY: as above.
        let size = unsafe { layout.size_of(address) };
        self.result.objects += 1;
        self.result.bytes += size;
        if header.collector_byte().load(Ordering::Relaxed) != OLD {
            self.problem(|| format!("{} is marked, but its collector byte is not set", describe(address)));
        }
        if address < self.finder.large.floor() {
            for line in address >> LINE_BITS..=(address + size - 1) >> LINE_BITS {
                let block = (line << LINE_BITS) & !(crate::space::BLOCK - 1);
                let index = ((line << LINE_BITS) - block) >> LINE_BITS;
                // SAFETY: the block lies in the range and the world is stopped.
                if unsafe { self.heap.space.lines(block) }[index] != self.epoch {
                    self.problem(|| format!("{} lies on a free line", describe(address)));
                }
            }
        }
        let word = |index: usize| {
            // SAFETY: all words looked at lie inside the object.
            unsafe { *((address + 8 * index) as *const u64) }
        };
        let fixed = layout.fixed_size as usize / 8;
        for index in 0..fixed {
            if layout.values >> index & 1 != 0 {
                self.value(word(index), address);
            }
            if layout.pointers >> index & 1 != 0 && word(index) != 0 {
                self.reference(word(index) as usize, address);
            }
        }
        for index in fixed..size / 8 {
            match layout.tail {
                Tail::Values => self.value(word(index), address),
                Tail::Words => self.ambiguous(word(index) as usize, address),
                Tail::None | Tail::Bytes => break,
            }
        }
    }

    fn value(&mut self, word: u64, from: usize) {
        let value = Value::from_bits(word);
        if value.is_object() {
            self.reference(value.address(), from)
        }
    }
}

fn describe(address: usize) -> String {
    // SAFETY: called for objects that were found to have a start bit.
    let header = unsafe { header_at(address) };
    format!("{} at {address:#x} (shape {})", layout(header.layout()).name, header.shape().0)
}

/// Ends the process: the heap is not to be trusted any more.
pub(crate) fn abort_with(report: &Verification) -> ! {
    eprintln!("fatal: the heap is damaged ({} objects checked)", report.objects);
    for problem in &report.problems {
        eprintln!("  {problem}");
    }
    std::process::abort()
}
