//! `property`, `classmethod`, `staticmethod` and `super`: small records that the attribute lookup knows.

use crate::cx::{Cx, NONE, PyResult, UNBOUND};
use crate::kinds::Kind;
use crate::object::allocate;
use crate::objects::{Record, Str, Type};
use crate::string::{StrExt, downcast};
use crate::types::{self, as_type, class_name, class_of, is_subclass, name_of};
use crate::{attribute, call};
use py_macros::py_methods;
use vm_heap::{Gc, Value};

/// A new record of a class.
fn record(cx: &mut Cx, class: Gc<Type>, parts: [Value; 4]) -> Gc<Record> {
    let record = allocate::<Record>(cx.mutator(), types::instance_shape(class).id);
    for (field, part) in [&record.first, &record.second, &record.third, &record.fourth].into_iter().zip(parts) {
        field.init(part);
    }
    record
}

/// A property like another one with some functions replaced.
fn property_with(cx: &mut Cx, this: Gc<Record>, replaced: [Option<Value>; 3]) -> Gc<Record> {
    let class = class_of(cx, this.value());
    let [get, set, delete] = replaced;
    let parts = [
        get.unwrap_or(this.first.get()),
        set.unwrap_or(this.second.get()),
        delete.unwrap_or(this.third.get()),
        this.fourth.get(),
    ];
    record(cx, class, parts)
}

fn doc_of(cx: &mut Cx, function: Value) -> PyResult {
    let name = cx.intern("__doc__");
    Ok(attribute::find(cx, function, name)?.map_or(NONE, |(doc, _)| doc))
}

/// `property`: get, set, delete, doc.
pub struct PropertyMethods;

#[py_methods(PROPERTY)]
impl PropertyMethods {
    #[new(signature = "(fget=None, fset=None, fdel=None, doc=None)")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[keyword]
        #[default(NONE)]
        fget: Value,
        #[keyword]
        #[default(NONE)]
        fset: Value,
        #[keyword]
        #[default(NONE)]
        fdel: Value,
        #[keyword]
        #[default(NONE)]
        doc: Value,
    ) -> PyResult<Gc<Record>> {
        let doc = if doc == NONE && fget != NONE { doc_of(cx, fget)? } else { doc };
        Ok(record(cx, class, [fget, fset, fdel, doc]))
    }
    #[method]
    fn __get__(cx: &mut Cx, this: Gc<Record>, instance: Value, #[default(NONE)] owner: Value) -> PyResult {
        let class = as_type(owner).unwrap_or_else(|| class_of(cx, instance));
        attribute::bind(cx, this.value(), (instance != NONE).then_some(instance), class)
    }
    #[method]
    fn __set__(cx: &mut Cx, this: Gc<Record>, instance: Value, value: Value) -> PyResult<()> {
        let setter = this.second.get();
        if setter == NONE {
            let message = format!("property of '{}' object has no setter", class_name(cx, instance));
            return Err(cx.raise(Kind::ATTRIBUTE_ERROR, message));
        }
        call::call(cx, setter, &[instance, value], None).map(|_| ())
    }
    #[method]
    fn __delete__(cx: &mut Cx, this: Gc<Record>, instance: Value) -> PyResult<()> {
        let deleter = this.third.get();
        if deleter == NONE {
            let message = format!("property of '{}' object has no deleter", class_name(cx, instance));
            return Err(cx.raise(Kind::ATTRIBUTE_ERROR, message));
        }
        call::call(cx, deleter, &[instance], None).map(|_| ())
    }
    /// Descriptor to obtain a copy of the property with a different getter.
    #[method]
    fn getter(cx: &mut Cx, this: Gc<Record>, function: Value) -> Gc<Record> {
        property_with(cx, this, [Some(function), None, None])
    }
    /// Descriptor to obtain a copy of the property with a different setter.
    #[method]
    fn setter(cx: &mut Cx, this: Gc<Record>, function: Value) -> Gc<Record> {
        property_with(cx, this, [None, Some(function), None])
    }
    /// Descriptor to obtain a copy of the property with a different deleter.
    #[method]
    fn deleter(cx: &mut Cx, this: Gc<Record>, function: Value) -> Gc<Record> {
        property_with(cx, this, [None, None, Some(function)])
    }
    #[getter]
    fn fget(this: Gc<Record>) -> Value {
        this.first.get()
    }
    #[getter]
    fn fset(this: Gc<Record>) -> Value {
        this.second.get()
    }
    #[getter]
    fn fdel(this: Gc<Record>) -> Value {
        this.third.get()
    }
    #[getter]
    fn __doc__(this: Gc<Record>) -> Value {
        this.fourth.get()
    }
    #[setter]
    fn set_doc(cx: &mut Cx, this: Gc<Record>, value: Value) {
        this.fourth.set(cx.mutator(), this, if value == UNBOUND { NONE } else { value });
    }
}

/// `classmethod`: the function.
pub struct ClassmethodMethods;

#[py_methods(CLASSMETHOD)]
impl ClassmethodMethods {
    #[new(signature = "(function, /)")]
    fn new(cx: &mut Cx, class: Gc<Type>, function: Value) -> Gc<Record> {
        record(cx, class, [function, NONE, NONE, NONE])
    }
    #[method]
    fn __get__(cx: &mut Cx, this: Gc<Record>, instance: Value, #[default(NONE)] owner: Value) -> Value {
        let class = as_type(owner).unwrap_or_else(|| class_of(cx, instance));
        attribute::bind_method(cx, this.first.get(), class.value())
    }
    #[getter]
    fn __func__(this: Gc<Record>) -> Value {
        this.first.get()
    }
    #[getter]
    fn __wrapped__(this: Gc<Record>) -> Value {
        this.first.get()
    }
}

/// `staticmethod`: the function.
pub struct StaticmethodMethods;

#[py_methods(STATICMETHOD)]
impl StaticmethodMethods {
    #[new(signature = "(function, /)")]
    fn new(cx: &mut Cx, class: Gc<Type>, function: Value) -> Gc<Record> {
        record(cx, class, [function, NONE, NONE, NONE])
    }
    #[method]
    fn __get__(this: Gc<Record>, _instance: Value, #[default(NONE)] _owner: Value) -> Value {
        this.first.get()
    }
    #[method(signature = "($self, /, *args, **kwargs)")]
    fn __call__(
        cx: &mut Cx,
        this: Gc<Record>,
        #[args] args: &[Value],
        #[kwargs] kwargs: crate::arguments::Keywords<'_>,
    ) -> PyResult {
        kwargs.call(cx, this.first.get(), args)
    }
    #[getter]
    fn __func__(this: Gc<Record>) -> Value {
        this.first.get()
    }
    #[getter]
    fn __wrapped__(this: Gc<Record>) -> Value {
        this.first.get()
    }
}

/// The class whose resolution order a `super` follows for an object: TypeError unless it derives from the start.
fn super_class(cx: &mut Cx, start: Gc<Type>, object: Value) -> PyResult<Gc<Type>> {
    if let Some(class) = as_type(object)
        && is_subclass(class, start)
    {
        return Ok(class);
    }
    let class = class_of(cx, object);
    if is_subclass(class, start) {
        return Ok(class);
    }
    let described = match as_type(object) {
        Some(class) => format!("type {}", name_of(class)),
        None => format!("instance of {}", name_of(class)),
    };
    Err(cx.type_error(format!(
        "super(type, obj): obj ({described}) is not an instance or subtype of type ({}).",
        name_of(start)
    )))
}

/// A new `super` object: starts behind `start` in the resolution order of `object`'s class.
pub fn new_super(cx: &mut Cx, start: Gc<Type>, object: Value) -> PyResult {
    let class = if object == NONE { NONE } else { super_class(cx, start, object)?.value() };
    let kind = cx.builtin_type(Kind::SUPER);
    Ok(record(cx, kind, [start.value(), object, class, NONE]).value())
}

/// `super(start, object).name`; `None` where no class behind `start` has it.
pub fn super_attribute(cx: &mut Cx, start: Gc<Type>, object: Value, name: Gc<Str>) -> PyResult<Option<Value>> {
    let class = super_class(cx, start, object)?;
    find_behind(cx, start, object, class, name)
}

fn find_behind(cx: &mut Cx, start: Gc<Type>, object: Value, class: Gc<Type>, name: Gc<Str>) -> PyResult<Option<Value>> {
    let order = class.mro.get();
    let behind = crate::sequence::tuple_items(&order).iter().skip_while(|entry| **entry != start.value()).skip(1);
    for base in behind {
        let Some(base) = as_type(*base) else { continue };
        if let Some(value) = crate::objects::Dict::get_str(cx, base.dict.get(), name) {
            // Bound to the object, unless that is the class itself.
            let receiver = (object != class.value()).then_some(object);
            return attribute::bind(cx, value, receiver, class).map(Some);
        }
    }
    Ok(None)
}

/// An attribute of a `super` object that lies behind its start; `None` where it has none there.
pub(crate) fn attribute_of_super(cx: &mut Cx, value: Value, name: Gc<Str>) -> PyResult<Option<Value>> {
    let Some(this) = downcast::<Record>(value) else { return Ok(None) };
    match (as_type(this.first.get()), as_type(this.third.get())) {
        (Some(start), Some(class)) if name.bytes() != b"__class__" => {
            find_behind(cx, start, this.second.get(), class, name)
        }
        _ => Ok(None),
    }
}

/// `super`: type, object, class of the object.
pub struct SuperMethods;

#[py_methods(SUPER)]
impl SuperMethods {
    #[new(signature = "")]
    fn new(cx: &mut Cx, _class: Value, #[default(UNBOUND)] start: Value, #[default(NONE)] object: Value) -> PyResult {
        if start == UNBOUND {
            return Err(cx.raise(Kind::RUNTIME_ERROR, "super(): no arguments"));
        }
        let Some(start) = as_type(start) else {
            let message = format!("super() argument 1 must be a type, not {}", class_name(cx, start));
            return Err(cx.type_error(message));
        };
        new_super(cx, start, object)
    }
    #[method]
    fn __repr__(this: Gc<Record>) -> String {
        let name = |value: Value| as_type(value).map_or_else(|| "NULL".to_string(), name_of);
        let object = match as_type(this.third.get()) {
            Some(class) => format!("<{} object>", name_of(class)),
            None => "NULL".to_string(),
        };
        format!("<super: <class '{}'>, {object}>", name(this.first.get()))
    }
    /// the class invoking super()
    #[getter]
    fn __thisclass__(this: Gc<Record>) -> Value {
        this.first.get()
    }
    /// the instance invoking super(); may be None
    #[getter]
    fn __self__(this: Gc<Record>) -> Value {
        this.second.get()
    }
    /// the type of the instance invoking super(); may be None
    #[getter]
    fn __self_class__(this: Gc<Record>) -> Value {
        this.third.get()
    }
}
