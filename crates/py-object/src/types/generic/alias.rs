//! `types.GenericAlias`: a class with type arguments, as `list[int]`.

use super::representation::{push_argument, push_type};
use super::substitution::{parameters_of, substitute};
use super::union_of;
use crate::arguments::{Keywords, Next};
use crate::cx::{Cx, NONE, NOT_IMPLEMENTED, PyResult, UNBOUND, bool_value};
use crate::kinds::{Kind, shapes};
use crate::object;
use crate::object::allocate;
use crate::objects::{Dict, List, Record, Str, Tuple, Type};
use crate::sequence::tuple_items;
use crate::string::{StrExt, downcast};
use crate::types::{self, list};
use crate::{attribute, call, operations};
use py_macros::py_methods;
use vm_heap::{Gc, Value};

object! {
    /// A class with type arguments.
    pub struct GenericAlias = 352 {
        /// Version word.
        word: u64,
        /// The class.
        origin: Value,
        /// Tuple of the arguments.
        arguments: Gc<Tuple>,
        /// Tuple of the type parameters among them, or UNBOUND until somebody asks.
        parameters: Value,
        /// Whether it stands for its items: `*tuple[int, str]`.
        unpacked: bool,
    }
}

/// `origin[arguments]`.
pub fn alias(cx: &mut Cx, origin: Value, arguments: Value) -> PyResult {
    let arguments = match downcast::<Tuple>(arguments) {
        Some(tuple) => tuple,
        None => Tuple::new(cx, &[arguments]),
    };
    Ok(new_alias(cx, origin, arguments, false))
}

fn new_alias(cx: &mut Cx, origin: Value, arguments: Gc<Tuple>, unpacked: bool) -> Value {
    let alias = allocate::<GenericAlias>(cx.mutator(), shapes::GENERIC_ALIAS);
    alias.origin.init(origin);
    alias.arguments.init(arguments);
    alias.parameters.init(UNBOUND);
    alias.unpacked.init(unpacked);
    alias.value()
}

fn parameters(cx: &mut Cx, this: Gc<GenericAlias>) -> PyResult<Gc<Tuple>> {
    if let Some(known) = downcast::<Tuple>(this.parameters.get()) {
        return Ok(known);
    }
    let found = parameters_of(cx, this.arguments.get())?;
    this.parameters.set(cx.mutator(), this, found.value());
    Ok(found)
}

/// Attributes that an alias has itself; all others are those of its class.
const OWN: &[&str] = &[
    "__class__",
    "__origin__",
    "__args__",
    "__unpacked__",
    "__parameters__",
    "__typing_unpacked_tuple_args__",
    "__mro_entries__",
    "__reduce_ex__",
    "__reduce__",
];
/// Attributes that are not looked up in its class either.
const BLOCKED: &[&str] = &["__bases__", "__copy__", "__deepcopy__"];

/// The methods of `types.GenericAlias`.
pub struct AliasMethods;

#[py_methods(GENERIC_ALIAS, name = "types.GenericAlias")]
impl AliasMethods {
    #[new(signature = "(origin, args, /)")]
    fn new(cx: &mut Cx, class: Gc<Type>, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> PyResult {
        if !kwargs.is_empty() {
            return Err(cx.type_error("GenericAlias() takes no keyword arguments"));
        }
        let [origin, arguments] = *args else {
            return Err(cx.type_error(format!("GenericAlias expected 2 arguments, got {}", args.len())));
        };
        let made = alias(cx, origin, arguments)?;
        Ok(types::extend(cx, class, made))
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<GenericAlias>) -> PyResult<String> {
        cx.check_native_stack()?;
        let mut text = String::new();
        if this.unpacked.get() {
            text.push('*');
        }
        push_type(cx, &mut text, this.origin.get())?;
        text.push('[');
        let arguments = this.arguments.get();
        for (at, argument) in tuple_items(&arguments).iter().enumerate() {
            if at > 0 {
                text.push_str(", ");
            }
            push_argument(cx, &mut text, *argument)?;
        }
        if tuple_items(&arguments).is_empty() {
            text.push_str("()");
        }
        text.push(']');
        Ok(text)
    }
    #[method]
    fn __hash__(cx: &mut Cx, this: Gc<GenericAlias>) -> PyResult<i64> {
        let origin = operations::hash(cx, this.origin.get())?;
        let arguments = operations::hash(cx, this.arguments.get().value())?;
        Ok(((origin ^ arguments) >> 4) as i64)
    }
    #[method]
    fn __eq__(cx: &mut Cx, this: Gc<GenericAlias>, value: Value) -> PyResult {
        let Some(other) = downcast::<GenericAlias>(value) else { return Ok(NOT_IMPLEMENTED) };
        Ok(bool_value(
            this.unpacked.get() == other.unpacked.get()
                && operations::equal(cx, this.origin.get(), other.origin.get())?
                && operations::equal(cx, this.arguments.get().value(), other.arguments.get().value())?,
        ))
    }
    #[method]
    fn __getattribute__(cx: &mut Cx, this: Value, name: Gc<Str>) -> PyResult {
        let text = name.to_text();
        if !OWN.contains(&text.as_str())
            && !BLOCKED.contains(&text.as_str())
            && let Some(alias) = downcast::<GenericAlias>(this)
        {
            return attribute::get(cx, alias.origin.get(), name);
        }
        match attribute::find(cx, this, name)? {
            Some((value, _)) => Ok(value),
            None => Err(attribute::missing(cx, this, name)),
        }
    }
    #[method(signature = "($self, /, *args, **kwargs)")]
    fn __call__(cx: &mut Cx, this: Value, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> PyResult {
        let alias = downcast::<GenericAlias>(this).expect("the receiver has been checked");
        let made = kwargs.call(cx, alias.origin.get(), args)?;
        let name = cx.intern("__orig_class__");
        if let Err(raised) = attribute::set(cx, made, name, Some(this)) {
            let ignored = [Kind::ATTRIBUTE_ERROR, Kind::TYPE_ERROR];
            if !ignored.iter().any(|kind| types::is_instance(cx, cx.raised.get(), *kind)) {
                return Err(raised);
            }
            cx.take_raised();
        }
        Ok(made)
    }
    #[method]
    fn __getitem__(cx: &mut Cx, this: Value, key: Value) -> PyResult {
        let own = downcast::<GenericAlias>(this).expect("the receiver has been checked");
        let parameters = parameters(cx, own)?;
        let arguments = substitute(cx, this, own.arguments.get(), parameters, key)?;
        Ok(new_alias(cx, own.origin.get(), arguments, own.unpacked.get()))
    }
    #[method]
    fn __iter__(cx: &mut Cx, this: Value) -> Value {
        let iterator = allocate::<Record>(cx.mutator(), shapes::ALIAS_ITERATOR);
        iterator.first.init(this);
        for field in [&iterator.second, &iterator.third, &iterator.fourth] {
            field.init(NONE);
        }
        iterator.value()
    }
    #[method]
    fn __or__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        union_of(cx, this, value)
    }
    #[method]
    fn __ror__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        union_of(cx, value, this)
    }
    #[method]
    fn __mro_entries__(cx: &mut Cx, this: Gc<GenericAlias>, _bases: Value) -> Value {
        cx.tuple(&[this.origin.get()])
    }
    #[method]
    fn __instancecheck__(cx: &mut Cx, _this: Value, _instance: Value) -> PyResult<bool> {
        Err(cx.type_error("isinstance() argument 2 cannot be a parameterized generic"))
    }
    #[method]
    fn __subclasscheck__(cx: &mut Cx, _this: Value, _class: Value) -> PyResult<bool> {
        Err(cx.type_error("issubclass() argument 2 cannot be a parameterized generic"))
    }
    #[method]
    fn __reduce__(cx: &mut Cx, this: Gc<GenericAlias>) -> PyResult {
        if this.unpacked.get() {
            let plain = new_alias(cx, this.origin.get(), this.arguments.get(), false);
            let iterator = operations::iterate(cx, plain)?;
            let arguments = cx.tuple(&[iterator]);
            let next = builtin(cx, "next");
            return Ok(cx.tuple(&[next, arguments]));
        }
        let class = cx.builtin_type(Kind::GENERIC_ALIAS).value();
        let arguments = cx.tuple(&[this.origin.get(), this.arguments.get().value()]);
        Ok(cx.tuple(&[class, arguments]))
    }
    #[method]
    fn __dir__(cx: &mut Cx, this: Gc<GenericAlias>) -> PyResult<Gc<List>> {
        let dir = builtin(cx, "dir");
        let names = call::call(cx, dir, &[this.origin.get()], None)?;
        let names = list::from_iterable(cx, names)?;
        for name in OWN {
            let name = cx.intern(name).value();
            if !operations::contains(cx, names.value(), name)? {
                List::push(cx, names, name)?;
            }
        }
        Ok(names)
    }
    #[getter]
    fn __origin__(this: Gc<GenericAlias>) -> Value {
        this.origin.get()
    }
    #[setter]
    fn set_origin(cx: &mut Cx, _this: Value, _value: Value) -> PyResult<()> {
        Err(cx.raise(Kind::ATTRIBUTE_ERROR, "readonly attribute"))
    }
    #[getter]
    fn __args__(this: Gc<GenericAlias>) -> Gc<Tuple> {
        this.arguments.get()
    }
    #[setter]
    fn set_args(cx: &mut Cx, _this: Value, _value: Value) -> PyResult<()> {
        Err(cx.raise(Kind::ATTRIBUTE_ERROR, "readonly attribute"))
    }
    /// Type variables in the GenericAlias.
    #[getter]
    fn __parameters__(cx: &mut Cx, this: Gc<GenericAlias>) -> PyResult<Gc<Tuple>> {
        parameters(cx, this)
    }
    #[getter]
    fn __unpacked__(this: Gc<GenericAlias>) -> bool {
        this.unpacked.get()
    }
    #[setter]
    fn set_unpacked(cx: &mut Cx, _this: Value, _value: Value) -> PyResult<()> {
        Err(cx.raise(Kind::ATTRIBUTE_ERROR, "readonly attribute"))
    }
    #[getter]
    fn __typing_unpacked_tuple_args__(cx: &mut Cx, this: Gc<GenericAlias>) -> Value {
        let is_tuple = this.origin.get() == cx.builtin_type(Kind::TUPLE).value();
        if this.unpacked.get() && is_tuple { this.arguments.get().value() } else { NONE }
    }
}

/// Something of the module `builtins`.
fn builtin(cx: &mut Cx, name: &str) -> Value {
    let builtins = cx.runtime.builtins.get().expect("made at start-up");
    let name = cx.intern(name);
    Dict::get_str(cx, builtins, name).unwrap_or(NONE)
}

/// The methods of the iterator of an alias, which gives the unpacked alias once.
pub struct IteratorMethods;

#[py_methods(ALIAS_ITERATOR, name = "generic_alias_iterator")]
impl IteratorMethods {
    #[method]
    fn __iter__(this: Gc<Record>) -> Gc<Record> {
        this
    }
    #[method]
    fn __next__(cx: &mut Cx, this: Gc<Record>) -> Next {
        let Some(alias) = downcast::<GenericAlias>(this.first.get()) else { return Next(None) };
        this.first.set(cx.mutator(), this, NONE);
        Next(Some(new_alias(cx, alias.origin.get(), alias.arguments.get(), true)))
    }
    #[method]
    fn __reduce__(cx: &mut Cx, this: Gc<Record>) -> Value {
        let iter = builtin(cx, "iter");
        let source = match this.first.get() {
            NONE => cx.tuple(&[]),
            alias => alias,
        };
        let arguments = cx.tuple(&[source]);
        cx.tuple(&[iter, arguments])
    }
}
