//! `dict_keys`, `dict_values` and `dict_items`: views that follow their dict.

use super::*;
use crate::cx::{NOT_IMPLEMENTED, bool_value};
use crate::kinds::shapes;
use crate::objects::{Iterator, Set};
use crate::operations::{BinaryOperator, Comparison};
use crate::sequence::{new_iterator, tuple_items};
use crate::types::{list, object, set};
use py_macros::py_methods;
use vm_heap::ShapeId;

/// The dict behind a view.
fn dict_of(view: Gc<Iterator>) -> Gc<Dict> {
    downcast::<Dict>(view.source.get()).expect("a view holds its dict")
}

fn iterator(cx: &mut Cx, view: Gc<Iterator>, shape: ShapeId) -> Value {
    let dict = dict_of(view);
    let expected = Value::int(Dict::length(dict) as i64);
    new_iterator(cx, shape, dict.value(), Value::int(0), expected, Value::int(0))
}

/// An iterator over the entries of a dict from the last one on.
pub(super) fn backwards(cx: &mut Cx, dict: Gc<Dict>, shape: ShapeId) -> PyResult {
    if dict.cells.get() {
        // The number of a namespace's variables is not at hand.
        let copy = copy(cx, dict)?;
        return backwards(cx, copy, shape);
    }
    let (behind, expected) = (dict.filled.get(), Value::int(Dict::length(dict) as i64));
    Ok(new_iterator(cx, shape, dict.value(), behind, expected, expected))
}

fn repr(cx: &mut Cx, view: Gc<Iterator>, name: &str) -> PyResult<String> {
    let Some(_guard) = object::enter_repr(cx, view.value()) else { return Ok("...".to_string()) };
    let items = list::from_iterable(cx, view.value())?;
    let mut text = format!("{name}(");
    object::push_repr(cx, &mut text, items.value())?;
    text.push(')');
    Ok(text)
}

/// Operators of set-like views: on sets with the same elements.
fn operate(cx: &mut Cx, operator: BinaryOperator, lhs: Value, rhs: Value) -> PyResult {
    set::operate_on_keys(cx, operator, lhs, rhs)
}

fn compare(cx: &mut Cx, comparison: Comparison, view: Gc<Iterator>, other: Value) -> PyResult {
    let set_like = downcast::<Set>(other).is_some()
        || types::is_exactly(other, Kind::DICT_KEYS)
        || types::is_exactly(other, Kind::DICT_ITEMS);
    if !set_like {
        return Ok(NOT_IMPLEMENTED);
    }
    let (left, right) = (length(dict_of(view)), operations::length(cx, other)?);
    let holds = match comparison {
        Comparison::Eq => left == right && contains_all(cx, view.value(), other)?,
        Comparison::Ne => !(left == right && contains_all(cx, view.value(), other)?),
        Comparison::Lt => left < right && contains_all(cx, view.value(), other)?,
        Comparison::Le => left <= right && contains_all(cx, view.value(), other)?,
        Comparison::Gt => left > right && contains_all(cx, other, view.value())?,
        Comparison::Ge => left >= right && contains_all(cx, other, view.value())?,
    };
    Ok(bool_value(holds))
}

/// Whether everything in one collection is in the other.
fn contains_all(cx: &mut Cx, inner: Value, outer: Value) -> PyResult<bool> {
    let iterator = operations::iterate(cx, inner)?;
    while let Some(item) = operations::next(cx, iterator)? {
        if !operations::contains(cx, outer, item)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn has_item(cx: &mut Cx, view: Gc<Iterator>, pair: Value) -> PyResult<bool> {
    let Some(pair) = downcast::<crate::objects::Tuple>(pair) else { return Ok(false) };
    let [key, value] = tuple_items(&pair) else { return Ok(false) };
    match Dict::get(cx, dict_of(view), *key)? {
        Some(found) => operations::equal(cx, found, *value),
        None => Ok(false),
    }
}

macro_rules! disjoint {
    ($cx:ident, $this:ident, $other:ident) => {{
        let common = operate($cx, BinaryOperator::And, $this.value(), $other)?;
        Ok(!operations::truth($cx, common)?)
    }};
}

/// The methods of `dict_keys`.
pub struct KeysMethods;

#[py_methods(DICT_KEYS)]
impl KeysMethods {
    /// dictionary that this view refers to
    #[getter]
    fn mapping(cx: &mut Cx, this: Gc<Iterator>) -> Value {
        types::proxy::new(cx, dict_of(this).value())
    }
    #[method]
    fn __rand__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, BinaryOperator::And, value, this)
    }
    #[method]
    fn __ror__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, BinaryOperator::Or, value, this)
    }
    #[method]
    fn __rxor__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, BinaryOperator::Xor, value, this)
    }
    #[method]
    fn __len__(this: Gc<Iterator>) -> usize {
        length(dict_of(this))
    }
    #[method]
    fn __iter__(cx: &mut Cx, this: Gc<Iterator>) -> Value {
        iterator(cx, this, shapes::DICT_KEY_ITERATOR)
    }
    #[method]
    fn __reversed__(cx: &mut Cx, this: Gc<Iterator>) -> PyResult {
        backwards(cx, dict_of(this), shapes::DICT_REVERSE_KEY_ITERATOR)
    }
    #[method]
    fn __contains__(cx: &mut Cx, this: Gc<Iterator>, key: Value) -> PyResult<bool> {
        Ok(Dict::get(cx, dict_of(this), key)?.is_some())
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<Iterator>) -> PyResult<String> {
        repr(cx, this, "dict_keys")
    }
    #[method]
    fn __and__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, BinaryOperator::And, this, value)
    }
    #[method]
    fn __or__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, BinaryOperator::Or, this, value)
    }
    #[method]
    fn __xor__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, BinaryOperator::Xor, this, value)
    }
    #[method]
    fn __sub__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, BinaryOperator::Sub, this, value)
    }
    #[method]
    fn __rsub__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, BinaryOperator::Sub, value, this)
    }
    #[method]
    fn __eq__(cx: &mut Cx, this: Gc<Iterator>, value: Value) -> PyResult {
        compare(cx, Comparison::Eq, this, value)
    }
    #[method]
    fn __ne__(cx: &mut Cx, this: Gc<Iterator>, value: Value) -> PyResult {
        compare(cx, Comparison::Ne, this, value)
    }
    #[method]
    fn __lt__(cx: &mut Cx, this: Gc<Iterator>, value: Value) -> PyResult {
        compare(cx, Comparison::Lt, this, value)
    }
    #[method]
    fn __le__(cx: &mut Cx, this: Gc<Iterator>, value: Value) -> PyResult {
        compare(cx, Comparison::Le, this, value)
    }
    #[method]
    fn __gt__(cx: &mut Cx, this: Gc<Iterator>, value: Value) -> PyResult {
        compare(cx, Comparison::Gt, this, value)
    }
    #[method]
    fn __ge__(cx: &mut Cx, this: Gc<Iterator>, value: Value) -> PyResult {
        compare(cx, Comparison::Ge, this, value)
    }
    /// Return True if the view and the given iterable have a null intersection.
    #[method]
    fn isdisjoint(cx: &mut Cx, this: Gc<Iterator>, other: Value) -> PyResult<bool> {
        disjoint!(cx, this, other)
    }
}

/// The methods of `dict_values`.
pub struct ValuesMethods;

#[py_methods(DICT_VALUES)]
impl ValuesMethods {
    /// dictionary that this view refers to
    #[getter]
    fn mapping(cx: &mut Cx, this: Gc<Iterator>) -> Value {
        types::proxy::new(cx, dict_of(this).value())
    }
    #[method]
    fn __len__(this: Gc<Iterator>) -> usize {
        length(dict_of(this))
    }
    #[method]
    fn __iter__(cx: &mut Cx, this: Gc<Iterator>) -> Value {
        iterator(cx, this, shapes::DICT_VALUE_ITERATOR)
    }
    #[method]
    fn __reversed__(cx: &mut Cx, this: Gc<Iterator>) -> PyResult {
        backwards(cx, dict_of(this), shapes::DICT_REVERSE_VALUE_ITERATOR)
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<Iterator>) -> PyResult<String> {
        repr(cx, this, "dict_values")
    }
}

/// The methods of `dict_items`.
pub struct ItemsMethods;

#[py_methods(DICT_ITEMS)]
impl ItemsMethods {
    /// dictionary that this view refers to
    #[getter]
    fn mapping(cx: &mut Cx, this: Gc<Iterator>) -> Value {
        types::proxy::new(cx, dict_of(this).value())
    }
    #[method]
    fn __rand__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, BinaryOperator::And, value, this)
    }
    #[method]
    fn __ror__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, BinaryOperator::Or, value, this)
    }
    #[method]
    fn __rxor__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, BinaryOperator::Xor, value, this)
    }
    #[method]
    fn __rsub__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, BinaryOperator::Sub, value, this)
    }
    #[method]
    fn __lt__(cx: &mut Cx, this: Gc<Iterator>, value: Value) -> PyResult {
        compare(cx, Comparison::Lt, this, value)
    }
    #[method]
    fn __le__(cx: &mut Cx, this: Gc<Iterator>, value: Value) -> PyResult {
        compare(cx, Comparison::Le, this, value)
    }
    #[method]
    fn __gt__(cx: &mut Cx, this: Gc<Iterator>, value: Value) -> PyResult {
        compare(cx, Comparison::Gt, this, value)
    }
    #[method]
    fn __ge__(cx: &mut Cx, this: Gc<Iterator>, value: Value) -> PyResult {
        compare(cx, Comparison::Ge, this, value)
    }
    #[method]
    fn __len__(this: Gc<Iterator>) -> usize {
        length(dict_of(this))
    }
    #[method]
    fn __iter__(cx: &mut Cx, this: Gc<Iterator>) -> Value {
        iterator(cx, this, shapes::DICT_ITEM_ITERATOR)
    }
    #[method]
    fn __reversed__(cx: &mut Cx, this: Gc<Iterator>) -> PyResult {
        backwards(cx, dict_of(this), shapes::DICT_REVERSE_ITEM_ITERATOR)
    }
    #[method]
    fn __contains__(cx: &mut Cx, this: Gc<Iterator>, key: Value) -> PyResult<bool> {
        has_item(cx, this, key)
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<Iterator>) -> PyResult<String> {
        repr(cx, this, "dict_items")
    }
    #[method]
    fn __and__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, BinaryOperator::And, this, value)
    }
    #[method]
    fn __or__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, BinaryOperator::Or, this, value)
    }
    #[method]
    fn __xor__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, BinaryOperator::Xor, this, value)
    }
    #[method]
    fn __sub__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, BinaryOperator::Sub, this, value)
    }
    #[method]
    fn __eq__(cx: &mut Cx, this: Gc<Iterator>, value: Value) -> PyResult {
        compare(cx, Comparison::Eq, this, value)
    }
    #[method]
    fn __ne__(cx: &mut Cx, this: Gc<Iterator>, value: Value) -> PyResult {
        compare(cx, Comparison::Ne, this, value)
    }
    /// Return True if the view and the given iterable have a null intersection.
    #[method]
    fn isdisjoint(cx: &mut Cx, this: Gc<Iterator>, other: Value) -> PyResult<bool> {
        disjoint!(cx, this, other)
    }
}
