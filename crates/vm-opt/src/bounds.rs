//! Bounds of the results of int operations from bounds of their operands.
//!
//! A bound is wanted *before* clamping to small ints: where it lies within [`Range::ALL`] the operation can't overflow
//! and needs no check. Every function is exact or too wide, never too narrow; the tests try all small ranges.

use crate::facts::{INT_MAX, INT_MIN, Range};
use vm_ir::Op;

/// Bounds of `op` on all pairs for which it has a mathematical result, whether that fits a small int or not.
pub(crate) fn result_range(op: Op, lhs: Range, rhs: Range) -> Range {
    match op {
        Op::IntAdd => Range { min: lhs.min + rhs.min, max: lhs.max + rhs.max },
        Op::IntSub => Range { min: lhs.min - rhs.max, max: lhs.max - rhs.min },
        Op::IntMul => corners(lhs, rhs, |x, y| x.saturating_mul(y)),
        Op::IntFloorDiv if rhs.min > 0 => corners(lhs, rhs, |x, y| x.div_euclid(y)),
        Op::IntFloorDiv => {
            let largest = lhs.min.saturating_abs().max(lhs.max.saturating_abs());
            Range { min: -largest, max: largest }
        }
        Op::IntMod => {
            let zero_or = |bound: i64| if lhs.min >= 0 && rhs.min > 0 { lhs.max.min(bound) } else { bound };
            Range { min: (rhs.min + 1).min(0), max: zero_or((rhs.max - 1).max(0)) }
        }
        Op::IntShl => {
            let counts = rhs.and(Range { min: 0, max: 61 });
            if counts.is_empty() { Range::ALL } else { corners(lhs, counts, |x, y| x.saturating_mul(1 << y)) }
        }
        Op::IntShr => {
            let counts = rhs.and(Range { min: 0, max: 63 });
            if counts.is_empty() { Range::ALL } else { corners(lhs, counts, |x, y| x >> y) }
        }
        Op::IntAnd => match (lhs.min >= 0, rhs.min >= 0) {
            (true, true) => Range { min: 0, max: lhs.max.min(rhs.max) },
            (true, false) => Range { min: 0, max: lhs.max },
            (false, true) => Range { min: 0, max: rhs.max },
            (false, false) => Range { min: -mask(lhs, rhs) - 1, max: lhs.max.max(rhs.max).max(0) },
        },
        Op::IntOr | Op::IntXor => {
            let mask = mask(lhs, rhs);
            Range { min: if lhs.min >= 0 && rhs.min >= 0 { 0 } else { -mask - 1 }, max: mask }
        }
        _ => Range::ALL,
    }
}

/// Whether `op` has a small int for every pair of operands within these bounds.
pub(crate) fn always_fits(op: Op, lhs: Range, rhs: Range) -> bool {
    let operands_fit = match op {
        Op::IntFloorDiv | Op::IntMod => !rhs.contains(0),
        Op::IntShl => rhs.within(Range { min: 0, max: 61 }),
        Op::IntShr => rhs.min >= 0,
        _ => true,
    };
    operands_fit && result_range(op, lhs, rhs).within(Range { min: INT_MIN, max: INT_MAX })
}

/// Whether a failure of `op` can have an effect in the language (an exception), as opposed to a result that is no
/// small int: such an operation must stay even where nobody uses its result.
pub(crate) fn may_raise(op: Op, rhs: Range) -> bool {
    match op {
        Op::IntFloorDiv | Op::IntMod => rhs.contains(0),
        Op::IntShl | Op::IntShr => rhs.min < 0,
        _ => false,
    }
}

/// Bounds of an operation that is monotone in each operand: its extremes lie at the corners.
fn corners(lhs: Range, rhs: Range, operation: impl Fn(i64, i64) -> i64) -> Range {
    let at =
        [(lhs.min, rhs.min), (lhs.min, rhs.max), (lhs.max, rhs.min), (lhs.max, rhs.max)].map(|(x, y)| operation(x, y));
    Range { min: at.into_iter().min().unwrap_or(INT_MIN), max: at.into_iter().max().unwrap_or(INT_MAX) }
}

/// The smallest number of the form `2^n - 1` such that both operands lie in `-mask-1..=mask`.
fn mask(lhs: Range, rhs: Range) -> i64 {
    let bits = [lhs.min, lhs.max, rhs.min, rhs.max].map(|bound| if bound < 0 { !bound } else { bound });
    let largest = bits.into_iter().fold(0, |all, one| all | one) as u64;
    if largest == 0 { 0 } else { (u64::MAX >> largest.leading_zeros()) as i64 }
}

#[cfg(test)]
mod tests;
