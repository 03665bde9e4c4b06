//! The entries of a traceback as text.

use super::Colours;
use super::lines::Lines;
use super::marks;
use py_code::{CodeUnit, Position};
use py_object::frames::unit_of;
use py_object::objects::{FrameObject, Traceback};
use py_object::types::frame::{traceback_line, traceback_offset};
use py_object::{Cx, downcast};
use vm_heap::{Gc, Value};

/// How often an entry is shown before its repetitions are counted.
const SHOWN_REPETITIONS: usize = 3;

/// What one entry says.
struct Entry {
    unit: &'static CodeUnit,
    position: Position,
}

impl Entry {
    fn new(cx: &Cx, entry: Gc<Traceback>) -> Option<Entry> {
        let frame = downcast::<FrameObject>(entry.frame.get())?;
        let unit = unit_of(cx, frame.code.get());
        let mut position = unit.position(traceback_offset(entry));
        let line = traceback_line(cx, entry);
        let line = if line.is_int() { line.as_int() as u32 } else { 0 };
        if line != position.line {
            // A traceback made by the program: only its line is known.
            position = Position { line, end_line: 0, ..Position::default() };
        }
        Some(Entry { unit, position })
    }

    fn is_same(&self, other: &Entry) -> bool {
        self.unit.filename == other.unit.filename
            && self.position.line == other.position.line
            && self.unit.name == other.unit.name
    }

    fn push(&self, out: &mut String, lines: &mut Lines, colours: Colours) {
        let Colours { part, reset, .. } = colours;
        let (mut file, line, name) = (&self.unit.filename[..], self.position.line, &self.unit.name);
        if file.starts_with("<stdin-") && file.ends_with('>') {
            // Statements typed at the prompt are numbered, which is nothing to show.
            file = "<stdin>";
        }
        out.push_str(&format!("  File {part}\"{file}\"{reset}, line {part}{line}{reset}, in {part}{name}{reset}\n"));
        let last = self.position.end_line.max(line).min(line.saturating_add(100_000));
        let source: Vec<String> = (line..=last).map(|number| lines.line(self.unit, number)).collect();
        if let Some(text) = marks::describe(&source, self.position, colours) {
            out.push_str(&text);
        }
    }
}

fn push_count(out: &mut String, count: usize) {
    if count > SHOWN_REPETITIONS {
        let more = count - SHOWN_REPETITIONS;
        let plural = if more > 1 { "s" } else { "" };
        out.push_str(&format!("  [Previous line repeated {more} more time{plural}]\n"));
    }
}

/// All entries of a traceback.
pub fn format(cx: &Cx, traceback: Value, lines: &mut Lines, colours: Colours) -> String {
    let mut out = String::new();
    let (mut before, mut count): (Option<Entry>, usize) = (None, 0);
    let mut link = traceback;
    while let Some(object) = downcast::<Traceback>(link) {
        link = object.next.get();
        let Some(entry) = Entry::new(cx, object) else { continue };
        if !before.as_ref().is_some_and(|before| before.is_same(&entry)) {
            push_count(&mut out, count);
            count = 0;
        }
        count += 1;
        if count <= SHOWN_REPETITIONS {
            entry.push(&mut out, lines, colours);
        }
        before = Some(entry);
    }
    push_count(&mut out, count);
    out
}
