//! `weakref.ProxyType` and `weakref.CallableProxyType`: whatever is done to a proxy is done to its object.

use super::{WeakReference, describe, is_proxy, target};
use crate::cx::{Cx, NONE, PyResult, bool_value};
use crate::kinds::Kind;
use crate::native::{NativeDefinition, NativeKind, TracePolicy, TransactionPolicy};
use crate::objects::{Str, Tuple};
use crate::operations::{self, BinaryOperator, Comparison};
use crate::string::downcast;
use crate::types;
use crate::{attribute, call};
use vm_heap::{Gc, Value};

/// The object behind a proxy: ReferenceError where it has died. Any other value is itself.
fn behind(cx: &mut Cx, value: Value) -> PyResult {
    if !is_proxy(value) {
        return Ok(value);
    }
    let proxy = downcast::<WeakReference>(value).expect("proxies have this layout");
    match target(cx, proxy) {
        Some(object) => Ok(object),
        None => Err(cx.raise(Kind::REFERENCE_ERROR, "weakly-referenced object no longer exists")),
    }
}

const OPERATORS: [BinaryOperator; 13] = [
    BinaryOperator::Add,
    BinaryOperator::Sub,
    BinaryOperator::Mul,
    BinaryOperator::TrueDiv,
    BinaryOperator::FloorDiv,
    BinaryOperator::Mod,
    BinaryOperator::Pow,
    BinaryOperator::MatMul,
    BinaryOperator::LShift,
    BinaryOperator::RShift,
    BinaryOperator::And,
    BinaryOperator::Or,
    BinaryOperator::Xor,
];

const COMPARISONS: [Comparison; 6] =
    [Comparison::Lt, Comparison::Le, Comparison::Eq, Comparison::Ne, Comparison::Gt, Comparison::Ge];

/// Does what the special method `name` of a proxy means to the object behind it.
fn forward(cx: &mut Cx, name: &'static str, arguments: &[Value], keywords: Option<Gc<Tuple>>) -> PyResult {
    let Some(first) = arguments.first() else {
        return Err(cx.type_error(format!("descriptor '{name}' of 'weakref.ProxyType' object needs an argument")));
    };
    if name == "__repr__" {
        return show(cx, *first);
    }
    let object = behind(cx, *first)?;
    if name == "__call__" {
        return call::call(cx, object, &arguments[1..], keywords);
    }
    let second = match arguments.get(1) {
        Some(second) => Some(behind(cx, *second)?),
        None => None,
    };
    if let (Some(second), Some(third), "__pow__" | "__rpow__") = (second, arguments.get(2), name) {
        let third = behind(cx, *third)?;
        let (base, exponent) = if name == "__pow__" { (object, second) } else { (second, object) };
        return crate::builtins::power_modulo(cx, base, exponent, third);
    }
    if let Some(second) = second {
        for operator in OPERATORS {
            let (plain, reflected, in_place) = operator.methods();
            if name == plain || name == in_place {
                return operations::binary(cx, operator, object, second, name == in_place);
            }
            if name == reflected {
                return operations::binary(cx, operator, second, object, false);
            }
        }
        for comparison in COMPARISONS {
            if name == comparison.method() {
                return operations::compare(cx, comparison, object, second);
            }
        }
    }
    match (name, second, arguments.get(2)) {
        ("__str__", ..) => Ok(operations::to_str(cx, object)?.value()),
        ("__bool__", ..) => Ok(bool_value(operations::truth(cx, object)?)),
        ("__len__", ..) => Ok(Value::int(operations::length(cx, object)? as i64)),
        ("__iter__", ..) => operations::iterate(cx, object),
        ("__neg__", ..) => operations::unary(cx, "__neg__", "-", object),
        ("__pos__", ..) => operations::unary(cx, "__pos__", "+", object),
        ("__invert__", ..) => operations::unary(cx, "__invert__", "~", object),
        ("__getitem__", Some(key), _) => operations::get_item(cx, object, key),
        ("__delitem__", Some(key), _) => operations::delete_item(cx, object, key).map(|()| NONE),
        ("__contains__", Some(key), _) => Ok(bool_value(operations::contains(cx, object, key)?)),
        ("__setitem__", Some(key), Some(value)) => operations::set_item(cx, object, key, *value).map(|()| NONE),
        ("__getattribute__", Some(name), _) => {
            let name = attribute_name(cx, name)?;
            attribute::get(cx, object, name)
        }
        ("__setattr__", Some(name), Some(value)) => {
            let name = attribute_name(cx, name)?;
            attribute::set(cx, object, name, Some(*value)).map(|()| NONE)
        }
        ("__delattr__", Some(name), _) => {
            let name = attribute_name(cx, name)?;
            attribute::set(cx, object, name, None).map(|()| NONE)
        }
        _ => plain(cx, name, object, second),
    }
}

/// The special methods without a function of their own.
fn plain(cx: &mut Cx, name: &'static str, object: Value, second: Option<Value>) -> PyResult {
    let Some(hook) = types::lookup_special(cx, object, name) else {
        let class = types::class_name(cx, object);
        let message = match name {
            "__next__" => format!("Weakref proxy referenced a non-iterator '{class}' object"),
            "__index__" => format!("'{class}' object cannot be interpreted as an integer"),
            "__abs__" => format!("bad operand type for abs(): '{class}'"),
            _ => format!("'{class}' object has no {name}"),
        };
        return Err(cx.type_error(message));
    };
    match second {
        Some(second) => call::call_special(cx, hook, object, &[second], None),
        None => call::call_special(cx, hook, object, &[], None),
    }
}

fn attribute_name(cx: &mut Cx, name: Value) -> PyResult<Gc<Str>> {
    match downcast::<Str>(name) {
        Some(name) => Ok(name),
        None => {
            let message = format!("attribute name must be string, not '{}'", types::class_name(cx, name));
            Err(cx.type_error(message))
        }
    }
}

fn show(cx: &mut Cx, proxy: Value) -> PyResult {
    let this = downcast::<WeakReference>(proxy).expect("proxies have this layout");
    let described = match target(cx, this) {
        Some(object) => describe(cx, object, false)?,
        None => "dead".to_string(),
    };
    Ok(Str::checked(cx, format!("<weakproxy at {:#x}; {described}>", this.address()).as_bytes())?.value())
}

macro_rules! forwarded {
    ($($name:literal)*) => {
        &[$( NativeDefinition {
            name: $name,
            qualname: concat!("weakref.ProxyType.", $name),
            kind: NativeKind::Method,
            doc: "",
            signature: "",
            call: |cx, arguments, keywords| forward(cx, $name, arguments, keywords),
            setter: None,
            trace: TracePolicy::Call,
            transaction: TransactionPolicy::Inevitable,
        } ),*]
    };
}

/// The methods of proxies.
pub static PROXY_METHODS: &[NativeDefinition] = forwarded! {
    "__repr__" "__str__" "__getattribute__" "__setattr__" "__delattr__"
    "__lt__" "__le__" "__eq__" "__ne__" "__gt__" "__ge__"
    "__add__" "__radd__" "__iadd__" "__sub__" "__rsub__" "__isub__" "__mul__" "__rmul__" "__imul__"
    "__truediv__" "__rtruediv__" "__itruediv__" "__floordiv__" "__rfloordiv__" "__ifloordiv__"
    "__mod__" "__rmod__" "__imod__" "__divmod__" "__rdivmod__" "__pow__" "__rpow__" "__ipow__"
    "__matmul__" "__rmatmul__" "__imatmul__" "__lshift__" "__rlshift__" "__ilshift__"
    "__rshift__" "__rrshift__" "__irshift__" "__and__" "__rand__" "__iand__" "__or__" "__ror__" "__ior__"
    "__xor__" "__rxor__" "__ixor__" "__neg__" "__pos__" "__abs__" "__invert__" "__bool__" "__int__" "__float__"
    "__index__" "__len__" "__getitem__" "__setitem__" "__delitem__" "__contains__" "__iter__" "__next__"
    "__bytes__" "__reversed__"
};

/// What proxies of callable objects have besides.
pub static CALLABLE_PROXY_METHODS: &[NativeDefinition] = forwarded! { "__call__" };
