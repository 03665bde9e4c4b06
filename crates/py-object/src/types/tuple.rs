//! `tuple`: hashing, comparing, slicing; its methods.

use crate::arguments::SliceIndex;
use crate::cx::{Cx, NONE, NOT_IMPLEMENTED, PyResult, UNBOUND, bool_value};
use crate::kinds::{Kind, shapes};
use crate::object::{try_allocate_tail, value_tail};
use crate::objects::{Slice, Tuple, Type};
use crate::operations::{self, Comparison};
use crate::sequence::{new_iterator, tuple_items};
use crate::string::downcast;
use crate::types::{self, int, list, slice};
use py_macros::py_methods;
use vm_heap::{Gc, ShapeId, Value};

/// Hash of items in order: xxHash's mixing, as in CPython.
pub(crate) fn hash_items(cx: &mut Cx, items: &[Value]) -> PyResult<i64> {
    const PRIME_1: u64 = 11_400_714_785_074_694_791;
    const PRIME_2: u64 = 14_029_467_366_897_019_727;
    const PRIME_5: u64 = 2_870_177_450_012_600_261;
    let mut sum = PRIME_5;
    for item in items {
        let lane = operations::hash(cx, *item)?;
        sum = sum.wrapping_add(lane.wrapping_mul(PRIME_2));
        sum = sum.rotate_left(31).wrapping_mul(PRIME_1);
    }
    sum = sum.wrapping_add(items.len() as u64 ^ (PRIME_5 ^ 3_527_539));
    Ok(if sum == u64::MAX { 1_546_275_796 } else { sum as i64 })
}

/// Hash of a tuple, computed once.
pub(crate) fn hash(cx: &mut Cx, tuple: Gc<Tuple>) -> PyResult<i64> {
    let known = tuple.hash.get();
    if known != 0 {
        return Ok(known as i64);
    }
    cx.check_native_stack_while("while hashing a tuple")?;
    let hash = hash_items(cx, tuple_items(&tuple))?;
    tuple.hash.init(hash as u64);
    Ok(hash)
}

/// Compares two sequences of items: by the first pair that differs, else by length. Comparing items may change the lengths.
pub(crate) fn compare_items(
    cx: &mut Cx,
    comparison: Comparison,
    lengths: impl Fn() -> (usize, usize),
    mut item: impl FnMut(usize) -> Option<(Value, Value)>,
) -> PyResult {
    let equality = matches!(comparison, Comparison::Eq | Comparison::Ne);
    let (left, right) = lengths();
    if equality && left != right {
        return Ok(bool_value(comparison == Comparison::Ne));
    }
    let mut at = 0;
    while let Some((lhs, rhs)) = item(at) {
        if !operations::equal(cx, lhs, rhs)? {
            if item(at).is_none() {
                break;
            }
            return match comparison {
                Comparison::Eq => Ok(bool_value(false)),
                Comparison::Ne => Ok(bool_value(true)),
                _ => operations::compare(cx, comparison, lhs, rhs),
            };
        }
        at += 1;
    }
    let (left, right) = lengths();
    Ok(bool_value(comparison.holds(left.cmp(&right))))
}

fn compare(cx: &mut Cx, comparison: Comparison, this: Gc<Tuple>, other: Value) -> PyResult {
    let Some(other) = downcast::<Tuple>(other) else { return Ok(NOT_IMPLEMENTED) };
    cx.check_native_stack()?;
    let (lhs, rhs) = (tuple_items(&this), tuple_items(&other));
    compare_items(cx, comparison, || (lhs.len(), rhs.len()), |at| Some((*lhs.get(at)?, *rhs.get(at)?)))
}

/// A tuple of `length` items that `fill` gives: MemoryError where memory does not suffice.
pub fn build(cx: &mut Cx, length: usize, mut fill: impl FnMut(usize) -> Value) -> PyResult<Gc<Tuple>> {
    let Some(tuple) = try_allocate_tail::<Tuple>(cx.mutator(), shapes::TUPLE, length) else {
        return Err(cx.raise(Kind::MEMORY_ERROR, ""));
    };
    for (at, field) in value_tail(&tuple, length).iter().enumerate() {
        field.init(fill(at));
    }
    Ok(tuple)
}

/// An instance of a subclass of `tuple` that is a tuple with that shape; the items lie on a stack or in a live tuple.
fn of_shape(cx: &mut Cx, shape: ShapeId, items: &[Value]) -> PyResult<Gc<Tuple>> {
    let Some(tuple) = try_allocate_tail::<Tuple>(cx.mutator(), shape, items.len()) else {
        return Err(cx.raise(Kind::MEMORY_ERROR, ""));
    };
    for (field, item) in value_tail(&tuple, items.len()).iter().zip(items) {
        field.init(*item);
    }
    Ok(tuple)
}

/// The tuple of what an iterable gives.
pub fn from_iterable(cx: &mut Cx, iterable: Value) -> PyResult<Gc<Tuple>> {
    if types::is_exactly(iterable, Kind::TUPLE)
        && let Some(tuple) = downcast::<Tuple>(iterable)
    {
        return Ok(tuple);
    }
    let list = list::sequence_of(cx, iterable)?;
    Tuple::from_list(cx, list)
}

fn repeat(cx: &mut Cx, this: Gc<Tuple>, count: Value) -> PyResult {
    let count = int::repeat_count(cx, count)?;
    let items = tuple_items(&this);
    let count = usize::try_from(count).unwrap_or(0);
    if (items.is_empty() || count == 1) && types::is_exactly(this.value(), Kind::TUPLE) {
        return Ok(this.value());
    }
    match items.len().checked_mul(count).filter(|total| *total < 1 << 40) {
        Some(total) => Ok(build(cx, total, |at| items[at % items.len()])?.value()),
        None => Err(cx.raise(Kind::MEMORY_ERROR, "")),
    }
}

/// The methods of `tuple`.
pub struct Methods;

#[py_methods(TUPLE)]
impl Methods {
    #[new(signature = "(iterable=(), /)")]
    fn new(cx: &mut Cx, class: Gc<Type>, #[default(UNBOUND)] iterable: Value) -> PyResult {
        let tuple = if iterable == UNBOUND { Tuple::new(cx, &[]) } else { from_iterable(cx, iterable)? };
        if types::is_compact_tuple(class) {
            let own = of_shape(cx, types::instance_shape(class).id, tuple_items(&tuple))?;
            types::note_instance(cx, class, own.value());
            return Ok(own.value());
        }
        Ok(types::extend(cx, class, tuple.value()))
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<Tuple>) -> PyResult<String> {
        let items = tuple_items(&this);
        if items.is_empty() {
            return Ok("()".to_string());
        }
        let Some(_guard) = types::object::enter_repr(cx, this.value()) else { return Ok("(...)".to_string()) };
        let mut text = String::from("(");
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                text.push_str(", ");
            }
            types::object::push_repr(cx, &mut text, *item)?;
        }
        text.push_str(if items.len() == 1 { ",)" } else { ")" });
        Ok(text)
    }
    #[method]
    fn __hash__(cx: &mut Cx, this: Gc<Tuple>) -> PyResult<i64> {
        hash(cx, this)
    }
    #[method(trace = PureCall)]
    fn __len__(this: Gc<Tuple>) -> usize {
        tuple_items(&this).len()
    }
    #[method(trace = PureCall)]
    fn __getitem__(cx: &mut Cx, this: Gc<Tuple>, key: Value) -> PyResult {
        let items = tuple_items(&this);
        if let Some(slice) = downcast::<Slice>(key) {
            let range = slice::resolve(cx, slice, items.len())?;
            if range.count == items.len() && range.step == 1 && types::is_exactly(this.value(), Kind::TUPLE) {
                return Ok(this.value());
            }
            let item = |at: usize| items[(range.start + at as i64 * range.step) as usize];
            return Ok(build(cx, range.count, item)?.value());
        }
        let at = int::sequence_index(cx, key, "tuple")?;
        let at = if at < 0 { at + items.len() as i64 } else { at };
        match usize::try_from(at).ok().and_then(|at| items.get(at)) {
            Some(item) => Ok(*item),
            None => Err(cx.raise(Kind::INDEX_ERROR, "tuple index out of range")),
        }
    }
    #[method]
    fn __contains__(cx: &mut Cx, this: Gc<Tuple>, key: Value) -> PyResult<bool> {
        for item in tuple_items(&this) {
            if operations::equal(cx, *item, key)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
    #[method]
    fn __iter__(cx: &mut Cx, this: Gc<Tuple>) -> Value {
        new_iterator(cx, shapes::TUPLE_ITERATOR, this.value(), Value::int(0), NONE, NONE)
    }
    #[method(trace = PureCall)]
    fn __add__(cx: &mut Cx, this: Gc<Tuple>, value: Value) -> PyResult {
        let Some(other) = downcast::<Tuple>(value) else {
            let message = format!("can only concatenate tuple (not \"{}\") to tuple", types::class_name(cx, value));
            return Err(cx.type_error(message));
        };
        let (lhs, rhs) = (tuple_items(&this), tuple_items(&other));
        let item = |at: usize| if at < lhs.len() { lhs[at] } else { rhs[at - lhs.len()] };
        Ok(build(cx, lhs.len() + rhs.len(), item)?.value())
    }
    #[method(trace = PureCall)]
    fn __mul__(cx: &mut Cx, this: Gc<Tuple>, value: Value) -> PyResult {
        repeat(cx, this, value)
    }
    #[method(trace = PureCall)]
    fn __rmul__(cx: &mut Cx, this: Gc<Tuple>, value: Value) -> PyResult {
        repeat(cx, this, value)
    }
    #[method]
    fn __lt__(cx: &mut Cx, this: Gc<Tuple>, value: Value) -> PyResult {
        compare(cx, Comparison::Lt, this, value)
    }
    #[method]
    fn __le__(cx: &mut Cx, this: Gc<Tuple>, value: Value) -> PyResult {
        compare(cx, Comparison::Le, this, value)
    }
    #[method]
    fn __eq__(cx: &mut Cx, this: Gc<Tuple>, value: Value) -> PyResult {
        compare(cx, Comparison::Eq, this, value)
    }
    #[method]
    fn __ne__(cx: &mut Cx, this: Gc<Tuple>, value: Value) -> PyResult {
        compare(cx, Comparison::Ne, this, value)
    }
    #[method]
    fn __gt__(cx: &mut Cx, this: Gc<Tuple>, value: Value) -> PyResult {
        compare(cx, Comparison::Gt, this, value)
    }
    #[method]
    fn __ge__(cx: &mut Cx, this: Gc<Tuple>, value: Value) -> PyResult {
        compare(cx, Comparison::Ge, this, value)
    }
    #[method]
    fn __getnewargs__(cx: &mut Cx, this: Gc<Tuple>) -> Value {
        let plain = cx.tuple(tuple_items(&this));
        cx.tuple(&[plain])
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cx: &mut Cx, class: Value, object: Value) -> PyResult {
        crate::types::generic::alias(cx, class, object)
    }
    /// Return number of occurrences of value.
    #[method]
    fn count(cx: &mut Cx, this: Gc<Tuple>, value: Value) -> PyResult<usize> {
        let mut count = 0;
        for item in tuple_items(&this) {
            count += usize::from(operations::equal(cx, *item, value)?);
        }
        Ok(count)
    }
    /// Return first index of value.
    ///
    /// Raises ValueError if the value is not present.
    #[method]
    fn index(
        cx: &mut Cx,
        this: Gc<Tuple>,
        value: Value,
        #[default(SliceIndex(0))] start: SliceIndex,
        #[default(SliceIndex(i64::MAX))] stop: SliceIndex,
    ) -> PyResult<usize> {
        let items = tuple_items(&this);
        let (from, to) = (start.resolve(items.len()), stop.resolve(items.len()));
        for (at, item) in items.iter().enumerate().take(to).skip(from) {
            if operations::equal(cx, *item, value)? {
                return Ok(at);
            }
        }
        Err(cx.value_error("tuple.index(x): x not in tuple"))
    }
}
