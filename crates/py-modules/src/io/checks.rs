//! Errors that all streams raise, and questions that they ask each other.

use crate::system::roots::RootedValue;
use py_object::bootstrap;
use py_object::exception::as_exception;
use py_object::objects::{Dict, Str, Tuple, Type};
use py_object::types::namespace::{self, Addition};
use py_object::types::{self, as_type, class_name, class_of, int, is_subclass};
use py_object::{Cx, Kind, NONE, PyResult, Raised, attribute, call, operations};
use vm_heap::{Gc, Value};

static UNSUPPORTED: RootedValue = RootedValue::new();

/// `io.UnsupportedOperation`.
pub fn unsupported_class(cx: &mut Cx) -> PyResult<Gc<Type>> {
    if let Some(class) = UNSUPPORTED.get().and_then(as_type) {
        return Ok(class);
    }
    let namespace = Dict::new(cx);
    let key = cx.intern("__module__");
    let module = Str::new(cx, "io");
    Dict::set_str(cx, namespace, key, module.value())?;
    let bases = [Kind::OS_ERROR, Kind::VALUE_ERROR].map(|kind| cx.builtin_type(kind).value());
    let bases = Tuple::new(cx, &bases);
    let name = cx.intern("UnsupportedOperation");
    let metaclass = cx.builtin_type(Kind::TYPE);
    let class = types::new_class(cx, metaclass, name, bases.value(), namespace)?;
    UNSUPPORTED.set(class.value());
    Ok(class)
}

/// Raises `io.UnsupportedOperation`.
#[cold]
pub fn unsupported(cx: &mut Cx, message: &str) -> Raised {
    let class = match unsupported_class(cx) {
        Ok(class) => class,
        Err(raised) => return raised,
    };
    let text = Str::new(cx, message);
    match call::call(cx, class.value(), &[text.value()], None) {
        Ok(made) => match as_exception(made) {
            Some(exception) => py_object::exception::raise(cx, exception),
            None => cx.type_error("UnsupportedOperation() did not make an exception"),
        },
        Err(raised) => raised,
    }
}

/// Whether a value is exactly of a built-in class, with or without attributes of its own.
#[inline]
pub fn is_exact(cx: &Cx, value: Value, kind: Kind) -> bool {
    value.is_object() && class_of(cx, value) == cx.builtin_type(kind)
}

/// Whether a value is an instance of a built-in class or of a subclass.
pub fn is_instance(cx: &Cx, value: Value, kind: Kind) -> bool {
    value.is_object() && is_subclass(class_of(cx, value), cx.builtin_type(kind))
}

/// `object.name`.
pub fn get(cx: &mut Cx, object: Value, name: &str) -> PyResult {
    let name = cx.intern(name);
    attribute::get(cx, object, name)
}

/// `object.name`, or `None` where there is none.
pub fn find(cx: &mut Cx, object: Value, name: &str) -> PyResult<Option<Value>> {
    match get(cx, object, name) {
        Ok(value) => Ok(Some(value)),
        Err(_) if types::is_instance(cx, cx.raised.get(), Kind::ATTRIBUTE_ERROR) => {
            cx.take_raised();
            Ok(None)
        }
        Err(raised) => Err(raised),
    }
}

/// Whether `object.closed` is true.
pub fn is_closed(cx: &mut Cx, object: Value) -> PyResult<bool> {
    let closed = get(cx, object, "closed")?;
    operations::truth(cx, closed)
}

/// ValueError where a stream says that it is closed.
pub fn check_closed(cx: &mut Cx, object: Value) -> PyResult<()> {
    if is_closed(cx, object)? { Err(closed(cx)) } else { Ok(()) }
}

/// The ValueError of a closed stream.
#[cold]
pub fn closed(cx: &mut Cx) -> Raised {
    cx.value_error("I/O operation on closed file.")
}

/// The truth of what `object.name()` returns.
pub fn ask(cx: &mut Cx, object: Value, name: &str) -> PyResult<bool> {
    let answer = call::call_method(cx, object, name, &[])?;
    operations::truth(cx, answer)
}

/// A size or limit argument: None is -1.
pub fn size(cx: &mut Cx, value: Value) -> PyResult<i64> {
    if value == NONE {
        return Ok(-1);
    }
    if value.is_int() {
        return Ok(value.as_int());
    }
    match int::try_index(cx, value)? {
        Some(number) => match int::as_i64(number) {
            Some(number) => Ok(number),
            None => Err(cx.raise(Kind::OVERFLOW_ERROR, "cannot fit 'int' into an index-sized integer")),
        },
        None => {
            let message = format!("argument should be integer or None, not '{}'", class_name(cx, value));
            Err(cx.type_error(message))
        }
    }
}

/// A position in a file from what a method returned or was given.
pub fn offset(cx: &mut Cx, value: Value) -> PyResult<i64> {
    let number = int::index(cx, value)?;
    match int::as_i64(number) {
        Some(number) => Ok(number),
        None => Err(cx.raise(Kind::OVERFLOW_ERROR, "Python int too large to convert to C long")),
    }
}

/// Runs `object.close()` after a failed flush: the first exception is the context of the second.
pub fn chain(cx: &mut Cx, first: Value) {
    let second = cx.raised.get();
    if let (Some(first), Some(second)) = (as_exception(first), as_exception(second))
        && first != second
        && second.context.get() == NONE
    {
        second.context.set(cx.mutator(), second, first.value());
    }
}

/// Gives a built-in class methods and its module's name.
pub fn install(cx: &mut Cx, kind: Kind, methods: &'static [py_object::native::NativeDefinition], doc: &'static str) {
    bootstrap::add_methods(cx, kind, methods);
    for (name, text) in [("__module__", "_io"), ("__doc__", doc)] {
        namespace::add(cx, kind, Addition::Text(name, text));
    }
}
