//! `object` and what all classes share: `repr` without loops, `ascii`, default special methods.

mod class_assignment;
mod reduce;

use crate::arguments::Keywords;
use crate::attribute;
use crate::cx::{Cx, NONE, NOT_IMPLEMENTED, PyResult, TRUE, UNBOUND, bool_value};
use crate::kinds::Kind;
use crate::objects::{Dict, List, Native, Str, Tuple, Type};
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
    if value.is_int() {
        text.push_str(types::int::text_of_i64(&mut [0; 20], value.as_int()));
        return Ok(());
    }
    if value.is_float() {
        types::float::push_repr(text, value.as_float());
        return Ok(());
    }
    if types::is_exactly(value, Kind::STR)
        && let Some(shown) = downcast::<Str>(value)
    {
        types::str::push_repr(text, shown);
        return Ok(());
    }
    let shown = operations::repr(cx, value)?;
    match shown.as_str() {
        Some(shown) => text.push_str(shown),
        None => text.push_str(&shown.to_text()),
    }
    Ok(())
}

/// `ascii(value)`.
pub fn ascii_of(cx: &mut Cx, value: Value) -> PyResult<Gc<Str>> {
    let shown = ascii_value(cx, value)?;
    Ok(downcast::<Str>(shown).expect("text"))
}

/// The same as the object that `__repr__` gave, where that is ASCII.
pub fn ascii_value(cx: &mut Cx, value: Value) -> PyResult {
    let given = operations::repr_value(cx, value)?;
    let shown = downcast::<Str>(given).expect("`repr` gives text");
    if shown.is_ascii() {
        return Ok(given);
    }
    let mut text = String::new();
    for code in types::str::code_points(shown.bytes()) {
        match char::from_u32(code).filter(char::is_ascii) {
            Some(character) => text.push(character),
            None => types::str::push_escape(&mut text, code),
        }
    }
    Ok(Str::checked(cx, text.as_bytes())?.value())
}

/// `id(value)`: the address of an object, or a number derived from an immediate value.
pub fn identity(value: Value) -> i64 {
    // The bits of immediate values are no object's address; without the sign only the largest ints share theirs.
    if value.is_object() { value.address() as i64 } else { value.bits() as i64 & i64::MAX }
}

/// The hash of an object by its identity.
pub(crate) fn identity_hash(value: Value) -> i64 {
    if value.is_object() { (value.address() >> 4) as i64 } else { identity(value) >> 3 }
}

/// Module and qualified name of a class, as in the default `repr`.
pub fn full_name(cx: &mut Cx, class: Gc<Type>) -> String {
    let qualname = downcast::<Str>(class.qualname.get()).map_or_else(|| name_of(class), |name| name.to_text());
    let key = cx.intern("__module__");
    let module = crate::types::namespace::get(cx, class, key).and_then(downcast::<Str>);
    match module.map(|module| module.to_text()) {
        Some(module) if module != "builtins" => format!("{module}.{qualname}"),
        None if class.flags.get() & types::HEAP_TYPE == 0 => match types::builtin_module(class).as_str() {
            "builtins" => qualname,
            module => format!("{module}.{qualname}"),
        },
        _ => qualname,
    }
}

/// The same without the module of the program itself, as messages name a class in CPython's `%T`.
pub fn qualified_name(cx: &mut Cx, class: Gc<Type>) -> String {
    let name = full_name(cx, class);
    name.strip_prefix("__main__.").map_or(name.clone(), str::to_string)
}

/// Whether a class's attribute of this name is the one that `object` has.
fn is_inherited_from_object(cx: &mut Cx, class: Gc<Type>, name: &str) -> bool {
    types::has_same(cx, class, Kind::OBJECT, name)
}

fn new_object(cx: &mut Cx, class: Gc<Type>, excess: bool) -> PyResult {
    if excess {
        if !is_inherited_from_object(cx, class, "__new__") {
            let message = "object.__new__() takes exactly one argument (the type to instantiate)";
            return Err(cx.type_error(message));
        }
        if is_inherited_from_object(cx, class, "__init__") {
            return Err(cx.type_error(format!("{}() takes no arguments", name_of(class))));
        }
    }
    if class.flags.get() & types::ABSTRACT != 0 {
        return Err(abstract_class(cx, class));
    }
    if class.flags.get() & types::HEAP_TYPE == 0 && class != cx.builtin_type(Kind::OBJECT) {
        // Only the runtime makes instances of this one.
        return Err(cx.type_error(format!("cannot create '{}' instances", name_of(class))));
    }
    Ok(types::new_instance(cx, class).value())
}

/// The TypeError of making an instance of an abstract class.
#[cold]
fn abstract_class(cx: &mut Cx, class: Gc<Type>) -> vm_machine::Raised {
    let key = cx.intern("__abstractmethods__");
    let names = match attribute::get(cx, class.value(), key) {
        Ok(names) => names,
        Err(raised) => return raised,
    };
    let sorted = match types::list::from_iterable(cx, names) {
        Ok(sorted) => sorted,
        Err(raised) => return raised,
    };
    if let Err(raised) = crate::call::call_method(cx, sorted.value(), "sort", &[]) {
        return raised;
    }
    let (items, length) = List::snapshot(&sorted);
    let mut shown = Vec::new();
    for field in &crate::sequence::elements(&items)[..length] {
        let Some(name) = downcast::<Str>(field.get()) else {
            let message = format!("sequence item 0: expected str instance, {} found", class_name(cx, field.get()));
            return cx.type_error(message);
        };
        shown.push(format!("'{}'", name.to_text()));
    }
    let plural = if shown.len() == 1 { "" } else { "s" };
    cx.type_error(format!(
        "Can't instantiate abstract class {} without an implementation for abstract method{plural} {}",
        name_of(class),
        shown.join(", ")
    ))
}

/// The methods of `object`.
pub struct Methods;

#[py_methods(OBJECT)]
impl Methods {
    #[new(signature = "()")]
    fn new(cx: &mut Cx, class: Gc<Type>, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> PyResult {
        new_object(cx, class, !args.is_empty() || !kwargs.is_empty())
    }
    #[method(signature = "($self, /, *args, **kwargs)", transaction = Asks)]
    fn __init__(cx: &mut Cx, this: Value, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> PyResult<()> {
        if args.is_empty() && kwargs.is_empty() {
            return Ok(());
        }
        let class = class_of(cx, this);
        if !is_inherited_from_object(cx, class, "__init__") {
            return Err(cx.type_error("object.__init__() takes exactly one argument (the instance to initialize)"));
        }
        if is_inherited_from_object(cx, class, "__new__") {
            let message =
                format!("{}.__init__() takes exactly one argument (the instance to initialize)", name_of(class));
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
    fn __str__(cx: &mut Cx, this: Value) -> PyResult {
        operations::repr_value(cx, this)
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
        let result = operations::call_comparison(cx, hook, this, value)?;
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
        check_applicable(cx, this, "__setattr__")?;
        attribute::set_default(cx, this, name, Some(value))
    }
    #[method]
    fn __delattr__(cx: &mut Cx, this: Value, name: Gc<Str>) -> PyResult<()> {
        check_applicable(cx, this, "__delattr__")?;
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
        let key = cx.intern("__dict__");
        if let Some(own) = attribute::get_optional(cx, this, key)?
            && let Some(own) = downcast::<Dict>(own)
        {
            types::dict::merge(cx, names, own)?;
        }
        let key = cx.intern("__class__");
        if let Some(class) = attribute::get_optional(cx, this, key)?.and_then(types::as_type) {
            add_class_names(cx, names, class)?;
        }
        types::list::from_iterable(cx, names.value())
    }
    /// This method is called when a class is subclassed.
    #[classmethod]
    fn __init_subclass__(
        cx: &mut Cx,
        class: Gc<Type>,
        #[args] args: &[Value],
        #[kwargs] kwargs: Keywords<'_>,
    ) -> PyResult<()> {
        let what = match (args.len(), kwargs.is_empty()) {
            (0, true) => return Ok(()),
            (0, false) => "no keyword arguments".to_string(),
            (given, _) => format!("no arguments ({given} given)"),
        };
        let qualname = operations::to_str(cx, class.qualname.get())?.to_text();
        Err(cx.type_error(format!("{qualname}.__init_subclass__() takes {what}")))
    }
    /// Abstract classes can override this to customize issubclass().
    #[classmethod]
    fn __subclasshook__(_cx: &mut Cx, _class: Value, _object: Value) -> Value {
        NOT_IMPLEMENTED
    }
    /// the object's class
    #[getter]
    fn __class__(cx: &mut Cx, this: Value) -> Gc<Type> {
        class_of(cx, this)
    }
    #[setter]
    fn set_class(cx: &mut Cx, this: Value, value: Value) -> PyResult<()> {
        class_assignment::assign(cx, this, value)
    }
    /// Helper for pickle.
    #[method]
    fn __reduce__(cx: &mut Cx, this: Value) -> PyResult {
        reduce::by_copyreg(cx, this, 0)
    }
    /// Helper for pickle.
    #[method]
    fn __reduce_ex__(cx: &mut Cx, this: Value, protocol: i64) -> PyResult {
        reduce::reduce_ex(cx, this, protocol)
    }
    /// Helper for pickle.
    #[method]
    fn __getstate__(cx: &mut Cx, this: Value) -> PyResult {
        reduce::state_of(cx, this, false)
    }
}

/// TypeError for a method of `object` that a built-in class of the receiver replaces, so that it must not be evaded.
fn check_applicable(cx: &mut Cx, this: Value, name: &str) -> PyResult<()> {
    let class = class_of(cx, this);
    if class.kind.get() == Kind::OBJECT as u64 {
        return Ok(());
    }
    let (key, object) = (cx.intern(name), cx.builtin_type(Kind::OBJECT));
    for base in tuple_items(&class.mro.get()) {
        let Some(base) = types::as_type(*base).filter(|base| base.flags.get() & types::HEAP_TYPE == 0) else {
            continue;
        };
        if base == object {
            break;
        }
        if crate::types::namespace::get(cx, base, key).is_some() {
            return Err(cx.type_error(format!("can't apply this {name} to {} object", name_of(class))));
        }
    }
    Ok(())
}

/// The `__dict__` of the built-in class that an instance's class derives from, if that has one of its own.
fn builtin_dict(cx: &mut Cx, this: Value) -> Option<Value> {
    let mut class = class_of(cx, this);
    while class.flags.get() & types::HEAP_TYPE != 0
        && let Some(base) = class.base.get()
    {
        class = base;
    }
    let key = cx.intern("__dict__");
    let found =
        crate::types::namespace::get(cx, class, key).filter(|found| types::is_exactly(*found, Kind::GETSET_DESCRIPTOR));
    // The one that asks is no answer.
    let general =
        |native: Gc<Native>| INSTANCE_METHODS.iter().any(|own| std::ptr::eq(own, crate::call::definition(native)));
    found.filter(|found| !downcast::<Native>(*found).is_some_and(general))
}

/// What classes whose instances have a `__dict__` or can be referred to weakly get in their namespaces.
pub struct InstanceMethods;

#[py_methods(INSTANCE, name = "object")]
impl InstanceMethods {
    #[getter]
    fn __dict__(cx: &mut Cx, this: Value) -> PyResult {
        if !attribute::has_dictionary(cx, this) {
            if let Some(getter) = builtin_dict(cx, this) {
                return crate::call::call_native(cx, getter, &[this], None);
            }
            let name = cx.intern("__dict__");
            return Err(attribute::missing(cx, this, name));
        }
        Ok(attribute::dictionary(cx, this)?.value())
    }
    #[setter]
    fn set_dict(cx: &mut Cx, this: Value, value: Value) -> PyResult<()> {
        if !attribute::has_dictionary(cx, this) {
            if let Some(descriptor) = builtin_dict(cx, this) {
                let name = cx.intern("__dict__");
                return crate::call::set_native(cx, descriptor, this, name, (value != UNBOUND).then_some(value));
            }
            let message = "This object has no __dict__";
            return Err(cx.raise(Kind::ATTRIBUTE_ERROR, message));
        }
        if value == UNBOUND {
            let class = class_of(cx, this);
            if types::creation::WITH_DICT.contains(&types::kind_of(class)) {
                return Err(cx.type_error("cannot delete __dict__"));
            }
            let empty = cx.dict();
            return attribute::set_dictionary(cx, this, empty);
        }
        match downcast::<Dict>(value) {
            Some(dict) => attribute::set_dictionary(cx, this, dict),
            None => {
                let message = format!("__dict__ must be set to a dictionary, not a '{}'", class_name(cx, value));
                Err(cx.type_error(message))
            }
        }
    }
    /// list of weak references to the object
    #[getter]
    fn __weakref__(cx: &mut Cx, this: Value) -> PyResult {
        Ok(types::weak::first_reference(cx, this).unwrap_or(NONE))
    }
}

/// Adds the names of a class and its bases to a dict of names.
pub(crate) fn add_class_names(cx: &mut Cx, names: Gc<Dict>, class: Gc<Type>) -> PyResult<()> {
    let order: Gc<Tuple> = class.mro.get();
    for base in tuple_items(&order) {
        let Some(base) = types::as_type(*base) else { continue };
        let mut position = 0;
        let namespace = types::namespace::of(cx, base);
        while let Some((name, _)) = Dict::next(namespace, &mut position) {
            Dict::set(cx, names, name, NONE)?;
        }
    }
    Ok(())
}
