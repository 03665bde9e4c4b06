//! What carries the bytes of a connection: a socket or two buffers. Nothing here waits.

use super::memory::Buffer;
use std::io::{self, Read};
use std::sync::Arc;

/// The carrier, for one call.
pub enum Transport {
    /// A socket's descriptor.
    Socket(i32),
    /// Buffers: of what arrives, of what is sent.
    Memory(Arc<Buffer>, Arc<Buffer>),
}

/// What came of receiving.
pub enum Received {
    /// So many bytes.
    Bytes(usize),
    /// Nothing has arrived.
    Nothing,
    /// Nothing will arrive any more.
    End,
    /// An error number.
    Failed(i32),
}

fn error_number(error: &io::Error) -> i32 {
    error.raw_os_error().unwrap_or(libc::EIO)
}

impl Transport {
    /// Receives what has arrived, as far as there is room.
    pub fn receive(&self, room: &mut [u8]) -> Received {
        match self {
            Transport::Socket(descriptor) => loop {
                // SAFETY: the room is as long as stated.
                let count =
                    unsafe { libc::recv(*descriptor, room.as_mut_ptr().cast(), room.len(), libc::MSG_DONTWAIT) };
                if count > 0 {
                    return Received::Bytes(count as usize);
                }
                if count == 0 {
                    return Received::End;
                }
                match error_number(&io::Error::last_os_error()) {
                    libc::EINTR => {}
                    libc::EAGAIN => return Received::Nothing,
                    number => return Received::Failed(number),
                }
            },
            Transport::Memory(incoming, _) => {
                let mut content = incoming.content();
                match content.bytes.read(room) {
                    Ok(count) if count > 0 => Received::Bytes(count),
                    _ if content.is_ended => Received::End,
                    _ => Received::Nothing,
                }
            }
        }
    }

    /// Sends what can be sent at once; how much that was, 0 for nothing now.
    pub fn send(&self, bytes: &[u8]) -> Result<usize, i32> {
        match self {
            Transport::Socket(descriptor) => loop {
                // SAFETY: the bytes are as many as stated.
                let count = unsafe {
                    libc::send(*descriptor, bytes.as_ptr().cast(), bytes.len(), libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL)
                };
                if count >= 0 {
                    return Ok(count as usize);
                }
                match error_number(&io::Error::last_os_error()) {
                    libc::EINTR => {}
                    libc::EAGAIN => return Ok(0),
                    number => return Err(number),
                }
            },
            Transport::Memory(_, outgoing) => {
                outgoing.content().bytes.extend(bytes);
                Ok(bytes.len())
            }
        }
    }
}
