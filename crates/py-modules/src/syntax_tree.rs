//! `_ast`: the classes of syntax tree nodes.
//!
//! They are classes as a program would make them, from one table; what their instances do lies in `node`.

mod build;
mod node;
mod nodes_table;
mod read;

use crate::{import, module_of, set};
use node::SYNTAX_NODE_METHODS;
use nodes_table::{NODES, Occurrence, PLACE, PLACED};
use py_object::bootstrap::new_native;
use py_object::native::NativeKind;
use py_object::objects::{Dict, Module, Str};
use py_object::types::{self, generic};
use py_object::{Cx, Kind, NONE, PyResult, attribute, call, downcast};
use vm_heap::{Gc, Value};

/// Flags of `compile` that the module names.
const FLAGS: [(&str, i64); 4] = [
    ("PyCF_ALLOW_TOP_LEVEL_AWAIT", 0x2000),
    ("PyCF_ONLY_AST", 0x400),
    ("PyCF_TYPE_COMMENTS", 0x1000),
    ("PyCF_OPTIMIZED_AST", 0x8400),
];

/// Lets `compile` make trees and read them.
pub fn install(cx: &Cx) {
    let _ = cx.runtime.make_tree.set(build::make_tree);
    let _ = cx.runtime.optimize_tree.set(build::optimize_tree);
    let _ = cx.runtime.read_tree.set(read::read_tree);
}

/// Where the module keeps the nodes without fields, of which there is one each.
const SINGLETONS: &str = "_singletons";

/// A tuple of names.
fn names(cx: &mut Cx, names: &[&str]) -> Value {
    let values: Vec<Value> = names.iter().map(|name| cx.intern(name).value()).collect();
    cx.tuple(&values)
}

fn enter(cx: &mut Cx, dict: Gc<Dict>, name: &str, value: Value) -> PyResult<()> {
    let name = cx.intern(name);
    Dict::set_str(cx, dict, name, value)
}

/// The class `ast.AST`.
fn base_class(cx: &mut Cx) -> PyResult {
    let namespace = cx.dict();
    let module = cx.intern("ast").value();
    enter(cx, namespace, "__module__", module)?;
    enter(cx, namespace, "__doc__", NONE)?;
    let none = cx.tuple(&[]);
    for name in ["_fields", "__match_args__", "_attributes"] {
        enter(cx, namespace, name, none)?;
    }
    let name = cx.intern("AST");
    let metaclass = cx.builtin_type(Kind::TYPE);
    let bases = cx.tuple(&[]);
    let class = call::call(cx, metaclass.value(), &[name.value(), bases, namespace.value()], None)?;
    let Some(class) = types::as_type(class) else { return Ok(class) };
    for definition in SYNTAX_NODE_METHODS {
        let special = definition.kind == NativeKind::Method && matches!(definition.name, "__init__" | "__repr__");
        let kind = if special { Kind::WRAPPER_DESCRIPTOR } else { Kind::METHOD_DESCRIPTOR };
        let native = new_native(cx, definition, kind, class.value());
        let name = cx.intern(definition.name);
        attribute::set(cx, class.value(), name, Some(native.value()))?;
    }
    Ok(class.value())
}

/// The class of a type of the grammar.
fn class_of_sort(cx: &mut Cx, module: Gc<Module>, sort: &str) -> PyResult {
    let kind = match sort {
        "identifier" | "string" => Kind::STR,
        "int" => Kind::INT,
        "constant" => Kind::OBJECT,
        _ => {
            let name = cx.intern(sort);
            return attribute::get(cx, module.value(), name);
        }
    };
    Ok(cx.builtin_type(kind).value())
}

fn node_class(cx: &mut Cx, module: Gc<Module>, name: &str, base: &str, row: Option<&'static str>) -> PyResult<()> {
    let namespace = cx.dict();
    let home = cx.intern("ast").value();
    enter(cx, namespace, "__module__", home)?;
    let doc = Str::new(cx, &nodes_table::rule(name, row)).value();
    enter(cx, namespace, "__doc__", doc)?;
    let all: Vec<_> = nodes_table::fields(row.unwrap_or("")).collect();
    let field_names: Vec<&str> = all.iter().map(|field| field.name).collect();
    for attribute in ["_fields", "__match_args__"] {
        let value = names(cx, &field_names);
        enter(cx, namespace, attribute, value)?;
    }
    if let Some((_, optional)) = PLACED.iter().find(|(placed, _)| *placed == name) {
        let place = names(cx, &PLACE);
        enter(cx, namespace, "_attributes", place)?;
        for end in PLACE[2..].iter().filter(|_| *optional) {
            enter(cx, namespace, end, NONE)?;
        }
    } else if base == "AST" {
        let place = names(cx, &[]);
        enter(cx, namespace, "_attributes", place)?;
    }
    for field in all.iter().filter(|field| field.occurrence == Occurrence::Optional) {
        enter(cx, namespace, field.name, NONE)?;
    }
    let metaclass = cx.builtin_type(Kind::TYPE);
    let base = class_of_sort(cx, module, base)?;
    let bases = cx.tuple(&[base]);
    let text = cx.intern(name);
    let class = call::call(cx, metaclass.value(), &[text.value(), bases, namespace.value()], None)?;
    set(cx, module, name, class)
}

/// Tells a class the types of its fields.
fn set_field_types(cx: &mut Cx, module: Gc<Module>, name: &str, row: &'static str) -> PyResult<()> {
    let field_types = cx.dict();
    for field in nodes_table::fields(row) {
        let sort = class_of_sort(cx, module, field.sort)?;
        let value = match field.occurrence {
            Occurrence::One => sort,
            Occurrence::Optional => generic::union_of(cx, sort, NONE)?,
            Occurrence::Many => {
                let list = cx.builtin_type(Kind::LIST);
                generic::alias(cx, list.value(), sort)?
            }
        };
        enter(cx, field_types, field.name, value)?;
    }
    let class = class_of_sort(cx, module, name)?;
    for attribute in ["_field_types", "__annotations__"] {
        let attribute = cx.intern(attribute);
        attribute::set(cx, class, attribute, Some(field_types.value()))?;
    }
    Ok(())
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "_ast", &[]);
    let base = base_class(cx)?;
    set(cx, module, "AST", base)?;
    for (name, base, row) in NODES {
        node_class(cx, module, name, base, *row)?;
    }
    let singletons = cx.dict();
    for (name, _, row) in NODES {
        let Some(row) = row else { continue };
        set_field_types(cx, module, name, row)?;
        if row.is_empty() && !matches!(*name, "Pass" | "Break" | "Continue") {
            let class = class_of_sort(cx, module, name)?;
            let node = call::call(cx, class, &[], None)?;
            enter(cx, singletons, name, node)?;
        }
    }
    set(cx, module, SINGLETONS, singletons.value())?;
    for (name, value) in FLAGS {
        set(cx, module, name, Value::int(value))?;
    }
    Ok(module)
}

/// The one node of a class without fields.
fn singleton(cx: &mut Cx, name: &str) -> PyResult {
    let module = import(cx, "_ast")?;
    let key = cx.intern(SINGLETONS);
    let all = attribute::get(cx, module, key)?;
    let name = cx.intern(name);
    let node = downcast::<Dict>(all).and_then(|all| Dict::get_str(cx, all, name));
    Ok(node.unwrap_or(NONE))
}
