//! `open`: a raw file, a buffer over it, text over that.

use super::DEFAULT_BUFFER_SIZE;
use super::buffered::new_buffered;
use super::checks::{ask, get, offset};
use super::text::{Settings, locale_encoding, new_text};
use crate::system::errors::warn;
use crate::system::paths::fspath;
use py_macros::py_functions;
use py_object::objects::Str;
use py_object::types::{class_name, int};
use py_object::{Cx, Kind, NONE, PyResult, StrExt, attribute, bool_value, call, downcast};
use vm_heap::{Gc, Value};

/// What a mode asks for.
#[derive(Default)]
struct Mode {
    creating: bool,
    reading: bool,
    writing: bool,
    appending: bool,
    updating: bool,
    text: bool,
    binary: bool,
}

impl Mode {
    fn parse(text: &[u8]) -> Option<Mode> {
        let mut mode = Mode::default();
        for byte in text {
            let flag = match byte {
                b'x' => &mut mode.creating,
                b'r' => &mut mode.reading,
                b'w' => &mut mode.writing,
                b'a' => &mut mode.appending,
                b'+' => &mut mode.updating,
                b't' => &mut mode.text,
                b'b' => &mut mode.binary,
                _ => return None,
            };
            // Each letter once.
            if std::mem::replace(flag, true) {
                return None;
            }
        }
        Some(mode)
    }

    fn raw(&self) -> String {
        let letters = [
            (self.creating, 'x'),
            (self.reading, 'r'),
            (self.writing, 'w'),
            (self.appending, 'a'),
            (self.updating, '+'),
        ];
        letters.iter().filter(|(on, _)| *on).map(|(_, letter)| *letter).collect()
    }
}

/// The arguments of `open` beyond the file.
pub struct Options {
    /// The mode.
    pub mode: Gc<Str>,
    /// Buffer size, or -1, 0, 1.
    pub buffering: i64,
    /// Encoding or None.
    pub encoding: Value,
    /// Error handler or None.
    pub errors: Value,
    /// Line end or None.
    pub newline: Value,
    /// Whether closing closes the descriptor.
    pub closefd: bool,
    /// What opens the file, or None.
    pub opener: Value,
}

fn check(cx: &mut Cx, options: &Options) -> PyResult<Mode> {
    let text = options.mode.to_text();
    let Some(mode) = Mode::parse(options.mode.bytes()) else {
        return Err(cx.value_error(format!("invalid mode: '{text}'")));
    };
    if mode.text && mode.binary {
        return Err(cx.value_error("can't have text and binary mode at once"));
    }
    let kinds = [mode.creating, mode.reading, mode.writing, mode.appending];
    if kinds.iter().filter(|kind| **kind).count() != 1 {
        return Err(cx.value_error("must have exactly one of create/read/write/append mode"));
    }
    if mode.binary {
        for (given, name) in
            [(options.encoding, "an encoding"), (options.errors, "an errors"), (options.newline, "a newline")]
        {
            if given != NONE {
                return Err(cx.value_error(format!("binary mode doesn't take {name} argument")));
            }
        }
        if options.buffering == 1 {
            let message =
                "line buffering (buffering=1) isn't supported in binary mode, the default buffer size will be used";
            let message = Str::new(cx, message);
            warn(cx, "RuntimeWarning", message.value(), 1, None)?;
        }
    }
    Ok(mode)
}

/// Closes what was opened before an error; the error stays the one that is raised.
fn close_after_error(cx: &mut Cx, stream: Value) {
    let exception = cx.take_raised();
    if call::call_method(cx, stream, "close", &[]).is_err() {
        super::checks::chain(cx, exception);
        return;
    }
    cx.raised.set(exception);
}

/// `open(file, …)`.
pub fn open(cx: &mut Cx, file: Value, options: Options) -> PyResult {
    let is_descriptor = int::is_int(file) || py_object::types::lookup_special(cx, file, "__index__").is_some();
    let file = if is_descriptor { file } else { fspath(cx, file)? };
    let mode = check(cx, &options)?;
    let raw_mode = Str::new(cx, &mode.raw());
    let class = cx.builtin_type(Kind::FILE_IO).value();
    let arguments = [file, raw_mode.value(), bool_value(options.closefd), options.opener];
    let raw = call::call(cx, class, &arguments, None)?;
    let mut result = raw;
    match open_layers(cx, raw, &mode, &options, &mut result) {
        Ok(stream) => Ok(stream),
        Err(raised) => {
            close_after_error(cx, result);
            Err(raised)
        }
    }
}

fn open_layers(cx: &mut Cx, raw: Value, mode: &Mode, options: &Options, result: &mut Value) -> PyResult {
    let is_terminal = ask(cx, raw, "_isatty_open_only")?;
    let mut buffering = options.buffering;
    let mut line_buffering = false;
    if buffering == 1 || (buffering < 0 && is_terminal) {
        buffering = -1;
        line_buffering = true;
    }
    if buffering < 0 {
        let block = get(cx, raw, "_blksize")?;
        buffering = offset(cx, block)?.min(8192 * 1024).max(DEFAULT_BUFFER_SIZE as i64);
    }
    if buffering == 0 {
        if !mode.binary {
            return Err(cx.value_error("can't have unbuffered text I/O"));
        }
        return Ok(raw);
    }
    let kind = if mode.updating {
        Kind::BUFFERED_RANDOM
    } else if mode.reading {
        Kind::BUFFERED_READER
    } else {
        Kind::BUFFERED_WRITER
    };
    let buffer = new_buffered(cx, kind, raw, buffering)?.value();
    *result = buffer;
    if mode.binary {
        return Ok(buffer);
    }
    let settings = Settings {
        encoding: options.encoding,
        errors: options.errors,
        newline: options.newline,
        line_buffering,
        write_through: false,
    };
    let text = new_text(cx, buffer, settings)?.value();
    *result = text;
    let name = cx.intern("mode");
    attribute::set(cx, text, name, Some(options.mode.value()))?;
    Ok(text)
}

fn text_or_none(cx: &mut Cx, value: Value, name: &str) -> PyResult<()> {
    if value == NONE || downcast::<Str>(value).is_some() {
        return Ok(());
    }
    let message = format!("open() argument '{name}' must be str or None, not {}", class_name(cx, value));
    Err(cx.type_error(message))
}

/// The functions.
pub struct Functions;

#[py_functions("_io")]
impl Functions {
    /// Open file and return a stream.  Raise OSError upon failure.
    ///
    /// file is the path of the file, or the descriptor of an open one. mode says
    /// what is done with it: 'r' read (default), 'w' write anew, 'x' create, 'a'
    /// append; with '+' both read and write; with 'b' as bytes, with 't' (default)
    /// as text. buffering is 0 for none (bytes only), 1 for lines (text only), or
    /// the size of the buffer. encoding, errors and newline say how text is
    /// encoded. With closefd false, a given descriptor stays open. opener, if
    /// given, is called with file and flags and returns a descriptor.
    #[function]
    fn open(
        cx: &mut Cx,
        #[keyword] file: Value,
        #[keyword]
        #[default(py_object::UNBOUND)]
        #[shown("'r'")]
        mode: Value,
        #[keyword]
        #[default(crate::system::arguments::CInt(-1))]
        buffering: crate::system::arguments::CInt,
        #[keyword]
        #[default(NONE)]
        encoding: Value,
        #[keyword]
        #[default(NONE)]
        errors: Value,
        #[keyword]
        #[default(NONE)]
        newline: Value,
        #[keyword]
        #[default(true)]
        closefd: bool,
        #[keyword]
        #[default(NONE)]
        opener: Value,
    ) -> PyResult {
        let mode = match (mode, downcast::<Str>(mode)) {
            (py_object::UNBOUND, _) => cx.intern("r"),
            (_, Some(mode)) => mode,
            _ => {
                let message = format!("open() argument 'mode' must be str, not {}", class_name(cx, mode));
                return Err(cx.type_error(message));
            }
        };
        text_or_none(cx, encoding, "encoding")?;
        text_or_none(cx, errors, "errors")?;
        text_or_none(cx, newline, "newline")?;
        let buffering = i64::from(buffering.0);
        open(cx, file, Options { mode, buffering, encoding, errors, newline, closefd, opener })
    }
    /// Opens the provided file with the intent to import the contents.
    #[function]
    fn open_code(cx: &mut Cx, #[keyword] path: Gc<Str>) -> PyResult {
        let mode = cx.intern("rb");
        let options =
            Options { mode, buffering: -1, encoding: NONE, errors: NONE, newline: NONE, closefd: true, opener: NONE };
        open(cx, path.value(), options)
    }
    /// A helper function to choose the text encoding.
    ///
    /// When encoding is not None, this function returns it. Otherwise, this function
    /// returns the default text encoding (i.e. "locale" or "utf-8" depends on UTF-8
    /// mode).
    #[function(signature = "($module, encoding, stacklevel=2, /)")]
    fn text_encoding(cx: &mut Cx, encoding: Value, #[default(NONE)] _stacklevel: Value) -> Value {
        if encoding != NONE {
            return encoding;
        }
        cx.intern(if locale_encoding() == "utf-8" { "utf-8" } else { "locale" }).value()
    }
}
