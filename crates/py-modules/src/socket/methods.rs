//! The methods of sockets.

use super::address::{self, Address};
use super::object::{
    Patience, SocketObject, allocate_socket, call, descriptor_argument, set_blocking, set_up, timeout_argument,
    timeout_value, wait_ready,
};
use super::transfer;
use crate::system::arguments::{CInt, c_int};
use crate::system::errors::{check, last_error, os_error, resource_warning};
use py_macros::py_methods;
use py_object::arguments::Keywords;
use py_object::buffer::ByteView;
use py_object::objects::{Bytes, Type};
use py_object::types::int;
use py_object::{Cx, Kind, NONE, PyResult, operations};
use vm_heap::{Gc, Value};

/// A number that the system keeps for a socket.
fn option(descriptor: i32, name: i32) -> Result<i32, i32> {
    let mut number = 0;
    let mut length = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: the number can be written and is as long as stated.
    let result =
        unsafe { libc::getsockopt(descriptor, libc::SOL_SOCKET, name, (&raw mut number).cast(), &raw mut length) };
    if result < 0 { Err(last_error()) } else { Ok(number) }
}

fn initialise(cx: &mut Cx, this: Gc<SocketObject>, numbers: [i32; 3], given: Value) -> PyResult<()> {
    let [mut family, mut kind, mut protocol] = numbers;
    if given != NONE {
        let descriptor = descriptor_argument(cx, given)?;
        let mut own = Address::empty();
        let (place, length) = own.place();
        // SAFETY: the address has room for any.
        if unsafe { libc::getsockname(descriptor, place, length) } < 0 {
            let number = last_error();
            if family == -1 || number == libc::EBADF || number == libc::ENOTSOCK {
                return Err(os_error(cx, number));
            }
        }
        if family == -1 {
            family = own.family();
        }
        if kind == -1 {
            kind = option(descriptor, libc::SO_TYPE).map_err(|number| os_error(cx, number))?;
        }
        if protocol == -1 {
            protocol = option(descriptor, libc::SO_PROTOCOL).map_err(|number| os_error(cx, number))?;
        }
        return set_up(cx, this, descriptor, family, kind, protocol);
    }
    if family == -1 {
        family = libc::AF_INET;
    }
    if kind == -1 {
        kind = libc::SOCK_STREAM;
    }
    if protocol == -1 {
        protocol = 0;
    }
    // SAFETY: a system call on plain numbers.
    let descriptor = check(cx, || i64::from(unsafe { libc::socket(family, kind | libc::SOCK_CLOEXEC, protocol) }))?;
    set_up(cx, this, descriptor as i32, family, kind, protocol)
}

fn close(cx: &mut Cx, this: Gc<SocketObject>) -> PyResult<()> {
    let descriptor = this.descriptor.get() as i32;
    if descriptor < 0 {
        return Ok(());
    }
    // Forgotten first: a failed close has closed it all the same.
    this.descriptor.init(-1);
    // SAFETY: a system call on a plain number.
    let number = cx.mutator().native(|| if unsafe { libc::close(descriptor) } < 0 { last_error() } else { 0 });
    if number == 0 || number == libc::ECONNRESET { Ok(()) } else { Err(os_error(cx, number)) }
}

/// Connects; the result is an error number or 0.
fn connect(cx: &mut Cx, this: Gc<SocketObject>, target: &Address) -> PyResult<i32> {
    let descriptor = this.descriptor.get() as i32;
    let number = cx.mutator().native(|| {
        // SAFETY: the address is as long as stated.
        if unsafe { libc::connect(descriptor, target.pointer(), target.length()) } < 0 { last_error() } else { 0 }
    });
    let timeout = this.timeout.get();
    let waits = match number {
        0 => return Ok(0),
        // The system goes on connecting.
        libc::EINTR => {
            cx.run_pending()?;
            timeout != 0
        }
        libc::EINPROGRESS => timeout > 0,
        _ => false,
    };
    if !waits {
        return Ok(number);
    }
    wait_ready(cx, descriptor, libc::POLLOUT, &Patience::of(timeout))?;
    Ok(match option(descriptor, libc::SO_ERROR) {
        Ok(0) | Ok(libc::EISCONN) => 0,
        Ok(number) | Err(number) => number,
    })
}

fn accept(cx: &mut Cx, this: Gc<SocketObject>) -> PyResult {
    let mut peer = Address::empty();
    let descriptor = call(cx, this, false, |descriptor| {
        peer = Address::empty();
        let (place, length) = peer.place();
        // SAFETY: the address has room for any.
        i64::from(unsafe { libc::accept4(descriptor, place, length, libc::SOCK_CLOEXEC) })
    })?;
    let peer = address::to_value(cx, &peer)?;
    Ok(cx.tuple(&[Value::int(descriptor), peer]))
}

/// The address that a query of the system gives.
fn named(
    cx: &mut Cx,
    this: Gc<SocketObject>,
    query: unsafe extern "C" fn(i32, *mut libc::sockaddr, *mut libc::socklen_t) -> i32,
) -> PyResult {
    let descriptor = this.descriptor.get() as i32;
    let mut found = Address::empty();
    let (place, length) = found.place();
    // SAFETY: the address has room for any.
    check(cx, || i64::from(unsafe { query(descriptor, place, length) }))?;
    address::to_value(cx, &found)
}

fn get_option(cx: &mut Cx, this: Gc<SocketObject>, level: i32, name: i32, size: i64) -> PyResult {
    let descriptor = this.descriptor.get() as i32;
    if size == 0 {
        let mut number: libc::c_int = 0;
        let mut length = size_of::<libc::c_int>() as libc::socklen_t;
        check(cx, || {
            // SAFETY: the number can be written and is as long as stated.
            i64::from(unsafe { libc::getsockopt(descriptor, level, name, (&raw mut number).cast(), &raw mut length) })
        })?;
        return Ok(Value::int(i64::from(number)));
    }
    if !(1..=1024).contains(&size) {
        return Err(cx.raise(Kind::OS_ERROR, "getsockopt buflen out of range"));
    }
    let mut buffer = [0u8; 1024];
    let mut length = size as libc::socklen_t;
    check(cx, || {
        // SAFETY: the buffer is at least as long as stated.
        i64::from(unsafe { libc::getsockopt(descriptor, level, name, buffer.as_mut_ptr().cast(), &raw mut length) })
    })?;
    Ok(Bytes::checked(cx, &buffer[..(length as usize).min(1024)])?.value())
}

fn set_option(cx: &mut Cx, this: Gc<SocketObject>, arguments: &[Value]) -> PyResult<()> {
    let descriptor = this.descriptor.get() as i32;
    let (level, name, value, length) = match arguments {
        [level, name, value] => (c_int(cx, *level)?, c_int(cx, *name)?, *value, None),
        [level, name, value, length] => (c_int(cx, *level)?, c_int(cx, *name)?, *value, Some(*length)),
        _ => {
            let message = format!("setsockopt() takes exactly 3 arguments ({} given)", arguments.len());
            return Err(cx.type_error(message));
        }
    };
    if let Some(length) = length {
        if value != NONE {
            return Err(cx.type_error("socket option should be None if optlen is given"));
        }
        let length = c_int(cx, length)? as libc::socklen_t;
        // SAFETY: a null pointer is what such options take.
        return check(cx, || i64::from(unsafe { libc::setsockopt(descriptor, level, name, std::ptr::null(), length) }))
            .map(|_| ());
    }
    if int::is_int(value) {
        let number = c_int(cx, value)?;
        return check(cx, || {
            // SAFETY: the number is as long as stated.
            i64::from(unsafe {
                libc::setsockopt(
                    descriptor,
                    level,
                    name,
                    (&raw const number).cast(),
                    size_of::<libc::c_int>() as libc::socklen_t,
                )
            })
        })
        .map(|_| ());
    }
    let view = ByteView::of(cx, value)?;
    check(cx, || {
        // SAFETY: the view is that long, and its owner lies on this stack.
        i64::from(unsafe {
            libc::setsockopt(descriptor, level, name, view.as_ptr().cast(), view.len() as libc::socklen_t)
        })
    })
    .map(|_| ())
}

/// `_socket.socket`.
pub struct Methods;

#[py_methods(SOCKET, name = "socket")]
impl Methods {
    #[new(signature = "($type, *args, **kwargs)")]
    fn new(cx: &mut Cx, class: Gc<Type>, #[args] _args: &[Value], #[kwargs] _kwargs: Keywords<'_>) -> Gc<SocketObject> {
        allocate_socket(cx, class)
    }
    #[method(name = "__init__", signature = "($self, /, *args, **kwargs)")]
    fn init(
        cx: &mut Cx,
        this: Gc<SocketObject>,
        #[keyword]
        #[default(CInt(-1))]
        family: CInt,
        #[keyword]
        #[default(CInt(-1))]
        #[name("type")]
        kind: CInt,
        #[keyword]
        #[default(CInt(-1))]
        #[name("proto")]
        protocol: CInt,
        #[keyword]
        #[default(NONE)]
        fileno: Value,
    ) -> PyResult<()> {
        initialise(cx, this, [family.0, kind.0, protocol.0], fileno)
    }
    #[method]
    fn __del__(cx: &mut Cx, this: Gc<SocketObject>) -> PyResult<()> {
        if this.descriptor.get() >= 0 {
            resource_warning(cx, "unclosed ", this.value());
        }
        close(cx, this)
    }
    #[method]
    fn __repr__(this: Gc<SocketObject>) -> String {
        format!(
            "<socket object, fd={}, family={}, type={}, proto={}>",
            this.descriptor.get(),
            this.family.get(),
            this.kind.get(),
            this.protocol.get()
        )
    }
    /// _accept() -> (integer, address info)
    ///
    /// Wait for an incoming connection.  Return a new socket file descriptor
    /// representing the connection, and the address of the client.
    #[method]
    fn _accept(cx: &mut Cx, this: Gc<SocketObject>) -> PyResult {
        accept(cx, this)
    }
    /// Bind the socket to a local address.
    #[method]
    fn bind(cx: &mut Cx, this: Gc<SocketObject>, address: Value) -> PyResult<()> {
        let target = address::from_value(cx, this.family.get() as i32, address, "bind")?;
        let descriptor = this.descriptor.get() as i32;
        // SAFETY: the address is as long as stated.
        check(cx, || i64::from(unsafe { libc::bind(descriptor, target.pointer(), target.length()) })).map(|_| ())
    }
    /// Close the socket.  It cannot be used after this call.
    #[method]
    fn close(cx: &mut Cx, this: Gc<SocketObject>) -> PyResult<()> {
        close(cx, this)
    }
    /// Connect the socket to a remote address.
    #[method]
    fn connect(cx: &mut Cx, this: Gc<SocketObject>, address: Value) -> PyResult<()> {
        let target = address::from_value(cx, this.family.get() as i32, address, "connect")?;
        match connect(cx, this, &target)? {
            0 => Ok(()),
            number => Err(os_error(cx, number)),
        }
    }
    /// This is like connect(address), but returns an error code (the errno value)
    /// instead of raising an exception when an error occurs.
    #[method]
    fn connect_ex(cx: &mut Cx, this: Gc<SocketObject>, address: Value) -> PyResult<i64> {
        let target = address::from_value(cx, this.family.get() as i32, address, "connect_ex")?;
        let class = super::errors::timeout_class(cx);
        match connect(cx, this, &target) {
            Ok(number) => Ok(i64::from(number)),
            Err(raised) => {
                let exception = cx.raised.get();
                let timed_out = py_object::types::as_type(class)
                    .is_some_and(|class| py_object::types::class_of(cx, exception) == class);
                if timed_out {
                    cx.take_raised();
                    return Ok(i64::from(libc::EWOULDBLOCK));
                }
                Err(raised)
            }
        }
    }
    /// Close the socket object without closing the underlying file descriptor.
    ///
    /// The object cannot be used after this call, but the file descriptor
    /// can be reused for other purposes.  The file descriptor is returned.
    #[method]
    fn detach(this: Gc<SocketObject>) -> i64 {
        let descriptor = this.descriptor.get();
        this.descriptor.init(-1);
        descriptor
    }
    /// Return the integer file descriptor of the socket.
    #[method]
    fn fileno(this: Gc<SocketObject>) -> i64 {
        this.descriptor.get()
    }
    /// Return the address of the remote endpoint.
    #[method]
    fn getpeername(cx: &mut Cx, this: Gc<SocketObject>) -> PyResult {
        named(cx, this, libc::getpeername)
    }
    /// Return the address of the local endpoint.
    #[method]
    fn getsockname(cx: &mut Cx, this: Gc<SocketObject>) -> PyResult {
        named(cx, this, libc::getsockname)
    }
    /// Get a socket option.
    ///
    /// If a nonzero buffersize argument is given, the return value is a
    /// string of that length; otherwise it is an integer.
    #[method(signature = "")]
    fn getsockopt(
        cx: &mut Cx,
        this: Gc<SocketObject>,
        level: CInt,
        option: CInt,
        #[default(CInt(0))] buffersize: CInt,
    ) -> PyResult {
        get_option(cx, this, level.0, option.0, i64::from(buffersize.0))
    }
    /// Set a socket option.
    ///
    /// The value argument can either be an integer, a string buffer, or None;
    /// with None the length of the option follows.
    #[method(signature = "")]
    fn setsockopt(cx: &mut Cx, this: Gc<SocketObject>, #[args] arguments: &[Value]) -> PyResult<()> {
        set_option(cx, this, arguments)
    }
    /// Returns the timeout in seconds (float) associated with socket operations.
    ///
    /// A timeout of None indicates that timeouts on socket operations are disabled.
    #[method]
    fn gettimeout(cx: &mut Cx, this: Gc<SocketObject>) -> Value {
        timeout_value(cx, this.timeout.get())
    }
    /// Set a timeout on socket operations, in seconds (float) or None.
    ///
    /// Setting a timeout of None disables the timeout feature and is equivalent
    /// to setblocking(1). Setting a timeout of zero is the same as setblocking(0).
    #[method]
    fn settimeout(cx: &mut Cx, this: Gc<SocketObject>, timeout: Value) -> PyResult<()> {
        let timeout = timeout_argument(cx, timeout)?;
        this.timeout.init(timeout);
        set_blocking(cx, this.descriptor.get() as i32, timeout < 0)
    }
    /// Set the socket to blocking (flag is true) or non-blocking (false).
    #[method]
    fn setblocking(cx: &mut Cx, this: Gc<SocketObject>, flag: Value) -> PyResult<()> {
        let blocking = operations::truth(cx, flag)?;
        this.timeout.init(if blocking { -1 } else { 0 });
        set_blocking(cx, this.descriptor.get() as i32, blocking)
    }
    /// Returns True if socket is in blocking mode, or False if it is in non-blocking mode.
    #[method]
    fn getblocking(this: Gc<SocketObject>) -> bool {
        this.timeout.get() != 0
    }
    /// Enable a server to accept connections.
    ///
    /// If backlog is specified, it must be at least 0 (if it is lower, it is set to
    /// 0); it specifies the number of unaccepted connections that the system will
    /// allow before refusing new connections.
    #[method(signature = "")]
    fn listen(cx: &mut Cx, this: Gc<SocketObject>, #[default(CInt(128))] backlog: CInt) -> PyResult<()> {
        let descriptor = this.descriptor.get() as i32;
        // SAFETY: a system call on plain numbers.
        check(cx, || i64::from(unsafe { libc::listen(descriptor, backlog.0.max(0)) })).map(|_| ())
    }
    /// Receive up to buffersize bytes from the socket.
    #[method(signature = "")]
    fn recv(
        cx: &mut Cx,
        this: Gc<SocketObject>,
        buffersize: i64,
        #[default(CInt(0))] flags: CInt,
    ) -> PyResult<Gc<Bytes>> {
        let size = transfer::receive_size(cx, buffersize, "recv")?;
        transfer::receive(cx, this, size, flags.0)
    }
    /// A version of recv() that stores its data into a buffer rather than creating a new string.
    #[method(signature = "")]
    fn recv_into(
        cx: &mut Cx,
        this: Gc<SocketObject>,
        #[keyword] buffer: Value,
        #[keyword]
        #[default(0)]
        nbytes: i64,
        #[keyword]
        #[default(CInt(0))]
        flags: CInt,
    ) -> PyResult<i64> {
        transfer::receive_into(cx, this, buffer, nbytes, flags.0)
    }
    /// Like recv(buffersize, flags) but also return the sender's address info.
    #[method(signature = "")]
    fn recvfrom(cx: &mut Cx, this: Gc<SocketObject>, buffersize: i64, #[default(CInt(0))] flags: CInt) -> PyResult {
        let size = transfer::receive_size(cx, buffersize, "recvfrom")?;
        transfer::receive_from(cx, this, size, flags.0)
    }
    /// Like recv_into(buffer[, nbytes[, flags]]) but also return the sender's address info.
    #[method(signature = "")]
    fn recvfrom_into(
        cx: &mut Cx,
        this: Gc<SocketObject>,
        #[keyword] buffer: Value,
        #[keyword]
        #[default(0)]
        nbytes: i64,
        #[keyword]
        #[default(CInt(0))]
        flags: CInt,
    ) -> PyResult {
        transfer::receive_from_into(cx, this, buffer, nbytes, flags.0)
    }
    /// Receive normal data (up to bufsize bytes) and ancillary data from the socket.
    ///
    /// Returns (data, ancdata, msg_flags, address).
    #[method(signature = "")]
    fn recvmsg(
        cx: &mut Cx,
        this: Gc<SocketObject>,
        bufsize: i64,
        #[default(0)] ancbufsize: i64,
        #[default(CInt(0))] flags: CInt,
    ) -> PyResult {
        transfer::receive_message(cx, this, bufsize, ancbufsize, flags.0)
    }
    /// Receive normal data and ancillary data from the socket, scattering the data into buffers.
    ///
    /// Returns (nbytes, ancdata, msg_flags, address).
    #[method(signature = "")]
    fn recvmsg_into(
        cx: &mut Cx,
        this: Gc<SocketObject>,
        buffers: Value,
        #[default(0)] ancbufsize: i64,
        #[default(CInt(0))] flags: CInt,
    ) -> PyResult {
        transfer::receive_message_into(cx, this, buffers, ancbufsize, flags.0)
    }
    /// Send a data string to the socket.
    ///
    /// Return the number of bytes sent; this may be less than len(data).
    #[method(signature = "")]
    fn send(cx: &mut Cx, this: Gc<SocketObject>, data: Value, #[default(CInt(0))] flags: CInt) -> PyResult<i64> {
        transfer::send(cx, this, data, flags.0)
    }
    /// Send a data string to the socket.
    ///
    /// This calls send() repeatedly until all data is sent.
    #[method(signature = "")]
    fn sendall(cx: &mut Cx, this: Gc<SocketObject>, data: Value, #[default(CInt(0))] flags: CInt) -> PyResult<()> {
        transfer::send_all(cx, this, data, flags.0)
    }
    /// Like send(data, flags) but allows specifying the destination address: sendto(data[, flags], address).
    #[method(signature = "")]
    fn sendto(cx: &mut Cx, this: Gc<SocketObject>, #[args] arguments: &[Value]) -> PyResult<i64> {
        match arguments {
            [data, address] => transfer::send_to(cx, this, *data, 0, *address),
            [data, flags, address] => {
                let flags = c_int(cx, *flags)?;
                transfer::send_to(cx, this, *data, flags, *address)
            }
            _ => {
                let message = format!("sendto() takes 2 or 3 arguments ({} given)", arguments.len());
                Err(cx.type_error(message))
            }
        }
    }
    /// Send normal and ancillary data to the socket, gathering the non-ancillary data from a series of buffers.
    ///
    /// Returns the number of bytes of non-ancillary data sent.
    #[method(signature = "")]
    fn sendmsg(
        cx: &mut Cx,
        this: Gc<SocketObject>,
        buffers: Value,
        #[default(NONE)] ancdata: Value,
        #[default(CInt(0))] flags: CInt,
        #[default(NONE)] address: Value,
    ) -> PyResult<i64> {
        transfer::send_message(cx, this, buffers, ancdata, flags.0, address)
    }
    /// Shut down the reading side of the socket (flag == SHUT_RD), the writing side
    /// of the socket (flag == SHUT_WR), or both ends (flag == SHUT_RDWR).
    #[method]
    fn shutdown(cx: &mut Cx, this: Gc<SocketObject>, flag: CInt) -> PyResult<()> {
        let descriptor = this.descriptor.get() as i32;
        // SAFETY: a system call on plain numbers.
        check(cx, || i64::from(unsafe { libc::shutdown(descriptor, flag.0) })).map(|_| ())
    }
    /// the socket family
    #[getter]
    fn family(this: Gc<SocketObject>) -> i64 {
        this.family.get()
    }
    /// the socket type
    #[getter(name = "type")]
    fn kind(this: Gc<SocketObject>) -> i64 {
        this.kind.get()
    }
    /// the socket protocol
    #[getter(name = "proto")]
    fn protocol(this: Gc<SocketObject>) -> i64 {
        this.protocol.get()
    }
    /// the socket timeout
    #[getter]
    fn timeout(cx: &mut Cx, this: Gc<SocketObject>) -> Value {
        timeout_value(cx, this.timeout.get())
    }
}
