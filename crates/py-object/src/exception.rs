//! Core of exceptions: making them and recording where they passed.

use crate::cx::{Cx, NONE};
use crate::kinds::Kind;
use crate::object::allocate;
use crate::objects::{Exception, FrameObject, Str, Traceback, Tuple, Type};
use crate::string::downcast;
use crate::types::{as_type, instance_shape, is_subclass};
use crate::{PyResult, call};
use vm_heap::{Gc, ShapeId, Value};
use vm_machine::Raised;

impl Exception {
    /// A new built-in exception.
    pub fn new(cx: &mut Cx, kind: Kind, args: &[Value]) -> Gc<Exception> {
        let args = Tuple::new(cx, args);
        let exception = Exception::with_shape(cx, kind.shape(), args.value());
        crate::types::exceptions::details::fill(cx, exception);
        exception
    }

    /// A new exception of a class, without running its `__init__`.
    pub fn of_class(cx: &mut Cx, class: Gc<Type>, args: Value) -> Gc<Exception> {
        let exception = Exception::with_shape(cx, instance_shape(class).id, args);
        crate::types::note_instance(cx, class, exception.value());
        exception
    }

    fn with_shape(cx: &mut Cx, shape: ShapeId, args: Value) -> Gc<Exception> {
        let exception = allocate::<Exception>(cx.mutator(), shape);
        exception.args.init(args);
        for field in [&exception.traceback, &exception.context, &exception.cause, &exception.detail] {
            field.init(NONE);
        }
        exception
    }
}

/// An exception object, if the value is one.
pub fn as_exception(value: Value) -> Option<Gc<Exception>> {
    downcast::<Exception>(value)
}

/// A class as its `repr` shows it.
fn class_text(cx: &mut Cx, class: Value) -> String {
    match crate::operations::repr(cx, class) {
        Ok(text) => crate::string::StrExt::to_text(&text),
        Err(_) => {
            cx.take_raised();
            "a class".to_string()
        }
    }
}

/// What `raise value` raises: an instance as it is, a class called without arguments.
pub fn normalise(cx: &mut Cx, value: Value) -> PyResult<Gc<Exception>> {
    if let Some(exception) = as_exception(value) {
        return Ok(exception);
    }
    if let Some(class) = as_type(value)
        && is_subclass(class, cx.builtin_type(Kind::BASE_EXCEPTION))
    {
        let made = call::call(cx, value, &[], None)?;
        return match as_exception(made) {
            Some(exception) => Ok(exception),
            None => {
                let made_class = crate::types::class_of(cx, made).value();
                let message = format!(
                    "calling {} should have returned an instance of BaseException, not {}",
                    class_text(cx, value),
                    class_text(cx, made_class)
                );
                Err(cx.type_error(message))
            }
        };
    }
    Err(cx.type_error("exceptions must derive from BaseException"))
}

/// Raises a SyntaxError (or one of its kind) about a place: line and column, last line and column behind the last.
/// `text` is the source line.
pub fn raise_syntax_error(
    cx: &mut Cx,
    kind: Kind,
    message: &str,
    filename: &str,
    place: [i64; 4],
    text: Option<&str>,
) -> Raised {
    let message = Str::new(cx, message);
    let file = Str::new(cx, filename);
    let text = text.map_or(NONE, |text| Str::new(cx, text).value());
    let [line, column, end_line, end_column] = place.map(Value::int);
    let place = Tuple::new(cx, &[file.value(), line, column, text, end_line, end_column]);
    let exception = Exception::new(cx, kind, &[message.value(), place.value()]);
    raise(cx, exception)
}

/// Raises an exception: what is being handled becomes its context.
pub fn raise(cx: &mut Cx, exception: Gc<Exception>) -> Raised {
    set_context(cx, exception);
    cx.raise_value(exception.value())
}

/// Makes what is being handled the context of an exception, without making a cycle.
pub fn set_context(cx: &mut Cx, exception: Gc<Exception>) {
    let handled = cx.handled_now();
    if handled == NONE || handled == exception.value() {
        return;
    }
    // A program may have made a cycle of its own: `slow` follows at half the speed and is met there.
    let (mut link, mut slow, mut turn) = (handled, handled, false);
    while let Some(at) = as_exception(link) {
        let next = at.context.get();
        if next == exception.value() {
            at.context.set(cx.mutator(), at, NONE);
            break;
        }
        link = next;
        if link == slow {
            break;
        }
        turn = !turn;
        if !turn {
            slow = as_exception(slow).map_or(NONE, |at| at.context.get());
        }
    }
    exception.context.set(cx.mutator(), exception, handled);
}

/// Raises StopIteration with the value that an iterator returned.
pub fn stop_with(cx: &mut Cx, value: Value) -> Raised {
    let arguments: &[Value] = if value == NONE { &[] } else { &[value] };
    let stop = Exception::new(cx, Kind::STOP_ITERATION, arguments);
    raise(cx, stop)
}

/// If an exception of one of these kinds is being raised, takes it.
pub fn take_if(cx: &mut Cx, kinds: &[Kind]) -> Option<Value> {
    let raised = cx.raised.get();
    if kinds.iter().any(|kind| crate::types::is_instance(cx, raised, *kind)) {
        return Some(cx.take_raised());
    }
    None
}

/// If a StopIteration is being raised, takes it and returns its value.
pub fn take_stop(cx: &mut Cx) -> Option<Value> {
    let raised = take_if(cx, &[Kind::STOP_ITERATION])?;
    let exception = downcast::<Exception>(raised)?;
    if exception.detail.get() != NONE {
        return Some(exception.detail.get());
    }
    let arguments = downcast::<Tuple>(exception.args.get())?;
    Some(crate::sequence::tuple_items(&arguments).first().copied().unwrap_or(NONE))
}

/// Notes that an exception passed an instruction of a frame.
pub fn add_traceback(cx: &mut Cx, exception: Gc<Exception>, frame: Gc<FrameObject>, offset: usize) {
    let entry = allocate::<Traceback>(cx.mutator(), Kind::TRACEBACK.shape());
    entry.next.init(exception.traceback.get());
    entry.frame.init(frame.value());
    entry.offset.init(Value::int(crate::types::frame::byte_offset(offset)));
    entry.line.init(NONE);
    exception.traceback.set(cx.mutator(), exception, entry.value());
}

/// Whether an exception is caught by `except pattern`.
pub fn matches(cx: &mut Cx, exception: Value, pattern: Value) -> PyResult<bool> {
    if let Some(tuple) = downcast::<Tuple>(pattern) {
        let base = cx.builtin_type(Kind::BASE_EXCEPTION);
        let is_class = |item: &Value| as_type(*item).is_some_and(|class| is_subclass(class, base));
        if !crate::sequence::tuple_items(&tuple).iter().all(|item| is_class(item) || downcast::<Tuple>(*item).is_some())
        {
            return Err(not_catchable(cx));
        }
        for item in crate::sequence::tuple_items(&tuple) {
            if matches(cx, exception, *item)? {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    match as_type(pattern) {
        Some(class) if is_subclass(class, cx.builtin_type(Kind::BASE_EXCEPTION)) => {
            Ok(is_subclass(crate::types::class_of(cx, exception), class))
        }
        _ => Err(not_catchable(cx)),
    }
}

fn not_catchable(cx: &mut Cx) -> Raised {
    cx.type_error("catching classes that do not inherit from BaseException is not allowed")
}
