//! Functions about numbers.

use crate::call;
use crate::cx::{Cx, NONE, NOT_IMPLEMENTED, PyResult};
use crate::iterators::Items;
use crate::operations::{self, BinaryOperator};
use crate::types::format::NumberText;
use crate::types::{self, class_name, int};
use py_macros::py_functions;
use vm_heap::Value;

fn in_base(cx: &mut Cx, number: Value, code: char) -> PyResult<String> {
    let number = int::index(cx, number)?;
    let text = NumberText::of_int(cx, number, code, true)?;
    let sign = if text.negative { "-" } else { "" };
    Ok(format!("{sign}{}{}", text.prefix, text.whole))
}

fn divide_and_remainder(cx: &mut Cx, x: Value, y: Value) -> PyResult {
    if int::is_exact(x) && int::is_exact(y) {
        let (quotient, rest) = int::divide_floor(cx, x, y)?;
        return Ok(cx.tuple(&[quotient, rest]));
    }
    for (receiver, argument, name) in [(x, y, "__divmod__"), (y, x, "__rdivmod__")] {
        if let Some(hook) = types::lookup_special(cx, receiver, name) {
            let result = call::call_special(cx, hook, receiver, &[argument], None)?;
            if result != NOT_IMPLEMENTED {
                return Ok(result);
            }
        }
    }
    let message =
        format!("unsupported operand type(s) for divmod(): '{}' and '{}'", class_name(cx, x), class_name(cx, y));
    Err(cx.type_error(message))
}

/// `pow(base, exponent, modulus)`.
pub(crate) fn power_modulo(cx: &mut Cx, base: Value, exponent: Value, modulus: Value) -> PyResult {
    let (base_class, exponent_class) = (types::class_of(cx, base), types::class_of(cx, exponent));
    let mut order = [(base, exponent, "__pow__"), (exponent, base, "__rpow__")];
    if base_class != exponent_class && types::is_subclass(exponent_class, base_class) {
        order.reverse();
    }
    for (receiver, argument, name) in order {
        if let Some(hook) = types::lookup_special(cx, receiver, name) {
            let result = call::call_special(cx, hook, receiver, &[argument, modulus], None)?;
            if result != NOT_IMPLEMENTED {
                return Ok(result);
            }
        }
    }
    let message = if [base, exponent, modulus].into_iter().any(|value| types::float::number(value).is_some()) {
        "pow() 3rd argument not allowed unless all arguments are integers".to_string()
    } else {
        format!(
            "unsupported operand type(s) for ** or pow(): '{}', '{}', '{}'",
            class_name(cx, base),
            class_name(cx, exponent),
            class_name(cx, modulus)
        )
    };
    Err(cx.type_error(message))
}

/// Sums floats and ints without rounding twice: Neumaier's compensated sum, as CPython since 3.12.
struct FloatSum {
    sum: f64,
    compensation: f64,
}

impl FloatSum {
    fn add(&mut self, number: f64) {
        let total = self.sum + number;
        if self.sum.abs() >= number.abs() {
            self.compensation += (self.sum - total) + number;
        } else {
            self.compensation += (number - total) + self.sum;
        }
        self.sum = total;
    }

    fn result(&self) -> f64 {
        // Without this an infinity would turn into NaN.
        if self.compensation != 0.0 && self.compensation.is_finite() { self.sum + self.compensation } else { self.sum }
    }
}

fn sum(cx: &mut Cx, iterable: Value, start: Value) -> PyResult {
    if types::is_instance(cx, start, crate::Kind::STR) {
        return Err(cx.type_error("sum() can't sum strings [use ''.join(seq) instead]"));
    }
    if types::is_instance(cx, start, crate::Kind::BYTES) {
        return Err(cx.type_error("sum() can't sum bytes [use b''.join(seq) instead]"));
    }
    if types::is_instance(cx, start, crate::Kind::BYTEARRAY) {
        return Err(cx.type_error("sum() can't sum bytearray [use b''.join(seq) instead]"));
    }
    let mut items = Items::of(cx, iterable)?;
    let mut total = start;
    let mut item = items.next(cx)?;
    // Small ints first, then floats, then anything.
    if total.is_int() {
        let mut number = i128::from(total.as_int());
        while let Some(value) = item.filter(|value| value.is_int()) {
            number += i128::from(value.as_int());
            item = items.next(cx)?;
        }
        total = int::from_i128(cx, number);
        if item.is_none() {
            return Ok(total);
        }
        if let (Some(value), true) = (item, total.is_int())
            && operations::as_float(value).is_some()
        {
            total = cx.float(total.as_int() as f64);
        }
    }
    if let Some(first) = operations::as_float(total) {
        // Adding 0.0 would lose the sign of a sum of negative zeros.
        let mut sum = FloatSum { sum: first, compensation: 0.0 };
        while let Some(value) = item {
            match operations::as_number(value) {
                Some(number) => sum.add(number),
                None => break,
            }
            item = items.next(cx)?;
        }
        total = cx.float(sum.result());
    }
    if types::is_exactly(total, crate::Kind::COMPLEX)
        || item.is_some_and(|item| types::is_exactly(item, crate::Kind::COMPLEX))
    {
        let start = if types::is_exactly(total, crate::Kind::COMPLEX) || operations::as_number(total).is_some() {
            types::complex::parts(total).or_else(|| operations::as_number(total).map(|real| (real, 0.0)))
        } else {
            None
        };
        if let Some((real, imaginary)) = start {
            // What is real adds nothing to the imaginary part, not even the sign of its zero.
            let mut real = FloatSum { sum: real, compensation: 0.0 };
            let is_real = operations::as_number(total).is_some();
            let mut imaginary = FloatSum { sum: if is_real { -0.0 } else { imaginary }, compensation: 0.0 };
            while let Some(value) = item {
                if types::is_exactly(value, crate::Kind::COMPLEX)
                    && let Some(parts) = types::complex::parts(value)
                {
                    real.add(parts.0);
                    imaginary.add(parts.1);
                } else if let Some(number) = operations::as_number(value) {
                    real.add(number);
                } else {
                    break;
                }
                item = items.next(cx)?;
            }
            total = types::complex::new(cx, (real.result(), imaginary.result()));
        }
    }
    while let Some(value) = item {
        total = operations::binary(cx, BinaryOperator::Add, total, value, false)?;
        item = items.next(cx)?;
    }
    Ok(total)
}

/// Functions about numbers.
pub struct Functions;

#[py_functions("builtins")]
impl Functions {
    /// Return the absolute value of the argument.
    #[function(trace = PureCall, transaction = Asks)]
    fn abs(cx: &mut Cx, number: Value) -> PyResult {
        if number.is_int()
            && let Some(result) = Value::small_int(number.as_int().abs())
        {
            return Ok(result);
        }
        if let Some(number) = operations::as_float(number) {
            return Ok(cx.float(number.abs()));
        }
        match types::lookup_special(cx, number, "__abs__") {
            Some(hook) => call::call_special(cx, hook, number, &[], None),
            None => {
                let message = format!("bad operand type for abs(): '{}'", class_name(cx, number));
                Err(cx.type_error(message))
            }
        }
    }
    /// Return the binary representation of an integer.
    #[function(trace = PureCall)]
    fn bin(cx: &mut Cx, integer: Value) -> PyResult<String> {
        in_base(cx, integer, 'b')
    }
    /// Return the hexadecimal representation of an integer.
    #[function(trace = PureCall)]
    fn hex(cx: &mut Cx, integer: Value) -> PyResult<String> {
        in_base(cx, integer, 'x')
    }
    /// Return the octal representation of an integer.
    #[function(trace = PureCall)]
    fn oct(cx: &mut Cx, integer: Value) -> PyResult<String> {
        in_base(cx, integer, 'o')
    }
    /// Return the tuple (x//y, x%y).  Invariant: div*y + mod == x.
    #[function(trace = PureCall, transaction = Asks)]
    fn divmod(cx: &mut Cx, x: Value, y: Value) -> PyResult {
        divide_and_remainder(cx, x, y)
    }
    /// Equivalent to base**exp with 2 arguments or base**exp % mod with 3 arguments.
    ///
    /// Some types, such as ints, are able to use a more efficient algorithm when
    /// invoked using the three argument form.
    #[function(trace = PureCall, transaction = Asks)]
    fn pow(
        cx: &mut Cx,
        #[keyword] base: Value,
        #[keyword] exp: Value,
        #[keyword]
        #[name("mod")]
        modulus: Option<Value>,
    ) -> PyResult {
        match modulus {
            None => operations::binary(cx, BinaryOperator::Pow, base, exp, false),
            Some(modulus) => power_modulo(cx, base, exp, modulus),
        }
    }
    /// Round a number to a given precision in decimal digits.
    ///
    /// The return value is an integer if ndigits is omitted or None.  Otherwise
    /// the return value has the same type as the number.  ndigits may be negative.
    #[function(transaction = Asks)]
    fn round(
        cx: &mut Cx,
        #[keyword] number: Value,
        #[keyword]
        #[default(NONE)]
        ndigits: Value,
    ) -> PyResult {
        if number.is_float() && ndigits == NONE {
            return types::float::to_int(cx, number.as_float().round_ties_even());
        }
        if number.is_float() && ndigits.is_int() && ndigits.as_int() >= 0 {
            // Digits behind the point are only lost.
            return Ok(cx.float(types::float::round_to(number.as_float(), ndigits.as_int())));
        }
        let Some(hook) = types::lookup_special(cx, number, "__round__") else {
            let message = format!("type {} doesn't define __round__ method", class_name(cx, number));
            return Err(cx.type_error(message));
        };
        if ndigits == NONE {
            return call::call_special(cx, hook, number, &[], None);
        }
        call::call_special(cx, hook, number, &[ndigits], None)
    }
    /// Return the sum of a 'start' value (default: 0) plus an iterable of numbers
    ///
    /// When the iterable is empty, return the start value.
    /// This function is intended specifically for use with numeric values and may
    /// reject non-numeric types.
    #[function]
    fn sum(
        cx: &mut Cx,
        iterable: Value,
        #[keyword]
        #[default(Value::int(0))]
        start: Value,
    ) -> PyResult {
        sum(cx, iterable, start)
    }
}
