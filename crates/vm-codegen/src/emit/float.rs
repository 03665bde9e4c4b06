//! Floats, unboxed in float registers, and their self-tagged form.

use crate::assembler::{Alu, Cond, Gpr, Operand, RAX, Shift, Sse, Xmm};
use crate::compile::Compiler;
use crate::emit::SlowCall;
use crate::stubs::Stubs;
use vm_ir::{Inst, Op, Trace, word};

impl Compiler {
    pub(super) fn unbox_float(&mut self, trace: &Trace, index: usize, inst: &Inst) {
        let from = self.general(trace, inst.a);
        let bias = Operand::Place(Stubs::place(self.arena.stubs.float_bias));
        let to = self.result_float(index, inst);
        self.a.mov(RAX, from);
        self.a.shift(Shift::Ror, RAX, word::FLOAT_ROTATION as u8);
        self.a.alu(Alu::Sub, RAX, bias);
        self.a.bits_to_float(to, RAX);
    }

    /// The value of a float: inline where it can be self-tagged.
    pub(crate) fn box_float(&mut self, to: Gpr, from: Xmm) {
        let bias = Operand::Place(Stubs::place(self.arena.stubs.float_bias));
        self.a.float_to_bits(to, from);
        self.a.alu(Alu::Add, to, bias);
        self.a.shift(Shift::Rol, to, word::FLOAT_ROTATION as u8);
        self.a.constant(RAX, word::FLOAT_TAGS as u64);
        self.a.bit_test(RAX, to);
        let jump = self.a.jump_if(Cond::AboveEqual);
        self.slow_path(jump, SlowCall::BoxFloat { from, to });
    }

    pub(super) fn float_arithmetic(&mut self, trace: &Trace, index: usize, inst: &Inst) {
        let op = match inst.op {
            Op::FloatAdd => Sse::Add,
            Op::FloatSub => Sse::Sub,
            Op::FloatMul => Sse::Mul,
            _ => Sse::Div,
        };
        let (mut a, mut b) = (inst.a, inst.b);
        let commutes = matches!(op, Sse::Add | Sse::Mul);
        // The order of operands decides which of two NaNs comes out, which no program can see.
        if commutes && !self.is_consumed(a, index) && (a.is_constant() || self.is_consumed(b, index)) {
            (a, b) = (b, a);
        }
        let spilled = self.spilled_for_good(a, index);
        if a.is_constant() || spilled.is_some() {
            let rhs = self.float_operand(trace, b, index);
            let to = self.result_float(index, inst);
            let lhs = self.float_operand(trace, a, index);
            self.a.sse(Sse::Load, to, lhs);
            self.a.sse(op, to, rhs);
            return;
        }
        let lhs = self.float(trace, a);
        let rhs = self.float_operand(trace, b, index);
        let to = if self.is_consumed(a, index) {
            self.registers.transfer(a.index(), index);
            lhs
        } else {
            let to = self.result_float(index, inst);
            self.a.move_float(to, lhs);
            to
        };
        self.a.sse(op, to, rhs);
    }

    pub(super) fn float_sign(&mut self, trace: &Trace, index: usize, inst: &Inst) {
        let from = self.float(trace, inst.a);
        self.release_operands(trace, index, inst);
        let to = self.result_float(index, inst);
        self.a.move_float(to, from);
        if inst.op == Op::FloatNeg {
            self.a.xor_float(to, Operand::Place(Stubs::place(self.arena.stubs.sign_bit)));
        } else {
            self.a.and_float(to, Operand::Place(Stubs::place(self.arena.stubs.magnitude_bits)));
        }
    }

    pub(super) fn float_sqrt(&mut self, trace: &Trace, index: usize, inst: &Inst) {
        let from = self.float_operand(trace, inst.a, index);
        if matches!(from, Operand::Register(_)) {
            // A spill slot, though, could be taken by what makes room for the result.
            self.release_operands(trace, index, inst);
        }
        let to = self.result_float(index, inst);
        self.a.sse(Sse::Sqrt, to, from);
    }
}
