//! Branches as `sys.monitoring` and `co_branches()` show them: from a place two ways go on, the left one where the program reads on.

use crate::{CodeUnit, Instruction, Opcode, byte_offset};

/// A place with two ways on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Branch {
    /// The instruction that decides: a word of the code.
    pub source: usize,
    /// Where control goes on into the body of the statement: a byte of `co_code`, as all that these ways lead to.
    pub left: i64,
    /// Where it goes on otherwise.
    pub right: i64,
}

/// How control has come from one instruction to the next: from a word of the code to a byte of `co_code`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// By an unconditional jump.
    Jump(usize, i64),
    /// Left at a branch.
    Left(usize, i64),
    /// Right at a branch.
    Right(usize, i64),
}

/// The second half of an instruction, which stands for what it does with an item, exception or result that it has got.
pub fn second_half(offset: usize) -> i64 {
    byte_offset(offset) + 4
}

impl CodeUnit {
    fn opcode_at(&self, offset: usize) -> Option<Opcode> {
        self.code.get(offset).and_then(|word| Opcode::from_byte(*word as u8))
    }

    /// A place that control goes on at: that of a loop is behind its header, which is none of the program's instructions.
    fn place_behind_header(&self, offset: usize) -> i64 {
        let behind = offset + Opcode::LoopHeader.size();
        byte_offset(match self.opcode_at(offset) {
            Some(Opcode::LoopHeader) if self.opcode_at(behind) != Some(Opcode::ForIter) => behind,
            _ => offset,
        })
    }

    /// Whether a conditional jump goes into a body when it jumps: that at the end of a loop does.
    fn jumps_left(&self, source: usize, target: usize) -> bool {
        target <= source && self.opcode_at(source) != Some(Opcode::ForIter)
    }

    /// The branch that an instruction is.
    fn branch(&self, source: usize) -> Option<Branch> {
        let opcode = self.opcode_at(source)?;
        let next = source + opcode.size();
        match opcode {
            Opcode::Jump | Opcode::Send => None,
            // The end of an asynchronous loop stands for the loop: left goes each item that has come.
            Opcode::EndAsyncFor => {
                let left = byte_offset(self.item_of_loop(source)?);
                Some(Branch { source, left, right: byte_offset(next) })
            }
            Opcode::ForIter | Opcode::JumpIfNoMatch => {
                Some(Branch { source, left: second_half(source), right: byte_offset(self.jump_target(source)?) })
            }
            _ => {
                let target = self.jump_target(source)?;
                let jumps_left = self.jumps_left(source, target);
                let (next, target) = (self.place_behind_header(next), self.place_behind_header(target));
                let (left, right) = if jumps_left { (target, next) } else { (next, target) };
                Some(Branch { source, left, right })
            }
        }
    }

    /// The instruction at which an item of an asynchronous loop has come, given the end of the loop.
    fn item_of_loop(&self, end: usize) -> Option<usize> {
        let sends = self.instructions().filter(|(_, instruction)| instruction.opcode() == Opcode::Send);
        let of_loop = |at: &usize| self.handler(*at).is_some_and(|range| range.target as usize == end);
        sends.map(|(at, _)| at).find(of_loop).and_then(|at| self.jump_target(at))
    }

    /// The branches in the order of the code.
    pub fn branches(&self) -> impl Iterator<Item = Branch> + '_ {
        self.instructions().filter_map(|(offset, _)| self.branch(offset))
    }

    /// How control has come from one instruction to another, if the first can jump.
    pub fn way(&self, before: usize, now: usize) -> Option<Way> {
        let opcode = self.opcode_at(before)?;
        let next = before + opcode.size();
        match opcode {
            // Some jumps only mark a line.
            Opcode::Jump if now == next || Instruction(self.code[before]).x() != 0 => None,
            Opcode::Jump => Some(Way::Jump(before, byte_offset(now))),
            Opcode::Send => {
                let end = self.handler(before).map(|range| range.target as usize)?;
                let ends_loop = self.opcode_at(end) == Some(Opcode::EndAsyncFor);
                (ends_loop && self.item_of_loop(end) == Some(now)).then(|| Way::Left(end, byte_offset(now)))
            }
            Opcode::EndAsyncFor => (now == next).then(|| Way::Right(before, byte_offset(now))),
            _ => {
                let branch = self.branch(before)?;
                let target = self.jump_target(before)?;
                let left = (now == target && now != next) == self.jumps_left(before, target);
                Some(if left { Way::Left(before, branch.left) } else { Way::Right(before, branch.right) })
            }
        }
    }
}
