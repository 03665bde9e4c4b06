//! `sys.settrace` and `sys.setprofile`; see `py_object::tracing`.

use py_macros::py_functions;
use py_object::{Cx, tracing};
use vm_heap::Value;

/// The functions.
pub struct Functions;

#[py_functions("sys")]
impl Functions {
    /// Set the function that is told of calls, lines, returns and exceptions.
    #[function(trace = Never)]
    fn settrace(cx: &mut Cx, function: Value) {
        cx.tracing.trace.set(function);
        tracing::changed(cx);
    }
    /// Return the function that settrace() set.
    #[function]
    fn gettrace(cx: &mut Cx) -> Value {
        cx.tracing.trace.get()
    }
    /// Set the function that is told of calls and returns.
    #[function(trace = Never)]
    fn setprofile(cx: &mut Cx, function: Value) {
        cx.tracing.profile.set(function);
        tracing::changed(cx);
    }
    /// Return the function that setprofile() set.
    #[function]
    fn getprofile(cx: &mut Cx) -> Value {
        cx.tracing.profile.get()
    }
}
