//! All attached threads; stopping the world, handshakes and fork.
//!
//! Stopping: the requesting thread turns native itself (so that two requests at once do not wait for each other),
//! takes the right to stop, sets [`POLL_STOP`] in every poll word and waits until every other thread is native.
//! The closure then runs on the requesting thread. Nobody attaches, detaches or turns running before it is done.
//!
//! Running alone: a thread may hold all others back for longer than a stop, while it goes on itself, allocates, collects and polls
//! ([`Registry::hold_others`]). The others stay native, as they were at the end of the stop with which it began. The thread
//! lets them go for as long as it is native itself, so that it can wait for what they do.
//!
//! There is one registry for the process, since threads, native stacks and `fork` belong to the process as well.

use crate::stack;
use crate::thread::{LeaveNative, NATIVE, POLL_HANDSHAKE, POLL_STOP, POLL_USER, RUNNING, Thread};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// The table of attached threads.
pub struct Registry {
    threads: Mutex<Vec<Arc<Thread>>>,
    /// Signalled whenever a thread's state may interest somebody, and at the end of a stop.
    changed: Condvar,
    /// Held by the thread that stops the world.
    right_to_stop: Mutex<()>,
    stopping: AtomicBool,
    /// The thread that runs alone, or null.
    alone: AtomicPtr<Thread>,
    /// How many threads wait for others to turn native or to answer.
    waiters: AtomicU32,
    handshakes: AtomicU64,
}

static REGISTRY: Registry = Registry {
    threads: Mutex::new(Vec::new()),
    changed: Condvar::new(),
    right_to_stop: Mutex::new(()),
    stopping: AtomicBool::new(false),
    alone: AtomicPtr::new(std::ptr::null_mut()),
    waiters: AtomicU32::new(0),
    handshakes: AtomicU64::new(0),
};

/// A panic elsewhere leaves the table consistent (each change to it is a single call), so a poisoned lock is usable.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Registry {
    /// The registry of the process.
    pub fn global() -> &'static Registry {
        &REGISTRY
    }

    /// Attaches the calling thread, which is running from here on.
    ///
    /// # Safety
    /// `poll` must stay valid until the thread is detached, by the same thread. A thread attaches once at a time.
    pub unsafe fn attach(&'static self, poll: *const AtomicUsize, context: *const ()) -> Arc<Thread> {
        let thread = Arc::new(Thread::new(self, poll, context));
        let mut threads = lock(&self.threads);
        while self.holds_back(&thread) {
            threads = self.wait(threads);
        }
        threads.push(thread.clone());
        thread
    }

    pub(crate) fn remove(&self, thread: &Arc<Thread>) {
        let mut threads = lock(&self.threads);
        // A stop that is under way may have looked at this thread already; its world must not change.
        while self.is_stopping() {
            self.changed.notify_all();
            threads = self.wait(threads);
        }
        threads.retain(|other| !Arc::ptr_eq(other, thread));
        self.changed.notify_all();
    }

    /// Asks all threads that run to poll soon.
    pub fn ask_to_poll(&self) {
        for thread in lock(&self.threads).iter() {
            if thread.state.load(Ordering::Relaxed) == RUNNING {
                thread.poll().fetch_or(POLL_USER, Ordering::SeqCst);
            }
        }
    }

    /// How many threads are attached.
    pub fn attached(&self) -> usize {
        lock(&self.threads).len()
    }

    fn wait<'a>(&self, threads: MutexGuard<'a, Vec<Arc<Thread>>>) -> MutexGuard<'a, Vec<Arc<Thread>>> {
        self.changed.wait(threads).unwrap_or_else(PoisonError::into_inner)
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    /// Whether a thread must stay native for now.
    pub(crate) fn holds_back(&self, thread: &Thread) -> bool {
        let alone = self.alone.load(Ordering::SeqCst);
        self.is_stopping() || !(alone.is_null() || std::ptr::eq(alone, thread))
    }

    /// Whether a thread holds all others back.
    pub(crate) fn is_alone(&self, thread: &Thread) -> bool {
        std::ptr::eq(self.alone.load(Ordering::Relaxed), thread)
    }

    /// Holds all other threads back until [`Registry::let_others_go`]. `me` is the calling thread, which must be running. Waits for
    /// another thread that runs alone.
    pub fn hold_others(&self, me: &Arc<Thread>) {
        let myself = Arc::as_ptr(me).cast_mut();
        loop {
            let alone = self.stop(me, |_| {
                // The world is stopped, so nobody who would have to see this is running.
                let free = self.alone.load(Ordering::SeqCst).is_null();
                if free {
                    self.alone.store(myself, Ordering::SeqCst);
                }
                free || self.is_alone(me)
            });
            if alone {
                return;
            }
        }
    }

    /// Ends what [`Registry::hold_others`] began; nothing if the calling thread does not run alone.
    pub fn let_others_go(&self, me: &Thread) {
        if self.is_alone(me) {
            let _threads = lock(&self.threads);
            self.alone.store(std::ptr::null_mut(), Ordering::SeqCst);
            self.changed.notify_all();
        }
    }

    pub(crate) fn handshake_number(&self) -> u64 {
        self.handshakes.load(Ordering::SeqCst)
    }

    pub(crate) fn wake_waiters(&self) {
        if self.waiters.load(Ordering::SeqCst) != 0 {
            // With the lock held a waiter is either before its look at the states or already asleep.
            let _threads = lock(&self.threads);
            self.changed.notify_all();
        }
    }

    pub(crate) fn wait_until_released(&self, me: &Thread) {
        let mut threads = lock(&self.threads);
        self.changed.notify_all();
        while self.holds_back(me) {
            threads = self.wait(threads);
        }
    }

    /// Runs `body` while all other attached threads are stopped. `me` is the calling thread, which must be running
    /// and not already be inside a stop.
    pub fn stop<R>(&self, me: &Arc<Thread>, body: impl FnOnce(&mut World<'_>) -> R) -> R {
        let mut body = Some(body);
        let mut result = None;
        stack::with_spilled_registers(&mut |lowest| {
            me.enter_native(me.lowest_of_interest(lowest));
            // Dropped last: another thread that runs alone holds this one back once the world moves again.
            let _native = LeaveNative(me);
            let _right = lock(&self.right_to_stop);
            let mut world = self.bring_to_stop(me);
            result = body.take().map(|body| body(&mut world));
        });
        result.expect("the body ran")
    }

    fn bring_to_stop<'a>(&'a self, me: &'a Arc<Thread>) -> World<'a> {
        let mut threads = lock(&self.threads);
        // ORDER: announce the stop and the waiting, then look at the states (see `Thread::leave_native`).
        self.stopping.store(true, Ordering::SeqCst);
        self.waiters.fetch_add(1, Ordering::SeqCst);
        for thread in threads.iter().filter(|thread| !Arc::ptr_eq(thread, me)) {
            thread.poll().fetch_or(POLL_STOP, Ordering::SeqCst);
        }
        while threads.iter().any(|thread| !Arc::ptr_eq(thread, me) && thread.state.load(Ordering::SeqCst) == RUNNING) {
            threads = self.wait(threads);
        }
        self.waiters.fetch_sub(1, Ordering::SeqCst);
        World { registry: self, me, threads }
    }

    /// Returns once every other attached thread has passed a safepoint, or was native, after this call began.
    /// What the caller wrote before is then visible to all of them.
    pub fn handshake(&self, me: &Arc<Thread>) {
        me.native_among_others(|| {
            let mut threads = lock(&self.threads);
            let number = self.handshakes.fetch_add(1, Ordering::SeqCst) + 1;
            self.waiters.fetch_add(1, Ordering::SeqCst);
            let asked: Vec<Arc<Thread>> = threads.iter().filter(|thread| !Arc::ptr_eq(thread, me)).cloned().collect();
            for thread in &asked {
                thread.poll().fetch_or(POLL_HANDSHAKE, Ordering::SeqCst);
            }
            let pending = |thread: &Arc<Thread>| {
                // ORDER: a read-modify-write, so that a thread which leaves the native state later reads from it and
                // sees everything that was written before the handshake.
                thread.state.fetch_or(0, Ordering::SeqCst) != NATIVE
                    && thread.acknowledged.load(Ordering::SeqCst) < number
            };
            while asked.iter().any(pending) {
                threads = self.wait(threads);
            }
            self.waiters.fetch_sub(1, Ordering::SeqCst);
        })
    }
}

/// The attached threads, all of them stopped. Dropping it lets them go on.
pub struct World<'a> {
    registry: &'a Registry,
    me: &'a Arc<Thread>,
    threads: MutexGuard<'a, Vec<Arc<Thread>>>,
}

impl World<'_> {
    /// All attached threads, the requesting one included; each has its stack bounds published.
    pub fn threads(&self) -> impl Iterator<Item = &Thread> {
        self.threads.iter().map(|thread| &**thread)
    }

    /// In the child of a `fork`: forgets all threads but the calling one, since they do not exist there.
    /// Calls `lost` for each of them.
    pub fn forget_others(&mut self, mut lost: impl FnMut(&Thread)) {
        self.threads.retain(|thread| {
            let mine = Arc::ptr_eq(thread, self.me);
            if !mine {
                lost(thread)
            }
            mine
        });
        // Nobody waits for anything in a process with one thread.
        self.registry.waiters.store(0, Ordering::SeqCst);
    }
}

impl Drop for World<'_> {
    fn drop(&mut self) {
        for thread in self.threads.iter() {
            thread.poll().fetch_and(!POLL_STOP, Ordering::SeqCst);
        }
        self.registry.stopping.store(false, Ordering::SeqCst);
        self.registry.changed.notify_all();
    }
}
