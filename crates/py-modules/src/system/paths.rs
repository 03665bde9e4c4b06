//! Paths as arguments: text, bytes, objects with `__fspath__`, and descriptors where a function takes them.
//!
//! The encoding of the file system is UTF-8; bytes that are not valid become lone surrogates and back (PEP 383).

use super::arguments::descriptor_number;
use py_object::arguments::{Argument, FromArgument};
use py_object::objects::{Bytes, Exception, Str};
use py_object::string::bytes_of;
use py_object::types::str::{code_points, push_code_point};
use py_object::types::{self, class_name};
use py_object::{Cx, Kind, NONE, PyResult, StrExt, call, downcast};
use std::ffi::{CStr, CString};
use vm_heap::{Gc, Value};

/// Text as the bytes that the system sees. UnicodeEncodeError for surrogates that stand for no byte.
pub fn encode_path(cx: &mut Cx, text: Gc<Str>) -> PyResult<Vec<u8>> {
    if text.as_str().is_some() {
        return Ok(text.bytes().to_vec());
    }
    let mut bytes = Vec::with_capacity(text.bytes().len());
    for (at, code) in code_points(text.bytes()).enumerate() {
        match code {
            0xdc80..0xdd00 => bytes.push((code - 0xdc00) as u8),
            0xd800..0xe000 => {
                let codec = Str::new(cx, "utf-8").value();
                let reason = Str::new(cx, "surrogates not allowed").value();
                let (start, end) = (Value::int(at as i64), Value::int(at as i64 + 1));
                let parts = [codec, text.value(), start, end, reason];
                let exception = Exception::new(cx, Kind::UNICODE_ENCODE_ERROR, &parts);
                return Err(py_object::exception::raise(cx, exception));
            }
            _ => push_code_point(&mut bytes, code),
        }
    }
    Ok(bytes)
}

/// Bytes from the system as text.
pub fn decode_path(cx: &mut Cx, bytes: &[u8]) -> PyResult<Gc<Str>> {
    if std::str::from_utf8(bytes).is_ok() {
        return Str::checked(cx, bytes);
    }
    let mut text = Vec::with_capacity(bytes.len() * 2);
    for chunk in bytes.utf8_chunks() {
        text.extend_from_slice(chunk.valid().as_bytes());
        for byte in chunk.invalid() {
            push_code_point(&mut text, 0xdc00 + u32::from(*byte));
        }
    }
    Str::checked(cx, &text)
}

/// Bytes from the system as text, or as bytes where the path that led there was bytes.
pub fn path_value(cx: &mut Cx, bytes: &[u8], as_bytes: bool) -> PyResult {
    if as_bytes { Ok(Bytes::checked(cx, bytes)?.value()) } else { Ok(decode_path(cx, bytes)?.value()) }
}

/// `os.fspath(value)`: text and bytes as they are, else what `__fspath__` says.
pub fn fspath(cx: &mut Cx, value: Value) -> PyResult {
    if downcast::<Str>(value).is_some() || downcast::<Bytes>(value).is_some() {
        return Ok(value);
    }
    let class = class_name(cx, value);
    match types::lookup_special(cx, value, "__fspath__") {
        None | Some(NONE) => Err(cx.type_error(format!("expected str, bytes or os.PathLike object, not {class}"))),
        Some(_) => from_hook(cx, value),
    }
}

fn from_hook(cx: &mut Cx, value: Value) -> PyResult {
    let result = call::call_method(cx, value, "__fspath__", &[])?;
    if downcast::<Str>(result).is_none() && downcast::<Bytes>(result).is_none() {
        let message = format!(
            "expected {}.__fspath__() to return str or bytes, not {}",
            class_name(cx, value),
            class_name(cx, result)
        );
        return Err(cx.type_error(message));
    }
    Ok(result)
}

/// A path, or a descriptor in place of one.
#[derive(Clone, Debug)]
pub struct AnyPath {
    /// What errors name as the file: text, bytes, a descriptor or None.
    pub value: Value,
    /// The path for the system; empty where it is a descriptor or None.
    pub text: CString,
    /// The descriptor in its place.
    pub descriptor: Option<i32>,
}

impl AnyPath {
    /// No path.
    pub fn none() -> AnyPath {
        AnyPath { value: NONE, text: CString::default(), descriptor: None }
    }

    /// Whether names that are found from here are to be bytes.
    pub fn is_bytes(&self) -> bool {
        downcast::<Bytes>(self.value).is_some()
    }

    /// The path for a system call.
    pub fn as_ptr(&self) -> *const libc::c_char {
        self.text.as_ptr()
    }

    /// The path's bytes.
    pub fn bytes(&self) -> &[u8] {
        CStr::to_bytes(&self.text)
    }

    /// A path from a value. `function` and `parameter` are named in errors; empty where there are none.
    pub fn from_value(
        cx: &mut Cx,
        value: Value,
        function: &str,
        parameter: &str,
        takes_descriptor: bool,
        takes_none: bool,
    ) -> PyResult<AnyPath> {
        if takes_none && value == NONE {
            return Ok(AnyPath { value, text: CString::default(), descriptor: None });
        }
        let is_text = downcast::<Str>(value).is_some() || downcast::<Bytes>(value).is_some();
        if takes_descriptor && !is_text && types::lookup_special(cx, value, "__index__").is_some() {
            let descriptor = descriptor_number(cx, value)?;
            let value = Value::int(i64::from(descriptor));
            return Ok(AnyPath { value, text: CString::default(), descriptor: Some(descriptor) });
        }
        let value = if is_text {
            value
        } else {
            match types::lookup_special(cx, value, "__fspath__") {
                None | Some(NONE) => {
                    return Err(not_a_path(cx, value, function, parameter, takes_descriptor, takes_none));
                }
                Some(_) => from_hook(cx, value)?,
            }
        };
        let bytes = match (downcast::<Str>(value), downcast::<Bytes>(value)) {
            (Some(text), _) => encode_path(cx, text)?,
            (_, Some(bytes)) => bytes_of(&bytes).to_vec(),
            _ => Vec::new(),
        };
        py_library::about_to_open(&bytes);
        match CString::new(bytes) {
            Ok(text) => Ok(AnyPath { value, text, descriptor: None }),
            Err(_) if function.is_empty() => Err(cx.value_error("embedded null byte")),
            Err(_) => Err(cx.value_error(format!("{function}: embedded null character in {parameter}"))),
        }
    }

    fn from_place(cx: &mut Cx, value: Value, place: Argument, descriptor: bool, none: bool) -> PyResult<AnyPath> {
        let parameters = place.parameters;
        AnyPath::from_value(cx, value, parameters.function, parameters.list[place.index].name, descriptor, none)
    }
}

fn not_a_path(
    cx: &mut Cx,
    value: Value,
    function: &str,
    parameter: &str,
    takes_descriptor: bool,
    takes_none: bool,
) -> py_object::Raised {
    let allowed = match (takes_descriptor, takes_none) {
        (true, true) => "string, bytes, os.PathLike, integer or None",
        (true, false) => "string, bytes, os.PathLike or integer",
        (false, true) => "string, bytes, os.PathLike or None",
        (false, false) => "string, bytes or os.PathLike",
    };
    let class = class_name(cx, value);
    let prefix = if function.is_empty() { String::new() } else { format!("{function}: ") };
    let parameter = if parameter.is_empty() { "path" } else { parameter };
    cx.type_error(format!("{prefix}{parameter} should be {allowed}, not {class}"))
}

macro_rules! path_arguments {
    ($($(#[$meta:meta])* $Name:ident $descriptor:literal $none:literal;)*) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug)]
        pub struct $Name(pub AnyPath);

        impl FromArgument for $Name {
            fn from_argument(cx: &mut Cx, value: Value, place: Argument) -> PyResult<$Name> {
                AnyPath::from_place(cx, value, place, $descriptor, $none).map($Name)
            }
        }

        impl std::ops::Deref for $Name {
            type Target = AnyPath;
            fn deref(&self) -> &AnyPath {
                &self.0
            }
        }
    )*};
}
path_arguments! {
    /// A path.
    PathArgument false false;
    /// A path or a descriptor.
    PathOrDescriptor true false;
    /// A path, a descriptor or None.
    PathDescriptorOrNone true true;
}
