//! The methods of `float`.

use super::hexadecimal::{Parsed, from_hex, to_hex};
use super::*;
use crate::cx::{NOT_IMPLEMENTED, UNBOUND, bool_value};
use crate::operations::Comparison;
use py_macros::py_methods;

/// Both sides as floats; `None` where one is no number.
fn both(cx: &mut Cx, lhs: Value, rhs: Value) -> PyResult<Option<(f64, f64)>> {
    let mut sides = [0.0; 2];
    for (side, value) in sides.iter_mut().zip([lhs, rhs]) {
        *side = match number(value) {
            Some(number) => number,
            None if int::is_int(value) => int::to_float(cx, value)?,
            None => return Ok(None),
        };
    }
    Ok(Some((sides[0], sides[1])))
}

fn operate(cx: &mut Cx, lhs: Value, rhs: Value, operation: fn(&mut Cx, f64, f64) -> PyResult<f64>) -> PyResult {
    match both(cx, lhs, rhs)? {
        Some((x, y)) => {
            let number = operation(cx, x, y)?;
            Ok(cx.float(number))
        }
        None => Ok(NOT_IMPLEMENTED),
    }
}

fn not_zero(cx: &mut Cx, divisor: f64) -> PyResult<()> {
    if divisor == 0.0 { Err(cx.raise(Kind::ZERO_DIVISION_ERROR, "division by zero")) } else { Ok(()) }
}

fn true_divide(cx: &mut Cx, x: f64, y: f64) -> PyResult<f64> {
    not_zero(cx, y)?;
    Ok(x / y)
}

fn floor_divide(cx: &mut Cx, x: f64, y: f64) -> PyResult<f64> {
    not_zero(cx, y)?;
    Ok(divide_floor(x, y).0)
}

fn modulo(cx: &mut Cx, x: f64, y: f64) -> PyResult<f64> {
    not_zero(cx, y)?;
    Ok(divide_floor(x, y).1)
}

fn divide_both(cx: &mut Cx, lhs: Value, rhs: Value) -> PyResult {
    let Some((x, y)) = both(cx, lhs, rhs)? else { return Ok(NOT_IMPLEMENTED) };
    not_zero(cx, y)?;
    let (quotient, rest) = divide_floor(x, y);
    let quotient = cx.float(quotient);
    let rest = cx.float(rest);
    Ok(cx.tuple(&[quotient, rest]))
}

fn ordered(comparison: Comparison, lhs: Value, rhs: Value) -> Value {
    let Some(x) = number(lhs) else { return NOT_IMPLEMENTED };
    let ordering = if let Some(y) = number(rhs) {
        x.partial_cmp(&y)
    } else if int::is_int(rhs) {
        int::compare_with_float(rhs, x).map(std::cmp::Ordering::reverse)
    } else {
        return NOT_IMPLEMENTED;
    };
    bool_value(ordering.map_or(comparison == Comparison::Ne, |ordering| comparison.holds(ordering)))
}

/// The receiver's number; the class of the receiver has been checked.
fn number_of(this: Value) -> f64 {
    number(this).unwrap_or(f64::NAN)
}

/// The methods of `float`.
pub struct Methods;

#[py_methods(FLOAT)]
impl Methods {
    #[new(signature = "(x=0, /)")]
    fn new(cx: &mut Cx, class: Gc<Type>, #[default(UNBOUND)] x: Value) -> PyResult {
        let number = if x == UNBOUND { 0.0 } else { from_any(cx, x)? };
        Ok(of_class(cx, class, number))
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Value) -> Gc<Str> {
        str_of(cx, number_of(this))
    }
    #[method]
    fn __hash__(this: Value) -> i64 {
        // NaNs are boxed; each hashes by its identity.
        hash_of(number_of(this)).unwrap_or((this.bits() >> 4) as i64)
    }
    #[method(trace = PureCall)]
    fn __bool__(this: Value) -> bool {
        number_of(this) != 0.0
    }
    #[method(trace = PureCall)]
    fn __add__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, this, value, |_, x, y| Ok(x + y))
    }
    #[method(trace = PureCall)]
    fn __radd__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, value, this, |_, x, y| Ok(x + y))
    }
    #[method(trace = PureCall)]
    fn __sub__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, this, value, |_, x, y| Ok(x - y))
    }
    #[method(trace = PureCall)]
    fn __rsub__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, value, this, |_, x, y| Ok(x - y))
    }
    #[method(trace = PureCall)]
    fn __mul__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, this, value, |_, x, y| Ok(x * y))
    }
    #[method(trace = PureCall)]
    fn __rmul__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, value, this, |_, x, y| Ok(x * y))
    }
    #[method(trace = PureCall)]
    fn __truediv__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, this, value, true_divide)
    }
    #[method(trace = PureCall)]
    fn __rtruediv__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, value, this, true_divide)
    }
    #[method(trace = PureCall)]
    fn __floordiv__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, this, value, floor_divide)
    }
    #[method(trace = PureCall)]
    fn __rfloordiv__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, value, this, floor_divide)
    }
    #[method(trace = PureCall)]
    fn __mod__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, this, value, modulo)
    }
    #[method(trace = PureCall)]
    fn __rmod__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, value, this, modulo)
    }
    #[method(trace = PureCall)]
    fn __divmod__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        divide_both(cx, this, value)
    }
    #[method(trace = PureCall)]
    fn __rdivmod__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        divide_both(cx, value, this)
    }
    #[method(trace = PureCall)]
    fn __pow__(cx: &mut Cx, this: Value, value: Value, #[name("mod")] modulus: Option<Value>) -> PyResult {
        if modulus.is_some() {
            return Err(cx.type_error("pow() 3rd argument not allowed unless all arguments are integers"));
        }
        match both(cx, this, value)? {
            Some((x, y)) => power(cx, x, y),
            None => Ok(NOT_IMPLEMENTED),
        }
    }
    #[method(trace = PureCall)]
    fn __rpow__(cx: &mut Cx, this: Value, value: Value, #[name("mod")] modulus: Option<Value>) -> PyResult {
        Methods::__pow__(cx, value, this, modulus)
    }
    #[method(trace = PureCall)]
    fn __lt__(this: Value, value: Value) -> Value {
        ordered(Comparison::Lt, this, value)
    }
    #[method(trace = PureCall)]
    fn __le__(this: Value, value: Value) -> Value {
        ordered(Comparison::Le, this, value)
    }
    #[method(trace = PureCall)]
    fn __eq__(this: Value, value: Value) -> Value {
        ordered(Comparison::Eq, this, value)
    }
    #[method(trace = PureCall)]
    fn __ne__(this: Value, value: Value) -> Value {
        ordered(Comparison::Ne, this, value)
    }
    #[method(trace = PureCall)]
    fn __gt__(this: Value, value: Value) -> Value {
        ordered(Comparison::Gt, this, value)
    }
    #[method(trace = PureCall)]
    fn __ge__(this: Value, value: Value) -> Value {
        ordered(Comparison::Ge, this, value)
    }
    #[method(trace = PureCall)]
    fn __neg__(this: Value) -> f64 {
        -number_of(this)
    }
    #[method(trace = PureCall)]
    fn __pos__(this: Value) -> f64 {
        number_of(this)
    }
    #[method(trace = PureCall)]
    fn __abs__(this: Value) -> f64 {
        number_of(this).abs()
    }
    #[method(trace = PureCall)]
    fn __int__(cx: &mut Cx, this: Value) -> PyResult {
        to_int(cx, number_of(this))
    }
    #[method(trace = PureCall)]
    fn __float__(this: Value) -> f64 {
        number_of(this)
    }
    /// Return the Integral closest to x between 0 and x.
    #[method(trace = PureCall)]
    fn __trunc__(cx: &mut Cx, this: Value) -> PyResult {
        to_int(cx, number_of(this))
    }
    /// Return the floor as an Integral.
    #[method(trace = PureCall)]
    fn __floor__(cx: &mut Cx, this: Value) -> PyResult {
        to_int(cx, number_of(this).floor())
    }
    /// Return the ceiling as an Integral.
    #[method(trace = PureCall)]
    fn __ceil__(cx: &mut Cx, this: Value) -> PyResult {
        to_int(cx, number_of(this).ceil())
    }
    /// Return the Integral closest to x, rounding half toward even.
    ///
    /// When an argument is passed, work like built-in round(x, ndigits).
    #[method(trace = PureCall)]
    fn __round__(cx: &mut Cx, this: Value, ndigits: Option<Value>) -> PyResult {
        let number = number_of(this);
        let Some(ndigits) = ndigits else { return to_int(cx, number.round_ties_even()) };
        let places = int::index(cx, ndigits)?;
        let rounded = round_to(number, int::clamped(places));
        if rounded.is_infinite() && number.is_finite() {
            return Err(cx.raise(Kind::OVERFLOW_ERROR, "rounded value too large to represent"));
        }
        Ok(cx.float(rounded))
    }
    /// Formats the float according to format_spec.
    #[method]
    fn __format__(cx: &mut Cx, this: Value, format_spec: Gc<Str>) -> PyResult {
        if format_spec.bytes().is_empty() {
            return Ok(crate::operations::to_str(cx, this)?.value());
        }
        types::format::format_float(cx, number_of(this), format_spec)
    }
    /// Return True if the float is an integer.
    #[method(trace = PureCall)]
    fn is_integer(this: Value) -> bool {
        let number = number_of(this);
        number.is_finite() && number == number.trunc()
    }
    /// Return a pair of integers, whose ratio is exactly equal to the original float.
    ///
    /// The ratio is in lowest terms and has a positive denominator. Raise
    /// OverflowError on infinities and a ValueError on NaNs.
    #[method(trace = PureCall)]
    fn as_integer_ratio(cx: &mut Cx, this: Value) -> PyResult {
        let number = number_of(this);
        if number.is_nan() {
            return Err(cx.value_error("cannot convert NaN to integer ratio"));
        }
        if number.is_infinite() {
            return Err(cx.raise(Kind::OVERFLOW_ERROR, "cannot convert Infinity to integer ratio"));
        }
        let (numerator, denominator) = exact_ratio(number);
        let numerator = int::from_big(cx, &numerator)?;
        let denominator = int::from_big(cx, &denominator)?;
        Ok(cx.tuple(&[numerator, denominator]))
    }
    /// Return a hexadecimal representation of a floating-point number.
    #[method(trace = PureCall)]
    fn hex(this: Value) -> String {
        to_hex(number_of(this))
    }
    /// Create a floating-point number from a hexadecimal string.
    #[classmethod]
    fn fromhex(cx: &mut Cx, class: Value, string: Gc<Str>) -> PyResult {
        match string.as_str().map_or(Parsed::Invalid, from_hex) {
            Parsed::Number(number) => {
                let number = cx.float(number);
                if class == cx.builtin_type(Kind::FLOAT).value() {
                    return Ok(number);
                }
                call::call(cx, class, &[number], None)
            }
            Parsed::TooLarge => {
                Err(cx.raise(Kind::OVERFLOW_ERROR, "hexadecimal value too large to represent as a float"))
            }
            Parsed::Invalid => Err(cx.value_error("invalid hexadecimal floating-point string")),
        }
    }
    #[method]
    fn __getnewargs__(cx: &mut Cx, this: Value) -> Value {
        let number = cx.float(number_of(this));
        cx.tuple(&[number])
    }
    /// Convert real number to a floating-point number.
    #[classmethod]
    fn from_number(cx: &mut Cx, class: Value, number: Value) -> PyResult {
        let own = class == cx.builtin_type(Kind::FLOAT).value();
        if own && (number.is_float() || types::is_exactly(number, Kind::FLOAT)) {
            return Ok(number);
        }
        let real = real_number(cx, number)?;
        let real = cx.float(real);
        if own { Ok(real) } else { call::call(cx, class, &[real], None) }
    }
    /// How 'double' or 'float' numbers are represented in memory.
    #[classmethod]
    fn __getformat__(cx: &mut Cx, _class: Value, typestr: Gc<Str>) -> PyResult<String> {
        if !matches!(typestr.bytes(), b"double" | b"float") {
            return Err(cx.value_error("__getformat__() argument 1 must be 'double' or 'float'"));
        }
        let endian = if cfg!(target_endian = "little") { "little" } else { "big" };
        Ok(format!("IEEE, {endian}-endian"))
    }
    /// Return self, the complex conjugate of any float.
    #[method(trace = PureCall)]
    fn conjugate(this: Value) -> f64 {
        number_of(this)
    }
    /// the real part of a complex number
    #[getter]
    fn real(this: Value) -> f64 {
        number_of(this)
    }
    /// the imaginary part of a complex number
    #[getter]
    fn imag(_this: Value) -> f64 {
        0.0
    }
}
