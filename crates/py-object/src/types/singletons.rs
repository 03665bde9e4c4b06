//! `None`, `NotImplemented`, `Ellipsis`, and namespaces of plain attributes.

use crate::arguments::Keywords;
use crate::attribute;
use crate::cx::{Cx, ELLIPSIS, NONE, NOT_IMPLEMENTED, PyResult};
use crate::kinds::{Kind, shapes};
use crate::object::allocate;
use crate::objects::{Dict, Record, Str, Type};
use crate::operations;
use crate::string::{StrExt, downcast};
use crate::types::object;
use py_macros::py_methods;
use vm_heap::{Gc, Value};

/// `NoneType`.
pub struct NoneMethods;

#[py_methods(NONE, name = "NoneType")]
impl NoneMethods {
    #[new(signature = "")]
    fn new(_class: Value) -> Value {
        NONE
    }
    #[method]
    fn __repr__(cx: &mut Cx, _this: Value) -> Gc<Str> {
        cx.intern("None")
    }
    #[method]
    fn __bool__(_this: Value) -> bool {
        false
    }
    #[method]
    fn __hash__(_this: Value) -> i64 {
        0xfca_86420
    }
}

/// `NotImplementedType`.
pub struct NotImplementedMethods;

#[py_methods(NOT_IMPLEMENTED, name = "NotImplementedType")]
impl NotImplementedMethods {
    #[new(signature = "")]
    fn new(_class: Value) -> Value {
        NOT_IMPLEMENTED
    }
    #[method]
    fn __repr__(cx: &mut Cx, _this: Value) -> Gc<Str> {
        cx.intern("NotImplemented")
    }
    #[method]
    fn __bool__(cx: &mut Cx, _this: Value) -> PyResult<bool> {
        Err(cx.type_error("NotImplemented should not be used in a boolean context"))
    }
}

/// `ellipsis`.
pub struct EllipsisMethods;

#[py_methods(ELLIPSIS)]
impl EllipsisMethods {
    #[new(signature = "")]
    fn new(_class: Value) -> Value {
        ELLIPSIS
    }
    #[method]
    fn __repr__(cx: &mut Cx, _this: Value) -> Gc<Str> {
        cx.intern("Ellipsis")
    }
}

/// A new `types.SimpleNamespace` with these attributes. They lie in a dict, the first part of its record.
pub fn new_namespace(cx: &mut Cx, attributes: Gc<Dict>) -> Gc<Record> {
    let record = allocate::<Record>(cx.mutator(), shapes::SIMPLE_NAMESPACE);
    record.first.init(attributes.value());
    for field in [&record.second, &record.third, &record.fourth] {
        field.init(NONE);
    }
    record
}

fn attributes_of(namespace: Gc<Record>) -> Gc<Dict> {
    downcast::<Dict>(namespace.first.get()).expect("a namespace holds its attributes")
}

/// Sets or deletes an attribute of a namespace; `None` where the value is none.
pub(crate) fn set_namespace_attribute(
    cx: &mut Cx,
    object: Value,
    name: Gc<Str>,
    value: Option<Value>,
) -> Option<PyResult<()>> {
    if !crate::types::is_exactly(object, Kind::SIMPLE_NAMESPACE) {
        return None;
    }
    let attributes = attributes_of(downcast::<Record>(object)?);
    Some(match value {
        Some(value) => Dict::set_str(cx, attributes, name, value),
        None => match Dict::remove(cx, attributes, name.value()) {
            Ok(Some(_)) => Ok(()),
            Ok(None) => Err(attribute::missing(cx, object, name)),
            Err(raised) => Err(raised),
        },
    })
}

/// An attribute of a namespace.
pub fn namespace_attribute(cx: &mut Cx, namespace: Value, name: Gc<Str>) -> Option<Value> {
    let namespace = downcast::<Record>(namespace)?;
    Dict::get_str(cx, attributes_of(namespace), name)
}

/// `types.SimpleNamespace`.
pub struct NamespaceMethods;

#[py_methods(SIMPLE_NAMESPACE, name = "types.SimpleNamespace")]
impl NamespaceMethods {
    #[new(signature = "(mapping_or_iterable=(), /, **kwargs)")]
    fn new(
        cx: &mut Cx,
        _class: Gc<Type>,
        mapping: Option<Value>,
        #[kwargs] kwargs: Keywords<'_>,
    ) -> PyResult<Gc<Record>> {
        let attributes = cx.dict();
        if let Some(mapping) = mapping {
            crate::types::dict::update(cx, attributes, mapping)?;
        }
        for (name, value) in kwargs.iter() {
            Dict::set_str(cx, attributes, name, value)?;
        }
        Ok(new_namespace(cx, attributes))
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<Record>) -> PyResult<String> {
        let Some(_guard) = object::enter_repr(cx, this.value()) else { return Ok("namespace(...)".to_string()) };
        let mut text = String::from("namespace(");
        let mut position = 0;
        let attributes = attributes_of(this);
        while let Some((name, value)) = Dict::next(attributes, &mut position) {
            if !text.ends_with('(') {
                text.push_str(", ");
            }
            text.push_str(&operations::to_str(cx, name)?.to_text());
            text.push('=');
            object::push_repr(cx, &mut text, value)?;
        }
        text.push(')');
        Ok(text)
    }
    #[getter]
    fn __dict__(this: Gc<Record>) -> Gc<Dict> {
        attributes_of(this)
    }
}
