//! The reference evaluator: what a trace means, instruction by instruction.
//!
//! It is the judge of two property tests: an optimised trace leaves as the recorded one does, and generated code leaves
//! as its trace does. Hence it is written for clarity alone. Memory, allocation and runtime calls belong to an
//! `Environment`: `SimpleEnvironment` keeps them in maps; the code generator's tests use real memory.
//!
//! A result is kept as 64 bits whatever its type (a float as its bits).

use crate::{Call, Content, End, Inst, Op, Ref, SnapshotId, Trace, Type, word};

/// What surrounds a running trace.
pub trait Environment {
    /// The word at an eight-byte aligned address.
    fn load(&mut self, address: u64) -> u64;
    /// Stores a word.
    fn store(&mut self, address: u64, word: u64);
    /// Address of a new object: the header word, then zeros.
    fn allocate(&mut self, size: u32, header: u64) -> u64;
    /// The value of a float that can't be self-tagged.
    fn box_float(&mut self, number: f64) -> u64;
    /// Calls a runtime function that yields a `ty`; floats come and go as bits.
    fn call(&mut self, call: &Call, ty: Type, arguments: &[u64]) -> u64;
    /// The write barrier of the object `value`.
    fn barrier(&mut self, value: u64);
    /// Whether the thread's poll word is set.
    fn poll(&mut self) -> bool;
    /// Address of the thread structure.
    fn thread(&self) -> u64;
}

/// Why there is no outcome.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EvaluationError {
    /// The trace did not leave within the given number of instructions.
    OutOfFuel,
}

/// By which way a trace was left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Left {
    /// Through the guard with this instruction number.
    Guard(usize),
    /// `End::Exit`.
    Exit,
    /// `End::Jump` to the root trace with this entry slot.
    Jump(u64),
}

/// How a trace was left. Its slots are already written to the value stack.
#[derive(Clone, PartialEq, Debug)]
pub struct Outcome {
    /// The way out.
    pub left: Left,
    /// The snapshot.
    pub snapshot: SnapshotId,
    /// The snapshot's slots and their final words: floats boxed, virtuals allocated.
    pub slots: Vec<(i32, u64)>,
    /// How often the loop's end was reached.
    pub turns: u64,
}

/// Runs a trace whose base frame pointer is `base` with the live-ins `params` for at most `fuel` instructions.
///
/// The trace must pass `verify`.
pub fn evaluate(
    trace: &Trace,
    base: u64,
    params: &[u64],
    environment: &mut dyn Environment,
    fuel: u64,
) -> Result<Outcome, EvaluationError> {
    let mut run = Run { trace, base, params, environment, results: vec![0; trace.insts.len()] };
    let label = trace.insts.iter().position(|inst| inst.op == Op::Label);
    let (mut index, mut turns, mut fuel) = (0, 0, fuel);
    loop {
        while index < trace.insts.len() {
            fuel = fuel.checked_sub(1).ok_or(EvaluationError::OutOfFuel)?;
            let inst = &trace.insts[index];
            match run.instruction(inst) {
                Some(result) => run.results[index] = result,
                None => return Ok(run.leave(Left::Guard(index), inst.snapshot, turns)),
            }
            index += 1;
        }
        fuel = fuel.checked_sub(1).ok_or(EvaluationError::OutOfFuel)?;
        match trace.end {
            End::Exit(snapshot) => return Ok(run.leave(Left::Exit, snapshot, turns)),
            End::Jump { snapshot, target } => return Ok(run.leave(Left::Jump(target), snapshot, turns)),
            End::Loop(snapshot) => match label {
                Some(label) => index = run.back_edge(label),
                None => {
                    let frame = trace.snapshots[snapshot.0 as usize].frame;
                    run.leave(Left::Exit, snapshot, turns);
                    run.base = slot_address(run.base, frame);
                    index = 0;
                }
            },
        }
        turns += 1;
    }
}

/// Writes a snapshot's slots to the value stack, with floats boxed and virtuals allocated, and returns them. `read`
/// yields the bits of a reference. This is what an exit means, wherever the references are kept.
pub fn write_snapshot(
    trace: &Trace,
    id: SnapshotId,
    base: u64,
    read: &dyn Fn(Ref) -> u64,
    environment: &mut dyn Environment,
) -> Vec<(i32, u64)> {
    let mut reached = Vec::new();
    trace.visit_snapshot(id, &mut reached, |_| {});
    let objects: Vec<u64> = reached
        .iter()
        .map(|number| {
            let object = &trace.virtuals[*number as usize];
            environment.allocate(object.size, object.header)
        })
        .collect();
    let word_of = |content: Content, environment: &mut dyn Environment| match content {
        Content::Ref(at) if trace.type_of(at) == Type::Float => box_float(f64::from_bits(read(at)), environment),
        Content::Ref(at) => read(at),
        Content::Virtual(number) => {
            let place = reached.iter().position(|other| *other == number).expect("every virtual was visited");
            word::object(objects[place])
        }
        Content::FrameAddress(slot) => slot_address(base, slot),
    };
    for (number, address) in reached.iter().zip(&objects) {
        for (offset, content) in &trace.virtuals[*number as usize].fields {
            let word = word_of(*content, environment);
            environment.store(address + *offset as u64, word);
        }
    }
    let slots: Vec<(i32, u64)> =
        trace.slots(id).into_iter().map(|(slot, at)| (slot, word_of(at, environment))).collect();
    for (slot, word) in &slots {
        environment.store(slot_address(base, *slot), *word);
    }
    slots
}

fn slot_address(base: u64, slot: i32) -> u64 {
    base.wrapping_add_signed(slot as i64 * 8)
}

fn box_float(number: f64, environment: &mut dyn Environment) -> u64 {
    word::small_float(number).unwrap_or_else(|| environment.box_float(number))
}

/// The word of a small int, if it fits.
fn small(number: Option<i64>) -> Option<u64> {
    number.filter(|number| word::as_int(word::int(*number)) == *number).map(word::int)
}

struct Run<'a> {
    trace: &'a Trace,
    base: u64,
    params: &'a [u64],
    environment: &'a mut dyn Environment,
    results: Vec<u64>,
}

impl Run<'_> {
    fn leave(&mut self, left: Left, snapshot: SnapshotId, turns: u64) -> Outcome {
        let slots = self.write(snapshot);
        Outcome { left, snapshot, slots, turns }
    }

    fn write(&mut self, snapshot: SnapshotId) -> Vec<(i32, u64)> {
        let (trace, results) = (self.trace, &self.results);
        let read = |at: Ref| trace.as_constant(at).map_or_else(|| results[at.index()], |constant| constant.bits);
        write_snapshot(trace, snapshot, self.base, &read, self.environment)
    }

    /// Gives all phis their next values at once and returns the first instruction after them.
    fn back_edge(&mut self, label: usize) -> usize {
        let phis = self.trace.insts[label + 1..].iter().take_while(|inst| inst.op == Op::Phi);
        let next: Vec<u64> = phis.map(|phi| self.bits(phi.b)).collect();
        self.results[label + 1..label + 1 + next.len()].copy_from_slice(&next);
        label + 1 + next.len()
    }

    fn bits(&self, at: Ref) -> u64 {
        self.trace.as_constant(at).map_or_else(|| self.results[at.index()], |constant| constant.bits)
    }

    fn float(&self, at: Ref) -> f64 {
        f64::from_bits(self.bits(at))
    }

    fn int(&self, at: Ref) -> i64 {
        word::as_int(self.bits(at))
    }

    fn shape(&mut self, at: Ref) -> i64 {
        let header = self.environment.load(word::address(self.bits(at)));
        (header >> (word::SHAPE_OFFSET * 8) & 0xffff_ffff) as i64
    }

    fn field(&self, inst: &Inst) -> u64 {
        word::address(self.bits(inst.a)).wrapping_add(inst.imm as u64)
    }

    fn element(&self, inst: &Inst) -> u64 {
        self.field(inst).wrapping_add(self.int(inst.b) as u64 * 8)
    }

    /// The result (zero where there is none), or `None` where the instruction leaves.
    fn instruction(&mut self, inst: &Inst) -> Option<u64> {
        let Inst { op, a, b, c, imm, .. } = *inst;
        let guard = |holds: bool| holds.then_some(0);
        match op {
            Op::Slot | Op::LoadSlot => Some(self.environment.load(slot_address(self.base, imm as i32))),
            Op::Param => Some(self.params[imm as usize]),
            Op::Thread => Some(self.environment.thread()),
            Op::SlotAddress => Some(slot_address(self.base, imm as i32)),

            Op::GuardInt => guard(word::is_int(self.bits(a))),
            Op::GuardFloat => guard(word::is_float(self.bits(a))),
            Op::GuardObject => guard(word::is_object(self.bits(a))),
            Op::GuardNotInt => guard(!word::is_int(self.bits(a))),
            Op::GuardNotFloat => guard(!word::is_float(self.bits(a))),
            Op::GuardNotObject => guard(!word::is_object(self.bits(a))),
            Op::GuardShape => guard(self.shape(a) == imm),
            Op::GuardNotShape => guard(self.shape(a) != imm),
            Op::GuardSame => guard(self.bits(a) == self.bits(b)),
            Op::GuardDiffer => guard(self.bits(a) != self.bits(b)),
            Op::GuardIntLt => guard(self.int(a) < self.int(b)),
            Op::GuardIntLe => guard(self.int(a) <= self.int(b)),
            Op::GuardBelow => guard(self.bits(a) < self.bits(b)),
            Op::GuardFloatLt => guard(self.float(a) < self.float(b)),
            Op::GuardFloatLe => guard(self.float(a) <= self.float(b)),
            Op::GuardFloatEq => guard(self.float(a) == self.float(b)),
            Op::GuardFloatNotLt => self.instruction(&Inst { op: Op::GuardFloatLt, ..*inst }).map_or(Some(0), |_| None),
            Op::GuardFloatNotLe => self.instruction(&Inst { op: Op::GuardFloatLe, ..*inst }).map_or(Some(0), |_| None),
            Op::GuardFloatNe => guard(self.float(a) != self.float(b)),
            Op::GuardPoll => guard(!self.environment.poll()),
            Op::GuardValid => guard(self.environment.load(imm as u64) == 0),

            Op::IntAdd => small(self.int(a).checked_add(self.int(b))),
            Op::IntSub => small(self.int(a).checked_sub(self.int(b))),
            Op::IntMul => small(self.int(a).checked_mul(self.int(b))),
            Op::IntFloorDiv => small(floor_div(self.int(a), self.int(b))),
            Op::IntMod => small(floor_mod(self.int(a), self.int(b))),
            Op::IntShl => match (self.int(a), self.int(b)) {
                (lhs, rhs @ 0..=61) => small(lhs.checked_mul(1 << rhs)),
                _ => None,
            },
            Op::IntShr => match (self.int(a), self.int(b)) {
                (lhs, rhs) if rhs >= 0 => Some(word::int(lhs >> rhs.min(63))),
                _ => None,
            },
            Op::IntAnd => Some(self.bits(a) & self.bits(b)),
            Op::IntOr => Some(self.bits(a) | self.bits(b)),
            Op::IntXor => Some(self.bits(a) ^ self.bits(b)),
            Op::IntToFloat => Some((self.int(a) as f64).to_bits()),

            Op::UnboxFloat => Some(word::as_float(self.bits(a)).to_bits()),
            Op::BoxFloat => Some(box_float(self.float(a), self.environment)),
            Op::FloatAdd => Some((self.float(a) + self.float(b)).to_bits()),
            Op::FloatSub => Some((self.float(a) - self.float(b)).to_bits()),
            Op::FloatMul => Some((self.float(a) * self.float(b)).to_bits()),
            Op::FloatDiv => Some((self.float(a) / self.float(b)).to_bits()),
            Op::FloatNeg => Some((-self.float(a)).to_bits()),
            Op::FloatAbs => Some(self.float(a).abs().to_bits()),
            Op::FloatSqrt => Some(self.float(a).sqrt().to_bits()),

            Op::LoadField | Op::LoadFinal | Op::LoadWord | Op::LoadWordFinal | Op::LoadFloatFinal => {
                Some(self.environment.load(self.field(inst)))
            }
            Op::WordToValue => Some(word::object(self.bits(a))),
            Op::ValueToWord => Some(word::address(self.bits(a))),
            Op::LoadElement | Op::LoadElementFinal => Some(self.environment.load(self.element(inst))),
            Op::LoadAbsolute => Some(self.environment.load(imm as u64)),
            Op::StoreWord if imm == 0 => {
                let (address, shape) = (word::address(self.bits(a)), self.bits(b) >> 32 << 32);
                let rest = self.environment.load(address) & 0xffff_ffff;
                self.environment.store(address, shape | rest);
                Some(0)
            }
            Op::StoreField | Op::StoreWord => {
                self.environment.store(self.field(inst), self.bits(b));
                Some(0)
            }
            Op::StoreElement => {
                self.environment.store(self.element(inst), self.bits(c));
                Some(0)
            }
            Op::Barrier => {
                self.environment.barrier(self.bits(a));
                Some(0)
            }
            Op::Sync => {
                self.write(inst.snapshot);
                Some(0)
            }
            Op::StoreSlot => {
                self.environment.store(slot_address(self.base, imm as i32), self.bits(a));
                Some(0)
            }
            Op::New => Some(word::object(self.environment.allocate(imm as u32, self.bits(a)))),
            Op::Call => {
                let call = &self.trace.calls[imm as usize];
                let arguments: Vec<u64> = call.arguments.iter().map(|at| self.bits(*at)).collect();
                Some(self.environment.call(call, inst.ty, &arguments))
            }
            Op::Label => Some(0),
            Op::Phi => Some(self.bits(a)),
        }
    }
}

fn floor_div(lhs: i64, rhs: i64) -> Option<i64> {
    let quotient = lhs.checked_div(rhs)?;
    Some(if lhs % rhs != 0 && (lhs < 0) != (rhs < 0) { quotient - 1 } else { quotient })
}

fn floor_mod(lhs: i64, rhs: i64) -> Option<i64> {
    let remainder = lhs.checked_rem(rhs)?;
    Some(if remainder != 0 && (remainder < 0) != (rhs < 0) { remainder + rhs } else { remainder })
}
