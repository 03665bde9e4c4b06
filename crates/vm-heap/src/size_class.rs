//! Size classes for objects between a line and a quarter of a block: each class has cells of one size in blocks of its
//! own, so that such objects do not fragment the lines.
//!
//! Cell sizes are a block divided by a whole number, about 10 % apart.

use crate::space::BLOCK;

/// Largest object that is bump-allocated into lines.
pub(crate) const MAX_BUMP: usize = 256;
/// Largest object that lives in a cell; larger ones get pages of their own.
pub(crate) const MAX_CELL: usize = BLOCK / 4;

const fn cells_of_next_class(cells: usize) -> usize {
    let next = cells + cells / 10;
    if next == cells { cells + 1 } else { next }
}

const fn cell_size(cells: usize) -> usize {
    (BLOCK / cells) & !7
}

/// Number of size classes: from the largest cells down to the first that hold nothing a line could not.
pub(crate) const CLASSES: usize = {
    let (mut cells, mut classes) = (BLOCK / MAX_CELL, 0);
    while cell_size(cells) > MAX_BUMP {
        classes += 1;
        cells = cells_of_next_class(cells);
    }
    classes
};

/// Cell sizes, the largest first.
const CELL_SIZES: [u16; CLASSES] = {
    let mut sizes = [0; CLASSES];
    let (mut cells, mut class) = (BLOCK / MAX_CELL, 0);
    while class < CLASSES {
        sizes[class] = cell_size(cells) as u16;
        cells = cells_of_next_class(cells);
        class += 1;
    }
    sizes
};

/// The class for each size in words: the last one whose cells are large enough.
const CLASS_OF_WORDS: [u8; MAX_CELL / 8 + 1] = {
    let mut table = [0; MAX_CELL / 8 + 1];
    let mut words = 0;
    while words < table.len() {
        let mut class = CLASSES - 1;
        while (CELL_SIZES[class] as usize) < 8 * words {
            class -= 1;
        }
        table[words] = class as u8;
        words += 1;
    }
    table
};

/// Number of a size class.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct SizeClass(pub u8);

impl SizeClass {
    /// The class for objects of this many bytes, at most [`MAX_CELL`].
    #[inline]
    pub fn of(size: usize) -> SizeClass {
        SizeClass(CLASS_OF_WORDS[size.div_ceil(8)])
    }

    /// Bytes of a cell.
    #[inline]
    pub fn cell(self) -> usize {
        CELL_SIZES[self.0 as usize] as usize
    }

    /// Cells in a block.
    #[inline]
    pub fn cells(self) -> usize {
        BLOCK / self.cell()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_fits_its_cell_with_little_waste() {
        assert_eq!(SizeClass::of(MAX_CELL).cell(), MAX_CELL);
        for size in (MAX_BUMP + 8..=MAX_CELL).step_by(8) {
            let class = SizeClass::of(size);
            assert!(class.cell() >= size && class.cell() * class.cells() <= BLOCK, "{size}");
            // Between few large cells the steps are coarser: 4, 5, 6 … to a block.
            let allowed = if size > 3000 { 0.26 } else { 0.14 };
            assert!((class.cell() - size) as f64 <= allowed * size as f64, "{size} in {}", class.cell());
        }
    }
}
