//! Evaluates a recorded and an optimised trace on the same states and compares how they leave.
//!
//! The recorded trace of a loop runs turn by turn from memory, the optimised one in its own loop; both end at the poll
//! that asks for it, or at a guard. They must leave with the same bytecode address, the same live slots, and memory of
//! the same shape.

#![allow(dead_code)] // Each test file uses its part.

pub mod barriers;
pub mod generate;

use vm_ir::{Call, Effects, End, Environment, Left, Op, Ref, SimpleEnvironment, Trace, Type, evaluate, word};

/// Where the value stack starts.
pub const BASE: u64 = 0x10_0000;
/// How many slots there are.
pub const SLOTS: u64 = 64;
/// Objects in slots and constants of tests lie here.
const OBJECTS: u64 = 0x20_0000;

/// A cell of the runtime.
pub const CELL: u64 = 0x30_0000;

/// A deterministic source of numbers.
pub struct Numbers(pub u64);

impl Numbers {
    /// A number below `limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) % limit
    }
}

/// The address of an object of tests: its shape is `10 + n`, its words behind the header are small ints and floats.
pub fn object(n: u64) -> u64 {
    OBJECTS + n * 0x100
}

/// What calls of tests do: those with writes change two words, one of them in an argument; those that read return a
/// word that depends on memory.
pub fn answer(environment: &mut SimpleEnvironment, call: &Call, ty: Type, arguments: &[u64]) -> u64 {
    let objects: Vec<u64> = arguments.iter().copied().filter(|word| word::is_object(*word)).collect();
    if call.effects.has(Effects::WRITES) {
        let number = word::int(environment.calls.iter().filter(|(at, _)| at % 2 == 0).count() as i64);
        environment.store(object(call.address % 4) + 8 + 8 * (call.address / 16 % 4), number);
        environment.store(CELL, number);
        for object in &objects {
            environment.store(word::address(*object) + 16, number);
        }
    }
    let mut sum = 0u64;
    if call.effects.has(Effects::READS) {
        let places = objects.iter().map(|word| word::address(*word)).chain([object(0)]);
        let read: Vec<u64> = places.map(|object| environment.load(object + 8)).collect();
        sum = read.into_iter().filter(|word| word::is_int(*word)).fold(0, u64::wrapping_add);
    }
    let sum = arguments.iter().filter(|word| word::is_int(**word)).fold(sum, |sum, word| sum.wrapping_add(*word));
    let number = (sum >> 2 & 0xff) as i64;
    if ty == Type::Float { (number as f64).to_bits() } else { word::int(number) }
}

/// Objects with shapes and plausible contents, and a poll that asks after a few turns.
pub fn heap(numbers: &mut Numbers, polls: u64) -> SimpleEnvironment {
    let mut environment = SimpleEnvironment { polls_left: Some(polls), ..SimpleEnvironment::new() };
    environment.answer = Some(answer);
    for n in 0..8 {
        environment.store(object(n), (10 + n) << 32);
        for offset in (8..0x100).step_by(8) {
            let number = numbers.below(40) as i64;
            environment.store(object(n) + offset, word::int(number));
        }
    }
    environment
}

/// A state of the value stack and memory, as plausible for the trace as can be found by looking at its guards.
fn environment(trace: &Trace, seed: u64) -> SimpleEnvironment {
    let mut numbers = Numbers(seed.wrapping_mul(0x9e37_79b9));
    let mut environment = heap(&mut numbers, 3 + seed % 5);
    for slot in 0..SLOTS {
        let number = numbers.below(30) as i64 - 3;
        environment.store(BASE + slot * 8, word::int(number));
    }
    // Guards and loads say what a slot should hold.
    for inst in &trace.insts {
        let Some(slot) = slot_of(trace, inst.a) else { continue };
        let address = BASE + slot as u64 * 8;
        match inst.op {
            Op::GuardFloat | Op::UnboxFloat => {
                let number = numbers.below(100) as f64 / 4.0 + 1.0;
                environment.store(address, word::small_float(number).unwrap());
            }
            Op::GuardObject | Op::LoadField | Op::StoreField | Op::LoadElement | Op::StoreElement
                if word::is_int(environment.load(address)) =>
            {
                environment.store(address, word::object(object(numbers.below(4))));
            }
            Op::GuardShape => {
                environment.store(address, word::object(object((inst.imm as u64).saturating_sub(10) % 8)))
            }
            _ => {}
        }
    }
    environment
}

fn slot_of(trace: &Trace, at: Ref) -> Option<i64> {
    if at.is_constant() || at.is_none() {
        return None;
    }
    let inst = &trace.insts[at.index()];
    (inst.op == Op::Slot && (0..SLOTS as i64).contains(&inst.imm)).then_some(inst.imm)
}

/// Panics unless both traces leave alike from a number of states made up for the trace.
pub fn same_outcome(recorded: &Trace, optimised: &Trace, states: u64) {
    for seed in 0..states {
        let start = environment(recorded, seed);
        let of_type = |(n, ty): (usize, &Type)| match ty {
            Type::Float => (n as f64 + 0.5).to_bits(),
            _ => word::int(n as i64 + seed as i64),
        };
        let params: Vec<u64> = recorded.params.iter().enumerate().map(of_type).collect();
        same_outcome_from(recorded, optimised, &start, &params);
    }
}

/// Panics unless both traces leave alike from one state; returns how many turns the recorded one made.
pub fn same_outcome_from(recorded: &Trace, optimised: &Trace, start: &SimpleEnvironment, params: &[u64]) -> u64 {
    let (mut before, mut after) = (start.clone(), start.clone());
    let expected = evaluate(recorded, BASE, params, &mut before, 100_000);
    let found = evaluate(optimised, BASE, params, &mut after, 100_000);
    let context = || format!("{recorded}\nbecame\n{optimised}");
    let (Ok(expected), Ok(found)) = (expected, found) else { panic!("out of fuel\n{}", context()) };
    if let Left::Guard(index) = expected.left
        && matches!(recorded.insts[index].op, Op::IntAdd | Op::IntSub | Op::IntMul | Op::IntShl)
    {
        // An overflow whose result nobody uses need not leave.
        return expected.turns;
    }
    let left = &recorded.snapshots[expected.snapshot.0 as usize];
    let leaves = &optimised.snapshots[found.snapshot.0 as usize];
    assert_eq!((left.pc, left.frame, left.raise), (leaves.pc, leaves.frame, leaves.raise), "{}", context());
    // Slots that the recorded trace lists, and those that it left in memory in earlier turns.
    let mut slots: Vec<i64> = recorded.slots(expected.snapshot).iter().map(|(slot, _)| *slot as i64).collect();
    if let End::Loop(end) = recorded.end {
        slots.extend(recorded.slots(end).iter().map(|(slot, _)| *slot as i64));
    }
    let word_in = |environment: &mut SimpleEnvironment, slot: i64| environment.load((BASE as i64 + slot * 8) as u64);
    let roots: Vec<(u64, u64)> =
        slots.iter().map(|slot| (word_in(&mut before, *slot), word_in(&mut after, *slot))).collect();
    let stack = BASE - 8 * SLOTS..BASE + 8 * SLOTS;
    if let Some(difference) = before.difference(&after, &roots, stack) {
        panic!("{difference}, slots {slots:?}\n{}", context());
    }
    // Calls at odd addresses only read and may be left out.
    let calls = |environment: &SimpleEnvironment| {
        environment.calls.iter().map(|(at, _)| *at).filter(|at| at % 2 == 0).collect::<Vec<_>>()
    };
    assert_eq!(calls(&before), calls(&after), "{}", context());
    expected.turns
}
