//! Checks the structure of a code unit: what the interpreter relies on without testing it.

use crate::{Access, CodeUnit, Const, Field, Kind, Opcode, for_each_register};

/// What is wrong with a code unit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifyError {
    /// Qualified name of the unit.
    pub unit: String,
    /// Word offset of the instruction.
    pub offset: usize,
    /// What is wrong.
    pub message: String,
}

impl std::fmt::Display for VerifyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at word {}: {}", self.unit, self.offset, self.message)
    }
}

impl std::error::Error for VerifyError {}

/// Verifies a code unit and those nested in it: every word decodes, registers lie in the frame, indices in their tables, jumps and
/// handlers land on instructions, constants have their words, and control does not run off the end.
pub fn verify(unit: &CodeUnit) -> Result<(), VerifyError> {
    let starts = decode(unit)?;
    let fail = |offset: usize, message: String| Err(VerifyError { unit: unit.qualname.to_string(), offset, message });
    let mut last = None;
    for &offset in &starts {
        if let Some(message) = check_instruction(unit, offset, &starts) {
            return fail(offset, message);
        }
        last = Some(offset);
    }
    match last {
        Some(offset) if crate::Instruction(unit.code[offset]).opcode().ends_block() => {}
        _ => return fail(unit.code.len(), "control runs off the end".to_string()),
    }
    let mut end = 0;
    for range in &unit.exception_table {
        let start = range.start as usize;
        if range.start >= range.end || range.start < end || range.end as usize > unit.code.len() {
            return fail(start, "handler ranges are out of order".to_string());
        }
        end = range.end;
        if starts.binary_search(&start).is_err() || starts.binary_search(&(range.target as usize)).is_err() {
            return fail(start, "handler range or target is no instruction".to_string());
        }
        if u32::from(range.register) >= unit.frame_size {
            return fail(start, "handler register is outside the frame".to_string());
        }
    }
    for constant in &unit.consts {
        if let Const::Code(nested) = constant {
            verify(nested)?;
        }
    }
    Ok(())
}

/// The offsets of the instructions, if all words decode.
fn decode(unit: &CodeUnit) -> Result<Vec<usize>, VerifyError> {
    let mut starts = Vec::new();
    let mut offset = 0;
    while offset < unit.code.len() {
        let opcode = Opcode::from_byte(unit.code[offset] as u8);
        match opcode {
            Some(opcode) if offset + opcode.size() <= unit.code.len() => {
                starts.push(offset);
                offset += opcode.size();
            }
            _ => {
                let message = "does not decode".to_string();
                return Err(VerifyError { unit: unit.qualname.to_string(), offset, message });
            }
        }
    }
    Ok(starts)
}

/// What is wrong with one instruction.
fn check_instruction(unit: &CodeUnit, offset: usize, starts: &[usize]) -> Option<String> {
    let instruction = crate::Instruction(unit.code[offset]);
    let mut outside = None;
    for_each_register(instruction, |access, first, count| {
        let end = u32::from(first) + u32::from(count);
        if access != Access::Clobber && count > 0 && end > unit.frame_size {
            outside = Some(end - 1);
        }
    });
    if let Some(register) = outside {
        return Some(format!("register {register} of {instruction:?} is outside the frame of {}", unit.frame_size));
    }
    for operand in instruction.opcode().operands() {
        let value = unit.operand(offset, operand.field, operand.kind);
        let limit = match operand.kind {
            Kind::Name => unit.names.len(),
            Kind::Local => unit.varnames.len(),
            Kind::Free => unit.freevars.len(),
            Kind::Deref => unit.cellvars.len() + unit.freevars.len(),
            Kind::Constant | Kind::Code => {
                let word = offset + if operand.field == Field::e { 1 } else { 2 };
                match unit.constant_at(word) {
                    Some(Const::Code(_)) if operand.kind == Kind::Code => continue,
                    Some(_) if operand.kind == Kind::Constant => continue,
                    _ => return Some("constant word without its constant".to_string()),
                }
            }
            Kind::Offset | Kind::ShortOffset => {
                if unit.jump_target(offset).is_none_or(|target| starts.binary_search(&target).is_err()) {
                    return Some("jump target is no instruction".to_string());
                }
                continue;
            }
            _ => continue,
        };
        if value < 0 || value as usize >= limit {
            return Some(format!("operand {value} of {instruction:?} is outside its table"));
        }
    }
    None
}
