//! `type`, and the attributes of functions, methods and modules.

mod callables;

pub use callables::*;

use crate::arguments::Keywords;
use crate::attribute;
use crate::call;
use crate::cx::{Cx, NONE, NOT_IMPLEMENTED, PyResult, UNBOUND};
use crate::kinds::Kind;
use crate::objects::{Dict, List, Str, Tuple, Type};
use crate::operations;
use crate::sequence::tuple_items;
use crate::string::downcast;
use crate::types::{self, as_type, class_name, class_of, is_subclass, list, name_of, object};
use py_macros::py_methods;
use vm_heap::{Gc, Value};

/// Whether `call` would try to call a value.
pub fn is_callable(cx: &mut Cx, value: Value) -> bool {
    let native = [Kind::FUNCTION, Kind::BUILTIN, Kind::METHOD_DESCRIPTOR, Kind::METHOD];
    as_type(value).is_some()
        || native.iter().any(|kind| types::is_exactly(value, *kind))
        || types::lookup_special(cx, value, "__call__").is_some()
}

/// `isinstance(value, class)` or `issubclass(class, bases)` against a class, a tuple of them or what has the hook.
fn check(cx: &mut Cx, value: Value, pattern: Value, subclass: bool) -> PyResult<bool> {
    if let Some(tuple) = downcast::<Tuple>(pattern) {
        cx.check_native_stack()?;
        for item in tuple_items(&tuple) {
            if check(cx, value, *item, subclass)? {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    if !subclass && class_of(cx, value).value() == pattern {
        return Ok(true);
    }
    let metaclass = class_of(cx, pattern);
    if metaclass != cx.builtin_type(Kind::TYPE) {
        let hook = if subclass { "__subclasscheck__" } else { "__instancecheck__" };
        if let Some(hook) = types::lookup_special(cx, pattern, hook) {
            let verdict = call::call(cx, hook, &[pattern, value], None)?;
            return operations::truth(cx, verdict);
        }
    }
    match as_type(pattern) {
        Some(class) if subclass => Ok(as_type(value).is_some_and(|value| is_subclass(value, class))),
        Some(class) => is_plain_instance(cx, value, class),
        None => {
            let (function, what) = if subclass { ("issubclass", "class") } else { ("isinstance", "type") };
            let message = if subclass {
                format!("{function}() arg 2 must be a {what}, a tuple of classes, or a union")
            } else {
                format!("{function}() arg 2 must be a {what}, a tuple of types, or a union")
            };
            Err(cx.type_error(message))
        }
    }
}

/// By the class, or by what `__class__` claims.
fn is_plain_instance(cx: &mut Cx, value: Value, class: Gc<Type>) -> PyResult<bool> {
    let own = class_of(cx, value);
    if is_subclass(own, class) {
        return Ok(true);
    }
    if own.flags.get() & types::HEAP_TYPE == 0 {
        return Ok(false);
    }
    let name = cx.intern("__class__");
    match attribute::find(cx, value, name)? {
        Some((claimed, _)) => Ok(as_type(claimed).is_some_and(|claimed| is_subclass(claimed, class))),
        None => Ok(false),
    }
}

/// `isinstance(value, pattern)`.
pub fn is_instance_of(cx: &mut Cx, value: Value, pattern: Value) -> PyResult<bool> {
    check(cx, value, pattern, false)
}

/// `issubclass(class, pattern)`.
pub fn is_subclass_of(cx: &mut Cx, class: Value, pattern: Value) -> PyResult<bool> {
    if as_type(class).is_none() {
        return Err(cx.type_error("issubclass() arg 1 must be a class"));
    }
    check(cx, class, pattern, true)
}

/// `type(name, bases, namespace)` and its subclasses: the metaclass derived from the bases, hooks run.
pub fn new_type(
    cx: &mut Cx,
    metaclass: Gc<Type>,
    name: Value,
    bases: Value,
    namespace: Value,
    kwargs: Keywords<'_>,
) -> PyResult {
    let Some(name) = downcast::<Str>(name) else {
        let message = format!("type.__new__() argument 1 must be str, not {}", class_name(cx, name));
        return Err(cx.type_error(message));
    };
    if downcast::<Tuple>(bases).is_none() {
        let message = format!("type.__new__() argument 2 must be tuple, not {}", class_name(cx, bases));
        return Err(cx.type_error(message));
    }
    let Some(namespace) = downcast::<Dict>(namespace) else {
        let message = format!("type.__new__() argument 3 must be dict, not {}", class_name(cx, namespace));
        return Err(cx.type_error(message));
    };
    let class = types::new_class(cx, metaclass, name, bases, namespace)?;
    set_names(cx, class)?;
    if let Some(hook) = next_init_subclass(cx, class)? {
        kwargs.call(cx, hook, &[])?;
    }
    Ok(class.value())
}

/// Calls `__set_name__` of what the namespace of a new class holds.
fn set_names(cx: &mut Cx, class: Gc<Type>) -> PyResult<()> {
    let mut position = 0;
    while let Some((name, value)) = Dict::next(class.dict.get(), &mut position) {
        if value.is_object()
            && let Some(hook) = types::lookup_special(cx, value, "__set_name__")
        {
            call::call(cx, hook, &[value, class.value(), name], None)?;
        }
    }
    Ok(())
}

/// `super(class, class).__init_subclass__`, unless that is `object`'s.
fn next_init_subclass(cx: &mut Cx, class: Gc<Type>) -> PyResult<Option<Value>> {
    let name = cx.intern("__init_subclass__");
    types::records::super_attribute(cx, class, class.value(), name)
}

fn own_or_none(cx: &mut Cx, class: Gc<Type>, name: &str) -> Value {
    let name = cx.intern(name);
    Dict::get_str(cx, class.dict.get(), name).unwrap_or(NONE)
}

fn set_text(cx: &mut Cx, class: Gc<Type>, value: Value, name: &str) -> PyResult<Gc<Str>> {
    if class.flags.get() & types::HEAP_TYPE == 0 {
        let message = format!("cannot set '{name}' attribute of immutable type '{}'", name_of(class));
        return Err(cx.type_error(message));
    }
    match downcast::<Str>(value) {
        Some(text) => Ok(text),
        None => {
            let message =
                format!("can only assign string to {}.{name}, not '{}'", name_of(class), class_name(cx, value));
            Err(cx.type_error(message))
        }
    }
}

/// The methods of `type`.
pub struct Methods;

#[py_methods(TYPE)]
impl Methods {
    #[new(signature = "")]
    fn new(cx: &mut Cx, metaclass: Gc<Type>, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> PyResult {
        match args {
            [value] if metaclass == cx.builtin_type(Kind::TYPE) => Ok(class_of(cx, *value).value()),
            [name, bases, namespace] => new_type(cx, metaclass, *name, *bases, *namespace, kwargs),
            _ => Err(cx.type_error("type() takes 1 or 3 arguments")),
        }
    }
    #[method(signature = "($self, /, *args, **kwargs)")]
    fn __init__(cx: &mut Cx, _this: Value, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> PyResult<()> {
        let _ = kwargs;
        if matches!(args.len(), 1 | 3) { Ok(()) } else { Err(cx.type_error("type.__init__() takes 1 or 3 arguments")) }
    }
    #[method(signature = "($self, /, *args, **kwargs)")]
    fn __call__(cx: &mut Cx, this: Gc<Type>, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> PyResult {
        kwargs.construct(cx, this, args)
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<Type>) -> String {
        format!("<class '{}'>", object::full_name(cx, this))
    }
    #[method]
    fn __or__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        // A union is what `isinstance` takes it for: a tuple of its members.
        if as_type(this).is_none() || (as_type(value).is_none() && value != NONE) {
            return Ok(NOT_IMPLEMENTED);
        }
        let none = cx.builtin_type(Kind::NONE).value();
        Ok(cx.tuple(&[this, if value == NONE { none } else { value }]))
    }
    /// Check if an object is an instance.
    #[method]
    fn __instancecheck__(cx: &mut Cx, this: Gc<Type>, instance: Value) -> PyResult<bool> {
        is_plain_instance(cx, instance, this)
    }
    /// Check if a class is a subclass.
    #[method]
    fn __subclasscheck__(cx: &mut Cx, this: Gc<Type>, subclass: Value) -> PyResult<bool> {
        match as_type(subclass) {
            Some(subclass) => Ok(is_subclass(subclass, this)),
            None => Err(cx.type_error("issubclass() arg 1 must be a class")),
        }
    }
    /// Return a type's method resolution order.
    #[method]
    fn mro(cx: &mut Cx, this: Gc<Type>) -> PyResult<Gc<List>> {
        list::from_iterable(cx, this.mro.get().value())
    }
    /// Return a list of immediate subclasses.
    #[method]
    fn __subclasses__(cx: &mut Cx, this: Gc<Type>) -> PyResult<Gc<List>> {
        match downcast::<List>(this.subclasses.get()) {
            Some(subclasses) => list::from_iterable(cx, subclasses.value()),
            None => List::new(cx, &[]),
        }
    }
    /// Specialized __dir__ implementation for types.
    #[method]
    fn __dir__(cx: &mut Cx, this: Gc<Type>) -> PyResult<Gc<List>> {
        let names = cx.dict();
        object::add_class_names(cx, names, this)?;
        list::from_iterable(cx, names.value())
    }
    /// Create the namespace for the class statement
    #[classmethod]
    fn __prepare__(cx: &mut Cx, _class: Value, #[args] _args: &[Value], #[kwargs] _kwargs: Keywords<'_>) -> Gc<Dict> {
        cx.dict()
    }
    #[getter]
    fn __name__(this: Gc<Type>) -> Value {
        this.name.get()
    }
    #[setter]
    fn set_name(cx: &mut Cx, this: Gc<Type>, value: Value) -> PyResult<()> {
        let text = set_text(cx, this, value, "__name__")?;
        this.name.set(cx.mutator(), this, text.value());
        Ok(())
    }
    #[getter]
    fn __qualname__(this: Gc<Type>) -> Value {
        this.qualname.get()
    }
    #[setter]
    fn set_qualname(cx: &mut Cx, this: Gc<Type>, value: Value) -> PyResult<()> {
        let text = set_text(cx, this, value, "__qualname__")?;
        this.qualname.set(cx.mutator(), this, text.value());
        Ok(())
    }
    #[getter]
    fn __module__(cx: &mut Cx, this: Gc<Type>) -> Value {
        match own_or_none(cx, this, "__module__") {
            NONE => cx.intern("builtins").value(),
            module => module,
        }
    }
    #[setter]
    fn set_module(cx: &mut Cx, this: Gc<Type>, value: Value) -> PyResult<()> {
        let name = cx.intern("__module__");
        types::set_class_attribute(cx, this, name, (value != UNBOUND).then_some(value)).map(|_| ())
    }
    #[getter]
    fn __doc__(cx: &mut Cx, this: Gc<Type>) -> PyResult {
        let doc = own_or_none(cx, this, "__doc__");
        if doc.is_object() && types::lookup_special(cx, doc, "__get__").is_some() {
            return attribute::bind(cx, doc, None, this);
        }
        Ok(doc)
    }
    #[setter]
    fn set_doc(cx: &mut Cx, this: Gc<Type>, value: Value) -> PyResult<()> {
        let name = cx.intern("__doc__");
        types::set_class_attribute(cx, this, name, (value != UNBOUND).then_some(value)).map(|_| ())
    }
    #[getter]
    fn __bases__(this: Gc<Type>) -> Value {
        this.bases.get()
    }
    #[getter]
    fn __base__(this: Gc<Type>) -> Option<Gc<Type>> {
        this.base.get()
    }
    #[getter]
    fn __mro__(this: Gc<Type>) -> Gc<Tuple> {
        this.mro.get()
    }
    #[getter]
    fn __dict__(cx: &mut Cx, this: Gc<Type>) -> PyResult {
        // A copy: writes must go by `setattr`, which tells inline caches.
        Ok(types::dict::copy(cx, this.dict.get())?.value())
    }
    #[getter]
    fn __flags__(this: Gc<Type>) -> i64 {
        if this.flags.get() & types::HEAP_TYPE != 0 { 1 << 9 } else { 0 }
    }
    #[getter]
    fn __abstractmethods__(cx: &mut Cx, this: Gc<Type>) -> PyResult {
        match own_or_none(cx, this, "__abstractmethods__") {
            NONE => Err(cx.raise(Kind::ATTRIBUTE_ERROR, "__abstractmethods__")),
            names => Ok(names),
        }
    }
    #[setter]
    fn set_abstractmethods(cx: &mut Cx, this: Gc<Type>, value: Value) -> PyResult<()> {
        let name = cx.intern("__abstractmethods__");
        types::set_class_attribute(cx, this, name, (value != UNBOUND).then_some(value)).map(|_| ())
    }
}
