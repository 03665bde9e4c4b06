//! The evaluator on traces whose outcome is known.

use vm_ir::{Environment, Outcome};
use vm_ir::{EvaluationError, Left, SimpleEnvironment, SnapshotId, Trace, evaluate, word};

const BASE: u64 = 0x1000;

fn run(text: &str, slots: &[u64], environment: &mut SimpleEnvironment) -> Outcome {
    let trace: Trace = text.parse().unwrap();
    vm_ir::verify(&trace).unwrap();
    for (n, word) in slots.iter().enumerate() {
        environment.store(BASE + 8 * n as u64, *word);
    }
    evaluate(&trace, BASE, &[], environment, 100_000).unwrap()
}

/// Evaluates one operation on two small ints; `None` if it left.
fn int_operation(name: &str, lhs: i64, rhs: i64) -> Option<i64> {
    let text = format!("v0 = {name} {lhs}, {rhs} @0\nexit @1\n@0 {{pc=0, frame=0}}\n@1 {{pc=1, frame=0, 0=v0}}");
    let outcome = run(&text, &[], &mut SimpleEnvironment::new());
    match outcome.left {
        Left::Exit => Some(word::as_int(outcome.slots[0].1)),
        _ => None,
    }
}

#[test]
fn a_loop_counts() {
    let slots = [word::int(0), word::int(10), word::int(0)];
    let outcome = run(include_str!("ir/loop.ir"), &slots, &mut SimpleEnvironment::new());
    assert_eq!(outcome.left, Left::Guard(12));
    assert_eq!(outcome.slots, [(0, word::int(10)), (2, word::int(45))]);
    assert_eq!(outcome.turns, 9);
}

#[test]
fn a_poll_stops_the_loop() {
    let mut environment = SimpleEnvironment { polls_left: Some(3), ..SimpleEnvironment::new() };
    let outcome = run(include_str!("ir/loop.ir"), &[0, word::int(1000), 0], &mut environment);
    assert_eq!((outcome.left, outcome.snapshot), (Left::Guard(15), SnapshotId(2)));
    assert_eq!(outcome.slots, [(0, word::int(5)), (2, word::int(10))]);
}

#[test]
fn fuel_ends() {
    let trace: Trace = "label\nloop".parse().unwrap();
    assert_eq!(evaluate(&trace, BASE, &[], &mut SimpleEnvironment::new(), 99), Err(EvaluationError::OutOfFuel));
}

#[test]
fn a_recorded_loop_writes_its_slots_each_turn() {
    let text = "v0 = slot[0]\nguard_int_lt v0, 5 @0\nv2 = int_add v0, 1 @0\nloop @1\n@0 {pc=0, frame=0}\n@1 {pc=0, frame=0, 0=v2}";
    let mut environment = SimpleEnvironment::new();
    let outcome = run(text, &[0], &mut environment);
    assert_eq!((outcome.left, outcome.turns), (Left::Guard(1), 5));
    assert_eq!(environment.load(BASE), word::int(5));
}

#[test]
fn integer_corners() {
    let max = i64::MAX >> 2;
    let cases = [
        ("int_add", max, 1, None),
        ("int_sub", -max, 2, None),
        ("int_sub", -max, 1, Some(-max - 1)),
        ("int_mul", 1 << 40, 1 << 20, Some(1 << 60)),
        ("int_mul", 1 << 41, 1 << 20, None),
        ("int_floor_div", -7, 2, Some(-4)),
        ("int_floor_div", 7, -2, Some(-4)),
        ("int_floor_div", -8, 2, Some(-4)),
        ("int_floor_div", 1, 0, None),
        ("int_floor_div", -max - 1, -1, None),
        ("int_mod", -7, 2, Some(1)),
        ("int_mod", 7, -2, Some(-1)),
        ("int_mod", 7, 0, None),
        ("int_shl", 1, 60, Some(1 << 60)),
        ("int_shl", 1, 61, None),
        ("int_shl", -1, 61, Some(-max - 1)),
        ("int_shl", 0, 62, None),
        ("int_shl", 1, -1, None),
        ("int_shr", -1, 100, Some(-1)),
        ("int_shr", 100, 3, Some(12)),
        ("int_shr", 100, -3, None),
    ];
    for (name, lhs, rhs, expected) in cases {
        assert_eq!(int_operation(name, lhs, rhs), expected, "{name} {lhs} {rhs}");
    }
}

#[test]
fn virtuals_are_allocated_once_and_floats_boxed() {
    let text = "v0 = slot[0]\nexit @0\n@0 {pc=0, frame=0, 0=%0, 1=%0, 2=&3, 3=2.5, 4=1e300}\n%0 {size=24, header=0x700, 8=v0, 16=%1}\n%1 {size=16, header=0x800, 8=%0}";
    let mut environment = SimpleEnvironment::new();
    let outcome = run(text, &[word::int(9)], &mut environment);
    let object = outcome.slots[0].1;
    assert_eq!(outcome.slots[1].1, object);
    assert_eq!(outcome.slots[2].1, BASE + 24);
    assert_eq!(word::as_float(outcome.slots[3].1), 2.5);
    assert_eq!(f64::from_bits(environment.load(word::address(outcome.slots[4].1) + 8)), 1e300);
    assert_eq!(environment.load(word::address(object)), 0x700);
    assert_eq!(environment.load(word::address(object) + 8), word::int(9));
    let inner = environment.load(word::address(object) + 16);
    assert_eq!(environment.load(word::address(inner) + 8), object);
}

#[test]
fn graphs_compare_whatever_their_addresses() {
    let both = |first: bool| {
        let order = if first {
            "v0 = new[16] word:0x100\nv1 = new[16] word:0x200"
        } else {
            "v1 = new[16] word:0x200\nv0 = new[16] word:0x100"
        };
        let text = format!("{order}\nstore[8] v0, v1\nstore[8] v1, v0\nexit @0\n@0 {{pc=0, frame=0, 0=v0}}");
        let mut environment = SimpleEnvironment::new();
        let outcome = run(&text, &[], &mut environment);
        (environment, outcome.slots[0].1)
    };
    let ((mut a, x), (b, y)) = (both(true), both(false));
    let stack = BASE..BASE + 64;
    assert_ne!(x, y);
    assert_eq!(a.difference(&b, &[(x, y)], stack.clone()), None);
    a.store(word::address(x) + 8, word::int(1));
    assert!(a.difference(&b, &[(x, y)], stack).is_some());
}

#[test]
fn the_value_word_is_the_heap_s() {
    use vm_heap::Value;
    for number in [0, 1, -1, i64::MAX >> 2, i64::MIN >> 2, 12345] {
        assert_eq!(word::int(number), Value::int(number).bits());
        assert_eq!(word::as_int(word::int(number)), number);
    }
    for number in [0.0, -0.0, 1.0, -2.5, 1e300, 1e-300, f64::NAN, f64::INFINITY, 1.7e-77, 2.3e77, 1.6e-77, 2.4e77] {
        assert_eq!(word::small_float(number), Value::small_float(number).map(Value::bits), "{number}");
        if let Some(bits) = word::small_float(number) {
            assert_eq!(word::as_float(bits).to_bits(), number.to_bits());
        }
    }
    for bits in 0..64 {
        let value = Value::from_bits(bits);
        assert_eq!(
            (word::is_int(bits), word::is_float(bits), word::is_object(bits)),
            (value.is_int(), value.is_float(), value.is_object())
        );
    }
    assert_eq!(word::object(0x1000), Value::object(0x1000).bits());
    assert_eq!(word::SHAPE_OFFSET, vm_heap::SHAPE_OFFSET);
}
