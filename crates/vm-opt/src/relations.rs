//! Which guards follow from guards that were passed before on the same operands.
//!
//! A guard on results is a statement about words that never change, so once passed it holds for the rest of the trace.
//! Guards on memory (`guard_not_shape`, `guard_valid`) are kept apart in `state.rs`, since stores and calls end them.

use vm_ir::Op;

/// The order of the operands in an implication.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Order {
    Same,
    Exchanged,
}

use Order::{Exchanged, Same};

/// The second guard, passed on operands in this order, makes the first one true.
pub(crate) const IMPLIED: &[(Op, Op, Order)] = &[
    (Op::GuardIntLe, Op::GuardIntLt, Same),
    (Op::GuardSame, Op::GuardSame, Exchanged),
    (Op::GuardDiffer, Op::GuardDiffer, Exchanged),
    (Op::GuardDiffer, Op::GuardIntLt, Same),
    (Op::GuardDiffer, Op::GuardIntLt, Exchanged),
    (Op::GuardDiffer, Op::GuardBelow, Same),
    (Op::GuardDiffer, Op::GuardBelow, Exchanged),
    (Op::GuardFloatLe, Op::GuardFloatLt, Same),
    (Op::GuardFloatLe, Op::GuardFloatEq, Same),
    (Op::GuardFloatLe, Op::GuardFloatEq, Exchanged),
    (Op::GuardFloatEq, Op::GuardFloatEq, Exchanged),
    (Op::GuardFloatNe, Op::GuardFloatNe, Exchanged),
    (Op::GuardFloatNe, Op::GuardFloatLt, Same),
    (Op::GuardFloatNe, Op::GuardFloatLt, Exchanged),
    (Op::GuardFloatNe, Op::GuardFloatNotLe, Same),
    (Op::GuardFloatNe, Op::GuardFloatNotLe, Exchanged),
    (Op::GuardFloatNotLt, Op::GuardFloatNotLe, Same),
    (Op::GuardFloatNotLt, Op::GuardFloatLt, Exchanged),
    (Op::GuardFloatNotLt, Op::GuardFloatLe, Exchanged),
    (Op::GuardFloatNotLt, Op::GuardFloatEq, Same),
    (Op::GuardFloatNotLt, Op::GuardFloatEq, Exchanged),
    (Op::GuardFloatNotLe, Op::GuardFloatLt, Exchanged),
];

/// The second guard, passed on operands in this order, makes the first one false.
pub(crate) const EXCLUDED: &[(Op, Op, Order)] = &[
    (Op::GuardIntLt, Op::GuardIntLt, Exchanged),
    (Op::GuardIntLt, Op::GuardIntLe, Exchanged),
    (Op::GuardIntLe, Op::GuardIntLt, Exchanged),
    (Op::GuardBelow, Op::GuardBelow, Exchanged),
    (Op::GuardSame, Op::GuardDiffer, Same),
    (Op::GuardSame, Op::GuardDiffer, Exchanged),
    (Op::GuardDiffer, Op::GuardSame, Same),
    (Op::GuardDiffer, Op::GuardSame, Exchanged),
    (Op::GuardFloatLt, Op::GuardFloatNotLt, Same),
    (Op::GuardFloatNotLt, Op::GuardFloatLt, Same),
    (Op::GuardFloatLe, Op::GuardFloatNotLe, Same),
    (Op::GuardFloatNotLe, Op::GuardFloatLe, Same),
    (Op::GuardFloatEq, Op::GuardFloatNe, Same),
    (Op::GuardFloatEq, Op::GuardFloatNe, Exchanged),
    (Op::GuardFloatNe, Op::GuardFloatEq, Same),
    (Op::GuardFloatNe, Op::GuardFloatEq, Exchanged),
    (Op::GuardFloatLt, Op::GuardFloatLt, Exchanged),
    (Op::GuardFloatLt, Op::GuardFloatLe, Exchanged),
    (Op::GuardFloatLe, Op::GuardFloatLt, Exchanged),
];

#[cfg(test)]
mod tests;
