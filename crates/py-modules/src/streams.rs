//! The standard streams: `sys.stdout`, `sys.stderr`, `sys.stdin`.
//!
//! Output is collected per descriptor, written when enough has come together, at each line on a terminal, at once on
//! standard error, and at exit. What several threads write does not mix within one call of `write`.

use py_macros::py_methods;
use py_object::objects::{Record, Str};
use py_object::{Cx, Kind, NONE, PyResult, Raised, StrExt, allocate, shapes};
use std::io::{BufRead, IsTerminal};
use std::sync::Mutex;
use vm_heap::{Gc, Value};

/// Bytes that are collected before they are written.
const BUFFER: usize = 8192;

static OUTPUT: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Writes everything to a descriptor.
fn write_all(descriptor: i32, mut bytes: &[u8]) -> std::io::Result<()> {
    while !bytes.is_empty() {
        // SAFETY: the pointer and the length are those of a slice.
        let written = unsafe { libc::write(descriptor, bytes.as_ptr().cast(), bytes.len()) };
        if written < 0 {
            let error = std::io::Error::last_os_error();
            if error.kind() == std::io::ErrorKind::Interrupted {
                continue;
            }
            return Err(error);
        }
        bytes = &bytes[written as usize..];
    }
    Ok(())
}

fn failed(cx: &mut Cx, error: std::io::Error) -> Raised {
    let number = error.raw_os_error().unwrap_or(0);
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    cx.raise(Kind::OS_ERROR, format!("[Errno {number}] {text}"))
}

/// Writes what was collected for standard output.
pub fn flush_all() -> std::io::Result<()> {
    let collected = std::mem::take(&mut *OUTPUT.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    write_all(1, &collected)
}

fn write(cx: &mut Cx, descriptor: i64, bytes: &[u8]) -> PyResult<()> {
    let result = match descriptor {
        1 => {
            let mut output = OUTPUT.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            output.extend_from_slice(bytes);
            let line = bytes.contains(&b'\n') && std::io::stdout().is_terminal();
            if output.len() < BUFFER && !line {
                return Ok(());
            }
            let collected = std::mem::take(&mut *output);
            // The lock is kept, so that lines of threads come in order; nothing under it stops for a collection.
            write_all(1, &collected)
        }
        2 => write_all(2, bytes),
        _ => return Err(cx.raise(Kind::OS_ERROR, "not writable")),
    };
    result.map_err(|error| failed(cx, error))
}

/// A stream object for a descriptor.
pub fn new_stream(cx: &mut Cx, descriptor: i64, name: &str) -> Value {
    let stream = allocate::<Record>(cx.mutator(), shapes::TEXT_IO_WRAPPER);
    for field in [&stream.second, &stream.third, &stream.fourth] {
        field.init(NONE);
    }
    stream.first.init(Value::int(descriptor));
    let name = Str::new(cx, name);
    stream.second.set(cx.mutator(), stream, name.value());
    stream.value()
}

/// The methods of streams.
pub struct Methods;

#[py_methods(TEXT_IO_WRAPPER, name = "TextIOWrapper")]
impl Methods {
    /// Write string s to stream.
    ///
    /// Return the number of characters written.
    #[method]
    fn write(cx: &mut Cx, this: Gc<Record>, s: Gc<Str>) -> PyResult {
        write(cx, this.first.get().as_int(), s.bytes())?;
        Ok(s.characters.get())
    }
    /// Flush write buffers, if applicable.
    #[method]
    fn flush(cx: &mut Cx, this: Gc<Record>) -> PyResult<()> {
        if this.first.get().as_int() == 1 {
            return flush_all().map_err(|error| failed(cx, error));
        }
        Ok(())
    }
    /// Read until newline or EOF.
    #[method]
    fn readline(cx: &mut Cx, this: Gc<Record>) -> PyResult<Gc<Str>> {
        if this.first.get().as_int() != 0 {
            return Err(cx.raise(Kind::OS_ERROR, "not readable"));
        }
        let mut line = Vec::new();
        let read = cx.mutator().native(|| std::io::stdin().lock().read_until(b'\n', &mut line));
        if let Err(error) = read {
            return Err(failed(cx, error));
        }
        let text = String::from_utf8_lossy(&line).into_owned();
        Ok(Str::new(cx, &text))
    }
    /// Return the underlying file descriptor.
    #[method]
    fn fileno(this: Gc<Record>) -> Value {
        this.first.get()
    }
    /// Return whether this is an interactive stream.
    #[method]
    fn isatty(this: Gc<Record>) -> bool {
        // SAFETY: a plain query about a descriptor.
        unsafe { libc::isatty(this.first.get().as_int() as i32) == 1 }
    }
    /// Whether the stream can be written to.
    #[method]
    fn writable(this: Gc<Record>) -> bool {
        this.first.get().as_int() != 0
    }
    /// The stream's name.
    #[getter]
    fn name(this: Gc<Record>) -> Value {
        this.second.get()
    }
    /// The encoding.
    #[getter]
    fn encoding(cx: &mut Cx, _this: Gc<Record>) -> Gc<Str> {
        cx.intern("utf-8")
    }
}
