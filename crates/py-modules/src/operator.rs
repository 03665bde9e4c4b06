//! `_operator`: the operators as functions.

mod getters;
mod sequences;

use crate::{class, module_of};
use py_macros::py_functions;
use py_object::arguments::Keywords;
use py_object::bootstrap::add_methods;
use py_object::objects::Module;
use py_object::operations::{self, BinaryOperator, Comparison};
use py_object::types::{class_name, int, lookup_special};
use py_object::{Cx, Kind, NONE, PyResult, call};
use vm_heap::{Gc, Value};

/// Gives the classes their methods.
pub fn install(cx: &mut Cx) {
    crate::declare::<getters::ItemGetter>();
    crate::declare::<getters::AttributeGetter>();
    crate::declare::<getters::MethodCaller>();
    add_methods(cx, Kind::ITEM_GETTER, getters::ITEM_GETTER_METHODS);
    add_methods(cx, Kind::ATTRIBUTE_GETTER, getters::ATTRIBUTE_GETTER_METHODS);
    add_methods(cx, Kind::METHOD_CALLER, getters::METHOD_CALLER_METHODS);
}

/// The functions.
pub struct Functions;

#[py_functions("_operator")]
impl Functions {
    /// Same as a + b.
    #[function]
    fn add(cx: &mut Cx, a: Value, b: Value) -> PyResult {
        operations::binary(cx, BinaryOperator::Add, a, b, false)
    }
    /// Same as a - b.
    #[function]
    fn sub(cx: &mut Cx, a: Value, b: Value) -> PyResult {
        operations::binary(cx, BinaryOperator::Sub, a, b, false)
    }
    /// Same as a * b.
    #[function]
    fn mul(cx: &mut Cx, a: Value, b: Value) -> PyResult {
        operations::binary(cx, BinaryOperator::Mul, a, b, false)
    }
    /// Same as a @ b.
    #[function]
    fn matmul(cx: &mut Cx, a: Value, b: Value) -> PyResult {
        operations::binary(cx, BinaryOperator::MatMul, a, b, false)
    }
    /// Same as a // b.
    #[function]
    fn floordiv(cx: &mut Cx, a: Value, b: Value) -> PyResult {
        operations::binary(cx, BinaryOperator::FloorDiv, a, b, false)
    }
    /// Same as a / b.
    #[function]
    fn truediv(cx: &mut Cx, a: Value, b: Value) -> PyResult {
        operations::binary(cx, BinaryOperator::TrueDiv, a, b, false)
    }
    /// Same as a % b.
    #[function(name = "mod")]
    fn modulo(cx: &mut Cx, a: Value, b: Value) -> PyResult {
        operations::binary(cx, BinaryOperator::Mod, a, b, false)
    }
    /// Same as a << b.
    #[function]
    fn lshift(cx: &mut Cx, a: Value, b: Value) -> PyResult {
        operations::binary(cx, BinaryOperator::LShift, a, b, false)
    }
    /// Same as a >> b.
    #[function]
    fn rshift(cx: &mut Cx, a: Value, b: Value) -> PyResult {
        operations::binary(cx, BinaryOperator::RShift, a, b, false)
    }
    /// Same as a & b.
    #[function]
    fn and_(cx: &mut Cx, a: Value, b: Value) -> PyResult {
        operations::binary(cx, BinaryOperator::And, a, b, false)
    }
    /// Same as a ^ b.
    #[function]
    fn xor(cx: &mut Cx, a: Value, b: Value) -> PyResult {
        operations::binary(cx, BinaryOperator::Xor, a, b, false)
    }
    /// Same as a | b.
    #[function]
    fn or_(cx: &mut Cx, a: Value, b: Value) -> PyResult {
        operations::binary(cx, BinaryOperator::Or, a, b, false)
    }
    /// Same as a ** b.
    #[function]
    fn pow(cx: &mut Cx, a: Value, b: Value) -> PyResult {
        operations::binary(cx, BinaryOperator::Pow, a, b, false)
    }
    /// Same as a += b.
    #[function]
    fn iadd(cx: &mut Cx, a: Value, b: Value) -> PyResult {
        operations::binary(cx, BinaryOperator::Add, a, b, true)
    }
    /// Same as a -= b.
    #[function]
    fn isub(cx: &mut Cx, a: Value, b: Value) -> PyResult {
        operations::binary(cx, BinaryOperator::Sub, a, b, true)
    }
    /// Same as a *= b.
    #[function]
    fn imul(cx: &mut Cx, a: Value, b: Value) -> PyResult {
        operations::binary(cx, BinaryOperator::Mul, a, b, true)
    }
    /// Same as a @= b.
    #[function]
    fn imatmul(cx: &mut Cx, a: Value, b: Value) -> PyResult {
        operations::binary(cx, BinaryOperator::MatMul, a, b, true)
    }
    /// Same as a //= b.
    #[function]
    fn ifloordiv(cx: &mut Cx, a: Value, b: Value) -> PyResult {
        operations::binary(cx, BinaryOperator::FloorDiv, a, b, true)
    }
    /// Same as a /= b.
    #[function]
    fn itruediv(cx: &mut Cx, a: Value, b: Value) -> PyResult {
        operations::binary(cx, BinaryOperator::TrueDiv, a, b, true)
    }
    /// Same as a %= b.
    #[function]
    fn imod(cx: &mut Cx, a: Value, b: Value) -> PyResult {
        operations::binary(cx, BinaryOperator::Mod, a, b, true)
    }
    /// Same as a <<= b.
    #[function]
    fn ilshift(cx: &mut Cx, a: Value, b: Value) -> PyResult {
        operations::binary(cx, BinaryOperator::LShift, a, b, true)
    }
    /// Same as a >>= b.
    #[function]
    fn irshift(cx: &mut Cx, a: Value, b: Value) -> PyResult {
        operations::binary(cx, BinaryOperator::RShift, a, b, true)
    }
    /// Same as a &= b.
    #[function]
    fn iand(cx: &mut Cx, a: Value, b: Value) -> PyResult {
        operations::binary(cx, BinaryOperator::And, a, b, true)
    }
    /// Same as a ^= b.
    #[function]
    fn ixor(cx: &mut Cx, a: Value, b: Value) -> PyResult {
        operations::binary(cx, BinaryOperator::Xor, a, b, true)
    }
    /// Same as a |= b.
    #[function]
    fn ior(cx: &mut Cx, a: Value, b: Value) -> PyResult {
        operations::binary(cx, BinaryOperator::Or, a, b, true)
    }
    /// Same as a **= b.
    #[function]
    fn ipow(cx: &mut Cx, a: Value, b: Value) -> PyResult {
        operations::binary(cx, BinaryOperator::Pow, a, b, true)
    }
    /// Same as a == b.
    #[function]
    fn eq(cx: &mut Cx, a: Value, b: Value) -> PyResult {
        operations::compare(cx, Comparison::Eq, a, b)
    }
    /// Same as a != b.
    #[function]
    fn ne(cx: &mut Cx, a: Value, b: Value) -> PyResult {
        operations::compare(cx, Comparison::Ne, a, b)
    }
    /// Same as a < b.
    #[function]
    fn lt(cx: &mut Cx, a: Value, b: Value) -> PyResult {
        operations::compare(cx, Comparison::Lt, a, b)
    }
    /// Same as a <= b.
    #[function]
    fn le(cx: &mut Cx, a: Value, b: Value) -> PyResult {
        operations::compare(cx, Comparison::Le, a, b)
    }
    /// Same as a > b.
    #[function]
    fn gt(cx: &mut Cx, a: Value, b: Value) -> PyResult {
        operations::compare(cx, Comparison::Gt, a, b)
    }
    /// Same as a >= b.
    #[function]
    fn ge(cx: &mut Cx, a: Value, b: Value) -> PyResult {
        operations::compare(cx, Comparison::Ge, a, b)
    }
    /// Same as -a.
    #[function]
    fn neg(cx: &mut Cx, a: Value) -> PyResult {
        operations::unary(cx, "__neg__", "-", a)
    }
    /// Same as +a.
    #[function]
    fn pos(cx: &mut Cx, a: Value) -> PyResult {
        operations::unary(cx, "__pos__", "+", a)
    }
    /// Same as ~a.
    #[function]
    fn inv(cx: &mut Cx, a: Value) -> PyResult {
        operations::unary(cx, "__invert__", "~", a)
    }
    /// Same as ~a.
    #[function]
    fn invert(cx: &mut Cx, a: Value) -> PyResult {
        operations::unary(cx, "__invert__", "~", a)
    }
    /// Same as abs(a).
    #[function]
    fn abs(cx: &mut Cx, a: Value) -> PyResult {
        match lookup_special(cx, a, "__abs__") {
            Some(hook) => call::call_special(cx, hook, a, &[], None),
            None => {
                let message = format!("bad operand type for abs(): '{}'", class_name(cx, a));
                Err(cx.type_error(message))
            }
        }
    }
    /// Same as a.__index__()
    #[function]
    fn index(cx: &mut Cx, a: Value) -> PyResult {
        int::index(cx, a)
    }
    /// Same as not a.
    #[function]
    fn not_(cx: &mut Cx, a: Value) -> PyResult<bool> {
        Ok(!operations::truth(cx, a)?)
    }
    /// Return True if a is true, False otherwise.
    #[function]
    fn truth(a: bool) -> bool {
        a
    }
    /// Same as a is b.
    #[function]
    fn is_(a: Value, b: Value) -> bool {
        a == b
    }
    /// Same as a is not b.
    #[function]
    fn is_not(a: Value, b: Value) -> bool {
        a != b
    }
    /// Same as a is None.
    #[function]
    fn is_none(a: Value) -> bool {
        a == NONE
    }
    /// Same as a is not None.
    #[function]
    fn is_not_none(a: Value) -> bool {
        a != NONE
    }
    /// Same as a[b].
    #[function]
    fn getitem(cx: &mut Cx, a: Value, b: Value) -> PyResult {
        operations::get_item(cx, a, b)
    }
    /// Same as a[b] = c.
    #[function]
    fn setitem(cx: &mut Cx, a: Value, b: Value, c: Value) -> PyResult<()> {
        operations::set_item(cx, a, b, c)
    }
    /// Same as del a[b].
    #[function]
    fn delitem(cx: &mut Cx, a: Value, b: Value) -> PyResult<()> {
        operations::delete_item(cx, a, b)
    }
    /// Same as b in a (note reversed operands).
    #[function]
    fn contains(cx: &mut Cx, a: Value, b: Value) -> PyResult<bool> {
        operations::contains(cx, a, b)
    }
    /// Same as a + b, for a and b sequences.
    #[function]
    fn concat(cx: &mut Cx, a: Value, b: Value) -> PyResult {
        sequences::concatenate(cx, a, b, false)
    }
    /// Same as a += b, for a and b sequences.
    #[function]
    fn iconcat(cx: &mut Cx, a: Value, b: Value) -> PyResult {
        sequences::concatenate(cx, a, b, true)
    }
    /// Return the first index of b in a.
    #[function(name = "indexOf")]
    fn index_of(cx: &mut Cx, a: Value, b: Value) -> PyResult<usize> {
        sequences::index_of(cx, a, b)
    }
    /// Return the number of items in a which are, or which equal, b.
    #[function(name = "countOf")]
    fn count_of(cx: &mut Cx, a: Value, b: Value) -> PyResult<usize> {
        sequences::count_of(cx, a, b)
    }
    /// Return an estimate of the number of items in obj.
    ///
    /// This is useful for presizing containers when building from an iterable. The result is exact where the object
    /// has a length.
    #[function]
    fn length_hint(cx: &mut Cx, obj: Value, #[default(Value::int(0))] default: Value) -> PyResult {
        if !int::is_int(default) {
            let message = format!("'{}' object cannot be interpreted as an integer", class_name(cx, default));
            return Err(cx.type_error(message));
        }
        match operations::length_hint(cx, obj)? {
            Some(hint) => Ok(int::from_i64(cx, hint as i64)),
            None => int::exact(cx, default),
        }
    }
    /// Return 'a == b', in a time that does not depend on where they differ.
    ///
    /// Both must be bytes-like objects or both strings of ASCII characters.
    #[function]
    fn _compare_digest(cx: &mut Cx, a: Value, b: Value) -> PyResult<bool> {
        sequences::compare_digest(cx, a, b)
    }
    /// Same as obj(*args, **kwargs).
    #[function(signature = "($module, obj, /, *args, **kwargs)")]
    fn call(cx: &mut Cx, obj: Value, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> PyResult {
        kwargs.call(cx, obj, args)
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "_operator", FUNCTIONS);
    for kind in [Kind::ITEM_GETTER, Kind::ATTRIBUTE_GETTER, Kind::METHOD_CALLER] {
        class(cx, module, kind)?;
    }
    Ok(module)
}
