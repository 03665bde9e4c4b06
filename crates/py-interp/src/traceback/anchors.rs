//! Which part of an expression an error is about: the operator of a binary operation, the index of a subscript, the
//! arguments of a call. The rest is marked with tildes, the part with carets.

use py_syntax::ast::{Expr, Ranged, Stmt, TextSize};

/// Line and column in characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place {
    /// Line of the segment, from 0.
    pub line: usize,
    /// Column, from 0.
    pub column: usize,
}

/// The part that is marked with carets; the rest of the segment is marked with tildes.
#[derive(Clone, Copy, Debug)]
pub struct Anchors {
    /// Where the part begins.
    pub start: Place,
    /// Where it ends.
    pub end: Place,
}

/// The lines of a segment as characters, and where they start in the text that is parsed.
struct Segment {
    lines: Vec<Vec<char>>,
    starts: Vec<usize>,
    text: String,
}

impl Segment {
    fn new(segment: &str) -> Segment {
        // In parentheses a segment of several lines is one expression.
        let text = format!("(\n{segment}\n)");
        let lines: Vec<&str> = segment.lines().collect();
        let mut starts = Vec::new();
        let mut at = 2;
        for line in segment.split('\n') {
            starts.push(at);
            at += line.len() + 1;
        }
        Segment { lines: lines.into_iter().map(|line| line.chars().collect()).collect(), starts, text }
    }

    /// The place of a byte offset of the text.
    fn place(&self, offset: TextSize) -> Option<Place> {
        let offset = offset.to_usize();
        let line = self.starts.partition_point(|start| *start <= offset).checked_sub(1)?;
        let before = self.text.get(self.starts[line]..offset)?;
        Some(Place { line, column: before.chars().count() })
    }

    /// The place itself, or the start of the next line that has characters.
    fn valid(&self, mut place: Place) -> Option<Place> {
        while place.column >= self.lines.get(place.line)?.len() {
            place = Place { line: place.line + 1, column: 0 };
        }
        Some(place)
    }

    fn character(&self, place: Place) -> char {
        self.lines[place.line][place.column]
    }

    /// The first character from a place on that is wanted, comments and line continuations left out.
    fn find(&self, place: Place, wanted: impl Fn(char) -> bool) -> Option<Place> {
        let mut place = self.valid(place)?;
        loop {
            let character = self.character(place);
            place = if matches!(character, '\\' | '#') {
                self.valid(Place { line: place.line + 1, column: 0 })?
            } else if wanted(character) {
                return Some(place);
            } else {
                self.valid(Place { column: place.column + 1, ..place })?
            };
        }
    }
}

/// The anchors of a segment of source, if it is an expression that has some.
pub fn find(segment: &str) -> Option<Anchors> {
    let segment = Segment::new(segment);
    let tree = py_syntax::parse_module(&segment.text).ok()?;
    let [Stmt::Expr(statement)] = tree.body.as_slice() else { return None };
    match &*statement.value {
        Expr::BinOp(node) => {
            let start = segment.find(segment.place(node.left.end())?, |c| !c.is_whitespace() && c != ')')?;
            let mut end = Place { column: start.column + 1, ..start };
            let right = segment.place(node.right.start())?;
            let line = &segment.lines[start.line];
            if end.column < line.len() && end < right {
                let second = line[end.column];
                if !second.is_whitespace() && !matches!(second, '\\' | '#') {
                    end.column += 1;
                }
            }
            Some(Anchors { start, end })
        }
        Expr::Subscript(node) => {
            let start = segment.find(segment.place(node.value.end())?, |c| c == '[')?;
            Some(Anchors { start, end: segment.place(node.end())? })
        }
        Expr::Call(node) => {
            let start = segment.find(segment.place(node.func.end())?, |c| c == '(')?;
            Some(Anchors { start, end: segment.place(node.end())? })
        }
        _ => None,
    }
}
