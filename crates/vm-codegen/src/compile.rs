//! The forward pass: from a trace to installed code with exits.

use crate::arena::{ArenaError, CodeArena};
use crate::assembler::{Alu, Assembler, Cond, FRAME, Gpr, Jump, Operand, RAX, RDI, RDX, RSI, RSP, THREAD};
use crate::code::{Code, Exit};
use crate::emit::SlowPath;
use crate::frame;
use crate::liveness::{Liveness, end_snapshot, visit_operands};
use crate::location::Location;
use crate::moves::{ParallelMoves, emit_move};
use crate::registers::{Registers, class};
use crate::stubs::PUSHED;
use std::sync::Arc;
use vm_ir::{Content, End, Inst, Op, Ref, SnapshotId, Trace, Type};

/// Why a trace was not compiled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CompileError {
    /// More values are alive at once than the frame has spill slots.
    TooManyValues,
    /// A snapshot written before a jump has a virtual object.
    VirtualAtJump,
    /// The live-ins of a bridge do not fit its parameters.
    LiveIns,
    /// The trace has not been optimised.
    Recorded,
    /// There is no memory for the code.
    Arena(ArenaError),
    /// The Cranelift backend can't do this, or failed.
    #[cfg(feature = "cranelift")]
    Cranelift(&'static str),
}

impl std::fmt::Display for CompileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            CompileError::TooManyValues => f.write_str("too many values alive at once"),
            CompileError::VirtualAtJump => f.write_str("a virtual object is alive at a jump to another trace"),
            CompileError::Recorded => f.write_str("the trace has not been optimised"),
            CompileError::LiveIns => f.write_str("the live-ins of a bridge do not fit its parameters"),
            CompileError::Arena(error) => error.fmt(f),
            #[cfg(feature = "cranelift")]
            CompileError::Cranelift(what) => write!(f, "the Cranelift backend has no {what}"),
        }
    }
}

impl std::error::Error for CompileError {}

/// What is known of an exit while compiling.
pub(crate) struct PendingExit {
    snapshot: SnapshotId,
    instruction: u32,
    /// Where its locations start.
    locations: u32,
    /// Data item of the slot.
    item: u32,
    /// What the stub undoes before leaving: `register op= operand`.
    pub(crate) undo: Option<(Alu, Gpr, Undo)>,
}

/// Where the values of a snapshot are.
#[derive(Clone, Copy)]
struct Listed {
    snapshot: SnapshotId,
    /// How often values had been moved then.
    moves: u32,
    /// Where their locations start.
    locations: u32,
    /// How many spill slots there are up to the highest of them.
    spills: usize,
}

/// The operand of an undone addition or subtraction.
#[derive(Clone, Copy)]
pub(crate) enum Undo {
    Register(Gpr),
    Constant(i32),
}

/// Compiles traces; keeps its buffers between them.
pub struct Compiler {
    pub(crate) arena: Arc<CodeArena>,
    pub(crate) a: Assembler,
    pub(crate) live: Liveness,
    pub(crate) registers: Registers,
    pub(crate) moves: ParallelMoves,
    pub(crate) data: Vec<u64>,
    /// Per constant: its data item, or `u32::MAX`.
    pub(crate) constant_items: Vec<u32>,
    pub(crate) exits: Vec<PendingExit>,
    locations: Vec<Location>,
    /// The values listed last: guards of one opcode share theirs.
    listed: Option<Listed>,
    virtuals: Vec<u32>,
    /// Jumps to exit stubs.
    jumps: Vec<(Jump, u32)>,
    pub(crate) slow_paths: Vec<SlowPath>,
    /// Where values were at the label.
    label_locations: Vec<Location>,
    label_position: u32,
    offsets: Vec<(u32, u32)>,
    keep_offsets: bool,
}

impl Compiler {
    /// A compiler into `arena`.
    pub fn new(arena: Arc<CodeArena>) -> Compiler {
        Compiler {
            arena,
            a: Assembler::default(),
            live: Liveness::default(),
            registers: Registers::default(),
            moves: ParallelMoves::default(),
            data: Vec::new(),
            constant_items: Vec::new(),
            exits: Vec::new(),
            locations: Vec::new(),
            listed: None,
            virtuals: Vec::new(),
            jumps: Vec::new(),
            slow_paths: Vec::new(),
            label_locations: Vec::new(),
            label_position: 0,
            offsets: Vec::new(),
            keep_offsets: false,
        }
    }

    /// Whether code remembers which instruction its bytes belong to, for `Code::listing`.
    pub fn keep_offsets(&mut self, keep: bool) {
        self.keep_offsets = keep;
    }

    /// Compiles a trace that is entered from Rust or by jumps from other traces. It must pass `vm_ir::verify`.
    pub fn compile_root(&mut self, trace: &Trace) -> Result<Code, CompileError> {
        self.compile(trace, None)
    }

    /// Compiles a trace that goes on where an exit of another one leaves: parameter `n` lies at `live_ins[n]`, as
    /// [`Code::values`] says for the exit. It must pass `vm_ir::verify`; `Code::link` puts it to use.
    pub fn compile_bridge(&mut self, trace: &Trace, live_ins: &[Location]) -> Result<Code, CompileError> {
        self.compile(trace, Some(live_ins))
    }

    fn compile(&mut self, trace: &Trace, live_ins: Option<&[Location]>) -> Result<Code, CompileError> {
        debug_assert_eq!(vm_ir::verify(trace), Ok(()));
        if trace.insts.iter().any(|inst| inst.op == Op::Sync) {
            return Err(CompileError::Recorded);
        }
        self.clear(trace);
        self.live.run(trace);
        match live_ins {
            None if trace.params.is_empty() => self.prologue(),
            None => return Err(CompileError::LiveIns),
            Some(live_ins) => self.place_params(trace, live_ins)?,
        }
        let inner_entry = self.a.position();
        for index in 0..trace.insts.len() {
            if self.keep_offsets {
                self.offsets.push((index as u32, self.a.position()));
            }
            if self.live.is_dead(trace, index) {
                continue;
            }
            let inst = trace.insts[index];
            match inst.op {
                Op::Label => self.label(trace, index),
                Op::Param | Op::Phi => {}
                _ => {
                    self.instruction(trace, index, &inst);
                    self.finish_instruction(trace, index, &inst);
                }
            }
        }
        if self.keep_offsets {
            self.offsets.push((trace.insts.len() as u32, self.a.position()));
        }
        self.end(trace, inner_entry)?;
        self.emit_slow_paths();
        self.exit_stubs();
        if self.registers.refused {
            return Err(CompileError::TooManyValues);
        }
        self.install(inner_entry, live_ins.is_none())
    }

    fn clear(&mut self, trace: &Trace) {
        self.a.clear();
        self.registers.clear(trace.insts.len());
        self.data.clear();
        self.constant_items.clear();
        self.constant_items.resize(trace.constants.len(), u32::MAX);
        self.exits.clear();
        self.locations.clear();
        self.listed = None;
        self.jumps.clear();
        self.slow_paths.clear();
        self.label_locations.clear();
        self.offsets.clear();
    }

    fn install(&mut self, inner_entry: u32, is_root: bool) -> Result<Code, CompileError> {
        let installed =
            self.arena.install(&self.a, &self.data, self.exits.len() as u32).map_err(CompileError::Arena)?;
        let exits = self.exits.iter().enumerate().map(|(n, exit)| Exit {
            number: installed.first_exit + n as u32,
            snapshot: exit.snapshot,
            instruction: exit.instruction,
            slot: installed.data + exit.item as u64 * 8,
            locations: exit.locations,
        });
        Ok(Code {
            inner_entry: installed.code + inner_entry as u64,
            size: self.a.code.len(),
            exits: exits.collect(),
            start: installed.code,
            is_root,
            locations: self.locations.clone(),
            offsets: self.offsets.clone(),
        })
    }

    fn prologue(&mut self) {
        for register in PUSHED {
            self.a.push(register);
        }
        self.a.alu_constant(Alu::Sub, RSP, frame::SIZE);
        self.a.store(Operand::Memory(RSP, frame::STATE), RDX);
        self.a.mov(THREAD, RDI);
        self.a.mov(FRAME, RSI);
    }

    fn place_params(&mut self, trace: &Trace, live_ins: &[Location]) -> Result<(), CompileError> {
        if trace.params.len() != live_ins.len() {
            return Err(CompileError::LiveIns);
        }
        for (index, inst) in trace.insts.iter().enumerate().take_while(|(_, inst)| inst.op == Op::Param) {
            let location = live_ins[inst.imm as usize];
            if location.as_register().is_some_and(|register| class(inst.ty) & 1 << register == 0) {
                return Err(CompileError::LiveIns);
            }
            if self.live.last[index] != 0 {
                self.registers.define_at(index, location);
            }
        }
        Ok(())
    }

    /// Frees what the instruction used last.
    fn finish_instruction(&mut self, trace: &Trace, index: usize, inst: &Inst) {
        let (live, registers) = (&mut self.live, &mut self.registers);
        visit_operands(trace, inst, |value| {
            if live.last[value] <= index as u32 {
                registers.release(value);
            }
        });
        while let Some(value) = live.ending_at(index as u32) {
            // Unless the next turn needs it.
            if live.last[value] <= index as u32 {
                registers.release(value);
            }
        }
        if inst.ty != Type::None && live.last[index] == 0 {
            registers.release(index);
        }
        registers.finish();
        self.live.advance(trace, index);
    }

    /// Gives every phi its place and the value it has on entry, and remembers where everything is.
    fn label(&mut self, trace: &Trace, label: usize) {
        let phis = trace.insts[label + 1..].iter().take_while(|inst| inst.op == Op::Phi).count();
        let body = label + 1 + phis;
        for index in label + 1..body {
            if self.live.last[index] == 0 {
                continue;
            }
            let Inst { a: from, ty, .. } = trace.insts[index];
            if from.is_constant() {
                let register = self.registers.for_result(&mut self.a, &self.live, index, ty, label as u32);
                self.load_constant(trace, from, Location::register(register));
                self.registers.finish();
                continue;
            }
            let from = from.index();
            let dies = self.live.last[from] <= label as u32
                && !trace.insts[index + 1..body].iter().any(|other| other.a == trace.insts[index].a);
            let in_register = self.registers.location(from).as_register().is_some();
            if dies && (in_register || !self.registers.has_free(class(ty))) {
                self.registers.transfer(from, index);
            } else {
                let register = self.registers.for_result(&mut self.a, &self.live, index, ty, label as u32);
                emit_move(&mut self.a, Location::register(register), self.registers.location(from));
                self.registers.finish();
            }
        }
        for index in label + 1..body {
            let from = trace.insts[index].a;
            if !from.is_constant() && self.live.last[from.index()] <= label as u32 {
                self.registers.release(from.index());
            }
        }
        self.registers.finish();
        self.label_locations.extend_from_slice(self.registers.locations(body));
        for value in 0..body {
            self.registers.preferred[value] = self.label_locations[value];
        }
        for index in label + 1..body {
            let next = trace.insts[index].b;
            if !next.is_constant() && next.index() >= body {
                self.registers.preferred[next.index()] = self.label_locations[index];
            }
        }
        self.label_position = self.a.position();
    }

    /// Brings every value to where the label expects it, and jumps there.
    fn back_edge(&mut self, trace: &Trace) {
        let label = self.live.label.unwrap_or(0);
        self.moves.clear();
        for value in 0..self.label_locations.len() {
            let to = self.label_locations[value];
            let from = match trace.insts[value] {
                Inst { op: Op::Phi, b, .. } if value > label => b,
                // A spill slot of an invariant keeps its copy.
                _ if to.as_register().is_none() => continue,
                _ => Ref::instruction(value),
            };
            if to != Location::NONE && !from.is_constant() {
                self.moves.add(to, self.registers.location(from.index()));
            }
        }
        self.moves.emit(&mut self.a);
        for value in label + 1..self.label_locations.len() {
            let (to, from) = (self.label_locations[value], trace.insts[value].b);
            if to != Location::NONE && from.is_constant() {
                self.load_constant(trace, from, to);
            }
        }
        self.a.jump_to(self.label_position);
    }

    fn end(&mut self, trace: &Trace, inner_entry: u32) -> Result<(), CompileError> {
        let snapshot = end_snapshot(&trace.end);
        match trace.end {
            End::Loop(SnapshotId::NONE) => self.back_edge(trace),
            End::Loop(_) => {
                self.write_slots(trace, snapshot)?;
                self.a.jump_to(inner_entry);
            }
            End::Jump { target, .. } => {
                self.write_slots(trace, snapshot)?;
                self.a.constant(RAX, target);
                self.a.jump_through(Operand::Memory(RAX, 0));
            }
            End::Exit(_) => {
                let exit = self.new_exit(trace, snapshot, trace.insts.len());
                let jump = self.a.jump();
                self.jumps.push((jump, exit));
            }
        }
        Ok(())
    }

    /// Writes a snapshot to the value stack and moves the frame pointer to its frame.
    fn write_slots(&mut self, trace: &Trace, snapshot: SnapshotId) -> Result<(), CompileError> {
        for (slot, content) in trace.slots(snapshot) {
            let to = slot_operand(slot as i64);
            match content {
                Content::Ref(at) if trace.type_of(at) == Type::Float => {
                    let from = self.float(trace, at);
                    let boxed = self.temporary_general();
                    self.box_float(boxed, from);
                    self.a.store(to, boxed);
                }
                Content::Ref(at) => self.store_value(trace, to, at),
                Content::FrameAddress(slot) => {
                    self.a.lea(RAX, slot_operand(slot as i64));
                    self.a.store(to, RAX);
                }
                Content::Virtual(_) => return Err(CompileError::VirtualAtJump),
            }
            self.registers.finish();
        }
        let frame = trace.snapshots[snapshot.0 as usize].frame;
        if frame != 0 {
            self.a.alu_constant(Alu::Add, FRAME, frame * 8);
        }
        Ok(())
    }

    /// Lists where the values of a snapshot are now.
    fn list(&mut self, trace: &Trace, snapshot: SnapshotId) -> Listed {
        let moves = self.registers.moves;
        if let Some(listed) = self.listed
            && (listed.snapshot, listed.moves) == (snapshot, moves)
        {
            return listed;
        }
        let start = self.locations.len();
        let (locations, registers) = (&mut self.locations, &self.registers);
        trace.visit_snapshot(snapshot, &mut self.virtuals, |at| {
            if !at.is_constant() {
                locations.push(registers.location(at.index()));
            }
        });
        let spills = locations[start..].iter().map(|at| at.as_spill().map_or(0, |slot| slot as usize + 1)).max();
        let listed = Listed { snapshot, moves, locations: start as u32, spills: spills.unwrap_or(0) };
        self.listed = Some(listed);
        listed
    }

    /// A new exit through a snapshot whose values are where they are now.
    pub(crate) fn new_exit(&mut self, trace: &Trace, snapshot: SnapshotId, instruction: usize) -> u32 {
        let Listed { locations, spills, .. } = self.list(trace, snapshot);
        let item = self.data.len() as u32;
        self.data.push(self.arena.stubs.leave_for(spills));
        self.exits.push(PendingExit { snapshot, instruction: instruction as u32, locations, item, undo: None });
        self.exits.len() as u32 - 1
    }

    /// Jumps to an exit's stub under a condition.
    pub(crate) fn leave_if(&mut self, condition: Cond, exit: u32) {
        let jump = self.a.jump_if(condition);
        self.jumps.push((jump, exit));
    }

    /// Behind the code: each exit's stub loads its number and jumps through its slot.
    fn exit_stubs(&mut self) {
        // Every exit is followed by its jumps before the next one is made, so both lists are in order.
        let mut next = 0;
        for number in 0..self.exits.len() {
            while next < self.jumps.len() && self.jumps[next].1 as usize == number {
                self.a.bind(self.jumps[next].0);
                next += 1;
            }
            let exit = &self.exits[number];
            match exit.undo {
                Some((op, register, Undo::Register(operand))) => self.a.alu(op, register, operand.into()),
                Some((op, register, Undo::Constant(operand))) => self.a.alu_constant(op, register, operand),
                None => {}
            }
            self.a.exit_stub(number as u32, exit.item);
        }
    }
}

/// The memory of a value-stack slot.
pub(crate) fn slot_operand(slot: i64) -> Operand {
    Operand::Memory(FRAME, (slot * 8) as i32)
}
