//! The named methods of `array`, and making one.

use super::{TYPECODES, bytes_of_range, code, code_of, item, new_array, splice, with_bytes};
use crate::bytes_like;
use py_macros::py_methods;
use py_object::arguments::{Keywords, SliceIndex};
use py_object::objects::{Bytes, List, Str, Type, TypedArray};
use py_object::string::bytes_of;
use py_object::types::{class_name, int, list, name_of};
use py_object::{Cx, Kind, PyResult, StrExt, UNBOUND, attribute, call, downcast, operations};
use vm_heap::{Gc, Value};

/// The typecode that an argument of the constructor is.
pub fn typecode(cx: &mut Cx, value: Value) -> PyResult<u8> {
    let Some(text) = downcast::<Str>(value) else {
        let message = format!("array() argument 1 must be a unicode character, not {}", class_name(cx, value));
        return Err(cx.type_error(message));
    };
    let length = text.characters.get().as_int();
    if length != 1 {
        let message = format!("array() argument 1 must be a unicode character, not a string of length {length}");
        return Err(cx.type_error(message));
    }
    match text.bytes() {
        [byte] if TYPECODES.as_bytes().contains(byte) => Ok(*byte),
        _ => Err(cx.value_error("bad typecode (must be b, B, u, w, h, H, i, I, l, L, q, Q, f or d)")),
    }
}

/// Appends one value.
pub fn push(cx: &mut Cx, array: Gc<TypedArray>, value: Value) -> PyResult<()> {
    let word = code::encode(cx, code_of(array), value)?;
    splice(cx, array, usize::MAX, usize::MAX, &word[..array.item_size.get()])
}

/// Appends what an iterable gives; an array must be of the same kind.
pub fn extend(cx: &mut Cx, array: Gc<TypedArray>, iterable: Value) -> PyResult<()> {
    if let Some(other) = downcast::<TypedArray>(iterable) {
        if code_of(other) != code_of(array) {
            return Err(cx.type_error("can only extend with array of same kind"));
        }
        let bytes = bytes_of_range(other, 0, usize::MAX / 16);
        return splice(cx, array, usize::MAX, usize::MAX, &bytes);
    }
    let iterator = operations::iterate(cx, iterable)?;
    while let Some(value) = operations::next(cx, iterator)? {
        push(cx, array, value)?;
    }
    Ok(())
}

/// Appends items given as bytes.
pub fn push_bytes(cx: &mut Cx, array: Gc<TypedArray>, bytes: &[u8]) -> PyResult<()> {
    if !bytes.len().is_multiple_of(array.item_size.get()) {
        return Err(cx.value_error("bytes length not a multiple of item size"));
    }
    splice(cx, array, usize::MAX, usize::MAX, bytes)
}

/// Appends the characters of a string.
fn push_text(cx: &mut Cx, array: Gc<TypedArray>, text: Gc<Str>) -> PyResult<()> {
    let bytes: Vec<u8> =
        py_object::types::str::code_points(text.bytes()).flat_map(|code_point: u32| code_point.to_le_bytes()).collect();
    splice(cx, array, usize::MAX, usize::MAX, &bytes)
}

/// The text of an array of characters.
pub fn text(cx: &mut Cx, array: Gc<TypedArray>) -> PyResult<Gc<Str>> {
    let bytes = bytes_of_range(array, 0, usize::MAX / 16);
    let mut text = Vec::new();
    for character in bytes.chunks_exact(4) {
        let code_point = u32::from_le_bytes([character[0], character[1], character[2], character[3]]);
        code::push_character(cx, &mut text, code_point)?;
    }
    Str::checked(cx, &text)
}

/// The items as a list.
pub fn to_list(cx: &mut Cx, array: Gc<TypedArray>) -> PyResult<Gc<List>> {
    let list = List::new(cx, &[])?;
    let mut at = 0;
    while let Some(value) = item(cx, array, at)? {
        List::push(cx, list, value)?;
        at += 1;
    }
    Ok(list)
}

fn fill(cx: &mut Cx, array: Gc<TypedArray>, initial: Value) -> PyResult<()> {
    let is_text = code::is_text(code_of(array));
    let code = code_of(array) as char;
    if let Some(text) = downcast::<Str>(initial) {
        if !is_text {
            return Err(cx.type_error(format!("cannot use a str to initialize an array with typecode '{code}'")));
        }
        return push_text(cx, array, text);
    }
    if let Some(other) = downcast::<TypedArray>(initial) {
        if code::is_text(code_of(other)) && !is_text {
            let message = format!("cannot use a unicode array to initialize an array with typecode '{code}'");
            return Err(cx.type_error(message));
        }
        if code_of(other) == code_of(array) {
            return extend(cx, array, initial);
        }
        let values = to_list(cx, other)?;
        return extend(cx, array, values.value());
    }
    if let Some(bytes) = bytes_like::plain(initial) {
        return push_bytes(cx, array, &bytes);
    }
    extend(cx, array, initial)
}

/// The position of the first item equal to a value, within bounds.
pub fn find(cx: &mut Cx, array: Gc<TypedArray>, value: Value, from: usize, to: usize) -> PyResult<Option<usize>> {
    for at in from..to {
        let Some(candidate) = item(cx, array, at)? else { break };
        if operations::equal(cx, candidate, value)? {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

fn text_only(cx: &mut Cx, array: Gc<TypedArray>, function: &str) -> PyResult<()> {
    if code::is_text(code_of(array)) {
        return Ok(());
    }
    let message = format!("{function}() may only be called on unicode type arrays ('u' or 'w')");
    Err(cx.value_error(message))
}

fn index_bound(cx: &mut Cx, value: Value) -> PyResult<SliceIndex> {
    match int::try_index(cx, value)? {
        Some(number) => Ok(SliceIndex(int::clamped(number))),
        None => Err(cx.type_error("slice indices must be integers or have an __index__ method")),
    }
}

/// The methods.
pub struct Methods;

#[py_methods(TYPED_ARRAY, name = "array")]
impl Methods {
    #[new(signature = "")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[args] args: &[Value],
        #[kwargs] kwargs: Keywords<'_>,
    ) -> PyResult<Gc<TypedArray>> {
        if !kwargs.is_empty() && class == cx.builtin_type(Kind::TYPED_ARRAY) {
            return Err(cx.type_error(format!("{}() takes no keyword arguments", name_of(class))));
        }
        let (code, initial) = match args {
            [] => return Err(cx.type_error("array() takes at least 1 argument (0 given)")),
            [code] => (*code, None),
            [code, initial] => (*code, Some(*initial)),
            _ => {
                let message = format!("array() takes at most 2 arguments ({} given)", args.len());
                return Err(cx.type_error(message));
            }
        };
        let code = typecode(cx, code)?;
        let array = new_array(cx, class, code)?;
        if let Some(initial) = initial {
            fill(cx, array, initial)?;
        }
        Ok(array)
    }
    /// Append new value v to the end of the array.
    #[method]
    fn append(cx: &mut Cx, this: Gc<TypedArray>, v: Value) -> PyResult<()> {
        push(cx, this, v)
    }
    /// Append items to the end of the array.
    #[method]
    fn extend(cx: &mut Cx, this: Gc<TypedArray>, bb: Value) -> PyResult<()> {
        extend(cx, this, bb)
    }
    /// Insert a new item v into the array before position i.
    #[method]
    fn insert(cx: &mut Cx, this: Gc<TypedArray>, i: i64, v: Value) -> PyResult<()> {
        let word = code::encode(cx, code_of(this), v)?;
        let at = SliceIndex(i).resolve(this.length.get());
        splice(cx, this, at, at, &word[..this.item_size.get()])
    }
    /// Return the i-th element and delete it from the array.
    #[method]
    fn pop(cx: &mut Cx, this: Gc<TypedArray>, #[default(-1)] i: i64) -> PyResult {
        let length = this.length.get();
        if length == 0 {
            return Err(cx.raise(Kind::INDEX_ERROR, "pop from empty array"));
        }
        let at = if i < 0 { i.saturating_add(length as i64) } else { i };
        let found = match usize::try_from(at) {
            Ok(at) => item(cx, this, at)?,
            Err(_) => None,
        };
        let Some(value) = found else { return Err(cx.raise(Kind::INDEX_ERROR, "pop index out of range")) };
        splice(cx, this, at as usize, at as usize + 1, &[])?;
        Ok(value)
    }
    /// Remove the first occurrence of v in the array.
    #[method]
    fn remove(cx: &mut Cx, this: Gc<TypedArray>, v: Value) -> PyResult<()> {
        match find(cx, this, v, 0, usize::MAX)? {
            Some(at) => splice(cx, this, at, at + 1, &[]),
            None => Err(cx.value_error("array.remove(x): x not in array")),
        }
    }
    /// Remove all items from the array.
    #[method]
    fn clear(cx: &mut Cx, this: Gc<TypedArray>) -> PyResult<()> {
        splice(cx, this, 0, usize::MAX, &[])
    }
    /// Return number of occurrences of v in the array.
    #[method]
    fn count(cx: &mut Cx, this: Gc<TypedArray>, v: Value) -> PyResult<usize> {
        let (mut from, mut count) = (0, 0);
        while let Some(at) = find(cx, this, v, from, usize::MAX)? {
            count += 1;
            from = at + 1;
        }
        Ok(count)
    }
    /// Return index of first occurrence of v in the array.
    #[method]
    fn index(
        cx: &mut Cx,
        this: Gc<TypedArray>,
        v: Value,
        #[default(Value::int(0))] start: Value,
        #[default(UNBOUND)] stop: Value,
    ) -> PyResult<usize> {
        let start = index_bound(cx, start)?;
        let stop = if stop == UNBOUND { SliceIndex(i64::MAX) } else { index_bound(cx, stop)? };
        let length = this.length.get();
        match find(cx, this, v, start.resolve(length), stop.resolve(length))? {
            Some(at) => Ok(at),
            None => Err(cx.value_error("array.index(x): x not in array")),
        }
    }
    /// Reverse the order of the items in the array.
    #[method]
    fn reverse(this: Gc<TypedArray>) {
        let size = this.item_size.get();
        with_bytes(this, |bytes| {
            // Of all bytes, and then back within each item.
            bytes.reverse();
            bytes.chunks_exact_mut(size).for_each(<[u8]>::reverse);
        });
    }
    /// Byteswap all items of the array.
    #[method]
    fn byteswap(this: Gc<TypedArray>) {
        let size = this.item_size.get();
        with_bytes(this, |bytes| bytes.chunks_exact_mut(size).for_each(<[u8]>::reverse));
    }
    /// Return a tuple (address, length) giving the current memory address and the length in items of the buffer.
    #[method]
    fn buffer_info(cx: &mut Cx, this: Gc<TypedArray>) -> Value {
        let address = with_bytes(this, |bytes| bytes.as_ptr() as usize);
        let address = int::from_i64(cx, address as i64);
        cx.tuple(&[address, Value::int(this.length.get() as i64)])
    }
    /// Convert array to an ordinary list with the same items.
    #[method]
    fn tolist(cx: &mut Cx, this: Gc<TypedArray>) -> PyResult<Gc<List>> {
        to_list(cx, this)
    }
    /// Append items to array from list.
    #[method]
    fn fromlist(cx: &mut Cx, this: Gc<TypedArray>, list: Value) -> PyResult<()> {
        let Some(values) = downcast::<List>(list) else { return Err(cx.type_error("arg must be list")) };
        // All or nothing.
        let mut bytes = Vec::new();
        let count = list::length(values);
        for at in 0..count {
            let Some(value) = list::item(values, at) else {
                return Err(cx.raise(Kind::RUNTIME_ERROR, "list changed size during iteration"));
            };
            let word = code::encode(cx, code_of(this), value)?;
            bytes.extend_from_slice(&word[..this.item_size.get()]);
        }
        if list::length(values) != count {
            return Err(cx.raise(Kind::RUNTIME_ERROR, "list changed size during iteration"));
        }
        splice(cx, this, usize::MAX, usize::MAX, &bytes)
    }
    /// Convert the array to an array of machine values and return the bytes representation.
    #[method]
    fn tobytes(cx: &mut Cx, this: Gc<TypedArray>) -> PyResult<Gc<Bytes>> {
        let bytes = bytes_of_range(this, 0, usize::MAX / 16);
        Bytes::checked(cx, &bytes)
    }
    /// Appends items from the string, interpreting it as an array of machine values.
    #[method]
    fn frombytes(cx: &mut Cx, this: Gc<TypedArray>, buffer: Value) -> PyResult<()> {
        let bytes = bytes_like::read_all(cx, buffer)?;
        push_bytes(cx, this, &bytes)
    }
    /// Extends this array with data from the unicode string ustr.
    #[method]
    fn fromunicode(cx: &mut Cx, this: Gc<TypedArray>, ustr: Gc<Str>) -> PyResult<()> {
        text_only(cx, this, "fromunicode")?;
        push_text(cx, this, ustr)
    }
    /// Extends this array with data from the unicode string ustr.
    #[method]
    fn tounicode(cx: &mut Cx, this: Gc<TypedArray>) -> PyResult<Gc<Str>> {
        text_only(cx, this, "tounicode")?;
        text(cx, this)
    }
    /// Read n objects from the file object f and append them to the end of the array.
    #[method]
    fn fromfile(cx: &mut Cx, this: Gc<TypedArray>, f: Value, n: i64) -> PyResult<()> {
        if n < 0 {
            return Err(cx.value_error("negative count"));
        }
        let Some(wanted) = n.checked_mul(this.item_size.get() as i64) else {
            return Err(cx.raise(Kind::MEMORY_ERROR, ""));
        };
        let count = int::from_i64(cx, wanted);
        let read = call::call_method(cx, f, "read", &[count])?;
        let Some(bytes) = downcast::<Bytes>(read) else { return Err(cx.type_error("read() didn't return bytes")) };
        let bytes = bytes_of(&bytes).to_vec();
        push_bytes(cx, this, &bytes)?;
        if (bytes.len() as i64) < wanted {
            return Err(cx.raise(Kind::EOF_ERROR, "read() didn't return enough bytes"));
        }
        Ok(())
    }
    /// Write all items (as machine values) to the file object f.
    #[method]
    fn tofile(cx: &mut Cx, this: Gc<TypedArray>, f: Value) -> PyResult<()> {
        const BLOCK: usize = 64 * 1024;
        let items = BLOCK / this.item_size.get();
        let mut at = 0;
        let name = cx.intern("write");
        let write = attribute::get(cx, f, name)?;
        while at < this.length.get() {
            let bytes = bytes_of_range(this, at, at + items);
            let bytes = Bytes::checked(cx, &bytes)?;
            call::call(cx, write, &[bytes.value()], None)?;
            at += items;
        }
        Ok(())
    }
    /// Return a copy of the array.
    #[method]
    fn __copy__(cx: &mut Cx, this: Gc<TypedArray>) -> PyResult<Gc<TypedArray>> {
        let bytes = bytes_of_range(this, 0, usize::MAX / 16);
        super::of_bytes(cx, code_of(this), &bytes)
    }
    /// Return a copy of the array.
    #[method]
    fn __deepcopy__(cx: &mut Cx, this: Gc<TypedArray>, _unused: Value) -> PyResult<Gc<TypedArray>> {
        let bytes = bytes_of_range(this, 0, usize::MAX / 16);
        super::of_bytes(cx, code_of(this), &bytes)
    }
    /// Return state information for pickling.
    #[method]
    fn __reduce_ex__(cx: &mut Cx, this: Gc<TypedArray>, value: Value) -> PyResult {
        if !int::is_int(value) {
            return Err(cx.type_error("__reduce_ex__ argument should be an integer"));
        }
        super::rebuild::reduced(cx, this, int::clamped(value))
    }
    /// the typecode character used to create the array
    #[getter]
    fn typecode(cx: &mut Cx, this: Gc<TypedArray>) -> Gc<Str> {
        let code = (code_of(this) as char).to_string();
        cx.intern(&code)
    }
    /// the size, in bytes, of one array item
    #[getter]
    fn itemsize(this: Gc<TypedArray>) -> usize {
        this.item_size.get()
    }
    /// Size of the array in memory, in bytes.
    #[method]
    fn __sizeof__(this: Gc<TypedArray>) -> usize {
        size_of::<TypedArray>() + this.items.get().length.get().as_int() as usize
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cx: &mut Cx, class: Value, item: Value) -> PyResult {
        crate::generic_alias(cx, class, item)
    }
}
