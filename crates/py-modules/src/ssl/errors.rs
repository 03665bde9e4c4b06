//! `SSLError` and the classes derived from it, and what of rustls's errors becomes which.

use crate::system::roots::RootedValue;
use py_macros::py_methods;
use py_object::exception::as_exception;
use py_object::objects::{Dict, Exception, Str, Tuple, Type};
use py_object::types::{self, as_type};
use py_object::{Cx, Kind, NONE, PyResult, Raised, attribute, call, downcast, operations};
use vm_heap::{Gc, Value};

/// SSL_ERROR_SSL.
pub const PROTOCOL: i64 = 1;
/// SSL_ERROR_WANT_READ.
pub const WANT_READ: i64 = 2;
/// SSL_ERROR_WANT_WRITE.
pub const WANT_WRITE: i64 = 3;
/// SSL_ERROR_ZERO_RETURN.
pub const ZERO_RETURN: i64 = 6;
/// SSL_ERROR_EOF.
pub const END_OF_FILE: i64 = 8;

/// The classes derived from SSLError.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The certificate of the peer is not valid.
    CertificateVerification,
    /// The peer has closed the connection.
    ZeroReturn,
    /// More must arrive first.
    WantRead,
    /// More must be sent first.
    WantWrite,
    /// A system call failed.
    SystemCall,
    /// The connection ended without being closed.
    EndOfFile,
    /// SSLError itself.
    Base,
}

/// The derived classes by name, with their docstrings.
const DERIVED: [(Class, &str, &str); 6] = [
    (Class::CertificateVerification, "SSLCertVerificationError", "A certificate could not be verified."),
    (Class::ZeroReturn, "SSLZeroReturnError", "SSL/TLS session closed cleanly."),
    (
        Class::WantRead,
        "SSLWantReadError",
        "Non-blocking SSL socket needs to read more data\nbefore the requested operation can be completed.",
    ),
    (
        Class::WantWrite,
        "SSLWantWriteError",
        "Non-blocking SSL socket needs to write more data\nbefore the requested operation can be completed.",
    ),
    (Class::SystemCall, "SSLSyscallError", "System error when attempting SSL operation."),
    (Class::EndOfFile, "SSLEOFError", "SSL/TLS connection terminated abruptly."),
];

static CLASSES: [RootedValue; 6] = [const { RootedValue::new() }; 6];

/// The class of an exception.
pub fn class(cx: &mut Cx, which: Class) -> PyResult<Gc<Type>> {
    if which == Class::Base {
        return Ok(cx.builtin_type(Kind::SSL_ERROR));
    }
    let place = &CLASSES[which as usize];
    if let Some(class) = place.get().and_then(as_type) {
        return Ok(class);
    }
    let (_, name, documentation) = DERIVED[which as usize];
    let namespace = Dict::new(cx);
    for (key, text) in [("__module__", "ssl"), ("__doc__", documentation)] {
        let key = cx.intern(key);
        let text = Str::new(cx, text);
        Dict::set_str(cx, namespace, key, text.value())?;
    }
    let base = cx.builtin_type(Kind::SSL_ERROR).value();
    let bases = match which {
        Class::CertificateVerification => {
            let second = cx.builtin_type(Kind::VALUE_ERROR).value();
            Tuple::new(cx, &[base, second])
        }
        _ => Tuple::new(cx, &[base]),
    };
    let name = cx.intern(name);
    let metaclass = cx.builtin_type(Kind::TYPE);
    let class = types::new_class(cx, metaclass, name, bases.value(), namespace)?;
    place.set(class.value());
    Ok(class)
}

/// Enters the classes into the module.
pub fn enter(cx: &mut Cx, module: Gc<py_object::objects::Module>) -> PyResult<()> {
    let base = cx.builtin_type(Kind::SSL_ERROR);
    crate::set(cx, module, "SSLError", base.value())?;
    for (which, name, _) in DERIVED {
        let class = class(cx, which)?;
        crate::set(cx, module, name, class.value())?;
    }
    Ok(())
}

/// What went wrong.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The exception's class.
    pub class: Class,
    /// Its first argument; negative for none.
    pub number: i64,
    /// The part of OpenSSL that the error would be of.
    pub library: Option<&'static str>,
    /// The symbol of the reason.
    pub reason: Option<String>,
    /// The text.
    pub text: String,
    /// Number and text of a failed verification.
    pub verification: Option<(i64, String)>,
}

impl Failure {
    /// An error of the protocol, by its symbol: `WRONG_VERSION_NUMBER`.
    pub fn reason(symbol: &str) -> Failure {
        Failure::of("SSL", symbol)
    }

    /// An error of a part of the library.
    pub fn of(library: &'static str, symbol: &str) -> Failure {
        let text = symbol.to_lowercase().replace('_', " ");
        Failure::with_text(library, symbol, text)
    }

    /// The same with a text of its own.
    pub fn with_text(library: &'static str, symbol: &str, text: impl Into<String>) -> Failure {
        Failure {
            class: Class::Base,
            number: PROTOCOL,
            library: Some(library),
            reason: Some(symbol.to_string()),
            text: text.into(),
            verification: None,
        }
    }

    /// An error that has a text only.
    pub fn plain(class: Class, number: i64, text: impl Into<String>) -> Failure {
        Failure { class, number, library: None, reason: None, text: text.into(), verification: None }
    }

    /// More must arrive first.
    pub fn want_read() -> Failure {
        Failure::plain(Class::WantRead, WANT_READ, "The operation did not complete (read)")
    }

    /// More must be sent first.
    pub fn want_write() -> Failure {
        Failure::plain(Class::WantWrite, WANT_WRITE, "The operation did not complete (write)")
    }

    /// The peer has closed the connection.
    pub fn closed() -> Failure {
        Failure::plain(Class::ZeroReturn, ZERO_RETURN, "TLS/SSL connection has been closed (EOF)")
    }

    /// The connection ended without being closed.
    pub fn end_of_file() -> Failure {
        Failure {
            class: Class::EndOfFile,
            number: END_OF_FILE,
            ..Failure::with_text("SSL", "UNEXPECTED_EOF_WHILE_READING", "EOF occurred in violation of protocol")
        }
    }

    /// The certificate of the peer is not valid.
    pub fn verification(number: i64, text: String) -> Failure {
        Failure {
            class: Class::CertificateVerification,
            verification: Some((number, text)),
            ..Failure::with_text("SSL", "CERTIFICATE_VERIFY_FAILED", "certificate verify failed")
        }
    }

    /// An error without a number.
    pub fn text_only(text: &str) -> Failure {
        Failure::plain(Class::Base, -1, text)
    }

    /// The same with another number.
    pub fn numbered(self, number: i64) -> Failure {
        Failure { number, ..self }
    }

    /// The same as an error of a part of the library.
    pub fn within(self, library: &'static str) -> Failure {
        Failure { library: Some(library), ..self }
    }

    fn message(&self) -> String {
        let start = match (self.library, &self.reason) {
            (Some(library), Some(reason)) => format!("[{library}: {reason}] "),
            (Some(library), None) => format!("[{library}] "),
            _ => String::new(),
        };
        let end = self.verification.as_ref().map_or(String::new(), |(_, text)| format!(": {text}"));
        format!("{start}{}{end}", self.text)
    }
}

/// Raises an error.
pub fn raise(cx: &mut Cx, failure: &Failure) -> Raised {
    match try_raise(cx, failure) {
        Ok(raised) | Err(raised) => raised,
    }
}

fn try_raise(cx: &mut Cx, failure: &Failure) -> PyResult<Raised> {
    let class = class(cx, failure.class)?;
    let text = Str::new(cx, &failure.message());
    let arguments = [Value::int(failure.number), text.value()];
    let arguments = if failure.number < 0 { &arguments[1..] } else { &arguments[..] };
    let made = call::call(cx, class.value(), arguments, None)?;
    if failure.number < 0 {
        return match as_exception(made) {
            Some(exception) => Ok(py_object::exception::raise(cx, exception)),
            None => Err(cx.type_error("the class did not make an exception")),
        };
    }
    let set = |cx: &mut Cx, name: &str, value: Value| {
        let name = cx.intern(name);
        attribute::set(cx, made, name, Some(value))
    };
    let reason = match &failure.reason {
        Some(reason) => Str::new(cx, reason).value(),
        None => NONE,
    };
    set(cx, "reason", reason)?;
    let library = match failure.library {
        Some(library) => Str::new(cx, library).value(),
        None => NONE,
    };
    set(cx, "library", library)?;
    if let Some((number, text)) = &failure.verification {
        set(cx, "verify_code", Value::int(*number))?;
        let text = Str::new(cx, text);
        set(cx, "verify_message", text.value())?;
    }
    match as_exception(made) {
        Some(exception) => Ok(py_object::exception::raise(cx, exception)),
        None => Err(cx.type_error("the class did not make an exception")),
    }
}

/// The methods of `SSLError`.
pub struct ErrorMethods;

#[py_methods(SSL_ERROR, name = "SSLError")]
impl ErrorMethods {
    #[method]
    fn __str__(cx: &mut Cx, this: Gc<Exception>) -> PyResult<Gc<Str>> {
        let name = cx.intern("strerror");
        let text = attribute::get(cx, this.value(), name)?;
        if let Some(text) = downcast::<Str>(text) {
            return Ok(text);
        }
        let arguments = this.args.get();
        operations::to_str(cx, arguments)
    }
}
