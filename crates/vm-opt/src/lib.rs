//! The trace optimiser: a recorded trace in, a shorter one that leaves in the same states out.
//!
//! One streaming pass does it all, after the example of PyPy's optimiser and LuaJIT's fold engine: every recorded
//! instruction goes through `Rewriter::step` with its operands replaced by what is known of them, and is emitted,
//! replaced by an earlier result, or dropped. Loops go through it twice.
//!
//! | file | what it does |
//! |---|---|
//! | `facts`, `bounds` | kinds of value words and bounds of ints |
//! | `fold`, `pure` | constant folding, algebraic rules, sharing of pure operations |
//! | `guards`, `relations` | guards that are known to pass |
//! | `heap`, `memory` | the heap cache: loads that are known, barriers that are not needed |
//! | `virtuals` | objects that are never allocated |
//! | `snapshots` | how to leave the trace in spite of all that |
//! | `peel`, `carry`, `close` | loops: what the first turn knows is not done again in the second |
//! | `cleanup` | what nobody uses goes |
//! | `state`, `rewriter` | the state at a point, the pass itself |
//!
//! INVARIANT: guards stay in order with stores, calls and each other, so the state in which a guard leaves is the one
//! that the interpreter would be in. Nothing is stored earlier or later than recorded, except into new objects that
//! nobody else can see.
#![forbid(unsafe_code)]

mod bounds;
mod carry;
mod cleanup;
mod close;
mod facts;
mod fold;
mod guards;
mod heap;
mod memory;
mod peel;
mod pure;
mod relations;
mod rewriter;
mod snapshots;
mod state;
mod virtuals;

use rewriter::{Buffers, Rewriter};
use vm_ir::{Content, End, Inst, Kind, Op, SnapshotId, Trace};

/// What the optimiser may do.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Whether the first turn of a loop is peeled off.
    pub peel: bool,
    /// Whether objects may stay unallocated.
    pub virtuals: bool,
    /// How often the second turn of a loop is tried before the loop is left as recorded.
    pub attempts: usize,
    /// Whether objects of a shape keep it for ever, so that calls can't change it.
    pub is_fixed_shape: fn(u32) -> bool,
}

impl Default for Options {
    fn default() -> Options {
        Options { peel: true, virtuals: true, attempts: 12, is_fixed_shape: |_| false }
    }
}

/// How it went.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Statistics {
    /// How often a second turn was tried.
    pub attempts: usize,
    /// Whether the first turn was peeled off.
    pub peeled: bool,
}

/// Why a trace is not worth compiling, or was not one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// The recorded instruction with this number can't be passed: what the trace did before excludes it.
    Contradiction(usize),
    /// The instruction with this number is none that a recorder writes.
    NotRecorded(usize),
    /// The loop ends in another frame than it started in.
    MovingFrame,
    /// A slot that carries values from turn to turn ends with a machine word.
    WordInSlot,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Refusal::Contradiction(index) => write!(f, "v{index} can't be passed after what was passed before"),
            Refusal::NotRecorded(index) => write!(f, "v{index} does not belong into a recorded trace"),
            Refusal::MovingFrame => write!(f, "the loop ends in another frame than it started in"),
            Refusal::WordInSlot => write!(f, "a slot that the loop reads ends with a machine word"),
        }
    }
}

impl std::error::Error for Refusal {}

/// An optimiser with buffers that serve one trace after the other.
#[derive(Default)]
pub struct Optimiser {
    buffers: Buffers,
}

impl Optimiser {
    /// An optimiser without buffers yet.
    pub fn new() -> Optimiser {
        Optimiser::default()
    }

    /// Optimises a recorded trace, which must pass `vm_ir::verify`.
    pub fn optimise(&mut self, recorded: &Trace, options: &Options) -> Result<(Trace, Statistics), Refusal> {
        debug_assert_eq!(vm_ir::verify(recorded), Ok(()), "recorded trace:\n{recorded}");
        check_recorded(recorded)?;
        let mut statistics = Statistics::default();
        let mut rewriter = Rewriter::new(recorded, options, &mut self.buffers);
        let passed = rewriter.run(&mut statistics);
        let (mut draft, state, buffers) = rewriter.finish();
        self.buffers = buffers;
        let result = passed.map(|()| cleanup::clean(&mut draft, &state));
        self.buffers.put_back(state, draft);
        let trace = result?;
        debug_assert_eq!(vm_ir::verify(&trace), Ok(()), "optimised trace:\n{trace}");
        Ok((trace, statistics))
    }
}

/// Optimises a recorded trace, which must pass `vm_ir::verify`.
pub fn optimise(recorded: &Trace, options: &Options) -> Result<(Trace, Statistics), Refusal> {
    Optimiser::new().optimise(recorded, options)
}

/// What an optimisation has removed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Removed {
    /// Recorded guards that no turn runs.
    pub guards: usize,
    /// Recorded allocations that no turn makes.
    pub allocations: usize,
}

impl Removed {
    /// Compares a recorded trace with what became of it. The loop of a peeled trace counts, not its first turn; in other traces
    /// everything.
    pub fn between(recorded: &Trace, trace: &Trace) -> Removed {
        let start = trace.insts.iter().position(|inst| inst.op == Op::Label).unwrap_or(0);
        let of_kind = |insts: &[Inst], kind: Kind| insts.iter().filter(|inst| inst.op.kind() == kind).count();
        let removed = |kind: Kind| of_kind(&recorded.insts, kind).saturating_sub(of_kind(&trace.insts[start..], kind));
        Removed { guards: removed(Kind::Guard), allocations: removed(Kind::Allocate) }
    }
}

fn check_recorded(trace: &Trace) -> Result<(), Refusal> {
    if let Some(index) = trace.insts.iter().position(|inst| matches!(inst.op, Op::Label | Op::Phi)) {
        return Err(Refusal::NotRecorded(index));
    }
    let is_virtual = |content: &Content| matches!(content, Content::Virtual(_));
    if trace.entries.iter().any(|entry| is_virtual(&entry.content)) {
        let describes = |inst: &Inst| {
            inst.snapshot != SnapshotId::NONE
                && trace.slots(inst.snapshot).iter().any(|(_, content)| is_virtual(content))
        };
        return Err(Refusal::NotRecorded(trace.insts.iter().position(describes).unwrap_or(trace.insts.len())));
    }
    match trace.end {
        End::Loop(snapshot) if trace.snapshots[snapshot.0 as usize].frame != 0 => Err(Refusal::MovingFrame),
        _ => Ok(()),
    }
}
