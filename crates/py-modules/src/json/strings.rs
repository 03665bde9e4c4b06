//! Text as JSON strings.

use py_object::types::str::code_points;

fn escape_of(code: u32) -> Option<u8> {
    Some(match code {
        0x22 => b'"',
        0x5c => b'\\',
        8 => b'b',
        9 => b't',
        10 => b'n',
        12 => b'f',
        13 => b'r',
        _ => return None,
    })
}

fn push_unit(result: &mut Vec<u8>, unit: u32) {
    result.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
}

/// How many bytes at the start stand for themselves.
fn plain_run(text: &[u8], is_plain: impl Fn(u8) -> bool) -> usize {
    text.iter().position(|byte| !is_plain(*byte)).unwrap_or(text.len())
}

/// Appends text as a string of ASCII.
pub fn push_ascii(result: &mut Vec<u8>, mut text: &[u8]) {
    result.push(b'"');
    loop {
        let run = plain_run(text, |byte| (0x20..0x7f).contains(&byte) && byte != b'"' && byte != b'\\');
        result.extend_from_slice(&text[..run]);
        text = &text[run..];
        let mut codes = code_points(text);
        let Some(code) = codes.next() else { break };
        text = codes.rest();
        if let Some(escape) = escape_of(code) {
            result.extend([b'\\', escape]);
        } else if let Some(rest) = code.checked_sub(0x1_0000) {
            push_unit(result, 0xd800 | rest >> 10);
            push_unit(result, 0xdc00 | (rest & 0x3ff));
        } else {
            push_unit(result, code);
        }
    }
    result.push(b'"');
}

/// Appends text as a string that holds other characters as they are.
pub fn push_plain(result: &mut Vec<u8>, mut text: &[u8]) {
    result.push(b'"');
    loop {
        let run = plain_run(text, |byte| byte >= 0x20 && byte != b'"' && byte != b'\\');
        result.extend_from_slice(&text[..run]);
        let Some((byte, rest)) = text[run..].split_first() else { break };
        text = rest;
        match escape_of(u32::from(*byte)) {
            Some(escape) => result.extend([b'\\', escape]),
            None => push_unit(result, u32::from(*byte)),
        }
    }
    result.push(b'"');
}
