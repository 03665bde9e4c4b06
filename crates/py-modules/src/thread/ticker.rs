//! A native thread that asks the others to poll every few milliseconds while there is more than one.
//!
//! A compiled loop may keep in a register what it has read once, until it polls: without anybody who asks, a loop that waits for
//! another thread to change a variable would wait for ever.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use vm_heap::Heap;

/// Between two requests.
const PERIOD: Duration = Duration::from_millis(10);

/// The process whose ticker runs, or 0: a forked process has none.
static TICKING: AtomicU32 = AtomicU32::new(0);

/// Has the threads asked from now on, until there is only one again. To be called when a thread starts.
pub fn start() {
    let process = std::process::id();
    if TICKING.swap(process, Ordering::SeqCst) == process {
        return;
    }
    let spawned = std::thread::Builder::new().name("ticker".to_string()).stack_size(64 << 10).spawn(tick);
    if spawned.is_err() {
        TICKING.store(0, Ordering::SeqCst);
    }
}

fn tick() {
    loop {
        std::thread::sleep(PERIOD);
        let is_alone = super::start::running() == 0;
        // The last one may have left a change behind, so that there is one request more after its end.
        Heap::global().ask_threads_to_poll();
        if is_alone {
            TICKING.store(0, Ordering::SeqCst);
            // A thread that started meanwhile has seen a ticker that runs.
            let process = std::process::id();
            if super::start::running() == 0 || TICKING.swap(process, Ordering::SeqCst) == process {
                return;
            }
        }
    }
}
