//! `object` and what all classes share: `repr` without loops, `ascii`, default special methods.

use crate::arguments::Keywords;
use crate::attribute;
use crate::cx::{Cx, NONE, NOT_IMPLEMENTED, PyResult, TRUE, bool_value};
use crate::kinds::Kind;
use crate::objects::{Dict, List, Str, Tuple, Type};
use crate::operations;
use crate::sequence::tuple_items;
use crate::string::{StrExt, downcast};
use crate::types::{self, class_name, class_of, name_of};
use py_macros::py_methods;
use std::cell::RefCell;
use vm_heap::{Gc, Value};

thread_local! {
    // What this thread is writing the `repr` of. Words only: whoever entered one keeps the object on its stack.
    static ACTIVE: RefCell<Vec<Value>> = const { RefCell::new(Vec::new()) };
}

/// Marks a container as being written; leaves on drop.
pub struct ReprGuard;

impl Drop for ReprGuard {
    fn drop(&mut self) {
        ACTIVE.with_borrow_mut(|active| active.pop());
    }
}

/// Enters the `repr` of a container; `None` where this thread is inside it already.
pub fn enter_repr(_cx: &mut Cx, container: Value) -> Option<ReprGuard> {
    ACTIVE.with_borrow_mut(|active| {
        if active.contains(&container) {
            return None;
        }
        active.push(container);
        Some(ReprGuard)
    })
}

/// Appends `repr(value)`; lone surrogates cannot occur in one.
pub(crate) fn push_repr(cx: &mut Cx, text: &mut String, value: Value) -> PyResult<()> {
    let shown = operations::repr(cx, value)?;
    match shown.as_str() {
        Some(shown) => text.push_str(shown),
        None => text.push_str(&shown.to_text()),
    }
    Ok(())
}

/// `ascii(value)`.
pub fn ascii_of(cx: &mut Cx, value: Value) -> PyResult<Gc<Str>> {
    let shown = operations::repr(cx, value)?;
    if shown.is_ascii() {
        return Ok(shown);
    }
    let mut text = String::new();
    for code in types::str::code_points(shown.bytes()) {
        match char::from_u32(code).filter(char::is_ascii) {
            Some(character) => text.push(character),
            None => types::str::push_escape(&mut text, code),
        }
    }
    Str::checked(cx, text.as_bytes())
}

/// `id(value)`: the address of an object, or a number derived from an immediate value.
pub fn identity(value: Value) -> i64 {
    if value.is_object() { value.address() as i64 } else { (value.bits() >> 1) as i64 | 1 }
}

/// The hash of an object by its identity.
pub(crate) fn identity_hash(value: Value) -> i64 {
    if value.is_object() { (value.address() >> 4) as i64 } else { identity(value) >> 3 }
}

/// Module and qualified name of a class, as in the default `repr`.
pub fn full_name(cx: &mut Cx, class: Gc<Type>) -> String {
    let qualname = downcast::<Str>(class.qualname.get()).map_or_else(|| name_of(class), |name| name.to_text());
    let key = cx.intern("__module__");
    let module = Dict::get_str(cx, class.dict.get(), key).and_then(downcast::<Str>);
    match module.map(|module| module.to_text()) {
        Some(module) if module != "builtins" => format!("{module}.{qualname}"),
        _ => qualname,
    }
}

/// Whether a class's attribute of this name is the one that `object` has.
fn is_inherited_from_object(cx: &mut Cx, class: Gc<Type>, name: &str) -> bool {
    let name = cx.intern(name);
    let base = cx.builtin_type(Kind::OBJECT);
    let own = types::lookup(cx, class, name);
    own == types::lookup(cx, base, name)
}

fn new_object(cx: &mut Cx, class: Gc<Type>, excess: bool) -> PyResult {
    if excess && (!is_inherited_from_object(cx, class, "__new__") || is_inherited_from_object(cx, class, "__init__")) {
        let message = if is_inherited_from_object(cx, class, "__new__") {
            format!("{}() takes no arguments", name_of(class))
        } else {
            "object.__new__() takes exactly one argument (the type to instantiate)".to_string()
        };
        return Err(cx.type_error(message));
    }
    if class.kind.get() != Kind::OBJECT as u64 {
        let base = name_of(cx.builtin_type(types::kind_of(class)));
        let message = format!("object.__new__({}) is not safe, use {base}.__new__()", name_of(class));
        return Err(cx.type_error(message));
    }
    Ok(types::new_instance(cx, class).value())
}

/// The methods of `object`.
pub struct Methods;

#[py_methods(OBJECT)]
impl Methods {
    #[new(signature = "()")]
    fn new(cx: &mut Cx, class: Gc<Type>, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> PyResult {
        new_object(cx, class, !args.is_empty() || !kwargs.is_empty())
    }
    #[method(signature = "($self, /, *args, **kwargs)")]
    fn __init__(cx: &mut Cx, this: Value, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> PyResult<()> {
        if args.is_empty() && kwargs.is_empty() {
            return Ok(());
        }
        let class = class_of(cx, this);
        if !is_inherited_from_object(cx, class, "__init__") {
            return Err(cx.type_error("object.__init__() takes exactly one argument (the instance to initialize)"));
        }
        if is_inherited_from_object(cx, class, "__new__") {
            let message = format!("{}() takes no arguments", name_of(class));
            return Err(cx.type_error(message));
        }
        Ok(())
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Value) -> String {
        let class = class_of(cx, this);
        format!("<{} object at {:#x}>", full_name(cx, class), identity(this))
    }
    #[method]
    fn __str__(cx: &mut Cx, this: Value) -> PyResult<Gc<Str>> {
        operations::repr(cx, this)
    }
    #[method]
    fn __hash__(this: Value) -> i64 {
        identity_hash(this)
    }
    #[method]
    fn __eq__(this: Value, value: Value) -> Value {
        if this == value { TRUE } else { NOT_IMPLEMENTED }
    }
    #[method]
    fn __ne__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        let Some(hook) = types::lookup_special(cx, this, "__eq__") else { return Ok(NOT_IMPLEMENTED) };
        let result = crate::call::call(cx, hook, &[this, value], None)?;
        if result == NOT_IMPLEMENTED {
            return Ok(result);
        }
        Ok(bool_value(!operations::truth(cx, result)?))
    }
    #[method]
    fn __lt__(_this: Value, _value: Value) -> Value {
        NOT_IMPLEMENTED
    }
    #[method]
    fn __le__(_this: Value, _value: Value) -> Value {
        NOT_IMPLEMENTED
    }
    #[method]
    fn __gt__(_this: Value, _value: Value) -> Value {
        NOT_IMPLEMENTED
    }
    #[method]
    fn __ge__(_this: Value, _value: Value) -> Value {
        NOT_IMPLEMENTED
    }
    #[method]
    fn __getattribute__(cx: &mut Cx, this: Value, name: Gc<Str>) -> PyResult {
        match attribute::find(cx, this, name)? {
            Some((value, _)) => Ok(value),
            None => Err(attribute::missing(cx, this, name)),
        }
    }
    #[method]
    fn __setattr__(cx: &mut Cx, this: Value, name: Gc<Str>, value: Value) -> PyResult<()> {
        attribute::set_default(cx, this, name, Some(value))
    }
    #[method]
    fn __delattr__(cx: &mut Cx, this: Value, name: Gc<Str>) -> PyResult<()> {
        attribute::set_default(cx, this, name, None)
    }
    /// Default object formatter.
    ///
    /// Return str(self) if format_spec is empty. Raise TypeError otherwise.
    #[method]
    fn __format__(cx: &mut Cx, this: Value, format_spec: Gc<Str>) -> PyResult<Gc<Str>> {
        if !format_spec.bytes().is_empty() {
            let message = format!("unsupported format string passed to {}.__format__", class_name(cx, this));
            return Err(cx.type_error(message));
        }
        operations::to_str(cx, this)
    }
    /// Size of object in memory, in bytes.
    #[method]
    fn __sizeof__(_this: Value) -> i64 {
        16
    }
    /// Default dir() implementation.
    #[method]
    fn __dir__(cx: &mut Cx, this: Value) -> PyResult<Gc<List>> {
        let names = cx.dict();
        for name in attribute::own_names(cx, this) {
            Dict::set(cx, names, name.value(), NONE)?;
        }
        let class = class_of(cx, this);
        add_class_names(cx, names, class)?;
        types::list::from_iterable(cx, names.value())
    }
    /// This method is called when a class is subclassed.
    #[classmethod]
    fn __init_subclass__(_cx: &mut Cx, _class: Value) {}
    /// Abstract classes can override this to customize issubclass().
    #[classmethod]
    fn __subclasshook__(_cx: &mut Cx, _class: Value, _object: Value) -> Value {
        NOT_IMPLEMENTED
    }
    #[getter]
    fn __dict__(cx: &mut Cx, this: Value) -> PyResult<Gc<Dict>> {
        if attribute::attributes_of(cx, this).is_none() {
            let name = cx.intern("__dict__");
            return Err(attribute::missing(cx, this, name));
        }
        attribute::dictionary(cx, this)
    }
    /// the object's class
    #[getter]
    fn __class__(cx: &mut Cx, this: Value) -> Gc<Type> {
        class_of(cx, this)
    }
    #[setter]
    fn set_class(cx: &mut Cx, this: Value, value: Value) -> PyResult<()> {
        let (old, Some(new)) = (class_of(cx, this), types::as_type(value)) else {
            let message = format!("__class__ must be set to a class, not '{}' object", class_name(cx, value));
            return Err(cx.type_error(message));
        };
        if old == new {
            return Ok(());
        }
        if old.flags.get() & types::HEAP_TYPE == 0 || new.flags.get() & types::HEAP_TYPE == 0 {
            let message = "__class__ assignment only supported for mutable types or ModuleType subclasses";
            return Err(cx.type_error(message));
        }
        Err(cx.type_error(format!(
            "__class__ assignment: '{}' object layout differs from '{}'",
            name_of(new),
            name_of(old)
        )))
    }
}

/// Adds the names of a class and its bases to a dict of names.
pub(crate) fn add_class_names(cx: &mut Cx, names: Gc<Dict>, class: Gc<Type>) -> PyResult<()> {
    let order: Gc<Tuple> = class.mro.get();
    for base in tuple_items(&order) {
        let Some(base) = types::as_type(*base) else { continue };
        let mut position = 0;
        while let Some((name, _)) = Dict::next(base.dict.get(), &mut position) {
            Dict::set(cx, names, name, NONE)?;
        }
    }
    Ok(())
}
