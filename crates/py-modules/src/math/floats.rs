//! Functions of floats: powers and remainders, the parts of a float, comparing, distances.

use super::elementary::checked;
use py_macros::py_functions;
use py_object::objects::Tuple;
use py_object::sequence::tuple_items;
use py_object::types::{float, int, tuple};
use py_object::{Cx, Kind, PyResult};
use pymath::{Error, math};
use vm_heap::{Gc, Value};

/// The coordinates of a point.
fn coordinates(cx: &mut Cx, items: Gc<Tuple>) -> PyResult<Vec<f64>> {
    let mut all = Vec::with_capacity(tuple_items(&items).len());
    for item in tuple_items(&items) {
        all.push(float::real_number(cx, *item)?);
    }
    Ok(all)
}

fn tolerance(cx: &mut Cx, tolerance: f64) -> PyResult<f64> {
    if tolerance < 0.0 { Err(cx.value_error("tolerances must be non-negative")) } else { Ok(tolerance) }
}

/// The functions.
pub struct Functions;

#[py_functions("math")]
impl Functions {
    /// Return x**y (x to the power of y).
    #[function(transaction = Pure)]
    fn pow(cx: &mut Cx, x: f64, y: f64) -> PyResult<f64> {
        checked(cx, math::pow(x, y), x, "")
    }
    /// Return the remainder of x / y with the sign of x, as fmod of the C standard.
    #[function(transaction = Pure)]
    fn fmod(cx: &mut Cx, x: f64, y: f64) -> PyResult<f64> {
        checked(cx, math::fmod(x, y), x, "")
    }
    /// Return the difference between x and the closest integer multiple of y, the even one of two.
    #[function(transaction = Pure)]
    fn remainder(cx: &mut Cx, x: f64, y: f64) -> PyResult<f64> {
        checked(cx, math::remainder(x, y), x, "")
    }
    /// Return the arc tangent (measured in radians) of y/x, in the quadrant that their signs say.
    #[function(transaction = Pure)]
    fn atan2(cx: &mut Cx, y: f64, x: f64) -> PyResult<f64> {
        checked(cx, math::atan2(y, x), y, "")
    }
    /// Return a float with the magnitude of x and the sign of y.
    #[function(transaction = Pure)]
    fn copysign(x: f64, y: f64) -> f64 {
        x.copysign(y)
    }
    /// Return the absolute value of the float x.
    #[function(transaction = Pure)]
    fn fabs(x: f64) -> f64 {
        x.abs()
    }
    /// Return x * y + z, rounded once.
    #[function(transaction = Pure)]
    fn fma(cx: &mut Cx, x: f64, y: f64, z: f64) -> PyResult<f64> {
        match math::fma(x, y, z) {
            Ok(result) => Ok(result),
            Err(Error::EDOM) => Err(cx.value_error("invalid operation in fma")),
            Err(Error::ERANGE) => Err(cx.raise(Kind::OVERFLOW_ERROR, "overflow in fma")),
        }
    }
    /// Convert angle x from radians to degrees.
    #[function(transaction = Pure)]
    fn degrees(x: f64) -> f64 {
        x * (180.0 / std::f64::consts::PI)
    }
    /// Convert angle x from degrees to radians.
    #[function(transaction = Pure)]
    fn radians(x: f64) -> f64 {
        x * (std::f64::consts::PI / 180.0)
    }
    /// Return the fractional and integer parts of x, both floats with the sign of x.
    #[function]
    fn modf(cx: &mut Cx, x: f64) -> Value {
        let (fraction, whole) = math::modf(x);
        let fraction = cx.float(fraction);
        let whole = cx.float(whole);
        cx.tuple(&[fraction, whole])
    }
    /// Return the mantissa and exponent of x, as pair (m, e): x = m * 2.0**e and 0.5 <= abs(m) < 1.0.
    #[function]
    fn frexp(cx: &mut Cx, x: f64) -> Value {
        let (mantissa, exponent) = math::frexp(x);
        let mantissa = cx.float(mantissa);
        cx.tuple(&[mantissa, Value::int(i64::from(exponent))])
    }
    /// Return x * (2**i).
    #[function(transaction = Pure)]
    fn ldexp(cx: &mut Cx, x: f64, i: Value) -> PyResult<f64> {
        if !int::is_int(i) {
            return Err(cx.type_error("Expected an int as second argument to ldexp."));
        }
        let exponent = int::clamped(i);
        match i32::try_from(exponent) {
            _ if x == 0.0 || !x.is_finite() => Ok(x),
            Ok(exponent) => checked(cx, math::ldexp(x, exponent), x, ""),
            Err(_) if exponent < 0 => Ok(0.0f64.copysign(x)),
            Err(_) => checked(cx, Err(Error::ERANGE), x, ""),
        }
    }
    /// Return the floating-point value the given number of steps after x towards y.
    #[function(transaction = Pure)]
    fn nextafter(
        cx: &mut Cx,
        x: f64,
        y: f64,
        #[keyword_only]
        #[default(None)]
        steps: Option<Value>,
    ) -> PyResult<f64> {
        let Some(steps) = steps else { return Ok(math::nextafter(x, y, None)) };
        let steps = int::index(cx, steps)?;
        if int::is_negative(steps) {
            return Err(cx.value_error("steps must be a non-negative integer"));
        }
        let steps = int::as_big(steps).and_then(|steps| u64::try_from(steps).ok()).unwrap_or(u64::MAX);
        Ok(math::nextafter(x, y, Some(steps)))
    }
    /// Return the value of the least significant bit of the float x.
    #[function(transaction = Pure)]
    fn ulp(x: f64) -> f64 {
        math::ulp(x)
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
    /// Determine whether two floating-point numbers are close in value.
    ///
    /// The tolerances are relative to the larger number and absolute; one of the two must cover the difference. NaN is
    /// close to nothing, an infinity only to itself.
    #[function(signature = "($module, /, a, b, *, rel_tol=1e-09, abs_tol=0.0)")]
    fn isclose(
        cx: &mut Cx,
        #[keyword] a: f64,
        #[keyword] b: f64,
        #[keyword_only]
        #[default(1e-9)]
        rel_tol: f64,
        #[keyword_only]
        #[default(0.0)]
        abs_tol: f64,
    ) -> PyResult<bool> {
        let (relative, absolute) = (tolerance(cx, rel_tol)?, tolerance(cx, abs_tol)?);
        if a == b {
            return Ok(true);
        }
        if a.is_infinite() || b.is_infinite() {
            return Ok(false);
        }
        let difference = (b - a).abs();
        Ok(difference <= (relative * b).abs() || difference <= (relative * a).abs() || difference <= absolute)
    }
    /// Multidimensional Euclidean distance from the origin to a point.
    #[function]
    fn hypot(cx: &mut Cx, #[args] coordinates: &[Value]) -> PyResult<f64> {
        let items = Tuple::new(cx, coordinates);
        let point = self::coordinates(cx, items)?;
        Ok(math::dist(&point, &vec![0.0; point.len()]))
    }
    /// Return the Euclidean distance between two points p and q.
    #[function]
    fn dist(cx: &mut Cx, p: Value, q: Value) -> PyResult<f64> {
        let p = tuple::from_iterable(cx, p)?;
        let q = tuple::from_iterable(cx, q)?;
        if tuple_items(&p).len() != tuple_items(&q).len() {
            return Err(cx.value_error("both points must have the same number of dimensions"));
        }
        let p = coordinates(cx, p)?;
        let q = coordinates(cx, q)?;
        Ok(math::dist(&p, &q))
    }
}
