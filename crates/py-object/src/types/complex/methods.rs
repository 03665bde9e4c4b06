//! The methods of `complex`.

use super::text;
use super::*;
use crate::cx::{NONE, NOT_IMPLEMENTED, UNBOUND, bool_value};
use crate::objects::{Str, Type};
use crate::operations::{self, Comparison};
use crate::types::{self, float};
use py_macros::py_methods;
use vm_heap::Gc;

fn own(this: Value) -> Parts {
    parts(this).expect("the receiver has been checked")
}

/// Applies an operation to two numbers; NotImplemented where one is none.
fn operate(cx: &mut Cx, lhs: Value, rhs: Value, operation: impl FnOnce(Operand, Operand) -> Option<Parts>) -> PyResult {
    let (Some(x), Some(y)) = (operand(cx, lhs)?, operand(cx, rhs)?) else { return Ok(NOT_IMPLEMENTED) };
    match operation(x, y) {
        Some(result) => Ok(new(cx, result)),
        None => Err(cx.raise(Kind::ZERO_DIVISION_ERROR, "division by zero")),
    }
}

fn add(x: Operand, y: Operand) -> Option<Parts> {
    Some(match (x, y) {
        (Operand::Complex((a, b)), Operand::Complex((c, d))) => (a + c, b + d),
        (Operand::Complex((a, b)), Operand::Real(c)) | (Operand::Real(c), Operand::Complex((a, b))) => (a + c, b),
        (Operand::Real(a), Operand::Real(c)) => (a + c, 0.0),
    })
}

fn subtract(x: Operand, y: Operand) -> Option<Parts> {
    Some(match (x, y) {
        (Operand::Complex((a, b)), Operand::Real(c)) => (a - c, b),
        (Operand::Real(a), Operand::Complex((c, d))) => (a - c, -d),
        (x, y) => (x.parts().0 - y.parts().0, x.parts().1 - y.parts().1),
    })
}

fn multiply(x: Operand, y: Operand) -> Option<Parts> {
    Some(match (x, y) {
        (Operand::Complex((a, b)), Operand::Real(c)) | (Operand::Real(c), Operand::Complex((a, b))) => (a * c, b * c),
        (x, y) => product(x.parts(), y.parts()),
    })
}

fn divide(x: Operand, y: Operand) -> Option<Parts> {
    match (x, y) {
        (Operand::Complex((a, b)), Operand::Real(c)) => (c != 0.0).then(|| (a / c, b / c)),
        (Operand::Real(a), Operand::Complex(divisor)) => real_quotient(a, divisor),
        (x, y) => quotient(x.parts(), y.parts()),
    }
}

fn raise_to(cx: &mut Cx, base: Value, exponent: Value, modulus: Value) -> PyResult {
    let (Some(base), Some(exponent)) = (operand(cx, base)?, operand(cx, exponent)?) else {
        return Ok(NOT_IMPLEMENTED);
    };
    if modulus != NONE {
        return Err(cx.value_error("complex modulo"));
    }
    checked_power(cx, base.parts(), exponent.parts())
}

fn equal(cx: &mut Cx, this: Value, other: Value) -> PyResult<Option<bool>> {
    let (real, imaginary) = own(this);
    if let Some((x, y)) = parts(other) {
        return Ok(Some(real == x && imaginary == y));
    }
    if float::number(other).is_none() && !int::is_int(other) {
        return Ok(None);
    }
    if imaginary != 0.0 {
        return Ok(Some(false));
    }
    // Ints are compared exactly.
    let real = cx.float(real);
    let result = operations::compare(cx, Comparison::Eq, real, crate::string::payload(other))?;
    operations::truth(cx, result).map(Some)
}

/// A part given as an argument of `complex()`.
fn part(cx: &mut Cx, value: Value, name: &str) -> PyResult<Parts> {
    if downcast::<Str>(value).is_none()
        && let Some(parts) = from_number(cx, value)?
    {
        return Ok(parts);
    }
    let message = format!("complex() argument '{name}' must be a real number, not {}", class_name(cx, value));
    Err(cx.type_error(message))
}

fn construct(cx: &mut Cx, real: Value, imaginary: Value) -> PyResult<Parts> {
    if imaginary == UNBOUND {
        if real == UNBOUND {
            return Ok((0.0, 0.0));
        }
        if let Some(text) = downcast::<Str>(real) {
            return text::from_text(cx, text);
        }
        return match from_number(cx, real)? {
            Some(parts) => Ok(parts),
            None => {
                let message = format!("complex() argument must be a string or a number, not {}", class_name(cx, real));
                Err(cx.type_error(message))
            }
        };
    }
    let (a, b) = if real == UNBOUND { (0.0, 0.0) } else { part(cx, real, "real")? };
    let imaginary_is_complex = parts(imaginary).is_some();
    if !imaginary_is_complex && types::lookup_special(cx, imaginary, "__complex__").is_some() {
        // The imaginary part is not asked for its `__complex__`.
        if float::number(imaginary).is_none() && !int::is_int(imaginary) {
            let class = class_name(cx, imaginary);
            return Err(cx.type_error(format!("complex() argument 'imag' must be a real number, not {class}")));
        }
    }
    let (c, d) = part(cx, imaginary, "imag")?;
    let is_complex = |cx: &mut Cx, value: Value| {
        parts(value).is_some() || value != UNBOUND && types::lookup_special(cx, value, "__complex__").is_some()
    };
    for (value, name) in [(real, "real"), (imaginary, "imag")] {
        if is_complex(cx, value) {
            let message = format!("complex() argument '{name}' must be a real number, not {}", class_name(cx, value));
            crate::warning::warn(cx, Kind::DEPRECATION_WARNING, &message)?;
        }
    }
    let real_is_complex = is_complex(cx, real);
    let real_part = if imaginary_is_complex { a - d } else { a };
    let imaginary_part = if real_is_complex { c + b } else { c };
    Ok((real_part, imaginary_part))
}

/// The methods.
pub struct Methods;

#[py_methods(COMPLEX)]
impl Methods {
    #[new(signature = "(real=0, imag=0)")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[keyword]
        #[default(UNBOUND)]
        real: Value,
        #[keyword]
        #[default(UNBOUND)]
        imag: Value,
    ) -> PyResult {
        let exact = types::is_exactly(real, Kind::COMPLEX) && imag == UNBOUND;
        if exact && class == cx.builtin_type(Kind::COMPLEX) {
            return Ok(real);
        }
        let parts = construct(cx, real, imag)?;
        let made = new(cx, parts);
        Ok(types::extend(cx, class, made))
    }
    /// Convert number to a complex floating-point number.
    #[classmethod]
    fn from_number(cx: &mut Cx, class: Gc<Type>, number: Value) -> PyResult {
        let own = class == cx.builtin_type(Kind::COMPLEX);
        if own && types::is_exactly(number, Kind::COMPLEX) {
            return Ok(number);
        }
        let Some(parts) = from_number(cx, number)? else {
            let message = format!("must be real number, not {}", class_name(cx, number));
            return Err(cx.type_error(message));
        };
        let made = new(cx, parts);
        if own { Ok(made) } else { call::call(cx, class.value(), &[made], None) }
    }
    #[method]
    fn __repr__(this: Value) -> String {
        text::repr_of(own(this))
    }
    #[method]
    fn __hash__(cx: &mut Cx, this: Value) -> PyResult {
        let (real, imaginary) = own(this);
        let identity = types::object::identity(this) >> 4;
        let part = |number: f64| float::hash_of(number).unwrap_or(identity) as u64;
        let hash = part(real).wrapping_add(part(imaginary).wrapping_mul(1_000_003)) as i64;
        Ok(int::from_i64(cx, if hash == -1 { -2 } else { hash }))
    }
    #[method]
    fn __bool__(this: Value) -> bool {
        own(this) != (0.0, 0.0)
    }
    #[method]
    fn __add__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, this, value, add)
    }
    #[method]
    fn __radd__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, value, this, add)
    }
    #[method]
    fn __sub__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, this, value, subtract)
    }
    #[method]
    fn __rsub__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, value, this, subtract)
    }
    #[method]
    fn __mul__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, this, value, multiply)
    }
    #[method]
    fn __rmul__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, value, this, multiply)
    }
    #[method]
    fn __truediv__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, this, value, divide)
    }
    #[method]
    fn __rtruediv__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, value, this, divide)
    }
    #[method]
    fn __pow__(
        cx: &mut Cx,
        this: Value,
        value: Value,
        #[name("mod")]
        #[default(NONE)]
        modulus: Value,
    ) -> PyResult {
        raise_to(cx, this, value, modulus)
    }
    #[method]
    fn __rpow__(
        cx: &mut Cx,
        this: Value,
        value: Value,
        #[name("mod")]
        #[default(NONE)]
        modulus: Value,
    ) -> PyResult {
        raise_to(cx, value, this, modulus)
    }
    #[method]
    fn __neg__(cx: &mut Cx, this: Value) -> Value {
        let (real, imaginary) = own(this);
        new(cx, (-real, -imaginary))
    }
    #[method]
    fn __pos__(cx: &mut Cx, this: Value) -> Value {
        new(cx, own(this))
    }
    #[method]
    fn __abs__(cx: &mut Cx, this: Value) -> PyResult<f64> {
        let (real, imaginary) = own(this);
        let result = real.hypot(imaginary);
        if result.is_infinite() && real.is_finite() && imaginary.is_finite() {
            return Err(cx.raise(Kind::OVERFLOW_ERROR, "absolute value too large"));
        }
        Ok(result)
    }
    #[method]
    fn __eq__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        Ok(equal(cx, this, value)?.map_or(NOT_IMPLEMENTED, bool_value))
    }
    #[method]
    fn __ne__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        Ok(equal(cx, this, value)?.map_or(NOT_IMPLEMENTED, |equal| bool_value(!equal)))
    }
    #[method]
    fn __lt__(_this: Value, _value: Value) -> Value {
        NOT_IMPLEMENTED
    }
    #[method]
    fn __le__(_this: Value, _value: Value) -> Value {
        NOT_IMPLEMENTED
    }
    #[method]
    fn __gt__(_this: Value, _value: Value) -> Value {
        NOT_IMPLEMENTED
    }
    #[method]
    fn __ge__(_this: Value, _value: Value) -> Value {
        NOT_IMPLEMENTED
    }
    /// Convert this value to exact type complex.
    #[method]
    fn __complex__(cx: &mut Cx, this: Value) -> Value {
        new(cx, own(this))
    }
    /// Convert to a string according to format_spec.
    #[method]
    fn __format__(cx: &mut Cx, this: Value, format_spec: Gc<Str>) -> PyResult {
        if crate::string::StrExt::bytes(&format_spec).is_empty() {
            return Ok(crate::operations::to_str(cx, this)?.value());
        }
        text::format(cx, own(this), format_spec)
    }
    #[method]
    fn __getnewargs__(cx: &mut Cx, this: Value) -> Value {
        let (real, imaginary) = own(this);
        let (real, imaginary) = (cx.float(real), cx.float(imaginary));
        cx.tuple(&[real, imaginary])
    }
    /// Return the complex conjugate of its argument.
    #[method]
    fn conjugate(cx: &mut Cx, this: Value) -> Value {
        let (real, imaginary) = own(this);
        new(cx, (real, -imaginary))
    }
    /// the real part of a complex number
    #[getter]
    fn real(this: Value) -> f64 {
        own(this).0
    }
    /// the imaginary part of a complex number
    #[getter]
    fn imag(this: Value) -> f64 {
        own(this).1
    }
}
