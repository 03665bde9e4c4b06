//! A trace: a straight line of instructions with snapshots, optionally with one loop at its end.

use crate::{Op, Type};
use std::collections::HashMap;

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

/// Number of a snapshot.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct SnapshotId(pub u32);

impl SnapshotId {
    /// No snapshot.
    pub const NONE: SnapshotId = SnapshotId(u32::MAX);
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

/// What a value-stack slot holds when the trace is left.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Content {
    /// The result of an instruction or a constant; a `Float` is boxed at the exit, a `Word` is stored as it is.
    Ref(Ref),
    /// An object that the trace did not allocate (index into `Trace::virtuals`): it is allocated at the exit.
    Virtual(u32),
    /// The address of a value-stack slot (saved frame pointers of inlined calls).
    FrameAddress(i32),
}

/// How to go on in the interpreter: which slots of the value stack hold what, and where to continue.
#[derive(Clone, PartialEq, Debug)]
pub struct Snapshot {
    /// Bytecode address to resume at; 0 where the runtime function called last has left the thread at the place, with all slots in
    /// memory.
    pub pc: u64,
    /// The frame pointer there, in slots from the trace's base frame pointer.
    pub frame: i32,
    /// Slots that differ from memory, in ascending order.
    pub entries: Vec<(i32, Content)>,
    /// Whether a raised exception is pending, to be unwound from `pc`.
    pub raise: bool,
}

/// An object kept out of memory by the optimiser.
#[derive(Clone, PartialEq, Debug)]
pub struct Virtual {
    /// Size in bytes.
    pub size: u32,
    /// Header word.
    pub header: u64,
    /// Byte offset and content of each field that is not zero; `FrameAddress` does not occur.
    pub fields: Vec<(u32, Content)>,
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
    /// Objects that exist at exits only.
    pub virtuals: Vec<Virtual>,
    /// Runtime calls.
    pub calls: Vec<Call>,
    /// For bridges: the types of the live-ins, by number.
    pub params: Vec<Type>,
    /// How it ends.
    pub end: End,
    constant_index: HashMap<Constant, u32>,
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
            virtuals: Vec::new(),
            calls: Vec::new(),
            params: Vec::new(),
            end: End::Exit(SnapshotId::NONE),
            constant_index: HashMap::new(),
        }
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
    pub fn as_constant(&self, at: Ref) -> Option<Constant> {
        at.is_constant().then(|| self.constants[at.index()])
    }

    /// The type of a reference.
    pub fn type_of(&self, at: Ref) -> Type {
        if at.is_constant() { self.constants[at.index()].ty } else { self.insts[at.index()].ty }
    }

    /// Appends an instruction.
    pub fn push(&mut self, inst: Inst) -> Ref {
        self.insts.push(inst);
        Ref::instruction(self.insts.len() - 1)
    }

    /// Appends an instruction made from its parts.
    pub fn emit(&mut self, op: Op, operands: &[Ref], imm: i64, snapshot: SnapshotId) -> Ref {
        debug_assert_eq!(operands.len(), op.operands());
        let at = |n: usize| operands.get(n).copied().unwrap_or(Ref::NONE);
        self.push(Inst { op, ty: op.result(), a: at(0), b: at(1), c: at(2), snapshot, imm })
    }

    /// Appends a snapshot.
    pub fn add_snapshot(&mut self, snapshot: Snapshot) -> SnapshotId {
        self.snapshots.push(snapshot);
        SnapshotId(self.snapshots.len() as u32 - 1)
    }

    /// Calls `visit` with every reference of a snapshot, those in its virtuals included, in this order: the entries,
    /// then the fields of the virtuals in the order in which they are first met. Each virtual is visited once, a
    /// reference as often as it occurs. Exit locations and the live-ins of bridges follow this order.
    pub fn visit_snapshot(&self, id: SnapshotId, virtuals: &mut Vec<u32>, mut visit: impl FnMut(Ref)) {
        virtuals.clear();
        let mut content = |at: Content, virtuals: &mut Vec<u32>| match at {
            Content::Ref(at) => visit(at),
            Content::Virtual(number) if !virtuals.contains(&number) => virtuals.push(number),
            _ => {}
        };
        for (_, at) in &self.snapshots[id.0 as usize].entries {
            content(*at, virtuals);
        }
        let mut next = 0;
        while next < virtuals.len() {
            for (_, at) in &self.virtuals[virtuals[next] as usize].fields {
                content(*at, virtuals);
            }
            next += 1;
        }
    }

    /// The live-ins of a snapshot: every instruction it refers to, once, in the order of `visit_snapshot`. Constants
    /// are not among them. An exit has one location for each, and a bridge from there one `param` for each.
    pub fn live_ins(&self, id: SnapshotId) -> Vec<Ref> {
        let mut refs = Vec::new();
        let mut seen = std::collections::HashSet::new();
        self.visit_snapshot(id, &mut Vec::new(), |at| {
            if !at.is_constant() && seen.insert(at) {
                refs.push(at);
            }
        });
        refs
    }

    /// Appends a runtime call with a result of type `ty`.
    pub fn emit_call(&mut self, call: Call, ty: Type) -> Ref {
        self.calls.push(call);
        let imm = self.calls.len() as i64 - 1;
        self.push(Inst { op: Op::Call, ty, a: Ref::NONE, b: Ref::NONE, c: Ref::NONE, snapshot: SnapshotId::NONE, imm })
    }
}
