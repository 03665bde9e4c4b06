//! Checks that an optimised trace has the write barriers that the collector needs.
//!
//! An object is safe to store references into if it was allocated, or its barrier ran, after the last point where a
//! collection may have happened. A store into any other object needs the barrier before the next such point.

use std::collections::HashSet;
use vm_ir::{Effects, Inst, Kind, Op, Ref, Trace, Type, word};

/// Panics where a barrier is missing.
pub fn check(trace: &Trace) {
    let (mut safe, mut pending): (HashSet<Ref>, HashSet<Ref>) = Default::default();
    let mut plain = plain_phis(trace);
    for (index, inst) in trace.insts.iter().enumerate() {
        let may_collect = match inst.op {
            Op::New | Op::BoxFloat | Op::GuardPoll | Op::Label => true,
            Op::Call => trace.calls[inst.imm as usize].effects.has(Effects::COLLECTS),
            _ => false,
        };
        if may_collect {
            assert!(pending.is_empty(), "no barrier for {pending:?} before v{index} in\n{trace}");
            safe.clear();
        }
        let this = Ref::instruction(index);
        match inst.op {
            Op::New => drop(safe.insert(this)),
            Op::Barrier => {
                pending.remove(&inst.a);
                safe.insert(inst.a);
            }
            Op::StoreField | Op::StoreElement => {
                let value = if inst.op == Op::StoreField { inst.b } else { inst.c };
                if !is_plain(trace, &plain, value) && !safe.contains(&inst.a) {
                    pending.insert(inst.a);
                }
            }
            _ => plain.extend(found_plain(inst, this)),
        }
    }
    assert!(pending.is_empty(), "no barrier for {pending:?} before the end of\n{trace}");
}

/// References that an instruction shows to be no objects.
fn found_plain(inst: &Inst, this: Ref) -> Vec<Ref> {
    match inst.op {
        Op::GuardInt | Op::GuardFloat | Op::GuardNotObject => vec![inst.a],
        Op::GuardIntLt | Op::GuardIntLe | Op::GuardSame => vec![inst.a, inst.b],
        op if matches!(op.kind(), Kind::PureGuard) || matches!(op, Op::IntAnd | Op::IntOr | Op::IntXor) => vec![this],
        _ => Vec::new(),
    }
}

fn is_plain(trace: &Trace, plain: &HashSet<Ref>, at: Ref) -> bool {
    match trace.as_constant(at) {
        Some(constant) => constant.ty == Type::Value && !word::is_object(constant.bits),
        None => plain.contains(&at),
    }
}

/// Phis between results that are no objects, wherever in the trace that shows.
fn plain_phis(trace: &Trace) -> HashSet<Ref> {
    let all = trace.insts.iter().enumerate();
    let phis = || all.clone().filter(|(_, inst)| inst.op == Op::Phi && inst.ty == Type::Value);
    // What is shown anywhere in the loop is so at its end.
    let shown: HashSet<Ref> = all.clone().flat_map(|(n, inst)| found_plain(inst, Ref::instruction(n))).collect();
    let mut plain: HashSet<Ref> = phis().map(|(n, _)| Ref::instruction(n)).collect();
    loop {
        let known = |at: Ref| shown.contains(&at) || is_plain(trace, &plain, at);
        let is_wrong =
            |(n, inst): &(usize, &Inst)| plain.contains(&Ref::instruction(*n)) && !(known(inst.a) && known(inst.b));
        match phis().find(is_wrong) {
            Some((n, _)) => plain.remove(&Ref::instruction(n)),
            None => return plain,
        };
    }
}
