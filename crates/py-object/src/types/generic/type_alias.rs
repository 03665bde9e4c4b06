//! `typing.TypeAliasType`: what a `type` statement makes (PEP 695).

use super::parameter::{TypeParameter, constant_evaluator, has_default, read_only};
use super::{alias, parameter::checked_name, running_module, union_of, unpacking_iterator, with_unpacked};
use crate::cx::{Cx, NONE, PyResult, UNBOUND};
use crate::kinds::shapes;
use crate::object;
use crate::object::allocate;
use crate::objects::{Function, Tuple, Type};
use crate::sequence::tuple_items;
use crate::string::{StrExt, downcast};
use crate::{call, operations};
use py_macros::py_methods;
use vm_heap::{Gc, Value};

object! {
    /// A type alias.
    pub struct TypeAlias = 341 {
        /// Version word.
        word: u64,
        /// `__name__`.
        name: Value,
        /// Tuple of type parameters, or None.
        parameters: Value,
        /// Evaluates the value, or UNBOUND.
        evaluator: Value,
        /// The value, or UNBOUND until somebody asks.
        value: Value,
        /// `__module__` where a call made it, or None.
        module: Value,
    }
}

/// The alias of a `type` statement.
pub fn new_alias(cx: &mut Cx, name: Value, parameters: Value, evaluator: Value) -> Value {
    let made = allocate::<TypeAlias>(cx.mutator(), shapes::TYPE_ALIAS);
    made.name.init(name);
    made.parameters.init(parameters);
    made.evaluator.init(evaluator);
    made.value.init(UNBOUND);
    made.module.init(NONE);
    made.value()
}

/// TypeError unless all are type parameters and those with a default come last.
fn check_parameters(cx: &mut Cx, parameters: Gc<Tuple>) -> PyResult<()> {
    let mut defaulted = false;
    for parameter in tuple_items(&parameters) {
        let Some(found) = downcast::<TypeParameter>(*parameter) else {
            let shown = operations::repr(cx, *parameter)?.to_text();
            return Err(cx.type_error(format!("Expected a type param, got {shown}")));
        };
        if has_default(cx, found) {
            defaulted = true;
        } else if defaulted {
            let shown = operations::repr(cx, *parameter)?.to_text();
            let message = format!("non-default type parameter '{shown}' follows default type parameter");
            return Err(cx.type_error(message));
        }
    }
    Ok(())
}

fn own_parameters(cx: &mut Cx, this: Gc<TypeAlias>) -> Gc<Tuple> {
    downcast::<Tuple>(this.parameters.get()).unwrap_or_else(|| Tuple::new(cx, &[]))
}

/// The methods of type aliases.
pub struct Methods;

#[py_methods(TYPE_ALIAS, name = "typealias")]
impl Methods {
    #[new(signature = "(name, value, *, type_params=())")]
    fn new(
        cx: &mut Cx,
        _class: Gc<Type>,
        #[keyword] name: Value,
        #[keyword] value: Value,
        #[keyword_only]
        #[default(UNBOUND)]
        type_params: Value,
    ) -> PyResult {
        let name = checked_name(cx, "typealias", name)?;
        let mut parameters = NONE;
        if type_params != UNBOUND {
            let Some(tuple) = downcast::<Tuple>(type_params) else {
                return Err(cx.type_error("type_params must be a tuple"));
            };
            check_parameters(cx, tuple)?;
            if !tuple_items(&tuple).is_empty() {
                parameters = type_params;
            }
        }
        let module = running_module(cx);
        let made = new_alias(cx, name, parameters, UNBOUND);
        let alias = downcast::<TypeAlias>(made).expect("just made");
        alias.value.set(cx.mutator(), alias, value);
        alias.module.set(cx.mutator(), alias, module);
        Ok(made)
    }
    #[method]
    fn __repr__(this: Gc<TypeAlias>) -> Value {
        this.name.get()
    }
    #[method]
    fn __iter__(cx: &mut Cx, this: Value) -> PyResult {
        unpacking_iterator(cx, this)
    }
    #[method]
    fn __or__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        union_of(cx, this, value)
    }
    #[method]
    fn __ror__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        union_of(cx, value, this)
    }
    #[method]
    fn __getitem__(cx: &mut Cx, this: Gc<TypeAlias>, key: Value) -> PyResult {
        if this.parameters.get() == NONE {
            return Err(cx.type_error("Only generic type aliases are subscriptable"));
        }
        alias::alias(cx, this.value(), key)
    }
    #[method]
    fn __reduce__(this: Gc<TypeAlias>) -> Value {
        this.name.get()
    }
    #[getter]
    fn __name__(this: Gc<TypeAlias>) -> Value {
        this.name.get()
    }
    #[setter]
    fn set_name(cx: &mut Cx, _this: Value, _value: Value) -> PyResult<()> {
        read_only(cx)
    }
    #[getter]
    fn __type_params__(cx: &mut Cx, this: Gc<TypeAlias>) -> Gc<Tuple> {
        own_parameters(cx, this)
    }
    #[getter]
    fn __parameters__(cx: &mut Cx, this: Gc<TypeAlias>) -> PyResult<Gc<Tuple>> {
        let parameters = own_parameters(cx, this);
        with_unpacked(cx, parameters)
    }
    #[getter]
    fn __value__(cx: &mut Cx, this: Gc<TypeAlias>) -> PyResult {
        if this.value.get() == UNBOUND {
            let value = call::call(cx, this.evaluator.get(), &[Value::int(1)], None)?;
            this.value.set(cx.mutator(), this, value);
        }
        Ok(this.value.get())
    }
    #[getter]
    fn evaluate_value(cx: &mut Cx, this: Gc<TypeAlias>) -> Value {
        match this.evaluator.get() {
            UNBOUND => constant_evaluator(cx, this.value.get()),
            evaluator => evaluator,
        }
    }
    #[getter]
    fn __module__(this: Gc<TypeAlias>) -> Value {
        match downcast::<Function>(this.evaluator.get()) {
            Some(function) => function.module.get(),
            None => this.module.get(),
        }
    }
}
