//! `_ssl`: TLS by rustls, for the library's `ssl`.
//!
//! `connection` has the protocol's state, `socket` and `memory` what it is carried by; `settings` and `context` how it
//! is spoken; `certificate`, `store`, `verify` and `judge` whom to trust. What rustls cannot do (versions before 1.2,
//! pre-shared keys, renegotiation, authentication after the handshake, `tls-unique`) raises an error that says so.

mod certificate;
mod certificate_object;
mod ciphers;
mod connection;
mod constants;
mod context;
mod context_settings;
mod der;
mod describe;
mod errors;
mod failures;
mod functions;
mod host_name;
mod judge;
mod loading;
mod memory;
mod name_callback;
mod native;
mod object_names;
mod pem;
mod private_key;
mod saved;
mod session_object;
mod settings;
mod socket;
mod socket_methods;
mod store;
mod transport;
mod verify;

use crate::{class, declare, make_final, make_unhashable, module_of, set};
use py_object::bootstrap::add_methods;
use py_object::objects::{Module, Str};
use py_object::{Cx, FALSE, Kind, PyResult, TRUE};
use vm_heap::{Gc, Value};

/// The version of rustls that Cargo.lock has; the test below compares them.
const RUSTLS_VERSION: [i64; 3] = [0, 23, 46];

/// The version of OpenSSL whose interface the module has.
const INTERFACE_VERSION: [i64; 3] = [3, 0, 0];

/// Gives the classes their methods.
pub fn install(cx: &mut Cx) {
    native::install();
    declare::<memory::MemoryObject>();
    declare::<context::ContextObject>();
    declare::<socket::SslSocketObject>();
    declare::<session_object::SessionObject>();
    declare::<certificate_object::CertificateObject>();
    for (kind, methods) in [
        (Kind::SSL_MEMORY, memory::SSL_MEMORY_METHODS),
        (Kind::SSL_CONTEXT, context::SSL_CONTEXT_METHODS),
        (Kind::SSL_CONTEXT, context_settings::SSL_CONTEXT_METHODS),
        (Kind::SSL_SOCKET, socket_methods::SSL_SOCKET_METHODS),
        (Kind::SSL_SESSION, session_object::SSL_SESSION_METHODS),
        (Kind::SSL_CERTIFICATE, certificate_object::SSL_CERTIFICATE_METHODS),
        (Kind::SSL_ERROR, errors::SSL_ERROR_METHODS),
    ] {
        add_methods(cx, kind, methods);
    }
    make_unhashable(cx, Kind::SSL_SESSION);
    for kind in [Kind::SSL_MEMORY, Kind::SSL_SOCKET, Kind::SSL_SESSION, Kind::SSL_CERTIFICATE, Kind::SSL_NATIVE] {
        make_final(cx, kind);
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "_ssl", functions::FUNCTIONS);
    for kind in [Kind::SSL_CONTEXT, Kind::SSL_SOCKET, Kind::SSL_MEMORY, Kind::SSL_SESSION, Kind::SSL_CERTIFICATE] {
        class(cx, module, kind)?;
    }
    errors::enter(cx, module)?;
    for (name, number) in constants::NUMBERS {
        set(cx, module, name, Value::int(*number))?;
    }
    for (name, flag) in constants::FLAGS {
        set(cx, module, name, if *flag { TRUE } else { FALSE })?;
    }
    let ciphers = Str::new(cx, context::DEFAULT_CIPHERS);
    set(cx, module, "_DEFAULT_CIPHERS", ciphers.value())?;
    let [major, minor, fix] = RUSTLS_VERSION;
    let version = Str::new(cx, &format!("rustls {major}.{minor}.{fix}"));
    set(cx, module, "OPENSSL_VERSION", version.value())?;
    // Programs learn from these what the module can do, so they name the version of OpenSSL whose interface this is.
    let [major, minor, fix] = INTERFACE_VERSION;
    set(cx, module, "OPENSSL_VERSION_NUMBER", Value::int(major << 28 | minor << 20 | fix << 4))?;
    let parts = cx.tuple(&[Value::int(major), Value::int(minor), Value::int(fix), Value::int(0), Value::int(0)]);
    set(cx, module, "OPENSSL_VERSION_INFO", parts)?;
    set(cx, module, "_OPENSSL_API_VERSION", parts)?;
    Ok(module)
}

#[cfg(test)]
mod tests {
    #[test]
    fn version_is_that_of_the_lock_file() {
        let lock = include_str!("../../../Cargo.lock");
        let [major, minor, fix] = super::RUSTLS_VERSION;
        assert!(lock.contains(&format!("name = \"rustls\"\nversion = \"{major}.{minor}.{fix}\"\n")));
    }
}
