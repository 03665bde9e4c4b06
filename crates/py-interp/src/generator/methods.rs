//! The methods of generators.

use crate::generator::throw::given;
use crate::generator::{self, close, delegate, reported, resume, throw};
use py_macros::py_methods;
use py_object::objects::{Generator, Str};
use py_object::{Cx, Kind, NONE, PyResult, UNBOUND, bootstrap, downcast};
use vm_heap::{Gc, Value};

/// `<generator object name at 0x…>`.
pub(super) fn shown(generator: Gc<Generator>, what: &str) -> String {
    let name = downcast::<Str>(generator.qualname.get());
    let name = name.map_or_else(String::new, |name| py_object::StrExt::to_text(&name));
    format!("<{what} object {name} at {:#x}>", generator.address())
}

/// A new `__name__` or `__qualname__`.
pub(super) fn text_of(cx: &mut Cx, value: Value, name: &str) -> PyResult {
    match downcast::<Str>(value) {
        Some(text) => Ok(text.value()),
        _ => Err(cx.type_error(format!("{name} must be set to a string object"))),
    }
}

/// The methods.
pub struct Methods;

#[py_methods(GENERATOR, name = "generator")]
impl Methods {
    #[method]
    fn __iter__(this: Gc<Generator>) -> Gc<Generator> {
        this
    }
    /// Implement next(self).
    #[method]
    fn __next__(cx: &mut Cx, this: Gc<Generator>) -> PyResult {
        let outcome = resume(cx, this, NONE);
        reported(cx, this, outcome)
    }
    /// Send a value into generator code: its yield expression gives it. Returns what it
    /// yields next.
    #[method(signature = "")]
    fn send(cx: &mut Cx, this: Gc<Generator>, value: Value) -> PyResult {
        let outcome = resume(cx, this, value);
        reported(cx, this, outcome)
    }
    /// throw(value)
    /// throw(type[,value[,tb]])
    ///
    /// Raise an exception where the generator waits. Returns what it yields next.
    #[method(signature = "")]
    fn throw(
        cx: &mut Cx,
        this: Gc<Generator>,
        r#type: Value,
        #[default(UNBOUND)] value: Value,
        #[default(UNBOUND)] traceback: Value,
    ) -> PyResult {
        let arguments = [r#type, value, traceback];
        let arguments = given(cx, "throw", &arguments)?;
        let outcome = throw(cx, this, arguments, true);
        reported(cx, this, outcome)
    }
    /// Raise GeneratorExit inside generator code, where it waits.
    #[method]
    fn close(cx: &mut Cx, this: Gc<Generator>) -> PyResult {
        close(cx, this)
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cx: &mut Cx, class: Value, object: Value) -> PyResult {
        py_object::types::generic::alias(cx, class, object)
    }
    #[method]
    fn __repr__(this: Gc<Generator>) -> String {
        shown(this, "generator")
    }
    /// name of the generator
    #[getter]
    fn __name__(this: Gc<Generator>) -> Value {
        this.name.get()
    }
    #[setter]
    fn set_name(cx: &mut Cx, this: Gc<Generator>, value: Value) -> PyResult<()> {
        let text = text_of(cx, value, "__name__")?;
        this.name.set(cx.mutator(), this, text);
        Ok(())
    }
    /// qualified name of the generator
    #[getter]
    fn __qualname__(this: Gc<Generator>) -> Value {
        this.qualname.get()
    }
    #[setter]
    fn set_qualname(cx: &mut Cx, this: Gc<Generator>, value: Value) -> PyResult<()> {
        let text = text_of(cx, value, "__qualname__")?;
        this.qualname.set(cx.mutator(), this, text);
        Ok(())
    }
    #[getter]
    fn gi_running(this: Gc<Generator>) -> bool {
        generator::is_running(this)
    }
    #[getter]
    fn gi_suspended(this: Gc<Generator>) -> bool {
        generator::is_suspended(this)
    }
    /// object being iterated by yield from, or None
    #[getter]
    fn gi_yieldfrom(this: Gc<Generator>) -> Option<Value> {
        delegate(this)
    }
    #[getter]
    fn gi_code(this: Gc<Generator>) -> Value {
        this.code.get().value()
    }
}

/// Gives generators their methods.
pub(super) fn install(cx: &mut Cx) {
    bootstrap::add_methods(cx, Kind::GENERATOR, GENERATOR_METHODS);
}
