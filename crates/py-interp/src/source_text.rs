//! Source files to text: byte order marks, declared encodings (PEP 263), UTF-8 otherwise.

use py_object::exception::raise_syntax_error;
use py_object::objects::{Bytes, Str};
use py_object::{Cx, Kind, PyResult, StrExt, call, downcast, types};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The encoding that one of the first two lines declares in a comment.
fn declared(source: &[u8]) -> Option<String> {
    for line in source.split(|byte| *byte == b'\n').take(2) {
        let blanks = line.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\x0c')).count();
        let line = line[blanks..].strip_suffix(b"\r").unwrap_or(&line[blanks..]);
        if line.first() == Some(&b'#')
            && let Some(name) = in_comment(line)
        {
            return Some(name);
        }
        // The second line counts only behind a first one without code.
        if !line.is_empty() && line[0] != b'#' {
            return None;
        }
    }
    None
}

/// What follows `coding:` or `coding=`.
fn in_comment(line: &[u8]) -> Option<String> {
    let at = line.windows(6).position(|part| part == b"coding")?;
    let rest = line.get(at + 6..)?;
    if !matches!(rest.first(), Some(b':' | b'=')) {
        return None;
    }
    let rest = rest[1..].trim_ascii_start();
    let length =
        rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')).count();
    (length > 0).then(|| String::from_utf8_lossy(&rest[..length]).into_owned())
}

/// The name by which two encodings go that need no codec.
fn normalised(name: &str) -> String {
    let lower: String = name.chars().take(12).map(|c| if c == '_' { '-' } else { c.to_ascii_lowercase() }).collect();
    let is = |known: &str| lower == known || lower.starts_with(&format!("{known}-"));
    if is("utf-8") {
        "utf-8".to_string()
    } else if is("latin-1") || is("iso-8859-1") || is("iso-latin-1") {
        "iso-8859-1".to_string()
    } else {
        name.to_string()
    }
}

/// The text of a source to be shown, with replacement characters for what is not in UTF-8 or, where it is declared, Latin-1.
pub fn for_display(source: &[u8]) -> String {
    let source = source.strip_prefix(BYTE_ORDER_MARK).unwrap_or(source);
    match declared(source).map(|name| normalised(&name)).as_deref() {
        Some("iso-8859-1") => source.iter().map(|byte| char::from(*byte)).collect(),
        _ => String::from_utf8_lossy(source).into_owned(),
    }
}

/// What a source comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A string, which can't name an encoding.
    Text,
    /// Bytes of a program's.
    Bytes,
    /// The file that it is named after.
    File,
}

/// The line, from 1, of an offset, and the bytes of that line.
fn line_at(source: &[u8], at: usize) -> (i64, usize, &[u8]) {
    let line = source[..at].iter().filter(|byte| **byte == b'\n').count() as i64 + 1;
    let start = source[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let end = source[at..].iter().position(|byte| *byte == b'\n').map_or(source.len(), |end| at + end);
    (line, start, &source[start..end])
}

/// SyntaxError for a null byte in a file, unless something before it can't be decoded.
fn check_nulls(cx: &mut Cx, source: &[u8], filename: &str, valid_to: usize) -> PyResult<()> {
    let Some(at) = source[..valid_to].iter().position(|byte| *byte == 0) else { return Ok(()) };
    let (line, _, text) = line_at(source, at);
    let shown = text.split(|byte| *byte == 0).next().unwrap_or_default();
    let shown = String::from_utf8_lossy(shown);
    let message = "source code cannot contain null bytes";
    Err(raise_syntax_error(cx, Kind::SYNTAX_ERROR, message, filename, [line, -1, line, -1], Some(&shown)))
}

/// The text of a source.
pub fn decode(cx: &mut Cx, source: &[u8], filename: &str, origin: Origin) -> PyResult<String> {
    let (marked, source) = match source.strip_prefix(BYTE_ORDER_MARK) {
        Some(rest) => (true, rest),
        None => (false, source),
    };
    let encoding = if origin == Origin::Text { None } else { declared(source).map(|name| normalised(&name)) };
    match encoding.as_deref() {
        None | Some("utf-8") => {}
        Some(name) if marked => {
            let message = format!("encoding problem: {name} with BOM");
            let line = String::from_utf8_lossy(source.split(|byte| *byte == b'\n').next().unwrap_or(source));
            return Err(raise_syntax_error(cx, Kind::SYNTAX_ERROR, &message, filename, [1, 0, 1, -1], Some(&line)));
        }
        Some("iso-8859-1") => return Ok(source.iter().map(|byte| char::from(*byte)).collect()),
        Some(name) => return with_codec(cx, source, name, filename),
    }
    let decoded = std::str::from_utf8(source);
    if origin == Origin::File {
        check_nulls(cx, source, filename, decoded.map_or_else(|error| error.valid_up_to(), str::len))?;
    }
    match decoded {
        Ok(text) => Ok(text.to_string()),
        Err(error) => {
            let at = error.valid_up_to();
            let (line, start, text) = line_at(source, at);
            let file = if origin == Origin::File { format!(" in file {filename}") } else { String::new() };
            let message = format!(
                "Non-UTF-8 code starting with '\\x{:02x}'{file} on line {line}, but no encoding declared; see \
                 https://peps.python.org/pep-0263/ for details",
                source[at]
            );
            let column = String::from_utf8_lossy(&source[start..at]).chars().count() as i64 + 1;
            let text = String::from_utf8_lossy(text);
            Err(raise_syntax_error(
                cx,
                Kind::SYNTAX_ERROR,
                &message,
                filename,
                [line, column, line, column],
                Some(&text),
            ))
        }
    }
}

/// Decodes through the registry of codecs.
fn with_codec(cx: &mut Cx, source: &[u8], name: &str, filename: &str) -> PyResult<String> {
    let bytes = Bytes::checked(cx, source)?;
    let encoding = Str::new(cx, name);
    match call::call_method(cx, bytes.value(), "decode", &[encoding.value()]) {
        Ok(text) => Ok(downcast::<Str>(text).map_or_else(String::new, |text| text.to_text())),
        Err(raised) => {
            let exception = cx.raised.get();
            let message = if types::is_instance(cx, exception, Kind::LOOKUP_ERROR) {
                format!("unknown encoding: {name}")
            } else if types::is_instance(cx, exception, Kind::UNICODE_ERROR) {
                cx.take_raised();
                py_object::operations::to_str(cx, exception)?.to_text()
            } else {
                return Err(raised);
            };
            cx.take_raised();
            Err(raise_syntax_error(cx, Kind::SYNTAX_ERROR, &message, filename, [0, -1, 0, -1], None))
        }
    }
}
