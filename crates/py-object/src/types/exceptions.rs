//! The methods of exceptions.

use crate::arguments::Keywords;
use crate::attribute;
use crate::cx::{Cx, NONE, PyResult, UNBOUND};
use crate::exception::as_exception;
use crate::kinds::Kind;
use crate::objects::{Bytes, Exception, List, Str, Traceback, Tuple, Type};
use crate::operations;
use crate::sequence::tuple_items;
use crate::string::{StrExt, downcast};
use crate::types::{self, class_of, list, name_of, object};
use py_macros::py_methods;
use vm_heap::{Gc, Value};

fn args_of(exception: Gc<Exception>) -> Option<Gc<Tuple>> {
    downcast::<Tuple>(exception.args.get())
}

/// The text of an error of encoding or decoding, made from its five arguments.
fn unicode_error_text(cx: &mut Cx, exception: Gc<Exception>, args: Gc<Tuple>) -> Option<String> {
    let [codec, object, start, end, reason] = tuple_items(&args) else { return None };
    let (codec, reason) = (downcast::<Str>(*codec)?.to_text(), downcast::<Str>(*reason)?.to_text());
    let (start, end) = (types::int::as_i64(*start)?, types::int::as_i64(*end)?);
    let first = usize::try_from(start).ok()?;
    let (verb, what) = if types::is_instance(cx, exception.value(), Kind::UNICODE_DECODE_ERROR) {
        let bytes = downcast::<Bytes>(*object)?;
        ("decode", format!("byte 0x{:02x}", crate::string::bytes_of(&bytes).get(first)?))
    } else if types::is_instance(cx, exception.value(), Kind::UNICODE_ENCODE_ERROR) {
        let text = downcast::<Str>(*object)?;
        let mut escape = String::new();
        types::str::push_escape(&mut escape, types::str::code_points(text.bytes()).nth(first)?);
        ("encode", format!("character '{escape}'"))
    } else {
        return None;
    };
    Some(if end == start + 1 {
        format!("'{codec}' codec can't {verb} {what} in position {start}: {reason}")
    } else {
        let plural = if verb == "decode" { "bytes" } else { "characters" };
        format!("'{codec}' codec can't {verb} {plural} in position {start}-{}: {reason}", end - 1)
    })
}

/// `str(exception)` as `BaseException` defines it.
fn text_of(cx: &mut Cx, exception: Gc<Exception>) -> PyResult<Gc<Str>> {
    let Some(args) = args_of(exception) else { return Ok(cx.intern("")) };
    if let Some(text) = unicode_error_text(cx, exception, args) {
        return Ok(Str::new(cx, &text));
    }
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

/// What a class of exceptions keeps as its detail from its arguments.
fn detail_of(cx: &mut Cx, class: Gc<Type>, args: Gc<Tuple>, kwargs: Keywords<'_>) -> Value {
    let derives = |cx: &Cx, kind| types::is_subclass(class, cx.builtin_type(kind));
    let items = tuple_items(&args);
    if derives(cx, Kind::SYSTEM_EXIT) {
        return match items {
            [] => NONE,
            [only] => *only,
            _ => args.value(),
        };
    }
    if derives(cx, Kind::STOP_ITERATION) {
        return items.first().copied().unwrap_or(NONE);
    }
    kwargs.get("name").unwrap_or(NONE)
}

/// The methods of `BaseException`.
pub struct Methods;

#[py_methods(BASE_EXCEPTION, name = "BaseException")]
impl Methods {
    #[new(signature = "")]
    fn new(cx: &mut Cx, class: Gc<Type>, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> Gc<Exception> {
        let args = Tuple::new(cx, args);
        let detail = detail_of(cx, class, args, kwargs);
        let exception = Exception::of_class(cx, class, args.value());
        exception.detail.set(cx.mutator(), exception, detail);
        exception
    }
    #[method(signature = "($self, /, *args, **kwargs)")]
    fn __init__(
        cx: &mut Cx,
        this: Gc<Exception>,
        #[args] args: &[Value],
        #[kwargs] kwargs: Keywords<'_>,
    ) -> PyResult<()> {
        let takes_name = [Kind::ATTRIBUTE_ERROR, Kind::NAME_ERROR, Kind::IMPORT_ERROR]
            .iter()
            .any(|kind| types::is_instance(cx, this.value(), *kind));
        if !kwargs.is_empty() && !takes_name {
            let class = class_of(cx, this.value());
            return Err(cx.type_error(format!("{}() takes no keyword arguments", name_of(class))));
        }
        let args = Tuple::new(cx, args);
        this.args.set(cx.mutator(), this, args.value());
        Ok(())
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
    fn set_suppress_context(this: Gc<Exception>, value: bool) {
        this.suppress_context.init(value);
    }
}

/// `StopIteration.value`.
pub struct StopIterationMethods;

#[py_methods(STOP_ITERATION, name = "StopIteration")]
impl StopIterationMethods {
    /// generator return value
    #[getter]
    fn value(this: Gc<Exception>) -> Value {
        match args_of(this) {
            // Raised from Rust, an exception has only its arguments.
            Some(args) if this.detail.get() == NONE => tuple_items(&args).first().copied().unwrap_or(NONE),
            _ => this.detail.get(),
        }
    }
    #[setter]
    fn set_value(cx: &mut Cx, this: Gc<Exception>, value: Value) {
        this.detail.set(cx.mutator(), this, value);
    }
}

/// `SystemExit.code`.
pub struct SystemExitMethods;

#[py_methods(SYSTEM_EXIT, name = "SystemExit")]
impl SystemExitMethods {
    /// exception code
    #[getter]
    fn code(this: Gc<Exception>) -> Value {
        this.detail.get()
    }
    #[setter]
    fn set_code(cx: &mut Cx, this: Gc<Exception>, value: Value) {
        this.detail.set(cx.mutator(), this, value);
    }
}

/// `name` of AttributeError, NameError and ImportError.
pub struct NamedMethods;

#[py_methods(NAMED, name = "Exception")]
impl NamedMethods {
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
