//! Addresses: from Python's form to the system's and back.

use super::errors::address_error;
use crate::system::arguments::c_int;
use crate::system::paths::{decode_path, encode_path};
use py_object::buffer::ByteView;
use py_object::objects::{Bytes, Str, Tuple};
use py_object::sequence::tuple_items;
use py_object::types::{class_name, int};
use py_object::{Cx, Kind, NONE, PyResult, StrExt, call, downcast};
use std::ffi::CString;
use std::mem::{MaybeUninit, offset_of};
use std::net::{Ipv4Addr, Ipv6Addr};
use vm_heap::Value;

/// An address of any family.
pub struct Address {
    storage: libc::sockaddr_storage,
    length: libc::socklen_t,
}

impl Address {
    /// Room for one.
    pub fn empty() -> Address {
        // SAFETY: plain numbers, for which zeros are valid.
        let storage = unsafe { MaybeUninit::zeroed().assume_init() };
        Address { storage, length: size_of::<libc::sockaddr_storage>() as libc::socklen_t }
    }

    /// # Safety
    /// `T` must be one of the system's address structures.
    unsafe fn from<T>(address: T) -> Address {
        let mut made = Address::empty();
        // SAFETY: the storage is as large as any address, by its definition.
        unsafe { (&raw mut made.storage).cast::<T>().write(address) };
        made.length = size_of::<T>() as libc::socklen_t;
        made
    }

    /// For calls that read an address.
    pub fn pointer(&self) -> *const libc::sockaddr {
        (&raw const self.storage).cast()
    }

    /// For calls that write one.
    pub fn place(&mut self) -> (*mut libc::sockaddr, *mut libc::socklen_t) {
        ((&raw mut self.storage).cast(), &raw mut self.length)
    }

    /// Its length.
    pub fn length(&self) -> libc::socklen_t {
        self.length
    }

    /// Its family.
    pub fn family(&self) -> i32 {
        i32::from(self.storage.ss_family)
    }

    /// An address that the system keeps.
    ///
    /// # Safety
    /// `address` is that of an address of `length` bytes.
    pub unsafe fn copy(address: *const libc::sockaddr, length: libc::socklen_t) -> Address {
        let mut made = Address::empty();
        let count = (length as usize).min(size_of::<libc::sockaddr_storage>());
        // SAFETY: by the caller's promise.
        unsafe { std::ptr::copy_nonoverlapping(address.cast::<u8>(), (&raw mut made.storage).cast(), count) };
        made.length = count as libc::socklen_t;
        made
    }

    fn bytes(&self) -> &[u8] {
        let count = (self.length as usize).min(size_of::<libc::sockaddr_storage>());
        // SAFETY: the storage is at least that long.
        unsafe { std::slice::from_raw_parts((&raw const self.storage).cast(), count) }
    }
}

/// A host name as the system takes it: ASCII, or encoded by IDNA.
pub fn host_name(cx: &mut Cx, value: Value, wrong: &str) -> PyResult<Vec<u8>> {
    let bytes = if let Some(text) = downcast::<Str>(value) {
        if text.is_ascii() {
            text.bytes().to_vec()
        } else {
            let idna = cx.intern("idna");
            let encoded = call::call_method(cx, value, "encode", &[idna.value()])?;
            match downcast::<Bytes>(encoded) {
                Some(encoded) => py_object::string::bytes_of(&encoded).to_vec(),
                None => return Err(cx.type_error("encoding of hostname failed")),
            }
        }
    } else if let Some(view) = ByteView::try_of(value) {
        view.bytes().to_vec()
    } else {
        let class = class_name(cx, value);
        return Err(cx.type_error(wrong.replace("{}", &class)));
    };
    if bytes.contains(&0) {
        return Err(cx.type_error("host name must not contain null character"));
    }
    Ok(bytes)
}

/// Looks a host up; the first address of the family.
pub fn resolve(cx: &mut Cx, host: &[u8], family: i32) -> PyResult<Address> {
    let inet = |bits: [u8; 4]| {
        // SAFETY: zeros are valid, and the structure is an address.
        unsafe {
            let mut address: libc::sockaddr_in = std::mem::zeroed();
            address.sin_family = libc::AF_INET as libc::sa_family_t;
            address.sin_addr.s_addr = u32::from_ne_bytes(bits);
            Address::from(address)
        }
    };
    let text = std::str::from_utf8(host).unwrap_or_default();
    match host {
        b"" if family == libc::AF_INET => return Ok(inet([0; 4])),
        b"<broadcast>" => {
            if family != libc::AF_INET && family != libc::AF_UNSPEC {
                return Err(cx.raise(Kind::OS_ERROR, "address family mismatched"));
            }
            return Ok(inet([255; 4]));
        }
        _ => {}
    }
    if (family == libc::AF_INET || family == libc::AF_UNSPEC)
        && let Ok(address) = text.parse::<Ipv4Addr>()
    {
        return Ok(inet(address.octets()));
    }
    if (family == libc::AF_INET6 || family == libc::AF_UNSPEC)
        && let Ok(address) = text.parse::<Ipv6Addr>()
    {
        return Ok(inet6(address.octets(), 0, 0, 0));
    }
    let is_passive = host.is_empty();
    let found = match is_passive {
        true => look_up(cx, None, Some(b"0"), [family, libc::SOCK_DGRAM, 0, libc::AI_PASSIVE])?,
        false => look_up(cx, Some(host), None, [family, libc::SOCK_DGRAM, 0, 0])?,
    };
    if is_passive && found.len() > 1 {
        return Err(cx.raise(Kind::OS_ERROR, "wildcard resolved to multiple address"));
    }
    match found.into_iter().next() {
        Some(entry) => Ok(entry.address),
        None => Err(address_error(cx, libc::EAI_NONAME)),
    }
}

fn inet6(bits: [u8; 16], port: u16, flow: u32, scope: u32) -> Address {
    // SAFETY: zeros are valid, and the structure is an address.
    unsafe {
        let mut address: libc::sockaddr_in6 = std::mem::zeroed();
        address.sin6_family = libc::AF_INET6 as libc::sa_family_t;
        address.sin6_addr.s6_addr = bits;
        address.sin6_port = port.to_be();
        address.sin6_flowinfo = flow.to_be();
        address.sin6_scope_id = scope;
        Address::from(address)
    }
}

/// What `getaddrinfo` found.
pub struct Found {
    /// Family, kind, protocol.
    pub numbers: [i32; 3],
    /// The host's full name.
    pub name: Option<Vec<u8>>,
    /// The address.
    pub address: Address,
}

/// `getaddrinfo`: hints are family, kind, protocol and flags.
pub fn look_up(cx: &mut Cx, host: Option<&[u8]>, service: Option<&[u8]>, hints: [i32; 4]) -> PyResult<Vec<Found>> {
    let text = |bytes: Option<&[u8]>| bytes.map(|bytes| CString::new(bytes).unwrap_or_default());
    let (host, service) = (text(host), text(service));
    let outcome = cx.mutator().native(|| {
        let pointer = |text: &Option<CString>| text.as_ref().map_or(std::ptr::null(), |text| text.as_ptr());
        // SAFETY: the texts end with zero bytes or are null; what the system allots is copied and given back.
        unsafe {
            let mut wanted: libc::addrinfo = std::mem::zeroed();
            [wanted.ai_family, wanted.ai_socktype, wanted.ai_protocol, wanted.ai_flags] = hints;
            let mut list = std::ptr::null_mut();
            let number = libc::getaddrinfo(pointer(&host), pointer(&service), &raw const wanted, &raw mut list);
            if number != 0 {
                return Err(number);
            }
            let mut found = Vec::new();
            let mut at: *const libc::addrinfo = list;
            while let Some(entry) = at.as_ref() {
                let name = (!entry.ai_canonname.is_null())
                    .then(|| std::ffi::CStr::from_ptr(entry.ai_canonname).to_bytes().to_vec());
                found.push(Found {
                    numbers: [entry.ai_family, entry.ai_socktype, entry.ai_protocol],
                    name,
                    address: Address::copy(entry.ai_addr, entry.ai_addrlen),
                });
                at = entry.ai_next;
            }
            libc::freeaddrinfo(list);
            Ok(found)
        }
    });
    outcome.map_err(|number| address_error(cx, number))
}

fn port(cx: &mut Cx, value: Value, function: &str) -> PyResult<u16> {
    let number = c_int(cx, value)?;
    match u16::try_from(number) {
        Ok(port) => Ok(port),
        Err(_) => Err(cx.raise(Kind::OVERFLOW_ERROR, format!("{function}(): port must be 0-65535."))),
    }
}

fn unix(cx: &mut Cx, value: Value) -> PyResult<Address> {
    let path = match downcast::<Str>(value) {
        Some(text) => encode_path(cx, text)?,
        None => ByteView::of(cx, value)?.bytes().to_vec(),
    };
    // SAFETY: zeros are valid.
    let mut address: libc::sockaddr_un = unsafe { std::mem::zeroed() };
    let room = address.sun_path.len();
    // A name that begins with a zero byte is no path, and ends where its length says.
    let is_abstract = path.first() == Some(&0);
    if path.len() > room || (!is_abstract && path.len() >= room) {
        return Err(cx.raise(Kind::OS_ERROR, "AF_UNIX path too long"));
    }
    address.sun_family = libc::AF_UNIX as libc::sa_family_t;
    for (place, byte) in address.sun_path.iter_mut().zip(&path) {
        *place = *byte as libc::c_char;
    }
    let length = offset_of!(libc::sockaddr_un, sun_path) + path.len() + usize::from(!is_abstract && !path.is_empty());
    // SAFETY: the structure is an address.
    let mut made = unsafe { Address::from(address) };
    made.length = length as libc::socklen_t;
    Ok(made)
}

const WRONG_HOST: &str = "str, bytes or bytearray expected, not {}";

fn inet(cx: &mut Cx, value: Value, function: &str) -> PyResult<Address> {
    let Some(parts) = downcast::<Tuple>(value) else {
        let message = format!("{function}(): AF_INET address must be tuple, not {}", class_name(cx, value));
        return Err(cx.type_error(message));
    };
    let [host, number] = tuple_items(&parts) else {
        return Err(cx.type_error("AF_INET address must be a pair (host, port)"));
    };
    let host = host_name(cx, *host, WRONG_HOST)?;
    // The number's type is looked at before the name is looked up, its range after.
    c_int(cx, *number)?;
    let found = resolve(cx, &host, libc::AF_INET)?;
    let port = port(cx, *number, function)?;
    // SAFETY: an address of this family was found.
    unsafe {
        let mut address = found.pointer().cast::<libc::sockaddr_in>().read();
        address.sin_port = port.to_be();
        Ok(Address::from(address))
    }
}

fn inet6_from(cx: &mut Cx, value: Value, function: &str) -> PyResult<Address> {
    let Some(parts) = downcast::<Tuple>(value) else {
        let message = format!("{function}(): AF_INET6 address must be tuple, not {}", class_name(cx, value));
        return Err(cx.type_error(message));
    };
    let items = tuple_items(&parts);
    if !(2..=4).contains(&items.len()) {
        return Err(cx.type_error("AF_INET6 address must be a tuple (host, port[, flowinfo[, scopeid]])"));
    }
    let host = host_name(cx, items[0], WRONG_HOST)?;
    c_int(cx, items[1])?;
    let mut extra = [0u32; 2];
    for (place, value) in extra.iter_mut().zip(&items[2..]) {
        let number = int::index(cx, *value)?;
        *place = match int::as_i64(number).and_then(|number| u32::try_from(number).ok()) {
            Some(number) => number,
            None => return Err(cx.raise(Kind::OVERFLOW_ERROR, format!("{function}(): flowinfo must be 0-1048575."))),
        };
    }
    let found = resolve(cx, &host, libc::AF_INET6)?;
    let port = port(cx, items[1], function)?;
    if extra[0] > 0xf_ffff {
        return Err(cx.raise(Kind::OVERFLOW_ERROR, format!("{function}(): flowinfo must be 0-1048575.")));
    }
    // SAFETY: an address of this family was found.
    let found = unsafe { found.pointer().cast::<libc::sockaddr_in6>().read() };
    let scope = if items.len() > 3 { extra[1] } else { found.sin6_scope_id };
    Ok(inet6(found.sin6_addr.s6_addr, port, extra[0], scope))
}

fn netlink(cx: &mut Cx, value: Value, function: &str) -> PyResult<Address> {
    let Some(parts) = downcast::<Tuple>(value) else {
        let message = format!("{function}(): AF_NETLINK address must be tuple, not {}", class_name(cx, value));
        return Err(cx.type_error(message));
    };
    let [process, groups] = tuple_items(&parts) else {
        return Err(cx.type_error("AF_NETLINK address must be a pair (pid, groups)"));
    };
    let mut numbers = [0; 2];
    for (place, value) in numbers.iter_mut().zip([process, groups]) {
        let number = int::index(cx, *value)?;
        *place = int::as_i64(number).unwrap_or(0) as u32;
    }
    // SAFETY: zeros are valid, and the structure is an address.
    unsafe {
        let mut address: libc::sockaddr_nl = std::mem::zeroed();
        address.nl_family = libc::AF_NETLINK as libc::sa_family_t;
        address.nl_pid = numbers[0];
        address.nl_groups = numbers[1];
        Ok(Address::from(address))
    }
}

fn virtual_machine(cx: &mut Cx, value: Value) -> PyResult<Address> {
    let parts = downcast::<Tuple>(value);
    let Some([machine, port]) = parts.as_ref().map(tuple_items) else {
        return Err(cx.type_error("AF_VSOCK address must be a pair (CID, port)"));
    };
    let mut numbers = [0; 2];
    for (place, value) in numbers.iter_mut().zip([machine, port]) {
        let number = int::index(cx, *value)?;
        *place = int::as_i64(number).unwrap_or(0) as u32;
    }
    // SAFETY: zeros are valid, and the structure is an address.
    unsafe {
        let mut address: libc::sockaddr_vm = std::mem::zeroed();
        address.svm_family = libc::AF_VSOCK as libc::sa_family_t;
        address.svm_cid = numbers[0];
        address.svm_port = numbers[1];
        Ok(Address::from(address))
    }
}

/// The address that a value means for a socket of a family.
pub fn from_value(cx: &mut Cx, family: i32, value: Value, function: &str) -> PyResult<Address> {
    match family {
        libc::AF_UNIX => unix(cx, value),
        libc::AF_INET => inet(cx, value, function),
        libc::AF_INET6 => inet6_from(cx, value, function),
        libc::AF_NETLINK => netlink(cx, value, function),
        libc::AF_VSOCK => virtual_machine(cx, value),
        _ => Err(cx.raise(Kind::OS_ERROR, format!("{function}(): bad family"))),
    }
}

fn unix_value(cx: &mut Cx, address: &Address) -> PyResult {
    let bytes = address.bytes();
    let path = bytes.get(offset_of!(libc::sockaddr_un, sun_path)..).unwrap_or_default();
    match path {
        [0, _, ..] => Ok(Bytes::checked(cx, path)?.value()),
        _ => {
            let end = path.iter().position(|byte| *byte == 0).unwrap_or(path.len());
            Ok(decode_path(cx, &path[..end])?.value())
        }
    }
}

/// An address as Python sees it; None where the system gave none.
pub fn to_value(cx: &mut Cx, address: &Address) -> PyResult {
    if address.length == 0 {
        return Ok(NONE);
    }
    match address.family() {
        libc::AF_INET => {
            // SAFETY: the family says which structure it is; the storage is large enough for any.
            let found = unsafe { address.pointer().cast::<libc::sockaddr_in>().read() };
            let host = Ipv4Addr::from(found.sin_addr.s_addr.to_ne_bytes()).to_string();
            let host = Str::new(cx, &host);
            Ok(cx.tuple(&[host.value(), Value::int(i64::from(u16::from_be(found.sin_port)))]))
        }
        libc::AF_INET6 => {
            // SAFETY: as above.
            let found = unsafe { address.pointer().cast::<libc::sockaddr_in6>().read() };
            let host = inet6_text(&found.sin6_addr.s6_addr);
            let host = Str::new(cx, &host);
            let numbers = [
                i64::from(u16::from_be(found.sin6_port)),
                i64::from(u32::from_be(found.sin6_flowinfo)),
                i64::from(found.sin6_scope_id),
            ];
            let [port, flow, scope] = numbers.map(Value::int);
            Ok(cx.tuple(&[host.value(), port, flow, scope]))
        }
        libc::AF_UNIX => unix_value(cx, address),
        libc::AF_NETLINK => {
            // SAFETY: as above.
            let found = unsafe { address.pointer().cast::<libc::sockaddr_nl>().read() };
            Ok(cx.tuple(&[i64::from(found.nl_pid), i64::from(found.nl_groups)].map(Value::int)))
        }
        libc::AF_VSOCK => {
            // SAFETY: as above.
            let found = unsafe { address.pointer().cast::<libc::sockaddr_vm>().read() };
            Ok(cx.tuple(&[i64::from(found.svm_cid), i64::from(found.svm_port)].map(Value::int)))
        }
        family => {
            let rest = Bytes::checked(cx, address.bytes().get(2..).unwrap_or_default())?;
            Ok(cx.tuple(&[Value::int(i64::from(family)), rest.value()]))
        }
    }
}

unsafe extern "C" {
    fn inet_ntop(
        family: libc::c_int,
        bits: *const libc::c_void,
        text: *mut libc::c_char,
        length: libc::socklen_t,
    ) -> *const libc::c_char;
}

/// An IPv6 address as the system writes it.
pub fn inet6_text(bits: &[u8; 16]) -> String {
    let mut buffer = [0u8; 64];
    // SAFETY: sixteen bytes are read, and the buffer is as long as stated.
    let found = unsafe {
        inet_ntop(libc::AF_INET6, bits.as_ptr().cast(), buffer.as_mut_ptr().cast(), buffer.len() as libc::socklen_t)
    };
    if found.is_null() {
        return Ipv6Addr::from(*bits).to_string();
    }
    let end = buffer.iter().position(|byte| *byte == 0).unwrap_or(0);
    String::from_utf8_lossy(&buffer[..end]).into_owned()
}
