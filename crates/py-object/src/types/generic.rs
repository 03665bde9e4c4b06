//! Generic types: `list[int]`, `int | str`, type parameters and aliases (PEP 484, 585, 604, 695, 696).
//!
//! What is written in Python in the module `typing` is called there.

mod alias;
mod parameter;
mod representation;
mod specification;
mod substitution;
mod type_alias;
mod union;
mod variable;
mod variadic;

pub use alias::{ALIAS_ITERATOR_METHODS, GENERIC_ALIAS_METHODS, GenericAlias, alias};
pub use parameter::{
    CONSTANT_EVALUATOR_METHODS, NO_DEFAULT_METHODS, Sort, TYPE_PARAMETER_METHODS, TypeParameter, VARIANCE_METHODS,
    new_parameter, no_default, set_default,
};
pub use specification::{PARAMETER_ARGS_METHODS, PARAMETER_KWARGS_METHODS, PARAMETER_SPECIFICATION_METHODS};
pub use type_alias::{TYPE_ALIAS_METHODS, TypeAlias, new_alias};
pub use union::{UNION_METHODS, Union, is_union, members, union_of};
pub use variable::TYPE_VARIABLE_METHODS;
pub use variadic::VARIADIC_METHODS;

use crate::call;
use crate::cx::{Cx, NONE, PyResult};
use crate::objects::{Function, Generator, List, Tuple};
use crate::sequence::tuple_items;
use crate::string::downcast;
use vm_heap::{Gc, Value};

/// Calls a function of the module `typing`.
fn call_typing(cx: &mut Cx, name: &str, arguments: &[Value]) -> PyResult {
    let function = cx.import_from("typing", name)?;
    call::call(cx, function, arguments, None)
}

/// A value as a type: TypeError with a message that ends in this text where it cannot be one.
fn checked_type(cx: &mut Cx, value: Value, message: &str) -> PyResult {
    let message = cx.intern(message);
    call_typing(cx, "_type_check", &[value, message.value()])
}

/// `typing.Unpack[value]`.
fn unpacked(cx: &mut Cx, value: Value) -> PyResult {
    let unpack = cx.import_from("typing", "Unpack")?;
    crate::operations::get_item(cx, unpack, value)
}

/// The iterator of a type that can stand behind a star: over its one unpacked form.
fn unpacking_iterator(cx: &mut Cx, value: Value) -> PyResult {
    let item = unpacked(cx, value)?;
    let items = cx.tuple(&[item]);
    crate::operations::iterate(cx, items)
}

/// Type parameters with each TypeVarTuple unpacked.
fn with_unpacked(cx: &mut Cx, parameters: Gc<Tuple>) -> PyResult<Gc<Tuple>> {
    let variadic = |value: &Value| super::is_exactly(*value, crate::Kind::VARIADIC);
    if !tuple_items(&parameters).iter().any(variadic) {
        return Ok(parameters);
    }
    let list = List::new(cx, &[])?;
    for item in tuple_items(&parameters) {
        let item = if variadic(item) { unpacked(cx, *item)? } else { *item };
        List::push(cx, list, item)?;
    }
    Tuple::from_list(cx, list)
}

/// `typing.Generic` subscripted with type parameters, for a class statement with a parameter list.
pub fn generic_base(cx: &mut Cx, parameters: Gc<Tuple>) -> PyResult {
    let parameters = with_unpacked(cx, parameters)?;
    let generic = cx.import_from("typing", "Generic")?;
    call_typing(cx, "_GenericAlias", &[generic, parameters.value()])
}

/// `__module__` of the function that is running, or None.
fn running_module(cx: &Cx) -> Value {
    let mut fp = cx.thread.fp.get();
    while !fp.is_null() {
        let what = vm_machine::frame_function(fp);
        if let Some(function) = downcast::<Function>(what) {
            return function.module.get();
        }
        if let Some(generator) = downcast::<Generator>(what) {
            return generator.function.get().module.get();
        }
        fp = vm_machine::caller_frame(fp);
    }
    NONE
}
