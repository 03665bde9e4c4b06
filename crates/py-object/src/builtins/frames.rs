//! `globals` and `locals`: the namespaces of the calling code.

use crate::cx::{Cx, PyResult};
use crate::frames;
use crate::kinds::Kind;
use crate::objects::Dict;
use py_macros::py_functions;
use vm_heap::Gc;

/// The global namespace of the calling code.
pub fn current_globals(cx: &mut Cx) -> PyResult<Gc<Dict>> {
    match frames::caller(cx) {
        Some(frame) => Ok(frame.function.globals.get()),
        None => Err(cx.raise(Kind::SYSTEM_ERROR, "frame does not exist")),
    }
}

/// `locals()` of the calling code.
pub fn current_locals(cx: &mut Cx) -> PyResult {
    match frames::caller(cx) {
        Some(frame) => frames::locals_of(cx, &frame),
        None => Err(cx.raise(Kind::SYSTEM_ERROR, "frame does not exist")),
    }
}

/// Functions about namespaces.
pub struct Functions;

#[py_functions("builtins")]
impl Functions {
    /// Return the dictionary that holds the global variables of the calling code.
    #[function(trace = Never)]
    fn globals(cx: &mut Cx) -> PyResult<Gc<Dict>> {
        current_globals(cx)
    }
    /// Return a dictionary of the local variables of the calling code.
    ///
    /// In a function it is a new one each time.
    #[function(trace = Never)]
    fn locals(cx: &mut Cx) -> PyResult {
        current_locals(cx)
    }
}
