//! `fcntl`: control of descriptors, locks on files.

mod names_table;

use crate::system::arguments::{CInt, Descriptor};
use crate::system::errors::{blocking, check, os_error};
use crate::{module_of, set};
use py_macros::py_functions;
use py_object::buffer::{ByteView, WritableView};
use py_object::objects::{Bytes, Module, Str};
use py_object::types::{class_name, int};
use py_object::{Cx, Kind, PyResult, StrExt, downcast, operations};
use vm_heap::{Gc, Value};

/// Most bytes of an argument that is copied.
const LONGEST: usize = 1024;

/// The bytes of an argument that is text or bytes-like.
fn argument_bytes(value: Value) -> Option<Vec<u8>> {
    match downcast::<Str>(value) {
        Some(text) => Some(text.bytes().to_vec()),
        None => ByteView::try_of(value).map(|view| view.bytes().to_vec()),
    }
}

/// A number that a call takes as it is: its low bits.
fn number(cx: &mut Cx, value: Value) -> PyResult<libc::c_ulong> {
    let number = int::index(cx, value)?;
    if let Some(number) = int::as_i64(number) {
        return Ok(number as libc::c_ulong);
    }
    let mask = int::from_i64(cx, 0xffff_ffff);
    let low = operations::binary(cx, operations::BinaryOperator::And, number, mask, false)?;
    Ok(int::as_i64(low).unwrap_or(0) as libc::c_ulong)
}

/// The functions.
pub struct Functions;

#[py_functions("fcntl")]
impl Functions {
    /// Perform the operation cmd on file descriptor fd.
    ///
    /// The values used for cmd are defined in this module. The argument arg is
    /// optional, and defaults to 0; it may be an int or bytes. For bytes the
    /// result is a bytes object of the same length, else the result of the call.
    #[function]
    fn fcntl(cx: &mut Cx, fd: Descriptor, cmd: CInt, #[default(Value::int(0))] arg: Value) -> PyResult {
        if int::is_int(arg) || py_object::types::lookup_special(cx, arg, "__index__").is_some() {
            let number = number(cx, arg)?;
            // SAFETY: a system call on plain numbers.
            return check(cx, || i64::from(unsafe { libc::fcntl(fd.0, cmd.0, number as libc::c_int) })).map(Value::int);
        }
        let Some(bytes) = argument_bytes(arg) else {
            let message = format!(
                "fcntl() argument 3 must be an integer, a bytes-like object, or a string, not {}",
                class_name(cx, arg)
            );
            return Err(cx.type_error(message));
        };
        if bytes.len() > LONGEST {
            return Err(cx.value_error("fcntl argument 3 is too long"));
        }
        let mut buffer = [0u8; LONGEST + 8];
        buffer[..bytes.len()].copy_from_slice(&bytes);
        // SAFETY: the buffer is longer than any structure of these calls.
        check(cx, || i64::from(unsafe { libc::fcntl(fd.0, cmd.0, buffer.as_mut_ptr()) }))?;
        Ok(Bytes::checked(cx, &buffer[..bytes.len()])?.value())
    }
    /// Perform the operation request on file descriptor fd.
    ///
    /// The argument arg is optional, and defaults to 0; it may be an int or a
    /// buffer. If it is a mutable buffer and mutate_flag is true (default), the
    /// call changes the buffer, and its result is returned; else the result is a
    /// bytes object with the buffer's new contents.
    #[function]
    fn ioctl(
        cx: &mut Cx,
        fd: Descriptor,
        request: Value,
        #[default(Value::int(0))] arg: Value,
        #[default(true)] mutate_flag: bool,
    ) -> PyResult {
        let request = number(cx, request)?;
        if int::is_int(arg) || py_object::types::lookup_special(cx, arg, "__index__").is_some() {
            let number = number(cx, arg)?;
            // SAFETY: Python's rule: the caller knows which requests take a number.
            return check(cx, || i64::from(unsafe { libc::ioctl(fd.0, request, number) })).map(Value::int);
        }
        if mutate_flag && let Some(view) = WritableView::try_of(arg) {
            let mut buffer = [0u8; LONGEST + 8];
            if view.len() > LONGEST {
                // SAFETY: the view's owner lies on this stack, so its memory stays.
                let result = check(cx, || i64::from(unsafe { libc::ioctl(fd.0, request, view.as_mut_ptr()) }))?;
                return Ok(Value::int(result));
            }
            // SAFETY: the view is that long, and its owner lies on this stack.
            buffer[..view.len()].copy_from_slice(unsafe { std::slice::from_raw_parts(view.as_mut_ptr(), view.len()) });
            // SAFETY: the buffer is longer than any structure of these calls.
            let result = check(cx, || i64::from(unsafe { libc::ioctl(fd.0, request, buffer.as_mut_ptr()) }))?;
            view.write(0, &buffer[..view.len()]);
            return Ok(Value::int(result));
        }
        let Some(bytes) = argument_bytes(arg) else {
            let message = format!(
                "ioctl() argument 3 must be an integer, a bytes-like object, or a string, not {}",
                class_name(cx, arg)
            );
            return Err(cx.type_error(message));
        };
        if bytes.len() > LONGEST {
            return Err(cx.value_error("ioctl argument 3 is too long"));
        }
        let mut buffer = [0u8; LONGEST + 8];
        buffer[..bytes.len()].copy_from_slice(&bytes);
        // SAFETY: the buffer is longer than any structure of these calls.
        check(cx, || i64::from(unsafe { libc::ioctl(fd.0, request, buffer.as_mut_ptr()) }))?;
        Ok(Bytes::checked(cx, &buffer[..bytes.len()])?.value())
    }
    /// Perform the lock operation on file descriptor fd.
    #[function]
    fn flock(cx: &mut Cx, fd: Descriptor, operation: CInt) -> PyResult<()> {
        // SAFETY: a system call on plain numbers.
        check(cx, || i64::from(unsafe { libc::flock(fd.0, operation.0) })).map(|_| ())
    }
    /// A wrapper around the fcntl() locking calls.
    ///
    /// cmd is LOCK_UN, LOCK_SH or LOCK_EX, the latter two possibly with LOCK_NB.
    /// len is the number of bytes to lock (0 to the end), start where that begins
    /// relative to whence, as in seek().
    #[function]
    fn lockf(
        cx: &mut Cx,
        fd: Descriptor,
        cmd: CInt,
        #[default(Value::int(0))] len: Value,
        #[default(Value::int(0))] start: Value,
        #[default(CInt(0))] whence: CInt,
    ) -> PyResult<()> {
        let kind = if cmd.0 == libc::LOCK_UN {
            libc::F_UNLCK
        } else if cmd.0 & libc::LOCK_SH != 0 {
            libc::F_RDLCK
        } else if cmd.0 & libc::LOCK_EX != 0 {
            libc::F_WRLCK
        } else {
            return Err(cx.value_error("unrecognized lockf argument"));
        };
        let mut numbers = [0; 2];
        for (number, value) in numbers.iter_mut().zip([start, len]) {
            let value = int::index(cx, value)?;
            *number = match int::as_i64(value) {
                Some(given) => given,
                None => {
                    return Err(cx.raise(Kind::OVERFLOW_ERROR, "Python int too large to convert to C long"));
                }
            };
        }
        // SAFETY: plain numbers, for which zeros are valid.
        let mut lock: libc::flock = unsafe { std::mem::zeroed() };
        lock.l_type = kind as libc::c_short;
        lock.l_whence = whence.0 as libc::c_short;
        lock.l_start = numbers[0];
        lock.l_len = numbers[1];
        let command = if cmd.0 & libc::LOCK_NB != 0 { libc::F_SETLK } else { libc::F_SETLKW };
        // SAFETY: the structure can be read.
        let outcome = blocking(cx, || i64::from(unsafe { libc::fcntl(fd.0, command, &raw const lock) }))?;
        outcome.map(|_| ()).map_err(|number| os_error(cx, number))
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "fcntl", FUNCTIONS);
    for (name, number) in names_table::NUMBERS {
        set(cx, module, name, Value::int(*number))?;
    }
    Ok(module)
}
