//! The language on the machine: handlers, unwinding, and what the recorder asks.

use crate::context::Context;
use crate::objects::{Fault, downcast, new_float, routine_of};
use crate::opcode::Opcode;
use crate::{for_each_toy_opcode, meanings, slow};
use vm_heap::{ShapeId, Value};
use vm_machine::{
    Flow, Frame, HandlerTable, Instruction, Language, Plain, SlowFlow, Thread, caller_frame, define_handlers,
    frame_function, halt_address, return_address,
};
use vm_trace::{Recorder, TraceLanguage};

/// The toy language, as the machine sees it.
pub struct Toy;

macro_rules! handlers_of_toy {
    ($( ($Name:ident, $snake:ident, [$($operands:tt)*], $words:literal, $doc:literal) )*) => {
        define_handlers! { Toy, $( ($Name, $snake, [$($operands)*], $words, $doc) )* }
    };
}
for_each_toy_opcode! { handlers_of_toy }

/// The handlers.
pub static PLAIN: HandlerTable = handler_table::<Plain>();

impl Language for Toy {
    fn slow(thread: &mut Thread, frame: &mut Frame, instruction: Instruction) -> SlowFlow {
        // SAFETY: the thread is the first field of its context, which only this call uses.
        let cx = unsafe { Context::from_thread(thread) };
        slow::execute(cx, frame, instruction)
    }

    fn unwind(thread: &mut Thread, frame: &mut Frame) -> bool {
        // SAFETY: as above.
        let cx = unsafe { Context::from_thread(thread) };
        cx.line.set(line(frame));
        if let Some(fault) = downcast::<Fault>(cx.raised.get())
            && fault.line.get() == Value::int(0)
        {
            fault.line.init(Value::int(line(frame) as i64));
        }
        loop {
            let routine = routine_of(frame_function(frame.fp)).expect("frames run functions");
            if let Some(handler) = routine.handler(offset(routine.code.as_ptr(), frame.pc)) {
                frame.set(handler.register, cx.raised.replace(crate::objects::NIL));
                frame.pc = routine.code.as_ptr().wrapping_add(handler.target);
                return true;
            }
            let back = return_address(frame.fp);
            frame.fp = caller_frame(frame.fp);
            if back == halt_address() {
                return false;
            }
            // A return address lies behind the call.
            frame.pc = back.wrapping_sub(1);
        }
    }
}

fn offset(code: *const u64, pc: *const u64) -> usize {
    (pc as usize - code as usize) / 8
}

fn line(frame: &Frame) -> u32 {
    routine_of(frame_function(frame.fp)).map_or(0, |routine| routine.line(offset(routine.code.as_ptr(), frame.pc)))
}

impl TraceLanguage for Toy {
    const LOOP_HEADER: u8 = Opcode::LoopHeader as u8;

    fn execute(m: &mut Recorder<Self>, opcode: u8) -> Flow {
        execute(m, opcode)
    }

    fn extension_words(opcode: u8) -> usize {
        Opcode::from_byte(opcode).map_or(0, Opcode::words)
    }

    fn live_registers(function: Value, pc: *const u64) -> Option<&'static [u64]> {
        let routine = routine_of(function)?;
        Some(&routine.live[offset(routine.code.as_ptr(), pc)])
    }

    fn loop_end(function: Value, header: *const u64) -> *const u64 {
        let Some(routine) = routine_of(function) else { return header };
        let start = offset(routine.code.as_ptr(), header);
        let jumps = routine.instructions().map(|(at, _)| at);
        let last = jumps.filter(|at| *at > start && routine.jump_target(*at) == Some(start)).max();
        routine.code.as_ptr().wrapping_add(last.unwrap_or(start) + 1)
    }

    fn is_fixed_shape(_: ShapeId) -> bool {
        true
    }

    fn fill_cache(_: *mut Thread, _: &Frame, _: Instruction) -> bool {
        false // there are no inline caches
    }

    fn box_float(thread: *mut Thread, number: f64) -> Value {
        // SAFETY: the thread runs, and is the only one to use its context.
        let cx = unsafe { Context::from_thread(thread) };
        new_float(cx.mutator(), number)
    }

    fn describe(function: Value, pc: *const u64) -> String {
        match routine_of(function) {
            Some(routine) => format!("{}:{}", routine.name, routine.line(offset(routine.code.as_ptr(), pc))),
            None => "?".to_string(),
        }
    }
}
