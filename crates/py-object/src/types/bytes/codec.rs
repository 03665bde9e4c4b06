//! The codecs that must not depend on Python code: UTF-8, ASCII, Latin-1.

use super::*;
use crate::cx::UNBOUND;
use crate::objects::Exception;
use crate::string::StrExt;
use crate::types::str::{code_points, push_code_point, push_escape};

/// A codec.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Codec {
    Utf8,
    /// Code points below this limit, a byte each.
    SingleByte(u32),
}

impl Codec {
    fn named(cx: &mut Cx, name: &str) -> PyResult<Codec> {
        let plain: String = name.chars().map(|one| if one == '_' { '-' } else { one.to_ascii_lowercase() }).collect();
        match plain.as_str() {
            "utf-8" | "utf8" | "u8" | "cp65001" => Ok(Codec::Utf8),
            "ascii" | "us-ascii" | "646" => Ok(Codec::SingleByte(0x80)),
            "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "l1" => Ok(Codec::SingleByte(0x100)),
            _ => Err(cx.raise(Kind::LOOKUP_ERROR, format!("unknown encoding: {name}"))),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Codec::Utf8 => "utf-8",
            Codec::SingleByte(0x80) => "ascii",
            Codec::SingleByte(_) => "latin-1",
        }
    }
}

fn name_or(name: Option<Gc<Str>>, default: &str) -> String {
    name.map_or_else(|| default.to_string(), |name| name.to_text())
}

/// Raises UnicodeEncodeError or UnicodeDecodeError with its five arguments.
fn unicode_error(
    cx: &mut Cx,
    kind: Kind,
    codec: Codec,
    object: Value,
    start: usize,
    end: usize,
    why: &str,
) -> vm_machine::Raised {
    let name = Str::new(cx, codec.name()).value();
    let why = Str::new(cx, why).value();
    let positions = [Value::int(start as i64), Value::int(end as i64)];
    let exception = Exception::new(cx, kind, &[name, object, positions[0], positions[1], why]);
    crate::exception::raise(cx, exception)
}

/// `text.encode(encoding, errors)`.
pub fn encode(cx: &mut Cx, text: Gc<Str>, encoding: Option<Gc<Str>>, errors: Option<Gc<Str>>) -> PyResult {
    let codec = Codec::named(cx, &name_or(encoding, "utf-8"))?;
    if text.is_ascii() || (codec == Codec::Utf8 && text.as_str().is_some()) {
        return Ok(Bytes::checked(cx, text.bytes())?.value());
    }
    let errors = name_or(errors, "strict");
    let mut result = Vec::with_capacity(text.bytes().len());
    for (at, code) in code_points(text.bytes()).enumerate() {
        match codec {
            Codec::Utf8 if char::from_u32(code).is_some() => push_code_point(&mut result, code),
            Codec::SingleByte(limit) if code < limit => result.push(code as u8),
            _ => match errors.as_str() {
                "ignore" => {}
                "replace" => result.push(b'?'),
                "backslashreplace" => {
                    let mut escape = String::new();
                    push_escape(&mut escape, code);
                    result.extend_from_slice(escape.as_bytes());
                }
                "xmlcharrefreplace" => result.extend_from_slice(format!("&#{code};").as_bytes()),
                "surrogateescape" if (0xdc80..0xdd00).contains(&code) => result.push((code - 0xdc00) as u8),
                "surrogatepass" if codec == Codec::Utf8 => push_code_point(&mut result, code),
                _ => {
                    let why = match codec {
                        Codec::Utf8 => "surrogates not allowed".to_string(),
                        Codec::SingleByte(limit) => format!("ordinal not in range({limit})"),
                    };
                    let kind = Kind::UNICODE_ENCODE_ERROR;
                    return Err(unicode_error(cx, kind, codec, text.value(), at, at + 1, &why));
                }
            },
        }
    }
    Ok(Bytes::checked(cx, &result)?.value())
}

/// `str(object, encoding, errors)`.
pub fn decode_object(cx: &mut Cx, object: Value, encoding: Value, errors: Value) -> PyResult<Gc<Str>> {
    if downcast::<Str>(object).is_some() {
        return Err(cx.type_error("decoding str is not supported"));
    }
    let Some(view) = crate::buffer::ByteView::find(cx, object)? else {
        let message = format!("decoding to str: need a bytes-like object, {} found", class_name(cx, object));
        return Err(cx.type_error(message));
    };
    let bytes = match downcast::<Bytes>(object) {
        Some(bytes) => bytes,
        None => Bytes::checked(cx, view.bytes())?,
    };
    let name = |value: Value| if value == UNBOUND { None } else { downcast::<Str>(value) };
    decode(cx, bytes, name(encoding), name(errors))
}

/// `bytes.decode(encoding, errors)`.
pub(super) fn decode(
    cx: &mut Cx,
    bytes: Gc<Bytes>,
    encoding: Option<Gc<Str>>,
    errors: Option<Gc<Str>>,
) -> PyResult<Gc<Str>> {
    let codec = Codec::named(cx, &name_or(encoding, "utf-8"))?;
    let errors = name_or(errors, "strict");
    let content = bytes_of(&bytes);
    let mut result = Vec::with_capacity(content.len());
    let mut at = 0;
    while at < content.len() {
        let rest = &content[at..];
        let (valid, invalid, why) = match codec {
            Codec::Utf8 => match std::str::from_utf8(rest) {
                Ok(_) => {
                    result.extend_from_slice(rest);
                    break;
                }
                Err(error) => {
                    let valid = error.valid_up_to();
                    let why = match (error.error_len(), rest[valid]) {
                        (None, _) => "unexpected end of data",
                        (_, 0x80..0xc2 | 0xf5..) => "invalid start byte",
                        _ => "invalid continuation byte",
                    };
                    (valid, error.error_len().unwrap_or(rest.len() - valid), why.to_string())
                }
            },
            Codec::SingleByte(limit) => {
                let valid = rest.iter().take_while(|byte| u32::from(**byte) < limit).count();
                (valid, usize::from(valid < rest.len()), format!("ordinal not in range({limit})"))
            }
        };
        match codec {
            Codec::Utf8 => result.extend_from_slice(&rest[..valid]),
            Codec::SingleByte(_) => {
                rest[..valid].iter().for_each(|byte| push_code_point(&mut result, u32::from(*byte)))
            }
        }
        at += valid;
        if invalid == 0 {
            break;
        }
        let bad = &content[at..at + invalid];
        match errors.as_str() {
            "ignore" => {}
            "replace" => push_code_point(&mut result, 0xfffd),
            "backslashreplace" => {
                bad.iter().for_each(|byte| result.extend_from_slice(format!("\\x{byte:02x}").as_bytes()));
            }
            "surrogateescape" => bad.iter().for_each(|byte| push_code_point(&mut result, 0xdc00 + u32::from(*byte))),
            _ => {
                let kind = Kind::UNICODE_DECODE_ERROR;
                return Err(unicode_error(cx, kind, codec, bytes.value(), at, at + invalid, &why));
            }
        }
        at += invalid;
    }
    Str::checked(cx, &result)
}
