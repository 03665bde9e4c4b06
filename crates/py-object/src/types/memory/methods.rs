//! The methods of `memoryview`.

use super::items::{self, Item};
use super::*;
use crate::cx::{NOT_IMPLEMENTED, bool_value};
use crate::objects::{List, Slice, Type};
use crate::operations;
use crate::sequence::new_iterator;
use crate::types::slice;
use py_macros::py_methods;

/// The item format of a view: NotImplementedError where it is no native one.
fn item_of(cx: &mut Cx, layout: &Layout) -> PyResult<Item> {
    let format = layout.format.to_text();
    match Item::of(&format) {
        Some(item) => Ok(item),
        None => {
            let message = format!("memoryview: unsupported format {format}");
            Err(cx.raise(Kind::NOT_IMPLEMENTED_ERROR, message))
        }
    }
}

/// The layout of a view that has not been released.
fn usable(cx: &mut Cx, view: Gc<MemoryView>) -> PyResult<Layout> {
    check_released(cx, view)?;
    Ok(layout(view))
}

/// The item of a view of single bytes at a small index in bounds.
fn byte_at(view: Gc<MemoryView>, key: Value) -> Option<Value> {
    let (shape, strides) = (downcast::<Tuple>(view.shape.get())?, downcast::<Tuple>(view.strides.get())?);
    let (&[count], &[stride]) = (tuple_items(&shape), tuple_items(&strides)) else { return None };
    if !key.is_int() || downcast::<Str>(view.format.get())?.bytes() != b"B" {
        return None;
    }
    let at = if key.as_int() < 0 { key.as_int() + count.as_int() } else { key.as_int() };
    if !(0..count.as_int()).contains(&at) {
        return None;
    }
    let address = view.start.get() as i64 + at * stride.as_int();
    // SAFETY: the address is that of an item of a view that has not been released.
    let byte = unsafe { items::memory(address as usize, 1) }[0];
    Some(Value::int(i64::from(byte)))
}

fn unpack_at(cx: &mut Cx, item: Item, address: usize) -> PyResult {
    // SAFETY: the address is that of an item of a view that the caller holds.
    let bytes = unsafe { items::memory(address, item.size()) };
    item.unpack(cx, bytes)
}

/// The address of the item at some indices, one for each dimension.
fn address_of(cx: &mut Cx, layout: &Layout, indices: &[Value]) -> PyResult<usize> {
    let mut address = layout.start as i64;
    for (dimension, index) in indices.iter().enumerate() {
        let at = int::sequence_index(cx, *index, "memoryview")?;
        let count = layout.shape[dimension];
        let at = if at < 0 { at + count } else { at };
        if !(0..count).contains(&at) {
            let message = format!("index out of bounds on dimension {}", dimension + 1);
            return Err(cx.raise(Kind::INDEX_ERROR, message));
        }
        address += at * layout.strides[dimension];
    }
    Ok(address as usize)
}

/// Part of a view along its first dimension.
fn sliced(cx: &mut Cx, layout: &Layout, key: Gc<Slice>) -> PyResult<Layout> {
    let mut part = layout.clone();
    let Some(count) = part.shape.first().copied() else {
        return Err(cx.type_error("invalid indexing of 0-dim memory"));
    };
    let range = slice::resolve(cx, key, count as usize)?;
    part.start = (part.start as i64 + range.start * part.strides[0]) as usize;
    part.shape[0] = range.count as i64;
    part.strides[0] *= range.step;
    Ok(part)
}

/// What kind of key a subscript is.
enum Key {
    Item(usize),
    Part(Layout),
}

fn read_key(cx: &mut Cx, layout: &Layout, key: Value) -> PyResult<Key> {
    if layout.shape.is_empty() {
        let empty = downcast::<Tuple>(key).is_some_and(|key| tuple_items(&key).is_empty());
        if empty || key == crate::cx::ELLIPSIS {
            return Ok(Key::Item(layout.start));
        }
        return Err(cx.type_error("invalid indexing of 0-dim memory"));
    }
    if let Some(key) = downcast::<Slice>(key) {
        return sliced(cx, layout, key).map(Key::Part);
    }
    if let Some(keys) = downcast::<Tuple>(key) {
        let keys = tuple_items(&keys);
        if keys.iter().all(|key| downcast::<Slice>(*key).is_none() && is_index(cx, *key)) {
            if keys.len() < layout.shape.len() {
                return Err(cx.raise(Kind::NOT_IMPLEMENTED_ERROR, "sub-views are not implemented"));
            }
            if keys.len() > layout.shape.len() {
                let message =
                    format!("cannot index {}-dimension view with {}-element tuple", layout.shape.len(), keys.len());
                return Err(cx.type_error(message));
            }
            return address_of(cx, layout, keys).map(Key::Item);
        }
        if keys.iter().all(|key| downcast::<Slice>(*key).is_some()) {
            return Err(cx.raise(Kind::NOT_IMPLEMENTED_ERROR, "multi-dimensional slicing is not implemented"));
        }
        return Err(cx.type_error("memoryview: invalid slice key"));
    }
    if is_index(cx, key) {
        if layout.shape.len() > 1 {
            return Err(cx.raise(Kind::NOT_IMPLEMENTED_ERROR, "multi-dimensional sub-views are not implemented"));
        }
        return address_of(cx, layout, &[key]).map(Key::Item);
    }
    Err(cx.type_error("memoryview: invalid slice key"))
}

fn is_index(cx: &mut Cx, value: Value) -> bool {
    int::is_int(value) || types::lookup_special(cx, value, "__index__").is_some()
}

/// `view[part] = other`: the other must be built alike.
fn assign_part(cx: &mut Cx, part: &Layout, value: Value) -> PyResult<()> {
    let source = of(cx, value)?;
    let other = layout(source);
    let plain = |format: Gc<Str>| format.to_text().trim_start_matches('@').to_string();
    if other.shape != part.shape || plain(other.format) != plain(part.format) {
        let message = "memoryview assignment: lvalue and rvalue have different structures";
        return Err(cx.value_error(message));
    }
    // A copy, since both may be the same memory.
    let bytes = other.bytes();
    for (address, item) in part.addresses().into_iter().zip(bytes.chunks(part.item_size)) {
        // SAFETY: an item of the writable view whose part this is.
        unsafe { items::write(address, item) };
    }
    release(cx, source)
}

/// Nested lists of the items.
fn to_list(cx: &mut Cx, item: Item, layout: &Layout, dimension: usize, address: usize) -> PyResult {
    if dimension == layout.shape.len() {
        return unpack_at(cx, item, address);
    }
    let list = List::new(cx, &[])?;
    for at in 0..layout.shape[dimension] {
        let inner = (address as i64 + at * layout.strides[dimension]) as usize;
        let value = to_list(cx, item, layout, dimension + 1, inner)?;
        List::push(cx, list, value)?;
    }
    Ok(list.value())
}

fn equal(cx: &mut Cx, this: Gc<MemoryView>, other: Value) -> PyResult<Option<bool>> {
    if this.value() == other {
        return Ok(Some(true));
    }
    let released = |view: Gc<MemoryView>| view.released.get();
    if released(this) || downcast::<MemoryView>(other).is_some_and(released) {
        return Ok(Some(false));
    }
    let other = match of(cx, other) {
        Ok(other) => other,
        Err(raised) => {
            if types::is_instance(cx, cx.raised.get(), Kind::TYPE_ERROR) {
                cx.take_raised();
                return Ok(None);
            }
            return Err(raised);
        }
    };
    let (lhs, rhs) = (layout(this), layout(other));
    let result = equal_layouts(cx, &lhs, &rhs);
    release(cx, other)?;
    result.map(Some)
}

fn equal_layouts(cx: &mut Cx, lhs: &Layout, rhs: &Layout) -> PyResult<bool> {
    if lhs.shape != rhs.shape {
        return Ok(false);
    }
    let (Some(lhs_item), Some(rhs_item)) = (Item::of(&lhs.format.to_text()), Item::of(&rhs.format.to_text())) else {
        return Ok(false);
    };
    if lhs_item == rhs_item && lhs_item.is_byte() {
        return Ok(lhs.bytes() == rhs.bytes());
    }
    for (lhs, rhs) in lhs.addresses().into_iter().zip(rhs.addresses()) {
        let lhs = unpack_at(cx, lhs_item, lhs)?;
        let rhs = unpack_at(cx, rhs_item, rhs)?;
        let result = operations::compare(cx, operations::Comparison::Eq, lhs, rhs)?;
        if !operations::truth(cx, result)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The items with the first index running fastest.
fn backwards(layout: &Layout) -> Vec<u8> {
    let mut turned = layout.clone();
    turned.shape.reverse();
    turned.strides.reverse();
    turned.bytes()
}

/// The methods.
pub struct Methods;

#[py_methods(MEMORYVIEW)]
impl Methods {
    #[new(signature = "(object)")]
    fn new(cx: &mut Cx, _class: Gc<Type>, #[keyword] object: Value) -> PyResult<Gc<MemoryView>> {
        of(cx, object)
    }
    #[classmethod]
    fn _from_flags(
        cx: &mut Cx,
        _class: Value,
        #[keyword] object: Value,
        #[keyword] flags: i64,
    ) -> PyResult<Gc<MemoryView>> {
        let view = of(cx, object)?;
        if flags & WRITE != 0 && view.readonly.get() {
            return Err(cx.raise(Kind::BUFFER_ERROR, "Object is not writable."));
        }
        Ok(view)
    }
    #[method]
    fn __repr__(this: Gc<MemoryView>) -> String {
        let state = if this.released.get() { "released memory" } else { "memory" };
        format!("<{state} at {:#x}>", this.address())
    }
    #[method]
    fn __hash__(cx: &mut Cx, this: Gc<MemoryView>) -> PyResult {
        if this.hash.get() != UNBOUND {
            return Ok(this.hash.get());
        }
        let layout = usable(cx, this)?;
        if !this.readonly.get() {
            return Err(cx.value_error("cannot hash writable memoryview object"));
        }
        if !Item::of(&layout.format.to_text()).is_some_and(Item::is_byte) {
            let message = "memoryview: hashing is restricted to formats 'B', 'b' or 'c'";
            return Err(cx.value_error(message));
        }
        let _in_use = InUse::new(this);
        operations::hash(cx, this.exporter.get())?;
        let bytes = Bytes::checked(cx, &layout.bytes())?;
        let hash = operations::hash(cx, bytes.value())? as i64;
        let hash = int::from_i64(cx, hash);
        this.hash.set(cx.mutator(), this, hash);
        Ok(hash)
    }
    #[method]
    fn __eq__(cx: &mut Cx, this: Gc<MemoryView>, value: Value) -> PyResult {
        Ok(equal(cx, this, value)?.map_or(NOT_IMPLEMENTED, bool_value))
    }
    #[method]
    fn __ne__(cx: &mut Cx, this: Gc<MemoryView>, value: Value) -> PyResult {
        Ok(equal(cx, this, value)?.map_or(NOT_IMPLEMENTED, |equal| bool_value(!equal)))
    }
    #[method]
    fn __len__(cx: &mut Cx, this: Gc<MemoryView>) -> PyResult<i64> {
        match usable(cx, this)?.shape.first() {
            Some(count) => Ok(*count),
            None => Err(cx.type_error("0-dim memory has no length")),
        }
    }
    #[method]
    fn __getitem__(cx: &mut Cx, this: Gc<MemoryView>, key: Value) -> PyResult {
        check_released(cx, this)?;
        if let Some(byte) = byte_at(this, key) {
            return Ok(byte);
        }
        let layout = usable(cx, this)?;
        match read_key(cx, &layout, key)? {
            Key::Part(part) => Ok(derived(cx, this, &part).value()),
            Key::Item(address) => {
                let item = item_of(cx, &layout)?;
                check_released(cx, this)?;
                unpack_at(cx, item, address)
            }
        }
    }
    #[method]
    fn __setitem__(cx: &mut Cx, this: Gc<MemoryView>, key: Value, value: Value) -> PyResult<()> {
        let layout = usable(cx, this)?;
        if this.readonly.get() {
            return Err(cx.type_error("cannot modify read-only memory"));
        }
        let place = read_key(cx, &layout, key)?;
        check_released(cx, this)?;
        match place {
            Key::Part(part) => {
                if layout.shape.len() > 1 {
                    let message = "memoryview slice assignments are currently restricted to ndim = 1";
                    return Err(cx.raise(Kind::NOT_IMPLEMENTED_ERROR, message));
                }
                assign_part(cx, &part, value)
            }
            Key::Item(address) => {
                let item = item_of(cx, &layout)?;
                let bytes = item.pack(cx, value)?;
                check_released(cx, this)?;
                // SAFETY: an item of a writable view that is not released.
                unsafe { items::write(address, &bytes) };
                Ok(())
            }
        }
    }
    #[method]
    fn __delitem__(cx: &mut Cx, this: Gc<MemoryView>, _key: Value) -> PyResult<()> {
        usable(cx, this)?;
        Err(cx.type_error("cannot delete memory"))
    }
    #[method]
    fn __iter__(cx: &mut Cx, this: Gc<MemoryView>) -> PyResult {
        let layout = usable(cx, this)?;
        match layout.shape.len() {
            0 => return Err(cx.type_error("invalid indexing of 0-dim memory")),
            1 => {}
            _ => {
                let message = "multi-dimensional sub-views are not implemented";
                return Err(cx.raise(Kind::NOT_IMPLEMENTED_ERROR, message));
            }
        }
        item_of(cx, &layout)?;
        Ok(new_iterator(cx, shapes::MEMORY_ITERATOR, this.value(), Value::int(0), NONE, NONE))
    }
    /// Return a buffer object that exposes the underlying memory of the object.
    #[method]
    fn __buffer__(cx: &mut Cx, this: Gc<MemoryView>, flags: i64) -> PyResult {
        usable(cx, this)?;
        with_flags(cx, this.value(), flags)
    }
    /// Release the buffer object that exposes the underlying memory of the object.
    #[method]
    fn __release_buffer__(cx: &mut Cx, _this: Value, buffer: Value) -> PyResult<()> {
        match downcast::<MemoryView>(buffer) {
            Some(view) => release(cx, view),
            None => Err(cx.type_error("expected a memoryview object")),
        }
    }
    #[method(signature = "($self, /)")]
    fn __enter__(cx: &mut Cx, this: Gc<MemoryView>) -> PyResult<Gc<MemoryView>> {
        usable(cx, this)?;
        Ok(this)
    }
    /// Release the underlying buffer exposed by the memoryview object.
    #[method(signature = "($self, /, *exc_info)")]
    fn __exit__(cx: &mut Cx, this: Gc<MemoryView>, #[args] _args: &[Value]) -> PyResult<()> {
        release(cx, this)
    }
    /// Release the underlying buffer exposed by the memoryview object.
    #[method]
    fn release(cx: &mut Cx, this: Gc<MemoryView>) -> PyResult<()> {
        release(cx, this)
    }
    /// Cast a memoryview to a new format or shape.
    #[method]
    fn cast(
        cx: &mut Cx,
        this: Gc<MemoryView>,
        #[keyword] format: Value,
        #[keyword]
        #[default(UNBOUND)]
        shape: Value,
    ) -> PyResult<Gc<MemoryView>> {
        usable(cx, this)?;
        match downcast::<Str>(format) {
            Some(format) => cast(cx, this, format, shape),
            None => {
                let message = format!("cast() argument 'format' must be str, not {}", class_name(cx, format));
                Err(cx.type_error(message))
            }
        }
    }
    /// Return a readonly version of the memoryview.
    #[method]
    fn toreadonly(cx: &mut Cx, this: Gc<MemoryView>) -> PyResult<Gc<MemoryView>> {
        let layout = usable(cx, this)?;
        Ok(with_layout(cx, this.exporter.get(), this.owner.get(), &layout, true, NONE))
    }
    /// Return the data in the buffer as a byte string.
    #[method]
    fn tobytes(
        cx: &mut Cx,
        this: Gc<MemoryView>,
        #[keyword]
        #[shown("'C'")]
        order: Option<Gc<Str>>,
    ) -> PyResult<Gc<Bytes>> {
        let layout = usable(cx, this)?;
        let bytes = match order.map(|order| order.to_text()).as_deref() {
            None | Some("C") => layout.bytes(),
            Some("F") => backwards(&layout),
            Some("A") if layout.is_packed_backwards() => backwards(&layout),
            Some("A") => layout.bytes(),
            Some(_) => return Err(cx.value_error("order must be 'C', 'F' or 'A'")),
        };
        Bytes::checked(cx, &bytes)
    }
    /// Return the data in the buffer as a list of elements.
    #[method]
    fn tolist(cx: &mut Cx, this: Gc<MemoryView>) -> PyResult {
        let layout = usable(cx, this)?;
        let item = item_of(cx, &layout)?;
        to_list(cx, item, &layout, 0, layout.start)
    }
    /// Return the data in the buffer as a str of hexadecimal numbers.
    #[method]
    fn hex(
        cx: &mut Cx,
        this: Gc<MemoryView>,
        #[keyword]
        #[default(UNBOUND)]
        sep: Value,
        #[keyword]
        #[default(1)]
        bytes_per_sep: i64,
    ) -> PyResult<String> {
        let bytes = usable(cx, this)?.bytes();
        let _in_use = InUse::new(this);
        crate::types::bytes::algorithms::hexadecimal(cx, &bytes, sep, bytes_per_sep)
    }
    /// Count the number of occurrences of a value.
    #[method]
    fn count(cx: &mut Cx, this: Gc<MemoryView>, value: Value) -> PyResult<usize> {
        let iterator = operations::iterate(cx, this.value())?;
        let mut count = 0;
        while let Some(item) = operations::next(cx, iterator)? {
            count += usize::from(operations::equal(cx, item, value)?);
        }
        Ok(count)
    }
    /// Return the index of the first occurrence of a value.
    ///
    /// Raises ValueError if the value is not present.
    #[method]
    fn index(
        cx: &mut Cx,
        this: Gc<MemoryView>,
        value: Value,
        #[default(crate::arguments::SliceIndex(0))] start: crate::arguments::SliceIndex,
        #[default(crate::arguments::SliceIndex(i64::MAX))] stop: crate::arguments::SliceIndex,
    ) -> PyResult<usize> {
        let layout = usable(cx, this)?;
        let item = item_of(cx, &layout)?;
        if layout.shape.len() != 1 {
            let message = "multi-dimensional lookup is not implemented";
            return Err(cx.raise(Kind::NOT_IMPLEMENTED_ERROR, message));
        }
        let length = layout.shape[0] as usize;
        for at in start.resolve(length)..stop.resolve(length) {
            check_released(cx, this)?;
            let address = (layout.start as i64 + at as i64 * layout.strides[0]) as usize;
            let found = unpack_at(cx, item, address)?;
            if operations::equal(cx, found, value)? {
                return Ok(at);
            }
        }
        Err(cx.value_error("memoryview.index(x): x not found"))
    }
    /// The underlying object of the memoryview.
    #[getter]
    fn obj(cx: &mut Cx, this: Gc<MemoryView>) -> PyResult {
        usable(cx, this)?;
        Ok(this.exporter.get())
    }
    /// The amount of space in bytes that the array would use in a contiguous representation.
    #[getter]
    fn nbytes(cx: &mut Cx, this: Gc<MemoryView>) -> PyResult<usize> {
        Ok(usable(cx, this)?.length())
    }
    /// A bool indicating whether the memory is read only.
    #[getter]
    fn readonly(cx: &mut Cx, this: Gc<MemoryView>) -> PyResult<bool> {
        usable(cx, this)?;
        Ok(this.readonly.get())
    }
    /// The size in bytes of each element of the memoryview.
    #[getter]
    fn itemsize(cx: &mut Cx, this: Gc<MemoryView>) -> PyResult<usize> {
        Ok(usable(cx, this)?.item_size)
    }
    /// A string containing the format (in struct module style) for each element in the view.
    #[getter]
    fn format(cx: &mut Cx, this: Gc<MemoryView>) -> PyResult<Gc<Str>> {
        Ok(usable(cx, this)?.format)
    }
    /// An integer indicating how many dimensions of a multi-dimensional array the memory represents.
    #[getter]
    fn ndim(cx: &mut Cx, this: Gc<MemoryView>) -> PyResult<usize> {
        Ok(usable(cx, this)?.shape.len())
    }
    /// A tuple of ndim integers giving the shape of the memory as an N-dimensional array.
    #[getter]
    fn shape(cx: &mut Cx, this: Gc<MemoryView>) -> PyResult {
        usable(cx, this)?;
        Ok(this.shape.get())
    }
    /// A tuple of ndim integers giving the size in bytes to access each element for each dimension of the array.
    #[getter]
    fn strides(cx: &mut Cx, this: Gc<MemoryView>) -> PyResult {
        usable(cx, this)?;
        Ok(this.strides.get())
    }
    /// A tuple of integers used internally for PIL-style arrays.
    #[getter]
    fn suboffsets(cx: &mut Cx, this: Gc<MemoryView>) -> PyResult {
        usable(cx, this)?;
        Ok(cx.tuple(&[]))
    }
    /// A bool indicating whether the memory is C contiguous.
    #[getter]
    fn c_contiguous(cx: &mut Cx, this: Gc<MemoryView>) -> PyResult<bool> {
        Ok(usable(cx, this)?.is_packed())
    }
    /// A bool indicating whether the memory is Fortran contiguous.
    #[getter]
    fn f_contiguous(cx: &mut Cx, this: Gc<MemoryView>) -> PyResult<bool> {
        Ok(usable(cx, this)?.is_packed_backwards())
    }
    /// A bool indicating whether the memory is contiguous.
    #[getter]
    fn contiguous(cx: &mut Cx, this: Gc<MemoryView>) -> PyResult<bool> {
        let layout = usable(cx, this)?;
        Ok(layout.is_packed() || layout.is_packed_backwards())
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cx: &mut Cx, class: Value, object: Value) -> PyResult {
        types::generic::alias(cx, class, object)
    }
}
