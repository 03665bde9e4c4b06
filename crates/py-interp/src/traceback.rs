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

use py_object::Cx;
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
    exception::format(cx, exception, if coloured { COLOURED } else { PLAIN })
}
