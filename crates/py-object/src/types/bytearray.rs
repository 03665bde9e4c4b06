//! `bytearray`: bytes that change. They lie in a raw object; deleting at the front only moves the start.
//!
//! While a memoryview shows a bytearray its size must not change. Before that is an error, a collection finds out
//! whether the views are still in use.

use crate::buffer::ByteView;
use crate::cx::{Cx, NONE, PyResult, UNBOUND};
use crate::kinds::{Kind, shapes};
use crate::object::{allocate, byte_tail, try_allocate_tail};
use crate::objects::{ByteArray, Raw, Slice, Str, Type};
use crate::sequence::new_iterator;
use crate::string::downcast;
use crate::types::bytes::algorithms::{self, ByteString};
use crate::types::{self, class_name, class_of, int, slice};
use crate::{attribute, finalize};
use py_macros::py_methods;
use vm_heap::{Gc, Value};
use vm_machine::Raised;

fn new_storage(cx: &mut Cx, capacity: usize) -> PyResult<Gc<Raw>> {
    match try_allocate_tail::<Raw>(cx.mutator(), shapes::RAW, capacity) {
        Some(storage) => Ok(storage),
        None => Err(cx.raise(Kind::MEMORY_ERROR, "")),
    }
}

fn capacity(storage: Gc<Raw>) -> usize {
    storage.length.get().as_int() as usize
}

/// Storage, address of the first byte and number of bytes.
pub(crate) fn memory(array: Gc<ByteArray>) -> (Gc<Raw>, *mut u8, usize) {
    let storage = array.storage.get_acquire();
    let capacity = capacity(storage);
    // Another thread may be between two of its writes: never go beyond the storage.
    let start = (array.start.get().as_int() as usize).min(capacity);
    let length = (array.length.get().as_int() as usize).min(capacity - start);
    let tail = byte_tail(&storage, capacity).as_ptr().cast_mut();
    (storage, tail.wrapping_add(start), length)
}

impl ByteString for ByteArray {
    const NAME: &'static str = "bytearray";
    fn content(this: &Gc<ByteArray>) -> &[u8] {
        let (_, start, length) = memory(*this);
        // SAFETY: the storage is as large; the caller keeps the slice no longer than the storage is in place.
        unsafe { std::slice::from_raw_parts(start, length) }
    }
    fn make(cx: &mut Cx, bytes: &[u8]) -> PyResult {
        let class = cx.builtin_type(Kind::BYTEARRAY);
        Ok(of_class(cx, class, bytes)?.value())
    }
    fn hold(this: Gc<ByteArray>, held: bool) {
        hold(this, held)
    }
    fn same(cx: &mut Cx, this: Gc<ByteArray>) -> PyResult {
        let bytes = ByteArray::content(&this).to_vec();
        ByteArray::make(cx, &bytes)
    }
}

/// A new bytearray of a class.
pub fn of_class(cx: &mut Cx, class: Gc<Type>, bytes: &[u8]) -> PyResult<Gc<ByteArray>> {
    let storage = new_storage(cx, bytes.len())?;
    crate::object::fill_byte_tail(storage, bytes);
    let array = allocate::<ByteArray>(cx.mutator(), types::instance_shape(class).id);
    array.storage.init(storage);
    array.start.init(Value::int(0));
    array.length.init(Value::int(bytes.len() as i64));
    array.exports.init(Value::int(0));
    types::note_instance(cx, class, array.value());
    Ok(array)
}

/// Notes that a memoryview of the array is made or released.
pub(crate) fn hold(array: Gc<ByteArray>, held: bool) {
    let _locked = vm_stm::lock(&array.word);
    let change = if held { 1 } else { -1 };
    array.exports.init(Value::int(array.exports.get().as_int() + change));
}

/// BufferError while a memoryview shows the array.
fn check_resizable(cx: &mut Cx, array: Gc<ByteArray>) -> PyResult<()> {
    if array.exports.get().as_int() == 0 { Ok(()) } else { collect_views(cx, array) }
}

#[cold]
#[inline(never)]
fn collect_views(cx: &mut Cx, array: Gc<ByteArray>) -> PyResult<()> {
    if is_free_of_views(cx, array.value(), || array.exports.get().as_int() == 0) {
        return Ok(());
    }
    Err(resize_blocked(cx))
}

/// Whether no view shows an object's memory after a collection: those that do may be unreachable already. Where the running instruction can
/// be tried again, that is left to then.
pub fn is_free_of_views(cx: &mut Cx, object: Value, is_free: impl Fn() -> bool) -> bool {
    if cx.runtime.retries_resizing.get().is_none_or(|retries| !retries(cx, object)) {
        finalize::collect(cx, true);
    }
    is_free()
}

/// BufferError because of views that a collection has not found dead. What the native calls that led here left on the stack may have
/// hidden that: the interpreter tries the instruction again when those calls are gone.
pub fn resize_blocked(cx: &mut Cx) -> Raised {
    cx.blocked_by_views.set(true);
    cx.raise(Kind::BUFFER_ERROR, "Existing exports of data: object cannot be re-sized")
}

/// Replaces the bytes `from..to` by others; both bounds lie inside.
pub fn splice(cx: &mut Cx, array: Gc<ByteArray>, from: usize, to: usize, new: &[u8]) -> PyResult<()> {
    if to - from != new.len() {
        check_resizable(cx, array)?;
    }
    loop {
        let (storage, start, length) = memory(array);
        let (from, to) = (from.min(length), to.min(length));
        let changed = length - (to - from) + new.len();
        let offset = array.start.get().as_int() as usize;
        let room = capacity(storage) - offset.min(capacity(storage));
        let grown = if changed > room || (changed < room / 4 && room > 256) {
            Some(new_storage(cx, changed + (changed >> 3) + if changed < 9 { 3 } else { 6 })?)
        } else {
            None
        };
        let _locked = vm_stm::lock(&array.word);
        let (now_storage, now_start, now_length) = memory(array);
        if now_storage != storage || now_start != start || now_length != length {
            continue; // another thread changed it
        }
        let behind = length - to;
        // SAFETY: all ranges lie inside the storage, or inside the grown one, whose size was computed from them.
        unsafe {
            match grown {
                Some(grown) => {
                    let target = byte_tail(&grown, capacity(grown)).as_ptr().cast_mut();
                    std::ptr::copy_nonoverlapping(start, target, from);
                    std::ptr::copy_nonoverlapping(new.as_ptr(), target.add(from), new.len());
                    std::ptr::copy_nonoverlapping(start.add(to), target.add(from + new.len()), behind);
                    array.start.init(Value::int(0));
                    array.storage.set_release(cx.mutator(), array, grown);
                }
                None if from == 0 && new.is_empty() => {
                    array.start.init(Value::int((offset + to) as i64));
                }
                None => {
                    std::ptr::copy(start.add(to), start.add(from + new.len()), behind);
                    std::ptr::copy(new.as_ptr(), start.add(from), new.len());
                }
            }
        }
        array.length.init(Value::int(changed as i64));
        return Ok(());
    }
}

/// Replaces all bytes.
fn replace_all(cx: &mut Cx, array: Gc<ByteArray>, new: &[u8]) -> PyResult<()> {
    let length = ByteArray::content(&array).len();
    splice(cx, array, 0, length, new)
}

fn write_byte(array: Gc<ByteArray>, at: usize, byte: u8) -> bool {
    let _locked = vm_stm::lock(&array.word);
    let (_, start, length) = memory(array);
    if at < length {
        // SAFETY: inside the storage, and other writers are locked out.
        unsafe { *start.add(at) = byte };
    }
    at < length
}

fn position(cx: &mut Cx, array: Gc<ByteArray>, key: Value) -> PyResult<usize> {
    let at = int::sequence_index(cx, key, "bytearray")?;
    let length = ByteArray::content(&array).len() as i64;
    let at = if at < 0 { at + length } else { at };
    if (0..length).contains(&at) {
        Ok(at as usize)
    } else {
        Err(cx.raise(Kind::INDEX_ERROR, "bytearray index out of range"))
    }
}

/// The bytes that are assigned to a slice.
fn assigned(cx: &mut Cx, value: Value) -> PyResult<Vec<u8>> {
    if int::is_int(value) || downcast::<Str>(value).is_some() {
        return Err(cx.type_error("can assign only bytes, buffers, or iterables of ints in range(0, 256)"));
    }
    super::bytes::bytes_from_iterable(cx, value, "bytearray")
}

fn set_slice(cx: &mut Cx, array: Gc<ByteArray>, key: Gc<Slice>, value: Option<Value>) -> PyResult<()> {
    let new = match value {
        Some(value) => assigned(cx, value)?,
        None => Vec::new(),
    };
    let length = ByteArray::content(&array).len();
    let range = slice::resolve(cx, key, length)?;
    if range.step == 1 {
        let from = range.start as usize;
        return splice(cx, array, from, (from + range.count).max(from), &new);
    }
    if new.is_empty() {
        if range.count == 0 {
            return Ok(());
        }
        check_resizable(cx, array)?;
        let mut bytes = ByteArray::content(&array).to_vec();
        let mut positions: Vec<usize> =
            (0..range.count as i64).map(|at| (range.start + at * range.step) as usize).collect();
        positions.sort_unstable();
        let mut next = positions.iter().peekable();
        let mut at = 0;
        bytes.retain(|_| {
            let gone = next.peek() == Some(&&at);
            if gone {
                next.next();
            }
            at += 1;
            !gone
        });
        return replace_all(cx, array, &bytes);
    }
    if new.len() != range.count {
        let message =
            format!("attempt to assign bytes of size {} to extended slice of size {}", new.len(), range.count);
        return Err(cx.value_error(message));
    }
    for (at, byte) in new.iter().enumerate() {
        write_byte(array, (range.start + at as i64 * range.step) as usize, *byte);
    }
    Ok(())
}

/// `repr` of a bytearray, with the name of its class.
fn show(cx: &mut Cx, array: Gc<ByteArray>) -> String {
    let class = class_of(cx, array.value());
    // Unlike that of bytes, this text always escapes single quotes.
    let text = super::bytes::repr_of(ByteArray::content(&array));
    let text = if text.starts_with("b\"") { text.replace('\'', "\\'") } else { text };
    format!("{}({text})", types::short_name(class))
}

/// What pickling needs: class, arguments, attributes.
fn reduced(cx: &mut Cx, array: Gc<ByteArray>, protocol: i64) -> PyResult {
    let class = class_of(cx, array.value()).value();
    let bytes = ByteArray::content(&array).to_vec();
    let arguments = if bytes.is_empty() {
        cx.tuple(&[])
    } else if protocol < 3 {
        let mut text = Vec::new();
        bytes.iter().for_each(|byte| types::str::push_code_point(&mut text, u32::from(*byte)));
        let text = Str::checked(cx, &text)?;
        let encoding = cx.intern("latin-1");
        cx.tuple(&[text.value(), encoding.value()])
    } else {
        let copy = crate::objects::Bytes::checked(cx, &bytes)?;
        cx.tuple(&[copy.value()])
    };
    let name = cx.intern("__getstate__");
    let hook = attribute::get(cx, array.value(), name)?;
    let state = crate::call::call(cx, hook, &[], None)?;
    Ok(cx.tuple(&[class, arguments, state]))
}

/// The methods of `bytearray` that `bytes` does not have.
pub struct Methods;

#[py_methods(BYTEARRAY)]
impl Methods {
    #[new(signature = "")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[args] _args: &[Value],
        #[kwargs] _kwargs: crate::arguments::Keywords<'_>,
    ) -> PyResult<Gc<ByteArray>> {
        // The arguments belong to `__init__`.
        of_class(cx, class, &[])
    }
    #[method]
    fn __init__(
        cx: &mut Cx,
        this: Gc<ByteArray>,
        #[keyword]
        #[default(UNBOUND)]
        source: Value,
        #[keyword] encoding: Option<Gc<Str>>,
        #[keyword] errors: Option<Gc<Str>>,
    ) -> PyResult<()> {
        replace_all(cx, this, &[])?;
        let is_iterator = source.is_object()
            && [Kind::STR, Kind::LIST, Kind::TUPLE].iter().all(|kind| !types::is_instance(cx, source, *kind))
            && types::lookup_special(cx, source, "__next__").is_some()
            && types::lookup_special(cx, source, "__index__").is_none();
        if is_iterator && encoding.is_none() && errors.is_none() {
            let iterator = crate::operations::iterate(cx, source)?;
            while let Some(item) = crate::operations::next(cx, iterator)? {
                let byte = algorithms::byte_of(cx, item)?;
                let end = ByteArray::content(&this).len();
                splice(cx, this, end, end, &[byte])?;
            }
            return Ok(());
        }
        let content = super::bytes::content_from(cx, source, encoding, errors, "bytearray")?;
        replace_all(cx, this, &content)
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<ByteArray>) -> String {
        show(cx, this)
    }
    #[method]
    fn __str__(cx: &mut Cx, this: Gc<ByteArray>) -> String {
        show(cx, this)
    }
    #[method]
    fn __iter__(cx: &mut Cx, this: Gc<ByteArray>) -> Value {
        new_iterator(cx, shapes::BYTEARRAY_ITERATOR, this.value(), Value::int(0), NONE, NONE)
    }
    #[method]
    fn __setitem__(cx: &mut Cx, this: Gc<ByteArray>, key: Value, value: Value) -> PyResult<()> {
        if let Some(key) = downcast::<Slice>(key) {
            return set_slice(cx, this, key, Some(value));
        }
        position(cx, this, key)?;
        let byte = algorithms::byte_of(cx, value)?;
        let at = position(cx, this, key)?;
        write_byte(this, at, byte);
        Ok(())
    }
    #[method]
    fn __delitem__(cx: &mut Cx, this: Gc<ByteArray>, key: Value) -> PyResult<()> {
        if let Some(key) = downcast::<Slice>(key) {
            return set_slice(cx, this, key, None);
        }
        let at = position(cx, this, key)?;
        splice(cx, this, at, at + 1, &[])
    }
    #[method]
    fn __iadd__(cx: &mut Cx, this: Gc<ByteArray>, value: Value) -> PyResult<Gc<ByteArray>> {
        let Some(view) = ByteView::find(cx, value)? else {
            let message = format!("can't concat {} to bytearray", class_name(cx, value));
            return Err(cx.type_error(message));
        };
        let bytes = view.bytes().to_vec();
        let end = ByteArray::content(&this).len();
        splice(cx, this, end, end, &bytes)?;
        Ok(this)
    }
    #[method]
    fn __imul__(cx: &mut Cx, this: Gc<ByteArray>, value: Value) -> PyResult {
        let count = int::repeat_count(cx, value)?;
        let bytes = ByteArray::content(&this).to_vec();
        let repeated = types::str::repeated_bytes(cx, &bytes, count)?;
        replace_all(cx, this, &repeated)?;
        Ok(this.value())
    }
    /// Append a single item to the end of the bytearray.
    #[method]
    fn append(cx: &mut Cx, this: Gc<ByteArray>, item: Value) -> PyResult<()> {
        let byte = algorithms::byte_of(cx, item)?;
        let end = ByteArray::content(&this).len();
        splice(cx, this, end, end, &[byte])
    }
    /// Remove all items from the bytearray.
    #[method]
    fn clear(cx: &mut Cx, this: Gc<ByteArray>) -> PyResult<()> {
        replace_all(cx, this, &[])
    }
    /// Return a copy of B.
    #[method]
    fn copy(cx: &mut Cx, this: Gc<ByteArray>) -> PyResult {
        ByteArray::same(cx, this)
    }
    /// Append all the items from the iterator or sequence to the end of the bytearray.
    #[method]
    fn extend(cx: &mut Cx, this: Gc<ByteArray>, iterable_of_ints: Value) -> PyResult<()> {
        if downcast::<Str>(iterable_of_ints).is_some() {
            return Err(cx.type_error("expected iterable of integers; got: 'str'"));
        }
        if ByteView::try_of(iterable_of_ints).is_none()
            && types::lookup_special(cx, iterable_of_ints, "__iter__").is_none()
            && types::lookup_special(cx, iterable_of_ints, "__buffer__").is_none()
        {
            let message = format!("can't extend bytearray with {}", class_name(cx, iterable_of_ints));
            return Err(cx.type_error(message));
        }
        let before = ByteArray::content(&this).len();
        let bytes = super::bytes::bytes_from_iterable(cx, iterable_of_ints, "bytearray")?;
        // An argument that resizes the bytearray: its bytes go where the end was, as far as that is still there.
        let end = ByteArray::content(&this).len().min(before);
        splice(cx, this, end, end, &bytes)
    }
    /// Insert a single item into the bytearray before the given index.
    #[method]
    fn insert(cx: &mut Cx, this: Gc<ByteArray>, index: crate::arguments::Index, item: Value) -> PyResult<()> {
        let byte = algorithms::byte_of(cx, item)?;
        let at = crate::arguments::SliceIndex(index.0).resolve(ByteArray::content(&this).len());
        splice(cx, this, at, at, &[byte])
    }
    /// Remove and return a single item from B.
    #[method]
    fn pop(
        cx: &mut Cx,
        this: Gc<ByteArray>,
        #[default(crate::arguments::Index(-1))] index: crate::arguments::Index,
    ) -> PyResult<i64> {
        let bytes = ByteArray::content(&this);
        if bytes.is_empty() {
            return Err(cx.raise(Kind::INDEX_ERROR, "pop from empty bytearray"));
        }
        let length = bytes.len() as i64;
        let at = if index.0 < 0 { index.0 + length } else { index.0 };
        if !(0..length).contains(&at) {
            return Err(cx.raise(Kind::INDEX_ERROR, "pop index out of range"));
        }
        let byte = bytes[at as usize];
        splice(cx, this, at as usize, at as usize + 1, &[])?;
        Ok(i64::from(byte))
    }
    /// Remove the first occurrence of a value in the bytearray.
    #[method]
    fn remove(cx: &mut Cx, this: Gc<ByteArray>, value: Value) -> PyResult<()> {
        let byte = algorithms::byte_of(cx, value)?;
        match memchr::memchr(byte, ByteArray::content(&this)) {
            Some(at) => splice(cx, this, at, at + 1, &[]),
            None => Err(cx.value_error("value not found in bytearray")),
        }
    }
    /// Reverse the order of the values in B in place.
    #[method]
    fn reverse(cx: &mut Cx, this: Gc<ByteArray>) -> PyResult<()> {
        let mut bytes = ByteArray::content(&this).to_vec();
        bytes.reverse();
        replace_all(cx, this, &bytes)
    }
    /// Resize the internal buffer of bytearray to len.
    #[method]
    fn resize(cx: &mut Cx, this: Gc<ByteArray>, size: crate::arguments::Index) -> PyResult<()> {
        let Ok(size) = usize::try_from(size.0) else {
            let message = format!("Can only resize to positive sizes, got {}", size.0);
            return Err(cx.value_error(message));
        };
        let length = ByteArray::content(&this).len();
        if size <= length {
            return splice(cx, this, size, length, &[]);
        }
        let zeros = types::str::repeated_bytes(cx, b"\0", (size - length) as i64)?;
        splice(cx, this, length, length, &zeros)
    }
    /// Return the number of bytes actually allocated.
    #[method]
    fn __alloc__(this: Gc<ByteArray>) -> usize {
        // With room for a byte behind the last one, as in CPython.
        match capacity(this.storage.get()) {
            0 => 0,
            capacity => capacity + 1,
        }
    }
    /// Returns the size of the bytearray object in memory, in bytes.
    #[method]
    fn __sizeof__(this: Gc<ByteArray>) -> usize {
        size_of::<ByteArray>() + capacity(this.storage.get())
    }
    /// Release the buffer object that exposes the underlying memory of the object.
    #[method]
    fn __release_buffer__(cx: &mut Cx, this: Value, buffer: Value) -> PyResult<()> {
        types::memory::release_lent(cx, this, buffer)
    }
    /// Return state information for pickling.
    #[method]
    fn __reduce__(cx: &mut Cx, this: Gc<ByteArray>) -> PyResult {
        reduced(cx, this, 2)
    }
    /// Return state information for pickling.
    #[method]
    fn __reduce_ex__(cx: &mut Cx, this: Gc<ByteArray>, #[default(0)] proto: i64) -> PyResult {
        reduced(cx, this, proto)
    }
}
