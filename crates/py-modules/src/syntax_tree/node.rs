//! What syntax tree nodes do: construction from fields, `copy.replace`, pickling, a short `repr`.

use crate::import;
use py_macros::py_methods;
use py_object::arguments::Keywords;
use py_object::objects::{Dict, List, Str, Tuple, Type};
use py_object::sequence::tuple_items;
use py_object::types::{self, class_of, dict, generic, is_exactly, list};
use py_object::{Cx, Kind, NONE, PyResult, StrExt, attribute, call, downcast, warning};
use vm_heap::{Gc, Value};

/// How deep `repr` goes.
const DEEPEST: usize = 3;

/// What messages call a class.
fn shown_name(class: Gc<Type>) -> String {
    let name = types::short_name(class);
    if name == "AST" { "ast.AST".to_string() } else { name }
}

/// The names that an attribute of a class lists.
fn listed(cx: &mut Cx, class: Gc<Type>, name: &str) -> PyResult<Gc<Tuple>> {
    let name = cx.intern(name);
    let Some(names) = attribute::get_optional(cx, class.value(), name)? else { return Ok(Tuple::new(cx, &[])) };
    let names = list::sequence_of(cx, names)?;
    Tuple::from_list(cx, names)
}

fn contains(names: Gc<Tuple>, name: Gc<Str>) -> bool {
    tuple_items(&names).iter().any(|item| downcast::<Str>(*item).is_some_and(|item| item.bytes() == name.bytes()))
}

fn field_name(cx: &mut Cx, field: Value) -> PyResult<Gc<Str>> {
    match downcast::<Str>(field) {
        Some(name) => Ok(name),
        None => {
            let class = types::class_name(cx, field);
            Err(cx.type_error(format!("attribute name must be string, not '{class}'")))
        }
    }
}

/// Gives a field that the constructor was not given what it is by default.
fn set_default(cx: &mut Cx, node: Value, class: Gc<Type>, field_types: Option<Value>, name: Gc<Str>) -> PyResult<()> {
    let Some(field_types) = field_types.and_then(downcast::<Dict>) else { return Ok(()) };
    let shown = shown_name(class);
    let Some(sort) = Dict::get_str(cx, field_types, name) else {
        let name = crate::repr_text(cx, name.value())?;
        let message =
            format!("Field {name} is missing from {shown}._field_types. This will become an error in Python 3.15.");
        return warning::warn(cx, Kind::DEPRECATION_WARNING, &message);
    };
    if generic::is_union(sort) {
        // The class has None for it.
        return Ok(());
    }
    if downcast::<generic::GenericAlias>(sort).is_some() {
        let empty = List::new(cx, &[])?;
        return attribute::set(cx, node, name, Some(empty.value()));
    }
    if types::as_type(sort).is_some_and(|sort| types::short_name(sort) == "expr_context") {
        let load = super::singleton(cx, "Load")?;
        return attribute::set(cx, node, name, Some(load));
    }
    let name = crate::repr_text(cx, name.value())?;
    let message = format!(
        "{shown}.__init__ missing 1 required positional argument: {name}. This will become an error in Python 3.15."
    );
    warning::warn(cx, Kind::DEPRECATION_WARNING, &message)
}

fn initialise(cx: &mut Cx, node: Value, args: &[Value], kwargs: Keywords<'_>) -> PyResult<()> {
    let class = class_of(cx, node);
    let fields = listed(cx, class, "_fields")?;
    let count = tuple_items(&fields).len();
    let shown = shown_name(class);
    if args.len() > count {
        let plural = if count == 1 { "" } else { "s" };
        let shown = types::short_name(class);
        let message = format!("{shown} constructor takes at most {count} positional argument{plural}");
        return Err(cx.type_error(message));
    }
    for (field, value) in tuple_items(&fields).iter().zip(args) {
        let name = field_name(cx, *field)?;
        attribute::set(cx, node, name, Some(*value))?;
    }
    let attributes = listed(cx, class, "_attributes")?;
    for (name, value) in kwargs.iter() {
        if contains(fields, name) {
            let given = tuple_items(&fields)[..args.len()].to_vec();
            let given = Tuple::new(cx, &given);
            if contains(given, name) {
                let name = crate::repr_text(cx, name.value())?;
                return Err(cx.type_error(format!("{shown} got multiple values for argument {name}")));
            }
        } else if !contains(attributes, name) {
            let name = crate::repr_text(cx, name.value())?;
            let message = format!(
                "{shown}.__init__ got an unexpected keyword argument {name}. Support for arbitrary keyword arguments is \
                 deprecated and will be removed in Python 3.15."
            );
            warning::warn(cx, Kind::DEPRECATION_WARNING, &message)?;
        }
        attribute::set(cx, node, name, Some(value))?;
    }
    let key = cx.intern("_field_types");
    let mut field_types = None;
    for field in &tuple_items(&fields)[args.len()..] {
        let name = field_name(cx, *field)?;
        if kwargs.iter().any(|(given, _)| given.bytes() == name.bytes()) {
            continue;
        }
        if field_types.is_none() {
            field_types = attribute::get_optional(cx, class.value(), key)?;
        }
        set_default(cx, node, class, field_types, name)?;
    }
    Ok(())
}

/// `repr` of a node, with `...` for what lies deeper than `depth`.
fn shown(cx: &mut Cx, node: Value, depth: usize) -> PyResult<String> {
    let class = class_of(cx, node);
    let name = shown_name(class);
    if depth == 0 {
        return Ok(format!("{name}(...)"));
    }
    let fields = listed(cx, class, "_fields")?;
    let mut text = format!("{name}(");
    for (index, field) in tuple_items(&fields).iter().enumerate() {
        let field = field_name(cx, *field)?;
        let value = attribute::get(cx, node, field)?;
        let value = match is_exactly(value, Kind::LIST) || is_exactly(value, Kind::TUPLE) {
            true => shown_items(cx, value, depth - 1)?,
            false => shown_value(cx, value, depth - 1)?,
        };
        let separator = if index > 0 { ", " } else { "" };
        text.push_str(&format!("{separator}{}={value}", field.to_text()));
    }
    text.push(')');
    Ok(text)
}

fn shown_value(cx: &mut Cx, value: Value, depth: usize) -> PyResult<String> {
    let module = import(cx, "_ast")?;
    let name = cx.intern("AST");
    let base = attribute::get(cx, module, name)?;
    match types::as_type(base).is_some_and(|base| types::is_subclass(class_of(cx, value), base)) {
        true => shown(cx, value, depth),
        false => crate::repr_text(cx, value),
    }
}

/// The first and the last item.
fn shown_items(cx: &mut Cx, value: Value, depth: usize) -> PyResult<String> {
    let items = list::sequence_of(cx, value)?;
    let items = Tuple::from_list(cx, items)?;
    let items = tuple_items(&items);
    let mut parts = Vec::new();
    if let Some(first) = items.first() {
        parts.push(shown_value(cx, *first, depth)?);
    }
    if items.len() > 2 {
        parts.push("...".to_string());
    }
    if let [_, .., last] = items {
        parts.push(shown_value(cx, *last, depth)?);
    }
    let text = parts.join(", ");
    Ok(match is_exactly(value, Kind::LIST) {
        true => format!("[{text}]"),
        false if items.len() == 1 => format!("({text},)"),
        false => format!("({text})"),
    })
}

/// TypeError unless the replacements are fields or attributes and leave no field without a value.
fn check_replacements(cx: &mut Cx, node: Value, kwargs: Keywords<'_>) -> PyResult<()> {
    let class = class_of(cx, node);
    let (fields, attributes) = (listed(cx, class, "_fields")?, listed(cx, class, "_attributes")?);
    let shown = shown_name(class);
    for (name, _) in kwargs.iter() {
        if !contains(fields, name) && !contains(attributes, name) {
            let name = crate::repr_text(cx, name.value())?;
            return Err(cx.type_error(format!("{shown}.__replace__ got an unexpected keyword argument {name}.")));
        }
    }
    let mut missing = Vec::new();
    for field in tuple_items(&fields) {
        let name = field_name(cx, *field)?;
        let given = kwargs.iter().any(|(given, _)| given.bytes() == name.bytes());
        if !given && attribute::get_optional(cx, node, name)?.is_none() {
            missing.push(crate::repr_text(cx, name.value())?);
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    missing.sort();
    let (count, plural) = (missing.len(), if missing.len() == 1 { "" } else { "s" });
    let message = format!("{shown}.__replace__ missing {count} keyword argument{plural}: {}.", missing.join(", "));
    Err(cx.type_error(message))
}

/// The methods.
pub struct Methods;

#[py_methods(SYNTAX_NODE, name = "AST")]
impl Methods {
    #[method(signature = "($self, /, *args, **kwargs)")]
    fn __init__(cx: &mut Cx, this: Value, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> PyResult<()> {
        initialise(cx, this, args, kwargs)
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Value) -> PyResult<String> {
        cx.check_native_stack()?;
        shown(cx, this, DEEPEST)
    }
    #[method]
    fn __reduce__(cx: &mut Cx, this: Value) -> PyResult {
        let class = class_of(cx, this);
        let attributes = attribute::dictionary(cx, this)?;
        let state = dict::copy(cx, attributes)?;
        // The constructor warns about fields that it is not given: it is given None for those that the state has.
        let fields = listed(cx, class, "_fields")?;
        let mut given = 0;
        for field in tuple_items(&fields) {
            let name = field_name(cx, *field)?;
            if Dict::get_str(cx, state, name).is_none() {
                break;
            }
            given += 1;
        }
        let arguments = cx.tuple(&vec![NONE; given]);
        Ok(cx.tuple(&[class.value(), arguments, state.value()]))
    }
    /// Return a copy of the AST node with new values for the specified fields.
    #[method(signature = "($self, /, **fields)")]
    fn __replace__(cx: &mut Cx, this: Value, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> PyResult {
        if !args.is_empty() {
            return Err(cx.type_error("__replace__() takes no positional arguments"));
        }
        check_replacements(cx, this, kwargs)?;
        let attributes = attribute::dictionary(cx, this)?;
        let all = cx.dict();
        let class = class_of(cx, this);
        // Attributes that the class does not know are not copied.
        for known in ["_fields", "_attributes"] {
            let names = listed(cx, class, known)?;
            for name in tuple_items(&names) {
                let name = field_name(cx, *name)?;
                if let Some(value) = Dict::get_str(cx, attributes, name) {
                    Dict::set_str(cx, all, name, value)?;
                }
            }
        }
        for (name, value) in kwargs.iter() {
            Dict::set_str(cx, all, name, value)?;
        }
        let (keys, values) = (List::new(cx, &[])?, List::new(cx, &[])?);
        let mut position = 0;
        while let Some((key, value)) = Dict::next(all, &mut position) {
            List::push(cx, keys, key)?;
            List::push(cx, values, value)?;
        }
        let (keys, values) = (Tuple::from_list(cx, keys)?, Tuple::from_list(cx, values)?);
        call::call(cx, class.value(), tuple_items(&values), Some(keys))
    }
}
