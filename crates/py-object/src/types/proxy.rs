//! `mappingproxy`: a read-only view of a mapping, such as a class's namespace.

use crate::call;
use crate::cx::{Cx, NONE, PyResult};
use crate::kinds::{Kind, shapes};
use crate::object;
use crate::object::allocate;
use crate::objects::{Dict, Str, Type};
use crate::operations::{self, BinaryOperator, Comparison};
use crate::string::{StrExt, downcast};
use crate::types::{self, class_name};
use py_macros::py_methods;
use vm_heap::{Gc, Value};

object! {
    /// A read-only view of a mapping.
    pub struct MappingProxy = 351 {
        /// The mapping.
        mapping: Value,
    }
}

/// A view of a mapping.
pub fn new(cx: &mut Cx, mapping: Value) -> Value {
    let proxy = allocate::<MappingProxy>(cx.mutator(), shapes::MAPPING_PROXY);
    proxy.mapping.init(mapping);
    proxy.value()
}

/// The mapping behind a proxy; any other value itself.
fn behind(value: Value) -> Value {
    downcast::<MappingProxy>(value).map_or(value, |proxy| proxy.mapping.get())
}

fn forward(cx: &mut Cx, this: Gc<MappingProxy>, method: &str, arguments: &[Value]) -> PyResult {
    call::call_method(cx, this.mapping.get(), method, arguments)
}

fn compare(cx: &mut Cx, comparison: Comparison, this: Gc<MappingProxy>, other: Value) -> PyResult {
    operations::compare(cx, comparison, this.mapping.get(), other)
}

/// The methods of `mappingproxy`.
pub struct Methods;

#[py_methods(MAPPING_PROXY, name = "mappingproxy")]
impl Methods {
    #[new(signature = "(mapping)")]
    fn new(cx: &mut Cx, _class: Gc<Type>, #[keyword] mapping: Value) -> PyResult {
        let is_sequence =
            [Kind::LIST, Kind::TUPLE, Kind::STR].iter().any(|kind| types::is_instance(cx, mapping, *kind));
        if is_sequence || types::lookup_special(cx, mapping, "__getitem__").is_none() {
            let message = format!("mappingproxy() argument must be a mapping, not {}", class_name(cx, mapping));
            return Err(cx.type_error(message));
        }
        Ok(new(cx, mapping))
    }
    #[method]
    fn __getitem__(cx: &mut Cx, this: Gc<MappingProxy>, key: Value) -> PyResult {
        operations::get_item(cx, this.mapping.get(), key)
    }
    #[method]
    fn __len__(cx: &mut Cx, this: Gc<MappingProxy>) -> PyResult<usize> {
        operations::length(cx, this.mapping.get())
    }
    #[method]
    fn __contains__(cx: &mut Cx, this: Gc<MappingProxy>, key: Value) -> PyResult<bool> {
        operations::contains(cx, this.mapping.get(), key)
    }
    #[method]
    fn __iter__(cx: &mut Cx, this: Gc<MappingProxy>) -> PyResult {
        operations::iterate(cx, this.mapping.get())
    }
    #[method]
    fn __reversed__(cx: &mut Cx, this: Gc<MappingProxy>) -> PyResult {
        forward(cx, this, "__reversed__", &[])
    }
    #[method]
    fn __hash__(cx: &mut Cx, this: Gc<MappingProxy>) -> PyResult<i64> {
        operations::hash(cx, this.mapping.get()).map(|hash| hash as i64)
    }
    #[method]
    fn __str__(cx: &mut Cx, this: Gc<MappingProxy>) -> PyResult<Gc<Str>> {
        operations::to_str(cx, this.mapping.get())
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<MappingProxy>) -> PyResult<String> {
        let shown = operations::repr(cx, this.mapping.get())?;
        Ok(format!("mappingproxy({})", shown.to_text()))
    }
    #[method]
    fn __or__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operations::binary(cx, BinaryOperator::Or, behind(this), behind(value), false)
    }
    #[method]
    fn __ror__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operations::binary(cx, BinaryOperator::Or, behind(value), behind(this), false)
    }
    #[method]
    fn __ior__(cx: &mut Cx, _this: Value, _value: Value) -> PyResult {
        Err(cx.type_error("'|=' is not supported by mappingproxy; use '|' instead"))
    }
    #[method]
    fn __eq__(cx: &mut Cx, this: Gc<MappingProxy>, value: Value) -> PyResult {
        compare(cx, Comparison::Eq, this, value)
    }
    #[method]
    fn __ne__(cx: &mut Cx, this: Gc<MappingProxy>, value: Value) -> PyResult {
        compare(cx, Comparison::Ne, this, value)
    }
    #[method]
    fn __lt__(cx: &mut Cx, this: Gc<MappingProxy>, value: Value) -> PyResult {
        compare(cx, Comparison::Lt, this, value)
    }
    #[method]
    fn __le__(cx: &mut Cx, this: Gc<MappingProxy>, value: Value) -> PyResult {
        compare(cx, Comparison::Le, this, value)
    }
    #[method]
    fn __gt__(cx: &mut Cx, this: Gc<MappingProxy>, value: Value) -> PyResult {
        compare(cx, Comparison::Gt, this, value)
    }
    #[method]
    fn __ge__(cx: &mut Cx, this: Gc<MappingProxy>, value: Value) -> PyResult {
        compare(cx, Comparison::Ge, this, value)
    }
    /// Return the value for key if key is in the mapping, else default.
    #[method]
    fn get(cx: &mut Cx, this: Gc<MappingProxy>, key: Value, #[default(NONE)] default: Value) -> PyResult {
        forward(cx, this, "get", &[key, default])
    }
    /// a set-like object providing a view on D's keys
    #[method]
    fn keys(cx: &mut Cx, this: Gc<MappingProxy>) -> PyResult {
        forward(cx, this, "keys", &[])
    }
    /// an object providing a view on D's values
    #[method]
    fn values(cx: &mut Cx, this: Gc<MappingProxy>) -> PyResult {
        forward(cx, this, "values", &[])
    }
    /// a set-like object providing a view on D's items
    #[method]
    fn items(cx: &mut Cx, this: Gc<MappingProxy>) -> PyResult {
        forward(cx, this, "items", &[])
    }
    /// a shallow copy of D
    #[method]
    fn copy(cx: &mut Cx, this: Gc<MappingProxy>) -> PyResult {
        match downcast::<Dict>(this.mapping.get()) {
            Some(dict) if types::is_exactly(dict.value(), Kind::DICT) => Ok(types::dict::copy(cx, dict)?.value()),
            _ => forward(cx, this, "copy", &[]),
        }
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cx: &mut Cx, class: Value, object: Value) -> PyResult {
        types::generic::alias(cx, class, object)
    }
}
