//! Telling functions of the program.
//!
//! While one is being told something nothing is reported. What it raises is raised by the code that it is told of; a function of
//! `sys.settrace` or `sys.setprofile` that raises is told no more.

use crate::interpreter::set_mode;
use py_object::frames::{self, Running, unit_of};
use py_object::objects::{FrameObject, Generator, List, Tuple};
use py_object::sequence::tuple_items;
use py_object::tracing::{self, TOOLS, event};
use py_object::types::{is_exactly, list};
use py_object::{Cx, Kind, NONE, PyResult, call, downcast};
use vm_heap::{Gc, Value};
use vm_machine::is_observed;

/// A place in code, as programs see it.
pub(super) fn place(offset: usize) -> Value {
    Value::int(py_code::byte_offset(offset))
}

fn tell(cx: &mut Cx, running: &Running, function: Value, arguments: &[Value]) -> PyResult {
    cx.tracing.telling.set(true);
    cx.tracing.told.set(running.fp);
    set_mode(cx);
    let result = call::call(cx, function, arguments, None);
    cx.tracing.telling.set(false);
    if result.is_err() {
        cx.tracing.jump.take();
    }
    set_mode(cx);
    result
}

/// The object of a frame, if somebody has asked for it.
fn known_object(cx: &mut Cx, running: &Running) -> Option<Gc<FrameObject>> {
    let known = match downcast::<Generator>(running.owner) {
        Some(generator) => generator.frame.get() != NONE,
        None => is_observed(running.fp),
    };
    known.then(|| frames::object_of(cx, running))
}

/// Whether anybody wants to know of each instruction in a frame.
pub(super) fn wants_instructions(cx: &mut Cx, running: &Running) -> bool {
    tracing::monitored_events() & 1 << event::INSTRUCTION != 0
        || cx.tracing.trace.get() != NONE && known_object(cx, running).is_some_and(|object| object.trace_opcodes.get())
}

/// Whether a frame has a function that is told what happens in it.
pub(super) fn has_trace(cx: &mut Cx, running: &Running) -> bool {
    cx.tracing.trace.get() != NONE && known_object(cx, running).is_some_and(|object| object.trace.get() != NONE)
}

/// Tells the function of `sys.settrace`, or the frame's own.
pub(super) fn trace(cx: &mut Cx, running: &Running, event: &str, argument: Value) -> PyResult<()> {
    let function = cx.tracing.trace.get();
    if function == NONE {
        return Ok(());
    }
    let (object, function) = if event == "call" {
        (frames::object_of(cx, running), function)
    } else {
        match known_object(cx, running) {
            Some(object) if object.trace.get() != NONE => (object, object.trace.get()),
            _ => return Ok(()),
        }
    };
    if event == "line" && !object.trace_lines.get() || event == "opcode" && !object.trace_opcodes.get() {
        return Ok(());
    }
    let name = cx.intern(event);
    match tell(cx, running, function, &[object.value(), name.value(), argument]) {
        Ok(NONE) => Ok(()),
        Ok(function) => {
            object.trace.set(cx.mutator(), object, function);
            Ok(())
        }
        Err(raised) => {
            cx.tracing.trace.set(NONE);
            object.trace.init(NONE);
            set_mode(cx);
            Err(raised)
        }
    }
}

/// Tells the function of `sys.setprofile`.
pub(super) fn profile(cx: &mut Cx, running: &Running, event: &str, argument: Value) -> PyResult<()> {
    let function = cx.tracing.profile.get();
    if function == NONE {
        return Ok(());
    }
    let object = frames::object_of(cx, running);
    let name = cx.intern(event);
    tell(cx, running, function, &[object.value(), name.value(), argument]).map(drop).inspect_err(|_| {
        cx.tracing.profile.set(NONE);
        set_mode(cx);
    })
}

/// What `sys.monitoring` keeps: its callbacks by tool and event, and what it calls `DISABLE` and `MISSING`.
fn monitoring(cx: &Cx) -> Option<(Gc<List>, Value, Value)> {
    let kept = downcast::<Tuple>(*cx.runtime.monitoring.get()?)?;
    let items = tuple_items(&kept);
    Some((downcast::<List>(items[0])?, items[1], items[2]))
}

/// What stands for an argument that there is not.
pub(super) fn missing(cx: &Cx) -> Value {
    monitoring(cx).map_or(NONE, |(_, _, missing)| missing)
}

/// Tells the tools that want to know of an event.
pub(super) fn monitor(cx: &mut Cx, running: &Running, event: u32, arguments: &[Value]) -> PyResult<()> {
    cx.tracing.happening.set(event);
    // The end of a call is told to whoever is told of calls.
    let wanted = if matches!(event, event::C_RETURN | event::C_RAISE) { event::CALL } else { event };
    if tracing::monitored_events() & 1 << wanted == 0 {
        return Ok(());
    }
    let unit = unit_of(cx, running.code);
    let tools = tracing::listeners(unit, running.offset, wanted);
    for tool in (0..TOOLS).filter(|tool| tools >> tool & 1 != 0) {
        let Some((callbacks, disable, _)) = monitoring(cx) else { return Ok(()) };
        let callback = list::item(callbacks, tool * (event::BRANCH as usize + 1) + event as usize).unwrap_or(NONE);
        if callback == NONE {
            continue;
        }
        let answer = tell(cx, running, callback, arguments)?;
        if answer == disable && event <= event::STOP_ITERATION {
            tracing::disable(unit, running.offset, tool, event);
            // Who knows the two ways of a branch as one event has had enough of both.
            let of_branches = list::item(callbacks, tool * (event::BRANCH as usize + 1) + event::BRANCH as usize);
            if matches!(event, event::BRANCH_LEFT | event::BRANCH_RIGHT) && of_branches == Some(callback) {
                let other = event::BRANCH_LEFT + event::BRANCH_RIGHT - event;
                tracing::disable(unit, running.offset, tool, other);
            }
        } else if answer == disable && matches!(event, event::C_RETURN | event::C_RAISE) {
            tracing::disable(unit, running.offset, tool, event::CALL);
        } else if answer == disable {
            let message = format!("Cannot disable {} events. Callback removed.", LASTING[event as usize - 11]);
            list::set_at(cx, callbacks, (tool * (event::BRANCH as usize + 1) + event as usize) as i64, NONE);
            return Err(cx.value_error(message));
        }
    }
    Ok(())
}

/// Events that can't be disabled in one place, from `RAISE` on.
const LASTING: [&str; 5] = ["RAISE", "EXCEPTION_HANDLED", "PY_UNWIND", "PY_THROW", "RERAISE"];

/// A call of a built-in function is about to be made.
pub(super) fn begin_native(cx: &mut Cx, function: Value, argument: Value) {
    let call = cx.tuple(&[function, argument, cx.tracing.natives.get()]);
    cx.tracing.natives.set(call);
}

/// Takes the innermost reported call of a built-in function off the list.
fn take_native(cx: &Cx) -> Option<(Value, Value)> {
    let call = downcast::<Tuple>(cx.tracing.natives.get())?;
    let items = tuple_items(&call);
    cx.tracing.natives.set(items[2]);
    Some((items[0], items[1]))
}

/// A frame is gone without the end of its call having been reported.
pub(super) fn forget_native(cx: &Cx) {
    take_native(cx);
}

/// The innermost reported call of a built-in function has ended.
pub(super) fn end_native(cx: &mut Cx, running: &Running, returned: bool) -> PyResult<()> {
    let Some((function, argument)) = take_native(cx) else { return Ok(()) };
    let (event, name) = if returned { (event::C_RETURN, "c_return") } else { (event::C_RAISE, "c_exception") };
    let at = Running { offset: last_offset(cx, running), ..*running };
    super::told_from(cx, &at, |cx| {
        monitor(cx, &at, event, &[at.code.value(), place(at.offset), function, argument])?;
        let argument = Some(argument).filter(|argument| *argument != missing(cx));
        profile_native(cx, &at, name, function, argument)
    })
}

/// Tells the function of `sys.setprofile` of a call, if what is called is a built-in function or method.
pub(super) fn profile_native(
    cx: &mut Cx,
    running: &Running,
    name: &str,
    mut function: Value,
    argument: Option<Value>,
) -> PyResult<()> {
    if cx.tracing.profile.get() == NONE {
        return Ok(());
    }
    if is_exactly(function, Kind::METHOD_DESCRIPTOR) {
        let Some(receiver) = argument else { return Ok(()) };
        let class = py_object::types::class_of(cx, receiver).value();
        function = call::call_method(cx, function, "__get__", &[receiver, class])?;
    } else if !is_exactly(function, Kind::BUILTIN) {
        return Ok(());
    }
    profile(cx, running, name, function)
}

/// The instruction that the frame ran before.
fn last_offset(cx: &Cx, running: &Running) -> usize {
    let frames = cx.tracing.frames.borrow();
    let last = frames.last().filter(|last| last.fp == running.fp && last.offset != usize::MAX);
    last.map_or(running.offset, |last| last.offset)
}
