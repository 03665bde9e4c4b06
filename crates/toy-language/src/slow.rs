//! Instructions whose fast path does not apply.

use crate::context::Context;
use crate::functions::*;
use crate::language::Toy;
use crate::liveness::opcode_of;
use crate::objects::*;
use crate::opcode::Opcode;
use vm_heap::{Gc, Value};
use vm_machine::{Frame, Instruction, Raised, SlowFlow};
use vm_trace::jit;

/// Executes an instruction in full.
pub fn execute(cx: &mut Context, frame: &mut Frame, instruction: Instruction) -> SlowFlow {
    let start = frame.pc;
    let opcode = opcode_of(instruction.0);
    frame.pc = start.wrapping_add(1 + opcode.words());
    if opcode == Opcode::LoopHeader {
        return loop_header(cx, frame, start);
    }
    match run(cx, frame, opcode, instruction) {
        Ok(()) => SlowFlow::Next,
        Err(Raised) => {
            frame.pc = start;
            SlowFlow::Raise
        }
    }
}

fn loop_header(cx: &mut Context, frame: &mut Frame, start: *const u64) -> SlowFlow {
    if cx.mutator().should_poll() {
        cx.mutator().safepoint();
    }
    if cx.thread.hot.get() != i32::MAX
        && let Some(jit) = jit::<Toy>()
    {
        frame.pc = start;
        return jit.hot_loop::<Toy>(&mut cx.thread, frame);
    }
    SlowFlow::Next
}

fn run(cx: &Context, frame: &mut Frame, opcode: Opcode, i: Instruction) -> Outcome<()> {
    use Opcode::*;
    let (a, b, c) = (i.a(), i.b(), i.c());
    match opcode {
        Add | Sub | Mul | Div | Mod => {
            let operator = Operator::from_number(opcode as i64 - Add as i64);
            frame.set(a, arithmetic(cx, operator, frame.get(b), frame.get(c))?);
        }
        Less | LessEqual | Equal => {
            let comparison = Comparison::from_number(opcode as i64 - Less as i64);
            frame.set(a, boolean(compare(cx, comparison, frame.get(b), frame.get(c))?));
        }
        JumpUnlessLess | JumpUnlessLessEqual | JumpUnlessEqual => {
            let comparison = Comparison::from_number(opcode as i64 - JumpUnlessLess as i64);
            if !compare(cx, comparison, frame.get(a), frame.get(b))? {
                frame.jump(i.signed_c());
            }
        }
        NewArray => frame.set(a, make_array(cx, frame.get(b), frame.get(c))?),
        LoadElement => frame.set(a, element(cx, frame.get(b), frame.get(c), None)?),
        StoreElement => {
            element(cx, frame.get(a), frame.get(b), Some(frame.get(c)))?;
        }
        Length => match downcast::<Array>(frame.get(b)) {
            Some(array) => frame.set(a, array.length.get()),
            None => return Err(cx.fault(FaultKind::NoArray)),
        },
        NewPair => frame.set(a, crate::objects::new_pair(cx.mutator(), frame.get(b), frame.get(c))),
        First => frame.set(a, pair(cx, frame.get(b))?.first.get()),
        Second => frame.set(a, pair(cx, frame.get(b))?.second.get()),
        SetFirst => {
            let pair = pair(cx, frame.get(a))?;
            pair.first.set(cx.mutator(), pair, frame.get(b));
        }
        SetSecond => {
            let pair = pair(cx, frame.get(a))?;
            pair.second.set(cx.mutator(), pair, frame.get(b));
        }
        Call => {
            return Err(cx.fault(match routine_of(frame.get(b)) {
                None => FaultKind::NoFunction,
                Some(routine) if routine.arity != c => FaultKind::Arity,
                Some(_) => FaultKind::StackFull,
            }));
        }
        Throw => {
            cx.raised.set(frame.get(a));
            return Err(Raised);
        }
        Print => print(cx, frame.get(a)),
        LoadConst | LoadInt | Move | Not | Jump | JumpUnless | LoopHeader | Return => {
            unreachable!("{opcode:?} has no slow path")
        }
    }
    Ok(())
}

fn pair(cx: &Context, value: Value) -> Outcome<Gc<Pair>> {
    downcast::<Pair>(value).ok_or_else(|| cx.fault(FaultKind::NoPair))
}
