//! Tests of `match` statements.

use super::{extension, set_result};
use crate::patterns;
use py_object::{Cx, PyResult, bool_value};
use vm_machine::{Frame, Instruction};

/// Whether `b` matches sequence patterns.
pub fn match_sequence(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let matches = patterns::is_sequence(cx, frame.get(i.b()));
    frame.set(i.a(), bool_value(matches));
    Ok(())
}

/// Whether `b` matches mapping patterns.
pub fn match_mapping(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let matches = patterns::is_mapping(cx, frame.get(i.b()));
    frame.set(i.a(), bool_value(matches));
    Ok(())
}

/// The tuple of values of mapping `b` for the tuple of keys `c`, or None if one is missing.
pub fn match_keys(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    set_result(frame, i, patterns::keys(cx, frame.get(i.b()), frame.get(i.c())))
}

/// The tuple of attributes of `b` for class r[c], `e` positional sub-patterns and the tuple of keyword names r[c+1], or None.
pub fn match_class(cx: &mut Cx, frame: &mut Frame, start: *const u64, i: Instruction) -> PyResult<()> {
    let (class, names) = (frame.get(i.c()), frame.get(i.c() + 1));
    let count = extension(start, 0) as usize;
    set_result(frame, i, patterns::class(cx, frame.get(i.b()), class, count, names))
}
