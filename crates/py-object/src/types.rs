//! Type objects: looking up attributes of classes, changing them, making instances.

pub mod bytearray;
pub mod bytes;
pub mod class;
pub mod collection;
pub mod complex;
mod creation;
pub mod dict;
pub mod direct;
mod documentation;
pub mod exception_groups;
pub mod exceptions;
pub mod float;
pub mod format;
pub mod frame;
pub mod generic;
pub mod int;
pub mod iterators;
pub mod list;
pub mod memory;
pub mod namespace;
pub mod object;
pub mod proxy;
pub mod range;
pub mod records;
pub mod set;
pub mod singletons;
pub mod slice;
pub mod slots;
mod special_methods;
pub mod str;
pub mod table;
pub mod template;
pub mod tuple;
pub mod weak;

pub(crate) use creation::{
    WITH_DICT, default_order, give_own_shape, have_same_layout, is_final, new_builtin, set_abstract,
};
pub use creation::{new_class, set_bases};

use crate::PyResult;
use crate::cx::{Cx, UNBOUND};
use crate::kinds::{BUILTIN_TYPES, Kind};
use crate::object::{Object, allocate};
use crate::objects::{Dict, Extended, Generator, Instance, Str, Type};
use crate::runtime::Assumption;
use crate::sequence::tuple_items;
use crate::shape::{Shape, ShapeKind, inline_slots, shape};
use crate::string::{StrExt, downcast};
use std::sync::atomic::{AtomicU64, Ordering};
use vm_heap::{Gc, Header, ShapeId, Value};

/// Type flag: made by a class statement.
pub const HEAP_TYPE: u64 = 1;
/// Type flag: may not be subclassed.
pub const FINAL: u64 = 2;
/// Type flag: an inline cache or a trace relies on its attributes.
pub const RELIED_ON: u64 = 4;
/// Type flag: its attributes change often; nothing may rely on them.
pub const VOLATILE: u64 = 8;
/// Type flag: instances have a `__dict__`.
pub const HAS_DICT: u64 = 16;
/// Type flag: instances can be referred to weakly.
pub const HAS_WEAKREF: u64 = 32;
/// Type flag: a built-in type, or a subclass of one, with attribute access of its own (`__getattribute__`).
pub const HOOKED: u64 = 64;
/// Type flag: instances have a finalizer (`__del__`).
pub const FINALIZED: u64 = 128;
/// Type flag: `__abstractmethods__` is not empty.
pub const ABSTRACT: u64 = 256;

/// Type flag: a class under construction, whose resolution order is not known yet.
pub const UNORDERED: u64 = 512;

/// Type flag: `__init__` is that of `object`. Known once `constructor` is.
pub const PLAIN_INIT: u64 = 1024;

/// Changes of classes so far; per-thread method caches are valid for one value of it.
static EPOCH: AtomicU64 = AtomicU64::new(1);

/// The present epoch of classes.
#[inline(always)]
pub fn class_epoch() -> u64 {
    EPOCH.load(Ordering::Acquire)
}

/// The class of any value.
#[inline(always)]
pub fn class_of(cx: &Cx, value: Value) -> Gc<Type> {
    if value.is_object() { shape(shape_id(value)).class } else { class_of_word(cx, value) }
}

/// The class of a value that is no object of the heap.
fn class_of_word(cx: &Cx, value: Value) -> Gc<Type> {
    if value.is_int() {
        return cx.builtin_type(Kind::INT);
    }
    if value.is_float() {
        return cx.builtin_type(Kind::FLOAT);
    }
    cx.builtin_type(match value.bits() >> 3 {
        0 => Kind::NONE,
        1 | 2 => Kind::BOOL,
        3 => Kind::ELLIPSIS,
        4 => Kind::NOT_IMPLEMENTED,
        8 => Kind::PLACEHOLDER,
        9 => Kind::TOKEN_MISSING,
        other => unreachable!("immediate {other} is no Python value"),
    })
}

/// The shape id of a heap object.
#[inline(always)]
pub fn shape_id(object: Value) -> ShapeId {
    // SAFETY: an object value is the address of a live object, which starts with a header.
    unsafe { (*(object.address() as *const Header)).shape() }
}

/// Whether a value is an object of exactly this built-in type.
#[inline(always)]
pub fn is_exactly(value: Value, kind: Kind) -> bool {
    value.is_object() && shape_id(value) == kind.shape()
}

/// A type object, if the value is one.
#[inline]
pub fn as_type(value: Value) -> Option<Gc<Type>> {
    downcast::<Type>(value)
}

/// The name of a value's class, for messages.
pub fn class_name(cx: &Cx, value: Value) -> String {
    name_of(class_of(cx, value))
}

/// The name of a class, for messages: with the module where it is a built-in class of a native module.
pub fn name_of(class: Gc<Type>) -> String {
    if class.flags.get() & HEAP_TYPE == 0
        && let Some((_, full, _)) = BUILTIN_TYPES.iter().find(|(kind, _, _)| *kind as u64 == class.kind.get())
    {
        // Struct sequences look like tuples otherwise.
        let short = short_name(class);
        return if full.ends_with(&short) { (*full).to_string() } else { short };
    }
    short_name(class)
}

/// `__module__` of a built-in class: what stands before the last dot of its full name.
pub fn builtin_module(class: Gc<Type>) -> String {
    let full = name_of(class);
    full.rsplit_once('.').map_or_else(|| "builtins".to_string(), |(module, _)| module.to_string())
}

/// `__name__` of a class.
pub fn short_name(class: Gc<Type>) -> String {
    downcast::<Str>(class.name.get()).map_or_else(String::new, |name| name.to_text())
}

/// Whether `class` is `base` or one of its subclasses.
#[inline]
pub fn is_subclass(class: Gc<Type>, base: Gc<Type>) -> bool {
    class == base || inherits(class, base)
}

fn inherits(class: Gc<Type>, base: Gc<Type>) -> bool {
    tuple_items(&class.mro.get()).contains(&base.value())
}

/// Whether a value is an instance of a built-in type or of a subclass of it.
pub fn is_instance(cx: &Cx, value: Value, kind: Kind) -> bool {
    is_subclass(class_of(cx, value), cx.builtin_type(kind))
}

/// Looks an attribute up along the resolution order; does not bind it.
pub fn lookup(cx: &mut Cx, class: Gc<Type>, name: Gc<Str>) -> Option<Value> {
    let epoch = class_epoch();
    if !str::index::is_interned(name) {
        return lookup_uncached(cx, class, name);
    }
    if let Some(found) = cx.lookups.get(class, name, epoch) {
        return found;
    }
    let found = lookup_uncached(cx, class, name);
    cx.lookups.put(class, name, epoch, found);
    found
}

fn lookup_uncached(cx: &mut Cx, class: Gc<Type>, name: Gc<Str>) -> Option<Value> {
    for base in tuple_items(&class.mro.get()) {
        let base = as_type(*base).expect("a resolution order holds types");
        if let Some(value) = namespace::get(cx, base, name) {
            return Some(value);
        }
    }
    None
}

/// Looks up a special method of a value's class.
pub fn lookup_special(cx: &mut Cx, value: Value, name: &'static str) -> Option<Value> {
    let class = class_of(cx, value);
    let epoch = class_epoch();
    if let Some(found) = cx.lookups.special(class, name, epoch) {
        return found;
    }
    let interned = cx.name(name);
    let found = lookup(cx, class, interned);
    cx.lookups.put_special(class, name, epoch, found);
    found
}

/// Whether the class of a value has an attribute of this name from a built-in type: no subclass has replaced it.
pub fn inherits_from(cx: &mut Cx, value: Value, kind: Kind, name: &str) -> bool {
    let class = class_of(cx, value);
    has_same(cx, class, kind, name)
}

/// Whether a class finds the same attribute of this name as a built-in type does.
pub fn has_same(cx: &mut Cx, class: Gc<Type>, kind: Kind, name: &str) -> bool {
    let (builtin, name) = (cx.builtin_type(kind), cx.intern(name));
    class == builtin || lookup(cx, class, name) == lookup(cx, builtin, name)
}

/// Notes that inline caches or traces rely on what a class and its bases hold. Returns false where they must not.
pub fn rely_on(class: Gc<Type>) -> bool {
    for base in tuple_items(&class.mro.get()) {
        let base = as_type(*base).expect("a resolution order holds types");
        let flags = base.flags.get();
        if flags & VOLATILE != 0 {
            return false;
        }
        base.flags.init(flags | RELIED_ON);
    }
    true
}

/// Sets or deletes an attribute in a class's own namespace.
pub fn set_class_attribute(cx: &mut Cx, class: Gc<Type>, name: Gc<Str>, value: Option<Value>) -> PyResult<bool> {
    if class.flags.get() & HEAP_TYPE == 0 {
        let message = format!("cannot set '{}' attribute of immutable type '{}'", name.to_text(), name_of(class));
        return Err(cx.type_error(message));
    }
    withdraw(cx, class);
    let dict = crate::types::namespace::of(cx, class);
    let result = match value {
        Some(value) => Dict::set_str(cx, dict, name, value).map(|()| true),
        None => Dict::remove(cx, dict, name.value()).map(|old| old.is_some()),
    };
    // Once more: another thread may have looked the old value up after the withdrawal.
    note_change();
    if name.bytes() == b"__del__" {
        creation::update_finalized(cx, class);
    }
    result
}

/// Ends the epoch: what was found in classes so far must be looked up again.
pub fn note_change() {
    EPOCH.fetch_add(1, Ordering::AcqRel);
}

/// Withdraws whatever relies on a class before it changes.
pub fn withdraw(cx: &mut Cx, class: Gc<Type>) {
    note_change();
    let flags = class.flags.get();
    if flags & RELIED_ON != 0 {
        // A class that keeps changing after it has been relied on (counters kept as class attributes) is left to lookups.
        let changes = (flags >> 32) + 1;
        // A module that completes its classes after their first use changes them a few times, and no more.
        let volatile = if changes > 16 { VOLATILE } else { 0 };
        class.flags.init(flags & 0xffff_ffff & !RELIED_ON | volatile | changes << 32);
        crate::shape::for_each_class(&mut |class| class.constructor.init(UNBOUND));
        if let Some(invalidate) = cx.runtime.invalidate.get() {
            invalidate(cx, Assumption::Classes);
        }
    }
}

/// The built-in type that decides the layout of a class's instances.
pub fn kind_of(class: Gc<Type>) -> Kind {
    let number = class.kind.get();
    BUILTIN_TYPES
        .iter()
        .map(|(kind, _, _)| *kind)
        .find(|kind| *kind as u64 == number)
        .expect("a type's kind is that of a built-in type")
}

/// Gives new instances of a class a root shape with as many inline slots as instances have had attributes so far.
pub fn renew_instance_shape(class: Gc<Type>) {
    let inline =
        if class.kind.get() == Kind::OBJECT as u64 { inline_slots(class.slots_seen.get() as usize) } else { 0 };
    let root = Shape::register(None, class, ShapeKind::Slots, Vec::new(), inline);
    class.instance_shape.init(root.id.0 as u64);
}

/// The shape of new instances.
#[inline]
pub fn instance_shape(class: Gc<Type>) -> &'static Shape {
    shape(ShapeId(class.instance_shape.get() as u32))
}

/// A new instance of a class whose layout is that of `object`, without attributes.
pub fn new_instance(cx: &mut Cx, class: Gc<Type>) -> Gc<Instance> {
    let root = instance_shape(class);
    let address = cx.mutator().allocate(root.instance_size(), root.instance_header());
    // SAFETY: the address is that of a new object with an instance's layout.
    let instance: Gc<Instance> = unsafe { Gc::from_address(address) };
    note_instance(cx, class, instance.value());
    if cx.thread.transaction.is_logged() {
        cx.thread.transaction.note_created(instance.value());
    }
    instance
}

/// To be called with every new instance of a class made by a class statement: it may have a finalizer.
#[inline]
pub fn note_instance(cx: &mut Cx, class: Gc<Type>, instance: Value) {
    if class.flags.get() & FINALIZED != 0 {
        cx.mutator().register_finalizable(instance);
    }
}

/// Whether the instances of a class are tuples with a shape of their own: those of a subclass of `tuple` that have neither
/// attributes nor weak references, as all named tuples. They need no second object that holds the items.
pub fn is_compact_tuple(class: Gc<Type>) -> bool {
    let flags = class.flags.get() & (HEAP_TYPE | HAS_DICT | HAS_WEAKREF);
    class.kind.get() == Kind::TUPLE as u64 && flags == HEAP_TYPE
}

/// An instance of `class` that extends `payload`, an exact instance of the built-in type that `class` derives from;
/// the payload itself where `class` is that type.
pub fn extend(cx: &mut Cx, class: Gc<Type>, payload: Value) -> Value {
    if class.flags.get() & HEAP_TYPE == 0 {
        return payload;
    }
    debug_assert!(!is_compact_tuple(class));
    let extended = allocate::<Extended>(cx.mutator(), instance_shape(class).id);
    extended.payload.init(payload);
    note_instance(cx, class, extended.value());
    extended.value()
}

const _: () = assert!(Generator::LAYOUT_ID.0 == 19);
