//! `_struct`: numbers and text as packed bytes.
//!
//! Each thread keeps the formats that it has used last in parsed form; a `Struct` keeps its text and its size.

mod format;
mod half;
mod pack;
mod recent;
mod unpack;

use crate::{add_iterator, bytes_like, class, declare, make_final, module_of, set};
use format::Format;
use py_macros::{py_functions, py_methods};
use py_object::arguments::Keywords;
use py_object::bootstrap::add_methods;
use py_object::objects::{Array, Bytes, Module, Str, Tuple, Type};
use py_object::string::bytes_of;
use py_object::types::{class_name, is_exactly};
use py_object::{Cx, Kind, PyResult, StrExt, UNBOUND, call, downcast, object};
use std::rc::Rc;
use unpack::UnpackIterator;
use vm_heap::{Gc, Value};

object! {
    /// A `Struct`.
    pub struct Struct = 455 {
        /// Version word.
        word: u64,
        /// Attributes of subclass instances.
        attributes: Option<Gc<Array>>,
        /// Its format as a string, UNBOUND before `__init__`.
        format: Value,
        /// Size in bytes, -1 before `__init__`.
        size: i64,
    }
}

/// Gives the classes their methods.
pub fn install(cx: &mut Cx) {
    declare::<Struct>();
    declare::<UnpackIterator>();
    add_methods(cx, Kind::STRUCT, STRUCT_METHODS);
    add_iterator(cx, Kind::UNPACK_ITERATOR, unpack::step);
    add_methods(cx, Kind::UNPACK_ITERATOR, unpack::UNPACK_ITERATOR_METHODS);
    make_final(cx, Kind::UNPACK_ITERATOR);
}

/// The text of a format given as str or bytes.
fn format_text(cx: &mut Cx, format: Value) -> PyResult<Gc<Str>> {
    if let Some(text) = downcast::<Str>(format) {
        if !text.is_ascii() {
            // Raises what encoding the text raises.
            let ascii = cx.intern("ascii").value();
            call::call_method(cx, format, "encode", &[ascii])?;
        }
        return Ok(text);
    }
    match downcast::<Bytes>(format) {
        Some(bytes) => {
            let text = String::from_utf8_lossy(bytes_of(&bytes)).into_owned();
            Ok(Str::new(cx, &text))
        }
        None => {
            let message = format!("Struct() argument 1 must be a str or bytes object, not {}", class_name(cx, format));
            Err(cx.type_error(message))
        }
    }
}

fn parse(cx: &mut Cx, format: Value) -> PyResult<Rc<Format>> {
    let text = format_text(cx, format)?;
    match recent::find(text.bytes()) {
        Ok(format) => Ok(format),
        Err(message) => Err(cx.raise(Kind::STRUCT_ERROR, message)),
    }
}

/// The format of a `Struct` that has been initialised.
fn format_of(cx: &mut Cx, this: Gc<Struct>) -> PyResult<Rc<Format>> {
    match this.format.get() {
        UNBOUND => Err(cx.raise(Kind::RUNTIME_ERROR, "Struct object is not initialized")),
        format => parse(cx, format),
    }
}

fn pack_bytes(cx: &mut Cx, format: &Format, values: &[Value]) -> PyResult<Gc<Bytes>> {
    /// Bytes that are put together on the stack.
    const FEW: usize = 64;
    if format.size > FEW {
        let bytes = pack::pack(cx, format, values, "pack")?;
        return Bytes::checked(cx, &bytes);
    }
    pack::check_count(cx, format, values.len(), "pack")?;
    let mut bytes = [0; FEW];
    let bytes = &mut bytes[..format.size];
    pack::pack_into(cx, format, values, bytes)?;
    Bytes::checked(cx, bytes)
}

/// `pack_into`, with the buffer, the offset and the values in `arguments`.
fn pack_into(cx: &mut Cx, format: &Format, arguments: &[Value]) -> PyResult<()> {
    let [buffer, rest @ ..] = arguments else {
        return Err(cx.raise(Kind::STRUCT_ERROR, "pack_into expected buffer argument"));
    };
    let [offset, values @ ..] = rest else {
        return Err(cx.raise(Kind::STRUCT_ERROR, "pack_into expected offset argument"));
    };
    pack::check_count(cx, format, values.len(), "pack_into")?;
    let length = bytes_like::writable(cx, *buffer)?.len();
    let offset = py_object::types::int::index(cx, *offset)?;
    let Some(offset) = py_object::types::int::as_i64(offset) else {
        return Err(cx.raise(Kind::INDEX_ERROR, "cannot fit 'int' into an index-sized integer"));
    };
    let size = format.size as i64;
    let at = if offset < 0 {
        if offset + size > 0 {
            let message = format!("no space to pack {size} bytes at offset {offset}");
            return Err(cx.raise(Kind::STRUCT_ERROR, message));
        }
        if offset + (length as i64) < 0 {
            let message = format!("offset {offset} out of range for {length}-byte buffer");
            return Err(cx.raise(Kind::STRUCT_ERROR, message));
        }
        offset + length as i64
    } else {
        offset
    };
    if length as i64 - at < size {
        let message = format!(
            "pack_into requires a buffer of at least {} bytes for packing {size} bytes at offset {at} \
             (actual buffer size is {length})",
            at as u64 + size as u64
        );
        return Err(cx.raise(Kind::STRUCT_ERROR, message));
    }
    let bytes = pack::pack(cx, format, values, "pack_into")?;
    // Looked at anew: computing the values may have changed the object.
    let memory = bytes_like::writable(cx, *buffer)?;
    if memory.len() < at as usize + bytes.len() {
        return Err(cx.raise(Kind::RUNTIME_ERROR, "the buffer has changed its size"));
    }
    memory.write(at as usize, &bytes);
    Ok(())
}

/// A `bytes` object, but of no subclass, which may have a `__buffer__` of its own.
fn plain_bytes(buffer: Value) -> Option<Gc<Bytes>> {
    downcast::<Bytes>(buffer).filter(|_| is_exactly(buffer, Kind::BYTES))
}

/// The values from a place of a buffer on.
fn unpack_at(cx: &mut Cx, format: &Format, buffer: Value, at: usize) -> PyResult<Gc<Tuple>> {
    // Nobody changes these bytes while objects are made.
    if let Some(bytes) = plain_bytes(buffer)
        && let Some(bytes) = bytes_of(&bytes).get(at..at + format.size)
    {
        return unpack::unpack(cx, format, bytes);
    }
    let bytes = bytes_like::read(cx, buffer, at, format.size)?;
    unpack::unpack(cx, format, &bytes)
}

fn unpack_all(cx: &mut Cx, format: &Format, buffer: Value) -> PyResult<Gc<Tuple>> {
    let length = match plain_bytes(buffer) {
        Some(bytes) => bytes_of(&bytes).len(),
        None => bytes_like::length(cx, buffer)?,
    };
    if length != format.size {
        let message = format!("unpack requires a buffer of {} bytes", format.size);
        return Err(cx.raise(Kind::STRUCT_ERROR, message));
    }
    unpack_at(cx, format, buffer, 0)
}

fn unpack_from(cx: &mut Cx, format: &Format, buffer: Value, offset: i64) -> PyResult<Gc<Tuple>> {
    let length = bytes_like::length(cx, buffer)?;
    let size = format.size as i64;
    let at = if offset < 0 {
        if offset + size > 0 {
            let message = format!("not enough data to unpack {size} bytes at offset {offset}");
            return Err(cx.raise(Kind::STRUCT_ERROR, message));
        }
        if offset + (length as i64) < 0 {
            let message = format!("offset {offset} out of range for {length}-byte buffer");
            return Err(cx.raise(Kind::STRUCT_ERROR, message));
        }
        offset + length as i64
    } else {
        offset
    };
    if length as i64 - at < size {
        let message = format!(
            "unpack_from requires a buffer of at least {} bytes for unpacking {size} bytes at offset {at} \
             (actual buffer size is {length})",
            at as u64 + size as u64
        );
        return Err(cx.raise(Kind::STRUCT_ERROR, message));
    }
    unpack_at(cx, format, buffer, at as usize)
}

/// The functions.
pub struct Functions;

#[py_functions("_struct")]
impl Functions {
    /// Clear the internal cache of this thread.
    #[function]
    fn _clearcache() {
        recent::clear();
    }
    /// Return size in bytes of the struct described by the format string.
    #[function]
    fn calcsize(cx: &mut Cx, format: Value) -> PyResult<usize> {
        Ok(parse(cx, format)?.size)
    }
    /// Return a bytes object containing values packed according to the format string.
    #[function(signature = "")]
    fn pack(cx: &mut Cx, #[args] arguments: &[Value]) -> PyResult<Gc<Bytes>> {
        let [format, values @ ..] = arguments else { return Err(cx.type_error("missing format argument")) };
        let format = parse(cx, *format)?;
        pack_bytes(cx, &format, values)
    }
    /// Pack values according to the format string into a writable buffer, starting at an offset.
    #[function(signature = "")]
    fn pack_into(cx: &mut Cx, #[args] arguments: &[Value]) -> PyResult<()> {
        let [format, rest @ ..] = arguments else { return Err(cx.type_error("missing format argument")) };
        let format = parse(cx, *format)?;
        pack_into(cx, &format, rest)
    }
    /// Return a tuple containing values unpacked according to the format string, from a buffer of just its size.
    #[function]
    fn unpack(cx: &mut Cx, format: Value, buffer: Value) -> PyResult<Gc<Tuple>> {
        let format = parse(cx, format)?;
        unpack_all(cx, &format, buffer)
    }
    /// Return a tuple containing values unpacked according to the format string, from an offset of a buffer.
    #[function]
    fn unpack_from(
        cx: &mut Cx,
        format: Value,
        #[keyword] buffer: Value,
        #[keyword]
        #[default(0)]
        offset: i64,
    ) -> PyResult<Gc<Tuple>> {
        let format = parse(cx, format)?;
        unpack_from(cx, &format, buffer, offset)
    }
    /// Return an iterator yielding tuples unpacked from the given bytes.
    #[function]
    fn iter_unpack(cx: &mut Cx, format: Value, buffer: Value) -> PyResult<Gc<UnpackIterator>> {
        let text = format_text(cx, format)?;
        let format = parse(cx, format)?;
        unpack::iterator(cx, text, &format, buffer)
    }
}

/// The methods of `Struct`.
pub struct Methods;

#[py_methods(STRUCT, name = "Struct")]
impl Methods {
    #[new(signature = "")]
    fn new(cx: &mut Cx, class: Gc<Type>, #[args] _args: &[Value], #[kwargs] _kwargs: Keywords<'_>) -> Gc<Struct> {
        let new = crate::new_object::<Struct>(cx, class);
        new.format.init(UNBOUND);
        new.size.init(-1);
        new
    }
    /// Create a compiled struct object: a packer and unpacker of one format.
    #[method(error_name = "Struct")]
    fn __init__(cx: &mut Cx, this: Gc<Struct>, #[keyword] format: Value) -> PyResult<()> {
        let text = format_text(cx, format)?;
        let parsed = parse(cx, text.value())?;
        this.format.set(cx.mutator(), this, text.value());
        this.size.init(parsed.size as i64);
        Ok(())
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<Struct>) -> PyResult<String> {
        format_of(cx, this)?;
        let class = py_object::types::class_of(cx, this.value());
        let format = crate::repr_text(cx, this.format.get())?;
        Ok(format!("{}({format})", py_object::types::short_name(class)))
    }
    /// Return a bytes object containing values packed according to the format.
    #[method(signature = "")]
    fn pack(cx: &mut Cx, this: Gc<Struct>, #[args] values: &[Value]) -> PyResult<Gc<Bytes>> {
        let format = format_of(cx, this)?;
        pack_bytes(cx, &format, values)
    }
    /// Pack values into a writable buffer, starting at an offset.
    #[method(signature = "")]
    fn pack_into(cx: &mut Cx, this: Gc<Struct>, #[args] arguments: &[Value]) -> PyResult<()> {
        let format = format_of(cx, this)?;
        pack_into(cx, &format, arguments)
    }
    /// Return a tuple containing unpacked values, from a buffer of just the size.
    #[method]
    fn unpack(cx: &mut Cx, this: Gc<Struct>, buffer: Value) -> PyResult<Gc<Tuple>> {
        let format = format_of(cx, this)?;
        unpack_all(cx, &format, buffer)
    }
    /// Return a tuple containing unpacked values, from an offset of a buffer.
    #[method]
    fn unpack_from(
        cx: &mut Cx,
        this: Gc<Struct>,
        #[keyword] buffer: Value,
        #[keyword]
        #[default(0)]
        offset: i64,
    ) -> PyResult<Gc<Tuple>> {
        let format = format_of(cx, this)?;
        unpack_from(cx, &format, buffer, offset)
    }
    /// Return an iterator yielding tuples.
    #[method]
    fn iter_unpack(cx: &mut Cx, this: Gc<Struct>, buffer: Value) -> PyResult<Gc<UnpackIterator>> {
        let format = format_of(cx, this)?;
        let text = format_text(cx, this.format.get())?;
        unpack::iterator(cx, text, &format, buffer)
    }
    /// struct format string
    #[getter]
    fn format(cx: &mut Cx, this: Gc<Struct>) -> PyResult {
        format_of(cx, this)?;
        Ok(this.format.get())
    }
    /// struct size in bytes
    #[getter]
    fn size(this: Gc<Struct>) -> i64 {
        this.size.get()
    }
    /// Return the size of the object in memory, in bytes.
    #[method]
    fn __sizeof__(cx: &mut Cx, this: Gc<Struct>) -> PyResult<usize> {
        format_of(cx, this)?;
        Ok(size_of::<Struct>())
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "_struct", FUNCTIONS);
    class(cx, module, Kind::STRUCT)?;
    let error = cx.builtin_type(Kind::STRUCT_ERROR);
    set(cx, module, "error", error.value())?;
    Ok(module)
}
