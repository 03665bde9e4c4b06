//! Bounds, tried on all ranges within a small interval and at the ends of the small ints.

use super::{always_fits, may_raise, result_range};
use crate::facts::{INT_MAX, INT_MIN, Range};
use crate::fold::int_operation;
use vm_ir::Op;

const OPS: [Op; 10] = [
    Op::IntAdd,
    Op::IntSub,
    Op::IntMul,
    Op::IntFloorDiv,
    Op::IntMod,
    Op::IntShl,
    Op::IntShr,
    Op::IntAnd,
    Op::IntOr,
    Op::IntXor,
];

fn check(op: Op, lhs: Range, rhs: Range, xs: &[i64], ys: &[i64]) {
    let bounds = result_range(op, lhs, rhs);
    let fits = always_fits(op, lhs, rhs);
    for &x in xs.iter().filter(|x| lhs.contains(**x)) {
        for &y in ys.iter().filter(|y| rhs.contains(**y)) {
            match int_operation(op, x, y) {
                Some(result) => {
                    assert!(bounds.contains(result), "{op:?} {x} {y} = {result} outside {bounds:?} of {lhs:?} {rhs:?}")
                }
                None => assert!(!fits, "{op:?} {x} {y} does not fit, of {lhs:?} {rhs:?}"),
            }
        }
    }
}

#[test]
fn small_ranges() {
    let numbers: Vec<i64> = (-5..=5).collect();
    for op in OPS {
        for a in -5..=5 {
            for b in a..=5 {
                for c in -5..=5 {
                    for d in c..=5 {
                        check(op, Range { min: a, max: b }, Range { min: c, max: d }, &numbers, &numbers);
                    }
                }
            }
        }
    }
}

#[test]
fn ends_of_the_small_ints() {
    let numbers = [INT_MIN, INT_MIN + 1, -64, -2, -1, 0, 1, 2, 61, 62, 63, 64, INT_MAX - 1, INT_MAX];
    for op in OPS {
        for (n, a) in numbers.iter().enumerate() {
            for b in &numbers[n..] {
                for (m, c) in numbers.iter().enumerate() {
                    for d in &numbers[m..] {
                        check(op, Range { min: *a, max: *b }, Range { min: *c, max: *d }, &numbers, &numbers);
                    }
                }
            }
        }
    }
}

#[test]
fn bounds_are_tight_where_loops_need_them() {
    let below = Range { min: INT_MIN, max: INT_MAX - 1 };
    assert!(always_fits(Op::IntAdd, below, Range::only(1)));
    assert!(!always_fits(Op::IntAdd, Range::ALL, Range::only(1)));
    let index = Range { min: 0, max: 1 << 40 };
    assert_eq!(result_range(Op::IntSub, index, Range::only(1)), Range { min: -1, max: (1 << 40) - 1 });
    assert_eq!(result_range(Op::IntAnd, Range::ALL, Range::only(7)), Range { min: 0, max: 7 });
    assert_eq!(result_range(Op::IntMod, Range::ALL, Range::only(10)), Range { min: 0, max: 9 });
}

#[test]
fn exceptions_are_not_dropped() {
    assert!(may_raise(Op::IntFloorDiv, Range::ALL));
    assert!(!may_raise(Op::IntMod, Range { min: 1, max: 9 }));
    assert!(may_raise(Op::IntShl, Range::only(-1)));
    assert!(!may_raise(Op::IntAdd, Range::ALL));
}
