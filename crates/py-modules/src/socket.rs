//! `_socket`: sockets, for the library's `socket`.

mod address;
mod errors;
mod messages;
mod methods;
mod names;
mod names_table;
mod object;
mod transfer;

pub use methods::SOCKET_METHODS;
pub use object::{Patience, SocketObject, is_ready};

use crate::system::arguments::{CInt, descriptor_of};
use crate::system::errors::{last_error, os_error};
use crate::{module_of, set};
use py_macros::py_functions;
use py_object::bootstrap::add_functions;
use py_object::objects::{Module, Str};
use py_object::types::int;
use py_object::{Cx, Kind, PyResult, TRUE};
use vm_heap::{Gc, Value};

/// Layouts of the module's objects.
pub fn declare_layouts() {
    py_object::bootstrap::declare::<object::SocketObject>();
}

fn sixteen_bits(cx: &mut Cx, value: Value) -> PyResult<u16> {
    let number = int::index(cx, value)?;
    match int::as_i64(number) {
        Some(number) if number < 0 => Err(cx.value_error("Cannot convert negative int")),
        Some(number) if number <= i64::from(u16::MAX) => Ok(number as u16),
        _ if int::is_negative(number) => Err(cx.value_error("Cannot convert negative int")),
        _ => Err(cx.raise(Kind::OVERFLOW_ERROR, "Python int too large for C uint16_t")),
    }
}

fn thirty_two_bits(cx: &mut Cx, value: Value) -> PyResult<u32> {
    let number = int::index(cx, value)?;
    match int::as_i64(number) {
        Some(number) if number < 0 => Err(cx.value_error("Cannot convert negative int")),
        Some(number) if number <= i64::from(u32::MAX) => Ok(number as u32),
        _ if int::is_negative(number) => Err(cx.value_error("Cannot convert negative int")),
        _ => Err(cx.raise(Kind::OVERFLOW_ERROR, "Python int too large for C uint32_t")),
    }
}

/// The functions that are about no name.
pub struct Functions;

#[py_functions("_socket")]
impl Functions {
    /// Close an integer socket file descriptor.
    ///
    /// This is like os.close(), but for sockets.
    #[function]
    fn close(cx: &mut Cx, fd: Value) -> PyResult<()> {
        let descriptor = descriptor_of(cx, fd)?;
        // SAFETY: a system call on a plain number.
        let number = cx.mutator().native(|| if unsafe { libc::close(descriptor) } < 0 { last_error() } else { 0 });
        if number == 0 || number == libc::ECONNRESET { Ok(()) } else { Err(os_error(cx, number)) }
    }
    /// Duplicate an integer socket file descriptor.
    #[function]
    fn dup(cx: &mut Cx, fd: Value) -> PyResult<i64> {
        let descriptor = descriptor_of(cx, fd)?;
        crate::posix::duplicate(cx, descriptor).map(i64::from)
    }
    /// Create a pair of socket objects from the sockets returned by the platform socketpair() function.
    ///
    /// The arguments are the same as for socket() except the default family is
    /// AF_UNIX.
    #[function(signature = "")]
    fn socketpair(
        cx: &mut Cx,
        #[default(CInt(libc::AF_UNIX))] family: CInt,
        #[default(CInt(libc::SOCK_STREAM))] kind: CInt,
        #[default(CInt(0))] protocol: CInt,
    ) -> PyResult {
        object::new_pair(cx, family.0, kind.0, protocol.0)
    }
    /// Convert a 16-bit unsigned integer from network to host byte order.
    #[function]
    fn ntohs(cx: &mut Cx, integer: Value) -> PyResult<i64> {
        Ok(i64::from(u16::from_be(sixteen_bits(cx, integer)?)))
    }
    /// Convert a 32-bit unsigned integer from network to host byte order.
    #[function]
    fn ntohl(cx: &mut Cx, integer: Value) -> PyResult<i64> {
        Ok(i64::from(u32::from_be(thirty_two_bits(cx, integer)?)))
    }
    /// Convert a 16-bit unsigned integer from host to network byte order.
    #[function]
    fn htons(cx: &mut Cx, integer: Value) -> PyResult<i64> {
        Ok(i64::from(sixteen_bits(cx, integer)?.to_be()))
    }
    /// Convert a 32-bit unsigned integer from host to network byte order.
    #[function]
    fn htonl(cx: &mut Cx, integer: Value) -> PyResult<i64> {
        Ok(i64::from(thirty_two_bits(cx, integer)?.to_be()))
    }
    /// Returns the default timeout in seconds (float) for new socket objects.
    ///
    /// A value of None indicates that new socket objects have no timeout.
    #[function]
    fn getdefaulttimeout(cx: &mut Cx) -> Value {
        object::timeout_value(cx, object::default_timeout())
    }
    /// Set the default timeout in seconds (float) for new socket objects.
    ///
    /// A value of None indicates that new socket objects have no timeout.
    #[function]
    fn setdefaulttimeout(cx: &mut Cx, timeout: Value) -> PyResult<()> {
        let timeout = object::timeout_argument(cx, timeout)?;
        object::set_default_timeout(timeout);
        Ok(())
    }
    /// Return the total length, without trailing padding, of an ancillary data item
    /// with associated data of the given length.
    #[function(name = "CMSG_LEN", signature = "")]
    fn message_length(cx: &mut Cx, length: i64) -> PyResult<i64> {
        match messages::length(length) {
            Some(length) => Ok(length),
            None => Err(cx.raise(Kind::OVERFLOW_ERROR, "CMSG_LEN() argument out of range")),
        }
    }
    /// Return the buffer size needed for recvmsg() to receive an ancillary data item
    /// with associated data of the given length.
    #[function(name = "CMSG_SPACE", signature = "")]
    fn message_space(cx: &mut Cx, length: i64) -> PyResult<i64> {
        match messages::space(length) {
            Some(length) => Ok(length),
            None => Err(cx.raise(Kind::OVERFLOW_ERROR, "CMSG_SPACE() argument out of range")),
        }
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "_socket", FUNCTIONS);
    add_functions(cx, module.dict.get(), module.value(), names::FUNCTIONS);
    for (name, number) in names_table::NUMBERS {
        let number = int::from_i64(cx, *number);
        set(cx, module, name, number)?;
    }
    let class = cx.builtin_type(Kind::SOCKET);
    set(cx, module, "socket", class.value())?;
    set(cx, module, "SocketType", class.value())?;
    set(cx, module, "has_ipv6", TRUE)?;
    for (name, text) in [("BDADDR_ANY", "00:00:00:00:00:00"), ("BDADDR_LOCAL", "00:00:00:FF:FF:FF")] {
        let text = Str::new(cx, text);
        set(cx, module, name, text.value())?;
    }
    let error = cx.builtin_type(Kind::OS_ERROR);
    set(cx, module, "error", error.value())?;
    let timeout = errors::timeout_class(cx);
    set(cx, module, "timeout", timeout)?;
    for which in [errors::Name::Address, errors::Name::Host] {
        let class = errors::name_class(cx, which)?;
        set(cx, module, which.text(), class.value())?;
    }
    Ok(module)
}
