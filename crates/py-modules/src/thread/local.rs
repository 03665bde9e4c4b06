//! `_local`: attributes that each thread has for itself.
//!
//! An object holds a dict of attributes per thread. What a thread has used it remembers weakly, so that its attributes go
//! when it ends, and the object may go before.

use super::{call_with, identity};
use py_macros::py_methods;
use py_object::arguments::Keywords;
use py_object::objects::{Array, Dict, List, Str, Tuple, Type};
use py_object::types::weak::{self, WeakReference};
use py_object::types::{self, class_of, list, name_of};
use py_object::{Cx, Kind, NONE, PyResult, StrExt, allocate, attribute, call, downcast, object};
use vm_heap::{Field, Gc, Heap, Value};

object! {
    /// Thread-local attributes.
    pub struct Local = 479 {
        /// Version word.
        word: u64,
        /// Not used: attributes are in the dicts.
        attributes: Option<Gc<Array>>,
        /// Dict from the numbers of threads to their attributes.
        table: Gc<Dict>,
        /// Tuple of positional arguments for `__init__` in other threads.
        arguments: Value,
        /// Dict of keyword arguments for it, or None.
        keywords: Value,
    }
}

/// For each thread, a list of weak references to the objects that it has used.
static USED: std::sync::OnceLock<Field<Option<Gc<Dict>>>> = std::sync::OnceLock::new();

/// Makes the table of threads a root.
pub fn install(cx: &mut Cx) {
    let table = Dict::new(cx);
    USED.get_or_init(|| Field::new(None)).set_root(Some(table));
    Heap::global().add_root_scanner(|_, visit| {
        if let Some(table) = USED.get().and_then(Field::get) {
            visit(table.value());
        }
    });
}

fn used() -> Gc<Dict> {
    USED.get().and_then(Field::get).expect("made at start-up")
}

/// Notes that the calling thread has attributes of an object.
fn remember(cx: &mut Cx, this: Gc<Local>) -> PyResult<()> {
    let (table, me) = (used(), Value::int(identity()));
    let objects = match Dict::get(cx, table, me)?.and_then(downcast::<List>) {
        Some(objects) => objects,
        None => {
            let objects = List::new(cx, &[])?;
            Dict::set(cx, table, me, objects.value())?;
            objects
        }
    };
    // What has gone need not be remembered; looking at all of them now and then is enough.
    if list::length(objects) >= 64 && list::length(objects).is_power_of_two() {
        let mut at = 0;
        while let Some(reference) = list::item(objects, at) {
            match target(cx, reference) {
                Some(_) => at += 1,
                None => drop(list::remove_at(cx, objects, at as i64)),
            }
        }
    }
    let class = cx.builtin_type(Kind::WEAK_REFERENCE);
    let reference = weak::new(cx, class, this.value(), NONE)?;
    List::push(cx, objects, reference)
}

fn target(cx: &Cx, reference: Value) -> Option<Gc<Local>> {
    weak::target(cx, downcast::<WeakReference>(reference)?).and_then(downcast::<Local>)
}

/// Drops the attributes of the calling thread, which ends.
pub fn leave_thread(cx: &mut Cx) {
    let (table, me) = (used(), Value::int(identity()));
    let objects = Dict::remove(cx, table, me).ok().flatten().and_then(downcast::<List>);
    let Some(objects) = objects else { return };
    for at in 0..list::length(objects) {
        let object = list::item(objects, at).and_then(|reference| target(cx, reference));
        if let Some(object) = object
            && Dict::remove(cx, object.table.get(), me).is_err()
        {
            cx.take_raised();
        }
    }
}

/// The calling thread's attributes; at their first use `__init__` runs.
fn attributes(cx: &mut Cx, this: Gc<Local>) -> PyResult<Gc<Dict>> {
    let (table, me) = (this.table.get(), Value::int(identity()));
    if let Some(found) = Dict::get(cx, table, me)?.and_then(downcast::<Dict>) {
        return Ok(found);
    }
    let made = Dict::new(cx);
    Dict::set(cx, table, me, made.value())?;
    remember(cx, this)?;
    let class = class_of(cx, this.value());
    if has_init(cx, class) {
        let name = cx.intern("__init__");
        let Some(init) = types::lookup(cx, class, name) else { return Ok(made) };
        let bound = attribute::bind(cx, init, Some(this.value()), class)?;
        let arguments = downcast::<Tuple>(this.arguments.get()).expect("set when the object was made");
        if let Err(raised) = call_with(cx, bound, arguments, this.keywords.get()) {
            let exception = cx.raised.get();
            Dict::remove(cx, table, me)?;
            cx.raised.set(exception);
            return Err(raised);
        }
    }
    Ok(made)
}

/// Whether a class has an `__init__` other than that of `object`.
fn has_init(cx: &mut Cx, class: Gc<Type>) -> bool {
    let name = cx.intern("__init__");
    let base = cx.builtin_type(Kind::OBJECT);
    types::lookup(cx, class, name) != types::lookup(cx, base, name)
}

fn is_data_descriptor(cx: &mut Cx, value: Value) -> bool {
    types::lookup_special(cx, value, "__set__").is_some() || types::lookup_special(cx, value, "__delete__").is_some()
}

fn read_only(cx: &mut Cx, this: Gc<Local>) -> py_object::Raised {
    let class = class_of(cx, this.value());
    let message = format!("'{}' object attribute '__dict__' is read-only", name_of(class));
    cx.raise(Kind::ATTRIBUTE_ERROR, message)
}

fn write(cx: &mut Cx, this: Gc<Local>, name: Gc<Str>, value: Option<Value>) -> PyResult<()> {
    if name.bytes() == b"__dict__" {
        return Err(read_only(cx, this));
    }
    let attributes = attributes(cx, this)?;
    let class = class_of(cx, this.value());
    if let Some(found) = types::lookup(cx, class, name)
        && is_data_descriptor(cx, found)
    {
        let arguments = [this.value(), value.unwrap_or(NONE)];
        let result = match value {
            Some(_) => call::call_method(cx, found, "__set__", &arguments),
            None => call::call_method(cx, found, "__delete__", &arguments[..1]),
        };
        return result.map(|_| ());
    }
    match value {
        Some(value) => Dict::set(cx, attributes, name.value(), value),
        None => match Dict::remove(cx, attributes, name.value())? {
            Some(_) => Ok(()),
            None => Err(attribute::missing(cx, this.value(), name)),
        },
    }
}

/// The methods.
pub struct Methods;

#[py_methods(THREAD_LOCAL, name = "_local")]
impl Methods {
    #[new(signature = "(*args, **kwargs)")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[args] args: &[Value],
        #[kwargs] kwargs: Keywords<'_>,
    ) -> PyResult<Gc<Local>> {
        if (!args.is_empty() || !kwargs.is_empty()) && !has_init(cx, class) {
            return Err(cx.type_error("Initialization arguments are not supported"));
        }
        let arguments = Tuple::new(cx, args).value();
        let keywords = if kwargs.is_empty() {
            NONE
        } else {
            let dict = Dict::new(cx);
            for (name, value) in kwargs.iter() {
                Dict::set(cx, dict, name.value(), value)?;
            }
            dict.value()
        };
        let table = Dict::new(cx);
        let own = Dict::new(cx);
        // The constructor runs `__init__` for this thread itself.
        Dict::set(cx, table, Value::int(identity()), own.value())?;
        let object = allocate::<Local>(cx.mutator(), types::instance_shape(class).id);
        object.table.init(table);
        object.arguments.init(arguments);
        object.keywords.init(keywords);
        types::note_instance(cx, class, object.value());
        remember(cx, object)?;
        Ok(object)
    }
    #[method]
    fn __getattribute__(cx: &mut Cx, this: Gc<Local>, name: Gc<Str>) -> PyResult {
        let attributes = attributes(cx, this)?;
        if name.bytes() == b"__dict__" {
            return Ok(attributes.value());
        }
        let class = class_of(cx, this.value());
        let found = types::lookup(cx, class, name);
        if let Some(found) = found
            && is_data_descriptor(cx, found)
        {
            return attribute::bind(cx, found, Some(this.value()), class);
        }
        if let Some(value) = Dict::get(cx, attributes, name.value())? {
            return Ok(value);
        }
        match found {
            Some(found) => attribute::bind(cx, found, Some(this.value()), class),
            None => Err(attribute::missing(cx, this.value(), name)),
        }
    }
    #[method]
    fn __setattr__(cx: &mut Cx, this: Gc<Local>, name: Gc<Str>, value: Value) -> PyResult<()> {
        write(cx, this, name, Some(value))
    }
    #[method]
    fn __delattr__(cx: &mut Cx, this: Gc<Local>, name: Gc<Str>) -> PyResult<()> {
        write(cx, this, name, None)
    }
}
