//! The methods of `set` and `frozenset`.

use super::*;
use crate::arguments::Keywords;
use crate::cx::{NONE, NOT_IMPLEMENTED, bool_value};
use crate::sequence::new_iterator;
use crate::types::dict::key_error;
use py_macros::py_methods;

fn iterator(cx: &mut Cx, set: Gc<Set>) -> Value {
    new_iterator(cx, shapes::SET_ITERATOR, set.value(), Value::int(0), set.live.get(), NONE)
}

fn as_set(cx: &mut Cx, value: Value) -> PyResult<Gc<Set>> {
    match downcast::<Set>(value) {
        Some(set) => Ok(set),
        None => from_iterable(cx, value),
    }
}

fn operator(cx: &mut Cx, operator: BinaryOperator, lhs: Value, rhs: Value) -> PyResult {
    match (downcast::<Set>(lhs), downcast::<Set>(rhs)) {
        (Some(lhs), Some(rhs)) => operate(cx, operator, lhs, rhs),
        _ => Ok(NOT_IMPLEMENTED),
    }
}

fn ordered(cx: &mut Cx, comparison: Comparison, this: Gc<Set>, other: Value) -> PyResult {
    match downcast::<Set>(other) {
        Some(other) => Ok(bool_value(compare(cx, comparison, this, other)?)),
        None => Ok(NOT_IMPLEMENTED),
    }
}

/// Applies an operator with each of several iterables in turn.
fn with_all(cx: &mut Cx, operator: BinaryOperator, this: Gc<Set>, others: &[Value]) -> PyResult {
    if others.is_empty() {
        return operate(cx, BinaryOperator::Or, this, this);
    }
    let mut result = this;
    for other in others {
        let other = as_set(cx, *other)?;
        let combined = operate(cx, operator, result, other)?;
        result = downcast::<Set>(combined).expect("operators on sets give sets");
    }
    Ok(result.value())
}

/// Gives a set the elements of another one, for operators in place.
fn assign(cx: &mut Cx, this: Gc<Set>, result: Value) -> PyResult<()> {
    match downcast::<Set>(result) {
        Some(result) if result != this => Dict::replace_entries(cx, Set::elements(this), Set::elements(result)),
        _ => Ok(()),
    }
}

fn in_place(cx: &mut Cx, operator: BinaryOperator, this: Gc<Set>, other: Value) -> PyResult {
    let Some(other) = downcast::<Set>(other) else { return Ok(NOT_IMPLEMENTED) };
    if operator == BinaryOperator::Or {
        update(cx, this, other.value())?;
        return Ok(this.value());
    }
    let result = operate(cx, operator, this, other)?;
    assign(cx, this, result)?;
    Ok(this.value())
}

/// The methods of `set`.
pub struct SetMethods;

#[py_methods(SET)]
impl SetMethods {
    #[new(signature = "")]
    fn new(cx: &mut Cx, class: Gc<Type>, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> PyResult<Gc<Set>> {
        // The arguments belong to `__init__`.
        let _ = (args, kwargs);
        of_class(cx, class, None)
    }
    #[method(signature = "($self, /, *args, **kwargs)")]
    fn __init__(cx: &mut Cx, this: Gc<Set>, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> PyResult<()> {
        if !kwargs.is_empty() {
            return Err(cx.type_error("set() takes no keyword arguments"));
        }
        if args.len() > 1 {
            return Err(cx.type_error(format!("set expected at most 1 argument, got {}", args.len())));
        }
        Dict::clear(cx, Set::elements(this));
        args.first().map_or(Ok(()), |iterable| update(cx, this, *iterable))
    }
    #[method]
    fn __iand__(cx: &mut Cx, this: Gc<Set>, value: Value) -> PyResult {
        in_place(cx, BinaryOperator::And, this, value)
    }
    #[method]
    fn __ior__(cx: &mut Cx, this: Gc<Set>, value: Value) -> PyResult {
        in_place(cx, BinaryOperator::Or, this, value)
    }
    #[method]
    fn __ixor__(cx: &mut Cx, this: Gc<Set>, value: Value) -> PyResult {
        in_place(cx, BinaryOperator::Xor, this, value)
    }
    #[method]
    fn __isub__(cx: &mut Cx, this: Gc<Set>, value: Value) -> PyResult {
        in_place(cx, BinaryOperator::Sub, this, value)
    }
    /// Add an element to a set.
    ///
    /// This has no effect if the element is already present.
    #[method(transaction = Writes)]
    fn add(cx: &mut Cx, this: Gc<Set>, object: Value) -> PyResult<()> {
        add(cx, this, object)
    }
    /// Remove an element from a set; it must be a member.
    ///
    /// If the element is not a member, raise a KeyError.
    #[method(transaction = Writes)]
    fn remove(cx: &mut Cx, this: Gc<Set>, object: Value) -> PyResult<()> {
        if remove(cx, this, object)? { Ok(()) } else { Err(key_error(cx, object)) }
    }
    /// Remove an element from a set if it is a member.
    ///
    /// Unlike set.remove(), the discard() method does not raise
    /// an exception when an element is missing from the set.
    #[method(transaction = Writes)]
    fn discard(cx: &mut Cx, this: Gc<Set>, object: Value) -> PyResult<()> {
        remove(cx, this, object).map(|_| ())
    }
    /// Remove and return an arbitrary set element.
    ///
    /// Raises KeyError if the set is empty.
    #[method(transaction = Writes)]
    fn pop(cx: &mut Cx, this: Gc<Set>) -> PyResult {
        loop {
            let Some((element, _)) = Dict::last(Set::elements(this)) else {
                let text = cx.intern("pop from an empty set");
                return Err(key_error(cx, text.value()));
            };
            // Another thread may have been faster: then take another one.
            if Dict::remove(cx, Set::elements(this), element)?.is_some() {
                return Ok(element);
            }
        }
    }
    /// Remove all elements from this set.
    #[method(transaction = Writes)]
    fn clear(cx: &mut Cx, this: Gc<Set>) {
        Dict::clear(cx, Set::elements(this));
    }
    /// Update the set, adding elements from all others.
    #[method]
    fn update(cx: &mut Cx, this: Gc<Set>, #[args] others: &[Value]) -> PyResult<()> {
        others.iter().try_for_each(|other| update(cx, this, *other))
    }
    /// Update the set, keeping only elements found in it and all others.
    #[method]
    fn intersection_update(cx: &mut Cx, this: Gc<Set>, #[args] others: &[Value]) -> PyResult<()> {
        let result = with_all(cx, BinaryOperator::And, this, others)?;
        assign(cx, this, result)
    }
    /// Update the set, removing elements found in others.
    #[method]
    fn difference_update(cx: &mut Cx, this: Gc<Set>, #[args] others: &[Value]) -> PyResult<()> {
        let result = with_all(cx, BinaryOperator::Sub, this, others)?;
        assign(cx, this, result)
    }
    /// Update the set, keeping only elements found in either set, but not in both.
    #[method]
    fn symmetric_difference_update(cx: &mut Cx, this: Gc<Set>, other: Value) -> PyResult<()> {
        let result = with_all(cx, BinaryOperator::Xor, this, &[other])?;
        assign(cx, this, result)
    }
}

/// The methods of `frozenset`.
pub struct FrozensetMethods;

#[py_methods(FROZENSET)]
impl FrozensetMethods {
    #[new(signature = "(iterable=(), /)")]
    fn new(cx: &mut Cx, class: Gc<Type>, #[default(crate::UNBOUND)] iterable: Value) -> PyResult<Gc<Set>> {
        if types::is_exactly(iterable, Kind::FROZENSET)
            && class == cx.builtin_type(Kind::FROZENSET)
            && let Some(set) = downcast::<Set>(iterable)
        {
            return Ok(set);
        }
        of_class(cx, class, (iterable != crate::UNBOUND).then_some(iterable))
    }
    #[method]
    fn __hash__(cx: &mut Cx, this: Gc<Set>) -> PyResult<i64> {
        hash(cx, this)
    }
}

/// The methods that both classes have.
pub struct CommonMethods;

#[py_methods(COMMON, name = "set")]
impl CommonMethods {
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<Set>) -> PyResult<String> {
        repr(cx, this)
    }
    #[method(transaction = Reads)]
    fn __len__(this: Gc<Set>) -> usize {
        length(this)
    }
    #[method]
    fn __iter__(cx: &mut Cx, this: Gc<Set>) -> Value {
        iterator(cx, this)
    }
    #[method(transaction = Reads)]
    fn __contains__(cx: &mut Cx, this: Gc<Set>, key: Value) -> PyResult<bool> {
        contains(cx, this, key)
    }
    #[method]
    fn __and__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operator(cx, BinaryOperator::And, this, value)
    }
    #[method]
    fn __rand__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operator(cx, BinaryOperator::And, value, this)
    }
    #[method]
    fn __or__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operator(cx, BinaryOperator::Or, this, value)
    }
    #[method]
    fn __ror__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operator(cx, BinaryOperator::Or, value, this)
    }
    #[method]
    fn __xor__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operator(cx, BinaryOperator::Xor, this, value)
    }
    #[method]
    fn __rxor__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operator(cx, BinaryOperator::Xor, value, this)
    }
    #[method]
    fn __sub__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operator(cx, BinaryOperator::Sub, this, value)
    }
    #[method]
    fn __rsub__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operator(cx, BinaryOperator::Sub, value, this)
    }
    #[method]
    fn __eq__(cx: &mut Cx, this: Gc<Set>, value: Value) -> PyResult {
        ordered(cx, Comparison::Eq, this, value)
    }
    #[method]
    fn __ne__(cx: &mut Cx, this: Gc<Set>, value: Value) -> PyResult {
        ordered(cx, Comparison::Ne, this, value)
    }
    #[method]
    fn __lt__(cx: &mut Cx, this: Gc<Set>, value: Value) -> PyResult {
        ordered(cx, Comparison::Lt, this, value)
    }
    #[method]
    fn __le__(cx: &mut Cx, this: Gc<Set>, value: Value) -> PyResult {
        ordered(cx, Comparison::Le, this, value)
    }
    #[method]
    fn __gt__(cx: &mut Cx, this: Gc<Set>, value: Value) -> PyResult {
        ordered(cx, Comparison::Gt, this, value)
    }
    #[method]
    fn __ge__(cx: &mut Cx, this: Gc<Set>, value: Value) -> PyResult {
        ordered(cx, Comparison::Ge, this, value)
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cx: &mut Cx, class: Value, object: Value) -> PyResult {
        crate::types::generic::alias(cx, class, object)
    }
    /// Return state information for pickling.
    #[method]
    fn __reduce__(cx: &mut Cx, this: Gc<Set>) -> PyResult {
        let class = crate::types::class_of(cx, this.value()).value();
        let elements = crate::types::list::from_iterable(cx, this.value())?;
        let arguments = cx.tuple(&[elements.value()]);
        let state = crate::call::call_method(cx, this.value(), "__getstate__", &[])?;
        Ok(cx.tuple(&[class, arguments, state]))
    }
    /// Return a shallow copy of a set.
    #[method(transaction = Reads)]
    fn copy(cx: &mut Cx, this: Gc<Set>) -> PyResult {
        if types::is_exactly(this.value(), Kind::FROZENSET) {
            return Ok(this.value());
        }
        with_all(cx, BinaryOperator::Or, this, &[])
    }
    /// Return a new set with elements from the set and all others.
    #[method]
    fn union(cx: &mut Cx, this: Gc<Set>, #[args] others: &[Value]) -> PyResult {
        with_all(cx, BinaryOperator::Or, this, others)
    }
    /// Return a new set with elements common to the set and all others.
    #[method]
    fn intersection(cx: &mut Cx, this: Gc<Set>, #[args] others: &[Value]) -> PyResult {
        with_all(cx, BinaryOperator::And, this, others)
    }
    /// Return a new set with elements in the set that are not in the others.
    #[method]
    fn difference(cx: &mut Cx, this: Gc<Set>, #[args] others: &[Value]) -> PyResult {
        with_all(cx, BinaryOperator::Sub, this, others)
    }
    /// Return a new set with elements in either the set or other but not both.
    #[method]
    fn symmetric_difference(cx: &mut Cx, this: Gc<Set>, other: Value) -> PyResult {
        with_all(cx, BinaryOperator::Xor, this, &[other])
    }
    /// Return True if two sets have a null intersection.
    #[method]
    fn isdisjoint(cx: &mut Cx, this: Gc<Set>, other: Value) -> PyResult<bool> {
        let other = as_set(cx, other)?;
        let common = operate(cx, BinaryOperator::And, this, other)?;
        Ok(!operations::truth(cx, common)?)
    }
    /// Report whether another set contains this set.
    #[method]
    fn issubset(cx: &mut Cx, this: Gc<Set>, other: Value) -> PyResult<bool> {
        let other = as_set(cx, other)?;
        is_subset(cx, this, other)
    }
    /// Report whether this set contains another set.
    #[method]
    fn issuperset(cx: &mut Cx, this: Gc<Set>, other: Value) -> PyResult<bool> {
        let other = as_set(cx, other)?;
        is_subset(cx, other, this)
    }
}
