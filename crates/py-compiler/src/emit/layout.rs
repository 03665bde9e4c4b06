//! Tidies jumps: threads jumps to jumps, turns conditional jumps around jumps, drops what is never reached.

use py_code::Opcode;
use py_syntax::{LineIndex, ast::TextRange};

use super::{Emitter, Label};

/// Pairs of opposite conditional jumps.
const OPPOSITES: &[(Opcode, Opcode)] = &[
    (Opcode::JumpIfTrue, Opcode::JumpIfFalse),
    (Opcode::JumpIfNone, Opcode::JumpIfNotNone),
    (Opcode::JumpIfLt, Opcode::JumpIfNotLt),
    (Opcode::JumpIfLe, Opcode::JumpIfNotLe),
    (Opcode::JumpIfEq, Opcode::JumpIfNotEq),
    (Opcode::JumpIfNe, Opcode::JumpIfNotNe),
    (Opcode::JumpIfGt, Opcode::JumpIfNotGt),
    (Opcode::JumpIfGe, Opcode::JumpIfNotGe),
    (Opcode::JumpIfLtInt, Opcode::JumpIfNotLtInt),
    (Opcode::JumpIfLeInt, Opcode::JumpIfNotLeInt),
    (Opcode::JumpIfEqInt, Opcode::JumpIfNotEqInt),
    (Opcode::JumpIfNeInt, Opcode::JumpIfNotNeInt),
    (Opcode::JumpIfGtInt, Opcode::JumpIfNotGtInt),
    (Opcode::JumpIfGeInt, Opcode::JumpIfNotGeInt),
    (Opcode::JumpIfIs, Opcode::JumpIfIsNot),
    (Opcode::JumpIfIn, Opcode::JumpIfNotIn),
    (Opcode::JumpIfMatch, Opcode::JumpIfNoMatch),
];

/// The conditional jump that jumps exactly when this one does not.
pub(super) fn opposite(opcode: Opcode) -> Option<Opcode> {
    OPPOSITES.iter().find_map(|&(one, other)| match opcode {
        _ if opcode == one => Some(other),
        _ if opcode == other => Some(one),
        _ => None,
    })
}

/// Longest chain of jumps followed; bounds cycles of empty loops.
const MAXIMUM_HOPS: usize = 16;

impl Emitter {
    pub(super) fn tidy(&mut self, lines: Option<&LineIndex>) {
        loop {
            self.thread_jumps(lines);
            let before = self.code.len();
            self.drop_unreached();
            self.turn_conditions(lines);
            self.drop_empty_jumps(lines);
            if self.code.len() == before {
                return;
            }
        }
    }

    pub(super) fn target_index(&self, label: Label) -> usize {
        self.labels[label.0 as usize]
    }

    /// Whether a jump may be left out on the way from another instruction, or next to it: no line would be missed.
    fn is_hidden_by(&self, jump: usize, other: usize, lines: Option<&LineIndex>) -> bool {
        let range = |index: usize| self.code[index].range;
        let same_line = |lines: &LineIndex| {
            let line = |index: usize| lines.location(range(index).start()).line;
            range(other) != TextRange::default() && line(jump) == line(other)
        };
        !self.code[jump].marks_line || lines.is_some_and(same_line)
    }

    fn thread_jumps(&mut self, lines: Option<&LineIndex>) {
        for index in 0..self.code.len() {
            let Some(mut label) = self.code[index].target else { continue };
            let (opcode, register) = (self.code[index].word.opcode(), self.code[index].word.a());
            let temporary = u32::from(register) >= self.named;
            for _ in 0..MAXIMUM_HOPS {
                let at = self.target_index(label);
                let Some(next) = self.code.get(at) else { break };
                let truth = |opcode| matches!(opcode, Opcode::JumpIfTrue | Opcode::JumpIfFalse);
                match next.word.opcode() {
                    Opcode::Jump if self.is_hidden_by(at, index, lines) => {
                        label = next.target.expect("a jump has a target")
                    }
                    // A second test of a temporary belongs to the same expression, which tests each operand once. A second
                    // test of a variable is one that the program asks for: it calls `__bool__` again.
                    second if temporary && truth(second) && truth(opcode) && next.word.a() == register => {
                        label = match second == opcode {
                            true => next.target.expect("a jump has a target"),
                            false => {
                                self.labels.push(at + 1);
                                Label(self.labels.len() as u32 - 1)
                            }
                        }
                    }
                    _ => break,
                }
            }
            self.code[index].target = Some(label);
        }
    }

    fn drop_unreached(&mut self) {
        let mut reached = vec![false; self.code.len()];
        let mut work = vec![0];
        while let Some(index) = work.pop() {
            if index >= self.code.len() || std::mem::replace(&mut reached[index], true) {
                continue;
            }
            let inst = &self.code[index];
            if let Some(label) = inst.target {
                work.push(self.target_index(label));
            }
            if let Some(handler) = inst.handler {
                work.push(self.target_index(self.handlers[handler.0 as usize].0));
            }
            if !inst.word.opcode().ends_block() {
                work.push(index + 1);
            }
        }
        self.retain(&reached);
    }

    /// `if c: jump A; jump B; A:` becomes `if not c: jump B; A:`.
    fn turn_conditions(&mut self, lines: Option<&LineIndex>) {
        let mut targeted = self.targeted();
        for (label, _) in &self.handlers {
            if let Some(place) = targeted.get_mut(self.labels[label.0 as usize]) {
                *place = true;
            }
        }
        let mut keep = vec![true; self.code.len()];
        for index in 0..self.code.len().saturating_sub(2) {
            let (inst, next) = (&self.code[index], &self.code[index + 1]);
            let around = inst.target.is_some_and(|label| self.target_index(label) == index + 2);
            if around
                && next.word.opcode() == Opcode::Jump
                && !targeted[index + 1]
                && self.is_hidden_by(index + 1, index, lines)
                && let Some(opcode) = opposite(inst.word.opcode())
            {
                let target = next.target;
                let inst = &mut self.code[index];
                inst.word.0 = inst.word.0 & !0xFF | opcode as u64;
                inst.target = target;
                keep[index + 1] = false;
            }
        }
        self.retain(&keep);
    }

    /// Drops jumps to the next instruction, unless they mark a line that their neighbours do not belong to.
    fn drop_empty_jumps(&mut self, lines: Option<&LineIndex>) {
        let targeted = self.targeted();
        let empty = |index: usize| {
            let inst = &self.code[index];
            inst.word.opcode() == Opcode::Jump
                && inst.target.is_some_and(|label| self.target_index(label) == index + 1)
                && (index + 1 < self.code.len() && self.is_hidden_by(index, index + 1, lines)
                    || self.follows_only(index, &targeted) && self.is_hidden_by(index, index - 1, lines))
        };
        let keep: Vec<bool> = (0..self.code.len()).map(|index| !empty(index)).collect();
        self.retain(&keep);
    }

    /// Which instructions jumps lead to.
    fn targeted(&self) -> Vec<bool> {
        let mut targeted = vec![false; self.code.len() + 1];
        for label in self.code.iter().filter_map(|inst| inst.target) {
            targeted[self.target_index(label)] = true;
        }
        targeted
    }

    /// Whether an instruction is reached from the one before it and from nowhere else.
    fn follows_only(&self, index: usize, targeted: &[bool]) -> bool {
        index > 0
            && !self.code[index - 1].word.opcode().ends_block()
            && self.code[index - 1].word.opcode() != Opcode::LoopHeader
            && !targeted[index]
    }

    /// Keeps some of the instructions; labels of others move to the next one kept.
    pub(super) fn retain(&mut self, keep: &[bool]) {
        if keep.iter().all(|&keep| keep) {
            return;
        }
        let mut new_index = Vec::with_capacity(keep.len() + 1);
        let mut kept = 0;
        for &keep in keep {
            new_index.push(kept);
            kept += usize::from(keep);
        }
        new_index.push(kept);
        for label in &mut self.labels {
            if let Some(&new) = new_index.get(*label) {
                *label = new;
            }
        }
        let mut keep = keep.iter();
        self.code.retain(|_| *keep.next().expect("one flag for each instruction"));
    }
}
