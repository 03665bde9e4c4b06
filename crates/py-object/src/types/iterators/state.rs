//! How far built-in iterators have come: estimates of what is left, and what pickling and copying need.

use super::*;
use crate::cx::{FALSE, PyResult};
use crate::objects::{Range, Str};
use crate::sequence::new_iterator;
use crate::string::StrExt;
use crate::types::int;
use py_macros::py_methods;

/// Iterators that estimate what is left.
pub const ESTIMATING: &[Kind] = &[
    Kind::RANGE_ITERATOR,
    Kind::LONG_RANGE_ITERATOR,
    Kind::LIST_ITERATOR,
    Kind::LIST_REVERSE_ITERATOR,
    Kind::TUPLE_ITERATOR,
    Kind::STR_ITERATOR,
    Kind::STR_ASCII_ITERATOR,
    Kind::BYTES_ITERATOR,
    Kind::BYTEARRAY_ITERATOR,
    Kind::DICT_KEY_ITERATOR,
    Kind::DICT_VALUE_ITERATOR,
    Kind::DICT_ITEM_ITERATOR,
    Kind::DICT_REVERSE_KEY_ITERATOR,
    Kind::DICT_REVERSE_VALUE_ITERATOR,
    Kind::DICT_REVERSE_ITEM_ITERATOR,
    Kind::SET_ITERATOR,
    Kind::REVERSED,
    Kind::SEQUENCE_ITERATOR,
];

/// Iterators that can be reduced to a call.
pub const REDUCIBLE: &[Kind] = &[Kind::ENUMERATE, Kind::ZIP, Kind::MAP, Kind::FILTER, Kind::CALLABLE_ITERATOR];

/// Iterators that can be set to a position.
pub const POSITIONED: &[Kind] = &[
    Kind::RANGE_ITERATOR,
    Kind::LONG_RANGE_ITERATOR,
    Kind::LIST_ITERATOR,
    Kind::LIST_REVERSE_ITERATOR,
    Kind::TUPLE_ITERATOR,
    Kind::STR_ITERATOR,
    Kind::STR_ASCII_ITERATOR,
    Kind::BYTES_ITERATOR,
    Kind::BYTEARRAY_ITERATOR,
    Kind::REVERSED,
    Kind::SEQUENCE_ITERATOR,
];

fn length_hint(cx: &mut Cx, this: Gc<Iterator>) -> PyResult {
    let position = this.position.get();
    let source = this.source.get();
    let length = match types::shape_id(this.value()) {
        shapes::RANGE_ITERATOR => return Ok(this.extra.get()),
        _ if source == NONE => 0,
        shapes::REVERSED => {
            let length = operations::length(cx, source)? as i64;
            if length < position.as_int() + 1 { 0 } else { position.as_int() + 1 }
        }
        shapes::LIST_REVERSE_ITERATOR => position.as_int() + 1,
        shapes::LONG_RANGE_ITERATOR => {
            let range = downcast::<Range>(source).expect("such an iterator holds a range");
            return operations::binary(cx, BinaryOperator::Sub, range.count.get(), position, false);
        }
        shapes::STR_ITERATOR | shapes::STR_ASCII_ITERATOR => {
            let text = downcast::<Str>(source).expect("such an iterator holds text");
            crate::string::count_characters(&text.bytes()[position.as_int() as usize..]) as i64
        }
        shapes::DICT_KEY_ITERATOR
        | shapes::DICT_VALUE_ITERATOR
        | shapes::DICT_ITEM_ITERATOR
        | shapes::DICT_REVERSE_KEY_ITERATOR
        | shapes::DICT_REVERSE_VALUE_ITERATOR
        | shapes::DICT_REVERSE_ITEM_ITERATOR
        | shapes::SET_ITERATOR => {
            let dict = entries_behind(source).expect("such an iterator holds a dict or set");
            if this.extra.get().as_int() as usize != Dict::length(dict) {
                return Ok(Value::int(0));
            }
            return Ok(Value::int(remaining(cx, this)?.1 as i64));
        }
        shapes::SEQUENCE_ITERATOR if types::lookup_special(cx, source, "__len__").is_none() => {
            return Ok(crate::NOT_IMPLEMENTED);
        }
        _ => operations::length(cx, source)? as i64 - position.as_int(),
    };
    Ok(Value::int(length.max(0)))
}

/// What an iterator over a dict or set has still to give, without advancing it: a list, and its length.
fn remaining(cx: &mut Cx, this: Gc<Iterator>) -> PyResult<(Gc<List>, usize)> {
    let copy = new_iterator(
        cx,
        types::shape_id(this.value()),
        this.source.get(),
        this.position.get(),
        this.extra.get(),
        this.step.get(),
    );
    let list = List::new(cx, &[])?;
    while let Some(item) = operations::next(cx, copy)? {
        List::push(cx, list, item)?;
    }
    let length = list::length(list);
    Ok((list, length))
}

fn builtin(cx: &mut Cx, name: &str) -> Value {
    let builtins = cx.runtime.builtins.get().expect("made at start-up");
    let name = cx.intern(name);
    Dict::get_str(cx, builtins, name).unwrap_or(NONE)
}

/// `(function, (argument,), position)`, or without the position.
fn with_position(cx: &mut Cx, function: Value, argument: Value, position: Option<Value>) -> Value {
    let arguments = cx.tuple(&[argument]);
    match position {
        Some(position) => cx.tuple(&[function, arguments, position]),
        None => cx.tuple(&[function, arguments]),
    }
}

/// The range that a range iterator has still to give.
fn range_left(cx: &mut Cx, this: Gc<Iterator>) -> PyResult {
    let (start, step) = (this.position.get(), this.step.get());
    let distance = operations::binary(cx, BinaryOperator::Mul, this.extra.get(), step, false)?;
    let stop = operations::binary(cx, BinaryOperator::Add, start, distance, false)?;
    Ok(types::range::new(cx, start, stop, step)?.value())
}

fn reduce(cx: &mut Cx, this: Gc<Iterator>) -> PyResult {
    let shape = types::shape_id(this.value());
    let iter = builtin(cx, "iter");
    let (source, position) = (this.source.get(), this.position.get());
    let exhausted = source == NONE;
    Ok(match shape {
        shapes::RANGE_ITERATOR => {
            let range = range_left(cx, this)?;
            with_position(cx, iter, range, Some(NONE))
        }
        shapes::LONG_RANGE_ITERATOR if !exhausted => {
            let slice = crate::objects::Slice::new(cx, position, NONE, NONE).value();
            let range = operations::get_item(cx, source, slice)?;
            with_position(cx, iter, range, Some(NONE))
        }
        shapes::DICT_KEY_ITERATOR
        | shapes::DICT_VALUE_ITERATOR
        | shapes::DICT_ITEM_ITERATOR
        | shapes::DICT_REVERSE_KEY_ITERATOR
        | shapes::DICT_REVERSE_VALUE_ITERATOR
        | shapes::DICT_REVERSE_ITEM_ITERATOR
        | shapes::SET_ITERATOR => {
            let (list, _) = remaining(cx, this)?;
            with_position(cx, iter, list.value(), None)
        }
        shapes::LONG_RANGE_ITERATOR => {
            let range = types::range::new(cx, Value::int(0), Value::int(0), Value::int(1))?.value();
            with_position(cx, iter, range, Some(NONE))
        }
        shapes::LIST_ITERATOR | shapes::LIST_REVERSE_ITERATOR if exhausted => {
            let function = if shape == shapes::LIST_ITERATOR { iter } else { builtin(cx, "reversed") };
            let empty = List::new(cx, &[])?.value();
            with_position(cx, function, empty, None)
        }
        shapes::STR_ITERATOR | shapes::STR_ASCII_ITERATOR if exhausted => {
            let empty = cx.intern("").value();
            with_position(cx, iter, empty, None)
        }
        shapes::STR_ITERATOR | shapes::STR_ASCII_ITERATOR => {
            let text = downcast::<Str>(source).expect("such an iterator holds text");
            let index = crate::string::count_characters(&text.bytes()[..position.as_int() as usize]);
            with_position(cx, iter, source, Some(Value::int(index as i64)))
        }
        shapes::LIST_REVERSE_ITERATOR => {
            let function = builtin(cx, "reversed");
            with_position(cx, function, source, Some(position))
        }
        _ if exhausted => {
            let function = if is_reversed(shape) { builtin(cx, "reversed") } else { iter };
            let empty = cx.tuple(&[]);
            with_position(cx, function, empty, None)
        }
        _ if is_reversed(shape) => {
            let function = builtin(cx, "reversed");
            with_position(cx, function, source, Some(position))
        }
        _ => with_position(cx, iter, source, Some(position)),
    })
}

fn is_reversed(shape: ShapeId) -> bool {
    shape == shapes::REVERSED
}

fn set_state(cx: &mut Cx, this: Gc<Iterator>, state: Value) -> PyResult<()> {
    let index = int::index(cx, state)?;
    let index = int::clamped(index);
    let source = this.source.get();
    match types::shape_id(this.value()) {
        shapes::RANGE_ITERATOR => {
            let skipped = Value::int(index.clamp(0, this.extra.get().as_int()));
            let distance = operations::binary(cx, BinaryOperator::Mul, skipped, this.step.get(), false)?;
            let start = operations::binary(cx, BinaryOperator::Add, this.position.get(), distance, false)?;
            this.position.set(cx.mutator(), this, start);
            this.extra.init(Value::int(this.extra.get().as_int() - skipped.as_int()));
        }
        _ if source == NONE => {}
        shapes::LIST_REVERSE_ITERATOR | shapes::REVERSED => {
            let length = operations::length(cx, source)? as i64;
            this.position.init(Value::int(index.clamp(-1, length - 1)));
        }
        shapes::STR_ITERATOR | shapes::STR_ASCII_ITERATOR => {
            let text = downcast::<Str>(source).expect("such an iterator holds text");
            let index = index.clamp(0, types::str::length(text) as i64) as usize;
            let offset = types::str::byte_offset(text.bytes(), text.is_ascii(), index);
            this.position.init(Value::int(offset as i64));
        }
        shapes::SEQUENCE_ITERATOR => this.position.init(Value::int(index.max(0))),
        shapes::LONG_RANGE_ITERATOR => {
            let range = downcast::<Range>(source).expect("such an iterator holds a range");
            let count = range.count.get();
            let skipped = int::index(cx, state)?;
            let skipped = if int::is_negative(skipped) { Value::int(0) } else { skipped };
            let position = operations::binary(cx, BinaryOperator::Add, this.position.get(), skipped, false)?;
            let beyond = int::compare(operations::Comparison::Gt, position, count).unwrap_or(true);
            this.position.set(cx.mutator(), this, if beyond { count } else { position });
        }
        _ => {
            let length = operations::length(cx, source)? as i64;
            this.position.init(Value::int(index.clamp(0, length)));
        }
    }
    Ok(())
}

/// Iterators that know how much is left.
pub struct EstimatingMethods;

#[py_methods(ESTIMATING)]
impl EstimatingMethods {
    /// Private method returning an estimate of len(list(it)).
    #[method]
    fn __length_hint__(cx: &mut Cx, this: Gc<Iterator>) -> PyResult {
        length_hint(cx, this)
    }
    /// Return state information for pickling.
    #[method]
    fn __reduce__(cx: &mut Cx, this: Gc<Iterator>) -> PyResult {
        reduce(cx, this)
    }
}

/// Iterators with a position.
pub struct PositionedMethods;

#[py_methods(POSITIONED)]
impl PositionedMethods {
    /// Set state information for unpickling.
    #[method]
    fn __setstate__(cx: &mut Cx, this: Gc<Iterator>, state: Value) -> PyResult<()> {
        set_state(cx, this, state)
    }
}

/// Iterators that are made by calling their class, or `iter` with a callable.
pub struct ReducibleMethods;

#[py_methods(REDUCIBLE)]
impl ReducibleMethods {
    /// Return state information for pickling.
    #[method]
    fn __reduce__(cx: &mut Cx, this: Value) -> PyResult {
        reduce_call(cx, this)
    }
}

/// `(class, arguments)` of an iterator made by calling its class; `this` may be of a subclass.
fn reduce_call(cx: &mut Cx, this: Value) -> PyResult {
    let iterator = downcast::<Iterator>(this).expect("the receiver has been checked");
    let class = types::class_of(cx, this).value();
    let (source, extra, step) = (iterator.source.get(), iterator.extra.get(), iterator.step.get());
    let kind = types::shape_id(iterator.value());
    let arguments = match kind {
        shapes::CALLABLE_ITERATOR => {
            let iter = builtin(cx, "iter");
            if source == NONE {
                let empty = cx.tuple(&[]);
                return Ok(with_position(cx, iter, empty, None));
            }
            let arguments = cx.tuple(&[source, extra]);
            return Ok(cx.tuple(&[iter, arguments]));
        }
        shapes::ENUMERATE => cx.tuple(&[source, extra]),
        shapes::FILTER => cx.tuple(&[step, source]),
        shapes::MAP => {
            let all = List::new(cx, &[step])?;
            let iterators = downcast::<Tuple>(source);
            for iterator in iterators.as_ref().map_or(&[][..], tuple_items) {
                List::push(cx, all, *iterator)?;
            }
            Tuple::from_list(cx, all)?.value()
        }
        _ => source,
    };
    if (kind == shapes::MAP || kind == shapes::ZIP) && extra == TRUE {
        return Ok(cx.tuple(&[class, arguments, TRUE]));
    }
    Ok(cx.tuple(&[class, arguments]))
}

/// `zip` and `map`, whose state is whether they are strict.
pub struct StrictMethods;

#[py_methods(STRICT)]
impl StrictMethods {
    /// Set state information for unpickling.
    #[method]
    fn __setstate__(cx: &mut Cx, this: Gc<Iterator>, state: Value) -> PyResult<()> {
        let strict = operations::truth(cx, state)?;
        this.extra.init(if strict { TRUE } else { FALSE });
        Ok(())
    }
}
