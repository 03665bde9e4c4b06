//! `return`, `break` and `continue` that leave a `finally` block, and so drop an exception (PEP 765).

use super::Warnings;
use py_syntax::ast::{ExceptHandler, Stmt};

/// What surrounds a statement, as far as it matters.
#[derive(Clone, Copy, Default)]
struct Surroundings {
    /// A `return` leaves a `finally` block.
    by_return: bool,
    /// A `break` or `continue` does.
    by_loop_exit: bool,
}

impl Surroundings {
    const FINALLY: Surroundings = Surroundings { by_return: true, by_loop_exit: true };
}

pub(super) fn check(warnings: &mut Warnings<'_>, body: &[Stmt]) {
    walk(warnings, body, Surroundings::default());
}

fn walk(warnings: &mut Warnings<'_>, body: &[Stmt], around: Surroundings) {
    let inside = Surroundings::default();
    for statement in body {
        match statement {
            Stmt::Return(node) if around.by_return => warnings.add("'return' in a 'finally' block", node.range),
            Stmt::Break(node) if around.by_loop_exit => warnings.add("'break' in a 'finally' block", node.range),
            Stmt::Continue(node) if around.by_loop_exit => {
                warnings.add("'continue' in a 'finally' block", node.range);
            }
            Stmt::FunctionDef(node) => walk(warnings, &node.body, inside),
            Stmt::ClassDef(node) => walk(warnings, &node.body, around),
            // CPython lets a `return` in a loop pass.
            Stmt::For(node) => {
                walk(warnings, &node.body, inside);
                walk(warnings, &node.orelse, around);
            }
            Stmt::While(node) => {
                walk(warnings, &node.body, inside);
                walk(warnings, &node.orelse, around);
            }
            Stmt::If(node) => {
                walk(warnings, &node.body, around);
                node.elif_else_clauses.iter().for_each(|clause| walk(warnings, &clause.body, around));
            }
            Stmt::With(node) => walk(warnings, &node.body, around),
            Stmt::Match(node) => node.cases.iter().for_each(|case| walk(warnings, &case.body, around)),
            Stmt::Try(node) => {
                walk(warnings, &node.body, around);
                for ExceptHandler::ExceptHandler(handler) in &node.handlers {
                    walk(warnings, &handler.body, around);
                }
                walk(warnings, &node.orelse, around);
                walk(warnings, &node.finalbody, Surroundings::FINALLY);
            }
            _ => {}
        }
    }
}
