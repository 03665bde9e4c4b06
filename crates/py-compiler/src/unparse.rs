//! Expressions as text, for annotations under `from __future__ import annotations`: what CPython's `ast.unparse` gives for what
//! annotations hold; anything else as it stands in the source.

use py_syntax::ast::{self, Expr, Operator, Ranged, UnaryOp};

/// The text of an expression.
pub(crate) fn unparse(expression: &Expr, source: &str) -> String {
    match expression {
        Expr::Name(node) => node.id.to_string(),
        Expr::Attribute(node) => format!("{}.{}", unparse(&node.value, source), node.attr.id),
        Expr::NoneLiteral(_) => "None".to_string(),
        Expr::BooleanLiteral(node) => if node.value { "True" } else { "False" }.to_string(),
        Expr::EllipsisLiteral(_) => "...".to_string(),
        Expr::StringLiteral(node) => quoted(node.value.to_str()),
        Expr::Subscript(node) => {
            let index = match &*node.slice {
                Expr::Tuple(tuple) if !tuple.elts.is_empty() && !tuple.elts.iter().any(Expr::is_starred_expr) => {
                    items(&tuple.elts, source) + if tuple.elts.len() == 1 { "," } else { "" }
                }
                other => unparse(other, source),
            };
            format!("{}[{index}]", unparse(&node.value, source))
        }
        Expr::Tuple(node) if node.elts.len() == 1 => format!("({},)", unparse(&node.elts[0], source)),
        Expr::Tuple(node) => format!("({})", items(&node.elts, source)),
        Expr::List(node) => format!("[{}]", items(&node.elts, source)),
        Expr::Starred(node) => format!("*{}", unparse(&node.value, source)),
        Expr::BinOp(node) => match node.op {
            // Left-associative and of one precedence where both operands are simple or unions themselves.
            Operator::BitOr if operand(&node.left) && operand(&node.right) && !node.right.is_bin_op_expr() => {
                format!("{} | {}", unparse(&node.left, source), unparse(&node.right, source))
            }
            _ => verbatim(expression, source),
        },
        Expr::UnaryOp(node) if node.op == UnaryOp::USub && node.operand.is_number_literal_expr() => {
            format!("-{}", verbatim(&node.operand, source))
        }
        Expr::Call(node) => {
            let mut arguments: Vec<String> = node.arguments.args.iter().map(|each| unparse(each, source)).collect();
            arguments.extend(node.arguments.keywords.iter().map(|keyword| keyword_text(keyword, source)));
            format!("{}({})", unparse(&node.func, source), arguments.join(", "))
        }
        other => verbatim(other, source),
    }
}

fn keyword_text(keyword: &ast::Keyword, source: &str) -> String {
    match &keyword.arg {
        Some(name) => format!("{}={}", name.id, unparse(&keyword.value, source)),
        None => format!("**{}", unparse(&keyword.value, source)),
    }
}

/// Whether an expression needs no parentheses as an operand of `|`.
fn operand(expression: &Expr) -> bool {
    match expression {
        Expr::BinOp(node) => node.op == Operator::BitOr && operand(&node.left) && operand(&node.right),
        Expr::Name(_)
        | Expr::Attribute(_)
        | Expr::Subscript(_)
        | Expr::NoneLiteral(_)
        | Expr::StringLiteral(_)
        | Expr::Call(_)
        | Expr::List(_)
        | Expr::EllipsisLiteral(_) => true,
        _ => false,
    }
}

fn items(expressions: &[Expr], source: &str) -> String {
    expressions.iter().map(|each| unparse(each, source)).collect::<Vec<_>>().join(", ")
}

fn verbatim(expression: &Expr, source: &str) -> String {
    source.get(expression.range().to_std_range()).unwrap_or("").to_string()
}

/// A string's `repr`.
pub(crate) fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::from(quote);
    for character in text.chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if character == quote => {
                out.push('\\');
                out.push(character);
            }
            _ if character.is_control() => out.push_str(&format!("\\x{:02x}", u32::from(character))),
            _ => out.push(character),
        }
    }
    out.push(quote);
    out
}
