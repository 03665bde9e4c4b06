//! UTF-7 (RFC 2152).

use super::errors::{Problem, on_decode_error};
use super::{Decoded, Handler, Input};
use crate::cx::{Cx, PyResult};
use crate::objects::{Bytes, Str};
use crate::string::StrExt;
use crate::types::str::{code_points, push_code_point};
use vm_heap::Gc;

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

/// Whether a code point is encoded as itself.
fn is_direct(code: u32) -> bool {
    matches!(code, 9 | 10 | 13 | 32..=126) && !matches!(code, 0x2b | 0x5c | 0x7e)
}

/// Bits that wait to be written as digits.
#[derive(Default)]
struct Bits {
    count: u32,
    content: u64,
}

impl Bits {
    fn push(&mut self, result: &mut Vec<u8>, unit: u32) {
        self.content = self.content << 16 | u64::from(unit);
        self.count += 16;
        while self.count >= 6 {
            self.count -= 6;
            result.push(ALPHABET[(self.content >> self.count) as usize & 63]);
        }
        self.content &= (1 << self.count) - 1;
    }

    fn finish(&mut self, result: &mut Vec<u8>) {
        if self.count > 0 {
            result.push(ALPHABET[(self.content << (6 - self.count)) as usize & 63]);
        }
        *self = Bits::default();
    }
}

/// Encodes, which cannot fail.
pub fn encode(cx: &mut Cx, text: Gc<Str>) -> PyResult<Gc<Bytes>> {
    let mut result = Vec::with_capacity(text.bytes().len());
    let mut bits = Bits::default();
    let mut shifted = false;
    for code in code_points(text.bytes()) {
        if is_direct(code) {
            if shifted {
                bits.finish(&mut result);
                shifted = false;
                if digit(code as u8).is_some() || code == u32::from(b'-') {
                    result.push(b'-');
                }
            }
            result.push(code as u8);
            continue;
        }
        if !shifted {
            result.push(b'+');
            if code == u32::from(b'+') {
                result.push(b'-');
                continue;
            }
            shifted = true;
        }
        match code.checked_sub(0x1_0000) {
            None => bits.push(&mut result, code),
            Some(rest) => {
                bits.push(&mut result, 0xd800 | rest >> 10);
                bits.push(&mut result, 0xdc00 | (rest & 0x3ff));
            }
        }
    }
    bits.finish(&mut result);
    if shifted {
        result.push(b'-');
    }
    Bytes::checked(cx, &result)
}

/// A base-64 section that is being read.
#[derive(Default)]
struct Section {
    /// Where it starts in the input.
    start: usize,
    /// How long the result was then.
    output: usize,
    count: u32,
    content: u32,
    /// A high surrogate that waits for the low one, or 0.
    surrogate: u32,
}

impl Section {
    fn push(&mut self, result: &mut Vec<u8>, digit: u32) {
        self.content = self.content << 6 | digit;
        self.count += 6;
        if self.count < 16 {
            return;
        }
        self.count -= 16;
        let unit = self.content >> self.count;
        self.content &= (1 << self.count) - 1;
        let high = std::mem::take(&mut self.surrogate);
        if high != 0 {
            if (0xdc00..0xe000).contains(&unit) {
                push_code_point(result, 0x1_0000 + ((high & 0x3ff) << 10 | (unit & 0x3ff)));
                return;
            }
            push_code_point(result, high);
        }
        if (0xd800..0xdc00).contains(&unit) {
            self.surrogate = unit;
        } else {
            push_code_point(result, unit);
        }
    }

    /// What is wrong if the section ends here.
    fn problem(&self) -> Option<&'static str> {
        match self.count {
            0 => None,
            6.. => Some("partial character in shift sequence"),
            _ if self.content != 0 => Some("non-zero padding bits in shift sequence"),
            _ => None,
        }
    }
}

/// Decodes; unless `last`, a section that goes on at the end is left.
pub fn decode(cx: &mut Cx, bytes: Gc<Bytes>, errors: Option<Gc<Str>>, last: bool) -> Decoded {
    let handler = Handler::named(errors);
    let mut input = Input::new(bytes);
    let mut result = Vec::with_capacity(input.content().len());
    let mut section: Option<Section> = None;
    let mut at = 0;
    loop {
        let content = input.content();
        let Some(byte) = content.get(at).copied() else {
            let Some(open) = section.take() else { break };
            if !last {
                result.truncate(open.output);
                return Ok((Str::checked(cx, &result)?, open.start));
            }
            if open.surrogate == 0 && open.problem().is_none() {
                break;
            }
            let problem = Problem { codec: "utf7", start: open.start, end: at, reason: "unterminated shift sequence" };
            at = on_decode_error(cx, &handler, &mut input, &mut result, problem)?;
            continue;
        };
        let wrong = if let Some(open) = &mut section {
            if let Some(digit) = digit(byte) {
                open.push(&mut result, digit);
                at += 1;
                continue;
            }
            let (start, problem, surrogate) = (open.start, open.problem(), open.surrogate);
            section = None;
            match problem {
                Some(reason) => {
                    at += 1;
                    (start, reason)
                }
                None => {
                    if surrogate != 0 && byte < 0x80 && byte != b'+' {
                        push_code_point(&mut result, surrogate);
                    }
                    at += usize::from(byte == b'-');
                    continue;
                }
            }
        } else if byte == b'+' {
            let start = at;
            at += 1;
            match content.get(at) {
                Some(b'-') => {
                    result.push(b'+');
                    at += 1;
                    continue;
                }
                Some(next) if digit(*next).is_none() => {
                    at += 1;
                    (start, "ill-formed sequence")
                }
                _ => {
                    section = Some(Section { start, output: result.len(), ..Section::default() });
                    continue;
                }
            }
        } else if byte < 0x80 {
            result.push(byte);
            at += 1;
            continue;
        } else {
            at += 1;
            (at - 1, "unexpected special character")
        };
        let problem = Problem { codec: "utf7", start: wrong.0, end: at, reason: wrong.1 };
        at = on_decode_error(cx, &handler, &mut input, &mut result, problem)?;
    }
    Ok((Str::checked(cx, &result)?, at))
}
