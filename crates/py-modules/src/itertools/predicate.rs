//! Iterators that ask a function about each item: dropwhile, takewhile, filterfalse.

use super::{Step, Tool, new_tool};
use py_macros::py_methods;
use py_object::objects::Type;
use py_object::{Cx, FALSE, Kind, NONE, PyResult, TRUE, call, downcast, operations};
use vm_heap::{Gc, Value};

fn asks(cx: &mut Cx, tool: Gc<Tool>, item: Value) -> PyResult<bool> {
    let verdict = call::call(cx, tool.function.get(), &[item], None)?;
    operations::truth(cx, verdict)
}

/// `state` is whether the first item has been found.
pub fn drop_while(cx: &mut Cx, tool: Value) -> Step {
    let Some(tool) = downcast::<Tool>(tool) else { return Ok(None) };
    while let Some(item) = operations::next(cx, tool.source.get())? {
        if tool.state.get() == TRUE {
            return Ok(Some(item));
        }
        if !asks(cx, tool, item)? {
            tool.state.init(TRUE);
            return Ok(Some(item));
        }
    }
    Ok(None)
}

/// `state` is whether the end has been found.
pub fn take_while(cx: &mut Cx, tool: Value) -> Step {
    let Some(tool) = downcast::<Tool>(tool) else { return Ok(None) };
    if tool.state.get() == TRUE {
        return Ok(None);
    }
    let Some(item) = operations::next(cx, tool.source.get())? else { return Ok(None) };
    if asks(cx, tool, item)? {
        return Ok(Some(item));
    }
    tool.state.init(TRUE);
    Ok(None)
}

/// `function` may be None or `bool`: the item itself is asked.
pub fn filter_false(cx: &mut Cx, tool: Value) -> Step {
    let Some(tool) = downcast::<Tool>(tool) else { return Ok(None) };
    let function = tool.function.get();
    let is_truth = function == NONE || function == cx.builtin_type(Kind::BOOL).value();
    while let Some(item) = operations::next(cx, tool.source.get())? {
        let truth = if is_truth { operations::truth(cx, item)? } else { asks(cx, tool, item)? };
        if !truth {
            return Ok(Some(item));
        }
    }
    Ok(None)
}

/// `dropwhile`.
pub struct DropWhileMethods;

#[py_methods(DROP_WHILE, name = "dropwhile")]
impl DropWhileMethods {
    #[new(signature = "(predicate, iterable, /)")]
    fn new(cx: &mut Cx, class: Gc<Type>, predicate: Value, iterable: Value) -> PyResult<Gc<Tool>> {
        let iterator = operations::iterate(cx, iterable)?;
        Ok(new_tool(cx, class, iterator, predicate, FALSE))
    }
}

/// `takewhile`.
pub struct TakeWhileMethods;

#[py_methods(TAKE_WHILE, name = "takewhile")]
impl TakeWhileMethods {
    #[new(signature = "(predicate, iterable, /)")]
    fn new(cx: &mut Cx, class: Gc<Type>, predicate: Value, iterable: Value) -> PyResult<Gc<Tool>> {
        let iterator = operations::iterate(cx, iterable)?;
        Ok(new_tool(cx, class, iterator, predicate, FALSE))
    }
}

/// `filterfalse`.
pub struct FilterFalseMethods;

#[py_methods(FILTER_FALSE, name = "filterfalse")]
impl FilterFalseMethods {
    #[new(signature = "(function, iterable, /)")]
    fn new(cx: &mut Cx, class: Gc<Type>, function: Value, iterable: Value) -> PyResult<Gc<Tool>> {
        let iterator = operations::iterate(cx, iterable)?;
        Ok(new_tool(cx, class, iterator, function, NONE))
    }
}
