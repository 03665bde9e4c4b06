//! Guards: a test and a jump to the exit stub.

use crate::assembler::{Alu, Cond, Operand, RAX, THREAD};
use crate::compile::Compiler;
use vm_ir::{Inst, Op, Ref, Trace, word};

impl Compiler {
    fn leave(&mut self, trace: &Trace, condition: Cond, index: usize, inst: &Inst) {
        let exit = self.new_exit(trace, inst.snapshot, index);
        self.leave_if(condition, exit);
    }

    /// Leaves unless the tag is (or is not) the one that the operation names.
    pub(super) fn guard_tag(&mut self, trace: &Trace, index: usize, inst: &Inst, is: bool) {
        let value = self.general(trace, inst.a);
        let (unless, otherwise) = match inst.op {
            Op::GuardInt | Op::GuardNotInt => {
                self.a.test_bits(value, 3);
                (Cond::NotEqual, Cond::Equal)
            }
            Op::GuardFloat | Op::GuardNotFloat => {
                self.a.constant(RAX, word::FLOAT_TAGS as u64);
                self.a.bit_test(RAX, value);
                (Cond::AboveEqual, Cond::Below)
            }
            _ => {
                self.a.lea(RAX, Operand::Memory(value, -(word::OBJECT_TAG as i32)));
                self.a.test_bits(RAX, 7);
                (Cond::NotEqual, Cond::Equal)
            }
        };
        self.leave(trace, if is { unless } else { otherwise }, index, inst);
    }

    pub(super) fn guard_shape(&mut self, trace: &Trace, index: usize, inst: &Inst) {
        let object = self.general(trace, inst.a);
        let shape = Operand::Memory(object, word::SHAPE_OFFSET - word::OBJECT_TAG as i32);
        self.a.compare_narrow(shape, inst.imm as u32 as i32);
        let condition = if inst.op == Op::GuardShape { Cond::NotEqual } else { Cond::Equal };
        self.leave(trace, condition, index, inst);
    }

    pub(super) fn guard_words(&mut self, trace: &Trace, index: usize, inst: &Inst) {
        let swapped = self.compare(trace, inst.a, inst.b, index);
        let condition = match (inst.op, swapped) {
            (Op::GuardSame, _) => Cond::NotEqual,
            (Op::GuardDiffer, _) => Cond::Equal,
            (Op::GuardIntLt, false) => Cond::GreaterEqual,
            (Op::GuardIntLt, true) => Cond::LessEqual,
            (Op::GuardIntLe, false) => Cond::Greater,
            (Op::GuardIntLe, true) => Cond::Less,
            (_, false) => Cond::AboveEqual,
            (_, true) => Cond::BelowEqual,
        };
        self.leave(trace, condition, index, inst);
    }

    /// Compares two words; returns whether it compared them the other way round.
    fn compare(&mut self, trace: &Trace, lhs: Ref, rhs: Ref, index: usize) -> bool {
        if let Some(constant) = self.immediate(trace, rhs) {
            let lhs = self.general(trace, lhs);
            self.compare_constant(lhs, constant);
            return false;
        }
        if let Some(constant) = self.immediate(trace, lhs) {
            let rhs = self.general(trace, rhs);
            self.compare_constant(rhs, constant);
            return true;
        }
        let lhs = self.general(trace, lhs);
        let rhs = match trace.as_constant(rhs) {
            Some(constant) => {
                self.a.constant(RAX, constant.bits);
                RAX.into()
            }
            None => self.general_operand(trace, rhs, index),
        };
        self.a.alu(Alu::Cmp, lhs, rhs);
        false
    }

    fn compare_constant(&mut self, register: crate::assembler::Gpr, constant: i32) {
        match constant {
            // The same flags: carry and overflow are clear either way.
            0 => self.a.test(register, register),
            _ => self.a.alu_constant(Alu::Cmp, register, constant),
        }
    }

    /// Float comparisons. `ucomisd x, y` sets carry if x < y, zero if equal, and both and parity if unordered; so
    /// `a < b` is tested as "b above a", which a NaN fails.
    pub(super) fn guard_floats(&mut self, trace: &Trace, index: usize, inst: &Inst) {
        let equality = matches!(inst.op, Op::GuardFloatEq | Op::GuardFloatNe);
        let (lhs, rhs) = if equality { (inst.a, inst.b) } else { (inst.b, inst.a) };
        let lhs = self.float(trace, lhs);
        let rhs = self.float_operand(trace, rhs, index);
        self.a.compare_floats(lhs, rhs);
        let exit = self.new_exit(trace, inst.snapshot, index);
        match inst.op {
            Op::GuardFloatLt => self.leave_if(Cond::BelowEqual, exit),
            Op::GuardFloatLe => self.leave_if(Cond::Below, exit),
            Op::GuardFloatNotLt => self.leave_if(Cond::Above, exit),
            Op::GuardFloatNotLe => self.leave_if(Cond::AboveEqual, exit),
            Op::GuardFloatEq => {
                self.leave_if(Cond::NotEqual, exit);
                self.leave_if(Cond::Parity, exit);
            }
            _ => {
                let unordered = self.a.jump_if(Cond::Parity);
                self.leave_if(Cond::Equal, exit);
                self.a.bind(unordered);
            }
        }
    }

    /// Leaves unless a word of memory is zero.
    pub(super) fn guard_memory(&mut self, trace: &Trace, index: usize, inst: &Inst) {
        let word = if inst.op == Op::GuardPoll {
            Operand::Memory(THREAD, self.arena.target.poll_offset)
        } else {
            self.a.constant(RAX, inst.imm as u64);
            Operand::Memory(RAX, 0)
        };
        self.a.alu_constant(Alu::Cmp, word, 0);
        self.leave(trace, Cond::NotEqual, index, inst);
    }
}
