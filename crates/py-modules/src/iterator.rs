//! What all iterators of native modules have: `__iter__`, and `__next__` by the step that their built-in class declares.

use crate::native_step;
use py_macros::py_methods;
use py_object::arguments::Next;
use py_object::types::class_of;
use py_object::{Cx, PyResult};
use vm_heap::Value;

/// The methods.
pub struct Methods;

#[py_methods(NATIVE_ITERATOR, name = "iterator")]
impl Methods {
    #[method]
    fn __iter__(this: Value) -> Value {
        this
    }
    #[method]
    fn __next__(cx: &mut Cx, this: Value) -> PyResult<Next> {
        // An instance of a subclass steps as its built-in base class does.
        let kind = class_of(cx, this).kind.get();
        match native_step(kind as usize) {
            Some(step) => step(cx, this).map(Next),
            None => Err(cx.type_error("the iterator has no step")),
        }
    }
}
