//! Base 64 (RFC 4648, and what MIME readers forgive).

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn digit(byte: u8) -> Option<u32> {
    Some(u32::from(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}

/// Encodes.
pub fn encode(bytes: &[u8], newline: bool) -> Vec<u8> {
    let mut result = Vec::with_capacity(bytes.len().div_ceil(3) * 4 + 1);
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for at in 0..4 {
            let digit = ALPHABET[(word >> (18 - 6 * at) & 63) as usize];
            result.push(if at <= chunk.len() { digit } else { b'=' });
        }
    }
    if newline {
        result.push(b'\n');
    }
    result
}

/// Decodes. What is no digit is skipped, and so is padding before more digits, unless `strict`.
pub fn decode(bytes: &[u8], strict: bool) -> Result<Vec<u8>, String> {
    let mut result = Vec::with_capacity(bytes.len() / 4 * 3);
    let fail = |message: &str| Err(message.to_string());
    let (mut position, mut padding, mut left) = (0, 0, 0u32);
    for (at, byte) in bytes.iter().enumerate() {
        if *byte == b'=' {
            padding += 1;
            if !strict || (position >= 2 && position + padding <= 4) {
                continue;
            }
            if position == 1 {
                break;
            }
            return fail(if at == 0 { "Leading padding not allowed" } else { "Excess padding not allowed" });
        }
        let Some(digit) = digit(*byte) else {
            if strict {
                return fail("Only base64 data is allowed");
            }
            continue;
        };
        if strict && padding > 0 {
            let is_complete = position + padding == 4;
            return fail(if is_complete { "Excess data after padding" } else { "Discontinuous padding not allowed" });
        }
        padding = 0;
        match position {
            0 => left = digit,
            1 => {
                result.push((left << 2 | digit >> 4) as u8);
                left = digit & 15;
            }
            2 => {
                result.push((left << 4 | digit >> 2) as u8);
                left = digit & 3;
            }
            _ => {
                result.push((left << 6 | digit) as u8);
                left = 0;
            }
        }
        position = (position + 1) % 4;
    }
    match position {
        0 => Ok(result),
        1 => Err(format!(
            "Invalid base64-encoded string: number of data characters ({}) cannot be 1 more than a multiple of 4",
            result.len() / 3 * 4 + 1
        )),
        _ if position + padding < 4 => fail("Incorrect padding"),
        _ => Ok(result),
    }
}
