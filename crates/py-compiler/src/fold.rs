//! Constant folding: literals, and operators on them where the result is certain and small.

use py_code::{Const, Text};
use py_syntax::{
    ast::{self, Expr, Number, Operator, UnaryOp},
    literal,
};

/// Longest string or bytes made by folding; CPython's limit.
const MAXIMUM_LENGTH: usize = 4096;

/// Most items of a tuple made by folding a repetition; CPython's limit.
const MAXIMUM_ITEMS: usize = 256;

/// What folding must know besides the expression.
#[derive(Clone, Copy)]
pub(crate) struct Facts<'a> {
    /// The source.
    pub source: &'a str,
    /// The value of `__debug__`.
    pub debug: bool,
}

/// The value of an expression that is constant.
pub(crate) fn constant(expression: &Expr, facts: Facts<'_>) -> Option<Const> {
    Some(match expression {
        Expr::NumberLiteral(node) => match &node.value {
            Number::Int(value) => match literal::int(value) {
                Ok(value) => Const::Int(value),
                Err(digits) => Const::BigInt(digits.into()),
            },
            Number::Float(value) => Const::Float(*value),
            Number::Complex { real, imag } => Const::Complex(*real, *imag),
        },
        Expr::StringLiteral(node) => Const::Str(string(node, facts)),
        Expr::BytesLiteral(node) => Const::Bytes(node.value.bytes().collect()),
        Expr::BooleanLiteral(node) => Const::Bool(node.value),
        Expr::NoneLiteral(_) => Const::None,
        Expr::EllipsisLiteral(_) => Const::Ellipsis,
        Expr::Name(name) if name.id.as_str() == "__debug__" => Const::Bool(facts.debug),
        Expr::Tuple(node) => {
            Const::Tuple(node.elts.iter().map(|each| constant(each, facts)).collect::<Option<Vec<_>>>()?)
        }
        // A frozenset: see `py_syntax::grammar::rebuild`.
        Expr::Named(node) if node.target.is_ellipsis_literal_expr() => return constant_display(&node.value, facts),
        Expr::UnaryOp(node) => unary(node.op, constant(&node.operand, facts)?)?,
        Expr::BinOp(node) => binary(node.op, constant(&node.left, facts)?, constant(&node.right, facts)?)?,
        Expr::Slice(node) => {
            let part =
                |part: &Option<Box<Expr>>| part.as_deref().map_or(Some(Const::None), |part| constant(part, facts));
            Const::Slice(Box::new([part(&node.lower)?, part(&node.upper)?, part(&node.step)?]))
        }
        _ => return None,
    })
}

/// The value of a string literal.
pub(crate) fn string(node: &ast::ExprStringLiteral, facts: Facts<'_>) -> Text {
    let points = node.value.iter().flat_map(|part| {
        let raw = part.flags.prefix().is_raw();
        literal::code_points(facts.source, part.range, &part.value, raw)
    });
    Text::from_code_points(points)
}

/// The truth of an expression that is constant.
pub(crate) fn truth(expression: &Expr, facts: Facts<'_>) -> Option<bool> {
    if let Expr::UnaryOp(node) = expression
        && node.op == UnaryOp::Not
    {
        return truth(&node.operand, facts).map(|truth| !truth);
    }
    Some(truth_of(&constant(expression, facts)?))
}

fn truth_of(constant: &Const) -> bool {
    match constant {
        Const::None => false,
        Const::Bool(value) => *value,
        Const::Int(value) => *value != 0,
        Const::Float(value) => *value != 0.0,
        Const::Complex(real, imaginary) => *real != 0.0 || *imaginary != 0.0,
        Const::Str(text) => !text.is_empty(),
        Const::Bytes(bytes) => !bytes.is_empty(),
        Const::Tuple(items) | Const::FrozenSet(items) => !items.is_empty(),
        Const::BigInt(_) | Const::Ellipsis | Const::Slice(_) | Const::Code(_) => true,
    }
}

/// A list or set display of constants as the tuple or frozenset that membership is tested in.
pub(crate) fn constant_display(expression: &Expr, facts: Facts<'_>) -> Option<Const> {
    let all = |elements: &[Expr]| elements.iter().map(|each| constant(each, facts)).collect::<Option<Vec<_>>>();
    match expression {
        Expr::List(node) => Some(Const::Tuple(all(&node.elts)?)),
        Expr::Set(node) => {
            let mut unique: Vec<Const> = Vec::new();
            for item in all(&node.elts)? {
                if !unique.contains(&item) {
                    unique.push(item);
                }
            }
            Some(Const::FrozenSet(unique))
        }
        _ => None,
    }
}

fn unary(op: UnaryOp, operand: Const) -> Option<Const> {
    Some(match (op, operand) {
        (UnaryOp::Not, operand) => Const::Bool(!truth_of(&operand)),
        (UnaryOp::USub, Const::Int(value)) => match value.checked_neg() {
            Some(value) => Const::Int(value),
            None => Const::BigInt("9223372036854775808".into()),
        },
        (UnaryOp::USub, Const::BigInt(digits)) => match digits.strip_prefix('-') {
            Some(digits) => Const::BigInt(digits.into()),
            None if &*digits == "9223372036854775808" => Const::Int(i64::MIN),
            None => Const::BigInt(format!("-{digits}").into()),
        },
        (UnaryOp::USub, Const::Float(value)) => Const::Float(-value),
        (UnaryOp::USub, Const::Complex(real, imaginary)) => Const::Complex(-real, -imaginary),
        (UnaryOp::USub, Const::Bool(value)) => Const::Int(-i64::from(value)),
        (UnaryOp::UAdd, Const::Bool(value)) => Const::Int(value.into()),
        (UnaryOp::UAdd, operand @ (Const::Int(_) | Const::BigInt(_) | Const::Float(_) | Const::Complex(..))) => operand,
        (UnaryOp::Invert, Const::Int(value)) => Const::Int(!value),
        _ => return None,
    })
}

fn binary(op: Operator, left: Const, right: Const) -> Option<Const> {
    match (left, right) {
        (Const::Int(left), Const::Int(right)) => int(op, left, right),
        (Const::Float(left), Const::Float(right)) => float(op, left, right),
        (Const::Float(left), Const::Int(right)) => float(op, left, exact(right)?),
        (Const::Int(left), Const::Float(right)) => float(op, exact(left)?, right),
        // The real part of a complex literal is added to it. Adding or subtracting a real leaves the imaginary part's sign alone.
        (Const::Float(left), Const::Complex(real, imaginary)) => complex(op, left, real, imaginary),
        (Const::Int(left), Const::Complex(real, imaginary)) => complex(op, exact(left)?, real, imaginary),
        (Const::Str(left), Const::Str(right)) if op == Operator::Add => {
            (left.as_bytes().len() + right.as_bytes().len() <= MAXIMUM_LENGTH).then(|| Const::Str(left.concat(&right)))
        }
        (Const::Bytes(left), Const::Bytes(right)) if op == Operator::Add => {
            (left.len() + right.len() <= MAXIMUM_LENGTH).then(|| Const::Bytes([left, right].concat().into()))
        }
        (Const::Tuple(left), Const::Tuple(right)) if op == Operator::Add => {
            (left.len() + right.len() <= MAXIMUM_ITEMS).then(|| Const::Tuple([left, right].concat()))
        }
        (value, Const::Int(times)) | (Const::Int(times), value) if op == Operator::Mult => repeat(value, times),
        _ => None,
    }
}

/// An int as a float, if that is exact.
fn exact(value: i64) -> Option<f64> {
    (value.unsigned_abs() <= 1 << 53).then_some(value as f64)
}

fn int(op: Operator, left: i64, right: i64) -> Option<Const> {
    let value = match op {
        Operator::Add => left.checked_add(right)?,
        Operator::Sub => left.checked_sub(right)?,
        Operator::Mult => left.checked_mul(right)?,
        Operator::Div => {
            return (right != 0).then(|| Some(Const::Float(exact(left)? / exact(right)?)))?;
        }
        Operator::FloorDiv => {
            let (quotient, remainder) = (left.checked_div(right)?, left.checked_rem(right)?);
            quotient - i64::from(remainder != 0 && (remainder < 0) != (right < 0))
        }
        Operator::Mod => {
            let remainder = left.checked_rem(right)?;
            if remainder != 0 && (remainder < 0) != (right < 0) { remainder + right } else { remainder }
        }
        Operator::Pow => left.checked_pow(u32::try_from(right).ok()?)?,
        Operator::LShift => {
            let shift = u32::try_from(right).ok().filter(|&shift| shift < 64)?;
            left.checked_mul(1i64.checked_shl(shift).filter(|&factor| factor > 0)?)?
        }
        Operator::RShift => left >> u32::try_from(right).ok()?.min(63),
        Operator::BitOr => left | right,
        Operator::BitXor => left ^ right,
        Operator::BitAnd => left & right,
        Operator::MatMult => return None,
    };
    Some(Const::Int(value))
}

fn float(op: Operator, left: f64, right: f64) -> Option<Const> {
    Some(Const::Float(match op {
        Operator::Add => left + right,
        Operator::Sub => left - right,
        Operator::Mult => left * right,
        Operator::Div if right != 0.0 => left / right,
        _ => return None,
    }))
}

fn complex(op: Operator, left: f64, real: f64, imaginary: f64) -> Option<Const> {
    match op {
        Operator::Add => Some(Const::Complex(left + real, imaginary)),
        Operator::Sub => Some(Const::Complex(left - real, -imaginary)),
        _ => None,
    }
}

fn repeat(value: Const, times: i64) -> Option<Const> {
    let times = usize::try_from(times).unwrap_or(0);
    Some(match value {
        Const::Str(text) if text.as_bytes().len().checked_mul(times)? <= MAXIMUM_LENGTH => {
            let points: Vec<u32> = text.code_points().collect();
            Const::Str(Text::from_code_points(points.repeat(times)))
        }
        Const::Bytes(bytes) if bytes.len().checked_mul(times)? <= MAXIMUM_LENGTH => {
            Const::Bytes(bytes.repeat(times).into())
        }
        Const::Tuple(items) if items.len().checked_mul(times)? <= MAXIMUM_ITEMS => {
            Const::Tuple(std::iter::repeat_n(items, times).flatten().collect())
        }
        _ => return None,
    })
}
