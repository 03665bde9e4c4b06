//! The heap cache: which mutable words of memory are known to hold which result.
//!
//! Memory is split into areas that do not overlap: fields by their offset, elements by the offset where an array's
//! elements start, and absolute cells by address. INVARIANT (kept by recorders): a word that is ever accessed as an
//! element is never accessed as a field of an object that is visible to others, and the other way round. Within an
//! area, two accesses concern the same word unless their objects or indices are known to differ; `state.rs` says when.
//!
//! What other threads store is not seen here until the trace is left: that happens at the latest at the next poll that
//! asks for it, since nothing that is known here outlives the trace.

use vm_ir::hash::Map;
use vm_ir::{Inst, Op, Ref};

/// A class of words that no access to another class can touch.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Area {
    /// Fields at a byte offset.
    Field(i64),
    /// Elements that start at a byte offset.
    Elements(i64),
    /// The word at an address.
    Absolute(i64),
}

impl Area {
    /// Where an instruction stores.
    pub fn stored(inst: &Inst) -> Option<Area> {
        match inst.op {
            Op::StoreField | Op::StoreWord => Some(Area::Field(inst.imm)),
            Op::StoreElement => Some(Area::Elements(inst.imm)),
            _ => None,
        }
    }

    /// Where an instruction loads what may change.
    pub fn loaded(inst: &Inst) -> Option<Area> {
        match inst.op {
            Op::LoadField | Op::LoadWord => Some(Area::Field(inst.imm)),
            Op::LoadElement => Some(Area::Elements(inst.imm)),
            Op::LoadAbsolute => Some(Area::Absolute(inst.imm)),
            _ => None,
        }
    }
}

/// A word of memory: which one within its area.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Place {
    pub area: Area,
    /// The object, `NONE` for absolute cells.
    pub object: Ref,
    /// The index, `NONE` except for elements.
    pub index: Ref,
}

impl Place {
    /// A field.
    pub fn field(object: Ref, offset: i64) -> Place {
        Place { area: Area::Field(offset), object, index: Ref::NONE }
    }
    /// An element.
    pub fn element(array: Ref, start: i64, index: Ref) -> Place {
        Place { area: Area::Elements(start), object: array, index }
    }
    /// A cell of the runtime.
    pub fn absolute(address: i64) -> Place {
        Place { area: Area::Absolute(address), object: Ref::NONE, index: Ref::NONE }
    }
}

/// Areas that are kept for the next trace. It has others, in part.
const MOST_AREAS: usize = 48;

/// What is known of the contents of memory.
#[derive(Clone, Default, Debug)]
pub(crate) struct Heap {
    areas: Map<Area, Vec<(Place, Ref)>>,
}

impl Heap {
    /// What a word is known to hold.
    pub fn get(&self, place: Place) -> Option<Ref> {
        self.areas.get(&place.area)?.iter().find(|(at, _)| *at == place).map(|(_, value)| *value)
    }

    /// Notes what a load found or a store left; replaces what was known of this very word.
    pub fn set(&mut self, place: Place, value: Ref) {
        let known = self.areas.entry(place.area).or_default();
        match known.iter_mut().find(|(at, _)| *at == place) {
            Some(entry) => entry.1 = value,
            None => known.push((place, value)),
        }
    }

    /// Forgets the words of an area that a store may have changed.
    pub fn forget(&mut self, area: Area, may_be: impl Fn(Place) -> bool) {
        if let Some(known) = self.areas.get_mut(&area) {
            known.retain(|(at, _)| !may_be(*at));
        }
    }

    /// Forgets everything for another trace.
    pub fn reset(&mut self) {
        if self.areas.len() > MOST_AREAS { *self = Heap::default() } else { self.clear() }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.areas.values_mut().for_each(Vec::clear);
    }

    /// Everything that is known, in an order that depends on nothing but the trace.
    pub fn known(&self) -> Vec<(Place, Ref)> {
        let mut all: Vec<(Place, Ref)> = self.areas.values().flatten().copied().collect();
        all.sort_unstable_by_key(|(at, value)| (*value, at.object, at.index));
        all
    }

    /// Renames an object or an index that turned out to be another reference.
    pub fn rename(&mut self, from: Ref, to: Ref) {
        for (at, _) in self.areas.values_mut().flatten() {
            for part in [&mut at.object, &mut at.index] {
                if *part == from {
                    *part = to;
                }
            }
        }
    }
}
