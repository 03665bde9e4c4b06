//! What goes from one turn of a loop to the next, and in which form.
//!
//! After a first turn something is known of each slot that the loop writes (and of memory and shapes). The second turn
//! starts from the *hypothesis* that the same holds at the start of every turn. A hypothesis is as good as possible
//! at first: the very same value, an unboxed float, an object that stays virtual, a small int within bounds. What the
//! end of the second turn does not bear out is noted in [`Demotions`], and the second turn is tried again. Demotions
//! only grow, so this ends; the number of attempts is bounded besides.

use crate::facts::{Facts, Range, Tags};
use crate::heap::{Area, Place};
use crate::rewriter::Rewriter;
use crate::state::{Node, VirtualObject};
use vm_ir::hash::{Map, Set};
use vm_ir::{Content, End, Inst, Op, Ref, SnapshotId, Type, word};

/// Where a carried value lies.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum At {
    /// In a slot of the value stack.
    Slot(i32),
    /// In a word of memory.
    Memory(Place),
    /// In a field of a carried virtual object, which is named by its reference at the end of the first turn.
    Field(Ref, i64),
}

/// What a hypothesis must do without.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub(crate) struct Without(u8);

impl Without {
    /// It is not the same value in every turn.
    pub const SAME: Without = Without(1);
    /// It is not always a boxed float.
    pub const FLOAT: Without = Without(2);
    /// The kind of value differs.
    pub const TAGS: Without = Without(4);
    /// It falls below the bound.
    pub const MIN: Without = Without(8);
    /// It rises above the bound.
    pub const MAX: Without = Without(16);
    /// Its shape differs.
    pub const SHAPE: Without = Without(32);
    /// It differs from what another place with the same value holds later.
    pub const SHARING: Without = Without(64);
    /// Nothing is known of the place at the end of a turn.
    pub const ANYTHING: Without = Without(128);

    /// Whether these include others.
    pub fn has(self, other: Without) -> bool {
        self.0 & other.0 == other.0
    }
}

/// What turned out not to hold in every turn.
#[derive(Default)]
pub(crate) struct Demotions {
    places: Map<At, Without>,
    /// Objects that must be real at the loop header, in the order found.
    pub forced: Vec<Ref>,
    /// References whose shape is not known at the end of a turn.
    pub shapes: Set<Ref>,
    /// For the plainest form of a loop: nothing is assumed of any slot, and every slot is a phi.
    pub everything: bool,
}

impl Demotions {
    /// For a loop as it was recorded.
    pub fn everything() -> Demotions {
        Demotions { everything: true, ..Demotions::default() }
    }

    /// What the hypothesis of a place must do without.
    pub fn of(&self, at: At) -> Without {
        self.places.get(&at).copied().unwrap_or_default()
    }

    /// Adds to that.
    pub fn add(&mut self, at: At, without: Without) {
        self.places.entry(at).or_default().0 |= without.0;
    }

    /// The object must be real at the loop header.
    pub fn force(&mut self, object: Ref) {
        if !self.forced.contains(&object) {
            self.forced.push(object);
        }
    }
}

/// The form of a carried value.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Form {
    /// The same reference in every turn.
    Same,
    /// A phi of unboxed floats.
    Float {
        /// The phi.
        phi: Ref,
    },
    /// A phi of words.
    Word {
        /// What is assumed of it.
        facts: Facts,
        /// Its shape, if one is assumed.
        shape: Option<i64>,
    },
    /// A virtual object whose fields are carried.
    Object {
        /// Offsets and numbers of the carried fields.
        fields: Vec<(i64, usize)>,
    },
}

/// A value that goes from turn to turn.
#[derive(Debug)]
pub(crate) struct Carried {
    /// At the end of the first turn.
    pub start: Ref,
    /// At the start of the second turn.
    pub label: Ref,
    pub form: Form,
}

/// The hypothesis with which a second turn starts.
#[derive(Default)]
pub(crate) struct Header {
    pub carried: Vec<Carried>,
    /// Slots that the loop writes, with the number of the carried value.
    pub slots: Vec<(i32, usize)>,
    /// Known words of memory.
    pub memory: Vec<(Place, usize)>,
    /// Known shapes.
    pub shapes: Vec<(Ref, i64)>,
    shared: Map<(Ref, Without), usize>,
}

impl Rewriter<'_> {
    /// The snapshot at the end of a recorded loop.
    pub fn loop_end(&self) -> SnapshotId {
        match self.source.end {
            End::Loop(snapshot) => snapshot,
            _ => unreachable!("only loops are peeled"),
        }
    }

    /// What a slot holds at the end of a turn, as a value word or machine word.
    pub fn end_of_slot(&mut self, at: Ref) -> Ref {
        let at = self.translate(at);
        if self.out.type_of(at) == Type::Float { self.lazy_box(at) } else { at }
    }

    /// The slots that a turn writes, with the recorded reference of what they hold in the end.
    pub fn written_slots(&self) -> Vec<(i32, Ref)> {
        let written = self.source.slots(self.loop_end()).into_iter().filter_map(|(slot, content)| match content {
            Content::Ref(at) if !self.is_own_slot(slot, at) => Some((slot, at)),
            _ => None,
        });
        written.collect()
    }

    /// Whether a recorded reference is what memory held in that slot when the trace was entered, and still holds.
    pub fn is_own_slot(&self, slot: i32, at: Ref) -> bool {
        let inst = if at.is_constant() || self.syncs { return false } else { &self.source.insts[at.index()] };
        inst.op == Op::Slot && inst.imm == slot as i64
    }

    /// Which results are likely the same in every turn: they depend on slots that the loop does not write and on memory
    /// of which it writes no area. That calls do not write it either is part of the hypothesis.
    pub fn invariants(&self) -> Vec<bool> {
        let written: Set<i32> = self.written_slots().into_iter().map(|(slot, _)| slot).collect();
        let stored: Set<Area> = self.out.insts.iter().filter_map(Area::stored).collect();
        let mut invariant = vec![false; self.out.insts.len()];
        for (index, inst) in self.out.insts.iter().enumerate() {
            let of = |at: Ref| {
                let at = self.state.resolve(at);
                at.is_none() || at.is_constant() || invariant[at.index()]
            };
            invariant[index] = match inst.op {
                Op::Slot => !written.contains(&(inst.imm as i32)),
                Op::LoadSlot => false,
                _ if Area::loaded(inst).is_some_and(|area| stored.contains(&area)) => false,
                _ => {
                    use vm_ir::Kind::*;
                    matches!(inst.op.kind(), Pure | PureGuard | Load | FinalLoad)
                        && [inst.a, inst.b, inst.c].into_iter().all(of)
                }
            };
        }
        invariant
    }

    /// Ends the first turn: emits the label and the phis, and sets out the state in which every later turn starts.
    pub fn start_second_turn(&mut self, invariant: &[bool], demotions: &Demotions) -> Header {
        for at in &demotions.forced {
            self.real(*at);
        }
        let slots: Vec<(i32, Ref)> = self
            .written_slots()
            .into_iter()
            .map(|(slot, at)| (slot, self.start_of_slot(slot, at, demotions)))
            .collect();
        let is_invariant = |at: Ref| at.is_none() || at.is_constant() || invariant.get(at.index()) == Some(&true);
        let mut memory = self.state.heap.known();
        memory.retain(|(place, _)| {
            let known = is_invariant(place.object) && is_invariant(place.index);
            known && !demotions.everything && !demotions.of(At::Memory(*place)).has(Without::ANYTHING)
        });
        let mut seen = Set::default();
        for (slot, at) in &slots {
            self.materialise_for_phi(At::Slot(*slot), *at, invariant, demotions, &mut seen);
        }
        for (place, at) in &memory {
            self.materialise_for_phi(At::Memory(*place), *at, invariant, demotions, &mut seen);
        }

        self.emit(Op::Label, Ref::NONE, Ref::NONE, 0, Facts::UNKNOWN);
        self.states.clear();
        self.state.volatile.clear();
        self.state.collection_point();
        self.state.recorded_collection_point();
        self.state.heap.clear();
        let mut header = Header::default();
        for (slot, at) in slots {
            let number = self.carry(&mut header, At::Slot(slot), at, invariant, demotions);
            header.slots.push((slot, number));
        }
        for (place, at) in memory {
            let number = self.carry(&mut header, At::Memory(place), at, invariant, demotions);
            header.memory.push((place, number));
            self.state.heap.set(place, header.carried[number].label);
        }
        self.keep_shapes(&mut header, invariant, demotions);
        self.base = self.slots_at_header(&header);
        self.slots = header.slots.iter().map(|(slot, number)| (*slot, header.carried[*number].label)).collect();
        header
    }

    fn start_of_slot(&mut self, slot: i32, at: Ref, demotions: &Demotions) -> Ref {
        if demotions.everything { self.load_slot(slot) } else { self.end_of_slot(at) }
    }

    /// What memory holds in a slot when the trace is entered.
    pub fn load_slot(&mut self, slot: i32) -> Ref {
        let none = Ref::NONE;
        let snapshot = SnapshotId::NONE;
        let inst = Inst { op: Op::Slot, ty: Type::Value, a: none, b: none, c: none, snapshot, imm: slot as i64 };
        self.shared(inst, Facts::UNKNOWN)
    }

    fn slots_at_header(&self, header: &Header) -> Vec<(i32, Content)> {
        let entries = self.source.slots(self.loop_end());
        let addresses = entries.iter().filter(|(_, content)| matches!(content, Content::FrameAddress(_)));
        let last_sync = self.source.insts.iter().rposition(|inst| inst.op == Op::Sync);
        // What was read after memory had been brought up to date is there.
        let is_in_memory = |slot: i32| {
            entries.iter().any(|(at, content)| match content {
                Content::Ref(content) if *at == slot && !content.is_constant() => {
                    let inst = &self.source.insts[content.index()];
                    let is_read = inst.op == Op::LoadSlot && inst.imm == slot as i64;
                    is_read && last_sync < Some(content.index()) && !self.stored_slots.contains(&slot)
                }
                _ => false,
            })
        };
        let values = header.slots.iter().filter(|(slot, _)| !is_in_memory(*slot));
        let values = values.map(|(slot, number)| (*slot, Content::Ref(header.carried[*number].label)));
        let mut base: Vec<(i32, Content)> = addresses.copied().chain(values).collect();
        base.sort_unstable_by_key(|(slot, _)| *slot);
        base
    }

    /// Shapes of what the second turn can meet again; those of new phis are added by `carry`.
    fn keep_shapes(&mut self, header: &mut Header, invariant: &[bool], demotions: &Demotions) {
        let phis: Set<Ref> = header.carried.iter().map(|carried| carried.label).collect();
        let is_invariant = |at: Ref| at.is_constant() || invariant.get(at.index()) == Some(&true);
        self.state.shapes.retain(|at, _| {
            phis.contains(at) || is_invariant(*at) && !demotions.everything && !demotions.shapes.contains(at)
        });
        header.shapes = self.state.shapes.iter().map(|(at, shape)| (*at, *shape)).collect();
        header.shapes.retain(|(at, _)| is_invariant(*at));
        header.shapes.sort_unstable();
    }

    /// A phi of words needs a word to start with, which must exist before the label.
    fn materialise_for_phi(
        &mut self,
        at: At,
        value: Ref,
        invariant: &[bool],
        demotions: &Demotions,
        seen: &mut Set<Ref>,
    ) {
        let value = self.state.resolve(value);
        match self.choose(at, value, invariant, demotions) {
            Choice::Word => {
                self.real(value);
            }
            Choice::Object if seen.insert(value) => {
                let fields = self.state.virtual_object(value).map_or(Vec::new(), |object| object.fields.clone());
                for (offset, field) in fields {
                    self.materialise_for_phi(At::Field(value, offset), field, invariant, demotions, seen);
                }
            }
            _ => {}
        }
    }

    fn choose(&self, at: At, value: Ref, invariant: &[bool], demotions: &Demotions) -> Choice {
        let without = demotions.of(at);
        let is_float = |bits: u64| word::is_float(bits);
        if demotions.everything {
            Choice::Word
        } else if !without.has(Without::SAME) && (value.is_constant() || invariant.get(value.index()) == Some(&true)) {
            Choice::Same
        } else if self.state.virtual_object(value).is_some() {
            Choice::Object
        } else if without.has(Without::FLOAT) {
            Choice::Word
        } else if let Some(number) = self.boxed_float(value) {
            Choice::Float(number)
        } else if self.out.as_constant(value).is_some_and(|known| known.ty == Type::Value && is_float(known.bits)) {
            Choice::FloatConstant
        } else {
            Choice::Word
        }
    }

    /// Gives a value its form at the loop header and returns its number.
    fn carry(&mut self, header: &mut Header, at: At, value: Ref, invariant: &[bool], demotions: &Demotions) -> usize {
        let start = self.state.resolve(value);
        let without = demotions.of(at);
        let choice = self.choose(at, start, invariant, demotions);
        // The identity of objects is kept in any case; for other values, sharing is part of the hypothesis.
        let key = (start, if choice == Choice::Object { Without::default() } else { without });
        let may_share = !without.has(Without::SHARING) && !start.is_constant() || choice == Choice::Object;
        if may_share && let Some(number) = header.shared.get(&key) {
            return *number;
        }
        let number = header.carried.len();
        if may_share {
            header.shared.insert(key, number);
        }
        header.carried.push(Carried { start, label: start, form: Form::Same });
        let (label, form) = match choice {
            Choice::Same => return number,
            Choice::Float(float) => self.carry_float(float),
            Choice::FloatConstant => {
                let number = self.out.as_constant(start).map_or(0.0, |constant| word::as_float(constant.bits));
                let float = self.constant(crate::fold::float(number));
                self.carry_float(float)
            }
            Choice::Word => self.carry_word(start, if demotions.everything { ALL } else { without }),
            Choice::Object => {
                let VirtualObject { size, header: word, fields } = match self.state.virtual_object(start) {
                    Some(object) => object.clone(),
                    None => unreachable!("chosen for a virtual object"),
                };
                let header_constant = vm_ir::Constant { ty: Type::Word, bits: word };
                let header_ref = self.constant(header_constant);
                let label = self.virtual_object(header_ref, header_constant, size);
                header.carried[number].label = label;
                let mut carried = Vec::new();
                for (offset, value) in fields {
                    let field = self.carry(header, At::Field(start, offset), value, invariant, demotions);
                    let value = header.carried[field].label;
                    self.store_virtual(label, offset, value);
                    carried.push((offset, field));
                }
                (label, Form::Object { fields: carried })
            }
        };
        header.carried[number].label = label;
        header.carried[number].form = form;
        number
    }

    fn carry_float(&mut self, start: Ref) -> (Ref, Form) {
        let phi = self.phi(start, Facts::UNKNOWN);
        (self.lazy_box(phi), Form::Float { phi })
    }

    fn carry_word(&mut self, start: Ref, without: Without) -> (Ref, Form) {
        let mut facts = self.facts(start);
        if without.has(Without::TAGS) {
            facts.tags = Tags::ALL;
        }
        if without.has(Without::MIN) {
            facts.range.min = Range::ALL.min;
        }
        if without.has(Without::MAX) {
            facts.range.max = Range::ALL.max;
        }
        let shape = self.state.shapes.get(&start).copied().filter(|_| !without.has(Without::SHAPE));
        let phi = self.phi(start, facts);
        if let Some(shape) = shape {
            self.state.shapes.insert(phi, shape);
        }
        (phi, Form::Word { facts, shape })
    }

    fn phi(&mut self, start: Ref, facts: Facts) -> Ref {
        let ty = self.out.type_of(start);
        let phi = self.emit(Op::Phi, start, Ref::NONE, 0, facts);
        self.out.insts[phi.index()].ty = ty;
        debug_assert_eq!(self.state.nodes[phi.index()], Node::Real);
        phi
    }
}

/// Without any assumption.
const ALL: Without = Without(u8::MAX);

/// The form that a value can have at the header, as far as is known yet.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Choice {
    Same,
    /// The unboxed number.
    Float(Ref),
    FloatConstant,
    Word,
    Object,
}
