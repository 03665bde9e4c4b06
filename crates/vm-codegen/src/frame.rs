//! The native frame that all traces of an arena share.
//!
//! ```text
//! rsp + 0      spill slots
//! + SAVE       registers saved around slow paths: 16 general, 16 float
//! + ARGUMENT   two arguments of a slow path
//! + STATE      the ExitState to fill
//! + SIZE       r15, r14, r13, r12, rbp, rbx of the caller, return address
//! ```
//!
//! The collector scans it conservatively with the rest of the stack.

/// How many spill slots there are; a trace that needs more is refused.
pub(crate) const SPILLS: usize = 208;
/// Where registers are saved.
pub(crate) const SAVE: i32 = SPILLS as i32 * 8;
/// Arguments of slow paths.
pub(crate) const ARGUMENT: i32 = SAVE + 32 * 8;
/// Pointer to the `ExitState`.
pub(crate) const STATE: i32 = ARGUMENT + 16;
/// Bytes below the pushed registers. Return address, six pushes and this make a multiple of sixteen.
pub(crate) const SIZE: i32 = STATE + 8;
const _: () = assert!((SIZE + 56) % 16 == 0);
