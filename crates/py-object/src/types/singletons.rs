//! `None`, `NotImplemented`, `Ellipsis`, and namespaces of plain attributes.

use crate::arguments::Keywords;
use crate::attribute;
use crate::cx::{Cx, ELLIPSIS, NONE, NOT_IMPLEMENTED, PyResult, bool_value};
use crate::kinds::Kind;
use crate::objects::{Dict, Record, Str, Type};
use crate::operations;
use crate::string::{StrExt, downcast};
use crate::types::{class_name, class_of, name_of, object, records};
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
    fn __reduce__(cx: &mut Cx, _this: Value) -> Gc<Str> {
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
    #[method]
    fn __reduce__(cx: &mut Cx, _this: Value) -> Gc<Str> {
        cx.intern("Ellipsis")
    }
}

/// A new `types.SimpleNamespace` with these attributes.
pub fn new_namespace(cx: &mut Cx, attributes: Gc<Dict>) -> Gc<Record> {
    let class = cx.builtin_type(Kind::SIMPLE_NAMESPACE);
    let record = records::record(cx, class, [NONE; 4]);
    if attribute::set_dictionary(cx, record.value(), attributes).is_err() {
        cx.take_raised();
    }
    record
}

/// Fills a namespace from what its class was called with.
fn fill(cx: &mut Cx, this: Value, mapping: Option<Value>, kwargs: Keywords<'_>) -> PyResult<()> {
    if let Some(mapping) = mapping {
        let given = cx.dict();
        crate::types::dict::update(cx, given, mapping)?;
        let mut position = 0;
        while let Some((name, value)) = Dict::next(given, &mut position) {
            let Some(name) = downcast::<Str>(name) else {
                return Err(cx.type_error("keywords must be strings"));
            };
            attribute::set_own(cx, this, name, value)?;
        }
    }
    for (name, value) in kwargs.iter() {
        attribute::set_own(cx, this, name, value)?;
    }
    Ok(())
}

/// `types.SimpleNamespace`.
pub struct NamespaceMethods;

#[py_methods(SIMPLE_NAMESPACE, name = "types.SimpleNamespace")]
impl NamespaceMethods {
    #[new(signature = "(mapping_or_iterable=(), /, **kwargs)")]
    fn new(cx: &mut Cx, class: Gc<Type>, #[args] _args: &[Value], #[kwargs] _kwargs: Keywords<'_>) -> Gc<Record> {
        // The arguments belong to `__init__`.
        records::record(cx, class, [NONE; 4])
    }
    #[method(signature = "($self, /, *args, **kwargs)")]
    fn __init__(cx: &mut Cx, this: Value, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> PyResult<()> {
        if args.len() > 1 {
            let class = class_name(cx, this);
            return Err(cx.type_error(format!("{class} expected at most 1 argument, got {}", args.len())));
        }
        fill(cx, this, args.first().copied(), kwargs)
    }
    #[method]
    fn __eq__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        if !crate::types::is_instance(cx, value, Kind::SIMPLE_NAMESPACE) {
            return Ok(NOT_IMPLEMENTED);
        }
        let (lhs, rhs) = (attribute::dictionary(cx, this)?, attribute::dictionary(cx, value)?);
        Ok(bool_value(operations::equal(cx, lhs.value(), rhs.value())?))
    }
    #[method]
    fn __reduce__(cx: &mut Cx, this: Value) -> PyResult {
        let (class, attributes) = (class_of(cx, this).value(), attribute::dictionary(cx, this)?.value());
        let empty = cx.tuple(&[]);
        Ok(cx.tuple(&[class, empty, attributes]))
    }
    /// Return a copy of the namespace object with new values for the specified attributes.
    #[method]
    fn __replace__(cx: &mut Cx, this: Value, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> PyResult {
        if !args.is_empty() {
            let message = format!("__replace__() takes 0 positional arguments but {} given", args.len());
            return Err(cx.type_error(message));
        }
        let class = class_of(cx, this);
        let copy = crate::call::construct(cx, class, &[], None)?;
        if !crate::types::is_instance(cx, copy, Kind::SIMPLE_NAMESPACE) {
            let (wanted, made) = (object::qualified_name(cx, class), class_name(cx, copy));
            let message = format!("expect types.SimpleNamespace type, but {wanted}() returned '{made}' object");
            return Err(cx.type_error(message));
        }
        let attributes = attribute::dictionary(cx, this)?;
        fill(cx, copy, Some(attributes.value()), kwargs)?;
        Ok(copy)
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Value) -> PyResult<String> {
        let class = class_of(cx, this);
        let name = match class == cx.builtin_type(Kind::SIMPLE_NAMESPACE) {
            true => "namespace".to_string(),
            false => name_of(class),
        };
        let Some(_guard) = object::enter_repr(cx, this) else { return Ok(format!("{name}(...)")) };
        let mut text = format!("{name}(");
        let mut position = 0;
        let attributes = attribute::dictionary(cx, this)?;
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
}
