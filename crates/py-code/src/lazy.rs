//! Units that are read from their packed form when somebody needs more of them than their heads.
//!
//! Most functions of an imported module are never called, and reading their code is most of what an import costs.

use crate::binary::{self, Blob};
use crate::{CodeUnit, Liveness, flags};
use std::ops::Deref;
use std::sync::OnceLock;

/// A code unit that may still be packed. It is read as a whole where it is used as a [`CodeUnit`].
pub struct LazyUnit {
    unit: OnceLock<Box<CodeUnit>>,
    /// Where it is packed.
    packed: Option<(&'static Blob, usize)>,
    liveness: OnceLock<Box<Liveness>>,
    assigned: OnceLock<Box<Liveness>>,
}

/// What must be known of a unit to make and call functions of it.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// The function's or class's name.
    pub name: &'a str,
    /// The dotted path of names that leads to it.
    pub qualname: &'a str,
    /// Where the source came from.
    pub filename: &'a str,
    /// Bits of [`flags`].
    pub flags: u32,
    /// Positional parameters.
    pub argcount: u32,
    /// Keyword-only parameters.
    pub kwonlyargcount: u32,
    /// Registers.
    pub frame_size: u32,
    /// The docstring in WTF-8, if there is one.
    pub docstring: Option<&'a [u8]>,
}

impl LazyUnit {
    /// A unit that begins at an offset of a blob.
    pub(crate) fn packed(blob: &'static Blob, at: usize) -> LazyUnit {
        LazyUnit {
            unit: OnceLock::new(),
            packed: Some((blob, at)),
            liveness: OnceLock::new(),
            assigned: OnceLock::new(),
        }
    }

    /// Which registers hold something that is to be seen, by instruction.
    pub fn liveness(&self) -> &Liveness {
        self.liveness.get_or_init(|| Box::new(crate::liveness(self)))
    }

    /// Which variables are bound, by instruction.
    pub fn assigned(&self) -> &Liveness {
        self.assigned.get_or_init(|| Box::new(crate::assigned(self)))
    }

    /// What can be known without reading the unit.
    pub fn head(&self) -> Head<'_> {
        match (self.unit.get(), self.packed) {
            (None, Some((blob, at))) => binary::read_head(blob, at),
            _ => Head {
                name: &self.name,
                qualname: &self.qualname,
                filename: &self.filename,
                flags: self.flags,
                argcount: self.argcount,
                kwonlyargcount: self.kwonlyargcount,
                frame_size: self.frame_size,
                docstring: self.docstring.as_ref().map(|text| text.as_bytes()),
            },
        }
    }
}

impl Head<'_> {
    /// How many positional arguments a call must have so that it needs no binding; none where every call needs it.
    pub fn simple_arguments(&self) -> Option<u32> {
        let simple = self.kwonlyargcount == 0 && self.flags & (flags::VARARGS | flags::VARKEYWORDS) == 0;
        simple.then_some(self.argcount)
    }
}

impl From<CodeUnit> for LazyUnit {
    fn from(unit: CodeUnit) -> LazyUnit {
        LazyUnit {
            unit: OnceLock::from(Box::new(unit)),
            packed: None,
            liveness: OnceLock::new(),
            assigned: OnceLock::new(),
        }
    }
}

impl Deref for LazyUnit {
    type Target = CodeUnit;

    fn deref(&self) -> &CodeUnit {
        self.unit.get_or_init(|| match self.packed {
            Some((blob, at)) => Box::new(binary::read_unit(blob, at)),
            None => Box::default(),
        })
    }
}

impl std::fmt::Debug for LazyUnit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        CodeUnit::fmt(self, f)
    }
}

impl Clone for LazyUnit {
    fn clone(&self) -> LazyUnit {
        LazyUnit::from(CodeUnit::clone(self))
    }
}
