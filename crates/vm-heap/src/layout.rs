//! Layouts: what the collector must know of an object, named by the layout id in its header.

use crate::{Field, Value, header::LayoutId};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What follows the fixed part of an object, as often as its length field says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tail {
    /// Nothing: the object has the fixed size.
    None,
    /// Value words.
    Values,
    /// Bytes without references, rounded up to whole words.
    Bytes,
    /// Words that may or may not be references (bytecode with inline caches): scanned conservatively.
    Words,
}

/// How the collector sizes and scans the objects of one kind.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// For reports and assertions.
    pub name: &'static str,
    /// Size of the fixed part in bytes, header included; a multiple of eight, at most 512.
    pub fixed_size: u32,
    /// Bit `n` set: word `n` of the fixed part is a [`Value`].
    pub values: u64,
    /// Bit `n` set: word `n` of the fixed part is a raw object address or null.
    pub pointers: u64,
    /// What follows the fixed part.
    pub tail: Tail,
    /// Byte offset of the field that holds the tail's length (elements, or bytes for `Bytes`) as a small int value.
    /// INVARIANT: written before the next allocation after the object's own, and never changed.
    pub length_offset: u32,
}

impl Layout {
    /// Size in bytes of an object with a tail of `length` elements.
    #[inline]
    pub const fn size(&self, length: usize) -> usize {
        self.fixed_size as usize
            + match self.tail {
                Tail::None => 0,
                Tail::Values | Tail::Words => 8 * length,
                Tail::Bytes => (length + 7) & !7,
            }
    }

    /// Size in bytes of an existing object.
    ///
    /// # Safety
    /// `address` must be that of an object with this layout.
    #[inline]
    pub unsafe fn size_of(&self, address: usize) -> usize {
        if self.tail == Tail::None {
            return self.fixed_size as usize;
        }
        // SAFETY: the length field lies inside the object.
        let length: Value = unsafe { (*((address + self.length_offset as usize) as *const Field<Value>)).get() };
        self.size(length.as_int() as usize)
    }
}

/// Most layouts there can be.
pub const MAX_LAYOUTS: usize = 4096;
static LAYOUTS: [OnceLock<Layout>; MAX_LAYOUTS] = [const { OnceLock::new() }; MAX_LAYOUTS];
static NEXT: AtomicUsize = AtomicUsize::new(64);

/// Declares a layout under a number below 64 (the built-in kinds of a language, so that headers are constants).
/// Declaring the same number again is a no-op.
pub fn declare_layout(id: LayoutId, layout: Layout) {
    assert!((id.0 as usize) < 64, "fixed layout numbers are below 64");
    LAYOUTS[id.0 as usize].get_or_init(|| layout);
}

/// Adds a layout and returns its number.
pub fn add_layout(layout: Layout) -> LayoutId {
    let id = NEXT.fetch_add(1, Ordering::Relaxed);
    assert!(id < MAX_LAYOUTS, "too many layouts");
    LAYOUTS[id].get_or_init(|| layout);
    LayoutId(id as u16)
}

/// The layout with this number.
#[inline]
pub fn layout(id: LayoutId) -> &'static Layout {
    LAYOUTS[id.0 as usize].get().expect("a header names a declared layout")
}
