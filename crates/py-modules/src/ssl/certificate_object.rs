//! `Certificate`: one of the certificates of a chain.

use super::certificate::Certificate;
use super::native::{held, hold};
use super::{describe, pem};
use py_macros::py_methods;
use py_object::objects::{Array, Bytes, Str};
use py_object::{Cx, FALSE, Kind, NOT_IMPLEMENTED, PyResult, TRUE, downcast, object};
use std::sync::Arc;
use vm_heap::{Gc, Value};

object! {
    /// A certificate.
    pub struct CertificateObject = 825 {
        /// Version word.
        word: u64,
        /// Always empty; the offset of attributes.
        attributes: Option<Gc<Array>>,
        /// The native part.
        native: Value,
    }
}

const ENCODING_PEM: i64 = 1;
const ENCODING_DER: i64 = 2;

/// The object of a certificate.
pub fn new_certificate(cx: &mut Cx, der: &[u8]) -> PyResult {
    let Some(certificate) = Certificate::parse(der) else {
        return Err(super::loading::malformed(cx));
    };
    let native = hold(cx, Arc::new(certificate));
    let class = cx.builtin_type(Kind::SSL_CERTIFICATE);
    let object = crate::new_object::<CertificateObject>(cx, class);
    object.native.init(native);
    Ok(object.value())
}

fn certificate_of(cx: &mut Cx, this: Gc<CertificateObject>) -> PyResult<Arc<Certificate>> {
    match held(this.native.get()) {
        Some(certificate) => Ok(certificate),
        None => Err(super::loading::malformed(cx)),
    }
}

fn are_equal(cx: &mut Cx, this: Gc<CertificateObject>, other: Value) -> PyResult<Option<bool>> {
    let Some(other) = downcast::<CertificateObject>(other) else { return Ok(None) };
    let this = certificate_of(cx, this)?;
    let other = certificate_of(cx, other)?;
    Ok(Some(this.der() == other.der()))
}

/// `Certificate`.
pub struct Methods;

#[py_methods(SSL_CERTIFICATE, name = "Certificate")]
impl Methods {
    #[method]
    fn __eq__(cx: &mut Cx, this: Gc<CertificateObject>, value: Value) -> PyResult {
        Ok(match are_equal(cx, this, value)? {
            Some(true) => TRUE,
            Some(false) => FALSE,
            None => NOT_IMPLEMENTED,
        })
    }
    #[method]
    fn __ne__(cx: &mut Cx, this: Gc<CertificateObject>, value: Value) -> PyResult {
        Ok(match are_equal(cx, this, value)? {
            Some(true) => FALSE,
            Some(false) => TRUE,
            None => NOT_IMPLEMENTED,
        })
    }
    #[method]
    fn __hash__(cx: &mut Cx, this: Gc<CertificateObject>) -> PyResult<i64> {
        let name = certificate_of(cx, this)?;
        Ok(i64::from(super::store::name_hash(name.subject())))
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<CertificateObject>) -> PyResult<Gc<Str>> {
        let certificate = certificate_of(cx, this)?;
        let text = format!("<_ssl.Certificate '{}'>", describe::one_line(certificate.subject()));
        Ok(Str::new(cx, &text))
    }
    /// Return the certificate as bytes: PEM or DER.
    #[method]
    fn public_bytes(
        cx: &mut Cx,
        this: Gc<CertificateObject>,
        #[keyword]
        #[default(ENCODING_PEM)]
        #[shown("Encoding.PEM")]
        format: i64,
    ) -> PyResult {
        let certificate = certificate_of(cx, this)?;
        match format {
            ENCODING_PEM => {
                let text = pem::encode("CERTIFICATE", certificate.der());
                Ok(Str::new(cx, &text).value())
            }
            ENCODING_DER => Ok(Bytes::checked(cx, certificate.der())?.value()),
            _ => Err(cx.value_error("Unsupported format")),
        }
    }
    /// Return what `getpeercert()` says of it.
    #[method]
    fn get_info(cx: &mut Cx, this: Gc<CertificateObject>) -> PyResult {
        let certificate = certificate_of(cx, this)?;
        describe::describe(cx, &certificate)
    }
}
