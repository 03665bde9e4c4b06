//! `type`, and the attributes of functions, methods and modules.

mod annotations;
mod callables;
mod function;
mod membership;
mod module;
mod module_annotations;

pub use callables::*;
pub use function::{CELL_METHODS, FUNCTION_METHODS, new_function};
pub use membership::{is_instance_of, is_subclass_of};
pub use module::MODULE_METHODS;
pub(crate) use module_annotations::is_computed;
pub use module_annotations::set_up as set_up_annotations;

use crate::arguments::Keywords;
use crate::attribute;
use crate::call;
use crate::cx::{Cx, NONE, PyResult, UNBOUND};
use crate::kinds::Kind;
use crate::objects::{Cell, Dict, List, Str, Tuple, Type};
use crate::operations;
use crate::sequence::tuple_items;
use crate::string::{StrExt, downcast};
use crate::types::{self, as_type, class_name, class_of, is_subclass, list, name_of, object};
use py_macros::py_methods;
use vm_heap::{Gc, Value};

/// Whether `call` would try to call a value.
pub fn is_callable(cx: &mut Cx, value: Value) -> bool {
    as_type(value).is_some() || types::lookup_special(cx, value, "__call__").is_some()
}

/// The most derived of a metaclass and those of the bases. TypeError where there is none.
pub fn derived_metaclass(cx: &mut Cx, metaclass: Gc<Type>, bases: &[Value]) -> PyResult<Gc<Type>> {
    let mut winner = metaclass;
    for base in bases {
        let candidate = class_of(cx, *base);
        if is_subclass(winner, candidate) {
            continue;
        }
        if !is_subclass(candidate, winner) {
            return Err(cx.type_error(
                "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the \
                 metaclasses of all its bases",
            ));
        }
        winner = candidate;
    }
    Ok(winner)
}

/// `type.__new__(metaclass, name, bases, namespace)`: the metaclass derived from the bases, hooks run.
pub fn new_type(
    cx: &mut Cx,
    metaclass: Gc<Type>,
    name: Value,
    bases: Value,
    namespace: Value,
    kwargs: Keywords<'_>,
) -> PyResult {
    let Some(text) = downcast::<Str>(name) else {
        let message = format!("type.__new__() argument 1 must be str, not {}", class_name(cx, name));
        return Err(cx.type_error(message));
    };
    let Some(base_tuple) = downcast::<Tuple>(bases) else {
        let message = format!("type.__new__() argument 2 must be tuple, not {}", class_name(cx, bases));
        return Err(cx.type_error(message));
    };
    let Some(dict) = downcast::<Dict>(namespace) else {
        let message = format!("type.__new__() argument 3 must be dict, not {}", class_name(cx, namespace));
        return Err(cx.type_error(message));
    };
    for base in tuple_items(&base_tuple) {
        if as_type(*base).is_some() {
            continue;
        }
        let hook = cx.intern("__mro_entries__");
        if attribute::get_optional(cx, *base, hook)?.is_some() {
            return Err(cx.type_error("type() doesn't support MRO entry resolution; use types.new_class()"));
        }
    }
    let winner = derived_metaclass(cx, metaclass, tuple_items(&base_tuple))?;
    if winner != metaclass {
        let (type_type, new) = (cx.builtin_type(Kind::TYPE), cx.intern("__new__"));
        if let Some(hook) = types::lookup(cx, winner, new)
            && Some(hook) != types::lookup(cx, type_type, new)
        {
            let hook = attribute::bind(cx, hook, None, winner)?;
            return kwargs.call(cx, hook, &[winner.value(), name, bases, namespace]);
        }
    }
    let bytes = text.bytes();
    if bytes.contains(&0) {
        return Err(cx.value_error("type name must not contain null characters"));
    }
    check_encodable(cx, text)?;
    let key = cx.intern("__doc__");
    if let Some(doc) = Dict::get_str(cx, dict, key).and_then(downcast::<Str>) {
        check_encodable(cx, doc)?;
    }
    let class = types::new_class(cx, winner, text, bases, dict)?;
    set_module_of_caller(cx, class)?;
    set_names(cx, class)?;
    if let Some(hook) = next_init_subclass(cx, class)? {
        kwargs.call(cx, hook, &[])?;
    }
    Ok(class.value())
}

/// UnicodeEncodeError for text with lone surrogates.
fn check_encodable(cx: &mut Cx, text: Gc<Str>) -> PyResult<()> {
    if text.as_str().is_none() {
        call::call_method(cx, text.value(), "encode", &[])?;
    }
    Ok(())
}

/// Fills the cells through which functions of a class body see the class and its namespace.
pub(crate) fn fill_cells(cx: &mut Cx, class: Gc<Type>) -> PyResult<()> {
    fill_cell(cx, class, "__classcell__", class.value())?;
    let namespace = types::namespace::of(cx, class);
    fill_cell(cx, class, "__classdictcell__", namespace.value())
}

/// Fills the cell that a class body left under a name of its namespace, and removes the name.
fn fill_cell(cx: &mut Cx, class: Gc<Type>, name: &str, value: Value) -> PyResult<()> {
    let key = cx.intern(name);
    let Some(found) = crate::types::namespace::get(cx, class, key) else { return Ok(()) };
    let Some(cell) = downcast::<Cell>(found) else {
        let shown = operations::repr(cx, class_of(cx, found).value())?.to_text();
        return Err(cx.type_error(format!("{name} must be a nonlocal cell, not {shown}")));
    };
    cell.value.set(cx.mutator(), cell, value);
    let namespace = types::namespace::of(cx, class);
    Dict::remove(cx, namespace, key.value()).map(|_| ())
}

/// `__module__` of a new class is the name of the module that makes it, unless the namespace says otherwise.
fn set_module_of_caller(cx: &mut Cx, class: Gc<Type>) -> PyResult<()> {
    let key = cx.intern("__module__");
    if crate::types::namespace::get(cx, class, key).is_some() {
        return Ok(());
    }
    let name = cx.intern("__name__");
    let globals = cx.runtime.current_globals.get().and_then(|globals| globals(cx));
    if let Some(module) = globals.and_then(|globals| Dict::get_str(cx, globals, name)) {
        crate::types::namespace::set(cx, class, key, module)?;
        types::note_change();
    }
    Ok(())
}

/// Calls `__set_name__` of what the namespace of a new class holds.
fn set_names(cx: &mut Cx, class: Gc<Type>) -> PyResult<()> {
    // A copy: the hooks may change the namespace.
    let namespace = types::namespace::of(cx, class);
    let names = types::dict::copy(cx, namespace)?;
    let mut position = 0;
    while let Some((name, value)) = Dict::next(names, &mut position) {
        if !value.is_object() {
            continue;
        }
        let Some(hook) = types::lookup_special(cx, value, "__set_name__") else { continue };
        if let Err(raised) = call::call_special(cx, hook, value, &[class.value(), name], None) {
            let error = cx.take_raised();
            let shown = operations::repr(cx, name)?.to_text();
            let note = format!(
                "Error calling __set_name__ on '{}' instance {shown} in '{}'",
                class_name(cx, value),
                name_of(class)
            );
            let note = Str::new(cx, &note);
            call::call_method(cx, error, "add_note", &[note.value()])?;
            cx.raised.set(error);
            return Err(raised);
        }
    }
    Ok(())
}

/// `super(class, class).__init_subclass__`.
fn next_init_subclass(cx: &mut Cx, class: Gc<Type>) -> PyResult<Option<Value>> {
    let name = cx.intern("__init_subclass__");
    types::records::super_attribute(cx, class, class.value(), name)
}

fn own_or_none(cx: &mut Cx, class: Gc<Type>, name: &str) -> Value {
    let name = cx.intern(name);
    crate::types::namespace::get(cx, class, name).unwrap_or(NONE)
}

/// TypeError for `del class.name` of an attribute that every class has.
fn check_deletion(cx: &mut Cx, class: Gc<Type>, value: Value, name: &str) -> PyResult<()> {
    let immutable = class.flags.get() & types::HEAP_TYPE == 0;
    let message = match value {
        UNBOUND if immutable => format!("cannot delete '{name}' attribute of immutable type '{}'", name_of(class)),
        UNBOUND => format!("cannot delete '{name}' attribute of type '{}'", name_of(class)),
        _ if immutable => format!("cannot set '{name}' attribute of immutable type '{}'", name_of(class)),
        _ => return Ok(()),
    };
    Err(cx.type_error(message))
}

fn set_text(cx: &mut Cx, class: Gc<Type>, value: Value, name: &str) -> PyResult<Gc<Str>> {
    check_deletion(cx, class, value, name)?;
    if class.flags.get() & types::HEAP_TYPE == 0 {
        let message = format!("cannot set '{name}' attribute of immutable type '{}'", name_of(class));
        return Err(cx.type_error(message));
    }
    match downcast::<Str>(value) {
        Some(text) => Ok(text),
        None => {
            let message =
                format!("can only assign string to {}.{name}, not '{}'", name_of(class), class_name(cx, value));
            Err(cx.type_error(message))
        }
    }
}

/// The methods of `type`.
pub struct Methods;

#[py_methods(TYPE)]
impl Methods {
    #[new(signature = "")]
    fn new(cx: &mut Cx, metaclass: Gc<Type>, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> PyResult {
        match args {
            [name, bases, namespace] => new_type(cx, metaclass, *name, *bases, *namespace, kwargs),
            _ => {
                let message = format!("type.__new__() takes exactly 3 arguments ({} given)", args.len());
                Err(cx.type_error(message))
            }
        }
    }
    #[method(signature = "($self, /, *args, **kwargs)")]
    fn __init__(cx: &mut Cx, _this: Value, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> PyResult<()> {
        if !kwargs.is_empty() && args.len() == 1 {
            return Err(cx.type_error("type.__init__() takes no keyword arguments"));
        }
        if matches!(args.len(), 1 | 3) { Ok(()) } else { Err(cx.type_error("type.__init__() takes 1 or 3 arguments")) }
    }
    #[method(signature = "($self, /, *args, **kwargs)")]
    fn __call__(cx: &mut Cx, this: Gc<Type>, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> PyResult {
        kwargs.construct(cx, this, args)
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<Type>) -> String {
        format!("<class '{}'>", object::full_name(cx, this))
    }
    #[method]
    fn __or__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        types::generic::union_of(cx, this, value)
    }
    /// Check if an object is an instance.
    #[method]
    fn __instancecheck__(cx: &mut Cx, this: Gc<Type>, instance: Value) -> PyResult<bool> {
        membership::is_plain_instance(cx, instance, this.value())
    }
    /// Check if a class is a subclass.
    #[method]
    fn __subclasscheck__(cx: &mut Cx, this: Gc<Type>, subclass: Value) -> PyResult<bool> {
        membership::is_plain_subclass(cx, subclass, this.value())
    }
    /// Return a type's method resolution order.
    #[method]
    fn mro(cx: &mut Cx, this: Gc<Type>) -> PyResult<Gc<List>> {
        let order = types::default_order(cx, this)?;
        list::from_iterable(cx, order.value())
    }
    /// Return a list of immediate subclasses.
    #[method]
    fn __subclasses__(cx: &mut Cx, this: Gc<Type>) -> PyResult<Gc<List>> {
        match downcast::<List>(this.subclasses.get()) {
            Some(subclasses) => list::from_iterable(cx, subclasses.value()),
            None => List::new(cx, &[]),
        }
    }
    /// Specialized __dir__ implementation for types.
    #[method]
    fn __dir__(cx: &mut Cx, this: Gc<Type>) -> PyResult<Gc<List>> {
        let names = cx.dict();
        object::add_class_names(cx, names, this)?;
        list::from_iterable(cx, names.value())
    }
    /// Create the namespace for the class statement
    #[classmethod]
    fn __prepare__(cx: &mut Cx, _class: Value, #[args] _args: &[Value], #[kwargs] _kwargs: Keywords<'_>) -> Gc<Dict> {
        cx.dict()
    }
    /// Return memory consumption of the type object.
    #[method]
    fn __sizeof__(_this: Value) -> i64 {
        size_of::<Type>() as i64
    }
    #[method]
    fn __ror__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        types::generic::union_of(cx, value, this)
    }
    #[method]
    fn __setattr__(cx: &mut Cx, this: Value, name: Gc<Str>, value: Value) -> PyResult<()> {
        attribute::set_default(cx, this, name, Some(value))
    }
    #[method]
    fn __delattr__(cx: &mut Cx, this: Value, name: Gc<Str>) -> PyResult<()> {
        attribute::set_default(cx, this, name, None)
    }
    #[method]
    fn __getattribute__(cx: &mut Cx, this: Value, name: Gc<Str>) -> PyResult {
        match attribute::find(cx, this, name)? {
            Some((value, _)) => Ok(value),
            None => Err(attribute::missing(cx, this, name)),
        }
    }
    #[getter]
    fn __name__(this: Gc<Type>) -> Value {
        this.name.get()
    }
    #[setter]
    fn set_name(cx: &mut Cx, this: Gc<Type>, value: Value) -> PyResult<()> {
        let text = set_text(cx, this, value, "__name__")?;
        if text.bytes().contains(&0) {
            return Err(cx.value_error("type name must not contain null characters"));
        }
        check_encodable(cx, text)?;
        this.name.set(cx.mutator(), this, text.value());
        Ok(())
    }
    #[getter]
    fn __qualname__(this: Gc<Type>) -> Value {
        this.qualname.get()
    }
    #[setter]
    fn set_qualname(cx: &mut Cx, this: Gc<Type>, value: Value) -> PyResult<()> {
        let text = set_text(cx, this, value, "__qualname__")?;
        this.qualname.set(cx.mutator(), this, text.value());
        Ok(())
    }
    #[getter]
    fn __module__(cx: &mut Cx, this: Gc<Type>) -> Value {
        let key = cx.intern("__module__");
        match crate::types::namespace::get(cx, this, key) {
            Some(module) if this.flags.get() & types::HEAP_TYPE != 0 || downcast::<Str>(module).is_some() => module,
            _ => cx.intern(&types::builtin_module(this)).value(),
        }
    }
    #[setter]
    fn set_module(cx: &mut Cx, this: Gc<Type>, value: Value) -> PyResult<()> {
        check_deletion(cx, this, value, "__module__")?;
        let name = cx.intern("__module__");
        types::set_class_attribute(cx, this, name, Some(value))?;
        // The line is one of the module that made the class.
        let line = cx.intern("__firstlineno__");
        types::set_class_attribute(cx, this, line, None).map(|_| ())
    }
    #[getter]
    fn __doc__(cx: &mut Cx, this: Gc<Type>) -> PyResult {
        let doc = own_or_none(cx, this, "__doc__");
        if doc.is_object() && types::lookup_special(cx, doc, "__get__").is_some() {
            return attribute::bind(cx, doc, None, this);
        }
        Ok(doc)
    }
    #[setter]
    fn set_doc(cx: &mut Cx, this: Gc<Type>, value: Value) -> PyResult<()> {
        // The text of CPython, which says so of any class.
        if value == UNBOUND {
            let message = format!("cannot delete '__doc__' attribute of immutable type '{}'", name_of(this));
            return Err(cx.type_error(message));
        }
        check_deletion(cx, this, value, "__doc__")?;
        let name = cx.intern("__doc__");
        types::set_class_attribute(cx, this, name, Some(value)).map(|_| ())
    }
    #[getter]
    fn __bases__(this: Gc<Type>) -> Value {
        this.bases.get()
    }
    #[setter]
    fn set_bases(cx: &mut Cx, this: Gc<Type>, value: Value) -> PyResult<()> {
        if value == UNBOUND {
            let message = format!("cannot delete '__bases__' attribute of type '{}'", name_of(this));
            return Err(cx.type_error(message));
        }
        types::set_bases(cx, this, value)
    }
    #[getter]
    fn __base__(this: Gc<Type>) -> Option<Gc<Type>> {
        this.base.get()
    }
    #[getter]
    fn __mro__(this: Gc<Type>) -> Option<Gc<Tuple>> {
        (this.flags.get() & types::UNORDERED == 0).then(|| this.mro.get())
    }
    #[getter]
    fn __dict__(cx: &mut Cx, this: Gc<Type>) -> PyResult {
        let namespace = types::namespace::of(cx, this);
        Ok(types::proxy::new(cx, namespace.value()))
    }
    #[getter]
    fn __flags__(cx: &mut Cx, this: Gc<Type>) -> i64 {
        // Bits of CPython that programs look at: immutable, heap type, base type, ready, and which built-in it derives from.
        let flags = this.flags.get();
        let mut shown = 1 << 12;
        shown |= if flags & types::HEAP_TYPE != 0 { 1 << 9 | 1 << 14 } else { 1 << 8 };
        shown |= if types::is_final(cx, this) { 0 } else { 1 << 10 };
        shown |= if flags & types::ABSTRACT != 0 { 1 << 20 } else { 0 };
        for (kind, bit) in [
            (Kind::INT, 24),
            (Kind::LIST, 25),
            (Kind::TUPLE, 26),
            (Kind::BYTES, 27),
            (Kind::STR, 28),
            (Kind::DICT, 29),
            (Kind::BASE_EXCEPTION, 30),
            (Kind::TYPE, 31),
        ] {
            if this.mro.get().length.get().as_int() > 0
                && tuple_items(&this.mro.get())
                    .iter()
                    .filter_map(|base| as_type(*base))
                    .any(|base| base.flags.get() & types::HEAP_TYPE == 0 && base.kind.get() == kind as u64)
            {
                shown |= 1i64 << bit;
            }
        }
        shown
    }
    #[getter]
    fn __basicsize__(this: Gc<Type>) -> i64 {
        let pointers = types::slots::total_count(this) as i64;
        16 + 8 * pointers
    }
    #[getter]
    fn __itemsize__(this: Gc<Type>) -> i64 {
        let is_int = matches!(types::kind_of(this), Kind::INT | Kind::BOOL);
        // The size of a digit, see `sys.int_info`.
        i64::from(types::slots::has_variable_size(this)) * if is_int { 4 } else { 8 }
    }
    #[getter]
    fn __dictoffset__(this: Gc<Type>) -> i64 {
        if this.flags.get() & types::HAS_DICT != 0 { -1 } else { 0 }
    }
    #[getter]
    fn __weakrefoffset__(this: Gc<Type>) -> i64 {
        if this.flags.get() & types::HAS_WEAKREF != 0 { -8 } else { 0 }
    }
    #[getter]
    fn __text_signature__(cx: &mut Cx, this: Gc<Type>) -> PyResult {
        if this.flags.get() & types::HEAP_TYPE != 0 {
            return Ok(NONE);
        }
        for name in ["__new__", "__init__"] {
            let name = cx.intern(name);
            let own = crate::types::namespace::get(cx, this, name).and_then(downcast::<crate::objects::Native>);
            let signature = own.map_or("", |native| call::definition(native).signature);
            // One that takes whatever comes leaves it to the other to say what is sensible.
            let signature = signature.replacen("$self, /, ", "", 1).replacen("$self, ", "", 1);
            if !signature.is_empty() && signature != "(*args, **kwargs)" {
                return Ok(cx.intern(&signature).value());
            }
        }
        Ok(NONE)
    }
    #[getter]
    fn __annotations__(cx: &mut Cx, this: Gc<Type>) -> PyResult {
        annotations::get(cx, this)
    }
    #[setter]
    fn set_annotations(cx: &mut Cx, this: Gc<Type>, value: Value) -> PyResult<()> {
        annotations::set(cx, this, value)
    }
    #[getter]
    fn __annotate__(cx: &mut Cx, this: Gc<Type>) -> PyResult {
        annotations::function(cx, this)
    }
    #[setter]
    fn set_annotate(cx: &mut Cx, this: Gc<Type>, value: Value) -> PyResult<()> {
        annotations::set_function(cx, this, value)
    }
    #[getter]
    fn __type_params__(cx: &mut Cx, this: Gc<Type>) -> Value {
        // The namespace of `type` has this very getter.
        if this == cx.builtin_type(Kind::TYPE) {
            return cx.tuple(&[]);
        }
        match own_or_none(cx, this, "__type_params__") {
            NONE => cx.tuple(&[]),
            parameters => parameters,
        }
    }
    #[setter]
    fn set_type_params(cx: &mut Cx, this: Gc<Type>, value: Value) -> PyResult<()> {
        check_deletion(cx, this, value, "__type_params__")?;
        let name = cx.intern("__type_params__");
        types::set_class_attribute(cx, this, name, Some(value)).map(|_| ())
    }
    #[getter]
    fn __abstractmethods__(cx: &mut Cx, this: Gc<Type>) -> PyResult {
        match if this == cx.builtin_type(Kind::TYPE) { NONE } else { own_or_none(cx, this, "__abstractmethods__") } {
            NONE => Err(cx.raise(Kind::ATTRIBUTE_ERROR, "__abstractmethods__")),
            names => Ok(names),
        }
    }
    #[setter]
    fn set_abstractmethods(cx: &mut Cx, this: Gc<Type>, value: Value) -> PyResult<()> {
        let name = cx.intern("__abstractmethods__");
        if !types::set_class_attribute(cx, this, name, (value != UNBOUND).then_some(value))? {
            return Err(cx.raise(Kind::ATTRIBUTE_ERROR, "__abstractmethods__"));
        }
        types::withdraw(cx, this);
        types::set_abstract(cx, this, value)
    }
}
