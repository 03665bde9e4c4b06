//! `math`: functions of floats. What is missing raises AttributeError.

use crate::{module_of, set};
use py_macros::py_functions;
use py_object::objects::Module;
use py_object::{Cx, Kind, PyResult};
use vm_heap::{Gc, Value};

/// A result that must be a number: what the domain excludes is a ValueError, what is too large an OverflowError.
fn checked(cx: &mut Cx, result: f64, arguments: &[f64]) -> PyResult<f64> {
    if result.is_nan() && !arguments.iter().any(|x| x.is_nan()) {
        return Err(cx.value_error("math domain error"));
    }
    if result.is_infinite() && arguments.iter().all(|x| x.is_finite()) {
        return Err(cx.raise(Kind::OVERFLOW_ERROR, "math range error"));
    }
    Ok(result)
}

fn logarithm(cx: &mut Cx, x: f64, function: fn(f64) -> f64) -> PyResult<f64> {
    if x <= 0.0 {
        let message = if x == 0.0 {
            "expected a positive input".to_string()
        } else {
            format!("expected a positive input, got {x:?}")
        };
        return Err(cx.value_error(message));
    }
    Ok(function(x))
}

fn rounded(cx: &mut Cx, x: f64) -> PyResult {
    match Value::small_int(x as i64) {
        Some(value) if x.abs() < 1e18 => Ok(value),
        _ => {
            let float = cx.float(x);
            let class = cx.builtin_type(Kind::INT);
            py_object::call::call(cx, class.value(), &[float], None)
        }
    }
}

/// The functions.
pub struct Functions;

#[py_functions("math")]
impl Functions {
    /// Return the square root of x.
    #[function(transaction = Pure)]
    fn sqrt(cx: &mut Cx, x: f64) -> PyResult<f64> {
        if x < 0.0 {
            let message = format!("expected a nonnegative input, got {x:?}");
            return Err(cx.value_error(message));
        }
        checked(cx, x.sqrt(), &[x])
    }
    /// Return the absolute value of the float x.
    #[function(transaction = Pure)]
    fn fabs(x: f64) -> f64 {
        x.abs()
    }
    /// Return e raised to the power of x.
    #[function(transaction = Pure)]
    fn exp(cx: &mut Cx, x: f64) -> PyResult<f64> {
        checked(cx, x.exp(), &[x])
    }
    /// Return x**y (x to the power of y).
    #[function(transaction = Pure)]
    fn pow(cx: &mut Cx, x: f64, y: f64) -> PyResult<f64> {
        if x == 0.0 && y < 0.0 {
            return Err(cx.value_error("math domain error"));
        }
        checked(cx, x.powf(y), &[x, y])
    }
    /// Return the logarithm of x to the given base, by default the natural one.
    #[function(transaction = Pure)]
    fn log(cx: &mut Cx, x: f64, base: Option<f64>) -> PyResult<f64> {
        let numerator = logarithm(cx, x, f64::ln)?;
        match base {
            None => Ok(numerator),
            Some(base) => {
                let denominator = logarithm(cx, base, f64::ln)?;
                if denominator == 0.0 {
                    return Err(cx.raise(Kind::ZERO_DIVISION_ERROR, "division by zero"));
                }
                Ok(numerator / denominator)
            }
        }
    }
    /// Return the base 2 logarithm of x.
    #[function(transaction = Pure)]
    fn log2(cx: &mut Cx, x: f64) -> PyResult<f64> {
        logarithm(cx, x, f64::log2)
    }
    /// Return the base 10 logarithm of x.
    #[function(transaction = Pure)]
    fn log10(cx: &mut Cx, x: f64) -> PyResult<f64> {
        logarithm(cx, x, f64::log10)
    }
    /// Return the sine of x (measured in radians).
    #[function(transaction = Pure)]
    fn sin(cx: &mut Cx, x: f64) -> PyResult<f64> {
        checked(cx, x.sin(), &[x])
    }
    /// Return the cosine of x (measured in radians).
    #[function(transaction = Pure)]
    fn cos(cx: &mut Cx, x: f64) -> PyResult<f64> {
        checked(cx, x.cos(), &[x])
    }
    /// Return the tangent of x (measured in radians).
    #[function(transaction = Pure)]
    fn tan(cx: &mut Cx, x: f64) -> PyResult<f64> {
        checked(cx, x.tan(), &[x])
    }
    /// Return the arc tangent (measured in radians) of x.
    #[function(transaction = Pure)]
    fn atan(x: f64) -> f64 {
        x.atan()
    }
    /// Return the arc tangent (measured in radians) of y/x.
    #[function(transaction = Pure)]
    fn atan2(y: f64, x: f64) -> f64 {
        y.atan2(x)
    }
    /// Return the floor of x as an int.
    #[function(transaction = Pure)]
    fn floor(cx: &mut Cx, x: f64) -> PyResult {
        rounded(cx, x.floor())
    }
    /// Return the ceiling of x as an int.
    #[function(transaction = Pure)]
    fn ceil(cx: &mut Cx, x: f64) -> PyResult {
        rounded(cx, x.ceil())
    }
    /// Return True if x is a NaN (not a number), and False otherwise.
    #[function(transaction = Pure)]
    fn isnan(x: f64) -> bool {
        x.is_nan()
    }
    /// Return True if x is a positive or negative infinity, and False otherwise.
    #[function(transaction = Pure)]
    fn isinf(x: f64) -> bool {
        x.is_infinite()
    }
    /// Return True if x is neither an infinity nor a NaN, and False otherwise.
    #[function(transaction = Pure)]
    fn isfinite(x: f64) -> bool {
        x.is_finite()
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "math", FUNCTIONS);
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
    Ok(module)
}
