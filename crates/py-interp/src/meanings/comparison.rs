//! Comparisons, as values and as jumps.

use super::arithmetic::number;
use crate::runtime_functions::{COMPARE, COMPARE_TRUTH, CONTAINS, MATCHES, NOT_CONTAINS};
use py_object::bool_value;
use py_object::dict::{Peeked, peek};
use py_object::operations::Comparison;
use vm_heap::Value;
use vm_machine::{Flow, Machine};

/// Truth of a comparison of numbers, or of texts that are the same or differ in length, or `None`.
#[inline(always)]
fn simple<M: Machine>(m: &mut M, comparison: Comparison, lhs: M::Val, rhs: M::Val) -> Option<bool> {
    if m.is_int(lhs) && m.is_int(rhs) {
        return Some(match comparison {
            Comparison::Lt => m.int_lt(lhs, rhs),
            Comparison::Le => m.int_le(lhs, rhs),
            Comparison::Gt => m.int_lt(rhs, lhs),
            Comparison::Ge => m.int_le(rhs, lhs),
            Comparison::Eq => m.same(lhs, rhs),
            Comparison::Ne => !m.same(lhs, rhs),
        });
    }
    if !M::RECORDS
        && matches!(comparison, Comparison::Eq | Comparison::Ne)
        && let Some(equal) = super::text::compare_lengths(m, lhs, rhs)
    {
        return Some(equal == (comparison == Comparison::Eq));
    }
    // An int is compared with a float exactly, not as a float, so both must be floats here.
    if m.is_float(lhs) && m.is_float(rhs) {
        let (x, y) = (number(m, lhs)?, number(m, rhs)?);
        return Some(match comparison {
            Comparison::Lt => m.float_lt(x, y),
            Comparison::Le => m.float_le(x, y),
            Comparison::Gt => m.float_lt(y, x),
            Comparison::Ge => m.float_le(y, x),
            Comparison::Eq => m.float_eq(x, y),
            Comparison::Ne => !m.float_eq(x, y),
        });
    }
    None
}

#[inline(always)]
fn compare<M: Machine>(m: &mut M, comparison: Comparison) -> Flow {
    let (lhs, rhs) = (m.get(m.instruction().b()), m.get(m.instruction().c()));
    let Some(truth) = simple(m, comparison, lhs, rhs) else {
        let selector = m.constant(Value::int(comparison as i64));
        return m.residual_last(&COMPARE, [lhs, rhs, selector], Some(m.instruction().a()));
    };
    let result = m.constant(bool_value(truth));
    m.set(m.instruction().a(), result);
    Flow::Next
}

/// Compares `a` with `rhs` and jumps where the truth is `wanted`.
#[inline(always)]
fn jump_on<M: Machine>(m: &mut M, comparison: Comparison, rhs: M::Val, wanted: bool) -> Flow {
    let lhs = m.get(m.instruction().a());
    let words = m.instruction().signed_c();
    let Some(truth) = simple(m, comparison, lhs, rhs) else {
        let selector = m.constant(Value::int(comparison as i64));
        return m.residual_jump(&COMPARE_TRUTH, [lhs, rhs, selector], bool_value(wanted), words, None);
    };
    if truth == wanted {
        m.jump(words);
    }
    Flow::Next
}

macro_rules! comparisons {
    ($( $Comparison:ident $name:ident $jump:ident $jump_not:ident $jump_int:ident $jump_not_int:ident; )*) => {$(
        /// The comparison as a value.
        #[inline(always)]
        pub fn $name<M: Machine>(m: &mut M) -> Flow {
            compare(m, Comparison::$Comparison)
        }
        /// Jumps if it holds.
        #[inline(always)]
        pub fn $jump<M: Machine>(m: &mut M) -> Flow {
            let rhs = m.get(m.instruction().b());
            jump_on(m, Comparison::$Comparison, rhs, true)
        }
        /// Jumps unless it holds.
        #[inline(always)]
        pub fn $jump_not<M: Machine>(m: &mut M) -> Flow {
            let rhs = m.get(m.instruction().b());
            jump_on(m, Comparison::$Comparison, rhs, false)
        }
        /// Jumps if it holds for a small int in the instruction.
        #[inline(always)]
        pub fn $jump_int<M: Machine>(m: &mut M) -> Flow {
            let rhs = m.constant(Value::int(m.instruction().signed_b()));
            jump_on(m, Comparison::$Comparison, rhs, true)
        }
        /// Jumps unless it holds for a small int in the instruction.
        #[inline(always)]
        pub fn $jump_not_int<M: Machine>(m: &mut M) -> Flow {
            let rhs = m.constant(Value::int(m.instruction().signed_b()));
            jump_on(m, Comparison::$Comparison, rhs, false)
        }
    )*};
}

comparisons! {
    Lt lt jump_if_lt jump_if_not_lt jump_if_lt_int jump_if_not_lt_int;
    Le le jump_if_le jump_if_not_le jump_if_le_int jump_if_not_le_int;
    Eq eq jump_if_eq jump_if_not_eq jump_if_eq_int jump_if_not_eq_int;
    Ne ne jump_if_ne jump_if_not_ne jump_if_ne_int jump_if_not_ne_int;
    Gt gt jump_if_gt jump_if_not_gt jump_if_gt_int jump_if_not_gt_int;
    Ge ge jump_if_ge jump_if_not_ge jump_if_ge_int jump_if_not_ge_int;
}

/// `b is c`.
#[inline(always)]
pub fn is<M: Machine>(m: &mut M) -> Flow {
    let (lhs, rhs) = (m.get(m.instruction().b()), m.get(m.instruction().c()));
    let truth = m.same(lhs, rhs);
    let result = m.constant(bool_value(truth));
    m.set(m.instruction().a(), result);
    Flow::Next
}

/// `b is not c`.
#[inline(always)]
pub fn is_not<M: Machine>(m: &mut M) -> Flow {
    let (lhs, rhs) = (m.get(m.instruction().b()), m.get(m.instruction().c()));
    let truth = m.same(lhs, rhs);
    let result = m.constant(bool_value(!truth));
    m.set(m.instruction().a(), result);
    Flow::Next
}

#[inline(always)]
fn jump_on_identity<M: Machine>(m: &mut M, wanted: bool) -> Flow {
    let (lhs, rhs) = (m.get(m.instruction().a()), m.get(m.instruction().b()));
    if m.same(lhs, rhs) == wanted {
        m.jump(m.instruction().signed_c());
    }
    Flow::Next
}

/// Jumps if `a is b`.
#[inline(always)]
pub fn jump_if_is<M: Machine>(m: &mut M) -> Flow {
    jump_on_identity(m, true)
}

/// Jumps if `a is not b`.
#[inline(always)]
pub fn jump_if_is_not<M: Machine>(m: &mut M) -> Flow {
    jump_on_identity(m, false)
}

/// Whether a dict or set contains an item, where that can be told in place.
#[inline(always)]
fn quickly_contains<M: Machine>(m: &mut M, container: M::Val, item: M::Val) -> Option<bool> {
    match m.look(container, item, peek)? {
        Peeked::Found(_) => Some(true),
        Peeked::Missing => Some(false),
        Peeked::Unclear => None,
    }
}

/// `b in c`.
#[inline(always)]
pub fn contains<M: Machine>(m: &mut M) -> Flow {
    let (item, container) = (m.get(m.instruction().b()), m.get(m.instruction().c()));
    if let Some(found) = quickly_contains(m, container, item) {
        let answer = m.constant(bool_value(found));
        m.set(m.instruction().a(), answer);
        return Flow::Next;
    }
    m.residual_last(&CONTAINS, [container, item], Some(m.instruction().a()))
}

/// `b not in c`.
#[inline(always)]
pub fn not_contains<M: Machine>(m: &mut M) -> Flow {
    let (item, container) = (m.get(m.instruction().b()), m.get(m.instruction().c()));
    if let Some(found) = quickly_contains(m, container, item) {
        let answer = m.constant(bool_value(!found));
        m.set(m.instruction().a(), answer);
        return Flow::Next;
    }
    m.residual_last(&NOT_CONTAINS, [container, item], Some(m.instruction().a()))
}

/// Jumps if `a in b` is as `wanted`.
#[inline(always)]
fn jump_on_membership<M: Machine>(m: &mut M, wanted: bool) -> Flow {
    let (item, container) = (m.get(m.instruction().a()), m.get(m.instruction().b()));
    if let Some(found) = quickly_contains(m, container, item) {
        if found == wanted {
            m.jump(m.instruction().signed_c());
        }
        return Flow::Next;
    }
    m.residual_jump(&CONTAINS, [container, item], bool_value(wanted), m.instruction().signed_c(), None)
}

/// Jumps if `a in b`.
#[inline(always)]
pub fn jump_if_in<M: Machine>(m: &mut M) -> Flow {
    jump_on_membership(m, true)
}

/// Jumps if `a not in b`.
#[inline(always)]
pub fn jump_if_not_in<M: Machine>(m: &mut M) -> Flow {
    jump_on_membership(m, false)
}

macro_rules! jumps_on_match {
    ($( $(#[$doc:meta])* $name:ident $wanted:literal; )*) => {$(
        $(#[$doc])*
        #[inline(always)]
        pub fn $name<M: Machine>(m: &mut M) -> Flow {
            let (raised, pattern) = (m.get(m.instruction().a()), m.get(m.instruction().b()));
            m.residual_jump(&MATCHES, [raised, pattern], bool_value($wanted), m.instruction().signed_c(), None)
        }
    )*};
}

jumps_on_match! {
    /// Jumps if exception `a` matches `b`.
    jump_if_match true;
    /// Jumps unless exception `a` matches `b`.
    jump_if_no_match false;
}
