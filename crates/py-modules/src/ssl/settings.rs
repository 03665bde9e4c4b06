//! The native part of a context: its settings, and the configurations of rustls that are made of them.
//!
//! A configuration is made when a connection needs it and kept until a setting changes: connections that share one can
//! resume each other's sessions.

use super::ciphers::Suite;
use super::errors::Failure;
use super::judge::Judge;
use super::store::Store;
use super::verify::Policy;
use rustls::client::{ResolvesClientCert, Resumption};
use rustls::crypto::{CryptoProvider, SupportedKxGroup, ring as provider};
use rustls::pki_types::CertificateDer;
use rustls::server::{ClientHello, NoClientAuth, NoServerSessionStorage, ResolvesServerCert, ServerSessionMemoryCache};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, KeyLog, ServerConfig, SignatureScheme, SupportedProtocolVersion};
use std::fs::File;
use std::io::Write;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// PROTOCOL_TLS: both sides.
pub const PROTOCOL_TLS: i64 = 2;
/// PROTOCOL_TLSv1_2.
pub const PROTOCOL_TLS_1_2: i64 = 5;
/// PROTOCOL_TLS_CLIENT.
pub const PROTOCOL_CLIENT: i64 = 16;
/// PROTOCOL_TLS_SERVER.
pub const PROTOCOL_SERVER: i64 = 17;
/// TLS 1.2 by number.
pub const VERSION_1_2: i64 = 0x303;
/// TLS 1.3 by number.
pub const VERSION_1_3: i64 = 0x304;
/// CERT_NONE.
pub const NO_CERTIFICATE: i64 = 0;
/// CERT_REQUIRED.
pub const CERTIFICATE_REQUIRED: i64 = 2;

const NO_TICKET: u64 = 0x4000;
const SERVER_PREFERENCE: u64 = 0x40_0000;
const NO_1_2: u64 = 0x0800_0000;
const NO_1_3: u64 = 0x2000_0000;
/// OP_IGNORE_UNEXPECTED_EOF.
pub const IGNORE_UNEXPECTED_END: u64 = 0x80;

/// What can be set.
pub struct Settings {
    /// PROTOCOL_…
    pub protocol: i64,
    /// OP_…
    pub options: u64,
    /// Lowest version, 0 for the lowest there is.
    pub minimum: i64,
    /// Highest version, 0 for the highest there is.
    pub maximum: i64,
    /// CERT_…
    pub verify_mode: i64,
    /// VERIFY_…
    pub verify_flags: i64,
    /// HOSTFLAG_…
    pub host_flags: u32,
    /// Whether the peer's name is checked.
    pub checks_host: bool,
    /// Own certificates with their keys, at most one of each kind of key.
    pub keys: Vec<Arc<CertifiedKey>>,
    /// Application protocols, the best first.
    pub protocols: Vec<Vec<u8>>,
    /// Cipher suites.
    pub suites: Vec<&'static Suite>,
    /// How many tickets a server sends with TLS 1.3.
    pub tickets: i64,
    /// The groups for key exchange; none for all.
    pub group: Option<&'static dyn SupportedKxGroup>,
    /// Where secrets are logged.
    pub key_log: Option<Arc<SecretsFile>>,
    client: Option<Arc<ClientConfig>>,
    server: Option<Arc<ServerConfig>>,
}

/// What a context has counted.
#[derive(Default)]
pub struct Statistics {
    /// Handshakes begun by clients.
    pub connects: AtomicI64,
    /// Those that came to an end.
    pub connected: AtomicI64,
    /// Handshakes begun by servers.
    pub accepts: AtomicI64,
    /// Those that came to an end.
    pub accepted: AtomicI64,
    /// Sessions resumed.
    pub hits: AtomicI64,
}

impl Statistics {
    /// Counts one more.
    pub fn count(counter: &AtomicI64) {
        counter.fetch_add(1, Relaxed);
    }
}

/// The native part of a context.
pub struct ContextState {
    settings: Mutex<Settings>,
    /// What is trusted.
    pub store: Arc<Mutex<Store>>,
    /// What was counted.
    pub statistics: Statistics,
}

impl ContextState {
    /// A new one for a protocol.
    pub fn new(protocol: i64, options: u64, suites: Vec<&'static Suite>) -> ContextState {
        let is_client = protocol == PROTOCOL_CLIENT;
        let settings = Settings {
            protocol,
            options,
            minimum: 0,
            maximum: 0,
            verify_mode: if is_client { CERTIFICATE_REQUIRED } else { NO_CERTIFICATE },
            verify_flags: 0x8000,
            host_flags: super::host_name::NO_PARTIAL_WILDCARDS,
            checks_host: is_client,
            keys: Vec::new(),
            protocols: Vec::new(),
            suites,
            tickets: 2,
            group: None,
            key_log: None,
            client: None,
            server: None,
        };
        ContextState { settings: Mutex::new(settings), store: Arc::default(), statistics: Statistics::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the settings.
    pub fn look<R>(&self, body: impl FnOnce(&Settings) -> R) -> R {
        body(&self.lock())
    }

    /// Changes settings.
    pub fn change<R>(&self, body: impl FnOnce(&mut Settings) -> R) -> R {
        let mut settings = self.lock();
        settings.client = None;
        settings.server = None;
        body(&mut settings)
    }

    /// By what peers' certificates are judged, if they are.
    pub fn policy(&self) -> Option<Policy> {
        let settings = self.lock();
        (settings.verify_mode != NO_CERTIFICATE).then(|| settings.policy(&self.store))
    }

    /// The configuration for clients.
    pub fn client_configuration(&self) -> Result<Arc<ClientConfig>, Failure> {
        let mut settings = self.lock();
        if let Some(made) = &settings.client {
            return Ok(Arc::clone(made));
        }
        let made = Arc::new(settings.make_client(&self.store)?);
        settings.client = Some(Arc::clone(&made));
        Ok(made)
    }

    /// The configuration for servers.
    pub fn server_configuration(&self) -> Result<Arc<ServerConfig>, Failure> {
        let mut settings = self.lock();
        if let Some(made) = &settings.server {
            return Ok(Arc::clone(made));
        }
        let made = Arc::new(settings.make_server(&self.store)?);
        settings.server = Some(Arc::clone(&made));
        Ok(made)
    }
}

impl Settings {
    /// The versions that are allowed, highest first.
    pub fn versions(&self) -> Vec<&'static SupportedProtocolVersion> {
        let allows = |version: i64, option: u64| {
            (self.minimum == 0 || self.minimum <= version)
                && (self.maximum == 0 || self.maximum >= version)
                && self.options & option == 0
        };
        let mut versions = Vec::new();
        if allows(VERSION_1_3, NO_1_3) && self.protocol != PROTOCOL_TLS_1_2 {
            versions.push(&TLS13);
        }
        if allows(VERSION_1_2, NO_1_2) {
            versions.push(&TLS12);
        }
        versions
    }

    fn policy(&self, store: &Arc<Mutex<Store>>) -> Policy {
        Policy { store: Arc::clone(store), flags: self.verify_flags, host_flags: self.host_flags }
    }

    fn judge(&self, store: &Arc<Mutex<Store>>) -> Arc<Judge> {
        let policy = (self.verify_mode != NO_CERTIFICATE).then(|| self.policy(store));
        let algorithms = provider::default_provider().signature_verification_algorithms;
        Arc::new(Judge { policy, is_mandatory: self.verify_mode == CERTIFICATE_REQUIRED, algorithms })
    }

    fn provider(&self) -> Arc<CryptoProvider> {
        let cipher_suites = self.suites.iter().filter_map(|suite| suite.supported()).collect();
        let all = provider::default_provider();
        let kx_groups = self.group.map_or_else(|| all.kx_groups.clone(), |group| vec![group]);
        Arc::new(CryptoProvider { cipher_suites, kx_groups, ..all })
    }

    fn log(&self) -> Arc<dyn KeyLog> {
        match &self.key_log {
            Some(log) => Arc::clone(log) as Arc<dyn KeyLog>,
            None => Arc::new(rustls::NoKeyLog),
        }
    }

    fn make_client(&self, store: &Arc<Mutex<Store>>) -> Result<ClientConfig, Failure> {
        let builder = ClientConfig::builder_with_provider(self.provider())
            .with_protocol_versions(&self.versions())
            .map_err(|_| Failure::reason("NO_PROTOCOLS_AVAILABLE"))?;
        let builder = builder.dangerous().with_custom_certificate_verifier(self.judge(store));
        let mut configuration = builder.with_client_cert_resolver(Arc::new(OwnKeys(self.keys.clone())));
        configuration.alpn_protocols = self.protocols.clone();
        // Each connection puts its own place for sessions here.
        configuration.resumption = Resumption::disabled();
        configuration.key_log = self.log();
        Ok(configuration)
    }

    fn make_server(&self, store: &Arc<Mutex<Store>>) -> Result<ServerConfig, Failure> {
        let builder = ServerConfig::builder_with_provider(self.provider())
            .with_protocol_versions(&self.versions())
            .map_err(|_| Failure::reason("NO_PROTOCOLS_AVAILABLE"))?;
        let builder = match self.verify_mode {
            NO_CERTIFICATE => builder.with_client_cert_verifier(Arc::new(NoClientAuth)),
            _ => builder.with_client_cert_verifier(self.judge(store)),
        };
        let mut configuration = builder.with_cert_resolver(Arc::new(OwnKeys(self.keys.clone())));
        configuration.alpn_protocols = self.protocols.clone();
        configuration.ignore_client_order = self.options & SERVER_PREFERENCE != 0;
        configuration.key_log = self.log();
        configuration.send_tls13_tickets = usize::try_from(self.tickets).unwrap_or(0);
        if self.options & NO_TICKET == 0 {
            if let Ok(ticketer) = provider::Ticketer::new() {
                configuration.ticketer = ticketer;
            }
            configuration.session_storage = ServerSessionMemoryCache::new(256);
        } else {
            configuration.session_storage = Arc::new(NoServerSessionStorage {});
            configuration.send_tls13_tickets = 0;
        }
        Ok(configuration)
    }

    /// Adds an own certificate in place of one with the same kind of key.
    pub fn add_key(&mut self, key: CertifiedKey) {
        let kind = key.key.algorithm();
        self.keys.retain(|known| known.key.algorithm() != kind);
        self.keys.push(Arc::new(key));
    }
}

/// A certificate with the key that belongs to it.
pub fn certified_key(
    chain: Vec<CertificateDer<'static>>,
    key: rustls::pki_types::PrivateKeyDer<'static>,
) -> Result<CertifiedKey, Failure> {
    let key = provider::sign::any_supported_type(&key)
        .map_err(|_| Failure::plain(super::errors::Class::Base, super::errors::PROTOCOL, "PEM lib").within("SSL"))?;
    let certified = CertifiedKey::new(chain, key);
    match certified.keys_match() {
        Ok(()) | Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => Ok(certified),
        Err(_) => Err(Failure::of("X509", "KEY_VALUES_MISMATCH")),
    }
}

/// Chooses the own certificate by what the peer can verify.
#[derive(Debug)]
struct OwnKeys(Vec<Arc<CertifiedKey>>);

impl OwnKeys {
    fn choose(&self, schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.0.iter().find(|key| key.key.choose_scheme(schemes).is_some()).map(Arc::clone)
    }
}

impl ResolvesServerCert for OwnKeys {
    fn resolve(&self, client_hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.choose(client_hello.signature_schemes())
    }
}

impl ResolvesClientCert for OwnKeys {
    fn resolve(&self, _: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.choose(schemes)
    }

    fn has_certs(&self) -> bool {
        !self.0.is_empty()
    }
}

/// A file that secrets are logged in, in the format of NSS.
#[derive(Debug)]
pub struct SecretsFile(Mutex<File>);

impl SecretsFile {
    /// Opens it to be appended to, and writes a head into one that is empty.
    pub fn open(path: &std::path::Path) -> std::io::Result<SecretsFile> {
        let mut file = File::options().append(true).create(true).open(path)?;
        if file.metadata()?.len() == 0 {
            file.write_all(b"# TLS secrets log file, generated by rustls / Typhon\n")?;
        }
        Ok(SecretsFile(Mutex::new(file)))
    }
}

impl KeyLog for SecretsFile {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let digits = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let line = format!("{label} {} {}\n", digits(client_random), digits(secret));
        // A log that cannot be written must not end the connection.
        let _ = self.0.lock().unwrap_or_else(PoisonError::into_inner).write_all(line.as_bytes());
    }
}
