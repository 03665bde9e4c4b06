//! `math`: functions of real numbers, as the C standard has them, and of ints.

mod elementary;
mod floats;
mod integers;
mod logarithms;
mod rounding;
mod sums;

use crate::{module_of, set};
use py_object::bootstrap::add_functions;
use py_object::objects::Module;
use py_object::types::float::repr_of;
use py_object::{Cx, PyResult};
use vm_heap::Gc;

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "math", elementary::FUNCTIONS);
    for functions in
        [floats::FUNCTIONS, integers::FUNCTIONS, logarithms::FUNCTIONS, rounding::FUNCTIONS, sums::FUNCTIONS]
    {
        add_functions(cx, module.dict.get(), module.value(), functions);
    }
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
