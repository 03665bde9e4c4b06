//! The text form of traces, for logs, golden tests and hand-written tests. `Trace::to_string` writes it and
//! `str::parse` reads it.
//!
//! ```text
//! # a comment
//! params value, float                            # bridges only: types of the live-ins
//! v0 = slot[3]                                   # op[immediate] operands
//! guard_int v0 @0                                # leaves through snapshot 0
//! v2 = int_add v0, 1 @0
//! v3 = call.float sin(2.5, v2) at 0x7f00 effects reads+writes
//! label
//! v5 = phi.value v2, v9                          # param, call and phi name their type
//! …
//! loop                                           # or: loop @1 · jump @1 to 0x7f00 · exit @1
//! @0 {pc=0x40, frame=0, 0=v0, 1=5, 2=%0, 3=&4, raise}
//! %0 {size=24, header=0x1100, 8=v2, 16=%1}
//! ```
//!
//! Results are named `v` and the number of the instruction; the parser takes any `v…` name. Constants stand inline:
//! `5` a small int, `2.5` an unboxed float, `float:0x…`, `value:0x…` and `word:0x…` bits. In snapshots `slot=content`
//! and in virtuals `offset=content`, where `%n` is a virtual and `&n` the address of slot `n`.

use crate::{Content, Effects, End, Inst, Op, Ref, SnapshotId, Trace, Type, word};
use std::fmt::{Display, Formatter, Result};

/// Shows a reference with constants spelled out.
struct Operand<'a>(&'a Trace, Ref);

impl Display for Operand<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let Operand(trace, at) = *self;
        let constant = match trace.as_constant(at) {
            Some(constant) => constant,
            None if at.is_none() => return write!(f, "-"),
            None => return write!(f, "v{}", at.index()),
        };
        let number = f64::from_bits(constant.bits);
        match constant.ty {
            Type::Value if word::is_int(constant.bits) => write!(f, "{}", word::as_int(constant.bits)),
            Type::Float if number.is_finite() => write!(f, "{number:?}"),
            ty => write!(f, "{}:{:#x}", ty.text(), constant.bits),
        }
    }
}

struct Contents<'a>(&'a Trace, Content);

impl Display for Contents<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self.1 {
            Content::Ref(at) => write!(f, "{}", Operand(self.0, at)),
            Content::Virtual(number) => write!(f, "%{number}"),
            Content::FrameAddress(slot) => write!(f, "&{slot}"),
        }
    }
}

impl Display for Effects {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match *self {
            Effects::PURE => return write!(f, "pure"),
            Effects::ANY => return write!(f, "any"),
            _ => {}
        }
        let mut separator = "";
        for (effect, name) in [(Effects::READS, "reads"), (Effects::WRITES, "writes"), (Effects::COLLECTS, "collects")]
        {
            if self.has(effect) {
                write!(f, "{separator}{name}")?;
                separator = "+";
            }
        }
        Ok(())
    }
}

/// Whether an immediate is an address or a bit pattern rather than a count.
fn in_hexadecimal(op: Op) -> bool {
    matches!(op, Op::GuardValid | Op::LoadAbsolute)
}

impl Trace {
    /// Writes one instruction as a line of the text form, without the line end.
    pub fn write_instruction(&self, f: &mut dyn std::fmt::Write, index: usize) -> Result {
        let Inst { op, ty, a, b, c, snapshot, imm } = self.insts[index];
        if ty != Type::None {
            write!(f, "v{index} = ")?;
        }
        write!(f, "{}", op.text())?;
        if op.carries_type() {
            write!(f, ".{}", ty.text())?;
        }
        if op == Op::Call {
            let call = &self.calls[imm as usize];
            write!(f, " {}(", call.name)?;
            for (n, at) in call.arguments.iter().enumerate() {
                write!(f, "{}{}", if n == 0 { "" } else { ", " }, Operand(self, *at))?;
            }
            write!(f, ") at {:#x} effects {}", call.address, call.effects)?;
        } else if in_hexadecimal(op) {
            write!(f, "[{:#x}]", imm as u64)?;
        } else if op.has_immediate() {
            write!(f, "[{imm}]")?;
        }
        for (n, at) in [a, b, c].into_iter().filter(|at| !at.is_none()).enumerate() {
            write!(f, "{}{}", if n == 0 { " " } else { ", " }, Operand(self, at))?;
        }
        if snapshot != SnapshotId::NONE {
            write!(f, " @{}", snapshot.0)?;
        }
        Ok(())
    }
}

impl Display for Trace {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        if !self.params.is_empty() {
            let types: Vec<&str> = self.params.iter().map(|ty| ty.text()).collect();
            writeln!(f, "params {}", types.join(", "))?;
        }
        for index in 0..self.insts.len() {
            self.write_instruction(f, index)?;
            writeln!(f)?;
        }
        match &self.end {
            End::Loop(SnapshotId::NONE) => writeln!(f, "loop")?,
            End::Loop(snapshot) => writeln!(f, "loop @{}", snapshot.0)?,
            End::Jump { snapshot, target } => writeln!(f, "jump @{} to {target:#x}", snapshot.0)?,
            End::Exit(SnapshotId::NONE) => writeln!(f, "exit")?,
            End::Exit(snapshot) => writeln!(f, "exit @{}", snapshot.0)?,
        }
        for (n, snapshot) in self.snapshots.iter().enumerate() {
            write!(f, "@{n} {{pc={:#x}, frame={}", snapshot.pc, snapshot.frame)?;
            for (slot, content) in self.slots(SnapshotId(n as u32)) {
                write!(f, ", {slot}={}", Contents(self, content))?;
            }
            writeln!(f, "{}}}", if snapshot.raise { ", raise" } else { "" })?;
        }
        for (n, object) in self.virtuals.iter().enumerate() {
            write!(f, "%{n} {{size={}, header={:#x}", object.size, object.header)?;
            for (offset, content) in &object.fields {
                write!(f, ", {offset}={}", Contents(self, *content))?;
            }
            writeln!(f, "}}")?;
        }
        Ok(())
    }
}
