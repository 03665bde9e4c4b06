//! Which registers are read again after an instruction: what a snapshot must keep.

use crate::compiler::Routine;
use crate::opcode::{Field, Kind, Opcode};
use vm_machine::{FRAME_HEADER, Instruction};

/// Live registers before each instruction, by word offset; words inside an instruction have an empty set.
pub fn liveness(routine: &Routine) -> Vec<Vec<bool>> {
    let registers = routine.frame_size as usize;
    let mut live = vec![vec![false; registers]; routine.code.len()];
    let starts: Vec<usize> = routine.instructions().map(|(offset, _)| offset).collect();
    loop {
        let mut changed = false;
        for &offset in starts.iter().rev() {
            let before = before(routine, &live, offset, registers);
            if before != live[offset] {
                live[offset] = before;
                changed = true;
            }
        }
        if !changed {
            return live;
        }
    }
}

/// A set of registers as bits, 64 to a word.
pub fn words(registers: &[bool]) -> Vec<u64> {
    let word = |bits: &[bool]| bits.iter().enumerate().fold(0, |word, (n, is_live)| word | u64::from(*is_live) << n);
    registers.chunks(64).map(word).collect()
}

fn before(routine: &Routine, live: &[Vec<bool>], offset: usize, registers: usize) -> Vec<bool> {
    let instruction = Instruction(routine.code[offset]);
    let opcode = routine.opcode(offset);
    let mut set = vec![false; registers];
    let mut join = |from: &[bool], except: Option<usize>| {
        for (register, live) in from.iter().enumerate() {
            set[register] |= live & (Some(register) != except);
        }
    };
    if !opcode.ends_block() {
        join(&live[offset + 1 + opcode.words()], None);
    }
    if let Some(target) = routine.jump_target(offset) {
        join(&live[target], None);
    }
    for (field, kind) in opcode.operands() {
        if *kind == Kind::Write {
            set[operand(instruction, *field)] = false;
        }
    }
    // A throwing instruction has not written its result.
    if let Some(handler) = routine.handler(offset) {
        for (register, live) in live[handler.target].iter().enumerate() {
            set[register] |= live & (register != handler.register);
        }
    }
    for (field, kind) in opcode.operands() {
        let register = operand(instruction, *field);
        match kind {
            Kind::Write => {}
            Kind::Read => set[register] = true,
            Kind::Call => {
                set[register] = true;
                let first = register + FRAME_HEADER;
                set[first..first + instruction.c()].fill(true);
            }
        }
    }
    set
}

fn operand(instruction: Instruction, field: Field) -> usize {
    match field {
        Field::a => instruction.a(),
        Field::b => instruction.b(),
        Field::c => instruction.c(),
    }
}

/// The opcode of an instruction word that the compiler made.
pub fn opcode_of(word: u64) -> Opcode {
    Opcode::from_byte(word as u8).expect("the compiler makes known opcodes only")
}
