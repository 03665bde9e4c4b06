//! The methods of `int` and `bool`.

use super::operand::Operand;
use super::*;
use crate::arguments::{Given, Index};
use crate::buffer::ByteView;
use crate::cx::{NONE, NOT_IMPLEMENTED, UNBOUND, bool_value};
use crate::objects::{Bytes, Str};
use crate::operations::{self, BinaryOperator, Comparison};
use crate::string::{StrExt, bytes_of};
use num_integer::Integer;
use py_macros::py_methods;

fn operate(cx: &mut Cx, operator: BinaryOperator, lhs: Value, rhs: Value) -> PyResult {
    arithmetic(cx, operator, lhs, rhs).unwrap_or(Ok(NOT_IMPLEMENTED))
}

fn ordered(comparison: Comparison, lhs: Value, rhs: Value) -> Value {
    compare(comparison, lhs, rhs).map_or(NOT_IMPLEMENTED, bool_value)
}

/// The methods of `int`.
pub struct Methods;

#[py_methods(INT)]
impl Methods {
    #[new(signature = "")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[default(UNBOUND)] x: Value,
        #[keyword]
        #[default(UNBOUND)]
        base: Value,
    ) -> PyResult {
        let number = if base != UNBOUND {
            from_text_and_base(cx, x, base)?
        } else if x == UNBOUND {
            Value::int(0)
        } else {
            from_any(cx, x)?
        };
        of_class(cx, class, number)
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Value) -> PyResult<Gc<Str>> {
        str_of(cx, this)
    }
    #[method(trace = PureCall)]
    fn __hash__(this: Value) -> i64 {
        hash(this)
    }
    #[method(trace = PureCall)]
    fn __bool__(this: Value) -> bool {
        as_i64(this) != Some(0)
    }
    #[method(trace = PureCall)]
    fn __add__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, BinaryOperator::Add, this, value)
    }
    #[method(trace = PureCall)]
    fn __radd__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, BinaryOperator::Add, value, this)
    }
    #[method(trace = PureCall)]
    fn __sub__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, BinaryOperator::Sub, this, value)
    }
    #[method(trace = PureCall)]
    fn __rsub__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, BinaryOperator::Sub, value, this)
    }
    #[method(trace = PureCall)]
    fn __mul__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, BinaryOperator::Mul, this, value)
    }
    #[method(trace = PureCall)]
    fn __rmul__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, BinaryOperator::Mul, value, this)
    }
    #[method(trace = PureCall)]
    fn __truediv__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, BinaryOperator::TrueDiv, this, value)
    }
    #[method(trace = PureCall)]
    fn __rtruediv__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, BinaryOperator::TrueDiv, value, this)
    }
    #[method(trace = PureCall)]
    fn __floordiv__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, BinaryOperator::FloorDiv, this, value)
    }
    #[method(trace = PureCall)]
    fn __rfloordiv__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, BinaryOperator::FloorDiv, value, this)
    }
    #[method(trace = PureCall)]
    fn __mod__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, BinaryOperator::Mod, this, value)
    }
    #[method(trace = PureCall)]
    fn __rmod__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, BinaryOperator::Mod, value, this)
    }
    #[method(trace = PureCall)]
    fn __divmod__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        divide(cx, this, value)
    }
    #[method(trace = PureCall)]
    fn __rdivmod__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        divide(cx, value, this)
    }
    #[method(trace = PureCall)]
    fn __pow__(cx: &mut Cx, this: Value, value: Value, #[name("mod")] modulus: Option<Value>) -> PyResult {
        match modulus {
            Some(_) if !is_int(this) || !is_int(value) => Ok(NOT_IMPLEMENTED),
            Some(modulus) if !is_int(modulus) => Ok(NOT_IMPLEMENTED),
            Some(modulus) => power_modulo(cx, this, value, modulus),
            None => operate(cx, BinaryOperator::Pow, this, value),
        }
    }
    #[method(trace = PureCall)]
    fn __rpow__(cx: &mut Cx, this: Value, value: Value, #[name("mod")] modulus: Option<Value>) -> PyResult {
        Methods::__pow__(cx, value, this, modulus)
    }
    #[method(trace = PureCall)]
    fn __lshift__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, BinaryOperator::LShift, this, value)
    }
    #[method(trace = PureCall)]
    fn __rlshift__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, BinaryOperator::LShift, value, this)
    }
    #[method(trace = PureCall)]
    fn __rshift__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, BinaryOperator::RShift, this, value)
    }
    #[method(trace = PureCall)]
    fn __rrshift__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, BinaryOperator::RShift, value, this)
    }
    #[method(trace = PureCall)]
    fn __and__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, BinaryOperator::And, this, value)
    }
    #[method(trace = PureCall)]
    fn __rand__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, BinaryOperator::And, value, this)
    }
    #[method(trace = PureCall)]
    fn __or__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, BinaryOperator::Or, this, value)
    }
    #[method(trace = PureCall)]
    fn __ror__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, BinaryOperator::Or, value, this)
    }
    #[method(trace = PureCall)]
    fn __xor__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, BinaryOperator::Xor, this, value)
    }
    #[method(trace = PureCall)]
    fn __rxor__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        operate(cx, BinaryOperator::Xor, value, this)
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
    fn __neg__(cx: &mut Cx, this: Value) -> PyResult {
        operate(cx, BinaryOperator::Sub, Value::int(0), this)
    }
    #[method(trace = PureCall)]
    fn __pos__(cx: &mut Cx, this: Value) -> PyResult {
        exact(cx, this)
    }
    #[method(trace = PureCall)]
    fn __invert__(cx: &mut Cx, this: Value) -> PyResult {
        operate(cx, BinaryOperator::Sub, Value::int(-1), this)
    }
    #[method(trace = PureCall)]
    fn __abs__(cx: &mut Cx, this: Value) -> PyResult {
        if is_negative(this) { operate(cx, BinaryOperator::Sub, Value::int(0), this) } else { exact(cx, this) }
    }
    #[method(trace = PureCall)]
    fn __int__(cx: &mut Cx, this: Value) -> PyResult {
        exact(cx, this)
    }
    #[method(trace = PureCall)]
    fn __index__(cx: &mut Cx, this: Value) -> PyResult {
        exact(cx, this)
    }
    #[method(trace = PureCall)]
    fn __float__(cx: &mut Cx, this: Value) -> PyResult<f64> {
        to_float(cx, this)
    }
    /// Truncating an Integral returns itself.
    #[method(trace = PureCall)]
    fn __trunc__(cx: &mut Cx, this: Value) -> PyResult {
        exact(cx, this)
    }
    /// Flooring an Integral returns itself.
    #[method(trace = PureCall)]
    fn __floor__(cx: &mut Cx, this: Value) -> PyResult {
        exact(cx, this)
    }
    /// Ceiling of an Integral returns itself.
    #[method(trace = PureCall)]
    fn __ceil__(cx: &mut Cx, this: Value) -> PyResult {
        exact(cx, this)
    }
    /// Rounding an Integral returns itself.
    ///
    /// Rounding with an ndigits argument also returns an integer.
    #[method(trace = PureCall)]
    fn __round__(cx: &mut Cx, this: Value, #[default(NONE)] ndigits: Value) -> PyResult {
        round(cx, this, ndigits)
    }
    /// Convert to a string according to format_spec.
    #[method]
    fn __format__(cx: &mut Cx, this: Value, format_spec: Gc<Str>) -> PyResult {
        crate::types::format::format_int(cx, this, format_spec)
    }
    #[method]
    fn __getnewargs__(cx: &mut Cx, this: Value) -> PyResult {
        let number = exact(cx, this)?;
        Ok(cx.tuple(&[number]))
    }
    /// Number of bits necessary to represent self in binary.
    #[method(trace = PureCall)]
    fn bit_length(this: Value) -> i64 {
        super::bit_length(this) as i64
    }
    /// Number of ones in the binary representation of the absolute value of self.
    #[method(trace = PureCall)]
    fn bit_count(this: Value) -> i64 {
        let ones = |number: Operand| number.limbs().iter().map(|limb| i64::from(limb.count_ones())).sum();
        Operand::new(this).map_or(0, ones)
    }
    /// Return an array of bytes representing an integer.
    #[method(trace = PureCall)]
    fn to_bytes(
        cx: &mut Cx,
        this: Value,
        #[keyword]
        #[default(Index(1))]
        length: Index,
        #[keyword]
        #[default(Given(None))]
        #[shown("'big'")]
        byteorder: Given<Gc<Str>>,
        #[keyword_only]
        #[default(false)]
        signed: bool,
    ) -> PyResult<Gc<Bytes>> {
        let little = bytes::is_little(cx, byteorder.0.as_ref().map_or(&b"big"[..], |order| order.bytes()))?;
        bytes::to_bytes(cx, this, length.0, little, signed)
    }
    /// Return the integer represented by the given array of bytes.
    #[classmethod]
    fn from_bytes(
        cx: &mut Cx,
        class: Value,
        #[keyword]
        #[name("bytes")]
        source: Value,
        #[keyword]
        #[default(Given(None))]
        #[shown("'big'")]
        byteorder: Given<Gc<Str>>,
        #[keyword_only]
        #[default(false)]
        signed: bool,
    ) -> PyResult {
        let little = bytes::is_little(cx, byteorder.0.as_ref().map_or(&b"big"[..], |order| order.bytes()))?;
        if downcast::<Str>(source).is_some() {
            return Err(cx.type_error("cannot convert 'str' object to bytes"));
        }
        let source = crate::types::bytes::from_object(cx, source)?;
        let number = bytes::from_bytes(cx, bytes_of(&source), little, signed)?;
        if class == cx.builtin_type(Kind::INT).value() {
            return Ok(number);
        }
        call::call(cx, class, &[number], None)
    }
    /// Returns size in memory, in bytes.
    #[method]
    fn __sizeof__(this: Value) -> i64 {
        // A header and digits of 30 bits, as `sys.int_info` describes ints.
        let bits = super::bit_length(this) as i64;
        16 + 4 * ((bits + 29) / 30).max(1)
    }
    /// Return a pair of integers, whose ratio is equal to the original int.
    #[method(trace = PureCall)]
    fn as_integer_ratio(cx: &mut Cx, this: Value) -> PyResult {
        let number = exact(cx, this)?;
        Ok(cx.tuple(&[number, Value::int(1)]))
    }
    /// Returns True. Exists for duck type compatibility with float.is_integer.
    #[method(trace = PureCall)]
    fn is_integer(_this: Value) -> bool {
        true
    }
    /// Returns self, the complex conjugate of any int.
    #[method(trace = PureCall)]
    fn conjugate(cx: &mut Cx, this: Value) -> PyResult {
        exact(cx, this)
    }
    /// the real part of a complex number
    #[getter]
    fn real(cx: &mut Cx, this: Value) -> PyResult {
        exact(cx, this)
    }
    /// the imaginary part of a complex number
    #[getter]
    fn imag(_this: Value) -> i64 {
        0
    }
    /// the numerator of a rational number in lowest terms
    #[getter]
    fn numerator(cx: &mut Cx, this: Value) -> PyResult {
        exact(cx, this)
    }
    /// the denominator of a rational number in lowest terms
    #[getter]
    fn denominator(_this: Value) -> i64 {
        1
    }
}

fn divide(cx: &mut Cx, lhs: Value, rhs: Value) -> PyResult {
    if !is_int(lhs) || !is_int(rhs) {
        return Ok(NOT_IMPLEMENTED);
    }
    let (quotient, rest) = divide_floor(cx, lhs, rhs)?;
    Ok(cx.tuple(&[quotient, rest]))
}

/// Rounds to a multiple of a power of ten, ties to the even multiple.
fn round(cx: &mut Cx, this: Value, ndigits: Value) -> PyResult {
    if ndigits == NONE {
        return exact(cx, this);
    }
    let digits = index(cx, ndigits)?;
    let digits = clamped(digits);
    if digits >= 0 {
        return exact(cx, this);
    }
    let number = as_big(this).expect("the receiver is an int");
    if digits.unsigned_abs() > number.bits() {
        return Ok(Value::int(0));
    }
    let unit = Big::from(10).pow(digits.unsigned_abs() as u32);
    let (quotient, rest) = number.div_mod_floor(&unit);
    let up = match (&rest * 2u32).cmp(&unit) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Equal => quotient.bit(0),
    };
    let result = (quotient + i32::from(up)) * unit;
    from_big(cx, &result)
}

/// `int(value)`.
fn from_any(cx: &mut Cx, value: Value) -> PyResult {
    if let Some(number) = crate::types::float::number(value)
        && crate::types::is_exactly(value, Kind::FLOAT) | value.is_float()
    {
        return crate::types::float::to_int(cx, number);
    }
    if is_int(value) && (value.is_int() || is_bool(value) || crate::types::is_exactly(value, Kind::INT)) {
        return exact(cx, value);
    }
    if types::is_exactly(value, Kind::STR) {
        return from_text(cx, value, 10);
    }
    if let Some(hook) = lookup_special(cx, value, "__int__") {
        let result = call::call_special(cx, hook, value, &[], None)?;
        check_result(cx, result, "__int__")?;
        return exact(cx, result);
    }
    if let Some(result) = try_index(cx, value)? {
        return Ok(result);
    }
    if downcast::<Str>(value).is_some() || ByteView::find(cx, value)?.is_some() {
        return from_text(cx, value, 10);
    }
    let message = format!(
        "int() argument must be a string, a bytes-like object or a real number, not '{}'",
        class_name(cx, value)
    );
    Err(cx.type_error(message))
}

fn from_text_and_base(cx: &mut Cx, value: Value, base: Value) -> PyResult {
    if value == UNBOUND {
        return Err(cx.type_error("int() missing string argument"));
    }
    let base = index(cx, base)?;
    let base = match as_i64(base) {
        Some(base) if base == 0 || (2..=36).contains(&base) => base as u32,
        _ => return Err(cx.value_error("int() base must be >= 2 and <= 36, or 0")),
    };
    let is_text = [Kind::STR, Kind::BYTES, Kind::BYTEARRAY].iter().any(|kind| types::is_instance(cx, value, *kind));
    if !is_text {
        return Err(cx.type_error("int() can't convert non-string with explicit base"));
    }
    from_text(cx, value, base)
}

fn from_text(cx: &mut Cx, value: Value, base: u32) -> PyResult {
    let number = match downcast::<Str>(value) {
        Some(text) => parse_bytes(cx, text.bytes(), base)?,
        None => match ByteView::find(cx, value)? {
            // The bytes may change or go away.
            Some(view) => {
                let bytes = view.bytes().to_vec();
                parse_bytes(cx, &bytes, base)?
            }
            None => None,
        },
    };
    if let Some(number) = number {
        return Ok(number);
    }
    let shown = operations::repr(cx, value)?.to_text();
    let shown: String = shown.chars().take(200).collect();
    Err(cx.value_error(format!("invalid literal for int() with base {base}: {shown}")))
}

/// The methods of `bool`.
pub struct BoolMethods;

fn both(lhs: Value, rhs: Value) -> Option<(bool, bool)> {
    (is_bool(lhs) && is_bool(rhs)).then_some((lhs == TRUE, rhs == TRUE))
}

#[py_methods(BOOL)]
impl BoolMethods {
    #[new(signature = "")]
    fn new(_class: Value, #[default(false)] x: bool) -> bool {
        x
    }
    #[method]
    fn __invert__(cx: &mut Cx, this: Value) -> PyResult {
        let message = "Bitwise inversion '~' on bool is deprecated and will be removed in Python 3.16. This returns the \
                       bitwise inversion of the underlying int object and is usually not what you expect from the \
                       negation of a bool object. Use the 'not' operator for boolean negation or ~int(x) for the \
                       bitwise inversion of the underlying int.";
        crate::warning::warn(cx, Kind::DEPRECATION_WARNING, message)?;
        operate(cx, BinaryOperator::Sub, Value::int(-1), this)
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Value) -> Gc<Str> {
        cx.intern(if this == TRUE { "True" } else { "False" })
    }
    #[method(trace = PureCall)]
    fn __and__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        match both(this, value) {
            Some((x, y)) => Ok(bool_value(x & y)),
            None => operate(cx, BinaryOperator::And, this, value),
        }
    }
    #[method(trace = PureCall)]
    fn __rand__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        BoolMethods::__and__(cx, this, value)
    }
    #[method(trace = PureCall)]
    fn __or__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        match both(this, value) {
            Some((x, y)) => Ok(bool_value(x | y)),
            None => operate(cx, BinaryOperator::Or, this, value),
        }
    }
    #[method(trace = PureCall)]
    fn __ror__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        BoolMethods::__or__(cx, this, value)
    }
    #[method(trace = PureCall)]
    fn __xor__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        match both(this, value) {
            Some((x, y)) => Ok(bool_value(x ^ y)),
            None => operate(cx, BinaryOperator::Xor, this, value),
        }
    }
    #[method(trace = PureCall)]
    fn __rxor__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        BoolMethods::__xor__(cx, this, value)
    }
}
