//! `tee`: several iterators over what one iterator gives.
//!
//! The items lie in a chain of blocks. An iterator holds the block that it is in, so that what all have passed is
//! garbage.

use super::Step;
use py_macros::py_methods;
use py_object::arguments::Keywords;
use py_object::objects::{Array, List, Tuple, Type};
use py_object::sequence::elements;
use py_object::{Cx, Kind, PyResult, downcast, object, operations};
use vm_heap::{Gc, Value};

/// Items of a block.
const BLOCK: usize = 56;

object! {
    /// One of the iterators.
    pub struct Tee = 451 {
        /// Version word.
        word: u64,
        /// Always empty; the offset of attributes.
        attributes: Option<Gc<Array>>,
        /// The block that it is in.
        data: Gc<TeeData>,
        /// Index of the next item in the block.
        index: usize,
    }
}

object! {
    /// A block of items.
    pub struct TeeData = 452 {
        /// Version word.
        word: u64,
        /// Always empty; the offset of attributes.
        attributes: Option<Gc<Array>>,
        /// The iterator that all draw from.
        source: Value,
        /// The items.
        items: Gc<Array>,
        /// How many there are.
        count: usize,
        /// The block behind it.
        next: Option<Gc<TeeData>>,
        /// Whether an item is being drawn.
        drawing: bool,
    }
}

fn new_data(cx: &mut Cx, source: Value) -> PyResult<Gc<TeeData>> {
    let items = Array::checked(cx, BLOCK)?;
    let class = cx.builtin_type(Kind::TEE_DATA);
    let data = crate::new_object::<TeeData>(cx, class);
    data.source.init(source);
    data.items.init(items);
    Ok(data)
}

fn new_tee(cx: &mut Cx, data: Gc<TeeData>, index: usize) -> Gc<Tee> {
    let class = cx.builtin_type(Kind::TEE);
    let tee = crate::new_object::<Tee>(cx, class);
    tee.data.init(data);
    tee.index.init(index);
    tee
}

/// A tee over an iterable; a copy of one that is a tee.
fn from_iterable(cx: &mut Cx, iterable: Value) -> PyResult<Gc<Tee>> {
    let iterator = operations::iterate(cx, iterable)?;
    if let Some(tee) = downcast::<Tee>(iterator) {
        return Ok(new_tee(cx, tee.data.get(), tee.index.get()));
    }
    let data = new_data(cx, iterator)?;
    Ok(new_tee(cx, data, 0))
}

/// `tee(iterable, n)`.
pub fn copies(cx: &mut Cx, iterable: Value, n: i64) -> PyResult<Gc<Tuple>> {
    if n < 0 {
        return Err(cx.value_error("n must be >= 0"));
    }
    if n == 0 {
        return Ok(Tuple::new(cx, &[]));
    }
    let first = from_iterable(cx, iterable)?;
    let all = List::new(cx, &[first.value()])?;
    for _ in 1..n {
        let copy = new_tee(cx, first.data.get(), first.index.get());
        List::push(cx, all, copy.value())?;
    }
    Tuple::from_list(cx, all)
}

/// Draws the next item into a block that has room; `None` at the end.
fn draw(cx: &mut Cx, data: Gc<TeeData>) -> Step {
    {
        let _locked = vm_stm::lock(&data.word);
        if data.drawing.get() {
            drop(_locked);
            return Err(cx.raise(Kind::RUNTIME_ERROR, "cannot re-enter the tee iterator"));
        }
        data.drawing.init(true);
    }
    let item = operations::next(cx, data.source.get());
    let _locked = vm_stm::lock(&data.word);
    data.drawing.init(false);
    let Some(item) = item? else { return Ok(None) };
    let (items, count) = (data.items.get(), data.count.get());
    if let Some(field) = elements(&items).get(count) {
        field.set(cx.mutator(), items, item);
        data.count.init(count + 1);
    }
    Ok(Some(item))
}

/// One step of a tee.
pub fn step(cx: &mut Cx, tee: Value) -> Step {
    let Some(tee) = downcast::<Tee>(tee) else { return Ok(None) };
    if tee.index.get() >= BLOCK {
        let data = tee.data.get();
        let next = match data.next.get() {
            Some(next) => next,
            None => {
                let made = new_data(cx, data.source.get())?;
                let _locked = vm_stm::lock(&data.word);
                match data.next.get() {
                    Some(next) => next,
                    None => {
                        data.next.set(cx.mutator(), data, Some(made));
                        made
                    }
                }
            }
        };
        tee.data.set(cx.mutator(), tee, next);
        tee.index.init(0);
    }
    let (data, index) = (tee.data.get(), tee.index.get());
    let item = if index < data.count.get() { Some(elements(&data.items.get())[index].get()) } else { draw(cx, data)? };
    if item.is_some() {
        tee.index.init(index + 1);
    }
    Ok(item)
}

/// `_tee`.
pub struct TeeMethods;

#[py_methods(TEE, name = "_tee")]
impl TeeMethods {
    #[new(signature = "(iterable, /)")]
    fn new(cx: &mut Cx, _class: Gc<Type>, iterable: Value) -> PyResult<Gc<Tee>> {
        from_iterable(cx, iterable)
    }
    /// Returns an independent iterator.
    #[method]
    fn __copy__(cx: &mut Cx, this: Gc<Tee>) -> Gc<Tee> {
        new_tee(cx, this.data.get(), this.index.get())
    }
}

/// `_tee_dataobject`.
pub struct TeeDataMethods;

#[py_methods(TEE_DATA, name = "_tee_dataobject")]
impl TeeDataMethods {
    #[new(signature = "")]
    fn new(cx: &mut Cx, _class: Gc<Type>, #[args] _args: &[Value], #[kwargs] _kwargs: Keywords<'_>) -> PyResult {
        Err(cx.type_error("cannot create 'itertools._tee_dataobject' instances"))
    }
}
