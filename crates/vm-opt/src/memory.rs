//! Loads, stores, barriers and calls: forwarding through the heap cache and through virtual objects.

use crate::facts::Facts;
use crate::heap::Place;
use crate::rewriter::Rewriter;
use vm_ir::{Call, Effects, Inst, Kind, Op, Ref, Type};

/// Byte offset of the header word, which holds the shape.
const HEADER: i64 = 0;

impl Rewriter<'_> {
    /// Passes a load, a store or a barrier.
    pub fn memory(&mut self, inst: Inst) -> Ref {
        match inst.op {
            Op::LoadField | Op::LoadFinal | Op::LoadWord | Op::LoadWordFinal => self.load_field(inst),
            Op::LoadFloatFinal => self.load_float(inst),
            Op::LoadElement | Op::LoadElementFinal => self.load_element(inst),
            Op::LoadAbsolute => self.load(inst, Place::absolute(inst.imm)),
            Op::StoreField | Op::StoreWord => self.store_to_field(inst),
            Op::StoreElement => self.store_to_element(inst),
            Op::LoadSlot => self.push(inst, Facts::UNKNOWN),
            Op::StoreSlot => {
                let inst = Inst { a: self.real(inst.a), ..inst };
                self.push(inst, Facts::UNKNOWN)
            }
            Op::Barrier => {
                if self.state.virtual_object(inst.a).is_none() {
                    let object = self.real(inst.a);
                    self.barrier(object);
                }
                Ref::NONE
            }
            _ => unreachable!("{} is no memory operation", inst.op.text()),
        }
    }

    fn load_field(&mut self, inst: Inst) -> Ref {
        match self.load_virtual(inst.a, inst.imm, inst.ty) {
            Some(value) => value,
            None => {
                let inst = Inst { a: self.real(inst.a), ..inst };
                self.load(inst, Place::field(inst.a, inst.imm))
            }
        }
    }

    /// A boxed float is what `box_float` makes of floats without a self-tagged word, hence its number is known. Where
    /// the object is something else, the guard on its shape in between says so.
    fn load_float(&mut self, inst: Inst) -> Ref {
        match self.boxed_float(inst.a) {
            Some(number) => number,
            None => {
                let inst = Inst { a: self.real(inst.a), ..inst };
                self.shared(inst, Facts::UNKNOWN)
            }
        }
    }

    fn load_element(&mut self, inst: Inst) -> Ref {
        let known = self.element_offset(inst.imm, inst.b).and_then(|offset| self.load_virtual(inst.a, offset, inst.ty));
        match known {
            Some(value) => value,
            None => {
                let inst = Inst { a: self.real(inst.a), b: self.real(inst.b), ..inst };
                self.load(inst, Place::element(inst.a, inst.imm, inst.b))
            }
        }
    }

    /// A load from real memory: what is known to be there, else the load.
    ///
    /// Words that never change once published were stored before; the cache knows those of new objects.
    fn load(&mut self, inst: Inst, place: Place) -> Ref {
        if let Some(value) = self.state.heap.get(place) {
            let value = self.state.resolve(value);
            if self.out.type_of(value) == inst.ty {
                return value;
            }
        }
        if inst.op.kind() == Kind::FinalLoad {
            return self.shared(inst, Facts::UNKNOWN);
        }
        let at = self.push(inst, Facts::UNKNOWN);
        self.state.heap.set(place, at);
        at
    }

    fn store_to_field(&mut self, inst: Inst) -> Ref {
        if self.store_virtual(inst.a, inst.imm, inst.b) {
            return Ref::NONE;
        }
        let inst = Inst { b: self.real(inst.b), a: self.real(inst.a), ..inst };
        let place = Place::field(inst.a, inst.imm);
        if self.holds(place, inst.b) {
            return Ref::NONE;
        }
        if inst.imm == HEADER {
            self.store_to_header(&inst);
        }
        self.forget(place);
        self.push(inst, Facts::UNKNOWN);
        self.state.heap.set(place, inst.b);
        self.stored(inst.a, inst.b);
        Ref::NONE
    }

    /// A new header gives the object another shape.
    fn store_to_header(&mut self, inst: &Inst) {
        let others: Vec<Ref> = self.state.shapes.keys().copied().filter(|at| self.may_be_same(*at, inst.a)).collect();
        for at in others {
            self.state.shapes.remove(&at);
        }
        self.state.volatile.clear();
        if let Some(header) = self.out.as_constant(inst.b) {
            self.state.shapes.insert(inst.a, (header.bits >> 32) as i64);
        }
    }

    fn store_to_element(&mut self, inst: Inst) -> Ref {
        if let Some(offset) = self.element_offset(inst.imm, inst.b)
            && self.store_virtual(inst.a, offset, inst.c)
        {
            return Ref::NONE;
        }
        let inst = Inst { c: self.real(inst.c), a: self.real(inst.a), b: self.real(inst.b), ..inst };
        let place = Place::element(inst.a, inst.imm, inst.b);
        if self.holds(place, inst.c) {
            return Ref::NONE;
        }
        self.forget(place);
        self.push(inst, Facts::UNKNOWN);
        self.state.heap.set(place, inst.c);
        self.stored(inst.a, inst.c);
        Ref::NONE
    }

    /// Whether memory is known to hold the value already, so that storing it again changes nothing.
    fn holds(&self, place: Place, value: Ref) -> bool {
        self.state.heap.get(place).is_some_and(|known| self.state.resolve(known) == value)
    }

    /// Passes a call of the runtime: its arguments escape, and its effects end what is known of memory.
    pub fn call(&mut self, inst: Inst) -> Ref {
        let recorded = &self.source.calls[inst.imm as usize];
        let effects = recorded.effects;
        let arguments: Vec<Ref> = recorded.arguments.iter().map(|at| self.translate(*at)).collect();
        let arguments: Vec<Ref> = arguments.into_iter().map(|at| self.real(at)).collect();
        // Materialising a later argument may not have changed an earlier one, but a cycle may have forwarded it.
        let arguments: Vec<Ref> = arguments.into_iter().map(|at| self.state.resolve(at)).collect();
        let call = Call { name: recorded.name, address: recorded.address, arguments, effects };
        if effects == Effects::PURE
            && let Some(at) = self.same_call(&call, inst.ty)
        {
            return at;
        }
        self.out.calls.push(call);
        let imm = self.out.calls.len() as i64 - 1;
        let at = self.push(Inst { imm, ..inst }, Facts::UNKNOWN);
        if effects == Effects::PURE && inst.ty != Type::None {
            self.state.pure_calls.push(at);
        }
        if effects.has(Effects::COLLECTS) {
            self.state.collection_point();
            self.state.recorded_collection_point();
        }
        if effects.has(Effects::COLLECTS) || effects.has(Effects::WRITES) {
            self.state.volatile.clear();
        }
        if effects.has(Effects::WRITES) {
            self.state.heap.clear();
            let is_fixed = self.options.is_fixed_shape;
            self.state.shapes.retain(|_, shape| is_fixed(*shape as u32));
        }
        at
    }

    fn same_call(&self, call: &Call, ty: Type) -> Option<Ref> {
        let same = |at: &&Ref| {
            let inst = &self.out.insts[at.index()];
            inst.ty == ty && self.out.calls[inst.imm as usize] == *call
        };
        self.state.pure_calls.iter().rev().find(same).map(|at| self.state.resolve(*at))
    }
}
