//! `range`: its parts are ints of any size; short ways where they are small.

use crate::cx::{Cx, NONE, NOT_IMPLEMENTED, PyResult, UNBOUND, bool_value};
use crate::kinds::{Kind, shapes};
use crate::object::allocate;
use crate::objects::{Range, Slice};
use crate::operations::{self, BinaryOperator};
use crate::sequence::new_iterator;
use crate::string::downcast;
use crate::types::{self, int, slice, tuple};
use num_bigint::BigInt as Big;
use num_integer::Integer;
use num_traits::{Signed, Zero};
use py_macros::py_methods;
use vm_heap::{Gc, Value};

/// A range with these parts, whose step is not zero.
pub fn new(cx: &mut Cx, start: Value, stop: Value, step: Value) -> PyResult<Gc<Range>> {
    let count = count_of(cx, start, stop, step)?;
    let range = allocate::<Range>(cx.mutator(), shapes::RANGE);
    range.start.init(start);
    range.stop.init(stop);
    range.step.init(step);
    range.count.init(count);
    Ok(range)
}

fn count_of(cx: &mut Cx, start: Value, stop: Value, step: Value) -> PyResult {
    if start.is_int() && stop.is_int() && step.is_int() {
        let (start, stop, step) = (start.as_int(), stop.as_int(), step.as_int());
        let count = if step > 0 {
            if start < stop { (stop - start - 1) / step + 1 } else { 0 }
        } else if stop < start {
            (start - stop - 1) / -step + 1
        } else {
            0
        };
        return Ok(int::from_i64(cx, count));
    }
    let big = |value| int::as_big(value).expect("parts of a range are ints");
    let (start, stop, step) = (big(start), big(stop), big(step));
    let distance = if step.is_positive() { stop - start } else { start - stop };
    if !distance.is_positive() {
        return Ok(Value::int(0));
    }
    let count: Big = (distance - 1u32).div_floor(&step.abs()) + 1u32;
    int::from_big(cx, &count)
}

/// `range.start + position * range.step`.
pub(crate) fn element(cx: &mut Cx, range: Gc<Range>, position: Value) -> PyResult {
    let (start, step) = (range.start.get(), range.step.get());
    if start.is_int()
        && step.is_int()
        && position.is_int()
        && let Some(offset) = position.as_int().checked_mul(step.as_int())
        && let Some(element) = start.as_int().checked_add(offset)
    {
        return Ok(int::from_i64(cx, element));
    }
    let offset = operations::binary(cx, BinaryOperator::Mul, position, range.step.get(), false)?;
    operations::binary(cx, BinaryOperator::Add, range.start.get(), offset, false)
}

/// The position of an int in a range.
fn position_of(range: Gc<Range>, value: Value) -> Option<Big> {
    let big = |value| int::as_big(value).expect("parts of a range are ints");
    let (distance, rest) = (int::as_big(value)? - big(range.start.get())).div_mod_floor(&big(range.step.get()));
    (rest.is_zero() && !distance.is_negative() && distance < big(range.count.get())).then_some(distance)
}

/// Whether a value compares as an int does: not an instance of a subclass.
fn is_plain_int(value: Value) -> bool {
    value.is_int() || types::is_exactly(value, Kind::INT) || int::is_bool(value)
}

fn contains(cx: &mut Cx, range: Gc<Range>, value: Value) -> PyResult<bool> {
    if is_plain_int(value) {
        return Ok(position_of(range, value).is_some());
    }
    let iterator = operations::iterate(cx, range.value())?;
    while let Some(candidate) = operations::next(cx, iterator)? {
        if operations::equal(cx, candidate, value)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What decides about equality and the hash: the count, the start and the step as far as they matter.
fn essence(range: Gc<Range>) -> [Value; 3] {
    let count = range.count.get();
    match count {
        _ if count == Value::int(0) => [count, NONE, NONE],
        _ if count == Value::int(1) => [count, range.start.get(), NONE],
        _ => [count, range.start.get(), range.step.get()],
    }
}

fn equal(cx: &mut Cx, this: Gc<Range>, other: Value) -> PyResult {
    let Some(other) = downcast::<Range>(other) else { return Ok(NOT_IMPLEMENTED) };
    for (lhs, rhs) in essence(this).into_iter().zip(essence(other)) {
        if !operations::equal(cx, lhs, rhs)? {
            return Ok(bool_value(false));
        }
    }
    Ok(bool_value(true))
}

/// A bound of a slice of a range, of any size: an int between 0 and the count, moved to its start or end.
fn sliced(cx: &mut Cx, range: Gc<Range>, key: Gc<Slice>) -> PyResult {
    let [from, to, factor] = slice::indices(cx, key, range.count.get())?;
    let start = element(cx, range, from)?;
    let stop = element(cx, range, to)?;
    let step = operations::binary(cx, BinaryOperator::Mul, range.step.get(), factor, false)?;
    Ok(new(cx, start, stop, step)?.value())
}

fn iterator(cx: &mut Cx, range: Gc<Range>, start: Value, step: Value) -> PyResult {
    let small = start.is_int() && step.is_int() && range.count.get().is_int() && range.stop.get().is_int();
    if small {
        return Ok(new_iterator(cx, shapes::RANGE_ITERATOR, NONE, start, range.count.get(), step));
    }
    // Big numbers go by the sequence protocol.
    let positions = new(cx, start, range.stop.get(), step)?;
    Ok(new_iterator(cx, shapes::LONG_RANGE_ITERATOR, positions.value(), Value::int(0), NONE, NONE))
}

/// The methods of `range`.
pub struct Methods;

#[py_methods(RANGE)]
impl Methods {
    #[new(signature = "")]
    fn new(
        cx: &mut Cx,
        _class: Value,
        start: Value,
        #[default(UNBOUND)] stop: Value,
        #[default(UNBOUND)] step: Value,
    ) -> PyResult<Gc<Range>> {
        let first = int::index(cx, start)?;
        if stop == UNBOUND {
            return new(cx, Value::int(0), first, Value::int(1));
        }
        let stop = int::index(cx, stop)?;
        let step = if step == UNBOUND { Value::int(1) } else { int::index(cx, step)? };
        if step == Value::int(0) {
            return Err(cx.value_error("range() arg 3 must not be zero"));
        }
        new(cx, first, stop, step)
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<Range>) -> PyResult<String> {
        let start = int::text_of(cx, this.start.get())?;
        let stop = int::text_of(cx, this.stop.get())?;
        if this.step.get() == Value::int(1) {
            return Ok(format!("range({start}, {stop})"));
        }
        let step = int::text_of(cx, this.step.get())?;
        Ok(format!("range({start}, {stop}, {step})"))
    }
    #[method(trace = PureCall)]
    fn __len__(cx: &mut Cx, this: Gc<Range>) -> PyResult {
        match int::as_i64(this.count.get()) {
            Some(_) => Ok(this.count.get()),
            None => Err(cx.raise(Kind::OVERFLOW_ERROR, "Python int too large to convert to C ssize_t")),
        }
    }
    #[method]
    fn __bool__(this: Gc<Range>) -> bool {
        this.count.get() != Value::int(0)
    }
    #[method]
    fn __getitem__(cx: &mut Cx, this: Gc<Range>, key: Value) -> PyResult {
        if let Some(key) = downcast::<Slice>(key) {
            return sliced(cx, this, key);
        }
        let Some(position) = int::try_index(cx, key)? else {
            let message = format!("range indices must be integers or slices, not {}", types::class_name(cx, key));
            return Err(cx.type_error(message));
        };
        let position = if int::is_negative(position) {
            operations::binary(cx, BinaryOperator::Add, position, this.count.get(), false)?
        } else {
            position
        };
        if int::is_negative(position)
            || int::compare(operations::Comparison::Ge, position, this.count.get()).unwrap_or(true)
        {
            return Err(cx.raise(Kind::INDEX_ERROR, "range object index out of range"));
        }
        element(cx, this, position)
    }
    #[method]
    fn __contains__(cx: &mut Cx, this: Gc<Range>, key: Value) -> PyResult<bool> {
        contains(cx, this, key)
    }
    #[method]
    fn __iter__(cx: &mut Cx, this: Gc<Range>) -> PyResult {
        iterator(cx, this, this.start.get(), this.step.get())
    }
    /// Return a reverse iterator.
    #[method]
    fn __reversed__(cx: &mut Cx, this: Gc<Range>) -> PyResult {
        let last = operations::binary(cx, BinaryOperator::Sub, this.count.get(), Value::int(1), false)?;
        let last = element(cx, this, last)?;
        let step = operations::binary(cx, BinaryOperator::Sub, Value::int(0), this.step.get(), false)?;
        let stop = operations::binary(cx, BinaryOperator::Sub, this.start.get(), this.step.get(), false)?;
        let reversed = new(cx, last, stop, step)?;
        iterator(cx, reversed, last, step)
    }
    #[method]
    fn __eq__(cx: &mut Cx, this: Gc<Range>, value: Value) -> PyResult {
        equal(cx, this, value)
    }
    #[method]
    fn __ne__(cx: &mut Cx, this: Gc<Range>, value: Value) -> PyResult {
        let result = equal(cx, this, value)?;
        Ok(if result == NOT_IMPLEMENTED { result } else { bool_value(result != crate::TRUE) })
    }
    #[method]
    fn __hash__(cx: &mut Cx, this: Gc<Range>) -> PyResult<i64> {
        tuple::hash_items(cx, &essence(this))
    }
    /// rangeobject.count(value) -> integer -- return number of occurrences of value
    #[method]
    fn count(cx: &mut Cx, this: Gc<Range>, value: Value) -> PyResult<i64> {
        if is_plain_int(value) {
            return Ok(i64::from(position_of(this, value).is_some()));
        }
        let iterator = operations::iterate(cx, this.value())?;
        let mut count = 0;
        while let Some(candidate) = operations::next(cx, iterator)? {
            count += i64::from(operations::equal(cx, candidate, value)?);
        }
        Ok(count)
    }
    /// rangeobject.index(value) -> integer -- return index of value.
    ///
    /// Raise ValueError if the value is not present.
    #[method]
    fn index(cx: &mut Cx, this: Gc<Range>, value: Value) -> PyResult {
        if is_plain_int(value)
            && let Some(position) = position_of(this, value)
        {
            return int::from_big(cx, &position);
        }
        if !is_plain_int(value) {
            let iterator = operations::iterate(cx, this.value())?;
            let mut position = Value::int(0);
            while let Some(candidate) = operations::next(cx, iterator)? {
                if operations::equal(cx, candidate, value)? {
                    return Ok(position);
                }
                position = operations::binary(cx, BinaryOperator::Add, position, Value::int(1), false)?;
            }
            return Err(cx.value_error("sequence.index(x): x not in sequence"));
        }
        Err(cx.value_error("range.index(x): x not in range"))
    }
    /// Return state information for pickling.
    #[method]
    fn __reduce__(cx: &mut Cx, this: Gc<Range>) -> PyResult {
        let class = cx.builtin_type(Kind::RANGE).value();
        let parts = cx.tuple(&[this.start.get(), this.stop.get(), this.step.get()]);
        Ok(cx.tuple(&[class, parts]))
    }
    #[getter]
    fn start(this: Gc<Range>) -> Value {
        this.start.get()
    }
    #[getter]
    fn stop(this: Gc<Range>) -> Value {
        this.stop.get()
    }
    #[getter]
    fn step(this: Gc<Range>) -> Value {
        this.step.get()
    }
}
