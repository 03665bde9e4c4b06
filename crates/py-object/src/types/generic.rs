//! `types.GenericAlias` (`list[int]`) and `typing.Union` (`int | str`).

mod union;

pub use union::{UNION_METHODS, Union, is_union, members, union_of};

use crate::arguments::Keywords;
use crate::cx::{Cx, NOT_IMPLEMENTED, PyResult, bool_value};
use crate::kinds::{Kind, shapes};
use crate::object;
use crate::object::allocate;
use crate::objects::{List, Str, Tuple, Type};
use crate::sequence::tuple_items;
use crate::string::{StrExt, downcast};
use crate::types::{self, as_type, list, object as base};
use crate::{attribute, call, operations};
use py_macros::py_methods;
use vm_heap::{Gc, Value};

object! {
    /// A class with type arguments.
    pub struct GenericAlias = 352 {
        /// The class.
        origin: Value,
        /// Tuple of the arguments.
        arguments: Value,
        /// Tuple of the type parameters among them.
        parameters: Value,
        /// Whether it stands for its items: `*tuple[int, str]`.
        unpacked: bool,
    }
}

/// `origin[arguments]`.
pub fn alias(cx: &mut Cx, origin: Value, arguments: Value) -> PyResult {
    let arguments = match downcast::<Tuple>(arguments) {
        Some(tuple) => tuple.value(),
        None => cx.tuple(&[arguments]),
    };
    let parameters = parameters_of(cx, arguments)?;
    let alias = allocate::<GenericAlias>(cx.mutator(), shapes::GENERIC_ALIAS);
    alias.origin.init(origin);
    alias.arguments.init(arguments);
    alias.parameters.init(parameters);
    Ok(alias.value())
}

fn find(cx: &mut Cx, value: Value, name: &str) -> PyResult<Option<Value>> {
    let name = cx.intern(name);
    Ok(attribute::find(cx, value, name)?.map(|(value, _)| value))
}

/// The type parameters among arguments, each once, as a tuple.
pub(super) fn parameters_of(cx: &mut Cx, arguments: Value) -> PyResult {
    cx.check_native_stack()?;
    let found = List::new(cx, &[])?;
    let add = |cx: &mut Cx, value: Value| -> PyResult<()> {
        let (items, length) = List::snapshot(&found);
        if crate::sequence::elements(&items)[..length].iter().any(|item| item.get() == value) {
            return Ok(());
        }
        List::push(cx, found, value)
    };
    let tuple = downcast::<Tuple>(arguments);
    for item in tuple.as_ref().map_or(&[][..], tuple_items) {
        if as_type(*item).is_some() {
            continue;
        }
        if types::lookup_special(cx, *item, "__typing_subst__").is_some() {
            add(cx, *item)?;
        } else if let Some(nested) = downcast::<Tuple>(*item) {
            let nested = parameters_of(cx, nested.value())?;
            for parameter in downcast::<Tuple>(nested).as_ref().map_or(&[][..], tuple_items) {
                add(cx, *parameter)?;
            }
        } else if let Some(nested) = find(cx, *item, "__parameters__")?.and_then(downcast::<Tuple>) {
            for parameter in tuple_items(&nested) {
                add(cx, *parameter)?;
            }
        }
    }
    Ok(Tuple::from_list(cx, found)?.value())
}

/// `alias[arguments]`: the arguments with type parameters replaced, as a tuple.
pub(super) fn substitute(
    cx: &mut Cx,
    this: Value,
    arguments: Value,
    parameters: Value,
    given: Value,
) -> PyResult<Gc<Tuple>> {
    let parameters = downcast::<Tuple>(parameters).expect("parameters are a tuple");
    if tuple_items(&parameters).is_empty() {
        let shown = operations::repr(cx, this)?.to_text();
        return Err(cx.type_error(format!("{shown} is not a generic class")));
    }
    let mut given = match downcast::<Tuple>(given) {
        Some(tuple) => tuple,
        None => Tuple::new(cx, &[given]),
    };
    for parameter in tuple_items(&parameters) {
        if let Some(prepare) = find(cx, *parameter, "__typing_prepare_subst__")? {
            let prepared = call::call(cx, prepare, &[this, given.value()], None)?;
            given = types::tuple::from_iterable(cx, prepared)?;
        }
    }
    let (wanted, got) = (tuple_items(&parameters).len(), tuple_items(&given).len());
    if wanted != got {
        let shown = operations::repr(cx, this)?.to_text();
        let many = if got > wanted { "many" } else { "few" };
        let message = format!("Too {many} arguments for {shown}; actual {got}, expected {wanted}");
        return Err(cx.type_error(message));
    }
    let replaced = List::new(cx, &[])?;
    let arguments = downcast::<Tuple>(arguments).expect("arguments are a tuple");
    for argument in tuple_items(&arguments) {
        replace(cx, *argument, &parameters, &given, replaced)?;
    }
    Tuple::from_list(cx, replaced)
}

fn replace(
    cx: &mut Cx,
    argument: Value,
    parameters: &Gc<Tuple>,
    given: &Gc<Tuple>,
    replaced: Gc<List>,
) -> PyResult<()> {
    if as_type(argument).is_some() {
        return List::push(cx, replaced, argument);
    }
    if downcast::<Tuple>(argument).is_some() {
        let nested = downcast::<Tuple>(argument).expect("just seen");
        let inner = List::new(cx, &[])?;
        for item in tuple_items(&nested) {
            replace(cx, *item, parameters, given, inner)?;
        }
        let inner = Tuple::from_list(cx, inner)?;
        return List::push(cx, replaced, inner.value());
    }
    let position = |value: Value| tuple_items(parameters).iter().position(|one| *one == value);
    if let Some(hook) = types::lookup_special(cx, argument, "__typing_subst__") {
        let at = position(argument).unwrap_or(0);
        let result = call::call_special(cx, hook, argument, &[tuple_items(given)[at]], None)?;
        return push_unpacked(cx, argument, result, replaced);
    }
    if let Some(own) = find(cx, argument, "__parameters__")?.and_then(downcast::<Tuple>)
        && !tuple_items(&own).is_empty()
    {
        let values = List::new(cx, &[])?;
        for parameter in tuple_items(&own) {
            let at = position(*parameter).unwrap_or(0);
            let value = tuple_items(given)[at];
            match downcast::<Tuple>(value) {
                Some(several) if is_variadic(cx, *parameter)? => {
                    for item in tuple_items(&several) {
                        List::push(cx, values, *item)?;
                    }
                }
                _ => List::push(cx, values, value)?,
            }
        }
        let values = Tuple::from_list(cx, values)?;
        let result = operations::get_item(cx, argument, values.value())?;
        return push_unpacked(cx, argument, result, replaced);
    }
    List::push(cx, replaced, argument)
}

fn is_variadic(cx: &mut Cx, parameter: Value) -> PyResult<bool> {
    Ok(types::class_name(cx, parameter) == "TypeVarTuple")
}

fn push_unpacked(cx: &mut Cx, argument: Value, result: Value, replaced: Gc<List>) -> PyResult<()> {
    let unpacked = match find(cx, argument, "__typing_is_unpacked_typevartuple__")? {
        Some(flag) => operations::truth(cx, flag)?,
        None => false,
    };
    match downcast::<Tuple>(result) {
        Some(several) if unpacked => {
            for item in tuple_items(&several) {
                List::push(cx, replaced, *item)?;
            }
            Ok(())
        }
        _ => List::push(cx, replaced, result),
    }
}

/// Appends a type argument as aliases and unions show it.
pub(super) fn push_argument(cx: &mut Cx, text: &mut String, value: Value) -> PyResult<()> {
    if value == crate::cx::ELLIPSIS {
        text.push_str("...");
        return Ok(());
    }
    if value == crate::cx::NONE || value == cx.builtin_type(Kind::NONE).value() {
        text.push_str("None");
        return Ok(());
    }
    if let Some(class) = as_type(value) {
        text.push_str(&base::full_name(cx, class));
        return Ok(());
    }
    if let Some(list) = downcast::<List>(value) {
        text.push('[');
        let (items, length) = List::snapshot(&list);
        for at in 0..length {
            if at > 0 {
                text.push_str(", ");
            }
            push_argument(cx, text, crate::sequence::elements(&items)[at].get())?;
        }
        text.push(']');
        return Ok(());
    }
    base::push_repr(cx, text, value)
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
    "__copy__",
    "__deepcopy__",
    "__bases__",
];

/// The methods of `types.GenericAlias`.
pub struct AliasMethods;

#[py_methods(GENERIC_ALIAS, name = "types.GenericAlias")]
impl AliasMethods {
    #[new(signature = "(origin, args, /)")]
    fn new(cx: &mut Cx, class: Gc<Type>, origin: Value, arguments: Value) -> PyResult {
        let made = alias(cx, origin, arguments)?;
        Ok(types::extend(cx, class, made))
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<GenericAlias>) -> PyResult<String> {
        let mut text = String::new();
        if this.unpacked.get() {
            text.push('*');
        }
        push_argument(cx, &mut text, this.origin.get())?;
        text.push('[');
        let arguments = downcast::<Tuple>(this.arguments.get()).expect("arguments are a tuple");
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
        let (origin, arguments) =
            (operations::hash(cx, this.origin.get())?, operations::hash(cx, this.arguments.get())?);
        Ok(((origin ^ arguments) >> 4) as i64)
    }
    #[method]
    fn __eq__(cx: &mut Cx, this: Gc<GenericAlias>, value: Value) -> PyResult {
        let Some(other) = downcast::<GenericAlias>(value) else { return Ok(NOT_IMPLEMENTED) };
        Ok(bool_value(
            this.unpacked.get() == other.unpacked.get()
                && operations::equal(cx, this.origin.get(), other.origin.get())?
                && operations::equal(cx, this.arguments.get(), other.arguments.get())?,
        ))
    }
    #[method]
    fn __getattribute__(cx: &mut Cx, this: Value, name: Gc<Str>) -> PyResult {
        let text = name.to_text();
        if !OWN.contains(&text.as_str())
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
        let arguments = substitute(cx, this, own.arguments.get(), own.parameters.get(), key)?;
        let made = alias(cx, own.origin.get(), arguments.value())?;
        if let Some(made) = downcast::<GenericAlias>(made) {
            made.unpacked.init(own.unpacked.get());
        }
        Ok(made)
    }
    #[method]
    fn __iter__(cx: &mut Cx, this: Gc<GenericAlias>) -> PyResult {
        let made = alias(cx, this.origin.get(), this.arguments.get())?;
        downcast::<GenericAlias>(made).expect("just made").unpacked.init(true);
        let items = cx.tuple(&[made]);
        operations::iterate(cx, items)
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
        let class = cx.builtin_type(Kind::GENERIC_ALIAS).value();
        let arguments = cx.tuple(&[this.origin.get(), this.arguments.get()]);
        Ok(cx.tuple(&[class, arguments]))
    }
    #[method]
    fn __dir__(cx: &mut Cx, this: Gc<GenericAlias>) -> PyResult<Gc<List>> {
        let names = cx.dict();
        if let Some(class) = as_type(this.origin.get()) {
            base::add_class_names(cx, names, class)?;
        }
        for name in OWN {
            let name = cx.intern(name);
            crate::objects::Dict::set_str(cx, names, name, crate::cx::NONE)?;
        }
        list::from_iterable(cx, names.value())
    }
    #[getter]
    fn __origin__(this: Gc<GenericAlias>) -> Value {
        this.origin.get()
    }
    #[getter]
    fn __args__(this: Gc<GenericAlias>) -> Value {
        this.arguments.get()
    }
    /// Type variables in the GenericAlias.
    #[getter]
    fn __parameters__(this: Gc<GenericAlias>) -> Value {
        this.parameters.get()
    }
    #[getter]
    fn __unpacked__(this: Gc<GenericAlias>) -> bool {
        this.unpacked.get()
    }
    #[getter]
    fn __typing_unpacked_tuple_args__(cx: &mut Cx, this: Gc<GenericAlias>) -> Value {
        let is_tuple = this.origin.get() == cx.builtin_type(Kind::TUPLE).value();
        if this.unpacked.get() && is_tuple { this.arguments.get() } else { crate::cx::NONE }
    }
}
