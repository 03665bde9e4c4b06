//! The end of the second turn: whether the hypothesis at the loop header holds again.
//!
//! What does not hold is demoted and the second turn thrown away. If all holds, the phis get their second operands and
//! the loop is closed. Objects that some place carries as real ones are allocated first, and last of all it is checked
//! that those carried as virtual ones have stayed virtual.

use crate::carry::{At, Demotions, Form, Header, Without};
use crate::rewriter::Rewriter;
use crate::state::zero;
use vm_ir::hash::Map;
use vm_ir::{End, Ref, SnapshotId, Type, word};

/// The comparison of one turn's end with its start.
struct Closing<'c, 'a> {
    rewriter: &'c mut Rewriter<'a>,
    header: &'c Header,
    demotions: &'c mut Demotions,
    /// The second operand of each phi.
    ends: Map<Ref, Ref>,
    /// The object at the end of the turn for each virtual object at the header, and the other way round.
    objects: Map<Ref, Ref>,
    owners: Map<Ref, Ref>,
    holds: bool,
}

impl Rewriter<'_> {
    /// Closes the loop if the hypothesis holds again; otherwise adds to the demotions.
    pub fn close(&mut self, header: &Header, demotions: &mut Demotions) -> bool {
        let mut closing = Closing {
            rewriter: self,
            header,
            demotions,
            ends: Map::default(),
            objects: Map::default(),
            owners: Map::default(),
            holds: true,
        };
        closing.compare_slots();
        closing.compare_memory();
        closing.compare_shapes();
        closing.check_objects();
        let (holds, ends) = (closing.holds, closing.ends);
        if holds {
            for (phi, end) in ends {
                self.out.insts[phi.index()].b = self.state.resolve(end);
            }
            self.out.end = End::Loop(SnapshotId::NONE);
        }
        holds
    }
}

impl Closing<'_, '_> {
    fn fail(&mut self, at: At, without: Without) {
        self.demotions.add(at, without);
        self.holds = false;
    }

    fn compare_slots(&mut self) {
        let written = self.rewriter.written_slots();
        let ends: Vec<Ref> = written.iter().map(|(_, at)| self.rewriter.end_of_slot(*at)).collect();
        for ((_, number), end) in self.header.slots.iter().zip(&ends) {
            if matches!(self.header.carried[*number].form, Form::Word { .. }) {
                self.rewriter.real(*end);
            }
        }
        for ((slot, number), end) in self.header.slots.iter().zip(ends) {
            self.compare(At::Slot(*slot), *number, end);
        }
    }

    fn compare_memory(&mut self) {
        for (place, number) in &self.header.memory {
            let at = At::Memory(*place);
            let resolve = |at| self.rewriter.state.resolve(at);
            let now = crate::heap::Place { object: resolve(place.object), index: resolve(place.index), ..*place };
            match self.rewriter.state.heap.get(now) {
                Some(end) => self.compare(at, *number, end),
                None => self.fail(at, Without::ANYTHING),
            }
        }
    }

    fn compare_shapes(&mut self) {
        for (at, shape) in &self.header.shapes {
            let now = self.rewriter.state.resolve(*at);
            if self.rewriter.state.shapes.get(&now) != Some(shape) {
                self.demotions.shapes.insert(*at);
                self.holds = false;
            }
        }
    }

    fn check_objects(&mut self) {
        let header = self.header;
        for carried in &header.carried {
            let Some(end) = self.objects.get(&carried.label) else { continue };
            if self.rewriter.state.virtual_object(self.rewriter.state.resolve(*end)).is_none() {
                self.force_start(carried.start);
            }
        }
    }

    /// Compares what a place holds with the carried value `number`; `at` may be a place that shares it with others.
    fn compare(&mut self, at: At, number: usize, end: Ref) {
        let header = self.header;
        let carried = &header.carried[number];
        let end = self.rewriter.state.resolve(end);
        match &carried.form {
            Form::Same => {
                if self.rewriter.state.resolve(carried.start) != end {
                    self.differs(at, carried.start, end);
                }
            }
            Form::Float { phi } => match self.unboxed(end) {
                Some(float) => self.phi_end(at, *phi, float),
                None => self.fail(at, Without::FLOAT),
            },
            Form::Word { facts, shape } => {
                let end = self.rewriter.real(end);
                if self.rewriter.out.type_of(end) != self.rewriter.out.type_of(carried.label) {
                    return self.fail(at, Without::ANYTHING);
                }
                let found = self.rewriter.facts(end);
                if !found.tags.within(facts.tags) {
                    self.fail(at, Without::TAGS);
                }
                if found.range.min < facts.range.min {
                    self.fail(at, Without::MIN);
                }
                if found.range.max > facts.range.max {
                    self.fail(at, Without::MAX);
                }
                if shape.is_some() && self.rewriter.state.shapes.get(&end) != shape.as_ref() {
                    self.fail(at, Without::SHAPE);
                }
                self.phi_end(at, carried.label, end);
            }
            Form::Object { fields } => self.compare_objects(carried.label, carried.start, fields, end),
        }
    }

    /// Not the same in every turn; whether the bounds hold shows as well.
    fn differs(&mut self, at: At, start: Ref, end: Ref) {
        let rewriter = &*self.rewriter;
        let (before, after) = (rewriter.facts(rewriter.state.resolve(start)), rewriter.facts(end));
        self.fail(at, Without::SAME);
        if !after.tags.within(before.tags) {
            self.fail(at, Without::TAGS);
        }
        if after.range.min < before.range.min {
            self.fail(at, Without::MIN);
        }
        if after.range.max > before.range.max {
            self.fail(at, Without::MAX);
        }
    }

    /// Several places may share a phi only as long as they agree.
    fn phi_end(&mut self, at: At, phi: Ref, end: Ref) {
        let known = *self.ends.entry(phi).or_insert(end);
        if self.rewriter.state.resolve(known) != self.rewriter.state.resolve(end) {
            self.fail(at, Without::SHARING);
        }
    }

    fn unboxed(&mut self, end: Ref) -> Option<Ref> {
        match self.rewriter.out.as_constant(end) {
            Some(constant) if constant.ty == Type::Value && word::is_float(constant.bits) => {
                let number = crate::fold::float(word::as_float(constant.bits));
                Some(self.rewriter.constant(number))
            }
            _ => self.rewriter.boxed_float(end),
        }
    }

    /// The object at the header was a virtual one of this kind; what became of it in this turn does not matter.
    fn compare_objects(&mut self, label: Ref, start: Ref, fields: &[(i64, usize)], end: Ref) {
        let rewriter = &*self.rewriter;
        let inst = rewriter.out.insts[label.index()];
        let header = rewriter.out.as_constant(inst.a).map(|word| word.bits);
        let object = rewriter.state.virtual_object(end);
        let object = object.filter(|object| object.size == inst.imm && Some(object.header) == header).cloned();
        let is_new_pair = !self.objects.contains_key(&label) && !self.owners.contains_key(&end);
        let Some(object) = object else { return self.force_start(start) };
        if !is_new_pair {
            if self.objects.get(&label) != Some(&end) {
                self.force_start(start);
            }
            return;
        }
        self.objects.insert(label, end);
        self.owners.insert(end, label);
        for (offset, number) in fields {
            let value = match object.get(*offset) {
                Some(value) => value,
                None => {
                    let ty = self.rewriter.out.type_of(self.header.carried[*number].label);
                    self.rewriter.constant(zero(ty))
                }
            };
            self.compare(At::Field(start, *offset), *number, value);
        }
        let is_carried = |offset: i64| fields.iter().any(|(at, _)| *at == offset);
        let is_zero = |at: Ref| self.rewriter.out.as_constant(at).is_some_and(|constant| constant.bits == 0);
        if object.fields.iter().any(|(offset, value)| !is_carried(*offset) && !is_zero(*value)) {
            self.force_start(start);
        }
    }

    fn force_start(&mut self, start: Ref) {
        self.demotions.force(start);
        self.holds = false;
    }
}
