//! Certificates as Python sees them: the dict of `getpeercert()`.

use super::certificate::{AlternativeName, Attribute, Certificate, name_attributes};
use super::{der, object_names};
use py_object::objects::{Dict, List, Str, Tuple};
use py_object::{Cx, PyResult};
use vm_heap::{Gc, Value};

fn string(cx: &mut Cx, text: &str) -> Value {
    Str::new(cx, text).value()
}

/// Bytes of an IA5String as text.
fn string_of(cx: &mut Cx, bytes: &[u8]) -> PyResult {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(string(cx, text)),
        Err(_) => {
            let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
            Ok(string(cx, &text))
        }
    }
}

/// The name of an attribute's kind: the long one, or the number.
fn kind_name(kind: &[u8]) -> String {
    let identifier = der::dotted(kind);
    object_names::by_identifier(&identifier).map_or(identifier, |object| object.long.to_string())
}

fn attribute_pair(cx: &mut Cx, attribute: &Attribute<'_>) -> Value {
    let name = string(cx, &kind_name(attribute.kind));
    let text = string(cx, &attribute.text);
    cx.tuple(&[name, text])
}

/// A distinguished name: a tuple of tuples of pairs.
pub fn distinguished_name(cx: &mut Cx, name: &[u8]) -> PyResult {
    let sets = name_attributes(name).unwrap_or_default();
    let parts = List::new(cx, &[])?;
    for set in &sets {
        let pairs = List::new(cx, &[])?;
        for attribute in set {
            let pair = attribute_pair(cx, attribute);
            List::push(cx, pairs, pair)?;
        }
        let pairs = Tuple::from_list(cx, pairs)?;
        List::push(cx, parts, pairs.value())?;
    }
    Ok(Tuple::from_list(cx, parts)?.value())
}

/// An address as OpenSSL prints it: IPv6 without leaving out zeros.
fn address_text(address: &[u8]) -> String {
    match address {
        [a, b, c, d] => format!("{a}.{b}.{c}.{d}"),
        address if address.len() == 16 => {
            let groups: Vec<String> =
                address.chunks(2).map(|pair| format!("{:X}", u16::from_be_bytes([pair[0], pair[1]]))).collect();
            groups.join(":")
        }
        _ => "<invalid>".to_string(),
    }
}

fn alternative_name(cx: &mut Cx, name: &AlternativeName<'_>) -> PyResult {
    let (kind, value) = match name {
        AlternativeName::Directory(name) => ("DirName", distinguished_name(cx, name)?),
        AlternativeName::Mail(text) => ("email", string_of(cx, text)?),
        AlternativeName::Host(text) => ("DNS", string_of(cx, text)?),
        AlternativeName::Uri(text) => ("URI", string_of(cx, text)?),
        AlternativeName::Registered(identifier) => {
            let dotted = der::dotted(identifier);
            let shown = object_names::by_identifier(&dotted).map_or(dotted, |object| object.long.to_string());
            ("Registered ID", string(cx, &shown))
        }
        AlternativeName::Address(address) => ("IP Address", string(cx, &address_text(address))),
        AlternativeName::Other => ("othername", string(cx, "<unsupported>")),
        AlternativeName::Unknown(3) => ("X400Name", string(cx, "<unsupported>")),
        AlternativeName::Unknown(_) => ("EdiPartyName", string(cx, "<unsupported>")),
    };
    let kind = string(cx, kind);
    Ok(cx.tuple(&[kind, value]))
}

fn put(cx: &mut Cx, dict: Gc<Dict>, name: &str, value: Value) -> PyResult<()> {
    let name = cx.intern(name);
    Dict::set_str(cx, dict, name, value)
}

/// The serial number in hexadecimal digits, two for each byte.
pub fn serial_text(certificate: &Certificate) -> String {
    let serial = certificate.serial();
    let significant = serial.iter().position(|byte| *byte != 0).map_or(&serial[..0], |start| &serial[start..]);
    if significant.is_empty() {
        return "00".to_string();
    }
    if serial[0] & 0x80 != 0 {
        // A negative number, which is not allowed but occurs: its magnitude behind a sign.
        let mut magnitude: Vec<u8> = serial.iter().map(|byte| !byte).collect();
        for byte in magnitude.iter_mut().rev() {
            let (sum, carry) = byte.overflowing_add(1);
            *byte = sum;
            if !carry {
                break;
            }
        }
        return format!("-{}", hexadecimal(&magnitude));
    }
    hexadecimal(significant)
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

fn put_locations(cx: &mut Cx, dict: Gc<Dict>, name: &str, locations: &[&[u8]]) -> PyResult<()> {
    if locations.is_empty() {
        return Ok(());
    }
    let list = List::new(cx, &[])?;
    for location in locations {
        let location = string_of(cx, location)?;
        List::push(cx, list, location)?;
    }
    let tuple = Tuple::from_list(cx, list)?;
    put(cx, dict, name, tuple.value())
}

/// The dict about a certificate.
pub fn describe(cx: &mut Cx, certificate: &Certificate) -> PyResult {
    let dict = cx.dict();
    for (name, part) in [("subject", certificate.subject()), ("issuer", certificate.issuer())] {
        let part = distinguished_name(cx, part)?;
        put(cx, dict, name, part)?;
    }
    put(cx, dict, "version", Value::int(certificate.version as i64))?;
    let serial = string(cx, &serial_text(certificate));
    put(cx, dict, "serialNumber", serial)?;
    for (name, time) in [("notBefore", certificate.not_before), ("notAfter", certificate.not_after)] {
        let time = string(cx, &der::print_time(time));
        put(cx, dict, name, time)?;
    }
    let names = certificate.alternative_names();
    if !names.is_empty() {
        let list = List::new(cx, &[])?;
        for name in &names {
            let name = alternative_name(cx, name)?;
            List::push(cx, list, name)?;
        }
        let tuple = Tuple::from_list(cx, list)?;
        put(cx, dict, "subjectAltName", tuple.value())?;
    }
    put_locations(cx, dict, "OCSP", &certificate.ocsp_locations())?;
    put_locations(cx, dict, "caIssuers", &certificate.issuer_locations())?;
    put_locations(cx, dict, "crlDistributionPoints", &certificate.revocation_locations())?;
    Ok(dict.value())
}

/// A name in one line: `CN=localhost,O=…`, the last part first (RFC 2253).
pub fn one_line(name: &[u8]) -> String {
    let sets = name_attributes(name).unwrap_or_default();
    let shown: Vec<String> = sets
        .iter()
        .rev()
        .map(|set| {
            let pairs: Vec<String> = set
                .iter()
                .map(|attribute| {
                    let identifier = der::dotted(attribute.kind);
                    let name =
                        object_names::by_identifier(&identifier).map_or(identifier.as_str(), |object| object.short);
                    format!("{name}={}", escaped(&attribute.text))
                })
                .collect();
            pairs.join("+")
        })
        .collect();
    shown.join(",")
}

/// A value in which what has a meaning in RFC 2253 is escaped.
fn escaped(text: &str) -> String {
    let mut shown = String::new();
    for (at, character) in text.char_indices() {
        let is_last = at + character.len_utf8() == text.len();
        match character {
            ',' | '+' | '"' | '\\' | '<' | '>' | ';' => shown.push('\\'),
            '#' | ' ' if at == 0 => shown.push('\\'),
            ' ' if is_last => shown.push('\\'),
            _ => {}
        }
        let mut buffer = [0; 4];
        match character {
            '\0'..='\x1f' | '\x7f' => shown.push_str(&format!("\\{:02X}", character as u32)),
            character if character.is_ascii() => shown.push(character),
            character => {
                for byte in character.encode_utf8(&mut buffer).bytes() {
                    shown.push_str(&format!("\\{byte:02X}"));
                }
            }
        }
    }
    shown
}
