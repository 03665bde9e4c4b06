//! The source positions of a unit. Tracebacks and debuggers ask for them and nobody else: those of the packed library stay packed.

use crate::binary::unpack_positions;
use crate::{Position, PositionEntry};

/// Source positions by word offset, sorted.
#[derive(Clone)]
pub struct Positions(Form);

#[derive(Clone)]
enum Form {
    Entries(Vec<PositionEntry>),
    /// As `binary` writes them, well-formed.
    Packed(&'static [u8]),
}

impl Positions {
    pub(crate) fn packed(bytes: &'static [u8]) -> Positions {
        Positions(Form::Packed(bytes))
    }

    /// The entries in order.
    pub fn iter(&self) -> impl Iterator<Item = PositionEntry> + '_ {
        let (entries, packed) = match &self.0 {
            Form::Entries(entries) => (&entries[..], None),
            Form::Packed(bytes) => (&[][..], Some(unpack_positions(bytes))),
        };
        entries.iter().copied().chain(packed.into_iter().flatten())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        match &self.0 {
            Form::Entries(entries) => entries.len(),
            Form::Packed(_) => self.iter().count(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// The position that holds at a word offset.
    pub fn at(&self, offset: usize) -> Position {
        match &self.0 {
            Form::Entries(entries) => {
                let after = entries.partition_point(|entry| entry.offset as usize <= offset);
                after.checked_sub(1).map_or_else(Position::default, |index| entries[index].position)
            }
            Form::Packed(_) => self
                .iter()
                .take_while(|entry| entry.offset as usize <= offset)
                .last()
                .map_or_else(Position::default, |entry| entry.position),
        }
    }
}

impl Default for Positions {
    fn default() -> Positions {
        Positions(Form::Entries(Vec::new()))
    }
}

impl From<Vec<PositionEntry>> for Positions {
    fn from(entries: Vec<PositionEntry>) -> Positions {
        Positions(Form::Entries(entries))
    }
}

impl PartialEq for Positions {
    fn eq(&self, other: &Positions) -> bool {
        self.iter().eq(other.iter())
    }
}

impl std::fmt::Debug for Positions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
