//! Every rule against the operation itself, on all small operands.

use super::{Fold, Term, float, fold, int, int_operation, is_int_operation};
use crate::facts::{Facts, INT_MAX, INT_MIN, Range};
use vm_ir::{Constant, Op, word};

fn unknown_int(range: Range) -> Term {
    Term { constant: None, facts: Facts::int(range) }
}

fn constant(constant: Constant) -> Term {
    Term { constant: Some(constant), facts: Facts::of(constant) }
}

/// What the folded form yields for the first operand `x`.
fn outcome(folded: Fold, x: i64) -> Option<i64> {
    match folded {
        Fold::Keep => unreachable!(),
        Fold::First => Some(x),
        Fold::Constant(constant) => Some(word::as_int(constant.bits)),
        Fold::Rewrite(op, rhs) => Some(int_operation(op, x, word::as_int(rhs.bits)).expect("it can't fail")),
        Fold::Never => None,
    }
}

#[test]
fn int_rules_on_all_small_operands() {
    let numbers: Vec<i64> = (-20..=20).chain([62, 63, 64, 128, INT_MIN, INT_MIN + 1, INT_MAX]).collect();
    let ranges = [Range::ALL, Range { min: 0, max: 7 }, Range { min: 0, max: 15 }, Range { min: -8, max: 8 }];
    let mut applied = 0;
    for op in Op::ALL.iter().copied().filter(|op| is_int_operation(*op)) {
        for &y in &numbers {
            for range in ranges {
                let folded = fold(op, unknown_int(range), constant(int(y)), false);
                if folded == Fold::Keep {
                    continue;
                }
                applied += 1;
                for &x in numbers.iter().filter(|x| range.contains(**x)) {
                    assert_eq!(outcome(folded, x), int_operation(op, x, y), "{op:?} {x} {y} {folded:?}");
                }
            }
            // Constants first and second.
            for &x in &numbers {
                let folded = fold(op, constant(int(x)), constant(int(y)), x == y);
                assert_eq!(outcome(folded, x), int_operation(op, x, y), "{op:?} {x} {y} {folded:?}");
            }
            // A constant first, an unknown in a range second.
            for range in ranges {
                let folded = fold(op, constant(int(y)), unknown_int(range), false);
                for &z in numbers.iter().filter(|z| range.contains(**z)) {
                    if folded != Fold::Keep {
                        assert_eq!(outcome(folded, y), int_operation(op, y, z), "{op:?} {y} {z} {folded:?}");
                    }
                }
            }
        }
        let folded = fold(op, unknown_int(Range::ALL), unknown_int(Range::ALL), true);
        for &x in &numbers {
            if folded != Fold::Keep {
                assert_eq!(outcome(folded, x), int_operation(op, x, x), "{op:?} {x} {x} {folded:?}");
            }
        }
    }
    assert!(applied > 40, "{applied} rules applied");
}

fn float_operation(op: Op, x: f64, y: f64) -> f64 {
    match op {
        Op::FloatAdd => x + y,
        Op::FloatSub => x - y,
        Op::FloatMul => x * y,
        _ => x / y,
    }
}

#[test]
fn float_rules_are_exact() {
    let numbers = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        0.1,
        2.0,
        -4.0,
        3.5,
        f64::MAX,
        f64::MIN_POSITIVE,
        5e-324,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NAN,
    ];
    let unknown = Term { constant: None, facts: Facts::UNKNOWN };
    let same = |left: f64, right: f64| left.to_bits() == right.to_bits() || left.is_nan() && right.is_nan();
    let mut applied = 0;
    for op in [Op::FloatAdd, Op::FloatSub, Op::FloatMul, Op::FloatDiv] {
        for y in numbers {
            for x in numbers {
                let expected = float_operation(op, x, y);
                for first in [unknown, constant(float(x))] {
                    let got = match fold(op, first, constant(float(y)), false) {
                        Fold::Keep => continue,
                        Fold::First => x,
                        Fold::Constant(constant) => f64::from_bits(constant.bits),
                        Fold::Rewrite(op, rhs) => float_operation(op, x, f64::from_bits(rhs.bits)),
                        Fold::Never => panic!("float operations have results"),
                    };
                    applied += 1;
                    assert!(same(got, expected), "{op:?} {x} {y}: {got} for {expected}");
                }
            }
        }
    }
    assert!(applied > 500, "{applied} rules applied");
}

#[test]
fn conversions() {
    let value = |bits| Constant { ty: vm_ir::Type::Value, bits };
    let half = word::small_float(0.5).unwrap();
    let no = Term { constant: None, facts: Facts::UNKNOWN };
    assert_eq!(fold(Op::BoxFloat, constant(float(0.5)), no, false), Fold::Constant(value(half)));
    assert_eq!(fold(Op::BoxFloat, constant(float(f64::INFINITY)), no, false), Fold::Keep);
    assert_eq!(fold(Op::UnboxFloat, constant(value(half)), no, false), Fold::Constant(float(0.5)));
    assert_eq!(fold(Op::IntToFloat, constant(int(-3)), no, false), Fold::Constant(float(-3.0)));
    assert_eq!(fold(Op::FloatSqrt, constant(float(-1.0)), no, false), Fold::Keep);
    assert_eq!(fold(Op::FloatSqrt, constant(float(9.0)), no, false), Fold::Constant(float(3.0)));
}
