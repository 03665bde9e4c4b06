//! Checks that a trace is well formed: what the recorder and every pass must deliver and the backend relies on.
//!
//! The rules are the error messages below. They say nothing about meaning: that a load is preceded by the guards that
//! make it safe is the recorder's business.

use crate::{Content, End, Entry, EntryId, Inst, Kind, Op, Ref, SnapshotId, Trace, Type};

/// The first rule that a trace breaks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifyError {
    /// The instruction, where there is one.
    pub instruction: Option<usize>,
    /// The rule, and what was found.
    pub message: String,
}

impl std::fmt::Display for VerifyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.instruction {
            Some(index) => write!(f, "v{index}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for VerifyError {}

type Verified = Result<(), String>;

/// Most integer and most float arguments of a call: those that System V passes in registers.
const ARGUMENT_LIMITS: (usize, usize) = (6, 8);

/// How far from the frame pointer a slot may be: displacements have 32 bits.
const MOST_SLOTS: u32 = 1 << 27;

/// Checks every rule and reports the first one broken.
pub fn verify(trace: &Trace) -> Result<(), VerifyError> {
    let of_trace = |message| VerifyError { instruction: None, message };
    check_tables(trace).map_err(of_trace)?;
    let mut virtuals = Vec::new();
    for index in 0..trace.insts.len() {
        check_instruction(trace, index, &mut virtuals)
            .map_err(|message| VerifyError { instruction: Some(index), message })?;
    }
    check_end(trace, &mut virtuals).map_err(of_trace)
}

fn check_tables(trace: &Trace) -> Verified {
    if let Some(constant) = trace.constants.iter().position(|constant| constant.ty == Type::None) {
        return Err(format!("constant {constant} has no type"));
    }
    if trace.params.contains(&Type::None) {
        return Err("a live-in has no type".to_string());
    }
    for (number, object) in trace.virtuals.iter().enumerate() {
        if object.size == 0 || object.size % 8 != 0 {
            return Err(format!("virtual {number} has the size {}, expected a multiple of eight", object.size));
        }
        let mut previous = 0;
        for (offset, content) in &object.fields {
            if offset % 8 != 0 || *offset <= previous || *offset >= object.size {
                return Err(format!("virtual {number}: field {offset} lies outside the object or out of order"));
            }
            previous = *offset;
            if matches!(content, Content::FrameAddress(_)) {
                return Err(format!("virtual {number}: field {offset} is a frame address"));
            }
            check_content(trace, *content)?;
        }
    }
    for (number, snapshot) in trace.snapshots.iter().enumerate() {
        check_top(trace, snapshot.top, trace.entries.len())
            .map_err(|message| format!("snapshot {number}: {message}"))?;
        if snapshot.frame.unsigned_abs() > MOST_SLOTS {
            return Err(format!("snapshot {number}: slot {} is out of reach", snapshot.frame));
        }
    }
    for (number, entry) in trace.entries.iter().enumerate() {
        check_entry(trace, number, entry)?;
    }
    Ok(())
}

fn check_top(trace: &Trace, top: EntryId, limit: usize) -> Verified {
    if top != EntryId::NONE && top.0 as usize >= limit.min(trace.entries.len()) {
        return Err(format!("there is no entry {} at this point", top.0));
    }
    Ok(())
}

fn check_entry(trace: &Trace, number: usize, entry: &Entry) -> Verified {
    let Entry { slot, content, below } = *entry;
    check_top(trace, below, number).map_err(|message| format!("slot {slot}: {message}"))?;
    if below != EntryId::NONE && trace.entries[below.0 as usize].slot >= slot {
        return Err(format!("slot {slot}: slots are not in ascending order"));
    }
    let reach = if let Content::FrameAddress(slot) = content { slot } else { 0 };
    if let Some(slot) = [slot, reach].into_iter().find(|slot| slot.unsigned_abs() > MOST_SLOTS) {
        return Err(format!("slot {slot} is out of reach"));
    }
    check_content(trace, content)
}

/// References in range and with a result; when they are defined is checked where the snapshot is used.
fn check_content(trace: &Trace, content: Content) -> Verified {
    match content {
        Content::Ref(at) => {
            check_range(trace, at)?;
            if trace.type_of(at) == Type::None { Err(format!("{at:?} has no result")) } else { Ok(()) }
        }
        Content::Virtual(number) if number as usize >= trace.virtuals.len() => {
            Err(format!("there is no virtual {number}"))
        }
        _ => Ok(()),
    }
}

fn check_range(trace: &Trace, at: Ref) -> Verified {
    let limit = if at.is_constant() { trace.constants.len() } else { trace.insts.len() };
    if at.is_none() || at.index() >= limit { Err(format!("there is no {at:?}")) } else { Ok(()) }
}

fn check_instruction(trace: &Trace, index: usize, virtuals: &mut Vec<u32>) -> Verified {
    let inst = &trace.insts[index];
    let Inst { op, ty, a, b, c, snapshot, imm } = *inst;
    if !op.carries_type() && ty != op.result() {
        return Err(format!("{} yields {:?}, not {ty:?}", op.text(), op.result()));
    }
    for (n, at) in [a, b, c].into_iter().enumerate() {
        match op.operand_kinds().get(n) {
            None if at.is_none() => {}
            None => return Err(format!("{} takes {} operands", op.text(), op.operands())),
            Some(kind) => check_operand(trace, index, n, at, kind)?,
        }
    }
    match op.kind() {
        Kind::Guard if snapshot == SnapshotId::NONE => return Err("a guard needs a snapshot".to_string()),
        Kind::Store if op == Op::Sync && snapshot == SnapshotId::NONE => {
            return Err("sync needs a snapshot".to_string());
        }
        Kind::Guard | Kind::PureGuard => {}
        _ if op == Op::Sync => {}
        _ if snapshot != SnapshotId::NONE => return Err(format!("{} never leaves the trace", op.text())),
        _ => {}
    }
    if snapshot != SnapshotId::NONE {
        check_snapshot(trace, snapshot, index, virtuals)?;
    }
    match op {
        Op::GuardSame | Op::GuardDiffer | Op::GuardBelow => {
            let types = (trace.type_of(a), trace.type_of(b));
            // A frame pointer read from a slot of a frame header is a value like any slot's.
            let frame = |at: Ref| !at.is_constant() && trace.insts[at.index()].op == Op::SlotAddress;
            let frames = op != Op::GuardBelow && types == (Type::Value, Type::Word) && frame(b);
            if !frames && types.0 != types.1 || types.0 == Type::Float {
                return Err(format!("compares {:?} with {:?}, expected two values or two words", types.0, types.1));
            }
        }
        Op::Param => {
            if index > 0 && trace.insts[index - 1].op != Op::Param {
                return Err("live-ins come first".to_string());
            }
            if imm < 0 || trace.params.get(imm as usize) != Some(&ty) {
                return Err(format!("there is no live-in {imm} of type {ty:?}"));
            }
            if trace.insts[..index].iter().any(|other| other.imm == imm) {
                return Err(format!("live-in {imm} occurs twice"));
            }
        }
        Op::Label if trace.insts[..index].iter().any(|other| other.op == Op::Label) => {
            return Err("a second label".to_string());
        }
        Op::Phi => {
            if index == 0 || !matches!(trace.insts[index - 1].op, Op::Label | Op::Phi) {
                return Err("phis stand right after the label".to_string());
            }
            if ty == Type::None || trace.type_of(a) != ty || trace.type_of(b) != ty {
                return Err("the phi and its operands are of different types".to_string());
            }
        }
        Op::New if imm <= 0 || imm % 8 != 0 || imm > i32::MAX as i64 => {
            return Err(format!("{imm} is no object size, expected a multiple of eight"));
        }
        Op::Call => return check_call(trace, index, imm),
        Op::Slot | Op::SlotAddress | Op::StoreSlot | Op::LoadSlot if imm.unsigned_abs() > MOST_SLOTS as u64 => {
            return Err(format!("slot {imm} is out of reach"));
        }
        Op::GuardShape | Op::GuardNotShape if imm < 0 || imm > u32::MAX as i64 => {
            return Err(format!("{imm} is no shape id"));
        }
        _ if matches!(op.kind(), Kind::Load | Kind::FinalLoad | Kind::Store)
            && !matches!(op, Op::LoadAbsolute | Op::Slot | Op::StoreSlot | Op::LoadSlot)
            && (imm < 0 || imm % 8 != 0 || imm > i32::MAX as i64 / 2) =>
        {
            return Err(format!("{imm} is no field offset, expected a multiple of eight"));
        }
        _ => {}
    }
    Ok(())
}

fn check_operand(trace: &Trace, index: usize, number: usize, at: Ref, kind: &str) -> Verified {
    check_range(trace, at)?;
    let back_edge = trace.insts[index].op == Op::Phi && number == 1;
    if !at.is_constant() && at.index() >= index && !back_edge {
        return Err(format!("{at:?} is used before its definition"));
    }
    let expected = match kind {
        "V" => Type::Value,
        "F" => Type::Float,
        "W" => Type::Word,
        _ => return if trace.type_of(at) == Type::None { Err(format!("{at:?} has no result")) } else { Ok(()) },
    };
    match trace.type_of(at) {
        found if found == expected => Ok(()),
        found => Err(format!("{at:?} is of type {found:?}, expected {expected:?}")),
    }
}

fn check_call(trace: &Trace, index: usize, imm: i64) -> Verified {
    let Some(call) = usize::try_from(imm).ok().and_then(|number| trace.calls.get(number)) else {
        return Err(format!("there is no call {imm}"));
    };
    let mut floats = 0;
    for at in &call.arguments {
        check_operand(trace, index, 0, *at, "A")?;
        floats += (trace.type_of(*at) == Type::Float) as usize;
    }
    if floats > ARGUMENT_LIMITS.1 || call.arguments.len() - floats > ARGUMENT_LIMITS.0 {
        return Err("too many arguments, expected at most six integers and eight floats".to_string());
    }
    Ok(())
}

fn check_snapshot(trace: &Trace, id: SnapshotId, before: usize, virtuals: &mut Vec<u32>) -> Verified {
    if id.0 as usize >= trace.snapshots.len() {
        return Err(format!("there is no snapshot {}", id.0));
    }
    let mut late = None;
    trace.visit_snapshot(id, virtuals, |at| {
        if !at.is_constant() && at.index() >= before {
            late = Some(at);
        }
    });
    match late {
        Some(at) => Err(format!("snapshot {} refers to {at:?}, which is not defined there", id.0)),
        None => Ok(()),
    }
}

fn check_end(trace: &Trace, virtuals: &mut Vec<u32>) -> Verified {
    let labelled = trace.insts.iter().any(|inst| inst.op == Op::Label);
    let snapshot = match trace.end {
        End::Loop(SnapshotId::NONE) if labelled => return Ok(()),
        End::Loop(_) if labelled => return Err("a loop with a label carries its values in phis".to_string()),
        _ if labelled => return Err("a trace with a label ends in a loop".to_string()),
        End::Loop(_) if !trace.params.is_empty() => return Err("a bridge has no loop without a label".to_string()),
        End::Loop(snapshot) | End::Exit(snapshot) | End::Jump { snapshot, .. } => snapshot,
    };
    if snapshot == SnapshotId::NONE {
        return Err("the end needs a snapshot".to_string());
    }
    check_snapshot(trace, snapshot, trace.insts.len(), virtuals)
}
