//! Calling anything from the runtime.
//!
//! Arguments are a slice of values, positional ones first, then the values of the keywords whose names are in a tuple.

use crate::cx::{Cx, NONE};
use crate::kinds::{Kind, shapes};
use crate::native::{NativeCall, NativeDefinition, NativeKind, is_callable_native};
use crate::objects::{Function, Method, Native, Str, Tuple, Type};
use crate::sequence::tuple_items;
use crate::string::{StrExt, downcast};
use crate::types::{self, as_type, class_name, class_of, is_exactly, is_subclass, shape_id};
use crate::{PyResult, attribute, logged};
use vm_heap::{Gc, Value};

/// Most arguments that are put in front of others without a heap allocation.
const INLINE_ARGUMENTS: usize = 8;

/// Calls `callee`.
pub fn call(cx: &mut Cx, callee: Value, arguments: &[Value], keywords: Option<Gc<Tuple>>) -> PyResult {
    cx.check_native_stack()?;
    if callee.is_object() {
        let id = shape_id(callee);
        // Functions with attributes of their own have other shapes.
        if id == shapes::FUNCTION || downcast::<Function>(callee).is_some() {
            let run = *cx.runtime.call_python.get().expect("the interpreter registers itself at start-up");
            return run(cx, callee, arguments, keywords);
        }
        if is_callable_native(id) {
            return call_native(cx, callee, arguments, keywords);
        }
        if let Some(method) = downcast::<Method>(callee) {
            let (function, receiver) = (method.function.get(), method.receiver.get());
            return with_receiver(cx, receiver, arguments, |cx, arguments| call(cx, function, arguments, keywords));
        }
        if let Some(class) = as_type(callee) {
            return call_type(cx, class, arguments, keywords);
        }
    }
    if let Some(hook) = types::direct::special(cx, callee, types::direct::Special::Call) {
        return with_receiver(cx, callee, arguments, |cx, arguments| hook(cx, arguments, keywords));
    }
    match types::lookup_special(cx, callee, "__call__") {
        Some(hook) => call_special(cx, hook, callee, arguments, keywords),
        None => {
            let message = format!("'{}' object is not callable", class_name(cx, callee));
            Err(cx.type_error(message))
        }
    }
}

/// Calls with one more value in front.
pub fn with_receiver<T>(
    cx: &mut Cx,
    receiver: Value,
    arguments: &[Value],
    then: impl FnOnce(&mut Cx, &[Value]) -> PyResult<T>,
) -> PyResult<T> {
    match *arguments {
        [] => return then(cx, &[receiver]),
        [first] => return then(cx, &[receiver, first]),
        [first, second] => return then(cx, &[receiver, first, second]),
        _ => {}
    }
    if arguments.len() < INLINE_ARGUMENTS {
        let mut all = [NONE; INLINE_ARGUMENTS];
        all[0] = receiver;
        all[1..=arguments.len()].copy_from_slice(arguments);
        return then(cx, &all[..=arguments.len()]);
    }
    // The tuple keeps the values reachable for the collector, which does not look into Rust's own heap.
    let mut all = vec![receiver];
    all.extend_from_slice(arguments);
    let all = Tuple::new(cx, &all);
    then(cx, tuple_items(&all))
}

/// The definition behind a native function object.
#[inline(always)]
pub fn definition(native: Gc<Native>) -> &'static NativeDefinition {
    // SAFETY: natives are only made with the address of a static definition.
    unsafe { &*(native.definition.get() as *const NativeDefinition) }
}

/// Calls a native function, bound method or method descriptor.
pub fn call_native(cx: &mut Cx, callee: Value, arguments: &[Value], keywords: Option<Gc<Tuple>>) -> PyResult {
    let native = downcast::<Native>(callee).expect("checked by the caller");
    let definition = definition(native);
    if is_bound(callee, native, definition) {
        let receiver = native.receiver.get();
        return with_receiver(cx, receiver, arguments, |cx, arguments| {
            call_checked(cx, callee, native, definition, arguments, keywords)
        });
    }
    call_unbound(cx, callee, native, arguments, keywords)
}

/// Calls a native with its receiver, if it takes one, among the arguments.
#[inline(always)]
pub fn call_unbound(
    cx: &mut Cx,
    callee: Value,
    native: Gc<Native>,
    arguments: &[Value],
    keywords: Option<Gc<Tuple>>,
) -> PyResult {
    let definition = definition(native);
    if needs_no_check(cx, callee, native, definition, arguments) {
        return (definition.call)(cx, arguments, keywords);
    }
    check_native(cx, callee, native, definition, arguments)?;
    call_checked(cx, callee, native, definition, arguments, keywords)
}

/// Calls a native with arguments that it may be called with.
#[inline(always)]
fn call_checked(
    cx: &mut Cx,
    callee: Value,
    native: Gc<Native>,
    definition: &'static NativeDefinition,
    arguments: &[Value],
    keywords: Option<Gc<Tuple>>,
) -> PyResult {
    if cx.thread.transaction.is_logged() {
        return logged::call_native(cx, callee, native, definition, arguments, keywords);
    }
    (definition.call)(cx, arguments, keywords)
}

/// Whether a native may be called as it is: it is a function, or a method and the first argument is an exact instance of its class.
#[inline(always)]
pub fn needs_no_check(
    cx: &Cx,
    callee: Value,
    native: Gc<Native>,
    definition: &NativeDefinition,
    arguments: &[Value],
) -> bool {
    !cx.thread.transaction.is_logged() && (definition.kind.is_plain() || has_exact_receiver(callee, native, arguments))
}

/// TypeError unless the first argument of an unbound native is what the native is for.
#[inline(never)]
fn check_native(
    cx: &mut Cx,
    callee: Value,
    native: Gc<Native>,
    definition: &NativeDefinition,
    arguments: &[Value],
) -> PyResult<()> {
    match definition.kind {
        NativeKind::Method if crate::native::is_unbound_native(shape_id(callee)) => {
            check_receiver(cx, native, definition, arguments)
        }
        NativeKind::Constructor => check_constructor(cx, native, arguments),
        NativeKind::ClassMethod if is_exactly(callee, Kind::CLASSMETHOD_DESCRIPTOR) => {
            check_class_receiver(cx, native, definition, arguments)
        }
        _ => Ok(()),
    }
}

/// The first argument of `__new__` must be a class with the layout that this `__new__` makes.
pub(crate) fn check_constructor(cx: &mut Cx, native: Gc<Native>, arguments: &[Value]) -> PyResult<()> {
    let Some(owner) = as_type(native.receiver.get()) else { return Ok(()) };
    if arguments.first() == Some(&owner.value()) {
        return Ok(());
    }
    if let Some(class) = arguments.first().and_then(|class| as_type(*class))
        && class.kind.get() == owner.kind.get()
        && is_subclass(class, owner)
    {
        return Ok(());
    }
    let name = types::name_of(owner);
    let Some(first) = arguments.first() else {
        return Err(cx.type_error(format!("{name}.__new__(): not enough arguments")));
    };
    let Some(class) = as_type(*first) else {
        let message = format!("{name}.__new__(X): X is not a type object ({})", class_name(cx, *first));
        return Err(cx.type_error(message));
    };
    let class_name = types::name_of(class);
    if !is_subclass(class, owner) {
        let message = format!("{name}.__new__({class_name}): {class_name} is not a subtype of {name}");
        return Err(cx.type_error(message));
    }
    let mut solid = class;
    while solid.flags.get() & types::HEAP_TYPE != 0
        && let Some(base) = solid.base.get()
    {
        solid = base;
    }
    let new = cx.intern("__new__");
    match types::lookup(cx, solid, new) {
        Some(other) if other == native.value() && class == solid && owner == cx.builtin_type(Kind::OBJECT) => {
            Err(cannot_create(cx, class))
        }
        Some(other) if other == native.value() => Ok(()),
        _ => {
            let safe = types::name_of(solid);
            Err(cx.type_error(format!("{name}.__new__({class_name}) is not safe, use {safe}.__new__()")))
        }
    }
}

/// The first argument of a class method called through its descriptor must be a subclass of its class.
fn check_class_receiver(
    cx: &mut Cx,
    native: Gc<Native>,
    definition: &NativeDefinition,
    arguments: &[Value],
) -> PyResult<()> {
    let Some(owner) = as_type(native.receiver.get()) else { return Ok(()) };
    let (name, owner_name) = (definition.name, types::name_of(owner));
    let Some(first) = arguments.first() else {
        return Err(cx.type_error(format!("descriptor '{name}' of '{owner_name}' object needs an argument")));
    };
    match as_type(*first) {
        Some(class) if is_subclass(class, owner) => Ok(()),
        Some(class) => {
            let class = types::name_of(class);
            let message = format!("descriptor '{name}' requires a subtype of '{owner_name}' but received '{class}'");
            Err(cx.type_error(message))
        }
        None => {
            let class = class_name(cx, *first);
            let message = format!("descriptor '{name}' for type '{owner_name}' needs a type, not a '{class}' as arg 2");
            Err(cx.type_error(message))
        }
    }
}

/// TypeError unless a computed attribute belongs to the class of an object.
#[inline]
pub fn check_descriptor(cx: &mut Cx, descriptor: Value, object: Value) -> PyResult<()> {
    let native = downcast::<Native>(descriptor).expect("checked by the caller");
    match as_type(native.receiver.get()) {
        Some(owner) if !is_subclass(class_of(cx, object), owner) => wrong_object(cx, native, owner, object),
        _ => Ok(()),
    }
}

#[cold]
fn wrong_object(cx: &mut Cx, native: Gc<Native>, owner: Gc<Type>, object: Value) -> PyResult<()> {
    let (name, owner, class) = (definition(native).name, types::name_of(owner), class_name(cx, object));
    Err(cx.type_error(format!("descriptor '{name}' for '{owner}' objects doesn't apply to a '{class}' object")))
}

/// Before the native of an attribute runs inside an atomic block: unless it touches nothing mutable, the block becomes inevitable.
#[inline]
pub fn check_block(
    cx: &mut Cx,
    callee: Value,
    native: Gc<Native>,
    definition: &NativeDefinition,
    object: Value,
) -> PyResult<()> {
    if cx.thread.transaction.is_logged() && !logged::is_repeatable(cx, callee, native, definition, &[object]) {
        return crate::inevitable::become_inevitable(cx);
    }
    Ok(())
}

/// Whether a native takes its `receiver` as first argument.
#[inline(always)]
pub fn is_bound(callee: Value, native: Gc<Native>, definition: &NativeDefinition) -> bool {
    crate::native::is_maybe_bound_native(shape_id(callee))
        && definition.kind.takes_receiver()
        && native.receiver.get() != NONE
}

/// Whether a native is a method descriptor whose first argument is an exact instance of its class, so that `check_native` lets it pass.
#[inline(always)]
fn has_exact_receiver(callee: Value, native: Gc<Native>, arguments: &[Value]) -> bool {
    if let Some(receiver) = arguments.first()
        && crate::native::is_unbound_native(shape_id(callee))
        && let Some(owner) = as_type(native.receiver.get())
    {
        return receiver.is_object() && shape_id(*receiver).0 as u64 == owner.instance_shape.get();
    }
    false
}

/// TypeError unless the first argument of a method descriptor is an instance of its class.
fn check_receiver(cx: &mut Cx, native: Gc<Native>, definition: &NativeDefinition, arguments: &[Value]) -> PyResult<()> {
    let Some(owner) = as_type(native.receiver.get()) else { return Ok(()) };
    match arguments.first() {
        Some(receiver) if is_subclass(class_of(cx, *receiver), owner) => Ok(()),
        receiver => wrong_receiver(cx, owner, definition, receiver.copied()),
    }
}

#[cold]
fn wrong_receiver(
    cx: &mut Cx,
    owner: Gc<Type>,
    definition: &NativeDefinition,
    receiver: Option<Value>,
) -> PyResult<()> {
    let special = definition.name.starts_with("__") && definition.name.ends_with("__");
    let Some(receiver) = receiver else {
        let message = if special {
            format!("descriptor '{}' of '{}' object needs an argument", definition.name, types::name_of(owner))
        } else {
            format!("unbound method {}() needs an argument", definition.qualname)
        };
        return Err(cx.type_error(message));
    };
    let (name, owner, class) = (definition.name, types::name_of(owner), class_name(cx, receiver));
    let message = if special {
        format!("descriptor '{name}' requires a '{owner}' object but received a '{class}'")
    } else {
        format!("descriptor '{name}' for '{owner}' objects doesn't apply to a '{class}' object")
    };
    Err(cx.type_error(message))
}

/// Sets an attribute through a native getter/setter pair.
pub fn set_native(cx: &mut Cx, descriptor: Value, object: Value, name: Gc<Str>, value: Option<Value>) -> PyResult<()> {
    let native = downcast::<Native>(descriptor).expect("checked by the caller");
    match definition(native).setter {
        Some(setter) => {
            let arguments = [object, value.unwrap_or(crate::cx::UNBOUND)];
            setter(cx, &arguments, None).map(|_| ())
        }
        None => {
            let class = as_type(native.receiver.get()).map_or_else(|| class_name(cx, object), types::name_of);
            let message = format!("attribute '{}' of '{class}' objects is not writable", name.to_text());
            Err(cx.raise(Kind::ATTRIBUTE_ERROR, message))
        }
    }
}

/// Calls a type: `type(x)`, or `__new__` and `__init__`.
pub fn call_type(cx: &mut Cx, class: Gc<Type>, arguments: &[Value], keywords: Option<Gc<Tuple>>) -> PyResult {
    let metaclass = class_of(cx, class.value());
    let type_type = cx.builtin_type(Kind::TYPE);
    if metaclass != type_type {
        let name = cx.intern("__call__");
        if let Some(hook) = types::lookup(cx, metaclass, name)
            && is_exactly(hook, Kind::FUNCTION)
        {
            return with_receiver(cx, class.value(), arguments, |cx, arguments| call(cx, hook, arguments, keywords));
        }
        if let Some(hook) = types::lookup(cx, metaclass, name)
            && !is_exactly(hook, Kind::WRAPPER_DESCRIPTOR)
        {
            let hook = attribute::bind(cx, hook, Some(class.value()), metaclass)?;
            return call(cx, hook, arguments, keywords);
        }
    }
    construct(cx, class, arguments, keywords)
}

/// `type.__call__`.
pub fn construct(cx: &mut Cx, class: Gc<Type>, arguments: &[Value], keywords: Option<Gc<Tuple>>) -> PyResult {
    if class == cx.builtin_type(Kind::TYPE) {
        let positional = arguments.len() - keywords.as_ref().map_or(0, |names| tuple_items(names).len());
        if positional == 1 && keywords.is_none() {
            return Ok(class_of(cx, arguments[0]).value());
        }
        if positional != 3 {
            return Err(cx.type_error("type() takes 1 or 3 arguments"));
        }
    }
    if let Some((new, init)) = types::direct::constructor(cx, class) {
        return with_receiver(cx, class.value(), arguments, |cx, all| {
            construct_directly(cx, class, (new, init), all, keywords)
        });
    }
    let name = cx.intern("__new__");
    let Some(new) = types::lookup(cx, class, name) else {
        return Err(cannot_create(cx, class));
    };
    if class.flags.get() & types::HEAP_TYPE == 0 && has_no_constructor(cx, class, new) {
        return Err(cannot_create(cx, class));
    }
    let new = attribute::bind(cx, new, None, class)?;
    let object = with_receiver(cx, class.value(), arguments, |cx, arguments| call(cx, new, arguments, keywords))?;
    if !is_subclass(class_of(cx, object), class) {
        return Ok(object);
    }
    let name = cx.intern("__init__");
    let object_class = class_of(cx, object);
    if let Some(init) = types::lookup(cx, object_class, name) {
        let result = call_special(cx, init, object, arguments, keywords)?;
        if result != NONE {
            let message = format!("__init__() should return None, not '{}'", class_name(cx, result));
            return Err(cx.type_error(message));
        }
    }
    Ok(object)
}

/// Calls a type that lies in front of its positional arguments, as constructors want it.
pub fn call_type_in_place(cx: &mut Cx, class_and_arguments: &[Value]) -> PyResult {
    let class = class_and_arguments.first().and_then(|class| as_type(*class)).expect("the caller passes a type");
    let Some(constructor) = types::direct::constructor(cx, class) else {
        return call(cx, class.value(), &class_and_arguments[1..], None);
    };
    cx.check_native_stack()?;
    construct_directly(cx, class, constructor, class_and_arguments, None)
}

/// Makes an instance by the natives behind `__new__` and `__init__`; the class lies in front of the arguments.
fn construct_directly(
    cx: &mut Cx,
    class: Gc<Type>,
    (new, init): (NativeCall, Option<NativeCall>),
    class_and_arguments: &[Value],
    keywords: Option<Gc<Tuple>>,
) -> PyResult {
    let object = new(cx, class_and_arguments, keywords)?;
    if let Some(init) = init
        && class_of(cx, object) == class
    {
        with_receiver(cx, object, &class_and_arguments[1..], |cx, arguments| init(cx, arguments, keywords))?;
    }
    Ok(object)
}

fn cannot_create(cx: &mut Cx, class: Gc<Type>) -> vm_machine::Raised {
    let message = format!("cannot create '{}' instances", types::name_of(class));
    cx.type_error(message)
}

/// Whether a built-in type, for which `__new__` was found, has none of its own: only the runtime makes its instances.
fn has_no_constructor(cx: &mut Cx, class: Gc<Type>, new: Value) -> bool {
    let object = cx.builtin_type(Kind::OBJECT);
    let name = cx.intern("__new__");
    class != object && types::lookup(cx, object, name) == Some(new)
}

/// Calls what a lookup of a special method in the class of `receiver` found.
pub fn call_special(
    cx: &mut Cx,
    hook: Value,
    receiver: Value,
    arguments: &[Value],
    keywords: Option<Gc<Tuple>>,
) -> PyResult {
    if hook.is_object() {
        let id = shape_id(hook);
        if crate::native::is_unbound_native(id) {
            cx.check_native_stack()?;
            let native = downcast::<Native>(hook).expect("of such a shape");
            return with_receiver(cx, receiver, arguments, |cx, arguments| {
                call_unbound(cx, hook, native, arguments, keywords)
            });
        }
        if id == shapes::FUNCTION {
            return with_receiver(cx, receiver, arguments, |cx, arguments| call(cx, hook, arguments, keywords));
        }
    }
    let class = class_of(cx, receiver);
    let bound = attribute::bind(cx, hook, Some(receiver), class)?;
    call(cx, bound, arguments, keywords)
}

/// Calls `object.name(arguments)`.
pub fn call_method(cx: &mut Cx, object: Value, name: &str, arguments: &[Value]) -> PyResult {
    let name = cx.intern(name);
    let method = attribute::get(cx, object, name)?;
    call(cx, method, arguments, None)
}
