//! Whether a certificate is one of a host: RFC 6125 with the liberties that OpenSSL takes by its flags.

use super::certificate::{AlternativeName, Certificate};
use std::net::IpAddr;

/// The subject's common name counts even where there are alternative names.
pub const ALWAYS_CHECK_SUBJECT: u32 = 1;
/// `*` means nothing.
pub const NO_WILDCARDS: u32 = 2;
/// `*` must be a whole label.
pub const NO_PARTIAL_WILDCARDS: u32 = 4;
/// A whole label `*` may stand for several labels.
pub const MULTI_LABEL_WILDCARDS: u32 = 8;
/// `.example.org` means names with one more label only.
pub const SINGLE_LABEL_SUBDOMAINS: u32 = 16;
/// The common name never counts.
pub const NEVER_CHECK_SUBJECT: u32 = 32;

/// Whether a certificate is valid for a host: a name or an address.
pub fn matches(certificate: &Certificate, host: &str, flags: u32) -> bool {
    if let Ok(address) = host.parse::<IpAddr>() {
        return match address {
            IpAddr::V4(address) => has_address(certificate, &address.octets()),
            IpAddr::V6(address) => has_address(certificate, &address.octets()),
        };
    }
    let host = host.strip_suffix('.').unwrap_or(host);
    let mut has_names = false;
    for name in certificate.alternative_names() {
        if let AlternativeName::Host(pattern) = name {
            has_names = true;
            if matches_pattern(pattern, host.as_bytes(), flags) {
                return true;
            }
        }
    }
    let by_subject = flags & NEVER_CHECK_SUBJECT == 0 && (!has_names || flags & ALWAYS_CHECK_SUBJECT != 0);
    by_subject && certificate.common_name().is_some_and(|name| matches_pattern(name.as_bytes(), host.as_bytes(), flags))
}

fn has_address(certificate: &Certificate, wanted: &[u8]) -> bool {
    certificate
        .alternative_names()
        .iter()
        .any(|name| matches!(name, AlternativeName::Address(address) if *address == wanted))
}

fn matches_pattern(pattern: &[u8], host: &[u8], flags: u32) -> bool {
    let pattern = pattern.strip_suffix(b".").unwrap_or(pattern);
    if pattern.is_empty() || pattern.contains(&0) {
        return false;
    }
    if pattern.eq_ignore_ascii_case(host) {
        return true;
    }
    if let Some(domain) = host.strip_prefix(b".") {
        return matches_domain(pattern, domain, flags);
    }
    let star = pattern.iter().position(|byte| *byte == b'*');
    star.is_some_and(|star| flags & NO_WILDCARDS == 0 && matches_wildcard(pattern, star, host, flags))
}

/// `.example.org` as the wanted name: any name below it.
fn matches_domain(pattern: &[u8], domain: &[u8], flags: u32) -> bool {
    let Some(start) = pattern.len().checked_sub(domain.len() + 1) else { return false };
    let (below, rest) = pattern.split_at(start);
    let is_single = !below.contains(&b'.');
    !below.is_empty()
        && rest[1..].eq_ignore_ascii_case(domain)
        && (flags & SINGLE_LABEL_SUBDOMAINS == 0 || is_single)
        && rest[0] == b'.'
}

/// The star must be the only one, in the first of at least three labels, and stands for characters of one label.
fn matches_wildcard(pattern: &[u8], star: usize, host: &[u8], flags: u32) -> bool {
    let (before, after) = (&pattern[..star], &pattern[star + 1..]);
    let Some(end_of_label) = after.iter().position(|byte| *byte == b'.') else { return false };
    let rest = &after[end_of_label..];
    let is_whole = before.is_empty() && end_of_label == 0;
    let enough_labels = rest.iter().filter(|byte| **byte == b'.').count() >= 2;
    if after.contains(&b'*') || before.contains(&b'.') || !enough_labels {
        return false;
    }
    if !is_whole && (flags & NO_PARTIAL_WILDCARDS != 0 || starts_with_ace(before)) {
        return false;
    }
    if host.len() < before.len() + after.len() {
        return false;
    }
    let middle = &host[before.len()..host.len() - after.len()];
    if !host[..before.len()].eq_ignore_ascii_case(before)
        || !host[host.len() - after.len()..].eq_ignore_ascii_case(after)
        || middle.is_empty()
    {
        return false;
    }
    let many = is_whole && flags & MULTI_LABEL_WILDCARDS != 0;
    // A part of an internationalised label says nothing about the characters that it stands for.
    if !is_whole && starts_with_ace(host) {
        return false;
    }
    middle.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-' || *byte == b'_' || (many && *byte == b'.'))
}

fn starts_with_ace(label: &[u8]) -> bool {
    label.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"xn--"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        let none = NO_PARTIAL_WILDCARDS;
        for (pattern, host, flags, expected) in [
            ("example.org", "EXAMPLE.org", none, true),
            ("*.example.org", "www.example.org", none, true),
            ("*.example.org", "example.org", none, false),
            ("*.example.org", "a.b.example.org", none, false),
            ("*.example.org", "a.b.example.org", MULTI_LABEL_WILDCARDS, true),
            ("w*.example.org", "www.example.org", none, false),
            ("w*.example.org", "www.example.org", 0, true),
            ("*.org", "example.org", none, false),
            ("*", "org", none, false),
            ("*.*.example.org", "a.b.example.org", none, false),
            ("www.*.org", "www.example.org", none, false),
            ("xn--*.example.org", "xn--a.example.org", 0, false),
            ("*.example.org", ".example.org", none, true),
            ("", "", none, false),
        ] {
            assert_eq!(matches_pattern(pattern.as_bytes(), host.as_bytes(), flags), expected, "{pattern} {host}");
        }
    }
}
