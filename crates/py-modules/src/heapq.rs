//! `_heapq`: binary heaps in lists. A comparison may run Python code that changes the list; that is noticed by its length, and
//! an item that is gone is an IndexError.

use crate::module_of;
use py_macros::py_functions;
use py_object::objects::{List, Module};
use py_object::operations::{self, Comparison};
use py_object::types::list;
use py_object::{Cx, Kind, PyResult, Raised};
use vm_heap::{Gc, Value};

/// What is at the top.
#[derive(Clone, Copy)]
enum Order {
    Smallest,
    Largest,
}

#[cold]
fn out_of_range(cx: &mut Cx) -> Raised {
    cx.raise(Kind::INDEX_ERROR, "index out of range")
}

fn item(cx: &mut Cx, heap: Gc<List>, at: usize) -> PyResult {
    list::item(heap, at).ok_or_else(|| out_of_range(cx))
}

fn set(cx: &mut Cx, heap: Gc<List>, at: usize, item: Value) -> PyResult<()> {
    if list::set_at(cx, heap, at as i64, item) { Ok(()) } else { Err(out_of_range(cx)) }
}

/// Whether `lhs` belongs nearer to the top than `rhs`.
fn above(cx: &mut Cx, order: Order, lhs: Value, rhs: Value) -> PyResult<bool> {
    let (lhs, rhs) = match order {
        Order::Smallest => (lhs, rhs),
        Order::Largest => (rhs, lhs),
    };
    if let Some(less) = operations::compare_simple(Comparison::Lt, lhs, rhs) {
        return Ok(less);
    }
    let less = operations::compare(cx, Comparison::Lt, lhs, rhs)?;
    operations::truth(cx, less)
}

/// The same for two items of a heap whose length must stay.
fn compare(cx: &mut Cx, order: Order, heap: Gc<List>, lhs: Value, rhs: Value) -> PyResult<bool> {
    let length = list::length(heap);
    let result = above(cx, order, lhs, rhs)?;
    if list::length(heap) != length {
        return Err(cx.raise(Kind::RUNTIME_ERROR, "list changed size during iteration"));
    }
    Ok(result)
}

/// Moves the item at `at` towards `top` until its parent is not below it.
fn rise(cx: &mut Cx, order: Order, heap: Gc<List>, top: usize, mut at: usize) -> PyResult<()> {
    let moved = item(cx, heap, at)?;
    while at > top {
        let parent_at = (at - 1) / 2;
        let parent = item(cx, heap, parent_at)?;
        if !compare(cx, order, heap, moved, parent)? {
            break;
        }
        // Both are read anew: the comparison may have replaced them.
        let (lower, upper) = (item(cx, heap, at)?, item(cx, heap, parent_at)?);
        set(cx, heap, parent_at, lower)?;
        set(cx, heap, at, upper)?;
        at = parent_at;
    }
    Ok(())
}

/// Moves the item at `top` to a leaf by letting the better child up each time, and from there to its place.
fn sink(cx: &mut Cx, order: Order, heap: Gc<List>, top: usize) -> PyResult<()> {
    let end = list::length(heap);
    if top >= end {
        return Err(out_of_range(cx));
    }
    let mut at = top;
    while at < end / 2 {
        let mut child = 2 * at + 1;
        if child + 1 < end {
            let (left, right) = (item(cx, heap, child)?, item(cx, heap, child + 1)?);
            child += usize::from(!compare(cx, order, heap, left, right)?);
        }
        let (lower, upper) = (item(cx, heap, child)?, item(cx, heap, at)?);
        set(cx, heap, at, lower)?;
        set(cx, heap, child, upper)?;
        at = child;
    }
    rise(cx, order, heap, top, at)
}

fn push(cx: &mut Cx, order: Order, heap: Gc<List>, item: Value) -> PyResult<()> {
    List::push(cx, heap, item)?;
    let last = list::length(heap).saturating_sub(1);
    rise(cx, order, heap, 0, last)
}

fn pop(cx: &mut Cx, order: Order, heap: Gc<List>) -> PyResult {
    let Some(last) = list::remove_at(cx, heap, -1) else { return Err(out_of_range(cx)) };
    match list::item(heap, 0) {
        None => Ok(last),
        Some(top) => {
            set(cx, heap, 0, last)?;
            sink(cx, order, heap, 0)?;
            Ok(top)
        }
    }
}

fn replace(cx: &mut Cx, order: Order, heap: Gc<List>, with: Value) -> PyResult {
    let top = item(cx, heap, 0)?;
    set(cx, heap, 0, with)?;
    sink(cx, order, heap, 0)?;
    Ok(top)
}

fn push_and_pop(cx: &mut Cx, order: Order, heap: Gc<List>, pushed: Value) -> PyResult {
    match list::item(heap, 0) {
        Some(top) if above(cx, order, top, pushed)? => replace(cx, order, heap, pushed),
        _ => Ok(pushed),
    }
}

fn build(cx: &mut Cx, order: Order, heap: Gc<List>) -> PyResult<()> {
    for at in (0..list::length(heap) / 2).rev() {
        sink(cx, order, heap, at)?;
    }
    Ok(())
}

/// The functions.
pub struct Functions;

#[py_functions("_heapq")]
impl Functions {
    /// Push item onto heap, maintaining the heap invariant.
    #[function]
    fn heappush(cx: &mut Cx, heap: Gc<List>, item: Value) -> PyResult<()> {
        push(cx, Order::Smallest, heap, item)
    }
    /// Push item on the heap, then pop and return the smallest item from the heap.
    #[function]
    fn heappushpop(cx: &mut Cx, heap: Gc<List>, item: Value) -> PyResult {
        push_and_pop(cx, Order::Smallest, heap, item)
    }
    /// Pop the smallest item off the heap, maintaining the heap invariant.
    #[function]
    fn heappop(cx: &mut Cx, heap: Gc<List>) -> PyResult {
        pop(cx, Order::Smallest, heap)
    }
    /// Pop and return the current smallest value, and add the new item.
    #[function]
    fn heapreplace(cx: &mut Cx, heap: Gc<List>, item: Value) -> PyResult {
        replace(cx, Order::Smallest, heap, item)
    }
    /// Transform list into a heap, in-place, in O(len(heap)) time.
    #[function]
    fn heapify(cx: &mut Cx, heap: Gc<List>) -> PyResult<()> {
        build(cx, Order::Smallest, heap)
    }
    /// Push item onto max heap, maintaining the heap invariant.
    #[function]
    fn heappush_max(cx: &mut Cx, heap: Gc<List>, item: Value) -> PyResult<()> {
        push(cx, Order::Largest, heap, item)
    }
    /// Push item on the max heap, then pop and return the largest item from the heap.
    #[function]
    fn heappushpop_max(cx: &mut Cx, heap: Gc<List>, item: Value) -> PyResult {
        push_and_pop(cx, Order::Largest, heap, item)
    }
    /// Maxheap variant of heappop.
    #[function]
    fn heappop_max(cx: &mut Cx, heap: Gc<List>) -> PyResult {
        pop(cx, Order::Largest, heap)
    }
    /// Maxheap variant of heapreplace.
    #[function]
    fn heapreplace_max(cx: &mut Cx, heap: Gc<List>, item: Value) -> PyResult {
        replace(cx, Order::Largest, heap, item)
    }
    /// Maxheap variant of heapify.
    #[function]
    fn heapify_max(cx: &mut Cx, heap: Gc<List>) -> PyResult<()> {
        build(cx, Order::Largest, heap)
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    Ok(module_of(cx, "_heapq", FUNCTIONS))
}
