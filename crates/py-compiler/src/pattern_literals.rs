//! Values in patterns: literals and dotted names, and nothing else; no two equal keys in one mapping pattern.

use py_code::Const;
use py_syntax::ast::{Expr, Number, Operator, Ranged, TextRange, UnaryOp};

use crate::{
    error::{Outcome, fail},
    fold::{self, Facts},
};

/// Whether an expression is a real number, perhaps with a minus, or an imaginary one.
fn is_number(expression: &Expr, imaginary: bool, minus: bool) -> bool {
    match expression {
        Expr::NumberLiteral(node) => matches!(node.value, Number::Complex { .. }) == imaginary,
        Expr::UnaryOp(node) if minus && node.op == UnaryOp::USub => is_number(&node.operand, imaginary, false),
        _ => false,
    }
}

/// Fails unless an expression is a literal or a dotted name. Returns its value, if it is a literal.
fn check(expression: &Expr, facts: Facts<'_>, message: &str) -> Outcome<Option<Const>> {
    match expression {
        Expr::Attribute(_) => return Ok(None),
        Expr::BinOp(node) => {
            if !matches!(node.op, Operator::Add | Operator::Sub) {
                return fail(message, expression.range());
            }
            if !is_number(&node.left, false, true) {
                return fail("real number required in complex literal", node.left.range());
            }
            if !is_number(&node.right, true, false) {
                return fail("imaginary number required in complex literal", node.right.range());
            }
        }
        Expr::UnaryOp(node) if node.op == UnaryOp::USub && node.operand.is_number_literal_expr() => {}
        Expr::NumberLiteral(_)
        | Expr::StringLiteral(_)
        | Expr::BytesLiteral(_)
        | Expr::NoneLiteral(_)
        | Expr::BooleanLiteral(_) => {}
        _ => return fail(message, expression.range()),
    }
    Ok(fold::constant(expression, facts))
}

/// The value of a value pattern, if it is a literal.
pub(crate) fn check_value(expression: &Expr, facts: Facts<'_>) -> Outcome<Option<Const>> {
    check(expression, facts, "patterns may only match literals and attribute lookups")
}

/// The real number that a constant equals.
fn as_real(constant: &Const) -> Option<f64> {
    match constant {
        Const::Bool(value) => Some(f64::from(u8::from(*value))),
        Const::Int(value) if value.unsigned_abs() <= 1 << 53 => Some(*value as f64),
        Const::Float(value) => Some(*value),
        Const::Complex(real, imaginary) if *imaginary == 0.0 => Some(*real),
        _ => None,
    }
}

fn equal(left: &Const, right: &Const) -> bool {
    match (as_real(left), as_real(right)) {
        (Some(left), Some(right)) => left == right,
        _ => left == right,
    }
}

fn shown(constant: &Const, expression: &Expr, facts: Facts<'_>) -> String {
    match constant {
        Const::None => "None".to_string(),
        Const::Bool(true) => "True".to_string(),
        Const::Bool(false) => "False".to_string(),
        Const::Int(value) => value.to_string(),
        Const::Str(text) => quoted(&String::from_utf8_lossy(text.as_bytes())),
        _ => facts.source.get(expression.range().to_std_range()).unwrap_or("").to_string(),
    }
}

/// Fails if the keys of a mapping pattern are no literals or dotted names, or if two are equal.
pub(crate) fn check_keys(keys: &[Expr], whole: TextRange, facts: Facts<'_>) -> Outcome<()> {
    let mut seen: Vec<Const> = Vec::new();
    for key in keys {
        let message = "mapping pattern keys may only match literals and attribute lookups";
        let Some(constant) = check(key, facts, message)? else { continue };
        if seen.iter().any(|each| equal(each, &constant)) {
            let shown = shown(&constant, key, facts);
            return fail(format!("mapping pattern checks duplicate key ({shown})"), whole);
        }
        seen.push(constant);
    }
    Ok(())
}

/// A string's `repr`.
fn quoted(text: &str) -> String {
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
