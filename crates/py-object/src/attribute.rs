//! Attributes: `object.name` in all its forms, and what inline caches may remember of it.

mod hooks;
mod own;

use hooks::{GETATTR, GETATTRIBUTE, hooks};
pub(crate) use hooks::{
    is_known_plainly_true, is_plainly_true, known_identity_hash, known_tuple_like, plain_identity_hash, tuple_like,
};
pub(crate) use own::instance_handle;
pub use own::{
    attributes_of, delete_own, dictionary, has_dictionary, own_attribute, own_names, set_dictionary, set_own,
    write_slot,
};

use crate::cx::{Cx, NONE};
use crate::kinds::{Kind, shapes};
use crate::native::is_unbound_native;
use crate::object::allocate;
use crate::objects::*;
use crate::shape::{Place, ShapeKind, shape};
use crate::string::{StrExt, downcast};
use crate::types::direct::{self, Special};
use crate::types::exceptions::details;
use crate::types::{self, as_type, class_of, is_exactly, lookup, name_of, shape_id, slots};
use crate::{PyResult, call, types::class_name};
use vm_heap::{Gc, Value};

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
    /// In the class: a computed attribute of a built-in type; see [`get_by_descriptor`].
    Descriptor(Value),
    /// In the class: a field of a named tuple, the item at this index.
    Item(usize),
    /// The same where an object of its own holds the items.
    PayloadItem(usize),
    /// In a module: this cell.
    Cell(Gc<GlobalCell>),
    /// Somewhere that only the general lookup finds.
    Uncacheable,
}

/// Whether a class attribute takes precedence over instance attributes when it is read.
fn is_data_descriptor(cx: &mut Cx, value: Value) -> bool {
    if !value.is_object() {
        return false;
    }
    let id = shape_id(value);
    if id == shapes::PROPERTY || id == shapes::GETSET_DESCRIPTOR || id == shapes::MEMBER_DESCRIPTOR {
        return true;
    }
    if id == shapes::FUNCTION || id == shapes::BUILTIN || is_unbound_native(id) {
        return false;
    }
    if direct::special(cx, value, Special::Set).is_some() && direct::special(cx, value, Special::Get).is_some() {
        return true;
    }
    (types::lookup_special(cx, value, "__set__").is_some() || types::lookup_special(cx, value, "__delete__").is_some())
        && types::lookup_special(cx, value, "__get__").is_some()
}

/// What an inline cache may remember of a data descriptor of a class that runs no code of the program's. No AttributeError
/// of it must lead to `__getattr__`.
fn descriptor_kind(cx: &mut Cx, class: Gc<Type>, value: Value, object: Value) -> Found {
    if is_exactly(value, Kind::TUPLE_GETTER)
        && let Some(getter) = downcast::<TupleGetter>(value)
        && let Ok(index) = usize::try_from(getter.index.get())
        && let Some(tuple) = downcast::<Tuple>(object)
    {
        return if tuple.value() == object { Found::Item(index) } else { Found::PayloadItem(index) };
    }
    let plain = class.flags.get() & types::HEAP_TYPE == 0 || hooks(cx, class) & GETATTR == 0;
    if plain && is_exactly(value, Kind::GETSET_DESCRIPTOR) { Found::Descriptor(value) } else { Found::Uncacheable }
}

/// What a remembered descriptor gives for an object.
pub fn get_by_descriptor(cx: &mut Cx, descriptor: Value, object: Value) -> PyResult {
    let native = downcast::<Native>(descriptor).expect("only such descriptors are remembered");
    let definition = call::definition(native);
    call::check_descriptor(cx, descriptor, object)?;
    call::check_block(cx, descriptor, native, definition, object)?;
    let result = (definition.call)(cx, &[object], None);
    if result.is_err() {
        let name = cx.name(definition.name);
        note_context(cx, object, name);
    }
    result
}

/// Binds a class attribute found for `object` (`None`: looked up on the class itself).
pub fn bind(cx: &mut Cx, value: Value, object: Option<Value>, class: Gc<Type>) -> PyResult {
    if !value.is_object() {
        return Ok(value);
    }
    let id = shape_id(value);
    if id == shapes::FUNCTION || is_unbound_native(id) {
        return Ok(match object {
            Some(object) => bind_method(cx, value, object),
            None => value,
        });
    }
    if id == shapes::CLASSMETHOD_DESCRIPTOR {
        return Ok(bind_native(cx, value, class.value(), Kind::BUILTIN));
    }
    if id == shapes::MEMBER_DESCRIPTOR {
        let Some(object) = object else { return Ok(value) };
        return slots::get(cx, value, object).map(|(value, _)| value);
    }
    if id == shapes::STATICMETHOD {
        return Ok(downcast::<Record>(value).expect("staticmethods are records").first.get());
    }
    if id == shapes::CLASSMETHOD {
        let function = downcast::<Record>(value).expect("classmethods are records").first.get();
        return bind_to_class(cx, function, class);
    }
    if id == shapes::PROPERTY {
        let Some(object) = object else { return Ok(value) };
        let getter = downcast::<Record>(value).expect("properties are records").first.get();
        if getter == NONE {
            return Err(types::records::property_lacks(cx, value, object, "getter"));
        }
        return call::call(cx, getter, &[object], None);
    }
    if id == shapes::GETSET_DESCRIPTOR {
        let Some(object) = object else { return Ok(value) };
        call::check_descriptor(cx, value, object)?;
        return call::call_native(cx, value, &[object], None);
    }
    if let Some(getter) = direct::special(cx, value, Special::Get) {
        return getter(cx, &[value, object.unwrap_or(NONE), class.value()], None);
    }
    match types::lookup_special(cx, value, "__get__") {
        Some(getter) => call::call(cx, getter, &[value, object.unwrap_or(NONE), class.value()], None),
        None => Ok(value),
    }
}

/// What a class method's function becomes when it is looked up: bound to the class.
pub(crate) fn bind_to_class(cx: &mut Cx, function: Value, class: Gc<Type>) -> PyResult {
    Ok(bind_method(cx, function, class.value()))
}

/// A native with a receiver; `kind` is BUILTIN or METHOD_WRAPPER.
pub(crate) fn bind_native(cx: &mut Cx, function: Value, receiver: Value, kind: Kind) -> Value {
    let native = downcast::<Native>(function).expect("checked by the caller");
    let bound = allocate::<Native>(cx.mutator(), kind.shape());
    bound.definition.init(native.definition.get());
    bound.receiver.init(receiver);
    bound.value()
}

/// A bound method.
pub fn bind_method(cx: &mut Cx, function: Value, receiver: Value) -> Value {
    if is_exactly(function, Kind::METHOD_DESCRIPTOR) {
        return bind_native(cx, function, receiver, Kind::BUILTIN);
    }
    if is_exactly(function, Kind::WRAPPER_DESCRIPTOR) {
        return bind_native(cx, function, receiver, Kind::METHOD_WRAPPER);
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
    if class.kind.get() == Kind::SUPER as u64
        && let Some(value) = types::records::attribute_of_super(cx, object, name)?
    {
        return Ok(Some((value, Found::Uncacheable)));
    }
    let in_class = lookup(cx, class, name);
    if let Some(value) = in_class
        && is_data_descriptor(cx, value)
    {
        if is_exactly(value, Kind::MEMBER_DESCRIPTOR) {
            return slots::get(cx, value, object).map(Some);
        }
        let found = match downcast::<Record>(value) {
            Some(property) if is_exactly(value, Kind::PROPERTY) && is_exactly(property.first.get(), Kind::FUNCTION) => {
                Found::Getter(property.first.get())
            }
            _ => descriptor_kind(cx, class, value, object),
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

/// What an inline cache may remember of a class attribute that no attribute of the object hides.
fn class_attribute_kind(value: Value, object: Value) -> Found {
    if object.is_object() && shape(shape_id(object)).kind == ShapeKind::Dictionary {
        return Found::Uncacheable;
    }
    if !value.is_object() {
        return Found::Constant(value);
    }
    let id = shape_id(value);
    if id == shapes::FUNCTION || is_unbound_native(id) {
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
    if class == cx.builtin_type(Kind::MODULE) {
        if name.bytes() == b"__dict__" {
            return Ok(Some((dict.value(), Found::Uncacheable)));
        }
    } else if let Some(value) = lookup(cx, class, name)
        && is_data_descriptor(cx, value)
    {
        return bind(cx, value, Some(module.value()), class).map(|value| Some((value, Found::Uncacheable)));
    }
    if let Some(value) = Dict::get_str(cx, dict, name)
        && !types::class::is_computed(name)
    {
        let hash = name.hash_value(cx);
        let cell = Dict::cell(cx, dict, name.value(), hash)?;
        return Ok(Some((value, Found::Cell(cell))));
    }
    if let Some(value) = lookup(cx, class, name) {
        return bind(cx, value, Some(module.value()), class).map(|value| Some((value, Found::Uncacheable)));
    }
    Ok(None)
}

/// Where `object.name` would be found, if an inline cache may remember it. Runs no Python code and changes nothing.
pub fn locate(cx: &mut Cx, object: Value, name: Gc<Str>) -> Option<Found> {
    let class = class_of(cx, object);
    if class.kind.get() == Kind::SUPER as u64 {
        return None;
    }
    if class.flags.get() & types::HEAP_TYPE != 0 && hooks(cx, class) & GETATTRIBUTE != 0
        || class.flags.get() & types::HOOKED != 0
        || class.kind.get() == Kind::SUPER as u64
    {
        return None;
    }
    if let Some(module) = downcast::<Module>(object) {
        if types::class::is_computed(name) {
            return None;
        }
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
        if is_exactly(value, Kind::MEMBER_DESCRIPTOR) {
            let hidden = slots::hidden_of(cx, value, object)?;
            let shape = shape(shape_id(object));
            let slot = shape.slot(hidden).filter(|_| shape.kind == ShapeKind::Slots)?;
            return Some(Found::Slot(shape.place(slot)));
        }
        let kind = descriptor_kind(cx, class, value, object);
        if !matches!(kind, Found::Uncacheable) {
            return Some(kind);
        }
        let property = downcast::<Record>(value).filter(|_| is_exactly(value, Kind::PROPERTY))?;
        let getter = property.first.get();
        return is_exactly(getter, Kind::FUNCTION).then_some(Found::Getter(getter));
    }
    if attributes_of(object).is_some() {
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
    match find_any(cx, object, name) {
        Ok(found) => Ok(found.map(|(value, _)| value)),
        Err(raised) => {
            if !types::is_instance(cx, cx.raised.get(), Kind::ATTRIBUTE_ERROR) {
                return Err(raised);
            }
            cx.take_raised();
            Ok(None)
        }
    }
}

/// The `__getattribute__` that reads the attributes of an object, unless that is the ordinary way.
#[inline]
fn getattribute_hook(cx: &mut Cx, object: Value) -> Option<Value> {
    let class = class_of(cx, object);
    let flags = class.flags.get();
    if flags & (types::HEAP_TYPE | types::HOOKED) == 0
        || flags & types::HOOKED == 0 && hooks(cx, class) & GETATTRIBUTE == 0
    {
        return None;
    }
    types::lookup_special(cx, object, "__getattribute__")
}

/// `object.name`, and what an inline cache may remember of it.
pub fn get_cacheable(cx: &mut Cx, object: Value, name: Gc<Str>) -> PyResult<(Value, Found)> {
    let found = find_any(cx, object, name)?;
    found_or_missing(cx, object, name, found)
}

/// `object.__getattribute__(name)` followed by `__getattr__`, without regard to a `__getattribute__` of the program's.
pub fn get_default(cx: &mut Cx, object: Value, name: Gc<Str>) -> PyResult<(Value, Found)> {
    let found = find_default(cx, object, name)?;
    found_or_missing(cx, object, name, found)
}

/// What any of an object's hooks finds. `None` where there is nothing and nobody has raised anything.
fn find_any(cx: &mut Cx, object: Value, name: Gc<Str>) -> PyResult<Option<(Value, Found)>> {
    let Some(hook) = getattribute_hook(cx, object) else { return find_default(cx, object, name) };
    match call::call_special(cx, hook, object, &[name.value()], None) {
        Ok(value) => Ok(Some((value, Found::Uncacheable))),
        Err(raised) => fallback(cx, object, name, Some(raised)),
    }
}

/// The same without the hook `__getattribute__`.
fn find_default(cx: &mut Cx, object: Value, name: Gc<Str>) -> PyResult<Option<(Value, Found)>> {
    match find(cx, object, name) {
        Ok(Some(found)) => Ok(Some(found)),
        Ok(None) => fallback(cx, object, name, None),
        Err(raised) => fallback(cx, object, name, Some(raised)),
    }
}

fn found_or_missing(
    cx: &mut Cx,
    object: Value,
    name: Gc<Str>,
    found: Option<(Value, Found)>,
) -> PyResult<(Value, Found)> {
    found.ok_or_else(|| missing(cx, object, name))
}

/// What `__getattr__` gives for an attribute that was not found, or for which AttributeError was `raised`. `None` where there is
/// no such method and nothing was raised.
fn fallback(
    cx: &mut Cx,
    object: Value,
    name: Gc<Str>,
    raised: Option<vm_machine::Raised>,
) -> PyResult<Option<(Value, Found)>> {
    if let Some(raised) = raised
        && !types::is_instance(cx, cx.raised.get(), Kind::ATTRIBUTE_ERROR)
    {
        return Err(raised);
    }
    let class = class_of(cx, object);
    if class.flags.get() & types::HEAP_TYPE != 0
        && hooks(cx, class) & GETATTR != 0
        && let Some(hook) = types::lookup_special(cx, object, "__getattr__")
    {
        cx.take_raised();
        return match call::call_special(cx, hook, object, &[name.value()], None) {
            Ok(value) => Ok(Some((value, Found::Uncacheable))),
            Err(raised) => {
                note_context(cx, object, name);
                Err(raised)
            }
        };
    }
    if let Some(module) = downcast::<Module>(object) {
        let key = cx.intern("__getattr__");
        if let Some(hook) = Dict::get_str(cx, module.dict.get(), key) {
            cx.take_raised();
            return call::call(cx, hook, &[name.value()], None).map(|value| Some((value, Found::Uncacheable)));
        }
    }
    match raised {
        Some(raised) => {
            note_context(cx, object, name);
            Err(raised)
        }
        None => Ok(None),
    }
}

/// Tells an AttributeError that a program raised what it is about, unless it knows.
fn note_context(cx: &mut Cx, object: Value, name: Gc<Str>) {
    if !types::is_instance(cx, cx.raised.get(), Kind::ATTRIBUTE_ERROR) {
        return;
    }
    if let Some(exception) = downcast::<Exception>(cx.raised.get())
        && details::get_or_none(exception, details::NAME) == NONE
        && details::get_or_none(exception, details::OBJECT_OF_ATTRIBUTE) == NONE
    {
        details::set(cx, exception, details::NAME, name.value());
        details::set(cx, exception, details::OBJECT_OF_ATTRIBUTE, object);
    }
}

/// The AttributeError of a missing attribute.
pub fn missing(cx: &mut Cx, object: Value, name: Gc<Str>) -> vm_machine::Raised {
    let name_text = name.to_text();
    let message = if let Some(class) = as_type(object) {
        format!("type object '{}' has no attribute '{}'", name_of(class), name_text)
    } else if let Some(module) = downcast::<Module>(object) {
        let key = cx.intern("__name__");
        let module_name = Dict::get_str(cx, module.dict.get(), key).and_then(downcast::<Str>);
        let explained = cx.runtime.explain_missing.get().and_then(|explain| explain(cx, module, name));
        match (explained, module_name) {
            (Some(explained), _) => explained,
            (None, Some(module_name)) => {
                format!("module '{}' has no attribute '{name_text}'", module_name.to_text())
            }
            (None, None) => format!("module has no attribute '{name_text}'"),
        }
    } else {
        format!("'{}' object has no attribute '{}'", class_name(cx, object), name_text)
    };
    raise_missing(cx, object, name, message)
}

/// The same for an object whose class is shown in this way.
pub(crate) fn missing_from(cx: &mut Cx, object: Value, name: Gc<Str>, class: &str) -> vm_machine::Raised {
    let message = format!("'{class}' object has no attribute '{}'", name.to_text());
    raise_missing(cx, object, name, message)
}

fn raise_missing(cx: &mut Cx, object: Value, name: Gc<Str>, message: String) -> vm_machine::Raised {
    let raised = cx.raise(Kind::ATTRIBUTE_ERROR, message);
    if let Some(exception) = downcast::<Exception>(cx.raised.get()) {
        details::set(cx, exception, details::NAME, name.value());
        details::set(cx, exception, details::OBJECT_OF_ATTRIBUTE, object);
    }
    raised
}

/// `object.name = value` or `del object.name`.
pub fn set(cx: &mut Cx, object: Value, name: Gc<Str>, value: Option<Value>) -> PyResult<()> {
    let class = class_of(cx, object);
    if class.flags.get() & (types::HEAP_TYPE | types::HOOKED) != 0 {
        let method = if value.is_some() { "__setattr__" } else { "__delattr__" };
        if let Some(hook) = types::lookup_special(cx, object, method)
            && (!is_ordinary(hook, method) || class.flags.get() & types::HOOKED != 0)
        {
            match value {
                Some(value) => call::call_special(cx, hook, object, &[name.value(), value], None)?,
                None => call::call_special(cx, hook, object, &[name.value()], None)?,
            };
            return Ok(());
        }
    }
    set_default(cx, object, name, value)
}

/// Whether what was found as a special method is a built-in type's method of that name.
fn is_ordinary(hook: Value, method: &str) -> bool {
    is_exactly(hook, Kind::WRAPPER_DESCRIPTOR)
        && downcast::<Native>(hook).is_some_and(|native| call::definition(native).name == method)
}

/// `object.__setattr__` and `object.__delattr__`.
pub fn set_default(cx: &mut Cx, object: Value, name: Gc<Str>, value: Option<Value>) -> PyResult<()> {
    let class = class_of(cx, object);
    if let Some(descriptor) = lookup(cx, class, name)
        && let Some(done) = set_through_descriptor(cx, descriptor, object, name, value)?
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
    if !has_dictionary(cx, object) {
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
    name: Gc<Str>,
    value: Option<Value>,
) -> PyResult<Option<()>> {
    if !descriptor.is_object() {
        return Ok(None);
    }
    let id = shape_id(descriptor);
    if id == shapes::FUNCTION || is_unbound_native(id) {
        return Ok(None);
    }
    if id == shapes::MEMBER_DESCRIPTOR {
        return slots::set(cx, descriptor, object, value).map(Some);
    }
    if id == shapes::PROPERTY {
        let property = downcast::<Record>(descriptor).expect("properties are records");
        let (function, role) = match value {
            Some(_) => (property.second.get(), "setter"),
            None => (property.third.get(), "deleter"),
        };
        if function == NONE {
            return Err(types::records::property_lacks(cx, descriptor, object, role));
        }
        match value {
            Some(value) => call::call(cx, function, &[object, value], None)?,
            None => call::call(cx, function, &[object], None)?,
        };
        return Ok(Some(()));
    }
    if id == shapes::GETSET_DESCRIPTOR {
        call::check_descriptor(cx, descriptor, object)?;
        call::set_native(cx, descriptor, object, name, value)?;
        return Ok(Some(()));
    }
    let (hook, other) = if value.is_some() { ("__set__", "__delete__") } else { ("__delete__", "__set__") };
    match (types::lookup_special(cx, descriptor, hook), value) {
        (Some(hook), Some(value)) => call::call_special(cx, hook, descriptor, &[object, value], None).map(|_| Some(())),
        (Some(hook), None) => call::call_special(cx, hook, descriptor, &[object], None).map(|_| Some(())),
        (None, _) if types::lookup_special(cx, descriptor, other).is_some() => {
            Err(cx.raise(Kind::ATTRIBUTE_ERROR, hook))
        }
        (None, _) => Ok(None),
    }
}

/// The name of the slot that a store of an attribute writes, where it concerns the object alone: no hook or other
/// descriptor of its class has a say. Hidden for a slot of a class with `__slots__`.
pub fn plain_store_name(cx: &mut Cx, object: Value, name: Gc<Str>) -> Option<Gc<Str>> {
    attributes_of(object)?;
    let class = class_of(cx, object);
    if as_type(object).is_some() || class.flags.get() & types::HOOKED != 0 {
        return None;
    }
    let hook = cx.intern("__setattr__");
    if lookup(cx, class, hook).is_some_and(|hook| !is_ordinary(hook, "__setattr__")) || !types::rely_on(class) {
        return None;
    }
    match lookup(cx, class, name) {
        Some(value) if is_exactly(value, Kind::MEMBER_DESCRIPTOR) => slots::hidden_of(cx, value, object),
        Some(value) if value.is_object() => None,
        _ => has_dictionary(cx, object).then(|| cx.runtime.intern_string(name)),
    }
}
