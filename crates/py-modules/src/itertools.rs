//! `itertools`: iterators as building blocks.
//!
//! Each class declares a step (`py_object::iterators::set_native_step`), which loops and natives call without going through
//! `__next__` and StopIteration. A step may run any Python code between reading and writing a field, and that code may
//! step the same iterator: steps therefore write their state before they call, or read it anew after.

mod combinatorics;
mod counting;
mod group;
mod merge;
mod predicate;
mod selection;
mod stream;
mod tee;

use crate::{add_iterator, class, declare, make_final, module_of};
use py_macros::py_functions;
use py_object::bootstrap::add_methods;
use py_object::iterators::NativeStep;
use py_object::native::NativeDefinition;
use py_object::objects::{Array, Module, Tuple, Type};
use py_object::{Cx, Kind, PyResult, object};
use vm_heap::{Gc, Value};

object! {
    /// An iterator with little state. What the fields hold is said at each class.
    pub struct Tool = 432 {
        /// Version word.
        word: u64,
        /// Attributes of subclass instances.
        attributes: Option<Gc<Array>>,
        /// The iterator that it draws from.
        source: Value,
        /// A function, or a second iterator.
        function: Value,
        /// What it remembers.
        state: Value,
    }
}

/// A new tool of a class.
fn new_tool(cx: &mut Cx, class: Gc<Type>, source: Value, function: Value, state: Value) -> Gc<Tool> {
    let tool = crate::new_object::<Tool>(cx, class);
    tool.source.init(source);
    tool.function.init(function);
    tool.state.init(state);
    tool
}

/// One step, as all of them are declared.
type Step = PyResult<Option<Value>>;

/// The classes: number, methods, step.
fn classes() -> Vec<(Kind, &'static [NativeDefinition], NativeStep)> {
    vec![
        (Kind::ACCUMULATE, stream::ACCUMULATE_METHODS, stream::accumulate),
        (Kind::BATCHED, stream::BATCHED_METHODS, stream::batched),
        (Kind::PAIRWISE, stream::PAIRWISE_METHODS, stream::pairwise),
        (Kind::STAR_MAP, stream::STAR_MAP_METHODS, stream::star_map),
        (Kind::ITERATOR_SLICE, selection::ITERATOR_SLICE_METHODS, selection::slice),
        (Kind::COMPRESS, selection::COMPRESS_METHODS, selection::compress),
        (Kind::DROP_WHILE, predicate::DROP_WHILE_METHODS, predicate::drop_while),
        (Kind::TAKE_WHILE, predicate::TAKE_WHILE_METHODS, predicate::take_while),
        (Kind::FILTER_FALSE, predicate::FILTER_FALSE_METHODS, predicate::filter_false),
        (Kind::COUNT, counting::COUNT_METHODS, counting::count),
        (Kind::REPEAT, counting::REPEAT_METHODS, counting::repeat),
        (Kind::CYCLE, counting::CYCLE_METHODS, counting::cycle),
        (Kind::CHAIN, merge::CHAIN_METHODS, merge::chain),
        (Kind::ZIP_LONGEST, merge::ZIP_LONGEST_METHODS, merge::zip_longest),
        (Kind::GROUP_BY, group::GROUP_BY_METHODS, group::group_by),
        (Kind::GROUPER, group::GROUPER_METHODS, group::grouper),
        (Kind::COMBINATIONS, combinatorics::COMBINATIONS_METHODS, combinatorics::combinations),
        (
            Kind::COMBINATIONS_WITH_REPLACEMENT,
            combinatorics::COMBINATIONS_WITH_REPLACEMENT_METHODS,
            combinatorics::combinations_with_replacement,
        ),
        (Kind::PERMUTATIONS, combinatorics::PERMUTATIONS_METHODS, combinatorics::permutations),
        (Kind::PRODUCT, combinatorics::PRODUCT_METHODS, combinatorics::product),
        (Kind::TEE, tee::TEE_METHODS, tee::step),
    ]
}

/// Gives the classes their methods.
pub fn install(cx: &mut Cx) {
    declare::<Tool>();
    declare::<selection::IteratorSlice>();
    declare::<group::GroupBy>();
    declare::<combinatorics::Selection>();
    declare::<tee::Tee>();
    declare::<tee::TeeData>();
    for (kind, methods, step) in classes() {
        add_iterator(cx, kind, step);
        add_methods(cx, kind, methods);
    }
    add_methods(cx, Kind::TEE_DATA, tee::TEE_DATA_METHODS);
    for kind in [Kind::GROUPER, Kind::TEE, Kind::TEE_DATA] {
        make_final(cx, kind);
    }
}

/// The functions.
pub struct Functions;

#[py_functions("itertools")]
impl Functions {
    /// Returns a tuple of n independent iterators.
    #[function]
    fn tee(cx: &mut Cx, iterable: Value, #[default(2)] n: i64) -> PyResult<Gc<Tuple>> {
        tee::copies(cx, iterable, n)
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "itertools", FUNCTIONS);
    for (kind, _, _) in classes() {
        class(cx, module, kind)?;
    }
    class(cx, module, Kind::TEE_DATA)?;
    Ok(module)
}
