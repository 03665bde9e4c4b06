//! `sys._jit`: whether there is a JIT, and whether it compiles.

use crate::module_of;
use py_macros::py_functions;
use py_object::Cx;
use py_object::objects::Module;
use std::sync::atomic::Ordering;
use vm_heap::Gc;

/// The functions.
pub struct Functions;

#[py_functions("sys._jit")]
impl Functions {
    /// Return True: this Python has a JIT.
    #[function]
    fn is_available() -> bool {
        true
    }
    /// Return True if loops that become hot are compiled.
    #[function]
    fn is_enabled(cx: &mut Cx) -> bool {
        cx.runtime.hot.load(Ordering::Relaxed) != i32::MAX
    }
    /// Return False: what calls this is never compiled code.
    #[function]
    fn is_active() -> bool {
        false
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> Gc<Module> {
    module_of(cx, "sys._jit", FUNCTIONS)
}
