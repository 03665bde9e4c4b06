//! The methods of exceptions. Classes that keep more than their arguments have files of their own.

pub mod details;
mod import_error;
pub mod os_error;
mod syntax_error;
mod unicode_error;

pub use import_error::{ATTRIBUTE_ERROR_METHODS, IMPORT_ERROR_METHODS, NAME_ERROR_METHODS};
pub use os_error::OS_ERROR_METHODS;
pub use syntax_error::SYNTAX_ERROR_METHODS;
pub use unicode_error::{
    PLACE_METHODS, UNICODE_DECODE_ERROR_METHODS, UNICODE_ENCODE_ERROR_METHODS, UNICODE_TRANSLATE_ERROR_METHODS,
};

use crate::arguments::Keywords;
use crate::attribute;
use crate::cx::{Cx, FALSE, NONE, PyResult, TRUE, UNBOUND};
use crate::exception::as_exception;
use crate::kinds::Kind;
use crate::objects::{Dict, Exception, List, Str, Traceback, Tuple, Type};
use crate::operations;
use crate::sequence::tuple_items;
use crate::string::{StrExt, downcast};
use crate::types::{self, class_of, list, name_of, object};
use py_macros::py_methods;
use vm_heap::{Gc, Value};

fn args_of(exception: Gc<Exception>) -> Option<Gc<Tuple>> {
    downcast::<Tuple>(exception.args.get())
}

/// `str(exception)` as `BaseException` defines it.
pub(crate) fn text_of(cx: &mut Cx, exception: Gc<Exception>) -> PyResult<Gc<Str>> {
    let Some(args) = args_of(exception) else { return Ok(cx.intern("")) };
    match tuple_items(&args) {
        [] => Ok(cx.intern("")),
        // A missing key is shown as it would be written.
        [only] if types::is_instance(cx, exception.value(), Kind::KEY_ERROR) => operations::repr(cx, *only),
        [only] => operations::to_str(cx, *only),
        _ => operations::to_str(cx, args.value()),
    }
}

fn set_link(cx: &mut Cx, value: Value, name: &str) -> PyResult {
    if value == UNBOUND {
        return Err(cx.type_error(format!("{name} may not be deleted")));
    }
    if value != NONE && as_exception(value).is_none() {
        return Err(
            cx.type_error(format!("exception {} must be None or derive from BaseException", name.trim_matches('_')))
        );
    }
    Ok(value)
}

fn set_traceback(cx: &mut Cx, this: Gc<Exception>, value: Value) -> PyResult<()> {
    if value == UNBOUND {
        return Err(cx.type_error("__traceback__ may not be deleted"));
    }
    if value != NONE && downcast::<Traceback>(value).is_none() {
        return Err(cx.type_error("__traceback__ must be a traceback or None"));
    }
    this.traceback.set(cx.mutator(), this, value);
    Ok(())
}

/// `BaseException.__init__`: takes the arguments.
pub(crate) fn init(cx: &mut Cx, this: Gc<Exception>, args: &[Value], kwargs: Keywords<'_>) -> PyResult<()> {
    if !kwargs.is_empty() {
        let class = class_of(cx, this.value());
        return Err(cx.type_error(format!("{}() takes no keyword arguments", name_of(class))));
    }
    let args = Tuple::new(cx, args);
    this.args.set(cx.mutator(), this, args.value());
    Ok(())
}

/// The dict of an exception's own attributes, for pickling; None where there are none.
pub(crate) fn own_state(cx: &mut Cx, this: Gc<Exception>) -> PyResult {
    if attribute::own_names(this.value()).is_empty() {
        return Ok(NONE);
    }
    attribute::dictionary(cx, this.value()).map(|dict| dict.value())
}

/// What `__reduce__` returns: class, arguments and, where there are any, attributes.
pub(crate) fn reduced(cx: &mut Cx, this: Gc<Exception>, args: Value) -> PyResult<Gc<Tuple>> {
    let class = class_of(cx, this.value()).value();
    let state = own_state(cx, this)?;
    let parts = [class, args, state];
    Ok(Tuple::new(cx, if state == NONE { &parts[..2] } else { &parts }))
}

/// The methods of `BaseException`.
pub struct Methods;

#[py_methods(BASE_EXCEPTION, name = "BaseException")]
impl Methods {
    #[new(signature = "")]
    fn new(cx: &mut Cx, class: Gc<Type>, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> Gc<Exception> {
        // Keywords are for `__init__` to refuse or take.
        let _ = kwargs;
        let args = Tuple::new(cx, args);
        Exception::of_class(cx, class, args.value())
    }
    #[method(signature = "($self, /, *args, **kwargs)", transaction = Asks)]
    fn __init__(
        cx: &mut Cx,
        this: Gc<Exception>,
        #[args] args: &[Value],
        #[kwargs] kwargs: Keywords<'_>,
    ) -> PyResult<()> {
        init(cx, this, args, kwargs)
    }
    #[method]
    fn __str__(cx: &mut Cx, this: Gc<Exception>) -> PyResult<Gc<Str>> {
        text_of(cx, this)
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<Exception>) -> PyResult<String> {
        let class = class_of(cx, this.value());
        let mut text = types::short_name(class);
        match args_of(this) {
            Some(args) if tuple_items(&args).len() == 1 => {
                text.push('(');
                object::push_repr(cx, &mut text, tuple_items(&args)[0])?;
                text.push(')');
            }
            Some(args) => object::push_repr(cx, &mut text, args.value())?,
            None => text.push_str("()"),
        }
        Ok(text)
    }
    #[method]
    fn __reduce__(cx: &mut Cx, this: Gc<Exception>) -> PyResult<Gc<Tuple>> {
        reduced(cx, this, this.args.get())
    }
    #[method]
    fn __setstate__(cx: &mut Cx, this: Gc<Exception>, state: Value) -> PyResult<()> {
        if state == NONE {
            return Ok(());
        }
        let Some(dict) = downcast::<Dict>(state) else {
            return Err(cx.type_error("state is not a dictionary"));
        };
        let mut position = 0;
        while let Some((name, value)) = Dict::next(dict, &mut position) {
            let Some(name) = downcast::<Str>(name) else {
                return Err(cx.type_error("attribute name must be string"));
            };
            attribute::set(cx, this.value(), name, Some(value))?;
        }
        Ok(())
    }
    /// Set self.__traceback__ to tb and return self.
    #[method]
    fn with_traceback(cx: &mut Cx, this: Gc<Exception>, tb: Value) -> PyResult<Gc<Exception>> {
        set_traceback(cx, this, tb)?;
        Ok(this)
    }
    /// Add a note to the exception
    #[method]
    fn add_note(cx: &mut Cx, this: Gc<Exception>, note: Gc<Str>) -> PyResult<()> {
        let name = cx.intern("__notes__");
        let notes = match attribute::find(cx, this.value(), name)? {
            Some((notes, _)) => notes,
            None => {
                let notes = List::new(cx, &[])?.value();
                attribute::set_own(cx, this.value(), name, notes)?;
                notes
            }
        };
        match downcast::<List>(notes) {
            Some(notes) => List::push(cx, notes, note.value()),
            None => Err(cx.type_error("Cannot add note: __notes__ is not a list")),
        }
    }
    #[getter]
    fn args(this: Gc<Exception>) -> Value {
        this.args.get()
    }
    #[setter]
    fn set_args(cx: &mut Cx, this: Gc<Exception>, value: Value) -> PyResult<()> {
        if value == UNBOUND {
            return Err(cx.type_error("args may not be deleted"));
        }
        let items = list::sequence_of(cx, value)?;
        let args = Tuple::from_list(cx, items)?;
        this.args.set(cx.mutator(), this, args.value());
        Ok(())
    }
    #[getter]
    fn __traceback__(this: Gc<Exception>) -> Value {
        this.traceback.get()
    }
    #[setter]
    fn set_traceback(cx: &mut Cx, this: Gc<Exception>, value: Value) -> PyResult<()> {
        set_traceback(cx, this, value)
    }
    #[getter]
    fn __context__(this: Gc<Exception>) -> Value {
        this.context.get()
    }
    #[setter]
    fn set_context(cx: &mut Cx, this: Gc<Exception>, value: Value) -> PyResult<()> {
        let value = set_link(cx, value, "__context__")?;
        this.context.set(cx.mutator(), this, value);
        Ok(())
    }
    #[getter]
    fn __cause__(this: Gc<Exception>) -> Value {
        this.cause.get()
    }
    #[setter]
    fn set_cause(cx: &mut Cx, this: Gc<Exception>, value: Value) -> PyResult<()> {
        let value = set_link(cx, value, "__cause__")?;
        this.cause.set(cx.mutator(), this, value);
        this.suppress_context.init(true);
        Ok(())
    }
    #[getter]
    fn __suppress_context__(this: Gc<Exception>) -> bool {
        this.suppress_context.get()
    }
    #[setter]
    fn set_suppress_context(cx: &mut Cx, this: Gc<Exception>, value: Value) -> PyResult<()> {
        match value {
            UNBOUND => Err(cx.type_error("can't delete numeric/char attribute")),
            TRUE | FALSE => {
                this.suppress_context.init(value == TRUE);
                Ok(())
            }
            _ => Err(cx.type_error("attribute value type must be bool")),
        }
    }
}

/// `StopIteration.value`.
pub struct StopIterationMethods;

#[py_methods(STOP_ITERATION, name = "StopIteration")]
impl StopIterationMethods {
    #[method(signature = "($self, /, *args, **kwargs)")]
    fn __init__(
        cx: &mut Cx,
        this: Gc<Exception>,
        #[args] args: &[Value],
        #[kwargs] kwargs: Keywords<'_>,
    ) -> PyResult<()> {
        init(cx, this, args, kwargs)?;
        this.detail.set(cx.mutator(), this, args.first().copied().unwrap_or(NONE));
        Ok(())
    }
    /// generator return value
    #[getter]
    fn value(this: Gc<Exception>) -> Value {
        this.detail.get()
    }
    #[setter]
    fn set_value(cx: &mut Cx, this: Gc<Exception>, value: Value) {
        this.detail.set(cx.mutator(), this, if value == UNBOUND { NONE } else { value });
    }
}

/// `SystemExit.code`.
pub struct SystemExitMethods;

#[py_methods(SYSTEM_EXIT, name = "SystemExit")]
impl SystemExitMethods {
    #[method(signature = "($self, /, *args, **kwargs)")]
    fn __init__(
        cx: &mut Cx,
        this: Gc<Exception>,
        #[args] args: &[Value],
        #[kwargs] kwargs: Keywords<'_>,
    ) -> PyResult<()> {
        init(cx, this, args, kwargs)?;
        let code = match args {
            [] => NONE,
            [only] => *only,
            _ => this.args.get(),
        };
        this.detail.set(cx.mutator(), this, code);
        Ok(())
    }
    /// exception code
    #[getter]
    fn code(this: Gc<Exception>) -> Value {
        this.detail.get()
    }
    #[setter]
    fn set_code(cx: &mut Cx, this: Gc<Exception>, value: Value) {
        this.detail.set(cx.mutator(), this, if value == UNBOUND { NONE } else { value });
    }
}

/// `str` of an exception's text, for reports.
pub fn report_text(cx: &mut Cx, exception: Gc<Exception>) -> String {
    match operations::to_str(cx, exception.value()) {
        Ok(text) => text.to_text(),
        Err(_) => {
            cx.take_raised();
            "<exception str() failed>".to_string()
        }
    }
}
