//! Type objects: making them, their resolution order, looking up attributes of classes.

pub mod bytes;
pub mod class;
pub mod collection;
pub mod dict;
pub mod exceptions;
pub mod float;
pub mod format;
pub mod int;
pub mod iterators;
pub mod list;
pub mod object;
pub mod range;
pub mod records;
pub mod set;
pub mod singletons;
pub mod slice;
pub mod str;
pub mod table;
pub mod tuple;

use crate::PyResult;
use crate::cx::{Cx, NONE, UNBOUND};
use crate::kinds::{BUILTIN_TYPES, Kind};
use crate::object::{Object, allocate};
use crate::objects::{Dict, Generator, Instance, List, Str, Tuple, Type};
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

/// Changes of classes so far; per-thread method caches are valid for one value of it.
static EPOCH: AtomicU64 = AtomicU64::new(1);

/// The present epoch of classes.
pub fn class_epoch() -> u64 {
    EPOCH.load(Ordering::Acquire)
}

/// The class of any value.
#[inline]
pub fn class_of(cx: &Cx, value: Value) -> Gc<Type> {
    if value.is_int() {
        return cx.builtin_type(Kind::INT);
    }
    if value.is_float() {
        return cx.builtin_type(Kind::FLOAT);
    }
    if value.is_object() {
        return shape(shape_id(value)).class;
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
        return (*full).to_string();
    }
    short_name(class)
}

/// `__name__` of a class.
pub fn short_name(class: Gc<Type>) -> String {
    downcast::<Str>(class.name.get()).map_or_else(String::new, |name| name.to_text())
}

/// Whether `class` is `base` or one of its subclasses.
pub fn is_subclass(class: Gc<Type>, base: Gc<Type>) -> bool {
    class == base || tuple_items(&class.mro.get()).contains(&base.value())
}

/// Whether a value is an instance of a built-in type or of a subclass of it.
pub fn is_instance(cx: &Cx, value: Value, kind: Kind) -> bool {
    is_subclass(class_of(cx, value), cx.builtin_type(kind))
}

/// Looks an attribute up along the resolution order; does not bind it.
pub fn lookup(cx: &mut Cx, class: Gc<Type>, name: Gc<Str>) -> Option<Value> {
    let epoch = class_epoch();
    if !name.interned.get() {
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
        if let Some(value) = Dict::get_str(cx, base.dict.get(), name) {
            return Some(value);
        }
    }
    None
}

/// Looks up a special method of a value's class.
pub fn lookup_special(cx: &mut Cx, value: Value, name: &'static str) -> Option<Value> {
    let name = special_name(cx, name);
    let class = class_of(cx, value);
    lookup(cx, class, name)
}

/// The interned string of a special method's name.
#[inline]
pub fn special_name(cx: &mut Cx, name: &'static str) -> Gc<Str> {
    cx.intern(name)
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
    let dict = class.dict.get();
    let result = match value {
        Some(value) => Dict::set_str(cx, dict, name, value).map(|()| true),
        None => Dict::remove(cx, dict, name.value()).map(|old| old.is_some()),
    };
    // Once more: another thread may have looked the old value up after the withdrawal.
    note_change();
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
        let volatile = if changes > 3 { VOLATILE } else { 0 };
        class.flags.init(flags & 0xffff_ffff & !RELIED_ON | volatile | changes << 32);
        crate::shape::for_each_class(&mut |class| class.constructor.init(UNBOUND));
        if let Some(invalidate) = cx.runtime.invalidate.get() {
            invalidate(cx, Assumption::Classes);
        }
    }
}

/// C3 linearisation of a class with these bases. TypeError where there is none.
fn linearise(cx: &mut Cx, class: Gc<Type>, bases: &[Gc<Type>]) -> PyResult<Gc<Tuple>> {
    let mut sequences: Vec<Vec<Gc<Type>>> = bases
        .iter()
        .map(|base| tuple_items(&base.mro.get()).iter().filter_map(|entry| as_type(*entry)).collect())
        .collect();
    sequences.push(bases.to_vec());
    let mut order = vec![class.value()];
    loop {
        sequences.retain(|sequence| !sequence.is_empty());
        if sequences.is_empty() {
            return Ok(Tuple::new(cx, &order));
        }
        let head = sequences
            .iter()
            .map(|sequence| sequence[0])
            .find(|head| !sequences.iter().any(|sequence| sequence[1..].contains(head)));
        let Some(head) = head else {
            let mut names: Vec<String> = Vec::new();
            for sequence in &sequences {
                let name = name_of(sequence[0]);
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            let message =
                format!("Cannot create a consistent method resolution order (MRO) for bases {}", names.join(", "));
            return Err(cx.type_error(message));
        };
        order.push(head.value());
        for sequence in &mut sequences {
            if sequence[0] == head {
                sequence.remove(0);
            }
        }
    }
}

/// Makes one built-in type at start-up; what stands before a dot in its name is its module. `object` and `type` are made before anything else can be.
pub(crate) fn new_builtin(cx: &mut Cx, kind: Kind, full: &str, base: Option<Gc<Type>>) -> Gc<Type> {
    let class = allocate::<Type>(cx.mutator(), crate::kinds::shapes::TYPE);
    cx.runtime.set_builtin_type(kind, class);
    class.name.init(NONE);
    class.qualname.init(NONE);
    class.subclasses.init(NONE);
    class.bases.init(NONE);
    class.constructor.init(UNBOUND);
    class.kind.init(kind as u64);
    class.base.init(base);
    class.instance_shape.init(kind as u64);
    Shape::register(Some(kind.shape()), class, ShapeKind::Slots, Vec::new(), 0);
    let order: Vec<Value> = std::iter::once(class.value())
        .chain(base.iter().flat_map(|base| tuple_items(&base.mro.get()).to_vec()))
        .collect();
    let order = Tuple::new(cx, &order);
    class.mro.set(cx.mutator(), class, order);
    let bases: Vec<Value> = base.iter().map(|base| base.value()).collect();
    let bases = Tuple::new(cx, &bases);
    class.bases.set(cx.mutator(), class, bases.value());
    let dict = Dict::new(cx);
    class.dict.set(cx.mutator(), class, dict);
    let short = full.rsplit('.').next().unwrap_or(full);
    let name = cx.intern(short);
    class.name.set(cx.mutator(), class, name.value());
    class.qualname.set(cx.mutator(), class, name.value());
    if let Some((module, _)) = full.rsplit_once('.') {
        let (key, module) = (cx.intern("__module__"), cx.intern(module));
        Dict::set_str(cx, dict, key, module.value()).expect("names are hashable");
    }
    class
}

/// Gives a type the shape that makes it recognisable to inline caches; its metaclass must exist.
pub(crate) fn give_own_shape(class: Gc<Type>, metaclass: Gc<Type>) {
    let own = Shape::register(None, metaclass, ShapeKind::OneType, Vec::new(), 0);
    class.header().set_shape(own.id);
}

/// Makes a class (the core of `type.__new__`): bases checked, resolution order, layout, namespace copied.
pub fn new_class(
    cx: &mut Cx,
    metaclass: Gc<Type>,
    name: Gc<Str>,
    bases: Value,
    namespace: Gc<Dict>,
) -> PyResult<Gc<Type>> {
    let mut base_types: Vec<Gc<Type>> = Vec::new();
    if let Some(tuple) = downcast::<Tuple>(bases) {
        for base in tuple_items(&tuple) {
            match as_type(*base) {
                Some(base) => base_types.push(base),
                None => return Err(cx.type_error("bases must be types")),
            }
        }
    }
    if base_types.is_empty() {
        base_types.push(cx.builtin_type(Kind::OBJECT));
    }
    for base in &base_types {
        if base.flags.get() & FINAL != 0 {
            let message = format!("type '{}' is not an acceptable base type", name_of(*base));
            return Err(cx.type_error(message));
        }
    }
    let mut best = base_types[0];
    for base in &base_types[1..] {
        let (kind, best_kind) = (base.kind.get(), best.kind.get());
        if kind == best_kind || kind == Kind::OBJECT as u64 {
            continue;
        }
        let solid = cx.builtin_type(kind_of(*base));
        let best_solid = cx.builtin_type(kind_of(best));
        if is_subclass(solid, best_solid) {
            best = *base;
        } else if !is_subclass(best_solid, solid) {
            return Err(cx.type_error("multiple bases have instance lay-out conflict"));
        }
    }
    let class = allocate::<Type>(cx.mutator(), crate::kinds::shapes::TYPE);
    for field in [&class.name, &class.qualname, &class.subclasses, &class.bases] {
        field.init(NONE);
    }
    class.constructor.init(UNBOUND);
    class.name.init(name.value());
    class.qualname.init(name.value());
    class.kind.init(best.kind.get());
    class.base.init(Some(best));
    class.flags.init(HEAP_TYPE);
    class.slots_seen.init(best.slots_seen.get());
    let bases: Vec<Value> = base_types.iter().map(|base| base.value()).collect();
    let bases = Tuple::new(cx, &bases);
    class.bases.set(cx.mutator(), class, bases.value());
    let order = linearise(cx, class, &base_types)?;
    class.mro.set(cx.mutator(), class, order);
    let dict = Dict::new(cx);
    class.dict.set(cx.mutator(), class, dict);
    let mut position = 0;
    while let Some((key, value)) = Dict::next(namespace, &mut position) {
        Dict::set(cx, dict, key, value)?;
    }
    give_own_shape(class, metaclass);
    renew_instance_shape(class);
    let own = Shape::register(None, metaclass, ShapeKind::OneType, Vec::new(), 0);
    class.header().set_shape(own.id);
    for base in &base_types {
        let subclasses = match downcast::<List>(base.subclasses.get()) {
            Some(list) => list,
            None => {
                let list = List::new(cx, &[])?;
                base.subclasses.set(cx.mutator(), *base, list.value());
                list
            }
        };
        List::push(cx, subclasses, class.value())?;
    }
    Ok(class)
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
    unsafe { Gc::from_address(address) }
}

const _: () = assert!(Generator::LAYOUT_ID.0 == 19);
