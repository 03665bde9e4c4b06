//! What can be awaited, and `aiter` and `anext`.

use crate::generator::{as_resumable, delegate, stop_with, take_if, throw::given};
use py_macros::{py_functions, py_methods};
use py_object::objects::{Exception, Record};
use py_object::types::direct::{self, Special};
use py_object::types::{self, class_name, lookup_special};
use py_object::{Cx, Kind, NONE, PyResult, UNBOUND, allocate, attribute, bootstrap, call, downcast, iterators, shapes};
use vm_heap::{Gc, Value};

/// Whether a value is a coroutine, or a generator that `types.coroutine` has marked.
fn is_coroutine(value: Value) -> bool {
    types::is_exactly(value, Kind::COROUTINE)
        || as_resumable(value).is_some_and(|generator| {
            let flags = generator.code.get().flags.get().as_int() as u32;
            flags & py_code::flags::ITERABLE_COROUTINE != 0
        })
}

/// Calls a special method that takes the object alone.
pub(super) fn call_special(cx: &mut Cx, object: Value, hook: Value) -> PyResult {
    let class = types::class_of(cx, object);
    let bound = attribute::bind(cx, hook, Some(object), class)?;
    call::call(cx, bound, &[], None)
}

/// The iterator of an awaitable; `Ok(None)` where the object is none.
fn iterator_of(cx: &mut Cx, awaitable: Value) -> PyResult<Option<Value>> {
    if is_coroutine(awaitable) {
        return Ok(Some(awaitable));
    }
    let iterator = match direct::special(cx, awaitable, Special::Await) {
        Some(hook) => hook(cx, &[awaitable], None)?,
        None => {
            let Some(hook) = lookup_special(cx, awaitable, "__await__") else { return Ok(None) };
            call_special(cx, awaitable, hook)?
        }
    };
    if iterators::native_send(iterator).is_some() || lookup_special(cx, iterator, "__next__").is_some() {
        return Ok(Some(iterator));
    }
    if is_coroutine(iterator) {
        return Err(cx.type_error("__await__() returned a coroutine"));
    }
    let message = format!("__await__() returned non-iterator of type '{}'", class_name(cx, iterator));
    Err(cx.type_error(message))
}

/// The iterator that awaiting an object delegates to. `sort` is 1 for the result of `__aenter__`, 2 for that of
/// `__aexit__`, else 0.
pub fn awaitable_iterator(cx: &mut Cx, awaitable: Value, sort: u8) -> PyResult {
    let Some(iterator) = iterator_of(cx, awaitable)? else {
        let class = class_name(cx, awaitable);
        let message = match sort {
            0 => format!("'{class}' object can't be awaited"),
            _ => {
                let method = if sort == 1 { "__aenter__" } else { "__aexit__" };
                format!("'async with' received an object from {method} that does not implement __await__: {class}")
            }
        };
        return Err(cx.type_error(message));
    };
    if types::is_exactly(iterator, Kind::COROUTINE)
        && as_resumable(iterator).is_some_and(|coroutine| delegate(coroutine).is_some())
    {
        return Err(cx.raise(Kind::RUNTIME_ERROR, "coroutine is being awaited already"));
    }
    Ok(iterator)
}

/// As `awaitable_iterator`, for what `__anext__` of the object of an `async for` returned.
pub(super) fn item_iterator(cx: &mut Cx, awaitable: Value) -> PyResult {
    let found = match iterator_of(cx, awaitable) {
        Ok(Some(iterator)) => return Ok(iterator),
        Ok(None) => {
            let message = format!("'{}' object can't be awaited", class_name(cx, awaitable));
            cx.type_error(message)
        }
        Err(raised) => raised,
    };
    let _ = found;
    let cause = cx.take_raised();
    let message = format!("'async for' received an invalid object from __anext__: {}", class_name(cx, awaitable));
    let raised = cx.type_error(message);
    if let Some(exception) = downcast::<Exception>(cx.raised.get()) {
        exception.cause.set(cx.mutator(), exception, cause);
        exception.context.set(cx.mutator(), exception, cause);
        exception.suppress_context.init(true);
    }
    Err(raised)
}

/// `aiter` and `anext`.
pub struct Functions;

#[py_functions("builtins")]
impl Functions {
    /// Return an AsyncIterator for an AsyncIterable object.
    #[function]
    fn aiter(cx: &mut Cx, async_iterable: Value) -> PyResult {
        let Some(hook) = lookup_special(cx, async_iterable, "__aiter__") else {
            let message = format!("'{}' object is not an async iterable", class_name(cx, async_iterable));
            return Err(cx.type_error(message));
        };
        let iterator = call_special(cx, async_iterable, hook)?;
        if lookup_special(cx, iterator, "__anext__").is_none() {
            let message = format!("aiter() returned not an async iterator of type '{}'", class_name(cx, iterator));
            return Err(cx.type_error(message));
        }
        Ok(iterator)
    }
    /// Return the next item from the async iterator.
    ///
    /// If default is given and the async iterator is exhausted,
    /// it is returned instead of raising StopAsyncIteration.
    #[function(signature = "($module, aiterator, default=<unrepresentable>, /)")]
    fn anext(cx: &mut Cx, aiterator: Value, #[default(UNBOUND)] default: Value) -> PyResult {
        let Some(hook) = lookup_special(cx, aiterator, "__anext__") else {
            let message = format!("'{}' object is not an async iterator", class_name(cx, aiterator));
            return Err(cx.type_error(message));
        };
        let awaitable = call_special(cx, aiterator, hook)?;
        if default == UNBOUND {
            return Ok(awaitable);
        }
        let record = allocate::<Record>(cx.mutator(), shapes::ANEXT_AWAITABLE);
        record.first.init(awaitable);
        record.second.init(default);
        record.third.init(NONE);
        record.fourth.init(NONE);
        Ok(record.value())
    }
}

/// The iterator of what `anext(iterator, default)` awaits.
fn inner_iterator(cx: &mut Cx, this: Gc<Record>) -> PyResult {
    let awaitable = awaitable_iterator(cx, this.first.get(), 0)?;
    if !types::is_exactly(awaitable, Kind::COROUTINE) {
        return Ok(awaitable);
    }
    // A coroutine is no iterator by itself.
    call::call_method(cx, awaitable, "__await__", &[])
}

/// The end of the asynchronous iterator gives the default.
fn or_default(cx: &mut Cx, this: Gc<Record>, step: PyResult) -> PyResult {
    let Err(raised) = step else { return step };
    match take_if(cx, &[Kind::STOP_ASYNC_ITERATION]) {
        Some(_) => Err(stop_with(cx, this.second.get())),
        None => Err(raised),
    }
}

fn forward(cx: &mut Cx, this: Gc<Record>, method: &str, arguments: &[Value]) -> PyResult {
    let iterator = inner_iterator(cx, this)?;
    let step = call::call_method(cx, iterator, method, arguments);
    or_default(cx, this, step)
}

/// The methods of what `anext(iterator, default)` gives.
pub struct Methods;

#[py_methods(ANEXT_AWAITABLE, name = "anext_awaitable")]
impl Methods {
    #[method]
    fn __await__(this: Gc<Record>) -> Gc<Record> {
        this
    }
    #[method]
    fn __iter__(this: Gc<Record>) -> Gc<Record> {
        this
    }
    #[method]
    fn __next__(cx: &mut Cx, this: Gc<Record>) -> PyResult {
        let iterator = inner_iterator(cx, this)?;
        let step = match lookup_special(cx, iterator, "__next__") {
            Some(hook) => call_special(cx, iterator, hook),
            None => {
                let message = format!("'{}' object is not an iterator", class_name(cx, iterator));
                Err(cx.type_error(message))
            }
        };
        or_default(cx, this, step)
    }
    /// Send a value to what is awaited.
    #[method(signature = "")]
    fn send(cx: &mut Cx, this: Gc<Record>, value: Value) -> PyResult {
        forward(cx, this, "send", &[value])
    }
    /// Raise an exception in what is awaited.
    #[method(signature = "")]
    fn throw(
        cx: &mut Cx,
        this: Gc<Record>,
        r#type: Value,
        #[default(UNBOUND)] value: Value,
        #[default(UNBOUND)] traceback: Value,
    ) -> PyResult {
        let arguments = [r#type, value, traceback];
        let arguments = given(cx, "throw", &arguments)?;
        forward(cx, this, "throw", arguments)
    }
    /// Close what is awaited.
    #[method(signature = "")]
    fn close(cx: &mut Cx, this: Gc<Record>) -> PyResult {
        forward(cx, this, "close", &[])
    }
}

/// Enters the functions into the builtins and gives the type its methods.
pub(super) fn install(cx: &mut Cx) {
    bootstrap::add_methods(cx, Kind::ANEXT_AWAITABLE, ANEXT_AWAITABLE_METHODS);
    let builtins = cx.runtime.builtins.get().expect("made at start-up");
    bootstrap::add_functions(cx, builtins, NONE, FUNCTIONS);
}
