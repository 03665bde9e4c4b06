//! `marshal`: values of built-in types as bytes, in CPython's format. Code is in the form of [`py_code::binary`].

mod read;
mod write;

use py_macros::py_functions;
use py_object::bootstrap::{add_functions, new_module};
use py_object::objects::*;
use py_object::types::class_name;
use py_object::{Cx, Kind, NONE, PyResult, call, downcast};
use vm_heap::{Gc, Value};

/// Version of the format.
pub const VERSION: i64 = 5;

/// Deepest nesting.
const MAX_DEPTH: usize = 2000;

/// Bit of a type byte: later objects may refer to this one.
const REFERABLE: u8 = 0x80;

/// Type bytes.
mod tag {
    pub const NULL: u8 = b'0';
    pub const NONE: u8 = b'N';
    pub const FALSE: u8 = b'F';
    pub const TRUE: u8 = b'T';
    pub const STOP_ITERATION: u8 = b'S';
    pub const ELLIPSIS: u8 = b'.';
    pub const INT: u8 = b'i';
    pub const INT64: u8 = b'I';
    pub const LONG: u8 = b'l';
    pub const FLOAT: u8 = b'f';
    pub const BINARY_FLOAT: u8 = b'g';
    pub const COMPLEX: u8 = b'x';
    pub const BINARY_COMPLEX: u8 = b'y';
    pub const BYTES: u8 = b's';
    pub const INTERNED: u8 = b't';
    pub const REFERENCE: u8 = b'r';
    pub const TUPLE: u8 = b'(';
    pub const SMALL_TUPLE: u8 = b')';
    pub const LIST: u8 = b'[';
    pub const DICT: u8 = b'{';
    pub const CODE: u8 = b'c';
    pub const STR: u8 = b'u';
    pub const SET: u8 = b'<';
    pub const FROZENSET: u8 = b'>';
    pub const SLICE: u8 = b':';
    pub const ASCII: u8 = b'a';
    pub const ASCII_INTERNED: u8 = b'A';
    pub const SHORT_ASCII: u8 = b'z';
    pub const SHORT_ASCII_INTERNED: u8 = b'Z';
}

pub use read::loads;
pub use write::dumps;

/// The functions.
pub struct Functions;

#[py_functions("marshal")]
impl Functions {
    /// Return the bytes of a value.
    #[function]
    fn dumps(
        cx: &mut Cx,
        value: Value,
        #[default(VERSION)] version: i64,
        #[keyword_only]
        #[default(true)]
        allow_code: bool,
    ) -> PyResult<Gc<Bytes>> {
        let bytes = write::dumps_with(cx, value, version, allow_code)?;
        Bytes::checked(cx, &bytes)
    }
    /// Write the bytes of a value to a file.
    #[function]
    fn dump(
        cx: &mut Cx,
        value: Value,
        file: Value,
        #[default(VERSION)] version: i64,
        #[keyword_only]
        #[default(true)]
        allow_code: bool,
    ) -> PyResult {
        let bytes = write::dumps_with(cx, value, version, allow_code)?;
        let bytes = Bytes::checked(cx, &bytes)?;
        call::call_method(cx, file, "write", &[bytes.value()])
    }
    /// Return the value of bytes; what follows it is ignored.
    #[function]
    fn loads(
        cx: &mut Cx,
        bytes: Value,
        #[keyword_only]
        #[default(true)]
        allow_code: bool,
    ) -> PyResult {
        let copy = bytes_like(cx, bytes)?;
        read::loads_with(cx, py_object::string::bytes_of(&copy), allow_code).map(|(value, _)| value)
    }
    /// Read one value from a file.
    #[function]
    fn load(
        cx: &mut Cx,
        file: Value,
        #[keyword_only]
        #[default(true)]
        allow_code: bool,
    ) -> PyResult {
        let rest = call::call_method(cx, file, "read", &[])?;
        let Some(bytes) = downcast::<Bytes>(rest) else {
            let message = format!("file.read() returned not bytes but {}", class_name(cx, rest));
            return Err(cx.type_error(message));
        };
        let (value, used) = read::loads_with(cx, py_object::string::bytes_of(&bytes), allow_code)?;
        // What was read too much goes back.
        let left = py_object::string::bytes_of(&bytes).len() - used;
        if left > 0 {
            call::call_method(cx, file, "seek", &[Value::int(-(left as i64)), Value::int(1)])?;
        }
        Ok(value)
    }
}

fn bytes_like(cx: &mut Cx, value: Value) -> PyResult<Gc<Bytes>> {
    if let Some(bytes) = downcast::<Bytes>(value) {
        return Ok(bytes);
    }
    let bytearray = cx.builtin_type(Kind::BYTEARRAY);
    let view = cx.builtin_type(Kind::MEMORYVIEW);
    let class = py_object::types::class_of(cx, value);
    if [bytearray, view].iter().any(|known| py_object::types::is_subclass(class, *known)) {
        let bytes = cx.builtin_type(Kind::BYTES);
        let copy = call::call(cx, bytes.value(), &[value], None)?;
        if let Some(copy) = downcast::<Bytes>(copy) {
            return Ok(copy);
        }
    }
    let message = format!("a bytes-like object is required, not '{}'", class_name(cx, value));
    Err(cx.type_error(message))
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = new_module(cx, "marshal");
    add_functions(cx, module.dict.get(), module.value(), FUNCTIONS);
    let (namespace, name) = (module.dict.get(), cx.intern("version"));
    Dict::set_str(cx, namespace, name, Value::int(VERSION))?;
    let doc = Str::new(cx, "Values of built-in types as bytes, for .pyc files. Not for data from elsewhere.");
    let name = cx.intern("__doc__");
    Dict::set_str(cx, namespace, name, doc.value())?;
    let _ = NONE;
    Ok(module)
}
