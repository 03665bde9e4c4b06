//! Code for single instructions: operands and results here, operations by kind in the submodules.
//!
//! ORDER: within an instruction that can leave, all registers are claimed, read and allocated before the first jump
//! to its exit, since the exit records one state for all of them.

mod call;
mod float;
mod guard;
mod int;
mod memory;

use crate::assembler::{Gpr, Jump, Operand, Place, RAX, Sse, Xmm};
use crate::compile::{Compiler, slot_operand};
use crate::location::Location;
use crate::moves::spill_operand;
use crate::registers::{FLOAT, GENERAL};
use crate::stubs::Stubs;
use vm_ir::{Inst, Op, Ref, Trace, Type};

/// A runtime call out of line.
pub(crate) struct SlowPath {
    jump: Jump,
    /// Where to go on.
    back: u32,
    call: SlowCall,
}

pub(crate) enum SlowCall {
    /// The value of `from` to `to`.
    BoxFloat { from: Xmm, to: Gpr },
    /// A new object to `to`.
    Allocate { size: u32, header: Header, to: Gpr },
    /// The write barrier.
    Barrier { object: Gpr },
}

#[derive(Clone, Copy)]
pub(crate) enum Header {
    Constant(u64),
    Register(Gpr),
}

impl Compiler {
    pub(crate) fn instruction(&mut self, trace: &Trace, index: usize, inst: &Inst) {
        match inst.op {
            Op::Slot | Op::LoadSlot => {
                let to = self.result(index, inst);
                self.a.load(to, slot_operand(inst.imm));
            }
            Op::Thread => {
                let to = self.result(index, inst);
                self.a.mov(to, crate::assembler::THREAD);
            }
            Op::SlotAddress => {
                let to = self.result(index, inst);
                self.a.lea(to, slot_operand(inst.imm));
            }
            Op::StoreSlot => self.store_value(trace, slot_operand(inst.imm), inst.a),

            Op::GuardInt | Op::GuardFloat | Op::GuardObject => self.guard_tag(trace, index, inst, true),
            Op::GuardNotInt | Op::GuardNotFloat | Op::GuardNotObject => self.guard_tag(trace, index, inst, false),
            Op::GuardShape | Op::GuardNotShape => self.guard_shape(trace, index, inst),
            Op::GuardSame | Op::GuardDiffer | Op::GuardIntLt | Op::GuardIntLe | Op::GuardBelow => {
                self.guard_words(trace, index, inst)
            }
            Op::GuardFloatLt
            | Op::GuardFloatLe
            | Op::GuardFloatEq
            | Op::GuardFloatNotLt
            | Op::GuardFloatNotLe
            | Op::GuardFloatNe => self.guard_floats(trace, index, inst),
            Op::GuardPoll | Op::GuardValid => self.guard_memory(trace, index, inst),

            Op::IntAdd | Op::IntSub => self.int_add(trace, index, inst),
            Op::IntMul => self.int_mul(trace, index, inst),
            Op::IntFloorDiv | Op::IntMod => self.int_divide(trace, index, inst),
            Op::IntShl => self.int_shl(trace, index, inst),
            Op::IntShr => self.int_shr(trace, index, inst),
            Op::IntAnd | Op::IntOr | Op::IntXor => self.int_bits(trace, index, inst),
            Op::IntToFloat => self.int_to_float(trace, index, inst),

            Op::UnboxFloat => self.unbox_float(trace, index, inst),
            Op::BoxFloat => {
                let from = self.float(trace, inst.a);
                let to = self.result(index, inst);
                self.box_float(to, from);
            }
            Op::FloatAdd | Op::FloatSub | Op::FloatMul | Op::FloatDiv => self.float_arithmetic(trace, index, inst),
            Op::FloatNeg | Op::FloatAbs => self.float_sign(trace, index, inst),
            Op::FloatSqrt => self.float_sqrt(trace, index, inst),

            Op::LoadField | Op::LoadFinal | Op::LoadWord | Op::LoadWordFinal | Op::LoadFloatFinal => {
                self.load_field(trace, index, inst)
            }
            Op::LoadElement | Op::LoadElementFinal => self.load_element(trace, index, inst),
            Op::LoadAbsolute => self.load_absolute(trace, index, inst),
            Op::WordToValue => self.move_address(trace, index, inst, 1),
            Op::ValueToWord => self.move_address(trace, index, inst, -1),
            Op::StoreField | Op::StoreWord => self.store_field(trace, inst),
            Op::StoreElement => self.store_element(trace, inst),
            Op::Barrier => self.barrier(trace, inst),
            Op::New => self.new_object(trace, index, inst),
            Op::Call => self.call(trace, index, inst),
            Op::Param | Op::Label | Op::Phi => unreachable!("the driver places these"),
            Op::Sync => unreachable!("refused before"),
        }
    }

    /// A constant that fits the immediate operand of an instruction.
    pub(crate) fn immediate(&self, trace: &Trace, at: Ref) -> Option<i32> {
        trace.as_constant(at).and_then(|constant| i32::try_from(constant.bits as i64).ok())
    }

    /// The general register with a value, which stays there during the instruction; constants get a temporary one.
    pub(crate) fn general(&mut self, trace: &Trace, at: Ref) -> Gpr {
        if at.is_constant() {
            let register = self.temporary_general();
            self.a.constant(register, trace.constants[at.index()].bits);
            register
        } else {
            self.registers.read_general(&mut self.a, &self.live, at.index())
        }
    }

    /// The float register with a value.
    pub(crate) fn float(&mut self, trace: &Trace, at: Ref) -> Xmm {
        if at.is_constant() {
            let register = Xmm(self.registers.take_temporary(&mut self.a, &self.live, FLOAT) - 16);
            self.load_constant(trace, at, Location::register(register.0 + 16));
            register
        } else {
            self.registers.read_float(&mut self.a, &self.live, at.index())
        }
    }

    /// A value as source operand: its register, or its spill slot if no later instruction wants it in a register.
    fn general_operand(&mut self, trace: &Trace, at: Ref, index: usize) -> Operand {
        match self.spilled_for_good(at, index) {
            Some(operand) => operand,
            None => self.general(trace, at).into(),
        }
    }

    /// The same for a float; a constant is read from the data.
    fn float_operand(&mut self, trace: &Trace, at: Ref, index: usize) -> Operand {
        if at.is_constant() {
            return Operand::Place(Place::Data(self.constant_item(trace, at)));
        }
        match self.spilled_for_good(at, index) {
            Some(operand) => operand,
            None => self.float(trace, at).into(),
        }
    }

    fn spilled_for_good(&self, at: Ref, index: usize) -> Option<Operand> {
        if at.is_constant() || self.live.last[at.index()] > index as u32 {
            return None;
        }
        self.registers.location(at.index()).as_spill().map(spill_operand)
    }

    fn constant_item(&mut self, trace: &Trace, at: Ref) -> u32 {
        if self.constant_items[at.index()] == u32::MAX {
            self.constant_items[at.index()] = self.data.len() as u32;
            self.data.push(trace.constants[at.index()].bits);
        }
        self.constant_items[at.index()]
    }

    /// Loads a constant; changes rax if it goes to a spill slot.
    pub(crate) fn load_constant(&mut self, trace: &Trace, at: Ref, to: Location) {
        let bits = trace.constants[at.index()].bits;
        match (to.as_register(), to.as_spill()) {
            (Some(number), _) if number < 16 => self.a.constant(Gpr(number), bits),
            (Some(number), _) if bits == 0 => self.a.zero_float(Xmm(number - 16)),
            (Some(number), _) => {
                let item = self.constant_item(trace, at);
                self.a.sse(Sse::Load, Xmm(number - 16), Operand::Place(Place::Data(item)));
            }
            (_, Some(slot)) => {
                self.a.constant(RAX, bits);
                self.a.store(spill_operand(slot), RAX);
            }
            _ => {}
        }
    }

    pub(crate) fn temporary_general(&mut self) -> Gpr {
        Gpr(self.registers.take_temporary(&mut self.a, &self.live, GENERAL))
    }

    /// A register for a value or word that the instruction yields, different from all its operands' registers.
    fn result(&mut self, index: usize, inst: &Inst) -> Gpr {
        Gpr(self.registers.for_result(&mut self.a, &self.live, index, inst.ty, index as u32))
    }

    /// The same for a float.
    fn result_float(&mut self, index: usize, inst: &Inst) -> Xmm {
        Xmm(self.registers.for_result(&mut self.a, &self.live, index, inst.ty, index as u32) - 16)
    }

    /// Frees the operands that the instruction uses last, so that its result may take their registers. For results
    /// that are written by the last machine instruction only.
    fn release_operands(&mut self, trace: &Trace, index: usize, inst: &Inst) {
        let (live, registers) = (&self.live, &mut self.registers);
        crate::liveness::visit_operands(trace, inst, |value| {
            if live.last[value] <= index as u32 {
                registers.release(value);
            }
        });
    }

    /// Whether the instruction may overwrite an operand: nobody needs it later, nor does the instruction's exit.
    fn is_consumed(&self, at: Ref, index: usize) -> bool {
        self.dies(at, index) && !self.live.last_in_snapshot[at.index()]
    }

    /// Whether nobody but the instruction and its exit needs an operand.
    fn dies(&self, at: Ref, index: usize) -> bool {
        !at.is_constant() && self.live.last[at.index()] <= index as u32
    }

    /// Stores a value or word in memory.
    pub(crate) fn store_value(&mut self, trace: &Trace, to: Operand, from: Ref) {
        if let Some(constant) = self.immediate(trace, from) {
            self.a.store_constant(to, constant);
        } else if from.is_constant() {
            self.a.constant(RAX, trace.constants[from.index()].bits);
            self.a.store(to, RAX);
        } else if let Some(slot) = self.registers.location(from.index()).as_spill() {
            self.a.load(RAX, spill_operand(slot));
            self.a.store(to, RAX);
        } else {
            let from = self.general(trace, from);
            self.a.store(to, from);
        }
    }

    /// Goes out of line by `jump` and comes back here.
    fn slow_path(&mut self, jump: Jump, call: SlowCall) {
        self.slow_paths.push(SlowPath { jump, back: self.a.position(), call });
    }

    pub(crate) fn emit_slow_paths(&mut self) {
        let argument = |n: i32| Operand::Memory(crate::assembler::RSP, crate::frame::ARGUMENT + 8 * n);
        for path in &self.slow_paths {
            let (a, stubs) = (&mut self.a, &self.arena.stubs);
            a.bind(path.jump);
            match path.call {
                SlowCall::BoxFloat { from, to } => {
                    a.store_float(argument(0), from);
                    a.call_place(Stubs::place(stubs.box_float));
                    a.mov(to, RAX);
                }
                SlowCall::Allocate { size, header, to } => {
                    match header {
                        Header::Register(header) => a.store(argument(1), header),
                        Header::Constant(bits) => {
                            a.constant(RAX, bits);
                            a.store(argument(1), RAX);
                        }
                    }
                    a.store_constant(argument(0), size as i32);
                    a.call_place(Stubs::place(stubs.allocate));
                    a.mov(to, RAX);
                }
                SlowCall::Barrier { object } => {
                    a.store(argument(0), object);
                    a.call_place(Stubs::place(stubs.barrier));
                }
            }
            a.jump_to(path.back);
        }
    }
}

/// Whether a reference is a float.
fn is_float(trace: &Trace, at: Ref) -> bool {
    trace.type_of(at) == Type::Float
}
