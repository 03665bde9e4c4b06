//! Loads, stores, the write barrier and allocation. A tagged object pointer is one above the address, which goes into
//! the displacement; a small int is four times the index, so an element is at twice its word.

use crate::assembler::{Alu, Cond, Gpr, Operand, RAX, Shift, Sse, THREAD};
use crate::compile::Compiler;
use crate::emit::{Header, SlowCall, is_float};
use crate::stubs::Stubs;
use vm_ir::{Inst, Op, Ref, Trace, Type, word};

const TAG: i32 = word::OBJECT_TAG as i32;

impl Compiler {
    fn field(&mut self, trace: &Trace, inst: &Inst) -> Operand {
        Operand::Memory(self.general(trace, inst.a), inst.imm as i32 - TAG)
    }

    fn element(&mut self, trace: &Trace, inst: &Inst) -> Operand {
        let array = self.general(trace, inst.a);
        let offset = inst.imm - TAG as i64;
        let constant = trace.as_constant(inst.b).and_then(|index| (index.bits as i64).checked_mul(2));
        let displacement = constant.and_then(|constant| i32::try_from(constant.checked_add(offset)?).ok());
        match displacement {
            Some(displacement) => Operand::Memory(array, displacement),
            None => Operand::Indexed(array, self.general(trace, inst.b), 1, offset as i32),
        }
    }

    fn load_result(&mut self, trace: &Trace, index: usize, inst: &Inst, from: Operand) {
        self.release_operands(trace, index, inst);
        if inst.ty == Type::Float {
            let to = self.result_float(index, inst);
            self.a.sse(Sse::Load, to, from);
        } else {
            let to = self.result(index, inst);
            self.a.load(to, from);
        }
    }

    pub(super) fn load_field(&mut self, trace: &Trace, index: usize, inst: &Inst) {
        let from = self.field(trace, inst);
        self.load_result(trace, index, inst, from);
    }

    pub(super) fn load_element(&mut self, trace: &Trace, index: usize, inst: &Inst) {
        let from = self.element(trace, inst);
        self.load_result(trace, index, inst, from);
    }

    pub(super) fn load_absolute(&mut self, trace: &Trace, index: usize, inst: &Inst) {
        self.a.constant(RAX, inst.imm as u64);
        // Spilling uses no scratch register, so rax survives the allocation of the result.
        self.load_result(trace, index, inst, Operand::Memory(RAX, 0));
    }

    /// Moves between the tagged and the plain address of an object.
    pub(super) fn move_address(&mut self, trace: &Trace, index: usize, inst: &Inst, by: i32) {
        let from = self.general(trace, inst.a);
        self.release_operands(trace, index, inst);
        let to = self.result(index, inst);
        self.a.lea(to, Operand::Memory(from, by));
    }

    pub(super) fn store_field(&mut self, trace: &Trace, inst: &Inst) {
        if inst.op == Op::StoreWord && inst.imm == 0 {
            return self.store_shape(trace, inst);
        }
        let to = self.field(trace, inst);
        self.store_value(trace, to, inst.b);
    }

    /// The header: only its shape, the upper half, changes; the low byte is the collector's.
    fn store_shape(&mut self, trace: &Trace, inst: &Inst) {
        let to = Operand::Memory(self.general(trace, inst.a), word::SHAPE_OFFSET - TAG);
        if let Some(header) = trace.as_constant(inst.b) {
            return self.a.store_half_constant(to, (header.bits >> 32) as i32);
        }
        let header = self.general(trace, inst.b);
        self.a.mov(RAX, header);
        self.a.shift(Shift::Shr, RAX, 32);
        self.a.store_half(to, RAX);
    }

    pub(super) fn store_element(&mut self, trace: &Trace, inst: &Inst) {
        let to = self.element(trace, inst);
        self.store_value(trace, to, inst.c);
    }

    pub(super) fn barrier(&mut self, trace: &Trace, inst: &Inst) {
        let object = self.general(trace, inst.a);
        let target = &self.arena.target;
        self.a.test_memory_bits(Operand::Memory(object, target.barrier_offset - TAG), target.barrier_mask);
        let jump = self.a.jump_if(Cond::NotEqual);
        self.slow_path(jump, SlowCall::Barrier { object });
    }

    /// Takes an object from the thread's allocation area, or from the runtime where that is exhausted.
    pub(super) fn new_object(&mut self, trace: &Trace, index: usize, inst: &Inst) {
        debug_assert!(!is_float(trace, inst.a));
        let size = inst.imm as u32;
        let header = self.header(trace, inst.a);
        let to = self.result(index, inst);
        if size > self.arena.target.inline_size_limit {
            let jump = self.a.jump();
            return self.slow_path(jump, SlowCall::Allocate { size, header, to });
        }
        let scratch = self.temporary_general();
        let (cursor, limit) = (self.arena.target.cursor_offset, self.arena.target.limit_offset);
        self.a.load(to, Operand::Memory(THREAD, cursor));
        self.a.lea(RAX, Operand::Memory(to, size as i32));
        self.a.alu(Alu::Cmp, RAX, Operand::Memory(THREAD, limit));
        let jump = self.a.jump_if(Cond::Above);
        self.a.store(Operand::Memory(THREAD, cursor), RAX);
        match header {
            Header::Register(header) => self.a.store(Operand::Memory(to, 0), header),
            Header::Constant(bits) => match i32::try_from(bits as i64) {
                Ok(bits) => self.a.store_constant(Operand::Memory(to, 0), bits),
                Err(_) => {
                    self.a.constant(RAX, bits);
                    self.a.store(Operand::Memory(to, 0), RAX);
                }
            },
        }
        if self.arena.target.start_bits.is_some() {
            self.set_start_bit(to, scratch);
        }
        self.a.alu_constant(Alu::Add, to, TAG);
        self.slow_path(jump, SlowCall::Allocate { size, header, to });
    }

    fn header(&mut self, trace: &Trace, at: Ref) -> Header {
        match trace.as_constant(at) {
            Some(constant) => Header::Constant(constant.bits),
            None => Header::Register(self.general(trace, at)),
        }
    }

    /// Sets bit `(address >> 3) & 31` of the four bytes for the address's 256-byte line.
    fn set_start_bit(&mut self, address: Gpr, scratch: Gpr) {
        let bias = Operand::Place(Stubs::place(self.arena.stubs.start_bits));
        self.a.mov(scratch, address);
        self.a.shift(Shift::Shr, scratch, 3);
        self.a.zero(RAX);
        self.a.bit_set(RAX, scratch);
        self.a.shift(Shift::Shr, scratch, 3);
        self.a.alu_constant(Alu::And, scratch, !3);
        self.a.alu(Alu::Add, scratch, bias);
        self.a.or_narrow(Operand::Memory(scratch, 0), RAX);
    }
}
