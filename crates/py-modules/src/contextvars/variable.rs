//! `ContextVar` and the tokens that remember what a variable was before.

use super::context::{self, Context};
use py_macros::py_methods;
use py_object::arguments::Keywords;
use py_object::objects::{Array, Exception, Str, Type};
use py_object::types::object::identity;
use py_object::{Cx, FALSE, Kind, PyResult, TOKEN_MISSING, UNBOUND, downcast, exception, object};
use vm_heap::{Gc, Value};

object! {
    /// A context variable.
    pub struct ContextVariable = 461 {
        /// Version word.
        word: u64,
        /// Always empty; the offset of attributes.
        attributes: Option<Gc<Array>>,
        /// Its name.
        name: Gc<Str>,
        /// The value where none has been set, or UNBOUND.
        default: Value,
        /// Its hash in contexts.
        hash: u64,
    }
}

object! {
    /// A token.
    pub struct Token = 462 {
        /// Version word.
        word: u64,
        /// Always empty; the offset of attributes.
        attributes: Option<Gc<Array>>,
        /// The variable.
        variable: Gc<ContextVariable>,
        /// The context in which it was set.
        context: Gc<Context>,
        /// The value before, or `Token.MISSING`.
        old: Value,
        /// Whether it has been used.
        used: bool,
    }
}

fn shown_variable(cx: &mut Cx, variable: Gc<ContextVariable>) -> PyResult<String> {
    let name = crate::repr_text(cx, variable.name.get().value())?;
    let default = match variable.default.get() {
        UNBOUND => String::new(),
        default => format!(" default={}", crate::repr_text(cx, default)?),
    };
    Ok(format!("<ContextVar name={name}{default} at {:#x}>", identity(variable.value())))
}

fn shown_token(cx: &mut Cx, token: Gc<Token>) -> PyResult<String> {
    let used = if token.used.get() { " used" } else { "" };
    let variable = shown_variable(cx, token.variable.get())?;
    Ok(format!("<Token{used} var={variable} at {:#x}>", identity(token.value())))
}

fn set(cx: &mut Cx, variable: Gc<ContextVariable>, value: Value) -> PyResult<Gc<Token>> {
    let current = context::current(cx);
    let old = context::value_of(cx, current, variable)?.unwrap_or(TOKEN_MISSING);
    context::set_value(cx, current, variable, Some(value))?;
    let class = cx.builtin_type(Kind::CONTEXT_TOKEN);
    let token = crate::new_object::<Token>(cx, class);
    token.variable.init(variable);
    token.context.init(current);
    token.old.init(old);
    Ok(token)
}

fn reset(cx: &mut Cx, variable: Gc<ContextVariable>, token: Gc<Token>) -> PyResult<()> {
    if token.used.get() {
        let shown = shown_token(cx, token)?;
        return Err(cx.raise(Kind::RUNTIME_ERROR, format!("{shown} has already been used once")));
    }
    if token.variable.get() != variable {
        let shown = shown_token(cx, token)?;
        return Err(cx.value_error(format!("{shown} was created by a different ContextVar")));
    }
    let current = context::current(cx);
    if token.context.get() != current {
        let shown = shown_token(cx, token)?;
        return Err(cx.value_error(format!("{shown} was created in a different Context")));
    }
    token.used.init(true);
    let old = token.old.get();
    context::set_value(cx, current, variable, (old != TOKEN_MISSING).then_some(old))
}

/// `ContextVar`.
pub struct Methods;

#[py_methods(CONTEXT_VARIABLE, name = "ContextVar")]
impl Methods {
    #[new(error_name = "ContextVar", signature = "")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[positional_only]
        #[default(UNBOUND)]
        name: Value,
        #[keyword_only]
        #[default(UNBOUND)]
        default: Value,
    ) -> PyResult<Gc<ContextVariable>> {
        if name == UNBOUND {
            return Err(cx.type_error("ContextVar() takes exactly 1 positional argument (0 given)"));
        }
        let Some(name) = downcast::<Str>(name) else {
            return Err(cx.type_error("context variable name must be a str"));
        };
        let variable = crate::new_object::<ContextVariable>(cx, class);
        variable.name.init(name);
        variable.default.init(default);
        variable.hash.init(variable.address() as u64 >> 4);
        Ok(variable)
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<ContextVariable>) -> PyResult<String> {
        shown_variable(cx, this)
    }
    /// Return a value for the context variable for the current context.
    ///
    /// Without a value there, that is the argument, else the variable's default, else LookupError.
    #[method]
    fn get(cx: &mut Cx, this: Gc<ContextVariable>, #[default(UNBOUND)] default: Value) -> PyResult {
        let current = context::current(cx);
        if let Some(value) = context::value_of(cx, current, this)? {
            return Ok(value);
        }
        for default in [default, this.default.get()] {
            if default != UNBOUND {
                return Ok(default);
            }
        }
        let error = Exception::new(cx, Kind::LOOKUP_ERROR, &[this.value()]);
        Err(exception::raise(cx, error))
    }
    /// Call to set a new value for the context variable in the current context; the token returned undoes that.
    #[method]
    fn set(cx: &mut Cx, this: Gc<ContextVariable>, value: Value) -> PyResult<Gc<Token>> {
        set(cx, this, value)
    }
    /// Reset the context variable to what it was before the `set` that made the token.
    #[method]
    fn reset(cx: &mut Cx, this: Gc<ContextVariable>, token: Value) -> PyResult<()> {
        let Some(token) = downcast::<Token>(token) else {
            let shown = crate::repr_text(cx, token)?;
            return Err(cx.type_error(format!("expected an instance of Token, got {shown}")));
        };
        reset(cx, this, token)
    }
    #[getter]
    fn name(this: Gc<ContextVariable>) -> Gc<Str> {
        this.name.get()
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cx: &mut Cx, class: Value, item: Value) -> PyResult {
        crate::generic_alias(cx, class, item)
    }
}

/// `Token`.
pub struct TokenMethods;

#[py_methods(CONTEXT_TOKEN, name = "Token")]
impl TokenMethods {
    #[new(signature = "")]
    fn new(cx: &mut Cx, _class: Value, #[args] _args: &[Value], #[kwargs] _kwargs: Keywords<'_>) -> PyResult {
        Err(cx.raise(Kind::RUNTIME_ERROR, "Tokens can only be created by ContextVars"))
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<Token>) -> PyResult<String> {
        shown_token(cx, this)
    }
    /// Enter into Token context manager.
    #[method]
    fn __enter__(this: Value) -> Value {
        this
    }
    /// Exit from Token context manager, restore the linked ContextVar.
    #[method]
    fn __exit__(cx: &mut Cx, this: Gc<Token>, _type: Value, _value: Value, _traceback: Value) -> PyResult {
        reset(cx, this.variable.get(), this)?;
        Ok(FALSE)
    }
    #[getter]
    fn var(this: Gc<Token>) -> Gc<ContextVariable> {
        this.variable.get()
    }
    #[getter]
    fn old_value(this: Gc<Token>) -> Value {
        this.old.get()
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cx: &mut Cx, class: Value, item: Value) -> PyResult {
        crate::generic_alias(cx, class, item)
    }
}

/// The class of `Token.MISSING`.
pub struct MissingMethods;

#[py_methods(TOKEN_MISSING, name = "MISSING")]
impl MissingMethods {
    #[new(signature = "")]
    fn new(cx: &mut Cx, _class: Value, #[args] _args: &[Value], #[kwargs] _kwargs: Keywords<'_>) -> PyResult {
        Err(cx.type_error("cannot create 'Token.MISSING' instances"))
    }
    #[method]
    fn __repr__(_this: Value) -> String {
        "<Token.MISSING>".to_string()
    }
}
