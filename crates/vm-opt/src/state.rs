//! What is known at a point of the trace: facts of results, shapes, memory, passed guards, and which results exist only
//! on paper. It is cloned at the end of the first turn of a loop, so that the second turn can be tried again.

use crate::facts::Facts;
use crate::heap::{Heap, Place};
use vm_ir::hash::{Map, Set};
use vm_ir::{Inst, Op, Ref, Type};

/// How the instruction behind a reference stands in the output.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Node {
    /// It is emitted.
    Real,
    /// A `box_float` that nothing has needed as a value yet. Its placeholder in the output is dropped at the end.
    Box,
    /// An object that is not allocated yet, by number; its placeholder is a `new`.
    Object(u32),
    /// Another reference stands for it: a placeholder was materialised, or a guard found it to be a constant.
    Forward(Ref),
}

/// An object that is not allocated (yet).
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct VirtualObject {
    /// Size in bytes.
    pub size: i64,
    /// Header word.
    pub header: u64,
    /// What was stored, by byte offset; other words are zero.
    pub fields: Vec<(i64, Ref)>,
}

impl VirtualObject {
    /// The shape id in the header.
    pub fn shape(&self) -> i64 {
        (self.header >> 32) as i64
    }

    /// What was stored at an offset.
    pub fn get(&self, offset: i64) -> Option<Ref> {
        self.fields.iter().find(|(at, _)| *at == offset).map(|(_, value)| *value)
    }

    /// Stores at an offset.
    pub fn set(&mut self, offset: i64, value: Ref) {
        match self.fields.iter_mut().find(|(at, _)| *at == offset) {
            Some(field) => field.1 = value,
            None => self.fields.push((offset, value)),
        }
    }

    /// Whether a word at this offset lies inside, behind the header.
    pub fn holds(&self, offset: i64) -> bool {
        offset >= 8 && offset % 8 == 0 && offset + 8 <= self.size
    }
}

/// An operation with its operands: what makes two pure instructions, or two guards, the same.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Key {
    op: Op,
    a: Ref,
    b: Ref,
    imm: i64,
}

impl Key {
    /// The key of an instruction with at most two operands.
    pub fn of(inst: &Inst) -> Key {
        Key::new(inst.op, inst.a, inst.b, inst.imm)
    }

    /// The key of an operation.
    pub fn new(op: Op, a: Ref, b: Ref, imm: i64) -> Key {
        Key { op, a, b, imm }
    }
}

/// Everything known at a point of the trace.
#[derive(Default)]
pub(crate) struct State {
    /// By instruction of the output.
    pub facts: Vec<Facts>,
    /// By instruction of the output.
    pub nodes: Vec<Node>,
    /// Objects kept out of memory, by the number in their node.
    pub objects: Vec<VirtualObject>,
    /// Pure instructions by key, with their result; passed guards, with themselves as "result".
    pub pure: Map<Key, Ref>,
    /// Calls without effects, by number in the output.
    pub pure_calls: Vec<Ref>,
    /// Operations whose failure raises in the language: to be kept even if nobody uses their results.
    pub raising: Vec<Ref>,
    /// Passed guards on memory.
    pub volatile: Set<Key>,
    /// Shape ids of objects.
    pub shapes: Map<Ref, i64>,
    /// Contents of memory.
    pub heap: Heap,
    /// Objects that need no barrier until the next collection: allocated or remembered since the last one.
    pub remembered: Vec<Ref>,
    /// Objects allocated since the last *recorded* collection point: their barriers may be missing from the recording.
    pub recorded_new: Vec<Ref>,
    /// Objects into which a reference may have been stored since their last barrier.
    pub unguarded: Vec<Ref>,
}

impl State {
    /// Forgets everything, keeping the memory of the tables.
    pub fn clear(&mut self) {
        self.facts.clear();
        self.nodes.clear();
        self.objects.clear();
        empty(&mut self.pure);
        self.pure_calls.clear();
        self.raising.clear();
        self.volatile.clear();
        empty(&mut self.shapes);
        self.heap.reset();
        self.remembered.clear();
        self.recorded_new.clear();
        self.unguarded.clear();
    }

    /// Becomes the same as another state, in the memory that the tables have.
    pub fn copy_from(&mut self, other: &State) {
        let State { facts, nodes, objects, pure, pure_calls, raising, volatile, shapes, heap, .. } = self;
        facts.clone_from(&other.facts);
        nodes.clone_from(&other.nodes);
        objects.clone_from(&other.objects);
        pure.clone_from(&other.pure);
        pure_calls.clone_from(&other.pure_calls);
        raising.clone_from(&other.raising);
        volatile.clone_from(&other.volatile);
        shapes.clone_from(&other.shapes);
        heap.clone_from(&other.heap);
        self.remembered.clone_from(&other.remembered);
        self.recorded_new.clone_from(&other.recorded_new);
        self.unguarded.clone_from(&other.unguarded);
    }

    /// The reference that stands for another one now.
    pub fn resolve(&self, mut at: Ref) -> Ref {
        while !at.is_constant() && !at.is_none() {
            match self.nodes[at.index()] {
                Node::Forward(to) => at = to,
                _ => break,
            }
        }
        at
    }

    /// The number of the object behind a resolved reference, if that is virtual.
    pub fn virtual_number(&self, at: Ref) -> Option<usize> {
        match at.is_constant() || at.is_none() {
            true => None,
            false => match self.nodes[at.index()] {
                Node::Object(number) => Some(number as usize),
                _ => None,
            },
        }
    }

    /// The virtual object behind a resolved reference.
    pub fn virtual_object(&self, at: Ref) -> Option<&VirtualObject> {
        self.virtual_number(at).map(|number| &self.objects[number])
    }

    /// Whether a resolved reference is a box that does not exist yet.
    pub fn is_lazy_box(&self, at: Ref) -> bool {
        !at.is_constant() && !at.is_none() && self.nodes[at.index()] == Node::Box
    }

    /// A collection may happen here in the recording.
    pub fn recorded_collection_point(&mut self) {
        self.recorded_new.clear();
    }

    /// A collection may happen here in the output: every object may be old and not remembered.
    pub fn collection_point(&mut self) {
        self.remembered.clear();
    }
}

/// Why two references can't be the same word, or that they might be. All are resolved.
pub(crate) struct Sameness<'a> {
    pub state: &'a State,
    pub insts: &'a [Inst],
    pub facts: &'a dyn Fn(Ref) -> Facts,
}

impl Sameness<'_> {
    /// Whether two references may be the same word, as far as is known.
    ///
    /// An object allocated by the trace differs from everything that was there before: constants, and results of
    /// instructions further up. (A phi lies above the allocations of its loop; it can only be one of an earlier turn.)
    /// Objects of different shapes differ as long as both shapes are known.
    pub fn possible(&self, a: Ref, b: Ref) -> bool {
        if a == b {
            return true;
        }
        if a.is_constant() && b.is_constant() {
            return false;
        }
        if self.is_newer(a, b) || self.is_newer(b, a) || !(self.facts)(a).may_equal(&(self.facts)(b)) {
            return false;
        }
        match (self.shape(a), self.shape(b)) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        }
    }

    /// Whether two places of one area may be the same word.
    pub fn possible_places(&self, a: Place, b: Place) -> bool {
        let possible = |a: Ref, b: Ref| a.is_none() || b.is_none() || self.possible(a, b);
        possible(a.object, b.object) && possible(a.index, b.index)
    }

    fn shape(&self, at: Ref) -> Option<i64> {
        match self.state.virtual_object(at) {
            Some(object) => Some(object.shape()),
            None => self.state.shapes.get(&at).copied(),
        }
    }

    /// Whether `a` is an allocation and `b` something older.
    fn is_newer(&self, a: Ref, b: Ref) -> bool {
        let is_allocation = |at: Ref| !at.is_constant() && self.insts[at.index()].op == Op::New;
        is_allocation(a) && (b.is_constant() || b.index() < a.index() || is_allocation(b))
    }
}

/// Empties a table. What a long trace has made large is not kept: copying it and walking over it takes as long as it is large.
pub(crate) fn empty<K, V>(table: &mut Map<K, V>) {
    if table.capacity() > MOST_KEPT { *table = Map::default() } else { table.clear() }
}

/// Entries of a table that serves the next trace too.
const MOST_KEPT: usize = 500;

/// What the words of a new object hold, as constants of a type.
pub(crate) fn zero(ty: Type) -> vm_ir::Constant {
    vm_ir::Constant { ty, bits: 0 }
}
