//! A trace: a straight line of instructions with snapshots, optionally with one loop at its end.

use crate::hash::Map;
use crate::snapshot::{Entry, EntryId, Snapshot, SnapshotId, Virtual};
use crate::{Op, Type};

/// A reference to an instruction of the trace or to one of its constants.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ref(u32);

impl Ref {
    const CONSTANT: u32 = 1 << 31;
    /// No operand.
    pub const NONE: Ref = Ref(u32::MAX);

    /// Instruction number `index`.
    pub const fn instruction(index: usize) -> Ref {
        Ref(index as u32)
    }
    /// Constant number `index`.
    pub const fn constant(index: usize) -> Ref {
        Ref(index as u32 | Ref::CONSTANT)
    }
    /// Whether this is a constant.
    pub const fn is_constant(self) -> bool {
        self.0 & Ref::CONSTANT != 0 && !self.is_none()
    }
    /// Whether this is `NONE`.
    pub const fn is_none(self) -> bool {
        self.0 == u32::MAX
    }
    /// The number of the instruction or constant.
    pub const fn index(self) -> usize {
        (self.0 & !Ref::CONSTANT) as usize
    }
}

impl std::fmt::Debug for Ref {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.is_none() {
            write!(f, "-")
        } else if self.is_constant() {
            write!(f, "k{}", self.index())
        } else {
            write!(f, "v{}", self.index())
        }
    }
}

/// A constant; a float is kept as its bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Constant {
    /// Its type.
    pub ty: Type,
    /// Its bits.
    pub bits: u64,
}

/// One instruction.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Inst {
    /// What it does.
    pub op: Op,
    /// The type of its result.
    pub ty: Type,
    /// Operands, `Ref::NONE` where unused.
    pub a: Ref,
    /// Second operand.
    pub b: Ref,
    /// Third operand.
    pub c: Ref,
    /// Where execution goes on if the instruction leaves the trace. A `PureGuard` without one can't fail.
    pub snapshot: SnapshotId,
    /// Immediate operand: offset, shape id, slot, size, call number.
    pub imm: i64,
}

/// What a runtime call may do.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Effects(pub u8);

impl Effects {
    /// Depends on its arguments only and does nothing else.
    pub const PURE: Effects = Effects(0);
    /// Reads mutable heap objects.
    pub const READS: Effects = Effects(1);
    /// Writes heap objects.
    pub const WRITES: Effects = Effects(2);
    /// May allocate and collect.
    pub const COLLECTS: Effects = Effects(4);
    /// May do anything, Python code included.
    pub const ANY: Effects = Effects(7);

    /// Both.
    pub const fn and(self, other: Effects) -> Effects {
        Effects(self.0 | other.0)
    }
    /// Whether all of `other`'s are among these.
    pub const fn has(self, other: Effects) -> bool {
        self.0 & other.0 == other.0
    }
}

/// A call of a runtime function: `extern "sysv64"`, at most six integer and eight float arguments.
#[derive(Clone, PartialEq, Debug)]
pub struct Call {
    /// For listings.
    pub name: &'static str,
    /// Address of the function.
    pub address: u64,
    /// Arguments by position; `Float` ones go to float registers.
    pub arguments: Vec<Ref>,
    /// What it may do.
    pub effects: Effects,
}

/// How a trace ends.
#[derive(Clone, PartialEq, Debug)]
pub enum End {
    /// Goes back to the loop's start. In a recorded trace that is its first instruction, and the snapshot gives
    /// all live slots; in an optimised one it is the label, the phis carry the values, and the snapshot is `NONE`.
    Loop(SnapshotId),
    /// Writes the snapshot to the value stack and enters the root trace whose entry address is stored at `target`.
    Jump {
        /// The state to write.
        snapshot: SnapshotId,
        /// Address of the 64-bit data slot with the entry address.
        target: u64,
    },
    /// Leaves to the interpreter.
    Exit(SnapshotId),
}

/// A recorded or optimised trace.
#[derive(Clone, PartialEq, Debug)]
pub struct Trace {
    /// The instructions in order.
    pub insts: Vec<Inst>,
    /// Constants, each once.
    pub constants: Vec<Constant>,
    /// Snapshots.
    pub snapshots: Vec<Snapshot>,
    /// What slots hold in snapshots.
    pub entries: Vec<Entry>,
    /// Objects that exist at exits only.
    pub virtuals: Vec<Virtual>,
    /// Runtime calls.
    pub calls: Vec<Call>,
    /// For bridges: the types of the live-ins, by number.
    pub params: Vec<Type>,
    /// How it ends.
    pub end: End,
    constant_index: Map<Constant, u32>,
    /// The state entered last, lowest slot first.
    pub(crate) path: Vec<EntryId>,
}

/// A point that a growing trace can be taken back to.
#[derive(Clone, Copy, Default, Debug)]
pub struct Mark {
    /// How many instructions it had.
    pub insts: usize,
    snapshots: usize,
    entries: usize,
    virtuals: usize,
    calls: usize,
}

impl Default for Trace {
    fn default() -> Self {
        Trace::new()
    }
}

impl Trace {
    /// An empty trace.
    pub fn new() -> Trace {
        Trace {
            insts: Vec::new(),
            constants: Vec::new(),
            snapshots: Vec::new(),
            entries: Vec::new(),
            virtuals: Vec::new(),
            calls: Vec::new(),
            params: Vec::new(),
            end: End::Exit(SnapshotId::NONE),
            constant_index: Map::default(),
            path: Vec::new(),
        }
    }

    /// Empties the trace, keeping its memory.
    pub fn clear(&mut self) {
        self.insts.clear();
        self.constants.clear();
        self.snapshots.clear();
        self.entries.clear();
        self.virtuals.clear();
        self.calls.clear();
        self.params.clear();
        self.end = End::Exit(SnapshotId::NONE);
        self.constant_index.clear();
        self.path.clear();
    }

    /// The constant with these bits, entered at its first use.
    pub fn constant(&mut self, ty: Type, bits: u64) -> Ref {
        let constant = Constant { ty, bits };
        let constants = &mut self.constants;
        let index = *self.constant_index.entry(constant).or_insert_with(|| {
            constants.push(constant);
            constants.len() as u32 - 1
        });
        Ref::constant(index as usize)
    }

    /// The constant behind a reference, if it is one.
    #[inline]
    pub fn as_constant(&self, at: Ref) -> Option<Constant> {
        at.is_constant().then(|| self.constants[at.index()])
    }

    /// The type of a reference.
    #[inline]
    pub fn type_of(&self, at: Ref) -> Type {
        if at.is_constant() { self.constants[at.index()].ty } else { self.insts[at.index()].ty }
    }

    /// Appends an instruction.
    #[inline]
    pub fn push(&mut self, inst: Inst) -> Ref {
        self.insts.push(inst);
        Ref::instruction(self.insts.len() - 1)
    }

    /// Appends an instruction made from its parts.
    #[inline]
    pub fn emit(&mut self, op: Op, operands: &[Ref], imm: i64, snapshot: SnapshotId) -> Ref {
        debug_assert_eq!(operands.len(), op.operands());
        let at = |n: usize| operands.get(n).copied().unwrap_or(Ref::NONE);
        self.push(Inst { op, ty: op.result(), a: at(0), b: at(1), c: at(2), snapshot, imm })
    }

    /// Where the trace ends so far.
    pub fn mark(&self) -> Mark {
        Mark {
            insts: self.insts.len(),
            snapshots: self.snapshots.len(),
            entries: self.entries.len(),
            virtuals: self.virtuals.len(),
            calls: self.calls.len(),
        }
    }

    /// Drops what was added since a mark; constants stay.
    pub fn go_back(&mut self, mark: &Mark) {
        self.insts.truncate(mark.insts);
        self.snapshots.truncate(mark.snapshots);
        self.entries.truncate(mark.entries);
        self.virtuals.truncate(mark.virtuals);
        self.calls.truncate(mark.calls);
        self.path.clear();
    }

    /// Appends a runtime call with a result of type `ty`.
    pub fn emit_call(&mut self, call: Call, ty: Type) -> Ref {
        self.calls.push(call);
        let imm = self.calls.len() as i64 - 1;
        self.push(Inst { op: Op::Call, ty, a: Ref::NONE, b: Ref::NONE, c: Ref::NONE, snapshot: SnapshotId::NONE, imm })
    }
}
