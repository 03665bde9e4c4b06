//! Native memory that belongs to objects and is freed after their death.
//!
//! A code object of a language owns what it was compiled from, outside the heap. Unlike a finalizer the release runs no code of the
//! language and revives nothing.
//!
//! What belonged to a dead object is freed by the collection after the one that found it dead: whoever still reads it, on the way
//! out of a native function, has until then.

use crate::space::Space;

/// Frees the memory at an address. It runs while the world is stopped and must not touch the heap.
pub type Release = fn(usize);

struct Owned {
    object: usize,
    memory: usize,
    release: Release,
}

/// All registrations. As with weak references, those that survived a collection are looked at by full collections only.
#[derive(Default)]
pub(crate) struct OwnedMemory {
    young: Vec<Owned>,
    old: Vec<Owned>,
    /// Those of dead objects.
    doomed: Vec<Owned>,
}

impl OwnedMemory {
    pub fn register(&mut self, object: usize, memory: usize, release: Release) {
        self.young.push(Owned { object, memory, release });
    }

    /// Frees what belonged to objects that the collection before found dead, and finds those that are dead now. Returns whether there
    /// are any.
    ///
    /// # Safety
    /// The world must be stopped, marking finished and nothing swept.
    pub unsafe fn release_dead(&mut self, space: &Space, full: bool) -> bool {
        for owned in self.doomed.drain(..) {
            (owned.release)(owned.memory);
        }
        // SAFETY: objects lie in the range.
        let lives = |owned: &mut Owned| unsafe { space.is_marked(owned.object) };
        if full {
            self.doomed.extend(self.old.extract_if(.., |owned| !lives(owned)));
        }
        self.doomed.extend(self.young.extract_if(.., |owned| !lives(owned)));
        self.old.append(&mut self.young);
        !self.doomed.is_empty()
    }
}
