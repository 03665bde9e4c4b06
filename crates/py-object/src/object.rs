//! Declaring the heap objects of the language: one struct gives layout, collector map and field offsets.

use std::sync::atomic::{AtomicBool, Ordering};
use vm_heap::{Field, Gc, Header, Layout, LayoutId, MAX_LAYOUTS, Mutator, ShapeId, Tail, Value, Word, WordKind};

/// A heap object's struct.
pub trait Object: Sized {
    /// Number of its layout.
    const LAYOUT_ID: LayoutId;
    /// Its layout.
    const LAYOUT: Layout;
    /// Number of a second layout of which this one is the beginning.
    const LONGER_LAYOUT_ID: LayoutId = Self::LAYOUT_ID;
    /// Whether it has a place for attributes of its own: `word` and `attributes` as its first fields.
    const HAS_ATTRIBUTES: bool;
}

/// Whether `attributes` is the second of these fields, as in every object that can have attributes of its own.
pub const fn second_is_attributes(fields: &[&str]) -> bool {
    if fields.len() < 2 {
        return false;
    }
    let (found, wanted) = (fields[1].as_bytes(), "attributes".as_bytes());
    if found.len() != wanted.len() {
        return false;
    }
    let mut at = 0;
    while at < wanted.len() {
        if found[at] != wanted[at] {
            return false;
        }
        at += 1;
    }
    true
}

static WITH_ATTRIBUTES: [AtomicBool; MAX_LAYOUTS] = [const { AtomicBool::new(false) }; MAX_LAYOUTS];

/// Notes that objects of a layout have a place for attributes.
pub fn note_attributes(layout: LayoutId) {
    WITH_ATTRIBUTES[layout.0 as usize].store(true, Ordering::Relaxed);
}

/// Whether objects of a layout have a place for attributes.
#[inline]
pub fn has_attributes(layout: LayoutId) -> bool {
    WITH_ATTRIBUTES[layout.0 as usize].load(Ordering::Relaxed)
}

/// Adds one field to a collector map.
pub const fn map_bit<T: Word>(map: u64, kind: WordKind, offset: usize) -> u64 {
    let same = matches!((T::KIND, kind), (WordKind::Value, WordKind::Value) | (WordKind::Pointer, WordKind::Pointer));
    if same { map | 1 << (offset / 8) } else { map }
}

/// Declares an object: `object! { /// doc
/// pub struct Name = LAYOUT_NUMBER [longer OTHER_NUMBER] [tail Tail::Kind by length_field] { field: Type, … } }`.
#[macro_export]
macro_rules! object {
    ($(#[$meta:meta])* pub struct $Name:ident = $number:literal $(longer $longer:literal)? $(tail $tail:ident by $length:ident)? {
        $( $(#[$field_meta:meta])* $field:ident: $ty:ty, )*
    }) => {
        $(#[$meta])*
        #[repr(C)]
        pub struct $Name {
            header: vm_heap::Header,
            $( $(#[$field_meta])* pub $field: vm_heap::Field<$ty>, )*
        }

        impl $crate::Object for $Name {
            const LAYOUT_ID: vm_heap::LayoutId = vm_heap::LayoutId($number);
            $( const LONGER_LAYOUT_ID: vm_heap::LayoutId = vm_heap::LayoutId($longer); )?
            const HAS_ATTRIBUTES: bool = $crate::second_is_attributes(&[$(stringify!($field)),*]);
            const LAYOUT: vm_heap::Layout = {
                #[allow(unused_mut, unused_assignments)]
                let (mut tail, mut length_offset) = (vm_heap::Tail::None, 0u32);
                $( tail = vm_heap::Tail::$tail; length_offset = std::mem::offset_of!($Name, $length) as u32; )?
                let (mut values, mut pointers) = (0u64, 0u64);
                $(
                    values = $crate::map_bit::<$ty>(values, vm_heap::WordKind::Value, std::mem::offset_of!($Name, $field));
                    pointers = $crate::map_bit::<$ty>(pointers, vm_heap::WordKind::Pointer, std::mem::offset_of!($Name, $field));
                )*
                vm_heap::Layout {
                    name: stringify!($Name),
                    fixed_size: std::mem::size_of::<$Name>() as u32,
                    values,
                    pointers,
                    tail,
                    length_offset,
                }
            };
        }
    };
}

/// Header word of a new object.
pub const fn object_header<T: Object>(shape: ShapeId) -> u64 {
    Header::word(T::LAYOUT_ID, 0, shape)
}

/// Allocates an object without a tail; its fields are zero words and must be initialised before the next allocation.
#[inline(always)]
pub fn allocate<T: Object>(mutator: &Mutator, shape: ShapeId) -> Gc<T> {
    let address = mutator.allocate(size_of::<T>(), Header::word(T::LAYOUT_ID, 0, shape));
    // SAFETY: the address is that of a new object with this layout.
    unsafe { Gc::from_address(address) }
}

/// Allocates an object with a tail of `length` elements, zero words all. `None` where memory does not suffice.
#[inline]
pub fn try_allocate_tail<T: Object>(mutator: &Mutator, shape: ShapeId, length: usize) -> Option<Gc<T>> {
    debug_assert!(T::LAYOUT.tail != Tail::None);
    if length > 1 << 40 {
        return None;
    }
    let size = T::LAYOUT.size(length);
    let address = mutator.try_allocate(size, Header::word(T::LAYOUT_ID, 0, shape))?;
    // SAFETY: the length field lies inside the new object, as the layout says.
    unsafe { (*((address + T::LAYOUT.length_offset as usize) as *const Field<Value>)).init(Value::int(length as i64)) };
    // SAFETY: the address is that of a new object with this layout.
    Some(unsafe { Gc::from_address(address) })
}

/// The tail of an object as value fields.
#[inline(always)]
pub fn value_tail<T: Object>(object: &Gc<T>, length: usize) -> &[Field<Value>] {
    debug_assert!(T::LAYOUT.tail == Tail::Values);
    // SAFETY: an object with a value tail has `length` fields behind its fixed part (the caller read its length).
    unsafe { std::slice::from_raw_parts((object.address() + size_of::<T>()) as *const Field<Value>, length) }
}

/// The tail of an object as bytes.
#[inline(always)]
pub fn byte_tail<T: Object>(object: &Gc<T>, length: usize) -> &[u8] {
    debug_assert!(T::LAYOUT.tail == Tail::Bytes);
    // SAFETY: an object with a byte tail has `length` bytes behind its fixed part, immutable once published.
    unsafe { std::slice::from_raw_parts((object.address() + size_of::<T>()) as *const u8, length) }
}

/// Copies bytes into the tail of an object that nobody else has seen yet.
pub fn fill_byte_tail<T: Object>(object: Gc<T>, bytes: &[u8]) {
    // SAFETY: the object was allocated with at least this many bytes of tail and is not shared yet.
    unsafe {
        std::ptr::copy_nonoverlapping(bytes.as_ptr(), (object.address() + size_of::<T>()) as *mut u8, bytes.len())
    }
}
