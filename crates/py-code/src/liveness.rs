//! Liveness of registers, per instruction: what the tracing JIT must be able to rebuild at a side exit.
//!
//! Temporaries are exact: live where some path reads them before it overwrites them. Named locals, cells and free variables are
//! live from their first possible assignment on, whether read again or not, since debuggers, tracebacks and `locals()` see them.

use crate::{Access, CodeUnit, Opcode, for_each_register};

/// A set of registers.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RegisterSet(Vec<u64>);

impl RegisterSet {
    /// The empty set, with room for registers below `size`.
    pub fn new(size: usize) -> RegisterSet {
        RegisterSet(vec![0; size.div_ceil(64)])
    }

    /// Whether the register is in the set.
    pub fn contains(&self, register: u16) -> bool {
        let register = usize::from(register);
        self.0.get(register / 64).is_some_and(|word| word >> (register % 64) & 1 != 0)
    }

    /// Adds a register; one that there is no room for is left out.
    pub fn insert(&mut self, register: u16) {
        let register = usize::from(register);
        if let Some(word) = self.0.get_mut(register / 64) {
            *word |= 1 << (register % 64);
        }
    }

    /// Takes a register out.
    pub fn remove(&mut self, register: u16) {
        let register = usize::from(register);
        if let Some(word) = self.0.get_mut(register / 64) {
            *word &= !(1 << (register % 64));
        }
    }

    /// Takes out every register from `first` on.
    pub fn truncate(&mut self, first: u16) {
        let first = usize::from(first);
        for (index, word) in self.0.iter_mut().enumerate() {
            if (index + 1) * 64 <= first {
                continue;
            }
            let keep = first.saturating_sub(index * 64);
            *word &= if keep >= 64 { u64::MAX } else { (1 << keep) - 1 };
        }
    }

    /// Adds the members of another set of the same size; tells whether any was new.
    pub fn union(&mut self, other: &RegisterSet) -> bool {
        let mut changed = false;
        for (word, more) in self.0.iter_mut().zip(&other.0) {
            changed |= *more & !*word != 0;
            *word |= more;
        }
        changed
    }

    /// Keeps only the members of another set of the same size; tells whether any went.
    pub fn intersect(&mut self, other: &RegisterSet) -> bool {
        let mut changed = false;
        for (word, keep) in self.0.iter_mut().zip(&other.0) {
            changed |= *word & !*keep != 0;
            *word &= keep;
        }
        changed
    }

    /// The members, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u16> + '_ {
        (0..self.0.len() * 64).map(|register| register as u16).filter(|&register| self.contains(register))
    }
}

/// The registers live before each instruction.
#[derive(Clone, Debug)]
pub struct Liveness {
    offsets: Vec<usize>,
    before: Vec<RegisterSet>,
}

impl Liveness {
    /// The registers live before the instruction at a word offset; none if no instruction starts there.
    pub fn before(&self, offset: usize) -> Option<&RegisterSet> {
        Some(&self.before[self.offsets.binary_search(&offset).ok()?])
    }

    /// The registers live before the instruction that a word belongs to, be it the instruction's own or an extension word.
    pub fn around(&self, word: usize) -> Option<&RegisterSet> {
        self.before.get(self.offsets.partition_point(|offset| *offset <= word).checked_sub(1)?)
    }
}

/// Computes the liveness of a code unit's registers.
pub fn liveness(unit: &CodeUnit) -> Liveness {
    let (offsets, code): (Vec<_>, Vec<_>) = unit.instructions().unzip();
    let index_of = |offset: usize| offsets.binary_search(&offset).ok();
    let size = unit.frame_size as usize;
    let named = named_registers(unit);
    let handlers: Vec<_> = offsets
        .iter()
        .map(|&offset| unit.handler(offset).and_then(|range| Some((index_of(range.target as usize)?, range.register))))
        .collect();
    let targets: Vec<_> = offsets.iter().map(|&offset| unit.jump_target(offset).and_then(index_of)).collect();

    // Backwards, until nothing changes: registers read before they are overwritten.
    let mut before = vec![RegisterSet::new(size); code.len()];
    let mut changed = true;
    while changed {
        changed = false;
        for index in (0..code.len()).rev() {
            let instruction = code[index];
            let mut live = RegisterSet::new(size);
            if !instruction.opcode().ends_block()
                && let Some(next) = before.get(index + 1)
            {
                live.union(next);
            }
            for_each_register(instruction, |access, first, count| match access {
                Access::Write | Access::WriteOrJump | Access::Unbind => {
                    (first..first.saturating_add(count)).for_each(|register| live.remove(register));
                }
                Access::Clobber => live.truncate(first),
                Access::Read => {}
            });
            // What a jump's target needs is not overwritten on the way, whatever the instruction writes when it does not jump.
            if let Some(target) = targets[index] {
                let mut at_target = before[target].clone();
                if instruction.opcode() == Opcode::Send {
                    at_target.remove(instruction.a());
                }
                live.union(&at_target);
            }
            if let Some((target, register)) = handlers[index] {
                let mut at_handler = before[target].clone();
                at_handler.remove(register);
                live.union(&at_handler);
            }
            for_each_register(instruction, |access, first, count| {
                if access == Access::Read {
                    (first..first.saturating_add(count)).for_each(|register| live.insert(register));
                }
            });
            changed |= before[index].union(&live);
        }
    }
    add_named(unit, &code, &targets, &handlers, &named, &mut before);
    Liveness { offsets, before }
}

/// The registers of locals, cells and free variables.
fn named_registers(unit: &CodeUnit) -> RegisterSet {
    let mut named = RegisterSet::new(unit.frame_size as usize);
    (0..unit.nlocals as u16).for_each(|register| named.insert(register));
    unit.cell_registers.iter().chain(&unit.free_registers).for_each(|&register| named.insert(register));
    named
}

/// Forwards, until nothing changes: named registers that may have been assigned.
fn add_named(
    unit: &CodeUnit,
    code: &[crate::Instruction],
    targets: &[Option<usize>],
    handlers: &[Option<(usize, u16)>],
    named: &RegisterSet,
    before: &mut [RegisterSet],
) {
    let mut assigned = vec![RegisterSet::new(unit.frame_size as usize); code.len()];
    let Some(entry) = assigned.first_mut() else { return };
    (0..unit.parameters() as u16).for_each(|register| entry.insert(register));
    let mut changed = true;
    while changed {
        changed = false;
        for index in 0..code.len() {
            let mut after = assigned[index].clone();
            if let Some((target, _)) = handlers[index] {
                changed |= assigned[target].union(&after);
            }
            for_each_register(code[index], |access, first, count| match access {
                Access::Write | Access::WriteOrJump | Access::Unbind => {
                    (first..first.saturating_add(count)).for_each(|register| after.insert(register));
                }
                _ => {}
            });
            if let Some(target) = targets[index] {
                changed |= assigned[target].union(&after);
            }
            if !code[index].opcode().ends_block() && index + 1 < code.len() {
                changed |= assigned[index + 1].union(&after);
            }
        }
    }
    for (live, mut assigned) in before.iter_mut().zip(assigned) {
        assigned.intersect(named);
        live.union(&assigned);
    }
}
