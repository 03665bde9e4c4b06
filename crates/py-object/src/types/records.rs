//! `classmethod`, `staticmethod` and `super`: small records that the attribute lookup knows. `property` is in a file of
//! its own.

mod property;

pub use property::PROPERTY_METHODS;
pub(crate) use property::property_lacks;

use crate::arguments::Keywords;
use crate::cx::{Cx, NONE, PyResult, UNBOUND};
use crate::kinds::Kind;
use crate::object::allocate;
use crate::objects::{Record, Str, Type};
use crate::sequence::tuple_items;
use crate::string::{StrExt, downcast};
use crate::types::{self, as_type, class_name, class_of, name_of};
use crate::{attribute, frames};
use py_macros::py_methods;
use vm_heap::{Gc, Value};

/// A new record of a class.
pub(crate) fn record(cx: &mut Cx, class: Gc<Type>, parts: [Value; 4]) -> Gc<Record> {
    let record = allocate::<Record>(cx.mutator(), types::instance_shape(class).id);
    for (field, part) in [&record.first, &record.second, &record.third, &record.fourth].into_iter().zip(parts) {
        field.init(part);
    }
    types::note_instance(cx, class, record.value());
    record
}

/// A `classmethod` or `staticmethod` around a function.
pub(crate) fn wrap(cx: &mut Cx, kind: Kind, function: Value) -> Value {
    let record = allocate::<Record>(cx.mutator(), kind.shape());
    record.first.init(function);
    for field in [&record.second, &record.third, &record.fourth] {
        field.init(NONE);
    }
    record.value()
}

/// The attributes that `classmethod` and `staticmethod` take over from their functions.
const TAKEN_OVER: [&str; 4] = ["__module__", "__name__", "__qualname__", "__doc__"];

fn take_over(cx: &mut Cx, this: Gc<Record>, function: Value) -> PyResult<()> {
    this.first.set(cx.mutator(), this, function);
    for name in TAKEN_OVER {
        let name = cx.intern(name);
        if let Some(value) = attribute::get_optional(cx, function, name)? {
            attribute::set_own(cx, this.value(), name, value)?;
        }
    }
    Ok(())
}

/// `classmethod`: the function.
pub struct ClassmethodMethods;

#[py_methods(CLASSMETHOD)]
impl ClassmethodMethods {
    #[new(signature = "(function, /)")]
    fn new(cx: &mut Cx, class: Gc<Type>, #[args] _args: &[Value], #[kwargs] _kwargs: Keywords<'_>) -> Gc<Record> {
        // The arguments belong to `__init__`.
        record(cx, class, [NONE; 4])
    }
    #[method]
    fn __init__(cx: &mut Cx, this: Gc<Record>, function: Value) -> PyResult<()> {
        take_over(cx, this, function)
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<Record>) -> PyResult<String> {
        let shown = crate::operations::repr(cx, this.first.get())?;
        Ok(format!("<classmethod({})>", shown.to_text()))
    }
    #[method]
    fn __get__(cx: &mut Cx, this: Gc<Record>, instance: Value, #[default(NONE)] owner: Value) -> PyResult {
        let class = as_type(owner).unwrap_or_else(|| class_of(cx, instance));
        attribute::bind_to_class(cx, this.first.get(), class)
    }
    #[getter]
    fn __func__(this: Gc<Record>) -> Value {
        this.first.get()
    }
    #[getter]
    fn __wrapped__(this: Gc<Record>) -> Value {
        this.first.get()
    }
    #[getter]
    fn __isabstractmethod__(cx: &mut Cx, this: Gc<Record>) -> PyResult<bool> {
        is_abstract(cx, this.first.get())
    }
    #[getter]
    fn __annotations__(cx: &mut Cx, this: Gc<Record>) -> PyResult {
        of_function(cx, this, "__annotations__")
    }
    #[setter]
    fn set_annotations(cx: &mut Cx, this: Gc<Record>, value: Value) -> PyResult<()> {
        set_in_dict(cx, this, "__annotations__", value)
    }
    #[getter]
    fn __annotate__(cx: &mut Cx, this: Gc<Record>) -> PyResult {
        of_function(cx, this, "__annotate__")
    }
    #[setter]
    fn set_annotate(cx: &mut Cx, this: Gc<Record>, value: Value) -> PyResult<()> {
        set_in_dict(cx, this, "__annotate__", value)
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cx: &mut Cx, class: Value, object: Value) -> PyResult {
        types::generic::alias(cx, class, object)
    }
}

/// Whether a function declares itself abstract.
pub(crate) fn is_abstract(cx: &mut Cx, function: Value) -> PyResult<bool> {
    if function == NONE {
        return Ok(false);
    }
    let name = cx.intern("__isabstractmethod__");
    match attribute::get_optional(cx, function, name)? {
        Some(value) => crate::operations::truth(cx, value),
        None => Ok(false),
    }
}

/// An attribute that is computed from the function and then kept.
fn of_function(cx: &mut Cx, this: Gc<Record>, name: &str) -> PyResult {
    let name = cx.intern(name);
    if let Some((value, _)) = attribute::own_attribute(cx, this.value(), name) {
        return Ok(value);
    }
    let value = attribute::get(cx, this.first.get(), name)?;
    attribute::set_own(cx, this.value(), name, value)?;
    Ok(value)
}

fn set_in_dict(cx: &mut Cx, this: Gc<Record>, name: &str, value: Value) -> PyResult<()> {
    let name = cx.intern(name);
    if value != UNBOUND {
        return attribute::set_own(cx, this.value(), name, value);
    }
    match attribute::delete_own(cx, this.value(), name)? {
        true => Ok(()),
        false => Err(attribute::missing(cx, this.value(), name)),
    }
}

/// `staticmethod`: the function.
pub struct StaticmethodMethods;

#[py_methods(STATICMETHOD)]
impl StaticmethodMethods {
    #[new(signature = "(function, /)")]
    fn new(cx: &mut Cx, class: Gc<Type>, #[args] _args: &[Value], #[kwargs] _kwargs: Keywords<'_>) -> Gc<Record> {
        // The arguments belong to `__init__`.
        record(cx, class, [NONE; 4])
    }
    #[method]
    fn __init__(cx: &mut Cx, this: Gc<Record>, function: Value) -> PyResult<()> {
        take_over(cx, this, function)
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<Record>) -> PyResult<String> {
        let shown = crate::operations::repr(cx, this.first.get())?;
        Ok(format!("<staticmethod({})>", shown.to_text()))
    }
    #[method]
    fn __get__(this: Gc<Record>, _instance: Value, #[default(NONE)] _owner: Value) -> Value {
        this.first.get()
    }
    #[method(signature = "($self, /, *args, **kwargs)")]
    fn __call__(cx: &mut Cx, this: Gc<Record>, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> PyResult {
        kwargs.call(cx, this.first.get(), args)
    }
    #[getter]
    fn __func__(this: Gc<Record>) -> Value {
        this.first.get()
    }
    #[getter]
    fn __wrapped__(this: Gc<Record>) -> Value {
        this.first.get()
    }
    #[getter]
    fn __isabstractmethod__(cx: &mut Cx, this: Gc<Record>) -> PyResult<bool> {
        is_abstract(cx, this.first.get())
    }
    #[getter]
    fn __annotations__(cx: &mut Cx, this: Gc<Record>) -> PyResult {
        of_function(cx, this, "__annotations__")
    }
    #[setter]
    fn set_annotations(cx: &mut Cx, this: Gc<Record>, value: Value) -> PyResult<()> {
        set_in_dict(cx, this, "__annotations__", value)
    }
    #[getter]
    fn __annotate__(cx: &mut Cx, this: Gc<Record>) -> PyResult {
        of_function(cx, this, "__annotate__")
    }
    #[setter]
    fn set_annotate(cx: &mut Cx, this: Gc<Record>, value: Value) -> PyResult<()> {
        set_in_dict(cx, this, "__annotate__", value)
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cx: &mut Cx, class: Value, object: Value) -> PyResult {
        types::generic::alias(cx, class, object)
    }
}

/// The class whose resolution order a `super` follows for an object: TypeError unless it derives from the start.
fn super_class(cx: &mut Cx, start: Gc<Type>, object: Value) -> PyResult<Gc<Type>> {
    let follows = |class: Gc<Type>| {
        let listed = tuple_items(&class.mro.get()).contains(&start.value());
        listed || class == start && class.flags.get() & types::UNORDERED != 0
    };
    if let Some(class) = as_type(object)
        && follows(class)
    {
        return Ok(class);
    }
    let class = class_of(cx, object);
    if follows(class) {
        return Ok(class);
    }
    // A proxy may claim another class.
    let name = cx.intern("__class__");
    if let Some(claimed) = attribute::get_optional(cx, object, name)?
        && let Some(claimed) = as_type(claimed)
        && claimed != class
        && follows(claimed)
    {
        return Ok(claimed);
    }
    let described = match as_type(object) {
        Some(class) => format!("type {}", name_of(class)),
        None => format!("instance of {}", name_of(class)),
    };
    Err(cx.type_error(format!(
        "super(type, obj): obj ({described}) is not an instance or subtype of type ({}).",
        name_of(start)
    )))
}

/// What `super(start, object).name` gives, without making the `super` object where it finds something behind the start.
pub fn attribute_behind(cx: &mut Cx, start: Value, object: Value, name: Gc<Str>) -> PyResult {
    if let Some(start) = as_type(start)
        && object != NONE
        && name.bytes() != b"__class__"
        && let Some(value) = super_attribute(cx, start, object, name)?
    {
        return Ok(value);
    }
    let class = cx.builtin_type(Kind::SUPER);
    let made = crate::call::call(cx, class.value(), &[start, object], None)?;
    attribute::get(cx, made, name)
}

/// Fills a `super` object: it starts behind `start` in the resolution order of `object`'s class.
fn start_super(cx: &mut Cx, this: Gc<Record>, start: Gc<Type>, object: Value) -> PyResult<()> {
    let class = if object == NONE { NONE } else { super_class(cx, start, object)?.value() };
    for (field, part) in [&this.first, &this.second, &this.third].into_iter().zip([start.value(), object, class]) {
        field.set(cx.mutator(), this, part);
    }
    Ok(())
}

/// `super(start, object).name`; `None` where no class behind `start` has it.
pub fn super_attribute(cx: &mut Cx, start: Gc<Type>, object: Value, name: Gc<Str>) -> PyResult<Option<Value>> {
    let class = super_class(cx, start, object)?;
    find_behind(cx, start, object, class, name)
}

fn find_behind(cx: &mut Cx, start: Gc<Type>, object: Value, class: Gc<Type>, name: Gc<Str>) -> PyResult<Option<Value>> {
    let order = class.mro.get();
    let behind = tuple_items(&order).iter().skip_while(|entry| **entry != start.value()).skip(1);
    for base in behind {
        let Some(base) = as_type(*base) else { continue };
        if let Some(value) = crate::types::namespace::get(cx, base, name) {
            // Bound to the object, unless that is the class itself.
            let receiver = (object != class.value()).then_some(object);
            return attribute::bind(cx, value, receiver, class).map(Some);
        }
    }
    Ok(None)
}

/// An attribute of a `super` object that lies behind its start; `None` where it has none there.
pub(crate) fn attribute_of_super(cx: &mut Cx, value: Value, name: Gc<Str>) -> PyResult<Option<Value>> {
    let Some(this) = downcast::<Record>(value) else { return Ok(None) };
    match (as_type(this.first.get()), as_type(this.third.get())) {
        (Some(start), Some(class)) if name.bytes() != b"__class__" => {
            find_behind(cx, start, this.second.get(), class, name)
        }
        _ => Ok(None),
    }
}

/// `super()` without arguments: the class that the running method was defined in, and the method's first argument.
fn of_running_method(cx: &mut Cx) -> PyResult<(Gc<Type>, Value)> {
    let Some(running) = frames::caller(cx) else {
        return Err(cx.raise(Kind::RUNTIME_ERROR, "super(): no current frame"));
    };
    let unit = frames::unit_of(cx, running.code);
    if unit.argcount == 0 {
        return Err(cx.raise(Kind::RUNTIME_ERROR, "super(): no arguments"));
    }
    let frame = frames::object_of(cx, &running);
    let (mut receiver, mut start) = (UNBOUND, None);
    for variable in frames::variables(unit) {
        let name = variable.name;
        let is_first = unit.varnames.first().is_some_and(|first| first == name);
        if !is_first && name != "__class__" {
            continue;
        }
        let value = frames::variable_value(cx, frame, variable);
        if name == "__class__" {
            start = Some(value);
        } else if value != UNBOUND {
            receiver = value;
        }
    }
    if receiver == UNBOUND {
        return Err(cx.raise(Kind::RUNTIME_ERROR, "super(): arg[0] deleted"));
    }
    match start {
        None => Err(cx.raise(Kind::RUNTIME_ERROR, "super(): __class__ cell not found")),
        Some(UNBOUND) => Err(cx.raise(Kind::RUNTIME_ERROR, "super(): empty __class__ cell")),
        Some(start) => match as_type(start) {
            Some(start) => Ok((start, receiver)),
            None => {
                let message = format!("super(): __class__ is not a type ({})", class_name(cx, start));
                Err(cx.raise(Kind::RUNTIME_ERROR, message))
            }
        },
    }
}

/// `super`: type, object, class of the object.
pub struct SuperMethods;

#[py_methods(SUPER)]
impl SuperMethods {
    #[new(signature = "")]
    fn new(cx: &mut Cx, class: Gc<Type>, #[args] _args: &[Value], #[kwargs] _kwargs: Keywords<'_>) -> Gc<Record> {
        // The arguments belong to `__init__`.
        record(cx, class, [NONE; 4])
    }
    #[method(error_name = "super")]
    fn __init__(
        cx: &mut Cx,
        this: Gc<Record>,
        #[default(UNBOUND)] start: Value,
        #[default(NONE)] object: Value,
    ) -> PyResult<()> {
        if start == UNBOUND {
            let (start, object) = of_running_method(cx)?;
            return start_super(cx, this, start, object);
        }
        match as_type(start) {
            Some(start) => start_super(cx, this, start, object),
            None => {
                let message = format!("super() argument 1 must be a type, not {}", class_name(cx, start));
                Err(cx.type_error(message))
            }
        }
    }
    #[method]
    fn __repr__(this: Gc<Record>) -> String {
        let name = |value: Value| as_type(value).map_or_else(|| "NULL".to_string(), name_of);
        let object = match as_type(this.third.get()) {
            Some(class) => format!("<{} object>", name_of(class)),
            None => "NULL".to_string(),
        };
        format!("<super: <class '{}'>, {object}>", name(this.first.get()))
    }
    #[method]
    fn __get__(cx: &mut Cx, this: Gc<Record>, instance: Value, #[default(NONE)] _owner: Value) -> PyResult {
        // Bound already, or nothing to bind to.
        if instance == NONE || this.third.get() != NONE {
            return Ok(this.value());
        }
        match as_type(this.first.get()) {
            Some(start) if types::is_exactly(this.value(), Kind::SUPER) => {
                let class = cx.builtin_type(Kind::SUPER);
                let made = record(cx, class, [NONE; 4]);
                start_super(cx, made, start, instance)?;
                Ok(made.value())
            }
            Some(start) => {
                let class = class_of(cx, this.value());
                crate::call::call(cx, class.value(), &[start.value(), instance], None)
            }
            None => Ok(this.value()),
        }
    }
    /// the class invoking super()
    #[getter]
    fn __thisclass__(this: Gc<Record>) -> Value {
        this.first.get()
    }
    /// the instance invoking super(); may be None
    #[getter]
    fn __self__(this: Gc<Record>) -> Value {
        this.second.get()
    }
    /// the type of the instance invoking super(); may be None
    #[getter]
    fn __self_class__(this: Gc<Record>) -> Value {
        this.third.get()
    }
}
