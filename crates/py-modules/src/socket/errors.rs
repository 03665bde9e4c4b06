//! The exceptions of sockets.

use crate::system::roots::RootedValue;
use py_object::exception::as_exception;
use py_object::objects::{Dict, Str, Tuple, Type};
use py_object::types::{self, as_type};
use py_object::{Cx, Kind, PyResult, Raised, call};
use vm_heap::{Gc, Value};

/// Exceptions about names.
#[derive(Clone, Copy)]
pub enum Name {
    /// `gaierror`, of `getaddrinfo`.
    Address,
    /// `herror`, of the older functions.
    Host,
}

impl Name {
    /// The class's name.
    pub fn text(self) -> &'static str {
        match self {
            Name::Address => "gaierror",
            Name::Host => "herror",
        }
    }
}

static CLASSES: [RootedValue; 2] = [RootedValue::new(), RootedValue::new()];

/// The class of an exception about names.
pub fn name_class(cx: &mut Cx, which: Name) -> PyResult<Gc<Type>> {
    let place = &CLASSES[which as usize];
    if let Some(class) = place.get().and_then(as_type) {
        return Ok(class);
    }
    let namespace = Dict::new(cx);
    let key = cx.intern("__module__");
    let module = Str::new(cx, "socket");
    Dict::set_str(cx, namespace, key, module.value())?;
    let base = cx.builtin_type(Kind::OS_ERROR).value();
    let bases = Tuple::new(cx, &[base]);
    let name = cx.intern(which.text());
    let metaclass = cx.builtin_type(Kind::TYPE);
    let class = types::new_class(cx, metaclass, name, bases.value(), namespace)?;
    place.set(class.value());
    Ok(class)
}

fn raise_class(cx: &mut Cx, class: Value, arguments: &[Value]) -> Raised {
    match call::call(cx, class, arguments, None) {
        Ok(made) => match as_exception(made) {
            Some(exception) => py_object::exception::raise(cx, exception),
            None => cx.type_error("the class did not make an exception"),
        },
        Err(raised) => raised,
    }
}

/// Raises the exception of a failed look-up.
pub fn name_error(cx: &mut Cx, which: Name, number: i32, text: &str) -> Raised {
    let class = match name_class(cx, which) {
        Ok(class) => class.value(),
        Err(raised) => return raised,
    };
    let text = Str::new(cx, text);
    raise_class(cx, class, &[Value::int(i64::from(number)), text.value()])
}

/// Raises what `getaddrinfo` and `getnameinfo` returned.
pub fn address_error(cx: &mut Cx, number: i32) -> Raised {
    if number == libc::EAI_SYSTEM {
        let number = crate::system::errors::last_error();
        return crate::system::errors::os_error(cx, number);
    }
    // SAFETY: the call returns a text that ends with a zero byte.
    let text = unsafe { std::ffi::CStr::from_ptr(libc::gai_strerror(number)) }.to_string_lossy().into_owned();
    name_error(cx, Name::Address, number, &text)
}

/// `TimeoutError`, or OSError where there is none.
pub fn timeout_class(cx: &mut Cx) -> Value {
    let builtins = cx.runtime.builtins.get().expect("made at start-up");
    let name = cx.intern("TimeoutError");
    let found = Dict::get_str(cx, builtins, name);
    found.unwrap_or_else(|| cx.builtin_type(Kind::OS_ERROR).value())
}

/// Raises the exception of an operation that took too long.
pub fn timed_out(cx: &mut Cx) -> Raised {
    let class = timeout_class(cx);
    let text = Str::new(cx, "timed out");
    raise_class(cx, class, &[text.value()])
}
