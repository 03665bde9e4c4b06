//! The compiler: source text to register bytecode.
//!
//! Source → tree (`py-syntax`) → scopes ([`scope`]) → code, one [`unit`] per module, function, class or generator expression. Code is
//! written in one walk over the tree into an [`emit::Emitter`], which then tidies jumps, drops needless tests for unbound locals and lays the
//! words out.
//!
//! What the code relies on: operands are evaluated from left to right; a local is used in place as an operand unless something evaluated
//! later in the same expression may rebind it; a local is the direct target of an instruction only if that instruction is the last thing
//! the statement does to it, so that an exception leaves the old value.
#![forbid(unsafe_code)]

mod annotations;
mod calls;
mod classes;
mod comprehensions;
mod conditions;
mod control;
mod coroutines;
mod displays;
mod emit;
mod error;
mod exceptions;
mod expressions;
mod fold;
mod functions;
mod imports;
mod names;
mod operators;
mod pattern_literals;
mod patterns;
mod scope;
mod single;
mod statements;
mod strings;
mod targets;
mod type_parameters;
mod unit;
mod warnings;

use py_code::CodeUnit;
use py_syntax::grammar::{Node, Rebuilt};
use py_syntax::{LineIndex, SyntaxError, ast};
use warnings::Warnings;

pub use error::CompileError;
pub use scope::{SymbolTable, TableKind, flag, place};
pub use warnings::SyntaxWarning;

/// What a source is compiled as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// A module: its names are globals.
    Module,
    /// Statements for `exec`, which may have a separate namespace.
    Exec,
    /// An expression for `eval`.
    Eval,
    /// Statements typed at a prompt: values of expressions are printed.
    Single,
}

/// What else the caller of the compiler asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Options {
    /// 1: no `assert` statements, and `__debug__` is False; 2: no docstrings either.
    pub optimize: u8,
    /// As if the source began with `from __future__ import annotations`.
    pub future_annotations: bool,
    /// `await` may stand outside of functions; code that has one makes a coroutine.
    pub top_level_await: bool,
}

/// Compiles a source, whatever warnings there are.
pub fn compile(source: &str, filename: &str, mode: Mode) -> Result<CodeUnit, CompileError> {
    compile_with(source, filename, mode, Options::default(), &mut Vec::new())
}

/// Compiles a source with options; adds to the warnings, also where it fails.
pub fn compile_with(
    source: &str,
    filename: &str,
    mode: Mode,
    options: Options,
    warnings: &mut Vec<SyntaxWarning>,
) -> Result<CodeUnit, CompileError> {
    let fail = |error, of_text| CompileError { filename: filename.to_string(), error, of_text };
    let outcome = py_syntax::stack::run(source, || {
        let tree = parse(source, mode).map_err(|error| fail(error, true))?;
        let lines = LineIndex::new(source);
        let (body, expression) = parts(&tree);
        if mode == Mode::Single {
            single::check(source, body).map_err(|error| fail(error, true))?;
        }
        Warnings::new(source, &lines, warnings).about_text(body, expression);
        compile_tree(source, &lines, filename, mode, options, &tree, warnings).map_err(|error| fail(error, false))
    });
    outcome.map_err(|error| fail(error, true)).and_then(|outcome| outcome)
}

fn parse(source: &str, mode: Mode) -> Result<ast::Mod, SyntaxError> {
    match mode {
        Mode::Eval => py_syntax::parse_expression(source).map(ast::Mod::Expression),
        _ => py_syntax::parse_module(source).map(ast::Mod::Module),
    }
}

/// The names of a source, block by block.
pub fn symbol_table(source: &str, filename: &str, mode: Mode, options: Options) -> Result<SymbolTable, CompileError> {
    let fail = |error, of_text| CompileError { filename: filename.to_string(), error, of_text };
    let outcome = py_syntax::stack::run(source, || {
        let tree = parse(source, mode).map_err(|error| fail(error, true))?;
        let lines = LineIndex::new(source);
        let (body, expression) = parts(&tree);
        let scopes = imports::future_annotations(body).and_then(|future_annotations| {
            let future_annotations = future_annotations || options.future_annotations;
            let mut scopes = scope::collect(body, expression, future_annotations, options.top_level_await)?;
            scope::resolve(&mut scopes)?;
            Ok(scope::table(&scopes, &lines))
        });
        scopes.map_err(|failure| fail(lines.error(source, failure.message, failure.range), false))
    });
    outcome.map_err(|error| fail(error, true)).and_then(|outcome| outcome)
}

/// Compiles a tree that a program has made, already found valid.
pub fn compile_nodes(
    root: &Node,
    filename: &str,
    mode: Mode,
    options: Options,
    warnings: &mut Vec<SyntaxWarning>,
) -> Result<CodeUnit, CompileError> {
    let Rebuilt { tree, places, source } = py_syntax::grammar::rebuild(root);
    compile_tree(&source, &places, filename, mode, options, &tree, warnings).map_err(|error| CompileError {
        filename: filename.to_string(),
        error,
        of_text: false,
    })
}

/// The statements of a tree, or its expression.
fn parts(tree: &ast::Mod) -> (&[ast::Stmt], Option<&ast::Expr>) {
    match tree {
        ast::Mod::Module(module) => (&module.body, None),
        ast::Mod::Expression(expression) => (&[], Some(&expression.body)),
    }
}

fn compile_tree(
    source: &str,
    lines: &LineIndex,
    filename: &str,
    mode: Mode,
    mut options: Options,
    tree: &ast::Mod,
    warnings: &mut Vec<SyntaxWarning>,
) -> Result<CodeUnit, SyntaxError> {
    let (body, expression) = parts(tree);
    let mut warnings = Warnings::new(source, lines, warnings);
    let compiled = imports::future_annotations(body).and_then(|future_annotations| {
        options.future_annotations |= future_annotations;
        warnings.about_tree(body);
        let mut scopes = scope::collect(body, expression, options.future_annotations, options.top_level_await)?;
        scope::resolve(&mut scopes)?;
        warnings.about_code(body, expression, !options.future_annotations, options.optimize == 0);
        unit::Compiler::new(source, filename, lines, &scopes, mode, options).module(body, expression)
    });
    compiled.map_err(|failure| lines.error(source, failure.message, failure.range))
}
