//! `except*`: what each handler takes of an exception, and what is raised in the end (PEP 654).

use py_object::objects::*;
use py_object::sequence::tuple_items;
use py_object::types::exception_groups::{as_group, new_group, project};
use py_object::types::{self, as_type, class_name, is_subclass};
use py_object::{Cx, Kind, NONE, PyResult, call, downcast, exception};
use vm_heap::{Gc, Value};
use vm_machine::Frame;

/// TypeError unless every class may stand behind `except*`.
fn check_pattern(cx: &mut Cx, raised: Value, pattern: Value) -> PyResult<()> {
    // This checks the classes, whatever it finds.
    exception::matches(cx, raised, pattern)?;
    let tuple = downcast::<Tuple>(pattern);
    let classes = tuple.as_ref().map_or(std::slice::from_ref(&pattern), tuple_items);
    let base = cx.builtin_type(Kind::BASE_EXCEPTION);
    let groups = cx.builtin_type(Kind::BASE_EXCEPTION_GROUP);
    for class in classes {
        match as_type(*class) {
            Some(class) if is_subclass(class, groups) => {
                let message = "catching ExceptionGroup with except* is not allowed. Use except instead.";
                return Err(cx.type_error(message));
            }
            Some(class) if is_subclass(class, base) => {}
            _ => {
                let message = "catching classes that do not inherit from BaseException is not allowed";
                return Err(cx.type_error(message));
            }
        }
    }
    Ok(())
}

/// The part of an exception that a handler takes, and the rest; None stands for nothing.
pub fn take(cx: &mut Cx, frame: &Frame, raised: Value, pattern: Value) -> PyResult<(Value, Value)> {
    if raised == NONE {
        return Ok((NONE, NONE));
    }
    check_pattern(cx, raised, pattern)?;
    if exception::matches(cx, raised, pattern)? {
        if as_group(cx, raised).is_some() {
            return Ok((raised, NONE));
        }
        return Ok((wrap(cx, frame, raised)?, NONE));
    }
    if as_group(cx, raised).is_none() {
        return Ok((NONE, raised));
    }
    let pair = call::call_method(cx, raised, "split", &[pattern])?;
    let Some(parts) = downcast::<Tuple>(pair).filter(|_| types::is_instance(cx, pair, Kind::TUPLE)) else {
        let message = format!("{}.split must return a tuple, not {}", class_name(cx, raised), class_name(cx, pair));
        return Err(cx.type_error(message));
    };
    match tuple_items(&parts) {
        [taken, rest, ..] => Ok((*taken, *rest)),
        few => {
            let message =
                format!("{}.split must return a 2-tuple, got tuple of size {}", class_name(cx, raised), few.len());
            Err(cx.type_error(message))
        }
    }
}

/// A group around an exception that is none, as a handler sees it: raised here.
fn wrap(cx: &mut Cx, frame: &Frame, raised: Value) -> PyResult {
    let message = cx.intern("").value();
    let held = cx.tuple(&[raised]);
    let group = new_group(cx, message, held)?;
    if let Some(group) = downcast::<Exception>(group) {
        crate::run::note_frame(cx, group, frame);
    }
    Ok(group)
}

/// The exception to raise after all handlers of an exception, given what they raised and what none of them took; None
/// where there is nothing.
pub fn join(cx: &mut Cx, original: Value, raised: Value) -> PyResult {
    let list = downcast::<List>(raised).expect("the compiler builds the list");
    let (items, length) = List::snapshot(&list);
    let items = crate::bind::array_values(&items, length);
    if as_group(cx, original).is_none() {
        // Only one handler can have taken it: that handler's exception, or else the original one.
        return Ok(items.iter().copied().find(|item| *item != NONE).unwrap_or(NONE));
    }
    let (fresh, again) = (List::new(cx, &[])?, List::new(cx, &[])?);
    for item in items.iter().filter(|item| **item != NONE) {
        let target = if same_origin(*item, original) { again } else { fresh };
        List::push(cx, target, *item)?;
    }
    let (again, count) = List::snapshot(&again);
    let part = project(cx, original, crate::bind::array_values(&again, count))?;
    if part != NONE {
        List::push(cx, fresh, part)?;
    }
    let (items, length) = List::snapshot(&fresh);
    match crate::bind::array_values(&items, length) {
        [] => Ok(NONE),
        [only] => Ok(*only),
        _ => {
            let message = cx.intern("").value();
            new_group(cx, message, fresh.value())
        }
    }
}

/// Whether an exception was split off another one and not raised anew.
fn same_origin(exception: Value, original: Value) -> bool {
    let parts = |value| {
        downcast::<Exception>(value)
            .map(|exception: Gc<Exception>| (exception.traceback.get(), exception.cause.get(), exception.context.get()))
    };
    parts(exception) == parts(original)
}
