//! Layouts: what the collector must know of an object, named by the layout id in its header.

use crate::{Field, Value, header::LayoutId};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

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
        self.size(unsafe { tail_length(address, self.length_offset) })
    }
}

/// # Safety
/// `address` must be that of an object whose length field is at `offset`.
#[inline(always)]
unsafe fn tail_length(address: usize, offset: u32) -> usize {
    // SAFETY: the length field lies inside the object.
    let length: Value = unsafe { (*((address + offset as usize) as *const Field<Value>)).get() };
    length.as_int() as usize
}

/// Most layouts there can be.
pub const MAX_LAYOUTS: usize = 4096;
/// Layouts below this number are a language's built-in kinds; later ones are given out by [`add_layout`].
pub const FIXED_LAYOUTS: usize = 1024;
static LAYOUTS: [OnceLock<Layout>; MAX_LAYOUTS] = [const { OnceLock::new() }; MAX_LAYOUTS];
static NEXT: AtomicUsize = AtomicUsize::new(FIXED_LAYOUTS);

/// Declares a layout under a number below [`FIXED_LAYOUTS`] (the built-in kinds of a language, so that headers are constants).
/// Declaring the same number again is a no-op.
pub fn declare_layout(id: LayoutId, layout: Layout) {
    assert!((id.0 as usize) < FIXED_LAYOUTS, "fixed layout numbers are below {FIXED_LAYOUTS}");
    LAYOUTS[id.0 as usize].get_or_init(|| describe(id, layout));
}

/// Adds a layout and returns its number.
pub fn add_layout(layout: Layout) -> LayoutId {
    let id = NEXT.fetch_add(1, Ordering::Relaxed);
    assert!(id < MAX_LAYOUTS, "too many layouts");
    let id = LayoutId(id as u16);
    LAYOUTS[id.0 as usize].get_or_init(|| describe(id, layout));
    id
}

/// The layout with this number.
#[inline]
pub fn layout(id: LayoutId) -> &'static Layout {
    LAYOUTS[id.0 as usize].get().expect("a header names a declared layout")
}

/// What scanning needs of a layout, in half a cache line. The words are atomic only so that the table can be filled
/// while threads run; a layout is described before the first object with it exists.
#[repr(C, align(32))]
pub(crate) struct Descriptor {
    values: AtomicU64,
    pointers: AtomicU64,
    /// Bits 0-15 the fixed size, 16-23 the tail, 32-63 the offset of the length field.
    sizes: AtomicU64,
}

static DESCRIPTORS: [Descriptor; MAX_LAYOUTS] =
    [const { Descriptor { values: AtomicU64::new(0), pointers: AtomicU64::new(0), sizes: AtomicU64::new(0) } };
        MAX_LAYOUTS];

fn describe(id: LayoutId, layout: Layout) -> Layout {
    let (words, fixed) = (layout.fixed_size / 8, layout.fixed_size);
    assert!(fixed % 8 == 0 && (8..=512).contains(&fixed), "{}: bad fixed size {fixed}", layout.name);
    let beyond = if words == 64 { 0 } else { (layout.values | layout.pointers) >> words };
    assert!(beyond == 0, "{}: references outside the fixed part", layout.name);
    assert!(
        layout.values & layout.pointers == 0 && (layout.values | layout.pointers) & 1 == 0,
        "{}: a word of two kinds",
        layout.name
    );
    assert!(
        layout.tail == Tail::None || (layout.length_offset >= 8 && layout.length_offset + 8 <= fixed),
        "{}: the length lies outside the fixed part",
        layout.name
    );
    let descriptor = &DESCRIPTORS[id.0 as usize];
    descriptor.values.store(layout.values, Ordering::Relaxed);
    descriptor.pointers.store(layout.pointers, Ordering::Relaxed);
    let sizes = fixed as u64 | (layout.tail as u64) << 16 | (layout.length_offset as u64) << 32;
    descriptor.sizes.store(sizes, Ordering::Release);
    layout
}

/// The descriptor that a header names.
#[inline(always)]
pub(crate) fn descriptor(header: u64) -> &'static Descriptor {
    &DESCRIPTORS[(header >> 8) as usize & (MAX_LAYOUTS - 1)]
}

/// The reads here are the collector's inner loop.
impl Descriptor {
    #[inline(always)]
    pub(crate) fn values(&self) -> u64 {
        self.values.load(Ordering::Relaxed)
    }

    #[inline(always)]
    pub(crate) fn pointers(&self) -> u64 {
        self.pointers.load(Ordering::Relaxed)
    }

    /// Whether objects refer to nothing: numbers, text, bytes. (The words of what has a tail of bytes are its lengths.)
    pub(crate) fn is_leaf(&self) -> bool {
        match self.tail() {
            Tail::Bytes => true,
            Tail::None => self.values() | self.pointers() == 0,
            Tail::Values | Tail::Words => false,
        }
    }

    #[inline(always)]
    pub(crate) fn fixed_size(&self) -> usize {
        self.sizes.load(Ordering::Relaxed) as u16 as usize
    }

    #[inline(always)]
    pub(crate) fn tail(&self) -> Tail {
        match (self.sizes.load(Ordering::Relaxed) >> 16) as u8 {
            1 => Tail::Values,
            2 => Tail::Bytes,
            3 => Tail::Words,
            _ => Tail::None,
        }
    }

    /// Elements in the tail of the object at `address`.
    ///
    /// # Safety
    /// The object has this layout, and the layout has a tail.
    #[inline(always)]
    pub(crate) unsafe fn tail_length(&self, address: usize) -> usize {
        // SAFETY: by the caller's promise.
        unsafe { tail_length(address, (self.sizes.load(Ordering::Relaxed) >> 32) as u32) }
    }

    /// # Safety
    /// `address` must be that of an object with this layout.
    #[inline(always)]
    pub(crate) unsafe fn size_of(&self, address: usize) -> usize {
        let fixed = self.fixed_size();
        match self.tail() {
            Tail::None => fixed,
            // SAFETY: by the caller's promise.
            Tail::Values | Tail::Words => fixed + 8 * unsafe { self.tail_length(address) },
            // SAFETY: by the caller's promise.
            Tail::Bytes => fixed + ((unsafe { self.tail_length(address) } + 7) & !7),
        }
    }
}
