//! `gc`: the collector as Python programs see it.

use crate::module_of;
use py_macros::py_functions;
use py_object::objects::Module;
use py_object::{Cx, PyResult};
use vm_heap::Gc;

/// The functions.
pub struct Functions;

#[py_functions("gc")]
impl Functions {
    /// Run the garbage collector.
    ///
    /// Returns how many objects it found unreachable, whether they were parts of cycles or not.
    #[function]
    fn collect(
        cx: &mut Cx,
        #[keyword]
        #[default(2)]
        generation: i64,
    ) -> usize {
        py_object::finalize::collect(cx, generation != 0)
    }
    /// Return True: the collector can't be switched off.
    #[function]
    fn isenabled() -> bool {
        true
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    Ok(module_of(cx, "gc", FUNCTIONS))
}
