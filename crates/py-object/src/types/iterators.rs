//! The built-in iterators beyond the simplest: dicts, sets, `enumerate`, `zip`, `map`, `filter`, `reversed`, `iter(f, x)`.
//!
//! All are `Iterator` objects. What the fields mean: `source` what it runs over (None once exhausted), `position` the next
//! index, `extra` the expected size of a dict or the counter of an enumerate, `step` the function of a map or filter.

mod methods;
mod state;

pub use methods::*;
pub use state::*;

use crate::PyResult;
use crate::cx::{Cx, NONE, TRUE};
use crate::iterators::{NativeStep, iterator_at, next_quickly, set_native_step};
use crate::kinds::{Kind, shapes};
use crate::objects::{Dict, Iterator, List, Set, Tuple};
use crate::operations::{self, BinaryOperator};
use crate::sequence::tuple_items;
use crate::string::downcast;
use crate::types::{self, list};
use vm_heap::{Gc, ShapeId, Value};

/// Declares the steps.
pub(crate) fn install() {
    fn declare(kinds: &[Kind], step: NativeStep) {
        kinds.iter().for_each(|kind| set_native_step(*kind, step));
    }
    declare(&[Kind::DICT_KEY_ITERATOR, Kind::SET_ITERATOR], |cx, iterator| dict_key(cx, iterator_at(iterator)));
    declare(&[Kind::DICT_VALUE_ITERATOR], |cx, iterator| dict_value(cx, iterator_at(iterator)));
    declare(&[Kind::DICT_ITEM_ITERATOR], |cx, iterator| dict_item(cx, iterator_at(iterator)));
    declare(&[Kind::ENUMERATE], |cx, iterator| enumerate(cx, iterator_at(iterator)));
    declare(&[Kind::ZIP], |cx, iterator| zip(cx, iterator_at(iterator)));
    declare(&[Kind::MAP], |cx, iterator| map(cx, iterator_at(iterator)));
    declare(&[Kind::FILTER], |cx, iterator| filter(cx, iterator_at(iterator)));
    declare(&[Kind::LIST_REVERSE_ITERATOR], |cx, iterator| list_backwards(cx, iterator_at(iterator)));
    declare(&[Kind::REVERSED], |cx, iterator| reversed(cx, iterator_at(iterator)));
    declare(
        &[Kind::DICT_REVERSE_KEY_ITERATOR, Kind::DICT_REVERSE_VALUE_ITERATOR, Kind::DICT_REVERSE_ITEM_ITERATOR],
        |cx, iterator| dict_backwards(cx, iterator_at(iterator)),
    );
    declare(&[Kind::SEQUENCE_ITERATOR, Kind::MEMORY_ITERATOR], |cx, iterator| sequence(cx, iterator_at(iterator)));
    declare(&[Kind::CALLABLE_ITERATOR], |cx, iterator| callable(cx, iterator_at(iterator)));
    declare(&[Kind::BYTES_ITERATOR, Kind::BYTEARRAY_ITERATOR], |cx, iterator| bytes(cx, iterator_at(iterator)));
    declare(&[Kind::LONG_RANGE_ITERATOR], |cx, iterator| long_range(cx, iterator_at(iterator)));
}

type Step = PyResult<Option<Value>>;

fn exhaust(cx: &mut Cx, iterator: Gc<Iterator>) -> Step {
    iterator.source.set(cx.mutator(), iterator, NONE);
    Ok(None)
}

/// The dict that an iterator runs over, or the set as one.
fn entries_behind(source: Value) -> Option<Gc<Dict>> {
    downcast::<Dict>(source).or_else(|| downcast::<Set>(source).map(Set::elements))
}

fn dict_entry(cx: &mut Cx, iterator: Gc<Iterator>) -> PyResult<Option<(Value, Value)>> {
    let Some(dict) = entries_behind(iterator.source.get()) else { return Ok(None) };
    // The number of a namespace's variables is not at hand, so there changes go unnoticed.
    if !dict.cells.get() && iterator.extra.get().as_int() as usize != Dict::length(dict) {
        // So that it stays an error.
        iterator.extra.init(Value::int(-1));
        let set = types::is_exactly(iterator.value(), Kind::SET_ITERATOR);
        let message =
            if set { "Set changed size during iteration" } else { "dictionary changed size during iteration" };
        return Err(cx.raise(Kind::RUNTIME_ERROR, message));
    }
    let before = iterator.position.get().as_int();
    let mut position = before as usize;
    let entry = Dict::next(dict, &mut position);
    iterator.position.init(Value::int(position as i64));
    if entry.is_none() {
        exhaust(cx, iterator)?;
    } else if iterator.step.get().is_int() && !dict.cells.get() {
        // The entries behind the iterator were given, except for removed ones, which `step` counts.
        let (given, skipped) = (before - iterator.step.get().as_int(), position as i64 - before - 1);
        if given >= iterator.extra.get().as_int() {
            return Err(keys_changed(cx, iterator));
        }
        iterator.step.init(Value::int(iterator.step.get().as_int() + skipped));
    }
    Ok(entry)
}

/// The error of more entries than there were at the start.
#[cold]
fn keys_changed(cx: &mut Cx, iterator: Gc<Iterator>) -> vm_machine::Raised {
    iterator.extra.init(Value::int(-1));
    cx.raise(Kind::RUNTIME_ERROR, "dictionary keys changed during iteration")
}

fn dict_key(cx: &mut Cx, iterator: Gc<Iterator>) -> Step {
    Ok(dict_entry(cx, iterator)?.map(|(key, _)| key))
}

fn dict_value(cx: &mut Cx, iterator: Gc<Iterator>) -> Step {
    Ok(dict_entry(cx, iterator)?.map(|(_, value)| value))
}

fn dict_item(cx: &mut Cx, iterator: Gc<Iterator>) -> Step {
    let Some((key, value)) = dict_entry(cx, iterator)? else { return Ok(None) };
    Ok(Some(Tuple::pair(cx, key, value).value()))
}

/// `position` is behind the next entry.
fn dict_backwards(cx: &mut Cx, iterator: Gc<Iterator>) -> Step {
    let Some(dict) = downcast::<Dict>(iterator.source.get()) else { return Ok(None) };
    if iterator.extra.get().as_int() as usize != Dict::length(dict) {
        iterator.extra.init(Value::int(-1));
        return Err(cx.raise(Kind::RUNTIME_ERROR, "dictionary changed size during iteration"));
    }
    let mut position = iterator.position.get().as_int() as usize;
    // A new table with fewer entries: what was to come is gone.
    if position > dict.filled.get().as_int() as usize {
        return exhaust(cx, iterator);
    }
    let entry = Dict::previous(dict, &mut position);
    iterator.position.init(Value::int(position as i64));
    let Some((key, value)) = entry else { return exhaust(cx, iterator) };
    // `step` is how many are to come.
    if iterator.step.get().as_int() <= 0 {
        return Err(keys_changed(cx, iterator));
    }
    iterator.step.init(Value::int(iterator.step.get().as_int() - 1));
    Ok(Some(match types::shape_id(iterator.value()) {
        shapes::DICT_REVERSE_KEY_ITERATOR => key,
        shapes::DICT_REVERSE_VALUE_ITERATOR => value,
        _ => cx.tuple(&[key, value]),
    }))
}

/// `extra` is the counter.
fn enumerate(cx: &mut Cx, iterator: Gc<Iterator>) -> Step {
    let Some(item) = operations::next(cx, iterator.source.get())? else { return Ok(None) };
    let count = iterator.extra.get();
    let next = match count.is_int().then(|| Value::small_int(count.as_int() + 1)).flatten() {
        Some(next) => next,
        None => operations::binary(cx, BinaryOperator::Add, count, Value::int(1), false)?,
    };
    iterator.extra.set(cx.mutator(), iterator, next);
    Ok(Some(Tuple::pair(cx, count, item).value()))
}

/// The next items of a tuple of iterators as a tuple; `Err(n)` inside where the n-th had none.
fn next_of_each(cx: &mut Cx, iterators: Gc<Tuple>) -> PyResult<Result<Value, usize>> {
    const INLINE: usize = 8;
    let iterators = tuple_items(&iterators);
    if iterators.len() <= INLINE {
        let mut items = [NONE; INLINE];
        for (at, iterator) in iterators.iter().enumerate() {
            match operations::next(cx, *iterator)? {
                Some(item) => items[at] = item,
                None => return Ok(Err(at)),
            }
        }
        return Ok(Ok(cx.tuple(&items[..iterators.len()])));
    }
    let items = List::new(cx, &[])?;
    for (at, iterator) in iterators.iter().enumerate() {
        match operations::next(cx, *iterator)? {
            Some(item) => List::push(cx, items, item)?,
            None => return Ok(Err(at)),
        }
    }
    Ok(Ok(Tuple::from_list(cx, items)?.value()))
}

/// `source` is a tuple of iterators, `extra` whether they must end together.
fn zip(cx: &mut Cx, iterator: Gc<Iterator>) -> Step {
    let Some(iterators) = downcast::<Tuple>(iterator.source.get()) else { return Ok(None) };
    match tuple_items(&iterators) {
        [] => return Ok(None),
        [first, second] => {
            let Some(first) = next_quickly(cx, *first)? else {
                return ended(cx, iterator, iterators, 0, "zip");
            };
            let Some(second) = next_quickly(cx, *second)? else {
                return ended(cx, iterator, iterators, 1, "zip");
            };
            return Ok(Some(Tuple::pair(cx, first, second).value()));
        }
        _ => {}
    }
    match next_of_each(cx, iterators)? {
        Ok(items) => Ok(Some(items)),
        Err(at) => ended(cx, iterator, iterators, at, "zip"),
    }
}

/// The iterator number `at` has ended: where they must end together, ValueError unless all do.
fn ended(cx: &mut Cx, iterator: Gc<Iterator>, iterators: Gc<Tuple>, at: usize, function: &str) -> Step {
    if iterator.extra.get() != TRUE {
        return Ok(None);
    }
    let before = |at: usize| if at == 1 { " 1".to_string() } else { format!("s 1-{at}") };
    if at > 0 {
        let message = format!("{function}() argument {} is shorter than argument{}", at + 1, before(at));
        return Err(cx.value_error(message));
    }
    for (at, other) in tuple_items(&iterators).iter().enumerate().skip(1) {
        if operations::next(cx, *other)?.is_some() {
            let message = format!("{function}() argument {} is longer than argument{}", at + 1, before(at));
            return Err(cx.value_error(message));
        }
    }
    Ok(None)
}

/// `source` is a tuple of iterators, `step` the function.
fn map(cx: &mut Cx, iterator: Gc<Iterator>) -> Step {
    let Some(iterators) = downcast::<Tuple>(iterator.source.get()) else { return Ok(None) };
    let function = iterator.step.get();
    if let [only] = tuple_items(&iterators) {
        let Some(item) = next_quickly(cx, *only)? else { return Ok(None) };
        return crate::call::call(cx, function, &[item], None).map(Some);
    }
    match next_of_each(cx, iterators)? {
        Ok(items) => {
            let items = downcast::<Tuple>(items).expect("made above");
            crate::call::call(cx, function, tuple_items(&items), None).map(Some)
        }
        Err(at) => ended(cx, iterator, iterators, at, "map"),
    }
}

/// `step` is the function or None.
fn filter(cx: &mut Cx, iterator: Gc<Iterator>) -> Step {
    let function = iterator.step.get();
    let is_truth = function == NONE || function == cx.builtin_type(Kind::BOOL).value();
    while let Some(item) = next_quickly(cx, iterator.source.get())? {
        let verdict = if is_truth { item } else { crate::call::call(cx, function, &[item], None)? };
        if operations::truth(cx, verdict)? {
            return Ok(Some(item));
        }
    }
    Ok(None)
}

/// `position` counts down.
fn reversed(cx: &mut Cx, iterator: Gc<Iterator>) -> Step {
    let (source, position) = (iterator.source.get(), iterator.position.get().as_int());
    if source == NONE {
        return Ok(None);
    }
    if position < 0 {
        return exhaust(cx, iterator);
    }
    iterator.position.init(Value::int(position - 1));
    item_or_end(cx, iterator, source, position)
}

/// The same for a list or an instance of a subclass, whose items are what the list holds.
fn list_backwards(cx: &mut Cx, iterator: Gc<Iterator>) -> Step {
    let Some(list) = downcast::<List>(iterator.source.get()) else { return Ok(None) };
    let position = iterator.position.get().as_int();
    // A negative one is beyond any length.
    match list::item(list, position as usize) {
        Some(item) => {
            iterator.position.init(Value::int(position - 1));
            Ok(Some(item))
        }
        None => exhaust(cx, iterator),
    }
}

fn sequence(cx: &mut Cx, iterator: Gc<Iterator>) -> Step {
    let (source, position) = (iterator.source.get(), iterator.position.get().as_int());
    if source == NONE {
        return Ok(None);
    }
    iterator.position.init(Value::int(position + 1));
    item_or_end(cx, iterator, source, position)
}

/// `position` is an int of any size.
fn long_range(cx: &mut Cx, iterator: Gc<Iterator>) -> Step {
    let Some(range) = downcast::<crate::objects::Range>(iterator.source.get()) else { return Ok(None) };
    let position = iterator.position.get();
    if types::int::compare(operations::Comparison::Ge, position, range.count.get()).unwrap_or(true) {
        return exhaust(cx, iterator);
    }
    let next = operations::binary(cx, BinaryOperator::Add, position, Value::int(1), false)?;
    iterator.position.set(cx.mutator(), iterator, next);
    types::range::element(cx, range, position).map(Some)
}

/// Bytes as ints.
fn bytes(cx: &mut Cx, iterator: Gc<Iterator>) -> Step {
    let (source, position) = (iterator.source.get(), iterator.position.get().as_int());
    let byte = crate::buffer::ByteView::try_of(source).and_then(|view| view.bytes().get(position as usize).copied());
    match byte {
        Some(byte) => {
            iterator.position.init(Value::int(position + 1));
            Ok(Some(Value::int(i64::from(byte))))
        }
        None => exhaust(cx, iterator),
    }
}

/// `source[position]`; IndexError and StopIteration end the iteration.
fn item_or_end(cx: &mut Cx, iterator: Gc<Iterator>, source: Value, position: i64) -> Step {
    match operations::get_item(cx, source, Value::int(position)) {
        Ok(item) => Ok(Some(item)),
        Err(raised) => {
            let exception = cx.raised.get();
            if types::is_instance(cx, exception, Kind::INDEX_ERROR)
                || types::is_instance(cx, exception, Kind::STOP_ITERATION)
            {
                cx.take_raised();
                return exhaust(cx, iterator);
            }
            Err(raised)
        }
    }
}

/// `source` is the function, `extra` the value that ends the iteration.
fn callable(cx: &mut Cx, iterator: Gc<Iterator>) -> Step {
    let source = iterator.source.get();
    if source == NONE {
        return Ok(None);
    }
    match crate::call::call(cx, source, &[], None) {
        Ok(item) => {
            // The function may have used the iterator up.
            if iterator.source.get() == NONE || operations::equal(cx, item, iterator.extra.get())? {
                return exhaust(cx, iterator);
            }
            Ok(Some(item))
        }
        Err(raised) => {
            if types::is_instance(cx, cx.raised.get(), Kind::STOP_ITERATION) {
                cx.take_raised();
                return exhaust(cx, iterator);
            }
            Err(raised)
        }
    }
}
