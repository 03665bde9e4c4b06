//! `itemgetter`, `attrgetter` and `methodcaller`.

use py_macros::py_methods;
use py_object::arguments::Keywords;
use py_object::objects::{Array, List, Str, Tuple, Type};
use py_object::sequence::tuple_items;
use py_object::types::{class_of, short_name};
use py_object::{Cx, Kind, NONE, PyResult, StrExt, attribute, call, downcast, object, operations};
use vm_heap::{Gc, Value};

object! {
    /// An itemgetter.
    pub struct ItemGetter = 429 {
        /// Version word.
        word: u64,
        /// Attributes of subclass instances.
        attributes: Option<Gc<Array>>,
        /// The keys.
        keys: Gc<Tuple>,
    }
}

object! {
    /// An attrgetter.
    pub struct AttributeGetter = 430 {
        /// Version word.
        word: u64,
        /// Attributes of subclass instances.
        attributes: Option<Gc<Array>>,
        /// The names as given.
        names: Gc<Tuple>,
        /// For each of them its name, or a tuple of the names between its dots.
        paths: Gc<Tuple>,
    }
}

object! {
    /// A methodcaller.
    pub struct MethodCaller = 431 {
        /// Version word.
        word: u64,
        /// Attributes of subclass instances.
        attributes: Option<Gc<Array>>,
        /// The method's name.
        name: Gc<Str>,
        /// Positional arguments, then the values of keyword ones.
        arguments: Gc<Tuple>,
        /// Names of the keyword arguments, or None.
        keywords: Value,
    }
}

/// TypeError unless one positional argument was given.
fn only(cx: &mut Cx, function: &str, args: &[Value], kwargs: Keywords<'_>) -> PyResult {
    if !kwargs.is_empty() {
        return Err(cx.type_error(format!("{function}() takes no keyword arguments")));
    }
    match args {
        [only] => Ok(*only),
        args => Err(cx.type_error(format!("{function} expected 1 argument, got {}", args.len()))),
    }
}

/// TypeError unless something was given, by position.
fn at_least_one(cx: &mut Cx, function: &str, args: &[Value], kwargs: Keywords<'_>) -> PyResult<()> {
    match args {
        [] => Err(cx.type_error(format!("{function} expected 1 argument, got 0"))),
        _ if !kwargs.is_empty() => Err(cx.type_error(format!("{function}() takes no keyword arguments"))),
        _ => Ok(()),
    }
}

fn shown(cx: &mut Cx, this: Value, items: &[Value]) -> PyResult<String> {
    let class = class_of(cx, this);
    let mut text = format!("operator.{}(", short_name(class));
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            text.push_str(", ");
        }
        text.push_str(&crate::repr_text(cx, *item)?);
    }
    text.push(')');
    Ok(text)
}

/// `itemgetter`.
pub struct ItemGetterMethods;

#[py_methods(ITEM_GETTER, name = "itemgetter")]
impl ItemGetterMethods {
    #[getter]
    fn __text_signature__(cx: &mut Cx, _this: Gc<ItemGetter>) -> Gc<Str> {
        cx.intern("(obj, /)")
    }
    #[new(signature = "(item, /, *items)")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[args] args: &[Value],
        #[kwargs] kwargs: Keywords<'_>,
    ) -> PyResult<Gc<ItemGetter>> {
        at_least_one(cx, "itemgetter", args, kwargs)?;
        let keys = Tuple::new(cx, args);
        let getter = crate::new_object::<ItemGetter>(cx, class);
        getter.keys.init(keys);
        Ok(getter)
    }
    /// Call self as a function.
    #[method(name = "__call__", signature = "($self, /, *args, **kwargs)")]
    fn call(cx: &mut Cx, this: Gc<ItemGetter>, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> PyResult {
        let object = only(cx, "itemgetter", args, kwargs)?;
        let keys = this.keys.get();
        if let [key] = tuple_items(&keys) {
            return operations::get_item(cx, object, *key);
        }
        let items = List::new(cx, &[])?;
        for key in tuple_items(&keys) {
            let item = operations::get_item(cx, object, *key)?;
            List::push(cx, items, item)?;
        }
        Ok(Tuple::from_list(cx, items)?.value())
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<ItemGetter>) -> PyResult<String> {
        let keys = this.keys.get();
        shown(cx, this.value(), tuple_items(&keys))
    }
    /// Return state information for pickling.
    #[method]
    fn __reduce__(cx: &mut Cx, this: Gc<ItemGetter>) -> Value {
        let class = class_of(cx, this.value());
        cx.tuple(&[class.value(), this.keys.get().value()])
    }
}

/// The names between the dots of a name: itself, or a tuple.
fn path_of(cx: &mut Cx, name: Gc<Str>) -> PyResult {
    let text = name.to_text();
    if !text.contains('.') {
        return Ok(cx.runtime.intern_string(name).value());
    }
    let parts = List::new(cx, &[])?;
    for part in text.split('.') {
        let part = cx.intern(part);
        List::push(cx, parts, part.value())?;
    }
    Ok(Tuple::from_list(cx, parts)?.value())
}

fn follow(cx: &mut Cx, object: Value, path: Value) -> PyResult {
    if let Some(name) = downcast::<Str>(path) {
        return attribute::get(cx, object, name);
    }
    let mut object = object;
    if let Some(path) = downcast::<Tuple>(path) {
        for name in tuple_items(&path) {
            if let Some(name) = downcast::<Str>(*name) {
                object = attribute::get(cx, object, name)?;
            }
        }
    }
    Ok(object)
}

/// `attrgetter`.
pub struct AttributeGetterMethods;

#[py_methods(ATTRIBUTE_GETTER, name = "attrgetter")]
impl AttributeGetterMethods {
    #[getter]
    fn __text_signature__(cx: &mut Cx, _this: Gc<AttributeGetter>) -> Gc<Str> {
        cx.intern("(obj, /)")
    }
    #[new(signature = "(attr, /, *attrs)")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[args] args: &[Value],
        #[kwargs] kwargs: Keywords<'_>,
    ) -> PyResult<Gc<AttributeGetter>> {
        at_least_one(cx, "attrgetter", args, kwargs)?;
        let paths = List::new(cx, &[])?;
        for name in args {
            let Some(name) = downcast::<Str>(*name) else {
                return Err(cx.type_error("attribute name must be a string"));
            };
            let path = path_of(cx, name)?;
            List::push(cx, paths, path)?;
        }
        let paths = Tuple::from_list(cx, paths)?;
        let names = Tuple::new(cx, args);
        let getter = crate::new_object::<AttributeGetter>(cx, class);
        getter.names.init(names);
        getter.paths.init(paths);
        Ok(getter)
    }
    /// Call self as a function.
    #[method(name = "__call__", signature = "($self, /, *args, **kwargs)")]
    fn call(
        cx: &mut Cx,
        this: Gc<AttributeGetter>,
        #[args] args: &[Value],
        #[kwargs] kwargs: Keywords<'_>,
    ) -> PyResult {
        let object = only(cx, "attrgetter", args, kwargs)?;
        let paths = this.paths.get();
        if let [path] = tuple_items(&paths) {
            return follow(cx, object, *path);
        }
        let found = List::new(cx, &[])?;
        for path in tuple_items(&paths) {
            let value = follow(cx, object, *path)?;
            List::push(cx, found, value)?;
        }
        Ok(Tuple::from_list(cx, found)?.value())
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<AttributeGetter>) -> PyResult<String> {
        let names = this.names.get();
        shown(cx, this.value(), tuple_items(&names))
    }
    /// Return state information for pickling.
    #[method]
    fn __reduce__(cx: &mut Cx, this: Gc<AttributeGetter>) -> Value {
        let class = class_of(cx, this.value());
        cx.tuple(&[class.value(), this.names.get().value()])
    }
}

/// How many of a methodcaller's arguments are positional.
fn positional_count(this: Gc<MethodCaller>) -> usize {
    let keywords = downcast::<Tuple>(this.keywords.get()).map_or(0, |names| tuple_items(&names).len());
    tuple_items(&this.arguments.get()).len() - keywords
}

/// `methodcaller`.
pub struct MethodCallerMethods;

#[py_methods(METHOD_CALLER, name = "methodcaller")]
impl MethodCallerMethods {
    #[getter]
    fn __text_signature__(cx: &mut Cx, _this: Gc<MethodCaller>) -> Gc<Str> {
        cx.intern("(obj, /)")
    }
    #[new(signature = "(name, /, *args, **kwargs)")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[args] args: &[Value],
        #[kwargs] kwargs: Keywords<'_>,
    ) -> PyResult<Gc<MethodCaller>> {
        let [name, rest @ ..] = args else {
            return Err(cx.type_error("methodcaller needs at least one argument, the method name"));
        };
        let Some(name) = downcast::<Str>(*name) else {
            return Err(cx.type_error("method name must be a string"));
        };
        let name = cx.runtime.intern_string(name);
        let arguments = List::new(cx, rest)?;
        let names = List::new(cx, &[])?;
        for (name, value) in kwargs.iter() {
            List::push(cx, names, name.value())?;
            List::push(cx, arguments, value)?;
        }
        let arguments = Tuple::from_list(cx, arguments)?;
        let names = if kwargs.is_empty() { NONE } else { Tuple::from_list(cx, names)?.value() };
        let caller = crate::new_object::<MethodCaller>(cx, class);
        caller.name.init(name);
        caller.arguments.init(arguments);
        caller.keywords.init(names);
        Ok(caller)
    }
    /// Call self as a function.
    #[method(name = "__call__", signature = "($self, /, *args, **kwargs)")]
    fn call(cx: &mut Cx, this: Gc<MethodCaller>, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> PyResult {
        let object = only(cx, "methodcaller", args, kwargs)?;
        let method = attribute::get(cx, object, this.name.get())?;
        let arguments = this.arguments.get();
        call::call(cx, method, tuple_items(&arguments), downcast::<Tuple>(this.keywords.get()))
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<MethodCaller>) -> PyResult<String> {
        let class = class_of(cx, this.value());
        let mut text = format!("operator.{}({}", short_name(class), crate::repr_text(cx, this.name.get().value())?);
        let arguments = this.arguments.get();
        let (positional, keywords) = tuple_items(&arguments).split_at(positional_count(this));
        for item in positional {
            text.push_str(", ");
            text.push_str(&crate::repr_text(cx, *item)?);
        }
        if let Some(names) = downcast::<Tuple>(this.keywords.get()) {
            for (name, value) in tuple_items(&names).iter().zip(keywords) {
                let value = crate::repr_text(cx, *value)?;
                text.push_str(&format!(", {}={value}", crate::value_text(cx, *name)?));
            }
        }
        text.push(')');
        Ok(text)
    }
    /// Return state information for pickling.
    #[method]
    fn __reduce__(cx: &mut Cx, this: Gc<MethodCaller>) -> PyResult {
        let class = class_of(cx, this.value());
        let all = this.arguments.get();
        let (positional, keywords) = tuple_items(&all).split_at(positional_count(this));
        let Some(names) = downcast::<Tuple>(this.keywords.get()) else {
            let arguments = List::new(cx, &[this.name.get().value()])?;
            for item in positional {
                List::push(cx, arguments, *item)?;
            }
            let arguments = Tuple::from_list(cx, arguments)?;
            return Ok(cx.tuple(&[class.value(), arguments.value()]));
        };
        // The keywords go into a partial of the class.
        let given = List::new(cx, &[class.value(), this.name.get().value()])?;
        for value in keywords {
            List::push(cx, given, *value)?;
        }
        let given = Tuple::from_list(cx, given)?;
        let partial = cx.builtin_type(Kind::PARTIAL);
        let partial = call::call(cx, partial.value(), tuple_items(&given), Some(names))?;
        let rest = cx.tuple(positional);
        Ok(cx.tuple(&[partial, rest]))
    }
}
