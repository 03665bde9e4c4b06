//! Warnings about sources that compile but are hardly meant so. They are gathered in walks over the tree of their own; the caller
//! of the compiler gives them, and may turn them into errors.
//!
//! CPython gives them in this order: those about [`literals`] as it reads the source, those about control flow that leaves a
//! [`finally`] block (PEP 765), those about [`operands`] as it writes code.

mod finally;
mod literals;
mod operands;

use py_syntax::{
    LineIndex, SyntaxError,
    ast::{Expr, Stmt, TextRange},
};

/// A warning: a `SyntaxWarning` on line `error.line`, or `error` where warnings of its kind are errors.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SyntaxWarning {
    /// The text.
    pub message: String,
    /// What it is as an error.
    pub error: SyntaxError,
    /// Whether it is about the text rather than the tree.
    pub of_text: bool,
}

/// Where warnings are gathered.
pub(crate) struct Warnings<'a> {
    source: &'a str,
    lines: &'a LineIndex,
    pub list: &'a mut Vec<SyntaxWarning>,
}

impl<'a> Warnings<'a> {
    pub fn new(source: &'a str, lines: &'a LineIndex, list: &'a mut Vec<SyntaxWarning>) -> Warnings<'a> {
        Warnings { source, lines, list }
    }

    fn add(&mut self, message: impl Into<String>, range: TextRange) {
        let message = message.into();
        let error = self.lines.error(self.source, message.clone(), range);
        self.list.push(SyntaxWarning { message, error, of_text: false });
    }

    /// Warnings about the text of literals.
    pub fn about_text(&mut self, body: &[Stmt], expression: Option<&Expr>) {
        literals::check(self, body, expression);
    }

    /// Warnings about the tree.
    pub fn about_tree(&mut self, body: &[Stmt]) {
        finally::check(self, body);
    }

    /// Warnings about what code is written for.
    pub fn about_code(&mut self, body: &[Stmt], expression: Option<&Expr>, annotations: bool, asserts: bool) {
        operands::check(self, body, expression, annotations, asserts);
    }
}
