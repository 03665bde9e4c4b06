//! Exceptions as text: the chain that led to one, groups, class, message and notes.

use super::lines::Lines;
use super::{Colours, stack, suggestions, syntax};
use py_object::objects::{Exception, List, Str, Traceback, Tuple};
use py_object::sequence::{elements, tuple_items};
use py_object::types::{self, exception_groups};
use py_object::{Cx, Kind, NONE, StrExt, attribute, downcast, operations};
use vm_heap::{Gc, Value};

const CAUSE: &str = "\nThe above exception was the direct cause of the following exception:\n\n";
const CONTEXT: &str = "\nDuring handling of the above exception, another exception occurred:\n\n";
/// Most groups within groups, and most exceptions of a group, that are shown.
const DEEPEST_GROUP: usize = 10;
const WIDEST_GROUP: usize = 15;

/// The text so far, and where in a tree of groups it is.
struct Writer {
    out: String,
    colours: Colours,
    lines: Lines,
    depth: usize,
    needs_close: bool,
    /// Exceptions that are shown already.
    seen: Vec<Value>,
}

impl Writer {
    fn indentation(&self) -> String {
        " ".repeat(2 * self.depth)
    }

    /// Adds lines, behind the margin of the group.
    fn emit(&mut self, text: &str, margin: char) {
        let margin = if self.depth == 0 { String::new() } else { format!("{}{margin} ", self.indentation()) };
        for line in text.split_inclusive('\n') {
            self.out.push_str(&margin);
            self.out.push_str(line);
        }
    }

    /// One exception with the chain that led to it.
    fn chain(&mut self, cx: &mut Cx, exception: Value) {
        let mut chain: Vec<(&str, Gc<Exception>)> = Vec::new();
        let mut next = downcast::<Exception>(exception);
        let mut message = "";
        while let Some(exception) = next {
            self.seen.push(exception.value());
            chain.push((message, exception));
            let (cause, context) = (exception.cause.get(), exception.context.get());
            (message, next) = if cause != NONE && !self.seen.contains(&cause) {
                (CAUSE, downcast::<Exception>(cause))
            } else if context != NONE && !exception.suppress_context.get() && !self.seen.contains(&context) {
                (CONTEXT, downcast::<Exception>(context))
            } else {
                ("", None)
            };
        }
        for (index, (_, exception)) in chain.iter().enumerate().rev() {
            self.single(cx, *exception);
            // What connects it with the one that it led to.
            if index > 0 {
                self.emit(chain[index].0, '|');
            }
        }
    }

    fn single(&mut self, cx: &mut Cx, exception: Gc<Exception>) {
        let traceback = exception.traceback.get();
        let has_stack = downcast::<Traceback>(traceback).is_some();
        if exception_groups::as_group(cx, exception.value()).is_none() {
            if has_stack {
                self.emit("Traceback (most recent call last):\n", '|');
                let text = stack::format(cx, traceback, &mut self.lines, self.colours);
                self.emit(&text, '|');
            }
            let text = only(cx, exception, self.colours);
            return self.emit(&text, '|');
        }
        if self.depth > DEEPEST_GROUP {
            return self.emit(&format!("... (max_group_depth is {DEEPEST_GROUP})\n"), '|');
        }
        let top = self.depth == 0;
        if top {
            self.depth = 1;
        }
        if has_stack {
            self.emit("Exception Group Traceback (most recent call last):\n", if top { '+' } else { '|' });
            let text = stack::format(cx, traceback, &mut self.lines, self.colours);
            self.emit(&text, '|');
        }
        let text = only(cx, exception, self.colours);
        self.emit(&text, '|');
        self.members(cx, exception);
        if top {
            self.depth = 0;
        }
    }

    /// The exceptions of a group.
    fn members(&mut self, cx: &mut Cx, group: Gc<Exception>) {
        let members = exception_groups::exceptions(&group);
        let count = members.len();
        let shown = if count <= WIDEST_GROUP { count } else { WIDEST_GROUP + 1 };
        self.needs_close = false;
        for (index, member) in members.iter().enumerate().take(shown) {
            let last = index + 1 == shown;
            if last {
                // An inner group may draw the line below both.
                self.needs_close = true;
            }
            let cut = index >= WIDEST_GROUP;
            let title = if cut { "...".to_string() } else { (index + 1).to_string() };
            let start = if index == 0 { "+-" } else { "  " };
            let indentation = self.indentation();
            self.out.push_str(&format!("{indentation}{start}+---------------- {title} ----------------\n"));
            self.depth += 1;
            if cut {
                let more = count - WIDEST_GROUP;
                let plural = if more > 1 { "s" } else { "" };
                self.emit(&format!("and {more} more exception{plural}\n"), '|');
            } else {
                self.chain(cx, *member);
            }
            if last && self.needs_close {
                let indentation = self.indentation();
                self.out.push_str(&format!("{indentation}+------------------------------------\n"));
                self.needs_close = false;
            }
            self.depth -= 1;
        }
    }
}

/// A value's text, or what stands for it where that fails.
pub(super) fn safe_text(cx: &mut Cx, value: Value, what: &str) -> String {
    match operations::to_str(cx, value) {
        Ok(text) => text.to_text(),
        Err(_) => {
            cx.take_raised();
            format!("<{what} str() failed>")
        }
    }
}

/// The name of an exception's class, with its module unless that goes without saying.
pub(super) fn class_text(cx: &mut Cx, exception: Gc<Exception>) -> String {
    let class = types::class_of(cx, exception.value());
    let name = safe_text(cx, class.qualname.get(), "type");
    let key = cx.intern("__module__");
    let module = match attribute::find(cx, class.value(), key) {
        Ok(Some((module, _))) => downcast::<Str>(module).map(|module| module.to_text()),
        Ok(None) => None,
        Err(_) => {
            cx.take_raised();
            None
        }
    };
    match module.as_deref() {
        Some("builtins" | "__main__") => name,
        Some(module) => format!("{module}.{name}"),
        None => format!("<unknown>.{name}"),
    }
}

/// Class, message and notes of an exception.
fn only(cx: &mut Cx, exception: Gc<Exception>, colours: Colours) -> String {
    let class = class_text(cx, exception);
    let mut out = if types::is_instance(cx, exception.value(), Kind::SYNTAX_ERROR) {
        syntax::format(cx, exception, &class, colours)
    } else {
        let mut text = safe_text(cx, exception.value(), "exception");
        text.push_str(&suggestions::for_exception(cx, exception));
        let Colours { class: colour, part, reset, .. } = colours;
        if text.is_empty() {
            format!("{colour}{class}{reset}\n")
        } else {
            format!("{colour}{class}{reset}: {part}{text}{reset}\n")
        }
    };
    push_notes(cx, exception, &mut out);
    out
}

fn push_notes(cx: &mut Cx, exception: Gc<Exception>, out: &mut String) {
    let name = cx.intern("__notes__");
    let notes = match attribute::find(cx, exception.value(), name) {
        Ok(Some((notes, _))) if notes != NONE => notes,
        Ok(_) => return,
        Err(_) => {
            cx.take_raised();
            return;
        }
    };
    let items: Vec<Value> = if let Some(list) = downcast::<List>(notes) {
        let (items, length) = List::snapshot(&list);
        elements(&items)[..length].iter().map(|item| item.get()).collect()
    } else if let Some(tuple) = downcast::<Tuple>(notes) {
        tuple_items(&tuple).to_vec()
    } else {
        let text = match operations::repr(cx, notes) {
            Ok(text) => text.to_text(),
            Err(_) => {
                cx.take_raised();
                "<__notes__ repr() failed>".to_string()
            }
        };
        out.push_str(&text);
        out.push('\n');
        return;
    };
    // The notes stay reachable through the exception while their texts are made.
    let kept = Tuple::new(cx, &items);
    for note in tuple_items(&kept) {
        let text = safe_text(cx, *note, "note");
        for line in text.split('\n') {
            out.push_str(line);
            out.push('\n');
        }
    }
}

/// An exception as text.
pub fn format(cx: &mut Cx, exception: Value, colours: Colours) -> String {
    let mut writer =
        Writer { out: String::new(), colours, lines: Lines::default(), depth: 0, needs_close: false, seen: Vec::new() };
    writer.chain(cx, exception);
    writer.out
}
