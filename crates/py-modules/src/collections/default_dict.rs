//! `defaultdict`: a dict that makes missing values.

use py_macros::py_methods;
use py_object::arguments::Keywords;
use py_object::objects::Dict;
use py_object::types::{class_of, dict, short_name};
use py_object::{Cx, Kind, NONE, NOT_IMPLEMENTED, PyResult, UNBOUND, attribute, call, downcast, operations, types};
use vm_heap::{Gc, Value};

/// The factory, or None. The field is zero in a new dict.
fn factory(this: Gc<Dict>) -> Value {
    match this.factory.get() {
        zero if zero == Value::int(0) => NONE,
        factory => factory,
    }
}

/// A dict of the same class with another one's entries.
fn like(cx: &mut Cx, this: Gc<Dict>, source: Value) -> PyResult {
    let class = class_of(cx, this.value());
    call::call(cx, class.value(), &[factory(this), source], None)
}

fn union(cx: &mut Cx, lhs: Value, rhs: Value) -> PyResult {
    let this = if types::is_instance(cx, lhs, Kind::DEFAULT_DICT) { lhs } else { rhs };
    let (Some(this), Some(_), Some(right)) = (downcast::<Dict>(this), downcast::<Dict>(lhs), downcast::<Dict>(rhs))
    else {
        return Ok(NOT_IMPLEMENTED);
    };
    let result = like(cx, this, lhs)?;
    if let Some(result) = downcast::<Dict>(result) {
        dict::merge(cx, result, right)?;
    }
    Ok(result)
}

/// The methods.
pub struct Methods;

#[py_methods(DEFAULT_DICT, name = "defaultdict")]
impl Methods {
    #[method(signature = "($self, /, *args, **kwargs)")]
    fn __init__(cx: &mut Cx, this: Gc<Dict>, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> PyResult<()> {
        let (factory, rest) = match args {
            [] => (NONE, args),
            [factory, rest @ ..] => (*factory, rest),
        };
        if factory != NONE && !types::class::is_callable(cx, factory) {
            return Err(cx.type_error("first argument must be callable or None"));
        }
        this.factory.set(cx.mutator(), this, factory);
        let base = cx.builtin_type(Kind::DICT);
        let name = cx.intern("__init__");
        let init = attribute::get(cx, base.value(), name)?;
        call::with_receiver(cx, this.value(), rest, |cx, positional| kwargs.call(cx, init, positional).map(|_| ()))
    }
    /// Called by __getitem__ for a missing key: insert and return what the factory makes.
    #[method(name = "__missing__")]
    fn missing(cx: &mut Cx, this: Gc<Dict>, key: Value) -> PyResult {
        let factory = factory(this);
        if factory == NONE {
            return Err(dict::key_error(cx, key));
        }
        let value = call::call(cx, factory, &[], None)?;
        // The factory may have entered a value itself, which then counts.
        let hash = operations::hash(cx, key)?;
        if let Some(entered) = Dict::get_hashed(cx, this, key, hash)? {
            return Ok(entered);
        }
        Dict::set_hashed(cx, this, key, hash, value)?;
        Ok(value)
    }
    /// A shallow copy.
    #[method]
    fn copy(cx: &mut Cx, this: Gc<Dict>) -> PyResult {
        like(cx, this, this.value())
    }
    /// A shallow copy.
    #[method]
    fn __copy__(cx: &mut Cx, this: Gc<Dict>) -> PyResult {
        like(cx, this, this.value())
    }
    /// Return state information for pickling.
    #[method]
    fn __reduce__(cx: &mut Cx, this: Gc<Dict>) -> PyResult {
        let class = class_of(cx, this.value());
        let factory = factory(this);
        let arguments = if factory == NONE { cx.tuple(&[]) } else { cx.tuple(&[factory]) };
        let items = call::call_method(cx, this.value(), "items", &[])?;
        let items = operations::iterate(cx, items)?;
        Ok(cx.tuple(&[class.value(), arguments, NONE, NONE, items]))
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<Dict>) -> PyResult<String> {
        let base = cx.builtin_type(Kind::DICT);
        let name = cx.intern("__repr__");
        let hook = attribute::get(cx, base.value(), name)?;
        let shown = call::call(cx, hook, &[this.value()], None)?;
        let factory = match types::object::enter_repr(cx, factory(this)) {
            Some(_guard) => crate::repr_text(cx, factory(this))?,
            None => "...".to_string(),
        };
        let shown = crate::value_text(cx, shown)?;
        let class = class_of(cx, this.value());
        Ok(format!("{}({factory}, {shown})", short_name(class)))
    }
    #[method]
    fn __or__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        union(cx, this, value)
    }
    #[method]
    fn __ror__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        union(cx, value, this)
    }
    /// Factory for default value called by __missing__().
    #[getter]
    fn default_factory(this: Gc<Dict>) -> Value {
        factory(this)
    }
    #[setter]
    fn set_default_factory(cx: &mut Cx, this: Gc<Dict>, value: Value) {
        let value = if value == UNBOUND { NONE } else { value };
        this.factory.set(cx.mutator(), this, value);
    }
    /// See PEP 585.
    #[classmethod]
    fn __class_getitem__(cx: &mut Cx, class: Value, item: Value) -> PyResult {
        crate::generic_alias(cx, class, item)
    }
}
