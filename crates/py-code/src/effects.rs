//! Which registers an instruction reads, writes and destroys: derived once from the operand kinds of the table.

use crate::{FRAME_HEADER, Field, Instruction, Kind, NO_REGISTER, Operand};

/// How an instruction touches a run of registers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// Reads them.
    Read,
    /// Gives them new values.
    Write,
    /// Gives them new values unless it jumps.
    WriteOrJump,
    /// Makes them unbound.
    Unbind,
    /// Leaves them without a meaningful value: everything above a call's base.
    Clobber,
}

/// Calls `visit(access, first register, count)` for all that the instruction does to registers: reads first, then what is
/// destroyed, then writes. A clobber's count reaches to the end of the register file.
pub fn for_each_register(instruction: Instruction, mut visit: impl FnMut(Access, u16, u16)) {
    for operand in registers(instruction) {
        let register = instruction.field(operand.field) as u16;
        match operand.kind {
            Kind::Read | Kind::Check | Kind::ReadWrite | Kind::Unbind => visit(Access::Read, register, 1),
            Kind::ReadOptional if register != NO_REGISTER => visit(Access::Read, register, 1),
            Kind::ReadPair => visit(Access::Read, register, 2),
            Kind::ReadTriple => visit(Access::Read, register, 3),
            Kind::First => visit(Access::Read, register, count(instruction)),
            Kind::FunctionParts => {
                for part in (0..4).filter(|part| instruction.x() & 1 << part != 0) {
                    visit(Access::Read, register + part, 1);
                }
            }
            Kind::CallBase | Kind::MethodBase | Kind::ExBase => {
                let arguments = match operand.kind {
                    Kind::CallBase => count(instruction),
                    Kind::MethodBase => count(instruction).saturating_add(1),
                    _ => 2,
                };
                visit(Access::Read, register, 1);
                visit(Access::Read, register.saturating_add(FRAME_HEADER), arguments);
                visit(Access::Clobber, register, u16::MAX - register);
            }
            _ => {}
        }
    }
    for_each_written(instruction, visit);
}

/// The last part of it: registers that get new values or become unbound.
pub fn for_each_written(instruction: Instruction, mut visit: impl FnMut(Access, u16, u16)) {
    for operand in registers(instruction) {
        let register = instruction.field(operand.field) as u16;
        match operand.kind {
            Kind::Write | Kind::ReadWrite => visit(Access::Write, register, 1),
            Kind::WriteOrJump => visit(Access::WriteOrJump, register, 1),
            Kind::WritePair => visit(Access::Write, register, 2),
            Kind::WriteTriple => visit(Access::Write, register, 3),
            Kind::WriteFirst => visit(Access::Write, register, count(instruction)),
            Kind::WriteMethod => {
                visit(Access::Write, register, 1);
                visit(Access::Write, register.saturating_add(FRAME_HEADER), 1);
            }
            Kind::Unbind => visit(Access::Unbind, register, 1),
            Kind::UnbindFirst => visit(Access::Unbind, register, instruction.bc().clamp(0, u16::MAX.into()) as u16),
            _ => {}
        }
    }
}

fn registers(instruction: Instruction) -> impl Iterator<Item = &'static Operand> {
    instruction.opcode().operands().iter().filter(|operand| !matches!(operand.field, Field::e | Field::f))
}

/// How many registers a run has whose length is an operand.
fn count(instruction: Instruction) -> u16 {
    let count = instruction.opcode().operands().iter().find_map(|operand| match operand.kind {
        Kind::Count => Some(instruction.field(operand.field) as u16),
        Kind::Pairs => Some((instruction.field(operand.field) as u16).saturating_mul(2)),
        Kind::BeforeAfter => {
            let both = instruction.field(operand.field) as u16;
            Some((both & 0xFF) + (both >> 8) + 1)
        }
        _ => None,
    });
    count.unwrap_or(0)
}
