//! Definite assignment: which tests for unbound locals can be dropped, and which registers need unbinding at entry.
//!
//! Registers hold leftovers of other frames when a function starts. A local is unbound at entry unless, at every instruction, it is
//! certain whether it has been given a value (or been unbound) by then; so whoever looks at the frame sees a value or nothing.

use py_code::{Access, Instruction, Opcode, RegisterSet, for_each_register};

use super::{Emitter, Inst};

/// What is known about registers before an instruction.
#[derive(Clone)]
struct State {
    /// Certainly bound.
    bound: RegisterSet,
    /// Certainly written: bound or marked unbound.
    written: RegisterSet,
    /// Possibly written.
    maybe_written: RegisterSet,
}

impl State {
    /// Joins what is known on another way to the same place; tells whether that changed anything.
    fn join(&mut self, other: &State) -> bool {
        let bound = self.bound.intersect(&other.bound);
        let written = self.written.intersect(&other.written);
        let maybe = self.maybe_written.union(&other.maybe_written);
        bound | written | maybe
    }

    /// The effect of an instruction; `jumped` if control leaves it by its jump.
    fn apply(&mut self, word: Instruction, jumped: bool) {
        for_each_register(word, |access, first, count| match access {
            Access::Write => self.write(first, count, true),
            Access::WriteOrJump if !jumped => self.write(first, count, true),
            Access::Unbind => self.write(first, count, false),
            Access::Clobber => {
                self.bound.truncate(first);
                self.written.truncate(first);
                self.maybe_written.truncate(first);
            }
            _ => {}
        });
        if word.opcode() == Opcode::CheckBound {
            self.bound.insert(word.a());
        }
    }

    fn write(&mut self, first: u16, count: u16, bound: bool) {
        for register in first..first.saturating_add(count) {
            if bound {
                self.bound.insert(register);
            } else {
                self.bound.remove(register);
            }
            self.written.insert(register);
            self.maybe_written.insert(register);
        }
    }
}

impl Emitter {
    /// Drops needless tests and adds the unbinding at entry. Registers `0..parameters` are bound at entry; those up to `named` are
    /// locals, which debuggers see.
    pub(super) fn settle_bindings(&mut self, parameters: u16, named: u16) {
        let checks = |inst: &Inst| matches!(inst.word.opcode(), Opcode::CheckBound | Opcode::DeleteLocal);
        if self.code.is_empty() || parameters == named && !self.code.iter().any(checks) {
            return;
        }
        let states = self.binding_states(parameters);
        let mut keep = vec![true; self.code.len()];
        let mut unbind = RegisterSet::new(self.size as usize);
        for (index, state) in states.iter().enumerate() {
            let Some(state) = state else { continue };
            for register in parameters..named {
                if state.maybe_written.contains(register) && !state.written.contains(register) {
                    unbind.insert(register);
                }
            }
            let word = self.code[index].word;
            if checks(&self.code[index]) && !state.written.contains(word.a()) {
                unbind.insert(word.a());
            }
            keep[index] = word.opcode() != Opcode::CheckBound || !state.bound.contains(word.a());
        }
        self.retain(&keep);
        let at = usize::from(self.code.first().is_some_and(|inst| inst.word.opcode() == Opcode::MakeGenerator));
        for run in
            [unbind.iter().filter(|&r| r >= named).collect::<Vec<_>>(), unbind.iter().filter(|&r| r < named).collect()]
        {
            if let (Some(&first), Some(&last)) = (run.first(), run.last()) {
                self.insert(at, Instruction::wide(Opcode::Unbind, first, i32::from(last - first) + 1));
            }
        }
    }

    fn binding_states(&self, parameters: u16) -> Vec<Option<State>> {
        let size = self.size as usize;
        let mut entry = State {
            bound: RegisterSet::new(size),
            written: RegisterSet::new(size),
            maybe_written: RegisterSet::new(size),
        };
        entry.write(0, parameters, true);
        let mut states: Vec<Option<State>> = vec![None; self.code.len()];
        states[0] = Some(entry);
        let mut changed = true;
        while changed {
            changed = false;
            for index in 0..self.code.len() {
                let Some(before) = states[index].clone() else { continue };
                let inst = &self.code[index];
                if let Some(handler) = inst.handler {
                    let (label, register) = self.handlers[handler.0 as usize];
                    let mut at_handler = before.clone();
                    at_handler.write(register, 1, true);
                    changed |= flow_to(&mut states, self.target_index(label), &at_handler);
                }
                if let Some(label) = inst.target {
                    let mut after = before.clone();
                    after.apply(inst.word, true);
                    changed |= flow_to(&mut states, self.target_index(label), &after);
                }
                if !inst.word.opcode().ends_block() {
                    let mut after = before;
                    after.apply(inst.word, false);
                    changed |= flow_to(&mut states, index + 1, &after);
                }
            }
        }
        states
    }

    /// Inserts an instruction that belongs to no source line. Jumps to that place go to the instruction after it.
    fn insert(&mut self, at: usize, word: Instruction) {
        for label in self.labels.iter_mut().filter(|label| **label >= at && **label != super::UNPLACED) {
            *label += 1;
        }
        let range = self.entry;
        self.code.insert(
            at,
            Inst { word, extension: 0, constant: None, target: None, range, handler: None, marks_line: false },
        );
    }
}

/// Joins a state into that of an instruction.
fn flow_to(states: &mut [Option<State>], index: usize, state: &State) -> bool {
    match states.get_mut(index) {
        Some(Some(known)) => known.join(state),
        Some(unknown) => {
            *unknown = Some(state.clone());
            true
        }
        None => false,
    }
}
