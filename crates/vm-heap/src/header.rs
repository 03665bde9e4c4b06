//! The header word in front of every heap object.
//!
//! ```text
//! bits 0-7    collector byte: 1 = old and not yet remembered. The write barrier tests it; nobody else writes it.
//! bits 8-23   layout id: how the collector scans the object and how large it is
//! bits 24-31  flags of the language
//! bits 32-63  shape id: what the object is to the language (class, attribute layout)
//! ```
//!
//! A cached shape test is one 32-bit compare at `SHAPE_OFFSET`.

use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering};

/// Bytes from an object's address to its shape id.
pub const SHAPE_OFFSET: i32 = 4;
/// Bytes from an object's address to its collector byte.
pub const COLLECTOR_BYTE_OFFSET: i32 = 0;
/// Collector byte: the object is old and has not been remembered since the last collection.
pub const OLD: u8 = 1;

/// Number of a layout in the table of layouts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[repr(transparent)]
pub struct LayoutId(pub u16);

/// Number of a shape in the language's table of shapes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[repr(transparent)]
pub struct ShapeId(pub u32);

/// The first word of every heap object.
#[repr(transparent)]
pub struct Header(AtomicU64);

impl Header {
    /// The header word of a new object.
    pub const fn word(layout: LayoutId, flags: u8, shape: ShapeId) -> u64 {
        (layout.0 as u64) << 8 | (flags as u64) << 24 | (shape.0 as u64) << 32
    }

    /// The layout id.
    #[inline(always)]
    pub fn layout(&self) -> LayoutId {
        LayoutId((self.0.load(Ordering::Relaxed) >> 8) as u16)
    }

    /// The flags of the language.
    #[inline(always)]
    pub fn flags(&self) -> u8 {
        (self.0.load(Ordering::Relaxed) >> 24) as u8
    }

    /// The shape id. It is read by itself, so that it is compared as it comes from memory.
    #[inline(always)]
    pub fn shape(&self) -> ShapeId {
        ShapeId(self.shape_half().load(Ordering::Acquire))
    }

    /// Gives the object another shape; fields that the new shape knows must have been written before.
    #[inline(always)]
    pub fn set_shape(&self, shape: ShapeId) {
        self.shape_half().store(shape.0, Ordering::Release)
    }

    /// Whether a reference stored into the object must be followed by the write barrier's slow path.
    #[inline(always)]
    pub fn must_remember(&self) -> bool {
        self.collector_byte().load(Ordering::Relaxed) & OLD != 0
    }

    /// The collector byte.
    #[inline(always)]
    pub(crate) fn collector_byte(&self) -> &AtomicU8 {
        // SAFETY: the byte lies inside this header, and every access to it is atomic.
        unsafe { AtomicU8::from_ptr((self as *const Header as *mut u8).add(COLLECTOR_BYTE_OFFSET as usize)) }
    }

    #[inline(always)]
    fn shape_half(&self) -> &AtomicU32 {
        // SAFETY: the aligned upper half lies inside this header, and every access to it is atomic.
        unsafe { AtomicU32::from_ptr((self as *const Header as *mut u32).add(1)) }
    }
}
