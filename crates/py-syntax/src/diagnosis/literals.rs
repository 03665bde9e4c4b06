//! Escapes that string and bytes literals can't have.

use super::Source;
use crate::{SyntaxError, ast::TextRange};

/// What is wrong with the content of a literal.
pub(super) fn check(source: &Source, range: TextRange) -> Option<SyntaxError> {
    let text = source.slice(range);
    let quote = text.find(['\'', '"'])?;
    let prefix = text[..quote].to_ascii_lowercase();
    let width = if text[quote..].starts_with("'''") || text[quote..].starts_with("\"\"\"") { 3 } else { 1 };
    let content = text.get(quote + width..text.len().checked_sub(width)?)?;
    if prefix.contains('b') {
        if !content.is_ascii() {
            return Some(source.error("bytes can only contain ASCII literal characters", range));
        }
        if !prefix.contains('r')
            && let Some(at) = bad_byte_escape(content)
        {
            return Some(source.error(format!("(value error) invalid \\x escape at position {at}"), range));
        }
        return None;
    }
    if prefix.contains('r') {
        return None;
    }
    about_text(source, content, range)
}

/// What is wrong with a piece of the text of an f-string or t-string.
pub(super) fn check_text(source: &Source, range: TextRange) -> Option<SyntaxError> {
    about_text(source, source.slice(range), range)
}

fn about_text(source: &Source, content: &str, range: TextRange) -> Option<SyntaxError> {
    let (from, to, reason) = bad_escape(content)?;
    let place = if to == from { format!("position {from}") } else { format!("position {from}-{to}") };
    let message = format!("(unicode error) 'unicodeescape' codec can't decode bytes in {place}: {reason}");
    Some(source.error(message, range))
}

fn bad_byte_escape(content: &str) -> Option<usize> {
    let bytes = content.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'\\' {
            at += 1;
        } else if bytes.get(at + 1) == Some(&b'x') {
            let digits = bytes[at + 2..].iter().take(2).take_while(|byte| byte.is_ascii_hexdigit()).count();
            if digits < 2 {
                return Some(at);
            }
            at += 4;
        } else {
            at += 2;
        }
    }
    None
}

/// First and last position of an escape that does not decode, and why. CPython counts a character beyond ASCII as ten.
fn bad_escape(content: &str) -> Option<(usize, usize, &'static str)> {
    let characters: Vec<char> = content.chars().collect();
    let width = |c: &char| if c.is_ascii() { 1 } else { 10 };
    let (mut at, mut position) = (0, 0);
    while at < characters.len() {
        if characters[at] != '\\' {
            position += width(&characters[at]);
            at += 1;
            continue;
        }
        let (wanted, truncated) = match characters.get(at + 1) {
            Some('x') => (2, "truncated \\xXX escape"),
            Some('u') => (4, "truncated \\uXXXX escape"),
            Some('U') => (8, "truncated \\UXXXXXXXX escape"),
            Some('N') => {
                if characters.get(at + 2) != Some(&'{') {
                    return Some((position, position + 1, "malformed \\N character escape"));
                }
                let Some(length) = characters[at + 3..].iter().position(|c| *c == '}') else {
                    let rest: usize = characters[at..].iter().map(width).sum();
                    return Some((position, position + rest - 1, "malformed \\N character escape"));
                };
                let name: String = characters[at + 3..at + 3 + length].iter().collect();
                if name.is_empty() {
                    return Some((position, position + 3, "malformed \\N character escape"));
                }
                if py_unicode::names::code(&name).is_none()
                    && py_unicode::names::alias(&name).is_none_or(|codes| codes.len() != 1)
                {
                    return Some((position, position + length + 3, "unknown Unicode character name"));
                }
                at += length + 4;
                position += length + 4;
                continue;
            }
            Some(other) => {
                position += 1 + width(other);
                at += 2;
                continue;
            }
            None => return None,
        };
        let digits = characters[at + 2..].iter().take(wanted).take_while(|c| c.is_ascii_hexdigit()).count();
        if digits < wanted {
            return Some((position, position + 1 + digits, truncated));
        }
        let text: String = characters[at + 2..at + 2 + wanted].iter().collect();
        if u32::from_str_radix(&text, 16).is_ok_and(|code| code > 0x10_ffff) {
            return Some((position, position + 1 + wanted, "illegal Unicode character"));
        }
        at += 2 + wanted;
        position += 2 + wanted;
    }
    None
}
