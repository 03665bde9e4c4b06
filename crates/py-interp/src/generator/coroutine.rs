//! Coroutines, and the iterators that `__await__` gives of them.

use crate::code::unit_of;
use crate::generator::methods::{shown, text_of};
use crate::generator::throw::given;
use crate::generator::{self, close, delegate, reported, resume, throw};
use py_macros::py_methods;
use py_object::frames;
use py_object::objects::{Generator, List, Record, Str, Tuple};
use py_object::{Cx, Kind, NONE, PyResult, UNBOUND, allocate, bootstrap, downcast, shapes};
use vm_heap::{Gc, Value};

/// `cr_origin` of a coroutine that is being made: file, line and function of the frames outside it, innermost first.
pub(super) fn origin(cx: &mut Cx) -> PyResult {
    let depth = cx.origin_depth.get() as usize;
    let origin = List::new(cx, &[])?;
    // The coroutine's own frame is the innermost.
    for frame in frames::running(cx).skip(1).take(depth) {
        let unit = unit_of(cx, frame.code);
        let position = unit.position(frame.offset);
        let (file, name) = (Str::new(cx, &unit.filename), Str::new(cx, &unit.name));
        let line = Value::int(position.line as i64);
        let entry = cx.tuple(&[file.value(), line, name.value()]);
        List::push(cx, origin, entry)?;
    }
    Ok(Tuple::from_list(cx, origin)?.value())
}

/// The methods of coroutines.
pub struct Methods;

#[py_methods(COROUTINE, name = "coroutine")]
impl Methods {
    /// Send a value into coroutine code: what it awaits gets it. Returns what it yields next.
    #[method(signature = "")]
    fn send(cx: &mut Cx, this: Gc<Generator>, value: Value) -> PyResult {
        let outcome = resume(cx, this, value);
        reported(cx, this, outcome)
    }
    /// throw(value)
    /// throw(type[,value[,traceback]])
    ///
    /// Raise an exception in coroutine code, where it waits. Returns what it yields next.
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
    /// Raise GeneratorExit inside coroutine code, where it waits.
    #[method]
    fn close(cx: &mut Cx, this: Gc<Generator>) -> PyResult {
        close(cx, this)
    }
    #[method]
    fn __await__(cx: &mut Cx, this: Gc<Generator>) -> Value {
        let wrapper = allocate::<Record>(cx.mutator(), shapes::COROUTINE_WRAPPER);
        wrapper.first.init(this.value());
        for field in [&wrapper.second, &wrapper.third, &wrapper.fourth] {
            field.init(NONE);
        }
        wrapper.value()
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cx: &mut Cx, class: Value, object: Value) -> PyResult {
        py_object::types::generic::alias(cx, class, object)
    }
    #[method]
    fn __repr__(this: Gc<Generator>) -> String {
        shown(this, "coroutine")
    }
    /// name of the coroutine
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
    /// qualified name of the coroutine
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
    fn cr_running(this: Gc<Generator>) -> bool {
        generator::is_running(this)
    }
    #[getter]
    fn cr_suspended(this: Gc<Generator>) -> bool {
        generator::is_suspended(this)
    }
    /// object being awaited on, or None
    #[getter]
    fn cr_await(this: Gc<Generator>) -> Option<Value> {
        delegate(this)
    }
    #[getter]
    fn cr_code(this: Gc<Generator>) -> Value {
        this.code.get().value()
    }
    #[getter]
    fn cr_origin(this: Gc<Generator>) -> Value {
        this.extra.get()
    }
    #[setter]
    fn set_cr_origin(cx: &mut Cx, _this: Gc<Generator>, _value: Value) -> PyResult<()> {
        Err(cx.raise(Kind::ATTRIBUTE_ERROR, "readonly attribute"))
    }
}

fn wrapped(wrapper: Gc<Record>) -> Gc<Generator> {
    downcast::<Generator>(wrapper.first.get()).expect("a wrapper holds its coroutine")
}

/// The methods of a coroutine's `__await__()`.
pub struct WrapperMethods;

#[py_methods(COROUTINE_WRAPPER, name = "coroutine_wrapper")]
impl WrapperMethods {
    #[method]
    fn __iter__(this: Gc<Record>) -> Gc<Record> {
        this
    }
    #[method]
    fn __next__(cx: &mut Cx, this: Gc<Record>) -> PyResult {
        let coroutine = wrapped(this);
        let outcome = resume(cx, coroutine, NONE);
        reported(cx, coroutine, outcome)
    }
    /// Send a value into coroutine code: what it awaits gets it. Returns what it yields next.
    #[method(signature = "")]
    fn send(cx: &mut Cx, this: Gc<Record>, value: Value) -> PyResult {
        let coroutine = wrapped(this);
        let outcome = resume(cx, coroutine, value);
        reported(cx, coroutine, outcome)
    }
    /// throw(value)
    /// throw(type[,value[,traceback]])
    ///
    /// Raise an exception in coroutine code, where it waits. Returns what it yields next.
    #[method(signature = "")]
    fn throw(
        cx: &mut Cx,
        this: Gc<Record>,
        r#type: Value,
        #[default(UNBOUND)] value: Value,
        #[default(UNBOUND)] traceback: Value,
    ) -> PyResult {
        let coroutine = wrapped(this);
        let arguments = [r#type, value, traceback];
        let arguments = given(cx, "throw", &arguments)?;
        let outcome = throw(cx, coroutine, arguments, true);
        reported(cx, coroutine, outcome)
    }
    /// Raise GeneratorExit inside coroutine code, where it waits.
    #[method]
    fn close(cx: &mut Cx, this: Gc<Record>) -> PyResult {
        close(cx, wrapped(this))
    }
}

/// Gives coroutines their methods.
pub(super) fn install(cx: &mut Cx) {
    bootstrap::add_methods(cx, Kind::COROUTINE, COROUTINE_METHODS);
    bootstrap::add_methods(cx, Kind::COROUTINE_WRAPPER, COROUTINE_WRAPPER_METHODS);
}
