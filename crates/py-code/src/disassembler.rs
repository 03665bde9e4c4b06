//! Listings of code units, for people and for golden tests.
//!
//! ```text
//! fib(n): 9 registers
//!      0    2:7   JumpIfNotLtInt n, 2 -> 3
//! ```
//! Columns: word offset, line and column of the source, instruction. Locals, cells and free variables are shown by name, temporaries as
//! `r` and number.

use std::fmt::Write;

use crate::{CodeUnit, Const, Field, Instruction, Kind, NO_REGISTER, Name, Opcode};

/// The listing of one code unit, nested ones left out.
pub fn disassemble(unit: &CodeUnit) -> String {
    let mut out = String::new();
    write_unit(&mut out, unit).expect("writing to a String cannot fail");
    out
}

/// The listing of a code unit followed by those of all that are nested in it.
pub fn disassemble_all(unit: &CodeUnit) -> String {
    let mut out = disassemble(unit);
    for constant in &unit.consts {
        if let Const::Code(nested) = constant {
            out.push('\n');
            out.push_str(&disassemble_all(nested));
        }
    }
    out
}

fn write_unit(out: &mut String, unit: &CodeUnit) -> std::fmt::Result {
    let parameters = &unit.varnames[..unit.parameters().min(unit.varnames.len())];
    writeln!(out, "{}({}): {} registers", unit.qualname, parameters.join(", "), unit.frame_size)?;
    let mut line = 0;
    for (offset, instruction) in unit.instructions() {
        let position = unit.position(offset);
        let place = if position.line == line { String::new() } else { position.line.to_string() };
        line = position.line;
        write!(out, "{offset:6} {place:>5}:{:<3} {}", position.column, instruction.opcode().name())?;
        let mut separator = " ";
        for operand in instruction.opcode().operands() {
            if let Some(text) = operand_text(unit, offset, instruction, operand.field, operand.kind) {
                write!(out, "{separator}{text}")?;
                separator = ", ";
            }
        }
        out.push('\n');
    }
    for range in &unit.exception_table {
        let register = register_name(unit, range.register);
        writeln!(out, "       except {}..{} -> {} in {register}", range.start, range.end, range.target)?;
    }
    Ok(())
}

/// How an operand is shown; none if it is left out.
fn operand_text(unit: &CodeUnit, offset: usize, instruction: Instruction, field: Field, kind: Kind) -> Option<String> {
    let value = unit.operand(offset, field, kind);
    let index = value as usize;
    let name = |names: &[Name]| names.get(index).map_or_else(|| format!("?{index}"), |name| name.to_string());
    Some(match kind {
        Kind::ReadOptional if value == NO_REGISTER.into() => return None,
        Kind::FunctionParts if instruction.x() == 0 => return None,
        Kind::First if instruction.c() == 0 => return None,
        Kind::Write
        | Kind::WriteOrJump
        | Kind::WritePair
        | Kind::WriteTriple
        | Kind::WriteMethod
        | Kind::WriteFirst
        | Kind::Read
        | Kind::Check
        | Kind::ReadOptional
        | Kind::ReadPair
        | Kind::ReadTriple
        | Kind::ReadWrite
        | Kind::Unbind
        | Kind::UnbindFirst
        | Kind::First
        | Kind::CallBase
        | Kind::MethodBase
        | Kind::ExBase
        | Kind::FunctionParts => register_name(unit, value as u16),
        Kind::Count | Kind::Pairs => format!("#{value}"),
        Kind::BeforeAfter => format!("#{}+*+{}", value & 0xFF, value >> 8),
        Kind::Int | Kind::Short => value.to_string(),
        Kind::Name => format!(".{}", name(&unit.names)),
        Kind::Local => match instruction.opcode() {
            Opcode::CheckBound | Opcode::DeleteLocal => return None,
            _ => name(&unit.varnames),
        },
        Kind::Free => format!("^{}", name(&unit.freevars)),
        Kind::Deref => {
            let all = unit.cellvars.iter().chain(&unit.freevars).nth(index);
            format!("^{}", all.map_or_else(|| format!("?{index}"), |name| name.to_string()))
        }
        Kind::Offset | Kind::ShortOffset => match unit.jump_target(offset) {
            Some(target) => format!("-> {target}"),
            None => format!("-> ?{value}"),
        },
        Kind::Constant | Kind::Code => {
            let word = offset + if field == Field::e { 1 } else { 2 };
            match unit.constant_at(word) {
                Some(constant) => constant_text(constant),
                None => "?".to_string(),
            }
        }
        Kind::Inplace | Kind::Explicit | Kind::Delegating | Kind::Awaited | Kind::Hidden if value == 0 => return None,
        Kind::Inplace => "in place".to_string(),
        Kind::Explicit => "explicit".to_string(),
        Kind::Hidden => "hidden".to_string(),
        Kind::Delegating => "delegating".to_string(),
        Kind::Conversion if value == 0 => return None,
        Kind::Conversion => format!("!{}", value as u8 as char),
        Kind::Special => ["enter", "exit", "aenter", "aexit"].get(index).map_or("?", |name| name).to_string(),
        Kind::Awaited | Kind::FunctionFlags | Kind::TypeParam => format!("x{value}"),
    })
}

fn register_name(unit: &CodeUnit, register: u16) -> String {
    let held = |registers: &[u16], names: &[Name]| {
        registers.iter().position(|&each| each == register).map(|index| format!("^{}", names[index]))
    };
    if let Some(name) = held(&unit.cell_registers, &unit.cellvars) {
        return name;
    }
    if let Some(name) = held(&unit.free_registers, &unit.freevars) {
        return name;
    }
    match unit.varnames.get(usize::from(register)) {
        Some(name) => name.to_string(),
        None => format!("r{register}"),
    }
}

/// A constant as listings show it: close to its `repr`.
fn constant_text(constant: &Const) -> String {
    let all = |items: &[Const]| items.iter().map(constant_text).collect::<Vec<_>>().join(", ");
    match constant {
        Const::None => "None".to_string(),
        Const::Bool(true) => "True".to_string(),
        Const::Bool(false) => "False".to_string(),
        Const::Int(value) => value.to_string(),
        Const::BigInt(digits) => digits.to_string(),
        Const::Float(value) => format!("{value:?}"),
        Const::Complex(real, imaginary) => format!("({real:?}{imaginary:+?}j)"),
        Const::Str(text) => format!("{text:?}"),
        Const::Bytes(bytes) => format!("b\"{}\"", bytes.escape_ascii()),
        Const::Ellipsis => "Ellipsis".to_string(),
        Const::Tuple(items) if items.len() == 1 => format!("({},)", constant_text(&items[0])),
        Const::Tuple(items) => format!("({})", all(items)),
        Const::FrozenSet(items) => format!("frozenset({{{}}})", all(items)),
        Const::Slice(parts) => format!("slice({})", all(&parts[..])),
        Const::Code(unit) => format!("<code {}>", unit.qualname),
    }
}
