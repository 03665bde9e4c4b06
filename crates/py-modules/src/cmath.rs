//! `cmath`: functions of complex numbers.

use crate::{complex_parts, module_of, new_complex, set};
use num_complex::Complex64;
use py_macros::py_functions;
use py_object::arguments::{Argument, FromArgument};
use py_object::objects::Module;
use py_object::types::class_name;
use py_object::{Cx, Kind, PyResult, Raised};
use pymath::{Error, cmath};
use vm_heap::{Gc, Value};

/// A complex number, or whatever becomes one.
struct Complex(Complex64);

impl FromArgument for Complex {
    fn from_argument(cx: &mut Cx, value: Value, _: Argument) -> PyResult<Complex> {
        match complex_parts(cx, value)? {
            Some((real, imaginary)) => Ok(Complex(Complex64::new(real, imaginary))),
            None => {
                let message = format!("must be real number, not {}", class_name(cx, value));
                Err(cx.type_error(message))
            }
        }
    }
}

#[cold]
fn error(cx: &mut Cx, error: Error) -> Raised {
    match error {
        Error::EDOM => cx.value_error("math domain error"),
        Error::ERANGE => cx.raise(Kind::OVERFLOW_ERROR, "math range error"),
    }
}

/// A result as a value.
fn number(cx: &mut Cx, result: Result<Complex64, Error>) -> PyResult {
    match result {
        Ok(number) => new_complex(cx, number.re, number.im),
        Err(reason) => Err(error(cx, reason)),
    }
}

/// The functions.
pub struct Functions;

#[py_functions("cmath")]
impl Functions {
    /// Return the arc cosine of z.
    #[function]
    fn acos(cx: &mut Cx, z: Complex) -> PyResult {
        number(cx, cmath::acos(z.0))
    }
    /// Return the inverse hyperbolic cosine of z.
    #[function]
    fn acosh(cx: &mut Cx, z: Complex) -> PyResult {
        number(cx, cmath::acosh(z.0))
    }
    /// Return the arc sine of z.
    #[function]
    fn asin(cx: &mut Cx, z: Complex) -> PyResult {
        number(cx, cmath::asin(z.0))
    }
    /// Return the inverse hyperbolic sine of z.
    #[function]
    fn asinh(cx: &mut Cx, z: Complex) -> PyResult {
        number(cx, cmath::asinh(z.0))
    }
    /// Return the arc tangent of z.
    #[function]
    fn atan(cx: &mut Cx, z: Complex) -> PyResult {
        number(cx, cmath::atan(z.0))
    }
    /// Return the inverse hyperbolic tangent of z.
    #[function]
    fn atanh(cx: &mut Cx, z: Complex) -> PyResult {
        number(cx, cmath::atanh(z.0))
    }
    /// Return the cosine of z.
    #[function]
    fn cos(cx: &mut Cx, z: Complex) -> PyResult {
        number(cx, cmath::cos(z.0))
    }
    /// Return the hyperbolic cosine of z.
    #[function]
    fn cosh(cx: &mut Cx, z: Complex) -> PyResult {
        number(cx, cmath::cosh(z.0))
    }
    /// Return the exponential value e**z.
    #[function]
    fn exp(cx: &mut Cx, z: Complex) -> PyResult {
        number(cx, cmath::exp(z.0))
    }
    /// Return the base-10 logarithm of z.
    #[function]
    fn log10(cx: &mut Cx, z: Complex) -> PyResult {
        number(cx, cmath::log10(z.0))
    }
    /// Return the sine of z.
    #[function]
    fn sin(cx: &mut Cx, z: Complex) -> PyResult {
        number(cx, cmath::sin(z.0))
    }
    /// Return the hyperbolic sine of z.
    #[function]
    fn sinh(cx: &mut Cx, z: Complex) -> PyResult {
        number(cx, cmath::sinh(z.0))
    }
    /// Return the square root of z.
    #[function]
    fn sqrt(cx: &mut Cx, z: Complex) -> PyResult {
        number(cx, cmath::sqrt(z.0))
    }
    /// Return the tangent of z.
    #[function]
    fn tan(cx: &mut Cx, z: Complex) -> PyResult {
        number(cx, cmath::tan(z.0))
    }
    /// Return the hyperbolic tangent of z.
    #[function]
    fn tanh(cx: &mut Cx, z: Complex) -> PyResult {
        number(cx, cmath::tanh(z.0))
    }
    /// log(z[, base]) -> the logarithm of z to the given base, the natural one without it.
    #[function(signature = "($module, z, base=<unrepresentable>, /)")]
    fn log(cx: &mut Cx, z: Complex, #[default(None)] base: Option<Complex>) -> PyResult {
        number(cx, cmath::log(z.0, base.map(|base| base.0)))
    }
    /// Return argument, also known as the phase angle, of a complex.
    #[function]
    fn phase(cx: &mut Cx, z: Complex) -> PyResult<f64> {
        cmath::phase(z.0).map_err(|reason| error(cx, reason))
    }
    /// Convert a complex from rectangular coordinates to polar coordinates: the distance from 0 and the phase angle.
    #[function]
    fn polar(cx: &mut Cx, z: Complex) -> PyResult {
        let (distance, angle) = cmath::polar(z.0).map_err(|reason| error(cx, reason))?;
        let distance = cx.float(distance);
        let angle = cx.float(angle);
        Ok(cx.tuple(&[distance, angle]))
    }
    /// Convert from polar coordinates to rectangular coordinates.
    #[function]
    fn rect(cx: &mut Cx, r: f64, phi: f64) -> PyResult {
        number(cx, cmath::rect(r, phi))
    }
    /// Return True if both the real and imaginary parts of z are finite, else False.
    #[function]
    fn isfinite(z: Complex) -> bool {
        cmath::isfinite(z.0)
    }
    /// Checks if the real or imaginary part of z not a number (NaN).
    #[function]
    fn isnan(z: Complex) -> bool {
        cmath::isnan(z.0)
    }
    /// Checks if the real or imaginary part of z is infinite.
    #[function]
    fn isinf(z: Complex) -> bool {
        cmath::isinf(z.0)
    }
    /// Determine whether two complex numbers are close in value.
    ///
    /// The tolerances are relative to the larger magnitude and absolute; one of the two must cover the difference. NaN
    /// is close to nothing, an infinity only to itself.
    #[function(signature = "($module, /, a, b, *, rel_tol=1e-09, abs_tol=0.0)")]
    fn isclose(
        cx: &mut Cx,
        #[keyword] a: Complex,
        #[keyword] b: Complex,
        #[keyword_only]
        #[default(1e-9)]
        rel_tol: f64,
        #[keyword_only]
        #[default(0.0)]
        abs_tol: f64,
    ) -> PyResult<bool> {
        match cmath::isclose(a.0, b.0, Some(rel_tol), Some(abs_tol)) {
            Ok(close) => Ok(close),
            Err(_) => Err(cx.value_error("tolerances must be non-negative")),
        }
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "cmath", FUNCTIONS);
    for (name, number) in [
        ("pi", std::f64::consts::PI),
        ("e", std::f64::consts::E),
        ("tau", std::f64::consts::TAU),
        ("inf", f64::INFINITY),
        ("nan", f64::NAN),
    ] {
        let value = cx.float(number);
        set(cx, module, name, value)?;
    }
    for (name, imaginary) in [("infj", f64::INFINITY), ("nanj", f64::NAN)] {
        let value = new_complex(cx, 0.0, imaginary)?;
        set(cx, module, name, value)?;
    }
    Ok(module)
}
