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

/// Appends text as a string of ASCII.
pub fn push_ascii(result: &mut Vec<u8>, text: &[u8]) {
    result.push(b'"');
    for code in code_points(text) {
        if let Some(escape) = escape_of(code) {
            result.extend([b'\\', escape]);
        } else if (0x20..0x7f).contains(&code) {
            result.push(code as u8);
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
pub fn push_plain(result: &mut Vec<u8>, text: &[u8]) {
    result.push(b'"');
    for byte in text {
        match escape_of(u32::from(*byte)) {
            Some(escape) => result.extend([b'\\', escape]),
            None if *byte < 0x20 => push_unit(result, u32::from(*byte)),
            None => result.push(*byte),
        }
    }
    result.push(b'"');
}
