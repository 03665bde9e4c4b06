//! `slice`: resolving bounds against a length.

use crate::arguments::Index;
use crate::cx::{Cx, NONE, NOT_IMPLEMENTED, PyResult, UNBOUND};
use crate::objects::Slice;
use crate::operations::{self, Comparison};
use crate::string::{StrExt, downcast};
use crate::types::int;
use py_macros::py_methods;
use vm_heap::{Gc, Value};

/// A slice of a sequence of known length.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Resolved {
    /// Position of the first item.
    pub start: i64,
    /// Bound, exclusive; -1 where a negative step reaches the front.
    pub stop: i64,
    /// Distance of two items.
    pub step: i64,
    /// Number of items.
    pub count: usize,
}

/// The bounds of a slice as 64-bit numbers, before the length is known: `None` where they are left out.
fn bounds(cx: &mut Cx, slice: Gc<Slice>) -> PyResult<(Option<i64>, Option<i64>, i64)> {
    let mut parts = [None; 3];
    for (part, value) in parts.iter_mut().zip([slice.step.get(), slice.start.get(), slice.stop.get()]) {
        if value != NONE {
            *part = Some(int::slice_bound(cx, value)?);
        }
    }
    let step = parts[0].unwrap_or(1);
    if step == 0 {
        return Err(cx.value_error("slice step cannot be zero"));
    }
    Ok((parts[1], parts[2], step.max(-i64::MAX)))
}

/// What a slice means for a sequence of `length` items.
pub fn resolve(cx: &mut Cx, slice: Gc<Slice>, length: usize) -> PyResult<Resolved> {
    if let Some(resolved) = resolve_small(parts(slice), length) {
        return Ok(resolved);
    }
    let (start, stop, step) = bounds(cx, slice)?;
    Ok(clip(start, stop, step, length))
}

/// The same for start, stop and step that are small ints or None, the step not zero; `None` for others.
// Its result is best kept in registers.
#[inline(always)]
pub fn resolve_small(parts: [Value; 3], length: usize) -> Option<Resolved> {
    let small = |value: Value| value.is_int() || value == NONE;
    let [start, stop, step] = parts;
    if !small(start) || !small(stop) || !small(step) || step == Value::int(0) {
        return None;
    }
    let number = |value: Value| (value != NONE).then(|| value.as_int());
    Some(clip(number(start), number(stop), number(step).unwrap_or(1), length))
}

/// The same for bounds at hand.
#[inline(always)]
pub fn clip(start: Option<i64>, stop: Option<i64>, step: i64, length: usize) -> Resolved {
    let length = length as i64;
    let (lowest, highest) = if step < 0 { (-1, length - 1) } else { (0, length) };
    let clamp = |bound: i64| {
        let bound = if bound < 0 { bound.saturating_add(length) } else { bound };
        bound.clamp(lowest, highest)
    };
    let start = start.map_or(if step < 0 { highest } else { lowest }, clamp);
    let stop = stop.map_or(if step < 0 { lowest } else { highest }, clamp);
    let span = if step < 0 { start - stop } else { stop - start };
    let count = match step {
        _ if span <= 0 => 0,
        1 | -1 => span, // without a division, which is slow
        _ => (span - 1) / step.abs() + 1,
    };
    Resolved { start, stop, step, count: count as usize }
}

fn parts(slice: Gc<Slice>) -> [Value; 3] {
    [slice.start.get(), slice.stop.get(), slice.step.get()]
}

fn compare(cx: &mut Cx, comparison: Comparison, this: Gc<Slice>, other: Value) -> PyResult {
    let Some(other) = downcast::<Slice>(other) else { return Ok(NOT_IMPLEMENTED) };
    let lhs = cx.tuple(&parts(this));
    let rhs = cx.tuple(&parts(other));
    operations::compare(cx, comparison, lhs, rhs)
}

/// The methods of `slice`.
pub struct Methods;

#[py_methods(SLICE)]
impl Methods {
    #[new(signature = "")]
    fn new(
        cx: &mut Cx,
        _class: Value,
        start: Value,
        #[default(UNBOUND)] stop: Value,
        #[default(NONE)] step: Value,
    ) -> Gc<Slice> {
        if stop == UNBOUND { Slice::new(cx, NONE, start, NONE) } else { Slice::new(cx, start, stop, step) }
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<Slice>) -> PyResult<String> {
        let mut texts = Vec::new();
        for part in parts(this) {
            texts.push(operations::repr(cx, part)?.to_text());
        }
        Ok(format!("slice({})", texts.join(", ")))
    }
    #[method]
    fn __hash__(cx: &mut Cx, this: Gc<Slice>) -> PyResult<i64> {
        crate::types::tuple::hash_items(cx, &parts(this))
    }
    #[method]
    fn __eq__(cx: &mut Cx, this: Gc<Slice>, value: Value) -> PyResult {
        compare(cx, Comparison::Eq, this, value)
    }
    #[method]
    fn __ne__(cx: &mut Cx, this: Gc<Slice>, value: Value) -> PyResult {
        compare(cx, Comparison::Ne, this, value)
    }
    /// S.indices(len) -> (start, stop, stride)
    ///
    /// Assuming a sequence of length len, calculate the start and stop
    /// indices, and the stride length of the extended slice described by
    /// S. Out of bounds indices are clipped in a manner consistent with the
    /// handling of normal slices.
    #[method]
    fn indices(cx: &mut Cx, this: Gc<Slice>, length: Index) -> PyResult {
        if length.0 < 0 {
            return Err(cx.value_error("length should not be negative"));
        }
        let range = resolve(cx, this, length.0 as usize)?;
        let items = [range.start, range.stop, range.step].map(|number| int::from_i64(cx, number));
        Ok(cx.tuple(&items))
    }
    #[getter]
    fn start(this: Gc<Slice>) -> Value {
        this.start.get()
    }
    #[getter]
    fn stop(this: Gc<Slice>) -> Value {
        this.stop.get()
    }
    #[getter]
    fn step(this: Gc<Slice>) -> Value {
        this.step.get()
    }
}
