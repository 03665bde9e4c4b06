//! Random well-typed traces. A trace is built around pools of values by kind; afterwards `settle` turns round guards
//! that fail too early, so that most runs get far.

use super::{FUNCTIONS, World, run_evaluator};
use vm_ir::{Call, Content, Effects, End, Inst, Kind, Op, Ref, Snapshot, SnapshotId, Trace, Type, Virtual, word};

/// SplitMix64 (Steele, Lea and Flood, 2014).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ word >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ word >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ word >> 31
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    pub fn int(&mut self) -> i64 {
        match self.below(8) {
            0 => 0,
            1..=3 => self.below(20) as i64 - 5,
            4 | 5 => self.below(1 << 20) as i64 - (1 << 19),
            6 => self.next() as i64 >> self.below(40).max(2),
            _ => self.pick(&[i64::MAX >> 2, i64::MIN >> 2, 1 << 32, -1]),
        }
    }

    pub fn float(&mut self) -> f64 {
        match self.below(8) {
            0 => self.pick(&[0.0, -0.0, 1.0, -1.5]),
            1 => self.pick(&[1e300, -1e-300, 1e76, 2.5e-77]),
            2 => self.below(100) as f64,
            _ => (self.next() as i64 >> 20) as f64 / 65536.0,
        }
    }
}

/// How inputs are read and which slots hold what.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Input {
    Int,
    Float,
    Object,
}

pub struct Generator<'a> {
    pub random: &'a mut Random,
    pub trace: Trace,
    ints: Vec<Ref>,
    floats: Vec<Ref>,
    /// Prepared objects of 64 words.
    objects: Vec<Ref>,
    /// New objects and their sizes.
    fresh: Vec<(Ref, i64)>,
    anything: Vec<Ref>,
    words: Vec<Ref>,
    /// How far back operands are taken from.
    reach: usize,
    pub inputs: Vec<Input>,
}

fn recent(random: &mut Random, pool: &[Ref], reach: usize) -> Option<Ref> {
    if pool.is_empty() {
        return None;
    }
    let window = pool.len().min(reach);
    Some(pool[pool.len() - 1 - random.below(window)])
}

impl<'a> Generator<'a> {
    pub fn new(random: &'a mut Random, world: &World) -> Generator<'a> {
        let reach = random.pick(&[3, 8, 20, 60, 200]);
        let mut trace = Trace::new();
        let objects = vec![trace.constant(Type::Value, world.object(1)), trace.constant(Type::Value, world.object(2))];
        Generator {
            random,
            trace,
            ints: vec![],
            floats: vec![],
            objects,
            fresh: vec![],
            anything: vec![],
            words: vec![],
            reach,
            inputs: vec![],
        }
    }

    /// Inputs from value-stack slots, guarded.
    pub fn read_inputs(&mut self, count: usize) {
        for slot in 0..count {
            let input = self.random.pick(&[Input::Int, Input::Int, Input::Float, Input::Float, Input::Object]);
            self.inputs.push(input);
            let value = self.trace.emit(Op::Slot, &[], slot as i64, SnapshotId::NONE);
            let snapshot = self.snapshot();
            match input {
                Input::Int => {
                    self.trace.emit(Op::GuardInt, &[value], 0, snapshot);
                    self.ints.push(value);
                }
                Input::Float => {
                    self.trace.emit(Op::GuardFloat, &[value], 0, snapshot);
                    let float = self.trace.emit(Op::UnboxFloat, &[value], 0, SnapshotId::NONE);
                    self.floats.push(float);
                }
                Input::Object => {
                    self.trace.emit(Op::GuardObject, &[value], 0, snapshot);
                    self.objects.push(value);
                }
            }
            self.anything.push(value);
        }
    }

    /// Parameters of a bridge: of unknown kinds, except for floats.
    pub fn read_params(&mut self, types: &[Type]) {
        self.trace.params = types.to_vec();
        for (number, ty) in types.iter().enumerate() {
            let inst = Inst {
                op: Op::Param,
                ty: *ty,
                a: Ref::NONE,
                b: Ref::NONE,
                c: Ref::NONE,
                snapshot: SnapshotId::NONE,
                imm: number as i64,
            };
            let at = self.trace.push(inst);
            match ty {
                Type::Float => self.floats.push(at),
                Type::Word => self.words.push(at),
                _ => self.anything.push(at),
            }
        }
    }

    fn int(&mut self) -> Ref {
        if !self.random.one_in(6)
            && let Some(at) = recent(self.random, &self.ints, self.reach)
        {
            return at;
        }
        let number = word::int(self.random.int().clamp(i64::MIN >> 2, i64::MAX >> 2));
        self.trace.constant(Type::Value, number)
    }

    fn float(&mut self) -> Ref {
        if !self.random.one_in(6)
            && let Some(at) = recent(self.random, &self.floats, self.reach)
        {
            return at;
        }
        let number = self.random.float();
        self.trace.constant(Type::Float, number.to_bits())
    }

    fn object(&mut self) -> Ref {
        recent(self.random, &self.objects, self.reach).expect("there are constant objects")
    }

    fn value(&mut self) -> Ref {
        match self.random.below(4) {
            0 => self.int(),
            1 => self.object(),
            2 if !self.fresh.is_empty() => {
                let at = self.random.below(self.fresh.len());
                self.fresh[at].0
            }
            _ => recent(self.random, &self.anything, self.reach).unwrap_or(self.objects[0]),
        }
    }

    fn content(&mut self, depth: usize) -> Content {
        match self.random.below(12) {
            0 if depth == 0 => Content::FrameAddress(self.random.below(40) as i32 - 20),
            1 if depth < 2 => {
                let size = 8 * (2 + self.random.below(4)) as u32;
                let mut fields = Vec::new();
                for offset in (8..size).step_by(8) {
                    if !self.random.one_in(3) {
                        fields.push((offset, self.content(depth + 1)));
                    }
                }
                self.trace.virtuals.push(Virtual { size, header: self.random.next() & !1, fields });
                Content::Virtual(self.trace.virtuals.len() as u32 - 1)
            }
            2..=4 => Content::Ref(self.float()),
            5 => match recent(self.random, &self.words, self.reach) {
                Some(at) => Content::Ref(at),
                None => Content::Ref(self.int()),
            },
            6..=8 => Content::Ref(self.int()),
            _ => Content::Ref(self.value()),
        }
    }

    pub fn snapshot(&mut self) -> SnapshotId {
        if self.random.one_in(4) && !self.trace.snapshots.is_empty() {
            return SnapshotId(self.trace.snapshots.len() as u32 - 1);
        }
        let mut entries = Vec::new();
        let mut slot = self.random.below(6) as i32 - 3;
        for _ in 0..self.random.below(self.reach.min(40)) {
            entries.push((slot, self.content(0)));
            slot += 1 + self.random.below(3) as i32;
        }
        let pc = self.trace.snapshots.len() as u64;
        let top = self.trace.add_state(&entries);
        self.trace.add_snapshot(Snapshot { pc, frame: 0, top, raise: false })
    }

    /// One random operation.
    pub fn operation(&mut self) {
        match self.random.below(20) {
            0..=4 => self.int_operation(),
            5..=8 => self.float_operation(),
            9..=11 => self.guard(),
            12..=14 => self.memory_operation(),
            15 => self.call(),
            16 => self.allocation(),
            17 => {
                let float = self.float();
                let at = self.trace.emit(Op::BoxFloat, &[float], 0, SnapshotId::NONE);
                self.anything.push(at);
            }
            18 => {
                let int = self.int();
                let at = self.trace.emit(Op::IntToFloat, &[int], 0, SnapshotId::NONE);
                self.floats.push(at);
            }
            _ => self.address_operation(),
        }
    }

    fn int_operation(&mut self) {
        let op = self.random.pick(&[
            Op::IntAdd,
            Op::IntAdd,
            Op::IntSub,
            Op::IntSub,
            Op::IntMul,
            Op::IntFloorDiv,
            Op::IntMod,
            Op::IntShl,
            Op::IntShr,
            Op::IntAnd,
            Op::IntOr,
            Op::IntXor,
        ]);
        let (a, b) = (self.int(), self.int());
        let snapshot = if op.kind() == Kind::PureGuard { self.snapshot() } else { SnapshotId::NONE };
        let at = self.trace.emit(op, &[a, b], 0, snapshot);
        self.ints.push(at);
        self.anything.push(at);
    }

    fn float_operation(&mut self) {
        let (a, b) = (self.float(), self.float());
        let op = self.random.pick(&[
            Op::FloatAdd,
            Op::FloatSub,
            Op::FloatMul,
            Op::FloatDiv,
            Op::FloatNeg,
            Op::FloatAbs,
            Op::FloatSqrt,
        ]);
        let operands = if op.operands() == 1 { vec![a] } else { vec![a, b] };
        let at = self.trace.emit(op, &operands, 0, SnapshotId::NONE);
        self.floats.push(at);
    }

    fn guard(&mut self) {
        let (op, operands, imm) = match self.random.below(6) {
            0 => {
                let op = self.random.pick(&[
                    Op::GuardFloat,
                    Op::GuardObject,
                    Op::GuardNotInt,
                    Op::GuardNotFloat,
                    Op::GuardNotObject,
                ]);
                (op, vec![self.value()], 0)
            }
            1 => (
                self.random.pick(&[Op::GuardShape, Op::GuardNotShape]),
                vec![self.object()],
                17 + self.random.below(3) as i64,
            ),
            2 => (self.random.pick(&[Op::GuardSame, Op::GuardDiffer]), vec![self.value(), self.value()], 0),
            3 => {
                let op = self.random.pick(&[Op::GuardIntLt, Op::GuardIntLe, Op::GuardBelow]);
                (op, vec![self.int(), self.int()], 0)
            }
            4 => (Op::GuardPoll, vec![], 0),
            _ => {
                let op = self.random.pick(&[
                    Op::GuardFloatLt,
                    Op::GuardFloatLe,
                    Op::GuardFloatEq,
                    Op::GuardFloatNotLt,
                    Op::GuardFloatNotLe,
                    Op::GuardFloatNe,
                ]);
                (op, vec![self.float(), self.float()], 0)
            }
        };
        let snapshot = self.snapshot();
        self.trace.emit(op, &operands, imm, snapshot);
    }

    fn memory_operation(&mut self) {
        let object = self.object();
        let offset = 8 * (2 + self.random.below(30)) as i64;
        let none = SnapshotId::NONE;
        match self.random.below(7) {
            0 => {
                let at = self.trace.emit(Op::LoadField, &[object], offset, none);
                self.anything.push(at);
            }
            1 => {
                let at = self.trace.emit(Op::LoadFloatFinal, &[object], 8, none);
                self.floats.push(at);
            }
            2 => {
                let value = self.value();
                self.trace.emit(Op::StoreField, &[object, value], offset, none);
                self.trace.emit(Op::Barrier, &[object], 0, none);
            }
            3 | 4 => {
                // Indices are masked into the object.
                let (int, mask) = (self.int(), self.trace.constant(Type::Value, word::int(15)));
                let index = self.trace.emit(Op::IntAnd, &[int, mask], 0, none);
                if self.random.one_in(2) {
                    let at = self.trace.emit(Op::LoadElement, &[object, index], offset, none);
                    self.anything.push(at);
                } else {
                    let value = self.value();
                    self.trace.emit(Op::StoreElement, &[object, index, value], offset, none);
                }
            }
            5 => {
                let (slot, value) = (self.random.below(40) as i64 - 60, self.value());
                self.trace.emit(Op::StoreSlot, &[value], slot, none);
            }
            _ => {
                // Something unknown turns out to be an int.
                let value = self.trace.emit(Op::LoadField, &[object], offset, none);
                let snapshot = self.snapshot();
                self.trace.emit(Op::GuardInt, &[value], 0, snapshot);
                self.ints.push(value);
            }
        }
    }

    fn allocation(&mut self) {
        let none = SnapshotId::NONE;
        if self.random.one_in(2) && !self.fresh.is_empty() {
            let (object, size) = self.fresh[self.random.below(self.fresh.len())];
            let offset = 8 * (1 + self.random.below(size as usize / 8 - 1)) as i64;
            if self.random.one_in(2) {
                let value = self.value();
                self.trace.emit(Op::StoreField, &[object, value], offset, none);
            } else {
                let at = self.trace.emit(Op::LoadField, &[object], offset, none);
                self.anything.push(at);
            }
            return;
        }
        let size = 8 * (2 + self.random.below(6)) as i64;
        let size = if self.random.one_in(20) { 264 } else { size };
        let header = match recent(self.random, &self.words, self.reach) {
            Some(at) if self.random.one_in(2) => at,
            _ => {
                let shift = self.random.below(60);
                let header = (self.random.next() >> shift) & !1;
                self.trace.constant(Type::Word, header)
            }
        };
        let at = self.trace.emit(Op::New, &[header], size, none);
        self.fresh.push((at, size));
    }

    fn address_operation(&mut self) {
        let none = SnapshotId::NONE;
        let at = match self.random.below(4) {
            0 => self.trace.emit(Op::Thread, &[], 0, none),
            1 => {
                let slot = self.random.below(100) as i64 - 50;
                self.trace.emit(Op::SlotAddress, &[], slot, none)
            }
            2 => {
                let object = self.object();
                let word = self.trace.emit(Op::ValueToWord, &[object], 0, none);
                let back = self.trace.emit(Op::WordToValue, &[word], 0, none);
                self.objects.push(back);
                word
            }
            _ => {
                let object = self.object();
                self.trace.emit(Op::LoadWordFinal, &[object], 0, none)
            }
        };
        self.words.push(at);
    }

    fn call(&mut self) {
        let function = &FUNCTIONS[self.random.below(FUNCTIONS.len())];
        let arguments: Vec<Ref> =
            function.arguments.iter().map(|ty| if *ty == Type::Float { self.float() } else { self.value() }).collect();
        let call = Call { name: function.name, address: (function.address)(), arguments, effects: Effects::ANY };
        let at = self.trace.emit_call(call, function.result);
        match function.result {
            Type::None => {}
            Type::Float => self.floats.push(at),
            _ => {
                self.ints.push(at);
                self.anything.push(at);
            }
        }
    }

    /// A label with phis, a body and the way back; leaves after some turns.
    pub fn loop_of(&mut self, operations: usize) {
        let none = SnapshotId::NONE;
        let mut entries: Vec<(Ref, u8)> = Vec::new();
        for _ in 0..1 + self.random.below(14) {
            match self.random.below(4) {
                0 | 1 => entries.push((self.int(), 0)),
                2 => entries.push((self.float(), 1)),
                _ => entries.push((self.object(), 2)),
            }
        }
        self.trace.emit(Op::Label, &[], 0, none);
        let zero = self.trace.constant(Type::Value, 0);
        let phi = |trace: &mut Trace, at: Ref| {
            let ty = trace.type_of(at);
            trace.push(Inst { op: Op::Phi, ty, a: at, b: at, c: Ref::NONE, snapshot: none, imm: 0 })
        };
        let counter = phi(&mut self.trace, zero);
        let phis: Vec<Ref> = entries.iter().map(|(at, _)| phi(&mut self.trace, *at)).collect();
        for (at, (_, kind)) in phis.iter().zip(&entries) {
            [&mut self.ints, &mut self.floats, &mut self.objects][*kind as usize].push(*at);
        }
        let turns = 1 + self.random.below(30) as i64;
        let limit = self.trace.constant(Type::Value, word::int(turns));
        let snapshot = self.snapshot();
        self.trace.emit(Op::GuardIntLt, &[counter, limit], 0, snapshot);
        for _ in 0..operations {
            self.operation();
        }
        let one = self.trace.constant(Type::Value, word::int(1));
        let snapshot = self.snapshot();
        let next = self.trace.emit(Op::IntAdd, &[counter, one], 0, snapshot);
        self.trace.insts[counter.index()].b = next;
        for (at, (_, kind)) in phis.iter().zip(&entries) {
            let next = match kind {
                0 => self.int(),
                1 => self.float(),
                _ => self.object(),
            };
            self.trace.insts[at.index()].b = next;
        }
        self.trace.end = End::Loop(none);
    }

    pub fn exit(&mut self) {
        let snapshot = self.snapshot();
        self.trace.end = End::Exit(snapshot);
    }
}

/// Random words for input slots.
pub fn set_inputs(random: &mut Random, inputs: &[Input], world: &mut World) {
    for (slot, input) in inputs.iter().enumerate() {
        let word = match input {
            Input::Int => word::int(random.int().clamp(i64::MIN >> 2, i64::MAX >> 2)),
            Input::Float => word::small_float(random.float()).unwrap_or(word::small_float(0.5).unwrap()),
            Input::Object => world.object(random.below(64)),
        };
        world.set_slot(slot as i32, word);
    }
}

/// Turns round guards at which a run from the world's present state leaves, until it gets to the end or the loop.
pub fn settle(random: &mut Random, trace: &mut Trace, params: &[u64], world: &mut World) {
    let state = world.save();
    for _ in 0..trace.insts.len() {
        let observed = run_evaluator(trace, params, world, 100_000);
        world.restore(&state);
        let Some(inst) = observed.and_then(|observed| trace.insts.get_mut(observed.instruction)) else { return };
        if random.one_in(40) {
            return;
        }
        let swap = |inst: &mut Inst, op: Op| {
            inst.op = op;
            std::mem::swap(&mut inst.a, &mut inst.b);
        };
        match inst.op {
            // What follows relies on it.
            Op::GuardInt => return,
            Op::GuardFloat => inst.op = Op::GuardNotFloat,
            Op::GuardObject => inst.op = Op::GuardNotObject,
            Op::GuardNotInt => inst.op = Op::GuardInt,
            Op::GuardNotFloat => inst.op = Op::GuardFloat,
            Op::GuardNotObject => inst.op = Op::GuardObject,
            Op::GuardShape => inst.op = Op::GuardNotShape,
            Op::GuardNotShape => inst.op = Op::GuardShape,
            Op::GuardSame => inst.op = Op::GuardDiffer,
            Op::GuardDiffer => inst.op = Op::GuardSame,
            Op::GuardIntLt if inst.a != inst.b => swap(inst, Op::GuardIntLe),
            Op::GuardIntLe => swap(inst, Op::GuardIntLt),
            Op::GuardBelow if inst.a != inst.b => swap(inst, Op::GuardBelow),
            Op::GuardBelow => inst.op = Op::GuardIntLe,
            Op::GuardFloatLt => inst.op = Op::GuardFloatNotLt,
            Op::GuardFloatLe => inst.op = Op::GuardFloatNotLe,
            Op::GuardFloatEq => inst.op = Op::GuardFloatNe,
            Op::GuardFloatNotLt => inst.op = Op::GuardFloatLt,
            Op::GuardFloatNotLe => inst.op = Op::GuardFloatLe,
            Op::GuardFloatNe => inst.op = Op::GuardFloatEq,
            op if op.kind() == Kind::PureGuard => {
                inst.op = Op::IntXor;
                inst.snapshot = SnapshotId::NONE;
            }
            _ => return,
        }
    }
}
