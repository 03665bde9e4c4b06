//! A lock that its owner may take again, for tables of native modules. Waiting for it does not keep others from collecting.

use py_object::Cx;
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread::ThreadId;

struct State {
    owner: Option<ThreadId>,
    depth: usize,
    /// Threads that wait for it. Telling nobody would be a call of the system all the same.
    waiting: usize,
}

impl State {
    const FREE: State = State { owner: None, depth: 0, waiting: 0 };
}

/// The lock.
pub struct ReentrantLock {
    state: Mutex<State>,
    released: Condvar,
}

impl ReentrantLock {
    /// A lock that nobody has.
    pub const fn new() -> ReentrantLock {
        ReentrantLock { state: Mutex::new(State::FREE), released: Condvar::new() }
    }

    /// Takes the lock, waiting for it if necessary.
    pub fn acquire(&self, cx: &mut Cx) {
        let this = std::thread::current().id();
        cx.mutator().native(|| {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            while state.owner.is_some_and(|owner| owner != this) {
                state.waiting += 1;
                state = self.released.wait(state).unwrap_or_else(PoisonError::into_inner);
                state.waiting -= 1;
            }
            state.owner = Some(this);
            state.depth += 1;
        });
    }

    /// Gives the lock back; false where the thread does not have it.
    pub fn release(&self) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.owner != Some(std::thread::current().id()) {
            return false;
        }
        state.depth -= 1;
        if state.depth == 0 {
            state.owner = None;
            if state.waiting > 0 {
                self.released.notify_one();
            }
        }
        true
    }

    /// Whether anybody has the lock.
    pub fn is_held(&self) -> bool {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).owner.is_some()
    }

    /// Frees the lock in the child of a fork, where other threads are gone.
    pub fn reset(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        *state = State::FREE;
    }
}

impl Default for ReentrantLock {
    fn default() -> ReentrantLock {
        ReentrantLock::new()
    }
}
