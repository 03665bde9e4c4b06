//! Nodes made by a program, read into the terms of the abstract grammar for the compiler.

use super::nodes_table::{self, NODES, NodeField, Occurrence, PLACE, PLACED};
use crate::{import, repr_text};
use py_object::objects::{Bytes, Dict, List, Module, Str, Tuple};
use py_object::sequence::tuple_items;
use py_object::types::{self, as_type, class_name, class_of, complex, int, is_exactly, list};
use py_object::{Cx, ELLIPSIS, Kind, NONE, PyResult, StrExt, attribute, bool_value, downcast, operations};
use py_syntax::grammar::{Item, Node};
use std::any::Any;
use vm_heap::{Gc, Value};

/// The class that a mode of `compile` wants.
fn wanted(mode: &str) -> &'static str {
    match mode {
        "eval" => "Expression",
        "single" => "Interactive",
        "func_type" => "FunctionType",
        _ => "Module",
    }
}

/// Reads a whole tree: a [`Node`], for which the caller knows what to do with it.
pub fn read_tree(cx: &mut Cx, tree: Value, mode: &str) -> PyResult<Box<dyn Any + Send>> {
    let module = import(cx, "_ast")?;
    let Some(module) = downcast::<Module>(module) else {
        return Err(cx.raise(Kind::SYSTEM_ERROR, "_ast is not the module of syntax trees"));
    };
    let classes = module.dict.get();
    let wanted = wanted(mode);
    let root = match find_class(cx, classes, tree, "mod") {
        Some((name, row)) if name == wanted => read_fields(cx, classes, tree, name, row, None)?,
        _ => {
            let found = class_name(cx, tree);
            return Err(cx.type_error(format!("expected {wanted} node, got {found}")));
        }
    };
    Ok(Box::new(root))
}

/// The class of a sort that a value is an instance of, with its row.
fn find_class(cx: &mut Cx, classes: Gc<Dict>, value: Value, sort: &str) -> Option<(&'static str, &'static str)> {
    let class = class_of(cx, value);
    let own = types::short_name(class);
    let of_sort = NODES.iter().filter(|(_, base, _)| *base == sort);
    let by_name = of_sort.clone().filter(|(name, ..)| *name == own);
    for (name, _, row) in by_name.chain(of_sort) {
        let key = cx.intern(name);
        let known = Dict::get_str(cx, classes, key).and_then(as_type);
        if known.is_some_and(|known| types::is_subclass(class, known)) {
            return Some((name, row.unwrap_or("")));
        }
    }
    None
}

fn missing<T>(cx: &mut Cx, field: &str, owner: &str) -> PyResult<T> {
    Err(cx.type_error(format!("required field \"{field}\" missing from {owner}")))
}

/// Where a node of a sort stands.
fn read_place(cx: &mut Cx, value: Value, sort: &str, end_optional: bool) -> PyResult<[i64; 4]> {
    let mut place = [0; 4];
    for (index, name) in PLACE.iter().enumerate() {
        let key = cx.intern(name);
        place[index] = match attribute::get_optional(cx, value, key)? {
            Some(NONE) | None if index >= 2 && end_optional => place[index - 2],
            Some(number) => read_int(cx, number)?,
            None => return missing(cx, name, sort),
        };
    }
    Ok(place)
}

fn read_int(cx: &mut Cx, value: Value) -> PyResult<i64> {
    match int::as_i64(value).filter(|number| i32::try_from(*number).is_ok()) {
        Some(number) => Ok(number),
        None if int::is_int(value) => Err(cx.raise(Kind::OVERFLOW_ERROR, "Python int too large to convert to C int")),
        None => {
            let shown = repr_text(cx, value)?;
            Err(cx.value_error(format!("invalid integer value: {shown}")))
        }
    }
}

/// A node of a sort, or None.
fn read_node(cx: &mut Cx, classes: Gc<Dict>, value: Value, sort: &'static str) -> PyResult<Item> {
    if value == NONE {
        return Ok(Item::None);
    }
    if cx.check_native_stack().is_err() {
        cx.take_raised();
        let message = format!("maximum recursion depth exceeded while traversing '{sort}' node");
        return Err(cx.raise(Kind::RECURSION_ERROR, message));
    }
    let place = match PLACED.iter().find(|(placed, _)| *placed == sort) {
        Some((_, optional)) => Some(read_place(cx, value, sort, *optional)?),
        None => None,
    };
    if let Some((name, _, Some(row))) = NODES.iter().find(|(name, base, _)| *name == sort && *base == "AST") {
        return Ok(Item::Node(Box::new(read_fields(cx, classes, value, name, row, place)?)));
    }
    match find_class(cx, classes, value, sort) {
        Some((name, "")) if place.is_none() => Ok(Item::Singleton(name)),
        Some((name, row)) => Ok(Item::Node(Box::new(read_fields(cx, classes, value, name, row, place)?))),
        None => {
            let shown = repr_text(cx, value)?;
            Err(cx.type_error(format!("expected some sort of {sort}, but got {shown}")))
        }
    }
}

fn read_fields(
    cx: &mut Cx,
    classes: Gc<Dict>,
    value: Value,
    class: &'static str,
    row: &'static str,
    place: Option<[i64; 4]>,
) -> PyResult<Node> {
    let mut fields = Vec::new();
    for field in nodes_table::fields(row) {
        let key = cx.intern(field.name);
        let given = attribute::get_optional(cx, value, key)?;
        let item = match (field.occurrence, given) {
            (Occurrence::Many, None) => Item::List(Vec::new()),
            (Occurrence::Many, Some(items)) => read_list(cx, classes, items, class, field)?,
            (Occurrence::Optional, None | Some(NONE)) => Item::None,
            (_, Some(given)) => read_item(cx, classes, given, field.sort)?,
            (Occurrence::One, None) => return missing(cx, field.name, class),
        };
        if matches!(item, Item::None) && field.occurrence == Occurrence::One && field.sort != "constant" {
            return Err(cx.value_error(format!("field '{}' is required for {class}", field.name)));
        }
        fields.push(item);
    }
    Ok(Node { class, fields, place })
}

fn read_list(cx: &mut Cx, classes: Gc<Dict>, items: Value, class: &str, field: NodeField) -> PyResult<Item> {
    let Some(items) = downcast::<List>(items) else {
        let found = class_name(cx, items);
        return Err(cx.type_error(format!("{class} field \"{}\" must be a list, not a {found}", field.name)));
    };
    let length = list::length(items);
    let mut read = Vec::new();
    for index in 0..length {
        if let Some(item) = list::item(items, index) {
            read.push(read_item(cx, classes, item, field.sort)?);
        }
        if list::length(items) != length {
            let message = format!("{class} field \"{}\" changed size during iteration", field.name);
            return Err(cx.raise(Kind::RUNTIME_ERROR, message));
        }
    }
    Ok(Item::List(read))
}

fn read_item(cx: &mut Cx, classes: Gc<Dict>, value: Value, sort: &'static str) -> PyResult<Item> {
    match sort {
        "identifier" if value == NONE => Ok(Item::None),
        "identifier" => match downcast::<Str>(value).filter(|_| is_exactly(value, Kind::STR)) {
            Some(text) => Ok(Item::Name(text.to_text())),
            None => Err(cx.type_error("AST identifier must be of type str")),
        },
        "string" => match downcast::<Str>(value) {
            Some(text) => Ok(Item::Name(text.to_text())),
            None if downcast::<Bytes>(value).is_some() => Ok(Item::Name(String::new())),
            None => Err(cx.type_error("AST string must be of type str")),
        },
        "int" => read_int(cx, value).map(Item::Int),
        "constant" => read_constant(cx, value),
        _ => read_node(cx, classes, value, sort),
    }
}

fn read_constant(cx: &mut Cx, value: Value) -> PyResult<Item> {
    if value == NONE {
        return Ok(Item::None);
    }
    if value == ELLIPSIS {
        return Ok(Item::Ellipsis);
    }
    for known in [true, false] {
        if value == bool_value(known) {
            return Ok(Item::Bool(known));
        }
    }
    let class = class_of(cx, value);
    let known = [Kind::INT, Kind::STR, Kind::BYTES, Kind::FLOAT, Kind::COMPLEX, Kind::TUPLE, Kind::FROZENSET]
        .map(|kind| (kind, cx.builtin_type(kind)));
    let is = |kind| known.contains(&(kind, class));
    if is(Kind::INT) {
        return Ok(match (int::as_i64(value), int::as_big(value)) {
            (Some(number), _) => Item::Int(number),
            (None, Some(big)) => Item::LargeInt(big.to_string()),
            (None, None) => Item::Int(0),
        });
    }
    if is(Kind::STR)
        && let Some(text) = downcast::<Str>(value)
    {
        return Ok(Item::Text(types::str::code_points(text.bytes()).collect()));
    }
    if is(Kind::BYTES)
        && let Some(bytes) = downcast::<Bytes>(value)
    {
        return Ok(Item::Bytes(py_object::string::bytes_of(&bytes).to_vec()));
    }
    if is(Kind::FLOAT)
        && let Some(number) = operations::as_float(value)
    {
        return Ok(Item::Float(number));
    }
    if is(Kind::COMPLEX)
        && let Some((real, imaginary)) = complex::parts(value)
    {
        return Ok(Item::Complex(real, imaginary));
    }
    cx.check_native_stack()?;
    if is(Kind::TUPLE)
        && let Some(items) = downcast::<Tuple>(value)
    {
        return read_constants(cx, items).map(Item::Tuple);
    }
    if is(Kind::FROZENSET) {
        let items = list::sequence_of(cx, value)?;
        let items = Tuple::from_list(cx, items)?;
        return read_constants(cx, items).map(Item::FrozenSet);
    }
    Ok(Item::Other(class_name(cx, value)))
}

fn read_constants(cx: &mut Cx, items: Gc<Tuple>) -> PyResult<Vec<Item>> {
    let mut read = Vec::new();
    for item in tuple_items(&items) {
        read.push(read_constant(cx, *item)?);
    }
    Ok(read)
}
