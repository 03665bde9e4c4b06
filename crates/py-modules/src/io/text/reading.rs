//! Reading text.

use super::super::buffered::{read_all_bytes, read_once};
use super::super::checks::is_exact;
use super::writing::flush_pending;
use super::*;
use py_object::buffer::ByteView;
use py_object::string::count_characters;
use py_object::types::str::byte_offset;

/// Reads and decodes a chunk. False at the end of the file.
pub(super) fn read_chunk(cx: &mut Cx, this: Gc<TextObject>, hint: usize) -> PyResult<bool> {
    let decoder = check_decoder(cx, this)?;
    let before = if this.has(TELLING) { Some(codec::decoder_state(cx, decoder)?) } else { None };
    let hint = (this.ratio.get().max(1.0) * hint as f64) as i64;
    let wanted = this.chunk.get().max(hint);
    let buffer = this.buffer.get();
    let reader = exact_buffer(cx, this).filter(|_| is_exact(cx, buffer, Kind::BUFFERED_READER));
    let method = if this.has(HAS_READ1) { "read1" } else { "read" };
    let input = match reader {
        Some(reader) => read_once(cx, reader, wanted)?.value(),
        None => call::call_method(cx, buffer, method, &[Value::int(wanted)])?,
    };
    let Some(view) = ByteView::try_of(input) else {
        let message =
            format!("underlying {method}() should have returned a bytes-like object, not '{}'", class_name(cx, input));
        return Err(cx.type_error(message));
    };
    let count = view.len();
    let text = codec::decode(cx, decoder, input, count == 0)?;
    this.decoded.set(cx.mutator(), this, text.value());
    this.used.init(0);
    let characters = text.characters.get().as_int();
    this.ratio.init(if characters > 0 { count as f64 / characters as f64 } else { 0.0 });
    if let Some((pending, flags)) = before {
        let pending = ByteView::of(cx, pending)?;
        let view = ByteView::of(cx, input)?;
        let bytes = if pending.is_empty() && downcast::<Bytes>(input).is_some() {
            input
        } else {
            Bytes::checked(cx, &[pending.bytes(), view.bytes()].concat())?.value()
        };
        let snapshot = cx.tuple(&[flags, bytes]);
        this.snapshot.set(cx.mutator(), this, snapshot);
    }
    Ok(characters > 0 || count > 0)
}

/// Takes the next `count` bytes of the decoded text.
fn take(cx: &mut Cx, this: Gc<TextObject>, decoded: Gc<Str>, from: usize, count: usize) -> PyResult<Gc<Str>> {
    this.used.init((from + count) as i64);
    if from == 0 && count == decoded.bytes().len() {
        return Ok(decoded);
    }
    Str::checked(cx, &decoded.bytes()[from..from + count])
}

fn read_everything(cx: &mut Cx, this: Gc<TextObject>) -> PyResult<Gc<Str>> {
    let decoder = check_decoder(cx, this)?;
    let buffer = this.buffer.get();
    let reader = exact_buffer(cx, this).filter(|_| is_exact(cx, buffer, Kind::BUFFERED_READER));
    let input = match reader {
        Some(reader) => read_all_bytes(cx, reader)?,
        None => call::call_method(cx, buffer, "read", &[])?,
    };
    if input == NONE {
        return Err(blocked(cx));
    }
    let more = codec::decode(cx, decoder, input, true)?;
    let text = match rest(&this) {
        Some((decoded, from)) => Str::checked(cx, &[&decoded.bytes()[from..], more.bytes()].concat())?,
        None => more,
    };
    if this.snapshot.get() != NONE {
        this.snapshot.init(NONE);
    }
    forget_decoded(this);
    Ok(text)
}

/// The BlockingIOError of a read that would have to wait.
fn blocked(cx: &mut Cx) -> py_object::Raised {
    let class = buffered::blocking_class(cx);
    let text = Str::new(cx, "Read returned None.");
    match call::call(cx, class, &[Value::int(i64::from(libc::EAGAIN)), text.value()], None) {
        Ok(made) => match py_object::exception::as_exception(made) {
            Some(exception) => py_object::exception::raise(cx, exception),
            None => cx.type_error("BlockingIOError() did not make an exception"),
        },
        Err(raised) => raised,
    }
}

/// `read(size)`.
pub(super) fn read(cx: &mut Cx, this: Gc<TextObject>, wanted: i64) -> PyResult<Gc<Str>> {
    check_open(cx, this)?;
    check_decoder(cx, this)?;
    let _held = hold(cx, this, &this.lock);
    flush_pending(cx, this)?;
    let Ok(wanted) = usize::try_from(wanted) else { return read_everything(cx, this) };
    let mut gathered: Vec<u8> = Vec::new();
    let mut characters = 0;
    while characters < wanted {
        if let Some((decoded, from)) = rest(&this) {
            let ahead = &decoded.bytes()[from..];
            let count = byte_offset(ahead, decoded.is_ascii(), wanted - characters).min(ahead.len());
            if characters == 0 && (count < ahead.len() || wanted == count) {
                return take(cx, this, decoded, from, count);
            }
            characters += if decoded.is_ascii() { count } else { count_characters(&ahead[..count]) };
            gathered.extend_from_slice(&ahead[..count]);
            this.used.init((from + count) as i64);
            continue;
        }
        if !read_chunk(cx, this, wanted - characters)? {
            break;
        }
    }
    Str::checked(cx, &gathered)
}

/// Length of the line that a text begins with, its end included; `None` where the text has no line end.
/// `before` is the last byte of what was read of the line already.
fn line_length(mode: Newline, text: &[u8], before: Option<u8>) -> Option<usize> {
    match mode {
        Newline::Translated => memchr::memchr(b'\n', text).map(|at| at + 1),
        Newline::Universal => memchr::memchr2(b'\n', b'\r', text).map(|at| {
            let is_pair = text[at] == b'\r' && text.get(at + 1) == Some(&b'\n');
            at + if is_pair { 2 } else { 1 }
        }),
        Newline::Only("\r\n") => {
            if before == Some(b'\r') && text.first() == Some(&b'\n') {
                return Some(1);
            }
            memchr::memmem::find(text, b"\r\n").map(|at| at + 2)
        }
        Newline::Only(end) => memchr::memchr(end.as_bytes()[0], text).map(|at| at + 1),
    }
}

/// `readline(size)`; the empty text at the end.
pub(super) fn read_line(cx: &mut Cx, this: Gc<TextObject>, limit: i64) -> PyResult<Gc<Str>> {
    check_open(cx, this)?;
    let _held = hold(cx, this, &this.lock);
    flush_pending(cx, this)?;
    let mode = this.newline_mode();
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut gathered: Vec<u8> = Vec::new();
    let mut characters = 0;
    while characters < limit {
        let Some((decoded, from)) = rest(&this) else {
            if !read_chunk(cx, this, 0)? {
                break;
            }
            continue;
        };
        let ahead = &decoded.bytes()[from..];
        let end = line_length(mode, ahead, gathered.last().copied());
        let mut count = end.unwrap_or(ahead.len());
        let mut is_complete = end.is_some();
        if limit != usize::MAX {
            let most = byte_offset(ahead, decoded.is_ascii(), limit - characters).min(ahead.len());
            if most <= count {
                is_complete |= most < ahead.len() || most == count && end.is_some();
                count = most;
            }
        }
        if is_complete && gathered.is_empty() {
            return take(cx, this, decoded, from, count);
        }
        if limit != usize::MAX {
            characters += count_characters(&ahead[..count]);
        }
        gathered.extend_from_slice(&ahead[..count]);
        this.used.init((from + count) as i64);
        if is_complete {
            break;
        }
    }
    Str::checked(cx, &gathered)
}
