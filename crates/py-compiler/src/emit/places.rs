//! Source places of instructions that have none of their own (PEP 626): they count as part of what runs before them.
//!
//! What ends a function without a `return` belongs to the line executed last, so each way to it gets its own copy.

use py_code::Opcode;
use py_syntax::ast::TextRange;

use super::{Emitter, Label};

impl Emitter {
    pub(super) fn settle_places(&mut self) {
        self.split_ends();
        let mut sources: Vec<Option<TextRange>> = vec![None; self.code.len()];
        for index in 0..self.code.len() {
            let Some(label) = self.code[index].target else { continue };
            let target = self.target_index(label);
            if let Some(source @ None) = sources.get_mut(target) {
                *source = Some(self.code[index].range).filter(|range| *range != TextRange::default());
            }
        }
        for index in 0..self.code.len() {
            if self.code[index].range != TextRange::default() {
                continue;
            }
            let falls_in = index > 0 && !self.code[index - 1].word.opcode().ends_block();
            let before = match index {
                0 => Some(self.entry),
                _ => falls_in.then(|| self.code[index - 1].range),
            };
            if let Some(range) = before.or(sources[index]) {
                self.code[index].range = range;
                if let Some(label) = self.code[index].target
                    && let Some(source @ None) = sources.get_mut(self.labels[label.0 as usize])
                {
                    *source = Some(range);
                }
            }
        }
    }

    /// Gives each jump to a final `return None` without a place a copy of its own.
    fn split_ends(&mut self) {
        let Some(end) = self
            .code
            .iter()
            .rposition(|inst| inst.word.opcode() == Opcode::ReturnNone && inst.range == TextRange::default())
        else {
            return;
        };
        let falls_in = end > 0 && !self.code[end - 1].word.opcode().ends_block();
        let jumps: Vec<usize> = (0..self.code.len())
            .filter(|&index| self.code[index].target.is_some_and(|label| self.target_index(label) == end))
            .collect();
        for (number, &index) in jumps.iter().enumerate() {
            let range = self.code[index].range;
            let mut copy = self.code[end].clone();
            copy.range = range;
            if self.code[index].word.opcode() == Opcode::Jump {
                copy.handler = self.code[index].handler;
                self.code[index] = copy;
            } else if falls_in || number > 0 {
                let at = self.code.len();
                self.code.push(copy);
                self.labels.push(at);
                self.code[index].target = Some(Label(self.labels.len() as u32 - 1));
            }
        }
        let reached = falls_in
            || end == 0
            || self.code.iter().any(|inst| inst.target.is_some_and(|label| self.target_index(label) == end));
        if !reached {
            let keep: Vec<bool> = (0..self.code.len()).map(|index| index != end).collect();
            self.retain(&keep);
        }
    }
}
