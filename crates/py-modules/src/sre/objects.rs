//! The objects of the module.

use py_object::object;
use py_object::objects::{Array, Raw};
use vm_heap::{Gc, Value};

object! {
    /// A compiled pattern.
    pub struct Pattern = 470 {
        /// Version word.
        word: u64,
        /// Not used.
        attributes: Option<Gc<Array>>,
        /// What it was compiled from, or None.
        pattern: Value,
        /// Flags.
        flags: Value,
        /// Number of groups.
        groups: Value,
        /// Dict from names to groups.
        group_index: Value,
        /// Tuple of the names of groups, or None.
        index_group: Value,
        /// Program for bytes, unless the pattern is text.
        narrow: Option<Gc<Raw>>,
        /// Program for text, unless the pattern is bytes.
        wide: Option<Gc<Raw>>,
    }
}

object! {
    /// A match. The tail holds start and end of each group as byte offsets, or None.
    pub struct Match = 471 tail Values by length {
        /// Number of marks.
        length: Value,
        /// What was searched.
        string: Value,
        /// Its text: `str` or `bytes`.
        content: Value,
        /// The pattern.
        pattern: Gc<Pattern>,
        /// Where the search started, in characters.
        position: Value,
        /// Where it ended, in characters.
        end_position: Value,
        /// The group closed last, or None.
        last_group: Value,
        /// Start of the match in characters.
        start: Value,
    }
}

object! {
    /// A search that goes on.
    pub struct Scanner = 472 {
        /// Version word.
        word: u64,
        /// Not used.
        attributes: Option<Gc<Array>>,
        /// The pattern.
        pattern: Gc<Pattern>,
        /// What is searched.
        string: Value,
        /// Its text: `str` or `bytes`.
        content: Value,
        /// Where the search started, in characters.
        position: Value,
        /// Where it ends, in characters.
        end_position: Value,
        /// Where it ends, in bytes.
        end: Value,
        /// Tuple of where it goes on: bytes, characters, whether the next match must be longer; None at the end.
        next: Value,
    }
}

object! {
    /// A replacement with references to groups. The tail holds numbers of groups and the literal behind each.
    pub struct Template = 473 tail Values by length {
        /// Number of values in the tail.
        length: Value,
        /// The literal in front of the first reference.
        literal: Value,
    }
}
