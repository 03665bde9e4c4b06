//! The frames of generators, coroutines and asynchronous generators, as Python sees them.

use crate::generator;
use py_macros::py_methods;
use py_object::frames;
use py_object::objects::Generator;
use py_object::{Cx, Kind, NONE, bootstrap};
use vm_heap::{Gc, Value};

/// The frame object of a generator that has not ended, else None.
fn frame_of(cx: &mut Cx, generator: Gc<Generator>) -> Value {
    if generator::is_finished(generator) { NONE } else { frames::of_generator(cx, generator).value() }
}

/// `gi_frame`.
pub struct GeneratorFrame;

#[py_methods(GENERATOR, name = "generator")]
impl GeneratorFrame {
    #[getter]
    fn gi_frame(cx: &mut Cx, this: Gc<Generator>) -> Value {
        frame_of(cx, this)
    }
}

/// `cr_frame`.
pub struct CoroutineFrame;

#[py_methods(COROUTINE, name = "coroutine")]
impl CoroutineFrame {
    #[getter]
    fn cr_frame(cx: &mut Cx, this: Gc<Generator>) -> Value {
        frame_of(cx, this)
    }
}

/// `ag_frame`.
pub struct AsyncGeneratorFrame;

#[py_methods(ASYNC_GENERATOR, name = "async_generator")]
impl AsyncGeneratorFrame {
    #[getter]
    fn ag_frame(cx: &mut Cx, this: Gc<Generator>) -> Value {
        frame_of(cx, this)
    }
}

/// Gives them to the classes.
pub fn install(cx: &mut Cx) {
    bootstrap::add_methods(cx, Kind::GENERATOR, GENERATOR_METHODS);
    bootstrap::add_methods(cx, Kind::COROUTINE, COROUTINE_METHODS);
    bootstrap::add_methods(cx, Kind::ASYNC_GENERATOR, ASYNC_GENERATOR_METHODS);
}
