//! Iterators over several iterables: chain, zip_longest.

use super::{Step, Tool, new_tool};
use py_macros::py_methods;
use py_object::arguments::Keywords;
use py_object::objects::{List, Tuple, Type};
use py_object::types::{as_type, list};
use py_object::{Cx, NONE, PyResult, downcast, operations};
use vm_heap::{Gc, Value};

/// `source` is the iterator over the iterables, `state` the one over the current iterable; both None in the end.
pub fn chain(cx: &mut Cx, tool: Value) -> Step {
    let Some(tool) = downcast::<Tool>(tool) else { return Ok(None) };
    loop {
        let source = tool.source.get();
        if source == NONE {
            return Ok(None);
        }
        let mut current = tool.state.get();
        if current == NONE {
            let Some(iterable) = operations::next(cx, source)? else {
                tool.source.init(NONE);
                return Ok(None);
            };
            current = match operations::iterate(cx, iterable) {
                Ok(iterator) => iterator,
                Err(raised) => {
                    tool.source.init(NONE);
                    return Err(raised);
                }
            };
            tool.state.set(cx.mutator(), tool, current);
        }
        if let Some(item) = operations::next(cx, current)? {
            return Ok(Some(item));
        }
        tool.state.init(NONE);
    }
}

/// `chain`.
pub struct ChainMethods;

#[py_methods(CHAIN, name = "chain")]
impl ChainMethods {
    #[new(signature = "(*iterables)")]
    fn new(cx: &mut Cx, class: Gc<Type>, #[args] iterables: &[Value]) -> PyResult<Gc<Tool>> {
        let iterables = cx.tuple(iterables);
        let iterator = operations::iterate(cx, iterables)?;
        Ok(new_tool(cx, class, iterator, NONE, NONE))
    }
    /// Alternative chain() constructor taking a single iterable argument that evaluates lazily.
    #[classmethod]
    fn from_iterable(cx: &mut Cx, class: Value, iterable: Value) -> PyResult<Gc<Tool>> {
        let iterator = operations::iterate(cx, iterable)?;
        let Some(class) = as_type(class) else { return Err(cx.type_error("chain.from_iterable() needs a class")) };
        Ok(new_tool(cx, class, iterator, NONE, NONE))
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cx: &mut Cx, class: Value, item: Value) -> PyResult {
        crate::generic_alias(cx, class, item)
    }
}

/// `source` is a list of iterators, None for those that have ended; `function` what stands for missing items, `state`
/// how many iterators have not ended.
pub fn zip_longest(cx: &mut Cx, tool: Value) -> Step {
    let Some(tool) = downcast::<Tool>(tool) else { return Ok(None) };
    let Some(iterators) = downcast::<List>(tool.source.get()) else { return Ok(None) };
    if tool.state.get().as_int() <= 0 {
        return Ok(None);
    }
    let row = List::new(cx, &[])?;
    for at in 0..list::length(iterators) {
        let iterator = list::item(iterators, at).unwrap_or(NONE);
        let item = if iterator == NONE {
            tool.function.get()
        } else {
            match operations::next(cx, iterator) {
                Ok(Some(item)) => item,
                Ok(None) => {
                    let active = tool.state.get().as_int() - 1;
                    tool.state.init(Value::int(active));
                    if active <= 0 {
                        return Ok(None);
                    }
                    list::set_at(cx, iterators, at as i64, NONE);
                    tool.function.get()
                }
                Err(raised) => {
                    tool.state.init(Value::int(0));
                    return Err(raised);
                }
            }
        };
        List::push(cx, row, item)?;
    }
    Ok(Some(Tuple::from_list(cx, row)?.value()))
}

/// `zip_longest`.
pub struct ZipLongestMethods;

#[py_methods(ZIP_LONGEST, name = "zip_longest")]
impl ZipLongestMethods {
    #[new(signature = "(*iterables, fillvalue=None)")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[args] iterables: &[Value],
        #[kwargs] keywords: Keywords<'_>,
    ) -> PyResult<Gc<Tool>> {
        let mut fill = NONE;
        for (name, value) in keywords.iter() {
            if crate::text_of(name) != "fillvalue" {
                return Err(cx.type_error("zip_longest() got an unexpected keyword argument"));
            }
            fill = value;
        }
        let iterators = List::new(cx, &[])?;
        for iterable in iterables {
            let iterator = operations::iterate(cx, *iterable)?;
            List::push(cx, iterators, iterator)?;
        }
        Ok(new_tool(cx, class, iterators.value(), fill, Value::int(iterables.len() as i64)))
    }
}
