//! Python on the machine: the handler tables and the language's part of the loop.

use crate::{meanings, run, slow};
use py_code::Opcode;
use py_object::Cx;
use vm_machine::{Frame, HandlerTable, Instruction, Language, Plain, SlowFlow, Thread, define_handlers};

/// Python, as the machine sees it.
pub struct Python;

impl Language for Python {
    fn slow(thread: &mut Thread, frame: &mut Frame, instruction: Instruction) -> SlowFlow {
        // SAFETY: the thread is the first field of its context, which only this call uses.
        let cx = unsafe { Cx::from_thread(thread) };
        slow::execute(cx, frame, instruction)
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

/// Outside transactions.
pub static PLAIN: HandlerTable = handler_table::<Plain>();
