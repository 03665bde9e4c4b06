//! The streaming rewriter: every recorded instruction passes through `step`, which emits it, replaces it by something
//! known, or drops it.
//!
//! The output under construction holds placeholders for what is virtual (a `new` that was not needed as an object yet,
//! a `box_float` not needed as a value). INVARIANT: no emitted instruction and no snapshot refers to a placeholder:
//! operands go through `real`, which materialises, and snapshots through `snapshot`, which describes. `cleanup.rs`
//! drops the placeholders.

use crate::facts::{Facts, Range, Tags};
use crate::heap::Place;
use crate::peel::Checkpoint;
use crate::snapshots::States;
use crate::state::{Key, Node, Sameness, State};
use crate::{Options, Refusal, Statistics};
use vm_ir::hash::{Map, Set};
use vm_ir::{Constant, Content, End, Inst, Kind, Op, Ref, SnapshotId, Trace, Type};

/// The trace can't be what was executed, or (in a second turn) can't go on as in the first one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Contradiction;

/// The result of passing an instruction.
pub(crate) type Step<T> = Result<T, Contradiction>;

/// One optimisation at work.
pub(crate) struct Rewriter<'a> {
    pub source: &'a Trace,
    pub options: &'a Options,
    /// The output with placeholders.
    pub out: Trace,
    pub state: State,
    /// The output reference of each recorded instruction in this turn.
    pub map: Vec<Ref>,
    /// The output reference of each recorded constant.
    constants: Vec<Ref>,
    /// Slots that differ from memory at the start of this turn, in ascending order.
    pub base: Vec<(i32, Content)>,
    /// What recorded `slot` instructions yield in this turn, where that is not the slot in memory.
    pub slots: Map<i32, Ref>,
    /// Slots that the trace overwrites in memory, with arguments of calls.
    pub stored_slots: Set<i32>,
    /// Whether the trace brings memory up to date on its way, so that no slot is sure to hold there what it held in the beginning.
    pub syncs: bool,
    pub states: States,
    pub checkpoint: Checkpoint,
    forcing: Vec<Ref>,
    deferred: Vec<Deferred>,
}

/// A store into an object of a reference cycle that had to wait for the value's allocation.
struct Deferred {
    owner: Ref,
    offset: i64,
    value: Ref,
}

/// Buffers that one optimisation leaves to the next.
#[derive(Default)]
pub(crate) struct Buffers {
    state: State,
    map: Vec<Ref>,
    constants: Vec<Ref>,
    checkpoint: Checkpoint,
    states: States,
    draft: Trace,
}

impl Buffers {
    /// Takes back what can be used again.
    pub fn put_back(&mut self, state: State, draft: Trace) {
        (self.state, self.draft) = (state, draft);
    }
}

impl<'a> Rewriter<'a> {
    /// Starts on a recorded trace.
    pub fn new(source: &'a Trace, options: &'a Options, buffers: &mut Buffers) -> Rewriter<'a> {
        let mut rewriter = Rewriter {
            source,
            options,
            out: std::mem::take(&mut buffers.draft),
            state: std::mem::take(&mut buffers.state),
            map: std::mem::take(&mut buffers.map),
            constants: std::mem::take(&mut buffers.constants),
            checkpoint: std::mem::take(&mut buffers.checkpoint),
            base: Vec::new(),
            slots: Map::default(),
            stored_slots: Set::default(),
            syncs: source.insts.iter().any(|inst| inst.op == Op::Sync),
            states: std::mem::take(&mut buffers.states),
            forcing: Vec::new(),
            deferred: Vec::new(),
        };
        let stores = source.insts.iter().filter(|inst| inst.op == Op::StoreSlot);
        rewriter.stored_slots.extend(stores.map(|inst| inst.imm as i32));
        rewriter.restart();
        rewriter
    }

    /// Forgets all output.
    pub fn restart(&mut self) {
        self.out.clear();
        self.out.params.clone_from(&self.source.params);
        self.state.clear();
        self.map.clear();
        self.map.resize(self.source.insts.len(), Ref::NONE);
        self.constants.clear();
        for constant in &self.source.constants {
            let at = self.out.constant(constant.ty, constant.bits);
            self.constants.push(at);
        }
        self.base.clear();
        self.slots.clear();
        self.states.clear();
    }

    /// Passes the whole trace.
    pub fn run(&mut self, statistics: &mut Statistics) -> Result<(), Refusal> {
        match self.source.end {
            End::Loop(_) => self.peel(statistics),
            End::Exit(snapshot) => {
                self.turn().map_err(Refusal::Contradiction)?;
                self.out.end = End::Exit(self.snapshot(snapshot));
                Ok(())
            }
            End::Jump { snapshot, target } => {
                self.turn().map_err(Refusal::Contradiction)?;
                self.allocate_for_jump(snapshot);
                self.out.end = End::Jump { snapshot: self.snapshot(snapshot), target };
                Ok(())
            }
        }
    }

    /// A jump writes its snapshot without leaving compiled code, so objects in it must exist.
    fn allocate_for_jump(&mut self, snapshot: SnapshotId) {
        let source = self.source;
        for (_, content) in source.slots(snapshot) {
            if let Content::Ref(at) = content {
                let at = self.translate(at);
                if self.state.virtual_object(at).is_some() {
                    self.real(at);
                }
            }
        }
    }

    /// Yields the output and the state at its end.
    pub fn finish(self) -> (Trace, State, Buffers) {
        let Rewriter { map, constants, checkpoint, states, .. } = self;
        let buffers = Buffers { map, constants, checkpoint, states, ..Buffers::default() };
        (self.out, self.state, buffers)
    }

    /// Passes all recorded instructions; on a contradiction, says at which one.
    pub fn turn(&mut self) -> Result<(), usize> {
        for index in 0..self.source.insts.len() {
            let recorded = self.source.insts[index];
            let inst = Inst {
                a: self.translate(recorded.a),
                b: self.translate(recorded.b),
                c: self.translate(recorded.c),
                ..recorded
            };
            self.map[index] = self.step(inst).map_err(|Contradiction| index)?;
        }
        Ok(())
    }

    /// Passes one instruction with operands of the output and a snapshot of the recorded trace.
    pub fn step(&mut self, inst: Inst) -> Step<Ref> {
        match inst.op.kind() {
            Kind::Pure | Kind::PureGuard => self.pure(inst),
            Kind::Guard => self.guard(inst).map(|()| Ref::NONE),
            _ => match inst.op {
                Op::Slot => Ok(self.slot(inst)),
                Op::New => Ok(self.new_object(inst)),
                Op::Call => Ok(self.call(inst)),
                Op::Sync => Ok(self.sync(inst.snapshot)),
                Op::Param => {
                    let facts = Facts::UNKNOWN;
                    Ok(self.push(inst, facts))
                }
                Op::Label | Op::Phi => unreachable!("refused before"),
                _ => Ok(self.memory(inst)),
            },
        }
    }

    fn slot(&mut self, inst: Inst) -> Ref {
        if let Some(at) = self.slots.get(&(inst.imm as i32)) {
            return self.state.resolve(*at);
        }
        self.shared(inst, Facts::UNKNOWN)
    }

    /// The output reference of a recorded one, resolved.
    pub fn translate(&self, at: Ref) -> Ref {
        match at {
            Ref::NONE => Ref::NONE,
            _ if at.is_constant() => self.constants[at.index()],
            _ => self.state.resolve(self.map[at.index()]),
        }
    }

    /// Emits an instruction whose operands are real.
    pub fn push(&mut self, inst: Inst, facts: Facts) -> Ref {
        self.state.facts.push(facts);
        self.state.nodes.push(Node::Real);
        self.out.push(inst)
    }

    /// Emits an instruction made from its parts.
    pub fn emit(&mut self, op: Op, a: Ref, b: Ref, imm: i64, facts: Facts) -> Ref {
        let inst = Inst { op, ty: op.result(), a, b, c: Ref::NONE, snapshot: SnapshotId::NONE, imm };
        self.push(inst, facts)
    }

    /// The earlier result of the same instruction, else emits it.
    pub fn shared(&mut self, inst: Inst, facts: Facts) -> Ref {
        let key = Key::of(&inst);
        if let Some(at) = self.state.pure.get(&key) {
            return self.state.resolve(*at);
        }
        let at = self.push(inst, facts);
        self.state.pure.insert(key, at);
        at
    }

    /// A placeholder for something virtual.
    pub fn placeholder(&mut self, op: Op, a: Ref, imm: i64, node: Node, facts: Facts) -> Ref {
        let at = self.emit(op, a, Ref::NONE, imm, facts);
        self.state.nodes[at.index()] = node;
        at
    }

    /// Enters a constant.
    pub fn constant(&mut self, constant: Constant) -> Ref {
        self.out.constant(constant.ty, constant.bits)
    }

    /// What is known of a resolved reference.
    pub fn facts(&self, at: Ref) -> Facts {
        match self.out.as_constant(at) {
            Some(constant) => Facts::of(constant),
            None => self.state.facts[at.index()],
        }
    }

    /// Adds to what is known of a resolved reference.
    pub fn learn(&mut self, at: Ref, tags: Tags, range: Range) -> Step<()> {
        if at.is_constant() {
            return Ok(());
        }
        let facts = &mut self.state.facts[at.index()];
        facts.tags = facts.tags.and(tags);
        facts.range = facts.range.and(range);
        let facts = *facts;
        if facts.is_impossible() {
            return Err(Contradiction);
        }
        if let Some(number) = facts.only_int() {
            let constant = self.constant(crate::fold::int(number));
            self.forward(at, constant);
        }
        Ok(())
    }

    /// From here on, `to` stands for `at`.
    pub fn forward(&mut self, at: Ref, to: Ref) {
        // Nothing is noted in the heap cache under a placeholder.
        match std::mem::replace(&mut self.state.nodes[at.index()], Node::Forward(to)) {
            Node::Real => self.state.heap.rename(at, to),
            Node::Object(_) => self.states.object_changed(),
            Node::Box | Node::Forward(_) => {}
        }
        self.states.forwarded(at);
        if let Some(shape) = self.state.shapes.remove(&at) {
            self.state.shapes.insert(to, shape);
        }
    }

    /// Whether two resolved references may be the same word.
    pub fn may_be_same(&self, a: Ref, b: Ref) -> bool {
        self.sameness(&|at| self.facts(at), |sameness| sameness.possible(a, b))
    }

    /// Forgets what a store may have changed.
    pub fn forget(&mut self, place: Place) {
        let mut heap = std::mem::take(&mut self.state.heap);
        self.sameness(&|at| self.facts(at), |sameness| {
            heap.forget(place.area, |known| sameness.possible_places(known, place));
        });
        self.state.heap = heap;
    }

    fn sameness<R>(&self, facts: &dyn Fn(Ref) -> Facts, ask: impl FnOnce(&Sameness) -> R) -> R {
        ask(&Sameness { state: &self.state, insts: &self.out.insts, facts })
    }

    /// The reference as a real word: materialises a lazy box or a virtual object here.
    pub fn real(&mut self, at: Ref) -> Ref {
        let at = self.state.resolve(at);
        if at.is_constant() || at.is_none() {
            return at;
        }
        match self.state.nodes[at.index()] {
            Node::Box => self.materialise_box(at),
            Node::Object(number) => self.force(at, number as usize),
            _ => at,
        }
    }

    /// A box may be allocated by a runtime call, hence a collection.
    fn materialise_box(&mut self, at: Ref) -> Ref {
        let number = self.state.resolve(self.out.insts[at.index()].a);
        let facts = self.state.facts[at.index()];
        let made = self.emit(Op::BoxFloat, number, Ref::NONE, 0, facts);
        self.forward(at, made);
        self.state.collection_point();
        made
    }

    /// Allocates a virtual object and stores its fields.
    ///
    /// What the fields refer to is materialised first, so that the stores follow the allocation at once: the object is
    /// then too young for a barrier, and the collector never sees it without its length. In a cycle one store has to
    /// wait until the object that is being materialised further out exists.
    fn force(&mut self, at: Ref, number: usize) -> Ref {
        self.forcing.push(at);
        let mut ready = Vec::new();
        for (offset, value) in std::mem::take(&mut self.state.objects[number].fields) {
            let value = self.state.resolve(value);
            if self.forcing.contains(&value) {
                self.deferred.push(Deferred { owner: at, offset, value });
            } else {
                ready.push((offset, self.real(value)));
            }
        }
        let (size, header) = (self.state.objects[number].size, self.state.objects[number].header);
        let word = self.constant(Constant { ty: Type::Word, bits: header });
        let made = self.emit(Op::New, word, Ref::NONE, size, Facts::tagged(Tags::OBJECT));
        self.state.collection_point();
        self.state.remembered.push(made);
        self.forward(at, made);
        self.state.shapes.insert(made, (header >> 32) as i64);
        for (offset, value) in ready {
            self.store_field(made, offset, value);
        }
        self.forcing.pop();
        let (now, later) = std::mem::take(&mut self.deferred).into_iter().partition(|waiting| waiting.value == at);
        self.deferred = later;
        let now: Vec<Deferred> = now;
        for Deferred { owner, offset, .. } in now {
            let owner = self.state.resolve(owner);
            self.store_field(owner, offset, made);
            self.state.unguarded.push(owner);
            self.barrier(owner);
        }
        made
    }

    /// Stores a real value into a real object and notes it; zeros of a new object are not stored.
    fn store_field(&mut self, object: Ref, offset: i64, value: Ref) {
        let is_word = self.out.type_of(value) == Type::Word;
        if self.out.as_constant(value).is_none_or(|constant| constant.bits != 0) {
            self.emit(if is_word { Op::StoreWord } else { Op::StoreField }, object, value, offset, Facts::UNKNOWN);
        }
        self.state.heap.set(Place::field(object, offset), value);
    }

    /// Notes that a word was stored into a real object, for the barrier to come.
    ///
    /// Into an object that was new at this point of the recording, recorders store without a barrier. Where something
    /// that was materialised in between has made it old, the barrier is put here.
    pub fn stored(&mut self, object: Ref, value: Ref) {
        let is_reference = self.out.type_of(value) == Type::Word || Tags::OBJECT.within(self.facts(value).tags);
        if is_reference && !self.state.unguarded.contains(&object) {
            self.state.unguarded.push(object);
        }
        if self.state.recorded_new.iter().any(|at| self.state.resolve(*at) == object) {
            self.barrier(object);
        }
    }

    /// The collector's write barrier, unless the object is known to need none or holds no new reference.
    pub fn barrier(&mut self, object: Ref) {
        let State { unguarded, nodes, .. } = &mut self.state;
        let stands_for = |at: Ref| !at.is_constant() && nodes[at.index()] == Node::Forward(object);
        let before = unguarded.len();
        unguarded.retain(|at| *at != object && !stands_for(*at));
        if unguarded.len() != before && !self.state.remembered.contains(&object) {
            self.emit(Op::Barrier, object, Ref::NONE, 0, Facts::UNKNOWN);
            self.state.remembered.push(object);
        }
    }
}
