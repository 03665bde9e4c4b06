//! What type variables, parameter specifications and variadic type variables have in common: a name, and parts that are
//! evaluated when somebody asks for them.

use super::checked_type;
use super::representation::push_type;
use super::union::checked_union;
use crate::arguments::Keywords;
use crate::cx::{Cx, NONE, PyResult, UNBOUND};
use crate::kinds::{Kind, shapes};
use crate::object;
use crate::object::allocate;
use crate::objects::{Array, Record, Str, Tuple, Type};
use crate::sequence::tuple_items;
use crate::string::{StrExt, downcast};
use crate::types::{self, class_name, int};
use crate::{attribute, call};
use py_macros::py_methods;
use vm_heap::{Field, Gc, Value};

object! {
    /// A type parameter. Parts that are not there are UNBOUND; the others may be there as functions that evaluate them.
    pub struct TypeParameter = 336 {
        /// Version word.
        word: u64,
        /// Attributes.
        attributes: Option<Gc<Array>>,
        /// `__name__`.
        name: Value,
        /// The upper bound.
        bound: Value,
        /// Evaluates the bound.
        evaluate_bound: Value,
        /// Tuple of the constraints.
        constraints: Value,
        /// Evaluates the constraints.
        evaluate_constraints: Value,
        /// The default.
        default: Value,
        /// Evaluates the default.
        evaluate_default: Value,
        /// Bits: covariant, contravariant, variance to be inferred.
        variance: Value,
    }
}

/// Variance: subclasses of the argument give subclasses.
pub(super) const COVARIANT: i64 = 1;
/// Variance: the other way round.
pub(super) const CONTRAVARIANT: i64 = 2;
/// Variance: left to type checkers.
pub(super) const INFERRED: i64 = 4;

/// What a type parameter in a parameter list is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sort {
    /// A TypeVar.
    Variable,
    /// A TypeVar with a bound.
    Bounded,
    /// A TypeVar with constraints.
    Constrained,
    /// A ParamSpec.
    Specification,
    /// A TypeVarTuple.
    Variadic,
}

/// A type parameter without bound, constraints and default.
pub(super) fn make(cx: &mut Cx, kind: Kind, name: Value) -> Gc<TypeParameter> {
    let made = allocate::<TypeParameter>(cx.mutator(), kind.shape());
    made.name.init(name);
    for field in [
        &made.bound,
        &made.evaluate_bound,
        &made.constraints,
        &made.evaluate_constraints,
        &made.default,
        &made.evaluate_default,
    ] {
        field.init(UNBOUND);
    }
    made.variance.init(Value::int(0));
    made
}

/// A type parameter of a parameter list; `evaluator` evaluates its bound or constraints.
pub fn new_parameter(cx: &mut Cx, sort: Sort, name: Value, evaluator: Value) -> Value {
    let kind = match sort {
        Sort::Variable | Sort::Bounded | Sort::Constrained => Kind::TYPE_VARIABLE,
        Sort::Specification => Kind::PARAMETER_SPECIFICATION,
        Sort::Variadic => Kind::VARIADIC,
    };
    let made = make(cx, kind, name);
    made.variance.init(Value::int(INFERRED));
    match sort {
        Sort::Bounded => made.evaluate_bound.set(cx.mutator(), made, evaluator),
        Sort::Constrained => made.evaluate_constraints.set(cx.mutator(), made, evaluator),
        _ => {}
    }
    made.value()
}

/// Gives a type parameter of a parameter list a default.
pub fn set_default(cx: &mut Cx, parameter: Value, evaluator: Value) {
    if let Some(parameter) = downcast::<TypeParameter>(parameter) {
        parameter.evaluate_default.set(cx.mutator(), parameter, evaluator);
    }
}

/// Notes in which module a type parameter was made that a call made.
pub(super) fn note_module(cx: &mut Cx, made: Gc<TypeParameter>) -> PyResult<()> {
    let module = super::running_module(cx);
    let name = cx.intern("__module__");
    attribute::set(cx, made.value(), name, Some(module))
}

/// The variance that the arguments of a constructor ask for.
pub(super) fn variance(cx: &mut Cx, covariant: bool, contravariant: bool, inferred: bool) -> PyResult {
    if covariant && contravariant {
        return Err(cx.value_error("Bivariant types are not supported."));
    }
    if inferred && (covariant || contravariant) {
        return Err(cx.value_error("Variance cannot be specified with infer_variance."));
    }
    let bits = [(covariant, COVARIANT), (contravariant, CONTRAVARIANT), (inferred, INFERRED)];
    Ok(Value::int(bits.iter().filter(|(on, _)| *on).map(|(_, bit)| bit).sum()))
}

/// The bound that a constructor was given.
pub(super) fn checked_bound(cx: &mut Cx, bound: Option<Value>) -> PyResult {
    match bound {
        Some(bound) => checked_type(cx, bound, "Bound must be a type."),
        None => Ok(UNBOUND),
    }
}

/// A part that is evaluated when first asked for; `absent` where there is none.
pub(super) fn evaluated(
    cx: &mut Cx,
    this: Gc<TypeParameter>,
    part: fn(&TypeParameter) -> (&Field<Value>, &Field<Value>),
    absent: Value,
) -> PyResult {
    let (value, evaluator) = part(&this);
    if value.get() != UNBOUND {
        return Ok(value.get());
    }
    if evaluator.get() == UNBOUND {
        return Ok(absent);
    }
    let found = call::call(cx, evaluator.get(), &[Value::int(1)], None)?;
    part(&this).0.set(cx.mutator(), this, found);
    Ok(found)
}

/// The function that evaluates a part: that of the parameter list, or one that returns what a call was given.
pub(super) fn evaluator(cx: &mut Cx, value: Value, evaluator: Value) -> Value {
    if evaluator != UNBOUND {
        return evaluator;
    }
    if value == UNBOUND { NONE } else { constant_evaluator(cx, value) }
}

/// A function that gives a value in whatever format.
pub(super) fn constant_evaluator(cx: &mut Cx, value: Value) -> Value {
    let made = allocate::<Record>(cx.mutator(), shapes::CONSTANT_EVALUATOR);
    made.first.init(value);
    for field in [&made.second, &made.third, &made.fourth] {
        field.init(NONE);
    }
    made.value()
}

/// Gives a type parameter the default that a call was given, or none.
pub(super) fn give_default(cx: &mut Cx, made: Gc<TypeParameter>, default: Value) {
    let default = if default == UNBOUND { no_default(cx) } else { default };
    made.default.set(cx.mutator(), made, default);
}

/// `typing.NoDefault`.
pub fn no_default(cx: &mut Cx) -> Value {
    if cx.runtime.no_default.get() == NONE {
        let made = allocate::<Record>(cx.mutator(), shapes::NO_DEFAULT);
        for field in [&made.first, &made.second, &made.third, &made.fourth] {
            field.init(NONE);
        }
        // Two threads may both come here; the first one's object counts.
        cx.runtime.set_no_default(made.value());
    }
    cx.runtime.no_default.get()
}

fn default_parts(this: &TypeParameter) -> (&Field<Value>, &Field<Value>) {
    (&this.default, &this.evaluate_default)
}

/// `__default__`.
pub(super) fn default(cx: &mut Cx, this: Gc<TypeParameter>) -> PyResult {
    let absent = no_default(cx);
    evaluated(cx, this, default_parts, absent)
}

/// Whether a type parameter has a default.
pub(super) fn has_default(cx: &mut Cx, this: Gc<TypeParameter>) -> bool {
    let default = this.default.get();
    this.evaluate_default.get() != UNBOUND || (default != UNBOUND && default != no_default(cx))
}

/// The name with a sign for its variance.
pub(super) fn shown(this: Gc<TypeParameter>) -> String {
    let name = downcast::<Str>(this.name.get()).map_or_else(String::new, |name| name.to_text());
    match this.variance.get().as_int() {
        INFERRED => name,
        COVARIANT => format!("+{name}"),
        CONTRAVARIANT => format!("-{name}"),
        _ => format!("~{name}"),
    }
}

/// AttributeError of what can't be set.
pub(super) fn read_only(cx: &mut Cx) -> PyResult<()> {
    Err(cx.raise(Kind::ATTRIBUTE_ERROR, "readonly attribute"))
}

/// What all type parameters have.
pub struct CommonMethods;

#[py_methods(TYPE_PARAMETER, name = "typing.TypeVar")]
impl CommonMethods {
    #[method]
    fn has_default(cx: &mut Cx, this: Gc<TypeParameter>) -> bool {
        has_default(cx, this)
    }
    #[method]
    fn __reduce__(this: Gc<TypeParameter>) -> Value {
        this.name.get()
    }
    #[method]
    fn __mro_entries__(cx: &mut Cx, this: Value, _bases: Value) -> PyResult {
        let class = types::short_name(types::class_of(cx, this));
        Err(cx.type_error(format!("Cannot subclass an instance of {class}")))
    }
    #[getter]
    fn __name__(this: Gc<TypeParameter>) -> Value {
        this.name.get()
    }
    #[setter]
    fn set_name(cx: &mut Cx, _this: Value, _value: Value) -> PyResult<()> {
        read_only(cx)
    }
    #[getter]
    fn __default__(cx: &mut Cx, this: Gc<TypeParameter>) -> PyResult {
        default(cx, this)
    }
    #[getter]
    fn evaluate_default(cx: &mut Cx, this: Gc<TypeParameter>) -> Value {
        evaluator(cx, this.default.get(), this.evaluate_default.get())
    }
}

/// What type variables and parameter specifications have besides.
pub struct VarianceMethods;

#[py_methods(VARIANCE, name = "typing.TypeVar")]
impl VarianceMethods {
    #[method]
    fn __repr__(this: Gc<TypeParameter>) -> String {
        shown(this)
    }
    #[method]
    fn __or__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        checked_union(cx, &[this, value])
    }
    #[method]
    fn __ror__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        checked_union(cx, &[value, this])
    }
    #[getter]
    fn __covariant__(this: Gc<TypeParameter>) -> bool {
        this.variance.get().as_int() == COVARIANT
    }
    #[setter]
    fn set_covariant(cx: &mut Cx, _this: Value, _value: Value) -> PyResult<()> {
        read_only(cx)
    }
    #[getter]
    fn __contravariant__(this: Gc<TypeParameter>) -> bool {
        this.variance.get().as_int() == CONTRAVARIANT
    }
    #[setter]
    fn set_contravariant(cx: &mut Cx, _this: Value, _value: Value) -> PyResult<()> {
        read_only(cx)
    }
    #[getter]
    fn __infer_variance__(this: Gc<TypeParameter>) -> bool {
        this.variance.get().as_int() == INFERRED
    }
    #[setter]
    fn set_infer_variance(cx: &mut Cx, _this: Value, _value: Value) -> PyResult<()> {
        read_only(cx)
    }
}

/// `NoDefaultType`.
pub struct NoDefaultMethods;

#[py_methods(NO_DEFAULT, name = "NoDefaultType")]
impl NoDefaultMethods {
    #[new(signature = "")]
    fn new(cx: &mut Cx, _class: Gc<Type>, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> PyResult {
        if !args.is_empty() || !kwargs.is_empty() {
            return Err(cx.type_error("NoDefaultType takes no arguments"));
        }
        Ok(no_default(cx))
    }
    #[method]
    fn __repr__(cx: &mut Cx, _this: Value) -> Gc<Str> {
        cx.intern("typing.NoDefault")
    }
    #[method]
    fn __reduce__(cx: &mut Cx, _this: Value) -> Gc<Str> {
        cx.intern("NoDefault")
    }
}

/// `annotationlib.Format.STRING`.
const TEXT_FORMAT: i64 = 4;

/// Functions that give a constant in the format asked for.
pub struct ConstantMethods;

#[py_methods(CONSTANT_EVALUATOR, name = "_typing._ConstEvaluator")]
impl ConstantMethods {
    #[method(signature = "")]
    fn __call__(cx: &mut Cx, this: Gc<Record>, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> PyResult {
        if !kwargs.is_empty() {
            return Err(cx.type_error("constevaluator.__call__() takes no keyword arguments"));
        }
        let [format] = *args else {
            let count = args.len();
            let message = format!("constevaluator.__call__() takes exactly 1 argument ({count} given)");
            return Err(cx.type_error(message));
        };
        let format = int::index(cx, format)?;
        let value = this.first.get();
        if int::as_i64(format) != Some(TEXT_FORMAT) {
            return Ok(value);
        }
        let mut text = String::new();
        match downcast::<Tuple>(value) {
            Some(several) => {
                text.push('(');
                for (at, item) in tuple_items(&several).iter().enumerate() {
                    if at > 0 {
                        text.push_str(", ");
                    }
                    push_type(cx, &mut text, *item)?;
                }
                text.push(')');
            }
            None => push_type(cx, &mut text, value)?,
        }
        Ok(Str::new(cx, &text).value())
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<Record>) -> PyResult<String> {
        let shown = crate::operations::repr(cx, this.first.get())?.to_text();
        Ok(format!("<constevaluator {shown}>"))
    }
}

/// A name that a constructor was given.
pub(super) fn checked_name(cx: &mut Cx, function: &str, name: Value) -> PyResult {
    if downcast::<Str>(name).is_some() {
        return Ok(name);
    }
    let class = class_name(cx, name);
    Err(cx.type_error(format!("{function}() argument 'name' must be str, not {class}")))
}
