//! Small ints. They stay scaled by four: sums, differences, comparisons and bit operations work on the words, products
//! and quotients unscale one operand, and overflow of the word is overflow of the small int.

use crate::assembler::{Alu, Cond, Gpr, Operand, RAX, RCX, RDX, Shift};
use crate::compile::{Compiler, Undo};
use vm_ir::{Inst, Op, Ref, SnapshotId, Trace, word};

/// Clears the tag bits after a right shift.
const UNTAG: i32 = !3;

impl Compiler {
    fn exit_of(&mut self, trace: &Trace, index: usize, inst: &Inst) -> Option<u32> {
        (inst.snapshot != SnapshotId::NONE).then(|| self.new_exit(trace, inst.snapshot, index))
    }

    /// A register that starts with the value of `from` and ends as the result: that of `from` if it may be
    /// overwritten, else a fresh one.
    fn result_from(&mut self, index: usize, inst: &Inst, from: Ref, register: Gpr) -> Gpr {
        if self.is_consumed(from, index) {
            self.registers.transfer(from.index(), index);
            return register;
        }
        let to = self.result(index, inst);
        self.a.mov(to, register);
        to
    }

    /// Sum and difference. An operand that dies here but is in the exit's snapshot is overwritten all the same, and
    /// the exit's stub undoes the operation: the counter of a loop needs no move.
    pub(super) fn int_add(&mut self, trace: &Trace, index: usize, inst: &Inst) {
        let (mut a, mut b) = (inst.a, inst.b);
        let (op, inverse) = if inst.op == Op::IntAdd { (Alu::Add, Alu::Sub) } else { (Alu::Sub, Alu::Add) };
        if op == Alu::Add && (a.is_constant() || !self.is_consumed(a, index) && self.is_consumed(b, index)) {
            (a, b) = (b, a);
        }
        let lhs = self.general(trace, a);
        let constant = self.immediate(trace, b);
        if inst.snapshot == SnapshotId::NONE
            && op == Alu::Add
            && let Some(constant) = constant
            && !self.is_consumed(a, index)
        {
            let to = self.result(index, inst);
            self.a.lea(to, Operand::Memory(lhs, constant));
            return;
        }
        let rhs = match constant {
            Some(_) => Operand::Register(RAX.0),
            None => self.general_operand(trace, b, index),
        };
        let undo = match (constant, rhs) {
            (Some(constant), _) => Some(Undo::Constant(constant)),
            (None, Operand::Register(register)) if a != b => Some(Undo::Register(Gpr(register))),
            _ => None,
        };
        let in_place = self.dies(a, index) && a != b && self.live.last_in_snapshot[a.index()];
        let (to, exit) = match undo {
            Some(undo) if in_place => {
                let exit = self.exit_of(trace, index, inst);
                if let Some(exit) = exit {
                    self.exits[exit as usize].undo = Some((inverse, lhs, undo));
                }
                self.registers.transfer(a.index(), index);
                (lhs, exit)
            }
            _ => {
                let consumed = a != b && self.is_consumed(a, index);
                let to = if consumed { lhs } else { self.result(index, inst) };
                self.a.mov(to, lhs);
                let exit = self.exit_of(trace, index, inst);
                if consumed {
                    self.registers.transfer(a.index(), index);
                }
                (to, exit)
            }
        };
        match constant {
            Some(constant) => self.a.alu_constant(op, to, constant),
            None => self.a.alu(op, to, rhs),
        }
        if let Some(exit) = exit {
            self.leave_if(Cond::Overflow, exit);
        }
    }

    pub(super) fn int_mul(&mut self, trace: &Trace, index: usize, inst: &Inst) {
        let (a, b) = if inst.a.is_constant() { (inst.b, inst.a) } else { (inst.a, inst.b) };
        let lhs = self.general(trace, a);
        // A scaled int times an unscaled one is scaled.
        let factor = trace.as_constant(b).and_then(|constant| i32::try_from(word::as_int(constant.bits)).ok());
        if let Some(factor) = factor {
            let to = self.result(index, inst);
            let exit = self.exit_of(trace, index, inst);
            self.a.multiply_constant(to, lhs, factor);
            if let Some(exit) = exit {
                self.leave_if(Cond::Overflow, exit);
            }
            return;
        }
        let rhs = self.general_operand(trace, b, index);
        let to = self.result(index, inst);
        let exit = self.exit_of(trace, index, inst);
        self.a.mov(to, lhs);
        self.a.shift(Shift::Sar, to, word::INT_SHIFT as u8);
        self.a.multiply(to, rhs);
        if let Some(exit) = exit {
            self.leave_if(Cond::Overflow, exit);
        }
    }

    /// Quotient and remainder, rounded towards minus infinity. Powers of two need no division.
    pub(super) fn int_divide(&mut self, trace: &Trace, index: usize, inst: &Inst) {
        let divisor = trace.as_constant(inst.b).map(|constant| word::as_int(constant.bits));
        if let Some(divisor) = divisor
            && divisor > 0
            && divisor & (divisor - 1) == 0
        {
            return self.int_divide_by_power(trace, index, inst, divisor);
        }
        self.registers.claim(&mut self.a, RDX);
        let rhs = self.general(trace, inst.b);
        let lhs = self.general(trace, inst.a);
        let to = self.result(index, inst);
        let exit = self.exit_of(trace, index, inst);
        if let Some(exit) = exit
            && divisor.is_none_or(|divisor| divisor == 0)
        {
            self.a.test(rhs, rhs);
            self.leave_if(Cond::Equal, exit);
        }
        self.a.mov(RAX, lhs);
        self.a.divide(rhs);
        if inst.op == Op::IntMod {
            // A remainder whose sign is not the divisor's moves by the divisor.
            self.a.mov(to, RDX);
            self.a.test(RDX, RDX);
            let exact = self.a.jump_if(Cond::Equal);
            self.a.alu(Alu::Xor, RDX, rhs.into());
            let same_sign = self.a.jump_if(Cond::NotSign);
            self.a.alu(Alu::Add, to, rhs.into());
            self.a.bind(exact);
            self.a.bind(same_sign);
            return;
        }
        self.a.test(RDX, RDX);
        let exact = self.a.jump_if(Cond::Equal);
        self.a.alu(Alu::Xor, RDX, rhs.into());
        let same_sign = self.a.jump_if(Cond::NotSign);
        self.a.alu_constant(Alu::Sub, RAX, 1);
        self.a.bind(exact);
        self.a.bind(same_sign);
        self.a.multiply_constant(to, RAX, 1 << word::INT_SHIFT);
        if let Some(exit) = exit {
            self.leave_if(Cond::Overflow, exit);
        }
    }

    fn int_divide_by_power(&mut self, trace: &Trace, index: usize, inst: &Inst, divisor: i64) {
        let lhs = self.general(trace, inst.a);
        let to = self.result_from(index, inst, inst.a, lhs);
        if inst.op == Op::IntFloorDiv {
            self.a.shift(Shift::Sar, to, divisor.trailing_zeros() as u8);
            self.a.alu_constant(Alu::And, to, UNTAG);
            return;
        }
        let mask = word::int(divisor - 1);
        match i32::try_from(mask as i64) {
            Ok(mask) => self.a.alu_constant(Alu::And, to, mask),
            Err(_) => {
                self.a.constant(RAX, mask);
                self.a.alu(Alu::And, to, RAX.into());
            }
        }
    }

    /// Shifts left and back again: what does not come back the same has overflown.
    pub(super) fn int_shl(&mut self, trace: &Trace, index: usize, inst: &Inst) {
        let count = trace.as_constant(inst.b).map(|constant| word::as_int(constant.bits));
        if let Some(count) = count
            && (0..62).contains(&count)
        {
            let lhs = self.general(trace, inst.a);
            let to = self.result(index, inst);
            let exit = self.exit_of(trace, index, inst);
            self.a.mov(to, lhs);
            self.a.shift(Shift::Shl, to, count as u8);
            if let Some(exit) = exit {
                self.a.mov(RAX, to);
                self.a.shift(Shift::Sar, RAX, count as u8);
                self.a.alu(Alu::Cmp, RAX, lhs.into());
                self.leave_if(Cond::NotEqual, exit);
            }
            return;
        }
        self.registers.claim(&mut self.a, RCX);
        let lhs = self.general(trace, inst.a);
        let count = self.general(trace, inst.b);
        let to = self.result(index, inst);
        let exit = self.exit_of(trace, index, inst);
        if let Some(exit) = exit {
            self.a.alu_constant(Alu::Cmp, count, word::int(62) as i32);
            self.leave_if(Cond::AboveEqual, exit);
        }
        self.a.mov(RCX, count);
        self.a.shift(Shift::Shr, RCX, word::INT_SHIFT as u8);
        self.a.mov(to, lhs);
        self.a.shift_by_cl(Shift::Shl, to);
        if let Some(exit) = exit {
            self.a.mov(RAX, to);
            self.a.shift_by_cl(Shift::Sar, RAX);
            self.a.alu(Alu::Cmp, RAX, lhs.into());
            self.leave_if(Cond::NotEqual, exit);
        }
    }

    /// Counts above 63 shift like 63.
    pub(super) fn int_shr(&mut self, trace: &Trace, index: usize, inst: &Inst) {
        let count = trace.as_constant(inst.b).map(|constant| word::as_int(constant.bits));
        if let Some(count) = count
            && count >= 0
        {
            let lhs = self.general(trace, inst.a);
            let to = self.result_from(index, inst, inst.a, lhs);
            self.a.shift(Shift::Sar, to, count.min(63) as u8);
            self.a.alu_constant(Alu::And, to, UNTAG);
            return;
        }
        self.registers.claim(&mut self.a, RCX);
        let lhs = self.general(trace, inst.a);
        let count = self.general(trace, inst.b);
        let to = self.result(index, inst);
        let exit = self.exit_of(trace, index, inst);
        self.a.mov(RCX, count);
        self.a.shift(Shift::Sar, RCX, word::INT_SHIFT as u8);
        if let Some(exit) = exit {
            self.a.test(RCX, RCX);
            self.leave_if(Cond::Sign, exit);
        }
        self.a.constant(RAX, 63);
        self.a.alu(Alu::Cmp, RCX, RAX.into());
        self.a.move_if_above(RCX, RAX);
        self.a.mov(to, lhs);
        self.a.shift_by_cl(Shift::Sar, to);
        self.a.alu_constant(Alu::And, to, UNTAG);
    }

    pub(super) fn int_bits(&mut self, trace: &Trace, index: usize, inst: &Inst) {
        let op = match inst.op {
            Op::IntAnd => Alu::And,
            Op::IntOr => Alu::Or,
            _ => Alu::Xor,
        };
        let (mut a, mut b) = (inst.a, inst.b);
        if a.is_constant() || !self.is_consumed(a, index) && self.is_consumed(b, index) {
            (a, b) = (b, a);
        }
        let lhs = self.general(trace, a);
        if let Some(constant) = self.immediate(trace, b) {
            let to = self.result_from(index, inst, a, lhs);
            self.a.alu_constant(op, to, constant);
            return;
        }
        let rhs = match trace.as_constant(b) {
            Some(_) => None,
            None => Some(self.general_operand(trace, b, index)),
        };
        let to = self.result_from(index, inst, a, lhs);
        let rhs = rhs.unwrap_or_else(|| {
            self.a.constant(RAX, trace.constants[b.index()].bits);
            RAX.into()
        });
        self.a.alu(op, to, rhs);
    }

    pub(super) fn int_to_float(&mut self, trace: &Trace, index: usize, inst: &Inst) {
        let from = self.general(trace, inst.a);
        self.a.mov(RAX, from);
        self.a.shift(Shift::Sar, RAX, word::INT_SHIFT as u8);
        let to = self.result_float(index, inst);
        // The conversion writes half of the register: without this it would wait for the other half.
        self.a.zero_float(to);
        self.a.int_to_float(to, RAX);
    }
}
