//! The source lines of an entry, with the marks below them that show which part of them was running.

use super::Colours;
use super::anchors::{self, Anchors};
use py_code::Position;
use py_syntax::ast::{Expr, Ranged, Stmt};

/// Columns that text takes on a terminal.
fn width(characters: &[char]) -> usize {
    if characters.iter().all(char::is_ascii) {
        return characters.len();
    }
    characters.iter().map(|character| if super::lines::is_wide(*character) { 2 } else { 1 }).sum()
}

/// The blanks that all lines with something in them start with.
fn common_indentation<'a>(lines: impl Iterator<Item = &'a str>) -> usize {
    let indentation = |line: &'a str| &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
    let mut common: Option<&str> = None;
    for line in lines.filter(|line| !line.trim().is_empty()) {
        let own = indentation(line);
        common = Some(match common {
            None => own,
            Some(known) => {
                let same = known.bytes().zip(own.bytes()).take_while(|(x, y)| x == y).count();
                &known[..same]
            }
        });
    }
    common.map_or(0, str::len)
}

fn dedent(lines: &[String]) -> Vec<String> {
    let margin = common_indentation(lines.iter().map(String::as_str));
    lines
        .iter()
        .map(|line| if line.trim().is_empty() { String::new() } else { line[margin.min(line.len())..].to_string() })
        .collect()
}

/// How many characters the first bytes of a line are.
fn characters_before(line: &str, bytes: usize) -> usize {
    let mut end = bytes.min(line.len());
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    line[..end].chars().count()
}

/// The part of the lines that was running.
struct Span {
    lines: Vec<Vec<char>>,
    start: usize,
    end: usize,
    anchors: Option<Anchors>,
}

impl Span {
    fn segment(&self) -> String {
        let mut segment = String::new();
        for (index, line) in self.lines.iter().enumerate() {
            let from = if index == 0 { self.start.min(line.len()) } else { 0 };
            let to = if index + 1 == self.lines.len() { self.end.min(line.len()) } else { line.len() };
            segment.extend(line.get(from..to.max(from)).unwrap_or_default());
            if index + 1 < self.lines.len() {
                segment.push('\n');
            }
        }
        segment
    }

    /// Marks are left out where they would cover a whole statement that is a call of a plain name, and where they say
    /// nothing: below whole lines without anchors.
    fn needs_marks(&self) -> bool {
        let text: Vec<String> = self.lines.iter().map(|line| line.iter().collect()).collect();
        let text = text.join("\n");
        if let Ok(tree) = py_syntax::parse_module(&text) {
            let Some(statement) = tree.body.first() else { return false };
            let value = match statement {
                Stmt::Return(node) => match node.value.as_deref() {
                    Some(value @ Expr::Call(call)) if matches!(&*call.func, Expr::Name(_)) => Some(value),
                    _ => None,
                },
                Stmt::Assign(node)
                    if matches!(&*node.value, Expr::Call(_)) && matches!(node.targets.as_slice(), [Expr::Name(_)]) =>
                {
                    Some(&*node.value)
                }
                _ => None,
            };
            if let Some(value) = value {
                let index = py_syntax::LineIndex::new(&text);
                let (from, to) = (index.location(value.start()), index.location(value.end()));
                if from.line == 1
                    && to.line as usize == self.lines.len()
                    && from.column as usize == self.start
                    && to.column as usize == self.end
                {
                    return false;
                }
            }
        }
        let blank = |characters: &[char]| characters.iter().all(|character| character.is_whitespace());
        let (first, last) = (&self.lines[0], &self.lines[self.lines.len() - 1]);
        self.anchors.is_some()
            || !blank(&first[..self.start.min(first.len())])
            || !blank(last.get(self.end..).unwrap_or_default())
    }

    /// The marks below a line: for each column a blank, a caret or a tilde.
    fn marks(&self, number: usize) -> Vec<char> {
        let line = &self.lines[number];
        let last = number + 1 == self.lines.len();
        let count = if last { width(&line[..self.end.min(line.len())]) } else { width(line) };
        let blanks = line.iter().take_while(|character| character.is_whitespace()).count();
        let first = width(&self.lines[0][..self.start.min(self.lines[0].len())]);
        let shown = |place: anchors::Place| {
            let line = &self.lines[place.line];
            // Places of the segment's first line count from its start.
            let column = place.column + if place.line == 0 { self.start } else { 0 };
            (place.line, width(&line[..column.min(line.len())]) + column.saturating_sub(line.len()))
        };
        (0..count)
            .map(|column| {
                if column < blanks || number == 0 && column < first {
                    return ' ';
                }
                match self.anchors {
                    Some(Anchors { start, end })
                        if (number, column) >= shown(start) && (number, column) < shown(end) =>
                    {
                        '^'
                    }
                    Some(_) => '~',
                    None => '^',
                }
            })
            .collect()
    }

    /// The lines worth showing: first and last, and those around the anchors.
    fn significant(&self) -> Vec<usize> {
        let mut shown = vec![0, self.lines.len() - 1];
        if let Some(anchors) = self.anchors {
            for line in [anchors.start.line, anchors.end.line] {
                shown.extend([line.wrapping_sub(1), line, line + 1]);
            }
        }
        shown.retain(|line| *line < self.lines.len());
        shown.sort_unstable();
        shown.dedup();
        shown
    }
}

/// One line and the marks below it.
fn push_line(out: &mut Vec<String>, span: &Span, number: usize, marks: bool, colours: Colours) {
    let line: String = span.lines[number].iter().collect();
    if !marks {
        out.push(line);
        return;
    }
    let marks = span.marks(number);
    if colours.reset.is_empty() {
        out.push(line);
        out.push(marks.into_iter().collect());
        return;
    }
    let characters = &span.lines[number];
    let (mut coloured, mut below) = (String::new(), String::new());
    let mut at = 0;
    // The end of the line counts as a character of its own, without a mark.
    let length = characters.len().max(marks.len()) + 1;
    while at < length {
        let mark = marks.get(at).copied();
        let end = (at..length).find(|index| marks.get(*index).copied() != mark).unwrap_or(length);
        let text: String = (at..end).filter_map(|index| characters.get(index)).collect();
        let signs: String = (at..end).filter_map(|index| marks.get(index)).collect();
        match mark {
            Some(sign @ ('^' | '~')) => {
                let colour = if sign == '^' { colours.highlight } else { colours.range };
                coloured += &format!("{colour}{text}{}", colours.reset);
                below += &format!("{colour}{signs}{}", colours.reset);
            }
            _ => {
                coloured += &text;
                below += &signs;
            }
        }
        at = end;
    }
    out.push(coloured);
    out.push(below);
}

/// The source of an entry: `lines` are those of its position, which says what was running.
pub fn describe(lines: &[String], position: Position, colours: Colours) -> Option<String> {
    let dedented = dedent(lines);
    let (first, last) = (lines.first()?, lines.last()?);
    if lines.iter().all(|line| line.trim().is_empty()) {
        return None;
    }
    if position.end_line == 0 {
        return Some(format!("    {}\n", first.trim()));
    }
    let removed = first.chars().count().saturating_sub(dedented[0].chars().count());
    let mut span = Span {
        start: characters_before(first, position.column as usize).saturating_sub(removed),
        end: characters_before(last, position.end_column as usize).saturating_sub(removed),
        lines: dedented.iter().map(|line| line.chars().collect()).collect(),
        anchors: None,
    };
    span.anchors = anchors::find(&span.segment());
    let marks = span.needs_marks();
    let mut out = Vec::new();
    let mut before: Option<usize> = None;
    for number in span.significant() {
        match before.map(|before| number - before) {
            Some(2) => push_line(&mut out, &span, number - 1, marks, colours),
            Some(gap) if gap > 2 => out.push(format!("...<{} lines>...", gap - 1)),
            _ => {}
        }
        push_line(&mut out, &span, number, marks, colours);
        before = Some(number);
    }
    // Escape sequences keep lines from being dedented again, as they do in the library.
    Some(dedent(&out).into_iter().map(|line| format!("    {line}\n")).collect())
}
