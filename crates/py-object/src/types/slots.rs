//! `__slots__`: which attributes instances may have, and the member descriptors that reach them.
//!
//! A slot is an attribute with a hidden name (see `shape`), known to its member descriptor alone. That descriptor is a
//! record of the slot's name, its class, the hidden name and a docstring.

use super::{HAS_DICT, HAS_WEAKREF, as_type, class_name, class_of, is_subclass, name_of};
use crate::attribute::{self, Found};
use crate::cx::{Cx, NONE};
use crate::kinds::{Kind, shapes};
use crate::object::allocate;
use crate::objects::{Dict, List, Module, Record, Str, Tuple, Type};
use crate::sequence::tuple_items;
use crate::shape::{MAX_INLINE, hidden_name, inline_slots};
use crate::string::{StrExt, downcast};
use crate::{PyResult, operations};
use py_macros::py_methods;
use vm_heap::{Gc, Value};

/// How many slots a class itself declares.
pub(crate) fn own_count(class: Gc<Type>) -> usize {
    downcast::<Tuple>(class.slots.get()).map_or(0, |slots| tuple_items(&slots).len())
}

/// How many slots instances of a class have.
pub(crate) fn total_count(class: Gc<Type>) -> usize {
    tuple_items(&class.mro.get()).iter().filter_map(|base| as_type(*base)).map(own_count).sum()
}

/// The hidden names of the slots that a class itself declares, in the order of their names.
fn own_hidden(class: Gc<Type>) -> Vec<Gc<Str>> {
    match downcast::<Tuple>(class.slots.get()) {
        Some(slots) => tuple_items(&slots).iter().filter_map(|name| downcast::<Str>(*name)).collect(),
        None => Vec::new(),
    }
}

/// The text of a hidden name: what it was made from.
fn text_of(hidden: Gc<Str>) -> Vec<u8> {
    let bytes = hidden.bytes();
    let at = bytes.iter().position(|byte| *byte == b':').map_or(bytes.len(), |at| at + 1);
    bytes[at..].to_vec()
}

/// The names of the slots that a class itself declares, sorted.
pub(crate) fn own_names(class: Gc<Type>) -> Vec<Vec<u8>> {
    own_hidden(class).into_iter().map(text_of).collect()
}

/// The hidden name that stands in `to` for what `hidden` is in `from`, a class with the same layout.
pub(crate) fn translate(hidden: Gc<Str>, from: Gc<Type>, to: Gc<Type>) -> Gc<Str> {
    let (mut from, mut to) = (Some(from), Some(to));
    while let (Some(source), Some(target)) = (from, to) {
        let (source, target) = (super::creation::solid_base(source), super::creation::solid_base(target));
        if let Some(at) = own_hidden(source).iter().position(|name| *name == hidden) {
            return own_hidden(target).get(at).copied().unwrap_or(hidden);
        }
        (from, to) = (source.base.get(), target.base.get());
    }
    hidden
}

/// What `__slots__` asks for besides slots.
#[derive(Default)]
struct Request {
    dict: bool,
    weakref: bool,
}

/// Reads `__slots__` of a new class whose namespace is in place: makes member descriptors, decides on `__dict__`.
pub(crate) fn declare(cx: &mut Cx, class: Gc<Type>, best: Gc<Type>, bases: &[Gc<Type>]) -> PyResult<()> {
    let key = cx.intern("__slots__");
    let dict = crate::types::namespace::of(cx, class);
    let sized = has_variable_size(best);
    let may_add_dict = best.flags.get() & HAS_DICT == 0 && as_kind(best) != Kind::TYPE as u64;
    let may_add_weakref = best.flags.get() & HAS_WEAKREF == 0 && !sized;
    let mut request = Request::default();
    match Dict::get_str(cx, dict, key) {
        None => request = Request { dict: may_add_dict, weakref: may_add_weakref },
        Some(given) => {
            let names = if downcast::<Str>(given).is_some() {
                Tuple::new(cx, &[given])
            } else {
                super::tuple::from_iterable(cx, given)?
            };
            read(cx, class, best, &names, sized, (may_add_dict, may_add_weakref), &mut request)?;
            // Another base may bring what the slots do not ask for.
            for base in bases.iter().filter(|base| **base != best) {
                request.dict |= may_add_dict && base.flags.get() & HAS_DICT != 0;
                request.weakref |= may_add_weakref && base.flags.get() & HAS_WEAKREF != 0;
            }
        }
    }
    let mut flags = class.flags.get();
    if request.dict {
        flags |= HAS_DICT;
        add_getter(cx, class, "__dict__")?;
    }
    if request.weakref {
        flags |= HAS_WEAKREF;
        add_getter(cx, class, "__weakref__")?;
    }
    class.flags.init(flags);
    Ok(())
}

fn as_kind(class: Gc<Type>) -> u64 {
    class.kind.get()
}

/// Whether instances of a built-in type vary in size in CPython, which leaves no place for slots behind them.
pub(crate) fn has_variable_size(class: Gc<Type>) -> bool {
    [Kind::INT, Kind::BOOL, Kind::BYTES, Kind::TUPLE, Kind::TYPE].iter().any(|kind| *kind as u64 == as_kind(class))
}

/// Adds the getter of `__dict__` or `__weakref__` to the namespace of a class.
fn add_getter(cx: &mut Cx, class: Gc<Type>, name: &str) -> PyResult<()> {
    let definition = super::object::INSTANCE_METHODS.iter().find(|one| one.name == name).expect("declared there");
    let getter = crate::bootstrap::new_native(cx, definition, Kind::GETSET_DESCRIPTOR, class.value());
    let name = cx.intern(name);
    if crate::types::namespace::get(cx, class, name).is_some() {
        return Ok(());
    }
    crate::types::namespace::set(cx, class, name, getter.value())
}

fn read(
    cx: &mut Cx,
    class: Gc<Type>,
    best: Gc<Type>,
    names: &Gc<Tuple>,
    sized: bool,
    (may_add_dict, may_add_weakref): (bool, bool),
    request: &mut Request,
) -> PyResult<()> {
    if sized && !tuple_items(names).is_empty() {
        let message = format!("nonempty __slots__ not supported for subtype of '{}'", name_of(best));
        return Err(cx.type_error(message));
    }
    let mut kept: Vec<String> = Vec::new();
    for name in tuple_items(names) {
        let Some(text) = downcast::<Str>(*name) else {
            let message = format!("__slots__ items must be strings, not '{}'", class_name(cx, *name));
            return Err(cx.type_error(message));
        };
        let is_identifier = super::str::is_identifier(text);
        let text = text.to_text();
        if !is_identifier {
            return Err(cx.type_error("__slots__ must be identifiers"));
        }
        let twice = match text.as_str() {
            "__dict__" => !may_add_dict || std::mem::replace(&mut request.dict, true),
            "__weakref__" => !may_add_weakref || std::mem::replace(&mut request.weakref, true),
            _ => {
                kept.push(mangled(&name_of(class), &text));
                false
            }
        };
        if twice {
            return Err(cx.type_error(format!("{text} slot disallowed: we already got one")));
        }
    }
    kept.sort();
    let hidden = List::new(cx, &[])?;
    let dict = crate::types::namespace::of(cx, class);
    for name in kept {
        let key = cx.intern(&name);
        if Dict::get_str(cx, dict, key).is_some() && !["__qualname__", "__classcell__"].contains(&name.as_str()) {
            let message = format!("'{name}' in __slots__ conflicts with class variable");
            return Err(cx.value_error(message));
        }
        let slot = hidden_name(cx, &name);
        List::push(cx, hidden, slot.value())?;
        let member = new_member(cx, key, class, slot);
        Dict::set_str(cx, dict, key, member)?;
    }
    let hidden = Tuple::from_list(cx, hidden)?;
    let count = tuple_items(&hidden).len();
    if count > 0 {
        class.slots.set(cx.mutator(), class, hidden.value());
        let inherited = best.slots_seen.get() as usize;
        class.slots_seen.init(inline_slots(inherited + count).min(MAX_INLINE) as u64);
    }
    Ok(())
}

/// A name as the compiler mangles it in a class.
fn mangled(class: &str, name: &str) -> String {
    let class = class.trim_start_matches('_');
    if !name.starts_with("__") || name.ends_with("__") || name.contains('.') || class.is_empty() {
        return name.to_string();
    }
    format!("_{class}{name}")
}

fn new_member(cx: &mut Cx, name: Gc<Str>, class: Gc<Type>, hidden: Gc<Str>) -> Value {
    let member = allocate::<Record>(cx.mutator(), shapes::MEMBER_DESCRIPTOR);
    member.first.init(name.value());
    member.second.init(class.value());
    member.third.init(hidden.value());
    member.fourth.init(NONE);
    member.value()
}

/// The parts of a member descriptor: name, class, hidden name.
fn parts(member: Value) -> Option<(Gc<Str>, Gc<Type>, Gc<Str>)> {
    let record = downcast::<Record>(member)?;
    Some((downcast(record.first.get())?, as_type(record.second.get())?, downcast(record.third.get())?))
}

/// The hidden name by which an object has a member; `None` where it is no instance of the member's class.
pub(crate) fn hidden_of(cx: &Cx, member: Value, object: Value) -> Option<Gc<Str>> {
    let (_, owner, hidden) = parts(member)?;
    is_subclass(class_of(cx, object), owner).then_some(hidden)
}

fn checked(cx: &mut Cx, member: Value, object: Value) -> PyResult<(Gc<Str>, Gc<Str>)> {
    let (name, owner, hidden) = parts(member).expect("the caller passes a member descriptor");
    if is_subclass(class_of(cx, object), owner) {
        return Ok((name, hidden));
    }
    let message = format!(
        "descriptor '{}' for '{}' objects doesn't apply to a '{}' object",
        name.to_text(),
        name_of(owner),
        class_name(cx, object)
    );
    Err(cx.type_error(message))
}

/// Reads a slot: AttributeError while it is empty.
pub(crate) fn get(cx: &mut Cx, member: Value, object: Value) -> PyResult<(Value, Found)> {
    let (name, hidden) = checked(cx, member, object)?;
    let found = match downcast::<Module>(object) {
        // A module keeps everything in its namespace.
        Some(module) => Dict::get_str(cx, module.dict.get(), hidden).map(|value| (value, Found::Uncacheable)),
        None => attribute::own_attribute(cx, object, hidden),
    };
    match found {
        Some(found) => Ok(found),
        None => {
            let class = class_of(cx, object);
            let shown = super::object::qualified_name(cx, class);
            Err(attribute::missing_from(cx, object, name, &shown))
        }
    }
}

/// Writes or empties a slot.
pub(crate) fn set(cx: &mut Cx, member: Value, object: Value, value: Option<Value>) -> PyResult<()> {
    let (name, hidden) = checked(cx, member, object)?;
    if let Some(module) = downcast::<Module>(object) {
        let dict = module.dict.get();
        return match value {
            Some(value) => Dict::set_str(cx, dict, hidden, value),
            None => match Dict::remove(cx, dict, hidden.value())? {
                Some(_) => Ok(()),
                None => Err(cx.raise(Kind::ATTRIBUTE_ERROR, name.to_text())),
            },
        };
    }
    if attribute::attributes_of(object).is_none() {
        let message = format!("'{}' objects have no room for slots", class_name(cx, object));
        return Err(cx.raise(Kind::NOT_IMPLEMENTED_ERROR, message));
    }
    match value {
        Some(value) => attribute::set_own(cx, object, hidden, value),
        None if attribute::delete_own(cx, object, hidden)? => Ok(()),
        None => Err(cx.raise(Kind::ATTRIBUTE_ERROR, name.to_text())),
    }
}

/// `member_descriptor`.
pub struct MemberMethods;

#[py_methods(MEMBER_DESCRIPTOR)]
impl MemberMethods {
    #[method]
    fn __repr__(this: Value) -> String {
        let (name, owner, _) = parts(this).expect("the receiver has been checked");
        format!("<member '{}' of '{}' objects>", name.to_text(), name_of(owner))
    }
    #[method]
    fn __get__(cx: &mut Cx, this: Value, instance: Value, #[default(NONE)] owner: Value) -> PyResult {
        if instance == NONE && owner == NONE {
            return Err(cx.type_error("__get__(None, None) is invalid"));
        }
        if instance == NONE { Ok(this) } else { get(cx, this, instance).map(|(value, _)| value) }
    }
    #[method]
    fn __set__(cx: &mut Cx, this: Value, instance: Value, value: Value) -> PyResult<()> {
        set(cx, this, instance, Some(value))
    }
    #[method]
    fn __delete__(cx: &mut Cx, this: Value, instance: Value) -> PyResult<()> {
        set(cx, this, instance, None)
    }
    #[method]
    fn __reduce__(cx: &mut Cx, this: Gc<Record>) -> PyResult {
        let builtins = cx.runtime.builtins.get().expect("made at start-up");
        let name = cx.intern("getattr");
        let getattr = Dict::get_str(cx, builtins, name).unwrap_or(NONE);
        let arguments = cx.tuple(&[this.second.get(), this.first.get()]);
        Ok(cx.tuple(&[getattr, arguments]))
    }
    #[getter]
    fn __name__(this: Gc<Record>) -> Value {
        this.first.get()
    }
    #[getter]
    fn __qualname__(cx: &mut Cx, this: Gc<Record>) -> PyResult {
        let owner = as_type(this.second.get()).expect("a member has a class");
        let (owner, name) = (operations::to_str(cx, owner.qualname.get())?, operations::to_str(cx, this.first.get())?);
        Ok(Str::new(cx, &format!("{}.{}", owner.to_text(), name.to_text())).value())
    }
    #[getter]
    fn __objclass__(this: Gc<Record>) -> Value {
        this.second.get()
    }
    #[getter]
    fn __doc__(this: Gc<Record>) -> Value {
        this.fourth.get()
    }
}
