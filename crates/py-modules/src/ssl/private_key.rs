//! Private keys in PEM, also encrypted ones: PKCS #8 with PBES2 (RFC 8018), and OpenSSL's older form with `DEK-Info`.

use super::der::{self, Element, Reader};
use super::pem::Block;
use cbc::cipher::{BlockDecryptMut, KeyIvInit, block_padding::Pkcs7};
use md5::{Digest, Md5};
use ring::pbkdf2;
use rustls::pki_types::PrivateKeyDer;
use std::num::NonZeroU32;

/// Why there is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoKey {
    /// It is none, or damaged.
    Malformed,
    /// The password is not its.
    WrongPassword,
    /// It is encrypted in a way that is not known here.
    UnknownEncryption,
}

const PBES2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 0x0d];
const PBKDF2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 0x0c];
const HMAC_SHA1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 7];
const HMAC_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 9];
const HMAC_SHA384: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 10];
const HMAC_SHA512: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 11];
const AES_128: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 2];
const AES_192: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 0x16];
const AES_256: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 0x2a];
const TRIPLE_DES: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 3, 7];

/// A block cipher in CBC mode.
#[derive(Clone, Copy)]
enum Cipher {
    Aes128,
    Aes192,
    Aes256,
    TripleDes,
}

impl Cipher {
    fn key_length(self) -> usize {
        match self {
            Cipher::Aes128 => 16,
            Cipher::Aes192 | Cipher::TripleDes => 24,
            Cipher::Aes256 => 32,
        }
    }

    fn decrypt(self, key: &[u8], vector: &[u8], content: &[u8]) -> Result<Vec<u8>, NoKey> {
        fn by<C: BlockDecryptMut + KeyIvInit>(key: &[u8], vector: &[u8], content: &[u8]) -> Result<Vec<u8>, NoKey> {
            let cipher = C::new_from_slices(key, vector).map_err(|_| NoKey::Malformed)?;
            cipher.decrypt_padded_vec_mut::<Pkcs7>(content).map_err(|_| NoKey::WrongPassword)
        }
        match self {
            Cipher::Aes128 => by::<cbc::Decryptor<aes::Aes128>>(key, vector, content),
            Cipher::Aes192 => by::<cbc::Decryptor<aes::Aes192>>(key, vector, content),
            Cipher::Aes256 => by::<cbc::Decryptor<aes::Aes256>>(key, vector, content),
            Cipher::TripleDes => by::<cbc::Decryptor<des::TdesEde3>>(key, vector, content),
        }
    }
}

/// Whether a block is a private key.
pub fn is_private_key(block: &Block) -> bool {
    block.label == "PRIVATE KEY" || block.label.ends_with(" PRIVATE KEY")
}

/// Whether a password is needed.
pub fn is_encrypted(block: &Block) -> bool {
    block.label == "ENCRYPTED PRIVATE KEY" || block.header("Proc-Type").is_some_and(|kind| kind.ends_with("ENCRYPTED"))
}

/// The key in a block. `password` counts only where it is encrypted.
pub fn read(block: &Block, password: &[u8]) -> Result<PrivateKeyDer<'static>, NoKey> {
    let content = match block.label.as_str() {
        "ENCRYPTED PRIVATE KEY" => decrypt_pkcs8(&block.content, password)?,
        _ if is_encrypted(block) => decrypt_old(block, password)?,
        _ => block.content.clone(),
    };
    if is_encrypted(block) && Reader::new(&content).expect(der::SEQUENCE).is_none() {
        return Err(NoKey::WrongPassword);
    }
    match block.label.as_str() {
        "PRIVATE KEY" | "ENCRYPTED PRIVATE KEY" => Ok(PrivateKeyDer::Pkcs8(content.into())),
        "RSA PRIVATE KEY" => Ok(PrivateKeyDer::Pkcs1(content.into())),
        "EC PRIVATE KEY" => Ok(PrivateKeyDer::Sec1(content.into())),
        _ => Err(NoKey::Malformed),
    }
}

fn decrypt_pkcs8(content: &[u8], password: &[u8]) -> Result<Vec<u8>, NoKey> {
    let (algorithm, data) = (|| {
        let mut parts = Reader::new(content).expect(der::SEQUENCE)?.inside();
        Some((parts.expect(der::SEQUENCE)?, parts.expect(der::OCTET_STRING)?.content))
    })()
    .ok_or(NoKey::Malformed)?;
    let mut parts = algorithm.inside();
    if parts.expect(der::OBJECT_IDENTIFIER).ok_or(NoKey::Malformed)?.content != PBES2 {
        return Err(NoKey::UnknownEncryption);
    }
    let mut parts = parts.expect(der::SEQUENCE).ok_or(NoKey::Malformed)?.inside();
    let derivation = parts.expect(der::SEQUENCE).ok_or(NoKey::Malformed)?;
    let mut scheme = parts.expect(der::SEQUENCE).ok_or(NoKey::Malformed)?.inside();
    let cipher = match scheme.expect(der::OBJECT_IDENTIFIER).ok_or(NoKey::Malformed)?.content {
        AES_128 => Cipher::Aes128,
        AES_192 => Cipher::Aes192,
        AES_256 => Cipher::Aes256,
        TRIPLE_DES => Cipher::TripleDes,
        _ => return Err(NoKey::UnknownEncryption),
    };
    let vector = scheme.expect(der::OCTET_STRING).ok_or(NoKey::Malformed)?.content;
    let key = derive(derivation, password, cipher.key_length())?;
    cipher.decrypt(&key, vector, data)
}

fn derive(derivation: Element<'_>, password: &[u8], length: usize) -> Result<Vec<u8>, NoKey> {
    let mut parts = derivation.inside();
    if parts.expect(der::OBJECT_IDENTIFIER).ok_or(NoKey::Malformed)?.content != PBKDF2 {
        return Err(NoKey::UnknownEncryption);
    }
    let mut parts = parts.expect(der::SEQUENCE).ok_or(NoKey::Malformed)?.inside();
    let salt = parts.expect(der::OCTET_STRING).ok_or(NoKey::Malformed)?.content;
    let rounds = parts.expect(der::INTEGER).ok_or(NoKey::Malformed)?.content;
    if rounds.len() > 4 {
        return Err(NoKey::Malformed);
    }
    let rounds = rounds.iter().fold(0u32, |number, digit| number << 8 | u32::from(*digit));
    let rounds = NonZeroU32::new(rounds).ok_or(NoKey::Malformed)?;
    parts.optional(der::INTEGER);
    let function = match parts.optional(der::SEQUENCE) {
        None => pbkdf2::PBKDF2_HMAC_SHA1,
        Some(function) => match function.inside().expect(der::OBJECT_IDENTIFIER).ok_or(NoKey::Malformed)?.content {
            HMAC_SHA1 => pbkdf2::PBKDF2_HMAC_SHA1,
            HMAC_SHA256 => pbkdf2::PBKDF2_HMAC_SHA256,
            HMAC_SHA384 => pbkdf2::PBKDF2_HMAC_SHA384,
            HMAC_SHA512 => pbkdf2::PBKDF2_HMAC_SHA512,
            _ => return Err(NoKey::UnknownEncryption),
        },
    };
    let mut key = vec![0; length];
    pbkdf2::derive(function, rounds, salt, password, &mut key);
    Ok(key)
}

/// `DEK-Info: AES-256-CBC,<vector>`: the key is made of the password and the vector by MD5.
fn decrypt_old(block: &Block, password: &[u8]) -> Result<Vec<u8>, NoKey> {
    let (name, digits) = block.header("DEK-Info").and_then(|info| info.split_once(',')).ok_or(NoKey::Malformed)?;
    let cipher = match name.trim() {
        "AES-128-CBC" => Cipher::Aes128,
        "AES-192-CBC" => Cipher::Aes192,
        "AES-256-CBC" => Cipher::Aes256,
        "DES-EDE3-CBC" => Cipher::TripleDes,
        _ => return Err(NoKey::UnknownEncryption),
    };
    let digits = digits.trim().as_bytes();
    let mut vector = Vec::new();
    for pair in digits.chunks(2) {
        let pair = std::str::from_utf8(pair).map_err(|_| NoKey::Malformed)?;
        vector.push(u8::from_str_radix(pair, 16).map_err(|_| NoKey::Malformed)?);
    }
    let salt = vector.get(..8).ok_or(NoKey::Malformed)?;
    let (mut key, mut last) = (Vec::new(), Vec::new());
    while key.len() < cipher.key_length() {
        let mut hash = Md5::new();
        hash.update(&last);
        hash.update(password);
        hash.update(salt);
        last = hash.finalize().to_vec();
        key.extend_from_slice(&last);
    }
    cipher.decrypt(&key[..cipher.key_length()], &vector, &block.content)
}
