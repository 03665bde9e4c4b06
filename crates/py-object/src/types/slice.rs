//! `slice`: resolving bounds against a length.

use crate::cx::{Cx, NONE, NOT_IMPLEMENTED, PyResult, UNBOUND};
use crate::objects::Slice;
use crate::operations::{self, Comparison};
use crate::string::{StrExt, downcast};
use crate::types::int;
use num_bigint::BigInt as Big;
use num_traits::{Signed, Zero};
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

/// A part of a slice as an int of any size, or its default.
fn any_index(cx: &mut Cx, value: Value, default: Big) -> PyResult<Big> {
    if value == NONE {
        return Ok(default);
    }
    match int::try_index(cx, value)? {
        Some(number) => Ok(int::as_big(number).expect("an index is an int")),
        None => Err(cx.type_error("slice indices must be integers or None or have an __index__ method")),
    }
}

/// Start, stop and step for a length, where all are small; the step not zero.
fn small_indices([start, stop, step]: [Value; 3], length: Value) -> Option<[Value; 3]> {
    let number = |value: Value| value.is_int().then(|| value.as_int());
    let (length, step) = (number(length)?, if step == NONE { 1 } else { number(step).filter(|step| *step != 0)? });
    let (lower, upper) = if step < 0 { (-1, length - 1) } else { (0, length) };
    let clip = |value: i64| if value < 0 { (value + length).max(lower) } else { value.min(upper) };
    let (first, last) = if step < 0 { (upper, lower) } else { (lower, upper) };
    let bound = |value: Value, default: i64| match value {
        NONE => Some(default),
        value => Some(clip(number(value)?)),
    };
    let (start, stop) = (bound(start, first)?, bound(stop, last)?);
    Some([start, stop, step].map(Value::int))
}

/// Start, stop and step of a slice for a length of any size.
pub(crate) fn indices(cx: &mut Cx, this: Gc<Slice>, length: Value) -> PyResult<[Value; 3]> {
    if let Some(small) = small_indices(parts(this), length) {
        return Ok(small);
    }
    let length = int::as_big(length).expect("the caller passes an int");
    let step = any_index(cx, this.step.get(), Big::from(1))?;
    if step.is_zero() {
        return Err(cx.value_error("slice step cannot be zero"));
    }
    let backwards = step.is_negative();
    let (lower, upper) = match backwards {
        true => (Big::from(-1), &length - 1),
        false => (Big::from(0), length.clone()),
    };
    let clip = |number: Big| {
        if number.is_negative() { (number + &length).max(lower.clone()) } else { number.min(upper.clone()) }
    };
    let start = match this.start.get() {
        NONE => {
            if backwards {
                upper.clone()
            } else {
                lower.clone()
            }
        }
        start => clip(any_index(cx, start, Big::from(0))?),
    };
    let stop = match this.stop.get() {
        NONE => {
            if backwards {
                lower.clone()
            } else {
                upper.clone()
            }
        }
        stop => clip(any_index(cx, stop, Big::from(0))?),
    };
    let start = int::from_big(cx, &start)?;
    let stop = int::from_big(cx, &stop)?;
    let step = int::from_big(cx, &step)?;
    Ok([start, stop, step])
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
    fn indices(cx: &mut Cx, this: Gc<Slice>, length: Value) -> PyResult {
        let length = int::index(cx, length)?;
        if int::is_negative(length) {
            return Err(cx.value_error("length should not be negative"));
        }
        let parts = indices(cx, this, length)?;
        Ok(cx.tuple(&parts))
    }
    /// Return state information for pickling.
    #[method]
    fn __reduce__(cx: &mut Cx, this: Gc<Slice>) -> PyResult {
        let class = cx.builtin_type(crate::Kind::SLICE).value();
        let parts = cx.tuple(&[this.start.get(), this.stop.get(), this.step.get()]);
        Ok(cx.tuple(&[class, parts]))
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
