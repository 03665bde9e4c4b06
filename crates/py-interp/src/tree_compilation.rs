//! `compile` of a syntax tree: it is read, checked and compiled, on a stack that fits its depth.

use crate::{code, errors, syntax_warnings};
use py_compiler::{Mode, Options};
use py_object::{Cx, Kind, PyResult, Raised};
use py_syntax::grammar::{Invalid, Node, validate};
use py_syntax::stack;
use vm_heap::Value;

fn read(cx: &mut Cx, tree: Value, mode: &str) -> PyResult<Box<Node>> {
    let Some(read_tree) = cx.runtime.read_tree.get() else {
        return Err(cx.raise(Kind::NOT_IMPLEMENTED_ERROR, "there is no module '_ast'"));
    };
    let tree = read_tree(cx, tree, mode)?;
    tree.downcast().map_err(|_| cx.raise(Kind::SYSTEM_ERROR, "_ast gives trees of another kind"))
}

fn too_deep(cx: &mut Cx) -> Raised {
    cx.raise(Kind::RECURSION_ERROR, "maximum recursion depth exceeded during compilation")
}

fn invalid(cx: &mut Cx, invalid: Invalid) -> Raised {
    match invalid {
        Invalid::Type(message) => cx.type_error(message),
        Invalid::Value(message) => cx.value_error(message),
    }
}

/// An exception unless the tree is valid.
pub fn check(cx: &mut Cx, tree: Value, mode: &str) -> PyResult<()> {
    let root = read(cx, tree, mode)?;
    match stack::run_deep(root.depth(), || validate(&root)) {
        Some(Ok(())) => Ok(()),
        Some(Err(error)) => Err(invalid(cx, error)),
        None => Err(too_deep(cx)),
    }
}

/// Compiles a tree.
pub fn compile(cx: &mut Cx, tree: Value, filename: &str, mode_name: &str, mode: Mode, options: Options) -> PyResult {
    let root = read(cx, tree, mode_name)?;
    let outcome = stack::run_deep(root.depth(), || {
        validate(&root)?;
        let mut warnings = Vec::new();
        let compiled = py_compiler::compile_nodes(&root, filename, mode, options, &mut warnings);
        Ok((compiled, warnings))
    });
    let (compiled, warnings) = match outcome {
        Some(Ok(outcome)) => outcome,
        Some(Err(error)) => return Err(invalid(cx, error)),
        None => return Err(too_deep(cx)),
    };
    syntax_warnings::give(cx, warnings, filename, "")?;
    match compiled {
        Ok(unit) => code::load(cx, unit).map(|code| code.value()),
        Err(error) => Err(errors::raise_compile_error(cx, error, filename, "")),
    }
}
