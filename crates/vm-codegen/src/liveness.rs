//! The backward pass: last uses, next uses, dead instructions, calls ahead.
//!
//! Positions are instruction numbers; the end of the trace has the number after the last one. A value defined before
//! the label and used behind it lives to the end, since the next turn needs it. Zero means "never" (the first
//! instruction uses nothing).
//!
//! Two kinds of use are told apart: an instruction's operands want to be in registers, and their distances decide
//! which value is spilled first; a snapshot keeps a value alive, but does not care where.

use vm_ir::{Content, End, EntryId, Inst, Kind, Op, Ref, SnapshotId, Trace};

/// Never used again as an operand.
pub(crate) const NEVER: u32 = u32::MAX;

/// What the forward pass must know about uses. Buffers are kept between traces.
#[derive(Default)]
pub(crate) struct Liveness {
    /// Per instruction: where its result is used last, by whatever; zero if never.
    pub(crate) last: Vec<u32>,
    /// Per instruction: whether the last use includes the snapshot of the instruction there.
    pub(crate) last_in_snapshot: Vec<bool>,
    /// Values whose last use is a snapshot's, with the instruction that has it, the first one last. The forward pass takes them off
    /// with `ending_at`.
    ending: Vec<(u32, u32)>,
    /// Per instruction: the next use of its result as an operand. The forward pass moves it on with `advance`.
    pub(crate) next: Vec<u32>,
    /// The numbers of calls, ascending.
    pub(crate) calls: Vec<u32>,
    /// The label, if there is one.
    pub(crate) label: Option<usize>,
    /// Per instruction: where its operands' next uses start in `chain`.
    chain_start: Vec<u32>,
    chain: Vec<u32>,
    /// Per entry of a snapshot, and per virtual object: whether a later instruction has it too.
    seen_entries: Vec<bool>,
    seen_virtuals: Vec<bool>,
}

/// Calls `visit` with the operands that are instructions, in order.
pub(crate) fn visit_operands(trace: &Trace, inst: &Inst, mut visit: impl FnMut(usize)) {
    let mut each = |at: Ref| {
        if !at.is_none() && !at.is_constant() {
            visit(at.index());
        }
    };
    if inst.op == Op::Call {
        trace.calls[inst.imm as usize].arguments.iter().for_each(|at| each(*at));
    } else {
        [inst.a, inst.b, inst.c].into_iter().for_each(each);
    }
}

/// The snapshot of a trace's end, if it has one.
pub(crate) fn end_snapshot(end: &End) -> SnapshotId {
    match *end {
        End::Loop(snapshot) | End::Exit(snapshot) | End::Jump { snapshot, .. } => snapshot,
    }
}

impl Liveness {
    /// Runs the pass.
    pub(crate) fn run(&mut self, trace: &Trace) {
        let count = trace.insts.len();
        self.clear(trace);
        self.label = trace.insts.iter().position(|inst| inst.op == Op::Label);
        let body = self.label.unwrap_or(count);
        let phis = trace.insts[(body + 1).min(count)..].iter().take_while(|inst| inst.op == Op::Phi).count();
        self.mark_invariants(trace, body, phis);
        let end = count as u32;
        for phi in trace.insts[(body + 1).min(count)..].iter().take(phis) {
            self.use_value(phi.b, end);
        }
        self.use_snapshot(trace, end_snapshot(&trace.end), end);
        for index in (0..count).rev() {
            let inst = &trace.insts[index];
            match inst.op {
                Op::Phi => {}
                Op::Label => self.pass_label(trace, index, phis, end),
                _ if self.is_dead(trace, index) => {}
                _ => {
                    self.use_snapshot(trace, inst.snapshot, index as u32);
                    self.chain_start[index] = self.chain.len() as u32;
                    visit_operands(trace, inst, |value| {
                        self.chain.push(self.next[value]);
                        self.next[value] = index as u32;
                        if self.last[value] == 0 {
                            self.last[value] = index as u32;
                        }
                    });
                    if inst.op == Op::Call {
                        self.calls.push(index as u32);
                    }
                }
            }
        }
        self.calls.reverse();
    }

    fn clear(&mut self, trace: &Trace) {
        let count = trace.insts.len();
        self.last.clear();
        self.last.resize(count, 0);
        self.last_in_snapshot.clear();
        self.last_in_snapshot.resize(count, false);
        self.ending.clear();
        self.next.clear();
        self.next.resize(count, NEVER);
        self.chain_start.clear();
        self.chain_start.resize(count, 0);
        self.seen_entries.clear();
        self.seen_entries.resize(trace.entries.len(), false);
        self.seen_virtuals.clear();
        self.seen_virtuals.resize(trace.virtuals.len(), false);
        self.calls.clear();
        self.chain.clear();
    }

    /// Lets operands of the loop that come from before it have a next use beyond the end: the next turn's.
    fn mark_invariants(&mut self, trace: &Trace, body: usize, phis: usize) {
        let count = trace.insts.len();
        for inst in trace.insts.iter().skip(body + 1 + phis) {
            visit_operands(trace, inst, |value| {
                if value < body {
                    self.next[value] = count as u32 + 1;
                }
            });
        }
    }

    /// At the label, everything alive from before it lives to the end; then the phis use their values on entry.
    fn pass_label(&mut self, trace: &Trace, label: usize, phis: usize, end: u32) {
        for value in 0..label {
            if self.last[value] != 0 {
                self.last[value] = end;
                self.last_in_snapshot[value] = false;
            }
        }
        for index in label + 1..label + 1 + phis {
            if self.last[index] != 0 {
                self.use_value(trace.insts[index].a, label as u32);
            }
        }
    }

    fn use_value(&mut self, at: Ref, position: u32) {
        if !at.is_constant() {
            self.next[at.index()] = self.next[at.index()].min(position);
            if self.last[at.index()] == 0 {
                self.last[at.index()] = position;
            }
        }
    }

    fn use_snapshot(&mut self, trace: &Trace, id: SnapshotId, position: u32) {
        if id == SnapshotId::NONE {
            return;
        }
        let mut at = trace.snapshots[id.0 as usize].top;
        // What a later snapshot has too is in use beyond this one.
        while at != EntryId::NONE && !std::mem::replace(&mut self.seen_entries[at.0 as usize], true) {
            let entry = &trace.entries[at.0 as usize];
            self.use_content(trace, entry.content, position);
            at = entry.below;
        }
    }

    fn use_content(&mut self, trace: &Trace, content: Content, position: u32) {
        match content {
            Content::Ref(at) if !at.is_constant() && self.last[at.index()] == 0 => {
                self.last[at.index()] = position;
                self.last_in_snapshot[at.index()] = true;
                self.ending.push((position, at.index() as u32));
            }
            Content::Virtual(number) if !std::mem::replace(&mut self.seen_virtuals[number as usize], true) => {
                for (_, content) in &trace.virtuals[number as usize].fields {
                    self.use_content(trace, *content, position);
                }
            }
            _ => {}
        }
    }

    /// The next value whose last use is the snapshot of an instruction.
    pub(crate) fn ending_at(&mut self, position: u32) -> Option<usize> {
        let (_, value) = self.ending.pop_if(|(at, _)| *at == position)?;
        Some(value as usize)
    }

    /// Whether nobody needs the instruction: its result is not used and it does nothing else.
    pub(crate) fn is_dead(&self, trace: &Trace, index: usize) -> bool {
        let inst = &trace.insts[index];
        self.last[index] == 0
            && match inst.op.kind() {
                Kind::Pure | Kind::Load | Kind::FinalLoad => true,
                Kind::PureGuard => inst.snapshot == SnapshotId::NONE,
                _ => matches!(inst.op, Op::Param | Op::Phi),
            }
    }

    /// Moves the next uses of an instruction's operands beyond it.
    pub(crate) fn advance(&mut self, trace: &Trace, index: usize) {
        // Written in operand order while going backwards: the first entry of a value used twice is the one that holds.
        let mut at = self.chain_start[index] as usize;
        let (chain, next) = (&self.chain, &mut self.next);
        visit_operands(trace, &trace.insts[index], |value| {
            let beyond = chain[at];
            at += 1;
            if beyond != index as u32 {
                next[value] = beyond;
            }
        });
    }
}
