//! The last pass: drops placeholders, trivial phis and everything whose result nobody uses, and numbers what is left.
//!
//! What must stay: guards, stores, barriers, allocations (a virtual object is only allocated where it is needed), calls
//! with effects, and int operations whose failure raises in the language. Everything else stays if one of these needs
//! it, in an operand or in a snapshot; a phi that only phis use goes, cycles included.

use crate::state::{Node, State};
use vm_ir::{Call, Content, Effects, End, Entry, EntryId, Inst, Kind, Op, Ref, Snapshot, SnapshotId, Trace, Virtual};

/// Yields the finished trace.
pub(crate) fn clean(draft: &mut Trace, state: &State) -> Trace {
    let mut cleaner = Cleaner {
        is_live: vec![false; draft.insts.len()],
        is_live_entry: vec![false; draft.entries.len()],
        is_live_virtual: vec![false; draft.virtuals.len()],
        stands_for: (0..draft.insts.len()).map(Ref::instruction).collect(),
        numbers: vec![Ref::NONE; draft.insts.len()],
        constants: vec![Ref::NONE; draft.constants.len()],
        snapshots: vec![SnapshotId::NONE; draft.snapshots.len()],
        virtuals: vec![u32::MAX; draft.virtuals.len()],
        work: state.raising.clone(),
        trace: Trace::new(),
        draft,
    };
    cleaner.drop_trivial_phis();
    cleaner.mark(state);
    cleaner.number();
    cleaner.add_entries();
    cleaner.trace
}

struct Cleaner<'a> {
    draft: &'a mut Trace,
    trace: Trace,
    is_live: Vec<bool>,
    is_live_entry: Vec<bool>,
    is_live_virtual: Vec<bool>,
    /// What replaces an instruction: itself, or the start of a trivial phi.
    stands_for: Vec<Ref>,
    /// Where things are in the trace, by where they are in the draft.
    numbers: Vec<Ref>,
    constants: Vec<Ref>,
    snapshots: Vec<SnapshotId>,
    virtuals: Vec<u32>,
    /// What is needed and has not been marked yet.
    work: Vec<Ref>,
}

impl Cleaner<'_> {
    fn phis(&self) -> std::ops::Range<usize> {
        let is_phi = |inst: &Inst| inst.op == Op::Phi;
        match self.draft.insts.iter().position(is_phi) {
            Some(first) => first..self.draft.insts.iter().rposition(is_phi).map_or(first, |last| last + 1),
            None => 0..0,
        }
    }

    fn substitute(&self, mut at: Ref) -> Ref {
        while !at.is_constant() && !at.is_none() && self.stands_for[at.index()] != at {
            at = self.stands_for[at.index()];
        }
        at
    }

    /// A phi that gets its own value, or the one it started with, is what it started with.
    fn drop_trivial_phis(&mut self) {
        let phis = self.phis();
        let mut changed = true;
        while changed {
            changed = false;
            for index in phis.clone() {
                let inst = self.draft.insts[index];
                let this = Ref::instruction(index);
                if inst.op != Op::Phi || self.stands_for[index] != this {
                    continue;
                }
                let (start, end) = (self.substitute(inst.a), self.substitute(inst.b));
                if end == this || end == start {
                    self.stands_for[index] = start;
                    changed = true;
                }
            }
        }
    }

    fn mark(&mut self, state: &State) {
        for index in 0..self.draft.insts.len() {
            if self.is_root(index, state) {
                self.work.push(Ref::instruction(index));
            }
        }
        if let End::Exit(snapshot) | End::Jump { snapshot, .. } = self.draft.end {
            self.mark_snapshot(snapshot);
        }
        while let Some(at) = self.work.pop() {
            let at = self.substitute(at);
            if at.is_constant() || at.is_none() || std::mem::replace(&mut self.is_live[at.index()], true) {
                continue;
            }
            let inst = self.draft.insts[at.index()];
            self.work.extend([inst.a, inst.b, inst.c]);
            if inst.op == Op::Call {
                self.work.extend(&self.draft.calls[inst.imm as usize].arguments);
            }
            if inst.snapshot != SnapshotId::NONE {
                self.mark_snapshot(inst.snapshot);
            }
        }
    }

    fn mark_snapshot(&mut self, id: SnapshotId) {
        let mut at = self.draft.snapshots[id.0 as usize].top;
        while at != EntryId::NONE && !std::mem::replace(&mut self.is_live_entry[at.0 as usize], true) {
            let entry = self.draft.entries[at.0 as usize];
            self.mark_content(entry.content);
            at = entry.below;
        }
    }

    fn mark_content(&mut self, content: Content) {
        match content {
            Content::Ref(at) => self.work.push(at),
            Content::Virtual(number) if !std::mem::replace(&mut self.is_live_virtual[number as usize], true) => {
                for field in 0..self.draft.virtuals[number as usize].fields.len() {
                    self.mark_content(self.draft.virtuals[number as usize].fields[field].1);
                }
            }
            Content::Virtual(_) | Content::FrameAddress(_) => {}
        }
    }

    fn is_root(&self, index: usize, state: &State) -> bool {
        let inst = &self.draft.insts[index];
        match inst.op.kind() {
            Kind::Guard | Kind::Store => true,
            // The others are placeholders.
            Kind::Allocate => state.nodes[index] == Node::Real,
            Kind::Call => {
                let effects = self.draft.calls[inst.imm as usize].effects;
                inst.ty == vm_ir::Type::None || effects.has(Effects::WRITES) || effects.has(Effects::COLLECTS)
            }
            Kind::Control => inst.op == Op::Label,
            Kind::Pure | Kind::PureGuard | Kind::Load | Kind::FinalLoad => false,
        }
    }

    /// Builds the trace from what is live.
    fn number(&mut self) {
        self.trace.params = std::mem::take(&mut self.draft.params);
        self.trace.insts.reserve_exact(self.is_live.iter().filter(|is_live| **is_live).count());
        let mut late = Vec::new();
        for index in 0..self.draft.insts.len() {
            if !self.is_live[index] {
                continue;
            }
            let inst = self.draft.insts[index];
            let is_phi = inst.op == Op::Phi;
            let mut made = Inst { a: self.new_ref(inst.a), c: self.new_ref(inst.c), ..inst };
            if is_phi {
                late.push((self.trace.insts.len(), inst.b));
            } else {
                made.b = self.new_ref(inst.b);
            }
            made.snapshot = self.new_snapshot(inst.snapshot);
            if inst.op == Op::Call {
                made.imm = self.new_call(inst.imm as usize);
            }
            self.numbers[index] = self.trace.push(made);
        }
        for (phi, end) in late {
            self.trace.insts[phi].b = self.new_ref(end);
        }
        self.trace.end = match self.draft.end {
            End::Loop(_) => End::Loop(SnapshotId::NONE),
            End::Exit(snapshot) => End::Exit(self.new_snapshot(snapshot)),
            End::Jump { snapshot, target } => End::Jump { snapshot: self.new_snapshot(snapshot), target },
        };
    }

    fn new_ref(&mut self, at: Ref) -> Ref {
        let at = self.substitute(at);
        if at.is_none() {
            return at;
        }
        if !at.is_constant() {
            debug_assert!(!self.numbers[at.index()].is_none(), "{at:?} is used but not live");
            return self.numbers[at.index()];
        }
        if self.constants[at.index()].is_none() {
            let constant = self.draft.constants[at.index()];
            // Each is in the draft once.
            self.constants[at.index()] = Ref::constant(self.trace.constants.len());
            self.trace.constants.push(constant);
        }
        self.constants[at.index()]
    }

    fn new_call(&mut self, number: usize) -> i64 {
        let call = &mut self.draft.calls[number];
        let (name, address, effects) = (call.name, call.address, call.effects);
        let arguments = std::mem::take(&mut call.arguments).into_iter().map(|at| self.new_ref(at)).collect();
        self.trace.calls.push(Call { name, address, arguments, effects });
        self.trace.calls.len() as i64 - 1
    }

    fn new_snapshot(&mut self, id: SnapshotId) -> SnapshotId {
        if id == SnapshotId::NONE {
            return id;
        }
        let index = id.0 as usize;
        if self.snapshots[index] == SnapshotId::NONE {
            // The entries' numbers are found when all instructions have theirs.
            self.snapshots[index] = self.trace.add_snapshot(self.draft.snapshots[index]);
        }
        self.snapshots[index]
    }

    /// Numbers what snapshots say.
    fn add_entries(&mut self) {
        let mut numbers = vec![EntryId::NONE; self.draft.entries.len()];
        self.trace.entries.reserve_exact(self.is_live_entry.iter().filter(|is_live| **is_live).count());
        let number = |numbers: &[EntryId], at: EntryId| if at == EntryId::NONE { at } else { numbers[at.0 as usize] };
        for index in 0..self.draft.entries.len() {
            if self.is_live_entry[index] {
                let Entry { slot, content, below } = self.draft.entries[index];
                let content = self.new_content(content);
                numbers[index] = self.trace.add_entry(Entry { slot, content, below: number(&numbers, below) });
            }
        }
        for Snapshot { top, .. } in &mut self.trace.snapshots {
            *top = number(&numbers, *top);
        }
    }

    fn new_content(&mut self, content: Content) -> Content {
        match content {
            Content::Ref(at) => Content::Ref(self.new_ref(at)),
            Content::FrameAddress(_) => content,
            Content::Virtual(number) => Content::Virtual(self.new_virtual(number as usize)),
        }
    }

    fn new_virtual(&mut self, number: usize) -> u32 {
        if self.virtuals[number] == u32::MAX {
            let made = self.trace.virtuals.len();
            self.virtuals[number] = made as u32;
            let Virtual { size, header, ref mut fields } = self.draft.virtuals[number];
            let mut fields = std::mem::take(fields);
            self.trace.virtuals.push(Virtual { size, header, fields: Vec::new() });
            for (_, content) in &mut fields {
                *content = self.new_content(*content);
            }
            self.trace.virtuals[made].fields = fields;
        }
        self.virtuals[number]
    }
}
