//! Guards: decided by what is known where possible, else emitted and learnt from.
//!
//! A guard known to pass is dropped. One known to fail is a contradiction: in a first turn the recording is refused,
//! in a second one the loop can't run as its first turn did.
//!
//! **Guards on boxes.** Not every float has a self-tagged word, so `guard_float (box_float x)` is not true of every
//! `x`, nor is `guard_not_object`. They are treated as true all the same: a meaning asks them in order to get at the
//! float, and `x` is the right float whichever form its value would have had. Nothing is learnt from them, since the
//! value may be an object after all, and the collector has to know.

use crate::facts::{Facts, Range, Tags};
use crate::relations::{EXCLUDED, IMPLIED, Order};
use crate::rewriter::{Contradiction, Rewriter, Step};
use crate::state::Key;
use vm_ir::{Inst, Op, Ref, Type};

/// What is known of a guard's condition.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Verdict {
    True,
    False,
    Open,
}

impl Verdict {
    fn not(self) -> Verdict {
        match self {
            Verdict::True => Verdict::False,
            Verdict::False => Verdict::True,
            Verdict::Open => Verdict::Open,
        }
    }

    fn of(known: bool, excluded: bool) -> Verdict {
        match (known, excluded) {
            (true, _) => Verdict::True,
            (_, true) => Verdict::False,
            _ => Verdict::Open,
        }
    }
}

/// The kinds of value word that pass a guard on the tag.
fn passing_tags(op: Op) -> Option<Tags> {
    Some(match op {
        Op::GuardInt => Tags::INT,
        Op::GuardFloat => Tags::FLOAT,
        Op::GuardObject => Tags::OBJECT,
        Op::GuardNotInt => Tags::ALL.without(Tags::INT),
        Op::GuardNotFloat => Tags::ALL.without(Tags::FLOAT),
        Op::GuardNotObject => Tags::ALL.without(Tags::OBJECT),
        _ => return None,
    })
}

impl Rewriter<'_> {
    /// Passes a guard.
    pub fn guard(&mut self, inst: Inst) -> Step<()> {
        match self.verdict(&inst) {
            Verdict::False => return Err(Contradiction),
            Verdict::True => return Ok(()),
            Verdict::Open => {}
        }
        let (a, b) = (self.real(inst.a), self.real(inst.b));
        let snapshot = self.snapshot(inst.snapshot);
        let inst = Inst { a, b, snapshot, ..inst };
        self.push(inst, Facts::UNKNOWN);
        self.passed(&inst)
    }

    fn verdict(&self, inst: &Inst) -> Verdict {
        let Inst { op, a, b, imm, .. } = *inst;
        if let Some(tags) = passing_tags(op) {
            let known = self.facts(a).tags;
            let asks_for_float = matches!(op, Op::GuardFloat | Op::GuardNotObject);
            let boxed = asks_for_float && self.boxed_float(a).is_some() && Tags::FLOAT.within(known);
            return Verdict::of(boxed || known.within(tags), known.and(tags).is_empty());
        }
        match op {
            Op::GuardShape => self.has_shape(a, imm),
            Op::GuardNotShape if self.state.volatile.contains(&Key::of(inst)) => Verdict::True,
            Op::GuardNotShape => self.has_shape(a, imm).not(),
            Op::GuardSame => self.is_same(a, b),
            Op::GuardDiffer => self.is_same(a, b).not(),
            Op::GuardIntLt | Op::GuardIntLe | Op::GuardBelow => self.is_ordered(op, a, b),
            Op::GuardPoll => Verdict::Open,
            Op::GuardValid => Verdict::of(self.state.volatile.contains(&Key::of(inst)), false),
            _ => self.is_ordered_float(op, a, b),
        }
    }

    fn has_shape(&self, object: Ref, shape: i64) -> Verdict {
        let known = match self.state.virtual_object(object) {
            Some(object) => Some(object.shape()),
            None => self.state.shapes.get(&object).copied(),
        };
        known.map_or(Verdict::Open, |known| Verdict::of(known == shape, known != shape))
    }

    fn is_same(&self, a: Ref, b: Ref) -> Verdict {
        let lazy = self.state.is_lazy_box(a) || self.state.is_lazy_box(b);
        let numbers = (self.facts(a).only_int(), self.facts(b).only_int());
        let known = a == b || numbers.0.is_some() && numbers.0 == numbers.1;
        // Where a lazy box stands says nothing of when the boxed float would have been allocated.
        let may_be_same = if lazy { self.facts(a).may_equal(&self.facts(b)) } else { self.may_be_same(a, b) };
        match Verdict::of(known, !may_be_same) {
            Verdict::Open if self.related(Op::GuardDiffer, a, b) == Verdict::True => Verdict::False,
            Verdict::Open => self.related(Op::GuardSame, a, b),
            verdict => verdict,
        }
    }

    fn is_ordered(&self, op: Op, a: Ref, b: Ref) -> Verdict {
        if self.out.type_of(a) == Type::Word {
            return match (self.out.as_constant(a), self.out.as_constant(b)) {
                (Some(x), Some(y)) => Verdict::of(x.bits < y.bits, x.bits >= y.bits),
                _ if a == b => Verdict::False,
                _ => self.related(op, a, b),
            };
        }
        let (lhs, rhs) = (self.facts(a), self.facts(b));
        let ints = lhs.is_int() && rhs.is_int() || op != Op::GuardBelow;
        let (x, y) = (lhs.range, rhs.range);
        let verdict = match op {
            Op::GuardIntLe => Verdict::of(x.max <= y.min || a == b, x.min > y.max),
            Op::GuardIntLt => Verdict::of(x.max < y.min, x.min >= y.max || a == b),
            _ if !ints => Verdict::of(false, a == b),
            // Unsigned: every negative number is above every other one.
            _ if x.min >= 0 && y.min >= 0 => Verdict::of(x.max < y.min, x.min >= y.max || a == b),
            _ => Verdict::of(false, a == b || x.max < 0 && y.min >= 0),
        };
        let below_by_order =
            || op == Op::GuardBelow && ints && x.min >= 0 && self.related(Op::GuardIntLt, a, b) == Verdict::True;
        match verdict {
            Verdict::Open if below_by_order() => Verdict::True,
            Verdict::Open => self.related(op, a, b),
            verdict => verdict,
        }
    }

    fn is_ordered_float(&self, op: Op, a: Ref, b: Ref) -> Verdict {
        let number = |at: Ref| self.out.as_constant(at).map(|constant| f64::from_bits(constant.bits));
        let (Some(x), Some(y)) = (number(a), number(b)) else { return self.related(op, a, b) };
        let holds = match op {
            Op::GuardFloatLt => x < y,
            Op::GuardFloatLe => x <= y,
            Op::GuardFloatEq => x == y,
            Op::GuardFloatNotLt => x.partial_cmp(&y) != Some(std::cmp::Ordering::Less),
            Op::GuardFloatNotLe => {
                !matches!(x.partial_cmp(&y), Some(std::cmp::Ordering::Less | std::cmp::Ordering::Equal))
            }
            _ => x != y,
        };
        Verdict::of(holds, !holds)
    }

    /// Whether guards passed before decide this one.
    fn related(&self, op: Op, a: Ref, b: Ref) -> Verdict {
        let compared = |at: Ref| at.is_constant() || self.state.facts[at.index()].is_compared;
        if !compared(a) || !compared(b) {
            return Verdict::Open;
        }
        let passed = |op: Op, order: Order| {
            let (a, b) = if order == Order::Same { (a, b) } else { (b, a) };
            self.state.pure.contains_key(&Key::new(op, a, b, 0))
        };
        let decided = |table: &[(Op, Op, Order)]| {
            table.iter().any(|(asked, known, order)| *asked == op && passed(*known, *order))
        };
        Verdict::of(passed(op, Order::Same) || decided(IMPLIED), decided(EXCLUDED))
    }

    /// Learns from an emitted guard.
    fn passed(&mut self, inst: &Inst) -> Step<()> {
        let Inst { op, a, b, imm, .. } = *inst;
        if let Some(tags) = passing_tags(op) {
            return self.learn(a, tags, Range::ALL);
        }
        match op {
            Op::GuardShape => {
                self.state.shapes.insert(a, imm);
                return self.learn(a, Tags::OBJECT, Range::ALL);
            }
            Op::GuardPoll => {
                self.state.collection_point();
                self.state.recorded_collection_point();
                return Ok(());
            }
            Op::GuardNotShape | Op::GuardValid => {
                self.state.volatile.insert(Key::of(inst));
                return Ok(());
            }
            _ => {}
        }
        self.state.pure.insert(Key::of(inst), Ref::NONE);
        for at in [a, b].into_iter().filter(|at| !at.is_constant()) {
            self.state.facts[at.index()].is_compared = true;
        }
        match op {
            Op::GuardSame => {
                match (a.is_constant(), b.is_constant()) {
                    (false, true) => self.forward(a, b),
                    (true, false) => self.forward(b, a),
                    _ => {
                        let (lhs, rhs) = (self.facts(a), self.facts(b));
                        self.learn(a, rhs.tags, rhs.range)?;
                        self.learn(b, lhs.tags, lhs.range)?;
                    }
                }
                Ok(())
            }
            Op::GuardIntLt => self.ordered(a, b, 1),
            Op::GuardIntLe => self.ordered(a, b, 0),
            Op::GuardBelow if self.out.type_of(a) == Type::Value => {
                let (lhs, rhs) = (self.facts(a), self.facts(b));
                if !(lhs.is_int() && rhs.is_int() && rhs.range.min >= 0) {
                    return Ok(());
                }
                self.learn(a, Tags::INT, Range { min: 0, ..Range::ALL })?;
                self.ordered(a, b, 1)
            }
            _ => Ok(()),
        }
    }

    /// Bounds of two small ints of which the first is smaller by at least `gap`.
    fn ordered(&mut self, a: Ref, b: Ref, gap: i64) -> Step<()> {
        let (lhs, rhs) = (self.facts(a).range, self.facts(b).range);
        self.learn(a, Tags::INT, Range { max: rhs.max - gap, ..Range::ALL })?;
        self.learn(b, Tags::INT, Range { min: lhs.min + gap, ..Range::ALL })
    }
}
