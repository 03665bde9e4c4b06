//! `_abc`: what the library's `abc.ABCMeta` is built on.
//!
//! An abstract base class has three tables of classes: those registered, those known to be its subclasses and those known
//! not to be. They hold classes weakly, by identity: an entry whose class has died is as good as none.

use crate::module_of;
use py_macros::py_functions;
use py_object::objects::{Dict, List, Module, Record, Str, Tuple, Type};
use py_object::sequence::tuple_items;
use py_object::types::weak::{self, WeakReference};
use py_object::types::{self, as_type, class_of, collection, int, list, object, set};
use py_object::{
    Cx, FALSE, Kind, NONE, NOT_IMPLEMENTED, PyResult, TRUE, allocate, attribute, call, downcast, operations,
};
use std::sync::atomic::{AtomicI64, Ordering};
use vm_heap::{Gc, Value};

/// Changes with every registration: what was found not to be a subclass may be one now.
static REGISTRATIONS: AtomicI64 = AtomicI64::new(0);

/// The tables of a class: registered, subclasses, others, and the count of registrations that the others hold for.
fn data_of(cx: &mut Cx, class: Value) -> PyResult<Gc<Record>> {
    let name = cx.intern("_abc_impl");
    let data = attribute::get(cx, class, name)?;
    match downcast::<Record>(data).filter(|_| types::is_exactly(data, Kind::ABC_DATA)) {
        Some(data) => Ok(data),
        None => Err(cx.type_error("_abc_impl is set to a wrong type")),
    }
}

fn table(value: Value) -> Gc<Dict> {
    downcast::<Dict>(value).expect("made in `_abc_init`")
}

fn key(class: Value) -> Value {
    Value::int(object::identity(class))
}

fn live_class(cx: &Cx, reference: Value) -> Option<Value> {
    weak::target(cx, downcast::<WeakReference>(reference)?)
}

fn holds(cx: &mut Cx, table: Gc<Dict>, class: Value) -> PyResult<bool> {
    let found = Dict::get(cx, table, key(class))?;
    Ok(found.and_then(|reference| live_class(cx, reference)) == Some(class))
}

fn enter(cx: &mut Cx, table: Gc<Dict>, class: Value) -> PyResult<()> {
    // Entries of dead classes are dropped now and then.
    let length = Dict::length(table);
    if length >= 64 && length.is_power_of_two() {
        for (known, reference) in entries(cx, table)? {
            if live_class(cx, reference).is_none() {
                Dict::remove(cx, table, known)?;
            }
        }
    }
    let kind = cx.builtin_type(Kind::WEAK_REFERENCE);
    let reference = weak::new(cx, kind, class, NONE)?;
    Dict::set(cx, table, key(class), reference)
}

/// Keys and references, none of which the caller needs to keep alive: the table does.
fn entries(_cx: &mut Cx, table: Gc<Dict>) -> PyResult<Vec<(Value, Value)>> {
    let mut all = Vec::new();
    let mut at = 0;
    while let Some(entry) = Dict::next(table, &mut at) {
        all.push(entry);
    }
    Ok(all)
}

/// The live classes of a table as a list.
fn classes(cx: &mut Cx, table: Gc<Dict>) -> PyResult<Gc<List>> {
    let result = List::new(cx, &[])?;
    let mut at = 0;
    while let Some((_, reference)) = Dict::next(table, &mut at) {
        if let Some(class) = live_class(cx, reference) {
            List::push(cx, result, class)?;
        }
    }
    Ok(result)
}

fn is_abstract(cx: &mut Cx, value: Value) -> PyResult<bool> {
    let name = cx.intern("__isabstractmethod__");
    match attribute::get_optional(cx, value, name)? {
        Some(flag) => operations::truth(cx, flag),
        None => Ok(false),
    }
}

/// Sets `__abstractmethods__` from the class's own namespace and what its bases leave abstract.
fn note_abstract_methods(cx: &mut Cx, class: Gc<Type>) -> PyResult<()> {
    let names = set::new(cx);
    let mut at = 0;
    let namespace = types::namespace::of(cx, class);
    while let Some((name, value)) = Dict::next(namespace, &mut at) {
        if is_abstract(cx, value)? {
            set::add(cx, names, name)?;
        }
    }
    let attribute_name = cx.intern("__abstractmethods__");
    if let Some(bases) = downcast::<Tuple>(class.bases.get()) {
        for base in tuple_items(&bases) {
            let Some(inherited) = attribute::get_optional(cx, *base, attribute_name)? else { continue };
            let inherited = list::from_iterable(cx, inherited)?;
            for at in 0..list::length(inherited) {
                let Some(name) = list::item(inherited, at).and_then(downcast::<Str>) else { continue };
                if let Some(value) = attribute::get_optional(cx, class.value(), name)?
                    && is_abstract(cx, value)?
                {
                    set::add(cx, names, name.value())?;
                }
            }
        }
    }
    let frozen = cx.builtin_type(Kind::FROZENSET);
    let names = call::call(cx, frozen.value(), &[names.value()], None)?;
    attribute::set(cx, class.value(), attribute_name, Some(names))
}

fn is_subclass(cx: &mut Cx, class: Value, subclass: Value) -> PyResult<bool> {
    if as_type(subclass).is_none() {
        return Err(cx.type_error("issubclass() arg 1 must be a class"));
    }
    let data = data_of(cx, class)?;
    let (known, others) = (table(data.second.get()), table(data.third.get()));
    if holds(cx, known, subclass)? {
        return Ok(true);
    }
    let now = Value::int(REGISTRATIONS.load(Ordering::Acquire));
    if data.fourth.get() != now {
        Dict::clear(cx, others);
        data.fourth.set(cx.mutator(), data, now);
    } else if holds(cx, others, subclass)? {
        return Ok(false);
    }
    match call::call_method(cx, class, "__subclasshook__", &[subclass])? {
        TRUE => {
            enter(cx, known, subclass)?;
            return Ok(true);
        }
        FALSE => {
            enter(cx, others, subclass)?;
            return Ok(false);
        }
        NOT_IMPLEMENTED => {}
        _ => {
            let message = "__subclasshook__ must return either False, True, or NotImplemented";
            return Err(cx.raise(Kind::ASSERTION_ERROR, message));
        }
    }
    if derives(cx, class, subclass)? {
        enter(cx, known, subclass)?;
        return Ok(true);
    }
    enter(cx, others, subclass)?;
    Ok(false)
}

/// Whether a class derives from this one, from a registered class or from a subclass of this one.
fn derives(cx: &mut Cx, class: Value, subclass: Value) -> PyResult<bool> {
    let name = cx.intern("__mro__");
    if let Some((order, _)) = attribute::find(cx, subclass, name)?
        && let Some(order) = downcast::<Tuple>(order)
        && tuple_items(&order).contains(&class)
    {
        return Ok(true);
    }
    let data = data_of(cx, class)?;
    let registered = classes(cx, table(data.first.get()))?;
    let subclasses = call::call_method(cx, class, "__subclasses__", &[])?;
    let subclasses = list::from_iterable(cx, subclasses)?;
    for candidates in [registered, subclasses] {
        for at in 0..list::length(candidates) {
            let Some(candidate) = list::item(candidates, at) else { break };
            if types::class::is_subclass_of(cx, subclass, candidate)? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

fn check(cx: &mut Cx, class: Value, subclass: Value) -> PyResult<bool> {
    let verdict = call::call_method(cx, class, "__subclasscheck__", &[subclass])?;
    operations::truth(cx, verdict)
}

fn is_instance(cx: &mut Cx, class: Value, instance: Value) -> PyResult<bool> {
    let name = cx.intern("__class__");
    let claimed = attribute::get(cx, instance, name)?;
    let data = data_of(cx, class)?;
    if holds(cx, table(data.second.get()), claimed)? {
        return Ok(true);
    }
    let own = class_of(cx, instance).value();
    if own == claimed {
        let is_current = data.fourth.get() == Value::int(REGISTRATIONS.load(Ordering::Acquire));
        if is_current && holds(cx, table(data.third.get()), claimed)? {
            return Ok(false);
        }
        return check(cx, class, claimed);
    }
    Ok(check(cx, class, claimed)? || check(cx, class, own)?)
}

/// What `__abc_tpflags__` says of sequence and mapping patterns; the attribute goes.
fn take_flags(cx: &mut Cx, class: Gc<Type>) -> PyResult<()> {
    const SEQUENCE: i64 = 1 << 5;
    const MAPPING: i64 = 1 << 6;
    let name = cx.intern("__abc_tpflags__");
    let Some(flags) = types::namespace::get(cx, class, name).and_then(int::as_i64) else { return Ok(()) };
    let mut own = 0;
    if flags & SEQUENCE != 0 {
        own |= collection::SEQUENCE;
    }
    if flags & MAPPING != 0 {
        own |= collection::MAPPING;
    }
    collection::set_flags(class, own);
    attribute::set(cx, class.value(), name, None)
}

fn new_data(cx: &mut Cx) -> Gc<Record> {
    let parts = [Dict::new(cx), Dict::new(cx), Dict::new(cx)];
    let data = allocate::<Record>(cx.mutator(), Kind::ABC_DATA.shape());
    for (field, part) in [&data.first, &data.second, &data.third].into_iter().zip(parts) {
        field.init(part.value());
    }
    data.fourth.init(Value::int(REGISTRATIONS.load(Ordering::Acquire)));
    data
}

/// The functions.
pub struct Functions;

#[py_functions("_abc")]
impl Functions {
    /// Returns the current ABC cache token.
    ///
    /// It changes with every call to register() on any ABC.
    #[function]
    fn get_cache_token() -> i64 {
        REGISTRATIONS.load(Ordering::Acquire)
    }
    /// Internal ABC helper for class set-up. Should be never used outside abc module.
    #[function]
    fn _abc_init(cx: &mut Cx, class: Value) -> PyResult<()> {
        let Some(this) = as_type(class) else { return Err(cx.type_error("_abc_init() argument must be a class")) };
        note_abstract_methods(cx, this)?;
        let data = new_data(cx);
        let name = cx.intern("_abc_impl");
        attribute::set(cx, class, name, Some(data.value()))?;
        take_flags(cx, this)
    }
    /// Internal ABC helper for subclass registration. Should be never used outside abc module.
    #[function]
    fn _abc_register(cx: &mut Cx, class: Value, subclass: Value) -> PyResult {
        let Some(registered) = as_type(subclass) else { return Err(cx.type_error("Can only register classes")) };
        if types::class::is_subclass_of(cx, subclass, class)? {
            return Ok(subclass);
        }
        if types::class::is_subclass_of(cx, class, subclass)? {
            return Err(cx.raise(Kind::RUNTIME_ERROR, "Refusing to create an inheritance cycle"));
        }
        let data = data_of(cx, class)?;
        enter(cx, table(data.first.get()), subclass)?;
        REGISTRATIONS.fetch_add(1, Ordering::AcqRel);
        if let Some(class) = as_type(class) {
            let flags = collection::flags_of(class);
            // Built-in classes have what they need; text is registered as a sequence, but patterns do not take it for one.
            if flags != 0 && registered.flags.get() & types::HEAP_TYPE != 0 {
                collection::set_flags(registered, flags);
            }
        }
        Ok(subclass)
    }
    /// Internal ABC helper for instance checks. Should be never used outside abc module.
    #[function]
    fn _abc_instancecheck(cx: &mut Cx, class: Value, instance: Value) -> PyResult<bool> {
        is_instance(cx, class, instance)
    }
    /// Internal ABC helper for subclass checks. Should be never used outside abc module.
    #[function]
    fn _abc_subclasscheck(cx: &mut Cx, class: Value, subclass: Value) -> PyResult<bool> {
        is_subclass(cx, class, subclass)
    }
    /// Internal ABC helper for cache and registry debugging.
    #[function]
    fn _get_dump(cx: &mut Cx, class: Value) -> PyResult<Gc<Tuple>> {
        let data = data_of(cx, class)?;
        let mut parts = [NONE; 4];
        for (part, field) in parts.iter_mut().zip([&data.first, &data.second, &data.third]) {
            let references = set::new(cx);
            let mut at = 0;
            while let Some((_, reference)) = Dict::next(table(field.get()), &mut at) {
                set::add(cx, references, reference)?;
            }
            *part = references.value();
        }
        parts[3] = data.fourth.get();
        Ok(Tuple::new(cx, &parts))
    }
    /// Internal ABC helper to reset registry of a given class.
    #[function]
    fn _reset_registry(cx: &mut Cx, class: Value) -> PyResult<()> {
        let data = data_of(cx, class)?;
        Dict::clear(cx, table(data.first.get()));
        Ok(())
    }
    /// Internal ABC helper to reset both caches of a given class.
    #[function]
    fn _reset_caches(cx: &mut Cx, class: Value) -> PyResult<()> {
        let data = data_of(cx, class)?;
        Dict::clear(cx, table(data.second.get()));
        Dict::clear(cx, table(data.third.get()));
        Ok(())
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    Ok(module_of(cx, "_abc", FUNCTIONS))
}
