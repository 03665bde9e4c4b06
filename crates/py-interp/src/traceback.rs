//! Exceptions as text: what is printed when nobody catches one.
//!
//! The text is that of the library's module `traceback`, character by character, but needs neither imports nor running
//! Python code (beyond `__str__` of exceptions), so that it works in any state of a program.

mod anchors;
mod exception;
mod lines;
mod marks;
mod stack;
mod suggestions;
mod syntax;

pub use lines::{line_of_file, remember_source};

use py_object::objects::{Exception, Str};
use py_object::types::exceptions::details;
use py_object::types::{self, list};
use py_object::{Cx, Kind, NONE, PyResult, StrExt, attribute, bool_value, call, downcast};
use vm_heap::Value;

/// Escape sequences around parts of the text; empty without colours.
#[derive(Clone, Copy, Debug)]
struct Colours {
    /// Class of the exception.
    class: &'static str,
    /// File names, line numbers, names of functions, messages.
    part: &'static str,
    /// What the carets point at.
    highlight: &'static str,
    /// What surrounds it.
    range: &'static str,
    /// Back to normal.
    reset: &'static str,
}

const PLAIN: Colours = Colours { class: "", part: "", highlight: "", range: "", reset: "" };
const COLOURED: Colours =
    Colours { class: "\x1b[1;35m", part: "\x1b[35m", highlight: "\x1b[1;31m", range: "\x1b[31m", reset: "\x1b[0m" };

/// An exception with its traceback and the exceptions that led to it, as text.
pub fn format(cx: &mut Cx, exception: Value, coloured: bool) -> String {
    if let Some(text) = by_library(cx, exception, coloured) {
        return text;
    }
    exception::format(cx, exception, if coloured { COLOURED } else { PLAIN })
}

/// The text of a syntax error that may be a misspelt keyword: only the library can tell.
fn by_library(cx: &mut Cx, exception: Value, coloured: bool) -> Option<String> {
    let error = downcast::<Exception>(exception).filter(|_| types::is_instance(cx, exception, Kind::SYNTAX_ERROR))?;
    if details::get_or_none(error, details::SYNTAX_METADATA) == NONE {
        return None;
    }
    match library_text(cx, exception, error.traceback.get(), coloured) {
        Ok(text) => Some(text),
        Err(_) => {
            cx.take_raised();
            None
        }
    }
}

fn library_text(cx: &mut Cx, exception: Value, traceback: Value, coloured: bool) -> PyResult<String> {
    let module = cx.import("traceback")?;
    let name = cx.intern("TracebackException");
    let class = attribute::get(cx, module, name)?;
    let of = types::class_of(cx, exception).value();
    let shown = call::call(cx, class, &[of, exception, traceback], None)?;
    let name = cx.intern("format");
    let format = attribute::get(cx, shown, name)?;
    let colorize = cx.intern("colorize").value();
    let names = py_object::objects::Tuple::new(cx, &[colorize]);
    let lines = call::call(cx, format, &[bool_value(coloured)], Some(names))?;
    let lines = list::sequence_of(cx, lines)?;
    let mut text = String::new();
    for index in 0..list::length(lines) {
        if let Some(line) = list::item(lines, index).and_then(downcast::<Str>) {
            text.push_str(&line.to_text());
        }
    }
    Ok(text)
}
