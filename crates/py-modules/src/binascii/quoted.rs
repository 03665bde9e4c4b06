//! Quoted-printable (RFC 1521, and 1522 for headers).

/// Longest line that an encoder writes.
const LINE: usize = 76;

/// Decodes; in headers an underscore is a space.
pub fn decode(bytes: &[u8], header: bool) -> Vec<u8> {
    let mut result = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'=' => {
                let next = bytes.get(at + 1).copied();
                let digit = |at: usize| bytes.get(at).and_then(|byte| (*byte as char).to_digit(16));
                match next {
                    None => return result,
                    Some(b'\n' | b'\r') => {
                        // A soft line break: everything up to the end of the line goes.
                        at += 1;
                        if bytes[at] != b'\n' {
                            while at < bytes.len() && bytes[at] != b'\n' {
                                at += 1;
                            }
                        }
                        at += 1;
                    }
                    Some(b'=') => {
                        result.push(b'=');
                        at += 2;
                    }
                    _ => match (digit(at + 1), digit(at + 2)) {
                        (Some(high), Some(low)) => {
                            result.push((high << 4 | low) as u8);
                            at += 3;
                        }
                        _ => {
                            result.push(b'=');
                            at += 1;
                        }
                    },
                }
            }
            b'_' if header => {
                result.push(b' ');
                at += 1;
            }
            byte => {
                result.push(byte);
                at += 1;
            }
        }
    }
    result
}

fn push_quoted(result: &mut Vec<u8>, byte: u8) {
    result.extend_from_slice(format!("={byte:02X}").as_bytes());
}

/// Encodes.
pub fn encode(bytes: &[u8], quote_tabs: bool, is_text: bool, header: bool) -> Vec<u8> {
    let newline: &[u8] = match bytes.iter().position(|byte| *byte == b'\n') {
        Some(at) if at > 0 && bytes[at - 1] == b'\r' => b"\r\n",
        _ => b"\n",
    };
    let mut result: Vec<u8> = Vec::with_capacity(bytes.len());
    let mut line = 0;
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        let next = bytes.get(at + 1).copied();
        let is_last = next.is_none();
        let before_newline = next == Some(b'\n');
        let is_break = matches!(byte, b'\r' | b'\n');
        let quoted = byte > 126
            || byte == b'='
            || (header && byte == b'_')
            || (byte == b'.' && line == 0 && (is_last || matches!(next, Some(b'\n' | b'\r' | 0))))
            || (!is_text && is_break)
            || (matches!(byte, b'\t' | b' ') && is_last)
            || (byte < 33 && !is_break && (quote_tabs || !matches!(byte, b'\t' | b' ')));
        if quoted {
            if line + 3 >= LINE {
                result.extend_from_slice(b"=");
                result.extend_from_slice(newline);
                line = 0;
            }
            push_quoted(&mut result, byte);
            line += 3;
            at += 1;
            continue;
        }
        if is_text && (byte == b'\n' || (byte == b'\r' && next == Some(b'\n'))) {
            line = 0;
            // White space in front of a line break is quoted.
            if let Some(space @ (b' ' | b'\t')) = result.last().copied() {
                result.pop();
                push_quoted(&mut result, space);
            }
            result.extend_from_slice(newline);
            at += if byte == b'\r' { 2 } else { 1 };
            continue;
        }
        if !is_last && !before_newline && line + 1 >= LINE {
            result.push(b'=');
            result.extend_from_slice(newline);
            line = 0;
        }
        line += 1;
        result.push(if header && byte == b' ' { b'_' } else { byte });
        at += 1;
    }
    result
}
