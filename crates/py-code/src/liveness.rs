//! Liveness of registers, per instruction: what the tracing JIT must be able to rebuild at a side exit.
//!
//! Temporaries are exact: live where some path reads them before it overwrites them. Named locals, cells and free variables are
//! live from their first possible assignment on, whether read again or not, since debuggers, tracebacks and `locals()` see them.

use crate::{Access, CodeUnit, Field, Instruction, Kind, Opcode, for_each_register, for_each_written};

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
        LiveRegisters(&self.0).contains(register)
    }

    /// Adds a register; one that there is no room for is left out.
    pub fn insert(&mut self, register: u16) {
        insert(&mut self.0, register, 1);
    }

    /// Takes a register out.
    pub fn remove(&mut self, register: u16) {
        remove(&mut self.0, register, 1);
    }

    /// Takes out every register from `first` on.
    pub fn truncate(&mut self, first: u16) {
        remove(&mut self.0, first, u16::MAX);
    }

    /// Adds the members of another set of the same size; tells whether any was new.
    pub fn union(&mut self, other: &RegisterSet) -> bool {
        union(&mut self.0, &other.0)
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
        LiveRegisters(&self.0).iter()
    }
}

/// The registers live before an instruction.
#[derive(Clone, Copy, Debug)]
pub struct LiveRegisters<'a>(&'a [u64]);

impl<'a> LiveRegisters<'a> {
    /// Whether the register is live.
    pub fn contains(self, register: u16) -> bool {
        let register = usize::from(register);
        self.0.get(register / 64).is_some_and(|word| word >> (register % 64) & 1 != 0)
    }

    /// The registers as bits, 64 to a word.
    pub fn words(self) -> &'a [u64] {
        self.0
    }

    /// The live registers, ascending.
    pub fn iter(self) -> impl Iterator<Item = u16> + 'a {
        self.0.iter().enumerate().flat_map(|(index, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = (left != 0).then(|| left.trailing_zeros())?;
                left &= left - 1;
                Some((index * 64) as u16 + bit as u16)
            })
        })
    }
}

/// The registers live before each instruction.
#[derive(Clone, Debug)]
pub struct Liveness {
    /// Word offset of each instruction.
    offsets: Vec<u32>,
    before: Sets,
}

impl Liveness {
    /// The registers live before the instruction at a word offset; none if no instruction starts there.
    pub fn before(&self, offset: usize) -> Option<LiveRegisters<'_>> {
        let index = self.offsets.binary_search(&u32::try_from(offset).ok()?).ok()?;
        Some(LiveRegisters(self.before.get(index)))
    }

    /// The registers live before the instruction that a word belongs to, be it the instruction's own or an extension word.
    pub fn around(&self, word: usize) -> Option<LiveRegisters<'_>> {
        let index = self.offsets.partition_point(|offset| *offset as usize <= word).checked_sub(1)?;
        Some(LiveRegisters(self.before.get(index)))
    }
}

/// A set of registers for each instruction, one behind the other: the analyses below run at start-up and in the recorder, and
/// a vector for each set would be most of their cost.
#[derive(Clone, Debug)]
struct Sets {
    stride: usize,
    words: Vec<u64>,
}

impl Sets {
    fn new(count: usize, registers: usize) -> Sets {
        let stride = registers.div_ceil(64);
        Sets { stride, words: vec![0; count * stride] }
    }
    fn get(&self, index: usize) -> &[u64] {
        &self.words[index * self.stride..][..self.stride]
    }
    /// Adds members to a set; tells whether any was new.
    fn union(&mut self, index: usize, more: &[u64]) -> bool {
        union(&mut self.words[index * self.stride..][..self.stride], more)
    }
}

/// Adds the members of another set of the same size; tells whether any was new.
fn union(set: &mut [u64], more: &[u64]) -> bool {
    let mut changed = false;
    for (word, more) in set.iter_mut().zip(more) {
        changed |= *more & !*word != 0;
        *word |= more;
    }
    changed
}

/// Calls `change` with each word that holds some of a run of registers, and the bits that stand for them.
fn for_each_word(set: &mut [u64], first: u16, count: u16, change: impl Fn(&mut u64, u64)) {
    let (first, end) = (usize::from(first), (usize::from(first) + usize::from(count)).min(set.len() * 64));
    let mut at = first;
    while at < end {
        let taken = (end - at).min(64 - at % 64);
        let bits = if taken == 64 { u64::MAX } else { (1 << taken) - 1 };
        change(&mut set[at / 64], bits << (at % 64));
        at += taken;
    }
}

fn insert(set: &mut [u64], first: u16, count: u16) {
    for_each_word(set, first, count, |word, bits| *word |= bits);
}

fn remove(set: &mut [u64], first: u16, count: u16) {
    for_each_word(set, first, count, |word, bits| *word &= !bits);
}

/// What the analyses must know of an instruction.
struct Step {
    /// Where its accesses begin.
    accesses: usize,
    /// Index of the instruction that it may jump to.
    target: Option<u32>,
    /// Index of the first instruction of its exception handler, and the register that holds the exception there.
    handler: Option<(u32, u16)>,
    opcode: Opcode,
}

/// The instructions of a unit in the form that the analyses read.
struct Steps {
    steps: Vec<Step>,
    accesses: Vec<(Access, u16, u16)>,
}

impl Steps {
    fn new(unit: &CodeUnit) -> (Steps, Vec<u32>) {
        let offsets: Vec<u32> = unit.instructions().map(|(offset, _)| offset as u32).collect();
        let index_of = |offset: usize| offsets.binary_search(&(offset as u32)).ok().map(|index| index as u32);
        let mut accesses = Vec::with_capacity(offsets.len() * 2);
        let mut steps = Vec::with_capacity(offsets.len());
        for (offset, instruction) in unit.instructions() {
            let handler = unit.handler(offset);
            steps.push(Step {
                accesses: accesses.len(),
                target: unit.jump_target(offset).and_then(index_of),
                handler: handler.and_then(|range| Some((index_of(range.target as usize)?, range.register))),
                opcode: instruction.opcode(),
            });
            for_each_register(instruction, |access, first, count| accesses.push((access, first, count)));
        }
        (Steps { steps, accesses }, offsets)
    }

    /// What an instruction does to registers.
    fn accesses(&self, index: usize) -> &[(Access, u16, u16)] {
        let end = self.steps.get(index + 1).map_or(self.accesses.len(), |next| next.accesses);
        &self.accesses[self.steps[index].accesses..end]
    }
}

/// Computes only which named registers may have been assigned, the part of their liveness that shows who looks at a frame.
pub fn assigned(unit: &CodeUnit) -> Liveness {
    if unit.frame_size > 64 {
        return assigned_in_sets(unit);
    }
    let assigned = assigned_in_words(unit);
    debug_assert_eq!(assigned.before.words, assigned_in_sets(unit).before.words);
    assigned
}

fn assigned_in_sets(unit: &CodeUnit) -> Liveness {
    let (steps, offsets) = Steps::new(unit);
    let mut before = Sets::new(offsets.len(), unit.frame_size as usize);
    add_named(unit, &steps, &mut before);
    Liveness { offsets, before }
}

/// The same for a unit where each set is one word. This runs for every unit through which an exception passes, which at start-up
/// are many.
fn assigned_in_words(unit: &CodeUnit) -> Liveness {
    // By word offset. Few passes suffice: only what a loop assigns, or a handler further up, must be carried back.
    let mut assigned = vec![0u64; unit.code.len() + 1];
    insert(std::slice::from_mut(&mut assigned[0]), 0, unit.parameters() as u16);
    let mut again = true;
    while again {
        again = false;
        let mut carry = |from: usize, to: usize, set: u64, assigned: &mut Vec<u64>| {
            let Some(known) = assigned.get_mut(to) else { return };
            // What lies further on has its turn yet.
            again |= to <= from && set & !*known != 0;
            *known |= set;
        };
        let (mut offset, mut ranges) = (0, unit.exception_table.as_slice());
        while let Some(word) = unit.code.get(offset) {
            let instruction = Instruction(*word);
            let effect = &EFFECTS[instruction.opcode() as usize];
            let before = assigned[offset];
            while let [range, rest @ ..] = ranges
                && range.end as usize <= offset
            {
                ranges = rest;
            }
            if let [range, ..] = ranges
                && range.start as usize <= offset
            {
                carry(offset, range.target as usize, before, &mut assigned);
            }
            let after = match effect.writes {
                Writes::Nothing => before,
                Writes::A if instruction.a() < 64 => before | 1 << instruction.a(),
                _ => {
                    let mut after = before;
                    for_each_written(instruction, |_, first, count| {
                        insert(std::slice::from_mut(&mut after), first, count)
                    });
                    after
                }
            };
            if effect.jumps
                && let Some(target) = unit.jump_target(offset)
            {
                carry(offset, target, after, &mut assigned);
            }
            let next = offset + effect.size;
            if !effect.ends {
                carry(offset, next, after, &mut assigned);
            }
            offset = next;
        }
    }
    let mut named = 0;
    named_registers(unit, std::slice::from_mut(&mut named));
    let (mut offsets, mut words) = (Vec::with_capacity(unit.code.len()), Vec::with_capacity(unit.code.len()));
    let stride = (unit.frame_size as usize).div_ceil(64);
    for (offset, _) in unit.instructions() {
        offsets.push(offset as u32);
        words.extend((stride > 0).then_some(assigned[offset] & named));
    }
    Liveness { offsets, before: Sets { stride, words } }
}

/// Which registers an instruction writes, as far as it is needed to tell the common cases apart.
#[derive(Clone, Copy)]
enum Writes {
    Nothing,
    /// The one that field `a` names.
    A,
    /// See [`for_each_written`].
    Other,
}

/// What [`assigned_in_words`] must know of an opcode.
#[derive(Clone, Copy)]
struct Effect {
    size: usize,
    ends: bool,
    jumps: bool,
    writes: Writes,
}

static EFFECTS: [Effect; Opcode::ALL.len()] = {
    let mut effects = [Effect { size: 1, ends: false, jumps: false, writes: Writes::Nothing }; Opcode::ALL.len()];
    let mut number = 0;
    while number < effects.len() {
        let (opcode, effect) = (Opcode::ALL[number], &mut effects[number]);
        (effect.size, effect.ends) = (opcode.size(), opcode.ends_block());
        let mut index = 0;
        while index < opcode.operands().len() {
            let operand = opcode.operands()[index];
            match (operand.kind, operand.field, effect.writes) {
                (Kind::Offset | Kind::ShortOffset, ..) => effect.jumps = true,
                (Kind::Write | Kind::WriteOrJump | Kind::ReadWrite | Kind::Unbind, Field::a, Writes::Nothing) => {
                    effect.writes = Writes::A
                }
                (
                    Kind::Write
                    | Kind::WriteOrJump
                    | Kind::ReadWrite
                    | Kind::Unbind
                    | Kind::WritePair
                    | Kind::WriteTriple
                    | Kind::WriteFirst
                    | Kind::WriteMethod
                    | Kind::UnbindFirst,
                    ..,
                ) => effect.writes = Writes::Other,
                _ => {}
            }
            index += 1;
        }
        number += 1;
    }
    effects
};

/// Computes the liveness of a code unit's registers.
pub fn liveness(unit: &CodeUnit) -> Liveness {
    let (steps, offsets) = Steps::new(unit);
    let size = unit.frame_size as usize;
    // Backwards, until nothing changes: registers read before they are overwritten.
    let mut before = Sets::new(offsets.len(), size);
    let (mut live, mut other) = (vec![0; before.stride], vec![0; before.stride]);
    let mut changed = true;
    while changed {
        changed = false;
        for (index, step) in steps.steps.iter().enumerate().rev() {
            live.fill(0);
            if !step.opcode.ends_block() && index + 1 < offsets.len() {
                live.copy_from_slice(before.get(index + 1));
            }
            for (access, first, count) in steps.accesses(index) {
                match access {
                    Access::Write | Access::WriteOrJump | Access::Unbind => remove(&mut live, *first, *count),
                    Access::Clobber => remove(&mut live, *first, u16::MAX),
                    Access::Read => {}
                }
            }
            // What a jump's target needs is not overwritten on the way, whatever the instruction writes when it does not jump.
            if let Some(target) = step.target {
                other.copy_from_slice(before.get(target as usize));
                if step.opcode == Opcode::Send {
                    remove(&mut other, unit_a(unit, offsets[index]), 1);
                }
                union(&mut live, &other);
            }
            if let Some((target, register)) = step.handler {
                other.copy_from_slice(before.get(target as usize));
                remove(&mut other, register, 1);
                union(&mut live, &other);
            }
            for (access, first, count) in steps.accesses(index) {
                if *access == Access::Read {
                    insert(&mut live, *first, *count);
                }
            }
            changed |= before.union(index, &live);
        }
    }
    add_named(unit, &steps, &mut before);
    Liveness { offsets, before }
}

/// Field `a` of the instruction at an offset.
fn unit_a(unit: &CodeUnit, offset: u32) -> u16 {
    Instruction(unit.code[offset as usize]).a()
}

/// The registers of locals, cells and free variables.
fn named_registers(unit: &CodeUnit, named: &mut [u64]) {
    insert(named, 0, unit.nlocals as u16);
    for register in unit.cell_registers.iter().chain(&unit.free_registers) {
        insert(named, *register, 1);
    }
}

/// Forwards, until nothing changes: named registers that may have been assigned.
fn add_named(unit: &CodeUnit, steps: &Steps, before: &mut Sets) {
    let count = steps.steps.len();
    let mut assigned = Sets::new(count, unit.frame_size as usize);
    if count == 0 || assigned.stride == 0 {
        return;
    }
    let mut after = vec![0; assigned.stride];
    insert(&mut after, 0, unit.parameters() as u16);
    assigned.union(0, &after);
    let mut changed = true;
    while changed {
        changed = false;
        for (index, step) in steps.steps.iter().enumerate() {
            after.copy_from_slice(assigned.get(index));
            if let Some((target, _)) = step.handler {
                changed |= assigned.union(target as usize, &after);
            }
            for (access, first, count) in steps.accesses(index) {
                if matches!(access, Access::Write | Access::WriteOrJump | Access::Unbind) {
                    insert(&mut after, *first, *count);
                }
            }
            if let Some(target) = step.target {
                changed |= assigned.union(target as usize, &after);
            }
            if !step.opcode.ends_block() && index + 1 < count {
                changed |= assigned.union(index + 1, &after);
            }
        }
    }
    let mut named = vec![0; assigned.stride];
    named_registers(unit, &mut named);
    for (index, live) in before.words.chunks_exact_mut(assigned.stride).enumerate() {
        for ((live, assigned), named) in live.iter_mut().zip(assigned.get(index)).zip(&named) {
            *live |= assigned & named;
        }
    }
}
