//! Literals where they make no sense: called, subscripted, compared by identity, asserted.

use super::Warnings;
use py_syntax::ast::{self, CmpOp, Expr, ExprContext, Number, Stmt, visitor, visitor::Visitor};

struct Walk<'w, 'a> {
    warnings: &'w mut Warnings<'a>,
    annotations: bool,
    asserts: bool,
}

pub(super) fn check(
    warnings: &mut Warnings<'_>,
    body: &[Stmt],
    expression: Option<&Expr>,
    annotations: bool,
    asserts: bool,
) {
    let mut walk = Walk { warnings, annotations, asserts };
    walk.visit_body(body);
    if let Some(expression) = expression {
        walk.visit_expr(expression);
    }
}

impl<'t> Visitor<'t> for Walk<'_, '_> {
    fn visit_annotation(&mut self, annotation: &'t Expr) {
        if self.annotations {
            visitor::walk_annotation(self, annotation);
        }
    }

    fn visit_stmt(&mut self, statement: &'t Stmt) {
        if let Stmt::Assert(node) = statement {
            if matches!(&*node.test, Expr::Tuple(tuple) if !tuple.elts.is_empty()) {
                self.warnings.add("assertion is always true, perhaps remove parentheses?", node.range);
            }
            if !self.asserts {
                return;
            }
        }
        visitor::walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'t Expr) {
        match expression {
            Expr::Call(node) => self.called(&node.func),
            Expr::Subscript(node) if node.ctx == ExprContext::Load => self.subscripted(node),
            Expr::Compare(node) => self.compared(node),
            _ => {}
        }
        visitor::walk_expr(self, expression);
    }
}

/// The type that the value of an expression certainly has, by its name.
fn type_name(expression: &Expr) -> Option<&'static str> {
    Some(match expression {
        Expr::Tuple(_) => "tuple",
        Expr::List(_) | Expr::ListComp(_) => "list",
        Expr::Dict(_) | Expr::DictComp(_) => "dict",
        Expr::Set(_) | Expr::SetComp(_) => "set",
        Expr::Generator(_) => "generator",
        Expr::Lambda(_) => "function",
        Expr::TString(_) => "string.templatelib.Template",
        Expr::FString(_) | Expr::StringLiteral(_) => "str",
        Expr::BytesLiteral(_) => "bytes",
        Expr::NumberLiteral(node) => match node.value {
            Number::Int(_) => "int",
            Number::Float(_) => "float",
            Number::Complex { .. } => "complex",
        },
        Expr::BooleanLiteral(_) => "bool",
        Expr::NoneLiteral(_) => "NoneType",
        Expr::EllipsisLiteral(_) => "ellipsis",
        _ => return None,
    })
}

/// Whether an expression's identity means nothing.
fn has_no_identity(expression: &Expr) -> bool {
    matches!(expression, Expr::Tuple(_) | Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::BytesLiteral(_))
}

impl Walk<'_, '_> {
    fn called(&mut self, function: &Expr) {
        if let Some(name) = type_name(function).filter(|_| !function.is_lambda_expr()) {
            let message = format!("'{name}' object is not callable; perhaps you missed a comma?");
            self.warnings.add(message, ast::Ranged::range(function));
        }
    }

    fn subscripted(&mut self, node: &ast::ExprSubscript) {
        let Some(name) = type_name(&node.value) else { return };
        let range = ast::Ranged::range(&*node.value);
        match name {
            "tuple" | "list" | "str" | "bytes" => {
                let Some(index) = type_name(&node.slice).filter(|index| !matches!(*index, "int" | "bool")) else {
                    return;
                };
                let message =
                    format!("{name} indices must be integers or slices, not {index}; perhaps you missed a comma?");
                self.warnings.add(message, range);
            }
            "dict" => {}
            _ => {
                let message = format!("'{name}' object is not subscriptable; perhaps you missed a comma?");
                self.warnings.add(message, range);
            }
        }
    }

    fn compared(&mut self, node: &ast::ExprCompare) {
        let mut left = &*node.left;
        for (operator, right) in node.ops.iter().zip(&node.comparators) {
            let by_identity = match operator {
                CmpOp::Is => Some(("is", "==")),
                CmpOp::IsNot => Some(("is not", "!=")),
                _ => None,
            };
            if let Some((written, meant)) = by_identity
                && let Some(name) = [right, left].into_iter().find(|each| has_no_identity(each)).and_then(type_name)
            {
                let message = format!("\"{written}\" with '{name}' literal. Did you mean \"{meant}\"?");
                self.warnings.add(message, node.range);
                return;
            }
            left = right;
        }
    }
}
