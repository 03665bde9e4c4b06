//! Lines of source files, and of sources that no file holds.

use crate::source_text;
use py_code::{CodeUnit, Const};
use py_object::Cx;
use py_object::frames::unit_of;
use py_object::objects::Code;
use std::collections::HashMap;
use std::sync::Mutex;
use vm_heap::Gc;

/// A source given on the command line, by standard input or at the prompt.
struct Remembered {
    /// The unit compiled from it.
    unit: &'static CodeUnit,
    text: String,
}

static SOURCES: Mutex<Vec<Remembered>> = Mutex::new(Vec::new());

/// Keeps the text that some code was compiled from, where no file holds it, and the code.
pub fn remember_source(cx: &Cx, code: Gc<Code>, text: &str) {
    let unit: &'static CodeUnit = unit_of(cx, code);
    if unit.filename.starts_with('<') {
        cx.runtime.keep(code.value());
        let mut sources = SOURCES.lock().expect("nothing panics while it holds this lock");
        sources.push(Remembered { unit, text: text.to_string() });
    }
}

/// Whether a unit is another one or nested in it.
fn contains(outer: &CodeUnit, unit: &CodeUnit) -> bool {
    std::ptr::eq(outer, unit)
        || outer.consts.iter().any(|constant| match constant {
            Const::Code(nested) => contains(nested, unit),
            _ => false,
        })
}

/// The lines of files read so far.
#[derive(Default)]
pub struct Lines {
    files: HashMap<String, Vec<String>>,
}

fn split(text: &str) -> Vec<String> {
    text.trim_start_matches('\u{feff}').split_inclusive('\n').map(|line| line.trim_end().to_string()).collect()
}

impl Lines {
    /// A line, from 1, of the source of a unit, without blanks at its end; empty where there is none.
    pub fn line(&mut self, unit: &'static CodeUnit, number: u32) -> String {
        let filename = &unit.filename;
        if !self.files.contains_key(&filename[..]) || filename.starts_with('<') {
            let lines = match filename.starts_with('<') {
                true => remembered(unit),
                false => read(filename).map_or_else(Vec::new, |bytes| split(&source_text::for_display(&bytes))),
            };
            self.files.insert(filename.to_string(), lines);
        }
        let index = (number as usize).checked_sub(1);
        index.and_then(|index| self.files.get(&filename[..])?.get(index).cloned()).unwrap_or_default()
    }
}

/// A file, or one of the library that is packed into the program.
fn read(filename: &str) -> Option<Vec<u8>> {
    std::fs::read(filename).ok().or_else(|| Some(py_library::find(py_library::relative(filename)?)?.source()))
}

fn remembered(unit: &CodeUnit) -> Vec<String> {
    let sources = SOURCES.lock().expect("nothing panics while it holds this lock");
    sources.iter().rev().find(|source| contains(source.unit, unit)).map_or_else(Vec::new, |source| split(&source.text))
}

/// A line of a file, from 1, if the file can be read.
pub fn line_of_file(filename: &str, number: u32) -> Option<String> {
    let text = read(filename)?;
    let text = source_text::for_display(&text);
    let line = text.lines().nth((number as usize).saturating_sub(1))?;
    Some(format!("{line}\n"))
}

/// Whether a character takes two columns of a terminal.
pub fn is_wide(character: char) -> bool {
    let width = py_unicode::properties(character.into()).width;
    matches!(py_unicode::WIDTHS[usize::from(width)], "W" | "F")
}
