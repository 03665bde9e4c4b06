//! Time to optimise, per recorded instruction, on traces of the kind a recorder writes: attributes of guarded objects,
//! checked int and boxed float arithmetic, a short-lived object per block, one snapshot per opcode.
//!
//! `cargo run --release -p vm-opt --example speed`

use std::time::Instant;
use vm_ir::{Call, Content, Effects, End, Op, Ref, Snapshot, SnapshotId, Trace, Type, word};
use vm_opt::{Optimiser, Options};

struct Recording {
    trace: Trace,
    slots: Vec<Ref>,
    written: usize,
    snapshot: SnapshotId,
}

impl Recording {
    fn opcode(&mut self) {
        let entries: Vec<_> = (0..self.written).map(|slot| (slot as i32, Content::Ref(self.slots[slot]))).collect();
        let pc = 8 * self.trace.snapshots.len() as u64;
        let top = self.trace.add_state(&entries);
        self.snapshot = self.trace.add_snapshot(Snapshot { pc, frame: 0, top, raise: false });
    }

    fn op(&mut self, op: Op, operands: &[Ref], imm: i64) -> Ref {
        let leaves = matches!(op.kind(), vm_ir::Kind::Guard | vm_ir::Kind::PureGuard);
        self.trace.emit(op, operands, imm, if leaves { self.snapshot } else { SnapshotId::NONE })
    }

    /// `slots[n] += self.field; f = f * 0.5 + 1.0; p = Point(slots[n], f); f = p.y`
    fn block(&mut self, n: usize) {
        self.opcode();
        let object = self.slots[7];
        self.op(Op::GuardObject, &[object], 0);
        self.op(Op::GuardShape, &[object], 17);
        let field = self.op(Op::LoadField, &[object], 16 + 8 * (n as i64 % 4));
        self.op(Op::GuardInt, &[field], 0);
        let counter = self.slots[n % 3];
        self.op(Op::GuardInt, &[counter], 0);
        let sum = self.op(Op::IntAdd, &[counter, field], 0);
        self.slots[n % 3] = sum;
        self.opcode();
        let float = self.slots[4];
        self.op(Op::GuardFloat, &[float], 0);
        let unboxed = self.op(Op::UnboxFloat, &[float], 0);
        let half = self.trace.constant(Type::Float, 0.5f64.to_bits());
        let product = self.op(Op::FloatMul, &[unboxed, half], 0);
        let boxed = self.op(Op::BoxFloat, &[product], 0);
        self.opcode();
        let header = self.trace.constant(Type::Word, 18 << 32);
        let point = self.op(Op::New, &[header], 32);
        self.op(Op::StoreField, &[point, sum], 8);
        self.op(Op::Barrier, &[point], 0);
        self.op(Op::StoreField, &[point, boxed], 16);
        self.op(Op::Barrier, &[point], 0);
        self.slots[5] = point;
        self.opcode();
        self.op(Op::GuardObject, &[point], 0);
        self.op(Op::GuardShape, &[point], 18);
        self.slots[4] = self.op(Op::LoadField, &[point], 16);
        self.opcode();
        self.op(Op::StoreField, &[object, sum], 16 + 8 * (n as i64 % 4));
        self.op(Op::Barrier, &[object], 0);
        if n % 16 == 15 {
            let call = Call { name: "look", address: 0x7000, arguments: vec![object], effects: Effects::READS };
            self.trace.emit_call(call, Type::None);
        }
    }
}

fn record(blocks: usize) -> Trace {
    let mut trace = Trace::new();
    let slots = (0..8).map(|slot| trace.emit(Op::Slot, &[], slot, SnapshotId::NONE)).collect();
    let mut recording = Recording { trace, slots, written: 6, snapshot: SnapshotId::NONE };
    recording.slots[5] = recording.trace.constant(Type::Value, word::int(0));
    for n in 0..blocks {
        recording.block(n);
    }
    recording.opcode();
    recording.op(Op::GuardPoll, &[], 0);
    recording.trace.end = End::Loop(recording.snapshot);
    recording.trace
}

fn main() {
    let mut optimiser = Optimiser::new();
    for blocks in [1, 4, 16, 64] {
        let recorded = record(blocks);
        let rounds = 20_000 / blocks;
        let mut best = f64::INFINITY;
        let mut result = None;
        for _ in 0..5 {
            let start = Instant::now();
            for _ in 0..rounds {
                result = optimiser.optimise(&recorded, &Options::default()).ok();
            }
            best = best.min(start.elapsed().as_nanos() as f64 / rounds as f64);
        }
        let Some((_, statistics)) = result else { panic!("refused") };
        let per_instruction = best / recorded.insts.len() as f64;
        println!("{per_instruction:6.1} ns per recorded instruction, {:7.1} us in all: {statistics:?}", best / 1000.0);
    }
}
