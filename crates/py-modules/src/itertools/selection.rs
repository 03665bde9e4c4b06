//! Iterators that leave items out by position: islice, compress.

use super::{Step, Tool, new_tool};
use py_macros::py_methods;
use py_object::objects::{Array, Type};
use py_object::types::int;
use py_object::{Cx, NONE, PyResult, downcast, object, operations};
use vm_heap::{Gc, Value};

object! {
    /// An islice.
    pub struct IteratorSlice = 444 {
        /// Version word.
        word: u64,
        /// Attributes of subclass instances.
        attributes: Option<Gc<Array>>,
        /// The iterator, None once exhausted.
        source: Value,
        /// Position of the next item that is given.
        next: i64,
        /// First position that is not reached, -1 for none.
        stop: i64,
        /// Distance between items.
        step: i64,
        /// Items drawn so far.
        drawn: i64,
    }
}

/// One step of an islice.
pub fn slice(cx: &mut Cx, tool: Value) -> Step {
    let Some(tool) = downcast::<IteratorSlice>(tool) else { return Ok(None) };
    let source = tool.source.get();
    if source == NONE {
        return Ok(None);
    }
    let end = |_: &mut Cx| {
        tool.source.init(NONE);
        Ok(None)
    };
    while tool.drawn.get() < tool.next.get() {
        if operations::next(cx, source)?.is_none() {
            return end(cx);
        }
        tool.drawn.init(tool.drawn.get() + 1);
    }
    let stop = tool.stop.get();
    if stop != -1 && tool.drawn.get() >= stop {
        return end(cx);
    }
    let Some(item) = operations::next(cx, source)? else { return end(cx) };
    tool.drawn.init(tool.drawn.get().saturating_add(1));
    let next = tool.next.get().checked_add(tool.step.get());
    tool.next.init(match next {
        Some(next) if stop == -1 || next <= stop => next,
        _ if stop == -1 => i64::MAX,
        _ => stop,
    });
    Ok(Some(item))
}

/// A bound of an islice: `None` inside where it is no int that fits.
fn bound(cx: &mut Cx, value: Value) -> Option<i64> {
    match int::try_index(cx, value) {
        Ok(Some(number)) => int::as_i64(number),
        Ok(None) => None,
        Err(_) => {
            cx.take_raised();
            None
        }
    }
}

/// `islice`.
pub struct IteratorSliceMethods;

#[py_methods(ITERATOR_SLICE, name = "islice")]
impl IteratorSliceMethods {
    #[new(signature = "")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        iterable: Value,
        first: Value,
        #[default(py_object::UNBOUND)] second: Value,
        #[default(NONE)] step: Value,
    ) -> PyResult<Gc<IteratorSlice>> {
        let (start, stop) = if second == py_object::UNBOUND { (NONE, first) } else { (first, second) };
        let start = if start == NONE { 0 } else { bound(cx, start).unwrap_or(-1) };
        let stop = if stop == NONE {
            -1
        } else {
            match bound(cx, stop) {
                None | Some(-1) => {
                    let message = "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.";
                    return Err(cx.value_error(message));
                }
                Some(stop) => stop,
            }
        };
        if start < 0 || stop < -1 {
            let message = "Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.";
            return Err(cx.value_error(message));
        }
        let step = if step == NONE { 1 } else { bound(cx, step).unwrap_or(-1) };
        if step < 1 {
            return Err(cx.value_error("Step for islice() must be a positive integer or None."));
        }
        let iterator = operations::iterate(cx, iterable)?;
        let tool = crate::new_object::<IteratorSlice>(cx, class);
        tool.source.init(iterator);
        tool.next.init(start);
        tool.stop.init(stop);
        tool.step.init(step);
        Ok(tool)
    }
}

/// `function` is the iterator over the selectors.
pub fn compress(cx: &mut Cx, tool: Value) -> Step {
    let Some(tool) = downcast::<Tool>(tool) else { return Ok(None) };
    while let Some(item) = operations::next(cx, tool.source.get())? {
        let Some(selector) = operations::next(cx, tool.function.get())? else { return Ok(None) };
        if operations::truth(cx, selector)? {
            return Ok(Some(item));
        }
    }
    Ok(None)
}

/// `compress`.
pub struct CompressMethods;

#[py_methods(COMPRESS, name = "compress")]
impl CompressMethods {
    #[new(signature = "(data, selectors)")]
    fn new(cx: &mut Cx, class: Gc<Type>, #[keyword] data: Value, #[keyword] selectors: Value) -> PyResult<Gc<Tool>> {
        let data = operations::iterate(cx, data)?;
        let selectors = operations::iterate(cx, selectors)?;
        Ok(new_tool(cx, class, data, selectors, NONE))
    }
}
