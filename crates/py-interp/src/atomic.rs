//! Atomic blocks: `with atomic:` as a transaction.
//!
//! The block is entered and left by the interpreter itself, because both move the frame: leaving may find that the block must
//! run again. On entry the registers of the frame are saved; frames above it belong to the block and frames below it cannot run
//! before it ends, so they are all that a new attempt needs.
//!
//! An exception that leaves the block commits it. What touches mutable objects other than through the meanings' loads and
//! stores makes the block inevitable (`py_object::inevitable`).

use crate::generator;
use crate::interpreter::set_mode;
use crate::slow::{self, name_at};
use py_code::Opcode;
use py_object::attribute::{self, Found};
use py_object::bootstrap::new_module;
use py_object::objects::*;
use py_object::sequence::{new_iterator, tuple_items};
use py_object::shape::{Place, ShapeKind, shape};
use py_object::types::is_exactly;
use py_object::{
    Assumption, BlockStart, Cx, FALSE, Kind, NONE, PyResult, UNBOUND, allocate, downcast, inevitable, logged, shapes,
    try_allocate_tail, types,
};
use std::mem::offset_of;
use std::sync::atomic::Ordering;
use vm_heap::{Gc, Value};
use vm_machine::{FRAME_HEADER, Frame, Instruction, SlowFlow, frame_size};

/// The module `transaction`.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = new_module(cx, "transaction");
    let atomic = allocate::<Record>(cx.mutator(), shapes::ATOMIC);
    for field in [&atomic.first, &atomic.second, &atomic.third, &atomic.fourth] {
        field.init(NONE);
    }
    let name = cx.intern("atomic");
    Dict::set_str(cx, module.dict.get(), name, atomic.value())?;
    Ok(module)
}

/// What the calls that `with atomic:` compiles to do: the first argument says whether the block is entered (0) or left
/// (1). `start` is the address of the call, `frame` the place behind it.
pub fn enter_or_leave(
    cx: &mut Cx,
    frame: &mut Frame,
    start: *const u64,
    arguments: &[Value],
    result: usize,
) -> PyResult<()> {
    match arguments.first() {
        Some(&which) if which == Value::int(0) => {
            begin(cx, frame, start)?;
            frame.set(result, NONE);
        }
        Some(&which) if which == Value::int(1) => {
            if leave(cx, frame) {
                frame.set(result, FALSE);
            }
        }
        _ => return Err(cx.type_error("'transaction.Atomic' object is not callable")),
    }
    Ok(())
}

fn begin(cx: &mut Cx, frame: &Frame, start: *const u64) -> PyResult<()> {
    if !cx.thread.transaction.is_active() {
        prepare_process(cx);
        let size = frame_size(frame.fp);
        let Some(copy) = try_allocate_tail::<Bytecode>(cx.mutator(), shapes::RAW, size) else {
            return Err(cx.raise(Kind::MEMORY_ERROR, ""));
        };
        copy.code.init(NONE);
        for register in 0..size {
            // SAFETY: the copy has as many words as the frame has registers, and is not shared yet.
            unsafe { *((copy.address() + size_of::<Bytecode>()) as *mut Value).add(register) = frame.get(register) };
        }
        cx.block.set(BlockStart { pc: start, fp: frame.fp, registers: copy.value(), handled: cx.handled.get() });
    }
    let Cx { thread, .. } = cx;
    let mutator = &thread.mutator;
    thread.transaction.begin(|wait| mutator.native(wait));
    cx.block_frames.push(frame.fp);
    generator::note_block(frame.fp, true);
    if cx.thread.transaction.is_unlucky() {
        inevitable::become_inevitable(cx)?;
    }
    set_mode(cx);
    Ok(())
}

/// Before the first transaction: every thread must go over to handlers that know of transactions, and no compiled
/// trace may run on, since traces have no transaction barriers so far.
fn prepare_process(cx: &mut Cx) {
    if vm_stm::are_transactions() {
        return;
    }
    vm_stm::set_transactions();
    cx.runtime.hot.store(i32::MAX, Ordering::SeqCst);
    if let Some(invalidate) = cx.runtime.invalidate.get() {
        invalidate(cx, Assumption::Classes);
    }
    cx.runtime.for_each_thread(&mut |other| {
        other.mutator().poll.fetch_or(vm_heap::POLL_USER, Ordering::AcqRel);
    });
    cx.mutator().handshake();
    cx.thread.hot.set(i32::MAX);
    set_mode(cx);
}

/// Leaves a block; false where it must run again, with `frame` at its start.
fn leave(cx: &mut Cx, frame: &mut Frame) -> bool {
    let committed = inevitable::leave_block(cx);
    cx.block_frames.pop();
    generator::note_block(frame.fp, cx.block_frames.contains(&frame.fp));
    set_mode(cx);
    match committed {
        Some(false) => {
            go_back(cx, frame);
            false
        }
        Some(true) => {
            forget(cx);
            true
        }
        None => true,
    }
}

fn forget(cx: &Cx) {
    let outside = BlockStart { pc: std::ptr::null(), fp: std::ptr::null_mut(), registers: NONE, handled: NONE };
    cx.block.set(outside);
}

/// Restores what was saved at the start of the block and moves `frame` there.
fn go_back(cx: &mut Cx, frame: &mut Frame) {
    let block = cx.block.get();
    cx.block_frames.clear();
    cx.handled.set(block.handled);
    cx.take_raised();
    *frame = Frame { pc: block.pc, fp: block.fp };
    let words = block.registers.address() + size_of::<Bytecode>();
    for register in 0..frame_size(frame.fp) {
        // SAFETY: the copy has as many words as the frame has registers.
        frame.set(register, unsafe { *(words as *const Value).add(register) });
    }
    cx.thread.save(frame.pc.wrapping_add(1), frame.fp);
}

/// Takes a doomed transaction back to its start (see `Language::restart`).
pub fn restart(cx: &mut Cx, frame: &mut Frame) -> bool {
    let start = cx.block.get().fp;
    let mut fp = frame.fp;
    while fp != start {
        if vm_machine::return_address(fp) == vm_machine::halt_address() {
            py_object::frames::lost(cx, fp);
            // The runtime called what runs here, and passes the exception on.
            inevitable::failed(cx);
            frame.fp = vm_machine::caller_frame(fp);
            return false;
        }
        if let Some(generator) = downcast::<Generator>(vm_machine::frame_function(fp)) {
            generator::finish(cx, generator);
        }
        py_object::frames::lost(cx, fp);
        fp = vm_machine::caller_frame(fp);
    }
    cx.thread.transaction.abort();
    set_mode(cx);
    go_back(cx, frame);
    true
}

/// A table that holds true for these opcodes.
const fn set_of(opcodes: &[Opcode]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut at = 0;
    while at < opcodes.len() {
        table[opcodes[at] as usize] = true;
        at += 1;
    }
    table
}

/// Opcodes whose fast paths look into containers.
pub const OF_CONTAINERS: [bool; 256] = {
    use Opcode::*;
    set_of(&[
        Call,
        CallMethod,
        CallOther,
        CallMethodOther,
        Not,
        In,
        NotIn,
        JumpIfTrue,
        JumpIfFalse,
        JumpIfIn,
        JumpIfNotIn,
        ForIter,
        ForIterOther,
        BuildList,
        BuildSet,
        BuildDict,
        ListAppend,
        SetAdd,
        DictInsert,
        ListExtend,
        FormatValue,
        LoadItem,
        LoadItemOther,
        StoreItem,
        DeleteItem,
        UnpackSequence,
    ])
};

/// Slow paths inside a block: `None` where the ordinary one may run, because it touches no mutable object but by natives that are
/// asked for what they touch (`py_object::logged`), or because the block is inevitable.
pub fn slow_inside(cx: &mut Cx, frame: &mut Frame, opcode: Opcode, i: Instruction) -> Option<SlowFlow> {
    use Opcode::*;
    match opcode {
        LoadAttr | LoadAttrOther | LoadMethod | LoadMethodOther => load_attribute(cx, frame, opcode, i),
        StoreAttr | StoreAttrOther => store_attribute(cx, frame, opcode, i),
        LoadGlobal => {
            let name = name_at(frame, i.bc() as usize);
            let Ok((_, Some(cell))) = slow::find_global(cx, frame, name) else { return Some(SlowFlow::Raise) };
            let mut value = read(cx, cell.value(), offset_of!(GlobalCell, value));
            if value == UNBOUND
                && let Some(builtin) = cell.builtin.get()
            {
                value = read(cx, builtin.value(), offset_of!(GlobalCell, value));
            }
            frame.set(i.a(), value);
            done(frame, opcode)
        }
        ForIter | ForIterOther => step(cx, frame, opcode, i),
        UnpackSequence if !is_exactly(frame.get(i.b()), Kind::TUPLE) => run_directly(cx),
        FormatValue if !is_scalar(frame.get(i.b())) => run_directly(cx),
        GetIter => get_iterator(cx, frame, i),
        _ if OF_CONTAINERS[opcode as usize] || OF_THE_FRAME[opcode as usize] => None,
        _ => run_directly(cx),
    }
}

/// Opcodes whose slow paths touch nothing but the frame, new objects, and what they ask for by natives.
static OF_THE_FRAME: [bool; 256] = {
    use Opcode::*;
    set_of(&[
        Add,
        Sub,
        Mul,
        TrueDiv,
        FloorDiv,
        Mod,
        Pow,
        MatMul,
        LShift,
        RShift,
        And,
        Or,
        Xor,
        AddInt,
        SubInt,
        Neg,
        Pos,
        Invert,
        Lt,
        Le,
        Eq,
        Ne,
        Gt,
        Ge,
        JumpIfLt,
        JumpIfNotLt,
        JumpIfLe,
        JumpIfNotLe,
        JumpIfEq,
        JumpIfNotEq,
        JumpIfNe,
        JumpIfNotNe,
        JumpIfGt,
        JumpIfNotGt,
        JumpIfGe,
        JumpIfNotGe,
        JumpIfLtInt,
        JumpIfNotLtInt,
        JumpIfLeInt,
        JumpIfNotLeInt,
        JumpIfEqInt,
        JumpIfNotEqInt,
        JumpIfNeInt,
        JumpIfNotNeInt,
        JumpIfGtInt,
        JumpIfNotGtInt,
        JumpIfGeInt,
        JumpIfNotGeInt,
        JumpIfMatch,
        JumpIfNoMatch,
        CheckBound,
        DeleteLocal,
        MakeCell,
        NewCell,
        LoadFree,
        LoadCell,
        LoadSpecial,
        CallFunction,
        CallMethodFunction,
        CallKw,
        CallMethodKw,
        BuildTuple,
        BuildSlice,
        BuildString,
        Return,
        ReturnNone,
        ConstructorReturn,
        MakerReturn,
        MakeFunction,
        LoadBody,
        LoopHeader,
        Raise,
        Reraise,
        EnterHandler,
        LeaveHandler,
        MatchException,
        ExceptionTriple,
        LoadAssertionError,
        LoadNotImplementedError,
    ])
};

/// Whether formatting a value looks at nothing mutable.
fn is_scalar(value: Value) -> bool {
    !value.is_object() || [Kind::STR, Kind::INT, Kind::FLOAT, Kind::BOOL].iter().any(|kind| is_exactly(value, *kind))
}

fn load_attribute(cx: &mut Cx, frame: &mut Frame, opcode: Opcode, i: Instruction) -> Option<SlowFlow> {
    let object = frame.get(i.b());
    let name = name_at(frame, i.c());
    let value = match attribute::locate(cx, object, name) {
        Some(Found::Slot(place)) => read_place(cx, object, place),
        Some(Found::Cell(cell)) => read(cx, cell.value(), offset_of!(GlobalCell, value)),
        Some(_) if !keeps_dictionary(object) => return None,
        _ => return run_directly(cx),
    };
    frame.set(i.a(), value);
    if matches!(opcode, Opcode::LoadMethod | Opcode::LoadMethodOther) {
        frame.set(i.a() + FRAME_HEADER, UNBOUND);
    }
    done(frame, opcode)
}

/// Whether the attributes of an object are in a dict, which is not logged.
fn keeps_dictionary(object: Value) -> bool {
    object.is_object() && shape(types::shape_id(object)).kind == ShapeKind::Dictionary
}

fn store_attribute(cx: &mut Cx, frame: &mut Frame, opcode: Opcode, i: Instruction) -> Option<SlowFlow> {
    let object = frame.get(i.a());
    let name = name_at(frame, i.c());
    let Some(name) = attribute::plain_store_name(cx, object, name) else { return run_directly(cx) };
    let current = shape(types::shape_id(object));
    if current.kind != ShapeKind::Slots {
        return run_directly(cx);
    }
    if let Some(slot) = current.slot(name) {
        write_place(cx, object, current.place(slot), frame.get(i.b()));
        return done(frame, opcode);
    }
    // Nobody sees that an object of this attempt gets one more attribute.
    match current.place(current.names.len()) {
        Place::Inline(_) if cx.thread.transaction.has_created(object) => None,
        _ => run_directly(cx),
    }
}

/// `iter(b)`, which only says where to begin in a list.
fn get_iterator(cx: &mut Cx, frame: &mut Frame, i: Instruction) -> Option<SlowFlow> {
    let source = frame.get(i.b());
    if is_exactly(source, Kind::LIST) {
        let iterator = new_iterator(cx, shapes::LIST_ITERATOR, source, Value::int(0), NONE, NONE);
        frame.set(i.a(), iterator);
        return done(frame, Opcode::GetIter);
    }
    if is_exactly(source, Kind::TUPLE) || is_exactly(source, Kind::RANGE) { None } else { run_directly(cx) }
}

/// A turn of a loop over a list, a tuple or numbers.
fn step(cx: &mut Cx, frame: &mut Frame, opcode: Opcode, i: Instruction) -> Option<SlowFlow> {
    let value = frame.get(i.b());
    let Some(iterator) = downcast::<Iterator>(value) else { return run_directly(cx) };
    let (source, position) = (offset_of!(Iterator, source), offset_of!(Iterator, position));
    let at = read(cx, value, position);
    let item = match types::shape_id(value) {
        shapes::RANGE_ITERATOR => {
            let extra = offset_of!(Iterator, extra);
            let (left, by) = (read(cx, value, extra), iterator.step.get());
            if ![left, at, by].iter().all(|number| number.is_int()) {
                return run_directly(cx);
            }
            let Some(next) = at.as_int().checked_add(by.as_int()).and_then(Value::small_int) else {
                return run_directly(cx);
            };
            if left.as_int() > 0 {
                write(cx, value, extra, Value::int(left.as_int() - 1));
                write(cx, value, position, next);
                Some(at)
            } else {
                None
            }
        }
        shape => {
            let held = read(cx, value, source);
            let index = at.as_int() as usize;
            let item = if shape == shapes::LIST_ITERATOR
                && let Some(list) = downcast::<List>(held)
            {
                let Ok(item) = logged::list_item(cx, list, index) else { return Some(SlowFlow::Raise) };
                item
            } else if shape == shapes::TUPLE_ITERATOR
                && let Some(tuple) = downcast::<Tuple>(held)
            {
                tuple_items(&tuple).get(index).copied()
            } else {
                return run_directly(cx);
            };
            match item {
                Some(_) => write(cx, value, position, Value::int(at.as_int() + 1)),
                None => write(cx, value, source, NONE),
            }
            item
        }
    };
    let behind = slow::extension(frame.pc, 0);
    frame.jump(opcode.size() as i64);
    match item {
        Some(item) => frame.set(i.a(), item),
        None => frame.jump(behind as i64),
    }
    Some(SlowFlow::Next)
}

fn done(frame: &mut Frame, opcode: Opcode) -> Option<SlowFlow> {
    frame.jump(opcode.size() as i64);
    Some(SlowFlow::Next)
}

fn read(cx: &mut Cx, object: Value, offset: usize) -> Value {
    Value::from_bits(cx.thread.transaction.read(object, offset))
}

/// Notes a write of a word that holds a reference or an int.
fn write(cx: &mut Cx, object: Value, offset: usize, value: Value) {
    cx.thread.transaction.write(object, offset, value.bits(), true);
}

/// The overflow array of an object, as the transaction sees it.
fn overflow(cx: &mut Cx, object: Value) -> Value {
    Value::object(read(cx, object, ATTRIBUTES_OFFSET).bits() as usize)
}

fn read_place(cx: &mut Cx, object: Value, place: Place) -> Value {
    match place {
        Place::Inline(offset) => read(cx, object, offset),
        Place::Overflow(index) => {
            let array = overflow(cx, object);
            read(cx, array, size_of::<Array>() + 8 * index)
        }
    }
}

fn write_place(cx: &mut Cx, object: Value, place: Place, value: Value) {
    let (object, offset) = match place {
        Place::Inline(offset) => (object, offset),
        Place::Overflow(index) => (overflow(cx, object), size_of::<Array>() + 8 * index),
    };
    write(cx, object, offset, value);
}

/// Lets the ordinary slow path run, with what it does not logged.
fn run_directly(cx: &mut Cx) -> Option<SlowFlow> {
    inevitable::become_inevitable(cx).is_err().then_some(SlowFlow::Raise)
}
