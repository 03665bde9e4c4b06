//! Assignment to `f_lineno`: a function that is told of a frame's next line sends the frame to another one.

use crate::cx::{Cx, NONE, PyResult, UNBOUND};
use crate::frames;
use crate::kinds::Kind;
use crate::objects::FrameObject;
use crate::tracing::{Jump, event};
use crate::types::int;
use py_code::NoLanding;
use vm_heap::{Gc, Value};

/// Checks that the frame is one that a function is being told of, at a place that it may be sent away from.
fn check_event(cx: &mut Cx, frame: Gc<FrameObject>) -> PyResult<()> {
    if !cx.tracing.telling.get() || frame.place.get() != cx.tracing.told.get() as u64 {
        return Err(cx.value_error("f_lineno can only be set in a trace function"));
    }
    match cx.tracing.happening.get() {
        event::LINE | event::YIELD | event::RESUME | event::JUMP | event::BRANCH_LEFT | event::BRANCH_RIGHT => Ok(()),
        event::START => Err(cx.value_error("can't jump from the 'call' trace event of a new frame")),
        event::CALL | event::C_RETURN => Err(cx.value_error("can't jump during a call")),
        _ => Err(cx.value_error("can only jump from a 'line' trace event")),
    }
}

/// Gives None to all variables that have no value, with a warning: the code that the frame goes on at may rely on values.
fn bind_all(cx: &mut Cx, frame: Gc<FrameObject>) -> PyResult<()> {
    let unit = frames::unit_of(cx, frame.code.get());
    let unbound = |cx: &Cx| frames::unset_registers(cx, frame);
    let count = unbound(cx).len();
    if count == 0 || !frames::has_registers(unit) && unit.nlocals == 0 {
        return Ok(());
    }
    let plural = if count == 1 { "" } else { "s" };
    let message = format!("assigning None to {count} unbound local{plural}");
    crate::warning::warn(cx, Kind::RUNTIME_WARNING, &message)?;
    for register in unbound(cx) {
        // SAFETY: the frame is on this thread's stack and has this register.
        unsafe { *(frame.place.get() as *mut Value).add(register.into()) = NONE };
    }
    Ok(())
}

/// Sets the line that a frame goes on at.
pub(super) fn set_line(cx: &mut Cx, frame: Gc<FrameObject>, value: Value) -> PyResult<()> {
    if value == UNBOUND {
        return Err(cx.raise(Kind::ATTRIBUTE_ERROR, "attribute 'f_lineno' of 'frame' objects cannot be deleted"));
    }
    if !int::is_exact(value) {
        return Err(cx.value_error("lineno must be an integer"));
    }
    check_event(cx, frame)?;
    let line = int::as_i64(value).and_then(|line| i32::try_from(line).ok());
    let Some(line) = line else { return Err(cx.value_error("lineno out of range")) };
    let from = frames::offset_of(cx, frame);
    let landing = match py_code::landing(frames::lazy_unit_of(frame.code.get()), from, line.into()) {
        Ok(landing) => landing,
        Err(refusal) => {
            return Err(cx.value_error(match refusal {
                NoLanding::Before => format!("line {line} comes before the current code block"),
                NoLanding::After => format!("line {line} comes after the current code block"),
                NoLanding::Handler => "can't jump into an 'except' block as there's no exception".to_string(),
                NoLanding::Loop => "can't jump into the body of a for loop".to_string(),
                NoLanding::Other => "incompatible stacks".to_string(),
            }));
        }
    };
    bind_all(cx, frame)?;
    // A second assignment goes on from where the first has sent the frame.
    let before = cx.tracing.jump.get().and_then(|jump| jump.handled);
    let handled = landing.handled.map(|register| before.map_or(register, |before| before.min(register))).or(before);
    cx.tracing.entering.take();
    cx.tracing.jump.set(Some(Jump { fp: cx.tracing.told.get(), offset: landing.offset, handled }));
    Ok(())
}
