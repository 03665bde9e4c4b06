//! Python's side of the tracing JIT: what the recorder must know of the language, and what withdraws its traces.

use crate::code::{code_of, offset_in, unit_of};
use crate::interpreter::{BODIES, Python, execute};
use py_code::{CodeUnit, Opcode};
use py_object::objects::{BoxedFloat, Code, GlobalCell};
use py_object::shape::{ShapeKind, shape};
use py_object::{Assumption, Cx, allocate, shapes};
use vm_heap::{Gc, ShapeId, Value};
use vm_machine::{Flow, Frame, Instruction, SlowFlow, Thread};
use vm_trace::{Body, Recorder, TraceLanguage, jit};

/// The unit of a code object, from any thread of the runtime.
fn unit(code: Gc<Code>) -> &'static CodeUnit {
    py_object::frames::lazy_unit_of(code)
}

impl TraceLanguage for Python {
    const LOOP_HEADER: u8 = Opcode::LoopHeader as u8;

    fn execute(m: &mut Recorder<Self>, opcode: u8) -> Flow {
        execute(m, opcode)
    }

    fn extension_words(opcode: u8) -> usize {
        Opcode::from_byte(opcode).map_or(0, Opcode::words)
    }

    fn live_registers(function: Value, pc: *const u64) -> Option<&'static [u64]> {
        let code = code_of(function)?;
        let live = py_object::frames::lazy_unit_of(code).liveness();
        Some(live.before(offset_in(code, pc))?.words())
    }

    fn loop_end(function: Value, header: *const u64) -> *const u64 {
        let Some(code) = code_of(function) else { return header };
        let unit = unit(code);
        let start = offset_in(code, header);
        let last = unit
            .instructions()
            .filter(|(offset, _)| *offset > start && unit.jump_target(*offset) == Some(start))
            .map(|(offset, instruction)| offset + instruction.opcode().size())
            .max();
        header.wrapping_add(last.unwrap_or(start + 1) - start)
    }

    fn is_fixed_shape(id: ShapeId) -> bool {
        // Exact instances of built-in types never change; exceptions and functions may get attributes.
        id.0 < py_object::FIRST_FREE_SHAPE && id != shapes::FUNCTION && id.0 < py_object::Kind::BASE_EXCEPTION as u32
            || matches!(shape(id).kind, ShapeKind::OneType | ShapeKind::OneModule)
    }

    fn fill_cache(thread: *mut Thread, frame: &Frame, instruction: Instruction) -> bool {
        // SAFETY: the thread runs, and is the only one to use its context.
        let cx = unsafe { Cx::from_thread(thread) };
        crate::slow::fill_cache(cx, frame, instruction)
    }

    fn body(opcode: u8) -> Body {
        BODIES[opcode as usize]
    }

    fn may_perform(frame: &Frame, instruction: Instruction) -> bool {
        crate::dead_registers::called_native(frame, instruction).is_none()
    }

    fn may_unwind(thread: &Thread) -> bool {
        // SAFETY: the thread is the first field of its context.
        let cx = unsafe { &*(thread as *const Thread as *const Cx) };
        !cx.blocked_by_views.get()
    }

    fn keeper_of_code(function: Value) -> Value {
        code_of(function).map_or(function, |code| code.value())
    }

    fn relies_on(object: Value) {
        if let Some(function) = py_object::downcast::<py_object::objects::Function>(object) {
            function.relied_on.init(true);
        }
    }

    fn box_float(thread: *mut Thread, number: f64) -> Value {
        // SAFETY: the thread runs, and is the only one to use its context.
        let cx = unsafe { Cx::from_thread(thread) };
        let boxed = allocate::<BoxedFloat>(cx.mutator(), shapes::FLOAT);
        boxed.number.init(number);
        boxed.value()
    }

    fn describe(function: Value, pc: *const u64) -> String {
        let Some(code) = code_of(function) else { return "?".to_string() };
        let unit = unit(code);
        let offset = offset_in(code, pc);
        let opcode = unit.code.get(offset).and_then(|word| Opcode::from_byte(*word as u8));
        let opcode = opcode.map_or("?", Opcode::snake_name);
        format!("{}:{} ({}, {opcode})", unit.filename, unit.position(offset).line, unit.qualname)
    }
}

/// Called at a loop header that became hot. `header` is its address; `frame` gets the place to go on at.
pub fn hot_loop(cx: &mut Cx, frame: &mut Frame, header: *const u64) -> SlowFlow {
    if cx.thread.hot.get() == i32::MAX || cx.tracing.is_active() {
        return SlowFlow::Next;
    }
    let Some(jit) = jit::<Python>() else { return SlowFlow::Next };
    frame.pc = header;
    jit.hot_loop::<Python>(&mut cx.thread, frame)
}

/// Withdraws code that relies on something that is about to change.
pub fn withdraw(cx: &mut Cx, assumption: Assumption) {
    match assumption {
        Assumption::GlobalCell(cell) => {
            cell.watch.init(Value::int(2));
            if let Some(jit) = jit::<Python>() {
                jit.withdraw_cell(Gc::<GlobalCell>::value(cell));
            }
        }
        Assumption::Classes => {
            crate::inline_cache::clear_filled();
            if let Some(jit) = jit::<Python>() {
                jit.withdraw_all();
            }
        }
        Assumption::Home(code) => {
            clear_global_caches(cx, code);
            if let Some(jit) = jit::<Python>() {
                jit.withdraw_all();
            }
        }
        Assumption::Functions => {
            if let Some(jit) = jit::<Python>() {
                jit.withdraw_all();
            }
        }
    }
}

/// Empties the inline caches of a code object that hold cells of globals.
fn clear_global_caches(cx: &mut Cx, code: Gc<Code>) {
    if code.bytecode.get().is_none() {
        return;
    }
    let unit = unit_of(cx, code);
    for (offset, instruction) in unit.instructions() {
        if matches!(instruction.opcode(), Opcode::LoadGlobal | Opcode::StoreGlobal) {
            clear_word(code, offset + 1);
        }
    }
}

/// Empties an extension word that is an inline cache.
fn clear_word(code: Gc<Code>, offset: usize) {
    let address = (code.entry.get() as usize + 8 * offset) as *mut u64;
    // SAFETY: the caller names an extension word of the code; those that are caches are only accessed as atomics.
    unsafe { std::sync::atomic::AtomicU64::from_ptr(address) }.store(0, std::sync::atomic::Ordering::Relaxed);
}

/// Takes note of the file that the JIT logs to.
pub fn configure(log: Option<&str>) {
    if let Some(path) = log
        && let Some(jit) = jit::<Python>()
    {
        match std::fs::File::create(path) {
            Ok(file) => jit.set_log(file),
            Err(error) => {
                py_object::standard_error::write_line(format_args!("typhon: can't write the log {path}: {error}"))
            }
        }
    }
}

/// Forks by a function, so that parent and child have compiled code of their own.
pub fn around_fork(fork: &mut dyn FnMut() -> i32) -> i32 {
    match jit::<Python>() {
        Some(jit) => jit.fork(fork),
        None => fork(),
    }
}
