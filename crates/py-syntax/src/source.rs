//! From byte offsets to lines and columns.

use crate::SyntaxError;
use crate::ast::{TextRange, TextSize};

/// A line, from 1, and a column, from 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Location {
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

/// Where the lines of a source start.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
    /// What offsets stand for where there is no source: see `grammar::rebuild`.
    places: Vec<Location>,
}

impl LineIndex {
    /// Indexes a source; lines end in `\n`, `\r\n` or `\r`.
    pub fn new(source: &str) -> LineIndex {
        let bytes = source.as_bytes();
        let mut starts = vec![0];
        for (index, &byte) in bytes.iter().enumerate() {
            if byte == b'\n' || byte == b'\r' && bytes.get(index + 1) != Some(&b'\n') {
                starts.push(index as u32 + 1);
            }
        }
        LineIndex { starts, places: Vec::new() }
    }

    /// An index of places that are known: an offset is the number of one.
    pub fn of_places(places: Vec<Location>) -> LineIndex {
        LineIndex { starts: vec![0], places }
    }

    /// Whether offsets are numbers of places, without a source.
    pub fn is_of_places(&self) -> bool {
        !self.places.is_empty()
    }

    /// The line of an offset and its column in bytes.
    pub fn location(&self, offset: TextSize) -> Location {
        let offset = offset.to_u32();
        if let Some(last) = self.places.last() {
            return *self.places.get(offset as usize).unwrap_or(last);
        }
        let line = self.starts.partition_point(|&start| start <= offset);
        Location { line: line as u32, column: offset - self.starts[line - 1] }
    }

    /// The line of an offset and its column in characters.
    pub fn character_location(&self, source: &str, offset: TextSize) -> Location {
        let Location { line, column } = self.location(offset);
        if !self.places.is_empty() {
            return Location { line, column };
        }
        let start = self.starts[line as usize - 1] as usize;
        let before = source.get(start..start + column as usize).unwrap_or("");
        Location { line, column: before.chars().count() as u32 }
    }

    /// An error about a range of the source.
    pub fn error(&self, source: &str, message: impl Into<String>, range: TextRange) -> SyntaxError {
        let [start, end] = [range.start(), range.end()].map(|offset| self.character_location(source, offset));
        SyntaxError {
            kind: Default::default(),
            message: message.into(),
            line: start.line,
            column: start.column + 1,
            end_line: end.line,
            end_column: i64::from(end.column) + 1,
        }
    }
}
