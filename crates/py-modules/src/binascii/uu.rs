//! Lines of uuencoded data.

/// Most bytes of a line.
const LONGEST: usize = 45;

/// Decodes a line.
pub fn decode(line: &[u8]) -> Result<Vec<u8>, String> {
    let Some((first, rest)) = line.split_first() else { return Err("Missing length byte".to_string()) };
    let wanted = (first.wrapping_sub(b' ') & 63) as usize;
    let mut result = Vec::with_capacity(wanted);
    let mut digits = rest.iter();
    let (mut word, mut bits) = (0u32, 0);
    while result.len() < wanted {
        let digit = match digits.next() {
            // Trailing spaces may have been cut off.
            None | Some(b'\n' | b'\r') => 0,
            Some(byte @ b' '..=b'`') => (byte - b' ') & 63,
            Some(_) => return Err("Illegal char".to_string()),
        };
        word = word << 6 | u32::from(digit);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            result.push((word >> bits) as u8);
            word &= (1 << bits) - 1;
        }
    }
    if digits.any(|byte| !matches!(byte, b' ' | b'`' | b'\n' | b'\r')) {
        return Err("Trailing garbage".to_string());
    }
    Ok(result)
}

/// Encodes a line.
pub fn encode(bytes: &[u8], backtick: bool) -> Result<Vec<u8>, String> {
    if bytes.len() > LONGEST {
        return Err("At most 45 bytes at once".to_string());
    }
    let digit = |value: u32| if value == 0 && backtick { b'`' } else { b' ' + value as u8 };
    let mut result = vec![digit(bytes.len() as u32)];
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        result.extend((0..4).map(|at| digit(word >> (18 - 6 * at) & 63)));
    }
    result.push(b'\n');
    Ok(result)
}
