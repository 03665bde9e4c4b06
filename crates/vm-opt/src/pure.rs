//! Pure operations: folding, rules that look at how an operand was made, and sharing.

use crate::bounds::{always_fits, may_raise, result_range};
use crate::facts::{Facts, Range, Tags};
use crate::fold::{Fold, Term, fold, is_commutative, is_int_operation};
use crate::rewriter::{Contradiction, Rewriter, Step};
use crate::state::Node;
use vm_ir::{Inst, Op, Ref, SnapshotId};

impl Rewriter<'_> {
    /// Passes a pure operation, with or without a way out.
    pub fn pure(&mut self, mut inst: Inst) -> Step<Ref> {
        if is_commutative(inst.op) && (inst.a.is_constant(), inst.a) > (inst.b.is_constant(), inst.b) {
            std::mem::swap(&mut inst.a, &mut inst.b);
        }
        let same = inst.a == inst.b;
        match fold(inst.op, self.term(inst.a), self.term(inst.b), same) {
            Fold::Keep => {}
            Fold::First => return Ok(inst.a),
            Fold::Constant(constant) => return Ok(self.constant(constant)),
            Fold::Rewrite(op, constant) => {
                let b = self.constant(constant);
                return self.pure(Inst { op, b, snapshot: SnapshotId::NONE, ..inst });
            }
            Fold::Never => return Err(Contradiction),
        }
        if let Some(at) = self.inverse(&inst) {
            return Ok(at);
        }
        if inst.op == Op::BoxFloat {
            self.state.recorded_collection_point();
            return Ok(self.lazy_box(inst.a));
        }
        inst.a = self.real(inst.a);
        inst.b = self.real(inst.b);
        if let Some(at) = self.state.pure.get(&crate::state::Key::of(&inst)) {
            return Ok(self.state.resolve(*at));
        }
        let (facts, can_fail) = self.result_facts(&inst);
        if !can_fail {
            inst.snapshot = SnapshotId::NONE;
            return Ok(self.shared(inst, facts));
        }
        let raises = may_raise(inst.op, self.facts(inst.b).range);
        inst.snapshot = self.snapshot(inst.snapshot);
        let at = self.shared(inst, facts);
        if raises {
            self.state.raising.push(at);
        }
        Ok(at)
    }

    fn term(&self, at: Ref) -> Term {
        if at.is_none() {
            return Term { constant: None, facts: Facts::UNKNOWN };
        }
        Term { constant: self.out.as_constant(at), facts: self.facts(at) }
    }

    /// The operand of an operand, where the operation undoes it.
    fn inverse(&self, inst: &Inst) -> Option<Ref> {
        let inner = if inst.a.is_constant() || inst.a.is_none() { return None } else { self.out.insts[inst.a.index()] };
        let undone = match inst.op {
            Op::UnboxFloat => inner.op == Op::BoxFloat,
            // Not for every value: that the inner operation was asked for says that a guard found a self-tagged float.
            Op::BoxFloat => inner.op == Op::UnboxFloat,
            Op::WordToValue => inner.op == Op::ValueToWord,
            Op::ValueToWord => inner.op == Op::WordToValue,
            Op::FloatNeg => inner.op == Op::FloatNeg,
            Op::FloatAbs => return (inner.op == Op::FloatAbs).then_some(inst.a),
            _ => false,
        };
        undone.then(|| self.state.resolve(inner.a))
    }

    /// A box that costs nothing until somebody needs the value word.
    pub fn lazy_box(&mut self, number: Ref) -> Ref {
        let key = crate::state::Key::new(Op::BoxFloat, number, Ref::NONE, 0);
        if let Some(at) = self.state.pure.get(&key) {
            return self.state.resolve(*at);
        }
        let facts = Facts::tagged(Tags::FLOAT.or(Tags::OBJECT));
        let at = self.placeholder(Op::BoxFloat, number, 0, Node::Box, facts);
        self.state.pure.insert(key, at);
        at
    }

    /// The float in a box, lazy or real.
    pub fn boxed_float(&self, at: Ref) -> Option<Ref> {
        let inst = if at.is_constant() || at.is_none() { return None } else { &self.out.insts[at.index()] };
        (inst.op == Op::BoxFloat).then(|| self.state.resolve(inst.a))
    }

    /// What is known of the result, and whether the operation can fail.
    fn result_facts(&self, inst: &Inst) -> (Facts, bool) {
        let can_fail = inst.snapshot != SnapshotId::NONE;
        if is_int_operation(inst.op) {
            let (lhs, rhs) = (self.facts(inst.a).range, self.facts(inst.b).range);
            // Bounds without any small int say that the operation always overflows; nothing is known then.
            let range = result_range(inst.op, lhs, rhs).and(Range::ALL);
            let range = if range.is_empty() { Range::ALL } else { range };
            return (Facts::int(range), can_fail && !always_fits(inst.op, lhs, rhs));
        }
        let facts = if inst.op == Op::WordToValue { Facts::tagged(Tags::OBJECT) } else { Facts::UNKNOWN };
        (facts, can_fail)
    }
}
