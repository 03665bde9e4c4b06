//! `ImportError`, `NameError` and `AttributeError`: errors that know the name they are about.

use super::details::{self, IMPORT_MESSAGE, IMPORT_NAME, IMPORT_NAME_FROM, IMPORT_PATH, NAME, OBJECT_OF_ATTRIBUTE};
use crate::Kind;
use crate::arguments::Keywords;
use crate::cx::{Cx, NONE, PyResult, UNBOUND};
use crate::objects::{Dict, Exception, Str, Tuple};
use crate::operations;
use crate::sequence::tuple_items;
use crate::string::{StrExt, downcast};
use crate::types::{class_of, is_exactly};
use py_macros::py_methods;
use vm_heap::{Gc, Value};

/// Sets the arguments and takes the keywords that the class knows.
fn init<const N: usize>(
    cx: &mut Cx,
    this: Gc<Exception>,
    args: &[Value],
    kwargs: Keywords<'_>,
    class: &str,
    known: [&str; N],
) -> PyResult<[Value; N]> {
    let mut values = [UNBOUND; N];
    for (name, value) in kwargs.iter() {
        let text = name.to_text();
        let Some(at) = known.iter().position(|known| *known == text) else {
            return Err(cx.type_error(format!("{class}() got an unexpected keyword argument '{text}'")));
        };
        values[at] = value;
    }
    let args = Tuple::new(cx, args);
    this.args.set(cx.mutator(), this, args.value());
    Ok(values)
}

/// The attributes of an exception with more entries, as pickling wants them; None where there are none.
fn state(cx: &mut Cx, this: Gc<Exception>, more: &[(&str, Value)]) -> PyResult {
    let own = super::own_state(cx, this)?;
    let more: Vec<_> = more.iter().filter(|(_, value)| *value != UNBOUND).collect();
    if more.is_empty() {
        return Ok(own);
    }
    let state = cx.dict();
    if let Some(own) = downcast::<Dict>(own) {
        crate::types::dict::merge(cx, state, own)?;
    }
    for (name, value) in more {
        let name = cx.intern(name);
        Dict::set_str(cx, state, name, *value)?;
    }
    Ok(state.value())
}

/// The methods of `ImportError`.
pub struct ImportErrorMethods;

#[py_methods(IMPORT_ERROR, name = "ImportError")]
impl ImportErrorMethods {
    #[method(signature = "($self, /, *args, **kwargs)")]
    fn __init__(
        cx: &mut Cx,
        this: Gc<Exception>,
        #[args] args: &[Value],
        #[kwargs] kwargs: Keywords<'_>,
    ) -> PyResult<()> {
        let values = init(cx, this, args, kwargs, "ImportError", ["name", "path", "name_from"])?;
        let message = if let [message] = args { *message } else { UNBOUND };
        details::set(cx, this, IMPORT_MESSAGE, message);
        for (index, value) in values.into_iter().enumerate() {
            details::set(cx, this, IMPORT_NAME + index, value);
        }
        Ok(())
    }
    #[method]
    fn __str__(cx: &mut Cx, this: Gc<Exception>) -> PyResult<Gc<Str>> {
        let message = details::get(this, IMPORT_MESSAGE);
        if message != UNBOUND && is_exactly(message, Kind::STR) {
            return operations::to_str(cx, message);
        }
        super::text_of(cx, this)
    }
    #[method]
    fn __reduce__(cx: &mut Cx, this: Gc<Exception>) -> PyResult<Gc<Tuple>> {
        let more = [("name", IMPORT_NAME), ("path", IMPORT_PATH), ("name_from", IMPORT_NAME_FROM)]
            .map(|(name, index)| (name, details::get(this, index)));
        let state = state(cx, this, &more)?;
        let class = class_of(cx, this.value()).value();
        let parts = [class, this.args.get(), state];
        Ok(Tuple::new(cx, if state == NONE { &parts[..2] } else { &parts }))
    }
    /// exception message
    #[getter]
    fn msg(this: Gc<Exception>) -> Value {
        details::get_or_none(this, IMPORT_MESSAGE)
    }
    #[setter]
    fn set_msg(cx: &mut Cx, this: Gc<Exception>, value: Value) {
        details::set(cx, this, IMPORT_MESSAGE, value);
    }
    /// module name
    #[getter]
    fn name(this: Gc<Exception>) -> Value {
        details::get_or_none(this, IMPORT_NAME)
    }
    #[setter]
    fn set_name(cx: &mut Cx, this: Gc<Exception>, value: Value) {
        details::set(cx, this, IMPORT_NAME, value);
    }
    /// module path
    #[getter]
    fn path(this: Gc<Exception>) -> Value {
        details::get_or_none(this, IMPORT_PATH)
    }
    #[setter]
    fn set_path(cx: &mut Cx, this: Gc<Exception>, value: Value) {
        details::set(cx, this, IMPORT_PATH, value);
    }
    /// name imported from module
    #[getter]
    fn name_from(this: Gc<Exception>) -> Value {
        details::get_or_none(this, IMPORT_NAME_FROM)
    }
    #[setter]
    fn set_name_from(cx: &mut Cx, this: Gc<Exception>, value: Value) {
        details::set(cx, this, IMPORT_NAME_FROM, value);
    }
}

/// The methods of `NameError`.
pub struct NameErrorMethods;

#[py_methods(NAME_ERROR, name = "NameError")]
impl NameErrorMethods {
    #[method(signature = "($self, /, *args, **kwargs)")]
    fn __init__(
        cx: &mut Cx,
        this: Gc<Exception>,
        #[args] args: &[Value],
        #[kwargs] kwargs: Keywords<'_>,
    ) -> PyResult<()> {
        let [name] = init(cx, this, args, kwargs, "NameError", ["name"])?;
        this.detail.set(cx.mutator(), this, if name == UNBOUND { NONE } else { name });
        Ok(())
    }
    /// name
    #[getter]
    fn name(this: Gc<Exception>) -> Value {
        this.detail.get()
    }
    #[setter]
    fn set_name(cx: &mut Cx, this: Gc<Exception>, value: Value) {
        this.detail.set(cx.mutator(), this, if value == UNBOUND { NONE } else { value });
    }
}

/// The methods of `AttributeError`.
pub struct AttributeErrorMethods;

#[py_methods(ATTRIBUTE_ERROR, name = "AttributeError")]
impl AttributeErrorMethods {
    #[method(signature = "($self, /, *args, **kwargs)")]
    fn __init__(
        cx: &mut Cx,
        this: Gc<Exception>,
        #[args] args: &[Value],
        #[kwargs] kwargs: Keywords<'_>,
    ) -> PyResult<()> {
        let [name, object] = init(cx, this, args, kwargs, "AttributeError", ["name", "obj"])?;
        if name != UNBOUND || this.detail.get() != NONE {
            details::set(cx, this, NAME, name);
        }
        if object != UNBOUND || this.detail.get() != NONE {
            details::set(cx, this, OBJECT_OF_ATTRIBUTE, object);
        }
        Ok(())
    }
    #[method]
    fn __getstate__(cx: &mut Cx, this: Gc<Exception>) -> PyResult {
        let name = details::get(this, NAME);
        let args = this.args.get();
        let has_args = downcast::<Tuple>(args).is_some_and(|args| !tuple_items(&args).is_empty());
        state(cx, this, &[("name", name), ("args", if has_args { args } else { UNBOUND })])
    }
    #[method]
    fn __reduce__(cx: &mut Cx, this: Gc<Exception>) -> PyResult<Gc<Tuple>> {
        let state = AttributeErrorMethods::__getstate__(cx, this)?;
        let class = class_of(cx, this.value()).value();
        Ok(Tuple::new(cx, &[class, this.args.get(), state]))
    }
    /// attribute name
    #[getter]
    fn name(this: Gc<Exception>) -> Value {
        details::get_or_none(this, NAME)
    }
    #[setter]
    fn set_name(cx: &mut Cx, this: Gc<Exception>, value: Value) {
        details::set(cx, this, NAME, value);
    }
    /// object
    #[getter]
    fn obj(this: Gc<Exception>) -> Value {
        details::get_or_none(this, OBJECT_OF_ATTRIBUTE)
    }
    #[setter]
    fn set_obj(cx: &mut Cx, this: Gc<Exception>, value: Value) {
        details::set(cx, this, OBJECT_OF_ATTRIBUTE, value);
    }
}
