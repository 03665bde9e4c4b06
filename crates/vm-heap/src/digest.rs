//! Digest of what a value reaches: two graphs of the same structure and content have the same digest, wherever they
//! lie. Used to show that an aborted transaction leaves no trace.

use crate::heap::Heap;
use crate::layout::{Layout, Tail, layout};
use crate::mutator::Mutator;
use crate::scan::header_at;
use crate::value::Value;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher};

impl Mutator {
    /// Digest of the objects that `root` reaches: layouts, flags, shapes, references by order of discovery, all other
    /// words and bytes as they are. `ignore` says which fixed words (by layout and word number) do not count, such as
    /// versions and caches; words of `Tail::Words` count as they are, without following them.
    pub fn digest(&self, root: Value, ignore: impl Fn(&Layout, usize) -> bool) -> u64 {
        self.stop_the_world(|_| {
            let mut digest = Digest { heap: self.heap(), numbers: HashMap::new(), open: Vec::new() };
            let mut hasher = DefaultHasher::new();
            let word = digest.number(root.bits());
            hasher.write_u64(word);
            let mut done = 0;
            while done < digest.open.len() {
                digest.object(digest.open[done], &mut hasher, &ignore);
                done += 1;
            }
            hasher.finish()
        })
    }
}

struct Digest<'a> {
    heap: &'a Heap,
    numbers: HashMap<usize, u64>,
    open: Vec<usize>,
}

impl Digest<'_> {
    /// A value word with an object's address replaced by the object's number.
    fn number(&mut self, word: u64) -> u64 {
        let value = Value::from_bits(word);
        if value.is_object() && self.heap.contains(value.address()) {
            self.object_number(value.address())
        } else {
            word
        }
    }

    fn object_number(&mut self, address: usize) -> u64 {
        let next = self.numbers.len() as u64;
        *self.numbers.entry(address).or_insert_with(|| {
            self.open.push(address);
            next
        })
    }

    fn object(&mut self, address: usize, hasher: &mut DefaultHasher, ignore: &impl Fn(&Layout, usize) -> bool) {
        // SAFETY: only live objects are numbered, and the world is stopped.
        let header = unsafe { header_at(address) };
        let layout = layout(header.layout());
        // SAFETY: as above.
        let size = unsafe { layout.size_of(address) };
        hasher.write_u16(header.layout().0);
        hasher.write_u8(header.flags());
        hasher.write_u32(header.shape().0);
        hasher.write_usize(size);
        let fixed = layout.fixed_size as usize / 8;
        for index in 1..size / 8 {
            if index < fixed && ignore(layout, index) {
                continue;
            }
            // SAFETY: the word lies inside the object.
            let word = unsafe { *((address + 8 * index) as *const u64) };
            let is_value = if index < fixed { layout.values >> index & 1 != 0 } else { layout.tail == Tail::Values };
            let is_pointer = index < fixed && layout.pointers >> index & 1 != 0;
            hasher.write_u64(if is_value {
                self.number(word)
            } else if is_pointer && word != 0 && self.heap.contains(word as usize) {
                self.object_number(word as usize)
            } else {
                word
            });
        }
    }
}
