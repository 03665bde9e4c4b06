//! Core of arrays, tuples and lists.

use crate::PyResult;
use crate::cx::{Cx, UNBOUND};
use crate::kinds::{Kind, shapes};
use crate::object::{allocate, try_allocate_tail, value_tail};
use crate::objects::{Array, Dict, Iterator, List, Range, Slice, Tuple};
use crate::string::downcast;
use vm_heap::{Field, Gc, ShapeId, Value};

impl Array {
    /// A new array of zero words (small int zeros).
    #[inline]
    pub fn try_new(cx: &mut Cx, length: usize) -> Option<Gc<Array>> {
        try_allocate_tail::<Array>(cx.mutator(), shapes::ARRAY, length)
    }

    /// A new array: MemoryError where memory does not suffice.
    #[inline]
    pub fn checked(cx: &mut Cx, length: usize) -> PyResult<Gc<Array>> {
        match Array::try_new(cx, length) {
            Some(array) => Ok(array),
            None => Err(cx.raise(Kind::MEMORY_ERROR, "")),
        }
    }
}

/// The elements of an array.
#[inline(always)]
pub fn elements(array: &Gc<Array>) -> &[Field<Value>] {
    value_tail(array, array.length.get().as_int() as usize)
}

/// How many items an exact instance of a built-in container or a range has, where that is at hand.
#[inline]
pub fn exact_length(value: Value) -> Option<usize> {
    if !value.is_object() {
        return None;
    }
    match crate::types::shape_id(value) {
        shapes::LIST => downcast::<List>(value).map(|list| list.length.get().as_int() as usize),
        shapes::TUPLE => downcast::<Tuple>(value).map(|tuple| tuple_items(&tuple).len()),
        shapes::DICT => downcast::<Dict>(value).map(Dict::length),
        shapes::RANGE => {
            let count = downcast::<Range>(value)?.count.get();
            (count.is_int() && count.as_int() >= 0).then(|| count.as_int() as usize)
        }
        _ => None,
    }
}

impl Tuple {
    /// A new tuple of what lies on the native or value stack.
    pub fn new(cx: &mut Cx, items: &[Value]) -> Gc<Tuple> {
        match Tuple::try_new(cx, items) {
            Some(tuple) => tuple,
            None => panic!("out of memory for a tuple of {} items", items.len()),
        }
    }

    /// A new tuple, or `None` where memory does not suffice. `items` must be reachable by the collector: on a stack.
    pub fn try_new(cx: &mut Cx, items: &[Value]) -> Option<Gc<Tuple>> {
        if items.is_empty()
            && let Some(empty) = cx.runtime.empty_tuple.get()
        {
            return Some(*empty);
        }
        let tuple = try_allocate_tail::<Tuple>(cx.mutator(), shapes::TUPLE, items.len())?;
        for (field, item) in value_tail(&tuple, items.len()).iter().zip(items) {
            field.init(*item);
        }
        Some(tuple)
    }

    /// A new tuple of two items.
    #[inline]
    pub fn pair(cx: &mut Cx, first: Value, second: Value) -> Gc<Tuple> {
        let header = crate::object::object_header::<Tuple>(shapes::TUPLE);
        let address = cx.mutator().allocate(size_of::<Tuple>() + 2 * size_of::<Value>(), header);
        // SAFETY: there is room for a tuple of two items, which are written before anything else is allocated.
        let tuple: Gc<Tuple> = unsafe { Gc::from_address(address) };
        tuple.length.init(Value::int(2));
        let items = value_tail(&tuple, 2);
        items[0].init(first);
        items[1].init(second);
        tuple
    }

    /// A tuple of the elements that a list has now.
    pub fn from_list(cx: &mut Cx, list: Gc<List>) -> PyResult<Gc<Tuple>> {
        let (items, length) = List::snapshot(&list);
        let Some(tuple) = try_allocate_tail::<Tuple>(cx.mutator(), shapes::TUPLE, length) else {
            return Err(cx.raise(Kind::MEMORY_ERROR, ""));
        };
        for (field, item) in value_tail(&tuple, length).iter().zip(elements(&items)) {
            field.init(item.get());
        }
        Ok(tuple)
    }
}

/// The items of a tuple as fields.
#[inline(always)]
pub fn tuple_fields(tuple: &Gc<Tuple>) -> &[Field<Value>] {
    value_tail(tuple, tuple.length.get().as_int() as usize)
}

/// The items of a tuple. They never change.
#[inline(always)]
pub fn tuple_items(tuple: &Gc<Tuple>) -> &[Value] {
    let fields = tuple_fields(tuple);
    // SAFETY: a `Field<Value>` has the layout of a `Value`, and a published tuple is never written again.
    unsafe { std::slice::from_raw_parts(fields.as_ptr() as *const Value, fields.len()) }
}

/// Lists below this length grow by half, others by a quarter.
const SHORT: usize = 1 << 16;

impl List {
    /// A new list. `items` must lie on a stack or in a live tuple.
    pub fn new(cx: &mut Cx, items: &[Value]) -> PyResult<Gc<List>> {
        let storage = Array::checked(cx, items.len())?;
        for (field, item) in elements(&storage).iter().zip(items) {
            field.init(*item);
        }
        Ok(List::with_storage(cx, storage, items.len()))
    }

    /// A new list of the first `length` elements of a storage array that nobody else uses.
    #[inline]
    pub fn with_storage(cx: &mut Cx, storage: Gc<Array>, length: usize) -> Gc<List> {
        let list = allocate::<List>(cx.mutator(), shapes::LIST);
        list.items.init(storage);
        list.length.init(Value::int(length as i64));
        list
    }

    /// Appends an item.
    #[inline]
    pub fn push(cx: &mut Cx, list: Gc<List>, item: Value) -> PyResult<()> {
        loop {
            {
                let _locked = vm_stm::lock(&list.word);
                let length = list.length.get().as_int() as usize;
                let items = list.items.get();
                let storage = elements(&items);
                if length < storage.len() {
                    storage[length].set(cx.mutator(), items, item);
                    list.length.init(Value::int(length as i64 + 1));
                    return Ok(());
                }
            }
            let length = list.length.get().as_int() as usize;
            List::reserve(cx, list, length + 1)?;
        }
    }

    /// Appends several items.
    pub fn append(cx: &mut Cx, list: Gc<List>, more: &[Field<Value>]) -> PyResult<()> {
        if list.length.get() == Value::int(0) && elements(&list.items.get()).len() < more.len() {
            let storage = Array::checked(cx, more.len())?;
            elements(&storage).iter().zip(more).for_each(|(to, from)| to.init(from.get()));
            let _locked = vm_stm::lock(&list.word);
            if list.length.get() == Value::int(0) {
                list.items.set_release(cx.mutator(), list, storage);
                list.length.init(Value::int(more.len() as i64));
                return Ok(());
            }
        }
        loop {
            List::reserve(cx, list, list.length.get().as_int() as usize + more.len())?;
            let _locked = vm_stm::lock(&list.word);
            let length = list.length.get().as_int() as usize;
            let items = list.items.get();
            let Some(room) = elements(&items).get(length..length + more.len()) else { continue };
            for (field, item) in room.iter().zip(more) {
                field.init(item.get());
            }
            cx.mutator().barrier(items.header());
            list.length.init(Value::int((length + more.len()) as i64));
            return Ok(());
        }
    }

    /// Makes room for at least `wanted` items.
    #[inline]
    pub fn reserve(cx: &mut Cx, list: Gc<List>, wanted: usize) -> PyResult<()> {
        if elements(&list.items.get()).len() >= wanted { Ok(()) } else { List::grow(cx, list, wanted) }
    }

    #[cold]
    fn grow(cx: &mut Cx, list: Gc<List>, wanted: usize) -> PyResult<()> {
        // Short lists that grow mostly grow on, and each time leave their old storage to the collector.
        let more = if wanted < SHORT { wanted >> 1 } else { wanted >> 2 };
        let capacity = (wanted + more + 6) & !3;
        let grown = Array::checked(cx, capacity)?;
        let _locked = vm_stm::lock(&list.word);
        let old = list.items.get();
        let length = list.length.get().as_int() as usize;
        if length > capacity || elements(&old).len() >= wanted {
            return Ok(()); // another thread was faster
        }
        // The new storage was allocated just now.
        for (field, item) in elements(&grown).iter().zip(&elements(&old)[..length]) {
            field.init(item.get());
        }
        list.items.set_release(cx.mutator(), list, grown);
        Ok(())
    }

    /// The items as they are now, bounded by the storage that they lie in (another thread may shrink the list).
    #[inline]
    pub fn snapshot(list: &Gc<List>) -> (Gc<Array>, usize) {
        let items = list.items.get_acquire();
        let length = (list.length.get().as_int() as usize).min(elements(&items).len());
        (items, length)
    }
}

/// An item of a list, if there is one at this index.
pub fn list_item(list: Gc<List>, index: usize) -> Option<Value> {
    let (items, length) = List::snapshot(&list);
    (index < length).then(|| elements(&items)[index].get())
}

/// A new iterator object of the given built-in type.
pub fn new_iterator(cx: &mut Cx, shape: ShapeId, source: Value, position: Value, extra: Value, step: Value) -> Value {
    let iterator = allocate::<Iterator>(cx.mutator(), shape);
    iterator.source.init(source);
    iterator.position.init(position);
    iterator.extra.init(extra);
    iterator.step.init(step);
    iterator.value()
}

impl Slice {
    /// A new slice.
    pub fn new(cx: &mut Cx, start: Value, stop: Value, step: Value) -> Gc<Slice> {
        let slice = allocate::<Slice>(cx.mutator(), shapes::SLICE);
        slice.start.init(start);
        slice.stop.init(stop);
        slice.step.init(step);
        slice
    }
}

/// Whether a register or field holds a value.
#[inline(always)]
pub fn is_bound(value: Value) -> bool {
    value != UNBOUND
}
