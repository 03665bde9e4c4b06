//! Writing text.

use super::codec::Encoded;
use super::*;

fn pending_bytes(this: &Gc<TextObject>) -> &[u8] {
    match this.pending.get() {
        // SAFETY: the first `pending_count` bytes of the memory are the pending ones (invariant of the module).
        Some(raw) => unsafe {
            std::slice::from_raw_parts(
                (raw.address() + size_of::<Raw>()) as *const u8,
                this.pending_count.get() as usize,
            )
        },
        None => &[],
    }
}

/// Adds bytes to what has still to be written; there is room for a chunk.
fn append(cx: &mut Cx, this: Gc<TextObject>, bytes: &[u8]) -> PyResult<()> {
    let count = this.pending_count.get() as usize;
    let wanted = count + bytes.len();
    let room = this.pending.get().map_or(0, |raw| raw.length.get().as_int() as usize);
    if wanted > room {
        let size = wanted.max(this.chunk.get().clamp(64, 1 << 20) as usize);
        let Some(raw) = try_allocate_tail::<Raw>(cx.mutator(), shapes::RAW, size) else {
            return Err(cx.raise(Kind::MEMORY_ERROR, ""));
        };
        let old = pending_bytes(&this);
        // SAFETY: the new memory is longer than the old bytes, and nobody else knows it.
        unsafe {
            std::ptr::copy_nonoverlapping(old.as_ptr(), (raw.address() + size_of::<Raw>()) as *mut u8, old.len());
        }
        this.pending.set(cx.mutator(), this, Some(raw));
    }
    if let Some(raw) = this.pending.get() {
        // SAFETY: the memory has room for `wanted` bytes.
        unsafe {
            let end = (raw.address() + size_of::<Raw>() + count) as *mut u8;
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), end, bytes.len());
        }
        this.pending_count.init(wanted as i64);
    }
    Ok(())
}

/// Hands pending bytes to the buffered stream.
pub fn flush_pending(cx: &mut Cx, this: Gc<TextObject>) -> PyResult<()> {
    let count = this.pending_count.get();
    if count == 0 {
        return Ok(());
    }
    // The memory is this call's from here on: the stream may be written to while the bytes are handed over.
    let Some(raw) = this.pending.get() else { return Ok(()) };
    this.pending.set(cx.mutator(), this, None);
    this.pending_count.init(0);
    // SAFETY: the first bytes of the memory are the pending ones, and `raw` keeps it alive.
    let bytes = unsafe { std::slice::from_raw_parts((raw.address() + size_of::<Raw>()) as *const u8, count as usize) };
    let result = hand_over(cx, this, bytes);
    if this.pending.get().is_none() && result.is_ok() {
        this.pending.set(cx.mutator(), this, Some(raw));
    } else {
        std::hint::black_box(raw);
    }
    result
}

/// Writes bytes to the buffered stream. The caller keeps them alive.
fn hand_over(cx: &mut Cx, this: Gc<TextObject>, bytes: &[u8]) -> PyResult<()> {
    if let Some(buffer) = exact_buffer(cx, this) {
        return buffered::write_bytes(cx, buffer, bytes).map(|_| ());
    }
    let bytes = Bytes::checked(cx, bytes)?;
    let buffer = this.buffer.get();
    call::call_method(cx, buffer, "write", &[bytes.value()]).map(|_| ())
}

/// The text with its line ends as the file has them.
fn with_newlines(cx: &mut Cx, this: Gc<TextObject>, text: Gc<Str>) -> PyResult<Gc<Str>> {
    match this.newline_mode() {
        Newline::Only(end) if end != "\n" && memchr::memchr(b'\n', text.bytes()).is_some() => {
            let lines: Vec<&[u8]> = text.bytes().split(|byte| *byte == b'\n').collect();
            Str::checked(cx, &lines.join(end.as_bytes()))
        }
        _ => Ok(text),
    }
}

/// `write(text)`.
pub fn write_text(cx: &mut Cx, this: Gc<TextObject>, text: Gc<Str>) -> PyResult {
    check_open(cx, this)?;
    if !this.has(WRITES) {
        return Err(unsupported(cx, "not writable"));
    }
    let _held = hold(cx, this, &this.lock);
    let characters = text.characters.get();
    let whole_line = this.has(LINE_BUFFERING) && memchr::memchr2(b'\n', b'\r', text.bytes()).is_some();
    let text = with_newlines(cx, this, text)?;
    let encoded = match this.codec() {
        Codec::Other => {
            let encoder = this.encoder.get();
            let bytes = call::call_method(cx, encoder, "encode", &[text.value()])?;
            match downcast::<Bytes>(bytes) {
                Some(bytes) => Encoded::Other(bytes),
                None => {
                    let message = format!("encoder should return a bytes object, not '{}'", class_name(cx, bytes));
                    return Err(cx.type_error(message));
                }
            }
        }
        codec => codec::encode(cx, codec, text, this.errors.get())?,
    };
    this.set_bit(AT_START, false);
    let bytes = match &encoded {
        Encoded::Same => text.bytes(),
        Encoded::Other(bytes) => bytes_of(bytes),
    };
    let chunk = this.chunk.get();
    if this.pending_count.get() + bytes.len() as i64 > chunk {
        flush_pending(cx, this)?;
    }
    if bytes.len() as i64 >= chunk && this.pending_count.get() == 0 {
        hand_over(cx, this, bytes)?;
    } else {
        append(cx, this, bytes)?;
        if this.pending_count.get() >= chunk || whole_line || this.has(WRITE_THROUGH) {
            flush_pending(cx, this)?;
        }
    }
    if whole_line {
        let buffer = this.buffer.get();
        call::call_method(cx, buffer, "flush", &[])?;
    }
    if this.snapshot.get() != NONE {
        forget_decoded(this);
        this.snapshot.init(NONE);
    }
    if this.decoder.get() != NONE {
        let decoder = this.decoder.get();
        codec::reset_decoder(cx, decoder)?;
    }
    Ok(characters)
}
