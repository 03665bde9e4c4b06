//! Frames: those on the value stack, and the objects that Python sees of them.
//!
//! A frame object is made when somebody asks for one, and for every frame that an exception passes. While its frame is on
//! the value stack the object refers to it, and the frame's link says that it is observed, so that returning from it takes
//! the slow path, which ends here, in [`left`]: there the object takes a copy of the registers. The objects of a thread's
//! frames form a list, the innermost first. A generator keeps its frame object itself, and its registers while it is
//! suspended.
//!
//! INVARIANT: an object in the list whose frame is not observed belongs to a frame that is gone (an atomic block that
//! started over leaves such ones); it is dropped when somebody comes across it.

mod others;

pub use others::{add_frames_of_others, add_handled_by_others};

use crate::cx::{Cx, NONE, UNBOUND};
use crate::kinds::shapes;
use crate::object::{try_allocate_tail, value_tail};
use crate::objects::{Cell, Code, Dict, Exception, FrameObject, Function, Generator, Traceback};
use crate::string::downcast;
use py_code::{CodeUnit, LazyUnit, LiveRegisters, Position, flags};
use std::sync::Arc;
use vm_heap::{Field, Gc, Value};
use vm_machine::{caller_frame, frame_function, is_observed, observe, return_address, set_frame_function};

/// A frame of the calling thread, while it is on the value stack.
#[derive(Clone, Copy)]
pub struct Running {
    /// What the frame's function slot holds: a function or a generator.
    pub owner: Value,
    /// The function.
    pub function: Gc<Function>,
    /// The code that it runs.
    pub code: Gc<Code>,
    /// Register 0.
    pub fp: *mut Value,
    /// A word of the instruction being executed, from the start of the code.
    pub offset: usize,
}

/// The function of what a frame's function slot holds: itself, or the generator's.
#[inline]
pub fn function_of(owner: Value) -> Option<Gc<Function>> {
    downcast::<Function>(owner).or_else(|| downcast::<Generator>(owner).map(|generator| generator.function.get()))
}

/// The code of what a frame's function slot holds.
#[inline]
pub fn code_of(owner: Value) -> Option<Gc<Code>> {
    match downcast::<Generator>(owner) {
        Some(generator) => Some(generator.code.get()),
        None => downcast::<Function>(owner).map(|function| function.code.get()),
    }
}

/// The unit of a code object.
#[inline]
pub fn unit_of(_: &Cx, code: Gc<Code>) -> &'static CodeUnit {
    lazy_unit_of(code)
}

/// The same, read or not.
#[inline]
pub fn lazy_unit_of(code: Gc<Code>) -> &'static LazyUnit {
    // SAFETY: the loader puts the address of a unit there of which the code object owns a share.
    unsafe { &*(code.source.get() as *const LazyUnit) }
}

/// Ends the share of its unit that a dead code object had.
pub fn release_unit(unit: usize) {
    if !crate::tracing::names_units() {
        // SAFETY: the loader has made this address of a share, and the collector calls this once.
        drop(unsafe { Arc::from_raw(unit as *const LazyUnit) });
    }
}

/// What is known of a frame that is executing the instruction before `pc`.
fn running_at(fp: *mut Value, pc: *const u64) -> Option<Running> {
    let owner = frame_function(fp);
    let (function, code) = (function_of(owner)?, code_of(owner)?);
    let behind = (pc as usize).wrapping_sub(code.entry.get() as usize) / 8;
    Some(Running { owner, function, code, fp, offset: behind.wrapping_sub(1) })
}

/// The Python frames of the calling thread from the innermost on.
pub fn running(cx: &Cx) -> impl Iterator<Item = Running> + use<> {
    from(cx.thread.fp.get(), cx.thread.pc.get())
}

/// The Python frames from a frame outwards, that one included. `pc` lies behind the instruction that it executes.
fn from(mut fp: *mut Value, mut pc: *const u64) -> impl Iterator<Item = Running> {
    std::iter::from_fn(move || {
        while !fp.is_null() {
            let found = running_at(fp, pc);
            pc = return_address(fp);
            fp = caller_frame(fp);
            if found.is_some() {
                return found;
            }
        }
        None
    })
}

/// The function that called the native which is running; none where no Python code runs.
pub fn caller(cx: &Cx) -> Option<Running> {
    running(cx).next()
}

/// The frame that another one returns to.
fn caller_of(fp: *mut Value) -> Option<Running> {
    from(caller_frame(fp), return_address(fp)).next()
}

fn this_thread(cx: &Cx) -> u64 {
    cx as *const Cx as u64
}

fn new_object(cx: &mut Cx, frame: &Running) -> Gc<FrameObject> {
    let size = frame.code.frame_size.get().as_int() as usize;
    let Some(object) = try_allocate_tail::<FrameObject>(cx.mutator(), shapes::FRAME, size) else {
        panic!("out of memory for a frame object");
    };
    for register in value_tail(&object, size) {
        register.init(UNBOUND);
    }
    object.function.init(frame.function);
    object.code.init(frame.code);
    object.generator.init(if downcast::<Generator>(frame.owner).is_some() { frame.owner } else { NONE });
    for field in [&object.below, &object.extra, &object.trace] {
        field.init(NONE);
    }
    object.back.init(UNBOUND);
    object.place.init(frame.fp as u64);
    object.thread.init(this_thread(cx));
    object.offset.init(Value::int(frame.offset as i64));
    object.trace_lines.init(true);
    object
}

/// The frame object of a frame on the calling thread's stack.
pub fn object_of(cx: &mut Cx, frame: &Running) -> Gc<FrameObject> {
    if let Some(generator) = downcast::<Generator>(frame.owner) {
        let object = of_generator(cx, generator);
        object.place.init(frame.fp as u64);
        object.thread.init(this_thread(cx));
        return object;
    }
    // The list is sorted; objects of frames further in than the running one are left over.
    let mut above: Option<Gc<FrameObject>> = None;
    let mut link = cx.frames.get();
    while let Some(object) = downcast::<FrameObject>(link) {
        let place = object.place.get() as *mut Value;
        if place < frame.fp {
            break;
        }
        let current = place <= cx.thread.fp.get().max(frame.fp) && is_observed(place);
        if current && place == frame.fp {
            return object;
        }
        let next = object.below.get();
        if current {
            above = Some(object);
        } else {
            forget(object);
            set_below(cx, above, next);
        }
        link = next;
    }
    let object = new_object(cx, frame);
    object.below.set(cx.mutator(), object, link);
    set_below(cx, above, object.value());
    observe(frame.fp);
    object
}

/// Makes an object (or what is behind none: the head) the one below another.
fn set_below(cx: &Cx, above: Option<Gc<FrameObject>>, object: Value) {
    match above {
        Some(above) => above.below.set(cx.mutator(), above, object),
        None => cx.frames.set(object),
    }
}

/// Separates an object from its frame, whose registers are gone.
fn forget(object: Gc<FrameObject>) {
    object.place.init(0);
    object.below.init(NONE);
    if object.back.get() == UNBOUND {
        object.back.init(NONE);
    }
}

/// The frame object of a generator.
pub fn of_generator(cx: &mut Cx, generator: Gc<Generator>) -> Gc<FrameObject> {
    if let Some(object) = downcast::<FrameObject>(generator.frame.get()) {
        return object;
    }
    let frame = Running {
        owner: generator.value(),
        function: generator.function.get(),
        code: generator.code.get(),
        fp: std::ptr::null_mut(),
        offset: 0,
    };
    let object = new_object(cx, &frame);
    generator.frame.set(cx.mutator(), generator, object.value());
    object
}

/// A generator's frame has been laid on the stack.
#[inline]
pub fn resumed(cx: &Cx, generator: Gc<Generator>, fp: *mut Value) {
    if let Some(object) = downcast::<FrameObject>(generator.frame.get()) {
        object.place.init(fp as u64);
        object.thread.init(this_thread(cx));
    }
}

/// A frame that has just been left raised the exception earlier, and only raised it again where it was left: what counts is where
/// it came from.
pub fn left_before(exception: Value) {
    let entry = downcast::<Exception>(exception).and_then(|exception| downcast::<Traceback>(exception.traceback.get()));
    let Some(entry) = entry else { return };
    if let Some(object) = downcast::<FrameObject>(entry.frame.get()).filter(|object| object.place.get() == 0) {
        object.offset.init(Value::int(crate::types::frame::traceback_offset(entry) as i64));
    }
}

/// A generator's frame has been taken off the stack by a yield.
#[inline]
pub fn suspended(generator: Gc<Generator>) {
    if let Some(object) = downcast::<FrameObject>(generator.frame.get()) {
        object.place.init(0);
    }
}

/// Takes note that a frame is about to be popped: its object, if it has one, copies what it holds. `offset` is a word of its
/// last instruction.
pub fn left(cx: &mut Cx, fp: *mut Value, offset: usize) {
    let owner = frame_function(fp);
    let object = match downcast::<Generator>(owner) {
        Some(generator) => downcast::<FrameObject>(generator.frame.get()),
        None if !is_observed(fp) => None,
        None => take_from_list(cx, fp),
    };
    let Some(object) = object else { return };
    object.offset.init(Value::int(offset as i64));
    if let Some(visible) = visible(object.code.get(), offset) {
        let saved = saved_registers(&object);
        for number in visible.iter().map(usize::from).take_while(|number| *number < saved.len()) {
            // SAFETY: the frame is still on the stack, and has this many registers.
            saved[number].set(cx.mutator(), object, unsafe { *fp.add(number) });
        }
    }
    object.has_registers.init(true);
    if object.back.get() == UNBOUND && downcast::<Generator>(owner).is_none() {
        let back = match caller_of(fp) {
            Some(caller) => object_of(cx, &caller).value(),
            None => NONE,
        };
        object.back.set(cx.mutator(), object, back);
    }
    object.place.init(0);
}

/// Where the registers of a thread's frames lie on the value stack. What lies between them is room that traces need.
pub fn registers_of_all(cx: &Cx) -> Vec<std::ops::Range<usize>> {
    let mut ranges = Vec::new();
    let mut fp = cx.thread.fp.get();
    while !fp.is_null() {
        let start = fp.wrapping_sub(vm_machine::FRAME_HEADER) as usize;
        ranges.push(start..fp.wrapping_add(vm_machine::frame_size(fp)) as usize);
        fp = vm_machine::caller_frame(fp);
    }
    ranges
}

/// Whether a trace has called the runtime: then it may keep frames to itself that are not on the value stack.
pub fn in_compiled_code(cx: &Cx) -> bool {
    let fp = cx.thread.fp.get();
    cx.thread.stack_top() > fp.wrapping_add(vm_machine::frame_size(fp))
}

/// Lets all frames that run a function run another one of the same code. All threads are stopped meanwhile.
pub fn replace_function(cx: &Cx, function: Gc<Function>, other: Gc<Function>) {
    let runtime = cx.runtime;
    cx.mutator().stop_the_world(|_| {
        runtime.for_each_thread(&mut |thread| {
            let mut fp = thread.thread.fp.get();
            while !fp.is_null() {
                if frame_function(fp) == function.value() {
                    set_frame_function(fp, other.value());
                }
                fp = caller_frame(fp);
            }
        });
    });
}

/// A frame is given up without its variables, with all frames further in.
pub fn lost(cx: &Cx, fp: *mut Value) {
    if let Some(object) = take_from_list(cx, fp) {
        forget(object);
    }
}

/// Takes the object of a frame out of the list.
fn take_from_list(cx: &Cx, fp: *mut Value) -> Option<Gc<FrameObject>> {
    let mut link = cx.frames.get();
    while let Some(object) = downcast::<FrameObject>(link) {
        let place = object.place.get() as *mut Value;
        if place < fp {
            break;
        }
        link = object.below.get();
        cx.frames.set(link);
        if place == fp {
            object.below.init(NONE);
            return Some(object);
        }
        forget(object);
    }
    None
}

/// Where a frame's registers are.
enum Registers {
    /// On the value stack.
    Stack(*mut Value),
    /// In its generator, which is suspended.
    Generator(Gc<Generator>),
    /// In the frame object.
    Saved,
    /// Nowhere any more.
    Gone,
}

fn registers_of(frame: Gc<FrameObject>) -> Registers {
    if frame.has_registers.get() {
        return Registers::Saved;
    }
    let place = frame.place.get() as *mut Value;
    if !place.is_null() {
        return Registers::Stack(place);
    }
    match downcast::<Generator>(frame.generator.get()) {
        Some(generator) => Registers::Generator(generator),
        None => Registers::Gone,
    }
}

/// The registers that a frame object has taken over.
pub fn saved_registers(frame: &Gc<FrameObject>) -> &[Field<Value>] {
    value_tail(frame, frame.length.get().as_int() as usize)
}

/// The registers of a suspended generator.
#[inline]
pub fn generator_registers(generator: &Gc<Generator>) -> &[Field<Value>] {
    let length = generator.length.get().as_int() as usize;
    let first = (generator.address() + size_of::<Generator>()) as *const Field<Value>;
    // SAFETY: a generator's tail has this many words, and registers are values.
    unsafe { std::slice::from_raw_parts(first, length) }
}

/// Whether a frame is on a value stack.
pub fn is_on_stack(frame: Gc<FrameObject>) -> bool {
    frame.place.get() != 0
}

/// A word of the instruction that a frame executes, or executed last.
pub fn offset_of(cx: &Cx, frame: Gc<FrameObject>) -> usize {
    let place = frame.place.get() as *mut Value;
    if place.is_null() {
        if !frame.has_registers.get()
            && let Some(generator) = downcast::<Generator>(frame.generator.get())
        {
            return suspended_offset(generator);
        }
        return frame.offset.get().as_int() as usize;
    }
    if let Some(jump) = cx.tracing.jump.get().filter(|jump| jump.fp == place && frame.thread.get() == this_thread(cx)) {
        return jump.offset;
    }
    if frame.thread.get() == this_thread(cx)
        && let Some(found) = running(cx).find(|running| running.fp == place)
    {
        return found.offset;
    }
    frame.offset.get().as_int() as usize
}

/// A word of the instruction at which a generator waits.
pub fn suspended_offset(generator: Gc<Generator>) -> usize {
    let behind = (generator.resume.get() as usize).wrapping_sub(generator.code.get().entry.get() as usize) / 8;
    behind.saturating_sub(1)
}

/// The source position of a word of a code object.
pub fn position_of(cx: &Cx, code: Gc<Code>, offset: usize) -> Position {
    unit_of(cx, code).position(offset)
}

/// The frame object of the caller, or None.
pub fn back_of(cx: &mut Cx, frame: Gc<FrameObject>) -> Value {
    let place = frame.place.get() as *mut Value;
    if place.is_null() {
        return if frame.back.get() == UNBOUND { NONE } else { frame.back.get() };
    }
    if frame.thread.get() != this_thread(cx) {
        return others::caller_elsewhere(cx, frame);
    }
    match caller_of(place) {
        Some(caller) => object_of(cx, &caller).value(),
        None => NONE,
    }
}

/// A variable of a function's frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// The register that holds it, or its cell.
    pub register: u16,
    /// Whether the register holds a cell.
    pub is_cell: bool,
}

/// The variables of a unit, in the order in which `locals()` shows them.
pub fn variables(unit: &'static CodeUnit) -> impl Iterator<Item = Variable> {
    let plain = unit.varnames.iter().zip(0u16..).map(|(name, register)| Variable {
        name,
        register,
        is_cell: unit.cell_registers.contains(&register),
    });
    let hidden = |register: &u16| usize::from(*register) >= unit.varnames.len();
    let cells = unit.cellvars.iter().zip(&unit.cell_registers).filter(move |(_, register)| hidden(register));
    let free = unit.freevars.iter().zip(&unit.free_registers);
    let shared = cells.chain(free).map(|(name, register)| Variable { name, register: *register, is_cell: true });
    plain.chain(shared).filter(|variable| !variable.name.starts_with('.') || variable.name == ".0")
}

/// The registers of variables that hold something at a place of a code object; others hold temporaries, or leftovers of other
/// frames.
pub fn visible(code: Gc<Code>, offset: usize) -> Option<LiveRegisters<'static>> {
    let unit = lazy_unit_of(code);
    if unit.nlocals == 0 && unit.cellvars.is_empty() && unit.freevars.is_empty() {
        // The code of a module, which start-up leaves often, has no variables in registers.
        return None;
    }
    unit.assigned().around(offset)
}

/// What a register means as a variable: what a cell holds, where it holds one.
fn content(variable: Variable, value: Value) -> Value {
    // A parameter is moved into its cell by the first instructions.
    if variable.is_cell { downcast::<Cell>(value).map_or(value, |cell| cell.value.get()) } else { value }
}

/// The value of a variable in a frame, or UNBOUND.
pub fn variable_value(cx: &Cx, frame: Gc<FrameObject>, variable: Variable) -> Value {
    let register = usize::from(variable.register);
    let value = match registers_of(frame) {
        Registers::Saved => saved_registers(&frame).get(register).map_or(UNBOUND, |field| field.get()),
        Registers::Gone => UNBOUND,
        Registers::Stack(fp) => match visible(frame.code.get(), offset_of(cx, frame)) {
            // SAFETY: a register of the code that the frame runs, which has been written.
            Some(set) if set.contains(variable.register) => unsafe { *fp.add(register) },
            _ => UNBOUND,
        },
        Registers::Generator(generator) => match visible(frame.code.get(), suspended_offset(generator)) {
            Some(set) if set.contains(variable.register) => {
                generator_registers(&generator).get(register).map_or(UNBOUND, |field| field.get())
            }
            _ => UNBOUND,
        },
    };
    content(variable, value)
}

/// Sets a variable of a frame. False where the frame has no place for it any more, or not yet.
pub fn set_variable(cx: &mut Cx, frame: Gc<FrameObject>, variable: Variable, value: Value) -> bool {
    let register = usize::from(variable.register);
    if variable.is_cell {
        let held = match registers_of(frame) {
            Registers::Saved => saved_registers(&frame).get(register).map(|field| field.get()),
            // SAFETY: a register of the code that the frame runs; what it holds is only compared with cells.
            Registers::Stack(fp) => visible(frame.code.get(), offset_of(cx, frame))
                .filter(|set| set.contains(variable.register))
                .map(|_| unsafe { *fp.add(register) }),
            Registers::Generator(generator) => generator_registers(&generator).get(register).map(|field| field.get()),
            Registers::Gone => None,
        };
        let Some(cell) = held.and_then(downcast::<Cell>) else { return false };
        cell.value.set(cx.mutator(), cell, value);
        return true;
    }
    match registers_of(frame) {
        Registers::Saved => saved_registers(&frame)[register].set(cx.mutator(), frame, value),
        Registers::Stack(fp) => {
            let offset = offset_of(cx, frame);
            if !visible(frame.code.get(), offset).is_some_and(|set| set.contains(variable.register)) {
                return false;
            }
            // SAFETY: a register of the code that the frame runs.
            unsafe { *fp.add(register) = value }
        }
        Registers::Generator(generator) => {
            let Some(field) = generator_registers(&generator).get(register) else { return false };
            field.init(value);
            // One barrier for the registers, which are scanned conservatively.
            generator.function.set(cx.mutator(), generator, generator.function.get());
        }
        Registers::Gone => return false,
    }
    true
}

/// The registers of variables of a frame on this thread's stack that hold neither a value nor a cell.
pub fn unset_registers(cx: &Cx, frame: Gc<FrameObject>) -> Vec<u16> {
    let code = frame.code.get();
    let visible = visible(code, offset_of(cx, frame));
    let is_set = |register: u16| {
        // SAFETY: the frame is on the stack; what has not been written is not looked at.
        let held = || unsafe { *(frame.place.get() as *mut Value).add(register.into()) };
        visible.is_some_and(|set| set.contains(register)) && held() != UNBOUND
    };
    let registers = variables(unit_of(cx, code)).map(|variable| variable.register);
    registers.filter(|register| !is_set(*register)).collect()
}

/// Whether a unit's variables live in registers.
pub fn has_registers(unit: &CodeUnit) -> bool {
    unit.flags & flags::OPTIMIZED != 0
}

/// The namespace of code of a module or class: that it was started with, else the global one.
pub fn namespace_of(function: Gc<Function>) -> Value {
    match function.annotate.get() {
        NONE => function.globals.get().value(),
        namespace => namespace,
    }
}

/// Whether a variable of a class body's code is a cell for its methods, and so none of the body's own.
fn is_class_cell(variable: Variable) -> bool {
    variable.is_cell
}

/// Whether the code of a module or class is in a comprehension that has bound variables of its own.
pub fn has_hidden_variables(cx: &Cx, frame: Gc<FrameObject>) -> bool {
    let unit = unit_of(cx, frame.code.get());
    !has_registers(unit)
        && variables(unit).any(|variable| !is_class_cell(variable) && variable_value(cx, frame, variable) != UNBOUND)
}

/// `locals()` of a frame on the stack: a module's namespace, a class's, or a new dict of a function's variables.
pub fn locals_of(cx: &mut Cx, frame: &Running) -> crate::PyResult {
    let unit = unit_of(cx, frame.code);
    let visible = visible(frame.code, frame.offset);
    if !has_registers(unit) && visible.is_none() {
        return Ok(namespace_of(frame.function));
    }
    let locals = cx.dict();
    let mut any = false;
    for variable in variables(unit) {
        if !visible.is_some_and(|set| set.contains(variable.register)) {
            continue;
        }
        // SAFETY: a register of the code that the frame runs, and it has been written.
        let value = content(variable, unsafe { *frame.fp.add(variable.register.into()) });
        let name = cx.intern(variable.name);
        // A comprehension's variable hides a shared one of the same name.
        if value != UNBOUND && Dict::get_str(cx, locals, name).is_none() {
            Dict::set_str(cx, locals, name, value)?;
            any |= !is_class_cell(variable);
        }
    }
    if !has_registers(unit) && !any {
        return Ok(namespace_of(frame.function));
    }
    // What has been added by way of the frame's object.
    if is_observed(frame.fp)
        || downcast::<Generator>(frame.owner).is_some_and(|generator| generator.frame.get() != NONE)
    {
        let object = object_of(cx, frame);
        if let Some(extra) = downcast::<Dict>(object.extra.get()) {
            crate::types::dict::merge(cx, locals, extra)?;
        }
    }
    Ok(locals.value())
}
