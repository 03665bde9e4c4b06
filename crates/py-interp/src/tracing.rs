//! Reporting what runs: `sys.settrace`, `sys.setprofile`, `sys.monitoring`.
//!
//! A thread with something to report uses the handlers of [`crate::interpreter`] that call [`report`] before each instruction. What
//! happens in between follows from the instruction and from the frame's previous one: entering a frame, a new line, a jump, the end
//! of a call of a built-in function. Exceptions are reported by `run::unwind`. Nothing of this is known to handlers that do not report.

mod tell;

use crate::code::{code_of, function_of, offset_in, unit_of};
use crate::interpreter::set_mode;
use crate::jit;
use py_code::{CodeUnit, Instruction as CodeInstruction, Opcode, Way};
use py_object::frames::Running;
use py_object::objects::{Exception, Function, Generator, Method, Tuple};
use py_object::tracing::{self, Entering, TracedFrame, event};
use py_object::types::is_exactly;
use py_object::{Assumption, Cx, Kind, NONE, PyResult, UNBOUND, downcast, frames};
use std::sync::atomic::{AtomicU32, Ordering};
use tell::{end_native, monitor, place, profile, trace};
use vm_heap::Value;
use vm_machine::{FRAME_HEADER, Frame, Instruction, frame_function};

/// The events that threads have been told are monitored.
static KNOWN: AtomicU32 = AtomicU32::new(0);

/// What is to be reported has changed.
pub fn changed(cx: &mut Cx) {
    set_mode(cx);
    let monitored = tracing::monitored_events();
    if KNOWN.swap(monitored, Ordering::SeqCst) != monitored {
        cx.runtime.for_each_thread(&mut |other| {
            other.mutator().poll.fetch_or(vm_heap::POLL_USER, Ordering::AcqRel);
        });
    }
    if cx.tracing.is_active() && frames::in_compiled_code(cx) {
        jit::withdraw(cx, Assumption::Functions);
    }
}

fn entry_offset(unit: &CodeUnit) -> usize {
    unit.instructions().find(|(_, instruction)| !instruction.opcode().is_prologue()).map_or(0, |(offset, _)| offset)
}

/// The line that a frame is at while its entry is reported.
fn entry_line(unit: &CodeUnit) -> u32 {
    if unit.name == "<module>" { 0 } else { unit.firstlineno }
}

/// Whether an instruction is the first of its line in the order of the code.
fn starts_line(unit: &CodeUnit, offset: usize) -> bool {
    offset == 0 || unit.position(offset - 1).line != unit.position(offset).line
}

/// Whether the instruction that ends before an offset is a yield.
fn follows_yield(unit: &CodeUnit, offset: usize) -> bool {
    let Some(before) = offset.checked_sub(1) else { return false };
    CodeInstruction(unit.code[before]).0 as u8 == Opcode::Yield as u8
        && unit.instructions().any(|(at, instruction)| at == before && instruction.opcode() == Opcode::Yield)
}

/// The line of the instruction that ends before an offset.
fn line_of_last(unit: &CodeUnit, offset: usize) -> u32 {
    offset.checked_sub(1).map_or(0, |before| unit.position(before).line)
}

/// Whether a loop header that control has jumped back to begins a turn of a loop on one line: the test of a `while` loop stands
/// both before the loop and at its end, where a new line would have been told.
fn begins_turn(unit: &CodeUnit, offset: usize, told: usize) -> bool {
    let next = unit.code.get(offset + Opcode::LoopHeader.size());
    let of_items = [Opcode::ForIter as u8, Opcode::GetAsyncNext as u8];
    told <= offset && next.is_some_and(|word| !of_items.contains(&(*word as u8)))
}

/// How a frame came to run.
enum Start {
    /// It was there before.
    Known(TracedFrame),
    /// It has been entered.
    Entered,
    /// It is a generator's that goes on.
    Resumed,
    /// It ran before anything was reported.
    Joined,
}

/// The innermost noted frame, if it is this one. Those further in are gone.
fn noted(cx: &Cx, running: &Running) -> Option<TracedFrame> {
    let mut frames = cx.tracing.frames.borrow_mut();
    while frames.last().is_some_and(|last| last.fp > running.fp || last.fp == running.fp && last.owner != running.owner)
    {
        if frames.pop().is_some_and(|gone| gone.in_native) {
            tell::forget_native(cx);
        }
    }
    frames.last().filter(|last| last.fp == running.fp).copied()
}

fn start_of(cx: &Cx, running: &Running, unit: &CodeUnit) -> Start {
    if let Some(known) = noted(cx, running) {
        return Start::Known(known);
    }
    let is_generator = downcast::<Generator>(running.owner).is_some();
    let start = if running.offset == entry_offset(unit) {
        Start::Entered
    } else if is_generator && follows_yield(unit, running.offset) {
        Start::Resumed
    } else {
        Start::Joined
    };
    let line = match start {
        Start::Entered => 0,
        Start::Resumed | Start::Joined | Start::Known(_) => line_of_last(unit, running.offset),
    };
    note(cx, running, line);
    start
}

fn note(cx: &Cx, running: &Running, line: u32) {
    let (fp, owner) = (running.fp, running.owner);
    cx.tracing.frames.borrow_mut().push(TracedFrame { fp, owner, offset: usize::MAX, line, told: 0, in_native: false });
}

/// Changes what is noted of the running frame.
fn update(cx: &Cx, running: &Running, change: impl FnOnce(&mut TracedFrame)) {
    if let Some(last) = cx.tracing.frames.borrow_mut().last_mut().filter(|last| last.fp == running.fp) {
        change(last);
    }
}

fn running_in(frame: &Frame) -> Option<Running> {
    let owner = frame_function(frame.fp);
    let (function, code) = (function_of(owner)?, code_of(owner)?);
    Some(Running { owner, function, code, fp: frame.fp, offset: offset_in(code, frame.pc) })
}

/// Reports an entry, with the frame at a line that no instruction to be run has.
fn enter(cx: &mut Cx, running: &Running, line: u32, event: u32) -> PyResult<()> {
    let object = frames::object_of(cx, running);
    let place_of_entry = match event {
        event::RESUME => py_code::byte_offset(running.offset - 1),
        _ => 0,
    };
    cx.tracing.entering.set(Entering { frame: object.address(), line, place: place_of_entry });
    let code = running.code.value();
    let result = monitor(cx, running, event, &[code, Value::int(place_of_entry)])
        .and_then(|()| trace(cx, running, "call", NONE))
        .and_then(|()| profile(cx, running, "call", NONE));
    cx.tracing.entering.set(Entering::default());
    result
}

/// Reports what the instruction at a frame's place, about to run, means.
pub fn report(cx: &mut Cx, frame: &mut Frame, instruction: Instruction) -> PyResult<()> {
    let Some(running) = running_in(frame) else { return Ok(()) };
    let Some(opcode) = Opcode::from_byte(instruction.opcode()).filter(|opcode| !opcode.is_prologue()) else {
        return Ok(());
    };
    let unit = unit_of(cx, running.code);
    let code = running.code.value();
    let (mut before, mut line_before, mut told) = (usize::MAX, 0, 0);
    match start_of(cx, &running, unit) {
        Start::Known(known) => {
            (before, line_before, told) = (known.offset, known.line, known.told);
            if known.in_native {
                update(cx, &running, |frame| frame.in_native = false);
                end_native(cx, &running, true)?;
            }
        }
        Start::Entered => enter(cx, &running, entry_line(unit), event::START)?,
        Start::Resumed => {
            line_before = unit.position(running.offset - 1).line;
            enter(cx, &running, line_before, event::RESUME)?;
        }
        Start::Joined => line_before = line_of_last(unit, running.offset),
    }
    report_result(cx, &running, unit, before)?;
    let line = if opcode.ends_handling() { 0 } else { unit.position(running.offset).line };
    update(cx, &running, |frame| {
        frame.offset = running.offset;
        frame.line = if line == 0 { frame.line } else { line };
    });
    if before != usize::MAX {
        report_stop(cx, &running, unit, frame, before)?;
        report_jump(cx, &running, unit, before)?;
    }
    if follow_jump(cx, &running, frame) {
        return Ok(());
    }
    let goes_back = running.offset < before && before != usize::MAX;
    let again = || match opcode {
        Opcode::LoopHeader => begins_turn(unit, running.offset, told),
        _ => starts_line(unit, running.offset),
    };
    let is_new = line != line_before || goes_back && again();
    // A module without statements is at line 0.
    if line != 0 && is_new || line_before == 0 && before == usize::MAX && unit.line(running.offset) == Some(0) {
        update(cx, &running, |frame| frame.told = running.offset);
        if report_line(cx, &running, frame, line)? {
            return Ok(());
        }
    }
    monitor(cx, &running, event::INSTRUCTION, &[code, place(running.offset)])?;
    trace(cx, &running, "opcode", NONE)?;
    match opcode {
        Opcode::Return | Opcode::ReturnNone | Opcode::GeneratorReturn | Opcode::Yield => {
            report_leaving(cx, &running, frame, opcode, instruction)
        }
        // The exit method that is called for an exception is called by no instruction of the program.
        _ if before.checked_add(1) == Some(running.offset)
            && CodeInstruction(unit.code[before]).opcode() == Opcode::ExceptionTriple =>
        {
            Ok(())
        }
        _ => report_call(cx, &running, frame, CodeInstruction(instruction.0)),
    }
}

/// Reports a line. Whether the frame has been sent elsewhere meanwhile.
fn report_line(cx: &mut Cx, running: &Running, frame: &mut Frame, line: u32) -> PyResult<bool> {
    let told = monitor(cx, running, event::LINE, &[running.code.value(), Value::int(line.into())]);
    let told = match told {
        Ok(()) if cx.tracing.jump.get().is_none() => trace(cx, running, "line", NONE),
        told => told,
    };
    told?;
    Ok(follow_jump(cx, running, frame))
}

/// Sends a frame where an assignment to its `f_lineno` wants it. Whether there was one.
fn follow_jump(cx: &mut Cx, running: &Running, frame: &mut Frame) -> bool {
    let Some(jump) = cx.tracing.jump.take().filter(|jump| jump.fp == running.fp) else { return false };
    if let Some(register) = jump.handled {
        cx.handled.set(frame.get(register.into()));
    }
    frame.pc = (running.code.entry.get() + 8 * jump.offset as u64) as *const u64;
    // The line that it goes on at is a new one, whatever it was.
    if noted(cx, running).is_none() {
        note(cx, running, 0);
    }
    update(cx, running, |frame| {
        (frame.offset, frame.line) = (usize::MAX, 0);
    });
    true
}

/// Reports what a frame yields or returns.
fn report_leaving(
    cx: &mut Cx,
    running: &Running,
    frame: &mut Frame,
    opcode: Opcode,
    instruction: Instruction,
) -> PyResult<()> {
    let (value, event) = match opcode {
        Opcode::ReturnNone => (NONE, event::RETURN),
        Opcode::GeneratorReturn if instruction.x() == 1 => (NONE, event::RETURN),
        Opcode::Yield => (frame.get(instruction.b()), event::YIELD),
        _ => (frame.get(instruction.a()), event::RETURN),
    };
    cx.tracing.returned.set(if opcode == Opcode::GeneratorReturn { value } else { NONE });
    let told = monitor(cx, running, event, &[running.code.value(), place(running.offset), value])
        .and_then(|()| trace(cx, running, "return", value));
    told.and_then(|()| profile(cx, running, "return", value))?;
    if !follow_jump(cx, running, frame) {
        forget(cx, running);
    }
    Ok(())
}

fn forget(cx: &Cx, running: &Running) {
    let mut frames = cx.tracing.frames.borrow_mut();
    if frames.last().is_some_and(|last| last.fp == running.fp) {
        frames.pop();
    }
}

/// Reports the second half of a call, which stands for what is done with the result: a debugger that has been called stops there.
fn report_result(cx: &mut Cx, running: &Running, unit: &'static CodeUnit, before: usize) -> PyResult<()> {
    if !tell::wants_instructions(cx, running) {
        return Ok(());
    }
    let call = match before {
        usize::MAX => unit.instructions().map(|(at, _)| at).take_while(|at| *at < running.offset).last(),
        before => Some(before),
    };
    let Some(call) = call.filter(|at| is_call(CodeInstruction(unit.code[*at]).opcode())) else { return Ok(()) };
    let at = Running { offset: call, ..*running };
    told_from(cx, &at, |cx| {
        monitor(cx, &at, event::INSTRUCTION, &[at.code.value(), Value::int(py_code::second_half(call))])?;
        trace(cx, &at, "opcode", NONE)
    })
}

fn is_call(opcode: Opcode) -> bool {
    matches!(opcode, Opcode::Call | Opcode::CallKw | Opcode::CallEx | Opcode::CallMethod | Opcode::CallMethodKw)
}

/// Reports where the instruction before has led, if it can jump.
fn report_jump(cx: &mut Cx, running: &Running, unit: &'static CodeUnit, before: usize) -> PyResult<()> {
    const JUMPS: u32 = 1 << event::JUMP | 1 << event::BRANCH_LEFT | 1 << event::BRANCH_RIGHT;
    if tracing::monitored_events() & JUMPS == 0 {
        return Ok(());
    }
    let (event, source, to) = match unit.way(before, running.offset) {
        Some(Way::Jump(source, to)) => (event::JUMP, source, to),
        Some(Way::Left(source, to)) => (event::BRANCH_LEFT, source, to),
        Some(Way::Right(source, to)) => (event::BRANCH_RIGHT, source, to),
        None => return Ok(()),
    };
    if tracing::monitored_events() & 1 << event == 0 {
        return Ok(());
    }
    let at = Running { offset: source, ..*running };
    told_from(cx, &at, |cx| monitor(cx, &at, event, &[at.code.value(), place(source), Value::int(to)]))
}

/// Lets a frame count as being where something has just happened, at the instruction before, while that is told.
fn told_from(cx: &mut Cx, at: &Running, tell: impl FnOnce(&mut Cx) -> PyResult<()>) -> PyResult<()> {
    let object = frames::object_of(cx, at);
    let line = unit_of(cx, at.code).position(at.offset).line;
    cx.tracing.entering.set(Entering { frame: object.address(), line, place: py_code::byte_offset(at.offset) });
    let outcome = tell(cx);
    cx.tracing.entering.set(Entering::default());
    outcome
}

/// Reports the StopIteration by which a generator or coroutine that the instruction before has resumed has ended, or a step of an
/// asynchronous generator.
fn report_stop(cx: &mut Cx, running: &Running, unit: &'static CodeUnit, frame: &Frame, before: usize) -> PyResult<()> {
    let instruction = CodeInstruction(unit.code[before]);
    let opcode = instruction.opcode();
    if !matches!(opcode, Opcode::ForIter | Opcode::Send) || unit.jump_target(before) != Some(running.offset) {
        return Ok(());
    }
    let iterator = frame.get(instruction.b().into());
    let is_any = |kinds: [Kind; 2]| kinds.iter().any(|kind| is_exactly(iterator, *kind));
    let stop_event = if is_any([Kind::GENERATOR, Kind::COROUTINE]) {
        event::STOP_ITERATION
    } else if is_any([Kind::ASYNC_GENERATOR_SEND, Kind::ASYNC_GENERATOR_THROW]) {
        event::RAISE
    } else {
        return Ok(());
    };
    let monitored = tracing::monitored_events() & 1 << stop_event != 0;
    if !monitored && !tell::has_trace(cx, running) {
        return Ok(());
    }
    let value = if opcode == Opcode::Send { frame.get(instruction.a().into()) } else { cx.tracing.returned.get() };
    let arguments: &[Value] = if value == NONE { &[] } else { &[value] };
    let stop = Exception::new(cx, Kind::STOP_ITERATION, arguments).value();
    let at = Running { offset: before, ..*running };
    told_from(cx, &at, |cx| {
        monitor(cx, &at, stop_event, &[at.code.value(), place(before), stop])?;
        let class = py_object::types::class_of(cx, stop).value();
        let details = cx.tuple(&[class, stop, NONE]);
        trace(cx, &at, "exception", details)
    })
}

/// Reports what is about to be called, if the instruction calls something: `super` in an attribute of its result counts.
fn report_call(cx: &mut Cx, running: &Running, frame: &Frame, instruction: CodeInstruction) -> PyResult<()> {
    let base = instruction.b().into();
    let mut callee = frame.get(base);
    let mut argument = match instruction.opcode() {
        Opcode::CallEx => downcast::<Tuple>(frame.get(base + FRAME_HEADER))
            .and_then(|arguments| py_object::sequence::tuple_items(&arguments).first().copied()),
        Opcode::LoadSuperAttr | Opcode::LoadSuperMethod => (instruction.x() == 1).then(|| frame.get(base + 1)),
        Opcode::CallMethod | Opcode::CallMethodKw => Some(frame.get(base + FRAME_HEADER)),
        Opcode::Call | Opcode::CallKw => (instruction.c() > 0).then(|| frame.get(base + FRAME_HEADER)),
        _ => return Ok(()),
    };
    if argument == Some(UNBOUND) {
        argument = (instruction.c() > 0).then(|| frame.get(base + FRAME_HEADER + 1));
    }
    let unpacked = instruction.opcode() == Opcode::CallEx;
    if let Some(method) = downcast::<Method>(callee).filter(|_| !unpacked) {
        (callee, argument) = (method.function.get(), Some(method.receiver.get()));
    }
    let missing = tell::missing(cx);
    let arguments = [running.code.value(), place(running.offset), callee, argument.unwrap_or(missing)];
    monitor(cx, running, event::CALL, &arguments)?;
    // CPython tells of the end of such a call of a method in no case.
    if downcast::<Function>(callee).is_some() || downcast::<Method>(callee).is_some() {
        return Ok(());
    }
    tell::begin_native(cx, callee, argument.unwrap_or(missing));
    update(cx, running, |frame| frame.in_native = true);
    tell::profile_native(cx, running, "c_call", callee, argument)
}

/// Reports the exception on its way, in a frame that it has come to. What a function raises that is told of it takes its place.
pub fn raised(cx: &mut Cx, frame: &Frame, again: bool) {
    let Some(running) = running_in(frame) else { return };
    let unit = unit_of(cx, running.code);
    let exception = cx.take_raised();
    let outcome = report_raised(cx, &running, unit, exception, again);
    if outcome.is_ok() {
        cx.raised.set(exception);
    }
}

fn report_raised(
    cx: &mut Cx,
    running: &Running,
    unit: &'static CodeUnit,
    exception: Value,
    again: bool,
) -> PyResult<()> {
    match noted(cx, running) {
        Some(known) if known.in_native => {
            update(cx, running, |frame| frame.in_native = false);
            end_native(cx, running, false)?;
        }
        Some(_) => {}
        None => {
            let thrown = downcast::<Generator>(running.owner).is_some() && follows_yield(unit, running.offset + 1);
            let line = unit.position(running.offset).line;
            note(cx, running, line);
            if thrown {
                let arguments = [running.code.value(), place(running.offset), exception];
                monitor(cx, running, event::THROW, &arguments)?;
                trace(cx, running, "call", NONE)?;
                profile(cx, running, "call", NONE)?;
            }
        }
    }
    let event = if again { event::RERAISE } else { event::RAISE };
    monitor(cx, running, event, &[running.code.value(), place(running.offset), exception])?;
    if again || !tell::has_trace(cx, running) {
        return Ok(());
    }
    let traceback = downcast::<Exception>(exception).map_or(NONE, |exception| exception.traceback.get());
    let class = py_object::types::class_of(cx, exception).value();
    let details = cx.tuple(&[class, exception, traceback]);
    trace(cx, running, "exception", details)
}

/// Reports that the exception on its way leaves a frame.
pub fn left(cx: &mut Cx, frame: &Frame) {
    let Some(running) = running_in(frame) else { return };
    let exception = cx.take_raised();
    let arguments = [running.code.value(), place(running.offset), exception];
    let instruction = crate::code::instruction_at(frame.pc);
    if instruction.opcode() == Opcode::Reraise as u8
        && instruction.x() == 1
        && let Some(entry) = downcast::<Exception>(exception).and_then(|raised| downcast(raised.traceback.get()))
    {
        // The frame counts as being where it raised first.
        let object = frames::object_of(cx, &running);
        let offset = py_object::types::frame::traceback_offset(entry);
        let line = unit_of(cx, running.code).position(offset).line;
        let place = py_code::byte_offset(offset);
        cx.tracing.entering.set(Entering { frame: object.address(), line, place });
    }
    let outcome = monitor(cx, &running, event::UNWIND, &arguments)
        .and_then(|()| trace(cx, &running, "return", NONE))
        .and_then(|()| profile(cx, &running, "return", NONE));
    cx.tracing.entering.set(Entering::default());
    forget(cx, &running);
    if outcome.is_ok() {
        cx.raised.set(exception);
    }
}

/// Reports that the exception on its way has found its handler. Whether what is told of it raises itself.
pub fn handled(cx: &mut Cx, frame: &Frame, handler: usize) -> bool {
    let Some(running) = running_in(frame) else { return true };
    let exception = cx.take_raised();
    let arguments = [running.code.value(), place(handler), exception];
    let outcome = monitor(cx, &running, event::HANDLED, &arguments);
    if outcome.is_ok() {
        cx.raised.set(exception);
    }
    outcome.is_ok()
}
