//! Iterators over arrays.

use py_macros::py_methods;
use py_object::objects::{Array, TypedArray};
use py_object::{Cx, Kind, PyResult, attribute, downcast, object};
use vm_heap::{Gc, Value};

object! {
    /// An iterator over an array.
    pub struct ArrayIterator = 458 {
        /// Version word.
        word: u64,
        /// Always empty; the offset of attributes.
        attributes: Option<Gc<Array>>,
        /// The array, `None` once exhausted.
        array: Option<Gc<TypedArray>>,
        /// Index of the next item.
        index: usize,
    }
}

/// A new iterator.
pub fn iterator(cx: &mut Cx, array: Gc<TypedArray>) -> Gc<ArrayIterator> {
    let class = cx.builtin_type(Kind::TYPED_ARRAY_ITERATOR);
    let iterator = crate::new_object::<ArrayIterator>(cx, class);
    iterator.array.init(Some(array));
    iterator
}

/// One step of it.
pub fn step(cx: &mut Cx, iterator: Value) -> PyResult<Option<Value>> {
    let Some(iterator) = downcast::<ArrayIterator>(iterator) else { return Ok(None) };
    let Some(array) = iterator.array.get() else { return Ok(None) };
    let index = iterator.index.get();
    let item = super::item(cx, array, index)?;
    match item {
        Some(_) => iterator.index.init(index + 1),
        None => iterator.array.init(None),
    }
    Ok(item)
}

/// The methods.
pub struct Methods;

#[py_methods(TYPED_ARRAY_ITERATOR, name = "arrayiterator")]
impl Methods {
    /// Return state information for pickling.
    #[method]
    fn __reduce__(cx: &mut Cx, this: Gc<ArrayIterator>) -> PyResult {
        let builtins = cx.runtime.builtins.get().expect("made at start-up");
        let name = cx.intern("iter");
        let Some(iter) = py_object::objects::Dict::get_str(cx, builtins, name) else {
            return Err(attribute::missing(cx, this.value(), name));
        };
        match this.array.get() {
            Some(array) => {
                let arguments = cx.tuple(&[array.value()]);
                Ok(cx.tuple(&[iter, arguments, Value::int(this.index.get() as i64)]))
            }
            None => {
                let empty = cx.tuple(&[]);
                let arguments = cx.tuple(&[empty]);
                Ok(cx.tuple(&[iter, arguments]))
            }
        }
    }
    /// Set state information for unpickling.
    #[method]
    fn __setstate__(this: Gc<ArrayIterator>, state: i64) {
        if let Some(array) = this.array.get() {
            this.index.init((state.max(0) as usize).min(array.length.get()));
        }
    }
}
