//! The source positions of a unit. Tracebacks and debuggers ask for them and nobody else: those of the packed library stay packed until
//! somebody asks for many.

use crate::binary::unpack_positions;
use crate::{Position, PositionEntry};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// How often packed positions are read through before they are unpacked.
const PATIENCE: u32 = 16;

/// Source positions by word offset, sorted.
#[derive(Clone)]
pub struct Positions(Form);

#[derive(Clone)]
enum Form {
    Entries(Vec<PositionEntry>),
    Packed(Packed),
}

/// Positions as `binary` writes them, well-formed.
struct Packed {
    bytes: &'static [u8],
    /// How often somebody has asked for one.
    asked: AtomicU32,
    entries: OnceLock<Box<[PositionEntry]>>,
}

impl Packed {
    /// The entries unpacked, if somebody has asked often enough.
    fn entries(&self) -> Option<&[PositionEntry]> {
        if let Some(entries) = self.entries.get() {
            return Some(entries);
        }
        if self.asked.fetch_add(1, Ordering::Relaxed) < PATIENCE {
            return None;
        }
        Some(self.entries.get_or_init(|| unpack_positions(self.bytes).collect()))
    }
}

impl Clone for Packed {
    fn clone(&self) -> Packed {
        Packed { bytes: self.bytes, asked: AtomicU32::new(0), entries: OnceLock::new() }
    }
}

/// The position in a sorted list that holds at a word offset.
fn find(entries: &[PositionEntry], offset: usize) -> Position {
    let after = entries.partition_point(|entry| entry.offset as usize <= offset);
    after.checked_sub(1).map_or_else(Position::default, |index| entries[index].position)
}

impl Positions {
    pub(crate) fn packed(bytes: &'static [u8]) -> Positions {
        Positions(Form::Packed(Packed { bytes, asked: AtomicU32::new(0), entries: OnceLock::new() }))
    }

    /// The entries in order.
    pub fn iter(&self) -> impl Iterator<Item = PositionEntry> + '_ {
        let (entries, packed) = match &self.0 {
            Form::Entries(entries) => (&entries[..], None),
            Form::Packed(packed) => match packed.entries.get() {
                Some(entries) => (&entries[..], None),
                None => (&[][..], Some(unpack_positions(packed.bytes))),
            },
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
            Form::Entries(entries) => find(entries, offset),
            Form::Packed(packed) => match packed.entries() {
                Some(entries) => find(entries, offset),
                None => self
                    .iter()
                    .take_while(|entry| entry.offset as usize <= offset)
                    .last()
                    .map_or_else(Position::default, |entry| entry.position),
            },
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
