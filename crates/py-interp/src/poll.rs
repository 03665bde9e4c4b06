//! What a thread does when it is asked to poll.

use py_object::{Cx, PyResult};

/// Lets collections, handshakes and signals happen.
pub fn poll(cx: &mut Cx) -> PyResult<()> {
    cx.mutator().poll.fetch_and(!vm_heap::POLL_USER, std::sync::atomic::Ordering::AcqRel);
    cx.mutator().safepoint();
    py_object::tracing::take_asked(cx);
    // A safepoint may have been asked for because the mode of the process changes.
    crate::interpreter::set_mode(cx);
    if vm_stm::are_transactions() {
        cx.thread.hot.set(i32::MAX);
    }
    py_object::finalize::run_pending(cx);
    cx.run_pending()
}
