//! Functions of one float whose result the C library gives, with CPython's errors.

use crate::math::repr_of;
use py_macros::py_functions;
use py_object::{Cx, Kind, PyResult};
use pymath::{Error, math};

/// The result, or the exception for one outside the function's domain (`expectation` says what was expected) or range.
pub fn checked(cx: &mut Cx, result: Result<f64, Error>, x: f64, expectation: &str) -> PyResult<f64> {
    match result {
        Ok(number) => Ok(number),
        Err(Error::EDOM) if expectation.is_empty() => Err(cx.value_error("math domain error")),
        Err(Error::EDOM) => Err(cx.value_error(format!("{expectation}, got {}", repr_of(x)))),
        Err(Error::ERANGE) => Err(cx.raise(Kind::OVERFLOW_ERROR, "math range error")),
    }
}

/// The functions.
pub struct Functions;

#[py_functions("math")]
impl Functions {
    /// Return the arc cosine (measured in radians) of x.
    #[function(transaction = Pure)]
    fn acos(cx: &mut Cx, x: f64) -> PyResult<f64> {
        checked(cx, math::acos(x), x, "expected a number in range from -1 up to 1")
    }
    /// Return the inverse hyperbolic cosine of x.
    #[function(transaction = Pure)]
    fn acosh(cx: &mut Cx, x: f64) -> PyResult<f64> {
        checked(cx, math::acosh(x), x, "expected argument value not less than 1")
    }
    /// Return the arc sine (measured in radians) of x.
    #[function(transaction = Pure)]
    fn asin(cx: &mut Cx, x: f64) -> PyResult<f64> {
        checked(cx, math::asin(x), x, "expected a number in range from -1 up to 1")
    }
    /// Return the inverse hyperbolic sine of x.
    #[function(transaction = Pure)]
    fn asinh(cx: &mut Cx, x: f64) -> PyResult<f64> {
        checked(cx, math::asinh(x), x, "")
    }
    /// Return the arc tangent (measured in radians) of x.
    #[function(transaction = Pure)]
    fn atan(cx: &mut Cx, x: f64) -> PyResult<f64> {
        checked(cx, math::atan(x), x, "")
    }
    /// Return the inverse hyperbolic tangent of x.
    #[function(transaction = Pure)]
    fn atanh(cx: &mut Cx, x: f64) -> PyResult<f64> {
        checked(cx, math::atanh(x), x, "expected a number between -1 and 1")
    }
    /// Return the cube root of x.
    #[function(transaction = Pure)]
    fn cbrt(cx: &mut Cx, x: f64) -> PyResult<f64> {
        checked(cx, math::cbrt(x), x, "")
    }
    /// Return the cosine of x (measured in radians).
    #[function(transaction = Pure)]
    fn cos(cx: &mut Cx, x: f64) -> PyResult<f64> {
        checked(cx, math::cos(x), x, "expected a finite input")
    }
    /// Return the hyperbolic cosine of x.
    #[function(transaction = Pure)]
    fn cosh(cx: &mut Cx, x: f64) -> PyResult<f64> {
        checked(cx, math::cosh(x), x, "")
    }
    /// Return the error function at x.
    #[function(transaction = Pure)]
    fn erf(cx: &mut Cx, x: f64) -> PyResult<f64> {
        checked(cx, math::erf(x), x, "")
    }
    /// Return the complementary error function at x.
    #[function(transaction = Pure)]
    fn erfc(cx: &mut Cx, x: f64) -> PyResult<f64> {
        checked(cx, math::erfc(x), x, "")
    }
    /// Return e raised to the power of x.
    #[function(transaction = Pure)]
    fn exp(cx: &mut Cx, x: f64) -> PyResult<f64> {
        checked(cx, math::exp(x), x, "")
    }
    /// Return 2 raised to the power of x.
    #[function(transaction = Pure)]
    fn exp2(cx: &mut Cx, x: f64) -> PyResult<f64> {
        checked(cx, math::exp2(x), x, "")
    }
    /// Return exp(x) - 1, exact also for small x.
    #[function(transaction = Pure)]
    fn expm1(cx: &mut Cx, x: f64) -> PyResult<f64> {
        checked(cx, math::expm1(x), x, "")
    }
    /// Return the gamma function at x.
    #[function(transaction = Pure)]
    fn gamma(cx: &mut Cx, x: f64) -> PyResult<f64> {
        checked(cx, math::gamma(x), x, "expected a noninteger or positive integer")
    }
    /// Return the natural logarithm of the absolute value of the gamma function at x.
    #[function(transaction = Pure)]
    fn lgamma(cx: &mut Cx, x: f64) -> PyResult<f64> {
        checked(cx, math::lgamma(x), x, "expected a noninteger or positive integer")
    }
    /// Return the natural logarithm of 1 + x, exact also for small x.
    #[function(transaction = Pure)]
    fn log1p(cx: &mut Cx, x: f64) -> PyResult<f64> {
        checked(cx, math::log1p(x), x, "expected argument value > -1")
    }
    /// Return the sine of x (measured in radians).
    #[function(transaction = Pure)]
    fn sin(cx: &mut Cx, x: f64) -> PyResult<f64> {
        checked(cx, math::sin(x), x, "expected a finite input")
    }
    /// Return the hyperbolic sine of x.
    #[function(transaction = Pure)]
    fn sinh(cx: &mut Cx, x: f64) -> PyResult<f64> {
        checked(cx, math::sinh(x), x, "")
    }
    /// Return the square root of x.
    #[function(transaction = Pure)]
    fn sqrt(cx: &mut Cx, x: f64) -> PyResult<f64> {
        checked(cx, math::sqrt(x), x, "expected a nonnegative input")
    }
    /// Return the tangent of x (measured in radians).
    #[function(transaction = Pure)]
    fn tan(cx: &mut Cx, x: f64) -> PyResult<f64> {
        checked(cx, math::tan(x), x, "expected a finite input")
    }
    /// Return the hyperbolic tangent of x.
    #[function(transaction = Pure)]
    fn tanh(cx: &mut Cx, x: f64) -> PyResult<f64> {
        checked(cx, math::tanh(x), x, "")
    }
}
