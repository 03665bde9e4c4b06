//! `_bisect`: positions in sorted sequences.

use crate::module_of;
use py_macros::py_functions;
use py_object::objects::{List, Module};
use py_object::operations::{self, Comparison};
use py_object::types::{class_name, int, is_exactly, list};
use py_object::{Cx, Kind, NONE, PyResult, call, downcast};
use vm_heap::{Gc, Value};

/// Which side of equal items.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
}

/// The arguments behind the sequence and the value.
struct Bounds {
    low: i64,
    high: Value,
    key: Value,
}

fn upper(cx: &mut Cx, sequence: Value, high: Value) -> PyResult<i64> {
    if high == NONE {
        return operations::length(cx, sequence).map(|length| length as i64);
    }
    let Some(high) = int::try_index(cx, high)? else {
        let message = format!("argument should be integer or None, not '{}'", class_name(cx, high));
        return Err(cx.type_error(message));
    };
    let Some(high) = int::as_i64(high) else {
        return Err(cx.raise(Kind::OVERFLOW_ERROR, "cannot fit 'int' into an index-sized integer"));
    };
    // Minus one has always meant the end.
    if high == -1 { operations::length(cx, sequence).map(|length| length as i64) } else { Ok(high) }
}

fn search(cx: &mut Cx, side: Side, sequence: Value, value: Value, bounds: &Bounds) -> PyResult<i64> {
    if bounds.low < 0 {
        return Err(cx.value_error("lo must be non-negative"));
    }
    let mut low = bounds.low;
    let mut high = upper(cx, sequence, bounds.high)?;
    while low < high {
        let middle = low + (high - low) / 2;
        let index = int::from_i64(cx, middle);
        let mut item = operations::get_item(cx, sequence, index)?;
        if bounds.key != NONE {
            item = call::call(cx, bounds.key, &[item], None)?;
        }
        let (lhs, rhs) = if side == Side::Left { (item, value) } else { (value, item) };
        let less = operations::compare(cx, Comparison::Lt, lhs, rhs)?;
        // Left: what is less lies before. Right: what the value is less than lies behind.
        if operations::truth(cx, less)? == (side == Side::Left) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

fn insert(cx: &mut Cx, side: Side, sequence: Value, value: Value, bounds: &Bounds) -> PyResult<()> {
    let sought = if bounds.key == NONE { value } else { call::call(cx, bounds.key, &[value], None)? };
    let at = search(cx, side, sequence, sought, bounds)?;
    match downcast::<List>(sequence).filter(|_| is_exactly(sequence, Kind::LIST)) {
        Some(list) => list::insert(cx, list, at, value),
        None => {
            let at = int::from_i64(cx, at);
            call::call_method(cx, sequence, "insert", &[at, value]).map(|_| ())
        }
    }
}

/// The functions.
pub struct Functions;

#[py_functions("_bisect")]
impl Functions {
    /// Return the index where to insert item x in list a, assuming a is sorted, behind items equal to x.
    #[function]
    fn bisect_right(
        cx: &mut Cx,
        #[keyword] a: Value,
        #[keyword] x: Value,
        #[keyword]
        #[default(0)]
        lo: i64,
        #[keyword]
        #[default(NONE)]
        hi: Value,
        #[keyword_only]
        #[default(NONE)]
        key: Value,
    ) -> PyResult<i64> {
        search(cx, Side::Right, a, x, &Bounds { low: lo, high: hi, key })
    }
    /// Insert item x in list a, and keep it sorted assuming a is sorted, behind items equal to x.
    #[function]
    fn insort_right(
        cx: &mut Cx,
        #[keyword] a: Value,
        #[keyword] x: Value,
        #[keyword]
        #[default(0)]
        lo: i64,
        #[keyword]
        #[default(NONE)]
        hi: Value,
        #[keyword_only]
        #[default(NONE)]
        key: Value,
    ) -> PyResult<()> {
        insert(cx, Side::Right, a, x, &Bounds { low: lo, high: hi, key })
    }
    /// Return the index where to insert item x in list a, assuming a is sorted, before items equal to x.
    #[function]
    fn bisect_left(
        cx: &mut Cx,
        #[keyword] a: Value,
        #[keyword] x: Value,
        #[keyword]
        #[default(0)]
        lo: i64,
        #[keyword]
        #[default(NONE)]
        hi: Value,
        #[keyword_only]
        #[default(NONE)]
        key: Value,
    ) -> PyResult<i64> {
        search(cx, Side::Left, a, x, &Bounds { low: lo, high: hi, key })
    }
    /// Insert item x in list a, and keep it sorted assuming a is sorted, before items equal to x.
    #[function]
    fn insort_left(
        cx: &mut Cx,
        #[keyword] a: Value,
        #[keyword] x: Value,
        #[keyword]
        #[default(0)]
        lo: i64,
        #[keyword]
        #[default(NONE)]
        hi: Value,
        #[keyword_only]
        #[default(NONE)]
        key: Value,
    ) -> PyResult<()> {
        insert(cx, Side::Left, a, x, &Bounds { low: lo, high: hi, key })
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    Ok(module_of(cx, "_bisect", FUNCTIONS))
}
