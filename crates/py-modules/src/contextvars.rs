//! `_contextvars`: values that belong to a logical thread of control (PEP 567).
//!
//! A context refers to a dict from variables to values that is never changed: setting a variable makes a new dict, so
//! copying a context costs nothing. Each thread has a current context (`Cx::context`); `Context.run` changes it for
//! the time of a call. Coroutines run in the context of whoever resumes them.

mod context;
mod variable;

use crate::{class, declare, make_final, make_unhashable, module_of};
use context::Context;
use py_macros::py_functions;
use py_object::bootstrap::add_methods;
use py_object::objects::Module;
use py_object::types::namespace::{self, Addition};
use py_object::{Cx, Kind, PyResult, TOKEN_MISSING, downcast};
use vm_heap::{Gc, Value};

/// Gives the classes their methods.
pub fn install(cx: &mut Cx) {
    declare::<Context>();
    declare::<variable::ContextVariable>();
    declare::<variable::Token>();
    add_methods(cx, Kind::CONTEXT, context::CONTEXT_METHODS);
    make_unhashable(cx, Kind::CONTEXT);
    add_methods(cx, Kind::CONTEXT_VARIABLE, variable::CONTEXT_VARIABLE_METHODS);
    add_methods(cx, Kind::CONTEXT_TOKEN, variable::CONTEXT_TOKEN_METHODS);
    add_methods(cx, Kind::TOKEN_MISSING, variable::TOKEN_MISSING_METHODS);
    namespace::add(cx, Kind::CONTEXT_TOKEN, Addition::Constant("MISSING", TOKEN_MISSING));
    for kind in [Kind::CONTEXT, Kind::CONTEXT_VARIABLE, Kind::CONTEXT_TOKEN, Kind::TOKEN_MISSING] {
        make_final(cx, kind);
    }
}

/// A copy of the calling thread's context.
pub fn copy_current(cx: &mut Cx) -> Value {
    let current = context::current(cx);
    context::copy(cx, current).value()
}

/// Makes a context the calling thread's; returns the one before.
pub fn enter(cx: &mut Cx, context: Value) -> PyResult {
    match downcast::<Context>(context) {
        Some(context) => context::enter(cx, context),
        None => Err(cx.type_error("an instance of Context was expected")),
    }
}

/// Ends what `enter` began; the context of before comes back.
pub fn leave(cx: &mut Cx, outer: Value) {
    context::leave(cx, outer);
}

/// The functions.
pub struct Functions;

#[py_functions("_contextvars")]
impl Functions {
    /// Return a copy of the current context.
    #[function]
    fn copy_context(cx: &mut Cx) -> Gc<Context> {
        let current = context::current(cx);
        context::copy(cx, current)
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "_contextvars", FUNCTIONS);
    for kind in [Kind::CONTEXT, Kind::CONTEXT_VARIABLE, Kind::CONTEXT_TOKEN] {
        class(cx, module, kind)?;
    }
    Ok(module)
}
