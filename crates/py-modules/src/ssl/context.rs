//! `_SSLContext`: settings of connections.

use super::ciphers;
use super::errors::{Failure, raise};
use super::loading;
use super::native::{held, hold};
use super::settings::{ContextState, PROTOCOL_CLIENT, PROTOCOL_SERVER, PROTOCOL_TLS, PROTOCOL_TLS_1_2};
use super::socket;
use py_macros::py_methods;
use py_object::buffer::ByteView;
use py_object::objects::{Array, Dict, List, Str, Type};
use py_object::{Cx, FALSE, Kind, NONE, PyResult, Raised, StrExt, TRUE, UNBOUND, downcast, object, types};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, PoisonError};
use vm_heap::{Gc, Value};

object! {
    /// A context.
    pub struct ContextObject = 822 {
        /// Version word.
        word: u64,
        /// Attributes, of subclasses' instances.
        attributes: Option<Gc<Array>>,
        /// The native part.
        native: Value,
        /// What is called when a client says whom it wants to speak to, or None.
        name_callback: Value,
        /// The name of the file that secrets are logged in, or None.
        log_name: Value,
    }
}

const DEFAULT_OPTIONS: u64 = 0x8252_0050;
/// `_DEFAULT_CIPHERS`.
pub const DEFAULT_CIPHERS: &str = "ALL:!COMPLEMENTOFDEFAULT:!eNULL";

/// The native part of a context.
pub fn state_of(cx: &mut Cx, this: Gc<ContextObject>) -> PyResult<Arc<ContextState>> {
    match held(this.native.get()) {
        Some(state) => Ok(state),
        None => Err(cx.value_error("the context is not initialized")),
    }
}

/// AttributeError where an attribute is to be deleted, not set.
pub fn check_given(cx: &mut Cx, object: Value, name: &str, value: Value) -> PyResult<()> {
    if value != UNBOUND {
        return Ok(());
    }
    let class = types::name_of(types::class_of(cx, object));
    let message = format!("attribute '{name}' of '{class}' objects cannot be deleted");
    Err(cx.raise(Kind::ATTRIBUTE_ERROR, message))
}

fn put(cx: &mut Cx, dict: Gc<Dict>, name: &str, value: Value) -> PyResult<()> {
    let name = cx.intern(name);
    Dict::set_str(cx, dict, name, value)
}

fn cipher_description(cx: &mut Cx, suite: &ciphers::Suite) -> PyResult {
    let dict = cx.dict();
    // OpenSSL's numbers have the version of SSL before TLS's number.
    put(cx, dict, "id", Value::int(0x0300_0000 | i64::from(suite.number)))?;
    for (name, text) in [("name", suite.name), ("protocol", suite.version), ("description", &suite.description())] {
        let text = Str::new(cx, text);
        put(cx, dict, name, text.value())?;
    }
    put(cx, dict, "strength_bits", Value::int(suite.bits))?;
    put(cx, dict, "alg_bits", Value::int(suite.bits))?;
    put(cx, dict, "aead", TRUE)?;
    let symmetric = Str::new(cx, suite.symmetric);
    put(cx, dict, "symmetric", symmetric.value())?;
    put(cx, dict, "digest", NONE)?;
    for (name, text) in [("kea", suite.exchange()), ("auth", suite.authentication())] {
        let text = Str::new(cx, text);
        put(cx, dict, name, text.value())?;
    }
    Ok(dict.value())
}

fn protocols_of(bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut protocols = Vec::new();
    let mut rest = bytes;
    while let [length, after @ ..] = rest {
        let length = usize::from(*length);
        if length == 0 || length > after.len() {
            return None;
        }
        protocols.push(after[..length].to_vec());
        rest = &after[length..];
    }
    Some(protocols)
}

fn choose_group(cx: &mut Cx, this: Gc<ContextObject>, name: Value) -> PyResult<()> {
    use rustls::crypto::ring::kx_group;
    let path = crate::system::paths::fspath(cx, name)?;
    let text = ByteView::try_of(path).map(|view| String::from_utf8_lossy(view.bytes()).into_owned());
    let text = match text {
        Some(text) => text,
        None => crate::value_text(cx, path)?,
    };
    let group = match text.as_str() {
        "prime256v1" | "P-256" | "secp256r1" => kx_group::SECP256R1,
        "secp384r1" | "P-384" => kx_group::SECP384R1,
        "X25519" | "x25519" => kx_group::X25519,
        "secp521r1" | "P-521" | "X448" | "secp256k1" | "secp224r1" | "brainpoolP256r1" => {
            return Err(cx.raise(Kind::NOT_IMPLEMENTED_ERROR, format!("rustls does not have the curve {text}")));
        }
        _ => {
            let shown = crate::repr_text(cx, name)?;
            return Err(cx.value_error(format!("unknown elliptic curve name {shown}")));
        }
    };
    state_of(cx, this)?.change(|settings| settings.group = Some(group));
    Ok(())
}

fn wrong_argument(cx: &mut Cx, function: &str, at: usize, wanted: &str, given: Value) -> Raised {
    let given = types::name_of(types::class_of(cx, given));
    cx.type_error(format!("{function}() argument {at} must be {wanted}, not {given}"))
}

/// `_SSLContext`.
pub struct Methods;

#[py_methods(SSL_CONTEXT, name = "_SSLContext")]
impl Methods {
    #[new(signature = "($type, *args, **kwargs)")]
    fn new(cx: &mut Cx, class: Gc<Type>, protocol: i64) -> PyResult<Gc<ContextObject>> {
        match protocol {
            PROTOCOL_CLIENT | PROTOCOL_SERVER => {}
            PROTOCOL_TLS => {
                py_object::warning::warn(cx, Kind::DEPRECATION_WARNING, "ssl.PROTOCOL_TLS is deprecated")?;
            }
            PROTOCOL_TLS_1_2 => {
                py_object::warning::warn(cx, Kind::DEPRECATION_WARNING, "ssl.PROTOCOL_TLSv1_2 is deprecated")?;
            }
            _ => return Err(cx.value_error(format!("invalid or unsupported protocol version {protocol}"))),
        }
        let suites = ciphers::choose("ALL").unwrap_or_default();
        let native = hold(cx, Arc::new(ContextState::new(protocol, DEFAULT_OPTIONS, suites)));
        let context = crate::new_object::<ContextObject>(cx, class);
        context.native.init(native);
        context.name_callback.init(NONE);
        context.log_name.init(NONE);
        Ok(context)
    }
    #[method]
    fn _wrap_socket(
        cx: &mut Cx,
        this: Gc<ContextObject>,
        #[keyword] sock: Value,
        #[keyword] server_side: bool,
        #[keyword]
        #[default(NONE)]
        server_hostname: Value,
        #[keyword_only]
        #[default(NONE)]
        owner: Value,
        #[keyword_only]
        #[default(NONE)]
        session: Value,
    ) -> PyResult {
        if downcast::<crate::socket::SocketObject>(sock).is_none() {
            return Err(wrong_argument(cx, "_wrap_socket", 1, "_socket.socket", sock));
        }
        let carriers = socket::Carriers { socket: sock, incoming: NONE, outgoing: NONE };
        socket::wrap(cx, this, carriers, server_side, server_hostname, owner, session)
    }
    #[method]
    fn _wrap_bio(
        cx: &mut Cx,
        this: Gc<ContextObject>,
        #[keyword] incoming: Value,
        #[keyword] outgoing: Value,
        #[keyword] server_side: bool,
        #[keyword]
        #[default(NONE)]
        server_hostname: Value,
        #[keyword_only]
        #[default(NONE)]
        owner: Value,
        #[keyword_only]
        #[default(NONE)]
        session: Value,
    ) -> PyResult {
        for (at, buffer) in [(1, incoming), (2, outgoing)] {
            if downcast::<super::memory::MemoryObject>(buffer).is_none() {
                return Err(wrong_argument(cx, "_wrap_bio", at, "_ssl.MemoryBIO", buffer));
            }
        }
        let carriers = socket::Carriers { socket: NONE, incoming, outgoing };
        socket::wrap(cx, this, carriers, server_side, server_hostname, owner, session)
    }
    /// Set the cipher suites by a list in OpenSSL's format; those of TLS 1.3 are always on.
    #[method]
    fn set_ciphers(cx: &mut Cx, this: Gc<ContextObject>, cipherlist: Gc<Str>) -> PyResult<()> {
        let state = state_of(cx, this)?;
        match ciphers::choose(&cipherlist.to_text()) {
            Some(suites) => {
                state.change(|settings| settings.suites = suites);
                Ok(())
            }
            None => Err(raise(cx, &Failure::text_only("No cipher can be selected."))),
        }
    }
    /// Get the cipher suites that are on, as a list of dicts.
    #[method]
    fn get_ciphers(cx: &mut Cx, this: Gc<ContextObject>) -> PyResult<Gc<List>> {
        let suites = state_of(cx, this)?.look(|settings| settings.suites.clone());
        let list = List::new(cx, &[])?;
        for suite in suites {
            let described = cipher_description(cx, suite)?;
            List::push(cx, list, described)?;
        }
        Ok(list)
    }
    #[method]
    fn _set_alpn_protocols(cx: &mut Cx, this: Gc<ContextObject>, protos: Value) -> PyResult<()> {
        let view = ByteView::of(cx, protos)?;
        match protocols_of(view.bytes()) {
            Some(protocols) => {
                state_of(cx, this)?.change(|settings| settings.protocols = protocols);
                Ok(())
            }
            None => Err(cx.raise(Kind::MEMORY_ERROR, "")),
        }
    }
    /// Load an own certificate, with the chain behind it, and its private key.
    #[method]
    fn load_cert_chain(
        cx: &mut Cx,
        this: Gc<ContextObject>,
        #[keyword] certfile: Value,
        #[keyword]
        #[default(NONE)]
        keyfile: Value,
        #[keyword]
        #[default(NONE)]
        password: Value,
    ) -> PyResult<()> {
        let state = state_of(cx, this)?;
        loading::load_own(cx, &state, certfile, keyfile, password)
    }
    /// Load certificates that are trusted, from a file, a folder or data.
    #[method]
    fn load_verify_locations(
        cx: &mut Cx,
        this: Gc<ContextObject>,
        #[keyword]
        #[default(NONE)]
        cafile: Value,
        #[keyword]
        #[default(NONE)]
        capath: Value,
        #[keyword]
        #[default(NONE)]
        cadata: Value,
    ) -> PyResult<()> {
        let state = state_of(cx, this)?;
        loading::load_trusted(cx, &state, cafile, capath, cadata)
    }
    /// Trust the system's certificates.
    #[method]
    fn set_default_verify_paths(cx: &mut Cx, this: Gc<ContextObject>) -> PyResult<()> {
        let state = state_of(cx, this)?;
        cx.mutator().native(|| state.store.lock().unwrap_or_else(PoisonError::into_inner).add_defaults());
        Ok(())
    }
    /// Returns quantities of loaded X.509 certificates.
    ///
    /// X.509 certificates with a CA extension and certificate revocation lists
    /// inside the context's cert store.
    ///
    /// NOTE: Certificates in a capath directory aren't loaded unless they have
    /// been used at least once.
    #[method]
    fn cert_store_stats(cx: &mut Cx, this: Gc<ContextObject>) -> PyResult {
        let counts = state_of(cx, this)?.store.lock().unwrap_or_else(PoisonError::into_inner).counts();
        let dict = cx.dict();
        put(cx, dict, "x509", Value::int(counts.certificates as i64))?;
        put(cx, dict, "crl", Value::int(counts.revocations as i64))?;
        put(cx, dict, "x509_ca", Value::int(counts.authorities as i64))?;
        Ok(dict.value())
    }
    /// Returns a list of dicts with information of loaded CA certs.
    ///
    /// If the optional argument is True, returns a DER-encoded copy of the CA
    /// certificate.
    ///
    /// NOTE: Certificates in a capath directory aren't loaded unless they have
    /// been used at least once.
    #[method]
    fn get_ca_certs(
        cx: &mut Cx,
        this: Gc<ContextObject>,
        #[keyword]
        #[default(false)]
        binary_form: bool,
    ) -> PyResult<Gc<List>> {
        let state = state_of(cx, this)?;
        let certificates = state.store.lock().unwrap_or_else(PoisonError::into_inner).certificates().to_vec();
        let list = List::new(cx, &[])?;
        for certificate in certificates.iter().filter(|certificate| certificate.is_authority()) {
            let shown = if binary_form {
                crate::buffer::new_bytes(cx, certificate.der())?
            } else {
                super::describe::describe(cx, certificate)?
            };
            List::push(cx, list, shown)?;
        }
        Ok(list)
    }
    /// Return how often handshakes began, came to an end and resumed sessions.
    #[method]
    fn session_stats(cx: &mut Cx, this: Gc<ContextObject>) -> PyResult {
        let state = state_of(cx, this)?;
        let counted = &state.statistics;
        let dict = cx.dict();
        for (name, number) in [
            ("number", 0),
            ("connect", counted.connects.load(Relaxed)),
            ("connect_good", counted.connected.load(Relaxed)),
            ("connect_renegotiate", 0),
            ("accept", counted.accepts.load(Relaxed)),
            ("accept_good", counted.accepted.load(Relaxed)),
            ("accept_renegotiate", 0),
            ("hits", counted.hits.load(Relaxed)),
            ("misses", 0),
            ("timeouts", 0),
            ("cache_full", 0),
        ] {
            put(cx, dict, name, Value::int(number))?;
        }
        Ok(dict.value())
    }
    /// Set the curve for key exchange.
    #[method]
    fn set_ecdh_curve(cx: &mut Cx, this: Gc<ContextObject>, name: Value) -> PyResult<()> {
        choose_group(cx, this, name)
    }
    /// Not supported: rustls has no key exchange by Diffie and Hellman over finite fields.
    #[method]
    fn load_dh_params(cx: &mut Cx, this: Gc<ContextObject>, path: Value) -> PyResult<()> {
        let _ = this;
        loading::refuse_parameters(cx, path)
    }
    /// Not supported: rustls has no pre-shared keys.
    #[method]
    fn set_psk_client_callback(cx: &mut Cx, this: Gc<ContextObject>, #[keyword] callback: Value) -> PyResult<()> {
        let _ = (this, callback);
        Err(cx.raise(Kind::NOT_IMPLEMENTED_ERROR, "PSK callbacks are not supported by rustls"))
    }
    /// Not supported: rustls has no pre-shared keys.
    #[method]
    fn set_psk_server_callback(
        cx: &mut Cx,
        this: Gc<ContextObject>,
        #[keyword] callback: Value,
        #[keyword]
        #[default(NONE)]
        identity_hint: Value,
    ) -> PyResult<()> {
        let _ = (this, callback, identity_hint);
        Err(cx.raise(Kind::NOT_IMPLEMENTED_ERROR, "PSK callbacks are not supported by rustls"))
    }
    /// The protocol that the context was made for.
    #[getter]
    fn protocol(cx: &mut Cx, this: Gc<ContextObject>) -> PyResult<i64> {
        Ok(state_of(cx, this)?.look(|settings| settings.protocol))
    }
    /// The current security level.
    #[getter]
    fn security_level(this: Gc<ContextObject>) -> i64 {
        let _ = this;
        2
    }
    /// Set a callback that will be called when a server name is provided by the SSL/TLS client in the SNI extension.
    ///
    /// If the argument is None then the callback is disabled. The method is called
    /// with the SSLSocket, the server name as a string, and the SSLContext object.
    #[getter]
    fn sni_callback(this: Gc<ContextObject>) -> Value {
        this.name_callback.get()
    }
    #[setter]
    fn set_sni_callback(cx: &mut Cx, this: Gc<ContextObject>, value: Value) -> PyResult<()> {
        check_given(cx, this.value(), "sni_callback", value)?;
        if state_of(cx, this)?.look(|settings| settings.protocol) == PROTOCOL_CLIENT {
            return Err(cx.value_error("sni_callback cannot be set on TLS_CLIENT context"));
        }
        if value != NONE && !py_object::types::class::is_callable(cx, value) {
            return Err(cx.type_error("not a callable object"));
        }
        this.name_callback.set(cx.mutator(), this, value);
        Ok(())
    }
    /// The file that secrets are logged in.
    #[getter]
    fn keylog_filename(this: Gc<ContextObject>) -> Value {
        this.log_name.get()
    }
    #[setter]
    fn set_keylog_filename(cx: &mut Cx, this: Gc<ContextObject>, value: Value) -> PyResult<()> {
        check_given(cx, this.value(), "keylog_filename", value)?;
        let state = state_of(cx, this)?;
        let log = if value == NONE { None } else { Some(loading::open_log(cx, value)?) };
        state.change(|settings| settings.key_log = log);
        this.log_name.set(cx.mutator(), this, value);
        Ok(())
    }
    /// Not supported: rustls does not show the protocol's messages.
    #[getter]
    fn _msg_callback(this: Gc<ContextObject>) -> Value {
        let _ = this;
        NONE
    }
    #[setter(name = "_msg_callback")]
    fn set_message_callback(cx: &mut Cx, this: Gc<ContextObject>, value: Value) -> PyResult<()> {
        check_given(cx, this.value(), "_msg_callback", value)?;
        if value == NONE {
            return Ok(());
        }
        Err(cx.raise(Kind::NOT_IMPLEMENTED_ERROR, "_msg_callback is not supported by rustls"))
    }
    /// None: rustls does not authenticate clients after the handshake.
    #[getter]
    fn post_handshake_auth(this: Gc<ContextObject>) -> Value {
        let _ = this;
        NONE
    }
    #[setter]
    fn set_post_handshake_auth(cx: &mut Cx, this: Gc<ContextObject>, value: Value) -> PyResult<()> {
        check_given(cx, this.value(), "post_handshake_auth", value)?;
        if value == FALSE || value == NONE {
            return Ok(());
        }
        Err(cx.raise(Kind::NOT_IMPLEMENTED_ERROR, "post-handshake authentication is not supported by rustls"))
    }
}
