//! The interpreter loop: one handler per opcode, each ending in a call of the next.
//!
//! A handler is `extern "sysv64" fn(pc, fp, thread, word, table)`, with `pc` behind the instruction word. Its last act
//! is to call the next instruction's handler, which the compiler turns into a jump (sibling call) at any
//! optimisation level above 0, because all handlers have one signature of register arguments, no local has its address
//! taken, and nothing is dropped at the call. A hot handler makes no other call: what does not fit its fast path
//! goes to [`slow`], again by a jump. With the feature `trampoline` a handler returns instead, and a loop calls the next;
//! that is for builds without sibling calls and for Miri.
//!
//! A mode is a table of handlers; the table pointer sits in a register.

use crate::{Frame, Instruction, RAISED, Raised, Thread};
use vm_heap::Value;
use vm_sync::PreservedRegisters;

/// One opcode's code.
pub type Handler = unsafe extern "sysv64" fn(*const u64, *mut Value, *mut Thread, u64, *const HandlerTable) -> usize;

/// The handlers of one mode by opcode number.
pub struct HandlerTable(pub [Handler; 256]);

/// Opcode number of the instruction that leaves the interpreter.
pub const HALT: u8 = 255;
static HALT_CODE: [u64; 1] = [HALT as u64];

/// Return address of a frame that was entered from the runtime.
pub fn halt_address() -> *const u64 {
    HALT_CODE.as_ptr()
}

/// How a slow path ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SlowFlow {
    /// The instruction is done; the frame says where to go on.
    Next,
    /// An exception was raised by the instruction at the frame's place.
    Raise,
    /// An exception has left the frame that was entered from the runtime, which is popped.
    Uncaught,
}

/// What a language adds to the loop.
pub trait Language: 'static {
    /// By opcode, handlers that execute an instruction whose fast path did not apply while no transaction runs: what
    /// [`Language::slow`] does, without its detours. Made by [`perform`].
    const PERFORMERS: [Option<Handler>; 256] = [None; 256];
    /// By opcode, whether the fast path looks at containers otherwise than by loads and stores of words whose objects have versions of their
    /// own, so that it must not run inside a transaction.
    const OF_CONTAINERS: [bool; 256] = [false; 256];
    /// Executes an instruction whose fast path did not apply. `frame.pc` is the instruction's own address on entry
    /// and the place to go on at on return with `Next`.
    fn slow(thread: &mut Thread, frame: &mut Frame, instruction: Instruction) -> SlowFlow;
    /// Reports that the instruction at a frame's place is about to run; the place may be changed. Only called by
    /// [`traced`] handlers.
    fn report(thread: &mut Thread, frame: &mut Frame, instruction: Instruction) -> Result<(), Raised> {
        let _ = (thread, frame, instruction);
        Ok(())
    }
    /// The handlers of the thread's mode that report nothing.
    fn untraced(thread: &Thread) -> &'static HandlerTable {
        let _ = thread;
        unreachable!("a language without traced handlers has no traced mode")
    }
    /// Takes a doomed transaction back to its start: restores what it saved there and moves `frame` there. False where
    /// that start lies below a frame that was entered from the runtime; then the runtime must unwind to there.
    fn restart(thread: &mut Thread, frame: &mut Frame) -> bool {
        let _ = (thread, frame);
        false
    }
    /// Finds the handler of the exception that the instruction at `frame.pc` raised, popping frames, and moves `frame`
    /// there. Returns false at a frame that was entered from the runtime, which is popped too.
    fn unwind(thread: &mut Thread, frame: &mut Frame) -> bool;
}

const FINISHED: usize = 0;
const UNCAUGHT: usize = 1;

/// Goes on with the instruction at `pc`.
///
/// # Safety
/// `pc` and `fp` must be a place in loaded bytecode and its frame on the thread's value stack.
#[cfg(not(feature = "trampoline"))]
#[inline(always)]
pub unsafe extern "sysv64" fn dispatch(
    pc: *const u64,
    fp: *mut Value,
    thread: *mut Thread,
    table: *const HandlerTable,
) -> usize {
    // SAFETY: the caller's promise; every opcode number has a handler.
    unsafe {
        let word = *pc;
        let handler = (&(*table).0)[word as u8 as usize];
        handler(pc.add(1), fp, thread, word, table)
    }
}

/// Tells the trampoline to go on with the instruction at `pc`.
///
/// # Safety
/// As for the other form.
#[cfg(feature = "trampoline")]
#[inline(always)]
pub unsafe extern "sysv64" fn dispatch(
    pc: *const u64,
    fp: *mut Value,
    thread: *mut Thread,
    _table: *const HandlerTable,
) -> usize {
    // SAFETY: the thread outlives its interpreter.
    unsafe { (*thread).fp.set(fp) };
    pc as usize
}

/// Where to go on, in two registers; no instruction pointer where the exception was not caught.
#[repr(C)]
struct Place {
    pc: *const u64,
    fp: *mut Value,
}

/// Slow path of every opcode.
///
/// The work is done in functions of their own, since a handler with a local whose address is taken can't end in a jump:
/// then every slow instruction would leave a frame on the native stack.
///
/// # Safety
/// As for a handler.
#[cold]
#[inline(never)]
pub unsafe extern "sysv64" fn slow<L: Language>(
    pc: *const u64,
    fp: *mut Value,
    thread: *mut Thread,
    word: u64,
    _table: *const HandlerTable,
) -> usize {
    // SAFETY: a handler's arguments.
    unsafe { go_on(execute_slowly::<L>(pc, fp, thread, word), thread) }
}

/// Goes on at a place. The handlers are the thread's: it may have passed a safepoint at which its mode changed.
///
/// # Safety
/// `place` must be one in loaded bytecode with its frame, or null.
#[inline(always)]
unsafe fn go_on(place: Place, thread: *mut Thread) -> usize {
    if place.pc.is_null() {
        return UNCAUGHT;
    }
    // SAFETY: the caller's promise.
    unsafe { dispatch(place.pc, place.fp, thread, (*thread).table.get()) }
}

/// What a performer (see [`Language::PERFORMERS`]) does: lets `body` execute the instruction, which has `WORDS` extension words. The
/// body gets the frame with `pc` behind the instruction, and its own address, and must leave no transaction doomed. Where it raises,
/// it is this instruction that raises, or if it has popped the frame, the one that the frame's `pc` is left at.
///
/// # Safety
/// As for a handler.
#[inline(always)]
pub unsafe fn perform<L: Language, const WORDS: usize>(
    pc: *const u64,
    fp: *mut Value,
    thread: *mut Thread,
    word: u64,
    body: impl FnOnce(&mut Thread, &mut Frame, *const u64, Instruction) -> Result<(), Raised>,
) -> usize {
    // SAFETY: a handler's arguments.
    unsafe { go_on(perform_apart::<L, WORDS>(pc, fp, thread, word, body), thread) }
}

#[inline(never)]
unsafe fn perform_apart<L: Language, const WORDS: usize>(
    pc: *const u64,
    fp: *mut Value,
    thread: *mut Thread,
    word: u64,
    body: impl FnOnce(&mut Thread, &mut Frame, *const u64, Instruction) -> Result<(), Raised>,
) -> Place {
    // SAFETY: a handler's arguments.
    unsafe {
        (*thread).save(pc, fp);
        let mut frame = Frame { pc: pc.add(WORDS), fp };
        match body(&mut *thread, &mut frame, pc.sub(1), Instruction(word)) {
            Ok(()) => Place { pc: frame.pc, fp: frame.fp },
            Err(Raised) if frame.fp == fp => unwind::<L>(pc, fp, thread),
            Err(Raised) => unwind::<L>(frame.pc.add(1), frame.fp, thread),
        }
    }
}

#[inline(never)]
unsafe extern "sysv64" fn execute_slowly<L: Language>(
    pc: *const u64,
    fp: *mut Value,
    thread: *mut Thread,
    word: u64,
) -> Place {
    // SAFETY: a handler's arguments.
    unsafe {
        (*thread).save(pc, fp);
        let mut frame = Frame { pc: pc.sub(1), fp };
        match L::slow(&mut *thread, &mut frame, Instruction(word)) {
            SlowFlow::Next => {}
            SlowFlow::Raise => return unwind::<L>(frame.pc.add(1), frame.fp, thread),
            SlowFlow::Uncaught => return Place { pc: std::ptr::null(), fp: frame.fp },
        }
        if (*thread).transaction.is_doomed() {
            return unwind::<L>(frame.pc.add(1), frame.fp, thread);
        }
        Place { pc: frame.pc, fp: frame.fp }
    }
}

/// Ends an attempt of a doomed transaction, or unwinds after the instruction before `pc` raised.
///
/// # Safety
/// As for a handler.
#[cold]
#[inline(never)]
pub unsafe extern "sysv64" fn raise<L: Language>(
    pc: *const u64,
    fp: *mut Value,
    thread: *mut Thread,
    _word: u64,
    _table: *const HandlerTable,
) -> usize {
    // SAFETY: a handler's arguments.
    unsafe { go_on(unwind::<L>(pc, fp, thread), thread) }
}

#[inline(never)]
unsafe extern "sysv64" fn unwind<L: Language>(pc: *const u64, fp: *mut Value, thread: *mut Thread) -> Place {
    // SAFETY: a handler's arguments.
    unsafe {
        (*thread).save(pc, fp);
        let mut frame = Frame { pc: pc.sub(1), fp };
        let found = if (*thread).transaction.is_doomed() {
            L::restart(&mut *thread, &mut frame)
        } else {
            L::unwind(&mut *thread, &mut frame)
        };
        Place { pc: if found { frame.pc } else { std::ptr::null() }, fp: frame.fp }
    }
}

/// Handler of every opcode in a mode that reports what runs: reports, then does what the plain handler of the mode does.
///
/// # Safety
/// As for a handler.
#[inline(never)]
pub unsafe extern "sysv64" fn traced<L: Language>(
    pc: *const u64,
    fp: *mut Value,
    thread: *mut Thread,
    word: u64,
    _table: *const HandlerTable,
) -> usize {
    // SAFETY: a handler's arguments.
    unsafe {
        let place = report::<L>(pc, fp, thread, word);
        if place.pc != pc.sub(1) || place.fp != fp {
            return go_on(place, thread);
        }
        let handler = L::untraced(&*thread).0[word as u8 as usize];
        handler(pc, fp, thread, word, (*thread).table.get())
    }
}

#[inline(never)]
unsafe extern "sysv64" fn report<L: Language>(pc: *const u64, fp: *mut Value, thread: *mut Thread, word: u64) -> Place {
    // SAFETY: a handler's arguments.
    unsafe {
        (*thread).save(pc, fp);
        let mut frame = Frame { pc: pc.sub(1), fp };
        match L::report(&mut *thread, &mut frame, Instruction(word)) {
            Ok(()) => Place { pc: frame.pc, fp: frame.fp },
            Err(Raised) => unwind::<L>(frame.pc.add(1), frame.fp, thread),
        }
    }
}

/// Leaves the interpreter: the frame entered from the runtime has returned into its pseudo frame.
///
/// # Safety
/// As for a handler.
pub unsafe extern "sysv64" fn halt(
    _pc: *const u64,
    fp: *mut Value,
    thread: *mut Thread,
    _word: u64,
    _table: *const HandlerTable,
) -> usize {
    // SAFETY: a handler's arguments; register 0 of the pseudo frame holds the result.
    unsafe { (*thread).result.set(*fp) };
    FINISHED
}

/// Handler of numbers without an opcode: bytecode is made by our compiler only, so this is an internal error.
///
/// # Safety
/// As for a handler.
pub unsafe extern "sysv64" fn missing(
    _pc: *const u64,
    _fp: *mut Value,
    _thread: *mut Thread,
    word: u64,
    _table: *const HandlerTable,
) -> usize {
    eprintln!("internal error: no opcode {}", word as u8);
    std::process::abort()
}

/// Runs from a frame until the frame that was entered from the runtime returns or is unwound.
///
/// # Safety
/// `frame` must be a place in loaded bytecode whose outermost frame returns to [`halt_address`], and the thread's table set.
#[inline(never)]
pub unsafe fn run(thread: *mut Thread, frame: Frame) -> Result<Value, Raised> {
    // Handlers may push the callers' registers anywhere below.
    let mut registers = PreservedRegisters::default();
    // SAFETY: the caller's promise.
    unsafe {
        debug_assert!(!(*thread).table.get().is_null());
        let outer = (*thread).loop_frame.replace(registers.spill());
        let status = step(thread, frame);
        (*thread).loop_frame.set(outer);
        std::hint::black_box(&registers);
        if status == FINISHED {
            let result = (*thread).result.get();
            debug_assert!(result != RAISED);
            Ok(result)
        } else {
            Err(Raised)
        }
    }
}

#[cfg(not(feature = "trampoline"))]
unsafe fn step(thread: *mut Thread, frame: Frame) -> usize {
    // SAFETY: `run`'s promise.
    unsafe { dispatch(frame.pc, frame.fp, thread, (*thread).table.get()) }
}

#[cfg(feature = "trampoline")]
unsafe fn step(thread: *mut Thread, frame: Frame) -> usize {
    let mut pc = frame.pc;
    let mut fp = frame.fp;
    // SAFETY: `run`'s promise.
    let mut table = unsafe { (*thread).table.get() };
    loop {
        // SAFETY: `run`'s promise; every handler returns a place or a status, and no place is 0 or 1.
        unsafe {
            let word = *pc;
            let next = ((&(*table).0)[word as u8 as usize])(pc.add(1), fp, thread, word, table);
            table = (*thread).table.get();
            if next <= UNCAUGHT {
                return next;
            }
            pc = next as *const u64;
            fp = (*thread).fp.get();
        }
    }
}

/// Defines `handlers` for a language from its opcode table: `$table` becomes a `HandlerTable` of the mode `$mode`.
/// The language's crate must have its meanings in a module `meanings` and its opcode enum in scope as `Opcode`.
#[macro_export]
macro_rules! define_handlers {
    ($language:ident, $( ($Name:ident, $snake:ident, [$($operands:tt)*], $words:literal, $doc:expr) )*) => {
        mod handler {
            use super::meanings;
            use $crate::macro_support::{Flow, HandlerTable, Interpreter, Mode, PhantomData, Thread, Value};
            $(
                #[doc = $doc]
                ///
                /// # Safety
                /// The arguments must be a place in loaded bytecode and its frame.
                pub unsafe extern "sysv64" fn $snake<X: Mode>(
                    pc: *const u64,
                    fp: *mut Value,
                    thread: *mut Thread,
                    word: u64,
                    table: *const HandlerTable,
                ) -> usize {
                    // SAFETY: a handler's arguments.
                    unsafe {
                        let mut m = Interpreter::<X> {
                            extension: pc,
                            next: pc.add($words),
                            fp,
                            thread,
                            word,
                            table,
                            mode: PhantomData,
                        };
                        let opcode = super::Opcode::$Name as usize;
                        let shut = X::DOOMABLE && <super::$language as $crate::Language>::OF_CONTAINERS[opcode];
                        let flow = if shut { Flow::Slow } else { meanings::$snake(&mut m) };
                        if X::DOOMABLE && (*thread).transaction.is_doomed() {
                            return $crate::macro_support::raise::<super::$language>(pc, fp, thread, word, table);
                        }
                        match flow {
                            Flow::Next => $crate::macro_support::dispatch(m.next, m.fp, thread, m.table),
                            Flow::Slow => {
                                type Here = super::$language;
                                match const { <Here as $crate::Language>::PERFORMERS[super::Opcode::$Name as usize] } {
                                    Some(performer) if !X::DOOMABLE => performer(pc, fp, thread, word, table),
                                    _ => $crate::macro_support::slow::<Here>(pc, fp, thread, word, table),
                                }
                            }
                            Flow::Raise => $crate::macro_support::raise::<super::$language>(pc, fp, thread, word, table),
                            Flow::Halt => $crate::macro_support::halt(pc, fp, thread, word, table),
                            Flow::As(opcode) => ((*table).0[opcode as usize])(pc, fp, thread, word, table),
                        }
                    }
                }
            )*
        }

        /// The handlers of a mode.
        pub const fn handler_table<X: $crate::Mode>() -> $crate::HandlerTable {
            let mut table: [$crate::Handler; 256] = [$crate::macro_support::missing; 256];
            $( table[Opcode::$Name as usize] = handler::$snake::<X>; )*
            table[$crate::macro_support::HALT as usize] = $crate::macro_support::halt;
            $crate::HandlerTable(table)
        }

        /// Runs one instruction on any machine.
        pub fn execute<M: $crate::Machine>(m: &mut M, opcode: u8) -> $crate::Flow {
            $( if opcode == Opcode::$Name as u8 { return meanings::$snake(m); } )*
            unreachable!("no opcode {opcode}")
        }
    };
}
