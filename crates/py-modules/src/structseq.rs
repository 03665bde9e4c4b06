//! Struct sequences: tuples with named fields, some of which may be no items (`os.stat_result`, `time.struct_time`, …).
//!
//! A class is made per declaration, once. Its fields are computed attributes whose index is part of their native
//! function, since such a function sees only its receiver.

use py_macros::py_methods;
use py_object::bootstrap::new_native;
use py_object::native::{NativeCall, NativeDefinition, NativeKind, TracePolicy, TransactionPolicy};
use py_object::objects::{Dict, List, Str, StructSequence, Tuple, Type};
use py_object::sequence::tuple_items;
use py_object::types::{self, class_of};
use py_object::{Cx, Kind, NONE, PyResult, StrExt, downcast, operations, try_allocate_tail};
use std::sync::{Mutex, PoisonError};
use vm_heap::{Field, Gc, Value};

/// What a struct sequence class is made from.
pub struct Declaration {
    /// Module and name: `os.stat_result`.
    pub name: &'static str,
    /// Docstring.
    pub doc: &'static str,
    /// Names of the fields, items first; an empty name is an item without one.
    pub fields: &'static [(&'static str, &'static str)],
    /// How many of them are items.
    pub items: usize,
    /// Fields that, left out, are equal to an item: pairs of indices.
    pub copies: &'static [(usize, usize)],
}

/// Most fields of a class.
const MOST_FIELDS: usize = 40;

/// Classes of which programs can make no instances.
const NOT_CONSTRUCTIBLE: &[&str] = &["sys.flags", "sys.version_info"];

/// Classes made so far. They are roots because each has a shape of its own.
static CLASSES: Mutex<Vec<(&'static Declaration, Gc<Type>)>> = Mutex::new(Vec::new());

fn field<const INDEX: usize>(cx: &mut Cx, arguments: &[Value], _: Option<Gc<Tuple>>) -> PyResult {
    match arguments.first().and_then(|this| downcast::<Tuple>(*this)) {
        Some(this) => Ok(value_at(this, INDEX)),
        None => Err(cx.type_error("a field needs a struct sequence")),
    }
}

macro_rules! field_getters {
    ($($index:literal)*) => { [$(field::<$index>),*] };
}
const FIELD_GETTERS: [NativeCall; MOST_FIELDS] = field_getters!(
    0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39
);

/// The tuple of the fields that are no items; `None` where all are items.
fn hidden_fields(this: Gc<Tuple>) -> Option<Gc<Tuple>> {
    downcast::<StructSequence>(this.value())?;
    let end = this.address() + size_of::<Tuple>() + 8 * tuple_items(&this).len();
    // SAFETY: the longer layout has one more word behind the items.
    downcast::<Tuple>(unsafe { &*(end as *const Field<Value>) }.get())
}

fn value_at(this: Gc<Tuple>, index: usize) -> Value {
    let items = tuple_items(&this);
    match items.get(index) {
        Some(value) => *value,
        None => hidden_fields(this)
            .and_then(|hidden| tuple_items(&hidden).get(index - items.len()).copied())
            .unwrap_or(NONE),
    }
}

/// The class of a declaration.
pub fn class(cx: &mut Cx, declaration: &'static Declaration) -> PyResult<Gc<Type>> {
    let known = |classes: &[(&'static Declaration, Gc<Type>)]| {
        classes.iter().find(|(other, _)| std::ptr::eq(*other, declaration)).map(|(_, class)| *class)
    };
    if let Some(class) = known(&CLASSES.lock().unwrap_or_else(PoisonError::into_inner)) {
        return Ok(class);
    }
    let class = make_class(cx, declaration)?;
    let mut classes = CLASSES.lock().unwrap_or_else(PoisonError::into_inner);
    // Another thread may have been faster; then its class counts.
    if let Some(class) = known(&classes) {
        return Ok(class);
    }
    classes.push((declaration, class));
    Ok(class)
}

/// The declaration of a class.
fn declaration_of(cx: &mut Cx, class: Gc<Type>) -> PyResult<&'static Declaration> {
    let classes = CLASSES.lock().unwrap_or_else(PoisonError::into_inner);
    match classes.iter().find(|(_, other)| *other == class) {
        Some((declaration, _)) => Ok(declaration),
        None => {
            drop(classes);
            Err(cx.type_error("expected a struct sequence class"))
        }
    }
}

fn make_class(cx: &mut Cx, declaration: &'static Declaration) -> PyResult<Gc<Type>> {
    assert!(declaration.fields.len() <= MOST_FIELDS);
    let (module, short) = declaration.name.rsplit_once('.').unwrap_or(("builtins", declaration.name));
    let namespace = cx.dict();
    let enter = |cx: &mut Cx, name: &str, value: Value| {
        let name = cx.intern(name);
        Dict::set_str(cx, namespace, name, value)
    };
    let text = Str::new(cx, module).value();
    enter(cx, "__module__", text)?;
    let text = Str::new(cx, declaration.doc).value();
    enter(cx, "__doc__", text)?;
    let unnamed = declaration.fields.iter().filter(|(name, _)| name.is_empty()).count();
    for (name, number) in [
        ("n_fields", declaration.fields.len()),
        ("n_sequence_fields", declaration.items),
        ("n_unnamed_fields", unnamed),
    ] {
        enter(cx, name, Value::int(number as i64))?;
    }
    let mut names = Vec::new();
    for (name, _) in declaration.fields[..declaration.items].iter().filter(|(name, _)| !name.is_empty()) {
        // Interned strings are roots.
        names.push(cx.intern(name).value());
    }
    let names = cx.tuple(&names);
    enter(cx, "__match_args__", names)?;
    let name = cx.intern(short);
    let tuple = cx.builtin_type(Kind::TUPLE);
    let bases = cx.tuple(&[tuple.value()]);
    let metaclass = cx.builtin_type(Kind::TYPE);
    let class = types::new_class(cx, metaclass, name, bases, namespace)?;
    for definition in STRUCT_SEQUENCE_METHODS {
        let kind = match definition.kind {
            NativeKind::StaticMethod => Kind::BUILTIN,
            _ => Kind::METHOD_DESCRIPTOR,
        };
        let receiver = if kind == Kind::BUILTIN { NONE } else { class.value() };
        let method = new_native(cx, definition, kind, receiver);
        let name = cx.intern(definition.name);
        Dict::set_str(cx, class.dict.get(), name, method.value())?;
    }
    for (index, (name, doc)) in declaration.fields.iter().enumerate().filter(|(_, (name, _))| !name.is_empty()) {
        let definition: &'static NativeDefinition = Box::leak(Box::new(NativeDefinition {
            name,
            qualname: Box::leak(format!("{short}.{name}").into_boxed_str()),
            kind: NativeKind::Getter,
            doc,
            signature: "",
            call: FIELD_GETTERS[index],
            setter: None,
            trace: TracePolicy::Reads,
            transaction: TransactionPolicy::Pure,
        }));
        let getter = new_native(cx, definition, Kind::GETSET_DESCRIPTOR, class.value());
        let name = cx.intern(name);
        Dict::set_str(cx, class.dict.get(), name, getter.value())?;
    }
    class.flags.init(types::FINAL);
    types::note_change();
    Ok(class)
}

/// A new struct sequence of a declaration; `values` are its fields in order, and lie on a stack or in a live tuple.
pub fn new(cx: &mut Cx, declaration: &'static Declaration, values: &[Value]) -> PyResult {
    let class = class(cx, declaration)?;
    build(cx, class, &values[..declaration.items], &values[declaration.items..])
}

fn build(cx: &mut Cx, class: Gc<Type>, items: &[Value], hidden: &[Value]) -> PyResult {
    let hidden = if hidden.is_empty() { NONE } else { cx.tuple(hidden) };
    let shape = types::instance_shape(class).id;
    let Some(made) = try_allocate_tail::<StructSequence>(cx.mutator(), shape, items.len()) else {
        return Err(cx.raise(Kind::MEMORY_ERROR, ""));
    };
    let first = made.address() + size_of::<Tuple>();
    for (at, value) in items.iter().chain([&hidden]).enumerate() {
        // SAFETY: the longer layout holds the items and one word behind them, from where a tuple's items begin.
        unsafe { &*((first + 8 * at) as *const Field<Value>) }.init(*value);
    }
    Ok(made.value())
}

/// The methods of all such classes.
pub struct Methods;

#[py_methods(STRUCT_SEQUENCE, name = "structseq")]
impl Methods {
    #[new(signature = "(sequence, dict=<unrepresentable>)")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[keyword] sequence: Option<Value>,
        #[keyword]
        #[default(NONE)]
        dict: Value,
    ) -> PyResult {
        let declaration = declaration_of(cx, class)?;
        if NOT_CONSTRUCTIBLE.contains(&declaration.name) {
            return Err(cx.type_error(format!("cannot create '{}' instances", declaration.name)));
        }
        let Some(sequence) = sequence else {
            let message = format!("{}() missing required argument 'sequence' (pos 1)", types::name_of(class));
            return Err(cx.type_error(message));
        };
        if types::lookup_special(cx, sequence, "__iter__").is_none()
            && types::lookup_special(cx, sequence, "__getitem__").is_none()
        {
            return Err(cx.type_error("constructor requires a sequence"));
        }
        let full = declaration.name;
        let given = types::tuple::from_iterable(cx, sequence)?;
        let dict = match (dict, downcast::<Dict>(dict)) {
            (NONE, _) => None,
            (_, Some(dict)) => Some(dict),
            _ => return Err(cx.type_error(format!("{full}() takes a dict as second arg, if any"))),
        };
        let (least, most) = (declaration.items, declaration.fields.len());
        let count = tuple_items(&given).len();
        if count < least || count > most {
            let bound = match (least == most, count < least) {
                (true, _) => format!("a {least}"),
                (_, true) => format!("an at least {least}"),
                _ => format!("an at most {most}"),
            };
            return Err(cx.type_error(format!("{full}() takes {bound}-sequence ({count}-sequence given)")));
        }
        let hidden = List::new(cx, &tuple_items(&given)[least..])?;
        for (index, (field, _)) in declaration.fields.iter().enumerate().skip(count) {
            let named = match dict {
                Some(dict) => {
                    let key = cx.intern(field);
                    Dict::get_str(cx, dict, key)
                }
                None => None,
            };
            let copied = declaration.copies.iter().find(|(copy, _)| *copy == index);
            let value = match (named, copied) {
                (Some(value), _) => value,
                (None, Some((_, item))) => tuple_items(&given)[*item],
                (None, None) => NONE,
            };
            List::push(cx, hidden, value)?;
        }
        let hidden = Tuple::from_list(cx, hidden)?;
        build(cx, class, &tuple_items(&given)[..least], tuple_items(&hidden))
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<Tuple>) -> PyResult<String> {
        cx.check_native_stack()?;
        let class = class_of(cx, this.value());
        let declaration = declaration_of(cx, class)?;
        let mut text = format!("{}(", declaration.name);
        // As CPython does it: the names are those of the fields that have one, also for items that have none.
        let mut names = declaration.fields.iter().map(|(name, _)| *name).filter(|name| !name.is_empty());
        for (at, item) in tuple_items(&this).iter().enumerate() {
            if at > 0 {
                text.push_str(", ");
            }
            text.push_str(names.next().unwrap_or_default());
            text.push('=');
            let item = operations::repr(cx, *item)?;
            text.push_str(&item.to_text());
        }
        text.push(')');
        Ok(text)
    }
    #[method]
    fn __reduce__(cx: &mut Cx, this: Gc<Tuple>) -> PyResult {
        let class = class_of(cx, this.value());
        let items = Tuple::new(cx, tuple_items(&this));
        let rest = cx.dict();
        let count = tuple_items(&this).len();
        for (index, (name, _)) in declaration_of(cx, class)?.fields.iter().enumerate().skip(count) {
            let name = cx.intern(name);
            Dict::set_str(cx, rest, name, value_at(this, index))?;
        }
        let arguments = cx.tuple(&[items.value(), rest.value()]);
        Ok(cx.tuple(&[class.value(), arguments]))
    }
    /// Return a copy of the structure with new values for the specified fields.
    #[method(signature = "($self, /, **changes)")]
    fn __replace__(cx: &mut Cx, this: Gc<Tuple>, #[kwargs] changes: py_object::arguments::Keywords<'_>) -> PyResult {
        let class = class_of(cx, this.value());
        let declaration = declaration_of(cx, class)?;
        let items = declaration.items;
        let values = List::new(cx, &[])?;
        for (index, (name, _)) in declaration.fields.iter().enumerate() {
            let value = changes.get(name).unwrap_or(value_at(this, index));
            List::push(cx, values, value)?;
        }
        let unknown: Vec<String> = changes
            .iter()
            .map(|(name, _)| name.to_text())
            .filter(|name| !declaration.fields.iter().any(|(known, _)| known == name))
            .map(|name| format!("'{name}'"))
            .collect();
        if !unknown.is_empty() {
            let message = format!("Got unexpected field name(s): [{}]", unknown.join(", "));
            return Err(cx.type_error(message));
        }
        let values = Tuple::from_list(cx, values)?;
        build(cx, class, &tuple_items(&values)[..items], &tuple_items(&values)[items..])
    }
}
