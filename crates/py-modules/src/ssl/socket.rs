//! `_SSLSocket`: a connection over a socket or over two buffers.

use super::certificate_object::new_certificate;
use super::connection::{Connection, Session, Step};
use super::context::{ContextObject, state_of};
use super::errors::{Class, Failure, raise};
use super::memory::{MemoryObject, buffer_of};
use super::native::{held, hold};
use super::session_object::{self, SessionObject};
use super::settings::{NO_CERTIFICATE, PROTOCOL_CLIENT, PROTOCOL_SERVER};
use super::transport::Transport;
use super::verify::chain_of;
use crate::socket::{Patience, SocketObject, is_ready};
use crate::system::errors::os_error;
use py_object::buffer::ByteView;
use py_object::objects::{Array, List, Str};
use py_object::types::class_name;
use py_object::types::weak::{self, WeakReference};
use py_object::{Cx, Kind, NONE, PyResult, StrExt, downcast, object};
use std::sync::Arc;
use vm_heap::{Gc, Value};

object! {
    /// A connection.
    pub struct SslSocketObject = 823 {
        /// Version word.
        word: u64,
        /// Always empty; the offset of attributes.
        attributes: Option<Gc<Array>>,
        /// The native part.
        native: Value,
        /// The socket that carries it, or None.
        socket: Value,
        /// The buffer of what arrives, or None.
        incoming: Value,
        /// The buffer of what is sent, or None.
        outgoing: Value,
        /// The context.
        context: Value,
        /// A weak reference to whom callbacks are told to be called for, or None.
        owner: Value,
        /// The server's name as it was given, or None.
        host: Value,
    }
}

/// What carries a connection: a socket, or two buffers.
pub struct Carriers {
    /// The socket or None.
    pub socket: Value,
    /// The buffer of what arrives, or None.
    pub incoming: Value,
    /// The buffer of what is sent, or None.
    pub outgoing: Value,
}

fn host_argument(cx: &mut Cx, host: Value, checks_host: bool) -> PyResult<Option<String>> {
    if host == NONE {
        return Ok(None);
    }
    let text = match (downcast::<Str>(host), ByteView::try_of(host)) {
        (Some(text), _) if text.is_ascii() => text.to_text(),
        (Some(_), _) => {
            return py_object::call::call_method(cx, host, "encode", &[]).map(|_| None);
        }
        (None, Some(view)) => String::from_utf8_lossy(view.bytes()).into_owned(),
        (None, None) => {
            let message = format!("str, bytes or bytearray expected, not {}", class_name(cx, host));
            return Err(cx.type_error(message));
        }
    };
    if text.contains('\0') {
        let message = format!("argument must be encoded string without null bytes, not {}", class_name(cx, host));
        return Err(cx.type_error(message));
    }
    if text.is_empty() && checks_host {
        return Err(cx.value_error("check_hostname requires server_hostname"));
    }
    if text.is_empty() || text.starts_with('.') {
        let message = "server_hostname cannot be an empty string or start with a leading dot.";
        return Err(cx.value_error(message));
    }
    Ok(Some(text))
}

/// A new connection of a context.
pub fn wrap(
    cx: &mut Cx,
    context: Gc<ContextObject>,
    carriers: Carriers,
    is_server: bool,
    host: Value,
    owner: Value,
    session: Value,
) -> PyResult {
    let state = state_of(cx, context)?;
    let checks_host = state.look(|settings| settings.checks_host);
    let text = host_argument(cx, host, checks_host)?;
    let protocol = state.look(|settings| settings.protocol);
    let mismatch = match protocol {
        PROTOCOL_CLIENT if is_server => "Cannot create a server socket with a PROTOCOL_TLS_CLIENT context",
        PROTOCOL_SERVER if !is_server => "Cannot create a client socket with a PROTOCOL_TLS_SERVER context",
        _ => "",
    };
    if !mismatch.is_empty() {
        return Err(raise(cx, &Failure::plain(Class::Base, 0, mismatch)));
    }
    let wrong = match (is_server, host, session) {
        (true, host, _) if host != NONE => "server_hostname can only be specified in client mode",
        (true, _, session) if session != NONE => "session can only be specified in client mode",
        (false, NONE, _) if checks_host => "check_hostname requires server_hostname",
        _ => "",
    };
    if !wrong.is_empty() {
        return Err(cx.value_error(wrong));
    }
    let owner = weak_owner(cx, owner)?;
    let shown = match &text {
        Some(text) => Str::new(cx, text).value(),
        None => NONE,
    };
    let native = hold(cx, Arc::new(Connection::new(state, is_server, text)));
    let class = cx.builtin_type(Kind::SSL_SOCKET);
    let this = crate::new_object::<SslSocketObject>(cx, class);
    this.native.init(native);
    this.socket.init(carriers.socket);
    this.incoming.init(carriers.incoming);
    this.outgoing.init(carriers.outgoing);
    this.context.init(context.value());
    this.owner.init(owner);
    this.host.init(shown);
    if session != NONE {
        set_session(cx, this, session)?;
    }
    Ok(this.value())
}

/// What a connection keeps of its owner.
pub fn weak_owner(cx: &mut Cx, owner: Value) -> PyResult {
    if owner == NONE {
        return Ok(NONE);
    }
    let class = cx.builtin_type(Kind::WEAK_REFERENCE);
    weak::new(cx, class, owner, NONE)
}

/// The owner, as far as there is one that lives.
pub fn owner_of(cx: &Cx, this: Gc<SslSocketObject>) -> Option<Value> {
    downcast::<WeakReference>(this.owner.get()).and_then(|reference| weak::target(cx, reference))
}

/// The native part of a connection.
pub fn connection_of(cx: &mut Cx, this: Gc<SslSocketObject>) -> PyResult<Arc<Connection>> {
    match held(this.native.get()) {
        Some(connection) => Ok(connection),
        None => Err(cx.value_error("the connection is not initialized")),
    }
}

/// Looks at a connection's state.
pub fn look<R>(cx: &mut Cx, this: Gc<SslSocketObject>, body: impl FnOnce(&mut Session) -> R) -> PyResult<R> {
    let connection = connection_of(cx, this)?;
    // Another thread may hold the lock while it works; the collector need not wait for that.
    Ok(cx.mutator().native(|| body(&mut connection.session())))
}

/// What carries the connection now, and how long it may wait.
fn transport_of(cx: &mut Cx, this: Gc<SslSocketObject>) -> PyResult<(Transport, i64)> {
    if let Some(socket) = downcast::<SocketObject>(this.socket.get()) {
        let descriptor = socket.descriptor.get();
        if descriptor < 0 {
            return Err(raise(cx, &Failure::text_only("Underlying socket has been closed.")));
        }
        return Ok((Transport::Socket(descriptor as i32), socket.timeout.get()));
    }
    match (downcast::<MemoryObject>(this.incoming.get()), downcast::<MemoryObject>(this.outgoing.get())) {
        (Some(incoming), Some(outgoing)) => Ok((Transport::Memory(buffer_of(incoming), buffer_of(outgoing)), 0)),
        _ => Err(raise(cx, &Failure::text_only("Underlying socket connection gone"))),
    }
}

/// Repeats a step until it is done, and waits between as the socket's timeout allows. `what` names the operation
/// where it takes too long.
pub fn perform<T>(
    cx: &mut Cx,
    this: Gc<SslSocketObject>,
    what: &str,
    mut step: impl FnMut(&mut Session, &Transport) -> Step<T>,
) -> PyResult<T> {
    let connection = connection_of(cx, this)?;
    let (_, timeout) = transport_of(cx, this)?;
    let patience = Patience::of(timeout);
    loop {
        let (transport, _) = transport_of(cx, this)?;
        let outcome = cx.mutator().native(|| step(&mut connection.session(), &transport));
        let events = match outcome {
            Step::Done(result) => return Ok(result),
            Step::Failed(failure) => return Err(raise(cx, &failure)),
            Step::System(number) => return Err(os_error(cx, number)),
            Step::Choose => {
                super::name_callback::choose(cx, this, &connection, &transport)?;
                continue;
            }
            Step::WantRead => libc::POLLIN,
            Step::WantWrite => libc::POLLOUT,
        };
        let Transport::Socket(descriptor) = transport else {
            return Err(want(cx, events));
        };
        if timeout == 0 {
            return Err(want(cx, events));
        }
        if !is_ready(cx, descriptor, events, &patience)? {
            return Err(cx.raise(Kind::TIMEOUT_ERROR, format!("The {what} operation timed out")));
        }
        cx.run_pending()?;
    }
}

fn want(cx: &mut Cx, events: i16) -> py_object::Raised {
    let failure = if events == libc::POLLIN { Failure::want_read() } else { Failure::want_write() };
    raise(cx, &failure)
}

/// Sets the session that is to be resumed.
pub fn set_session(cx: &mut Cx, this: Gc<SslSocketObject>, value: Value) -> PyResult<()> {
    let Some(session) = downcast::<SessionObject>(value) else {
        return Err(cx.type_error("Value is not a SSLSession."));
    };
    let connection = connection_of(cx, this)?;
    if connection.is_server {
        return Err(cx.value_error("Cannot set session for server-side SSLSocket."));
    }
    if session.context.get() != this.context.get() {
        return Err(cx.value_error("Session refers to a different SSLContext."));
    }
    let Some(saved) = session_object::saved_of(session) else {
        return Err(cx.value_error("the session is not initialized"));
    };
    let is_new = look(cx, this, |state| {
        let is_new = state.is_new();
        if is_new {
            state.resume(saved);
        }
        is_new
    })?;
    if is_new { Ok(()) } else { Err(cx.value_error("Cannot set session after handshake.")) }
}

/// The certificate of the peer: as bytes, as a dict, or None where it has shown none.
pub fn peer_certificate(cx: &mut Cx, this: Gc<SslSocketObject>, binary: bool) -> PyResult {
    let found = look(cx, this, |state| {
        if !state.is_shaken() {
            return None;
        }
        let shown = state.state().and_then(|known| known.peer_certificates());
        let leaf = shown.and_then(|shown| shown.first()).map(|leaf| leaf.to_vec());
        Some((leaf, state.context.look(|settings| settings.verify_mode)))
    })?;
    match found {
        None => Err(cx.value_error("handshake not done yet")),
        Some((None, _)) => Ok(NONE),
        Some((Some(leaf), _)) if binary => crate::buffer::new_bytes(cx, &leaf),
        Some((Some(_), NO_CERTIFICATE)) => Ok(cx.dict().value()),
        Some((Some(leaf), _)) => match super::certificate::Certificate::parse(&leaf) {
            Some(certificate) => super::describe::describe(cx, &certificate),
            None => Err(super::loading::malformed(cx)),
        },
    }
}

/// The chain of certificates: as the peer has shown it, or as it was verified.
pub fn chain(cx: &mut Cx, this: Gc<SslSocketObject>, verified: bool) -> PyResult {
    let found = look(cx, this, |state| {
        let shown = state.state().and_then(|known| known.peer_certificates())?;
        let built = match &state.chain {
            _ if !verified => None,
            Some(chain) => Some(chain.clone()),
            // A session that was resumed was verified when it began.
            None => state.context.policy().and_then(|policy| chain_of(&policy, shown)),
        };
        let copies: Vec<Vec<u8>> = match built {
            Some(chain) => chain.iter().map(|certificate| certificate.der().to_vec()).collect(),
            None => shown.iter().map(|der| der.to_vec()).collect(),
        };
        Some(copies)
    })?;
    let Some(certificates) = found else { return Ok(NONE) };
    let list = List::new(cx, &[])?;
    for der in certificates {
        let certificate = new_certificate(cx, &der)?;
        List::push(cx, list, certificate)?;
    }
    Ok(list.value())
}
