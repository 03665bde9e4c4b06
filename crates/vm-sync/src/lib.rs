//! Threads as the runtime sees them: who is attached, who is stopped, and how all of them are brought to a stop.
//!
//! A thread that may touch the heap is *attached*. It is either **running** or **native**: a native thread has its
//! registers spilled and its stack bounds published and promises not to touch the heap, so it counts as stopped.
//! A thread stops by turning native at a safepoint and waiting; there is no third state.
//!
//! * [`stack`]: bounds of native stacks, spilling registers.
//! * [`thread`]: one attached thread, its state and its transitions.
//! * [`registry`]: all attached threads; stopping the world, handshakes, fork.

pub mod registry;
pub mod stack;
pub mod thread;

#[cfg(test)]
mod tests;

pub use registry::{Registry, World};
pub use stack::{PreservedRegisters, stack_bounds};
pub use thread::{POLL_HANDSHAKE, POLL_STOP, POLL_USER, Thread};
