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
    /// The fast path applies now (a cache was filled): run the instruction again.
    Retry,
    /// An exception was raised by the instruction at the frame's place.
    Raise,
}

/// What a language adds to the loop.
pub trait Language: 'static {
    /// Executes an instruction whose fast path did not apply. `frame.pc` is the instruction's own address on entry
    /// and the place to go on at on return with `Next`.
    fn slow(thread: &mut Thread, frame: &mut Frame, instruction: Instruction) -> SlowFlow;
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

/// Slow path of every opcode.
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
    table: *const HandlerTable,
) -> usize {
    // SAFETY: a handler's arguments.
    unsafe {
        (*thread).save(pc, fp);
        let mut frame = Frame { pc: pc.sub(1), fp };
        match L::slow(&mut *thread, &mut frame, Instruction(word)) {
            SlowFlow::Next => {}
            SlowFlow::Retry => frame = Frame { pc: pc.sub(1), fp },
            SlowFlow::Raise => {
                let Frame { pc, fp } = frame;
                return raise::<L>(pc.add(1), fp, thread, word, table);
            }
        }
        let Frame { pc, fp } = frame;
        dispatch(pc, fp, thread, table)
    }
}

/// Unwinds after the instruction before `pc` raised.
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
    table: *const HandlerTable,
) -> usize {
    // SAFETY: a handler's arguments.
    unsafe {
        (*thread).save(pc, fp);
        let mut frame = Frame { pc: pc.sub(1), fp };
        if !L::unwind(&mut *thread, &mut frame) {
            return UNCAUGHT;
        }
        let Frame { pc, fp } = frame;
        dispatch(pc, fp, thread, table)
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
/// `frame` must be a place in loaded bytecode whose outermost frame returns to [`halt_address`].
pub unsafe fn run(thread: *mut Thread, frame: Frame, table: &'static HandlerTable) -> Result<Value, Raised> {
    // SAFETY: the caller's promise.
    unsafe {
        let status = step(thread, frame, table);
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
unsafe fn step(thread: *mut Thread, frame: Frame, table: &'static HandlerTable) -> usize {
    // SAFETY: `run`'s promise.
    unsafe { dispatch(frame.pc, frame.fp, thread, table) }
}

#[cfg(feature = "trampoline")]
unsafe fn step(thread: *mut Thread, frame: Frame, table: &'static HandlerTable) -> usize {
    let mut pc = frame.pc;
    let mut fp = frame.fp;
    loop {
        // SAFETY: `run`'s promise; every handler returns a place or a status, and no place is 0 or 1.
        unsafe {
            let word = *pc;
            let next = (table.0[word as u8 as usize])(pc.add(1), fp, thread, word, table);
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
                            mode: PhantomData,
                        };
                        match meanings::$snake(&mut m) {
                            Flow::Next => $crate::macro_support::dispatch(m.next, m.fp, thread, table),
                            Flow::Slow => $crate::macro_support::slow::<super::$language>(pc, fp, thread, word, table),
                            Flow::Raise => $crate::macro_support::raise::<super::$language>(pc, fp, thread, word, table),
                            Flow::Halt => $crate::macro_support::halt(pc, fp, thread, word, table),
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
