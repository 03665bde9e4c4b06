//! The attributes of methods and natives.

use crate::arguments::Keywords;
use crate::attribute;
use crate::call::definition;
use crate::cx::{Cx, NONE, NOT_IMPLEMENTED, PyResult, bool_value};
use crate::kinds::{Kind, shapes};
use crate::native::NativeKind;
use crate::objects::{Dict, Method, Module, Native, Str};
use crate::operations;
use crate::sequence::tuple_items;
use crate::string::{StrExt, downcast};
use crate::types::{self, as_type, class_name, name_of, object};
use py_macros::py_methods;
use vm_heap::{Gc, Value};

/// `method`.
pub struct MethodMethods;

fn method_repr(cx: &mut Cx, this: Gc<Method>) -> PyResult<String> {
    let (qualname, name) = (cx.intern("__qualname__"), cx.intern("__name__"));
    let shown = match attribute::get_optional(cx, this.function.get(), qualname)? {
        Some(qualname) => Some(qualname),
        None => attribute::get_optional(cx, this.function.get(), name)?,
    };
    let qualname = shown.and_then(downcast::<Str>);
    let qualname = qualname.map_or_else(|| "?".to_string(), |name| name.to_text());
    let mut text = format!("<bound method {qualname} of ");
    object::push_repr(cx, &mut text, this.receiver.get())?;
    text.push('>');
    Ok(text)
}

#[py_methods(METHOD)]
impl MethodMethods {
    #[new(signature = "(function, instance, /)")]
    fn new(cx: &mut Cx, _class: Value, function: Value, instance: Value) -> PyResult {
        if !super::is_callable(cx, function) {
            return Err(cx.type_error("first argument must be callable"));
        }
        if instance == NONE {
            return Err(cx.type_error("instance must not be None"));
        }
        Ok(attribute::bind_method(cx, function, instance))
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<Method>) -> PyResult<String> {
        method_repr(cx, this)
    }
    #[method(signature = "($self, /, *args, **kwargs)")]
    fn __call__(cx: &mut Cx, this: Value, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> PyResult {
        kwargs.call(cx, this, args)
    }
    #[method]
    fn __eq__(cx: &mut Cx, this: Gc<Method>, value: Value) -> PyResult {
        let Some(other) = downcast::<Method>(value) else { return Ok(NOT_IMPLEMENTED) };
        let same = this.receiver.get() == other.receiver.get();
        Ok(bool_value(same && operations::equal(cx, this.function.get(), other.function.get())?))
    }
    #[method]
    fn __hash__(cx: &mut Cx, this: Gc<Method>) -> PyResult<i64> {
        let function = operations::hash(cx, this.function.get())? as i64;
        Ok((function ^ object::identity_hash(this.receiver.get())) >> 4)
    }
    #[method]
    fn __getattribute__(cx: &mut Cx, this: Gc<Method>, name: Gc<Str>) -> PyResult {
        if let Some((value, _)) = attribute::find(cx, this.value(), name)? {
            return Ok(value);
        }
        attribute::get(cx, this.function.get(), name)
    }
    #[getter]
    fn __self__(this: Gc<Method>) -> Value {
        this.receiver.get()
    }
    #[getter]
    fn __func__(this: Gc<Method>) -> Value {
        this.function.get()
    }
    #[method]
    fn __get__(this: Value, _instance: Value, #[default(NONE)] _owner: Value) -> Value {
        this
    }
    #[method]
    fn __reduce__(cx: &mut Cx, this: Gc<Method>) -> PyResult {
        let name = cx.intern("__name__");
        let name = attribute::get(cx, this.function.get(), name)?;
        match downcast::<Str>(name) {
            Some(name) => reduce_by_getattr(cx, this.receiver.get(), name),
            None => Err(cx.type_error("the name of a method is no string")),
        }
    }
    #[getter]
    fn __doc__(cx: &mut Cx, this: Gc<Method>) -> PyResult {
        let name = cx.intern("__doc__");
        attribute::get(cx, this.function.get(), name)
    }
}

/// Signature and docstring of all `__new__`.
const CONSTRUCTOR: (&str, &str) =
    ("($type, *args, **kwargs)", "Create and return a new object. What arguments it takes, help(type) tells.");

/// Signature and docstring that the special method has in every class, if this is one.
fn slot_documentation(this: Gc<Native>) -> Option<(&'static str, &'static str)> {
    let is_slot = matches!(types::shape_id(this.value()), shapes::WRAPPER_DESCRIPTOR | shapes::METHOD_WRAPPER);
    if is_slot { types::special_methods::of_special_method(definition(this).name) } else { None }
}

/// What all natives have.
pub struct NativeMethods;

/// The class that a descriptor belongs to, as shown.
fn owner_name(this: Gc<Native>) -> String {
    as_type(this.receiver.get()).map_or_else(|| "?".to_string(), name_of)
}

fn native_repr(cx: &mut Cx, this: Gc<Native>) -> String {
    let declared = definition(this);
    let receiver = this.receiver.get();
    let name = declared.name;
    match types::shape_id(this.value()) {
        shapes::METHOD_DESCRIPTOR | shapes::CLASSMETHOD_DESCRIPTOR => {
            format!("<method '{name}' of '{}' objects>", owner_name(this))
        }
        shapes::WRAPPER_DESCRIPTOR => format!("<slot wrapper '{name}' of '{}' objects>", owner_name(this)),
        shapes::GETSET_DESCRIPTOR => format!("<attribute '{name}' of '{}' objects>", owner_name(this)),
        shapes::METHOD_WRAPPER => {
            let class = class_name(cx, receiver);
            format!("<method-wrapper '{name}' of {class} object at {:#x}>", object::identity(receiver))
        }
        _ if declared.kind == NativeKind::Function || receiver == NONE => format!("<built-in function {name}>"),
        _ => {
            let class = class_name(cx, receiver);
            format!("<built-in method {name} of {class} object at {:#x}>", object::identity(receiver))
        }
    }
}

#[py_methods(NATIVE, name = "builtin_function_or_method")]
impl NativeMethods {
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<Native>) -> String {
        native_repr(cx, this)
    }
    #[getter]
    fn __name__(cx: &mut Cx, this: Gc<Native>) -> Gc<Str> {
        cx.intern(definition(this).name)
    }
    #[getter]
    fn __qualname__(cx: &mut Cx, this: Gc<Native>) -> PyResult<Gc<Str>> {
        let declared = definition(this);
        if declared.kind == NativeKind::Function {
            return Ok(cx.intern(declared.name));
        }
        let receiver = this.receiver.get();
        let is_descriptor = !matches!(types::shape_id(this.value()), shapes::BUILTIN | shapes::METHOD_WRAPPER);
        let class = match as_type(receiver) {
            Some(class) => class,
            None if receiver == NONE || is_descriptor => return Ok(cx.intern(declared.qualname)),
            None => types::class_of(cx, receiver),
        };
        let qualname = operations::to_str(cx, class.qualname.get())?.to_text();
        Ok(cx.intern(&format!("{qualname}.{}", declared.name)))
    }
    #[getter]
    fn __doc__(cx: &mut Cx, this: Gc<Native>) -> Value {
        let declared = definition(this);
        let doc = match declared.doc {
            "" if declared.kind == NativeKind::Constructor => CONSTRUCTOR.1,
            "" => slot_documentation(this).map_or("", |(_, doc)| doc),
            doc => doc,
        };
        if doc.is_empty() { NONE } else { cx.intern(doc).value() }
    }
    #[getter]
    fn __text_signature__(cx: &mut Cx, this: Gc<Native>) -> Value {
        let declared = definition(this);
        let signature = match slot_documentation(this) {
            _ if declared.kind == NativeKind::Constructor => CONSTRUCTOR.0,
            Some((signature, _)) => signature,
            None => declared.signature,
        };
        if signature.is_empty() { NONE } else { cx.intern(signature).value() }
    }
}

/// Natives that know what they are bound to.
pub struct BoundMethods;

#[py_methods(BOUND, name = "builtin_function_or_method")]
impl BoundMethods {
    #[method(signature = "($self, /, *args, **kwargs)")]
    fn __call__(cx: &mut Cx, this: Value, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> PyResult {
        kwargs.call(cx, this, args)
    }
    #[method]
    fn __eq__(this: Gc<Native>, value: Value) -> Value {
        match downcast::<Native>(value) {
            Some(other) if types::shape_id(value) == types::shape_id(this.value()) => bool_value(
                this.definition.get() == other.definition.get() && this.receiver.get() == other.receiver.get(),
            ),
            _ => NOT_IMPLEMENTED,
        }
    }
    #[method]
    fn __hash__(this: Gc<Native>) -> i64 {
        (this.definition.get() >> 4) as i64 ^ object::identity_hash(this.receiver.get()) >> 4
    }
    #[getter]
    fn __self__(this: Gc<Native>) -> Value {
        this.receiver.get()
    }
    #[method]
    fn __reduce__(cx: &mut Cx, this: Gc<Native>) -> PyResult {
        let declared = definition(this);
        let receiver = this.receiver.get();
        let name = cx.intern(declared.name);
        if receiver == NONE || downcast::<Module>(receiver).is_some() {
            return Ok(name.value());
        }
        reduce_by_getattr(cx, receiver, name)
    }
}

/// `(getattr, (object, name))`.
fn reduce_by_getattr(cx: &mut Cx, object: Value, name: Gc<Str>) -> PyResult {
    let builtins = cx.runtime.builtins.get().expect("made at start-up");
    let key = cx.intern("getattr");
    let getattr = Dict::get_str(cx, builtins, key).unwrap_or(NONE);
    let arguments = cx.tuple(&[object, name.value()]);
    Ok(cx.tuple(&[getattr, arguments]))
}

/// `builtin_function_or_method`.
pub struct BuiltinMethods;

#[py_methods(BUILTIN, name = "builtin_function_or_method")]
impl BuiltinMethods {
    #[getter]
    fn __module__(cx: &mut Cx, this: Gc<Native>) -> Value {
        let declared = definition(this);
        match declared.qualname.split_once('.') {
            Some((module, _)) if declared.kind == NativeKind::Function => cx.intern(module).value(),
            None => cx.intern("builtins").value(),
            _ => NONE,
        }
    }
}

/// Natives that belong to a class.
pub struct DescriptorMethods;

#[py_methods(DESCRIPTOR, name = "method_descriptor")]
impl DescriptorMethods {
    #[getter]
    fn __objclass__(cx: &mut Cx, this: Gc<Native>) -> Value {
        let receiver = this.receiver.get();
        if !types::is_exactly(this.value(), Kind::METHOD_WRAPPER) {
            return as_type(receiver).map_or(NONE, |class| class.value());
        }
        // A bound one knows its receiver: the class is that which declares it.
        let (class, name) = (types::class_of(cx, receiver), cx.intern(definition(this).name));
        for base in tuple_items(&class.mro.get()) {
            let declared = as_type(*base).and_then(|base| crate::types::namespace::get(cx, base, name));
            if declared.and_then(downcast::<Native>).is_some_and(|one| one.definition.get() == this.definition.get()) {
                return *base;
            }
        }
        NONE
    }
    #[method]
    fn __reduce__(cx: &mut Cx, this: Gc<Native>) -> PyResult {
        let name = cx.intern(definition(this).name);
        reduce_by_getattr(cx, this.receiver.get(), name)
    }
}

/// Natives of a class that are called with a receiver.
pub struct MethodDescriptorMethods;

#[py_methods(METHOD_DESCRIPTOR)]
impl MethodDescriptorMethods {
    #[method(signature = "($self, /, *args, **kwargs)")]
    fn __call__(cx: &mut Cx, this: Value, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> PyResult {
        kwargs.call(cx, this, args)
    }
    #[method]
    fn __get__(cx: &mut Cx, this: Gc<Native>, instance: Value, #[default(NONE)] owner: Value) -> PyResult {
        if types::is_exactly(this.value(), Kind::CLASSMETHOD_DESCRIPTOR) {
            return bind_to_class(cx, this, instance, owner);
        }
        if instance == NONE {
            if owner == NONE {
                return Err(cx.type_error("__get__(None, None) is invalid"));
            }
            // The receiver may be None itself, as for `NoneType.__repr__`.
            let none = cx.builtin_type(Kind::NONE).value();
            if this.receiver.get() != none || owner != none {
                return Ok(this.value());
            }
        }
        crate::call::check_descriptor(cx, this.value(), instance)?;
        Ok(attribute::bind_method(cx, this.value(), instance))
    }
}

fn bind_to_class(cx: &mut Cx, this: Gc<Native>, instance: Value, owner: Value) -> PyResult {
    let name = definition(this).name;
    let own = as_type(this.receiver.get()).map_or_else(String::new, name_of);
    let class = match owner {
        NONE if instance == NONE => {
            let message = format!("descriptor '{name}' for type '{own}' needs either an object or a type");
            return Err(cx.type_error(message));
        }
        NONE => types::class_of(cx, instance).value(),
        owner => owner,
    };
    let Some(class) = as_type(class) else {
        let class = class_name(cx, class);
        let message = format!("descriptor '{name}' for type '{own}' needs a type, not a '{class}' as arg 2");
        return Err(cx.type_error(message));
    };
    if let Some(expected) = as_type(this.receiver.get())
        && !types::is_subclass(class, expected)
    {
        let message = format!("descriptor '{name}' requires a subtype of '{own}' but received '{}'", name_of(class));
        return Err(cx.type_error(message));
    }
    Ok(attribute::bind_native(cx, this.value(), class.value(), Kind::BUILTIN))
}

/// `__get__` and `__set__` of computed attributes.
pub struct GetsetMethods;

#[py_methods(GETSET_DESCRIPTOR)]
impl GetsetMethods {
    #[method]
    fn __get__(cx: &mut Cx, this: Value, instance: Value, #[default(NONE)] owner: Value) -> PyResult {
        if instance == NONE && owner == NONE {
            return Err(cx.type_error("__get__(None, None) is invalid"));
        }
        let class = as_type(owner).unwrap_or_else(|| types::class_of(cx, instance));
        attribute::bind(cx, this, (instance != NONE).then_some(instance), class)
    }
    #[method]
    fn __set__(cx: &mut Cx, this: Gc<Native>, instance: Value, value: Value) -> PyResult<()> {
        let name = cx.intern(definition(this).name);
        crate::call::check_descriptor(cx, this.value(), instance)?;
        crate::call::set_native(cx, this.value(), instance, name, Some(value))
    }
    #[method]
    fn __delete__(cx: &mut Cx, this: Gc<Native>, instance: Value) -> PyResult<()> {
        let name = cx.intern(definition(this).name);
        crate::call::check_descriptor(cx, this.value(), instance)?;
        crate::call::set_native(cx, this.value(), instance, name, None)
    }
}
