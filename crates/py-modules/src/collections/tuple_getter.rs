//! `_tuplegetter`: the descriptor behind a field of a named tuple.

use py_macros::py_methods;
use py_object::objects::{Tuple, TupleGetter, Type};
use py_object::sequence::tuple_items;
use py_object::types::{class_name, class_of, int};
use py_object::{Cx, Kind, NONE, PyResult, UNBOUND, downcast, operations};
use vm_heap::{Gc, Value};

/// The methods.
pub struct Methods;

#[py_methods(TUPLE_GETTER, name = "_tuplegetter")]
impl Methods {
    #[new]
    fn new(cx: &mut Cx, class: Gc<Type>, index: i64, doc: Value) -> Gc<TupleGetter> {
        let getter = crate::new_object::<TupleGetter>(cx, class);
        getter.index.init(index);
        getter.doc.init(doc);
        getter
    }
    /// Return an attribute of instance, which is of type owner.
    #[method]
    fn __get__(cx: &mut Cx, this: Gc<TupleGetter>, instance: Value, #[default(NONE)] owner: Value) -> PyResult {
        if instance == NONE {
            if owner == NONE {
                return Err(cx.type_error("__get__(None, None) is invalid"));
            }
            return Ok(this.value());
        }
        let index = this.index.get();
        let Some(tuple) = downcast::<Tuple>(instance) else {
            let class = class_name(cx, instance);
            let message =
                format!("descriptor for index '{index}' for tuple subclasses doesn't apply to '{class}' object");
            return Err(cx.type_error(message));
        };
        match usize::try_from(index).ok().and_then(|index| tuple_items(&tuple).get(index)) {
            Some(item) => Ok(*item),
            None => Err(cx.raise(Kind::INDEX_ERROR, "tuple index out of range")),
        }
    }
    /// Set an attribute of instance to value.
    #[method]
    fn __set__(cx: &mut Cx, _this: Gc<TupleGetter>, _instance: Value, _value: Value) -> PyResult<()> {
        Err(cx.raise(Kind::ATTRIBUTE_ERROR, "can't set attribute"))
    }
    /// Delete an attribute of instance.
    #[method]
    fn __delete__(cx: &mut Cx, _this: Gc<TupleGetter>, _instance: Value) -> PyResult<()> {
        Err(cx.raise(Kind::ATTRIBUTE_ERROR, "can't delete attribute"))
    }
    #[method]
    fn __reduce__(cx: &mut Cx, this: Gc<TupleGetter>) -> Value {
        let class = class_of(cx, this.value());
        let index = int::from_i64(cx, this.index.get());
        let arguments = cx.tuple(&[index, this.doc.get()]);
        cx.tuple(&[class.value(), arguments])
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<TupleGetter>) -> PyResult<String> {
        let doc = operations::repr(cx, this.doc.get())?;
        Ok(format!("_tuplegetter({}, {})", this.index.get(), crate::text_of(doc)))
    }
    #[getter]
    fn __doc__(this: Gc<TupleGetter>) -> Value {
        this.doc.get()
    }
    #[setter]
    fn set_doc(cx: &mut Cx, this: Gc<TupleGetter>, value: Value) {
        let value = if value == UNBOUND { NONE } else { value };
        this.doc.set(cx.mutator(), this, value);
    }
}
