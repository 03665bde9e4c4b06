//! A table that is read without a lock.

use std::sync::OnceLock;

/// Entries in a chunk.
const CHUNK: usize = 1024;
/// Chunks; what lies beyond them is looked up each time.
const CHUNKS: usize = 256;

/// Things that live as long as the process, by number. They are entered when somebody first asks for them.
pub(crate) struct Index<T: 'static>([OnceLock<Box<[OnceLock<&'static T>]>>; CHUNKS]);

impl<T> Index<T> {
    pub const fn new() -> Index<T> {
        Index([const { OnceLock::new() }; CHUNKS])
    }

    /// The entry with a number; where nobody has asked for it yet, what `look_up` says, which must be the same each time.
    #[inline]
    pub fn get(&self, number: u32, look_up: impl FnOnce() -> &'static T) -> &'static T {
        let (chunk, place) = (number as usize / CHUNK, number as usize % CHUNK);
        match self.0.get(chunk).and_then(OnceLock::get).and_then(|chunk| chunk[place].get()) {
            Some(known) => known,
            None => self.enter(chunk, place, look_up()),
        }
    }

    #[cold]
    fn enter(&self, chunk: usize, place: usize, entry: &'static T) -> &'static T {
        if let Some(chunk) = self.0.get(chunk) {
            let places = chunk.get_or_init(|| (0..CHUNK).map(|_| OnceLock::new()).collect());
            let _ = places[place].set(entry);
        }
        entry
    }
}
