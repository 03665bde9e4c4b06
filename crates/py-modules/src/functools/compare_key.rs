//! What `cmp_to_key` returns: a key factory, and keys that compare by an old-style comparison function.

use py_macros::py_methods;
use py_object::arguments::Keywords;
use py_object::objects::{Array, Type};
use py_object::operations::{self, Comparison};
use py_object::{Cx, Kind, NONE, PyResult, UNBOUND, call, downcast, object};
use vm_heap::{Gc, Value};

object! {
    /// A key, or the factory of keys (which wraps nothing).
    pub struct CompareKey = 428 {
        /// Version word.
        word: u64,
        /// Always empty; the offset of attributes.
        attributes: Option<Gc<Array>>,
        /// The comparison function.
        function: Value,
        /// What is compared, or UNBOUND.
        object: Value,
    }
}

/// A new key.
pub fn new(cx: &mut Cx, function: Value, object: Value) -> Gc<CompareKey> {
    let class = cx.builtin_type(Kind::COMPARE_KEY);
    let key = crate::new_object::<CompareKey>(cx, class);
    key.function.init(function);
    key.object.init(object);
    key
}

fn compare(cx: &mut Cx, comparison: Comparison, this: Gc<CompareKey>, other: Value) -> PyResult {
    let Some(other) = downcast::<CompareKey>(other) else {
        return Err(cx.type_error("other argument must be K instance"));
    };
    let (lhs, rhs) = (this.object.get(), other.object.get());
    if lhs == UNBOUND || rhs == UNBOUND {
        return Err(cx.raise(Kind::ATTRIBUTE_ERROR, "object"));
    }
    let sign = call::call(cx, this.function.get(), &[lhs, rhs], None)?;
    operations::compare(cx, comparison, sign, Value::int(0))
}

/// The methods.
pub struct Methods;

#[py_methods(COMPARE_KEY, name = "KeyWrapper")]
impl Methods {
    #[new(signature = "")]
    fn new(cx: &mut Cx, _class: Gc<Type>, #[args] _args: &[Value], #[kwargs] _kwargs: Keywords<'_>) -> PyResult {
        Err(cx.type_error("cannot create 'functools.KeyWrapper' instances"))
    }
    #[method(name = "__call__", error_name = "K")]
    fn call(cx: &mut Cx, this: Gc<CompareKey>, #[keyword] obj: Value) -> Gc<CompareKey> {
        new(cx, this.function.get(), obj)
    }
    /// Value wrapped by a key function.
    #[getter]
    fn obj(this: Gc<CompareKey>) -> Value {
        match this.object.get() {
            UNBOUND => NONE,
            object => object,
        }
    }
    #[setter]
    fn set_obj(cx: &mut Cx, this: Gc<CompareKey>, value: Value) {
        this.object.set(cx.mutator(), this, value);
    }
    #[method]
    fn __lt__(cx: &mut Cx, this: Gc<CompareKey>, value: Value) -> PyResult {
        compare(cx, Comparison::Lt, this, value)
    }
    #[method]
    fn __le__(cx: &mut Cx, this: Gc<CompareKey>, value: Value) -> PyResult {
        compare(cx, Comparison::Le, this, value)
    }
    #[method]
    fn __eq__(cx: &mut Cx, this: Gc<CompareKey>, value: Value) -> PyResult {
        compare(cx, Comparison::Eq, this, value)
    }
    #[method]
    fn __ne__(cx: &mut Cx, this: Gc<CompareKey>, value: Value) -> PyResult {
        compare(cx, Comparison::Ne, this, value)
    }
    #[method]
    fn __gt__(cx: &mut Cx, this: Gc<CompareKey>, value: Value) -> PyResult {
        compare(cx, Comparison::Gt, this, value)
    }
    #[method]
    fn __ge__(cx: &mut Cx, this: Gc<CompareKey>, value: Value) -> PyResult {
        compare(cx, Comparison::Ge, this, value)
    }
}
