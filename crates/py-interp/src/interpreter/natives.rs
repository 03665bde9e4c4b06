//! Handlers of calls of functions written in Rust: the usual ones straight, all others by the rest of the opcodes.
//!
//! A call's fast path comes here with whatever is no Python function that it can enter. What is usual: functions of modules, bound
//! methods, method descriptors whose first argument is an exact instance of their class, and built-in types. A performer would keep
//! the frame in memory and go through a function of its own, which takes longer than many of the functions called. What is neither
//! is left to `CallOther` and `CallMethodOther`.
//!
//! They stand in for the performers, so no transaction runs. Like all handlers they end in a jump, and no local's address is taken.

use super::Python;
use py_code::Opcode;
use py_object::call::{call_type_in_place, definition};
use py_object::native::NativeCall;
use py_object::objects::{Native, Type};
use py_object::types::{self, as_type, shape_id};
use py_object::{Cx, NONE, UNBOUND, shapes};
use vm_heap::{Gc, ShapeId, Value};
use vm_machine::macro_support::{dispatch, raise};
use vm_machine::{FRAME_HEADER, HandlerTable, Instruction, Thread, perform};

/// Extension words of the two opcodes.
const WORDS: usize = 1;

/// `Call`: functions of modules here, the rest in [`call_rest`].
///
/// # Safety
/// As for a handler.
#[inline(never)]
pub unsafe extern "sysv64" fn call(
    pc: *const u64,
    fp: *mut Value,
    thread: *mut Thread,
    word: u64,
    table: *const HandlerTable,
) -> usize {
    // SAFETY: a handler's arguments; a native's definition is static.
    unsafe {
        let i = Instruction(word);
        let callee = *fp.add(i.b());
        if let Some(native) = with_shape(callee, shapes::BUILTIN)
            && let definition = definition(native)
            && definition.kind.is_plain()
        {
            return enter(pc, fp, thread, word, definition.call, fp.add(i.b() + FRAME_HEADER), i.c());
        }
        call_rest(pc, fp, thread, word, table)
    }
}

/// `CallMethod`: method descriptors here, the rest in [`call_method_rest`].
///
/// # Safety
/// As for a handler.
#[inline(never)]
pub unsafe extern "sysv64" fn call_method(
    pc: *const u64,
    fp: *mut Value,
    thread: *mut Thread,
    word: u64,
    table: *const HandlerTable,
) -> usize {
    // SAFETY: a handler's arguments; the unbound word is no object.
    unsafe {
        let i = Instruction(word);
        let (callee, first) = (*fp.add(i.b()), fp.add(i.b() + FRAME_HEADER));
        if let Some(native) = with_shape(callee, shapes::METHOD_DESCRIPTOR)
            && is_exact_receiver(*first, native)
        {
            return enter(pc, fp, thread, word, definition(native).call, first, i.c() + 1);
        }
        call_method_rest(pc, fp, thread, word, table)
    }
}

#[inline(never)]
unsafe extern "sysv64" fn call_rest(
    pc: *const u64,
    fp: *mut Value,
    thread: *mut Thread,
    word: u64,
    table: *const HandlerTable,
) -> usize {
    // SAFETY: a handler's arguments.
    unsafe {
        let i = Instruction(word);
        let (callee, first) = (*fp.add(i.b()), fp.add(i.b() + FRAME_HEADER));
        if let Some(native) = with_shape(callee, shapes::METHOD_DESCRIPTOR)
            && i.c() != 0
            && is_exact_receiver(*first, native)
        {
            return enter(pc, fp, thread, word, definition(native).call, first, i.c());
        }
        if let Some(native) = with_shape(callee, shapes::BUILTIN).or_else(|| with_shape(callee, shapes::METHOD_WRAPPER))
            && let Some(receiver) = bound_to(native)
        {
            *first.sub(1) = receiver;
            return enter(pc, fp, thread, word, definition(native).call, first.sub(1), i.c() + 1);
        }
        if is_made_directly(callee, i.c()) {
            *first.sub(1) = callee;
            return enter(pc, fp, thread, word, MAKE, first.sub(1), i.c() + 1);
        }
        ((*table).0[Opcode::CallOther as usize])(pc, fp, thread, word, table)
    }
}

#[inline(never)]
unsafe extern "sysv64" fn call_method_rest(
    pc: *const u64,
    fp: *mut Value,
    thread: *mut Thread,
    word: u64,
    table: *const HandlerTable,
) -> usize {
    // SAFETY: a handler's arguments.
    unsafe {
        let i = Instruction(word);
        let (callee, first) = (*fp.add(i.b()), fp.add(i.b() + FRAME_HEADER));
        if let Some(native) = with_shape(callee, shapes::BUILTIN)
            && *first == UNBOUND
        {
            if definition(native).kind.is_plain() {
                return enter(pc, fp, thread, word, definition(native).call, first.add(1), i.c());
            }
            if let Some(receiver) = bound_to(native) {
                *first = receiver;
                return enter(pc, fp, thread, word, definition(native).call, first, i.c() + 1);
            }
        }
        if *first == UNBOUND && is_made_directly(callee, i.c()) {
            *first = callee;
            return enter(pc, fp, thread, word, MAKE, first, i.c() + 1);
        }
        ((*table).0[Opcode::CallMethodOther as usize])(pc, fp, thread, word, table)
    }
}

/// The native that a callee of a certain shape is.
///
/// # Safety
/// The shape must be one of natives.
#[inline(always)]
unsafe fn with_shape(callee: Value, shape: ShapeId) -> Option<Gc<Native>> {
    // SAFETY: objects of natives' shapes are natives.
    (callee.is_object() && shape_id(callee) == shape).then(|| unsafe { Gc::from_address(callee.address()) })
}

/// Whether a value is an exact instance of the class that a method descriptor belongs to.
///
/// # Safety
/// `native` must be a method descriptor.
#[inline(always)]
unsafe fn is_exact_receiver(value: Value, native: Gc<Native>) -> bool {
    // SAFETY: the receiver of a method descriptor is its class.
    let owner: Gc<Type> = unsafe { Gc::from_address(native.receiver.get().address()) };
    value.is_object() && shape_id(value).0 as u64 == owner.instance_shape.get()
}

/// The receiver that a built-in function puts before its arguments.
#[inline(always)]
fn bound_to(native: Gc<Native>) -> Option<Value> {
    let receiver = native.receiver.get();
    (definition(native).kind.takes_receiver() && receiver != NONE).then_some(receiver)
}

/// Whether a callee is a built-in type that the runtime makes an instance of. `type(x)` has a shorter way.
#[inline(always)]
fn is_made_directly(callee: Value, count: usize) -> bool {
    let Some(class) = as_type(callee) else { return false };
    class.flags.get() & types::HEAP_TYPE == 0 && (count != 1 || class.instance_shape.get() != shapes::TYPE.0 as u64)
}

/// Calls the type in front of its arguments.
const MAKE: NativeCall = |cx, class_and_arguments, _| call_type_in_place(cx, class_and_arguments);

/// Calls a native that needs no check with `count` arguments from `first` on.
///
/// # Safety
/// As for a handler; the arguments must lie in registers.
#[inline(always)]
unsafe fn enter(
    pc: *const u64,
    fp: *mut Value,
    thread: *mut Thread,
    word: u64,
    function: NativeCall,
    first: *mut Value,
    count: usize,
) -> usize {
    // SAFETY: a handler's arguments; the thread is the first field of its context, which only this call uses.
    unsafe {
        (*thread).save(pc, fp);
        let destination = fp.add(Instruction(word).a());
        let arguments = std::slice::from_raw_parts(first, count);
        match function(Cx::from_thread(thread), arguments, None) {
            Ok(result) => *destination = result,
            // Neither of the two looks at the word or the table.
            Err(_) => return raise::<Python>(pc, fp, thread, 0, std::ptr::null()),
        }
        if (*thread).mutator.should_poll() {
            return poll(pc, fp, thread, 0, std::ptr::null());
        }
        dispatch(pc.add(WORDS), fp, thread, (*thread).table.get())
    }
}

/// What a signal asks for that came during a call is done right after it, as of the call.
///
/// # Safety
/// As for a handler.
#[cold]
#[inline(never)]
unsafe extern "sysv64" fn poll(
    pc: *const u64,
    fp: *mut Value,
    thread: *mut Thread,
    word: u64,
    _table: *const HandlerTable,
) -> usize {
    // SAFETY: a handler's arguments.
    unsafe {
        perform::<Python, WORDS>(pc, fp, thread, word, |thread, _, _, _| crate::poll::poll(Cx::from_thread(thread)))
    }
}
