//! Names of hosts, services and interfaces.

use super::address::{self, Address, host_name, inet6_text, look_up, resolve};
use super::errors::{Name, address_error, name_error};
use crate::system::arguments::CInt;
use crate::system::errors::{last_error, os_error};
use crate::system::paths::{AnyPath, decode_path};
use py_macros::py_functions;
use py_object::buffer::ByteView;
use py_object::objects::{Bytes, List, Str, Tuple};
use py_object::sequence::tuple_items;
use py_object::types::int;
use py_object::{Cx, Kind, NONE, PyResult, Raised, StrExt, downcast, operations};
use std::ffi::{CStr, CString};
use std::net::Ipv4Addr;
use std::sync::{Mutex, PoisonError};
use vm_heap::{Gc, Value};

/// The older functions of the system keep their results in memory of the process.
static OLD_FUNCTIONS: Mutex<()> = Mutex::new(());

fn os_error_text(cx: &mut Cx, message: &str) -> Raised {
    cx.raise(Kind::OS_ERROR, message)
}

fn host_argument(cx: &mut Cx, value: Value, function: &str) -> PyResult<Vec<u8>> {
    host_name(cx, value, &format!("{function}() argument 1 must be str, bytes or bytearray, not {{}}"))
}

/// What the older functions know of a host, copied out of the system's memory.
struct Host {
    name: Vec<u8>,
    aliases: Vec<Vec<u8>>,
    addresses: Vec<Vec<u8>>,
    family: i32,
}

/// # Safety
/// The entry is null or one that the system filled; nobody calls such a function meanwhile.
unsafe fn copy_host(entry: *const libc::hostent) -> Option<Host> {
    // SAFETY: by the caller's promise: texts end with zero bytes, lists with null pointers.
    unsafe {
        let entry = entry.as_ref()?;
        let list = |mut at: *mut *mut libc::c_char| {
            let mut found = Vec::new();
            while !at.is_null() && !(*at).is_null() {
                found.push(*at);
                at = at.add(1);
            }
            found
        };
        let length = entry.h_length as usize;
        Some(Host {
            name: CStr::from_ptr(entry.h_name).to_bytes().to_vec(),
            aliases: list(entry.h_aliases).into_iter().map(|text| CStr::from_ptr(text).to_bytes().to_vec()).collect(),
            addresses: list(entry.h_addr_list)
                .into_iter()
                .map(|bits| std::slice::from_raw_parts(bits.cast::<u8>(), length).to_vec())
                .collect(),
            family: entry.h_addrtype,
        })
    }
}

unsafe extern "C" {
    fn gethostbyname2(name: *const libc::c_char, family: libc::c_int) -> *const libc::hostent;
    fn gethostbyaddr(bits: *const libc::c_void, length: libc::socklen_t, family: libc::c_int) -> *const libc::hostent;
    fn hstrerror(number: libc::c_int) -> *const libc::c_char;
    fn __h_errno_location() -> *mut libc::c_int;
}

fn bits_text(bits: &[u8], family: i32) -> String {
    match (family, bits) {
        (libc::AF_INET, [a, b, c, d]) => Ipv4Addr::new(*a, *b, *c, *d).to_string(),
        _ => <&[u8; 16]>::try_from(bits).map(inet6_text).unwrap_or_default(),
    }
}

fn host_value(cx: &mut Cx, host: &Host) -> PyResult {
    let aliases = List::new(cx, &[])?;
    for alias in &host.aliases {
        let alias = decode_path(cx, alias)?;
        List::push(cx, aliases, alias.value())?;
    }
    let addresses = List::new(cx, &[])?;
    for bits in &host.addresses {
        let text = Str::new(cx, &bits_text(bits, host.family));
        List::push(cx, addresses, text.value())?;
    }
    let name = decode_path(cx, &host.name)?;
    Ok(cx.tuple(&[name.value(), aliases.value(), addresses.value()]))
}

/// Asks by one of the older functions.
fn ask_host(cx: &mut Cx, ask: impl FnOnce() -> *const libc::hostent) -> PyResult<Host> {
    let outcome = cx.mutator().native(|| {
        let _lock = OLD_FUNCTIONS.lock().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: the lock keeps other callers out until the entry is copied.
        unsafe { copy_host(ask()).ok_or_else(|| *__h_errno_location()) }
    });
    outcome.map_err(|number| {
        // SAFETY: the call returns a text that ends with a zero byte.
        let text = unsafe { CStr::from_ptr(hstrerror(number)) }.to_string_lossy().into_owned();
        name_error(cx, Name::Host, number, &text)
    })
}

fn service_argument(cx: &mut Cx, port: Value) -> PyResult<Option<Vec<u8>>> {
    if port == NONE {
        return Ok(None);
    }
    if int::is_int(port) {
        let text = operations::to_str(cx, port)?;
        return Ok(Some(text.bytes().to_vec()));
    }
    if let Some(text) = downcast::<Str>(port) {
        let encoded = py_object::codecs::encode(cx, text, None, None)?;
        return match downcast::<Bytes>(encoded) {
            Some(encoded) => Ok(Some(py_object::string::bytes_of(&encoded).to_vec())),
            None => Ok(Some(text.bytes().to_vec())),
        };
    }
    if let Some(bytes) = downcast::<Bytes>(port) {
        return Ok(Some(py_object::string::bytes_of(&bytes).to_vec()));
    }
    Err(os_error_text(cx, "Int or String expected"))
}

fn interface_name(cx: &mut Cx, value: Value) -> PyResult<CString> {
    let path = crate::system::paths::fspath(cx, value)?;
    Ok(AnyPath::from_value(cx, path, "", "", false, false)?.text)
}

fn protocol_text(cx: &mut Cx, protocol: Option<Gc<Str>>) -> PyResult<Option<CString>> {
    match protocol {
        None => Ok(None),
        Some(text) => CString::new(text.bytes()).map(Some).map_err(|_| cx.value_error("embedded null character")),
    }
}

fn c_text(cx: &mut Cx, text: Gc<Str>) -> PyResult<CString> {
    CString::new(text.bytes()).map_err(|_| cx.value_error("embedded null character"))
}

fn name_information(cx: &mut Cx, address: Value, flags: i32) -> PyResult {
    let Some(parts) = downcast::<Tuple>(address) else {
        return Err(cx.type_error("getnameinfo() argument 1 must be a tuple"));
    };
    let items = tuple_items(&parts);
    if !(2..=4).contains(&items.len()) || downcast::<Str>(items[0]).is_none() {
        return Err(cx.type_error("getnameinfo(): illegal sockaddr argument"));
    }
    let host = host_name(cx, items[0], "getnameinfo(): illegal sockaddr argument")?;
    let port = crate::system::arguments::c_int(cx, items[1])?.to_string();
    let flow = match items.get(2) {
        Some(value) => int::as_i64(int::index(cx, *value)?).unwrap_or(-1),
        None => 0,
    };
    if !(0..=0xf_ffff).contains(&flow) {
        return Err(cx.raise(Kind::OVERFLOW_ERROR, "getnameinfo(): flowinfo must be 0-1048575."));
    }
    let hints = [libc::AF_UNSPEC, libc::SOCK_DGRAM, 0, libc::AI_NUMERICHOST];
    let found = look_up(cx, Some(&host), Some(port.as_bytes()), hints)?;
    let [only] = &found[..] else {
        return Err(os_error_text(cx, "sockaddr resolved to multiple addresses"));
    };
    let address: &Address = &only.address;
    match address.family() {
        libc::AF_INET if items.len() != 2 => {
            return Err(os_error_text(cx, "IPv4 sockaddr must be 2 tuple"));
        }
        _ => {}
    }
    let outcome = cx.mutator().native(|| {
        let (mut host, mut service) = ([0u8; 1025], [0u8; 32]);
        // SAFETY: the address is as long as stated, and so are the buffers.
        let number = unsafe {
            libc::getnameinfo(
                address.pointer(),
                address.length(),
                host.as_mut_ptr().cast(),
                host.len() as libc::socklen_t,
                service.as_mut_ptr().cast(),
                service.len() as libc::socklen_t,
                flags,
            )
        };
        let text = |bytes: &[u8]| bytes.iter().copied().take_while(|byte| *byte != 0).collect::<Vec<u8>>();
        if number != 0 { Err(number) } else { Ok((text(&host), text(&service))) }
    });
    let (host, service) = outcome.map_err(|number| address_error(cx, number))?;
    let host = decode_path(cx, &host)?;
    let service = decode_path(cx, &service)?;
    Ok(cx.tuple(&[host.value(), service.value()]))
}

/// The functions.
pub struct Functions;

#[py_functions("_socket")]
impl Functions {
    /// Resolve host and port into list of address info entries.
    ///
    /// Each entry is a tuple (family, type, proto, canonname, sockaddr).
    #[function(signature = "")]
    fn getaddrinfo(
        cx: &mut Cx,
        #[keyword] host: Value,
        #[keyword] port: Value,
        #[keyword]
        #[default(CInt(0))]
        family: CInt,
        #[keyword]
        #[default(CInt(0))]
        #[name("type")]
        kind: CInt,
        #[keyword]
        #[default(CInt(0))]
        #[name("proto")]
        protocol: CInt,
        #[keyword]
        #[default(CInt(0))]
        flags: CInt,
    ) -> PyResult<Gc<List>> {
        let host = if host == NONE {
            None
        } else {
            Some(host_name(cx, host, "getaddrinfo() argument 1 must be string or None")?)
        };
        let service = service_argument(cx, port)?;
        let hints = [family.0, kind.0, protocol.0, flags.0];
        let found = look_up(cx, host.as_deref(), service.as_deref(), hints)?;
        let list = List::new(cx, &[])?;
        for entry in found {
            let address = address::to_value(cx, &entry.address)?;
            let name = decode_path(cx, entry.name.as_deref().unwrap_or_default())?;
            let [family, kind, protocol] = entry.numbers.map(|number| Value::int(i64::from(number)));
            let item = cx.tuple(&[family, kind, protocol, name.value(), address]);
            List::push(cx, list, item)?;
        }
        Ok(list)
    }
    /// Get host and port for a sockaddr.
    #[function(signature = "")]
    fn getnameinfo(cx: &mut Cx, sockaddr: Value, flags: CInt) -> PyResult {
        name_information(cx, sockaddr, flags.0)
    }
    /// Return the IP address (a string of the form '255.255.255.255') for a host.
    #[function(signature = "")]
    fn gethostbyname(cx: &mut Cx, host: Value) -> PyResult<Gc<Str>> {
        let host = host_argument(cx, host, "gethostbyname")?;
        let found = resolve(cx, &host, libc::AF_INET)?;
        let value = address::to_value(cx, &found)?;
        let first = operations::get_item(cx, value, Value::int(0))?;
        match downcast::<Str>(first) {
            Some(text) => Ok(text),
            None => Err(os_error_text(cx, "unsupported address family")),
        }
    }
    /// Return the true host name, a list of aliases, and a list of IP addresses, for a host.
    #[function(signature = "")]
    fn gethostbyname_ex(cx: &mut Cx, host: Value) -> PyResult {
        let host = host_argument(cx, host, "gethostbyname_ex")?;
        resolve(cx, &host, libc::AF_INET)?;
        let name = CString::new(host).unwrap_or_default();
        // SAFETY: the name ends with a zero byte.
        let host = ask_host(cx, || unsafe { gethostbyname2(name.as_ptr(), libc::AF_INET) })?;
        host_value(cx, &host)
    }
    /// Return the true host name, a list of aliases, and a list of IP addresses, for an IP address.
    #[function(signature = "")]
    fn gethostbyaddr(cx: &mut Cx, host: Value) -> PyResult {
        let host = host_argument(cx, host, "gethostbyaddr")?;
        let found = resolve(cx, &host, libc::AF_UNSPEC)?;
        // SAFETY: the family says which structure it is.
        let bits = unsafe {
            match found.family() {
                libc::AF_INET => {
                    found.pointer().cast::<libc::sockaddr_in>().read().sin_addr.s_addr.to_ne_bytes().to_vec()
                }
                libc::AF_INET6 => found.pointer().cast::<libc::sockaddr_in6>().read().sin6_addr.s6_addr.to_vec(),
                _ => return Err(os_error_text(cx, "unsupported address family")),
            }
        };
        let family = found.family();
        // SAFETY: the bits are as long as stated.
        let host =
            ask_host(cx, || unsafe { gethostbyaddr(bits.as_ptr().cast(), bits.len() as libc::socklen_t, family) })?;
        host_value(cx, &host)
    }
    /// Return the current host name.
    #[function]
    fn gethostname(cx: &mut Cx) -> PyResult<Gc<Str>> {
        let mut buffer = [0u8; 1024];
        // SAFETY: the buffer is as long as stated.
        if unsafe { libc::gethostname(buffer.as_mut_ptr().cast(), buffer.len() - 1) } < 0 {
            return Err(os_error(cx, last_error()));
        }
        let end = buffer.iter().position(|byte| *byte == 0).unwrap_or(0);
        decode_path(cx, &buffer[..end])
    }
    /// Sets the hostname to name.
    #[function(signature = "")]
    fn sethostname(cx: &mut Cx, name: Value) -> PyResult<()> {
        let name = interface_name(cx, name)?;
        // SAFETY: the name is as long as stated.
        if unsafe { libc::sethostname(name.as_ptr(), name.as_bytes().len()) } < 0 {
            return Err(os_error(cx, last_error()));
        }
        Ok(())
    }
    /// Return a port number from a service name and protocol name.
    #[function(signature = "")]
    fn getservbyname(
        cx: &mut Cx,
        servicename: Gc<Str>,
        #[default(None)] protocolname: Option<Gc<Str>>,
    ) -> PyResult<i64> {
        let name = c_text(cx, servicename)?;
        let protocol = protocol_text(cx, protocolname)?;
        let port = cx.mutator().native(|| {
            let _lock = OLD_FUNCTIONS.lock().unwrap_or_else(PoisonError::into_inner);
            let protocol = protocol.as_ref().map_or(std::ptr::null(), |text| text.as_ptr());
            // SAFETY: the texts end with zero bytes or are null; the lock keeps other callers out.
            unsafe { libc::getservbyname(name.as_ptr(), protocol).as_ref().map(|entry| entry.s_port) }
        });
        match port {
            Some(port) => Ok(i64::from(u16::from_be(port as u16))),
            None => Err(os_error_text(cx, "service/proto not found")),
        }
    }
    /// Return the service name from a port number and protocol name.
    #[function(signature = "")]
    fn getservbyport(cx: &mut Cx, port: CInt, #[default(None)] protocolname: Option<Gc<Str>>) -> PyResult<Gc<Str>> {
        let Ok(port) = u16::try_from(port.0) else {
            return Err(cx.raise(Kind::OVERFLOW_ERROR, "getservbyport: port must be 0-65535."));
        };
        let protocol = protocol_text(cx, protocolname)?;
        let name = cx.mutator().native(|| {
            let _lock = OLD_FUNCTIONS.lock().unwrap_or_else(PoisonError::into_inner);
            let protocol = protocol.as_ref().map_or(std::ptr::null(), |text| text.as_ptr());
            // SAFETY: the text ends with a zero byte or is null; the lock keeps other callers out until the name is copied.
            unsafe {
                libc::getservbyport(i32::from(port.to_be()), protocol)
                    .as_ref()
                    .map(|entry| CStr::from_ptr(entry.s_name).to_bytes().to_vec())
            }
        });
        match name {
            Some(name) => decode_path(cx, &name),
            None => Err(os_error_text(cx, "port/proto not found")),
        }
    }
    /// Return the protocol number for the named protocol.
    #[function(signature = "")]
    fn getprotobyname(cx: &mut Cx, name: Gc<Str>) -> PyResult<i64> {
        let name = c_text(cx, name)?;
        let number = cx.mutator().native(|| {
            let _lock = OLD_FUNCTIONS.lock().unwrap_or_else(PoisonError::into_inner);
            // SAFETY: the text ends with a zero byte; the lock keeps other callers out.
            unsafe { libc::getprotobyname(name.as_ptr()).as_ref().map(|entry| entry.p_proto) }
        });
        match number {
            Some(number) => Ok(i64::from(number)),
            None => Err(os_error_text(cx, "protocol not found")),
        }
    }
    /// Convert an IP address in string format (123.45.67.89) to the 32-bit packed binary format.
    #[function]
    fn inet_aton(cx: &mut Cx, ip_addr: Gc<Str>) -> PyResult<Gc<Bytes>> {
        let text = c_text(cx, ip_addr)?;
        let mut bits = libc::in_addr { s_addr: 0 };
        // SAFETY: the text ends with a zero byte, the bits can be written.
        if unsafe { inet_aton(text.as_ptr(), &raw mut bits) } == 0 {
            return Err(os_error_text(cx, "illegal IP address string passed to inet_aton"));
        }
        Bytes::checked(cx, &bits.s_addr.to_ne_bytes())
    }
    /// Convert an IP address from 32-bit packed binary format to string format.
    #[function]
    fn inet_ntoa(cx: &mut Cx, packed_ip: Value) -> PyResult<Gc<Str>> {
        let view = ByteView::of(cx, packed_ip)?;
        match <[u8; 4]>::try_from(view.bytes()) {
            Ok(bits) => Ok(Str::new(cx, &Ipv4Addr::from(bits).to_string())),
            Err(_) => Err(os_error_text(cx, "packed IP wrong length for inet_ntoa")),
        }
    }
    /// Convert an IP address from string format to a packed string suitable for use with low-level network functions.
    #[function(signature = "")]
    fn inet_pton(cx: &mut Cx, af: CInt, ip: Gc<Str>) -> PyResult<Gc<Bytes>> {
        let text = c_text(cx, ip)?;
        let mut bits = [0u8; 16];
        // SAFETY: the text ends with a zero byte, and there is room for an address of either family.
        match unsafe { inet_pton(af.0, text.as_ptr(), bits.as_mut_ptr().cast()) } {
            -1 => Err(os_error(cx, last_error())),
            0 => Err(os_error_text(cx, "illegal IP address string passed to inet_pton")),
            _ if af.0 == libc::AF_INET => Bytes::checked(cx, &bits[..4]),
            _ => Bytes::checked(cx, &bits),
        }
    }
    /// Convert a packed IP address of the given family to string format.
    #[function(signature = "")]
    fn inet_ntop(cx: &mut Cx, af: CInt, packed_ip: Value) -> PyResult<Gc<Str>> {
        let view = ByteView::of(cx, packed_ip)?;
        let wanted = match af.0 {
            libc::AF_INET => 4,
            libc::AF_INET6 => 16,
            other => return Err(cx.value_error(format!("unknown address family {other}"))),
        };
        if view.len() != wanted {
            return Err(cx.value_error("invalid length of packed IP address string"));
        }
        Ok(Str::new(cx, &bits_text(view.bytes(), af.0)))
    }
    /// Returns a list of network interface information (index, name) tuples.
    #[function]
    fn if_nameindex(cx: &mut Cx) -> PyResult<Gc<List>> {
        let found = cx.mutator().native(|| {
            let mut found = Vec::new();
            // SAFETY: the list ends with an entry of zeros, and is given back after it was copied.
            unsafe {
                let list = libc::if_nameindex();
                let mut at = list;
                while !at.is_null() && (*at).if_index != 0 {
                    found.push(((*at).if_index, CStr::from_ptr((*at).if_name).to_bytes().to_vec()));
                    at = at.add(1);
                }
                if !list.is_null() {
                    libc::if_freenameindex(list);
                }
            }
            found
        });
        let list = List::new(cx, &[])?;
        for (index, name) in found {
            let name = decode_path(cx, &name)?;
            let pair = cx.tuple(&[Value::int(i64::from(index)), name.value()]);
            List::push(cx, list, pair)?;
        }
        Ok(list)
    }
    /// Returns the interface index corresponding to the interface name if_name.
    #[function]
    fn if_nametoindex(cx: &mut Cx, #[name("oname")] name: Value) -> PyResult<i64> {
        let name = interface_name(cx, name)?;
        // SAFETY: the name ends with a zero byte.
        match unsafe { libc::if_nametoindex(name.as_ptr()) } {
            0 => Err(os_error(cx, last_error())),
            index => Ok(i64::from(index)),
        }
    }
    /// Returns the interface name corresponding to the interface index if_index.
    #[function]
    fn if_indextoname(cx: &mut Cx, if_index: i64) -> PyResult<Gc<Str>> {
        let Ok(index) = u32::try_from(if_index) else {
            return Err(cx.raise(Kind::OVERFLOW_ERROR, "can't convert negative value to unsigned int"));
        };
        let mut buffer = [0u8; libc::IF_NAMESIZE];
        // SAFETY: the buffer is as long as the system wants it.
        if unsafe { libc::if_indextoname(index, buffer.as_mut_ptr().cast()) }.is_null() {
            return Err(os_error(cx, last_error()));
        }
        let end = buffer.iter().position(|byte| *byte == 0).unwrap_or(buffer.len());
        decode_path(cx, &buffer[..end])
    }
}

unsafe extern "C" {
    fn inet_aton(text: *const libc::c_char, bits: *mut libc::in_addr) -> libc::c_int;
    fn inet_pton(family: libc::c_int, text: *const libc::c_char, bits: *mut libc::c_void) -> libc::c_int;
}
