//! Printing exceptions that nobody caught.

use py_interp::code::unit_of;
use py_object::objects::*;
use py_object::{Cx, NONE, StrExt, downcast, operations, types};
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Mutex;
use vm_heap::{Gc, Value};

static SOURCES: Mutex<Option<HashMap<String, String>>> = Mutex::new(None);

/// Keeps the text of a source that no file holds (`-c`, standard input).
pub fn remember_source(filename: &str, source: &[u8]) {
    if filename.starts_with('<') {
        let mut sources = SOURCES.lock().expect("nothing panics while it holds this lock");
        sources.get_or_insert_default().insert(filename.to_string(), String::from_utf8_lossy(source).into_owned());
    }
}

/// Writes an exception with its traceback and the chain that led to it to standard error.
pub fn print(cx: &mut Cx, exception: Value) {
    let mut out = String::new();
    describe(cx, exception, &mut out, 0);
    py_modules::sys::write_error(cx, &out);
}

fn describe(cx: &mut Cx, value: Value, out: &mut String, depth: usize) {
    let Some(exception) = downcast::<Exception>(value) else { return };
    if depth < 100 {
        if exception.cause.get() != NONE {
            describe(cx, exception.cause.get(), out, depth + 1);
            out.push_str("\nThe above exception was the direct cause of the following exception:\n\n");
        } else if exception.context.get() != NONE && !exception.suppress_context.get() {
            describe(cx, exception.context.get(), out, depth + 1);
            out.push_str("\nDuring handling of the above exception, another exception occurred:\n\n");
        }
    }
    if exception.traceback.get() != NONE {
        out.push_str("Traceback (most recent call last):\n");
        let mut link = exception.traceback.get();
        while let Some(entry) = downcast::<Traceback>(link) {
            describe_entry(cx, entry, out);
            link = entry.next.get();
        }
    }
    let class = types::class_of(cx, value);
    let name = types::short_name(class);
    let module = cx.intern("__module__");
    let prefix = match types::lookup(cx, class, module).and_then(downcast::<Str>) {
        Some(module) if !matches!(module.to_text().as_str(), "builtins" | "__main__") => {
            format!("{}.", module.to_text())
        }
        _ => String::new(),
    };
    let text = match operations::to_str(cx, value) {
        Ok(text) => text.to_text(),
        Err(_) => {
            cx.take_raised();
            "<exception str() failed>".to_string()
        }
    };
    let separator = if text.is_empty() { "" } else { ": " };
    let _ = writeln!(out, "{prefix}{name}{separator}{text}");
}

fn describe_entry(cx: &Cx, entry: Gc<Traceback>, out: &mut String) {
    let Some(frame) = downcast::<FrameObject>(entry.frame.get()) else { return };
    let code = frame.code.get();
    let unit = unit_of(cx, code);
    let position = unit.position(types::frame::traceback_offset(entry));
    let filename = downcast::<Str>(code.filename.get()).map_or_else(String::new, |name| name.to_text());
    let _ = writeln!(out, "  File \"{filename}\", line {}, in {}", position.line, unit.name);
    if let Some(line) = source_line(&filename, position.line as usize) {
        let _ = writeln!(out, "    {}", line.trim());
    }
}

fn source_line(filename: &str, line: usize) -> Option<String> {
    let remembered = SOURCES.lock().expect("nothing panics while it holds this lock");
    let text = match remembered.as_ref().and_then(|sources| sources.get(filename)) {
        Some(text) => text.clone(),
        None => match py_library::relative(filename).and_then(py_library::find) {
            Some(file) => String::from_utf8(file.source()).ok()?,
            None => std::fs::read_to_string(filename).ok()?,
        },
    };
    text.lines().nth(line.checked_sub(1)?).map(str::to_string)
}
