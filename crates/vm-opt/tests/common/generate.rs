//! Random recorded traces: what a recorder would write down while it executes random operations.
//!
//! An instruction is kept if the trace so far passes it in the state that is being recorded, which the evaluator says;
//! guards are written for what the values happen to be, many of them redundant. So the first turn runs through, and
//! later turns leave where the state has changed, or at the poll.

use super::{BASE, CELL, Numbers, answer, heap, object};
use std::collections::BTreeMap;
use vm_ir::{Call, Content, Effects, End, Environment, Inst, Left, Op, Ref, SimpleEnvironment, Snapshot, SnapshotId};
use vm_ir::{Trace, Type, evaluate, word};

/// Slots that programs use.
const LIVE: u64 = 7;
/// Where elements start in every object, and how many there are.
const ELEMENTS: i64 = 40;
const LENGTH: i64 = 4;
/// Size of objects that traces allocate.
const SIZE: i64 = ELEMENTS + 8 * LENGTH;

struct Generator {
    numbers: Numbers,
    start: SimpleEnvironment,
    trace: Trace,
    /// Results that can be used, with their words in the recorded state (floats unboxed).
    values: Vec<(Ref, u64)>,
    floats: Vec<(Ref, f64)>,
    /// What each written slot holds.
    written: BTreeMap<i32, Ref>,
    snapshot: SnapshotId,
}

/// A trace and the state in which it was recorded.
pub fn generate(seed: u64, length: usize) -> (Trace, SimpleEnvironment) {
    let mut numbers = Numbers(seed.wrapping_mul(0x2545_f491_4f6c_dd1d) + 1);
    let polls = 2 + numbers.below(6);
    let mut start = heap(&mut numbers, polls);
    start.answer = Some(answer);
    for slot in 0..LIVE {
        let word = match numbers.below(4) {
            0 | 1 => word::int(numbers.below(5) as i64),
            2 => word::object(object(numbers.below(3))),
            _ => word::small_float(numbers.below(40) as f64 / 4.0).unwrap(),
        };
        start.store(BASE + slot * 8, word);
    }
    // Some fields hold objects and floats.
    for _ in 0..6 {
        let at = object(numbers.below(3)) + 8 + 8 * numbers.below(3);
        let value = match numbers.below(2) {
            0 => word::object(object(numbers.below(3))),
            _ => word::small_float(numbers.below(40) as f64 / 4.0).unwrap(),
        };
        start.store(at, value);
    }
    let trace = Trace::new();
    let mut generator = Generator {
        numbers,
        start,
        trace,
        values: Vec::new(),
        floats: Vec::new(),
        written: BTreeMap::new(),
        snapshot: SnapshotId::NONE,
    };
    generator.new_snapshot();
    generator.read_slot();
    for _ in 0..length {
        generator.step();
    }
    generator.finish()
}

impl Generator {
    fn chance(&mut self, percent: u64) -> bool {
        self.numbers.below(100) < percent
    }

    fn value(&mut self) -> (Ref, u64) {
        let recent = self.values.len().min(6) as u64;
        let from_recent = self.chance(50);
        let n = if from_recent {
            self.values.len() - 1 - self.numbers.below(recent) as usize
        } else {
            self.numbers.below(self.values.len() as u64) as usize
        };
        self.values[n]
    }

    /// A value of a kind, guarded (again).
    fn guarded(&mut self, is_kind: fn(u64) -> bool, guard: Op) -> Option<Ref> {
        for _ in 0..8 {
            let (at, word) = self.value();
            if is_kind(word) {
                if !at.is_constant() {
                    self.guard(guard, &[at], 0);
                }
                return Some(at);
            }
        }
        None
    }

    fn int(&mut self) -> Option<Ref> {
        if self.chance(25) {
            let number = [0, 1, 2, 3, 8, -1][self.numbers.below(6) as usize];
            return Some(self.trace.constant(Type::Value, word::int(number)));
        }
        self.guarded(word::is_int, Op::GuardInt)
    }

    fn object(&mut self) -> Option<Ref> {
        self.guarded(word::is_object, Op::GuardObject)
    }

    fn float(&mut self) -> Option<Ref> {
        if !self.floats.is_empty() && self.chance(60) {
            let n = self.numbers.below(self.floats.len() as u64) as usize;
            return Some(self.floats[n].0);
        }
        if self.chance(20) {
            let number = [0.5f64, -0.0, 1.0, 2.0, 0.0][self.numbers.below(5) as usize];
            return Some(self.trace.constant(Type::Float, number.to_bits()));
        }
        let at = self.guarded(word::is_float, Op::GuardFloat)?;
        self.push(Op::UnboxFloat, &[at], 0)
    }

    fn new_snapshot(&mut self) {
        let entries: Vec<_> = self.written.iter().map(|(slot, at)| (*slot, Content::Ref(*at))).collect();
        let pc = 0x1000 + 8 * self.trace.snapshots.len() as u64;
        let top = self.trace.add_state(&entries);
        self.snapshot = self.trace.add_snapshot(Snapshot { pc, frame: 0, top, raise: false });
    }

    fn guard(&mut self, op: Op, operands: &[Ref], imm: i64) -> bool {
        self.push(op, operands, imm).is_some()
    }

    /// Emits an instruction if the recorded state passes it; returns its result, or any reference if it has none.
    fn push(&mut self, op: Op, operands: &[Ref], imm: i64) -> Option<Ref> {
        let leaves = matches!(op.kind(), vm_ir::Kind::Guard | vm_ir::Kind::PureGuard);
        let snapshot = if leaves { self.snapshot } else { SnapshotId::NONE };
        let at = self.trace.emit(op, operands, imm, snapshot);
        self.executed(at)
    }

    fn executed(&mut self, at: Ref) -> Option<Ref> {
        let ty = self.trace.insts[at.index()].ty;
        let content = if ty == Type::None { Vec::new() } else { vec![(1000, Content::Ref(at))] };
        let mark = self.trace.mark();
        let top = self.trace.add_state(&content);
        let probe = self.trace.add_snapshot(Snapshot { pc: 0, frame: 0, top, raise: false });
        self.trace.end = End::Exit(probe);
        let outcome = evaluate(&self.trace, BASE, &[], &mut self.start.clone(), 100_000).unwrap();
        self.trace.go_back(&mark);
        if outcome.left != Left::Exit {
            self.trace.insts.pop();
            return None;
        }
        if let Some((_, word)) = outcome.slots.first() {
            match ty {
                Type::Value => self.values.push((at, *word)),
                Type::Float if word::is_float(*word) => self.floats.push((at, word::as_float(*word))),
                _ => {}
            }
        }
        Some(at)
    }

    fn read_slot(&mut self) {
        let slot = self.numbers.below(LIVE) as i32;
        match self.written.get(&slot) {
            Some(at) => {
                let known = self.values.iter().find(|(value, _)| value == at).copied();
                self.values.extend(known);
            }
            None => {
                self.push(Op::Slot, &[], slot as i64);
            }
        }
    }

    fn write_slot(&mut self) {
        let slot = self.numbers.below(LIVE) as i32;
        let (at, _) = self.value();
        self.written.insert(slot, at);
        self.new_snapshot();
    }

    fn step(&mut self) {
        match self.numbers.below(20) {
            0 | 1 => self.read_slot(),
            2 | 3 => self.write_slot(),
            4..=6 => drop(self.int_operation()),
            7 => drop(self.compare_ints()),
            8..=9 => drop(self.float_operation()),
            10 => drop(self.compare_floats()),
            11 => self.guard_kind(),
            12 => drop(self.allocate()),
            13..=14 => drop(self.load()),
            15..=16 => drop(self.store()),
            17 => drop(self.elements()),
            18 => drop(self.identity()),
            _ => self.call(),
        }
    }

    fn int_operation(&mut self) -> Option<()> {
        const OPS: [Op; 11] = [
            Op::IntAdd,
            Op::IntAdd,
            Op::IntSub,
            Op::IntSub,
            Op::IntFloorDiv,
            Op::IntMod,
            Op::IntShr,
            Op::IntAnd,
            Op::IntOr,
            Op::IntXor,
            Op::IntMul,
        ];
        let op = OPS[self.numbers.below(11) as usize];
        let (a, b) = (self.int()?, self.int()?);
        self.push(op, &[a, b], 0).map(drop)
    }

    fn compare_ints(&mut self) -> Option<()> {
        let (a, b) = (self.int()?, self.int()?);
        let op = [Op::GuardIntLt, Op::GuardIntLe, Op::GuardBelow][self.numbers.below(3) as usize];
        if !self.guard(op, &[a, b], 0) && op != Op::GuardBelow {
            let opposite = if op == Op::GuardIntLt { Op::GuardIntLe } else { Op::GuardIntLt };
            self.guard(opposite, &[b, a], 0);
        }
        Some(())
    }

    fn float_operation(&mut self) -> Option<()> {
        let a = self.float()?;
        match self.numbers.below(8) {
            0 => self.push(Op::FloatNeg, &[a], 0),
            1 => self.push(Op::FloatAbs, &[a], 0),
            2..=3 => {
                let b = self.float()?;
                let op = [Op::FloatAdd, Op::FloatSub][self.numbers.below(2) as usize];
                self.push(op, &[a, b], 0)
            }
            4 => {
                let b = self.trace.constant(Type::Float, 0.5f64.to_bits());
                let op = [Op::FloatMul, Op::FloatDiv][self.numbers.below(2) as usize];
                self.push(op, &[a, b], 0)
            }
            5 => {
                let int = self.int()?;
                self.push(Op::IntToFloat, &[int], 0)
            }
            _ => self.push(Op::BoxFloat, &[a], 0),
        }
        .map(drop)
    }

    fn compare_floats(&mut self) -> Option<()> {
        let (a, b) = (self.float()?, self.float()?);
        let ops = [
            (Op::GuardFloatLt, Op::GuardFloatNotLt),
            (Op::GuardFloatLe, Op::GuardFloatNotLe),
            (Op::GuardFloatEq, Op::GuardFloatNe),
        ];
        let (op, opposite) = ops[self.numbers.below(3) as usize];
        if !self.guard(op, &[a, b], 0) {
            self.guard(opposite, &[a, b], 0);
        }
        Some(())
    }

    fn guard_kind(&mut self) {
        let (at, _) = self.value();
        const OPS: [Op; 6] =
            [Op::GuardInt, Op::GuardFloat, Op::GuardObject, Op::GuardNotInt, Op::GuardNotFloat, Op::GuardNotObject];
        let op = OPS[self.numbers.below(6) as usize];
        self.guard(op, &[at], 0);
    }

    fn identity(&mut self) -> Option<()> {
        let ((a, _), (b, _)) = (self.value(), self.value());
        if self.chance(40) {
            let a = self.object()?;
            let shape = 8 + self.numbers.below(8) as i64;
            if !self.guard(Op::GuardShape, &[a], shape) {
                self.guard(Op::GuardNotShape, &[a], shape);
            }
        } else if !self.guard(Op::GuardSame, &[a, b], 0) {
            self.guard(Op::GuardDiffer, &[a, b], 0);
        }
        Some(())
    }

    fn allocate(&mut self) -> Option<()> {
        let shape = 8 + self.numbers.below(3);
        let header = self.trace.constant(Type::Word, shape << 32);
        let at = self.push(Op::New, &[header], SIZE)?;
        for offset in [8, 16, 24] {
            if self.chance(60) {
                let (value, _) = self.value();
                self.push(Op::StoreField, &[at, value], offset);
            }
        }
        if self.chance(50) {
            let slot = self.numbers.below(LIVE) as i32;
            self.written.insert(slot, at);
            self.new_snapshot();
        }
        Some(())
    }

    fn load(&mut self) -> Option<()> {
        if self.chance(10) {
            return self.push(Op::LoadAbsolute, &[], CELL as i64).map(drop);
        }
        let at = self.object()?;
        let offset = 8 + 8 * self.numbers.below(3) as i64;
        // The last field is never stored to but right after the allocation.
        let (op, offset) = if self.chance(20) { (Op::LoadFinal, 32) } else { (Op::LoadField, offset) };
        self.push(op, &[at], offset).map(drop)
    }

    fn store(&mut self) -> Option<()> {
        let at = self.object()?;
        let (value, _) = self.value();
        let offset = 8 + 8 * self.numbers.below(3) as i64;
        self.push(Op::StoreField, &[at, value], offset);
        self.push(Op::Barrier, &[at], 0);
        self.new_snapshot();
        Some(())
    }

    fn elements(&mut self) -> Option<()> {
        let at = self.object()?;
        let index = self.int()?;
        let length = self.trace.constant(Type::Value, word::int(LENGTH));
        if !self.guard(Op::GuardBelow, &[index, length], 0) {
            return None;
        }
        if self.chance(50) {
            return self.push(Op::LoadElement, &[at, index], ELEMENTS).map(drop);
        }
        let (value, _) = self.value();
        self.push(Op::StoreElement, &[at, index, value], ELEMENTS);
        self.push(Op::Barrier, &[at], 0);
        self.new_snapshot();
        Some(())
    }

    fn call(&mut self) {
        let effects = [Effects::PURE, Effects::READS, Effects::WRITES.and(Effects::READS), Effects::ANY]
            [self.numbers.below(4) as usize];
        let only_reads = (effects == Effects::READS) as u64;
        let address = 0x7000 + 16 * self.numbers.below(3) + 2 * self.numbers.below(2) + only_reads;
        let arguments = (0..self.numbers.below(3)).map(|_| self.value().0).collect();
        let at = self.trace.emit_call(Call { name: "f", address, arguments, effects }, Type::Value);
        self.executed(at);
        self.new_snapshot();
    }

    /// Lets every written slot end with the kind of value that it started with, so that the loop can go on.
    fn keep_kinds(&mut self) {
        let kind = |word: u64| (word::is_int(word), word::is_float(word), word::is_object(word));
        for slot in self.written.keys().copied().collect::<Vec<i32>>() {
            let before = self.start.clone().load(BASE + slot as u64 * 8);
            let word_of =
                |at: Ref, values: &[(Ref, u64)]| values.iter().find(|(value, _)| *value == at).map(|(_, word)| *word);
            if word_of(self.written[&slot], &self.values).is_some_and(|word| kind(word) == kind(before)) {
                continue;
            }
            let alike: Vec<Ref> =
                self.values.iter().filter(|(_, word)| kind(*word) == kind(before)).map(|(at, _)| *at).collect();
            if alike.is_empty() {
                self.written.remove(&slot);
            } else {
                let at = alike[self.numbers.below(alike.len() as u64) as usize];
                self.written.insert(slot, at);
            }
        }
        self.new_snapshot();
    }

    fn finish(mut self) -> (Trace, SimpleEnvironment) {
        for _ in 0..1 + self.numbers.below(3) {
            self.write_slot();
        }
        if self.chance(60) {
            self.keep_kinds();
        }
        let none = Ref::NONE;
        let snapshot = self.snapshot;
        self.trace.push(Inst { op: Op::GuardPoll, ty: Type::None, a: none, b: none, c: none, snapshot, imm: 0 });
        self.trace.end = if self.chance(80) { End::Loop(snapshot) } else { End::Exit(snapshot) };
        (self.trace, self.start)
    }
}
