//! Iterators that make something of each item of another one: accumulate, batched, pairwise, starmap.

use super::{Step, Tool, new_tool};
use py_macros::py_methods;
use py_object::objects::{List, Tuple, Type};
use py_object::operations::{self, BinaryOperator};
use py_object::sequence::tuple_items;
use py_object::{Cx, FALSE, NONE, PyResult, UNBOUND, bool_value, call, downcast, types};
use vm_heap::{Gc, Value};

/// `state` is the total so far, or UNBOUND. A total that has not been given yet makes `source` a pair with it.
pub fn accumulate(cx: &mut Cx, tool: Value) -> Step {
    let Some(tool) = downcast::<Tool>(tool) else { return Ok(None) };
    if let Some(start) = downcast::<Tuple>(tool.source.get()) {
        let [source, initial] = tuple_items(&start) else { return Ok(None) };
        tool.source.set(cx.mutator(), tool, *source);
        tool.state.set(cx.mutator(), tool, *initial);
        return Ok(Some(*initial));
    }
    let Some(item) = operations::next(cx, tool.source.get())? else { return Ok(None) };
    let total = match tool.state.get() {
        UNBOUND => item,
        total if tool.function.get() == NONE => operations::binary(cx, BinaryOperator::Add, total, item, false)?,
        total => call::call(cx, tool.function.get(), &[total, item], None)?,
    };
    tool.state.set(cx.mutator(), tool, total);
    Ok(Some(total))
}

/// `accumulate`.
pub struct AccumulateMethods;

#[py_methods(ACCUMULATE, name = "accumulate")]
impl AccumulateMethods {
    #[new(signature = "(iterable, func=None, *, initial=None)")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[keyword] iterable: Value,
        #[keyword]
        #[default(NONE)]
        func: Value,
        #[keyword_only]
        #[default(NONE)]
        initial: Value,
    ) -> PyResult<Gc<Tool>> {
        let iterator = operations::iterate(cx, iterable)?;
        let source = if initial == NONE { iterator } else { cx.tuple(&[iterator, initial]) };
        Ok(new_tool(cx, class, source, func, UNBOUND))
    }
}

/// `function` is the size, `state` whether all batches must have it.
pub fn batched(cx: &mut Cx, tool: Value) -> Step {
    let Some(tool) = downcast::<Tool>(tool) else { return Ok(None) };
    let source = tool.source.get();
    if source == NONE {
        return Ok(None);
    }
    let size = tool.function.get().as_int() as usize;
    let batch = List::new(cx, &[])?;
    while types::list::length(batch) < size {
        match operations::next(cx, source) {
            Ok(Some(item)) => List::push(cx, batch, item)?,
            Ok(None) => break,
            Err(raised) => {
                tool.source.init(NONE);
                return Err(raised);
            }
        }
    }
    let count = types::list::length(batch);
    if count == 0 {
        tool.source.init(NONE);
        return Ok(None);
    }
    if count < size && tool.state.get() != FALSE {
        tool.source.init(NONE);
        return Err(cx.value_error("batched(): incomplete batch"));
    }
    Ok(Some(Tuple::from_list(cx, batch)?.value()))
}

/// `batched`.
pub struct BatchedMethods;

#[py_methods(BATCHED, name = "batched")]
impl BatchedMethods {
    #[new(signature = "(iterable, n, *, strict=False)")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[keyword] iterable: Value,
        #[keyword] n: i64,
        #[keyword_only]
        #[default(false)]
        strict: bool,
    ) -> PyResult<Gc<Tool>> {
        if n < 1 {
            return Err(cx.value_error("n must be at least one"));
        }
        let iterator = operations::iterate(cx, iterable)?;
        // A batch can't have more items than a small int can count.
        let size = Value::small_int(n).unwrap_or(Value::int(vm_heap::INT_MAX));
        Ok(new_tool(cx, class, iterator, size, bool_value(strict)))
    }
}

/// `state` is the item before, or UNBOUND.
pub fn pairwise(cx: &mut Cx, tool: Value) -> Step {
    let Some(tool) = downcast::<Tool>(tool) else { return Ok(None) };
    let source = tool.source.get();
    if source == NONE {
        return Ok(None);
    }
    let end = |cx: &mut Cx, item: PyResult<Option<Value>>| {
        if !matches!(item, Ok(Some(_))) {
            tool.source.init(NONE);
            tool.state.set(cx.mutator(), tool, UNBOUND);
        }
        item
    };
    let mut before = tool.state.get();
    if before == UNBOUND {
        let first = operations::next(cx, source);
        let Some(first) = end(cx, first)? else { return Ok(None) };
        tool.state.set(cx.mutator(), tool, first);
        if tool.source.get() == NONE {
            return Ok(None);
        }
        before = first;
    }
    let item = operations::next(cx, source);
    let Some(item) = end(cx, item)? else { return Ok(None) };
    tool.state.set(cx.mutator(), tool, item);
    Ok(Some(cx.tuple(&[before, item])))
}

/// `pairwise`.
pub struct PairwiseMethods;

#[py_methods(PAIRWISE, name = "pairwise")]
impl PairwiseMethods {
    #[new(signature = "(iterable, /)")]
    fn new(cx: &mut Cx, class: Gc<Type>, iterable: Value) -> PyResult<Gc<Tool>> {
        let iterator = operations::iterate(cx, iterable)?;
        Ok(new_tool(cx, class, iterator, NONE, UNBOUND))
    }
}

/// `function` is what is called with each item's items.
pub fn star_map(cx: &mut Cx, tool: Value) -> Step {
    let Some(tool) = downcast::<Tool>(tool) else { return Ok(None) };
    let Some(arguments) = operations::next(cx, tool.source.get())? else { return Ok(None) };
    let arguments = types::tuple::from_iterable(cx, arguments)?;
    call::call(cx, tool.function.get(), tuple_items(&arguments), None).map(Some)
}

/// `starmap`.
pub struct StarMapMethods;

#[py_methods(STAR_MAP, name = "starmap")]
impl StarMapMethods {
    #[new(signature = "(function, iterable, /)")]
    fn new(cx: &mut Cx, class: Gc<Type>, function: Value, iterable: Value) -> PyResult<Gc<Tool>> {
        let iterator = operations::iterate(cx, iterable)?;
        Ok(new_tool(cx, class, iterator, function, NONE))
    }
}
