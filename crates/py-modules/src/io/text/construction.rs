//! Making text streams and changing what they were made with.

use super::super::newlines;
use super::*;

/// The encoding that the environment asks for.
pub fn locale_encoding() -> &'static str {
    let value = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    match value {
        // The locale "C" means UTF-8 mode (PEP 540), whose encoding goes by this name.
        None => "utf-8",
        Some(value) if value == "C" || value == "POSIX" => "utf-8",
        Some(_) => "UTF-8",
    }
}

/// UnicodeEncodeError for a text with lone surrogates.
fn check_encodable(cx: &mut Cx, text: Gc<Str>) -> PyResult<()> {
    match std::str::from_utf8(text.bytes()) {
        Ok(_) => Ok(()),
        Err(_) => call::call_method(cx, text.value(), "encode", &[]).map(drop),
    }
}

fn text_argument(cx: &mut Cx, value: Value, name: &str) -> PyResult<Option<Gc<Str>>> {
    if value == NONE {
        return Ok(None);
    }
    match downcast::<Str>(value) {
        Some(text) if text.bytes().contains(&0) => Err(cx.value_error("embedded null character")),
        Some(text) => {
            check_encodable(cx, text)?;
            Ok(Some(text))
        }
        None => {
            let message =
                format!("TextIOWrapper() argument '{name}' must be str or None, not {}", class_name(cx, value));
            Err(cx.type_error(message))
        }
    }
}

/// ValueError unless a text is a line end.
pub fn check_newline(cx: &mut Cx, newline: Value) -> PyResult<()> {
    match downcast::<Str>(newline) {
        None => Ok(()),
        Some(text) if matches!(text.bytes(), b"" | b"\n" | b"\r" | b"\r\n") => Ok(()),
        Some(text) => Err(cx.value_error(format!("illegal newline value: {}", text.to_text()))),
    }
}

/// Makes the decoder and the encoder that the fields ask for.
fn make_coders(cx: &mut Cx, this: Gc<TextObject>) -> PyResult<()> {
    let buffer = this.buffer.get();
    let encoding = downcast::<Str>(this.encoding.get()).unwrap_or_else(|| cx.intern("utf-8"));
    let codec = Codec::named(encoding.bytes());
    if codec == Codec::Other {
        codec::lookup(cx, encoding)?;
    }
    let errors = this.errors.get();
    let is_readable = checks::ask(cx, buffer, "readable")?;
    let decoder = if is_readable {
        let decoder = codec::new_decoder(cx, codec, encoding, errors)?;
        match this.newline_mode() {
            Newline::Only(_) => decoder,
            mode => newlines::new_decoder(cx, decoder, mode == Newline::Translated).value(),
        }
    } else {
        NONE
    };
    let is_writable = checks::ask(cx, buffer, "writable")?;
    let encoder = if is_writable && codec == Codec::Other { codec::new_encoder(cx, encoding, errors)? } else { NONE };
    this.codec.init(codec.number());
    this.decoder.set(cx.mutator(), this, decoder);
    this.encoder.set(cx.mutator(), this, encoder);
    this.set_bit(WRITES, is_writable);
    Ok(())
}

/// An encoder that has written must not write a byte order mark again.
pub(super) fn fix_encoder(cx: &mut Cx, this: Gc<TextObject>) -> PyResult<()> {
    if !this.has(SEEKABLE) || !this.has(WRITES) {
        return Ok(());
    }
    this.set_bit(AT_START, true);
    let buffer = this.buffer.get();
    let position = call::call_method(cx, buffer, "tell", &[])?;
    if !operations::equal(cx, position, Value::int(0))? {
        this.set_bit(AT_START, false);
        let encoder = this.encoder.get();
        if encoder != NONE {
            call::call_method(cx, encoder, "setstate", &[Value::int(0)])?;
        }
    }
    Ok(())
}

/// The arguments of `TextIOWrapper`.
pub struct Settings {
    /// The name of the encoding, or None.
    pub encoding: Value,
    /// The name of the error handler, or None.
    pub errors: Value,
    /// The line end, or None.
    pub newline: Value,
    /// Whether each line is written at once.
    pub line_buffering: bool,
    /// Whether everything is.
    pub write_through: bool,
}

/// `TextIOWrapper.__init__`.
pub(super) fn initialise(cx: &mut Cx, this: Gc<TextObject>, buffer: Value, settings: Settings) -> PyResult<()> {
    this.state.init(0);
    let encoding = text_argument(cx, settings.encoding, "encoding")?;
    let errors = text_argument(cx, settings.errors, "errors")?;
    text_argument(cx, settings.newline, "newline")?;
    check_newline(cx, settings.newline)?;
    let encoding = match encoding {
        Some(encoding) if encoding.bytes() != b"locale" => encoding,
        _ => cx.intern(locale_encoding()),
    };
    let errors = errors.unwrap_or_else(|| cx.intern("strict"));
    let mutator = cx.mutator();
    this.encoding.set(mutator, this, encoding.value());
    this.errors.set(mutator, this, errors.value());
    this.newline.set(mutator, this, settings.newline);
    this.buffer.set(mutator, this, buffer);
    this.snapshot.init(NONE);
    this.pending.init(None);
    this.pending_count.init(0);
    this.chunk.init(CHUNK);
    this.ratio.init(0.0);
    forget_decoded(this);
    make_coders(cx, this)?;
    this.set_bit(LINE_BUFFERING, settings.line_buffering);
    this.set_bit(WRITE_THROUGH, settings.write_through);
    let is_seekable = checks::ask(cx, buffer, "seekable")?;
    this.set_bit(SEEKABLE | TELLING, is_seekable);
    let has_read1 = exact_buffer(cx, this).is_some() || checks::find(cx, buffer, "read1")?.is_some();
    this.set_bit(HAS_READ1, has_read1);
    this.set_bit(AT_START, false);
    fix_encoder(cx, this)?;
    this.set_bit(READY, true);
    buffered::cover(buffer);
    Ok(())
}

/// A text stream over a buffered one.
pub fn new_text(cx: &mut Cx, buffer: Value, settings: Settings) -> PyResult<Gc<TextObject>> {
    let class = cx.builtin_type(Kind::TEXT_IO_WRAPPER);
    let stream = allocate_text(cx, class);
    initialise(cx, stream, buffer, settings)?;
    Ok(stream)
}

/// A truth value, or the old one for None.
pub(super) fn truth_or(cx: &mut Cx, value: Value, old: bool) -> PyResult<bool> {
    if value == NONE {
        return Ok(old);
    }
    let number = crate::system::arguments::c_int(cx, value)?;
    Ok(number != 0)
}

/// `reconfigure`. UNBOUND stands for a newline that was not given.
pub(super) fn reconfigure(cx: &mut Cx, this: Gc<TextObject>, new: [Value; 5]) -> PyResult<()> {
    let [encoding, errors, newline, line_buffering, write_through] = new;
    check_ready(cx, this)?;
    if (encoding != NONE || errors != NONE || newline != UNBOUND) && this.decoded.get() != NONE {
        let message = "It is not possible to set the encoding or newline of stream after the first read";
        return Err(unsupported(cx, message));
    }
    if newline != UNBOUND {
        if newline != NONE && downcast::<Str>(newline).is_none() {
            let message =
                format!("reconfigure() argument 'newline' must be str or None, not {}", class_name(cx, newline));
            return Err(cx.type_error(message));
        }
        if let Some(text) = downcast::<Str>(newline) {
            check_encodable(cx, text)?;
        }
        check_newline(cx, newline)?;
    }
    for (value, name) in [(encoding, "encoding"), (errors, "errors")] {
        if value != NONE && downcast::<Str>(value).is_none() {
            let message = format!("reconfigure() argument '{name}' must be str or None, not {}", class_name(cx, value));
            return Err(cx.type_error(message));
        }
        if let Some(text) = downcast::<Str>(value) {
            check_encodable(cx, text)?;
        }
    }
    let line_buffering = truth_or(cx, line_buffering, this.has(LINE_BUFFERING))?;
    let write_through = truth_or(cx, write_through, this.has(WRITE_THROUGH))?;
    flush_self(cx, this)?;
    this.set_bit(LINE_BUFFERING, line_buffering);
    this.set_bit(WRITE_THROUGH, write_through);
    if encoding == NONE && errors == NONE && newline == UNBOUND {
        return Ok(());
    }
    let errors = match (encoding, errors) {
        // A new encoding begins with strict errors.
        (NONE, NONE) => this.errors.get(),
        (_, NONE) => cx.intern("strict").value(),
        _ => errors,
    };
    let encoding = match downcast::<Str>(encoding) {
        None => this.encoding.get(),
        Some(name) if name.bytes() == b"locale" => cx.intern(locale_encoding()).value(),
        Some(name) => name.value(),
    };
    let old = [this.encoding.get(), this.errors.get(), this.newline.get()];
    let mutator = cx.mutator();
    this.encoding.set(mutator, this, encoding);
    this.errors.set(mutator, this, errors);
    if newline != UNBOUND {
        this.newline.set(mutator, this, newline);
    }
    if let Err(raised) = make_coders(cx, this) {
        let mutator = cx.mutator();
        this.encoding.set(mutator, this, old[0]);
        this.errors.set(mutator, this, old[1]);
        this.newline.set(mutator, this, old[2]);
        return Err(raised);
    }
    fix_encoder(cx, this)
}
