//! Numbers and descriptors as arguments of functions that make system calls.

use py_object::arguments::{Argument, FromArgument};
use py_object::types::{class_name, int};
use py_object::{Cx, FALSE, Kind, NONE, PyResult, TRUE, call, types};
use vm_heap::Value;

/// A C `int`: anything with `__index__` that fits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CInt(pub i32);

/// `value` as a C `int`.
pub fn c_int(cx: &mut Cx, value: Value) -> PyResult<i32> {
    let number = int::index(cx, value)?;
    match int::as_i64(number).and_then(|number| i32::try_from(number).ok()) {
        Some(number) => Ok(number),
        None => Err(cx.raise(Kind::OVERFLOW_ERROR, "Python int too large to convert to C int")),
    }
}

impl FromArgument for CInt {
    fn from_argument(cx: &mut Cx, value: Value, _: Argument) -> PyResult<CInt> {
        c_int(cx, value).map(CInt)
    }
}

/// The number of a descriptor, with a warning where it is a bool.
pub fn descriptor_number(cx: &mut Cx, value: Value) -> PyResult<i32> {
    if value == TRUE || value == FALSE {
        py_object::warning::warn(cx, Kind::RUNTIME_WARNING, "bool is used as a file descriptor")?;
    }
    c_int(cx, value)
}

/// A file descriptor: an int, or an object with a `fileno()` method.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Descriptor(pub i32);

/// The descriptor that a value is or has.
pub fn descriptor_of(cx: &mut Cx, value: Value) -> PyResult<i32> {
    let number = if int::is_int(value) {
        value
    } else {
        let name = cx.intern("fileno");
        let Some((method, _)) = py_object::attribute::find(cx, value, name)? else {
            return Err(cx.type_error("argument must be an int, or have a fileno() method."));
        };
        let number = call::call(cx, method, &[], None)?;
        if !int::is_int(number) {
            return Err(cx.type_error("fileno() returned a non-integer"));
        }
        number
    };
    let number = descriptor_number(cx, number)?;
    if number < 0 {
        return Err(cx.value_error(format!("file descriptor cannot be a negative integer ({number})")));
    }
    Ok(number)
}

impl FromArgument for Descriptor {
    fn from_argument(cx: &mut Cx, value: Value, _: Argument) -> PyResult<Descriptor> {
        descriptor_of(cx, value).map(Descriptor)
    }
}

/// `dir_fd`: an open directory that a relative path starts from; None is the working directory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DirectoryDescriptor(pub i32);

impl DirectoryDescriptor {
    /// The working directory.
    pub const CURRENT: DirectoryDescriptor = DirectoryDescriptor(libc::AT_FDCWD);
}

impl FromArgument for DirectoryDescriptor {
    fn from_argument(cx: &mut Cx, value: Value, _: Argument) -> PyResult<DirectoryDescriptor> {
        if value == NONE {
            return Ok(DirectoryDescriptor::CURRENT);
        }
        if types::lookup_special(cx, value, "__index__").is_none() {
            let message = format!("argument should be integer or None, not {}", class_name(cx, value));
            return Err(cx.type_error(message));
        }
        descriptor_number(cx, value).map(DirectoryDescriptor)
    }
}

/// A user or group id; -1 stands for "leave as it is".
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Identifier(pub u32);

impl FromArgument for Identifier {
    fn from_argument(cx: &mut Cx, value: Value, argument: Argument) -> PyResult<Identifier> {
        if !int::is_int(value) && types::lookup_special(cx, value, "__index__").is_none() {
            let what = argument.parameters.list[argument.index].name;
            let message = format!("{what} should be integer, not {}", class_name(cx, value));
            return Err(cx.type_error(message));
        }
        let what = argument.parameters.list[argument.index].name;
        let number = int::index(cx, value)?;
        match int::as_i64(number) {
            Some(-1) => Ok(Identifier(u32::MAX)),
            Some(number) if number < 0 => Err(cx.raise(Kind::OVERFLOW_ERROR, format!("{what} is less than minimum"))),
            Some(number) if number <= i64::from(u32::MAX) => Ok(Identifier(number as u32)),
            _ => Err(cx.raise(Kind::OVERFLOW_ERROR, format!("{what} is greater than maximum"))),
        }
    }
}

/// What an id is as an int: -1 stays -1.
pub fn identifier_value(id: u32) -> i64 {
    if id == u32::MAX { -1 } else { i64::from(id) }
}
