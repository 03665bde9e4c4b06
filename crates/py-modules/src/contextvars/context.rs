//! `Context`: a mapping from context variables to values.

use super::variable::ContextVariable;
use py_macros::py_methods;
use py_object::arguments::Keywords;
use py_object::objects::{Array, Dict, List, Type};
use py_object::types::dict;
use py_object::{Cx, Kind, NONE, NOT_IMPLEMENTED, PyResult, bool_value, downcast, object, operations};
use vm_heap::{Gc, Value};

object! {
    /// A context.
    pub struct Context = 460 {
        /// Version word.
        word: u64,
        /// Always empty; the offset of attributes.
        attributes: Option<Gc<Array>>,
        /// The values by variable. Never changed, only replaced.
        values: Gc<Dict>,
        /// Whether a thread is running in it.
        entered: bool,
    }
}

fn new(cx: &mut Cx, values: Gc<Dict>) -> Gc<Context> {
    let class = cx.builtin_type(Kind::CONTEXT);
    let context = crate::new_object::<Context>(cx, class);
    context.values.init(values);
    context
}

/// The calling thread's context.
pub fn current(cx: &mut Cx) -> Gc<Context> {
    if let Some(context) = downcast::<Context>(cx.context.get()) {
        return context;
    }
    let values = Dict::new(cx);
    let context = new(cx, values);
    context.entered.init(true);
    cx.context.set(context.value());
    context
}

/// A context with the same values.
pub fn copy(cx: &mut Cx, context: Gc<Context>) -> Gc<Context> {
    let values = context.values.get();
    new(cx, values)
}

/// The value of a variable.
pub fn value_of(cx: &mut Cx, context: Gc<Context>, variable: Gc<ContextVariable>) -> PyResult<Option<Value>> {
    Dict::get_hashed(cx, context.values.get(), variable.value(), variable.hash.get())
}

/// Sets the value of a variable, or takes it away.
pub fn set_value(
    cx: &mut Cx,
    context: Gc<Context>,
    variable: Gc<ContextVariable>,
    value: Option<Value>,
) -> PyResult<()> {
    let values = Dict::new(cx);
    let mut position = 0;
    let old = context.values.get();
    while let Some((key, kept)) = Dict::next(old, &mut position) {
        if let Some(other) = downcast::<ContextVariable>(key)
            && (value.is_some() || other != variable)
        {
            Dict::set_hashed(cx, values, key, other.hash.get(), kept)?;
        }
    }
    if let Some(value) = value {
        Dict::set_hashed(cx, values, variable.value(), variable.hash.get(), value)?;
    }
    context.values.set(cx.mutator(), context, values);
    Ok(())
}

/// The variable that a key must be.
fn key(cx: &mut Cx, key: Value) -> PyResult<Gc<ContextVariable>> {
    match downcast::<ContextVariable>(key) {
        Some(variable) => Ok(variable),
        None => {
            let shown = crate::repr_text(cx, key)?;
            Err(cx.type_error(format!("a ContextVar key was expected, got {shown}")))
        }
    }
}

/// What `pick` takes of each entry, as an iterator.
fn iterate(cx: &mut Cx, context: Gc<Context>, pick: fn(&mut Cx, Value, Value) -> Value) -> PyResult {
    let items = List::new(cx, &[])?;
    let values = context.values.get();
    let mut position = 0;
    while let Some((variable, value)) = Dict::next(values, &mut position) {
        let item = pick(cx, variable, value);
        List::push(cx, items, item)?;
    }
    operations::iterate(cx, items.value())
}

fn run(cx: &mut Cx, context: Gc<Context>, args: &[Value], kwargs: Keywords<'_>) -> PyResult {
    let [function, args @ ..] = args else {
        return Err(cx.type_error("run() missing 1 required positional argument"));
    };
    let outer = enter(cx, context)?;
    let result = kwargs.call(cx, *function, args);
    leave(cx, outer);
    result
}

/// Makes a context the thread's; returns the one before.
pub fn enter(cx: &mut Cx, context: Gc<Context>) -> PyResult {
    let entered = {
        let _locked = vm_stm::lock(&context.word);
        let entered = context.entered.get();
        context.entered.init(true);
        entered
    };
    if entered {
        let shown = crate::repr_text(cx, context.value())?;
        return Err(cx.raise(Kind::RUNTIME_ERROR, format!("cannot enter context: {shown} is already entered")));
    }
    Ok(cx.context.replace(context.value()))
}

/// The context of before comes back.
pub fn leave(cx: &mut Cx, outer: Value) {
    let inner = cx.context.replace(outer);
    if let Some(inner) = downcast::<Context>(inner) {
        inner.entered.init(false);
    }
}

/// The methods.
pub struct Methods;

#[py_methods(CONTEXT, name = "Context")]
impl Methods {
    #[new(signature = "")]
    fn new(
        cx: &mut Cx,
        _class: Gc<Type>,
        #[args] args: &[Value],
        #[kwargs] kwargs: Keywords<'_>,
    ) -> PyResult<Gc<Context>> {
        if !args.is_empty() || !kwargs.is_empty() {
            return Err(cx.type_error("Context() does not accept any arguments"));
        }
        let values = Dict::new(cx);
        Ok(new(cx, values))
    }
    /// Run a callable in this context; changes of variables stay in it.
    #[method(signature = "")]
    fn run(cx: &mut Cx, this: Gc<Context>, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> PyResult {
        run(cx, this, args, kwargs)
    }
    /// Return a shallow copy of the context object.
    #[method]
    fn copy(cx: &mut Cx, this: Gc<Context>) -> Gc<Context> {
        copy(cx, this)
    }
    /// Return the value for `key` if `key` has the value in the context object, else the default.
    #[method]
    fn get(cx: &mut Cx, this: Gc<Context>, key: Value, #[default(NONE)] default: Value) -> PyResult {
        let variable = self::key(cx, key)?;
        Ok(value_of(cx, this, variable)?.unwrap_or(default))
    }
    /// Return all variables and their values in the context object.
    #[method]
    fn items(cx: &mut Cx, this: Gc<Context>) -> PyResult {
        iterate(cx, this, |cx, variable, value| cx.tuple(&[variable, value]))
    }
    /// Return a list of all variables in the context object.
    #[method]
    fn keys(cx: &mut Cx, this: Gc<Context>) -> PyResult {
        iterate(cx, this, |_, variable, _| variable)
    }
    /// Return a list of all variables' values in the context object.
    #[method]
    fn values(cx: &mut Cx, this: Gc<Context>) -> PyResult {
        iterate(cx, this, |_, _, value| value)
    }
    #[method]
    fn __iter__(cx: &mut Cx, this: Gc<Context>) -> PyResult {
        iterate(cx, this, |_, variable, _| variable)
    }
    #[method]
    fn __len__(this: Gc<Context>) -> usize {
        Dict::length(this.values.get())
    }
    #[method]
    fn __getitem__(cx: &mut Cx, this: Gc<Context>, key: Value) -> PyResult {
        let variable = self::key(cx, key)?;
        match value_of(cx, this, variable)? {
            Some(value) => Ok(value),
            None => Err(dict::key_error(cx, key)),
        }
    }
    #[method]
    fn __contains__(cx: &mut Cx, this: Gc<Context>, key: Value) -> PyResult<bool> {
        let variable = self::key(cx, key)?;
        Ok(value_of(cx, this, variable)?.is_some())
    }
    #[method]
    fn __eq__(cx: &mut Cx, this: Gc<Context>, value: Value) -> PyResult {
        let Some(other) = downcast::<Context>(value) else { return Ok(NOT_IMPLEMENTED) };
        let (lhs, rhs) = (this.values.get(), other.values.get());
        if Dict::length(lhs) != Dict::length(rhs) {
            return Ok(bool_value(false));
        }
        let mut position = 0;
        while let Some((variable, value)) = Dict::next(lhs, &mut position) {
            let Some(variable) = downcast::<ContextVariable>(variable) else { continue };
            match value_of(cx, other, variable)? {
                Some(theirs) if operations::equal(cx, value, theirs)? => {}
                _ => return Ok(bool_value(false)),
            }
        }
        Ok(bool_value(true))
    }
}
