//! Every implication, tried on all pairs of a few ints and floats.

use super::{EXCLUDED, IMPLIED, Order};
use std::cmp::Ordering::{Equal, Less};
use vm_ir::Op;

/// Whether the guard passes; `None` if it does not take ints (or floats).
fn passes(op: Op, x: f64, y: f64, floats: bool) -> Option<bool> {
    let ints = (x as i64, y as i64);
    Some(match op {
        Op::GuardIntLt if !floats => ints.0 < ints.1,
        Op::GuardIntLe if !floats => ints.0 <= ints.1,
        Op::GuardBelow if !floats => (ints.0 as u64) < ints.1 as u64,
        Op::GuardSame if !floats => ints.0 == ints.1,
        Op::GuardDiffer if !floats => ints.0 != ints.1,
        Op::GuardFloatLt if floats => x < y,
        Op::GuardFloatLe if floats => x <= y,
        Op::GuardFloatEq if floats => x == y,
        Op::GuardFloatNotLt if floats => x.partial_cmp(&y) != Some(Less),
        Op::GuardFloatNotLe if floats => !matches!(x.partial_cmp(&y), Some(Less | Equal)),
        Op::GuardFloatNe if floats => x != y,
        _ => return None,
    })
}

#[test]
fn tables_are_true() {
    let numbers = [-2.0, -1.0, -0.0, 0.0, 1.0, 2.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN];
    for (table, holds) in [(IMPLIED, true), (EXCLUDED, false)] {
        for (asked, known, order) in table {
            let mut tried = 0;
            for floats in [false, true] {
                for x in numbers {
                    for y in numbers {
                        let is_pair_of_ints = x.is_finite() && y.is_finite();
                        if !floats && !is_pair_of_ints {
                            continue;
                        }
                        let (first, second) = if *order == Order::Same { (x, y) } else { (y, x) };
                        if passes(*known, first, second, floats) == Some(true) {
                            assert_eq!(
                                passes(*asked, x, y, floats),
                                Some(holds),
                                "{asked:?} {known:?} {order:?} {x} {y}"
                            );
                            tried += 1;
                        }
                    }
                }
            }
            assert!(tried > 0, "{asked:?} {known:?} was never tried");
        }
    }
}
