//! The methods of `list`.

use super::*;
use crate::arguments::{Index, SliceIndex};
use crate::cx::{NONE, NOT_IMPLEMENTED};
use crate::kinds::shapes;
use crate::object::allocate;
use crate::objects::{Slice, Type};
use crate::operations::Comparison;
use crate::sequence::new_iterator;
use crate::types::{class_name, int, object, slice, tuple};
use py_macros::py_methods;

fn compare(cx: &mut Cx, comparison: Comparison, this: Gc<List>, other: Value) -> PyResult {
    let Some(other) = downcast::<List>(other) else { return Ok(NOT_IMPLEMENTED) };
    cx.check_native_stack()?;
    let lengths = || (length(this), length(other));
    tuple::compare_items(cx, comparison, lengths, |at| Some((item(this, at)?, item(other, at)?)))
}

fn repeat(cx: &mut Cx, this: Gc<List>, count: Value) -> PyResult {
    let count = int::repeat_count(cx, count)?;
    let count = usize::try_from(count).unwrap_or(0);
    let (items, length) = List::snapshot(&this);
    match length.checked_mul(count).filter(|total| *total < 1 << 40) {
        Some(total) => {
            let storage = Array::checked(cx, total)?;
            // Of no items there are no copies to make.
            for copy in elements(&storage).chunks(length.max(1)) {
                copy.iter().zip(elements(&items)).for_each(|(to, from)| to.init(from.get()));
            }
            Ok(List::with_storage(cx, storage, total).value())
        }
        None => Err(cx.raise(Kind::MEMORY_ERROR, "")),
    }
}

/// `list[index]`.
pub fn get(cx: &mut Cx, this: Gc<List>, index: Value) -> PyResult {
    if let Some(slice) = downcast::<Slice>(index) {
        return slice_of(cx, this, slice);
    }
    let at = int::sequence_index(cx, index, "list")?;
    let at = if at < 0 { at + length(this) as i64 } else { at };
    match usize::try_from(at).ok().and_then(|at| item(this, at)) {
        Some(item) => Ok(item),
        None => Err(cx.raise(Kind::INDEX_ERROR, "list index out of range")),
    }
}

/// `list[key] = value`.
pub fn set(cx: &mut Cx, this: Gc<List>, key: Value, value: Value) -> PyResult<()> {
    if let Some(slice) = downcast::<Slice>(key) {
        return assign_slice(cx, this, slice, value);
    }
    let at = int::sequence_index(cx, key, "list")?;
    if set_at(cx, this, at, value) {
        return Ok(());
    }
    Err(cx.raise(Kind::INDEX_ERROR, "list assignment index out of range"))
}

fn slice_of(cx: &mut Cx, this: Gc<List>, slice: Gc<Slice>) -> PyResult {
    let range = slice::resolve(cx, slice, length(this))?;
    items_of(cx, this, range.start, range.step, range.count)
}

/// A new list of `count` items from position `start` on, `step` apart, as far as they are still there.
pub fn items_of(cx: &mut Cx, this: Gc<List>, start: i64, step: i64, count: usize) -> PyResult {
    let storage = copy_items(cx, this, start, step, count)?;
    Ok(List::with_storage(cx, storage, count).value())
}

/// The same items in a new array.
pub fn copy_items(cx: &mut Cx, this: Gc<List>, start: i64, step: i64, count: usize) -> PyResult<Gc<Array>> {
    let storage = Array::checked(cx, count)?;
    let to = elements(&storage);
    let (items, available) = List::snapshot(&this);
    let from = elements(&items);
    let first = start as usize;
    match step {
        1 if count > 0 && first + count <= available => {
            to.iter().zip(&from[first..]).for_each(|(to, from)| to.init(from.get()));
        }
        -1 if count > 0 && first < available => {
            to.iter().zip(from[..=first].iter().rev()).for_each(|(to, from)| to.init(from.get()));
        }
        _ => {
            for (at, to) in to.iter().enumerate() {
                let position = (start + at as i64 * step) as usize;
                to.init(if position < available { from[position].get() } else { NONE });
            }
        }
    }
    Ok(storage)
}

fn assign_slice(cx: &mut Cx, this: Gc<List>, slice: Gc<Slice>, value: Value) -> PyResult<()> {
    let items = match sequence_of(cx, value) {
        Ok(items) => items,
        Err(raised) => {
            let not_iterable = types::lookup_special(cx, value, "__iter__").is_none()
                && types::lookup_special(cx, value, "__getitem__").is_none();
            if !not_iterable {
                return Err(raised);
            }
            cx.take_raised();
            return Err(cx.type_error("must assign iterable to extended slice"));
        }
    };
    let range = slice::resolve(cx, slice, length(this))?;
    if range.step == 1 {
        let from = range.start as usize;
        let (items, count) = List::snapshot(&items);
        return replace_range(cx, this, from, from + range.count, items, count);
    }
    let (values, count) = List::snapshot(&items);
    if count != range.count {
        let message = format!("attempt to assign sequence of size {count} to extended slice of size {}", range.count);
        return Err(cx.value_error(message));
    }
    // The values may be the list itself: take them all before the first is written.
    let values = build(cx, count, |at| elements(&values)[at].get())?.items.get();
    for at in 0..count {
        set_at(cx, this, range.start + at as i64 * range.step, elements(&values)[at].get());
    }
    Ok(())
}

/// The methods of `list`.
pub struct Methods;

#[py_methods(LIST)]
impl Methods {
    #[new(signature = "(iterable=(), /)")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[args] args: &[Value],
        #[kwargs] kwargs: crate::arguments::Keywords<'_>,
    ) -> PyResult<Gc<List>> {
        // The arguments belong to `__init__`.
        let _ = (args, kwargs);
        let storage = Array::checked(cx, 0)?;
        let list = allocate::<List>(cx.mutator(), types::instance_shape(class).id);
        list.items.init(storage);
        list.length.init(Value::int(0));
        types::note_instance(cx, class, list.value());
        Ok(list)
    }
    #[method(signature = "($self, /, *args, **kwargs)")]
    fn __init__(
        cx: &mut Cx,
        this: Gc<List>,
        #[args] args: &[Value],
        #[kwargs] kwargs: crate::arguments::Keywords<'_>,
    ) -> PyResult<()> {
        // A `__new__` of a subclass may have taken keyword arguments for itself.
        if !kwargs.is_empty() && types::inherits_from(cx, this.value(), Kind::LIST, "__new__") {
            return Err(cx.type_error("list() takes no keyword arguments"));
        }
        if args.len() > 1 {
            return Err(cx.type_error(format!("list expected at most 1 argument, got {}", args.len())));
        }
        if length(this) > 0 {
            clear(cx, this)?;
        }
        match args.first() {
            Some(iterable) => extend(cx, this, *iterable),
            None => Ok(()),
        }
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<List>) -> PyResult<String> {
        if length(this) == 0 {
            return Ok("[]".to_string());
        }
        let Some(_guard) = object::enter_repr(cx, this.value()) else { return Ok("[...]".to_string()) };
        let mut text = String::from("[");
        let mut at = 0;
        while let Some(item) = item(this, at) {
            if at > 0 {
                text.push_str(", ");
            }
            object::push_repr(cx, &mut text, item)?;
            at += 1;
        }
        text.push(']');
        Ok(text)
    }
    #[method(trace = Reads, transaction = Reads)]
    fn __len__(this: Gc<List>) -> usize {
        length(this)
    }
    /// Return self[index].
    #[method(trace = Reads, transaction = Reads)]
    fn __getitem__(cx: &mut Cx, this: Gc<List>, index: Value) -> PyResult {
        get(cx, this, index)
    }
    #[method(transaction = Writes)]
    fn __setitem__(cx: &mut Cx, this: Gc<List>, key: Value, value: Value) -> PyResult<()> {
        set(cx, this, key, value)
    }
    #[method(transaction = Writes)]
    fn __delitem__(cx: &mut Cx, this: Gc<List>, key: Value) -> PyResult<()> {
        if let Some(slice) = downcast::<Slice>(key) {
            let range = slice::resolve(cx, slice, length(this))?;
            return delete_positions(cx, this, range.start, range.step, range.count);
        }
        let at = int::sequence_index(cx, key, "list")?;
        match remove_at(cx, this, at) {
            Some(_) => Ok(()),
            None => Err(cx.raise(Kind::INDEX_ERROR, "list assignment index out of range")),
        }
    }
    #[method(transaction = Reads)]
    fn __contains__(cx: &mut Cx, this: Gc<List>, key: Value) -> PyResult<bool> {
        Ok(find(cx, this, key, 0, usize::MAX)?.is_some())
    }
    #[method]
    fn __iter__(cx: &mut Cx, this: Gc<List>) -> Value {
        new_iterator(cx, shapes::LIST_ITERATOR, this.value(), Value::int(0), NONE, NONE)
    }
    /// Return a reverse iterator over the list.
    #[method]
    fn __reversed__(cx: &mut Cx, this: Gc<List>) -> Value {
        let last = length(this) as i64 - 1;
        new_iterator(cx, shapes::LIST_REVERSE_ITERATOR, this.value(), Value::int(last), NONE, NONE)
    }
    #[method]
    fn __add__(cx: &mut Cx, this: Gc<List>, value: Value) -> PyResult {
        let Some(other) = downcast::<List>(value) else {
            let message = format!("can only concatenate list (not \"{}\") to list", class_name(cx, value));
            return Err(cx.type_error(message));
        };
        let (lhs, lhs_length) = List::snapshot(&this);
        let (rhs, rhs_length) = List::snapshot(&other);
        let storage = Array::checked(cx, lhs_length + rhs_length)?;
        let from = elements(&lhs)[..lhs_length].iter().chain(&elements(&rhs)[..rhs_length]);
        elements(&storage).iter().zip(from).for_each(|(to, from)| to.init(from.get()));
        Ok(List::with_storage(cx, storage, lhs_length + rhs_length).value())
    }
    #[method]
    fn __iadd__(cx: &mut Cx, this: Gc<List>, value: Value) -> PyResult<Gc<List>> {
        extend(cx, this, value)?;
        Ok(this)
    }
    #[method]
    fn __mul__(cx: &mut Cx, this: Gc<List>, value: Value) -> PyResult {
        repeat(cx, this, value)
    }
    #[method]
    fn __rmul__(cx: &mut Cx, this: Gc<List>, value: Value) -> PyResult {
        repeat(cx, this, value)
    }
    #[method]
    fn __imul__(cx: &mut Cx, this: Gc<List>, value: Value) -> PyResult {
        let repeated = repeat(cx, this, value)?;
        match downcast::<List>(repeated) {
            Some(repeated) => {
                let (items, count) = List::snapshot(&repeated);
                replace_range(cx, this, 0, usize::MAX, items, count)?;
                Ok(this.value())
            }
            None => Ok(repeated),
        }
    }
    #[method]
    fn __lt__(cx: &mut Cx, this: Gc<List>, value: Value) -> PyResult {
        compare(cx, Comparison::Lt, this, value)
    }
    #[method]
    fn __le__(cx: &mut Cx, this: Gc<List>, value: Value) -> PyResult {
        compare(cx, Comparison::Le, this, value)
    }
    #[method]
    fn __eq__(cx: &mut Cx, this: Gc<List>, value: Value) -> PyResult {
        compare(cx, Comparison::Eq, this, value)
    }
    #[method]
    fn __ne__(cx: &mut Cx, this: Gc<List>, value: Value) -> PyResult {
        compare(cx, Comparison::Ne, this, value)
    }
    #[method]
    fn __gt__(cx: &mut Cx, this: Gc<List>, value: Value) -> PyResult {
        compare(cx, Comparison::Gt, this, value)
    }
    #[method]
    fn __ge__(cx: &mut Cx, this: Gc<List>, value: Value) -> PyResult {
        compare(cx, Comparison::Ge, this, value)
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cx: &mut Cx, class: Value, object: Value) -> PyResult {
        crate::types::generic::alias(cx, class, object)
    }
    /// Append object to the end of the list.
    #[method(transaction = Writes)]
    fn append(cx: &mut Cx, this: Gc<List>, object: Value) -> PyResult<()> {
        List::push(cx, this, object)
    }
    /// Extend list by appending elements from the iterable.
    #[method]
    fn extend(cx: &mut Cx, this: Gc<List>, iterable: Value) -> PyResult<()> {
        extend(cx, this, iterable)
    }
    /// Insert object before index.
    #[method(transaction = Writes)]
    fn insert(cx: &mut Cx, this: Gc<List>, index: Index, object: Value) -> PyResult<()> {
        insert(cx, this, index.0, object)
    }
    /// Remove and return item at index (default last).
    ///
    /// Raises IndexError if list is empty or index is out of range.
    #[method(transaction = Writes)]
    fn pop(cx: &mut Cx, this: Gc<List>, #[default(Index(-1))] index: Index) -> PyResult {
        match remove_at(cx, this, index.0) {
            Some(item) => Ok(item),
            None if length(this) == 0 => Err(cx.raise(Kind::INDEX_ERROR, "pop from empty list")),
            None => Err(cx.raise(Kind::INDEX_ERROR, "pop index out of range")),
        }
    }
    /// Remove first occurrence of value.
    ///
    /// Raises ValueError if the value is not present.
    #[method(transaction = Writes)]
    fn remove(cx: &mut Cx, this: Gc<List>, value: Value) -> PyResult<()> {
        match find(cx, this, value, 0, usize::MAX)? {
            Some(at) => {
                remove_at(cx, this, at as i64);
                Ok(())
            }
            None => Err(cx.value_error("list.remove(x): x not in list")),
        }
    }
    /// Remove all items from list.
    #[method(transaction = Writes)]
    fn clear(cx: &mut Cx, this: Gc<List>) -> PyResult<()> {
        clear(cx, this)
    }
    /// Return a shallow copy of the list.
    #[method(transaction = Reads)]
    fn copy(cx: &mut Cx, this: Gc<List>) -> PyResult<Gc<List>> {
        let (items, length) = List::snapshot(&this);
        build(cx, length, |at| elements(&items)[at].get())
    }
    /// Return first index of value.
    ///
    /// Raises ValueError if the value is not present.
    #[method(transaction = Reads)]
    fn index(
        cx: &mut Cx,
        this: Gc<List>,
        value: Value,
        #[default(SliceIndex(0))] start: SliceIndex,
        #[default(SliceIndex(i64::MAX))] stop: SliceIndex,
    ) -> PyResult<usize> {
        let length = length(this);
        match find(cx, this, value, start.resolve(length), stop.resolve(length))? {
            Some(at) => Ok(at),
            None => Err(cx.value_error("list.index(x): x not in list")),
        }
    }
    /// Return number of occurrences of value.
    #[method(transaction = Reads)]
    fn count(cx: &mut Cx, this: Gc<List>, value: Value) -> PyResult<usize> {
        count(cx, this, value)
    }
    /// Reverse *IN PLACE*.
    #[method(transaction = Writes)]
    fn reverse(cx: &mut Cx, this: Gc<List>) {
        let _locked = vm_stm::lock(&this.word);
        let items = this.items.get();
        let fields = &elements(&items)[..length(this)];
        for at in 0..fields.len() / 2 {
            let other = fields.len() - 1 - at;
            let (lhs, rhs) = (fields[at].get(), fields[other].get());
            fields[at].set(cx.mutator(), items, rhs);
            fields[other].set(cx.mutator(), items, lhs);
        }
    }
    /// Sort the list in ascending order and return None.
    ///
    /// The sort is in-place (i.e. the list itself is modified) and stable (i.e. the
    /// order of two equal elements is maintained).
    ///
    /// If a key function is given, apply it once to each list item and sort them,
    /// ascending or descending, according to their function values.
    ///
    /// The reverse flag can be set to sort in descending order.
    #[method]
    fn sort(
        cx: &mut Cx,
        this: Gc<List>,
        #[keyword_only] key: Option<Value>,
        #[keyword_only]
        #[default(false)]
        reverse: bool,
    ) -> PyResult<()> {
        sort(cx, this, key, reverse)
    }
}
