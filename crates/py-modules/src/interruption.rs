//! What long native loops do from time to time.

use py_object::{Cx, PyResult};

/// Lets collections of other threads happen, if one is waiting. To be called now and then by loops that may run long.
#[inline]
pub fn check(cx: &mut Cx) -> PyResult<()> {
    if cx.mutator().should_poll() {
        cx.mutator().safepoint();
    }
    Ok(())
}
