//! Rich comparisons of values of any class.

use super::{as_float, as_number, as_small_int, truth};
use crate::attribute::{known_identity_hash, known_tuple_like};
use crate::cx::{Cx, NOT_IMPLEMENTED, bool_value};
use crate::kinds::{Kind, shapes};
use crate::objects::{Bytes, Str};
use crate::sequence::tuple_items;
use crate::string::{StrExt, bytes_of, downcast};
use crate::types::direct;
use crate::types::{self, class_name, class_of, is_exactly, is_subclass, shape_id};
use crate::{PyResult, call};
use vm_heap::Value;

/// A rich comparison.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Comparison {
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

impl Comparison {
    /// All, in order.
    pub const ALL: [Comparison; 6] =
        [Comparison::Lt, Comparison::Le, Comparison::Eq, Comparison::Ne, Comparison::Gt, Comparison::Ge];

    /// The special method.
    pub fn method(self) -> &'static str {
        match self {
            Comparison::Lt => "__lt__",
            Comparison::Le => "__le__",
            Comparison::Eq => "__eq__",
            Comparison::Ne => "__ne__",
            Comparison::Gt => "__gt__",
            Comparison::Ge => "__ge__",
        }
    }
    /// As in source text.
    pub fn symbol(self) -> &'static str {
        match self {
            Comparison::Lt => "<",
            Comparison::Le => "<=",
            Comparison::Eq => "==",
            Comparison::Ne => "!=",
            Comparison::Gt => ">",
            Comparison::Ge => ">=",
        }
    }
    /// With the sides exchanged.
    pub fn reflected(self) -> Comparison {
        match self {
            Comparison::Lt => Comparison::Gt,
            Comparison::Le => Comparison::Ge,
            Comparison::Gt => Comparison::Lt,
            Comparison::Ge => Comparison::Le,
            same => same,
        }
    }
    /// Whether the comparison holds for an ordering.
    pub fn holds(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Comparison::Lt => ordering.is_lt(),
            Comparison::Le => ordering.is_le(),
            Comparison::Eq => ordering.is_eq(),
            Comparison::Ne => ordering.is_ne(),
            Comparison::Gt => ordering.is_gt(),
            Comparison::Ge => ordering.is_ge(),
        }
    }
}

/// `lhs comparison rhs`: any value, usually a bool.
pub fn compare(cx: &mut Cx, comparison: Comparison, lhs: Value, rhs: Value) -> PyResult {
    match compare_simple(comparison, lhs, rhs) {
        Some(truth) => Ok(bool_value(truth)),
        None => compare_by_methods(cx, comparison, lhs, rhs),
    }
}

fn compare_by_methods(cx: &mut Cx, comparison: Comparison, lhs: Value, rhs: Value) -> PyResult {
    cx.check_native_stack_while("in comparison")?;
    let (lhs_class, rhs_class) = (class_of(cx, lhs), class_of(cx, rhs));
    if lhs_class == rhs_class
        && let Some(hook) = direct::comparison(cx, lhs, comparison)
    {
        let result = hook(cx, &[lhs, rhs], None)?;
        if result != NOT_IMPLEMENTED {
            return Ok(result);
        }
    }
    let reflected_first = lhs_class != rhs_class && is_subclass(rhs_class, lhs_class);
    let attempts = [(lhs, rhs, comparison), (rhs, lhs, comparison.reflected())];
    let order = if reflected_first { [1, 0] } else { [0, 1] };
    for at in order {
        let (receiver, argument, comparison) = attempts[at];
        if let Some(hook) = direct::comparison(cx, receiver, comparison) {
            let result = hook(cx, &[receiver, argument], None)?;
            if result != NOT_IMPLEMENTED {
                return Ok(result);
            }
        } else if let Some(hook) = types::lookup_special(cx, receiver, comparison.method()) {
            let result = call_comparison(cx, hook, receiver, argument)?;
            if result != NOT_IMPLEMENTED {
                return Ok(result);
            }
        } else if comparison == Comparison::Ne
            && let Some(hook) = types::lookup_special(cx, receiver, "__eq__")
        {
            let result = call::call_special(cx, hook, receiver, &[argument], None)?;
            if result != NOT_IMPLEMENTED {
                return Ok(bool_value(!truth(cx, result)?));
            }
        }
    }
    match comparison {
        Comparison::Eq => Ok(bool_value(lhs == rhs)),
        Comparison::Ne => Ok(bool_value(lhs != rhs)),
        _ => {
            let message = format!(
                "'{}' not supported between instances of '{}' and '{}'",
                comparison.symbol(),
                class_name(cx, lhs),
                class_name(cx, rhs)
            );
            Err(cx.type_error(message))
        }
    }
}

/// Calls a method of a comparison. A descriptor that cannot be bound counts as none.
pub(crate) fn call_comparison(cx: &mut Cx, hook: Value, receiver: Value, argument: Value) -> PyResult {
    if is_exactly(hook, Kind::FUNCTION) || is_exactly(hook, Kind::WRAPPER_DESCRIPTOR) {
        return call::call_special(cx, hook, receiver, &[argument], None);
    }
    let class = class_of(cx, receiver);
    match crate::attribute::bind(cx, hook, Some(receiver), class) {
        Ok(bound) => call::call(cx, bound, &[argument], None),
        Err(_) if types::is_instance(cx, cx.raised.get(), Kind::ATTRIBUTE_ERROR) => {
            cx.take_raised();
            Ok(NOT_IMPLEMENTED)
        }
        Err(raised) => Err(raised),
    }
}

/// Comparisons that need no special methods.
#[inline]
pub fn compare_simple(comparison: Comparison, lhs: Value, rhs: Value) -> Option<bool> {
    if lhs.is_int() && rhs.is_int() {
        return Some(comparison.holds(lhs.as_int().cmp(&rhs.as_int())));
    }
    if lhs.is_object() && rhs.is_object() {
        let (lhs_shape, rhs_shape) = (shape_id(lhs), shape_id(rhs));
        if lhs_shape == shapes::STR && rhs_shape == shapes::STR {
            return compare_texts(comparison, lhs, rhs);
        }
        if lhs_shape == shapes::BYTES && rhs_shape == shapes::BYTES {
            let (x, y) = (downcast::<Bytes>(lhs)?, downcast::<Bytes>(rhs)?);
            return Some(match comparison {
                Comparison::Eq => bytes_of(&x) == bytes_of(&y),
                Comparison::Ne => bytes_of(&x) != bytes_of(&y),
                _ => comparison.holds(bytes_of(&x).cmp(bytes_of(&y))),
            });
        }
        if lhs_shape == shapes::INT && rhs_shape == shapes::INT {
            return types::int::compare(comparison, lhs, rhs);
        }
        if lhs_shape != shapes::FLOAT || rhs_shape != shapes::FLOAT {
            return None;
        }
    }
    compare_numbers(comparison, lhs, rhs)
}

fn compare_texts(comparison: Comparison, lhs: Value, rhs: Value) -> Option<bool> {
    let (x, y) = (downcast::<Str>(lhs)?, downcast::<Str>(rhs)?);
    // Bytes of WTF-8 compare as code points do.
    Some(match comparison {
        Comparison::Eq => x.equals(y),
        Comparison::Ne => !x.equals(y),
        _ => comparison.holds(x.bytes().cmp(y.bytes())),
    })
}

fn compare_numbers(comparison: Comparison, lhs: Value, rhs: Value) -> Option<bool> {
    if let (Some(x), Some(y)) = (as_small_int(lhs), as_small_int(rhs)) {
        return Some(comparison.holds(x.cmp(&y)));
    }
    if let (Some(x), Some(y)) = (as_float(lhs), as_float(rhs)) {
        return Some(compare_floats(comparison, x, y));
    }
    if let (Some(x), Some(y)) = (as_number(lhs), as_number(rhs))
        && x.abs() < 9e15
        && y.abs() < 9e15
    {
        return Some(compare_floats(comparison, x, y));
    }
    None
}

fn compare_floats(comparison: Comparison, x: f64, y: f64) -> bool {
    match x.partial_cmp(&y) {
        Some(ordering) => comparison.holds(ordering),
        None => comparison == Comparison::Ne,
    }
}

/// How deep tuples in tuples are compared without special methods.
const SIMPLE_DEPTH: u32 = 4;

/// `lhs == rhs` as containers see it, where no special methods are needed to know it.
#[inline]
pub fn equal_simple(lhs: Value, rhs: Value) -> Option<bool> {
    if lhs == rhs {
        return Some(true);
    }
    if lhs.is_int() && rhs.is_int() { Some(false) } else { equal_objects(lhs, rhs, SIMPLE_DEPTH) }
}

/// The same for values that are not identical, nor both small ints.
fn equal_objects(lhs: Value, rhs: Value, depth: u32) -> Option<bool> {
    if !lhs.is_object() || !rhs.is_object() {
        // Numbers; or text or a tuple, which equal no number and no constant.
        let is_sequence = |value: Value| is_exactly(value, Kind::STR) || is_exactly(value, Kind::TUPLE);
        if is_sequence(lhs) || is_sequence(rhs) {
            return Some(false);
        }
        return compare_simple(Comparison::Eq, lhs, rhs);
    }
    if shape_id(lhs) == shapes::STR && shape_id(rhs) == shapes::STR {
        return Some(downcast::<Str>(lhs)?.equals(downcast::<Str>(rhs)?));
    }
    if shape_id(lhs) == shape_id(rhs) && matches!(shape_id(lhs), shapes::BYTES | shapes::INT | shapes::FLOAT) {
        return compare_simple(Comparison::Eq, lhs, rhs);
    }
    if known_identity_hash(lhs).is_some() && known_identity_hash(rhs).is_some() {
        return Some(lhs == rhs);
    }
    let (lhs, rhs) = (known_tuple_like(lhs)?, known_tuple_like(rhs)?);
    let (lhs, rhs) = (tuple_items(&lhs), tuple_items(&rhs));
    if lhs.len() != rhs.len() {
        return Some(false);
    }
    let depth = depth.checked_sub(1)?;
    for (lhs, rhs) in lhs.iter().zip(rhs) {
        if lhs != rhs && ((lhs.is_int() && rhs.is_int()) || !equal_objects(*lhs, *rhs, depth)?) {
            return Some(false);
        }
    }
    Some(true)
}

/// `lhs == rhs` as containers see it: identical objects are equal.
#[inline]
pub fn equal(cx: &mut Cx, lhs: Value, rhs: Value) -> PyResult<bool> {
    if let Some(equal) = equal_simple(lhs, rhs) {
        return Ok(equal);
    }
    let result = compare(cx, Comparison::Eq, lhs, rhs)?;
    truth(cx, result)
}
