//! `array`: sequences of numbers or characters of one size, without an object for each.
//!
//! The bytes lie in a buffer behind the object, with room to grow. Whoever touches them holds the object's lock and calls
//! nothing meanwhile; what comes from Python objects is encoded before, what goes to them is copied out.

mod code;
mod iterator;
mod methods;
mod rebuild;
mod sequence;

use crate::{add_iterator, class, declare, make_final, make_unhashable, module_of, set};
use py_macros::py_functions;
use py_object::bootstrap::add_methods;
use py_object::buffer::{self, Exported};
use py_object::objects::{Module, Raw, Str, Type, TypedArray};
use py_object::{Cx, Kind, PyResult, attribute, byte_tail, call, downcast, shapes, try_allocate_tail};
use vm_heap::{Gc, Value};

/// The typecodes, in the order that error messages name them in.
const TYPECODES: &str = "bBuwhHiIlLqQfd";

/// Gives the classes their methods.
pub fn install(cx: &mut Cx) {
    declare::<TypedArray>();
    declare::<iterator::ArrayIterator>();
    add_methods(cx, Kind::TYPED_ARRAY, methods::TYPED_ARRAY_METHODS);
    add_methods(cx, Kind::TYPED_ARRAY, sequence::TYPED_ARRAY_SEQUENCE_METHODS);
    make_unhashable(cx, Kind::TYPED_ARRAY);
    add_iterator(cx, Kind::TYPED_ARRAY_ITERATOR, iterator::step);
    add_methods(cx, Kind::TYPED_ARRAY_ITERATOR, iterator::TYPED_ARRAY_ITERATOR_METHODS);
    make_final(cx, Kind::TYPED_ARRAY_ITERATOR);
    buffer::set_exporter(Kind::TYPED_ARRAY, buffer::Exporter { export, hold: Some(hold) });
}

/// The memory of an array for views.
fn export(value: Value) -> Option<Exported> {
    let array = downcast::<TypedArray>(value)?;
    let _locked = vm_stm::lock(&array.word);
    let items = array.items.get();
    let length = array.length.get() * array.item_size.get();
    let start = byte_tail(&items, length).as_ptr().cast_mut();
    let (item_size, format) = (array.item_size.get(), code::view_format(code_of(array)));
    Some(Exported { owner: items.value(), start, length, readonly: false, item_size, format })
}

/// Counts the views of an array: while there are any, its size must not change.
fn hold(_: &mut Cx, value: Value, held: bool) {
    if let Some(array) = downcast::<TypedArray>(value) {
        let _locked = vm_stm::lock(&array.word);
        let exports = array.exports.get();
        array.exports.init(if held { exports + 1 } else { exports.saturating_sub(1) });
    }
}

fn new_buffer(cx: &mut Cx, bytes: usize) -> PyResult<Gc<Raw>> {
    match try_allocate_tail::<Raw>(cx.mutator(), shapes::RAW, bytes) {
        Some(buffer) => Ok(buffer),
        None => Err(cx.raise(Kind::MEMORY_ERROR, "")),
    }
}

/// A new empty array of a class.
fn new_array(cx: &mut Cx, class: Gc<Type>, code: u8) -> PyResult<Gc<TypedArray>> {
    let items = new_buffer(cx, 0)?;
    let array = crate::new_object::<TypedArray>(cx, class);
    array.items.init(items);
    array.code.init(usize::from(code));
    array.item_size.init(code::size(code));
    Ok(array)
}

/// A new array of the built-in class with these bytes.
fn of_bytes(cx: &mut Cx, code: u8, bytes: &[u8]) -> PyResult<Gc<TypedArray>> {
    let class = cx.builtin_type(Kind::TYPED_ARRAY);
    let array = new_array(cx, class, code)?;
    splice(cx, array, 0, 0, bytes)?;
    Ok(array)
}

/// The typecode.
fn code_of(array: Gc<TypedArray>) -> u8 {
    array.code.get() as u8
}

/// Runs `body` on the bytes that are in use, under the lock. It must not call anything that allocates or runs Python code.
fn with_bytes<R>(array: Gc<TypedArray>, body: impl FnOnce(&mut [u8]) -> R) -> R {
    let _locked = vm_stm::lock(&array.word);
    let items = array.items.get();
    let capacity = items.length.get().as_int() as usize;
    let used = (array.length.get() * array.item_size.get()).min(capacity);
    let start = byte_tail(&items, capacity).as_ptr() as *mut u8;
    // SAFETY: the buffer has at least `used` bytes and stays alive, since `items` is on this stack; the lock keeps other
    // threads away, and `body` runs nothing that could make another slice of it.
    body(unsafe { std::slice::from_raw_parts_mut(start, used) })
}

/// The bytes of the items `from..to`, as far as there are any.
fn bytes_of_range(array: Gc<TypedArray>, from: usize, to: usize) -> Vec<u8> {
    let size = array.item_size.get();
    with_bytes(array, |bytes| {
        let end = (to * size).min(bytes.len());
        bytes.get(from * size..end).unwrap_or(&[]).to_vec()
    })
}

/// The item at an index, if there is one at this moment.
fn item(cx: &mut Cx, array: Gc<TypedArray>, index: usize) -> PyResult<Option<Value>> {
    let size = array.item_size.get();
    let mut word = [0; 8];
    let found = with_bytes(array, |bytes| match bytes.get(index * size..(index + 1) * size) {
        Some(bytes) => {
            word[..size].copy_from_slice(bytes);
            true
        }
        None => false,
    });
    if found { code::decode(cx, code_of(array), word).map(Some) } else { Ok(None) }
}

/// Replaces an item; false where there is none.
fn set_item(cx: &mut Cx, array: Gc<TypedArray>, index: usize, value: Value) -> PyResult<bool> {
    let word = code::encode(cx, code_of(array), value)?;
    let size = array.item_size.get();
    Ok(with_bytes(array, |bytes| match bytes.get_mut(index * size..(index + 1) * size) {
        Some(place) => {
            place.copy_from_slice(&word[..size]);
            true
        }
        None => false,
    }))
}

/// Replaces the items `from..to` (clamped) by those that the bytes are. BufferError where the size changes under a view.
fn splice(cx: &mut Cx, array: Gc<TypedArray>, from: usize, to: usize, new: &[u8]) -> PyResult<()> {
    let size = array.item_size.get();
    let mut spare = None;
    loop {
        let wanted = {
            let _locked = vm_stm::lock(&array.word);
            let length = array.length.get();
            let from = from.min(length);
            let to = to.clamp(from, length);
            let total = length - (to - from) + new.len() / size;
            if total != length && array.exports.get() != 0 {
                None
            } else {
                let items = array.items.get();
                if total * size > items.length.get().as_int() as usize {
                    // A buffer that was made for this takes the place of the one that is too small.
                    if let Some(buffer) =
                        spare.filter(|buffer: &Gc<Raw>| total * size <= buffer.length.get().as_int() as usize)
                    {
                        copy(items, buffer, length * size);
                        array.items.set(cx.mutator(), array, buffer);
                    }
                }
                let items = array.items.get();
                let capacity = items.length.get().as_int() as usize;
                if total * size <= capacity {
                    let start = byte_tail(&items, capacity).as_ptr() as *mut u8;
                    // SAFETY: both lengths fit the buffer, which only the holder of the lock touches; `new` lies elsewhere.
                    unsafe {
                        let place = start.add(from * size);
                        let rest = (length - to) * size;
                        std::ptr::copy(start.add(to * size), place.add(new.len()), rest);
                        std::ptr::copy_nonoverlapping(new.as_ptr(), place, new.len());
                    }
                    array.length.init(total);
                    return Ok(());
                }
                Some(total * size)
            }
        };
        let Some(wanted) = wanted else {
            return Err(cx.raise(Kind::BUFFER_ERROR, "cannot resize an array that is exporting buffers"));
        };
        spare = Some(new_buffer(cx, wanted + (wanted >> 3) + 16)?);
    }
}

/// Copies the first bytes of a buffer to another one.
fn copy(from: Gc<Raw>, to: Gc<Raw>, count: usize) {
    let source = byte_tail(&from, count).as_ptr();
    let target = byte_tail(&to, count).as_ptr() as *mut u8;
    // SAFETY: the caller knows that both are at least that long and holds the lock under which they are touched.
    unsafe { std::ptr::copy_nonoverlapping(source, target, count) };
}

/// The functions.
pub struct Functions;

#[py_functions("array")]
impl Functions {
    /// Internal. Used for pickling support.
    #[function]
    fn _array_reconstructor(
        cx: &mut Cx,
        arraytype: Value,
        typecode: Value,
        mformat_code: i64,
        items: Value,
    ) -> PyResult<Gc<TypedArray>> {
        rebuild::rebuild(cx, arraytype, typecode, mformat_code, items)
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "array", FUNCTIONS);
    class(cx, module, Kind::TYPED_ARRAY)?;
    let array = cx.builtin_type(Kind::TYPED_ARRAY);
    set(cx, module, "ArrayType", array.value())?;
    let typecodes = Str::new(cx, TYPECODES);
    set(cx, module, "typecodes", typecodes.value())?;
    register_sequence(cx, array.value())?;
    Ok(module)
}

/// Makes arrays mutable sequences for `collections.abc`.
fn register_sequence(cx: &mut Cx, class: Value) -> PyResult<()> {
    let builtins = cx.runtime.builtins.get().expect("made at start-up");
    let import = cx.intern("__import__");
    let Some(import) = py_object::objects::Dict::get_str(cx, builtins, import) else { return Ok(()) };
    let name = cx.intern("_collections_abc");
    let module = call::call(cx, import, &[name.value()], None)?;
    let name = cx.intern("MutableSequence");
    let sequence = attribute::get(cx, module, name)?;
    call::call_method(cx, sequence, "register", &[class]).map(|_| ())
}
