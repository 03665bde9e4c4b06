//! `typing.Union`: what `int | str` makes. Its members are unique; order does not matter for equality.

use super::representation::push_type;
use super::substitution::{parameters_of, substitute};
use super::{GenericAlias, checked_type};
use crate::cx::{Cx, NONE, NOT_IMPLEMENTED, PyResult, UNBOUND, bool_value};
use crate::kinds::{Kind, shapes};
use crate::object;
use crate::object::allocate;
use crate::objects::{Dict, List, Str, Tuple};
use crate::operations;
use crate::sequence::{elements, tuple_items};
use crate::string::{StrExt, downcast};
use crate::types::{self, as_type};
use py_macros::py_methods;
use vm_heap::{Gc, Value};

object! {
    /// A union of types.
    pub struct Union = 353 {
        /// Version word.
        word: u64,
        /// Tuple of the members.
        members: Gc<Tuple>,
        /// Those with a hash, as a frozenset.
        hashable: Value,
        /// The others, as a tuple.
        unhashable: Gc<Tuple>,
        /// Tuple of the type parameters among them, or UNBOUND until somebody asks.
        parameters: Value,
    }
}

/// Whether a value is a union.
pub fn is_union(value: Value) -> bool {
    downcast::<Union>(value).is_some()
}

/// The members of a union.
pub fn members(value: Value) -> Option<Gc<Tuple>> {
    Some(downcast::<Union>(value)?.members.get())
}

/// Whether `|` of types makes a union of a value.
fn is_unionable(value: Value) -> bool {
    value == NONE
        || as_type(value).is_some()
        || downcast::<GenericAlias>(value).is_some()
        || is_union(value)
        || types::is_exactly(value, Kind::TYPE_ALIAS)
}

/// `lhs | rhs` of types.
pub fn union_of(cx: &mut Cx, lhs: Value, rhs: Value) -> PyResult {
    if !is_unionable(lhs) || !is_unionable(rhs) {
        return Ok(NOT_IMPLEMENTED);
    }
    let mut builder = Builder::new(cx)?;
    builder.add(cx, lhs)?;
    builder.add(cx, rhs)?;
    builder.finish(cx)
}

/// `lhs | rhs` where one of them is a union or type parameter: whatever `typing` takes for a type may be a member.
pub(super) fn checked_union(cx: &mut Cx, parts: &[Value]) -> PyResult {
    let mut builder = Builder::new(cx)?;
    for part in parts {
        builder.add_checked(cx, *part)?;
    }
    builder.finish(cx)
}

/// A union under construction.
struct Builder {
    members: Gc<List>,
    hashable: Gc<Dict>,
    unhashable: Gc<List>,
}

impl Builder {
    fn new(cx: &mut Cx) -> PyResult<Builder> {
        let members = List::new(cx, &[])?;
        let hashable = cx.dict();
        let unhashable = List::new(cx, &[])?;
        Ok(Builder { members, hashable, unhashable })
    }

    fn add_checked(&mut self, cx: &mut Cx, member: Value) -> PyResult<()> {
        if is_unionable(member) {
            return self.add(cx, member);
        }
        let member = checked_type(cx, member, "Union[arg, ...]: each arg must be a type.")?;
        self.add(cx, member)
    }

    fn add(&mut self, cx: &mut Cx, member: Value) -> PyResult<()> {
        if let Some(inner) = members(member) {
            for member in tuple_items(&inner) {
                self.add_one(cx, *member)?;
            }
            return Ok(());
        }
        let member = if member == NONE { cx.builtin_type(Kind::NONE).value() } else { member };
        self.add_one(cx, member)
    }

    fn add_one(&mut self, cx: &mut Cx, member: Value) -> PyResult<()> {
        if has_hash(cx, member)? {
            if Dict::get(cx, self.hashable, member)?.is_some() {
                return Ok(());
            }
            Dict::set(cx, self.hashable, member, NONE)?;
        } else {
            if is_among(cx, member, self.unhashable)? {
                return Ok(());
            }
            List::push(cx, self.unhashable, member)?;
        }
        List::push(cx, self.members, member)
    }

    fn finish(self, cx: &mut Cx) -> PyResult {
        let members = Tuple::from_list(cx, self.members)?;
        match tuple_items(&members) {
            [] => return Err(cx.type_error("Cannot take a Union of no types.")),
            [only] => return Ok(*only),
            _ => {}
        }
        let class = cx.builtin_type(Kind::FROZENSET);
        let hashable = crate::call::construct(cx, class, &[self.hashable.value()], None)?;
        let unhashable = Tuple::from_list(cx, self.unhashable)?;
        let union = allocate::<Union>(cx.mutator(), shapes::UNION);
        union.members.init(members);
        union.hashable.init(hashable);
        union.unhashable.init(unhashable);
        union.parameters.init(UNBOUND);
        Ok(union.value())
    }
}

/// Whether a value can be hashed.
fn has_hash(cx: &mut Cx, value: Value) -> PyResult<bool> {
    match operations::hash(cx, value) {
        Ok(_) => Ok(true),
        Err(raised) => {
            if !types::is_instance(cx, cx.raised.get(), Kind::TYPE_ERROR) {
                return Err(raised);
            }
            cx.take_raised();
            Ok(false)
        }
    }
}

fn is_among(cx: &mut Cx, value: Value, list: Gc<List>) -> PyResult<bool> {
    let (items, length) = List::snapshot(&list);
    for item in &elements(&items)[..length] {
        if operations::equal(cx, item.get(), value)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether two tuples hold equal values in any order. Equal values occur once in each.
fn same_members(cx: &mut Cx, lhs: Gc<Tuple>, rhs: Gc<Tuple>) -> PyResult<bool> {
    if tuple_items(&lhs).len() != tuple_items(&rhs).len() {
        return Ok(false);
    }
    for member in tuple_items(&lhs) {
        if !operations::contains(cx, rhs.value(), *member)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn parameters(cx: &mut Cx, this: Gc<Union>) -> PyResult<Gc<Tuple>> {
    if let Some(known) = downcast::<Tuple>(this.parameters.get()) {
        return Ok(known);
    }
    let found = parameters_of(cx, this.members.get())?;
    this.parameters.set(cx.mutator(), this, found.value());
    Ok(found)
}

/// The methods of `typing.Union`.
pub struct Methods;

#[py_methods(UNION, name = "typing.Union")]
impl Methods {
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<Union>) -> PyResult<String> {
        cx.check_native_stack()?;
        let mut text = String::new();
        let members = this.members.get();
        for (at, member) in tuple_items(&members).iter().enumerate() {
            if at > 0 {
                text.push_str(" | ");
            }
            push_type(cx, &mut text, *member)?;
        }
        Ok(text)
    }
    #[method]
    fn __hash__(cx: &mut Cx, this: Gc<Union>) -> PyResult<i64> {
        let unhashable = this.unhashable.get();
        for member in tuple_items(&unhashable) {
            operations::hash(cx, *member)?;
        }
        let count = tuple_items(&unhashable).len();
        if count > 0 {
            return Err(cx.type_error(format!("union contains {count} unhashable elements")));
        }
        operations::hash(cx, this.hashable.get()).map(|hash| hash as i64)
    }
    #[method]
    fn __eq__(cx: &mut Cx, this: Gc<Union>, value: Value) -> PyResult {
        let Some(other) = downcast::<Union>(value) else { return Ok(NOT_IMPLEMENTED) };
        let equal = operations::equal(cx, this.hashable.get(), other.hashable.get())?
            && same_members(cx, this.unhashable.get(), other.unhashable.get())?;
        Ok(bool_value(equal))
    }
    #[method]
    fn __or__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        checked_union(cx, &[this, value])
    }
    #[method]
    fn __ror__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        checked_union(cx, &[value, this])
    }
    #[method]
    fn __getitem__(cx: &mut Cx, this: Gc<Union>, key: Value) -> PyResult {
        let parameters = parameters(cx, this)?;
        let replaced = substitute(cx, this.value(), this.members.get(), parameters, key)?;
        checked_union(cx, tuple_items(&replaced))
    }
    #[method]
    fn __mro_entries__(cx: &mut Cx, this: Value, _bases: Value) -> PyResult {
        let shown = operations::repr(cx, this)?.to_text();
        Err(cx.type_error(format!("Cannot subclass {shown}")))
    }
    #[classmethod]
    fn __class_getitem__(cx: &mut Cx, _class: Value, arguments: Value) -> PyResult {
        let several = downcast::<Tuple>(arguments);
        checked_union(cx, several.as_ref().map_or(std::slice::from_ref(&arguments), tuple_items))
    }
    #[getter]
    fn __args__(this: Gc<Union>) -> Gc<Tuple> {
        this.members.get()
    }
    #[setter]
    fn set_args(cx: &mut Cx, _this: Value, _value: Value) -> PyResult<()> {
        Err(cx.raise(Kind::ATTRIBUTE_ERROR, "readonly attribute"))
    }
    /// Type variables in the types.UnionType.
    #[getter]
    fn __parameters__(cx: &mut Cx, this: Gc<Union>) -> PyResult<Gc<Tuple>> {
        parameters(cx, this)
    }
    /// Always returns the type
    #[getter]
    fn __origin__(cx: &mut Cx, _this: Value) -> Value {
        cx.builtin_type(Kind::UNION).value()
    }
    /// Name of the type
    #[getter(name = "__name__")]
    fn name_of(cx: &mut Cx, _this: Value) -> Gc<Str> {
        cx.intern("Union")
    }
    /// Qualified name of the type
    #[getter(name = "__qualname__")]
    fn qualname_of(cx: &mut Cx, _this: Value) -> Gc<Str> {
        cx.intern("Union")
    }
}
