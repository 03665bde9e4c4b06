//! The verifier that rustls asks about the peer's certificates.
//!
//! rustls knows verifiers by configuration, not by connection; the name that the peer must have, and what came of
//! the verification, pass through a place of the thread: a verifier is called inside `process_new_packets`, on the thread that
//! calls it.

use super::verify::{Chain, Peer, Policy, Problem, verify};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};
use std::cell::RefCell;

/// A verification that may happen on this thread.
#[derive(Default)]
pub struct Verification {
    /// Whose the certificate must be.
    pub host: Option<String>,
    /// Why it was refused.
    pub problem: Option<Problem>,
    /// The chain that was found.
    pub chain: Option<Chain>,
}

thread_local! {
    static CURRENT: RefCell<Verification> = const { RefCell::new(Verification { host: None, problem: None, chain: None }) };
}

/// Runs what may verify a certificate that must be of `host`, and says what came of it.
pub fn with_verification<R>(host: Option<&str>, body: impl FnOnce() -> R) -> (R, Verification) {
    CURRENT.with_borrow_mut(|current| {
        *current = Verification { host: host.map(str::to_string), ..Verification::default() };
    });
    let result = body();
    (result, CURRENT.take())
}

/// Judges by a context's policy; by none, everything is accepted that the peer has the key of.
#[derive(Debug)]
pub struct Judge {
    /// What is trusted.
    pub policy: Option<Policy>,
    /// Whether a client must show a certificate.
    pub is_mandatory: bool,
    /// How signatures are checked.
    pub algorithms: WebPkiSupportedAlgorithms,
}

impl Judge {
    fn judge(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        peer: Peer,
        now: UnixTime,
    ) -> Result<(), Error> {
        let Some(policy) = &self.policy else { return Ok(()) };
        let host = CURRENT.with_borrow(|current| current.host.clone());
        let shown: Vec<&CertificateDer<'_>> = std::iter::once(leaf).chain(others).collect();
        match verify(policy, &shown, host.as_deref(), peer, now) {
            Ok(chain) => {
                CURRENT.with_borrow_mut(|current| current.chain = Some(chain));
                Ok(())
            }
            Err(problem) => {
                let error = Error::from(&problem);
                CURRENT.with_borrow_mut(|current| current.problem = Some(problem));
                Err(error)
            }
        }
    }
}

impl ServerCertVerifier for Judge {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.judge(end_entity, intermediates, Peer::Server, now).map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

impl ClientCertVerifier for Judge {
    fn client_auth_mandatory(&self) -> bool {
        self.is_mandatory
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.judge(end_entity, intermediates, Peer::Client, now).map(|()| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
