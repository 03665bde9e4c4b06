//! floor, ceil and trunc: special methods first, then floats.

use py_macros::py_functions;
use py_object::types::{class_name, float, lookup_special};
use py_object::{Cx, PyResult, call};
use vm_heap::Value;

fn round(cx: &mut Cx, x: Value, method: &'static str, how: fn(f64) -> f64) -> PyResult {
    if x.is_int() {
        return Ok(x);
    }
    if !x.is_float()
        && let Some(hook) = lookup_special(cx, x, method)
    {
        return call::call_special(cx, hook, x, &[], None);
    }
    let number = float::real_number(cx, x)?;
    float::to_int(cx, how(number))
}

/// The functions.
pub struct Functions;

#[py_functions("math")]
impl Functions {
    /// Return the floor of x as an Integral.
    #[function(transaction = Pure)]
    fn floor(cx: &mut Cx, x: Value) -> PyResult {
        round(cx, x, "__floor__", f64::floor)
    }
    /// Return the ceiling of x as an Integral.
    #[function(transaction = Pure)]
    fn ceil(cx: &mut Cx, x: Value) -> PyResult {
        round(cx, x, "__ceil__", f64::ceil)
    }
    /// Truncates the Real x to the nearest Integral toward 0.
    #[function(transaction = Pure)]
    fn trunc(cx: &mut Cx, x: Value) -> PyResult {
        if x.is_float() {
            return float::to_int(cx, x.as_float());
        }
        match lookup_special(cx, x, "__trunc__") {
            Some(hook) => call::call_special(cx, hook, x, &[], None),
            None => {
                let message = format!("type {} doesn't define __trunc__ method", class_name(cx, x));
                Err(cx.type_error(message))
            }
        }
    }
}
