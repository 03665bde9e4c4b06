//! What generators show of their frames.

use crate::generator;
use py_macros::py_methods;
use py_object::frames;
use py_object::objects::{Code, Generator};
use py_object::{Cx, Kind, NONE, bootstrap};
use vm_heap::{Gc, Value};

/// The frame object of a generator that has not ended.
fn frame_of(cx: &mut Cx, generator: Gc<Generator>) -> Value {
    if generator::is_finished(generator) { NONE } else { frames::of_generator(cx, generator).value() }
}

/// The attributes.
pub struct Frames;

#[py_methods(GENERATOR, name = "generator")]
impl Frames {
    #[getter]
    fn gi_frame(cx: &mut Cx, this: Gc<Generator>) -> Value {
        frame_of(cx, this)
    }
    #[getter]
    fn gi_code(this: Gc<Generator>) -> Gc<Code> {
        this.code.get()
    }
}

/// Gives generators the attributes.
pub fn install(cx: &mut Cx) {
    bootstrap::add_methods(cx, Kind::GENERATOR, GENERATOR_METHODS);
}
