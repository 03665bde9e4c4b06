//! product, permutations, combinations and combinations_with_replacement.
//!
//! The state is a row of indices into a pool (a product: into as many pools). It is moved on under the object's lock, within
//! which nothing is called; every index in the row is always one of its pool.

use super::Step;
use py_macros::py_methods;
use py_object::objects::{Array, List, Tuple, Type};
use py_object::sequence::{elements, tuple_items};
use py_object::types::{int, tuple};
use py_object::{Cx, Kind, NONE, PyResult, downcast, object};
use vm_heap::{Field, Gc, Value};

/// Rows longer than this are taken as a want of memory.
const LONGEST_ROW: i64 = 1 << 28;

object! {
    /// A tool of this file.
    pub struct Selection = 435 {
        /// Version word.
        word: u64,
        /// Attributes of subclass instances.
        attributes: Option<Gc<Array>>,
        /// What is chosen from; the pools of a product.
        pool: Gc<Tuple>,
        /// The row of indices, as small ints.
        indices: Gc<Array>,
        /// Of permutations: how far each place has turned.
        cycles: Gc<Array>,
        /// How many indices are a result.
        length: usize,
        /// See the constants below.
        progress: usize,
    }
}

/// The row is the first one, and has not been given.
const FRESH: usize = 0;
/// The row has been given.
const RUNNING: usize = 1;
/// There are no more.
const DONE: usize = 2;

fn index(row: &[Field<Value>], at: usize) -> usize {
    row[at].get().as_int() as usize
}

fn set_index(row: &[Field<Value>], at: usize, index: usize) {
    row[at].init(Value::int(index as i64));
}

fn new_row(cx: &mut Cx, length: usize, first: impl Fn(usize) -> usize) -> PyResult<Gc<Array>> {
    let row = Array::checked(cx, length)?;
    for at in 0..length {
        set_index(elements(&row), at, first(at));
    }
    Ok(row)
}

fn new_selection(
    cx: &mut Cx,
    class: Gc<Type>,
    pool: Gc<Tuple>,
    indices: Gc<Array>,
    cycles: Gc<Array>,
    length: usize,
    empty: bool,
) -> Gc<Selection> {
    let tool = crate::new_object::<Selection>(cx, class);
    tool.pool.init(pool);
    tool.indices.init(indices);
    tool.cycles.init(cycles);
    tool.length.init(length);
    tool.progress.init(if empty { DONE } else { FRESH });
    tool
}

/// Moves to the next row by `advance` (false: there is none) unless the first one is still to be given.
fn proceed(tool: Gc<Selection>, advance: impl FnOnce(&[Field<Value>]) -> bool) -> bool {
    let _locked = vm_stm::lock(&tool.word);
    let done = match tool.progress.get() {
        FRESH => false,
        RUNNING => !advance(elements(&tool.indices.get())),
        _ => true,
    };
    tool.progress.init(if done { DONE } else { RUNNING });
    !done
}

/// The items that the row stands for.
fn chosen(cx: &mut Cx, tool: Gc<Selection>) -> Step {
    let (pool, indices) = (tool.pool.get(), tool.indices.get());
    let (items, row) = (tuple_items(&pool), elements(&indices));
    let result = tuple::build(cx, tool.length.get(), |at| items[index(row, at)])?;
    Ok(Some(result.value()))
}

/// One step of a product.
pub fn product(cx: &mut Cx, tool: Value) -> Step {
    let Some(tool) = downcast::<Selection>(tool) else { return Ok(None) };
    let pools = tool.pool.get();
    let pools = tuple_items(&pools);
    let sizes = |at: usize| downcast::<Tuple>(pools[at]).map_or(0, |pool| tuple_items(&pool).len());
    let more = proceed(tool, |row| {
        for at in (0..row.len()).rev() {
            if index(row, at) + 1 < sizes(at) {
                set_index(row, at, index(row, at) + 1);
                return true;
            }
            set_index(row, at, 0);
        }
        false
    });
    if !more {
        return Ok(None);
    }
    let indices = tool.indices.get();
    let row = elements(&indices);
    let item = |at: usize| downcast::<Tuple>(pools[at]).map_or(NONE, |pool| tuple_items(&pool)[index(row, at)]);
    Ok(Some(tuple::build(cx, row.len(), item)?.value()))
}

/// One step of combinations.
pub fn combinations(cx: &mut Cx, tool: Value) -> Step {
    let Some(tool) = downcast::<Selection>(tool) else { return Ok(None) };
    let (count, length) = (tuple_items(&tool.pool.get()).len(), tool.length.get());
    let more = proceed(tool, |row| {
        let Some(at) = (0..length).rev().find(|at| index(row, *at) != at + count - length) else { return false };
        let first = index(row, at) + 1;
        for to in at..length {
            set_index(row, to, first + to - at);
        }
        true
    });
    if more { chosen(cx, tool) } else { Ok(None) }
}

/// One step of combinations with replacement.
pub fn combinations_with_replacement(cx: &mut Cx, tool: Value) -> Step {
    let Some(tool) = downcast::<Selection>(tool) else { return Ok(None) };
    let (count, length) = (tuple_items(&tool.pool.get()).len(), tool.length.get());
    let more = proceed(tool, |row| {
        let Some(at) = (0..length).rev().find(|at| index(row, *at) + 1 != count) else { return false };
        let value = index(row, at) + 1;
        for to in at..length {
            set_index(row, to, value);
        }
        true
    });
    if more { chosen(cx, tool) } else { Ok(None) }
}

/// One step of permutations.
pub fn permutations(cx: &mut Cx, tool: Value) -> Step {
    let Some(tool) = downcast::<Selection>(tool) else { return Ok(None) };
    let length = tool.length.get();
    let cycles = tool.cycles.get();
    let more = proceed(tool, |row| {
        let (cycles, count) = (elements(&cycles), row.len());
        for at in (0..length).rev() {
            let left = index(cycles, at).saturating_sub(1);
            set_index(cycles, at, left);
            if left == 0 {
                // A full turn of this place: back to where it began.
                let first = index(row, at);
                for to in at..count - 1 {
                    set_index(row, to, index(row, to + 1));
                }
                set_index(row, count - 1, first);
                set_index(cycles, at, count - at);
            } else {
                let other = count - left;
                let (lhs, rhs) = (index(row, at), index(row, other));
                set_index(row, at, rhs);
                set_index(row, other, lhs);
                return true;
            }
        }
        false
    });
    if more { chosen(cx, tool) } else { Ok(None) }
}

/// A number of places: not negative, and not more than there can be.
fn places(cx: &mut Cx, r: i64) -> PyResult<usize> {
    match usize::try_from(r) {
        Ok(places) => Ok(places),
        Err(_) => Err(cx.value_error("r must be non-negative")),
    }
}

/// `product`.
pub struct ProductMethods;

#[py_methods(PRODUCT, name = "product")]
impl ProductMethods {
    #[new(signature = "(*iterables, repeat=1)")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[args] iterables: &[Value],
        #[keyword_only]
        #[default(1)]
        repeat: i64,
    ) -> PyResult<Gc<Selection>> {
        if repeat < 0 {
            return Err(cx.value_error("repeat argument cannot be negative"));
        }
        let count = if repeat == 0 { 0 } else { iterables.len() as i64 };
        if count > 0 && repeat > i64::MAX / 8 / count {
            return Err(cx.raise(Kind::OVERFLOW_ERROR, "repeat argument too large"));
        }
        if count * repeat > LONGEST_ROW {
            return Err(cx.raise(Kind::MEMORY_ERROR, ""));
        }
        let pools = List::new(cx, &[])?;
        for iterable in &iterables[..count as usize] {
            let pool = tuple::from_iterable(cx, *iterable)?;
            List::push(cx, pools, pool.value())?;
        }
        let once = Tuple::from_list(cx, pools)?;
        let once = tuple_items(&once);
        let all = tuple::build(cx, (count * repeat) as usize, |at| once[at % once.len()])?;
        let indices = new_row(cx, (count * repeat) as usize, |_| 0)?;
        let empty = once.iter().any(|pool| downcast::<Tuple>(*pool).is_none_or(|pool| tuple_items(&pool).is_empty()));
        Ok(new_selection(cx, class, all, indices, indices, (count * repeat) as usize, empty))
    }
}

/// `combinations`.
pub struct CombinationsMethods;

#[py_methods(COMBINATIONS, name = "combinations")]
impl CombinationsMethods {
    #[new(signature = "(iterable, r)")]
    fn new(cx: &mut Cx, class: Gc<Type>, #[keyword] iterable: Value, #[keyword] r: i64) -> PyResult<Gc<Selection>> {
        let pool = tuple::from_iterable(cx, iterable)?;
        let r = places(cx, r)?;
        let empty = r > tuple_items(&pool).len();
        let indices = new_row(cx, if empty { 0 } else { r }, |at| at)?;
        Ok(new_selection(cx, class, pool, indices, indices, if empty { 0 } else { r }, empty))
    }
}

/// `combinations_with_replacement`.
pub struct CombinationsWithReplacementMethods;

#[py_methods(COMBINATIONS_WITH_REPLACEMENT, name = "combinations_with_replacement")]
impl CombinationsWithReplacementMethods {
    #[new(signature = "(iterable, r)")]
    fn new(cx: &mut Cx, class: Gc<Type>, #[keyword] iterable: Value, #[keyword] r: i64) -> PyResult<Gc<Selection>> {
        let pool = tuple::from_iterable(cx, iterable)?;
        let r = places(cx, r)?;
        if r as i64 > LONGEST_ROW {
            return Err(cx.raise(Kind::MEMORY_ERROR, ""));
        }
        let empty = r > 0 && tuple_items(&pool).is_empty();
        let indices = new_row(cx, r, |_| 0)?;
        Ok(new_selection(cx, class, pool, indices, indices, r, empty))
    }
}

/// `permutations`.
pub struct PermutationsMethods;

#[py_methods(PERMUTATIONS, name = "permutations")]
impl PermutationsMethods {
    #[new(signature = "(iterable, r=None)")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[keyword] iterable: Value,
        #[keyword]
        #[default(NONE)]
        r: Value,
    ) -> PyResult<Gc<Selection>> {
        let pool = tuple::from_iterable(cx, iterable)?;
        let count = tuple_items(&pool).len();
        let r = match r {
            NONE => count,
            r if int::is_int(r) => match int::as_i64(r) {
                Some(r) => places(cx, r)?,
                None => {
                    return Err(cx.raise(Kind::OVERFLOW_ERROR, "Python int too large to convert to C ssize_t"));
                }
            },
            _ => return Err(cx.type_error("Expected int as r")),
        };
        let empty = r > count;
        let length = if empty { 0 } else { r };
        let indices = new_row(cx, count, |at| at)?;
        let cycles = new_row(cx, length, |at| count - at)?;
        Ok(new_selection(cx, class, pool, indices, cycles, length, empty))
    }
}
