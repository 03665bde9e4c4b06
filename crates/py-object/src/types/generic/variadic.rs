//! `typing.TypeVarTuple`.

use super::parameter::{TypeParameter, checked_name, give_default, make, note_module};
use super::{call_typing, unpacking_iterator};
use crate::cx::{Cx, PyResult, UNBOUND};
use crate::kinds::Kind;
use crate::objects::Type;
use py_macros::py_methods;
use vm_heap::{Gc, Value};

/// The methods of `typing.TypeVarTuple` besides those of all type parameters.
pub struct Methods;

#[py_methods(VARIADIC, name = "typevartuple")]
impl Methods {
    #[new(signature = "(name, *, default=typing.NoDefault)")]
    fn new(
        cx: &mut Cx,
        _class: Gc<Type>,
        #[keyword] name: Value,
        #[keyword_only]
        #[default(UNBOUND)]
        default: Value,
    ) -> PyResult {
        let name = checked_name(cx, "typevartuple", name)?;
        let made = make(cx, Kind::VARIADIC, name);
        give_default(cx, made, default);
        note_module(cx, made)?;
        Ok(made.value())
    }
    #[method]
    fn __repr__(this: Gc<TypeParameter>) -> Value {
        this.name.get()
    }
    #[method]
    fn __iter__(cx: &mut Cx, this: Value) -> PyResult {
        unpacking_iterator(cx, this)
    }
    #[method]
    fn __typing_subst__(cx: &mut Cx, _this: Value, _arg: Value) -> PyResult {
        Err(cx.type_error("Substitution of bare TypeVarTuple is not supported"))
    }
    #[method]
    fn __typing_prepare_subst__(cx: &mut Cx, this: Value, alias: Value, args: Value) -> PyResult {
        call_typing(cx, "_typevartuple_prepare_subst", &[this, alias, args])
    }
}
