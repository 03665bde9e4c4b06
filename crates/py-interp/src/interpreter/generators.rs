//! Handlers of the instructions that enter and leave generators' frames: the usual way straight, the rest by the ordinary handlers.
//!
//! They stand in the tables of the modes without a transaction. Like all handlers they end in a jump, and no local's address is taken.

use super::handler;
use crate::generator::quick;
use py_code::Opcode;
use py_object::{Cx, NONE};
use vm_heap::Value;
use vm_machine::macro_support::dispatch;
use vm_machine::{Handler, HandlerTable, Instruction, Mode, Thread};

/// Handlers that go on at the frame that an expression yields, or where it yields none, in the ordinary handler.
macro_rules! straight {
    ($( $name:ident, $Opcode:literal: |$cx:ident, $fp:ident, $pc:ident, $i:ident| $quick:expr; )*) => {$(
        #[doc = concat!("`", $Opcode, "`.")]
        ///
        /// # Safety
        /// As for a handler.
        unsafe extern "sysv64" fn $name<X: Mode>(
            $pc: *const u64,
            $fp: *mut Value,
            thread: *mut Thread,
            word: u64,
            table: *const HandlerTable,
        ) -> usize {
            // SAFETY: a handler's arguments; the thread is the first field of its context, which only this call uses. Only generators'
            // frames have instructions that leave them.
            unsafe {
                let ($i, $cx) = (Instruction(word), Cx::from_thread(thread));
                match $quick {
                    Some(frame) => dispatch(frame.pc, frame.fp, thread, table),
                    None => rest::$name::<X>($pc, $fp, thread, word, table),
                }
            }
        }
    )*};
}

straight! {
    for_iter_other, "ForIterOther": |cx, fp, pc, i| quick::enter(cx, *fp.add(i.b()), false, fp, pc.add(1), i.a(), NONE);
    send, "Send": |cx, fp, pc, i| quick::enter(cx, *fp.add(i.b()), true, fp, pc.add(1), i.a(), *fp.add(i.c()));
    yield_value, "Yield": |cx, fp, pc, i| quick::yield_value(cx, fp, pc, i);
    generator_return, "GeneratorReturn": |cx, fp, pc, i| {
        let value = if i.x() == 1 { NONE } else { *fp.add(i.a()) };
        quick::return_value(cx, fp, value)
    };
}

/// The ordinary handlers, out of line: what they save on the stack shall not be saved by those above.
mod rest {
    use super::handler;
    use vm_heap::Value;
    use vm_machine::{HandlerTable, Mode, Thread};

    macro_rules! apart {
        ($($name:ident)*) => {$(
            /// # Safety
            /// As for a handler.
            #[cold]
            #[inline(never)]
            pub unsafe extern "sysv64" fn $name<X: Mode>(
                pc: *const u64,
                fp: *mut Value,
                thread: *mut Thread,
                word: u64,
                table: *const HandlerTable,
            ) -> usize {
                // SAFETY: a handler's arguments.
                unsafe { handler::$name::<X>(pc, fp, thread, word, table) }
            }
        )*};
    }
    apart! { for_iter_other send yield_value generator_return }
}

/// Puts them into a mode's table.
pub const fn put_into<X: Mode>(table: &mut HandlerTable) {
    let handlers: [(Opcode, Handler); 4] = [
        (Opcode::ForIterOther, for_iter_other::<X>),
        (Opcode::Send, send::<X>),
        (Opcode::Yield, yield_value::<X>),
        (Opcode::GeneratorReturn, generator_return::<X>),
    ];
    let mut at = 0;
    while at < handlers.len() {
        table.0[handlers[at].0 as usize] = handlers[at].1;
        at += 1;
    }
}
