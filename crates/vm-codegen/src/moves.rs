//! Parallel moves: all destinations get their sources at once, though moves may form chains and cycles.
//!
//! The "windmill" of Rideau, Serpette and Leroy (2008): a move waits for those that read its destination; where these
//! come back to itself, the source is first put aside.

use crate::assembler::{Assembler, Gpr, Operand, RAX, RSP, Sse, Xmm};
use crate::location::Location;

/// Never allocated to values: carries moves from memory to memory.
pub(crate) const SCRATCH_FLOAT: Xmm = Xmm(15);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Status {
    Waiting,
    Moving,
    Done,
}

#[derive(Default)]
pub(crate) struct ParallelMoves {
    moves: Vec<(Location, Location)>,
    status: Vec<Status>,
}

/// The register that holds a value put aside: rax, whatever kind the value is of.
const ASIDE: Location = Location::register(RAX.0);

impl ParallelMoves {
    pub(crate) fn clear(&mut self) {
        self.moves.clear();
    }

    /// Adds a move; no two may have the same destination.
    pub(crate) fn add(&mut self, to: Location, from: Location) {
        if to != from {
            self.moves.push((to, from));
        }
    }

    /// Writes the moves. Changes rax and the scratch float register.
    pub(crate) fn emit(&mut self, a: &mut Assembler) {
        self.status.clear();
        self.status.resize(self.moves.len(), Status::Waiting);
        for index in 0..self.moves.len() {
            if self.status[index] == Status::Waiting {
                self.visit(a, index);
            }
        }
    }

    fn visit(&mut self, a: &mut Assembler, index: usize) {
        self.status[index] = Status::Moving;
        let to = self.moves[index].0;
        for other in 0..self.moves.len() {
            if self.moves[other].1 != to {
                continue;
            }
            match self.status[other] {
                Status::Waiting => self.visit(a, other),
                Status::Moving => {
                    emit_move(a, ASIDE, to);
                    self.moves[other].1 = ASIDE;
                }
                Status::Done => {}
            }
        }
        emit_move(a, to, self.moves[index].1);
        self.status[index] = Status::Done;
    }
}

enum At {
    General(Gpr),
    Float(Xmm),
    Frame(Operand),
}

fn at(location: Location) -> At {
    match (location.as_register(), location.as_spill()) {
        (Some(number), _) if number < 16 => At::General(Gpr(number)),
        (Some(number), _) => At::Float(Xmm(number - 16)),
        (_, Some(slot)) => At::Frame(spill_operand(slot)),
        _ => unreachable!("a move has both ends"),
    }
}

/// The memory of a spill slot.
pub(crate) fn spill_operand(slot: u8) -> Operand {
    Operand::Memory(RSP, slot as i32 * 8)
}

/// Moves 64 bits between any two locations; changes the scratch float register only.
pub(crate) fn emit_move(a: &mut Assembler, to: Location, from: Location) {
    match (at(to), at(from)) {
        (At::General(to), At::General(from)) => a.mov(to, from),
        (At::General(to), At::Float(from)) => a.float_to_bits(to, from),
        (At::General(to), At::Frame(from)) => a.load(to, from),
        (At::Float(to), At::General(from)) => a.bits_to_float(to, from),
        (At::Float(to), At::Float(from)) => a.move_float(to, from),
        (At::Float(to), At::Frame(from)) => a.sse(Sse::Load, to, from),
        (At::Frame(to), At::General(from)) => a.store(to, from),
        (At::Frame(to), At::Float(from)) => a.store_float(to, from),
        (At::Frame(to), At::Frame(from)) => {
            a.sse(Sse::Load, SCRATCH_FLOAT, from);
            a.store_float(to, SCRATCH_FLOAT);
        }
    }
}
