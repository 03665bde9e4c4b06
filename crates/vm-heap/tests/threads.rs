//! Several threads against the collector.

mod common;

use common::*;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use vm_heap::*;

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn alone() -> std::sync::MutexGuard<'static, ()> {
    declare();
    ONE_AT_A_TIME.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

#[test]
fn threads_build_and_check_structures_while_collecting() {
    let _alone = alone();
    let before = Heap::global().configuration();
    Heap::global().configure(Configuration { nursery: 256 << 10, poison: true, verify: true, ..before });
    let main = Mutator::attach();
    let shared = array(&main, 300);
    let running = AtomicUsize::new(4);
    std::thread::scope(|scope| {
        for thread in 0..4u64 {
            let running = &running;
            scope.spawn(move || {
                // Threads come and go.
                for round in 0..4 {
                    let mutator = Mutator::attach();
                    workload(&mutator, 0x9E37_79B9_7F4A_7C15 ^ (thread * 100 + round), 3000, shared);
                    if round == 1 {
                        mutator.collect(thread % 2 == 0);
                    }
                }
                running.fetch_sub(1, Ordering::SeqCst);
            });
        }
        main.native(|| {
            while running.load(Ordering::SeqCst) != 0 {
                std::thread::yield_now()
            }
        });
    });
    let report = main.verify(true);
    assert!(report.problems.is_empty() && report.objects >= 300, "{report:?}");
    let statistics = Heap::global().statistics();
    assert!(statistics.minor.count > 20 && statistics.full.count >= 2, "{statistics:?}");
    std::hint::black_box(shared);
    Heap::global().configure(before);
}

#[test]
fn objects_that_only_a_native_thread_holds_survive() {
    let _alone = alone();
    let (native, go_on) = (AtomicBool::new(false), AtomicBool::new(false));
    std::thread::scope(|scope| {
        let worker = scope.spawn(|| {
            let mutator = Mutator::attach();
            let list = (0..1000).fold(None, |list, number| Some(node(&mutator, list, number)));
            let held_by_closure = node(&mutator, None, 77);
            let number = mutator.native(|| {
                native.store(true, Ordering::SeqCst);
                while !go_on.load(Ordering::SeqCst) {
                    std::thread::yield_now()
                }
                held_by_closure
            });
            (content(list), number.number.get())
        });
        while !native.load(Ordering::SeqCst) {
            std::thread::yield_now()
        }
        let mutator = Mutator::attach();
        for _ in 0..3 {
            mutator.collect(true);
            for _ in 0..100_000 {
                std::hint::black_box(node(&mutator, None, u64::MAX));
            }
        }
        drop(mutator);
        go_on.store(true, Ordering::SeqCst);
        assert_eq!(worker.join().unwrap(), (Content { count: 1000, sum: 499_500 }, 77));
    });
}

#[test]
fn what_a_finished_thread_wrote_into_old_objects_is_remembered() {
    let _alone = alone();
    let main = Mutator::attach();
    let old = array(&main, 100);
    main.collect(false);
    main.native(|| {
        std::thread::spawn(move || {
            let mutator = Mutator::attach();
            for index in 0..100 {
                old.element(index).set(&mutator, old, node(&mutator, None, index as u64).value());
            }
        })
        .join()
        .unwrap();
    });
    clear_stack();
    assert!(main.verify(false).problems.is_empty());
    for index in 0..100 {
        // SAFETY: a node was stored there.
        let node: Gc<Node> = unsafe { Gc::from_address(old.element(index).get().address()) };
        assert_eq!(node.number.get(), index as u64);
    }
}

/// Other tests' harness threads hold locks of the standard library, so the child must not use its output.
#[test]
fn the_child_of_a_fork_goes_on_alone() {
    let _alone = alone();
    let quit = AtomicBool::new(false);
    let started = AtomicBool::new(false);
    let main = Mutator::attach();
    let shared = array(&main, 300);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mutator = Mutator::attach();
            let mut seed = 1;
            while !quit.load(Ordering::SeqCst) {
                seed += 1;
                workload(&mutator, seed, 200, shared);
                started.store(true, Ordering::SeqCst);
            }
        });
        main.native(|| {
            while !started.load(Ordering::SeqCst) {
                std::thread::yield_now()
            }
        });
        for round in 0..20 {
            // SAFETY: the child uses the heap and ends by `_exit`.
            let process = main.fork(|| unsafe { libc::fork() });
            if process == 0 {
                let good = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                    workload(&main, 1000 + round, 300, shared);
                    main.collect(true);
                    main.verify(false).problems.is_empty()
                }));
                // SAFETY: ends the child at once.
                unsafe { libc::_exit(if matches!(good, Ok(true)) { 7 } else { 8 }) }
            }
            let mut status = 0;
            // SAFETY: the process is a child of this one.
            main.native(|| unsafe { libc::waitpid(process, &mut status, 0) });
            assert!(libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 7, "round {round}: {status:#x}");
        }
        quit.store(true, Ordering::SeqCst);
        main.native(|| {
            while vm_sync::Registry::global().attached() > 1 {
                std::thread::yield_now()
            }
        });
    });
}

#[test]
fn a_handshake_reaches_allocating_threads() {
    let _alone = alone();
    let quit = AtomicBool::new(false);
    let mode = AtomicUsize::new(0);
    let main = Mutator::attach();
    let shared = array(&main, 10);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mutator = Mutator::attach();
            let mut seed = 5;
            while !quit.load(Ordering::SeqCst) {
                seed += 1;
                workload(&mutator, seed, 100, shared);
                mode.fetch_or(1, Ordering::SeqCst);
            }
        });
        for _ in 0..200 {
            main.handshake();
        }
        quit.store(true, Ordering::SeqCst);
        main.native(|| {
            while vm_sync::Registry::global().attached() > 1 {
                std::thread::yield_now()
            }
        });
    });
}

#[test]
fn the_child_of_a_fork_knows_what_the_others_wrote_into_old_objects() {
    let _alone = alone();
    let (written, quit) = (AtomicBool::new(false), AtomicBool::new(false));
    let main = Mutator::attach();
    let old = array(&main, 100);
    main.collect(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mutator = Mutator::attach();
            for index in 0..100 {
                old.element(index).set(&mutator, old, node(&mutator, None, index as u64).value());
            }
            mutator.native(|| {
                written.store(true, Ordering::SeqCst);
                while !quit.load(Ordering::SeqCst) {
                    std::thread::yield_now()
                }
            });
        });
        main.native(|| {
            while !written.load(Ordering::SeqCst) {
                std::thread::yield_now()
            }
        });
        // SAFETY: the child uses the heap and ends by `_exit`.
        let process = main.fork(|| unsafe { libc::fork() });
        if process == 0 {
            let good = main.verify(false).problems.is_empty();
            // SAFETY: ends the child at once.
            unsafe { libc::_exit(if good { 7 } else { 8 }) }
        }
        let mut status = 0;
        // SAFETY: the process is a child of this one.
        main.native(|| unsafe { libc::waitpid(process, &mut status, 0) });
        quit.store(true, Ordering::SeqCst);
        assert!(libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 7, "{status:#x}");
        main.native(|| {
            while vm_sync::Registry::global().attached() > 1 {
                std::thread::yield_now()
            }
        });
    });
}
