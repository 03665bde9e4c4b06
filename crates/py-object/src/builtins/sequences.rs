//! Functions that run over iterables.

use crate::arguments::Keywords;
use crate::call;
use crate::cx::{Cx, PyResult, UNBOUND};
use crate::iterators::Items;
use crate::kinds::Kind;
use crate::objects::List;
use crate::operations::{self, Comparison};
use crate::types::{self, list};
use py_macros::py_functions;
use vm_heap::{Gc, Value};

fn key_of(cx: &mut Cx, key: Option<Value>, item: Value) -> PyResult {
    match key {
        Some(key) => call::call(cx, key, &[item], None),
        None => Ok(item),
    }
}

/// `min` and `max`: the first item that no other one beats.
fn extreme(
    cx: &mut Cx,
    args: &[Value],
    key: Option<Value>,
    default: Value,
    comparison: Comparison,
    name: &str,
) -> PyResult {
    let mut items = match args {
        [] => return Err(cx.type_error(format!("{name} expected at least 1 argument, got 0"))),
        [iterable] => Some(Items::of(cx, *iterable)?),
        _ if default != UNBOUND => {
            let message = format!("Cannot specify a default for {name}() with multiple positional arguments");
            return Err(cx.type_error(message));
        }
        _ => None,
    };
    let mut at = 0;
    let mut next = |cx: &mut Cx| match &mut items {
        Some(items) => items.next(cx),
        None => {
            at += 1;
            Ok(args.get(at - 1).copied())
        }
    };
    let Some(mut best) = next(cx)? else {
        if default != UNBOUND {
            return Ok(default);
        }
        return Err(cx.value_error(format!("{name}() iterable argument is empty")));
    };
    let mut best_key = key_of(cx, key, best)?;
    while let Some(item) = next(cx)? {
        let item_key = key_of(cx, key, item)?;
        let better = match operations::compare_simple(comparison, item_key, best_key) {
            Some(better) => better,
            None => {
                let better = operations::compare(cx, comparison, item_key, best_key)?;
                operations::truth(cx, better)?
            }
        };
        if better {
            (best, best_key) = (item, item_key);
        }
    }
    Ok(best)
}

/// Functions about iterables.
pub struct Functions;

#[py_functions("builtins")]
impl Functions {
    /// Return True if bool(x) is True for all values x in the iterable.
    ///
    /// If the iterable is empty, return True.
    #[function]
    fn all(cx: &mut Cx, iterable: Value) -> PyResult<bool> {
        let mut items = Items::of(cx, iterable)?;
        while let Some(item) = items.next(cx)? {
            if !operations::truth(cx, item)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
    /// Return True if bool(x) is True for any x in the iterable.
    ///
    /// If the iterable is empty, return False.
    #[function]
    fn any(cx: &mut Cx, iterable: Value) -> PyResult<bool> {
        let mut items = Items::of(cx, iterable)?;
        while let Some(item) = items.next(cx)? {
            if operations::truth(cx, item)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
    /// min(iterable, *[, default=obj, key=func]) -> value
    /// min(arg1, arg2, *args, *[, key=func]) -> value
    ///
    /// With a single iterable argument, return its smallest item. The
    /// default keyword-only argument specifies an object to return if
    /// the provided iterable is empty.
    /// With two or more positional arguments, return the smallest argument.
    #[function(signature = "")]
    fn min(
        cx: &mut Cx,
        #[args] args: &[Value],
        #[keyword_only] key: Option<Value>,
        #[keyword_only]
        #[default(UNBOUND)]
        default: Value,
    ) -> PyResult {
        extreme(cx, args, key, default, Comparison::Lt, "min")
    }
    /// max(iterable, *[, default=obj, key=func]) -> value
    /// max(arg1, arg2, *args, *[, key=func]) -> value
    ///
    /// With a single iterable argument, return its biggest item. The
    /// default keyword-only argument specifies an object to return if
    /// the provided iterable is empty.
    /// With two or more positional arguments, return the largest argument.
    #[function(signature = "")]
    fn max(
        cx: &mut Cx,
        #[args] args: &[Value],
        #[keyword_only] key: Option<Value>,
        #[keyword_only]
        #[default(UNBOUND)]
        default: Value,
    ) -> PyResult {
        extreme(cx, args, key, default, Comparison::Gt, "max")
    }
    /// Return a new list containing all items from the iterable in ascending order.
    ///
    /// A custom key function can be supplied to customize the sort order, and the
    /// reverse flag can be set to request the result in descending order.
    #[function(signature = "($module, iterable, /, *, key=None, reverse=False)")]
    fn sorted(cx: &mut Cx, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> PyResult {
        let [iterable] = args else {
            return Err(cx.type_error(format!("sorted expected 1 argument, got {}", args.len())));
        };
        let result: Gc<List> = list::from_iterable(cx, *iterable)?;
        let name = cx.intern("sort");
        let class = cx.builtin_type(Kind::LIST);
        let sort = types::lookup(cx, class, name).expect("lists have this method");
        kwargs.call(cx, sort, &[result.value()])?;
        Ok(result.value())
    }
}
