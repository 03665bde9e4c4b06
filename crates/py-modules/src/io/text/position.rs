//! `tell` and `seek` of text streams.
//!
//! A position is a number that packs what is needed to come back: the place in the file from which to decode, the
//! decoder's flags there, how many bytes to decode from there, whether the decoder is then told that the file
//! ends, and how many characters to skip. In simple cases all but the first are zero.

use super::writing::flush_pending;
use super::*;
use py_object::objects::Tuple;
use py_object::sequence::tuple_items;
use py_object::string::count_characters;
use py_object::types::int;
use py_object::types::str::byte_offset;

#[derive(Default)]
struct Cookie {
    start: i64,
    flags: u32,
    feed: u32,
    skip: u32,
    at_end: bool,
}

impl Cookie {
    /// As a number.
    fn pack(&self, cx: &mut Cx) -> PyResult {
        let mut bytes = [0u8; 21];
        bytes[..8].copy_from_slice(&self.start.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.flags.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.feed.to_le_bytes());
        bytes[16..20].copy_from_slice(&self.skip.to_le_bytes());
        bytes[20] = u8::from(self.at_end);
        let object = Bytes::checked(cx, &bytes)?;
        let class = cx.builtin_type(Kind::INT);
        let order = cx.intern("little");
        call::call_method(cx, class.value(), "from_bytes", &[object.value(), order.value()])
    }

    /// From a number that is not negative.
    fn unpack(cx: &mut Cx, number: Value) -> PyResult<Cookie> {
        if let Some(start) = int::as_i64(number) {
            return Ok(Cookie { start, ..Cookie::default() });
        }
        let order = cx.intern("little");
        let bytes = call::call_method(cx, number, "to_bytes", &[Value::int(21), order.value()])?;
        let Some(bytes) = downcast::<Bytes>(bytes) else {
            return Err(cx.type_error("to_bytes() should return a bytes object"));
        };
        let bytes = bytes_of(&bytes);
        let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap_or_default());
        Ok(Cookie {
            start: i64::from_le_bytes(bytes[..8].try_into().unwrap_or_default()),
            flags: word(8),
            feed: word(12),
            skip: word(16),
            at_end: bytes[20] != 0,
        })
    }
}

fn flags_of(cx: &mut Cx, flags: Value) -> PyResult<u32> {
    let number = int::index(cx, flags)?;
    match int::as_i64(number).and_then(|number| u32::try_from(number).ok()) {
        Some(flags) => Ok(flags),
        None => Err(cx.raise(Kind::OVERFLOW_ERROR, "Python int too large to convert to C int")),
    }
}

/// Decodes a piece of the bytes and returns how many characters came out.
fn decoded_length(cx: &mut Cx, decoder: Value, bytes: &[u8], at_end: bool) -> PyResult<usize> {
    let piece = Bytes::checked(cx, bytes)?;
    let text = codec::decode(cx, decoder, piece.value(), at_end)?;
    Ok(text.characters.get().as_int() as usize)
}

fn restart(cx: &mut Cx, decoder: Value, flags: u32) -> PyResult<()> {
    if flags == 0 {
        // Decoders may treat the very beginning in a way of their own.
        let empty = Bytes::checked(cx, &[])?;
        return codec::set_decoder_state(cx, decoder, empty.value(), Value::int(0));
    }
    let empty = Bytes::checked(cx, &[])?;
    codec::set_decoder_state(cx, decoder, empty.value(), Value::int(i64::from(flags)))
}

/// Finds the cookie for the place `skip` characters behind the start of `input`.
fn find_cookie(
    cx: &mut Cx,
    decoder: Value,
    input: Gc<Bytes>,
    ratio: f64,
    mut cookie: Cookie,
    mut skip: usize,
) -> PyResult<Cookie> {
    let bytes = bytes_of(&input);
    // A guess at how many bytes the characters took; then back until the decoder is in a state that can be named.
    let mut guess = ((ratio * skip as f64) as usize).min(bytes.len());
    let mut back = 1;
    while guess > 0 {
        restart(cx, decoder, cookie.flags)?;
        let count = decoded_length(cx, decoder, &bytes[..guess], false)?;
        if count <= skip {
            let (pending, flags) = codec::decoder_state(cx, decoder)?;
            let pending = operations::length(cx, pending)?;
            if pending == 0 {
                cookie.flags = flags_of(cx, flags)?;
                skip -= count;
                break;
            }
            guess = guess.saturating_sub(pending);
            back = 1;
        } else {
            guess = guess.saturating_sub(back);
            back *= 2;
        }
    }
    if guess == 0 {
        restart(cx, decoder, cookie.flags)?;
    }
    cookie.start += guess as i64;
    if skip == 0 {
        return Ok(cookie);
    }
    // Byte by byte from there; each state that can be named becomes the start.
    let (mut fed, mut decoded) = (0usize, 0usize);
    let mut at = guess;
    while at < bytes.len() {
        fed += 1;
        decoded += decoded_length(cx, decoder, &bytes[at..at + 1], false)?;
        let (pending, flags) = codec::decoder_state(cx, decoder)?;
        if operations::length(cx, pending)? == 0 && decoded <= skip {
            cookie.start += fed as i64;
            skip -= decoded;
            cookie.flags = flags_of(cx, flags)?;
            (fed, decoded) = (0, 0);
        }
        if decoded >= skip {
            break;
        }
        at += 1;
    }
    if at >= bytes.len() && decoded < skip {
        decoded += decoded_length(cx, decoder, &[], true)?;
        cookie.at_end = true;
        if decoded < skip {
            return Err(cx.raise(Kind::OS_ERROR, "can't reconstruct logical file position"));
        }
    }
    cookie.feed = fed as u32;
    cookie.skip = skip as u32;
    Ok(cookie)
}

/// `tell()`.
pub(super) fn tell(cx: &mut Cx, this: Gc<TextObject>) -> PyResult {
    check_open(cx, this)?;
    if !this.has(SEEKABLE) {
        return Err(unsupported(cx, "underlying stream is not seekable"));
    }
    if !this.has(TELLING) {
        return Err(cx.raise(Kind::OS_ERROR, "telling position disabled by next() call"));
    }
    let _held = hold(cx, this, &this.lock);
    flush_pending(cx, this)?;
    flush_self(cx, this)?;
    let buffer = this.buffer.get();
    let position = call::call_method(cx, buffer, "tell", &[])?;
    let decoder = this.decoder.get();
    let Some(snapshot) = downcast::<Tuple>(this.snapshot.get()).filter(|_| decoder != NONE) else {
        return Ok(position);
    };
    let [flags, input] = tuple_items(&snapshot) else { return Ok(position) };
    let Some(input) = downcast::<Bytes>(*input) else { return Ok(position) };
    let start = checks::offset(cx, position)? - bytes_of(&input).len() as i64;
    let cookie = Cookie { start, flags: flags_of(cx, *flags)?, ..Cookie::default() };
    let skip = match downcast::<Str>(this.decoded.get()) {
        Some(decoded) => count_characters(&decoded.bytes()[..this.used.get() as usize]),
        None => 0,
    };
    if skip == 0 {
        return cookie.pack(cx);
    }
    let (pending, flags) = codec::decoder_state(cx, decoder)?;
    let found = find_cookie(cx, decoder, input, this.ratio.get(), cookie, skip);
    // The decoder goes on where it was, also after an error.
    let exception = if found.is_err() { Some(cx.take_raised()) } else { None };
    codec::set_decoder_state(cx, decoder, pending, flags)?;
    match (found, exception) {
        (Ok(cookie), _) => cookie.pack(cx),
        (Err(raised), exception) => {
            cx.raised.set(exception.unwrap_or(NONE));
            Err(raised)
        }
    }
}

fn reset_encoder(cx: &mut Cx, this: Gc<TextObject>, at_start: bool) -> PyResult<()> {
    this.set_bit(AT_START, at_start);
    match this.encoder.get() {
        NONE => Ok(()),
        encoder if at_start => call::call_method(cx, encoder, "reset", &[]).map(|_| ()),
        encoder => call::call_method(cx, encoder, "setstate", &[Value::int(0)]).map(|_| ()),
    }
}

/// `seek(cookie, whence)`.
pub(super) fn seek(cx: &mut Cx, this: Gc<TextObject>, cookie: Value, whence: i32) -> PyResult {
    check_open(cx, this)?;
    let _held = hold(cx, this, &this.lock);
    if !this.has(SEEKABLE) {
        return Err(unsupported(cx, "underlying stream is not seekable"));
    }
    let buffer = this.buffer.get();
    let target = match whence {
        libc::SEEK_CUR => {
            if !operations::equal(cx, cookie, Value::int(0))? {
                return Err(unsupported(cx, "can't do nonzero cur-relative seeks"));
            }
            // Seeking to the present position should attempt to sync the stream.
            call::call_method(cx, this.value(), "tell", &[])?
        }
        libc::SEEK_END => {
            if !operations::equal(cx, cookie, Value::int(0))? {
                return Err(unsupported(cx, "can't do nonzero end-relative seeks"));
            }
            flush_self(cx, this)?;
            forget_decoded(this);
            this.snapshot.init(NONE);
            if this.decoder.get() != NONE {
                let decoder = this.decoder.get();
                codec::reset_decoder(cx, decoder)?;
            }
            let end = call::call_method(cx, buffer, "seek", &[Value::int(0), Value::int(2)])?;
            if this.has(WRITES) {
                let at_start = operations::equal(cx, end, Value::int(0))?;
                reset_encoder(cx, this, at_start)?;
            }
            return Ok(end);
        }
        libc::SEEK_SET => cookie,
        _ => return Err(cx.value_error(format!("invalid whence ({whence}, should be 0, 1 or 2)"))),
    };
    let target = int::index(cx, target)?;
    if int::is_negative(target) {
        let text = operations::repr(cx, target)?;
        return Err(cx.value_error(format!("negative seek position {}", text.to_text())));
    }
    flush_self(cx, this)?;
    let place = Cookie::unpack(cx, target)?;
    let start = int::from_i64(cx, place.start);
    call::call_method(cx, buffer, "seek", &[start])?;
    forget_decoded(this);
    this.snapshot.init(NONE);
    let decoder = this.decoder.get();
    if decoder != NONE {
        if place.start == 0 && place.flags == 0 {
            codec::reset_decoder(cx, decoder)?;
        } else {
            restart(cx, decoder, place.flags)?;
        }
    }
    if place.skip > 0 && decoder != NONE {
        let input = call::call_method(cx, buffer, "read", &[Value::int(i64::from(place.feed))])?;
        let Some(bytes) = downcast::<Bytes>(input) else {
            let message =
                format!("underlying read() should have returned a bytes object, not '{}'", class_name(cx, input));
            return Err(cx.type_error(message));
        };
        let snapshot = cx.tuple(&[Value::int(i64::from(place.flags)), bytes.value()]);
        this.snapshot.set(cx.mutator(), this, snapshot);
        let text = codec::decode(cx, decoder, input, place.at_end)?;
        let skip = place.skip as usize;
        if (text.characters.get().as_int() as usize) < skip {
            return Err(cx.raise(Kind::OS_ERROR, "can't restore logical file position"));
        }
        this.decoded.set(cx.mutator(), this, text.value());
        this.used.init(byte_offset(text.bytes(), text.is_ascii(), skip) as i64);
    } else {
        let bytes = Bytes::checked(cx, &[])?;
        let snapshot = cx.tuple(&[Value::int(i64::from(place.flags)), bytes.value()]);
        this.snapshot.set(cx.mutator(), this, snapshot);
    }
    if this.has(WRITES) {
        let at_start = place.start == 0 && place.flags == 0;
        reset_encoder(cx, this, at_start)?;
    }
    Ok(target)
}
