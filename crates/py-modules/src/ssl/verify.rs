//! Verifying the chain of certificates that a peer shows.
//!
//! Here a chain is built in OpenSSL's way, to find which of its errors applies and what `get_verified_chain()` shows.
//! Whether the chain holds (signatures, constraints, purposes, revocation) is then decided by webpki. One case is
//! decided here alone: a peer's certificate that is itself in the store is trusted because it is there; webpki knows no such trust.

use super::certificate::Certificate;
use super::host_name;
use super::store::Store;
use rustls::pki_types::{CertificateDer, TrustAnchor, UnixTime};
use rustls::{CertificateError, Error};
use std::sync::{Arc, Mutex, PoisonError};
use webpki::{EndEntityCert, KeyUsage};

/// VERIFY_CRL_CHECK_LEAF.
pub const CHECK_REVOCATION: i64 = 0x4;
/// What VERIFY_CRL_CHECK_CHAIN has beside it.
pub const CHECK_REVOCATION_ALL: i64 = 0x8;
/// VERIFY_X509_STRICT.
pub const STRICT: i64 = 0x20;
/// VERIFY_X509_PARTIAL_CHAIN.
pub const PARTIAL_CHAIN: i64 = 0x80000;

const SERVER_PURPOSE: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 1];
const CLIENT_PURPOSE: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 2];
/// No chain is longer.
const MOST_CERTIFICATES: usize = 32;

/// By what a chain is judged.
#[derive(Debug)]
pub struct Policy {
    /// What is trusted. The lock is never held while Python code runs.
    pub store: Arc<Mutex<Store>>,
    /// The context's verify_flags.
    pub flags: i64,
    /// How names of hosts are compared.
    pub host_flags: u32,
}

/// Whose certificate it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Peer {
    /// A server's.
    Server,
    /// A client's.
    Client,
}

/// Why a chain does not hold: the number and text of OpenSSL's error, and what rustls calls it.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The number.
    pub number: i64,
    /// The text.
    pub text: String,
    /// By this, rustls chooses the alert that it sends.
    pub error: CertificateError,
}

impl Problem {
    fn new(number: i64, error: CertificateError) -> Problem {
        let text = match number {
            3 => "unable to get certificate CRL",
            7 => "certificate signature failure",
            9 => "certificate is not yet valid or the system clock is incorrect",
            10 => "certificate has expired",
            12 => "CRL has expired",
            18 => "self-signed certificate",
            19 => "self-signed certificate in certificate chain",
            20 => "unable to get local issuer certificate",
            22 => "certificate chain too long",
            23 => "certificate revoked",
            25 => "path length constraint exceeded",
            26 => "unsuitable certificate purpose",
            28 => "certificate rejected",
            34 => "unhandled critical extension",
            47 => "permitted subtree violation",
            68 => "CA signature digest algorithm too weak",
            79 => "invalid CA certificate",
            85 => "Missing Authority Key Identifier",
            86 => "Missing Subject Key Identifier",
            89 => "Basic Constraints of CA cert not marked critical",
            92 => "CA cert does not include key usage extension",
            _ => "unspecified certificate verification error",
        };
        Problem { number, text: text.to_string(), error }
    }

    fn wrong_host(host: &str) -> Problem {
        let (number, what) = if host.parse::<std::net::IpAddr>().is_ok() {
            (64, "IP address mismatch")
        } else {
            (62, "Hostname mismatch")
        };
        let text = format!("{what}, certificate is not valid for '{host}'.");
        Problem { number, text, error: CertificateError::NotValidForName }
    }

    fn of_webpki(error: &webpki::Error) -> Problem {
        use webpki::Error as Webpki;
        let (number, error) = match error {
            Webpki::CertExpired { .. } => (10, CertificateError::Expired),
            Webpki::CertNotValidYet { .. } => (9, CertificateError::NotValidYet),
            Webpki::CertDistrusted => (28, CertificateError::ApplicationVerificationFailure),
            Webpki::CertRevoked => (23, CertificateError::Revoked),
            Webpki::UnknownRevocationStatus | Webpki::IssuerNotCrlSigner => {
                (3, CertificateError::UnknownRevocationStatus)
            }
            Webpki::CrlExpired { .. } => (12, CertificateError::ExpiredRevocationList),
            Webpki::UnknownIssuer => (20, CertificateError::UnknownIssuer),
            Webpki::InvalidSignatureForPublicKey | Webpki::InvalidCrlSignatureForPublicKey => {
                (7, CertificateError::BadSignature)
            }
            Webpki::EndEntityUsedAsCa => (79, CertificateError::UnknownIssuer),
            Webpki::CaUsedAsEndEntity | Webpki::RequiredEkuNotFoundContext(_) | Webpki::EmptyEkuExtension => {
                (26, CertificateError::InvalidPurpose)
            }
            Webpki::PathLenConstraintViolated => (25, CertificateError::UnknownIssuer),
            Webpki::NameConstraintViolation => (47, CertificateError::NotValidForName),
            Webpki::UnsupportedCriticalExtension => (34, CertificateError::UnhandledCriticalExtension),
            Webpki::MaximumPathDepthExceeded => (22, CertificateError::UnknownIssuer),
            Webpki::UnsupportedSignatureAlgorithmContext(_)
            | Webpki::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => (68, CertificateError::BadSignature),
            _ => (1, CertificateError::BadEncoding),
        };
        Problem::new(number, error)
    }
}

/// A chain, from the peer's own certificate to one that is trusted.
pub type Chain = Vec<Arc<Certificate>>;

/// Verifies the certificates that a peer has shown, its own first. `host`: whose they must be.
pub fn verify(
    policy: &Policy,
    shown: &[&CertificateDer<'_>],
    host: Option<&str>,
    peer: Peer,
    now: UnixTime,
) -> Result<Chain, Problem> {
    let malformed = || Problem::new(1, CertificateError::BadEncoding);
    let mut certificates = Vec::new();
    for der in shown {
        certificates.push(Arc::new(Certificate::parse(der).ok_or_else(malformed)?));
    }
    let Some(leaf) = certificates.first().map(Arc::clone) else { return Err(malformed()) };
    let seconds = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    let mut store = policy.store.lock().unwrap_or_else(PoisonError::into_inner);
    let chain = build(&mut store, policy.flags, &certificates, seconds)?;
    let purpose = if peer == Peer::Server { SERVER_PURPOSE } else { CLIENT_PURPOSE };
    if !leaf.allows(purpose) {
        return Err(Problem::new(26, CertificateError::InvalidPurpose));
    }
    if policy.flags & STRICT != 0 {
        check_strictly(&chain)?;
    }
    if let Some(host) = host
        && !host_name::matches(&leaf, host, policy.host_flags)
    {
        return Err(Problem::wrong_host(host));
    }
    if chain.len() > 1 {
        check_by_webpki(&store, policy.flags, &certificates, &chain, peer, now)?;
    } else if policy.flags & CHECK_REVOCATION != 0 {
        return Err(Problem::new(3, CertificateError::UnknownRevocationStatus));
    }
    check_times(&chain, seconds)?;
    Ok(chain)
}

/// The chain that the certificates have, whether or not it holds. `None` where none can be built.
pub fn chain_of(policy: &Policy, shown: &[CertificateDer<'_>]) -> Option<Chain> {
    let now = i64::try_from(UnixTime::now().as_secs()).unwrap_or(i64::MAX);
    let certificates: Option<Vec<_>> = shown.iter().map(|der| Certificate::parse(der).map(Arc::new)).collect();
    let mut store = policy.store.lock().unwrap_or_else(PoisonError::into_inner);
    build(&mut store, policy.flags, &certificates?, now).ok()
}

fn is_anchor(store: &Store, flags: i64, certificate: &Certificate) -> bool {
    store.contains(certificate) && (flags & PARTIAL_CHAIN != 0 || certificate.is_self_issued())
}

fn is_valid_at(certificate: &Certificate, now: i64) -> bool {
    (certificate.not_before..=certificate.not_after).contains(&now)
}

/// The best issuer of a certificate among some: one that is valid now, if there is one.
fn issuer_among<'a>(
    candidates: impl Iterator<Item = &'a Arc<Certificate>>,
    certificate: &Certificate,
    now: i64,
) -> Option<Arc<Certificate>> {
    let mut found = None;
    for candidate in candidates.filter(|candidate| certificate.may_be_issued_by(candidate)) {
        if is_valid_at(candidate, now) {
            return Some(Arc::clone(candidate));
        }
        found = found.or(Some(candidate));
    }
    found.map(Arc::clone)
}

fn build(store: &mut Store, flags: i64, shown: &[Arc<Certificate>], now: i64) -> Result<Chain, Problem> {
    let Some(leaf) = shown.first() else { return Err(Problem::new(1, CertificateError::BadEncoding)) };
    let mut chain = vec![Arc::clone(leaf)];
    loop {
        let last = Arc::clone(&chain[chain.len() - 1]);
        store.read_folders(last.issuer());
        if is_anchor(store, flags, &last) {
            return Ok(chain);
        }
        if last.is_self_issued() {
            let number = if chain.len() == 1 { 18 } else { 19 };
            return Err(Problem::new(number, CertificateError::UnknownIssuer));
        }
        if chain.len() >= MOST_CERTIFICATES {
            return Err(Problem::new(22, CertificateError::UnknownIssuer));
        }
        let is_new = |candidate: &&Arc<Certificate>| chain.iter().all(|known| known.der() != candidate.der());
        let issuer = issuer_among(store.certificates().iter().filter(is_new), &last, now)
            .or_else(|| issuer_among(shown.iter().filter(is_new), &last, now));
        match issuer {
            Some(issuer) => chain.push(issuer),
            None => return Err(Problem::new(20, CertificateError::UnknownIssuer)),
        }
    }
}

fn check_times(chain: &Chain, now: i64) -> Result<(), Problem> {
    for certificate in chain {
        if now < certificate.not_before {
            return Err(Problem::new(9, CertificateError::NotValidYet));
        }
        if now > certificate.not_after {
            return Err(Problem::new(10, CertificateError::Expired));
        }
    }
    Ok(())
}

/// What RFC 5280 asks of those who issue certificates, and much software does not: checked only on demand.
fn check_strictly(chain: &Chain) -> Result<(), Problem> {
    for (at, certificate) in chain.iter().enumerate() {
        if certificate.version < 3 {
            continue;
        }
        let is_last = at + 1 == chain.len();
        let constraints = certificate.basic_constraints();
        let is_authority = constraints.is_some_and(|(is_authority, _)| is_authority);
        let number = if is_authority && constraints.is_some_and(|(_, critical)| !critical) {
            89
        } else if is_authority && !certificate.has_key_usage() {
            92
        } else if !is_last && certificate.authority_key().is_none() {
            85
        } else if is_authority && certificate.subject_key().is_none() {
            86
        } else {
            continue;
        };
        return Err(Problem::new(number, CertificateError::BadEncoding));
    }
    Ok(())
}

fn check_by_webpki(
    store: &Store,
    flags: i64,
    shown: &[Arc<Certificate>],
    chain: &Chain,
    peer: Peer,
    now: UnixTime,
) -> Result<(), Problem> {
    let refuse = |error: webpki::Error| Problem::of_webpki(&error);
    let leaf = EndEntityCert::try_from(chain[0].der()).map_err(refuse)?;
    let wanted: Vec<&[u8]> = shown.iter().chain(chain).map(|certificate| certificate.issuer()).collect();
    let (mut anchors, mut between): (Vec<TrustAnchor<'_>>, Vec<CertificateDer<'_>>) = (Vec::new(), Vec::new());
    for certificate in store.certificates() {
        if !wanted.contains(&certificate.subject()) {
            continue;
        }
        if flags & PARTIAL_CHAIN != 0 || certificate.is_self_issued() {
            anchors.extend(webpki::anchor_from_trusted_cert(certificate.der()).ok());
        } else {
            between.push(certificate.der().clone());
        }
    }
    between.extend(shown[1..].iter().map(|certificate| certificate.der().clone()));
    let lists: Vec<webpki::CertRevocationList<'_>> = store
        .revocations()
        .iter()
        .filter_map(|list| webpki::BorrowedCertRevocationList::from_der(list).ok())
        .map(webpki::CertRevocationList::Borrowed)
        .collect();
    let lists: Vec<&webpki::CertRevocationList<'_>> = lists.iter().collect();
    let revocation = if flags & CHECK_REVOCATION == 0 {
        None
    } else {
        let depth = match flags & CHECK_REVOCATION_ALL {
            0 => webpki::RevocationCheckDepth::EndEntity,
            _ => webpki::RevocationCheckDepth::Chain,
        };
        let no_list = |_| Problem::new(3, CertificateError::UnknownRevocationStatus);
        let options = webpki::RevocationOptionsBuilder::new(&lists).map_err(no_list)?;
        Some(options.with_depth(depth).with_expiration_policy(webpki::ExpirationPolicy::Enforce).build())
    };
    let usage = if peer == Peer::Server { KeyUsage::server_auth() } else { KeyUsage::client_auth() };
    let algorithms = rustls::crypto::ring::default_provider().signature_verification_algorithms.all;
    leaf.verify_for_usage(algorithms, &anchors, &between, now, usage, revocation, None).map(drop).map_err(refuse)
}

impl From<&Problem> for Error {
    fn from(problem: &Problem) -> Error {
        Error::InvalidCertificate(problem.error.clone())
    }
}
