//! The standard error handlers as functions that take the exception.

use super::errors::{Handler, escapable, passed_in, passed_surrogates, raise_object, text_for};
use super::registry;
use crate::attribute;
use crate::bootstrap::new_native;
use crate::cx::{Cx, NONE, PyResult};
use crate::kinds::Kind;
use crate::objects::{Bytes, Str, Tuple};
use crate::string::{StrExt, bytes_of, downcast};
use crate::types::str::{code_points, push_code_point};
use crate::types::{class_name, int, is_instance};
use py_macros::py_functions;
use vm_heap::{Gc, Value};
use vm_machine::Raised;

/// What an exception is about.
enum Subject {
    /// Code points that cannot be encoded.
    Encode(Vec<u32>),
    /// Bytes from the first wrong one on, and how many of them are wrong.
    Decode(Vec<u8>, usize),
    /// Code points that cannot be translated.
    Translate(Vec<u32>),
}

struct Failure {
    subject: Subject,
    start: usize,
    end: usize,
}

fn field(cx: &mut Cx, exception: Value, name: &str) -> PyResult {
    let name = cx.intern(name);
    attribute::get(cx, exception, name)
}

fn unknown(cx: &mut Cx, exception: Value) -> Raised {
    let message = format!("don't know how to handle {} in error callback", class_name(cx, exception));
    cx.type_error(message)
}

fn read(cx: &mut Cx, exception: Value) -> PyResult<Failure> {
    // What is neither of the first two is about translating.
    let kinds = [Kind::UNICODE_ENCODE_ERROR, Kind::UNICODE_DECODE_ERROR, Kind::UNICODE_ERROR];
    let Some(kind) = kinds.into_iter().find(|kind| is_instance(cx, exception, *kind)) else {
        return Err(unknown(cx, exception));
    };
    let object = field(cx, exception, "object")?;
    let start = field(cx, exception, "start")?;
    let end = field(cx, exception, "end")?;
    let place = |value: Value| int::as_i64(value).and_then(|place| usize::try_from(place).ok()).unwrap_or(0);
    let (start, end) = (place(start), place(end));
    if kind == Kind::UNICODE_DECODE_ERROR {
        let Some(bytes) = downcast::<Bytes>(object) else {
            return Err(cx.type_error("object attribute must be bytes"));
        };
        let content = bytes_of(&bytes);
        let start = start.min(content.len().saturating_sub(1));
        let end = end.clamp(start, content.len());
        return Ok(Failure { subject: Subject::Decode(content[start..].to_vec(), end - start), start, end });
    }
    let Some(text) = downcast::<Str>(object) else {
        return Err(cx.type_error("object attribute must be unicode"));
    };
    let codes: Vec<u32> = code_points(text.bytes()).collect();
    let start = start.min(codes.len().saturating_sub(1));
    let end = end.clamp(start, codes.len());
    let bad = codes[start..end].to_vec();
    let subject = if kind == Kind::UNICODE_ENCODE_ERROR { Subject::Encode(bad) } else { Subject::Translate(bad) };
    Ok(Failure { subject, start, end })
}

fn answer_text(cx: &mut Cx, codes: &[u32], next: usize) -> PyResult<Gc<Tuple>> {
    let mut bytes = Vec::new();
    codes.iter().for_each(|code| push_code_point(&mut bytes, *code));
    let text = Str::checked(cx, &bytes)?;
    Ok(Tuple::new(cx, &[text.value(), Value::int(next as i64)]))
}

fn answer_bytes(cx: &mut Cx, bytes: &[u8], next: usize) -> PyResult<Gc<Tuple>> {
    let bytes = Bytes::checked(cx, bytes)?;
    Ok(Tuple::new(cx, &[bytes.value(), Value::int(next as i64)]))
}

/// The handlers.
pub struct Functions;

#[py_functions("codecs")]
impl Functions {
    /// Implements the 'strict' error handling, which raises a UnicodeError on coding errors.
    #[function]
    fn strict_errors(cx: &mut Cx, exception: Value) -> PyResult {
        Err(raise_object(cx, exception))
    }
    /// Implements the 'ignore' error handling, which ignores malformed data and continues.
    #[function]
    fn ignore_errors(cx: &mut Cx, exception: Value) -> PyResult<Gc<Tuple>> {
        let failure = read(cx, exception)?;
        answer_text(cx, &[], failure.end)
    }
    /// Implements the 'replace' error handling, which replaces malformed data with a replacement marker.
    #[function]
    fn replace_errors(cx: &mut Cx, exception: Value) -> PyResult<Gc<Tuple>> {
        let failure = read(cx, exception)?;
        let codes = match failure.subject {
            Subject::Encode(codes) => vec![u32::from(b'?'); codes.len()],
            Subject::Decode(..) => vec![0xfffd],
            Subject::Translate(codes) => vec![0xfffd; codes.len()],
        };
        answer_text(cx, &codes, failure.end)
    }
    /// Implements the 'xmlcharrefreplace' error handling, which replaces an unencodable character with a reference.
    #[function]
    fn xmlcharrefreplace_errors(cx: &mut Cx, exception: Value) -> PyResult<Gc<Tuple>> {
        let failure = read(cx, exception)?;
        match failure.subject {
            Subject::Encode(codes) => answer_text(cx, &text_for(&Handler::XmlCharacterReference, &codes), failure.end),
            _ => Err(unknown(cx, exception)),
        }
    }
    /// Implements the 'backslashreplace' error handling, which replaces malformed data with a backslashed escape.
    #[function]
    fn backslashreplace_errors(cx: &mut Cx, exception: Value) -> PyResult<Gc<Tuple>> {
        let failure = read(cx, exception)?;
        let codes = match failure.subject {
            Subject::Encode(codes) | Subject::Translate(codes) => text_for(&Handler::BackslashReplace, &codes),
            Subject::Decode(bytes, bad) => {
                bytes[..bad].iter().flat_map(|byte| format!("\\x{byte:02x}").into_bytes()).map(u32::from).collect()
            }
        };
        answer_text(cx, &codes, failure.end)
    }
    /// Implements the 'namereplace' error handling, which replaces an unencodable character with a \N{...} escape.
    #[function]
    fn namereplace_errors(cx: &mut Cx, exception: Value) -> PyResult<Gc<Tuple>> {
        let failure = read(cx, exception)?;
        match failure.subject {
            Subject::Encode(codes) => answer_text(cx, &text_for(&Handler::NameReplace, &codes), failure.end),
            _ => Err(unknown(cx, exception)),
        }
    }
    #[function]
    fn surrogatepass(cx: &mut Cx, exception: Value) -> PyResult<Gc<Tuple>> {
        let failure = read(cx, exception)?;
        let codec = field(cx, exception, "encoding")?;
        let codec = downcast::<Str>(codec).map_or_else(String::new, |codec| codec.to_text());
        match failure.subject {
            Subject::Encode(codes) => match passed_surrogates(&codec, &codes) {
                Some(bytes) => answer_bytes(cx, &bytes, failure.end),
                None => Err(raise_object(cx, exception)),
            },
            Subject::Decode(bytes, _) => match passed_in(&codec, &bytes) {
                Some((code, width)) => answer_text(cx, &[code], failure.start + width),
                None => Err(raise_object(cx, exception)),
            },
            Subject::Translate(_) => Err(unknown(cx, exception)),
        }
    }
    #[function]
    fn surrogateescape(cx: &mut Cx, exception: Value) -> PyResult<Gc<Tuple>> {
        let failure = read(cx, exception)?;
        match failure.subject {
            Subject::Encode(codes) => {
                if !codes.iter().all(|code| (0xdc80..0xdd00).contains(code)) {
                    return Err(raise_object(cx, exception));
                }
                let bytes: Vec<u8> = codes.iter().map(|code| (code - 0xdc00) as u8).collect();
                answer_bytes(cx, &bytes, failure.end)
            }
            Subject::Decode(bytes, bad) => {
                let count = escapable(&bytes[..bad]);
                if count == 0 {
                    return Err(raise_object(cx, exception));
                }
                let codes: Vec<u32> = bytes[..count].iter().map(|byte| 0xdc00 + u32::from(*byte)).collect();
                answer_text(cx, &codes, failure.start + count)
            }
            Subject::Translate(_) => Err(unknown(cx, exception)),
        }
    }
}

/// Registers the standard handlers.
pub fn register(cx: &mut Cx) -> PyResult<()> {
    for definition in FUNCTIONS {
        let function = new_native(cx, definition, Kind::BUILTIN, NONE);
        let name = definition.name.strip_suffix("_errors").unwrap_or(definition.name);
        let name = cx.intern(name);
        registry::register_handler(cx, name, function.value())?;
    }
    Ok(())
}
