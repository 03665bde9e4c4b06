//! Attributes: `object.name` in all its forms, and what inline caches may remember of it.

use crate::cx::{Cx, NONE, UNBOUND};
use crate::kinds::{Kind, shapes};
use crate::object::allocate;
use crate::objects::*;
use crate::sequence::elements;
use crate::shape::{MAX_INLINE, Place, Shape, ShapeKind, shape};
use crate::string::{StrExt, downcast};
use crate::types::{self, as_type, class_of, is_exactly, lookup, name_of, shape_id};
use crate::{PyResult, call, types::class_name};
use vm_heap::{Field, Gc, Value};

/// Where an attribute was found, for inline caches.
#[derive(Clone, Copy, Debug)]
pub enum Found {
    /// In a slot of objects of the receiver's shape.
    Slot(Place),
    /// In the class, with nothing to bind: this very value.
    Constant(Value),
    /// In the class: a function that takes the receiver as its first argument.
    Method(Value),
    /// In the class: a property with this getter (a Python function).
    Getter(Value),
    /// In a module: this cell.
    Cell(Gc<GlobalCell>),
    /// Somewhere that only the general lookup finds.
    Uncacheable,
}

/// The field `attributes` of an object that can have attributes of its own.
pub fn attributes_of(cx: &Cx, object: Value) -> Option<&'static Field<Option<Gc<Array>>>> {
    if !object.is_object() {
        return None;
    }
    let class = class_of(cx, object);
    let exact_builtin = class.flags.get() & types::HEAP_TYPE == 0;
    /// Built-in types whose own instances have attributes.
    const ALWAYS: [Kind; 3] = [Kind::FUNCTION, Kind::PARTIAL, Kind::LRU_CACHE];
    let kind = class.kind.get();
    let has = if is_exception_kind(kind) || is_stream_kind(kind) || ALWAYS.iter().any(|always| *always as u64 == kind) {
        true
    } else {
        !exact_builtin
            && ([Kind::OBJECT, Kind::LIST, Kind::DICT, Kind::SET, Kind::FROZENSET, Kind::PROPERTY]
                .iter()
                .any(|candidate| *candidate as u64 == kind)
                || (Kind::DEQUE as u64..=Kind::TOKEN_MISSING as u64).contains(&kind))
    };
    // SAFETY: these objects have the field at this offset (objects.rs).
    has.then(|| unsafe { &*((object.address() + ATTRIBUTES_OFFSET) as *const Field<Option<Gc<Array>>>) })
}

/// Whether instances of the built-in type with this number are exceptions.
fn is_exception_kind(kind: u64) -> bool {
    (Kind::BASE_EXCEPTION as u64..256).contains(&kind)
}

/// Whether instances of the built-in type with this number are streams of `_io`.
fn is_stream_kind(kind: u64) -> bool {
    (Kind::IO_BASE as u64..=Kind::STRING_IO as u64).contains(&kind)
}

/// The value in a slot.
fn slot_field(object: Value, place: Place, attributes: &Field<Option<Gc<Array>>>) -> Option<Value> {
    let read = |word: &Field<u64>, field: &Field<Value>| {
        // A commit under way must not be seen half done.
        if vm_stm::are_transactions() { vm_stm::read_outside(word.word(), field.word()) } else { field.get() }
    };
    match place {
        Place::Inline(offset) => {
            // SAFETY: the object's shape has an inline slot at this offset.
            let field = unsafe { &*((object.address() + offset) as *const Field<Value>) };
            Some(read(&instance_handle(object)?.word, field))
        }
        Place::Overflow(index) => {
            let array = attributes.get_acquire()?;
            Some(read(&array.word, elements(&array).get(index)?))
        }
    }
}

/// The attribute dict of an object in dictionary mode.
fn dictionary_of(object: Value, attributes: &Field<Option<Gc<Array>>>) -> Option<Gc<Dict>> {
    let _ = object;
    attributes.get_acquire().and_then(|array| downcast::<Dict>(array.value()))
}

/// An attribute of the object itself, without its class.
pub fn own_attribute(cx: &mut Cx, object: Value, name: Gc<Str>) -> Option<(Value, Found)> {
    let attributes = attributes_of(cx, object)?;
    let shape = shape(shape_id(object));
    if shape.kind == ShapeKind::Dictionary {
        let dict = dictionary_of(object, attributes)?;
        return Dict::get_str(cx, dict, name).map(|value| (value, Found::Uncacheable));
    }
    let place = shape.place(shape.slot(name)?);
    let value = slot_field(object, place, attributes)?;
    (value != UNBOUND).then_some((value, Found::Slot(place)))
}

/// Whether a class attribute takes precedence over instance attributes.
fn is_data_descriptor(cx: &mut Cx, value: Value) -> bool {
    if !value.is_object() {
        return false;
    }
    if is_exactly(value, Kind::PROPERTY) || is_exactly(value, Kind::GETSET_DESCRIPTOR) {
        return true;
    }
    let id = shape_id(value);
    if id == shapes::FUNCTION || id == shapes::METHOD_DESCRIPTOR || id == shapes::BUILTIN {
        return false;
    }
    types::lookup_special(cx, value, "__set__").is_some() || types::lookup_special(cx, value, "__delete__").is_some()
}

/// Binds a class attribute found for `object` (`None`: looked up on the class itself).
pub fn bind(cx: &mut Cx, value: Value, object: Option<Value>, class: Gc<Type>) -> PyResult {
    if !value.is_object() {
        return Ok(value);
    }
    let id = shape_id(value);
    if id == shapes::FUNCTION || id == shapes::METHOD_DESCRIPTOR {
        return Ok(match object {
            Some(object) => bind_method(cx, value, object),
            None => value,
        });
    }
    if id == shapes::STATICMETHOD {
        return Ok(downcast::<Record>(value).expect("staticmethods are records").first.get());
    }
    if id == shapes::CLASSMETHOD {
        let function = downcast::<Record>(value).expect("classmethods are records").first.get();
        return Ok(bind_method(cx, function, class.value()));
    }
    if id == shapes::PROPERTY {
        let Some(object) = object else { return Ok(value) };
        let getter = downcast::<Record>(value).expect("properties are records").first.get();
        if getter == NONE {
            let message = format!("property of '{}' object has no getter", class_name(cx, object));
            return Err(cx.raise(Kind::ATTRIBUTE_ERROR, message));
        }
        return call::call(cx, getter, &[object], None);
    }
    if id == shapes::GETSET_DESCRIPTOR {
        let Some(object) = object else { return Ok(value) };
        return call::call_native(cx, value, &[object], None);
    }
    match types::lookup_special(cx, value, "__get__") {
        Some(getter) => call::call(cx, getter, &[value, object.unwrap_or(NONE), class.value()], None),
        None => Ok(value),
    }
}

/// A bound method.
pub fn bind_method(cx: &mut Cx, function: Value, receiver: Value) -> Value {
    if is_exactly(function, Kind::METHOD_DESCRIPTOR) {
        let native = downcast::<Native>(function).expect("method descriptors are natives");
        let bound = allocate::<Native>(cx.mutator(), shapes::BUILTIN);
        bound.definition.init(native.definition.get());
        bound.receiver.init(receiver);
        return bound.value();
    }
    let method = allocate::<Method>(cx.mutator(), shapes::METHOD);
    method.function.init(function);
    method.receiver.init(receiver);
    method.value()
}

/// `object.name`, or `None` where there is no such attribute. Does not consult `__getattr__`.
pub fn find(cx: &mut Cx, object: Value, name: Gc<Str>) -> PyResult<Option<(Value, Found)>> {
    let class = class_of(cx, object);
    if let Some(own) = as_type(object) {
        return find_in_type(cx, own, class, name);
    }
    if let Some(module) = downcast::<Module>(object) {
        return find_in_module(cx, module, class, name);
    }
    if let Some(value) = find_in_record(cx, object, name)? {
        return Ok(Some((value, Found::Uncacheable)));
    }
    let in_class = lookup(cx, class, name);
    if let Some(value) = in_class
        && is_data_descriptor(cx, value)
    {
        let found = match downcast::<Record>(value) {
            Some(property) if is_exactly(value, Kind::PROPERTY) && is_exactly(property.first.get(), Kind::FUNCTION) => {
                Found::Getter(property.first.get())
            }
            _ => Found::Uncacheable,
        };
        return bind(cx, value, Some(object), class).map(|value| Some((value, found)));
    }
    if let Some((value, found)) = own_attribute(cx, object, name) {
        return Ok(Some((value, found)));
    }
    let Some(value) = in_class else {
        // A bound method shows the attributes of its function.
        return match downcast::<Method>(object) {
            Some(method) => Ok(find(cx, method.function.get(), name)?.map(|(value, _)| (value, Found::Uncacheable))),
            None => Ok(None),
        };
    };
    let found = class_attribute_kind(value, object);
    bind(cx, value, Some(object), class).map(|value| Some((value, found)))
}

/// Attributes that `super` objects and namespaces keep elsewhere.
fn find_in_record(cx: &mut Cx, object: Value, name: Gc<Str>) -> PyResult<Option<Value>> {
    if !object.is_object() {
        return Ok(None);
    }
    match shape_id(object) {
        shapes::SUPER => types::records::attribute_of_super(cx, object, name),
        shapes::SIMPLE_NAMESPACE => Ok(types::singletons::namespace_attribute(cx, object, name)),
        _ => Ok(None),
    }
}

/// What an inline cache may remember of a class attribute that no attribute of the object hides.
fn class_attribute_kind(value: Value, object: Value) -> Found {
    if object.is_object() && shape(shape_id(object)).kind == ShapeKind::Dictionary {
        return Found::Uncacheable;
    }
    if !value.is_object() {
        return Found::Constant(value);
    }
    let id = shape_id(value);
    if id == shapes::FUNCTION || id == shapes::METHOD_DESCRIPTOR {
        Found::Method(value)
    } else if id == shapes::STATICMETHOD {
        Found::Constant(downcast::<Record>(value).expect("staticmethods are records").first.get())
    } else if [shapes::STR, shapes::TUPLE, shapes::LIST, shapes::DICT, shapes::BUILTIN, shapes::BYTES].contains(&id) {
        Found::Constant(value)
    } else {
        Found::Uncacheable
    }
}

fn find_in_type(cx: &mut Cx, own: Gc<Type>, metaclass: Gc<Type>, name: Gc<Str>) -> PyResult<Option<(Value, Found)>> {
    let in_metaclass = lookup(cx, metaclass, name);
    if let Some(value) = in_metaclass
        && is_data_descriptor(cx, value)
    {
        return bind(cx, value, Some(own.value()), metaclass).map(|value| Some((value, Found::Uncacheable)));
    }
    if let Some(value) = lookup(cx, own, name) {
        let found = match class_attribute_kind(value, own.value()) {
            // Looked up on the class, a function is not bound.
            Found::Method(function) => Found::Constant(function),
            other => other,
        };
        return bind(cx, value, None, own).map(|value| Some((value, found)));
    }
    match in_metaclass {
        Some(value) => bind(cx, value, Some(own.value()), metaclass).map(|value| Some((value, Found::Uncacheable))),
        None => Ok(None),
    }
}

fn find_in_module(cx: &mut Cx, module: Gc<Module>, class: Gc<Type>, name: Gc<Str>) -> PyResult<Option<(Value, Found)>> {
    let dict = module.dict.get();
    if name.bytes() == b"__dict__" {
        return Ok(Some((dict.value(), Found::Uncacheable)));
    }
    if let Some(value) = Dict::get_str(cx, dict, name) {
        let hash = name.hash_value(cx);
        let cell = Dict::cell(cx, dict, name.value(), hash)?;
        return Ok(Some((value, Found::Cell(cell))));
    }
    if let Some(value) = lookup(cx, class, name) {
        return bind(cx, value, Some(module.value()), class).map(|value| Some((value, Found::Uncacheable)));
    }
    let hook = cx.intern("__getattr__");
    if let Some(hook) = Dict::get_str(cx, dict, hook) {
        return call::call(cx, hook, &[name.value()], None).map(|value| Some((value, Found::Uncacheable)));
    }
    Ok(None)
}

/// Where `object.name` would be found, if an inline cache may remember it. Runs no Python code and changes nothing.
pub fn locate(cx: &mut Cx, object: Value, name: Gc<Str>) -> Option<Found> {
    let class = class_of(cx, object);
    let hook = cx.intern("__getattribute__");
    if class.flags.get() & types::HEAP_TYPE != 0
        && lookup(cx, class, hook).is_some_and(|hook| is_exactly(hook, Kind::FUNCTION))
    {
        return None;
    }
    if let Some(module) = downcast::<Module>(object) {
        Dict::get_str(cx, module.dict.get(), name)?;
        let hash = name.hash_value(cx);
        return Dict::cell(cx, module.dict.get(), name.value(), hash).ok().map(Found::Cell);
    }
    let in_class = lookup(cx, class, name);
    if let Some(own) = as_type(object) {
        if in_class.is_some() {
            return None;
        }
        let value = lookup(cx, own, name)?;
        return Some(match class_attribute_kind(value, object) {
            Found::Method(function) => Found::Constant(function),
            other => other,
        });
    }
    if let Some(value) = in_class
        && is_data_descriptor(cx, value)
    {
        let property = downcast::<Record>(value).filter(|_| is_exactly(value, Kind::PROPERTY))?;
        let getter = property.first.get();
        return is_exactly(getter, Kind::FUNCTION).then_some(Found::Getter(getter));
    }
    if attributes_of(cx, object).is_some() {
        let shape = shape(shape_id(object));
        if shape.kind == ShapeKind::Dictionary {
            return None;
        }
        if let Some(slot) = shape.slot(name) {
            return Some(Found::Slot(shape.place(slot)));
        }
    }
    in_class.map(|value| class_attribute_kind(value, object))
}

/// `object.name` as Python sees it.
pub fn get(cx: &mut Cx, object: Value, name: Gc<Str>) -> PyResult {
    get_cacheable(cx, object, name).map(|(value, _)| value)
}

/// `object.name`, or `None` where looking it up raises AttributeError.
pub fn get_optional(cx: &mut Cx, object: Value, name: Gc<Str>) -> PyResult<Option<Value>> {
    match get(cx, object, name) {
        Ok(value) => Ok(Some(value)),
        Err(raised) => {
            if !types::is_instance(cx, cx.raised.get(), Kind::ATTRIBUTE_ERROR) {
                return Err(raised);
            }
            cx.take_raised();
            Ok(None)
        }
    }
}

/// `object.name`, and what an inline cache may remember of it.
pub fn get_cacheable(cx: &mut Cx, object: Value, name: Gc<Str>) -> PyResult<(Value, Found)> {
    let class = class_of(cx, object);
    if class.flags.get() & types::HEAP_TYPE != 0
        && let Some(hook) = types::lookup_special(cx, object, "__getattribute__")
        && is_exactly(hook, Kind::FUNCTION)
    {
        let result = call::call(cx, hook, &[object, name.value()], None);
        return match result {
            Ok(value) => Ok((value, Found::Uncacheable)),
            Err(raised) => fallback(cx, object, name, Some(raised)),
        };
    }
    get_default(cx, object, name)
}

/// `object.__getattribute__(name)` followed by `__getattr__`.
pub fn get_default(cx: &mut Cx, object: Value, name: Gc<Str>) -> PyResult<(Value, Found)> {
    match find(cx, object, name) {
        Ok(Some(found)) => Ok(found),
        Ok(None) => fallback(cx, object, name, None),
        Err(raised) => fallback(cx, object, name, Some(raised)),
    }
}

fn fallback(cx: &mut Cx, object: Value, name: Gc<Str>, raised: Option<vm_machine::Raised>) -> PyResult<(Value, Found)> {
    if let Some(raised) = raised
        && !types::is_instance(cx, cx.raised.get(), Kind::ATTRIBUTE_ERROR)
    {
        return Err(raised);
    }
    let class = class_of(cx, object);
    if class.flags.get() & types::HEAP_TYPE != 0
        && let Some(hook) = types::lookup_special(cx, object, "__getattr__")
    {
        cx.take_raised();
        return call::call(cx, hook, &[object, name.value()], None).map(|value| (value, Found::Uncacheable));
    }
    match raised {
        Some(raised) => Err(raised),
        None => Err(missing(cx, object, name)),
    }
}

/// The AttributeError of a missing attribute.
pub fn missing(cx: &mut Cx, object: Value, name: Gc<Str>) -> vm_machine::Raised {
    let name_text = name.to_text();
    let message = if let Some(class) = as_type(object) {
        format!("type object '{}' has no attribute '{}'", name_of(class), name_text)
    } else if let Some(module) = downcast::<Module>(object) {
        let key = cx.intern("__name__");
        let module_name = Dict::get_str(cx, module.dict.get(), key)
            .and_then(downcast::<Str>)
            .map_or_else(|| "?".to_string(), |name| name.to_text());
        format!("module '{module_name}' has no attribute '{name_text}'")
    } else {
        format!("'{}' object has no attribute '{}'", class_name(cx, object), name_text)
    };
    let raised = cx.raise(Kind::ATTRIBUTE_ERROR, message);
    if let Some(exception) = downcast::<Exception>(cx.raised.get()) {
        exception.detail.set(cx.mutator(), exception, name.value());
    }
    raised
}

/// `object.name = value` or `del object.name`.
pub fn set(cx: &mut Cx, object: Value, name: Gc<Str>, value: Option<Value>) -> PyResult<()> {
    let class = class_of(cx, object);
    if class.flags.get() & types::HEAP_TYPE != 0 {
        let hook = if value.is_some() { "__setattr__" } else { "__delattr__" };
        if let Some(hook) = types::lookup_special(cx, object, hook)
            && !is_exactly(hook, Kind::METHOD_DESCRIPTOR)
        {
            match value {
                Some(value) => call::call(cx, hook, &[object, name.value(), value], None)?,
                None => call::call(cx, hook, &[object, name.value()], None)?,
            };
            return Ok(());
        }
    }
    set_default(cx, object, name, value)
}

/// `object.__setattr__` and `object.__delattr__`.
pub fn set_default(cx: &mut Cx, object: Value, name: Gc<Str>, value: Option<Value>) -> PyResult<()> {
    let class = class_of(cx, object);
    if let Some(descriptor) = lookup(cx, class, name)
        && let Some(done) = set_through_descriptor(cx, descriptor, object, class, name, value)?
    {
        return Ok(done);
    }
    if let Some(own) = as_type(object) {
        if !types::set_class_attribute(cx, own, name, value)? {
            return Err(missing(cx, object, name));
        }
        return Ok(());
    }
    if let Some(module) = downcast::<Module>(object) {
        let dict = module.dict.get();
        return match value {
            Some(value) => Dict::set_str(cx, dict, name, value),
            None => match Dict::remove(cx, dict, name.value())? {
                Some(_) => Ok(()),
                None => Err(missing(cx, object, name)),
            },
        };
    }
    if let Some(done) = types::singletons::set_namespace_attribute(cx, object, name, value) {
        return done;
    }
    if attributes_of(cx, object).is_none() {
        let kind = if lookup(cx, class, name).is_some() { "is read-only" } else { "" };
        let message = if kind.is_empty() {
            format!(
                "'{}' object has no attribute '{}' and no __dict__ for setting new attributes",
                name_of(class),
                name.to_text()
            )
        } else {
            format!("'{}' object attribute '{}' is read-only", name_of(class), name.to_text())
        };
        return Err(cx.raise(Kind::ATTRIBUTE_ERROR, message));
    }
    match value {
        Some(value) => set_own(cx, object, name, value),
        None => {
            if delete_own(cx, object, name)? {
                Ok(())
            } else {
                Err(missing(cx, object, name))
            }
        }
    }
}

fn set_through_descriptor(
    cx: &mut Cx,
    descriptor: Value,
    object: Value,
    class: Gc<Type>,
    name: Gc<Str>,
    value: Option<Value>,
) -> PyResult<Option<()>> {
    if !descriptor.is_object() {
        return Ok(None);
    }
    let id = shape_id(descriptor);
    if id == shapes::FUNCTION || id == shapes::METHOD_DESCRIPTOR {
        return Ok(None);
    }
    if id == shapes::PROPERTY {
        let property = downcast::<Record>(descriptor).expect("properties are records");
        let (function, role) = match value {
            Some(_) => (property.second.get(), "setter"),
            None => (property.third.get(), "deleter"),
        };
        if function == NONE {
            let message = format!("property '{}' of '{}' object has no {role}", name.to_text(), name_of(class));
            return Err(cx.raise(Kind::ATTRIBUTE_ERROR, message));
        }
        match value {
            Some(value) => call::call(cx, function, &[object, value], None)?,
            None => call::call(cx, function, &[object], None)?,
        };
        return Ok(Some(()));
    }
    if id == shapes::GETSET_DESCRIPTOR {
        call::set_native(cx, descriptor, object, name, value)?;
        return Ok(Some(()));
    }
    let (hook, arguments) = match value {
        Some(value) => ("__set__", vec![descriptor, object, value]),
        None => ("__delete__", vec![descriptor, object]),
    };
    match types::lookup_special(cx, descriptor, hook) {
        Some(hook) => call::call(cx, hook, &arguments, None).map(|_| Some(())),
        None => Ok(None),
    }
}

/// Stores an attribute in the object itself.
pub fn set_own(cx: &mut Cx, object: Value, name: Gc<Str>, value: Value) -> PyResult<()> {
    let attributes = attributes_of(cx, object).expect("checked by the caller");
    let name = cx.runtime.intern_string(cx, name);
    let Some(owner) = instance_handle(object) else { return Ok(()) };
    loop {
        let current = shape(shape_id(object));
        if current.kind == ShapeKind::Dictionary {
            let dict = dictionary_of(object, attributes).expect("an object in dictionary mode has a dict");
            return Dict::set_str(cx, dict, name, value);
        }
        if let Some(slot) = current.slot(name) {
            match current.place(slot) {
                Place::Inline(offset) => {
                    // SAFETY: the object's shape has an inline slot at this offset.
                    unsafe { &*((object.address() + offset) as *const Field<Value>) }.set(cx.mutator(), owner, value)
                }
                Place::Overflow(index) => {
                    let array = attributes.get_acquire().expect("the shape has overflow slots");
                    elements(&array)[index].set(cx.mutator(), array, value)
                }
            }
            return Ok(());
        }
        let slot = current.names.len();
        if slot >= MAX_INLINE * 8 {
            // An object used as a table: a dict serves it better than ever more shapes.
            dictionary(cx, object)?;
            continue;
        }
        let grown = match current.place(slot) {
            Place::Overflow(index) => {
                let length = attributes.get_acquire().map_or(0, |array| elements(&array).len());
                if index >= length { Some(Array::checked(cx, (index + 1).next_multiple_of(4))?) } else { None }
            }
            Place::Inline(_) => None,
        };
        let next = current.with(name);
        let _locked = vm_stm::lock(&owner.word);
        if shape_id(object) != current.id {
            continue; // another thread added an attribute
        }
        if let Some(grown) = grown {
            if let Some(old) = attributes.get() {
                for (field, item) in elements(&grown).iter().zip(elements(&old)) {
                    field.set(cx.mutator(), grown, item.get());
                }
            }
            attributes.set_release(cx.mutator(), owner, Some(grown));
        }
        match current.place(slot) {
            Place::Inline(offset) => {
                // SAFETY: the object has an inline slot at this offset.
                unsafe { &*((object.address() + offset) as *const Field<Value>) }.set(cx.mutator(), owner, value)
            }
            Place::Overflow(index) => {
                let array = attributes.get_acquire().expect("made above");
                elements(&array)[index].set(cx.mutator(), array, value)
            }
        }
        owner.header().set_shape(next.id);
        note_slots(current.class, slot + 1);
        return Ok(());
    }
}

/// Learns how many attributes instances of a class have, for the inline slots of later ones.
fn note_slots(class: Gc<Type>, slots: usize) {
    if slots as u64 > class.slots_seen.get() && class.kind.get() == Kind::OBJECT as u64 && slots <= MAX_INLINE {
        class.slots_seen.init(slots as u64);
        if slots > types::instance_shape(class).inline {
            types::renew_instance_shape(class);
        }
    }
}

fn instance_handle(object: Value) -> Option<Gc<Instance>> {
    // SAFETY: every object with attributes starts with header, version word and attributes, as `Instance` does.
    object.is_object().then(|| unsafe { Gc::from_address(object.address()) })
}

fn delete_own(cx: &mut Cx, object: Value, name: Gc<Str>) -> PyResult<bool> {
    if own_attribute(cx, object, name).is_none() {
        return Ok(false);
    }
    // Deletion is rare: the object keeps its attributes in a dict from then on.
    let dict = dictionary(cx, object)?;
    Ok(Dict::remove(cx, dict, name.value())?.is_some())
}

/// `object.__dict__`: from now on the object keeps its attributes in a dict.
pub fn dictionary(cx: &mut Cx, object: Value) -> PyResult<Gc<Dict>> {
    let attributes = attributes_of(cx, object).expect("checked by the caller");
    let Some(owner) = instance_handle(object) else { unreachable!("only objects have attributes") };
    let current = shape(shape_id(object));
    if current.kind == ShapeKind::Dictionary {
        return Ok(dictionary_of(object, attributes).expect("an object in dictionary mode has a dict"));
    }
    let dict = Dict::new(cx);
    for (slot, name) in current.names.iter().enumerate() {
        if let Some(value) = slot_field(object, current.place(slot), attributes)
            && value != UNBOUND
        {
            Dict::set_str(cx, dict, *name, value)?;
        }
    }
    let target = dictionary_shape(current);
    let _locked = vm_stm::lock(&owner.word);
    // SAFETY: the field holds the dict as a plain object pointer; readers look at its layout.
    let as_array: Gc<Array> = unsafe { Gc::from_address(dict.address()) };
    attributes.set_release(cx.mutator(), owner, Some(as_array));
    owner.header().set_shape(target.id);
    Ok(dict)
}

fn dictionary_shape(current: &'static Shape) -> &'static Shape {
    current.dictionary_form()
}

/// All attributes of the object itself, in order, without changing how it keeps them.
pub fn own_names(cx: &mut Cx, object: Value) -> Vec<Gc<Str>> {
    let Some(attributes) = attributes_of(cx, object) else { return Vec::new() };
    let current = shape(shape_id(object));
    if current.kind == ShapeKind::Dictionary {
        return dictionary_of(object, attributes)
            .map(|dict| Dict::entries(dict).into_iter().filter_map(|(key, _)| downcast::<Str>(key)).collect())
            .unwrap_or_default();
    }
    current.names.clone()
}
