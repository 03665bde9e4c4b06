//! Making classes: bases, layout, resolution order, namespace (the core of `type.__new__`).

use super::{ABSTRACT, FINAL, FINALIZED, HAS_DICT, HAS_WEAKREF, HEAP_TYPE, HOOKED, UNORDERED, class_name, lookup};
use super::{as_type, class_of, is_subclass, kind_of, name_of, renew_instance_shape, slots};
use crate::cx::{Cx, NONE, UNBOUND};
use crate::kinds::Kind;
use crate::object::allocate;
use crate::objects::{Dict, List, Str, Tuple, Type};
use crate::sequence::tuple_items;
use crate::shape::{Shape, ShapeKind};
use crate::string::downcast;
use crate::{PyResult, call, operations};
use vm_heap::{Gc, Value};

/// Bits that a class inherits from the base that decides its layout.
const INHERITED: u64 = HAS_DICT | HAS_WEAKREF | HOOKED;

/// C3 linearisation of a class with these bases. TypeError where there is none.
fn linearise(cx: &mut Cx, class: Gc<Type>, bases: &[Gc<Type>]) -> PyResult<Gc<Tuple>> {
    for (at, base) in bases.iter().enumerate() {
        if base.flags.get() & UNORDERED != 0 {
            return Err(cx.type_error(format!("Cannot extend an incomplete type '{}'", name_of(*base))));
        }
        if bases[..at].contains(base) {
            return Err(cx.type_error(format!("duplicate base class {}", name_of(*base))));
        }
    }
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

/// The resolution order of a class: the metaclass's `mro()` where it has one of its own.
fn resolution_order(cx: &mut Cx, class: Gc<Type>, metaclass: Gc<Type>, bases: &[Gc<Type>]) -> PyResult<Gc<Tuple>> {
    let name = cx.intern("mro");
    let type_type = cx.builtin_type(Kind::TYPE);
    let hook = lookup(cx, metaclass, name);
    if metaclass == type_type || hook == lookup(cx, type_type, name) {
        return linearise(cx, class, bases);
    }
    let bound = crate::attribute::bind(cx, hook.expect("type has it"), Some(class.value()), metaclass)?;
    let order = call::call(cx, bound, &[], None)?;
    let order = super::tuple::from_iterable(cx, order)?;
    let own = solid_base(class);
    for entry in tuple_items(&order) {
        let Some(base) = as_type(*entry) else {
            let message = format!("mro() returned a non-class ('{}')", class_name(cx, *entry));
            return Err(cx.type_error(message));
        };
        if base != class && !is_subclass(own, solid_base(base)) {
            let message = format!("mro() returned base with unsuitable layout ('{}')", name_of(base));
            return Err(cx.type_error(message));
        }
    }
    Ok(order)
}

/// `type.mro(class)`.
pub(crate) fn default_order(cx: &mut Cx, class: Gc<Type>) -> PyResult<Gc<Tuple>> {
    let bases = base_types(cx, class.bases.get())?;
    linearise(cx, class, &bases)
}

fn base_types(cx: &mut Cx, bases: Value) -> PyResult<Vec<Gc<Type>>> {
    let mut types = Vec::new();
    if let Some(tuple) = downcast::<Tuple>(bases) {
        for base in tuple_items(&tuple) {
            match as_type(*base) {
                Some(base) => types.push(base),
                None => return Err(cx.type_error("bases must be types")),
            }
        }
    }
    Ok(types)
}

/// Exceptions that have fields of their own in CPython, so that no class can derive from two of them.
const EXCEPTIONS_WITH_FIELDS: &[Kind] = &[
    Kind::BASE_EXCEPTION,
    Kind::BASE_EXCEPTION_GROUP,
    Kind::STOP_ITERATION,
    Kind::SYSTEM_EXIT,
    Kind::IMPORT_ERROR,
    Kind::OS_ERROR,
    Kind::NAME_ERROR,
    Kind::ATTRIBUTE_ERROR,
    Kind::SYNTAX_ERROR,
    Kind::UNICODE_ENCODE_ERROR,
    Kind::UNICODE_DECODE_ERROR,
    Kind::UNICODE_TRANSLATE_ERROR,
];

fn is_base_exception(class: Gc<Type>) -> bool {
    class.kind.get() == Kind::BASE_EXCEPTION as u64
}

/// The class that gave instances of `class` their layout: itself where it has slots of its own or is built in with
/// a struct of its own.
pub(crate) fn solid_base(class: Gc<Type>) -> Gc<Type> {
    let mut class = class;
    loop {
        let solid = if class.flags.get() & HEAP_TYPE != 0 {
            slots::own_count(class) > 0
        } else {
            let kind = kind_of(class);
            let plain_exception = downcast::<Tuple>(class.mro.get().value()).is_some_and(|order| {
                tuple_items(&order).iter().any(|base| as_type(*base).is_some_and(is_base_exception))
            }) && !EXCEPTIONS_WITH_FIELDS.contains(&kind);
            kind != Kind::BOOL && !plain_exception
        };
        match class.base.get() {
            Some(base) if !solid => class = base,
            _ => return class,
        }
    }
}

/// Whether a class cannot be a base: a built-in one that is marked so, or whose instances only the runtime makes.
pub(crate) fn is_final(cx: &mut Cx, class: Gc<Type>) -> bool {
    if class.flags.get() & (FINAL | HEAP_TYPE) != 0 {
        return class.flags.get() & FINAL != 0;
    }
    let (object, io_base) = (cx.builtin_type(Kind::OBJECT), cx.builtin_type(Kind::IO_BASE));
    class != object && !is_subclass(class, io_base) && super::has_same(cx, class, Kind::OBJECT, "__new__")
}

/// Of several bases the one whose layout includes that of all others.
fn best_base(cx: &mut Cx, bases: &[Gc<Type>]) -> PyResult<Gc<Type>> {
    let mut best = bases[0];
    let mut winner: Option<Gc<Type>> = None;
    for base in bases {
        if is_final(cx, *base) {
            let message = format!("type '{}' is not an acceptable base type", name_of(*base));
            return Err(cx.type_error(message));
        }
        let candidate = solid_base(*base);
        match winner {
            Some(winner) if is_subclass(winner, candidate) => {}
            Some(before) if !is_subclass(candidate, before) => {
                return Err(cx.type_error("multiple bases have instance lay-out conflict"));
            }
            _ => {
                winner = Some(candidate);
                best = *base;
            }
        }
    }
    Ok(best)
}

/// Built-in types whose own instances have a `__dict__`.
pub(crate) const WITH_DICT: &[Kind] = &[
    Kind::FUNCTION,
    Kind::BASE_EXCEPTION,
    Kind::CLASSMETHOD,
    Kind::STATICMETHOD,
    Kind::SIMPLE_NAMESPACE,
    Kind::PARTIAL,
    Kind::LRU_CACHE,
    Kind::IO_BASE,
    Kind::FUTURE,
];

/// Built-in types whose own instances can be referred to weakly.
const WITH_WEAKREF: &[Kind] = &[
    Kind::FUNCTION,
    Kind::METHOD,
    Kind::BUILTIN,
    Kind::TYPE,
    Kind::MODULE,
    Kind::SET,
    Kind::FROZENSET,
    Kind::GENERATOR,
    Kind::COROUTINE,
    Kind::ASYNC_GENERATOR,
    Kind::TYPE_VARIABLE,
    Kind::PARAMETER_SPECIFICATION,
    Kind::PARAMETER_ARGS,
    Kind::PARAMETER_KWARGS,
    Kind::VARIADIC,
    Kind::GENERIC_ALIAS,
    Kind::UNION,
    Kind::CODE,
    Kind::MEMORYVIEW,
    Kind::IO_BASE,
    Kind::DEQUE,
    Kind::PARTIAL,
    Kind::LRU_CACHE,
    Kind::TYPED_ARRAY,
    Kind::SIMPLE_QUEUE,
    Kind::TEE,
    Kind::CONTEXT,
    Kind::STRUCT,
    Kind::LOCK,
    Kind::RLOCK,
    Kind::THREAD_LOCAL,
    Kind::PATTERN,
    Kind::ATOMIC,
    Kind::FUTURE,
];

fn own_flags(kind: Kind) -> u64 {
    let parameters = [Kind::TYPE_VARIABLE, Kind::PARAMETER_SPECIFICATION, Kind::VARIADIC];
    let dict = if WITH_DICT.contains(&kind) || parameters.contains(&kind) { HAS_DICT } else { 0 };
    let weakref = if WITH_WEAKREF.contains(&kind) { HAS_WEAKREF } else { 0 };
    let hooked =
        if [Kind::WEAK_PROXY, Kind::WEAK_CALLABLE_PROXY, Kind::GENERIC_ALIAS, Kind::THREAD_LOCAL].contains(&kind) {
            HOOKED
        } else {
            0
        };
    dict | weakref | hooked
}

/// Makes one built-in type at start-up. What stands before a dot in its name is its module. `object` and `type` are
/// made before anything else can be. `namespace` is empty and stands there until somebody looks at the type.
pub(crate) fn new_builtin(
    cx: &mut Cx,
    kind: Kind,
    full: &str,
    base: Option<Gc<Type>>,
    namespace: Gc<Dict>,
) -> Gc<Type> {
    let class = allocate::<Type>(cx.mutator(), crate::kinds::shapes::TYPE);
    cx.runtime.set_builtin_type(kind, class);
    for field in [&class.name, &class.qualname, &class.subclasses, &class.bases, &class.slots] {
        field.init(NONE);
    }
    class.constructor.init(UNBOUND);
    class.kind.init(kind as u64);
    class.base.init(base);
    class.flags.init(own_flags(kind) | base.map_or(0, |base| base.flags.get() & INHERITED));
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
    class.dict.set(cx.mutator(), class, namespace);
    class.waits.init(kind as u64 + 1);
    let name = cx.intern(full.rsplit('.').next().unwrap_or(full));
    class.name.set(cx.mutator(), class, name.value());
    class.qualname.set(cx.mutator(), class, name.value());
    if let Some(base) = base
        && add_subclass(cx, base, class).is_err()
    {
        cx.take_raised();
    }
    class
}

/// Gives a type the shape that makes it recognisable to inline caches; its metaclass must exist.
pub(crate) fn give_own_shape(class: Gc<Type>, metaclass: Gc<Type>) {
    let own = Shape::register(None, metaclass, ShapeKind::OneType, Vec::new(), 0);
    class.header().set_shape(own.id);
}

/// Makes a class: bases checked, slots, resolution order, namespace copied. Does not run the hooks for new classes.
pub fn new_class(
    cx: &mut Cx,
    metaclass: Gc<Type>,
    name: Gc<Str>,
    bases: Value,
    namespace: Gc<Dict>,
) -> PyResult<Gc<Type>> {
    let given = bases;
    let mut bases = base_types(cx, given)?;
    let mut shown_bases = given;
    if bases.is_empty() {
        let object = cx.builtin_type(Kind::OBJECT);
        bases.push(object);
        shown_bases = cx.tuple(&[object.value()]);
    }
    let best = best_base(cx, &bases)?;
    let class = allocate::<Type>(cx.mutator(), crate::kinds::shapes::TYPE);
    for field in [&class.name, &class.qualname, &class.subclasses, &class.bases, &class.slots] {
        field.init(NONE);
    }
    class.constructor.init(UNBOUND);
    class.name.init(name.value());
    class.qualname.init(name.value());
    class.kind.init(best.kind.get());
    class.base.init(Some(best));
    class.flags.init(HEAP_TYPE | UNORDERED | best.flags.get() & INHERITED);
    class.slots_seen.init(best.slots_seen.get());
    // Until the order is known, the class resolves as its base does.
    class.mro.set(cx.mutator(), class, best.mro.get());
    class.bases.set(cx.mutator(), class, shown_bases);
    let dict = Dict::new(cx);
    class.dict.set(cx.mutator(), class, dict);
    super::dict::merge_mapping(cx, dict, namespace)?;
    take_qualname(cx, class)?;
    give_own_shape(class, metaclass);
    wrap_implicit(cx, class)?;
    super::class::fill_cells(cx, class)?;
    slots::declare(cx, class, best, &bases)?;
    renew_order(cx, class, metaclass, &bases)?;
    class.flags.init(class.flags.get() & !UNORDERED);
    renew_instance_shape(class);
    complete_namespace(cx, class)?;
    for base in base_types(cx, class.bases.get())? {
        add_subclass(cx, base, class)?;
    }
    update_finalized(cx, class);
    Ok(class)
}

/// `__qualname__` moves from the namespace to the class.
fn take_qualname(cx: &mut Cx, class: Gc<Type>) -> PyResult<()> {
    let key = cx.intern("__qualname__");
    let dict = crate::types::namespace::of(cx, class);
    let Some(qualname) = Dict::get_str(cx, dict, key) else { return Ok(()) };
    if downcast::<Str>(qualname).is_none() {
        let message = format!("type __qualname__ must be a str, not {}", class_name(cx, qualname));
        return Err(cx.type_error(message));
    }
    class.qualname.set(cx.mutator(), class, qualname);
    Dict::remove(cx, dict, key.value()).map(|_| ())
}

/// `__new__` is a static method, `__init_subclass__` and `__class_getitem__` are class methods without being declared so.
fn wrap_implicit(cx: &mut Cx, class: Gc<Type>) -> PyResult<()> {
    let dict = crate::types::namespace::of(cx, class);
    for (name, kind) in [
        ("__new__", Kind::STATICMETHOD),
        ("__init_subclass__", Kind::CLASSMETHOD),
        ("__class_getitem__", Kind::CLASSMETHOD),
    ] {
        let name = cx.intern(name);
        if let Some(function) = Dict::get_str(cx, dict, name)
            && super::is_exactly(function, Kind::FUNCTION)
        {
            let wrapper = super::records::wrap(cx, kind, function);
            Dict::set_str(cx, dict, name, wrapper)?;
        }
    }
    Ok(())
}

/// What every class has in its namespace: a docstring, and no hash where it only defines equality.
fn complete_namespace(cx: &mut Cx, class: Gc<Type>) -> PyResult<()> {
    let dict = crate::types::namespace::of(cx, class);
    let (eq, hash, doc) = (cx.intern("__eq__"), cx.intern("__hash__"), cx.intern("__doc__"));
    if Dict::get_str(cx, dict, eq).is_some() && Dict::get_str(cx, dict, hash).is_none() {
        Dict::set_str(cx, dict, hash, NONE)?;
    }
    if Dict::get_str(cx, dict, doc).is_none() {
        Dict::set_str(cx, dict, doc, NONE)?;
    }
    let name = cx.intern("__abstractmethods__");
    if let Some(names) = Dict::get_str(cx, dict, name) {
        set_abstract(cx, class, names)?;
    }
    super::note_change();
    let mut position = 0;
    while let Some((key, _)) = Dict::next(dict, &mut position) {
        if downcast::<Str>(key).is_none() {
            let name = super::short_name(class);
            let message = format!("non-string key in the __dict__ of class {name}");
            return crate::warning::warn(cx, Kind::RUNTIME_WARNING, &message);
        }
    }
    Ok(())
}

/// Notes whether a class is abstract.
pub(crate) fn set_abstract(cx: &mut Cx, class: Gc<Type>, names: Value) -> PyResult<()> {
    let flags = class.flags.get() & !ABSTRACT;
    let is_abstract = names != UNBOUND && operations::truth(cx, names)?;
    class.flags.init(if is_abstract { flags | ABSTRACT } else { flags });
    Ok(())
}

/// Notes in a class and its subclasses whether instances have `__del__`.
pub(crate) fn update_finalized(cx: &mut Cx, class: Gc<Type>) {
    let name = cx.intern("__del__");
    let flags = class.flags.get() & !FINALIZED;
    let finalized = lookup(cx, class, name).is_some();
    class.flags.init(if finalized { flags | FINALIZED } else { flags });
    for subclass in subclasses(class) {
        update_finalized(cx, subclass);
    }
}

/// The direct subclasses of a class.
pub(crate) fn subclasses(class: Gc<Type>) -> Vec<Gc<Type>> {
    let Some(list) = downcast::<List>(class.subclasses.get()) else { return Vec::new() };
    let (items, length) = List::snapshot(&list);
    crate::sequence::elements(&items)[..length].iter().filter_map(|item| as_type(item.get())).collect()
}

fn add_subclass(cx: &mut Cx, base: Gc<Type>, class: Gc<Type>) -> PyResult<()> {
    let subclasses = match downcast::<List>(base.subclasses.get()) {
        Some(list) => list,
        None => {
            let list = List::new(cx, &[])?;
            base.subclasses.set(cx.mutator(), base, list.value());
            list
        }
    };
    List::push(cx, subclasses, class.value())
}

fn remove_subclass(cx: &mut Cx, base: Gc<Type>, class: Gc<Type>) {
    let Some(list) = downcast::<List>(base.subclasses.get()) else { return };
    if let Some(at) = subclasses(base).iter().position(|subclass| *subclass == class) {
        super::list::remove_at(cx, list, at as i64);
    }
}

/// `class.__bases__ = bases`: the orders of the class and of all its subclasses are computed anew.
pub fn set_bases(cx: &mut Cx, class: Gc<Type>, value: Value) -> PyResult<()> {
    if class.flags.get() & HEAP_TYPE == 0 {
        let message = format!("cannot set '__bases__' attribute of immutable type '{}'", name_of(class));
        return Err(cx.type_error(message));
    }
    let Some(tuple) = downcast::<Tuple>(value) else {
        let message = format!("can only assign tuple to {}.__bases__, not {}", name_of(class), class_name(cx, value));
        return Err(cx.type_error(message));
    };
    if tuple_items(&tuple).is_empty() {
        let message = format!("can only assign non-empty tuple to {}.__bases__, not ()", name_of(class));
        return Err(cx.type_error(message));
    }
    let mut bases = Vec::new();
    for base in tuple_items(&tuple) {
        let Some(base) = as_type(*base) else {
            let message =
                format!("{}.__bases__ must be tuple of classes, not '{}'", name_of(class), class_name(cx, *base));
            return Err(cx.type_error(message));
        };
        // The chain of bases as well: a `mro()` that runs now may have changed it before the orders.
        if is_subclass(base, class)
            || std::iter::successors(Some(base), |base| base.base.get()).any(|base| base == class)
        {
            return Err(cx.type_error("a __bases__ item causes an inheritance cycle"));
        }
        bases.push(base);
    }
    let best = best_base(cx, &bases)?;
    let old = class.base.get().expect("a class made by a class statement has a base");
    if !have_same_layout(best, old) {
        let message =
            format!("__bases__ assignment: '{}' object layout differs from '{}'", name_of(best), name_of(old));
        return Err(cx.type_error(message));
    }
    let old_bases = base_types(cx, class.bases.get())?;
    let old_tuple = class.bases.get();
    super::withdraw(cx, class);
    class.bases.set(cx.mutator(), class, value);
    class.base.set(cx.mutator(), class, Some(best));
    let renewed = renew_orders(cx, class);
    // A `mro()` may have assigned once more, which counts then.
    let is_current = class.bases.get() == value;
    if let Err(raised) = renewed {
        if is_current {
            class.bases.set(cx.mutator(), class, old_tuple);
            class.base.set(cx.mutator(), class, Some(old));
            let pending = cx.take_raised();
            let _ = renew_orders(cx, class);
            cx.raised.set(pending);
        }
        return Err(raised);
    }
    if !is_current || class.flags.get() & UNORDERED != 0 {
        return Ok(());
    }
    for base in old_bases {
        remove_subclass(cx, base, class);
    }
    for base in bases {
        add_subclass(cx, base, class)?;
    }
    super::note_change();
    update_finalized(cx, class);
    Ok(())
}

fn renew_orders(cx: &mut Cx, class: Gc<Type>) -> PyResult<()> {
    cx.check_native_stack()?;
    let bases = base_types(cx, class.bases.get())?;
    let metaclass = class_of(cx, class.value());
    if !renew_order(cx, class, metaclass, &bases)? {
        return Ok(());
    }
    let order = class.mro.get();
    for subclass in subclasses(class) {
        if class.mro.get() != order {
            break;
        }
        renew_orders(cx, subclass)?;
    }
    super::note_change();
    Ok(())
}

/// Computes the order of one class. False where a `mro()` has set it in the meantime.
fn renew_order(cx: &mut Cx, class: Gc<Type>, metaclass: Gc<Type>, bases: &[Gc<Type>]) -> PyResult<bool> {
    let old = class.mro.get();
    let order = resolution_order(cx, class, metaclass, bases)?;
    if class.mro.get() != old {
        return Ok(false);
    }
    super::withdraw(cx, class);
    class.mro.set(cx.mutator(), class, order);
    class.flags.init(class.flags.get() & !UNORDERED);
    Ok(true)
}

/// Whether instances of two classes are built alike: the same built-in layout and as many slots of the same names.
pub(crate) fn have_same_layout(lhs: Gc<Type>, rhs: Gc<Type>) -> bool {
    const LAYOUT: u64 = HAS_DICT | HAS_WEAKREF;
    if lhs == rhs {
        return true;
    }
    if lhs.kind.get() != rhs.kind.get() || (lhs.flags.get() ^ rhs.flags.get()) & LAYOUT != 0 {
        return false;
    }
    let (lhs, rhs) = (solid_base(lhs), solid_base(rhs));
    lhs == rhs
        || match (lhs.base.get(), rhs.base.get()) {
            (Some(lhs_base), Some(rhs_base)) => {
                slots::own_names(lhs) == slots::own_names(rhs)
                    && lhs.flags.get() & HEAP_TYPE != 0
                    && lhs_base == rhs_base
            }
            _ => false,
        }
}
