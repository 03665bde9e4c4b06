//! Syntax errors as text: file, line, the source with a mark, and the message.

use super::Colours;
use super::exception::safe_text;
use py_object::objects::{Exception, Str};
use py_object::types::exceptions::details::{self, SYNTAX_MESSAGE};
use py_object::types::int;
use py_object::{Cx, NONE, StrExt, UNBOUND, downcast, operations};
use vm_heap::{Gc, Value};

fn number(value: Value) -> Option<i64> {
    if int::is_int(value) { int::as_i64(value) } else { None }
}

/// The source line and the mark below it.
fn push_source(out: &mut String, text: &str, place: [Value; 4], colours: Colours) {
    let [line, offset, end_line, end_offset] = place;
    let text_length = text.chars().count() as i64;
    let without_end = text.trim_end_matches('\n');
    let shown = without_end.trim_start_matches([' ', '\n', '\x0c']);
    let removed = (without_end.chars().count() - shown.chars().count()) as i64;
    let after_last = without_end.chars().count() as i64 + 1;
    if offset == NONE || offset == UNBOUND {
        out.push_str(&format!("    {shown}\n"));
        return;
    }
    let Some(mut start) = number(offset) else { return };
    let mut end =
        if line == end_line { number(end_offset).filter(|end| *end != 0).unwrap_or(start) } else { after_last };
    if !text.is_empty() && start > text_length {
        start = after_last;
    }
    if !text.is_empty() && end > text_length {
        end = after_last;
    }
    if start >= end || end < 0 {
        end = start + 1;
    }
    let (column, end_column) = (start - 1 - removed, end - 1 - removed);
    if column < 0 {
        out.push_str(&format!("    {shown}\n"));
        return;
    }
    let characters: Vec<char> = shown.chars().collect();
    let (column, end_column) = (column as usize, end_column.max(0) as usize);
    let blanks: String = characters
        .iter()
        .take(column)
        .map(|character| if character.is_whitespace() { *character } else { ' ' })
        .collect();
    let marks = "^".repeat(end_column.saturating_sub(column));
    let part = |from: usize, to: usize| -> String {
        let length = characters.len();
        characters[from.min(length)..to.clamp(from.min(length), length)].iter().collect()
    };
    let Colours { highlight, reset, .. } = colours;
    let (before, marked, after) = (part(0, column), part(column, end_column), part(end_column, characters.len()));
    if highlight.is_empty() {
        out.push_str(&format!("    {shown}\n    {blanks}{marks}\n"));
    } else {
        out.push_str(&format!("    {before}{highlight}{marked}{reset}{after}\n"));
        out.push_str(&format!("    {blanks}{highlight}{marks}{reset}\n"));
    }
}

/// Place, source and message of a syntax error.
pub fn format(cx: &mut Cx, exception: Gc<Exception>, class: &str, colours: Colours) -> String {
    let mut out = String::new();
    let field = |index: usize| details::get_or_none(exception, SYNTAX_MESSAGE + index);
    let (file, line, offset, text) = (field(1), field(2), field(3), field(4));
    let Colours { class: colour, part, reset, .. } = colours;
    let mut suffix = String::new();
    if line != NONE {
        let file = match operations::truth(cx, file) {
            Ok(true) => safe_text(cx, file, "filename"),
            _ => "<string>".to_string(),
        };
        let line = safe_text(cx, line, "line");
        out.push_str(&format!("  File {part}\"{file}\"{reset}, line {part}{line}{reset}\n"));
    } else if file != NONE {
        suffix = format!(" ({})", safe_text(cx, file, "filename"));
    }
    if let Some(text) = downcast::<Str>(text) {
        push_source(&mut out, &text.to_text(), [line, offset, field(5), field(6)], colours);
    }
    let message = field(0);
    let message = match operations::truth(cx, message) {
        Ok(true) => safe_text(cx, message, "message"),
        Ok(false) => "<no detail available>".to_string(),
        Err(_) => {
            cx.take_raised();
            String::new()
        }
    };
    out.push_str(&format!("{colour}{class}{reset}: {part}{message}{reset}{suffix}\n"));
    out
}
