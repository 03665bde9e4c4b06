//! `typing.TypeVar`.

use super::call_typing;
use super::parameter::{
    TypeParameter, checked_bound, checked_name, default, evaluated, evaluator, give_default, make, no_default,
    note_module, variance,
};
use crate::cx::{Cx, NONE, PyResult, UNBOUND};
use crate::kinds::Kind;
use crate::objects::Type;
use crate::sequence::tuple_items;
use crate::string::StrExt;
use crate::{attribute, operations, types};
use py_macros::py_methods;
use vm_heap::{Field, Gc, Value};

fn bound_parts(this: &TypeParameter) -> (&Field<Value>, &Field<Value>) {
    (&this.bound, &this.evaluate_bound)
}

fn constraint_parts(this: &TypeParameter) -> (&Field<Value>, &Field<Value>) {
    (&this.constraints, &this.evaluate_constraints)
}

/// The methods of `typing.TypeVar` besides those of all type parameters.
pub struct Methods;

#[py_methods(TYPE_VARIABLE, name = "typevar")]
impl Methods {
    #[new(
        signature = "(name, *constraints, bound=None, default=typing.NoDefault, covariant=False, contravariant=False, infer_variance=False)"
    )]
    fn new(
        cx: &mut Cx,
        _class: Gc<Type>,
        #[keyword] name: Value,
        #[args] constraints: &[Value],
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
        let name = checked_name(cx, "typevar", name)?;
        let variance = variance(cx, covariant, contravariant, infer_variance)?;
        let bound = checked_bound(cx, bound)?;
        if constraints.len() == 1 {
            return Err(cx.type_error("A single constraint is not allowed"));
        }
        if !constraints.is_empty() && bound != UNBOUND {
            return Err(cx.type_error("Constraints cannot be combined with bound=..."));
        }
        let constraints = if constraints.is_empty() { UNBOUND } else { cx.tuple(constraints) };
        let made = make(cx, Kind::TYPE_VARIABLE, name);
        made.variance.init(variance);
        made.bound.set(cx.mutator(), made, bound);
        made.constraints.set(cx.mutator(), made, constraints);
        give_default(cx, made, default);
        note_module(cx, made)?;
        Ok(made.value())
    }
    #[method]
    fn __typing_subst__(cx: &mut Cx, this: Value, arg: Value) -> PyResult {
        call_typing(cx, "_typevar_subst", &[this, arg])
    }
    #[method]
    fn __typing_prepare_subst__(cx: &mut Cx, this: Gc<TypeParameter>, alias: Value, args: Value) -> PyResult {
        let name = cx.intern("__parameters__");
        let parameters = attribute::get(cx, alias, name)?;
        let parameters = types::tuple::from_iterable(cx, parameters)?;
        let given = types::tuple::from_iterable(cx, args)?;
        let Some(at) = tuple_items(&parameters).iter().position(|one| *one == this.value()) else {
            return Err(cx.value_error("tuple.index(x): x not in tuple"));
        };
        let count = tuple_items(&given).len();
        if at < count {
            return Ok(args);
        }
        if at == count {
            let default = default(cx, this)?;
            if default != no_default(cx) {
                let mut all = tuple_items(&given).to_vec();
                all.push(default);
                return Ok(cx.tuple(&all));
            }
        }
        let shown = operations::to_str(cx, alias)?.to_text();
        let message = format!("Too few arguments for {shown}; actual {count}, expected at least {}", at + 1);
        Err(cx.type_error(message))
    }
    #[getter]
    fn __bound__(cx: &mut Cx, this: Gc<TypeParameter>) -> PyResult {
        evaluated(cx, this, bound_parts, NONE)
    }
    #[getter]
    fn __constraints__(cx: &mut Cx, this: Gc<TypeParameter>) -> PyResult {
        let empty = cx.tuple(&[]);
        evaluated(cx, this, constraint_parts, empty)
    }
    #[getter]
    fn evaluate_bound(cx: &mut Cx, this: Gc<TypeParameter>) -> Value {
        evaluator(cx, this.bound.get(), this.evaluate_bound.get())
    }
    #[getter]
    fn evaluate_constraints(cx: &mut Cx, this: Gc<TypeParameter>) -> Value {
        evaluator(cx, this.constraints.get(), this.evaluate_constraints.get())
    }
}
