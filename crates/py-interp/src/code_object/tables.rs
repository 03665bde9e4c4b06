//! The byte strings of code objects: `co_code`, `co_linetable` and `co_exceptiontable`.
//!
//! Their form is Typhon's own, as CPython's is its own. `co_code` has the words of the unit in little-endian order; a word
//! that stands for a constant holds its index into `co_consts`. The exception table also names the registers of shared
//! variables and ends in a seal over the instructions: code objects can be taken apart and put together again, but
//! instructions that no compiler wrote are refused, since the interpreter trusts them.

use py_code::{CodeUnit, Field, HandlerRange, Instruction, Kind, Opcode, Position, PositionEntry};

/// The words of a unit that stand for constants: offset of the word.
fn constant_words(code: &[u64]) -> Option<Vec<usize>> {
    let mut found = Vec::new();
    let mut offset = 0;
    while offset < code.len() {
        let opcode = Opcode::from_byte(code[offset] as u8)?;
        if offset + opcode.size() > code.len() {
            return None;
        }
        for operand in opcode.operands() {
            if matches!(operand.kind, Kind::Constant | Kind::Code) {
                found.push(offset + if operand.field == Field::e { 1 } else { 2 });
            }
        }
        offset += opcode.size();
    }
    Some(found)
}

/// `co_code`; constants are counted from `first_constant` on.
pub fn code_bytes(unit: &CodeUnit, first_constant: usize) -> Vec<u8> {
    let mut words = unit.code.clone();
    for (word, constant) in &unit.const_words {
        words[*word as usize] = u64::from(*constant) + first_constant as u64;
    }
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// What a `co_code` says.
pub struct Words {
    /// The words of the unit.
    pub code: Vec<u64>,
    /// Which of them stand for which constants.
    pub constants: Vec<(u32, u32)>,
}

/// The words of a `co_code`. None where they do not decode.
pub fn parse_code(bytes: &[u8], first_constant: usize) -> Option<Words> {
    if !bytes.len().is_multiple_of(8) {
        return None;
    }
    let mut words: Vec<u64> =
        bytes.chunks(8).map(|chunk| u64::from_le_bytes(chunk.try_into().unwrap_or_default())).collect();
    let mut constants = Vec::new();
    for word in constant_words(&words)? {
        let index = words[word].checked_sub(first_constant as u64).and_then(|index| u32::try_from(index).ok())?;
        constants.push((word as u32, index));
        words[word] = 0;
    }
    Some(Words { code: words, constants })
}

fn push(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Reads the numbers that `push` wrote.
struct Numbers<'a>(&'a [u8]);

impl Numbers<'_> {
    fn next(&mut self) -> Option<u64> {
        let mut number = 0u64;
        for shift in (0..63).step_by(7) {
            let (first, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u64::from(first & 0x7f) << shift;
            if first & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }
    fn small<T: TryFrom<u64>>(&mut self) -> Option<T> {
        T::try_from(self.next()?).ok()
    }
}

/// `co_linetable`.
pub fn line_table(unit: &CodeUnit) -> Vec<u8> {
    let mut out = Vec::new();
    for PositionEntry { offset, position } in unit.positions.iter() {
        for part in [offset, position.line, position.column, position.end_line, position.end_column] {
            push(&mut out, part.into());
        }
    }
    out
}

/// The positions of a `co_linetable`; none where it is malformed.
pub fn parse_line_table(bytes: &[u8]) -> Option<Vec<PositionEntry>> {
    let mut numbers = Numbers(bytes);
    let mut entries: Vec<PositionEntry> = Vec::new();
    while !numbers.0.is_empty() {
        let offset: u32 = numbers.small()?;
        let (line, column) = (numbers.small()?, numbers.small()?);
        let (end_line, end_column) = (numbers.small()?, numbers.small()?);
        if entries.last().is_some_and(|last| last.offset >= offset) {
            return None;
        }
        entries.push(PositionEntry { offset, position: Position { line, column, end_line, end_column } });
    }
    Some(entries)
}

/// A hash of what the interpreter trusts.
fn seal(unit: &CodeUnit) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    let mut mix = |word: u64| {
        for byte in word.to_le_bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
    };
    let mut offset = 0;
    while offset < unit.code.len() {
        let opcode = Instruction(unit.code[offset]).opcode();
        for (at, word) in unit.code[offset..offset + opcode.size()].iter().enumerate() {
            // Constants may be others.
            mix(if unit.const_words.iter().any(|(word, _)| *word as usize == offset + at) { 0 } else { *word });
        }
        offset += opcode.size();
    }
    for register in unit.cell_registers.iter().chain(&unit.free_registers) {
        mix((*register).into());
    }
    for range in &unit.exception_table {
        for part in [range.start, range.end, range.target, range.register.into()] {
            mix(part.into());
        }
    }
    for count in [unit.argcount, unit.kwonlyargcount, unit.flags & 0x2ef] {
        mix(count.into());
    }
    hash
}

/// `co_exceptiontable`.
pub fn exception_table(unit: &CodeUnit) -> Vec<u8> {
    let mut out = Vec::new();
    for registers in [&unit.cell_registers, &unit.free_registers] {
        push(&mut out, registers.len() as u64);
        registers.iter().for_each(|register| push(&mut out, (*register).into()));
    }
    push(&mut out, unit.exception_table.len() as u64);
    for range in &unit.exception_table {
        for part in [range.start, range.end, range.target, range.register.into()] {
            push(&mut out, part.into());
        }
    }
    out.extend_from_slice(&seal(unit).to_le_bytes());
    out
}

/// Fills a unit from a `co_exceptiontable`. False where it is malformed or does not belong to the unit's instructions.
pub fn parse_exception_table(bytes: &[u8], unit: &mut CodeUnit) -> bool {
    let Some(at) = bytes.len().checked_sub(8) else { return false };
    let (table, sealed) = bytes.split_at(at);
    let mut numbers = Numbers(table);
    let mut parse = || {
        let mut registers = [Vec::new(), Vec::new()];
        for list in &mut registers {
            for _ in 0..numbers.small::<u16>()? {
                list.push(numbers.small::<u16>()?);
            }
        }
        let mut ranges = Vec::new();
        for _ in 0..numbers.small::<u32>()? {
            let (start, end, target) = (numbers.small()?, numbers.small()?, numbers.small()?);
            ranges.push(HandlerRange { start, end, target, register: numbers.small()? });
        }
        Some((registers, ranges))
    };
    let Some(([cells, frees], ranges)) = parse() else { return false };
    unit.cell_registers = cells;
    unit.free_registers = frees;
    unit.exception_table = ranges;
    seal(unit).to_le_bytes() == sealed
}
