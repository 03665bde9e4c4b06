//! `function` and `cell`.

use crate::arguments::Keywords;
use crate::cx::{Cx, NONE, NOT_IMPLEMENTED, PyResult, UNBOUND, bool_value};
use crate::frames::{self, lazy_unit_of, unit_of};
use crate::kinds::{Kind, shapes};
use crate::object::allocate;
use crate::objects::{Cell, Code, Dict, Function, Module, Str, Tuple, Type};
use crate::operations::{self, Comparison};
use crate::runtime::Assumption;
use crate::sequence::tuple_items;
use crate::string::{StrExt, downcast};
use crate::types::{class_name, object};
use crate::{attribute, call};
use py_macros::py_methods;
use vm_heap::{Gc, Value};

/// Notes that a function of some globals has a code object. Inline caches hold cells of one namespace only: code that
/// functions of several share does without.
fn claim(cx: &mut Cx, code: Gc<Code>, globals: Gc<Dict>) {
    let home = code.home.get();
    if home == NONE {
        code.home.set(cx.mutator(), code, globals.value());
    } else if home != UNBOUND && home != globals.value() {
        code.home.set(cx.mutator(), code, UNBOUND);
        if let Some(invalidate) = cx.runtime.invalidate.get() {
            invalidate(cx, Assumption::Home(code));
        }
    }
}

/// A new function of a code object.
pub fn new_function(cx: &mut Cx, code: Gc<Code>, globals: Gc<Dict>) -> Gc<Function> {
    let key = cx.intern("__name__");
    let module = Dict::get_str(cx, globals, key).unwrap_or(NONE);
    claim(cx, code, globals);
    let function = allocate::<Function>(cx.mutator(), shapes::FUNCTION);
    function.code.init(code);
    function.globals.init(globals);
    for field in [
        &function.defaults,
        &function.keyword_defaults,
        &function.closure,
        &function.annotate,
        &function.annotations,
        &function.type_params,
    ] {
        field.init(NONE);
    }
    function.name.init(code.name.get());
    function.qualname.init(code.qualname.get());
    function.doc.init(UNBOUND);
    function.module.init(module);
    function
}

/// The documentation of a function: the docstring of its code until something else is set.
fn doc_of(cx: &mut Cx, function: Gc<Function>) -> Value {
    if function.doc.get() == UNBOUND {
        let unit = lazy_unit_of(function.code.get());
        let doc = match unit.head().docstring {
            Some(text) => Str::from_wtf8(cx, text).value(),
            None => NONE,
        };
        function.doc.set(cx.mutator(), function, doc);
    }
    function.doc.get()
}

/// Withdraws the traces that rely on a function before its code or its defaults change.
fn withdraw(cx: &mut Cx, function: Gc<Function>) {
    if function.relied_on.get() {
        function.relied_on.init(false);
        if let Some(invalidate) = cx.runtime.invalidate.get() {
            invalidate(cx, Assumption::Functions);
        }
    }
}

/// How many free variables a code object has.
fn free_variables(cx: &Cx, code: Gc<Code>) -> usize {
    unit_of(cx, code).freevars.len()
}

fn set_code(cx: &mut Cx, this: Gc<Function>, value: Value) -> PyResult<()> {
    let Some(code) = downcast::<Code>(value) else {
        return Err(cx.type_error("__code__ must be set to a code object"));
    };
    let (free, wanted) = (free_variables(cx, code), free_variables(cx, this.code.get()));
    if free != wanted {
        let name = downcast::<Str>(this.name.get()).map_or_else(String::new, |name| name.to_text());
        let message = format!("{name}() requires a code object with {wanted} free vars, not {free}");
        return Err(cx.value_error(message));
    }
    if code == this.code.get() {
        return Ok(());
    }
    if frames::in_compiled_code(cx) {
        let message = "__code__ cannot be changed through setattr() from compiled code";
        return Err(cx.raise(Kind::RUNTIME_ERROR, message));
    }
    doc_of(cx, this);
    withdraw(cx, this);
    // Frames look at their function for their code: those that run now get a copy that keeps it.
    let copy = new_function(cx, this.code.get(), this.globals.get());
    for (to, from) in [
        (&copy.defaults, &this.defaults),
        (&copy.keyword_defaults, &this.keyword_defaults),
        (&copy.closure, &this.closure),
        (&copy.annotate, &this.annotate),
        (&copy.name, &this.name),
        (&copy.qualname, &this.qualname),
        (&copy.module, &this.module),
    ] {
        to.set(cx.mutator(), copy, from.get());
    }
    frames::replace_function(cx, this, copy);
    claim(cx, code, this.globals.get());
    this.code.set(cx.mutator(), this, code);
    Ok(())
}

/// The annotations: computed when first asked for.
fn annotations(cx: &mut Cx, this: Gc<Function>) -> PyResult {
    if this.annotations.get() != NONE {
        return Ok(this.annotations.get());
    }
    let annotate = this.annotate.get();
    let made = if annotate == NONE { cx.dict().value() } else { call::call(cx, annotate, &[Value::int(1)], None)? };
    if downcast::<Dict>(made).is_none() {
        let class = class_name(cx, made);
        return Err(cx.type_error(format!("__annotate__ returned non-dict of type '{class}'")));
    }
    this.annotations.set(cx.mutator(), this, made);
    Ok(made)
}

fn text_or_error(cx: &mut Cx, value: Value, name: &str) -> PyResult {
    match downcast::<Str>(value) {
        Some(text) => Ok(text.value()),
        None => Err(cx.type_error(format!("{name} must be set to a string object"))),
    }
}

fn read_only(cx: &mut Cx) -> PyResult<()> {
    Err(cx.raise(Kind::ATTRIBUTE_ERROR, "readonly attribute"))
}

/// The tuple of cells for a function of a code object, or None.
fn closure_for(cx: &mut Cx, code: Gc<Code>, closure: Value) -> PyResult {
    let wanted = free_variables(cx, code);
    if closure != NONE && downcast::<Tuple>(closure).is_none() {
        return Err(cx.type_error("arg 5 (closure) must be None or tuple"));
    }
    if closure == NONE && wanted != 0 {
        return Err(cx.type_error("arg 5 (closure) must be tuple"));
    }
    let cells = downcast::<Tuple>(closure);
    let cells = cells.as_ref().map_or(&[][..], tuple_items);
    if cells.len() != wanted {
        let name = downcast::<Str>(code.name.get()).map_or_else(String::new, |name| name.to_text());
        let message = format!("{name} requires closure of length {wanted}, not {}", cells.len());
        return Err(cx.value_error(message));
    }
    for cell in cells {
        if downcast::<Cell>(*cell).is_none() {
            let class = class_name(cx, *cell);
            return Err(cx.type_error(format!("arg 5 (closure) expected cell, found {class}")));
        }
    }
    Ok(closure)
}

/// `function`.
pub struct FunctionMethods;

#[py_methods(FUNCTION)]
impl FunctionMethods {
    /// Make a function of a code object.
    ///
    /// globals is the namespace of its module. name replaces the name of the code,
    /// argdefs is a tuple of defaults, closure a tuple of cells for the free
    /// variables, kwdefaults a dict of defaults of keyword-only parameters.
    #[new(signature = "(code, globals, name=None, argdefs=None, closure=None, kwdefaults=None)")]
    #[allow(clippy::too_many_arguments)]
    fn new(
        cx: &mut Cx,
        _class: Gc<Type>,
        #[keyword] code: Value,
        #[keyword] globals: Value,
        #[keyword]
        #[default(NONE)]
        name: Value,
        #[keyword]
        #[default(NONE)]
        argdefs: Value,
        #[keyword]
        #[default(NONE)]
        closure: Value,
        #[keyword]
        #[default(NONE)]
        kwdefaults: Value,
    ) -> PyResult<Gc<Function>> {
        let Some(code) = downcast::<Code>(code) else {
            let class = class_name(cx, code);
            return Err(cx.type_error(format!("function() argument 'code' must be code, not {class}")));
        };
        let Some(globals) = downcast::<Dict>(globals) else {
            let class = class_name(cx, globals);
            return Err(cx.type_error(format!("function() argument 'globals' must be dict, not {class}")));
        };
        if name != NONE && downcast::<Str>(name).is_none() {
            return Err(cx.type_error("arg 3 (name) must be None or string"));
        }
        if argdefs != NONE && downcast::<Tuple>(argdefs).is_none() {
            return Err(cx.type_error("arg 4 (defaults) must be None or tuple"));
        }
        let closure = closure_for(cx, code, closure)?;
        if kwdefaults != NONE && downcast::<Dict>(kwdefaults).is_none() {
            return Err(cx.type_error("arg 6 (kwdefaults) must be None or dict"));
        }
        if crate::types::is_exactly(globals.value(), Kind::DICT) {
            Dict::make_namespace(cx, globals)?;
        }
        let function = new_function(cx, code, globals);
        if name != NONE {
            function.name.set(cx.mutator(), function, name);
        }
        function.defaults.set(cx.mutator(), function, argdefs);
        function.closure.set(cx.mutator(), function, closure);
        function.keyword_defaults.set(cx.mutator(), function, kwdefaults);
        Ok(function)
    }
    #[method]
    fn __repr__(this: Gc<Function>) -> String {
        let name = downcast::<Str>(this.qualname.get()).map_or_else(String::new, |name| name.to_text());
        format!("<function {name} at {:#x}>", this.address())
    }
    #[method]
    fn __get__(cx: &mut Cx, this: Value, instance: Value, #[default(UNBOUND)] owner: Value) -> PyResult {
        if instance != NONE {
            return Ok(attribute::bind_method(cx, this, instance));
        }
        if owner == NONE || owner == UNBOUND {
            return Err(cx.type_error("__get__(None, None) is invalid"));
        }
        Ok(this)
    }
    #[method(signature = "($self, /, *args, **kwargs)")]
    fn __call__(cx: &mut Cx, this: Value, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> PyResult {
        kwargs.call(cx, this, args)
    }
    #[getter]
    fn __name__(this: Gc<Function>) -> Value {
        this.name.get()
    }
    #[setter]
    fn set_name(cx: &mut Cx, this: Gc<Function>, value: Value) -> PyResult<()> {
        let text = text_or_error(cx, value, "__name__")?;
        this.name.set(cx.mutator(), this, text);
        Ok(())
    }
    #[getter]
    fn __qualname__(this: Gc<Function>) -> Value {
        this.qualname.get()
    }
    #[setter]
    fn set_qualname(cx: &mut Cx, this: Gc<Function>, value: Value) -> PyResult<()> {
        let text = text_or_error(cx, value, "__qualname__")?;
        this.qualname.set(cx.mutator(), this, text);
        Ok(())
    }
    #[getter]
    fn __module__(this: Gc<Function>) -> Value {
        this.module.get()
    }
    #[setter]
    fn set_module(cx: &mut Cx, this: Gc<Function>, value: Value) {
        this.module.set(cx.mutator(), this, if value == UNBOUND { NONE } else { value });
    }
    #[getter]
    fn __doc__(cx: &mut Cx, this: Gc<Function>) -> Value {
        doc_of(cx, this)
    }
    #[setter]
    fn set_doc(cx: &mut Cx, this: Gc<Function>, value: Value) {
        this.doc.set(cx.mutator(), this, if value == UNBOUND { NONE } else { value });
    }
    #[getter]
    fn __defaults__(this: Gc<Function>) -> Value {
        this.defaults.get()
    }
    #[setter]
    fn set_defaults(cx: &mut Cx, this: Gc<Function>, value: Value) -> PyResult<()> {
        let value = if value == UNBOUND { NONE } else { value };
        if value != NONE && downcast::<Tuple>(value).is_none() {
            return Err(cx.type_error("__defaults__ must be set to a tuple object"));
        }
        withdraw(cx, this);
        this.defaults.set(cx.mutator(), this, value);
        Ok(())
    }
    #[getter]
    fn __kwdefaults__(this: Gc<Function>) -> Value {
        this.keyword_defaults.get()
    }
    #[setter]
    fn set_kwdefaults(cx: &mut Cx, this: Gc<Function>, value: Value) -> PyResult<()> {
        let value = if value == UNBOUND { NONE } else { value };
        if value != NONE && downcast::<Dict>(value).is_none() {
            return Err(cx.type_error("__kwdefaults__ must be set to a dict object"));
        }
        withdraw(cx, this);
        this.keyword_defaults.set(cx.mutator(), this, value);
        Ok(())
    }
    #[getter]
    fn __closure__(this: Gc<Function>) -> Value {
        this.closure.get()
    }
    #[setter]
    fn set_closure(cx: &mut Cx, _this: Value, _value: Value) -> PyResult<()> {
        read_only(cx)
    }
    #[getter]
    fn __globals__(this: Gc<Function>) -> Gc<Dict> {
        this.globals.get()
    }
    #[setter]
    fn set_globals(cx: &mut Cx, _this: Value, _value: Value) -> PyResult<()> {
        read_only(cx)
    }
    #[getter]
    fn __builtins__(cx: &mut Cx, this: Gc<Function>) -> Value {
        let name = cx.intern("__builtins__");
        match Dict::get_str(cx, this.globals.get(), name) {
            Some(named) => downcast::<Module>(named).map_or(named, |module| module.dict.get().value()),
            None => cx.runtime.builtins.get().expect("made at start-up").value(),
        }
    }
    #[setter]
    fn set_builtins(cx: &mut Cx, _this: Value, _value: Value) -> PyResult<()> {
        read_only(cx)
    }
    #[getter]
    fn __code__(this: Gc<Function>) -> Gc<Code> {
        this.code.get()
    }
    #[setter]
    fn set_code(cx: &mut Cx, this: Gc<Function>, value: Value) -> PyResult<()> {
        set_code(cx, this, value)
    }
    #[getter]
    fn __annotations__(cx: &mut Cx, this: Gc<Function>) -> PyResult {
        annotations(cx, this)
    }
    #[setter]
    fn set_annotations(cx: &mut Cx, this: Gc<Function>, value: Value) -> PyResult<()> {
        let value = if value == UNBOUND { NONE } else { value };
        if value != NONE && downcast::<Dict>(value).is_none() {
            return Err(cx.type_error("__annotations__ must be set to a dict object"));
        }
        this.annotations.set(cx.mutator(), this, value);
        this.annotate.set(cx.mutator(), this, NONE);
        Ok(())
    }
    #[getter]
    fn __annotate__(this: Gc<Function>) -> Value {
        this.annotate.get()
    }
    #[setter]
    fn set_annotate(cx: &mut Cx, this: Gc<Function>, value: Value) -> PyResult<()> {
        if value == UNBOUND {
            return Err(cx.type_error("__annotate__ cannot be deleted"));
        }
        if value != NONE && !super::is_callable(cx, value) {
            return Err(cx.type_error("__annotate__ must be callable or None"));
        }
        this.annotate.set(cx.mutator(), this, value);
        if value != NONE {
            this.annotations.set(cx.mutator(), this, NONE);
        }
        Ok(())
    }
    #[getter]
    fn __type_params__(cx: &mut Cx, this: Gc<Function>) -> Value {
        match this.type_params.get() {
            NONE => cx.tuple(&[]),
            params => params,
        }
    }
    #[setter]
    fn set_type_params(cx: &mut Cx, this: Gc<Function>, value: Value) -> PyResult<()> {
        if value == UNBOUND || downcast::<Tuple>(value).is_none() {
            return Err(cx.type_error("__type_params__ must be set to a tuple"));
        }
        this.type_params.set(cx.mutator(), this, value);
        Ok(())
    }
}

/// `cell`.
pub struct CellMethods;

fn compare(cx: &mut Cx, comparison: Comparison, this: Gc<Cell>, other: Value) -> PyResult {
    let Some(other) = downcast::<Cell>(other) else { return Ok(NOT_IMPLEMENTED) };
    match (this.value.get(), other.value.get()) {
        (UNBOUND, other) | (other, UNBOUND) => {
            // An empty cell comes first.
            let order = match (this.value.get(), other) {
                (UNBOUND, UNBOUND) => std::cmp::Ordering::Equal,
                (UNBOUND, _) => std::cmp::Ordering::Less,
                _ => std::cmp::Ordering::Greater,
            };
            Ok(bool_value(comparison.holds(order)))
        }
        (lhs, rhs) => operations::compare(cx, comparison, lhs, rhs),
    }
}

#[py_methods(CELL)]
impl CellMethods {
    /// Make a cell, empty or with a content.
    #[new(signature = "([contents])")]
    fn new(cx: &mut Cx, _class: Gc<Type>, #[args] args: &[Value]) -> PyResult<Gc<Cell>> {
        if args.len() > 1 {
            return Err(cx.type_error(format!("cell expected at most 1 argument, got {}", args.len())));
        }
        let cell = allocate::<Cell>(cx.mutator(), shapes::CELL);
        cell.value.init(args.first().copied().unwrap_or(UNBOUND));
        Ok(cell)
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<Cell>) -> String {
        match this.value.get() {
            UNBOUND => format!("<cell at {:#x}: empty>", this.address()),
            value => {
                let class = class_name(cx, value);
                format!("<cell at {:#x}: {class} object at {:#x}>", this.address(), object::identity(value))
            }
        }
    }
    #[method]
    fn __eq__(cx: &mut Cx, this: Gc<Cell>, value: Value) -> PyResult {
        compare(cx, Comparison::Eq, this, value)
    }
    #[method]
    fn __ne__(cx: &mut Cx, this: Gc<Cell>, value: Value) -> PyResult {
        compare(cx, Comparison::Ne, this, value)
    }
    #[method]
    fn __lt__(cx: &mut Cx, this: Gc<Cell>, value: Value) -> PyResult {
        compare(cx, Comparison::Lt, this, value)
    }
    #[method]
    fn __le__(cx: &mut Cx, this: Gc<Cell>, value: Value) -> PyResult {
        compare(cx, Comparison::Le, this, value)
    }
    #[method]
    fn __gt__(cx: &mut Cx, this: Gc<Cell>, value: Value) -> PyResult {
        compare(cx, Comparison::Gt, this, value)
    }
    #[method]
    fn __ge__(cx: &mut Cx, this: Gc<Cell>, value: Value) -> PyResult {
        compare(cx, Comparison::Ge, this, value)
    }
    #[getter]
    fn cell_contents(cx: &mut Cx, this: Gc<Cell>) -> PyResult {
        match this.value.get() {
            UNBOUND => Err(cx.value_error("Cell is empty")),
            value => Ok(value),
        }
    }
    #[setter]
    fn set_cell_contents(cx: &mut Cx, this: Gc<Cell>, value: Value) {
        this.value.set(cx.mutator(), this, value);
    }
}
