//! `typing.Union`: what `int | str` makes. Its members are unique; order does not matter for equality.

use super::{GenericAlias, parameters_of, push_argument, substitute};
use crate::cx::{Cx, NONE, NOT_IMPLEMENTED, PyResult, bool_value};
use crate::kinds::{Kind, shapes};
use crate::object;
use crate::object::allocate;
use crate::objects::{List, Str, Tuple};
use crate::operations;
use crate::sequence::{elements, tuple_items};
use crate::string::downcast;
use crate::types::{self, as_type};
use py_macros::py_methods;
use vm_heap::{Gc, Value};

object! {
    /// A union of types.
    pub struct Union = 353 {
        /// Tuple of the members.
        members: Value,
        /// Tuple of the type parameters among them.
        parameters: Value,
    }
}

/// Whether a value is a union.
pub fn is_union(value: Value) -> bool {
    downcast::<Union>(value).is_some()
}

/// The members of a union.
pub fn members(value: Value) -> Option<Gc<Tuple>> {
    downcast::<Tuple>(downcast::<Union>(value)?.members.get())
}

/// Whether `|` makes a union of a value.
fn is_unionable(cx: &mut Cx, value: Value) -> bool {
    value == NONE
        || as_type(value).is_some()
        || downcast::<GenericAlias>(value).is_some()
        || is_union(value)
        || types::class_name(cx, value) == "TypeAliasType"
}

/// `lhs | rhs` of types.
pub fn union_of(cx: &mut Cx, lhs: Value, rhs: Value) -> PyResult {
    if !is_unionable(cx, lhs) || !is_unionable(cx, rhs) {
        return Ok(NOT_IMPLEMENTED);
    }
    let parts = Tuple::new(cx, &[lhs, rhs]);
    of(cx, tuple_items(&parts))
}

/// The union of several types; a single one is itself.
pub(super) fn of(cx: &mut Cx, parts: &[Value]) -> PyResult {
    let found = List::new(cx, &[])?;
    for part in parts {
        match members(*part) {
            Some(inner) => {
                for member in tuple_items(&inner) {
                    add(cx, found, *member)?;
                }
            }
            None => {
                let part = if *part == NONE { cx.builtin_type(Kind::NONE).value() } else { *part };
                add(cx, found, part)?;
            }
        }
    }
    let members = Tuple::from_list(cx, found)?;
    if let [only] = tuple_items(&members) {
        return Ok(*only);
    }
    let parameters = parameters_of(cx, members.value())?;
    let union = allocate::<Union>(cx.mutator(), shapes::UNION);
    union.members.init(members.value());
    union.parameters.init(parameters);
    Ok(union.value())
}

fn add(cx: &mut Cx, found: Gc<List>, member: Value) -> PyResult<()> {
    let (items, length) = List::snapshot(&found);
    for at in 0..length {
        let other = elements(&items)[at].get();
        if types::class_of(cx, other) == types::class_of(cx, member) && operations::equal(cx, other, member)? {
            return Ok(());
        }
    }
    List::push(cx, found, member)
}

/// The members as a frozenset, for comparing and hashing.
fn as_set(cx: &mut Cx, this: Gc<Union>) -> PyResult {
    let class = cx.builtin_type(Kind::FROZENSET);
    crate::call::construct(cx, class, &[this.members.get()], None)
}

/// The methods of `typing.Union`.
pub struct Methods;

#[py_methods(UNION, name = "typing.Union")]
impl Methods {
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<Union>) -> PyResult<String> {
        let mut text = String::new();
        let members = downcast::<Tuple>(this.members.get()).expect("members are a tuple");
        for (at, member) in tuple_items(&members).iter().enumerate() {
            if at > 0 {
                text.push_str(" | ");
            }
            push_argument(cx, &mut text, *member)?;
        }
        Ok(text)
    }
    #[method]
    fn __hash__(cx: &mut Cx, this: Gc<Union>) -> PyResult<i64> {
        let set = as_set(cx, this)?;
        operations::hash(cx, set).map(|hash| hash as i64)
    }
    #[method]
    fn __eq__(cx: &mut Cx, this: Gc<Union>, value: Value) -> PyResult {
        let Some(other) = downcast::<Union>(value) else { return Ok(NOT_IMPLEMENTED) };
        let (lhs, rhs) = (as_set(cx, this)?, as_set(cx, other)?);
        Ok(bool_value(operations::equal(cx, lhs, rhs)?))
    }
    #[method]
    fn __or__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        union_of(cx, this, value)
    }
    #[method]
    fn __ror__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        union_of(cx, value, this)
    }
    #[method]
    fn __getitem__(cx: &mut Cx, this: Gc<Union>, key: Value) -> PyResult {
        let replaced = substitute(cx, this.value(), this.members.get(), this.parameters.get(), key)?;
        of(cx, tuple_items(&replaced))
    }
    #[method]
    fn __instancecheck__(cx: &mut Cx, this: Gc<Union>, instance: Value) -> PyResult<bool> {
        let members = downcast::<Tuple>(this.members.get()).expect("members are a tuple");
        for member in tuple_items(&members) {
            if downcast::<GenericAlias>(*member).is_some() {
                return Err(cx.type_error("isinstance() argument 2 cannot be a parameterized generic"));
            }
        }
        for member in tuple_items(&members) {
            if types::class::is_instance_of(cx, instance, *member)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
    #[method]
    fn __subclasscheck__(cx: &mut Cx, this: Gc<Union>, class: Value) -> PyResult<bool> {
        if as_type(class).is_none() {
            return Err(cx.type_error("issubclass() arg 1 must be a class"));
        }
        let members = downcast::<Tuple>(this.members.get()).expect("members are a tuple");
        for member in tuple_items(&members) {
            if downcast::<GenericAlias>(*member).is_some() {
                return Err(cx.type_error("issubclass() argument 2 cannot be a parameterized generic"));
            }
        }
        for member in tuple_items(&members) {
            if types::class::is_subclass_of(cx, class, *member)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
    #[method]
    fn __mro_entries__(cx: &mut Cx, this: Value, _bases: Value) -> PyResult {
        let shown = operations::repr(cx, this)?;
        let message = format!("Cannot subclass {}", crate::string::StrExt::to_text(&shown));
        Err(cx.type_error(message))
    }
    #[classmethod]
    fn __class_getitem__(cx: &mut Cx, _class: Value, arguments: Value) -> PyResult {
        match downcast::<Tuple>(arguments) {
            Some(tuple) if tuple_items(&tuple).is_empty() => Err(cx.type_error("Cannot take a Union of no types.")),
            Some(tuple) => of(cx, tuple_items(&tuple)),
            None => of(cx, &[arguments]),
        }
    }
    #[getter]
    fn __args__(this: Gc<Union>) -> Value {
        this.members.get()
    }
    /// Type variables in the types.UnionType.
    #[getter]
    fn __parameters__(this: Gc<Union>) -> Value {
        this.parameters.get()
    }
    /// Always returns the type
    #[getter]
    fn __origin__(cx: &mut Cx, _this: Value) -> Value {
        cx.builtin_type(Kind::UNION).value()
    }
    #[getter(name = "__name__")]
    fn name_of(cx: &mut Cx, _this: Value) -> Gc<Str> {
        cx.intern("Union")
    }
    #[getter(name = "__qualname__")]
    fn qualname_of(cx: &mut Cx, _this: Value) -> Gc<Str> {
        cx.intern("Union")
    }
}
