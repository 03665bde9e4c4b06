//! Running Python code for the runtime, and frames as the runtime sees them.

use crate::bind;
use crate::code::{code_of, entry_of, function_of, instruction_at, offset_in, unit_of};
use crate::interpreter::set_mode;
use py_code::Opcode;
use py_object::frames::{self, Running};
use py_object::objects::*;
use py_object::{Cx, Kind, NONE, PyResult, UNBOUND, downcast, exception};
use vm_heap::{Gc, Value};
use vm_machine::{FRAME_HEADER, Frame, Thread, caller_frame, frame_function, halt_address, return_address, run};

/// Registers of the pseudo frame below a frame that the runtime entered: one for the result.
const PSEUDO_SIZE: usize = 1;

/// Lays a pseudo frame on the stack and returns the place for register 0 of the frame to be entered from it.
/// RecursionError where the frame does not fit.
#[inline(always)]
pub fn push_entry(cx: &mut Cx, function: Value, size: usize) -> PyResult<*mut Value> {
    let base = cx.thread.stack_top();
    let pseudo = base.wrapping_add(FRAME_HEADER);
    let fp = pseudo.wrapping_add(PSEUDO_SIZE + FRAME_HEADER);
    if !cx.has_room(fp, size) {
        return Err(stack_full(cx));
    }
    let thread = &cx.thread;
    // SAFETY: both headers lie below the limit just checked, above everything in use.
    unsafe {
        write_header(pseudo, UNBOUND, 0, PSEUDO_SIZE, thread.pc.get(), thread.fp.get());
        *pseudo = NONE;
        write_header(fp, function, 0, size, halt_address(), pseudo);
    }
    Ok(fp)
}

/// Lays the header of a frame on the stack.
///
/// # Safety
/// The header of `fp` must lie in free stack.
#[inline(always)]
pub(crate) unsafe fn write_header(
    fp: *mut Value,
    function: Value,
    result: usize,
    size: usize,
    pc: *const u64,
    caller: *mut Value,
) {
    // SAFETY: the caller's promise.
    unsafe {
        *fp.sub(4) = function;
        *fp.sub(3) = Value::from_bits(result as u64 | (size as u64) << 32);
        *fp.sub(2) = Value::from_bits(pc as u64);
        *fp.sub(1) = Value::from_bits(caller as u64);
    }
}

/// RecursionError of a full value stack.
#[cold]
pub fn stack_full(cx: &mut Cx) -> vm_machine::Raised {
    cx.raise(Kind::RECURSION_ERROR, "maximum recursion depth exceeded")
}

/// Calls a Python function from the runtime.
pub fn call_function(cx: &mut Cx, callee: Value, arguments: &[Value], keywords: Option<Gc<Tuple>>) -> PyResult {
    cx.check_native_stack()?;
    let function = downcast::<Function>(callee).expect("checked by the caller");
    let (entry, simple) = entry_of(function.code.get().value());
    let saved = Saved::of(cx);
    let fp = push_entry(cx, callee, entry.size as usize)?;
    if simple == arguments.len() as i64 && keywords.is_none() {
        for (register, value) in arguments.iter().enumerate() {
            // SAFETY: parameters are registers of the frame, which fits the stack.
            unsafe { *fp.add(register) = *value };
        }
    } else {
        // While binding may collect, the new frame must be seen: it holds the only references to what it was given.
        clear(fp, entry.size as usize);
        cx.thread.save(entry.pc, fp);
        if let Err(raised) = bind::bind(cx, function, arguments, keywords, fp) {
            saved.restore(cx);
            return Err(raised);
        }
    }
    enter(cx, Frame { pc: entry.pc, fp }, saved)
}

/// Runs a frame made by `push_entry` to its end.
#[inline(always)]
pub fn enter(cx: &mut Cx, frame: Frame, saved: Saved) -> PyResult {
    if cx.thread.table.get().is_null() {
        set_mode(cx);
    }
    let thread: *mut Thread = &mut cx.thread;
    // SAFETY: `push_entry` made the outermost frame return to the halt code.
    let result = unsafe { run(thread, frame) };
    saved.restore(cx);
    result
}

/// Fills registers with a harmless value.
pub fn clear(fp: *mut Value, size: usize) {
    for register in 0..size {
        // SAFETY: the caller has checked that the frame fits the stack.
        unsafe { *fp.add(register) = UNBOUND };
    }
}

/// Where a thread stood when it entered the runtime.
#[derive(Clone, Copy)]
pub struct Saved {
    pc: *const u64,
    fp: *mut Value,
    top: usize,
}

impl Saved {
    /// The present place.
    pub fn of(cx: &Cx) -> Saved {
        Saved { pc: cx.thread.pc.get(), fp: cx.thread.fp.get(), top: cx.mutator().stack_top.get() }
    }
    /// Goes back to it.
    pub fn restore(self, cx: &Cx) {
        cx.thread.pc.set(self.pc);
        cx.thread.fp.set(self.fp);
        cx.mutator().stack_top.set(self.top);
    }
}

/// Finds the handler of the exception in `cx.raised` (see `Language::unwind`).
pub fn unwind(cx: &mut Cx, frame: &mut Frame) -> bool {
    if cx.blocked_by_views.take() && crate::dead_views::succeeds_without(cx, frame) {
        return true;
    }
    // Raising again what the frame has raised or let through before adds no second line for it.
    let mut known = raises_again(cx, frame);
    loop {
        let what = frame_function(frame.fp);
        let raised = cx.raised.get();
        if let (Some(function), Some(code)) = (function_of(what), code_of(what)) {
            let offset = offset_in(code, frame.pc);
            let running = Running { owner: what, function, code, fp: frame.fp, offset };
            let again = std::mem::take(&mut known);
            if let Some(exception) = downcast::<Exception>(raised)
                && !again
            {
                let object = frames::object_of(cx, &running);
                exception::add_traceback(cx, exception, object, offset);
            }
            let reports = cx.tracing.is_active();
            if reports {
                crate::tracing::raised(cx, frame, again);
            }
            let unit = unit_of(cx, code);
            if let Some(handler) = unit.handler(offset)
                && (!reports || crate::tracing::handled(cx, frame, handler.target as usize))
            {
                let raised = cx.raised.get();
                frame.set(handler.register as usize, raised);
                frame.pc = (code.entry.get() + 8 * handler.target as u64) as *const u64;
                cx.take_raised();
                return true;
            }
            if reports {
                crate::tracing::left(cx, frame);
            }
            frames::left(cx, frame.fp, offset);
            let instruction = instruction_at(frame.pc);
            if again && instruction.opcode() == Opcode::Reraise as u8 && instruction.x() == 1 {
                frames::left_before(raised);
            }
        }
        if let Some(generator) = downcast::<Generator>(what) {
            crate::generator::finish(cx, generator);
            crate::generator::convert_stop(cx, generator);
            if py_object::types::is_exactly(what, Kind::ASYNC_GENERATOR) {
                crate::generator::fails_step(cx, frame);
            }
        }
        let back = return_address(frame.fp);
        frame.fp = caller_frame(frame.fp);
        if back == halt_address() {
            return false;
        }
        // A return address lies behind the call; any word of the call finds the same handler.
        frame.pc = back.wrapping_sub(1);
        cx.thread.save(back, frame.fp);
    }
}

/// Whether the instruction at a frame's place has raised an exception that has come from there before.
fn raises_again(cx: &Cx, frame: &Frame) -> bool {
    let instruction = instruction_at(frame.pc);
    let again = match Opcode::from_byte(instruction.opcode()) {
        Some(Opcode::Reraise | Opcode::CleanupThrow | Opcode::EndAsyncFor) => true,
        Some(Opcode::Raise) => instruction.x() == 0,
        _ => false,
    };
    again && downcast::<Exception>(cx.raised.get()).is_some_and(|exception| exception.traceback.get() != NONE)
}

/// Notes in an exception's traceback that it passed the instruction before the place where a frame is.
pub fn note_frame(cx: &mut Cx, exception: Gc<Exception>, frame: &Frame) {
    let owner = frame_function(frame.fp);
    if let (Some(function), Some(code)) = (function_of(owner), code_of(owner)) {
        let offset = offset_in(code, frame.pc.wrapping_sub(1));
        let object = frames::object_of(cx, &Running { owner, function, code, fp: frame.fp, offset });
        exception::add_traceback(cx, exception, object, offset);
    }
}

/// The namespace of the running code.
pub fn current_globals(cx: &Cx) -> Option<Gc<Dict>> {
    frames::caller(cx).map(|frame| frame.function.globals.get())
}

/// Runs a module's or class body's code with a namespace.
pub fn run_code(cx: &mut Cx, code: Gc<Code>, globals: Gc<Dict>, closure: Value, locals: Value) -> PyResult {
    let function = crate::code::new_function(cx, code, globals);
    function.closure.set(cx.mutator(), function, closure);
    function.annotate.set(cx.mutator(), function, locals);
    call_function(cx, function.value(), &[], None)
}
