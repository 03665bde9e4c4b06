//! What can't be undone, inside an atomic block: the block becomes *inevitable* and runs alone from there on.
//!
//! All other threads that run Python code are held back until the block ends, so that nobody sees it half done. While the
//! block waits outside the heap (for a lock, in a system call) they go on, except for other blocks, which can't begin or commit.

use crate::cx::{Cx, PyResult};
use crate::kinds::Kind;
use crate::objects::Exception;
use crate::string::downcast;
use vm_heap::{Header, Mutator, Value};
use vm_machine::Raised;
use vm_stm::Target;

/// What commits write to.
struct Memory<'a>(&'a Mutator);

impl Target for Memory<'_> {
    fn barrier(&mut self, object: Value) {
        // SAFETY: a live object starts with a header.
        self.0.barrier(unsafe { &*(object.address() as *const Header) })
    }
    fn take_over(&mut self, original: Value, copy: Value) {
        crate::logged::take_over(self.0, original, copy);
    }
}

/// Makes the running block inevitable, if there is one. An error says that the attempt has failed: the caller must pass it on, and
/// the interpreter runs the block again.
#[inline]
pub fn become_inevitable(cx: &mut Cx) -> PyResult<()> {
    if cx.thread.transaction.is_logged() { become_so(cx) } else { Ok(()) }
}

#[cold]
fn become_so(cx: &mut Cx) -> PyResult<()> {
    let Cx { thread, .. } = cx;
    let mutator = &thread.mutator;
    let inevitable = thread.transaction.become_inevitable(
        |wait| mutator.native(wait),
        || mutator.hold_others(),
        &mut Memory(mutator),
    );
    if inevitable {
        // The interpreter goes over to the handlers that log nothing.
        mutator.poll.fetch_or(vm_heap::POLL_USER, std::sync::atomic::Ordering::AcqRel);
        return Ok(());
    }
    mutator.let_others_go();
    Err(failed(cx))
}

/// The error that takes a failed attempt out of the runtime's own code: an exception that nothing handles.
pub fn failed(cx: &mut Cx) -> Raised {
    if downcast::<Exception>(cx.raised.get()).is_none() {
        let marker = Exception::new(cx, Kind::BASE_EXCEPTION, &[]);
        cx.raised.set(marker.value());
    }
    Raised
}

/// Ends the innermost block. `Some(false)`: it was the outermost one and has failed, so it must run again. `None`: it was an inner one.
pub fn leave_block(cx: &mut Cx) -> Option<bool> {
    let Cx { thread, .. } = cx;
    let mutator = &thread.mutator;
    let committed = thread.transaction.commit(|wait| mutator.native(wait), &mut Memory(mutator));
    if committed.is_some() {
        mutator.let_others_go();
    }
    committed
}
