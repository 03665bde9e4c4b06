//! `sys.settrace` and `sys.setprofile`; see `py_object::tracing`.

use py_macros::py_functions;
use py_object::Cx;
use py_object::tracing::{self, Which};
use vm_heap::Value;

/// The functions.
pub struct Functions;

#[py_functions("sys")]
impl Functions {
    /// Set the function that is told of calls, lines, returns and exceptions.
    #[function(trace = Never)]
    fn settrace(cx: &mut Cx, function: Value) {
        tracing::take_asked(cx);
        cx.tracing.trace.set(function);
        tracing::changed(cx);
    }
    /// Return the function that settrace() set.
    #[function]
    fn gettrace(cx: &mut Cx) -> Value {
        tracing::take_asked(cx);
        cx.tracing.trace.get()
    }
    /// Set the function that is told of calls and returns.
    #[function(trace = Never)]
    fn setprofile(cx: &mut Cx, function: Value) {
        tracing::take_asked(cx);
        cx.tracing.profile.set(function);
        tracing::changed(cx);
    }
    /// Return the function that setprofile() set.
    #[function]
    fn getprofile(cx: &mut Cx) -> Value {
        tracing::take_asked(cx);
        cx.tracing.profile.get()
    }
    /// Set the function that is told of calls, lines, returns and exceptions, in all threads.
    #[function(trace = Never)]
    fn _settraceallthreads(cx: &mut Cx, function: Value) {
        tracing::ask_all(cx, Which::Trace, function);
    }
    /// Set the function that is told of calls and returns, in all threads.
    #[function(trace = Never)]
    fn _setprofileallthreads(cx: &mut Cx, function: Value) {
        tracing::ask_all(cx, Which::Profile, function);
    }
}
