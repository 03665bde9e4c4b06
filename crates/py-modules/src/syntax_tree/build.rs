//! Objects for a tree of the parser.

use super::nodes_table::{self, NODES, PLACE};
use crate::import;
use py_object::objects::{Bytes, Dict, List, Module, Str};
use py_object::types::{as_type, new_instance, str};
use py_object::{Cx, ELLIPSIS, Kind, NONE, PyResult, Raised, attribute, bool_value, call, downcast, exception};
use py_syntax::SyntaxError;
use py_syntax::grammar::{Item, Mode, Node, optimize, tree, type_ignores};
use vm_heap::{Gc, Value};

/// Where the classes are.
struct Classes {
    module: Gc<Dict>,
    singletons: Gc<Dict>,
}

/// The tree of a source as objects, for `compile`; with comments that say which lines type checkers shall ignore where they are
/// wanted.
pub fn make_tree(
    cx: &mut Cx,
    source: &str,
    filename: &str,
    mode: &str,
    level: Option<u8>,
    type_comments: bool,
) -> PyResult {
    let mode = match mode {
        "func_type" => Mode::FunctionType,
        "eval" => Mode::Expression,
        "single" => Mode::Interactive,
        _ => Mode::Module,
    };
    let mut root = match tree(source, mode) {
        Ok(root) => root,
        Err(error) => return Err(raise(cx, &error, filename, source)),
    };
    if let Some(level) = level {
        optimize(&mut root, level);
    }
    if type_comments && mode != Mode::FunctionType {
        py_syntax::grammar::add_type_comments(&mut root, source)
            .map_err(|error| raise(cx, &error, filename, source))?;
    }
    if type_comments && let Some(Item::List(ignored)) = root.fields.get_mut(1).filter(|_| mode == Mode::Module) {
        *ignored = type_ignores(source);
    }
    build(cx, &root)
}

/// A tree of objects simplified for a level of optimisation.
pub fn optimize_tree(cx: &mut Cx, tree: Value, mode: &str, level: u8) -> PyResult {
    let root = super::read::read_tree(cx, tree, mode)?;
    match root.downcast::<Node>() {
        Ok(mut root) => {
            optimize(&mut root, level);
            build(cx, &root)
        }
        Err(_) => Ok(tree),
    }
}

fn build(cx: &mut Cx, root: &Node) -> PyResult {
    let module = import(cx, "_ast")?;
    let key = cx.intern(super::SINGLETONS);
    let singletons = attribute::get(cx, module, key)?;
    let (Some(module), Some(singletons)) = (downcast::<Module>(module), downcast::<Dict>(singletons)) else {
        return Err(cx.raise(Kind::SYSTEM_ERROR, "_ast is not the module of syntax trees"));
    };
    let classes = Classes { module: module.dict.get(), singletons };
    node(cx, &classes, root)
}

fn raise(cx: &mut Cx, error: &SyntaxError, filename: &str, source: &str) -> Raised {
    let line = source.lines().nth((error.line as usize).saturating_sub(1)).map(|line| format!("{line}\n"));
    let kind = match error.kind {
        py_syntax::SyntaxErrorKind::Syntax => Kind::SYNTAX_ERROR,
        py_syntax::SyntaxErrorKind::Indentation => Kind::INDENTATION_ERROR,
        py_syntax::SyntaxErrorKind::Tab => Kind::TAB_ERROR,
    };
    let place = [error.line.into(), error.column.into(), error.end_line.into(), error.end_column];
    exception::raise_syntax_error(cx, kind, &error.message, filename, place, line.as_deref())
}

fn node(cx: &mut Cx, classes: &Classes, node: &Node) -> PyResult {
    cx.check_native_stack()?;
    let name = cx.intern(node.class);
    let class = Dict::get_str(cx, classes.module, name).and_then(as_type);
    let row = NODES.iter().find(|(name, ..)| *name == node.class).and_then(|(.., row)| *row);
    let (Some(class), Some(row)) = (class, row) else {
        return Err(cx.raise(Kind::SYSTEM_ERROR, format!("_ast has no class {}", node.class)));
    };
    let object = new_instance(cx, class).value();
    for (field, value) in nodes_table::fields(row).zip(&node.fields) {
        let value = item(cx, classes, value)?;
        let name = cx.intern(field.name);
        attribute::set(cx, object, name, Some(value))?;
    }
    for (name, number) in PLACE.iter().zip(node.place.iter().flatten()) {
        let name = cx.intern(name);
        attribute::set(cx, object, name, Some(Value::int(*number)))?;
    }
    Ok(object)
}

fn item(cx: &mut Cx, classes: &Classes, value: &Item) -> PyResult {
    Ok(match value {
        Item::Node(inner) => return node(cx, classes, inner),
        Item::Singleton(name) => {
            let name = cx.intern(name);
            Dict::get_str(cx, classes.singletons, name).unwrap_or(NONE)
        }
        Item::List(items) => {
            let list = List::new(cx, &[])?;
            for value in items {
                let value = item(cx, classes, value)?;
                List::push(cx, list, value)?;
            }
            list.value()
        }
        Item::Name(name) if matches!(name.as_str(), "None" | "True" | "False") => {
            return Err(cx.value_error(format!("identifier field can't represent '{name}' constant")));
        }
        Item::Name(name) => cx.intern(name).value(),
        Item::Text(points) => {
            let mut text = Vec::new();
            points.iter().for_each(|point| str::push_code_point(&mut text, *point));
            Str::from_wtf8(cx, &text).value()
        }
        Item::Bytes(bytes) => Bytes::checked(cx, bytes)?.value(),
        Item::Int(number) => py_object::types::int::from_i64(cx, *number),
        Item::LargeInt(digits) => large_int(cx, digits)?,
        Item::Float(number) => cx.float(*number),
        Item::Imaginary(number) => crate::new_complex(cx, 0.0, *number)?,
        Item::Complex(real, imaginary) => crate::new_complex(cx, *real, *imaginary)?,
        Item::Bool(value) => bool_value(*value),
        Item::Ellipsis => ELLIPSIS,
        // No source has such constants.
        Item::None | Item::Tuple(_) | Item::FrozenSet(_) | Item::Other(_) => NONE,
    })
}

/// An int by its decimal digits; a text that is too long is an error of the source.
fn large_int(cx: &mut Cx, digits: &str) -> PyResult {
    let class = cx.builtin_type(Kind::INT);
    let text = Str::new(cx, digits).value();
    call::call(cx, class.value(), &[text], None)
}
