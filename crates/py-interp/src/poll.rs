//! What a thread does when it is asked to poll.

use py_object::{Cx, PyResult};

/// Lets collections, handshakes and signals happen.
pub fn poll(cx: &mut Cx) -> PyResult<()> {
    cx.mutator().safepoint();
    Ok(())
}
