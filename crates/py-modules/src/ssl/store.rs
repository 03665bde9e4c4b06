//! The certificates that a context trusts, and lists of revoked ones.
//!
//! Certificates of the system's store are read once for the process. Those in folders (`capath`) are read when a chain needs
//! them, by the hash of their names that the folders' file names are.

use super::certificate::Certificate;
use super::der::{self, Reader};
use super::pem::{self, Malformed};
use sha1::{Digest, Sha1};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

/// What a context trusts.
#[derive(Default, Clone, Debug)]
pub struct Store {
    certificates: Vec<Arc<Certificate>>,
    revocations: Vec<Arc<Vec<u8>>>,
    folders: Vec<PathBuf>,
}

/// What a text of PEM blocks holds that a store takes.
#[derive(Default, Clone)]
struct Read {
    certificates: Vec<Arc<Certificate>>,
    revocations: Vec<Arc<Vec<u8>>>,
}

/// How many there are: certificates, lists of revoked ones, authorities.
pub struct Counts {
    /// Certificates.
    pub certificates: usize,
    /// Lists.
    pub revocations: usize,
    /// Certificates of authorities.
    pub authorities: usize,
}

impl Store {
    /// The certificates.
    pub fn certificates(&self) -> &[Arc<Certificate>] {
        &self.certificates
    }

    /// The lists of revoked certificates, as DER.
    pub fn revocations(&self) -> &[Arc<Vec<u8>>] {
        &self.revocations
    }

    /// How many there are.
    pub fn counts(&self) -> Counts {
        Counts {
            certificates: self.certificates.len(),
            revocations: self.revocations.len(),
            authorities: self.certificates.iter().filter(|certificate| certificate.is_authority()).count(),
        }
    }

    /// Adds a certificate, unless it is there.
    pub fn add(&mut self, certificate: Arc<Certificate>) {
        if !self.contains(&certificate) {
            self.certificates.push(certificate);
        }
    }

    /// Whether a certificate is there.
    pub fn contains(&self, certificate: &Certificate) -> bool {
        self.certificates.iter().any(|known| known.der() == certificate.der())
    }

    fn extend(&mut self, read: Read) {
        for certificate in read.certificates {
            self.add(certificate);
        }
        for list in read.revocations {
            if !self.revocations.contains(&list) {
                self.revocations.push(list);
            }
        }
    }

    /// Adds all certificates and lists of a PEM text; how many there were.
    pub fn add_pem(&mut self, text: &[u8]) -> Result<usize, Malformed> {
        let read = read_pem(text)?;
        let count = read.certificates.len() + read.revocations.len();
        self.extend(read);
        Ok(count)
    }

    /// Adds certificates that follow one another as DER; how many there were.
    pub fn add_der(&mut self, bytes: &[u8]) -> Result<usize, Malformed> {
        let mut reader = Reader::new(bytes);
        let mut count = 0;
        while !reader.is_empty() {
            let element = reader.expect(der::SEQUENCE).ok_or(Malformed)?;
            let certificate = Certificate::parse(element.whole).ok_or(Malformed)?;
            self.add(Arc::new(certificate));
            count += 1;
        }
        Ok(count)
    }

    /// Adds a folder to look for certificates in.
    pub fn add_folder(&mut self, folder: &Path) {
        if !self.folders.iter().any(|known| known == folder) {
            self.folders.push(folder.to_path_buf());
        }
    }

    /// Adds the system's certificates, as far as there are any.
    pub fn add_defaults(&mut self) {
        let paths = DefaultPaths::find();
        if let Ok(read) = read_cached(&paths.file) {
            if self.certificates.is_empty() {
                self.certificates = read.certificates;
            } else {
                self.extend(read);
            }
        }
        for folder in paths.folder.split(':').filter(|folder| !folder.is_empty()) {
            self.add_folder(Path::new(folder));
        }
    }

    /// Reads from the folders what has a name as its subject. Whether something new was found.
    pub fn read_folders(&mut self, name: &[u8]) -> bool {
        if self.folders.is_empty() {
            return false;
        }
        let before = self.certificates.len() + self.revocations.len();
        let hash = name_hash(name);
        for folder in self.folders.clone() {
            for kind in ["", "r"] {
                for number in 0..100 {
                    let Ok(text) = std::fs::read(folder.join(format!("{hash:08x}.{kind}{number}"))) else { break };
                    if let Ok(read) = read_pem(&text) {
                        self.extend(read);
                    }
                }
            }
        }
        self.certificates.len() + self.revocations.len() > before
    }
}

fn read_pem(text: &[u8]) -> Result<Read, Malformed> {
    let mut read = Read::default();
    for block in pem::blocks(text)? {
        if block.is_certificate() {
            read.certificates.push(Arc::new(Certificate::parse(&block.content).ok_or(Malformed)?));
        } else if block.label == "X509 CRL" {
            read.revocations.push(Arc::new(block.content));
        }
    }
    Ok(read)
}

/// The last store of the system that was read: path, time of its last change, content.
static CACHED: Mutex<Option<(PathBuf, SystemTime, Read)>> = Mutex::new(None);

fn read_cached(path: &str) -> std::io::Result<Read> {
    let path = Path::new(path);
    let changed = std::fs::metadata(path)?.modified()?;
    let mut cached = CACHED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((known, time, read)) = &*cached
        && known == path
        && *time == changed
    {
        return Ok(read.clone());
    }
    let text = std::fs::read(path)?;
    let mut read = Read::default();
    // One that cannot be read must not take the others away.
    for block in pem::blocks(&text).unwrap_or_default() {
        if block.is_certificate()
            && let Some(certificate) = Certificate::parse(&block.content)
        {
            let is_new = !read.certificates.iter().any(|known| known.der() == certificate.der());
            if is_new {
                read.certificates.push(Arc::new(certificate));
            }
        }
    }
    *cached = Some((path.to_path_buf(), changed, read.clone()));
    Ok(read)
}

/// Where the system keeps its certificates.
pub struct DefaultPaths {
    /// The file, by environment or found.
    pub file: String,
    /// The folder.
    pub folder: String,
}

/// The environment's name for the file.
pub const FILE_VARIABLE: &str = "SSL_CERT_FILE";
/// The environment's name for the folder.
pub const FOLDER_VARIABLE: &str = "SSL_CERT_DIR";

const FILES: &[&str] = &[
    "/usr/lib/ssl/cert.pem",
    "/etc/ssl/cert.pem",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/cert.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
];
const FOLDERS: &[&str] = &["/usr/lib/ssl/certs", "/etc/ssl/certs", "/etc/pki/tls/certs"];

impl DefaultPaths {
    /// Where they are without the environment.
    pub fn of_system() -> DefaultPaths {
        let first = |paths: &[&str]| {
            let found = paths.iter().find(|path| Path::new(path).exists()).unwrap_or(&paths[0]);
            (*found).to_string()
        };
        DefaultPaths { file: first(FILES), folder: first(FOLDERS) }
    }

    fn find() -> DefaultPaths {
        let system = DefaultPaths::of_system();
        DefaultPaths {
            file: std::env::var(FILE_VARIABLE).unwrap_or(system.file),
            folder: std::env::var(FOLDER_VARIABLE).unwrap_or(system.folder),
        }
    }
}

/// The hash of a name that files in folders of certificates are called by: over a form of it in which case and
/// white space do not count.
pub fn name_hash(name: &[u8]) -> u32 {
    let digest = Sha1::digest(canonical(name).unwrap_or_default());
    u32::from_le_bytes([digest[0], digest[1], digest[2], digest[3]])
}

fn canonical(name: &[u8]) -> Option<Vec<u8>> {
    let mut result = Vec::new();
    let mut sets = Reader::new(name).expect(der::SEQUENCE)?.inside();
    while let Some(set) = sets.any() {
        let mut pairs = set.inside();
        let mut encoded = Vec::new();
        while let Some(pair) = pairs.any() {
            let mut parts = pair.inside();
            let kind = parts.any()?;
            let value = parts.any()?;
            let mut content = kind.whole.to_vec();
            match der::text(&value) {
                Some(text) => {
                    let words: Vec<&str> = text.split_ascii_whitespace().collect();
                    push_element(&mut content, der::UTF8_STRING, words.join(" ").to_ascii_lowercase().as_bytes());
                }
                None => content.extend_from_slice(value.whole),
            }
            push_element(&mut encoded, der::SEQUENCE, &content);
        }
        push_element(&mut result, der::SET, &encoded);
    }
    Some(result)
}

/// Appends an element.
pub fn push_element(target: &mut Vec<u8>, tag: u8, content: &[u8]) {
    target.push(tag);
    let length = content.len();
    if length < 0x80 {
        target.push(length as u8);
    } else {
        let digits = length.to_be_bytes();
        let start = digits.iter().position(|digit| *digit != 0).unwrap_or(digits.len() - 1);
        target.push(0x80 | (digits.len() - start) as u8);
        target.extend_from_slice(&digits[start..]);
    }
    target.extend_from_slice(content);
}
