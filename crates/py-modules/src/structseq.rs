//! Struct sequences: tuples with named fields, some of which may be no items (`os.stat_result`, `time.struct_time`, …).
//!
//! A class is made per declaration, once. Its fields are computed attributes whose index is part of their native
//! function, since such a function sees only its receiver.

use py_macros::py_methods;
use py_object::bootstrap::{descriptor_kind, new_native};
use py_object::native::{NativeCall, NativeDefinition, NativeKind, TracePolicy, TransactionPolicy};
use py_object::objects::{Array, Dict, Extended, List, Str, Tuple, Type};
use py_object::sequence::{elements, tuple_items};
use py_object::types::{self, class_of};
use py_object::{Cx, Kind, NONE, PyResult, StrExt, allocate, downcast, operations};
use std::sync::{Mutex, PoisonError};
use vm_heap::{Gc, Value};

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
    /// Whether the class is called with the fields themselves, and not with a sequence of them.
    pub from_fields: bool,
}

/// Most fields of a class.
const MOST_FIELDS: usize = 40;

/// Classes of which programs can make no instances.
const NOT_CONSTRUCTIBLE: &[&str] = &["sys.flags", "sys.version_info"];

/// Classes made so far. They are roots because each has a shape of its own.
static CLASSES: Mutex<Vec<(&'static Declaration, Gc<Type>)>> = Mutex::new(Vec::new());

fn field<const INDEX: usize>(cx: &mut Cx, arguments: &[Value], _: Option<Gc<Tuple>>) -> PyResult {
    match arguments.first() {
        Some(this) => Ok(value_at(*this, INDEX)),
        None => Err(cx.type_error("a field needs a struct sequence")),
    }
}

/// Fields cannot be set.
fn refuse(cx: &mut Cx, _: &[Value], _: Option<Gc<Tuple>>) -> PyResult {
    Err(cx.raise(Kind::ATTRIBUTE_ERROR, "readonly attribute"))
}

macro_rules! field_getters {
    ($($index:literal)*) => { [$(field::<$index>),*] };
}
const FIELD_GETTERS: [NativeCall; MOST_FIELDS] = field_getters!(
    0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39
);

/// The field with an index.
fn value_at(this: Value, index: usize) -> Value {
    let Some(items) = downcast::<Tuple>(this) else { return NONE };
    let items = tuple_items(&items);
    match items.get(index) {
        Some(value) => *value,
        None => {
            let hidden = downcast::<Extended>(this).and_then(|extended| extended.attributes.get_acquire());
            let hidden = hidden.as_ref().map_or(&[][..], elements);
            hidden.get(index - items.len()).map_or(NONE, |field| field.get())
        }
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
    let no_slots = cx.tuple(&[]);
    enter(cx, "__slots__", no_slots)?;
    let name = cx.intern(short);
    let tuple = cx.builtin_type(Kind::TUPLE);
    let bases = cx.tuple(&[tuple.value()]);
    let metaclass = cx.builtin_type(Kind::TYPE);
    let class = types::new_class(cx, metaclass, name, bases, namespace)?;
    let constructor = if declaration.from_fields { FROM_FIELDS_METHODS } else { &[] };
    for definition in STRUCT_SEQUENCE_METHODS.iter().chain(constructor) {
        let method = new_native(cx, definition, descriptor_kind(definition), class.value());
        let name = cx.intern(definition.name);
        types::namespace::set(cx, class, name, method.value())?;
    }
    for (index, (name, doc)) in declaration.fields.iter().enumerate().filter(|(_, (name, _))| !name.is_empty()) {
        let definition: &'static NativeDefinition = Box::leak(Box::new(NativeDefinition {
            name,
            qualname: Box::leak(format!("{short}.{name}").into_boxed_str()),
            kind: NativeKind::Getter,
            doc,
            signature: "",
            call: FIELD_GETTERS[index],
            setter: Some(refuse),
            trace: TracePolicy::Reads,
            transaction: TransactionPolicy::Pure,
        }));
        let getter = new_native(cx, definition, Kind::GETSET_DESCRIPTOR, class.value());
        let name = cx.intern(name);
        types::namespace::set(cx, class, name, getter.value())?;
    }
    let slots = cx.intern("__slots__");
    Dict::remove(cx, class.dict.get(), slots.value())?;
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
    let items = Tuple::new(cx, items);
    let fields = Array::checked(cx, hidden.len())?;
    for (field, value) in elements(&fields).iter().zip(hidden) {
        field.init(*value);
    }
    let made = allocate::<Extended>(cx.mutator(), types::instance_shape(class).id);
    made.payload.init(items.value());
    // The class gives its instances no attributes, so the place is free.
    made.attributes.init(Some(fields));
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
        let mut taken = 0;
        for (index, (field, _)) in declaration.fields.iter().enumerate().skip(count) {
            let named = match dict {
                Some(dict) => {
                    let key = cx.intern(field);
                    Dict::get_str(cx, dict, key)
                }
                None => None,
            };
            taken += usize::from(named.is_some());
            let copied = declaration.copies.iter().find(|(copy, _)| *copy == index);
            let value = match (named, copied) {
                (Some(value), _) => value,
                (None, Some((_, item))) => tuple_items(&given)[*item],
                (None, None) => NONE,
            };
            List::push(cx, hidden, value)?;
        }
        if dict.is_some_and(|dict| Dict::length(dict) > taken) {
            return Err(cx.type_error(format!("{full}() got duplicate or unexpected field name(s)")));
        }
        let hidden = Tuple::from_list(cx, hidden)?;
        build(cx, class, &tuple_items(&given)[..least], tuple_items(&hidden))
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Value) -> PyResult<String> {
        cx.check_native_stack()?;
        let class = class_of(cx, this);
        let declaration = declaration_of(cx, class)?;
        let mut text = format!("{}(", declaration.name);
        // As CPython does it: the names are those of the fields that have one, also for items that have none.
        let mut names = declaration.fields.iter().map(|(name, _)| *name).filter(|name| !name.is_empty());
        for at in 0..declaration.items {
            if at > 0 {
                text.push_str(", ");
            }
            text.push_str(names.next().unwrap_or_default());
            text.push('=');
            let item = operations::repr(cx, value_at(this, at))?;
            text.push_str(&item.to_text());
        }
        text.push(')');
        Ok(text)
    }
    #[method]
    fn __reduce__(cx: &mut Cx, this: Value) -> PyResult {
        let class = class_of(cx, this);
        let declaration = declaration_of(cx, class)?;
        let items = py_object::string::payload(this);
        if declaration.from_fields {
            return Ok(cx.tuple(&[class.value(), items]));
        }
        let rest = cx.dict();
        for (index, (name, _)) in declaration.fields.iter().enumerate().skip(declaration.items) {
            let name = cx.intern(name);
            Dict::set_str(cx, rest, name, value_at(this, index))?;
        }
        let arguments = cx.tuple(&[items, rest.value()]);
        Ok(cx.tuple(&[class.value(), arguments]))
    }
    /// Return a copy of the structure with new values for the specified fields.
    #[method(signature = "($self, /, **changes)")]
    fn __replace__(cx: &mut Cx, this: Value, #[kwargs] changes: py_object::arguments::Keywords<'_>) -> PyResult {
        let class = class_of(cx, this);
        let declaration = declaration_of(cx, class)?;
        if declaration.fields.iter().any(|(name, _)| name.is_empty()) {
            let full = declaration.name;
            let message = format!("__replace__() is not supported for {full} because it has unnamed field(s)");
            return Err(cx.type_error(message));
        }
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

/// The constructor of classes that are called with the fields.
pub struct FieldsConstructor;

#[py_methods(FROM_FIELDS, name = "structseq")]
impl FieldsConstructor {
    #[new(signature = "(*fields)")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[args] positional: &[Value],
        #[kwargs] named: py_object::arguments::Keywords<'_>,
    ) -> PyResult {
        let declaration = declaration_of(cx, class)?;
        let given = positional.len() + named.iter().count();
        if given > declaration.items {
            let (short, most) = (types::short_name(class), declaration.items);
            return Err(cx.type_error(format!("{short}() takes exactly {most} argument ({given} given)")));
        }
        let mut fields = [NONE; MOST_FIELDS];
        for (at, (name, _)) in declaration.fields.iter().enumerate() {
            fields[at] = match positional.get(at).copied().or_else(|| named.get(name)) {
                Some(value) => value,
                None => {
                    let short = types::short_name(class);
                    let message = format!("{short}() missing required argument '{name}' (pos {})", at + 1);
                    return Err(cx.type_error(message));
                }
            };
        }
        build(cx, class, &fields[..declaration.items], &fields[declaration.items..declaration.fields.len()])
    }
}
