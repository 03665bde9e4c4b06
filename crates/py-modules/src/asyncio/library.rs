//! What `_asyncio` needs of the library, and calls of the event loop's methods.

use py_object::attribute::{self, Found};
use py_object::objects::Tuple;
use py_object::types::{class_of, is_subclass};
use py_object::{Cx, NONE, PyResult, Raised, call, exception, types};
use std::sync::OnceLock;
use vm_heap::{Gc, Value};

macro_rules! parts {
    ($( $Name:ident $module:literal $name:literal )*) => {
        /// Functions and classes of the library.
        #[derive(Clone, Copy)]
        pub enum Part { $( #[doc = concat!("`", $module, ".", $name, "`.")] $Name ),* }

        const PARTS: &[(&str, &str)] = &[$( ($module, $name) ),*];
    };
}

parts! {
    CancelledError "asyncio.exceptions" "CancelledError"
    InvalidStateError "asyncio.exceptions" "InvalidStateError"
    FutureRepr "asyncio.base_futures" "_future_repr"
    TaskRepr "asyncio.base_tasks" "_task_repr"
    TaskGetStack "asyncio.base_tasks" "_task_get_stack"
    TaskPrintStack "asyncio.base_tasks" "_task_print_stack"
    EventLoopPolicy "asyncio.events" "_get_event_loop_policy"
    IsCoroutine "asyncio.coroutines" "iscoroutine"
    ExtractStack "traceback" "extract_stack"
    WeakSet "_weakrefset" "WeakSet"
}

static FOUND: [OnceLock<Value>; PARTS.len()] = [const { OnceLock::new() }; PARTS.len()];

/// A part of the library, as it was when it was first asked for.
pub fn part(cx: &mut Cx, part: Part) -> PyResult {
    match FOUND[part as usize].get() {
        Some(found) => Ok(*found),
        None => find(cx, part),
    }
}

#[cold]
fn find(cx: &mut Cx, part: Part) -> PyResult {
    let (module, name) = PARTS[part as usize];
    let found = cx.import_from(module, name)?;
    Ok(kept_once(cx, &FOUND[part as usize], found))
}

/// The value of a place that is filled once and lives as long as the process.
pub fn kept_once(cx: &mut Cx, place: &OnceLock<Value>, value: Value) -> Value {
    *place.get_or_init(|| {
        cx.runtime.keep(value);
        value
    })
}

/// Raises InvalidStateError.
#[cold]
pub fn invalid_state(cx: &mut Cx, message: impl AsRef<str>) -> Raised {
    let class = match part(cx, Part::InvalidStateError) {
        Ok(class) => class,
        Err(raised) => return raised,
    };
    let message = py_object::objects::Str::new(cx, message.as_ref());
    match call::call(cx, class, &[message.value()], None) {
        Ok(error) => raise(cx, error),
        Err(raised) => raised,
    }
}

/// Raises an exception object; what is being handled becomes its context.
pub fn raise(cx: &mut Cx, error: Value) -> Raised {
    match exception::as_exception(error) {
        Some(error) => exception::raise(cx, error),
        None => cx.type_error("exceptions must derive from BaseException"),
    }
}

/// Whether an exception is a CancelledError.
pub fn is_cancelled_error(cx: &mut Cx, error: Value) -> PyResult<bool> {
    let class = part(cx, Part::CancelledError)?;
    Ok(types::as_type(class).is_some_and(|class| is_subclass(class_of(cx, error), class)))
}

/// Calls a method with arguments: the receiver lies in front of them, the keywords' values behind.
pub fn call_method(
    cx: &mut Cx,
    name: &'static str,
    receiver_and_arguments: &[Value],
    keywords: Option<Gc<Tuple>>,
) -> PyResult {
    let (receiver, name) = (receiver_and_arguments[0], cx.name(name));
    match attribute::locate(cx, receiver, name) {
        Some(Found::Method(function)) => call::call(cx, function, receiver_and_arguments, keywords),
        _ => {
            let method = attribute::get(cx, receiver, name)?;
            call::call(cx, method, &receiver_and_arguments[1..], keywords)
        }
    }
}

/// The tuple of the one keyword `context`.
pub fn context_keyword(cx: &mut Cx) -> Gc<Tuple> {
    static NAMES: OnceLock<Value> = OnceLock::new();
    let names = match NAMES.get() {
        Some(names) => *names,
        None => {
            let name = cx.intern("context");
            let names = cx.tuple(&[name.value()]);
            kept_once(cx, &NAMES, names)
        }
    };
    py_object::downcast(names).expect("made as a tuple")
}

/// `event_loop.call_soon(callback[, argument], context=context)`.
pub fn call_soon(
    cx: &mut Cx,
    event_loop: Value,
    callback: Value,
    argument: Option<Value>,
    context: Value,
) -> PyResult<()> {
    let names = context_keyword(cx);
    match argument {
        Some(argument) => call_method(cx, "call_soon", &[event_loop, callback, argument, context], Some(names))?,
        None => call_method(cx, "call_soon", &[event_loop, callback, context], Some(names))?,
    };
    Ok(())
}

/// Tells the event loop of something that nobody can catch: `event_loop.call_exception_handler({…})`.
pub fn call_exception_handler(cx: &mut Cx, event_loop: Value, details: &[(&str, Value)]) {
    let method = match exception_handler(cx, event_loop) {
        Ok(method) => method,
        Err(_) => return py_object::finalize::unraisable(cx, "Exception ignored in", event_loop),
    };
    let context = cx.dict();
    for (key, value) in details {
        let key = cx.intern(key);
        if py_object::objects::Dict::set_str(cx, context, key, *value).is_err() {
            cx.take_raised();
        }
    }
    if call::call(cx, method, &[context.value()], None).is_err() {
        py_object::finalize::unraisable(cx, "Exception ignored in", method);
    }
}

fn exception_handler(cx: &mut Cx, event_loop: Value) -> PyResult {
    let name = cx.name("call_exception_handler");
    attribute::get(cx, event_loop, name)
}

/// Whether something is an exact instance of a built-in class, with attributes of its own or without.
pub fn is_of_class(cx: &Cx, value: Value, kind: py_object::Kind) -> bool {
    value != NONE && class_of(cx, value) == cx.builtin_type(kind)
}
