//! Hot loops.

use py_object::Cx;
use vm_machine::Frame;

/// Called at a loop header that became hot; `frame` is behind it, at the loop's body.
pub fn hot_loop(_cx: &mut Cx, _frame: &mut Frame, _header: *const u64) {}
