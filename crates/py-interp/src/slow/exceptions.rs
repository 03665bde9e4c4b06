//! Raising and handling exceptions.

use super::set_result;
use crate::exception_groups;
use py_code::Opcode;
use py_object::objects::*;
use py_object::types::{self};
use py_object::{Cx, Kind, NONE, PyResult, Raised, bool_value, downcast, exception};
use vm_machine::{Frame, Instruction};

/// JumpIfMatch JumpIfNoMatch
#[inline(always)]
fn jump_by_match(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction, opcode: Opcode) -> PyResult<()> {
    if exception::matches(cx, frame.get(i.a()), frame.get(i.b()))? == (opcode == Opcode::JumpIfMatch) {
        frame.jump(i.signed_c());
    }
    Ok(())
}

/// Whether exception `b` matches `c`, a class or tuple of classes.
pub fn match_exception(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let matched = exception::matches(cx, frame.get(i.b()), frame.get(i.c()))?;
    frame.set(i.a(), bool_value(matched));
    Ok(())
}

/// Raises: x = 0 the exception being handled, 1 `a`, 2 `a` with cause `b`.
pub fn raise(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    Err(raised_by(cx, frame, i))
}

/// Raises exception `a` again, its traceback and context as they are.
pub fn reraise(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let value = frame.get(i.a());
    Err(cx.raise_value(value))
}

/// Begins handling exception `b`; r[a] = the one handled before, or None.
#[inline(always)]
pub fn enter_handler(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let exception = frame.get(i.b());
    frame.set(i.a(), cx.handled.replace(exception));
    Ok(())
}

/// Ends handling: the thread handles `a` (or nothing, if None) again.
#[inline(always)]
pub fn leave_handler(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    cx.handled.set(frame.get(i.a()));
    Ok(())
}

/// `except*`: r[a] = the part of exception `b` that matches `c` or None, r[a+1] = the rest or None.
pub fn match_group(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let (taken, rest) = exception_groups::take(cx, frame, frame.get(i.b()), frame.get(i.c()))?;
    frame.set(i.a(), taken);
    frame.set(i.a() + 1, rest);
    Ok(())
}

/// `except*`: the exception to raise after all handlers of `b`, given the list `c` of raised and unhandled ones, or None.
pub fn join_group(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    set_result(frame, i, exception_groups::join(cx, frame.get(i.b()), frame.get(i.c())))
}

/// Loads the class AssertionError.
pub fn load_assertion_error(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let class = cx.builtin_type(Kind::ASSERTION_ERROR);
    frame.set(i.a(), class.value());
    Ok(())
}

/// Loads the class NotImplementedError.
pub fn load_not_implemented_error(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let class = cx.builtin_type(Kind::NOT_IMPLEMENTED_ERROR);
    frame.set(i.a(), class.value());
    Ok(())
}

/// r[a..a+3] = type, value and traceback of exception `b`.
pub fn exception_triple(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let value = frame.get(i.b());
    let class = types::class_of(cx, value);
    frame.set(i.a(), class.value());
    frame.set(i.a() + 1, value);
    let traceback = downcast::<Exception>(value).map_or(NONE, |exception| exception.traceback.get());
    frame.set(i.a() + 2, traceback);
    Ok(())
}

family! { jump_by_match: jump_if_match = JumpIfMatch, jump_if_no_match = JumpIfNoMatch }

/// What `raise` raises.
fn raised_by(cx: &mut Cx, frame: &Frame, i: Instruction) -> Raised {
    if i.x() == 0 {
        let handled = cx.handled_now();
        if handled == NONE {
            return cx.raise(Kind::RUNTIME_ERROR, "No active exception to reraise");
        }
        return cx.raise_value(handled);
    }
    let exception = match exception::normalise(cx, frame.get(i.a())) {
        Ok(exception) => exception,
        Err(raised) => return raised,
    };
    if i.x() == 2 {
        let cause = frame.get(i.b());
        let cause = if cause == NONE {
            NONE
        } else {
            match exception::normalise(cx, cause) {
                Ok(cause) => cause.value(),
                Err(raised) => {
                    if types::as_type(cause).is_none() {
                        return cx.type_error("exception causes must derive from BaseException");
                    }
                    return raised;
                }
            }
        };
        exception.cause.set(cx.mutator(), exception, cause);
        exception.suppress_context.init(true);
    }
    exception::raise(cx, exception)
}
