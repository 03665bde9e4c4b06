//! What generators show of their frames.

use crate::generator;
use py_code::Opcode;
use py_macros::py_methods;
use py_object::frames::{self, unit_of};
use py_object::objects::{Code, Generator};
use py_object::{Cx, Kind, NONE, bootstrap};
use vm_heap::{Gc, Value};

/// The frame object of a generator that has not ended.
fn frame_of(cx: &mut Cx, generator: Gc<Generator>) -> Value {
    if generator::is_finished(generator) { NONE } else { frames::of_generator(cx, generator).value() }
}

/// What a suspended generator delegates to: the iterator of the `yield from` or `await` that it waits in.
pub fn delegate(cx: &Cx, generator: Gc<Generator>) -> Value {
    if generator::is_finished(generator) || generator::is_running(generator) || generator::is_fresh(generator) {
        return NONE;
    }
    // A delegating generator waits between a `Send` and the jump back to it.
    let unit = unit_of(cx, generator.code.get());
    let after = frames::suspended_offset(generator) + 1;
    let next = unit.instructions().find(|(offset, _)| *offset >= after);
    let Some((offset, _)) = next.filter(|(_, next)| next.opcode() == Opcode::Jump) else { return NONE };
    let target = unit.jump_target(offset);
    match unit.instructions().find(|(offset, _)| Some(*offset) == target) {
        Some((_, send)) if send.opcode() == Opcode::Send => {
            frames::generator_registers(&generator).get(send.b() as usize).map_or(NONE, |field| field.get())
        }
        _ => NONE,
    }
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
    #[getter]
    fn gi_suspended(this: Gc<Generator>) -> bool {
        !generator::is_finished(this) && !generator::is_running(this) && !generator::is_fresh(this)
    }
    /// object being iterated by yield from, or None
    #[getter]
    fn gi_yieldfrom(cx: &mut Cx, this: Gc<Generator>) -> Value {
        delegate(cx, this)
    }
}

/// Gives generators the attributes.
pub fn install(cx: &mut Cx) {
    bootstrap::add_methods(cx, Kind::GENERATOR, GENERATOR_METHODS);
}
