//! `property`: a record of getter, setter and deleter. The fourth part is a tuple of what else it knows: docstring, whether
//! that came from the getter, and the name that a class gave it.

use super::{is_abstract, record};
use crate::cx::{Cx, FALSE, NONE, PyResult, TRUE, UNBOUND};
use crate::kinds::Kind;
use crate::objects::{Record, Str, Tuple, Type};
use crate::sequence::tuple_items;
use crate::string::{StrExt, downcast};
use crate::types::{self, as_type, class_of};
use crate::{attribute, call, operations};
use py_macros::py_methods;
use vm_heap::{Gc, Value};

/// Docstring, whether it is the getter's, name (or UNBOUND).
fn extras(this: Gc<Record>) -> (Value, bool, Value) {
    match downcast::<Tuple>(this.fourth.get()) {
        Some(extras) => match tuple_items(&extras) {
            [doc, from_getter, name] => (*doc, *from_getter == TRUE, *name),
            _ => (NONE, false, UNBOUND),
        },
        None => (NONE, false, UNBOUND),
    }
}

fn set_extras(cx: &mut Cx, this: Gc<Record>, doc: Value, from_getter: bool, name: Value) {
    let extras = cx.tuple(&[doc, if from_getter { TRUE } else { FALSE }, name]);
    this.fourth.set(cx.mutator(), this, extras);
}

/// The name by which messages call a property.
fn name_in_messages(cx: &mut Cx, this: Gc<Record>) -> PyResult<Option<Value>> {
    let (_, _, name) = extras(this);
    if name != UNBOUND {
        return Ok(Some(name));
    }
    let getter = this.first.get();
    if getter == NONE {
        return Ok(None);
    }
    let key = cx.intern("__name__");
    attribute::get_optional(cx, getter, key)
}

/// The AttributeError of a property without the function that is needed.
pub(crate) fn property_lacks(cx: &mut Cx, property: Value, object: Value, role: &str) -> vm_machine::Raised {
    let Some(this) = downcast::<Record>(property) else { return cx.type_error("a property was expected") };
    let name = match name_in_messages(cx, this) {
        Ok(name) => name,
        Err(raised) => return raised,
    };
    let class = class_of(cx, object);
    let class = downcast::<Str>(class.qualname.get()).map_or_else(String::new, |name| name.to_text());
    let message = match name {
        Some(name) => match operations::repr(cx, name) {
            Ok(name) => format!("property {} of '{class}' object has no {role}", name.to_text()),
            Err(raised) => return raised,
        },
        None => format!("property of '{class}' object has no {role}"),
    };
    cx.raise(Kind::ATTRIBUTE_ERROR, message)
}

/// A property like another one with some functions replaced.
fn with(cx: &mut Cx, this: Gc<Record>, replaced: [Option<Value>; 3]) -> PyResult {
    let class = class_of(cx, this.value());
    let [get, set, delete] = replaced;
    let (doc, from_getter, name) = extras(this);
    let doc = if from_getter && get.is_some_and(|get| get != NONE) { NONE } else { doc };
    let parts = [
        get.unwrap_or(this.first.get()),
        set.unwrap_or(this.second.get()),
        delete.unwrap_or(this.third.get()),
        if from_getter { NONE } else { doc },
    ];
    let made = call::call(cx, class.value(), &parts, None)?;
    if name != UNBOUND
        && let Some(made) = downcast::<Record>(made)
    {
        let (doc, from_getter, _) = extras(made);
        set_extras(cx, made, doc, from_getter, name);
    }
    Ok(made)
}

fn initialise(cx: &mut Cx, this: Gc<Record>, parts: [Value; 4]) -> PyResult<()> {
    let [get, set, delete, mut doc] = parts;
    for (field, part) in [&this.first, &this.second, &this.third].into_iter().zip([get, set, delete]) {
        field.set(cx.mutator(), this, part);
    }
    set_extras(cx, this, NONE, false, UNBOUND);
    let name = cx.intern("__doc__");
    let mut from_getter = false;
    if doc == NONE && get != NONE {
        doc = attribute::get_optional(cx, get, name)?.unwrap_or(NONE);
        from_getter = doc != NONE;
    }
    if types::is_exactly(this.value(), Kind::PROPERTY) {
        set_extras(cx, this, doc, from_getter, UNBOUND);
        return Ok(());
    }
    // An instance of a subclass shows its docstring rather than that of its class.
    set_extras(cx, this, NONE, from_getter, UNBOUND);
    match attribute::set(cx, this.value(), name, Some(doc)) {
        Err(_) if !from_getter && types::is_instance(cx, cx.raised.get(), Kind::ATTRIBUTE_ERROR) => {
            cx.take_raised();
            Ok(())
        }
        other => other,
    }
}

/// The methods of `property`.
pub struct PropertyMethods;

#[py_methods(PROPERTY)]
impl PropertyMethods {
    #[new(signature = "(fget=None, fset=None, fdel=None, doc=None)")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[args] _args: &[Value],
        #[kwargs] _kwargs: crate::arguments::Keywords<'_>,
    ) -> Gc<Record> {
        // The arguments belong to `__init__`.
        record(cx, class, [NONE; 4])
    }
    #[method]
    fn __init__(
        cx: &mut Cx,
        this: Gc<Record>,
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
    ) -> PyResult<()> {
        initialise(cx, this, [fget, fset, fdel, doc])
    }
    #[method]
    fn __get__(cx: &mut Cx, this: Gc<Record>, instance: Value, #[default(NONE)] owner: Value) -> PyResult {
        if instance == NONE {
            return Ok(this.value());
        }
        let getter = this.first.get();
        if getter == NONE {
            return Err(property_lacks(cx, this.value(), instance, "getter"));
        }
        let _ = as_type(owner);
        call::call(cx, getter, &[instance], None)
    }
    #[method]
    fn __set__(cx: &mut Cx, this: Gc<Record>, instance: Value, value: Value) -> PyResult<()> {
        let setter = this.second.get();
        if setter == NONE {
            return Err(property_lacks(cx, this.value(), instance, "setter"));
        }
        call::call(cx, setter, &[instance, value], None).map(|_| ())
    }
    #[method]
    fn __delete__(cx: &mut Cx, this: Gc<Record>, instance: Value) -> PyResult<()> {
        let deleter = this.third.get();
        if deleter == NONE {
            return Err(property_lacks(cx, this.value(), instance, "deleter"));
        }
        call::call(cx, deleter, &[instance], None).map(|_| ())
    }
    /// Method to set name of a property.
    #[method]
    fn __set_name__(cx: &mut Cx, this: Gc<Record>, #[args] args: &[Value]) -> PyResult<()> {
        let [_, name] = args else {
            let message = format!("__set_name__() takes 2 positional arguments but {} were given", args.len());
            return Err(cx.type_error(message));
        };
        let (doc, from_getter, _) = extras(this);
        set_extras(cx, this, doc, from_getter, *name);
        Ok(())
    }
    /// Descriptor to obtain a copy of the property with a different getter.
    #[method]
    fn getter(cx: &mut Cx, this: Gc<Record>, function: Value) -> PyResult {
        with(cx, this, [Some(function), None, None])
    }
    /// Descriptor to obtain a copy of the property with a different setter.
    #[method]
    fn setter(cx: &mut Cx, this: Gc<Record>, function: Value) -> PyResult {
        with(cx, this, [None, Some(function), None])
    }
    /// Descriptor to obtain a copy of the property with a different deleter.
    #[method]
    fn deleter(cx: &mut Cx, this: Gc<Record>, function: Value) -> PyResult {
        with(cx, this, [None, None, Some(function)])
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
    fn __name__(cx: &mut Cx, this: Gc<Record>) -> PyResult {
        match name_in_messages(cx, this)? {
            Some(name) => Ok(name),
            None => {
                let message = "'property' object has no attribute '__name__'";
                Err(cx.raise(Kind::ATTRIBUTE_ERROR, message))
            }
        }
    }
    #[setter]
    fn set_name(cx: &mut Cx, this: Gc<Record>, value: Value) {
        let (doc, from_getter, _) = extras(this);
        set_extras(cx, this, doc, from_getter, value);
    }
    #[getter]
    fn __doc__(this: Gc<Record>) -> Value {
        extras(this).0
    }
    #[setter]
    fn set_doc(cx: &mut Cx, this: Gc<Record>, value: Value) {
        let (_, from_getter, name) = extras(this);
        set_extras(cx, this, if value == UNBOUND { NONE } else { value }, from_getter, name);
    }
    #[getter]
    fn __isabstractmethod__(cx: &mut Cx, this: Gc<Record>) -> PyResult<bool> {
        for function in [this.first.get(), this.second.get(), this.third.get()] {
            if is_abstract(cx, function)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
