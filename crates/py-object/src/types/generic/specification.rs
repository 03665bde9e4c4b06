//! `typing.ParamSpec`, and its `args` and `kwargs`.

use super::call_typing;
use super::parameter::{
    TypeParameter, checked_bound, checked_name, give_default, make, note_module, read_only, variance,
};
use crate::cx::{Cx, NONE, NOT_IMPLEMENTED, PyResult, UNBOUND, bool_value};
use crate::kinds::Kind;
use crate::object::allocate;
use crate::objects::{Record, Str, Type};
use crate::operations;
use crate::string::{StrExt, downcast};
use py_macros::py_methods;
use vm_heap::{Gc, Value};

/// `specification.args` or `specification.kwargs`.
fn half(cx: &mut Cx, kind: Kind, origin: Value) -> Value {
    let made = allocate::<Record>(cx.mutator(), kind.shape());
    made.first.init(origin);
    for field in [&made.second, &made.third, &made.fourth] {
        field.init(NONE);
    }
    made.value()
}

/// The methods of `typing.ParamSpec` besides those of all type parameters.
pub struct Methods;

#[py_methods(PARAMETER_SPECIFICATION, name = "paramspec")]
impl Methods {
    #[new(
        signature = "(name, *, bound=None, default=typing.NoDefault, covariant=False, contravariant=False, infer_variance=False)"
    )]
    fn new(
        cx: &mut Cx,
        _class: Gc<Type>,
        #[keyword] name: Value,
        #[keyword_only] bound: Option<Value>,
        #[keyword_only]
        #[default(UNBOUND)]
        default: Value,
        #[keyword_only]
        #[default(false)]
        covariant: bool,
        #[keyword_only]
        #[default(false)]
        contravariant: bool,
        #[keyword_only]
        #[default(false)]
        infer_variance: bool,
    ) -> PyResult {
        let name = checked_name(cx, "paramspec", name)?;
        let variance = variance(cx, covariant, contravariant, infer_variance)?;
        let bound = checked_bound(cx, bound)?;
        let made = make(cx, Kind::PARAMETER_SPECIFICATION, name);
        made.variance.init(variance);
        made.bound.set(cx.mutator(), made, bound);
        give_default(cx, made, default);
        note_module(cx, made)?;
        Ok(made.value())
    }
    #[method]
    fn __typing_subst__(cx: &mut Cx, this: Value, arg: Value) -> PyResult {
        call_typing(cx, "_paramspec_subst", &[this, arg])
    }
    #[method]
    fn __typing_prepare_subst__(cx: &mut Cx, this: Value, alias: Value, args: Value) -> PyResult {
        call_typing(cx, "_paramspec_prepare_subst", &[this, alias, args])
    }
    #[getter]
    fn __bound__(this: Gc<TypeParameter>) -> Value {
        if this.bound.get() == UNBOUND { NONE } else { this.bound.get() }
    }
    #[setter]
    fn set_bound(cx: &mut Cx, _this: Value, _value: Value) -> PyResult<()> {
        read_only(cx)
    }
    /// Represents positional arguments.
    #[getter]
    fn args(cx: &mut Cx, this: Value) -> Value {
        half(cx, Kind::PARAMETER_ARGS, this)
    }
    /// Represents keyword arguments.
    #[getter]
    fn kwargs(cx: &mut Cx, this: Value) -> Value {
        half(cx, Kind::PARAMETER_KWARGS, this)
    }
}

fn shown(cx: &mut Cx, this: Gc<Record>, part: &str) -> PyResult<String> {
    let origin = match downcast::<TypeParameter>(this.first.get()) {
        Some(origin) => downcast::<Str>(origin.name.get()).map_or_else(String::new, |name| name.to_text()),
        None => operations::repr(cx, this.first.get())?.to_text(),
    };
    Ok(format!("{origin}.{part}"))
}

fn equal(cx: &mut Cx, this: Gc<Record>, other: Value, kind: Kind) -> PyResult {
    match downcast::<Record>(other).filter(|_| crate::types::is_exactly(other, kind)) {
        Some(other) => Ok(bool_value(operations::equal(cx, this.first.get(), other.first.get())?)),
        None => Ok(NOT_IMPLEMENTED),
    }
}

/// The methods of `typing.ParamSpecArgs`.
pub struct ArgsMethods;

#[py_methods(PARAMETER_ARGS, name = "paramspecargs")]
impl ArgsMethods {
    #[new(signature = "(origin)")]
    fn new(cx: &mut Cx, _class: Gc<Type>, #[keyword] origin: Value) -> Value {
        half(cx, Kind::PARAMETER_ARGS, origin)
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<Record>) -> PyResult<String> {
        shown(cx, this, "args")
    }
    #[method]
    fn __eq__(cx: &mut Cx, this: Gc<Record>, value: Value) -> PyResult {
        equal(cx, this, value, Kind::PARAMETER_ARGS)
    }
    #[method]
    fn __mro_entries__(cx: &mut Cx, _this: Value, _bases: Value) -> PyResult {
        Err(cx.type_error("Cannot subclass an instance of ParamSpecArgs"))
    }
    #[getter]
    fn __origin__(this: Gc<Record>) -> Value {
        this.first.get()
    }
    #[setter]
    fn set_origin(cx: &mut Cx, _this: Value, _value: Value) -> PyResult<()> {
        read_only(cx)
    }
}

/// The methods of `typing.ParamSpecKwargs`.
pub struct KwargsMethods;

#[py_methods(PARAMETER_KWARGS, name = "paramspeckwargs")]
impl KwargsMethods {
    #[new(signature = "(origin)")]
    fn new(cx: &mut Cx, _class: Gc<Type>, #[keyword] origin: Value) -> Value {
        half(cx, Kind::PARAMETER_KWARGS, origin)
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<Record>) -> PyResult<String> {
        shown(cx, this, "kwargs")
    }
    #[method]
    fn __eq__(cx: &mut Cx, this: Gc<Record>, value: Value) -> PyResult {
        equal(cx, this, value, Kind::PARAMETER_KWARGS)
    }
    #[method]
    fn __mro_entries__(cx: &mut Cx, _this: Value, _bases: Value) -> PyResult {
        Err(cx.type_error("Cannot subclass an instance of ParamSpecKwargs"))
    }
    #[getter]
    fn __origin__(this: Gc<Record>) -> Value {
        this.first.get()
    }
    #[setter]
    fn set_origin(cx: &mut Cx, _this: Value, _value: Value) -> PyResult<()> {
        read_only(cx)
    }
}
