//! The methods of the built-in iterators and the constructors of those that have one.

use super::*;
use crate::arguments::Next;
use crate::cx::UNBOUND;
use crate::sequence::new_iterator;
use crate::types::{class_name, int};
use py_macros::py_methods;

/// The kinds of iterators that are built in.
pub const ITERATOR_KINDS: &[Kind] = &[
    Kind::RANGE_ITERATOR,
    Kind::LIST_ITERATOR,
    Kind::TUPLE_ITERATOR,
    Kind::STR_ITERATOR,
    Kind::DICT_KEY_ITERATOR,
    Kind::DICT_VALUE_ITERATOR,
    Kind::DICT_ITEM_ITERATOR,
    Kind::SET_ITERATOR,
    Kind::ENUMERATE,
    Kind::ZIP,
    Kind::MAP,
    Kind::FILTER,
    Kind::REVERSED,
    Kind::LIST_REVERSE_ITERATOR,
    Kind::LONG_RANGE_ITERATOR,
    Kind::STR_ASCII_ITERATOR,
    Kind::DICT_REVERSE_KEY_ITERATOR,
    Kind::DICT_REVERSE_VALUE_ITERATOR,
    Kind::DICT_REVERSE_ITEM_ITERATOR,
    Kind::SEQUENCE_ITERATOR,
    Kind::BYTES_ITERATOR,
    Kind::BYTEARRAY_ITERATOR,
    Kind::MEMORY_ITERATOR,
    Kind::CALLABLE_ITERATOR,
];

/// What all of them have.
pub struct CommonMethods;

#[py_methods(ITERATOR)]
impl CommonMethods {
    #[method]
    fn __iter__(this: Value) -> Value {
        this
    }
    #[method]
    fn __next__(cx: &mut Cx, this: Gc<Iterator>) -> PyResult<Next> {
        operations::next(cx, this.value()).map(Next)
    }
}

/// Iterators over several iterables, as a tuple.
fn iterators_of(cx: &mut Cx, iterables: &[Value], function: &str) -> PyResult<Gc<Tuple>> {
    let iterators = List::new(cx, &[])?;
    for (at, iterable) in iterables.iter().enumerate() {
        let has_iter = types::lookup_special(cx, *iterable, "__iter__").is_some()
            || types::lookup_special(cx, *iterable, "__getitem__").is_some();
        if !has_iter && !function.is_empty() {
            let message = format!("{function} argument #{} must support iteration", at + 1);
            return Err(cx.type_error(message));
        }
        let iterator = operations::iterate(cx, *iterable)?;
        List::push(cx, iterators, iterator)?;
    }
    Tuple::from_list(cx, iterators)
}

/// A new iterator of a class, the built-in type or a subclass.
fn iterator_of(
    cx: &mut Cx,
    class: Gc<crate::objects::Type>,
    source: Value,
    position: Value,
    extra: Value,
    step: Value,
) -> Value {
    let exact = new_iterator(cx, ShapeId(class.kind.get() as u32), source, position, extra, step);
    types::extend(cx, class, exact)
}

/// `enumerate`.
pub struct EnumerateMethods;

#[py_methods(ENUMERATE)]
impl EnumerateMethods {
    #[new(signature = "(iterable, start=0)")]
    fn new(
        cx: &mut Cx,
        class: Gc<crate::objects::Type>,
        #[keyword] iterable: Value,
        #[keyword]
        #[default(Value::int(0))]
        start: Value,
    ) -> PyResult {
        let start = int::index(cx, start)?;
        let iterator = operations::iterate(cx, iterable)?;
        Ok(iterator_of(cx, class, iterator, Value::int(0), start, NONE))
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cx: &mut Cx, class: Value, object: Value) -> PyResult {
        types::generic::alias(cx, class, object)
    }
}

/// `zip`.
pub struct ZipMethods;

#[py_methods(ZIP)]
impl ZipMethods {
    #[new(signature = "")]
    fn new(
        cx: &mut Cx,
        class: Gc<crate::objects::Type>,
        #[args] iterables: &[Value],
        #[keyword_only]
        #[default(false)]
        strict: bool,
    ) -> PyResult {
        let iterators = iterators_of(cx, iterables, "")?;
        Ok(iterator_of(cx, class, iterators.value(), Value::int(0), crate::bool_value(strict), NONE))
    }
}

/// `map`.
pub struct MapMethods;

#[py_methods(MAP)]
impl MapMethods {
    #[new(signature = "(function, iterable, /, *iterables, strict=False)")]
    fn new(
        cx: &mut Cx,
        class: Gc<crate::objects::Type>,
        #[args] arguments: &[Value],
        #[keyword_only]
        #[default(false)]
        strict: bool,
    ) -> PyResult {
        let [function, iterables @ ..] = arguments else {
            return Err(cx.type_error("map() must have at least two arguments."));
        };
        if iterables.is_empty() {
            return Err(cx.type_error("map() must have at least two arguments."));
        }
        let iterators = iterators_of(cx, iterables, "")?;
        Ok(iterator_of(cx, class, iterators.value(), Value::int(0), crate::bool_value(strict), *function))
    }
}

/// `filter`.
pub struct FilterMethods;

#[py_methods(FILTER)]
impl FilterMethods {
    #[new(signature = "(function, iterable, /)")]
    fn new(cx: &mut Cx, class: Gc<crate::objects::Type>, function: Value, iterable: Value) -> PyResult {
        let iterator = operations::iterate(cx, iterable)?;
        Ok(iterator_of(cx, class, iterator, Value::int(0), NONE, function))
    }
}

/// `reversed`.
pub struct ReversedMethods;

#[py_methods(REVERSED)]
impl ReversedMethods {
    #[new(signature = "(object, /)")]
    fn new(cx: &mut Cx, class: Gc<crate::objects::Type>, object: Value) -> PyResult {
        match types::lookup_special(cx, object, "__reversed__") {
            Some(NONE) => {}
            Some(hook) => return crate::call::call_special(cx, hook, object, &[], None),
            None if types::lookup_special(cx, object, "__getitem__").is_some()
                && types::lookup_special(cx, object, "__len__").is_some() =>
            {
                let last = operations::length(cx, object)? as i64 - 1;
                return Ok(iterator_of(cx, class, object, Value::int(last), NONE, NONE));
            }
            None => {}
        }
        let message = format!("'{}' object is not reversible", class_name(cx, object));
        Err(cx.type_error(message))
    }
}

/// `iter(object)` or `iter(callable, sentinel)`.
pub fn iter(cx: &mut Cx, object: Value, sentinel: Value) -> PyResult {
    if sentinel == UNBOUND {
        return operations::iterate(cx, object);
    }
    if !crate::types::class::is_callable(cx, object) {
        return Err(cx.type_error("iter(v, w): v must be callable"));
    }
    Ok(new_iterator(cx, shapes::CALLABLE_ITERATOR, object, Value::int(0), sentinel, NONE))
}
