//! Cipher suites: the names that OpenSSL gives them, and lists of them in its language (`ECDHE+AESGCM:!aRSA`).

use rustls::{CipherSuite, SupportedCipherSuite};

/// A suite.
pub struct Suite {
    /// Number in TLS.
    pub number: u16,
    /// OpenSSL's name.
    pub name: &'static str,
    /// Its version: `TLSv1.3` or `TLSv1.2`.
    pub version: &'static str,
    /// Bits of the key.
    pub bits: i64,
    /// The cipher's name.
    pub symmetric: &'static str,
    /// How OpenSSL's description calls the cipher.
    encryption: &'static str,
    /// RSA or ECDSA, `any` with TLS 1.3.
    authentication: &'static str,
}

const fn suite(
    number: u16,
    name: &'static str,
    version: &'static str,
    bits: i64,
    cipher: (&'static str, &'static str),
    authentication: &'static str,
) -> Suite {
    Suite { number, name, version, bits, symmetric: cipher.0, encryption: cipher.1, authentication }
}

const AES_256: (&str, &str) = ("aes-256-gcm", "AESGCM(256)");
const AES_128: (&str, &str) = ("aes-128-gcm", "AESGCM(128)");
const CHACHA: (&str, &str) = ("chacha20-poly1305", "CHACHA20/POLY1305(256)");

/// All suites, in the order of preference.
pub const SUITES: &[Suite] = &[
    suite(0x1302, "TLS_AES_256_GCM_SHA384", "TLSv1.3", 256, AES_256, "any"),
    suite(0x1303, "TLS_CHACHA20_POLY1305_SHA256", "TLSv1.3", 256, CHACHA, "any"),
    suite(0x1301, "TLS_AES_128_GCM_SHA256", "TLSv1.3", 128, AES_128, "any"),
    suite(0xc02c, "ECDHE-ECDSA-AES256-GCM-SHA384", "TLSv1.2", 256, AES_256, "ECDSA"),
    suite(0xc030, "ECDHE-RSA-AES256-GCM-SHA384", "TLSv1.2", 256, AES_256, "RSA"),
    suite(0xcca9, "ECDHE-ECDSA-CHACHA20-POLY1305", "TLSv1.2", 256, CHACHA, "ECDSA"),
    suite(0xcca8, "ECDHE-RSA-CHACHA20-POLY1305", "TLSv1.2", 256, CHACHA, "RSA"),
    suite(0xc02b, "ECDHE-ECDSA-AES128-GCM-SHA256", "TLSv1.2", 128, AES_128, "ECDSA"),
    suite(0xc02f, "ECDHE-RSA-AES128-GCM-SHA256", "TLSv1.2", 128, AES_128, "RSA"),
];

impl Suite {
    /// Whether it is one of TLS 1.3.
    pub fn is_newest(&self) -> bool {
        self.version == "TLSv1.3"
    }

    /// The line that `openssl ciphers -v` prints.
    pub fn description(&self) -> String {
        let exchange = if self.is_newest() { "any" } else { "ECDH" };
        format!(
            "{:<30} {:<7} Kx={exchange:<8} Au={:<5} Enc={:<22} Mac=AEAD",
            self.name, self.version, self.authentication, self.encryption
        )
    }

    /// How keys are exchanged, in OpenSSL's short names.
    pub fn exchange(&self) -> &'static str {
        if self.is_newest() { "kx-any" } else { "kx-ecdhe" }
    }

    /// How the peer shows who it is.
    pub fn authentication(&self) -> &'static str {
        match self.authentication {
            "RSA" => "auth-rsa",
            "ECDSA" => "auth-ecdsa",
            _ => "auth-any",
        }
    }

    /// The suite as rustls has it.
    pub fn supported(&self) -> Option<SupportedCipherSuite> {
        let all = rustls::crypto::ring::ALL_CIPHER_SUITES;
        all.iter().find(|suite| u16::from(suite.suite()) == self.number).copied()
    }

    /// Whether a word of the language means it, among others.
    fn is_meant_by(&self, word: &str) -> bool {
        let has_aes = self.symmetric.starts_with("aes");
        match word {
            "ALL" | "HIGH" | "DEFAULT" | "kEECDH" | "kECDHE" | "EECDH" | "ECDHE" | "ECDH" | "AEAD" | "TLSv1.2" => true,
            "aRSA" => self.authentication == "RSA",
            "aECDSA" | "ECDSA" => self.authentication == "ECDSA",
            "AES" | "AESGCM" => has_aes,
            "AES128" => self.symmetric == "aes-128-gcm",
            "AES256" => self.symmetric == "aes-256-gcm",
            "CHACHA20" => !has_aes,
            word => word == self.name,
        }
    }
}

/// The suite with a number.
pub fn by_number(number: CipherSuite) -> Option<&'static Suite> {
    SUITES.iter().find(|suite| suite.number == u16::from(number))
}

/// The suites that a list in OpenSSL's language chooses. Those of TLS 1.3 are always among them. `None` where the list
/// chooses none of the others.
pub fn choose(list: &str) -> Option<Vec<&'static Suite>> {
    let newest = SUITES.iter().filter(|suite| suite.is_newest());
    let others: Vec<&'static Suite> = SUITES.iter().filter(|suite| !suite.is_newest()).collect();
    let mut chosen: Vec<&'static Suite> = Vec::new();
    let mut banned: Vec<u16> = Vec::new();
    for (at, rule) in list.split([':', ',', ' ', ';']).filter(|rule| !rule.is_empty()).enumerate() {
        let (operator, words) = match rule.as_bytes()[0] {
            operator @ (b'!' | b'-' | b'+') => (operator, &rule[1..]),
            // @SECLEVEL and @STRENGTH: all suites here are of the highest level and ordered.
            b'@' => continue,
            _ => (b' ', rule),
        };
        // DEFAULT means something only as the first word.
        if words == "DEFAULT" && at > 0 {
            continue;
        }
        let is_meant = |suite: &&'static Suite| words.split('+').all(|word| suite.is_meant_by(word));
        match operator {
            b'!' => {
                banned.extend(others.iter().filter(|suite| is_meant(suite)).map(|suite| suite.number));
                chosen.retain(|suite| !banned.contains(&suite.number));
            }
            b'-' => chosen.retain(|suite| !is_meant(suite)),
            b'+' => chosen.sort_by_key(|suite| is_meant(suite)),
            _ => {
                for suite in others.iter().filter(|suite| is_meant(suite)) {
                    let is_known = chosen.iter().any(|known| known.number == suite.number);
                    if !is_known && !banned.contains(&suite.number) {
                        chosen.push(suite);
                    }
                }
            }
        }
    }
    if chosen.is_empty() { None } else { Some(newest.chain(chosen).collect()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &str) -> Vec<&'static str> {
        choose(list).unwrap_or_default().iter().filter(|suite| !suite.is_newest()).map(|suite| suite.name).collect()
    }

    #[test]
    fn lists() {
        assert_eq!(names("ALL").len(), 6);
        assert_eq!(names("ECDHE+AESGCM:!aRSA").len(), 2);
        assert_eq!(names("ECDHE-RSA-AES128-GCM-SHA256"), ["ECDHE-RSA-AES128-GCM-SHA256"]);
        assert_eq!(names("AES128:AES256")[0], "ECDHE-ECDSA-AES128-GCM-SHA256");
        assert_eq!(names("ALL:+CHACHA20")[5], "ECDHE-RSA-CHACHA20-POLY1305");
        assert!(choose("no such thing").is_none());
        assert!(choose("ALL:!ALL").is_none());
    }
}
