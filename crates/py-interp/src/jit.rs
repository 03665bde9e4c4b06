//! Hot loops.

use py_object::{Assumption, Cx};
use vm_machine::Frame;

/// Called at a loop header that became hot; `frame` is behind it, at the loop's body.
pub fn hot_loop(_cx: &mut Cx, _frame: &mut Frame, _header: *const u64) {}

/// Withdraws code that relies on something that is about to change.
pub fn withdraw(_cx: &mut Cx, _assumption: Assumption) {}

/// Sets the log.
pub fn configure(_log: Option<&str>) {}
