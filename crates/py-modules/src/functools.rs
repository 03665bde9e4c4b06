//! `_functools`: partial, reduce, cmp_to_key and the cache behind lru_cache.

mod compare_key;
mod lru_cache;
mod partial;

use crate::{class, module_of, set};
use py_macros::{py_functions, py_methods};
use py_object::bootstrap::add_methods;
use py_object::objects::{Module, Type};
use py_object::operations;
use py_object::types::lookup_special;
use py_object::{Cx, Kind, PLACEHOLDER, PyResult, UNBOUND, call};
use vm_heap::{Gc, Value};

/// Gives the classes their methods.
pub fn install(cx: &mut Cx) {
    crate::declare::<partial::Partial>();
    crate::declare::<compare_key::CompareKey>();
    crate::declare::<lru_cache::LruCache>();
    crate::declare::<lru_cache::Link>();
    add_methods(cx, Kind::PARTIAL, partial::PARTIAL_METHODS);
    add_methods(cx, Kind::PLACEHOLDER, PLACEHOLDER_METHODS);
    add_methods(cx, Kind::COMPARE_KEY, compare_key::COMPARE_KEY_METHODS);
    crate::make_unhashable(cx, Kind::COMPARE_KEY);
    add_methods(cx, Kind::LRU_CACHE, lru_cache::LRU_CACHE_METHODS);
    for kind in [Kind::PLACEHOLDER, Kind::COMPARE_KEY, Kind::LRU_CACHE] {
        crate::make_final(cx, kind);
    }
}

/// The functions.
pub struct Functions;

#[py_functions("_functools")]
impl Functions {
    /// Apply a function of two arguments cumulatively to the items of an iterable, from left to right.
    ///
    /// This reduces the iterable to a single value. With an initial value, that is placed before the items and is
    /// the result for an empty iterable.
    #[function(signature = "($module, function, iterable, /, initial=<unrepresentable>)")]
    fn reduce(
        cx: &mut Cx,
        function: Value,
        iterable: Value,
        #[keyword]
        #[default(UNBOUND)]
        initial: Value,
    ) -> PyResult {
        let iterable_at_all =
            lookup_special(cx, iterable, "__iter__").is_some() || lookup_special(cx, iterable, "__getitem__").is_some();
        if !iterable_at_all {
            return Err(cx.type_error("reduce() arg 2 must support iteration"));
        }
        let iterator = operations::iterate(cx, iterable)?;
        let mut result = match initial {
            UNBOUND => match operations::next(cx, iterator)? {
                Some(first) => first,
                None => return Err(cx.type_error("reduce() of empty iterable with no initial value")),
            },
            initial => initial,
        };
        while let Some(item) = operations::next(cx, iterator)? {
            result = call::call(cx, function, &[result, item], None)?;
        }
        Ok(result)
    }
    /// Convert a cmp= function into a key= function.
    #[function]
    fn cmp_to_key(cx: &mut Cx, #[keyword] mycmp: Value) -> Gc<compare_key::CompareKey> {
        compare_key::new(cx, mycmp, UNBOUND)
    }
}

/// The class of `Placeholder`.
pub struct PlaceholderMethods;

#[py_methods(PLACEHOLDER, name = "_PlaceholderType")]
impl PlaceholderMethods {
    #[new(signature = "")]
    fn new(
        cx: &mut Cx,
        _class: Gc<Type>,
        #[args] args: &[Value],
        #[kwargs] kwargs: py_object::arguments::Keywords<'_>,
    ) -> PyResult {
        if args.is_empty() && kwargs.is_empty() {
            Ok(PLACEHOLDER)
        } else {
            Err(cx.type_error("PlaceholderType takes no arguments"))
        }
    }
    #[method]
    fn __repr__(_this: Value) -> String {
        "Placeholder".to_string()
    }
    #[method]
    fn __reduce__(_this: Value) -> String {
        "Placeholder".to_string()
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "_functools", FUNCTIONS);
    for kind in [Kind::PARTIAL, Kind::PLACEHOLDER, Kind::LRU_CACHE] {
        class(cx, module, kind)?;
    }
    set(cx, module, "Placeholder", PLACEHOLDER)?;
    Ok(module)
}
