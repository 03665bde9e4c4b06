//! X.509 certificates (RFC 5280), as far as programs ask about them. Whether one is to be trusted is decided in `verify`.

use super::der::{self, Element, Reader};
use rustls::pki_types::CertificateDer;

/// Content of the extensions' object identifiers.
const SUBJECT_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1d, 0x0e];
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
const SUBJECT_ALTERNATIVE_NAME: &[u8] = &[0x55, 0x1d, 0x11];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
const CRL_DISTRIBUTION_POINTS: &[u8] = &[0x55, 0x1d, 0x1f];
const AUTHORITY_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1d, 0x23];
const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x25];
const AUTHORITY_INFORMATION: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 1, 1];
const OCSP: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 0x30, 1];
const CA_ISSUERS: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 0x30, 2];
const COMMON_NAME: &[u8] = &[0x55, 4, 3];

/// A part of a certificate: from where to where in its bytes.
type Span = std::ops::Range<usize>;

/// A certificate.
#[derive(Debug)]
pub struct Certificate {
    der: CertificateDer<'static>,
    /// 1 to 3.
    pub version: u64,
    serial: Span,
    issuer: Span,
    subject: Span,
    /// Valid from, in seconds since 1970.
    pub not_before: i64,
    /// Valid until.
    pub not_after: i64,
    extensions: Span,
}

/// An attribute of a name.
pub struct Attribute<'a> {
    /// Its kind, the content of an object identifier.
    pub kind: &'a [u8],
    /// Its text.
    pub text: String,
}

/// A name of the extension subjectAltName.
pub enum AlternativeName<'a> {
    /// Any other name.
    Other,
    /// An address of electronic mail.
    Mail(&'a [u8]),
    /// A host's name.
    Host(&'a [u8]),
    /// A distinguished name.
    Directory(&'a [u8]),
    /// A URI.
    Uri(&'a [u8]),
    /// An address, 4 or 16 bytes.
    Address(&'a [u8]),
    /// An object identifier.
    Registered(&'a [u8]),
    /// X.400 and EDI names.
    Unknown(u8),
}

impl Certificate {
    /// Reads a certificate. What follows it is ignored; `None` where it is malformed.
    pub fn parse(bytes: &[u8]) -> Option<Certificate> {
        let whole = Reader::new(bytes).expect(der::SEQUENCE)?;
        let bytes = whole.whole;
        let span = |part: &[u8]| -> Span {
            let start = part.as_ptr() as usize - bytes.as_ptr() as usize;
            start..start + part.len()
        };
        let mut outside = whole.inside();
        let mut body = outside.expect(der::SEQUENCE)?.inside();
        outside.expect(der::SEQUENCE)?;
        outside.expect(der::BIT_STRING)?;
        let version = match body.optional(der::explicit(0)) {
            Some(version) => number(version.inside().expect(der::INTEGER)?.content)? + 1,
            None => 1,
        };
        let serial = span(body.expect(der::INTEGER)?.content);
        body.expect(der::SEQUENCE)?;
        let issuer = span(body.expect(der::SEQUENCE)?.whole);
        let mut validity = body.expect(der::SEQUENCE)?.inside();
        let not_before = der::time(&validity.any()?)?;
        let not_after = der::time(&validity.any()?)?;
        let subject = span(body.expect(der::SEQUENCE)?.whole);
        body.expect(der::SEQUENCE)?;
        body.optional(0x81);
        body.optional(0x82);
        let extensions = match body.optional(der::explicit(3)) {
            Some(extensions) => span(extensions.inside().expect(der::SEQUENCE)?.content),
            None => 0..0,
        };
        let der = CertificateDer::from(bytes.to_vec());
        Some(Certificate { der, version, serial, issuer, subject, not_before, not_after, extensions })
    }

    /// Its bytes.
    pub fn der(&self) -> &CertificateDer<'static> {
        &self.der
    }

    /// The serial number, big-endian.
    pub fn serial(&self) -> &[u8] {
        &self.der[self.serial.clone()]
    }

    /// The issuer's name, a SEQUENCE.
    pub fn issuer(&self) -> &[u8] {
        &self.der[self.issuer.clone()]
    }

    /// The subject's name.
    pub fn subject(&self) -> &[u8] {
        &self.der[self.subject.clone()]
    }

    /// Whether it names itself as its issuer, and the key identifiers do not say otherwise.
    pub fn is_self_issued(&self) -> bool {
        self.issuer() == self.subject()
            && match (self.authority_key(), self.subject_key()) {
                (Some(authority), Some(subject)) => authority == subject,
                _ => true,
            }
    }

    /// Whether `other` may have issued this one, by names and key identifiers.
    pub fn may_be_issued_by(&self, other: &Certificate) -> bool {
        self.issuer() == other.subject()
            && match (self.authority_key(), other.subject_key()) {
                (Some(authority), Some(subject)) => authority == subject,
                _ => true,
            }
    }

    /// The content of an extension, and whether it is critical.
    fn extension(&self, kind: &[u8]) -> Option<(&[u8], bool)> {
        let mut extensions = Reader::new(&self.der[self.extensions.clone()]);
        while let Some(extension) = extensions.expect(der::SEQUENCE) {
            let mut parts = extension.inside();
            if parts.expect(der::OBJECT_IDENTIFIER)?.content == kind {
                let critical = parts.optional(der::BOOLEAN).is_some_and(|flag| flag.content != [0]);
                return Some((parts.expect(der::OCTET_STRING)?.content, critical));
            }
        }
        None
    }

    /// The identifier of its own key.
    pub fn subject_key(&self) -> Option<&[u8]> {
        let (content, _) = self.extension(SUBJECT_KEY_IDENTIFIER)?;
        Some(Reader::new(content).expect(der::OCTET_STRING)?.content)
    }

    /// The identifier of its issuer's key.
    pub fn authority_key(&self) -> Option<&[u8]> {
        let (content, _) = self.extension(AUTHORITY_KEY_IDENTIFIER)?;
        Some(Reader::new(content).expect(der::SEQUENCE)?.inside().optional(0x80)?.content)
    }

    /// The basic constraints: whether it is an authority, and whether the extension is critical.
    pub fn basic_constraints(&self) -> Option<(bool, bool)> {
        let (content, critical) = self.extension(BASIC_CONSTRAINTS)?;
        let mut parts = Reader::new(content).expect(der::SEQUENCE)?.inside();
        Some((parts.optional(der::BOOLEAN).is_some_and(|flag| flag.content != [0]), critical))
    }

    /// Whether it is an authority's, as OpenSSL counts them: by its constraints, or an old one that issued itself.
    pub fn is_authority(&self) -> bool {
        match self.basic_constraints() {
            Some((is_authority, _)) => is_authority,
            None => self.version == 1 && self.is_self_issued(),
        }
    }

    /// Whether it says what its key is for.
    pub fn has_key_usage(&self) -> bool {
        self.extension(KEY_USAGE).is_some()
    }

    /// Whether its key may be used for a purpose: the content of an object identifier of the extended key usages.
    pub fn allows(&self, purpose: &[u8]) -> bool {
        const ANY: &[u8] = &[0x55, 0x1d, 0x25, 0];
        let Some((content, _)) = self.extension(EXTENDED_KEY_USAGE) else { return true };
        let Some(list) = Reader::new(content).expect(der::SEQUENCE) else { return false };
        let mut purposes = list.inside();
        while let Some(found) = purposes.expect(der::OBJECT_IDENTIFIER) {
            if found.content == purpose || found.content == ANY {
                return true;
            }
        }
        false
    }

    /// The alternative names of the subject.
    pub fn alternative_names(&self) -> Vec<AlternativeName<'_>> {
        let Some((content, _)) = self.extension(SUBJECT_ALTERNATIVE_NAME) else { return Vec::new() };
        let Some(list) = Reader::new(content).expect(der::SEQUENCE) else { return Vec::new() };
        let mut names = Vec::new();
        let mut elements = list.inside();
        while let Some(element) = elements.any() {
            names.push(match element.tag {
                0xa0 => AlternativeName::Other,
                0x81 => AlternativeName::Mail(element.content),
                0x82 => AlternativeName::Host(element.content),
                0xa4 => AlternativeName::Directory(element.content),
                0x86 => AlternativeName::Uri(element.content),
                0x87 => AlternativeName::Address(element.content),
                0x88 => AlternativeName::Registered(element.content),
                tag => AlternativeName::Unknown(tag & 0x1f),
            });
        }
        names
    }

    /// The last common name of the subject.
    pub fn common_name(&self) -> Option<String> {
        let sets = name_attributes(self.subject())?;
        sets.into_iter().flatten().filter(|attribute| attribute.kind == COMMON_NAME).map(|found| found.text).next_back()
    }

    fn access_locations(&self, method: &[u8]) -> Vec<&[u8]> {
        let Some((content, _)) = self.extension(AUTHORITY_INFORMATION) else { return Vec::new() };
        let Some(list) = Reader::new(content).expect(der::SEQUENCE) else { return Vec::new() };
        let mut found = Vec::new();
        let mut descriptions = list.inside();
        while let Some(description) = descriptions.expect(der::SEQUENCE) {
            let mut parts = description.inside();
            if parts.expect(der::OBJECT_IDENTIFIER).is_some_and(|kind| kind.content == method)
                && let Some(location) = parts.expect(0x86)
            {
                found.push(location.content);
            }
        }
        found
    }

    /// Where its status can be asked for.
    pub fn ocsp_locations(&self) -> Vec<&[u8]> {
        self.access_locations(OCSP)
    }

    /// Where its issuer's certificate lies.
    pub fn issuer_locations(&self) -> Vec<&[u8]> {
        self.access_locations(CA_ISSUERS)
    }

    /// Where lists of revoked certificates lie.
    pub fn revocation_locations(&self) -> Vec<&[u8]> {
        self.revocation_points().unwrap_or_default()
    }

    fn revocation_points(&self) -> Option<Vec<&[u8]>> {
        let (content, _) = self.extension(CRL_DISTRIBUTION_POINTS)?;
        let mut points = Reader::new(content).expect(der::SEQUENCE)?.inside();
        let mut found = Vec::new();
        while let Some(point) = points.expect(der::SEQUENCE) {
            let Some(name) = point.inside().optional(der::explicit(0)) else { continue };
            let Some(full) = name.inside().optional(der::explicit(0)) else { continue };
            let mut names = full.inside();
            while let Some(name) = names.any() {
                if name.tag == 0x86 {
                    found.push(name.content);
                }
            }
        }
        Some(found)
    }
}

/// A small non-negative INTEGER.
fn number(content: &[u8]) -> Option<u64> {
    if content.is_empty() || content.len() > 4 {
        return None;
    }
    Some(content.iter().fold(0, |number, digit| number << 8 | u64::from(*digit)))
}

/// The sets of attributes that a name consists of.
pub fn name_attributes(name: &[u8]) -> Option<Vec<Vec<Attribute<'_>>>> {
    let mut sets = Vec::new();
    for element in elements(Reader::new(name).expect(der::SEQUENCE)?)? {
        let mut attributes = Vec::new();
        for pair in elements(element)? {
            let mut parts = pair.inside();
            let kind = parts.expect(der::OBJECT_IDENTIFIER)?.content;
            let value = parts.any()?;
            let text = der::text(&value).unwrap_or_else(|| String::from_utf8_lossy(value.content).into_owned());
            attributes.push(Attribute { kind, text });
        }
        sets.push(attributes);
    }
    Some(sets)
}

fn elements(parent: Element<'_>) -> Option<Vec<Element<'_>>> {
    let mut inside = parent.inside();
    let mut found = Vec::new();
    while !inside.is_empty() {
        found.push(inside.any()?);
    }
    Some(found)
}
