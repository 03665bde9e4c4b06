//! Sending and receiving.

use super::address::{self, Address};
use super::messages::{self, Item};
use super::object::{Patience, SocketObject, attempt, call};
use crate::system::arguments::c_int;
use crate::system::errors::os_error;
use py_object::buffer::{ByteView, WritableView};
use py_object::objects::{Bytes, List, Tuple};
use py_object::sequence::tuple_items;
use py_object::types::tuple;
use py_object::{Cx, Kind, NONE, PyResult, downcast, operations};
use vm_heap::{Gc, Value};

/// A size to receive.
pub fn receive_size(cx: &mut Cx, size: i64, function: &str) -> PyResult<usize> {
    usize::try_from(size).map_err(|_| cx.value_error(format!("negative buffersize in {function}")))
}

fn room(cx: &mut Cx, size: usize) -> PyResult<Vec<u8>> {
    let mut room = Vec::new();
    if room.try_reserve_exact(size).is_err() {
        return Err(cx.raise(Kind::MEMORY_ERROR, ""));
    }
    Ok(room)
}

/// `recv(size, flags)`.
pub fn receive(cx: &mut Cx, this: Gc<SocketObject>, size: usize, flags: i32) -> PyResult<Gc<Bytes>> {
    let mut buffer = room(cx, size)?;
    let start = buffer.spare_capacity_mut().as_mut_ptr().cast::<u8>();
    // SAFETY: the buffer has room for that many bytes.
    let count =
        call(cx, this, false, |descriptor| unsafe { libc::recv(descriptor, start.cast(), size, flags) as i64 })?;
    // SAFETY: the call wrote that many bytes.
    unsafe { buffer.set_len((count as usize).min(size)) };
    Bytes::checked(cx, &buffer)
}

/// `recvfrom(size, flags)`.
pub fn receive_from(cx: &mut Cx, this: Gc<SocketObject>, size: usize, flags: i32) -> PyResult {
    let mut buffer = room(cx, size)?;
    let start = buffer.spare_capacity_mut().as_mut_ptr().cast::<u8>();
    let mut sender = Address::empty();
    let count = call(cx, this, false, |descriptor| {
        sender = Address::empty();
        let (place, length) = sender.place();
        // SAFETY: the buffer has room for that many bytes, the address for any.
        unsafe { libc::recvfrom(descriptor, start.cast(), size, flags, place, length) as i64 }
    })?;
    // SAFETY: the call wrote that many bytes.
    unsafe { buffer.set_len((count as usize).min(size)) };
    let bytes = Bytes::checked(cx, &buffer)?;
    let sender = address::to_value(cx, &sender)?;
    Ok(cx.tuple(&[bytes.value(), sender]))
}

/// The part of a buffer that is to be filled.
fn part(cx: &mut Cx, buffer: Value, size: i64, function: &str) -> PyResult<(WritableView, usize)> {
    let view = WritableView::of(cx, buffer)?;
    let Ok(wanted) = usize::try_from(size) else {
        return Err(cx.value_error(format!("negative buffersize in {function}")));
    };
    if wanted > view.len() {
        let message = match function {
            "recvfrom_into" => "nbytes is greater than the length of the buffer",
            _ => "buffer too small for requested bytes",
        };
        return Err(cx.value_error(message));
    }
    Ok((view, if wanted == 0 { view.len() } else { wanted }))
}

/// `recv_into(buffer, size, flags)`.
pub fn receive_into(cx: &mut Cx, this: Gc<SocketObject>, buffer: Value, size: i64, flags: i32) -> PyResult<i64> {
    let (view, size) = part(cx, buffer, size, "recv_into")?;
    // SAFETY: the view is that long, and its owner lies on this stack.
    call(cx, this, false, |descriptor| unsafe { libc::recv(descriptor, view.as_mut_ptr().cast(), size, flags) as i64 })
}

/// `recvfrom_into(buffer, size, flags)`.
pub fn receive_from_into(cx: &mut Cx, this: Gc<SocketObject>, buffer: Value, size: i64, flags: i32) -> PyResult {
    let (view, size) = part(cx, buffer, size, "recvfrom_into")?;
    let mut sender = Address::empty();
    let count = call(cx, this, false, |descriptor| {
        sender = Address::empty();
        let (place, length) = sender.place();
        // SAFETY: the view is that long, and its owner lies on this stack; the address has room for any.
        unsafe { libc::recvfrom(descriptor, view.as_mut_ptr().cast(), size, flags, place, length) as i64 }
    })?;
    let sender = address::to_value(cx, &sender)?;
    Ok(cx.tuple(&[Value::int(count), sender]))
}

/// `send(bytes, flags)`.
pub fn send(cx: &mut Cx, this: Gc<SocketObject>, data: Value, flags: i32) -> PyResult<i64> {
    let view = ByteView::of(cx, data)?;
    // SAFETY: the view's owner lies on this stack, so its memory stays.
    call(cx, this, true, |descriptor| unsafe { libc::send(descriptor, view.as_ptr().cast(), view.len(), flags) as i64 })
}

/// `sendall(bytes, flags)`: the timeout is one for all of it.
pub fn send_all(cx: &mut Cx, this: Gc<SocketObject>, data: Value, flags: i32) -> PyResult<()> {
    let view = ByteView::of(cx, data)?;
    let patience = Patience::of(this.timeout.get());
    let mut sent = 0;
    while sent < view.len() {
        // SAFETY: the view's owner lies on this stack, so its memory stays.
        let outcome = attempt(cx, this, true, &patience, |descriptor| unsafe {
            libc::send(descriptor, view.as_ptr().add(sent).cast(), view.len() - sent, flags) as i64
        })?;
        match outcome {
            Ok(count) => sent += count as usize,
            Err(number) => return Err(os_error(cx, number)),
        }
        // Much may have been sent, and signals came meanwhile.
        cx.run_pending()?;
    }
    Ok(())
}

/// `sendto(bytes, flags, address)`.
pub fn send_to(cx: &mut Cx, this: Gc<SocketObject>, data: Value, flags: i32, target: Value) -> PyResult<i64> {
    let view = ByteView::of(cx, data)?;
    let address = address::from_value(cx, this.family.get() as i32, target, "sendto")?;
    // SAFETY: the view's owner lies on this stack, so its memory stays.
    call(cx, this, true, |descriptor| unsafe {
        libc::sendto(descriptor, view.as_ptr().cast(), view.len(), flags, address.pointer(), address.length()) as i64
    })
}

fn items_of(cx: &mut Cx, ancillary: Value) -> PyResult<Vec<Item>> {
    let mut items = Vec::new();
    let iterator = operations::iterate(cx, ancillary)?;
    while let Some(item) = operations::next(cx, iterator)? {
        let parts = downcast::<Tuple>(item);
        let Some([level, kind, data]) = parts.as_ref().map(tuple_items) else {
            return Err(
                cx.type_error("[sendmsg() ancillary data items must be 3-tuples (cmsg_level, cmsg_type, cmsg_data)]")
            );
        };
        let (level, kind) = (c_int(cx, *level)?, c_int(cx, *kind)?);
        let data = ByteView::of(cx, *data)?;
        items.push((level, kind, data.bytes().to_vec()));
    }
    Ok(items)
}

/// `sendmsg(buffers, ancillary, flags, address)`.
pub fn send_message(
    cx: &mut Cx,
    this: Gc<SocketObject>,
    buffers: Value,
    ancillary: Value,
    flags: i32,
    target: Value,
) -> PyResult<i64> {
    // The tuple keeps the objects alive, and with them the memory that the views point to.
    let data = tuple::from_iterable(cx, buffers)?;
    let mut views = Vec::new();
    for item in tuple_items(&data) {
        views.push(ByteView::of(cx, *item)?);
    }
    let items = if ancillary == NONE { Vec::new() } else { items_of(cx, ancillary)? };
    let mut control = messages::pack(&items);
    let address =
        if target == NONE { None } else { Some(address::from_value(cx, this.family.get() as i32, target, "sendmsg")?) };
    let mut parts: Vec<libc::iovec> = views
        .iter()
        .map(|view| libc::iovec { iov_base: view.as_ptr().cast_mut().cast(), iov_len: view.len() })
        .collect();
    call(cx, this, true, |descriptor| {
        // SAFETY: all parts are alive and as long as stated.
        unsafe {
            let mut message: libc::msghdr = std::mem::zeroed();
            message.msg_iov = parts.as_mut_ptr();
            message.msg_iovlen = parts.len();
            if !control.is_empty() {
                message.msg_control = control.as_mut_ptr().cast();
                message.msg_controllen = control.len();
            }
            if let Some(address) = &address {
                message.msg_name = address.pointer().cast_mut().cast();
                message.msg_namelen = address.length();
            }
            libc::sendmsg(descriptor, &raw const message, flags) as i64
        }
    })
}

/// What `recvmsg` says beside the bytes: count, ancillary data, flags, address.
fn receive_parts(
    cx: &mut Cx,
    this: Gc<SocketObject>,
    parts: &mut [libc::iovec],
    ancillary: i64,
    flags: i32,
    function: &str,
) -> PyResult<(i64, Value, Value, Value)> {
    let Some(size) = usize::try_from(ancillary).ok().filter(|size| i32::try_from(*size).is_ok()) else {
        return Err(cx.value_error(format!("invalid ancillary data buffer length in {function}()")));
    };
    let mut control = vec![0u64; size.div_ceil(8)];
    let mut sender = Address::empty();
    let mut said = (0, 0, 0);
    let count = call(cx, this, false, |descriptor| {
        sender = Address::empty();
        let (place, length) = sender.place();
        // SAFETY: all parts are alive and as long as stated.
        unsafe {
            let mut message: libc::msghdr = std::mem::zeroed();
            message.msg_name = place.cast();
            message.msg_namelen = *length;
            message.msg_iov = parts.as_mut_ptr();
            message.msg_iovlen = parts.len();
            if size > 0 {
                message.msg_control = control.as_mut_ptr().cast();
                message.msg_controllen = size;
            }
            let count = libc::recvmsg(descriptor, &raw mut message, flags) as i64;
            *length = message.msg_namelen;
            said = (message.msg_controllen, message.msg_flags, 0);
            count
        }
    })?;
    // SAFETY: the memory is at least that long, and bytes have no alignment.
    let packed = unsafe { std::slice::from_raw_parts(control.as_ptr().cast::<u8>(), said.0.min(size)) };
    let items = List::new(cx, &[])?;
    for (level, kind, data) in messages::unpack(packed) {
        let data = Bytes::checked(cx, &data)?;
        let item = [Value::int(i64::from(level)), Value::int(i64::from(kind)), data.value()];
        let item = cx.tuple(&item);
        List::push(cx, items, item)?;
    }
    let sender = address::to_value(cx, &sender)?;
    Ok((count, items.value(), Value::int(i64::from(said.1)), sender))
}

/// `recvmsg(size, ancillary, flags)`.
pub fn receive_message(cx: &mut Cx, this: Gc<SocketObject>, size: i64, ancillary: i64, flags: i32) -> PyResult {
    let Ok(size) = usize::try_from(size) else {
        return Err(cx.value_error("negative buffer size in recvmsg()"));
    };
    let mut buffer = room(cx, size)?;
    let start = buffer.spare_capacity_mut().as_mut_ptr().cast();
    let mut parts = [libc::iovec { iov_base: start, iov_len: size }];
    let (count, items, said, sender) = receive_parts(cx, this, &mut parts, ancillary, flags, "recvmsg")?;
    // SAFETY: the call wrote that many bytes.
    unsafe { buffer.set_len((count as usize).min(size)) };
    let bytes = Bytes::checked(cx, &buffer)?;
    Ok(cx.tuple(&[bytes.value(), items, said, sender]))
}

/// `recvmsg_into(buffers, ancillary, flags)`.
pub fn receive_message_into(
    cx: &mut Cx,
    this: Gc<SocketObject>,
    buffers: Value,
    ancillary: i64,
    flags: i32,
) -> PyResult {
    // The tuple keeps the objects alive, and with them the memory that the views point to.
    let items = tuple::from_iterable(cx, buffers)?;
    let mut parts = Vec::new();
    for item in tuple_items(&items) {
        let view = WritableView::of(cx, *item)?;
        parts.push(libc::iovec { iov_base: view.as_mut_ptr().cast(), iov_len: view.len() });
    }
    let (count, found, said, sender) = receive_parts(cx, this, &mut parts, ancillary, flags, "recvmsg_into")?;
    Ok(cx.tuple(&[Value::int(count), found, said, sender]))
}
