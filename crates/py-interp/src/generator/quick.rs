//! The usual ways into and out of a generator's frame, straight.
//!
//! They do what `push`, `suspend` and `finish` do where nothing special is the case: nobody has asked for the frame object, no other
//! thread can be after the generator, closing it shows nothing. All conditions are tested before the first effect; where one does
//! not hold, the general way follows. Nothing here allocates or raises.

use super::{FINISHED, GUARDED, IN_BLOCK, ITEM, RUNNING, SUSPENDED};
use py_code::{CodeUnit, Opcode};
use py_object::frames::generator_registers as registers;
use py_object::objects::Generator;
use py_object::types::shape_id;
use py_object::{Cx, NONE, UNBOUND, shapes};
use std::sync::atomic::Ordering;
use vm_heap::{Gc, Value};
use vm_machine::{
    FRAME_HEADER, Frame, Instruction, caller_frame, destination, frame_function, frame_size, return_address,
};

/// In `sent_register`: not started yet.
const FRESH: Value = Value::int(-1);

/// A value known to be a generator by its shape.
///
/// # Safety
/// The value must be an object of one of the three shapes of generators.
#[inline(always)]
unsafe fn generator_at(value: Value) -> Gc<Generator> {
    // SAFETY: objects of these shapes have this layout.
    unsafe { Gc::from_address(value.address()) }
}

/// In the words of instructions behind which generators wait: where the number of pairs of registers that they keep lies.
const KEPT_SHIFT: u32 = 9;
/// The largest number of pairs that has room there; it stands for more than that.
const MOST_PAIRS: u64 = 127;

/// Notes in the instructions behind which a generator may wait how many registers it must keep there: those that are live when it
/// goes on, or when an exception is thrown into it. Returns the largest number, which is even.
///
/// A named local that receives what is sent is kept nevertheless: it shows who looks at the suspended frame.
pub fn note_kept(unit: &CodeUnit, words: &mut [u64]) -> usize {
    let live = py_code::liveness(unit);
    let named = unit.nlocals as usize;
    let mut most = 0;
    for (offset, instruction) in unit.instructions() {
        let count = match instruction.opcode() {
            Opcode::MakeGenerator => unit.parameters(),
            Opcode::Yield => {
                let word = Instruction(unit.code[offset]);
                let handler = unit.handler(offset);
                let behind = live.before(offset + 1).into_iter().flat_map(|set| set.iter());
                let behind = behind.filter(|register| {
                    let register = usize::from(*register);
                    register != word.a() || register < named
                });
                let inside =
                    handler.and_then(|range| live.before(range.target as usize).map(|set| (set, range.register)));
                let inside =
                    inside.into_iter().flat_map(|(set, except)| set.iter().filter(move |register| *register != except));
                let delegate = (word.x() & 1 != 0).then_some(word.c() as u16);
                behind.chain(inside).chain(delegate).max().map_or(0, |last| usize::from(last) + 1)
            }
            _ => continue,
        };
        words[offset] |= (count.div_ceil(2) as u64).min(MOST_PAIRS) << KEPT_SHIFT;
        most = most.max(count.next_multiple_of(2));
    }
    most
}

/// How many pairs of registers are kept behind an instruction.
#[inline(always)]
fn kept_pairs(word: u64) -> u64 {
    word >> KEPT_SHIFT & MOST_PAIRS
}

/// Whether a generator can be entered without further ado.
#[inline(always)]
pub(super) fn is_ready(cx: &Cx, generator: Gc<Generator>, sent: Value) -> bool {
    generator.state.get() == SUSPENDED
        && generator.frame.get() == NONE
        && !vm_stm::is_concurrent()
        && !generator.header().must_remember()
        && (sent == NONE || generator.sent_register.get() != FRESH)
        && kept_pairs(word_before(generator)) != MOST_PAIRS
        && cx.nesting.get() < cx.runtime.recursion_limit.load(Ordering::Relaxed) as u64
}

/// The instruction behind which a generator waits.
#[inline(always)]
fn word_before(generator: Gc<Generator>) -> u64 {
    // SAFETY: a suspended generator goes on behind an instruction of its code.
    unsafe { *(generator.resume.get() as *const u64).sub(1) }
}

/// Makes a ready generator the running one.
#[inline(always)]
pub(super) fn switch_to(cx: &Cx, generator: Gc<Generator>) {
    generator.state.init(RUNNING);
    generator.outer.init(cx.generator.replace(generator.value()));
    generator.handled.init(cx.handled.replace(generator.handled.get()));
    cx.nesting.set(cx.nesting.get() + 1);
}

/// Makes the generator around the running one, if any, the running one.
#[inline(always)]
fn switch_back(cx: &Cx, generator: Gc<Generator>) {
    generator.handled.init(cx.handled.replace(generator.handled.get()));
    cx.generator.set(generator.outer.get());
    cx.nesting.set(cx.nesting.get() - 1);
    generator.outer.init(NONE);
}

/// Copies the registers that a ready generator has kept to a frame, gives it what is sent, and says where it goes on.
///
/// # Safety
/// The stack above `fp` must be free and have room for them.
#[inline(always)]
pub(super) unsafe fn lay_registers(generator: Gc<Generator>, fp: *mut Value, sent: Value) -> *const u64 {
    let pairs = kept_pairs(word_before(generator)) as usize;
    // SAFETY: the pointers stay inside the tail, whose length is even, and inside the room that the caller promises.
    unsafe {
        let (mut from, mut to) = (registers(&generator).as_ptr(), fp);
        let end = from.add(2 * pairs);
        while from != end {
            let (first, second) = ((*from).get(), (*from.add(1)).get());
            *to = first;
            *to.add(1) = second;
            (from, to) = (from.add(2), to.add(2));
            keep_rolled();
        }
        let register = generator.sent_register.get();
        if register != FRESH {
            *fp.add(register.as_int() as usize) = sent;
        }
    }
    generator.resume.get() as *const u64
}

/// Copies the first registers of a frame to its generator.
///
/// # Safety
/// The frame must be that of the generator, and have as many.
#[inline(always)]
unsafe fn keep_registers(generator: Gc<Generator>, fp: *mut Value, pairs: u64) {
    // SAFETY: the frame has as many registers as the tail has words.
    unsafe {
        let (mut from, mut to) = (fp, registers(&generator).as_ptr());
        let end = from.add(2 * pairs as usize);
        while from != end {
            let (first, second) = (*from, *from.add(1));
            (*to).init(first);
            (*to.add(1)).init(second);
            (from, to) = (from.add(2), to.add(2));
            keep_rolled();
        }
    }
}

/// In a loop: has the compiler leave it as it is. Most loops here turn once or twice, and what unrolled ones do first costs more.
#[inline(always)]
fn keep_rolled() {
    // SAFETY: there is no instruction.
    unsafe { std::arch::asm!("", options(nomem, nostack, preserves_flags)) }
}

/// Enters the frame of a generator (or of a coroutine, where `awaits`) above the running one: `back` is where that goes on after a
/// yield, `result` its register for what is yielded.
///
/// # Safety
/// `fp` must be the running frame of the context's thread.
#[inline(always)]
pub unsafe fn enter(
    cx: &Cx,
    iterator: Value,
    awaits: bool,
    fp: *mut Value,
    back: *const u64,
    result: usize,
    sent: Value,
) -> Option<Frame> {
    if !iterator.is_object() {
        return None;
    }
    let shape = shape_id(iterator);
    if shape != shapes::GENERATOR && !(awaits && shape == shapes::COROUTINE) {
        return None;
    }
    // SAFETY: the shape is that of a generator.
    let generator = unsafe { generator_at(iterator) };
    let size = super::frame_registers(generator);
    let inner = fp.wrapping_add(frame_size(fp) + FRAME_HEADER);
    if inner.wrapping_add(size) > cx.thread.stack_limit.get() {
        return None;
    }
    if !is_ready(cx, generator, sent) {
        return None;
    }
    switch_to(cx, generator);
    // SAFETY: the frame lies above the running one, below the limit just checked.
    unsafe {
        *inner.sub(4) = iterator;
        *inner.sub(3) = Value::from_bits(result as u64 | (size as u64) << 32);
        *inner.sub(2) = Value::from_bits(back as u64);
        *inner.sub(1) = Value::from_bits(fp as u64);
        let pc = lay_registers(generator, inner, sent);
        Some(Frame { pc, fp: inner })
    }
}

/// Executes a `Yield` (`i`, the instruction before `pc`): where the caller goes on.
///
/// # Safety
/// `fp` must be the running frame of the context's thread, and that of a generator.
#[inline(always)]
pub unsafe fn yield_value(cx: &Cx, fp: *mut Value, pc: *const u64, i: Instruction) -> Option<Frame> {
    // SAFETY: the caller's promise.
    let (generator, value) = unsafe { (generator_at(frame_function(fp)), *fp.add(i.b())) };
    let pairs = kept_pairs(i.0);
    if generator.frame.get() != NONE
        || generator.flags.get().as_int() & (GUARDED | ITEM | IN_BLOCK) != 0
        || generator.header().must_remember()
        || pairs == MOST_PAIRS
    {
        return None;
    }
    // SAFETY: the caller's promise.
    unsafe { keep_registers(generator, fp, pairs) };
    generator.resume.init(pc as u64);
    generator.sent_register.init(Value::int(i.a() as i64));
    switch_back(cx, generator);
    // ORDER: whoever sees the generator suspended sees all of it.
    generator.state.init(SUSPENDED);
    let caller = Frame { pc: return_address(fp), fp: caller_frame(fp) };
    caller.set(destination(fp), value);
    Some(caller)
}

/// Ends the generator of the running frame with a result: where the caller goes on. `None` where that is no `for` or `yield from`.
///
/// # Safety
/// `fp` must be the running frame of the context's thread, and that of a generator.
#[inline(always)]
pub unsafe fn return_value(cx: &Cx, fp: *mut Value, value: Value) -> Option<Frame> {
    let running = frame_function(fp);
    // SAFETY: the caller's promise.
    let generator = unsafe { generator_at(running) };
    if generator.frame.get() != NONE
        || shape_id(running) == shapes::ASYNC_GENERATOR
        || generator.header().must_remember()
        || return_address(fp) == vm_machine::halt_address()
    {
        return None;
    }
    switch_back(cx, generator);
    generator.handled.init(NONE);
    generator.state.init(FINISHED);
    registers(&generator).iter().for_each(|field| field.init(UNBOUND));
    Some(crate::slow::behind_generator(fp, value))
}
