//! Python on the machine: the handler tables and the language's part of the loop.

mod generators;
mod natives;
mod straight;

use crate::{meanings, run, slow};
use py_code::Opcode;
use py_object::Cx;
use vm_machine::{
    Beside, Frame, HALT, Handler, HandlerTable, InTransaction, Instruction, Language, Mode, Plain, Raised, SlowFlow,
    Thread, define_handlers, traced,
};
use vm_trace::Body;

/// Python, as the machine sees it.
pub struct Python;

impl Language for Python {
    const PERFORMERS: [Option<Handler>; 256] = PERFORMERS;
    const OF_CONTAINERS: [bool; 256] = crate::atomic::OF_CONTAINERS;

    fn slow(thread: &mut Thread, frame: &mut Frame, instruction: Instruction) -> SlowFlow {
        // SAFETY: the thread is the first field of its context, which only this call uses.
        let cx = unsafe { Cx::from_thread(thread) };
        slow::execute(cx, frame, instruction)
    }

    fn report(thread: &mut Thread, frame: &mut Frame, instruction: Instruction) -> Result<(), Raised> {
        // SAFETY: as above.
        let cx = unsafe { Cx::from_thread(thread) };
        crate::tracing::report(cx, frame, instruction)
    }

    fn untraced(thread: &Thread) -> &'static HandlerTable {
        &tables_of(thread)[0]
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
        /// What executes each opcode in full while no transaction runs.
        pub static BODIES: [Body; 256] = {
            let mut table: [Body; 256] = [|_, _, _, _| unreachable!("no such opcode"); 256];
            $(
                table[Opcode::$Name as usize] = |thread, frame, start, i| {
                    // SAFETY: the thread is the first field of its context, which only this call uses.
                    slow::$snake(unsafe { Cx::from_thread(thread) }, frame, start, i)
                };
            )*
            table
        };

        /// The bodies in the form of handlers, in two steps: a function with locals whose address is taken can't end in a jump.
        mod performer {
            use crate::slow;
            use py_object::Cx;
            use vm_heap::Value;
            use vm_machine::{HandlerTable, Thread, perform};
            $(
                /// Not part of the handler that jumps here: that would have to save registers on all its ways.
                ///
                /// # Safety
                /// As for a handler.
                #[inline(never)]
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
            table[Opcode::Call as usize] = Some(natives::call);
            table[Opcode::CallMethod as usize] = Some(natives::call_method);
            let mut at = 0;
            while at < straight::HANDLERS.len() {
                let (opcode, handler) = straight::HANDLERS[at];
                table[opcode as usize] = Some(handler);
                at += 1;
            }
            table
        };
    };
}
py_code::for_each_opcode! { bodies_of_python }

/// The handlers of a mode, without and with reports of what runs.
const fn tables<X: Mode>() -> [HandlerTable; 2] {
    let mut plain = handler_table::<X>();
    if !X::DOOMABLE {
        generators::put_into::<X>(&mut plain);
    }
    let mut reporting: [Handler; 256] = [traced::<Python>; 256];
    // What handlers pass on to, which never stands in code, and the end of the outermost frame.
    let passed_on = [
        Opcode::CallFunction as u8,
        Opcode::CallMethodFunction as u8,
        Opcode::CallOther as u8,
        Opcode::CallMethodOther as u8,
        Opcode::ForIterOther as u8,
        Opcode::LoadAttrOther as u8,
        Opcode::LoadItemOther as u8,
        Opcode::LoadMethodOther as u8,
        Opcode::StoreAttrOther as u8,
        HALT,
    ];
    let mut at = 0;
    while at < passed_on.len() {
        reporting[passed_on[at] as usize] = plain.0[passed_on[at] as usize];
        at += 1;
    }
    [plain, HandlerTable(reporting)]
}

/// While there are no transactions.
static PLAIN: [HandlerTable; 2] = tables::<Plain>();
/// Outside a block while there are transactions.
static BESIDE: [HandlerTable; 2] = tables::<Beside>();
/// Inside a block.
static IN_TRANSACTION: [HandlerTable; 2] = tables::<InTransaction>();

fn tables_of(thread: &Thread) -> &'static [HandlerTable; 2] {
    if thread.transaction.is_logged() {
        &IN_TRANSACTION
    } else if vm_stm::are_transactions() {
        &BESIDE
    } else {
        &PLAIN
    }
}

/// Gives a thread the handlers of its mode. To be called at safepoints and when the mode changes.
pub fn set_mode(cx: &Cx) {
    let tables = tables_of(&cx.thread);
    cx.thread.table.set(&tables[usize::from(cx.tracing.is_active())]);
}
