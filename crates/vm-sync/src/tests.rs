//! Several threads against the registry: exclusion, handshakes, native state.

use crate::{Registry, Thread};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// Tests share the process-wide registry; one at a time keeps their counts apart.
static ONE_AT_A_TIME: std::sync::Mutex<()> = std::sync::Mutex::new(());

fn alone() -> std::sync::MutexGuard<'static, ()> {
    ONE_AT_A_TIME.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Detaches also when an assertion fails, so that the other threads are not left waiting.
struct Attached {
    thread: Option<Arc<Thread>>,
    poll: Box<AtomicUsize>,
}

impl Drop for Attached {
    fn drop(&mut self) {
        if let Some(thread) = self.thread.take() {
            thread.detach()
        }
    }
}

fn attached<R>(body: impl FnOnce(&Arc<Thread>, &AtomicUsize) -> R) -> R {
    let mut attached = Attached { thread: None, poll: Box::new(AtomicUsize::new(0)) };
    // SAFETY: the box lives until `drop` has ended the attachment, on this thread.
    attached.thread = Some(unsafe { Registry::global().attach(&*attached.poll, std::ptr::null()) });
    body(attached.thread.as_ref().unwrap(), &attached.poll)
}

/// A thread that is just detaching has bounds, too, with nothing between them.
fn has_bounds(thread: &Thread) -> bool {
    let stack = thread.stack();
    stack.start > 1 << 16 && stack.start <= stack.end
}

#[test]
fn a_stop_excludes_everybody_else() {
    let _alone = alone();
    static INSIDE: AtomicBool = AtomicBool::new(false);
    static SHARED: AtomicUsize = AtomicUsize::new(0);
    let stops = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for number in 0..4 {
            let stops = &stops;
            scope.spawn(move || {
                attached(|me, poll| {
                    for round in 0..2000 {
                        assert!(!INSIDE.load(Ordering::SeqCst), "running during a stop");
                        SHARED.fetch_add(1, Ordering::Relaxed);
                        if poll.load(Ordering::Relaxed) != 0 {
                            me.safepoint();
                        }
                        if round % 50 == number {
                            Registry::global().stop(me, |world| {
                                assert!(!INSIDE.swap(true, Ordering::SeqCst));
                                let before = SHARED.load(Ordering::Relaxed);
                                assert!(world.threads().all(has_bounds));
                                std::thread::yield_now();
                                assert_eq!(SHARED.load(Ordering::Relaxed), before);
                                INSIDE.store(false, Ordering::SeqCst);
                            });
                            stops.fetch_add(1, Ordering::Relaxed);
                        }
                        if round % 70 == number {
                            me.native(std::thread::yield_now);
                        }
                    }
                })
            });
        }
    });
    assert_eq!(stops.load(Ordering::Relaxed), 4 * 40);
    assert_eq!(Registry::global().attached(), 0);
}

#[test]
fn a_native_thread_does_not_hold_up_a_stop() {
    let _alone = alone();
    let (done, wait) = std::sync::mpsc::channel::<()>();
    let native = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let native = &native;
        scope.spawn(move || {
            attached(|me, _| {
                me.native(|| {
                    native.store(true, Ordering::SeqCst);
                    wait.recv_timeout(Duration::from_secs(20)).expect("the stop happened meanwhile");
                })
            })
        });
        while !native.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
        attached(|me, _| assert_eq!(Registry::global().stop(me, |world| world.threads().count()), 2));
        done.send(()).unwrap();
    });
}

#[test]
fn a_handshake_waits_for_a_safepoint_of_each_running_thread() {
    let _alone = alone();
    let flag = AtomicBool::new(false);
    let saw_old = AtomicUsize::new(0);
    let ready = AtomicUsize::new(0);
    let quit = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                attached(|me, poll| {
                    ready.fetch_add(1, Ordering::SeqCst);
                    while !quit.load(Ordering::Relaxed) {
                        // Between two safepoints the thread acts upon one reading of the flag.
                        if !flag.load(Ordering::Relaxed) {
                            std::thread::yield_now();
                            saw_old.fetch_add(1, Ordering::SeqCst);
                        }
                        if poll.load(Ordering::Relaxed) != 0 {
                            me.safepoint();
                        }
                    }
                })
            });
        }
        while ready.load(Ordering::SeqCst) < 2 {
            std::thread::yield_now();
        }
        attached(|me, _| {
            flag.store(true, Ordering::Relaxed);
            Registry::global().handshake(me);
            let count = saw_old.load(Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(20));
            assert_eq!(saw_old.load(Ordering::SeqCst), count, "a thread still acts upon the old flag");
        });
        quit.store(true, Ordering::SeqCst);
    });
}

#[test]
fn a_panic_inside_a_stop_lets_the_others_go_on() {
    let _alone = alone();
    attached(|me, _| {
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            Registry::global().stop(me, |_| panic!("on purpose"))
        }));
        assert!(outcome.is_err());
        Registry::global().stop(me, |_| ());
    });
}

#[test]
fn a_thread_that_comes_or_goes_publishes_no_stale_stack() {
    let _alone = alone();
    let quit = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !quit.load(Ordering::Relaxed) {
                    attached(|_, _| (0..500).for_each(|_| std::hint::spin_loop()));
                }
            });
        }
        let mut good = true;
        attached(|me, _| {
            for round in 0..2000 {
                // Time for the others to get somewhere else between attaching and detaching.
                std::thread::sleep(Duration::from_micros(round % 50));
                Registry::global().stop(me, |world| {
                    good &= world.threads().all(has_bounds);
                });
            }
        });
        quit.store(true, Ordering::Relaxed);
        assert!(good, "a stopped thread without bounds");
    });
}

#[test]
fn who_runs_alone_sees_nobody_move_but_while_it_is_native_itself() {
    let _alone = alone();
    let quit = AtomicBool::new(false);
    let count = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for number in 0..3 {
            let (quit, count) = (&quit, &count);
            scope.spawn(move || {
                attached(|me, poll| {
                    while !quit.load(Ordering::Relaxed) {
                        count.fetch_add(1, Ordering::SeqCst);
                        if poll.load(Ordering::Relaxed) != 0 {
                            me.safepoint();
                        }
                        if count.load(Ordering::Relaxed) % 64 == number {
                            me.native(std::thread::yield_now);
                        }
                        if count.load(Ordering::Relaxed) % 256 == number {
                            Registry::global().stop(me, |_| ());
                        }
                    }
                })
            });
        }
        let mut good = true;
        attached(|me, _| {
            for _ in 0..200 {
                Registry::global().hold_others(me);
                let before = count.load(Ordering::SeqCst);
                std::thread::sleep(Duration::from_micros(50));
                Registry::global().stop(me, |_| ());
                Registry::global().handshake(me);
                me.safepoint();
                good &= count.load(Ordering::SeqCst) == before;
                // Ends only if another thread moves meanwhile.
                me.native(|| {
                    while count.load(Ordering::SeqCst) == before {
                        std::thread::yield_now();
                    }
                });
                let before = count.load(Ordering::SeqCst);
                std::thread::sleep(Duration::from_micros(50));
                good &= count.load(Ordering::SeqCst) == before;
                Registry::global().let_others_go(me);
            }
        });
        quit.store(true, Ordering::Relaxed);
        assert!(good, "a thread moved that was held back");
    });
}

#[test]
fn two_threads_run_alone_in_turn() {
    let _alone = alone();
    let inside = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                attached(|me, _| {
                    for _ in 0..300 {
                        Registry::global().hold_others(me);
                        assert!(!inside.swap(true, Ordering::SeqCst));
                        me.safepoint();
                        assert!(inside.swap(false, Ordering::SeqCst));
                        Registry::global().let_others_go(me);
                    }
                })
            });
        }
    });
}
