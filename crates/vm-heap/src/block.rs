//! The table of blocks: which are free, which have holes, and who gets the next one.
//!
//! Blocks fill the heap's range from below; large objects come from above. A block is handed to one mutator (one of cells to several, in
//! portions), is *young* until the next collection and is in exactly one place: in use, on the free list, on the recyclable list
//! (lines) or on the partial list of its size class (cells). Only young blocks are swept by a minor collection.
//! The lists are stacks: what was freed last is still in the cache.

use crate::size_class::{CLASSES, SizeClass};
use crate::space::{BLOCK, BLOCK_BITS, GROUP, LINE, LINES, Space, release_pages, usable_lines};

/// What a block is used for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    /// Free; its memory holds rubbish.
    Free,
    /// Free and zeroed: never used or given back to the system.
    Zeroed,
    /// Objects bump-allocated into lines.
    Lines,
    /// Cells of one size class.
    Cells(SizeClass),
}

#[derive(Clone, Copy)]
struct Block {
    holds: Use,
    /// Lines with marked objects, or marked cells, when the block was last swept.
    live: u16,
    /// Lines that could be allocated into then.
    usable: u16,
}

/// Bytes of cells that are handed out at once from an empty block: of most size classes a small program needs few.
const PORTION: usize = 4 << 10;

/// A block with fewer lines to be allocated into is not worth the look at it.
const FEWEST_USABLE: u16 = LINES as u16 / 32;

impl Block {
    /// Bytes of the lines or cells that were in use when the block was last swept.
    fn live_bytes(self) -> usize {
        match self.holds {
            Use::Lines => self.live as usize * LINE,
            Use::Cells(class) => self.live as usize * class.cell(),
            Use::Free | Use::Zeroed => 0,
        }
    }
}

/// A block with room for bump allocation.
pub(crate) enum LineBlock {
    /// All of it is free and zeroed.
    Empty(usize),
    /// Its lines without the current epoch are free.
    Recycled(usize),
}

/// All blocks.
pub(crate) struct Blocks {
    table: Vec<Block>,
    free: Vec<u32>,
    recyclable: Vec<u32>,
    partial: [Vec<u32>; CLASSES],
    young: Vec<u32>,
    /// For each size class the block that has been handed out in part, and its first cell that has not been.
    unfinished: [Option<(u32, u16)>; CLASSES],
    /// Blocks that hold objects or were handed out.
    pub in_use: usize,
    /// Bytes of lines and cells that held objects when their block was last swept.
    pub live: usize,
    /// Free bytes handed out since the last collection.
    pub handed_out: usize,
    /// Objects that sweeping has found dead so far.
    pub freed: usize,
    /// Those of them that could refer to others, as far as they were counted.
    pub freed_containers: usize,
}

/// What sweeping does besides the lists.
#[derive(Clone, Copy)]
pub(crate) struct SweepOptions {
    pub epoch: u8,
    /// Overwrite what died.
    pub poison: bool,
    /// Count what died and could refer to other objects.
    pub count: bool,
}

/// Freed memory is filled with this word in poison mode: no value (its tag is the unused one) and no aligned pointer.
pub(crate) const POISON: u64 = 0xdbdb_dbdb_dbdb_dbdb;

impl Blocks {
    /// No blocks yet.
    pub fn new() -> Blocks {
        Blocks {
            table: Vec::new(),
            free: Vec::new(),
            recyclable: Vec::new(),
            partial: [const { Vec::new() }; CLASSES],
            young: Vec::new(),
            unfinished: [None; CLASSES],
            in_use: 0,
            live: 0,
            handed_out: 0,
            freed: 0,
            freed_containers: 0,
        }
    }

    /// Bytes of the range that blocks occupy or occupied.
    pub fn extent(&self) -> usize {
        self.table.len() << BLOCK_BITS
    }

    /// Whether the block with this index holds objects.
    pub fn is_used(&self, index: usize) -> bool {
        self.table.get(index).is_some_and(|block| !matches!(block.holds, Use::Free | Use::Zeroed))
    }

    /// A block with free lines, or `None` when the range is used up.
    pub fn take_lines(&mut self, space: &Space, ceiling: usize) -> Option<LineBlock> {
        if let Some(index) = self.recyclable.pop() {
            self.young.push(index);
            self.handed_out += self.table[index as usize].usable as usize * LINE;
            return Some(LineBlock::Recycled(space.base + ((index as usize) << BLOCK_BITS)));
        }
        let (index, zeroed) = self.take_free(space, ceiling)?;
        self.table[index].holds = Use::Lines;
        self.handed_out += BLOCK;
        let address = space.base + (index << BLOCK_BITS);
        if !zeroed {
            // SAFETY: the block is free, so nobody else uses its memory.
            unsafe { std::ptr::write_bytes(address as *mut u8, 0, BLOCK) }
        }
        Some(LineBlock::Empty(address))
    }

    /// Fills `cells` with free cells of one block of this class. Returns whether there were any.
    /// The cells' memory holds rubbish.
    pub fn take_cells(&mut self, space: &Space, ceiling: usize, class: SizeClass, cells: &mut Vec<usize>) -> bool {
        let recycled = |index: u32| (index, 0, class.cells());
        let portion = (PORTION / class.cell()).max(1);
        let unfinished = self.unfinished[class.0 as usize].take();
        let (index, from, to) = match unfinished.map(|(index, from)| (index, from as usize, from as usize + portion)) {
            Some(rest) => rest,
            None => match self.partial[class.0 as usize].pop() {
                Some(index) => {
                    self.young.push(index);
                    recycled(index)
                }
                None => match self.take_free(space, ceiling) {
                    Some((index, _)) => (index as u32, 0, portion),
                    None => return false,
                },
            },
        };
        let to = to.min(class.cells());
        if to < class.cells() {
            self.unfinished[class.0 as usize] = Some((index, to as u16));
        }
        self.table[index as usize].holds = Use::Cells(class);
        let block = space.base + ((index as usize) << BLOCK_BITS);
        // The lowest cell is used first.
        for number in (from..to).rev() {
            let cell = block + number * class.cell();
            // SAFETY: the cell lies in the range.
            if !unsafe { space.is_marked(cell) } {
                self.handed_out += class.cell();
                cells.push(cell);
            }
        }
        true
    }

    fn take_free(&mut self, space: &Space, ceiling: usize) -> Option<(usize, bool)> {
        let (index, zeroed) = match self.free.pop() {
            Some(index) => (index as usize, self.table[index as usize].holds == Use::Zeroed),
            None => {
                if space.base + self.extent() + BLOCK > ceiling {
                    return None;
                }
                self.table.push(Block { holds: Use::Zeroed, live: 0, usable: 0 });
                (self.table.len() - 1, true)
            }
        };
        self.young.push(index as u32);
        self.in_use += 1;
        Some((index, zeroed))
    }

    /// Sweeps the blocks that were handed out since the last collection.
    ///
    /// # Safety
    /// The world must be stopped and marking finished.
    pub unsafe fn sweep_young(&mut self, space: &Space, options: SweepOptions) {
        let mut young = std::mem::take(&mut self.young);
        for &index in &young {
            // SAFETY: by the caller's promise.
            unsafe { self.sweep(space, index, options) }
        }
        young.clear();
        self.young = young;
        self.handed_out = 0;
        self.unfinished = [None; CLASSES];
    }

    /// Sweeps all blocks.
    ///
    /// # Safety
    /// As for [`Blocks::sweep_young`].
    pub unsafe fn sweep_all(&mut self, space: &Space, options: SweepOptions) {
        self.free.clear();
        self.recyclable.clear();
        self.partial.iter_mut().for_each(Vec::clear);
        self.young.clear();
        self.handed_out = 0;
        self.unfinished = [None; CLASSES];
        // From above, so that the lowest free block is handed out first and the heap stays compact.
        for index in (0..self.table.len() as u32).rev() {
            if self.is_used(index as usize) {
                // SAFETY: by the caller's promise.
                unsafe { self.sweep(space, index, options) }
            } else {
                self.free.push(index);
            }
        }
    }

    unsafe fn sweep(&mut self, space: &Space, index: u32, options: SweepOptions) {
        let address = space.base + ((index as usize) << BLOCK_BITS);
        if options.count {
            // SAFETY: the block is in use and the world stopped; unmarked objects are dead and not yet overwritten.
            self.freed_containers += unsafe { count_dead_containers(space, address) };
        }
        if options.poison {
            // SAFETY: the block is in use and the world stopped; unmarked objects are dead.
            unsafe { poison_dead(space, address) }
        }
        let holds = self.table[index as usize].holds;
        // SAFETY: the block lies in the range, and the world is stopped.
        let (live, usable) = unsafe {
            self.freed += space.keep_only_marked(address);
            match holds {
                // A cell holds one object, at its start.
                Use::Cells(class) => {
                    let marked = |cell: &usize| space.is_marked(address + cell * class.cell());
                    ((0..class.cells()).filter(marked).count(), 0)
                }
                _ => count_lines(space, address, options.epoch),
            }
        };
        let block = &mut self.table[index as usize];
        self.live -= block.live_bytes();
        block.live = live as u16;
        block.usable = usable as u16;
        self.live += block.live_bytes();
        if live == 0 {
            block.holds = Use::Free;
            self.free.push(index);
            self.in_use -= 1;
        } else if let Use::Cells(class) = block.holds {
            if live < class.cells() {
                self.partial[class.0 as usize].push(index);
            }
        } else if block.usable >= FEWEST_USABLE {
            self.recyclable.push(index);
        }
    }

    /// Gives the memory of free blocks beyond `reserve` back to the system, the highest addresses first.
    /// To be called after [`Blocks::sweep_all`]. Returns the bytes given back.
    pub fn release(&mut self, space: &Space, reserve: usize) -> usize {
        let excess = self.free.len().saturating_sub(reserve >> BLOCK_BITS);
        let mut given = 0;
        // `sweep_all` left the list sorted from the highest to the lowest block; runs go back in one call each.
        let mut from = 0;
        while from < excess {
            if self.table[self.free[from] as usize].holds == Use::Zeroed {
                from += 1;
                continue;
            }
            let mut to = from + 1;
            while to < excess
                && self.free[to] + 1 == self.free[to - 1]
                && self.table[self.free[to] as usize].holds == Use::Free
            {
                to += 1;
            }
            let lowest = self.free[to - 1] as usize;
            let bytes = (to - from) << BLOCK_BITS;
            // SAFETY: these blocks are free.
            unsafe { release_pages(space.base + (lowest << BLOCK_BITS), bytes) }
            for &index in &self.free[from..to] {
                self.table[index as usize].holds = Use::Zeroed;
            }
            given += bytes;
            from = to;
        }
        given
    }

    /// Bytes of blocks of lines and of blocks of cells, and how many of them were in use when they were last swept.
    pub fn occupation(&self) -> ((usize, usize), (usize, usize)) {
        let (mut lines, mut live, mut cells) = (0, 0, (0, 0));
        for block in &self.table {
            match block.holds {
                Use::Lines => {
                    lines += BLOCK;
                    live += block.live_bytes();
                }
                Use::Cells(_) => {
                    cells.0 += BLOCK;
                    cells.1 += block.live_bytes();
                }
                Use::Free | Use::Zeroed => {}
            }
        }
        ((lines, live), cells)
    }

    /// Calls `visit` with the address of every block in use.
    pub fn for_each_used(&self, space: &Space, mut visit: impl FnMut(usize)) {
        for index in 0..self.table.len() {
            if self.is_used(index) {
                visit(space.base + (index << BLOCK_BITS));
            }
        }
    }
}

/// How many lines of a block hold marked objects, and how many can be allocated into.
///
/// # Safety
/// The block must be in use, the world stopped and marking finished.
unsafe fn count_lines(space: &Space, block: usize, epoch: u8) -> (usize, usize) {
    let (mut live, mut usable) = (LINES, 0);
    for group in 0..LINES / GROUP {
        // SAFETY: by the caller's promise.
        let free = unsafe { space.free_lines(block, group, epoch) };
        live -= free.count_ones() as usize;
        usable += usable_lines(free).count_ones() as usize;
    }
    (live, usable)
}

/// # Safety
/// The block must be in use, the world stopped and marking finished.
unsafe fn count_dead_containers(space: &Space, block: usize) -> usize {
    let mut count = 0;
    // SAFETY: start bits name objects; what they are stays readable until something is put there.
    unsafe {
        space.objects_in_block(block, |object| {
            if !space.is_marked(object) && !crate::layout::descriptor(*(object as *const u64)).is_leaf() {
                count += 1;
            }
        })
    }
    count
}

/// # Safety
/// The block must be in use and the world stopped.
unsafe fn poison_dead(space: &Space, block: usize) {
    // SAFETY: start bits name objects; those without a mark are dead and nobody reads them any more. All sizes are
    // taken before the first word is overwritten only as far as one object: objects do not overlap.
    unsafe {
        space.objects_in_block(block, |object| {
            if !space.is_marked(object) {
                let words = crate::space::object_size(object) / 8;
                std::slice::from_raw_parts_mut(object as *mut u64, words).fill(POISON);
            }
        })
    }
}
