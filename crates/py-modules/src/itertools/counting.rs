//! Iterators that need not end: count, repeat, cycle.

use super::{Step, Tool, new_tool};
use py_macros::py_methods;
use py_object::objects::{List, Type};
use py_object::operations::{self, BinaryOperator};
use py_object::types::{int, is_instance, list, lookup_special};
use py_object::{Cx, Kind, NONE, PyResult, downcast};
use vm_heap::{Gc, Value};

/// `state` is the next number, `function` the step.
pub fn count(cx: &mut Cx, tool: Value) -> Step {
    let Some(tool) = downcast::<Tool>(tool) else { return Ok(None) };
    let step = tool.function.get();
    loop {
        let number = tool.state.get();
        let small =
            if number.is_int() && step.is_int() { Value::small_int(number.as_int() + step.as_int()) } else { None };
        let next = match small {
            Some(next) => next,
            None => operations::binary(cx, BinaryOperator::Add, number, step, false)?,
        };
        // No number is given to two threads.
        if tool.state.compare_exchange(cx.mutator(), tool, number, next) {
            return Ok(Some(number));
        }
    }
}

fn check_number(cx: &mut Cx, value: Value) -> PyResult<()> {
    let is_number = int::is_int(value)
        || is_instance(cx, value, Kind::COMPLEX)
        || ["__index__", "__int__", "__float__"].iter().any(|name| lookup_special(cx, value, name).is_some());
    if is_number { Ok(()) } else { Err(cx.type_error("a number is required")) }
}

/// `count`.
pub struct CountMethods;

#[py_methods(COUNT, name = "count")]
impl CountMethods {
    #[new(signature = "(start=0, step=1)")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[keyword]
        #[default(Value::int(0))]
        start: Value,
        #[keyword]
        #[default(Value::int(1))]
        step: Value,
    ) -> PyResult<Gc<Tool>> {
        check_number(cx, start)?;
        check_number(cx, step)?;
        // Where the step is one, an int of a subclass counts by its number.
        let plain = int::is_int(start) && int::is_int(step) && int::as_i64(step) == Some(1);
        let start = if plain && int::as_i64(start).is_some() { int::exact(cx, start)? } else { start };
        Ok(new_tool(cx, class, NONE, step, start))
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<Tool>) -> PyResult<String> {
        let class = py_object::types::class_of(cx, this.value());
        let name = py_object::types::short_name(class);
        let number = crate::repr_text(cx, this.state.get())?;
        let step = this.function.get();
        if int::is_int(step) && int::as_i64(step) == Some(1) {
            return Ok(format!("{name}({number})"));
        }
        Ok(format!("{name}({number}, {})", crate::repr_text(cx, step)?))
    }
}

/// How often a repeat still gives its object.
fn times_left(tool: Gc<Tool>) -> i64 {
    int::as_i64(tool.state.get()).unwrap_or(0)
}

/// `source` is the object, `state` how often it is still given, -1 for ever.
pub fn repeat(cx: &mut Cx, tool: Value) -> Step {
    let Some(tool) = downcast::<Tool>(tool) else { return Ok(None) };
    let left = times_left(tool);
    if left == 0 {
        return Ok(None);
    }
    if left > 0 {
        let less = int::from_i64(cx, left - 1);
        tool.state.set(cx.mutator(), tool, less);
    }
    Ok(Some(tool.source.get()))
}

/// `repeat`.
pub struct RepeatMethods;

#[py_methods(REPEAT, name = "repeat")]
impl RepeatMethods {
    #[new(signature = "")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[keyword] object: Value,
        #[keyword]
        #[default(py_object::UNBOUND)]
        times: Value,
    ) -> PyResult<Gc<Tool>> {
        let times = if times == py_object::UNBOUND {
            -1
        } else {
            let number = int::index(cx, times)?;
            let Some(number) = int::as_i64(number) else {
                return Err(cx.raise(Kind::OVERFLOW_ERROR, "Python int too large to convert to C ssize_t"));
            };
            number.max(0)
        };
        let times = int::from_i64(cx, times);
        Ok(new_tool(cx, class, object, NONE, times))
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<Tool>) -> PyResult<String> {
        let class = py_object::types::class_of(cx, this.value());
        let name = py_object::types::short_name(class);
        let object = crate::repr_text(cx, this.source.get())?;
        Ok(match times_left(this) {
            -1 => format!("{name}({object})"),
            left => format!("{name}({object}, {left})"),
        })
    }
    /// Private method returning an estimate of len(list(it)).
    #[method]
    fn __length_hint__(cx: &mut Cx, this: Gc<Tool>) -> PyResult {
        match times_left(this) {
            -1 => Err(cx.type_error("len() of unsized object")),
            left => Ok(int::from_i64(cx, left)),
        }
    }
}

/// `source` is the iterator, None once exhausted; `function` the list of its items, `state` the next index.
pub fn cycle(cx: &mut Cx, tool: Value) -> Step {
    let Some(tool) = downcast::<Tool>(tool) else { return Ok(None) };
    let Some(saved) = downcast::<List>(tool.function.get()) else { return Ok(None) };
    let source = tool.source.get();
    if source != NONE {
        if let Some(item) = operations::next(cx, source)? {
            List::push(cx, saved, item)?;
            return Ok(Some(item));
        }
        tool.source.init(NONE);
    }
    let at = tool.state.get().as_int() as usize;
    let next = if at + 1 >= list::length(saved) { 0 } else { at + 1 };
    tool.state.init(Value::int(next as i64));
    Ok(list::item(saved, at))
}

/// `cycle`.
pub struct CycleMethods;

#[py_methods(CYCLE, name = "cycle")]
impl CycleMethods {
    #[new(signature = "(iterable, /)")]
    fn new(cx: &mut Cx, class: Gc<Type>, iterable: Value) -> PyResult<Gc<Tool>> {
        let iterator = operations::iterate(cx, iterable)?;
        let saved = List::new(cx, &[])?;
        Ok(new_tool(cx, class, iterator, saved.value(), Value::int(0)))
    }
}
