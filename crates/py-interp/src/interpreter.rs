//! Python on the machine: the handler tables and the language's part of the loop.

use crate::{meanings, run, slow};
use py_code::Opcode;
use py_object::Cx;
use vm_machine::{
    Beside, Frame, Handler, HandlerTable, InTransaction, Instruction, Language, Plain, SlowFlow, Thread,
    define_handlers,
};

/// Python, as the machine sees it.
pub struct Python;

impl Language for Python {
    const PERFORMERS: [Option<Handler>; 256] = PERFORMERS;

    fn slow(thread: &mut Thread, frame: &mut Frame, instruction: Instruction) -> SlowFlow {
        // SAFETY: the thread is the first field of its context, which only this call uses.
        let cx = unsafe { Cx::from_thread(thread) };
        slow::execute(cx, frame, instruction)
    }

    fn restart(thread: &mut Thread, frame: &mut Frame) -> bool {
        // SAFETY: as above.
        let cx = unsafe { Cx::from_thread(thread) };
        crate::atomic::restart(cx, frame)
    }

    fn unwind(thread: &mut Thread, frame: &mut Frame) -> bool {
        // SAFETY: as above.
        let cx = unsafe { Cx::from_thread(thread) };
        run::unwind(cx, frame)
    }
}

macro_rules! handlers_of_python {
    ($( ($Name:ident, $snake:ident, [$($operands:tt)*], $words:literal, $doc:literal) )*) => {
        define_handlers! { Python, $( ($Name, $snake, [$($operands)*], $words, $doc) )* }
    };
}
py_code::for_each_opcode! { handlers_of_python }

macro_rules! bodies_of_python {
    ($( ($Name:ident, $snake:ident, [$($operands:tt)*], $words:literal, $doc:literal) )*) => {
        /// What executes each opcode in full.
        pub static BODIES: [slow::Body; 256] = {
            let mut table: [slow::Body; 256] = [slow::load_const; 256];
            $( table[Opcode::$Name as usize] = slow::$snake; )*
            table
        };

        /// The bodies in the form of handlers, in two steps: a function with locals whose address is taken can't end in a jump.
        mod performer {
            use crate::slow;
            use py_object::Cx;
            use vm_heap::Value;
            use vm_machine::{HandlerTable, Thread, perform};
            $(
                /// # Safety
                /// As for a handler.
                pub unsafe extern "sysv64" fn $snake(
                    pc: *const u64,
                    fp: *mut Value,
                    thread: *mut Thread,
                    word: u64,
                    _table: *const HandlerTable,
                ) -> usize {
                    // SAFETY: a handler's arguments; the thread is the first field of its context, which only this call uses.
                    unsafe {
                        perform::<super::Python, $words>(pc, fp, thread, word, |thread, frame, start, instruction| {
                            slow::$snake(Cx::from_thread(thread), frame, start, instruction)
                        })
                    }
                }
            )*
        }

        /// Loop headers are left out: the loop's machine code may run, and leave the thread anywhere.
        const PERFORMERS: [Option<Handler>; 256] = {
            let mut table: [Option<Handler>; 256] = [None; 256];
            $( table[Opcode::$Name as usize] = Some(performer::$snake); )*
            table[Opcode::LoopHeader as usize] = None;
            table
        };
    };
}
py_code::for_each_opcode! { bodies_of_python }

/// While there are no transactions.
pub static PLAIN: HandlerTable = handler_table::<Plain>();
/// Outside a block while there are transactions.
pub static BESIDE: HandlerTable = handler_table::<Beside>();
/// Inside a block.
pub static IN_TRANSACTION: HandlerTable = handler_table::<InTransaction>();

/// Gives a thread the handlers of its mode. To be called at safepoints and when the mode changes.
pub fn set_mode(cx: &Cx) {
    let table = if cx.thread.transaction.is_active() {
        &IN_TRANSACTION
    } else if vm_stm::are_transactions() {
        &BESIDE
    } else {
        &PLAIN
    };
    cx.thread.table.set(table);
}
