//! Operations on values of any class: what operators, comparisons, `hash`, `iter`, `len` and truth mean.
//!
//! Numbers and text take short ways; everything else goes by the special methods of the classes, which the built-in
//! types declare in the same way as Python classes do.

mod comparison;
mod quick;
mod text;

pub(crate) use comparison::call_comparison;
pub use comparison::{Comparison, compare, compare_simple, equal, equal_simple};
pub use quick::{quick_length, quick_truth, same_text};
pub use text::{repr, repr_value, str_value, to_str};

use crate::cx::{Cx, FALSE, NONE, NOT_IMPLEMENTED, TRUE};
use crate::kinds::{Kind, shapes};
use crate::object::allocate;
use crate::objects::{BoxedFloat, Bytes, Dict, Function, List, Str};
use crate::string::{BytesExt, StrExt, downcast};
use crate::types::direct::{self, Special};
use crate::types::{self, class_name, class_of, is_exactly, is_subclass, shape_id};
use crate::{PyResult, call};
use vm_heap::{Gc, Value};

impl Cx {
    /// A float of any magnitude.
    #[inline]
    pub fn float(&mut self, number: f64) -> Value {
        match Value::small_float(number) {
            Some(value) => value,
            None => {
                let boxed = allocate::<BoxedFloat>(self.mutator(), shapes::FLOAT);
                boxed.number.init(number);
                boxed.value()
            }
        }
    }
}

/// The number of an exact float, self-tagged or boxed. See `types::float::number` for instances of subclasses.
#[inline]
pub fn as_float(value: Value) -> Option<f64> {
    if value.is_float() {
        return Some(value.as_float());
    }
    if is_exactly(value, Kind::FLOAT) { downcast::<BoxedFloat>(value).map(|boxed| boxed.number.get()) } else { None }
}

/// A small int or bool as a number.
#[inline]
pub fn as_small_int(value: Value) -> Option<i64> {
    if value.is_int() {
        Some(value.as_int())
    } else if value == TRUE {
        Some(1)
    } else if value == FALSE {
        Some(0)
    } else {
        None
    }
}

/// A float, small int or bool as a float.
#[inline]
pub fn as_number(value: Value) -> Option<f64> {
    as_float(value).or_else(|| as_small_int(value).map(|number| number as f64))
}

macro_rules! binary_operators {
    ($( $Name:ident $symbol:literal $method:literal $reflected:literal $in_place:literal; )*) => {
        /// A binary operator.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum BinaryOperator { $( #[doc = $symbol] $Name ),* }

        impl BinaryOperator {
            /// All, in order.
            pub const ALL: &[BinaryOperator] = &[$( BinaryOperator::$Name ),*];
        }

        /// Whether a special method is one of a binary operator.
        pub fn is_operator_method(name: &str) -> bool {
            [$( $method, $reflected, $in_place ),*].contains(&name)
        }

        impl BinaryOperator {
            /// As in source text.
            pub fn symbol(self) -> &'static str {
                match self { $( BinaryOperator::$Name => $symbol ),* }
            }
            /// Its special methods: plain, reflected, in place.
            pub fn methods(self) -> (&'static str, &'static str, &'static str) {
                match self { $( BinaryOperator::$Name => ($method, $reflected, $in_place) ),* }
            }
        }
    };
}

binary_operators! {
    Add "+" "__add__" "__radd__" "__iadd__";
    Sub "-" "__sub__" "__rsub__" "__isub__";
    Mul "*" "__mul__" "__rmul__" "__imul__";
    TrueDiv "/" "__truediv__" "__rtruediv__" "__itruediv__";
    FloorDiv "//" "__floordiv__" "__rfloordiv__" "__ifloordiv__";
    Mod "%" "__mod__" "__rmod__" "__imod__";
    Pow "** or pow()" "__pow__" "__rpow__" "__ipow__";
    MatMul "@" "__matmul__" "__rmatmul__" "__imatmul__";
    LShift "<<" "__lshift__" "__rlshift__" "__ilshift__";
    RShift ">>" "__rshift__" "__rrshift__" "__irshift__";
    And "&" "__and__" "__rand__" "__iand__";
    Or "|" "__or__" "__ror__" "__ior__";
    Xor "^" "__xor__" "__rxor__" "__ixor__";
}

/// `lhs operator rhs`, or `lhs operator= rhs`.
pub fn binary(cx: &mut Cx, operator: BinaryOperator, lhs: Value, rhs: Value, in_place: bool) -> PyResult {
    if let Some(hook) = hook_of_same(cx, operator, lhs, rhs, in_place) {
        let result = hook(cx, &[lhs, rhs], None)?;
        if result != NOT_IMPLEMENTED {
            return Ok(result);
        }
    }
    if types::int::is_exact(lhs) && types::int::is_exact(rhs) {
        if let Some(result) = types::int::arithmetic(cx, operator, lhs, rhs) {
            return result;
        }
    } else if let Some(result) = float_arithmetic(cx, operator, lhs, rhs) {
        return result;
    }
    // Text formats whatever the other side is, unless that is of a subclass.
    if operator == BinaryOperator::Mod
        && is_exactly(lhs, Kind::STR)
        && (is_exactly(rhs, Kind::STR) || downcast::<Str>(rhs).is_none())
        && let Some(template) = downcast::<Str>(lhs)
        && !cx.thread.transaction.is_logged()
    {
        return types::str::percent_format(cx, template, rhs);
    }
    let (lhs_class, rhs_class) = (class_of(cx, lhs), class_of(cx, rhs));
    // A sequence by a small int: ints leave that to the sequence.
    if operator == BinaryOperator::Mul
        && rhs.is_int()
        && is_sequence(lhs_class)
        && let Some(hook) = (in_place.then(|| direct::operator(cx, lhs, operator, true)).flatten())
            .or_else(|| direct::operator(cx, lhs, operator, false))
    {
        return hook(cx, &[lhs, rhs], None);
    }
    // The same built-in type on both sides: no reflected method comes into it. A sequence cannot be repeated by one.
    if lhs_class == rhs_class && !(operator == BinaryOperator::Mul && is_sequence(lhs_class)) {
        let hook = match in_place {
            true => direct::operator(cx, lhs, operator, true).or_else(|| direct::operator(cx, lhs, operator, false)),
            false => direct::operator(cx, lhs, operator, false),
        };
        if let Some(hook) = hook {
            let result = hook(cx, &[lhs, rhs], None)?;
            if result != NOT_IMPLEMENTED {
                return Ok(result);
            }
        }
    }
    let (method, reflected, in_place_method) = operator.methods();
    // Numbers come before sequences: what a built-in sequence concatenates or repeats is left to the other side first.
    let repeats = matches!(operator, BinaryOperator::Add | BinaryOperator::Mul);
    let mut late = None;
    if in_place && let Some(hook) = types::lookup_special(cx, lhs, in_place_method) {
        if repeats && lhs_class != rhs_class && is_sequence_hook(hook) {
            late = Some(hook);
        } else if !cannot_repeat(cx, operator, hook, rhs) {
            let result = call::call_special(cx, hook, lhs, &[rhs], None)?;
            if result != NOT_IMPLEMENTED {
                return Ok(result);
            }
        }
    }
    let mut lhs_hook = types::lookup_special(cx, lhs, method);
    let rhs_hook = if lhs_class != rhs_class { types::lookup_special(cx, rhs, reflected) } else { None };
    // Where the in-place method has to wait, the plain one of the same class is not asked at all.
    if repeats
        && (late.is_some() || rhs_hook.is_some_and(|hook| !is_sequence_hook(hook)))
        && let Some(hook) = lhs_hook.filter(|hook| is_sequence_hook(*hook))
    {
        late = late.or(Some(hook));
        lhs_hook = None;
    }
    let reflected_first = rhs_hook.is_some() && is_subclass(rhs_class, lhs_class) && {
        let name = cx.intern(reflected);
        types::lookup(cx, lhs_class, name) != rhs_hook
    };
    let attempts = match reflected_first {
        true => [(rhs_hook, rhs, lhs), (lhs_hook, lhs, rhs)],
        false => [(lhs_hook, lhs, rhs), (rhs_hook, rhs, lhs)],
    };
    for (hook, receiver, argument) in attempts.into_iter().chain([(late, lhs, rhs)]) {
        if let Some(hook) = hook
            && !cannot_repeat(cx, operator, hook, argument)
        {
            let result = call::call_special(cx, hook, receiver, &[argument], None)?;
            if result != NOT_IMPLEMENTED {
                return Ok(result);
            }
        }
    }
    // Sequences concatenate and repeat through the same special methods, except that the text of the error differs.
    let symbol = operator.symbol();
    let symbol = if in_place { format!("{}=", symbol.split(' ').next().unwrap_or(symbol)) } else { symbol.to_string() };
    let (lhs_name, rhs_name) = (class_name(cx, lhs), class_name(cx, rhs));
    if operator == BinaryOperator::Add && is_exactly(lhs, Kind::STR) {
        return Err(cx.type_error(format!("can only concatenate str (not \"{rhs_name}\") to str")));
    }
    if operator == BinaryOperator::Mul {
        let sequences =
            [Kind::STR, Kind::LIST, Kind::TUPLE, Kind::BYTES, Kind::BYTEARRAY, Kind::DEQUE, Kind::TYPED_ARRAY];
        let sequence = |value| sequences.iter().any(|kind| is_exactly(value, *kind));
        if sequence(lhs) {
            return Err(cx.type_error(format!("can't multiply sequence by non-int of type '{rhs_name}'")));
        }
        if sequence(rhs) {
            return Err(cx.type_error(format!("can't multiply sequence by non-int of type '{lhs_name}'")));
        }
    }
    Err(cx.type_error(format!("unsupported operand type(s) for {symbol}: '{lhs_name}' and '{rhs_name}'")))
}

/// The native behind an operator for two exact instances of one built-in type. Numbers, formatting and repetition have their own ways.
#[inline(always)]
fn hook_of_same(
    cx: &mut Cx,
    operator: BinaryOperator,
    lhs: Value,
    rhs: Value,
    in_place: bool,
) -> Option<crate::native::NativeCall> {
    if !lhs.is_object()
        || !rhs.is_object()
        || shape_id(lhs) != shape_id(rhs)
        || matches!(shape_id(lhs), shapes::INT | shapes::FLOAT)
        || matches!(operator, BinaryOperator::Mod | BinaryOperator::Mul)
    {
        return None;
    }
    (in_place.then(|| direct::operator(cx, lhs, operator, true)).flatten())
        .or_else(|| direct::operator(cx, lhs, operator, false))
}

/// Whether this is the repetition of a built-in sequence by something that is no number, which CPython does not try.
fn cannot_repeat(cx: &mut Cx, operator: BinaryOperator, hook: Value, count: Value) -> bool {
    operator == BinaryOperator::Mul
        && !count.is_int()
        && is_sequence_hook(hook)
        && types::lookup_special(cx, count, "__index__").is_none()
}

/// Whether a special method is that of a built-in sequence, which CPython calls after those of numbers.
fn is_sequence_hook(hook: Value) -> bool {
    if !is_exactly(hook, Kind::WRAPPER_DESCRIPTOR) {
        return false;
    }
    let owner = downcast::<crate::objects::Native>(hook).and_then(|native| types::as_type(native.receiver.get()));
    owner.is_some_and(is_sequence)
}

/// Whether instances of a class are laid out as those of a built-in sequence.
fn is_sequence(class: Gc<crate::objects::Type>) -> bool {
    let sequences = [Kind::LIST, Kind::TUPLE, Kind::STR, Kind::BYTES, Kind::BYTEARRAY, Kind::DEQUE, Kind::TYPED_ARRAY];
    sequences.iter().any(|kind| *kind as u64 == class.kind.get())
}

/// Arithmetic where at least one side is a float and the other a float or small int.
fn float_arithmetic(cx: &mut Cx, operator: BinaryOperator, lhs: Value, rhs: Value) -> Option<PyResult> {
    if as_float(lhs).is_none() && as_float(rhs).is_none() {
        return None;
    }
    let (x, y) = (as_number(lhs)?, as_number(rhs)?);
    let number = match operator {
        BinaryOperator::Add => x + y,
        BinaryOperator::Sub => x - y,
        BinaryOperator::Mul => x * y,
        BinaryOperator::TrueDiv if y != 0.0 => x / y,
        BinaryOperator::TrueDiv => return Some(Err(cx.raise(Kind::ZERO_DIVISION_ERROR, "division by zero"))),
        _ => return None,
    };
    Some(Ok(cx.float(number)))
}

/// Whether a value counts as true.
#[inline]
pub fn truth(cx: &mut Cx, value: Value) -> PyResult<bool> {
    if value == TRUE {
        return Ok(true);
    }
    if value == FALSE || value == NONE {
        return Ok(false);
    }
    if value.is_int() {
        return Ok(value.as_int() != 0);
    }
    if let Some(number) = as_float(value) {
        return Ok(number != 0.0);
    }
    if value.is_object() {
        if !cx.thread.transaction.is_logged()
            && let Some(truth) = quick_truth(value)
        {
            return Ok(truth);
        }
        if downcast::<Function>(value).is_some() {
            return Ok(true);
        }
        if crate::attribute::is_plainly_true(cx, value) {
            return Ok(true);
        }
    }
    let built_in = class_of(cx, value).flags.get() & types::HEAP_TYPE == 0;
    if let Some(hook) = direct::special(cx, value, Special::Bool) {
        return hook(cx, &[value], None).map(|truth| truth == TRUE);
    }
    // A class may have a `__bool__` of its own and inherit its length.
    if built_in && let Some(hook) = direct::special(cx, value, Special::Len) {
        return hook(cx, &[value], None).map(|length| length != Value::int(0));
    }
    if let Some(hook) = types::lookup_special(cx, value, "__bool__") {
        let result = call::call_special(cx, hook, value, &[], None)?;
        return match result {
            TRUE => Ok(true),
            FALSE => Ok(false),
            other => {
                let message = format!("__bool__ should return bool, returned {}", class_name(cx, other));
                Err(cx.type_error(message))
            }
        };
    }
    if types::lookup_special(cx, value, "__len__").is_some() {
        return Ok(length(cx, value)? != 0);
    }
    Ok(true)
}

/// `len(value)`.
#[inline]
pub fn length(cx: &mut Cx, value: Value) -> PyResult<usize> {
    if !cx.thread.transaction.is_logged()
        && let Some(length) = quick_length(value)
    {
        return Ok(length);
    }
    length_of_any(cx, value)
}

#[inline(never)]
fn length_of_any(cx: &mut Cx, value: Value) -> PyResult<usize> {
    if let Some(hook) = direct::special(cx, value, Special::Len)
        && let Some(length) = as_small_int(hook(cx, &[value], None)?)
    {
        return Ok(length as usize);
    }
    let Some(hook) = types::lookup_special(cx, value, "__len__") else {
        let message = format!("object of type '{}' has no len()", class_name(cx, value));
        return Err(cx.type_error(message));
    };
    let result = call::call_special(cx, hook, value, &[], None)?;
    if let Some(length) = as_small_int(result)
        && length >= 0
    {
        return Ok(length as usize);
    }
    let length = types::int::index(cx, result)?;
    match types::int::as_i64(length) {
        _ if types::int::is_negative(length) => Err(cx.value_error("__len__() should return >= 0")),
        Some(length) => Ok(length as usize),
        None => Err(cx.raise(Kind::OVERFLOW_ERROR, "cannot fit 'int' into an index-sized integer")),
    }
}

/// Modulus of the hashes of numbers (`sys.hash_info.modulus`).
pub const HASH_MODULUS: i64 = (1 << 61) - 1;

/// Hash of a small int.
#[inline]
pub fn hash_int(number: i64) -> i64 {
    if (0..HASH_MODULUS).contains(&number) {
        return number;
    }
    let hash = number % HASH_MODULUS;
    if hash == -1 { -2 } else { hash }
}

/// `hash(value)`.
#[inline]
pub fn hash(cx: &mut Cx, value: Value) -> PyResult<u64> {
    if value.is_int() {
        return Ok(hash_int(value.as_int()) as u64);
    }
    if is_exactly(value, Kind::STR)
        && let Some(text) = downcast::<Str>(value)
    {
        return Ok(text.hash_value(cx));
    }
    hash_other(cx, value)
}

/// `hash(value)` for other values than small ints and plain text.
fn hash_other(cx: &mut Cx, value: Value) -> PyResult<u64> {
    if is_exactly(value, Kind::BYTES)
        && let Some(bytes) = downcast::<Bytes>(value)
    {
        return Ok(bytes.hash_value(cx));
    }
    if let Some(tuple) = crate::attribute::tuple_like(cx, value) {
        return types::tuple::hash(cx, tuple).map(|hash| hash as u64);
    }
    if let Some(number) = as_small_int(value) {
        return Ok(hash_int(number) as u64);
    }
    if value.is_object()
        && let Some(hash) = crate::attribute::plain_identity_hash(cx, value)
    {
        return Ok(hash);
    }
    cx.check_native_stack()?;
    let result = match direct::special(cx, value, Special::Hash) {
        Some(hook) => hook(cx, &[value], None)?,
        None => match types::lookup_special(cx, value, "__hash__") {
            Some(hook) if hook != NONE => call::call_special(cx, hook, value, &[], None)?,
            _ => {
                let message = format!("unhashable type: '{}'", class_name(cx, value));
                return Err(cx.type_error(message));
            }
        },
    };
    match as_small_int(result) {
        Some(hash) => Ok(hash as u64),
        None => crate::native::hash_of_big_result(cx, result),
    }
}

/// How many items an iterable says that it has or will give (`operator.length_hint`), if it says anything.
pub fn length_hint(cx: &mut Cx, value: Value) -> PyResult<Option<usize>> {
    let ignore = |cx: &mut Cx, raised| match types::is_instance(cx, cx.raised.get(), Kind::TYPE_ERROR) {
        true => {
            cx.take_raised();
            Ok(())
        }
        false => Err(raised),
    };
    if types::lookup_special(cx, value, "__len__").is_some() {
        match length(cx, value) {
            Ok(length) => return Ok(Some(length)),
            Err(raised) => ignore(cx, raised)?,
        }
    }
    let Some(hook) = types::lookup_special(cx, value, "__length_hint__") else { return Ok(None) };
    let hint = match call::call_special(cx, hook, value, &[], None) {
        Ok(NOT_IMPLEMENTED) => return Ok(None),
        Ok(hint) => hint,
        Err(raised) => return ignore(cx, raised).map(|()| None),
    };
    if !types::int::is_int(hint) {
        let message = format!("__length_hint__ must be an integer, not {}", class_name(cx, hint));
        return Err(cx.type_error(message));
    }
    match types::int::as_i64(hint) {
        Some(hint) if hint >= 0 => Ok(Some(hint as usize)),
        Some(_) => Err(cx.value_error("__length_hint__() should return >= 0")),
        None => Err(cx.raise(Kind::OVERFLOW_ERROR, "Python int too large to convert to C ssize_t")),
    }
}

/// `iter(value)`.
pub fn iterate(cx: &mut Cx, value: Value) -> PyResult {
    if let Some(hook) = direct::special(cx, value, Special::Iter) {
        return hook(cx, &[value], None);
    }
    match types::lookup_special(cx, value, "__iter__") {
        Some(hook) if hook != NONE => {
            let iterator = call::call_special(cx, hook, value, &[], None)?;
            if types::lookup_special(cx, iterator, "__next__").is_none() {
                let message = format!("iter() returned non-iterator of type '{}'", class_name(cx, iterator));
                return Err(cx.type_error(message));
            }
            Ok(iterator)
        }
        None if types::lookup_special(cx, value, "__getitem__").is_some() => {
            Ok(crate::sequence::new_iterator(cx, shapes::SEQUENCE_ITERATOR, value, Value::int(0), NONE, NONE))
        }
        _ => {
            let message = format!("'{}' object is not iterable", class_name(cx, value));
            Err(cx.type_error(message))
        }
    }
}

/// The next item of an iterator, or `None` at its end.
#[inline]
pub fn next(cx: &mut Cx, iterator: Value) -> PyResult<Option<Value>> {
    match crate::iterators::next_builtin(cx, iterator) {
        Some(step) => step,
        None => next_of_other(cx, iterator),
    }
}

/// The next item of an iterator that steps by a method.
fn next_of_other(cx: &mut Cx, iterator: Value) -> PyResult<Option<Value>> {
    let Some(hook) = types::lookup_special(cx, iterator, "__next__") else {
        let message = format!("'{}' object is not an iterator", class_name(cx, iterator));
        return Err(cx.type_error(message));
    };
    match call::call_special(cx, hook, iterator, &[], None) {
        Ok(value) => Ok(Some(value)),
        Err(raised) => {
            if types::is_instance(cx, cx.raised.get(), Kind::STOP_ITERATION) {
                cx.take_raised();
                Ok(None)
            } else {
                Err(raised)
            }
        }
    }
}

/// `object[key]`.
pub fn get_item(cx: &mut Cx, object: Value, key: Value) -> PyResult {
    if is_exactly(object, Kind::LIST)
        && !cx.thread.transaction.is_logged()
        && let Some(list) = downcast::<List>(object)
    {
        return types::list::get(cx, list, key);
    }
    if key.is_int()
        && is_exactly(object, Kind::STR)
        && let Some(text) = downcast::<Str>(object)
    {
        return types::str::item(cx, text, key.as_int());
    }
    if is_exactly(object, Kind::DICT)
        && !cx.thread.transaction.is_logged()
        && let Some(dict) = downcast::<Dict>(object)
    {
        return match Dict::get(cx, dict, key)? {
            Some(value) => Ok(value),
            None => Err(types::dict::key_error(cx, key)),
        };
    }
    if let Some(hook) = direct::special(cx, object, Special::GetItem) {
        return hook(cx, &[object, key], None);
    }
    if let Some(hook) = types::lookup_special(cx, object, "__getitem__") {
        return call::call_special(cx, hook, object, &[key], None);
    }
    if types::as_type(object).is_some() {
        let name = cx.intern("__class_getitem__");
        if let Some((hook, _)) = crate::attribute::find(cx, object, name)? {
            return call::call(cx, hook, &[key], None);
        }
        let class = types::as_type(object).expect("checked above");
        let message = format!("type '{}' is not subscriptable", types::name_of(class));
        return Err(cx.type_error(message));
    }
    let message = format!("'{}' object is not subscriptable", class_name(cx, object));
    Err(cx.type_error(message))
}

/// `object[key] = value`.
pub fn set_item(cx: &mut Cx, object: Value, key: Value, value: Value) -> PyResult<()> {
    if is_exactly(object, Kind::LIST)
        && !cx.thread.transaction.is_logged()
        && let Some(list) = downcast::<List>(object)
    {
        return types::list::set(cx, list, key, value);
    }
    if is_exactly(object, Kind::DICT)
        && !cx.thread.transaction.is_logged()
        && let Some(dict) = downcast::<Dict>(object)
    {
        return Dict::set(cx, dict, key, value);
    }
    if let Some(hook) = direct::special(cx, object, Special::SetItem) {
        return hook(cx, &[object, key, value], None).map(|_| ());
    }
    match types::lookup_special(cx, object, "__setitem__") {
        Some(hook) => call::call_special(cx, hook, object, &[key, value], None).map(|_| ()),
        None => {
            let message = format!("'{}' object does not support item assignment", class_name(cx, object));
            Err(cx.type_error(message))
        }
    }
}

/// `del object[key]`.
pub fn delete_item(cx: &mut Cx, object: Value, key: Value) -> PyResult<()> {
    if let Some(hook) = direct::special(cx, object, Special::DelItem) {
        return hook(cx, &[object, key], None).map(|_| ());
    }
    match types::lookup_special(cx, object, "__delitem__") {
        Some(hook) => call::call_special(cx, hook, object, &[key], None).map(|_| ()),
        None => {
            let message = format!("'{}' object doesn't support item deletion", class_name(cx, object));
            Err(cx.type_error(message))
        }
    }
}

/// `item in container`.
pub fn contains(cx: &mut Cx, container: Value, item: Value) -> PyResult<bool> {
    if is_exactly(container, Kind::STR)
        && is_exactly(item, Kind::STR)
        && let (Some(container), Some(item)) = (downcast::<Str>(container), downcast::<Str>(item))
    {
        return Ok(types::str::matches::first(container.bytes(), item.bytes()).is_some());
    }
    if container.is_object() && !cx.thread.transaction.is_logged() {
        match shape_id(container) {
            shapes::DICT => {
                let hash = crate::dict::key_hash(cx, item, "a dict key")?;
                return Dict::has_key(cx, downcast(container).expect("of this shape"), item, hash);
            }
            shapes::SET | shapes::FROZENSET => {
                return types::set::contains(cx, downcast(container).expect("of this shape"), item);
            }
            _ => {}
        }
    }
    if let Some(hook) = direct::special(cx, container, Special::Contains) {
        let result = hook(cx, &[container, item], None)?;
        return truth(cx, result);
    }
    match types::lookup_special(cx, container, "__contains__") {
        Some(hook) if hook != NONE => {
            let result = call::call_special(cx, hook, container, &[item], None)?;
            truth(cx, result)
        }
        Some(_) => {
            let message = format!("'{}' object is not a container", class_name(cx, container));
            Err(cx.type_error(message))
        }
        None => {
            let iterator = match iterate(cx, container) {
                Ok(iterator) => iterator,
                Err(raised) => {
                    if types::is_instance(cx, cx.raised.get(), Kind::TYPE_ERROR) {
                        cx.take_raised();
                        let message =
                            format!("argument of type '{}' is not a container or iterable", class_name(cx, container));
                        return Err(cx.type_error(message));
                    }
                    return Err(raised);
                }
            };
            while let Some(candidate) = next(cx, iterator)? {
                if equal(cx, candidate, item)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
    }
}

/// `-x`, `+x`, `~x`.
pub fn unary(cx: &mut Cx, method: &'static str, symbol: &str, value: Value) -> PyResult {
    match types::lookup_special(cx, value, method) {
        Some(hook) => call::call_special(cx, hook, value, &[], None),
        None => {
            let message = format!("bad operand type for unary {symbol}: '{}'", class_name(cx, value));
            Err(cx.type_error(message))
        }
    }
}
