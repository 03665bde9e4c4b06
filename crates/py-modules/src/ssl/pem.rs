//! PEM (RFC 7468 and older): blocks of base 64 between `-----BEGIN …-----` and `-----END …-----`.

use crate::binascii::decode_base64;

/// A block.
#[derive(Clone, Debug)]
pub struct Block {
    /// What is written behind BEGIN.
    pub label: String,
    /// Lines `name: value` before the content, as old encrypted keys have.
    pub headers: Vec<(String, String)>,
    /// The content.
    pub content: Vec<u8>,
}

impl Block {
    /// Whether this is a certificate.
    pub fn is_certificate(&self) -> bool {
        matches!(self.label.as_str(), "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE")
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

fn marker<'a>(line: &'a str, word: &str) -> Option<&'a str> {
    line.trim_end().strip_prefix("-----")?.strip_prefix(word)?.strip_prefix(' ')?.strip_suffix("-----")
}

/// All blocks of a text, in order. A block that does not end or does not decode is an error.
pub fn blocks(text: &[u8]) -> Result<Vec<Block>, Malformed> {
    let mut found = Vec::new();
    let mut lines = text.split(|byte| *byte == b'\n');
    while let Some(line) = lines.next() {
        if !line.starts_with(b"-----BEGIN ") {
            continue;
        }
        let line = String::from_utf8_lossy(line);
        let Some(label) = marker(&line, "BEGIN") else { continue };
        let label = label.to_string();
        let (mut headers, mut encoded) = (Vec::new(), Vec::new());
        loop {
            let line = lines.next().ok_or(Malformed)?;
            if line.starts_with(b"-----") {
                let line = String::from_utf8_lossy(line);
                if marker(&line, "END") != Some(label.as_str()) {
                    return Err(Malformed);
                }
                break;
            }
            match line.iter().position(|byte| *byte == b':') {
                Some(colon) => {
                    let (name, value) = (&line[..colon], &line[colon + 1..]);
                    let [name, value] = [name, value].map(|part| String::from_utf8_lossy(part).trim().to_string());
                    headers.push((name, value));
                }
                None => encoded.extend(line.iter().filter(|byte| !byte.is_ascii_whitespace())),
            }
        }
        let content = decode_base64(&encoded).ok_or(Malformed)?;
        found.push(Block { label, headers, content });
    }
    Ok(found)
}

/// A text that is no PEM.
#[derive(Debug, Clone, Copy)]
pub struct Malformed;

/// A block of one label.
pub fn encode(label: &str, content: &[u8]) -> String {
    let encoded = crate::binascii::encode_base64(content);
    let mut text = format!("-----BEGIN {label}-----\n");
    for line in encoded.chunks(64) {
        text.push_str(&String::from_utf8_lossy(line));
        text.push('\n');
    }
    text.push_str(&format!("-----END {label}-----\n"));
    text
}
