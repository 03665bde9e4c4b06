//! `_collections`: deque, defaultdict, what `Counter` counts with, what named tuples read their fields with.

mod counting;
mod default_dict;
pub mod deque;
mod tuple_getter;

use crate::{class, module_of};
use py_macros::py_functions;
use py_object::bootstrap::add_methods;
use py_object::objects::Module;
use py_object::{Cx, Kind, PyResult};
use vm_heap::{Gc, Value};

/// Gives the classes their methods.
pub fn install(cx: &mut Cx) {
    crate::declare::<deque::Deque>();
    crate::declare::<deque::DequeIterator>();
    crate::declare::<py_object::objects::TupleGetter>();
    add_methods(cx, Kind::DEQUE, deque::DEQUE_METHODS);
    add_methods(cx, Kind::DEQUE, deque::DEQUE_SEQUENCE_METHODS);
    crate::make_unhashable(cx, Kind::DEQUE);
    add_methods(cx, Kind::DEFAULT_DICT, default_dict::DEFAULT_DICT_METHODS);
    add_methods(cx, Kind::TUPLE_GETTER, tuple_getter::TUPLE_GETTER_METHODS);
    for (kind, methods, step) in [
        (Kind::DEQUE_ITERATOR, deque::DEQUE_ITERATOR_METHODS, deque::step_forward as _),
        (Kind::DEQUE_REVERSE_ITERATOR, deque::DEQUE_REVERSE_ITERATOR_METHODS, deque::step_backward as _),
    ] {
        crate::add_iterator(cx, kind, step);
        add_methods(cx, kind, methods);
    }
    for kind in [Kind::DEQUE_ITERATOR, Kind::DEQUE_REVERSE_ITERATOR, Kind::TUPLE_GETTER] {
        crate::make_final(cx, kind);
    }
}

/// The functions.
pub struct Functions;

#[py_functions("_collections")]
impl Functions {
    /// Count elements in the iterable, updating the mapping.
    #[function]
    fn _count_elements(cx: &mut Cx, mapping: Value, iterable: Value) -> PyResult<()> {
        counting::count(cx, mapping, iterable)
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "_collections", FUNCTIONS);
    for kind in
        [Kind::DEQUE, Kind::DEFAULT_DICT, Kind::DEQUE_ITERATOR, Kind::DEQUE_REVERSE_ITERATOR, Kind::TUPLE_GETTER]
    {
        class(cx, module, kind)?;
    }
    Ok(module)
}
