//! The standard streams: made at start-up, flushed at the end.

use super::buffered::{BufferedObject, flush_text, new_buffered};
use super::text::{Settings, TextObject, flush_pending, make_permanent, new_text};
use super::{DEFAULT_BUFFER_SIZE, checks};
use py_object::objects::{Dict, Str, Tuple};
use py_object::sequence::tuple_items;
use py_object::{Cx, Kind, NONE, PyResult, attribute, call, downcast, operations};
use vm_heap::Value;

/// `PYTHONIOENCODING`: encoding and error handler, as far as given.
fn configured() -> (Option<String>, Option<String>) {
    let Some(value) = std::env::var("PYTHONIOENCODING").ok().filter(|value| !value.is_empty()) else {
        return (None, None);
    };
    let (encoding, errors) = value.split_once(':').unwrap_or((&value, ""));
    let part = |text: &str| (!text.is_empty()).then(|| text.to_string());
    (part(encoding), part(errors))
}

/// Whether standard output and standard error are not to be buffered.
fn is_unbuffered() -> bool {
    std::env::var_os("PYTHONUNBUFFERED").is_some_and(|value| !value.is_empty())
}

/// The error handler of standard input and output: in the locale "C", bytes pass through unharmed.
fn default_errors() -> &'static str {
    let value = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    match value.as_deref() {
        None | Some("C" | "POSIX") => "surrogateescape",
        Some(_) => "strict",
    }
}

/// The stream of descriptor 0, 1 or 2; None where it is not open.
pub fn new_stream(cx: &mut Cx, descriptor: i32) -> PyResult {
    // SAFETY: a plain query.
    if unsafe { libc::fcntl(descriptor, libc::F_GETFD) } < 0 {
        return Ok(NONE);
    }
    let is_input = descriptor == 0;
    let unbuffered = is_unbuffered() && !is_input;
    let mode = cx.intern(if is_input { "rb" } else { "wb" });
    let class = cx.builtin_type(Kind::FILE_IO).value();
    let arguments = [Value::int(i64::from(descriptor)), mode.value(), py_object::FALSE];
    let raw = match call::call(cx, class, &arguments, None) {
        Ok(raw) => raw,
        // A directory, say.
        Err(_) => {
            cx.take_raised();
            return Ok(NONE);
        }
    };
    let text = ["<stdin>", "<stdout>", "<stderr>"][descriptor as usize];
    let file_name = Str::new(cx, text);
    let name = cx.intern("name");
    attribute::set(cx, raw, name, Some(file_name.value()))?;
    let is_terminal = checks::ask(cx, raw, "isatty")?;
    let buffer = if unbuffered {
        raw
    } else {
        let kind = if is_input { Kind::BUFFERED_READER } else { Kind::BUFFERED_WRITER };
        new_buffered(cx, kind, raw, DEFAULT_BUFFER_SIZE as i64)?.value()
    };
    let (encoding, errors) = configured();
    let encoding = cx.intern(encoding.as_deref().unwrap_or("utf-8")).value();
    let errors = if descriptor == 2 {
        cx.intern("backslashreplace").value()
    } else {
        cx.intern(errors.as_deref().unwrap_or(default_errors())).value()
    };
    let newline = cx.intern("\n").value();
    let settings = Settings {
        encoding,
        errors,
        newline,
        line_buffering: descriptor == 2 || is_terminal,
        write_through: unbuffered,
    };
    let stream = new_text(cx, buffer, settings)?;
    make_permanent(stream);
    let stream = stream.value();
    let name = cx.intern("mode");
    let mode = cx.intern(if is_input { "r" } else { "w" });
    attribute::set(cx, stream, name, Some(mode.value()))?;
    Ok(stream)
}

fn stream(cx: &mut Cx, name: &str) -> Option<Value> {
    let modules = cx.runtime.modules.get()?;
    let key = cx.intern("sys");
    let sys = Dict::get_str(cx, modules, key)?;
    match checks::find(cx, sys, name) {
        Ok(found) => found.filter(|stream| *stream != NONE),
        Err(_) => {
            cx.take_raised();
            None
        }
    }
}

fn is_open(cx: &mut Cx, stream: Value) -> bool {
    match checks::find(cx, stream, "closed") {
        Ok(Some(closed)) => !operations::truth(cx, closed).unwrap_or_else(|_| {
            cx.take_raised();
            false
        }),
        Ok(None) => true,
        Err(_) => {
            cx.take_raised();
            true
        }
    }
}

/// Flushes `sys.stdout` and `sys.stderr`; false where the first of them can't be.
pub fn flush_standard(cx: &mut Cx) -> bool {
    let mut succeeded = true;
    for name in ["stdout", "stderr"] {
        let Some(stream) = stream(cx, name) else { continue };
        if !is_open(cx, stream) {
            continue;
        }
        if call::call_method(cx, stream, "flush", &[]).is_err() {
            if name == "stdout" {
                py_object::finalize::unraisable(cx, "Exception ignored while flushing", stream);
                succeeded = false;
            } else {
                cx.take_raised();
            }
        }
    }
    succeeded
}

/// The streams among the objects to be finalized, as all are that are not closed, for which `is_wanted` holds.
fn objects(cx: &mut Cx, is_wanted: impl Fn(Value) -> bool) -> Value {
    let mut found = Vec::new();
    cx.mutator().for_each_finalizable(true, &mut |object| {
        if is_wanted(object) {
            found.push(object);
        }
    });
    // Nothing collects between the walk and here; from here on the tuple keeps the objects.
    cx.tuple(&found)
}

/// Writes what files that were never closed still hold: at the end of the process, since nobody collects them then.
pub fn flush_open_files(cx: &mut Cx) {
    let has_text = |object| downcast::<TextObject>(object).is_some_and(|text| text.pending_count.get() > 0);
    let has_bytes = |object| downcast::<BufferedObject>(object).is_some_and(|buffer| buffer.write_end.get() > 0);
    // Text goes into buffers, so these come second.
    for holder in [objects(cx, has_text), NONE] {
        let holder = if holder == NONE { objects(cx, has_bytes) } else { holder };
        let Some(streams) = downcast::<Tuple>(holder) else { continue };
        for stream in tuple_items(&streams) {
            let result = match (downcast::<TextObject>(*stream), downcast::<BufferedObject>(*stream)) {
                (Some(text), _) => flush_pending(cx, text),
                (_, Some(buffer)) => flush_text(cx, buffer),
                _ => Ok(()),
            };
            if result.is_err() {
                cx.take_raised();
            }
        }
    }
}
