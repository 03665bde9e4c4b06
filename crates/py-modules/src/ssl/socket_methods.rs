//! The methods of `_SSLSocket`.

use super::ciphers::{self, Suite};
use super::context::{ContextObject, check_given, state_of};
use super::session_object::new_session;
use super::socket::{SslSocketObject, chain, look, owner_of, peer_certificate, perform, set_session, weak_owner};
use py_macros::py_methods;
use py_object::buffer::{ByteView, WritableView};
use py_object::objects::{List, Str};
use py_object::{Cx, Kind, NONE, PyResult, StrExt, downcast};
use vm_heap::{Gc, Value};

fn suite_value(cx: &mut Cx, suite: &Suite) -> Value {
    let name = Str::new(cx, suite.name).value();
    let version = Str::new(cx, suite.version).value();
    cx.tuple(&[name, version, Value::int(suite.bits)])
}

fn read_bytes(cx: &mut Cx, this: Gc<SslSocketObject>, size: i64) -> PyResult {
    let Ok(size) = usize::try_from(size) else {
        return Err(cx.value_error("size should not be negative"));
    };
    if size == 0 {
        return crate::buffer::new_bytes(cx, &[]);
    }
    // No record is larger; more than one is never read at once.
    let mut room = vec![0; size.min(LARGEST_READ)];
    let count = perform(cx, this, "read", |session, transport| session.read(transport, &mut room))?;
    crate::buffer::new_bytes(cx, &room[..count])
}

const LARGEST_READ: usize = 64 * 1024;

fn read_into(cx: &mut Cx, this: Gc<SslSocketObject>, size: i64, buffer: Value) -> PyResult {
    let view = WritableView::of(cx, buffer)?;
    let size = usize::try_from(size).ok().filter(|size| *size > 0 && *size <= view.len()).unwrap_or(view.len());
    if size == 0 {
        return Ok(Value::int(0));
    }
    let count = perform(cx, this, "read", |session, transport| {
        // SAFETY: the view is that long, and its owner lies on this stack.
        let room = unsafe { std::slice::from_raw_parts_mut(view.as_mut_ptr(), size) };
        session.read(transport, room)
    })?;
    Ok(Value::int(count as i64))
}

fn write(cx: &mut Cx, this: Gc<SslSocketObject>, data: Value) -> PyResult<i64> {
    let view = ByteView::of(cx, data)?;
    let mut written = look(cx, this, |session| std::mem::take(&mut session.unreported))?.min(view.len());
    let outcome = perform(cx, this, "write", |session, transport| {
        // SAFETY: the view is that long, and its owner lies on this stack.
        let bytes = unsafe { std::slice::from_raw_parts(view.as_ptr(), view.len()) };
        session.write(transport, bytes, &mut written)
    });
    match outcome {
        Ok(count) => Ok(count as i64),
        Err(raised) => {
            // The call is made again with the same bytes, of which these are already on their way.
            look(cx, this, |session| session.unreported = written)?;
            Err(raised)
        }
    }
}

/// `_SSLSocket`.
pub struct Methods;

#[py_methods(SSL_SOCKET, name = "_SSLSocket")]
impl Methods {
    #[method]
    fn do_handshake(cx: &mut Cx, this: Gc<SslSocketObject>) -> PyResult<()> {
        perform(cx, this, "handshake", |session, transport| session.handshake(transport))
    }
    /// Read up to size bytes from the SSL socket, into a buffer if there is one.
    #[method(signature = "")]
    fn read(cx: &mut Cx, this: Gc<SslSocketObject>, len: i64, #[default(NONE)] buffer: Value) -> PyResult {
        if buffer == NONE { read_bytes(cx, this, len) } else { read_into(cx, this, len, buffer) }
    }
    /// Writes the bytes-like object b into the SSL object.
    ///
    /// Returns the number of bytes written.
    #[method]
    fn write(cx: &mut Cx, this: Gc<SslSocketObject>, b: Value) -> PyResult<i64> {
        write(cx, this, b)
    }
    /// Returns the number of already decrypted bytes available for read, pending on the connection.
    #[method]
    fn pending(cx: &mut Cx, this: Gc<SslSocketObject>) -> PyResult<i64> {
        look(cx, this, |session| session.pending() as i64)
    }
    /// Does the SSL shutdown handshake with the remote end.
    #[method]
    fn shutdown(cx: &mut Cx, this: Gc<SslSocketObject>) -> PyResult {
        perform(cx, this, "read", |session, transport| session.shutdown(transport))?;
        Ok(this.socket.get())
    }
    /// Returns the certificate for the peer.
    ///
    /// If no certificate was provided, returns None.  If a certificate was
    /// provided, but not validated, returns an empty dictionary.  Otherwise
    /// returns a dict containing information about the peer certificate.
    ///
    /// If the optional argument is True, returns a DER-encoded copy of the
    /// peer certificate, or None if no certificate was provided.  This will
    /// return the certificate even if it wasn't validated.
    #[method]
    fn getpeercert(cx: &mut Cx, this: Gc<SslSocketObject>, #[default(false)] der: bool) -> PyResult {
        peer_certificate(cx, this, der)
    }
    #[method]
    fn get_verified_chain(cx: &mut Cx, this: Gc<SslSocketObject>) -> PyResult {
        chain(cx, this, true)
    }
    #[method]
    fn get_unverified_chain(cx: &mut Cx, this: Gc<SslSocketObject>) -> PyResult {
        chain(cx, this, false)
    }
    #[method]
    fn cipher(cx: &mut Cx, this: Gc<SslSocketObject>) -> PyResult {
        let suite = look(cx, this, |session| {
            let suite = session.state().and_then(|state| state.negotiated_cipher_suite());
            suite.and_then(|suite| ciphers::by_number(suite.suite()))
        })?;
        Ok(suite.map_or(NONE, |suite| suite_value(cx, suite)))
    }
    #[method]
    fn version(cx: &mut Cx, this: Gc<SslSocketObject>) -> PyResult {
        let version = look(cx, this, |session| {
            if session.is_shaken() { session.state().and_then(|state| state.protocol_version()) } else { None }
        })?;
        let text = match version {
            Some(rustls::ProtocolVersion::TLSv1_2) => "TLSv1.2",
            Some(rustls::ProtocolVersion::TLSv1_3) => "TLSv1.3",
            _ => return Ok(NONE),
        };
        Ok(Str::new(cx, text).value())
    }
    #[method]
    fn selected_alpn_protocol(cx: &mut Cx, this: Gc<SslSocketObject>) -> PyResult {
        let protocol =
            look(cx, this, |session| session.state().and_then(|state| state.alpn_protocol()).map(<[u8]>::to_vec))?;
        match protocol {
            Some(protocol) => Ok(Str::new(cx, &String::from_utf8_lossy(&protocol)).value()),
            None => Ok(NONE),
        }
    }
    #[method]
    fn compression(this: Gc<SslSocketObject>) -> Value {
        let _ = this;
        NONE
    }
    #[method]
    fn shared_ciphers(cx: &mut Cx, this: Gc<SslSocketObject>) -> PyResult {
        let suites: Vec<&'static Suite> = look(cx, this, |session| {
            let own = session.context.look(|settings| settings.suites.clone());
            let offered = session.offered.iter().filter_map(|number| ciphers::by_number(*number));
            offered.filter(|suite| own.iter().any(|known| known.number == suite.number)).collect()
        })?;
        if suites.is_empty() {
            return Ok(NONE);
        }
        let list = List::new(cx, &[])?;
        for suite in suites {
            let suite = suite_value(cx, suite);
            List::push(cx, list, suite)?;
        }
        Ok(list.value())
    }
    /// Get channel binding data for current connection.
    ///
    /// Raise ValueError if the requested `cb_type` is not supported.  Return bytes
    /// of the data or None if the data is not available (e.g. before the
    /// handshake).  Only 'tls-unique' channel binding data from RFC 5929 is
    /// known, and rustls does not give it.
    #[method]
    fn get_channel_binding(
        cx: &mut Cx,
        this: Gc<SslSocketObject>,
        #[keyword]
        #[default(NONE)]
        #[shown("'tls-unique'")]
        cb_type: Value,
    ) -> PyResult {
        let kind = match downcast::<Str>(cb_type) {
            Some(text) => text.to_text(),
            None if cb_type == NONE => "tls-unique".to_string(),
            None => return Err(cx.type_error("get_channel_binding() argument 'cb_type' must be str")),
        };
        if kind != "tls-unique" {
            return Err(cx.value_error(format!("'{kind}' channel binding type not implemented")));
        }
        if !look(cx, this, |session| session.is_shaken())? {
            return Ok(NONE);
        }
        Err(cx.raise(Kind::NOT_IMPLEMENTED_ERROR, "'tls-unique' channel binding is not supported by rustls"))
    }
    /// Not supported: rustls does not authenticate clients after the handshake.
    #[method]
    fn verify_client_post_handshake(cx: &mut Cx, this: Gc<SslSocketObject>) -> PyResult<()> {
        let _ = this;
        Err(cx.raise(Kind::NOT_IMPLEMENTED_ERROR, "Post-handshake auth is not supported by rustls."))
    }
    /// This changes the context associated with the SSLSocket.
    ///
    /// This is typically used from within a callback function set by the sni_callback
    /// on the SSLContext to change the certificate information associated with the
    /// SSLSocket before the cryptographic exchange handshake messages.
    #[getter]
    fn context(this: Gc<SslSocketObject>) -> Value {
        this.context.get()
    }
    #[setter]
    fn set_context(cx: &mut Cx, this: Gc<SslSocketObject>, value: Value) -> PyResult<()> {
        check_given(cx, this.value(), "context", value)?;
        let Some(context) = downcast::<ContextObject>(value) else {
            return Err(cx.type_error("The value must be a SSLContext"));
        };
        let state = state_of(cx, context)?;
        look(cx, this, |session| session.context = state)?;
        this.context.set(cx.mutator(), this, value);
        Ok(())
    }
    /// Whether this is a server-side socket.
    #[getter]
    fn server_side(cx: &mut Cx, this: Gc<SslSocketObject>) -> PyResult<bool> {
        Ok(super::socket::connection_of(cx, this)?.is_server)
    }
    /// The currently set server hostname (for SNI).
    #[getter]
    fn server_hostname(this: Gc<SslSocketObject>) -> Value {
        this.host.get()
    }
    /// The Python-level owner of this object.
    ///
    /// Passed as "self" in servername callback.
    #[getter]
    fn owner(cx: &mut Cx, this: Gc<SslSocketObject>) -> Value {
        owner_of(cx, this).unwrap_or(NONE)
    }
    #[setter]
    fn set_owner(cx: &mut Cx, this: Gc<SslSocketObject>, value: Value) -> PyResult<()> {
        check_given(cx, this.value(), "owner", value)?;
        let reference = weak_owner(cx, value)?;
        this.owner.set(cx.mutator(), this, reference);
        Ok(())
    }
    /// The underlying SSLSession object.
    #[getter]
    fn session(cx: &mut Cx, this: Gc<SslSocketObject>) -> PyResult {
        let saved = look(cx, this, |session| (session.is_shaken(), session.saved()))?;
        match saved {
            (true, saved) => Ok(new_session(cx, saved, this.context.get())),
            _ => Ok(NONE),
        }
    }
    #[setter]
    fn set_session(cx: &mut Cx, this: Gc<SslSocketObject>, value: Value) -> PyResult<()> {
        check_given(cx, this.value(), "session", value)?;
        set_session(cx, this, value)
    }
    /// Was the client session reused during handshake?
    #[getter]
    fn session_reused(cx: &mut Cx, this: Gc<SslSocketObject>) -> PyResult<bool> {
        look(cx, this, |session| session.is_resumed())
    }
}
