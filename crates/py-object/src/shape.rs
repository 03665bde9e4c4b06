//! Shapes (hidden classes): which attribute lies in which slot, shared by all objects built alike.
//!
//! A shape belongs to a class and lists attribute names in the order in which they were added. Shapes form a tree: adding
//! an attribute moves an object to a child shape. The first `inline` slots lie in the object, the rest in an
//! array behind `attributes`. An object in dictionary mode (somebody asked for its `__dict__`) has its class's
//! dictionary shape, and `attributes` is a dict.
//!
//! A hidden name stands for a slot of a class with `__slots__`: only the slot's member descriptor knows it.
//!
//! Each module and each type has a shape of its own, so that an inline cache keyed by shape knows which one it is.
//! Shapes are never freed; ids are indices into one table that is reserved once.

use crate::objects::{INSTANCE_LAYOUT, Instance, MAX_INLINE_SLOTS, Str, Type};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};
use vm_heap::{Gc, Header, LayoutId, ShapeId};

use crate::cx::Cx;
use crate::string::StrExt;

/// First byte of hidden names: no text contains it.
pub const HIDDEN: u8 = 0xff;

/// Whether a name is that of a slot, unknown to everybody but the slot's descriptor.
#[inline]
pub fn is_hidden(name: Gc<Str>) -> bool {
    name.bytes().first() == Some(&HIDDEN)
}

/// A new hidden name; `text` is for debugging.
pub fn hidden_name(cx: &mut Cx, text: &str) -> Gc<Str> {
    static NEXT_NAME: AtomicU32 = AtomicU32::new(1);
    let mut bytes = vec![HIDDEN];
    bytes.extend_from_slice(format!("{}:{text}", NEXT_NAME.fetch_add(1, Ordering::Relaxed)).as_bytes());
    let runtime = cx.runtime;
    runtime.intern_bytes(cx, &bytes)
}

/// What the objects of a shape are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ShapeKind {
    /// Attributes in slots.
    Slots,
    /// Attributes in a dict.
    Dictionary,
    /// One type object.
    OneType,
    /// One module.
    OneModule,
}

/// A shape.
pub struct Shape {
    /// Its number.
    pub id: ShapeId,
    /// The class of its objects.
    pub class: Gc<Type>,
    /// What its objects are.
    pub kind: ShapeKind,
    /// Attribute names (interned) by slot.
    pub names: Vec<Gc<Str>>,
    /// How many slots lie in the object itself.
    pub inline: usize,
    /// By the address of the name that is added, or of the class.
    children: Mutex<HashMap<usize, &'static Shape, BuildHasherDefault<AddressHasher>>>,
    dictionary: OnceLock<&'static Shape>,
}

/// A hash of the address of an object: the tables hold few, and programs do not choose them.
#[derive(Default)]
struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_usize(usize::from(*byte)));
    }
    fn write_usize(&mut self, address: usize) {
        self.0 = (self.0 ^ address as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(32);
    }
    fn finish(&self) -> u64 {
        self.0
    }
}

/// Most shapes there can be.
const MAX_SHAPES: usize = 1 << 22;
static TABLE: OnceLock<Vec<AtomicPtr<Shape>>> = OnceLock::new();
static NEXT: AtomicU32 = AtomicU32::new(crate::kinds::FIRST_FREE_SHAPE);

fn table() -> &'static [AtomicPtr<Shape>] {
    TABLE.get_or_init(|| {
        // SAFETY: a zeroed allocation is a valid vector of null pointers; untouched pages cost nothing.
        unsafe {
            let layout = std::alloc::Layout::array::<AtomicPtr<Shape>>(MAX_SHAPES).expect("fits the address space");
            let memory = std::alloc::alloc_zeroed(layout) as *mut AtomicPtr<Shape>;
            assert!(!memory.is_null(), "no memory for the table of shapes");
            Vec::from_raw_parts(memory, MAX_SHAPES, MAX_SHAPES)
        }
    })
}

/// The shape with this id, which must be that of an object or class.
#[inline(always)]
pub fn shape(id: ShapeId) -> &'static Shape {
    debug_assert!(TABLE.get().is_some_and(|table| !table[id.0 as usize].load(Ordering::Acquire).is_null()));
    // SAFETY: there are no objects before the first shapes are registered, and ids in headers are those of registered shapes,
    // which are never freed.
    unsafe { &*TABLE.get().unwrap_unchecked().get_unchecked(id.0 as usize).load(Ordering::Acquire) }
}

/// Classes of the shapes that were registered since the last collection.
static YOUNG: Mutex<Vec<Gc<Type>>> = Mutex::new(Vec::new());

fn lock_young() -> std::sync::MutexGuard<'static, Vec<Gc<Type>>> {
    YOUNG.lock().expect("nothing panics while it holds this lock")
}

/// Calls `visit` with the classes of shapes, which are roots of the collector: all at a full collection, else those that have
/// come since the last one. All threads are stopped.
pub(crate) fn for_each_root(full: bool, visit: &mut dyn FnMut(Gc<Type>)) {
    let young = std::mem::take(&mut *lock_young());
    if full {
        for_each_class(visit);
    } else {
        young.into_iter().for_each(visit);
    }
}

/// Calls `visit` with the class of every shape.
pub fn for_each_class(visit: &mut dyn FnMut(Gc<Type>)) {
    let limit = NEXT.load(Ordering::Acquire) as usize;
    for entry in &table()[..limit] {
        let pointer = entry.load(Ordering::Acquire);
        if !pointer.is_null() {
            // SAFETY: as in `shape`.
            let shape = unsafe { &*pointer };
            visit(shape.class);
        }
    }
}

impl Shape {
    /// Registers a shape, under a fixed id or the next free one.
    pub fn register(
        id: Option<ShapeId>,
        class: Gc<Type>,
        kind: ShapeKind,
        names: Vec<Gc<Str>>,
        inline: usize,
    ) -> &'static Shape {
        let id = id.unwrap_or_else(|| ShapeId(NEXT.fetch_add(1, Ordering::AcqRel)));
        assert!((id.0 as usize) < MAX_SHAPES, "too many shapes");
        let shape = Box::leak(Box::new(Shape {
            id,
            class,
            kind,
            names,
            inline,
            children: Mutex::default(),
            dictionary: OnceLock::new(),
        }));
        table()[id.0 as usize].store(shape, Ordering::Release);
        lock_young().push(class);
        shape
    }

    /// The slot of an attribute.
    pub fn slot(&self, name: Gc<Str>) -> Option<usize> {
        self.names.iter().rposition(|candidate| *candidate == name)
    }

    /// The shape of an object that gets one more attribute.
    pub fn with(&'static self, name: Gc<Str>) -> &'static Shape {
        let mut children = self.children.lock().expect("nothing panics while it holds this lock");
        children.entry(name.address()).or_insert_with(|| {
            let mut names = self.names.clone();
            names.push(name);
            Shape::register(None, self.class, self.kind, names, self.inline)
        })
    }

    /// The shape of such an object once it keeps its attributes in a dict: hidden slots stay where they are.
    pub fn dictionary_form(&'static self, cx: &mut Cx) -> &'static Shape {
        if self.kind == ShapeKind::Dictionary {
            return self;
        }
        let runtime = cx.runtime;
        let unused = runtime.intern_bytes(cx, &[HIDDEN]);
        self.dictionary.get_or_init(|| {
            let kept = self.names.iter().rposition(|name| is_hidden(*name)).map_or(0, |last| last + 1);
            let names = self.names[..kept].iter().map(|name| if is_hidden(*name) { *name } else { unused }).collect();
            Shape::register(None, self.class, ShapeKind::Dictionary, names, self.inline)
        })
    }

    /// The shape of an object of this shape that becomes an instance of another class. `rename` gives the hidden
    /// names of that class.
    pub fn of_class(&'static self, class: Gc<Type>, rename: &dyn Fn(Gc<Str>) -> Gc<Str>) -> &'static Shape {
        let mut children = self.children.lock().expect("nothing panics while it holds this lock");
        // Classes and names are different objects, so that their addresses can be keys of one table.
        children.entry(class.address()).or_insert_with(|| {
            let names = self.names.iter().map(|name| rename(*name)).collect();
            Shape::register(None, class, self.kind, names, self.inline)
        })
    }

    /// Byte offset of an inline slot, or the index in the overflow array.
    pub fn place(&self, slot: usize) -> Place {
        if slot < self.inline {
            return Place::Inline(slot_offset(slot));
        }
        // In dictionary mode the first element is the dict.
        Place::Overflow(slot - self.inline + usize::from(self.kind == ShapeKind::Dictionary))
    }

    /// Header word of a new instance.
    pub fn instance_header(&self) -> u64 {
        Header::word(LayoutId(INSTANCE_LAYOUT + self.inline as u16), 0, self.id)
    }

    /// Size of a new instance in bytes.
    pub fn instance_size(&self) -> usize {
        slot_offset(self.inline)
    }
}

/// Where an attribute lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// At this byte offset of the object.
    Inline(usize),
    /// At this index of the overflow array.
    Overflow(usize),
}

/// Byte offset of inline slot `slot`.
pub const fn slot_offset(slot: usize) -> usize {
    size_of::<Instance>() + 8 * slot
}

/// Most inline slots of an instance.
pub const MAX_INLINE: usize = MAX_INLINE_SLOTS;

/// How many inline slots new instances of a class get, after one with `seen` attributes.
pub fn inline_slots(seen: usize) -> usize {
    seen.clamp(2, MAX_INLINE_SLOTS)
}
