//! Where a debugger may send a frame, and what must be done on the way (assignments to `frame.f_lineno`).
//!
//! Temporaries hold what the statements around a place need: iterators of loops, exit methods of `with`, exceptions. A place may be
//! jumped to if all that it needs is there, that is, if each temporary that is live there holds the same sort of thing where the
//! frame is. Nothing of this is kept with the code: it follows from the instructions when somebody jumps, which is seldom.

use crate::{Access, CodeUnit, Instruction, LazyUnit, Opcode, for_each_register};

/// What a temporary holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Held {
    /// Nothing that is known.
    Unknown,
    /// The iterator of a loop.
    Iterator,
    /// An exit method of `with`, or its self.
    Exit,
    /// An exception that the handler at a word has caught. It is that handler's alone, which raises it again.
    Exception(u32),
    /// What was handled before a handler began.
    Handled,
    /// What the instruction at a word has made.
    Made(u32),
}

/// A place that a frame can be sent to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Landing {
    /// The word that the frame is to go on at.
    pub offset: usize,
    /// The register that holds what was handled before the outermost handler that is left, if any is.
    pub handled: Option<u16>,
}

/// Why a frame can't be sent to a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoLanding {
    /// The line lies before the code.
    Before,
    /// No code at the line or below it.
    After,
    /// Into a handler.
    Handler,
    /// Into a loop.
    Loop,
    /// Into a statement that keeps something else.
    Other,
}

/// What the temporaries hold before each instruction, as far as somebody needs it there.
struct Holdings<'a> {
    unit: &'a LazyUnit,
    /// Word offset of each instruction.
    offsets: Vec<usize>,
    /// The first temporary.
    first: usize,
    /// For each instruction what each temporary holds; none where control does not come.
    before: Vec<Option<Vec<Held>>>,
    /// Words of each loop's body, up to the last jump back, and the register of its iterator, which is kept to the end of the body even if nobody needs it.
    loops: Vec<(usize, usize, u16)>,
}

impl<'a> Holdings<'a> {
    fn new(unit: &'a LazyUnit) -> Holdings<'a> {
        let named = unit.cell_registers.iter().chain(&unit.free_registers).map(|register| usize::from(*register) + 1);
        let first = named.max().unwrap_or(0).max(unit.nlocals as usize);
        let offsets: Vec<usize> = unit.instructions().map(|(offset, _)| offset).collect();
        let loops = unit.instructions().filter(|(_, instruction)| instruction.opcode() == Opcode::ForIter);
        let loops = loops.filter_map(|(offset, instruction)| {
            let header = offset.checked_sub(Opcode::LoopHeader.size())?;
            let turns = offsets.iter().rev().find(|from| unit.jump_target(**from) == Some(header))?;
            Some((offset + Opcode::ForIter.size(), *turns + 1, instruction.b()))
        });
        let loops = loops.collect();
        let mut holdings = Holdings { unit, before: vec![None; offsets.len()], offsets, first, loops };
        holdings.flow();
        holdings
    }

    fn index_of(&self, offset: usize) -> Option<usize> {
        self.offsets.binary_search(&offset).ok()
    }

    /// Follows control until nothing changes.
    fn flow(&mut self) {
        let Some(entry) = self.before.first_mut() else { return };
        *entry = Some(vec![Held::Unknown; (self.unit.frame_size as usize).saturating_sub(self.first)]);
        let mut work = vec![0];
        while let Some(index) = work.pop() {
            let Some(before) = self.before[index].clone() else { continue };
            let offset = self.offsets[index];
            let instruction = Instruction(self.unit.code[offset]);
            if let Some(range) = self.unit.handler(offset) {
                let mut state = before.clone();
                self.put(&mut state, range.register, Held::Exception(range.target));
                work.extend(self.join(range.target as usize, &state));
            }
            let mut after = before;
            self.apply(&mut after, offset, instruction);
            if let Some(target) = self.unit.jump_target(offset) {
                work.extend(self.join(target, &after));
            }
            if !instruction.opcode().ends_block() {
                work.extend(self.join(offset + instruction.opcode().size(), &after));
            }
        }
    }

    /// Joins a state into that of an instruction; the instruction's index if that changed anything.
    fn join(&mut self, offset: usize, state: &[Held]) -> Option<usize> {
        let index = self.index_of(offset)?;
        let Some(known) = &mut self.before[index] else {
            self.before[index] = Some(state.to_vec());
            return Some(index);
        };
        let mut changed = false;
        for (known, new) in known.iter_mut().zip(state) {
            if known != new && *known != Held::Unknown {
                *known = Held::Unknown;
                changed = true;
            }
        }
        changed.then_some(index)
    }

    fn put(&self, state: &mut [Held], register: u16, held: Held) {
        let place = usize::from(register).checked_sub(self.first).and_then(|index| state.get_mut(index));
        if let Some(place) = place {
            *place = held;
        }
    }

    fn apply(&self, state: &mut [Held], offset: usize, instruction: Instruction) {
        let held = match instruction.opcode() {
            Opcode::GetIter | Opcode::GetAsyncIter => Held::Iterator,
            Opcode::EnterHandler => Held::Handled,
            Opcode::LoadSpecial if instruction.x() % 2 == 1 => Held::Exit,
            _ => Held::Made(offset as u32),
        };
        for_each_register(instruction, |access, first, count| {
            let written = match access {
                Access::Read => return,
                Access::Write | Access::WriteOrJump => held,
                Access::Unbind | Access::Clobber => Held::Unknown,
            };
            for register in first..first.saturating_add(count).min(self.unit.frame_size as u16) {
                self.put(state, register, written);
            }
        });
    }

    /// What the temporaries hold before an instruction that somebody still needs, in the order of the registers.
    fn at(&self, index: usize) -> Option<Vec<(u16, Held)>> {
        let offset = self.offsets[index];
        let before = self.before[index].as_ref()?;
        let live = self.unit.liveness().before(offset)?;
        let kept = |register: u16| {
            let in_loop =
                |&(start, end, iterator): &(usize, usize, u16)| iterator == register && (start..end).contains(&offset);
            live.contains(register) || self.loops.iter().any(in_loop)
        };
        let registers = (self.first as u16..).zip(before);
        Some(registers.filter(|(register, _)| kept(*register)).map(|(register, held)| (register, *held)).collect())
    }
}

/// Whether a frame that holds something can go on where something is needed.
fn suffices(held: &[(u16, Held)], needed: &[(u16, Held)]) -> bool {
    let handlers = |all: &[(u16, Held)]| -> Vec<u16> {
        all.iter().filter(|(_, held)| *held == Held::Handled).map(|(register, _)| *register).collect()
    };
    needed.iter().all(|need| need.1 != Held::Unknown && held.contains(need))
        && handlers(held).starts_with(&handlers(needed))
}

/// Where the frame of a unit that is at an instruction can go on at a line, or at the next one that has code.
pub fn landing(unit: &LazyUnit, from: usize, line: i64) -> Result<Landing, NoLanding> {
    if line < unit.firstlineno.into() {
        return Err(NoLanding::Before);
    }
    let starts = starts_of_lines(unit);
    let nearest = starts.iter().map(|(_, at)| i64::from(*at)).filter(|at| *at >= line).min();
    let Some(line) = nearest else { return Err(NoLanding::After) };
    let holdings = Holdings::new(unit);
    let held = holdings.index_of(from).and_then(|index| holdings.at(index)).unwrap_or_default();
    let mut best: Option<(usize, Vec<(u16, Held)>)> = None;
    // Of several copies of a line, the one that needs least says what is wrong.
    let mut refusal: Option<(usize, NoLanding)> = None;
    for (offset, _) in starts.iter().filter(|(_, at)| i64::from(*at) == line) {
        let Some(needed) = holdings.index_of(*offset).and_then(|index| holdings.at(index)) else { continue };
        if suffices(&held, &needed) {
            if best.as_ref().is_none_or(|(_, best)| needed.len() > best.len()) {
                best = Some((*offset, needed));
            }
        } else if refusal.is_none_or(|(count, _)| needed.len() < count) {
            let reason = match needed.last().map(|(_, held)| *held) {
                Some(Held::Exception(_) | Held::Handled) => NoLanding::Handler,
                Some(Held::Iterator) => NoLanding::Loop,
                _ => NoLanding::Other,
            };
            refusal = Some((needed.len(), reason));
        }
    }
    // What ends a loop stands at its line too. In CPython it needs the iterator and something above it, so a jump from a loop further
    // in ends the loop, while one from the body itself begins it anew.
    for &(start, _, _) in &holdings.loops {
        let source = start - Opcode::ForIter.size();
        let Some(needed) = holdings.index_of(source).and_then(|index| holdings.at(index)) else { continue };
        if i64::from(unit.position(source).line) == line
            && suffices(&held, &needed)
            && held.len() > needed.len()
            && best.as_ref().is_none_or(|(_, best)| needed.len() > best.len())
            && let Some(end) = unit.jump_target(source)
        {
            best = Some((end, needed));
        }
    }
    let Some((offset, needed)) = best else { return Err(refusal.map_or(NoLanding::Other, |(_, reason)| reason)) };
    let left = held.iter().find(|(register, held)| *held == Held::Handled && !needed.contains(&(*register, *held)));
    Ok(Landing { offset, handled: left.map(|(register, _)| *register) })
}

/// The instructions that begin what comes from one place of the source, and their lines.
fn starts_of_lines(unit: &CodeUnit) -> Vec<(usize, u32)> {
    let is_entry = |offset: usize| {
        let opcode = Instruction(unit.code[offset]).opcode();
        opcode.is_prologue() || opcode.ends_handling()
    };
    let starts = unit.positions.iter().map(|entry| (entry.offset as usize, entry.position.line));
    let mut starts: Vec<_> = starts.filter(|(_, line)| *line != 0).collect();
    // What begins a place of the source may be an instruction that nobody can be sent to.
    for (offset, _) in &mut starts {
        while *offset < unit.code.len() && is_entry(*offset) {
            *offset += Instruction(unit.code[*offset]).opcode().size();
        }
    }
    starts.retain(|(offset, line)| *offset < unit.code.len() && unit.position(*offset).line == *line);
    starts
}
