//! What a heap consists of, as text on standard error: a line for each collection (`TYPHON_GC=log`) and after each full one a
//! census of the living by layout (`TYPHON_GC=census`). It answers where memory goes without changing what happens.

use crate::header::LayoutId;
use crate::heap::{Heap, State};
use crate::layout::layout;
use crate::scan::header_at;
use crate::space::object_size;
use std::collections::HashMap;
use std::fmt::Write;

/// Rows of a census; what is smaller is left out.
const MOST_ROWS: usize = 24;

/// Megabytes with one decimal.
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / (1 << 20) as f64
}

/// Says what a collection did that found `before` bytes in use.
pub(crate) fn log(state: &State, full: bool, before: usize, nanoseconds: u64) {
    eprintln!(
        "gc: {} {:.2} ms, {:.1} MB in use, {:.1} MB after it, live {:.1} MB ({:.1} MB large), extent {:.1} MB, next full at {:.1} MB",
        if full { "full" } else { "minor" },
        nanoseconds as f64 / 1e6,
        megabytes(before),
        megabytes(state.used_bytes()),
        megabytes(state.live_bytes()),
        megabytes(state.large.in_use),
        megabytes(state.blocks.extent()),
        megabytes(state.full_threshold),
    );
}

/// Writes the census. To be called right after a full collection, with the world stopped: every object with a start bit lives.
pub(crate) fn census(heap: &Heap, state: &State) {
    let mut kinds: HashMap<LayoutId, (usize, usize)> = HashMap::new();
    let mut all = 0;
    let mut visit = |object: usize| {
        // SAFETY: start bits name objects, and the world is stopped.
        let (id, size) = unsafe { (header_at(object).layout(), object_size(object)) };
        let kind = kinds.entry(id).or_default();
        kind.0 += 1;
        kind.1 += size;
        all += size;
    };
    state.blocks.for_each_used(&heap.space, |block| {
        // SAFETY: the block is in use and the world stopped.
        unsafe { heap.space.objects_in_block(block, &mut visit) }
    });
    state.large.for_each(visit);
    let (lines, cells) = state.blocks.occupation();
    let mut text = format!(
        "gc: census: objects {:.1} MB; blocks of lines {:.1} MB, {:.1} MB of them lines with objects; blocks of cells {:.1} MB, {:.1} MB of them in use\n",
        megabytes(all),
        megabytes(lines.0),
        megabytes(lines.1),
        megabytes(cells.0),
        megabytes(cells.1)
    );
    let mut rows: Vec<_> = kinds.into_iter().collect();
    rows.sort_by_key(|(_, (_, bytes))| std::cmp::Reverse(*bytes));
    for (id, (count, bytes)) in rows.into_iter().take(MOST_ROWS) {
        let name = layout(id).name;
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "gc: {:9.2} MB {count:9} of {name} ({:.0} bytes each)",
            megabytes(bytes),
            bytes as f64 / count as f64
        );
    }
    eprint!("{text}");
}
