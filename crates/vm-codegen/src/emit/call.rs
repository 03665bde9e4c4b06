//! Calls of runtime functions by the System V convention.

use crate::assembler::{Gpr, RAX, Xmm};
use crate::compile::Compiler;
use crate::emit::is_float;
use crate::location::Location;
use vm_ir::{Inst, Trace, Type};

/// General registers for arguments: rdi, rsi, rdx, rcx, r8, r9.
const ARGUMENTS: [u8; 6] = [7, 6, 2, 1, 8, 9];

impl Compiler {
    pub(super) fn call(&mut self, trace: &Trace, index: usize, inst: &Inst) {
        let call = &trace.calls[inst.imm as usize];
        // Registers keep their contents while values are saved, so sources are noted before.
        self.moves.clear();
        let (mut general, mut floats) = (0, 0);
        let mut place = |is_float: bool| {
            let counter = if is_float { &mut floats } else { &mut general };
            *counter += 1;
            Location::register(if is_float { 15 + *counter as u8 } else { ARGUMENTS[*counter - 1] })
        };
        for at in &call.arguments {
            let to = place(is_float(trace, *at));
            if !at.is_constant() {
                self.moves.add(to, self.registers.location(at.index()));
            }
        }
        self.registers.save_for_call(&mut self.a, &self.live, index as u32);
        self.moves.emit(&mut self.a);
        let (mut general, mut floats) = (0, 0);
        for at in &call.arguments {
            let counter = if is_float(trace, *at) { &mut floats } else { &mut general };
            let to = if is_float(trace, *at) { 16 + *counter as u8 } else { ARGUMENTS[*counter] };
            *counter += 1;
            if at.is_constant() {
                self.load_constant(trace, *at, Location::register(to));
            }
        }
        self.a.constant(RAX, call.address);
        self.a.call(RAX);
        self.release_operands(trace, index, inst);
        if self.live.last[index] == 0 {
            return;
        }
        match inst.ty {
            Type::None => {}
            Type::Float => {
                let to = self.result_float(index, inst);
                self.a.move_float(to, Xmm(0));
            }
            _ => {
                let to: Gpr = self.result(index, inst);
                self.a.mov(to, RAX);
            }
        }
    }
}
