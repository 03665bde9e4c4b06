//! Constant folding and algebraic rules of pure operations.
//!
//! A rule sees the operation and its operands' terms (constant, facts) and nothing else; rules that look at how an
//! operand was made are in `pure.rs`. Requirements on a rule, checked by the tests on all small operands:
//!
//! 1. It holds for every operand that fits the facts, not only for likely ones.
//! 2. Where the operation would leave the trace, the result does too, or the rule says `Never`.
//! 3. Float rules are exact in every bit but the payload of a NaN: `x + 0.0` is not `x` (minus zero), `x * 0.0` is not
//!    zero. A result that is not a number is left to the processor.
//! 4. Constants of commutative operations come second (`pure.rs` sees to it), so rules look there only.
//!
//! Not here: reassociation such as `(x + 1) + 2`, since the first sum's own check would be lost with it.

use crate::bounds::always_fits;
use crate::facts::{Facts, INT_MAX, INT_MIN, Range};
use vm_ir::{Constant, Op, Type, word};

/// An operand as rules see it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Term {
    pub constant: Option<Constant>,
    pub facts: Facts,
}

impl Term {
    fn float(&self) -> Option<f64> {
        self.constant.filter(|constant| constant.ty == Type::Float).map(|constant| f64::from_bits(constant.bits))
    }
}

/// What a rule makes of an operation.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Fold {
    /// No rule applies.
    Keep,
    /// The result is the first operand.
    First,
    /// The result is this constant.
    Constant(Constant),
    /// The same as another operation, which can't fail, on the first operand and a constant.
    Rewrite(Op, Constant),
    /// There is no result: the operation always leaves.
    Never,
}

/// A small int as a constant.
pub(crate) fn int(number: i64) -> Constant {
    Constant { ty: Type::Value, bits: word::int(number) }
}

/// A float as a constant.
pub(crate) fn float(number: f64) -> Constant {
    Constant { ty: Type::Float, bits: number.to_bits() }
}

/// The result of an int operation on two small ints, if it is a small int.
pub(crate) fn int_operation(op: Op, lhs: i64, rhs: i64) -> Option<i64> {
    let result = match op {
        Op::IntAdd => lhs + rhs,
        Op::IntSub => lhs - rhs,
        Op::IntMul => lhs.checked_mul(rhs)?,
        Op::IntFloorDiv => lhs.checked_div(rhs)? - ((lhs % rhs != 0) && (lhs < 0) != (rhs < 0)) as i64,
        Op::IntMod => match lhs.checked_rem(rhs)? {
            remainder if remainder != 0 && (remainder < 0) != (rhs < 0) => remainder + rhs,
            remainder => remainder,
        },
        Op::IntShl if (0..62).contains(&rhs) => lhs.checked_mul(1 << rhs)?,
        Op::IntShr if rhs >= 0 => lhs >> rhs.min(63),
        Op::IntAnd => lhs & rhs,
        Op::IntOr => lhs | rhs,
        Op::IntXor => lhs ^ rhs,
        _ => return None,
    };
    (INT_MIN..=INT_MAX).contains(&result).then_some(result)
}

/// Whether `op` is an operation of two small ints.
pub(crate) fn is_int_operation(op: Op) -> bool {
    use Op::*;
    matches!(op, IntAdd | IntSub | IntMul | IntFloorDiv | IntMod | IntShl | IntShr | IntAnd | IntOr | IntXor)
}

/// Whether the operands of `op` may be exchanged.
pub(crate) fn is_commutative(op: Op) -> bool {
    use Op::*;
    matches!(op, IntAdd | IntMul | IntAnd | IntOr | IntXor | FloatAdd | FloatMul)
}

/// Looks for a rule; `same` says that both operands are one reference.
pub(crate) fn fold(op: Op, lhs: Term, rhs: Term, same: bool) -> Fold {
    if is_int_operation(op) {
        return fold_int(op, lhs.facts, rhs.facts, same);
    }
    match op {
        Op::IntToFloat => match lhs.facts.only_int() {
            Some(number) => Fold::Constant(float(number as f64)),
            None => Fold::Keep,
        },
        Op::UnboxFloat => match lhs.constant {
            Some(constant) if word::is_float(constant.bits) => Fold::Constant(float(word::as_float(constant.bits))),
            _ => Fold::Keep,
        },
        Op::BoxFloat => match lhs.float().and_then(word::small_float) {
            Some(bits) => Fold::Constant(Constant { ty: Type::Value, bits }),
            None => Fold::Keep,
        },
        Op::WordToValue => match lhs.constant {
            Some(constant) => Fold::Constant(Constant { ty: Type::Value, bits: word::object(constant.bits) }),
            None => Fold::Keep,
        },
        Op::ValueToWord => match lhs.constant {
            Some(constant) => Fold::Constant(Constant { ty: Type::Word, bits: word::address(constant.bits) }),
            None => Fold::Keep,
        },
        Op::FloatNeg => unary(lhs, |number| -number),
        Op::FloatAbs => unary(lhs, f64::abs),
        Op::FloatSqrt => unary(lhs, f64::sqrt),
        Op::FloatAdd | Op::FloatSub | Op::FloatMul | Op::FloatDiv => fold_float(op, lhs.float(), rhs.float()),
        _ => Fold::Keep,
    }
}

fn fold_int(op: Op, lhs: Facts, rhs: Facts, same: bool) -> Fold {
    if let (Some(x), Some(y)) = (lhs.only_int(), rhs.only_int()) {
        return int_operation(op, x, y).map_or(Fold::Never, |number| Fold::Constant(int(number)));
    }
    match (op, rhs.only_int()) {
        (Op::IntAdd | Op::IntSub | Op::IntShl | Op::IntShr | Op::IntOr | Op::IntXor, Some(0)) => Fold::First,
        (Op::IntMul | Op::IntFloorDiv, Some(1)) | (Op::IntAnd, Some(-1)) => Fold::First,
        (Op::IntMul | Op::IntAnd, Some(0)) => Fold::Constant(int(0)),
        (Op::IntOr, Some(-1)) => Fold::Constant(int(-1)),
        (Op::IntMod, Some(1 | -1)) => Fold::Constant(int(0)),
        (Op::IntFloorDiv | Op::IntMod, Some(0)) => Fold::Never,
        (Op::IntMod, Some(y)) if y > 0 && lhs.range.within(Range { min: 0, max: y - 1 }) => Fold::First,
        (Op::IntFloorDiv, Some(y)) if y > 1 && is_power_of_two(y) => {
            Fold::Rewrite(Op::IntShr, int(y.trailing_zeros() as i64))
        }
        (Op::IntMod, Some(y)) if y > 1 && is_power_of_two(y) => Fold::Rewrite(Op::IntAnd, int(y - 1)),
        (Op::IntAnd, Some(y)) if y > 0 && is_power_of_two(y + 1) && lhs.range.within(Range { min: 0, max: y }) => {
            Fold::First
        }
        (Op::IntSub | Op::IntXor, _) if same => Fold::Constant(int(0)),
        (Op::IntAnd | Op::IntOr, _) if same => Fold::First,
        (Op::IntShl | Op::IntShr, _) if lhs.only_int() == Some(0) && always_fits(op, lhs.range, rhs.range) => {
            Fold::Constant(int(0))
        }
        _ => Fold::Keep,
    }
}

fn is_power_of_two(number: i64) -> bool {
    number > 0 && number & (number - 1) == 0
}

fn unary(operand: Term, operation: impl Fn(f64) -> f64) -> Fold {
    match operand.float().map(operation) {
        Some(result) if !result.is_nan() => Fold::Constant(float(result)),
        _ => Fold::Keep,
    }
}

fn fold_float(op: Op, lhs: Option<f64>, rhs: Option<f64>) -> Fold {
    let Some(y) = rhs else { return Fold::Keep };
    if let Some(x) = lhs {
        let result = match op {
            Op::FloatAdd => x + y,
            Op::FloatSub => x - y,
            Op::FloatMul => x * y,
            _ => x / y,
        };
        return if result.is_nan() { Fold::Keep } else { Fold::Constant(float(result)) };
    }
    match op {
        Op::FloatAdd if y == 0.0 && y.is_sign_negative() => Fold::First,
        Op::FloatSub if y == 0.0 && y.is_sign_positive() => Fold::First,
        Op::FloatMul | Op::FloatDiv if y == 1.0 => Fold::First,
        Op::FloatDiv => match exact_reciprocal(y) {
            Some(reciprocal) => Fold::Rewrite(Op::FloatMul, float(reciprocal)),
            None => Fold::Keep,
        },
        _ => Fold::Keep,
    }
}

/// `1 / number`, if that is exact and neither of them is subnormal: dividing is then the same as multiplying.
fn exact_reciprocal(number: f64) -> Option<f64> {
    const FRACTION: u64 = (1 << 52) - 1;
    let reciprocal = 1.0 / number;
    (number.is_normal() && reciprocal.is_normal() && number.to_bits() & FRACTION == 0).then_some(reciprocal)
}

#[cfg(test)]
mod tests;
