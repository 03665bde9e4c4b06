//! Lays the words out: sizes, jump offsets, tables.

use py_code::{CodeUnit, Field, HandlerRange, Instruction, Kind, Opcode, Position, PositionEntry};
use py_syntax::{LineIndex, ast::TextRange};

use super::{Emitter, layout::opposite};

impl Emitter {
    /// Finishes the code and fills in the tables that depend on it. `parameters` registers are set at entry, `unit.nlocals` are named.
    pub fn assemble(mut self, unit: &mut CodeUnit, parameters: u16, lines: &LineIndex) {
        // What marks a line may lose its neighbours on that line until bindings are settled.
        self.tidy(None);
        self.settle_bindings(parameters, unit.nlocals as u16);
        self.tidy(Some(lines));
        self.settle_places();
        let (offsets, long) = self.offsets();
        let end = |index: usize| offsets[index + 1];
        for (index, inst) in self.code.iter().enumerate() {
            let opcode = inst.word.opcode();
            let mut words = [inst.word.0, inst.extension, 0];
            let target = inst.target.map(|label| offsets[self.target_index(label)]);
            if let Some(target) = target {
                let distance = target as i64 - end(index) as i64;
                match opcode.jump_field().expect("only jumps have targets") {
                    Field::e => words[1] = distance as u64,
                    _ if long[index] => {
                        // The opposite jump skips an unconditional one, which reaches further.
                        let skip = opposite(opcode).expect("short jumps have opposites");
                        words[0] = inst.word.with_field(Field::c, 1).0 & !0xFF | skip as u64;
                        words[1] = Instruction::wide(Opcode::Jump, 0, distance as i32).0;
                    }
                    field => words[0] = inst.word.with_field(field, distance).0,
                }
            }
            if let Some((place, constant)) = inst.constant {
                unit.const_words.push(((offsets[index] + place) as u32, constant));
            }
            unit.code.extend_from_slice(&words[..end(index) - offsets[index]]);
        }
        unit.exception_table = self.exception_table(&offsets);
        unit.positions = self.positions(&offsets, lines).into();
        unit.frame_size = self.size.max(1);
        unit.consts = self.consts;
        unit.names = self.names.into_iter().map(Into::into).collect();
    }

    /// Word offsets of all instructions (and of the end), and which short jumps need the long form.
    fn offsets(&self) -> (Vec<usize>, Vec<bool>) {
        let mut long = vec![false; self.code.len()];
        loop {
            let mut offsets = Vec::with_capacity(self.code.len() + 1);
            let mut offset = 0;
            for (inst, &long) in self.code.iter().zip(&long) {
                offsets.push(offset);
                offset += inst.word.opcode().size() + usize::from(long);
            }
            offsets.push(offset);
            let mut changed = false;
            for (index, inst) in self.code.iter().enumerate() {
                let Some(label) = inst.target else { continue };
                let opcode = inst.word.opcode();
                let short = opcode.jump_field().and_then(|field| opcode.operand(field)) == Some(Kind::ShortOffset);
                let distance = offsets[self.target_index(label)] as i64 - offsets[index + 1] as i64;
                if short && !long[index] && i16::try_from(distance).is_err() {
                    long[index] = true;
                    changed = true;
                }
            }
            if !changed {
                return (offsets, long);
            }
        }
    }

    fn exception_table(&self, offsets: &[usize]) -> Vec<HandlerRange> {
        let mut table: Vec<HandlerRange> = Vec::new();
        for (index, inst) in self.code.iter().enumerate() {
            let Some(handler) = inst.handler else { continue };
            let (label, register) = self.handlers[handler.0 as usize];
            let (start, end) = (offsets[index] as u32, offsets[index + 1] as u32);
            let target = offsets[self.target_index(label)] as u32;
            match table.last_mut() {
                Some(last) if last.end == start && last.target == target && last.register == register => last.end = end,
                _ => table.push(HandlerRange { start, end, target, register }),
            }
        }
        table
    }

    fn positions(&self, offsets: &[usize], lines: &LineIndex) -> Vec<PositionEntry> {
        let mut entries: Vec<PositionEntry> = Vec::new();
        let mut previous = None;
        for (index, inst) in self.code.iter().enumerate() {
            if previous == Some(inst.range) {
                continue;
            }
            previous = Some(inst.range);
            entries.push(PositionEntry { offset: offsets[index] as u32, position: position(lines, inst.range) });
        }
        entries
    }
}

/// A range of the source as lines and columns; the empty range at 0 is no place.
pub(crate) fn position(lines: &LineIndex, range: TextRange) -> Position {
    if range == TextRange::default() {
        return Position::default();
    }
    let (start, end) = (lines.location(range.start()), lines.location(range.end()));
    Position { line: start.line, column: start.column, end_line: end.line, end_column: end.column }
}
